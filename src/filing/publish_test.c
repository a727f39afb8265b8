/* A publication takes the kernel's value; a changed record is restated once, by the difference worked out by hand:
 * diesel, ef.diesel = 3.095909637 tCO2/t (packs/city/data/factors.csv): 100 t = 309.5909637; 110 t = 340.55006007. */
#include "base/test_dir.h"
#include "filing/publish.h"
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { MONTH = 2024 * 12 + 7 }; /* 2024-08; the clock stands in 2024-10 */

static qf_us fixed_now(void *ud)
{
  (void)ud;
  return qf_day_cn_start(20000) + 12 * QF_US_HOUR;
}

static int drop(const char *path, const struct stat *st, int kind, struct FTW *w)
{
  (void)st;
  (void)kind;
  (void)w;
  return remove(path);
}

static qf_city *open_city(const char *dir)
{
  qf_city *c = NULL;
  qf_err err = {0};
  const qf_city_opts o = {.clock = {fixed_now, NULL}};
  if (qf_city_open(dir, &o, &c, &err))
    fail_msg("%s", err.en);
  return c;
}

static void put(qf_city *c, const char *json)
{
  qf_err err = {0};
  uint64_t seq;
  json_t *j = json_loads(json, 0, NULL);
  assert_non_null(j);
  if (qf_city_records(c, j, &seq, &err))
    fail_msg("%s", err.en);
  json_decref(j);
}

static void diesel(qf_city *c, int tonnes)
{
  char json[400];
  snprintf(json, sizeof json,
           "[{\"type\":\"energy_monthly\",\"id\":\"e\",\"data\":{\"subject\":\"t1\",\"month\":%d,"
           "\"carrier\":\"diesel\",\"flow\":\"purchase\",\"quantity\":\"%d\"}}]",
           MONTH, tonnes);
  put(c, json);
}

typedef struct told {
  int n;
  char old[64], now[64], difference[64], cause[2000];
} told;

static bool on_told(void *ud, const qf_cell *v, size_t n)
{
  told *t = ud;
  assert_int_equal(n, 4);
  t->n++;
  snprintf(t->old, sizeof t->old, "%s", v[0].s);
  snprintf(t->now, sizeof t->now, "%s", v[1].s);
  snprintf(t->difference, sizeof t->difference, "%s", v[2].s);
  snprintf(t->cause, sizeof t->cause, "%s", v[3].s);
  return true;
}

/* A restatement is journalled by one look and in the book after the next. */
static told restated(qf_city *c)
{
  told t = {.n = 0};
  qf_err err = {0};
  assert_int_equal(qf_city_settle(c, &err), QF_OK);
  assert_int_equal(qf_city_settle(c, &err), QF_OK);
  if (qf_book_query(qf_city_book(c),
                    "SELECT CAST(old_value AS VARCHAR), CAST(new_value AS VARCHAR), CAST(difference AS VARCHAR), cause "
                    "FROM rec_restatement ORDER BY seq",
                    NULL, 0, on_told, &t, &err))
    fail_msg("%s", err.en);
  return t;
}

static json_t *row(int from, int to)
{
  return json_pack("[{s:s, s:s, s:i, s:i, s:s}]", "figure", "industry.co2_total", "subject", "t1", "period_from", from,
                   "period_to", to, "value", "1");
}

static void publish(qf_city *c)
{
  qf_err err = {0};
  json_t *rows = row(MONTH, MONTH), *data = json_array_get(rows, 0);
  if (qf_publication_fill(c, "publication", rows, &err))
    fail_msg("%s", err.en);
  assert_string_equal(json_string_value(json_object_get(data, "value")), "309.5909637");
  assert_string_equal(json_string_value(json_object_get(data, "unit")), "tCO2");
  assert_string_equal(json_string_value(json_object_get(data, "factors")), "[\"ef.diesel@1\"]");
  json_t *list = json_pack("[{s:s, s:s, s:O}]", "type", "publication", "id", "p", "data", data);
  uint64_t seq;
  if (qf_city_records(c, list, &seq, &err))
    fail_msg("%s", err.en);
  json_decref(list);
  json_decref(rows);
}

static void refuses(qf_city *c)
{
  qf_err err = {0};
  json_t *running = row(2024 * 12 + 9, 2024 * 12 + 9), *empty = row(MONTH - 24, MONTH - 24), *other = row(1, 0);
  assert_int_equal(qf_publication_fill(c, "publication", running, &err), QF_STATE);
  assert_int_equal(qf_publication_fill(c, "publication", empty, &err), QF_STATE);
  assert_int_equal(qf_publication_fill(c, "publication", other, &err), QF_RANGE);
  assert_int_equal(qf_publication_fill(c, "target", other, &err), QF_OK);
  assert_string_equal(json_string_value(json_object_get(json_array_get(other, 0), "value")), "1");
  json_decref(running);
  json_decref(empty);
  json_decref(other);
}

static void test_restated_once(void **state)
{
  char dir[64];
  (void)state;
  assert_non_null(qf_test_dir(dir, sizeof dir, "publish"));
  qf_city *c = open_city(dir);
  put(c, "[{\"type\":\"subject\",\"id\":\"t1\",\"data\":{\"kind\":\"unit\",\"parent\":\"210800\",\"name_zh\":\"试\","
         "\"name_en\":\"T\"}}]");
  diesel(c, 100);
  refuses(c);
  publish(c);
  assert_int_equal(restated(c).n, 0);
  diesel(c, 110);
  told t = restated(c);
  assert_int_equal(t.n, 1);
  assert_string_equal(t.old, "309.590963700");
  assert_string_equal(t.now, "340.550060070");
  assert_string_equal(t.difference, "30.959096370");
  assert_non_null(strstr(t.cause, "\"energy_monthly\""));
  assert_non_null(strstr(t.cause, "\"readings\":false"));
  assert_int_equal(restated(c).n, 1);
  qf_city_close(c);
  c = open_city(dir); /* what is told stays told */
  assert_int_equal(restated(c).n, 1);
  diesel(c, 100); /* back to what was published: that is told, too */
  t = restated(c);
  assert_int_equal(t.n, 2);
  assert_string_equal(t.now, "309.590963700");
  assert_string_equal(t.difference, "-30.959096370");
  qf_city_close(c);
  nftw(dir, drop, 16, FTW_DEPTH | FTW_PHYS);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_restated_once)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
