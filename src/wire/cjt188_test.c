/* CJ/T 188. Frames worked out by hand from the standard's layout; each check sum is shown: the sum of all bytes from 68 to the
 * end of DATA, modulo 256. */
#include "wire/cjt188.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the headers above first */
#include <cmocka.h>

/* read 901F of cold-water meter 78330011223344: the example of many makers' manuals. Sum 280H */
static const uint8_t ask[] = {0x68, 0x10, 0x44, 0x33, 0x22, 0x11, 0x00, 0x33,
                              0x78, 0x01, 0x03, 0x1F, 0x90, 0x00, 0x80, 0x16};
/* its answer: now 556677.00 m3, at settlement 556677.00 m3, 2015-05-11 22:01:31, status 8421. Sum 713H */
static const uint8_t water[] = {0x68, 0x10, 0x44, 0x33, 0x22, 0x11, 0x00, 0x33, 0x78, 0x81, 0x16, 0x1F,
                                0x90, 0x00, 0x00, 0x77, 0x66, 0x55, 0x2C, 0x00, 0x77, 0x66, 0x55, 0x2C,
                                0x31, 0x01, 0x22, 0x11, 0x05, 0x15, 0x20, 0x21, 0x84, 0x13, 0x16};
/* a heat meter: 123456.78 kWh twice, 12.34 kW, 1234.5678 m3/h, 123456.78 m3, 67.45 and 34.12 Cel, 563412 h. Sum AC4H */
static const uint8_t heat[] = {0x68, 0x20, 0x44, 0x33, 0x22, 0x11, 0x00, 0x33, 0x78, 0x81, 0x2E, 0x1F, 0x90, 0x01, 0x78,
                               0x56, 0x34, 0x12, 0x05, 0x78, 0x56, 0x34, 0x12, 0x05, 0x34, 0x12, 0x00, 0x00, 0x17, 0x78,
                               0x56, 0x34, 0x12, 0x35, 0x78, 0x56, 0x34, 0x12, 0x2C, 0x45, 0x67, 0x00, 0x12, 0x34, 0x00,
                               0x12, 0x34, 0x56, 0x56, 0x34, 0x12, 0x11, 0x10, 0x05, 0x20, 0x00, 0x00, 0xC4, 0x16};
/* a refusal: serial 01, status 0400. Sum 2A6H */
static const uint8_t refusal[] = {0x68, 0x20, 0x44, 0x33, 0x22, 0x11, 0x00, 0x33,
                                  0x78, 0xC1, 0x03, 0x01, 0x00, 0x04, 0xA6, 0x16};

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

static qf_c188_frame parse(const uint8_t *p, size_t n)
{
  qf_c188_frame f;
  bool found;
  uint8_t *own = malloc(n);
  memcpy(own, p, n);
  assert_int_equal(qf_c188_find(own, n, &f, &found, NULL), n);
  assert_true(found);
  free(own);
  return f;
}

static void request(void **state)
{
  (void)state;
  uint8_t address[7], out[QF_C188_FRAME_MAX];
  qf_c188_frame f;
  assert_int_equal(qf_c188_address_parse("78330011223344", address), QF_OK);
  qf_c188_ask(0x10, address, QF_C188_NOW, false, 0, &f);
  assert_int_equal(qf_c188_write(&f, out), 4 + sizeof ask);
  assert_memory_equal(out + 4, ask, sizeof ask);
  qf_c188_ask(0x10, address, QF_C188_NOW, true, 0, &f);
  assert_true(f.data[0] == 0x90 && f.data[1] == 0x1F);
  assert_int_equal(qf_c188_address_parse("783300112233445", address), QF_SYNTAX);
}

static void expect(const qf_c188_reply *r, const char *const want[][3], size_t n)
{
  assert_int_equal(r->n, n);
  for (size_t i = 0; i < n; i++) {
    assert_string_equal(qf_c188_name((qf_c188_what)r->items[i].what), want[i][0]);
    assert_string_equal(text(r->items[i].v), want[i][1]);
    assert_string_equal(r->items[i].unit, want[i][2]);
  }
}

static void water_and_heat(void **state)
{
  (void)state;
  static const char *const w[][3] = {
      {"volume", "556677.00", "m3"}, {"volume_settled", "556677.00", "m3"}, {"status", "33825", "1"}}; /* 8421H */
  static const char *const h[][3] = {
      {"heat_settled", "123456.78", "kWh"}, {"heat", "123456.78", "kWh"},  {"power", "12.34", "kW"},
      {"flow", "1234.5678", "m3/h"},        {"volume", "123456.78", "m3"}, {"supply_temp", "67.45", "Cel"},
      {"return_temp", "34.12", "Cel"},      {"work_hours", "563412", "h"}, {"status", "0", "1"}};
  qf_c188_frame f = parse(water, sizeof water);
  qf_c188_reply r;
  assert_int_equal(qf_c188_read_reply(&f, &r, NULL), QF_OK);
  expect(&r, w, 3);
  assert_int_equal(r.ser, 0);
  f = parse(heat, sizeof heat);
  assert_int_equal(qf_c188_read_reply(&f, &r, NULL), QF_OK);
  expect(&r, h, 9);
  assert_int_equal(r.ser, 1);
  f.data[0] = 0x90; /* the identifier the other way round */
  f.data[1] = 0x1F;
  f.data[7] = 0x13; /* GJ x 100 */
  assert_int_equal(qf_c188_read_reply(&f, &r, NULL), QF_OK);
  assert_string_equal(text(r.items[0].v), "12345678");
  assert_string_equal(r.items[0].unit, "GJ");
  memset(f.data + 8, 0xFF, 4); /* no heat now: left out, the others stay */
  assert_int_equal(qf_c188_read_reply(&f, &r, NULL), QF_OK);
  assert_true(r.n == 8 && r.empty == 1 && r.items[1].what == QF_C188_POWER);
}

static void refused(void **state)
{
  (void)state;
  qf_c188_reply r;
  qf_err err;
  qf_c188_frame f = parse(refusal, sizeof refusal);
  assert_int_equal(qf_c188_read_reply(&f, &r, &err), QF_DENIED);
  assert_string_equal(err.en, "the meter refuses, status 0400");
  f = parse(ask, sizeof ask);
  assert_int_equal(qf_c188_read_reply(&f, &r, &err), QF_SYNTAX);
  f = parse(water, sizeof water);
  f.type = 0x20; /* too short for heat */
  assert_int_equal(qf_c188_read_reply(&f, &r, &err), QF_SYNTAX);
  f.type = 0x10;
  f.data[7] = 0x77;
  assert_int_equal(qf_c188_read_reply(&f, &r, &err), QF_SYNTAX);
  f.data[7] = 0x2C;
  f.data[4] = 0x7B;
  assert_int_equal(qf_c188_read_reply(&f, &r, &err), QF_RANGE);
}

static void byte_by_byte(void **state)
{
  (void)state;
  for (size_t n = 0; n < sizeof heat; n++) {
    uint8_t *p = malloc(n ? n : 1);
    memcpy(p, heat, n);
    qf_c188_frame f;
    bool found;
    assert_int_equal(qf_c188_find(p, n, &f, &found, NULL), 0);
    assert_false(found);
    free(p);
  }
}

static void flipped(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof heat; i++)
    for (unsigned bit = 0; bit < 8; bit++) {
      uint8_t p[sizeof heat + sizeof water + 300] = {0};
      memcpy(p, heat, sizeof heat);
      p[i] ^= (uint8_t)(1u << bit);
      memcpy(p + sizeof heat, water, sizeof water);
      size_t at = 0;
      uint32_t n = 0;
      bool found = true;
      while (at < sizeof p && found) {
        qf_c188_frame f;
        at += qf_c188_find(p + at, sizeof p - at, &f, &found, NULL);
        if (found && ++n)
          assert_true(f.type == 0x10 && f.n == 22); /* the water meter's, not the broken one */
      }
      assert_int_equal(n, 1);
    }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(request), cmocka_unit_test(water_and_heat),
                                     cmocka_unit_test(refused), cmocka_unit_test(byte_by_byte),
                                     cmocka_unit_test(flipped)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
