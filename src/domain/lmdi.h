/* Why energy (or CO2) changed: activity, structure, intensity.
 * Law: additive LMDI-I (Ang 2005, Energy Policy 33:867; used by the statistics of energy saving). With sectors i, value
 * added V = sum(V_i), share s_i = V_i / V, intensity I_i = E_i / V_i:
 *   dE_act = sum L(E1_i, E0_i) ln(V1 / V0)
 *   dE_str = sum L(E1_i, E0_i) ln(s1_i / s0_i)
 *   dE_int = sum L(E1_i, E0_i) ln(I1_i / I0_i)           L(a, b) = (a - b) / ln(a / b), L(a, a) = a
 *   dE_act + dE_str + dE_int = E1 - E0, without residual
 * Zeros (Ang & Liu 2007, limits of the terms): a sector that uses no energy in one of the years and whose share was
 * zero then is wholly structure (it appeared or vanished); one that had value added but no energy is wholly intensity;
 * L(0, x) = 0, so it adds nothing to activity. Value added must be at constant prices.
 * Pure functions, thread-safe. */
#ifndef QF_DOMAIN_LMDI_H
#define QF_DOMAIN_LMDI_H
#include "base/err.h"

typedef struct qf_lmdi_sector {
  double e0, e1; /* energy (or CO2) of the base and the present year, one unit for all sectors, >= 0 */
  double v0, v1; /* activity (value added at constant prices), one unit for all sectors, >= 0 */
} qf_lmdi_sector;

typedef struct qf_lmdi {
  double activity, structure, intensity; /* same unit as the energy; they add up to change */
  double change;                         /* E1 - E0 */
} qf_lmdi;

/* The terms of one sector alone, within the totals v0 and v1 of all sectors: what a row of a table adds to each effect.
 * Summed over the sectors they are the decomposition. Errors: QF_RANGE a negative or not finite number, energy without
 * activity in the same year, no activity at all in one of the years, a sector larger than the whole. */
QF_MUST qf_rc qf_lmdi_sector_terms(const qf_lmdi_sector *s, double v0, double v1, qf_lmdi *out, qf_err *err);
#endif
