/* Prometheus remote write. The request was made with npm protobufjs 7 from the messages of prometheus/prompb (types.proto,
 * remote.proto); its labels and samples are those beside it. The stale marker is the one of prometheus/model/value. */
#include "wire/remotewrite.h"
#include "wire/snap.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the headers above first */
#include <cmocka.h>

/* meter_kwh{instance="gw1:9100",job="meters",unit="u 001"} 88017.12 @1764000000000, 88017.5 @1764000015250, an exemplar;
 * up{empty="",job="meters"} 1 @...000000, 0 @...015000, NaN @...030000, Inf @...045000, -0.1 @-1;
 * {job="nameless"} 5; latency{job="a,b=c"} one native histogram; metadata of up */
static const char request[] =
    "0a8b010a150a085f5f6e616d655f5f12096d657465725f6b77680a140a08696e7374616e636512086777313a393130300a0d0a036a6f62"
    "12066d65746572730a0d0a04756e697412057520303031121009b81e85eb117df5401080d0dfb4ab3312100900000000187df5401092c7"
    "e0b4ab331a1a0a0d0a0874726163655f696412017811000000000000f03f18050a88010a0e0a085f5f6e616d655f5f120275700a090a05"
    "656d70747912000a0d0a036a6f6212066d6574657273121009000000000000f03f1080d0dfb4ab3312100900000000000000001098c5e0"
    "b4ab33121009000000000000f87f10b0bae1b4ab33121009000000000000f07f10c8afe2b4ab331214099a9999999999b9bf10ffffffff"
    "ffffffffff010a230a0f0a036a6f6212086e616d656c65737312100900000000000014401080d0dfb4ab330a390a130a085f5f6e616d65"
    "5f5f12076c6174656e63790a0c0a036a6f621205612c623d632214080319000000000000f83f20067880d0dfb4ab331a09080112027570"
    "220168";

static uint8_t *bytes_of(const char *hex, size_t *n)
{
  *n = strlen(hex) / 2;
  uint8_t *p = malloc(*n ? *n : 1);
  for (size_t i = 0; i < *n; i++) {
    char two[3] = {hex[2 * i], hex[2 * i + 1], 0};
    p[i] = (uint8_t)strtoul(two, NULL, 16);
  }
  return p;
}

static void sample_is(qf_rw_series *s, qf_rc want, int64_t ms, int64_t mant, int exp)
{
  qf_reading r;
  qf_err err = {0};
  qf_rc rc = qf_rw_sample(s, &r, &err);
  if (rc != want)
    fail_msg("%s: rc %d, %s", s->key, rc, err.en);
  if (rc == QF_OK && (r.ts_us != ms * 1000 || r.v.mant != mant || r.v.exp != exp || r.flags))
    fail_msg("%s: %lld e%d at %lld", s->key, (long long)r.v.mant, r.v.exp, (long long)r.ts_us);
  assert_true(rc != QF_RANGE || (err.en[0] && err.zh[0]));
}

static void a_request(void **st)
{
  (void)st;
  size_t n;
  uint8_t *p = bytes_of(request, &n);
  qf_rw w;
  qf_rw_series s;
  qf_err err = {0};
  assert_int_equal(qf_rw_open(p, n, &w, &err), QF_OK);
  assert_true(w.series == 4 && w.samples == 8 && w.histograms == 1);
  assert_int_equal(qf_rw_next(&w, &s, &err), QF_OK);
  assert_string_equal(s.key, "meter_kwh,instance=gw1:9100,job=meters,unit=u\\ 001 value");
  assert_int_equal(s.key_len, strlen(s.key));
  assert_true(s.samples == 2 && s.histograms == 0);
  sample_is(&s, QF_OK, 1764000000000, 8801712, -2);
  sample_is(&s, QF_OK, 1764000015250, 880175, -1);
  sample_is(&s, QF_NOTFOUND, 0, 0, 0);
  assert_int_equal(qf_rw_next(&w, &s, &err), QF_OK);
  assert_string_equal(s.key, "up,job=meters value");
  sample_is(&s, QF_OK, 1764000000000, 1, 0);
  sample_is(&s, QF_OK, 1764000015000, 0, 0);
  sample_is(&s, QF_RANGE, 0, 0, 0); /* NaN */
  sample_is(&s, QF_RANGE, 0, 0, 0); /* Inf */
  sample_is(&s, QF_RANGE, 0, 0, 0); /* before 1970 */
  sample_is(&s, QF_NOTFOUND, 0, 0, 0);
  assert_int_equal(qf_rw_next(&w, &s, &err), QF_SYNTAX);
  assert_true(strstr(err.en, "__name__") && err.zh[0] && s.samples == 1);
  assert_int_equal(qf_rw_next(&w, &s, &err), QF_OK);
  assert_string_equal(s.key, "latency,job=a\\,b\\=c value");
  assert_true(s.samples == 0 && s.histograms == 1);
  assert_int_equal(qf_rw_next(&w, &s, &err), QF_NOTFOUND);
  free(p);
}

/* One series of these labels (name, value, ...) with one sample of these bits, absent when 0, at t ms. */
static qf_rc one(const char *const *labels, uint64_t bits, uint64_t t, qf_rw_series *s, qf_reading *r, qf_rc *sample_rc)
{
  qf_buf req, series, part;
  qf_err err = {0};
  qf_rw w;
  double v;
  memcpy(&v, &bits, sizeof v);
  qf_buf_init(&req, 4000);
  qf_buf_init(&series, 4000);
  qf_buf_init(&part, 4000);
  for (; labels[0]; labels += 2) {
    qf_buf_reset(&part);
    qf_pb_put_bytes(&part, 1, labels[0], strlen(labels[0]));
    qf_pb_put_bytes(&part, 2, labels[1], strlen(labels[1]));
    qf_pb_put_bytes(&series, 1, part.data, part.len);
  }
  qf_buf_reset(&part);
  if (bits)
    qf_pb_put_double(&part, 1, v);
  qf_pb_put_varint(&part, 2, t);
  qf_pb_put_bytes(&series, 2, part.data, part.len);
  qf_pb_put_bytes(&req, 1, series.data, series.len);
  assert_int_equal(qf_rw_open(req.data, req.len, &w, &err), QF_OK);
  qf_rc rc = qf_rw_next(&w, s, &err);
  assert_true(!rc || (err.en[0] && err.zh[0]));
  *sample_rc = qf_rw_sample(s, r, &err);
  qf_buf_fini(&req);
  qf_buf_fini(&series);
  qf_buf_fini(&part);
  return rc;
}

static void values(void **st)
{
  (void)st;
  static const char *const labels[] = {"__name__", "m", NULL};
  static const struct {
    uint64_t bits;
    qf_rc rc;
    int64_t mant;
    int exp;
  } t[] = {
      {UINT64_C(0x7ff0000000000002), QF_STATE, 0, 0}, /* the series has ended */
      {UINT64_C(0x7ff8000000000001), QF_RANGE, 0, 0}, /* its ordinary NaN */
      {UINT64_C(0xfff0000000000000), QF_RANGE, 0, 0}, /* -Inf */
      {0, QF_OK, 0, 0},                               /* an absent value is 0 */
      {UINT64_C(0x3fb999999999999a), QF_OK, 1, -1},   /* 0.1 */
      {UINT64_C(0x4341c37937e08000), QF_OK, 1, 16},   /* 10^16 */
      {UINT64_C(0x7e37e43c8800759c), QF_RANGE, 0, 0}, /* 10^300 */
      {UINT64_C(0x0000000000000001), QF_RANGE, 0, 0}, /* the least there is */
  };
  for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
    qf_rw_series s;
    qf_reading r;
    qf_rc rc;
    assert_int_equal(one(labels, t[i].bits, 1764000000000, &s, &r, &rc), QF_OK);
    int64_t mant = r.v.mant;
    int exp = r.v.exp;
    while (!rc && exp > t[i].exp && exp > -30) { /* the same number may be written 1 e16 or 10 e15 */
      mant *= 10;
      exp--;
    }
    while (!rc && exp < t[i].exp && mant % 10 == 0) {
      mant /= 10;
      exp++;
    }
    if (rc != t[i].rc || (!rc && (mant != t[i].mant || (mant && exp != t[i].exp))))
      fail_msg("case %zu: rc %d, %lld e%d", i, rc, (long long)r.v.mant, r.v.exp);
  }
  qf_rw_series s;
  qf_reading r;
  qf_rc rc;
  (void)!one(labels, 0, UINT64_C(7258118400000), &s, &r, &rc);
  assert_int_equal(rc, QF_RANGE);
  (void)!one(labels, 0, UINT64_C(7258118399999), &s, &r, &rc);
  assert_int_equal(rc, QF_OK);
}

static void labels_that_are_no_series(void **st)
{
  (void)st;
  static char long_value[600];
  memset(long_value, 'x', sizeof long_value - 1);
  static const char *const twice[] = {"__name__", "m", "a", "1", "a", "2", NULL};
  static const char *const names[] = {"__name__", "m", "__name__", "n", NULL};
  static const char *const back[] = {"__name__", "m", "a", "C:\\", NULL};
  static const char *const control[] = {"__name__", "m", "a", "x\ny", NULL};
  static const char *const empty[] = {"__name__", "", "a", "1", NULL};
  const char *const too_long[] = {"__name__", "m", "a", long_value, NULL};
  qf_rw_series s;
  qf_reading r;
  qf_rc rc;
  assert_int_equal(one(twice, 0, 0, &s, &r, &rc), QF_SYNTAX);
  assert_int_equal(one(names, 0, 0, &s, &r, &rc), QF_SYNTAX);
  assert_int_equal(one(back, 0, 0, &s, &r, &rc), QF_SYNTAX);
  assert_int_equal(one(control, 0, 0, &s, &r, &rc), QF_SYNTAX);
  assert_int_equal(one(empty, 0, 0, &s, &r, &rc), QF_SYNTAX);
  assert_int_equal(one(too_long, 0, 0, &s, &r, &rc), QF_RANGE);
  assert_true(s.named[0] == 'm' && strlen(s.named) < 120);
  static const char *const sorted[] = {"z", "1", "__name__", "a=b c", "b", "2", NULL};
  assert_int_equal(one(sorted, 0, 0, &s, &r, &rc), QF_OK);
  assert_string_equal(s.key, "a=b\\ c,b=2,z=1 value");
}

static void cut_and_changed(void **st)
{
  (void)st;
  size_t n, taken = 0;
  uint8_t *p = bytes_of(request, &n);
  for (size_t cut = 0; cut <= n; cut++) {
    uint8_t *copy = malloc(cut ? cut : 1);
    memcpy(copy, p, cut);
    qf_rw w;
    qf_err err = {0};
    qf_rc rc = qf_rw_open(copy, cut, &w, &err);
    taken += rc == QF_OK;
    assert_true(!rc || (rc == QF_SYNTAX && err.en[0] && err.zh[0]));
    free(copy);
  }
  assert_int_equal(taken, 1 + 4 + 1); /* between series only; a body cut there is caught by snappy's length */
  for (size_t i = 0; i < n; i++)
    for (unsigned x = 1; x < 256; x++) {
      qf_rw w;
      qf_rw_series s;
      qf_reading r;
      qf_err err;
      p[i] = (uint8_t)(p[i] ^ x);
      if (qf_rw_open(p, n, &w, &err) == QF_OK)
        for (qf_rc rc; (rc = qf_rw_next(&w, &s, &err)) != QF_NOTFOUND;)
          while (qf_rw_sample(&s, &r, &err) != QF_NOTFOUND) {
          }
      p[i] = (uint8_t)(p[i] ^ x);
    }
  free(p);
}

static qf_rc unpack(const void *p, size_t n, size_t max, qf_buf *b)
{
  qf_err err = {0};
  qf_buf_init(b, max);
  qf_rc rc = qf_snap_unpack(p, n, b, &err);
  assert_true(!rc || (err.en[0] && err.zh[0] && b->len == 0));
  return rc;
}

static void snappy(void **st)
{
  (void)st;
  static const uint8_t hello[] = {0x05, 0x10, 'h', 'e', 'l', 'l', 'o'}; /* format_description.txt: literal of 5 */
  static const uint8_t xs[] = {0x0a, 0x00, 'x', 0x15, 0x01};            /* literal x, copy of 9 from 1 back */
  static const uint8_t lie[] = {0xff, 0xff, 0xff, 0xff, 0x0f, 0x10, 'h', 'e', 'l'}; /* 4 GiB out of nine bytes */
  static const uint8_t more[] = {0x06, 0x10, 'h', 'e', 'l', 'l', 'o'};              /* announces one more */
  static const uint8_t behind[] = {0x0a, 0x00, 'x', 0x15, 0x02};                    /* copies from before the start */
  qf_buf b;
  assert_int_equal(unpack(hello, sizeof hello, 100, &b), QF_OK);
  assert_string_equal(b.data, "hello");
  qf_buf_fini(&b);
  assert_int_equal(unpack(xs, sizeof xs, 100, &b), QF_OK);
  assert_string_equal(b.data, "xxxxxxxxxx");
  qf_buf_fini(&b);
  assert_int_equal(unpack(lie, sizeof lie, (size_t)1 << 40, &b), QF_SYNTAX);
  assert_int_equal(b.cap, 0); /* nothing was reserved for it */
  assert_int_equal(unpack(more, sizeof more, 100, &b), QF_SYNTAX);
  qf_buf_fini(&b);
  assert_int_equal(unpack(behind, sizeof behind, 100, &b), QF_SYNTAX);
  qf_buf_fini(&b);
  assert_int_equal(unpack(hello, sizeof hello, 5, &b), QF_RANGE); /* and the NUL */
  assert_int_equal(unpack(hello, sizeof hello, 6, &b), QF_OK);
  qf_buf_fini(&b);
  for (size_t n = 0; n < sizeof hello; n++) {
    assert_int_equal(unpack(hello, n, 100, &b), QF_SYNTAX);
    qf_buf_fini(&b);
  }
  /* A million equal bytes: the best ratio there is passes. */
  size_t big = 1000000;
  char *plain = calloc(1, big);
  qf_buf packed;
  qf_buf_init(&packed, 2 * big);
  qf_snap_pack(plain, big, &packed);
  assert_true(!packed.failed && packed.len < big / 15);
  assert_int_equal(unpack(packed.data, packed.len, big + 1, &b), QF_OK);
  assert_true(b.len == big && memcmp(b.data, plain, big) == 0);
  qf_buf_fini(&b);
  qf_buf_fini(&packed);
  free(plain);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_request),       cmocka_unit_test(values), cmocka_unit_test(labels_that_are_no_series),
      cmocka_unit_test(cut_and_changed), cmocka_unit_test(snappy),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
