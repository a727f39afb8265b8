/* Figures and why, on a small pack written here: every expected value is worked out by hand beside its case. */
#include "base/test_dir.h"
#include "figure/internal.h"
#include <dirent.h>
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

#define M(y, m) ((y)*12 + (m)-1)

/* ---- the pack: month expression as the packs write it */
#define MONTH_OF_DAY "CAST(EXTRACT(YEAR FROM a.day) * 12 + EXTRACT(MONTH FROM a.day) - 1 AS INTEGER)"

static const struct {
  const char *path, *text;
} files[] = {
    {"t/pack.ini", "[pack]\narea = t\ntitle_zh = 试验\ntitle_en = Trial\n"},
    {"t/records/subject.sql", "CREATE TABLE subject (parent VARCHAR, kind VARCHAR NOT NULL, name_zh VARCHAR, name_en "
                              "VARCHAR, product VARCHAR, sample BOOLEAN);"},
    {"t/records/point.sql", "CREATE TABLE point (subject VARCHAR NOT NULL, name_zh VARCHAR, name_en VARCHAR, carrier "
                            "VARCHAR, flow VARCHAR, unit VARCHAR, "
                            "kind VARCHAR, k DECIMAL(18,9), stamp VARCHAR);"},
    {"t/records/factor.sql",
     "CREATE TABLE factor (factor VARCHAR NOT NULL, value DECIMAL(18,9) NOT NULL, unit VARCHAR, valid_from DATE NOT "
     "NULL, "
     "valid_to DATE, source VARCHAR, clause VARCHAR, certainty VARCHAR, name_zh VARCHAR, name_en VARCHAR);"},
    {"t/records/carrier.sql", "CREATE TABLE carrier (name_zh VARCHAR, name_en VARCHAR);"},
    {"t/records/filing.sql", "CREATE TABLE filing (subject VARCHAR NOT NULL, month INTEGER NOT NULL, carrier VARCHAR "
                             "NOT NULL, flow VARCHAR NOT NULL, "
                             "quantity DECIMAL(18,6) NOT NULL, own_factor DECIMAL(18,9));"},
    {"t/records/output.sql",
     "CREATE TABLE output (subject VARCHAR NOT NULL, month INTEGER NOT NULL, quantity DECIMAL(18,6) NOT NULL);"},
    {"t/records/target.sql",
     "CREATE TABLE target (indicator VARCHAR NOT NULL, subject VARCHAR NOT NULL, month_from INTEGER, month_to INTEGER, "
     "value DECIMAL(24,6), unit VARCHAR, kind VARCHAR, source VARCHAR, band DECIMAL(6,3));"},
    {"t/records/limit_value.sql",
     "CREATE TABLE limit_value (process VARCHAR, variant VARCHAR, standard VARCHAR, clause VARCHAR, valid_from DATE, "
     "level1 DECIMAL(18,6), level2 DECIMAL(18,6), level3 DECIMAL(18,6));"},
    {"t/indicators/total.sql",
     "-- id: t.total\n-- title: 综合能耗|Energy\n-- unit: tce\n-- kind: sum\n-- better: down\n-- scope: 单位|Units\n-- "
     "clause: GB/T 2589-2020\n-- decimals: 2\n"
     "-- display: 万吨 0.0001 | kt 0.001\n"
     "WITH flow AS (SELECT p.subject, " MONTH_OF_DAY
     " AS month, p.carrier, p.flow, SUM(a.value) AS quantity, SUM(a.estimated) AS estimated, "
     "'measured' AS source, p.point, CAST(NULL AS VARCHAR) AS record, CAST(NULL AS DECIMAL(18,9)) AS own_factor FROM "
     "pt p JOIN account_day a "
     "ON a.point = p.point WHERE p.flow IN ('purchase', 'export') GROUP BY p.subject, " MONTH_OF_DAY
     ", p.carrier, p.flow, p.point UNION ALL "
     "SELECT subject, month, carrier, flow, quantity, 0, 'filed', CAST(NULL AS INTEGER), id, own_factor FROM "
     "rec_filing)\n"
     "SELECT subject, month, quantity * factor_value * 0.001 * sign AS num, estimated * factor_value * 0.001 * sign AS "
     "est, source, carrier, point, "
     "record, quantity, factor, factor_value, outside, 0.001 AS scale, sign FROM (SELECT f.*, COALESCE(f.own_factor, "
     "k.value) AS factor_value, "
     "CASE WHEN f.own_factor IS NULL THEN k.id END AS factor, CASE WHEN f.own_factor IS NULL THEN k.outside ELSE FALSE "
     "END AS outside, "
     "CASE flow WHEN 'export' THEN -1 ELSE 1 END AS sign FROM flow f LEFT JOIN factor_month k ON k.factor = 'k.' || "
     "f.carrier AND k.month = "
     "f.month) s WHERE factor_value IS NOT NULL;\n"},
    {"t/indicators/kwh.sql",
     "-- id: t.kwh\n-- months: alone\n-- title: 电量|Electricity\n-- unit: kWh\n-- kind: sum\n-- decimals: 0\n"
     "SELECT p.subject, " MONTH_OF_DAY
     " AS month, SUM(a.value) AS num, SUM(a.estimated) AS est, p.carrier, p.point, SUM(a.value) AS quantity, "
     "'kWh' AS quantity_unit FROM pt p JOIN account_day a ON a.point = p.point WHERE p.carrier = 'electricity' AND "
     "p.flow = 'purchase' "
     "GROUP BY p.subject, " MONTH_OF_DAY ", p.carrier, p.point"},
    {"t/indicators/unit.sql", "-- id: t.unit_energy.mill\n-- title: 单耗|Unit energy\n-- unit: kgce/t\n-- kind: "
                              "ratio\n-- better: down\n-- decimals: 1\n"
                              "SELECT subject, month, 'num' AS part, CAST(quantity AS DECIMAL(38,6)) * own_factor AS "
                              "num, 'filed' AS source, carrier, id AS record, quantity, own_factor AS factor_value "
                              "FROM rec_filing WHERE own_factor IS NOT NULL UNION ALL SELECT subject, month, 'den', "
                              "quantity, 'filed', NULL, id, quantity, NULL FROM rec_output"},
    {"t/indicators/peak.sql",
     "-- id: t.peak\n-- months: alone\n-- title: 最大需量|Peak\n-- unit: kW\n-- kind: max\n-- decimals: 1\n"
     "SELECT p.subject, " MONTH_OF_DAY
     " AS month, a.peak * 4 AS num, p.point AS point, a.peak AS quantity, 4 AS scale, a.peak_at AS \"at\" "
     "FROM pt p JOIN account_day a ON a.point = p.point WHERE p.carrier = 'electricity' AND p.flow = 'purchase'"},
    {"t/indicators/pf.sql",
     "-- id: t.pf\n-- title: 功率因数|Power factor\n-- unit: 1\n-- kind: power_factor\n-- decimals: 4\n"
     "SELECT p.subject, " MONTH_OF_DAY
     " AS month, CASE p.flow WHEN 'purchase' THEN 'num' ELSE 'den' END AS part, SUM(a.value) AS num, p.point, "
     "SUM(a.value) AS quantity FROM pt p JOIN account_day a ON a.point = p.point WHERE p.flow IN ('purchase', "
     "'reactive_lag') "
     "GROUP BY p.subject, " MONTH_OF_DAY ", p.flow, p.point"},
    {"t/indicators/stock.sql",
     "-- id: t.stock\n-- title: 存量|Stock\n-- unit: t\n-- kind: last\n-- decimals: 0\n"
     "SELECT subject, month, quantity AS num, 'filed' AS source, id AS record, quantity FROM rec_output"},
    {"t/indicators/broken.sql",
     "-- id: t.broken\n-- title: 除零|Broken\n-- unit: t\n-- kind: sum\n-- decimals: 0\n"
     "SELECT subject, month, CAST(1 / (quantity - quantity) AS DECIMAL(18,6)) AS num FROM rec_output"},
};

typedef struct env {
  char root[64], packs[128], dir[128];
  qf_book *b;
  qf_readings *r;
  qf_figures *f;
  uint64_t seq;
  json_t *last; /* the last answer */
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

static void commit(env *e)
{
  qf_err err = {0};
  if (qf_book_commit(e->b, ++e->seq, &err))
    fail_msg("commit: %s", err.en);
}

static void record(env *e, const char *type, const char *id, int version, const char *data)
{
  qf_err err = {0};
  json_t *d = json_loads(data, 0, NULL);
  assert_non_null(d);
  json_t *j = json_pack("{s:s,s:s,s:i,s:s,s:s,s:o}", "type", type, "id", id, "version", version, "status", "accepted",
                        "by", "test", "data", d);
  if (qf_book_record(e->b, j, e->seq + 1, &err))
    fail_msg("%s %s: %s", type, id, err.en);
  json_decref(j);
}

static void series(env *e, uint32_t point, const char *key)
{
  qf_err err;
  assert_int_equal(qf_book_series(e->b, point, key, strlen(key), e->seq + 1, &err), QF_OK);
}

static void day(env *e, uint32_t point, int32_t d, int64_t micro, int64_t estimated)
{
  qf_err err;
  qf_day x = {.point = point,
              .day = d,
              .value = micro,
              .estimated = estimated,
              .quarters = 96,
              .quarters_estimated = estimated ? 8 : 0,
              .peak = micro / 50,
              .peak_us = qf_day_cn_start(d) + 36 * QF_US_QUARTER};
  assert_int_equal(qf_book_days(e->b, &x, 1, &err), QF_OK);
}

/* City c with districts d1, d2; units u1 (d1) with process u1.mill, u2 (d2, sample). */
static void people(env *e)
{
  record(e, "subject", "c", 1, "{\"kind\":\"city\",\"name_zh\":\"城\",\"name_en\":\"City\"}");
  record(e, "subject", "d1", 1, "{\"parent\":\"c\",\"kind\":\"district\",\"name_zh\":\"一区\",\"name_en\":\"One\"}");
  record(e, "subject", "d2", 1, "{\"parent\":\"c\",\"kind\":\"district\",\"name_zh\":\"二区\",\"name_en\":\"Two\"}");
  record(e, "subject", "u1", 1, "{\"parent\":\"d1\",\"kind\":\"unit\",\"name_zh\":\"甲厂\",\"name_en\":\"Plant A\"}");
  record(e, "subject", "u1.mill", 1,
         "{\"parent\":\"u1\",\"kind\":\"process\",\"name_zh\":\"轧机\",\"name_en\":\"Mill\"}");
  record(e, "subject", "u2", 1,
         "{\"parent\":\"d2\",\"kind\":\"unit\",\"name_zh\":\"乙厂\",\"name_en\":\"Plant B\",\"sample\":true}");
  record(e, "carrier", "electricity", 1, "{\"name_zh\":\"电力\",\"name_en\":\"Electricity\"}");
  record(e, "factor", "k.electricity@1", 1,
         "{\"factor\":\"k.electricity\",\"value\":\"0.1229\",\"unit\":\"kgce/"
         "kWh\",\"valid_from\":\"2021-04-01\",\"source\":\"GB/T 2589-2020\","
         "\"clause\":\"Annex A\",\"certainty\":\"V\",\"name_zh\":\"电力折标\",\"name_en\":\"Electricity\"}");
  record(e, "factor", "k.oxygen@1", 1,
         "{\"factor\":\"k.oxygen\",\"value\":\"0.4\",\"unit\":\"kgce/m3\",\"valid_from\":\"2021-04-01\"}");
  record(e, "factor", "k.steam@1", 1,
         "{\"factor\":\"k.steam\",\"value\":\"34.12\",\"unit\":\"kgce/GJ\",\"valid_from\":\"2021-04-01\"}");
  series(e, 1, "meter u1");
  series(e, 2, "meter u2");
  series(e, 3, "kvarh u1");
  record(e, "point", "meter u1", 1,
         "{\"subject\":\"u1\",\"name_zh\":\"一号表\",\"name_en\":\"Meter "
         "1\",\"carrier\":\"electricity\",\"flow\":\"purchase\",\"unit\":\"kWh\","
         "\"kind\":\"register\",\"k\":60}");
  record(e, "point", "meter u2", 1,
         "{\"subject\":\"u2\",\"name_zh\":\"二号表\",\"name_en\":\"Meter "
         "2\",\"carrier\":\"electricity\",\"flow\":\"purchase\",\"unit\":\"kWh\","
         "\"kind\":\"register\"}");
  record(e, "point", "kvarh u1", 1,
         "{\"subject\":\"u1\",\"name_zh\":\"无功表\",\"name_en\":\"kvarh "
         "meter\",\"carrier\":\"reactive\",\"flow\":\"reactive_lag\",\"unit\":\"kvarh\","
         "\"kind\":\"register\"}");
}

static int set_up(void **state)
{
  static const char *const dirs[] = {"packs", "data", "packs/t", "packs/t/records", "packs/t/indicators"};
  env *e = calloc(1, sizeof *e);
  char path[300];
  qf_err err = {0};
  bool aside;
  assert_non_null(e);
  assert_non_null(qf_test_dir(e->root, sizeof e->root, "figure"));
  for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++) {
    snprintf(path, sizeof path, "%s/%s", e->root, dirs[i]);
    assert_int_equal(mkdir(path, 0700), 0);
  }
  snprintf(e->packs, sizeof e->packs, "%s/packs", e->root);
  snprintf(e->dir, sizeof e->dir, "%s/data", e->root);
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    snprintf(path, sizeof path, "%s/%s", e->packs, files[i].path);
    put_file(path, files[i].text);
  }
  qf_book_opts o = {.packs_dir = e->packs, .memory_mb = 256};
  if (qf_book_open(e->dir, &o, &e->b, &aside, &err) || qf_readings_open(e->dir, NULL, &e->r, &err) ||
      qf_figures_open(e->b, e->r, e->packs, &e->f, &err))
    fail_msg("%s", err.en);
  people(e);
  commit(e);
  *state = e;
  return 0;
}

static int tear_down(void **state)
{
  env *e = *state;
  json_decref(e->last);
  qf_figures_close(e->f);
  qf_readings_close(e->r);
  qf_book_close(e->b);
  remove_tree(e->root);
  free(e);
  return 0;
}

/* ---- reading answers. Numbers are looked at as text: they are exact. */

static json_t *parse(env *e, const qf_buf *b)
{
  json_error_t je;
  json_decref(e->last);
  e->last = json_loadb(b->data, b->len, 0, &je);
  if (!e->last)
    fail_msg("not JSON at %d: %s\n%.2000s", je.position, je.text, b->data);
  return e->last;
}

static char text[1 << 16]; /* the last answer as text */

static json_t *figure(env *e, const char *id, const char *subject, int32_t from, int32_t to)
{
  qf_buf b;
  qf_err err = {0};
  qf_figure_ask a = {id, subject, from, to};
  qf_buf_init(&b, 1 << 20);
  if (qf_figures_refresh(e->f, &err) || qf_figure_json(e->f, &a, &b, &err))
    fail_msg("%s: %s", id, err.en);
  snprintf(text, sizeof text, "%s", b.data);
  json_t *j = parse(e, &b);
  qf_buf_fini(&b);
  return j;
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

static json_t *why(env *e, const char *id, int depth, const char *path)
{
  qf_buf b;
  qf_err err = {0};
  qf_figure_ask a = {id, NULL, 1, 0};
  qf_buf_init(&b, 8 << 20);
  if (qf_figures_refresh(e->f, &err) || qf_why_json(e->f, &a, depth, path, &b, &err))
    fail_msg("%s: %s", id, err.en);
  snprintf(text, sizeof text, "%s", b.data);
  json_t *j = parse(e, &b);
  qf_buf_fini(&b);
  return j;
}

static double num(const json_t *j, const char *name)
{
  return json_number_value(json_object_get(j, name));
}

/* Independent of the code under test: every node against its children, in floating point. */
static void check_tree(const json_t *n, size_t *nodes)
{
  const char *op = json_string_value(json_object_get(n, "op"));
  const json_t *kids = json_object_get(n, "children");
  double v = num(n, "value"), acc = op && strcmp(op, "product") == 0 ? 1 : 0;
  (*nodes)++;
  for (size_t i = 0; i < json_array_size(kids); i++) {
    const json_t *k = json_array_get(kids, i);
    check_tree(k, nodes);
    assert_non_null(op);
    if (strcmp(op, "sum") == 0)
      acc += num(k, "value");
    else if (strcmp(op, "product") == 0)
      acc *= num(k, "value");
    else if (strcmp(op, "difference") == 0)
      acc += i ? -num(k, "value") : num(k, "value");
    else if (strcmp(op, "max") == 0)
      acc = i && acc > num(k, "value") ? acc : num(k, "value");
    else if (strcmp(op, "ratio") == 0)
      acc = i ? acc / num(k, "value") : num(k, "value");
    else
      acc = v;
  }
  double slack = json_object_get(n, "rounded") ? 0.051 : 1e-9 * (v < 0 ? -v : v) + 1e-9;
  if (json_array_size(kids) && (acc - v > slack || v - acc > slack))
    fail_msg("%s is %.12g, its parts give %.12g (%s)",
             json_string_value(json_object_get(json_object_get(n, "label"), "en")), v, acc, op);
}

static size_t check(const json_t *n)
{
  size_t nodes = 0;
  check_tree(n, &nodes);
  return nodes;
}

static const json_t *find(const json_t *n, const char *kind)
{
  if (strcmp(json_string_value(json_object_get(n, "kind")), kind) == 0)
    return n;
  const json_t *kids = json_object_get(n, "children");
  for (size_t i = 0; i < json_array_size(kids); i++) {
    const json_t *x = find(json_array_get(kids, i), kind);
    if (x)
      return x;
  }
  return NULL;
}

/* ---- cases */

/* The worked month of GB/T 2589 practice (reference 2.3): coal 1200 t with LHV 22400 kJ/kg -> 22400/29307.6 kgce/kg; electricity
 * 3.0 GWh x 0.1229; gas 50000 m3 x 35544/29307.6; oxygen 400000 m3 x 0.4; steam sold 2000 GJ x 34.12.
 * Own factors as filed to 9 digits: coal 764.306869208 kgce/t, gas 1.212791222 kgce/m3.
 *   coal   1200 x 764.306869208 / 1000 = 917.1682430496
 *   power  3000000 x 0.1229 / 1000     = 368.7
 *   gas    50000 x 1.212791222 / 1000  = 60.6395611
 *   oxygen 400000 x 0.4 / 1000         = 160
 *   steam  -2000 x 34.12 / 1000        = -68.24
 *   total  1438.2678041496 -> 1438.27 tce */
static void plant_month(env *e, int month)
{
  char data[300];
  static const struct {
    const char *carrier, *flow, *quantity, *own;
  } f[] = {{"raw_coal", "purchase", "1200", "\"764.306869208\""},
           {"electricity", "purchase", "3000000", "null"},
           {"natural_gas", "purchase", "50000", "\"1.212791222\""},
           {"oxygen", "purchase", "400000", "null"},
           {"steam", "export", "2000", "null"}};
  for (size_t i = 0; i < 5; i++) {
    char id[60];
    snprintf(id, sizeof id, "f/%d/%s", month, f[i].carrier);
    snprintf(
        data, sizeof data,
        "{\"subject\":\"u1\",\"month\":%d,\"carrier\":\"%s\",\"flow\":\"%s\",\"quantity\":\"%s\",\"own_factor\":%s}",
        month, f[i].carrier, f[i].flow, f[i].quantity, f[i].own);
    record(e, "filing", id, 1, data);
  }
}

static void the_worked_plant_month(void **state)
{
  env *e = *state;
  plant_month(e, M(2025, 3));
  commit(e);
  figure(e, "t.total", NULL, 1, 0);
  has("\"value\":1438.2678041496,");
  has("\"period\":{\"from\":\"2025-03\",\"to\":\"2025-03\"}");
  has("\"quality\":{\"measured\":0,\"filed\":1,\"estimated\":0}");
  has("\"completeness\":1,");
  has("\"factors\":[{\"id\":\"k.electricity\",\"version\":1},{\"id\":\"k.oxygen\",\"version\":1},{\"id\":\"k.steam\","
      "\"version\":1}]");
  has("yoy_no_base");
  has_not("sample_data");
  has("\"display\":{\"zh\":{\"unit\":\"万吨\",\"factor\":0.0001},\"en\":{\"unit\":\"kt\",\"factor\":0.001}}");
  figure(e, "t.total", "u1", M(2025, 1), M(2025, 4)); /* one month of four was filed */
  has("\"completeness\":0.25");
  has("incomplete");
  figure(e, "t.total", "d2", M(2025, 1), M(2025, 4));
  has("\"value\":null");
  has("\"no_data\"");
  json_t *w = why(e, "t.total", 0, NULL);
  has("\"value\":1438.2678041496,");
  has("\"clause\":\"Annex A\"");
  has("own measured coefficient");
  assert_int_equal(
      check(w), 29); /* city d1 u1, 5 carriers, 5 products, 5 x (quantity factor scale), one sign: 3 + 5 + 5 + 15 + 1 */
}

static bool on_text(void *ud, const qf_cell *c, size_t n)
{
  snprintf(ud, 40, "%s", n == 1 && c->kind == 4 ? c->s : "?");
  return true;
}

static void factor_correction_restates(void **state)
{
  env *e = *state;
  plant_month(e, M(2025, 3));
  commit(e);
  figure(e, "t.total", NULL, 1, 0);
  has("\"value\":1438.2678041496,");
  record(e, "factor", "k.electricity@2", 1,
         "{\"factor\":\"k.electricity\",\"value\":\"0.1230\",\"unit\":\"kgce/kWh\",\"valid_from\":\"2024-01-01\"}");
  commit(e);
  figure(e, "t.total", NULL, 1, 0); /* 3000000 x (0.1230 - 0.1229) / 1000 = 0.3 tce more */
  has("\"value\":1438.5678041496,");
  has("{\"id\":\"k.electricity\",\"version\":2}");
  /* A correction of the record itself: its version 2 counts, version 1 stays readable. */
  record(e, "factor", "k.electricity@2", 2,
         "{\"factor\":\"k.electricity\",\"value\":\"0.1231\",\"unit\":\"kgce/kWh\",\"valid_from\":\"2024-01-01\"}");
  commit(e);
  figure(e, "t.total", NULL, 1, 0);
  has("\"value\":1438.8678041496,");
  qf_err err;
  char kept[40] = "";
  assert_int_equal(
      qf_book_query(
          e->b, "SELECT CAST(value AS VARCHAR) FROM rec_factor_history WHERE id = 'k.electricity@2' AND version = 1",
          NULL, 0, on_text, kept, &err),
      QF_OK);
  assert_string_equal(kept, "0.123000000");
}

static void factor_outside_its_validity_is_flagged(void **state)
{
  env *e = *state;
  plant_month(e, M(2020, 3)); /* before 2021-04-01 */
  commit(e);
  figure(e, "t.total", NULL, 1, 0);
  has("factor_outside_validity:k.electricity");
  has("\"value\":1438.2678041496,");
}

/* Meter 1: a register with k = 60; a day's difference of 100.00 is 6000 kWh. */
static void measured(env *e)
{
  for (int y = 2024; y <= 2025; y++)
    for (int m = 1; m <= 3; m++)
      for (int32_t d = qf_month_first_day(M(y, m)); d < qf_month_first_day(M(y, m) + 1); d++) {
        day(e, 1, d, (y == 2025 ? 6600 : 6000) * INT64_C(1000000), 0);
        if (y == 2025)
          day(e, 2, d, 1000 * INT64_C(1000000), m == 2 ? 250 * INT64_C(1000000) : 0);
      }
}

static void sums_years_and_quality(void **state)
{
  env *e = *state;
  measured(e);
  record(e, "target", "x", 1,
         "{\"indicator\":\"t.kwh\",\"subject\":\"c\",\"month_from\":24300,\"month_to\":24302,\"value\":700000,\"unit\":"
         "\"kWh\",\"kind\":\"plan\"}");
  commit(e);
  figure(e, "t.kwh", NULL, M(2025, 1), M(2025, 3)); /* 90 days: 90 x 6600 + 90 x 1000 = 684000 */
  has("\"value\":684000,");
  has("\"completeness\":1,");
  /* estimated: 28 days x 250 = 7000 of 684000 = 0.010234 (rounded to 6 digits) */
  has("\"quality\":{\"measured\":0.989766,\"filed\":0,\"estimated\":0.010234}");
  has("\"target\":700000,\"gap\":-16000,");
  has("sample_data");
  has("estimated_share");
  /* 2024-01..03 has 91 days of meter 1 alone: like for like 90 x 6600 / (91 x 6000) = 594000 / 546000 = 1.0879 -> +8.79 %; u2 is left out */
  has("\"yoy\":{\"value\":8.79,\"base\":546000,\"change\":48000,\"unit\":\"%\",\"basis\":\"2024-01..2024-03, 3 of 6 "
      "subject-months");
  has("yoy_like_for_like");
  has_not("estimation_cap");
  figure(e, "t.kwh", "u2", M(2025, 2), M(2025, 2)); /* 250 of each 1000: over the 10 % of V22 */
  has("\"estimated\":0.25}");
  has("estimation_cap");
  figure(e, "t.kwh", "u1", M(2025, 3), M(2025, 3)); /* 31 x 6600 */
  has("\"value\":204600,");
  has_not("sample_data");
  figure(e, "t.kwh", NULL, M(2025, 1), M(2025, 4)); /* April: nothing yet, so 90 of 120 days */
  has("\"completeness\":0.75,");
  has("incomplete");
}

static void a_running_month_is_partial_and_not_compared(void **state)
{
  env *e = *state;
  measured(e);
  day(e, 1, qf_month_first_day(M(2025, 4)), 6600 * INT64_C(1000000), 0);
  commit(e);
  figure(e, "t.kwh", "u1", 1, 0);
  has("\"period\":{\"from\":\"2025-01\",\"to\":\"2025-04\"}");
  has("partial_period");
  has("\"completeness\":1,"); /* all that could be there is there */
  has("\"yoy\":{\"value\":8.79,");
}

/* Filed until February, metered from March: nothing is missing. */
static void filed_then_metered_is_complete(void **state)
{
  env *e = *state;
  for (int m = 24300; m <= 24301; m++) {
    char id[40], data[200];
    snprintf(id, sizeof id, "f%d", m);
    snprintf(data, sizeof data,
             "{\"subject\":\"u1\",\"month\":%d,\"carrier\":\"electricity\",\"flow\":\"purchase\",\"quantity\":1000}",
             m);
    record(e, "filing", id, 1, data);
  }
  int32_t march = qf_month_first_day(M(2025, 3));
  for (int i = 0; i < 31; i++)
    day(e, 1, march + i, 6600 * INT64_C(1000000), 0);
  commit(e);
  figure(e, "t.total", NULL, M(2025, 1), M(2025, 3));
  has("\"completeness\":1,");
  has("mixed_sources");
  qf_err err;
  assert_int_equal(qf_book_restart(e->b, 1, qf_day_cn_start(march), &err), QF_OK);
  for (int i = 0; i < 31; i++) {
    qf_day x = {.point = 1, .day = march + i, .value = 1000000, .quarters = i < 30 ? 48 : 96};
    assert_int_equal(qf_book_days(e->b, &x, 1, &err), QF_OK);
  }
  commit(e);
  /* 90 days of 96 quarters = 8640; there: 59 x 96 + 30 x 48 + 96 = 7200 -> 0.8333 (rounded down) */
  figure(e, "t.total", NULL, M(2025, 1), M(2025, 3));
  has("\"completeness\":0.8333,");
}

static void peak_and_power_factor(void **state)
{
  env *e = *state;
  int32_t d = qf_month_first_day(M(2025, 1));
  day(e, 1, d, 3000 * INT64_C(1000000), 0);     /* peak quarter 60 kWh -> 240 kW */
  day(e, 1, d + 1, 4000 * INT64_C(1000000), 0); /* 80 kWh -> 320 kW */
  day(e, 2, d, 1000 * INT64_C(1000000), 0);     /* 20 kWh -> 80 kW */
  day(e, 3, d, 5250 * INT64_C(1000000), 0);     /* kvarh */
  commit(e);
  figure(e, "t.peak", NULL, 1, 0);
  has("\"value\":320,");
  has("\"at\":\"2025-01-02T09:00:00+08:00\"");
  figure(e, "t.peak", "u2", 1, 0);
  has("\"value\":80,");
  figure(e, "t.pf", "u1", 1, 0); /* 7000 / sqrt(7000^2 + 5250^2) = 7000 / 8750 = 0.8 */
  has("\"value\":0.8,");
  has("\"numerator\":7000,\"denominator\":5250");
  figure(e, "t.pf", "u2", 1, 0);
  has("\"value\":null");
  has("no_denominator");
  check(why(e, "t.peak", 0, NULL));
  json_t *w = why(e, "t.pf", 1, NULL);
  assert_string_equal(json_string_value(json_object_get(w, "op")), "power_factor");
  /* 8000 / sqrt(8000^2 + 5250^2) = 0.83602... for the city (u2's energy counts too): sqrt(91562500) = 9568.83 -> 0.8360 */
  has("\"value\":0.836,");
}

static void ratio_level_and_last(void **state)
{
  env *e = *state;
  plant_month(e, M(2025, 3));
  record(e, "output", "o1", 1, "{\"subject\":\"u1\",\"month\":24302,\"quantity\":9500}");
  record(e, "limit_value", "l1", 1,
         "{\"process\":\"mill\",\"variant\":\"all\",\"standard\":\"GB "
         "1\",\"valid_from\":\"2021-01-01\",\"level1\":90,\"level2\":100,\"level3\":110}");
  record(e, "limit_value", "l2", 1,
         "{\"process\":\"mill\",\"variant\":\"all\",\"standard\":\"GB "
         "2\",\"valid_from\":\"2026-01-01\",\"level1\":9,\"level2\":10,\"level3\":11}");
  commit(e);
  /* (917168.2430496 + 60639.5611) kgce / 9500 t = 977807.8041496 / 9500 = 102.927... -> 102.9 */
  figure(e, "t.unit_energy.mill", NULL, 1, 0);
  has("\"value\":102.9,");
  has("\"numerator\":977807.8041496,\"denominator\":9500,");
  has("\"level\":3,\"limit\":{\"standard\":\"GB 1\"");
  json_t *w = why(e, "t.unit_energy.mill", 0, NULL);
  assert_int_equal(num(w, "rounded"), 1);
  check(w);
  record(e, "output", "o2", 1, "{\"subject\":\"u1\",\"month\":24303,\"quantity\":100}");
  record(e, "output", "o3", 1, "{\"subject\":\"u2\",\"month\":24301,\"quantity\":7}");
  commit(e);
  figure(e, "t.stock", NULL, M(2025, 1), M(2025, 12)); /* the last of each: u1 100 in April, u2 7 in February */
  has("\"value\":107,");
  figure(e, "t.stock", NULL, M(2025, 1), M(2025, 3));
  has("\"value\":9507,");
  record(e, "output", "o4", 1, "{\"subject\":\"u1\",\"month\":24290,\"quantity\":5000}"); /* March 2024 */
  commit(e);
  figure(e, "t.stock", "u1", M(2025, 1), M(2025, 3)); /* 9500 / 5000 */
  has("\"yoy\":{\"value\":90,\"base\":5000,\"change\":4500,");
  check(why(e, "t.stock", 0, NULL));
  figure(e, "t.unit_energy.mill", "u2", 1, 0); /* output without energy */
  has("\"value\":null");
  has("no_numerator");
}

/* Readings of meter 1 at midnight of each day of January 2025 and some between; k = 60. */
static void readings(env *e, bool gap)
{
  qf_batch b;
  qf_err err = {0};
  qf_batch_init(&b);
  int32_t d0 = qf_month_first_day(M(2025, 1));
  for (int i = 0; i <= 31; i++) {
    assert_int_equal(qf_batch_reserve(&b, 2), QF_OK);
    qf_us t = qf_day_cn_start(d0 + i);
    if (!(gap && i == 10))
      qf_batch_add(&b, 1, t, (qf_num){1000000 + i * 11000, -2}, 0); /* 110.00 a day = 6600 kWh */
    qf_batch_add(&b, 1, t + 6 * QF_US_HOUR, (qf_num){1000000 + i * 11000 + 2500, -2}, 0);
  }
  if (qf_readings_add(e->r, &b, 1, &err))
    fail_msg("%s", err.en);
  qf_batch_fini(&b);
}

static void january(env *e)
{
  int32_t d0 = qf_month_first_day(M(2025, 1));
  for (int i = 0; i < 31; i++)
    day(e, 1, d0 + i, 6600 * INT64_C(1000000), 0);
  commit(e);
}

static void why_goes_down_to_the_register(void **state)
{
  env *e = *state;
  readings(e, false);
  january(e);
  json_t *w = why(e, "t.total", 0, NULL); /* 31 x 6600 kWh x 0.1229 / 1000 = 25.145340 tce */
  has("\"value\":25.14534,");
  check(w);
  const json_t *x = find(w, "difference");
  assert_non_null(x);
  assert_true(num(x, "value") == 6600);
  x = find(w, "reading");
  assert_non_null(x);
  assert_true(num(x, "value") == 10110); /* the register at the end of 1 January: 10000.00 + 110.00 */
  assert_string_equal(json_string_value(json_object_get(json_object_get(x, "ref"), "at")), "2025-01-02T00:00:00+08:00");
  assert_non_null(find(w, "factor"));
  /* depth and path */
  w = why(e, "t.total", 1, NULL);
  assert_int_equal(check(w), 2);
  assert_int_equal(num(json_array_get(json_object_get(w, "children"), 0), "more"), 1);
  w = why(e, "t.total", 1, "s=d1/s=u1/c=electricity/p=1/m=2025-01/q");
  assert_int_equal(check(w), 32);
  const json_t *k = json_array_get(json_object_get(w, "children"), 4);
  assert_string_equal(json_string_value(json_object_get(k, "path")),
                      "s=d1/s=u1/c=electricity/p=1/m=2025-01/q/d=2025-01-05");
  w = why(e, "t.total", 0, json_string_value(json_object_get(k, "path")));
  assert_true(num(w, "value") == 6600);
  assert_int_equal(check(w), 8); /* day, difference, 2 products of reading and multiplier */
  qf_buf b;
  qf_err err;
  qf_figure_ask a = {"t.total", NULL, 1, 0};
  qf_buf_init(&b, 10000);
  assert_int_equal(qf_why_json(e->f, &a, 1, "s=d1/s=u9", &b, &err), QF_NOTFOUND);
  qf_buf_fini(&b);
}

static void what_the_register_does_not_show_is_named(void **state)
{
  env *e = *state;
  readings(e, true); /* no reading at the midnight between the 10th and the 11th */
  january(e);
  json_t *w = why(e, "t.kwh", 0, "s=d1/s=u1/c=electricity/p=1/m=2025-01/d=2025-01-10");
  check(w);
  /* last reading before that midnight: the 10th at 06:00, 25.00 after its beginning: 25 x 60 = 1500, the rest 5100 is interpolated */
  const json_t *x = find(w, "difference");
  assert_true(num(x, "value") == 1500);
  x = find(w, "input");
  has("interpolated at the day's edge");
  has("\"value\":5100");
  day(e, 1, qf_month_first_day(M(2025, 1)) + 9, 6700 * INT64_C(1000000), 200 * INT64_C(1000000));
  commit(e);
  w = why(e, "t.kwh", 0, "s=d1/s=u1/c=electricity/p=1/m=2025-01/d=2025-01-10");
  check(w);
  has("estimated by the meter's rules");
  assert_non_null(x);
}

static void only_what_changed_is_asked_again(void **state)
{
  env *e = *state;
  measured(e);
  commit(e);
  figure(e, "t.kwh", "u1", M(2025, 1), M(2025, 3));
  has("\"value\":594000,");
  day(e, 1, qf_month_first_day(M(2025, 3)), 16600 * INT64_C(1000000), 0);
  commit(e);
  figure(e, "t.kwh", "u1", M(2025, 1), M(2025, 3)); /* 10000 more in March */
  has("\"value\":604000,");
  day(e, 1, qf_month_first_day(M(2024, 12)), 5 * INT64_C(1000000), 0); /* late data of an earlier month */
  commit(e);
  figure(e, "t.kwh", "u1", M(2024, 12), M(2025, 3));
  has("\"value\":604005,");
  qf_err err;
  assert_int_equal(qf_book_restart(e->b, 1, qf_day_cn_start(qf_month_first_day(M(2025, 2))), &err), QF_OK);
  commit(e);
  figure(e, "t.kwh", "u1", M(2024, 12), M(2025, 3)); /* January stays: 31 x 6600 + 5 */
  has("\"value\":204605,");
}

static void rows_of_unknown_subjects_are_not_lost(void **state)
{
  env *e = *state;
  record(e, "output", "o1", 1, "{\"subject\":\"nobody\",\"month\":24302,\"quantity\":5}");
  record(e, "output", "o2", 1, "{\"subject\":\"u1.mill\",\"month\":24302,\"quantity\":6}");
  record(e, "subject", "r1", 1, "{\"parent\":\"r2\",\"kind\":\"unit\"}"); /* a ring */
  record(e, "subject", "r2", 1, "{\"parent\":\"r1\",\"kind\":\"unit\"}");
  record(e, "output", "o3", 1, "{\"subject\":\"r2\",\"month\":24302,\"quantity\":7}");
  commit(e);
  figure(e, "t.stock", NULL, 1, 0);
  has("\"value\":18,");
  has("unknown_subject");
  figure(e, "t.stock", "d1", 1, 0);
  has("\"value\":6,");
  check(why(e, "t.stock", 0, NULL));
}

static void a_failing_indicator_fails_alone(void **state)
{
  env *e = *state;
  record(e, "output", "o1", 1, "{\"subject\":\"u1\",\"month\":24302,\"quantity\":5}");
  commit(e);
  figure(e, "t.broken", NULL, 1, 0); /* 1/0: whether NULL or an error, no number is given */
  has("\"value\":null");
  figure(e, "t.stock", NULL, 1, 0);
  has("\"value\":5,");
}

static void unknown_names_are_answered_with_near_ones(void **state)
{
  env *e = *state;
  qf_buf b;
  qf_err err = {0};
  qf_figure_ask a = {"t.totals", NULL, 1, 0}, s = {"t.total", "u7", 1, 0};
  qf_buf_init(&b, 10000);
  assert_int_equal(qf_figure_json(e->f, &a, &b, &err), QF_NOTFOUND);
  assert_non_null(strstr(err.en, "t.total,") ? strstr(err.en, "t.total") : strstr(err.en, "t.total"));
  assert_int_equal(qf_figure_json(e->f, &s, &b, &err), QF_NOTFOUND);
  assert_non_null(strstr(err.zh, "u7"));
  assert_int_equal(b.len, 0);
  qf_buf_fini(&b);
}

static void lists_and_trends(void **state)
{
  env *e = *state;
  qf_buf b;
  qf_err err = {0};
  measured(e);
  commit(e);
  qf_buf_init(&b, 1 << 20);
  assert_int_equal(qf_figures_json(e->f, "t", NULL, &b, &err), QF_OK);
  assert_int_equal(json_array_size(parse(e, &b)), 8 - 1);
  qf_buf_reset(&b);
  assert_int_equal(qf_figures_json(e->f, "nowhere", NULL, &b, &err), QF_OK);
  assert_string_equal(b.data, "[]");
  qf_buf_reset(&b);
  assert_int_equal(qf_figures_catalogue_json(e->f, &b, &err), QF_OK);
  json_t *c = json_array_get(parse(e, &b), 0);
  assert_string_equal(json_string_value(json_object_get(json_object_get(c, "area_title"), "zh")), "试验");
  qf_figure_ask a = {"t.kwh", NULL, M(2025, 1), M(2025, 2)};
  qf_buf_reset(&b);
  assert_int_equal(qf_figure_trend_json(e->f, &a, NULL, &b, &err), QF_OK);
  assert_string_equal(b.data,
                      "[{\"month\":\"2025-01\",\"value\":235600,\"num\":235600,\"den\":null,\"estimated\":0},"
                      "{\"month\":\"2025-02\",\"value\":212800,\"num\":212800,\"den\":null,\"estimated\":7000}]");
  qf_buf_reset(&b);
  assert_int_equal(qf_figure_trend_json(e->f, &a, "child", &b, &err), QF_OK);
  json_t *t = parse(e, &b);
  assert_int_equal(json_array_size(t), 2);
  assert_string_equal(json_string_value(json_object_get(json_array_get(t, 1), "key")), "d2");
  qf_buf_reset(&b);
  assert_int_equal(qf_figure_trend_json(e->f, &a, "carrier", &b, &err), QF_OK);
  assert_non_null(strstr(b.data, "\"key\":\"electricity\",\"label\":{\"zh\":\"电力\""));
  qf_buf_fini(&b);
}

static void many_children_are_paged(void **state)
{
  env *e = *state;
  char id[40], data[200];
  for (int i = 0; i < 1200; i++) {
    snprintf(id, sizeof id, "o%04d", i);
    snprintf(data, sizeof data, "{\"subject\":\"u1\",\"month\":24302,\"quantity\":%d}", i);
    record(e, "output", id, 1, data);
  }
  commit(e);
  json_t *w = why(e, "t.stock", 0, NULL); /* 0 + 1 + .. + 1199 = 719400 */
  assert_true(num(w, "value") == 719400);
  assert_int_equal(check(w), 1200 + 3 + 1 + 2); /* city d1 u1, one group, and two nodes that hold what is over a page */
  w = why(e, "t.stock", 1, "s=d1/s=u1/c=/more");
  assert_int_equal(check(w), 501);
}

static void bad_indicators_are_named(void **state)
{
  env *e = *state;
  static const struct {
    const char *text, *word;
  } bad[] = {
      {"-- id: x.y\n-- kind: sum\nSELECT subject, month, CAST(quantity AS DOUBLE) AS num FROM rec_output", "floating"},
      {"-- id: x.y\n-- kind: sum\nSELECT subject, month FROM rec_output", "num"},
      {"-- id: x.y\n-- kind: mean\nSELECT subject, month, quantity AS num FROM rec_output", "mean"},
      {"-- id: x.y\n-- kind: sum\nSELECT subject, month, quantity AS num, 1 AS colour FROM rec_output", "colour"},
      {"-- kind: sum\nSELECT subject, month, quantity AS num FROM rec_output", "id:"},
      {"-- id: t.total\n-- kind: sum\nSELECT subject, month, quantity AS num FROM rec_output", "taken"},
      {"-- id: x.y\n-- kind: sum\nSELECT subject, month, quantity AS num FROM rec_nothing", "rec_nothing"}};
  char path[300];
  snprintf(path, sizeof path, "%s/t/indicators/zz.sql", e->packs);
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    qf_err err = {0};
    qf_figures *f;
    put_file(path, bad[i].text);
    assert_int_equal(qf_figures_open(e->b, e->r, e->packs, &f, &err), QF_SYNTAX);
    if (!strstr(err.en, "zz.sql") || !strstr(err.en, bad[i].word))
      fail_msg("%s: %s", bad[i].text, err.en);
  }
}

/* Where quantity, factor and num disagree, no explanation is given. */
static void a_broken_law_is_not_explained(void **state)
{
  env *e = *state;
  char path[300];
  qf_err err = {0};
  qf_figures *f;
  qf_buf b;
  snprintf(path, sizeof path, "%s/t/indicators/zz.sql", e->packs);
  put_file(path, "-- id: t.wrong\n-- kind: sum\n-- unit: t\nSELECT subject, month, quantity * 2 AS num, quantity, 3 AS "
                 "scale FROM rec_output");
  assert_int_equal(qf_figures_open(e->b, e->r, e->packs, &f, &err), QF_OK);
  record(e, "output", "o1", 1, "{\"subject\":\"u1\",\"month\":24302,\"quantity\":5}");
  commit(e);
  qf_buf_init(&b, 1 << 20);
  qf_figure_ask a = {"t.wrong", NULL, 1, 0};
  assert_int_equal(qf_why_json(f, &a, 0, NULL, &b, &err), QF_CORRUPT);
  assert_int_equal(b.len, 0);
  qf_buf_fini(&b);
  qf_figures_close(f);
}

static void real_packs_load(void **state)
{
  env *e = *state;
  struct stat st;
  qf_err err = {0};
  qf_book *b = NULL;
  qf_figures *f = NULL;
  char dir[200];
  bool aside;
  if (stat(QF_SOURCE_DIR "/packs/industry/indicators", &st) < 0) {
    skip();
    return;
  }
  snprintf(dir, sizeof dir, "%s/real", e->root);
  mkdir(dir, 0700);
  qf_book_opts o = {.packs_dir = QF_SOURCE_DIR "/packs", .memory_mb = 256};
  if (qf_book_open(dir, &o, &b, &aside, &err) || qf_figures_open(b, NULL, QF_SOURCE_DIR "/packs", &f, &err))
    fail_msg("%s", err.en);
  qf_buf out;
  qf_buf_init(&out, 1 << 20);
  assert_int_equal(qf_figures_json(f, NULL, NULL, &out, &err), QF_OK);
  assert_true(json_array_size(parse(e, &out)) > 0);
  if (strstr(out.data, "query_failed"))
    fail_msg("%.3000s", strstr(out.data, "query_failed"));
  qf_buf_fini(&out);
  qf_figures_close(f);
  qf_book_close(b);
}

/* The same worked month through the real packs: filings of one unit, the coefficients of GB/T 2589 as records. */
static void the_worked_month_through_the_real_packs(void **state)
{
  env *e = *state;
  struct stat st;
  qf_err err = {0};
  bool aside;
  if (stat(QF_SOURCE_DIR "/packs/industry/indicators/energy_total.sql", &st) < 0) {
    skip();
    return;
  }
  qf_figures_close(e->f);
  qf_book_close(e->b);
  e->f = NULL;
  e->b = NULL;
  snprintf(e->dir, sizeof e->dir, "%s/real", e->root);
  mkdir(e->dir, 0700);
  qf_book_opts o = {.packs_dir = QF_SOURCE_DIR "/packs", .memory_mb = 256};
  if (qf_book_open(e->dir, &o, &e->b, &aside, &err) || qf_figures_open(e->b, NULL, QF_SOURCE_DIR "/packs", &e->f, &err))
    fail_msg("%s", err.en);
  record(e, "subject", "c", 1, "{\"kind\":\"city\",\"name_zh\":\"城\",\"name_en\":\"City\"}");
  record(e, "subject", "u1", 1, "{\"parent\":\"c\",\"kind\":\"unit\",\"name_zh\":\"甲厂\",\"name_en\":\"Plant A\"}");
  static const char *const factors[][2] = {{"k.electricity", "0.1229"}, {"k.oxygen", "0.4"}, {"k.steam", "34.12"}};
  static const char *const filed[][4] = {{"raw_coal", "purchase", "1200", "\"764.306869208\""},
                                         {"electricity", "purchase", "3000000", "null"},
                                         {"natural_gas", "purchase", "50000", "\"1.212791222\""},
                                         {"oxygen", "purchase", "400000", "null"},
                                         {"steam", "export", "2000", "null"}};
  char id[80], data[500];
  for (size_t i = 0; i < 3; i++) {
    snprintf(id, sizeof id, "%s@1", factors[i][0]);
    snprintf(data, sizeof data,
             "{\"factor\":\"%s\",\"edition\":1,\"value\":\"%s\",\"unit\":\"kgce\",\"valid_from\":\"2021-04-01\","
             "\"source\":\"GB/T 2589-2020\","
             "\"certainty\":\"V\",\"name_zh\":\"系数\",\"name_en\":\"factor\"}",
             factors[i][0], factors[i][1]);
    record(e, "factor", id, 1, data);
  }
  for (size_t i = 0; i < 5; i++) {
    snprintf(id, sizeof id, "u1/24302/%s", filed[i][0]);
    snprintf(
        data, sizeof data,
        "{\"subject\":\"u1\",\"month\":24302,\"carrier\":\"%s\",\"flow\":\"%s\",\"quantity\":\"%s\",\"own_factor\":%s}",
        filed[i][0], filed[i][1], filed[i][2], filed[i][3]);
    record(e, "energy_monthly", id, 1, data);
  }
  commit(e);
  figure(e, "industry.energy_total", NULL, 1, 0);
  has("\"value\":1438.2678041496,");
  has("\"completeness\":1,");
  check(why(e, "industry.energy_total", 0, NULL));
  has("\"value\":1438.2678041496,");
}

/* Process energy through the real packs: media made by the works count with the process coefficients, bought ones with
 * Annex B. A furnace month of 1000 t: coke 400 t x 971.4 + oxygen 45 000 m3 x 0.0885 + nitrogen 25 000 m3 x 0.0169 -
 * furnace gas 200 000 m3 x 0.1286 = 388560 + 3982.5 + 422.5 - 25720 = 367245 kgce -> 367.245 kgce/t, 367.245 tce. The
 * unit buys 45 000 m3 of oxygen: 45 000 x 0.4 = 18 tce. A glass works (sector 30) has no steel coefficients. */
static void process_coefficients_through_the_real_packs(void **state)
{
  env *e = *state;
  struct stat st;
  qf_err err = {0};
  bool aside;
  if (stat(QF_SOURCE_DIR "/packs/industry/indicators/unit_energy_bf.sql", &st) < 0) {
    skip();
    return;
  }
  qf_figures_close(e->f);
  qf_book_close(e->b);
  e->f = NULL;
  e->b = NULL;
  snprintf(e->dir, sizeof e->dir, "%s/real", e->root);
  mkdir(e->dir, 0700);
  qf_book_opts o = {.packs_dir = QF_SOURCE_DIR "/packs", .memory_mb = 256};
  if (qf_book_open(e->dir, &o, &e->b, &aside, &err) || qf_figures_open(e->b, NULL, QF_SOURCE_DIR "/packs", &e->f, &err))
    fail_msg("%s", err.en);
  static const char *const subjects[][2] = {
      {"c", "{\"kind\":\"city\",\"name_zh\":\"城\",\"name_en\":\"City\"}"},
      {"s1", "{\"parent\":\"c\",\"kind\":\"unit\",\"sector\":\"3120\",\"name_zh\":\"钢厂\",\"name_en\":\"Steel\"}"},
      {"s1.bf",
       "{\"parent\":\"s1\",\"kind\":\"process\",\"product\":\"hot_metal\",\"name_zh\":\"高炉\",\"name_en\":\"BF\"}"},
      {"g1", "{\"parent\":\"c\",\"kind\":\"unit\",\"sector\":\"3041\",\"name_zh\":\"玻璃厂\",\"name_en\":\"Glass\"}"},
      {"g1.melting", "{\"parent\":\"g1\",\"kind\":\"process\",\"name_zh\":\"熔窑\",\"name_en\":\"Melting\"}"}};
  static const char *const factors[][2] = {{"k.coke", "971.4"},        {"k.oxygen", "0.4"},
                                           {"k.nitrogen", "0.4"},      {"k.blast_furnace_gas", "0.1286"},
                                           {"kproc.oxygen", "0.0885"}, {"kproc.nitrogen", "0.0169"}};
  static const char *const filed[][4] = {
      {"s1.bf", "coke", "consume", "400"},       {"s1.bf", "oxygen", "consume", "45000"},
      {"s1.bf", "nitrogen", "consume", "25000"}, {"s1.bf", "blast_furnace_gas", "recover", "200000"},
      {"s1", "oxygen", "purchase", "45000"},     {"g1.melting", "oxygen", "consume", "1000"}};
  char id[80], data[500];
  for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++)
    record(e, "subject", subjects[i][0], 1, subjects[i][1]);
  for (size_t i = 0; i < sizeof factors / sizeof *factors; i++) {
    snprintf(id, sizeof id, "%s@1", factors[i][0]);
    snprintf(data, sizeof data,
             "{\"factor\":\"%s\",\"edition\":1,\"value\":\"%s\",\"unit\":\"kgce\",\"valid_from\":\"2021-04-01\","
             "\"source\":\"standard\",\"certainty\":\"V\",\"name_zh\":\"系数\",\"name_en\":\"factor\"}",
             factors[i][0], factors[i][1]);
    record(e, "factor", id, 1, data);
  }
  for (size_t i = 0; i < sizeof filed / sizeof *filed; i++) {
    snprintf(id, sizeof id, "%s/24302/%s", filed[i][0], filed[i][1]);
    snprintf(data, sizeof data,
             "{\"subject\":\"%s\",\"month\":24302,\"carrier\":\"%s\",\"flow\":\"%s\",\"quantity\":\"%s\"}", filed[i][0],
             filed[i][1], filed[i][2], filed[i][3]);
    record(e, "energy_monthly", id, 1, data);
  }
  record(e, "output_monthly", "s1.bf/24302/hot_metal", 1,
         "{\"subject\":\"s1.bf\",\"month\":24302,\"product\":\"hot_metal\",\"quantity\":\"1000\"}");
  commit(e);
  figure(e, "industry.unit_energy.bf", NULL, 1, 0);
  has("\"numerator\":367245,\"denominator\":1000,");
  has("kproc.oxygen");
  has("kproc.nitrogen");
  check(why(e, "industry.unit_energy.bf", 0, NULL));
  figure(e, "industry.energy_by_process", "s1", 1, 0);
  has("\"value\":367.245,");
  check(why(e, "industry.energy_by_process", 0, NULL));
  figure(e, "industry.energy_by_process", "g1", 1, 0);
  has("\"value\":0.4,");
  figure(e, "industry.energy_total", "s1", 1, 0);
  has("\"value\":18,");
}

typedef struct asker {
  env *e;
  atomic_bool stop;
  int asked, bad;
} asker;

static void *keep_asking(void *ud)
{
  asker *a = ud;
  qf_figure_ask ask = {"t.total", NULL, 1, 0};
  while (!atomic_load(&a->stop)) {
    qf_buf b;
    qf_err err = {0};
    qf_buf_init(&b, 8 << 20);
    a->bad += qf_why_json(a->e->f, &ask, 0, NULL, &b, &err) != QF_OK;
    qf_buf_reset(&b);
    a->bad += qf_figures_json(a->e->f, NULL, NULL, &b, &err) != QF_OK;
    a->asked++;
    qf_buf_fini(&b);
  }
  return NULL;
}

/* While the book moves on under it, why answers, and every answer adds up (it checks itself). */
static void why_holds_while_the_book_moves(void **state)
{
  env *e = *state;
  asker a = {.e = e};
  pthread_t t;
  measured(e);
  commit(e);
  assert_int_equal(pthread_create(&t, NULL, keep_asking, &a), 0);
  for (int i = 0; i < 60; i++) {
    for (int32_t d = qf_month_first_day(M(2025, 3)); d < qf_month_first_day(M(2025, 4)); d++)
      day(e, 1, d, (6600 + i) * INT64_C(1000000), 0);
    commit(e);
  }
  atomic_store(&a.stop, true);
  pthread_join(t, NULL);
  assert_int_equal(a.bad, 0);
  figure(e, "t.kwh", "u1", M(2025, 3), M(2025, 3)); /* 31 x 6659 */
  has("\"value\":206429,");
}

static double seconds(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Prints what answers cost; fails only when something of another order happens. */
static void answers_are_quick(void **state)
{
  env *e = *state;
  char id[24], key[40], data[300];
  for (uint32_t i = 0; i < 200; i++) {
    snprintf(id, sizeof id, "x%03u", i % 1000);
    snprintf(data, sizeof data, "{\"parent\":\"%s\",\"kind\":\"unit\",\"name_zh\":\"厂\",\"name_en\":\"P\"}",
             i % 2 ? "d1" : "d2");
    record(e, "subject", id, 1, data);
    snprintf(key, sizeof key, "meter %s", id);
    series(e, 10 + i, key);
    snprintf(
        data, sizeof data,
        "{\"subject\":\"%s\",\"carrier\":\"electricity\",\"flow\":\"purchase\",\"unit\":\"kWh\",\"kind\":\"register\"}",
        id);
    record(e, "point", key, 1, data);
  }
  commit(e);
  double t0 = seconds();
  int32_t d0 = qf_month_first_day(M(2023, 1)), d1 = qf_month_first_day(M(2026, 1));
  for (int32_t d = d0; d < d1; d++)
    for (uint32_t i = 0; i < 200; i++)
      day(e, 10 + i, d, 1234567890 + d, 0);
  commit(e);
  double t1 = seconds();
  qf_err err;
  assert_int_equal(qf_figures_refresh(e->f, &err), QF_OK);
  double t2 = seconds();
  qf_buf b;
  qf_buf_init(&b, 8 << 20);
  qf_figure_ask a = {"t.total", NULL, M(2025, 1), M(2025, 12)};
  for (int i = 0; i < 100; i++) {
    qf_buf_reset(&b);
    assert_int_equal(qf_figure_json(e->f, &a, &b, &err), QF_OK);
  }
  double t3 = seconds();
  for (int i = 0; i < 20; i++) {
    qf_buf_reset(&b);
    assert_int_equal(qf_why_json(e->f, &a, 2, NULL, &b, &err), QF_OK);
  }
  double t4 = seconds();
  qf_buf_reset(&b);
  assert_int_equal(qf_why_json(e->f, &a, 0, NULL, &b, &err), QF_OK);
  double t5 = seconds();
  day(e, 10, d1 - 1, 5, 0);
  commit(e);
  double t6 = seconds();
  assert_int_equal(qf_figures_refresh(e->f, &err), QF_OK);
  double t7 = seconds();
  print_message("    %d days of 200 points in %.2f s; refresh of 7 figures %.0f ms, after one changed day %.0f ms; "
                "figure %.2f ms, why depth 2 %.2f ms, "
                "all depths %.0f ms\n",
                (d1 - d0) * 200, t1 - t0, (t2 - t1) * 1e3, (t7 - t6) * 1e3, (t3 - t2) * 10, (t4 - t3) * 50,
                (t5 - t4) * 1e3);
  qf_buf_fini(&b);
  assert_true(t3 - t2 < 10 && t5 - t4 < 10);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
  const struct CMUnitTest tests[] = {T(the_worked_plant_month),
                                     T(factor_correction_restates),
                                     T(factor_outside_its_validity_is_flagged),
                                     T(sums_years_and_quality),
                                     T(a_running_month_is_partial_and_not_compared),
                                     T(filed_then_metered_is_complete),
                                     T(peak_and_power_factor),
                                     T(ratio_level_and_last),
                                     T(why_goes_down_to_the_register),
                                     T(what_the_register_does_not_show_is_named),
                                     T(only_what_changed_is_asked_again),
                                     T(rows_of_unknown_subjects_are_not_lost),
                                     T(a_failing_indicator_fails_alone),
                                     T(unknown_names_are_answered_with_near_ones),
                                     T(lists_and_trends),
                                     T(many_children_are_paged),
                                     T(bad_indicators_are_named),
                                     T(a_broken_law_is_not_explained),
                                     T(real_packs_load),
                                     T(the_worked_month_through_the_real_packs),
                                     T(process_coefficients_through_the_real_packs),
                                     T(why_holds_while_the_book_moves),
                                     T(answers_are_quick)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
