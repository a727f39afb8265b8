/* IEC 60870-5-104. Frames laid out by hand from the standard: control field formats of 5.1, type identifications of
 * IEC 60870-5-101 7.3, CP56Time2a of 7.2.6.18. */
#include "wire/iec104.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the headers above first */
#include <cmocka.h>

static const char *text(qf_num v)
{
  static char s[64];
  qf_buf b;
  qf_buf_init(&b, sizeof s);
  qf_num_write(&b, v);
  snprintf(s, sizeof s, "%.*s", (int)b.len, b.data);
  qf_buf_fini(&b);
  return s;
}

static void control_frames(void **state)
{
  (void)state;
  static const uint8_t u[][6] = {{0x68, 4, 0x07}, {0x68, 4, 0x0B}, {0x68, 4, 0x13},
                                 {0x68, 4, 0x23}, {0x68, 4, 0x43}, {0x68, 4, 0x83}};
  uint8_t out[QF_I104_APDU_MAX];
  qf_i104_apdu a;
  size_t len;
  for (unsigned i = 0; i < 6; i++) {
    assert_int_equal(qf_i104_write(&(qf_i104_apdu){.kind = (qf_i104_kind)(QF_I104_STARTDT_ACT + i)}, out), 6);
    assert_memory_equal(out, u[i], 6);
    assert_int_equal(qf_i104_read(u[i], 6, &a, &len, NULL), QF_OK);
    assert_true(len == 6 && a.kind == QF_I104_STARTDT_ACT + i);
  }
  /* S with N(R) = 5: 5 << 1 = 0A; with 20000 = 4E20H: 9C40H */
  assert_int_equal(qf_i104_write(&(qf_i104_apdu){.kind = QF_I104_S, .nr = 5}, out), 6);
  assert_memory_equal(out, "\x68\x04\x01\x00\x0A\x00", 6);
  assert_int_equal(qf_i104_write(&(qf_i104_apdu){.kind = QF_I104_S, .nr = 20000}, out), 6);
  assert_memory_equal(out, "\x68\x04\x01\x00\x40\x9C", 6);
  assert_int_equal(qf_i104_read(out, 6, &a, &len, NULL), QF_OK);
  assert_int_equal(a.nr, 20000);
}

static void general_interrogation(void **state)
{
  (void)state;
  /* 68 0E | N(S) 0, N(R) 0 | 64 01 06 00 01 00 | 00 00 00 14: C_IC_NA, one object, activation, station 1, QOI 20 */
  static const uint8_t want[] = {0x68, 0x0E, 0, 0, 0, 0, 0x64, 1, 6, 0, 1, 0, 0, 0, 0, 0x14};
  uint8_t asdu[10], out[QF_I104_APDU_MAX];
  size_t n = qf_i104_command(QF_I104_C_IC_NA, QF_I104_ACT, 1, 20, asdu), len;
  assert_int_equal(qf_i104_write(&(qf_i104_apdu){.kind = QF_I104_I, .asdu = asdu, .n = (uint8_t)n}, out), sizeof want);
  assert_memory_equal(out, want, sizeof want);
  qf_i104_apdu a;
  qf_i104_asdu s;
  assert_int_equal(qf_i104_read(want, sizeof want, &a, &len, NULL), QF_OK);
  assert_int_equal(qf_i104_read_asdu(a.asdu, a.n, 0, &s, NULL), QF_OK);
  assert_true(s.type == 100 && s.cause == 6 && s.common == 1 && s.n == 1 && s.qualifier == 20 && !s.negative);
}

static qf_i104_asdu read_asdu(const uint8_t *p, size_t n)
{
  qf_i104_asdu s;
  uint8_t *own = malloc(n);
  memcpy(own, p, n);
  assert_int_equal(qf_i104_read_asdu(own, n, QF_CN_OFFSET, &s, NULL), QF_OK);
  for (size_t cut = 0; cut < n; cut++) { /* cut anywhere, or one byte longer: refused */
    uint8_t *less = malloc(cut ? cut : 1);
    qf_i104_asdu x;
    memcpy(less, p, cut);
    assert_int_not_equal(qf_i104_read_asdu(less, cut, 0, &x, NULL), QF_OK);
    free(less);
  }
  free(own);
  return s;
}

static void values(void **state)
{
  (void)state;
  /* M_ME_NC, two objects: 16385 = 3F800000 = 1, good; 16386 = C2C80000 = -100, invalid */
  static const uint8_t nc[] = {13, 2, 3, 0, 1, 0, 1, 0x40, 0, 0, 0, 0x80, 0x3F, 0, 2, 0x40, 0, 0, 0, 0xC8, 0xC2, 0x80};
  qf_i104_asdu s = read_asdu(nc, sizeof nc);
  assert_true(s.n == 2 && s.objects[0].address == 16385 && s.objects[0].quality == 0 &&
              s.objects[1].quality == QF_I104_IV);
  assert_string_equal(text(s.objects[0].v), "1");
  assert_string_equal(text(s.objects[1].v), "-100");
  /* M_ME_NB, SQ = 1: from 700 on: 220, -5 (overflow) */
  static const uint8_t nb[] = {11, 0x82, 20, 0, 1, 0, 0xBC, 2, 0, 220, 0, 0, 0xFB, 0xFF, 1};
  s = read_asdu(nb, sizeof nb);
  assert_true(s.n == 2 && s.objects[1].address == 701 && s.objects[1].quality == QF_I104_OV &&
              s.cause == QF_I104_INTROGEN);
  assert_string_equal(text(s.objects[1].v), "-5");
  /* M_ME_NA: 4000H / 2^15 = 0.5; 8000H = -1 */
  static const uint8_t na[] = {9, 0x82, 1, 0, 1, 0, 1, 0, 0, 0, 0x40, 0, 0, 0x80, 0};
  s = read_asdu(na, sizeof na);
  assert_int_equal(qf_num_cmp(s.objects[0].v, (qf_num){5, -1}), 0);
  assert_int_equal(qf_num_cmp(s.objects[1].v, (qf_num){-1, 0}), 0);
  /* M_SP_NA: on, not topical */
  static const uint8_t sp[] = {1, 1, 3, 0, 1, 0, 9, 0, 0, 0x41};
  s = read_asdu(sp, sizeof sp);
  assert_true(s.objects[0].v.mant == 1 && s.objects[0].quality == QF_I104_NT);
}

static void counters_and_time(void **state)
{
  (void)state;
  /* M_IT_TB: 123456789 = 075BCD15H, sequence 3, at 2026-11-22 14:30:15.250 Beijing, a Sunday (day of week 7):
   * 15250 ms = 3B92H; 30; 14; 22 | 7 << 5 = F6; 11; 26 */
  static const uint8_t it[] = {37,   1,    37, 0,    1,    0,  1,  0x64, 0,  0x15, 0xCD,
                               0x5B, 0x07, 3,  0x92, 0x3B, 30, 14, 0xF6, 11, 26};
  qf_i104_asdu s = read_asdu(it, sizeof it);
  qf_us want;
  assert_int_equal(qf_tm_parse("2026-11-22T14:30:15.250+08:00", 29, &want), QF_OK);
  assert_true(s.cause == QF_I104_REQCOGEN && s.objects[0].has_time && s.objects[0].ts == want);
  assert_string_equal(text(s.objects[0].v), "123456789");
  uint8_t p[sizeof it];
  memcpy(p, it, sizeof p);
  p[13] = 0xA3;  /* invalid, carry */
  p[16] |= 0x80; /* the clock says itself that it is wrong */
  s = read_asdu(p, sizeof p);
  assert_true(s.objects[0].quality == (QF_I104_IV | QF_I104_CY) && !s.objects[0].has_time);
  p[16] = 30;
  p[19] = 13; /* no such month */
  s = read_asdu(p, sizeof p);
  assert_false(s.objects[0].has_time);
}

static void unknown_types_are_passed_over(void **state)
{
  (void)state;
  static const uint8_t p[] = {126, 1, 3, 0, 1, 0, 9, 9, 9};
  qf_i104_asdu s;
  assert_int_equal(qf_i104_read_asdu(p, sizeof p, 0, &s, NULL), QF_OK);
  assert_true(!s.known && s.type == 126);
}

static void sequence(void **state)
{
  (void)state;
  qf_i104_seq s = {.vs = 2, .vr = 32767, .acked = 32766};
  qf_i104_apdu a = {.kind = QF_I104_I, .ns = 32767, .nr = 1};
  assert_int_equal(qf_i104_came(&s, &a, NULL), QF_OK);
  assert_true(s.vr == 0 && s.acked == 1); /* 32767 + 1 is 0 */
  a.ns = 1;
  assert_int_equal(qf_i104_came(&s, &a, NULL), QF_SYNTAX); /* 0 is lost */
  a.ns = 32767;
  assert_int_equal(qf_i104_came(&s, &a, NULL), QF_SYNTAX); /* doubled */
  a = (qf_i104_apdu){.kind = QF_I104_S, .nr = 3};
  assert_int_equal(qf_i104_came(&s, &a, NULL), QF_SYNTAX); /* sent were two */
  a.nr = 0;
  assert_int_equal(qf_i104_came(&s, &a, NULL), QF_SYNTAX); /* confirmed already */
  a.nr = 2;
  assert_int_equal(qf_i104_came(&s, &a, NULL), QF_OK);
  assert_int_equal(qf_i104_diff(0, 32767), 1);
}

static void streams(void **state)
{
  (void)state;
  static const uint8_t p[] = {0x68, 0x0E, 0, 0, 0, 0, 0x64, 1, 6, 0, 1, 0, 0, 0, 0, 0x14};
  qf_i104_apdu a;
  size_t len;
  for (size_t n = 0; n < sizeof p; n++) {
    uint8_t *own = malloc(n ? n : 1);
    memcpy(own, p, n);
    assert_int_equal(qf_i104_read(own, n, &a, &len, NULL), QF_OK);
    assert_int_equal(len, 0);
    free(own);
  }
  static const uint8_t bad[][6] = {{0x69, 4, 7}, {0x68, 3, 7}, {0x68, 254, 7}, {0x68, 4, 0x0F}, {0x68, 4, 0x03}};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    assert_int_equal(qf_i104_read(bad[i], 6, &a, &len, NULL), QF_SYNTAX);
  static const uint8_t longer[] = {0x68, 5, 0x07, 0, 0, 0, 0};
  assert_int_equal(qf_i104_read(longer, sizeof longer, &a, &len, NULL), QF_SYNTAX);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(control_frames),
                                     cmocka_unit_test(general_interrogation),
                                     cmocka_unit_test(values),
                                     cmocka_unit_test(counters_and_time),
                                     cmocka_unit_test(unknown_types_are_passed_over),
                                     cmocka_unit_test(sequence),
                                     cmocka_unit_test(streams)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
