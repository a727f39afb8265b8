/* Water, heat and gas meters by CJ/T 188 behind transparent serial servers (docs/collectors.md).
 *
 *   [meter NAME]   address (14 digits), type, connect
 *
 * One request (901F, what the meter shows) reads all values of a meter. Whatever unit a meter counts in, a field has one: m3, GJ
 * or MWh (heat_unit), kW, m3/h, Cel, h. An answer is taken when address, identifier and serial number are those asked for. */
#include "wire/cjt188.h"
#include "collect/device.h"
#include "collect/field.h"
#include "collect/poll.h"
#include "wire/scale.h"
#include "wire/units.h"
#include <stdlib.h>
#include <string.h>

typedef struct meter {
  struct cjt188 *c;
  uint8_t type, address[7];
  bool swapped;
  char series[QF_LP_KEY_MAX];
  uint32_t points[QF_C188_WHATS];
} meter;

typedef struct cjt188 {
  const qf_collect_env *env;
  qf_poll *poll;
  const char *heat_unit;
  meter **meters;
  uint32_t n, cap;
} cjt188;

static size_t ask(const qf_poll_talk *t, uint8_t *out)
{
  const meter *m = t->device;
  qf_c188_frame f;
  if (t->step > 0)
    return 0;
  qf_c188_ask(m->type, m->address, QF_C188_NOW, m->swapped, (uint8_t)t->serial, &f);
  return qf_c188_write(&f, out);
}

/* The value in its field's unit. Errors: QF_RANGE the two are not of one kind. */
static qf_rc in_unit(const qf_c188_item *it, const char *heat_unit, qf_num *out, const char **unit)
{
  static const struct {
    uint8_t what;
    const char *from, *to;
    int shift;
  } steps[] = {{QF_C188_FLOW, "m3/h", "m3/h", 0},      {QF_C188_FLOW, "L/h", "m3/h", -3},
               {QF_C188_POWER, "kW", "kW", 0},         {QF_C188_POWER, "W", "kW", -3},
               {QF_C188_POWER, "MW", "kW", 3},         {QF_C188_VOLUME, "m3", "m3", 0},
               {QF_C188_VOLUME, "L", "m3", -3},        {QF_C188_VOLUME_SETTLED, "m3", "m3", 0},
               {QF_C188_VOLUME_SETTLED, "L", "m3", -3}};
  *out = it->v;
  *unit = it->unit;
  if (it->what >= QF_C188_SUPPLY)
    return QF_OK;
  if (it->what == QF_C188_HEAT || it->what == QF_C188_HEAT_SETTLED) {
    *unit = heat_unit;
    return qf_unit_factor(it->v, it->unit, heat_unit, out);
  }
  for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
    if (steps[i].what == it->what && strcmp(steps[i].from, it->unit) == 0) {
      *unit = steps[i].to;
      return qf_num_times(it->v, (qf_num){1, (int8_t)steps[i].shift}, out, NULL);
    }
  return QF_RANGE;
}

static qf_heard take(meter *m, const qf_c188_reply *r, qf_poll_talk *t)
{
  qf_heard what = QF_HEARD_ANSWER;
  if (qf_batch_reserve(t->batch, r->n)) {
    qf_fail(&t->why, QF_NOMEM, "out of memory", "内存不足");
    return QF_HEARD_REFUSED;
  }
  for (unsigned i = 0; i < r->n; i++) {
    const qf_c188_item *it = &r->items[i];
    const char *name = qf_c188_name((qf_c188_what)it->what), *unit;
    qf_num v;
    if (in_unit(it, m->c->heat_unit, &v, &unit)) {
      qf_fail(&t->why, QF_RANGE, "%s in %s: no exact step to the unit it is kept in",
              "%s 的单位 %s 不能精确换算到所存单位", name, it->unit);
      what = QF_HEARD_REFUSED; /* in part */
    } else if (qf_device_point(m->c->env->city, m->series, name, &m->points[it->what], &t->why))
      what = QF_HEARD_REFUSED;
    else
      qf_batch_add(t->batch, m->points[it->what], t->now, v, 0);
  }
  return what;
}

static qf_heard judge(qf_poll_talk *t, const qf_c188_frame *f)
{
  static const uint8_t anybody[7] = {0xAA, 0xAA, 0xAA, 0xAA, 0xAA, 0xAA, 0xAA};
  meter *m = t->device;
  qf_c188_reply r;
  if (!m || !(f->control & 0x80) || (memcmp(f->address, m->address, 7) != 0 && memcmp(m->address, anybody, 7) != 0))
    return QF_HEARD_NOTHING;
  if (qf_c188_read_reply(f, &r, &t->why))
    return QF_HEARD_REFUSED;
  if (r.ser != (uint8_t)t->serial)
    return QF_HEARD_NOTHING; /* too late */
  return take(m, &r, t);
}

static size_t hear(qf_poll_talk *t, const uint8_t *p, size_t n, qf_heard *what)
{
  qf_c188_frame f;
  bool found;
  uint32_t bad = 0;
  size_t used = qf_c188_find(p, n, &f, &found, &bad);
  *what = QF_HEARD_NOTHING;
  if (found)
    *what = judge(t, &f);
  else if (bad && used > 0) {
    qf_fail(&t->why, QF_CORRUPT, "a frame with a wrong check sum or end", "帧校验和或结束符错误");
    *what = QF_HEARD_BROKEN;
  }
  return used;
}

static const qf_poll_ops ops = {.ask = ask, .hear = hear};

/* ---- the file ---- */

static qf_rc read_type(const qf_conf *c, const char *section, uint8_t *out, qf_err *err)
{
  static const struct {
    const char *name;
    uint8_t type;
  } types[] = {{"water", 0x10}, {"hot_water", 0x11}, {"heat", 0x20}, {"cooling", 0x21}, {"gas", 0x30}};
  const char *v = qf_conf_get(c, section, "type");
  for (size_t i = 0; v && i < sizeof types / sizeof *types; i++)
    if (strcmp(v, types[i].name) == 0) {
      *out = types[i].type;
      return QF_OK;
    }
  if (v && strlen(v) == 2 && strspn(v, "0123456789ABCDEFabcdef") == 2) {
    *out = (uint8_t)strtoul(v, NULL, 16);
    return QF_OK;
  }
  return qf_conf_wrong(section, "type", "water, hot_water, heat, cooling, gas or two hexadecimal digits",
                       " water、hot_water、heat、cooling、gas 或两位十六进制", err);
}

static meter *new_meter(cjt188 *c)
{
  if (c->n == c->cap) {
    uint32_t cap = c->cap ? c->cap * 2 : 16;
    meter **more = realloc(c->meters, cap * sizeof *more);
    if (!more)
      return NULL;
    c->meters = more;
    c->cap = cap;
  }
  meter *m = calloc(1, sizeof *m);
  if (m)
    c->meters[c->n++] = m;
  return m;
}

/* section: "meter NAME" */
static qf_rc read_meter(cjt188 *c, const qf_conf *conf, const char *section, qf_err *err)
{
  char host[256];
  uint16_t port;
  int64_t swapped = 0;
  const char *name = section + strlen("meter "), *address = qf_conf_get(conf, section, "address");
  qf_rc rc = qf_conf_addr(conf, qf_conf_get(conf, section, "connect") ? section : "collector", "connect", host,
                          sizeof host, &port, err);
  if (rc)
    return rc;
  meter *m = new_meter(c);
  if (!m)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  m->c = c;
  if (!address || qf_c188_address_parse(address, m->address))
    return qf_conf_wrong(section, "address", "the meter's number, at most 14 digits", "表号，至多 14 位数字", err);
  const qf_device_name dn = {"cjt188", "meter", name, qf_conf_get(conf, section, "series"), 0};
  if ((rc = read_type(conf, section, &m->type, err)) ||
      (rc = qf_conf_int(conf, section, "swapped", 0, 1, 0, &swapped, err)) ||
      (rc = qf_device_series(conf, &dn, m->series, err)))
    return rc;
  m->swapped = swapped != 0;
  return qf_poll_add(c->poll, host, port, name, m, err);
}

static qf_rc read_file(cjt188 *c, qf_conf *conf, qf_err *err)
{
  const char *s, *unit = qf_conf_get(conf, "collector", "heat_unit");
  qf_rc rc = QF_OK;
  c->heat_unit = unit ? unit : "GJ";
  if (strcmp(c->heat_unit, "GJ") != 0 && strcmp(c->heat_unit, "MWh") != 0 && strcmp(c->heat_unit, "kWh") != 0)
    return qf_conf_wrong("collector", "heat_unit", "GJ, MWh or kWh", " GJ、MWh 或 kWh", err);
  for (uint32_t i = 0; !rc && (s = qf_conf_section(conf, i)); i++)
    if (strncmp(s, "meter ", 6) == 0 && s[6])
      rc = read_meter(c, conf, s, err);
  if (!rc && c->n == 0)
    rc = qf_fail(err, QF_SYNTAX, "no [meter NAME] in the file", "文件中没有 [meter 名称]");
  return rc;
}

static void stop(void *self)
{
  cjt188 *c = self;
  qf_poll_free(c->poll);
  for (uint32_t i = 0; i < c->n; i++)
    free(c->meters[i]);
  free(c->meters);
  free(c);
}

static qf_rc start(const qf_collect_env *env, qf_conf *conf, void **self, qf_err *err)
{
  qf_poll_opts o = {.collector = qf_conf_name(conf),
                    .protocol = "cjt188",
                    .interval_ms = 3600000,
                    .timeout_ms = 3000,
                    .connect_ms = 3000,
                    .backoff_ms = 1000,
                    .backoff_max_ms = 300000,
                    .gap_ms = 50,
                    .retries = 1};
  cjt188 *c = calloc(1, sizeof *c);
  if (!c)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  c->env = env;
  qf_rc rc = qf_poll_conf(conf, &o, err);
  if (!rc)
    rc = qf_poll_new(env, &o, &ops, &c->poll, err);
  if (!rc)
    rc = read_file(c, conf, err);
  if (!rc)
    rc = qf_poll_start(c->poll, err);
  if (rc) {
    stop(c);
    return rc;
  }
  *self = c;
  return QF_OK;
}

const qf_kind qf_kind_cjt188 = {.protocol = "cjt188", .start = start, .stop = stop};
