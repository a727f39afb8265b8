/* Modbus/TCP slaves, polled (docs/collectors.md; docs/decisions/017-modbus.md says why the frames are our own).
 *
 *   [slave NAME]      where it is: address, unit id, map, ratios of its transformers
 *   [register NAME]   what is read, [register MAP/NAME] when there are several maps
 *
 * Registers of a map that lie near each other are read by one request. A map is shared by all its slaves. */
#include "wire/modbus.h"
#include "collect/device.h"
#include "collect/field.h"
#include "collect/poll.h"
#include "wire/scale.h"
#include "wire/units.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REGS_MAX = 1000, MAPS_MAX = 200 };

typedef struct reg {
  char field[64];
  uint8_t function, words;
  uint16_t address;
  qf_mb_type type;
  qf_mb_order order;
  qf_ratio by;
  qf_num scale; /* of unit and scale together */
  bool has_invalid;
  uint64_t invalid; /* the raw value that means "no value" */
} reg;

typedef struct group { /* registers [from, to) of the map by one request */
  uint8_t function;
  uint16_t address, count;
  uint32_t from, to;
} group;

typedef struct map {
  char name[64];
  reg *regs;
  group *groups;
  uint32_t n, groups_n;
} map;

typedef struct slave {
  struct modbus *m;
  const map *map;
  uint8_t unit;
  char series[QF_LP_KEY_MAX];
  qf_num by[QF_RATIOS];
  uint32_t *points; /* of map->regs; 0: not known yet */
} slave;

typedef struct modbus {
  const qf_collect_env *env;
  qf_poll *poll;
  map *maps;
  slave **slaves;
  uint32_t maps_n, n, cap;
  int64_t gap, max; /* of a request */
} modbus;

/* ---- the exchange ---- */

static size_t ask(const qf_poll_talk *t, uint8_t *out)
{
  const slave *s = t->device;
  if (t->step >= s->map->groups_n)
    return 0;
  const group *g = &s->map->groups[t->step];
  qf_mb_write_request(&(qf_mb_request){t->serial, s->unit, g->function, g->address, g->count}, out);
  return QF_MB_REQUEST;
}

static uint64_t raw_of(const group *g, const reg *r, const uint8_t *data)
{
  unsigned at = (unsigned)(r->address - g->address);
  if (r->type == QF_MB_BIT)
    return (unsigned)data[at / 8] >> at % 8 & 1u;
  return qf_mb_raw(data + 2u * at, r->words, r->order);
}

/* One register's reading. Errors: QF_RANGE, those of the series. */
static qf_rc take(slave *s, const group *g, uint32_t i, const uint8_t *data, qf_poll_talk *t)
{
  const reg *r = &s->map->regs[i];
  uint64_t raw = raw_of(g, r, data);
  qf_num v = {0, 0};
  bool exact = true;
  uint8_t flags = r->type == QF_MB_BIT ? QF_RD_BOOL : 0;
  qf_rc rc = qf_device_point(s->m->env->city, s->series, r->field, &s->points[i], &t->why);
  if (rc)
    return rc;
  if (r->has_invalid && raw == r->invalid)
    flags |= QF_RD_SENTINEL;
  else {
    rc = qf_mb_value(raw, r->type, r->words, &v, &exact);
    if (rc &&
        (r->type == QF_MB_F32 || r->type == QF_MB_F64)) { /* devices say "no value" by a float that is no number */
      flags |= QF_RD_SENTINEL;
      v = (qf_num){0, 0};
    } else if (rc || qf_num_times(v, r->scale, &v, &exact) || qf_num_times(v, s->by[r->by], &v, &exact))
      return qf_fail(&t->why, QF_RANGE, "register %s at %u: %llX hex is no value of its type",
                     "寄存器 %s（地址 %u）：%llX（十六进制）不是该类型的值", r->field, r->address,
                     (unsigned long long)raw);
  }
  qf_batch_add(t->batch, s->points[i], t->now, v, (uint8_t)(flags | (exact ? 0 : QF_RD_INEXACT)));
  return QF_OK;
}

static qf_heard take_group(qf_poll_talk *t, const uint8_t *data)
{
  slave *s = t->device;
  const group *g = &s->map->groups[t->step];
  qf_heard what = QF_HEARD_ANSWER;
  if (qf_batch_reserve(t->batch, g->to - g->from)) {
    qf_fail(&t->why, QF_NOMEM, "out of memory", "内存不足");
    return QF_HEARD_REFUSED;
  }
  for (uint32_t i = g->from; i < g->to; i++)
    if (take(s, g, i, data, t))
      what = QF_HEARD_REFUSED; /* in part: the others are good */
  return what;
}

static size_t hear(qf_poll_talk *t, const uint8_t *p, size_t n, qf_heard *what)
{
  size_t len;
  qf_mb_answer a;
  if (qf_mb_frame(p, n, &len, &t->why))
    return QF_CONN_CLOSE;
  if (len == 0)
    return 0;
  *what = QF_HEARD_NOTHING;
  if (!t->device || (p[0] << 8 | p[1]) != t->serial)
    return len; /* too late, or never asked for */
  const slave *s = t->device;
  const group *g = &s->map->groups[t->step];
  const qf_mb_request r = {t->serial, s->unit, g->function, g->address, g->count};
  *what = QF_HEARD_REFUSED;
  if (qf_mb_read_answer(p, len, &a, &t->why) || qf_mb_fits(&r, &a, &t->why))
    return len;
  if (a.exception) {
    if (qf_mb_exception(a.exception, &t->why) == QF_NOTFOUND)
      *what = QF_HEARD_ABSENT;
    return len;
  }
  *what = take_group(t, a.data);
  return len;
}

static const qf_poll_ops ops = {.ask = ask, .hear = hear};

/* ---- the file ---- */

static map *map_of(modbus *m, const char *name, size_t len, bool make)
{
  for (uint32_t i = 0; i < m->maps_n; i++)
    if (strlen(m->maps[i].name) == len && memcmp(m->maps[i].name, name, len) == 0)
      return &m->maps[i];
  if (!make || m->maps_n == MAPS_MAX || len >= sizeof m->maps->name)
    return NULL;
  map *p = &m->maps[m->maps_n++];
  memcpy(p->name, name, len);
  return p;
}

static qf_rc read_type(const qf_conf *c, const char *section, reg *r, qf_err *err)
{
  bool bits = r->function <= QF_MB_INPUTS;
  const char *type = qf_conf_get(c, section, "type"), *order = qf_conf_get(c, section, "order"),
             *invalid = qf_conf_get(c, section, "invalid");
  if (qf_mb_type_parse(type ? type : bits ? "bit" : "u16", &r->type, &r->words) || bits != (r->type == QF_MB_BIT))
    return qf_conf_wrong(section, "type",
                         "u16 s16 u32 s32 u64 s64 f32 f64 bcd16 bcd32 bcd48 bcd64; bit for functions 1 and 2",
                         " u16 s16 u32 s32 u64 s64 f32 f64 bcd16 bcd32 bcd48 bcd64；功能码 1、2 为 bit", err);
  if (order && qf_mb_order_parse(order, &r->order))
    return qf_conf_wrong(section, "order", "ABCD CDAB BADC DCBA", " ABCD CDAB BADC DCBA", err);
  if (invalid) {
    char *end;
    r->invalid = strtoull(invalid, &end, 0);
    r->has_invalid = true;
    if (*end || end == invalid)
      return qf_conf_wrong(section, "invalid", "a raw value such as 0xFFFFFFFF", "原始值，如 0xFFFFFFFF", err);
  }
  return QF_OK;
}

static qf_rc read_scale(const qf_conf *c, const char *section, reg *r, qf_err *err)
{
  const char *unit = qf_conf_get(c, section, "unit"), *as = qf_conf_get(c, section, "as");
  qf_rc rc = qf_conf_factor(c, section, "scale", &r->scale, err);
  if (rc || (rc = qf_conf_ratio(c, section, &r->by, err)))
    return rc;
  if (as && (!unit || qf_unit_factor(r->scale, unit, as, &r->scale)))
    return qf_conf_wrong(section, "as", "a unit of the same kind as `unit`", "与 unit 同类的单位", err);
  return QF_OK;
}

/* section: "register NAME" or "register MAP/NAME" */
static qf_rc read_register(modbus *m, const qf_conf *c, const char *section, qf_err *err)
{
  const char *name = section + strlen("register "), *slash = strchr(name, '/');
  map *p = map_of(m, name, slash ? (size_t)(slash - name) : 0, true);
  reg r = {.order = QF_MB_ABCD};
  int64_t function, address;
  const char *field = qf_conf_get(c, section, "field");
  if (!field)
    field = slash ? slash + 1 : name;
  if (!p || p->n == REGS_MAX)
    return qf_fail(err, QF_FULL, "[%s]: more than %d maps or %d registers in one, or the map's name is too long",
                   "[%s]：表超过 %d 个，或一个表的寄存器超过 %d 个，或表名过长", section, MAPS_MAX, REGS_MAX);
  if (!*field || strlen(field) >= sizeof r.field)
    return qf_conf_wrong(section, "field", "1 to 63 bytes", " 1 至 63 字节", err);
  snprintf(r.field, sizeof r.field, "%s", field);
  qf_rc rc = qf_conf_int(c, section, "function", 1, 4, 3, &function, err);
  if (rc || (rc = qf_conf_int(c, section, "address", 0, 65535, -1, &address, err)))
    return rc;
  if (address < 0)
    return qf_conf_wrong(section, "address", "0 to 65535, as on the wire", " 0 至 65535，按线路上的编号", err);
  r.function = (uint8_t)function;
  r.address = (uint16_t)address;
  if ((rc = read_type(c, section, &r, err)) || (rc = read_scale(c, section, &r, err)))
    return rc;
  if (r.address + r.words > 65536 || r.words > m->max)
    return qf_conf_wrong(section, "address", "a value that ends at 65535 and fits max_registers",
                         "不超出 65535 且不超过 max_registers 的地址", err);
  reg *more = realloc(p->regs, (p->n + 1) * sizeof r);
  if (!more)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  p->regs = more;
  p->regs[p->n++] = r;
  return QF_OK;
}

static int by_address(const void *a, const void *b)
{
  const reg *x = a, *y = b;
  if (x->function != y->function)
    return x->function < y->function ? -1 : 1;
  return x->address < y->address ? -1 : x->address > y->address;
}

static qf_rc group_map(const modbus *m, map *p, qf_err *err)
{
  qsort(p->regs, p->n, sizeof *p->regs, by_address);
  p->groups = calloc(p->n ? p->n : 1, sizeof *p->groups);
  if (!p->groups)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  for (uint32_t i = 0; i < p->n; i++) {
    const reg *r = &p->regs[i];
    group *g = p->groups_n ? &p->groups[p->groups_n - 1] : NULL;
    int64_t max = r->function <= QF_MB_INPUTS ? QF_MB_BITS_MAX : m->max;
    int64_t end = r->address + r->words;
    if (g && g->function == r->function && r->address <= g->address + g->count + m->gap && end - g->address <= max) {
      if (end > g->address + g->count)
        g->count = (uint16_t)(end - g->address);
      g->to = i + 1;
    } else
      p->groups[p->groups_n++] = (group){r->function, r->address, r->words, i, i + 1};
  }
  return QF_OK;
}

typedef struct place { /* of [slave ...] */
  const char *section, *name, *series;
  char host[256];
  uint16_t port;
  int first, last; /* unit ids */
} place;

static slave *new_slave(modbus *m)
{
  if (m->n == m->cap) {
    uint32_t cap = m->cap ? m->cap * 2 : 16;
    slave **more = realloc(m->slaves, cap * sizeof *more);
    if (!more)
      return NULL;
    m->slaves = more;
    m->cap = cap;
  }
  slave *s = calloc(1, sizeof *s);
  if (s)
    m->slaves[m->n++] = s;
  return s;
}

static qf_rc add_slave(modbus *m, const qf_conf *c, const place *w, int unit, qf_err *err)
{
  char name[QF_LINK_NAME_MAX];
  const char *map_name = qf_conf_get(c, w->section, "map");
  qf_rc rc;
  slave *s = new_slave(m);
  if (!s)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  s->m = m;
  s->unit = (uint8_t)unit;
  s->map = map_of(m, map_name ? map_name : "", map_name ? strlen(map_name) : 0, false);
  if (!s->map)
    return qf_conf_wrong(w->section, "map", "a map that some [register MAP/...] names",
                         "某个 [register 表/…] 所命名的表", err);
  if (!(s->points = calloc(s->map->n, sizeof *s->points)))
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  if ((rc = qf_conf_ratios(c, w->section, s->by, err)))
    return rc;
  if (w->first < w->last)
    snprintf(name, sizeof name, "%.80s-%d", w->name, unit);
  else
    snprintf(name, sizeof name, "%.95s", w->name);
  if (w->first < w->last && w->series && !strstr(w->series, "{unit}"))
    return qf_conf_wrong(w->section, "series", "{unit} somewhere in it, as there are several unit ids",
                         "含 {unit}，因有多个单元号", err);
  if ((rc = qf_device_series(c, &(qf_device_name){"modbus", "slave", name, w->series, s->unit}, s->series, err)))
    return rc;
  return qf_poll_add(m->poll, w->host, w->port, name, s, err);
}

/* section: "slave NAME" */
static qf_rc read_slave(modbus *m, const qf_conf *c, const char *section, qf_err *err)
{
  place w = {.section = section, .name = section + strlen("slave "), .series = qf_conf_get(c, section, "series")};
  const char *unit = qf_conf_get(c, section, "unit");
  char extra;
  const char *at = qf_conf_get(c, section, "address") ? section : "collector";
  qf_rc rc = qf_conf_addr(c, at, at == section ? "address" : "connect", w.host, sizeof w.host, &w.port, err);
  if (rc)
    return rc;
  int got =
      unit ? sscanf(unit, "%d-%d%c", &w.first, &w.last, &extra) : 0; /* NOLINT(cert-err34-c): the range is checked */
  if (!unit)
    w.first = w.last = 1;
  else if (got == 1 && strspn(unit, "0123456789") == strlen(unit))
    w.last = w.first;
  else if (got != 2)
    w.first = -1;
  if (w.first < 0 || w.last > 255 || w.first > w.last)
    return qf_conf_wrong(section, "unit", "a unit id 0 to 255, or a range such as 1-20",
                         "单元号 0 至 255，或 1-20 这样的范围", err);
  for (int u = w.first; !rc && u <= w.last; u++)
    rc = add_slave(m, c, &w, u, err);
  return rc;
}

static bool begins(const char *s, const char *with)
{
  return strncmp(s, with, strlen(with)) == 0 && s[strlen(with)];
}

static qf_rc read_file(modbus *m, qf_conf *c, qf_err *err)
{
  qf_rc rc = qf_conf_int(c, "collector", "gap_registers", 0, 124, 8, &m->gap, err);
  if (!rc)
    rc = qf_conf_int(c, "collector", "max_registers", 1, QF_MB_REGS_MAX, QF_MB_REGS_MAX, &m->max, err);
  const char *s;
  for (uint32_t i = 0; !rc && (s = qf_conf_section(c, i)); i++)
    if (begins(s, "register "))
      rc = read_register(m, c, s, err);
  for (uint32_t i = 0; !rc && i < m->maps_n; i++)
    rc = group_map(m, &m->maps[i], err);
  for (uint32_t i = 0; !rc && (s = qf_conf_section(c, i)); i++)
    if (begins(s, "slave "))
      rc = read_slave(m, c, s, err);
  if (!rc && m->n == 0)
    rc = qf_fail(err, QF_SYNTAX, "no [slave NAME] in the file", "文件中没有 [slave 名称]");
  return rc;
}

static void stop(void *self)
{
  modbus *m = self;
  qf_poll_free(m->poll);
  for (uint32_t i = 0; i < m->n; i++) {
    free(m->slaves[i]->points);
    free(m->slaves[i]);
  }
  for (uint32_t i = 0; i < m->maps_n; i++) {
    free(m->maps[i].regs);
    free(m->maps[i].groups);
  }
  free(m->slaves);
  free(m->maps);
  free(m);
}

static qf_rc start(const qf_collect_env *env, qf_conf *conf, void **self, qf_err *err)
{
  qf_poll_opts o = {.collector = qf_conf_name(conf),
                    .protocol = "modbus",
                    .interval_ms = 60000,
                    .timeout_ms = 1000,
                    .connect_ms = 3000,
                    .backoff_ms = 1000,
                    .backoff_max_ms = 300000};
  modbus *m = calloc(1, sizeof *m);
  if (!m || !(m->maps = calloc(MAPS_MAX, sizeof *m->maps))) {
    free(m);
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  }
  m->env = env;
  qf_rc rc = qf_poll_conf(conf, &o, err);
  if (!rc)
    rc = qf_poll_new(env, &o, &ops, &m->poll, err);
  if (!rc)
    rc = read_file(m, conf, err);
  if (!rc)
    rc = qf_poll_start(m->poll, err);
  if (rc) {
    stop(m);
    return rc;
  }
  *self = m;
  return QF_OK;
}

void qf_modbus_stats(void *self, qf_poll_stats *out)
{
  qf_poll_get_stats(((modbus *)self)->poll, out);
}

const qf_kind qf_kind_modbus = {.protocol = "modbus", .start = start, .stop = stop};
