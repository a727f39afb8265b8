/* Modbus collector against libmodbus's server - an implementation that is not ours - and against servers that misbehave. What the
 * links call taken is in the city opened again, to the reading. */
#include "collect/field_test.h"
#include "wire/modbus.h"
#include <modbus.h>
#include <pthread.h>

/* ---- libmodbus as the slaves behind one gateway ---- */

typedef struct peer {
  modbus_t *ctx;
  modbus_mapping_t *map;
  int listener;
  uint16_t port;
  pthread_t thread;
  atomic_bool stop;
  atomic_uint asked[256];
  bool dead[256];
} peer;

static void serve_one(peer *p, int fd, fd_set *open)
{
  uint8_t q[MODBUS_TCP_MAX_ADU_LENGTH];
  modbus_set_socket(p->ctx, fd);
  int n = modbus_receive(p->ctx, q);
  if (n < 0) {
    close(fd);
    FD_CLR(fd, open);
  } else if (n > 0) {
    atomic_fetch_add(&p->asked[q[6]], 1);
    if (!p->dead[q[6]])
      modbus_reply(p->ctx, q, n, p->map);
  }
}

static void *serve(void *ud)
{
  peer *p = ud;
  fd_set open, ready;
  FD_ZERO(&open);
  FD_SET(p->listener, &open);
  while (!atomic_load(&p->stop)) {
    struct timeval t = {0, 10000};
    ready = open;
    if (select(FD_SETSIZE, &ready, NULL, NULL, &t) <= 0)
      continue;
    for (int fd = 0; fd < FD_SETSIZE; fd++) {
      if (!FD_ISSET(fd, &ready))
        continue;
      if (fd == p->listener) {
        int k = accept(fd, NULL, NULL);
        if (k >= 0)
          FD_SET(k, &open);
      } else
        serve_one(p, fd, &open);
    }
  }
  for (int fd = 0; fd < FD_SETSIZE; fd++)
    if (FD_ISSET(fd, &open))
      close(fd);
  return NULL;
}

static peer *peer_start(void)
{
  peer *p = calloc(1, sizeof *p);
  assert_non_null(p);
  p->ctx = modbus_new_tcp("127.0.0.1", 1502); /* the number is not used: the socket is ours */
  p->map = modbus_mapping_new(64, 64, 200, 200);
  assert_true(p->ctx && p->map);
  p->listener = bench_listen(&p->port);
  return p;
}

static void peer_run(peer *p)
{
  assert_int_equal(pthread_create(&p->thread, NULL, serve, p), 0);
}

static void peer_stop(peer *p)
{
  atomic_store(&p->stop, true);
  pthread_join(p->thread, NULL);
  modbus_mapping_free(p->map);
  modbus_free(p->ctx);
  free(p);
}

typedef struct goal {
  bench *b;
  uint64_t cycles, asked, taken, refused, dropped, timeouts;
} goal;

static bool reached(void *ud)
{
  const goal *g = ud;
  qf_poll_stats s;
  qf_modbus_stats(g->b->self, &s);
  return s.cycles >= g->cycles && s.asked >= g->asked && s.dropped >= g->dropped && s.timeouts >= g->timeouts &&
         (!g->taken || bench_links(g->b, "taken") >= g->taken) &&
         (!g->refused || bench_links(g->b, "refused") >= g->refused);
}

static const char *const all_types =
    "[register u16]\naddress = 0\n"
    "[register s16]\naddress = 1\ntype = s16\nscale = 0.1\n"
    "[register u32]\naddress = 2\ntype = u32\nscale = 0.01\nratio = ctpt\nunit = Wh\nas = kWh\n"
    "[register fa]\naddress = 10\ntype = f32\n"
    "[register fb]\naddress = 12\ntype = f32\norder = BADC\n"
    "[register fc]\naddress = 14\ntype = f32\norder = CDAB\n"
    "[register fd]\naddress = 16\ntype = f32\norder = DCBA\n"
    "[register nan]\naddress = 18\ntype = f32\n"
    "[register gone]\naddress = 20\ntype = u32\ninvalid = 0xFFFFFFFF\n"
    "[register in]\nfunction = 4\naddress = 3\ntype = s32\n"
    "[register coil]\nfunction = 1\naddress = 9\n"
    "[register input]\nfunction = 2\naddress = 5\n"
    "[register bcd]\naddress = 180\ntype = bcd\n";

static void put(peer *p)
{
  uint16_t *r = p->map->tab_registers;
  r[0] = 65535;
  r[1] = (uint16_t)-123;
  r[2] = 0xFFFF; /* 4294967295 */
  r[3] = 0xFFFF;
  /* IEEE 754: 3.25 = 40500000, -0.1 nearest BDCCCCCD, 10^9 = 4E6E6B28, 230.5 = 43668000 (libmodbus 3.1.6's own
   * modbus_set_float_abcd writes BADC on a little-endian machine, so the orders are laid out here) */
  r[10] = 0x4050;
  r[11] = 0x0000;
  r[12] = 0xCCBD;
  r[13] = 0xCDCC;
  r[14] = 0x6B28;
  r[15] = 0x4E6E;
  r[16] = 0x0080;
  r[17] = 0x6643;
  r[18] = 0x7FC0; /* not a number */
  r[20] = r[21] = 0xFFFF;
  p->map->tab_input_registers[3] = 0xFFFF;
  p->map->tab_input_registers[4] = 0xFFFE; /* -2 */
  p->map->tab_bits[9] = 1;
  p->map->tab_input_bits[5] = 1;
  r[180] = 0x0012;
  r[181] = 0x3456;
}

static void libmodbus_slaves_are_read_and_kept(void **state)
{
  bench *b = *state;
  peer *p = peer_start();
  char ini[4096];
  put(p);
  peer_run(p);
  snprintf(ini, sizeof ini,
           "[collector]\nprotocol = modbus\nconnect = 127.0.0.1:%u\ninterval_ms = 40\ntimeout_ms = 5000\n%s"
           "[slave main]\nunit = 7\nct = 200/5\npt = 10000/100\n[slave row]\nunit = 1-3\nseries = meter,row={unit}\n",
           p->port, all_types);
  const char *why = bench_start(b, &qf_kind_modbus, ini);
  if (why)
    fail_msg("%s", why);
  /* 13 values of 4 slaves, three times. Five requests a slave: coils, inputs, holding 0-21, holding 180-181, input registers */
  bench_until(reached, &(goal){b, .cycles = 3, .taken = 3 * 4 * 13}, "three cycles");
  qf_poll_stats s;
  qf_modbus_stats(b->self, &s);
  assert_true(s.asked >= 3 * 4 * 5 && s.timeouts == 0 && s.dropped == 0);
  assert_int_equal(bench_links(b, "refused"), 0);
  bench_stop(b); /* waits for what is on its way */
  uint64_t taken = bench_links(b, "taken");
  bench_reopen(b);
  assert_int_equal(bench_total(b), taken);
  assert_int_equal(taken % 13, 0);
  static const char *const want[][2] = {{"u16", "65535"},     {"s16", "-12.3"}, {"fa", "3.25"}, {"fb", "-0.1"},
                                        {"fc", "1000000000"}, {"fd", "230.5"},  {"in", "-2"},   {"coil", "1"},
                                        {"input", "1"},       {"bcd", "123456"}};
  for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
    char key[80];
    snprintf(key, sizeof key, "meter,row=2 %s", want[i][0]);
    bench_count c = bench_readings(b, key);
    assert_true(c.n >= 3);
    if (strcmp(bench_text(c.last.v), want[i][1]) != 0 && strcmp(want[i][0], "fc") != 0)
      fail_msg("%s is %s", key, bench_text(c.last.v));
    assert_int_equal(c.flagged, 0);
  }
  assert_int_equal(qf_num_cmp(bench_readings(b, "meter,row=1 fc").last.v, (qf_num){1, 9}), 0);
  /* 4294967295 x 0.01 Wh = 42949.67295 kWh; x 40 x 100 = 171798691.8 kWh */
  assert_int_equal(qf_num_cmp(bench_readings(b, "meter,row=1 u32").last.v, (qf_num){4294967295, -5}), 0);
  assert_int_equal(
      qf_num_cmp(bench_readings(b, "modbus,collector=test,slave=main u32").last.v, (qf_num){1717986918, -1}), 0);
  bench_count nan = bench_readings(b, "meter,row=1 nan"), gone = bench_readings(b, "meter,row=1 gone");
  assert_true(nan.n > 0 && nan.flagged == nan.n && gone.n > 0 && gone.flagged == gone.n);
  peer_stop(p);
}

static void the_dead_do_not_slow_the_living(void **state)
{
  bench *b = *state;
  peer *p = peer_start();
  char ini[1024];
  for (int u = 5; u <= 25; u += 5)
    p->dead[u] = true;
  peer_run(p);
  snprintf(ini, sizeof ini,
           "[collector]\nprotocol = modbus\nconnect = 127.0.0.1:%u\ninterval_ms = 2000\ntimeout_ms = 350\nbackoff_ms = "
           "1000\n"
           "[register a]\naddress = 0\n[slave s]\nunit = 1-25\n",
           p->port);
  const char *why = bench_start(b, &qf_kind_modbus, ini);
  if (why)
    fail_msg("%s", why);
  bench_until(reached, &(goal){b, .cycles = 5}, "five cycles");
  qf_poll_stats s;
  qf_modbus_stats(b->self, &s);
  bench_stop(b);
  unsigned least = UINT32_MAX, most_dead = 0;
  for (unsigned u = 1; u <= 25; u++) {
    unsigned n = atomic_load(&p->asked[u]);
    if (p->dead[u])
      most_dead = n > most_dead ? n : most_dead;
    else
      least = n < least ? n : least;
  }
  assert_true(least >= 5); /* every living slave in every cycle */
  /* 5 cycles are 8 s and more: after the first time-out a dead one is tried when 1 s, 3 s, 7 s (a quarter more or less) are over */
  assert_true(most_dead >= 1 && most_dead <= 5);
  assert_true(bench_links_say(b, "\"state\":\"backoff\"") && bench_links_say(b, "no answer within 350 ms"));
  uint64_t taken = bench_links(b, "taken");
  assert_true(taken >= 5 * 20);
  bench_reopen(b);
  assert_int_equal(bench_total(b), taken);
  peer_stop(p);
}

/* ---- a server that misbehaves: one connection at a time, one request at a time ---- */

typedef enum manner {
  HONEST,
  BYTES,    /* one byte a write */
  CUT,      /* the first half only */
  LATE,     /* after the time-out, together with the next answer */
  WRONG_ID, /* another transaction */
  WRONG_UNIT,
  WRONG_COUNT,
  NOT_MODBUS, /* protocol id 1 */
  EXCEPTION,  /* 02 */
  ABSENT,     /* 0B */
  ONCE,       /* one answer a connection, as some serial servers do */
  HANG_UP,    /* closes when asked */
  FLOOD       /* answers nobody asked for, all the time */
} manner;

typedef struct rogue {
  int listener;
  uint16_t port;
  pthread_t thread;
  atomic_bool stop;
  atomic_int manner;
  atomic_uint requests, sound; /* sound: answers that a client must take */
  uint8_t kept[QF_MB_ADU_MAX];
  size_t kept_n;
} rogue;

static void write_all(int fd, const uint8_t *p, size_t n, size_t step)
{
  while (n > 0) {
    size_t k = n < step ? n : step;
    ssize_t w = send(fd, p, k, MSG_NOSIGNAL);
    if (w <= 0)
      return;
    p += w;
    n -= (size_t)w;
    if (step == 1)
      sched_yield();
  }
}

static bool is_sound(manner m)
{
  return m == HONEST || m == BYTES || m == FLOOD || m == ONCE;
}

/* false: hang up */
static bool misbehave(rogue *r, int fd, const qf_mb_request *q)
{
  uint8_t data[250] = {0, 42}, out[QF_MB_ADU_MAX];
  manner m = (manner)atomic_load(&r->manner);
  qf_mb_answer a = {.id = q->id, .unit = q->unit, .function = q->function, .n = (uint8_t)(2 * q->count), .data = data};
  a.exception = m == EXCEPTION ? 2 : m == ABSENT ? 11 : 0;
  a.id = (uint16_t)(a.id + (m == WRONG_ID ? 100 : 0));
  a.unit = (uint8_t)(a.unit + (m == WRONG_UNIT));
  a.n = (uint8_t)(a.n + (m == WRONG_COUNT ? 2 : 0));
  size_t n = qf_mb_write_answer(&a, out);
  if (m == NOT_MODBUS)
    out[3] = 1;
  if (m == HANG_UP)
    return false;
  if (m == LATE) { /* kept, and sent when the next request comes */
    if (r->kept_n)
      write_all(fd, r->kept, r->kept_n, r->kept_n);
    memcpy(r->kept, out, n);
    r->kept_n = n;
    return true;
  }
  for (int i = 0; m == FLOOD && i < 200; i++) {
    out[0] ^= 0x55; /* another transaction */
    write_all(fd, out, n, n);
    out[0] ^= 0x55;
  }
  write_all(fd, out, m == CUT ? n / 2 : n, m == BYTES ? 1 : n);
  atomic_fetch_add(&r->sound, is_sound(m));
  return m != ONCE;
}

static void talk_with(rogue *r, int fd)
{
  uint8_t in[QF_MB_REQUEST];
  size_t have = 0;
  struct timeval t = {0, 20000};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
  r->kept_n = 0;
  while (!atomic_load(&r->stop)) {
    ssize_t n = recv(fd, in + have, sizeof in - have, 0);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK))
      break;
    if (n < 0)
      continue;
    have += (size_t)n;
    if (have < sizeof in)
      continue;
    have = 0;
    qf_mb_request q;
    uint8_t ex;
    assert_int_equal(qf_mb_read_request(in, sizeof in, &q, &ex, NULL), QF_OK);
    atomic_fetch_add(&r->requests, 1);
    if (!misbehave(r, fd, &q))
      break;
  }
  close(fd);
}

static void *be_rogue(void *ud)
{
  rogue *r = ud;
  while (!atomic_load(&r->stop)) {
    struct pollfd f = {.fd = r->listener, .events = POLLIN};
    if (poll(&f, 1, 20) > 0) {
      int fd = accept(r->listener, NULL, NULL);
      if (fd >= 0)
        talk_with(r, fd);
    }
  }
  close(r->listener);
  return NULL;
}

typedef struct misdeed {
  const char *name; /* of the slave */
  manner m;
  goal until;       /* in addition to what came before */
  const char *said; /* by the links */
} misdeed;

static void with_rogue(bench *b, rogue *r, const misdeed *d)
{
  char ini[1024];
  *r = (rogue){.manner = (int)d->m};
  r->listener = bench_listen(&r->port);
  assert_int_equal(pthread_create(&r->thread, NULL, be_rogue, r), 0);
  snprintf(
      ini, sizeof ini,
      "[collector]\nprotocol = modbus\nconnect = 127.0.0.1:%u\ninterval_ms = 30\ntimeout_ms = %u\nbackoff_ms = 20\n"
      "backoff_max_ms = 40\n[register a]\naddress = 0\n[register b]\naddress = 100\n[slave %s]\nunit = 1\n",
      r->port, is_sound(d->m) ? 5000 : 50, d->name);
  const char *why = bench_start(b, &qf_kind_modbus, ini);
  if (why)
    fail_msg("%s", why);
}

static void rogue_stop(rogue *r)
{
  atomic_store(&r->stop, true);
  pthread_join(r->thread, NULL);
}

/* After the misbehaviour the server turns honest, and readings come; they are those of sound answers, to the reading. */
static void misbehaves(bench *b, const misdeed *d)
{
  rogue r;
  char key[80];
  uint64_t taken = bench_links(b, "taken"), refused = bench_links(b, "refused");
  goal g = d->until;
  g.b = b;
  g.taken += g.taken ? taken : 0;
  g.refused += g.refused ? refused : 0;
  with_rogue(b, &r, d);
  bench_until(reached, &g, d->name);
  if (!is_sound(d->m))
    assert_int_equal(bench_links(b, "taken"), taken);
  if (d->said && !bench_links_say(b, d->said))
    fail_msg("%s: nothing says: %s", d->name, d->said);
  atomic_store(&r.manner, HONEST);
  bench_until(reached, &(goal){b, .taken = taken + 6}, "readings of the honest server");
  bench_stop(b);
  rogue_stop(&r);
  uint64_t more = bench_links(b, "taken") - taken;
  assert_true(more <= atomic_load(&r.sound));
  qf_err err = {0};
  assert_int_equal(qf_city_settle(b->city, &err), QF_OK);
  snprintf(key, sizeof key, "modbus,collector=test,slave=%s a", d->name);
  bench_count a = bench_readings(b, key);
  key[strlen(key) - 1] = 'b';
  assert_int_equal(a.n + bench_readings(b, key).n, more);
  assert_string_equal(bench_text(a.last.v), "42");
}

static void misbehaviour(void **state)
{
  static const misdeed deeds[] = {
      {"bytes", BYTES, {.taken = 6}, NULL},
      {"cut", CUT, {.timeouts = 3}, "no answer within 50 ms"},
      {"late", LATE, {.timeouts = 3, .dropped = 1}, "no answer within 50 ms"},
      {"id", WRONG_ID, {.dropped = 3, .timeouts = 1}, "no answer within 50 ms"},
      {"unit", WRONG_UNIT, {.refused = 3}, "answer of unit 2, asked was unit 1"},
      {"count", WRONG_COUNT, {.refused = 3}, "answer holds 4 bytes, expected 2"},
      {"protocol", NOT_MODBUS, {.refused = 3}, "protocol id 1, expected 0"},
      {"exception", EXCEPTION, {.refused = 3}, "Modbus exception 02: illegal data address"},
      {"absent", ABSENT, {.refused = 3}, "gateway target device failed to respond"},
      {"once", ONCE, {.taken = 10}, NULL},
      {"hangs-up", HANG_UP, {.refused = 3}, "\"state\":\"backoff\""},
      {"floods", FLOOD, {.taken = 6, .dropped = 1000}, NULL},
  };
  bench *b = *state;
  for (size_t i = 0; i < sizeof deeds / sizeof *deeds; i++)
    misbehaves(b, &deeds[i]);
  uint64_t taken = bench_links(b, "taken");
  bench_reopen(b);
  assert_int_equal(bench_total(b), taken);
}

static void nobody_listens(void **state)
{
  bench *b = *state;
  peer *p = peer_start();
  uint16_t closed;
  char ini[1024];
  close(bench_listen(&closed));
  peer_run(p);
  snprintf(ini, sizeof ini,
           "[collector]\nprotocol = modbus\ninterval_ms = 40\n[register a]\naddress = 0\n[slave there]\naddress = "
           "127.0.0.1:%u\n"
           "[slave gone]\naddress = 127.0.0.1:%u\n",
           p->port, closed);
  const char *why = bench_start(b, &qf_kind_modbus, ini);
  if (why)
    fail_msg("%s", why);
  bench_until(reached, &(goal){b, .taken = 5, .refused = 1}, "the other slave's readings");
  assert_true(bench_links_say(b, "\"state\":\"backoff\""));
  assert_int_equal(bench_readings(b, "modbus,collector=test,slave=gone a").n, 0);
  bench_stop(b);
  peer_stop(p);
}

static void ignore(void *ud, qf_rc rc, uint64_t seq)
{
  (void)ud;
  (void)rc;
  (void)seq;
}

typedef struct gate { /* the journal's thread stands here while it is shut, as before a disk that hangs */
  pthread_mutex_t mx;
  pthread_cond_t cv;
  bool inside, open;
} gate;

static void hold(void *ud, qf_rc rc, uint64_t seq)
{
  gate *g = ud;
  (void)rc;
  (void)seq;
  pthread_mutex_lock(&g->mx);
  g->inside = true;
  pthread_cond_broadcast(&g->cv);
  while (!g->open)
    pthread_cond_wait(&g->cv, &g->mx);
  pthread_mutex_unlock(&g->mx);
}

static void shut(bench *b, gate *g, uint32_t point)
{
  qf_err err = {0};
  qf_batch f;
  qf_batch_init(&f);
  assert_int_equal(qf_batch_reserve(&f, 1), QF_OK);
  qf_batch_add(&f, point, 1, (qf_num){1, 0}, 0);
  assert_int_equal(qf_city_ingest(b->city, &f, hold, g, &err), QF_OK);
  pthread_mutex_lock(&g->mx);
  while (!g->inside)
    pthread_cond_wait(&g->cv, &g->mx);
  pthread_mutex_unlock(&g->mx);
}

enum { FLOOD_ROWS = 20000 };

static uint64_t held(bench *b)
{
  qf_poll_stats s;
  qf_modbus_stats(b->self, &s);
  return s.held;
}

static bool held_back(void *ud)
{
  return held(ud) >= 3;
}

/* The disk hangs and another sender has filled the queue to the last row: batches wait and are offered again, none is lost, none
 * comes twice. */
static void a_full_queue_holds_readings_back(void **state)
{
  bench *b = *state;
  peer *p = peer_start();
  char ini[1024];
  qf_err err = {0};
  uint32_t point = 0;
  peer_run(p);
  snprintf(ini, sizeof ini,
           "[collector]\nprotocol = modbus\nconnect = 127.0.0.1:%u\ninterval_ms = 20\ntimeout_ms = 5000\n[register a]\n"
           "address = 0\n[slave s]\nunit = 1-5\n",
           p->port);
  const char *why = bench_start(b, &qf_kind_modbus, ini);
  if (why)
    fail_msg("%s", why);
  assert_int_equal(qf_city_series(b->city, "flood v", 7, &point, &err), QF_OK);
  gate g = {.mx = PTHREAD_MUTEX_INITIALIZER, .cv = PTHREAD_COND_INITIALIZER};
  shut(b, &g, point);
  for (uint32_t rows = FLOOD_ROWS, k = 0; rows; k++) { /* with less and less, until not one row goes in */
    qf_batch f;
    qf_batch_init(&f);
    assert_true(k < 100000); /* 44 MB of readings, not memory without end */
    assert_int_equal(qf_batch_reserve(&f, rows), QF_OK);
    for (uint32_t i = 0; i < rows; i++)
      qf_batch_add(&f, point, (qf_us)(k * FLOOD_ROWS + i) * 1000, (qf_num){i, 0}, 0);
    qf_rc rc = qf_city_ingest(b->city, &f, ignore, NULL, &err);
    assert_true(rc == QF_OK || rc == QF_FULL);
    if (rc == QF_FULL)
      rows /= 10;
    qf_batch_fini(&f);
  }
  bench_until(held_back, b, "batches held back");
  pthread_mutex_lock(&g.mx);
  g.open = true;
  pthread_cond_broadcast(&g.cv);
  pthread_mutex_unlock(&g.mx);
  bench_until(reached, &(goal){b, .taken = bench_links(b, "taken") + 20}, "readings after the flood");
  bench_stop(b);
  assert_int_equal(qf_city_settle(b->city, &err), QF_OK);
  uint64_t kept = 0;
  for (int u = 1; u <= 5; u++) {
    char key[64];
    snprintf(key, sizeof key, "modbus,collector=test,slave=s-%d a", u);
    kept += bench_readings(b, key).n;
  }
  assert_int_equal(kept, bench_links(b, "taken"));
  assert_int_equal(bench_links(b, "refused"), 0);
  peer_stop(p);
}

static void wrong_files(void **state)
{
  bench *b = *state;
  static const char *const cases[][2] = {
      {"[collector]\nprotocol = modbus\n", "no [slave NAME]"},
      {"[collector]\nconnect = 127.0.0.1:1\n[register a]\naddress = 70000\n[slave s]\n", "70000"},
      {"[collector]\nconnect = 127.0.0.1:1\n[register a]\ntype = u16\n[slave s]\n", "[register a] address: expected"},
      {"[collector]\nconnect = 127.0.0.1:1\n[register a]\naddress = 1\ntype = u8\n[slave s]\n",
       "[register a] type: expected"},
      {"[collector]\nconnect = 127.0.0.1:1\n[register a]\naddress = 1\norder = ABDC\n[slave s]\n",
       "[register a] order: expected"},
      {"[collector]\nconnect = 127.0.0.1:1\n[register a]\naddress = 65535\ntype = u32\n[slave s]\n",
       "[register a] address"},
      {"[collector]\nconnect = 127.0.0.1:1\n[register a]\naddress = 1\nfunction = 1\ntype = u32\n[slave s]\n",
       "[register a] type"},
      {"[collector]\nconnect = 127.0.0.1:1\n[register a]\naddress = 1\nscale = 0\n[slave s]\n", "[register a] scale"},
      {"[collector]\nconnect = 127.0.0.1:1\n[register a]\naddress = 1\nunit = kWh\nas = m3\n[slave s]\n",
       "[register a] as"},
      {"[collector]\nconnect = 127.0.0.1:1\n[register a]\naddress = 1\n[slave s]\nct = 100/3\n", "[slave s] ct"},
      {"[collector]\nconnect = 127.0.0.1:1\n[register a]\naddress = 1\n[slave s]\nunit = 9-3\n", "[slave s] unit"},
      {"[collector]\nconnect = 127.0.0.1:1\n[register a]\naddress = 1\n[slave s]\nmap = x\n", "[slave s] map"},
      {"[collector]\nconnect = 127.0.0.1:1\n[register a]\naddress = 1\n[slave s]\nunit = 1-2\nseries = m,a=b\n",
       "{unit}"},
      {"[collector]\nconnect = 127.0.0.1:1\n[register a]\naddress = 1\nadress = 2\n[slave s]\nunit = 1\n", "adress"},
      {"[collector]\nconnect = nowhere\n[register a]\naddress = 1\n[slave s]\nunit = 1\n", "host:port"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const char *why = bench_start(b, &qf_kind_modbus, cases[i][0]);
    if (!why || !strstr(why, cases[i][1]))
      fail_msg("%zu: %s, expected %s", i, why ? why : "taken", cases[i][1]);
  }
}

#define T(f) cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown)
int main(void)
{
  const struct CMUnitTest tests[] = {T(libmodbus_slaves_are_read_and_kept),
                                     T(the_dead_do_not_slow_the_living),
                                     T(misbehaviour),
                                     T(nobody_listens),
                                     T(a_full_queue_holds_readings_back),
                                     T(wrong_files)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
