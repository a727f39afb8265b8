/* A block: up to QF_BLOCK_MAX readings of one point within one Beijing day, in (time, arrival) order, packed; and its
 * summary, which lives in the file's index so that roll-ups need not unpack. Bytes: top of block.c and
 * docs/formats/readings.md. Pure functions over memory; thread-safe (one qf_unpacked per thread). */
#ifndef QF_READINGS_BLOCK_H
#define QF_READINGS_BLOCK_H
#include "readings/codec.h"
#include "readings/cols.h"

#ifdef QF_SMALL
enum { QF_BLOCK_MAX = 24 };
#else
enum { QF_BLOCK_MAX = 1536 }; /* a day of minutes is one block */
#endif

enum { /* qf_block.kinds; bits 6-7: unit of times, see qf_time_unit */
       QF_BK_IRREGULAR = 1,
       QF_BK_DELTA = 2,     /* usual way of the value frames */
       QF_BK_FLAGS = 4,     /* a column of flags follows */
       QF_BK_MIXED = 8,     /* no common exponent: a column of exponents; no min, max, sum, last in the summary */
       QF_BK_SENTINEL = 16, /* some reading is QF_RD_SENTINEL: the summary counts it, a roll-up must not */
       QF_BK_RISING = 32,   /* min is the first, max the last value */
};

typedef struct qf_block { /* the summary */
  uint8_t kinds;
  int8_t exp;     /* of all values, unless QF_BK_MIXED */
  uint32_t count; /* 1 .. QF_BLOCK_MAX */
  qf_us lo, hi;   /* first and last time */
  qf_us step;     /* between readings, unless QF_BK_IRREGULAR */
  int64_t first, last, min, max;
  qf_i128 sum;
  uint64_t off; /* of the packed bytes in the file */
  uint32_t len, crc;
} qf_block;

/* Pack rows [from, from+count) of c, which are in order: fill b (all but off) and append the bytes to out.
 * Errors: QF_NOMEM. */
QF_MUST qf_rc qf_block_pack(const qf_cols *c, size_t from, uint32_t count, qf_block *b, qf_buf *out);

/* A span of readings in order, borrowed from whoever unpacked it. */
typedef struct qf_span {
  size_t n;
  const qf_us *ts; /* NULL: lo + i * step */
  qf_us lo, step;
  const int64_t *mant;
  const int8_t *exps; /* NULL: exp for all */
  int8_t exp;
  const uint8_t *flags; /* NULL: 0 for all */
} qf_span;

typedef struct qf_unpacked { /* memory for one unpacked block */
  qf_us ts[QF_BLOCK_MAX];
  int64_t mant[QF_BLOCK_MAX];
  int8_t exps[QF_BLOCK_MAX];
  uint8_t flags[QF_BLOCK_MAX];
} qf_unpacked;

/* Unpack b from its bytes (b->len of them, with QF_COL_SLACK more readable). The checksum is the caller's business.
 * Errors: QF_CORRUPT for anything malformed: times out of order or not lo..hi, bytes left over. */
QF_MUST qf_rc qf_block_unpack(const qf_block *b, const uint8_t *bytes, qf_unpacked *u, qf_span *out);

/* Write the summary as an index record / read it back. day_start: first moment of the file's Beijing day.
 * Reading gives false for anything malformed, times outside the day, counts outside 1..QF_BLOCK_MAX. */
void qf_block_put(const qf_block *b, qf_us day_start, qf_buf *out);
bool qf_block_get(qf_rd *r, qf_us day_start, qf_block *out);
/* Does the summary say what the span holds? (for verification) */
bool qf_block_agrees(const qf_block *b, const qf_span *s);
#endif
