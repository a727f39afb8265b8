/* The demonstration in a city: journal what it is, then its history, then what its meters send. */
#include "city/city.h"
#include "demo/plant.h"
#include "filing/form.h"
#include <stdlib.h>
#include <string.h>

static void say(const qf_demo_opts *o, const char *en, const char *zh, double share)
{
  if (o->progress)
    o->progress(o->progress_ud, en, zh, share);
}

static qf_rc give_ids(qf_city *c, qf_demo *m, qf_err *err)
{
  for (size_t i = 0; i < qf_demo_points(m); i++) {
    const char *key = qf_demo_point_at(m, i)->key;
    uint32_t id;
    qf_rc rc = qf_city_series(c, key, strlen(key), &id, err);
    if (rc)
      return rc;
    qf_demo_set_id(m, i, id);
  }
  return QF_OK;
}

enum { CHUNK = 5000 }; /* records filed at once */

static qf_rc file_all(qf_city *c, const json_t *all, const qf_demo_opts *o, double share, qf_err *err)
{
  size_t n = json_array_size(all);
  qf_rc rc = QF_OK;
  for (size_t i = 0; i < n && !rc; i += CHUNK) {
    json_t *part = json_array();
    for (size_t k = i; k < n && k < i + CHUNK; k++)
      if (!part || json_array_append(part, json_array_get(all, k)))
        rc = qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
    if (!rc)
      rc = qf_city_records(c, part, NULL, err);
    json_decref(part);
    say(o, "records", "记录", share + 0.1 * (double)(i + CHUNK < n ? i + CHUNK : n) / (double)n);
  }
  return rc;
}

static qf_rc file_records(qf_city *c, qf_demo *m, const qf_demo_opts *o, qf_err *err)
{
  json_t *all = json_array();
  if (!all)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  qf_rc rc = qf_demo_records(m, all, err);
  if (!rc)
    rc = file_all(c, all, o, 0, err);
  json_decref(all);
  return rc;
}

enum { FORM_MONTHS = 16 }; /* so that each of the last three has last year's same two months to be compared with */

static bool has_type(qf_book *b, const char *type)
{
  const char *name;
  for (uint32_t i = 0; (name = qf_book_type_name(b, i)); i++)
    if (strcmp(name, type) == 0)
      return true;
  return false;
}

/* Forms of the statistics office, once meters and filings are in the book. */
static qf_rc file_forms(qf_city *c, qf_demo *m, const qf_demo_opts *o, qf_err *err)
{
  json_t *all = json_array();
  qf_forms *forms = NULL;
  int32_t last = qf_month_of_day(qf_day_cn(qf_demo_history_us(m))) - 1;
  qf_demo_filing_opts f = {.seed = qf_demo_seed(m),
                           .from = last - FORM_MONTHS + 1,
                           .to = last,
                           .with_filings = has_type(qf_city_book(c), "filing")};
  if (!all)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  if (!has_type(qf_city_book(c), "energy_p205")) {
    json_decref(all);
    return QF_OK; /* packs of another kind */
  }
  qf_rc rc = qf_city_settle(c, err);
  if (!rc)
    rc = qf_forms_open(qf_city_book(c), qf_city_packs(c), &forms, err);
  if (!rc) {
    f.calendar = qf_forms_calendar(forms);
    rc = qf_demo_filings(qf_city_book(c), &f, all, err);
    qf_forms_close(forms);
  }
  if (!rc)
    rc = file_all(c, all, o, 0.9, err);
  json_decref(all);
  return rc;
}

/* What the areas show besides meters and monthly filings: the packs' own sample records. */
static qf_rc file_samples(qf_city *c, const qf_demo_opts *o, qf_err *err)
{
  json_t *all = json_array();
  if (!all)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  qf_rc rc = qf_city_sample(c, all, err);
  if (!rc)
    rc = file_all(c, all, o, 0.9, err);
  json_decref(all);
  return rc;
}

/* Take a batch; when the queue is full wait for it. */
static qf_rc ingest(qf_city *c, qf_batch *b, qf_err *err)
{
  if (b->n == 0) {
    qf_batch_fini(b);
    return QF_OK;
  }
  qf_rc rc = qf_city_ingest_wait(c, b, NULL, err);
  if (rc == QF_FULL) {
    rc = qf_city_settle(c, err);
    if (!rc)
      rc = qf_city_ingest_wait(c, b, NULL, err);
  }
  if (rc)
    qf_batch_fini(b);
  return rc;
}

static qf_rc history(qf_city *c, qf_demo *m, const qf_demo_opts *o, qf_err *err)
{
  qf_us from = qf_demo_meter_us(m), end = qf_demo_history_us(m), t = from;
  qf_batch b;
  qf_batch_init(&b);
  qf_rc rc = qf_demo_step(m, t, t, &b, err); /* where every register stands when metering begins */
  if (rc)
    qf_batch_fini(&b);
  else
    rc = ingest(c, &b, err);
  while (!rc && t < end) {
    qf_us to = t + QF_US_DAY < end ? t + QF_US_DAY : end;
    qf_batch_init(&b);
    rc = qf_demo_fill(m, t, to, &b, err);
    if (rc)
      qf_batch_fini(&b);
    else
      rc = ingest(c, &b, err);
    t = to;
    say(o, "history", "历史数据", 0.1 + 0.9 * (double)(t - from) / (double)(end - from));
  }
  return rc;
}

static qf_rc leave_word(qf_city *c, const qf_demo *m, qf_err *err)
{
  json_t *e = json_pack("{s:s, s:I, s:i, s:I}", "kind", "demo", "seed", (json_int_t)qf_demo_seed(m), "days",
                        (int)qf_demo_days(m), "now_us", (json_int_t)qf_demo_history_us(m));
  if (!e)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  qf_rc rc = qf_city_event(c, e, NULL, err);
  json_decref(e);
  return rc;
}

typedef struct found {
  bool yes;
  qf_demo_params p;
} found;

static bool on_event(void *ud, const qf_cell *cells, size_t n)
{
  found *f = ud;
  json_t *e = n == 1 && cells[0].kind == 4 ? json_loadb(cells[0].s, cells[0].len, 0, NULL) : NULL;
  json_int_t seed, now;
  int days;
  if (e && !json_unpack(e, "{s:I, s:i, s:I}", "seed", &seed, "days", &days, "now_us", &now) && days >= 0) {
    f->p = (qf_demo_params){.seed = (uint64_t)seed, .days = (uint32_t)days, .now_us = (qf_us)now};
    f->yes = true;
  }
  json_decref(e);
  return true;
}

static qf_rc look(qf_city *c, found *f, qf_err *err)
{
  *f = (found){0};
  return qf_book_query(qf_city_book(c), "SELECT body FROM event WHERE kind = 'demo' ORDER BY seq", NULL, 0, on_event, f,
                       err);
}

qf_rc qf_demo_build(qf_city *c, const qf_demo_opts *o, qf_demo **out, qf_err *err)
{
  found f;
  qf_rc rc = look(c, &f, err);
  if (rc)
    return rc;
  if (f.yes)
    return qf_fail(err, QF_STATE, "this city already holds the demonstration data", "该城市已有演示数据");
  qf_demo_params p = {.seed = o->seed, .days = o->days, .now_us = o->now_us ? o->now_us : qf_city_now(c)};
  qf_demo *m;
  rc = qf_demo_new(&p, &m, err);
  if (rc)
    return rc;
  rc = give_ids(c, m, err);
  if (!rc)
    rc = file_records(c, m, o, err);
  if (!rc)
    rc = history(c, m, o, err);
  if (!rc)
    rc = file_forms(c, m, o, err);
  if (!rc)
    rc = file_samples(c, o, err);
  if (!rc)
    rc = leave_word(c, m, err);
  if (!rc)
    rc = qf_city_settle(c, err);
  if (rc || !out)
    qf_demo_free(m);
  else
    *out = m;
  return rc;
}

qf_rc qf_demo_attach(qf_city *c, qf_demo **out, qf_err *err)
{
  found f;
  qf_rc rc = look(c, &f, err);
  if (rc)
    return rc;
  if (!f.yes)
    return qf_fail(err, QF_NOTFOUND, "this city is not a demonstration", "该城市不是演示城市");
  rc = qf_demo_new(&f.p, out, err);
  return rc ? rc : give_ids(c, *out, err);
}

/* After a pause: the quarters missed, a day at a time. */
static qf_rc catch_up(qf_city *c, qf_demo *m, qf_us *last, qf_us now, uint32_t *n, qf_err *err)
{
  qf_us end = qf_floor(now, QF_US_QUARTER);
  qf_rc rc = QF_OK;
  if (*last < qf_demo_at(m)) /* an earlier step moved the model and then failed: registers bridge what is missing */
    *last = qf_demo_at(m);
  while (!rc && *last < end) {
    qf_us to = qf_floor(*last, QF_US_QUARTER) + QF_US_DAY;
    to = to < end ? to : end;
    qf_batch b;
    qf_batch_init(&b);
    rc = qf_demo_fill(m, *last, to, &b, err);
    *n += b.n;
    if (rc)
      qf_batch_fini(&b);
    else
      rc = ingest(c, &b, err);
    *last = to;
  }
  return rc;
}

qf_rc qf_demo_live_step(qf_city *c, qf_demo *m, qf_us last_us, qf_us now_us, uint32_t *readings, qf_err *err)
{
  uint32_t n = 0;
  qf_rc rc = now_us - last_us > 2 * QF_US_MINUTE ? catch_up(c, m, &last_us, now_us, &n, err) : QF_OK;
  if (!rc && now_us > last_us) {
    qf_batch b;
    qf_batch_init(&b);
    rc = qf_demo_due(m, last_us, now_us, &b, err);
    n += b.n;
    if (rc)
      qf_batch_fini(&b);
    else
      rc = ingest(c, &b, err);
  }
  if (readings)
    *readings = n;
  return rc;
}
