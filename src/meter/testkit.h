/* For the tests of this room: a readings store in memory that keeps what a real one keeps, and a ledger that does with
 * what the meter reports exactly what the sink's contract says (replace by hour and day, drop from a restart on). */
#ifndef QF_METER_TESTKIT_H
#define QF_METER_TESTKIT_H
#include "meter/vee.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h> /* after the ones it needs */

#define KIT_POINTS 1024

typedef struct kit_list {
  void *at;
  size_t n, cap;
} kit_list;

typedef struct kit {
  qf_meter *m;
  kit_list readings[KIT_POINTS]; /* qf_reading by time, then arrival */
  kit_list hours[KIT_POINTS];    /* qf_hour by time */
  kit_list days[KIT_POINTS];     /* qf_day by day */
  kit_list alarms;               /* qf_alarm as told */
  uint64_t restarts, reruns_readings;
  qf_batch batch;
  qf_us receive; /* given with the next batch */
} kit;

static inline void *kit_insert(kit_list *l, size_t size, size_t at)
{
  if (l->n == l->cap) {
    l->cap = l->cap ? l->cap * 2 : 64;
    l->at = realloc(l->at, l->cap * size);
    assert_non_null(l->at);
  }
  char *p = (char *)l->at + at * size;
  memmove(p + size, p, (l->n - at) * size);
  l->n++;
  return p;
}

static inline size_t kit_hour_at(const kit_list *l, qf_us hour) /* first not before hour */
{
  size_t lo = 0, hi = l->n;
  while (lo < hi) {
    size_t mid = (lo + hi) / 2;
    if (((const qf_hour *)l->at)[mid].hour_us < hour)
      lo = mid + 1;
    else
      hi = mid;
  }
  return lo;
}

static inline size_t kit_day_at(const kit_list *l, int32_t day)
{
  size_t i = l->n;
  while (i > 0 && ((const qf_day *)l->at)[i - 1].day >= day)
    i--;
  return i;
}

static inline size_t kit_reading_at(const kit_list *l, qf_us ts)
{
  size_t lo = 0, hi = l->n;
  while (lo < hi) {
    size_t mid = (lo + hi) / 2;
    if (((const qf_reading *)l->at)[mid].ts_us < ts)
      lo = mid + 1;
    else
      hi = mid;
  }
  return lo;
}

static inline void kit_hours(void *ud, const qf_hour *h, size_t n)
{
  kit *k = ud;
  for (size_t i = 0; i < n; i++) {
    kit_list *l = &k->hours[h[i].point];
    size_t at = kit_hour_at(l, h[i].hour_us);
    if (at == l->n || ((qf_hour *)l->at)[at].hour_us != h[i].hour_us)
      kit_insert(l, sizeof *h, at);
    ((qf_hour *)l->at)[at] = h[i];
  }
}

static inline void kit_days(void *ud, const qf_day *d, size_t n)
{
  kit *k = ud;
  for (size_t i = 0; i < n; i++) {
    kit_list *l = &k->days[d[i].point];
    size_t at = kit_day_at(l, d[i].day);
    if (at == l->n || ((qf_day *)l->at)[at].day != d[i].day)
      kit_insert(l, sizeof *d, at);
    ((qf_day *)l->at)[at] = d[i];
  }
}

static inline void kit_restart(void *ud, uint32_t point, qf_us from)
{
  kit *k = ud;
  k->restarts++;
  k->hours[point].n = kit_hour_at(&k->hours[point], from);
  k->days[point].n = kit_day_at(&k->days[point], qf_day_cn(from));
}

static inline void kit_alarm(void *ud, const qf_alarm *a)
{
  kit *k = ud;
  qf_alarm *p = kit_insert(&k->alarms, sizeof *a, k->alarms.n);
  *p = *a;
}

static inline qf_rc kit_range(void *ud, uint32_t point, qf_us from, qf_us to, bool (*fn)(void *, const qf_reading *),
                              void *fn_ud)
{
  kit *k = ud;
  const kit_list *l = &k->readings[point];
  for (size_t i = kit_reading_at(l, from); i < l->n; i++) {
    const qf_reading *r = (const qf_reading *)l->at + i;
    if (r->ts_us >= to)
      break;
    k->reruns_readings++;
    if (!fn(fn_ud, r))
      break;
  }
  return QF_OK;
}

static inline qf_meter_sink kit_sink(kit *k)
{
  return (qf_meter_sink){kit_hours, kit_days, kit_alarm, kit_restart, k};
}

static inline kit *kit_new(void)
{
  kit *k = calloc(1, sizeof *k);
  assert_non_null(k);
  qf_batch_init(&k->batch);
  k->receive = INT64_C(4102444800000000); /* 2100: nothing is ahead of its time unless a test says so */
  qf_meter_sink sink = kit_sink(k);
  qf_meter_source source = {kit_range, k};
  assert_int_equal(qf_meter_new(&sink, &source, &k->m), QF_OK);
  return k;
}

static inline void kit_free(kit *k)
{
  qf_meter_free(k->m);
  for (int i = 0; i < KIT_POINTS; i++) {
    free(k->readings[i].at);
    free(k->hours[i].at);
    free(k->days[i].at);
  }
  free(k->alarms.at);
  qf_batch_fini(&k->batch);
  free(k);
}

/* As the readings store: an exact repetition is kept once, another value for the same stamp behind the first. */
static inline void kit_store(kit *k, uint32_t point, const qf_reading *r)
{
  kit_list *l = &k->readings[point];
  size_t at = kit_reading_at(l, r->ts_us);
  for (; at < l->n && ((qf_reading *)l->at)[at].ts_us == r->ts_us; at++) {
    const qf_reading *o = (const qf_reading *)l->at + at;
    if (o->v.mant == r->v.mant && o->v.exp == r->v.exp && o->flags == r->flags)
      return;
  }
  kit_insert(l, sizeof *r, at);
  ((qf_reading *)l->at)[at] = *r;
}

static inline void kit_add(kit *k, uint32_t point, const qf_reading *r)
{
  assert_int_equal(qf_batch_reserve(&k->batch, 1), QF_OK);
  qf_batch_add(&k->batch, point, r->ts_us, r->v, r->flags);
}

static inline void kit_send(kit *k)
{
  for (uint32_t i = 0; i < k->batch.n; i++) {
    qf_reading r = {k->batch.ts_us[i], {k->batch.mant[i], k->batch.exp[i]}, k->batch.flags[i]};
    kit_store(k, k->batch.point[i], &r);
  }
  assert_int_equal(qf_meter_feed(k->m, &k->batch, k->receive), QF_OK);
  k->batch.n = 0;
}

static inline void kit_tick(kit *k)
{
  assert_int_equal(qf_meter_tick(k->m, 0), QF_OK);
}

static inline qf_us kit_time(const char *s)
{
  qf_us t;
  assert_int_equal(qf_tm_parse(s, strlen(s), &t), QF_OK);
  return t;
}

static inline qf_num kit_num(const char *s)
{
  qf_num v;
  assert_int_equal(qf_num_parse(s, strlen(s), &v, NULL), QF_OK);
  return v;
}

/* One reading, sent at once. */
static inline void kit_put(kit *k, uint32_t point, qf_us t, const char *v)
{
  qf_reading r = {t, kit_num(v), 0};
  kit_add(k, point, &r);
  kit_send(k);
}

static inline const qf_hour *kit_hour(const kit *k, uint32_t point, qf_us t)
{
  const kit_list *l = &k->hours[point];
  qf_us hour = qf_floor(t, QF_US_HOUR);
  size_t at = kit_hour_at(l, hour);
  return at < l->n && ((const qf_hour *)l->at)[at].hour_us == hour ? (const qf_hour *)l->at + at : NULL;
}

static inline const qf_day *kit_day(const kit *k, uint32_t point, qf_us t)
{
  const kit_list *l = &k->days[point];
  int32_t day = qf_day_cn(t);
  size_t at = kit_day_at(l, day);
  return at < l->n && ((const qf_day *)l->at)[at].day == day ? (const qf_day *)l->at + at : NULL;
}

/* Sum of all quarters booked, 10^-6 units; rules of all hours. */
static inline int64_t kit_sum(const kit *k, uint32_t point)
{
  int64_t sum = 0;
  const qf_hour *h = k->hours[point].at;
  for (size_t i = 0; i < k->hours[point].n; i++)
    for (int q = 0; q < 4; q++)
      sum += h[i].status[q] == QF_ST_MISSING ? 0 : h[i].q[q];
  return sum;
}

static inline uint32_t kit_rules(const kit *k, uint32_t point)
{
  uint32_t rules = 0;
  const qf_hour *h = k->hours[point].at;
  for (size_t i = 0; i < k->hours[point].n; i++)
    rules |= h[i].rules;
  return rules;
}

static inline unsigned kit_count(const kit *k, uint32_t point, uint8_t status)
{
  unsigned n = 0;
  const qf_hour *h = k->hours[point].at;
  for (size_t i = 0; i < k->hours[point].n; i++)
    for (int q = 0; q < 4; q++)
      n += h[i].status[q] == status;
  return n;
}

static inline void kit_same(const kit *a, const kit *b, uint32_t p)
{
  assert_int_equal(a->hours[p].n, b->hours[p].n);
  for (size_t i = 0; i < a->hours[p].n; i++) {
    const qf_hour *x = (const qf_hour *)a->hours[p].at + i, *y = (const qf_hour *)b->hours[p].at + i;
    assert_true(x->hour_us == y->hour_us && x->rules == y->rules && x->readings == y->readings);
    assert_true(x->min == y->min && x->max == y->max);
    assert_memory_equal(x->status, y->status, sizeof x->status);
    assert_memory_equal(x->q, y->q, sizeof x->q);
  }
  assert_int_equal(a->days[p].n, b->days[p].n);
  for (size_t i = 0; i < a->days[p].n; i++) {
    const qf_day *x = (const qf_day *)a->days[p].at + i, *y = (const qf_day *)b->days[p].at + i;
    assert_true(x->day == y->day && x->value == y->value && x->estimated == y->estimated && x->rules == y->rules);
    assert_true(x->quarters == y->quarters && x->quarters_estimated == y->quarters_estimated);
    assert_true(x->peak == y->peak && x->peak_us == y->peak_us);
  }
}

/* A small, seeded generator (xorshift64*). */
static inline uint64_t kit_rand(uint64_t *s)
{
  *s ^= *s >> 12;
  *s ^= *s << 25;
  *s ^= *s >> 27;
  return *s * UINT64_C(2685821657736338717);
}
#endif
