/* Prometheus remote write: snappy, then protobuf; the input is tried packed and, when it is not, as it is. Invariants: what unpacks is
 * as long as announced and inside the limit; an opened request gives exactly the series and samples it counted; a key is
 * canonical and reads back as itself; a refusal has words. */
#include "wire/remotewrite.h"
#include "wire/snap.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
  if (!ok)
    abort();
}

static void key_reads_back(const qf_rw_series *s)
{
  char again[QF_LP_KEY_MAX + 1];
  size_t len;
  must(s->key_len > 6 && s->key_len <= QF_LP_KEY_MAX && memcmp(s->key + s->key_len - 6, " value", 6) == 0);
  qf_lp_name name = {s->key, s->key + s->key_len - 5, s->key_len - 6, 5};
  must(qf_lp_canonical(&name, again, sizeof again, &len, NULL) == QF_OK);
  must(len == s->key_len && memcmp(again, s->key, len) == 0);
}

static void request(const char *p, size_t n)
{
  qf_rw w;
  qf_rw_series s;
  qf_reading r;
  qf_err err = {0};
  uint64_t series = 0, samples = 0, histograms = 0;
  if (qf_rw_open(p, n, &w, &err)) {
    must(err.en[0] && err.zh[0]);
    return;
  }
  for (qf_rc rc; (rc = qf_rw_next(&w, &s, &err)) != QF_NOTFOUND; series++) {
    must(rc == QF_OK || (err.en[0] && err.zh[0]));
    if (rc == QF_OK)
      key_reads_back(&s);
    uint32_t k = 0;
    for (qf_rc sr; (sr = qf_rw_sample(&s, &r, &err)) != QF_NOTFOUND; k++)
      must(sr == QF_STATE || sr == QF_RANGE ||
           (sr == QF_OK && r.ts_us >= 0 && r.ts_us < INT64_C(7258118400000000) && r.v.exp >= -30 && r.v.exp <= 30));
    must(k == s.samples);
    samples += k;
    histograms += s.histograms;
  }
  must(series == w.series && samples == w.samples && histograms == w.histograms);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  char *copy = malloc(size ? size : 1);
  if (size)
    memcpy(copy, data, size);
  qf_buf b;
  qf_err err = {0};
  qf_buf_init(&b, (size_t)1 << 20);
  if (qf_snap_unpack(copy, size, &b, &err) == QF_OK) {
    must(b.len < b.max);
    request(b.data, b.len);
  } else {
    must(b.len == 0 && err.en[0] && err.zh[0]);
    request(copy, size);
  }
  qf_buf_fini(&b);
  free(copy);
  return 0;
}
