/* Rules of the packs over rows put into the book by hand. V15's forms over days, as the pack city states them: three days over 5 %, and the CUSUM (k = 0.5 %, h = 5 %). The expected
 * first day is worked out here by the recursion S = max(0, S' + b - k), which the rule writes in closed form. And a coefficient that
 * falls back to the reference after months of measuring. */
#include "base/test_dir.h"
#include "base/tm.h"
#include "book/book.h"
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define DAYS 40
#define FIRST 20454 /* 2026-01-01 */

typedef struct found {
  unsigned n;
  char evidence[3][40], text[3][300];
} found;

static bool on_finding(void *ud, const qf_cell *c, size_t n)
{
  found *f = ud;
  assert_int_equal(n, 6);
  assert_true(f->n < 3);
  snprintf(f->text[f->n], sizeof f->text[0], "%s", c[4].s);
  snprintf(f->evidence[f->n++], sizeof f->evidence[0], "%s", c[5].s);
  return true;
}

static void run_rule(qf_book *b, const char *path, found *f)
{
  static char sql[20000];
  qf_err err = {0};
  FILE *in = fopen(path, "rb");
  assert_non_null(in);
  sql[fread(sql, 1, sizeof sql - 1, in)] = 0;
  fclose(in);
  *f = (found){0};
  if (qf_book_query(b, sql, NULL, 0, on_finding, f, &err))
    fail_msg("%s: %s", path, err.en);
}

static void put_point(qf_book *b, uint32_t point, const char *id, const char *parent)
{
  qf_err err = {0};
  json_t *data = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s}", "subject", "u001", "name_zh", id, "name_en", id, "carrier",
                           "electricity", "flow", parent ? "consume" : "purchase", "unit", "kWh", "kind", "register");
  if (parent)
    json_object_set_new(data, "parent", json_string(parent));
  json_t *rec = json_pack("{s:s,s:s,s:i,s:s,s:s,s:o}", "type", "point", "id", id, "version", 1, "status", "accepted",
                          "by", "test", "data", data);
  assert_int_equal(qf_book_series(b, point, id, strlen(id), point, &err), QF_OK);
  if (qf_book_record(b, rec, point, &err))
    fail_msg("%s", err.en);
  json_decref(rec);
}

static void put_day(qf_book *b, uint32_t point, int day, double value)
{
  qf_err err = {0};
  qf_day d = {.point = point, .day = FIRST + day, .value = (int64_t)(value * 1e6 + 0.5), .quarters = 96};
  assert_int_equal(qf_book_days(b, &d, 1, &err), QF_OK);
}

static void remove_folder(const char *path)
{
  DIR *d = opendir(path);
  assert_non_null(d);
  for (struct dirent *e; (e = readdir(d));) {
    char file[400];
    snprintf(file, sizeof file, "%s/%s", path, e->d_name);
    unlink(file);
  }
  closedir(d);
  rmdir(path);
}

/* Three groups of a whole of 1,000 kWh a day and two parts: in balance; 6 % missing on days 10 to 12; 1.2 % missing from day 15. */
static double missing(int group, int day)
{
  if (group == 1)
    return day >= 10 && day <= 12 ? 0.06 : 0;
  if (group == 2)
    return day >= 15 ? 0.012 : 0;
  return 0;
}

static int cusum_first(int group)
{
  double s = 0;
  for (int d = 0; d < DAYS; d++) {
    s += missing(group, d) - 0.005;
    s = s > 0 ? s : 0;
    if (s > 0.05)
      return d;
  }
  return -1;
}

static void forms_over_days(void **state)
{
  (void)state;
  char dir[64], want[40];
  qf_err err = {0};
  qf_book *b;
  bool aside;
  found f;
  assert_non_null(qf_test_dir(dir, sizeof dir, "balance"));
  if (qf_book_open(dir, &(qf_book_opts){.packs_dir = "packs"}, &b, &aside, &err))
    fail_msg("%s", err.en);
  static const char *const whole[] = {"g0 kwh", "g1 kwh", "g2 kwh"};
  static const char *const part[][2] = {{"g0a kwh", "g0b kwh"}, {"g1a kwh", "g1b kwh"}, {"g2a kwh", "g2b kwh"}};
  for (int g = 0; g < 3; g++) {
    put_point(b, (uint32_t)(g * 3 + 1), whole[g], NULL);
    for (int k = 0; k < 2; k++)
      put_point(b, (uint32_t)(g * 3 + 2 + k), part[g][k], whole[g]);
    for (int d = 0; d < DAYS; d++) {
      put_day(b, (uint32_t)(g * 3 + 1), d, 1000);
      put_day(b, (uint32_t)(g * 3 + 2), d, 600);
      put_day(b, (uint32_t)(g * 3 + 3), d, 400 - 1000 * missing(g, d));
    }
  }
  assert_int_equal(qf_book_commit(b, 100, &err), QF_OK);

  run_rule(b, "packs/city/rules/balance_three_days.sql", &f);
  assert_int_equal(f.n, 1);
  assert_string_equal(f.evidence[0], whole[1]);
  assert_non_null(
      strstr(f.text[0], "1 times, 2026-01-13 to 2026-01-13")); /* days 10, 11, 12 from 0 = 11, 12, 13 January */

  run_rule(b, "packs/city/rules/balance_drift.sql", &f);
  assert_int_equal(f.n, 2);
  for (unsigned i = 0; i < f.n; i++) {
    int g = f.evidence[i][1] - '0', day = cusum_first(g);
    assert_true(g == 1 || g == 2);
    assert_true(day > 0);
    qf_civil c = qf_civil_at((qf_us)(FIRST + day) * QF_US_DAY, 0);
    snprintf(want, sizeof want, "since %04d-%02d-%02d, the parts read too little", c.year, c.month, c.day);
    assert_non_null(strstr(f.text[i], want));
  }

  /* The middle day is estimated: three in a row are no longer known. */
  qf_day est = {.point = 5, .day = FIRST + 11, .value = 600000000, .quarters = 96, .quarters_estimated = 4};
  assert_int_equal(qf_book_days(b, &est, 1, &err), QF_OK);
  assert_int_equal(qf_book_commit(b, 101, &err), QF_OK);
  run_rule(b, "packs/city/rules/balance_three_days.sql", &f);
  assert_int_equal(f.n, 0);
  qf_book_close(b);
  remove_folder(dir);
}

static void put_record(qf_book *b, const char *type, const char *id, json_t *data, uint64_t seq)
{
  qf_err err = {0};
  json_t *rec = json_pack("{s:s,s:s,s:i,s:s,s:s,s:o}", "type", type, "id", id, "version", 1, "status", "accepted", "by",
                          "test", "data", data);
  if (qf_book_record(b, rec, seq, &err))
    fail_msg("%s: %s", id, err.en);
  json_decref(rec);
}

/* One row of form P205-1: coal of a unit in a month, with or without its test report. */
static void put_coal(qf_book *b, const char *unit, int month, const char *coefficient, bool measured, uint64_t seq)
{
  char id[60];
  snprintf(id, sizeof id, "%s:%d:01", unit, month);
  json_t *d = json_pack("{s:s,s:i,s:s,s:s,s:s}", "subject", unit, "month", month, "code", "01", "industrial", "1000",
                        "coefficient", coefficient);
  if (measured)
    json_object_set_new(d, "test_report", json_string("sha"));
  put_record(b, "energy_p205", id, d, seq);
}

/* Three months measured at 0.76, 0.77, 0.78, then 0.7143 by reference: 1000 t x (0.77 - 0.7143) = 55.7 tce less. Its twins: two measured
 * months are no habit; a fourth measured one; a reference that is 0.5 % under the mean (0.7662 > 0.995 x 0.77 = 0.76615). */
static void a_reference_after_measuring(void **state)
{
  (void)state;
  static const char *const unit[] = {"fault", "two", "measured", "near"}, *const last[] = {"0.7143", "0.7143", "0.7143",
                                                                                           "0.7662"};
  static const char *const before[] = {"0.76", "0.77", "0.78"};
  char dir[64];
  qf_err err = {0};
  qf_book *b;
  bool aside;
  found f;
  uint64_t seq = 1;
  assert_non_null(qf_test_dir(dir, sizeof dir, "p205rule"));
  if (qf_book_open(dir, &(qf_book_opts){.packs_dir = "packs"}, &b, &aside, &err))
    fail_msg("%s", err.en);
  put_record(b, "nbs_code", "01",
             json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "name_zh", "原煤", "name_en", "Raw coal", "unit_zh", "吨", "unit",
                       "t", "per_unit", "1", "certainty", "V"),
             seq++);
  for (int u = 0; u < 4; u++) {
    for (int m = u == 1; m < 3; m++)
      put_coal(b, unit[u], 24300 + m, before[m], true, seq++);
    put_coal(b, unit[u], 24303, last[u], u == 2, seq++);
  }
  assert_int_equal(qf_book_commit(b, 100, &err), QF_OK);
  run_rule(b, "packs/industry/rules/p205_switch.sql", &f);
  assert_int_equal(f.n, 1);
  assert_string_equal(f.evidence[0], "fault:24303:01");
  assert_non_null(strstr(f.text[0], "0.7143 (measured mean 0.7700): 55.7 tce less"));
  qf_book_close(b);
  remove_folder(dir);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(forms_over_days), cmocka_unit_test(a_reference_after_measuring)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
