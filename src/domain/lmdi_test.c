/* The published growths of the article, and sums that must close. */
#include "domain/lmdi.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define assert_about(a, b, eps) assert_true(fabs((a) - (b)) <= (eps))

static void one_sector(void **state)
{
  (void)state;
  /* value added +10.3 %, intensity -5.6 %: energy 1.103 * 0.944 = 1.041232, i.e. +4.1232 %.
   * L(104.1232, 100) = 4.1232 / ln 1.041232 = 102.0477; times ln 1.103 = 0.0980342 -> +10.0041; times ln 0.944 =
   * -0.0576291 -> -5.8809 */
  const qf_lmdi_sector s = {100, 104.1232, 1000, 1103};
  qf_lmdi d;
  assert_int_equal(qf_lmdi_decompose(&s, 1, &d, NULL), QF_OK);
  assert_about(d.activity, 10.0041, 5e-5);
  assert_about(d.intensity, -5.8809, 5e-5);
  assert_about(d.structure, 0, 1e-12);
  assert_about(d.change, 4.1232, 1e-9);
  double c;
  assert_int_equal(qf_lmdi_intensity_change(0.041232, 0.103, &c, NULL), QF_OK);
  assert_about(c, -0.056, 1e-12);
  assert_int_equal(qf_lmdi_intensity_change(0.04, -1, &c, NULL), QF_RANGE);
}

static void three_sectors(void **state)
{
  (void)state;
  /* steel shrinks in share, machinery grows. By hand, natural logarithms; V 1000 -> 1100, ln 1.1 = 0.0953102:
   * A 600->594: L = -6/ln 0.99 = 596.995; v 300->297 so ln(v1/v0) = -0.0100503, intensity unchanged (2.0, 2.0)
   * B 100->120: L = 20/ln 1.2 = 109.6963; v 400->480 (intensity unchanged 0.25), ln 1.2 = 0.1823216
   * C 90->80.75: L = -9.25/ln(80.75/90); v 300->323: ln(323/300) = 0.0738712; I 0.3 -> 0.25: ln(5/6) = -0.1823216
   * intensity = L_C * -0.1823216; ln(80.75/90) = 0.0738712 - 0.1823216 = -0.1084504, L_C = 85.2925 -> -15.5506 */
  const qf_lmdi_sector s[] = {{600, 594, 300, 297}, {100, 120, 400, 480}, {90, 80.75, 300, 323}};
  qf_lmdi d;
  assert_int_equal(qf_lmdi_decompose(s, 3, &d, NULL), QF_OK);
  assert_about(d.intensity, -15.5506, 1e-3);
  assert_about(d.activity, (596.995 + 109.6963 + 85.2925) * 0.0953102, 1e-2);
  assert_about(d.change, 4.75, 1e-12);
  assert_about(d.activity + d.structure + d.intensity, d.change, 1e-11);
}

static void zeros(void **state)
{
  (void)state;
  qf_lmdi d;
  /* a sector appears with 50, another vanishes with 20, the third is unchanged */
  const qf_lmdi_sector s[] = {{0, 50, 0, 10}, {20, 0, 10, 0}, {100, 100, 90, 90}};
  assert_int_equal(qf_lmdi_decompose(s, 3, &d, NULL), QF_OK);
  assert_about(d.structure, 30, 1e-12);
  assert_about(d.activity, 0, 1e-12);
  assert_about(d.intensity, 0, 1e-12);
  /* worked in both years but began to use energy: intensity. Sum stays closed */
  const qf_lmdi_sector t[] = {{0, 5, 10, 20}, {100, 130, 90, 100}};
  assert_int_equal(qf_lmdi_decompose(t, 2, &d, NULL), QF_OK);
  assert_about(d.activity + d.structure + d.intensity, 35, 1e-11);
  assert_true(d.intensity > 5);
}

static void refused(void **state)
{
  (void)state;
  qf_lmdi d;
  qf_err err = {0};
  const qf_lmdi_sector a = {10, 10, 0, 5}, b = {-1, 1, 1, 1}, c = {0, 0, 0, 1};
  assert_int_equal(qf_lmdi_decompose(&a, 1, &d, &err), QF_RANGE);
  assert_int_equal(qf_lmdi_decompose(&b, 1, &d, &err), QF_RANGE);
  assert_int_equal(qf_lmdi_decompose(&c, 1, &d, &err), QF_RANGE);
  assert_int_equal(qf_lmdi_decompose(NULL, 0, &d, &err), QF_RANGE);
}

static void mean(void **state)
{
  (void)state;
  assert_about(qf_lmdi_mean(5, 5), 5, 0);
  assert_about(qf_lmdi_mean(0, 5), 0, 0);
  assert_about(qf_lmdi_mean(exp(1), 1), exp(1) - 1, 1e-12);
  /* both branches meet: at d = 1e-4 the series and the quotient are one value */
  assert_about(qf_lmdi_mean(1.0000999, 1), qf_lmdi_mean(1.0001001, 1), 2e-7);
  assert_about(qf_lmdi_mean(1.00005, 1), 1.000024999791673, 1e-14); /* 1 + d/2 - d^2/12 + d^3/24 */
  assert_true(isnan(qf_lmdi_mean(-1, 1)));
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(one_sector), cmocka_unit_test(three_sectors),
                                     cmocka_unit_test(zeros), cmocka_unit_test(refused), cmocka_unit_test(mean)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
