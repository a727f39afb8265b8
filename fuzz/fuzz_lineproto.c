/* Line protocol. Invariants: every pointer given lies inside the input; times lie in 1970..2200; lines taken and
 * refused add up and do not depend on the caller's room; what is taken can be written as a canonical key, which reads
 * back as itself. */
#include "wire/lineproto.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
  if (!ok)
    abort();
}

static void key_reads_back(const qf_lp_point *pt)
{
  char key[QF_LP_KEY_MAX + 1], again[QF_LP_KEY_MAX + 1];
  size_t len, len2, cut;
  qf_lp_name sent = {pt->series, pt->field, pt->series_len, pt->field_len};
  if (qf_lp_canonical(&sent, key, sizeof key, &len, NULL))
    return; /* not UTF-8, a tag twice */
  cut = len - pt->field_len - 1;
  must(key[cut] == ' ' && len == (size_t)pt->series_len + 1 + pt->field_len);
  qf_lp_name back = {key, key + cut + 1, cut, pt->field_len};
  must(qf_lp_canonical(&back, again, sizeof again, &len2, NULL) == QF_OK);
  must(len2 == len && memcmp(key, again, len) == 0);
  char line[QF_LP_KEY_MAX + 8];
  memcpy(line, key, len);
  memcpy(line + len, "=1 1000", 7);
  qf_lp lp;
  qf_lp_point one[2];
  qf_lp_init(&lp, line, len + 7, &(qf_lp_opts){0});
  if (key[0] == '#') /* a measurement may begin so, but then its line is a comment */
    return;
  must(qf_lp_next(&lp, one, 2) == 1 && one[0].series_len == cut && one[0].field_len == pt->field_len &&
       one[0].ts_us == 1);
}

static void check(const qf_lp_point *pt, const char *buf, size_t size)
{
  must(pt->series >= buf && pt->series + pt->series_len <= buf + size && pt->series_len > 0);
  must(pt->field > pt->series && pt->field + pt->field_len <= buf + size && pt->field_len > 0);
  must(pt->ts_us >= 0 && pt->ts_us < INT64_C(7258118400000000));
  must(pt->v.exp >= -30 && pt->v.exp <= 30 && pt->line > 0);
  must((pt->type == QF_LP_TEXT) == (pt->text != NULL));
  if (pt->text) {
    qf_buf b;
    qf_buf_init(&b, size + 1);
    must(pt->text >= buf && pt->text + pt->text_len <= buf + size);
    if (qf_lp_text(pt, &b, NULL) == QF_OK)
      must(!b.failed && b.len <= pt->text_len);
    qf_buf_fini(&b);
  }
  key_reads_back(pt);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const size_t rooms[] = {1024, 300};
  uint64_t taken[2], bad[2], lines[2];
  if (size == 0)
    return 0;
  for (int k = 0; k < 2; k++) {
    qf_lp lp;
    qf_lp_point *out = malloc(rooms[k] * sizeof *out);
    qf_lp_error errors[4];
    size_t n;
    qf_lp_opts o = {.precision = (qf_lp_precision)(data[0] % 6), .errors = errors, .errors_cap = 4, .now_us = 5};
    char *buf = malloc(size); /* of its own, so that a read before or past it is seen */
    memcpy(buf, data + 1, size - 1);
    qf_lp_init(&lp, buf, size - 1, &o);
    taken[k] = 0;
    while ((n = qf_lp_next(&lp, out, rooms[k])) != 0) {
      must(n <= rooms[k]);
      for (size_t i = 0; i < n; i++)
        check(&out[i], buf, size - 1);
      taken[k] += n;
    }
    bad[k] = lp.bad_lines;
    lines[k] = lp.lines;
    must(lp.points == taken[k] && lp.errors_n == (lp.bad_lines < 4 ? lp.bad_lines : 4));
    for (uint32_t i = 0; i < lp.errors_n; i++) {
      qf_err err;
      must(qf_lp_error_text(&errors[i], &err) != QF_OK && err.en[0] && err.zh[0]);
    }
    free(out);
    free(buf);
  }
  if (size < 600) /* fewer than 300 fields in any line */
    must(taken[0] == taken[1] && bad[0] == bad[1] && lines[0] == lines[1]);
  return 0;
}
