/* Farming: pure nutrients, N2O and CO2 of fertiliser, straw burnt in the open, mechanisation.
 * Law: provincial GHG inventory guideline; IPCC 2006 vol. 4 ch. 11 and 2019 Refinement [H].
 *   N_pure = product N%                                       折纯: statistics count pure nutrients
 *   N2O direct   = N EF1 44/28                                 EF1 kg N2O-N per kg N, by region (Liaoning 0.0114 [M])
 *   N2O indirect = N (Frac_GAS EF4 + Frac_LEACH EF5) 44/28     leaching only where water runs off (wet)
 *   urea CO2     = M C 44/12                                   C carbon content, 0.20 t/t for urea
 *   open burning = dm Cf (EF_CH4, EF_N2O)                      CO2 is biogenic and not counted
 *   mechanisation= 0.4 tilled + 0.3 sown + 0.3 harvested       NY/T 1408 weights, arguments here
 * Gases are kept as masses; a named GWP set is applied at output. Factors are arguments. Pure, thread-safe. */
#ifndef QF_DOMAIN_FARM_H
#define QF_DOMAIN_FARM_H
#include "domain/units.h"

typedef struct qf_fertiliser { /* one product applied */
  double kg;                   /* mass of product, >= 0 */
  double n, p2o5, k2o;         /* mass fractions, each 0..1 and together <= 1 */
} qf_fertiliser;
typedef struct qf_nutrients { /* pure, kg */
  double n, p2o5, k2o;
} qf_nutrients;
/* Pure nutrients of products. Errors, with the product's number: QF_RANGE. */
QF_MUST qf_rc qf_farm_nutrients(const qf_fertiliser *f, size_t n, qf_nutrients *out, qf_err *err);
/* kg of all pure nutrients per hectare sown. Errors: QF_RANGE area not > 0. */
QF_MUST qf_rc qf_farm_intensity(const qf_nutrients *n, double sown_ha, double *kg_per_ha, qf_err *err);

typedef struct qf_n2o_factors {
  double ef1;             /* 0 .. 0.1 kg N2O-N per kg N */
  double frac_gas, ef4;   /* 0..1; 0 .. 0.1 */
  double frac_leach, ef5; /* 0..1, 0 where dry; 0 .. 0.1 */
} qf_n2o_factors;
typedef struct qf_n2o {
  double direct_kg, indirect_kg; /* kg N2O */
} qf_n2o;
/* N2O of pure nitrogen (kg). Errors: QF_RANGE nitrogen < 0 or a factor outside its range. */
QF_MUST qf_rc qf_farm_n2o(double n_kg, const qf_n2o_factors *f, qf_n2o *out, qf_err *err);
/* CO2 of urea (0.20), limestone (0.12) or dolomite (0.13) spread: mass x carbon x 44/12. Errors: QF_RANGE mass < 0,
 * carbon outside 0..0.3 t/t. */
QF_MUST qf_rc qf_farm_soil_co2(qf_tonne m, double carbon, qf_tco2 *out, qf_err *err);

typedef struct qf_burning {
  double dry_kg;                     /* dry matter in the field, >= 0 */
  double burnt;                      /* combustion factor 0..1 */
  double ch4_g_per_kg, n2o_g_per_kg; /* of dry matter burnt, 0..50, 0..5 */
} qf_burning;
typedef struct qf_burnt {
  double ch4_kg, n2o_kg;
} qf_burnt;
/* Errors: QF_RANGE. */
QF_MUST qf_rc qf_farm_burning(const qf_burning *b, qf_burnt *out, qf_err *err);
/* Shares of area 0..1, weights that add up to 1 (0.4, 0.3, 0.3). Errors: QF_RANGE. */
QF_MUST qf_rc qf_farm_mechanisation(const double share[3], const double weight[3], double *rate, qf_err *err);
#endif
