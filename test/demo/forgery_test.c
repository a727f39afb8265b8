/* Forgeries of domain practice (the cases published in 2022: dates and numbers of test reports changed, one batch of samples
 * reported month by month, values carried over) planted among clean sample filings: how many do the checks and rules of the
 * pack catch, and how many clean forms do they stop? A form is caught when a check of severity block or explain speaks of
 * it, a report when a rule of severity error or warn does. Aims: 95 % caught, 5 % false alarms. */
#include "book/packfile.h"
#include "city/city.h"
#include "demo/demo.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "city/scratch.h"

static qf_us fixed_now(void *ud)
{
  (void)ud;
  return qf_day_cn_start(qf_days_from_civil(2026, 11, 22)) + 12 * QF_US_HOUR;
}

typedef struct env {
  char dir[300];
  qf_city *c;
  json_t *clean; /* energy_p205 rows of the months judged */
  int32_t last;
} env;

static void must(qf_rc rc, const qf_err *err)
{
  if (rc)
    fail_msg("%s", err->en);
}

static int setup(void **state)
{
  env *e = calloc(1, sizeof *e);
  qf_err err = {0};
  assert_non_null(e);
  must(qf_scratch_make(NULL, e->dir, sizeof e->dir, &err), &err);
  qf_city_opts o = {.packs_dir = "packs", .clock = {fixed_now, NULL}, .bulk = true};
  must(qf_city_open(e->dir, &o, &e->c, &err), &err);
  qf_demo_opts d = {.days = 82, .now_us = fixed_now(NULL)};
  must(qf_demo_build(e->c, &d, NULL, &err), &err);
  e->last = qf_month_of_day(qf_day_cn(fixed_now(NULL))) - 1;
  json_t *all = json_array(), *rec;
  size_t i;
  qf_demo_filing_opts f = {.from = e->last - 2, .to = e->last, .all_accepted = true};
  must(qf_demo_filings(qf_city_book(e->c), &f, all, &err), &err);
  e->clean = json_array();
  json_array_foreach(all, i, rec) if (strcmp(json_string_value(json_object_get(rec, "type")), "energy_p205") == 0)
      json_array_append(e->clean, json_object_get(rec, "data"));
  json_decref(all);
  *state = e;
  return 0;
}

static int teardown(void **state)
{
  env *e = *state;
  qf_city_close(e->c);
  qf_scratch_remove(e->dir);
  json_decref(e->clean);
  free(e);
  return 0;
}

/* ---- judging: the checks over a sheet that holds many forms */

static const char *const columns[] = {"subject",
                                      "month",
                                      "code",
                                      "opening_stock",
                                      "purchase",
                                      "purchase_outside",
                                      "purchase_value",
                                      "consumption",
                                      "industrial",
                                      "raw_material",
                                      "non_industrial",
                                      "transport",
                                      "transform_input",
                                      "transform_output",
                                      "recovery",
                                      "dispatched",
                                      "gain_loss",
                                      "closing_stock",
                                      "coefficient",
                                      "reference_coefficient",
                                      "test_report"};
enum { COLUMNS = sizeof columns / sizeof *columns };

static void sheet_sql(qf_buf *b, const json_t *rows)
{
  size_t i;
  json_t *row;
  qf_buf_puts(b, "WITH sheet AS (SELECT row_no");
  for (int c = 0; c < COLUMNS; c++)
    qf_buf_printf(b, ", CAST(%s AS %s) AS %s", columns[c],
                  c == 1                                 ? "INTEGER"
                  : c == 0 || c == 2 || c == COLUMNS - 1 ? "VARCHAR"
                                                         : "DECIMAL(18,6)",
                  columns[c]);
  qf_buf_puts(b, " FROM (VALUES ");
  json_array_foreach(rows, i, row)
  {
    qf_buf_printf(b, "%s(%zu", i ? "," : "", i + 1);
    for (int c = 0; c < COLUMNS; c++) {
      const json_t *v = json_object_get(row, columns[c]);
      if (json_is_string(v))
        qf_buf_printf(b, ",'%s'", json_string_value(v));
      else if (json_is_integer(v))
        qf_buf_printf(b, ",'%lld'", (long long)json_integer_value(v));
      else
        qf_buf_puts(b, ",NULL");
    }
    qf_buf_puts(b, ")");
  }
  qf_buf_puts(b, ") v(row_no");
  for (int c = 0; c < COLUMNS; c++)
    qf_buf_printf(b, ", %s", columns[c]);
  qf_buf_puts(b, ")) SELECT * FROM (");
}

typedef struct judged {
  const env *e;
  const json_t *rows;
  json_t *hit; /* "subject:month" -> "check check ..." */
  char check[64];
  unsigned n;
  bool edits; /* ask r12 too: any change of an accepted form; left out where first filings are judged */
} judged;

static bool on_finding(void *ud, const qf_cell *c, size_t n)
{
  judged *j = ud;
  assert_int_equal(n, 6);
  assert_true(c[4].kind == 4 && c[5].kind == 4 && c[4].len > 10 && c[5].len > 10);
  const json_t *row = json_array_get(j->rows, (size_t)c[0].i - 1);
  assert_non_null(row);
  char key[64], all[400];
  snprintf(key, sizeof key, "%s:%d", json_string_value(json_object_get(row, "subject")),
           (int)json_integer_value(json_object_get(row, "month")));
  const char *had = json_string_value(json_object_get(j->hit, key));
  if (!had || !strstr(had, j->check)) {
    snprintf(all, sizeof all, "%.300s %.60s", had ? had : "", j->check);
    json_object_set_new(j->hit, key, json_string(all));
  }
  if (getenv("QF_SHOW") && j->n < 3)
    printf("#   %s: %s | %s\n", j->check, c[4].s, c[5].s);
  j->n++;
  return true;
}

static qf_rc run_check(void *ud, const char *dir, const char *name, qf_err *err)
{
  judged *j = ud;
  char path[400], severity[20];
  qf_packfile f;
  qf_buf sql;
  snprintf(path, sizeof path, "%s/%s", dir, name);
  qf_rc rc = qf_packfile_read(path, &f, err);
  if (rc)
    return rc;
  assert_true(qf_packfile_get(&f, "id", j->check, sizeof j->check));
  assert_true(qf_packfile_get(&f, "severity", severity, sizeof severity));
  qf_buf_init(&sql, (size_t)64 << 20);
  sheet_sql(&sql, j->rows);
  qf_buf_puts(&sql, f.sql);
  qf_buf_puts(&sql, ") x");
  j->n = 0;
  if (strcmp(severity, "warn") != 0 && strcmp(severity, "info") != 0 && (j->edits || !strstr(j->check, "r12")))
    rc = qf_book_query(qf_city_book(j->e->c), sql.data, NULL, 0, on_finding, j, err);
  qf_buf_fini(&sql);
  qf_packfile_fini(&f);
  if (rc)
    fail_msg("%s: %s", path, err->en);
  return rc;
}

static json_t *judge(const env *e, const json_t *rows, bool edits)
{
  qf_err err = {0};
  judged j = {.e = e, .rows = rows, .hit = json_object(), .edits = edits};
  must(qf_packdir_each("packs/industry/checks/energy_p205", ".sql", run_check, &j, &err), &err);
  return j.hit;
}

static size_t forms_of(const json_t *rows)
{
  size_t i, n = 0;
  json_t *row;
  const char *last = "";
  json_int_t month = 0;
  json_array_foreach(rows, i, row)
  {
    const char *s = json_string_value(json_object_get(row, "subject"));
    json_int_t m = json_integer_value(json_object_get(row, "month"));
    n += m != month || strcmp(s, last) != 0;
    last = s;
    month = m;
  }
  return n;
}

/* ---- forging */

static double get(const json_t *row, const char *col)
{
  const json_t *v = json_object_get(row, col);
  return json_is_string(v) ? strtod(json_string_value(v), NULL) : json_number_value(v);
}

static void set(json_t *row, const char *col, double v)
{
  char t[40];
  snprintf(t, sizeof t, "%.4f", v);
  json_object_set_new(row, col, json_string(t));
}

/* A consistent lie: other purchases, and consumption to match, so that the form still adds up. */
static void buy(json_t *row, double factor)
{
  double p = floor(get(row, "purchase") * factor * 1e4 + 0.5) / 1e4, d = p - get(row, "purchase");
  set(row, "purchase", p);
  set(row, "purchase_outside", 0);
  set(row, "consumption", get(row, "consumption") + d);
  set(row, "industrial", get(row, "industrial") + d);
  if (get(row, "transform_input") > get(row, "industrial"))
    set(row, "transform_input", get(row, "industrial"));
  set(row, "transport", 0);
}

typedef bool forge(const env *e, json_t *row); /* true: this row was forged */

static bool is(const json_t *row, const char *code)
{
  return strcmp(json_string_value(json_object_get(row, "code")), code) == 0;
}

static const json_t *before(const env *e, const json_t *row)
{
  size_t i;
  const json_t *r;
  json_array_foreach(e->clean, i, r) if (json_integer_value(json_object_get(r, "month")) ==
                                             json_integer_value(json_object_get(row, "month")) - 1 &&
                                         strcmp(json_string_value(json_object_get(r, "subject")),
                                                json_string_value(json_object_get(row, "subject"))) == 0 &&
                                         strcmp(json_string_value(json_object_get(r, "code")),
                                                json_string_value(json_object_get(row, "code"))) == 0) return r;
  return NULL;
}

static bool newest(const env *e, const json_t *row)
{
  return json_integer_value(json_object_get(row, "month")) == e->last;
}

static bool f_stock(const env *e, json_t *row)
{
  (void)e;
  if (get(row, "closing_stock") <= 0)
    return false;
  set(row, "closing_stock", get(row, "closing_stock") + 0.03 * get(row, "consumption") + 1);
  return true;
}
static bool f_parts(const env *e, json_t *row)
{
  (void)e;
  set(row, "industrial", get(row, "industrial") * 0.9);
  return get(row, "industrial") > 1;
}
static bool f_opening(const env *e, json_t *row)
{
  const json_t *b = before(e, row);
  if (!b || get(row, "opening_stock") <= 0)
    return false;
  set(row, "opening_stock", get(row, "opening_stock") * 0.8);
  set(row, "consumption", get(row, "consumption") - get(b, "closing_stock") + get(row, "opening_stock"));
  set(row, "industrial", get(row, "consumption") - get(row, "non_industrial"));
  return true;
}
static bool f_negative(const env *e, json_t *row)
{
  (void)e;
  if (get(row, "closing_stock") <= 0)
    return false;
  double d = get(row, "closing_stock") + 5;
  set(row, "closing_stock", -5);
  set(row, "consumption", get(row, "consumption") + d);
  set(row, "industrial", get(row, "industrial") + d);
  return true;
}
static bool f_copy(const env *e, json_t *row)
{
  const json_t *b = before(e, row);
  if (!b || !newest(e, row) || get(b, "purchase") < 10)
    return false;
  json_t *copy = json_deep_copy(b);
  json_object_del(copy, "month");
  json_object_update(row, copy);
  json_decref(copy);
  return true;
}
static bool scaled(const env *e, json_t *row, double f)
{
  if (!newest(e, row) || get(row, "purchase") < 5)
    return false;
  buy(row, f);
  return true;
}
static bool f_kwh(const env *e, json_t *row)
{
  return is(row, "33") && scaled(e, row, 10000);
}
static bool f_kg(const env *e, json_t *row)
{
  return get(row, "closing_stock") > 0 && scaled(e, row, 1000);
}
static bool f_tenth(const env *e, json_t *row)
{
  return !is(row, "21") && scaled(e, row, 0.1);
}
static bool f_mj(const env *e, json_t *row)
{
  return is(row, "33") && scaled(e, row, 3.6);
}
static bool f_tce(const env *e, json_t *row)
{
  return is(row, "33") && scaled(e, row, 1 / 8.14);
}
static bool f_gas_kwh(const env *e, json_t *row)
{
  return is(row, "15") && scaled(e, row, 2.93);
}
static bool f_coefficient(const env *e, json_t *row)
{
  (void)e;
  set(row, "coefficient", get(row, "coefficient") * 0.92);
  json_object_del(row, "test_report");
  return true;
}
static bool f_default(const env *e, json_t *row)
{
  (void)e;
  if (!json_object_get(row, "test_report"))
    return false;
  json_object_del(row, "test_report"); /* the measured value was the dearer one: fall back to the printed one */
  double printed = get(row, "reference_coefficient");
  json_object_set_new(row, "coefficient", json_string("0"));
  set(row, "coefficient", printed);
  return true;
}
static bool f_shave(const env *e, json_t *row)
{
  (void)e;
  if (!is(row, "33") && !is(row, "15"))
    return false;
  buy(row, 0.93);
  return true;
}
static bool f_metered(const env *e, json_t *row)
{
  const char *s = json_string_value(json_object_get(row, "subject"));
  if (!newest(e, row) || atoi(s + 1) > 6 || get(row, "purchase") < 1 || is(row, "33") || is(row, "15"))
    return false;
  buy(row, 0.9);
  return true;
}
static bool f_edit(const env *e, json_t *row)
{
  if (json_integer_value(json_object_get(row, "month")) != e->last - 2 || get(row, "purchase") < 5)
    return false;
  buy(row, 0.985);
  return true;
}
static bool f_jump(const env *e, json_t *row)
{
  if (!newest(e, row) || is(row, "21") || is(row, "19") || is(row, "32") || get(row, "purchase") < 5)
    return false;
  buy(row, 1.7);
  return true;
}
static bool f_minimum(const env *e, json_t *row) /* all of a magnesia works' energy, to a fifth */
{
  (void)e;
  int unit = atoi(json_string_value(json_object_get(row, "subject")) + 1);
  if (unit < 7 || unit > 28)
    return false;
  buy(row, 0.2);
  return true;
}

static const struct {
  const char *name;
  forge *fn;
} kinds[] = {
    {"stock identity broken", f_stock},
    {"parts that do not add up", f_parts},
    {"opening stock other than last closing", f_opening},
    {"negative stock", f_negative},
    {"copied from last month", f_copy},
    {"kWh for 10^4 kWh", f_kwh},
    {"kg for t", f_kg},
    {"a factor of ten lost", f_tenth},
    {"MJ for kWh (3.6)", f_mj},
    {"kgce for kWh (8.14)", f_tce},
    {"gas at 2.93", f_gas_kwh},
    {"coefficient lowered by 8 % without report", f_coefficient},
    {"default value instead of the measured", f_default},
    {"electricity and gas shaved by 7 %", f_shave},
    {"purchase 10 % under the meters", f_metered},
    {"accepted form edited by 1.5 %", f_edit},
    {"consumption up 70 %, output not", f_jump},
    {"energy under the theoretical minimum", f_minimum},
};

typedef struct score {
  size_t planted, caught, clean, flagged;
} score;

/* Judging is what takes the time: of a kind that can be planted in many forms every third is judged, under the sanitizers
 * every ninth. */
#ifdef QF_SMALL
#define THIN 9
#else
#define THIN 3
#endif
static void thin_out(json_t *forged)
{
  const char *key;
  json_t *v;
  void *tmp;
  size_t i = 0;
  if (json_object_size(forged) > 60)
    json_object_foreach_safe(forged, tmp, key, v) if (i++ % THIN) json_object_del(forged, key);
}

static void plant(const env *e, size_t k, score *s)
{
  json_t *all = json_array(), *rows = json_array(), *forged = json_object(), *row;
  size_t i;
  const char *key;
  void *tmp;
  json_array_foreach(e->clean, i, row)
  {
    json_t *r = json_deep_copy(row);
    if (kinds[k].fn(e, r)) {
      char id[64];
      snprintf(id, sizeof id, "%s:%d", json_string_value(json_object_get(r, "subject")),
               (int)json_integer_value(json_object_get(r, "month")));
      json_object_set_new(forged, id, json_true());
    }
    json_array_append_new(all, r);
  }
  thin_out(forged);
  json_array_foreach(all, i, row) /* whole forms, only those that were forged */
  {
    char id[64];
    snprintf(id, sizeof id, "%s:%d", json_string_value(json_object_get(row, "subject")),
             (int)json_integer_value(json_object_get(row, "month")));
    if (json_object_get(forged, id))
      json_array_append(rows, row);
  }
  json_decref(all);
  json_t *hit = judge(e, rows, kinds[k].fn == f_edit), *v;
  size_t n = json_object_size(forged), got = 0;
  json_object_foreach_safe(forged, tmp, key, v)
  {
    got += json_object_get(hit, key) != NULL;
    if (!json_object_get(hit, key) && getenv("QF_SHOW"))
      printf("#   missed %s\n", key);
  }
  assert_true(n >= 5);
  printf("# %-45s %4zu of %4zu caught\n", kinds[k].name, got, n);
  s->planted += n;
  s->caught += got;
  json_decref(hit);
  json_decref(forged);
  json_decref(rows);
}

static void forms_are_caught_and_clean_ones_pass(void **state)
{
  const env *e = *state;
  score s = {.clean = forms_of(e->clean)};
  assert_true(s.clean > 300);
  json_t *hit = judge(e, e->clean, true), *v;
  const char *key;
  s.flagged = json_object_size(hit);
  json_object_foreach(hit, key, v) printf("#   clean %s:%s\n", key, json_string_value(v));
  json_decref(hit);
  for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
    plant(e, k, &s);
  printf("# forms: %zu of %zu forgeries caught (%.1f %%); %zu of %zu clean forms flagged (%.1f %%)\n", s.caught,
         s.planted, 100.0 * (double)s.caught / (double)s.planted, s.flagged, s.clean,
         100.0 * (double)s.flagged / (double)s.clean);
  assert_true(s.caught * 100 >= s.planted * 95);
  assert_true(s.flagged * 100 <= s.clean * 5);
}

/* ---- laboratory reports */

typedef struct reports {
  json_t *all, *hit;
} reports;

static bool on_report(void *ud, const qf_cell *c, size_t n)
{
  static const char *const names[] = {"id",      "subject", "carrier",  "sample_no", "lab",      "report_no",
                                      "sampled", "sealed",  "received", "tested",    "reported", "uploaded",
                                      "sha256",  "lhv",     "carbon",   "moisture"};
  json_t *d = json_object();
  for (size_t i = 0; i < n - 1; i++) {
    char num[48];
    if (c[i].kind == 4)
      json_object_set_new(d, names[i], json_string(c[i].s));
    else if (c[i].kind == 3) {
      snprintf(num, sizeof num, "%.2f", c[i].d);
      json_object_set_new(d, names[i], json_string(num));
    }
  }
  json_object_set_new(d, "month", json_integer(c[n - 1].i));
  json_array_append_new(((reports *)ud)->all, d);
  return true;
}

static bool on_rule(void *ud, const qf_cell *c, size_t n)
{
  reports *r = ud;
  assert_int_equal(n, 6);
  if (c[5].kind == 4 && c[2].kind == 4 && strcmp(c[2].s, "info") != 0 &&
      !strstr(c[5].s, ":X")) /* X: the sample's own flaws */
    json_object_set_new(r->hit, c[5].s, json_string(c[4].s));
  return true;
}

static void run_rules(const env *e, reports *r)
{
  static const char *const files[] = {"lab_date_order",    "lab_report_reused", "lab_one_batch",
                                      "lab_outside_month", "lab_same_values",   "lab_carbon_band"};
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    char path[128];
    qf_packfile f;
    qf_err err = {0};
    snprintf(path, sizeof path, "packs/industry/rules/%s.sql", files[i]);
    must(qf_packfile_read(path, &f, &err), &err);
    must(qf_book_query(qf_city_book(e->c), f.sql, NULL, 0, on_rule, r, &err), &err);
    qf_packfile_fini(&f);
  }
}

enum { LAB_ORDER, LAB_EARLY, LAB_NUMBER, LAB_FILE, LAB_VALUES, LAB_MONTH, LAB_CARBON, LAB_BATCH, LAB_KINDS };
static const char *const lab_names[LAB_KINDS] = {"tested before received",    "uploaded before reported",
                                                 "report number used again",  "report file used again",
                                                 "assay values carried over", "sampled in another month",
                                                 "carbon lowered by a fifth", "several months received in one day"};

static void day_add(json_t *d, const char *col, int days)
{
  int y, m, dd;
  char t[16];
  assert_int_equal(sscanf(json_string_value(json_object_get(d, col)), "%d-%d-%d", &y, &m, &dd), 3);
  qf_civil_from_days(qf_days_from_civil(y, m, dd) + days, &y, &m, &dd);
  snprintf(t, sizeof t, "%04d-%02d-%02d", y, m, dd);
  json_object_set_new(d, col, json_string(t));
}

/* A further report of the month by one of the forgeries; everything else about it is its own. */
static json_t *forge_report(const json_t *of, int kind, size_t i)
{
  json_t *d = json_deep_copy(of);
  char t[80];
  snprintf(t, sizeof t, "F%d-%zu", kind, i);
  json_object_set_new(d, "sample_no", json_string(t));
  if (kind != LAB_NUMBER)
    json_object_set_new(d, "report_no", json_string(t));
  if (kind != LAB_FILE) {
    snprintf(t, sizeof t, "%064zx", (size_t)kind * 1000 + i + 1);
    json_object_set_new(d, "sha256", json_string(t));
  }
  if (kind != LAB_VALUES) {
    snprintf(t, sizeof t, "%.2f", get(d, "lhv") + 11 + (double)(kind * 7) + (double)i * 0.37);
    json_object_set_new(d, "lhv", json_string(t));
  }
  if (kind == LAB_ORDER)
    day_add(d, "tested", -3);
  if (kind == LAB_EARLY)
    day_add(d, "uploaded", -5);
  if (kind == LAB_MONTH)
    for (int k = 0; k < 6; k++)
      day_add(d, (const char *[]){"sampled", "sealed", "received", "tested", "reported", "uploaded"}[k], 45);
  if (kind == LAB_CARBON) {
    snprintf(t, sizeof t, "%.2f", get(d, "carbon") * 0.8);
    json_object_set_new(d, "carbon", json_string(t));
  }
  if (kind == LAB_BATCH) { /* months of one batch: another subject, so that no clean report shares the day */
    json_object_set_new(d, "subject", json_string("u900"));
    json_object_set_new(d, "received", json_string("2026-11-02"));
  }
  return d;
}

static void reports_are_caught_and_clean_ones_pass(void **state)
{
  const env *e = *state;
  reports r = {json_array(), json_object()};
  qf_err err = {0};
  must(qf_book_query(
           qf_city_book(e->c),
           "SELECT id, subject, carrier, sample_no, lab, report_no, CAST(sampled AS VARCHAR), CAST(sealed AS VARCHAR), "
           "CAST(received AS VARCHAR), CAST(tested AS VARCHAR), CAST(reported AS VARCHAR), CAST(uploaded AS VARCHAR), "
           "sha256, CAST(lhv AS DOUBLE), CAST(carbon AS DOUBLE), CAST(moisture AS DOUBLE), month FROM rec_lab_report "
           "WHERE sample_no NOT LIKE 'X%' "
           "ORDER BY id",
           NULL, 0, on_report, &r, &err),
       &err);
  size_t clean = json_array_size(r.all), i;
  assert_true(clean > 100);
  run_rules(e, &r);
  size_t flagged = json_object_size(r.hit), planted = 0, caught = 0, of_kind[LAB_KINDS][2] = {{0}};
  json_t *recs = json_array(), *rec;
  for (int k = 0; k < LAB_KINDS; k++)
    for (i = (size_t)k; i < clean; i += 9) {
      json_t *d = forge_report(json_array_get(r.all, i), k, i);
      json_object_del(d, "id");
      char id[64];
      snprintf(id, sizeof id, "z-forged:%d:%zu", k, i);
      json_array_append_new(recs, json_pack("{s:s, s:s, s:s, s:s, s:o}", "type", "lab_report", "id", id, "status",
                                            "accepted", "by", "test", "data", d));
    }
  must(qf_city_records(e->c, recs, NULL, &err), &err);
  must(qf_city_settle(e->c, &err), &err);
  json_object_clear(r.hit);
  run_rules(e, &r);
  json_array_foreach(recs, i, rec)
  {
    const char *id = json_string_value(json_object_get(rec, "id"));
    bool got = json_object_get(r.hit, id) != NULL;
    of_kind[atoi(id + 9)][0]++;
    of_kind[atoi(id + 9)][1] += got;
    planted++;
    caught += got;
  }
  for (int k = 0; k < LAB_KINDS; k++)
    printf("# %-45s %4zu of %4zu caught\n", lab_names[k], of_kind[k][1], of_kind[k][0]);
  printf("# reports: %zu of %zu forgeries caught (%.1f %%); %zu of %zu clean reports flagged (%.1f %%)\n", caught,
         planted, 100.0 * (double)caught / (double)planted, flagged, clean, 100.0 * (double)flagged / (double)clean);
  assert_true(caught * 100 >= planted * 95);
  assert_true(flagged * 100 <= clean * 5);
  json_decref(recs);
  json_decref(r.all);
  json_decref(r.hit);
}

/* ---- the checks that no forgery above speaks to */

static json_t *line(const char *code, const char *industrial, const char *coefficient)
{
  return json_pack("{s:s, s:i, s:s, s:s, s:s, s:s, s:s}", "subject", "u901", "month", 24321, "code", code, "industrial",
                   industrial, "consumption", industrial, "purchase", industrial, "coefficient", coefficient);
}

static bool says(const env *e, const json_t *rows, const char *check)
{
  json_t *hit = judge(e, rows, true);
  const char *all = json_string_value(json_object_get(hit, "u901:24321"));
  bool yes = all && strstr(all, check);
  json_decref(hit);
  return yes;
}

typedef struct totals {
  double tce, keq;
  char text[200];
} totals;

static bool on_total(void *ud, const qf_cell *c, size_t n)
{
  totals *t = ud;
  assert_int_equal(n, 6);
  t->tce = strtod(c[2].s, NULL);
  snprintf(t->text, sizeof t->text, "%s", c[5].s);
  return true;
}

static bool on_keq(void *ud, const qf_cell *c, size_t n)
{
  (void)n;
  ((totals *)ud)->keq = c[0].d;
  return true;
}

static void run_one(const env *e, const json_t *rows, const char *check, qf_row_fn *fn, void *ud)
{
  char path[200];
  qf_err err = {0};
  qf_packfile f;
  qf_buf sql;
  snprintf(path, sizeof path, "packs/industry/checks/energy_p205/%s.sql", check);
  must(qf_packfile_read(path, &f, &err), &err);
  qf_buf_init(&sql, (size_t)1 << 20);
  sheet_sql(&sql, rows);
  qf_buf_puts(&sql, f.sql);
  qf_buf_puts(&sql, ") x");
  must(qf_book_query(qf_city_book(e->c), sql.data, NULL, 0, fn, ud, &err), &err);
  qf_buf_fini(&sql);
  qf_packfile_fini(&f);
}

static bool count_rows(void *ud, const qf_cell *c, size_t n)
{
  (void)n;
  *(int *)ud += 1;
  assert_true(strstr(c[5].s, "uneven") != NULL);
  return true;
}

/* 234 purchases filed, all ending in 5: one finding; with ends 1..9 in turn (26 each, chi-squared 0): none. */
static int digits(const env *e, const char *subject, bool even)
{
  json_t *recs = json_array(), *rows = json_array();
  qf_err err = {0};
  for (int i = 0; i < 234; i++) {
    char id[40], code[4], q[24];
    snprintf(code, sizeof code, "%02d", 1 + i % 39);
    snprintf(id, sizeof id, "%s:%d:%s", subject, 24310 + i / 39, code);
    snprintf(q, sizeof q, "%d%d", 1000 + i, even ? 1 + i % 9 : 5);
    json_array_append_new(recs, json_pack("{s:s, s:s, s:s, s:{s:s, s:i, s:s, s:s}}", "type", "energy_p205", "id", id,
                                          "by", "test", "data", "subject", subject, "month", 24310 + i / 39, "code",
                                          code, "purchase", q));
  }
  must(qf_city_records(e->c, recs, NULL, &err), &err);
  must(qf_city_settle(e->c, &err), &err);
  json_array_append_new(rows, json_pack("{s:s, s:i, s:s}", "subject", subject, "month", 24321, "code", "33"));
  int n = 0;
  run_one(e, rows, "r10_digits", count_rows, &n);
  json_decref(recs);
  json_decref(rows);
  return n;
}

static void the_other_checks_speak(void **state)
{
  const env *e = *state;
  /* 100 t of coal at 0.7143 and 50 of 10^4 kWh at 1.229: 71.43 + 61.45 = 132.88 tce */
  json_t *rows =
      json_pack("[o, o, o]", line("01", "100", "0.7143"), line("33", "50", "1.229"), line("40", "132.88", "1"));
  assert_false(says(e, rows, "r01_total"));
  assert_false(says(e, rows, "r02_code"));
  json_object_set_new(json_array_get(rows, 2), "industrial", json_string("140"));
  assert_true(says(e, rows, "r01_total"));
  json_object_set_new(json_array_get(rows, 1), "code", json_string("99"));
  assert_true(says(e, rows, "r02_code"));
  json_object_set_new(json_array_get(rows, 1), "code", json_string("01"));
  assert_true(says(e, rows, "r02_code")); /* twice the same code */
  json_decref(rows);
  /* totals: keq.electricity in the book times 50 x 10 000 kWh / 1000, coal as it is */
  rows = json_pack("[o, o]", line("01", "100", "0.7143"), line("33", "50", "1.229"));
  totals t = {0};
  run_one(e, rows, "r00_total", on_total, &t);
  qf_err err = {0};
  must(
      qf_book_query(qf_city_book(e->c),
                    "SELECT CAST(value AS DOUBLE) FROM factor_month WHERE factor = 'keq.electricity' AND month = 24321",
                    NULL, 0, on_keq, &t, &err),
      &err);
  assert_true(fabs(t.tce - 132.88) < 0.006);
  assert_true(t.keq > 0.2 && t.keq < 0.5);
  char want[40];
  snprintf(want, sizeof want, "%.2f tce equivalent", 71.43 + 500 * t.keq);
  assert_non_null(strstr(t.text, want));
  json_decref(rows);
  assert_int_equal(digits(e, "u901", false), 1);
  assert_int_equal(digits(e, "u902", true), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(forms_are_caught_and_clean_ones_pass),
      cmocka_unit_test(reports_are_caught_and_clean_ones_pass),
      cmocka_unit_test(the_other_checks_speak),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
