#include "filing/form.h"
#include "book/packfile.h"
#include "filing/verdict.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct qf_forms {
  qf_book *book;
  char packs[4000];
  json_t *types;
  qf_form *form;
  size_t nforms;
  qf_flow *flow;
  size_t nflows;
  qf_calendar *calendar;
};

/* ---- small things */

static const char *text(const json_t *o, const char *name)
{
  const char *s = json_string_value(json_object_get(o, name));
  return s ? s : "";
}

static bool plain(const char *s)
{
  size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_");
  return n > 0 && n < 60 && s[n] == 0;
}

void qf_value_text(const json_t *v, char *out, size_t size)
{
  out[0] = 0;
  if (json_is_string(v))
    snprintf(out, size, "%s", json_string_value(v));
  else if (json_is_integer(v))
    snprintf(out, size, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
  else if (json_is_real(v))
    snprintf(out, size, "%.15g", json_real_value(v));
  else if (json_is_boolean(v))
    snprintf(out, size, "%s", json_is_true(v) ? "true" : "false");
}

int qf_form_col(const qf_form *f, const char *name)
{
  for (uint32_t i = 0; name && i < f->ncols; i++)
    if (strcmp(f->col[i], name) == 0)
      return (int)i;
  return -1;
}

bool qf_form_in_sheet(const qf_form *f, const char *column)
{
  for (uint32_t i = 0; i < f->nsheet; i++)
    if (strcmp(f->sheet[i], column) == 0)
      return true;
  return false;
}

const char *qf_form_area(const qf_form *f)
{
  return strcmp(f->area, "city") == 0 ? NULL : f->area;
}

bool qf_form_free_id(const qf_form *f)
{
  return f->nkey == 0;
}

bool qf_due_day(const char *rule, int32_t month, const qf_calendar *c, int32_t *day)
{
  int n = 0, m = 0, end = 0;
  if (sscanf(rule, "day %d of the next month%n", &n, &end) == 1 && end && !rule[end] && n >= 1 && n <= 28) {
    *day = qf_calendar_roll_forward(c, qf_month_first_day(month + 1) + n - 1);
    return true;
  }
  end = 0;
  if (sscanf(rule, "day %d of month %d next year%n", &n, &m, &end) == 2 && end && !rule[end] && n >= 1 && n <= 28 &&
      m >= 1 && m <= 12) {
    *day = qf_calendar_roll_forward(c, qf_month_first_day((month / 12 + 1) * 12 + m - 1) + n - 1);
    return true;
  }
  end = 0;
  if (sscanf(rule, "%d workdays%n", &n, &end) == 1 && end && !rule[end] && n >= 1 && n <= 250) {
    *day = qf_calendar_add_working_days(c, qf_month_first_day(month + 1) - 1, n);
    return true;
  }
  return false;
}

qf_rc qf_form_row_id(const qf_form *f, const json_t *row, char *out, size_t size, qf_err *err)
{
  size_t used = 0, marks = strlen(f->join);
  char value[300];
  out[0] = 0;
  for (uint32_t i = 0; i < f->nkey; i++) {
    qf_value_text(json_object_get(row, f->key[i]), value, sizeof value);
    size_t n = strlen(value);
    if (n == 0)
      return qf_fail(err, QF_RANGE, "%.60s.%.60s is part of the key and must be given", "%.60s.%.60s 为键列，必填",
                     f->type, f->key[i]);
    if (used + n + 2 > size || used + n + 2 > 440)
      return qf_fail(err, QF_RANGE, "%.60s: the key is longer than 440 bytes", "%.60s：键超过 440 字节", f->type);
    if (i) /* the i-th joiner, or the last */
      out[used++] = marks ? f->join[i - 1 < marks ? i - 1 : marks - 1] : ':';
    memcpy(out + used, value, n + 1);
    used += n;
  }
  return QF_OK;
}

void qf_form_row_key(const qf_form *f, const json_t *row, char *out, size_t size)
{
  char value[300];
  out[0] = 0;
  for (uint32_t i = 0; i < f->nkey; i++) {
    if (qf_form_in_sheet(f, f->key[i]))
      continue;
    qf_value_text(json_object_get(row, f->key[i]), value, sizeof value);
    size_t n = strlen(out);
    snprintf(out + n, size - n, "%s%s", n ? ":" : "", value);
  }
}

/* ---- choices */

json_t *qf_choices(const char *check, const char *column)
{
  size_t n = strlen(column);
  for (const char *p = strstr(check, column); p; p = strstr(p + 1, column)) {
    const char *q = p + n + (p[n] == '"');
    bool starts = p == check || strchr("( \"", p[-1]) != NULL;
    if (!starts || strncmp(q, " IN (", 5) != 0)
      continue;
    json_t *list = json_array();
    for (q += 5; *q == '\'';) {
      char word[200];
      size_t k = 0;
      for (q++; *q && !(q[0] == '\'' && q[1] != '\''); q++) {
        q += *q == '\''; /* a doubled quote is one */
        if (k + 1 < sizeof word)
          word[k++] = *q;
      }
      json_array_append_new(list, json_stringn(word, k));
      q += *q == '\'';
      q += strspn(q, ", ");
    }
    if (*q == ')' && json_array_size(list))
      return list;
    json_decref(list);
  }
  return NULL;
}

static void add_choices(json_t *type)
{
  size_t i, k;
  json_t *col, *check;
  json_array_foreach(json_object_get(type, "columns"), i, col)
  {
    json_array_foreach(json_object_get(type, "checks"), k, check)
    {
      json_t *list = json_object_get(col, "choices") ? NULL : qf_choices(json_string_value(check), text(col, "name"));
      if (list)
        json_object_set_new(col, "choices", list);
    }
  }
}

/* ---- reading */

static qf_rc take_words(qf_form *f, int which, const char *list, const char **out, uint32_t *n, qf_err *err)
{
  char *store = f->names[which];
  snprintf(store, sizeof f->names[which], "%s", list);
  for (char *save = NULL, *w = strtok_r(store, " ,", &save); w; w = strtok_r(NULL, " ,", &save)) {
    if (*n == QF_FORM_KEY_MAX || qf_form_col(f, w) < 0)
      return qf_fail(err, QF_SYNTAX, "%.60s: %.60s of `key` or `sheet` is not a column",
                     "%.60s：key 或 sheet 的 %.60s 不是列", f->type, w);
    out[(*n)++] = w;
  }
  return QF_OK;
}

static bool has_word(const char *list, const char *word)
{
  size_t n = strlen(word);
  for (const char *p = strstr(list, word); p; p = strstr(p + 1, word))
    if ((p == list || p[-1] == ' ') && (p[n] == 0 || p[n] == ' '))
      return true;
  return false;
}

static qf_rc read_form(qf_forms *all, json_t *type, qf_form *f, qf_err *err)
{
  size_t i;
  json_t *col;
  add_choices(type);
  f->desc = type;
  f->type = text(type, "type");
  f->area = text(type, "area");
  f->zh = text(json_object_get(type, "title"), "zh");
  f->en = text(json_object_get(type, "title"), "en");
  f->due = text(type, "due");
  f->owes = text(type, "owes");
  f->join = text(type, "join");
  f->api = text(type, "api");
  json_array_foreach(json_object_get(type, "columns"), i, col)
  {
    if (!plain(text(col, "name")))
      return qf_fail(err, QF_SYNTAX, "%.60s: a column's name is a-z 0-9 _", "%.60s：列名只可用 a-z 0-9 _", f->type);
    f->col[f->ncols] = text(col, "name");
    f->col_type[f->ncols] = text(col, "type");
    f->col_evidence[f->ncols] = has_word(text(type, "evidence"), text(col, "name"));
    json_object_set_new(col, "evidence", json_boolean(f->col_evidence[f->ncols]));
    f->ncols++;
  }
  const char *key = text(type, "key"), *sheet = text(type, "sheet"), *flow = text(type, "flow");
  qf_rc rc = strcmp(key, "id") == 0 ? QF_OK : take_words(f, 1, key, f->key, &f->nkey, err);
  if (!rc)
    rc = take_words(f, 0, *sheet ? sheet : f->nkey ? key : "", f->sheet, &f->nsheet, err);
  for (i = 0; i < f->nsheet && !rc; i++)
    if (!has_word(key, f->sheet[i]))
      rc = qf_fail(err, QF_SYNTAX, "%.60s: %.60s of `sheet` is not in `key`", "%.60s：sheet 的 %.60s 不在 key 中",
                   f->type, f->sheet[i]);
  for (i = 0; i < all->nflows && *flow; i++)
    if (strcmp(all->flow[i].name, flow) == 0)
      f->flow = &all->flow[i];
  if (!rc && *flow && strcmp(flow, "direct") != 0 && !f->flow)
    rc = qf_fail(err, QF_SYNTAX, "%.60s: there is no flow %.60s", "%.60s：没有流程 %.60s", f->type, flow);
  if (!rc && f->flow && !f->nsheet)
    rc = qf_fail(err, QF_SYNTAX, "%.60s: a form with a flow needs a key of columns", "%.60s：带流程的表单须以列为键",
                 f->type);
  return rc;
}

static qf_rc read_types(qf_forms *all, qf_err *err)
{
  qf_buf b;
  qf_buf_init(&b, 64u << 20);
  qf_rc rc = qf_book_types_json(all->book, &b, err);
  all->types = rc ? NULL : json_loadb(b.data, b.len, 0, NULL);
  qf_buf_fini(&b);
  if (rc || !json_is_array(all->types))
    return rc ? rc : qf_fail(err, QF_NOMEM, "record types cannot be read", "无法读取记录类型");
  size_t n = json_array_size(all->types);
  all->form = calloc(n + 1, sizeof *all->form);
  if (!all->form)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  for (size_t i = 0; i < n && !rc; i++) {
    rc = read_form(all, json_array_get(all->types, i), &all->form[i], err);
    all->nforms = i + 1;
  }
  return rc;
}

/* SELECT ...: the rows of ?1, typed. They come as one bound JSON text, never as SQL. */
static void put_rows(const qf_form *f, qf_buf *q)
{
  qf_buf_puts(q, "SELECT CAST(r.row_no AS INTEGER) AS row_no");
  for (uint32_t i = 0; i < f->ncols; i++)
    qf_buf_printf(q, ", CAST(r.\"%s\" AS %s) AS \"%s\"", f->col[i], f->col_type[i], f->col[i]);
  qf_buf_puts(q, " FROM (SELECT unnest(from_json(CAST(?1 AS JSON), '[{\"row_no\":\"VARCHAR\"");
  for (uint32_t i = 0; i < f->ncols; i++)
    qf_buf_printf(q, ",\"%s\":\"VARCHAR\"", f->col[i]);
  qf_buf_puts(q, "}]')) AS r) AS j");
}

/* WITH sheet AS (the rows of ?1, typed), inner AS (...) SELECT ... */
static char *sheet_statement(const qf_form *f, const char *select, const char *inner)
{
  qf_buf q;
  qf_buf_init(&q, 1u << 20);
  qf_buf_puts(&q, "WITH sheet AS MATERIALIZED (");
  put_rows(f, &q);
  qf_buf_printf(&q, ") SELECT %s FROM (\n%s\n) AS found", select, inner);
  if (q.failed)
    qf_buf_fini(&q);
  return q.data;
}

/* SELECT ... over a table `sheet` that is there. */
static char *over_statement(const char *select, const char *inner)
{
  qf_buf q;
  qf_buf_init(&q, 1u << 20);
  qf_buf_printf(&q, "SELECT %s FROM (\n%s\n) AS found", select, inner);
  if (q.failed)
    qf_buf_fini(&q);
  return q.data;
}

/* The table and the planned statements of a form with checks. */
static qf_rc make_desk(qf_book *b, qf_form *f, qf_err *err)
{
  qf_buf make, fill;
  const char **sql = calloc(f->nchecks + 1, sizeof *sql);
  if (!f->nchecks || !sql) {
    free(sql);
    return f->nchecks ? qf_fail(err, QF_NOMEM, "out of memory", "内存不足") : QF_OK;
  }
  for (uint32_t i = 0; i < f->nchecks; i++)
    sql[i] = f->checks[i].over;
  qf_buf_init(&make, 1u << 16);
  qf_buf_init(&fill, 1u << 16);
  qf_buf_puts(&make, "CREATE TEMP TABLE sheet (row_no INTEGER");
  for (uint32_t i = 0; i < f->ncols; i++)
    qf_buf_printf(&make, ", \"%s\" %s", f->col[i], f->col_type[i]);
  qf_buf_puts(&make, ")");
  qf_buf_puts(&fill, "INSERT INTO temp.sheet ");
  put_rows(f, &fill);
  qf_rc rc = make.failed || fill.failed ? qf_fail(err, QF_NOMEM, "out of memory", "内存不足")
                                        : qf_book_sheet_new(b, make.data, fill.data, sql, f->nchecks, &f->desk, err);
  qf_buf_fini(&make);
  qf_buf_fini(&fill);
  free(sql);
  if (!rc && !(f->kept = qf_verdicts_new(f->nchecks)))
    rc = qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  return rc;
}

/* The statement of a pack file without a semicolon at its end. */
static void trim_statement(char *sql)
{
  size_t n = strlen(sql);
  while (n && strchr(" \t\r\n;", sql[n - 1]))
    sql[--n] = 0;
}

static bool no_row(void *ud, const qf_cell *c, size_t n)
{
  (void)ud;
  (void)c;
  (void)n;
  return true;
}

static qf_rc try_statement(qf_forms *all, const char *path, const char *sql, qf_err *err)
{
  qf_err why = {0};
  qf_param p = {.kind = 4, .s = "[]"};
  if (!sql)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  qf_rc rc = qf_book_query(all->book, sql, &p, 1, no_row, NULL, &why);
  return rc ? qf_fail(err, QF_SYNTAX, "%.110s: %.120s", "%.110s：%.120s", path, why.en) : QF_OK;
}

static bool severity_of(const char *s, qf_severity *out)
{
  static const char *const names[] = {"block", "explain", "warn", "info"};
  for (int i = 0; i < 4; i++)
    if (strcmp(s, names[i]) == 0) {
      *out = (qf_severity)i;
      return true;
    }
  return false;
}

typedef struct loading {
  qf_forms *all;
  qf_form *f;
} loading;

static qf_rc load_check(void *ud, const char *dir, const char *name, qf_err *err)
{
  loading *l = ud;
  qf_form *f = l->f;
  char path[4400], both[400], severity[20];
  qf_packfile file;
  snprintf(path, sizeof path, "%s/%s", dir, name);
  qf_rc rc = qf_packfile_read(path, &file, err);
  if (rc)
    return rc;
  qf_form_check *grown = realloc(f->checks, (f->nchecks + 1) * sizeof *grown);
  if (!grown) {
    qf_packfile_fini(&file);
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  }
  f->checks = grown;
  qf_form_check *c = &f->checks[f->nchecks++];
  *c = (qf_form_check){0};
  qf_packfile_get(&file, "id", c->id, sizeof c->id);
  qf_packfile_get(&file, "title", both, sizeof both);
  qf_packfile_split(both, c->zh, c->en, sizeof c->zh);
  qf_packfile_get(&file, "clause", c->clause, sizeof c->clause);
  qf_packfile_get(&file, "severity", severity, sizeof severity);
  if (!*c->id || !severity_of(severity, &c->severity))
    rc = qf_fail(err, QF_SYNTAX, "%.180s: a check needs `id` and `severity` (block, explain, warn or info)",
                 "%.180s：须给出 id 与 severity（block、explain、warn 或 info）", path);
  for (uint32_t i = 0; !rc && i + 1 < f->nchecks; i++)
    if (strcmp(f->checks[i].id, c->id) == 0)
      rc = qf_fail(err, QF_SYNTAX, "%.150s: id %.60s is taken", "%.150s：id %.60s 已有", path, c->id);
  if (!rc) {
    trim_statement(file.text + (file.sql - file.text));
    static const char columns[] =
        "CAST(row_no AS BIGINT), CAST(field AS VARCHAR), CAST(value AS VARCHAR), CAST(expected AS VARCHAR), "
        "CAST(text_zh AS VARCHAR), CAST(text_en AS VARCHAR)";
    c->sql = sheet_statement(f, columns, file.sql);
    c->over = over_statement(columns, file.sql);
    if (c->over)
      c->reads = qf_verdict_reads_of(c->over, f->col, f->ncols);
    if (!c->over)
      rc = qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  }
  if (!rc) {
    rc = try_statement(l->all, path, c->sql, err);
  }
  qf_packfile_fini(&file);
  return rc;
}

static qf_rc load_gives(qf_forms *all, qf_form *f, qf_err *err)
{
  const char *name = text(f->desc, "gives");
  char path[4400];
  qf_packfile file;
  if (!*name)
    return QF_OK;
  f->gives = qf_forms_find(all, name);
  if (!f->gives || !f->gives->nkey)
    return qf_fail(err, QF_SYNTAX, "%.60s gives %.60s, which is no record type with a key of columns",
                   "%.60s 派生的 %.60s 不是以列为键的记录类型", f->type, name);
  snprintf(path, sizeof path, "%s/%s/records/%s.gives.sql", all->packs, f->area, f->type);
  qf_rc rc = qf_packfile_read(path, &file, err);
  if (rc)
    return rc;
  trim_statement(file.text + (file.sql - file.text));
  qf_buf cols;
  qf_buf_init(&cols, 1u << 16);
  for (uint32_t i = 0; i < f->gives->ncols; i++)
    qf_buf_printf(&cols, "%sCAST(\"%s\" AS VARCHAR)", i ? ", " : "", f->gives->col[i]);
  f->gives_sql = cols.failed ? NULL : sheet_statement(f, cols.data, file.sql);
  qf_buf_fini(&cols);
  rc = try_statement(all, path, f->gives_sql, err);
  qf_packfile_fini(&file);
  return rc;
}

static qf_rc load_flow(void *ud, const char *dir, const char *name, qf_err *err)
{
  qf_forms *all = ud;
  char path[4400], plain_name[64], text_of[65537];
  snprintf(path, sizeof path, "%s/%s", dir, name);
  snprintf(plain_name, sizeof plain_name, "%.*s", (int)(strlen(name) - 4), name);
  for (size_t i = 0; i < all->nflows; i++)
    if (strcmp(all->flow[i].name, plain_name) == 0)
      return qf_fail(err, QF_SYNTAX, "%.180s: flow %.40s is in another pack too", "%.180s：流程 %.40s 在另一包中已有",
                     path, plain_name);
  FILE *in = fopen(path, "rb");
  if (!in)
    return qf_fail(err, QF_IO, "%.200s: cannot be read", "%.200s：无法读取", path);
  size_t n = fread(text_of, 1, sizeof text_of, in);
  fclose(in);
  qf_flow *grown = realloc(all->flow, (all->nflows + 1) * sizeof *grown);
  if (!grown)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  all->flow = grown;
  qf_rc rc = qf_flow_parse(plain_name, text_of, n, &all->flow[all->nflows], err);
  all->nflows += !rc;
  return rc;
}

static qf_rc load_flows(void *ud, const char *dir, const char *name, qf_err *err)
{
  char path[4400];
  snprintf(path, sizeof path, "%s/%s/flows", dir, name);
  return qf_packdir_each(path, ".ini", load_flow, ud, err);
}

static qf_rc load_calendar(qf_forms *all, qf_err *err)
{
  char path[4200], block[16384];
  qf_buf b;
  snprintf(path, sizeof path, "%s/city/data/calendar.csv", all->packs);
  FILE *f = fopen(path, "rb");
  if (!f)
    return QF_OK; /* the plain week */
  qf_buf_init(&b, 4u << 20);
  for (size_t n; (n = fread(block, 1, sizeof block, f)) > 0;)
    qf_buf_put(&b, block, n);
  fclose(f);
  qf_rc rc = qf_calendar_parse(b.data ? b.data : "", b.len, &all->calendar, err);
  qf_buf_fini(&b);
  return rc;
}

qf_rc qf_forms_open(qf_book *b, const char *packs_dir, qf_forms **out, qf_err *err)
{
  qf_forms *all = calloc(1, sizeof *all);
  if (!all)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  all->book = b;
  snprintf(all->packs, sizeof all->packs, "%s", packs_dir);
  qf_rc rc = qf_packdir_each(packs_dir, "", load_flows, all, err);
  if (!rc)
    rc = load_calendar(all, err);
  if (!rc)
    rc = read_types(all, err);
  for (size_t i = 0; i < all->nforms && !rc; i++) {
    loading l = {all, &all->form[i]};
    char dir[4400];
    snprintf(dir, sizeof dir, "%s/%s/checks/%s", packs_dir, l.f->area, l.f->type);
    rc = qf_packdir_each(dir, ".sql", load_check, &l, err);
    if (!rc)
      rc = load_gives(all, l.f, err);
    if (!rc)
      rc = make_desk(b, l.f, err);
  }
  if (rc) {
    qf_forms_close(all);
    return rc;
  }
  *out = all;
  return QF_OK;
}

void qf_forms_close(qf_forms *all)
{
  if (!all)
    return;
  for (size_t i = 0; i < all->nforms; i++) {
    for (uint32_t k = 0; k < all->form[i].nchecks; k++) {
      free(all->form[i].checks[k].sql);
      free(all->form[i].checks[k].over);
    }
    qf_book_sheet_free(all->form[i].desk);
    qf_verdicts_free(all->form[i].kept);
    free(all->form[i].checks);
    free(all->form[i].gives_sql);
  }
  free(all->form);
  free(all->flow);
  json_decref(all->types);
  qf_calendar_free(all->calendar);
  free(all);
}

size_t qf_forms_count(const qf_forms *f)
{
  return f->nforms;
}

const qf_form *qf_forms_at(const qf_forms *f, size_t i)
{
  return i < f->nforms ? &f->form[i] : NULL;
}

const qf_form *qf_forms_find(const qf_forms *f, const char *type)
{
  for (size_t i = 0; type && i < f->nforms; i++)
    if (strcmp(f->form[i].type, type) == 0)
      return &f->form[i];
  return NULL;
}

const qf_calendar *qf_forms_calendar(const qf_forms *f)
{
  return f->calendar;
}

/* ---- saying it */

static void put_title(qf_buf *b, const char *zh, const char *en)
{
  qf_buf_puts(b, "{\"zh\":");
  qf_buf_json(b, zh, strlen(zh));
  qf_buf_puts(b, ",\"en\":");
  qf_buf_json(b, en, strlen(en));
  qf_buf_putc(b, '}');
}

static void put_names(qf_buf *b, const char *name, const char *const *list, uint32_t n)
{
  qf_buf_printf(b, ",\"%s\":[", name);
  for (uint32_t i = 0; i < n; i++)
    qf_buf_printf(b, "%s\"%s\"", i ? "," : "", list[i]);
  qf_buf_putc(b, ']');
}

static void put_states(qf_buf *b, const qf_flow *f, uint32_t set)
{
  bool first = true;
  qf_buf_putc(b, '[');
  for (int i = 0; i < f->nstates; i++)
    if (set >> i & 1u) {
      qf_buf_printf(b, "%s\"%s\"", first ? "" : ",", f->state[i]);
      first = false;
    }
  qf_buf_putc(b, ']');
}

static void put_flow(qf_buf *b, const qf_flow *f)
{
  qf_buf_puts(b, ",\"flow\":");
  if (!f) {
    qf_buf_puts(b, "null");
    return;
  }
  qf_buf_printf(b, "{\"name\":\"%s\",\"title\":", f->name);
  put_title(b, f->zh, f->en);
  qf_buf_printf(b, ",\"initial\":\"%s\",\"edit\":", f->state[f->initial]);
  put_states(b, f, f->edit);
  qf_buf_puts(b, ",\"states\":");
  put_states(b, f, (1u << f->nstates) - 1);
  qf_buf_puts(b, ",\"steps\":[");
  for (int i = 0; i < f->nsteps; i++) {
    const qf_step *s = &f->step[i];
    qf_buf_printf(b, "%s{\"name\":\"%s\",\"title\":", i ? "," : "", s->name);
    put_title(b, s->zh, s->en);
    qf_buf_puts(b, ",\"from\":");
    put_states(b, f, s->from);
    qf_buf_printf(b, ",\"to\":\"%s\",\"act\":\"%s\",\"check\":%s,\"reason\":%s,\"receipt\":%s,\"accepts\":%s}",
                  f->state[s->to], qf_action_name(s->act), s->check ? "true" : "false", s->reason ? "true" : "false",
                  s->receipt ? "true" : "false", s->accepts ? "true" : "false");
  }
  qf_buf_puts(b, "]}");
}

static void put_checks(qf_buf *b, const qf_form *f)
{
  static const char *const names[] = {"block", "explain", "warn", "info"};
  qf_buf_puts(b, ",\"checks\":[");
  for (uint32_t i = 0; i < f->nchecks; i++) {
    const qf_form_check *c = &f->checks[i];
    qf_buf_puts(b, i ? ",{\"id\":" : "{\"id\":");
    qf_buf_json(b, c->id, strlen(c->id));
    qf_buf_puts(b, ",\"title\":");
    put_title(b, c->zh, c->en);
    qf_buf_printf(b, ",\"severity\":\"%s\",\"clause\":", names[c->severity]);
    qf_buf_json(b, c->clause, strlen(c->clause));
    qf_buf_putc(b, '}');
  }
  qf_buf_putc(b, ']');
}

void qf_form_json(const qf_form *f, const qf_actor *actor, qf_buf *b)
{
  static const qf_action acts[] = {QF_ACT_VIEW,    QF_ACT_FILE,    QF_ACT_ORG_APPROVE, QF_ACT_REVIEW,
                                   QF_ACT_COMMENT, QF_ACT_PROPOSE, QF_ACT_DECIDE,      QF_ACT_REGISTER};
  qf_buf_printf(b, "{\"type\":\"%s\",\"area\":\"%s\",\"title\":", f->type, f->area);
  put_title(b, f->zh, f->en);
  put_flow(b, f->flow);
  put_names(b, "sheet", f->sheet, f->nsheet);
  put_names(b, "key", f->key, f->nkey);
  qf_buf_puts(b, ",\"due\":");
  qf_buf_json(b, f->due, strlen(f->due));
  char *columns = json_dumps(json_object_get(f->desc, "columns"), JSON_COMPACT);
  qf_buf_printf(b, ",\"gives\":%s%s%s,\"columns\":", f->gives ? "\"" : "", f->gives ? f->gives->type : "null",
                f->gives ? "\"" : "");
  qf_buf_puts(b, columns ? columns : "[]");
  free(columns);
  put_checks(b, f);
  qf_buf_puts(b, ",\"may\":[");
  bool first = true;
  for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
    qf_scope_list s;
    qf_rights_scope(actor, acts[i], qf_form_area(f), &s);
    if (s.all || s.ndistricts || s.norgs) {
      qf_buf_printf(b, "%s\"%s\"", first ? "" : ",", qf_action_name(acts[i]));
      first = false;
    }
  }
  qf_buf_puts(b, "]}");
}
