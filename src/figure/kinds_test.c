/* Stock, change, scopes, notes and the list of a year, on a small pack: expected values worked out by hand beside each case. */
#include "base/test_dir.h"
#include "figure/internal.h"
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define M(y, m) ((y)*12 + (m)-1)

static const char *const files[][2] = {
    {"t/pack.ini", "[pack]\narea = t\n"},
    {"t/records/subject.sql", "CREATE TABLE subject (parent VARCHAR, kind VARCHAR NOT NULL, name_zh VARCHAR, name_en "
                              "VARCHAR, sample BOOLEAN);"},
    {"t/records/move.sql", "CREATE TABLE move (subject VARCHAR NOT NULL, month INTEGER NOT NULL, n INTEGER NOT NULL, "
                           "edition VARCHAR);"},
    {"t/records/use.sql",
     "CREATE TABLE use (subject VARCHAR NOT NULL, month INTEGER NOT NULL, energy DECIMAL(18,6) NOT "
     "NULL, made DECIMAL(18,6) NOT NULL);"},
    {"t/records/start.sql",
     "CREATE TABLE start (subject VARCHAR NOT NULL, month INTEGER NOT NULL, area DECIMAL(18,6) NOT "
     "NULL, star BOOLEAN NOT NULL);"},
    {"t/indicators/starts.sql",
     "-- id: t.starts\n-- unit: m2\n-- kind: sum\n-- decimals: 0\n-- public: yes\n-- period: "
     "2025-01..2025-12\nSELECT subject, month, area AS num, id AS record FROM rec_start"},
    {"t/indicators/starred.sql",
     "-- id: t.starred\n-- unit: m2\n-- kind: sum\n-- decimals: 0\n-- public: yes\n-- period: 2025-01..2025-12\n"
     "SELECT subject, month, area AS num, id AS record FROM rec_start WHERE star"},
    {"t/indicators/held.sql",
     "-- id: t.held\n-- unit: 1\n-- kind: stock\n-- decimals: 0\n-- expect: none\n-- order: 7\n"
     "-- article: 句\nSELECT subject, month, n AS num, 'filed' AS source, id AS record, "
     "\"by\" = 'sample' AS sample FROM rec_move"},
    {"t/indicators/growth.sql",
     "-- id: t.growth\n-- unit: %\n-- kind: change\n-- decimals: 2\n-- period: 2025-01..2025-02\n"
     "SELECT subject, month, energy AS num, id AS record FROM rec_use"},
    {"t/indicators/intensity.sql",
     "-- id: t.intensity\n-- unit: %\n-- kind: change\n-- decimals: 1\nSELECT subject, month, "
     "'num' AS part, energy AS num, id AS record FROM rec_use UNION ALL SELECT subject, "
     "month, 'den', made, id FROM rec_use"},
    {"t/indicators/balance.sql", "-- id: t.balance\n-- unit: 1\n-- kind: sum\n-- decimals: 0\n-- series: scope\nSELECT "
                                 "subject, month, n AS num, edition AS scope, id AS record FROM rec_move"},
    {"t/rules/big.sql", "-- id: t.big\n-- about: t.held t.balance\nSELECT subject, month, 'warn' AS severity, '大' AS "
                        "text_zh, 'big ' || CAST(n AS VARCHAR) AS text_en, id AS evidence FROM rec_move WHERE n > 50"},
};

typedef struct env {
  char root[64], packs[128], dir[128];
  qf_book *b;
  qf_figures *f;
  uint64_t seq;
} env;

static char text[1 << 16];

static int drop(const char *p, const struct stat *st, int flag, struct FTW *ftw)
{
  (void)st, (void)flag, (void)ftw;
  return remove(p);
}

static void put_record(env *e, const char *type, const char *id, const char *by, const char *data)
{
  qf_err err = {0};
  json_t *d = json_loads(data, 0, NULL);
  json_t *rec = json_pack("{s:s, s:s, s:i, s:s, s:s, s:s, s:o}", "type", type, "id", id, "version", 1, "status",
                          "accepted", "by", by, "at", "2025-01-01T00:00:00Z", "data", d);
  if (qf_book_record(e->b, rec, e->seq + 1, &err) || qf_book_commit(e->b, e->seq + 1, &err))
    fail_msg("%s", err.en);
  e->seq++;
  json_decref(rec);
}

static int set_up(void **state)
{
  env *e = calloc(1, sizeof *e);
  qf_err err = {0};
  bool aside;
  assert_non_null(e);
  assert_non_null(qf_test_dir(e->root, sizeof e->root, "kinds"));
  snprintf(e->packs, sizeof e->packs, "%s/packs", e->root);
  snprintf(e->dir, sizeof e->dir, "%s/d", e->root);
  static const char *const dirs[] = {"", "/t", "/t/records", "/t/indicators", "/t/rules"};
  for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++) {
    char p[300];
    snprintf(p, sizeof p, "%s%s", e->packs, dirs[i]);
    assert_int_equal(mkdir(p, 0700), 0);
  }
  assert_int_equal(mkdir(e->dir, 0700), 0);
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    char p[300];
    snprintf(p, sizeof p, "%s/%s", e->packs, files[i][0]);
    FILE *f = fopen(p, "wb");
    assert_non_null(f);
    fputs(files[i][1], f);
    fclose(f);
  }
  qf_book_opts o = {.packs_dir = e->packs};
  if (qf_book_open(e->dir, &o, &e->b, &aside, &err) || qf_figures_open(e->b, NULL, e->packs, &e->f, &err))
    fail_msg("%s", err.en);
  put_record(e, "subject", "c", "x", "{\"kind\":\"city\"}");
  put_record(e, "subject", "a", "x", "{\"kind\":\"district\",\"parent\":\"c\"}");
  put_record(e, "subject", "b", "x", "{\"kind\":\"district\",\"parent\":\"c\"}");
  *state = e;
  return 0;
}

static int tear_down(void **state)
{
  env *e = *state;
  qf_figures_close(e->f);
  qf_book_close(e->b);
  nftw(e->root, drop, 16, FTW_DEPTH | FTW_PHYS);
  free(e);
  return 0;
}

static void keep(qf_buf *b)
{
  snprintf(text, sizeof text, "%s", b->data ? b->data : "");
  qf_buf_fini(b);
}

static void ask(env *e, bool why, const char *id, const char *subject, int32_t from, int32_t to)
{
  qf_err err = {0};
  qf_buf b;
  qf_buf_init(&b, 1u << 20);
  qf_figure_ask a = {.id = id, .subject = subject, .from = from, .to = to};
  if (why ? qf_why_json(e->f, &a, 0, NULL, &b, &err) : qf_figure_json(e->f, &a, &b, &err))
    fail_msg("%s: %s", id, err.en);
  keep(&b);
}

static void has(const char *part)
{
  if (!strstr(text, part))
    fail_msg("'%s' is not in %s", part, text);
}

static void has_not(const char *part)
{
  if (strstr(text, part))
    fail_msg("'%s' is in %s", part, text);
}

static void a_stock_counts_all_movements(void **state)
{
  env *e = *state;
  put_record(e, "move", "m1", "sample", "{\"subject\":\"a\",\"month\":24200,\"n\":5}"); /* long before */
  put_record(e, "move", "m2", "x", "{\"subject\":\"b\",\"month\":24301,\"n\":3}");      /* 2025-02 */
  put_record(e, "move", "m3", "x", "{\"subject\":\"a\",\"month\":24305,\"n\":-2}");     /* 2025-06: taken off */
  ask(e, false, "t.held", NULL, M(2025, 3), M(2025, 3));
  has("\"value\":8,"); /* 5 + 3 */
  has("\"yoy\":{\"value\":60,\"base\":5,\"change\":3,");
  has("sample_data");
  has("\"completeness\":null");
  has("\"order\":7,\"article\":\"句\"");
  ask(e, false, "t.held", "a", M(2025, 1), M(2025, 12));
  has("\"value\":3,"); /* 5 - 2 */
  ask(e, false, "t.held", "b", M(2025, 1), M(2025, 1));
  has("\"value\":null"); /* not yet */
  has_not("sample_data");
  ask(e, true, "t.held", NULL, M(2025, 12), M(2025, 12)); /* checks every sum, or QF_CORRUPT */
  has("\"value\":6,");
  has("\"record\":\"m1\"");
}

static void a_change_is_like_for_like(void **state)
{
  env *e = *state;
  put_record(e, "use", "a24", "x", "{\"subject\":\"a\",\"month\":24288,\"energy\":100,\"made\":1000}");
  put_record(e, "use", "a25", "x", "{\"subject\":\"a\",\"month\":24300,\"energy\":\"104.1232\",\"made\":1103}");
  put_record(e, "use", "b25", "x", "{\"subject\":\"b\",\"month\":24300,\"energy\":900,\"made\":50}"); /* no last year */
  ask(e, false, "t.growth", NULL, M(2025, 1), M(2025, 1));
  has("\"value\":4.12,"); /* 104.1232 / 100 - 1, b left out */
  has("yoy_like_for_like");
  ask(e, false, "t.intensity", NULL, M(2025, 1), M(2025, 1));
  has("\"value\":-5.6,"); /* 104.1232 / 1103 over 100 / 1000 = 0.944 */
  ask(e, true, "t.intensity", NULL, M(2025, 1), M(2025, 1));
  has("\"op\":\"change\"");
  has("\"record\":\"a24\"");
  has_not("\"record\":\"b25\"");
  ask(e, false, "t.growth", "b", M(2025, 1), M(2025, 1));
  has("\"value\":null");
  has("yoy_no_base");
  /* two years at once: the first is base of the second and compared itself with nothing */
  ask(e, true, "t.growth", "a", M(2024, 1), M(2025, 12));
  has("\"value\":4.12,");
}

static void scopes_refuse_each_other(void **state)
{
  env *e = *state;
  put_record(e, "move", "o1", "x", "{\"subject\":\"a\",\"month\":24296,\"n\":10,\"edition\":\"2019\"}");
  put_record(e, "move", "o2", "x", "{\"subject\":\"a\",\"month\":24308,\"n\":60,\"edition\":\"2019\"}");
  put_record(e, "move", "o3", "x", "{\"subject\":\"a\",\"month\":24320,\"n\":70,\"edition\":\"2025\"}");
  ask(e, false, "t.balance", NULL, 24308, 24308);
  has("\"value\":60,");
  has("\"yoy\":{\"value\":500,"); /* 60 / 10 - 1 */
  has("\"text\":{\"zh\":\"大\",\"en\":\"big 60\"}");
  has_not("big 70"); /* of another month */
  ask(e, false, "t.balance", NULL, 24320, 24320);
  has("\"value\":70,");
  has("series_break");
  has("\"yoy\":{\"value\":null");
  ask(e, false, "t.balance", NULL, 24308, 24320);
  has("\"value\":null");
  has("mixed_scopes");
}

static void a_list_of_a_year_gives_the_published_months(void **state)
{
  env *e = *state;
  qf_err err = {0};
  qf_buf b;
  put_record(e, "use", "a24", "x", "{\"subject\":\"a\",\"month\":24288,\"energy\":100,\"made\":1}");
  put_record(e, "use", "a25", "x", "{\"subject\":\"a\",\"month\":24300,\"energy\":110,\"made\":1}");
  qf_buf_init(&b, 1u << 20);
  qf_figure_ask a = {.from = M(2025, 1), .to = M(2025, 12)};
  assert_int_equal(qf_figures_json(e->f, NULL, &a, &b, &err), QF_OK);
  keep(&b);
  has("\"period\":{\"from\":\"2025-01\",\"to\":\"2025-02\"},\"value\":10,");
  has("\"id\":\"t.held\"");
  qf_buf_init(&b, 1u << 20);
  a.to = M(2025, 11); /* not a calendar year: as asked */
  assert_int_equal(qf_figures_json(e->f, NULL, &a, &b, &err), QF_OK);
  keep(&b);
  has_not("\"to\":\"2025-02\"");
}

/* Which districts of a figure of the public answer are hidden, by the letters of their ids. */
static void hidden_of(const json_t *figures, const char *id, char out[8])
{
  size_t i, k, n = 0;
  json_t *f, *d;
  json_array_foreach(figures, i, f)
  {
    if (strcmp(json_string_value(json_object_get(f, "id")), id) != 0)
      continue;
    json_array_foreach(json_object_get(f, "districts"), k, d)
    {
      if (json_is_true(json_object_get(d, "hidden")))
        out[n++] = *json_string_value(json_object_get(d, "id"));
    }
  }
  out[n] = 0;
}

/* Districts with 10 starts, 8 of them with stars; 20 and 10; 30 and 14. Each cell is safe by itself (five or more, of equal size), but
 * in the first the difference is that of two projects. So it must be hidden, and another with it, else it is the total's rest: the
 * one of the smaller difference, 10 against 16. */
static void a_part_and_its_whole_are_not_subtracted(void **state)
{
  static const struct {
    const char *id;
    int all, stars;
  } at[] = {{"a", 10, 8}, {"b", 20, 10}, {"d", 30, 14}};
  env *e = *state;
  char id[32], data[200], whole[8], part[8];
  qf_err err = {0};
  qf_buf b;
  put_record(e, "subject", "d", "x", "{\"kind\":\"district\",\"parent\":\"c\"}");
  for (size_t i = 0; i < 3; i++)
    for (int k = 0; k < at[i].all; k++) {
      snprintf(id, sizeof id, "%s%d", at[i].id, k);
      snprintf(data, sizeof data, "{\"subject\":\"%s\",\"month\":%d,\"area\":1000,\"star\":%s}", at[i].id, M(2025, 3),
               k < at[i].stars ? "true" : "false");
      put_record(e, "start", id, "x", data);
    }
  qf_buf_init(&b, 1 << 20);
  assert_int_equal(qf_figures_public_json(e->f, &b, &err), QF_OK);
  json_t *j = json_loadb((const char *)b.data, b.len, 0, NULL);
  assert_non_null(j);
  hidden_of(j, "t.starts", whole);
  hidden_of(j, "t.starred", part);
  assert_string_equal(whole, "ab");
  assert_string_equal(part, "ab");
  json_decref(j);
  qf_buf_fini(&b);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
  const struct CMUnitTest tests[] = {T(a_stock_counts_all_movements), T(a_change_is_like_for_like),
                                     T(scopes_refuse_each_other), T(a_list_of_a_year_gives_the_published_months),
                                     T(a_part_and_its_whole_are_not_subtracted)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
