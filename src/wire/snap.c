/* A block is a varint with the unpacked length, then literals and copies. The longest output of the fewest bytes is a copy of 64
 * in three; so an announced length beyond 64/3 of the input is a lie, and is refused without reserving memory for it. */
#include "wire/snap.h"
#include <snappy-c.h>

qf_rc qf_snap_unpack(const void *src, size_t len, qf_buf *out, qf_err *err)
{
  size_t n = 0, room = out->max > out->len ? out->max - out->len - 1 : 0;
  if (snappy_uncompressed_length(src, len, &n) != SNAPPY_OK || n / 64 > len / 3 + 1)
    return qf_fail(err, QF_SYNTAX, "the body is not in snappy's block format, or its announced length is not true",
                   "请求体不是 snappy 块格式，或所声明的长度不实");
  if (n > room)
    return qf_fail(err, QF_RANGE, "the body unpacks to %zu bytes: at most %zu", "请求体解压后 %zu 字节：上限 %zu", n,
                   room);
  if (!qf_buf_reserve(out, n + 1))
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  if (snappy_uncompress(src, len, out->data + out->len, &n) != SNAPPY_OK)
    return qf_fail(err, QF_SYNTAX, "the body is damaged: snappy cannot unpack it", "请求体已损坏：snappy 无法解压");
  out->len += n;
  out->data[out->len] = 0;
  return QF_OK;
}

void qf_snap_pack(const void *src, size_t len, qf_buf *out)
{
  size_t n = snappy_max_compressed_length(len);
  if (!qf_buf_reserve(out, n + 1))
    return;
  if (snappy_compress(src, len, out->data + out->len, &n) != SNAPPY_OK) {
    out->failed = true;
    return;
  }
  out->len += n;
  out->data[out->len] = 0;
}
