/* qingfeng simulate iec104: a substation that answers interrogations and sends values of itself, for demonstration and load.
 * Objects 1..N are measured values (float with time), 100001..100000+N counters. It keeps to the window: at most 12 frames are
 * unconfirmed, and it counts the readings in those that were confirmed. */
#include "cli/simulate.h"
#include "cli/simulate_asked.h"
#include "wire/iec104.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { K = 12, PER_FRAME = 15, COUNTERS = 100000, NONE = -1 };

typedef struct sim {
  uint32_t objects, rate; /* rate: frames of its own a second */
  const char *ini;        /* file to write, or NULL */
  uint64_t connections, interrogations, sent, confirmed, readings, readings_confirmed, wrong;
} sim;

typedef struct session {
  sim *s;
  qf_conn *conn;
  qf_i104_seq seq;
  bool started;
  uint8_t held[32768]; /* readings in the frame of that number */
  int64_t gi, ci;      /* next object of an interrogation; objects: the termination; NONE */
  uint16_t common;
  uint32_t waiting, step; /* frames of its own that wait; values sent so far */
} session;

static void send_i(session *c, const uint8_t *asdu, size_t n, uint8_t readings)
{
  uint8_t out[QF_I104_APDU_MAX];
  qf_i104_apdu a = {.kind = QF_I104_I, .ns = c->seq.vs, .nr = c->seq.vr, .asdu = asdu, .n = (uint8_t)n};
  c->held[c->seq.vs] = readings;
  c->seq.vs = (c->seq.vs + 1) & 0x7FFF;
  c->s->sent++;
  c->s->readings += readings;
  qf_conn_send(c->conn, out, qf_i104_write(&a, out));
}

static void put_time(uint8_t *p)
{
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  const qf_us now = (qf_us)t.tv_sec * QF_US_SECOND + t.tv_nsec / 1000;
  const qf_civil v = qf_civil_at(now, QF_CN_OFFSET);
  unsigned ms = (unsigned)v.second * 1000u + (unsigned)v.us / 1000u;
  p[0] = (uint8_t)ms;
  p[1] = (uint8_t)(ms >> 8);
  p[2] = (uint8_t)v.minute;
  p[3] = (uint8_t)v.hour;
  p[4] = (uint8_t)v.day;
  p[5] = (uint8_t)v.month;
  p[6] = (uint8_t)(v.year % 100);
}

/* Values of objects [from, to): measured as M_ME_TF, counters as M_IT_TB, both with time. */
static void send_values(session *c, bool counters, uint8_t cause, uint32_t from, uint32_t to)
{
  uint8_t a[QF_I104_ASDU_MAX] = {counters ? QF_I104_M_IT_TB : QF_I104_M_ME_TF,
                                 (uint8_t)(to - from),
                                 cause,
                                 0,
                                 (uint8_t)c->common,
                                 (uint8_t)(c->common >> 8)};
  size_t n = 6;
  for (uint32_t i = from; i < to; i++, n += 15) {
    uint32_t address = i + 1 + (counters ? COUNTERS : 0), bits = (i + 1) * 1000 + c->step;
    float f = 220.0f + (float)(c->step % 100) / 10.0f;
    if (!counters)
      memcpy(&bits, &f, sizeof bits);
    for (unsigned k = 0; k < 3; k++)
      a[n + k] = (uint8_t)(address >> (8 * k));
    for (unsigned k = 0; k < 4; k++)
      a[n + 3 + k] = (uint8_t)(bits >> (8 * k));
    put_time(a + n + 8); /* before it the quality, or the counter's sequence: 0 */
  }
  c->step++;
  send_i(c, a, n, (uint8_t)(to - from));
}

static void send_command(session *c, uint8_t type, uint8_t cause, uint8_t qualifier)
{
  uint8_t a[16];
  size_t n = qf_i104_command(type, cause, c->common, qualifier, a);
  send_i(c, a, n, 0);
}

/* The next frame of an interrogation. */
static void go_on(session *c, int64_t *at, bool counters)
{
  uint32_t n = c->s->objects, from = (uint32_t)*at, to = from + PER_FRAME < n ? from + PER_FRAME : n;
  if (from == n) {
    send_command(c, counters ? QF_I104_C_CI_NA : QF_I104_C_IC_NA, QF_I104_ACT_TERM, counters ? 5 : 20);
    *at = NONE;
    return;
  }
  send_values(c, counters, counters ? QF_I104_REQCOGEN : QF_I104_INTROGEN, from, to);
  *at = to;
}

static void pump(session *c)
{
  while (c->started && qf_i104_diff(c->seq.vs, c->seq.acked) < K) {
    if (c->ci != NONE)
      go_on(c, &c->ci, true);
    else if (c->gi != NONE)
      go_on(c, &c->gi, false);
    else if (c->waiting > 0) {
      uint32_t i = c->step % c->s->objects;
      send_values(c, false, QF_I104_SPONT, i, i + 1);
      c->waiting--;
    } else
      break;
  }
}

static void send_kind(session *c, qf_i104_kind k)
{
  uint8_t out[QF_I104_APDU_MAX];
  qf_conn_send(c->conn, out, qf_i104_write(&(qf_i104_apdu){.kind = k}, out));
}

static void on_command(session *c, const qf_i104_apdu *a)
{
  qf_i104_asdu s;
  if (qf_i104_read_asdu(a->asdu, a->n, 0, &s, NULL) || !s.known || s.cause != QF_I104_ACT) {
    c->s->wrong++;
    return;
  }
  c->common = s.common;
  c->s->interrogations++;
  send_command(c, s.type, QF_I104_ACT_CON, s.qualifier);
  if (s.type == QF_I104_C_IC_NA)
    c->gi = 0;
  else if (s.type == QF_I104_C_CI_NA)
    c->ci = 0;
}

static void on_open(qf_conn *k)
{
  sim *s = qf_conn_ud(k);
  session *c = calloc(1, sizeof *c);
  qf_conn_set_ud(k, c);
  s->connections++;
  if (!c)
    return;
  c->s = s;
  c->conn = k;
  c->gi = c->ci = NONE;
  c->common = 1;
}

static size_t on_bytes(qf_conn *k, const uint8_t *p, size_t n)
{
  session *c = qf_conn_ud(k);
  qf_i104_apdu a;
  size_t len;
  if (!c || qf_i104_read(p, n, &a, &len, NULL))
    return QF_CONN_CLOSE;
  if (len == 0)
    return 0;
  uint16_t before = c->seq.acked;
  if (qf_i104_came(&c->seq, &a, NULL)) {
    c->s->wrong++;
    return QF_CONN_CLOSE;
  }
  for (; before != c->seq.acked; before = (before + 1) & 0x7FFF) {
    c->s->confirmed++;
    c->s->readings_confirmed += c->held[before];
  }
  if (a.kind == QF_I104_STARTDT_ACT) {
    c->started = true;
    send_kind(c, QF_I104_STARTDT_CON);
  } else if (a.kind == QF_I104_TESTFR_ACT)
    send_kind(c, QF_I104_TESTFR_CON);
  else if (a.kind == QF_I104_I)
    on_command(c, &a);
  pump(c);
  return len;
}

static void on_closed(qf_conn *k, const qf_err *why)
{
  (void)why;
  free(qf_conn_ud(k));
}

static void on_tick(qf_conn *k, qf_us now)
{
  session *c = qf_conn_ud(k);
  (void)now;
  if (!c)
    return;
  c->waiting = c->waiting + c->s->rate < 10 * c->s->rate ? c->waiting + c->s->rate : 10 * c->s->rate;
  pump(c);
}

static const qf_conn_ops ops = {.open = on_open, .bytes = on_bytes, .closed = on_closed, .tick = on_tick};

static qf_rc write_ini(const char *path, uint16_t port, qf_err *err)
{
  FILE *f = fopen(path, "w");
  if (!f)
    return qf_fail(err, QF_IO, "%s cannot be written", "无法写入 %s", path);
  fprintf(
      f,
      "# written by qingfeng simulate iec104\n[collector]\nprotocol = iec104\n\n[station sim]\nconnect = 127.0.0.1:%u\n"
      "common_address = 1\n",
      port);
  return fclose(f) ? qf_fail(err, QF_IO, "%s cannot be written", "无法写入 %s", path) : QF_OK;
}

static qf_rc open_door(void *ud, qf_loop *loop, uint16_t port, qf_err *err)
{
  sim *s = ud;
  const qf_conn_opts o = {.ops = &ops, .ud = s, .conn_max = 100};
  qf_rc rc = qf_loop_listen(loop, "127.0.0.1", port, &o, &port, err);
  if (!rc && s->ini)
    rc = write_ini(s->ini, port, err);
  if (!rc)
    fprintf(stderr, "a substation of %u objects at 127.0.0.1:%u; 子站，%u 个对象\n", s->objects, port, s->objects);
  return rc;
}

static void report(const void *ud)
{
  const sim *s = ud;
  printf("{\"connections\":%llu,\"interrogations\":%llu,\"sent\":%llu,\"confirmed\":%llu,\"readings\":%llu,\"readings_"
         "confirmed\":%llu,"
         "\"wrong\":%llu}\n",
         (unsigned long long)s->connections, (unsigned long long)s->interrogations, (unsigned long long)s->sent,
         (unsigned long long)s->confirmed, (unsigned long long)s->readings, (unsigned long long)s->readings_confirmed,
         (unsigned long long)s->wrong);
}

int qf_simulate_iec104(int argc, char **argv)
{
  static const qf_option known[] = {
      {"--objects", true}, {"--rate", true}, {"--port", true}, {"--seconds", true}, {"--ini", true}};
  static const char usage[] =
      "qingfeng simulate iec104 [--objects 100] [--rate 10] [--port 0] [--seconds 0] [--ini FILE]\n"
      "  A substation on loopback; --rate: frames a second of its own; --ini writes a collector's file.\n";
  qf_args a;
  if (!qf_args_parse(argc, argv, known, sizeof known / sizeof *known, &a) || a.nrest)
    return qf_usage(usage);
  sim s = {.objects = qf_asked_number(&a, "--objects", 100, 100000),
           .rate = qf_asked_number(&a, "--rate", 10, 100000),
           .ini = qf_args_get(&a, "--ini")};
  uint32_t port = qf_asked_number(&a, "--port", 0, 65535), seconds = qf_asked_number(&a, "--seconds", 0, 100000);
  if (s.objects - 1 >= COUNTERS || s.rate > 100000 || port > 65535 || seconds > 100000)
    return qf_usage(usage);
  return qf_asked_run(&(qf_asked){open_door, report, &s}, (uint16_t)port, seconds);
}
