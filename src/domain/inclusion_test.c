/* Acts that are credited, capped and refused, by hand. */
#include "domain/inclusion.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define assert_about(a, b, eps) assert_true(fabs((a) - (b)) <= (eps))

/* walking: 50 g/km, at most 8 km an act and 19.5 km (30 000 steps of 0.65 m) a day, 3..7 km/h */
static const qf_method walk = {50, 0, 8, 19.5, 3, 7, 0.65, 0.30, 100, 200};
static const qf_act stroll = {"d1", "walk", 10000, 13600, 150, 5, 7700, true}; /* 5 km in 1 h; 7 700 steps: 5.005 km */

static void credits(void **state)
{
  (void)state;
  qf_credit c = qf_incl_credit(&walk, &stroll, 0);
  assert_int_equal(c.verdict, QF_ACT_OK);
  assert_int_equal(c.grams, 250);
  c = qf_incl_credit(&walk, &stroll, 17);
  assert_int_equal(c.verdict, QF_ACT_CAPPED);
  assert_about(c.units, 2.5, 1e-12);
  assert_int_equal(c.grams, 125);
  c = qf_incl_credit(&walk, &stroll, 25);
  assert_int_equal(c.verdict, QF_ACT_CAPPED);
  assert_int_equal(c.grams, 0);
  /* bus: 70 - 40 g per pkm; 3.75 km 112.5 g, down to 112 */
  const qf_method bus = {70, 40, 50, 100, 0, 0, 0, 0, 100, 200};
  qf_act ride = {"d1", "bus", 0, 0, 150, 3.75, -1, true};
  assert_int_equal(qf_incl_credit(&bus, &ride, 0).grams, 112);
  const qf_method worse = {40, 70, 50, 100, 0, 0, 0, 0, 100, 200};
  assert_int_equal(qf_incl_credit(&worse, &ride, 0).grams, 0);
  /* charging: (7/14) * 2179 - 487.8/0.92 = 1089.5 - 530.217 = 559.28 g/kWh; 10 kWh -> 5 592 */
  const qf_method charge = {1089.5, 487.8 / 0.92, 100, 100, 0, 0, 0, 0, 100, 200};
  ride.units = 10;
  assert_int_equal(qf_incl_credit(&charge, &ride, 0).grams, 5592);
}

static qf_act_verdict with(qf_act a)
{
  qf_credit c = qf_incl_credit(&walk, &a, 0);
  assert_int_equal(c.grams, 0);
  return c.verdict;
}

static void refused(void **state)
{
  (void)state;
  qf_act a = stroll;
  a.consent = false;
  assert_int_equal(with(a), QF_ACT_NO_CONSENT);
  a = stroll, a.day = 201;
  assert_int_equal(with(a), QF_ACT_NOT_IN_FORCE);
  a = stroll, a.end_s = a.start_s - 1;
  assert_int_equal(with(a), QF_ACT_MALFORMED);
  a = stroll, a.units = (double)NAN;
  assert_int_equal(with(a), QF_ACT_MALFORMED);
  a = stroll, a.units = 8.1;
  assert_int_equal(with(a), QF_ACT_TOO_MUCH);
  a = stroll, a.end_s = a.start_s + 1200; /* 15 km/h: a bicycle */
  assert_int_equal(with(a), QF_ACT_SPEED);
  a = stroll, a.end_s = a.start_s;
  assert_int_equal(with(a), QF_ACT_SPEED);
  a = stroll, a.steps = 5300; /* 3.445 km, 31 % less */
  assert_int_equal(with(a), QF_ACT_STEPS);
  a.steps = 5400; /* 3.51 km, 29.8 % less */
  assert_int_equal(qf_incl_credit(&walk, &a, 0).verdict, QF_ACT_OK);
}

static void duplicates(void **state)
{
  (void)state;
  qf_act b = stroll;
  assert_true(qf_incl_duplicate(&stroll, &b));
  b.start_s = 13600, b.end_s = 17200; /* begins where the other ends */
  assert_false(qf_incl_duplicate(&stroll, &b));
  b.start_s = 13599;
  assert_true(qf_incl_duplicate(&stroll, &b));
  b.method = "cycle"; /* one device does one thing at a time */
  assert_true(qf_incl_duplicate(&stroll, &b));
  b.device = "d2";
  assert_false(qf_incl_duplicate(&stroll, &b));
}

static void ledger(void **state)
{
  (void)state;
  int64_t p, e;
  /* 1 point per 100 g: three acts of 50 g give 1 point, not 0 */
  assert_int_equal(qf_incl_points(150, 1, 100, &p, NULL), QF_OK);
  assert_int_equal(p, 1);
  assert_int_equal(qf_incl_points(-10, 1, 100, &p, NULL), QF_OK);
  assert_int_equal(p, 0);
  assert_int_equal(qf_incl_points(INT64_MAX, 2, 100, &p, NULL), QF_RANGE);
  assert_int_equal(qf_incl_claw_back(250, 100, 150, &e, NULL), QF_OK);
  assert_int_equal(e, -150);
  assert_int_equal(qf_incl_claw_back(250, 100, 151, &e, NULL), QF_RANGE);
  assert_int_equal(qf_incl_claw_back(250, 0, 0, &e, NULL), QF_RANGE);
}

static void baseline(void **state)
{
  (void)state;
  /* cars 160 g x 600 pkm, taxis 190 x 100, e-bikes 10 x 300: (96 000 + 19 000 + 3 000) / 1000 = 118 g/pkm */
  const double g[] = {96000, 19000, 3000}, km[] = {600, 100, 300}, none[] = {0, 0, 0};
  double b;
  assert_int_equal(qf_incl_average_baseline(g, km, 3, &b, NULL), QF_OK);
  assert_about(b, 118, 1e-9);
  assert_int_equal(qf_incl_average_baseline(g, none, 3, &b, NULL), QF_RANGE);
  assert_int_equal(qf_incl_method(&walk, NULL), QF_OK);
  qf_method m = walk;
  m.most_per_day = 0;
  assert_int_equal(qf_incl_method(&m, NULL), QF_RANGE);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(credits), cmocka_unit_test(refused), cmocka_unit_test(duplicates),
                                     cmocka_unit_test(ledger), cmocka_unit_test(baseline)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
