/* IEC 104 client against a small substation of our own: what is confirmed is durable, in the city opened again; numbers out of order,
 * silence and wrong bytes end the link, which comes back. The frames the station sends are laid out by hand. */
#include "collect/field_test.h"
#include "wire/iec104.h"
#include <pthread.h>

typedef enum manner {
  HONEST,
  BYTES,   /* one byte a write */
  SKIP,    /* leaves a number out */
  GARBAGE, /* 0x69 instead of 0x68 */
  CUT,     /* half a frame, then hangs up */
  REFUSE,  /* negative confirmation of the interrogation */
  MUTE     /* STARTDT is not confirmed */
} manner;

typedef struct substation {
  int listener;
  uint16_t port;
  pthread_t thread;
  atomic_bool stop;
  atomic_int manner;
  atomic_uint started, interrogated, counted, sent, confirmed,
      unsolicited; /* sent, confirmed: frames of readings, all connections */
  atomic_bool testfr;
} substation;

typedef struct session {
  substation *s;
  int fd;
  uint16_t vs, vr, base; /* base: N(S) confirmed so far */
  uint8_t value;
} session;

static void put_bytes(session *c, const uint8_t *p, size_t n)
{
  size_t step = atomic_load(&c->s->manner) == BYTES ? 1 : n;
  while (n > 0) {
    ssize_t w = send(c->fd, p, step < n ? step : n, MSG_NOSIGNAL);
    if (w <= 0)
      return;
    p += w;
    n -= (size_t)w;
  }
}

static void put_i(session *c, const uint8_t *asdu, size_t n)
{
  uint8_t f[255] = {0x68,
                    (uint8_t)(n + 4),
                    (uint8_t)(c->vs << 1),
                    (uint8_t)(c->vs >> 7),
                    (uint8_t)(c->vr << 1),
                    (uint8_t)(c->vr >> 7)};
  memcpy(f + 6, asdu, n);
  manner m = (manner)atomic_load(&c->s->manner);
  if (m == GARBAGE)
    f[0] = 0x69;
  put_bytes(c, f, m == CUT ? 7 : n + 6);
  c->vs = (uint16_t)((c->vs + (m == SKIP ? 2 : 1)) & 0x7FFF);
  atomic_fetch_add(&c->s->sent, 1);
}

/* Ten frames of readings: scaled values of objects 700 and 701, then a counter with its moment, then one marked invalid. */
static void put_readings(session *c)
{
  for (int i = 0; i < 5; i++) {
    uint8_t v = ++c->value;
    const uint8_t nb[] = {11, 0x82, 20, 0, 1, 0, 0xBC, 2, 0, v, 0, 0, (uint8_t)(v + 1), 0, 0};
    put_i(c, nb, sizeof nb);
    /* 1000 + v, at 2026-11-02 08:00:v Beijing */
    const unsigned ms = v * 1000u;
    const uint8_t it[] = {
        37, 1, 37, 0,  1, 0, 1, 0x64, 0, (uint8_t)(0xE8 + v), 3, 0, 0, 0, (uint8_t)ms, (uint8_t)(ms >> 8),
        0,  8, 2,  11, 26};
    put_i(c, it, sizeof it);
  }
}

static void confirm(session *c, uint8_t type, uint8_t cause, uint8_t qualifier)
{
  const uint8_t a[] = {type, 1, cause, 0, 1, 0, 0, 0, 0, qualifier};
  put_i(c, a, sizeof a);
}

static void on_command(session *c, const uint8_t *asdu)
{
  substation *s = c->s;
  if (atomic_load(&s->manner) == REFUSE) {
    confirm(c, asdu[0], 0x47, asdu[9]); /* ACTCON, negative */
    return;
  }
  confirm(c, asdu[0], 7, asdu[9]);
  if (asdu[0] == 100) {
    atomic_fetch_add(&s->interrogated, 1);
    put_readings(c);
  } else {
    atomic_fetch_add(&s->counted, 1);
    const uint8_t bad[] = {15, 1, 37, 0, 1, 0, 2, 0x64, 0, 7, 0, 0, 0, 0x80}; /* a counter, invalid */
    put_i(c, bad, sizeof bad);
  }
  confirm(c, asdu[0], 10, asdu[9]);
}

/* One frame of the client. false: hang up. */
static bool on_frame(session *c, const uint8_t *p)
{
  substation *s = c->s;
  static const uint8_t start_con[] = {0x68, 4, 0x0B, 0, 0, 0}, test_con[] = {0x68, 4, 0x83, 0, 0, 0},
                       test_act[] = {0x68, 4, 0x43, 0, 0, 0};
  if ((p[2] & 1) == 0 || (p[2] & 3) == 1) { /* N(R) */
    uint16_t nr = (uint16_t)((p[4] | p[5] << 8) >> 1);
    atomic_fetch_add(&s->confirmed, (nr - c->base) & 0x7FFF);
    c->base = nr;
  }
  if ((p[2] & 1) == 0) {
    c->vr = (c->vr + 1) & 0x7FFF;
    on_command(c, p + 6);
    return atomic_load(&s->manner) != CUT;
  }
  if (p[2] == 0x07 && atomic_load(&s->manner) != MUTE) {
    atomic_fetch_add(&s->started, 1);
    put_bytes(c, start_con, 6);
    put_bytes(c, test_act, 6);
  } else if (p[2] == 0x43)
    put_bytes(c, test_con, 6);
  else if (p[2] == 0x83)
    atomic_store(&s->testfr, true);
  return true;
}

static void talk(substation *s, int fd)
{
  session c = {.s = s, .fd = fd};
  uint8_t in[512];
  size_t have = 0;
  struct timeval t = {0, 20000};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
  bool go = true;
  while (go && !atomic_load(&s->stop)) {
    ssize_t n = recv(fd, in + have, sizeof in - have, 0);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK))
      break;
    have += n > 0 ? (size_t)n : 0;
    while (go && have >= 6 && have >= in[1] + 2u) {
      size_t len = in[1] + 2u;
      go = on_frame(&c, in);
      memmove(in, in + len, have - len);
      have -= len;
    }
  }
  close(fd);
}

static void *serve(void *ud)
{
  substation *s = ud;
  while (!atomic_load(&s->stop)) {
    struct pollfd f = {.fd = s->listener, .events = POLLIN};
    if (poll(&f, 1, 20) > 0) {
      int fd = accept(s->listener, NULL, NULL);
      if (fd >= 0)
        talk(s, fd);
    }
  }
  close(s->listener);
  return NULL;
}

static void with_station(bench *b, substation *s, manner m, const char *more)
{
  char ini[1024];
  *s = (substation){.manner = (int)m};
  s->listener = bench_listen(&s->port);
  assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
  snprintf(ini, sizeof ini,
           "[collector]\nprotocol = iec104\nconnect = 127.0.0.1:%u\nt1_s = 2\nt2_s = 1\nbackoff_ms = "
           "20\nbackoff_max_ms = 40\n%s"
           "[point volts]\nioa = 700\nscale = 0.1\n[point kwh]\nioa = 25601\n[station s]\ncommon_address = 1\n",
           s->port, more);
  const char *why = bench_start(b, &qf_kind_iec104, ini);
  if (why)
    fail_msg("%s", why);
}

static void station_stop(substation *s)
{
  atomic_store(&s->stop, true);
  pthread_join(s->thread, NULL);
}

typedef struct goal {
  substation *s;
  bench *b;
  unsigned confirmed, counted, started;
  uint64_t refused;
} goal;

static bool reached(void *ud)
{
  const goal *g = ud;
  return atomic_load(&g->s->confirmed) >= g->confirmed && atomic_load(&g->s->counted) >= g->counted &&
         atomic_load(&g->s->started) >= g->started && (!g->refused || bench_links(g->b, "refused") >= g->refused);
}

/* STARTDT, interrogations, readings with and without time; all 15 frames are confirmed by and by, and what was confirmed is there. */
static void read_confirm_reopen(bench *b, manner m)
{
  substation s;
  with_station(b, &s, m, "");
  bench_until(reached, &(goal){.s = &s, .b = b, .confirmed = 15, .counted = 1}, "all frames confirmed");
  assert_true(atomic_load(&s.testfr)); /* its TESTFR was answered */
  bench_stop(b);
  station_stop(&s);
  assert_int_equal(bench_links(b, "refused"), 0);
  uint64_t taken = bench_links(b, "taken");
  assert_int_equal(taken, 5 * 2 + 5 + 1);
  bench_reopen(b);
  assert_int_equal(bench_total(b), taken);
  bench_count volts = bench_readings(b, "iec104,collector=test,station=s volts");
  bench_count other = bench_readings(b, "iec104,collector=test,station=s ioa701");
  bench_count kwh = bench_readings(b, "iec104,collector=test,station=s kwh");
  bench_count bad = bench_readings(b, "iec104,collector=test,station=s ioa25602");
  qf_us want;
  assert_int_equal(qf_tm_parse("2026-11-02T08:00:05+08:00", 25, &want), QF_OK);
  assert_true(volts.n == 5 && other.n == 5 && kwh.n == 5 && bad.n == 1 && bad.flagged == 1);
  assert_string_equal(bench_text(volts.last.v), "0.5"); /* 5 x 0.1 */
  assert_string_equal(bench_text(kwh.last.v), "1005");
  assert_true(kwh.last.ts_us == want);
}

static void honest(void **state)
{
  read_confirm_reopen(*state, HONEST);
}
static void byte_by_byte(void **state)
{
  read_confirm_reopen(*state, BYTES);
}

static void misbehaviour(void **state)
{
  static const struct {
    manner m;
    const char *said;
    unsigned again; /* connections that were started anew */
  } cases[] = {{SKIP, "one is lost or doubled", 3},
               {GARBAGE, "begins with 69, expected 68", 3},
               {CUT, "\"state\":\"backoff\"", 3},
               {REFUSE, "the station refuses command 100, cause 7", 1},
               {MUTE, "no answer within t1 = 2 s", 0}};
  bench *b = *state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    substation s;
    uint64_t refused = bench_links(b, "refused"), taken = bench_links(b, "taken");
    with_station(b, &s, cases[i].m, "");
    bench_until(reached, &(goal){.s = &s, .b = b, .started = cases[i].again, .refused = refused + 1}, cases[i].said);
    if (!bench_links_say(b, cases[i].said) && cases[i].m != CUT)
      fail_msg("nothing says: %s", cases[i].said);
    if (cases[i].m != SKIP)
      assert_int_equal(bench_links(b, "taken"), taken);
    bench_stop(b);
    station_stop(&s);
  }
  uint64_t taken = bench_links(b, "taken");
  bench_reopen(b);
  /* what SKIP sent before the gap was taken each time again, without a time of its own: readings of their own moments */
  assert_int_equal(bench_total(b), taken);
}

static void wrong_files(void **state)
{
  bench *b = *state;
  static const char *const cases[][2] = {
      {"[collector]\nconnect = 127.0.0.1:1\n", "no [station NAME]"},
      {"[collector]\nconnect = 127.0.0.1:1\n[point a]\nfield = x\n[station s]\ncommon_address = 1\n", "[point a] ioa"},
      {"[collector]\nconnect = 127.0.0.1:1\n[point a]\nioa = 1\n[point b]\nioa = 1\n[station s]\ncommon_address = 1\n",
       "[point b] ioa"},
      {"[collector]\nconnect = 127.0.0.1:1\nt2_s = 20\n[station s]\ncommon_address = 1\n", "t2_s"},
      {"[collector]\nconnect = 127.0.0.1:1\n[station s]\ncommon_address = 65535\n", "65535"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const char *why = bench_start(b, &qf_kind_iec104, cases[i][0]);
    if (!why || !strstr(why, cases[i][1]))
      fail_msg("%zu: %s, expected %s", i, why ? why : "taken", cases[i][1]);
  }
}

#define T(f) cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown)
int main(void)
{
  const struct CMUnitTest tests[] = {T(honest), T(byte_by_byte), T(misbehaviour), T(wrong_files)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
