/* Every table as CSV (RFC 4180, LF), rows sorted by all columns, so that equal content gives equal bytes: decimals as they are
 * kept, moments RFC 3339 +08:00, floating point with 17 digits, NULL empty, an empty text as "". Derived tables (factor_month)
 * and the book's own notes (book_meta) are left out. */
#include "book/internal.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define EXPORT_ROWS 500000 /* rows sorted at once */

typedef struct sink {
  FILE *f;
  qf_buf line;
  bool failed;
} sink;

static void put_text(qf_buf *out, const char *s, size_t n)
{
  if (n && !memchr(s, ',', n) && !memchr(s, '"', n) && !memchr(s, '\n', n) && !memchr(s, '\r', n)) {
    qf_buf_put(out, s, n);
    return;
  }
  qf_buf_putc(out, '"');
  for (size_t i = 0; i < n; i++) {
    if (s[i] == '"')
      qf_buf_putc(out, '"');
    qf_buf_putc(out, s[i]);
  }
  qf_buf_putc(out, '"');
}

static bool on_row(void *ud, const qf_cell *cells, size_t n)
{
  sink *k = ud;
  qf_buf_reset(&k->line);
  for (size_t i = 0; i < n; i++) {
    const qf_cell *c = &cells[i];
    if (i)
      qf_buf_putc(&k->line, ',');
    if (c->kind == 4)
      put_text(&k->line, c->s, c->len);
    else if (c->kind == 1)
      qf_buf_printf(&k->line, "%" PRId64, c->i);
    else if (c->kind == 2)
      qf_dec_write(&k->line, c->dec);
    else if (c->kind == 3)
      qf_buf_printf(&k->line, "%.17g", c->d);
    else if (c->kind == 5)
      qf_buf_puts(&k->line, c->i ? "true" : "false");
  }
  qf_buf_putc(&k->line, '\n');
  k->failed = k->line.failed || fwrite(k->line.data, 1, k->line.len, k->f) != k->line.len;
  return !k->failed;
}

static bool header(sink *k, const char *columns)
{
  for (const char *p = columns; *p;) {
    const char *end = strchr(p, '\n');
    fprintf(k->f, "%s%.*s", p == columns ? "" : ",", (int)(end - p - 1), p);
    p = end + 1;
  }
  return fputc('\n', k->f) != EOF;
}

typedef struct ranges { /* points cut so that each part has about EXPORT_ROWS rows */
  int64_t upto[4096];
  size_t n;
  int64_t rows;
} ranges;

static bool on_count(void *ud, const qf_cell *cells, size_t n)
{
  ranges *r = ud;
  (void)n;
  r->rows += cells[1].i;
  if (r->rows >= EXPORT_ROWS && r->n < 4095) {
    r->upto[r->n++] = cells[0].i;
    r->rows = 0;
  }
  return true;
}

static qf_rc write_big(qf_book *b, const char *table, sink *k, qf_err *err)
{
  ranges r = {.n = 0};
  char sql[200];
  snprintf(sql, sizeof sql, "SELECT point, count(*) FROM %s GROUP BY point ORDER BY point", table);
  qf_rc rc = qf_book_query(b, sql, NULL, 0, on_count, &r, err);
  r.upto[r.n++] = INT32_MAX;
  int64_t from = INT32_MIN;
  for (size_t i = 0; !rc && i < r.n; i++) {
    snprintf(sql, sizeof sql, "SELECT * FROM %s WHERE point > %" PRId64 " AND point <= %" PRId64 " ORDER BY ALL", table,
             from, r.upto[i]);
    rc = qf_book_query(b, sql, NULL, 0, on_row, k, err);
    from = r.upto[i];
  }
  return rc;
}

static qf_rc write_table(qf_book *b, const char *dir, const char *table, bool big, qf_err *err)
{
  char path[4300], sql[160];
  sink k = {0};
  qf_buf columns;
  snprintf(path, sizeof path, "%s/%s.csv", dir, table);
  k.f = fopen(path, "wbe");
  if (!k.f)
    return qf_fail(err, QF_IO, "%s: %s", "%s：%s", path, strerror(errno));
  qf_buf_init(&columns, 1u << 16);
  qf_buf_init(&k.line, 64u << 20);
  snprintf(sql, sizeof sql, "SELECT * FROM %s LIMIT 0", table);
  qf_rc rc = qf_book_columns(b, sql, &columns, err);
  if (!rc)
    k.failed = !header(&k, columns.data);
  snprintf(sql, sizeof sql, "SELECT * FROM %s ORDER BY ALL", table);
  if (!rc)
    rc = big ? write_big(b, table, &k, err) : qf_book_query(b, sql, NULL, 0, on_row, &k, err);
  bool ok = !k.failed && fflush(k.f) == 0 && fsync(fileno(k.f)) == 0;
  ok = fclose(k.f) == 0 && ok;
  if (!rc && !ok)
    rc = qf_fail(err, QF_IO, "%s: cannot be written", "%s：无法写入", path);
  qf_buf_fini(&columns);
  qf_buf_fini(&k.line);
  return rc;
}

qf_rc qf_book_export(qf_book *b, const char *out_dir, qf_err *err)
{
  static const char *const small[] = {"series", "alarm", "event"};
  char table[80];
  if (mkdir(out_dir, 0700) < 0 && errno != EEXIST)
    return qf_fail(err, QF_IO, "%s: %s", "%s：%s", out_dir, strerror(errno));
  qf_book_hold(b);
  qf_rc rc = write_table(b, out_dir, "interval_hour", true, err);
  if (!rc)
    rc = write_table(b, out_dir, "account_day", true, err);
  for (size_t i = 0; !rc && i < sizeof small / sizeof *small; i++)
    rc = write_table(b, out_dir, small[i], false, err);
  for (uint32_t i = 0; !rc && i < 2 * b->ntypes; i++) {
    snprintf(table, sizeof table, "rec_%s%s", b->types[i / 2].name, i % 2 ? "_history" : "");
    rc = write_table(b, out_dir, table, false, err);
  }
  qf_book_release(b);
  return rc;
}
