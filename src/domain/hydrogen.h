/* Indicators of a line that reduces iron ore with green hydrogen.
 * Law: metallisation = metallic iron / total iron (YB/T method of direct reduced iron); Fe2O3 + 3 H2 -> 2 Fe + 3 H2O,
 * 54.15 kg H2 per t Fe at least (molar masses) [C]; real lines use 55..80 kg per t DRI with purge [M].
 *   kWh per kg H2, kg H2 per t DRI
 *   green share, by hour  = sum over hours min(green_h, used_h) / sum used_h
 *   green share, by year  = min(sum green, sum used) / sum used      never less than by hour; both are shown
 *   CO2 per t DRI         = (grid kWh EF_grid + fossil) / DRI
 * "Near zero" is a threshold that is stored: IEA crude steel 0.40 t/t without scrap to 0.05 at scrap only, linear [M].
 * Factors are arguments. Pure functions, thread-safe. */
#ifndef QF_DOMAIN_HYDROGEN_H
#define QF_DOMAIN_HYDROGEN_H
#include "domain/units.h"
#include <stdbool.h>

/* Metallic over total iron, mass fractions of the sample. Errors: QF_RANGE unless 0 <= metallic <= total <= 1, total > 0.
 */
QF_MUST qf_rc qf_h2_metallisation(double metallic, double total, double *share, qf_err *err);
/* kg H2 that the stoichiometry wants to bring DRI of total iron `tfe` (fraction) to a metallisation, per t DRI; ore
 * Fe2O3. A lower metered use is a meter fault or another reductant. Errors: QF_RANGE fractions. */
QF_MUST qf_rc qf_h2_stoichiometric(double tfe, double metallisation, double *kg_per_t, qf_err *err);

typedef struct qf_h2_run { /* one period of running */
  double h2_kg;            /* made and used in the reduction, > 0 */
  qf_kwh electrolysis;     /* AC side, with auxiliaries of the electrolyser */
  qf_kwh electricity;      /* of the whole line, >= electrolysis */
  qf_kwh from_grid;        /* of it from the public grid, as matched by hour */
  qf_tonne dri;            /* > 0 */
  qf_tco2 fossil;          /* of gas, coal, electrodes used */
} qf_h2_run;
typedef struct qf_h2_kpi {
  double kwh_per_kg_h2, kg_h2_per_t, kwh_per_t, tco2_per_t;
} qf_h2_kpi;
/* Errors: QF_RANGE hydrogen or DRI not > 0, a part over its whole, grid factor (kgCO2/kWh) outside 0..2; QF_STATE less
 * than 39.4 kWh per kg (higher heating value of hydrogen): a meter is wrong. */
QF_MUST qf_rc qf_h2_indicators(const qf_h2_run *r, double grid_kg_per_kwh, qf_h2_kpi *out, qf_err *err);

typedef struct qf_green_power {
  double hourly, annual; /* shares */
} qf_green_power;
/* used[h], green[h]: kWh of the same n hours. Errors, with the hour: QF_RANGE negative or not finite; nothing used. */
QF_MUST qf_rc qf_h2_green_power(const double *used_kwh, const double *green_kwh, size_t n, qf_green_power *out,
                                qf_err *err);
/* Is it near zero under a linear threshold from `at_no_scrap` to `at_all_scrap` (t/t)? Errors: QF_RANGE scrap share
 * outside 0..1, thresholds not > 0. */
QF_MUST qf_rc qf_h2_near_zero(double tco2_per_t, double scrap_share, double at_no_scrap, double at_all_scrap, bool *yes,
                              qf_err *err);
#endif
