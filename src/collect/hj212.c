#include "collect/hj212.h"
#include "collect/hj212_int.h"
#include <stdlib.h>
#include <string.h>

enum { IN_MAX = 16384 }; /* one frame of 9999 bytes of data, and what came behind it */

/* ---- the file */

static qf_rc crc_of(const char *section, const char *s, qf_hj_crc *out, qf_err *err)
{
  static const char *const names[] = {"auto", "standard", "modbus"};
  *out = QF_HJ_CRC_AUTO;
  for (int i = 0; s && i < 3; i++)
    if (strcmp(s, names[i]) == 0) {
      *out = (qf_hj_crc)i;
      return QF_OK;
    }
  return !s ? QF_OK
            : qf_fail(err, QF_SYNTAX, "[%s] crc = %.40s: not auto, standard or modbus",
                      "[%s] crc = %.40s：应为 auto、standard 或 modbus", section, s);
}

static bool name_ok(const char *s)
{
  size_t n = strlen(s);
  for (size_t i = 0; i < n; i++)
    if (!((s[i] >= '0' && s[i] <= '9') || (s[i] >= 'A' && s[i] <= 'Z') || (s[i] >= 'a' && s[i] <= 'z') || s[i] == '-' ||
          s[i] == '_'))
      return false;
  return n > 0 && n <= QF_HJ_NAME_MAX;
}

static qf_rc add_station(hj *h, qf_conf *c, const char *section, qf_err *err)
{
  const char *mn = section + strlen("station "), *pw = qf_conf_get(c, section, "pw");
  qf_hj_crc crc = QF_HJ_CRC_AUTO;
  if (!name_ok(mn))
    return qf_fail(err, QF_SYNTAX, "[%.60s]: an MN has 1 to 32 letters and digits",
                   "[%.60s]：MN 应为 1 至 32 位字母数字", section);
  if (pw && strlen(pw) > QF_HJ_NAME_MAX)
    return qf_fail(err, QF_RANGE, "[%.60s] pw: longer than 32 characters", "[%.60s] pw：超过 32 个字符", section);
  qf_rc rc = crc_of(section, qf_conf_get(c, section, "crc"), &crc, err);
  if (rc)
    return rc;
  if (qf_door_find(&h->door, mn))
    return qf_fail(err, QF_EXISTS, "[%.60s] stands there twice", "[%.60s] 出现两次", section);
  qf_guest *g = qf_door_add(&h->door, mn);
  if (!g)
    return qf_fail(err, QF_FULL, "more stations than stations_max = %u", "站点数超过 stations_max = %u",
                   h->door.guests_max);
  station *s = (station *)g;
  g->listed = true;
  s->crc_listed = (uint8_t)crc;
  s->from = qf_conf_get(c, section, "from");
  snprintf(s->pw, sizeof s->pw, "%s", pw ? pw : "");
  return QF_OK;
}

static qf_rc read_stations(hj *h, qf_conf *c, qf_err *err)
{
  qf_rc rc = QF_OK;
  const char *name;
  for (uint32_t i = 0; !rc && (name = qf_conf_section(c, i)); i++)
    if (strncmp(name, "station ", 8) == 0)
      rc = add_station(h, c, name, err);
  return rc;
}

static qf_rc read_numbers(hj *h, qf_conf *c, qf_err *err)
{
  const struct {
    const char *key;
    int64_t min, max, otherwise;
    int64_t *out;
  } keys[] = {{"clock_limit_s", 0, 86400, 60, &h->o.clock_limit_s},
              {"rtd_interval_s", 0, 3600, 0, &h->o.rtd_interval_s},
              {"min_interval_min", 0, 30, 0, &h->o.min_interval_min},
              {"parts_s", 1, 3600, 60, &h->o.parts_s}};
  int64_t stations = 0, series = 0;
  qf_rc rc = qf_conf_int(c, "collector", "stations_max", 1, 100000, 5000, &stations, err);
  if (!rc)
    rc = qf_conf_int(c, "collector", "series_max", 1, 100000, 400, &series, err);
  for (size_t i = 0; !rc && i < sizeof keys / sizeof *keys; i++)
    rc = qf_conf_int(c, "collector", keys[i].key, keys[i].min, keys[i].max, keys[i].otherwise, keys[i].out, err);
  h->door.guests_max = (uint32_t)stations;
  h->door.series_max = (uint32_t)series;
  if (!rc && h->o.rtd_interval_s && h->o.rtd_interval_s < 30)
    rc = qf_fail(err, QF_RANGE, "rtd_interval_s: 30 to 3600, or 0", "rtd_interval_s：应为 30 至 3600，或 0");
  if (!rc && h->o.min_interval_min && 60 % h->o.min_interval_min)
    rc = qf_fail(err, QF_RANGE, "min_interval_min: 1, 2, 3, 4, 5, 6, 10, 12, 15, 20 or 30, or 0",
                 "min_interval_min：应为 1、2、3、4、5、6、10、12、15、20、30 或 0");
  return rc;
}

static qf_rc read_conf(hj *h, qf_conf *c, qf_err *err)
{
  const char *accept = qf_conf_get(c, "collector", "accept");
  h->o.any = accept && strcmp(accept, "any") == 0;
  if (accept && !h->o.any && strcmp(accept, "listed") != 0)
    return qf_fail(err, QF_SYNTAX, "accept = %.40s: not listed or any", "accept = %.40s：应为 listed 或 any", accept);
  h->o.password = qf_conf_get(c, "collector", "pw");
  if (h->o.password && strlen(h->o.password) > QF_HJ_NAME_MAX)
    return qf_fail(err, QF_RANGE, "pw: longer than 32 characters", "pw：超过 32 个字符");
  qf_rc rc = crc_of("collector", qf_conf_get(c, "collector", "crc"), &h->o.crc, err);
  if (!rc)
    rc = read_numbers(h, c, err);
  if (!rc)
    rc = read_stations(h, c, err);
  if (!rc && !h->o.any && !h->door.guests)
    rc = qf_fail(err, QF_SYNTAX, "no [station MN] is listed; accept = any lets everybody in",
                 "没有列出 [station MN]；accept = any 则接受任何站点");
  return rc;
}

/* ---- who speaks */

static bool weak(const char *pw)
{
  static const char *const guessed[] = {"123456", "654321", "100000", "888888",
                                        "123123", "abcdef", "admin",  "password"};
  bool same = true;
  for (size_t i = 1; pw[0] && pw[i]; i++)
    same = same && pw[i] == pw[0];
  for (size_t i = 0; i < sizeof guessed / sizeof *guessed; i++)
    if (strcmp(pw, guessed[i]) == 0)
      return true;
  return same || strlen(pw) < 6;
}

/* Once on each connection: what is unsafe about a station. */
static void warn(visit *v, station *s)
{
  qf_err err;
  if (s->guest.told)
    return;
  s->guest.told = true;
  if (!s->guest.listed)
    qf_fail(&err, QF_DENIED, "taken without being listed (accept = any): anybody can send under this MN",
            "未列入名单即被接受（accept = any）：任何人都可冒用此 MN");
  else if (!s->pw[0])
    qf_fail(&err, QF_DENIED, "no pw is set for this station: anybody can send under this MN",
            "此站点未设置 pw：任何人都可冒用此 MN");
  else if (weak(s->pw))
    qf_fail(&err, QF_DENIED, "the pw of this station is one that anybody guesses: set another",
            "此站点的 pw 过于简单，易被猜中：请更换");
  else
    return;
  qf_door_warn(&v->v, &s->guest, &err);
}

/* The station of this message, when it may speak. */
static qf_rc admit(visit *v, const qf_hj_packet *p, station **out, qf_err *err)
{
  hj *h = (hj *)v->v.door;
  qf_guest *g = qf_door_find(&h->door, p->mn);
  *out = NULL;
  if (!g && !h->o.any)
    return qf_fail(err, QF_DENIED, "MN %s is not listed", "MN %s 不在名单中", p->mn);
  const char *pw = g ? ((const station *)g)->pw : h->o.password ? h->o.password : "";
  if (pw[0] && !qf_door_same(pw, p->pw)) {
    *out = (station *)g;
    return qf_fail(err, QF_DENIED, "wrong PW of MN %s", "MN %s 的 PW 错误", p->mn);
  }
  if (g && !qf_door_from(((const station *)g)->from, qf_conn_peer(v->v.conn)))
    return qf_fail(err, QF_DENIED, "MN %s comes from %s, and its from says otherwise",
                   "MN %s 来自 %s，与其 from 设置不符", p->mn, qf_conn_peer(v->v.conn));
  if (!g) {
    g = qf_door_add(&h->door, p->mn);
    if (!g)
      return qf_fail(err, QF_FULL, "MN %s: stations_max = %u is reached", "MN %s：已达 stations_max = %u", p->mn,
                     h->door.guests_max);
    snprintf(((station *)g)->pw, sizeof((station *)g)->pw, "%s", pw);
  }
  *out = (station *)g;
  return QF_OK;
}

static qf_rc admit_crc(visit *v, const station *s, qf_hj_crc came, qf_err *err)
{
  qf_hj_crc want = s->crc_listed ? (qf_hj_crc)s->crc_listed : QF_HJ_CRC_AUTO;
  if (want != QF_HJ_CRC_AUTO && want != came)
    return qf_fail(err, QF_SYNTAX, "the CRC is %s's, this station's is set to the other",
                   "CRC 为 %s 方式，与此站点的设置不符", came == QF_HJ_CRC_MODBUS ? "Modbus" : "HJ 212");
  v->crc = came; /* what it speaks it goes on speaking: from here on the other kind is an error of the line */
  return QF_OK;
}

/* ---- what is said */

static qf_rc handle(visit *v, station *s, const qf_hj_packet *p, const qf_hj_frame *f, qf_err *err)
{
  uint32_t bad = 0;
  qf_rc rc = QF_OK;
  if (hj_is_data(p->cn)) {
    rc = hj_data(v, s, p, &bad, err);
    if (!rc && bad)
      qf_link_refused(s->guest.link, NULL, 0, err);
  } else if (p->cn == QF_HJ_ASK_TIME || p->cn == QF_HJ_HEARTBEAT) {
    hj_answer(v, s, p, QF_HJ_NOTED);
  } else if (p->cn != QF_HJ_ANSWER && p->cn != QF_HJ_RESULT && p->cn != QF_HJ_NOTED) {
    rc = qf_fail(err, QF_SYNTAX, "CN %u is not taken: not answered", "不接收 CN %u：不予应答", (unsigned)p->cn);
  }
  (void)f;
  return rc;
}

static bool take(visit *v, const qf_hj_frame *f)
{
  qf_hj_packet p;
  qf_err err = {0};
  station *s = NULL;
  qf_rc rc = qf_hj_parse(f->data.s, f->data.n, &p, &err);
  if (!rc)
    rc = admit(v, &p, &s, &err);
  if (!rc)
    rc = admit_crc(v, s, f->crc, &err);
  if (rc)
    return qf_door_refuse(&v->v, s ? &s->guest : NULL, f->raw, f->raw_len, &err);
  bool fresh = s->guest.conn != qf_conn_id(v->v.conn);
  qf_door_speaks(&v->v, &s->guest);
  qf_link_seen(s->guest.link, f->raw_len);
  warn(v, s);
  v->last = s;
  s->version = p.version;
  if (p.st && p.st != 91)
    s->st = p.st;
  snprintf(s->pw_sent, sizeof s->pw_sent, "%s", p.pw);
  if (fresh)
    hj_ask_begin(v, s);
  rc = handle(v, s, &p, f, &err);
  hj_ask_heard(v, s, &p);
  if (rc)
    return qf_door_refuse(&v->v, &s->guest, f->raw, f->raw_len, &err);
  v->v.bad = 0;
  return true;
}

/* ---- connections */

static void on_open(qf_conn *k)
{
  hj *h = qf_conn_ud(k);
  visit *v = calloc(1, sizeof *v);
  qf_conn_set_ud(k, v);
  if (!v) {
    qf_conn_close(k, false);
    return;
  }
  v->crc = h->o.crc;
  qf_door_enter(&h->door, &v->v, k);
}

static size_t on_bytes(qf_conn *k, const uint8_t *p, size_t n)
{
  visit *v = qf_conn_ud(k);
  size_t used = 0;
  if (!v || v->v.door->stopping)
    return QF_CONN_CLOSE;
  for (;;) {
    qf_hj_frame f;
    qf_err err = {0};
    size_t step = 0;
    qf_rc rc = qf_hj_next(p + used, n - used, v->crc, &f, &step, &err);
    used += step;
    if (rc == QF_PARTIAL)
      break;
    bool go_on = rc ? qf_door_refuse(&v->v, v->last ? &v->last->guest : NULL, f.raw, f.raw_len, &err) : take(v, &f);
    if (!go_on)
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
  qf_door_leave(&v->v);
  free(v);
}

static void on_tick(qf_conn *k, qf_us now)
{
  visit *v = qf_conn_ud(k);
  (void)now;
  if (!v || !v->last || v->last->guest.conn != qf_conn_id(k))
    return;
  qf_us t = qf_city_now(v->v.door->env->city);
  hj_parts_tick(v, v->last, t);
  hj_ask_tick(v, v->last, t);
}

static void station_fini(qf_guest *g)
{
  hj_parts_free(((station *)g)->parts);
}

static qf_rc start_server(const qf_collect_env *env, qf_conf *conf, void **self, qf_err *err)
{
  static const qf_conn_ops ops = {on_open, on_bytes, on_closed, on_tick};
  char host[256];
  uint16_t port = 0;
  hj *h = calloc(1, sizeof *h);
  if (!h || qf_door_init(&h->door, env, "hj212", qf_conf_name(conf))) {
    free(h);
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  }
  h->door.guest_size = sizeof(station);
  h->door.guest_fini = station_fini;
  qf_conn_opts o = {.ops = &ops, .ud = h, .in_max = IN_MAX, .out_max = 65536};
  qf_rc rc = read_conf(h, conf, err);
  if (!rc)
    rc = qf_door_conf(conf, &o, host, &port, err);
  if (!rc)
    rc = qf_loop_listen(env->loop, host, port, &o, &port, err);
  if (rc) {
    qf_door_fini(&h->door);
    free(h);
    return rc;
  }
  *self = h;
  return QF_OK;
}

static void stop_server(void *self)
{
  hj *h = self;
  qf_door_stop(&h->door);
  qf_door_fini(&h->door);
  free(h);
}

const qf_kind qf_kind_hj212 = {"hj212", start_server, stop_server};
