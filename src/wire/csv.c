#include "wire/csv.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* RFC 4180, read with a state per byte:
 *
 *   file  = [BOM] row *( end row ) [end]        end = LF | CR LF
 *   row   = field *( delim field )
 *   field = *plain | DQUOTE *( any | 2DQUOTE ) DQUOTE
 *
 * Refused, with line and column: a quote inside an unquoted field, anything but delim or end after a closing quote, a
 * CR that is not before LF, a NUL anywhere (UTF-16 files show themselves by it), a quote never closed, a row past the
 * limits. */

static const char mark[] = "\xEF\xBB\xBF"; /* byte-order mark */

enum state { BOM, FIELD, PLAIN, QUOTED, QUOTE, CR, SKIP, SKIP_CR, DONE };

struct qf_csv {
  qf_csv_opts o;
  const char *p, *end; /* lent bytes */
  bool last;
  uint8_t state, bom;
  bool given;      /* the row was handed out: clear it at the next call */
  uint64_t line;   /* of the byte at p */
  uint32_t column; /* of the byte at p, from 1 */
  uint64_t first;  /* line the row began on */
  uint64_t quote_line, blank;
  uint32_t quote_column;
  qf_buf text;
  qf_csv_field *f; /* n of cap fields; s is set when the row is whole, text may still move */
  uint32_t n, cap;
  size_t *at; /* start of each field in text */
  qf_rc bad;  /* why the row is refused; its lines are told when its end is known */
  qf_err why;
};

qf_rc qf_csv_new(const qf_csv_opts *opts, qf_csv **out, qf_err *err)
{
  qf_csv_opts o = opts ? *opts : (qf_csv_opts){0};
  o.delim = o.delim ? o.delim : ',';
  o.max_row = o.max_row ? o.max_row : 65536;
  o.max_fields = o.max_fields ? o.max_fields : 1024;
  if (o.delim == '"' || o.delim == '\r' || o.delim == '\n' || (unsigned char)o.delim >= 0x80)
    return qf_fail(err, QF_RANGE, "byte %d cannot be a delimiter", "字节 %d 不能作分隔符", (unsigned char)o.delim);
  qf_csv *c = calloc(1, sizeof *c);
  if (!c)
    return qf_fail(err, QF_NOMEM, "out of memory%s", "内存不足%s", "");
  c->o = o;
  c->state = BOM;
  c->line = c->first = o.first_line ? o.first_line : 1;
  c->column = 1;
  qf_buf_init(&c->text, (size_t)o.max_row + o.max_fields + 1);
  *out = c;
  return QF_OK;
}

void qf_csv_free(qf_csv *c)
{
  if (!c)
    return;
  qf_buf_fini(&c->text);
  free(c->f);
  free(c->at);
  free(c);
}

void qf_csv_put(qf_csv *c, const char *bytes, size_t n, bool last)
{
  c->p = bytes;
  c->end = bytes + n;
  c->last = last;
}

uint64_t qf_csv_blank(const qf_csv *c)
{
  return c->blank;
}
/* Note why the row is refused, at the byte about to be read; the rest of its line is skipped. */
static void refuse(qf_csv *c, qf_rc rc, const char *en, const char *zh)
{
  c->state = SKIP;
  if (c->bad)
    return;
  c->bad = rc;
  c->why.rc = rc;
  unsigned long long line = c->line;
  snprintf(c->why.en, sizeof c->why.en, "line %llu, column %u: %s", line, c->column, en);
  snprintf(c->why.zh, sizeof c->why.zh, "第 %llu 行第 %u 列：%s", line, c->column, zh);
}

static bool begin_field(qf_csv *c, bool quoted)
{
  if (c->n == c->o.max_fields) {
    refuse(c, QF_RANGE, "more fields in one row than allowed", "一行中的字段数超过限制");
    return false;
  }
  if (c->n == c->cap) {
    uint32_t cap = c->cap ? c->cap * 2 : 32;
    qf_csv_field *f = realloc(c->f, cap * sizeof *f);
    if (f)
      c->f = f;
    size_t *at = f ? realloc(c->at, cap * sizeof *at) : NULL;
    if (!at) {
      refuse(c, QF_NOMEM, "out of memory", "内存不足");
      return false;
    }
    c->at = at;
    c->cap = cap;
  }
  c->at[c->n] = c->text.len;
  c->f[c->n++] = (qf_csv_field){.column = c->column, .quoted = quoted};
  if (quoted) {
    c->quote_line = c->line;
    c->quote_column = c->column;
  }
  return true;
}

static void end_field(qf_csv *c)
{
  c->f[c->n - 1].len = (uint32_t)(c->text.len - c->at[c->n - 1]);
  qf_buf_putc(&c->text, 0);
}

static void append(qf_csv *c, const char *s, size_t n)
{
  if (c->text.len + n > c->o.max_row) {
    char en[120], zh[120];
    unsigned long long line = c->quote_line;
    bool in = c->state == QUOTED;
    snprintf(en, sizeof en, "the row is longer than %u bytes", c->o.max_row);
    snprintf(zh, sizeof zh, "一行超过 %u 字节", c->o.max_row);
    if (in) {
      snprintf(en, sizeof en, "the row is longer than %u bytes; the quote of line %llu, column %u is not closed",
               c->o.max_row, line, c->quote_column);
      snprintf(zh, sizeof zh, "一行超过 %u 字节；第 %llu 行第 %u 列的引号未闭合", c->o.max_row, line, c->quote_column);
    }
    refuse(c, QF_RANGE, en, zh);
    return;
  }
  qf_buf_put(&c->text, s, n);
  if (c->text.failed)
    refuse(c, QF_NOMEM, "out of memory", "内存不足");
}

/* The byte behind a field: delimiter, CR or LF. True when the row ends; anything else is the caller's. */
static bool after_field(qf_csv *c, char b)
{
  if (b == c->o.delim)
    c->state = FIELD;
  else if (b == '\r')
    c->state = CR;
  return b == '\n';
}

static bool is_end(const qf_csv *c, char b)
{
  return b == c->o.delim || b == '\r' || b == '\n';
}

/* At the start of a field. True when the row ends. */
static bool step_field(qf_csv *c, char b)
{
  if (c->o.spaces_join && b == c->o.delim)
    return false;
  if ((c->o.spaces_join || c->n == 0) && (b == '\n' || b == '\r'))
    return after_field(c, b); /* a blank line, or blanks at the end of a row of blanks */
  if (!begin_field(c, b == '"' && !c->o.no_quotes))
    return false;
  if (c->f[c->n - 1].quoted) {
    c->state = QUOTED;
    return false;
  }
  if (is_end(c, b)) {
    end_field(c);
    return after_field(c, b);
  }
  c->state = PLAIN;
  append(c, &b, 1);
  return false;
}

/* One byte; true when it ends the row (taken or refused). */
static bool step(qf_csv *c, char b)
{
  if (b == 0 && c->state != SKIP)
    refuse(c, QF_SYNTAX, "a NUL byte; the file must be UTF-8 text (not UTF-16)",
           "含 NUL 字节；文件须为 UTF-8 文本（不能是 UTF-16）");
  switch (c->state) {
  case FIELD:
    return step_field(c, b);
  case PLAIN:
    if (is_end(c, b)) {
      end_field(c);
      return after_field(c, b);
    }
    if (b == '"' && !c->o.no_quotes)
      refuse(c, QF_SYNTAX, "a quote inside an unquoted field", "未加引号的字段中出现引号");
    else
      append(c, &b, 1);
    return false;
  case QUOTED:
    if (b == '"')
      c->state = QUOTE;
    else
      append(c, &b, 1);
    return false;
  case QUOTE:
    if (b == '"') {
      c->state = QUOTED;
      append(c, &b, 1);
      return false;
    }
    if (is_end(c, b)) {
      end_field(c);
      return after_field(c, b);
    }
    refuse(c, QF_SYNTAX, "after a closing quote the delimiter or the end of the line is expected",
           "引号闭合后应为分隔符或行尾");
    return false;
  case CR:
    if (b != '\n')
      refuse(c, QF_SYNTAX, "a carriage return that does not end the line", "回车符后没有换行符");
    return b == '\n';
  default: /* SKIP */
    return b == '\n';
  }
}

static bool step_count(qf_csv *c, char b)
{
  bool ended = step(c, b);
  if (b == '\n') {
    c->line++;
    c->column = 1;
  } else {
    c->column++;
  }
  return ended;
}

/* The row is whole: give it or say why it is refused, and be ready for the next. Blank lines give QF_PARTIAL. */
static qf_rc finish(qf_csv *c, qf_csv_row *row, bool at_end, qf_err *err)
{
  qf_rc rc = c->bad;
  bool cut = at_end && c->column > 1;
  *row = (qf_csv_row){.line = c->first, .line_last = c->line - !cut, .open_end = cut};
  if (!rc && c->n == 0) {
    c->blank++;
    rc = QF_PARTIAL;
  } else if (!rc) {
    for (uint32_t i = 0; i < c->n; i++)
      c->f[i].s = c->text.data + c->at[i];
    row->f = c->f;
    row->n = c->n;
  } else if (err) {
    *err = c->why;
  }
  c->given = rc != QF_PARTIAL;
  c->first = c->line;
  c->state = FIELD;
  c->bad = QF_OK;
  return rc;
}

/* All bytes are read and none follow. */
static qf_rc finish_file(qf_csv *c, qf_csv_row *row, qf_err *err)
{
  if (c->state == BOM && c->bom) { /* half a byte-order mark is data */
    c->state = FIELD;
    for (int i = 0; i < c->bom; i++)
      (void)step_count(c, mark[i]);
  }
  uint8_t was = c->state;
  if (was == BOM || was == DONE || (was == FIELD && c->n == 0)) {
    c->state = DONE;
    return QF_NOTFOUND;
  }
  if (was == QUOTED) {
    uint64_t line = c->line;
    uint32_t column = c->column;
    c->line = c->quote_line;
    c->column = c->quote_column;
    refuse(c, QF_SYNTAX, "this quote is never closed", "此引号始终未闭合");
    c->line = line;
    c->column = column;
  } else if (was == PLAIN || was == QUOTE || (was == FIELD && !c->o.spaces_join && begin_field(c, false))) {
    end_field(c);
  }
  qf_rc rc = finish(c, row, true, err);
  c->state = DONE;
  return rc == QF_PARTIAL ? QF_NOTFOUND : rc;
}

/* A byte-order mark at the start is passed over; bytes that only looked like one are data. */
static bool step_bom(qf_csv *c, char b)
{
  if (b == mark[c->bom]) {
    if (++c->bom == 3)
      c->state = FIELD;
    return false;
  }
  c->state = FIELD;
  for (int i = 0; i < c->bom; i++)
    (void)step_count(c, mark[i]);
  return step_count(c, b);
}

/* Plain bytes of an unquoted field, many at once. */
static void run_plain(qf_csv *c)
{
  const char *s = c->p;
  while (s < c->end && !is_end(c, *s) && *s != '"' && *s != 0)
    s++;
  size_t n = (size_t)(s - c->p), room = c->o.max_row - c->text.len;
  n = n < room ? n : room; /* the byte past the limit goes the slow way and is named */
  append(c, c->p, n);
  c->column += (uint32_t)n;
  c->p += n;
}

qf_rc qf_csv_next(qf_csv *c, qf_csv_row *row, qf_err *err)
{
  if (c->given) {
    c->n = 0;
    qf_buf_reset(&c->text);
    c->given = false;
  }
  while (c->p < c->end) {
    if (c->state == PLAIN)
      run_plain(c);
    if (c->p == c->end)
      break;
    char b = *c->p++;
    bool ended = c->state == BOM ? step_bom(c, b) : step_count(c, b);
    if (!ended)
      continue;
    qf_rc rc = finish(c, row, false, err);
    if (rc != QF_PARTIAL)
      return rc;
  }
  return c->last ? finish_file(c, row, err) : QF_PARTIAL;
}
