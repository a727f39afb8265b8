/* A publication says what the kernel computes, never what somebody typed: its row is filled whenever rows are set and at every step
 * that checks or accepts, so that what is accepted is the figure of that moment. */
#include "filing/publish.h"
#include "figure/publish.h"
#include <stdlib.h>
#include <string.h>

static int32_t month_of(const json_t *row, const char *name)
{
  char text[64];
  qf_value_text(json_object_get(row, name), text, sizeof text);
  return (int32_t)strtol(text, NULL, 10);
}

static void set_decimal(json_t *row, const char *name, bool has, qf_dec d)
{
  qf_buf b;
  qf_buf_init(&b, 80);
  qf_dec_write(&b, qf_dec_trim(d));
  json_object_set_new(row, name, has && b.data ? json_string(b.data) : json_null());
  qf_buf_fini(&b);
}

static qf_rc fill(qf_city *c, json_t *row, qf_err *err)
{
  qf_stand s;
  qf_buf factors;
  const char *subject = json_string_value(json_object_get(row, "subject"));
  qf_figure_ask ask = {.id = json_string_value(json_object_get(row, "figure")),
                       .subject = subject,
                       .from = month_of(row, "period_from"),
                       .to = month_of(row, "period_to")};
  int y, m, d;
  qf_civil_from_days(qf_day_cn(qf_city_now(c)), &y, &m, &d);
  if (ask.from > ask.to || ask.from < 24000)
    return qf_fail(err, QF_RANGE, "a publication needs a period", "发布须有期间");
  if (ask.to >= y * 12 + m - 1)
    return qf_fail(err, QF_STATE, "this period is not over: only whole months past are published",
                   "期间尚未结束：只可发布已过的整月");
  qf_buf_init(&factors, 1u << 20);
  qf_rc rc = qf_figure_stand(qf_city_figures(c), &ask, &s, &factors, err);
  if (!rc && !s.has)
    rc = qf_fail(err, QF_STATE, "%.60s has no value for this subject and period", "%.60s 在该主体和期间无值",
                 ask.id ? ask.id : "");
  if (!rc) {
    set_decimal(row, "value", true, s.value);
    set_decimal(row, "numerator", s.shares, s.num);
    set_decimal(row, "denominator", s.shares, s.den);
    json_object_set_new(row, "unit", json_string(s.unit));
    json_object_set_new(row, "factors", json_string(factors.data ? factors.data : "[]"));
    json_object_set_new(row, "book_seq", json_integer((json_int_t)s.seq));
  }
  qf_buf_fini(&factors);
  return rc;
}

qf_rc qf_publication_fill(qf_city *c, const char *type, json_t *rows, qf_err *err)
{
  size_t i;
  json_t *row;
  qf_rc rc = QF_OK;
  if (strcmp(type, QF_PUBLICATION) != 0)
    return QF_OK;
  json_array_foreach(rows, i, row)
  {
    if (!rc)
      rc = fill(c, row, err);
  }
  return rc;
}

void qf_publication_area(const char *type, const json_t *sheet, char *area, size_t size)
{
  const char *figure = json_string_value(json_object_get(sheet, "figure"));
  if (strcmp(type, QF_PUBLICATION) == 0 && figure)
    snprintf(area, size, "%.*s", (int)strcspn(figure, "."), figure);
}
