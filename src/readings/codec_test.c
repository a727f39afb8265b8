#include "base/dec.h"
#include "readings/block.h"
#include "readings/codec.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h> /* wants setjmp, stdarg, stddef before it */

static uint64_t next(uint64_t *s) /* xorshift64: any seed but 0 */
{
  *s ^= *s << 13;
  *s ^= *s >> 7;
  *s ^= *s << 17;
  return *s;
}

enum { MAX = 1000 };

static size_t round_trip(const int64_t *x, uint32_t n, int64_t prev, bool delta)
{
  int64_t y[MAX];
  size_t cap = qf_col_bound(n);
  uint8_t *b = malloc(cap + QF_COL_SLACK);
  assert_non_null(b);
  size_t len = qf_col_encode(x, n, prev, delta, b);
  assert_true(len <= cap);
  uint8_t *exact = malloc(len + QF_COL_SLACK); /* so that a sanitizer sees every byte too many */
  assert_non_null(exact);
  memcpy(exact, b, len);
  memset(exact + len, 0xAA, QF_COL_SLACK);
  qf_rd r = {.p = exact, .end = exact + len};
  assert_true(qf_col_decode(&r, y, n, prev, delta));
  assert_true(r.p == r.end && !r.bad);
  assert_memory_equal(x, y, n * sizeof *x);
  for (size_t cut = 0; cut < len; cut += 1 + len / 23) { /* every shorter input is refused */
    qf_rd t = {.p = exact, .end = exact + cut};
    assert_false(qf_col_decode(&t, y, n, prev, delta));
  }
  free(exact);
  free(b);
  return len;
}

static void every_kind_of_numbers_comes_back(void **state)
{
  (void)state;
  uint64_t s = 7;
  for (int round = 0; round < 3000; round++) {
    int64_t x[MAX];
    uint32_t n = 1 + (uint32_t)(next(&s) % (round % 10 ? 40 : MAX));
    unsigned bits = (unsigned)(next(&s) % 65), rare = (unsigned)(next(&s) % 6);
    uint64_t mask = bits ? ~UINT64_C(0) >> (64 - bits) : 0, at = next(&s), scale = 1;
    for (uint64_t k = next(&s) % 8; k > 4; k--)
      scale *= 10;
    for (uint32_t i = 0; i < n; i++) {
      uint64_t v = next(&s) & mask;
      if (rare == 1 && next(&s) % 50 == 0)
        v = next(&s);
      if (rare == 2)
        at += v;
      if (rare == 3 && next(&s) % 40 == 0)
        at -= next(&s) & 0xFFFFF;
      x[i] = (int64_t)((at + v) * scale);
    }
    (void)round_trip(x, n, (int64_t)next(&s), round & 1);
    (void)round_trip(x, n, x[0], !(round & 1));
  }
}

static void every_range_up_to_ten_thousand_comes_back(void **state)
{
  (void)state;
  uint64_t s = 99;
  for (uint64_t range = 1; range < 10000; range += range < 300 ? 1 : 37) {
    int64_t x[QF_FRAME];
    for (unsigned n = 1; n <= QF_FRAME; n += 1 + n / 3) {
      for (unsigned i = 0; i < n; i++)
        x[i] = (int64_t)(next(&s) % range) - 5;
      x[0] = -5;
      x[n - 1] = (int64_t)range - 6; /* both ends of the range occur */
      (void)round_trip(x, n, 0, false);
    }
  }
}

static void extremes_come_back(void **state)
{
  (void)state;
  const int64_t x[] = {INT64_MIN, INT64_MAX, 0, -1, 1, INT64_MIN, INT64_MIN, INT64_MAX, INT64_MAX, 1000000000000000000};
  for (uint32_t n = 1; n <= sizeof x / sizeof x[0]; n++)
    for (int d = 0; d < 2; d++)
      (void)round_trip(x, n, INT64_MAX, d);
}

static void sizes_are_what_the_format_says(void **state)
{
  (void)state;
#ifdef QF_SMALL
  skip();
#endif
  int64_t x[128];
  for (int i = 0; i < 128; i++)
    x[i] = 1000 + i * 7; /* steady counter: one header byte, one base byte, no payload */
  assert_int_equal(round_trip(x, 128, 993, true), 2);
  for (int i = 0; i < 128; i++)
    x[i] = i % 3; /* three values: 3 words of 40 and 8 numbers in ceil(log2(3^8)/8) = 2 bytes */
  assert_int_equal(round_trip(x, 128, 0, false), 2 + 3 * 8 + 2);
  for (int i = 0; i < 128; i++)
    x[i] = i % 2; /* two values: one bit each */
  assert_int_equal(round_trip(x, 128, 1, false), 2 + 16);
  x[77] = 1000000; /* one far away: an extension byte, its count, place and 3 bytes of value */
  assert_int_equal(round_trip(x, 128, 1, false), 3 + 16 + 1 + 1 + 3);
}

static void garbage_is_refused_or_decoded_but_never_overruns(void **state)
{
  (void)state;
  uint64_t s = 4242;
  for (int round = 0; round < 20000; round++) {
    int64_t y[300];
    size_t len = next(&s) % 200;
    uint8_t *b = malloc(len + QF_COL_SLACK);
    assert_non_null(b);
    for (size_t i = 0; i < len + QF_COL_SLACK; i++)
      b[i] = (uint8_t)next(&s);
    qf_rd r = {.p = b, .end = b + len};
    bool ok = qf_col_decode(&r, y, (uint32_t)(1 + next(&s) % 300), 0, round & 1);
    assert_true(!ok || r.p <= r.end);
    free(b);
  }
}

static void block_keeps_values_and_shares_one_exponent(void **state)
{
  (void)state;
  qf_cols c = {0};
  qf_buf out;
  qf_block b;
  static qf_unpacked u;
  qf_span s;
  qf_buf_init(&out, 1 << 20);
  assert_int_equal(qf_cols_reserve(&c, 4), QF_OK);
  qf_cols_add(&c, 60, (qf_num){125, -1}, 0);
  qf_cols_add(&c, 120, (qf_num){325, -2}, QF_RD_MANUAL);
  qf_cols_add(&c, 180, (qf_num){-3, 0}, 0);
  qf_cols_add(&c, 240, (qf_num){0, 30}, 0);
  assert_int_equal(qf_block_pack(&c, 0, 4, &b, &out), QF_OK);
  assert_int_equal(b.exp, -2); /* 12.50, 3.25, -3.00, 0 */
  assert_true(b.first == 1250 && b.last == 0 && b.min == -300 && b.max == 1250 && b.sum == 1275);
  assert_int_equal(b.step, 60);
  assert_true(qf_buf_reserve(&out, QF_COL_SLACK));
  assert_int_equal(qf_block_unpack(&b, (const uint8_t *)out.data, &u, &s), QF_OK);
  assert_true(s.mant[1] == 325 && s.mant[2] == -300 && s.flags[1] == QF_RD_MANUAL && s.flags[2] == 0 && !s.exps &&
              !s.ts);
  c.mant[1] = 9000000000000000000; /* 9e18 beside 1e-1 has no common exponent in 64 bits */
  c.exp[1] = 0;
  qf_buf_reset(&out);
  assert_int_equal(qf_block_pack(&c, 0, 4, &b, &out), QF_OK);
  assert_true(b.kinds & QF_BK_MIXED);
  assert_true(qf_buf_reserve(&out, QF_COL_SLACK));
  assert_int_equal(qf_block_unpack(&b, (const uint8_t *)out.data, &u, &s), QF_OK);
  assert_true(s.mant[0] == 125 && s.exps[0] == -1 && s.mant[1] == 9000000000000000000 && s.exps[1] == 0 &&
              s.exps[3] == 30);
  qf_buf_fini(&out);
  qf_cols_fini(&c);
}

static void settling_keeps_first_of_duplicates_and_arrival_order(void **state)
{
  (void)state;
  qf_cols c = {0};
  uint64_t dropped = 0;
  assert_int_equal(qf_cols_reserve(&c, 16), QF_OK);
  qf_cols_add(&c, 20, (qf_num){7, 0}, 0);
  qf_cols_add(&c, 10, (qf_num){12, 0}, 0);
  qf_cols_add(&c, 20, (qf_num){8, 0}, 0);
  qf_cols_add(&c, 10, (qf_num){120, -1}, QF_RD_MANUAL); /* 12.0: the same reading again */
  qf_cols_add(&c, 20, (qf_num){7, 0}, 0);               /* again, though another value came between */
  qf_cols_add(&c, 10, (qf_num){12, 0}, QF_RD_SENTINEL); /* invalid: not the same reading */
  assert_int_equal(qf_cols_settle(&c, &dropped), QF_OK);
  assert_int_equal(c.n, 4);
  assert_int_equal(dropped, 2);
  assert_true(c.ts[0] == 10 && c.mant[0] == 12 && c.flags[0] == 0);
  assert_true(c.ts[1] == 10 && c.mant[1] == 12 && c.flags[1] == QF_RD_SENTINEL);
  assert_true(c.ts[2] == 20 && c.mant[2] == 7 && c.ts[3] == 20 && c.mant[3] == 8);
  qf_cols_fini(&c);
}

static void thousands_at_one_moment_settle(void **state)
{
  (void)state;
  qf_cols c = {0};
  uint64_t dropped = 0;
  assert_int_equal(qf_cols_reserve(&c, 60000), QF_OK);
  for (int i = 0; i < 60000; i++)
    qf_cols_add(&c, 5, (qf_num){(i * 7919) % 20000, 0}, 0); /* 7919 is prime to 20000: each value three times */
  assert_int_equal(qf_cols_settle(&c, &dropped), QF_OK);
  assert_int_equal(c.n, 20000);
  assert_int_equal(dropped, 40000);
  for (int i = 0; i < 20000; i++)
    assert_int_equal(c.mant[i], (i * 7919) % 20000);
  qf_cols_fini(&c);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_kind_of_numbers_comes_back),
      cmocka_unit_test(every_range_up_to_ten_thousand_comes_back),
      cmocka_unit_test(extremes_come_back),
      cmocka_unit_test(sizes_are_what_the_format_says),
      cmocka_unit_test(garbage_is_refused_or_decoded_but_never_overruns),
      cmocka_unit_test(block_keeps_values_and_shares_one_exponent),
      cmocka_unit_test(settling_keeps_first_of_duplicates_and_arrival_order),
      cmocka_unit_test(thousands_at_one_moment_settle),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
