/* Checks that follow from figures a city has printed: each expected value is the arithmetic shown. */
#include "domain/stats.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* cmocka compares floats; these are doubles */
#define assert_about(a, b, eps) assert_true(fabs((a) - (b)) <= (eps))

static double near(double v, int decimals)
{
  double p = pow(10, decimals);
  return round(v * p) / p;
}
#define assert_near(v, want, decimals) assert_about(near((v), (decimals)), (want), 1e-9)

static void printed_figures_agree(void **state)
{
  (void)state;
  double g, x[3];
  /* value added +10.3 %, energy per value added -5.6 %: energy +4.12 % */
  assert_near(qf_stat_growth_product(0.103, -0.056) * 100, 4.12, 2);
  assert_int_equal(qf_stat_growth_quotient(qf_stat_growth_product(0.103, -0.056), 0.103, &g), QF_OK);
  assert_near(g * 100, -5.6, 9);
  /* 84 x 10^4 TEU, +6.58 %: 78.81 last year, between 78.3 and 79.3 as 84 is rounded */
  assert_int_equal(qf_stat_previous(84, 0.5, 0.0658, 0, x), QF_OK);
  assert_near(x[0], 78.3, 1);
  assert_near(x[1], 78.81, 2);
  assert_near(x[2], 79.3, 1);
  /* heat network: 63.56 km done of 38 planned is 67.26 % over */
  assert_int_equal(qf_stat_growth(63.56, 38, &g), QF_OK);
  assert_near(g * 100, 67.26, 2);
  assert_int_equal(qf_stat_growth(1, 0, &g), QF_RANGE);
  assert_int_equal(qf_stat_growth_quotient(0, -1, &g), QF_RANGE);
  assert_int_equal(qf_stat_previous(84, 0.5, -1, 0, x), QF_RANGE);
}

static void shares_have_one_scope_and_period(void **state)
{
  (void)state;
  double s;
  qf_err err = {0};
  /* three clean modes 620 + 300 + 150, new-energy trucks 120, other trucks 174 */
  qf_share_side green = {620 + 300 + 150 + 120, "bulk goods through the gate", 24300, 24310, 1};
  qf_share_side all = {green.value + 174, "bulk goods through the gate", 24300, 24310, 1};
  assert_int_equal(qf_stat_share(&green, &all, 0.9, &s, &err), QF_OK);
  assert_near(s * 100, 87.24, 2);
  green.value -= 120; /* clean modes alone are another indicator */
  assert_int_equal(qf_stat_share(&green, &all, 0.9, &s, &err), QF_OK);
  assert_near(s * 100, 78.45, 2);
  /* prefabricated 29.95 of 77.39 x 10^4 m2 new starts is 38.7 %; green buildings of the year are another scope */
  qf_share_side prefab = {29.95, "new starts", 24300, 24308, 1}, starts = {77.39, "new starts", 24300, 24308, 1};
  assert_int_equal(qf_stat_share(&prefab, &starts, 0.9, &s, &err), QF_OK);
  assert_near(s * 100, 38.7, 1);
  qf_share_side civil = {41.32, "civil buildings accepted", 24300, 24311, 1};
  assert_int_equal(qf_stat_share(&civil, &starts, 0.9, &s, &err), QF_STATE);
  assert_non_null(strstr(err.en, "civil buildings"));
  starts.to = 24311;
  assert_int_equal(qf_stat_share(&prefab, &starts, 0.9, &s, &err), QF_STATE);
  starts.to = 24308;
  starts.completeness = 0.8;
  assert_int_equal(qf_stat_share(&prefab, &starts, 0.9, &s, &err), QF_PARTIAL);
  assert_non_null(strstr(err.en, "80.0 %"));
  starts.value = 0;
  assert_int_equal(qf_stat_share(&prefab, &starts, 0.9, &s, &err), QF_RANGE);
}

static void round_to(const char *v, int scale, const char *up, const char *even)
{
  qf_dec d;
  qf_buf b;
  qf_buf_init(&b, 100);
  assert_int_equal(qf_dec_parse(v, strlen(v), &d), QF_OK);
  qf_dec_write(&b, qf_stat_round_half_up(d, scale));
  assert_string_equal(b.data, up);
  qf_buf_reset(&b);
  qf_dec_write(&b, qf_dec_round(d, scale));
  assert_string_equal(b.data, even);
  qf_buf_fini(&b);
}

static void two_ways_to_round(void **state)
{
  (void)state;
  round_to("0.125", 2, "0.13", "0.12");
  round_to("-0.125", 2, "-0.13", "-0.12");
  round_to("0.1249", 2, "0.12", "0.12");
  round_to("2.5", 0, "3", "2");
  round_to("3.5", 0, "4", "4");
  round_to("7", 2, "7", "7");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(printed_figures_agree),
      cmocka_unit_test(shares_have_one_scope_and_period),
      cmocka_unit_test(two_ways_to_round),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
