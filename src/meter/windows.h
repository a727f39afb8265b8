/* Windows: an amount over [t0, t1) laid onto 15-minute quarters so that nothing is lost or made.
 *
 * The law: the parts of an amount are whole counts of 10^-6 and add up to it exactly. Each part is the exact share
 * rounded down, and the counts left over go to the largest remainders, the earlier quarter first when equal
 * (largest-remainder method). A span is first divided among Beijing days, then each day among its quarters, so that no
 * more than QF_PARTS_MAX shares are ever held. Weights: time (straight line, E1) or time x like-day profile (E2). Pure
 * functions, thread-safe. */
#ifndef QF_METER_WINDOWS_H
#define QF_METER_WINDOWS_H
#include "base/dec.h"
#include "base/tm.h"
#include "domain/calendar.h"

#define QF_PARTS_MAX 512
#define QF_SPAN_DAYS_MAX 400 /* longest span that is laid out; longer ones start anew */
#define QF_DAY_QUARTERS 96

/* Divide total (any sign) in proportion to n weights (1 <= n <= QF_PARTS_MAX, each < 2^61, all zero = equal shares)
 * into part[n]; the parts add up to total exactly. */
void qf_apportion(int64_t total, const uint64_t *weight, size_t n, int64_t *part);

/* Relative use of a quarter by day class and slot, 0 .. 2^24; see qf_likeday in vee.h for how it is made. */
typedef struct qf_shape {
  const qf_calendar *calendar; /* says which class a day is; NULL: the plain week */
  uint32_t w[QF_DAY_CLASSES][QF_DAY_QUARTERS];
} qf_shape;

int qf_day_slot(qf_us t); /* 0 .. 95: the quarter of the Beijing day */

/* One quarter's part: overlap_us of the span lie in it (1 .. 900 s). */
typedef void qf_part_fn(void *ud, qf_us quarter, qf_us overlap_us, int64_t x);
/* Lay x over [t0, t1), t0 < t1, at most QF_SPAN_DAYS_MAX days. shape NULL (or without weight in the span): straight
 * line. */
void qf_spread(qf_us t0, qf_us t1, int64_t x, const qf_shape *shape, qf_part_fn *fn, void *ud);
#endif
