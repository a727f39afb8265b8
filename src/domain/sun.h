/* Where the sun stands.
 * Law: J. Meeus, Astronomical Algorithms (1998) ch. 25 low accuracy, as used by the NOAA solar calculator; geometric,
 * without refraction. Against the NREL SPA example it differs by less than 0.003 deg but for refraction [C].
 *   T = (JD - 2451545) / 36525; longitude and anomaly of the sun, equation of centre, obliquity with nutation
 *   sin d = sin e sin l;  EoT from half the obliquity's tangent;  hour angle H = true solar time / 4 - 180
 *   cos z = sin f sin d + cos f cos d cos H
 *   extraterrestrial normal irradiance I0n = I_sc / R^2, R distance in AU
 * Valid 1900..2100. Pure functions, thread-safe. */
#ifndef QF_DOMAIN_SUN_H
#define QF_DOMAIN_SUN_H
#include "base/err.h"

typedef struct qf_sun {
  double zenith_deg;      /* 0..180, over 90 under the horizon */
  double azimuth_deg;     /* 0..360 from north, clockwise */
  double declination_deg; /* of the sun */
  double eot_min;         /* equation of time, minutes */
  double distance_au;
} qf_sun;
/* Position at utc_s (Unix seconds, UTC) seen from latitude (north positive, -90..90) and longitude (east positive,
 * -180..180). Errors: QF_RANGE place out of range, time outside 1900..2100. */
QF_MUST qf_rc qf_sun_position(double utc_s, double latitude_deg, double longitude_deg, qf_sun *out, qf_err *err);
/* I0n in W/m2 from the solar constant (1361.1 [H], WRC 1367 in older data), an argument. */
double qf_sun_extraterrestrial(const qf_sun *s, double solar_constant);
#endif
