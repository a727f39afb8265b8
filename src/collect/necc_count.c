/* How complete a unit's data are. A window counts once, as received when a valid reading of it is kept; expected is every window of
 * the month that is over, of the items the file names and of those that were ever received. The aim is 90 %. */
#include "collect/necc.h"
#include "collect/necc_int.h"
#include <stdlib.h>
#include <string.h>

typedef struct owed { /* one item of one unit */
  uint32_t unit, point;
  char code[QF_NECC_CODE + 1];
  uint8_t stat;
  uint64_t expected, received;
} owed;

typedef struct list {
  owed *all;
  size_t n, cap;
} list;

static bool add(list *l, const owed *o)
{
  if (l->n == l->cap) {
    size_t cap = l->cap ? l->cap * 2 : 64;
    owed *p = realloc(l->all, cap * sizeof *p);
    if (!p)
      return false;
    l->all = p;
    l->cap = cap;
  }
  l->all[l->n++] = *o;
  return true;
}

static int by_item(const void *a, const void *b)
{
  const owed *x = a, *y = b;
  if (x->unit != y->unit)
    return x->unit < y->unit ? -1 : 1;
  int c = strcmp(x->code, y->code);
  if (c)
    return c;
  if (x->stat != y->stat)
    return x->stat < y->stat ? -1 : 1;
  return x->point > y->point ? -1 : x->point < y->point; /* with its series first */
}

static bool named(const qf_necc_platform *p, uint32_t unit, list *l)
{
  const qf_necc_unit *u = p->unit[unit];
  for (uint32_t i = 0; i < u->items; i++) {
    owed o = {.unit = unit, .stat = u->item[i].stat};
    memcpy(o.code, u->item[i].code, sizeof o.code);
    if (!add(l, &o))
      return false;
  }
  return true;
}

static bool received(const qf_necc_platform *p, const char *only, list *l)
{
  qf_city *c = p->door.env->city;
  uint32_t n = qf_city_series_count(c);
  for (uint32_t i = 1; i <= n; i++) {
    char unit[33];
    owed o = {.point = i};
    const char *key = qf_city_series_key(c, i);
    if (!key || !qf_necc_series_read(key, o.code, &o.stat, unit) || (only && strcmp(only, unit) != 0))
      continue;
    while (o.unit < p->units && strcmp(p->unit[o.unit]->guest.name, unit) != 0)
      o.unit++;
    if (o.unit < p->units && !add(l, &o))
      return false;
  }
  return true;
}

static void once(list *l)
{
  size_t n = 0;
  if (l->n)
    qsort(l->all, l->n, sizeof *l->all, by_item);
  for (size_t i = 0; i < l->n; i++) {
    owed *was = n ? &l->all[n - 1] : NULL;
    if (!was || was->unit != l->all[i].unit || was->stat != l->all[i].stat || strcmp(was->code, l->all[i].code) != 0)
      l->all[n++] = l->all[i];
  }
  l->n = n;
}

typedef struct span {
  qf_us from, to, now;
} span;

static void bucket(void *ud, const qf_rollup *r)
{
  if (r->count)
    (*(uint64_t *)ud)++;
}

static qf_rc count(const qf_necc_platform *p, const span *s, owed *o, qf_err *err)
{
  const qf_necc_unit *u = p->unit[o->unit];
  qf_us from = s->from > u->since ? s->from : u->since, at = qf_necc_begin(from, o->stat, u->minutes), end;
  if (at < from)
    at = qf_necc_next(at, o->stat, u->minutes);
  qf_us first = at;
  for (; at < s->to && (end = qf_necc_next(at, o->stat, u->minutes)) <= s->now; at = end)
    o->expected++;
  if (!o->point || first >= at)
    return QF_OK;
  bool day = o->stat != QF_NECC_REALTIME;
  const qf_rollup_query q = {.points = &o->point,
                             .npoints = 1,
                             .from = first,
                             .to = at,
                             .step_us = day ? QF_US_DAY : (qf_us)u->minutes * QF_US_MINUTE,
                             .grid_us = day ? QF_CN_OFFSET : 0};
  qf_rc rc = qf_readings_rollup(qf_city_readings(p->door.env->city), &q, bucket, &o->received, err);
  if (o->received > o->expected) /* a month stamped on several days is one */
    o->received = o->expected;
  return rc;
}

static void put_share(qf_buf *out, uint64_t received, uint64_t expected)
{
  qf_buf_printf(out, ",\"expected\":%llu,\"received\":%llu,\"share\":", (unsigned long long)expected,
                (unsigned long long)received);
  if (expected)
    qf_buf_printf(out, "%.4f}", (double)received / (double)expected);
  else
    qf_buf_puts(out, "null}");
}

static void put_items(qf_buf *out, const qf_necc_unit *u, const owed *o, size_t n)
{
  qf_buf_puts(out, ",\"items\":[");
  for (size_t i = 0; i < n; i++) {
    const char *name = qf_necc_energy(o[i].code);
    qf_buf_printf(out, "%s{\"code\":\"%s\",\"name\":", i ? "," : "", o[i].code);
    qf_buf_json(out, name ? name : "", name ? strlen(name) : 0);
    qf_buf_printf(out, ",\"stat\":\"%s\",\"minutes\":%u", qf_necc_stat_name(o[i].stat),
                  o[i].stat == QF_NECC_REALTIME ? u->minutes : 0);
    put_share(out, o[i].received, o[i].expected);
  }
  qf_buf_putc(out, ']');
}

static void put_unit(qf_buf *out, const qf_necc_unit *u, const owed *o, size_t n, bool items)
{
  uint64_t expected = 0, has = 0;
  for (size_t i = 0; i < n; i++) {
    expected += o[i].expected;
    has += o[i].received;
  }
  qf_buf_printf(out, "{\"unit\":\"%s\",\"name\":", u->guest.name);
  qf_buf_json(out, u->title ? u->title : "", u->title ? strlen(u->title) : 0);
  if (items)
    put_items(out, u, o, n);
  put_share(out, has, expected);
}

static void put_units(qf_buf *out, const qf_necc_platform *p, const list *l, const char *only)
{
  bool first = true;
  for (uint32_t i = 0, at = 0; i < p->units; i++) {
    uint32_t from = at;
    while (at < l->n && l->all[at].unit == i)
      at++;
    if (only && strcmp(only, p->unit[i]->guest.name) != 0)
      continue;
    if (!first)
      qf_buf_putc(out, ',');
    first = false;
    put_unit(out, p->unit[i], l->all + from, at - from, only != NULL);
  }
}

qf_rc qf_necc_completeness(void *self, int32_t month, const char *unit, qf_buf *out, qf_err *err)
{
  const qf_necc_platform *p = self;
  list l = {0};
  const span s = {qf_day_cn_start(qf_month_first_day(month)), qf_day_cn_start(qf_month_first_day(month + 1)),
                  qf_city_now(p->door.env->city)};
  bool ok = true;
  for (uint32_t i = 0; ok && i < p->units; i++)
    if (!unit || strcmp(unit, p->unit[i]->guest.name) == 0)
      ok = named(p, i, &l);
  qf_rc rc = ok && received(p, unit, &l) ? QF_OK : qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  once(&l);
  for (size_t i = 0; !rc && i < l.n; i++) /* a named item that was never received has no series */
    rc = count(p, &s, &l.all[i], err);
  if (!rc) {
    qf_buf_puts(out, "{\"collector\":");
    qf_buf_json(out, p->door.name, strlen(p->door.name));
    qf_buf_puts(out, ",\"month\":\"");
    qf_month_write(out, month);
    qf_buf_puts(out, "\",\"aim\":0.9,\"units\":[");
    put_units(out, p, &l, unit);
    qf_buf_puts(out, "]}");
  }
  free(l.all);
  return rc;
}
