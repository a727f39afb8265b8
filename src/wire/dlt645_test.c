/* DL/T 645. Frames worked out by hand from the standard's rules; each check sum is shown: the sum of all bytes from the first
 * 68 to the end of DATA, modulo 256. Address 000000000001 goes as 01 00 00 00 00 00. */
#include "wire/dlt645.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the headers above first */
#include <cmocka.h>

/* read 00010000: DI0..DI3 = 00 00 01 00, + 33H. Sum 68+01+68+11+04+33+33+34+33 = 1B3H */
static const uint8_t ask_energy[] = {0x68, 1, 0, 0, 0, 0, 0, 0x68, 0x11, 4, 0x33, 0x33, 0x34, 0x33, 0xB3, 0x16};
/* its answer 12345.67 kWh: 67 45 23 01 + 33H = 9A 78 56 34. Sum 68+01+68+91+08+33+33+34+33+9A+78+56+34 = 3D3H */
static const uint8_t energy[] = {0x68, 1,    0,    0,    0,    0,    0,    0x68, 0x91, 8,
                                 0x33, 0x33, 0x34, 0x33, 0x9A, 0x78, 0x56, 0x34, 0xD3, 0x16};
/* -1.2345 kW (02030000): 45 23 81 + 33H = 78 56 B4. Sum 68+01+68+91+07+33+33+36+35+78+56+B4 = 3BCH */
static const uint8_t power[] = {0x68, 1,    0,    0,    0,    0,    0,    0x68, 0x91, 7,
                                0x33, 0x33, 0x36, 0x35, 0x78, 0x56, 0xB4, 0xBC, 0x16};
/* no such data (02H + 33H). Sum 68+01+68+D1+01+35 = 1D8H */
static const uint8_t refusal[] = {0x68, 1, 0, 0, 0, 0, 0, 0x68, 0xD1, 1, 0x35, 0xD8, 0x16};
/* who is there? Sum 68 + 6 x AA + 68 + 13 = 4DFH */
static const uint8_t who[] = {0x68, 0xAA, 0xAA, 0xAA, 0xAA, 0xAA, 0xAA, 0x68, 0x13, 0, 0xDF, 0x16};
/* 1997: 9010 answered with 12345.67: C 81, 10 90 67 45 23 01 + 33H = 43 C3 9A 78 56 34. Sum 68+01+68+81+06+43+C3+9A+78+56+34 = 3FAH */
static const uint8_t old[] = {0x68, 1, 0, 0, 0, 0, 0, 0x68, 0x81, 6, 0x43, 0xC3, 0x9A, 0x78, 0x56, 0x34, 0xFA, 0x16};

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

static qf_d645_frame parse(const uint8_t *p, size_t n)
{
  qf_d645_frame f;
  bool found;
  uint8_t *own = malloc(n); /* exactly so long: a read past it is seen */
  memcpy(own, p, n);
  assert_int_equal(qf_d645_find(own, n, &f, &found, NULL), n);
  assert_true(found);
  free(own);
  return f;
}

static void requests(void **state)
{
  (void)state;
  uint8_t address[6], out[QF_D645_FRAME_MAX];
  qf_d645_frame f;
  assert_int_equal(qf_d645_address_parse("1", address), QF_OK);
  assert_memory_equal(address, ((uint8_t[]){1, 0, 0, 0, 0, 0}), 6); /* BCD, the low end first */
  qf_d645_ask(address, 0x00010000, 2007, 0, &f);
  assert_int_equal(qf_d645_write(&f, out), 4 + sizeof ask_energy);
  assert_memory_equal(out, "\xFE\xFE\xFE\xFE", 4);
  assert_memory_equal(out + 4, ask_energy, sizeof ask_energy);
  assert_int_equal(qf_d645_address_parse("AAAAAAAAAAAA", f.address), QF_OK);
  f.control = QF_D645_READ_ADDRESS;
  f.n = 0;
  assert_int_equal(qf_d645_write(&f, out), 4 + sizeof who);
  assert_memory_equal(out + 4, who, sizeof who);
  assert_int_equal(qf_d645_address_parse("1234567890123", address), QF_SYNTAX);
  assert_int_equal(qf_d645_address_parse("12x", address), QF_SYNTAX);
  assert_int_equal(qf_d645_address_parse("210987654321", address), QF_OK);
  assert_memory_equal(address, "\x21\x43\x65\x87\x09\x21", 6);
  qf_d645_ask(address, 0x00010000, 2007, 3, &f); /* the third part: DI, then the part's number */
  assert_true(f.control == 0x12 && f.n == 5 && f.data[4] == 3);
  qf_d645_ask(address, 0x9010, 1997, 0, &f);
  assert_true(f.control == 0x01 && f.n == 2 && f.data[0] == 0x10 && f.data[1] == 0x90);
}

static void value_of(const uint8_t *p, size_t n, int edition, const char *want, const char *unit)
{
  qf_d645_frame f = parse(p, n);
  qf_d645_reply r;
  qf_d645_format fmt;
  qf_num v;
  bool block;
  assert_int_equal(qf_d645_read_reply(&f, edition, &r, NULL), QF_OK);
  assert_int_equal(qf_d645_format_of(r.di, edition, &fmt, &block), QF_OK);
  assert_false(block || r.more);
  assert_int_equal(r.n, fmt.bytes);
  assert_int_equal(qf_d645_value(&fmt, r.data, &v), QF_OK);
  assert_string_equal(text(v), want);
  assert_string_equal(fmt.unit, unit);
}

static void answers(void **state)
{
  (void)state;
  value_of(energy, sizeof energy, 2007, "12345.67", "kWh");
  value_of(power, sizeof power, 2007, "-1.2345", "kW");
  value_of(old, sizeof old, 1997, "12345.67", "kWh");
}

static void refusals_and_editions(void **state)
{
  (void)state;
  qf_d645_frame f = parse(refusal, sizeof refusal);
  qf_d645_reply r;
  qf_err err;
  assert_int_equal(qf_d645_read_reply(&f, 2007, &r, &err), QF_DENIED);
  assert_string_equal(err.en, "the meter refuses (02): no such data");
  assert_string_equal(err.zh, "电表拒绝（02）：无请求数据");
  f = parse(old, sizeof old);
  assert_int_equal(qf_d645_read_reply(&f, 2007, &r, &err), QF_STATE);
  f = parse(energy, sizeof energy);
  assert_int_equal(qf_d645_read_reply(&f, 1997, &r, &err), QF_STATE);
  f = parse(ask_energy, sizeof ask_energy);
  assert_int_equal(qf_d645_read_reply(&f, 2007, &r, &err), QF_SYNTAX);
}

/* Parts: the first answer says that more follows (B1), the next bears its number at the end (92). */
static void parts(void **state)
{
  (void)state;
  qf_d645_frame f = {.address = {1}, .control = 0xB1, .n = 6, .data = {0, 0xFF, 1, 0, 0x11, 0x22}};
  qf_d645_reply r;
  assert_int_equal(qf_d645_read_reply(&f, 2007, &r, NULL), QF_OK);
  assert_true(r.more && r.part == 0 && r.n == 2 && r.di == 0x0001FF00);
  f = (qf_d645_frame){.address = {1}, .control = 0x92, .n = 7, .data = {0, 0xFF, 1, 0, 0x33, 0x44, 1}};
  assert_int_equal(qf_d645_read_reply(&f, 2007, &r, NULL), QF_OK);
  assert_true(!r.more && r.part == 1 && r.n == 2 && r.data[0] == 0x33);
}

static void formats(void **state)
{
  (void)state;
  static const struct {
    uint32_t di;
    uint8_t bytes;
    int decimals;
    bool sign, block;
  } c[] = {{0x00000000, 4, 2, true, false},  {0x00010100, 4, 2, false, false}, {0x0001FF00, 4, 2, false, true},
           {0x00020000, 4, 2, false, false}, {0x00030000, 4, 2, true, false},  {0x00070000, 4, 2, false, false},
           {0x01010000, 3, 4, false, false}, {0x02010100, 2, 1, false, false}, {0x0201FF00, 2, 1, false, true},
           {0x02020300, 3, 3, true, false},  {0x02030000, 3, 4, true, false},  {0x02060000, 2, 3, true, false},
           {0x02800002, 2, 2, false, false}, {0x05060101, 4, 2, false, true}};
  qf_d645_format f;
  bool block;
  for (size_t i = 0; i < sizeof c / sizeof *c; i++) {
    assert_int_equal(qf_d645_format_of(c[i].di, 2007, &f, &block), QF_OK);
    assert_true(f.bytes == c[i].bytes && f.decimals == c[i].decimals && f.sign == c[i].sign && block == c[i].block);
  }
  assert_int_equal(qf_d645_format_of(0x04000101, 2007, &f, &block), QF_NOTFOUND); /* a date is no reading */
  qf_num v;
  f = (qf_d645_format){.bytes = 2, .decimals = 1};
  assert_int_equal(qf_d645_value(&f, (const uint8_t *)"\xFF\xFF", &v), QF_NOTFOUND);
  assert_int_equal(qf_d645_value(&f, (const uint8_t *)"\x0A\x22", &v), QF_RANGE);
  assert_int_equal(qf_d645_value(&f, (const uint8_t *)"\x05\x22", &v), QF_OK);
  assert_string_equal(text(v), "220.5");
}

/* Whatever is cut off, what is there stays until the rest comes: never found early, found with the last byte. */
static void byte_by_byte(void **state)
{
  (void)state;
  uint8_t buf[64];
  size_t have = 0, frames = 0;
  uint8_t stream[8 + sizeof energy + sizeof power] = {0xFE, 0xFE, 0x00, 0x55};
  memcpy(stream + 4, energy, sizeof energy);
  memcpy(stream + 4 + sizeof energy + 4, power, sizeof power);
  for (size_t i = 0; i < sizeof stream; i++) {
    buf[have++] = stream[i];
    qf_d645_frame f;
    bool found;
    size_t used = qf_d645_find(buf, have, &f, &found, NULL);
    assert_true(used <= have);
    memmove(buf, buf + used, have - used);
    have -= used;
    frames += found;
    assert_int_equal(found, i == 4 + sizeof energy - 1 || i == sizeof stream - 1);
  }
  assert_int_equal(frames, 2);
  assert_int_equal(have, 0);
}

/* One byte flipped anywhere: either no frame, or (FE and the like before it) never another value. A sound frame after it is found. */
static void flipped(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof energy; i++)
    for (unsigned bit = 0; bit < 8; bit++) {
      uint8_t p[sizeof energy + 300] = {0};
      memcpy(p, energy, sizeof energy);
      p[i] ^= (uint8_t)(1u << bit);
      memcpy(p + sizeof energy, power, sizeof power); /* then zeros: a length that grew finds its end in them */
      qf_d645_frame f;
      bool found = false;
      size_t at = 0;
      uint32_t bad = 0, n = 0;
      while (at < sizeof p) {
        size_t used = qf_d645_find(p + at, sizeof p - at, &f, &found, &bad);
        if (!found)
          break;
        n++;
        assert_true(f.control == 0x91 && f.n == 7); /* the power, not the broken one */
        at += used;
      }
      assert_int_equal(n, 1);
    }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(requests), cmocka_unit_test(answers), cmocka_unit_test(refusals_and_editions),
      cmocka_unit_test(parts),    cmocka_unit_test(formats), cmocka_unit_test(byte_by_byte),
      cmocka_unit_test(flipped)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
