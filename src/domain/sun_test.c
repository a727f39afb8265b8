/* The example of the NREL SPA report, five moments at Yingkou, and symmetries of the sky. */
#include "domain/sun.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define assert_about(a, b, eps) assert_true(fabs((a) - (b)) <= (eps))

static void spa_example(void **state)
{
  (void)state;
  /* 2003-10-17 12:30:30 UTC-7, 39.742476 N 105.1786 W. SPA: azimuth 194.34024, topocentric zenith 50.11162 with
   * refraction (about 0.0163 deg at that height), i.e. near 50.128 geometric */
  qf_sun s;
  assert_int_equal(qf_sun_position(1066419030, 39.742476, -105.1786, &s, NULL), QF_OK);
  assert_about(s.zenith_deg, 50.1279, 5e-4);
  assert_about(s.azimuth_deg, 194.34024, 3e-3);
}

static void yingkou(void **state)
{
  (void)state;
  static const struct {
    double utc, zenith, azimuth;
  } v[] = {
      {1742443200, 40.751, 180.513}, /* 2025-03-20 12:00 UTC+8 */
      {1750478400, 17.294, 185.407}, /* 06-21 12:00 */
      {1766376000, 64.152, 182.618}, /* 12-22 12:00 */
      {1750464000, 51.281, 90.956},  /* 06-21 08:00 */
      {1766386800, 77.850, 223.831}, /* 12-22 15:00 */
  };
  qf_sun s;
  for (size_t i = 0; i < sizeof v / sizeof *v; i++) {
    assert_int_equal(qf_sun_position(v[i].utc, 40.67, 122.2, &s, NULL), QF_OK);
    assert_about(s.zenith_deg, v[i].zenith, 6e-4);
    assert_about(s.azimuth_deg, v[i].azimuth, 1.1e-3);
  }
  assert_int_equal(qf_sun_position(v[0].utc, 40.67, 122.2, &s, NULL), QF_OK);
  assert_about(s.declination_deg, -0.0799, 5e-5);
  assert_about(s.eot_min, -7.461, 5e-4);
}

static void symmetries(void **state)
{
  (void)state;
  qf_sun a, b;
  /* at the antipode the zenith is the supplement */
  assert_int_equal(qf_sun_position(1750464000, 40.67, 122.2, &a, NULL), QF_OK);
  assert_int_equal(qf_sun_position(1750464000, -40.67, -57.8, &b, NULL), QF_OK);
  assert_about(a.zenith_deg + b.zenith_deg, 180, 1e-9);
  /* at the pole the zenith is 90 - declination */
  assert_int_equal(qf_sun_position(1750464000, 90, 0, &b, NULL), QF_OK);
  assert_about(b.zenith_deg, 90 - b.declination_deg, 1e-9);
  /* nearest to the sun in January: 2025-01-04, about 0.9833; farthest 07-03, about 1.0166 */
  assert_int_equal(qf_sun_position(1735948800, 0, 0, &a, NULL), QF_OK);
  assert_int_equal(qf_sun_position(1751500800, 0, 0, &b, NULL), QF_OK);
  assert_about(a.distance_au, 0.9833, 1e-4);
  assert_about(b.distance_au, 1.0166, 1e-4);
  assert_about(qf_sun_extraterrestrial(&a, 1361.1), 1361.1 / 0.9833 / 0.9833, 0.3);
  assert_int_equal(qf_sun_position(0, 91, 0, &a, NULL), QF_RANGE);
  assert_int_equal(qf_sun_position(1e12, 0, 0, &a, NULL), QF_RANGE);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(spa_example), cmocka_unit_test(yingkou),
                                     cmocka_unit_test(symmetries)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
