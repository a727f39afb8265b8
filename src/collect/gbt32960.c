#include "collect/gbt32960.h"
#include "collect/door.h"
#include "wire/gbt32960.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { IN_MAX = 66000, USER_LEN = 12, PASSWORD_LEN = 20, PLATFORM_LOGIN_LEN = 41 };

typedef struct server {
  qf_door door; /* first */
  bool any, keep_position, need_login;
  int64_t data_max, gap_s;
  const char *user, *password; /* of platforms; NULL: none may log in */
  const char *from;            /* addresses that may connect; NULL: any */
} server;

typedef struct vehicle {
  qf_guest guest;            /* first; name is the VIN */
  qf_gbt_report live, again; /* the last of 02 and of 03: where the next step of energy begins; ts_us 0: none */
} vehicle;

typedef struct visit {
  qf_visit v;    /* first; many: a platform has logged in */
  qf_link *link; /* of the platform */
} visit;

/* ---- the file */

static qf_rc add_vin(server *s, const char *vin, qf_err *err)
{
  if (!qf_gbt_vin_ok(vin))
    return qf_fail(err, QF_SYNTAX, "%.40s: a VIN has 17 letters and digits", "%.40s：VIN 应为 17 位字母数字", vin);
  if (qf_door_find(&s->door, vin))
    return QF_OK;
  qf_guest *g = qf_door_add(&s->door, vin);
  if (!g)
    return qf_fail(err, QF_FULL, "more vehicles than vehicles_max = %u", "车辆数超过 vehicles_max = %u",
                   s->door.guests_max);
  g->listed = true;
  return QF_OK;
}

/* VINs of a text, apart by blanks, commas or lines. */
static qf_rc add_vins(server *s, const char *text, qf_err *err)
{
  static const char apart[] = " ,;\t\r\n";
  qf_rc rc = QF_OK;
  while (!rc) {
    char vin[64];
    text += strspn(text, apart);
    size_t n = strcspn(text, apart);
    if (!n)
      break;
    snprintf(vin, sizeof vin, "%.*s", n < 63 ? (int)n : 63, text);
    rc = add_vin(s, vin, err);
    text += n;
  }
  return rc;
}

static qf_rc add_file(server *s, const char *path, qf_err *err)
{
  char line[256];
  FILE *f = fopen(path, "r");
  if (!f)
    return qf_fail(err, QF_IO, "vin_file %.150s: %s", "vin_file %.150s：%s", path, strerror(errno));
  qf_rc rc = QF_OK;
  while (!rc && fgets(line, sizeof line, f))
    rc = line[0] == '#' ? QF_OK : add_vins(s, line, err);
  fclose(f);
  return rc;
}

static qf_rc yes_no(qf_conf *c, const char *key, bool otherwise, bool *out, qf_err *err)
{
  const char *s = qf_conf_get(c, "collector", key);
  *out = s ? strcmp(s, "yes") == 0 : otherwise;
  return !s || *out || strcmp(s, "no") == 0
             ? QF_OK
             : qf_fail(err, QF_SYNTAX, "%s = %.40s: not yes or no", "%s = %.40s：应为 yes 或 no", key, s);
}

static qf_rc read_numbers(server *s, qf_conf *c, qf_err *err)
{
  int64_t vehicles = 0, series = 0;
  qf_rc rc = qf_conf_int(c, "collector", "vehicles_max", 1, 100000, 5000, &vehicles, err);
  if (!rc)
    rc = qf_conf_int(c, "collector", "series_max", 1, 1000, 32, &series, err);
  if (!rc)
    rc = qf_conf_int(c, "collector", "data_max", 64, QF_GBT_DATA_MAX, 8192, &s->data_max, err);
  if (!rc)
    rc = qf_conf_int(c, "collector", "energy_gap_s", 1, 600, 60, &s->gap_s, err);
  s->door.guests_max = (uint32_t)vehicles;
  s->door.series_max = (uint32_t)series;
  return rc;
}

static qf_rc read_conf(server *s, qf_conf *c, qf_err *err)
{
  const char *accept = qf_conf_get(c, "collector", "accept"), *vins = qf_conf_get(c, "collector", "vins"),
             *file = qf_conf_path(c, "collector", "vin_file");
  s->any = accept && strcmp(accept, "any") == 0;
  if (accept && !s->any && strcmp(accept, "listed") != 0)
    return qf_fail(err, QF_SYNTAX, "accept = %.40s: not listed or any", "accept = %.40s：应为 listed 或 any", accept);
  s->from = qf_conf_get(c, "collector", "from");
  s->user = qf_conf_get(c, "collector", "platform_user");
  s->password = qf_conf_get(c, "collector", "platform_password");
  if (!s->user != !s->password || (s->user && (strlen(s->user) > USER_LEN || strlen(s->password) > PASSWORD_LEN)))
    return qf_fail(err, QF_SYNTAX,
                   "platform_user (at most 12 characters) and platform_password (at most 20) go together",
                   "platform_user（至多 12 字符）与 platform_password（至多 20 字符）须同时设置");
  qf_rc rc = yes_no(c, "keep_position", false, &s->keep_position, err);
  if (!rc)
    rc = yes_no(c, "need_login", true, &s->need_login, err);
  if (!rc)
    rc = read_numbers(s, c, err);
  if (!rc && vins)
    rc = add_vins(s, vins, err);
  if (!rc && file)
    rc = add_file(s, file, err);
  if (!rc && !s->any && !s->door.guests)
    rc = qf_fail(err, QF_SYNTAX, "no VIN is listed (vins, vin_file); accept = any lets everybody in",
                 "没有列出 VIN（vins、vin_file）；accept = any 则接受任何车辆");
  return rc;
}

/* ---- answers */

/* The answer to f: its command and VIN, the time of its data (or now). */
static uint16_t answer_bytes(const qf_gbt_frame *f, uint8_t flag, const uint8_t *time, uint8_t *out, size_t cap)
{
  qf_buf b;
  qf_gbt_frame a = {.cmd = f->cmd, .answer = flag, .crypt = 1, .edition2025 = f->edition2025};
  memcpy(a.vin, f->vin, sizeof a.vin);
  a.data = time;
  a.len = time ? 6 : 0;
  qf_buf_init(&b, 256);
  qf_gbt_build(&b, &a);
  size_t n = b.failed || b.len > cap ? 0 : b.len;
  if (n)
    memcpy(out, b.data, n);
  qf_buf_fini(&b);
  return (uint16_t)n;
}

static void answer(const visit *v, const qf_gbt_frame *f, uint8_t flag)
{
  uint8_t out[64], now[6];
  const uint8_t *time = f->len >= 6 ? f->data : NULL;
  if (f->cmd == QF_GBT_TIME && flag == QF_GBT_OK) {
    qf_gbt_put_time(qf_city_now(v->v.door->env->city), now);
    time = now;
  }
  uint16_t n = answer_bytes(f, flag, time, out, sizeof out);
  if (n)
    (void)qf_conn_send(v->v.conn, out, n);
}

/* ---- reports */

static qf_rc add(visit *v, vehicle *car, const char *field, const qf_reading *r, qf_err *err)
{
  char key[96];
  uint32_t point = 0;
  qf_door *d = v->v.door;
  int n = snprintf(key, sizeof key, "gbt32960,vin=%s %s", car->guest.name, field);
  qf_rc rc = qf_door_series(d, &car->guest, key, (size_t)n, &point, err);
  return rc ? rc : qf_gather_add(d->gather, point, r, err);
}

static qf_rc add_energy(visit *v, vehicle *car, const qf_gbt_report *from, const qf_gbt_report *to, qf_err *err)
{
  qf_gbt_step e;
  const server *s = (const server *)v->v.door;
  if (!from->ts_us || !qf_gbt_energy(from, to, s->gap_s * QF_US_SECOND, &e))
    return QF_OK;
  if (e.charged)
    return add(v, car, "charge_kwh", &(qf_reading){to->ts_us, e.charge, 0}, err);
  qf_rc rc = add(v, car, "discharge_kwh", &(qf_reading){to->ts_us, e.out, 0}, err);
  return rc ? rc : add(v, car, "regen_kwh", &(qf_reading){to->ts_us, e.back, 0}, err);
}

static qf_rc add_values(visit *v, vehicle *car, const qf_gbt_report *r, qf_err *err)
{
  const struct {
    uint32_t bit;
    const char *field;
    qf_num v;
  } all[] = {{QF_GBT_SPEED, "speed_kmh", r->speed},
             {QF_GBT_MILEAGE, "mileage_km", r->mileage},
             {QF_GBT_VOLTAGE, "voltage_v", r->voltage},
             {QF_GBT_CURRENT, "current_a", r->current},
             {QF_GBT_SOC, "soc_pct", r->soc},
             {QF_GBT_CHARGING, "charging", {r->charging, 0}},
             {QF_GBT_FUEL_CELL, "h2_kg_100km", r->hydrogen},
             {QF_GBT_ENGINE, "fuel_l_100km", r->fuel},
             {QF_GBT_ALARM, "alarm_level", {r->alarm, 0}},
             {QF_GBT_POSITION, "longitude_deg", r->longitude},
             {QF_GBT_POSITION, "latitude_deg", r->latitude}};
  uint32_t keep = r->has;
  if (!((const server *)v->v.door)->keep_position) /* where somebody was is nobody's business here, unless said so */
    keep &= ~(uint32_t)QF_GBT_POSITION;
  qf_rc rc = QF_OK;
  for (size_t i = 0; !rc && i < sizeof all / sizeof *all; i++)
    if (keep & all[i].bit)
      rc = add(v, car, all[i].field, &(qf_reading){r->ts_us, all[i].v, 0}, err);
  return rc;
}

static qf_rc report(visit *v, vehicle *car, const qf_gbt_frame *f, qf_err *err)
{
  qf_gbt_report r;
  qf_gather *g = v->v.door->gather;
  qf_rc rc = qf_gbt_report_read(f->data, f->len, &r, err);
  if (rc)
    return rc;
  qf_gbt_report *last = f->cmd == QF_GBT_REALTIME ? &car->live : &car->again;
  rc = add_values(v, car, &r, err);
  if (!rc)
    rc = add_energy(v, car, last, &r, err);
  if (rc) {
    qf_gather_drop(g);
    return rc;
  }
  if (r.ts_us > last->ts_us || f->cmd == QF_GBT_RESEND)
    *last = r;
  qf_gather_ack ack = {.link = car->guest.link, .conn = qf_conn_id(v->v.conn)};
  ack.reply_len = answer_bytes(f, QF_GBT_OK, f->data, ack.reply, sizeof ack.reply);
  return qf_gather_packet(g, &ack, err);
}

/* ---- who speaks */

static bool field_is(const uint8_t *p, size_t n, const char *want)
{
  char got[PASSWORD_LEN + 1];
  memcpy(got, p, n);
  got[n] = 0;
  for (size_t k = strlen(got); k && got[k - 1] == ' '; k--)
    got[k - 1] = 0;
  return qf_door_same(want, got);
}

static qf_rc platform_login(visit *v, const qf_gbt_frame *f, qf_err *err)
{
  const server *s = (const server *)v->v.door;
  char name[QF_LINK_NAME_MAX];
  if (f->len != PLATFORM_LOGIN_LEN)
    return qf_fail(err, QF_SYNTAX, "a platform's login has 41 bytes of data, not %zu",
                   "平台登入数据应为 41 字节，而非 %zu", f->len);
  if (!s->user)
    return qf_fail(err, QF_DENIED, "a platform logs in, and no platform_user is set",
                   "平台请求登入，但未设置 platform_user");
  bool user = field_is(f->data + 8, USER_LEN, s->user),
       password = field_is(f->data + 8 + USER_LEN, PASSWORD_LEN, s->password);
  if (!user || !password)
    return qf_fail(err, QF_DENIED, "wrong platform user or password", "平台用户名或密码错误");
  v->v.many = true;
  snprintf(name, sizeof name, "platform %s", s->user);
  v->link = qf_link_of(s->door.env->links, s->door.name, s->door.protocol, name);
  if (!v->link)
    v->link = s->door.nobody;
  qf_link_set(v->link, QF_LINK_UP, qf_conn_peer(v->v.conn));
  qf_link_seen(v->link, f->raw_len);
  return QF_OK;
}

static qf_rc known_vehicle(visit *v, const qf_gbt_frame *f, vehicle **out, qf_err *err)
{
  server *s = (server *)v->v.door;
  qf_guest *g = qf_door_find(&s->door, f->vin);
  *out = NULL;
  if (!g && !s->any)
    return qf_fail(err, QF_DENIED, "VIN %s is not listed", "VIN %s 不在名单中", f->vin);
  if (!qf_gbt_vin_ok(f->vin))
    return qf_fail(err, QF_SYNTAX, "%s: a VIN has 17 letters and digits", "%s：VIN 应为 17 位字母数字", f->vin);
  if (!g && !(g = qf_door_add(&s->door, f->vin)))
    return qf_fail(err, QF_FULL, "VIN %s: vehicles_max = %u is reached", "VIN %s：已达 vehicles_max = %u", f->vin,
                   s->door.guests_max);
  *out = (vehicle *)g;
  return QF_OK;
}

static void welcome(visit *v, vehicle *car, const qf_gbt_frame *f)
{
  qf_err err;
  qf_door_speaks(&v->v, &car->guest);
  qf_link_seen(car->guest.link, f->raw_len);
  if (car->guest.told)
    return;
  car->guest.told = true;
  if (!car->guest.listed && !v->v.many) {
    qf_fail(&err, QF_DENIED,
            "taken without being listed (accept = any): the protocol has no password, anybody can send",
            "未列入名单即被接受（accept = any）：协议无密码，任何人都可冒用此 VIN");
    qf_door_warn(&v->v, &car->guest, &err);
  }
}

static qf_rc vehicle_says(visit *v, vehicle *car, const qf_gbt_frame *f, qf_err *err)
{
  const server *s = (const server *)v->v.door;
  bool in = v->v.many || car->guest.conn == qf_conn_id(v->v.conn);
  if (f->cmd != QF_GBT_LOGIN && !in && s->need_login)
    return qf_fail(err, QF_STATE, "VIN %s reports before it logged in on this connection",
                   "VIN %s 未在此连接登入即上报", f->vin);
  if (f->cmd == QF_GBT_LOGIN && f->len < 30)
    return qf_fail(err, QF_SYNTAX, "a login of %zu bytes is too short", "登入数据仅 %zu 字节，过短", f->len);
  welcome(v, car, f);
  if (f->cmd == QF_GBT_REALTIME || f->cmd == QF_GBT_RESEND)
    return report(v, car, f, err);
  if (f->cmd == QF_GBT_LOGOUT) {
    car->guest.conn = 0;
    car->live.ts_us = car->again.ts_us = 0;
    qf_link_set(car->guest.link, QF_LINK_DOWN, NULL);
  }
  answer(v, f, QF_GBT_OK);
  return QF_OK;
}

static qf_rc handle(visit *v, const qf_gbt_frame *f, vehicle **car, qf_err *err)
{
  qf_rc rc;
  if (f->edition2025)
    return qf_fail(err, QF_SYNTAX, "GB/T 32960.3-2025 (24 24): its data units are not read here yet; send edition 2016",
                   "GB/T 32960.3-2025（24 24）：暂不解析其数据单元；请按 2016 版发送");
  if (f->crypt != 1)
    return qf_fail(err, QF_SYNTAX, "encryption %02X: only plain data (01) are read; use TLS",
                   "加密方式 %02X：仅接收明文（01）；请使用 TLS", (unsigned)f->crypt);
  switch (f->cmd) {
  case QF_GBT_PLATFORM_LOGIN:
  case QF_GBT_PLATFORM_LOGOUT:
    rc = f->cmd == QF_GBT_PLATFORM_LOGIN ? platform_login(v, f, err) : QF_OK;
    if (!rc)
      answer(v, f, QF_GBT_OK);
    v->v.many = v->v.many && f->cmd == QF_GBT_PLATFORM_LOGIN;
    return rc;
  case QF_GBT_HEARTBEAT:
  case QF_GBT_TIME:
    answer(v, f, QF_GBT_OK);
    return QF_OK;
  case QF_GBT_LOGIN:
  case QF_GBT_REALTIME:
  case QF_GBT_RESEND:
  case QF_GBT_LOGOUT:
    rc = known_vehicle(v, f, car, err);
    return rc ? rc : vehicle_says(v, *car, f, err);
  default:
    return qf_fail(err, QF_SYNTAX, "command %02X is not taken", "不接收命令 %02X", (unsigned)f->cmd);
  }
}

/* Bytes of a refused message that may be shown: not where somebody was, nor a platform's password. */
static size_t shown(const visit *v, const uint8_t *raw, size_t n)
{
  const size_t head = QF_GBT_HEAD;
  if (n > 2 && raw[2] == QF_GBT_PLATFORM_LOGIN && n > head)
    return head; /* broken ones too: a flipped bit does not make a password public */
  return ((const server *)v->v.door)->keep_position || n < head ? n : head;
}

static bool take(visit *v, const qf_gbt_frame *f)
{
  qf_err err = {0};
  vehicle *car = NULL;
  if (f->answer != QF_GBT_COMMAND)
    return true; /* an answer to something: we ask nothing */
  qf_rc rc = handle(v, f, &car, &err);
  if (!rc) {
    v->v.bad = 0;
    return true;
  }
  if (rc != QF_FULL && rc != QF_NOMEM && rc != QF_IO) /* ours: silence, so that it is sent again */
    answer(v, f, QF_GBT_FAILED);
  return qf_door_refuse(&v->v, car && car->guest.conn == qf_conn_id(v->v.conn) ? &car->guest : NULL, f->raw,
                        shown(v, f->raw, f->raw_len), &err);
}

/* ---- connections */

static void on_open(qf_conn *k)
{
  server *s = qf_conn_ud(k);
  visit *v = calloc(1, sizeof *v);
  qf_conn_set_ud(k, v);
  if (!v) {
    qf_conn_close(k, false);
    return;
  }
  qf_door_enter(&s->door, &v->v, k);
  if (!qf_door_from(s->from, qf_conn_peer(k))) {
    qf_err err;
    qf_fail(&err, QF_DENIED, "%s may not connect: from says otherwise", "%s 不得连接：与 from 设置不符",
            qf_conn_peer(k));
    qf_door_warn(&v->v, NULL, &err);
    qf_conn_close(k, false);
  }
}

static size_t on_bytes(qf_conn *k, const uint8_t *p, size_t n)
{
  visit *v = qf_conn_ud(k);
  size_t used = 0;
  if (!v || v->v.door->stopping)
    return QF_CONN_CLOSE;
  for (;;) {
    qf_gbt_frame f;
    qf_err err = {0};
    size_t step = 0;
    qf_rc rc = qf_gbt_next(p + used, n - used, (size_t)((const server *)v->v.door)->data_max, &f, &step, &err);
    used += step;
    if (rc == QF_PARTIAL)
      break;
    if (!(rc ? qf_door_refuse(&v->v, NULL, f.raw, shown(v, f.raw, f.raw_len), &err) : take(v, &f)))
      return QF_CONN_CLOSE;
  }
  qf_gather_brake(v->v.door->gather, k);
  return used;
}

static void on_closed(qf_conn *k, const qf_err *why)
{
  visit *v = qf_conn_ud(k);
  (void)why;
  if (!v)
    return;
  if (v->link)
    qf_link_set(v->link, QF_LINK_DOWN, NULL);
  qf_door_leave(&v->v);
  free(v);
}

static qf_rc start_server(const qf_collect_env *env, qf_conf *conf, void **self, qf_err *err)
{
  static const qf_conn_ops ops = {on_open, on_bytes, on_closed, NULL};
  char host[256];
  uint16_t port = 0;
  server *s = calloc(1, sizeof *s);
  if (!s || qf_door_init(&s->door, env, "gbt32960", qf_conf_name(conf))) {
    free(s);
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  }
  s->door.guest_size = sizeof(vehicle);
  qf_conn_opts o = {.ops = &ops, .ud = s, .in_max = IN_MAX, .out_max = 262144};
  qf_rc rc = read_conf(s, conf, err);
  if (!rc)
    rc = qf_door_conf(conf, &o, host, &port, err);
  if (!rc)
    rc = qf_loop_listen(env->loop, host, port, &o, &port, err);
  if (rc) {
    qf_door_fini(&s->door);
    free(s);
    return rc;
  }
  *self = s;
  return QF_OK;
}

static void stop_server(void *self)
{
  server *s = self;
  qf_door_stop(&s->door);
  qf_door_fini(&s->door);
  free(s);
}

const qf_kind qf_kind_gbt32960 = {"gbt32960", start_server, stop_server};
