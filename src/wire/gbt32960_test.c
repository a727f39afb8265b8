/* GB/T 32960.3. The heartbeat frame was made and its check byte computed apart from this code; reports are written out by hand
 * beside their meaning, with the scales of the standard's tables. */
#include "wire/gbt32960.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the headers above first */
#include <cmocka.h>

static const uint8_t heartbeat[] = {0x23, 0x23, 0x07, 0xFE, 0x4C, 0x4E, 0x42, 0x53, 0x43, 0x59, 0x49, 0x4E, 0x47,
                                    0x4B, 0x4F, 0x55, 0x30, 0x30, 0x30, 0x30, 0x31, 0x01, 0x00, 0x00, 0xD1};

/* 2026-11-23 08:30:15 Beijing = 00:30:15 UTC; days from 1970-01-01 to 2026-11-23: 56 * 365 + 14 leap days + 326 = 20780,
 * so 20780 * 86400 + 1815 s. */
#define MOMENT ((INT64_C(20780) * 86400 + 1815) * 1000000)
#define TIME 26, 11, 23, 8, 30, 15
/* started, not charging, electric; 45.6 km/h; 123456.7 km; 540.0 V; +50.0 A; 76 %; rest */
#define VEHICLE                                                                                                        \
  0x01, 0x01, 0x03, 0x01, 0x01, 0xC8, 0x00, 0x12, 0xD6, 0x87, 0x15, 0x18, 0x29, 0x04, 0x4C, 0x01, 0x0E, 0x03, 0xE8,    \
      0x10, 0x00
#define MOTORS 0x02, 0x01, 0x01, 0x01, 0x4B, 0x4E, 0x20, 0x4E, 0x20, 0x50, 0x15, 0x18, 0x29, 0x04
/* 3 probes; 4.50 kg/100 km */
#define FUEL_CELL                                                                                                      \
  0x03, 0x0B, 0xB8, 0x03, 0xE8, 0x01, 0xC2, 0x00, 0x03, 0x50, 0x51, 0x52, 0x02, 0x58, 0x01, 0x00, 0x10, 0x01, 0x01,    \
      0x5E, 0x01, 0x01
#define ENGINE 0x04, 0x01, 0x07, 0xD0, 0x0C, 0xE4 /* 33.00 L/100 km */
/* 122.236554 E, 40.667076 N */
#define POSITION 0x05, 0x00, 0x07, 0x49, 0x2E, 0x8A, 0x02, 0x6C, 0x87, 0xC4
#define EXTREMES 0x06, 1, 1, 0x10, 0x68, 1, 2, 0x10, 0x5E, 1, 1, 0x41, 1, 2, 0x3F
#define ALARMS 0x07, 0x02, 0, 0, 0, 1, 0x01, 0xAA, 0xBB, 0xCC, 0xDD, 0, 0, 0
#define VOLTAGES 0x08, 1, 1, 0x15, 0x18, 0x29, 0x04, 0x00, 0x02, 0x00, 0x01, 2, 0x10, 0x68, 0x10, 0x5E
#define TEMPERATURES 0x09, 1, 1, 0x00, 0x02, 0x41, 0x3F
#define OTHERS 0x80, 0x00, 0x03, 1, 2, 3

static const uint8_t report[] = {TIME,     VEHICLE, MOTORS,   FUEL_CELL,    ENGINE, POSITION,
                                 EXTREMES, ALARMS,  VOLTAGES, TEMPERATURES, OTHERS};

static void num_is(qf_num v, int64_t mant, int exp)
{
  if (v.mant != mant || v.exp != exp)
    fail_msg("found %lld e%d, expected %lld e%d", (long long)v.mant, v.exp, (long long)mant, exp);
}

static qf_buf frame_of(uint8_t cmd, const uint8_t *data, size_t len)
{
  qf_buf b;
  qf_gbt_frame f = {.cmd = cmd, .answer = 0xFE, .crypt = 1, .vin = "LNBSCYINGKOU00001", .data = data, .len = len};
  qf_buf_init(&b, 1 << 20);
  qf_gbt_build(&b, &f);
  assert_false(b.failed);
  return b;
}

static void the_heartbeat(void **st)
{
  (void)st;
  qf_gbt_frame f;
  size_t used;
  qf_err err;
  assert_int_equal(qf_gbt_next(heartbeat, sizeof heartbeat, 65531, &f, &used, &err), QF_OK);
  assert_int_equal(used, 25);
  assert_int_equal(f.cmd, QF_GBT_HEARTBEAT);
  assert_int_equal(f.answer, QF_GBT_COMMAND);
  assert_int_equal(f.crypt, 1);
  assert_int_equal(f.len, 0);
  assert_false(f.edition2025);
  assert_string_equal(f.vin, "LNBSCYINGKOU00001");
  assert_true(qf_gbt_vin_ok(f.vin));
  qf_buf b = frame_of(QF_GBT_HEARTBEAT, NULL, 0);
  assert_int_equal(b.len, sizeof heartbeat);
  assert_memory_equal(b.data, heartbeat, sizeof heartbeat);
  qf_buf_fini(&b);
}

typedef struct tally {
  unsigned frames, refused;
} tally;
static tally feed(const void *bytes, size_t n, size_t step)
{
  tally t = {0};
  size_t have = 0, start = 0;
  while (have < n) {
    have = have + step < n ? have + step : n;
    for (bool more = true; more;) {
      uint8_t *copy = malloc(have - start + 1);
      memcpy(copy, (const uint8_t *)bytes + start, have - start);
      qf_gbt_frame f;
      qf_err err = {0};
      size_t used = 0;
      qf_rc rc = qf_gbt_next(copy, have - start, 4096, &f, &used, &err);
      assert_true(used <= have - start);
      t.frames += rc == QF_OK;
      t.refused += rc == QF_SYNTAX;
      if (rc == QF_SYNTAX)
        assert_true(err.en[0] && err.zh[0] && used > 0);
      start += used;
      more = rc != QF_PARTIAL && start < have;
      free(copy);
    }
  }
  return t;
}

static void whole_in_pieces_cut_and_changed(void **st)
{
  (void)st;
  qf_buf b = frame_of(QF_GBT_REALTIME, report, sizeof report);
  qf_buf_put(&b, heartbeat, sizeof heartbeat);
  for (size_t step = 1; step <= b.len; step++) {
    tally t = feed(b.data, b.len, step);
    assert_int_equal(t.frames, 2);
    assert_int_equal(t.refused, 0);
  }
  /* A report cut anywhere before the heartbeat; enough heartbeats to fill the length it had announced. */
  size_t one = b.len - sizeof heartbeat;
  uint8_t s[2048];
  for (size_t cut = 1; cut < one; cut++) {
    size_t n = cut;
    memcpy(s, b.data, cut);
    for (int k = 0; k < 20; k++, n += sizeof heartbeat)
      memcpy(s + n, heartbeat, sizeof heartbeat);
    tally t = feed(s, n, 64);
    if (t.refused < 1 || t.frames < 19)
      fail_msg("cut at %zu: %u frames, %u refused", cut, t.frames,
               t.refused); /* an end that looks like a start may cost one */
  }
  /* One byte changed: the xor sees it everywhere; only a length made shorter can, once in 256, meet a byte that fits. */
  unsigned by_length = 0;
  for (size_t i = 0; i < one; i++)
    for (unsigned x = 1; x < 256; x++) {
      memcpy(s, b.data, one);
      s[i] = (uint8_t)(s[i] ^ x);
      unsigned frames = feed(s, one, one).frames;
      if (i == 22 || i == 23)
        by_length += frames;
      else
        assert_int_equal(frames, 0);
    }
  assert_true(by_length <= 3); /* 162 shorter lengths: 0.6 expected */
  int n = snprintf((char *)s, sizeof s, "GET / HTTP/1.1\r\n\r\n##$$###");
  memcpy(s + n, heartbeat, sizeof heartbeat);
  assert_int_equal(feed(s, (size_t)n + sizeof heartbeat, 1).frames, 1);
  qf_buf_fini(&b);
}

static void the_2025_edition_is_recognised(void **st)
{
  (void)st;
  uint8_t s[sizeof heartbeat];
  memcpy(s, heartbeat, sizeof s); /* start bytes are not part of the check */
  s[0] = s[1] = 0x24;
  qf_gbt_frame f;
  size_t used;
  assert_int_equal(qf_gbt_next(s, sizeof s, 4096, &f, &used, NULL), QF_OK);
  assert_true(f.edition2025);
}

static void too_long_is_not_waited_for(void **st)
{
  (void)st;
  uint8_t s[64];
  qf_gbt_frame f;
  size_t used;
  qf_err err;
  memcpy(s, heartbeat, sizeof heartbeat);
  s[22] = 0x40;
  assert_int_equal(qf_gbt_next(s, sizeof heartbeat, 4096, &f, &used, &err), QF_SYNTAX);
  assert_int_equal(qf_gbt_next(s, sizeof heartbeat, 65531, &f, &used, &err), QF_PARTIAL);
}

static void every_field_with_its_scale(void **st)
{
  (void)st;
  qf_gbt_report r;
  qf_err err;
  assert_int_equal(qf_gbt_report_read(report, sizeof report, &r, &err), QF_OK);
  assert_true(r.ts_us == MOMENT);
  assert_int_equal(r.has, QF_GBT_SPEED | QF_GBT_MILEAGE | QF_GBT_VOLTAGE | QF_GBT_CURRENT | QF_GBT_SOC |
                              QF_GBT_CHARGING | QF_GBT_FUEL_CELL | QF_GBT_ENGINE | QF_GBT_POSITION | QF_GBT_ALARM);
  assert_int_equal(r.invalid, 0);
  assert_int_equal(r.state, 1);
  assert_int_equal(r.charging, 3);
  assert_int_equal(r.mode, 1);
  num_is(r.speed, 456, -1);
  num_is(r.mileage, 1234567, -1);
  num_is(r.voltage, 5400, -1);
  num_is(r.current, 500, -1);
  num_is(r.soc, 76, 0);
  num_is(r.hydrogen, 450, -2);
  num_is(r.fuel, 3300, -2);
  num_is(r.longitude, 122236554, -6);
  num_is(r.latitude, 40667076, -6);
  assert_int_equal(r.alarm, 2);
  assert_int_equal(r.types, 0x3FE);
}

static void marked_and_impossible_values_did_not_come(void **st)
{
  (void)st;
  uint8_t d[] = {TIME, VEHICLE, POSITION};
  qf_gbt_report r;
  qf_err err;
  memset(d + 10, 0xFF, 2); /* speed invalid */
  memset(d + 12, 0xFF, 3); /* mileage abnormal */
  d[15] = 0xFE;
  d[16] = 0x27, d[17] = 0x11; /* 1000.1 V: outside 0..1000 */
  d[18] = 0, d[19] = 0;       /* -1000.0 A: the end of the range */
  d[20] = 0xFE;               /* SOC abnormal */
  d[28] = 1;                  /* position not valid */
  assert_int_equal(qf_gbt_report_read(d, sizeof d, &r, &err), QF_OK);
  assert_int_equal(r.has, QF_GBT_CURRENT | QF_GBT_CHARGING);
  assert_int_equal(r.invalid, QF_GBT_SPEED | QF_GBT_MILEAGE | QF_GBT_VOLTAGE | QF_GBT_SOC | QF_GBT_POSITION);
  num_is(r.current, -10000, -1);
  d[28] = 6; /* south, west */
  assert_int_equal(qf_gbt_report_read(d, sizeof d, &r, &err), QF_OK);
  num_is(r.longitude, -122236554, -6);
  num_is(r.latitude, -40667076, -6);
}

/* Cut at every byte: taken where a type ends, refused with words everywhere else. */
static void cut_units(void **st)
{
  (void)st;
  static const size_t ends[] = {6, 27, 41, 63, 69, 79, 94, 108, 124, 131, 137};
  qf_gbt_report r;
  assert_int_equal(sizeof report, 137);
  for (size_t n = 0, k = 0; n <= sizeof report; n++) {
    qf_err err = {0};
    uint8_t *copy = malloc(n ? n : 1);
    memcpy(copy, report, n);
    qf_rc rc = qf_gbt_report_read(copy, n, &r, &err);
    if (k < 11 && n == ends[k]) {
      assert_int_equal(rc, QF_OK);
      k++;
    } else {
      assert_int_equal(rc, QF_SYNTAX);
      assert_true(err.en[0] && err.zh[0]);
    }
    free(copy);
  }
  const uint8_t unknown[] = {TIME, 0x30, 0}, never[] = {26, 13, 1, 0, 0, 0};
  assert_int_equal(qf_gbt_report_read(unknown, sizeof unknown, &r, NULL), QF_SYNTAX);
  assert_int_equal(qf_gbt_report_read(never, sizeof never, &r, NULL), QF_RANGE);
}

static void times(void **st)
{
  (void)st;
  const uint8_t t[6] = {TIME};
  uint8_t back[6];
  qf_us us;
  assert_int_equal(qf_gbt_time(t, &us), QF_OK);
  assert_true(us == MOMENT);
  qf_gbt_put_time(us, back);
  assert_memory_equal(t, back, 6);
}

/* 540.0 V x 50.0 A = 27 kW over 10 s: 27 x 10 / 3600 = 0.075 kWh. From 27 kW to 9 kW (540 V x 16.666.. is not a wire value;
 * 180.0 V x 50.0 A is): mean 18 kW, 0.05 kWh. */
static void energy_of_a_step(void **st)
{
  (void)st;
  qf_gbt_report a, b;
  qf_gbt_step s;
  assert_int_equal(qf_gbt_report_read(report, sizeof report, &a, NULL), QF_OK);
  b = a;
  b.ts_us += 10 * QF_US_SECOND;
  assert_true(qf_gbt_energy(&a, &b, QF_US_MINUTE, &s));
  assert_false(s.charged);
  num_is(s.out, 75000000, -9);
  num_is(s.back, 0, -9);
  b.voltage.mant = 1800;
  assert_true(qf_gbt_energy(&a, &b, QF_US_MINUTE, &s));
  num_is(s.out, 50000000, -9);
  b.voltage.mant = 5400;
  a.current.mant = b.current.mant = -500;
  assert_true(qf_gbt_energy(&a, &b, QF_US_MINUTE, &s));
  num_is(s.back, 75000000, -9);
  num_is(s.out, 0, -9);
  b.charging = 1;
  assert_true(qf_gbt_energy(&a, &b, QF_US_MINUTE, &s));
  assert_true(s.charged);
  num_is(s.charge, 75000000, -9);
  num_is(s.back, 0, -9);
  /* 0.1 V x 0.1 A at one end, nothing at the other, over 1 s: 0.005 J = 1.3888.. x 10^-9 kWh */
  a.voltage.mant = 1, a.current.mant = 1, b.current.mant = 0, b.charging = 3, b.ts_us = a.ts_us + QF_US_SECOND;
  assert_true(qf_gbt_energy(&a, &b, QF_US_MINUTE, &s));
  num_is(s.out, 1, -9);
  /* no step */
  assert_false(qf_gbt_energy(&b, &a, QF_US_MINUTE, &s));
  assert_false(qf_gbt_energy(&a, &a, QF_US_MINUTE, &s));
  b.ts_us = a.ts_us + QF_US_MINUTE + 1;
  assert_false(qf_gbt_energy(&a, &b, QF_US_MINUTE, &s));
  b.ts_us = a.ts_us + 1;
  b.has &= ~(uint32_t)QF_GBT_CURRENT;
  assert_false(qf_gbt_energy(&a, &b, QF_US_MINUTE, &s));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_heartbeat),
      cmocka_unit_test(whole_in_pieces_cut_and_changed),
      cmocka_unit_test(the_2025_edition_is_recognised),
      cmocka_unit_test(too_long_is_not_waited_for),
      cmocka_unit_test(every_field_with_its_scale),
      cmocka_unit_test(marked_and_impossible_values_did_not_come),
      cmocka_unit_test(cut_units),
      cmocka_unit_test(times),
      cmocka_unit_test(energy_of_a_step),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
