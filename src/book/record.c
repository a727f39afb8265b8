/* Records: checked against their type, gathered, and at commit appended to the history; rec_<type> then holds, for every id
 * touched, the newest accepted version (none if a withdrawn one is newer). The result depends on the set of versions alone,
 * never on how they were grouped into commits. */
#include "book/internal.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NULL_CELL UINT32_MAX
#define TEXT_MAX 65536u     /* bytes of one text value */
#define FORM_MAX (1u << 20) /* bytes of the texts of a filing, which hold a whole form */

static void put_cell(qf_buf *row, const char *s, size_t n)
{
  qf_buf_u32(row, (uint32_t)n);
  qf_buf_put(row, s, n);
}

static qf_rc bad_value(qf_err *err, const qf_rectype *t, const qf_column *c, const char *value, const char *why_en,
                       const char *why_zh)
{
  qf_rc rc = qf_fail(err, QF_RANGE, "%s.%s = %.60s: %s", "%s.%s = %.60s：%s", t->name, c->name, value, why_en);
  if (err)
    snprintf(err->zh, sizeof err->zh, "%.60s.%.60s = %.40s：%s", t->name, c->name, value, why_zh);
  return rc;
}

/* The value as the text a person wrote it; false for arrays and objects. *null is set for null and, except for texts, "". */
static bool value_text(const json_t *v, uint8_t kind, char *out, size_t cap, bool *null)
{
  *null = false;
  if (!v || json_is_null(v)) {
    *null = true;
    out[0] = 0;
  } else if (json_is_string(v)) {
    snprintf(out, cap, "%s", json_string_value(v));
    *null = kind != QF_COL_TEXT && json_string_length(v) == 0;
  } else if (json_is_integer(v)) {
    snprintf(out, cap, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
  } else if (json_is_real(v)) {
    snprintf(out, cap, "%.15g", json_real_value(v));
  } else if (json_is_boolean(v)) {
    snprintf(out, cap, "%s", json_is_true(v) ? "true" : "false");
  } else {
    out[0] = 0;
    return false;
  }
  return true;
}

static qf_rc number_value(const qf_rectype *t, const qf_column *c, const char *text, qf_buf *row, qf_err *err)
{
  qf_num v;
  int64_t m;
  bool exact = true;
  int scale = c->kind == QF_COL_DEC ? c->scale : 0;
  if (qf_num_parse(text, strlen(text), &v, &exact) != QF_OK || !exact)
    return bad_value(err, t, c, text, "not a number of at most 18 digits", "不是 18 位以内的数");
  if (qf_num_scale(v, -scale, &m, &exact) != QF_OK)
    return bad_value(err, t, c, text, "too large for its column", "超出该列可存范围");
  if (!exact)
    return bad_value(err, t, c, text,
                     c->kind == QF_COL_DEC ? "has more decimals than its column keeps" : "must be whole",
                     c->kind == QF_COL_DEC ? "小数位数超过该列" : "须为整数");
  int64_t limit = 1;
  if (c->kind == QF_COL_INT)
    limit = c->width == 8 ? INT64_MAX : (INT64_C(1) << (8 * c->width - 1)) - 1;
  else
    for (int i = 0; i < c->width && i < 18; i++)
      limit *= 10;
  if (m > limit - (c->kind == QF_COL_DEC) || m < -limit)
    return bad_value(err, t, c, text, "too large for its column", "超出该列可存范围");
  qf_buf plain;
  qf_buf_init(&plain, 80);
  qf_dec_write(&plain, qf_dec_int(m, scale));
  put_cell(row, plain.data, plain.len);
  qf_buf_fini(&plain);
  return QF_OK;
}

static qf_rc time_value(const qf_rectype *t, const qf_column *c, const char *text, qf_buf *row, qf_err *err)
{
  qf_us us;
  char plain[64];
  if (qf_tm_parse(text, strlen(text), &us) != QF_OK || (c->kind == QF_COL_DATE && strlen(text) != 10))
    return bad_value(err, t, c, text, c->kind == QF_COL_DATE ? "not a date YYYY-MM-DD" : "not a time (RFC 3339)",
                     c->kind == QF_COL_DATE ? "不是 YYYY-MM-DD 日期" : "不是 RFC 3339 时刻");
  if (c->kind == QF_COL_DATE) {
    put_cell(row, text, 10);
    return QF_OK;
  }
  qf_civil v = qf_civil_at(us, 0);
  snprintf(plain, sizeof plain, "%04d-%02d-%02d %02d:%02d:%02d.%06d", v.year, v.month, v.day, v.hour, v.minute,
           v.second, v.us);
  put_cell(row, plain, strlen(plain));
  return QF_OK;
}

static qf_rc other_value(const qf_rectype *t, const qf_column *c, const json_t *v, const char *text, qf_buf *row,
                         qf_err *err)
{
  if (c->kind == QF_COL_BOOL) {
    bool yes = strcmp(text, "true") == 0 || strcmp(text, "1") == 0,
         no = strcmp(text, "false") == 0 || strcmp(text, "0") == 0;
    if (!yes && !no)
      return bad_value(err, t, c, text, "not true or false", "不是 true 或 false");
    put_cell(row, yes ? "true" : "false", yes ? 4 : 5);
    return QF_OK;
  }
  char *end;
  double d = strtod(text, &end); /* the one kind that is not exact: limits and ratings of instruments */
  if (json_is_boolean(v) || *end || !isfinite(d))
    return bad_value(err, t, c, text, "not a number", "不是数");
  char plain[40];
  snprintf(plain, sizeof plain, "%.17g", d);
  put_cell(row, plain, strlen(plain));
  return QF_OK;
}

static qf_rc put_value(const qf_rectype *t, const qf_column *c, const json_t *v, qf_buf *row, qf_err *err)
{
  char text[256];
  bool null;
  if (!value_text(v, c->kind, text, sizeof text, &null))
    return bad_value(err, t, c, "...", "a list or an object is not a value", "数组或对象不是值");
  if (null && c->has_default) {
    put_cell(row, c->dflt, strlen(c->dflt));
    return QF_OK;
  }
  if (null && c->required)
    return bad_value(err, t, c, "null", "must be given", "必填");
  if (null) {
    qf_buf_u32(row, NULL_CELL);
    return QF_OK;
  }
  if (c->kind == QF_COL_TEXT) {
    if (!json_is_string(v))
      return bad_value(err, t, c, text, "not a text", "不是文本");
    bool form = strcmp(t->name, "filing") == 0;
    if (json_string_length(v) > (form ? FORM_MAX : TEXT_MAX))
      return bad_value(err, t, c, "...", form ? "a form over 1 MiB" : "a text over 64 KiB",
                       form ? "表单超过 1 MiB" : "文本超过 64 KiB");
    put_cell(row, json_string_value(v), json_string_length(v));
    return QF_OK;
  }
  if ((c->kind == QF_COL_INT || c->kind == QF_COL_DEC) && !json_is_boolean(v))
    return number_value(t, c, text, row, err);
  if (c->kind == QF_COL_DATE || c->kind == QF_COL_TIME)
    return time_value(t, c, text, row, err);
  if (c->kind == QF_COL_INT || c->kind == QF_COL_DEC)
    return bad_value(err, t, c, text, "not a number", "不是数");
  return other_value(t, c, v, text, row, err);
}

/* ---- CHECKs */

typedef struct verdict {
  size_t failed; /* 1 + index of the first CHECK that is false; 0 none */
} verdict;

static bool on_verdict(void *ud, const qf_cell *cells, size_t n)
{
  verdict *v = ud;
  for (size_t i = 1; i < n && !v->failed; i++)
    if (cells[i].kind == 5 && !cells[i].i)
      v->failed = i;
  return false;
}

static void bind_row(const qf_rectype *t, const qf_buf *row)
{
  qf_rd r = {(const uint8_t *)row->data, (const uint8_t *)row->data + row->len, false};
  for (uint32_t i = 0; i < t->ncols; i++) {
    uint32_t n = qf_rd_u32(&r);
    if (n == NULL_CELL)
      duckdb_bind_null(t->probe, i + 1);
    else
      duckdb_bind_varchar_length(t->probe, i + 1, (const char *)qf_rd_bytes(&r, n), n);
  }
}

/* Name the columns a failed CHECK speaks of, with their values. */
static qf_rc check_failed(const qf_rectype *t, const char *check, const json_t *data, qf_err *err)
{
  char values[160] = "", text[64];
  for (uint32_t i = 0; i < t->ncols; i++) {
    bool null;
    if (!strstr(check, t->cols[i].name) ||
        !value_text(json_object_get(data, t->cols[i].name), t->cols[i].kind, text, sizeof text, &null))
      continue;
    size_t n = strlen(values);
    snprintf(values + n, sizeof values - n, "%s%s = %s", n ? ", " : "", t->cols[i].name, null ? "null" : text);
  }
  return qf_fail(err, QF_RANGE, "%.40s: %.70s is not allowed: %.90s must hold", "%.40s：%.70s 不符合约束：须满足 %.90s",
                 t->name, values, check);
}

static qf_rc try_checks(qf_book *b, const qf_rectype *t, const qf_buf *row, const json_t *data, qf_err *err)
{
  if (t->nchecks == 0)
    return QF_OK;
  duckdb_result r;
  verdict v = {0};
  pthread_mutex_lock(&b->scratch_mx);
  bind_row(t, row);
  qf_rc rc;
  if (duckdb_execute_prepared(t->probe, &r) != DuckDBSuccess)
    rc = qf_fail(err, QF_RANGE, "%s: %.180s", "%s：%.180s", t->name, duckdb_result_error(&r));
  else
    rc = qf_dk_result_rows(&r, on_verdict, &v, err);
  duckdb_destroy_result(&r);
  duckdb_clear_bindings(t->probe);
  pthread_mutex_unlock(&b->scratch_mx);
  if (!rc && v.failed)
    rc = check_failed(t, t->checks[v.failed - 1], data, err);
  return rc;
}

static qf_rc unknown_column(const qf_rectype *t, const char *key, qf_err *err)
{
  char names[200] = "";
  for (uint32_t i = 0; i < t->ncols; i++) {
    size_t n = strlen(names);
    snprintf(names + n, sizeof names - n, "%s%s", n ? " " : "", t->cols[i].name);
  }
  return qf_fail(err, QF_SYNTAX, "%s has no column %.40s; it has: %.140s", "%s 没有列 %.40s；现有：%.140s", t->name,
                 key, names);
}

/* The columns of one record as cells, checked. */
static qf_rc encode_data(const qf_rectype *t, const json_t *data, qf_buf *row, qf_err *err)
{
  const char *key;
  json_t *value;
  json_object_foreach((json_t *)(uintptr_t)data, key, value)
  {
    bool known = false;
    for (uint32_t i = 0; i < t->ncols && !known; i++)
      known = strcmp(t->cols[i].name, key) == 0;
    if (!known)
      return unknown_column(t, key, err);
  }
  for (uint32_t i = 0; i < t->ncols; i++) {
    qf_rc rc = put_value(t, &t->cols[i], json_object_get(data, t->cols[i].name), row, err);
    if (rc)
      return rc;
  }
  if (row->failed)
    return qf_fail(err, QF_NOMEM, "%s: record too long", "%s：记录过长", t->name);
  return QF_OK;
}

/* ---- identity */

static bool status_known(const char *s)
{
  static const char *const known[] = {"draft", "submitted", "returned", "accepted", "withdrawn"};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (strcmp(s, known[i]) == 0)
      return true;
  return false;
}

static qf_rc encode_identity(const qf_rectype *t, const json_t *rec, uint64_t seq, qf_buf *row, qf_err *err)
{
  const char *status = json_string_value(json_object_get(rec, "status")),
             *by = json_string_value(json_object_get(rec, "by"));
  const json_t *at = json_object_get(rec, "at"), *version = json_object_get(rec, "version");
  char text[64];
  if (!json_is_integer(version) || json_integer_value(version) < 1 || json_integer_value(version) > INT32_MAX)
    return qf_fail(err, QF_RANGE, "%s: version must be a whole number from 1", "%s：version 须为从 1 起的整数",
                   t->name);
  if (!status || !status_known(status))
    return qf_fail(err, QF_RANGE, "%s: status %.40s is not one of draft submitted returned accepted withdrawn",
                   "%s：status %.40s 不在 draft submitted returned accepted withdrawn 之中", t->name,
                   status ? status : "null");
  qf_us us = 0;
  bool has_at = at && !json_is_null(at);
  if (json_is_integer(at))
    us = json_integer_value(at);
  else if (has_at && (!json_is_string(at) || qf_tm_parse(json_string_value(at), json_string_length(at), &us)))
    return qf_fail(err, QF_RANGE, "%s: at is not a time (RFC 3339)", "%s：at 不是 RFC 3339 时刻", t->name);
  snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT, json_integer_value(version));
  put_cell(row, text, strlen(text));
  put_cell(row, status, strlen(status));
  put_cell(row, by ? by : "", by ? strlen(by) : 0);
  if (has_at) {
    qf_civil v = qf_civil_at(us, 0);
    snprintf(text, sizeof text, "%04d-%02d-%02d %02d:%02d:%02d.%06d", v.year, v.month, v.day, v.hour, v.minute,
             v.second, v.us);
    put_cell(row, text, strlen(text));
  } else {
    qf_buf_u32(row, NULL_CELL);
  }
  snprintf(text, sizeof text, "%" PRIu64, seq);
  put_cell(row, text, strlen(text));
  return QF_OK;
}

/* A factor's id is <factor>@<edition>: figures and factor_month read the edition from it. */
static qf_rc check_factor_id(const qf_rectype *t, const char *id, const json_t *data, qf_err *err)
{
  const char *factor = json_string_value(json_object_get(data, "factor"));
  const char *sign = strrchr(id, '@');
  if (strcmp(t->name, "factor") != 0 || !factor)
    return QF_OK;
  size_t n = sign ? strspn(sign + 1, "0123456789") : 0;
  if (n == 0 || n > 9 || sign[1 + n] || strlen(factor) != (size_t)(sign - id) ||
      strncmp(id, factor, strlen(factor)) != 0)
    return qf_fail(err, QF_RANGE, "factor: id %.100s must be %.60s@<edition>",
                   "系数：编号 %.100s 应为 %.60s@<发布序号>", id, factor);
  return QF_OK;
}

/* judge: try the CHECKs too. A record that is in the journal was judged before it went there. */
static qf_rc encode(qf_book *b, const json_t *rec, uint64_t seq, bool judge, qf_rectype **type, qf_buf *row,
                    qf_err *err)
{
  const char *name = json_string_value(json_object_get(rec, "type")),
             *id = json_string_value(json_object_get(rec, "id"));
  const json_t *data = json_object_get(rec, "data");
  qf_rectype *t = qf_book_type(b, name);
  if (!t)
    return qf_fail(err, QF_SYNTAX, "no record type %.60s", "没有记录类型 %.60s", name ? name : "null");
  *type = t;
  if (!id || !*id || strlen(id) > 512)
    return qf_fail(err, QF_RANGE, "%s: id must have 1 to 512 bytes", "%s：id 应为 1 至 512 字节", t->name);
  if (!json_is_object(data))
    return qf_fail(err, QF_SYNTAX, "%s %.100s: data must be an object", "%s %.100s：data 须为对象", t->name, id);
  qf_rc rc = check_factor_id(t, id, data, err);
  if (rc)
    return rc;
  qf_buf cols;
  qf_buf_init(&cols, 16u << 20);
  rc = encode_data(t, data, &cols, err);
  if (!rc && judge)
    rc = try_checks(b, t, &cols, data, err);
  if (!rc) {
    put_cell(row, id, strlen(id));
    qf_buf_put(row, cols.data, cols.len);
    rc = encode_identity(t, rec, seq, row, err);
  }
  qf_buf_fini(&cols);
  return rc;
}

qf_rc qf_book_record_check(qf_book *b, const json_t *rec, qf_err *err)
{
  qf_buf row;
  qf_rectype *t;
  qf_buf_init(&row, 32u << 20);
  qf_rc rc = encode(b, rec, 0, true, &t, &row, err);
  qf_buf_fini(&row);
  return rc;
}

qf_rc qf_book_record(qf_book *b, const json_t *rec, uint64_t seq, qf_err *err)
{
  qf_buf row;
  qf_rectype *t;
  qf_buf_init(&row, 32u << 20);
  qf_rc rc = encode(b, rec, seq, false, &t, &row, err);
  if (!rc) {
    qf_buf_put(&t->pending, row.data, row.len);
    if (row.failed || t->pending.failed)
      rc = qf_fail(err, QF_NOMEM, "%s: too many records in one commit", "%s：一次提交的记录过多", t->name);
    else
      t->npending++;
  }
  qf_buf_fini(&row);
  return rc;
}

static qf_rc appender_failed(duckdb_appender a, const char *table, qf_err *err)
{
  const char *m = duckdb_appender_error(a);
  return qf_dk_error(err, DUCKDB_ERROR_CONSTRAINT, table, m);
}

/* ---- many at once: one statement per type instead of one per record */

static qf_rc judge_table(qf_book *b, const qf_rectype *t, qf_err *err)
{
  qf_buf q;
  qf_buf_init(&q, 1u << 16);
  qf_buf_puts(&q, "CREATE OR REPLACE TEMP TABLE judge (n BIGINT");
  for (uint32_t i = 0; i < t->ncols; i++)
    qf_buf_printf(&q, ", c%u VARCHAR", i);
  qf_buf_putc(&q, ')');
  qf_rc rc = q.failed ? QF_NOMEM : qf_dk_exec(b->sc, q.data, err);
  qf_buf_fini(&q);
  return rc;
}

/* Rows are cells: id, columns, identity (the layout of pending). */
static bool append_judge(duckdb_appender a, const qf_rectype *t, size_t n, const qf_buf *row)
{
  qf_rd r = {(const uint8_t *)row->data, (const uint8_t *)row->data + row->len, false};
  bool ok = duckdb_append_int64(a, (int64_t)n) == DuckDBSuccess;
  (void)qf_rd_bytes(&r, qf_rd_u32(&r)); /* the id */
  for (uint32_t i = 0; ok && i < t->ncols; i++) {
    uint32_t len = qf_rd_u32(&r);
    const char *s = len == NULL_CELL ? NULL : (const char *)qf_rd_bytes(&r, len);
    ok = (s ? duckdb_append_varchar_length(a, s, len) : duckdb_append_null(a)) == DuckDBSuccess;
  }
  return ok && duckdb_appender_end_row(a) == DuckDBSuccess;
}

static qf_rc fill_judge(qf_book *b, const qf_rectype *t, const json_t *records, qf_err *err)
{
  duckdb_appender a = NULL;
  size_t i;
  json_t *rec;
  qf_rc rc =
      duckdb_appender_create(b->sc, NULL, "judge", &a) == DuckDBSuccess ? QF_OK : appender_failed(a, "judge", err);
  json_array_foreach(records, i, rec)
  {
    const char *name = json_string_value(json_object_get(rec, "type"));
    if (rc || strcmp(name, t->name) != 0)
      continue;
    qf_buf row;
    qf_rectype *same;
    qf_buf_init(&row, 32u << 20);
    rc = encode(b, rec, 0, false, &same, &row, err);
    if (!rc && !append_judge(a, t, i, &row))
      rc = appender_failed(a, "judge", err);
    qf_buf_fini(&row);
  }
  if (!rc && duckdb_appender_flush(a) != DuckDBSuccess)
    rc = appender_failed(a, "judge", err);
  duckdb_appender_destroy(&a);
  return rc;
}

static bool on_first_bad(void *ud, const qf_cell *cells, size_t n)
{
  (void)n;
  *(int64_t *)ud = cells[0].i;
  return false;
}

/* The first record of type t that fails a CHECK, or -1. */
static qf_rc first_bad(qf_book *b, const qf_rectype *t, int64_t *bad, qf_err *err)
{
  qf_buf q;
  qf_buf_init(&q, 1u << 20);
  qf_buf_puts(&q, "SELECT n FROM (SELECT n");
  for (uint32_t i = 0; i < t->ncols; i++)
    qf_buf_printf(&q, ", CAST(c%u AS %s) AS \"%s\"", i, t->cols[i].type, t->cols[i].name);
  qf_buf_puts(&q, " FROM judge) WHERE FALSE");
  for (uint32_t i = 0; i < t->nchecks; i++)
    qf_buf_printf(&q, " OR NOT coalesce(CAST((%s) AS BOOLEAN), TRUE)", t->checks[i]);
  qf_buf_puts(&q, " ORDER BY n LIMIT 1");
  qf_rc rc = q.failed ? QF_NOMEM : qf_dk_rows(b->sc, q.data, on_first_bad, bad, err);
  qf_buf_fini(&q);
  return rc;
}

static qf_rc check_type(qf_book *b, qf_rectype *t, const json_t *records, size_t *bad, qf_err *err)
{
  int64_t n = -1;
  pthread_mutex_lock(&b->scratch_mx);
  qf_rc rc = judge_table(b, t, err);
  if (!rc)
    rc = fill_judge(b, t, records, err);
  if (!rc)
    rc = first_bad(b, t, &n, err);
  pthread_mutex_unlock(&b->scratch_mx);
  if (!rc && n >= 0) {
    *bad = (size_t)n;
    rc = qf_book_record_check(b, json_array_get(records, (size_t)n), err); /* says which CHECK, with the values */
  }
  return rc;
}

qf_rc qf_book_records_check(qf_book *b, const json_t *records, size_t *bad, qf_err *err)
{
  size_t i;
  json_t *rec;
  qf_rc rc = QF_OK;
  json_array_foreach(records, i, rec)
  {
    qf_buf row;
    qf_rectype *t;
    qf_buf_init(&row, 32u << 20);
    *bad = i;
    rc = encode(b, rec, 0, false, &t, &row, err);
    qf_buf_fini(&row);
    if (rc)
      return rc;
  }
  for (uint32_t k = 0; !rc && k < b->ntypes; k++) {
    qf_rectype *t = &b->types[k];
    bool any = false;
    json_array_foreach(records, i, rec) if (!any) any =
        strcmp(json_string_value(json_object_get(rec, "type")), t->name) == 0;
    if (any && t->nchecks)
      rc = check_type(b, t, records, bad, err);
  }
  return rc;
}

/* ---- rows of a form or an import: everything that is wrong with them */

typedef struct judging {
  qf_book *b;
  const qf_rectype *t;
  const json_t *rows;
  qf_row_problem_fn *fn;
  void *ud;
  bool *bad; /* per row */
  json_t *canonical;
} judging;

static void told(judging *j, size_t row, const char *column, const char *value, const char *zh, const char *en)
{
  qf_row_problem p = {row, column, value, zh, en};
  j->bad[row] = true;
  if (j->fn)
    j->fn(j->ud, &p);
}

/* What is allowed, without the value that was not: the part of our own words after the colon. */
static const char *reason_of(const char *words, const char *mark)
{
  const char *last = words;
  for (const char *p = strstr(words, mark); p; p = strstr(p + strlen(mark), mark))
    last = p + strlen(mark);
  return last;
}

static void judge_cells(judging *j, size_t i, const json_t *data, qf_buf *cells)
{
  const char *key;
  json_t *value;
  qf_err why;
  if (!json_is_object(data)) {
    told(j, i, "", "", "每行应为对象", "each row is an object");
    return;
  }
  json_object_foreach((json_t *)(uintptr_t)data, key, value)
  {
    bool known = false;
    for (uint32_t k = 0; k < j->t->ncols && !known; k++)
      known = strcmp(j->t->cols[k].name, key) == 0;
    if (!known)
      told(j, i, key, "", "无此列", "there is no such column");
  }
  for (uint32_t k = 0; k < j->t->ncols; k++) {
    const qf_column *c = &j->t->cols[k];
    char text[256];
    bool null;
    const json_t *v = json_object_get(data, c->name);
    if (put_value(j->t, c, v, cells, &why)) {
      (void)value_text(v, c->kind, text, sizeof text, &null);
      told(j, i, c->name, text, reason_of(why.zh, "："), reason_of(why.en, ": "));
    }
  }
}

/* A cell as it will be kept. A moment says that it is UTC: without a zone it would be read again as Beijing time. */
static json_t *kept_text(const qf_column *c, const char *s, size_t n)
{
  char moment[40];
  if (c->kind != QF_COL_TIME || n != 26)
    return json_stringn(s ? s : "", n);
  snprintf(moment, sizeof moment, "%.10sT%.15sZ", s, s + 11);
  return json_string(moment);
}

static void note_canonical(judging *j, size_t i, const qf_buf *cells)
{
  if (j->bad[i] || !cells) {
    json_array_append_new(j->canonical, json_null());
    return;
  }
  json_t *o = json_object();
  qf_rd r = {(const uint8_t *)cells->data, (const uint8_t *)cells->data + cells->len, false};
  for (uint32_t k = 0; k < j->t->ncols; k++) {
    uint32_t n = qf_rd_u32(&r);
    const char *s = n == NULL_CELL ? NULL : (const char *)qf_rd_bytes(&r, n);
    json_object_set_new(o, j->t->cols[k].name, n == NULL_CELL ? json_null() : kept_text(&j->t->cols[k], s, n));
  }
  json_array_append_new(j->canonical, o);
}

/* Which CHECKs a row fails: the probe answers one boolean per CHECK. The column meant is the first it names that has a value. */
typedef struct failing {
  judging *j;
  size_t row;
  const json_t *data;
} failing;

static bool on_failing(void *ud, const qf_cell *cells, size_t n)
{
  failing *f = ud;
  const qf_rectype *t = f->j->t;
  for (size_t i = 1; i < n; i++) {
    if (cells[i].kind != 5 || cells[i].i)
      continue;
    const char *check = t->checks[i - 1], *column = "";
    char text[256] = "", zh[240], en[240];
    size_t best = SIZE_MAX;
    for (uint32_t k = 0; k < t->ncols; k++) {
      const char *at = strstr(check, t->cols[k].name);
      bool null;
      if (!at || (size_t)(at - check) >= best)
        continue;
      best = (size_t)(at - check);
      column = t->cols[k].name;
      (void)value_text(json_object_get(f->data, column), t->cols[k].kind, text, sizeof text, &null);
    }
    snprintf(zh, sizeof zh, "须满足 %.200s", check);
    snprintf(en, sizeof en, "%.200s must hold", check);
    told(f->j, f->row, column, text, zh, en);
  }
  return false;
}

static qf_rc judge_probe(judging *j, size_t i, qf_err *err)
{
  qf_buf cells;
  qf_err ignored;
  duckdb_result r;
  failing f = {j, i, json_array_get(j->rows, i)};
  qf_buf_init(&cells, 16u << 20);
  qf_rc rc = encode_data(j->t, f.data, &cells, &ignored);
  if (rc) {
    qf_buf_fini(&cells);
    return QF_OK; /* told already */
  }
  bind_row(j->t, &cells);
  if (duckdb_execute_prepared(j->t->probe, &r) != DuckDBSuccess)
    told(j, i, "", "", "无法按约束试算", "its constraints cannot be tried");
  else
    rc = qf_dk_result_rows(&r, on_failing, &f, err);
  duckdb_destroy_result(&r);
  duckdb_clear_bindings(j->t->probe);
  qf_buf_fini(&cells);
  return rc;
}

static bool on_every_bad(void *ud, const qf_cell *cells, size_t n)
{
  (void)n;
  json_array_append_new(ud, json_integer(cells[0].i));
  return true;
}

/* All rows of the scratch table judge that fail a CHECK: one statement for any number of rows. */
static qf_rc failing_rows(judging *j, json_t *list, qf_err *err)
{
  qf_buf q;
  qf_buf_init(&q, 1u << 20);
  qf_buf_puts(&q, "SELECT n FROM (SELECT n");
  for (uint32_t i = 0; i < j->t->ncols; i++)
    qf_buf_printf(&q, ", CAST(c%u AS %s) AS \"%s\"", i, j->t->cols[i].type, j->t->cols[i].name);
  qf_buf_puts(&q, " FROM judge) WHERE FALSE");
  for (uint32_t i = 0; i < j->t->nchecks; i++)
    qf_buf_printf(&q, " OR NOT coalesce(CAST((%s) AS BOOLEAN), TRUE)", j->t->checks[i]);
  qf_buf_puts(&q, " ORDER BY n");
  qf_rc rc = q.failed ? QF_NOMEM : qf_dk_rows(j->b->sc, q.data, on_every_bad, list, err);
  qf_buf_fini(&q);
  return rc;
}

static qf_rc judge_all_cells(judging *j, duckdb_appender a, qf_err *err)
{
  size_t i;
  json_t *data;
  qf_rc rc = QF_OK;
  json_array_foreach(j->rows, i, data)
  {
    qf_buf cells, row;
    qf_buf_init(&cells, 16u << 20);
    qf_buf_init(&row, 17u << 20);
    judge_cells(j, i, data, &cells);
    if (cells.failed && !j->bad[i])
      told(j, i, "", "", "该行过长", "the row is too long");
    if (j->canonical)
      note_canonical(j, i, &cells);
    if (!j->bad[i] && !rc) {
      put_cell(&row, "", 0); /* the place of the id */
      qf_buf_put(&row, cells.data, cells.len);
      if (!append_judge(a, j->t, i, &row))
        rc = appender_failed(a, "judge", err);
    }
    qf_buf_fini(&row);
    qf_buf_fini(&cells);
  }
  return rc;
}

static qf_rc judge_rows(judging *j, qf_err *err)
{
  duckdb_appender a = NULL;
  json_t *list = json_array(), *n;
  size_t i;
  qf_rc rc = judge_table(j->b, j->t, err);
  if (!rc && duckdb_appender_create(j->b->sc, NULL, "judge", &a) != DuckDBSuccess)
    rc = appender_failed(a, "judge", err);
  if (!rc)
    rc = judge_all_cells(j, a, err);
  if (!rc && duckdb_appender_flush(a) != DuckDBSuccess)
    rc = appender_failed(a, "judge", err);
  duckdb_appender_destroy(&a);
  if (!rc && j->t->nchecks)
    rc = failing_rows(j, list, err);
  json_array_foreach(list, i, n)
  {
    size_t row = (size_t)json_integer_value(n);
    if (!rc)
      rc = judge_probe(j, row, err);
    if (j->canonical)
      json_array_set_new(j->canonical, row, json_null());
  }
  json_decref(list);
  return rc;
}

qf_rc qf_book_rows_judge(qf_book *b, const char *type, const json_t *rows, qf_row_problem_fn *fn, void *ud,
                         json_t *canonical, qf_err *err)
{
  qf_rectype *t = qf_book_type(b, type);
  if (!t)
    return qf_fail(err, QF_NOTFOUND, "no record type %.60s", "没有记录类型 %.60s", type ? type : "null");
  judging j = {b, t, rows, fn, ud, calloc(json_array_size(rows) + 1, sizeof(bool)), canonical};
  if (!j.bad)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  pthread_mutex_lock(&b->scratch_mx);
  qf_rc rc = judge_rows(&j, err);
  pthread_mutex_unlock(&b->scratch_mx);
  free(j.bad);
  return rc;
}

/* ---- commit */

/* Rows into rec_<type>_history; their ids into pend_id. */
static qf_rc append_history(qf_book *b, const qf_rectype *t, qf_err *err)
{
  char table[80];
  snprintf(table, sizeof table, "rec_%s_history", t->name);
  duckdb_appender a = NULL, ids = NULL;
  qf_rc rc = QF_OK;
  if (duckdb_appender_create(b->w, NULL, table, &a) != DuckDBSuccess ||
      duckdb_appender_create(b->w, NULL, "pend_id", &ids) != DuckDBSuccess)
    rc = appender_failed(a, table, err);
  qf_rd r = {(const uint8_t *)t->pending.data, (const uint8_t *)t->pending.data + t->pending.len, false};
  for (uint32_t i = 0; !rc && i < t->npending; i++) {
    bool ok = true;
    for (uint32_t j = 0; ok && j < t->ncols + 6; j++) {
      uint32_t n = qf_rd_u32(&r);
      const char *s = n == NULL_CELL ? NULL : (const char *)qf_rd_bytes(&r, n);
      ok = (s ? duckdb_append_varchar_length(a, s, n) : duckdb_append_null(a)) == DuckDBSuccess;
      if (ok && j == 0)
        ok = duckdb_append_varchar_length(ids, s, n) == DuckDBSuccess && duckdb_appender_end_row(ids) == DuckDBSuccess;
    }
    if (!ok || duckdb_appender_end_row(a) != DuckDBSuccess)
      rc = appender_failed(a, table, err);
  }
  if (!rc && (duckdb_appender_flush(ids) != DuckDBSuccess || duckdb_appender_flush(a) != DuckDBSuccess))
    rc = appender_failed(a, table, err);
  duckdb_appender_destroy(&ids);
  duckdb_appender_destroy(&a);
  return rc;
}

static qf_rc settle_newest(qf_book *b, const qf_rectype *t, qf_err *err)
{
  char sql[700];
  snprintf(sql, sizeof sql, "DELETE FROM rec_%s WHERE id IN (SELECT id FROM pend_id)", t->name);
  qf_rc rc = qf_dk_exec(b->w, sql, err);
  snprintf(sql, sizeof sql,
           "INSERT INTO rec_%s SELECT * EXCLUDE (rn) FROM (SELECT *, row_number() OVER (PARTITION BY id ORDER BY "
           "version DESC, seq DESC) AS rn "
           "FROM rec_%s_history WHERE status IN ('accepted', 'withdrawn') AND id IN (SELECT id FROM pend_id)) AS h "
           "WHERE rn = 1 AND status = 'accepted'",
           t->name, t->name);
  if (!rc)
    rc = qf_dk_exec(b->w, sql, err);
  return rc ? rc : qf_dk_exec(b->w, "DELETE FROM pend_id", err);
}

qf_rc qf_book_records_commit(qf_book *b, qf_err *err)
{
  qf_rc rc = QF_OK;
  for (uint32_t i = 0; !rc && i < b->ntypes; i++) {
    qf_rectype *t = &b->types[i];
    if (!t->npending)
      continue;
    rc = append_history(b, t, err);
    if (!rc)
      rc = settle_newest(b, t, err);
    if (!rc && strcmp(t->name, "factor") == 0)
      rc = qf_book_factor_months(b, err);
  }
  return rc;
}

void qf_book_records_forget(qf_book *b)
{
  for (uint32_t i = 0; i < b->ntypes; i++) {
    qf_buf_reset(&b->types[i].pending);
    b->types[i].npending = 0;
  }
}
