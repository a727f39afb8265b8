/* CO2 accounting of enterprises.
 * Law: GB/T 32150-2015 (frame), GB/T 32151.5-2015 steel, .7 flat glass, .8 cement, .3 magnesium.
 *   E = E_combustion + E_process + E_electricity + E_heat - E_exported - R_sequestered
 *   E_combustion = sum(FC NCV CC OF 44/12)      FC t or 10^4 m3; NCV GJ per t or per 10^4 m3; CC tC/GJ; OF 0..1
 *   E_process    = sum(AD EF)                   flux, electrode, carbon-bearing raw material
 *   E_electricity= MWh x EF_grid;  E_heat = GJ x EF_heat
 *   cement: Q_clinker [(FR1-FR10) 44/56 + (FR2-FR20) 44/40] + Q_rawmeal FR0 44/12
 * Magnesia has no part of its own: the frame with the carbonate rule, from the ore side and from the product side,
 * which must agree. 44/12, 44/56, 44/40 are the molar masses the standards print (CO2 44, C 12, CaO 56, MgO 40); the
 * carbonate rule uses IUPAC molar masses.
 * Emission factors are versioned records and always passed in. Biogenic CO2 is reported beside and never added. CO2 is
 * never derived from tce. Pure functions, thread-safe. */
#ifndef QF_DOMAIN_CARBON_H
#define QF_DOMAIN_CARBON_H
#include "domain/units.h"

typedef struct qf_fuel { /* properties of a fuel */
  double ncv_gj;         /* per t or per 10^4 m3, > 0 */
  double cc_tc_per_gj;   /* tC/GJ, 0 .. 0.2 */
  double oxidation;      /* 0 .. 1 */
} qf_fuel;

/* Emission factor of a fuel, tCO2 per t or per 10^4 m3. Errors: QF_RANGE (says which of the three). */
QF_MUST qf_rc qf_carbon_ef(const qf_fuel *fuel, double *ef, qf_err *err);
/* amount in t or 10^4 m3, may be negative for a net export. Errors as qf_carbon_ef. */
QF_MUST qf_rc qf_carbon_combustion(double amount, const qf_fuel *fuel, qf_tco2 *out, qf_err *err);
/* amount x factor for process, heat and sequestration; factor >= 0. */
QF_MUST qf_rc qf_carbon_of(double amount, double factor, qf_tco2 *out, qf_err *err);
/* Electricity x grid factor in kgCO2/kWh (= tCO2/MWh). Errors: QF_RANGE a factor outside 0 .. 2: probably another unit.
 */
QF_MUST qf_rc qf_carbon_electricity(qf_kwh e, double kg_per_kwh, qf_tco2 *out, qf_err *err);

typedef struct qf_carbon_parts { /* tCO2, each >= 0 except net_electricity and net_heat, which exports may turn negative
                                  */
  double combustion, flux, electrode, raw, net_electricity, net_heat, sequestered;
} qf_carbon_parts;
/* Total of an enterprise: the sum of the parts less what is sequestered. */
qf_tco2 qf_carbon_total(const qf_carbon_parts *p);

/* Clinker analysis, mass fractions 0..1: CaO and MgO in clinker, and of these what did not come from carbonates. */
typedef struct qf_clinker {
  double cao, cao_other, mgo, mgo_other;
} qf_clinker;
/* Process CO2 per tonne of clinker. Errors: QF_RANGE a fraction outside 0..1 or the other part over the whole. */
QF_MUST qf_rc qf_carbon_clinker(const qf_clinker *c, double *t_per_t, qf_err *err);
/* Non-fuel carbon of raw meal; fraction FR0 0 .. 0.05 (usually 0.001 .. 0.003). */
QF_MUST qf_rc qf_carbon_rawmeal(qf_tonne rawmeal, double carbon_fraction, qf_tco2 *out, qf_err *err);

typedef struct qf_carbonate_use { /* flat glass and others: one carbonate material */
  double t;                       /* tonnes used, >= 0 */
  double ef;                      /* tCO2 per t of pure carbonate */
  double purity;                  /* 0 .. 1 */
  double calcined;                /* share decomposed F, 0 .. 1; default of the standard 1 */
} qf_carbonate_use;
/* Flat glass process CO2: sum(M EF purity F) + carbon powder Q_c C_c 44/12. */
QF_MUST qf_rc qf_carbon_glass(const qf_carbonate_use *u, size_t n, qf_tonne carbon_powder, double carbon_content,
                              qf_tco2 *out, qf_err *err);

/* Pidgeon magnesium: ferrosilicon x ef + dolomite x purity x ef. */
typedef struct qf_pidgeon {
  qf_tonne ferrosilicon, dolomite;
  double ferrosilicon_ef, dolomite_ef, dolomite_purity;
} qf_pidgeon;
QF_MUST qf_rc qf_carbon_pidgeon(const qf_pidgeon *p, qf_tco2 *out, qf_err *err);

/* Magnesia, ore side: ore M (w_MgCO3 44.009/84.313 + w_CaCO3 44.009/100.086) F. */
typedef struct qf_magnesite {
  qf_tonne ore;
  double mgco3, caco3; /* mass fractions */
  double calcined;     /* F, 0 .. 1 */
} qf_magnesite;
QF_MUST qf_rc qf_carbon_magnesite(const qf_magnesite *m, qf_tco2 *out, qf_err *err);
/* Product side: product (w_MgO 44.009/40.304 + w_CaO 44.009/56.077). */
QF_MUST qf_rc qf_carbon_magnesia(qf_tonne product, double mgo, double cao, qf_tco2 *out, qf_err *err);
/* Do the two sides agree? *gap = |ore - product| / larger. QF_OK within `tolerance` (0.05 for filings), QF_PARTIAL over
 * it with words naming both; QF_RANGE when a side is not > 0. */
QF_MUST qf_rc qf_carbon_both_sides(qf_tco2 ore_side, qf_tco2 product_side, double tolerance, double *gap, qf_err *err);

/* Mass of CO2 per mass of pure carbonate, from molar masses; formula "CaCO3", "MgCO3", "CaMg(CO3)2", "Na2CO3", ... or 0
 * if unknown. For checking factor tables, not for accounting. */
double qf_carbon_stoichiometry(const char *formula);
#endif
