/* Reference numbers of the methods, and models recovered from points made with them. */
#include "domain/mv.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define assert_about(a, b, eps) assert_true(fabs((a) - (b)) <= (eps))

static void metrics(void **state)
{
  (void)state;
  const double m[] = {310, 295, 260, 190, 150, 140, 135, 138, 160, 205, 255, 300},
               p[] = {305, 300, 255, 195, 148, 142, 138, 136, 158, 210, 250, 303};
  /* sum m 2538, mean 211.5; sum (m - p) = -2, / (10 * 211.5) = -0.0946 %; squares 184, sqrt(18.4) / 211.5 = 2.0281 % */
  qf_fit f;
  assert_int_equal(qf_mv_metrics(m, p, 12, 2, &f, NULL), QF_OK);
  assert_about(f.nmbe, -0.000946, 5e-7);
  assert_about(f.cv_rmse, 0.020281, 5e-7);
  assert_int_equal(qf_mv_metrics(m, p, 2, 2, &f, NULL), QF_RANGE);
}

static void uncertainty(void **state)
{
  (void)state;
  /* shape -0.03456 + 0.4242 + 1.00286 = 1.3925; sqrt(1.005479/365) = 0.0524856; 1.645 * 1.3925 * 0.25 * 0.0524856 / 0.1 */
  qf_uncertainty u = {1.645, -0.00024, 0.03535, 1.00286, 12, 0.25, 365, 365, 365, 0.10};
  double f;
  assert_int_equal(qf_mv_uncertainty(&u, &f, NULL), QF_OK);
  assert_about(f, 0.30057, 5e-6);
  u.saving = 0;
  assert_int_equal(qf_mv_uncertainty(&u, &f, NULL), QF_RANGE);
}

/* 60 days from -10 by 0.75 to 34.25 degC, energy of a known model */
static void make(const qf_cp *m, double t[60], double y[60])
{
  for (size_t i = 0; i < 60; i++) {
    t[i] = -10 + 0.75 * (double)i;
    y[i] = m->base + m->heat * fmax(m->heat_at - t[i], 0) + m->cool * fmax(t[i] - m->cool_at, 0);
  }
}

static const qf_cp_grid grid = {5, 27, 1, 0, 0};

static void recovered(void **state)
{
  (void)state;
  const qf_cp truth[] = {{.kind = QF_CP_3PH, .base = 100, .heat = 3, .heat_at = 15},
                         {.kind = QF_CP_3PC, .base = 80, .cool = 5, .cool_at = 22},
                         {.kind = QF_CP_5P, .base = 60, .heat = 2, .cool = 4, .heat_at = 12, .cool_at = 20}};
  double t[60], y[60];
  qf_cp m;
  for (size_t i = 0; i < 3; i++) {
    make(&truth[i], t, y);
    assert_int_equal(qf_cp_choose(t, y, 60, &grid, &m, NULL), QF_OK);
    assert_int_equal(m.kind, truth[i].kind);
    assert_about(m.base, truth[i].base, 1e-6);
    assert_about(m.heat, truth[i].heat, 1e-7);
    assert_about(m.cool, truth[i].cool, 1e-7);
    assert_about(m.heat_at, truth[i].heat_at, 1e-9);
    assert_about(m.cool_at, truth[i].cool_at, 1e-9);
    assert_about(m.r2, 1, 1e-9);
  }
  /* what would have been used: 10 units a day less than the last model over 60 days */
  for (size_t i = 0; i < 60; i++)
    y[i] -= 10;
  assert_about(qf_cp_avoided(&m, t, y, 60), 600, 1e-4);
}

static void two_and_four(void **state)
{
  (void)state;
  /* least squares by hand: T 0 1 2 3, y 1 3 4 8: mean 1.5 and 4, Sxy = 4.5+0.5+0+6 = 11, Sxx = 5: slope 2.2, base 0.7;
   * residuals 0.3 0.1 -1.1 0.7: rss 1.8 of 26: R2 = 0.930769, adjusted 1 - 0.069231 * 3/2 = 0.896154 */
  const double t4[] = {0, 1, 2, 3}, y4[] = {1, 3, 4, 8}, same[] = {7, 7, 7, 7};
  qf_cp m;
  assert_int_equal(qf_cp_fit(QF_CP_2P, t4, y4, 4, &grid, &m, NULL), QF_OK);
  assert_about(m.cool, 2.2, 1e-12);
  assert_about(m.base, 0.7, 1e-12);
  assert_about(m.r2, 0.930769, 1e-6);
  assert_about(m.adjusted_r2, 0.896154, 1e-6);
  assert_about(qf_cp_predict(&m, 10), 22.7, 1e-12);
  assert_int_equal(qf_cp_fit(QF_CP_2P, same, y4, 4, &grid, &m, NULL), QF_STATE);
  assert_int_equal(qf_cp_fit(QF_CP_5P, t4, y4, 4, &grid, &m, NULL), QF_RANGE);
  double t[60], y[60];
  const qf_cp knee = {.kind = QF_CP_4P, .base = 50, .heat = -1, .cool = 4, .heat_at = 18, .cool_at = 18};
  make(&knee, t, y);
  assert_int_equal(qf_cp_fit(QF_CP_4P, t, y, 60, &grid, &m, NULL), QF_OK);
  assert_about(m.heat_at, 18, 1e-9);
  assert_about(m.cool_at, 18, 1e-9);
  assert_about(m.heat, -1, 1e-7);
  assert_about(m.cool, 4, 1e-7);
}

static void chooses_nothing_for_noise(void **state)
{
  (void)state;
  double t[60], y[60];
  for (size_t i = 0; i < 60; i++) { /* less energy the colder and the hotter: no slope is positive */
    t[i] = -10 + 0.75 * (double)i;
    y[i] = 100 - fabs(t[i] - 12);
  }
  qf_cp m;
  assert_int_equal(qf_cp_choose(t, y, 60, &(qf_cp_grid){12, 12, 1, 0, 0}, &m, NULL), QF_OK);
  assert_true(m.kind == QF_CP_MEAN);
  y[5] = (double)NAN;
  assert_int_equal(qf_cp_choose(t, y, 60, &grid, &m, NULL), QF_RANGE);
}

/* A term needs its days and its degree days: heating below 15 on 9 days, or on 10 days of 19 degree days in all, is no term. */
static void a_term_needs_its_days(void **state)
{
  (void)state;
  enum { N = 40 };
  const qf_cp_grid strict = {15, 15, 1, 10, 20}, loose = {15, 15, 1, 0, 0};
  static const struct {
    size_t cold;
    double degrees;
    qf_cp_kind kind;
  } row[] = {{9, 5, QF_CP_MEAN}, {10, 1.9, QF_CP_MEAN}, {10, 2, QF_CP_3PH}};
  for (size_t r = 0; r < 3; r++) {
    double t[N], y[N];
    for (size_t i = 0; i < N; i++) {
      t[i] = i < row[r].cold ? 15 - row[r].degrees : 15;
      y[i] = i < row[r].cold ? 130 : 100;
    }
    qf_cp m;
    assert_int_equal(qf_cp_choose(t, y, N, &strict, &m, NULL), QF_OK);
    assert_int_equal(m.kind, row[r].kind);
    assert_int_equal(qf_cp_choose(t, y, N, &loose, &m, NULL), QF_OK);
    assert_int_equal(m.kind, QF_CP_3PH);
  }
}

static void effective_days(void **state)
{
  (void)state;
  /* 1 1 -1 1: products 1 - 1 - 1 = -1, squares 4: rho under 0 counts as 0. 1 1 1 -1: 1 + 1 - 1 = 1, rho 1/4: 4 x 0.75 / 1.25 = 2.4 */
  const double against[] = {1, 1, -1, 1}, with[] = {1, 1, 1, -1}, none[] = {0, 0};
  assert_about(qf_mv_effective(against, 4), 4, 1e-12);
  assert_about(qf_mv_effective(with, 4), 2.4, 1e-12);
  assert_about(qf_mv_effective(none, 2), 2, 1e-12);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(metrics),
                                     cmocka_unit_test(uncertainty),
                                     cmocka_unit_test(recovered),
                                     cmocka_unit_test(two_and_four),
                                     cmocka_unit_test(chooses_nothing_for_noise),
                                     cmocka_unit_test(a_term_needs_its_days),
                                     cmocka_unit_test(effective_days)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
