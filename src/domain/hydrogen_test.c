/* Stoichiometry by molar masses, a shift of a pilot line by hand. */
#include "domain/hydrogen.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define assert_about(a, b, eps) assert_true(fabs((a) - (b)) <= (eps))

static void iron(void **state)
{
  (void)state;
  double x;
  assert_int_equal(qf_h2_metallisation(0.855, 0.90, &x, NULL), QF_OK);
  assert_about(x, 0.95, 1e-12);
  assert_int_equal(qf_h2_metallisation(0.95, 0.90, &x, NULL), QF_RANGE);
  /* 3 * 2.016 / (2 * 55.845) = 0.0541499: 54.15 kg per t of pure, wholly reduced iron */
  assert_int_equal(qf_h2_stoichiometric(1, 1, &x, NULL), QF_OK);
  assert_about(x, 54.15, 5e-3);
  /* TFe 0.90, 95 %: oxygen taken 0.95 * 1.5 + 0.05 * 0.5 = 1.45 per Fe: 54.14988 * 0.9 * 1.45 / 1.5 = 47.110 */
  assert_int_equal(qf_h2_stoichiometric(0.90, 0.95, &x, NULL), QF_OK);
  assert_about(x, 47.110, 1e-3);
}

static void a_shift(void **state)
{
  (void)state;
  /* 10 t DRI with 600 kg H2 at 31 800 kWh, line 36 000 kWh of which 6 000 from the grid at 0.4878, fossil 0.2 t:
   * 53 kWh/kg, 60 kg/t, 3 600 kWh/t, (2.9268 + 0.2) / 10 = 0.31268 t/t */
  qf_h2_run r = {600, {31800}, {36000}, {6000}, {10}, {0.2}};
  qf_h2_kpi k;
  assert_int_equal(qf_h2_indicators(&r, 0.4878, &k, NULL), QF_OK);
  assert_about(k.kwh_per_kg_h2, 53, 1e-12);
  assert_about(k.kg_h2_per_t, 60, 1e-12);
  assert_about(k.kwh_per_t, 3600, 1e-12);
  assert_about(k.tco2_per_t, 0.31268, 1e-12);
  bool yes;
  assert_int_equal(qf_h2_near_zero(k.tco2_per_t, 0, 0.40, 0.05, &yes, NULL), QF_OK);
  assert_true(yes);
  assert_int_equal(qf_h2_near_zero(k.tco2_per_t, 0.5, 0.40, 0.05, &yes, NULL), QF_OK); /* 0.225 */
  assert_false(yes);
  r.electrolysis.kwh = 20000; /* 33 kWh/kg */
  assert_int_equal(qf_h2_indicators(&r, 0.4878, &k, NULL), QF_STATE);
  r.electrolysis.kwh = 37000; /* more than the line */
  assert_int_equal(qf_h2_indicators(&r, 0.4878, &k, NULL), QF_RANGE);
}

static void green_power(void **state)
{
  (void)state;
  /* wind at night: used 100 each hour, green 250 50 0 100: matched 100 + 50 + 0 + 100 = 250 of 400; sums 400 of 400 */
  const double used[] = {100, 100, 100, 100}, green[] = {250, 50, 0, 100}, bad[] = {1, -1};
  qf_green_power g;
  qf_err err = {0};
  assert_int_equal(qf_h2_green_power(used, green, 4, &g, NULL), QF_OK);
  assert_about(g.hourly, 0.625, 1e-12);
  assert_about(g.annual, 1, 1e-12);
  assert_int_equal(qf_h2_green_power(used, bad, 2, &g, &err), QF_RANGE);
  assert_non_null(strstr(err.en, "hour 2"));
  assert_int_equal(qf_h2_green_power(used, green, 0, &g, NULL), QF_RANGE);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(iron), cmocka_unit_test(a_shift), cmocka_unit_test(green_power)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
