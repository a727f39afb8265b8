/* The book: schema from packs, records and their checks, hours and days with replacement, restart, damage, export.
 * Packs here are written by the test itself, so that it stands apart from the real ones. */
#include "base/test_dir.h"
#include "book/internal.h"
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

typedef struct env {
  char root[64], packs[128], dir[128];
  qf_book *b;
} env;

static void put_file(const char *path, const char *text)
{
  FILE *f = fopen(path, "wb");
  assert_non_null(f);
  assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
  fclose(f);
}

static void remove_tree(const char *path)
{
  DIR *d = opendir(path);
  if (d) {
    for (struct dirent *e; (e = readdir(d));)
      if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0) {
        char sub[700];
        snprintf(sub, sizeof sub, "%s/%s", path, e->d_name);
        remove_tree(sub);
      }
    closedir(d);
    rmdir(path);
  } else {
    unlink(path);
  }
}

static const char factor_sql[] =
    "-- title: 系数|Factor\n-- file: admin\n"
    "CREATE TABLE factor (factor VARCHAR NOT NULL, value DECIMAL(18,9) NOT NULL CHECK (value >= 0), unit VARCHAR,"
    " valid_from DATE NOT NULL, valid_to DATE);\n"
    "COMMENT ON COLUMN factor.value IS '数值|Value [any]';\n";
static const char energy_sql[] =
    "-- title: 能源月报|Monthly energy\n-- key: subject month\n"
    "CREATE TABLE energy (subject VARCHAR NOT NULL, month INTEGER NOT NULL CHECK (month BETWEEN 24000 AND 25000),"
    " quantity DECIMAL(18,6) NOT NULL CHECK (quantity >= 0), kind VARCHAR DEFAULT 'purchase' CHECK (kind IN "
    "('purchase', 'export')), ok BOOLEAN, seen TIMESTAMP, weight DOUBLE);\n";
static const char point_sql[] = "CREATE TABLE point (subject VARCHAR, name_zh VARCHAR);\n";

static int set_up(void **state)
{
  env *e = calloc(1, sizeof *e);
  char path[300];
  assert_non_null(e);
  assert_non_null(qf_test_dir(e->root, sizeof e->root, "book"));
  snprintf(e->packs, sizeof e->packs, "%s/packs", e->root);
  snprintf(e->dir, sizeof e->dir, "%s/data", e->root);
  mkdir(e->packs, 0700);
  mkdir(e->dir, 0700);
  snprintf(path, sizeof path, "%s/city", e->packs);
  mkdir(path, 0700);
  snprintf(path, sizeof path, "%s/city/records", e->packs);
  mkdir(path, 0700);
  snprintf(path, sizeof path, "%s/city/records/factor.sql", e->packs);
  put_file(path, factor_sql);
  snprintf(path, sizeof path, "%s/city/records/energy.sql", e->packs);
  put_file(path, energy_sql);
  snprintf(path, sizeof path, "%s/city/records/point.sql", e->packs);
  put_file(path, point_sql);
  *state = e;
  return 0;
}

static int tear_down(void **state)
{
  env *e = *state;
  qf_book_close(e->b);
  remove_tree(e->root);
  free(e);
  return 0;
}

static bool open_book(env *e)
{
  qf_err err = {0};
  bool aside = false;
  qf_book_opts o = {.packs_dir = e->packs, .memory_mb = 256};
  qf_rc rc = qf_book_open(e->dir, &o, &e->b, &aside, &err);
  if (rc)
    fail_msg("open: %s", err.en);
  return aside;
}

static void reopen(env *e)
{
  qf_book_close(e->b);
  e->b = NULL;
  assert_false(open_book(e));
}

static void commit(env *e, uint64_t seq)
{
  qf_err err = {0};
  if (qf_book_commit(e->b, seq, &err))
    fail_msg("commit: %s", err.en);
}

/* First cell of the first row, as text. */
typedef struct one {
  char text[200];
  size_t rows;
} one;

static bool on_one(void *ud, const qf_cell *c, size_t n)
{
  one *o = ud;
  qf_buf b;
  if (o->rows++)
    return true;
  assert_true(n >= 1);
  qf_buf_init(&b, sizeof o->text - 1);
  if (c->kind == 1 || c->kind == 5)
    qf_buf_printf(&b, "%lld", (long long)c->i);
  else if (c->kind == 2)
    qf_dec_write(&b, c->dec);
  else if (c->kind == 3)
    qf_buf_printf(&b, "%g", c->d);
  else
    qf_buf_puts(&b, c->kind == 4 ? c->s : "null");
  snprintf(o->text, sizeof o->text, "%s", b.data);
  qf_buf_fini(&b);
  return true;
}

static const char *ask(env *e, const char *sql)
{
  static one o; /* one answer at a time, one thread */
  qf_err err = {0};
  o = (one){.text = "none"};
  if (qf_book_query(e->b, sql, NULL, 0, on_one, &o, &err))
    fail_msg("%s: %s", sql, err.en);
  return o.text;
}

static qf_rc put_record(env *e, const char *json, uint64_t seq, qf_err *err)
{
  json_t *j = json_loads(json, 0, NULL);
  assert_non_null(j);
  json_t *list = json_array();
  json_array_append(list, j);
  size_t bad = 99;
  qf_err many = {0};
  qf_rc rc = qf_book_record_check(e->b, j, err); /* as the city does: judged first, taken only when it passes */
  assert_int_equal(qf_book_records_check(e->b, list, &bad, &many), rc);
  if (rc) {
    assert_int_equal(bad, 0);
    assert_string_equal(many.en, err->en);
  } else {
    assert_int_equal(qf_book_record(e->b, j, seq, err), QF_OK);
  }
  json_decref(list);
  json_decref(j);
  return rc;
}

static void ok_record(env *e, const char *json, uint64_t seq)
{
  qf_err err = {0};
  if (put_record(e, json, seq, &err))
    fail_msg("%s: %s", json, err.en);
}

#define REC(id, version, status, data)                                                                                 \
  "{\"type\":\"energy\",\"id\":\"" id "\",\"version\":" version ",\"status\":\"" status                                \
  "\",\"by\":\"li\",\"at\":\"2025-03-01T08:00:00+08:00\",\"data\":" data "}"

static void records_become_rows_and_newest_accepted_wins(void **state)
{
  env *e = *state;
  assert_false(open_book(e));
  ok_record(e, REC("a", "1", "accepted", "{\"subject\":\"u1\",\"month\":24300,\"quantity\":1438.27}"), 1);
  ok_record(e, REC("b", "1", "draft", "{\"subject\":\"u2\",\"month\":24300,\"quantity\":\"2.5\"}"), 2);
  commit(e, 2);
  assert_string_equal(ask(e, "SELECT quantity FROM rec_energy WHERE id = 'a'"), "1438.270000");
  assert_string_equal(ask(e, "SELECT kind FROM rec_energy WHERE id = 'a'"), "purchase"); /* the default */
  assert_string_equal(ask(e, "SELECT \"at\" FROM rec_energy"), "2025-03-01T08:00:00+08:00");
  assert_string_equal(ask(e, "SELECT count(*) FROM rec_energy"), "1"); /* a draft counts nowhere */
  ok_record(e, REC("a", "2", "submitted", "{\"subject\":\"u1\",\"month\":24300,\"quantity\":9}"), 3);
  commit(e, 3);
  assert_string_equal(ask(e, "SELECT quantity FROM rec_energy WHERE id = 'a'"), "1438.270000");
  ok_record(e, REC("a", "3", "accepted", "{\"subject\":\"u1\",\"month\":24300,\"quantity\":10}"), 4);
  ok_record(e, REC("a", "4", "accepted", "{\"subject\":\"u1\",\"month\":24300,\"quantity\":11}"), 4); /* same commit */
  commit(e, 4);
  assert_string_equal(ask(e, "SELECT quantity FROM rec_energy WHERE id = 'a'"), "11.000000");
  assert_string_equal(ask(e, "SELECT count(*) FROM rec_energy_history WHERE id = 'a'"), "4");
  reopen(e);
  assert_int_equal(qf_book_applied_seq(e->b), 4);
  ok_record(e, REC("a", "5", "withdrawn", "{\"subject\":\"u1\",\"month\":24300,\"quantity\":11}"), 5);
  commit(e, 5);
  assert_string_equal(ask(e, "SELECT count(*) FROM rec_energy"), "0");
  assert_string_equal(ask(e, "SELECT quantity FROM rec_energy_history WHERE id = 'a' AND version = 1"), "1438.270000");
}

static void refuse(env *e, const char *json, qf_rc rc, const char *word)
{
  qf_err err = {0};
  assert_int_equal(put_record(e, json, 1, &err), rc);
  if (!strstr(err.en, word))
    fail_msg("'%s' does not name '%s'", err.en, word);
  assert_true(strlen(err.zh) > 0);
}

static void bad_records_are_refused_with_column_and_value(void **state)
{
  env *e = *state;
  open_book(e);
  refuse(e, REC("a", "1", "accepted", "{\"subject\":\"u\",\"month\":24300,\"quantity\":-1}"), QF_RANGE,
         "quantity = -1");
  refuse(e, REC("a", "1", "accepted", "{\"subject\":\"u\",\"month\":23999,\"quantity\":1}"), QF_RANGE, "month = 23999");
  refuse(e, REC("a", "1", "accepted", "{\"subject\":\"u\",\"month\":24300.5,\"quantity\":1}"), QF_RANGE,
         "energy.month = 24300.5");
  refuse(e, REC("a", "1", "accepted", "{\"subject\":\"u\",\"month\":true,\"quantity\":1}"), QF_RANGE, "energy.month");
  refuse(e, REC("a", "1", "accepted", "{\"subject\":7,\"month\":24300,\"quantity\":1}"), QF_RANGE,
         "energy.subject = 7");
  refuse(e, REC("a", "1", "accepted", "{\"month\":24300,\"quantity\":1}"), QF_RANGE, "energy.subject");
  refuse(e, REC("a", "1", "accepted", "{\"subject\":\"u\",\"month\":24300,\"quantity\":0.0000001}"), QF_RANGE,
         "energy.quantity");
  refuse(e, REC("a", "1", "accepted", "{\"subject\":\"u\",\"month\":24300,\"quantity\":1000000000000}"), QF_RANGE,
         "too large");
  refuse(e, REC("a", "1", "accepted", "{\"subject\":\"u\",\"month\":24300,\"quantity\":[1]}"), QF_RANGE,
         "energy.quantity");
  refuse(e, REC("a", "1", "accepted", "{\"subject\":\"u\",\"month\":24300,\"quantity\":1,\"kind\":\"gift\"}"), QF_RANGE,
         "kind = gift");
  refuse(e, REC("a", "1", "accepted", "{\"subject\":\"u\",\"month\":24300,\"quantity\":1,\"ok\":\"maybe\"}"), QF_RANGE,
         "energy.ok");
  refuse(e, REC("a", "1", "accepted", "{\"subject\":\"u\",\"month\":24300,\"quantity\":1,\"seen\":\"soon\"}"), QF_RANGE,
         "energy.seen");
  refuse(e, REC("a", "1", "accepted", "{\"subject\":\"u\",\"month\":24300,\"quantity\":1,\"colour\":\"red\"}"),
         QF_SYNTAX, "colour");
  refuse(e, REC("a", "0", "accepted", "{\"subject\":\"u\",\"month\":24300,\"quantity\":1}"), QF_RANGE, "version");
  refuse(e, REC("a", "1", "lost", "{\"subject\":\"u\",\"month\":24300,\"quantity\":1}"), QF_RANGE, "lost");
  refuse(e, "{\"type\":\"nothing\",\"id\":\"a\",\"version\":1,\"status\":\"accepted\",\"by\":\"li\",\"data\":{}}",
         QF_SYNTAX, "nothing");
  refuse(e,
         "{\"type\":\"factor\",\"id\":\"k.x\",\"version\":1,\"status\":\"accepted\",\"by\":\"li\",\"data\":{\"factor\":"
         "\"k.x\",\"value\":1,"
         "\"valid_from\":\"2020-01-01\"}}",
         QF_RANGE, "k.x@<edition>");
  commit(e, 1);
  assert_string_equal(ask(e, "SELECT count(*) FROM rec_energy_history"), "0");
}

static void factor(env *e, const char *id, const char *value, const char *from, const char *to, uint64_t seq)
{
  char json[500], until[40];
  snprintf(until, sizeof until, to ? "\"%s\"" : "null%s", to ? to : "");
  snprintf(json, sizeof json,
           "{\"type\":\"factor\",\"id\":\"%s\",\"version\":1,\"status\":\"accepted\",\"by\":\"li\",\"data\":{"
           "\"factor\":\"%.*s\",\"value\":\"%s\","
           "\"unit\":\"kgce/kWh\",\"valid_from\":\"%s\",\"valid_to\":%s}}",
           id, (int)(strchr(id, '@') - id), id, value, from, until);
  ok_record(e, json, seq);
}

static void factor_month_takes_the_edition_of_the_first_day(void **state)
{
  env *e = *state;
  open_book(e);
  factor(e, "k.electricity@1", "0.1229", "2016-01-01", "2021-04-01", 1);
  factor(e, "k.electricity@2", "0.1230", "2021-04-01", NULL, 1);
  factor(e, "ef.grid@1", "0.6101", "2020-01-01", "2021-01-01", 1);
  factor(e, "ef.grid@2", "0.5810", "2022-01-01", "2023-01-01", 1);
  commit(e, 1);
  /* month = year*12 + month-1 */
  assert_string_equal(ask(e, "SELECT version FROM factor_month WHERE factor = 'k.electricity' AND month = 2021*12+2"),
                      "1"); /* March 2021 */
  assert_string_equal(ask(e, "SELECT version FROM factor_month WHERE factor = 'k.electricity' AND month = 2021*12+3"),
                      "2"); /* April 2021 */
  assert_string_equal(ask(e, "SELECT outside FROM factor_month WHERE factor = 'k.electricity' AND month = 2021*12+3"),
                      "0");
  assert_string_equal(ask(e, "SELECT outside FROM factor_month WHERE factor = 'k.electricity' AND month = 2015*12"),
                      "1");
  /* 2021: none valid. 1 March 2021 is 60 days after the end of @1 and 306 before @2; 1 December is nearer to @2. */
  assert_string_equal(ask(e, "SELECT id FROM factor_month WHERE factor = 'ef.grid' AND month = 2021*12+2"),
                      "ef.grid@1");
  assert_string_equal(ask(e, "SELECT id FROM factor_month WHERE factor = 'ef.grid' AND month = 2021*12+11"),
                      "ef.grid@2");
  assert_string_equal(ask(e, "SELECT id FROM factor_month WHERE factor = 'ef.grid' AND month = 2025*12"), "ef.grid@2");
  factor(e, "ef.grid@3", "0.5306", "2023-01-01", NULL, 2); /* a later edition restates what was outside */
  commit(e, 2);
  assert_string_equal(ask(e, "SELECT id FROM factor_month WHERE factor = 'ef.grid' AND month = 2025*12"), "ef.grid@3");
  assert_string_equal(ask(e, "SELECT outside FROM factor_month WHERE factor = 'ef.grid' AND month = 2025*12"), "0");
}

static qf_hour hour_of(uint32_t point, int64_t h, int64_t q)
{
  return (qf_hour){
      .point = point, .hour_us = h * QF_US_HOUR, .q = {q, q, q, 0}, .status = {1, 2, 3, 0}, .rules = 4, .readings = 60};
}

static qf_day day_of(uint32_t point, int32_t day, int64_t v)
{
  return (qf_day){.point = point,
                  .day = day,
                  .value = v,
                  .estimated = v / 4,
                  .quarters = 96,
                  .quarters_estimated = 24,
                  .peak = v / 90,
                  .peak_us = qf_day_cn_start(day)};
}

static void put_hour(env *e, uint32_t point, int64_t h, int64_t q)
{
  qf_err err;
  qf_hour x = hour_of(point, h, q);
  assert_int_equal(qf_book_hours(e->b, &x, 1, &err), QF_OK);
}

static void put_day(env *e, uint32_t point, int32_t day, int64_t v)
{
  qf_err err;
  qf_day x = day_of(point, day, v);
  assert_int_equal(qf_book_days(e->b, &x, 1, &err), QF_OK);
}

static void hours_and_days_replace(void **state)
{
  env *e = *state;
  open_book(e);
  put_hour(e, 1, 1000, 1500000);
  put_hour(e, 1, 1000, 2500000); /* later of two in one commit */
  put_hour(e, 2, 1000, 7);
  put_day(e, 1, 20000, 96000000);
  commit(e, 1);
  assert_string_equal(ask(e, "SELECT count(*) FROM interval_hour"), "2");
  assert_string_equal(ask(e, "SELECT q1 FROM interval_hour WHERE point = 1"), "2.500000");
  assert_string_equal(ask(e, "SELECT q4 FROM interval_hour WHERE point = 1"), "null"); /* missing is not zero */
  put_hour(e, 1, 1000, 3000000); /* the open hour again: in place */
  put_hour(e, 1, 1001, 4000000);
  put_day(e, 1, 20000, 97000000);
  commit(e, 2);
  assert_string_equal(ask(e, "SELECT q1 FROM interval_hour WHERE point = 1 AND hour = TIMESTAMP '1970-02-11 16:00:00'"),
                      "3.000000"); /* 1000 h */
  assert_string_equal(ask(e, "SELECT count(*) FROM interval_hour WHERE point = 1"), "2");
  assert_string_equal(ask(e, "SELECT value FROM account_day"), "97.000000");
  reopen(e);
  put_hour(e, 1, 990, 1);        /* late, new */
  put_hour(e, 1, 1000, 5000000); /* late, replaces */
  put_day(e, 1, 19990, 5);
  put_day(e, 1, 20000, 98000000);
  commit(e, 3);
  assert_string_equal(ask(e, "SELECT count(*) FROM interval_hour WHERE point = 1"), "3");
  assert_string_equal(ask(e, "SELECT q1 FROM interval_hour WHERE point = 1 AND hour = TIMESTAMP '1970-02-11 16:00:00'"),
                      "5.000000");
  assert_string_equal(ask(e, "SELECT sum(value) FROM account_day"), "98.000005");
}

static void values_past_what_can_be_kept_are_missing(void **state)
{
  env *e = *state;
  open_book(e);
  put_hour(e, 1, 1000, INT64_C(2000000000000000000));
  put_day(e, 1, 20000, INT64_C(2000000000000000000));
  commit(e, 1);
  assert_string_equal(ask(e, "SELECT q1 FROM interval_hour"), "null");
  assert_string_equal(ask(e, "SELECT s1 FROM interval_hour"), "0");
  assert_string_equal(ask(e, "SELECT value FROM account_day"), "null");
}

static void restart_drops_what_was_there_from_then_on(void **state)
{
  env *e = *state;
  qf_err err = {0};
  open_book(e);
  for (int h = 0; h < 48; h++) /* Beijing days 20000 and 20001 */
    put_hour(e, 1, (qf_day_cn_start(20000) / QF_US_HOUR) + h, 1000000);
  put_day(e, 1, 20000, 1);
  put_day(e, 1, 20001, 2);
  put_day(e, 2, 20001, 3);
  commit(e, 1);
  put_day(e, 1, 20001, 4); /* pending, then taken back */
  assert_int_equal(qf_book_restart(e->b, 1, qf_day_cn_start(20001), &err), QF_OK);
  put_hour(e, 1, qf_day_cn_start(20001) / QF_US_HOUR, 2000000);
  put_hour(e, 1, qf_day_cn_start(20001) / QF_US_HOUR + 23, 9000000); /* the hour thought newest, no longer there */
  commit(e, 2);
  assert_string_equal(ask(e, "SELECT count(*) FROM interval_hour"), "26");
  assert_string_equal(ask(e, "SELECT max(q1) FROM interval_hour"), "9.000000");
  assert_string_equal(ask(e, "SELECT count(*) FROM account_day WHERE point = 1"), "1");
  assert_string_equal(ask(e, "SELECT count(*) FROM account_day WHERE point = 2"), "1");
  put_day(e, 1, 20001, 6);
  commit(e, 3);
  assert_string_equal(ask(e, "SELECT value FROM account_day WHERE point = 1 AND day = DATE '2024-10-05'"),
                      "0.000006"); /* day 20001 */
}

static void changes_are_told(void **state)
{
  env *e = *state;
  open_book(e);
  uint64_t g = qf_book_generation(e->b);
  qf_book_change c;
  put_day(e, 1, 20000, 1);
  commit(e, 1);
  put_day(e, 1, 20005, 1);
  commit(e, 2);
  qf_book_changed_since(e->b, g, &c);
  assert_false(c.unknown);
  assert_true(c.types[0] == 0);
  assert_int_equal(c.first_day, 20000);
  qf_book_changed_since(e->b, g + 1, &c);
  assert_int_equal(c.first_day, 20005);
  ok_record(e, REC("a", "1", "accepted", "{\"subject\":\"u1\",\"month\":24300,\"quantity\":1}"), 3);
  commit(e, 3);
  qf_book_changed_since(e->b, g + 2, &c);
  assert_int_equal(c.first_day, INT32_MAX);
  uint32_t i = 0;
  while (!(c.types[0] >> i & 1))
    i++;
  assert_string_equal(qf_book_type_name(e->b, i), "energy");
  assert_true(c.types[0] == UINT64_C(1) << i);
  qf_book_changed_since(e->b, 0, &c); /* nobody was given generation 0 */
  assert_true(c.unknown);
}

static void a_query_may_look_from_a_day_on(void **state)
{
  env *e = *state;
  qf_err err = {0};
  one o = {.text = ""};
  open_book(e);
  for (int d = 0; d < 10; d++) {
    put_day(e, 1, 20000 + d, 1000000);
    put_hour(e, 1, qf_day_cn_start(20000 + d) / QF_US_HOUR, 1);
  }
  commit(e, 1);
  static const char sql[] = "SELECT (SELECT count(*) FROM account_day) * 100 + (SELECT count(*) FROM interval_hour)";
  assert_int_equal(qf_book_query_since(e->b, 20007, sql, NULL, 0, on_one, &o, &err), QF_OK);
  assert_string_equal(o.text, "303");
  o.rows = 0;
  assert_int_equal(qf_book_query_since(e->b, 20009, sql, NULL, 0, on_one, &o, &err), QF_OK);
  assert_string_equal(o.text, "101");
  assert_string_equal(ask(e, sql), "1010");
}

static bool on_every_kind(void *ud, const qf_cell *c, size_t n)
{
  ++*(size_t *)ud;
  assert_int_equal(n, 5);
  assert_true(c[0].kind == 1 && c[0].i == 42);
  assert_true(c[1].kind == 4 && c[1].len == strlen("清风") && strcmp(c[1].s, "清风") == 0);
  assert_int_equal(c[2].kind, 0);
  assert_true(c[3].kind == 2 && c[3].dec.mant == 150 && c[3].dec.scale == 2 && strcmp(c[4].s, "2025-03-01") == 0);
  return true;
}

static void queries_read_only_and_one_statement(void **state)
{
  env *e = *state;
  qf_err err = {0};
  one o = {.text = ""};
  open_book(e);
  assert_int_not_equal(qf_book_query(e->b, "DELETE FROM series", NULL, 0, on_one, &o, &err), QF_OK);
  assert_int_not_equal(qf_book_query(e->b, "SELECT 1; SELECT 2", NULL, 0, on_one, &o, &err), QF_OK);
  assert_int_not_equal(qf_book_query(e->b, "SELECT * FROM read_csv('/etc/passwd')", NULL, 0, on_one, &o, &err), QF_OK);
  assert_int_not_equal(qf_book_query(e->b, "SET threads = 8", NULL, 0, on_one, &o, &err), QF_OK);
  assert_int_not_equal(qf_book_query(e->b, "LOAD sqlite", NULL, 0, on_one, &o, &err), QF_OK);
  assert_int_equal(qf_book_query(e->b, "SELEC 1", NULL, 0, on_one, &o, &err), QF_SYNTAX);
  qf_param p[2] = {{.kind = 1, .i = 40}, {.kind = 4, .s = "清风"}};
  size_t rows = 0;
  assert_int_equal(
      qf_book_query(e->b,
                    "SELECT ?1 + 2 AS n, ?2 AS s, NULL AS x, CAST('1.50' AS DECIMAL(9,2)) AS d, DATE '2025-03-01' AS t",
                    p, 2, on_every_kind, &rows, &err),
      QF_OK);
  assert_int_equal(rows, 1);
}

static void break_file(const char *path, long at, const char *bytes, size_t n)
{
  FILE *f = fopen(path, "r+b");
  assert_non_null(f);
  fseek(f, at, SEEK_SET);
  fwrite(bytes, 1, n, f);
  fclose(f);
}

static long copy_file(const char *from, const char *to)
{
  static char buf[1 << 16]; /* scratch of one thread */
  long size = 0;
  FILE *a = fopen(from, "rb"), *b = fopen(to, "wb");
  assert_true(a && b);
  for (size_t n; (n = fread(buf, 1, sizeof buf, a)) > 0; size += (long)n)
    assert_int_equal(fwrite(buf, 1, n, b), n);
  fclose(a);
  assert_int_equal(fclose(b), 0);
  return size;
}

static void a_damaged_file_is_set_aside(void **state)
{
  env *e = *state;
  char path[300], zero[4096] = {0};
  open_book(e);
  put_day(e, 1, 20000, 1);
  commit(e, 7);
  qf_book_close(e->b);
  e->b = NULL;
  snprintf(path, sizeof path, "%s/book.duckdb", e->dir);
  break_file(path, 0, zero, sizeof zero); /* the main header */
  assert_true(open_book(e));
  assert_int_equal(qf_book_applied_seq(e->b), 0);
  assert_string_equal(ask(e, "SELECT count(*) FROM account_day"), "0");
  snprintf(path, sizeof path, "%s/book.duckdb.damaged-1", e->dir);
  assert_int_equal(access(path, F_OK), 0);
  reopen(e); /* and is sound now */
  /* A flipped bit in the middle of the log, as found after a crash: DuckDB refuses the file; it goes aside under the next number. */
  for (int i = 0; i < 20; i++) {
    put_day(e, 1, 20001 + i, i);
    commit(e, 9 + (uint64_t)i);
  }
  char copy[300], wal[300];
  snprintf(copy, sizeof copy, "%s/crash", e->root);
  mkdir(copy, 0700);
  snprintf(wal, sizeof wal, "%s/book.duckdb.wal", e->dir);
  snprintf(path, sizeof path, "%s/crash/book.duckdb.wal", e->root);
  long size = copy_file(wal, path);
  assert_true(size > 2000);
  break_file(path, size / 2, "\x5a\xa5", 2);
  snprintf(wal, sizeof wal, "%s/book.duckdb", e->dir);
  snprintf(path, sizeof path, "%s/crash/book.duckdb", e->root);
  copy_file(wal, path);
  qf_book_close(e->b);
  e->b = NULL;
  snprintf(e->dir, sizeof e->dir, "%s/crash", e->root);
  assert_true(open_book(e));
  assert_int_equal(qf_book_applied_seq(e->b), 0);
  snprintf(path, sizeof path, "%s/book.duckdb.damaged-1.wal", e->dir);
  assert_int_equal(access(path, F_OK), 0);
}

/* A file in whose opening the process died twice is not tried a third time; a lock held elsewhere is no damage. */
static void an_opening_that_never_came_back_is_set_aside(void **state)
{
  env *e = *state;
  char path[300];
  snprintf(path, sizeof path, "%s/book.opening", e->dir);
  open_book(e);
  assert_int_equal(access(path, F_OK), -1);
  qf_book_close(e->b);
  e->b = NULL;
  put_file(path, "x");
  assert_false(open_book(e));
  qf_book_close(e->b);
  e->b = NULL;
  put_file(path, "xx");
  assert_true(open_book(e));
  snprintf(path, sizeof path, "%s/book.duckdb.damaged-1", e->dir);
  assert_int_equal(access(path, F_OK), 0);
}

static void changed_definitions_start_over_new_ones_do_not(void **state)
{
  env *e = *state;
  char path[300];
  open_book(e);
  put_day(e, 1, 20000, 1);
  commit(e, 7);
  qf_book_close(e->b);
  e->b = NULL;
  snprintf(path, sizeof path, "%s/city/records/extra.sql", e->packs);
  put_file(path, "CREATE TABLE extra (a INTEGER);");
  assert_false(open_book(e));
  assert_int_equal(qf_book_applied_seq(e->b), 7);
  qf_book_close(e->b);
  e->b = NULL;
  put_file(path, "CREATE TABLE extra (a BIGINT);");
  assert_true(open_book(e));
  assert_int_equal(qf_book_applied_seq(e->b), 0);
}

static void bad_packs_are_named(void **state)
{
  env *e = *state;
  static const struct {
    const char *sql, *word;
  } bad[] = {{"CREATE TABLE extra (a INTEGER", "syntax"},
             {"CREATE TABLE other (a INTEGER)", "makes no table named extra"},
             {"CREATE TABLE extra (status VARCHAR)", "kernel"},
             {"CREATE TABLE extra (a INTEGER[])", "INTEGER[]"},
             {"-- only a comment\n", "no statement"},
             {"CREATE TABLE extra AS SELECT * FROM read_csv('/etc/passwd')", "disabled"}};
  char path[300];
  snprintf(path, sizeof path, "%s/city/records/extra.sql", e->packs);
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    qf_err err = {0};
    bool aside;
    qf_book_opts o = {.packs_dir = e->packs};
    put_file(path, bad[i].sql);
    assert_int_equal(qf_book_open(e->dir, &o, &e->b, &aside, &err), QF_SYNTAX);
    assert_null(e->b);
    if (!strstr(err.en, "extra.sql") || !strstr(err.en, bad[i].word))
      fail_msg("%s: %s", bad[i].sql, err.en);
  }
}

static char *slurp(const char *path)
{
  FILE *f = fopen(path, "rb");
  assert_non_null(f);
  char *text = calloc(1, 1 << 20);
  assert_non_null(text);
  assert_true(fread(text, 1, (1 << 20) - 1, f) > 0);
  fclose(f);
  return text;
}

/* The same content in `group` rows to a commit. */
static void fill(env *e, int group)
{
  qf_err err;
  uint64_t seq = 0;
  char json[300];
  for (int i = 0; i < 200; i++) {
    put_hour(e, (uint32_t)(i % 7) + 1, 1000 + (i * 37) % 50, i * 1000);
    put_day(e, (uint32_t)(i % 7) + 1, 20000 + (i * 11) % 20, i * 1000);
    snprintf(json, sizeof json,
             REC("r%d", "%d", "accepted", "{\"subject\":\"u,\\\"%d\\\"\",\"month\":24300,\"quantity\":%d.5}"), i % 30,
             1 + i / 30, i, i);
    ok_record(e, json, (uint64_t)i + 1);
    json_t *event = json_pack("{s:s,s:i}", "kind", "note", "n", i);
    assert_int_equal(qf_book_event(e->b, event, (uint64_t)i + 1, i * QF_US_SECOND, &err), QF_OK);
    json_decref(event);
    seq = (uint64_t)i + 1;
    if (i % group == group - 1)
      commit(e, seq);
  }
  commit(e, seq);
}

static void export_is_the_same_bytes_for_the_same_content(void **state)
{
  env *e = *state;
  static const char *const files[] = {"interval_hour", "account_day", "rec_energy", "rec_energy_history", "event"};
  char out[2][300], path[600];
  qf_err err = {0};
  for (int k = 0; k < 2; k++) {
    open_book(e);
    if (k == 1) { /* and clearing leaves nothing behind */
      put_day(e, 1, 20003, 5);
      commit(e, 3);
      assert_int_equal(qf_book_clear(e->b, &err), QF_OK);
      assert_int_equal(qf_book_applied_seq(e->b), 0);
    }
    fill(e, k ? 200 : 3);
    snprintf(out[k], sizeof out[k], "%s/out%d", e->root, k);
    if (qf_book_export(e->b, out[k], &err))
      fail_msg("%s", err.en);
    qf_book_close(e->b);
    e->b = NULL;
    snprintf(path, sizeof path, "%s/book.duckdb", e->dir);
    if (k == 0)
      unlink(path);
  }
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    snprintf(path, sizeof path, "%s/%s.csv", out[0], files[i]);
    char *a = slurp(path);
    snprintf(path, sizeof path, "%s/%s.csv", out[1], files[i]);
    char *b = slurp(path);
    assert_string_equal(a, b);
    assert_true(strlen(a) > 300);
    free(a);
    free(b);
  }
  snprintf(path, sizeof path, "%s/account_day.csv", out[0]);
  char *a = slurp(path);
  assert_non_null(strstr(a, "point,day,value,estimated,quarters,quarters_estimated,peak,peak_at,rules\n"));
  free(a);
}

typedef struct gen {
  uint32_t i;
} gen;

static bool next_reading(void *ud, uint32_t *point, qf_reading *r)
{
  gen *g = ud;
  if (g->i == 5000)
    return false;
  *point = 1 + g->i / 2500;
  *r = (qf_reading){.ts_us = (int64_t)g->i * QF_US_MINUTE, .v = {(int64_t)g->i * 25, -2}, .flags = 2};
  g->i++;
  return true;
}

static void readings_become_parquet(void **state)
{
  env *e = *state;
  char path[200], sql[400];
  qf_err err = {0};
  gen g = {0};
  open_book(e);
  snprintf(path, sizeof path, "%s/readings.parquet", e->root);
  if (qf_book_parquet(e->b, path, next_reading, &g, &err))
    fail_msg("%s", err.en);
  /* Read back by an engine that is free to. */
  duckdb_database db;
  duckdb_connection c;
  one o = {.text = ""};
  assert_int_equal(duckdb_open(NULL, &db), DuckDBSuccess);
  assert_int_equal(duckdb_connect(db, &c), DuckDBSuccess);
  snprintf(sql, sizeof sql,
           "SELECT count(*) || ' ' || sum(mant) || ' ' || max(exp) || ' ' || max(ts) || ' ' || sum(value) FROM '%s'",
           path);
  if (qf_dk_rows(c, sql, on_one, &o, &err))
    fail_msg("%s", err.en);
  /* sum of 25 i, i < 5000: 25 * 4999 * 5000 / 2 = 312437500; the last at 4999 min = 3 d 11 h 19 min */
  assert_string_equal(o.text, "5000 312437500 -2 1970-01-04 11:19:00 3124375.0");
  duckdb_disconnect(&c);
  duckdb_close(&db);
  assert_int_equal(qf_book_parquet(e->b, "/nowhere/x.parquet", next_reading, &g, &err), QF_IO);
}

static void types_tell_their_form(void **state)
{
  env *e = *state;
  qf_err err;
  qf_buf out;
  open_book(e);
  qf_buf_init(&out, 100000);
  assert_int_equal(qf_book_types_json(e->b, &out, &err), QF_OK);
  json_t *j = json_loads(out.data, 0, NULL);
  assert_int_equal(json_array_size(j), 3);
  json_t *t = json_array_get(j, 1);
  assert_string_equal(json_string_value(json_object_get(t, "type")), "factor");
  assert_string_equal(json_string_value(json_object_get(json_object_get(t, "title"), "en")), "Factor");
  json_t *c = json_array_get(json_object_get(t, "columns"), 1);
  assert_string_equal(json_string_value(json_object_get(c, "unit")), "any");
  assert_string_equal(json_string_value(json_object_get(json_object_get(c, "title"), "en")), "Value");
  assert_true(json_is_true(json_object_get(c, "required")));
  json_decref(j);
  qf_buf_fini(&out);
}

static void real_packs_load(void **state)
{
  env *e = *state;
  struct stat st;
  qf_err err = {0};
  bool aside;
  if (stat(QF_SOURCE_DIR "/packs/city/records", &st) < 0) {
    skip();
    return;
  }
  qf_book_opts o = {.packs_dir = QF_SOURCE_DIR "/packs"};
  if (qf_book_open(e->dir, &o, &e->b, &aside, &err))
    fail_msg("%s", err.en);
  assert_non_null(qf_book_type(e->b, "subject"));
  assert_non_null(qf_book_type(e->b, "point"));
  assert_string_equal(ask(e, "SELECT count(*) FROM pt"), "0");
}

static double seconds(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Not a promise about speed: prints what bulk writing does here, and fails only if the way of writing is lost (row-wise INSERT
 * would need a minute). */
static void bulk_writing_is_bulk(void **state)
{
  env *e = *state;
  open_book(e);
  double t0 = seconds();
  for (uint32_t p = 1; p <= 500; p++)
    for (int h = 0; h < 480; h++)
      put_hour(e, p, 480000 + h, h * 1000);
  commit(e, 1);
  double t1 = seconds();
  for (int k = 0; k < 20; k++) {
    for (uint32_t p = 1; p <= 500; p++)
      put_hour(e, p, 480479, k);
    commit(e, 2 + (uint64_t)k);
  }
  double t2 = seconds();
  print_message("    240000 hours in %.2f s (%.0f rows/s); open hour of 500 points again: %.1f ms a commit\n", t1 - t0,
                240000 / (t1 - t0), (t2 - t1) / 20 * 1000);
  assert_string_equal(ask(e, "SELECT count(*) FROM interval_hour"), "240000");
  assert_true(t1 - t0 < 30);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
  const struct CMUnitTest tests[] = {T(records_become_rows_and_newest_accepted_wins),
                                     T(bad_records_are_refused_with_column_and_value),
                                     T(factor_month_takes_the_edition_of_the_first_day),
                                     T(hours_and_days_replace),
                                     T(values_past_what_can_be_kept_are_missing),
                                     T(restart_drops_what_was_there_from_then_on),
                                     T(changes_are_told),
                                     T(a_query_may_look_from_a_day_on),
                                     T(queries_read_only_and_one_statement),
                                     T(a_damaged_file_is_set_aside),
                                     T(an_opening_that_never_came_back_is_set_aside),
                                     T(changed_definitions_start_over_new_ones_do_not),
                                     T(bad_packs_are_named),
                                     T(export_is_the_same_bytes_for_the_same_content),
                                     T(readings_become_parquet),
                                     T(types_tell_their_form),
                                     T(real_packs_load),
                                     T(bulk_writing_is_bulk)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
