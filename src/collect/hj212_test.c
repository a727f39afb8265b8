/* The HJ 212 server with a real peer: answered is stored, re-sent is not doubled, garbage costs only itself, and everything
 * refused is told. Values are the wire's own texts. */
#include "collect/door.h"
#include "collect/hj212.h"
#include "collect/station_testkit.h"
#include "wire/hj212.h"

#define LISTEN "[collector]\nprotocol = hj212\nlisten = 127.0.0.1:0\n"
#define LISTED "[station @]\npw = Q4x7zk\n"
#define W01018 "hj212,code=w01018,mn=@"

static int group_setup(void **state)
{
  int rc = kit_setup(state, "hj212");
  ((kit *)*state)->start = qf_kind_hj212.start;
  ((kit *)*state)->stop = qf_kind_hj212.stop;
  return rc;
}

static int setup(void **state)
{
  kit *k = *state;
  snprintf(k->name, sizeof k->name, "010000A8900016F000169D%02X", ++k->tests);
  return 0;
}

static int teardown(void **state)
{
  kit_stop_kind(*state);
  return 0;
}

/* A frame of station MN: QN of the kit's clock plus ms. */
static size_t frame(const kit *k, char *out, size_t cap, const qf_hj_head *how, const char *cp)
{
  char qn[18];
  qf_buf b;
  qf_hj_head h = *how;
  qf_hj_qn(k->now, qn);
  h.qn = h.qn ? h.qn : qn;
  h.pw = h.pw ? h.pw : "Q4x7zk";
  h.mn = h.mn ? h.mn : k->name;
  h.st = h.st ? h.st : 32;
  qf_buf_init(&b, 20000);
  qf_hj_build(&b, &h, cp, QF_HJ_CRC_STANDARD);
  assert_false(b.failed);
  assert_true(b.len < cap);
  memcpy(out, b.data, b.len);
  out[b.len] = 0;
  size_t n = b.len;
  qf_buf_fini(&b);
  return n;
}

static void say(const kit *k, int fd, const qf_hj_head *how, const char *cp)
{
  char s[12000];
  kit_send(fd, s, frame(k, s, sizeof s, how, cp));
}

/* The next message from the server. */
static qf_hj_packet hear(int fd, char buf[1200])
{
  qf_hj_packet p;
  char head[7] = {0};
  kit_recv(fd, head, 6);
  assert_memory_equal(head, "##", 2);
  size_t n = (size_t)atoi(head + 2);
  assert_true(n < 1100);
  kit_recv(fd, buf, n + 6);
  char crc[5];
  snprintf(crc, sizeof crc, "%04X", (unsigned)qf_hj_crc_standard(buf, n));
  assert_memory_equal(buf + n, crc, 4);
  assert_int_equal(qf_hj_parse(buf, n, &p, NULL), QF_OK);
  return p;
}

static void acked(const kit *k, int fd, unsigned n)
{
  char buf[1200];
  for (unsigned i = 0; i < n; i++) {
    qf_hj_packet p = hear(fd, buf);
    assert_int_equal(p.cn, QF_HJ_DATA_ACK);
    assert_int_equal(p.st, 91);
    assert_string_equal(p.mn, k->name);
    assert_string_equal(p.pw, "Q4x7zk");
    assert_int_equal(p.flag, 4);
  }
}

static const qf_hj_head realtime = {.cn = 2011, .flag = 5}, hour = {.cn = 2061, .flag = 5};

static void num_is(qf_num v, int64_t mant, int exp)
{
  const qf_num want = {mant, (int8_t)exp};
  if (qf_num_cmp(v, want) != 0)
    fail_msg("found %lld e%d, expected %lld e%d", (long long)v.mant, v.exp, (long long)mant, exp);
}

static void every_kind_of_data_lands_in_its_series(void **state)
{
  kit *k = *state;
  kit_must_start(k, LISTEN LISTED);
  int fd = kit_connect(k);
  say(k, fd, &realtime,
      "DataTime=20261123083000;w01001-Rtd=7.10,w01001-Flag=N;w01018-SampleTime=20261123070000,"
      "w01018-Rtd=2.2,w01018-Flag=D,w01018-EFlag=A01;w21003-Rtd=0.123456789012345678,w21003-Flag=S");
  say(k, fd, &(qf_hj_head){.cn = 2051, .flag = 5},
      "DataTime=20261123080000;w01018-Cou=10.5,w01018-Min=40.1,w01018-Avg=40.2,w01018-Max=40.3,w01018-Flag=N");
  say(k, fd, &hour, "DataTime=20261123080000;w01018-Cou=63.0,w01018-Avg=41.5,w01018-Flag=N");
  say(k, fd, &(qf_hj_head){.cn = 2031, .flag = 5}, "DataTime=20261122000000;w01018-Cou=1512.0,w01018-Flag=N");
  say(k, fd, &(qf_hj_head){.cn = 2021, .flag = 5}, "DataTime=20261123083000;SB1-RS=1;SB2-RS=0");
  acked(k, fd, 5);
  kit_reopen(k);
  close(fd);
  kit_rows r = kit_kept(k, "hj212,code=w01001,mn=@ rtd");
  assert_int_equal(r.n, 1);
  num_is(r.last.v, 71, -1);
  assert_int_equal(r.last.flags, 0);
  assert_true(r.last.ts_us == k->now - 15 * QF_US_SECOND);
  r = kit_kept(k, W01018 " rtd"); /* stamped with its own sample time; D: not valid */
  assert_int_equal(r.n, 1);
  assert_int_equal(r.last.flags, QF_RD_SENTINEL);
  assert_true(r.last.ts_us == k->now - 90 * QF_US_MINUTE - 15 * QF_US_SECOND);
  r = kit_kept(k, "hj212,code=w21003,mn=@ rtd");
  num_is(r.last.v, 123456789012345678, -18);
  assert_int_equal(r.last.flags, QF_RD_MANUAL);
  r = kit_kept(k, W01018 ",span=min avg");
  num_is(r.last.v, 402, -1);
  num_is(kit_kept(k, W01018 ",span=min min").last.v, 401, -1);
  num_is(kit_kept(k, W01018 ",span=min max").last.v, 403, -1);
  r = kit_kept(k, W01018 ",span=hour avg"); /* the same stamp as the minute's: a series of its own */
  assert_int_equal(r.n, 1);
  num_is(r.last.v, 415, -1);
  num_is(kit_kept(k, W01018 ",span=hour cou").last.v, 63, 0);
  num_is(kit_kept(k, W01018 ",span=day cou").last.v, 1512, 0);
  num_is(kit_kept(k, "hj212,code=SB1,mn=@ rs").last.v, 1, 0);
}

static void resent_late_and_disordered_are_not_doubled(void **state)
{
  kit *k = *state;
  char cp[200];
  kit_must_start(k, LISTEN LISTED);
  int fd = kit_connect(k);
  static const unsigned order[] = {3, 1, 1, 2, 5, 4, 3, 0, 5};
  for (size_t i = 0; i < 9; i++) {
    snprintf(cp, sizeof cp, "DataTime=2026112308%02u00;w01018-Rtd=%u.5,w01018-Flag=N", order[i], order[i]);
    say(k, fd, &realtime, cp);
  }
  acked(k, fd, 9);
  close(fd);
  kit_reopen(k);
  assert_int_equal(kit_kept(k, W01018 " rtd").n, 6);
}

static void byte_by_byte_and_in_one_piece(void **state)
{
  kit *k = *state;
  char s[4096], cp[200];
  size_t n = 0;
  kit_must_start(k, LISTEN LISTED);
  int fd = kit_connect(k);
  for (unsigned i = 0; i < 6; i++) {
    snprintf(cp, sizeof cp, "DataTime=2026112307%02u00;w01018-Rtd=%u", i, i);
    n += frame(k, s + n, sizeof s - n, &realtime, cp);
  }
  kit_send(fd, s, n);
  acked(k, fd, 6);
  for (size_t i = 0; i < n; i++)
    kit_send(fd, s + i, 1);
  acked(k, fd, 6);
  close(fd);
  assert_int_equal(kit_kept(k, W01018 " rtd").n, 6);
}

/* Of a packet with one byte changed nothing is stored, and the one behind it is; each is told. A packet cut short likewise. */
static void flipped_and_truncated(void **state)
{
  kit *k = *state;
  char bad[600], good[600], cp[200];
  unsigned answered = 0;
  kit_must_start(k, LISTEN LISTED);
  int fd = kit_connect(k);
  size_t n = frame(k, bad, sizeof bad, &realtime, "DataTime=20261123070000;w01018-Rtd=9999.75,w01018-Flag=N");
  for (size_t i = 0; i < n; i += 3) {
    char s[600];
    memcpy(s, bad, n);
    s[i] = (char)(s[i] ^ 0x11);
    size_t cut = i % 2 ? n : i; /* every other one is cut as well */
    kit_send(fd, s, cut);
    snprintf(cp, sizeof cp, "DataTime=20261123%02u%02u00;w01018-Rtd=%zu.25", (unsigned)(i / 60), (unsigned)(i % 60), i);
    kit_send(fd, good, frame(k, good, sizeof good, &realtime, cp));
    acked(k, fd, 1);
    answered++;
  }
  close(fd);
  char *links = kit_links(k);
  assert_non_null(strstr(links, "\"refusal\":{"));
  assert_null(strstr(links, "Q4x7zk")); /* the raw bytes do not show the password */
  free(links);
  kit_rows r = kit_kept(k, W01018 " rtd");
  assert_int_equal(r.n, answered);
}

static void not_told(kit *k, const char *words)
{
  char *s = kit_links(k);
  if (strstr(s, words))
    fail_msg("\"%s\" is in %s", words, s);
  free(s);
}

static void who_may_speak(void **state)
{
  kit *k = *state;
  char buf[1200];
  kit_must_start(k, LISTEN LISTED "[station FAR1]\npw = Zx81qq\nfrom = 10.1. 192.0.2.7\n[station WEAK1]\npw = "
                                  "123456\n[station MODBUS1]\npw = Zx81qq\ncrc = modbus\n");
  int fd = kit_connect(k);
  say(k, fd, &(qf_hj_head){.cn = 2011, .flag = 5, .mn = "NOBODY"}, "DataTime=20261123083000;a-Rtd=1");
  say(k, fd, &(qf_hj_head){.cn = 2011, .flag = 5, .mn = "WEAK1", .pw = "123456"}, "DataTime=20261123083000;a-Rtd=1");
  qf_hj_packet p = hear(fd, buf); /* the first answer is the second's */
  assert_string_equal(p.mn, "WEAK1");
  kit_told(k, "MN NOBODY is not listed");
  kit_told(k, "the pw of this station is one that anybody guesses");
  say(k, fd, &(qf_hj_head){.cn = 2011, .flag = 5, .pw = "999999"}, "DataTime=20261123083000;a-Rtd=1");
  say(k, fd, &realtime, "DataTime=20261123083000;a-Rtd=2");
  acked(k, fd, 1);
  kit_told(k, "wrong PW of MN");
  kit_told(k, ";PW=******;MN="); /* the bytes are shown, the password is not */
  not_told(k, "999999");
  not_told(k, "50573d393939"); /* nor in hexadecimal: PW=999 */
  say(k, fd, &(qf_hj_head){.cn = 2011, .flag = 5, .mn = "FAR1", .pw = "Zx81qq"}, "DataTime=20261123083000;a-Rtd=1");
  say(k, fd, &realtime, "DataTime=20261123083000;a-Rtd=2");
  acked(k, fd, 1);
  kit_told(k, "its from says otherwise");
  say(k, fd, &(qf_hj_head){.cn = 2011, .flag = 5, .mn = "MODBUS1", .pw = "Zx81qq"}, "DataTime=20261123083000;a-Rtd=1");
  say(k, fd, &realtime, "DataTime=20261123083000;a-Rtd=2");
  acked(k, fd, 1);
  kit_told(k, "this station's is set to the other");
  assert_int_equal(kit_kept(k, "hj212,code=a,mn=NOBODY rtd").n, 0);
  assert_int_equal(kit_kept(k, "hj212,code=a,mn=MODBUS1 rtd").n, 0);
  assert_int_equal(kit_kept(k, "hj212,code=a,mn=@ rtd").n, 1);
  close(fd);
}

static void an_open_door_is_told_and_limited(void **state)
{
  kit *k = *state;
  char buf[1200];
  kit_must_start(k, LISTEN "accept = any\nstations_max = 2\nseries_max = 2\n");
  int fd = kit_connect(k);
  static const char *const mn[] = {"A1", "A2", "A3"};
  for (int i = 0; i < 3; i++)
    say(k, fd, &(qf_hj_head){.cn = 2011, .flag = 5, .mn = mn[i]}, "DataTime=20261123083000;a-Rtd=1");
  say(k, fd, &(qf_hj_head){.cn = 2011, .flag = 5, .mn = "A1"}, "DataTime=20261123083001;a-Rtd=1;b-Rtd=1;c-Rtd=1");
  say(k, fd, &(qf_hj_head){.cn = 2011, .flag = 5, .mn = "A2"}, "DataTime=20261123083001;a-Rtd=1;b-Rtd=1");
  assert_string_equal(hear(fd, buf).mn, "A1");
  assert_string_equal(hear(fd, buf).mn, "A2");
  assert_string_equal(hear(fd, buf).mn, "A2"); /* A1's packet with a third series was refused whole */
  kit_told(k, "taken without being listed");
  kit_told(k, "stations_max = 2 is reached");
  kit_told(k, "more than 2 new series");
  assert_int_equal(kit_kept(k, "hj212,code=b,mn=A1 rtd").n, 0);
  assert_int_equal(kit_kept(k, "hj212,code=b,mn=A2 rtd").n, 1);
  close(fd);
}

static void split_messages_in_any_order(void **state)
{
  kit *k = *state;
  kit_must_start(k, LISTEN LISTED);
  int fd = kit_connect(k);
  qf_hj_head h = {.cn = 2061, .flag = 7, .pnum = 3};
  /* parts with their own time: each is taken as it comes */
  h.pno = 2;
  say(k, fd, &h, "DataTime=20261123070000;b-Avg=2");
  h.pno = 1;
  say(k, fd, &h, "DataTime=20261123070000;a-Avg=1");
  h.pno = 3;
  say(k, fd, &h, "DataTime=20261123070000;c-Avg=3");
  acked(k, fd, 3);
  /* only the first tells the time, and comes last: then all are answered */
  h.pno = 3;
  say(k, fd, &h, "c-Avg=30");
  h.pno = 2;
  say(k, fd, &h, "b-Avg=20");
  h.pno = 1;
  say(k, fd, &h, "DataTime=20261123080000;a-Avg=10");
  acked(k, fd, 3);
  close(fd);
  static const char *const keys[] = {"hj212,code=a,mn=@,span=hour avg", "hj212,code=b,mn=@,span=hour avg",
                                     "hj212,code=c,mn=@,span=hour avg"};
  for (int i = 0; i < 3; i++) {
    kit_rows r = kit_kept(k, keys[i]);
    assert_int_equal(r.n, 2);
    num_is(r.first.v, i + 1, 0);
    num_is(r.last.v, (i + 1) * 10, 0);
    assert_true(r.last.ts_us == k->now - 30 * QF_US_MINUTE - 15 * QF_US_SECOND);
  }
}

static void clock_and_intervals_are_set(void **state)
{
  kit *k = *state;
  char buf[1200];
  qf_hj_str v = {0};
  kit_must_start(k, LISTEN "rtd_interval_s = 30\nmin_interval_min = 10\nclock_limit_s = 60\n" LISTED);
  int fd = kit_connect(k);
  say(k, fd, &(qf_hj_head){.cn = 2011, .flag = 4, .qn = "20261123083135000"},
      "DataTime=20261123083130;a-Rtd=1"); /* 80 s ahead */
  qf_hj_packet p = hear(fd, buf);
  assert_int_equal(p.cn, 1012);
  assert_int_equal(p.flag, 5);
  assert_int_equal(p.st, 32);
  assert_true(qf_hj_find(p.cp, 0, NULL, "SystemTime", &v));
  assert_memory_equal(v.s, "20261123083015", 14);
  const qf_hj_head ready = {.cn = 9011, .flag = 4, .st = 91, .qn = p.qn},
                   done = {.cn = 9012, .flag = 4, .st = 91, .qn = p.qn};
  say(k, fd, &ready, "QnRtn=1");
  say(k, fd, &done, "ExeRtn=1");
  char buf2[1200];
  p = hear(fd, buf2);
  assert_int_equal(p.cn, 1062);
  assert_true(qf_hj_find(p.cp, 0, NULL, "RtdInterval", &v) && v.n == 2 && memcmp(v.s, "30", 2) == 0);
  say(k, fd, &(qf_hj_head){.cn = 9011, .flag = 4, .st = 91, .qn = p.qn}, "QnRtn=2");
  char buf3[1200];
  p = hear(fd, buf3);
  assert_int_equal(p.cn, 1064);
  assert_true(qf_hj_find(p.cp, 0, NULL, "MinInterval", &v) && v.n == 2);
  say(k, fd, &(qf_hj_head){.cn = 9012, .flag = 4, .st = 91, .qn = p.qn}, "ExeRtn=1");
  say(k, fd, &(qf_hj_head){.cn = 1013, .flag = 5}, "PolId=a");
  assert_int_equal(hear(fd, buf).cn, 9013);
  assert_int_equal(hear(fd, buf).cn, 1012);
  kit_told(k, "CN 1062 was not done: QnRtn=2, request refused");
  close(fd);
}

static void what_cannot_be_kept_is_not_answered(void **state)
{
  kit *k = *state;
  kit_must_start(k, LISTEN LISTED);
  int fd = kit_connect(k);
  say(k, fd, &realtime, "a-Rtd=1");                                              /* no time */
  say(k, fd, &realtime, "DataTime=20261323000000;a-Rtd=1");                      /* no such time */
  say(k, fd, &realtime, "DataTime=20261123083000;a-Rtd=abc");                    /* nothing that can be read */
  say(k, fd, &(qf_hj_head){.cn = 3020, .flag = 5}, "PolId=a");                   /* not taken */
  say(k, fd, &realtime, "DataTime=20261123083000;a-Rtd=x;b-Rtd=2;c-Nonsense=3"); /* b is kept, the others told */
  acked(k, fd, 1);
  kit_told(k, "passed over");
  char cp[9000];
  size_t n = (size_t)snprintf(cp, sizeof cp, "DataTime=20261123083000");
  for (unsigned i = 0; i < 300; i++)
    n += (size_t)snprintf(cp + n, sizeof cp - n, ";x%u-Rtd=1", i);
  say(k, fd, &realtime, cp);
  say(k, fd, &realtime, "DataTime=20261123083000;e-Rtd=5");
  acked(k, fd, 1);
  kit_told(k, "more than 256 codes");
  assert_int_equal(kit_kept(k, "hj212,code=x0,mn=@ rtd").n, 0);
  assert_int_equal(kit_kept(k, "hj212,code=a,mn=@ rtd").n, 0);
  assert_int_equal(kit_kept(k, "hj212,code=b,mn=@ rtd").n, 1);
  /* the edition of 2005: no Flag, no answer; with the bit, an answer that names the message within CP */
  char buf[1200];
  say(k, fd, &(qf_hj_head){.cn = 2011, .flag = 1}, "DataTime=20261123083000;d-Rtd=4");
  qf_hj_packet p = hear(fd, buf);
  assert_int_equal(p.flag, 0);
  qf_hj_str v;
  assert_true(qf_hj_find(p.cp, 0, NULL, "QN", &v) && v.n == 17);
  close(fd);
}

static void floods_and_strangers_are_ended(void **state)
{
  kit *k = *state;
  kit_must_start(k, LISTEN LISTED);
  int fd = kit_connect(k);
  char line[] = "GET / HTTP/1.1\r\n";
  for (int i = 0; i < 60; i++)
    (void)!send(fd, "##0001x0000\r\n", 13, MSG_NOSIGNAL);
  kit_ended(fd);
  fd = kit_connect(k); /* one MN on two connections: the older is ended */
  say(k, fd, &realtime, "DataTime=20261123083000;a-Rtd=1");
  acked(k, fd, 1);
  int other = kit_connect(k);
  say(k, other, &realtime, "DataTime=20261123083100;a-Rtd=1");
  acked(k, other, 1);
  kit_ended(fd);
  kit_told(k, "that connection was ended");
  kit_send(other, line, sizeof line - 1);
  say(k, other, &realtime, "DataTime=20261123083200;a-Rtd=1");
  acked(k, other, 1);
  close(other);
}

/* Four senders that write without reading an answer, then read all of them: paused when too much waits, nothing is lost. */
static void a_flood_is_slowed_and_kept(void **state)
{
  enum { SENDERS = 4, PACKETS = 60, VALUES = 250 };
  kit *k = *state;
  int fd[SENDERS];
  char cp[9000], mn[12], buf[1200];
  kit_must_start(k, LISTEN "accept = any\n");
  for (unsigned s = 0; s < SENDERS; s++)
    fd[s] = kit_connect(k);
  for (unsigned i = 0; i < PACKETS; i++) {
    size_t n = (size_t)snprintf(cp, sizeof cp, "DataTime=202611230730%02u", i);
    for (unsigned v = 0; v < VALUES; v++)
      n += (size_t)snprintf(cp + n, sizeof cp - n, ";c%03u-Rtd=%u.%u", v, i, v);
    for (unsigned s = 0; s < SENDERS; s++) {
      snprintf(mn, sizeof mn, "FLOOD%u", s);
      say(k, fd[s], &(qf_hj_head){.cn = 2011, .flag = 5, .mn = mn}, cp);
    }
  }
  for (unsigned s = 0; s < SENDERS; s++) {
    for (unsigned i = 0; i < PACKETS; i++)
      assert_int_equal(hear(fd[s], buf).cn, QF_HJ_DATA_ACK);
    close(fd[s]);
  }
  for (unsigned s = 0; s < SENDERS; s++)
    for (unsigned v = 0; v < VALUES; v += 83) {
      snprintf(cp, sizeof cp, "hj212,code=c%03u,mn=FLOOD%u rtd", v, s);
      assert_int_equal(kit_kept(k, cp).n, PACKETS);
    }
}

static void addresses(void **state)
{
  (void)state;
  assert_true(qf_door_from(NULL, "10.1.2.3:4"));
  assert_true(qf_door_from("10.1.2.3", "10.1.2.3:4"));
  assert_true(qf_door_from("192.0.2.1, 10.1.", "10.1.2.3:4"));
  assert_true(qf_door_from("fd00:", "[fd00::1]:4"));
  assert_false(qf_door_from("10.1.2.3", "10.1.2.30:4"));
  assert_false(qf_door_from("10.1.2.30", "10.1.2.3:4"));
  assert_false(qf_door_from("10.1.", "10.11.2.3:4"));
  assert_false(qf_door_from("", "10.1.2.3:4"));
}

static void wrong_files_are_refused_in_words(void **state)
{
  kit *k = *state;
  static const char *const bad[][2] = {
      {LISTEN, "no [station MN] is listed"},
      {LISTEN "accept = some\n", "not listed or any"},
      {LISTEN "crc = crc32\n" LISTED, "not auto, standard or modbus"},
      {LISTEN "rtd_interval_s = 10\n" LISTED, "30 to 3600"},
      {LISTEN "min_interval_min = 7\n" LISTED, "1, 2, 3"},
      {LISTEN "[station a b]\npw = x\n", "letters and digits"},
      {LISTEN "stations_max = 1\n" LISTED "[station B]\npw = x\n", "stations_max = 1"}};
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
      T(every_kind_of_data_lands_in_its_series),
      T(resent_late_and_disordered_are_not_doubled),
      T(byte_by_byte_and_in_one_piece),
      T(flipped_and_truncated),
      T(who_may_speak),
      T(an_open_door_is_told_and_limited),
      T(split_messages_in_any_order),
      T(clock_and_intervals_are_set),
      T(what_cannot_be_kept_is_not_answered),
      T(floods_and_strangers_are_ended),
      T(a_flood_is_slowed_and_kept),
      T(addresses),
      T(wrong_files_are_refused_in_words),
  };
  return cmocka_run_group_tests(tests, group_setup, kit_teardown);
}
