/* GB/T 32960, a stream. Invariants: the reader always goes on or waits for more; what it gives lies inside the input; a stream
 * cut into two pieces gives the same frames as the whole; a frame is built again byte for byte (but for blanks after the VIN);
 * a report's values are in their ranges. */
#include "wire/gbt32960.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
  if (!ok)
    abort();
}

static void read_report(const uint8_t *data, size_t len)
{
  static qf_gbt_report last;
  qf_gbt_report r;
  qf_gbt_step s;
  qf_err err = {0};
  if (qf_gbt_report_read(data, len, &r, &err)) {
    must(err.en[0] && err.zh[0]);
    return;
  }
  must((r.has & r.invalid) == 0);
  if (r.has & QF_GBT_SPEED)
    must(r.speed.mant >= 0 && r.speed.mant <= 2200);
  if (r.has & QF_GBT_CURRENT)
    must(r.current.mant >= -10000 && r.current.mant <= 10000);
  if (r.has & QF_GBT_POSITION)
    must(llabs(r.longitude.mant) <= 180000000 && llabs(r.latitude.mant) <= 90000000);
  if (qf_gbt_energy(&last, &r, QF_US_DAY, &s))
    must(s.charge.mant >= 0 && s.out.mant >= 0 && s.back.mant >= 0);
  last = r;
}

static unsigned run(const uint8_t *p, size_t n, size_t cut, uint32_t *sum)
{
  unsigned frames = 0;
  size_t start = 0;
  *sum = 0;
  for (int turn = 0; turn < 2; turn++) {
    size_t have = turn ? n : cut;
    for (;;) {
      size_t used = 0, left = have - start;
      uint8_t *copy = malloc(left ? left : 1);
      if (left)
        memcpy(copy, p + start, left);
      qf_gbt_frame f;
      qf_err err = {0};
      qf_rc rc = qf_gbt_next(copy, left, 2048, &f, &used, &err);
      must(used <= left);
      if (rc != QF_PARTIAL) {
        must(used > 0 && f.raw >= copy && f.raw + f.raw_len <= copy + left);
        must(rc == QF_OK || (rc == QF_SYNTAX && err.en[0] && err.zh[0]));
      }
      if (rc == QF_OK) {
        frames++;
        *sum = qf_crc32c(*sum, f.raw, f.raw_len);
        read_report(f.data, f.len);
        qf_buf b;
        qf_buf_init(&b, 1 << 17);
        qf_gbt_build(&b, &f);
        must(!b.failed && b.len == f.raw_len);
        qf_buf_fini(&b);
      }
      free(copy);
      start += used;
      if (rc == QF_PARTIAL)
        break;
    }
  }
  return frames;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size < 1)
    return 0;
  size_t n = size - 1, cut = data[0] * n / 256;
  uint32_t one, two;
  unsigned a = run(data + 1, n, n, &one), b = run(data + 1, n, cut, &two);
  must(a == b && one == two);
  read_report(data + 1, n);
  return 0;
}
