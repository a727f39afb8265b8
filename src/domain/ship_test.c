/* The worked berth and a small port by hand. */
#include "domain/ship.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define assert_about(a, b, eps) assert_true(fabs((a) - (b)) <= (eps))

static void worked_berth(void **state)
{
  (void)state;
  /* 1500 kW 0.6 20 h = 18 000 kWh; 217 g/kWh -> 3.906 t; 3.206 -> 12.523 t; grid 0.4878 -> 8.780 t; saved 3.742 t */
  qf_kwh e;
  qf_shore_saving s;
  const qf_shore_factors f = {217, 3.206, 10, 0.4878, 1};
  assert_int_equal(qf_ship_berth_demand(1500, 0.6, 20, &e, NULL), QF_OK);
  assert_about(e.kwh, 18000, 1e-9);
  assert_int_equal(qf_ship_shore_saving(e, &f, &s, NULL), QF_OK);
  assert_about(s.fuel.t, 3.906, 1e-9);
  assert_about(s.fuel_co2.t, 12.523, 5e-4);
  assert_about(s.grid_co2.t, 8.780, 5e-4);
  assert_about(s.saved.t, 3.742, 5e-4);
  assert_about(s.nox_kg, 180, 1e-9);
  qf_shore_factors g = f;
  g.eta = 0.9; /* 8.7804 / 0.9 = 9.756 */
  assert_int_equal(qf_ship_shore_saving(e, &g, &s, NULL), QF_OK);
  assert_about(s.grid_co2.t, 9.756, 5e-4);
}

static void other_units(void **state)
{
  (void)state;
  qf_shore_saving s;
  qf_kwh e;
  qf_shore_factors f = {0.217, 3.206, 10, 0.4878, 1}; /* kg/kWh */
  assert_int_equal(qf_ship_shore_saving((qf_kwh){1}, &f, &s, NULL), QF_RANGE);
  f = (qf_shore_factors){217, 3.206, 10, 487.8, 1}; /* g/kWh */
  assert_int_equal(qf_ship_shore_saving((qf_kwh){1}, &f, &s, NULL), QF_RANGE);
  f = (qf_shore_factors){217, 3.206, 10, 0.4878, 0};
  assert_int_equal(qf_ship_shore_saving((qf_kwh){1}, &f, &s, NULL), QF_RANGE);
  assert_int_equal(qf_ship_berth_demand(1500, 60, 20, &e, NULL), QF_RANGE);
  assert_int_equal(qf_ship_berth_demand(0, 0.6, 20, &e, NULL), QF_RANGE);
}

static void two_rates(void **state)
{
  (void)state;
  qf_call c[] = {
      {true, true, false, true, 20, {1000}, {900}}, /* able, connected */
      {true, true, false, false, 10, {500}, {0}},   /* able, not connected */
      {true, true, false, false, 3, {60}, {0}},     /* stays no longer than 3 h: not able, but a need */
      {true, false, false, false, 30, {440}, {0}},  /* ship has no socket */
      {true, true, true, false, 30, {700}, {0}},    /* exempt: nowhere */
  };
  qf_shore_rates r;
  qf_err err = {0};
  assert_int_equal(qf_ship_shore_rates(c, 5, 3, &r, NULL), QF_OK);
  assert_int_equal(r.able, 2);
  assert_about(r.by_calls, 0.5, 0);
  assert_about(r.by_energy, 900.0 / 2000, 1e-12);
  c[3].connected = true;
  assert_int_equal(qf_ship_shore_rates(c, 5, 3, &r, &err), QF_STATE);
  assert_non_null(strstr(err.en, "call 4"));
  c[3].connected = false, c[0].shore.kwh = 1001;
  assert_int_equal(qf_ship_shore_rates(c, 5, 3, &r, &err), QF_STATE);
  assert_int_equal(qf_ship_shore_rates(NULL, 0, 3, &r, &err), QF_OK);
  assert_true(isnan(r.by_calls) && isnan(r.by_energy));
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(worked_berth), cmocka_unit_test(other_units),
                                     cmocka_unit_test(two_rates)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
