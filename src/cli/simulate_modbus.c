/* qingfeng simulate modbus: N slaves that answer as meters do, some of them dead, for demonstration and load. Slave i (from 1) sits
 * behind gateway (i - 1) / P with unit id (i - 1) % P + 1; each gateway is a port of its own. At the end it
 * prints what it was asked: round_ms is the time from the first to the last living slave of each whole round. Registers come in pairs, one counter
 * of 32 bits each, high word first: pair k holds i * 100000 + k * 1000 + how often the slave has been asked. */
#include "cli/simulate.h"
#include "cli/simulate_asked.h"
#include "wire/modbus.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 100 }; /* whose times are kept */

typedef struct unit {
  bool dead;
  uint32_t asked;           /* times its first register was asked for */
  int64_t last_ms, slowest; /* between two of them */
} unit;

typedef struct sim {
  uint32_t units, per_gateway, registers, gateways;
  const char *ini; /* file to write, or NULL */
  unit *all;
  struct door {
    struct sim *sim;
    uint32_t first; /* index of its first unit */
    uint16_t port;
  } * doors;
  uint64_t requests, connections, dead_asked, refused;
  struct round {
    int64_t first_ms, last_ms; /* askings of the living */
    uint32_t n;
  } rounds[ROUNDS];
} sim;

static int64_t now_ms(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void note(sim *s, unit *u)
{
  int64_t now = now_ms();
  struct round *r = u->asked < ROUNDS ? &s->rounds[u->asked] : NULL;
  if (r && r->n++ == 0)
    r->first_ms = now;
  if (r)
    r->last_ms = now;
  if (u->asked++ && now - u->last_ms > u->slowest)
    u->slowest = now - u->last_ms;
  u->last_ms = now;
}

static void fill(const sim *s, uint32_t index, const qf_mb_request *r, uint8_t *data)
{
  const unit *u = &s->all[index];
  for (unsigned i = 0; i < r->count; i++) {
    unsigned reg = r->address + i;
    uint32_t v = (index + 1) * 100000u + reg / 2 * 1000u + u->asked;
    unsigned word = reg % 2 ? v & 0xFFFF : v >> 16;
    data[2 * i] = (uint8_t)(word >> 8);
    data[2 * i + 1] = (uint8_t)word;
  }
}

static void answer(struct door *d, qf_conn *k, const qf_mb_request *r, uint8_t exception)
{
  sim *s = d->sim;
  uint8_t data[2 * QF_MB_REGS_MAX], out[QF_MB_ADU_MAX];
  uint32_t index = d->first + r->unit - 1;
  s->requests++;
  qf_mb_answer a = {.id = r->id, .unit = r->unit, .function = r->function, .exception = exception, .data = data};
  bool here = r->unit >= 1 && r->unit <= s->per_gateway && index < s->units;
  if (here && s->all[index].dead) {
    s->dead_asked++;
    return; /* silence is what a dead slave says */
  }
  if (!here)
    a.exception = QF_MB_EX_NO_ANSWER;
  else if (!a.exception && r->function != QF_MB_HOLDING && r->function != QF_MB_INPUT_REGS)
    a.exception = QF_MB_EX_FUNCTION;
  else if (!a.exception && (uint32_t)r->address + r->count > s->registers)
    a.exception = QF_MB_EX_ADDRESS;
  if (a.exception)
    s->refused++;
  else {
    if (r->address == 0)
      note(s, &s->all[index]);
    a.n = (uint8_t)(2 * r->count);
    fill(s, index, r, data);
  }
  qf_conn_send(k, out, qf_mb_write_answer(&a, out));
}

static void on_open(qf_conn *k)
{
  struct door *d = qf_conn_ud(k);
  d->sim->connections++;
}

static size_t on_bytes(qf_conn *k, const uint8_t *p, size_t n)
{
  qf_mb_request r;
  uint8_t exception;
  size_t len;
  if (qf_mb_frame(p, n, &len, NULL))
    return QF_CONN_CLOSE;
  if (len > 0 && qf_mb_read_request(p, len, &r, &exception, NULL) == QF_OK)
    answer(qf_conn_ud(k), k, &r, exception);
  return len;
}

static void on_closed(qf_conn *k, const qf_err *why)
{
  (void)k;
  (void)why;
}

static const qf_conn_ops ops = {.open = on_open, .bytes = on_bytes, .closed = on_closed};

/* A collector's file that polls all of it. Errors: QF_IO. */
static qf_rc write_ini(const sim *s, const char *path, qf_err *err)
{
  FILE *f = fopen(path, "w");
  if (!f)
    return qf_fail(err, QF_IO, "%s cannot be written", "无法写入 %s", path);
  fprintf(f, "# written by qingfeng simulate modbus\n[collector]\nprotocol = modbus\ninterval_ms = 60000\ntimeout_ms = "
             "1000\n\n");
  for (uint32_t r = 0; r + 1 < s->registers; r += 2)
    fprintf(f, "[register c%u]\naddress = %u\ntype = u32\nscale = 0.01\n\n", r / 2, r);
  for (uint32_t g = 0; g < s->gateways; g++) {
    uint32_t last = s->units - g * s->per_gateway;
    if (last > s->per_gateway)
      last = s->per_gateway;
    fprintf(f, "[slave g%u]\naddress = 127.0.0.1:%u\nunit = 1%s", g + 1, s->doors[g].port, last > 1 ? "-" : "\n");
    if (last > 1)
      fprintf(f, "%u\n", last);
    fputc('\n', f);
  }
  if (fclose(f))
    return qf_fail(err, QF_IO, "%s cannot be written", "无法写入 %s", path);
  return QF_OK;
}

static qf_rc open_doors(void *ud, qf_loop *loop, uint16_t port, qf_err *err)
{
  sim *s = ud;
  qf_rc rc = QF_OK;
  for (uint32_t g = 0; !rc && g < s->gateways; g++) {
    s->doors[g] = (struct door){.sim = s, .first = g * s->per_gateway};
    qf_conn_opts o = {.ops = &ops, .ud = &s->doors[g], .in_max = 4096, .out_max = 65536, .conn_max = 100};
    rc = qf_loop_listen(loop, "127.0.0.1", (uint16_t)(port ? port + g : 0), &o, &s->doors[g].port, err);
  }
  if (!rc && s->ini)
    rc = write_ini(s, s->ini, err);
  if (!rc)
    fprintf(stderr, "%u slaves behind %u gateways, the first at 127.0.0.1:%u; %u 台从站，%u 个网关\n", s->units,
            s->gateways, s->doors[0].port, s->units, s->gateways);
  return rc;
}

static void report(const void *ud)
{
  const sim *s = ud;
  uint32_t dead = 0, least = UINT32_MAX, most = 0;
  int64_t slowest = 0;
  for (uint32_t i = 0; i < s->units; i++) {
    const unit *u = &s->all[i];
    if (u->dead) {
      dead++;
      continue;
    }
    least = u->asked < least ? u->asked : least;
    most = u->asked > most ? u->asked : most;
    slowest = u->slowest > slowest ? u->slowest : slowest;
  }
  printf("{\"units\":%u,\"dead\":%u,\"connections\":%llu,\"requests\":%llu,\"refused\":%llu,\"dead_asked\":%llu,"
         "\"rounds_least\":%u,"
         "\"rounds_most\":%u,\"slowest_round_ms\":%lld,\"round_ms\":[",
         s->units, dead, (unsigned long long)s->connections, (unsigned long long)s->requests,
         (unsigned long long)s->refused, (unsigned long long)s->dead_asked, dead < s->units ? least : 0, most,
         (long long)slowest);
  for (uint32_t i = 0; i < ROUNDS && s->rounds[i].n == s->units - dead && s->rounds[i].n; i++) /* whole rounds */
    printf("%s%lld", i ? "," : "", (long long)(s->rounds[i].last_ms - s->rounds[i].first_ms));
  puts("]}");
}

int qf_simulate_modbus(int argc, char **argv)
{
  static const qf_option known[] = {{"--units", true}, {"--per-gateway", true}, {"--registers", true}, {"--dead", true},
                                    {"--port", true},  {"--seconds", true},     {"--ini", true}};
  static const char usage[] =
      "qingfeng simulate modbus [--units 10] [--per-gateway 1] [--registers 60] [--dead PERCENT] [--port 0]\n"
      "                         [--seconds 0] [--ini FILE]\n"
      "  Slaves on loopback; --ini writes a collector's file that polls them. Prints counts at the end.\n";
  qf_args a;
  if (!qf_args_parse(argc, argv, known, sizeof known / sizeof *known, &a))
    return qf_usage(usage);
  sim s = {.units = qf_asked_number(&a, "--units", 10, 20000),
           .per_gateway = qf_asked_number(&a, "--per-gateway", 1, 247),
           .registers = qf_asked_number(&a, "--registers", 60, 65534),
           .ini = qf_args_get(&a, "--ini")};
  uint32_t dead = qf_asked_number(&a, "--dead", 0, 100), port = qf_asked_number(&a, "--port", 0, 65535),
           seconds = qf_asked_number(&a, "--seconds", 0, 1000000);
  if (s.units - 1 >= 20000 || s.per_gateway - 1 >= 247 || s.registers - 2 >= 65533 || dead > 100 || port > 65535 ||
      seconds > 1000000 || a.nrest)
    return qf_usage(usage);
  s.gateways = (s.units + s.per_gateway - 1) / s.per_gateway;
  s.all = calloc(s.units, sizeof *s.all);
  s.doors = calloc(s.gateways, sizeof *s.doors);
  int rc = QF_EXIT_TROUBLE;
  if (s.all && s.doors) {
    for (uint32_t i = 0; i < s.units; i++)
      s.all[i].dead = (uint64_t)(i + 1) * dead / 100 != (uint64_t)i * dead / 100;
    rc = qf_asked_run(&(qf_asked){open_doors, report, &s}, (uint16_t)port, seconds);
  }
  free(s.all);
  free(s.doors);
  return rc;
}
