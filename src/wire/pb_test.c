/* Protocol Buffers wire format. Expected values: the worked examples of protobuf.dev/programming-guides/encoding (150 = 96 01,
 * "testing"), the limits of the format, and numbers written out by hand. */
#include "wire/pb.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the headers above first */
#include <cmocka.h>

static qf_rc first(const void *bytes, size_t n, qf_pb_field *f, qf_err *err)
{
  uint8_t *copy = malloc(n ? n : 1); /* of its own size, so that a read past the end is seen */
  memcpy(copy, bytes, n);
  qf_pb r;
  qf_pb_init(&r, copy, n);
  qf_rc rc = qf_pb_next(&r, f, err);
  assert_true(rc == QF_OK ? r.p > copy && r.p <= copy + n : r.p == copy);
  free(copy);
  f->bytes = NULL;
  return rc;
}

static void the_formats_own_examples(void **st)
{
  (void)st;
  static const uint8_t m[] = {0x08, 0x96, 0x01, 0x12, 0x07, 't',  'e',  's', 't',
                              'i',  'n',  'g',  0x1a, 0x03, 0x08, 0x96, 0x01};
  qf_pb r, inner;
  qf_pb_field f;
  qf_pb_init(&r, m, sizeof m);
  assert_int_equal(qf_pb_next(&r, &f, NULL), QF_OK);
  assert_true(f.number == 1 && f.wire == QF_PB_VARINT && f.v == 150);
  assert_int_equal(qf_pb_next(&r, &f, NULL), QF_OK);
  assert_true(f.number == 2 && f.wire == QF_PB_BYTES && f.len == 7 && memcmp(f.bytes, "testing", 7) == 0);
  assert_int_equal(qf_pb_next(&r, &f, NULL), QF_OK);
  qf_pb_init(&inner, f.bytes, f.len);
  assert_int_equal(qf_pb_next(&inner, &f, NULL), QF_OK);
  assert_true(f.number == 1 && f.v == 150);
  assert_int_equal(qf_pb_next(&inner, &f, NULL), QF_NOTFOUND);
  assert_int_equal(qf_pb_next(&r, &f, NULL), QF_NOTFOUND);
  qf_pb_init(&r, NULL, 0);
  assert_int_equal(qf_pb_next(&r, &f, NULL), QF_NOTFOUND);
}

static void numbers_at_their_ends(void **st)
{
  (void)st;
  static const uint8_t most[] = {0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01};
  static const uint8_t over[] = {0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02};
  static const uint8_t eleven[] = {0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00};
  static const uint8_t padded[] = {0x08, 0x96, 0x81, 0x80, 0x00};                     /* 150, made longer */
  static const uint8_t pi[] = {0x69, 0x18, 0x2d, 0x44, 0x54, 0xfb, 0x21, 0x09, 0x40}; /* field 13, IEEE 754 of pi */
  static const uint8_t half[] = {0x65, 0x00, 0x00, 0x00, 0xbf};                       /* field 12, -0.5 */
  static const uint8_t last[] = {0xf8, 0xff, 0xff, 0xff, 0x0f, 0x01};                 /* field 2^29-1 */
  static const uint8_t beyond[] = {0x80, 0x80, 0x80, 0x80, 0x10, 0x01};               /* field 2^29 */
  static const uint8_t zero[] = {0x00, 0x01};
  qf_pb_field f;
  qf_err err = {0};
  assert_int_equal(first(most, sizeof most, &f, &err), QF_OK);
  assert_true(f.v == UINT64_MAX);
  assert_int_equal(first(over, sizeof over, &f, &err), QF_SYNTAX);
  assert_int_equal(first(eleven, sizeof eleven, &f, &err), QF_SYNTAX);
  assert_int_equal(first(padded, sizeof padded, &f, &err), QF_OK);
  assert_true(f.v == 150);
  assert_int_equal(first(pi, sizeof pi, &f, &err), QF_OK);
  assert_true(f.number == 13 && qf_pb_double(&f) == 0x1.921fb54442d18p+1);
  assert_int_equal(first(half, sizeof half, &f, &err), QF_OK);
  assert_true(f.number == 12 && qf_pb_float(&f) == -0.5f);
  assert_int_equal(first(last, sizeof last, &f, &err), QF_OK);
  assert_true(f.number == 536870911);
  assert_int_equal(first(beyond, sizeof beyond, &f, &err), QF_SYNTAX);
  assert_int_equal(first(zero, sizeof zero, &f, &err), QF_SYNTAX);
}

static void groups_and_unknown_wires(void **st)
{
  (void)st;
  for (uint8_t wire = 0; wire < 8; wire++) {
    uint8_t m[12] = {(uint8_t)(0x08 | wire), 0x01};
    qf_pb_field f;
    qf_err err = {0};
    qf_rc rc = first(m, sizeof m, &f, &err);
    bool known = wire == 0 || wire == 1 || wire == 2 || wire == 5;
    assert_int_equal(rc, known ? QF_OK : QF_SYNTAX);
    assert_true(known || (strstr(err.en, "byte 0") && err.zh[0]));
  }
}

static void cut_everywhere(void **st)
{
  (void)st;
  static const uint8_t m[] = {0xaa, 0x06, 0x83, 0x00, 'a', 'b', 'c'}; /* field 101, length 3 in two bytes */
  static const uint8_t lie[] = {0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 'x'};
  qf_pb_field f;
  qf_err err;
  assert_int_equal(first(m, sizeof m, &f, &err), QF_OK);
  for (size_t n = 1; n < sizeof m; n++)
    assert_int_equal(first(m, n, &f, &err), QF_SYNTAX);
  assert_int_equal(first(lie, sizeof lie, &f, &err), QF_SYNTAX);
  static const uint8_t fixed[] = {0x09, 1, 2, 3, 4, 5, 6, 7, 8}, four[] = {0x0d, 1, 2, 3, 4};
  for (size_t n = 1; n < sizeof fixed; n++)
    assert_int_equal(first(fixed, n, &f, &err), QF_SYNTAX);
  for (size_t n = 1; n < sizeof four; n++)
    assert_int_equal(first(four, n, &f, &err), QF_SYNTAX);
}

static void what_is_written_reads_back(void **st)
{
  (void)st;
  static const uint8_t want[] = {0x08, 0x96, 0x01, 0x12, 0x07, 't',  'e',  's',  't',  'i', 'n',
                                 'g',  0x69, 0x18, 0x2d, 0x44, 0x54, 0xfb, 0x21, 0x09, 0x40};
  qf_buf b;
  qf_buf_init(&b, 100);
  qf_pb_put_varint(&b, 1, 150);
  qf_pb_put_bytes(&b, 2, "testing", 7);
  qf_pb_put_double(&b, 13, 0x1.921fb54442d18p+1);
  assert_int_equal(b.len, sizeof want);
  assert_memory_equal(b.data, want, sizeof want);
  qf_buf_fini(&b);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_formats_own_examples),   cmocka_unit_test(numbers_at_their_ends),
      cmocka_unit_test(groups_and_unknown_wires),   cmocka_unit_test(cut_everywhere),
      cmocka_unit_test(what_is_written_reads_back),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
