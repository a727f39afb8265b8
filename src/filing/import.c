#include "filing/import.h"
#include "wire/csv.h"
#include "wire/text.h"
#include "wire/utf8.h"
#include "wire/xlsx.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the table */

static bool add_row(qf_table *t, uint32_t line, const char *const *cells, uint32_t n)
{
  if (t->nrows == 0)
    t->ncols = n;
  if (t->nrows == t->cap) {
    uint32_t cap = t->cap ? t->cap * 2 : 256;
    size_t *at = realloc(t->at, (size_t)cap * t->ncols * sizeof *at);
    if (at)
      t->at = at;
    uint32_t *lines = at ? realloc(t->line, cap * sizeof *lines) : NULL;
    if (lines)
      t->line = lines;
    if (!at || !lines)
      return false;
    t->cap = cap;
  }
  for (uint32_t i = 0; i < t->ncols; i++) {
    t->at[(size_t)t->nrows * t->ncols + i] = t->bytes.len;
    const char *s = i < n ? cells[i] : "";
    qf_buf_put(&t->bytes, s, strlen(s) + 1);
  }
  t->line[t->nrows++] = line;
  return !t->bytes.failed && t->nrows <= QF_IMPORT_ROWS_MAX + 1;
}

const char *qf_table_cell(const qf_table *t, uint32_t row, uint32_t col)
{
  return row < t->nrows && col < t->ncols ? t->bytes.data + t->at[(size_t)row * t->ncols + col] : "";
}

void qf_table_fini(qf_table *t)
{
  qf_buf_fini(&t->bytes);
  free(t->at);
  free(t->line);
  json_decref(t->broken);
  *t = (qf_table){0};
}

static json_t *text_of(const char *s)
{
  json_t *v = s ? json_string(s) : json_null();
  return v ? v : json_string("\xEF\xBF\xBD");
}

static void refuse(json_t *list, uint32_t row, int column, const char *header, const char *value, const char *expected,
                   const char *zh, const char *en)
{
  json_t *o = json_object();
  json_object_set_new(o, "row", json_integer(row));
  json_object_set_new(o, "column", column >= 0 ? json_integer(column + 1) : json_null());
  json_object_set_new(o, "header", text_of(header));
  json_object_set_new(o, "value", text_of(value));
  json_object_set_new(o, "expected", text_of(expected));
  json_object_set_new(o, "message_zh", text_of(zh));
  json_object_set_new(o, "message", text_of(en));
  json_array_append_new(list, o);
}

typedef struct sheet_reading {
  qf_table *t;
  bool full;
} sheet_reading;

static bool on_sheet_row(void *ud, uint32_t row, const char *const *cells, uint32_t n)
{
  sheet_reading *s = ud;
  s->full = !add_row(s->t, row, cells, n);
  return !s->full;
}

static qf_rc read_csv(const char *s, size_t n, qf_table *t, qf_err *err)
{
  qf_csv *c;
  qf_csv_row row;
  qf_err why;
  const char *cells[QF_XLSX_COLUMNS_MAX];
  /* The head tells what separates: Excel saves with ; or TAB too. */
  const char *end = memchr(s, '\n', n);
  size_t head = end ? (size_t)(end - s) : n;
  qf_csv_opts o = {.delim = ',', .max_fields = QF_XLSX_COLUMNS_MAX};
  if (!memchr(s, ',', head))
    o.delim = memchr(s, '\t', head) ? '\t' : memchr(s, ';', head) ? ';' : ',';
  qf_rc rc = qf_csv_new(&o, &c, err);
  if (rc)
    return rc;
  qf_csv_put(c, s, n, true);
  while (!rc) {
    rc = qf_csv_next(c, &row, &why);
    if (rc == QF_NOTFOUND)
      break;
    if (rc == QF_SYNTAX || rc == QF_RANGE) {
      refuse(t->broken, (uint32_t)row.line, -1, "", "", "RFC 4180", why.zh, why.en);
      rc = QF_OK;
      continue;
    }
    bool any = false;
    for (uint32_t i = 0; !rc && i < row.n && i < QF_XLSX_COLUMNS_MAX; i++) {
      cells[i] = row.f[i].s;
      any = any || row.f[i].len;
    }
    if (!rc && any && !add_row(t, (uint32_t)row.line, cells, row.n < QF_XLSX_COLUMNS_MAX ? row.n : QF_XLSX_COLUMNS_MAX))
      rc = QF_FULL;
  }
  qf_csv_free(c);
  return rc == QF_NOTFOUND ? QF_OK : rc;
}

qf_rc qf_table_read(const char *bytes, size_t n, bool xlsx, qf_table *out, qf_err *err)
{
  *out = (qf_table){.broken = json_array()};
  qf_buf text;
  qf_buf_init(&out->bytes, (size_t)256 << 20);
  qf_buf_init(&text, (size_t)96 << 20);
  qf_rc rc = QF_OK;
  if (xlsx) {
    sheet_reading s = {out, false};
    rc = qf_xlsx_read(bytes, n, on_sheet_row, &s, err);
    rc = rc ? rc : s.full ? QF_FULL : QF_OK;
  } else if (qf_utf8_valid(bytes, n)) {
    rc = read_csv(bytes, n, out, err);
  } else { /* what Excel in China saves as CSV */
    rc = qf_text_utf8(bytes, n, &text, err);
    if (!rc)
      rc = read_csv(text.data, text.len, out, err);
  }
  qf_buf_fini(&text);
  if (rc == QF_FULL)
    rc = qf_fail(err, QF_RANGE, "more than %u rows, or too large", "超过 %u 行，或文件过大", QF_IMPORT_ROWS_MAX);
  if (!rc && out->nrows == 0)
    rc = qf_fail(err, QF_SYNTAX, "the file has no header", "文件没有表头");
  if (rc)
    qf_table_fini(out);
  return rc;
}

/* ---- headers */

const char *qf_form_title(const qf_form *f, uint32_t col, bool zh)
{
  const json_t *c = json_array_get(json_object_get(f->desc, "columns"), col);
  const char *s = json_string_value(json_object_get(json_object_get(c, "title"), zh ? "zh" : "en"));
  return s && *s ? s : f->col[col];
}

/* The header without blanks at its ends, an asterisk for "required", or a unit in square brackets. */
static void plain_header(const char *s, char out[200])
{
  while (*s == ' ' || *s == '*' || *s == '\t')
    s++;
  snprintf(out, 200, "%s", s);
  char *open = strrchr(out, '[');
  size_t n = strlen(out);
  if (open && open > out && out[n - 1] == ']')
    *open = 0;
  for (n = strlen(out); n && (out[n - 1] == ' ' || out[n - 1] == '*'); n--)
    out[n - 1] = 0;
}

#define ID_COLUMN 1000

typedef struct importing {
  qf_filings *f;
  const qf_actor *actor;
  const qf_form *form;
  const qf_table *t;
  qf_import *out;
  int *col;   /* per column of the file: column of the form, ID_COLUMN, -1 */
  int *place; /* per column of the form: column of the file, -1 */
  int id_place;
  bool *bad;         /* per row of the table */
  json_t *data;      /* rows of the table from 1 on, as objects */
  json_t *canonical; /* the same as they will be kept */
  json_t *ids;       /* record ids of the rows */
  json_t *subjects;  /* subject -> may it be written */
} importing;

static void match_headers(importing *m)
{
  const qf_form *f = m->form;
  char h[200];
  for (uint32_t i = 0; i < m->t->ncols; i++) {
    plain_header(qf_table_cell(m->t, 0, i), h);
    m->col[i] = -1;
    for (uint32_t k = 0; k < f->ncols && m->col[i] < 0; k++)
      if (m->place[k] < 0 && (strcmp(h, f->col[k]) == 0 || strcmp(h, qf_form_title(f, k, true)) == 0 ||
                              strcasecmp(h, qf_form_title(f, k, false)) == 0))
        m->col[i] = (int)k;
    if (m->col[i] >= 0) {
      m->place[m->col[i]] = (int)i;
    } else if (qf_form_free_id(f) && m->id_place < 0 && (strcasecmp(h, "id") == 0 || strcmp(h, "编号") == 0)) {
      m->col[i] = ID_COLUMN;
      m->id_place = (int)i;
    }
  }
}

/* Headers that mean nothing and columns that are missing. */
static bool headers_fit(importing *m)
{
  const qf_form *f = m->form;
  qf_buf known;
  qf_buf_init(&known, 16384);
  for (uint32_t k = 0; k < f->ncols; k++)
    qf_buf_printf(&known, "%s%s", k ? " | " : "", qf_form_title(f, k, true));
  size_t before = json_array_size(m->out->refused);
  for (uint32_t i = 0; i < m->t->ncols; i++) {
    const char *h = qf_table_cell(m->t, 0, i);
    if (m->col[i] < 0 && *h)
      refuse(m->out->refused, m->t->line[0], (int)i, h, h, known.data, "不认识的表头，或与前面的列重复",
             "An unknown header, or the same column twice");
  }
  for (uint32_t k = 0; k < f->ncols; k++) {
    const json_t *c = json_array_get(json_object_get(f->desc, "columns"), k);
    if (m->place[k] < 0 && json_is_true(json_object_get(c, "required")))
      refuse(m->out->refused, m->t->line[0], -1, qf_form_title(f, k, true), "", f->col[k], "缺少必填列",
             "A required column is missing");
  }
  if (qf_form_free_id(f) && m->id_place < 0)
    refuse(m->out->refused, m->t->line[0], -1, "id", "", "id", "缺少编号列", "The column of the id is missing");
  qf_buf_fini(&known);
  return json_array_size(m->out->refused) == before;
}

/* ---- values as people write them */

/* 1,234,567.8 -> 1234567.8 when the commas stand where thousands end. */
static bool drop_commas(const char *s, char *out, size_t size)
{
  size_t n = strlen(s), k = 0, digits = 0;
  bool comma = false;
  const char *point = strchr(s, '.');
  size_t whole = point ? (size_t)(point - s) : n;
  if (n + 1 > size)
    return false;
  for (size_t i = 0; i < n; i++) {
    if (i < whole && s[i] == ',') {
      if (digits == 0 || (whole - i) % 4 != 0)
        return false;
      comma = true;
      continue;
    }
    if (s[i] >= '0' && s[i] <= '9')
      digits++;
    else if (s[i] != '.' && !(i == 0 && (s[i] == '-' || s[i] == '+')))
      return false;
    out[k++] = s[i];
  }
  out[k] = 0;
  return comma;
}

/* 2026-02, 2026/2, 2026年2月, 202602 and the first day of a month -> month index. */
static bool month_text(const char *s, char *out, size_t size)
{
  int y = 0, m = 0, end = 0;
  bool read = (sscanf(s, "%4d-%2d%n", &y, &m, &end) == 2 && end) ||
              (end = 0, sscanf(s, "%4d/%2d%n", &y, &m, &end) == 2 && end) ||
              (end = 0, sscanf(s, "%4d年%2d月%n", &y, &m, &end) == 2 && end) ||
              (end = 0, strlen(s) == 6 && sscanf(s, "%4d%2d%n", &y, &m, &end) == 2 && end);
  const char *rest = s + end;
  if (!read || (*rest && strcmp(rest, "-01") != 0 && strcmp(rest, "/1") != 0) || y < 2000 || y > 2199 || m < 1 ||
      m > 12)
    return false;
  snprintf(out, size, "%d", y * 12 + m - 1);
  return true;
}

/* 2026/3/1, 2026年3月1日 -> 2026-03-01. */
static bool date_text(const char *s, char *out, size_t size)
{
  int y, m, d, end = 0;
  bool ok = (sscanf(s, "%4d/%2d/%2d%n", &y, &m, &d, &end) == 3 && end && !s[end]) ||
            (end = 0, sscanf(s, "%4d-%2d-%2d%n", &y, &m, &d, &end) == 3 && end && !s[end]) ||
            (end = 0, sscanf(s, "%4d年%2d月%2d日%n", &y, &m, &d, &end) == 3 && end && !s[end]);
  if (ok)
    snprintf(out, size, "%04d-%02d-%02d", y, m, d);
  return ok;
}

static json_t *cell_value(const qf_form *f, uint32_t col, const char *s)
{
  char plain[300];
  const char *type = f->col_type[col];
  while (*s == ' ' || *s == '\t')
    s++;
  size_t n = strlen(s);
  while (n && (s[n - 1] == ' ' || s[n - 1] == '\t'))
    n--;
  if (n == 0)
    return json_null();
  if (n < sizeof plain && strcmp(type, "VARCHAR") != 0) {
    char tight[300];
    snprintf(tight, sizeof tight, "%.*s", (int)n, s);
    bool number = strncmp(type, "DECIMAL", 7) == 0 || strcmp(type, "DOUBLE") == 0 || strstr(type, "INT") != NULL;
    if (strcmp(type, "INTEGER") == 0 && strncmp(f->col[col], "month", 5) == 0 && month_text(tight, plain, sizeof plain))
      return json_string(plain);
    if (number && drop_commas(tight, plain, sizeof plain))
      return json_string(plain);
    if (strcmp(type, "DATE") == 0 && date_text(tight, plain, sizeof plain))
      return json_string(plain);
    if (strcmp(type, "BOOLEAN") == 0) {
      if (strcmp(tight, "是") == 0 || strcasecmp(tight, "true") == 0 || strcasecmp(tight, "yes") == 0)
        return json_string("true");
      if (strcmp(tight, "否") == 0 || strcasecmp(tight, "false") == 0 || strcasecmp(tight, "no") == 0)
        return json_string("false");
    }
  }
  return json_stringn(s, n);
}

static void make_rows(importing *m)
{
  for (uint32_t i = 1; i < m->t->nrows; i++) {
    json_t *row = json_object();
    for (uint32_t k = 0; k < m->t->ncols; k++)
      if (m->col[k] >= 0 && m->col[k] < ID_COLUMN) {
        json_t *v = cell_value(m->form, (uint32_t)m->col[k], qf_table_cell(m->t, i, k));
        json_object_set_new(row, m->form->col[m->col[k]], v ? v : json_null());
      }
    json_array_append_new(m->data, row);
  }
}

/* ---- judging */

static void bad_row(importing *m, size_t i, int col, const char *value, const char *expected, const char *zh,
                    const char *en)
{
  m->bad[i + 1] = true;
  refuse(m->out->refused, m->t->line[i + 1], col, col >= 0 ? qf_table_cell(m->t, 0, (uint32_t)col) : "", value,
         expected, zh, en);
}

static void on_problem(void *ud, const qf_row_problem *p)
{
  importing *m = ud;
  int k = qf_form_col(m->form, p->column);
  int place = k >= 0 ? m->place[k] : -1;
  char zh[400], en[400];
  const char *value = place >= 0 ? qf_table_cell(m->t, (uint32_t)p->row + 1, (uint32_t)place) : p->value;
  snprintf(zh, sizeof zh, "%s：%s", k >= 0 ? qf_form_title(m->form, (uint32_t)k, true) : "行", p->expected_zh);
  snprintf(en, sizeof en, "%s: %s", k >= 0 ? qf_form_title(m->form, (uint32_t)k, false) : "row", p->expected_en);
  bad_row(m, p->row, place, value, p->expected_en, zh, en);
}

bool qf_form_may_write(const qf_form *f, const qf_actor *actor, const qf_object *o, qf_err *why)
{
  if (f->flow)
    return qf_rights_may(actor, f->flow->act, o, why);
  return qf_rights_may(actor, QF_ACT_REGISTER, o, why) ||
         (qf_form_area(f) && qf_rights_may(actor, QF_ACT_FILE, o, why));
}

static qf_rc may_subject(importing *m, const char *subject, bool *may, qf_err *err)
{
  const json_t *known = json_object_get(m->subjects, subject);
  char district[64] = "", org[64] = "";
  if (known) {
    *may = json_is_true(known);
    return QF_OK;
  }
  qf_rc rc = *subject ? qf_subject_owner(qf_city_book(qf_filings_city(m->f)), subject, district, org, err) : QF_OK;
  bool missing = rc == QF_NOTFOUND;
  if (rc && !missing)
    return rc;
  qf_object o = {qf_form_area(m->form), *district ? district : NULL, missing ? "" : *org ? org : NULL};
  *may = qf_form_may_write(m->form, m->actor, &o, NULL) && !(missing && m->form->flow);
  json_object_set_new(m->subjects, subject, json_boolean(*may));
  return QF_OK;
}

/* The id of every good row; whose it is; doubles within the file. */
static qf_rc identify(importing *m, qf_err *err)
{
  json_t *seen = json_object(), *row;
  size_t i;
  qf_rc rc = QF_OK;
  bool has_subject = qf_form_col(m->form, "subject") >= 0;
  json_array_foreach(m->canonical, i, row)
  {
    char id[520] = "";
    bool may = false;
    qf_err why;
    if (rc || !json_is_object(row)) {
      json_array_append_new(m->ids, json_null());
      continue;
    }
    if (qf_form_free_id(m->form))
      snprintf(id, sizeof id, "%s", qf_table_cell(m->t, (uint32_t)i + 1, (uint32_t)m->id_place));
    else if (qf_form_row_id(m->form, row, id, sizeof id, &why))
      bad_row(m, i, -1, "", "key", why.zh, why.en);
    const char *subject = has_subject ? json_string_value(json_object_get(row, "subject")) : NULL;
    rc = may_subject(m, subject ? subject : "", &may, err);
    if (!rc && !may)
      bad_row(m, i, has_subject ? m->place[qf_form_col(m->form, "subject")] : -1, subject ? subject : "",
              "a subject of yours", "无权为此主体填报，或无此主体",
              "Your rights do not cover this subject, or there is none");
    const json_t *first = json_object_get(seen, id);
    if (!*id && !m->bad[i + 1])
      bad_row(m, i, m->id_place, "", "id", "缺少编号", "The id is missing");
    else if (first)
      bad_row(m, i, -1, id, "each row once", "与前面的行重复", "The same key as an earlier row");
    else
      json_object_set_new(seen, id, json_true());
    json_array_append_new(m->ids, json_string(id));
  }
  json_decref(seen);
  return rc;
}

static qf_rc judge_rows(importing *m, qf_err *err)
{
  qf_rc rc =
      qf_book_rows_judge(qf_city_book(qf_filings_city(m->f)), m->form->type, m->data, on_problem, m, m->canonical, err);
  return rc ? rc : identify(m, err);
}

/* ---- what is there */

typedef struct stored {
  const qf_form *f;
  json_t *by_id;
} stored;

static bool on_stored(void *ud, const qf_cell *c, size_t n)
{
  stored *s = ud;
  if (n != s->f->ncols + 1 || c[0].kind != 4 || !json_object_get(s->by_id, c[0].s))
    return true;
  json_t *o = json_object();
  for (uint32_t i = 0; i < s->f->ncols; i++)
    json_object_set_new(o, s->f->col[i], c[i + 1].kind == 4 ? json_stringn(c[i + 1].s, c[i + 1].len) : json_null());
  json_object_set_new(s->by_id, c[0].s, o);
  return true;
}

static bool same_cell(const char *type, const json_t *a, const json_t *b)
{
  const char *x = json_string_value(a), *y = json_string_value(b);
  qf_dec p, q;
  if (!x || !y || strcmp(x, y) == 0)
    return !x == !y;
  if (strcmp(type, "DOUBLE") == 0)
    return strtod(x, NULL) == strtod(y, NULL);
  if (strcmp(type, "VARCHAR") == 0)
    return false;
  return qf_dec_parse(x, strlen(x), &p) == QF_OK && qf_dec_parse(y, strlen(y), &q) == QF_OK && qf_dec_cmp(p, q) == 0;
}

/* Compare with what is accepted now: fresh, changed (told cell by cell), same. *todo gets the indexes to take. */
static qf_rc compare(importing *m, json_t *todo, qf_err *err)
{
  const qf_form *f = m->form;
  stored s = {f, json_object()};
  qf_buf q;
  size_t i;
  json_t *row;
  qf_buf_init(&q, 1u << 16);
  json_array_foreach(m->ids, i, row)
  {
    if (!m->bad[i + 1] && json_is_string(row))
      json_object_set_new(s.by_id, json_string_value(row), json_true());
  }
  qf_buf_puts(&q, "SELECT id");
  for (uint32_t k = 0; k < f->ncols; k++)
    qf_buf_printf(&q,
                  strcmp(f->col_type[k], "TIMESTAMP") == 0 ? ", strftime(\"%s\", '%%Y-%%m-%%dT%%H:%%M:%%S.%%fZ')"
                                                           : ", CAST(\"%s\" AS VARCHAR)",
                  f->col[k]);
  qf_buf_printf(&q, " FROM rec_%s", f->type);
  qf_rc rc =
      q.failed ? QF_NOMEM : qf_book_query(qf_city_book(qf_filings_city(m->f)), q.data, NULL, 0, on_stored, &s, err);
  qf_buf_fini(&q);
  json_array_foreach(m->canonical, i, row)
  {
    if (rc || m->bad[i + 1] || !json_is_object(row))
      continue;
    const char *id = json_string_value(json_array_get(m->ids, i));
    const json_t *old = json_object_get(s.by_id, id);
    bool fresh = !json_is_object(old), differs = false;
    for (uint32_t k = 0; k < f->ncols && !fresh; k++) {
      const json_t *a = json_object_get(old, f->col[k]), *b = json_object_get(row, f->col[k]);
      if (m->place[k] < 0) { /* the file does not speak of this column: it stays */
        json_object_set(row, f->col[k], json_object_get(old, f->col[k]));
        continue;
      }
      if (same_cell(f->col_type[k], a, b))
        continue;
      differs = true;
      if (json_array_size(m->out->diff) < QF_IMPORT_DIFF_MAX)
        json_array_append_new(m->out->diff, json_pack("{s:s, s:s, s:O, s:O, s:s}", "id", id, "field", f->col[k],
                                                      "before", a, "after", b, "kind", "changed"));
    }
    m->out->fresh += fresh;
    m->out->changed += differs;
    m->out->same += !fresh && !differs;
    if (fresh || differs)
      json_array_append_new(todo, json_integer((json_int_t)i));
  }
  json_decref(s.by_id);
  return rc;
}

/* ---- taking */

static qf_rc commit_direct(importing *m, const json_t *todo, qf_err *err)
{
  json_t *records = json_array(), *n;
  size_t i;
  json_array_foreach(todo, i, n)
  {
    size_t k = (size_t)json_integer_value(n);
    json_array_append_new(records,
                          json_pack("{s:s, s:O, s:s, s:O}", "type", m->form->type, "id", json_array_get(m->ids, k),
                                    "by", m->actor->id, "data", json_array_get(m->canonical, k)));
  }
  qf_rc rc = json_array_size(records) ? qf_city_records(qf_filings_city(m->f), records, &m->out->seq, err) : QF_OK;
  json_decref(records);
  return rc;
}

/* All rows of a form that the file speaks of, over what its filing (or what is accepted) holds. */
static qf_rc merge_sheet(importing *m, const json_t *sheet, const json_t *mine, json_t **merged, bool *changed,
                         qf_err *err)
{
  char id[520], key[440];
  qf_filing x;
  size_t i;
  json_t *row, *by_key = json_object(), *old = NULL;
  const char *name;
  qf_rc rc = qf_filing_id(m->form, sheet, id, sizeof id, err);
  if (!rc) {
    rc = qf_filing_get(m->f, id, &x, err);
    if (rc == QF_OK) {
      old = json_deep_copy(x.rows);
      qf_filing_fini(&x);
    } else if (rc == QF_NOTFOUND) {
      old = qf_accepted_rows(qf_city_book(qf_filings_city(m->f)), m->form, sheet, err);
      rc = old ? QF_OK : QF_IO;
    }
  }
  json_array_foreach(old, i, row)
  {
    qf_form_row_key(m->form, row, key, sizeof key);
    json_object_set(by_key, key, row);
  }
  json_array_foreach(mine, i, row)
  {
    qf_form_row_key(m->form, row, key, sizeof key);
    json_object_set(by_key, key, row);
  }
  *merged = json_array();
  json_object_foreach(by_key, name, row) json_array_append(*merged, row);
  json_t *diff = old ? qf_rows_diff(m->form, old, *merged) : NULL;
  *changed = json_array_size(diff) > 0;
  json_decref(diff);
  json_decref(old);
  json_decref(by_key);
  return rc;
}

static void refuse_sheet(importing *m, const json_t *places, const qf_err *why)
{
  size_t i;
  json_t *n;
  json_array_foreach(places, i, n)
      bad_row(m, (size_t)json_integer_value(n), -1, "", "a form that may be changed", why->zh, why->en);
}

static qf_rc commit_sheet(importing *m, const json_t *group, const char *reason, qf_err *err)
{
  json_t *merged = NULL, *sheet = json_object_get(group, "sheet");
  bool changed = false;
  qf_outcome o = {0};
  qf_err why = {0};
  qf_rc rc = merge_sheet(m, sheet, json_object_get(group, "rows"), &merged, &changed, err);
  if (!rc && changed) {
    rc = qf_filing_put(m->f, m->actor,
                       &(qf_put){m->form, sheet, merged, NULL, reason && *reason ? reason : "import / 导入"}, &o, &why);
    if (!rc) {
      json_array_append_new(m->out->filings, json_string(o.id));
      m->out->seq = o.seq;
    } else if (rc == QF_STATE || rc == QF_DENIED || rc == QF_RANGE || rc == QF_NOTFOUND || rc == QF_SYNTAX) {
      refuse_sheet(m, json_object_get(group, "places"), &why);
      rc = QF_OK;
    } else if (err) {
      *err = why;
    }
  }
  qf_outcome_fini(&o);
  json_decref(merged);
  return rc;
}

/* Forms with a flow: the file's rows by their sheets, each into its draft. */
static qf_rc commit_forms(importing *m, const json_t *todo, const char *reason, qf_err *err)
{
  json_t *groups = json_object(), *n, *group;
  const char *id;
  char key[520];
  size_t i;
  qf_rc rc = QF_OK;
  json_array_foreach(todo, i, n)
  {
    size_t k = (size_t)json_integer_value(n);
    json_t *row = json_array_get(m->canonical, k), *sheet = qf_sheet_of(m->form, row, err);
    rc = sheet ? qf_filing_id(m->form, sheet, key, sizeof key, err) : QF_RANGE;
    if (rc) {
      json_decref(sheet);
      break;
    }
    group = json_object_get(groups, key);
    if (!group) {
      group = json_pack("{s:O, s:[], s:[]}", "sheet", sheet, "rows", "places");
      json_object_set_new(groups, key, group);
    }
    json_array_append(json_object_get(group, "rows"), row);
    json_array_append(json_object_get(group, "places"), n);
    json_decref(sheet);
  }
  json_object_foreach(groups, id, group)
  {
    if (!rc)
      rc = commit_sheet(m, group, reason, err);
  }
  json_decref(groups);
  return rc;
}

static qf_rc run(importing *m, bool commit, const char *reason, qf_err *err)
{
  json_t *todo = json_array();
  match_headers(m);
  m->out->rows = m->t->nrows - 1 + json_array_size(m->t->broken);
  json_array_extend(m->out->refused, m->t->broken);
  qf_rc rc = QF_OK;
  if (headers_fit(m)) {
    make_rows(m);
    rc = judge_rows(m, err);
    if (!rc)
      rc = compare(m, todo, err);
    if (!rc && commit)
      rc = m->form->flow ? commit_forms(m, todo, reason, err) : commit_direct(m, todo, err);
    m->out->committed = !rc && commit;
  }
  json_decref(todo);
  return rc;
}

qf_rc qf_import_run(qf_filings *f, const qf_actor *actor, const qf_form *form, const qf_table *t, bool commit,
                    const char *reason, qf_import *out, qf_err *err)
{
  *out = (qf_import){.refused = json_array(), .diff = json_array(), .filings = json_array()};
  importing m = {.f = f, .actor = actor, .form = form, .t = t, .out = out, .id_place = -1};
  m.col = calloc(t->ncols + 1, sizeof *m.col);
  m.place = calloc(form->ncols + 1, sizeof *m.place);
  m.bad = calloc(t->nrows + 1, sizeof *m.bad);
  m.data = json_array();
  m.canonical = json_array();
  m.ids = json_array();
  m.subjects = json_object();
  qf_rc rc = m.col && m.place && m.bad ? QF_OK : qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  for (uint32_t k = 0; !rc && k < form->ncols; k++)
    m.place[k] = -1;
  if (!rc)
    rc = run(&m, commit, reason, err);
  free(m.col);
  free(m.place);
  free(m.bad);
  json_decref(m.data);
  json_decref(m.canonical);
  json_decref(m.ids);
  json_decref(m.subjects);
  return rc;
}

void qf_import_fini(qf_import *i)
{
  json_decref(i->refused);
  json_decref(i->diff);
  json_decref(i->filings);
  *i = (qf_import){0};
}

/* ---- what was refused, as a file */

void qf_csv_cell(qf_buf *b, const char *s)
{
  bool quote = strpbrk(s, "\",\r\n") != NULL;
  if (quote)
    qf_buf_putc(b, '"');
  if (*s && strchr("=+-@\t\r", *s)) {
    char *end; /* a plain number stays one */
    (void)strtod(s, &end);
    if (*end || *s == '=' || *s == '@' || *s == '\t' || *s == '\r')
      qf_buf_putc(b, '\'');
  }
  for (; *s; s++) {
    if (*s == '"')
      qf_buf_putc(b, '"');
    qf_buf_putc(b, *s);
  }
  if (quote)
    qf_buf_putc(b, '"');
}

void qf_import_refused_csv(const qf_import *im, const qf_table *t, qf_buf *out)
{
  json_t *by_row = json_object(), *o, *all;
  char line[24];
  size_t i;
  json_array_foreach(im->refused, i, o)
  {
    snprintf(line, sizeof line, "%lld", (long long)json_integer_value(json_object_get(o, "row")));
    all = json_object_get(by_row, line);
    const char *said = json_string_value(json_object_get(o, "message_zh")),
               *en = json_string_value(json_object_get(o, "message"));
    json_t *text =
        json_sprintf("%s%s%s / %s", all ? json_string_value(all) : "", all ? "; " : "", said ? said : "", en ? en : "");
    json_object_set_new(by_row, line, text ? text : json_string("?"));
  }
  qf_buf_puts(out, "\xEF\xBB\xBF");
  for (uint32_t r = 0; r < t->nrows; r++) {
    snprintf(line, sizeof line, "%u", t->line[r]);
    all = json_object_get(by_row, line);
    if (r && !all)
      continue;
    for (uint32_t c = 0; c < t->ncols; c++) {
      qf_csv_cell(out, qf_table_cell(t, r, c));
      qf_buf_putc(out, ',');
    }
    qf_csv_cell(out, r == 0 ? "问题 / Problem" : json_string_value(all));
    qf_buf_puts(out, "\r\n");
  }
  json_decref(by_row);
}
