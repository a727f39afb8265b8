/* The published growths of the article, and sums that must close. */
#include "domain/lmdi.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define assert_about(a, b, eps) assert_true(fabs((a) - (b)) <= (eps))

/* The terms of every sector within the totals, summed: the whole decomposition. */
static qf_rc sum(const qf_lmdi_sector *s, size_t n, qf_lmdi *out, qf_err *err)
{
  double v0 = 0, v1 = 0;
  *out = (qf_lmdi){0};
  for (size_t i = 0; i < n; i++)
    v0 += s[i].v0, v1 += s[i].v1;
  for (size_t i = 0; i < n; i++) {
    qf_lmdi d;
    qf_rc rc = qf_lmdi_sector_terms(&s[i], v0, v1, &d, err);
    if (rc)
      return rc;
    out->activity += d.activity, out->structure += d.structure, out->intensity += d.intensity, out->change += d.change;
  }
  return QF_OK;
}

static void one_sector(void **state)
{
  (void)state;
  /* value added +10.3 %, intensity -5.6 %: energy 1.103 * 0.944 = 1.041232, i.e. +4.1232 %.
   * L(104.1232, 100) = 4.1232 / ln 1.041232 = 102.0477; times ln 1.103 = 0.0980342 -> +10.0041; times ln 0.944 =
   * -0.0576291 -> -5.8809 */
  const qf_lmdi_sector s = {100, 104.1232, 1000, 1103};
  qf_lmdi d;
  assert_int_equal(sum(&s, 1, &d, NULL), QF_OK);
  assert_about(d.activity, 10.0041, 5e-5);
  assert_about(d.intensity, -5.8809, 5e-5);
  assert_about(d.structure, 0, 1e-12);
  assert_about(d.change, 4.1232, 1e-9);
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
  assert_int_equal(sum(s, 3, &d, NULL), QF_OK);
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
  assert_int_equal(sum(s, 3, &d, NULL), QF_OK);
  assert_about(d.structure, 30, 1e-12);
  assert_about(d.activity, 0, 1e-12);
  assert_about(d.intensity, 0, 1e-12);
  /* worked in both years but began to use energy: intensity. Sum stays closed */
  const qf_lmdi_sector t[] = {{0, 5, 10, 20}, {100, 130, 90, 100}};
  assert_int_equal(sum(t, 2, &d, NULL), QF_OK);
  assert_about(d.activity + d.structure + d.intensity, 35, 1e-11);
  assert_true(d.intensity > 5);
}

static void refused(void **state)
{
  (void)state;
  qf_lmdi d;
  qf_err err = {0};
  const qf_lmdi_sector a = {10, 10, 0, 5}, b = {-1, 1, 1, 1}, c = {0, 0, 0, 1};
  assert_int_equal(sum(&a, 1, &d, &err), QF_RANGE);
  assert_int_equal(sum(&b, 1, &d, &err), QF_RANGE);
  assert_int_equal(sum(&c, 1, &d, &err), QF_RANGE);
}

/* With value added unchanged all of the change is intensity: L ln(E1/E0) = E1 - E0, whichever branch of the mean. */
static void mean(void **state)
{
  (void)state;
  static const double e1[] = {1, 2.718281828459045, 1.0000999, 1.0001001, 1.00005};
  for (size_t i = 0; i < sizeof e1 / sizeof *e1; i++) {
    const qf_lmdi_sector s = {1, e1[i], 3, 3};
    qf_lmdi d;
    assert_int_equal(qf_lmdi_sector_terms(&s, 3, 3, &d, NULL), QF_OK);
    assert_about(d.intensity, e1[i] - 1, 1e-14);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(one_sector), cmocka_unit_test(three_sectors),
                                     cmocka_unit_test(zeros), cmocka_unit_test(refused), cmocka_unit_test(mean)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
