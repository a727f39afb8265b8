/* Published figures and what became of them. Publishing is proposed here; the decision is a step of its filing. */
#include "base/tm.h"
#include "filing/publish.h"
#include "serve/filing_http.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- propose */

/* May who asks propose for this figure of this subject? false: answered. */
static bool may_propose(qf_req *r, const char *figure, const char *subject)
{
  char area[64];
  qf_owner w = {.found = true};
  qf_err err = {0};
  snprintf(area, sizeof area, "%.*s", (int)strcspn(figure, "."), figure);
  qf_rc rc = qf_req_owner(r, subject, area, &w, &err);
  if (rc) {
    qf_req_broken(r, rc, &err);
    return false;
  }
  if (qf_rights_may(qf_req_actor(r), QF_ACT_PROPOSE, &w.o, &err))
    return true;
  qf_req_deny(r, &err);
  return false;
}

static void propose(qf_req *r, const json_t *j)
{
  qf_err err = {0};
  qf_outcome o = {0};
  int32_t from = 1, to = 0;
  const qf_form *f = qf_forms_find(qf_filings_forms(r->s->filings), QF_PUBLICATION);
  const char *figure = json_string_value(json_object_get(j, "figure")),
             *subject = json_string_value(json_object_get(j, "subject")),
             *period = json_string_value(json_object_get(j, "period")),
             *reason = json_string_value(json_object_get(j, "reason"));
  if (!f || !figure || !*figure || !subject || !*subject || !period || !reason || !*reason) {
    (void)qf_fail(&err, QF_SYNTAX, "figure, subject, period and reason are expected",
                  "须有 figure、subject、period、reason");
    qf_req_fail(r, 400, QF_SYNTAX, &err);
    return;
  }
  if (!may_propose(r, figure, subject))
    return;
  qf_rc rc = qf_period_parse(period, &from, &to, &err);
  if (rc) {
    qf_req_fail(r, 400, rc, &err);
    return;
  }
  json_t *sheet = json_pack("{s:s, s:s, s:i, s:i}", "figure", figure, "subject", subject, "period_from", (int)from,
                            "period_to", (int)to);
  json_t *rows = json_array();
  json_array_append_new(rows, json_deep_copy(sheet));
  rc = qf_filing_put(r->s->filings, qf_req_actor(r), &(qf_put){f, sheet, rows, "propose", reason}, &o, &err);
  if (rc) {
    qf_req_refused(r, rc, &err, &o);
  } else {
    r->status = 202;
    qf_req_answer(r, json_pack("{s:s, s:s, s:I, s:I}", "filing", o.id, "state", o.state, "version",
                               (json_int_t)o.version, "seq", (json_int_t)o.seq));
  }
  qf_outcome_fini(&o);
  json_decref(sheet);
  json_decref(rows);
}

void qf_h_publication_add(qf_req *r)
{
  json_t *j = qf_req_fields(r, " figure subject period reason ");
  if (!j)
    return;
  propose(r, j);
  json_decref(j);
}

/* ---- lists */

/* May who asks see a figure of a subject? */
static bool sees(qf_req *r, const char *figure, const char *subject)
{
  char area[64];
  qf_owner w = {.found = true};
  qf_err err = {0};
  snprintf(area, sizeof area, "%.*s", (int)strcspn(figure, "."), figure);
  return qf_req_owner(r, subject, area, &w, &err) == QF_OK && qf_rights_may(qf_req_actor(r), QF_ACT_VIEW, &w.o, NULL);
}

static void put_period(json_t *o)
{
  qf_buf b;
  qf_buf_init(&b, 64);
  qf_month_write(&b, (int32_t)json_integer_value(json_object_get(o, "period_from")));
  json_t *from = json_string(b.data ? b.data : "");
  qf_buf_reset(&b);
  qf_month_write(&b, (int32_t)json_integer_value(json_object_get(o, "period_to")));
  json_object_set_new(o, "period", json_pack("{s:o, s:s}", "from", from, "to", b.data ? b.data : ""));
  qf_buf_fini(&b);
  json_object_del(o, "period_from");
  json_object_del(o, "period_to");
}

/* A column that holds JSON text becomes what it says. */
static void open_json(json_t *o, const char *name)
{
  const char *text = json_string_value(json_object_get(o, name));
  json_t *j = text ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL;
  if (j)
    json_object_set_new(o, name, j);
}

/* Rows of a statement of two parameters (figure, subject; "" any), those the asker may see, page by page. Values are texts, so
 * that no digit is lost. */
static void give(qf_req *r, const char *names, const char *sql)
{
  qf_err err = {0};
  const char *figure = qf_req_query(r, "figure"), *subject = qf_req_query(r, "subject");
  long size = qf_req_int(r, "size", 100, 1, 1000), page = qf_req_int(r, "page", 1, 1, 100000), total = 0;
  qf_param p[] = {{.kind = 4, .s = figure ? figure : ""}, {.kind = 4, .s = subject ? subject : ""}};
  qf_buf text;
  size_t i;
  json_t *o, *items = json_array();
  qf_buf_init(&text, 64u << 20);
  qf_rc rc = qf_rows(r, names, sql, p, 2, &text, &err);
  json_t *all = rc ? NULL : json_loadb(text.data ? text.data : "[]", text.data ? text.len : 2, 0, NULL);
  qf_buf_fini(&text);
  if (rc || !all) {
    json_decref(items);
    qf_req_broken(r, rc ? rc : QF_NOMEM, &err);
    return;
  }
  json_array_foreach(all, i, o)
  {
    const char *fig = json_string_value(json_object_get(o, "figure")),
               *sub = json_string_value(json_object_get(o, "subject"));
    if (!fig || !sub || !sees(r, fig, sub))
      continue;
    total++;
    if (total <= (page - 1) * size || total > page * size)
      continue;
    put_period(o);
    open_json(o, "factors");
    open_json(o, "cause");
    json_array_append(items, o);
  }
  json_decref(all);
  qf_req_answer(r, json_pack("{s:o, s:I, s:I, s:I}", "items", items, "total", (json_int_t)total, "page",
                             (json_int_t)page, "size", (json_int_t)size));
}

void qf_h_publications(qf_req *r)
{
  give(
      r,
      "id figure subject period_from period_to value unit numerator denominator factors note version by at seq "
      "book_seq "
      "current",
      "SELECT h.id, h.figure, h.subject, h.period_from, h.period_to, CAST(h.value AS VARCHAR), h.unit, "
      "CAST(h.numerator AS VARCHAR), CAST(h.denominator AS VARCHAR), h.factors, h.note, h.version, h.\"by\", h.\"at\", "
      "h.seq, h.book_seq, p.version = h.version FROM rec_publication_history h LEFT JOIN rec_publication p ON p.id = "
      "h.id "
      "WHERE h.status = 'accepted' AND (?1 = '' OR h.figure = ?1) AND (?2 = '' OR h.subject = ?2) "
      "ORDER BY h.seq DESC LIMIT 5000");
}

void qf_h_restatements(qf_req *r)
{
  qf_err err = {0};
  /* What was changed before this question is looked at before the answer; the entry it makes comes back by the second. */
  for (int i = 0; i < 2; i++) {
    qf_rc rc = qf_city_settle(r->city, &err);
    if (rc) {
      qf_req_broken(r, rc, &err);
      return;
    }
  }
  give(r,
       "id publication figure subject period_from period_to published old new difference unit reason cause at seq "
       "book_seq",
       "SELECT id, publication, figure, subject, period_from, period_to, CAST(published AS VARCHAR), CAST(old_value AS "
       "VARCHAR), CAST(new_value AS VARCHAR), CAST(difference AS VARCHAR), unit, reason, cause, \"at\", seq, book_seq "
       "FROM rec_restatement WHERE (?1 = '' OR figure = ?1) AND (?2 = '' OR subject = ?2) ORDER BY seq DESC, id LIMIT "
       "5000");
}
