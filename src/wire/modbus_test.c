/* Modbus/TCP frames and values. The request is the worked example of the standard (Application Protocol V1.1b3, 6.3: read
 * three holding registers from 107), as is its answer 02 2B 00 00 00 64; floats are IEEE 754's own: 3F800000 is 1,
 * 40490FDB is the float nearest to pi, 400921FB54442D18 the double. */
#include "wire/modbus.h"
#include "wire/scale.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the headers above first */
#include <cmocka.h>

static const uint8_t ask[] = {0, 1, 0, 0, 0, 6, 1, 3, 0, 0x6B, 0, 3};
static const uint8_t told[] = {0, 1, 0, 0, 0, 9, 1, 3, 6, 0x02, 0x2B, 0, 0, 0, 0x64};

static const char *text(qf_num v)
{
  static char s[64];
  qf_buf b;
  qf_buf_init(&b, sizeof s);
  qf_num_write(&b, v);
  snprintf(s, sizeof s, "%.*s", (int)b.len, b.data);
  qf_buf_fini(&b);
  return s;
}

static void request_is_the_standards(void **state)
{
  (void)state;
  uint8_t out[QF_MB_REQUEST];
  qf_mb_write_request(&(qf_mb_request){1, 1, 3, 107, 3}, out);
  assert_memory_equal(out, ask, sizeof ask);
  qf_mb_request r;
  uint8_t ex;
  assert_int_equal(qf_mb_read_request(ask, sizeof ask, &r, &ex, NULL), QF_OK);
  assert_int_equal(ex, 0);
  assert_true(r.id == 1 && r.unit == 1 && r.function == 3 && r.address == 107 && r.count == 3);
}

static void answer_is_the_standards(void **state)
{
  (void)state;
  qf_mb_answer a;
  qf_mb_request r = {1, 1, 3, 107, 3};
  assert_int_equal(qf_mb_read_answer(told, sizeof told, &a, NULL), QF_OK);
  assert_int_equal(qf_mb_fits(&r, &a, NULL), QF_OK);
  assert_int_equal(qf_mb_raw(a.data, 1, QF_MB_ABCD), 555); /* the standard's words: 107 holds 022B hex, 555 decimal */
  assert_int_equal(qf_mb_raw(a.data + 4, 1, QF_MB_ABCD), 100);
  uint8_t out[QF_MB_ADU_MAX];
  assert_int_equal(qf_mb_write_answer(&a, out), sizeof told);
  assert_memory_equal(out, told, sizeof told);
}

static void truncated_needs_more(void **state)
{
  (void)state;
  for (size_t n = 0; n < sizeof told; n++) {
    uint8_t *p = malloc(n ? n : 1); /* exactly so long: a read past it is seen */
    memcpy(p, told, n);
    size_t len = 99;
    qf_mb_answer a;
    assert_int_equal(qf_mb_frame(p, n, &len, NULL), QF_OK);
    assert_int_equal(len, 0);
    assert_int_not_equal(qf_mb_read_answer(p, n, &a, NULL), QF_OK);
    free(p);
  }
}

/* One byte flipped in the head is never taken for the answer awaited: protocol and length end the stream, the transaction,
 * unit, function and byte count do not fit. Bytes of the value cannot be told by Modbus/TCP: it has no check sum. */
static void flipped_head_is_refused(void **state)
{
  (void)state;
  qf_mb_request r = {1, 1, 3, 107, 3};
  for (size_t i = 0; i < 9; i++)
    for (unsigned bit = 0; bit < 8; bit++) {
      uint8_t p[sizeof told];
      memcpy(p, told, sizeof p);
      p[i] ^= (uint8_t)(1u << bit);
      size_t len;
      qf_mb_answer a;
      bool taken = qf_mb_frame(p, sizeof p, &len, NULL) == QF_OK && len == sizeof p &&
                   qf_mb_read_answer(p, len, &a, NULL) == QF_OK && a.id == r.id && qf_mb_fits(&r, &a, NULL) == QF_OK;
      if (taken)
        fail_msg("byte %zu bit %u", i, bit);
    }
}

static void exceptions_have_words(void **state)
{
  (void)state;
  const uint8_t p[] = {0, 7, 0, 0, 0, 3, 9, 0x83, 2};
  qf_mb_answer a;
  qf_err err;
  assert_int_equal(qf_mb_read_answer(p, sizeof p, &a, &err), QF_OK);
  assert_true(a.exception == 2 && a.function == 3 && a.unit == 9 && a.id == 7);
  assert_int_equal(qf_mb_fits(&(qf_mb_request){7, 9, 3, 0, 1}, &a, &err), QF_OK);
  assert_int_equal(qf_mb_exception(2, &err), QF_DENIED);
  assert_string_equal(err.en, "Modbus exception 02: illegal data address");
  assert_int_equal(qf_mb_exception(6, &err), QF_BUSY);
  assert_int_equal(qf_mb_exception(11, &err), QF_NOTFOUND);
  assert_int_equal(qf_mb_exception(77, &err), QF_DENIED);
}

static void requests_that_cannot_be_answered(void **state)
{
  (void)state;
  qf_mb_request r;
  uint8_t ex, p[QF_MB_REQUEST];
  const struct {
    qf_mb_request r;
    uint8_t ex;
  } cases[] = {{{1, 1, 3, 0, 125}, 0},  {{1, 1, 3, 0, 126}, 3}, {{1, 1, 3, 0, 0}, 3},    {{1, 1, 1, 0, 2000}, 0},
               {{1, 1, 1, 0, 2001}, 3}, {{1, 1, 6, 0, 1}, 1},   {{1, 1, 4, 65535, 2}, 2}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    qf_mb_write_request(&cases[i].r, p);
    assert_int_equal(qf_mb_read_request(p, sizeof p, &r, &ex, NULL), QF_OK);
    assert_int_equal(ex, cases[i].ex);
  }
}

static void orders_of_bytes(void **state)
{
  (void)state;
  /* 0x11223344 as each order puts it on the wire: the name tells where A=11 B=22 C=33 D=44 go */
  static const uint8_t wire[4][4] = {
      {0x11, 0x22, 0x33, 0x44}, {0x33, 0x44, 0x11, 0x22}, {0x22, 0x11, 0x44, 0x33}, {0x44, 0x33, 0x22, 0x11}};
  static const char *const name[] = {"ABCD", "cdab", "BADC", "DCBA"};
  for (unsigned i = 0; i < 4; i++) {
    qf_mb_order o;
    assert_int_equal(qf_mb_order_parse(name[i], &o), QF_OK);
    assert_int_equal(qf_mb_raw(wire[i], 2, o), 0x11223344);
  }
  static const uint8_t low_first[8] = {7, 8, 5, 6, 3, 4, 1, 2};
  assert_true(qf_mb_raw(low_first, 4, QF_MB_CDAB) == UINT64_C(0x0102030405060708));
  qf_mb_order o;
  assert_int_equal(qf_mb_order_parse("ACBD", &o), QF_SYNTAX);
}

static void values_of_each_type(void **state)
{
  (void)state;
  static const struct {
    const char *type;
    uint64_t raw;
    const char *want; /* NULL: refused */
    bool exact;
  } c[] = {{"u16", 0xFFFF, "65535", true},
           {"s16", 0xFFFE, "-2", true},
           {"u32", 0xFFFFFFFF, "4294967295", true},
           {"s32", 0x80000000, "-2147483648", true},
           {"s64", UINT64_C(0xFFFFFFFFFFFFFFFF), "-1", true},
           {"u64", UINT64_C(999999999999999999), "999999999999999999", true},
           {"u64", UINT64_C(18446744073709551615), "18446744073709551600",
            false}, /* 2^64-1 to 18 digits: ...5516|15 -> ...5516e2 */
           {"f32", 0x3F800000, "1", true},
           {"f32", 0x3DCCCCCD, "0.1", true}, /* the float nearest to 0.1 */
           {"f32", 0x40490FDB, "3.1415927", true},
           {"f32", 0x7FC00000, NULL, true},
           {"f32", 0x7F800000, NULL, true},
           {"f64", UINT64_C(0x400921FB54442D18), "3.141592653589793", true},
           {"bcd32", 0x00123456, "123456", true},
           {"bcd16", 0x12A4, NULL, true},
           {"bcd64", UINT64_C(0x1234567890123456), "1234567890123456", true},
           {"bit", 1, "1", true}};
  for (size_t i = 0; i < sizeof c / sizeof *c; i++) {
    qf_mb_type t;
    uint8_t words;
    qf_num v;
    bool exact = true;
    assert_int_equal(qf_mb_type_parse(c[i].type, &t, &words), QF_OK);
    qf_rc rc = qf_mb_value(c[i].raw, t, words, &v, &exact);
    assert_int_equal(rc, c[i].want ? QF_OK : QF_RANGE);
    if (rc == QF_OK)
      assert_string_equal(text(v), c[i].want);
    assert_int_equal(exact, c[i].exact);
  }
}

static void scales_are_exact(void **state)
{
  (void)state;
  qf_num f, v;
  bool exact = true;
  assert_int_equal(qf_factor_parse("200/5", &f), QF_OK);
  assert_string_equal(text(f), "40");
  assert_int_equal(qf_factor_parse("10/0.1", &f), QF_OK);
  assert_string_equal(text(f), "100");
  assert_int_equal(qf_factor_parse("100/3", &f), QF_RANGE);
  assert_int_equal(qf_factor_parse("0", &f), QF_RANGE);
  assert_int_equal(qf_factor_parse("-1", &f), QF_RANGE);
  assert_int_equal(qf_factor_parse("x", &f), QF_SYNTAX);
  assert_int_equal(qf_num_times((qf_num){4294967295, 0}, (qf_num){1, -3}, &v, &exact), QF_OK);
  assert_string_equal(text(v), "4294967.295");
  assert_int_equal(qf_num_times((qf_num){-123456789, -2}, (qf_num){40, 0}, &v, &exact), QF_OK);
  assert_string_equal(text(v), "-49382715.60"); /* 1234567.89 x 40 */
  assert_true(exact);
  /* (10^18 - 1)^2 = 999999999999999998 000000000000000001: the upper 18 digits stay */
  assert_int_equal(qf_num_times((qf_num){999999999999999999, 0}, (qf_num){999999999999999999, 0}, &v, &exact), QF_OK);
  assert_true(v.mant == 999999999999999998 && v.exp == 18 && !exact);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(request_is_the_standards), cmocka_unit_test(answer_is_the_standards),
      cmocka_unit_test(truncated_needs_more),     cmocka_unit_test(flipped_head_is_refused),
      cmocka_unit_test(exceptions_have_words),    cmocka_unit_test(requests_that_cannot_be_answered),
      cmocka_unit_test(orders_of_bytes),          cmocka_unit_test(values_of_each_type),
      cmocka_unit_test(scales_are_exact)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
