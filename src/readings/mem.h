/* The memtable: one arrival-ordered column log of readings, with a chain per point so that one point's rows are found
 * without looking at the others. Memory is bounded by the rows, whatever the number of points: 26 bytes a row and 4 to
 * 8 bytes a row of chain heads. One thread adds; others may read rows below a count that they got (under a lock) after
 * those rows were added. */
#ifndef QF_READINGS_MEM_H
#define QF_READINGS_MEM_H
#include "readings/cols.h"
#include <stdatomic.h>

typedef struct qf_mem {
  atomic_int refs;
  uint32_t n, cap; /* n: rows visible to readers, guarded by the store's lock */
  uint64_t seq;    /* all readings up to this sequence are in here or in an older place */
  qf_us *ts;
  int64_t *mant;
  uint32_t *point;
  uint32_t *prev; /* 1 + the row before of the same chain, 0 = none */
  int8_t *exp;
  uint8_t *flags;
  uint32_t mask; /* chains - 1 */
  atomic_uint *head;
} qf_mem;

/* rows: 1 .. 2^31. Errors: QF_NOMEM. */
QF_MUST qf_rc qf_mem_new(uint32_t rows, qf_mem **out);
void qf_mem_unref(qf_mem *m); /* NULL is fine */
void qf_mem_clear(qf_mem *m); /* forget all rows; nobody else may hold it */
/* Append rows [from, from+count) of b after row `at` = the rows so far; there must be room. Readers see them once n
 * says so. */
void qf_mem_append(qf_mem *m, uint32_t at, const qf_batch *b, uint32_t from, uint32_t count);
/* Append to c, in arrival order, the rows below n of one point with from <= ts < to. Errors: QF_NOMEM. */
QF_MUST qf_rc qf_mem_collect(const qf_mem *m, uint32_t n, uint32_t point, const qf_us range[2], qf_cols *c);
/* Greatest ts < t of the point among rows below n; false when there is none. */
bool qf_mem_last_before(const qf_mem *m, uint32_t n, uint32_t point, qf_us t, qf_us *out);
/* Rows below n by (point, arrival): *out gets n numbers (point << 32 | row), to be given to qf_big_free with n. One
 * pass when the point ids are dense, else one per 11 bits of the largest. Errors: QF_NOMEM. */
QF_MUST qf_rc qf_mem_by_point(const qf_mem *m, uint32_t n, uint64_t **out);
/* Memory for large tables, in huge pages where the system has them: a table is filled in one go, so page faults count.
 */
void *qf_big_alloc(size_t bytes);        /* zeroed; NULL without memory */
void qf_big_free(void *p, size_t bytes); /* NULL is fine */
size_t qf_mem_bytes(const qf_mem *m);
#endif
