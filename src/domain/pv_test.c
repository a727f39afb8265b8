/* Reference numbers of PVWatts as published by pvlib's tests, a sky worked by hand. */
#include "domain/pv.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define assert_about(a, b, eps) assert_true(fabs((a) - (b)) <= (eps))

/* One hour of DC power with the cell at cell_c: the air is cooler by G (NOCT - 20) / 800. */
static qf_rc dc(const qf_module *m, double poa, double cell_c, double *p)
{
  qf_pv_yield y = {0};
  const qf_pv_hour h = {poa, cell_c - poa * (m->noct_c - 20) / 800, 1};
  qf_rc rc = qf_pv_expected(m, &h, 1, 1, &y, NULL);
  *p = y.ac;
  return rc;
}

static void pvwatts_dc(void **state)
{
  (void)state;
  qf_module m = {100, -0.003, 0, 45};
  double p;
  assert_int_equal(dc(&m, 900, 30, &p), QF_OK);
  assert_about(p, 88.65, 1e-9); /* 90 * (1 - 0.015) */
  m.weak_light_k = 0.01;
  assert_int_equal(dc(&m, 100, 30, &p), QF_OK);
  assert_about(p, 8.9125, 1e-9); /* 9.85 - 100 * 0.01 * (1 - 0.5^4) */
  assert_int_equal(dc(&m, 600, 25, &p), QF_OK);
  assert_about(p, 59.5, 1e-9); /* 60 - 100 * 0.01 * 400/800 */
  assert_int_equal(dc(&m, 0, 30, &p), QF_OK);
  assert_about(p, 0, 0);
  m.gamma_per_k = -0.3; /* percent per K */
  assert_int_equal(dc(&m, 900, 30, &p), QF_RANGE);
}

static void pvwatts_inverter(void **state)
{
  (void)state;
  double p;
  assert_int_equal(qf_pv_inverter(90, 100, 0.95, &p, NULL), QF_OK);
  assert_about(p, 85.58556604752516, 1e-12);
  assert_int_equal(qf_pv_inverter(50, 100, 0.95, &p, NULL), QF_OK);
  assert_about(p, 47.60843624, 1e-8);
  assert_int_equal(qf_pv_inverter(100, 100, 0.95, &p, NULL), QF_OK);
  assert_about(p, 95, 1e-9); /* -0.0162 - 0.0059 + 0.9858 = 0.9637 */
  assert_int_equal(qf_pv_inverter(150, 100, 0.95, &p, NULL), QF_OK);
  assert_about(p, 95, 1e-12);
  assert_int_equal(qf_pv_inverter(0.1, 100, 0.95, &p, NULL), QF_OK); /* 0.1 % load: the curve is below 0 */
  assert_about(p, 0, 0);
  assert_int_equal(qf_pv_inverter(0, 100, 0.95, &p, NULL), QF_OK);
  assert_about(p, 0, 0);
}

static void sky_by_hand(void **state)
{
  (void)state;
  /* 60 deg south, sun due south with tan z = 1.39719, so R_b = 0.5 + 0.866025 * 1.39719 = 1.71; albedo 0.60.
   * On the flat: beam 244, diffuse 796, global 1040, extraterrestrial 2340, all scaled by 0.25 to plausible W/m2.
   * isotropic: 244*1.71 + 796*0.75 + 1040*0.60*0.25 = 417.24 + 597 + 156 = 1170.24
   * HDKR: A = 0.104274, f = sqrt(244/1040) = 0.484371, 1 + f sin^3 30 = 1.060546
   *   beam and circumsolar (244 + 796*0.104274)*1.71 = (244 + 83.0021)*1.71 = 559.1736
   *   sky 796*0.895726*0.75*1.060546 = 567.1267 ; ground 156 ; sum 1282.300 */
  const double s = 0.25, deg = 3.14159265358979323846 / 180;
  const double z = atan(1.21 / sin(60 * deg)); /* R_b - cos 60 = 1.21 */
  const qf_sun sun = {z / deg, 180, 0, 0, 1};
  const qf_plane p = {60, 180, 0.60};
  qf_irradiance i = {1040 * s, 244 * s / cos(z), 796 * s, 0};
  double poa;
  assert_int_equal(qf_pv_plane_irradiance(&sun, &p, &i, &poa, NULL), QF_OK);
  assert_about(poa / s, 1170.24, 1e-6);
  i.i0n = 2340 * s / cos(z);
  assert_int_equal(qf_pv_plane_irradiance(&sun, &p, &i, &poa, NULL), QF_OK);
  assert_about(poa / s, 1282.300, 2e-2);
}

static void flat_and_behind(void **state)
{
  (void)state;
  const qf_sun sun = {60, 180, 0, 0, 1}, night = {95, 300, 0, 0, 1}, low = {88, 180, 0, 0, 1};
  const qf_plane flat = {0, 0, 0.2}, north = {90, 0, 0.2}, bad = {-5, 0, 0.2};
  const qf_irradiance i = {500, 800, 100, 1361};
  double poa;
  assert_int_equal(qf_pv_plane_irradiance(&sun, &flat, &i, &poa, NULL), QF_OK);
  assert_about(poa, 500, 1e-9); /* flat, both models give beam + diffuse: 800 * 0.5 + 100 */
  assert_int_equal(qf_pv_plane_irradiance(&sun, &north, &i, &poa, NULL), QF_OK);
  const double a = 800.0 / 1361, f = sqrt(0.8), s45 = sqrt(0.5); /* beam behind: sky and ground only */
  assert_about(poa, 100 * (1 - a) * 0.5 * (1 + f * s45 * s45 * s45) + 500 * 0.2 * 0.5, 1e-9);
  const qf_irradiance dusk = {0, 300, 0, 1361};
  assert_int_equal(qf_pv_plane_irradiance(&night, &north, &dusk, &poa, NULL), QF_OK);
  assert_about(poa, 0, 0); /* the sun is under the horizon, whatever a sensor says */
  const qf_irradiance dawn = {30, 100, 26, 1361};
  assert_int_equal(qf_pv_plane_irradiance(&low, &(qf_plane){90, 180, 0.2}, &dawn, &poa, NULL), QF_OK);
  assert_true(poa < 130); /* R_b of 28 is not used */
  assert_int_equal(qf_pv_plane_irradiance(&sun, &bad, &i, &poa, NULL), QF_RANGE);
}

static void yield(void **state)
{
  (void)state;
  /* 10 kW, gamma -0.0035, NOCT 45: 800 W/m2 at 20 degC: T_c = 45, 8 (1 - 0.07) = 7.44 kW; 400 at 10: T_c 22.5,
   * 4 (1 + 0.00875) = 4.035. Two hours and one: (14.88 + 4.035) 0.86 = 16.2669 kWh; 1.6 + 0.4 = 2 kWh/m2 */
  const qf_module m = {10, -0.0035, 0, 45};
  const qf_pv_hour h[] = {{800, 20, 2}, {400, 10, 1}};
  qf_pv_yield y;
  double pr;
  assert_int_equal(qf_pv_expected(&m, h, 2, 0.86, &y, NULL), QF_OK);
  assert_about(y.ac, 16.2669, 1e-9);
  assert_about(y.insolation, 2, 1e-12);
  assert_int_equal(qf_pv_performance_ratio(16.2669, 10, 2, &pr, NULL), QF_OK);
  assert_about(pr, 0.813345, 1e-9);
  assert_int_equal(qf_pv_performance_ratio(1, 10, 0, &pr, NULL), QF_RANGE);
  assert_int_equal(qf_pv_judge(74, 100, 0.75, 0.1), QF_PV_LOW);
  assert_int_equal(qf_pv_judge(76, 100, 0.75, 0.1), QF_PV_OK);
  assert_int_equal(qf_pv_judge(0, 100, 0.75, 0.1), QF_PV_DEAD);
  assert_int_equal(qf_pv_judge(0.5, 0, 0.75, 0.1), QF_PV_NIGHT);
  assert_int_equal(qf_pv_judge(0.05, 0, 0.75, 0.1), QF_PV_UNKNOWN);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(pvwatts_dc), cmocka_unit_test(pvwatts_inverter),
                                     cmocka_unit_test(sky_by_hand), cmocka_unit_test(flat_and_behind),
                                     cmocka_unit_test(yield)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
