#include "work/internal.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *qf_cell_text(const qf_cell *c)
{
  return c->kind == 4 && c->s ? c->s : "";
}

json_t *qf_both(const char *zh, const char *en)
{
  return json_pack("{s:s, s:s}", "zh", zh, "en", en);
}

json_t *qf_day_json(int32_t day)
{
  qf_buf b;
  qf_buf_init(&b, 64);
  qf_day_write(&b, day);
  json_t *s = json_string(b.data ? b.data : "");
  qf_buf_fini(&b);
  return s;
}

qf_rc qf_work_open(qf_filings *f, qf_people *people, qf_work **out, qf_err *err)
{
  qf_work *w = calloc(1, sizeof *w);
  if (!w)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  w->filings = f;
  w->city = qf_filings_city(f);
  w->book = qf_city_book(w->city);
  w->forms = qf_filings_forms(f);
  w->calendar = qf_forms_calendar(w->forms);
  w->people = people;
  pthread_mutex_init(&w->mx, NULL);
  pthread_cond_init(&w->cv, NULL);
  qf_rc rc = qf_rules_load(w, err);
  if (!rc)
    rc = qf_rules_start(w, err);
  if (rc)
    qf_work_close(w);
  else
    *out = w;
  return rc;
}

void qf_work_close(qf_work *w)
{
  if (!w)
    return;
  qf_rules_stop(w);
  qf_rules_free(w);
  json_decref(w->findings);
  pthread_cond_destroy(&w->cv);
  pthread_mutex_destroy(&w->mx);
  free(w);
}

int32_t qf_work_today(const qf_work *w)
{
  return qf_day_cn(qf_city_now(w->city));
}

void qf_work_calendar(const qf_work *w, int year, qf_buf *out)
{
  int32_t from = qf_days_from_civil(year, 1, 1), to = qf_days_from_civil(year + 1, 1, 1);
  qf_buf_printf(out, "{\"year\":%d,\"published\":%s,\"days\":[", year,
                qf_calendar_covers(w->calendar, from) ? "true" : "false");
  for (int32_t d = from; d < to; d++) {
    bool weekend = qf_weekday(d) >= 5, working = qf_calendar_is_working(w->calendar, d);
    qf_day_class k = qf_calendar_class(w->calendar, d);
    const char *kind = working                                   ? weekend ? "worked_weekend" : "workday"
                       : k == QF_DAY_SPRING_FESTIVAL || !weekend ? "holiday"
                                                                 : "weekend";
    qf_buf_puts(out, d == from ? "{\"day\":\"" : ",{\"day\":\"");
    qf_day_write(out, d);
    qf_buf_printf(out, "\",\"kind\":\"%s\",\"working\":%s}", kind, working ? "true" : "false");
  }
  qf_buf_puts(out, "]}");
}
