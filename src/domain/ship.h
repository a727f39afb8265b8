/* Ships at berth: shore power and what it avoids.
 * Law (IMO Fourth GHG Study method of auxiliary engines at berth; national rule on shore power of ports) [H/M]:
 *   E    = P_AE LF h                          auxiliary demand at berth, kWh; a meter's reading comes first
 *   fuel = E SFOC                             g/kWh
 *   saved = fuel EF_fuel - E EF_grid / eta    eta: losses between grid and ship, 0..1
 * "Coverage" without a denominator means nothing, hence two rates that are shown together:
 *   use rate by calls   = calls connected / calls able to connect that stay longer than the rule's hours
 *   use rate by energy  = kWh from shore / kWh needed at berth
 * Factors (SFOC 217 g/kWh [H], MGO 3.206 t/t [H], grid, load factors [M]) are arguments. Pure, thread-safe. */
#ifndef QF_DOMAIN_SHIP_H
#define QF_DOMAIN_SHIP_H
#include "domain/units.h"
#include <stdbool.h>

/* P in kW (> 0), load factor 0..1, hours 0..8784. Errors: QF_RANGE (says which). */
QF_MUST qf_rc qf_ship_berth_demand(double aux_kw, double load_factor, double hours, qf_kwh *out, qf_err *err);

typedef struct qf_shore_factors {
  double sfoc_g_per_kwh;  /* 100 .. 400 */
  double fuel_t_per_t;    /* tCO2 per t of fuel, 2 .. 4 */
  double nox_g_per_kwh;   /* 0 .. 30 */
  double grid_kg_per_kwh; /* 0 .. 2 */
  double eta;             /* grid to ship, over 0 .. 1 */
} qf_shore_factors;
typedef struct qf_shore_saving {
  qf_tonne fuel;    /* not burnt */
  qf_tco2 fuel_co2; /* its CO2 */
  qf_tco2 grid_co2; /* CO2 of the electricity instead */
  qf_tco2 saved;    /* the difference; negative with a dirty grid */
  double nox_kg;    /* not emitted in the port */
} qf_shore_saving;
/* What shore electricity avoided. Errors: QF_RANGE energy < 0 or a factor outside its range (probably another unit). */
QF_MUST qf_rc qf_ship_shore_saving(qf_kwh shore, const qf_shore_factors *f, qf_shore_saving *out, qf_err *err);

typedef struct qf_call { /* one call of a vessel at one berth */
  bool berth_fitted, ship_fitted;
  bool exempt; /* zero-emission alternative, emergency, outage of the shore side */
  bool connected;
  double hours;       /* at berth */
  qf_kwh need, shore; /* need: metered or qf_ship_berth_demand */
} qf_call;
typedef struct qf_shore_rates {
  size_t able, connected; /* calls of the first rate */
  double by_calls;        /* NAN when no call was able */
  qf_kwh need, shore;     /* of all calls that are not exempt */
  double by_energy;       /* NAN when nothing was needed */
} qf_shore_rates;
/* Two rates over calls. A call is able when berth and ship are fitted, it stays over `least_hours` (3 h sea, 2 h inland
 * [M]) and is not exempt. The rate by energy takes every call that is not exempt: a ship without a socket is a need not
 * met. Errors, with the call's number: QF_RANGE negative or not finite numbers; QF_STATE connected though one side is
 * not fitted, or more from shore than needed. */
QF_MUST qf_rc qf_ship_shore_rates(const qf_call *c, size_t n, double least_hours, qf_shore_rates *out, qf_err *err);
#endif
