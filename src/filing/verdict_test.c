/* Kept verdicts: which columns a check reads, that a verdict is known by those and no others, and that one is judged again when a
 * record it reads has changed. */
#include "filing/testkit.h"
#include "filing/verdict.h"

static const char *const cols[] = {"subject", "code", "opening", "spent"};

static unsigned reads(const char *sql)
{
  qf_verdict_reads r = qf_verdict_reads_of(sql, cols, 4);
  return (unsigned)r.col[0];
}

static void columns_are_those_named(void **state)
{
  (void)state;
  assert_int_equal(reads("SELECT opening FROM sheet"), 4);
  assert_int_equal(reads("SELECT s.Opening * s.spent FROM sheet s WHERE count(*) > 0"), 4 + 8);
  assert_int_equal(reads("SELECT \"code\", (1) * 2 FROM sheet AS x WHERE x.spent > 0"), 2 + 8);
  assert_int_equal(reads("SELECT opening_code FROM sheet"), 0); /* another word */
  assert_int_equal(reads("SELECT e.code FROM rec_stock e JOIN sheet s ON s.code = e.code"), 2);
  assert_int_equal(reads("SELECT EXTRACT(YEAR FROM d) FROM rec_x, sheet"), 0);
}

static void what_is_not_named_is_all(void **state)
{
  (void)state;
  static const char *const all[] = {"SELECT * FROM sheet",
                                    "SELECT s.* FROM sheet s",
                                    "SELECT 1, * FROM sheet",
                                    "SELECT DISTINCT\n * FROM sheet",
                                    "SELECT COLUMNS('o.*') FROM sheet",
                                    "SELECT code FROM (FROM sheet)",
                                    "FROM sheet",
                                    "SELECT x FROM rec_a NATURAL JOIN sheet",
                                    "SELECT sheet FROM sheet",
                                    "SELECT to_json(s) FROM sheet s",
                                    "SELECT to_json(row_) FROM sheet AS row_"};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    if (reads(all[i]) != UINT32_MAX)
      fail_msg("%s: %x", all[i], reads(all[i]));
}

static qf_verdict_key key_of(const char *rows, const char *sql)
{
  json_t *j = json_loads(rows, 0, NULL);
  qf_verdict_cells cells;
  qf_verdict_reads r = qf_verdict_reads_of(sql, cols, 4);
  assert_non_null(j);
  assert_int_equal(qf_verdict_digest(j, cols, 4, &cells), QF_OK);
  json_decref(j);
  return qf_verdict_key_of(&cells, &r);
}

static bool same(const char *a, const char *b, const char *sql)
{
  qf_verdict_key x = key_of(a, sql), y = key_of(b, sql);
  return memcmp(&x, &y, sizeof x) == 0;
}

static void a_key_is_of_its_columns(void **state)
{
  (void)state;
  static const char base[] = "[{\"code\":\"coal\",\"spent\":\"1\"},{\"code\":\"coke\",\"spent\":\"2\"}]";
  static const char spent[] = "[{\"code\":\"coal\",\"spent\":\"1\"},{\"code\":\"coke\",\"spent\":\"3\"}]";
  static const char empty[] = "[{\"code\":\"coal\",\"spent\":\"1\"},{\"code\":\"coke\",\"spent\":\"\"}]";
  static const char null[] = "[{\"code\":\"coal\",\"spent\":\"1\"},{\"code\":\"coke\",\"spent\":null}]";
  static const char left_out[] = "[{\"code\":\"coal\",\"spent\":\"1\"},null,{\"code\":\"coke\",\"spent\":\"2\"}]";
  assert_true(same(base, base, "SELECT * FROM sheet"));
  assert_true(same(base, spent, "SELECT code FROM sheet"));
  assert_false(same(base, spent, "SELECT spent FROM sheet"));
  assert_false(same(base, spent, "SELECT * FROM sheet"));
  assert_false(same(empty, null, "SELECT spent FROM sheet"));
  assert_false(same(base, left_out, "SELECT count(*) FROM sheet")); /* the second row has another number */
  assert_false(same("[{\"code\":\"ab\",\"spent\":\"c\"}]", "[{\"code\":\"a\",\"spent\":\"bc\"}]", "code spent"));
}

static void the_longest_unused_goes(void **state)
{
  (void)state;
  qf_verdicts *v = qf_verdicts_new(2);
  json_t *found = json_array();
  uint64_t gen = 0;
  qf_verdict_key key = {{0}};
  assert_non_null(v);
  for (unsigned i = 0; i <= QF_VERDICTS; i++) { /* one more than there is room for; the first is used meanwhile */
    key.sha256[0] = (uint8_t)i;
    qf_verdict_put(v, &key, 1, 100 + i, found);
    key.sha256[0] = 0;
    json_t *got = qf_verdict_get(v, &key, 1, &gen);
    assert_non_null(got);
    assert_int_equal(gen, 100);
    json_decref(got);
  }
  assert_null(qf_verdict_get(v, &key, 0, &gen)); /* another check's */
  key.sha256[0] = 1;
  assert_null(qf_verdict_get(v, &key, 1, &gen));
  key.sha256[0] = 2;
  json_t *got = qf_verdict_get(v, &key, 1, &gen);
  assert_non_null(got);
  json_decref(got);
  json_decref(found);
  qf_verdicts_free(v);
}

/* Number of findings of stock.leap ("more than twice last month") about 10 t of coal spent in March. */
static size_t leaps(kit *k, const char *closing)
{
  char text[300];
  qf_judged j;
  qf_err err = {0};
  size_t n = 0, i;
  json_t *f;
  snprintf(text, sizeof text,
           "[{\"code\":\"coal\",\"opening\":\"10\",\"bought\":\"5\",\"spent\":\"10\",\"closing\":\"%s\"}]", closing);
  json_t *sheet = json_pack("{s:s, s:i}", "subject", "u1", "month", 24314), *rows = json_loads(text, 0, NULL);
  if (qf_judge(qf_city_book(k->city), k->stock, sheet, rows, NULL, &j, &err))
    fail_msg("%s", err.en);
  json_array_foreach(j.findings, i, f) n += strcmp(json_string_value(json_object_get(f, "check")), "stock.leap") == 0;
  qf_judged_fini(&j);
  json_decref(sheet);
  json_decref(rows);
  return n;
}

static void february(kit *k, const char *spent)
{
  char text[400];
  snprintf(text, sizeof text,
           "[{\"type\":\"stock\",\"id\":\"u1:24313:coal\",\"data\":{\"subject\":\"u1\",\"month\":24313,\"code\":"
           "\"coal\",\"opening\":\"0\",\"bought\":\"0\",\"spent\":\"%s\",\"closing\":\"0\"}}]",
           spent);
  kit_records(k, text);
}

static void a_changed_record_is_judged_again(void **state)
{
  kit *k = *state;
  for (int round = 0; round < 2; round++) {
    assert_int_equal(leaps(k, "5"), round ? 1 : 0);
    assert_int_equal(leaps(k, "5"), round ? 1 : 0); /* as it is kept */
    february(k, "4");                               /* 10 > 2 x 4 */
    assert_int_equal(leaps(k, "5"), 1);
    assert_int_equal(leaps(k, "6"), 1); /* a column that check does not read */
    february(k, "6");                   /* 10 < 2 x 6 */
    assert_int_equal(leaps(k, "5"), 0);
    assert_int_equal(leaps(k, "6"), 0);
    february(k, "0.5"); /* smaller than what any plan was made with */
    assert_int_equal(leaps(k, "7"), 1);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(columns_are_those_named), cmocka_unit_test(what_is_not_named_is_all),
      cmocka_unit_test(a_key_is_of_its_columns), cmocka_unit_test(the_longest_unused_goes),
      cmocka_unit_test_setup_teardown(a_changed_record_is_judged_again, kit_up, kit_down)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
