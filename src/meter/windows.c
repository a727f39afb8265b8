#include "meter/windows.h"
#include <assert.h>

void qf_apportion(int64_t total, const uint64_t *weight, size_t n, int64_t *part)
{
  qf_u128 rem[QF_PARTS_MAX] QF_UNSET, all = 0;
  assert(n >= 1 && n <= QF_PARTS_MAX);
  for (size_t i = 0; i < n; i++)
    all += weight[i];
  uint64_t size = total < 0 ? -(uint64_t)total : (uint64_t)total, left = size;
  for (size_t i = 0; i < n; i++) {
    qf_u128 share = (qf_u128)size * (all ? weight[i] : 1), whole = all ? all : n;
    uint64_t q = (uint64_t)(share / whole);
    rem[i] = share % whole;
    left -= q;
    part[i] = (int64_t)q;
  }
  for (; left; left--) { /* fewer than n counts are left, and each has a remainder waiting for it */
    size_t best = 0;
    for (size_t i = 1; i < n; i++)
      if (rem[i] > rem[best])
        best = i;
    part[best]++;
    rem[best] = 0;
  }
  for (size_t i = 0; total < 0 && i < n; i++)
    part[i] = -part[i];
}

int qf_day_slot(qf_us t)
{
  return (int)((t - qf_day_cn_start(qf_day_cn(t))) / QF_US_QUARTER);
}

typedef struct cut { /* the quarters of [t0, t1) within one day */
  qf_us first;
  size_t n;
  qf_us overlap[QF_DAY_QUARTERS];
  uint64_t weight[QF_DAY_QUARTERS], sum;
} cut;

static void cut_day(cut *c, qf_us t0, qf_us t1, const qf_shape *shape)
{
  int32_t day = qf_day_cn(t0);
  int cls = shape ? (int)qf_calendar_class(shape->calendar, day) : 0;
  qf_us start = qf_day_cn_start(day);
  c->first = qf_floor(t0, QF_US_QUARTER);
  c->n = 0;
  c->sum = 0;
  for (qf_us q = c->first; q < t1; q += QF_US_QUARTER) {
    qf_us from = q > t0 ? q : t0, to = q + QF_US_QUARTER < t1 ? q + QF_US_QUARTER : t1;
    uint64_t w = shape ? shape->w[cls][(q - start) / QF_US_QUARTER] : 1;
    c->overlap[c->n] = to - from;
    c->weight[c->n] = w * (uint64_t)(to - from);
    c->sum += c->weight[c->n++];
  }
}

static void spread_day(qf_us t0, qf_us t1, int64_t x, const qf_shape *shape, qf_part_fn *fn, void *ud)
{
  qf_us first = qf_floor(t0, QF_US_QUARTER);
  if (t1 <= first + QF_US_QUARTER) { /* most spans: within one quarter, nothing to share out */
    fn(ud, first, t1 - t0, x);
    return;
  }
  cut c QF_UNSET;
  int64_t part[QF_DAY_QUARTERS] QF_UNSET;
  cut_day(&c, t0, t1, shape);
  qf_apportion(x, c.weight, c.n, part);
  for (size_t i = 0; i < c.n; i++)
    fn(ud, c.first + (qf_us)i * QF_US_QUARTER, c.overlap[i], part[i]);
}

/* Weight of each day of [t0, t1); returns the number of days and their sum. */
static size_t day_weights(qf_us t0, qf_us t1, const qf_shape *shape, uint64_t *weight, uint64_t *sum)
{
  size_t n = 0;
  *sum = 0;
  for (qf_us a = t0; a < t1;) {
    qf_us b = qf_day_cn_start(qf_day_cn(a) + 1);
    b = b < t1 ? b : t1;
    cut c QF_UNSET;
    cut_day(&c, a, b, shape);
    assert(n < QF_PARTS_MAX);
    weight[n++] = c.sum;
    *sum += c.sum;
    a = b;
  }
  return n;
}

void qf_spread(qf_us t0, qf_us t1, int64_t x, const qf_shape *shape, qf_part_fn *fn, void *ud)
{
  uint64_t weight[QF_PARTS_MAX] QF_UNSET, sum;
  int64_t part[QF_PARTS_MAX] QF_UNSET;
  if (!shape && qf_day_cn(t0) == qf_day_cn(t1 - 1)) { /* most spans: a minute inside one day */
    spread_day(t0, t1, x, NULL, fn, ud);
    return;
  }
  size_t n = day_weights(t0, t1, shape, weight, &sum);
  if (sum == 0) { /* the like days know no use at this time, yet there was some */
    shape = NULL;
    n = day_weights(t0, t1, NULL, weight, &sum);
  }
  qf_apportion(x, weight, n, part);
  for (size_t i = 0; i < n; i++) {
    qf_us b = qf_day_cn_start(qf_day_cn(t0) + 1);
    b = b < t1 ? b : t1;
    spread_day(t0, b, part[i], weight[i] ? shape : NULL, fn, ud);
    t0 = b;
  }
}
