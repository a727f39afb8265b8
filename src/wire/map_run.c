#include "wire/map_int.h"
#include "wire/text.h"
#include "wire/units.h"
#include "wire/utf8.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Rows of a CSV -> readings, one row at a time:
 *
 *   skip lines -> header (finds the columns) -> each row: field count, stamp, cross-checks, cells
 *
 * The first fault of a row refuses the whole row, so that the sum over a file is the sum over its rows taken. */

enum { NONE = -1, FOUND_MAX = 48, NUMBER_MAX = 80 };

struct qf_map_run {
  const qf_map *m;
  qf_csv *csv;
  const char *p, *end; /* lent bytes that the CSV reader does not have yet, while lines are skipped */
  bool last, begun;
  qf_text *text; /* of a map that says gb18030, else NULL */
  qf_buf utf8;   /* the lent bytes as UTF-8 */
  uint32_t skip_left;
  qf_buf names;   /* header texts, each with its NUL */
  uint32_t *name; /* their places in names */
  uint32_t ncols; /* 0 before the header; without header: least number of fields */
  int date, time, seconds, weekday, lname, lvalue, lunit;
  int *col;        /* column of each point (wide) */
  uint32_t *order; /* points by matched name (long) */
  qf_map_reading *out;
  qf_map_stats st;
  char found[FOUND_MAX + 4], column[FOUND_MAX + 4];
};

qf_rc qf_map_start(const qf_map *m, qf_map_run **out, qf_err *err)
{
  qf_map_run *r = calloc(1, sizeof *r);
  qf_csv_opts o = {.delim = m->delim,
                   .no_quotes = m->no_quotes,
                   .spaces_join = m->spaces_join,
                   .max_fields = QF_MAP_POINTS_MAX + 16,
                   .first_line = m->skip + 1};
  if (r) {
    r->m = m;
    r->skip_left = m->skip;
    qf_buf_init(&r->names, 1 << 20);
    qf_buf_init(&r->utf8, (size_t)512 << 20);
    r->col = calloc(m->npoints, sizeof *r->col);
    r->order = calloc(m->npoints, sizeof *r->order);
    r->out = calloc(m->npoints, sizeof *r->out);
  }
  if (!r || !r->col || !r->order || !r->out) {
    qf_map_stop(r);
    return qf_fail(err, QF_NOMEM, "out of memory%s", "内存不足%s", "");
  }
  qf_rc rc = qf_csv_new(&o, &r->csv, err);
  if (!rc && m->gb18030)
    rc = qf_text_new(&r->text, err);
  if (rc) {
    qf_map_stop(r);
    return rc;
  }
  *out = r;
  return QF_OK;
}

void qf_map_stop(qf_map_run *r)
{
  if (!r)
    return;
  qf_csv_free(r->csv);
  qf_text_free(r->text);
  qf_buf_fini(&r->utf8);
  qf_buf_fini(&r->names);
  free(r->name);
  free(r->col);
  free(r->order);
  free(r->out);
  free(r);
}

void qf_map_put(qf_map_run *r, const char *bytes, size_t n, bool last)
{
  if (r->text) {
    qf_buf_reset(&r->utf8);
    qf_text_put(r->text, bytes, n, last, &r->utf8);
    bytes = r->utf8.len ? r->utf8.data : "";
    n = r->utf8.len;
  }
  r->p = bytes;
  r->end = bytes + n;
  r->last = last;
  if (r->skip_left == 0)
    qf_csv_put(r->csv, bytes, n, last);
}

void qf_map_get_stats(const qf_map_run *r, qf_map_stats *out)
{
  *out = r->st;
  out->blank = qf_csv_blank(r->csv);
}

/* ---- the columns */

static const char *header(const qf_map_run *r, int col)
{
  return r->name && col >= 0 && (uint32_t)col < r->ncols ? r->names.data + r->name[col] : "";
}

static void trim(const char **s, size_t *n)
{
  while (*n && (**s == ' ' || **s == '\t'))
    ++*s, --*n;
  while (*n && ((*s)[*n - 1] == ' ' || (*s)[*n - 1] == '\t'))
    --*n;
}

/* Column of a text: the one whose header it is, else its number from 1. */
static qf_rc find_column(qf_map_run *r, const char *text, int *out, qf_err *err)
{
  char *stop;
  *out = NONE;
  if (!text)
    return QF_OK;
  for (uint32_t i = 0; r->name && i < r->ncols; i++) {
    if (strcmp(header(r, (int)i), text) != 0)
      continue;
    if (*out != NONE)
      return qf_fail(err, QF_SYNTAX, "the header has the column \"%.80s\" twice; name it by number",
                     "表头中列“%.80s”重复；请写列号", text);
    *out = (int)i;
  }
  if (*out != NONE)
    return QF_OK;
  unsigned long k = *text >= '1' && *text <= '9' ? strtoul(text, &stop, 10) : 0;
  if (k && !*stop && k <= (r->name ? r->ncols : QF_MAP_POINTS_MAX)) {
    *out = (int)k - 1;
    if (!r->name && k > r->ncols)
      r->ncols = (uint32_t)k;
    return QF_OK;
  }
  if (!r->name)
    return qf_fail(err, QF_SYNTAX, "the file has no header, so \"%.80s\" must be a column number",
                   "文件没有表头，“%.80s”须为列号", text);
  char list[120];
  size_t n = 0;
  for (uint32_t i = 0; i < r->ncols && n < sizeof list - 1; i++) {
    int w = snprintf(list + n, sizeof list - n, "%s%s", i ? ", " : "", header(r, (int)i));
    n += w > 0 ? (size_t)w : 0;
  }
  n = n < sizeof list - 1 ? n : sizeof list - 1;
  while (n && !qf_utf8_valid(list, n))
    n--;
  return qf_fail(err, QF_SYNTAX, "the file has no column \"%.60s\"; its columns are: %.*s",
                 "文件没有列“%.60s”；现有列：%.*s", text, (int)n, list);
}

static int by_name(const void *a, const void *b, void *points)
{
  const qf_map_point *p = points;
  return strcmp(p[*(const uint32_t *)a].column, p[*(const uint32_t *)b].column);
}

static qf_rc find_columns(qf_map_run *r, qf_err *err)
{
  const qf_map *m = r->m;
  const struct {
    const char *text;
    int *place;
  } want[] = {{m->date_column, &r->date},       {m->time_column, &r->time},  {m->seconds_column, &r->seconds},
              {m->weekday_column, &r->weekday}, {m->name_column, &r->lname}, {m->value_column, &r->lvalue},
              {m->unit_column, &r->lunit}};
  for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
    qf_rc rc = find_column(r, want[i].text, want[i].place, err);
    if (rc)
      return rc;
  }
  for (uint32_t i = 0; i < m->npoints; i++) {
    qf_rc rc = m->is_long ? QF_OK : find_column(r, m->points[i].column, &r->col[i], err);
    if (rc)
      return rc;
    r->order[i] = i;
  }
  qsort_r(r->order, m->npoints, sizeof *r->order, by_name, m->points);
  r->begun = true;
  return QF_OK;
}

static qf_rc take_header(qf_map_run *r, const qf_csv_row *row, qf_err *err)
{
  r->name = calloc(row->n, sizeof *r->name);
  if (!r->name)
    return qf_fail(err, QF_NOMEM, "out of memory%s", "内存不足%s", "");
  for (uint32_t i = 0; i < row->n; i++) {
    const char *s = row->f[i].s;
    size_t n = row->f[i].len;
    trim(&s, &n);
    if (!qf_utf8_valid(s, n))
      return qf_fail(err, QF_SYNTAX, "the header is not %s (column %u); does [file] encoding fit? utf-8, gb18030",
                     "表头不是 %s 编码（第 %u 列）；[file] encoding 是否相符？utf-8、gb18030",
                     r->text ? "GB18030" : "UTF-8", i + 1);
    r->name[i] = (uint32_t)r->names.len;
    qf_buf_put(&r->names, s, n);
    qf_buf_putc(&r->names, 0);
  }
  r->ncols = row->n;
  r->st.heading++;
  return r->names.failed ? qf_fail(err, QF_NOMEM, "out of memory%s", "内存不足%s", "") : find_columns(r, err);
}

/* ---- refusals */

static void copy_shown(char *out, const char *s, size_t n)
{
  n = n < FOUND_MAX ? n : FOUND_MAX;
  for (size_t i = 0; i < n; i++)
    out[i] = (unsigned char)s[i] < 0x20 || s[i] == 0x7f ? '?' : s[i];
  while (n && !qf_utf8_valid(out, n))
    n--;
  out[n] = 0;
}

/* Drop a character that was cut in half at the end. */
static void whole_characters(char *s)
{
  for (size_t n = strlen(s); n && !qf_utf8_valid(s, n);)
    s[--n] = 0;
}

/* Refuse the row for a cell; the expected words end the sentence. */
static bool refuse(qf_map_run *r, qf_map_row *row, int col, const qf_csv_field *f, const char *expected_en,
                   const char *expected_zh)
{
  unsigned long long line = row->line;
  copy_shown(r->found, f ? f->s : "", f ? f->len : 0);
  const char *name = header(r, col);
  copy_shown(r->column, name, strlen(name));
  if (!*r->column && col >= 0)
    snprintf(r->column, sizeof r->column, "%d", col + 1);
  row->refused = true;
  row->column = r->column;
  row->found = r->found;
  bool whole = *r->column == 0; /* not one cell: the row */
  const char *en = whole ? "line %llu%s: found %s, expected %s" : "line %llu, column \"%s\": found \"%s\", expected %s";
  const char *zh = whole ? "第 %llu 行%s：实为 %s，应为%s" : "第 %llu 行“%s”列：实为“%s”，应为%s";
  qf_err other;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* the two forms above take the same arguments */
  qf_fail(&row->why, QF_SYNTAX, en, zh, line, r->column, r->found, expected_en);
  qf_fail(&other, QF_SYNTAX, en, zh, line, r->column, r->found, expected_zh);
#pragma GCC diagnostic pop
  memcpy(row->why.zh, other.zh, sizeof other.zh);
  whole_characters(row->why.en);
  whole_characters(row->why.zh);
  return false;
}

/* ---- cells */

static qf_csv_field cell(const qf_csv_row *c, int col)
{
  qf_csv_field f = c->f[col];
  size_t n = f.len;
  trim(&f.s, &n);
  f.len = (uint32_t)n;
  return f;
}

static bool read_stamp(qf_map_run *r, const qf_csv_row *c, qf_map_row *row, map_stamp *st, qf_us *ts)
{
  char text[96], en[100], zh[100];
  qf_csv_field d = cell(c, r->date);
  size_t n = d.len < 48 ? d.len : 48;
  memcpy(text, d.s, n);
  if (r->time != NONE) {
    qf_csv_field t = cell(c, r->time);
    text[n++] = ' ';
    memcpy(text + n, t.s, t.len < 46 ? t.len : 46);
    n += t.len < 46 ? t.len : 46;
  }
  qf_csv_field shown = {.s = text, .len = (uint32_t)n};
  bool read = false;
  for (size_t i = 0; i < r->m->nformats && !read; i++)
    read = map_stamp_read(&r->m->format[i], text, n, st);
  if (!read) {
    snprintf(en, sizeof en, "a time written %s", r->m->format_text);
    snprintf(zh, sizeof zh, "按 %s 书写的时间", r->m->format_text);
    return refuse(r, row, r->date, &shown, en, zh);
  }
  if (map_moment(r->m, st, ts))
    return refuse(r, row, r->date, &shown, "a time that exists, from 1970 to 2199 (Asia/Shanghai: from 1991-09-15)",
                  "存在的时间，1970 至 2199 年（Asia/Shanghai：1991-09-15 起）");
  return true;
}

/* The file's own second statements of the time: seconds from midnight, day of the week. */
static bool cross_check(qf_map_run *r, const qf_csv_row *c, qf_map_row *row, const map_stamp *st)
{
  char want[40];
  if (r->seconds != NONE) {
    qf_csv_field f = cell(c, r->seconds);
    qf_num v = {0};
    int64_t s = 0, own = st->c.hour * 3600 + st->c.minute * 60 + st->c.second;
    bool exact = true;
    bool ok = qf_num_parse(f.s, f.len, &v, NULL) == QF_OK && qf_num_scale(v, 0, &s, &exact) == QF_OK && exact;
    snprintf(want, sizeof want, "%lld", (long long)own);
    if (!ok || (s != own && !(s == 86400 && own == 0) && !(s == 0 && own == 86400)))
      return refuse(r, row, r->seconds, &f, want, want);
  }
  if (r->weekday != NONE) {
    static const char *const en[] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
    static const char *const zh[] = {"星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日"};
    qf_csv_field f = cell(c, r->weekday);
    int day = qf_weekday(qf_days_from_civil(st->c.year, st->c.month, st->c.day));
    if (map_weekday(f.s, f.len) != day)
      return refuse(r, row, r->weekday, &f, en[day], zh[day]);
  }
  return true;
}

/* Digits with the map's decimal mark and grouping -> the plain form of qf_num_parse. Groups must be of three digits. */
static bool plain_number(const qf_map *m, const char *s, size_t n, char *out, size_t *len)
{
  char mark = m->decimal_comma ? ',' : '.';
  size_t o = 0, group = 0;
  bool grouped = false, after = false;
  if (n >= NUMBER_MAX)
    return false;
  for (size_t i = 0; i < n; i++) {
    char c = s[i];
    bool digit = c >= '0' && c <= '9';
    if (m->grouping && c == m->grouping && !after) {
      if (group == 0 || group > 3 || (grouped && group != 3))
        return false;
      grouped = true;
      group = 0;
      continue;
    }
    if (!digit && !(c == '-' || c == '+') && grouped && !after && group != 3)
      return false;
    after |= !digit && c != '-' && c != '+';
    group += digit;
    if (c == '.' && mark != '.')
      return false;
    out[o++] = c == mark ? '.' : c;
  }
  *len = o;
  return !grouped || after || group == 3;
}

static bool read_number(qf_map_run *r, const qf_csv_field *f, int col, qf_map_row *row, qf_map_reading *out)
{
  char text[NUMBER_MAX], en[80], zh[80];
  size_t n = 0;
  bool exact = true;
  if (!plain_number(r->m, f->s, f->len, text, &n) || qf_num_parse(text, n, &out->v, &exact)) {
    snprintf(en, sizeof en, "a number with decimal %s", r->m->decimal_comma ? "comma" : "point");
    snprintf(zh, sizeof zh, "以小数%s书写的数", r->m->decimal_comma ? "逗号" : "点");
    return refuse(r, row, col, f, en, zh);
  }
  out->flags = exact ? 0 : QF_RD_INEXACT;
  return true;
}

static bool read_state(qf_map_run *r, const qf_csv_field *f, int col, uint32_t point, qf_map_row *row,
                       qf_map_reading *out)
{
  char list[100] = "";
  size_t n = 0;
  bool any = false;
  const qf_map *m = r->m;
  for (size_t i = 0; i < m->nstates; i++) {
    const map_state *s = &m->states[i];
    if (s->point != point)
      continue;
    any = true;
    if (strlen(s->word) == f->len && memcmp(s->word, f->s, f->len) == 0) {
      out->v = s->v;
      return true;
    }
    int k = snprintf(list + n, sizeof list - n, "%s%s", n ? " | " : "", s->word);
    n += k > 0 && (size_t)k < sizeof list - n ? (size_t)k : 0;
  }
  whole_characters(list);
  return any ? refuse(r, row, col, f, list, list) : read_number(r, f, col, row, out);
}

static bool is_missing(const qf_map *m, const qf_csv_field *f)
{
  if (f->len == 0)
    return !m->refuse_empty;
  for (size_t i = 0; i < m->nmissing; i++)
    if (strlen(m->missing[i]) == f->len && memcmp(m->missing[i], f->s, f->len) == 0)
      return true;
  return false;
}

/* No more digits behind the point than the map promises, in the point's own unit: a wrong decimal mark shows itself
 * here. */
static bool check_decimals(qf_map_run *r, const qf_csv_field *f, int col, qf_map_row *row, const qf_map_reading *o)
{
  const qf_map_point *p = &r->m->points[o->point];
  bool exact = true;
  int64_t scaled;
  char en[60], zh[60];
  if (p->lsb_exp > 0 || qf_num_scale(o->v, p->lsb_exp, &scaled, &exact) != QF_OK || exact)
    return true;
  snprintf(en, sizeof en, "at most %d decimals", -p->lsb_exp);
  snprintf(zh, sizeof zh, "至多 %d 位小数", -p->lsb_exp);
  return refuse(r, row, col, f, en, zh);
}

/* One cell of one point; false when refused. Adds to row->n unless the cell has no value. */
static bool read_cell(qf_map_run *r, const qf_csv_row *c, int col, uint32_t point, qf_us ts, qf_map_row *row)
{
  const qf_map_point *p = &r->m->points[point];
  qf_csv_field f = cell(c, col);
  qf_map_reading *o = &r->out[row->n];
  *o = (qf_map_reading){.point = point, .ts_us = ts};
  if (is_missing(r->m, &f))
    return true;
  if (f.len == 0)
    return refuse(r, row, col, &f, "a value", "有值");
  if (p->kind == QF_MAP_TEXT) {
    if (!qf_utf8_valid(f.s, f.len))
      return refuse(r, row, col, &f, "UTF-8 text", "UTF-8 文本");
    o->text = f.s;
    o->text_len = f.len;
  } else if (p->kind == QF_MAP_STATE ? !read_state(r, &f, col, point, row, o) : !read_number(r, &f, col, row, o)) {
    return false;
  }
  row->n++;
  return true;
}

/* ---- rows */

/* Index of the point that a name stands for; NONE when there is none. */
static int find_point(const qf_map_run *r, const qf_csv_field *f)
{
  size_t lo = 0, hi = r->m->npoints;
  while (lo < hi) {
    size_t mid = (lo + hi) / 2;
    const char *name = r->m->points[r->order[mid]].column;
    int c = strncmp(name, f->s, f->len);
    c = c ? c : name[f->len] != 0;
    if (c == 0)
      return (int)r->order[mid];
    if (c < 0)
      lo = mid + 1;
    else
      hi = mid;
  }
  return NONE;
}

/* Bring a value from the unit its row names to the unit of its point; the digits stay. */
static bool convert_unit(qf_map_run *r, const qf_csv_row *c, qf_map_row *row)
{
  int shift;
  char want[80];
  qf_map_reading *o = &r->out[0];
  const qf_map_point *p = &r->m->points[o->point];
  if (r->lunit == NONE || row->n == 0 || p->kind == QF_MAP_TEXT || p->kind == QF_MAP_STATE)
    return true;
  qf_csv_field f = cell(c, r->lunit);
  if (!qf_unit_shift(f.s, f.len, p->unit ? p->unit : "", &shift)) {
    snprintf(want, sizeof want, "%.40s", p->unit ? p->unit : "(none)");
    return refuse(r, row, r->lunit, &f, want, want);
  }
  int exp = o->v.exp + shift;
  for (; exp > 0 && shift > 0 && o->v.mant <= INT64_MAX / 10 && o->v.mant >= INT64_MIN / 10; exp--)
    o->v.mant *= 10;
  if (exp < -30 || exp > 30)
    return refuse(r, row, r->lvalue, &f, "a value that can be converted", "可换算的数值");
  o->v.exp = (int8_t)exp;
  return true;
}

static bool long_row(qf_map_run *r, const qf_csv_row *c, qf_us ts, qf_map_row *row)
{
  qf_csv_field name = cell(c, r->lname);
  int point = find_point(r, &name);
  if (point == NONE && r->m->pass_unknown) {
    row->passed = true;
    return true;
  }
  if (point == NONE)
    return refuse(r, row, r->lname, &name, "the name of a [point ...] of the map", "映射文件中某个 [point ...] 的名称");
  qf_csv_field f = cell(c, r->lvalue);
  return read_cell(r, c, r->lvalue, (uint32_t)point, ts, row) && convert_unit(r, c, row) &&
         (row->n == 0 || check_decimals(r, &f, r->lvalue, row, &r->out[0]));
}

static bool wide_row(qf_map_run *r, const qf_csv_row *c, qf_us ts, qf_map_row *row)
{
  for (uint32_t i = 0; i < r->m->npoints; i++) {
    size_t before = row->n;
    if (!read_cell(r, c, r->col[i], i, ts, row))
      return false;
    qf_csv_field f = cell(c, r->col[i]);
    if (row->n > before && !check_decimals(r, &f, r->col[i], row, &r->out[before]))
      return false;
  }
  return true;
}

/* As many fields as the header has; one empty one more (a delimiter at the line's end) is let pass. */
static bool count_fields(qf_map_run *r, const qf_csv_row *c, qf_map_row *row)
{
  char found[40], en[40], zh[40];
  bool ok = r->name ? c->n == r->ncols || (c->n == r->ncols + 1 && c->f[c->n - 1].len == 0) : c->n >= r->ncols;
  if (ok)
    return true;
  snprintf(found, sizeof found, "%u", c->n);
  snprintf(en, sizeof en, "%u fields", r->ncols);
  snprintf(zh, sizeof zh, "%u 个字段", r->ncols);
  return refuse(r, row, NONE, &(qf_csv_field){.s = found, .len = (uint32_t)strlen(found)}, en, zh);
}

static void take_row(qf_map_run *r, const qf_csv_row *c, qf_map_row *row)
{
  map_stamp st = {0};
  qf_us ts = 0;
  bool ok = count_fields(r, c, row) && read_stamp(r, c, row, &st, &ts) && cross_check(r, c, row, &st) &&
            (r->m->is_long ? long_row(r, c, ts, row) : wide_row(r, c, ts, row));
  if (!ok) {
    row->n = 0;
    return;
  }
  if (row->passed)
    return;
  row->readings = row->n ? r->out : NULL;
  r->st.empty += (r->m->is_long ? 1 : r->m->npoints) - row->n;
  if (r->st.taken == 0 || ts < r->st.from_us)
    r->st.from_us = ts;
  if (r->st.taken == 0 || ts > r->st.to_us)
    r->st.to_us = ts;
}

/* Pass over the lines before the header; false when more bytes are needed. */
static bool skip_lines(qf_map_run *r)
{
  while (r->skip_left) {
    const char *lf = r->p < r->end ? memchr(r->p, '\n', (size_t)(r->end - r->p)) : NULL;
    if (!lf && !r->last)
      return false;
    r->p = lf ? lf + 1 : r->end;
    r->skip_left = lf ? r->skip_left - 1 : 0;
    r->st.heading++;
    if (r->skip_left == 0)
      qf_csv_put(r->csv, r->p, (size_t)(r->end - r->p), r->last);
  }
  return true;
}

/* The row at which the columns become known, or the fault that ends the run. */
static qf_rc begin(qf_map_run *r, qf_err *err)
{
  qf_csv_row c;
  if (r->m->header == 0)
    return find_columns(r, err);
  qf_rc rc = qf_csv_next(r->csv, &c, err);
  if (rc == QF_NOTFOUND)
    return qf_fail(err, QF_SYNTAX, "the file has no header row%s", "文件没有表头%s", "");
  return rc ? rc : take_header(r, &c, err);
}

qf_rc qf_map_next(qf_map_run *r, qf_map_row *row, qf_err *err)
{
  qf_csv_row c;
  if (r->utf8.failed)
    return qf_fail(err, QF_NOMEM, "out of memory%s", "内存不足%s", "");
  if (!skip_lines(r))
    return QF_PARTIAL;
  if (!r->begun) {
    qf_rc rc = begin(r, err);
    if (rc)
      return rc;
  }
  memset(row, 0, sizeof *row);
  qf_err why = {0};
  qf_rc rc = qf_csv_next(r->csv, &c, &why);
  if (rc == QF_PARTIAL || rc == QF_NOTFOUND)
    return rc;
  if (rc == QF_NOMEM)
    return qf_fail(err, rc, "%s", "%s", why.en);
  row->line = c.line;
  row->line_last = c.line_last;
  row->column = row->found = "";
  if (rc) {
    row->refused = true;
    row->why = why;
  } else {
    take_row(r, &c, row);
  }
  r->st.rows++;
  r->st.refused += row->refused;
  r->st.passed += row->passed;
  r->st.taken += !row->refused && !row->passed;
  r->st.readings += row->n;
  r->st.open_end |= c.open_end;
  return QF_OK;
}
