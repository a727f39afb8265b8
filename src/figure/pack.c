/* Indicators: packs/<area>/indicators/<name>.sql. The header says what the figure is; the statement gives its rows. It is
 * wrapped once into a SELECT of all known columns in a fixed order, so that reading rows needs no names. */
#include "book/packfile.h"
#include "figure/internal.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
  const char *name, *missing; /* missing: what stands in for a column left out; NULL = required */
  bool exact;                 /* must not be floating point */
} columns[] = {{"subject", NULL, false},   {"month", NULL, true},          {"num", NULL, true},
               {"part", "NULL", false},    {"est", "NULL", true},          {"source", "NULL", false},
               {"carrier", "NULL", false}, {"scope", "NULL", false},       {"point", "NULL", true},
               {"record", "NULL", false},  {"quantity", "NULL", true},     {"quantity_unit", "NULL", false},
               {"factor", "NULL", false},  {"factor_value", "NULL", true}, {"outside", "FALSE", false},
               {"scale", "NULL", true},    {"sign", "NULL", true},         {"at", "NULL", false},
               {"sample", "NULL", false}};
#define NCOLUMNS (sizeof columns / sizeof *columns)

uint32_t qf_indicator_find(const qf_figures *f, const char *id)
{
  for (uint32_t i = 0; i < f->nind; i++)
    if (strcmp(f->ind[i].id, id) == 0)
      return i;
  return UINT32_MAX;
}

/* names: lines "name " or "name~" as qf_book_columns gives them. */
static qf_rc wrap(qf_indicator *ind, const char *sql, const char *names, qf_err *err)
{
  bool have[NCOLUMNS] = {false};
  for (const char *p = names; *p;) {
    const char *end = strchr(p, '\n');
    size_t n = (size_t)(end - p) - 1, k = 0;
    while (k < NCOLUMNS && !(strlen(columns[k].name) == n && strncmp(columns[k].name, p, n) == 0))
      k++;
    if (k == NCOLUMNS)
      return qf_fail(err, QF_SYNTAX, "%.150s: column %.*s is not one an indicator has",
                     "%.150s：指标没有名为 %.*s 的列", ind->path, (int)n, p);
    if (p[n] == '~' && columns[k].exact)
      return qf_fail(err, QF_SYNTAX, "%.150s: column %.*s is floating point; use DECIMAL",
                     "%.150s：列 %.*s 为浮点数，请用 DECIMAL", ind->path, (int)n, p);
    have[k] = true;
    p = end + 1;
  }
  qf_buf q;
  qf_buf_init(&q, 1u << 20);
  qf_buf_puts(&q, "SELECT ");
  for (size_t k = 0; k < NCOLUMNS; k++) {
    if (!have[k] && !columns[k].missing) {
      qf_buf_fini(&q);
      return qf_fail(err, QF_SYNTAX, "%.150s: gives no column %s", "%.150s：没有给出列 %s", ind->path, columns[k].name);
    }
    qf_buf_printf(&q, have[k] ? "%sq.\"%s\"" : "%s%s", k ? ", " : "", have[k] ? columns[k].name : columns[k].missing);
  }
  qf_buf_printf(&q, " FROM (\n%s\n) AS q WHERE q.month >= CAST(?1 AS INTEGER)", sql);
  ind->sql = q.failed ? NULL : q.data;
  if (q.failed)
    qf_buf_fini(&q);
  return ind->sql ? QF_OK : qf_fail(err, QF_NOMEM, "%.150s: too long", "%.150s：过长", ind->path);
}

static void read_display(const char *half, char *unit, size_t unit_cap, char *factor, size_t factor_cap)
{
  const char *sp = strrchr(half, ' ');
  qf_dec v;
  if (!sp || qf_dec_parse(sp + 1, strlen(sp + 1), &v) != QF_OK)
    return;
  snprintf(unit, unit_cap, "%.*s", (int)(sp - half), half);
  snprintf(factor, factor_cap, "%s", sp + 1);
}

/* Where it stands in a report, which sentence it answers, for which months it is published, in which months a row is owed. */
static qf_rc read_report_lines(qf_indicator *ind, const qf_packfile *file, qf_err *err)
{
  static const char *const expect[] = {"month", "statistics", "quarter", "none"};
  char text[40];
  unsigned k = 0;
  qf_packfile_get(file, "article", ind->article, sizeof ind->article);
  if (qf_packfile_get(file, "each", text, sizeof text)) {
    ind->each_unit = strcmp(text, "unit") == 0;
    if (!ind->each_unit)
      return qf_fail(err, QF_SYNTAX, "%.200s: each: can only be unit", "%.200s：each: 只可为 unit", ind->path);
  }
  if (qf_packfile_get(file, "public", text, sizeof text)) {
    ind->open = strcmp(text, "yes") == 0 ? 2 : strcmp(text, "city") == 0;
    if (!ind->open)
      return qf_fail(err, QF_SYNTAX, "%.200s: public: is yes or city", "%.200s：public: 应为 yes 或 city", ind->path);
  }
  if (qf_packfile_get(file, "order", text, sizeof text))
    ind->order = atoi(text);
  ind->pub_from = 1;
  ind->pub_to = 0;
  if (qf_packfile_get(file, "period", text, sizeof text)) {
    qf_rc rc = qf_period_parse(text, &ind->pub_from, &ind->pub_to, err);
    if (rc)
      return qf_fail(err, QF_SYNTAX, "%.150s: period: %.40s is not a period", "%.150s：period: %.40s 不是期间",
                     ind->path, text);
  }
  if (qf_packfile_get(file, "series", text, sizeof text)) {
    ind->series = strcmp(text, "scope") == 0;
    if (!ind->series)
      return qf_fail(err, QF_SYNTAX, "%.200s: series: can only be scope", "%.200s：series: 只可为 scope", ind->path);
  }
  if (!qf_packfile_get(file, "expect", text, sizeof text))
    return QF_OK;
  while (k < sizeof expect / sizeof *expect && strcmp(text, expect[k]) != 0)
    k++;
  ind->expect = (qf_expect)k;
  return k < sizeof expect / sizeof *expect
             ? QF_OK
             : qf_fail(err, QF_SYNTAX, "%.150s: expect: is month, statistics, quarter or none",
                       "%.150s：expect: 应为 month、statistics、quarter 或 none", ind->path);
}

static qf_rc read_header(qf_indicator *ind, const qf_packfile *file, qf_err *err)
{
  static const char *const kinds[] = {"sum", "ratio", "max", "power_factor", "last", "stock", "change"};
  char text[800], zh[200], en[200];
  qf_packfile_get(file, "id", ind->id, sizeof ind->id);
  if (!*ind->id || strspn(ind->id, "abcdefghijklmnopqrstuvwxyz0123456789_.") != strlen(ind->id))
    return qf_fail(err, QF_SYNTAX, "%.200s: header needs id: (a-z 0-9 _ .)", "%.200s：文件头须有 id:（a-z 0-9 _ .）",
                   ind->path);
  qf_packfile_get(file, "title", text, sizeof text);
  qf_packfile_split(*text ? text : ind->id, ind->title_zh, ind->title_en, sizeof ind->title_zh);
  qf_packfile_get(file, "scope", text, sizeof text);
  qf_packfile_split(text, ind->scope_zh, ind->scope_en, sizeof ind->scope_zh);
  qf_packfile_get(file, "unit", ind->unit, sizeof ind->unit);
  qf_packfile_get(file, "clause", ind->clause, sizeof ind->clause);
  qf_packfile_get(file, "better", ind->better, sizeof ind->better);
  if (qf_packfile_get(file, "display", text, sizeof text)) {
    qf_packfile_split(text, zh, en, sizeof zh);
    read_display(zh, ind->display_zh, sizeof ind->display_zh, ind->factor_zh, sizeof ind->factor_zh);
    read_display(en, ind->display_en, sizeof ind->display_en, ind->factor_en, sizeof ind->factor_en);
  }
  if (qf_packfile_get(file, "months", text, sizeof text)) {
    ind->alone = strcmp(text, "alone") == 0;
    if (!ind->alone)
      return qf_fail(err, QF_SYNTAX, "%.200s: months: can only be alone", "%.200s：months: 只可为 alone", ind->path);
  }
  ind->decimals = 2;
  if (qf_packfile_get(file, "decimals", text, sizeof text)) {
    if (strlen(text) != 1 || *text < '0' || *text > '9')
      return qf_fail(err, QF_SYNTAX, "%.200s: decimals is one digit", "%.200s：decimals 应为一位数字", ind->path);
    ind->decimals = *text - '0';
  }
  qf_packfile_get(file, "kind", text, sizeof text);
  for (unsigned k = 0; k < sizeof kinds / sizeof *kinds; k++)
    if (strcmp(text, kinds[k]) == 0) {
      ind->kind = (qf_ikind)k;
      return read_report_lines(ind, file, err);
    }
  return qf_fail(err, QF_SYNTAX, "%.150s: kind '%.20s' is not sum, ratio, max, power_factor, last, stock or change",
                 "%.150s：kind '%.20s' 不是 sum、ratio、max、power_factor、last、stock 或 change", ind->path, text);
}

/* The statement without the semicolon at its end: it goes inside another one. */
static void trim_statement(char *sql)
{
  size_t n = strlen(sql);
  while (n && strchr(" \t\r\n;", sql[n - 1]))
    sql[--n] = 0;
}

typedef struct where {
  qf_figures *f;
  const char *area;
} where;

/* Does the statement use this name, as a word of its own? */
static bool uses(const char *sql, const char *name)
{
  size_t n = strlen(name);
  static const char word[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
  for (const char *p = strstr(sql, name); p; p = strstr(p + 1, name))
    if ((p == sql || !strchr(word, p[-1])) && (!p[n] || !strchr(word, p[n])))
      return true;
  return false;
}

/* Which records can change what a statement gives: those it names, points behind pt, factors behind factor_month. */
void qf_sql_reads(qf_figures *f, const char *sql, uint64_t reads_out[QF_BOOK_TYPES_MAX / 64])
{
  char table[80];
  const char *type;
  for (uint32_t i = 0; (type = qf_book_type_name(f->book, i)); i++) {
    snprintf(table, sizeof table, "rec_%s", type);
    char history[90];
    snprintf(history, sizeof history, "%s_history", table);
    bool reads = uses(sql, table) || uses(sql, history) || (strcmp(type, "point") == 0 && uses(sql, "pt")) ||
                 (strcmp(type, "factor") == 0 && uses(sql, "factor_month"));
    if (reads)
      reads_out[i / 64] |= UINT64_C(1) << (i % 64);
  }
}

static void note_reads(qf_figures *f, qf_indicator *ind)
{
  ind->by_series = uses(ind->sql, "pt") || uses(ind->sql, "point_id") || uses(ind->sql, "series");
  ind->by_accounts = ind->by_series || uses(ind->sql, "account_day") || uses(ind->sql, "interval_hour");
  qf_sql_reads(f, ind->sql, ind->reads);
}

static qf_rc bind_rows(qf_figures *f, qf_indicator *ind, qf_packfile *file, qf_err *err)
{
  qf_buf probe, names;
  qf_err words = {0};
  char *sql = file->text + (file->sql - file->text);
  trim_statement(sql);
  qf_buf_init(&probe, 1u << 20);
  qf_buf_init(&names, 1u << 16);
  qf_buf_printf(&probe, "SELECT * FROM (\n%s\n) AS q LIMIT 0", sql);
  qf_rc rc = probe.failed ? QF_NOMEM : qf_book_columns(f->book, probe.data, &names, &words);
  if (rc)
    rc = qf_fail(err, rc == QF_NOMEM || rc == QF_IO || rc == QF_CORRUPT ? rc : QF_SYNTAX, "%.90s: %.140s",
                 "%.90s：%.140s", ind->path, words.en);
  else
    rc = wrap(ind, sql, names.data ? names.data : "", err);
  if (!rc)
    note_reads(f, ind);
  qf_buf_fini(&probe);
  qf_buf_fini(&names);
  return rc;
}

static qf_rc load_indicator(void *ud, const char *dir, const char *name, qf_err *err)
{
  where *w = ud;
  qf_figures *f = w->f;
  char path[4400];
  qf_packfile file;
  snprintf(path, sizeof path, "%s/%s", dir, name);
  qf_rc rc = qf_packfile_read(path, &file, err);
  if (rc)
    return rc;
  if (f->nind == f->ind_cap) {
    uint32_t cap = f->ind_cap ? f->ind_cap * 2 : 64;
    qf_indicator *p = realloc(f->ind, cap * sizeof *p);
    if (!p) {
      qf_packfile_fini(&file);
      return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
    }
    f->ind = p;
    f->ind_cap = cap;
  }
  qf_indicator *ind = &f->ind[f->nind];
  *ind = (qf_indicator){.kind = QF_I_SUM};
  snprintf(ind->path, sizeof ind->path, "%.511s", path);
  snprintf(ind->area, sizeof ind->area, "%.63s", w->area);
  rc = read_header(ind, &file, err);
  if (!rc && qf_indicator_find(f, ind->id) != UINT32_MAX)
    rc = qf_fail(err, QF_SYNTAX, "%.150s: id %.60s is taken by %.100s", "%.150s：编号 %.60s 已被 %.100s 使用", path,
                 ind->id, f->ind[qf_indicator_find(f, ind->id)].path);
  if (!rc)
    rc = bind_rows(f, ind, &file, err);
  if (!rc)
    f->nind++;
  qf_packfile_fini(&file);
  return rc;
}

/* Value of `key = value` in pack.ini, "" if absent: three plain keys, read without a parser. */
static void ini_value(const char *text, const char *key, char *out, size_t cap)
{
  size_t n = strlen(key);
  out[0] = 0;
  for (const char *p = text; p; p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL) {
    if (strncmp(p, key, n) != 0)
      continue;
    const char *q = p + n;
    q += strspn(q, " \t");
    if (*q != '=')
      continue;
    q += 1 + strspn(q + 1, " \t");
    snprintf(out, cap, "%.*s", (int)strcspn(q, "\r\n"), q);
    return;
  }
}

static qf_rc load_area(void *ud, const char *dir, const char *name, qf_err *err)
{
  qf_figures *f = ud;
  where w = {f, name};
  char path[4400];
  qf_packfile ini;
  char(*p)[3][200] = realloc(f->areas, (f->nareas + 1) * sizeof *p);
  if (!p)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  f->areas = p;
  char(*a)[200] = p[f->nareas++];
  for (int i = 0; i < 3; i++)
    snprintf(a[i], sizeof a[i], "%.199s", name);
  snprintf(path, sizeof path, "%s/%s/pack.ini", dir, name);
  qf_err ignored;
  if (qf_packfile_read(path, &ini, &ignored) == QF_OK) {
    char text[200];
    ini_value(ini.text, "title_zh", text, sizeof text);
    snprintf(a[1], sizeof a[1], "%s", *text ? text : name);
    ini_value(ini.text, "title_en", text, sizeof text);
    snprintf(a[2], sizeof a[2], "%s", *text ? text : name);
    qf_packfile_fini(&ini);
  }
  snprintf(path, sizeof path, "%s/%s/indicators", dir, name);
  qf_rc rc = qf_packdir_each(path, ".sql", load_indicator, &w, err);
  snprintf(path, sizeof path, "%s/%s", dir, name);
  return rc ? rc : qf_trap_rules_load(f, path, err);
}

qf_rc qf_packs_load(qf_figures *f, qf_err *err)
{
  return qf_packdir_each(f->packs, "", load_area, f, err);
}
