/* The column codec: integers to few bytes, in frames, each frame in the cheapest of a few ways. Byte format at the top
 * of codec.c. Lossless for every int64. Pure functions over memory; thread-safe; nothing allocated. */
#ifndef QF_READINGS_CODEC_H
#define QF_READINGS_CODEC_H
#include "base/buf.h"

#ifdef QF_SMALL
enum { QF_FRAME = 8 }; /* readings per frame: part of the file format, kept in every header */
#else
enum { QF_FRAME = 128 };
#endif
enum { QF_COL_SLACK = 8 }; /* bytes after the end of a column that must be readable (never used) */

/* Most bytes that n integers can take. */
size_t qf_col_bound(uint32_t n);
/* Encode x[0..n) into out (qf_col_bound(n) bytes).
 *   prev   the integer before x[0], known to the decoder too;  delta  usual way of the frames: differences, not values
 * Gives the bytes written. */
size_t qf_col_encode(const int64_t *x, uint32_t n, int64_t prev, bool delta, uint8_t *out);
/* True when differences span less than the values themselves: what to pass as `delta`. */
bool qf_col_prefers_delta(const int64_t *x, uint32_t n, int64_t prev);
/* Decode n integers; r must have QF_COL_SLACK readable bytes after its end. False for anything malformed; never reads
 * further than the slack. */
bool qf_col_decode(qf_rd *r, int64_t *x, uint32_t n, int64_t prev, bool delta);
#endif
