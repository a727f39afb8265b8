/* Units of measurement and their exact ratios.
 * Law: GB 3100-1993 (SI); GB/T 2589-2020 (1 kgce = 29 307.6 kJ = 7 000 kcal with 1 cal = 4.1868 J); GB/T 213 (calorie
 * 20 degC is not used). Glass: 1 weight box = 50 kg (GB 11614 trade unit). 1 mu = 10 000 / 15 m2 (State Council 1959).
 * Every ratio is an exact fraction of integers to the base unit of its dimension, so a conversion is exact decimal
 * arithmetic rounded once. Typed quantities below keep kWh, GJ, kgce, t, m3 and tCO2 from being mixed up by the
 * compiler. Pure, no globals that change, thread-safe. */
#ifndef QF_DOMAIN_UNITS_H
#define QF_DOMAIN_UNITS_H
#include "base/dec.h"

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

typedef enum qf_dim {
  QF_DIM_ENERGY = 1, /* J */
  QF_DIM_POWER,      /* W */
  QF_DIM_REACTIVE,   /* varh */
  QF_DIM_MASS,       /* g */
  QF_DIM_VOLUME,     /* L */
  QF_DIM_AREA,       /* m2 */
  QF_DIM_LENGTH,     /* m */
  QF_DIM_TIME,       /* s */
} qf_dim;

typedef struct qf_unit {
  const char *code, *zh, *en; /* code as used in SQL and JSON */
  qf_dim dim;
  int64_t num, den; /* 1 unit = num / den base units, both > 0 */
  const char *source;
} qf_unit;

/* The unit of a code ("kWh", "tce", "10^4 m3", ...), or NULL. Borrowed, constant. */
const qf_unit *qf_unit_find(const char *code);
/* i-th unit of the table, NULL past the end. */
const qf_unit *qf_unit_at(size_t i);
/* v `from` expressed in `to`, rounded half even to `scale` digits (0..18); exact when the digits suffice.
 * Errors (words in err): QF_NOTFOUND unknown unit; QF_STATE units of different dimensions; QF_RANGE does not fit. */
QF_MUST qf_rc qf_unit_convert(qf_dec v, const char *from, const char *to, int scale, qf_dec *out, qf_err *err);

qf_gj qf_gj_of_kwh(qf_kwh e);   /* 3.6 MJ per kWh */
qf_kgce qf_kgce_of_gj(qf_gj h); /* by definition of standard coal, 1 / 0.0293076 kgce per GJ */
double qf_tce(qf_kgce e);       /* tonnes of standard coal */
#endif
