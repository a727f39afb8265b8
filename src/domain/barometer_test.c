/* The levels of the barometer at their edges; every value worked out beside its assertion. */
#include "domain/barometer.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static qf_dec d(const char *s)
{
  qf_dec out;
  assert_int_equal(qf_dec_parse(s, strlen(s), &out), QF_OK);
  return out;
}

static void due_is_the_share_of_months(void **state)
{
  (void)state;
  qf_dec out;
  assert_int_equal(qf_barometer_due(d("38"), 12, 12, &out), QF_OK); /* the whole year */
  assert_int_equal(qf_dec_cmp(out, d("38")), 0);
  assert_int_equal(qf_barometer_due(d("1200"), 11, 12, &out), QF_OK); /* 1200 x 11 / 12 */
  assert_int_equal(qf_dec_cmp(out, d("1100")), 0);
  assert_int_equal(qf_barometer_due(d("10"), 1, 3, &out), QF_OK); /* 3.333333.. */
  assert_int_equal(qf_dec_cmp(out, d("3.333333")), 0);
  assert_int_equal(qf_barometer_due(d("10"), 0, 12, &out), QF_RANGE);
  assert_int_equal(qf_barometer_due(d("10"), 13, 12, &out), QF_RANGE);
}

static void expect(const char *value, const char *due, bool up, const char *band, int level, const char *shortfall)
{
  int got = 0;
  qf_dec s;
  assert_int_equal(qf_barometer_level(d(value), d(due), up, d(band), &got, &s), QF_OK);
  assert_int_equal(got, level);
  assert_int_equal(qf_dec_cmp(s, d(shortfall)), 0);
}

static void levels_at_their_edges(void **state)
{
  (void)state;
  expect("63.56", "38", true, "10", 3, "-67.26"); /* (38 - 63.56) / 38 = -0.672631.. */
  expect("80", "80", true, "5", 3, "0");
  expect("76", "80", true, "5", 2, "5");         /* 4 / 80 = 5 %, not more than the band */
  expect("75.9999", "80", true, "5", 1, "5");    /* 4.0001 / 80 = 5.000125 %: more, though it is shown as 5 */
  expect("1100", "1100", false, "2", 3, "0");    /* less is better */
  expect("1122", "1100", false, "2", 2, "2");    /* 22 / 1100 */
  expect("1123", "1100", false, "2", 1, "2.09"); /* 23 / 1100 = 2.0909.. */
  expect("-5.6", "-5", false, "10", 3, "-12");   /* intensity fell by more than asked: (-5.6 + 5) / 5 */
  expect("-4.6", "-5", false, "10", 2, "8");     /* (-4.6 + 5) / 5 */
}

static void of_nothing_due_no_share_is_told(void **state)
{
  (void)state;
  int level = 0;
  qf_dec s;
  assert_int_equal(qf_barometer_level(d("0"), d("0"), false, d("5"), &level, &s), QF_OK);
  assert_int_equal(level, 3);
  assert_int_equal(qf_barometer_level(d("1"), d("0"), false, d("5"), &level, &s), QF_RANGE);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(due_is_the_share_of_months),
      cmocka_unit_test(levels_at_their_edges),
      cmocka_unit_test(of_nothing_due_no_share_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
