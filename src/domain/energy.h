/* Comprehensive energy consumption.
 * Law: GB/T 2589-2020.
 *   E    = sum(E_i k_i)                 综合能耗; E_i amount in its standard unit, k_i kgce per standard unit
 *   k    = Q_net,ar / 29 307.6          from the measured lower heating value, kJ per unit
 *   e_j  = E_j / P_j                    单位产品综合能耗
 *   e_v  = E / V                        单位增加值综合能耗
 *   e_p  = (sum(input k) - sum(recovered k)) / qualified output, of a process (GB 21256-2025); negative for a
 *          converter that recovers more than it uses
 * Steam: E = m (h - h_ref), h_ref = 83.74 kJ/kg (water of 20 degC); 34.12 kgce per GJ is the coefficient of heat.
 * Coefficients are always passed in: they are versioned records, never constants here. The one constant is the
 * definition of standard coal. Pure functions, thread-safe. */
#ifndef QF_DOMAIN_ENERGY_H
#define QF_DOMAIN_ENERGY_H
#include "domain/units.h"

typedef enum qf_energy_way {
  QF_ENERGY_IN = 1,   /* bought in, or consumed by a process */
  QF_ENERGY_OUT = -1, /* handed over outside, or recovered by a process */
} qf_energy_way;

typedef struct qf_energy_item {
  double amount; /* standard units of the carrier, >= 0 */
  double k;      /* kgce per standard unit, >= 0 */
  qf_energy_way way;
} qf_energy_item;

/* k from a measured lower heating value in kJ per unit (kg, m3): kgce per that unit. Errors: QF_RANGE unless 0 < lhv <
 * 200 000. */
QF_MUST qf_rc qf_energy_k_of_lhv(double lhv_kj, double *k, qf_err *err);
/* E = sum of amount * k * way. n = 0 gives 0. Errors: QF_RANGE a negative or not finite amount or k (names the item's
 * number). */
QF_MUST qf_rc qf_energy_total(const qf_energy_item *items, size_t n, qf_kgce *out, qf_err *err);
/* kgce per tonne of qualified output. Errors: QF_RANGE output not > 0: an intensity without output does not exist. */
QF_MUST qf_rc qf_energy_per_tonne(qf_kgce e, qf_tonne output, double *kgce_per_t, qf_err *err);
/* tce per 10^4 CNY of value added. Errors: QF_RANGE value added not > 0. */
QF_MUST qf_rc qf_energy_per_value(qf_kgce e, double value_added_cny, double *tce_per_10k_cny, qf_err *err);
/* Heat in steam against water of 20 degC. enthalpy in kJ/kg. Errors: QF_RANGE negative mass, enthalpy outside 83.74 ..
 * 4 500. */
QF_MUST qf_rc qf_energy_steam(qf_tonne steam, double enthalpy_kj_per_kg, qf_gj *out, qf_err *err);

typedef struct qf_process { /* one process of a plant */
  double unit_kgce_per_t;   /* may be negative */
  qf_tonne output;
} qf_process;
/* Flow test of a plant: what is bought in goes to the processes, to public utilities, outside, or is lost:
 *   residual = (purchased - exported - sum(e_p P_p) - utilities) / purchased
 * where each e_p has already taken off all the process gives out (so an export is taken off once, at the gate).
 * Expected 0 .. 0.05. Errors: QF_RANGE purchased not > 0. */
typedef struct qf_plant_flow {
  qf_kgce purchased, exported, utilities;
} qf_plant_flow;
QF_MUST qf_rc qf_energy_flow_residual(const qf_plant_flow *f, const qf_process *p, size_t n, double *residual,
                                      qf_err *err);

/* Level a value reaches: 1, 2, 3, or 4 when over level 3; NAN levels are not set by the standard. 0 when no level is
 * set. */
int qf_energy_level(double value, double level1, double level2, double level3);
#endif
