/* Printed limits of motors, a transformer's year, signals by hand. */
#include "domain/equipment.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define assert_about(a, b, eps) assert_true(fabs((a) - (b)) <= (eps))

/* IEC 60034-30-1, 50 Hz, 4 poles */
static const qf_motor_curve ie1 = {0.5234, -5.0499, 17.4180, 74.3171}, ie2 = {0.0278, -1.9247, 10.4395, 80.9761},
                            ie3 = {0.0773, -1.8951, 9.2984, 83.7025};

static void motor_limits(void **state)
{
  (void)state;
  static const double printed[][2] = {{0.75, 82.5}, {7.5, 90.4}, {11, 91.4}, {75, 95.0},
                                      {110, 95.4},  {200, 96.0}, {315, 96.0}};
  double e;
  for (size_t i = 0; i < sizeof printed / sizeof *printed; i++) {
    assert_int_equal(qf_motor_limit(&ie3, printed[i][0], &e, NULL), QF_OK);
    assert_about(e, printed[i][1], 1e-9);
  }
  assert_int_equal(qf_motor_limit(&ie2, 75, &e, NULL), QF_OK);
  assert_about(e, 94.0, 1e-9);
  assert_int_equal(qf_motor_limit(&ie1, 75, &e, NULL), QF_OK);
  assert_about(e, 92.7, 1e-9);
  assert_int_equal(qf_motor_limit(&ie3, 0.5, &e, NULL), QF_RANGE);
}

static void motor_class(void **state)
{
  (void)state;
  const double at75[] = {92.7, 94.0, 95.0, 96.0}, off[] = {94, 92};
  int c;
  assert_int_equal(qf_motor_class(94.0, at75, 4, &c, NULL), QF_OK);
  assert_int_equal(c, 2);
  assert_int_equal(qf_motor_class(93.9, at75, 4, &c, NULL), QF_OK);
  assert_int_equal(c, 1);
  assert_int_equal(qf_motor_class(90, at75, 4, &c, NULL), QF_OK);
  assert_int_equal(c, 0);
  assert_int_equal(qf_motor_class(95, off, 2, &c, NULL), QF_RANGE);
}

static void motor_saving(void **state)
{
  (void)state;
  /* 75 * 0.7 * 6000 = 315 000; 1/0.94 - 1/0.95 = 0.011198208: 3 527.4 kWh */
  const double eta[] = {0.940, 0.950}, percent[] = {94, 95};
  qf_kwh s;
  assert_int_equal(qf_motor_saving(75, 0.7, 6000, eta, &s, NULL), QF_OK);
  assert_about(s.kwh, 3527.4, 0.05);
  assert_int_equal(qf_motor_saving(75, 0.7, 6000, percent, &s, NULL), QF_RANGE);
}

static void transformers(void **state)
{
  (void)state;
  /* 1 000 kVA at half load: 8760 (1.15 + 0.25 * 10.3) = 32 631; 8760 (0.83 + 2.575) = 29 827.8 */
  const qf_transformer s11 = {1.15, 10.3}, s13 = {0.83, 10.3}, limits[] = {{0.7, 9}, {0.83, 10.3}, {1.0, 10.3}};
  qf_kwh w;
  assert_int_equal(qf_transformer_loss(&s11, 0.5, &w, NULL), QF_OK);
  assert_about(w.kwh, 32631, 1e-6);
  assert_int_equal(qf_transformer_loss(&s13, 0.5, &w, NULL), QF_OK);
  assert_about(w.kwh, 29827.8, 1e-6);
  assert_int_equal(qf_transformer_grade(&s13, limits), 2);
  assert_int_equal(qf_transformer_grade(&s11, limits), 4);
  assert_int_equal(qf_transformer_loss(&s11, 50, &w, NULL), QF_RANGE);
}

static void models(void **state)
{
  (void)state;
  const char *const p[] = {"^Y-?[0-9]", "^Y2", "YE[12]([^0-9]|$)", "^S[79]-", "JO2"}, *const bad[] = {"("};
  static const struct {
    const char *model;
    size_t which;
  } t[] = {{"Y-160L-4", 1},   {"Y2-160L-4", 1},     {"YE2-160L-4", 3}, {"YE3-160L-4", 0},
           {"S9-1000/10", 4}, {"S13-M-1000/10", 0}, {"JO2-72-4", 5}};
  size_t which;
  qf_err err = {0};
  for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
    assert_int_equal(qf_equipment_listed(p, 5, t[i].model, &which, NULL), QF_OK);
    assert_int_equal(which, t[i].which);
  }
  assert_int_equal(qf_equipment_listed(bad, 1, "Y", &which, &err), QF_SYNTAX);
  assert_non_null(strstr(err.en, "pattern 1"));
}

static void signals(void **state)
{
  (void)state;
  const double load[] = {0, 0, 0.3, 0.35, 0.39, 0.6}, idle[] = {0, 0};
  double share;
  assert_true(qf_equipment_low_load(load, 6, 0.4, 0.5, &share));
  assert_about(share, 0.75, 0); /* 3 of the 4 hours it ran */
  assert_false(qf_equipment_low_load(idle, 2, 0.4, 0.5, &share));
  assert_true(isnan(share));
  /* mean 10, s 1: values of 12 add 1.5 each, 1.5 3.0 4.5 6.0: passes 5 at the fourth */
  const qf_drift d = {10, 1, 0.5, 5}, none = {10, 0, 0.5, 5};
  const double x[] = {12, 12, (double)NAN, 12, 12}, calm[] = {10.5, 9, 10.4, 10.5};
  size_t at;
  assert_int_equal(qf_equipment_drift(&d, x, 5, &at, NULL), QF_OK);
  assert_int_equal(at, 5);
  assert_int_equal(qf_equipment_drift(&d, calm, 4, &at, NULL), QF_OK);
  assert_int_equal(at, 0);
  assert_int_equal(qf_equipment_drift(&none, x, 5, &at, NULL), QF_RANGE);
  const double night[] = {5, 4.1, 6}, quiet[] = {5, 4.0, 6};
  bool leaks;
  assert_int_equal(qf_equipment_leak(night, 3, 10, 0.4, &leaks, NULL), QF_OK);
  assert_true(leaks);
  assert_int_equal(qf_equipment_leak(quiet, 3, 10, 0.4, &leaks, NULL), QF_OK);
  assert_false(leaks);
  assert_int_equal(qf_equipment_leak(night, 0, 10, 0.4, &leaks, NULL), QF_RANGE);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(motor_limits), cmocka_unit_test(motor_class),
                                     cmocka_unit_test(motor_saving), cmocka_unit_test(transformers),
                                     cmocka_unit_test(models),       cmocka_unit_test(signals)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
