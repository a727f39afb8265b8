/* Records over HTTP: accepted ones, one by one, their history, direct changes, changes by a flow, imports. */
#include "filing/import.h"
#include "serve/filing_http.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The subject a record belongs to, as an SQL expression; "" when the type has none. */
static const char *subject_of(const qf_form *f)
{
  return strcmp(f->type, "subject") == 0 ? "t.id" : qf_form_col(f, "subject") >= 0 ? "t.\"subject\"" : "";
}

typedef struct taking {
  const qf_form *f;
  json_t *list;
  bool history;
} taking;

static json_t *cell(const qf_cell *c)
{
  switch (c->kind) {
  case 1:
    return json_integer(c->i);
  case 3:
    return c->d - c->d == 0.0 ? json_real(c->d) : json_null();
  case 4:
    return json_stringn(c->s, c->len);
  case 5:
    return json_boolean(c->i);
  case 2: { /* every digit of a decimal, which a JSON real would lose: as a number when a double holds it, else as text */
    qf_buf b;
    char back[64];
    qf_buf_init(&b, 80);
    qf_dec_write(&b, qf_dec_trim(c->dec));
    double d = strtod(b.data, NULL);
    snprintf(back, sizeof back, "%.15g", d);
    json_t *v = strcmp(back, b.data) == 0 ? json_real(d) : json_string(b.data);
    qf_buf_fini(&b);
    return v;
  }
  default:
    return json_null();
  }
}

/* id, the type's columns, then the kernel's. */
static bool on_record(void *ud, const qf_cell *c, size_t n)
{
  taking *t = ud;
  static const char *const kernel[] = {"version", "status", "by", "at", "seq"};
  if (n != t->f->ncols + 6)
    return false;
  json_t *o = json_object();
  json_object_set_new(o, "id", cell(&c[0]));
  for (uint32_t i = 0; i < t->f->ncols; i++)
    json_object_set_new(o, t->f->col[i], cell(&c[i + 1]));
  for (size_t i = 0; i < 5; i++)
    if (i != 1 || t->history)
      json_object_set_new(o, kernel[i], cell(&c[t->f->ncols + 1 + i]));
  json_array_append_new(t->list, o);
  return true;
}

static void put_select(const qf_form *f, const char *suffix, qf_buf *q)
{
  qf_buf_puts(q, "SELECT t.id");
  for (uint32_t i = 0; i < f->ncols; i++)
    qf_buf_printf(q, ", t.\"%s\"", f->col[i]);
  qf_buf_printf(q, ", t.version, t.status, t.\"by\", t.\"at\", t.seq FROM rec_%s%s t", f->type, suffix);
}

static bool on_count(void *ud, const qf_cell *c, size_t n)
{
  *(int64_t *)ud = n ? c[0].i : 0;
  return false;
}

void qf_h_records(qf_req *r)
{
  qf_err err = {0};
  char scope[QF_SCOPE_TEXT];
  const qf_form *f = qf_req_form(r);
  if (!f)
    return;
  long size = qf_req_int(r, "size", 100, 1, 1000), page = qf_req_int(r, "page", 1, 1, 100000);
  const char *subject = qf_req_query(r, "subject"), *month = qf_req_query(r, "month"), *q = qf_req_query(r, "q"),
             *own = subject_of(f);
  taking t = {f, json_array(), false};
  qf_buf where, sql;
  int64_t total = 0;
  qf_buf_init(&where, 1u << 16);
  qf_buf_init(&sql, 1u << 16);
  qf_req_scope(r, QF_ACT_VIEW, qf_form_area(f), scope);
  qf_buf_puts(&where, " WHERE (?2 = '' OR contains(lower(t.id), lower(?2)))");
  if (strcmp(own, "t.id") == 0)
    qf_buf_puts(&where,
                " AND (?3 = '' OR t.id = ?3) AND (" QF_IN_SCOPE("t.id", "?1") " OR t.kind IN ('city', 'district'))");
  else if (*own)
    qf_buf_puts(&where,
                " AND (?3 = '' OR t.\"subject\" = ?3 OR starts_with(t.\"subject\", concat(?3, '.'))) AND " QF_IN_SCOPE(
                    "t.\"subject\"", "?1"));
  else
    qf_buf_puts(&where, " AND ?1 <> '' AND ?3 = ''");
  qf_buf_puts(&where,
              qf_form_col(f, "month") >= 0 ? " AND (?4 = '' OR CAST(t.\"month\" AS VARCHAR) = ?4)" : " AND ?4 = ''");
  qf_param p[] = {{.kind = 4, .s = scope},
                  {.kind = 4, .s = q ? q : ""},
                  {.kind = 4, .s = subject ? subject : ""},
                  {.kind = 4, .s = month ? month : ""},
                  {.kind = 1, .i = size},
                  {.kind = 1, .i = (page - 1) * size}};
  qf_buf_printf(&sql, "SELECT count(*) FROM rec_%s t%s", f->type, where.failed ? "" : where.data);
  qf_rc rc = qf_book_query(qf_city_book(r->city), sql.data, p, 4, on_count, &total, &err);
  qf_buf_reset(&sql);
  put_select(f, "", &sql);
  qf_buf_printf(&sql, "%s ORDER BY t.id LIMIT ?5 OFFSET ?6", where.failed ? "" : where.data);
  if (!rc)
    rc = qf_book_query(qf_city_book(r->city), sql.data, p, 6, on_record, &t, &err);
  qf_buf_fini(&where);
  qf_buf_fini(&sql);
  if (rc) {
    json_decref(t.list);
    qf_req_broken(r, rc, &err);
    return;
  }
  qf_req_answer(r, json_pack("{s:o, s:I, s:i, s:i}", "items", t.list, "total", (json_int_t)total, "page", (int)page,
                             "size", (int)size));
}

/* Record ids may hold slashes: in an address they stand as ~1, and ~ as ~0 (as in JSON Pointer, RFC 6901). */
static void plain_id(const char *s, char *out, size_t size)
{
  size_t n = 0;
  for (; *s && n + 1 < size; s++) {
    bool slash = s[0] == '~' && s[1] == '1', tilde = s[0] == '~' && s[1] == '0';
    out[n++] = slash ? '/' : *s;
    s += slash || tilde;
  }
  out[n] = 0;
}

/* Versions of one record, newest first, if the asker may see its subject; NULL: answered. */
static json_t *versions(qf_req *r, const qf_form *f, const char *suffix)
{
  qf_err err = {0};
  char id[520];
  taking t = {f, json_array(), *suffix != 0};
  qf_buf q;
  plain_id(r->arg[1], id, sizeof id);
  qf_param p = {.kind = 4, .s = id};
  qf_buf_init(&q, 1u << 16);
  put_select(f, suffix, &q);
  qf_buf_puts(&q, " WHERE t.id = ?1 ORDER BY t.version DESC");
  qf_rc rc = q.failed ? QF_NOMEM : qf_book_query(qf_city_book(r->city), q.data, &p, 1, on_record, &t, &err);
  qf_buf_fini(&q);
  if (!rc && json_array_size(t.list) == 0)
    rc = qf_fail(&err, QF_NOTFOUND, "no such record", "无此记录");
  if (rc) {
    qf_req_refused(r, rc, &err, NULL);
  } else {
    json_t *newest = json_array_get(t.list, 0);
    const char *subject =
        json_string_value(json_object_get(newest, strcmp(f->type, "subject") == 0 ? "id" : "subject"));
    if (qf_req_may(r, QF_ACT_VIEW, qf_form_area(f), subject, false))
      return t.list;
  }
  json_decref(t.list);
  return NULL;
}

void qf_h_record(qf_req *r)
{
  const qf_form *f = qf_req_form(r);
  json_t *list = f ? versions(r, f, "") : NULL;
  if (!list)
    return;
  json_t *o = json_array_get(list, 0);
  snprintf(r->etag, sizeof r->etag, "\"%lld\"", (long long)json_integer_value(json_object_get(o, "version")));
  qf_req_answer(r, json_incref(o));
  json_decref(list);
}

void qf_h_record_history(qf_req *r)
{
  const qf_form *f = qf_req_form(r);
  json_t *list = f ? versions(r, f, "_history") : NULL;
  if (list)
    qf_req_answer(r, json_pack("{s:o}", "items", list));
}

/* ---- changes */

/* May the asker write this row? Whose it is, is told by its subject (or by itself, when it is one). judged (may be NULL) keeps
 * the subjects that passed, so that many rows of one are one question to the book. */
static bool may_write(qf_req *r, const qf_form *f, const char *id, const json_t *data, json_t *judged)
{
  qf_owner w = {.found = true};
  qf_err err = {0};
  const char *subject = json_string_value(json_object_get(data, "subject"));
  qf_rc rc = QF_OK;
  if (strcmp(f->type, "subject") == 0) { /* a new one belongs where its parent does */
    const char *parent = json_string_value(json_object_get(data, "parent"));
    subject = parent ? parent : id;
  }
  w.o.area = qf_form_area(f);
  if (subject && json_object_get(judged, subject))
    return true;
  if (subject && *subject)
    rc = qf_req_owner(r, subject, qf_form_area(f), &w, &err);
  if (rc) {
    qf_req_broken(r, rc, &err);
    return false;
  }
  if (qf_form_may_write(f, qf_req_actor(r), &w.o, &err)) {
    if (judged && subject)
      json_object_set_new(judged, subject, json_true());
    return true;
  }
  qf_req_deny(r, &err);
  return false;
}

/* The record id a row must have; a given one must agree, except where the sender names records. */
static qf_rc id_of(const qf_form *f, const char *given, const json_t *data, char *out, size_t size, qf_err *err)
{
  if (given && *given && (qf_form_free_id(f) || !f->flow)) {
    if (strlen(given) >= size)
      return qf_fail(err, QF_RANGE, "id: 1 to 512 bytes", "id：1 至 512 字节");
    snprintf(out, size, "%s", given);
    return QF_OK;
  }
  if (qf_form_free_id(f))
    return qf_fail(err, QF_RANGE, "id: 1 to 512 bytes", "id：1 至 512 字节");
  qf_rc rc = qf_form_row_id(f, data, out, size, err);
  if (!rc && given && *given && strcmp(given, out) != 0)
    rc = qf_fail(err, QF_RANGE, "id %.80s: by its key it is %.100s", "id %.80s：按键列应为 %.100s", given, out);
  return rc;
}

/* Every record named and judged, in place: {type, id, by, data}. false: answered. */
static bool own_direct(qf_req *r, const qf_form *f, json_t *list, json_t *judged)
{
  qf_err err = {0};
  size_t i;
  json_t *rec;
  json_array_foreach(list, i, rec)
  {
    char id[513];
    json_t *data = json_object_get(rec, "data");
    qf_rc rc = json_is_object(data) ? id_of(f, json_string_value(json_object_get(rec, "id")), data, id, sizeof id, &err)
                                    : qf_fail(&err, QF_SYNTAX, "record %zu: \"data\" must be an object",
                                              "第 %zu 条：data 须为对象", i + 1);
    if (rc) {
      qf_req_fail(r, 400, rc, &err);
      return false;
    }
    if (!may_write(r, f, id, data, judged))
      return false;
    json_incref(data);
    json_object_clear(rec); /* nothing of the sender's but these */
    json_object_set_new(rec, "type", json_string(f->type));
    json_object_set_new(rec, "id", json_string(id));
    json_object_set_new(rec, "by", json_string(qf_req_actor(r)->id)); /* never the sender's word */
    json_object_set_new(rec, "data", data);
  }
  return true;
}

static void changed_meanwhile(qf_req *r, int64_t present)
{
  qf_err err = {0};
  qf_outcome o = {.version = present, .state = "accepted"};
  (void)qf_fail(&err, QF_BUSY, "somebody changed this record meanwhile: it is at version %lld",
                "此记录已被修改：现为第 %lld 版", (long long)present);
  qf_req_refused(r, QF_BUSY, &err, &o);
}

/* base: the version that the one record must have, 0 whichever. Compared where it is journalled: of two writers one wins. */
static void put_direct(qf_req *r, const qf_form *f, json_t *list, int64_t base)
{
  qf_err err = {0};
  size_t n = json_array_size(list);
  uint64_t seq = 0;
  json_t *judged = json_object();
  bool ours = own_direct(r, f, list, judged);
  json_decref(judged);
  if (!ours)
    return;
  json_t *first = json_array_get(list, 0);
  if (base)
    json_object_set_new(first, "base", json_integer(base));
  qf_rc rc = qf_city_records(r->city, list, &seq, &err);
  if (rc == QF_BUSY && base)
    changed_meanwhile(r, json_integer_value(json_object_get(first, "version")));
  else if (rc)
    qf_req_fail(r, 0, rc, &err);
  else
    qf_buf_printf(&r->out, "{\"accepted\":%zu,\"seq\":%llu}", n, (unsigned long long)seq);
}

/* Rows of forms with a flow, by their sheets. A form of one row takes its first step at once; others become drafts. */
static json_t *sheets_of(qf_req *r, const qf_form *f, const json_t *list)
{
  json_t *groups = json_object(), *rec, *group;
  size_t i;
  char key[520];
  qf_err err = {0};
  json_array_foreach(list, i, rec)
  {
    json_t *data = json_object_get(rec, "data"), *sheet = qf_sheet_of(f, data, &err);
    const char *reason = json_string_value(json_object_get(rec, "reason")),
               *given = json_string_value(json_object_get(rec, "id"));
    qf_rc rc = sheet ? qf_filing_id(f, sheet, key, sizeof key, &err) : QF_RANGE;
    char id[513];
    if (!rc)
      rc = id_of(f, given, data, id, sizeof id, &err);
    if (rc) {
      json_decref(sheet);
      json_decref(groups);
      qf_req_fail(r, 400, rc, &err);
      return NULL;
    }
    group = json_object_get(groups, key);
    if (!group) {
      group = json_pack("{s:O, s:[], s:s}", "sheet", sheet, "rows", "reason", reason ? reason : "");
      json_object_set_new(groups, key, group);
    }
    json_array_append(json_object_get(group, "rows"), data);
    json_decref(sheet);
  }
  return groups;
}

static void put_flow(qf_req *r, const qf_form *f, const json_t *list)
{
  json_t *groups = sheets_of(r, f, list), *group, *done = json_array();
  const char *key, *step = f->nsheet == f->nkey && f->flow->nsteps ? f->flow->step[0].name : NULL;
  qf_rc rc = QF_OK;
  qf_err err = {0};
  qf_outcome o = {0};
  if (!groups) {
    json_decref(done);
    return;
  }
  json_object_foreach(groups, key, group)
  {
    if (rc)
      continue;
    qf_outcome_fini(&o);
    rc = qf_filing_put(r->s->filings, qf_req_actor(r),
                       &(qf_put){f, json_object_get(group, "sheet"), json_object_get(group, "rows"), step,
                                 json_string_value(json_object_get(group, "reason"))},
                       &o, &err);
    if (!rc)
      json_array_append_new(done, json_pack("{s:s, s:s, s:I, s:I}", "id", o.id, "state", o.state, "version",
                                            (json_int_t)o.version, "seq", (json_int_t)o.seq));
  }
  if (rc) {
    qf_req_refused(r, rc, &err, &o);
    json_decref(done);
  } else {
    r->status = 202;
    qf_req_answer(r, json_pack("{s:o}", "filings", done));
  }
  qf_outcome_fini(&o);
  json_decref(groups);
}

static void put_records(qf_req *r, const qf_form *f, json_t *list, int64_t base)
{
  qf_err err;
  if (strcmp(f->api, "read") == 0) {
    (void)qf_fail(&err, QF_STATE, "%.60s is written by its own address", "%.60s 由其专用接口写入", f->type);
    qf_req_fail(r, 409, QF_STATE, &err);
  } else if (f->flow) {
    put_flow(r, f, list);
  } else {
    put_direct(r, f, list, base);
  }
}

void qf_h_record_put(qf_req *r)
{
  qf_err err = {0};
  const qf_form *f = qf_req_form(r);
  json_error_t je;
  json_t *j = f ? json_loadb(r->body.data ? r->body.data : "", r->body.len, JSON_REJECT_DUPLICATES, &je) : NULL;
  if (!f)
    return;
  if (!json_is_object(j) && !json_is_array(j)) {
    (void)(j ? qf_fail(&err, QF_SYNTAX, "an object or an array of objects is expected", "应为对象或对象数组")
             : qf_fail(&err, QF_SYNTAX, "not JSON: line %d, column %d", "不是 JSON：第 %d 行第 %d 列", je.line,
                       je.column));
    qf_req_fail(r, 400, QF_SYNTAX, &err);
    json_decref(j);
    return;
  }
  json_t *list = json_is_array(j) ? json_incref(j) : json_array();
  if (!json_is_array(j))
    json_array_append(list, j);
  put_records(r, f, list, 0);
  json_decref(list);
  json_decref(j);
}

/* PUT {"data","reason"?}: a new version of one record. */
void qf_h_record_change(qf_req *r)
{
  const qf_form *f = qf_req_form(r);
  char id[520];
  int64_t version = 0, present = -1;
  if (!f)
    return;
  json_t *now = versions(r, f, "");
  if (!now)
    return;
  present = json_integer_value(json_object_get(json_array_get(now, 0), "version"));
  json_decref(now);
  if (!qf_req_if_match(r, &version))
    return;
  if (version != present) {
    changed_meanwhile(r, present);
    return;
  }
  json_t *j = qf_req_fields(r, " data reason ");
  if (!j)
    return;
  plain_id(r->arg[1], id, sizeof id);
  json_t *list = json_array();
  json_object_set_new(j, "id", json_string(id));
  json_array_append_new(list, j);
  put_records(r, f, list, version);
  json_decref(list);
}

/* ---- import */

static void answer_import(qf_req *r, qf_import *m)
{
  qf_req_answer(r, json_pack("{s:I, s:I, s:I, s:I, s:O, s:O, s:O, s:b, s:I}", "rows", (json_int_t)m->rows, "new",
                             (json_int_t)m->fresh, "changed", (json_int_t)m->changed, "same", (json_int_t)m->same,
                             "refused", m->refused, "diff", m->diff, "filings", m->filings, "committed", m->committed,
                             "seq", (json_int_t)m->seq));
}

void qf_h_record_import(qf_req *r)
{
  const qf_form *f = qf_req_form(r);
  const char *format = qf_req_query(r, "format"), *commit = qf_req_query(r, "commit"),
             *refused = qf_req_query(r, "refused"), *reason = qf_req_query(r, "reason");
  qf_table t;
  qf_import m = {0};
  qf_err err = {0};
  if (!f)
    return;
  bool zip = r->body.len > 4 && memcmp(r->body.data, "PK\x03\x04", 4) == 0;
  qf_rc rc = strcmp(f->api, "read") == 0
                 ? qf_fail(&err, QF_STATE, "%.60s is written by its own address", "%.60s 由其专用接口写入", f->type)
                 : QF_OK;
  if (!rc && format && strcmp(format, "csv") != 0 && strcmp(format, "xlsx") != 0)
    rc = qf_fail(&err, QF_SYNTAX, "format=csv or xlsx", "format=csv 或 xlsx");
  if (!rc)
    rc = qf_table_read(r->body.data ? r->body.data : "", r->body.len, format ? strcmp(format, "xlsx") == 0 : zip, &t,
                       &err);
  if (rc) {
    qf_req_refused(r, rc, &err, NULL);
    return;
  }
  rc = qf_import_run(r->s->filings, qf_req_actor(r), f, &t, commit && strcmp(commit, "1") == 0, reason, &m, &err);
  qf_req_audit(r, "import", f->type, rc ? qf_rc_name(rc) : m.committed ? "ok" : "dry");
  if (rc) {
    qf_req_refused(r, rc, &err, NULL);
  } else if (refused && strcmp(refused, "csv") == 0) {
    qf_import_refused_csv(&m, &t, &r->out);
    r->type = "text/csv; charset=utf-8";
    snprintf(r->disposition, sizeof r->disposition, "attachment; filename=\"refused.csv\"");
  } else {
    answer_import(r, &m);
  }
  qf_import_fini(&m);
  qf_table_fini(&t);
}
