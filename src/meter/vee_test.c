#include "meter/testkit.h"

static void near(double a, double b)
{
  assert_true(a - b < 1e-9 && b - a < 1e-9);
}

/* Exact: k R to 10^-6, half to even. */
static void scales(void **state)
{
  (void)state;
  int64_t v;
  qf_num one = {1, 0}, third = {333333333, -9}, half = {5, -1}, kilo = {1, 3};
  assert_true(qf_vee_scale(one, 12345, -2, &v));
  assert_int_equal(v, 123450000);
  assert_true(qf_vee_scale(third, 3, 0, &v)); /* 0.999999999 -> 1.000000 */
  assert_int_equal(v, 1000000);
  assert_true(qf_vee_scale(half, 5, -6, &v)); /* 2.5e-6 -> 2 (even) */
  assert_int_equal(v, 2);
  assert_true(qf_vee_scale(half, 7, -6, &v)); /* 3.5e-6 -> 4 (even) */
  assert_int_equal(v, 4);
  assert_true(qf_vee_scale(half, -7, -6, &v));
  assert_int_equal(v, -4);
  assert_true(
      qf_vee_scale((qf_num){123456789012345678, -17}, 123456789012345678, -17, &v)); /* 1.234..^2 = 1.52415787... */
  assert_int_equal(v, 1524158);
  assert_true(qf_vee_scale(one, 1, -30, &v));
  assert_int_equal(v, 0);
  assert_false(qf_vee_scale(kilo, 92233720368547, 0, &v)); /* 9.2e16 units do not fit */
  assert_true(qf_vee_scale(kilo, 9223372036, 0, &v));
  assert_int_equal(v, INT64_C(9223372036000000000));
}

static void sentinels(void **state)
{
  (void)state;
  const char *bad[] = {"65535",    "32767",   "-32768",  "4294967295", "-9999",
                       "65535.00", "-9999.0", "1.83e21", "1e20",       "-1e20"};
  const char *good[] = {"65534", "65535.01", "9999", "0", "9.99e19", "32768"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    qf_num v = kit_num(bad[i]);
    assert_true(qf_vee_sentinel(v.mant, v.exp, 0));
  }
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    qf_num v = kit_num(good[i]);
    assert_false(qf_vee_sentinel(v.mant, v.exp, 0));
  }
  assert_true(qf_vee_sentinel(1, 0, QF_RD_SENTINEL));
}

/* float32 has 24 significant bits: 2^20 <= 1.1e6 < 2^21 -> 2^-3; 2^24 <= 16.8e6 -> 2; 2^25 <= 56.8e6 -> 4. */
static void float_steps(void **state)
{
  (void)state;
  near(qf_vee_ulp32(1.1e6), 0.125);
  near(qf_vee_ulp32(16.8e6), 2);
  near(qf_vee_ulp32(56.8e6), 4);
  near(qf_vee_ulp32(0), 0);
  near(qf_vee_jitter(0.01, 1.1e6), 0.25);
  near(qf_vee_jitter(1, 100), 2);
}

/* 4 MW for a minute: 1.2 x 4000 kW / 60 = 80 kWh. */
static void limits(void **state)
{
  (void)state;
  near(qf_vee_limit(4000, QF_US_MINUTE), 80);
  assert_true(qf_vee_rollover(999984.0625, 20, 6));
  assert_false(qf_vee_rollover(899999, 20, 6));
  assert_false(qf_vee_rollover(999984, 100001, 6));
  assert_false(qf_vee_rollover(999984, 20, 0));
}

static void spikes(void **state)
{
  (void)state;
  assert_true(qf_vee_spike(40, 11, 5));  /* (40 - 11) / 11 = 2.636 */
  assert_false(qf_vee_spike(30, 11, 5)); /* 1.727 */
  assert_false(qf_vee_spike(40, 11, 12));
  assert_false(qf_vee_spike(40, 0, 0));
}

/* Median of 10 11 12 13 is 11.5, deviations 1.5 .5 .5 1.5, MAD 1; 6 x 1.4826 = 8.8956. */
static void outliers(void **state)
{
  (void)state;
  double v[] = {12, 10, 13, 11};
  assert_false(qf_vee_outlier(11.5 + 8.89, v, 4, 0));
  assert_true(qf_vee_outlier(11.5 + 8.90, v, 4, 0));
  assert_false(qf_vee_outlier(1000, v, 3, 0));
  assert_false(qf_vee_outlier(11.5 + 17, v, 4, 2)); /* floor 2: 17.79 */
  assert_true(qf_vee_day_high(11.5 + 4.51, v, 4));  /* quartiles 10.75 and 12.25: 3 x 1.5 = 4.5 */
  assert_false(qf_vee_day_high(11.5 + 4.49, v, 4));
}

static void shares(void **state)
{
  (void)state;
  double b;
  assert_true(qf_vee_cap(1000, 101, 96, 0));
  assert_false(qf_vee_cap(1000, 100, 96, 4)); /* 10 %, 4.17 % */
  assert_true(qf_vee_cap(1000, 0, 96, 5));    /* 5.2 % */
  assert_true(qf_vee_incomplete(86, 96));
  assert_false(qf_vee_incomplete(87, 96));
  assert_true(qf_vee_unbalanced(100, 97, 0, QF_US_HOUR, &b));
  near(b, 0.03);
  assert_false(qf_vee_unbalanced(100, 97, 1, QF_US_HOUR, &b)); /* 2 % is not more than 2 % */
  assert_false(qf_vee_unbalanced(0.4, 0, 0, QF_US_HOUR, &b));  /* below 10 units a day */
  assert_true(qf_vee_stuck(QF_US_DAY, 10, 700));
  assert_false(qf_vee_stuck(QF_US_DAY - 1, 10, 700));
  assert_false(qf_vee_stuck(QF_US_DAY, 35, 700)); /* 5 % zeros: it often stands still */
  assert_false(qf_vee_stuck(QF_US_DAY, 0, 600));  /* less than a week known */
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(scales), cmocka_unit_test(sentinels), cmocka_unit_test(float_steps), cmocka_unit_test(limits),
      cmocka_unit_test(spikes), cmocka_unit_test(outliers),  cmocka_unit_test(shares)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
