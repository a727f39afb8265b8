/* Body of a READINGS entry. Invariant: what decodes can be encoded again and then decodes to the same rows; what does
 * not decode is QF_CORRUPT with words (or out of memory). */
#include "journal/batch.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
  if (!ok)
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  qf_batch a, b;
  qf_err err = {0};
  qf_batch_init(&a);
  qf_batch_init(&b);
  qf_rc rc = qf_batch_decode(data, size, &a, &err);
  must(rc == QF_OK || rc == QF_NOMEM || (rc == QF_CORRUPT && err.en[0] && err.zh[0]));
  if (rc == QF_OK) {
    qf_buf out;
    qf_buf_init(&out, 64u << 20);
    must(a.n >= 1 && a.n <= QF_BATCH_MAX);
    must(qf_batch_encode(&a, &out) == QF_OK);
    must(qf_batch_decode((const uint8_t *)out.data, out.len, &b, &err) == QF_OK && b.n == a.n);
    for (uint32_t i = 0; i < a.n; i++)
      must(a.point[i] == b.point[i] && a.ts_us[i] == b.ts_us[i] && a.mant[i] == b.mant[i] && a.exp[i] == b.exp[i] &&
           a.flags[i] == b.flags[i]);
    qf_buf_fini(&out);
  }
  qf_batch_fini(&a);
  qf_batch_fini(&b);
  return 0;
}
