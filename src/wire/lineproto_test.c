/* Line protocol: types, escapes, precisions, refusals, and that a bad line never touches its neighbours. Expected
 * values are from the published grammar (InfluxDB line protocol reference) or worked out by hand beside the case. */
#include "wire/lineproto.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the headers above first */
#include <cmocka.h>

enum { PTS = 256, ERRS = 64 };
typedef struct parsed {
  qf_lp lp;
  qf_lp_point p[PTS];
  qf_lp_error e[ERRS];
  size_t n;
  char *buf; /* exactly as long as the input, so that a read past the end is seen by the sanitizer */
} parsed;

static parsed *parse_n(const char *s, size_t len, qf_lp_precision pr, size_t cap)
{
  parsed *r = calloc(1, sizeof *r);
  assert_non_null(r);
  r->buf = malloc(len ? len : 1);
  memcpy(r->buf, s, len);
  qf_lp_opts o = {.now_us = 777, .precision = pr, .errors = r->e, .errors_cap = ERRS};
  qf_lp_init(&r->lp, r->buf, len, &o);
  size_t k;
  while ((k = qf_lp_next(&r->lp, r->p + r->n, cap < PTS - r->n ? cap : PTS - r->n)) != 0)
    r->n += k;
  assert_int_equal(r->lp.points, r->n);
  return r;
}

static parsed *parse(const char *s)
{
  return parse_n(s, strlen(s), QF_LP_NS, PTS);
}

static void done(parsed *r)
{
  free(r->buf);
  free(r);
}

static void text_is(const char *s, size_t n, const char *want)
{
  if (n != strlen(want) || memcmp(s, want, n) != 0)
    fail_msg("found \"%.*s\", expected \"%s\"", (int)n, s, want);
}

static void num_is(qf_num v, int64_t mant, int exp)
{
  if (v.mant != mant || v.exp != exp)
    fail_msg("found %lld e%d, expected %lld e%d", (long long)v.mant, v.exp, (long long)mant, exp);
}

static void simple_line(void **st)
{
  (void)st;
  parsed *r = parse("m,p=123 v=45.67 1700000000000000000");
  assert_int_equal(r->n, 1);
  assert_int_equal(r->lp.bad_lines, 0);
  text_is(r->p[0].series, r->p[0].series_len, "m,p=123");
  text_is(r->p[0].field, r->p[0].field_len, "v");
  assert_int_equal(r->p[0].type, QF_LP_FLOAT);
  num_is(r->p[0].v, 4567, -2);
  assert_int_equal(r->p[0].ts_us, 1700000000000000);
  assert_int_equal(r->p[0].flags, 0);
  assert_int_equal(r->p[0].line, 1);
  done(r);
}

/* value text -> type, mantissa, exponent, flags */
static const struct value {
  const char *s;
  qf_lp_type type;
  int64_t mant;
  int exp;
  uint8_t flags;
} values[] = {
    {"0", QF_LP_FLOAT, 0, 0, 0},
    {"1", QF_LP_FLOAT, 1, 0, 0},
    {"-1", QF_LP_FLOAT, -1, 0, 0},
    {"+1.5", QF_LP_FLOAT, 15, -1, 0},
    {"1.", QF_LP_FLOAT, 1, 0, 0},
    {".5", QF_LP_FLOAT, 5, -1, 0},
    {"-.5", QF_LP_FLOAT, -5, -1, 0},
    {"12.50", QF_LP_FLOAT, 1250, -2, 0},
    {"0.000", QF_LP_FLOAT, 0, -3, 0},
    {"12345678", QF_LP_FLOAT, 12345678, 0, 0},
    {"1234567.8", QF_LP_FLOAT, 12345678, -1, 0},
    {"123456789", QF_LP_FLOAT, 123456789, 0, 0},
    {"1.23456789", QF_LP_FLOAT, 123456789, -8, 0},
    {"12345678.", QF_LP_FLOAT, 12345678, 0, 0},
    {"123456789.", QF_LP_FLOAT, 123456789, 0, 0},
    {"1.2345678", QF_LP_FLOAT, 12345678, -7, 0},
    {".123456789", QF_LP_FLOAT, 123456789, -9, 0},
    {".12345678", QF_LP_FLOAT, 12345678, -8, 0},
    {"1234567.12345678", QF_LP_FLOAT, 123456712345678, -8, 0},
    {"12345678.1234567", QF_LP_FLOAT, 123456781234567, -7, 0},
    {"9999999999999999", QF_LP_FLOAT, 9999999999999999, 0, 0},
    {"99999999.99999999", QF_LP_FLOAT, 9999999999999999, -8, 0},
    {"-99999999.9999999", QF_LP_FLOAT, -999999999999999, -7, 0},
    {"123456789012345678", QF_LP_FLOAT, 123456789012345678, 0, 0},
    {"1234567890123456785", QF_LP_FLOAT, 123456789012345678, 1, QF_RD_INEXACT}, /* ...678|5: tie, 8 is even */
    {"1e3", QF_LP_FLOAT, 1, 3, 0},
    {"1.5E-3", QF_LP_FLOAT, 15, -4, 0},
    {"-2.5e+10", QF_LP_FLOAT, -25, 9, 0},
    {"1e30", QF_LP_FLOAT, 1, 30, 0},
    {"0i", QF_LP_INT, 0, 0, 0},
    {"123i", QF_LP_INT, 123, 0, 0},
    {"-123i", QF_LP_INT, -123, 0, 0},
    {"+7i", QF_LP_INT, 7, 0, 0},
    {"9223372036854775807i", QF_LP_INT, INT64_MAX, 0, 0},
    {"-9223372036854775808i", QF_LP_INT, INT64_MIN, 0, 0},
    {"00000000000000000000001i", QF_LP_INT, 1, 0, 0},
    {"0u", QF_LP_UINT, 0, 0, 0},
    {"9223372036854775807u", QF_LP_UINT, INT64_MAX, 0, 0},
    {"t", QF_LP_BOOL, 1, 0, QF_RD_BOOL},
    {"T", QF_LP_BOOL, 1, 0, QF_RD_BOOL},
    {"true", QF_LP_BOOL, 1, 0, QF_RD_BOOL},
    {"True", QF_LP_BOOL, 1, 0, QF_RD_BOOL},
    {"TRUE", QF_LP_BOOL, 1, 0, QF_RD_BOOL},
    {"f", QF_LP_BOOL, 0, 0, QF_RD_BOOL},
    {"F", QF_LP_BOOL, 0, 0, QF_RD_BOOL},
    {"false", QF_LP_BOOL, 0, 0, QF_RD_BOOL},
    {"False", QF_LP_BOOL, 0, 0, QF_RD_BOOL},
    {"FALSE", QF_LP_BOOL, 0, 0, QF_RD_BOOL},
};

/* Every value at the start of the buffer (no room to read before it), deep inside, and as one of several fields. */
static void all_types(void **st)
{
  (void)st;
  for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
    const struct value *v = &values[i];
    char line[200];
    snprintf(line, sizeof line, "m a=%s\n#\nmeasurement_longer,tag=value b=%s,c=%s 1700000000000000000\n", v->s, v->s,
             v->s);
    parsed *r = parse(line);
    if (r->n != 3)
      fail_msg("\"%s\": %zu points, refused %llu", v->s, r->n, (unsigned long long)r->lp.bad_lines);
    for (int k = 0; k < 3; k++) {
      if (r->p[k].type != v->type || r->p[k].v.mant != v->mant || r->p[k].v.exp != v->exp ||
          (r->p[k].flags & ~QF_LP_NO_TIME) != v->flags)
        fail_msg("\"%s\" at %d: type %d %lld e%d flags %d", v->s, k, r->p[k].type, (long long)r->p[k].v.mant,
                 r->p[k].v.exp, r->p[k].flags);
      assert_null(r->p[k].text);
    }
    assert_int_equal(r->p[0].flags & QF_LP_NO_TIME, QF_LP_NO_TIME);
    assert_int_equal(r->p[0].ts_us, 777);
    assert_int_equal(r->p[2].line, 3);
    done(r);
  }
}

/* The quick conversion agrees with qf_num_parse on every length, place of the point and sign. */
static void quick_numbers_agree(void **st)
{
  (void)st;
  uint64_t x = 88172645463325252u;
  for (int len = 1; len <= 20; len++) {
    for (int point = -1; point <= len; point++) {
      for (int neg = 0; neg < 2; neg++) {
        char num[40], line[120];
        int n = 0;
        if (neg)
          num[n++] = '-';
        for (int i = 0; i < len; i++) {
          x ^= x << 13, x ^= x >> 7, x ^= x << 17;
          if (i == point)
            num[n++] = '.';
          num[n++] = (char)('0' + x % 10);
        }
        if (point == len)
          num[n++] = '.';
        num[n] = 0;
        snprintf(line, sizeof line, "a_measurement_name,tag=1 value=%s 1700000000000000000\n", num);
        qf_num want;
        bool exact;
        assert_int_equal(qf_num_parse(num, (size_t)n, &want, &exact), QF_OK);
        parsed *r = parse(line);
        assert_int_equal(r->n, 1);
        if (r->p[0].v.mant != want.mant || r->p[0].v.exp != want.exp || (r->p[0].flags == QF_RD_INEXACT) == exact)
          fail_msg("\"%s\": found %lld e%d, expected %lld e%d", num, (long long)r->p[0].v.mant, r->p[0].v.exp,
                   (long long)want.mant, want.exp);
        done(r);
      }
    }
  }
}

static void escapes(void **st)
{
  (void)st;
  /* the examples of the reference: spaces and commas in a measurement; = , space in tags and keys; \" and \\ in
   * strings; a backslash elsewhere is itself; = unescaped in a measurement is allowed; letters beyond ASCII */
  parsed *r = parse(
      "wea\\,the\\ r=x,loc\\ k\\,\\=ey=us\\,mid\\ west\\=1,t\\w=C:\\x field\\ k\\=e\\,y=\"a \\\"q\\\" \\\\ \\n,=\" 1\n"
      "电表,位置=营口 功率=3.5 1\n");
  assert_int_equal(r->n, 2);
  text_is(r->p[0].series, r->p[0].series_len, "wea\\,the\\ r=x,loc\\ k\\,\\=ey=us\\,mid\\ west\\=1,t\\w=C:\\x");
  text_is(r->p[0].field, r->p[0].field_len, "field\\ k\\=e\\,y");
  assert_int_equal(r->p[0].type, QF_LP_TEXT);
  assert_int_equal(r->p[0].flags, QF_LP_ESCAPED);
  qf_buf b;
  qf_buf_init(&b, 100);
  assert_int_equal(qf_lp_text(&r->p[0], &b, NULL), QF_OK);
  text_is(b.data, b.len, "a \"q\" \\ \\n,=");
  qf_buf_fini(&b);
  text_is(r->p[1].series, r->p[1].series_len, "电表,位置=营口");
  text_is(r->p[1].field, r->p[1].field_len, "功率");
  done(r);
}

static void strings(void **st)
{
  (void)st;
  parsed *r = parse("m a=\"\",b=\"x\ny\",c=\"ends \\\\\",d=1i 5\r\nn v=2\n");
  assert_int_equal(r->n, 5);
  assert_int_equal(r->p[0].text_len, 0);
  text_is(r->p[1].text, r->p[1].text_len, "x\ny");
  text_is(r->p[2].text, r->p[2].text_len, "ends \\\\");
  num_is(r->p[3].v, 1, 0);
  assert_int_equal(r->p[3].line, 1);
  assert_int_equal(r->p[4].line, 3); /* the string holds a line feed */
  done(r);
  parsed *u = parse("m a=\"\xff\"\n");
  qf_buf b;
  qf_buf_init(&b, 100);
  qf_err err;
  assert_int_equal(u->n, 1);
  assert_int_equal(qf_lp_text(&u->p[0], &b, &err), QF_SYNTAX);
  qf_buf_fini(&b);
  done(u);
}

static void blanks_comments_line_ends(void **st)
{
  (void)st;
  const char *s = "\n\r\n   \n# comment, with = and \"\n  # indented\n\t m v=1   5  \r\n\nm v=2 \nm   v=3\r\nm v=4 6\r";
  parsed *r = parse(s);
  assert_int_equal(r->lp.bad_lines, 0);
  assert_int_equal(r->n, 4);
  static const int line[] = {6, 8, 9, 10}, ts[] = {0, 777, 777, 0};
  for (int i = 0; i < 4; i++) {
    num_is(r->p[i].v, i + 1, 0);
    assert_int_equal(r->p[i].line, line[i]);
    assert_int_equal(r->p[i].ts_us, ts[i]); /* 5 ns and 6 ns are 0 us */
  }
  assert_int_equal(r->lp.lines, 4);
  done(r);
  r = parse("");
  assert_int_equal(r->n, 0);
  done(r);
}

static void precisions(void **st)
{
  (void)st;
  /* 2023-11-14T22:13:20Z = 1700000000 s; m and h are the floor of it: 28333333 min, 472222 h */
  static const struct {
    const char *name, *stamp;
    int64_t us;
  } t[] = {{"ns", "1700000000123456789", 1700000000123456}, {"n", "1700000000123456789", 1700000000123456},
           {"", "1700000000123456789", 1700000000123456},   {"us", "1700000000123456", 1700000000123456},
           {"u", "1700000000123456", 1700000000123456},     {"ms", "1700000000123", 1700000000123000},
           {"s", "1700000000", 1700000000000000},           {"m", "28333333", 28333333LL * 60000000},
           {"h", "472222", 472222LL * 3600000000},          {"s", "0", 0},
           {"s", "7258118399", 7258118399000000},           {"ns", "7258118399999999999", 7258118399999999}};
  for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
    qf_lp_precision p;
    char line[80];
    assert_int_equal(qf_lp_precision_parse(t[i].name, &p, NULL), QF_OK);
    int n = snprintf(line, sizeof line, "measurement v=1 %s\nm v=1 %s", t[i].stamp, t[i].stamp);
    parsed *r = parse_n(line, (size_t)n, p, PTS);
    assert_int_equal(r->n, 2);
    assert_int_equal(r->p[0].ts_us, t[i].us);
    assert_int_equal(r->p[1].ts_us, t[i].us);
    done(r);
  }
  qf_lp_precision p = QF_LP_S;
  qf_err err;
  assert_int_equal(qf_lp_precision_parse("min", &p, &err), QF_RANGE);
  assert_int_equal(p, QF_LP_S);
  assert_non_null(strstr(err.en, "min"));
}

/* bad line, column of the fault, words that must be in the reason */
static const struct bad {
  const char *s;
  unsigned column;
  const char *en;
} bads[] = {
    {",t=1 v=1", 1, "measurement"},
    {"m", 2, "fields are missing"},
    {"m,t=1", 6, "fields are missing"},
    {"m ", 3, "fields are missing"},
    {"m,t v=1", 3, "tag must be key=value"},
    {"m,=1 v=1", 3, "tag must be key=value"},
    {"m, v=1", 3, "tag must be key=value"},
    {"m,t= v=1", 5, "tag has no value"},
    {"m,t=,u=1 v=1", 5, "tag has no value"},
    {"m,t=a=b v=1", 6, "must be written \\="},
    {"m v", 3, "field must be key=value"},
    {"m =1", 3, "field must be key=value"},
    {"m v=", 5, "no value"},
    {"m v=,w=1", 5, "no value"},
    {"m v=1,", 7, "field"},
    {"m v=abc", 5, "not a number"},
    {"m v=1.2.3", 5, "not a number"},
    {"m v=12345678.1.3", 5, "not a number"},
    {"m v=.", 5, "not a number"},
    {"m v=-", 5, "not a number"},
    {"m v=--1", 5, "not a number"},
    {"m v=i", 5, "not a number"},
    {"m v=1.5i", 5, "not a number"},
    {"m v=1e", 5, "not a number"},
    {"m v=tRUE", 5, "not a number"},
    {"m v=1=2", 5, "not a number"},
    {"m v=0x10", 5, "not a number"},
    {"m v=NaN 1", 5, "NaN"},
    {"m v=nan", 5, "NaN"},
    {"m v=-Inf", 5, "NaN"},
    {"m v=+Infinity", 5, "NaN"},
    {"m v=1e50", 5, "outside what can be kept"},
    {"m v=1e-31", 5, "outside what can be kept"},
    {"m v=1e999", 5, "outside what can be kept"},
    {"m v=9223372036854775808i", 5, "64 bits"},
    {"m v=-9223372036854775809i", 5, "64 bits"},
    {"m v=99999999999999999999999i", 5, "64 bits"},
    {"m v=9223372036854775808u", 5, "unsigned"},
    {"m v=18446744073709551615u", 5, "unsigned"},
    {"m v=-1u", 5, "unsigned"},
    {"m v=\"abc", 5, "not closed"},
    {"m v=\"abc\"x", 10, "after a string"},
    {"m v=\"abc\\\"", 5, "not closed"},
    {"m v=1 12a", 7, "not a whole number"},
    {"m v=1 1.5", 7, "not a whole number"},
    {"m v=1 -1", 7, "1970..2200"},
    {"m v=1 7258118400000000000", 7, "1970..2200"},
    {"m v=1 99999999999999999999999", 7, "1970..2200"},
    {"m v=1 1 2", 8, "end after the timestamp"},
    {"m v=1 1,w=2", 8, "end after the timestamp"},
    {"m\tx v=1", 2, "control"},
    {"m,t=a\x01z v=1", 6, "control"},
    {"m v=1\rw=2", 6, "control"},
    {"m v\x7f=1,\x02=2", 8, "control"},
};

static void refusals(void **st)
{
  (void)st;
  for (size_t i = 0; i < sizeof bads / sizeof *bads; i++) {
    char text[300];
    snprintf(text, sizeof text, "good,t=1 v=1 1000\n%s\ngood,t=2 v=2 2000\n", bads[i].s);
    parsed *r = parse(text);
    if (r->n != 2 || r->lp.bad_lines != 1 || r->lp.errors_n != 1 || r->lp.lines != 3)
      fail_msg("\"%s\": %zu points, %llu refused", bads[i].s, r->n, (unsigned long long)r->lp.bad_lines);
    num_is(r->p[0].v, 1, 0);
    num_is(r->p[1].v, 2, 0);
    assert_int_equal(r->p[1].line, 3);
    qf_err err;
    assert_int_not_equal(qf_lp_error_text(&r->e[0], &err), QF_OK);
    if (r->e[0].line != 2 || r->e[0].column != bads[i].column || !strstr(err.en, bads[i].en) ||
        !strstr(err.zh, "第 2 行"))
      fail_msg("\"%s\": %s", bads[i].s, err.en);
    done(r);
    r = parse(bads[i].s); /* alone, without a line feed */
    assert_int_equal(r->n, 0);
    assert_int_equal(r->lp.bad_lines, 1);
    done(r);
  }
}

/* A forgotten quote must not swallow the lines behind it; a line of a well-escaped string must never become a reading.
 */
static void quotes_and_neighbours(void **st)
{
  (void)st;
  parsed *r = parse("a v=\"open 1\nb v=2 2000\nc v=\"x\" 3000\nd v=4 4000\n");
  assert_int_equal(r->lp.bad_lines, 1);
  assert_int_equal(r->n, 3);
  num_is(r->p[0].v, 2, 0);
  num_is(r->p[2].v, 4, 0);
  assert_int_equal(r->p[2].line, 4);
  done(r);
  r = parse("a note=\"hello\nm v=99 9000\nbye\",v=oops 1\nz v=1 1000\n");
  assert_int_equal(r->lp.bad_lines, 1);
  assert_int_equal(r->n, 1); /* m v=99 is text */
  text_is(r->p[0].series, r->p[0].series_len, "z");
  assert_int_equal(r->p[0].line, 4);
  done(r);
}

static void limits(void **st)
{
  (void)st;
  char s[3000];
  memset(s, 'm', sizeof s);
  /* series 510 + space + field 1 = 512 fits, one more does not */
  memcpy(s + 510, " v=1\n", 5);
  parsed *r = parse_n(s, 515, QF_LP_NS, PTS);
  assert_int_equal(r->n, 1);
  done(r);
  s[510] = 'm';
  memcpy(s + 511, " v=1\n", 5);
  r = parse_n(s, 516, QF_LP_NS, PTS);
  assert_int_equal(r->lp.bad_lines, 1);
  done(r);
  for (int tags = 32; tags <= 33; tags++) {
    size_t n = (size_t)sprintf(s, "m");
    for (int i = 0; i < tags; i++)
      n += (size_t)sprintf(s + n, ",t%d=1", i);
    n += (size_t)sprintf(s + n, " v=1");
    r = parse_n(s, n, QF_LP_NS, PTS);
    assert_int_equal(r->n, tags == 32);
    done(r);
  }
  /* fields past the caller's room: refused alone, put off to the next call when points of other lines fill the room */
  r = parse_n("a v=1\nb p=1,q=2,r=3\nc v=4\n", 26, QF_LP_NS, 3);
  assert_int_equal(r->n, 5);
  done(r);
  r = parse_n("a v=1\nb p=1,q=2,r=3\nc v=4\n", 26, QF_LP_NS, 2);
  assert_int_equal(r->n, 2);
  assert_int_equal(r->lp.bad_lines, 1);
  done(r);
  qf_lp lp;
  qf_lp_point p[4];
  qf_lp_opts o = {.max_line = 10};
  qf_lp_init(&lp, "m v=123456\nm v=1234567\nm v=1\n", 29, &o);
  assert_int_equal(qf_lp_next(&lp, p, 4), 2);
  assert_int_equal(lp.bad_lines, 1); /* counted though there is no room for the words */
  assert_int_equal(lp.errors_n, 0);
  assert_int_equal(qf_lp_next(&lp, p, 4), 0);
}

static const char mixed[] =
    "meter,unit=u001,process=bf kwh=1234567.891,kw=12.5,on=t,n=-7i,s=\"a b\" 1700000000000000000\n"
    "# comment\r\n\nm,p=123 v=45.67 1700000000000000001\nwea\\ ther,a\\,b=c temp=-3.5e-1 1700000000000000002\r\n"
    "x v=1\ny a=1u,b=\"q\\\"\" 5\n";

/* The same bytes at every place relative to the 64-byte blocks. */
static void every_alignment(void **st)
{
  (void)st;
  parsed *want = parse(mixed);
  assert_int_equal(want->lp.bad_lines, 0);
  assert_int_equal(want->n, 10);
  for (size_t shift = 0; shift < 130; shift++) {
    char *s = malloc(shift + sizeof mixed);
    memset(s, ' ', shift);
    memcpy(s + shift, mixed, sizeof mixed - 1);
    parsed *r = parse_n(s, shift + sizeof mixed - 1, QF_LP_NS, PTS);
    assert_int_equal(r->n, want->n);
    assert_int_equal(r->lp.bad_lines, 0);
    for (size_t i = 0; i < r->n; i++) {
      num_is(r->p[i].v, want->p[i].v.mant, want->p[i].v.exp);
      assert_int_equal(r->p[i].ts_us, want->p[i].ts_us);
      assert_int_equal(r->p[i].line, want->p[i].line);
      assert_int_equal(r->p[i].series_len, want->p[i].series_len);
      assert_memory_equal(r->p[i].series, want->p[i].series, want->p[i].series_len);
    }
    done(r);
    free(s);
  }
  done(want);
}

/* One call per point gives the same as one call for all. */
static void small_room_gives_the_same(void **st)
{
  (void)st;
  for (size_t cap = 5; cap < 12; cap++) {
    parsed *r = parse_n(mixed, sizeof mixed - 1, QF_LP_NS, cap);
    assert_int_equal(r->n, 10);
    assert_int_equal(r->lp.bad_lines, 0);
    assert_int_equal(r->p[9].line, 7);
    done(r);
  }
}

static void truncated_anywhere(void **st)
{
  (void)st;
  parsed *whole = parse(mixed);
  for (size_t n = 0; n < sizeof mixed; n++) {
    parsed *r = parse_n(mixed, n, QF_LP_NS, PTS);
    size_t lines = 0;
    for (size_t i = 0; i < n; i++)
      lines += mixed[i] == '\n';
    for (size_t i = 0; i < r->n && r->p[i].line <= lines; i++) { /* whole lines are as in the whole text */
      num_is(r->p[i].v, whole->p[i].v.mant, whole->p[i].v.exp);
      assert_int_equal(r->p[i].ts_us, whole->p[i].ts_us);
    }
    assert_true(r->lp.bad_lines <= 1);
    done(r);
  }
  done(whole);
}

static void one_byte_changed(void **st)
{
  (void)st;
  static const char with[] = {'x', '"', '\n', ',', '=', ' ', '\\', 0, '\r', (char)0x80, '9', '.'};
  for (size_t at = 0; at + 1 < sizeof mixed; at++) {
    for (size_t k = 0; k < sizeof with; k++) {
      char s[sizeof mixed];
      memcpy(s, mixed, sizeof mixed);
      s[at] = with[k];
      parsed *r = parse_n(s, sizeof mixed - 1, QF_LP_NS, PTS);
      assert_true(r->n + r->lp.bad_lines > 0);
      for (size_t i = 0; i < r->n; i++) {
        assert_true(r->p[i].series >= r->buf && r->p[i].series + r->p[i].series_len <= r->buf + sizeof mixed - 1);
        assert_true(r->p[i].ts_us >= 0 && r->p[i].ts_us < 7258118400000000);
      }
      done(r);
    }
  }
}

static void canonical_is(const char *series, const char *field, const char *want)
{
  char out[QF_LP_KEY_MAX + 1];
  size_t len = 0;
  qf_err err = {0};
  qf_lp_name name = {series, field, strlen(series), strlen(field)};
  qf_rc rc = qf_lp_canonical(&name, out, sizeof out, &len, &err);
  if (!want) {
    assert_int_not_equal(rc, QF_OK);
    assert_true(err.en[0] && err.zh[0]);
    return;
  }
  if (rc)
    fail_msg("%s: %s", series, err.en);
  text_is(out, len, want);
  assert_int_equal(out[len], 0);
}

static void canonical(void **st)
{
  (void)st;
  canonical_is("m", "v", "m v");
  canonical_is("m,b=2,a=1", "v", "m,a=1,b=2 v");
  canonical_is("m,a=1,b=2", "v", "m,a=1,b=2 v");
  canonical_is("m,ab=1,a=2,b=3,aa=4", "v", "m,a=2,aa=4,ab=1,b=3 v");
  /* by unescaped key: "a b" (20h) stands before "a!b" (21h), though a backslash (5Ch) does not */
  canonical_is("m,a!b=1,a\\ b=2", "v", "m,a\\ b=2,a!b=1 v");
  canonical_is("m\\,x,b=c\\ d,a=\\=", "f\\ g", "m\\,x,a=\\=,b=c\\ d f\\ g");
  canonical_is("m=n,a=1", "v", "m=n,a=1 v");
  canonical_is("电表,位置=营口", "功率", "电表,位置=营口 功率");
  canonical_is("m,a=1,a=2", "v", NULL);
  canonical_is("m,a\\==1,a\\==2", "v", NULL);
  canonical_is("m,a", "v", NULL);
  canonical_is("m,=1", "v", NULL);
  canonical_is("m,a=", "v", NULL);
  canonical_is("m,a=b=c", "v", NULL);
  canonical_is("m a", "v", NULL);
  canonical_is("", "v", NULL);
  canonical_is("m", "", NULL);
  canonical_is("m", "a b", NULL);
  canonical_is("m\\", "v", NULL);
  canonical_is("m\xff", "v", NULL);
  canonical_is("m\x7f", "v", NULL);
  canonical_is("m\xed\xa0\x80", "v", NULL); /* a surrogate */
  canonical_is("m\xc0\xaf", "v", NULL);     /* overlong */
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(simple_line),
      cmocka_unit_test(all_types),
      cmocka_unit_test(quick_numbers_agree),
      cmocka_unit_test(escapes),
      cmocka_unit_test(strings),
      cmocka_unit_test(blanks_comments_line_ends),
      cmocka_unit_test(precisions),
      cmocka_unit_test(refusals),
      cmocka_unit_test(quotes_and_neighbours),
      cmocka_unit_test(limits),
      cmocka_unit_test(every_alignment),
      cmocka_unit_test(small_room_gives_the_same),
      cmocka_unit_test(truncated_anywhere),
      cmocka_unit_test(one_byte_changed),
      cmocka_unit_test(canonical),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
