/* A renewal worked out, a pipe worked by hand, limits that must hold for any pipe. */
#include "domain/pipe.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define assert_about(a, b, eps) assert_true(fabs((a) - (b)) <= (eps))

static void twin_by_hand(void **state)
{
  (void)state;
  /* DN200: steel 0.219, insulation = casing 0.315 (bare ratio), axes 0.515, depth 1.2 m, 0.033 / 0.4 / 1.5, 75/45/3:
   * R_i = ln(0.315/0.219) / (2 pi 0.033) = 0.363500 / 0.207345 = 1.753117
   * R_g = ln(4.8/0.315) / (2 pi 1.5) = 2.723799 / 9.424778 = 0.289004;  R = 2.042121
   * R_h = ln(sqrt(1 + (2.4/0.515)^2)) / 9.424778: 2.4/0.515 = 4.660194, square 21.717410, ln sqrt 22.717410 =
   *       1.561554, / 9.424778 = 0.165686
   * det = 4.170258 - 0.027452 = 4.142806; q_s = (72*2.042121 - 42*0.165686) / det = (147.032712 - 6.958812) / 4.142806
   *     = 33.8114;  q_r = (42*2.042121 - 72*0.165686) / det = (85.769082 - 11.929392) / 4.142806 = 17.8236 */
  const qf_pipe p = {0.219, 0.315, 0.315, 1.2, 0.515, 0.033, 0.4, 1.5};
  qf_pipe_loss q;
  assert_int_equal(qf_pipe_twin_loss(&p, 75, 45, 3, &q, NULL), QF_OK);
  assert_about(q.supply_w_per_m, 33.8114, 2e-3);
  assert_about(q.return_w_per_m, 17.8236, 2e-3);
}

static void properties(void **state)
{
  (void)state;
  qf_pipe p = {0.219, 0.3054, 0.315, 1.2, 0.515, 0.033, 0.4, 1.5}, far = p, wet = p;
  qf_pipe_loss q, f, w;
  assert_int_equal(qf_pipe_twin_loss(&p, 75, 45, 3, &q, NULL), QF_OK);
  far.axes_m = 1e6; /* alone: q = (t - t_g) / R */
  assert_int_equal(qf_pipe_twin_loss(&far, 75, 45, 3, &f, NULL), QF_OK);
  assert_about(f.supply_w_per_m / f.return_w_per_m, 72.0 / 42.0, 1e-6);
  assert_true(f.supply_w_per_m > q.supply_w_per_m); /* the neighbour's warmth spares heat */
  /* put the answer back: R from the lone pipe, R_h from the first equation, then the second must hold */
  double r = 72 / f.supply_w_per_m, rh = (72 - q.supply_w_per_m * r) / q.return_w_per_m;
  assert_about(q.return_w_per_m * r + q.supply_w_per_m * rh, 42, 1e-6);
  wet.l_insulation = 0.1;
  assert_int_equal(qf_pipe_twin_loss(&wet, 75, 45, 3, &w, NULL), QF_OK);
  assert_true(w.supply_w_per_m > 2 * q.supply_w_per_m);
  assert_int_equal(qf_pipe_twin_loss(&p, 60, 60, 10, &q, NULL), QF_OK);
  assert_about(q.supply_w_per_m, q.return_w_per_m, 1e-12);
  p.depth_m = 0.5;
  assert_int_equal(qf_pipe_twin_loss(&p, 60, 60, 10, &q, NULL), QF_PARTIAL);
  p.casing_m = 0.2;
  assert_int_equal(qf_pipe_twin_loss(&p, 60, 60, 10, &q, NULL), QF_RANGE);
}

static void per_kilometre(void **state)
{
  (void)state;
  /* 55.1 W/m over 1 km and 151 d: 55.1 * 1000 * 13 046 400 s = 718.86 GJ; reference table says 719 */
  assert_about(qf_pipe_heat(55.1, 1000, 151).gj, 718.86, 5e-3);
  assert_about(qf_pipe_heat(125.7, 1000, 151).gj, 1640, 0.5);
}

static void worked_renewal(void **state)
{
  (void)state;
  /* 10 km DN200 single pipe, 83.7 x 1.5 -> 47.76 W/m, 151 d: 77.79 * 10 000 * 13 046 400 / 1e9 = 10 148.8 GJ */
  const qf_renewal r = {10000, 83.7, 1.5, 47.76};
  qf_renewal bad[] = {r, {10, 80, 3, 40}};
  qf_gj s;
  qf_err err = {0};
  assert_int_equal(qf_pipe_renewal(&r, 1, 151, &s, NULL), QF_OK);
  assert_about(s.gj, 10148.8, 0.05);
  assert_about(qf_tce(qf_kgce_of_gj(s)), 346.3, 0.05);
  assert_about(s.gj * 0.11, 1116.4, 0.05); /* at 0.11 tCO2/GJ */
  assert_int_equal(qf_pipe_renewal(bad, 2, 151, &s, &err), QF_RANGE);
  assert_non_null(strstr(err.en, "segment 2"));
  /* 1000 t less make-up, lost at 50, filled at 10 degC: 4.1868 * 40 = 167.472 GJ */
  assert_int_equal(qf_pipe_leak_saving((qf_tonne){1000}, 50, 10, &s, NULL), QF_OK);
  assert_about(s.gj, 167.472, 1e-9);
  assert_int_equal(qf_pipe_leak_saving((qf_tonne){1000}, 10, 50, &s, NULL), QF_RANGE);
}

static void loss_rate(void **state)
{
  (void)state;
  double r;
  assert_int_equal(qf_pipe_loss_rate((qf_gj){1000}, (qf_gj){920}, &r, NULL), QF_OK);
  assert_about(r, 0.08, 1e-12);
  assert_int_equal(qf_pipe_loss_rate((qf_gj){1000}, (qf_gj){1001}, &r, NULL), QF_STATE);
  assert_int_equal(qf_pipe_loss_rate((qf_gj){0}, (qf_gj){0}, &r, NULL), QF_RANGE);
}

static void evenness(void **state)
{
  (void)state;
  /* 17 19 21 25: mean 20.5, deviations squared 12.25 2.25 0.25 20.25 = 35, /4 = 8.75, root 2.95804; outdoors 0.5 */
  const double t[] = {17, 19, 21, 25}, even[] = {20, 20}, hot[] = {20, 200};
  qf_evenness e;
  assert_int_equal(qf_pipe_evenness(t, 4, 0.5, 18, 24, &e, NULL), QF_OK);
  assert_about(e.mean_c, 20.5, 1e-12);
  assert_about(e.spread_c, 2.95804, 1e-5);
  assert_about(e.under_share, 0.25, 0);
  assert_about(e.over_share, 0.25, 0);
  assert_about(e.index, 2.95804 / 20, 1e-6);
  assert_int_equal(qf_pipe_evenness(even, 2, -5, 18, 24, &e, NULL), QF_OK);
  assert_about(e.index, 0, 0);
  assert_int_equal(qf_pipe_evenness(even, 2, 21, 18, 24, &e, NULL), QF_RANGE);
  assert_int_equal(qf_pipe_evenness(hot, 2, 0, 18, 24, &e, NULL), QF_RANGE);
  assert_int_equal(qf_pipe_evenness(even, 0, 0, 18, 24, &e, NULL), QF_RANGE);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(twin_by_hand),  cmocka_unit_test(properties),
                                     cmocka_unit_test(per_kilometre), cmocka_unit_test(worked_renewal),
                                     cmocka_unit_test(loss_rate),     cmocka_unit_test(evenness)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
