/* Hourly roll-up of raw readings inside the engine, the same numbers in each: our store (one thread) and DuckDB
 * (two threads), in process.   rollup DIR POINTS STEPS RUNS
 * Leaves DIR/rows.bin for ClickHouse: RowBinary of (point UInt32, ts DateTime, v Float64). Prints JSON: medians of
 * RUNS, and what came out (groups, sum), which must be equal. */
#include "duckdb.h"
#include "readings/readings.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FROM_S 1750003200LL /* a full hour */

static double now_s(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint64_t mix(uint64_t x)
{
  x += 0x9E3779B97F4A7C15u;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

static int by_value(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static double median(double *v, int n)
{
  qsort(v, (size_t)n, sizeof *v, by_value);
  return v[n / 2];
}

static void die(const char *what, const char *why)
{
  fprintf(stderr, "rollup: %s: %s\n", what, why ? why : "");
  exit(3);
}

typedef struct made {
  int64_t *mant; /* counters in hundredths, by step then point */
  long points, steps;
} made;

static made make(long points, long steps)
{
  made m = {calloc((size_t)(points * steps), 8), points, steps};
  if (!m.mant)
    die("memory", NULL);
  for (long p = 0; p < points; p++) {
    double kw = 0.2 * pow(245.0, (double)(mix((uint64_t)p) >> 11) / 9007199254740992.0), total = 1000;
    for (long s = 0; s < steps; s++) {
      total += kw / 60 * (0.7 + 0.6 * (double)(mix((uint64_t)(p * 1000003 + s)) >> 11) / 9007199254740992.0);
      m.mant[s * points + p] = (int64_t)(total * 100);
    }
  }
  return m;
}

typedef struct result {
  long groups;
  double sum;
} result;

static void on_row(void *ud, const qf_rollup *r)
{
  result *x = ud;
  x->groups++;
  x->sum += (double)r->sum * (r->exp == 0 ? 1 : pow(10, r->exp)) + 0 * (double)(r->min + r->max);
}

static double ours(const char *dir, const made *m, int runs, result *out)
{
  qf_readings *s;
  qf_err err = {0};
  qf_batch b;
  qf_batch_init(&b);
  if (qf_readings_open(dir, NULL, &s, &err) || qf_batch_reserve(&b, (uint32_t)m->points))
    die("our store", err.en);
  for (long k = 0; k < m->steps; k++) {
    b.n = 0;
    for (long p = 0; p < m->points; p++)
      qf_batch_add(&b, (uint32_t)p + 1, (FROM_S + k * 60) * 1000000, (qf_num){m->mant[k * m->points + p], -2}, 0);
    if (qf_readings_add(s, &b, (uint64_t)k + 1, &err))
      die("our store", err.en);
  }
  if (qf_readings_seal(s, 30000, NULL, NULL, &err))
    die("seal", err.en);
  double *t = calloc((size_t)runs, sizeof *t);
  for (int r = 0; r < runs; r++) {
    *out = (result){0};
    double from = now_s();
    if (qf_readings_rollup(s, &(qf_rollup_query){.from = 0, .to = QF_US_DAY * 40000, .step_us = QF_US_HOUR}, on_row,
                           out, &err))
      die("roll-up", err.en);
    t[r] = now_s() - from;
  }
  double v = median(t, runs);
  free(t);
  qf_batch_fini(&b);
  qf_readings_close(s);
  return v;
}

static void sql(duckdb_connection c, const char *q, duckdb_result *r)
{
  if (duckdb_query(c, q, r) != DuckDBSuccess)
    die(q, duckdb_result_error(r));
}

static void fill(duckdb_connection c, const made *m)
{
  duckdb_appender a;
  if (duckdb_appender_create(c, NULL, "r", &a) != DuckDBSuccess)
    die("appender", NULL);
  for (long i = 0; i < m->points * m->steps; i++) {
    duckdb_append_uint32(a, (uint32_t)(i % m->points) + 1);
    duckdb_append_timestamp(a, (duckdb_timestamp){(FROM_S + i / m->points * 60) * 1000000});
    duckdb_append_double(a, (double)m->mant[i] / 100);
    if (duckdb_appender_end_row(a) != DuckDBSuccess)
      die("append", duckdb_appender_error(a));
  }
  if (duckdb_appender_destroy(&a) != DuckDBSuccess)
    die("append", NULL);
}

static double duck(const char *dir, const made *m, int runs, result *out)
{
  char path[4096];
  duckdb_database db;
  duckdb_connection c;
  duckdb_result r;
  snprintf(path, sizeof path, "%s/r.duckdb", dir);
  if (duckdb_open(path, &db) != DuckDBSuccess || duckdb_connect(db, &c) != DuckDBSuccess)
    die("duckdb", path);
  static const char *const setup[] = {"SET threads = 2", "SET memory_limit = '4GB'",
                                      "CREATE TABLE r (point UINTEGER, ts TIMESTAMP, v DOUBLE)"};
  for (size_t i = 0; i < 3; i++) {
    sql(c, setup[i], &r);
    duckdb_destroy_result(&r);
  }
  fill(c, m);
  sql(c, "CHECKPOINT", &r);
  duckdb_destroy_result(&r);
  double *t = calloc((size_t)runs, sizeof *t);
  for (int k = 0; k < runs; k++) {
    double from = now_s();
    sql(c,
        "SELECT count(*), sum(s) FROM (SELECT point, date_trunc('hour', ts) AS h, count(*), min(v), max(v), sum(v) AS "
        "s "
        "FROM r GROUP BY point, h) WHERE s IS NOT NULL",
        &r);
    t[k] = now_s() - from;
    *out = (result){duckdb_value_int64(&r, 0, 0), duckdb_value_double(&r, 1, 0)};
    duckdb_destroy_result(&r);
  }
  double v = median(t, runs);
  free(t);
  duckdb_disconnect(&c);
  duckdb_close(&db);
  return v;
}

static void row_binary(const char *dir, const made *m)
{
  char path[4096];
  snprintf(path, sizeof path, "%s/rows.bin", dir);
  FILE *f = fopen(path, "wb");
  for (long i = 0; f && i < m->points * m->steps; i++) {
    uint32_t head[2] = {(uint32_t)(i % m->points) + 1, (uint32_t)(FROM_S + i / m->points * 60)};
    double v = (double)m->mant[i] / 100;
    fwrite(head, 8, 1, f);
    fwrite(&v, 8, 1, f);
  }
  if (!f || fclose(f) != 0)
    die(path, "cannot be written");
}

int main(int argc, char **argv)
{
  if (argc != 5)
    return 2;
  made m = make(atol(argv[2]), atol(argv[3]));
  int runs = atoi(argv[4]);
  if (runs < 1)
    return 2;
  result a = {0}, b = {0};
  row_binary(argv[1], &m);
  double x = ours(argv[1], &m, runs, &a), y = duck(argv[1], &m, runs, &b);
  printf(
      "{\"readings\":%ld,\"ours_s\":%.5f,\"ours_groups\":%ld,\"ours_sum\":%.2f,\"duckdb_s\":%.5f,\"duckdb_groups\":%ld,"
      "\"duckdb_sum\":%.2f}\n",
      m.points * m.steps, x, a.groups, a.sum, y, b.groups, b.sum);
  free(m.mant);
  return a.groups != b.groups;
}
