#include "meter/testkit.h"

typedef struct parts {
  qf_us quarter[2000];
  int64_t x[2000], sum;
  qf_us time;
  size_t n;
} parts;

static void take(void *ud, qf_us quarter, qf_us overlap, int64_t x)
{
  parts *p = ud;
  p->quarter[p->n] = quarter;
  p->x[p->n++] = x;
  p->sum += x;
  p->time += overlap;
}

/* 100 in three equal parts: 33.3.. each; the one left over goes to the first of equal remainders. */
static void thirds(void **state)
{
  (void)state;
  uint64_t w[3] = {1, 1, 1};
  int64_t part[3];
  qf_apportion(100, w, 3, part);
  assert_int_equal(part[0], 34);
  assert_int_equal(part[1], 33);
  assert_int_equal(part[2], 33);
  qf_apportion(-100, w, 3, part);
  assert_int_equal(part[0], -34);
  assert_int_equal(part[0] + part[1] + part[2], -100);
}

/* Shares of 10 by 5:3:1 are 5.55, 3.33, 1.11: floors 5, 3, 1, and the one left over goes to .55. */
static void largest_remainder(void **state)
{
  (void)state;
  uint64_t w[3] = {5, 3, 1};
  int64_t part[3];
  qf_apportion(10, w, 3, part);
  assert_int_equal(part[0], 6);
  assert_int_equal(part[1], 3);
  assert_int_equal(part[2], 1);
  uint64_t back[3] = {1, 3, 5};
  qf_apportion(10, back, 3, part);
  assert_int_equal(part[0], 1);
  assert_int_equal(part[1], 3);
  assert_int_equal(part[2], 6);
  uint64_t none[2] = {0, 0};
  qf_apportion(3, none, 2, part);
  assert_int_equal(part[0], 2);
  assert_int_equal(part[1], 1);
}

/* 10:07 to 10:22: 8 minutes in the first quarter, 7 in the second. 15 units -> 8 and 7. */
static void across_a_quarter(void **state)
{
  (void)state;
  parts p = {0};
  qf_us t = kit_time("2026-03-02 10:07");
  qf_spread(t, t + 15 * QF_US_MINUTE, 15, NULL, take, &p);
  assert_int_equal(p.n, 2);
  assert_int_equal(p.quarter[0], kit_time("2026-03-02 10:00"));
  assert_int_equal(p.x[0], 8);
  assert_int_equal(p.x[1], 7);
}

static void never_loses(void **state)
{
  (void)state;
  uint64_t seed = 7;
  for (int i = 0; i < 500; i++) {
    qf_us t0 = kit_time("2026-03-02 10:07") + (qf_us)(kit_rand(&seed) % (uint64_t)QF_US_DAY);
    qf_us t1 = t0 + 1 + (qf_us)(kit_rand(&seed) % (uint64_t)(20 * QF_US_DAY));
    int64_t x = (int64_t)(kit_rand(&seed) >> (1 + kit_rand(&seed) % 60));
    parts *p = calloc(1, sizeof *p);
    qf_spread(t0, t1, x, NULL, take, p);
    assert_true(p->sum == x);
    assert_true(p->time == t1 - t0);
    for (size_t j = 1; j < p->n; j++)
      assert_true(p->quarter[j] == p->quarter[j - 1] + QF_US_QUARTER);
    free(p);
  }
}

/* Use only in the even quarters of a weekday: the odd ones get nothing. */
static void by_shape(void **state)
{
  (void)state;
  qf_shape s = {0};
  for (int i = 0; i < QF_DAY_QUARTERS; i += 2)
    s.w[0][i] = 1000;
  parts p = {0};
  qf_us t = kit_time("2026-03-02 09:00"); /* a Monday */
  qf_spread(t, t + QF_US_HOUR, 11, &s, take, &p);
  assert_int_equal(p.x[0], 6);
  assert_int_equal(p.x[1], 0);
  assert_int_equal(p.x[2], 5);
  assert_int_equal(p.x[3], 0);
  memset(&p, 0, sizeof p);
  qf_spread(kit_time("2026-03-07 09:00"), kit_time("2026-03-07 09:30"), 4, &s, take,
            &p); /* Saturday: no weight, so by time */
  assert_int_equal(p.x[0], 2);
  assert_int_equal(p.x[1], 2);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(thirds), cmocka_unit_test(largest_remainder),
                                     cmocka_unit_test(across_a_quarter), cmocka_unit_test(never_loses),
                                     cmocka_unit_test(by_shape)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
