/* Ratios of the published rules as rows; a tonne that two projects want. */
#include "domain/replace.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define assert_about(a, b, eps) assert_true(fabs((a) - (b)) <= (eps))

/* days are plain numbers here: the steel rule from 100 to 200, suspended after */
static const qf_swap_rule rules[] = {
    {"steel", "key_region", 100, 200, false, 1.5}, {"steel", "other", 100, 200, false, 1.25},
    {"steel", "hydrogen", 100, 200, false, 1},     {"steel", "other", 201, 999, true, 1.25},
    {"clinker", "other", 100, 999, false, 1.5},    {"glass", "pv_rolled", 100, 999, false, 0},
};

static void ratios(void **state)
{
  (void)state;
  double r;
  assert_int_equal(qf_swap_ratio(rules, 6, "steel", "other", 150, &r, NULL), QF_OK);
  assert_about(r, 1.25, 0);
  assert_int_equal(qf_swap_ratio(rules, 6, "steel", "hydrogen", 150, &r, NULL), QF_OK);
  assert_about(r, 1, 0);
  assert_int_equal(qf_swap_ratio(rules, 6, "steel", "other", 300, &r, NULL), QF_STATE);
  assert_int_equal(qf_swap_ratio(rules, 6, "steel", "other", 99, &r, NULL), QF_NOTFOUND);
  assert_int_equal(qf_swap_ratio(rules, 6, "magnesia", "other", 150, &r, NULL), QF_NOTFOUND);
  const qf_swap_rule twice[] = {rules[1], rules[1]};
  assert_int_equal(qf_swap_ratio(twice, 2, "steel", "other", 150, &r, NULL), QF_CORRUPT);
}

static void once(void **state)
{
  (void)state;
  /* new 80 x 10^4 t at 1.25 wants 100: 60 of A and 40 of B */
  qf_retired r[] = {{"A", 60e4, true, true}, {"B", 70e4, true, true}, {"C", 10e4, false, true}};
  qf_swap_use u[] = {{"A", "new", 60e4}, {"B", "new", 40e4}, {"B", "rival", 30e4}, {"C", "rival", 1}};
  qf_swap_sources s = {r, 3, u, 3};
  qf_swap_result v;
  qf_err err = {0};
  assert_int_equal(qf_swap_project(&s, "new", 80e4, 1.25, &v, NULL), QF_OK);
  assert_about(v.required_t, 100e4, 1e-6);
  assert_true(v.pass);
  u[2].t = 30e4 + 1; /* the rival takes one tonne too many: neither passes */
  assert_int_equal(qf_swap_project(&s, "new", 80e4, 1.25, &v, &err), QF_EXISTS);
  assert_non_null(strstr(err.en, "retired B"));
  u[2].t = 30e4;
  r[1].verified = false;
  assert_int_equal(qf_swap_project(&s, "new", 80e4, 1.25, &v, NULL), QF_OK);
  assert_about(v.verified_t, 60e4, 0);
  assert_about(v.claimed_t, 100e4, 0);
  assert_false(v.pass);
  s.n_use = 4;
  assert_int_equal(qf_swap_check(&s, &err), QF_DENIED);
  u[3].retired = "D";
  assert_int_equal(qf_swap_check(&s, &err), QF_NOTFOUND);
  r[2].id = "A", s.n_use = 3;
  assert_int_equal(qf_swap_check(&s, &err), QF_EXISTS);
}

static void levels(void **state)
{
  (void)state;
  const qf_review_limits l = {1000, 5e6, 10000, 500000};
  const struct {
    double tce, kwh;
    qf_review_level level;
  } t[] = {{999, 4.9e6, QF_REVIEW_COMMITMENT}, {999, 5e6, QF_REVIEW_LOCAL},    {1000, 0, QF_REVIEW_LOCAL},
           {9999, 6e7, QF_REVIEW_LOCAL},       {10000, 0, QF_REVIEW_PROVINCE}, {499999, 0, QF_REVIEW_PROVINCE},
           {500000, 0, QF_REVIEW_NATION}};
  for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
    qf_review_level got;
    assert_int_equal(qf_twohigh_level(t[i].tce, (qf_kwh){t[i].kwh}, &l, &got, NULL), QF_OK);
    assert_int_equal(got, t[i].level);
  }
  qf_review_level got;
  assert_int_equal(qf_twohigh_level(-1, (qf_kwh){0}, &l, &got, NULL), QF_RANGE);
}

static void joint_review(void **state)
{
  (void)state;
  qf_opinion o[] = {QF_OPINION_AGREE, QF_OPINION_AGREE, QF_OPINION_NONE};
  assert_int_equal(qf_twohigh_joint(o, 3), QF_JOINT_OPEN);
  assert_int_equal(qf_twohigh_joint(o, 2), QF_JOINT_AGREED);
  o[2] = QF_OPINION_CHANGE;
  assert_int_equal(qf_twohigh_joint(o, 3), QF_JOINT_CHANGE);
  o[2] = QF_OPINION_REFUSE;
  assert_int_equal(qf_twohigh_joint(o, 3), QF_JOINT_CONFLICT);
  assert_int_equal(qf_twohigh_joint(o + 2, 1), QF_JOINT_REFUSED);
  assert_int_equal(qf_twohigh_joint(o, 0), QF_JOINT_OPEN);
  assert_true(qf_twohigh_begun_before_opinion(10, 0));
  assert_true(qf_twohigh_begun_before_opinion(10, 11));
  assert_false(qf_twohigh_begun_before_opinion(11, 11));
  assert_false(qf_twohigh_begun_before_opinion(0, 0));
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(ratios), cmocka_unit_test(once), cmocka_unit_test(levels),
                                     cmocka_unit_test(joint_review)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
