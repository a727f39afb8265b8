/* One tonne of urea and one tonne of straw, as worked out from the guideline. */
#include "domain/farm.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define assert_about(a, b, eps) assert_true(fabs((a) - (b)) <= (eps))

static void urea(void **state)
{
  (void)state;
  const qf_fertiliser f = {1000, 0.46, 0, 0};
  qf_nutrients n;
  qf_n2o e;
  qf_tco2 c;
  assert_int_equal(qf_farm_nutrients(&f, 1, &n, NULL), QF_OK);
  assert_about(n.n, 460, 1e-9);
  const qf_n2o_factors ne = {0.0114, 0.11, 0.010, 0.24, 0.011};
  assert_int_equal(qf_farm_n2o(n.n, &ne, &e, NULL), QF_OK);
  assert_about(e.direct_kg, 8.2406, 5e-5); /* 460 * 0.0114 * 44/28 */
  assert_about(e.direct_kg * 265, 2183.8, 0.05);
  assert_about(e.indirect_kg, 2.7035, 5e-5); /* 460 * (0.0011 + 0.00264) * 44/28 */
  assert_about(e.indirect_kg * 273, 738.05, 0.02);
  qf_n2o_factors ipcc = {0.01, 0, 0, 0, 0};
  assert_int_equal(qf_farm_n2o(n.n, &ipcc, &e, NULL), QF_OK);
  assert_about(e.direct_kg * 265, 1915.6, 0.05);
  assert_about(e.indirect_kg, 0, 0);
  ipcc.ef1 = 1.14; /* percent */
  assert_int_equal(qf_farm_n2o(n.n, &ipcc, &e, NULL), QF_RANGE);
  assert_int_equal(qf_farm_soil_co2((qf_tonne){1}, 0.20, &c, NULL), QF_OK);
  assert_about(c.t, 0.7333, 5e-5);
}

static void products(void **state)
{
  (void)state;
  /* 100 kg urea, 50 kg DAP 18-46, 200 kg 15-15-15: N 46 + 9 + 30 = 85, P 23 + 30 = 53, K 30; 168 over 1.2 ha = 140 */
  qf_fertiliser f[] = {{100, 0.46, 0, 0}, {50, 0.18, 0.46, 0}, {200, 0.15, 0.15, 0.15}};
  qf_nutrients n;
  double per_ha;
  qf_err err = {0};
  assert_int_equal(qf_farm_nutrients(f, 3, &n, NULL), QF_OK);
  assert_about(n.n, 85, 1e-9);
  assert_about(n.p2o5, 53, 1e-9);
  assert_about(n.k2o, 30, 1e-9);
  assert_int_equal(qf_farm_intensity(&n, 1.2, &per_ha, NULL), QF_OK);
  assert_about(per_ha, 140, 1e-9);
  assert_int_equal(qf_farm_intensity(&n, 0, &per_ha, NULL), QF_RANGE);
  f[2].k2o = 15; /* percent */
  assert_int_equal(qf_farm_nutrients(f, 3, &n, &err), QF_RANGE);
  assert_non_null(strstr(err.en, "fertiliser 3"));
}

static void straw(void **state)
{
  (void)state;
  /* 1 t dry matter wholly burnt: 2.7 kg CH4 * 28 + 0.07 kg N2O * 265 = 75.6 + 18.55 = 94.15 kgCO2e */
  qf_burning b = {1000, 1, 2.7, 0.07};
  qf_burnt e;
  assert_int_equal(qf_farm_burning(&b, &e, NULL), QF_OK);
  assert_about(e.ch4_kg * 28 + e.n2o_kg * 265, 94.15, 1e-9);
  b.burnt = 80;
  assert_int_equal(qf_farm_burning(&b, &e, NULL), QF_RANGE);
}

static void mechanisation(void **state)
{
  (void)state;
  const double share[] = {0.9, 0.8, 0.6}, weight[] = {0.4, 0.3, 0.3}, off[] = {0.4, 0.4, 0.3};
  double r;
  assert_int_equal(qf_farm_mechanisation(share, weight, &r, NULL), QF_OK);
  assert_about(r, 0.78, 1e-12); /* 0.36 + 0.24 + 0.18 */
  assert_int_equal(qf_farm_mechanisation(share, off, &r, NULL), QF_RANGE);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(urea), cmocka_unit_test(products), cmocka_unit_test(straw),
                                     cmocka_unit_test(mechanisation)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
