/* The batch codec: lossless for everything, refuses everything else, small and within its bounds. */
#include "journal/batch.h"
#include "journal/test_help.h"

static void same(const qf_batch *a, const qf_batch *b)
{
  assert_int_equal(a->n, b->n);
  for (uint32_t i = 0; i < a->n; i++)
    if (a->point[i] != b->point[i] || a->ts_us[i] != b->ts_us[i] || a->mant[i] != b->mant[i] ||
        a->exp[i] != b->exp[i] || a->flags[i] != b->flags[i])
      fail_msg("row %u of %u differs", i, a->n);
}

/* Encode, decode, compare; gives the size. */
static size_t round_trip(const qf_batch *b)
{
  qf_buf o;
  qf_batch d;
  qf_err err;
  qf_buf_init(&o, (size_t)128 << 20);
  qf_batch_init(&d);
  assert_int_equal(qf_batch_encode(b, &o), QF_OK);
  must(qf_batch_decode((const uint8_t *)o.data, o.len, &d, &err), &err);
  same(b, &d);
  size_t len = o.len;
  qf_buf_fini(&o);
  qf_batch_fini(&d);
  return len;
}

static int64_t any(uint64_t *s, unsigned style)
{
  static const int64_t corner[] = {INT64_MIN, INT64_MAX, 0, -1, 1, INT64_MIN + 1, INT64_MAX - 1, INT32_MAX, INT32_MIN};
  uint64_t r = splitmix(s);
  switch (style) {
  case 0:
    return (int64_t)r;
  case 1:
    return (int64_t)(r % 100);
  case 2:
    return corner[r % 9];
  case 3:
    return (int64_t)(r >> (splitmix(s) % 64)); /* every magnitude */
  case 4:
    return r % 40 ? 4711 : (int64_t)splitmix(s); /* outliers */
  default:
    return 1234567;
  }
}

static unsigned pick(uint64_t *s, unsigned n)
{
  return (unsigned)(splitmix(s) % n);
}

static void random_batches(void **state)
{
  (void)state;
  uint64_t s = 20251122;
  qf_batch b;
  qf_batch_init(&b);
  for (int trial = 0; trial < 1500; trial++) {
    uint32_t n = 1 + (uint32_t)(splitmix(&s) % (trial % 10 ? 300 : 3000));
    unsigned sp = pick(&s, 8), st = pick(&s, 8), sm = pick(&s, 6), se = pick(&s, 3), sf = pick(&s, 3);
    uint32_t cycle = 1 + (uint32_t)(splitmix(&s) % 40);
    int64_t ts = any(&s, 3), step = any(&s, 1);
    assert_int_equal(qf_batch_reserve(&b, n), QF_OK);
    b.n = 0;
    for (uint32_t i = 0; i < n; i++) {
      uint32_t point = sp == 6 ? i + 1 : sp == 7 ? i % cycle : (uint32_t)any(&s, sp);
      int64_t t = st == 6   ? (int64_t)((uint64_t)ts + i * (uint64_t)step)
                  : st == 7 ? (int64_t)((uint64_t)ts + i / cycle)
                            : any(&s, st);
      int8_t e = se == 0 ? -2 : se == 1 ? (int8_t)splitmix(&s) : (int8_t) - (int)(i % cycle % 4);
      uint8_t f = sf == 0 ? 0 : sf == 1 ? (uint8_t)splitmix(&s) : (uint8_t)(splitmix(&s) % 50 == 0);
      qf_batch_add(&b, point, t, (qf_num){any(&s, sm), e}, f);
    }
    round_trip(&b);
  }
  qf_batch_fini(&b);
}

static void extremes(void **state)
{
  (void)state;
  qf_batch b;
  qf_batch_init(&b);
  assert_int_equal(qf_batch_reserve(&b, 600), QF_OK);
  for (uint32_t n = 1; n <= 600; n += 37) { /* leaps over the whole range, in every column at once */
    b.n = 0;
    for (uint32_t i = 0; i < n; i++)
      qf_batch_add(&b, i % 2 ? UINT32_MAX : 0, i % 2 ? INT64_MAX : INT64_MIN,
                   (qf_num){i % 3 ? INT64_MIN : INT64_MAX, i % 2 ? 127 : -128}, i % 2 ? 255 : 0);
    round_trip(&b);
  }
  qf_batch_fini(&b);
}

/* A vector worked out by hand from the format at the top of batch.c: three rows of points 5,6,7 at one time 1000 us,
 * mantissas 10, 13, 11, exponent -1, no flags. mant as blocks: base 10, w = 2 bits, values 0 3 1 -> 0b01_11_00 = 0x1C.
 */
static void by_hand(void **state)
{
  (void)state;
  static const uint8_t body[] = {1, 3,                    /* plain, 3 rows */
                                 0, 10,   2,              /* point: line from 5 step 1 */
                                 0, 0xD0, 0x0F, 0,        /* ts: line from 1000 step 0 */
                                 1, 2,    0,    20, 0x1C, /* mant: blocks, width 2, predictor 0, base 10, bits */
                                 0, 1,    0,              /* exp: line from -1 */
                                 0, 0,    0};             /* flags: line from 0 */
  qf_batch d, want;
  qf_err err;
  qf_batch_init(&d);
  qf_batch_init(&want);
  assert_int_equal(qf_batch_reserve(&want, 3), QF_OK);
  static const int64_t mant[] = {10, 13, 11};
  for (uint32_t i = 0; i < 3; i++)
    qf_batch_add(&want, 5 + i, 1000, (qf_num){mant[i], -1}, 0);
  must(qf_batch_decode(body, sizeof body, &d, &err), &err);
  same(&want, &d);
  qf_buf o;
  qf_buf_init(&o, 1000);
  assert_int_equal(qf_batch_encode(&want, &o), QF_OK);
  assert_int_equal(o.len, sizeof body);
  assert_memory_equal(o.data, body, sizeof body);
  for (size_t n = 0; n < sizeof body; n++) { /* every cut is refused */
    assert_int_equal(qf_batch_decode(body, n, &d, &err), QF_CORRUPT);
    assert_int_equal(d.n, 0);
  }
  qf_buf_fini(&o);
  qf_batch_fini(&d);
  qf_batch_fini(&want);
}

static void refuses(void **state)
{
  (void)state;
  static const struct {
    uint8_t body[24];
    size_t n;
  } bad[] = {
      {{0}, 1},                                                                    /* form */
      {{1, 0}, 2},                                                                 /* no rows */
      {{1, 0xC1, 0x84, 0x3D, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 19}, /* 1,000,001 rows */
      {{1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 17},                   /* point -1 */
      {{1, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 2, 0, 0, 0, 0}, 18},             /* exponent 128 */
      {{1, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9}, 18},                /* a byte too many */
      {{1, 2, 2, 2, 0, 2, 0}, 7},                                                  /* cycle as long as the column */
      {{1, 2, 1, 0, 2, 0}, 6},                                                     /* point predicted from itself */
      {{1, 2, 1, 65, 0, 0}, 6},                                                    /* width 65 */
      {{1, 2, 1, 0x80, 0, 0, 3, 0, 1, 1, 1, 1, 1}, 13},                            /* more exceptions than rows */
      {{1, 2, 1, 0x80, 0, 0, 1, 2, 1}, 9}, /* exception of a row that is not there */
      {{2, 1, 5, 1, 2, 3}, 6},             /* not zstd */
  };
  qf_batch d;
  qf_err err;
  qf_batch_init(&d);
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    if (qf_batch_decode(bad[i].body, bad[i].n, &d, &err) != QF_CORRUPT)
      fail_msg("case %zu was taken", i);
  qf_batch_fini(&d);
  qf_batch none;
  qf_batch_init(&none);
  qf_buf o;
  qf_buf_init(&o, 100);
  assert_int_equal(qf_batch_encode(&none, &o), QF_RANGE);
  none.n = QF_BATCH_MAX + 1;
  assert_int_equal(qf_batch_encode(&none, &o), QF_RANGE);
  qf_buf_fini(&o);
}

/* The measured aim: 10,000 points at one moment, noisy values, at most 4 bytes a row - and that it does not get lost
 * for counters that repeat, where far less is needed. */
static void small_enough(void **state)
{
  (void)state;
  uint64_t s = 7;
  qf_batch b;
  qf_batch_init(&b);
  assert_int_equal(qf_batch_reserve(&b, 100000), QF_OK);
  for (uint32_t i = 0; i < 10000; i++)
    qf_batch_add(&b, i + 1, 1763800000000000, (qf_num){(int64_t)(splitmix(&s) % 10000000), -2}, 0);
  assert_true(round_trip(&b) <= 4 * b.n);
  b.n = 0;
  int64_t counter[1000];
  for (uint32_t i = 0; i < 1000; i++)
    counter[i] = (int64_t)(splitmix(&s) % 1000000000);
  for (uint32_t k = 0; k < 96; k++)
    for (uint32_t i = 0; i < 1000; i++)
      qf_batch_add(&b, i + 1, 1763800000000000 + k * QF_US_QUARTER,
                   (qf_num){counter[i] += (int64_t)(splitmix(&s) % 200), -2}, 0);
  assert_true(round_trip(&b) <= 3 * b.n / 2);
  qf_batch_fini(&b);
}

/* Random damage never crashes (sanitizers watch) and never gives more rows than allowed. */
static void damaged_bodies(void **state)
{
  (void)state;
  uint64_t s = 99;
  qf_batch b, d;
  qf_err err;
  qf_buf o;
  qf_batch_init(&b);
  qf_batch_init(&d);
  qf_buf_init(&o, 1 << 20);
  assert_int_equal(qf_batch_reserve(&b, 700), QF_OK);
  for (uint32_t i = 0; i < 700; i++)
    qf_batch_add(&b, i % 90, (int64_t)(i / 90) * 1000, (qf_num){any(&s, 4), (int8_t)(i % 3)}, (uint8_t)(i % 11 == 0));
  assert_int_equal(qf_batch_encode(&b, &o), QF_OK);
  for (int i = 0; i < 20000; i++) {
    size_t at = splitmix(&s) % o.len;
    char was = o.data[at];
    o.data[at] = (char)splitmix(&s);
    qf_rc rc = qf_batch_decode((const uint8_t *)o.data, o.len - (i % 5 == 0 ? splitmix(&s) % o.len : 0), &d, &err);
    assert_true(rc == QF_OK || rc == QF_CORRUPT);
    assert_true(d.n <= QF_BATCH_MAX);
    o.data[at] = was;
  }
  qf_buf_fini(&o);
  qf_batch_fini(&b);
  qf_batch_fini(&d);
}

static void largest(void **state)
{
  (void)state;
  qf_batch b;
  qf_batch_init(&b);
  assert_int_equal(qf_batch_reserve(&b, QF_BATCH_MAX), QF_OK);
  uint64_t s = 5;
  for (uint32_t i = 0; i < QF_BATCH_MAX; i++)
    qf_batch_add(&b, (uint32_t)splitmix(&s) % 70000, 1763800000000000 + (int64_t)(splitmix(&s) % 1000000),
                 (qf_num){(int64_t)(i % 1000), -1}, (uint8_t)(i % 3));
  round_trip(&b);
  qf_batch_fini(&b);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(random_batches), cmocka_unit_test(extremes),
                                     cmocka_unit_test(by_hand),        cmocka_unit_test(refuses),
                                     cmocka_unit_test(small_enough),   cmocka_unit_test(damaged_bodies),
                                     cmocka_unit_test(largest)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
