/* VEE: validation and estimation of meter data as pure functions - a reading and what came before in, a verdict out. No
 * clock, no I/O. The rules by number, their defaults and where they come from: docs/internals/meter.md. Thread-safe. */
#ifndef QF_METER_VEE_H
#define QF_METER_VEE_H
#include "meter/meter.h"
#include "meter/windows.h"

#define QF_RULE(v) (1u << (v))
#define QF_SPIKE 1.8                          /* V10 */
#define QF_STUCK_US QF_US_DAY                 /* V12, registers */
#define QF_STUCK_SAME 12                      /* V12, gauges: identical readings ... */
#define QF_STUCK_SAME_US QF_US_HOUR           /* ... over at least this time */
#define QF_LINE_US (2 * QF_US_HOUR)           /* E1 up to here, E2 beyond */
#define QF_LIKE_DAYS 42                       /* how far back like days are looked for */
#define QF_LIKE_KEEP 4                        /* the last so many are used */
#define QF_LIKE_MIN 3                         /* E3 needs so many */
#define QF_BALANCE 0.02                       /* V15 */
#define QF_AHEAD_US (5 * QF_US_MINUTE)        /* V03: later than receipt by more: held until due */
#define QF_OLDEST_US INT64_C(631152000000000) /* 1990-01-01: earlier stamps are a clock that was never set */

/* round(k * v * 10^6), half to even. false when it does not fit int64. k > 0. */
bool qf_vee_scale(qf_num k, int64_t mant, int8_t exp, int64_t *out);
/* V19: marked by the sender, |v| >= 10^20, or one of 65535, 32767, -32768, 4294967295, -9999. */
bool qf_vee_sentinel(int64_t mant, int8_t exp, uint8_t flags);
/* The part of it that needs no look at the series: marked by the sender, or |v| >= 10^20. */
bool qf_vee_no_value(int64_t mant, int8_t exp, uint8_t flags);
/* V09: 1.2 x rated x time, in the unit of rated x h. rated > 0. */
double qf_vee_limit(double rated, qf_us dt);
/* Distance of float32 neighbours at r (register units). */
double qf_vee_ulp32(double r);
/* V08d: how far a register may fall back and it is only jitter: max(2 q, 2 ulp32(r)), register units. */
double qf_vee_jitter(double q, double r);
/* V08a: prev >= 0.9 M, r <= 0.1 M, M = 10^digits. The caller checks the increment against the limit. */
bool qf_vee_rollover(double prev, double r, int digits);
/* V10: (h1 - h3) / h3 > 1.8 with h3 >= floor, floor > 0 enforced. */
bool qf_vee_spike(double h1, double h3, double floor);
/* V11: |x - median| > 6 x 1.4826 x MAD over n >= 4 values (else false), MAD at least max(5 % of the median, floor). n
 * <= 64. */
bool qf_vee_outlier(double x, const double *v, size_t n, double floor);
/* V11 for a day: sum > median + 3 x interquartile range, n >= 4. */
bool qf_vee_day_high(double sum, const double *v, size_t n);
/* V12: no increase for still_us, while before that less than 5 % of at least a week's quarters were zero. */
bool qf_vee_stuck(qf_us still_us, uint32_t zero_quarters, uint32_t quarters);
/* V13: fewer than 90 % of the expected readings. */
bool qf_vee_incomplete(uint32_t received, uint32_t expected);
/* V15: b = (parent - children - loss) / parent; true when |b| > 2 % and the parent carries at least 10 units a day. */
bool qf_vee_unbalanced(double parent, double children, double loss, qf_us span, double *b);
/* V22: more than 10 % of the energy or more than 5 % of the intervals are estimated. */
bool qf_vee_cap(int64_t value, int64_t estimated, uint32_t intervals, uint32_t intervals_estimated);

/* The last QF_LIKE_KEEP valid amounts of every slot by day class, 10^-6 units; filled newest day first. */
typedef struct qf_likeday {
  int64_t v[QF_DAY_CLASSES][QF_DAY_QUARTERS][QF_LIKE_KEEP];
  uint8_t n[QF_DAY_CLASSES][QF_DAY_QUARTERS];
} qf_likeday;
/* E2: weights from the means; slots without values get their class's mean, classes without values the mean of the
 * others. false when there is nothing to go by (straight line then). */
bool qf_likeday_shape(const qf_likeday *l, qf_shape *out); /* out->calendar is left alone */
/* E3: mean of the slot's values; false with fewer than QF_LIKE_MIN. */
bool qf_likeday_mean(const qf_likeday *l, int cls, int slot, int64_t *out);
#endif
