/* One exporter for every view: it asks the view itself (the same handler, the same rights), finds its table - the first
 * array of objects or of arrays in the answer - and writes CSV (UTF-8 with BOM for Excel and WPS) or XLSX with a sheet
 * of notes. Rows that hold months of their own (a trend) become a row for each month. */
#include "serve/http.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xlsxwriter.h>

#define COLUMNS_MAX 64

/* A cell that a spreadsheet would take for a formula is defused with an apostrophe (never a number). */
static void csv_text(qf_buf *b, const char *s)
{
  bool quote = strpbrk(s, "\",\r\n") != NULL;
  if (quote)
    qf_buf_putc(b, '"');
  if (*s && strchr("=+-@\t", *s))
    qf_buf_putc(b, '\'');
  for (; *s; s++) {
    if (*s == '"')
      qf_buf_putc(b, '"');
    qf_buf_putc(b, *s);
  }
  if (quote)
    qf_buf_putc(b, '"');
}

static const json_t *find_table(const json_t *j)
{
  const char *k;
  json_t *v;
  const json_t *found = NULL;
  if (json_is_array(j) && json_array_size(j) &&
      (json_is_object(json_array_get(j, 0)) || json_is_array(json_array_get(j, 0))))
    return j;
  if (json_is_object(j))
    json_object_foreach((json_t *)(uintptr_t)j, k, v) if (!found) found = find_table(v);
  return found;
}

/* A row for each of its months, what else the row says beside each; a new array. NULL: the rows hold no months, or no memory. */
static json_t *by_month(const json_t *rows)
{
  size_t i, m;
  json_t *row, *month, *out;
  if (!json_is_array(json_object_get(json_array_get(rows, 0), "months")) || !(out = json_array()))
    return NULL;
  json_array_foreach((json_t *)(uintptr_t)rows, i, row) json_array_foreach(json_object_get(row, "months"), m, month)
  {
    json_t *one = json_copy(row);
    json_object_del(one, "months");
    if (json_object_update(one, month) || json_array_append_new(out, one)) {
      json_decref(out);
      return NULL;
    }
  }
  return out;
}

typedef struct table {
  const json_t *rows;
  const char *columns[COLUMNS_MAX];
  char made[COLUMNS_MAX][12]; /* names of unnamed columns */
  size_t n;
} table;

static void columns_of(table *t)
{
  const char *k;
  json_t *v;
  json_t *first = json_array_get(t->rows, 0);
  if (json_is_object(first))
    json_object_foreach(first, k, v) if (t->n < COLUMNS_MAX) t->columns[t->n++] = k;
  for (size_t i = 0; json_is_array(first) && i < json_array_size(first) && i < COLUMNS_MAX; i++) {
    snprintf(t->made[i], sizeof t->made[i], "c%zu", i + 1);
    t->columns[t->n++] = t->made[i];
  }
}

static const json_t *cell(const table *t, size_t row, size_t col)
{
  const json_t *r = json_array_get(t->rows, row);
  return json_is_array(r) ? json_array_get(r, col) : json_object_get(r, t->columns[col]);
}

/* Text of a cell; owned by the caller. Names in two languages become "zh | en"; structures their JSON. */
static char *text_of(const json_t *v)
{
  char *s = NULL;
  const char *zh = json_string_value(json_object_get(v, "zh")), *en = json_string_value(json_object_get(v, "en"));
  if (zh && en) {
    size_t n = strlen(zh) + strlen(en) + 4;
    s = malloc(n);
    if (s)
      snprintf(s, n, "%s | %s", zh, en);
  } else if (json_is_string(v)) {
    s = strdup(json_string_value(v));
  } else if (v && !json_is_null(v)) {
    s = json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
  }
  if (!s)
    s = strdup("");
  return s;
}

static void write_csv(qf_req *r, const table *t)
{
  qf_buf *b = &r->out;
  qf_buf_puts(b, "\xEF\xBB\xBF");
  for (size_t c = 0; c < t->n; c++) {
    qf_buf_puts(b, c ? "," : "");
    csv_text(b, t->columns[c]);
  }
  for (size_t i = 0; i < json_array_size(t->rows); i++) {
    qf_buf_puts(b, "\r\n");
    for (size_t c = 0; c < t->n; c++) {
      const json_t *v = cell(t, i, c);
      char *s = text_of(v);
      qf_buf_puts(b, c ? "," : "");
      if (json_is_number(v))
        qf_buf_puts(b, s ? s : "");
      else
        csv_text(b, s ? s : "");
      free(s);
    }
  }
  qf_buf_puts(b, "\r\n");
  r->type = "text/csv; charset=utf-8";
}

static void notes(qf_req *r, lxw_worksheet *w, const char *view)
{
  qf_buf b;
  qf_buf_init(&b, 200);
  qf_tm_write(&b, qf_city_now(r->city));
  worksheet_write_string(w, 0, 0, "Query / 查询", NULL);
  worksheet_write_string(w, 0, 1, view, NULL);
  worksheet_write_string(w, 1, 0, "Exported / 导出时间", NULL);
  worksheet_write_string(w, 1, 1, b.data ? b.data : "", NULL);
  worksheet_write_string(w, 2, 0, "Software / 软件", NULL);
  worksheet_write_string(w, 2, 1, "qingfeng " QF_VERSION, NULL);
  worksheet_write_string(w, 3, 0, "Journal sequence / 日志序号", NULL);
  worksheet_write_number(w, 3, 1, (double)qf_journal_last_seq(qf_city_journal(r->city)), NULL);
  if (r->s->sample)
    worksheet_write_string(w, 4, 0, "Sample data, nothing here was measured / 演示数据，非实测", NULL);
  qf_buf_fini(&b);
}

static void fill_sheet(lxw_worksheet *w, const table *t)
{
  for (size_t c = 0; c < t->n; c++)
    worksheet_write_string(w, 0, (lxw_col_t)c, t->columns[c], NULL);
  for (size_t i = 0; i < json_array_size(t->rows) && i < 1000000; i++)
    for (size_t c = 0; c < t->n; c++) {
      const json_t *v = cell(t, i, c);
      if (json_is_number(v)) {
        worksheet_write_number(w, (lxw_row_t)(i + 1), (lxw_col_t)c, json_number_value(v), NULL);
        continue;
      }
      char *s = text_of(v);
      if (s && *s)
        worksheet_write_string(w, (lxw_row_t)(i + 1), (lxw_col_t)c, s, NULL);
      free(s);
    }
}

static bool write_xlsx(qf_req *r, const table *t, const char *view)
{
  char path[4200], dir[4100];
  /* The library's own files on the way lie there as well: the server may not write elsewhere. */
  snprintf(dir, sizeof dir, "%s", qf_city_dir(r->city));
  snprintf(path, sizeof path, "%s/export-%s.xlsx", dir, r->id);
  lxw_workbook *book = workbook_new_opt(path, &(lxw_workbook_options){.tmpdir = dir});
  if (!book)
    return false;
  lxw_worksheet *data = workbook_add_worksheet(book, "data"), *about = workbook_add_worksheet(book, "说明");
  fill_sheet(data, t);
  notes(r, about, view);
  bool ok = workbook_close(book) == LXW_NO_ERROR;
  FILE *f = ok ? fopen(path, "rb") : NULL;
  char block[16384];
  for (size_t n; f && (n = fread(block, 1, sizeof block, f)) > 0;)
    qf_buf_put(&r->out, block, n);
  ok = f != NULL;
  if (f)
    fclose(f);
  unlink(path);
  r->type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
  return ok;
}

static int hex(char c)
{
  return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

/* "a=1&b=%20" -> "a\0" "1\0" "b\0" " \0" "\0"; NULL without memory. Nothing decoded is longer than it was. */
static char *view_args(const char *query)
{
  char *out = calloc(2, strlen(query) + 3), *o = out;
  if (!out)
    return NULL;
  for (const char *p = query; *p; p += *p == '&') {
    bool value = false;
    for (; *p && *p != '&'; p++) {
      bool escaped = *p == '%' && hex(p[1]) >= 0 && hex(p[2]) > 0;
      if (*p == '=' && !value) {
        *o++ = 0;
        value = true;
      } else {
        *o++ = escaped ? (char)(hex(p[1]) * 16 + hex(p[2])) : *p == '+' ? ' ' : *p;
        p += escaped ? 2 : 0;
      }
    }
    if (!value)
      *o++ = 0;
    *o++ = 0;
  }
  return out;
}

/* Ask the view through the route table with the asker's own rights. */
static bool ask_route(qf_req *r, const char *view)
{
  for (size_t i = 0; i < qf_route_count; i++) {
    const qf_route *route = &qf_routes[i];
    size_t n = strcspn(route->pattern, "{");
    bool tail = route->pattern[n] == '{';
    if (strcmp(route->method, "GET") != 0 || route->fn == qf_h_export || route->fn == qf_h_stream ||
        strncmp(view, route->pattern, n) != 0)
      continue;
    const char *rest = view + n, *after = tail ? strchr(route->pattern + n, '}') + 1 : "";
    size_t k = tail ? strcspn(rest, "/") : 0;
    if ((tail && k == 0) || strcmp(rest + k, after) != 0 || !qf_rights_may(qf_req_actor(r), route->act, NULL, NULL))
      continue;
    char *arg = tail ? strndup(rest, k) : NULL;
    r->arg[0] = arg;
    if (qf_req_keys(r, route))
      route->fn(r);
    r->arg[0] = NULL;
    free(arg);
    return true;
  }
  return false;
}

static bool ask_view(qf_req *r, const char *view)
{
  size_t n = strcspn(view, "?");
  char *path = strndup(view, n);
  r->view_args = view_args(view[n] ? view + n + 1 : "");
  bool ok = path && r->view_args && ask_route(r, path);
  free(r->view_args);
  free(path);
  r->view_args = NULL;
  return ok;
}

void qf_h_export(qf_req *r)
{
  qf_err err = {0};
  const char *view = qf_req_query(r, "view"), *format = qf_req_query(r, "format");
  bool xlsx = format && strcmp(format, "xlsx") == 0;
  if (!view || (format && !xlsx && strcmp(format, "csv") != 0)) {
    (void)qf_fail(&err, QF_SYNTAX, "view=/api/v1/... and format=csv or xlsx are needed",
                  "须给出 view=/api/v1/... 与 format=csv 或 xlsx");
    qf_req_fail(r, 400, QF_SYNTAX, &err);
    return;
  }
  if (!ask_view(r, view)) {
    (void)qf_fail(&err, QF_NOTFOUND, "no such view %.100s", "无此视图 %.100s", view);
    qf_req_fail(r, 404, QF_NOTFOUND, &err);
    return;
  }
  qf_req_audit(r, "export", view, r->status == 200 ? "ok" : "refused");
  if (r->status != 200)
    return;
  json_t *j = json_loadb(r->out.data ? r->out.data : "", r->out.len, JSON_DECODE_ANY, NULL);
  table t = {.rows = find_table(j)};
  json_t *months = by_month(t.rows);
  if (months)
    t.rows = months;
  qf_buf_reset(&r->out);
  if (t.rows)
    columns_of(&t);
  if (!xlsx)
    write_csv(r, &t);
  else if (!write_xlsx(r, &t, view))
    qf_req_fail(r, 500, QF_IO, NULL);
  if (r->status == 200)
    snprintf(r->disposition, sizeof r->disposition, "attachment; filename=\"qingfeng.%s\"", xlsx ? "xlsx" : "csv");
  json_decref(months);
  json_decref(j);
}
