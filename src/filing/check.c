#include "filing/check.h"
#include "filing/verdict.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *qf_severity_name(qf_severity s)
{
  static const char *const names[] = {"block", "explain", "warn", "info"};
  return s <= QF_INFO ? names[s] : "";
}

#define QF_FINDINGS_MAX 5000u

typedef struct judging {
  qf_book *book;
  const qf_form *f;
  const json_t *explain;
  json_t *rows; /* with the sheet's values */
  qf_judged *out;
  json_t **raw; /* per check what it found; NULL: not known yet */
  uint64_t ran; /* checks that ran now */
  uint32_t at;  /* the one that runs */
} judging;

/* One finding. row: index from 0, or -1 for the whole form. id: of the check or of the law of the kernel. */
typedef struct found {
  const char *id, *field, *value, *expected, *zh, *en, *clause;
  qf_severity severity;
  int64_t row;
} found;

static void set_text(json_t *o, const char *name, const char *s)
{
  json_t *v = s ? json_string(s) : json_null();
  json_object_set_new(o, name, v ? v : json_string("\xEF\xBF\xBD")); /* not UTF-8 */
}

static void add(judging *j, const found *w)
{
  char id[700], key[440] = "";
  bool in_row = w->row >= 0 && (size_t)w->row < json_array_size(j->rows);
  if (in_row)
    qf_form_row_key(j->f, json_array_get(j->rows, (size_t)w->row), key, sizeof key);
  snprintf(id, sizeof id, "%s%s%s%s%s", w->id, *key ? ":" : "", key, w->field && *w->field ? "#" : "",
           w->field ? w->field : "");
  const char *given = json_string_value(json_object_get(j->explain, id));
  bool explained = given && given[strspn(given, " \t\r\n")];
  json_t *o = json_object();
  set_text(o, "id", id);
  set_text(o, "check", w->id);
  set_text(o, "severity", qf_severity_name(w->severity));
  json_object_set_new(o, "row_no", in_row ? json_integer(w->row + 1) : json_null());
  set_text(o, "row_key", key);
  set_text(o, "field", w->field);
  set_text(o, "value", w->value);
  set_text(o, "expected", w->expected);
  set_text(o, "text_zh", w->zh ? w->zh : "");
  set_text(o, "text_en", w->en ? w->en : "");
  set_text(o, "clause", w->clause ? w->clause : "");
  json_object_set_new(o, "explained", json_boolean(explained));
  j->out->count[w->severity]++;
  j->out->unexplained += w->severity == QF_EXPLAIN && !explained;
  json_array_append_new(j->out->findings, o);
}

/* The title of a column, for a sentence. */
static const char *title(const qf_form *f, const char *column, const char *lang)
{
  int i = qf_form_col(f, column);
  json_t *c = i < 0 ? NULL : json_array_get(json_object_get(f->desc, "columns"), (size_t)i);
  const char *s = json_string_value(json_object_get(json_object_get(c, "title"), lang));
  return s && *s ? s : column;
}

static void on_problem(void *ud, const qf_row_problem *p)
{
  judging *j = ud;
  char id[120], zh[500], en[500];
  snprintf(id, sizeof id, "value.%.80s", *p->column ? p->column : "row");
  snprintf(zh, sizeof zh, "%s：%s", title(j->f, p->column, "zh"), p->expected_zh);
  snprintf(en, sizeof en, "%s: %s", title(j->f, p->column, "en"), p->expected_en);
  add(j, &(found){.id = id,
                  .field = p->column,
                  .value = p->value,
                  .expected = p->expected_en,
                  .zh = zh,
                  .en = en,
                  .severity = QF_BLOCK,
                  .row = (int64_t)p->row});
}

json_t *qf_sheet_of(const qf_form *f, const json_t *given, qf_err *err)
{
  json_t *out = json_object();
  for (uint32_t i = 0; i < f->nsheet; i++) {
    char text[300];
    int col = qf_form_col(f, f->sheet[i]);
    qf_value_text(json_object_get(given, f->sheet[i]), text, sizeof text);
    bool whole = strcmp(f->col_type[col], "INTEGER") == 0 || strcmp(f->col_type[col], "BIGINT") == 0;
    char *end = text;
    long long n = whole && *text ? strtoll(text, &end, 10) : 0;
    if (!*text || (whole && *end)) {
      json_decref(out);
      (void)qf_fail(err, QF_RANGE, "%.60s.%.60s = %.60s: expected %s", "%.60s.%.60s = %.60s：应为 %s", f->type,
                    f->sheet[i], text, whole ? "a whole number / 整数" : "a value / 一个值");
      return NULL;
    }
    json_object_set_new(out, f->sheet[i], whole ? json_integer(n) : json_string(text));
  }
  return out;
}

/* The rows with the sheet's values; a row that says another sheet is told. */
static void spread_sheet(judging *j, const json_t *sheet, const json_t *rows)
{
  size_t i;
  json_t *row;
  json_array_foreach(rows, i, row)
  {
    json_t *copy = json_is_object(row) ? json_copy(row) : json_object();
    json_array_append_new(j->rows, copy);
    for (uint32_t k = 0; k < j->f->nsheet; k++) {
      const char *name = j->f->sheet[k];
      char own[300], form[300];
      qf_value_text(json_object_get(row, name), own, sizeof own);
      qf_value_text(json_object_get(sheet, name), form, sizeof form);
      json_object_set(copy, name, json_object_get(sheet, name));
      if (*own && strcmp(own, form) != 0)
        add(j, &(found){.id = "sheet",
                        .field = name,
                        .value = own,
                        .expected = form,
                        .severity = QF_BLOCK,
                        .row = (int64_t)i,
                        .zh = "此行属于另一张表",
                        .en = "This row belongs to another form"});
    }
    if (!json_is_object(row))
      add(j, &(found){.id = "row",
                      .severity = QF_BLOCK,
                      .row = (int64_t)i,
                      .zh = "每行应为对象",
                      .en = "Each row is an object"});
  }
}

/* Two rows with one key: the later is told. */
static void find_doubles(judging *j)
{
  json_t *seen = json_object(), *row;
  size_t i;
  char key[440];
  json_array_foreach(j->rows, i, row)
  {
    qf_form_row_key(j->f, row, key, sizeof key);
    const json_t *first = json_object_get(seen, key);
    if (first) {
      char zh[120], en[120];
      long long n = (long long)json_integer_value(first) + 1;
      snprintf(zh, sizeof zh, "与第 %lld 行重复", n);
      snprintf(en, sizeof en, "The same key as row %lld", n);
      add(j, &(found){.id = "double", .value = key, .severity = QF_BLOCK, .row = (int64_t)i, .zh = zh, .en = en});
    } else {
      json_object_set_new(seen, key, json_integer((json_int_t)i));
    }
  }
  json_decref(seen);
}

static bool on_one(void *ud, const qf_cell *c, size_t n)
{
  (void)c;
  (void)n;
  *(bool *)ud = true;
  return false;
}

/* A value of an evidence column is the hash of a file that is here. */
static qf_rc find_evidence(judging *j, qf_err *err)
{
  size_t i;
  json_t *row;
  qf_rc rc = QF_OK;
  json_array_foreach(j->rows, i, row)
  {
    for (uint32_t k = 0; k < j->f->ncols && !rc; k++) {
      const char *hash = json_string_value(json_object_get(row, j->f->col[k]));
      bool known = false;
      if (!j->f->col_evidence[k] || !hash || !*hash)
        continue;
      qf_param p = {.kind = 4, .s = hash};
      rc = qf_book_query(j->book, "SELECT 1 FROM rec_evidence WHERE sha256 = ?1 LIMIT 1", &p, 1, on_one, &known, err);
      if (!rc && !known)
        add(j, &(found){.id = "evidence",
                        .field = j->f->col[k],
                        .value = hash,
                        .severity = QF_BLOCK,
                        .row = (int64_t)i,
                        .zh = "该格的佐证材料不在库中：请在该格重新上传",
                        .en = "The evidence file of this cell is not here: add it again at the cell"});
    }
  }
  return rc;
}

/* The rows that can be kept, as the JSON that the statements take; row_no counts all rows. */
static char *rows_text(const json_t *canonical)
{
  json_t *list = json_array(), *row;
  size_t i;
  json_array_foreach(canonical, i, row)
  {
    if (!json_is_object(row))
      continue;
    json_t *copy = json_copy(row);
    char n[24];
    snprintf(n, sizeof n, "%zu", i + 1);
    json_object_set_new(copy, "row_no", json_string(n));
    json_array_append_new(list, copy);
  }
  char *s = json_dumps(list, JSON_COMPACT | JSON_REAL_PRECISION(15));
  json_decref(list);
  return s;
}

/* A check's findings before explanations: [row_no or null, field, value, expected, text_zh, text_en] each. */
static bool on_finding(void *ud, const qf_cell *c, size_t n)
{
  judging *j = ud;
  json_t *list = j->raw[j->at], *one = json_array();
  if (n != 6 || json_array_size(list) >= QF_FINDINGS_MAX) {
    json_decref(one);
    return false;
  }
  json_array_append_new(one, c[0].kind == 1 ? json_integer(c[0].i) : json_null());
  for (size_t i = 1; i < n; i++) {
    json_t *s = c[i].kind == 4 ? json_string(c[i].s) : json_null();
    json_array_append_new(one, s ? s : json_string("\xEF\xBF\xBD")); /* not UTF-8 */
  }
  json_array_append_new(list, one);
  return true;
}

/* Must this check run, or is known what it says? */
static bool wanted(void *ud, uint32_t i)
{
  judging *j = ud;
  j->at = i;
  if (j->raw[i])
    return false;
  j->raw[i] = json_array();
  j->ran |= i < 64 ? UINT64_C(1) << i : 0;
  return true;
}

static void recall(judging *j, const qf_verdict_cells *cells)
{
  for (uint32_t i = 0; i < j->f->nchecks && i < 64; i++) {
    uint64_t gen = 0;
    qf_verdict_key key = qf_verdict_key_of(cells, &j->f->checks[i].reads);
    j->raw[i] = qf_verdict_get(j->f->kept, &key, i, &gen);
    if (j->raw[i] && qf_book_sheet_stale(j->f->desk, i, gen)) {
      json_decref(j->raw[i]);
      j->raw[i] = NULL;
    }
  }
}

static void add_raw(judging *j, const qf_form_check *check, const json_t *list)
{
  size_t i;
  json_t *one;
  json_array_foreach(list, i, one)
  {
    const char *t[6] = {0};
    for (size_t k = 1; k < 6; k++)
      t[k] = json_string_value(json_array_get(one, k));
    const json_t *row = json_array_get(one, 0);
    if (json_array_size(j->out->findings) < QF_FINDINGS_MAX)
      add(j, &(found){.id = check->id,
                      .field = t[1],
                      .value = t[2],
                      .expected = t[3],
                      .zh = t[4],
                      .en = t[5],
                      .clause = check->clause,
                      .severity = check->severity,
                      .row = json_is_integer(row) ? json_integer_value(row) - 1 : -1});
  }
}

/* Run the checks of which nothing is known, and remember what they say. */
static qf_rc run_unknown(judging *j, const char *text, const qf_verdict_cells *cells, qf_err *err)
{
  qf_err why = {0};
  uint64_t gen = 0;
  qf_sheet_asked a = {.max_ms = QF_CHECK_MS, .wanted = wanted, .fn = on_finding, .ud = j};
  qf_rc rc = qf_book_sheet_run(j->f->desk, text, &a, &gen, &why);
  if (rc)
    return qf_fail(err, rc == QF_FULL ? rc : QF_IO, "check %.80s: %.140s", "检查 %.80s：%.140s", j->f->checks[j->at].id,
                   why.en);
  for (uint32_t i = 0; i < j->f->nchecks && i < 64; i++)
    if (j->ran >> i & 1) {
      qf_verdict_key key = qf_verdict_key_of(cells, &j->f->checks[i].reads);
      qf_verdict_put(j->f->kept, &key, i, gen, j->raw[i]);
    }
  return QF_OK;
}

static qf_rc run_checks(judging *j, qf_err *err)
{
  uint32_t n = j->f->nchecks;
  if (!n)
    return QF_OK;
  char *text = rows_text(j->out->rows);
  qf_verdict_cells cells;
  j->raw = calloc(n + 1, sizeof *j->raw);
  qf_rc rc = text && j->raw ? qf_verdict_digest(j->out->rows, j->f->col, j->f->ncols, &cells) : QF_NOMEM;
  bool all = true;
  if (rc)
    rc = qf_fail(err, rc, "out of memory", "内存不足");
  else
    recall(j, &cells);
  for (uint32_t i = 0; !rc && i < n; i++)
    all = all && j->raw[i];
  if (!rc && !all)
    rc = run_unknown(j, text, &cells, err);
  for (uint32_t i = 0; j->raw && i < n; i++) {
    if (!rc)
      add_raw(j, &j->f->checks[i], j->raw[i]);
    json_decref(j->raw[i]);
  }
  free(j->raw);
  j->raw = NULL;
  free(text);
  return rc;
}

static int64_t rank(const qf_form *f, const json_t *o)
{
  static const char *const names[] = {"block", "explain", "warn"};
  const json_t *row = json_object_get(o, "row_no");
  int col = qf_form_col(f, json_string_value(json_object_get(o, "field")));
  int severity = 0;
  while (severity < 2 && strcmp(names[severity], json_string_value(json_object_get(o, "severity"))) != 0)
    severity++;
  int64_t r = json_is_integer(row) ? json_integer_value(row) : 1000000;
  return (r * 128 + (col < 0 ? 127 : col)) * 4 + severity;
}

typedef struct ranked {
  int64_t rank;
  json_t *o;
} ranked;

static int by_rank(const void *a, const void *b)
{
  const ranked *x = a, *y = b;
  if (x->rank != y->rank)
    return x->rank < y->rank ? -1 : 1;
  return strcmp(json_string_value(json_object_get(x->o, "id")), json_string_value(json_object_get(y->o, "id")));
}

static void sort_findings(judging *j)
{
  size_t n = json_array_size(j->out->findings);
  ranked *list = calloc(n + 1, sizeof *list);
  json_t *sorted = json_array();
  for (size_t i = 0; list && i < n; i++) {
    json_t *o = json_array_get(j->out->findings, i);
    list[i] = (ranked){rank(j->f, o), o};
  }
  if (list && n)
    qsort(list, n, sizeof *list, by_rank);
  for (size_t i = 0; list && i < n; i++)
    json_array_append(sorted, list[i].o);
  if (list) {
    json_decref(j->out->findings);
    j->out->findings = sorted;
  } else {
    json_decref(sorted);
  }
  free(list);
}

qf_rc qf_judge(qf_book *b, const qf_form *f, const json_t *sheet, const json_t *rows, const json_t *explain,
               qf_judged *out, qf_err *err)
{
  *out = (qf_judged){.findings = json_array(), .rows = json_array()};
  if (!json_is_array(rows) || json_array_size(rows) > QF_FORM_ROWS_MAX)
    return qf_fail(err, QF_RANGE, "rows: an array of at most %u rows is expected", "rows：应为至多 %u 行的数组",
                   QF_FORM_ROWS_MAX);
  if (explain && !json_is_null(explain) && !json_is_object(explain))
    return qf_fail(err, QF_RANGE, "explain: an object of finding id and text is expected",
                   "explain：应为“发现编号—说明”对象");
  judging j = {.book = b, .f = f, .explain = explain, .rows = json_array(), .out = out};
  spread_sheet(&j, sheet, rows);
  find_doubles(&j);
  qf_rc rc = find_evidence(&j, err);
  if (!rc)
    rc = qf_book_rows_judge(b, f->type, j.rows, on_problem, &j, out->rows, err);
  if (!rc)
    rc = run_checks(&j, err);
  if (!rc)
    sort_findings(&j);
  json_decref(j.rows);
  return rc;
}

void qf_judged_fini(qf_judged *j)
{
  json_decref(j->findings);
  json_decref(j->rows);
  *j = (qf_judged){0};
}
