/* The GB/T 32960 server with a real peer: log in, report, be answered when it is stored; what is re-sent is not doubled, where a
 * vehicle was is not kept, energy is that of the worked example (540 V x 50 A over 10 s = 0.075 kWh). */
#include "collect/gbt32960.h"
#include "collect/station_testkit.h"
#include "wire/gbt32960.h"

#define LISTEN "[collector]\nprotocol = gbt32960\nlisten = 127.0.0.1:0\n"
#define LISTED LISTEN "vins = @\n"

static int group_setup(void **state)
{
  int rc = kit_setup(state, "gbt32960");
  ((kit *)*state)->start = qf_kind_gbt32960.start;
  ((kit *)*state)->stop = qf_kind_gbt32960.stop;
  return rc;
}

static int setup(void **state)
{
  kit *k = *state;
  snprintf(k->name, sizeof k->name, "LNBSCYINGKOU%05u", ++k->tests);
  return 0;
}

static int teardown(void **state)
{
  kit_stop_kind(*state);
  return 0;
}

static size_t frame(const char *vin, uint8_t cmd, const uint8_t *data, size_t len, uint8_t out[512])
{
  qf_buf b;
  qf_gbt_frame f = {.cmd = cmd, .answer = QF_GBT_COMMAND, .crypt = 1, .data = data, .len = len};
  snprintf(f.vin, sizeof f.vin, "%s", vin);
  qf_buf_init(&b, 512);
  qf_gbt_build(&b, &f);
  assert_false(b.failed);
  memcpy(out, b.data, b.len);
  size_t n = b.len;
  qf_buf_fini(&b);
  return n;
}

static void say(const char *vin, int fd, uint8_t cmd, const uint8_t *data, size_t len)
{
  uint8_t s[512];
  kit_send(fd, s, frame(vin, cmd, data, len, s));
}

static void log_in(const kit *k, const char *vin, int fd)
{
  uint8_t d[30] = {0};
  qf_gbt_put_time(k->now, d);
  d[7] = 1;
  memset(d + 8, '8', 20);
  say(vin, fd, QF_GBT_LOGIN, d, sizeof d);
}

/* Time, vehicle (45.6 km/h, 123456.7 km + km, 540.0 V, amps 0.1 A, 76 %), position. */
static size_t report(qf_us at, unsigned km, int amps, uint8_t d[64])
{
  static const uint8_t body[] = {0x01, 1, 3,    1, 0x01, 0xC8, 0x00, 0x12, 0xD6, 0x87, 0x15, 0x18, 0,    0,    0x4C, 1,
                                 0x0E, 3, 0xE8, 0, 0,    0x05, 0,    0x07, 0x49, 0x2E, 0x8A, 0x02, 0x6C, 0x87, 0xC4};
  qf_gbt_put_time(at, d);
  memcpy(d + 6, body, sizeof body);
  unsigned odo = 1234567 + km;
  d[13] = (uint8_t)(odo >> 16), d[14] = (uint8_t)(odo >> 8), d[15] = (uint8_t)odo;
  d[18] = (uint8_t)((10000 + amps) >> 8), d[19] = (uint8_t)(10000 + amps);
  return 6 + sizeof body;
}

static void say_report(const char *vin, int fd, uint8_t cmd, qf_us at, unsigned km, int amps)
{
  uint8_t d[64];
  say(vin, fd, cmd, d, report(at, km, amps, d));
}

/* The next answer; its data go to data (at most 64 bytes). */
static qf_gbt_frame hear(int fd, uint8_t raw[128])
{
  qf_gbt_frame f;
  size_t used = 0;
  kit_recv(fd, raw, QF_GBT_HEAD);
  size_t n = (size_t)raw[22] << 8 | raw[23];
  assert_true(n < 64);
  kit_recv(fd, raw + QF_GBT_HEAD, n + 1);
  assert_int_equal(qf_gbt_next(raw, QF_GBT_OVERHEAD + n, 64, &f, &used, NULL), QF_OK);
  return f;
}

static void answered(int fd, uint8_t cmd, uint8_t flag, unsigned n)
{
  uint8_t raw[128];
  for (unsigned i = 0; i < n; i++) {
    qf_gbt_frame f = hear(fd, raw);
    assert_int_equal(f.cmd, cmd);
    assert_int_equal(f.answer, flag);
  }
}

static void num_is(qf_num v, int64_t mant, int exp)
{
  const qf_num want = {mant, (int8_t)exp};
  if (qf_num_cmp(v, want) != 0)
    fail_msg("found %lld e%d, expected %lld e%d", (long long)v.mant, v.exp, (long long)mant, exp);
}

static void a_trip_is_kept_and_not_doubled(void **state)
{
  kit *k = *state;
  uint8_t raw[128], d[6];
  const qf_us s = QF_US_SECOND;
  kit_must_start(k, LISTED);
  int fd = kit_connect(k);
  log_in(k, k->name, fd);
  answered(fd, QF_GBT_LOGIN, QF_GBT_OK, 1);
  say(k->name, fd, QF_GBT_TIME, NULL, 0);
  qf_gbt_frame f = hear(fd, raw);
  qf_gbt_put_time(k->now, d);
  assert_int_equal(f.len, 6);
  assert_memory_equal(f.data, d, 6);
  say(k->name, fd, QF_GBT_HEARTBEAT, NULL, 0);
  answered(fd, QF_GBT_HEARTBEAT, QF_GBT_OK, 1);
  for (unsigned i = 0; i < 4; i++) /* 27 kW, 27 kW, 27 kW, -27 kW */
    say_report(k->name, fd, QF_GBT_REALTIME, k->now - 100 * s + i * 10 * s, i, i < 3 ? 500 : -500);
  for (unsigned i = 0; i < 4; i++) /* the same again, as a re-send, in another order */
    say_report(k->name, fd, QF_GBT_RESEND, k->now - 100 * s + (3 - i) * 10 * s, 3 - i, i > 0 ? 500 : -500);
  answered(fd, QF_GBT_REALTIME, QF_GBT_OK, 4);
  answered(fd, QF_GBT_RESEND, QF_GBT_OK, 4);
  qf_gbt_put_time(k->now, d);
  uint8_t out[8] = {0};
  memcpy(out, d, 6);
  say(k->name, fd, QF_GBT_LOGOUT, out, 8);
  answered(fd, QF_GBT_LOGOUT, QF_GBT_OK, 1);
  close(fd);
  kit_reopen(k);
  static const char *const keys[] = {"speed_kmh", "mileage_km", "voltage_v", "current_a", "soc_pct", "charging"};
  for (int i = 0; i < 6; i++) {
    char key[80];
    snprintf(key, sizeof key, "gbt32960,vin=@ %s", keys[i]);
    assert_int_equal(kit_kept(k, key).n, 4);
  }
  kit_rows r = kit_kept(k, "gbt32960,vin=@ mileage_km");
  num_is(r.first.v, 1234567, -1);
  num_is(r.last.v, 1234570, -1);
  assert_true(r.first.ts_us == k->now - 100 * s);
  num_is(kit_kept(k, "gbt32960,vin=@ current_a").last.v, -50, 0);
  r = kit_kept(k, "gbt32960,vin=@ discharge_kwh"); /* two steps of 0.075 kWh; the third is from +27 to -27 kW: 0 */
  assert_int_equal(r.n, 3);
  num_is(r.first.v, 75, -3);
  num_is(r.last.v, 0, 0);
  assert_int_equal(kit_kept(k, "gbt32960,vin=@ charge_kwh").n, 0);
  assert_int_equal(kit_kept(k, "gbt32960,vin=@ longitude_deg").n, 0);
  assert_int_equal(kit_kept(k, "gbt32960,vin=@ latitude_deg").n, 0);
}

static void position_only_when_the_file_says_so(void **state)
{
  kit *k = *state;
  kit_must_start(k, LISTED "keep_position = yes\n");
  int fd = kit_connect(k);
  log_in(k, k->name, fd);
  say_report(k->name, fd, QF_GBT_REALTIME, k->now, 0, 0);
  answered(fd, QF_GBT_LOGIN, QF_GBT_OK, 1);
  answered(fd, QF_GBT_REALTIME, QF_GBT_OK, 1);
  num_is(kit_kept(k, "gbt32960,vin=@ longitude_deg").last.v, 122236554, -6);
  num_is(kit_kept(k, "gbt32960,vin=@ latitude_deg").last.v, 40667076, -6);
  close(fd);
}

static void byte_by_byte_cut_and_flipped(void **state)
{
  kit *k = *state;
  uint8_t d[64], s[512], bad[512];
  unsigned good = 0;
  kit_must_start(k, LISTED);
  int fd = kit_connect(k);
  log_in(k, k->name, fd);
  answered(fd, QF_GBT_LOGIN, QF_GBT_OK, 1);
  size_t n = frame(k->name, QF_GBT_REALTIME, d, report(k->now, 1, 10, d), bad);
  for (size_t i = 4; i < n; i += 2) {
    uint8_t x[512];
    memcpy(x, bad, n);
    if (i == 22) /* a longer length only waits for what follows */
      continue;
    x[i] = (uint8_t)(x[i] ^ 0x40);
    kit_send(fd, x, n);
    size_t m = frame(k->name, QF_GBT_REALTIME, d, report(k->now - (qf_us)(i + 1) * QF_US_MINUTE, 2, 10, d), s);
    for (size_t b = 0; b < m; b++)
      kit_send(fd, s + b, 1);
    answered(fd, QF_GBT_REALTIME, QF_GBT_OK, 1);
    good++;
  }
  kit_told(k, "check byte");
  /* cut: what follows it is lost with it until the bytes it had announced are there, then all is in step again */
  kit_send(fd, bad, 40);
  for (unsigned i = 0; i < 4; i++)
    say_report(k->name, fd, QF_GBT_RESEND, k->now - 500 * QF_US_MINUTE - i * QF_US_SECOND, 2, 10);
  answered(fd, QF_GBT_RESEND, QF_GBT_OK, 4);
  close(fd);
  assert_int_equal(kit_kept(k, "gbt32960,vin=@ speed_kmh").n, good + 4);
}

static void who_may_speak(void **state)
{
  kit *k = *state;
  uint8_t d[64];
  kit_must_start(k, LISTED);
  int fd = kit_connect(k);
  log_in(k, "LNBSCYINGKOU99999", fd); /* not listed */
  answered(fd, QF_GBT_LOGIN, QF_GBT_FAILED, 1);
  kit_told(k, "VIN LNBSCYINGKOU99999 is not listed");
  say_report(k->name, fd, QF_GBT_REALTIME, k->now, 0, 0); /* before log-in */
  answered(fd, QF_GBT_REALTIME, QF_GBT_FAILED, 1);
  kit_told(k, "before it logged in");
  log_in(k, k->name, fd);
  answered(fd, QF_GBT_LOGIN, QF_GBT_OK, 1);
  uint8_t s[512];
  size_t n = frame(k->name, QF_GBT_REALTIME, d, report(k->now, 0, 0, d), s);
  s[21] = 2; /* encrypted: the check byte changes with it */
  s[n - 1] ^= 3;
  kit_send(fd, s, n);
  answered(fd, QF_GBT_REALTIME, QF_GBT_FAILED, 1);
  kit_told(k, "encryption 02");
  n = frame(k->name, QF_GBT_REALTIME, d, report(k->now, 0, 0, d), s);
  s[0] = s[1] = 0x24;
  kit_send(fd, s, n);
  uint8_t raw[128];
  qf_gbt_frame f = hear(fd, raw);
  assert_true(f.edition2025);
  assert_int_equal(f.answer, QF_GBT_FAILED);
  kit_told(k, "GB/T 32960.3-2025");
  const uint8_t short_unit[] = {26, 11, 23, 8, 30, 15, 1, 1};
  say(k->name, fd, QF_GBT_REALTIME, short_unit, sizeof short_unit);
  answered(fd, QF_GBT_REALTIME, QF_GBT_FAILED, 1);
  kit_told(k, "the unit ends too early");
  assert_int_equal(kit_kept(k, "gbt32960,vin=@ speed_kmh").n, 0);
  close(fd);
}

static void platforms_speak_for_many(void **state)
{
  kit *k = *state;
  uint8_t d[41] = {0};
  char *links;
  kit_must_start(
      k,
      LISTEN "accept = any\nvehicles_max = 20\nplatform_user = bus_company\nplatform_password = s3cret-of-20-letters\n"
             "keep_position = yes\n"); /* then refused bytes are shown whole, but for passwords */
  int fd = kit_connect(k);
  memcpy(d + 8, "bus_company", 11);
  memcpy(d + 20, "not the right one...", 20);
  d[40] = 1;
  say("", fd, QF_GBT_PLATFORM_LOGIN, d, sizeof d);
  answered(fd, QF_GBT_PLATFORM_LOGIN, QF_GBT_FAILED, 1);
  kit_told(k, "wrong platform user or password");
  uint8_t bent[512];
  size_t len = frame("", QF_GBT_PLATFORM_LOGIN, d, sizeof d, bent);
  bent[len - 1] ^= 1; /* the check sum: refused as broken */
  kit_send(fd, bent, len);
  memcpy(d + 20, "s3cret-of-20-letters", 20);
  say("", fd, QF_GBT_PLATFORM_LOGIN, d, sizeof d);
  answered(fd, QF_GBT_PLATFORM_LOGIN, QF_GBT_OK, 1);
  links = kit_links(k);
  assert_non_null(strstr(links, "check"));
  assert_null(strstr(links, "right one"));
  assert_null(strstr(links, "7269676874206f6e65")); /* the same in hexadecimal */
  free(links);
  for (unsigned i = 0; i < 20; i++) {
    char vin[24];
    snprintf(vin, sizeof vin, "LPLATFORMCAR%05u", i);
    say_report(vin, fd, QF_GBT_REALTIME, k->now, i, 0);
  }
  answered(fd, QF_GBT_REALTIME, QF_GBT_OK, 20);
  say_report("LPLATFORMCAR00020", fd, QF_GBT_REALTIME, k->now, 0, 0); /* one too many: silence, it may be sent again */
  say("LPLATFORMCAR00000", fd, QF_GBT_HEARTBEAT, NULL, 0);
  answered(fd, QF_GBT_HEARTBEAT, QF_GBT_OK, 1);
  kit_told(k, "vehicles_max = 20 is reached");
  for (unsigned i = 0; i < 20; i++) {
    char key[80];
    snprintf(key, sizeof key, "gbt32960,vin=LPLATFORMCAR%05u mileage_km", i);
    assert_int_equal(kit_kept(k, key).n, 1);
  }
  links = kit_links(k);
  assert_non_null(strstr(links, "platform bus_company"));
  assert_null(strstr(links, "6e6f742074686520726967687420")); /* "not the right " in hexadecimal */
  free(links);
  close(fd);
}

static void only_from_where_the_file_says(void **state)
{
  kit *k = *state;
  kit_must_start(k, LISTED "from = 10.1. 192.0.2.7\n");
  kit_ended(kit_connect(k));
  kit_told(k, "may not connect");
}

static void wrong_files_are_refused_in_words(void **state)
{
  kit *k = *state;
  static const char *const bad[][2] = {{LISTEN, "no VIN is listed"},
                                       {LISTEN "accept = none\n", "not listed or any"},
                                       {LISTEN "vins = SHORT\n", "17 letters and digits"},
                                       {LISTED "keep_position = maybe\n", "not yes or no"},
                                       {LISTED "platform_user = a\n", "go together"},
                                       {LISTED "vin_file = none.txt\n", "none.txt"}};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    qf_err err = {0};
    assert_int_not_equal(kit_start(k, bad[i][0], &err), QF_OK);
    if (!strstr(err.en, bad[i][1]) || !err.zh[0])
      fail_msg("\"%s\" lacks \"%s\"", err.en, bad[i][1]);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
      T(a_trip_is_kept_and_not_doubled),   T(position_only_when_the_file_says_so),
      T(byte_by_byte_cut_and_flipped),     T(who_may_speak),
      T(platforms_speak_for_many),         T(only_from_where_the_file_says),
      T(wrong_files_are_refused_in_words),
  };
  return cmocka_run_group_tests(tests, group_setup, kit_teardown);
}
