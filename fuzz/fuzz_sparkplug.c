/* Sparkplug B payloads and the protobuf reader below them. Invariants: an opened payload gives exactly the metrics it counted;
 * names and texts lie inside the input; times lie in 1970..2200; a value read is within its type; a refusal has words. */
#include "wire/sparkplug.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
  if (!ok)
    abort();
}

static void value(const qf_spb_metric *m, uint32_t type)
{
  static const int bits[] = {0, 8, 16, 32, 64, 8, 16, 32, 64};
  qf_num v;
  uint8_t flags;
  qf_err err = {0};
  if (qf_spb_value(m, type, &v, &flags, &err)) {
    must(err.en[0] && err.zh[0]);
    return;
  }
  must(v.exp >= -30 && v.exp <= 30 && (flags & ~(QF_RD_BOOL | QF_RD_INEXACT)) == 0);
  if (type == QF_SPB_BOOLEAN)
    must(v.mant == 0 || v.mant == 1);
  if (type >= QF_SPB_INT8 && type <= QF_SPB_INT32)
    must(v.exp == 0 && v.mant >= -(INT64_C(1) << (bits[type] - 1)) && v.mant < INT64_C(1) << (bits[type] - 1));
  if (type >= QF_SPB_UINT8 && type <= QF_SPB_UINT32)
    must(v.exp == 0 && v.mant >= 0 && v.mant < INT64_C(1) << bits[type]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  char *buf = malloc(size ? size : 1);
  if (size)
    memcpy(buf, data, size);
  qf_spb s;
  qf_spb_metric m;
  qf_err err = {0};
  qf_rc rc = qf_spb_open(buf, size, &s, &err);
  uint32_t n = 0;
  must(rc == QF_OK || (err.en[0] && err.zh[0]));
  must(!s.has_seq || s.seq <= 255 || rc);
  for (; !rc && qf_spb_next(&s, &m); n++) {
    must(!m.name || (m.name >= buf && m.name + m.name_len <= buf + size));
    must(m.kind != QF_SPB_STR || (m.text >= buf && m.text + m.text_len <= buf + size));
    must(m.ts_us >= 0 && m.ts_us < INT64_C(7258118400000000));
    value(&m, m.datatype);
    for (uint32_t type = 0; type <= QF_SPB_TEMPLATE + 1; type++)
      value(&m, type);
  }
  must(rc || n == s.metrics);
  free(buf);
  return 0;
}
