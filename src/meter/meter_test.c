/* The meter against hand-made days. Expected figures are the reference's test vectors or are worked out in the comment
 * beside them. */
#include "meter/testkit.h"

#define U INT64_C(1000000) /* one unit in accounts */

static const qf_point_desc minute_register = {
    .kind = QF_KIND_REGISTER, .register_digits = 6, .lsb_exp = -4, .k = {1, 0}, .period_s = 60, .rated = 4000};

static void describe(kit *k, uint32_t p, const qf_point_desc *d)
{
  assert_int_equal(qf_meter_describe(k->m, p, d), QF_OK);
  kit_tick(k);
}

static uint32_t bit(int rule)
{
  return 1u << rule;
}

static void feed_hour(kit *k, uint32_t p, qf_us t, int64_t r)
{
  char text[32];
  snprintf(text, sizeof text, "%lld", (long long)r);
  kit_put(k, p, t, text);
}

/* Vector 1: 999984.0625 -> 20 within a minute, six digits, 4 MW: (20 + 1000000) - 999984.0625 = 35.9375. */
static void rollover(void **state)
{
  (void)state;
  kit *k = kit_new();
  describe(k, 1, &minute_register);
  qf_us t = kit_time("2026-03-02 10:00");
  kit_put(k, 1, t, "999984.0625");
  kit_put(k, 1, t + QF_US_MINUTE, "20");
  kit_tick(k);
  const qf_hour *h = kit_hour(k, 1, t);
  assert_non_null(h);
  assert_int_equal(h->q[0], 35937500);
  assert_true(h->rules & bit(QF_V08A));
  assert_int_equal(h->readings, 2);
  kit_free(k);
}

/* Vector 2: a register that is read as 0 for twelve minutes and comes back: nothing was used, and no 1.1 GWh. */
static void hole_of_zeros(void **state)
{
  (void)state;
  for (int rated = 0; rated < 2; rated++) {
    kit *k = kit_new();
    qf_point_desc d = minute_register;
    d.register_digits = 7;
    d.rated = rated ? 4000 : 0;
    describe(k, 1, &d);
    qf_us t = kit_time("2026-03-02 10:00");
    kit_put(k, 1, t, "1103325.75");
    for (int i = 1; i <= 12; i++)
      kit_put(k, 1, t + i * QF_US_MINUTE, "0");
    kit_put(k, 1, t + 13 * QF_US_MINUTE, "1103325.75");
    kit_put(k, 1, t + 15 * QF_US_MINUTE, "1103326.75");
    kit_tick(k);
    assert_int_equal(kit_sum(k, 1), 1 * U);
    assert_true(kit_rules(k, 1) & bit(QF_V19));
    assert_int_equal(kit_count(k, 1, QF_ST_ESTIMATED), 0);
    qf_point_live l;
    assert_true(qf_meter_get(k->m, 1, &l));
    assert_int_equal(l.refused, 12);
    assert_int_equal(l.alarms, 0);
    assert_int_equal(k->alarms.n, 2); /* invalid: begin and end */
    kit_free(k);
  }
}

/* Vector 3: 38312088 at 23:59:48, 38315900 at 06:14:49: 3812 over 6 h 15 min, 25 quarters estimated. Before it a normal
 * quarter. */
static void night_gap(void **state)
{
  (void)state;
  kit *k = kit_new();
  qf_point_desc d = {.kind = QF_KIND_REGISTER, .k = {1, 0}, .period_s = 900};
  describe(k, 1, &d);
  kit_put(k, 1, kit_time("2026-03-02 23:44:48"), "38312000");
  kit_put(k, 1, kit_time("2026-03-02 23:59:48"), "38312088");
  kit_put(k, 1, kit_time("2026-03-03 06:14:49"), "38315900");
  kit_tick(k);
  assert_int_equal(kit_sum(k, 1), 3900 * U);
  assert_int_equal(kit_count(k, 1, QF_ST_ESTIMATED),
                   24 + 0); /* 00:00 .. 06:00; the running quarter 06:00 is provisional until 06:15 */
  kit_put(k, 1, kit_time("2026-03-03 06:29:49"), "38316050");
  kit_tick(k);
  assert_int_equal(kit_count(k, 1, QF_ST_ESTIMATED), 25);
  assert_int_equal(kit_hour(k, 1, kit_time("2026-03-02 23:00"))->status[3], QF_ST_VALID);
  assert_true(kit_rules(k, 1) & bit(QF_V13));
  assert_int_equal(kit_sum(k, 1), (3900 + 150) * U);
  const qf_day *day = kit_day(k, 1, kit_time("2026-03-03 06:00"));
  assert_int_equal(day->quarters_estimated, 25);
  assert_true(day->rules & bit(QF_V22));
  kit_free(k);
}

/* Vector 4: the first reading ever of a used meter is a baseline and nothing else. */
static void first_reading(void **state)
{
  (void)state;
  kit *k = kit_new();
  qf_point_desc d = minute_register;
  d.register_digits = 8;
  describe(k, 1, &d);
  kit_put(k, 1, kit_time("2026-03-02 10:00"), "56842170.81");
  kit_tick(k);
  assert_int_equal(k->hours[1].n, 0);
  assert_int_equal(k->days[1].n, 0);
  kit_free(k);
}

/* Vector 5: 165746.0156, 0.00303 ten times, 165599.0156: not a reset (it does not count), then a register that went
 * back. Once it counts on from there it is the new baseline: 165599.0156 -> 165602.0156 = 3 are booked, the minute
 * before is not known. */
static void backward(void **state)
{
  (void)state;
  kit *k = kit_new();
  describe(k, 1, &minute_register);
  qf_us t = kit_time("2026-03-02 10:00");
  kit_put(k, 1, t, "165746.0156");
  for (int i = 1; i <= 10; i++)
    kit_put(k, 1, t + i * QF_US_MINUTE, "0.00303");
  kit_put(k, 1, t + 11 * QF_US_MINUTE, "165599.0156");
  kit_tick(k);
  assert_int_equal(kit_sum(k, 1), 0);
  qf_point_live l;
  assert_true(qf_meter_get(k->m, 1, &l));
  assert_true(l.rules & bit(QF_V08E));
  assert_true(l.rules & bit(QF_V08C));
  assert_int_equal(l.alarms, 1 << QF_ALARM_INVALID);
  kit_put(k, 1, t + 12 * QF_US_MINUTE, "165600.0156");
  kit_put(k, 1, t + 13 * QF_US_MINUTE, "165602.0156");
  kit_tick(k);
  assert_int_equal(kit_sum(k, 1), 3 * U);
  assert_true(kit_rules(k, 1) & bit(QF_V08E));
  assert_true(qf_meter_get(k->m, 1, &l));
  assert_int_equal(l.alarms, 0);
  kit_free(k);
}

/* Vector 6: a day of hours 40, 12, 11, 10, 9: (40 - 11) / 11 = 2.636 > 1.8. */
static void day_spike(void **state)
{
  (void)state;
  kit *k = kit_new();
  qf_point_desc d = {.kind = QF_KIND_REGISTER, .k = {1, 0}, .period_s = 3600, .lsb_exp = -2};
  describe(k, 1, &d);
  qf_us t = kit_time("2026-03-02 00:00");
  const char *r[] = {"0", "9", "19", "59", "71", "82"};
  for (int i = 0; i < 6; i++)
    kit_put(k, 1, t + i * QF_US_HOUR, r[i]);
  kit_put(k, 1, t + 24 * QF_US_HOUR, "82");
  kit_tick(k);
  const qf_day *day = kit_day(k, 1, t);
  assert_non_null(day);
  assert_true(day->rules & bit(QF_V10));
  assert_int_equal(day->value, 82 * U);
  assert_int_equal(day->peak, 10 * U); /* 40 in four equal quarters */
  assert_int_equal(day->peak_us, t + 2 * QF_US_HOUR);
  kit_free(k);
}

/* V11: nine weekdays of 4 kWh a quarter, then one quarter of 60: median 4, MAD at least 2 q k = 2, 6 x 1.4826 x 2
 * = 17.8 < 56. With 20 instead of 60, 16 < 17.8: a spike by V10, but no outlier. */
static void unlike_its_days(void **state)
{
  (void)state;
  for (int high = 0; high < 2; high++) {
    kit *k = kit_new();
    qf_point_desc d = {.kind = QF_KIND_REGISTER, .k = {1, 0}, .period_s = 900, .lsb_exp = 0};
    describe(k, 1, &d);
    qf_us t = kit_time("2026-03-02 00:00");
    int64_t r = 0;
    for (int i = 0; i <= 12 * 96; i++) {
      feed_hour(k, 1, t + i * QF_US_QUARTER, r);
      r += i == 10 * 96 + 40 ? (high ? 60 : 20) : i < 10 * 96 ? 4 : i % 2 ? 7 : 1;
      if (i < 10 * 96 && i % 96 == 95)
        r += i / 96 * 40 % 120;
    }
    kit_tick(k);
    const qf_day *day = kit_day(k, 1, t + 10 * QF_US_DAY);
    assert_int_equal(day->peak, (high ? 60 : 20) * U);
    assert_int_equal((day->rules & bit(QF_V10)) != 0, true);
    assert_int_equal((day->rules & bit(QF_V11)) != 0, high);
    assert_int_equal(kit_day(k, 1, t + 9 * QF_US_DAY)->rules & (bit(QF_V10) | bit(QF_V11)), 0);
    kit_free(k);
  }
}

/* Vector 7: three readings, every order, each sent twice: the same accounts. */
static void six_orders(void **state)
{
  (void)state;
  static const int order[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
  static const char *value[3] = {"100", "103.5", "104"};
  kit *first = NULL;
  for (int o = 0; o < 6; o++) {
    for (int tick = 0; tick < 2; tick++) {
      kit *k = kit_new();
      describe(k, 1, &minute_register);
      for (int twice = 0; twice < 2; twice++) {
        for (int i = 0; i < 3; i++) {
          kit_put(k, 1, kit_time("2026-03-02 10:00") + order[o][i] * 10 * QF_US_MINUTE, value[order[o][i]]);
          if (tick)
            kit_tick(k);
        }
      }
      kit_tick(k);
      assert_int_equal(kit_sum(k, 1), 4 * U);
      /* 3.5 over 10:00-10:10; 0.5 over 10:10-10:20: a half of it before 10:15 */
      assert_int_equal(kit_hour(k, 1, kit_time("2026-03-02 10:00"))->q[0], 3750000);
      assert_int_equal(kit_hour(k, 1, kit_time("2026-03-02 10:00"))->q[1], 250000);
      if (first) {
        kit_same(first, k, 1);
        kit_free(k);
      } else {
        first = k;
      }
    }
  }
  kit_free(first);
}

/* Vector 11: four weekdays with 1, 2, 3, 4 kWh in the quarters of each hour; on the fifth 240 kWh between 09:00 and
 * 12:00. 12 quarters weigh 30, so one weight is 8 kWh: 8, 16, 24, 32 in each of the three hours. */
static void gap_by_profile(void **state)
{
  (void)state;
  kit *k = kit_new();
  qf_point_desc d = {.kind = QF_KIND_REGISTER, .k = {1, 0}, .period_s = 900, .lsb_exp = 0};
  describe(k, 1, &d);
  qf_us t = kit_time("2026-03-02 00:00"); /* Monday */
  int64_t r = 1000;
  char text[32];
  for (int i = 0; i <= 4 * 96 + 36; i++) { /* up to Friday 09:00 */
    snprintf(text, sizeof text, "%lld", (long long)r);
    kit_put(k, 1, t + i * QF_US_QUARTER, text);
    r += i % 4 + 1;
  }
  r -= 1; /* the last round added what the next quarter would have used */
  qf_us noon = kit_time("2026-03-06 12:00");
  snprintf(text, sizeof text, "%lld", (long long)r + 240);
  kit_put(k, 1, noon, text);
  kit_tick(k);
  for (int hour = 9; hour < 12; hour++) {
    const qf_hour *h = kit_hour(k, 1, kit_time("2026-03-06 00:00") + hour * QF_US_HOUR);
    assert_non_null(h);
    for (int q = 0; q < 4; q++) {
      assert_int_equal(h->status[q], QF_ST_ESTIMATED);
      assert_int_equal(h->q[q], 8 * (q + 1) * U);
    }
  }
  assert_int_equal(kit_sum(k, 1), (r + 240 - 1000) * U);
  kit_free(k);
}

/* Vector 12: parent 100, five children; four complete: V15 must not fire. All five with 20 each: balanced. Then 15
 * each: 25 % off. */
static void balance(void **state)
{
  (void)state;
  kit *k = kit_new();
  qf_point_desc d = {.kind = QF_KIND_REGISTER, .k = {1, 0}, .period_s = 900, .lsb_exp = 0};
  describe(k, 1, &d);
  d.parent = 1;
  for (uint32_t c = 2; c <= 6; c++)
    describe(k, c, &d);
  qf_us t = kit_time("2026-03-02 10:00");
  for (int i = 0; i <= 4; i++) {
    feed_hour(k, 1, t + i * QF_US_QUARTER, 25 * i);
    for (uint32_t c = 2; c <= 5; c++)
      feed_hour(k, c, t + i * QF_US_QUARTER, 5 * i);
  }
  kit_tick(k);
  assert_int_equal(k->alarms.n, 0);
  for (int i = 0; i <= 4; i++)
    feed_hour(k, 6, t + i * QF_US_QUARTER, 5 * i);
  kit_tick(k);
  assert_int_equal(k->alarms.n, 0);
  for (int i = 5; i <= 8; i++) {
    feed_hour(k, 1, t + i * QF_US_QUARTER, 25 * i);
    for (uint32_t c = 2; c <= 6; c++)
      feed_hour(k, c, t + i * QF_US_QUARTER, 20 + (i - 4) * 15 / 4);
  }
  kit_tick(k);
  assert_int_equal(k->alarms.n, 1);
  const qf_alarm *a = k->alarms.at;
  assert_int_equal(a->kind, QF_ALARM_BALANCE);
  assert_int_equal(a->point, 1);
  assert_true(a->active && a->value > 0.2499 && a->value < 0.2501);
  assert_true(a->ts_us == t + 2 * QF_US_HOUR);
  for (int i = 9; i <= 12; i++) {
    feed_hour(k, 1, t + i * QF_US_QUARTER, 25 * i);
    for (uint32_t c = 2; c <= 6; c++)
      feed_hour(k, c, t + i * QF_US_QUARTER, 35 + (i - 8) * 5);
  }
  kit_tick(k);
  assert_int_equal(k->alarms.n, 2);
  assert_false(((const qf_alarm *)k->alarms.at)[1].active);
  kit_free(k);
}

/* Declared exchange at 10:07: old 500 -> final 507, new starts at 3 and shows 8 at 10:15: 7 + 5 = 12 in the quarter.
 * Also when the new register starts higher than the old ended. */
static void exchange(void **state)
{
  (void)state;
  static const char *initial[2] = {"3", "90003"}, *after[2] = {"8", "90008"};
  for (int i = 0; i < 2; i++) {
    for (int late = 0; late < 2; late++) { /* declared before or after the readings came */
      kit *k = kit_new();
      qf_point_desc d = {.kind = QF_KIND_REGISTER, .k = {1, 0}, .period_s = 900, .lsb_exp = 0, .rated = 100};
      describe(k, 1, &d);
      qf_us t = kit_time("2026-03-02 10:00"), at = t + 7 * QF_US_MINUTE;
      if (!late)
        assert_int_equal(qf_meter_exchange(k->m, 1, at, kit_num("507"), kit_num(initial[i])), QF_OK);
      kit_put(k, 1, t, "500");
      kit_put(k, 1, t + QF_US_QUARTER, after[i]);
      if (late)
        assert_int_equal(qf_meter_exchange(k->m, 1, at, kit_num("507"), kit_num(initial[i])), QF_OK);
      kit_tick(k);
      assert_int_equal(kit_hour(k, 1, t)->q[0], 12 * U);
      assert_int_equal(kit_hour(k, 1, t)->status[0], QF_ST_VALID);
      assert_true(kit_rules(k, 1) & bit(QF_V08B));
      kit_free(k);
    }
  }
}

/* The exchange is declared for 10:07 but the register breaks at 12:00, still the same day: it is used where the break
 * is. */
static void exchange_misdated(void **state)
{
  (void)state;
  kit *k = kit_new();
  qf_point_desc d = {.kind = QF_KIND_REGISTER, .k = {1, 0}, .period_s = 900, .lsb_exp = 0, .rated = 100};
  describe(k, 1, &d);
  qf_us t = kit_time("2026-03-02 10:00");
  assert_int_equal(qf_meter_exchange(k->m, 1, t + 7 * QF_US_MINUTE, kit_num("5010"), kit_num("0")), QF_OK);
  for (int i = 0; i < 8; i++) /* 10:00 .. 11:45: 5000 .. 5007 */
    feed_hour(k, 1, t + i * QF_US_QUARTER, 5000 + i);
  feed_hour(k, 1, t + 8 * QF_US_QUARTER, 2); /* (5010 - 5007) + (2 - 0) = 5 */
  kit_tick(k);
  assert_int_equal(kit_sum(k, 1), (7 + 5) * U);
  kit_free(k);
}

/* Undeclared reset: 5000 -> 2, 4, 6 every quarter. The new baseline is 2; at least 2 were used since, and no like day
 * says more. */
static void undeclared_reset(void **state)
{
  (void)state;
  kit *k = kit_new();
  qf_point_desc d = {.kind = QF_KIND_REGISTER, .k = {1, 0}, .period_s = 900, .lsb_exp = 0, .rated = 100};
  describe(k, 1, &d);
  qf_us t = kit_time("2026-03-02 10:00");
  static const int64_t r[] = {4998, 5000, 2, 4, 6, 8};
  for (int i = 0; i < 6; i++)
    feed_hour(k, 1, t + i * QF_US_QUARTER, r[i]);
  kit_tick(k);
  const qf_hour *h = kit_hour(k, 1, t);
  assert_true(h->rules & bit(QF_V08C));
  assert_int_equal(h->q[0], 2 * U);
  assert_int_equal(h->q[1], 2 * U);
  assert_int_equal(h->status[1], QF_ST_ESTIMATED);
  assert_int_equal(kit_sum(k, 1), 10 * U);
  kit_free(k);
}

/* A float32 register of 16.8 million moves in steps of 2: falls of 2 and 4 are noise, and what they take is not counted
 * twice. */
static void jitter(void **state)
{
  (void)state;
  kit *k = kit_new();
  qf_point_desc d = {.kind = QF_KIND_REGISTER, .k = {1, 0}, .period_s = 900, .lsb_exp = -1};
  describe(k, 1, &d);
  qf_us t = kit_time("2026-03-02 10:00");
  static const int64_t r[] = {16800000, 16800004, 16800002, 16800000, 16800006};
  for (int i = 0; i < 5; i++)
    feed_hour(k, 1, t + i * QF_US_QUARTER, r[i]);
  kit_tick(k);
  assert_int_equal(kit_sum(k, 1), 6 * U);
  const qf_hour *h = kit_hour(k, 1, t);
  assert_int_equal(h->q[1], 0);
  assert_int_equal(h->q[3], 2 * U);
  assert_int_equal(h->status[1], QF_ST_WARN);
  assert_true(h->rules & bit(QF_V08D));
  kit_free(k);
}

/* One wild reading (V09: 30 kWh a quarter at most) is left out and the next covers it. */
static void wild_reading(void **state)
{
  (void)state;
  kit *k = kit_new();
  qf_point_desc d = {.kind = QF_KIND_REGISTER, .k = {1, 0}, .period_s = 900, .lsb_exp = -2, .rated = 100};
  describe(k, 1, &d);
  qf_us t = kit_time("2026-03-02 10:00");
  static const int64_t r[] = {5000, 5010, 50200, 5030, 5040};
  for (int i = 0; i < 5; i++)
    feed_hour(k, 1, t + i * QF_US_QUARTER, r[i]);
  kit_tick(k);
  const qf_hour *h = kit_hour(k, 1, t);
  assert_int_equal(kit_sum(k, 1), 40 * U);
  assert_int_equal(h->q[1], 10 * U); /* 20 over two quarters */
  assert_int_equal(h->status[1], QF_ST_ESTIMATED);
  assert_true(h->rules & bit(QF_V09));
  const qf_alarm *a = k->alarms.at;
  assert_int_equal(k->alarms.n, 2);
  assert_int_equal(a[0].kind, QF_ALARM_LIMIT);
  /* per hour, both: 50200 - 5010 in a quarter is 4 x 45190; the limit is 1.2 x 100. At its end: 20 in half an hour. */
  assert_true(a[0].active && a[0].value > 4 * 45189 && a[0].value < 4 * 45191 && a[0].limit > 119.9 &&
              a[0].limit < 120.1);
  assert_true(!a[1].active && a[1].value > 39.9 && a[1].value < 40.1 && a[1].limit > 119.9 && a[1].limit < 120.1);
  kit_free(k);
}

/* INTERVAL, stamp = end. Three like days of 4 kWh per quarter: a missing quarter becomes 4, estimated; with two it
 * stays missing. */
static void interval_gap(void **state)
{
  (void)state;
  for (int days = 2; days <= 3; days++) {
    kit *k = kit_new();
    qf_point_desc d = {.kind = QF_KIND_INTERVAL, .k = {1, 0}, .period_s = 900, .lsb_exp = -2};
    describe(k, 1, &d);
    qf_us t = kit_time("2026-03-02 00:00"), gap = t + days * QF_US_DAY + 10 * QF_US_HOUR;
    for (int i = 1; i <= days * 96 + 44; i++)
      if (t + i * QF_US_QUARTER != gap + QF_US_QUARTER) /* the interval 10:00-10:15 never comes */
        kit_put(k, 1, t + i * QF_US_QUARTER, "4");
    kit_tick(k);
    const qf_hour *h = kit_hour(k, 1, gap);
    assert_int_equal(h->status[0], days == 3 ? QF_ST_ESTIMATED : QF_ST_MISSING);
    assert_int_equal(h->q[0], days == 3 ? 4 * U : 0);
    assert_int_equal(h->status[1], QF_ST_VALID);
    assert_int_equal(h->q[1], 4 * U);
    assert_true(h->rules & bit(QF_V13));
    assert_int_equal(kit_day(k, 1, gap)->quarters, days == 3 ? 44 : 43);
    kit_free(k);
  }
}

static void interval_begin_stamp(void **state)
{
  (void)state;
  kit *k = kit_new();
  qf_point_desc d = {.kind = QF_KIND_INTERVAL, .stamp_begin = 1, .k = {2, 0}, .period_s = 1800, .lsb_exp = -2};
  describe(k, 1, &d);
  qf_us t = kit_time("2026-03-02 10:00");
  kit_put(k, 1, t, "3");
  kit_put(k, 1, t + 30 * QF_US_MINUTE, "5");
  kit_tick(k);
  const qf_hour *h = kit_hour(k, 1, t);
  assert_int_equal(h->q[0], 3 * U); /* 2 x 3 in two quarters */
  assert_int_equal(h->q[3], 5 * U);
  assert_int_equal(h->status[3], QF_ST_VALID);
  kit_free(k);
}

static void gauge_and_state(void **state)
{
  (void)state;
  kit *k = kit_new();
  qf_point_desc d = {
      .kind = QF_KIND_GAUGE, .k = {1, 0}, .period_s = 300, .lsb_exp = -1, .low = 0, .high = 100, .rate_limit = 500};
  describe(k, 1, &d);
  d = (qf_point_desc){.kind = QF_KIND_STATE, .k = {1, 0}};
  describe(k, 2, &d);
  qf_us t = kit_time("2026-03-02 10:00");
  static const char *v[] = {"10", "20", "33", "-5", "40", "250"}; /* -5: alarm, kept; 250: beyond the sensor */
  for (int i = 0; i < 6; i++)
    kit_put(k, 1, t + i * 5 * QF_US_MINUTE, v[i]);
  kit_put(k, 2, t, "1");
  kit_put(k, 2, t + QF_US_MINUTE, "0");
  kit_put(k, 2, t + 16 * QF_US_MINUTE, "2");
  kit_tick(k);
  const qf_hour *h = kit_hour(k, 1, t);
  assert_int_equal(h->q[0], 21 * U);   /* 10 20 33 */
  assert_int_equal(h->q[1], 17500000); /* -5 40 */
  assert_int_equal(h->status[0], QF_ST_VALID);
  assert_int_equal(h->status[1], QF_ST_WARN);
  assert_int_equal(h->status[2], QF_ST_MISSING);
  assert_int_equal(h->min, -5 * U);
  assert_int_equal(h->max, 40 * U);
  assert_int_equal(h->readings, 5);
  const qf_day *day = kit_day(k, 1, t);
  assert_int_equal(day->value, 19250000); /* mean of 21 and 17.5 */
  assert_int_equal(day->peak, 40 * U);
  h = kit_hour(k, 2, t);
  assert_int_equal(h->q[0], 0);
  assert_int_equal(h->status[0], QF_ST_VALID);
  assert_int_equal(h->q[1], 2 * U);
  /* limit at -5 begins, ends at 40, begins at 250; rate: 33 -> -5 is 456/h, -5 -> 40 is 540/h > 500 */
  const qf_alarm *a = k->alarms.at;
  unsigned limit = 0, rate = 0;
  for (size_t i = 0; i < k->alarms.n; i++) {
    limit += a[i].kind == QF_ALARM_LIMIT;
    rate += a[i].kind == QF_ALARM_RATE && a[i].active;
  }
  assert_int_equal(limit, 3);
  assert_int_equal(rate, 1);
  kit_free(k);
}

/* A furnace in its overhaul: where standing still is declared to be normal, the zeros are what they are. */
static void a_meter_that_rests_is_not_stuck(void **state)
{
  (void)state;
  kit *k = kit_new();
  qf_point_desc d = {.kind = QF_KIND_REGISTER, .k = {1, 0}, .period_s = 900, .lsb_exp = 0, .rests = 1};
  describe(k, 1, &d);
  qf_us t0 = kit_time("2026-03-02 00:00");
  for (int i = 0; i <= 11 * 96; i++)
    feed_hour(k, 1, t0 + i * QF_US_QUARTER, i < 8 * 96 ? i : 8 * 96);
  kit_tick(k);
  assert_int_equal(k->alarms.n, 0);
  assert_int_equal(kit_sum(k, 1), 8 * 96 * U);
  assert_int_equal(kit_count(k, 1, QF_ST_VALID), 11 * 96);
  kit_free(k);
}

/* Eight days at 1 a quarter, Monday to Monday, then the register shows the same for 25 hours: after 24 it is stuck. The
 * like days say 1 a quarter, so that is what the time since the last step is estimated with, quarter by quarter. */
static kit *stuck_for_a_day(qf_us *t, int64_t *shown)
{
  kit *k = kit_new();
  qf_point_desc d = {.kind = QF_KIND_REGISTER, .k = {1, 0}, .period_s = 900, .lsb_exp = 0};
  describe(k, 1, &d);
  qf_us t0 = kit_time("2026-03-02 00:00");
  int i = 0;
  for (; i <= 8 * 96; i++)
    feed_hour(k, 1, t0 + i * QF_US_QUARTER, i);
  *shown = i - 1;
  for (; i <= 9 * 96 - 1; i++)
    feed_hour(k, 1, t0 + i * QF_US_QUARTER, *shown);
  assert_int_equal(k->alarms.n, 0);
  for (; i <= 9 * 96 + 4; i++)
    feed_hour(k, 1, t0 + i * QF_US_QUARTER, *shown);
  kit_tick(k);
  assert_int_equal(k->alarms.n, 1);
  assert_int_equal(((const qf_alarm *)k->alarms.at)->kind, QF_ALARM_STUCK);
  *t = t0 + (i - 1) * QF_US_QUARTER; /* newest reading: the tenth day 01:00 */
  return k;
}

static void check_quarters(const kit *k, qf_us from, qf_us to, int64_t each, uint8_t status, uint32_t rules)
{
  for (qf_us q = from; q < to; q += QF_US_QUARTER) {
    const qf_hour *h = kit_hour(k, 1, q);
    int i = (int)((q - qf_floor(q, QF_US_HOUR)) / QF_US_QUARTER);
    assert_non_null(h);
    assert_true(h->q[i] == each);
    assert_int_equal(h->status[i], status);
    assert_int_equal(h->rules & rules, rules);
  }
}

/* It counts on: what was missed is not in the register; the estimates stand. */
static void stuck(void **state)
{
  (void)state;
  qf_us t;
  int64_t r;
  kit *k = stuck_for_a_day(&t, &r);
  qf_us still = t - 25 * QF_US_HOUR;
  assert_int_equal(kit_day(k, 1, still)->value, 96 * U); /* the closed day of the standstill was reported again */
  check_quarters(k, still, t, U, QF_ST_ESTIMATED, bit(QF_V12));
  check_quarters(k, still - QF_US_DAY, still, U, QF_ST_VALID, 0);
  feed_hour(k, 1, t + QF_US_QUARTER, r + 3);
  kit_tick(k);
  assert_int_equal(k->alarms.n, 2);
  assert_false(((const qf_alarm *)k->alarms.at)[1].active);
  check_quarters(k, still, t, U, QF_ST_ESTIMATED, bit(QF_V12));
  check_quarters(k, t, t + QF_US_QUARTER, 3 * U, QF_ST_VALID, 0);
  assert_true(kit_sum(k, 1) == (r + 100 + 3) * U); /* the register's 771 and 100 quarters it did not count */
  assert_false(kit_day(k, 1, t)->rules & bit(QF_V14));
  kit_free(k);
}

/* It has caught up: only its display was frozen. Then the difference is what was used, to the last count. */
static void frozen(void **state)
{
  (void)state;
  qf_us t;
  int64_t r;
  kit *k = stuck_for_a_day(&t, &r);
  qf_us still = t - 25 * QF_US_HOUR;
  feed_hour(k, 1, t + QF_US_QUARTER, r + 202);
  kit_tick(k);
  check_quarters(k, still, t + QF_US_QUARTER, 2 * U, QF_ST_ESTIMATED, bit(QF_V12) | bit(QF_V13));
  assert_true(kit_sum(k, 1) == (r + 202) * U);
  assert_int_equal(kit_day(k, 1, still)->value, 192 * U);
  feed_hour(k, 1, t + 2 * QF_US_QUARTER, r + 203);
  kit_tick(k);
  check_quarters(k, t + QF_US_QUARTER, t + 2 * QF_US_QUARTER, U, QF_ST_VALID, 0);
  assert_false(kit_day(k, 1, t)->rules & bit(QF_V14));
  kit_free(k);
}

/* Like days follow the calendar. Ten weeks at 4 a quarter on days worked and 1 on days off; Thursday 11 June 2026 is a
 * holiday here: a gap from Wednesday noon to Thursday noon is laid out as half a weekday and half a Sunday. */
static void holidays(void **state)
{
  (void)state;
  for (int with = 0; with < 2; with++) {
    kit *k = kit_new();
    qf_calendar *c = NULL;
    static const char csv[] = "date,kind,name\n2026-06-11,holiday,x\n2026-06-13,workday,x\n";
    assert_int_equal(qf_calendar_parse(csv, sizeof csv - 1, &c, NULL), QF_OK);
    if (with)
      qf_meter_calendar(k->m, c);
    qf_point_desc d = {.kind = QF_KIND_REGISTER, .k = {1, 0}, .period_s = 900, .lsb_exp = 0};
    describe(k, 1, &d);
    qf_us t0 = kit_time("2026-04-06 00:00"), gap = kit_time("2026-06-10 12:00"), end = kit_time("2026-06-11 12:00");
    int64_t r = 0;
    for (qf_us t = t0; t <= end; t += QF_US_QUARTER) {
      if (t <= gap || t == end) {
        qf_reading x = {t, {r, 0}, 0};
        kit_add(k, 1, &x);
      }
      r += qf_calendar_is_working(c, qf_day_cn(t)) ? 4 : 1;
    }
    kit_send(k);
    kit_tick(k);
    /* used: 48 x 4 on Wednesday, 48 x 1 on Thursday = 240; known as a holiday it is laid out so, otherwise 240 / 96 */
    check_quarters(k, gap, gap + 12 * QF_US_HOUR, with ? 4 * U : 2500000, QF_ST_ESTIMATED, bit(QF_V13));
    check_quarters(k, gap + 12 * QF_US_HOUR, end, with ? U : 2500000, QF_ST_ESTIMATED, bit(QF_V13));
    if (!with) { /* the calendar comes later: the history is run again */
      qf_meter_calendar(k->m, c);
      kit_tick(k);
      check_quarters(k, gap + 12 * QF_US_HOUR, end, U, QF_ST_ESTIMATED, bit(QF_V13));
    }
    kit_free(k);
  }
}

/* V19: a gauge that climbs through 32767 and 65535 is left alone; a jump to 65535 and back is not used. An old clock:
 * 1990 is accounted, 1989 is a clock that was never set. */
static void smooth_through_sentinels(void **state)
{
  (void)state;
  kit *k = kit_new();
  qf_point_desc d = {.kind = QF_KIND_GAUGE, .k = {1, 0}, .period_s = 900};
  describe(k, 1, &d);
  describe(k, 2, &d);
  static const char *const up[] = {"32000", "32767", "33500", "64000", "65000", "65535", "66000"};
  static const char *const jump[] = {"412", "413", "65535", "65535", "412", "-9999", "411"};
  qf_us t = kit_time("1990-01-01 08:00");
  for (int i = 0; i < 7; i++) {
    kit_put(k, 1, t + i * QF_US_QUARTER, up[i]);
    kit_put(k, 2, t + i * QF_US_QUARTER, jump[i]);
  }
  kit_put(k, 1, kit_time("1989-12-31 23:00"), "5");
  kit_tick(k);
  assert_int_equal(kit_hour(k, 1, t)->q[1], 32767 * U);
  assert_int_equal(kit_hour(k, 1, t + QF_US_HOUR)->q[1], 65535 * U);
  assert_int_equal(kit_rules(k, 1), 0);
  assert_null(kit_hour(k, 1, kit_time("1989-12-31 23:00")));
  assert_int_equal(kit_hour(k, 2, t)->status[2], QF_ST_MISSING);
  assert_int_equal(kit_hour(k, 2, t)->status[3], QF_ST_MISSING);
  assert_int_equal(kit_hour(k, 2, t + QF_US_HOUR)->status[1], QF_ST_MISSING);
  assert_true(kit_rules(k, 2) & bit(QF_V19));
  kit_free(k);
}

/* Stuck, and replaced: the old meter's share is estimated, the new one's is read. And the memory of the mark is given
 * back. */
static void stuck_then_exchanged(void **state)
{
  (void)state;
  qf_us t;
  int64_t r;
  kit *k = stuck_for_a_day(&t, &r);
  size_t bytes = qf_meter_memory(k->m);
  assert_int_equal(qf_meter_exchange(k->m, 1, t + QF_US_MINUTE, (qf_num){r, 0}, (qf_num){5, 0}), QF_OK);
  feed_hour(k, 1, t + QF_US_QUARTER, 7);
  kit_tick(k);
  check_quarters(k, t - 25 * QF_US_HOUR, t, U, QF_ST_ESTIMATED, bit(QF_V12));
  assert_true(kit_sum(k, 1) == (r + 100 + 2) * U);
  assert_int_equal(k->alarms.n, 2);
  assert_true(qf_meter_memory(k->m) < bytes + 400);
  kit_free(k);
}

/* A gauge with a dozen equal readings over an hour; zero does not count. */
static void stuck_gauge(void **state)
{
  (void)state;
  for (int zero = 0; zero < 2; zero++) {
    kit *k = kit_new();
    qf_point_desc d = {.kind = QF_KIND_GAUGE, .k = {1, 0}, .period_s = 300};
    describe(k, 1, &d);
    for (int i = 0; i < 14; i++)
      kit_put(k, 1, kit_time("2026-03-02 10:00") + i * 6 * QF_US_MINUTE, zero ? "0" : "21.5");
    kit_tick(k);
    assert_int_equal((kit_rules(k, 1) & bit(QF_V12)) != 0, !zero);
    assert_int_equal(k->alarms.n, !zero);
    kit_free(k);
  }
}

static void silence(void **state)
{
  (void)state;
  kit *k = kit_new();
  describe(k, 1, &minute_register);
  qf_us t = kit_time("2026-03-02 10:00");
  k->receive = t + QF_US_SECOND;
  kit_put(k, 1, t, "1");
  assert_int_equal(qf_meter_tick(k->m, t + QF_US_QUARTER), QF_OK);
  assert_int_equal(k->alarms.n, 0);
  assert_int_equal(qf_meter_tick(k->m, t + QF_US_QUARTER + 2 * QF_US_SECOND), QF_OK);
  assert_int_equal(k->alarms.n, 1);
  assert_int_equal(((const qf_alarm *)k->alarms.at)->kind, QF_ALARM_SILENT);
  k->receive = t + QF_US_HOUR;
  kit_put(k, 1, t + QF_US_HOUR, "2");
  assert_int_equal(qf_meter_tick(k->m, t + QF_US_HOUR), QF_OK);
  assert_int_equal(k->alarms.n, 2);
  assert_false(((const qf_alarm *)k->alarms.at)[1].active);
  kit_free(k);
}

/* History read in one go: all was received a moment ago, yet point 2 ends two days before point 1, and point 3 forty
 * days before it: the first fell silent, the other is old history. */
static void silence_in_history(void **state)
{
  (void)state;
  kit *k = kit_new();
  qf_us now = kit_time("2026-03-02 10:00");
  for (uint32_t p = 1; p <= 3; p++)
    describe(k, p, &minute_register);
  k->receive = now;
  kit_put(k, 1, now - QF_US_MINUTE, "5");
  kit_put(k, 2, now - 2 * QF_US_DAY, "5");
  kit_put(k, 3, now - 40 * QF_US_DAY, "5");
  assert_int_equal(qf_meter_tick(k->m, now), QF_OK);
  assert_int_equal(k->alarms.n, 1);
  const qf_alarm *a = k->alarms.at;
  assert_int_equal(a->point, 2);
  assert_int_equal(a->kind, QF_ALARM_SILENT);
  assert_true(a->active);
  assert_int_equal(a->ts_us, now - 2 * QF_US_DAY + QF_US_QUARTER); /* after max(3 nominal intervals, 15 min) */
  kit_free(k);
}

/* Two values for 10:15. The smaller step is taken whichever came first, the hour is marked V02 and still adds up. */
static void conflict(void **state)
{
  (void)state;
  for (int order = 0; order < 2; order++) {
    kit *k = kit_new();
    qf_point_desc d = {.kind = QF_KIND_REGISTER, .k = {1, 0}, .period_s = 900, .lsb_exp = 0};
    describe(k, 1, &d);
    qf_us t = kit_time("2026-03-02 10:00");
    feed_hour(k, 1, t, 100);
    feed_hour(k, 1, t + QF_US_QUARTER, order ? 110 : 130);
    feed_hour(k, 1, t + QF_US_QUARTER, order ? 130 : 110);
    feed_hour(k, 1, t + 2 * QF_US_QUARTER, 140);
    kit_tick(k);
    const qf_hour *h = kit_hour(k, 1, t);
    assert_int_equal(h->q[0], 10 * U);
    assert_int_equal(h->q[1], 30 * U);
    assert_int_equal(h->status[0], QF_ST_WARN);
    assert_true(h->rules & bit(QF_V02));
    qf_point_live l;
    assert_true(qf_meter_get(k->m, 1, &l));
    assert_int_equal(l.conflicts, 1);
    kit_free(k);
  }
}

/* V03: a stamp an hour ahead of its receipt waits; when its time has come it counts as if it had come then. */
static void ahead_of_time(void **state)
{
  (void)state;
  kit *k = kit_new();
  qf_point_desc d = {.kind = QF_KIND_REGISTER, .k = {1, 0}, .period_s = 900, .lsb_exp = 0};
  describe(k, 1, &d);
  qf_us t = kit_time("2026-03-02 10:00");
  k->receive = t;
  feed_hour(k, 1, t, 100);
  feed_hour(k, 1, t + 4 * QF_US_QUARTER, 104);
  feed_hour(k, 1, kit_time("2099-01-01 00:00"), 9999);
  k->receive = t + QF_US_QUARTER;
  feed_hour(k, 1, t + QF_US_QUARTER, 101);
  kit_tick(k);
  assert_int_equal(kit_sum(k, 1), 1 * U);
  for (int i = 2; i <= 3; i++) {
    k->receive = t + i * QF_US_QUARTER;
    feed_hour(k, 1, t + i * QF_US_QUARTER, 100 + i);
  }
  k->receive = t + 5 * QF_US_QUARTER;
  feed_hour(k, 1, t + 5 * QF_US_QUARTER, 105);
  kit_tick(k);
  assert_int_equal(kit_sum(k, 1), 5 * U);
  assert_int_equal(kit_count(k, 1, QF_ST_ESTIMATED), 0);
  qf_point_live l;
  assert_true(qf_meter_get(k->m, 1, &l));
  assert_int_equal(l.refused, 1);
  assert_true(l.last.ts_us == t + 5 * QF_US_QUARTER);
  kit_free(k);
}

/* Not adopted: kept and counted, not accounted; adopted later, its history is booked. */
static void adoption(void **state)
{
  (void)state;
  kit *k = kit_new();
  qf_us t = kit_time("2026-03-02 10:00");
  for (int i = 0; i <= 4; i++)
    feed_hour(k, 3, t + i * QF_US_QUARTER, 10 * i);
  kit_tick(k);
  qf_point_live l;
  assert_true(qf_meter_get(k->m, 3, &l));
  assert_int_equal(l.readings, 5);
  assert_int_equal(l.last.v.mant, 40);
  assert_false(qf_meter_get(k->m, 2, &l));
  assert_int_equal(k->hours[3].n, 0);
  qf_point_desc d = {.kind = QF_KIND_REGISTER, .k = {1, 0}, .period_s = 900};
  describe(k, 3, &d);
  assert_int_equal(kit_sum(k, 3), 40 * U);
  d.k = (qf_num){100, 0}; /* a new multiplier restates everything */
  describe(k, 3, &d);
  assert_int_equal(kit_sum(k, 3), 4000 * U);
  uint64_t before = k->restarts;
  describe(k, 3, &d); /* the same again: nothing to do */
  assert_int_equal(k->restarts, before);
  d.k = (qf_num){0, 0};
  assert_int_equal(qf_meter_describe(k->m, 3, &d), QF_RANGE);
  kit_free(k);
}

static void bad_state(void **state)
{
  (void)state;
  kit *k = kit_new();
  describe(k, 1, &minute_register);
  kit_put(k, 1, kit_time("2026-03-02 10:00"), "5");
  qf_buf b;
  qf_buf_init(&b, 1 << 20);
  assert_int_equal(qf_meter_save(k->m, &b), QF_OK);
  qf_err err;
  for (size_t n = 0; n < b.len; n++)
    assert_int_equal(qf_meter_load(k->m, (const uint8_t *)b.data, n, &err), QF_CORRUPT);
  for (size_t i = 0; i < b.len; i++) {
    b.data[i] ^= 0x10;
    assert_int_equal(qf_meter_load(k->m, (const uint8_t *)b.data, b.len, &err), QF_CORRUPT);
    b.data[i] ^= 0x10;
  }
  assert_int_equal(qf_meter_load(k->m, (const uint8_t *)b.data, b.len, &err), QF_OK);
  qf_point_live l;
  assert_true(qf_meter_get(k->m, 1, &l));
  assert_int_equal(l.readings, 1);
  qf_buf_fini(&b);
  kit_free(k);
}

/* A state of the format before, in which a point that is not described had a description of no kind and an empty series. */
static void state_of_before(void **state)
{
  (void)state;
  kit *k = kit_new();
  qf_us t = kit_time("2026-03-02 10:00");
  describe(k, 1, &minute_register);
  for (int i = 0; i <= 4; i++)
    feed_hour(k, 1, t + i * QF_US_QUARTER, 10 * i);
  qf_buf b;
  qf_err err;
  qf_buf_init(&b, 1 << 20);
  assert_int_equal(qf_meter_save(k->m, &b), QF_OK);
  qf_rd r = {(const uint8_t *)b.data + 12, (const uint8_t *)b.data + b.len, false};
  (void)qf_rd_varint(&r); /* calendar */
  (void)qf_rd_zigzag(&r); /* horizon, held */
  (void)qf_rd_zigzag(&r);
  assert_int_equal(qf_rd_varint(&r), 1);
  (void)qf_rd_bytes(&r, 1 + 6 * 8); /* present, doubles */
  for (int i = 0; i < 3; i++)
    (void)qf_rd_zigzag(&r); /* multiplier, period, gap */
  (void)qf_rd_varint(&r);
  (void)qf_rd_bytes(&r, 4 + 2); /* loss, two exponents */
  b.data[(const char *)r.p - b.data] = QF_KIND_UNKNOWN;
  b.data[7] = '3';
  uint32_t crc = qf_crc32c(0, b.data + 12, b.len - 12);
  for (int i = 0; i < 4; i++)
    b.data[8 + i] = (char)(crc >> (8 * i) & 0xff);
  assert_int_equal(qf_meter_load(k->m, (const uint8_t *)b.data, b.len, &err), QF_OK);
  qf_point_live l;
  assert_true(qf_meter_get(k->m, 1, &l));
  assert_int_equal(l.readings, 5);
  qf_point_desc d = {.kind = QF_KIND_REGISTER, .k = {1, 0}, .period_s = 900};
  describe(k, 1, &d);
  assert_int_equal(kit_sum(k, 1), 40 * U);
  qf_buf_fini(&b);
  kit_free(k);
}

/* A point that is not described, before and after a save, and one with a declared exchange. */
static void state_of_the_undescribed(void **state)
{
  (void)state;
  kit *k = kit_new();
  qf_us t = kit_time("2026-03-02 10:00");
  for (int i = 0; i <= 4; i++)
    feed_hour(k, 2, t + i * QF_US_QUARTER, i < 3 ? 100 + 10 * i : 10 * i - 30); /* 100 110 120, exchanged, 0 10 */
  assert_int_equal(qf_meter_exchange(k->m, 2, t + 3 * QF_US_QUARTER, (qf_num){130, 0}, (qf_num){0, 0}), QF_OK);
  kit_tick(k);
  qf_buf b;
  qf_err err;
  qf_buf_init(&b, 1 << 20);
  assert_int_equal(qf_meter_save(k->m, &b), QF_OK);
  assert_int_equal(qf_meter_load(k->m, (const uint8_t *)b.data, b.len, &err), QF_OK);
  qf_point_live l;
  assert_false(qf_meter_get(k->m, 1, &l));
  assert_true(qf_meter_get(k->m, 2, &l));
  assert_int_equal(l.readings, 5);
  assert_int_equal(l.last.v.mant, 10);
  qf_point_desc d = {.kind = QF_KIND_REGISTER, .k = {1, 0}, .period_s = 900};
  describe(k, 2, &d);
  assert_int_equal(kit_sum(k, 2), (20 + 10 + 10) * U); /* to 120, to the final 130, from 0 to 10 */
  qf_buf_fini(&b);
  kit_free(k);
}

/* QF_METER_POINT_BYTES is what a described point costs, QF_METER_SEEN_BYTES one that is only kept: measured over 10,000. */
static void memory(void **state)
{
  (void)state;
  qf_meter *m;
  qf_meter_source source = {kit_range, NULL};
  qf_batch b;
  assert_int_equal(qf_meter_new(NULL, &source, &m), QF_OK);
  size_t empty = qf_meter_memory(m);
  qf_batch_init(&b);
  assert_int_equal(qf_batch_reserve(&b, 10000), QF_OK);
  for (uint32_t p = 1; p <= 10000; p++)
    qf_batch_add(&b, p, kit_time("2026-03-02 10:00"), (qf_num){p, 0}, 0);
  assert_int_equal(qf_meter_feed(m, &b, 0), QF_OK);
  assert_true(qf_meter_memory(m) > empty + 10000 * 80);
  assert_true(qf_meter_memory(m) - empty <= 10000 * (size_t)QF_METER_SEEN_BYTES);
  for (uint32_t p = 1; p <= 10000; p++)
    assert_int_equal(qf_meter_describe(m, p, &minute_register), QF_OK);
  assert_true(qf_meter_memory(m) > empty + 10000 * 400);
  assert_true(qf_meter_memory(m) - empty <= 10000 * (size_t)QF_METER_POINT_BYTES);
  qf_batch_fini(&b);
  qf_meter_free(m);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(rollover),
                                     cmocka_unit_test(hole_of_zeros),
                                     cmocka_unit_test(night_gap),
                                     cmocka_unit_test(first_reading),
                                     cmocka_unit_test(backward),
                                     cmocka_unit_test(day_spike),
                                     cmocka_unit_test(unlike_its_days),
                                     cmocka_unit_test(six_orders),
                                     cmocka_unit_test(gap_by_profile),
                                     cmocka_unit_test(balance),
                                     cmocka_unit_test(exchange),
                                     cmocka_unit_test(exchange_misdated),
                                     cmocka_unit_test(undeclared_reset),
                                     cmocka_unit_test(jitter),
                                     cmocka_unit_test(wild_reading),
                                     cmocka_unit_test(interval_gap),
                                     cmocka_unit_test(interval_begin_stamp),
                                     cmocka_unit_test(gauge_and_state),
                                     cmocka_unit_test(stuck),
                                     cmocka_unit_test(a_meter_that_rests_is_not_stuck),
                                     cmocka_unit_test(frozen),
                                     cmocka_unit_test(stuck_then_exchanged),
                                     cmocka_unit_test(holidays),
                                     cmocka_unit_test(smooth_through_sentinels),
                                     cmocka_unit_test(stuck_gauge),
                                     cmocka_unit_test(silence),
                                     cmocka_unit_test(silence_in_history),
                                     cmocka_unit_test(conflict),
                                     cmocka_unit_test(ahead_of_time),
                                     cmocka_unit_test(adoption),
                                     cmocka_unit_test(bad_state),
                                     cmocka_unit_test(state_of_before),
                                     cmocka_unit_test(state_of_the_undescribed),
                                     cmocka_unit_test(memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
