/* DL/T 645 and CJ/T 188 collectors against a transparent serial server of our own with meters behind it, played by frames that are
 * put together here byte by byte. What the links call taken is in the city opened again. */
#include "collect/field_test.h"
#include <pthread.h>

typedef enum manner {
  HONEST,
  BYTES,   /* one byte a write, FE before the frame */
  CUT,     /* the end is missing */
  FLIPPED, /* a digit changed on the way: the check sum tells */
  OTHER,   /* another meter's answer, then the right one */
  ECHO,    /* the line gives back what was said before it answers */
  REFUSE   /* no such data */
} manner;

typedef struct line {
  int listener;
  uint16_t port;
  bool water; /* CJ/T 188 */
  pthread_t thread;
  atomic_bool stop;
  atomic_int manner;
  atomic_uint asked, sound;
} line;

static uint8_t sum(const uint8_t *p, size_t n)
{
  unsigned s = 0;
  while (n--)
    s += *p++;
  return (uint8_t)s;
}

static void put(line *l, int fd, const uint8_t *p, size_t n)
{
  static const uint8_t wake[4] = {0xFE, 0xFE, 0xFE, 0xFE};
  manner m = (manner)atomic_load(&l->manner);
  send(fd, wake, 4, MSG_NOSIGNAL);
  for (size_t i = 0; i < n && m == BYTES; i++)
    send(fd, p + i, 1, MSG_NOSIGNAL);
  if (m != BYTES)
    send(fd, p, m == CUT ? n - 3 : n, MSG_NOSIGNAL);
}

/* f[0..head) is the frame up to L; data follows. Writes the sum and the end, spoils as the manner is, sends. */
static void finish(line *l, int fd, uint8_t *f, size_t head, size_t address)
{
  size_t n = head + f[head - 1];
  manner m = (manner)atomic_load(&l->manner);
  f[n] = sum(f, n);
  f[n + 1] = 0x16;
  if (m == OTHER) {
    uint8_t other[300];
    memcpy(other, f, n + 2);
    other[address] ^= 1;
    other[n] = sum(other, n);
    put(l, fd, other, n + 2);
  }
  if (m == FLIPPED)
    f[n - 1] ^= 1;
  put(l, fd, f, n + 2);
  atomic_fetch_add(&l->sound, m != CUT && m != FLIPPED && m != REFUSE);
}

/* A 645 request q (from 68). Meter 1: 12345.67 kWh, 220.5 V, the tariffs in two parts; nobody else answers. */
static void answer_645(line *l, int fd, const uint8_t *q)
{
  uint8_t f[300] = {0x68, 0, 0, 0, 0, 0, 0, 0x68, 0x91};
  const uint32_t di = (uint8_t)(q[10] - 0x33) | (uint32_t)(uint8_t)(q[11] - 0x33) << 8 |
                      (uint32_t)(uint8_t)(q[12] - 0x33) << 16 | (uint32_t)(uint8_t)(q[13] - 0x33) << 24;
  /* low byte first: 01234567 is 12345.67 */
  static const uint8_t energy[] = {0x67, 0x45, 0x23, 0x01}, volts[] = {0x05, 0x22},
                       demand[] = {0x45, 0x23, 0x01, 30, 8, 2, 11, 26};
  static const uint8_t part0[] = {0x00, 0x03, 0, 0, 0x00, 0x01, 0, 0},
                       part1[] = {0x00, 0x02, 0, 0, 1}; /* 3.00 1.00 | 2.00, part 1 */
  const uint8_t *data = energy;
  uint8_t n = 4;
  if (q[1] != 1)
    return;
  memcpy(f + 1, q + 1, 6);
  if (atomic_load(&l->manner) == REFUSE) {
    f[8] = 0xD1;
    f[9] = 1;
    f[10] = 2 + 0x33;
    finish(l, fd, f, 10, 1);
    return;
  }
  if (di == 0x02010100) {
    data = volts;
    n = 2;
  } else if (di == 0x01010000) {
    data = demand;
    n = 8;
  } else if (di == 0x0001FF00 && q[8] == 0x11) {
    f[8] = 0xB1; /* more follows */
    data = part0;
    n = 8;
  } else if (di == 0x0001FF00) {
    f[8] = 0x92;
    data = part1;
    n = 5;
  }
  f[9] = (uint8_t)(4 + n);
  memcpy(f + 10, q + 10, 4);
  for (unsigned i = 0; i < n; i++)
    f[14 + i] = (uint8_t)(data[i] + 0x33);
  finish(l, fd, f, 10, 1);
}

/* A 188 request: water meter 78330011223344 shows 556677.00 m3; heat meter ...45 shows 1000.00 kWh and so on. */
static void answer_188(line *l, int fd, const uint8_t *q)
{
  static const uint8_t water[] = {0,    0x77, 0x66, 0x55, 0x2C, 0,    0x70, 0x66, 0x55, 0x2C,
                                  0x31, 1,    0x22, 0x11, 5,    0x15, 0x20, 0x21, 0x84};
  static const uint8_t heat[] = {0,    0,    5,    0,    5,    0,    0,    0x10, 0,    5,    0x34, 0x12, 0, 0,    0x17,
                                 0x78, 0x56, 0x34, 0x12, 0x35, 0x78, 0x56, 0x34, 0x12, 0x2C, 0x45, 0x67, 0, 0x12, 0x34,
                                 0,    0x12, 0x34, 0x56, 0x56, 0x34, 0x12, 0x11, 0x10, 5,    0x20, 0,    0};
  uint8_t f[300];
  bool is_heat = q[2] == 0x45;
  if (q[2] != 0x44 && !is_heat)
    return;
  memcpy(f, q, 14);
  f[9] = 0x81;
  if (atomic_load(&l->manner) == REFUSE) {
    f[9] = 0xC1;
    f[10] = 3;
    f[11] = q[13];
    f[12] = 0;
    f[13] = 4;
    finish(l, fd, f, 11, 2);
    return;
  }
  f[10] = (uint8_t)(3 + (is_heat ? sizeof heat : sizeof water));
  memcpy(f + 14, is_heat ? heat : water, is_heat ? sizeof heat : sizeof water);
  finish(l, fd, f, 11, 2);
}

static void talk(line *l, int fd)
{
  uint8_t in[512];
  size_t have = 0;
  struct timeval t = {0, 20000};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
  while (!atomic_load(&l->stop)) {
    ssize_t n = recv(fd, in + have, sizeof in - have, 0);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK))
      break;
    have += n > 0 ? (size_t)n : 0;
    size_t head = l->water ? 11 : 10, len = have > 4 + head ? 4 + head + in[3 + head] + 2u : SIZE_MAX;
    if (have < len)
      continue;
    atomic_fetch_add(&l->asked, 1);
    if (atomic_load(&l->manner) == ECHO)
      send(fd, in, len, MSG_NOSIGNAL);
    if (l->water)
      answer_188(l, fd, in + 4);
    else
      answer_645(l, fd, in + 4);
    have = 0;
  }
  close(fd);
}

static void *serve(void *ud)
{
  line *l = ud;
  while (!atomic_load(&l->stop)) {
    struct pollfd f = {.fd = l->listener, .events = POLLIN};
    if (poll(&f, 1, 20) > 0) {
      int fd = accept(l->listener, NULL, NULL);
      if (fd >= 0)
        talk(l, fd);
    }
  }
  close(l->listener);
  return NULL;
}

static void with_line(bench *b, line *l, bool water, manner m, unsigned timeout)
{
  char ini[1400];
  *l = (line){.manner = (int)m, .water = water};
  l->listener = bench_listen(&l->port);
  assert_int_equal(pthread_create(&l->thread, NULL, serve, l), 0);
  snprintf(ini, sizeof ini,
           "[collector]\nprotocol = %s\nconnect = 127.0.0.1:%u\ninterval_ms = 60\ntimeout_ms = %u\nbackoff_ms = 20\n"
           "backoff_max_ms = 40\ngap_ms = 1\n%s",
           water ? "cjt188" : "dlt645", l->port, timeout,
           water
               ? "[meter w]\naddress = 78330011223344\ntype = water\n[meter h]\naddress = 78330011223345\ntype = heat\n"
               : "[item kwh]\ndi = 00010000\nratio = ctpt\n[item volts]\ndi = 02010100\n[item demand]\ndi = 01010000\n"
                 "[item tariff]\ndi = 0001FF00\n[meter m]\naddress = 1\nct = 200/5\n[meter dead]\naddress = 2\n");
  const char *why = bench_start(b, water ? &qf_kind_cjt188 : &qf_kind_dlt645, ini);
  if (why)
    fail_msg("%s", why);
}

static void line_stop(line *l)
{
  atomic_store(&l->stop, true);
  pthread_join(l->thread, NULL);
}

typedef struct goal {
  bench *b;
  uint64_t taken, refused;
  const char
      *said; /* or NULL. Looked for while waiting: a link keeps its last refusal only, and a time-out may follow */
} goal;

static bool reached(void *ud)
{
  const goal *g = ud;
  return bench_links(g->b, "taken") >= g->taken && bench_links(g->b, "refused") >= g->refused &&
         (!g->said || bench_links_say(g->b, g->said));
}

typedef struct misdeed {
  manner m;
  const char *said;
} misdeed;

/* Through each manner in turn, in one city; taken is what sound answers gave, and all of it is there in the end. */
static void through(bench *b, bool water, const misdeed *d, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    line l;
    bool sound = d[i].m != CUT && d[i].m != FLIPPED && d[i].m != REFUSE;
    uint64_t taken = bench_links(b, "taken"), refused = bench_links(b, "refused");
    with_line(b, &l, water, d[i].m, sound ? 400 : 150);
    bench_until(reached, &(goal){b, sound ? taken + 14 : 0, sound ? 0 : refused + 4, d[i].said},
                d[i].said ? d[i].said : "readings");
    if (!sound)
      assert_int_equal(bench_links(b, "taken"), taken);
    bench_stop(b);
    line_stop(&l);
  }
  uint64_t taken = bench_links(b, "taken");
  bench_reopen(b);
  assert_int_equal(bench_total(b), taken);
}

static void value_is(bench *b, const char *key, const char *want)
{
  bench_count c = bench_readings(b, key);
  if (c.n == 0 || strcmp(bench_text(c.last.v), want) != 0)
    fail_msg("%s: %llu readings, the last %s, expected %s", key, (unsigned long long)c.n, bench_text(c.last.v), want);
}

static void electricity(void **state)
{
  static const misdeed deeds[] = {{HONEST, "no answer within 400 ms"},
                                  {BYTES, NULL},
                                  {CUT, "no answer within 150 ms"},
                                  {FLIPPED, "wrong check sum"},
                                  {OTHER, NULL},
                                  {ECHO, NULL},
                                  {REFUSE, "the meter refuses (02): no such data"}};
  bench *b = *state;
  through(b, false, deeds, sizeof deeds / sizeof *deeds);
  value_is(b, "dlt645,collector=test,meter=m kwh", "493826.80"); /* 12345.67 x 40 */
  value_is(b, "dlt645,collector=test,meter=m volts", "220.5");
  value_is(b, "dlt645,collector=test,meter=m demand", "1.2345");
  value_is(b, "dlt645,collector=test,meter=m tariff_0", "3.00");
  value_is(b, "dlt645,collector=test,meter=m tariff_1", "1.00");
  value_is(b, "dlt645,collector=test,meter=m tariff_2", "2.00"); /* came with the second part */
  assert_int_equal(bench_readings(b, "dlt645,collector=test,meter=dead kwh").n, 0);
}

static void water_and_heat(void **state)
{
  static const misdeed deeds[] = {
      {HONEST, NULL}, {BYTES, NULL}, {CUT, "no answer within 150 ms"},          {FLIPPED, "wrong check sum"},
      {OTHER, NULL},  {ECHO, NULL},  {REFUSE, "the meter refuses, status 0400"}};
  bench *b = *state;
  through(b, true, deeds, sizeof deeds / sizeof *deeds);
  value_is(b, "cjt188,collector=test,meter=w volume", "556677.00");
  value_is(b, "cjt188,collector=test,meter=w volume_settled", "556670.00");
  value_is(b, "cjt188,collector=test,meter=w status", "33825");
  assert_int_equal(qf_num_cmp(bench_readings(b, "cjt188,collector=test,meter=h heat").last.v, (qf_num){36, -1}),
                   0); /* 1000 kWh = 3.6 GJ */
  value_is(b, "cjt188,collector=test,meter=h supply_temp", "67.45");
}

static void wrong_files(void **state)
{
  bench *b = *state;
  static const struct {
    bool water;
    const char *ini, *want;
  } cases[] = {
      {false, "[collector]\nconnect = 127.0.0.1:1\n", "no [meter NAME]"},
      {false, "[collector]\nconnect = 127.0.0.1:1\n[item a]\ndi = 123\n[meter m]\naddress = 1\n", "[item a] di"},
      {false, "[collector]\nconnect = 127.0.0.1:1\n[item a]\ndi = 04000101\n[meter m]\naddress = 1\n",
       "[item a] bytes"},
      {false, "[collector]\nconnect = 127.0.0.1:1\n[item a]\ndi = 00010000\n[meter m]\naddress = x\n",
       "[meter m] address"},
      {false, "[collector]\nconnect = 127.0.0.1:1\n[item a]\ndi = 00010000\n[meter m]\naddress = 1\nedition = 1997\n",
       "[meter m] edition"},
      {true, "[collector]\nconnect = 127.0.0.1:1\n[meter m]\naddress = 1\n", "[meter m] type"},
      {true, "[collector]\nconnect = 127.0.0.1:1\nheat_unit = kcal\n[meter m]\naddress = 1\ntype = heat\n",
       "heat_unit"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const char *why = bench_start(b, cases[i].water ? &qf_kind_cjt188 : &qf_kind_dlt645, cases[i].ini);
    if (!why || !strstr(why, cases[i].want))
      fail_msg("%zu: %s, expected %s", i, why ? why : "taken", cases[i].want);
  }
}

#define T(f) cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown)
int main(void)
{
  const struct CMUnitTest tests[] = {T(electricity), T(water_and_heat), T(wrong_files)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
