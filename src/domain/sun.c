#include "domain/sun.h"
#include <math.h>

static const double deg = 3.14159265358979323846 / 180;

static double wrap(double a, double turn)
{
  a = fmod(a, turn);
  return a < 0 ? a + turn : a;
}

typedef struct orbit {
  double anomaly, mean_longitude, eccentricity, centre; /* deg but eccentricity */
  double apparent_longitude, obliquity;                 /* deg */
} orbit;

static orbit orbit_at(double t)
{
  orbit o;
  o.mean_longitude = wrap(280.46646 + t * (36000.76983 + t * 0.0003032), 360);
  o.anomaly = 357.52911 + t * (35999.05029 - 0.0001537 * t);
  o.eccentricity = 0.016708634 - t * (0.000042037 + 0.0000001267 * t);
  double m = o.anomaly * deg;
  o.centre = sin(m) * (1.914602 - t * (0.004817 + 0.000014 * t)) + sin(2 * m) * (0.019993 - 0.000101 * t) +
             sin(3 * m) * 0.000289;
  double node = (125.04 - 1934.136 * t) * deg;
  o.apparent_longitude = o.mean_longitude + o.centre - 0.00569 - 0.00478 * sin(node);
  double seconds = 21.448 - t * (46.815 + t * (0.00059 - t * 0.001813));
  o.obliquity = 23 + (26 + seconds / 60) / 60 + 0.00256 * cos(node);
  return o;
}

static double equation_of_time(const orbit *o)
{
  double y = tan(o->obliquity * deg / 2), l = o->mean_longitude * deg, m = o->anomaly * deg, e = o->eccentricity;
  y *= y;
  double r = y * sin(2 * l) - 2 * e * sin(m) + 4 * e * y * sin(m) * cos(2 * l) - 0.5 * y * y * sin(4 * l) -
             1.25 * e * e * sin(2 * m);
  return 4 * r / deg;
}

qf_rc qf_sun_position(double utc, double lat, double lon, qf_sun *out, qf_err *err)
{
  if (!(lat >= -90 && lat <= 90) || !(lon >= -180 && lon <= 180))
    return qf_fail(err, QF_RANGE, "place %g, %g is not on earth", "位置 %g，%g 不在地球上", lat, lon);
  if (!(utc >= -2208988800.0 && utc <= 4102444800.0)) /* 1900-01-01, 2100-01-01 */
    return qf_fail(err, QF_RANGE, "time %.0f is outside 1900 to 2100", "时间 %.0f 不在 1900 至 2100 年内", utc);
  double t = (utc / 86400 + 2440587.5 - 2451545.0) / 36525;
  orbit o = orbit_at(t);
  double decl = asin(sin(o.obliquity * deg) * sin(o.apparent_longitude * deg));
  out->declination_deg = decl / deg;
  out->eot_min = equation_of_time(&o);
  double ca = (o.anomaly + o.centre) * deg;
  out->distance_au = 1.000001018 * (1 - o.eccentricity * o.eccentricity) / (1 + o.eccentricity * cos(ca));
  double solar_min = wrap(wrap(utc, 86400) / 60 + out->eot_min + 4 * lon, 1440);
  double h = (solar_min / 4 - 180) * deg, f = lat * deg;
  double up = sin(f) * sin(decl) + cos(f) * cos(decl) * cos(h);
  double east = -cos(decl) * sin(h), north = cos(f) * sin(decl) - sin(f) * cos(decl) * cos(h);
  out->zenith_deg = atan2(sqrt(east * east + north * north), up) / deg; /* exact also near the zenith */
  out->azimuth_deg = wrap(atan2(east, north) / deg, 360);
  return QF_OK;
}

double qf_sun_extraterrestrial(const qf_sun *s, double solar_constant)
{
  return solar_constant / (s->distance_au * s->distance_au);
}
