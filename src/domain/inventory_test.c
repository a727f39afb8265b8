/* A small city by hand, and the keys that may not lie. */
#include "domain/inventory.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define assert_about(a, b, eps) assert_true(fabs((a) - (b)) <= (eps))

static void levels(void **state)
{
  (void)state;
  static const struct {
    const char *ref;
    qf_gpc level;
    int scope;
  } t[] = {{"I.1.1", QF_GPC_BASIC, 1},         {"I.3.2", QF_GPC_BASIC, 2},       {"I.6.3", QF_GPC_BASIC_PLUS, 3},
           {"I.4.4", QF_GPC_TERRITORIAL, 1},   {"II.1.3", QF_GPC_BASIC_PLUS, 3}, {"III.1.2", QF_GPC_BASIC, 3},
           {"III.4.3", QF_GPC_TERRITORIAL, 1}, {"IV.1", QF_GPC_BASIC_PLUS, 1},   {"V.3", QF_GPC_BASIC_PLUS, 1},
           {"VI.1", QF_GPC_OTHER, 3}};
  qf_gpc l;
  int s;
  for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
    assert_int_equal(qf_gpc_level(t[i].ref, &l, &s, NULL), QF_OK);
    assert_int_equal(l, t[i].level);
    assert_int_equal(s, t[i].scope);
  }
  assert_int_equal(qf_gpc_level("I.63", &l, &s, NULL), QF_SYNTAX); /* misprint of a seed in use */
  assert_int_equal(qf_gpc_level("", &l, &s, NULL), QF_SYNTAX);
}

static void totals(void **state)
{
  (void)state;
  /* AR5: CH4 28, N2O 265. BASIC 1000 + 10*28 + 1*265 + 500 = 2045 with 7 biogenic beside; BASIC+ 300 */
  qf_inv_row r[] = {{"I.1.1", QF_GPC_BASIC, QF_INV_VALUE, NULL, {1000, 10, 1, 0, 7}},
                    {"I.1.2", QF_GPC_BASIC, QF_INV_VALUE, NULL, {500, 0, 0, 0, 0}},
                    {"I.2.1", QF_GPC_BASIC, QF_INV_IE, "I.1.1", {0, 0, 0, 0, 0}},
                    {"I.5.1", QF_GPC_BASIC, QF_INV_NE, NULL, {0, 0, 0, 0, 0}},
                    {"I.7.1", QF_GPC_BASIC, QF_INV_NO, NULL, {0, 0, 0, 0, 0}},
                    {"IV.1", QF_GPC_BASIC_PLUS, QF_INV_VALUE, NULL, {250, 0, 0, 50, 0}},
                    {"I.4.4", QF_GPC_TERRITORIAL, QF_INV_C, NULL, {0, 0, 0, 0, 0}}};
  const qf_gwp ar5 = {28, 265}, ar6 = {27.9, 273};
  qf_inv_total t[QF_GPC_LEVELS];
  qf_err err = {0};
  assert_int_equal(qf_inv_sum(r, 7, &ar5, t, QF_GPC_LEVELS, NULL), QF_OK);
  assert_about(t[QF_GPC_BASIC].co2e_t, 2045, 1e-9);
  assert_about(t[QF_GPC_BASIC].gases.biogenic_co2, 7, 0);
  assert_int_equal(t[QF_GPC_BASIC].not_estimated, 1);
  assert_int_equal(t[QF_GPC_BASIC].rows, 5);
  assert_about(t[QF_GPC_BASIC_PLUS].co2e_t, 300, 1e-9);
  assert_int_equal(t[QF_GPC_TERRITORIAL].confidential, 1);
  assert_int_equal(qf_inv_sum(r, 7, &ar6, t, QF_GPC_LEVELS, NULL), QF_OK);
  assert_about(t[QF_GPC_BASIC].co2e_t, 1500 + 279 + 273, 1e-9);
  r[3].gases.co2 = 1; /* not estimated, yet an amount */
  assert_int_equal(qf_inv_sum(r, 7, &ar5, t, QF_GPC_LEVELS, &err), QF_STATE);
  assert_non_null(strstr(err.en, "I.5.1"));
  r[3].gases.co2 = 0, r[2].included = "I.9.9";
  assert_int_equal(qf_inv_sum(r, 7, &ar5, t, QF_GPC_LEVELS, &err), QF_STATE);
  r[2].included = "I.1.1", r[1].ref = "I.1.1";
  assert_int_equal(qf_inv_sum(r, 7, &ar5, t, QF_GPC_LEVELS, &err), QF_EXISTS);
  r[1].ref = "I.1.2", r[1].gases.ch4 = -1;
  assert_int_equal(qf_inv_sum(r, 7, &ar5, t, QF_GPC_LEVELS, &err), QF_RANGE);
  r[1].gases.ch4 = 0;
  assert_int_equal(qf_inv_sum(r, 7, &ar5, t, 1, &err), QF_RANGE);
}

static void difference(void **state)
{
  (void)state;
  double d;
  assert_int_equal(qf_inv_difference(1030, 1000, &d, NULL), QF_OK);
  assert_about(d, 0.03, 1e-12);
  assert_int_equal(qf_inv_difference(1030, 0, &d, NULL), QF_RANGE);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(levels), cmocka_unit_test(totals), cmocka_unit_test(difference)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
