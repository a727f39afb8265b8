/* A batch of readings as columns: what travels from a decoder through the journal to meter and readings store.
 * point   our id of a series, dense from 1, given out by the city registry (city/registry.h) and journalled
 * ts_us   UTC microseconds;  mant, exp   the decimal as sent;  flags   QF_RD_*  */
#ifndef QF_BASE_READING_H
#define QF_BASE_READING_H
#include "base/dec.h"
#include "base/tm.h"

enum {
  QF_RD_BOOL = 1,     /* sent as true/false, kept as 1/0 */
  QF_RD_MANUAL = 2,   /* hand-entered */
  QF_RD_INEXACT = 4,  /* sent with more than 18 significant digits */
  QF_RD_SENTINEL = 8, /* sender marked it invalid (empty, NaN text) */
};

typedef struct qf_reading {
  qf_us ts_us;
  qf_num v;
  uint8_t flags;
} qf_reading;

typedef struct qf_batch {
  uint32_t n, cap;
  uint32_t *point;
  qf_us *ts_us;
  int64_t *mant;
  int8_t *exp;
  uint8_t *flags;
} qf_batch;

void qf_batch_init(qf_batch *b);
void qf_batch_fini(qf_batch *b);
/* Make room for `more` rows. Errors: QF_NOMEM; the batch is as before. */
QF_MUST qf_rc qf_batch_reserve(qf_batch *b, uint32_t more);
/* Append one row; room must have been reserved. */
static inline void qf_batch_add(qf_batch *b, uint32_t point, qf_us ts, qf_num v, uint8_t flags)
{
  uint32_t i = b->n++;
  b->point[i] = point;
  b->ts_us[i] = ts;
  b->mant[i] = v.mant;
  b->exp[i] = v.exp;
  b->flags[i] = flags;
}
#endif
