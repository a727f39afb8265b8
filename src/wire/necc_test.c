/* The messages of the online monitoring system: the cipher against GB/T 32907-2016 annex A and against fields that the openssl
 * program makes, codes, times, slots, windows, uploads; wrong keys, wrong fields, cut bodies. */
#include "wire/necc.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the headers above first */
#include <cmocka.h>

#define PUBLIC_KEY "0123456789ABCDEFFEDCBA9876543210" /* of GB/T 32907 */
#define E "00-00-0000-023300-11"

static qf_necc_cipher *cipher(const char *hex)
{
  uint8_t key[QF_NECC_KEY];
  qf_necc_cipher *c = NULL;
  qf_err err;
  assert_true(qf_necc_key(hex, key));
  assert_int_equal(qf_necc_cipher_new(key, &c, &err), QF_OK);
  return c;
}

/* plain -> hexadecimal: echo -n PLAIN | openssl enc -sm4-ecb -K PUBLIC_KEY | xxd -p; the first is the standard's block and the block
 * of padding after it. */
static void vectors(void **state)
{
  static const char standard[] = "\x01\x23\x45\x67\x89\xAB\xCD\xEF\xFE\xDC\xBA\x98\x76\x54\x32\x10";
  static const struct {
    const char *plain;
    size_t n;
    const char *hex;
  } all[] = {{standard, 16, "681edf34d206965e86b3e94f536e4246"},
             {"1", 1, "b265308ec733dc5cd02ea745329dc5f9"},
             {"123.45", 6, "8903e2e3f6b843f58fa45deaf1b6a32a"},
             {E, 20, "ef49d2a4d631f9fc3ae6db23a5998f23aafd0fd6242c37e636e90e8e5e5b967a"},
             {"2025-11-08 00:00:00", 19, "b6893483022003ae01578a5801ca2cb1479c00b3cae05c920a9ce19063aadb57"}};
  qf_necc_cipher *c = cipher(PUBLIC_KEY);
  (void)state;
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    qf_buf b;
    char back[64];
    size_t n = 0;
    qf_buf_init(&b, 1000);
    assert_true(qf_necc_seal(c, all[i].plain, all[i].n, &b));
    assert_int_equal(b.len, (all[i].n / 16 + 1) * 32);
    assert_memory_equal(b.data, all[i].hex, strlen(all[i].hex));
    assert_int_equal(qf_necc_open(c, b.data, b.len, back, sizeof back, &n), QF_OK);
    assert_int_equal(n, all[i].n);
    assert_memory_equal(back, all[i].plain, n);
    qf_buf_fini(&b);
  }
  qf_necc_cipher_free(c);
}

static void what_is_not_decrypted(void **state)
{
  qf_necc_cipher *c = cipher(PUBLIC_KEY), *other = cipher("00000000000000000000000000000000");
  static const char one[] = "b265308ec733dc5cd02ea745329dc5f9"; /* "1" */
  char out[64], flipped[33];
  size_t n = 0;
  (void)state;
  assert_int_equal(qf_necc_open(c, one, 32, out, 2, &n), QF_OK);
  assert_string_equal(out, "1");
  assert_int_equal(qf_necc_open(c, "B265308EC733DC5CD02EA745329DC5F9", 32, out, 2, &n),
                   QF_OK); /* capitals are read too */
  assert_int_equal(qf_necc_open(c, one, 32, out, 1, &n), QF_RANGE);
  assert_int_equal(qf_necc_open(c, one, 31, out, 64, &n), QF_SYNTAX);
  assert_int_equal(qf_necc_open(c, one, 0, out, 64, &n), QF_SYNTAX);
  assert_int_equal(qf_necc_open(c, "x265308ec733dc5cd02ea745329dc5f9", 32, out, 64, &n), QF_SYNTAX);
  assert_int_equal(qf_necc_open(other, one, 32, out, 64, &n), QF_CORRUPT);
  unsigned same = 0;
  for (size_t i = 0; i < 32; i++) { /* any digit changed: not "1" again */
    memcpy(flipped, one, 33);
    flipped[i] = flipped[i] == '0' ? '1' : '0';
    same += qf_necc_open(c, flipped, 32, out, 64, &n) == QF_OK && n == 1 && out[0] == '1';
  }
  assert_int_equal(same, 0);
  qf_necc_cipher_free(c);
  qf_necc_cipher_free(other);
}

static void codes(void **state)
{
  char out[QF_NECC_CODE + 1];
  qf_err err;
  static const char *const good[] = {"00-00-0000-023300-11", "00-00-0000-011500-11", "01-02-0301-100000-99"};
  static const char *const bad[] = {"",
                                    "00-00-0000-023300-1",
                                    "00-00-0000-023300-111",
                                    "00_00-0000-023300-11",
                                    "00-00-0000-02330a-11",
                                    "00-00-0000-003300-11", /* kind 00 */
                                    "00-00-0000-113300-11", /* kind 11 */
                                    "00-00-0001-023300-11", /* number without a device type */
                                    "000000000233001",
                                    "00000000023300111"};
  (void)state;
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    assert_int_equal(qf_necc_code(good[i], strlen(good[i]), out, &err), QF_OK);
    assert_string_equal(out, good[i]);
  }
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    err = (qf_err){0};
    assert_int_equal(qf_necc_code(bad[i], strlen(bad[i]), out, &err), QF_SYNTAX);
    assert_true(err.en[0] && err.zh[0]);
  }
  assert_int_equal(qf_necc_code("0000000002330011", 16, out, &err), QF_OK);
  assert_string_equal(out, E);
  assert_int_equal(qf_necc_scope(E), 1);
  assert_int_equal(qf_necc_scope("01-00-0000-023300-11"), 2);
  assert_int_equal(qf_necc_scope("01-02-0000-023300-11"), 3);
  assert_int_equal(qf_necc_scope("01-02-0301-023300-11"), 4);
  assert_string_equal(qf_necc_energy(E), "电力");
  assert_string_equal(qf_necc_energy("00-00-0000-011500-11"), "天然气");
  assert_string_equal(qf_necc_energy("00-00-0000-010100-11"), "原煤");
  assert_null(qf_necc_energy("00-00-0000-043300-11")); /* a product, not energy */
}

static void times(void **state)
{
  qf_us t = 0;
  char out[20];
  uint32_t s = 0;
  (void)state;
  assert_int_equal(qf_necc_time("2025-11-08 00:00:00", 19, &t), QF_OK);
  assert_true(t == INT64_C(1762531200) * QF_US_SECOND); /* date -u -d '2025-11-07 16:00' +%s */
  qf_necc_put_time(t, out);
  assert_string_equal(out, "2025-11-08 00:00:00");
  assert_int_equal(qf_necc_time("2025-11-08T00:00:00", 19, &t), QF_SYNTAX);
  assert_int_equal(qf_necc_time("2025-11-08 00:00", 16, &t), QF_SYNTAX);
  assert_int_equal(qf_necc_time("2025-02-29 00:00:00", 19, &t), QF_RANGE);
  assert_int_equal(qf_necc_time("2025-11-08 24:00:00", 19, &t), QF_RANGE);
  assert_int_equal(qf_necc_slot("01:38:00", &s), QF_OK);
  assert_int_equal(s, 5880);
  assert_int_equal(qf_necc_slot("24:00:00", &s), QF_SYNTAX);
  assert_int_equal(qf_necc_slot("1:38:00", &s), QF_SYNTAX);
}

static void windows(void **state)
{
  qf_us t = 0, want = 0;
  (void)state;
  assert_int_equal(qf_necc_time("2025-12-31 23:59:59", 19, &t), QF_OK);
  const struct {
    uint8_t stat;
    uint32_t minutes;
    const char *begin, *next;
  } all[] = {{QF_NECC_REALTIME, 15, "2025-12-31 23:45:00", "2026-01-01 00:00:00"},
             {QF_NECC_REALTIME, 30, "2025-12-31 23:30:00", "2026-01-01 00:00:00"},
             {QF_NECC_REALTIME, 60, "2025-12-31 23:00:00", "2026-01-01 00:00:00"},
             {QF_NECC_DAY, 0, "2025-12-31 00:00:00", "2026-01-01 00:00:00"},
             {QF_NECC_MONTH, 0, "2025-12-01 00:00:00", "2026-01-01 00:00:00"},
             {QF_NECC_YEAR, 0, "2025-01-01 00:00:00", "2026-01-01 00:00:00"}};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    qf_us begin = qf_necc_begin(t, all[i].stat, all[i].minutes);
    assert_int_equal(qf_necc_time(all[i].begin, 19, &want), QF_OK);
    assert_true(begin == want);
    assert_int_equal(qf_necc_time(all[i].next, 19, &want), QF_OK);
    assert_true(qf_necc_next(begin, all[i].stat, all[i].minutes) == want);
  }
}

/* A slot of 01:38:00: once a day then; each quarter at 08, 23, 38, 53 minutes past. */
static void turns(void **state)
{
  qf_us now = 0, want = 0;
  static const struct {
    const char *now, *quarter, *day;
  } all[] = {{"2025-11-08 01:37:59", "2025-11-08 01:38:00", "2025-11-08 01:38:00"},
             {"2025-11-08 01:38:00", "2025-11-08 01:53:00", "2025-11-09 01:38:00"},
             {"2025-11-08 23:59:00", "2025-11-09 00:08:00", "2025-11-09 01:38:00"}};
  (void)state;
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    assert_int_equal(qf_necc_time(all[i].now, 19, &now), QF_OK);
    assert_int_equal(qf_necc_time(all[i].quarter, 19, &want), QF_OK);
    assert_true(qf_necc_turn(now, 5880, 900) == want);
    assert_int_equal(qf_necc_time(all[i].day, 19, &want), QF_OK);
    assert_true(qf_necc_turn(now, 5880, 86400) == want);
  }
}

static qf_necc_record record(void)
{
  qf_necc_record r = {.code = E, .value = {12345, -2}, .input = 4, .stat = QF_NECC_DAY, .scope = 1, .valid = true};
  assert_int_equal(qf_necc_time("2025-11-08 00:00:00", 19, &r.at), QF_OK);
  assert_int_equal(qf_necc_time("2025-11-09 01:38:00", 19, &r.uploaded), QF_OK);
  return r;
}

static void upload_there_and_back(void **state)
{
  qf_necc_cipher *c = cipher(PUBLIC_KEY), *other = cipher("0123456789ABCDEFFEDCBA9876543211");
  const qf_necc_sender who = {"dev1", "91210800QF00000011", c};
  qf_necc_record r[2] = {record(), record()}, got;
  qf_necc_upload u;
  qf_buf b;
  qf_err err = {0};
  (void)state;
  r[1].valid = false;
  r[1].value = (qf_num){-7, 3};
  qf_buf_init(&b, 100000);
  assert_int_equal(qf_necc_put_upload(&b, &who, r, 2, &err), QF_OK);
  assert_non_null(
      strstr(b.data, "\"dataValue\":\"8903e2e3f6b843f58fa45deaf1b6a32a\"")); /* 123.45, as the vector above */
  assert_non_null(strstr(b.data, "\"statType\":\"b265308ec733dc5cd02ea745329dc5f9\""));
  assert_int_equal(qf_necc_read(b.data, b.len, &u, &err), QF_OK);
  assert_string_equal(u.device, "dev1");
  assert_string_equal(u.enterprise, "91210800QF00000011");
  assert_int_equal(u.n, 2);
  for (size_t i = 0; i < 2; i++) {
    assert_int_equal(qf_necc_datum(&u, i, c, &got, &err), QF_OK);
    assert_string_equal(got.code, E);
    assert_int_equal(qf_num_cmp(got.value, r[i].value), 0);
    assert_true(got.input == 4 && got.stat == QF_NECC_DAY && got.scope == 1 && got.valid == r[i].valid);
    assert_true(got.at == r[i].at && got.uploaded == r[i].uploaded);
  }
  assert_int_equal(qf_necc_datum(&u, 0, other, &got, &err), QF_CORRUPT);
  assert_non_null(strstr(err.en, "datum 1: dataCode"));
  qf_necc_upload_fini(&u);
  for (size_t n = 0; n < b.len; n++) /* cut anywhere: no message */
    assert_int_equal(qf_necc_read(b.data, n, &u, &err), QF_SYNTAX);
  qf_buf_fini(&b);
  qf_necc_cipher_free(c);
  qf_necc_cipher_free(other);
}

/* One field replaced by other words, encrypted as it should be. */
static void wrong_fields(void **state)
{
  static const struct {
    const char *field, *plain;
  } all[] = {{"dataCode", "00-00-0000-993300-11"},
             {"dataValue", "12,5"},
             {"dataValue", ""},
             {"dataValue", "1e99"},
             {"inputType", "0"},
             {"inputType", "6"},
             {"statType", "4"},
             {"statType", "00"},
             {"statDate", "2025-11-31 00:00:00"},
             {"uploadDate", "yesterday"},
             {"scope", "0"},
             {"scope", "5"},
             {"valid", "2"},
             {"valid", "yes"}};
  qf_necc_cipher *c = cipher(PUBLIC_KEY);
  const qf_necc_sender who = {"d", "91210800QF00000011", c};
  qf_necc_record r = record(), got;
  qf_buf b, hex;
  qf_err err;
  (void)state;
  qf_buf_init(&b, 100000);
  assert_int_equal(qf_necc_put_upload(&b, &who, &r, 1, &err), QF_OK);
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    qf_necc_upload u;
    qf_buf_init(&hex, 1000);
    assert_true(qf_necc_seal(c, all[i].plain, strlen(all[i].plain), &hex));
    assert_int_equal(qf_necc_read(b.data, b.len, &u, &err), QF_OK);
    json_t *d = json_array_get(u.data, 0);
    assert_int_equal(json_object_set_new(d, all[i].field, json_string(hex.data)), 0);
    assert_int_not_equal(qf_necc_datum(&u, 0, c, &got, &err), QF_OK);
    assert_true(err.en[0] && err.zh[0]);
    assert_int_equal(json_object_del(d, all[i].field), 0);
    assert_int_equal(qf_necc_datum(&u, 0, c, &got, &err), QF_SYNTAX);
    assert_non_null(strstr(err.en, all[i].field));
    qf_necc_upload_fini(&u);
    qf_buf_fini(&hex);
  }
  qf_buf_fini(&b);
  qf_necc_cipher_free(c);
}

static void wrong_bodies(void **state)
{
  static const char *const all[] = {"",
                                    "[]",
                                    "{}",
                                    "{\"enterpriseCode\":17}",
                                    "{\"enterpriseCode\":\"9121 800QF00000011\"}",
                                    "{\"enterpriseCode\":\"91210800QF00000011x\"}",
                                    "{\"enterpriseCode\":\"A\",\"data\":{}}",
                                    "{\"enterpriseCode\":\"A\",\"enterpriseCode\":\"B\"}"};
  (void)state;
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    qf_necc_upload u;
    qf_err err = {0};
    assert_int_equal(qf_necc_read(all[i], strlen(all[i]), &u, &err), QF_SYNTAX);
    assert_true(err.en[0] && err.zh[0]);
  }
}

static void dictionary(void **state)
{
  qf_buf b;
  char version[17];
  (void)state;
  qf_buf_init(&b, 65536);
  qf_necc_dictionary(&b);
  json_t *j = json_loadb(b.data, b.len, JSON_REJECT_DUPLICATES, NULL);
  assert_true(json_is_object(j));
  assert_int_equal(json_array_size(json_object_get(j, "energy")), 40); /* P205-1: 01 .. 40 */
  assert_int_equal(json_array_size(json_object_get(j, "dataType")), 10);
  assert_int_equal(json_array_size(json_object_get(j, "inputType")), 5);
  assert_int_equal(json_array_size(json_object_get(j, "statType")), 4);
  assert_int_equal(json_array_size(json_object_get(j, "scope")), 4);
  json_decref(j);
  assert_int_equal(qf_necc_dictionary_version(version), QF_OK);
  assert_int_equal(strlen(version), 16);
  qf_buf_fini(&b);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(vectors),
                                     cmocka_unit_test(what_is_not_decrypted),
                                     cmocka_unit_test(codes),
                                     cmocka_unit_test(times),
                                     cmocka_unit_test(windows),
                                     cmocka_unit_test(turns),
                                     cmocka_unit_test(upload_there_and_back),
                                     cmocka_unit_test(wrong_fields),
                                     cmocka_unit_test(wrong_bodies),
                                     cmocka_unit_test(dictionary)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
