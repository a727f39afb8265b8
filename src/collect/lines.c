#include "collect/lines.h"
#include <string.h>

#define STEP 512u
#define LINE_USUAL 36u /* bytes of a line, rather too short */

/* Senders repeat their series in the same order in every request: the id after the last one is tried first, and mostly
 * fits, which saves the hash. */
static uint32_t predicted(qf_city *c, uint32_t last, const char *key, size_t len)
{
  return qf_city_series_is(c, last + 1, key, len) ? last + 1 : 0;
}

static qf_rc find_slow(qf_city *c, const qf_lp_point *p, uint32_t *id, qf_err *err)
{
  char key[QF_LP_KEY_MAX + 1];
  size_t len = 0;
  const qf_lp_name name = {
      .series = p->series, .field = p->field, .series_len = p->series_len, .field_len = p->field_len};
  qf_rc rc = qf_lp_canonical(&name, key, sizeof key, &len, err);
  return rc ? rc : qf_city_series(c, key, len, id, err);
}

static qf_rc series_of(qf_city *c, const qf_lp_point *p, uint32_t *last, uint32_t *id, qf_err *err)
{
  const char *sp = p->series + p->series_len;
  *id = 0;
  if (p->field == sp + 1) { /* "series field" lies there in one piece: as a rule it is canonical already */
    size_t len = (size_t)p->series_len + 1 + p->field_len;
    *id = predicted(c, *last, p->series, len);
    if (!*id)
      *id = qf_city_series_find(c, p->series, len);
  }
  qf_rc rc = *id ? QF_OK : find_slow(c, p, id, err);
  if (!rc)
    *last = *id;
  return rc;
}

static qf_rc take_text(qf_city *c, const qf_lp_point *p, uint32_t id, qf_err *err)
{
  qf_buf text;
  qf_buf_init(&text, QF_LP_LINE_MAX);
  qf_rc rc = qf_lp_text(p, &text, err);
  if (!rc)
    rc = qf_city_text(c, id, p->ts_us, text.data ? text.data : "", text.len, err);
  qf_buf_fini(&text);
  return rc;
}

static bool fatal(qf_rc rc)
{
  return rc == QF_NOMEM || rc == QF_IO || rc == QF_FULL;
}

static qf_rc take(qf_city *c, const qf_lp_point *pts, size_t n, uint32_t *last, qf_batch *batch, qf_lines_report *rep,
                  qf_err *err)
{
  qf_rc rc = qf_batch_reserve(batch, (uint32_t)n);
  if (rc)
    return qf_fail(err, rc, "out of memory", "内存不足");
  for (size_t i = 0; i < n; i++) {
    const qf_lp_point *p = &pts[i];
    uint32_t id;
    rc = series_of(c, p, last, &id, &rep->series_err);
    if (!rc && p->type == QF_LP_TEXT)
      rc = take_text(c, p, id, &rep->series_err);
    if (rc) {
      if (fatal(rc)) {
        *err = rep->series_err;
        return rc;
      }
      rep->series_bad++;
    } else if (p->type == QF_LP_TEXT) {
      rep->texts++;
    } else {
      qf_batch_add(batch, id, p->ts_us, p->v, p->flags & 0x0F);
      rep->values++;
    }
  }
  return QF_OK;
}

qf_rc qf_lines_decode(qf_city *c, const char *buf, size_t len, qf_lp_precision precision, qf_batch *batch,
                      qf_lines_report *rep, qf_err *err)
{
  qf_lp lp;
  qf_lp_point pts[STEP] QF_UNSET;
  qf_lp_opts o = {
      .now_us = qf_city_now(c), .precision = precision, .errors = rep->errors, .errors_cap = QF_LINES_ERRORS};
  uint32_t last = 0;
  qf_rc rc = qf_batch_reserve(batch, (uint32_t)(len / LINE_USUAL)); /* most often enough: growing copies */
  if (rc)
    return qf_fail(err, rc, "out of memory", "内存不足");
  qf_lp_init(&lp, buf, len, &o);
  for (size_t n; !rc && (n = qf_lp_next(&lp, pts, STEP)) > 0;)
    rc = take(c, pts, n, &last, batch, rep, err);
  rep->lines = lp.lines;
  rep->bad = lp.bad_lines;
  rep->errors_n = lp.errors_n;
  return rc;
}
