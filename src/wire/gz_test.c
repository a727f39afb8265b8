/* gzip bodies: a member made by gzip(1), members made by zlib, cut and changed at every byte, and the two limits. */
#include "wire/gz.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
/* cmocka wants the headers above first */
#include <cmocka.h>

/* printf 'm v=1\n' | gzip -n */
static const uint8_t by_gzip[] = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0xcb, 0x55, 0x28,
                                  0xb3, 0x35, 0xe4, 0x02, 0x00, 0x0c, 0xf5, 0x06, 0x80, 0x06, 0x00, 0x00, 0x00};

static size_t pack(const void *src, size_t n, int window, uint8_t *out, size_t cap)
{
  z_stream z;
  memset(&z, 0, sizeof z);
  assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY), Z_OK);
  uint8_t *copy = malloc(n ? n : 1);
  memcpy(copy, src, n);
  z.next_in = copy;
  z.avail_in = (uInt)n;
  z.next_out = out;
  z.avail_out = (uInt)cap;
  assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
  size_t len = cap - z.avail_out;
  deflateEnd(&z);
  free(copy);
  return len;
}

static void is(const void *src, size_t n, const char *want, size_t max)
{
  qf_buf b;
  qf_buf_init(&b, max);
  qf_err err = {0};
  qf_rc rc = qf_gz_inflate(src, n, 0, &b, &err);
  if (rc)
    fail_msg("%s", err.en);
  assert_int_equal(b.len, strlen(want));
  assert_memory_equal(b.data, want, b.len);
  qf_buf_fini(&b);
}

static void unpacks(void **st)
{
  (void)st;
  is(by_gzip, sizeof by_gzip, "m v=1\n", 100);
  is(by_gzip, sizeof by_gzip, "m v=1\n", 6); /* just room enough */
  uint8_t two[2 * sizeof by_gzip], z[100];
  memcpy(two, by_gzip, sizeof by_gzip);
  memcpy(two + sizeof by_gzip, by_gzip, sizeof by_gzip);
  is(two, sizeof two, "m v=1\nm v=1\n", 100);
  is(z, pack("abc", 3, 15, z, sizeof z), "abc", 100);      /* zlib */
  is(z, pack("abc", 3, 15 + 16, z, sizeof z), "abc", 100); /* gzip */
}

static qf_rc refused(const void *src, size_t n, unsigned ratio, size_t max)
{
  qf_buf b;
  qf_buf_init(&b, max);
  qf_buf_puts(&b, "was");
  qf_err err = {0};
  uint8_t *exact = malloc(n ? n : 1);
  memcpy(exact, src, n);
  qf_rc rc = qf_gz_inflate(exact, n, ratio, &b, &err);
  free(exact);
  assert_int_not_equal(rc, QF_OK);
  assert_string_equal(b.data, "was"); /* as before */
  assert_true(err.en[0] && err.zh[0]);
  qf_buf_fini(&b);
  return rc;
}

static void damage(void **st)
{
  (void)st;
  for (size_t n = 0; n < sizeof by_gzip; n++)
    assert_int_equal(refused(by_gzip, n, 0, 100), QF_PARTIAL);
  for (size_t at = 0; at < sizeof by_gzip; at++) {
    uint8_t s[sizeof by_gzip];
    memcpy(s, by_gzip, sizeof s);
    s[at] ^= 0x40;
    /* Bytes 4..9 (time, extra flags, system) mean nothing; neither does bit 6 of byte 17: 3 + 6 x 8 + 7 = 58 bits of
     * data end in its bit 1. */
    if ((at >= 4 && at <= 9) || at == 17)
      is(s, sizeof s, "m v=1\n", 100);
    else
      refused(s, sizeof s, 0, 100);
  }
  uint8_t more[sizeof by_gzip + 5];
  memcpy(more, by_gzip, sizeof by_gzip);
  memcpy(more + sizeof by_gzip, "junk!", 5);
  assert_int_equal(refused(more, sizeof more, 0, 100), QF_SYNTAX);
  assert_int_equal(refused("m v=1\n", 6, 0, 100), QF_SYNTAX);
}

static void limits(void **st)
{
  (void)st;
  assert_int_equal(refused(by_gzip, sizeof by_gzip, 0, 3 + 5), QF_RANGE);
  enum { BIG = 4 << 20 };
  char *zeros = calloc(1, BIG);
  uint8_t *packed = malloc(BIG);
  size_t n = pack(zeros, BIG, 15 + 16, packed, BIG); /* about 1000 to 1 */
  assert_true(BIG / n > 500);
  assert_int_equal(refused(packed, n, 0, 100 << 20), QF_RANGE);
  assert_int_equal(refused(packed, n, 2000, 1 << 20), QF_RANGE);
  qf_buf b;
  qf_buf_init(&b, BIG);
  assert_int_equal(qf_gz_inflate(packed, n, 2000, &b, NULL), QF_OK);
  assert_int_equal(b.len, BIG);
  qf_buf_fini(&b);
  free(zeros);
  free(packed);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(unpacks), cmocka_unit_test(damage), cmocka_unit_test(limits)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
