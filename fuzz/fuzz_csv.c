/* CSV. Invariants: cutting the bytes into pieces changes nothing; rows and refusals come in the order of their lines
 * and do not share one; fields end in NUL and hold none. The first byte picks the size of the pieces. */
#include "wire/csv.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
  if (!ok)
    abort();
}

static uint64_t mix(uint64_t h, const void *s, size_t n)
{
  const uint8_t *p = s;
  for (size_t i = 0; i < n; i++)
    h = (h ^ p[i]) * UINT64_C(1099511628211);
  return h;
}

static uint64_t read_all(const char *s, size_t n, size_t piece, char delim)
{
  qf_csv *c;
  qf_csv_row row;
  qf_err err;
  qf_rc rc;
  uint64_t h = 1, line = 0;
  size_t at = 0;
  qf_csv_opts o = {.delim = delim, .max_row = 200, .max_fields = 20, .spaces_join = delim == ' '};
  must(qf_csv_new(&o, &c, NULL) == QF_OK);
  while ((rc = qf_csv_next(c, &row, &err)) != QF_NOTFOUND) {
    if (rc == QF_PARTIAL) {
      size_t k = n - at < piece ? n - at : piece;
      qf_csv_put(c, s + at, k, at + k == n);
      at += k;
      continue;
    }
    must(row.line > line && row.line_last >= row.line && (rc == QF_OK) == (row.n > 0));
    line = row.line_last;
    h = mix(h, &row.line, sizeof row.line);
    h = mix(h, &row.line_last, sizeof row.line_last);
    if (rc)
      h = mix(h, err.en, strlen(err.en));
    for (uint32_t i = 0; i < row.n; i++) {
      must(strlen(row.f[i].s) == row.f[i].len);
      h = mix(h, row.f[i].s, row.f[i].len + 1);
      h = mix(h, &row.f[i].column, sizeof row.f[i].column);
    }
  }
  qf_csv_free(c);
  return h;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const char delims[] = ",;\t ";
  if (size == 0)
    return 0;
  const char *s = (const char *)data + 1;
  char delim = delims[data[0] & 3];
  uint64_t whole = read_all(s, size - 1, size, delim);
  must(read_all(s, size - 1, 1, delim) == whole);
  must(read_all(s, size - 1, 1u + (data[0] >> 2), delim) == whole);
  return 0;
}
