/* Snappy's block format, as Prometheus packs its requests, by libsnappy; with two limits before any memory is taken. Pure, thread-safe. */
#ifndef QF_WIRE_SNAP_H
#define QF_WIRE_SNAP_H
#include "base/buf.h"

/* Append what src[0..len) unpacks to, at most out's own maximum. Errors: QF_SYNTAX not snappy's block format, damaged, or the length
 * it announces cannot come out of so few bytes; QF_RANGE it announces more than out may hold; QF_NOMEM. On an error out->len is as
 * before. */
QF_MUST qf_rc qf_snap_unpack(const void *src, size_t len, qf_buf *out, qf_err *err);
/* Append src[0..len) packed: what a sender does. out->failed tells about room. */
void qf_snap_pack(const void *src, size_t len, qf_buf *out);
#endif
