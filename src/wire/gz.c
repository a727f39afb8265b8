#include "wire/gz.h"
#include <limits.h>
#include <string.h>
#define ZLIB_CONST
#include <zlib.h>

/* Bytes: 1F 8B 08 ... deflate stream ... CRC-32, length mod 2^32 (little-endian); zlib checks both. A zlib body (78 xx)
 * is taken as well (Content-Encoding: deflate). */
enum { STEP = 16384, JUDGE = 65536 };

/* Unpack one step into the room behind out->len. */
static qf_rc one_step(z_stream *z, qf_buf *out, int *zrc, qf_err *err)
{
  size_t step = out->max - out->len < STEP ? out->max - out->len : STEP;
  if (step == 0) {
    char probe[1]; /* full exactly at the end is fine: one more byte is not */
    z->next_out = (Bytef *)probe;
    z->avail_out = 1;
    *zrc = inflate(z, Z_NO_FLUSH);
    if (z->avail_out)
      return QF_OK;
    return qf_fail(err, QF_RANGE, "the body unpacks to more than %zu bytes", "解压后超过 %zu 字节", out->max);
  }
  if (!qf_buf_reserve(out, step))
    return qf_fail(err, QF_NOMEM, "out of memory%s", "内存不足%s", "");
  z->next_out = (Bytef *)(out->data + out->len);
  z->avail_out = (uInt)step;
  *zrc = inflate(z, Z_NO_FLUSH);
  out->len += step - z->avail_out;
  return QF_OK;
}

/* Until the last member ends. */
static qf_rc run(z_stream *z, size_t len, unsigned ratio, qf_buf *out, qf_err *err)
{
  size_t start = out->len;
  for (;;) {
    int zrc = Z_OK;
    size_t before = out->len;
    uInt in_before = z->avail_in;
    qf_rc rc = one_step(z, out, &zrc, err);
    if (rc)
      return rc;
    if (out->len - start > JUDGE && (out->len - start) / ratio > len)
      return qf_fail(err, QF_RANGE, "the body unpacks to more than %u times its size", "解压后超过原大小的 %u 倍",
                     ratio);
    if (zrc == Z_STREAM_END && z->avail_in == 0)
      return QF_OK;
    if (zrc == Z_STREAM_END) {
      if (inflateReset(z) != Z_OK)
        return qf_fail(err, QF_SYNTAX, "the gzip body is damaged%s", "gzip 数据损坏%s", "");
      continue;
    }
    if (zrc != Z_OK && zrc != Z_BUF_ERROR)
      return qf_fail(err, zrc == Z_MEM_ERROR ? QF_NOMEM : QF_SYNTAX, "the body is not gzip or is damaged (%s)",
                     "数据不是 gzip 或已损坏（%s）", z->msg ? z->msg : "zlib");
    if (z->avail_in == 0 && z->avail_out != 0)
      return qf_fail(err, QF_PARTIAL, "the gzip body is cut short after %zu bytes", "gzip 数据在 %zu 字节后中断", len);
    if (before == out->len && in_before == z->avail_in && out->len < out->max)
      return qf_fail(err, QF_PARTIAL, "the gzip body is cut short after %zu bytes", "gzip 数据在 %zu 字节后中断", len);
  }
}

qf_rc qf_gz_inflate(const void *src, size_t len, unsigned max_ratio, qf_buf *out, qf_err *err)
{
  z_stream z;
  memset(&z, 0, sizeof z);
  if (len > UINT_MAX)
    return qf_fail(err, QF_RANGE, "a packed body of %zu bytes is too long", "压缩数据 %zu 字节过长", len);
  if (inflateInit2(&z, 15 + 32) != Z_OK) /* 32: gzip or zlib by its header */
    return qf_fail(err, QF_NOMEM, "out of memory%s", "内存不足%s", "");
  size_t start = out->len;
  z.next_in = (const Bytef *)src;
  z.avail_in = (uInt)len;
  qf_rc rc = run(&z, len, max_ratio ? max_ratio : QF_GZ_RATIO, out, err);
  inflateEnd(&z);
  if (out->data)
    out->data[rc ? start : out->len] = 0;
  if (rc) {
    out->len = start;
    out->failed = false;
  }
  return rc;
}
