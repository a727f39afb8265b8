/* A loan's life by hand, the printed attribution, the break of the series. */
#include "domain/finance.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define assert_about(a, b, eps) assert_true(fabs((a) - (b)) <= (eps))

static void balance(void **state)
{
  (void)state;
  qf_loan_move m[] = {
      {10, QF_LOAN_DRAW, 500}, {20, QF_LOAN_REPAY, 200}, {20, QF_LOAN_DRAW, 300}, {30, QF_LOAN_WRITE_OFF, 50}};
  double b;
  qf_err err = {0};
  assert_int_equal(qf_loan_balance(m, 4, 9, 600, &b, NULL), QF_OK);
  assert_about(b, 0, 0);
  assert_int_equal(qf_loan_balance(m, 4, 20, 600, &b, NULL), QF_OK);
  assert_about(b, 600, 0); /* on day 20 drawn and repaid in either order */
  assert_int_equal(qf_loan_balance(m, 4, 30, 600, &b, NULL), QF_OK);
  assert_about(b, 550, 0);
  assert_int_equal(qf_loan_balance(m, 4, 30, 599, &b, &err), QF_STATE);
  assert_int_equal(qf_loan_balance(m, 4, 19, 599, &b, &err), QF_OK); /* not yet */
  m[3].cny = 601;
  assert_int_equal(qf_loan_balance(m, 4, 30, 0, &b, &err), QF_STATE);
  m[3].day = 5;
  assert_int_equal(qf_loan_balance(m, 4, 30, 0, &b, &err), QF_RANGE);
  assert_non_null(strstr(err.en, "move 4"));
}

static void attribution(void **state)
{
  (void)state;
  double t;
  assert_int_equal(qf_loan_effect(10000, 2000e4, 8000e4, &t, NULL), QF_OK);
  assert_about(t, 2500, 1e-9); /* 2 000 of 8 000 x 10^4 CNY, 10 000 t */
  assert_int_equal(qf_loan_effect(-400, 2000e4, 8000e4, &t, NULL), QF_OK);
  assert_about(t, -100, 1e-9); /* a project that makes it worse is attributed, too */
  assert_int_equal(qf_loan_effect(1, 9000e4, 8000e4, &t, NULL), QF_RANGE);
  assert_int_equal(qf_loan_effect(1, 0, 0, &t, NULL), QF_RANGE);
}

static void series_break(void **state)
{
  (void)state;
  const qf_stock before = {120e8, "2019"}, now = {154.28e8, "2019"}, later = {160e8, "2025"};
  double g;
  qf_err err = {0};
  assert_int_equal(qf_loan_growth(&now, &before, &g, NULL), QF_OK);
  assert_about(g, 0.285666667, 1e-8); /* 34.28 / 120 */
  assert_int_equal(qf_loan_growth(&later, &now, &g, &err), QF_STATE);
  assert_non_null(strstr(err.en, "series break"));
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(balance), cmocka_unit_test(attribution),
                                     cmocka_unit_test(series_break)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
