/* Body of a READINGS entry: the columns of a qf_batch, delta-packed, then zstd level 1 when that is smaller.
 * Bytes: see the top of batch.c. Pure functions over memory; thread-safe. */
#ifndef QF_JOURNAL_BATCH_H
#define QF_JOURNAL_BATCH_H
#include "base/reading.h"
#define QF_BATCH_MAX 1000000u /* rows in one batch */
/* Append the encoding of b (1 .. QF_BATCH_MAX rows) to out. Errors: QF_NOMEM, QF_RANGE. */
QF_MUST qf_rc qf_batch_encode(const qf_batch *b, qf_buf *out);
/* Decode into out (reset first; memory is reused). Lossless for every qf_num, ts and order.
 * Errors: QF_CORRUPT for anything malformed, QF_NOMEM; never reads outside body. */
QF_MUST qf_rc qf_batch_decode(const uint8_t *body, size_t len, qf_batch *out, qf_err *err);
#endif
