/* Pushed readings, JSON and CSV. 2026-11-22T08:00:00+08:00 is 20779 days after 1970-01-01 (56 * 365 + 14 leap days + 325), 00:00 UTC. */
#include "wire/push.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the headers above first */
#include <cmocka.h>

#define T0 (INT64_C(20779) * 86400 * 1000000)

typedef struct tally {
  unsigned good, bad;
  uint64_t first_bad;
  qf_err why;
} tally;

/* Read a body to its end; the items to out[0..cap). */
static qf_rc run(bool csv, const char *s, size_t n, qf_push_item *out, size_t cap, tally *t)
{
  char *copy = malloc(n ? n : 1);
  memcpy(copy, s, n);
  qf_push p;
  qf_push_item it;
  qf_err err = {0};
  *t = (tally){0};
  qf_rc rc = csv ? qf_push_csv(&p, copy, n, &err) : qf_push_json(&p, copy, n, &err);
  if (rc) {
    assert_true(err.en[0] && err.zh[0]);
    t->why = err;
  }
  for (qf_rc got; !rc && (got = qf_push_next(&p, &it, &err)) != QF_NOTFOUND;) {
    assert_true(got == QF_OK || (got == QF_PARTIAL && err.en[0] && err.zh[0]));
    if (got && t->bad++ == 0) {
      t->first_bad = it.nth;
      t->why = err;
    }
    if (!got && t->good < cap)
      out[t->good] = it;
    t->good += !got;
  }
  qf_push_fini(&p);
  free(copy);
  return rc;
}

static void item_is(const qf_push_item *it, const char *name, bool by_point, qf_us t, int64_t mant, int exp)
{
  assert_string_equal(it->name, name);
  assert_int_equal(it->name_len, strlen(name));
  assert_int_equal(it->by_point, by_point);
  assert_true(it->ts_us == t);
  if (it->v.mant != mant || it->v.exp != exp)
    fail_msg("%lld e%d", (long long)it->v.mant, it->v.exp);
}

static void json(void **st)
{
  (void)st;
  static const char s[] =
      "{\"readings\":[\n"
      " {\"series\":\"meter,unit=u001,name=main "
      "kwh\",\"time\":\"2026-11-22T08:00:00+08:00\",\"value\":\"88017.10\",\"unit\":\"kWh\"},\n"
      " {\"point\":\"E-17\",\"time\":1795305600123.5,\"value\":12.300,\"quality\":\"manual\"},\n"
      " {\"value\":true,\"time\":\"1795305600000\",\"point\":42},\n"
      " {\"series\":\"\\u84b8\\u6c7d,a=b\\\\ c v\",\"time\":1795305600000,\"value\":-1.5e-3,\"quality\":\"invalid\"},\n"
      " {\"series\":\"m v\",\"time\":1795305600000,\"value\":1234567890123456789012}]}";
  qf_push_item it[8];
  tally t;
  assert_int_equal(run(false, s, strlen(s), it, 8, &t), QF_OK);
  assert_true(t.good == 5 && t.bad == 0);
  item_is(&it[0], "meter,name=main,unit=u001 kwh", false, T0, 8801710, -2); /* tags sorted, every digit kept */
  assert_string_equal(it[0].unit, "kWh");
  item_is(&it[1], "E-17", true, INT64_C(1795305600123500), 12300, -3);
  assert_int_equal(it[1].flags, QF_RD_MANUAL);
  item_is(&it[2], "42", true, T0, 1, 0);
  assert_int_equal(it[2].flags, QF_RD_BOOL);
  item_is(&it[3], "蒸汽,a=b\\ c v", false, T0, -15, -4);
  assert_int_equal(it[3].flags, QF_RD_SENTINEL);
  assert_int_equal(it[4].flags, QF_RD_INEXACT);
  assert_int_equal(it[4].nth, 5);
}

static void json_items_refused(void **st)
{
  (void)st;
#define W "\"time\":1795305600000"
  static const char *const t[] = {
      "{\"series\":\"m v\"," W "}",                             /* no value */
      "{" W ",\"value\":1}",                                    /* no name */
      "{\"series\":\"m v\",\"point\":\"p\"," W ",\"value\":1}", /* two names */
      "{\"series\":\"m v\",\"value\":1}",                       /* no time */
      "{\"series\":\"m v\"," W ",\"value\":null}",
      "{\"series\":\"m v\"," W ",\"value\":\"\"}",
      "{\"series\":\"m v\"," W ",\"value\":\"12,5\"}",
      "{\"series\":\"m v\"," W ",\"value\":\"NaN\"}",
      "{\"series\":\"m v\"," W ",\"value\":1e99}",
      "{\"series\":\"m v\"," W ",\"value\":[1,[2]]}",
      "{\"series\":\"m v\"," W ",\"value\":1,\"value\":1}",
      "{\"series\":\"m v\"," W ",\"value\":1,\"quallity\":{\"a\":[]}}",
      "{\"series\":\"m v\"," W ",\"value\":1,\"quality\":\"fine\"}",
      "{\"series\":\"m\"," W ",\"value\":1}", /* no field */
      "{\"series\":\"m,a=1,a=2 v\"," W ",\"value\":1}",
      "{\"series\":\"m\\nv v\"," W ",\"value\":1}",
      "{\"series\":7," W ",\"value\":1}",
      "{\"point\":\"\"," W ",\"value\":1}",
      "{\"series\":\"m v\",\"time\":\"yesterday\",\"value\":1}",
      "{\"series\":\"m v\",\"time\":-1,\"value\":1}",
      "{\"series\":\"m v\",\"time\":7258118400000,\"value\":1}",
      "{\"series\":\"m v\"," W ",\"value\":1,\"unit\":\"123456789012345678901234567890123\"}",
      "[]",
      "7",
      "{}",
  };
  for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
    char s[400];
    qf_push_item it[2];
    tally got;
    int n = snprintf(s, sizeof s, "[{\"series\":\"a v\"," W ",\"value\":1},%s,{\"series\":\"b v\"," W ",\"value\":2}]",
                     t[i]);
    assert_int_equal(run(false, s, (size_t)n, it, 2, &got), QF_OK);
    if (got.good != 2 || got.bad != 1 || got.first_bad != 2)
      fail_msg("%s: %u taken, %u refused", t[i], got.good, got.bad);
    item_is(&it[1], "b v", false, T0, 2, 0); /* the reader is in step behind it */
  }
}

/* A body that is no JSON to its last byte, or not of the form, is refused whole. */
static void bodies_refused(void **st)
{
  (void)st;
  static const char good[] = "{\"readings\":[{\"series\":\"a v\"," W ",\"value\":1}]}";
  static const char *const t[] = {
      "", "7", "{}", "{\"x\":[]}", "{\"readings\":{}}", "{\"readings\":[],\"more\":1}", "[[[[[[[[[1]]]]]]]]]", "[1] 2"};
  tally got;
  assert_int_equal(run(false, good, strlen(good), NULL, 0, &got), QF_OK);
  assert_int_equal(got.good, 1);
  for (size_t n = 0; n < strlen(good); n++)
    assert_int_not_equal(run(false, good, n, NULL, 0, &got), QF_OK);
  for (size_t i = 0; i < sizeof t / sizeof *t; i++)
    if (run(false, t[i], strlen(t[i]), NULL, 0, &got) == QF_OK)
      fail_msg("%s", t[i]);
  assert_int_equal(run(false, "[]", 2, NULL, 0, &got), QF_OK);
  assert_int_equal(run(false, "{\"readings\":[]}", 15, NULL, 0, &got), QF_OK);
  char s[sizeof good];
  for (size_t i = 0; i < strlen(good); i++)
    for (unsigned x = 1; x < 256; x++) {
      memcpy(s, good, sizeof s);
      s[i] = (char)(s[i] ^ (char)x);
      (void)!run(false, s, strlen(good), NULL, 0, &got);
    }
}

static void csv(void **st)
{
  (void)st;
  static const char s[] = "time,point,value,unit\n"
                          "2026-11-22T08:00:00+08:00,E-17,12.30,kWh\n"
                          "2026-11-22 08:00,E-17,12.30,\n" /* Beijing time */
                          "1795305600000,\"a,b\",-7,\n"
                          "\n"
                          "1795305600000,E-17,12;5,\n"
                          "1795305600000,E-17,1\n"
                          "1795305600000,E-17,true,\n";
  static const char zh[] = "\xEF\xBB\xBF时间;数值;序列\r\n1795305600000;0.50;m,b=1,a=2 v\r\n";
  qf_push_item it[8];
  tally t;
  assert_int_equal(run(true, s, strlen(s), it, 8, &t), QF_OK);
  assert_true(t.good == 4 && t.bad == 2 && t.first_bad == 6);
  item_is(&it[0], "E-17", true, T0, 1230, -2);
  assert_string_equal(it[0].unit, "kWh");
  item_is(&it[1], "E-17", true, T0, 1230, -2);
  assert_string_equal(it[1].unit, "");
  item_is(&it[2], "a,b", true, T0, -7, 0);
  item_is(&it[3], "E-17", true, T0, 1, 0);
  assert_int_equal(it[3].nth, 8);
  assert_int_equal(run(true, zh, strlen(zh), it, 8, &t), QF_OK);
  assert_true(t.good == 1 && t.bad == 0);
  item_is(&it[0], "m,a=2,b=1 v", false, T0, 50, -2);
}

static void headers_refused(void **st)
{
  (void)st;
  static const char *const t[] = {"",
                                  "time,value\n",
                                  "time,point,series,value\n",
                                  "time,point,value,colour\n",
                                  "time,time,point,value\n",
                                  "1795305600000,m v,1\n",
                                  "time,point,value\xC3\x28\n"};
  tally got;
  for (size_t i = 0; i < sizeof t / sizeof *t; i++)
    if (run(true, t[i], strlen(t[i]), NULL, 0, &got) == QF_OK)
      fail_msg("%s", t[i]);
  assert_int_equal(run(true, "time,point,value\n", 17, NULL, 0, &got), QF_OK);
  assert_true(got.good == 0 && got.bad == 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(json), cmocka_unit_test(json_items_refused), cmocka_unit_test(bodies_refused),
      cmocka_unit_test(csv),  cmocka_unit_test(headers_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
