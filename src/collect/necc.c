#include "collect/necc.h"
#include "collect/necc_int.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { AHEAD = 5, CLOCK = 1, BODY_IDLE_S = 120 }; /* minutes: a statDate may be ahead; a clock may be off */

typedef struct visit {
  qf_visit v;     /* first */
  bool busy;      /* an upload waits for the disk: nothing more is read */
  size_t waiting; /* bytes of a message that is not whole */
  qf_buf body;
} visit;

typedef struct ask { /* one request, taken apart */
  visit *v;
  const qf_http1 *m;
  qf_necc_upload u;
  qf_necc_unit *unit;
} ask;

static const char *const ok_words = "RECEIVE SUCCESS";

/* ---- answers */

static void send_answer(qf_conn *k, int status, bool keep, const qf_buf *body)
{
  qf_buf out;
  qf_buf_init(&out, 65536);
  qf_http1_answer(&out, status, keep, body->data, body->len);
  if (!out.failed && !body->failed)
    (void)qf_conn_send(k, out.data, out.len);
  else
    keep = false;
  qf_buf_fini(&out);
  if (!keep)
    qf_conn_close(k, true);
}

static void begin(qf_buf *b, const char *code, const char *words)
{
  qf_buf_init(b, 60000);
  qf_buf_printf(b, "{\"responseCode\":\"%s\",\"responseMessage\":", code);
  qf_buf_json(b, words, strlen(words));
}

static void short_answer(qf_conn *k, int status, bool keep, const char *code, const char *words)
{
  qf_buf b;
  begin(&b, code, words);
  qf_buf_putc(&b, '}');
  send_answer(k, status, keep, &b);
  qf_buf_fini(&b);
}

static bool plain_host(const char *s)
{
  return *s && strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-:[]") == strlen(s);
}

static void put_url(qf_buf *b, const ask *a, const char *name, const char *path)
{
  const qf_necc_platform *p = (const qf_necc_platform *)a->v->v.door;
  qf_buf_printf(b, ",\"%s\":\"", name);
  if (p->url)
    qf_buf_puts(b, p->url);
  else if (plain_host(a->m->host))
    qf_buf_printf(b, "%s://%s", p->tls ? "https" : "http", a->m->host);
  qf_buf_printf(b, "%s\"", path);
}

static void put_slot(qf_buf *b, const qf_necc_unit *u)
{
  qf_buf_printf(b, ",\"uploadTime\":\"%02u:%02u:%02u\"", u->slot_s / 3600, u->slot_s / 60 % 60, u->slot_s % 60);
}

/* ---- requests */

static qf_rc registers(ask *a, qf_buf *b, qf_err *err)
{
  const qf_necc_platform *p = (const qf_necc_platform *)a->v->v.door;
  const qf_necc_unit *u = a->unit;
  const char *region = json_string_value(json_object_get(a->u.root, "region"));
  const char *cert = qf_conn_cert_name(a->v->v.conn);
  char key[2 * QF_NECC_KEY + 1];
  if (!region || strcmp(region, u->region) != 0)
    return qf_fail(err, QF_DENIED, "region %.20s is not that of %s", "行政区划 %.20s 与 %s 不符", region ? region : "",
                   u->guest.name);
  if (u->known && !p->always && !(cert && strcmp(cert, u->guest.name) == 0))
    return qf_fail(err, QF_DENIED,
                   "%s has uploaded with its key, which is not given out again; a new one: [unit %s] generation",
                   "%s 已用其密钥上传，密钥不再发放；需换发请修改 [unit %s] generation", u->guest.name, u->guest.name);
  qf_hex(u->key, QF_NECC_KEY, key);
  qf_buf_printf(b, ",\"deviceId\":\"%s\"", u->device);
  put_url(b, a, "loadDicVersionURL", "/enterprise/versionCheck");
  put_url(b, a, "centerDataURL", "/enterprise/uploadEnergyData");
  put_url(b, a, "centerInfoDownloadURL", "/enterprise/downloadConfigData");
  put_url(b, a, "downloadBaseDataURL", "/enterprise/downloadBaseData");
  put_slot(b, u);
  qf_buf_printf(b, ",\"secretKey\":\"%s\"", key);
  return QF_OK;
}

static qf_rc version_check(ask *a, qf_buf *b, qf_err *err)
{
  (void)err;
  qf_buf_printf(b, ",\"dicVersion\":\"%s\"", ((const qf_necc_platform *)a->v->v.door)->dictionary);
  return QF_OK;
}

static qf_rc base_data(ask *a, qf_buf *b, qf_err *err)
{
  (void)version_check(a, b, err);
  qf_buf_puts(b, ",\"data\":");
  qf_necc_dictionary(b);
  return QF_OK;
}

static qf_rc config_data(ask *a, qf_buf *b, qf_err *err)
{
  const qf_necc_unit *u = a->unit;
  (void)err;
  put_slot(b, u);
  qf_buf_puts(b, ",\"data\":[");
  for (uint32_t i = 0; i < u->items; i++) {
    qf_buf_printf(b, "%s{\"dataCode\":\"%s\",\"statType\":\"%u\"", i ? "," : "", u->item[i].code, u->item[i].stat);
    if (u->item[i].stat == QF_NECC_REALTIME)
      qf_buf_printf(b, ",\"minutes\":\"%u\"", u->minutes);
    qf_buf_putc(b, '}');
  }
  qf_buf_putc(b, ']');
  return QF_OK;
}

/* ---- upload */

typedef struct taken { /* an upload on its way to the disk */
  qf_loop *loop;
  uint64_t conn;
  qf_link *link;
  uint32_t n;
  bool keep;
} taken;

static void on_taken(void *ud, qf_rc rc)
{
  taken *t = ud;
  qf_conn *k = qf_conn_find(t->loop, t->conn);
  visit *v = k ? qf_conn_ud(k) : NULL;
  if (!rc)
    qf_link_took(t->link, t->n);
  if (v) {
    v->busy = false;
    if (rc)
      short_answer(k, 503, t->keep, "2", "平台繁忙，请稍后重传");
    else
      short_answer(k, 200, t->keep, "0", ok_words);
    qf_conn_pause(k, false);
  }
  free(t);
}

static void clock_of(ask *a, const qf_necc_record *r, qf_us now)
{
  qf_necc_unit *u = a->unit;
  qf_err err;
  qf_us off = r->uploaded > now ? r->uploaded - now : now - r->uploaded;
  bool bad = off > CLOCK * QF_US_MINUTE;
  if (bad && !u->clock_told) {
    qf_fail(&err, QF_RANGE, "its clock is off by %lld s (taken; at most 60 s)",
            "终端时钟偏差 %lld 秒（已接收；应不超过 60 秒）", (long long)(off / QF_US_SECOND));
    qf_door_warn(&a->v->v, &u->guest, &err);
  }
  u->clock_told = bad;
}

static qf_rc decode(ask *a, qf_batch *batch, qf_err *err)
{
  qf_door *d = a->v->v.door;
  qf_us now = qf_city_now(d->env->city);
  qf_rc rc = qf_batch_reserve(batch, (uint32_t)a->u.n) ? qf_fail(err, QF_NOMEM, "out of memory", "内存不足") : QF_OK;
  for (size_t i = 0; !rc && i < a->u.n; i++) {
    qf_necc_record r;
    char key[128];
    uint32_t point = 0;
    rc = qf_necc_datum(&a->u, i, a->unit->cipher, &r, err);
    if (!rc && r.at > now + AHEAD * QF_US_MINUTE)
      rc = qf_fail(err, QF_RANGE, "datum %zu: statDate is in the future", "第 %zu 条：statDate 为将来时间", i + 1);
    if (!rc && i + 1 == a->u.n)
      clock_of(a, &r, now);
    if (!rc)
      rc = qf_door_series(d, &a->unit->guest, key, qf_necc_series(a->unit->guest.name, r.code, r.stat, key), &point,
                          err);
    if (!rc)
      qf_batch_add(batch, point, r.at, r.value,
                   (uint8_t)((r.valid ? 0 : QF_RD_SENTINEL) | (r.input == 5 ? QF_RD_MANUAL : 0)));
  }
  return rc;
}

static qf_rc upload(ask *a, qf_err *err)
{
  qf_batch batch;
  qf_door *d = a->v->v.door;
  if (!a->u.n)
    return qf_fail(err, QF_SYNTAX, "an upload without data", "上传中没有数据");
  taken *t = malloc(sizeof *t);
  if (!t)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  *t = (taken){d->env->loop, qf_conn_id(a->v->v.conn), a->unit->guest.link, (uint32_t)a->u.n, a->m->keep};
  qf_batch_init(&batch);
  qf_rc rc = decode(a, &batch, err);
  if (!rc)
    rc = qf_take(d->env, &batch, on_taken, t, err);
  if (rc) {
    qf_batch_fini(&batch);
    free(t);
    return rc;
  }
  a->unit->known = true; /* it has its key: what it sent could be read with it */
  a->v->busy = true;
  qf_conn_pause(a->v->v.conn, true);
  return QF_OK;
}

/* ---- who asks what */

typedef struct route {
  const char *path;
  bool device;                                     /* the device's number must be that of the unit */
  qf_rc (*make)(ask *a, qf_buf *out, qf_err *err); /* NULL: upload, which answers later */
} route;

static const route routes[] = {{"/enterprise/register", false, registers},
                               {"/enterprise/versionCheck", true, version_check},
                               {"/enterprise/downloadBaseData", true, base_data},
                               {"/enterprise/downloadConfigData", true, config_data},
                               {"/enterprise/uploadEnergyData", true, NULL}};

static const route *route_of(const char *target)
{
  size_t n = strcspn(target, "?");
  for (size_t i = 0; i < sizeof routes / sizeof *routes; i++)
    if (strlen(routes[i].path) == n && strncmp(routes[i].path, target, n) == 0)
      return &routes[i];
  return NULL;
}

static qf_rc who(ask *a, bool device, qf_err *err)
{
  qf_door *d = a->v->v.door;
  qf_guest *g = qf_door_find(d, a->u.enterprise);
  qf_necc_unit *u = (qf_necc_unit *)g;
  if (!g)
    return qf_fail(err, QF_DENIED, "%s is not listed", "%s 不在名单中", a->u.enterprise);
  if (!qf_door_from(u->from, qf_conn_peer(a->v->v.conn)))
    return qf_fail(err, QF_DENIED, "%s may not come from %s", "%s 不得从 %s 接入", g->name, qf_conn_peer(a->v->v.conn));
  if (device && !qf_door_same(u->device, a->u.device))
    return qf_fail(err, QF_DENIED, "the device's number is not that of %s", "序列号与企业统一社会信用代码不符：%s",
                   g->name);
  a->unit = u;
  u->spoke = qf_city_now(d->env->city);
  qf_door_speaks(&a->v->v, g);
  return QF_OK;
}

/* What a terminal is told; what the page shows says more. */
static const char *refusal(qf_rc rc, const qf_err *err)
{
  return rc == QF_CORRUPT ? "解密失败！" : err->zh;
}

static qf_rc handle(ask *a, const route *r, qf_err *err)
{
  qf_buf out;
  qf_rc rc = who(a, r->device, err);
  if (rc)
    return rc;
  qf_link_seen(a->unit->guest.link, a->m->head_len + a->v->body.len);
  if (!r->make)
    return upload(a, err);
  begin(&out, "0", ok_words);
  rc = r->make(a, &out, err);
  qf_buf_putc(&out, '}');
  if (!rc)
    send_answer(a->v->v.conn, 200, a->m->keep, &out);
  qf_buf_fini(&out);
  return rc;
}

static bool serve(visit *v, const qf_http1 *m)
{
  qf_err err = {0};
  ask a = {.v = v, .m = m};
  const route *r = route_of(m->target);
  int status = 200;
  qf_rc rc;
  if (!r) {
    status = 404;
    rc = qf_fail(&err, QF_NOTFOUND, "no such address: %.100s", "无此接口：%.100s", m->target);
  } else if (strcmp(m->method, "POST") != 0) {
    status = 405;
    rc = qf_fail(&err, QF_SYNTAX, "%s %.100s: only POST", "%s %.100s：仅支持 POST", m->method, m->target);
  } else {
    rc = qf_necc_read(v->body.data ? v->body.data : "", v->body.len, &a.u, &err);
    status = rc ? 400 : 200;
    if (!rc)
      rc = handle(&a, r, &err);
    if (a.u.root && rc && (rc == QF_FULL || rc == QF_NOMEM || rc == QF_IO)) /* ours: to be sent again */
      status = 503;
  }
  bool go_on = true;
  if (rc) {
    go_on = qf_door_refuse(&v->v, a.unit ? &a.unit->guest : NULL, v->body.data, v->body.len, &err);
    short_answer(v->v.conn, status, m->keep && go_on, status == 503 ? "2" : "1", refusal(rc, &err));
  } else {
    v->v.bad = 0;
  }
  if (a.u.root)
    qf_necc_upload_fini(&a.u);
  return go_on;
}

/* ---- connections */

static void on_open(qf_conn *k)
{
  qf_necc_platform *p = qf_conn_ud(k);
  visit *v = calloc(1, sizeof *v);
  qf_conn_set_ud(k, v);
  if (!v) {
    qf_conn_close(k, false);
    return;
  }
  v->v.many = true; /* a terminal may use several connections: none ends another */
  qf_buf_init(&v->body, QF_NECC_BODY_MAX + 1);
  qf_door_enter(&p->door, &v->v, k);
}

static size_t on_bytes(qf_conn *k, const uint8_t *p, size_t n)
{
  visit *v = qf_conn_ud(k);
  qf_http1 m = {.body_max = QF_NECC_BODY_MAX};
  qf_err err = {0};
  size_t used = 0;
  if (!v || v->v.door->stopping)
    return QF_CONN_CLOSE;
  if (v->busy)
    return 0;
  qf_rc rc = qf_http1_read((const char *)p, n, &m, &v->body, &used, &err);
  if (rc == QF_PARTIAL) {
    if (m.head && m.continue_wanted && v->waiting < m.head_len)
      (void)qf_conn_send(k, "HTTP/1.1 100 Continue\r\n\r\n", 25);
    v->waiting = n;
    return 0;
  }
  v->waiting = 0;
  if (rc) {
    (void)qf_door_refuse(&v->v, NULL, p, n, &err);
    short_answer(k, rc == QF_RANGE ? 413 : 400, false, "1", err.zh);
    return QF_CONN_CLOSE;
  }
  return serve(v, &m) ? used : QF_CONN_CLOSE;
}

static void on_closed(qf_conn *k, const qf_err *why)
{
  visit *v = qf_conn_ud(k);
  qf_err err;
  (void)why;
  if (!v)
    return;
  if (v->waiting && !v->v.door->stopping) {
    qf_fail(&err, QF_SYNTAX, "the connection ended within a message, after %zu bytes",
            "连接在报文中途断开（已收 %zu 字节）", v->waiting);
    qf_door_warn(&v->v, v->v.one, &err);
  }
  qf_necc_unit *u = (qf_necc_unit *)v->v.one;
  bool stays = u && u->spoke && !v->v.door->stopping; /* once the last has left, who stops the door frees its guests */
  qf_door_leave(&v->v);
  if (stays)
    qf_link_set(u->guest.link, QF_LINK_UP, NULL);
  qf_buf_fini(&v->body);
  free(v);
}

/* ---- who is silent: terminals come and go with each upload, so a closed connection says nothing */

enum { SWEEP_MS = 60000, DAILY_H = 26, GRACE_MIN = 5 };

static qf_us patience(const qf_necc_unit *u)
{
  for (uint32_t i = 0; i < u->items; i++)
    if (u->item[i].stat == QF_NECC_REALTIME)
      return (2 * (qf_us)u->minutes + GRACE_MIN) * QF_US_MINUTE;
  return DAILY_H * QF_US_HOUR;
}

static void sweep(void *ud)
{
  qf_necc_platform *p = ud;
  qf_us now = qf_city_now(p->door.env->city);
  for (uint32_t i = 0; i < p->units; i++)
    if (p->unit[i]->spoke && now - p->unit[i]->spoke > patience(p->unit[i])) {
      qf_link_set(p->unit[i]->guest.link, QF_LINK_DOWN, NULL);
      p->unit[i]->spoke = 0;
    }
  p->sweep = qf_loop_after(p->door.env->loop, SWEEP_MS, sweep, p);
}

static void no_sweep(void *ud)
{
  const qf_necc_platform *p = ud;
  qf_loop_cancel(p->door.env->loop, p->sweep);
}

static void drop(qf_necc_platform *p)
{
  qf_door_fini(&p->door);
  free((void *)p->unit);
  free(p);
}

static qf_rc start_platform(const qf_collect_env *env, qf_conf *conf, void **self, qf_err *err)
{
  static const qf_conn_ops ops = {on_open, on_bytes, on_closed, NULL};
  char host[256];
  uint16_t port = 0;
  qf_necc_platform *p = calloc(1, sizeof *p);
  if (!p || qf_door_init(&p->door, env, "necc", qf_conf_name(conf))) {
    free(p);
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  }
  p->door.guest_size = sizeof(qf_necc_unit);
  p->door.guest_fini = qf_necc_unit_fini;
  qf_conn_opts o = {.ops = &ops, .ud = p, .in_max = QF_NECC_BODY_MAX + QF_HTTP1_HEAD_MAX + 4096, .out_max = 1 << 20};
  qf_rc rc = qf_necc_conf(p, conf, err);
  if (!rc)
    rc = qf_door_conf(conf, &o, host, &port, err);
  if (!qf_conf_get(conf, "collector", "idle_s"))
    o.idle_s = BODY_IDLE_S;
  p->tls = o.tls_cert != NULL;
  if (!rc)
    rc = qf_loop_listen(env->loop, host, port, &o, &port, err);
  if (rc) {
    drop(p);
    return rc;
  }
  (void)qf_loop_post(env->loop, sweep, p);
  *self = p;
  return QF_OK;
}

static void stop_platform(void *self)
{
  qf_necc_platform *p = self;
  (void)qf_loop_post(p->door.env->loop, no_sweep, p);
  qf_door_stop(&p->door);
  drop(p);
}

const qf_kind qf_kind_necc = {"necc", start_platform, stop_platform};
