/* HJ 212. The packets are the standard's own example (CN 1062, CRC 1C80) and packets made of the data segments of its annex C
 * with CRCs computed apart from this code; 2F80 and 4B37 are the two CRCs of "123456789". */
#include "wire/hj212.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the headers above first */
#include <cmocka.h>

#define MN "MN=010000A8900016F000169DC0"
#define OWN "##0101QN=20160801085857223;ST=32;CN=1062;PW=100000;" MN ";Flag=5;CP=&&RtdInterval=30&&"
#define HEAD(qn, st, cn, flag) "QN=" qn ";ST=" st ";CN=" cn ";PW=123456;" MN ";Flag=" flag ";"
#define HOURS                                                                                                          \
  "w00000-Min=16.4,w00000-Avg=17.5,w00000-Max=20.1,w00000-Flag=N;w01001-Min=7.1,w01001-Avg=7.5,w01001-Max=7.8,"        \
  "w01001-Flag=N"

static const char realtime[] = "##0218" HEAD(
    "20160801085857223", "32", "2011",
    "5") "CP=&&DataTime=20160801085857;w01001-Rtd=7.1,w01001-Flag=N;w01018-SampleTime=20160801070000,w01018-Rtd=2.2,"
         "w01018-Flag=N,w01018-EFlag=A01&&6E80\r\n";

static const char *const packets[] = {
    OWN "1C80\r\n",
    "##0107" HEAD("20160801085857223", "32", "1000", "5") "CP=&&OverTime=5;ReCount=3&&CAC1\r\n",
    "##0094" HEAD("20160801085857223", "91", "9011", "4") "CP=&&QnRtn=1&&1B00\r\n",
    "##0095" HEAD("20160801085857223", "91", "9012", "4") "CP=&&ExeRtn=1&&6240\r\n",
    "##0087" HEAD("20160801085857223", "91", "9014", "4") "CP=&&&&3240\r\n",
    realtime,
    "##0325" HEAD("20160801085000001", "32", "2051", "5") "CP=&&DataTime=20160801084000;w00000-Cou=10.5," HOURS
                                                          ";w01018-Cou=10.5,w01018-Min=40.1,w01018-Avg=40.1,w01018-Max="
                                                          "40.1,w01018-Flag=N&&6180\r\n",
    "##0325" HEAD("20160801090000001", "32", "2061", "5") "CP=&&DataTime=20160801080000;w00000-Cou=63.0," HOURS
                                                          ";w01018-Cou=63.0,w01018-Min=40.1,w01018-Avg=40.1,w01018-Max="
                                                          "40.1,w01018-Flag=N&&B7C1\r\n",
    "##0128" HEAD("20160801085857223", "32", "2021", "5") "CP=&&DataTime=20160801085857;SB1-RS=1;SB2-RS=0&&F141\r\n",
    "##0260QN=20160801085857534;ST=32;CN=2061;PW=123456;" MN
    ";Flag=6;PNUM=2;PNO=1;CP=&&DataTime=20160801080000;w00000-Cou=63.0," HOURS "&&DC41\r\n",
    "##0175" HEAD("20160801085857223", "31", "2011",
                  "5") "CP=&&DataTime=20160801085857;a05001-Rtd=182500.0,a05001-Flag=N;a00000-Rtd=412.5,a00000-Flag=N&&"
                       "1A40\r\n",
};
enum { PACKETS = sizeof packets / sizeof *packets };

static void is(qf_hj_str s, const char *want)
{
  if (s.n != strlen(want) || (s.n && memcmp(s.s, want, s.n) != 0))
    fail_msg("found \"%.*s\", expected \"%s\"", (int)s.n, s.s, want);
}

static void crcs_of_the_check_string(void **st)
{
  (void)st;
  assert_int_equal(qf_hj_crc_standard("123456789", 9), 0x2F80);
  assert_int_equal(qf_hj_crc_modbus("123456789", 9), 0x4B37);
}

/* Count frames and refusals of a stream that comes in pieces of `step` bytes. */
typedef struct tally {
  unsigned frames, refused;
} tally;
static tally feed(const char *s, size_t n, size_t step, qf_hj_crc mode)
{
  tally t = {0};
  size_t have = 0, start = 0;
  while (have < n || start < have) {
    have = have + step < n ? have + step : n;
    bool more = true;
    while (more) {
      uint8_t *copy = malloc(have - start + 1); /* exactly what has come: a read beyond is seen by the sanitizer */
      memcpy(copy, s + start, have - start);
      qf_hj_frame f;
      qf_err err = {0};
      size_t used = 0;
      qf_rc rc = qf_hj_next(copy, have - start, mode, &f, &used, &err);
      assert_true(used <= have - start);
      if (rc == QF_OK)
        t.frames++;
      else if (rc == QF_SYNTAX) {
        t.refused++;
        assert_true(err.en[0] && err.zh[0] && used > 0);
      } else {
        assert_int_equal(rc, QF_PARTIAL);
        more = false;
      }
      start += used;
      more = more && start < have;
      free(copy);
    }
    if (have == n)
      break;
  }
  return t;
}

static void every_packet_whole_and_byte_by_byte(void **st)
{
  (void)st;
  char all[8192];
  size_t n = 0;
  for (size_t i = 0; i < PACKETS; i++) {
    size_t len = strlen(packets[i]);
    memcpy(all + n, packets[i], len);
    n += len;
    tally t = feed(packets[i], len, len, QF_HJ_CRC_STANDARD);
    assert_int_equal(t.frames, 1);
    assert_int_equal(t.refused, 0);
  }
  for (size_t step = 1; step < 700; step += step < 8 ? 1 : 97) {
    tally t = feed(all, n, step, QF_HJ_CRC_STANDARD);
    assert_int_equal(t.frames, PACKETS);
    assert_int_equal(t.refused, 0);
  }
}

static void the_examples_crc_and_no_other(void **st)
{
  (void)st;
  const char *good = OWN "1C80\r\n", *wrong = OWN "1C81\r\n", *modbus = OWN "0759\r\n";
  size_t n = strlen(good);
  assert_int_equal(feed(good, n, n, QF_HJ_CRC_STANDARD).frames, 1);
  assert_int_equal(feed(good, n, n, QF_HJ_CRC_MODBUS).frames, 0);
  assert_int_equal(feed(wrong, n, n, QF_HJ_CRC_AUTO).refused, 1);
  assert_int_equal(feed(modbus, n, n, QF_HJ_CRC_STANDARD).frames, 0);
  assert_int_equal(feed(modbus, n, n, QF_HJ_CRC_MODBUS).frames, 1);
  assert_int_equal(feed(modbus, n, n, QF_HJ_CRC_AUTO).frames, 1);
}

/* Of a packet cut anywhere the next one is found; bytes before and between cost nothing but themselves. */
static void in_step_again_after_garbage_and_cuts(void **st)
{
  (void)st;
  const char *good = packets[0];
  size_t len = sizeof realtime - 1, glen = strlen(good);
  char s[2048];
  for (size_t cut = 1; cut < len; cut++) {
    memcpy(s, realtime, cut);
    memcpy(s + cut, good, glen);
    tally t = feed(s, cut + glen, 64, QF_HJ_CRC_STANDARD);
    if (cut < len - 2) { /* without the line's end only: the CRC fits, but its place does not */
      assert_int_equal(t.frames, 1);
    } else {
      assert_true(t.frames >= 1);
    }
    assert_true(t.refused >= 1);
  }
  int n = snprintf(s, sizeof s, "GET / HTTP/1.1\r\n\r\n#%s\r\n####0000%s##99%s", good, good, good);
  assert_int_equal(feed(s, (size_t)n, (size_t)n, QF_HJ_CRC_STANDARD).frames, 3);
  assert_int_equal(feed(s, (size_t)n, 1, QF_HJ_CRC_STANDARD).frames, 3);
}

/* One byte changed in any place and any way: the packet is never taken as another one than it was, save where the weak CRC
 * cannot see it; there at most one in 256 changes goes through (domain knowledge above), counted here over all 8-bit changes. */
static void one_byte_changed(void **st)
{
  (void)st;
  size_t len = sizeof realtime - 1;
  unsigned taken = 0, tried = 0;
  for (size_t i = 0; i < len; i++) {
    for (unsigned x = 1; x < 256; x++) {
      char s[512];
      memcpy(s, realtime, len);
      s[i] = (char)(s[i] ^ (char)x);
      tried++;
      taken += feed(s, len, len, QF_HJ_CRC_STANDARD).frames;
    }
  }
  assert_true(taken * 100u < tried);
}

static void fields(void **st)
{
  (void)st;
  qf_hj_frame f;
  qf_hj_packet p;
  size_t used;
  qf_err err;
  assert_int_equal(qf_hj_next((const uint8_t *)realtime, sizeof realtime - 1, QF_HJ_CRC_AUTO, &f, &used, &err), QF_OK);
  assert_int_equal(f.crc, QF_HJ_CRC_STANDARD);
  assert_int_equal(qf_hj_parse(f.data.s, f.data.n, &p, &err), QF_OK);
  assert_string_equal(p.qn, "20160801085857223");
  assert_string_equal(p.mn, "010000A8900016F000169DC0");
  assert_string_equal(p.pw, "123456");
  assert_int_equal(p.st, 32);
  assert_int_equal(p.cn, 2011);
  assert_true(p.ack && !p.split);
  assert_int_equal(p.version, 1);
  qf_hj_item it;
  size_t at = 0;
  static const char *const want[][3] = {{"", "DataTime", "20160801085857"},
                                        {"w01001", "Rtd", "7.1"},
                                        {"w01001", "Flag", "N"},
                                        {"w01018", "SampleTime", "20160801070000"},
                                        {"w01018", "Rtd", "2.2"},
                                        {"w01018", "Flag", "N"},
                                        {"w01018", "EFlag", "A01"}};
  for (size_t i = 0; i < 7; i++) {
    assert_true(qf_hj_item_next(p.cp, &at, &it));
    is(it.code, want[i][0]);
    is(it.name, want[i][1]);
    is(it.value, want[i][2]);
  }
  assert_false(qf_hj_item_next(p.cp, &at, &it));
  qf_hj_str v;
  const qf_hj_str code = {"w01018", 6};
  assert_true(qf_hj_find(p.cp, 0, &code, "SampleTime", &v));
  is(v, "20160801070000");
  assert_false(qf_hj_find(p.cp, 0, NULL, "Flag", &v));
}

static qf_rc parse(const char *s, qf_hj_packet *p)
{
  qf_err err = {0};
  size_t n = strlen(s);
  char *exact = malloc(n ? n : 1);
  memcpy(exact, s, n);
  qf_rc rc = qf_hj_parse(exact, n, p, &err);
  if (rc)
    assert_true(err.en[0] && err.zh[0]);
  free(exact);
  return rc;
}

static void versions_and_slips_of_the_field(void **st)
{
  (void)st;
  qf_hj_packet p;
  assert_int_equal(parse("ST=32;CN=2011;PW=123456;MN=88888880000001;CP=&&DataTime=20050101000000&&", &p), QF_OK);
  assert_int_equal(p.version, 0);
  assert_int_equal(parse("CN=2011;MN=A;Flag=8;CP=&&&&", &p), QF_OK);
  assert_int_equal(p.version, 2);
  assert_false(p.ack);
  /* no ; before CP */
  assert_int_equal(parse("QN =20160801085857223,ST = 32;CN=2011;MN=A;Flag=7;PNUM=3;PNO=2CP =&&&&", &p), QF_OK);
  assert_int_equal(p.pnum, 3);
  assert_int_equal(p.pno, 2);
  assert_true(p.split);
  /* fields of a later edition are passed over */
  assert_int_equal(parse("CN=2011;MN=A;Sign=xyz;CP=&&&&", &p), QF_OK);
}

static void refused_in_words(void **st)
{
  (void)st;
  static const char *const bad[] = {"",
                                    "CN=2011;MN=A",
                                    "CN=2011;MN=A;CP=&&",
                                    "CN=2011;MN=A;CP=&&&",
                                    "CN=2011;MN=A;CP=&&x=1&& y",
                                    "MN=A;CP=&&&&",
                                    "CN=2011;CP=&&&&",
                                    "CN=2011;MN=A B;CP=&&&&",
                                    "CN=2011;MN=A;MN=A;CP=&&&&",
                                    "CN=x;MN=A;CP=&&&&",
                                    "CN=2011;MN=A;Flag=256;CP=&&&&",
                                    "CN=2011;MN=A;Flag=6;PNUM=2;PNO=3;CP=&&&&",
                                    "CN=2011;MN=A;Flag=6;PNUM=2;CP=&&&&",
                                    "CN=2011;MN=A;Flag=6;PNUM=65;PNO=1;CP=&&&&",
                                    "QN=20161301085857223;CN=2011;MN=A;CP=&&&&",
                                    "QN=2016080108585722;CN=2011;MN=A;CP=&&&&",
                                    "CN=2011;MN=A\x01;CP=&&&&",
                                    "CN=2011;MN=123456789012345678901234567890123;CP=&&&&"};
  qf_hj_packet p;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    if (parse(bad[i], &p) == QF_OK)
      fail_msg("taken: %s", bad[i]);
}

/* 2016-08-01 08:58:57 in Beijing is 00:58:57 UTC: 1470013137 s. */
static void times(void **st)
{
  (void)st;
  qf_us t = 0;
  assert_int_equal(qf_hj_time((qf_hj_str){"20160801085857", 14}, &t), QF_OK);
  assert_true(t == INT64_C(1470013137000000));
  assert_int_equal(qf_hj_time((qf_hj_str){"20160801085857223", 17}, &t), QF_OK);
  assert_true(t == INT64_C(1470013137223000));
  char qn[18];
  qf_hj_qn(t, qn);
  assert_string_equal(qn, "20160801085857223");
  assert_int_equal(qf_hj_time((qf_hj_str){"20160230000000", 14}, &t), QF_RANGE);
  assert_int_equal(qf_hj_time((qf_hj_str){"2016080108585", 13}, &t), QF_SYNTAX);
  assert_int_equal(qf_hj_time((qf_hj_str){"2016080108585x", 14}, &t), QF_SYNTAX);
  assert_int_equal(qf_hj_time((qf_hj_str){"00000000000000", 14}, &t), QF_RANGE);
}

/* What we build is, byte for byte, what the packets above are. */
static void built_as_the_standard_has_it(void **st)
{
  (void)st;
  qf_buf b;
  qf_hj_head h = {
      .qn = "20160801085857223", .st = 91, .cn = 9014, .pw = "123456", .mn = "010000A8900016F000169DC0", .flag = 4};
  qf_buf_init(&b, 20000);
  qf_hj_build(&b, &h, "", QF_HJ_CRC_STANDARD);
  assert_string_equal(b.data, packets[4]);
  qf_buf_reset(&b);
  h.cn = 9011;
  qf_hj_build(&b, &h, "QnRtn=1", QF_HJ_CRC_STANDARD);
  assert_string_equal(b.data, packets[2]);
  qf_buf_reset(&b);
  h.cn = 9012;
  qf_hj_build(&b, &h, "ExeRtn=1", QF_HJ_CRC_STANDARD);
  assert_string_equal(b.data, packets[3]);
  qf_buf_reset(&b);
  h = (qf_hj_head){.qn = h.qn, .st = 32, .cn = 1062, .pw = "100000", .mn = h.mn, .flag = 5};
  qf_hj_build(&b, &h, "RtdInterval=30", QF_HJ_CRC_STANDARD);
  assert_string_equal(b.data, packets[0]);
  qf_buf_reset(&b);
  qf_hj_build(&b, &h, "RtdInterval=30", QF_HJ_CRC_MODBUS);
  assert_string_equal(b.data, OWN "0759\r\n");
  char *big = malloc(12000);
  memset(big, 'x', 11999);
  big[11999] = 0;
  qf_hj_build(&b, &h, big, QF_HJ_CRC_STANDARD);
  assert_true(b.failed);
  free(big);
  qf_buf_fini(&b);
}

static void flags_and_names(void **st)
{
  (void)st;
  assert_int_equal(qf_hj_reading_flags((qf_hj_str){"N", 1}), 0);
  assert_int_equal(qf_hj_reading_flags((qf_hj_str){"", 0}), 0);
  assert_int_equal(qf_hj_reading_flags((qf_hj_str){"S", 1}), QF_RD_MANUAL);
  for (const char *f = "FMDCTB"; *f; f++)
    assert_int_equal(qf_hj_reading_flags((qf_hj_str){f, 1}), QF_RD_SENTINEL);
  assert_string_equal(qf_hj_field((qf_hj_str){"ZsRtd", 5}), "zsrtd");
  assert_null(qf_hj_field((qf_hj_str){"rtd", 3})); /* names are case-sensitive */
  assert_null(qf_hj_field((qf_hj_str){"Flag", 4}));
  const char *en, *zh;
  qf_hj_rtn_words(9011, 3, &en, &zh);
  assert_string_equal(en, "wrong PW");
  qf_hj_rtn_words(9012, 77, &en, &zh);
  assert_string_equal(en, "unknown");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(crcs_of_the_check_string),
      cmocka_unit_test(every_packet_whole_and_byte_by_byte),
      cmocka_unit_test(the_examples_crc_and_no_other),
      cmocka_unit_test(in_step_again_after_garbage_and_cuts),
      cmocka_unit_test(one_byte_changed),
      cmocka_unit_test(fields),
      cmocka_unit_test(versions_and_slips_of_the_field),
      cmocka_unit_test(refused_in_words),
      cmocka_unit_test(times),
      cmocka_unit_test(built_as_the_standard_has_it),
      cmocka_unit_test(flags_and_names),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
