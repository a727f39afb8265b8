/* CO2 accounting against printed tables, totals verified by third parties, and examples worked beside each case. */
#include "domain/carbon.h"
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

/* Default table of GB/T 32151.5: NCV (GJ per t or 10^4 m3), CC (tC/TJ), OF, and the factor recomputed by hand to 4
 * digits. */
static void default_table_factors(void **state)
{
  (void)state;
  const double row[][4] = {
      {20.304, 27.49, 0.94, 1.9238},  {19.570, 26.18, 0.93, 1.7471},  {14.080, 28.00, 0.96, 1.3877},
      {26.344, 25.40, 0.90, 2.2082},  {8.363, 25.40, 0.90, 0.7010},   {17.460, 33.60, 0.90, 1.9360},
      {28.447, 29.50, 0.93, 2.8616},  {41.816, 20.10, 0.98, 3.0202},  {41.816, 21.10, 0.98, 3.1705},
      {43.070, 18.90, 0.98, 2.9251},  {42.652, 20.20, 0.98, 3.0959},  {44.750, 19.60, 0.98, 3.1517},
      {41.868, 17.20, 0.98, 2.5877},  {50.179, 17.20, 0.98, 3.1013},  {33.453, 22.00, 0.98, 2.6446},
      {41.816, 22.70, 0.98, 3.4109},  {173.540, 12.10, 0.99, 7.6224}, {33.000, 70.80, 0.99, 8.4811},
      {84.000, 49.60, 0.99, 15.1240}, {52.270, 12.20, 0.99, 2.3148},  {389.310, 15.30, 0.99, 21.6219},
      {45.998, 18.20, 0.99, 3.0389},
  };
  for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
    const qf_fuel f = {row[i][0], row[i][1] / 1000, row[i][2]};
    double ef;
    assert_int_equal(qf_carbon_ef(&f, &ef, NULL), QF_OK);
    assert_about(ef, row[i][3], 1.01e-4);
  }
}

/* Coke 1 000 t 2 861.6; gas 100 x 10^4 m3 2 162.2; limestone 5 000 t 2 200.0; electrode 2 t 7.3; power 20 000 MWh x
 * 0.4878 9 756.0; heat 5 000 GJ x 0.11 550.0; crude steel 50 000 t x 0.0154 out 770.0. Total 16 767.1 tCO2. */
static void a_steel_plant(void **state)
{
  (void)state;
  const qf_fuel coke = {28.447, 0.02950, 0.93}, gas = {389.310, 0.01530, 0.99};
  qf_tco2 x, y, part;
  qf_carbon_parts p = {0};
  assert_int_equal(qf_carbon_combustion(1000, &coke, &x, NULL), QF_OK);
  assert_near(x.t, 2861.6, 1);
  assert_int_equal(qf_carbon_combustion(100, &gas, &y, NULL), QF_OK);
  assert_near(y.t, 2162.2, 1);
  p.combustion = x.t + y.t;
  assert_int_equal(qf_carbon_of(5000, 0.440, &part, NULL), QF_OK);
  p.flux = part.t;
  assert_int_equal(qf_carbon_of(2, 3.663, &part, NULL), QF_OK);
  p.electrode = part.t;
  assert_int_equal(qf_carbon_electricity((qf_kwh){20e6}, 0.4878, &part, NULL), QF_OK);
  assert_near(part.t, 9756.0, 1);
  p.net_electricity = part.t;
  assert_int_equal(qf_carbon_of(5000, 0.11, &part, NULL), QF_OK);
  p.net_heat = part.t;
  assert_int_equal(qf_carbon_of(50000, 0.0154, &part, NULL), QF_OK);
  p.sequestered = part.t;
  assert_near(qf_carbon_total(&p).t, 16767.1, 1);
}

/* Totals of a listed steel works as verified by a third party (10^4 tCO2): fuel, process, net power, embedded. */
static void verified_totals(void **state)
{
  (void)state;
  const double year[][5] = {{518.43, 63.53, 29.10, 4.80, 606.26},
                            {699.66, 71.34, 29.19, 28.34, 771.85},
                            {701.97, 61.57, 12.54, 29.07, 747.01},
                            {744.03, 69.22, -0.95, 29.68, 782.62}}; /* the report prints 782.61 */
  for (size_t i = 0; i < 4; i++) {
    qf_carbon_parts p = {
        .combustion = year[i][0], .flux = year[i][1], .net_electricity = year[i][2], .sequestered = year[i][3]};
    assert_near(qf_carbon_total(&p).t, year[i][4], 2);
  }
}

static void cement(void **state)
{
  (void)state;
  /* 0.65 x 44/56 = 0.51071; 0.015 x 44/40 = 0.0165; sum 0.5272 */
  qf_clinker c = {.cao = 0.65, .mgo = 0.015};
  double e;
  qf_tco2 x;
  assert_int_equal(qf_carbon_clinker(&c, &e, NULL), QF_OK);
  assert_near(e, 0.5272, 4);
  c.cao_other = 0.02; /* slag in the raw meal: less 0.02 x 44/56 = 0.01571 */
  assert_int_equal(qf_carbon_clinker(&c, &e, NULL), QF_OK);
  assert_near(e, 0.5115, 4);
  assert_int_equal(qf_carbon_rawmeal((qf_tonne){1550}, 0.002, &x, NULL), QF_OK); /* 3.1 t carbon x 44/12 */
  assert_near(x.t, 11.367, 3);
  c.cao = 65; /* percent given for a fraction */
  assert_int_equal(qf_carbon_clinker(&c, &e, NULL), QF_RANGE);
  c = (qf_clinker){.cao = 0.65, .cao_other = 0.7};
  assert_int_equal(qf_carbon_clinker(&c, &e, NULL), QF_RANGE);
}

static void glass(void **state)
{
  (void)state;
  /* soda 100 x 0.415 x 0.99 = 41.085; limestone 20 x 0.44 = 8.8; carbon powder 1 x 44/12 = 3.6667 */
  const qf_carbonate_use u[] = {{100, 0.415, 0.99, 1}, {20, 0.44, 1, 1}};
  qf_tco2 x;
  assert_int_equal(qf_carbon_glass(u, 2, (qf_tonne){1}, 1, &x, NULL), QF_OK);
  assert_about(x.t, 41.085 + 8.8 + 44.0 / 12, 1e-9);
  const qf_carbonate_use wrong = {100, 0.415, 99, 1};
  qf_err err = {0};
  assert_int_equal(qf_carbon_glass(&wrong, 1, (qf_tonne){0}, 1, &x, &err), QF_RANGE);
  assert_non_null(strstr(err.en, "carbonate 1"));
}

static void magnesium(void **state)
{
  (void)state;
  /* per tonne of magnesium, say 1.05 t ferrosilicon and 10.5 t dolomite: 1.05 x 2.79 + 10.5 x 0.98 x 0.478 = 2.9295
   * + 4.91862 */
  const qf_pidgeon p = {{1.05}, {10.5}, 2.79, 0.478, 0.98};
  qf_tco2 x;
  assert_int_equal(qf_carbon_pidgeon(&p, &x, NULL), QF_OK);
  assert_about(x.t, 7.84812, 1e-9);
}

/* 1 t pure MgCO3 gives 0.478 t MgO and 0.522 t CO2 */
static void magnesia_from_both_sides(void **state)
{
  (void)state;
  qf_magnesite ore = {{1}, 1, 0, 1};
  qf_tco2 a, b;
  double gap;
  qf_err err = {0};
  assert_int_equal(qf_carbon_magnesite(&ore, &a, NULL), QF_OK);
  assert_near(a.t, 0.522, 3);
  assert_near(1 - a.t, 0.478, 3);
  assert_int_equal(qf_carbon_magnesia((qf_tonne){1 - a.t}, 1, 0, &b, NULL), QF_OK);
  assert_near(b.t, 0.522, 3);
  assert_int_equal(qf_carbon_magnesia((qf_tonne){1}, 1, 0, &b, NULL), QF_OK);
  assert_near(b.t, 1.0919, 4);
  assert_int_equal(qf_carbon_magnesia((qf_tonne){1}, 0, 1, &b, NULL), QF_OK);
  assert_near(b.t, 0.7848, 4);

  ore = (qf_magnesite){{2100}, 0.95, 0.02, 0.97};
  assert_int_equal(qf_carbon_magnesite(&ore, &a, NULL),
                   QF_OK); /* 2100 (0.95 x 0.52197 + 0.02 x 0.43971) 0.97 = 1028.0 */
  assert_near(a.t, 1028.0, 1);
  assert_int_equal(qf_carbon_magnesia((qf_tonne){1000}, 0.90, 0.02, &b, NULL), QF_OK); /* 982.7 + 15.7 = 998.4 */
  assert_near(b.t, 998.4, 1);
  assert_int_equal(qf_carbon_both_sides(a, b, 0.05, &gap, &err), QF_OK);
  assert_about(gap, (a.t - b.t) / a.t, 1e-12);
  assert_int_equal(qf_carbon_magnesia((qf_tonne){800}, 0.90, 0.02, &b, NULL),
                   QF_OK); /* product under-reported by a fifth */
  assert_int_equal(qf_carbon_both_sides(a, b, 0.05, &gap, &err), QF_PARTIAL);
  assert_non_null(strstr(err.en, "differ by 22"));
  assert_non_null(strstr(err.zh, "1028"));
  assert_int_equal(qf_carbon_both_sides(a, (qf_tco2){0}, 0.05, &gap, &err), QF_RANGE);
}

static void stoichiometry_of_carbonates(void **state)
{
  (void)state;
  const struct {
    const char *formula;
    double want;
  } t[] = {{"CaCO3", 0.4397},  {"MgCO3", 0.5220}, {"CaMg(CO3)2", 0.4773}, {"Na2CO3", 0.4152},
           {"NaHCO3", 0.5239}, {"FeCO3", 0.3799}, {"MnCO3", 0.3829},      {"BaCO3", 0.2230},
           {"Li2CO3", 0.5956}, {"K2CO3", 0.3184}, {"SrCO3", 0.2981}};
  for (size_t i = 0; i < sizeof t / sizeof *t; i++)
    assert_about(qf_carbon_stoichiometry(t[i].formula), t[i].want, 1.01e-4);
  assert_about(qf_carbon_stoichiometry("H2O"), 0, 0);
}

static void wrong_units_are_caught(void **state)
{
  (void)state;
  double ef;
  qf_tco2 x;
  qf_err err = {0};
  qf_fuel f = {28.447, 29.50, 0.93}; /* tC/TJ for tC/GJ */
  assert_int_equal(qf_carbon_ef(&f, &ef, &err), QF_RANGE);
  assert_non_null(strstr(err.en, "CC 29.5"));
  f = (qf_fuel){28.447, 0.0295, 93};
  assert_int_equal(qf_carbon_ef(&f, &ef, &err), QF_RANGE);
  f = (qf_fuel){0, 0.0295, 0.93};
  assert_int_equal(qf_carbon_combustion(1, &f, &x, &err), QF_RANGE);
  assert_int_equal(qf_carbon_electricity((qf_kwh){1}, 487.8, &x, &err), QF_RANGE); /* g/kWh */
  assert_int_equal(qf_carbon_of(1, -0.1, &x, &err), QF_RANGE);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(default_table_factors),
      cmocka_unit_test(a_steel_plant),
      cmocka_unit_test(verified_totals),
      cmocka_unit_test(cement),
      cmocka_unit_test(glass),
      cmocka_unit_test(magnesium),
      cmocka_unit_test(magnesia_from_both_sides),
      cmocka_unit_test(stoichiometry_of_carbonates),
      cmocka_unit_test(wrong_units_are_caught),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
