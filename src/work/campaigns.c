/* Campaigns out of the book: the form's own statement says who owes, the filings say how far each is. */
#include "work/internal.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const qf_form *qf_campaign_form(const qf_work *w, size_t i)
{
  for (size_t k = 0; k < qf_forms_count(w->forms); k++) {
    const qf_form *f = qf_forms_at(w->forms, k);
    if (f->flow && f->owes && *f->owes && i-- == 0)
      return f;
  }
  return NULL;
}

typedef struct walk {
  qf_work *w;
  const qf_form *form;
  const qf_seeing *see;
  qf_unit_fn *fn;
  void *ud;
  qf_campaign_sum *sum;
  int32_t today;
} walk;

static bool on_unit(void *ud, const qf_cell *c, size_t n)
{
  walk *k = ud;
  if (n != 10 || c[0].kind != 4)
    return true;
  qf_owed u = {.subject = c[0].s,
               .name_zh = qf_cell_text(&c[1]),
               .name_en = qf_cell_text(&c[2]),
               .district = qf_cell_text(&c[3]),
               .org = qf_cell_text(&c[4]),
               .state = qf_cell_text(&c[5]),
               .filing = qf_cell_text(&c[6]),
               .revision = (int)c[7].i,
               .late = c[8].kind && c[8].i,
               .reminders = (int)c[9].i};
  qf_object o = {qf_form_area(k->form), u.district, u.org};
  if (k->see && k->see->actor && !qf_rights_may(k->see->actor, k->see->act, &o, NULL))
    return true;
  bool waits = !qf_owed_filed(&u) || strcmp(u.state, "returned") == 0;
  u.card = waits && k->sum->due ? qf_due_card(k->w->calendar, k->sum->due, k->today) : QF_CARD_NONE;
  qf_campaign_count(k->sum, &u, k->today);
  return k->fn ? k->fn(k->ud, &u) : true;
}

static const qf_form *owed_form(const qf_work *w, const char *name)
{
  const qf_form *f = qf_forms_find(w->forms, name);
  return f && f->flow && f->owes && *f->owes ? f : NULL;
}

qf_rc qf_campaign(qf_work *w, const char *form, int32_t month, const qf_seeing *see, qf_unit_fn *fn, void *ud,
                  qf_campaign_sum *sum, qf_err *err)
{
  const qf_form *f = owed_form(w, form);
  *sum = (qf_campaign_sum){0};
  if (!f)
    return qf_fail(err, QF_NOTFOUND, "no form %.60s that is owed", "没有须报送的表单 %.60s", form);
  if (!qf_due_day(f->due ? f->due : "", month, w->calendar, &sum->due))
    sum->due = 0;
  qf_buf sql;
  qf_buf_init(&sql, (size_t)1 << 20);
  qf_buf_printf(
      &sql,
      "SELECT o.subject, s.name_zh, s.name_en, u.parent, u.id, f.state, f.id, COALESCE(f.revision, 0), "
      "CASE WHEN f.late THEN 1 ELSE 0 END, COALESCE(r.n, 0) FROM (SELECT DISTINCT CAST(subject AS VARCHAR) AS "
      "subject FROM (%s) q) o LEFT JOIN rec_subject s ON s.id = o.subject "
      "LEFT JOIN rec_subject u ON u.id = split_part(o.subject, '.', 1) "
      "LEFT JOIN (SELECT id, subject, state, revision, late FROM rec_filing WHERE form = ?1 AND month = ?2) f "
      "ON f.subject = o.subject LEFT JOIN (SELECT subject, COUNT(*) AS n FROM rec_reminder WHERE form = ?1 AND "
      "month = ?2 GROUP BY subject) r ON r.subject = o.subject ORDER BY o.subject",
      f->owes);
  walk k = {w, f, see, fn, ud, sum, qf_work_today(w)};
  qf_param p[2] = {{.kind = 4, .s = f->type}, {.kind = 1, .i = month}};
  qf_rc rc = sql.failed ? qf_fail(err, QF_NOMEM, "out of memory", "内存不足")
                        : qf_book_query_limited(w->book, QF_CHECK_MS, sql.data, p, 2, on_unit, &k, err);
  qf_buf_fini(&sql);
  return rc;
}

/* ---- reminders */

typedef struct reminding {
  qf_work *w;
  const qf_actor *actor;
  const qf_form *form;
  const json_t *want;
  json_t *records;
  int32_t month, today;
} reminding;

static bool wanted(const json_t *want, const char *subject)
{
  size_t i;
  json_t *v;
  if (!json_array_size(want))
    return true;
  json_array_foreach(want, i, v) if (json_is_string(v) && strcmp(json_string_value(v), subject) == 0) return true;
  return false;
}

static bool may_remind(const reminding *r, const qf_owed *u)
{
  qf_object o = {qf_form_area(r->form), u->district, u->org};
  if (qf_rights_may(r->actor, QF_ACT_REVIEW, &o, NULL))
    return true;
  return qf_rights_may(r->actor, QF_ACT_PROPOSE, &o, NULL); /* the officer of the area */
}

static bool remind_one(void *ud, const qf_owed *u)
{
  reminding *r = ud;
  bool waits = !qf_owed_filed(u) || strcmp(u->state, "returned") == 0;
  if (!waits || !wanted(r->want, u->subject) || !may_remind(r, u))
    return true;
  char id[300];
  snprintf(id, sizeof id, "%.60s:%.120s:%d:%d", r->form->type, u->subject, (int)r->month, u->reminders + 1);
  json_array_append_new(r->records, json_pack("{s:s, s:s, s:s, s:{s:s, s:i, s:s, s:o}}", "type", "reminder", "id", id,
                                              "by", r->actor->id, "data", "form", r->form->type, "month", (int)r->month,
                                              "subject", u->subject, "day", qf_day_json(r->today)));
  return true;
}

qf_rc qf_campaign_remind(qf_work *w, const qf_actor *actor, const char *form, int32_t month, const json_t *subjects,
                         size_t *n, qf_err *err)
{
  qf_campaign_sum sum;
  reminding r = {w, actor, owed_form(w, form), subjects, json_array(), month, qf_work_today(w)};
  *n = 0;
  qf_rc rc = qf_campaign(w, form, month, NULL, remind_one, &r, &sum, err);
  *n = json_array_size(r.records);
  if (!rc && !*n)
    rc = qf_fail(err, QF_NOTFOUND, "nobody to remind: these have filed, do not owe it, or are not yours to remind",
                 "无须催办：所选单位已报送、无此义务，或不在您的职责范围内");
  if (!rc)
    rc = qf_city_records(w->city, r.records, NULL, err);
  json_decref(r.records);
  return rc;
}
