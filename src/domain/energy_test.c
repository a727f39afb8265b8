/* GB/T 2589-2020 on worked examples; each expected value is worked out beside it from the definition. */
#include "domain/energy.h"
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

/* A plant's month: coal 1 200 t of 22 400 kJ/kg 917.17 + electricity 3 GWh 368.70 + gas 50 000 m3 of 35 544 kJ/m3 60.64
 * + oxygen 400 000 m3 160.00 - steam sold 2 000 GJ 68.24 = 1 438.27 tce; 9 500 t of product: 151.4 kgce/t. */
static void a_plant_month(void **state)
{
  (void)state;
  double coal, gas, e;
  assert_int_equal(qf_energy_k_of_lhv(22400, &coal, NULL), QF_OK); /* kgce/kg */
  assert_int_equal(qf_energy_k_of_lhv(35544, &gas, NULL), QF_OK);  /* kgce/m3 */
  const qf_energy_item items[] = {
      {1200, coal * 1000, QF_ENERGY_IN}, {3e6, 0.1229, QF_ENERGY_IN},  {50000, gas, QF_ENERGY_IN},
      {400000, 0.4000, QF_ENERGY_IN},    {2000, 34.12, QF_ENERGY_OUT},
  };
  const double want[] = {917.17, 368.70, 60.64, 160.00, -68.24};
  qf_kgce one, total;
  for (size_t i = 0; i < 5; i++) {
    assert_int_equal(qf_energy_total(&items[i], 1, &one, NULL), QF_OK);
    assert_near(qf_tce(one), want[i], 2);
  }
  assert_int_equal(qf_energy_total(items, 5, &total, NULL), QF_OK);
  assert_near(qf_tce(total), 1438.27, 2);
  assert_int_equal(qf_energy_per_tonne(total, (qf_tonne){9500}, &e, NULL), QF_OK);
  assert_near(e, 151.4, 1);
  assert_int_equal(qf_energy_per_value(total, 25e6, &e, NULL), QF_OK); /* 1438.27 tce / 2 500 x 10^4 CNY */
  assert_near(e, 0.5753, 4);
}

/* Annex A prints k beside the heating value: k = Q / 29 307.6 must give every printed coefficient. */
static void annex_a_agrees_with_its_heating_values(void **state)
{
  (void)state;
  const double row[][2] = {{20934, 0.7143}, {26377, 0.9000}, {8374, 0.2857},  {28470, 0.9714}, {33494, 1.1429},
                           {41868, 1.4286}, {43124, 1.4714}, {42705, 1.4571}, {32238, 1.1000}, {38979, 1.3300},
                           {51498, 1.7572}, {50242, 1.7143}, {46055, 1.5714}, {16747, 0.5714}, {18003, 0.6143},
                           {3768, 0.1286},  {5234, 0.1786},  {19259, 0.6571}, {35588, 1.2143}, {16329, 0.5571},
                           {15072, 0.5143}, {10467, 0.3571}, {19913, 0.6794}, {9756, 0.3329},  {26800, 0.9144},
                           {24283, 0.8286}};
  for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
    double k;
    assert_int_equal(qf_energy_k_of_lhv(row[i][0], &k, NULL), QF_OK);
    assert_about(k, row[i][1], 1.01e-4);
  }
}

static void a_converter_may_be_negative(void **state)
{
  (void)state;
  /* 100 t steel: oxygen 5 000 m3 x 0.4 = 2 000; gas recovered 12 000 m3 x 0.2714 = 3 256.8; steam 30 GJ x 34.12 = 1
   * 023.6 (2000 - 3256.8 - 1023.6) / 100 = -22.804 kgce/t */
  const qf_energy_item items[] = {
      {5000, 0.4, QF_ENERGY_IN}, {12000, 0.2714, QF_ENERGY_OUT}, {30, 34.12, QF_ENERGY_OUT}};
  qf_kgce total;
  double e;
  assert_int_equal(qf_energy_total(items, 3, &total, NULL), QF_OK);
  assert_int_equal(qf_energy_per_tonne(total, (qf_tonne){100}, &e, NULL), QF_OK);
  assert_about(e, -22.804, 1e-9);
  assert_int_equal(qf_energy_level(e, -30, -28, -12), 3); /* GB 21256-2025 converter: between -28 and -12 */
}

static void levels(void **state)
{
  (void)state;
  assert_int_equal(qf_energy_level(361, 361, 370, 415), 1); /* a limit itself still reaches the level */
  assert_int_equal(qf_energy_level(361.01, 361, 370, 415), 2);
  assert_int_equal(qf_energy_level(415.5, 361, 370, 415), 4);
  assert_int_equal(qf_energy_level(70, 61, (double)NAN, 72), 3); /* arc furnace under 70 t has no level 2 */
  assert_int_equal(qf_energy_level(14.1, (double)NAN, (double)NAN, 14.0), 4);
  assert_int_equal(qf_energy_level(1, (double)NAN, (double)NAN, (double)NAN), 0);
  assert_int_equal(qf_energy_level((double)NAN, 1, 2, 3), 0);
}

static void steam_by_enthalpy(void **state)
{
  (void)state;
  qf_gj q;
  /* 10 t at 2 777.7 kJ/kg (saturated, about 1 MPa): 10 x (2777.7 - 83.74) / 1000 = 26.9396 GJ */
  assert_int_equal(qf_energy_steam((qf_tonne){10}, 2777.7, &q, NULL), QF_OK);
  assert_about(q.gj, 26.9396, 1e-9);
  assert_int_equal(qf_energy_steam((qf_tonne){10}, 2.7777, &q, NULL), QF_RANGE); /* MJ/kg given for kJ/kg */
  assert_int_equal(qf_energy_steam((qf_tonne){-1}, 2777.7, &q, NULL), QF_RANGE);
}

static void plant_flow_closes(void **state)
{
  (void)state;
  /* buys 100, coking takes net 20 and gives 80 of which 10 leave the plant and 70 feed the furnace: nothing is lost */
  const qf_process p[] = {{20, {1}}, {35, {2}}};
  qf_plant_flow f = {{100}, {10}, {0}};
  double r;
  assert_int_equal(qf_energy_flow_residual(&f, p, 2, &r, NULL), QF_OK);
  assert_about(r, 0, 1e-12);
  f.purchased.kgce = 110;
  f.utilities.kgce = 6; /* 110 - 10 - 6 - 90 = 4 of 110 */
  assert_int_equal(qf_energy_flow_residual(&f, p, 2, &r, NULL), QF_OK);
  assert_about(r, 4.0 / 110, 1e-12);
  f.purchased.kgce = 0;
  assert_int_equal(qf_energy_flow_residual(&f, p, 2, &r, NULL), QF_RANGE);
}

static void mistakes_are_named(void **state)
{
  (void)state;
  qf_err err = {0};
  qf_kgce total;
  double e;
  const qf_energy_item items[] = {{1, 1, QF_ENERGY_IN}, {-5, 1, QF_ENERGY_IN}};
  assert_int_equal(qf_energy_total(items, 2, &total, &err), QF_RANGE);
  assert_non_null(strstr(err.en, "item 2"));
  assert_int_equal(qf_energy_total(NULL, 0, &total, &err), QF_OK);
  assert_about(total.kgce, 0, 0);
  assert_int_equal(qf_energy_per_tonne((qf_kgce){5}, (qf_tonne){0}, &e, &err), QF_RANGE);
  assert_int_equal(qf_energy_per_value((qf_kgce){5}, -1, &e, &err), QF_RANGE);
  assert_int_equal(qf_energy_k_of_lhv(0, &e, &err), QF_RANGE);
  assert_int_equal(qf_energy_k_of_lhv((double)NAN, &e, &err), QF_RANGE);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_plant_month),
      cmocka_unit_test(annex_a_agrees_with_its_heating_values),
      cmocka_unit_test(levels),
      cmocka_unit_test(a_converter_may_be_negative),
      cmocka_unit_test(steam_by_enthalpy),
      cmocka_unit_test(plant_flow_closes),
      cmocka_unit_test(mistakes_are_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
