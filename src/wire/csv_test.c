/* CSV: the grammar of RFC 4180, every way to cut the bytes into pieces, and that each row or refusal names its lines.
 */
#include "wire/csv.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the headers above first */
#include <cmocka.h>

/* All rows as text: fields in <>, a quoted one in "", "lines:" before, "!" and the English reason for a refused row. */
static void render(const qf_csv_opts *o, const char *s, size_t n, size_t piece, qf_buf *out)
{
  qf_csv *c;
  qf_csv_row row;
  qf_err err;
  qf_rc rc;
  size_t at = 0;
  assert_int_equal(qf_csv_new(o, &c, NULL), QF_OK);
  qf_buf_reset(out);
  char *part = NULL;
  for (;;) {
    rc = qf_csv_next(c, &row, &err);
    if (rc == QF_PARTIAL) {
      size_t k = n - at < piece ? n - at : piece;
      free(part);
      part = malloc(k ? k : 1); /* exact, so that a read past it is seen */
      memcpy(part, s + at, k);
      at += k;
      qf_csv_put(c, part, k, at == n);
      continue;
    }
    if (rc == QF_NOTFOUND)
      break;
    qf_buf_printf(out, "%llu-%llu:", (unsigned long long)row.line, (unsigned long long)row.line_last);
    if (rc)
      qf_buf_printf(out, "!%s", err.en);
    for (uint32_t i = 0; i < row.n; i++) {
      assert_int_equal(strlen(row.f[i].s), row.f[i].len);
      qf_buf_printf(out, row.f[i].quoted ? "\"%s\"" : "<%s>", row.f[i].s);
    }
    qf_buf_puts(out, row.open_end ? "~\n" : "\n");
  }
  assert_int_equal(qf_csv_next(c, &row, &err), QF_NOTFOUND);
  qf_csv_free(c);
  free(part);
}

static void check(const qf_csv_opts *o, const char *s, size_t n, const char *want)
{
  qf_buf b;
  qf_buf_init(&b, 1 << 20);
  for (size_t piece = 1; piece <= n + 1; piece += piece < 8 ? 1 : 7) {
    render(o, s, n, piece, &b);
    if (strcmp(b.len ? b.data : "", want) != 0)
      fail_msg("in pieces of %zu:\n%sexpected:\n%s", piece, b.len ? b.data : "", want);
  }
  qf_buf_fini(&b);
}
#define IS(s, want) check(NULL, s, sizeof(s) - 1, want)
#define IS_WITH(o, s, want) check(&(qf_csv_opts)o, s, sizeof(s) - 1, want)
#define OPTS(...)                                                                                                      \
  {                                                                                                                    \
    __VA_ARGS__                                                                                                        \
  }

static void rows_and_quotes(void **st)
{
  (void)st;
  IS("", "");
  IS("a", "1-1:<a>~\n");
  IS("a,b\r\nc,d\r\n", "1-1:<a><b>\n2-2:<c><d>\n");
  IS("a,b\nc,d", "1-1:<a><b>\n2-2:<c><d>~\n");
  IS("a,,\n,b,\n,,c\n", "1-1:<a><><>\n2-2:<><b><>\n3-3:<><><c>\n");
  IS("a,", "1-1:<a><>~\n");
  IS("\n\r\na\n\n", "3-3:<a>\n");
  /* RFC 4180 section 2, rules 5 to 7 */
  IS("\"aaa\",\"b\r\nbb\",\"ccc\"\r\nzzz,yyy,xxx\r\n", "1-2:\"aaa\"\"b\r\nbb\"\"ccc\"\n3-3:<zzz><yyy><xxx>\n");
  IS("\"aaa\",\"b\"\"bb\",\"\"\n", "1-1:\"aaa\"\"b\"bb\"\"\"\n");
  IS("\"\"\"\"", "1-1:\"\"\"~\n");
  IS("\"a\"", "1-1:\"a\"~\n");
  IS(" a , b\n", "1-1:< a >< b>\n");
  IS("a\r\n\"b\"\r", "1-1:<a>\n2-2:\"b\"~\n");
}

static void byte_order_mark(void **st)
{
  (void)st;
  IS("\xEF\xBB\xBF"
     "a,b\n",
     "1-1:<a><b>\n");
  IS("\xEF\xBB\xBF", "");
  IS("\xEF\xBB,b\n", "1-1:<\xEF\xBB><b>\n");
  IS("\xEF", "1-1:<\xEF>~\n");
  IS("a\n\xEF\xBB\xBF,b\n", "1-1:<a>\n2-2:<\xEF\xBB\xBF><b>\n");
}

static void other_delimiters(void **st)
{
  (void)st;
  IS_WITH(OPTS(.delim = ';'), "1,5;2\n", "1-1:<1,5><2>\n");
  IS_WITH(OPTS(.delim = '\t'), "a b\tc\n", "1-1:<a b><c>\n");
  IS_WITH(OPTS(.delim = ' ', .spaces_join = true), "  a   b \r\n\n   \nc d", "1-1:<a><b>\n4-4:<c><d>~\n");
  IS_WITH(OPTS(.no_quotes = true), "5\",\"x\n", "1-1:<5\"><\"x>\n");
  qf_csv *c;
  qf_err err;
  assert_int_equal(qf_csv_new(&(qf_csv_opts){.delim = '"'}, &c, &err), QF_RANGE);
  assert_int_equal(qf_csv_new(&(qf_csv_opts){.delim = '\n'}, &c, &err), QF_RANGE);
}

static void refused_rows(void **st)
{
  (void)st;
  IS("a\nb\"c,d\ne\n", "1-1:<a>\n2-2:!line 2, column 2: a quote inside an unquoted field\n3-3:<e>\n");
  IS("\"a\"b,c\nd\n",
     "1-1:!line 1, column 4: after a closing quote the delimiter or the end of the line is expected\n2-2:<d>\n");
  IS("a\rb\nc\n", "1-1:!line 1, column 3: a carriage return that does not end the line\n2-2:<c>\n");
  IS("a\0b\nc\n", "1-1:!line 1, column 2: a NUL byte; the file must be UTF-8 text (not UTF-16)\n2-2:<c>\n");
  IS("a\n\"b\nc\nd\n", "1-1:<a>\n2-4:!line 2, column 1: this quote is never closed\n");
  IS_WITH(OPTS(.max_row = 4), "abcd\nabcde\nab,cd\nx\n",
          "1-1:<abcd>\n2-2:!line 2, column 5: the row is longer than 4 bytes\n3-3:!line 3, column 5: the row is longer "
          "than 4 bytes\n4-4:<x>\n");
  IS_WITH(OPTS(.max_fields = 2), "a,b\na,b,c\nd\n",
          "1-1:<a><b>\n2-2:!line 2, column 5: more fields in one row than allowed\n3-3:<d>\n");
}

static void lost_quote_is_bounded(void **st)
{
  (void)st;
  IS_WITH(OPTS(.max_row = 8), "a\n\"b\nc\nd\ne\nf\ng\nh\n",
          "1-1:<a>\n2-6:!line 6, column 1: the row is longer than 8 bytes; the quote of line 2, column 1 is not "
          "closed\n7-7:<g>\n8-8:<h>\n");
}

/* Every byte belongs to exactly one row, blank line or refusal, whatever is done to the bytes. */
static void lines_are_accounted_for(void **st)
{
  (void)st;
  static const char text[] = "\xEF\xBB\xBFx,\"y\r\nz\"\r\n\r\n1,2\n\"a\"\"b\",c\n3,4";
  static const char with[] = {'"', '\n', '\r', 0, ',', 'q'};
  for (size_t at = 0; at + 1 < sizeof text; at++) {
    for (size_t k = 0; k < sizeof with; k++) {
      char s[sizeof text];
      memcpy(s, text, sizeof text);
      s[at] = with[k];
      qf_csv *c;
      qf_csv_row row;
      uint64_t last = 0, seen = 0, lines = 1;
      for (size_t i = 0; i + 1 < sizeof text; i++)
        lines += s[i] == '\n';
      assert_int_equal(qf_csv_new(NULL, &c, NULL), QF_OK);
      qf_csv_put(c, s, sizeof text - 1, true);
      while (qf_csv_next(c, &row, NULL) != QF_NOTFOUND) {
        assert_true(row.line > last && row.line_last >= row.line);
        seen += row.line_last - row.line + 1;
        last = row.line_last;
      }
      lines -= s[sizeof text - 2] == '\n';
      if (seen + qf_csv_blank(c) != lines)
        fail_msg("byte %zu as %d: %llu lines seen, %llu blank, %llu there", at, with[k], (unsigned long long)seen,
                 (unsigned long long)qf_csv_blank(c), (unsigned long long)lines);
      qf_csv_free(c);
    }
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rows_and_quotes),       cmocka_unit_test(byte_order_mark),
      cmocka_unit_test(other_delimiters),      cmocka_unit_test(refused_rows),
      cmocka_unit_test(lost_quote_is_bounded), cmocka_unit_test(lines_are_accounted_for),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
