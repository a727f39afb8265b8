/* Quantities that the compiler keeps apart: kWh, GJ, kgce, t and tCO2.
 * Law: GB/T 2589-2020 (1 kgce = 29 307.6 kJ). Units as meters and files write them are converted in wire/units.h, exactly.
 * Pure, thread-safe. */
#ifndef QF_DOMAIN_UNITS_H
#define QF_DOMAIN_UNITS_H
#include "base/err.h"
#include <stddef.h>

typedef struct qf_kwh {
  double kwh;
} qf_kwh; /* electric energy, kWh */
typedef struct qf_gj {
  double gj;
} qf_gj; /* heat, GJ */
typedef struct qf_kgce {
  double kgce;
} qf_kgce; /* standard coal, kgce */
typedef struct qf_tonne {
  double t;
} qf_tonne; /* mass, t */
typedef struct qf_tco2 {
  double t;
} qf_tco2; /* mass of CO2, t */

qf_kgce qf_kgce_of_gj(qf_gj h); /* by definition of standard coal, 1 / 0.0293076 kgce per GJ */
double qf_tce(qf_kgce e);       /* tonnes of standard coal */
#endif
