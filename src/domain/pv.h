/* Photovoltaics: irradiance on the plane, expected yield, performance ratio.
 * Law [H]: angle of incidence  cos q = cos z cos b + sin z sin b cos(A - g)
 *   isotropic (Liu-Jordan)  I = DNI cos q+ + DHI (1 + cos b)/2 + GHI r (1 - cos b)/2
 *   HDKR (Duffie-Beckman)   A_i = DNI / I0n, f = sqrt(B_h / GHI), R_b = cos q+ / cos z; sky part =
 *                           DHI [(1 - A_i)(1 + cos b)/2 (1 + f sin^3(b/2)) + A_i R_b]
 *   DC (PVWatts)            P = P0 G/1000 [1 + gamma (T_c - 25)] - P0 e(G, k)
 *     e = k [1 - (1 - G/200)^4] up to 200 W/m2, k (1000 - G)/800 above: weak-light term of Marion; k = 0 leaves it out
 *   cell                    T_c = T_a + G (NOCT - 20)/800
 *   AC                      E = sum(P eta h);  PR = E_AC / (P0 H_poa / (1 kW/m2))
 *   inverter (PVWatts)      x = P_dc/P_dc0: eta = eta_nom/0.9637 (-0.0162 x - 0.0059/x + 0.9858), cut at eta_nom P_dc0
 * The avoided CO2 of self-used power is reported beside scope 1, never taken off. Angles in degrees, irradiance W/m2,
 * power in the unit of P0. Pure functions, thread-safe. */
#ifndef QF_DOMAIN_PV_H
#define QF_DOMAIN_PV_H
#include "domain/sun.h"
#include <stddef.h>

typedef struct qf_plane {
  double tilt_deg;    /* 0 flat .. 90 facade */
  double azimuth_deg; /* the way it faces, 0..360 from north clockwise */
  double albedo;      /* 0..1; 0.2, snow 0.6 [H] */
} qf_plane;
typedef struct qf_irradiance { /* W/m2, each 0..1600 */
  double ghi, dni, dhi;
  double i0n; /* extraterrestrial normal, for HDKR; 0: isotropic */
} qf_irradiance;
/* Irradiance on the plane, W/m2. With i0n > 0 by HDKR, otherwise isotropic. Under 3 deg of the horizon R_b is not used
 * (it grows without bound): that moment is isotropic. Errors: QF_RANGE plane or irradiance out of range. */
QF_MUST qf_rc qf_pv_plane_irradiance(const qf_sun *sun, const qf_plane *p, const qf_irradiance *i, double *poa,
                                     qf_err *err);

typedef struct qf_module {
  double p0;           /* rated power at 1000 W/m2 and 25 degC, > 0 */
  double gamma_per_k;  /* -0.02 .. 0 */
  double weak_light_k; /* 0 .. 0.1 */
  double noct_c;       /* 35 .. 60 */
} qf_module;
/* AC power of an inverter of DC rating p_dc0, nominal efficiency 0..1; never below 0. Errors: QF_RANGE. */
QF_MUST qf_rc qf_pv_inverter(double p_dc, double p_dc0, double eta_nominal, double *p_ac, qf_err *err);

typedef struct qf_pv_hour { /* one interval */
  double poa, air_c;        /* mean of the interval */
  double hours;             /* > 0 */
} qf_pv_hour;
typedef struct qf_pv_yield {
  double ac;         /* expected energy, unit of p0 times hours */
  double insolation; /* on the plane, kWh/m2 */
} qf_pv_yield;
/* Expected AC energy over n intervals with a system efficiency 0..1 (soiling, mismatch, wiring, inverter, availability;
 * 0.86 [M]); DC power is never below 0. Errors: QF_RANGE an interval's length (named), a module's value, poa outside
 * 0..1600, cell temperature outside -60..120. */
QF_MUST qf_rc qf_pv_expected(const qf_module *m, const qf_pv_hour *h, size_t n, double system_eta, qf_pv_yield *out,
                             qf_err *err);
/* PR of metered AC energy (kWh), rated power (kW) and plane insolation (kWh/m2). Errors: QF_RANGE not > 0, or energy < 0. */
QF_MUST qf_rc qf_pv_performance_ratio(double ac_kwh, double p0_kw, double insolation, double *pr, qf_err *err);

typedef enum qf_pv_state {
  QF_PV_OK = 0,
  QF_PV_LOW,     /* metered under `least` of the expected */
  QF_PV_DEAD,    /* expected something and metered nothing */
  QF_PV_NIGHT,   /* meters energy where none can be: offset or wrong sign */
  QF_PV_UNKNOWN, /* nothing expected, nothing metered */
} qf_pv_state;
/* Judge metered against expected over one window (7 days for QF_PV_LOW at least 0.75 [M]), both kWh; `offset_kwh` is what
 * the meter may show by night. */
qf_pv_state qf_pv_judge(double metered_kwh, double expected_kwh, double least, double offset_kwh);
#endif
