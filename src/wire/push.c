#include "wire/push.h"
#include "wire/utf8.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define TS_END INT64_C(7258118400000000) /* 2200-01-01 */

enum { TIME, SERIES, POINT, VALUE, UNIT, QUALITY };
static const char *const names[QF_PUSH_COLUMNS] = {"time", "series", "point", "value", "unit", "quality"};

/* ---- one member or cell */

static bool all_digits(const char *s, size_t n)
{
  size_t k = 0;
  while (k < n && ((s[k] >= '0' && s[k] <= '9') || (k && (s[k] == '.' || s[k] == 'e' || s[k] == 'E' || s[k] == '+'))))
    k++;
  return n > 0 && k == n;
}

static qf_rc set_time(qf_push_item *it, const char *s, size_t n, qf_err *err)
{
  qf_num ms;
  qf_us t = -1;
  bool digits = all_digits(s, n);
  qf_rc rc = digits ? qf_num_parse(s, n, &ms, NULL) : qf_tm_parse(s, n, &t);
  if (!rc && digits)
    rc = qf_num_scale(ms, -3, &t, NULL);
  if (rc)
    return qf_fail(err, QF_SYNTAX, "time %.*s: expected 2026-11-22T08:00:00+08:00 or milliseconds since 1970",
                   "时间 %.*s：应为 2026-11-22T08:00:00+08:00 或 1970 年以来的毫秒数", (int)(n < 40 ? n : 40), s);
  if (t < 0 || t >= TS_END)
    return qf_fail(err, QF_RANGE, "time %.*s is outside 1970 to 2199", "时间 %.*s 不在 1970–2199 年内",
                   (int)(n < 40 ? n : 40), s);
  it->ts_us = t;
  return QF_OK;
}

static qf_rc set_value(qf_push_item *it, const char *s, size_t n, qf_err *err)
{
  bool exact = true, yes = n == 4 && memcmp(s, "true", 4) == 0;
  if (yes || (n == 5 && memcmp(s, "false", 5) == 0)) {
    it->v = (qf_num){yes, 0};
    it->flags |= QF_RD_BOOL;
    return QF_OK;
  }
  qf_rc rc = qf_num_parse(s, n, &it->v, &exact);
  if (!exact)
    it->flags |= QF_RD_INEXACT;
  return rc ? qf_fail(err, rc, "value %.*s: expected a decimal number", "数值 %.*s：应为十进制数",
                      (int)(n < 40 ? n : 40), s)
            : QF_OK;
}

static qf_rc set_quality(qf_push_item *it, const char *s, size_t n, qf_err *err)
{
  static const struct {
    const char *s;
    uint8_t flag;
  } known[] = {{"good", 0}, {"manual", QF_RD_MANUAL}, {"invalid", QF_RD_SENTINEL}};
  for (size_t i = 0; i < 3; i++)
    if (strlen(known[i].s) == n && memcmp(known[i].s, s, n) == 0) {
      it->flags |= known[i].flag;
      return QF_OK;
    }
  return qf_fail(err, QF_SYNTAX, "quality %.*s: expected good, manual or invalid",
                 "质量 %.*s：应为 good、manual 或 invalid", (int)(n < 40 ? n : 40), s);
}

/* "measurement,tags field": the field stands behind the last blank that has no backslash before it. */
static qf_rc set_series(qf_push_item *it, const char *s, size_t n, qf_err *err)
{
  size_t cut = n;
  for (size_t i = n; i-- > 1 && cut == n;)
    if (s[i] == ' ' && s[i - 1] != '\\')
      cut = i;
  if (cut == n)
    return qf_fail(err, QF_SYNTAX, "series %.*s: expected measurement,tag=value field",
                   "序列 %.*s：应为 测量名,标签=值 字段", (int)(n < 80 ? n : 80), s);
  qf_lp_name name = {.series = s, .field = s + cut + 1, .series_len = cut, .field_len = n - cut - 1};
  return qf_lp_canonical(&name, it->name, sizeof it->name, &it->name_len, err);
}

static qf_rc set(qf_push_item *it, unsigned which, const char *s, size_t n, qf_err *err)
{
  switch (which) {
  case TIME:
    return set_time(it, s, n, err);
  case SERIES:
    return set_series(it, s, n, err);
  case POINT:
    if (n == 0 || n > QF_LP_KEY_MAX)
      return qf_fail(err, QF_RANGE, "point: 1 to %d bytes", "计量点：1 至 %d 字节", QF_LP_KEY_MAX);
    memcpy(it->name, s, n);
    it->name[n] = 0;
    it->name_len = n;
    it->by_point = true;
    return QF_OK;
  case VALUE:
    return set_value(it, s, n, err);
  case UNIT:
    if (n > QF_PUSH_UNIT_MAX)
      return qf_fail(err, QF_RANGE, "unit: at most %d bytes", "单位：至多 %d 字节", QF_PUSH_UNIT_MAX);
    memcpy(it->unit, s, n);
    it->unit[n] = 0;
    return QF_OK;
  default:
    return set_quality(it, s, n, err);
  }
}

/* have: bit of each column that came. */
static qf_rc complete(unsigned have, qf_err *err)
{
  bool name = (have >> SERIES & 1) != (have >> POINT & 1);
  if (name && (have >> TIME & 1) && (have >> VALUE & 1))
    return QF_OK;
  return qf_fail(err, QF_SYNTAX, "a reading needs time, value, and either series or point",
                 "读数须有 time、value，以及 series 或 point 之一");
}

/* ---- JSON */

static qf_rc member(const qf_js_tok *v, unsigned which, qf_push_item *it, qf_err *err)
{
  char text[QF_LP_KEY_MAX + 1];
  size_t n;
  bool number = v->kind == QF_JS_NUMBER && (which == VALUE || which == TIME || which == POINT),
       truth = which == VALUE && (v->kind == QF_JS_TRUE || v->kind == QF_JS_FALSE);
  if (number)
    return set(it, which, v->s, v->len, err);
  if (truth)
    return v->kind == QF_JS_TRUE ? set(it, which, "true", 4, err) : set(it, which, "false", 5, err);
  if (v->kind != QF_JS_STRING)
    return qf_fail(err, QF_SYNTAX, "%s: not a value it can have", "%s：不是其可取的值", names[which]);
  qf_rc rc = qf_js_text(v, text, sizeof text, &n, err);
  return rc ? rc : set(it, which, text, n, err);
}

static unsigned name_of(const qf_js_tok *k)
{
  unsigned i = 0;
  while (i < QF_PUSH_COLUMNS && !qf_js_is(k, names[i]))
    i++;
  return i;
}

/* An object of the array. A fault in it does not end the reading: the first is told, the rest passed over. */
static qf_rc json_item(qf_push *p, const qf_js_tok *first, qf_push_item *it, qf_err *err)
{
  qf_js_tok k, v;
  qf_err ignored;
  unsigned have = 0;
  qf_rc bad = QF_OK;
  if (first->kind != QF_JS_OBJECT) {
    (void)!qf_js_skip(&p->js, first, &ignored);
    return qf_fail(err, QF_SYNTAX, "a reading is an object", "读数须为对象");
  }
  while (qf_js_next(&p->js, &k, &ignored) == QF_OK && k.kind == QF_JS_KEY) {
    unsigned which = name_of(&k);
    if (qf_js_next(&p->js, &v, &ignored))
      break;
    if (bad) {
      (void)!qf_js_skip(&p->js, &v, &ignored);
      continue;
    }
    if (which == QF_PUSH_COLUMNS)
      bad = qf_fail(err, QF_SYNTAX, "%.*s: no such member of a reading", "%.*s：读数没有此成员",
                    (int)(k.len < 40 ? k.len : 40), k.s);
    else if (have >> which & 1)
      bad = qf_fail(err, QF_SYNTAX, "%s is there twice", "%s 出现两次", names[which]);
    else
      bad = member(&v, which, it, err);
    have |= which < QF_PUSH_COLUMNS ? 1u << which : 0;
    (void)!qf_js_skip(&p->js, &v, &ignored);
  }
  return bad ? bad : complete(have, err);
}

static qf_rc enter(qf_push *p, qf_err *err)
{
  qf_js_tok t;
  qf_rc rc = qf_js_next(&p->js, &t, err);
  if (!rc && t.kind == QF_JS_OBJECT) {
    rc = qf_js_next(&p->js, &t, err);
    if (!rc && (t.kind != QF_JS_KEY || !qf_js_is(&t, "readings")))
      t.kind = QF_JS_NULL;
    else if (!rc)
      rc = qf_js_next(&p->js, &t, err);
  }
  if (!rc && t.kind != QF_JS_ARRAY)
    rc = qf_fail(err, QF_SYNTAX, "expected an array of readings, or {\"readings\": [...]}",
                 "应为读数数组，或 {\"readings\": [...]}");
  return rc;
}

qf_rc qf_push_json(qf_push *p, const char *s, size_t n, qf_err *err)
{
  qf_js_tok t;
  qf_rc rc;
  *p = (qf_push){.items = 0};
  qf_js_init(&p->js, s, n, 8);
  while ((rc = qf_js_next(&p->js, &t, err)) == QF_OK) {
  }
  if (rc != QF_NOTFOUND)
    return rc;
  qf_js_init(&p->js, s, n, 8);
  if ((rc = enter(p, err)))
    return rc;
  qf_js after = p->js; /* behind the array nothing but the end of the object */
  for (unsigned below = after.depth; !rc && after.depth >= below;)
    rc = qf_js_next(&after, &t, err);
  if (!rc && after.depth && (rc = qf_js_next(&after, &t, err)) == QF_OK && t.kind != QF_JS_OBJECT_END)
    rc = qf_fail(err, QF_SYNTAX, "%.*s: only \"readings\" is known there", "%.*s：此处只能有 readings",
                 (int)(t.len < 40 ? t.len : 40), t.s);
  return rc;
}

/* ---- CSV */

static bool header_is(const qf_csv_field *f, unsigned which)
{
  static const char *const zh[QF_PUSH_COLUMNS] = {"时间", "序列", "计量点", "数值", "单位", "质量"};
  return strcasecmp(f->s, names[which]) == 0 || strcmp(f->s, zh[which]) == 0;
}

static qf_rc header(qf_push *p, const qf_csv_row *row, qf_err *err)
{
  unsigned have = 0;
  for (uint32_t i = 0; i < row->n; i++) {
    unsigned w = 0;
    while (w < QF_PUSH_COLUMNS && !header_is(&row->f[i], w))
      w++;
    if (w == QF_PUSH_COLUMNS || have >> w & 1)
      return qf_fail(err, QF_SYNTAX, "column %.40s: expected time, series or point, value, unit, quality, each once",
                     "列 %.40s：应为 time、series 或 point、value、unit、quality，各一次", row->f[i].s);
    have |= 1u << w;
    p->column[w] = i + 1;
  }
  p->cells = row->n;
  return complete(have, err);
}

static char delimiter(const char *s, size_t n)
{
  for (size_t i = 0; i < n && s[i] != '\n'; i++)
    if (s[i] == ',' || s[i] == ';' || s[i] == '\t')
      return s[i];
  return ',';
}

qf_rc qf_push_csv(qf_push *p, const char *s, size_t n, qf_err *err)
{
  qf_csv_row row;
  *p = (qf_push){.items = 0};
  if (!qf_utf8_valid(s, n))
    return qf_fail(err, QF_SYNTAX, "the table is not UTF-8", "表格不是 UTF-8");
  qf_csv_opts o = {.delim = delimiter(s, n), .max_row = 4096, .max_fields = 16};
  qf_rc rc = qf_csv_new(&o, &p->csv, err);
  if (rc)
    return rc;
  qf_csv_put(p->csv, s, n, true);
  rc = qf_csv_next(p->csv, &row, err);
  if (rc == QF_NOTFOUND)
    return qf_fail(err, QF_SYNTAX, "the table has no header", "表格没有表头");
  return rc ? rc : header(p, &row, err);
}

static qf_rc csv_item(qf_push *p, const qf_csv_row *row, qf_push_item *it, qf_err *err)
{
  for (unsigned w = 0; w < QF_PUSH_COLUMNS; w++) {
    uint32_t at = p->column[w];
    if (at == 0)
      continue;
    if (row->n != p->cells)
      return qf_fail(err, QF_SYNTAX, "%u cells: not as many as the header has", "%u 个单元格：与表头不符", row->n);
    const qf_csv_field *f = &row->f[at - 1];
    if (f->len == 0 && (w == UNIT || w == QUALITY))
      continue;
    if (memchr(f->s, 0, f->len))
      return qf_fail(err, QF_SYNTAX, "%s holds a NUL", "%s 含 NUL", names[w]);
    qf_rc rc = set(it, w, f->s, f->len, err);
    if (rc)
      return rc;
  }
  return QF_OK;
}

void qf_push_fini(qf_push *p)
{
  qf_csv_free(p->csv);
  p->csv = NULL;
}

qf_rc qf_push_next(qf_push *p, qf_push_item *it, qf_err *err)
{
  *it = (qf_push_item){.nth = ++p->items};
  qf_rc rc;
  if (p->csv) {
    qf_csv_row row;
    rc = qf_csv_next(p->csv, &row, err);
    if (rc == QF_NOTFOUND || rc == QF_NOMEM)
      return rc;
    it->nth = row.line;
    if (!rc)
      rc = csv_item(p, &row, it, err);
  } else {
    qf_js_tok t;
    rc = qf_js_next(&p->js, &t, err);
    if (rc || t.kind == QF_JS_ARRAY_END)
      return QF_NOTFOUND; /* damage was refused at the start */
    rc = json_item(p, &t, it, err);
  }
  return rc ? QF_PARTIAL : QF_OK;
}
