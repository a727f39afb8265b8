/* The law: the accounts of a point are a function of the set of its readings and its description. Points with every
 * fault we know are fed in time order, then in many other ways - shuffled, late by hours, twice, in batches of any
 * size, with ticks anywhere, with the state saved and loaded in between - and the hours and days must be the same to
 * the last digit. And conservation: the quarters of a day add up to k (R_end - R_start) exactly. */
#include "meter/testkit.h"

enum { REG = 1, REG_PLAIN, INT, GAU, STA, SLOW, LAZY, COLD, POINTS = COLD };

typedef struct stream {
  qf_reading *r;
  uint32_t *p;
  size_t n, cap;
} stream;

static void push(stream *s, uint32_t p, qf_us t, int64_t mant, int exp, uint8_t flags)
{
  if (s->n == s->cap) {
    s->cap = s->cap ? s->cap * 2 : 4096;
    s->r = realloc(s->r, s->cap * sizeof *s->r);
    s->p = realloc(s->p, s->cap * sizeof *s->p);
    assert_true(s->r && s->p);
  }
  s->r[s->n] = (qf_reading){t, {mant, (int8_t)exp}, flags};
  s->p[s->n++] = p;
}

typedef struct declared { /* the exchange */
  qf_us at;
  qf_num final_reading;
} declared;

/* A register of 6 digits, 0.01: rollover on the first day, a gap of 3 h, an exchange, jitter, outliers, zeros,
 * conflicts. */
static void make_register(stream *s, uint32_t p, qf_us t0, uint64_t *seed, declared *x)
{
  int64_t r = 99990000; /* 999900.00 */
  x->at = t0 + 40 * QF_US_HOUR + 30 * QF_US_SECOND;
  for (int i = 0; i <= 3 * 1440; i++) {
    qf_us t = t0 + i * QF_US_MINUTE;
    uint64_t dice = kit_rand(seed) % 1000;
    int64_t before = r;
    r = (r + (int64_t)(kit_rand(seed) % 60)) % 100000000;
    if (i == 2401) { /* the new meter, a minute after 40:00; 0.05 after the last stamp the old one was taken off */
      x->final_reading = (qf_num){r + 5, -2};
      r = 1234;
    }
    if (i > 1700 && i < 1880)
      continue;
    if (dice < 3)
      push(s, p, t, r * 7 + 5000000, -2, 0);
    else if (dice < 6)
      push(s, p, t, 0, 0, 0);
    else if (dice < 9)
      push(s, p, t, before - 1, -2, 0); /* jitter: it falls back by one digit */
    else if (dice < 12)
      push(s, p, t, 65535, 0, 0);
    else
      push(s, p, t, r, -2, 0);
    if (dice >= 990) /* another value for the same stamp */
      push(s, p, t, r + (int64_t)(dice - 985) * 10, -2, dice & 1 ? QF_RD_MANUAL : 0);
    if (dice >= 980 && dice < 985)
      push(s, p, t, r * 10, -3, 0); /* the same value, written otherwise */
  }
}

static void make_others(stream *s, qf_us t0, uint64_t *seed)
{
  for (int i = 0; i <= 3 * 96; i++) {
    qf_us t = t0 + i * QF_US_QUARTER;
    uint64_t dice = kit_rand(seed) % 100;
    if (dice > 2)
      push(s, INT, t + (qf_us)(dice % 7) * QF_US_SECOND, (int64_t)(kit_rand(seed) % 4000), -2, 0);
    if (dice == 50)
      push(s, INT, t + (qf_us)(dice % 7) * QF_US_SECOND, 123456, -2, 0);
    if (dice > 60)
      push(s, STA, t + 7 * QF_US_SECOND, (int64_t)(dice % 3), 0, dice == 61 ? QF_RD_SENTINEL : 0);
  }
  int64_t v = 200;
  for (int i = 0; i <= 3 * 288; i++) {
    uint64_t dice = kit_rand(seed) % 100;
    if (i < 300 || i > 330)
      v += (int64_t)(dice % 11) - 5; /* stands still for two and a half hours */
    push(s, GAU, t0 + i * 5 * QF_US_MINUTE, dice == 7 ? 9999 : v, -1, 0);
    if (dice == 8)
      push(s, GAU, t0 + i * 5 * QF_US_MINUTE, v + 3, -1, 0);
  }
  for (int64_t i = 0, r = 700; i <= 11 * 96; i++) { /* stands still from the ninth day to the eleventh */
    r += i > 8 * 96 && i < 10 * 96 ? 0 : 1 + (int64_t)(kit_rand(seed) % 9);
    push(s, LAZY, t0 + i * QF_US_QUARTER, r, 0, 0);
    if (i % 7)
      push(s, LAZY, t0 + i * QF_US_QUARTER + QF_US_MINUTE, r, 0, 0);
  }
  for (int64_t i = 0, r = 99900, shown = 0; i <= 12 * 96;
       i++) { /* its display stands still, then catches up; rolls over */
    r = (r + 1 + (int64_t)(kit_rand(seed) % 9)) % 100000;
    shown = i > 850 && i < 990 ? shown : r;
    push(s, COLD, t0 + i * QF_US_QUARTER + 7 * QF_US_SECOND, i % 50 == 3 ? 0 : shown, 0, 0);
  }
  for (int i = 0; i <= 30; i++) /* read by hand about every third day: long normal steps */
    push(s, SLOW, t0 + i * 3 * QF_US_DAY + (qf_us)(kit_rand(seed) % 7200) * QF_US_SECOND, 5000 + i * 333, -1,
         QF_RD_MANUAL);
}

static void describe_all(kit *k, const declared *x)
{
  qf_point_desc reg = {
      .kind = QF_KIND_REGISTER, .register_digits = 6, .lsb_exp = -2, .k = {333333333, -9}, .period_s = 60, .rated = 20};
  qf_point_desc plain = {.kind = QF_KIND_REGISTER, .register_digits = 6, .lsb_exp = -2, .k = {40, 0}, .period_s = 60};
  qf_point_desc interval = {.kind = QF_KIND_INTERVAL, .lsb_exp = -2, .k = {15, -1}, .period_s = 900, .rated = 500};
  qf_point_desc gauge = {
      .kind = QF_KIND_GAUGE, .lsb_exp = -1, .k = {1, 0}, .period_s = 300, .low = 0, .high = 100, .rate_limit = 6};
  qf_point_desc st = {.kind = QF_KIND_STATE, .k = {1, 0}};
  qf_point_desc slow = {.kind = QF_KIND_REGISTER, .lsb_exp = -1, .k = {1, 0}, .period_s = 3 * 86400};
  qf_point_desc lazy = {.kind = QF_KIND_REGISTER, .k = {1, 0}, .period_s = 900, .rated = 50};
  qf_point_desc cold = {.kind = QF_KIND_REGISTER, .register_digits = 5, .k = {1, 0}, .period_s = 900, .rated = 50};
  const qf_point_desc *d[] = {&reg, &plain, &interval, &gauge, &st, &slow, &lazy, &cold};
  for (uint32_t p = 1; p <= POINTS; p++)
    assert_int_equal(qf_meter_describe(k->m, p, d[p - 1]), QF_OK);
  for (uint32_t p = REG; p <= REG_PLAIN; p++)
    assert_int_equal(qf_meter_exchange(k->m, p, x->at, x->final_reading, kit_num("12.30")), QF_OK);
  kit_tick(k);
}

typedef struct feed { /* how a stream is delivered */
  uint64_t seed;
  uint32_t batch; /* readings per batch, at most */
  uint32_t tick;  /* a tick in so many batches */
  bool save;      /* sometimes save and load into a new meter */
} feed;

static kit *reload(kit *k)
{
  qf_buf b;
  qf_err err;
  qf_meter_sink sink = kit_sink(k);
  qf_meter_source source = {kit_range, k};
  qf_buf_init(&b, 1 << 24);
  assert_int_equal(qf_meter_save(k->m, &b), QF_OK);
  qf_meter_free(k->m);
  assert_int_equal(qf_meter_new(&sink, &source, &k->m), QF_OK);
  assert_int_equal(qf_meter_load(k->m, (const uint8_t *)b.data, b.len, &err), QF_OK);
  qf_buf_fini(&b);
  return k;
}

static kit *deliver(const stream *s, const size_t *order, size_t n, const declared *x, feed f)
{
  kit *k = kit_new();
  describe_all(k, x);
  for (size_t i = 0; i < n;) {
    size_t m = 1 + kit_rand(&f.seed) % f.batch;
    for (; m && i < n; m--, i++)
      kit_add(k, s->p[order[i]], &s->r[order[i]]);
    kit_send(k);
    if (kit_rand(&f.seed) % f.tick == 0)
      kit_tick(k);
    if (f.save && kit_rand(&f.seed) % 40 == 0)
      reload(k);
  }
  kit_tick(k);
  return k;
}

/* Order of arrival when reading i is delayed by up to `spread` of its stamp's time; 0 = in time order. */
typedef struct arrival {
  qf_us at;
  size_t i;
} arrival;

static int by_arrival(const void *a, const void *b)
{
  const arrival *x = a, *y = b;
  return x->at != y->at ? (x->at < y->at ? -1 : 1) : x->i < y->i ? -1 : x->i > y->i;
}

static size_t *order_of(const stream *s, qf_us spread, bool twice, uint64_t *seed, size_t *n)
{
  *n = twice ? s->n * 2 : s->n;
  arrival *a = malloc(*n * sizeof *a);
  size_t *o = malloc(*n * sizeof *o);
  assert_true(a && o);
  for (size_t i = 0; i < *n; i++)
    a[i] = (arrival){s->r[i % s->n].ts_us + (spread ? (qf_us)(kit_rand(seed) % (uint64_t)spread) : 0), i % s->n};
  qsort(a, *n, sizeof *a, by_arrival);
  for (size_t i = 0; i < *n; i++)
    o[i] = a[i].i;
  free(a);
  return o;
}

static stream make(uint64_t seed, declared *x)
{
  stream s = {0};
  qf_us t0 = kit_time("2026-03-02 00:00");
  uint64_t again = seed;
  make_register(&s, REG, t0, &seed, x);
  make_register(&s, REG_PLAIN, t0 + 13 * QF_US_SECOND, &again, x);
  make_others(&s, t0, &seed);
  return s;
}

static void same_however_delivered(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 3; seed++) {
    declared exchange;
    stream s = make(seed * 77, &exchange);
    uint64_t dice = seed;
    size_t n;
    size_t *o = order_of(&s, 0, false, &dice, &n);
    kit *want = deliver(&s, o, n, &exchange, (feed){.seed = 1, .batch = 100, .tick = 3});
    free(o);
    assert_true(want->hours[REG].n > 60 && want->hours[INT].n > 60 && want->hours[GAU].n > 60);
    static const qf_us spread[] = {0, QF_US_MINUTE, QF_US_HOUR, 20 * QF_US_HOUR, 30 * QF_US_DAY, 300 * QF_US_DAY};
    for (size_t i = 0; i < sizeof spread / sizeof *spread; i++) {
      for (int twice = 0; twice < 2; twice++) {
        o = order_of(&s, spread[i], twice, &dice, &n);
        kit *got = deliver(&s, o, n, &exchange,
                           (feed){.seed = dice, .batch = i < 4 ? 60 : 800, .tick = 1 + (uint32_t)i, .save = twice});
        for (uint32_t p = 1; p <= POINTS; p++)
          kit_same(want, got, p);
        free(o);
        kit_free(got);
      }
    }
    uint32_t rules = kit_rules(want, REG);
    static const int expected[] = {QF_V02, QF_V08A, QF_V08B, QF_V08D, QF_V09, QF_V13, QF_V19};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
      assert_true(rules >> expected[i] & 1);
    assert_true(kit_rules(want, LAZY) >> QF_V12 & 1);
    assert_true(kit_rules(want, COLD) >> QF_V12 & 1);
    assert_true(kit_count(want, COLD, QF_ST_ESTIMATED) >= 138);
    for (uint32_t p = 1; p <= POINTS; p++)
      for (size_t i = 0; i < want->days[p].n; i++)
        assert_false(((const qf_day *)want->days[p].at)[i].rules >> QF_V14 & 1);
    kit_free(want);
    free(s.r);
    free(s.p);
  }
}

/* A late reading of today must not cost the whole history: with snapshots at most the last two days are read again. */
static void late_is_cheap(void **state)
{
  (void)state;
  kit *k = kit_new();
  qf_point_desc d = {.kind = QF_KIND_REGISTER, .lsb_exp = 0, .k = {1, 0}, .period_s = 60};
  assert_int_equal(qf_meter_describe(k->m, 1, &d), QF_OK);
  kit_tick(k);
  qf_us t0 = kit_time("2026-03-02 00:00");
  for (int i = 0; i < 20 * 1440; i++) {
    qf_reading r = {t0 + i * QF_US_MINUTE, {i, 0}, 0};
    if (i == 10 * 1440 || i == 19 * 1440 + 700)
      continue;
    kit_add(k, 1, &r);
    if (i == 10 * 1440 + 1) { /* the first late one runs all and leaves snapshots from then on */
      r = (qf_reading){t0 + 10 * QF_US_DAY, {10 * 1440, 0}, 0};
      kit_add(k, 1, &r);
    }
    kit_send(k);
    if (i == 10 * 1440 + 1)
      kit_tick(k);
  }
  kit_tick(k);
  k->reruns_readings = 0;
  qf_reading r = {t0 + (19 * 1440 + 700) * QF_US_MINUTE, {19 * 1440 + 700, 0}, 0};
  kit_add(k, 1, &r);
  kit_send(k);
  kit_tick(k);
  assert_true(k->reruns_readings >= 700 && k->reruns_readings <= 2 * 1441); /* small buffers look at a reading twice */
  assert_int_equal(kit_sum(k, 1), (20 * 1440 - 1) * INT64_C(1000000));
  kit_free(k);
}

/* For every meter-day with a reading at both midnights the quarters add up to round(k R_end) - round(k R_start), k =
 * 1/3 to 9 digits. */
static void conserves(void **state)
{
  (void)state;
  uint64_t seed = 99;
  kit *k = kit_new();
  qf_point_desc d = {.kind = QF_KIND_REGISTER, .lsb_exp = -4, .k = {333333333, -9}, .period_s = 60, .rated = 0};
  qf_us t0 = kit_time("2026-03-02 00:00");
  int64_t midnight[11], kr;
  for (uint32_t p = 1; p <= 20; p++) {
    int64_t r = (int64_t)(kit_rand(&seed) % 1000000000000);
    assert_int_equal(qf_meter_describe(k->m, p, &d), QF_OK);
    kit_tick(k);
    for (int i = 0; i <= 10 * 1440; i++) {
      r += (int64_t)(kit_rand(&seed) % 99991);
      assert_true(qf_vee_scale((qf_num){333333333, -9}, r, -4, &kr));
      if (i % 1440 == 0)
        midnight[i / 1440] = kr;
      else if (kit_rand(&seed) % 50 == 0)
        i += (int)(kit_rand(&seed) % (uint64_t)(1440 - i % 1440)) / 4; /* gaps within the day */
      if (i % 1440 == 0)
        midnight[i / 1440] = kr;
      qf_reading x = {t0 + i * QF_US_MINUTE, {r, -4}, 0};
      kit_add(k, p, &x);
    }
    kit_send(k);
    kit_tick(k);
    for (int day = 0; day < 10; day++) {
      const qf_day *got = kit_day(k, p, t0 + day * QF_US_DAY);
      assert_non_null(got);
      assert_true(got->value == midnight[day + 1] - midnight[day]);
      int64_t sum = 0, est = 0;
      for (int h = 0; h < 24; h++) {
        const qf_hour *x = kit_hour(k, p, t0 + day * QF_US_DAY + h * QF_US_HOUR);
        for (int q = 0; q < 4; q++) {
          sum += x->q[q];
          est += x->status[q] == QF_ST_ESTIMATED ? x->q[q] : 0;
        }
      }
      assert_true(sum == got->value && est == got->estimated);
      assert_int_equal(got->quarters, 96);
      assert_false(got->rules >> QF_V14 & 1);
    }
  }
  kit_free(k);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(same_however_delivered), cmocka_unit_test(late_is_cheap),
                                     cmocka_unit_test(conserves)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
