/* gzip (RFC 1952) and zlib bodies of requests, unpacked under two hard limits, so that a small body cannot become a
 * large one in memory. Pure, thread-safe. */
#ifndef QF_WIRE_GZ_H
#define QF_WIRE_GZ_H
#include "base/buf.h"

enum { QF_GZ_RATIO = 200 }; /* default of max_ratio; text of readings packs 5 to 30 times */

/* Append what src[0..len) unpacks to, at most out's own maximum.
 *   max_ratio  most bytes out per byte in, judged once 64 KiB are out; 0 = QF_GZ_RATIO
 * Several gzip members in a row are one body. Errors: QF_SYNTAX not gzip, damaged, or bytes after the end; QF_PARTIAL
 * cut short; QF_RANGE a limit (words name it); QF_NOMEM. On an error out->len is as before. */
QF_MUST qf_rc qf_gz_inflate(const void *src, size_t len, unsigned max_ratio, qf_buf *out, qf_err *err);
#endif
