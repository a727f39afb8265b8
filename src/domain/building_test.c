/* The standards' own arithmetic by hand. */
#include "domain/building.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define assert_about(a, b, eps) assert_true(fabs((a) - (b)) <= (eps))

static void heat_index(void **state)
{
  (void)state;
  /* 1 000 m2 floor, 2 800 m3, 18 against -2 degC. Wall 0.45 x 800 x 0.9 = 324; window 2.0 x 200 x 0.7 = 280; roof
   * 0.25 x 200 = 50: 654 W/K x 20 K / 1000 = 13.08. Air: 353/271 = 1.302583 kg/m3 x 0.28 x 0.5 x 2.8 x 20 = 10.21225.
   * 13.08 + 10.21225 - 3.8 = 19.49225 W/m2 */
  qf_building b = {1000, 2800, 18, -2, 0.5, 0.28, 3.8};
  qf_element e[] = {{0.45, 800, 0.9}, {2.0, 200, 0.7}, {0.25, 200, 1}};
  qf_heat_index q;
  qf_err err = {0};
  assert_int_equal(qf_building_heat_index(&b, e, 3, &q, NULL), QF_OK);
  assert_about(q.transmission, 13.08, 1e-9);
  assert_about(q.infiltration, 10.21225, 1e-5);
  assert_about(q.total, 19.49225, 1e-5);
  e[2].area_m2 = -1;
  assert_int_equal(qf_building_heat_index(&b, e, 3, &q, &err), QF_RANGE);
  assert_non_null(strstr(err.en, "part 3"));
  b.outdoor_c = 18;
  assert_int_equal(qf_building_heat_index(&b, e, 2, &q, &err), QF_RANGE);
}

static void season(void **state)
{
  (void)state;
  /* W/m2 to GJ/m2 over 151 days: x 151 x 86 400 / 1e9 */
  assert_about(qf_building_season_gj_m2(10, 151), 0.1305, 5e-5);
  assert_about(qf_building_season_gj_m2(12.5, 151), 0.1631, 5e-5);
  assert_about(qf_building_season_gj_m2(14, 151), 0.1826, 5e-5);
  assert_about(qf_building_season_gj_m2(20, 151), 0.2609, 5e-5);
  assert_about(qf_building_season_gj_m2(45, 151), 0.587, 5e-4);
  double x;
  /* 4 000 GJ over 10 000 m2 in a mild year: 0.4 * 3616 / 3400 = 0.425412 */
  assert_int_equal(qf_building_normalised((qf_gj){4000}, 10000, 3616, 3400, &x, NULL), QF_OK);
  assert_about(x, 0.425412, 1e-6);
  assert_int_equal(qf_building_normalised((qf_gj){4000}, 0, 3616, 3400, &x, NULL), QF_RANGE);
}

static void limits(void **state)
{
  (void)state;
  double s;
  bool ok;
  assert_int_equal(qf_building_saving(25, 100, 0.75, &s, &ok, NULL), QF_OK);
  assert_true(ok);
  assert_int_equal(qf_building_saving(25.1, 100, 0.75, &s, &ok, NULL), QF_OK);
  assert_false(ok);
  assert_int_equal(qf_building_saving(28, 100, 0.72, &s, &ok, NULL), QF_OK);
  assert_true(ok);
  /* zone 2A from 4 floors: roof 0.25, wall 0.45, window 2.2 */
  qf_k_limit k[] = {{0.25, 0.25, (double)NAN}, {0.44, 0.45, 0.60}, {2.2, 2.2, 2.5}};
  qf_envelope v;
  size_t worst;
  assert_int_equal(qf_building_envelope(k, 3, &v, &worst, NULL), QF_OK);
  assert_int_equal(v, QF_ENVELOPE_OK);
  k[2].k = 2.4;
  assert_int_equal(qf_building_envelope(k, 3, &v, &worst, NULL), QF_OK);
  assert_int_equal(v, QF_ENVELOPE_TRADE_OFF);
  assert_int_equal(worst, 3);
  k[0].k = 0.26; /* no trade-off for the roof here */
  assert_int_equal(qf_building_envelope(k, 3, &v, &worst, NULL), QF_OK);
  assert_int_equal(v, QF_ENVELOPE_OVER);
  assert_int_equal(worst, 1);
}

static void green(void **state)
{
  (void)state;
  const qf_green_standard s = {400, {100, 100, 100, 200, 100}, 100, 0.30, {60, 70, 85}};
  qf_green_building b = {true, true, {60, 55, 62, 110, 58}, 15, 3};
  double p;
  qf_green_level l;
  assert_int_equal(qf_building_green(&s, &b, &p, &l, NULL), QF_OK);
  assert_about(p, 76, 1e-12); /* (400 + 345 + 15) / 10 */
  assert_int_equal(l, QF_GREEN_TWO);
  b.table_star = 1; /* the table holds it back */
  assert_int_equal(qf_building_green(&s, &b, &p, &l, NULL), QF_OK);
  assert_int_equal(l, QF_GREEN_ONE);
  b.table_star = 2, b.q[1] = 29; /* under 30 % of one category */
  assert_int_equal(qf_building_green(&s, &b, &p, &l, NULL), QF_OK);
  assert_int_equal(l, QF_GREEN_BASIC);
  b.q[1] = 55, b.full_fitout = false;
  assert_int_equal(qf_building_green(&s, &b, &p, &l, NULL), QF_OK);
  assert_int_equal(l, QF_GREEN_BASIC);
  b.full_fitout = true, b.control_items = false;
  assert_int_equal(qf_building_green(&s, &b, &p, &l, NULL), QF_OK);
  assert_about(p, 36, 1e-12);
  assert_int_equal(l, QF_GREEN_NONE);
  b.q[3] = 201;
  assert_int_equal(qf_building_green(&s, &b, &p, &l, NULL), QF_RANGE);
}

static void prefab(void **state)
{
  (void)state;
  const qf_prefab_standard s = {{50, 20, 30}, 20, 10, 0.50, {60, 76, 91}, 0.35};
  qf_prefab b = {{30, 12, 15}, 5, 0.5, true};
  qf_prefab_result r;
  assert_int_equal(qf_building_prefab(&s, &b, &r, NULL), QF_OK);
  assert_about(r.rate, 0.6, 1e-12); /* 57 / 95 */
  assert_true(r.prefabricated);
  assert_int_equal(r.grade, 1);
  b.vertical_share = 0.2; /* prefabricated but no grade */
  assert_int_equal(qf_building_prefab(&s, &b, &r, NULL), QF_OK);
  assert_true(r.prefabricated);
  assert_int_equal(r.grade, 0);
  b.q[1] = 9; /* walls too few, whatever the rate */
  assert_int_equal(qf_building_prefab(&s, &b, &r, NULL), QF_OK);
  assert_false(r.prefabricated);
  b.q[0] = 51;
  assert_int_equal(qf_building_prefab(&s, &b, &r, NULL), QF_RANGE);
  /* vertical members 35..80 % give 20..30: half way 57.5 % gives 25 */
  assert_about(qf_building_points(0.575, 0.35, 0.80, 20, 30), 25, 1e-12);
  assert_about(qf_building_points(0.34, 0.35, 0.80, 20, 30), 0, 0);
  assert_about(qf_building_points(0.95, 0.35, 0.80, 20, 30), 30, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(heat_index), cmocka_unit_test(season), cmocka_unit_test(limits),
                                     cmocka_unit_test(green), cmocka_unit_test(prefab)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
