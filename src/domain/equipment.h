/* Low-efficiency equipment: motors, transformers, and what running data gives away.
 * Law: IEC 60034-30-1, GB 18613-2020: efficiency limit of a motor, percent, x = log10(kW), 0.75..200 kW, above as 200:
 *   eta = A x^3 + B x^2 + C x + D, printed with one digit; the printed table counts                     [C]
 *   saving of a motor         P L h (1/eta0 - 1/eta1)
 *   transformer, a year       8760 (P0 + b^2 Pk)   kWh; P0, Pk kW, b mean load                         GB 20052
 *   drift                     S+ = max(0, S+ + (x - mean)/s - k), alarm over h                          CUSUM, k 0.5, h 5
 *   low load                  share of running hours with load factor under 0.4 is over 0.5             [M]
 *   leakage                   least at night / mean over 0.4                                            [M]
 * Coefficients, limits and patterns are data and come in as arguments. A finding is a candidate until somebody has seen
 * the plate. Pure functions, thread-safe. */
#ifndef QF_DOMAIN_EQUIPMENT_H
#define QF_DOMAIN_EQUIPMENT_H
#include "domain/units.h"
#include <stdbool.h>

typedef struct qf_motor_curve { /* of one IE class and number of poles, 50 Hz */
  double a, b, c, d;
} qf_motor_curve;
/* Limit in percent, rounded to one digit as printed. Errors: QF_RANGE power outside 0.75..1000 kW or a curve that does
 * not give 50..100. */
QF_MUST qf_rc qf_motor_limit(const qf_motor_curve *c, double kw, double *eta_percent, qf_err *err);
/* Class of a motor among limits of growing classes (IE1, IE2, ... percent): 0 below the first, else the number of the
 * highest reached. Errors: QF_RANGE limits not growing, eta outside 0..100. */
QF_MUST qf_rc qf_motor_class(double eta_percent, const double *limits, size_t n, int *out, qf_err *err);
/* kWh a year saved by a motor of `kw` shaft power at mean load 0..1 over hours 0..8784. Efficiencies 0..1; negative when
 * the new one is worse. Errors: QF_RANGE. */
QF_MUST qf_rc qf_motor_saving(double kw, double load, double hours, const double eta_old_new[2], qf_kwh *out,
                              qf_err *err);

typedef struct qf_transformer {
  double p0_kw, pk_kw; /* no-load and load loss at rated load, >= 0 */
} qf_transformer;
/* Loss of a year at mean load b 0..1.5. Errors: QF_RANGE. */
QF_MUST qf_rc qf_transformer_loss(const qf_transformer *t, double load, qf_kwh *out, qf_err *err);
/* Grade 1..3 by limits of loss (growing: grade 1 has the least), 4 when over grade 3; both losses must be inside. */
int qf_transformer_grade(const qf_transformer *t, const qf_transformer limits[3]);

/* First of n patterns (POSIX extended regular expressions from the list of retired models) that fits a model: *which from
 * 1, 0 none. Errors: QF_SYNTAX a pattern that does not compile (names it). */
QF_MUST qf_rc qf_equipment_listed(const char *const *patterns, size_t n, const char *model, size_t *which, qf_err *err);
/* Is a running machine loaded too little: of the hours it ran (load factor > 0), the share under `low` (0.4) is over
 * `most` (0.5)? *share is NAN when it never ran. */
bool qf_equipment_low_load(const double *load, size_t n, double low, double most, double *share);

typedef struct qf_drift { /* own baseline of a specific use */
  double mean, deviation; /* deviation > 0 */
  double k, h;            /* in deviations: 0.5 and 5 */
} qf_drift;
/* Number (from 1) of the first value at which the upward sum passes h; 0 none. NAN values are passed over. Errors:
 * QF_RANGE deviation, k or h not > 0. */
QF_MUST qf_rc qf_equipment_drift(const qf_drift *d, const double *x, size_t n, size_t *at, qf_err *err);
/* Leakage of a network (air, water, gas): least of the night's values over the day's mean, > `most` (0.4). Errors:
 * QF_RANGE mean not > 0, no night value. */
QF_MUST qf_rc qf_equipment_leak(const double *night, size_t n, double day_mean, double most, bool *leaks, qf_err *err);
#endif
