#include "filing/filing.h"
#include "filing/publish.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STRIPES 64u
#define ENTRY_RECORDS_MAX 2000u /* what the city puts into one journal entry */

struct qf_filings {
  qf_city *city;
  qf_book *book;
  qf_forms *forms;
  pthread_mutex_t
      mx[STRIPES]; /* by id of the filing: reading its present version, judging and journalling the next as one */
};

/* Those who work at different forms do not wait for each other's checks. */
static pthread_mutex_t *lock_of(qf_filings *f, const char *id)
{
  pthread_mutex_t *mx = &f->mx[qf_crc32c(0, id, strlen(id)) % STRIPES];
  pthread_mutex_lock(mx);
  return mx;
}

qf_rc qf_filings_open(qf_city *c, qf_filings **out, qf_err *err)
{
  qf_filings *f = calloc(1, sizeof *f);
  if (!f)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  f->city = c;
  f->book = qf_city_book(c);
  for (size_t i = 0; i < STRIPES; i++)
    pthread_mutex_init(&f->mx[i], NULL);
  qf_rc rc = qf_forms_open(f->book, qf_city_packs(c), &f->forms, err);
  if (rc) {
    qf_filings_close(f);
    return rc;
  }
  *out = f;
  return QF_OK;
}

void qf_filings_close(qf_filings *f)
{
  if (!f)
    return;
  qf_forms_close(f->forms);
  for (size_t i = 0; i < STRIPES; i++)
    pthread_mutex_destroy(&f->mx[i]);
  free(f);
}

const qf_forms *qf_filings_forms(const qf_filings *f)
{
  return f->forms;
}

qf_city *qf_filings_city(const qf_filings *f)
{
  return f->city;
}

void qf_outcome_fini(qf_outcome *o)
{
  json_decref(o->findings);
  o->findings = NULL;
}

void qf_filing_fini(qf_filing *x)
{
  json_decref(x->sheet);
  json_decref(x->rows);
  json_decref(x->explain);
  json_decref(x->steps);
  json_decref(x->given);
  json_decref(x->findings);
  *x = (qf_filing){0};
}

qf_object qf_filing_object(const qf_filing *x)
{
  return (qf_object){qf_form_area(x->form), *x->district ? x->district : NULL, *x->org ? x->org : NULL};
}

/* ---- identity */

qf_rc qf_filing_id(const qf_form *f, const json_t *sheet, char *out, size_t size, qf_err *err)
{
  char value[300];
  size_t used = (size_t)snprintf(out, size, "%s", f->type);
  for (uint32_t i = 0; i < f->nsheet; i++) {
    qf_value_text(json_object_get(sheet, f->sheet[i]), value, sizeof value);
    if (used + 2 * strlen(value) + 2 > size || used + 2 * strlen(value) > 500)
      return qf_fail(err, QF_RANGE, "%.60s: the values of the form's head are too long", "%.60s：表头值过长", f->type);
    out[used++] = ':';
    for (const char *s = value; *s; s++) {
      if (*s == '/' || *s == '~')
        out[used++] = '~';
      out[used++] = *s == '/' ? '1' : *s == '~' ? '0' : *s;
    }
    out[used] = 0;
  }
  return QF_OK;
}

typedef struct owner {
  char *district, *org;
  bool known;
} owner;

static bool on_owner(void *ud, const qf_cell *c, size_t n)
{
  owner *o = ud;
  for (size_t i = 0; i + 1 < n; i += 2) { /* id and kind of the subject, its parent, ... */
    if (c[i].kind != 4 || c[i + 1].kind != 4)
      break;
    o->known = true;
    if (strcmp(c[i + 1].s, "unit") == 0)
      snprintf(o->org, 64, "%s", c[i].s);
    if (strcmp(c[i + 1].s, "district") == 0)
      snprintf(o->district, 64, "%s", c[i].s);
  }
  return false;
}

qf_rc qf_subject_owner(qf_book *b, const char *subject, char district[64], char org[64], qf_err *err)
{
  owner o = {district, org, false};
  qf_param p = {.kind = 4, .s = subject};
  district[0] = org[0] = 0;
  qf_rc rc = qf_book_query(
      b,
      "SELECT s.id, s.kind, p.id, p.kind, g.id, g.kind, h.id, h.kind FROM rec_subject s LEFT JOIN rec_subject p "
      "ON p.id = s.parent LEFT JOIN rec_subject g ON g.id = p.parent LEFT JOIN rec_subject h ON h.id = "
      "g.parent WHERE s.id = ?1",
      &p, 1, on_owner, &o, err);
  if (!rc && !o.known)
    rc = qf_fail(err, QF_NOTFOUND, "no subject %.60s", "无此主体 %.60s", subject);
  return rc;
}

/* ---- reading */

static json_t *parse(const qf_cell *c, json_t *otherwise)
{
  json_t *j = c->kind == 4 ? json_loadb(c->s, c->len, 0, NULL) : NULL;
  if (!j)
    return otherwise;
  json_decref(otherwise);
  return j;
}

static void copy_text(char *out, size_t size, const qf_cell *c)
{
  snprintf(out, size, "%s", c->kind == 4 ? c->s : "");
}

typedef struct getting {
  qf_filings *f;
  qf_filing *x;
  bool found;
} getting;

#define COLUMNS                                                                                                        \
  "SELECT form, sheet, subject, month, area, district, org, state, revision, \"rows\", \"explain\", step, reason, "    \
  "steps, given, findings, CAST(due AS VARCHAR), late, version, \"by\", CAST(\"at\" AS TIMESTAMP), seq "

static bool on_filing(void *ud, const qf_cell *c, size_t n)
{
  getting *g = ud;
  qf_filing *x = g->x;
  if (n != 22)
    return false;
  x->form = qf_forms_find(g->f->forms, c[0].kind == 4 ? c[0].s : NULL);
  g->found = x->form && x->form->flow;
  x->sheet = parse(&c[1], json_object());
  copy_text(x->subject, sizeof x->subject, &c[2]);
  x->month = c[3].kind == 1 ? (int32_t)c[3].i : INT32_MIN;
  copy_text(x->area, sizeof x->area, &c[4]);
  copy_text(x->district, sizeof x->district, &c[5]);
  copy_text(x->org, sizeof x->org, &c[6]);
  copy_text(x->state, sizeof x->state, &c[7]);
  x->revision = (int)c[8].i;
  x->rows = parse(&c[9], json_array());
  x->explain = parse(&c[10], json_object());
  copy_text(x->step, sizeof x->step, &c[11]);
  copy_text(x->reason, sizeof x->reason, &c[12]);
  x->steps = parse(&c[13], json_array());
  x->given = parse(&c[14], json_array());
  x->findings = parse(&c[15], json_object());
  copy_text(x->due, sizeof x->due, &c[16]);
  x->late = c[17].kind == 5 && c[17].i;
  x->version = c[18].i;
  copy_text(x->by, sizeof x->by, &c[19]);
  copy_text(x->at, sizeof x->at, &c[20]);
  x->seq = c[21].i;
  return false;
}

qf_rc qf_filing_get(qf_filings *f, const char *id, qf_filing *out, qf_err *err)
{
  *out = (qf_filing){0};
  getting g = {f, out, false};
  qf_param p = {.kind = 4, .s = id};
  qf_rc rc = qf_book_query(f->book, COLUMNS "FROM rec_filing WHERE id = ?1", &p, 1, on_filing, &g, err);
  snprintf(out->id, sizeof out->id, "%s", id);
  if (!rc && !g.found)
    rc = qf_fail(err, QF_NOTFOUND, "no such filing", "无此填报");
  if (rc)
    qf_filing_fini(out);
  return rc;
}

typedef struct taking {
  const qf_form *f;
  json_t *rows;
} taking;

static bool on_row(void *ud, const qf_cell *c, size_t n)
{
  taking *t = ud;
  json_t *o = json_object();
  for (size_t i = 0; i < n && i < t->f->ncols; i++)
    json_object_set_new(o, t->f->col[i], c[i].kind == 4 ? json_stringn(c[i].s, c[i].len) : json_null());
  json_array_append_new(t->rows, o);
  return true;
}

/* Columns as text, in the type's order. */
static void put_select(const qf_form *f, qf_buf *q)
{
  qf_buf_puts(q, "SELECT ");
  for (uint32_t i = 0; i < f->ncols; i++)
    qf_buf_printf(q, "%sCAST(\"%s\" AS VARCHAR)", i ? ", " : "", f->col[i]);
  qf_buf_printf(q, " FROM rec_%s", f->type);
}

json_t *qf_accepted_rows(qf_book *b, const qf_form *f, const json_t *sheet, qf_err *err)
{
  qf_buf q;
  qf_param p[QF_FORM_KEY_MAX];
  char value[QF_FORM_KEY_MAX][300];
  taking t = {f, json_array()};
  qf_buf_init(&q, 1u << 16);
  put_select(f, &q);
  for (uint32_t i = 0; i < f->nsheet; i++) {
    qf_value_text(json_object_get(sheet, f->sheet[i]), value[i], sizeof value[i]);
    p[i] = (qf_param){.kind = 4, .s = value[i]};
    qf_buf_printf(&q, "%s\"%s\" = CAST(?%u AS %s)", i ? " AND " : " WHERE ", f->sheet[i], i + 1,
                  f->col_type[qf_form_col(f, f->sheet[i])]);
  }
  qf_buf_puts(&q, " ORDER BY id LIMIT 10000");
  qf_rc rc = q.failed ? qf_fail(err, QF_NOMEM, "statement too long", "语句过长")
                      : qf_book_query(b, q.data, p, f->nsheet, on_row, &t, err);
  qf_buf_fini(&q);
  if (rc) {
    json_decref(t.rows);
    return NULL;
  }
  return t.rows;
}

/* ---- difference */

/* "1.50" and "1.500000" are one value. */
static bool same_value(const char *a, const char *b)
{
  qf_dec x, y;
  if (strcmp(a, b) == 0)
    return true;
  return *a && *b && qf_dec_parse(a, strlen(a), &x) == QF_OK && qf_dec_parse(b, strlen(b), &y) == QF_OK &&
         qf_dec_cmp(x, y) == 0;
}

static json_t *index_rows(const qf_form *f, const json_t *rows)
{
  json_t *by_key = json_object(), *row;
  size_t i;
  char key[440];
  json_array_foreach(rows, i, row)
  {
    qf_form_row_key(f, row, key, sizeof key);
    json_object_set(by_key, key, row);
  }
  return by_key;
}

static void diff_row(const qf_form *f, const char *key, const json_t *before, const json_t *after, json_t *out)
{
  const char *kind = !before ? "added" : !after ? "removed" : "changed";
  for (uint32_t i = 0; i < f->ncols; i++) {
    char a[300], b[300];
    qf_value_text(json_object_get(before, f->col[i]), a, sizeof a);
    qf_value_text(json_object_get(after, f->col[i]), b, sizeof b);
    if (same_value(a, b) || qf_form_in_sheet(f, f->col[i]))
      continue;
    json_array_append_new(out, json_pack("{s:s, s:s, s:o, s:o, s:s}", "key", key, "field", f->col[i], "before",
                                         *a ? json_string(a) : json_null(), "after", *b ? json_string(b) : json_null(),
                                         "kind", kind));
  }
}

json_t *qf_rows_diff(const qf_form *f, const json_t *before, const json_t *after)
{
  json_t *old = index_rows(f, before), *new = index_rows(f, after), *out = json_array(), *row;
  const char *key;
  json_object_foreach(new, key, row) diff_row(f, key, json_object_get(old, key), row, out);
  json_object_foreach(old, key, row)
  {
    if (!json_object_get(new, key))
      diff_row(f, key, row, NULL, out);
  }
  json_decref(old);
  json_decref(new);
  return out;
}

/* ---- composing one version */

static json_t *text_or_null(const char *s)
{
  return *s ? json_string(s) : json_null();
}

static json_t *dumped(const json_t *j)
{
  char *s = json_dumps(j, JSON_COMPACT | JSON_REAL_PRECISION(15));
  json_t *out = s ? json_string(s) : NULL;
  free(s);
  return out;
}

static json_t *filing_record(const qf_filing *x, const char *by)
{
  json_t *d = json_object();
  json_object_set_new(d, "form", json_string(x->form->type));
  json_object_set_new(d, "sheet", dumped(x->sheet));
  json_object_set_new(d, "subject", text_or_null(x->subject));
  json_object_set_new(d, "month", x->month == INT32_MIN ? json_null() : json_integer(x->month));
  json_object_set_new(d, "area", json_string(x->area));
  json_object_set_new(d, "district", text_or_null(x->district));
  json_object_set_new(d, "org", text_or_null(x->org));
  json_object_set_new(d, "state", json_string(x->state));
  json_object_set_new(d, "revision", json_integer(x->revision));
  json_object_set_new(d, "rows", dumped(x->rows));
  json_object_set_new(d, "explain", dumped(x->explain));
  json_object_set_new(d, "step", json_string(x->step));
  json_object_set_new(d, "reason", text_or_null(x->reason));
  json_object_set_new(d, "steps", dumped(x->steps));
  json_object_set_new(d, "given", dumped(x->given));
  json_object_set_new(d, "findings", dumped(x->findings));
  json_object_set_new(d, "due", text_or_null(x->due));
  json_object_set_new(d, "late", json_boolean(x->late));
  return json_pack("{s:s, s:s, s:s, s:o}", "type", "filing", "id", x->id, "by", by, "data", d);
}

static void add_step(qf_filings *f, qf_filing *x, const char *step, const char *by, const char *reason)
{
  qf_buf at;
  qf_buf_init(&at, 64);
  qf_tm_write(&at, qf_city_now(f->city));
  json_t *s = json_pack("{s:s, s:s, s:s}", "step", step, "by", by, "at", at.data ? at.data : "");
  if (reason && *reason)
    json_object_set_new(s, "reason", json_string(reason));
  json_array_append_new(x->steps, s);
  qf_buf_fini(&at);
}

/* Whoever changes rows is one of this revision's people; once is enough. */
static void add_edit(qf_filings *f, qf_filing *x, const char *by)
{
  size_t i;
  json_t *s;
  json_array_foreach(x->steps, i, s)
  {
    if (strcmp(json_string_value(json_object_get(s, "step")), QF_FLOW_EDIT) == 0 &&
        strcmp(json_string_value(json_object_get(s, "by")), by) == 0)
      return;
  }
  add_step(f, x, QF_FLOW_EDIT, by, NULL);
}

static void note_counts(qf_filing *x, const qf_judged *j)
{
  json_decref(x->findings);
  x->findings = json_pack("{s:i, s:i, s:i}", "block", (int)j->count[QF_BLOCK], "explain", (int)j->unexplained, "warn",
                          (int)j->count[QF_WARN]);
}

static qf_rc judge(qf_filings *f, const qf_filing *x, qf_judged *j, qf_err *err)
{
  return qf_judge(f->book, x->form, x->sheet, x->rows, x->explain, j, err);
}

static json_t *record_of(const qf_form *f, const char *id, const char *status, const char *by, json_t *data)
{
  return json_pack("{s:s, s:s, s:s, s:s, s:o}", "type", f->type, "id", id, "status", status, "by", by, "data", data);
}

static bool same_row(const qf_form *f, const json_t *a, const json_t *b)
{
  for (uint32_t i = 0; i < f->ncols; i++) {
    char x[600], y[600];
    qf_value_text(json_object_get(a, f->col[i]), x, sizeof x);
    qf_value_text(json_object_get(b, f->col[i]), y, sizeof y);
    if (!same_value(x, y))
      return false;
  }
  return true;
}

/* New and changed rows as accepted records; old ones that are gone as withdrawn. A row that is as it was stays as it is. */
static qf_rc accept_rows(const qf_form *f, const json_t *rows, const json_t *old, const char *by, json_t *out,
                         json_t *ids, qf_err *err)
{
  json_t *before = json_object(), *row;
  const char *key;
  size_t i;
  char id[460];
  qf_rc rc = QF_OK;
  json_array_foreach(old, i, row)
  {
    if (!rc)
      rc = qf_form_row_id(f, row, id, sizeof id, err);
    json_object_set(before, id, row);
  }
  json_array_foreach(rows, i, row)
  {
    if (!rc)
      rc = qf_form_row_id(f, row, id, sizeof id, err);
    if (rc)
      break;
    const json_t *was = json_object_get(before, id);
    if (!was || !same_row(f, was, row))
      json_array_append_new(out, record_of(f, id, "accepted", by, json_copy(row)));
    json_object_del(before, id);
    json_array_append_new(ids, json_string(id));
  }
  json_object_foreach(before, key, row)
  {
    if (!rc)
      json_array_append_new(out, record_of(f, key, "withdrawn", by, json_copy(row)));
  }
  json_decref(before);
  return rc;
}

/* The rows of `given` ids that are accepted now. */
static qf_rc rows_by_id(qf_filings *f, const qf_form *g, const json_t *ids, json_t **out, qf_err *err)
{
  taking t = {g, json_array()};
  qf_buf q;
  qf_buf_init(&q, 1u << 16);
  put_select(g, &q);
  qf_buf_puts(&q, " WHERE id = ?1");
  size_t i;
  json_t *id;
  qf_rc rc = q.failed ? QF_NOMEM : QF_OK;
  json_array_foreach(ids, i, id)
  {
    qf_param p = {.kind = 4, .s = json_string_value(id)};
    if (!rc)
      rc = qf_book_query(f->book, q.data, &p, 1, on_row, &t, err);
  }
  qf_buf_fini(&q);
  *out = t.rows;
  return rc;
}

/* What the accepted rows give: the pack's statement over them; what an earlier acceptance gave and this one does not is withdrawn. */
static qf_rc give_rows(qf_filings *f, qf_filing *x, const json_t *rows, const char *by, json_t *out, qf_err *err)
{
  const qf_form *g = x->form->gives;
  if (!g)
    return QF_OK;
  json_t *numbered = json_deep_copy(rows), *row, *old = NULL, *ids = json_array();
  size_t i;
  json_array_foreach(numbered, i, row) json_object_set_new(row, "row_no", json_sprintf("%zu", i + 1));
  char *text = json_dumps(numbered, JSON_COMPACT | JSON_REAL_PRECISION(15));
  taking t = {g, json_array()};
  qf_param p = {.kind = 4, .s = text ? text : "[]"};
  qf_rc rc = qf_book_query_limited(f->book, QF_CHECK_MS, x->form->gives_sql, &p, 1, on_row, &t, err);
  json_t *kept = json_array();
  if (!rc)
    rc = rows_by_id(f, g, x->given, &old, err);
  size_t n = json_array_size(t.rows);
  if (!rc)
    rc = qf_book_rows_judge(f->book, g->type, t.rows, NULL, NULL, kept, err);
  for (i = 0; i < n && !rc; i++)
    if (!json_is_object(json_array_get(kept, i)))
      rc = qf_fail(err, QF_SYNTAX, "%.60s.gives.sql makes a row that %.60s does not take",
                   "%.60s.gives.sql 生成了 %.60s 不接受的行", x->form->type, g->type);
  if (!rc)
    rc = accept_rows(g, kept, old, by, out, ids, err);
  json_decref(x->given);
  x->given = ids;
  json_decref(kept);
  json_decref(t.rows);
  json_decref(numbered);
  json_decref(old);
  free(text);
  return rc;
}

static qf_rc accept(qf_filings *f, qf_filing *x, const qf_judged *j, const char *by, json_t *out, qf_err *err)
{
  json_t *ids = json_array(), *old = qf_accepted_rows(f->book, x->form, x->sheet, err);
  qf_rc rc = old ? accept_rows(x->form, j->rows, old, by, out, ids, err) : err ? err->rc : QF_NOMEM;
  if (!rc)
    rc = give_rows(f, x, j->rows, by, out, err);
  json_decref(old);
  json_decref(ids);
  return rc;
}

/* Journal the new version with what belongs to it. */
static qf_rc put(qf_filings *f, qf_filing *x, const char *by, json_t *more, qf_outcome *out, qf_err *err)
{
  json_t *records = json_array();
  json_array_append_new(records, filing_record(x, by));
  if (more)
    json_array_extend(records, more);
  qf_rc rc = QF_OK;
  if (json_array_size(records) > ENTRY_RECORDS_MAX)
    rc = qf_fail(err, QF_RANGE, "this form changes %zu records; one step may change %u",
                 "此表涉及 %zu 条记录，一步至多 %u 条", json_array_size(records), ENTRY_RECORDS_MAX);
  if (!rc)
    rc = qf_city_records(f->city, records, &out->seq, err);
  if (!rc && out->receipt)
    qf_city_sign(f->city);
  if (!rc)
    x->version = json_integer_value(json_object_get(json_array_get(records, 0), "version"));
  json_decref(records);
  snprintf(out->id, sizeof out->id, "%s", x->id);
  snprintf(out->state, sizeof out->state, "%s", x->state);
  out->version = x->version;
  return rc;
}

/* ---- steps */

static void done_list(const qf_filing *x, qf_done *done, size_t *n)
{
  size_t i;
  json_t *s;
  *n = 0;
  json_array_foreach(x->steps, i, s)
  {
    if (*n < 64)
      done[(*n)++] =
          (qf_done){json_string_value(json_object_get(s, "step")), json_string_value(json_object_get(s, "by"))};
  }
}

json_t *qf_filing_can(const qf_filing *x, const qf_actor *actor)
{
  json_t *out = json_array();
  const qf_flow *flow = x->form->flow;
  qf_object o = qf_filing_object(x);
  qf_done done[64];
  size_t n;
  int to, state = qf_flow_state(flow, x->state);
  done_list(x, done, &n);
  if (qf_flow_edit(flow, state, actor, &o, NULL) == QF_OK)
    json_array_append_new(out, json_string(QF_FLOW_EDIT));
  for (int i = 0; i < flow->nsteps; i++)
    if (qf_flow_step(flow, &(qf_try){state, flow->step[i].name, actor, &o, done, n, "?"}, &to, NULL) == QF_OK)
      json_array_append_new(out, json_string(flow->step[i].name));
  return out;
}

/* A step of the loaded filing, in memory. What is accepted with it goes to `more`. */
static qf_rc take_step(qf_filings *f, const qf_actor *actor, qf_filing *x, const char *step, const char *reason,
                       json_t *more, qf_outcome *out, qf_err *err)
{
  const qf_flow *flow = x->form->flow;
  qf_object o = qf_filing_object(x);
  qf_done done[64];
  qf_judged j = {0};
  size_t n;
  int to = 0;
  if (reason && strlen(reason) > 2000)
    return qf_fail(err, QF_RANGE, "a reason has at most 2000 bytes", "理由至多 2000 字节");
  done_list(x, done, &n);
  if (n >= 64)
    return qf_fail(err, QF_STATE, "this revision has too many steps: correct or withdraw it",
                   "本版步骤过多，请更正或撤回");
  qf_rc rc = qf_flow_step(flow, &(qf_try){qf_flow_state(flow, x->state), step, actor, &o, done, n, reason}, &to, err);
  if (rc)
    return rc;
  const qf_step *s = &flow->step[qf_flow_find(flow, step)];
  if (s->check || s->accepts) {
    rc = qf_publication_fill(f->city, x->form->type, x->rows, err);
    if (!rc)
      rc = judge(f, x, &j, err);
    if (!rc)
      note_counts(x, &j);
    if (!rc && (j.count[QF_BLOCK] || (s->check && j.unexplained))) {
      out->findings = json_incref(j.findings);
      rc = qf_fail(err, QF_PARTIAL, "%u findings stop this and %u need an explanation", "%u 项发现须改正，%u 项须说明",
                   j.count[QF_BLOCK], j.unexplained);
    }
    if (!rc && s->accepts)
      rc = accept(f, x, &j, actor->id, more, err);
    qf_judged_fini(&j);
    if (rc)
      return rc;
  }
  if (s->revises) {
    x->revision++;
    json_array_clear(x->steps);
  }
  snprintf(x->state, sizeof x->state, "%s", flow->state[to]);
  snprintf(x->step, sizeof x->step, "%s", s->name);
  snprintf(x->reason, sizeof x->reason, "%s", reason ? reason : "");
  add_step(f, x, s->name, actor->id, reason);
  if (s->check && !s->accepts && *x->due) { /* handed in: in time? */
    qf_buf today;
    qf_buf_init(&today, 32);
    qf_day_write(&today, qf_day_cn(qf_city_now(f->city)));
    x->late = today.data && strcmp(today.data, x->due) > 0;
    qf_buf_fini(&today);
  }
  out->receipt = out->receipt || s->receipt;
  return QF_OK;
}

/* The present version, if it is the one expected. */
static qf_rc present(qf_filings *f, const char *id, int64_t version, qf_filing *x, qf_outcome *out, qf_err *err)
{
  qf_rc rc = qf_filing_get(f, id, x, err);
  if (rc)
    return rc;
  out->version = x->version;
  snprintf(out->id, sizeof out->id, "%s", id);
  snprintf(out->state, sizeof out->state, "%s", x->state);
  if (version && version != x->version) {
    rc = qf_fail(err, QF_BUSY, "somebody changed this form meanwhile: it is at version %lld, you had %lld",
                 "此表已被他人修改：现为第 %lld 版，您依据的是第 %lld 版", (long long)x->version, (long long)version);
    qf_filing_fini(x);
  }
  return rc;
}

qf_rc qf_filing_step(qf_filings *f, const qf_actor *actor, const char *id, int64_t version, const char *step,
                     const char *reason, qf_outcome *out, qf_err *err)
{
  qf_filing x;
  char own[520]; /* id may lie in *out */
  snprintf(own, sizeof own, "%s", id);
  *out = (qf_outcome){0};
  pthread_mutex_t *mx = lock_of(f, own);
  qf_rc rc = present(f, own, version, &x, out, err);
  if (!rc) {
    json_t *more = json_array();
    rc = take_step(f, actor, &x, step, reason, more, out, err);
    if (!rc)
      rc = put(f, &x, actor->id, more, out, err);
    json_decref(more);
    qf_filing_fini(&x);
  }
  pthread_mutex_unlock(mx);
  return rc;
}

/* ---- drafts */

/* Rows and explanations as they are typed: wrong values may stand in a draft. Objects of known columns, within bounds. */
static qf_rc set_rows(qf_filings *f, const qf_actor *actor, qf_filing *x, const json_t *rows, const json_t *explain,
                      qf_err *err)
{
  size_t i;
  json_t *row, *v;
  const char *key;
  qf_judged j;
  if (explain && !json_is_object(explain))
    return qf_fail(err, QF_RANGE, "explain: an object of finding id and text is expected",
                   "explain：应为“发现编号—说明”对象");
  json_array_foreach(rows, i, row) json_object_foreach(row, key, v)
  {
    if (qf_form_col(x->form, key) < 0 || json_is_object(v) || json_is_array(v))
      return qf_fail(err, QF_RANGE, "row %zu: %.60s is no column, or its value is no value",
                     "第 %zu 行：%.60s 不是列或值不是单值", i + 1, key);
  }
  if (explain) {
    json_decref(x->explain);
    x->explain = json_deep_copy(explain);
    json_object_foreach(x->explain, key, v)
    {
      if (!json_is_string(v) || json_string_length(v) > 2000)
        return qf_fail(err, QF_RANGE, "an explanation is a text of at most 2000 bytes", "说明应为至多 2000 字节的文本");
    }
  }
  if (rows) {
    json_t *keep = json_deep_copy(rows);
    json_array_foreach(keep, i, row) for (uint32_t k = 0; k < x->form->nsheet; k++)
        json_object_set(row, x->form->sheet[k], json_object_get(x->sheet, x->form->sheet[k]));
    json_decref(x->rows);
    x->rows = keep;
    add_edit(f, x, actor->id);
    qf_rc filled = qf_publication_fill(f->city, x->form->type, x->rows, err);
    if (filled)
      return filled;
  }
  qf_rc rc = judge(f, x, &j, err); /* the counts of the list; also refuses what is no array of rows */
  if (!rc)
    note_counts(x, &j);
  qf_judged_fini(&j);
  return rc;
}

qf_rc qf_filing_save(qf_filings *f, const qf_actor *actor, const char *id, int64_t version, const json_t *rows,
                     const json_t *explain, qf_outcome *out, qf_err *err)
{
  qf_filing x;
  char own[520]; /* id may lie in *out */
  snprintf(own, sizeof own, "%s", id);
  *out = (qf_outcome){0};
  pthread_mutex_t *mx = lock_of(f, own);
  qf_rc rc = present(f, own, version, &x, out, err);
  if (!rc) {
    qf_object o = qf_filing_object(&x);
    rc = qf_flow_edit(x.form->flow, qf_flow_state(x.form->flow, x.state), actor, &o, err);
    if (!rc)
      rc = set_rows(f, actor, &x, rows, explain, err);
    snprintf(x.step, sizeof x.step, "%s", QF_FLOW_EDIT);
    x.reason[0] = 0;
    if (!rc)
      rc = put(f, &x, actor->id, NULL, out, err);
    qf_filing_fini(&x);
  }
  pthread_mutex_unlock(mx);
  return rc;
}

/* An envelope that is not there yet. */
static qf_rc envelope(qf_filings *f, const qf_form *form, const json_t *sheet, qf_filing *x, qf_err *err)
{
  *x = (qf_filing){.form = form, .month = INT32_MIN, .revision = 1};
  if (!form->flow)
    return qf_fail(err, QF_STATE, "%.60s has no flow: its records are accepted as they come",
                   "%.60s 无流程：记录直接生效", form->type);
  x->sheet = qf_sheet_of(form, sheet, err);
  if (!x->sheet)
    return QF_RANGE;
  qf_rc rc = qf_filing_id(form, x->sheet, x->id, sizeof x->id, err);
  x->rows = json_array();
  x->explain = json_object();
  x->steps = json_array();
  x->given = json_array();
  x->findings = json_object();
  snprintf(x->area, sizeof x->area, "%s", form->area);
  qf_publication_area(form->type, x->sheet, x->area, sizeof x->area);
  snprintf(x->state, sizeof x->state, "%s", form->flow->state[form->flow->initial]);
  const char *subject = json_string_value(json_object_get(x->sheet, "subject"));
  if (!rc && subject) {
    snprintf(x->subject, sizeof x->subject, "%s", subject);
    rc = qf_subject_owner(f->book, subject, x->district, x->org, err);
  }
  const json_t *month = json_object_get(x->sheet, "month");
  int32_t due;
  if (json_is_integer(month) && json_integer_value(month) > 0 && json_integer_value(month) < 120000) {
    x->month = (int32_t)json_integer_value(month);
    if (qf_due_day(form->due, x->month, qf_forms_calendar(f->forms), &due)) {
      qf_buf b;
      qf_buf_init(&b, 32);
      qf_day_write(&b, due);
      snprintf(x->due, sizeof x->due, "%s", b.data ? b.data : "");
      qf_buf_fini(&b);
    }
  }
  return rc;
}

/* Rows with last month's keys and nothing else. */
static json_t *last_keys(qf_filings *f, const qf_filing *x)
{
  json_t *out = json_array(), *sheet, *old, *row;
  size_t i;
  qf_err ignored;
  if (x->month == INT32_MIN)
    return out;
  sheet = json_deep_copy(x->sheet);
  json_object_set_new(sheet, "month", json_integer(x->month - 1));
  old = qf_accepted_rows(f->book, x->form, sheet, &ignored);
  json_array_foreach(old, i, row)
  {
    json_t *fresh = json_object();
    for (uint32_t k = 0; k < x->form->nkey; k++)
      if (!qf_form_in_sheet(x->form, x->form->key[k]))
        json_object_set(fresh, x->form->key[k], json_object_get(row, x->form->key[k]));
    json_array_append_new(out, fresh);
  }
  json_decref(old);
  json_decref(sheet);
  return out;
}

static qf_rc new_draft(qf_filings *f, const qf_actor *actor, qf_filing *x, const json_t *rows, qf_outcome *out,
                       qf_err *err)
{
  qf_filing old;
  qf_object o = qf_filing_object(x);
  qf_rc rc = qf_flow_edit(x->form->flow, x->form->flow->initial, actor, &o, err);
  if (rc)
    return rc;
  rc = qf_filing_get(f, x->id, &old, err);
  if (rc == QF_OK) {
    snprintf(out->id, sizeof out->id, "%s", x->id);
    out->version = old.version;
    snprintf(out->state, sizeof out->state, "%s", old.state);
    qf_filing_fini(&old);
    return qf_fail(err, QF_EXISTS, "this form is there already", "此表已存在");
  }
  if (rc != QF_NOTFOUND)
    return rc;
  json_t *keys = rows ? NULL : last_keys(f, x);
  rc = set_rows(f, actor, x, rows ? rows : keys, NULL, err);
  json_decref(keys);
  snprintf(x->step, sizeof x->step, "%s", QF_FLOW_EDIT);
  return rc ? rc : put(f, x, actor->id, NULL, out, err);
}

qf_rc qf_filing_new(qf_filings *f, const qf_actor *actor, const qf_form *form, const json_t *sheet, const json_t *rows,
                    qf_outcome *out, qf_err *err)
{
  qf_filing x;
  *out = (qf_outcome){0};
  qf_rc rc = envelope(f, form, sheet, &x, err);
  if (!rc) {
    pthread_mutex_t *mx = lock_of(f, x.id);
    rc = new_draft(f, actor, &x, rows, out, err);
    pthread_mutex_unlock(mx);
  }
  qf_filing_fini(&x);
  return rc;
}

/* The step of a state that begins a new revision, NULL none. */
static const char *revising(const qf_filing *x)
{
  const qf_flow *flow = x->form->flow;
  int state = qf_flow_state(flow, x->state);
  for (int i = 0; state >= 0 && i < flow->nsteps; i++)
    if (flow->step[i].revises && (flow->step[i].from >> state & 1u))
      return flow->step[i].name;
  return NULL;
}

static qf_rc put_whole(qf_filings *f, const qf_actor *actor, qf_filing *x, const qf_put *whole, qf_outcome *out,
                       qf_err *err)
{
  json_t *more = json_array();
  qf_object o = qf_filing_object(x);
  const char *again = x->version ? revising(x) : NULL;
  qf_rc rc = again ? take_step(f, actor, x, again, whole->reason, more, out, err) : QF_OK;
  if (!rc)
    rc = qf_flow_edit(x->form->flow, qf_flow_state(x->form->flow, x->state), actor, &o, err);
  if (!rc)
    rc = set_rows(f, actor, x, whole->rows, NULL, err);
  snprintf(x->step, sizeof x->step, "%s", QF_FLOW_EDIT);
  if (!rc && whole->step)
    rc = take_step(f, actor, x, whole->step, whole->reason, more, out, err);
  if (!rc)
    rc = put(f, x, actor->id, more, out, err);
  json_decref(more);
  return rc;
}

qf_rc qf_filing_put(qf_filings *f, const qf_actor *actor, const qf_put *whole, qf_outcome *out, qf_err *err)
{
  qf_filing x, old;
  *out = (qf_outcome){0};
  qf_rc rc = envelope(f, whole->form, whole->sheet, &x, err);
  if (!rc) {
    pthread_mutex_t *mx = lock_of(f, x.id);
    rc = qf_filing_get(f, x.id, &old, err);
    if (rc == QF_OK) {
      qf_filing_fini(&x);
      x = old;
    }
    rc = rc == QF_NOTFOUND ? QF_OK : rc;
    if (!rc)
      rc = put_whole(f, actor, &x, whole, out, err);
    pthread_mutex_unlock(mx);
  }
  qf_filing_fini(&x);
  return rc;
}
