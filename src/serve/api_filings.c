/* Filings over HTTP: list, one with everything a page needs, save, steps, check, history, differences, comments, evidence. Each
 * handler asks qf_rights_may about the very object; lists carry the tenant's scope in their query. */
#include "filing/evidence.h"
#include "filing/filing.h"
#include "serve/filing_http.h"
#include "work/due.h"
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- requests and answers */

json_t *qf_req_fields(qf_req *r, const char *allowed)
{
  json_error_t je;
  qf_err err = {0};
  json_t *j = json_loadb(r->body.data ? r->body.data : "", r->body.len, JSON_REJECT_DUPLICATES, &je), *v;
  const char *key;
  if (!j) {
    (void)qf_fail(&err, QF_SYNTAX, "not JSON: line %d, column %d", "不是 JSON：第 %d 行第 %d 列", je.line, je.column);
  } else if (!json_is_object(j)) {
    (void)qf_fail(&err, QF_SYNTAX, "a JSON object is expected", "应为 JSON 对象");
  } else {
    json_object_foreach(j, key, v)
    {
      char word[80];
      snprintf(word, sizeof word, " %.70s ", key);
      if (!err.rc && (strchr(key, ' ') || !strstr(allowed, word)))
        (void)qf_fail(&err, QF_SYNTAX, "unknown field %.60s; known:%.150s", "未知字段 %.60s；可用：%.150s", key,
                      allowed);
    }
  }
  if (!err.rc)
    return j;
  json_decref(j);
  qf_req_fail(r, 400, QF_SYNTAX, &err);
  return NULL;
}

void qf_req_answer(qf_req *r, json_t *j)
{
  char *s = json_dumps(j, JSON_COMPACT | JSON_REAL_PRECISION(15));
  json_decref(j);
  if (s)
    qf_buf_puts(&r->out, s);
  else
    qf_req_fail(r, 500, QF_NOMEM, NULL);
  free(s);
}

/* An error whose "where" says more: the present version, or the findings. */
static void fail_with(qf_req *r, unsigned status, qf_rc rc, const qf_err *err, json_t *where)
{
  json_t *e = json_pack("{s:{s:s, s:s, s:s, s:o, s:s}}", "error", "code", qf_rc_name(rc), "message", err->en,
                        "message_zh", err->zh, "where", where, "request_id", r->id);
  qf_req_fail(r, status, rc, err);
  if (e) {
    qf_buf_reset(&r->out);
    qf_req_answer(r, e);
  }
}

void qf_req_refused(qf_req *r, qf_rc rc, const qf_err *err, const qf_outcome *o)
{
  switch (rc) {
  case QF_BUSY:
    snprintf(r->etag, sizeof r->etag, "\"%lld\"", (long long)(o ? o->version : 0));
    fail_with(r, 412, rc, err,
              json_pack("{s:I, s:s}", "version", (json_int_t)(o ? o->version : 0), "state", o ? o->state : ""));
    break;
  case QF_PARTIAL:
    fail_with(r, 422, rc, err, json_pack("{s:O}", "findings", o && o->findings ? o->findings : json_null()));
    break;
  case QF_EXISTS:
    fail_with(r, 409, rc, err,
              json_pack("{s:s, s:I, s:s}", "id", o ? o->id : "", "version", (json_int_t)(o ? o->version : 0), "state",
                        o ? o->state : ""));
    break;
  case QF_DENIED:
    qf_req_deny(r, err);
    break;
  case QF_RANGE:
  case QF_SYNTAX:
  case QF_STATE:
  case QF_NOTFOUND:
  case QF_FULL:
    qf_req_fail(r, 0, rc, err);
    break;
  default:
    qf_req_broken(r, rc, err);
  }
}

/* The version the asker had before them: If-Match: "7". false: answered. */
bool qf_req_if_match(qf_req *r, int64_t *version)
{
  const char *s = qf_req_header(r, "If-Match");
  qf_err err;
  char *end = NULL;
  *version = s && *s == '"' ? strtoll(s + 1, &end, 10) : 0;
  if (end && strcmp(end, "\"") == 0 && *version > 0)
    return true;
  (void)qf_fail(&err, QF_SYNTAX, "If-Match: \"<version>\" is needed: the version this change is based on",
                "须给出 If-Match: \"<版本>\"，即修改所依据的版本");
  qf_req_fail(r, s ? 400 : 428, QF_SYNTAX, &err);
  return false;
}

static bool get_filing(qf_req *r, qf_action act, qf_filing *x)
{
  qf_err err = {0};
  qf_rc rc = qf_filing_get(r->s->filings, r->arg[0], x, &err);
  if (rc) {
    qf_req_refused(r, rc, &err, NULL);
    return false;
  }
  qf_object o = qf_filing_object(x);
  if (qf_rights_may(qf_req_actor(r), act, &o, NULL))
    return true;
  qf_filing_fini(x);
  (void)qf_fail(&err, QF_NOTFOUND, "no such filing", "无此填报"); /* a stranger does not learn that it exists */
  qf_req_audit(r, "filing", r->arg[0], "denied");
  qf_req_fail(r, 404, QF_NOTFOUND, &err);
  return false;
}

static void answer_outcome(qf_req *r, unsigned status, const qf_outcome *o)
{
  json_t *j = json_pack("{s:s, s:s, s:I, s:I}", "id", o->id, "state", o->state, "version", (json_int_t)o->version,
                        "seq", (json_int_t)o->seq);
  if (o->receipt)
    json_object_set_new(j, "receipt", json_sprintf("/api/v1/receipts/%llu", (unsigned long long)o->seq));
  r->status = status;
  snprintf(r->etag, sizeof r->etag, "\"%lld\"", (long long)o->version);
  qf_req_answer(r, j);
}

/* ---- lists */

#define SCOPES_MAX 16

typedef struct scoped { /* the areas and what of them the asker sees, as parameters of a query */
  char text[SCOPES_MAX][QF_SCOPE_TEXT];
  qf_param p[2 * SCOPES_MAX + 8];
  size_t np;
} scoped;

static void add_area(qf_req *r, scoped *s, const char *area, qf_buf *where)
{
  size_t k = (s->np - 6) / 2;
  qf_req_scope(r, QF_ACT_VIEW, strcmp(area, "city") == 0 ? NULL : area, s->text[k]);
  s->p[s->np] = (qf_param){.kind = 4, .s = area};
  s->p[s->np + 1] = (qf_param){.kind = 4, .s = s->text[k]};
  qf_buf_printf(
      where,
      "%s(f.area = ?%zu AND (?%zu = '*' OR f.org IS NULL OR contains(?%zu, concat('|', f.org, '|')) OR contains(?%zu, "
      "concat('|', coalesce(f.district, '?'), '|'))))",
      k ? " OR " : "", s->np + 1, s->np + 2, s->np + 2, s->np + 2);
  s->np += 2;
}

/* (area and scope) or (area and scope) ... over all areas that have forms. */
static void put_scope(qf_req *r, scoped *s, qf_buf *where)
{
  const qf_forms *forms = qf_filings_forms(r->s->filings);
  for (size_t i = 0; i < qf_forms_count(forms) && (s->np - 6) / 2 < SCOPES_MAX; i++) {
    const qf_form *f = qf_forms_at(forms, i);
    bool known = !f->flow;
    for (size_t k = 6; k < s->np && !known; k += 2)
      known = strcmp(s->p[k].s, f->area) == 0;
    if (!known)
      add_area(r, s, f->area, where);
  }
  if (s->np == 6)
    qf_buf_puts(where, "FALSE");
}

/* Only while somebody has still to hand it in. */
static const char *card_of(const qf_calendar *c, const char *due, bool open, int32_t today)
{
  int y, m, d;
  if (!open || sscanf(due, "%d-%d-%d", &y, &m, &d) != 3)
    return "none";
  return qf_card_name(qf_due_card(c, qf_days_from_civil(y, m, d), today));
}

static json_t *cell_text(const qf_cell *c)
{
  return c->kind == 4 ? json_stringn(c->s, c->len) : json_null();
}

static json_t *titled(const qf_form *f)
{
  return json_pack("{s:s, s:s}", "zh", f ? f->zh : "", "en", f ? f->en : "");
}

typedef struct listing {
  qf_req *r;
  json_t *items;
} listing;

static bool on_item(void *ud, const qf_cell *c, size_t n)
{
  listing *l = ud;
  const qf_forms *forms = qf_filings_forms(l->r->s->filings);
  const qf_form *f = qf_forms_find(forms, c[1].kind == 4 ? c[1].s : NULL);
  if (n != 16)
    return false;
  int state = f && f->flow && c[6].kind == 4 ? qf_flow_state(f->flow, c[6].s) : -1;
  bool open = state >= 0 && (f->flow->edit >> state & 1u);
  json_t *o = json_object(), *findings = c[13].kind == 4 ? json_loadb(c[13].s, c[13].len, 0, NULL) : NULL,
         *sheet = c[14].kind == 4 ? json_loadb(c[14].s, c[14].len, 0, NULL) : NULL;
  json_object_set_new(o, "id", cell_text(&c[0]));
  json_object_set_new(o, "form", cell_text(&c[1]));
  json_object_set_new(o, "title", titled(f));
  json_object_set_new(o, "subject", cell_text(&c[2]));
  json_object_set_new(o, "subject_name", json_pack("{s:o, s:o}", "zh", cell_text(&c[3]), "en", cell_text(&c[4])));
  json_object_set_new(o, "month", c[5].kind == 1 ? json_integer(c[5].i) : json_null());
  json_object_set_new(o, "state", cell_text(&c[6]));
  json_object_set_new(o, "revision", json_integer(c[7].i));
  json_object_set_new(o, "version", json_integer(c[8].i));
  json_object_set_new(o, "due", cell_text(&c[9]));
  json_object_set_new(o, "late", json_boolean(c[10].kind == 5 && c[10].i));
  json_object_set_new(o, "card",
                      json_string(card_of(qf_forms_calendar(forms), c[9].kind == 4 ? c[9].s : "", open,
                                          qf_day_cn(qf_city_now(l->r->city)))));
  json_object_set_new(o, "by", cell_text(&c[11]));
  json_object_set_new(o, "at", cell_text(&c[12]));
  json_object_set_new(o, "findings", findings ? findings : json_object());
  json_object_set_new(o, "sheet", sheet ? sheet : json_object());
  json_object_set_new(o, "seq", json_integer(c[15].i));
  json_array_append_new(l->items, o);
  return true;
}

static bool on_count(void *ud, const qf_cell *c, size_t n)
{
  *(int64_t *)ud = n ? c[0].i : 0;
  return false;
}

static const char *or_empty(const char *s)
{
  return s ? s : "";
}

void qf_h_filings(qf_req *r)
{
  static const char *const orders[][2] = {{"due", "f.due, f.id"},         {"-due", "f.due DESC, f.id"},
                                          {"month", "f.month, f.id"},     {"-month", "f.month DESC, f.id"},
                                          {"subject", "f.subject, f.id"}, {"state", "f.state, f.id"},
                                          {"at", "f.\"at\", f.id"},       {"-at", "f.\"at\" DESC, f.id"}};
  const char *sort = or_empty(qf_req_query(r, "sort")), *order = "f.\"at\" DESC, f.id";
  long size = qf_req_int(r, "size", 100, 1, 1000), page = qf_req_int(r, "page", 1, 1, 100000);
  qf_err err = {0};
  scoped s = {.np = 6};
  qf_buf where, q;
  int64_t total = 0;
  listing l = {r, json_array()};
  for (size_t i = 0; i < sizeof orders / sizeof *orders; i++)
    order = strcmp(sort, orders[i][0]) == 0 ? orders[i][1] : order;
  const char *names[] = {"form", "state", "subject", "month", "q"};
  for (size_t i = 0; i < 5; i++)
    s.p[i] = (qf_param){.kind = 4, .s = or_empty(qf_req_query(r, names[i]))};
  s.p[5] = (qf_param){.kind = 1, .i = (page - 1) * size};
  qf_buf_init(&where, 1u << 16);
  qf_buf_init(&q, 1u << 16);
  qf_buf_puts(
      &where,
      " FROM rec_filing f LEFT JOIN rec_subject s ON s.id = f.subject WHERE (?1 = '' OR f.form = ?1) AND (?2 = '' OR "
      "contains(concat(' ', replace(?2, ',', ' '), ' '), concat(' ', f.state, ' '))) AND (?3 = '' OR f.subject = ?3 OR "
      "f.org = ?3 OR f.district = ?3) AND (?4 = '' OR CAST(f.month AS VARCHAR) = ?4) AND (?5 = '' OR contains(lower("
      "concat(f.id, ' ', coalesce(s.name_zh, ''), ' ', coalesce(s.name_en, ''))), lower(?5))) AND ?6 >= 0 AND (");
  put_scope(r, &s, &where);
  qf_buf_puts(&where, ")");
  qf_buf_printf(&q, "SELECT count(*)%s", where.failed ? "" : where.data);
  qf_rc rc = qf_book_query(qf_city_book(r->city), q.data, s.p, s.np, on_count, &total, &err);
  qf_buf_reset(&q);
  qf_buf_printf(&q,
                "SELECT f.id, f.form, f.subject, s.name_zh, s.name_en, f.month, f.state, f.revision, f.version, "
                "CAST(f.due AS VARCHAR), "
                "f.late, f.\"by\", f.\"at\", f.findings, f.sheet, f.seq%s ORDER BY %s LIMIT %ld OFFSET ?6",
                where.failed ? "" : where.data, order, size);
  if (!rc)
    rc = qf_book_query(qf_city_book(r->city), q.data, s.p, s.np, on_item, &l, &err);
  qf_buf_fini(&where);
  qf_buf_fini(&q);
  if (rc) {
    json_decref(l.items);
    qf_req_broken(r, rc, &err);
    return;
  }
  qf_req_answer(r, json_pack("{s:o, s:I, s:i, s:i}", "items", l.items, "total", (json_int_t)total, "page", (int)page,
                             "size", (int)size));
}

/* ---- one */

typedef struct taking {
  json_t *list;
} taking;

static bool on_comment(void *ud, const qf_cell *c, size_t n)
{
  taking *t = ud;
  if (n != 8)
    return false;
  json_array_append_new(t->list, json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b}", "id", cell_text(&c[0]),
                                           "row_key", cell_text(&c[1]), "field", cell_text(&c[2]), "text",
                                           cell_text(&c[3]), "parent", cell_text(&c[4]), "by", cell_text(&c[5]), "at",
                                           cell_text(&c[6]), "resolved", c[7].kind == 5 && c[7].i));
  return true;
}

static bool on_evidence(void *ud, const qf_cell *c, size_t n)
{
  taking *t = ud;
  if (n != 8)
    return false;
  json_array_append_new(t->list, json_pack("{s:o, s:o, s:o, s:I, s:o, s:o, s:o, s:o}", "sha256", cell_text(&c[0]),
                                           "field", cell_text(&c[1]), "row_key", cell_text(&c[2]), "size",
                                           (json_int_t)c[3].i, "type", cell_text(&c[4]), "name", cell_text(&c[5]), "by",
                                           cell_text(&c[6]), "at", cell_text(&c[7])));
  return true;
}

static json_t *asked_list(qf_req *r, const char *sql, const char *id, qf_row_fn *fn)
{
  qf_err err = {0};
  taking t = {json_array()};
  qf_param p = {.kind = 4, .s = id};
  qf_rc rc = qf_book_query(qf_city_book(r->city), sql, &p, 1, fn, &t, &err);
  if (rc)
    fprintf(stderr, "qingfeng: request %s: %s\n", r->id, err.en);
  return t.list;
}

/* Accepted rows of the same form some months before. */
static json_t *earlier(qf_req *r, const qf_filing *x, int months)
{
  qf_err err;
  if (x->month == INT32_MIN)
    return json_array();
  json_t *sheet = json_deep_copy(x->sheet);
  json_object_set_new(sheet, "month", json_integer(x->month - months));
  json_t *rows = qf_accepted_rows(qf_city_book(r->city), x->form, sheet, &err);
  json_decref(sheet);
  return rows ? rows : json_array();
}

static bool on_name(void *ud, const qf_cell *c, size_t n)
{
  json_t *o = ud;
  if (n == 2) {
    json_object_set_new(o, "zh", cell_text(&c[0]));
    json_object_set_new(o, "en", cell_text(&c[1]));
  }
  return false;
}

static json_t *subject_name(qf_req *r, const char *subject)
{
  json_t *o = json_pack("{s:s, s:s}", "zh", subject, "en", subject);
  qf_param p = {.kind = 4, .s = subject};
  qf_err err;
  if (qf_book_query(qf_city_book(r->city), "SELECT name_zh, name_en FROM rec_subject WHERE id = ?1", &p, 1, on_name, o,
                    &err))
    return o; /* the id will do */
  return o;
}

static json_t *filing_json(qf_req *r, const qf_filing *x, const qf_judged *j)
{
  const qf_forms *forms = qf_filings_forms(r->s->filings);
  int state = qf_flow_state(x->form->flow, x->state);
  bool open = state >= 0 && (x->form->flow->edit >> state & 1u);
  json_t *o = json_object();
  json_object_set_new(o, "id", json_string(x->id));
  json_object_set_new(o, "form", json_string(x->form->type));
  json_object_set_new(o, "title", titled(x->form));
  json_object_set(o, "sheet", x->sheet);
  json_object_set_new(o, "subject", *x->subject ? json_string(x->subject) : json_null());
  json_object_set_new(o, "subject_name", subject_name(r, x->subject));
  json_object_set_new(o, "month", x->month == INT32_MIN ? json_null() : json_integer(x->month));
  json_object_set_new(o, "area", json_string(x->area));
  json_object_set_new(o, "district", *x->district ? json_string(x->district) : json_null());
  json_object_set_new(o, "org", *x->org ? json_string(x->org) : json_null());
  json_object_set_new(o, "state", json_string(x->state));
  json_object_set_new(o, "revision", json_integer(x->revision));
  json_object_set_new(o, "version", json_integer(x->version));
  json_object_set_new(o, "seq", json_integer(x->seq));
  json_object_set_new(o, "due", *x->due ? json_string(x->due) : json_null());
  json_object_set_new(o, "late", json_boolean(x->late));
  json_object_set_new(o, "card",
                      json_string(card_of(qf_forms_calendar(forms), x->due, open, qf_day_cn(qf_city_now(r->city)))));
  json_object_set_new(o, "by", json_string(x->by));
  json_object_set_new(o, "at", json_string(x->at));
  json_object_set_new(o, "reason", *x->reason ? json_string(x->reason) : json_null());
  json_object_set(o, "rows", x->rows);
  json_object_set(o, "explain", x->explain);
  json_object_set(o, "steps", x->steps);
  json_object_set(o, "findings", j->findings);
  json_object_set_new(o, "counts",
                      json_pack("{s:i, s:i, s:i}", "block", (int)j->count[QF_BLOCK], "explain", (int)j->unexplained,
                                "warn", (int)j->count[QF_WARN]));
  json_object_set_new(o, "can", qf_filing_can(x, qf_req_actor(r)));
  json_object_set_new(o, "last_month", earlier(r, x, 1));
  json_object_set_new(o, "last_year", earlier(r, x, 12));
  json_object_set_new(
      o, "comments",
      asked_list(
          r,
          "SELECT id, row_key, field, text, parent, author, written, resolved FROM rec_comment WHERE filing = ?1 "
          "ORDER BY written, id",
          x->id, on_comment));
  json_object_set_new(
      o, "evidence",
      asked_list(
          r,
          "SELECT sha256, field, row_key, size, type, name, \"by\", \"at\" FROM rec_evidence WHERE filing = ?1 ORDER "
          "BY seq, id",
          x->id, on_evidence));
  return o;
}

void qf_h_filing(qf_req *r)
{
  qf_filing x;
  qf_judged j;
  qf_err err = {0};
  if (!get_filing(r, QF_ACT_VIEW, &x))
    return;
  qf_rc rc = qf_judge(qf_city_book(r->city), x.form, x.sheet, x.rows, x.explain, &j, &err);
  if (rc) {
    qf_req_refused(r, rc, &err, NULL);
  } else {
    snprintf(r->etag, sizeof r->etag, "\"%lld\"", (long long)x.version);
    qf_req_answer(r, filing_json(r, &x, &j));
  }
  qf_judged_fini(&j);
  qf_filing_fini(&x);
}

/* ---- changes */

static const qf_form *form_of(qf_req *r, const json_t *j)
{
  qf_err err;
  const char *name = json_string_value(json_object_get(j, "form"));
  const qf_form *f = qf_forms_find(qf_filings_forms(r->s->filings), name);
  if (f && f->flow)
    return f;
  (void)qf_fail(&err, QF_NOTFOUND, "no form %.60s", "无此表单 %.60s", name ? name : "");
  qf_req_fail(r, 404, QF_NOTFOUND, &err);
  return NULL;
}

void qf_h_filing_new(qf_req *r)
{
  qf_err err = {0};
  qf_outcome o = {0};
  json_t *j = qf_req_fields(r, " form sheet rows ");
  const qf_form *f = j ? form_of(r, j) : NULL;
  if (f) {
    qf_rc rc = qf_filing_new(r->s->filings, qf_req_actor(r), f, json_object_get(j, "sheet"), json_object_get(j, "rows"),
                             &o, &err);
    if (rc)
      qf_req_refused(r, rc, &err, &o);
    else
      answer_outcome(r, 201, &o);
  }
  qf_outcome_fini(&o);
  json_decref(j);
}

void qf_h_filing_save(qf_req *r)
{
  int64_t version;
  qf_err err = {0};
  qf_outcome o = {0};
  qf_filing x;
  if (!get_filing(r, QF_ACT_VIEW, &x))
    return;
  qf_filing_fini(&x);
  if (!qf_req_if_match(r, &version))
    return;
  json_t *j = qf_req_fields(r, " rows explain ");
  if (!j)
    return;
  qf_rc rc = qf_filing_save(r->s->filings, qf_req_actor(r), r->arg[0], version, json_object_get(j, "rows"),
                            json_object_get(j, "explain"), &o, &err);
  if (rc)
    qf_req_refused(r, rc, &err, &o);
  else
    answer_outcome(r, 200, &o);
  qf_outcome_fini(&o);
  json_decref(j);
}

void qf_h_filing_step(qf_req *r)
{
  int64_t version;
  qf_err err = {0};
  qf_outcome o = {0};
  qf_filing x;
  if (!get_filing(r, QF_ACT_VIEW, &x))
    return;
  qf_filing_fini(&x);
  if (!qf_req_if_match(r, &version))
    return;
  json_t *j = r->body.len ? qf_req_fields(r, " reason ") : json_object();
  if (!j)
    return;
  qf_rc rc = qf_filing_step(r->s->filings, qf_req_actor(r), r->arg[0], version, r->arg[1],
                            json_string_value(json_object_get(j, "reason")), &o, &err);
  qf_req_audit(r, "filing.step", r->arg[0], rc ? qf_rc_name(rc) : "ok");
  if (rc)
    qf_req_refused(r, rc, &err, &o);
  else
    answer_outcome(r, 200, &o);
  qf_outcome_fini(&o);
  json_decref(j);
}

/* Judged, not stored: while it is typed. The asker must be one who could file it. */
void qf_h_filing_check(qf_req *r)
{
  qf_err err = {0};
  qf_judged out = {0};
  char district[64] = "", org[64] = "";
  json_t *j = qf_req_fields(r, " form sheet rows explain ");
  const qf_form *f = j ? form_of(r, j) : NULL;
  json_t *sheet = f ? qf_sheet_of(f, json_object_get(j, "sheet"), &err) : NULL;
  qf_rc rc = f && !sheet ? QF_RANGE : QF_OK;
  const char *subject = json_string_value(json_object_get(sheet, "subject"));
  if (f && !rc && subject)
    rc = qf_subject_owner(qf_city_book(r->city), subject, district, org, &err);
  if (f && !rc) {
    qf_object o = {qf_form_area(f), *district ? district : NULL, *org ? org : NULL};
    if (!qf_rights_may(qf_req_actor(r), QF_ACT_VIEW, &o, &err))
      rc = QF_DENIED;
  }
  if (f && !rc)
    rc = qf_judge(qf_city_book(r->city), f, sheet, json_object_get(j, "rows"), json_object_get(j, "explain"), &out,
                  &err);
  if (rc)
    qf_req_refused(r, rc, &err, NULL);
  else if (f)
    qf_req_answer(r, json_pack("{s:O, s:{s:i, s:i, s:i}}", "findings", out.findings, "counts", "block",
                               (int)out.count[QF_BLOCK], "explain", (int)out.unexplained, "warn",
                               (int)out.count[QF_WARN]));
  qf_judged_fini(&out);
  json_decref(sheet);
  json_decref(j);
}

/* ---- history and difference */

static bool on_version(void *ud, const qf_cell *c, size_t n)
{
  taking *t = ud;
  if (n != 8)
    return false;
  json_array_append_new(t->list, json_pack("{s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:I}", "version", (json_int_t)c[0].i,
                                           "revision", (json_int_t)c[1].i, "state", cell_text(&c[2]), "step",
                                           cell_text(&c[3]), "by", cell_text(&c[4]), "at", cell_text(&c[5]), "reason",
                                           cell_text(&c[6]), "seq", (json_int_t)c[7].i));
  return true;
}

void qf_h_filing_history(qf_req *r)
{
  qf_filing x;
  if (!get_filing(r, QF_ACT_VIEW, &x))
    return;
  json_t *list = asked_list(
      r,
      "SELECT version, revision, state, step, \"by\", \"at\", reason, seq FROM rec_filing_history WHERE id = ?1 ORDER "
      "BY version DESC",
      x.id, on_version);
  qf_filing_fini(&x);
  qf_req_answer(r, json_pack("{s:o}", "items", list));
}

static bool on_rows(void *ud, const qf_cell *c, size_t n)
{
  taking *t = ud;
  json_t *j = n && c[0].kind == 4 ? json_loadb(c[0].s, c[0].len, 0, NULL) : NULL;
  if (j) {
    json_decref(t->list);
    t->list = j;
  }
  return false;
}

static json_t *rows_at(qf_req *r, const char *id, long version)
{
  taking t = {NULL};
  qf_err err;
  qf_param p[] = {{.kind = 4, .s = id}, {.kind = 1, .i = version}};
  if (qf_book_query(qf_city_book(r->city), "SELECT \"rows\" FROM rec_filing_history WHERE id = ?1 AND version = ?2", p,
                    2, on_rows, &t, &err))
    return NULL;
  return t.list;
}

/* from, to: versions; from absent: what is accepted now; to absent: the present version. */
void qf_h_filing_diff(qf_req *r)
{
  qf_filing x;
  qf_err err = {0};
  if (!get_filing(r, QF_ACT_VIEW, &x))
    return;
  long from = qf_req_int(r, "from", 0, 0, 1000000), to = qf_req_int(r, "to", 0, 0, 1000000);
  json_t *a = from ? rows_at(r, x.id, from) : qf_accepted_rows(qf_city_book(r->city), x.form, x.sheet, &err);
  json_t *b = to ? rows_at(r, x.id, to) : json_incref(x.rows);
  if (a && b) {
    qf_req_answer(r, json_pack("{s:o}", "items", qf_rows_diff(x.form, a, b)));
  } else {
    (void)qf_fail(&err, QF_NOTFOUND, "no such version", "无此版本");
    qf_req_fail(r, 404, QF_NOTFOUND, &err);
  }
  json_decref(a);
  json_decref(b);
  qf_filing_fini(&x);
}

/* ---- comments */

static void put_one(qf_req *r, unsigned status, const char *type, const char *id, json_t *data)
{
  qf_err err = {0};
  uint64_t seq = 0;
  json_t *list = json_array();
  json_array_append_new(
      list, json_pack("{s:s, s:s, s:s, s:o}", "type", type, "id", id, "by", qf_req_actor(r)->id, "data", data));
  qf_rc rc = qf_city_records(r->city, list, &seq, &err);
  json_decref(list);
  if (rc) {
    qf_req_refused(r, rc, &err, NULL);
    return;
  }
  r->status = status;
  qf_req_answer(r, json_pack("{s:s, s:I}", "id", id, "seq", (json_int_t)seq));
}

static json_t *now_text(qf_req *r)
{
  qf_buf b;
  qf_buf_init(&b, 64);
  qf_tm_write(&b, qf_city_now(r->city));
  json_t *s = json_string(b.data ? b.data : "");
  qf_buf_fini(&b);
  return s;
}

void qf_h_comment_add(qf_req *r)
{
  qf_filing x;
  qf_err err = {0};
  if (!get_filing(r, QF_ACT_VIEW, &x))
    return;
  qf_object o = qf_filing_object(&x);
  json_t *j = NULL;
  if (!qf_rights_may(qf_req_actor(r), QF_ACT_COMMENT, &o, &err))
    qf_req_deny(r, &err);
  else
    j = qf_req_fields(r, " row_key field text parent ");
  if (j) {
    uint8_t rnd[8];
    char id[17];
    randombytes_buf(rnd, sizeof rnd);
    qf_hex(rnd, sizeof rnd, id);
    json_object_set_new(j, "filing", json_string(x.id));
    json_object_set_new(j, "author", json_string(qf_req_actor(r)->id));
    json_object_set_new(j, "written", now_text(r));
    json_object_set_new(j, "resolved", json_false());
    put_one(r, 201, "comment", id, json_incref(j));
  }
  json_decref(j);
  qf_filing_fini(&x);
}

static bool on_whole_comment(void *ud, const qf_cell *c, size_t n)
{
  static const char *const names[] = {"filing", "row_key", "field", "text", "parent", "author", "written"};
  for (size_t i = 0; i < n && i < 7; i++)
    json_object_set_new(ud, names[i], cell_text(&c[i]));
  return false;
}

void qf_h_comment_resolve(qf_req *r)
{
  qf_filing x;
  qf_err err = {0};
  if (!get_filing(r, QF_ACT_VIEW, &x))
    return;
  qf_object o = qf_filing_object(&x);
  json_t *data = json_object();
  qf_param p[] = {{.kind = 4, .s = r->arg[1]}, {.kind = 4, .s = x.id}};
  qf_rc rc = qf_rights_may(qf_req_actor(r), QF_ACT_COMMENT, &o, &err) ? QF_OK : QF_DENIED;
  if (!rc)
    rc = qf_book_query(
        qf_city_book(r->city),
        "SELECT filing, row_key, field, text, parent, author, written FROM rec_comment WHERE id = ?1 AND filing = ?2",
        p, 2, on_whole_comment, data, &err);
  if (!rc && json_object_size(data) == 0)
    rc = qf_fail(&err, QF_NOTFOUND, "no such comment", "无此批注");
  if (rc) {
    qf_req_refused(r, rc, &err, NULL);
  } else {
    json_object_set_new(data, "resolved", json_true());
    put_one(r, 200, "comment", r->arg[1], json_incref(data));
  }
  json_decref(data);
  qf_filing_fini(&x);
}

/* ---- evidence */

void qf_h_evidence_put(qf_req *r)
{
  qf_filing x;
  qf_err err = {0};
  qf_evidence e = {0};
  if (!get_filing(r, QF_ACT_VIEW, &x))
    return;
  qf_object o = qf_filing_object(&x);
  qf_rc rc = qf_rights_may(qf_req_actor(r), x.form->flow->act, &o, &err) ? QF_OK : QF_DENIED;
  const char *field = or_empty(qf_req_query(r, "field")), *row_key = or_empty(qf_req_query(r, "row_key")),
             *name = qf_req_query(r, "name");
  if (!rc)
    rc = qf_evidence_put(r->s->filings, qf_req_actor(r), &x,
                         &(qf_evidence_file){field, row_key, name ? name : "", r->body.data, r->body.len}, &e, &err);
  qf_req_audit(r, "evidence.add", x.id, rc ? qf_rc_name(rc) : "ok");
  if (rc) {
    qf_req_refused(r, rc, &err, NULL);
  } else {
    r->status = 201;
    qf_req_answer(r, json_pack("{s:s, s:I, s:s, s:s}", "sha256", e.sha256, "size", (json_int_t)e.size, "type", e.type,
                               "name", e.name));
  }
  qf_filing_fini(&x);
}

void qf_h_evidence(qf_req *r)
{
  qf_err err = {0};
  qf_evidence e = {0};
  qf_rc rc = qf_evidence_find(r->s->filings, qf_req_actor(r), r->arg[0], &e, &err);
  if (!rc)
    rc = qf_evidence_read(qf_city_dir(r->city), &e, &r->out, &err);
  qf_req_audit(r, "evidence.view", r->arg[0], rc ? qf_rc_name(rc) : "ok");
  if (rc) {
    qf_buf_reset(&r->out);
    qf_req_refused(r, rc, &err, NULL);
    return;
  }
  r->type = "application/octet-stream"; /* never anything a browser would run */
  r->sandbox = true;
  snprintf(r->disposition, sizeof r->disposition, "attachment; filename=\"%.16s.%s\"", e.sha256, e.type);
}
