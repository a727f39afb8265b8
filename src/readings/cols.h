/* Readings of one point as columns, growing; and what makes a set of readings out of arrivals: the stable order by
 * time, one of each exact duplicate, the mark on conflicting ones. One thread per object. */
#ifndef QF_READINGS_COLS_H
#define QF_READINGS_COLS_H
#include "base/reading.h"

/* Times that can be kept: years 1 .. 9999 in Beijing. */
#define QF_TIME_MIN (-INT64_C(62135596800) * QF_US_SECOND)
#define QF_TIME_MAX (INT64_C(253402300800) * QF_US_SECOND - QF_CN_OFFSET)

typedef struct qf_cols {
  size_t n, cap;
  qf_us *ts;
  int64_t *mant;
  int8_t *exp;
  uint8_t *flags;
} qf_cols;

void qf_cols_fini(qf_cols *c);
/* Make room for `more` rows after n. Errors: QF_NOMEM. */
QF_MUST qf_rc qf_cols_reserve(qf_cols *c, size_t more);
static inline void qf_cols_add(qf_cols *c, qf_us ts, qf_num v, uint8_t flags)
{
  size_t i = c->n++;
  c->ts[i] = ts;
  c->mant[i] = v.mant;
  c->exp[i] = v.exp;
  c->flags[i] = flags;
}
/* Bring rows that are in arrival order into (time, arrival) order, keep the first of exact duplicates.
 *   dropped  gets the number of duplicates left out, may be NULL.
 * O(n) when already in order, else O(n log n). Errors: QF_NOMEM, rows are then unchanged. */
QF_MUST qf_rc qf_cols_settle(qf_cols *c, uint64_t *dropped);
/* First index with ts >= t among rows in order. */
size_t qf_cols_lower(const qf_us *ts, size_t n, qf_us t);
#endif
