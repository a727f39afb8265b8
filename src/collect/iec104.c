/* Substations by IEC 60870-5-104, as the controlling station
 * (docs/collectors.md).
 *
 *   [station NAME]   connect, common address
 *   [point NAME]     ioa = object address; what is not listed is kept under
 * field ioaN when `unlisted` is 1
 *
 *   connect -> STARTDT -> general interrogation, counter interrogation, each
 * again at its interval -> until the link fails
 *
 * A frame of readings is confirmed (N(R) of S and I frames) when its readings
 * are durable, never before: what was not confirmed the substation sends again
 * after a reconnection, if it keeps it; the same value at the same time is one
 * reading. */
#include "wire/iec104.h"
#include "collect/device.h"
#include "collect/field.h"
#include "wire/scale.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { POINTS_MAX = 20000, FLUSH_MS = 10 };

typedef struct point { /* a line of the file */
  uint32_t ioa;
  char field[64];
  qf_num scale;
} point;

typedef struct seen { /* an object address of a station and its series */
  uint32_t ioa, id;
  const point *map; /* NULL: unlisted */
} seen;

typedef enum state { OFF, CONNECTING, STARTING, RUNNING } state;

typedef struct station {
  struct iec104 *m;
  char name[QF_LINK_NAME_MAX], series[QF_LP_KEY_MAX], host[256];
  uint16_t port, common;
  qf_link *link;
  state state;
  qf_conn *conn;
  uint64_t conn_id, timer, flush_timer;
  uint32_t backoff_ms;
  qf_i104_seq seq;
  uint16_t durable; /* below it everything is on disk */
  bool testing;     /* TESTFR was sent */
  int64_t waits_from, heard_at, unconfirmed_from, next_gi, next_ci;
  qf_batch batch;
  uint16_t batch_vr; /* N(R) that the batch will give the right to */
  uint32_t frames;   /* in the batch */
  uint32_t flying;   /* batches on their way */
  seen *known;       /* by address */
  uint32_t n, cap;
} station;

typedef struct iec104 {
  const qf_collect_env *env;
  const char *collector;
  int64_t t0, t1, t2, t3, k, w, gi, ci, backoff, backoff_max, unlisted, offset_min;
  point *points;
  uint32_t points_n;
  station **stations;
  uint32_t n;
  bool stopping;
  pthread_mutex_t mx;
  pthread_cond_t cond;
  uint32_t busy;
} iec104;

static void fail_link(station *s, const void *raw, size_t n, const qf_err *why);

static int64_t now_ms(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void hold(iec104 *m)
{
  pthread_mutex_lock(&m->mx);
  m->busy++;
  pthread_mutex_unlock(&m->mx);
}
static void let_go(iec104 *m)
{
  pthread_mutex_lock(&m->mx);
  m->busy--;
  pthread_cond_signal(&m->cond);
  pthread_mutex_unlock(&m->mx);
}

/* ---- sending ---- */

static void send_apdu(station *s, qf_i104_apdu *a)
{
  uint8_t out[QF_I104_APDU_MAX];
  a->nr = s->durable;
  if (a->kind == QF_I104_I) {
    a->ns = s->seq.vs;
    if (s->seq.vs == s->seq.acked)
      s->waits_from = now_ms();
    s->seq.vs = (s->seq.vs + 1) & 0x7FFF;
  }
  if (a->kind <= QF_I104_S) {
    s->seq.told = s->durable;
    s->unconfirmed_from = 0;
  }
  if (s->conn)
    qf_conn_send(s->conn, out, qf_i104_write(a, out));
}

static void send_kind(station *s, qf_i104_kind k)
{
  send_apdu(s, &(qf_i104_apdu){.kind = k});
}

static void interrogate(station *s, uint8_t type, uint8_t qualifier)
{
  uint8_t asdu[16];
  size_t n = qf_i104_command(type, QF_I104_ACT, s->common, qualifier, asdu);
  send_apdu(s, &(qf_i104_apdu){.kind = QF_I104_I, .asdu = asdu, .n = (uint8_t)n});
}

/* ---- to the journal ---- */

typedef struct parcel {
  station *s;
  uint64_t conn_id;
  uint16_t vr;
  uint32_t n;
} parcel;

static void flush(station *s);

/* Everything below vr is on disk: confirm it, at once when w frames wait, else
 * after t2. */
static void now_durable(station *s, uint16_t vr)
{
  s->durable = vr;
  if (qf_i104_diff(s->durable, s->seq.told) >= s->m->w)
    send_kind(s, QF_I104_S);
  else if (!s->unconfirmed_from && s->durable != s->seq.told)
    s->unconfirmed_from = now_ms();
  if (s->frames && s->batch.n == 0 && s->flying == 0)
    flush(s);
}

static void on_taken(void *ud, qf_rc rc)
{
  parcel *c = ud;
  station *s = c->s;
  qf_err err;
  s->flying--;
  if (rc == QF_OK)
    qf_link_took(s->link, c->n);
  if (s->conn && s->conn_id == c->conn_id && !s->m->stopping) {
    if (rc) {
      qf_fail(&err, rc, "the journal did not take %u readings: they stay unconfirmed", "日志未接收 %u 条读数：不予确认",
              c->n);
      fail_link(s, NULL, 0, &err);
    } else
      now_durable(s, c->vr);
  }
  let_go(s->m);
  free(c);
}

static void on_flush_timer(void *ud);

static void flush_after(station *s, uint32_t ms)
{
  if (!s->flush_timer)
    s->flush_timer = qf_loop_after(s->m->env->loop, ms, on_flush_timer, s);
}

/* Give what has come to the journal; when it is full, stop reading and offer it
 * again. */
static void flush(station *s)
{
  qf_err err = {0};
  if (s->frames == 0)
    return;
  if (s->batch.n == 0) { /* frames without readings are as durable as what came before them */
    if (s->flying == 0) {
      s->frames = 0;
      now_durable(s, s->batch_vr);
    }
    return;
  }
  parcel *c = malloc(sizeof *c);
  qf_rc rc = QF_NOMEM;
  if (c) {
    *c = (parcel){s, s->conn_id, s->batch_vr, s->batch.n};
    hold(s->m);
    s->flying++;
    rc = qf_take(s->m->env, &s->batch, on_taken, c, &err);
    if (rc) {
      s->flying--;
      let_go(s->m);
      free(c);
    }
  }
  if (rc == QF_FULL || rc == QF_NOMEM) {
    qf_conn_pause(s->conn, true);
    flush_after(s, 500);
    return;
  }
  qf_batch_fini(&s->batch);
  qf_batch_init(&s->batch);
  s->frames = 0;
  if (rc)
    fail_link(s, NULL, 0, &err);
  else
    qf_conn_pause(s->conn, false);
}

static void on_flush_timer(void *ud)
{
  station *s = ud;
  s->flush_timer = 0;
  if (s->conn)
    flush(s);
}

/* ---- what comes ---- */

static int by_ioa(const void *a, const void *b)
{
  const seen *x = a, *y = b;
  return x->ioa < y->ioa ? -1 : x->ioa > y->ioa;
}

static const point *listed(const iec104 *m, uint32_t ioa)
{
  for (uint32_t i = 0; i < m->points_n; i++)
    if (m->points[i].ioa == ioa)
      return &m->points[i];
  return NULL;
}

/* The series of an object, made when it is first seen. NULL with *err
 * untouched: nobody wants it. Errors by err->rc. */
static const seen *series_of(station *s, uint32_t ioa, qf_err *err)
{
  const seen want = {.ioa = ioa};
  const seen *k = s->n ? bsearch(&want, s->known, s->n, sizeof want, by_ioa) : NULL;
  if (k)
    return k->id ? k : NULL;
  if (s->n == s->cap) {
    uint32_t cap = s->cap ? s->cap * 2 : 64;
    seen *more = cap <= POINTS_MAX * 2 ? realloc(s->known, cap * sizeof *more) : NULL;
    if (!more) {
      qf_fail(err, QF_FULL, "more than %u objects in one station", "单站对象超过 %u 个", s->n);
      return NULL;
    }
    s->known = more;
    s->cap = cap;
  }
  char field[80];
  seen fresh = {.ioa = ioa, .map = listed(s->m, ioa)};
  snprintf(field, sizeof field, "ioa%u", ioa);
  if ((fresh.map || s->m->unlisted) &&
      qf_device_point(s->m->env->city, s->series, fresh.map ? fresh.map->field : field, &fresh.id, err))
    return NULL;
  s->known[s->n++] = fresh;
  qsort(s->known, s->n, sizeof fresh, by_ioa); /* once for each object of a station's life */
  k = bsearch(&want, s->known, s->n, sizeof want, by_ioa);
  return k && k->id ? k : NULL;
}

static qf_rc take_object(station *s, const qf_i104_asdu *a, const qf_i104_object *o, qf_us now, qf_err *err)
{
  qf_err why = {0};
  const seen *k = series_of(s, o->address, &why);
  if (!k) {
    if (why.rc)
      *err = why;
    return why.rc;
  }
  qf_num v = o->v;
  bool exact = true;
  uint8_t flags = a->type == QF_I104_M_SP_NA || a->type == QF_I104_M_SP_TB || a->type == QF_I104_M_DP_NA ||
                          a->type == QF_I104_M_DP_TB
                      ? QF_RD_BOOL
                      : 0;
  if (o->quality & (QF_I104_IV | QF_I104_NT | QF_I104_BL | QF_I104_OV))
    flags |= QF_RD_SENTINEL; /* the substation says itself that this is no value
                                of now */
  if (o->quality & QF_I104_SB)
    flags |= QF_RD_MANUAL;
  if (k->map && qf_num_times(v, k->map->scale, &v, &exact))
    return qf_fail(err, QF_RANGE, "object %u: out of range", "对象 %u：超出范围", o->address);
  qf_batch_add(&s->batch, k->id, o->has_time ? o->ts : now, v, (uint8_t)(flags | (exact ? 0 : QF_RD_INEXACT)));
  return QF_OK;
}

static bool monitored(uint8_t type)
{
  return type < QF_I104_M_EI_NA;
}

static qf_rc take_asdu(station *s, const qf_i104_apdu *f, qf_err *err)
{
  qf_i104_asdu a;
  qf_rc rc = qf_i104_read_asdu(f->asdu, f->n, s->m->offset_min * QF_US_MINUTE, &a, err);
  if (rc)
    return rc;
  if (!a.known)
    return qf_fail(err, QF_NOTFOUND, "type %u is not decoded", "类型 %u 未予解码", a.type);
  if (s->common && a.common != s->common)
    return qf_fail(err, QF_DENIED, "common address %u, expected %u", "公共地址 %u，应为 %u", a.common, s->common);
  if (!monitored(a.type)) {
    if (a.negative || a.cause >= 44) /* 44 to 47: unknown type, cause, common address, object */
      return qf_fail(err, QF_DENIED, "the station refuses command %u, cause %u", "子站拒绝命令 %u，原因 %u", a.type,
                     a.cause);
    if (a.type == QF_I104_M_EI_NA && s->m->gi)
      s->next_gi = now_ms(); /* it started anew: ask for everything */
    return QF_OK;
  }
  if (a.test)
    return QF_OK;
  if ((rc = qf_batch_reserve(&s->batch, a.n)))
    return qf_fail(err, rc, "out of memory", "内存不足");
  qf_us now = qf_city_now(s->m->env->city);
  for (unsigned i = 0; i < a.n; i++) {
    qf_rc one = take_object(s, &a, &a.objects[i], now, err);
    rc = rc ? rc : one;
  }
  return rc;
}

static void on_i_frame(station *s, const qf_i104_apdu *a, const uint8_t *p, size_t len)
{
  qf_err err = {0};
  if (take_asdu(s, a, &err)) /* refused in part or wholly, but heard: it is
                                confirmed with the others */
    qf_link_refused(s->link, p, len, &err);
  s->batch_vr = s->seq.vr;
  s->frames++;
  if (s->frames >= (uint32_t)s->m->w / 2 + 1)
    flush(s);
  else
    flush_after(s, FLUSH_MS);
}

static void on_u_frame(station *s, qf_i104_kind kind)
{
  switch (kind) {
  case QF_I104_TESTFR_ACT:
    send_kind(s, QF_I104_TESTFR_CON);
    break;
  case QF_I104_TESTFR_CON:
    s->testing = false;
    break;
  case QF_I104_STARTDT_CON:
    if (s->state == STARTING) {
      s->state = RUNNING;
      s->backoff_ms = 0;
      qf_link_set(s->link, QF_LINK_UP, NULL);
      s->next_gi = s->next_ci = now_ms();
    }
    break;
  default:
    break;
  }
}

static void ask_what_is_due(station *s, int64_t now)
{
  const iec104 *m = s->m;
  if (s->state != RUNNING || qf_i104_diff(s->seq.vs, s->seq.acked) + 2 > m->k)
    return;
  if (m->gi && now >= s->next_gi) {
    interrogate(s, QF_I104_C_IC_NA, 20);
    s->next_gi = now + m->gi * 1000;
  }
  if (m->ci && now >= s->next_ci) {
    interrogate(s, QF_I104_C_CI_NA, 5);
    s->next_ci = now + m->ci * 1000;
  }
}

static size_t on_bytes(qf_conn *k, const uint8_t *p, size_t n)
{
  station *s = qf_conn_ud(k);
  qf_i104_apdu a;
  qf_err err;
  size_t len;
  uint16_t acked = s->seq.acked;
  if (k != s->conn)
    return n;
  if (qf_i104_read(p, n, &a, &len, &err) || (len > 0 && qf_i104_came(&s->seq, &a, &err))) {
    fail_link(s, p, n, &err);
    return QF_CONN_CLOSE;
  }
  if (len == 0)
    return 0;
  s->heard_at = now_ms();
  qf_link_seen(s->link, len);
  if (s->seq.acked != acked)
    s->waits_from = s->heard_at;
  if (a.kind == QF_I104_I)
    on_i_frame(s, &a, p, len);
  else if (a.kind != QF_I104_S)
    on_u_frame(s, a.kind);
  if (s->conn == k)
    ask_what_is_due(s, s->heard_at);
  return len;
}

/* ---- connections ---- */

static void begin_connect(void *ud);

static void reset(station *s)
{
  s->conn = NULL;
  s->conn_id = 0;
  s->state = OFF;
  if (s->flush_timer)
    qf_loop_cancel(s->m->env->loop, s->flush_timer);
  s->flush_timer = 0;
  s->seq = (qf_i104_seq){0};
  s->durable = 0;
  s->frames = 0;
  s->testing = false;
  s->unconfirmed_from = 0;
  s->batch.n = 0; /* never confirmed: the substation has it still */
}

static void try_later(station *s)
{
  iec104 *m = s->m;
  uint32_t b = s->backoff_ms ? s->backoff_ms * 2 : (uint32_t)m->backoff;
  s->backoff_ms = b > m->backoff_max ? (uint32_t)m->backoff_max : b;
  if (!m->stopping && !s->timer)
    s->timer = qf_loop_after(m->env->loop, s->backoff_ms, begin_connect, s);
}

static void fail_link(station *s, const void *raw, size_t n, const qf_err *why)
{
  qf_conn *k = s->conn;
  qf_link_refused(s->link, raw, n, why);
  qf_link_set(s->link, QF_LINK_BACKOFF, NULL);
  reset(s);
  try_later(s);
  if (k)
    qf_conn_close(k, false);
}

static void on_open(qf_conn *k)
{
  station *s = qf_conn_ud(k);
  if (k != s->conn)
    return;
  s->conn_id = qf_conn_id(k);
  s->state = STARTING;
  s->heard_at = s->waits_from = now_ms();
  send_kind(s, QF_I104_STARTDT_ACT);
}

static void on_closed(qf_conn *k, const qf_err *why)
{
  station *s = qf_conn_ud(k);
  iec104 *m = s->m;
  if (k == s->conn) {
    s->conn = NULL;
    if (!m->stopping)
      fail_link(s, NULL, 0, why);
  }
  let_go(m);
}

static void on_tick(qf_conn *k, qf_us unused)
{
  station *s = qf_conn_ud(k);
  iec104 *m = s->m;
  int64_t now = now_ms();
  qf_err err;
  (void)unused;
  if (k != s->conn || s->state < STARTING)
    return;
  bool waiting = s->state == STARTING || s->testing || s->seq.acked != s->seq.vs;
  if (waiting && now - s->waits_from > m->t1 * 1000) {
    qf_fail(&err, QF_IO, "no answer within t1 = %lld s", "t1 = %lld 秒内无应答", (long long)m->t1);
    fail_link(s, NULL, 0, &err);
    return;
  }
  if (s->unconfirmed_from && now - s->unconfirmed_from > m->t2 * 1000)
    send_kind(s, QF_I104_S);
  if (!s->testing && now - s->heard_at > m->t3 * 1000) {
    s->testing = true;
    s->waits_from = now;
    send_kind(s, QF_I104_TESTFR_ACT);
  }
  ask_what_is_due(s, now);
}

static const qf_conn_ops conn_ops = {.open = on_open, .bytes = on_bytes, .closed = on_closed, .tick = on_tick};

static void begin_connect(void *ud)
{
  station *s = ud;
  iec104 *m = s->m;
  qf_err err = {0};
  qf_conn_opts o = {.ops = &conn_ops, .ud = s, .in_max = 65536, .out_max = 65536};
  s->timer = 0;
  if (m->stopping)
    return;
  reset(s);
  hold(m);
  s->state = CONNECTING;
  if (qf_loop_connect(m->env->loop, s->host, s->port, (uint32_t)m->t0 * 1000, &o, &s->conn, &err)) {
    s->conn = NULL;
    let_go(m);
    fail_link(s, NULL, 0, &err);
  }
}

static void begin(void *ud)
{
  iec104 *m = ud;
  for (uint32_t i = 0; i < m->n; i++)
    begin_connect(m->stations[i]);
  let_go(m);
}

static void end(void *ud)
{
  iec104 *m = ud;
  m->stopping = true;
  for (uint32_t i = 0; i < m->n; i++) {
    station *s = m->stations[i];
    qf_conn *k = s->conn;
    if (s->timer)
      qf_loop_cancel(m->env->loop, s->timer);
    reset(s);
    if (k)
      qf_conn_close(k, false);
  }
  let_go(m);
}

/* ---- the file ---- */

static qf_rc read_point(iec104 *m, const qf_conf *c, const char *section, qf_err *err)
{
  int64_t ioa = 0;
  const char *field = qf_conf_get(c, section, "field");
  point p = {0};
  qf_rc rc = qf_conf_int(c, section, "ioa", 0, 0xFFFFFF, -1, &ioa, err);
  if (rc || (rc = qf_conf_factor(c, section, "scale", &p.scale, err)))
    return rc;
  if (ioa < 0 || listed(m, (uint32_t)ioa))
    return qf_conf_wrong(section, "ioa", "an object address that no other section has", "未被其他节使用的对象地址",
                         err);
  if (!field)
    field = section + strlen("point ");
  if (!*field || strlen(field) >= sizeof p.field)
    return qf_conf_wrong(section, "field", "1 to 63 bytes", " 1 至 63 字节", err);
  snprintf(p.field, sizeof p.field, "%s", field);
  p.ioa = (uint32_t)ioa;
  point *more = m->points_n < POINTS_MAX ? realloc(m->points, (m->points_n + 1) * sizeof p) : NULL;
  if (!more)
    return qf_fail(err, QF_FULL, "more than %d points", "点超过 %d 个", POINTS_MAX);
  m->points = more;
  m->points[m->points_n++] = p;
  return QF_OK;
}

static qf_rc read_station(iec104 *m, const qf_conf *c, const char *section, qf_err *err)
{
  int64_t common = 0;
  const char *name = section + strlen("station ");
  station **more = realloc(m->stations, (m->n + 1) * sizeof *more);
  station *s = more ? calloc(1, sizeof *s) : NULL;
  if (more)
    m->stations = more;
  if (!s)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  m->stations[m->n++] = s;
  s->m = m;
  qf_batch_init(&s->batch);
  snprintf(s->name, sizeof s->name, "%.95s", name);
  const qf_device_name dn = {"iec104", "station", name, qf_conf_get(c, section, "series"), 0};
  qf_rc rc = qf_conf_addr(c, qf_conf_get(c, section, "connect") ? section : "collector", "connect", s->host,
                          sizeof s->host, &s->port, err);
  if (rc || (rc = qf_conf_int(c, section, "common_address", 1, 65534, 1, &common, err)) ||
      (rc = qf_device_series(c, &dn, s->series, err)))
    return rc;
  char peer[272];
  snprintf(peer, sizeof peer, "%s:%u", s->host, s->port);
  s->common = (uint16_t)common;
  s->link = qf_link_of(m->env->links, m->collector, "iec104", s->name);
  if (!s->link)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  qf_link_set(s->link, QF_LINK_DOWN, peer);
  return QF_OK;
}

static qf_rc read_file(iec104 *m, qf_conf *c, qf_err *err)
{
  const struct {
    const char *key;
    int64_t min, max, fallback, *to;
  } keys[] = {{"t0_s", 1, 300, 30, &m->t0},
              {"t1_s", 1, 300, 15, &m->t1},
              {"t2_s", 1, 300, 10, &m->t2},
              {"t3_s", 1, 172800, 20, &m->t3},
              {"k", 2, 32767, 12, &m->k},
              {"w", 1, 32767, 8, &m->w},
              {"interrogation_s", 0, 86400, 900, &m->gi},
              {"counters_s", 0, 86400, 900, &m->ci},
              {"backoff_ms", 10, 3600000, 1000, &m->backoff},
              {"backoff_max_ms", 10, 3600000, 300000, &m->backoff_max},
              {"unlisted", 0, 1, 1, &m->unlisted},
              {"utc_offset_min", -840, 840, 480, &m->offset_min}};
  qf_rc rc = QF_OK;
  const char *s;
  for (size_t i = 0; !rc && i < sizeof keys / sizeof *keys; i++)
    rc = qf_conf_int(c, "collector", keys[i].key, keys[i].min, keys[i].max, keys[i].fallback, keys[i].to, err);
  for (uint32_t i = 0; !rc && (s = qf_conf_section(c, i)); i++)
    if (strncmp(s, "point ", 6) == 0)
      rc = read_point(m, c, s, err);
  for (uint32_t i = 0; !rc && (s = qf_conf_section(c, i)); i++)
    if (strncmp(s, "station ", 8) == 0 && s[8])
      rc = read_station(m, c, s, err);
  if (!rc && m->n == 0)
    rc = qf_fail(err, QF_SYNTAX, "no [station NAME] in the file", "文件中没有 [station 名称]");
  if (!rc && m->t2 >= m->t1)
    rc = qf_conf_wrong("collector", "t2_s", "less than t1_s", "小于 t1_s 的值", err);
  return rc;
}

static void release(iec104 *m)
{
  for (uint32_t i = 0; i < m->n; i++) {
    qf_batch_fini(&m->stations[i]->batch);
    free(m->stations[i]->known);
    free(m->stations[i]);
  }
  free(m->stations);
  free(m->points);
  pthread_cond_destroy(&m->cond);
  pthread_mutex_destroy(&m->mx);
  free(m);
}

static void stop(void *self)
{
  iec104 *m = self;
  hold(m);
  if (!qf_loop_post(m->env->loop, end, m))
    let_go(m);
  pthread_mutex_lock(&m->mx);
  while (m->busy > 0)
    pthread_cond_wait(&m->cond, &m->mx);
  pthread_mutex_unlock(&m->mx);
  release(m);
}

static qf_rc start(const qf_collect_env *env, qf_conf *conf, void **self, qf_err *err)
{
  iec104 *m = calloc(1, sizeof *m);
  if (!m)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  m->env = env;
  m->collector = qf_conf_name(conf);
  pthread_mutex_init(&m->mx, NULL);
  pthread_cond_init(&m->cond, NULL);
  qf_rc rc = read_file(m, conf, err);
  if (!rc) {
    hold(m);
    if (!qf_loop_post(env->loop, begin, m))
      rc = qf_fail(err, QF_STATE, "the collectors are stopping", "采集器正在停止");
  }
  if (rc) {
    release(m);
    return rc;
  }
  *self = m;
  return QF_OK;
}

const qf_kind qf_kind_iec104 = {.protocol = "iec104", .start = start, .stop = stop};
