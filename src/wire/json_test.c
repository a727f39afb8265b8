/* JSON reader. What is JSON and what is not is taken from RFC 8259, its examples (section 13) and its grammar; the surrogate pair is
 * the one of section 7. */
#include "wire/json.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the headers above first */
#include <cmocka.h>

static const char letters[] = "{}[]ksntf0";

/* The kinds of all tokens as letters, "!" for QF_SYNTAX and "^" for QF_RANGE at the end. */
static const char *kinds(const char *s, size_t n, unsigned depth)
{
  static char out[500];
  char *copy = malloc(n ? n : 1); /* of its own size */
  memcpy(copy, s, n);
  qf_js j;
  qf_js_tok t;
  qf_err err = {0};
  qf_rc rc;
  size_t k = 0;
  qf_js_init(&j, copy, n, depth);
  while ((rc = qf_js_next(&j, &t, &err)) == QF_OK && k < sizeof out - 2)
    out[k++] = letters[t.kind];
  if (rc != QF_NOTFOUND) {
    out[k++] = rc == QF_RANGE ? '^' : '!';
    assert_true(err.en[0] && err.zh[0]);
    assert_int_not_equal(qf_js_next(&j, &t, &err), QF_OK); /* stays refused */
  }
  out[k] = 0;
  free(copy);
  return out;
}

static void what_is_json(void **st)
{
  (void)st;
  static const char *const t[][2] = {
      {"{\"Image\":{\"Width\":800,\"Title\":\"View\",\"IDs\":[116,943],\"Animated\":false}}", "{k{knksk[nn]kf}}"},
      {"\"Hello world!\"", "s"},
      {"42", "n"},
      {" null\r\n\t", "0"},
      {"[]", "[]"},
      {"{}", "{}"},
      {"[[],{}]", "[[]{}]"},
      {"-0.5e+10", "n"},
      {"0", "n"},
      {"\xEF\xBB\xBF[true]", "[t]"},
      {"", "!"},
      {"   ", "!"},
      {"01", "n!"},
      {"-", "!"},
      {"1.", "!"},
      {".5", "!"},
      {"1e", "!"},
      {"+1", "!"},
      {"NaN", "!"},
      {"tru", "!"},
      {"[1,]", "[n!"},
      {"[,1]", "[!"},
      {"[1 2]", "[n!"},
      {"{\"a\":1,}", "{kn!"},
      {"{\"a\" 1}", "{!"},
      {"{\"a\"}", "{!"},
      {"{a:1}", "{!"},
      {"{\"a\":1]", "{kn!"},
      {"[1}", "[n!"},
      {"[1", "[n!"},
      {"1 2", "n!"},
      {"]", "!"},
      {"\"a\nb\"", "!"},
      {"\"\\x\"", "!"},
      {"\"\\u12g4\"", "!"},
      {"\"\\u12", "!"},
      {"\"\\", "!"},
      {"\"abc", "!"},
      {"\"\xC3\x28\"", "!"},
      {"'a'", "!"},
  };
  for (size_t i = 0; i < sizeof t / sizeof *t; i++)
    if (strcmp(kinds(t[i][0], strlen(t[i][0]), 8), t[i][1]) != 0)
      fail_msg("%s: %s", t[i][0], kinds(t[i][0], strlen(t[i][0]), 8));
  assert_string_equal(kinds("\"\\\0\"", 4, 8), "!"); /* a NUL is no escape */
}

static void depth(void **st)
{
  (void)st;
  assert_string_equal(kinds("[[[]]]", 6, 3), "[[[]]]");
  assert_string_equal(kinds("[[[]]]", 6, 2), "[[^");
  char deep[65];
  memset(deep, '[', 32);
  memset(deep + 32, ']', 32);
  assert_int_equal(strlen(kinds(deep, 64, 99)), 64);
  memset(deep, '[', 33);
  assert_int_equal(strchr(kinds(deep, 64, 99), '^') != NULL, 1);
}

static void text_is(const char *json, const char *want, qf_rc rc)
{
  qf_js j;
  qf_js_tok t;
  char out[20];
  size_t n;
  qf_err err = {0};
  qf_js_init(&j, json, strlen(json), 1);
  assert_int_equal(qf_js_next(&j, &t, &err), QF_OK);
  assert_int_equal(qf_js_text(&t, out, sizeof out, &n, &err), rc);
  if (!rc) {
    assert_int_equal(n, strlen(want));
    assert_string_equal(out, want);
  } else {
    assert_true(err.en[0] && err.zh[0]);
  }
}

static void texts(void **st)
{
  (void)st;
  text_is("\"plain\"", "plain", QF_OK);
  text_is("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t", QF_OK);
  text_is("\"\\u84b8\\u6C7d\"", "蒸汽", QF_OK);
  text_is("\"\\u00e9\\u0041\"", "éA", QF_OK);
  text_is("\"\\uD834\\uDD1E\"", "\xF0\x9D\x84\x9E", QF_OK); /* U+1D11E, the G clef */
  text_is("\"\\uD834\"", NULL, QF_SYNTAX);
  text_is("\"\\uD834\\u0041\"", NULL, QF_SYNTAX);
  text_is("\"\\uDD1E\"", NULL, QF_SYNTAX);
  text_is("\"\\u0000\"", NULL, QF_SYNTAX);
  text_is("\"1234567890123456789\"", "1234567890123456789", QF_OK);
  text_is("\"12345678901234567890\"", NULL, QF_RANGE);
}

static void passing_over(void **st)
{
  (void)st;
  static const char s[] = "{\"a\":{\"b\":[1,{\"c\":2}]},\"d\":3.10}";
  qf_js j;
  qf_js_tok t;
  qf_js_init(&j, s, strlen(s), 8);
  assert_int_equal(qf_js_next(&j, &t, NULL), QF_OK);
  assert_int_equal(qf_js_next(&j, &t, NULL), QF_OK);
  assert_true(qf_js_is(&t, "a") && !qf_js_is(&t, "ab"));
  assert_int_equal(qf_js_skip(&j, &t, NULL), QF_OK);
  assert_int_equal(qf_js_next(&j, &t, NULL), QF_OK);
  assert_true(t.kind == QF_JS_KEY && qf_js_is(&t, "d"));
  assert_int_equal(qf_js_next(&j, &t, NULL), QF_OK);
  assert_true(t.kind == QF_JS_NUMBER && t.len == 4 && memcmp(t.s, "3.10", 4) == 0 && t.at == 27);
  assert_int_equal(qf_js_skip(&j, &t, NULL), QF_OK); /* nothing to pass over */
  assert_int_equal(qf_js_next(&j, &t, NULL), QF_OK);
  assert_int_equal(t.kind, QF_JS_OBJECT_END);
  assert_int_equal(qf_js_next(&j, &t, NULL), QF_NOTFOUND);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_json),
      cmocka_unit_test(depth),
      cmocka_unit_test(texts),
      cmocka_unit_test(passing_over),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
