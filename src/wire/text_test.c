/* GB18030. The pairs come from the standard's tables: 中 D6D0, 文 CEC4, 表 B1ED, 电 B5E7 (two bytes), € A2E3, and the four-byte
 * 0x81308130 = U+0080, 0x90308130 = U+10000. */
#include "wire/text.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the headers above first */
#include <cmocka.h>

static const char gb[] = "a\xD6\xD0\xCE\xC4,\xB1\xED|\xA2\xE3\x81\x30\x81\x30x\x90\x30\x81\x30\n\xB5\xE7";
static const char u8[] = "a中文,表|€\xC2\x80x\xF0\x90\x80\x80\n电";

static void is(const char *s, size_t n, size_t step, const char *want, size_t want_n)
{
  qf_text *t;
  qf_buf b;
  qf_buf_init(&b, 1 << 20);
  assert_int_equal(qf_text_new(&t, NULL), QF_OK);
  for (size_t at = 0; at < n; at += step) {
    size_t k = n - at < step ? n - at : step;
    char *copy = malloc(k);
    memcpy(copy, s + at, k);
    qf_text_put(t, copy, k, at + k == n, &b);
    free(copy);
  }
  if (b.len != want_n || (want_n && memcmp(b.data, want, want_n) != 0))
    fail_msg("step %zu: %zu bytes, expected %zu: %.*s", step, b.len, want_n, (int)b.len, b.data);
  qf_text_free(t);
  qf_buf_fini(&b);
}

static void in_pieces(void **st)
{
  (void)st;
  for (size_t step = 1; step <= sizeof gb; step++)
    is(gb, sizeof gb - 1, step, u8, sizeof u8 - 1);
  for (size_t step = 1; step < 8; step++) {
    is("a,b\n", 4, step, "a,b\n", 4);
    is("ab", 2, step, "ab", 2);
    is("\xD6\xD0", 2, step, "中", 3);
    is("\xEF\xBB\xBF中文", 9, step, "\xEF\xBB\xBF中文", 9); /* UTF-8 after all */
  }
  is("", 0, 1, "", 0);
}

static void what_cannot_be_read_spoils_only_itself(void **st)
{
  (void)st;
  for (size_t step = 1; step < 10; step++) {
    is("ab\xFF"
       "c\n\xD6\xD0\n",
       8, step,
       "ab\xFF"
       "c\n中\n",
       9);
    is("abc\xD6", 4, step, "abc\xFF", 4); /* cut inside a character */
    is("abc\x81\x30\x81", 6, step, "abc\xFF\xFF\xFF", 6);
    is("\xD6\n\n", 3, step, "\xFF\n\n", 3); /* a second byte that is none */
  }
}

static void a_whole_text(void **st)
{
  (void)st;
  qf_buf b;
  qf_err err = {0};
  qf_buf_init(&b, 1 << 20);
  qf_buf_puts(&b, "was ");
  assert_int_equal(qf_text_utf8(gb, sizeof gb - 1, &b, &err), QF_OK);
  assert_int_equal(b.len, 4 + sizeof u8 - 1);
  assert_memory_equal(b.data, "was ", 4);
  assert_memory_equal(b.data + 4, u8, sizeof u8 - 1);
  qf_buf_reset(&b);
  assert_int_equal(qf_text_utf8("abc\xFFz", 5, &b, &err), QF_SYNTAX);
  assert_true(strstr(err.en, "byte 4") && strstr(err.zh, "4") && b.len == 0);
  assert_int_equal(qf_text_utf8("abc\xD6", 4, &b, &err), QF_SYNTAX);
  qf_buf_fini(&b);
  /* Every character of two bytes there is, with little room at first. */
  char all[2 * 126 * 190];
  size_t n = 0;
  for (unsigned h = 0x81; h <= 0xFE; h++)
    for (unsigned l = 0x40; l <= 0xFE; l++)
      if (l != 0x7F) {
        all[n++] = (char)h;
        all[n++] = (char)l;
      }
  qf_buf_init(&b, 1 << 20);
  qf_text *t;
  assert_int_equal(qf_text_new(&t, NULL), QF_OK);
  qf_text_put(t, all, n, true, &b);
  assert_true(!b.failed && b.len > n);
  qf_text_free(t);
  qf_buf_fini(&b);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(in_pieces),
      cmocka_unit_test(what_cannot_be_read_spoils_only_itself),
      cmocka_unit_test(a_whole_text),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
