/* IEC 104. Invariants: a frame lies within what was given and is itself when written again; an ASDU gives no more objects than it
 * counts, their values in range, their times in 1970..2069; the numbers of a connection stay within 15 bits. */
#include "wire/iec104.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
  if (!ok)
    abort();
}

static void objects(const qf_i104_apdu *a)
{
  qf_i104_asdu s;
  qf_err err;
  if (qf_i104_read_asdu(a->asdu, a->n, QF_CN_OFFSET, &s, &err) || !s.known)
    return;
  for (unsigned i = 0; i < s.n; i++) {
    must(s.objects[i].address <= 0xFFFFFF && s.objects[i].v.exp >= -30 && s.objects[i].v.exp <= 39);
    must(!s.objects[i].has_time || (s.objects[i].ts > -QF_US_DAY && s.objects[i].ts < INT64_C(3155760000000000)));
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  qf_i104_seq seq = {.vs = 3};
  size_t at = 0, len = 1;
  qf_err err;
  uint8_t *own = malloc(size ? size : 1);
  memcpy(own, data, size);
  while (at < size && len > 0) {
    qf_i104_apdu a;
    uint8_t out[QF_I104_APDU_MAX];
    if (qf_i104_read(own + at, size - at, &a, &len, &err) || len == 0)
      break;
    must(len <= size - at);
    if (a.kind == QF_I104_I) {
      must(a.asdu + a.n == own + at + len);
      objects(&a);
    }
    must(qf_i104_write(&a, out) == len);
    must(a.kind != QF_I104_I || memcmp(out + 6, own + at + 6, a.n) == 0);
    if (qf_i104_came(&seq, &a, &err))
      break;
    must(seq.vr < 32768 && seq.acked < 32768);
    at += len;
  }
  free(own);
  return 0;
}
