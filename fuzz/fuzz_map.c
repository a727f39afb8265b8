/* The readings map. Input: a map, a NUL, a CSV. Invariants: a map is read or refused with words in both languages; over
 * any CSV rows = taken + refused + passed, refusals have words, stamps lie in 1970..2200, point numbers are in range.
 */
#include "wire/map.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
  if (!ok)
    abort();
}

static void run(const qf_map *m, const char *csv, size_t n)
{
  qf_map_run *r;
  qf_map_row row;
  qf_map_stats s;
  qf_err err = {0};
  qf_rc rc;
  uint64_t readings = 0, rows = 0, refused = 0;
  size_t points;
  (void)qf_map_points(m, &points);
  must(qf_map_start(m, &r, &err) == QF_OK);
  qf_map_put(r, csv, n, true);
  while ((rc = qf_map_next(r, &row, &err)) == QF_OK) {
    rows++;
    refused += row.refused;
    readings += row.n;
    must(!row.refused || (row.n == 0 && row.why.en[0] && row.why.zh[0] && row.column && row.found));
    for (size_t i = 0; i < row.n; i++) {
      const qf_map_reading *x = &row.readings[i];
      must(x->point < points && x->ts_us >= 0 && x->ts_us < INT64_C(7258118400000000));
      must(x->v.exp >= -30 && x->v.exp <= 30);
    }
  }
  must(rc == QF_NOTFOUND || (err.en[0] && err.zh[0]));
  qf_map_get_stats(r, &s);
  must(s.rows == rows && s.refused == refused && s.readings == readings && s.rows == s.taken + s.refused + s.passed);
  qf_map_stop(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const char *s = (const char *)data, *nul = size ? memchr(s, 0, size) : NULL;
  size_t n = nul ? (size_t)(nul - s) : size;
  qf_map *m = NULL;
  qf_err err = {0};
  qf_rc rc = qf_map_parse(s, n, &m, &err);
  must(rc == QF_OK ? m != NULL : m == NULL && err.en[0] && err.zh[0]);
  if (!m)
    return 0;
  qf_buf b;
  qf_buf_init(&b, 1 << 20);
  qf_map_records(m, "fuzz", &b);
  qf_buf_fini(&b);
  if (nul)
    run(m, nul + 1, size - n - 1);
  qf_map_free(m);
  return 0;
}
