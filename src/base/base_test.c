/* Exact decimals, time, buffers: expected values are from definitions or worked by hand beside each case. */
#include "base/buf.h"
#include "base/dec.h"
#include "base/reading.h"
#include "base/tm.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void check_num(const char *text, int64_t mant, int exp, const char *back)
{
  qf_num v;
  bool exact;
  assert_int_equal(qf_num_parse(text, strlen(text), &v, &exact), QF_OK);
  assert_int_equal(v.mant, mant);
  assert_int_equal(v.exp, exp);
  qf_buf b;
  qf_buf_init(&b, 200);
  qf_num_write(&b, v);
  assert_string_equal(b.data, back);
  qf_buf_fini(&b);
}

static void numbers_keep_their_digits(void **state)
{
  (void)state;
  check_num("12.50", 1250, -2, "12.50");
  check_num("-0.003", -3, -3, "-0.003");
  check_num("+7", 7, 0, "7");
  check_num(".5", 5, -1, "0.5");
  check_num("5.", 5, 0, "5");
  check_num("1.83e21", 183, 19, "1830000000000000000000");
  check_num("56842170.81", 5684217081, -2, "56842170.81");
  check_num("9007199254740993", 9007199254740993, 0, "9007199254740993"); /* 2^53+1: no double holds it */
  check_num("0", 0, 0, "0");
  check_num("-0.00", 0, -2, "0.00");
  check_num("1e-30", 1, -30, "0.000000000000000000000000000001");
}

static void bad_numbers_are_refused(void **state)
{
  (void)state;
  static const char *const bad[] = {"",   "-",  ".",   "1..2", "1e",  "1e+", "0x10",
                                    "1 ", " 1", "NaN", "inf",  "1,5", "--1", "1e5x"};
  qf_num v = {42, 1};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    assert_int_equal(qf_num_parse(bad[i], strlen(bad[i]), &v, NULL), QF_SYNTAX);
    assert_true(v.mant == 42 && v.exp == 1);
  }
  assert_int_equal(qf_num_parse("1e99", 4, &v, NULL), QF_RANGE);
  assert_int_equal(qf_num_parse("1e-99", 5, &v, NULL), QF_RANGE);
}

static void long_numbers_round_half_even_and_say_so(void **state)
{
  (void)state;
  qf_num v;
  bool exact = true;
  /* 20 digits: 12345678901234567850 -> 18 digits 123456789012345678|50 -> half, 8 is even -> stays */
  assert_int_equal(qf_num_parse("12345678901234567850", 20, &v, &exact), QF_OK);
  assert_int_equal(v.mant, 123456789012345678);
  assert_int_equal(v.exp, 2);
  assert_false(exact);
  assert_int_equal(qf_num_parse("12345678901234567851", 20, &v, &exact), QF_OK);
  assert_int_equal(v.mant, 123456789012345679);
}

static void scaling(void **state)
{
  (void)state;
  int64_t m;
  bool exact;
  assert_int_equal(qf_num_scale((qf_num){1999840625, -4}, -6, &m, &exact), QF_OK);
  assert_int_equal(m, 199984062500);
  assert_true(exact);
  assert_int_equal(qf_num_scale((qf_num){25, -1}, 0, &m, &exact), QF_OK); /* 2.5 -> 2 (half even) */
  assert_int_equal(m, 2);
  assert_false(exact);
  assert_int_equal(qf_num_scale((qf_num){35, -1}, 0, &m, &exact), QF_OK); /* 3.5 -> 4 */
  assert_int_equal(m, 4);
  assert_int_equal(qf_num_scale((qf_num){-35, -1}, 0, &m, &exact), QF_OK);
  assert_int_equal(m, -4);
  assert_int_equal(qf_num_scale((qf_num){1, 20}, 0, &m, NULL), QF_RANGE);
  assert_int_equal(qf_num_scale((qf_num){1, -30}, 0, &m, &exact), QF_OK);
  assert_int_equal(m, 0);
  assert_true(qf_num_cmp((qf_num){10, -1}, (qf_num){1, 0}) == 0);
  assert_true(qf_num_cmp((qf_num){1, 30}, (qf_num){INT64_MAX, -30}) > 0);
  assert_true(qf_num_cmp((qf_num){-1, 30}, (qf_num){1, -30}) < 0);
}

static void exact_arithmetic(void **state)
{
  (void)state;
  qf_dec a, b, c;
  qf_buf t;
  qf_buf_init(&t, 100);
  assert_int_equal(qf_dec_parse("3000000.000000", 14, &a),
                   QF_OK); /* 3.0 GWh x 0.1229 / 1000 = 368.70 tce (domain 2.3) */
  assert_int_equal(qf_dec_parse("0.1229", 6, &b), QF_OK);
  assert_int_equal(qf_dec_mul(a, b, &c), QF_OK);
  assert_int_equal(qf_dec_mul(c, qf_dec_int(1, 3), &c), QF_OK);
  qf_dec_write(&t, qf_dec_trim(c));
  assert_string_equal(t.data, "368.7");
  assert_int_equal(qf_dec_div(qf_dec_int(2, 0), qf_dec_int(3, 0), 4, &c), QF_OK);
  assert_true(c.mant == 6667 && c.scale == 4);
  assert_int_equal(qf_dec_div(qf_dec_int(-1, 0), qf_dec_int(8, 0), 2, &c), QF_OK); /* -0.125 -> -0.12 half even */
  assert_true(c.mant == -12);
  assert_int_equal(qf_dec_div(qf_dec_int(1, 0), qf_dec_int(0, 0), 2, &c), QF_RANGE);
  assert_true(qf_dec_cmp(qf_dec_int(10, 1), qf_dec_int(1, 0)) == 0);
  assert_int_equal(qf_dec_sub(qf_dec_int(1, 0), qf_dec_int(1, 18), &c), QF_OK);
  qf_buf_reset(&t);
  qf_dec_write(&t, c);
  assert_string_equal(t.data, "0.999999999999999999");
  qf_buf_fini(&t);
}

static void calendar(void **state)
{
  (void)state;
  assert_int_equal(qf_days_from_civil(1970, 1, 1), 0);
  assert_int_equal(qf_days_from_civil(2000, 2, 29), 11016);
  assert_int_equal(qf_weekday(qf_days_from_civil(2026, 11, 22)), 6); /* a Sunday */
  for (int32_t d = -200000; d < 200000; d += 37) {
    int y, m, dd;
    qf_civil_from_days(d, &y, &m, &dd);
    assert_int_equal(qf_days_from_civil(y, m, dd), d);
  }
  qf_us t;
  assert_int_equal(qf_tm_parse("2025-01-01T00:00:00+08:00", 25, &t), QF_OK);
  assert_int_equal(t, INT64_C(1735660800000000)); /* 2024-12-31T16:00:00Z */
  assert_int_equal(qf_month_of_day(qf_day_cn(t)), 2025 * 12);
  assert_int_equal(qf_month_of_day(qf_day_cn(t - 1)), 2024 * 12 + 11);
  assert_int_equal(qf_tm_parse("2024-12-31T16:00:00Z", 20, &t), QF_OK);
  assert_int_equal(t, INT64_C(1735660800000000));
  assert_int_equal(qf_tm_parse("2025-01-01", 10, &t), QF_OK);
  assert_int_equal(t, INT64_C(1735660800000000));
  assert_int_equal(qf_tm_parse("2025-02-29", 10, &t), QF_RANGE);
  assert_int_equal(qf_tm_parse("2025-02-2", 9, &t), QF_SYNTAX);
  assert_int_equal(qf_tm_parse("2025-01-01T00:00:00.25Z", 23, &t), QF_OK);
  assert_int_equal(t % QF_US_SECOND, 250000);
  assert_int_equal(qf_floor(-1, QF_US_HOUR), -QF_US_HOUR);
}

static void periods(void **state)
{
  (void)state;
  int32_t a, b;
  qf_err err;
  assert_int_equal(qf_period_parse("2025-01..2025-11", &a, &b, &err), QF_OK);
  assert_true(a == 2025 * 12 && b == 2025 * 12 + 10);
  assert_int_equal(qf_period_parse("2025", &a, &b, &err), QF_OK);
  assert_true(a == 2025 * 12 && b == 2025 * 12 + 11);
  assert_int_equal(qf_period_parse("2025-13", &a, &b, &err), QF_SYNTAX);
  assert_int_equal(qf_period_parse("2025-03..2025-01", &a, &b, &err), QF_RANGE);
  assert_non_null(strstr(err.zh, "2025-03..2025-01"));
}

static void checksums(void **state)
{
  (void)state;
  assert_int_equal(qf_crc32c(0, "123456789", 9), 0xE3069283u); /* RFC 3720 B.4 family, check value */
  uint8_t zero[32] = {0};
  assert_int_equal(qf_crc32c(0, zero, 32), 0x8A9136AAu); /* RFC 3720 B.4: 32 bytes of zeroes */
  uint8_t h[32];
  char hex[65];
  qf_sha256("", 0, h);
  qf_hex(h, 32, hex);
  assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void buffers_keep_their_maximum(void **state)
{
  (void)state;
  qf_buf b;
  qf_buf_init(&b, 4);
  qf_buf_puts(&b, "abc");
  assert_false(b.failed);
  qf_buf_puts(&b, "de");
  assert_true(b.failed);
  assert_int_equal(b.len, 3);
  qf_buf_fini(&b);
  qf_buf_init(&b, 1000);
  qf_buf_json(&b, "a\"\n\xff\xe6\xb8\x85", 7);
  assert_string_equal(b.data, "\"a\\\"\\u000a\xEF\xBF\xBD\xe6\xb8\x85\"");
  qf_buf_reset(&b);
  static const int64_t v[] = {0, 1, -1, 300, INT64_MIN, INT64_MAX};
  for (size_t i = 0; i < 6; i++)
    qf_buf_zigzag(&b, v[i]);
  qf_rd r = {(const uint8_t *)b.data, (const uint8_t *)b.data + b.len, false};
  for (size_t i = 0; i < 6; i++)
    assert_int_equal(qf_rd_zigzag(&r), v[i]);
  assert_false(r.bad);
  (void)qf_rd_u8(&r);
  assert_true(r.bad);
  qf_buf_fini(&b);
}

static void long_words_are_cut_between_characters(void **state)
{
  (void)state;
  qf_err e;
  char text[400];
  for (int lead = 0; lead < 4; lead++) { /* every alignment of 3-byte characters to the limit */
    memset(text, 'x', (size_t)lead);
    for (int i = 0; i < 120; i++)
      memcpy(text + lead + 3 * i, "\xE6\xB8\x85", 3);
    text[lead + 360] = 0;
    (void)qf_fail(&e, QF_RANGE, "%s", "%s", text);
    assert_int_equal((strlen(e.zh) - (size_t)lead) % 3, 0);
    assert_true(strlen(e.zh) > 230);
  }
}

static void batches_grow_and_keep_rows(void **state)
{
  (void)state;
  qf_batch b;
  qf_batch_init(&b);
  for (uint32_t i = 0; i < 1000; i++) {
    assert_int_equal(qf_batch_reserve(&b, 1), QF_OK);
    qf_batch_add(&b, i, i * 7, (qf_num){(int64_t)i * 3, -2}, (uint8_t)(i & 7));
  }
  for (uint32_t i = 0; i < 1000; i++)
    assert_true(b.point[i] == i && b.ts_us[i] == i * 7 && b.mant[i] == (int64_t)i * 3 && b.exp[i] == -2 &&
                b.flags[i] == (i & 7));
  qf_batch_fini(&b);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(numbers_keep_their_digits),
                                     cmocka_unit_test(bad_numbers_are_refused),
                                     cmocka_unit_test(long_numbers_round_half_even_and_say_so),
                                     cmocka_unit_test(scaling),
                                     cmocka_unit_test(exact_arithmetic),
                                     cmocka_unit_test(calendar),
                                     cmocka_unit_test(periods),
                                     cmocka_unit_test(checksums),
                                     cmocka_unit_test(buffers_keep_their_maximum),
                                     cmocka_unit_test(long_words_are_cut_between_characters),
                                     cmocka_unit_test(batches_grow_and_keep_rows)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
