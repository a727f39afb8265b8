/* qingfeng simulate dlt645, cjt188: meters on the lines of serial servers, for demonstration and load. Meter i (from 1) has the number i and hangs on gateway
 * (i - 1) / P; each gateway is a port of its own. Asked for the k-th time, meter i shows i x 1000 + k hundredths: of a kWh (forward energy, 00010000), of a
 * m3 (water, 901F). DL/T 645 also has the tariffs of that energy (0001FF00: the total, then a quarter each, the first with the rest)
 * and the power, i x 0.0001 kW (02030000); anything else is refused as "no such data". */
#include "cli/simulate.h"
#include "cli/simulate_asked.h"
#include "wire/cjt188.h"
#include "wire/dlt645.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct sim {
  uint32_t units, per_gateway, gateways;
  const char *ini, *protocol;
  size_t (*bytes)(struct sim *s, uint32_t first, const uint8_t *p, size_t n, qf_conn *k);
  uint32_t *asked; /* of each meter */
  struct door {
    struct sim *sim;
    uint32_t first; /* index of its first meter */
    uint16_t port;
  } * doors;
  uint64_t connections, requests, refused, nobody;
} sim;

/* v as n bytes of two decimal digits, the lowest first. */
static void digits(uint64_t v, uint8_t *out, size_t n)
{
  for (size_t i = 0; i < n; i++, v /= 100)
    out[i] = (uint8_t)(v / 10 % 10 << 4 | v % 10);
}

/* Number of a meter from its address, lowest pair first; UINT64_MAX when it is none. */
static uint64_t number_of(const uint8_t *address, size_t n)
{
  uint64_t v = 0;
  for (size_t i = n; i-- > 0;) {
    if (address[i] >> 4 > 9 || (address[i] & 15) > 9)
      return UINT64_MAX;
    v = v * 100 + (address[i] >> 4) * 10u + (address[i] & 15);
  }
  return v;
}

/* The meter on this line with that number: its index, or -1. */
static int64_t meter_of(sim *s, uint32_t first, uint64_t number)
{
  if (number < 1 || number > s->units || number - 1 < first || number - 1 >= (uint64_t)first + s->per_gateway) {
    s->nobody++;
    return -1;
  }
  s->requests++;
  return (int64_t)number - 1;
}

static void answer_d645(sim *s, uint32_t first, const qf_d645_frame *q, qf_conn *k)
{
  uint8_t out[QF_D645_FRAME_MAX];
  if (q->control != QF_D645_READ || q->n < 4)
    return;
  int64_t i = meter_of(s, first, number_of(q->address, 6));
  if (i < 0)
    return; /* nobody on the line has this number: silence */
  qf_d645_frame a = *q;
  uint32_t di = q->data[0] | (uint32_t)q->data[1] << 8 | (uint32_t)q->data[2] << 16 | (uint32_t)q->data[3] << 24;
  a.control = QF_D645_READ | QF_D645_REPLY;
  if (di == 0x00010000 || di == 0x0001FF00) {
    uint64_t total = (uint64_t)(i + 1) * 1000 + s->asked[i] + (di == 0x00010000 ? 1 : 0), quarter = total / 4;
    s->asked[i] += di == 0x00010000;
    digits(total, a.data + 4, 4);
    for (unsigned t = 1; t <= 4; t++)
      digits(t == 1 ? total - 3 * quarter : quarter, a.data + 4 + 4 * t, 4);
    a.n = di == 0x00010000 ? 8 : 24;
  } else if (di == 0x02030000) {
    digits((uint64_t)(i + 1), a.data + 4, 3);
    a.n = 7;
  } else {
    s->refused++;
    a.control |= QF_D645_ERROR;
    a.data[0] = 0x02; /* no such data */
    a.n = 1;
  }
  qf_conn_send(k, out, qf_d645_write(&a, out));
}

static size_t bytes_d645(sim *s, uint32_t first, const uint8_t *p, size_t n, qf_conn *k)
{
  qf_d645_frame f;
  bool found;
  size_t used = qf_d645_find(p, n, &f, &found, NULL);
  if (found)
    answer_d645(s, first, &f, k);
  return used;
}

static void answer_c188(sim *s, uint32_t first, const qf_c188_frame *q, qf_conn *k)
{
  static const uint8_t noon[7] = {0x00, 0x00, 0x12, 0x01, 0x01, 0x26, 0x20}; /* the meter's clock: nobody reads it */
  uint8_t out[QF_C188_FRAME_MAX];
  if (q->control != QF_C188_READ || q->n < 3 || q->data[0] != 0x1F || q->data[1] != 0x90)
    return;
  int64_t i = meter_of(s, first, number_of(q->address, 7));
  if (i < 0)
    return;
  qf_c188_frame a = *q;
  a.control = QF_C188_READ | 0x80;
  digits((uint64_t)(i + 1) * 1000 + ++s->asked[i], a.data + 3, 4);
  a.data[7] = 0x2C; /* m3 */
  digits((uint64_t)(i + 1) * 1000, a.data + 8, 4);
  a.data[12] = 0x2C;
  memcpy(a.data + 13, noon, sizeof noon);
  a.data[20] = a.data[21] = 0;
  a.n = 22;
  qf_conn_send(k, out, qf_c188_write(&a, out));
}

static size_t bytes_c188(sim *s, uint32_t first, const uint8_t *p, size_t n, qf_conn *k)
{
  qf_c188_frame f;
  bool found;
  size_t used = qf_c188_find(p, n, &f, &found, NULL);
  if (found)
    answer_c188(s, first, &f, k);
  return used;
}

static void on_open(qf_conn *k)
{
  struct door *d = qf_conn_ud(k);
  d->sim->connections++;
}

static size_t on_bytes(qf_conn *k, const uint8_t *p, size_t n)
{
  struct door *d = qf_conn_ud(k);
  return d->sim->bytes(d->sim, d->first, p, n, k);
}

static void on_closed(qf_conn *k, const qf_err *why)
{
  (void)k;
  (void)why;
}

static const qf_conn_ops ops = {.open = on_open, .bytes = on_bytes, .closed = on_closed};

/* A collector's file that asks all of them. Errors: QF_IO. */
static qf_rc write_ini(const sim *s, qf_err *err)
{
  FILE *f = fopen(s->ini, "w");
  if (!f)
    return qf_fail(err, QF_IO, "%s cannot be written", "无法写入 %s", s->ini);
  fprintf(f, "# written by qingfeng simulate %s\n[collector]\nprotocol = %s\ninterval_ms = 60000\n\n", s->protocol,
          s->protocol);
  if (s->bytes == bytes_d645)
    fputs("[item kwh]\ndi = 00010000\n\n[item tariff]\ndi = 0001FF00\n\n[item kw]\ndi = 02030000\n\n", f);
  for (uint32_t i = 0; i < s->units; i++)
    fprintf(f, "[meter m%u]\nconnect = 127.0.0.1:%u\naddress = %u\n%s\n", i + 1, s->doors[i / s->per_gateway].port,
            i + 1, s->bytes == bytes_d645 ? "" : "type = water\n");
  return fclose(f) ? qf_fail(err, QF_IO, "%s cannot be written", "无法写入 %s", s->ini) : QF_OK;
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
    rc = write_ini(s, err);
  if (!rc)
    fprintf(stderr, "%u meters on %u lines, the first at 127.0.0.1:%u; %u 块表，%u 条线路\n", s->units, s->gateways,
            s->doors[0].port, s->units, s->gateways);
  return rc;
}

static void report(const void *ud)
{
  const sim *s = ud;
  uint32_t least = UINT32_MAX, most = 0;
  for (uint32_t i = 0; i < s->units; i++) {
    least = s->asked[i] < least ? s->asked[i] : least;
    most = s->asked[i] > most ? s->asked[i] : most;
  }
  printf("{\"units\":%u,\"connections\":%llu,\"requests\":%llu,\"refused\":%llu,\"nobody\":%llu,\"rounds_least\":%u,"
         "\"rounds_most\":%u}\n",
         s->units, (unsigned long long)s->connections, (unsigned long long)s->requests, (unsigned long long)s->refused,
         (unsigned long long)s->nobody, least, most);
}

static int simulate(sim *s, const char *usage, int argc, char **argv)
{
  static const qf_option known[] = {
      {"--units", true}, {"--per-gateway", true}, {"--port", true}, {"--seconds", true}, {"--ini", true}};
  qf_args a;
  if (!qf_args_parse(argc, argv, known, sizeof known / sizeof *known, &a) || a.nrest)
    return qf_usage(usage);
  s->units = qf_asked_number(&a, "--units", 10, 20000);
  s->per_gateway = qf_asked_number(&a, "--per-gateway", 32, 20000);
  s->ini = qf_args_get(&a, "--ini");
  uint32_t port = qf_asked_number(&a, "--port", 0, 65535), seconds = qf_asked_number(&a, "--seconds", 0, 1000000);
  if (s->units - 1 >= 20000 || s->per_gateway - 1 >= 20000 || port > 65535 || seconds > 1000000)
    return qf_usage(usage);
  s->gateways = (s->units + s->per_gateway - 1) / s->per_gateway;
  s->asked = calloc(s->units, sizeof *s->asked);
  s->doors = calloc(s->gateways, sizeof *s->doors);
  int rc = s->asked && s->doors ? qf_asked_run(&(qf_asked){open_doors, report, s}, (uint16_t)port, seconds)
                                : QF_EXIT_TROUBLE;
  free(s->asked);
  free(s->doors);
  return rc;
}

int qf_simulate_dlt645(int argc, char **argv)
{
  return simulate(
      &(sim){.protocol = "dlt645", .bytes = bytes_d645},
      "qingfeng simulate dlt645 [--units 10] [--per-gateway 32] [--port 0] [--seconds 0] [--ini FILE]\n"
      "  Electricity meters on loopback; --ini writes a collector's file that asks them. Prints counts at the end.\n",
      argc, argv);
}

int qf_simulate_cjt188(int argc, char **argv)
{
  return simulate(
      &(sim){.protocol = "cjt188", .bytes = bytes_c188},
      "qingfeng simulate cjt188 [--units 10] [--per-gateway 32] [--port 0] [--seconds 0] [--ini FILE]\n"
      "  Water meters on loopback; --ini writes a collector's file that asks them. Prints counts at the end.\n",
      argc, argv);
}
