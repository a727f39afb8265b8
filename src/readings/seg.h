/* A segment: one immutable file of readings of one Beijing day, blocks by point, with an index at its end. Written
 * once, mapped for reading. Bytes: top of seg.c and docs/formats/readings.md. A qf_seg is shared by reference count;
 * everything that reads it is thread-safe. A writer belongs to one thread. */
#ifndef QF_READINGS_SEG_H
#define QF_READINGS_SEG_H
#include "readings/block.h"

enum { QF_SEG_SEALED = 255, QF_SEG_NAME = 64 };

typedef struct qf_seg_meta {
  int32_t day;                 /* Beijing day number */
  uint32_t level;              /* merges behind it, or QF_SEG_SEALED */
  uint64_t order_lo, order_hi; /* the flushes it holds: arrival order among files of a day */
  uint64_t seq;                /* highest journal sequence in it */
  uint64_t readings;
  uint32_t points, blocks;
  qf_us lo, hi; /* first and last time */
} qf_seg_meta;

typedef struct qf_seg qf_seg;
/* Map the file `name` in the open folder dirfd; reads the footer only. Errors: QF_IO, QF_CORRUPT naming the file. */
QF_MUST qf_rc qf_seg_open(int dirfd, const char *name, qf_seg **out, qf_err *err);
/* The same over bytes in memory (borrowed, for tests and fuzzing). */
QF_MUST qf_rc qf_seg_open_mem(const uint8_t *bytes, size_t n, const char *name, qf_seg **out, qf_err *err);
qf_seg *qf_seg_ref(qf_seg *s);
void qf_seg_unref(qf_seg *s); /* NULL is fine */
const qf_seg_meta *qf_seg_get_meta(const qf_seg *s);
const char *qf_seg_name(const qf_seg *s);
size_t qf_seg_bytes(const qf_seg *s);
void qf_seg_sha256(const qf_seg *s, uint8_t out[32]);

/* Check the index's checksum, once; every function below needs it to have been called with success. */
QF_MUST qf_rc qf_seg_check_index(qf_seg *s, qf_err *err);
/* Place of `point` in the directory, or of the first greater one with *found false. */
uint32_t qf_seg_find(const qf_seg *s, uint32_t point, bool *found);
uint32_t qf_seg_point_at(const qf_seg *s, uint32_t i); /* i < points */
/* Reader over the block records of directory place i; feed to qf_seg_next_block until it gives QF_NOTFOUND. */
qf_rd qf_seg_records(const qf_seg *s, uint32_t i);
QF_MUST qf_rc qf_seg_next_block(const qf_seg *s, qf_rd *r, qf_block *out, qf_err *err);
/* Check the block's checksum and unpack it. Errors: QF_CORRUPT naming file and block. */
QF_MUST qf_rc qf_seg_unpack(const qf_seg *s, const qf_block *b, qf_unpacked *u, qf_span *out, qf_err *err);
/* Check everything. Errors: QF_CORRUPT naming file and place. */
QF_MUST qf_rc qf_seg_verify(const qf_seg *s, qf_err *err);

typedef struct qf_segw { /* a writer; open struct so that it can live in arrays; fields are private */
  qf_seg_meta meta;
  int dirfd, fd;
  char name[QF_SEG_NAME];
  qf_buf data, recs, dir;
  uint64_t written; /* bytes of data already in the file */
} qf_segw;
/* Start a file that will be called name. meta: day, level, orders and seq are taken; the rest is counted. */
void qf_segw_init(qf_segw *w, int dirfd, const char *name, const qf_seg_meta *meta);
/* Add rows [from, to) of c: all of `point` for this file, settled, all within the day; points must ascend.
 * Errors: QF_NOMEM, QF_IO. */
QF_MUST qf_rc qf_segw_put(qf_segw *w, uint32_t point, const qf_cols *c, size_t from, size_t to, qf_err *err);
/* Write index and footer, fdatasync, give the file its name. The caller syncs the folder. Errors: QF_IO, QF_NOMEM. */
QF_MUST qf_rc qf_segw_finish(qf_segw *w, qf_err *err);
/* Release memory; removes what is not finished. Safe after any outcome. */
void qf_segw_fini(qf_segw *w);
#endif
