/* Statements over a form's rows that are planned once: what they answer follows the tables they name, also where the engine planned
 * with the smallest and greatest values of that time (internal to sheet.c: its first lines). */
#include "base/test_dir.h"
#include "book/book.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

typedef struct env {
  char root[64];
  qf_book *b;
  qf_book_sheet *s;
  uint64_t seq;
  int64_t found[2];
} env;

static const char *const sql[] = {
    "SELECT count(*) FROM sheet s JOIN rec_energy e ON e.month = s.month WHERE e.quantity > s.above",
    "SELECT count(*) FROM sheet s WHERE s.above > 0"};

static void put_file(const char *dir, const char *name, const char *text)
{
  char path[300];
  snprintf(path, sizeof path, "%s/%s", dir, name);
  FILE *f = fopen(path, "wb");
  assert_non_null(f);
  assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
  fclose(f);
}

static int set_up(void **state)
{
  static const char *const folders[] = {"data", "packs", "packs/city", "packs/city/records"};
  env *e = calloc(1, sizeof *e);
  char path[300], packs[100];
  qf_err err = {0};
  bool aside;
  assert_non_null(e);
  assert_non_null(qf_test_dir(e->root, sizeof e->root, "sheet"));
  for (size_t i = 0; i < 4; i++) {
    snprintf(path, sizeof path, "%s/%s", e->root, folders[i]);
    assert_int_equal(mkdir(path, 0700), 0);
  }
  put_file(path, "energy.sql", "-- title: 能源|Energy\nCREATE TABLE energy (month INTEGER, quantity INTEGER);\n");
  put_file(path, "other.sql", "-- title: 其他|Other\nCREATE TABLE other (month INTEGER, quantity INTEGER);\n");
  put_file(path, "factor.sql",
           "-- title: 系数|Factor\nCREATE TABLE factor (factor VARCHAR, value DECIMAL(18,9), unit "
           "VARCHAR, valid_from DATE, valid_to DATE);\n");
  put_file(path, "point.sql", "-- title: 点|Point\nCREATE TABLE point (subject VARCHAR, name_zh VARCHAR);\n");
  snprintf(packs, sizeof packs, "%s/packs", e->root);
  snprintf(path, sizeof path, "%s/data", e->root);
  qf_book_opts o = {.packs_dir = packs, .memory_mb = 256};
  if (qf_book_open(path, &o, &e->b, &aside, &err))
    fail_msg("%s", err.en);
  if (qf_book_sheet_new(
          e->b, "CREATE TEMP TABLE sheet (row_no INTEGER, month INTEGER, above INTEGER)",
          "INSERT INTO temp.sheet SELECT CAST(r.row_no AS INTEGER), CAST(r.month AS INTEGER), CAST(r.above "
          "AS INTEGER) FROM (SELECT unnest(from_json(CAST(?1 AS JSON), '[{\"row_no\":\"VARCHAR\",\"month\":"
          "\"VARCHAR\",\"above\":\"VARCHAR\"}]')) AS r) AS j",
          sql, 2, &e->s, &err))
    fail_msg("%s", err.en);
  *state = e;
  return 0;
}

static int tear_down(void **state)
{
  env *e = *state;
  char line[200];
  qf_book_sheet_free(e->s);
  qf_book_close(e->b);
  static const char *const names[] = {"packs/city/records/energy.sql",
                                      "packs/city/records/other.sql",
                                      "packs/city/records/factor.sql",
                                      "packs/city/records/point.sql",
                                      "packs/city/records",
                                      "packs/city",
                                      "packs",
                                      "data/book.duckdb",
                                      "data/book.duckdb.wal",
                                      "data",
                                      ""};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    snprintf(line, sizeof line, "%s/%s", e->root, names[i]);
    (void)remove(line);
  }
  free(e);
  return 0;
}

static void put(env *e, const char *type, int id, int month, int quantity)
{
  qf_err err = {0};
  char name[20];
  snprintf(name, sizeof name, "r%d", id);
  json_t *j = json_pack("{s:s, s:s, s:I, s:s, s:s, s:s, s:{s:i, s:i}}", "type", type, "id", name, "version",
                        (json_int_t)++e->seq, "status", "accepted", "by", "t", "at", "2026-01-01T00:00:00Z", "data",
                        "month", month, "quantity", quantity);
  if (qf_book_record(e->b, j, e->seq, &err) || qf_book_commit(e->b, e->seq, &err))
    fail_msg("%s", err.en);
  json_decref(j);
}

static bool both(void *ud, uint32_t i)
{
  env *e = ud;
  e->found[1] = i; /* whose row comes next */
  return true;
}

static bool on_first(void *ud, const qf_cell *c, size_t n)
{
  env *e = ud;
  if (n == 1 && e->found[1] == 0)
    e->found[0] = c[0].i;
  return true;
}

/* How many energy records of month 7 are above the one row's bound. */
static int64_t above(env *e, const char *bound, uint64_t *gen)
{
  qf_err err = {0};
  char rows[100];
  qf_sheet_asked a = {.max_ms = 3000, .wanted = both, .fn = on_first, .ud = e};
  snprintf(rows, sizeof rows, "[{\"row_no\":\"1\",\"month\":\"7\",\"above\":\"%s\"}]", bound);
  e->found[0] = -1;
  if (qf_book_sheet_run(e->s, rows, &a, gen, &err))
    fail_msg("%s", err.en);
  return e->found[0];
}

static void plans_follow_their_tables(void **state)
{
  env *e = *state;
  uint64_t gen;
  assert_int_equal(above(e, "100", &gen), 0); /* an empty table */
  for (int i = 0; i < 50; i++)
    put(e, "energy", i, 1 + i % 5, i);
  assert_int_equal(above(e, "100", &gen), 0); /* planned with months up to 5 and quantities up to 49 */
  put(e, "energy", 100, 7, 1000);             /* outside both */
  assert_int_equal(above(e, "100", &gen), 1);
  put(e, "energy", 101, 7, 2000);
  assert_int_equal(above(e, "100", &gen), 2);
  assert_int_equal(above(e, "1500", &gen), 1);
  put(e, "energy", 100, 7, 5); /* a new version below the bound */
  assert_int_equal(above(e, "100", &gen), 1);
}

static void stale_is_what_is_named(void **state)
{
  env *e = *state;
  uint64_t gen, later;
  (void)above(e, "1", &gen);
  assert_false(qf_book_sheet_stale(e->s, 0, gen));
  put(e, "other", 1, 7, 1);
  assert_false(qf_book_sheet_stale(e->s, 0, gen)); /* a table it does not name */
  put(e, "energy", 1, 7, 1);
  assert_true(qf_book_sheet_stale(e->s, 0, gen));
  assert_false(qf_book_sheet_stale(e->s, 1, gen)); /* names no table but the rows */
  (void)above(e, "1", &later);
  assert_true(later > gen);
  assert_false(qf_book_sheet_stale(e->s, 0, later));
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(plans_follow_their_tables, set_up, tear_down),
                                     cmocka_unit_test_setup_teardown(stale_is_what_is_named, set_up, tear_down)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
