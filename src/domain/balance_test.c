/* Balances worked by hand. */
#include "domain/balance.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* cmocka compares floats; these are doubles */
#define assert_about(a, b, eps) assert_true(fabs((a) - (b)) <= (eps))

static void residuals(void **state)
{
  (void)state;
  const double parts[] = {600, 370};
  double r;
  assert_int_equal(qf_balance_residual(1000, parts, 2, 0.05, 0.02, &r), QF_BALANCE_OK);
  assert_about(r, 0.03, 1e-12);
  assert_int_equal(qf_balance_residual(1100, parts, 2, 0.05, 0.02, &r), QF_BALANCE_LOSS); /* 130 of 1100 */
  assert_int_equal(qf_balance_residual(960, parts, 2, 0.05, 0.02, &r), QF_BALANCE_OK);    /* 10 over: meter error */
  assert_int_equal(qf_balance_residual(900, parts, 2, 0.05, 0.02, &r), QF_BALANCE_OVER);  /* 70 over */
  assert_about(r, -70.0 / 900, 1e-12);
  assert_int_equal(qf_balance_residual(0, parts, 2, 0.05, 0.02, &r), QF_BALANCE_UNKNOWN);
  assert_int_equal(qf_balance_residual((double)NAN, parts, 2, 0.05, 0.02, &r), QF_BALANCE_UNKNOWN);
  assert_about(r, 0, 0);
}

static void sankey(void **state)
{
  (void)state;
  /* grid 0 -> plant 2: 70; sun 1 -> plant 2: 30; plant -> furnace 3: 80; plant -> loss 4: 20 */
  qf_link l[] = {{0, 2, 70}, {1, 2, 30}, {2, 3, 80}, {2, 4, 20}};
  double r[5], worst;
  qf_err err = {0};
  assert_int_equal(qf_sankey_residuals(l, 4, r, 5, &worst, &err), QF_OK);
  for (size_t i = 0; i < 5; i++)
    assert_about(r[i], 0, 0);
  assert_about(worst, 0, 0);
  l[3].value = 15;
  assert_int_equal(qf_sankey_residuals(l, 4, r, 5, &worst, &err), QF_OK);
  assert_about(r[2], 5, 1e-12);
  assert_about(worst, 0.05, 1e-12);
  l[0].value = l[1].value = 0; /* gives 95 and takes nothing */
  assert_int_equal(qf_sankey_residuals(l, 4, r, 5, &worst, &err), QF_OK);
  assert_true(isinf(worst));
  l[1].to = 1;
  assert_int_equal(qf_sankey_residuals(l, 4, r, 5, &worst, &err), QF_RANGE);
  assert_non_null(strstr(err.en, "link 2"));
  l[1] = (qf_link){1, 7, 3};
  assert_int_equal(qf_sankey_residuals(l, 4, r, 5, &worst, &err), QF_RANGE);
  l[1] = (qf_link){1, 2, -3};
  assert_int_equal(qf_sankey_residuals(l, 4, r, 5, &worst, &err), QF_RANGE);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(residuals), cmocka_unit_test(sankey)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
