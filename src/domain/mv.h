/* Measurement and verification of savings.
 * Law: ASHRAE Guideline 14, IPMVP option C, GB/T 28750-2012 [H]; CalTRACK 2.0 (2019-06-27) [V]. m metered, p modelled,
 * n values, k fitted parameters:
 *   NMBE = sum(m - p) / ((n - k) mean m);  CV(RMSE) = sqrt(sum (m - p)^2 / (n - k)) / mean m
 *   2P b0 + b1 T;  3PH b0 + bh (Th - T)+;  3PC b0 + bc (T - Tc)+;  4P b0 + bh (Tx - T)+ + bc (T - Tx)+ with any signs;
 *   5P b0 + bh (Th - T)+ + bc (T - Tc)+, Th <= Tc.  Balance points by grid, the rest by least squares.
 *   adjusted R2 = 1 - (1 - R2)(n - 1)/(n - c - 1), c slopes
 *   uncertainty of a saving, fraction of it: t (a M^2 + b M + d) CV sqrt((P/P')(1 + 2/P')/Q) / F
 *   avoided use = model(weather of the reporting period) - metered
 *   P' = P (1 - rho)/(1 + rho), rho the correlation of a day's residual with the next one's
 * Pure functions, thread-safe; nothing is allocated. */
#ifndef QF_DOMAIN_MV_H
#define QF_DOMAIN_MV_H
#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>

typedef struct qf_fit {
  double nmbe, cv_rmse; /* fractions */
} qf_fit;
/* How well p meets m. Errors: QF_RANGE n not over `parameters`, mean of m not > 0, a number not finite. */
QF_MUST qf_rc qf_mv_metrics(const double *m, const double *p, size_t n, size_t parameters, qf_fit *out, qf_err *err);

typedef enum qf_cp_kind { QF_CP_MEAN = 0, QF_CP_2P, QF_CP_3PH, QF_CP_3PC, QF_CP_4P, QF_CP_5P } qf_cp_kind;
typedef struct qf_cp { /* a fitted model; unused parts are 0 */
  qf_cp_kind kind;
  double base;             /* b0 */
  double heat, cool;       /* per degree; 2P: b1 is in cool */
  double heat_at, cool_at; /* degC; 4P: both the one point */
  double r2, adjusted_r2, cv_rmse;
} qf_cp;
typedef struct qf_cp_grid { /* balance points tried, degC; step > 0, at most 200 steps (CalTRACK: step <= 1.67 K) */
  double low, high, step;
  double least_days,
      least_sum; /* a degree-day term needs as many days over 0 and degree days; 0 any (CalTRACK: 10, 20) */
} qf_cp_grid;
/* Fit one kind to daily (or monthly mean) temperature and energy, n values. Errors: QF_RANGE fewer values than
 * parameters + 1, a value not finite, grid; QF_STATE no balance point gives a solvable fit (temperature does not vary
 * enough). */
QF_MUST qf_rc qf_cp_fit(qf_cp_kind kind, const double *t, const double *y, size_t n, const qf_cp_grid *g, qf_cp *out,
                        qf_err *err);
/* Best of MEAN, 3PH, 3PC, 5P by adjusted R2, of those with all slopes > 0 (CalTRACK 3.4: p-values are not used). */
QF_MUST qf_rc qf_cp_choose(const double *t, const double *y, size_t n, const qf_cp_grid *g, qf_cp *out, qf_err *err);
double qf_cp_predict(const qf_cp *m, double t);
/* Sum of the model at t less what was metered: avoided use, unit of y. */
double qf_cp_avoided(const qf_cp *m, const double *t, const double *metered, size_t n);

typedef struct qf_uncertainty {
  double t;       /* of Student, 1.645 for 90 % */
  double a, b, d; /* daily -0.00024 0.03535 1.00286; billing -0.00022 0.03306 0.94054 */
  double months;  /* M, of the reporting period */
  double cv_rmse;
  double baseline, effective; /* P, P' = P (1 - rho)/(1 + rho) */
  double reporting;           /* Q */
  double saving;              /* F, fraction of the baseline, > 0 */
} qf_uncertainty;
/* P' of n residuals (metered less model) in the order of days; at most n, at least 1. */
double qf_mv_effective(const double *residual, size_t n);
/* Errors: QF_RANGE periods or saving not > 0. */
QF_MUST qf_rc qf_mv_uncertainty(const qf_uncertainty *u, double *fraction, qf_err *err);

#endif
