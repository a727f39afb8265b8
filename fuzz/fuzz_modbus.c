/* Modbus/TCP. Invariants: a frame's length lies within what was given; an answer's bytes lie inside the frame; an answer that
 * is written again is the same frame; every value of 18 digits has its exponent in range. */
#include "wire/modbus.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
  if (!ok)
    abort();
}

static void values(const qf_mb_answer *a, unsigned pick)
{
  static const uint8_t words[] = {1, 1, 2, 2, 4, 4, 2, 4, 3, 1};
  unsigned t = pick % 10;
  for (size_t i = 0; i + 2u * words[t] <= a->n; i += 2u * words[t]) {
    qf_num v;
    bool exact = true;
    uint64_t raw = qf_mb_raw(a->data + i, words[t], (qf_mb_order)(pick / 10 % 4));
    if (qf_mb_value(raw, (qf_mb_type)t, words[t], &v, &exact) == QF_OK)
      must(v.exp >= -30 && v.exp <= 30);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size == 0)
    return 0;
  uint8_t *p = malloc(size);
  size_t n = size - 1, len;
  memcpy(p, data + 1, n);
  qf_err err;
  if (qf_mb_frame(p, n, &len, &err) == QF_OK && len > 0) {
    must(len <= n && len <= QF_MB_ADU_MAX);
    qf_mb_answer a;
    qf_mb_request r;
    uint8_t out[QF_MB_ADU_MAX], ex;
    if (qf_mb_read_answer(p, len, &a, &err) == QF_OK) {
      must(!a.data || (a.data >= p && a.data + a.n <= p + len));
      must(a.exception == 0xff || (qf_mb_write_answer(&a, out) == len && memcmp(out, p, len) == 0));
      values(&a, data[0]);
    }
    must(qf_mb_read_request(p, len, &r, &ex, &err) == QF_OK);
    if (ex == 0) {
      qf_mb_write_request(&r, out);
      must(memcmp(out, p, len) == 0);
    }
  }
  free(p);
  return 0;
}
