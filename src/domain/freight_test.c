/* The worked example of a works' gate, and way lengths by hand. */
#include "domain/freight.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define assert_about(a, b, eps) assert_true(fabs((a) - (b)) <= (eps))

static qf_move road(qf_drive d, int stage, double t)
{
  return (qf_move){QF_MODE_ROAD, d, stage, false, true, d != QF_DRIVE_COMBUSTION, t};
}

static qf_move clean(qf_mode m, double t)
{
  return (qf_move){m, QF_DRIVE_UNKNOWN, 0, false, true, false, t};
}

static void two_shares(void **state)
{
  (void)state;
  /* rail 4.20, water 2.60, belt 1.00, new energy 0.88, China VI 0.90, China V 0.42: together 10.00 Mt */
  qf_move m[] = {clean(QF_MODE_RAIL, 4.20e6),          clean(QF_MODE_WATER, 2.60e6),
                 clean(QF_MODE_TUBE_BELT, 1.00e6),     road(QF_DRIVE_BATTERY, 0, 0.88e6),
                 road(QF_DRIVE_COMBUSTION, 6, 0.90e6), road(QF_DRIVE_COMBUSTION, 5, 0.42e6)};
  qf_green_share g;
  assert_int_equal(qf_freight_green(m, 6, 0.80, &g, NULL), QF_OK);
  assert_about(g.clean_share, 0.7800, 1e-12);
  assert_about(g.green_share, 0.8680, 1e-12);
  assert_false(g.compliant);
  m[5].stage = 6; /* China V gone */
  assert_int_equal(qf_freight_green(m, 6, 0.80, &g, NULL), QF_OK);
  assert_true(g.compliant);
  assert_about(g.clean_share, 0.7800, 1e-12); /* China VI cures, it does not make clean */
  m[5].stage = 5;
  assert_int_equal(qf_freight_green(m, 6, 0.78, &g, NULL), QF_OK);
  assert_true(g.compliant);
  /* transfer inside does not change a share (rule b) */
  m[5].inside = true;
  assert_int_equal(qf_freight_green(m, 6, 0.80, &g, NULL), QF_OK);
  assert_about(g.all, 9.58e6, 1e-3);
}

static void golden_share(void **state)
{
  (void)state;
  /* (620+300+150+120)/(620+300+150+120+174) = 1190/1364 = 0.872434; without the 120 by NEV 1070/1364 = 0.784457 */
  const qf_move m[] = {clean(QF_MODE_RAIL, 620), clean(QF_MODE_WATER, 300), clean(QF_MODE_BELT_GALLERY, 150),
                       road(QF_DRIVE_FUEL_CELL, 0, 120), road(QF_DRIVE_COMBUSTION, 6, 174)};
  qf_green_share g;
  assert_int_equal(qf_freight_green(m, 5, 0.80, &g, NULL), QF_OK);
  assert_about(g.green_share, 0.8724, 5e-5);
  assert_about(g.clean_share, 0.7845, 5e-5);
}

static void unproved(void **state)
{
  (void)state;
  qf_move m = road(QF_DRIVE_BATTERY, 0, 1);
  assert_int_equal(qf_freight_classify(&m), QF_MOVE_NEV);
  m.nev_confirmed = false;
  assert_int_equal(qf_freight_classify(&m), QF_MOVE_ROAD_OTHER);
  m = clean(QF_MODE_PIPE, 1);
  assert_int_equal(qf_freight_classify(&m), QF_MOVE_CLEAN);
  m.evidence = false;
  assert_int_equal(qf_freight_classify(&m), QF_MOVE_ROAD_OTHER);
  m = clean(QF_MODE_UNKNOWN, 1);
  assert_int_equal(qf_freight_classify(&m), QF_MOVE_ROAD_OTHER);
  m = road(QF_DRIVE_PLUGIN_HYBRID, 6, 1);
  assert_int_equal(qf_freight_classify(&m), QF_MOVE_CHINA6);
  m = road(QF_DRIVE_COMBUSTION, 0, 1); /* stage unknown */
  assert_int_equal(qf_freight_classify(&m), QF_MOVE_ROAD_OTHER);
}

static void refused(void **state)
{
  (void)state;
  qf_green_share g;
  qf_err err = {0};
  qf_move m[] = {clean(QF_MODE_RAIL, 1), clean(QF_MODE_RAIL, -1)};
  assert_int_equal(qf_freight_green(m, 2, 0.8, &g, &err), QF_RANGE);
  assert_non_null(strstr(err.en, "movement 2"));
  assert_int_equal(qf_freight_green(m, 1, 80, &g, &err), QF_RANGE);
  assert_int_equal(qf_freight_green(m, 0, 0.8, &g, &err), QF_RANGE);
}

static void checks(void **state)
{
  (void)state;
  double gap;
  assert_int_equal(qf_freight_closes((qf_tonne){1029}, (qf_tonne){1000}, 0.03, &gap, NULL), QF_OK);
  assert_about(gap, 0.029, 1e-12);
  assert_int_equal(qf_freight_closes((qf_tonne){960}, (qf_tonne){1000}, 0.03, &gap, NULL), QF_PARTIAL);
  assert_int_equal(qf_freight_closes((qf_tonne){960}, (qf_tonne){0}, 0.03, &gap, NULL), QF_RANGE);
  assert_false(qf_freight_tare_drifted(15400, 15000, 0.03)); /* 2.67 % */
  assert_true(qf_freight_tare_drifted(15460, 15000, 0.03));  /* 3.07 % */
  assert_true(qf_freight_tare_drifted(14500, 15000, 0.03));
}

static void boxes(void **state)
{
  (void)state;
  assert_about(3 * qf_freight_teu(20) + 2 * qf_freight_teu(40) + 4 * qf_freight_teu(45), 16, 0); /* 3 + 4 + 9 */
  assert_about(qf_freight_teu(53), 0, 0);
}

static void shift(void **state)
{
  (void)state;
  /* 1 000 t, truck 500 km at 0.075: 37.5 t. Rail 560 km at 0.010: 5.6 t, and 20 km of truck at the ends: 1.5 t */
  const qf_leg by_truck = {500, 0.075}, by_rail[] = {{560, 0.010}, {20, 0.075}}, bad = {-1, 0.1};
  qf_tco2 e;
  assert_int_equal(qf_freight_shift((qf_tonne){1000}, &by_truck, 1, by_rail, 2, &e), QF_OK);
  assert_about(e.t, 30.4, 1e-9);
  assert_int_equal(qf_freight_shift((qf_tonne){1000}, &bad, 1, by_rail, 2, &e), QF_RANGE);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(two_shares), cmocka_unit_test(golden_share),
                                     cmocka_unit_test(unproved),   cmocka_unit_test(refused),
                                     cmocka_unit_test(checks),     cmocka_unit_test(boxes),
                                     cmocka_unit_test(shift)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
