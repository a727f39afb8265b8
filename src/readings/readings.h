/* The readings port and our segment store: raw values by point and time, exact, small, quick to roll up.
 * The store is a projection of the journal: it may lose what is only in memory and is filled again by replay from
 * qf_readings_durable_seq() + 1. Duplicates: exact (same point, ts, value) kept once; conflicting ones (same point and
 * ts, another value) are all kept, in arrival order, the later marked QF_RD_CONFLICT when read. The value is kept
 * exactly; how many trailing zeros it came with is not (12.5 may come back as 12.50). A reading that the sender marked
 * invalid (QF_RD_SENTINEL) and a valid one of the same value are two readings, not a duplicate. Threads: one writer
 * (add, flush), any number of readers; readers never wait for the disk writes of the writer. seal may run on a thread
 * of its own. How it works: docs/formats/readings.md. */
#ifndef QF_READINGS_READINGS_H
#define QF_READINGS_READINGS_H
#include "base/reading.h"

enum { QF_RD_CONFLICT = 16 };

typedef struct qf_readings qf_readings;
typedef struct qf_readings_opts { /* zero = default */
  /* Readings held in memory before they become part files; default 1,000,000. Memory stated: two such tables of 26
   * bytes a row and at most 8 of chain heads, and while one is written out 16 bytes a row more. */
  uint32_t memtable_rows;
  qf_clock clock; /* not used: the store looks only at the times of the readings */
} qf_readings_opts;

/* Open dir/readings, creating it (dir must be there). Leftovers of an interrupted write are removed. Reads the manifest
 * and the footers of the files; blocks are checked when first used. opts may be NULL. Errors: QF_IO, QF_NOMEM,
 * QF_CORRUPT naming the file: then qf_readings_wipe and replay the journal. */
QF_MUST qf_rc qf_readings_open(const char *dir, const qf_readings_opts *opts, qf_readings **out, qf_err *err);
void qf_readings_close(
    qf_readings *s); /* flushes nothing: the journal has it all; call flush first to start faster. NULL is fine */

/* Take in a batch that came with journal sequence seq (non-decreasing). All or nothing, but for a batch larger than the
 * memtable, of which a part may be in after an error (adding it again is harmless: duplicates are kept once).
 * Returns at once unless both tables are full; then it waits for the one being written.
 * Errors: QF_RANGE point 0, exponent outside -30..30, or time outside years 1..9999; QF_NOMEM; QF_IO, QF_FULL when an
 * earlier table could not be written: it stays in memory and is tried again at the next add or flush that needs the
 * room. */
QF_MUST qf_rc qf_readings_add(qf_readings *s, const qf_batch *b, uint64_t seq, qf_err *err);
/* Write the memtable out as part files (one per Beijing day touched), fsync, register atomically; returns when they are
 * on disk. An error of an earlier merge of parts in the background (no reading is lost by it) is reported here, once.
 */
QF_MUST qf_rc qf_readings_flush(qf_readings *s, qf_err *err);
/* Flush, then merge the parts of every day before `day` (Beijing day number) into one sealed file per day. Idempotent;
 * a day that got late parts since is sealed again, under a new name. on_seal (may be NULL) is called per file written;
 * what it gets is borrowed. Errors: as flush; QF_CORRUPT naming the file: that day stays as it was. */
typedef struct qf_seal {
  int32_t day;
  uint64_t readings, bytes;
  uint8_t sha256[32];
  const char *file;
} qf_seal;
QF_MUST qf_rc qf_readings_seal(qf_readings *s, int32_t day, void (*on_seal)(void *ud, const qf_seal *), void *ud,
                               qf_err *err);
/* All readings up to this sequence are in files on disk. */
uint64_t qf_readings_durable_seq(const qf_readings *s);

/* Readings of one point in [from, to), by time, then arrival. fn returns false to stop. */
typedef bool qf_reading_fn(void *ud, const qf_reading *r);
QF_MUST qf_rc qf_readings_range(qf_readings *s, uint32_t point, qf_us from, qf_us to, qf_reading_fn *fn, void *ud,
                                qf_err *err);
/* Last reading before t (exclusive) by (time, arrival), flags as range gives them. Errors: QF_NOTFOUND. */
QF_MUST qf_rc qf_readings_before(qf_readings *s, uint32_t point, qf_us t, qf_reading *out, qf_err *err);

/* Roll-up: per bucket of step_us on the UTC grid: count, min, max, sum (as exact decimals at 10^exp), first and last by
 * (time, arrival). All kept readings count, conflicting ones too, but not those marked QF_RD_SENTINEL.
 * Buckets without readings are not reported: missing is not zero.
 *   inexact  the bucket's readings have no common exponent at which all fit 64 bits (1e-20 beside 1e17): exp is the
 * finest at which they do, and lesser digits are rounded half to even */
typedef struct qf_rollup {
  uint32_t point;
  qf_us from_us;
  uint32_t count;
  int8_t exp;
  bool inexact;
  int64_t min, max, first, last;
  qf_i128 sum;
} qf_rollup;
typedef void qf_rollup_fn(void *ud, const qf_rollup *r);
/* Of [from, to). The grid is moved by grid_us, 0 <= grid_us < step_us: buckets begin where (t + grid_us) is a multiple of
 * step_us. QF_CN_OFFSET with a step of QF_US_DAY gives Beijing days, and reads no blocks, only their summaries. */
typedef struct qf_rollup_query {
  const uint32_t *points; /* NULL: every point */
  size_t npoints;
  qf_us from, to, step_us, grid_us;
} qf_rollup_query;
/* Order by point, then time (a point named twice is reported once). step_us divides 24 h. Errors: QF_RANGE for such a step
 * or grid, QF_NOMEM, QF_CORRUPT naming file and block. */
QF_MUST qf_rc qf_readings_rollup(qf_readings *s, const qf_rollup_query *q, qf_rollup_fn *fn, void *ud, qf_err *err);

typedef struct qf_readings_stats {
  uint64_t readings;     /* in files and memory; a duplicate counts until a merge meets it */
  uint64_t readings_mem; /* of them in memory */
  uint64_t bytes_disk, files, sealed_files;
  uint64_t duplicates; /* exact duplicates dropped since the open */
  uint64_t bytes_mem;  /* of the memtables */
} qf_readings_stats;
void qf_readings_get_stats(qf_readings *s, qf_readings_stats *out);
/* Check every file's checksums; on QF_CORRUPT err names the file and block. */
QF_MUST qf_rc qf_readings_verify(qf_readings *s, qf_err *err);
/* Remove the store's files from dir/readings, before a rebuild. */
QF_MUST qf_rc qf_readings_wipe(const char *dir, qf_err *err);
#endif
