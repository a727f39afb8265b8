/* The store against a naive model: an array of all arrivals, searched from end to end. */
#include "base/test_dir.h"
#include "readings/cols.h"
#include "readings/readings.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h> /* wants setjmp, stdarg, stddef before it */

/* ---- tools */

static uint64_t next(uint64_t *s)
{
  *s ^= *s << 13;
  *s ^= *s >> 7;
  *s ^= *s << 17;
  return *s;
}
static uint64_t below(uint64_t *s, uint64_t n)
{
  return next(s) % n;
}

static void must(qf_rc rc, const qf_err *err)
{
  if (rc)
    fail_msg("%s: %s", qf_rc_name(rc), err->en);
}

static char *new_folder(void)
{
  char path[256];
  assert_non_null(qf_test_dir(path, sizeof path, "readings"));
  return strdup(path);
}

typedef struct file { /* a copy of one file of the store */
  char name[80];
  size_t n;
  char *bytes;
} file;
typedef struct files {
  file f[400];
  size_t n;
} files;

static void path_of(const char *dir, const char *name, char out[400])
{
  snprintf(out, 400, "%s/readings/%s", dir, name);
}

static void write_file(const char *dir, const char *name, const char *bytes, size_t n)
{
  char path[400];
  path_of(dir, name, path);
  FILE *f = fopen(path, "wb");
  assert_non_null(f);
  assert_int_equal(fwrite(bytes, 1, n, f), n);
  fclose(f);
}

static void copy_files(const char *dir, files *out)
{
  char path[400];
  path_of(dir, "", path);
  DIR *d = opendir(path);
  assert_non_null(d);
  out->n = 0;
  for (struct dirent *e; (e = readdir(d)) != NULL;) {
    if (e->d_name[0] == '.')
      continue;
    assert_true(out->n < 400 && strlen(e->d_name) < 80);
    file *x = &out->f[out->n++];
    snprintf(x->name, sizeof x->name, "%.79s", e->d_name);
    path_of(dir, x->name, path);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    fseek(f, 0, SEEK_END);
    x->n = (size_t)ftell(f);
    rewind(f);
    x->bytes = malloc(x->n + 1);
    assert_non_null(x->bytes);
    assert_int_equal(fread(x->bytes, 1, x->n, f), x->n);
    fclose(f);
  }
  closedir(d);
}

static void free_files(files *fs)
{
  for (size_t i = 0; i < fs->n; i++)
    free(fs->f[i].bytes);
  fs->n = 0;
}

static void remove_folder(char *dir)
{
  char path[400];
  path_of(dir, "", path);
  DIR *d = opendir(path);
  for (struct dirent *e; d && (e = readdir(d)) != NULL;) {
    char f[400];
    path_of(dir, e->d_name, f);
    if (e->d_name[0] != '.')
      unlink(f);
  }
  if (d)
    closedir(d);
  rmdir(path);
  rmdir(dir);
  free(dir);
}

/* ---- the model */

typedef struct arrival {
  uint32_t point;
  qf_us ts;
  qf_num v;
  uint8_t flags;
  uint64_t seq;
} arrival;

typedef struct model {
  arrival *a; /* all that was ever added, in order */
  size_t n, cap;
  uint64_t seq;
} model;

typedef struct list {
  qf_reading *r;
  size_t n, cap;
} list;

static void push(list *l, qf_reading r)
{
  if (l->n == l->cap) {
    l->cap = l->cap ? l->cap * 2 : 64;
    l->r = realloc(l->r, l->cap * sizeof *l->r);
    assert_non_null(l->r);
  }
  l->r[l->n++] = r;
}

static bool same(const qf_reading *r, const arrival *a)
{
  return r->ts_us == a->ts && ((r->flags ^ a->flags) & QF_RD_SENTINEL) == 0 && qf_num_cmp(r->v, a->v) == 0;
}

/* Insertion of every arrival in its place: what range must give. */
static void model_range(const model *m, uint32_t point, qf_us from, qf_us to, list *out)
{
  out->n = 0;
  for (size_t i = 0; i < m->n; i++) {
    const arrival *a = &m->a[i];
    if (a->point != point || a->ts < from || a->ts >= to)
      continue;
    bool known = false, conflict = false;
    size_t at = out->n;
    while (at > 0 && out->r[at - 1].ts_us >= a->ts) {
      if (out->r[at - 1].ts_us > a->ts) {
        at--;
        continue;
      }
      break;
    }
    for (size_t j = at; j > 0 && out->r[j - 1].ts_us == a->ts; j--) {
      known |= same(&out->r[j - 1], a);
      conflict = true;
    }
    if (known)
      continue;
    push(out, (qf_reading){0});
    memmove(out->r + at + 1, out->r + at, (out->n - 1 - at) * sizeof *out->r);
    out->r[at] = (qf_reading){a->ts, a->v, (uint8_t)(a->flags | (conflict ? QF_RD_CONFLICT : 0))};
  }
}

static bool collect(void *ud, const qf_reading *r)
{
  push(ud, *r);
  return true;
}

static void compare_lists(const list *want, const list *got)
{
  assert_int_equal(got->n, want->n);
  for (size_t i = 0; i < want->n; i++) {
    assert_int_equal(got->r[i].ts_us, want->r[i].ts_us);
    assert_int_equal(got->r[i].flags, want->r[i].flags);
    assert_int_equal(qf_num_cmp(got->r[i].v, want->r[i].v), 0);
  }
}

typedef struct rolls {
  qf_rollup *r;
  size_t n, cap;
} rolls;

static void collect_roll(void *ud, const qf_rollup *r)
{
  rolls *l = ud;
  if (l->n == l->cap) {
    l->cap = l->cap ? l->cap * 2 : 64;
    l->r = realloc(l->r, l->cap * sizeof *l->r);
    assert_non_null(l->r);
  }
  l->r[l->n++] = *r;
}

static bool near(double a, double b, double size)
{
  return a - b <= 1e-9 * size && b - a <= 1e-9 * size;
}

static bool value_is(int64_t mant, const qf_rollup *r, qf_num want)
{
  if (!r->inexact)
    return qf_num_cmp((qf_num){mant, r->exp}, want) == 0;
  double w = qf_num_double(want), g = qf_num_double((qf_num){mant, r->exp}), unit = qf_num_double((qf_num){1, r->exp});
  double room = unit + 1e-14 * (w < 0 ? -w : w); /* rounded to the unit; a double itself is good for 16 digits */
  return g - w <= room && w - g <= room;
}

static qf_us floor_grid(qf_us t, qf_us step, qf_us grid)
{
  return qf_floor(t + grid, step) - grid;
}

/* One bucket = readings [i, j) of the model's list; the sum is exact when the world is tame. */
static void compare_bucket(const list *l, size_t i, size_t j, const qf_rollup *r, bool tame)
{
  qf_num lo = {0, 0}, hi = {0, 0}, first = {0, 0}, last = {0, 0};
  uint32_t count = 0;
  qf_i128 sum = 0;
  double dsum = 0, dsize = 0;
  for (; i < j; i++) {
    const qf_num v = l->r[i].v;
    if (l->r[i].flags & QF_RD_SENTINEL)
      continue;
    if (!count)
      lo = hi = first = v;
    lo = qf_num_cmp(v, lo) < 0 ? v : lo;
    hi = qf_num_cmp(v, hi) > 0 ? v : hi;
    last = v;
    count++;
    qf_i128 x = v.mant;
    for (int k = -6; tame && k < v.exp; k++)
      x *= 10;
    sum += x;
    double d = qf_num_double(v);
    dsum += d;
    dsize += d < 0 ? -d : d;
  }
  assert_int_equal(r->count, count);
  assert_true(value_is(r->min, r, lo) && value_is(r->max, r, hi) && value_is(r->first, r, first) &&
              value_is(r->last, r, last));
  if (tame) {
    qf_i128 got = r->sum;
    assert_false(r->inexact);
    assert_true(r->exp >= -6);
    for (int k = -6; k < r->exp; k++)
      got *= 10;
    assert_true(got == sum);
  } else {
    double got = (double)r->sum * qf_num_double((qf_num){1, r->exp});
    assert_true(near(got, dsum, dsize + count * qf_num_double((qf_num){1, r->exp}) * 1e9 * r->inexact));
  }
}

static size_t compare_rollup(const list *l, uint32_t point, const qf_rollup_query *q, const rolls *got, size_t at,
                             bool tame)
{
  for (size_t i = 0, j; i < l->n; i = j) {
    const qf_us bucket = floor_grid(l->r[i].ts_us, q->step_us, q->grid_us);
    uint32_t valid = 0;
    for (j = i; j < l->n && floor_grid(l->r[j].ts_us, q->step_us, q->grid_us) == bucket; j++)
      valid += !(l->r[j].flags & QF_RD_SENTINEL);
    if (!valid)
      continue; /* missing is not zero */
    assert_true(at < got->n);
    assert_int_equal(got->r[at].point, point);
    assert_int_equal(got->r[at].from_us, bucket);
    compare_bucket(l, i, j, &got->r[at++], tame);
  }
  return at;
}

/* ---- property test */

static const uint32_t the_points[] = {1, 2, 3, 7, 4096, 70000, 4000000000u};
enum { NPOINTS = sizeof the_points / sizeof the_points[0] };

typedef struct world {
  uint64_t s; /* random state */
  char *dir;
  qf_readings *st;
  model m;
  bool tame; /* exponents -3..3 and mantissas below 2e12: all fit 64 bits at 10^-3, sums are exact */
  uint32_t rows;
} world;

static qf_us base_time(void)
{
  return qf_day_cn_start(20403);
} /* 2025-11-11 in Beijing */

static qf_us random_time(world *w)
{
  static const qf_us grids[] = {QF_US_QUARTER, QF_US_MINUTE, QF_US_SECOND, 1000, 1};
  qf_us day = (qf_us)below(&w->s, below(&w->s, 8) ? 2 : 9) * QF_US_DAY;
  qf_us t = (qf_us)below(&w->s, QF_US_DAY);
  if (below(&w->s, 200) == 0)
    return below(&w->s, 2) ? -INT64_C(62135596800) * QF_US_SECOND : INT64_C(253402271999) * QF_US_SECOND;
  return base_time() + day + qf_floor(t, grids[below(&w->s, 5)]) - (below(&w->s, 60) == 0);
}

static qf_num random_value(world *w)
{
  static const int64_t edges[] = {INT64_MAX, INT64_MIN, 0, 1, -1, 999999999999999999};
  if (w->tame)
    return (qf_num){(int64_t)below(&w->s, 2000000000000) - 500000000000, (int8_t)((int)below(&w->s, 7) - 3)};
  if (below(&w->s, 4) == 0)
    return (qf_num){edges[below(&w->s, 6)], (int8_t)((int)below(&w->s, 61) - 30)};
  return (qf_num){(int64_t)below(&w->s, 1000), (int8_t)(-2 + (below(&w->s, 10) == 0))};
}

static uint8_t random_flags(world *w)
{
  return (uint8_t)(below(&w->s, 6) ? 0u : 1u << below(&w->s, 4)); /* BOOL, MANUAL, INEXACT, SENTINEL */
}

static void remember(model *m, arrival a)
{
  if (m->n == m->cap) {
    m->cap = m->cap ? m->cap * 2 : 1024;
    m->a = realloc(m->a, m->cap * sizeof *m->a);
    assert_non_null(m->a);
  }
  m->a[m->n++] = a;
}

static void send(world *w, size_t from)
{
  qf_batch b;
  qf_err err = {0};
  qf_batch_init(&b);
  assert_int_equal(qf_batch_reserve(&b, (uint32_t)(w->m.n - from) + 1), QF_OK);
  uint64_t seq = from < w->m.n ? w->m.a[from].seq : w->m.seq;
  for (size_t i = from; i < w->m.n && w->m.a[i].seq == seq; i++)
    qf_batch_add(&b, w->m.a[i].point, w->m.a[i].ts, w->m.a[i].v, w->m.a[i].flags);
  must(qf_readings_add(w->st, &b, seq, &err), &err);
  qf_batch_fini(&b);
}

/* A batch: a run of one point, or a mixture, or a repetition of what was sent before. */
static void step_add(world *w)
{
  size_t from = w->m.n, n = 1 + below(&w->s, below(&w->s, 10) ? 40 : 300);
  uint64_t seq = ++w->m.seq, kind = below(&w->s, 4);
  uint32_t point = the_points[below(&w->s, NPOINTS)];
  qf_us t = random_time(w), step = (qf_us)(1 + below(&w->s, 15)) * QF_US_MINUTE;
  int64_t count = (int64_t)below(&w->s, 1000000);
  for (size_t i = 0; i < n; i++) {
    arrival a = {point, t + (qf_us)i * step, {count += (int64_t)below(&w->s, 30), -2}, 0, seq};
    if (kind > 1)
      a = (arrival){the_points[below(&w->s, NPOINTS)], random_time(w), random_value(w), random_flags(w), seq};
    if (kind == 3 && from && below(&w->s, 2)) { /* again: same moment, perhaps another value or more zeros */
      a = w->m.a[below(&w->s, from)];
      a.seq = seq;
      if (below(&w->s, 3) == 0)
        a.v = random_value(w);
      else if (below(&w->s, 3) == 0 && a.v.exp > -3 && a.v.mant < 1000000 && a.v.mant > -1000000)
        a.v = (qf_num){a.v.mant * 10, (int8_t)(a.v.exp - 1)};
    }
    if (a.ts >= INT64_C(253402271999) * QF_US_SECOND)
      a.ts = INT64_C(253402271999) * QF_US_SECOND;
    remember(&w->m, a);
  }
  send(w, from);
}

static void step_reopen(world *w)
{
  qf_err err = {0};
  qf_readings_close(w->st);
  must(qf_readings_open(w->dir, &(qf_readings_opts){.memtable_rows = w->rows}, &w->st, &err), &err);
  uint64_t durable = qf_readings_durable_seq(w->st);
  assert_true(durable <= w->m.seq);
  for (size_t i = 0; i < w->m.n; i++) /* the journal gives back everything after it */
    if (w->m.a[i].seq > durable && (i == 0 || w->m.a[i - 1].seq != w->m.a[i].seq))
      send(w, i);
}

static void check_point(world *w, uint32_t point, const qf_rollup_query *q, bool whole)
{
  list want = {0}, got = {0};
  rolls r = {0};
  qf_err err = {0};
  model_range(&w->m, point, q->from, q->to, &want);
  must(qf_readings_range(w->st, point, q->from, q->to, collect, &got, &err), &err);
  compare_lists(&want, &got);
  qf_rollup_query one = *q;
  one.points = &point;
  one.npoints = 1;
  must(qf_readings_rollup(w->st, &one, collect_roll, &r, &err), &err);
  assert_int_equal(compare_rollup(&want, point, &one, &r, 0, w->tame), r.n);
  qf_reading last;
  qf_rc rc = qf_readings_before(w->st, point, q->to, &last, &err);
  model_range(&w->m, point, INT64_MIN, q->to, &want);
  assert_int_equal(rc, want.n ? QF_OK : QF_NOTFOUND);
  if (want.n) {
    list l = {.r = &last, .n = 1}, x = {.r = &want.r[want.n - 1], .n = 1};
    compare_lists(&x, &l);
  }
  if (whole) {
    model_range(&w->m, point, INT64_MIN, INT64_MAX, &want);
    rc = qf_readings_before(w->st, point, QF_TIME_MAX, &last, &err);
    assert_int_equal(rc, want.n ? QF_OK : QF_NOTFOUND);
    list l = {.r = &last, .n = 1}, x = {.r = want.n ? &want.r[want.n - 1] : NULL, .n = 1};
    if (want.n)
      compare_lists(&x, &l);
  }
  free(want.r);
  free(got.r);
  free(r.r);
}

static void check_all_points(world *w, const qf_rollup_query *q)
{
  rolls r = {0};
  list want = {0};
  qf_err err = {0};
  must(qf_readings_rollup(w->st, q, collect_roll, &r, &err), &err);
  size_t at = 0;
  for (size_t i = 0; i < NPOINTS; i++) {
    model_range(&w->m, the_points[i], q->from, q->to, &want);
    at = compare_rollup(&want, the_points[i], q, &r, at, w->tame);
  }
  assert_int_equal(at, r.n);
  free(r.r);
  free(want.r);
}

static void step_check(world *w)
{
  static const qf_us steps[] = {QF_US_QUARTER, QF_US_HOUR, QF_US_DAY, QF_US_MINUTE, 6 * QF_US_HOUR};
  qf_rollup_query q = {.from = random_time(w), .to = random_time(w), .step_us = steps[below(&w->s, 5)]};
  q.grid_us = below(&w->s, 2) && q.step_us == QF_US_DAY ? QF_CN_OFFSET : 0;
  if (q.from > q.to) {
    qf_us t = q.from;
    q.from = q.to;
    q.to = t;
  }
  if (below(&w->s, 4) == 0) {
    q.from = INT64_MIN;
    q.to = INT64_MAX;
  }
  check_point(w, the_points[below(&w->s, NPOINTS)], &q, below(&w->s, 3) == 0);
  if (below(&w->s, 3) == 0)
    check_all_points(w, &q);
}

static void on_seal(void *ud, const qf_seal *e)
{
  const world *w = ud;
  char path[400], tmp[400];
  struct stat st;
  uint8_t hash[32];
  path_of(w->dir, e->file, path);
  assert_int_equal(stat(path, &st), 0);
  assert_int_equal(st.st_size, e->bytes);
  FILE *f = fopen(path, "rb");
  assert_non_null(f);
  char *bytes = malloc((size_t)st.st_size);
  assert_int_equal(fread(bytes, 1, (size_t)st.st_size, f), st.st_size);
  fclose(f);
  qf_sha256(bytes, (size_t)st.st_size, hash);
  assert_memory_equal(hash, e->sha256, 32);
  free(bytes);
  qf_buf day;
  qf_buf_init(&day, 64);
  qf_day_write(&day, e->day);
  snprintf(tmp, sizeof tmp, "%s.", day.data);
  assert_int_equal(strncmp(e->file, tmp, strlen(tmp)), 0);
  qf_buf_fini(&day);
}

static void step(world *w)
{
  qf_err err = {0};
  uint64_t op = below(&w->s, 40);
  if (op < 14)
    step_add(w);
  else if (op < 17)
    must(qf_readings_flush(w->st, &err), &err);
  else if (op == 17)
    must(qf_readings_seal(w->st, 20403 + (int32_t)below(&w->s, 10), on_seal, w, &err), &err);
  else if (op == 18)
    step_reopen(w);
  else if (op == 19)
    must(qf_readings_verify(w->st, &err), &err);
  else
    step_check(w);
}

static void play(uint64_t seed, int steps)
{
  qf_err err = {0};
  world w = {.s = seed, .dir = new_folder(), .tame = seed % 2};
  w.rows = (uint32_t)(1 + below(&w.s, below(&w.s, 2) ? 100 : 2000));
  must(qf_readings_open(w.dir, &(qf_readings_opts){.memtable_rows = w.rows}, &w.st, &err), &err);
  for (int i = 0; i < steps; i++)
    step(&w);
  const qf_rollup_query all = {.from = INT64_MIN, .to = INT64_MAX, .step_us = QF_US_HOUR};
  for (int round = 0; round < 3; round++) {
    check_all_points(&w, &all);
    for (size_t i = 0; i < NPOINTS; i++)
      check_point(&w, the_points[i], &all, true);
    if (round == 0)
      step_reopen(&w);
    else
      must(qf_readings_seal(w.st, INT32_MAX, on_seal, &w, &err), &err);
  }
  qf_readings_stats st;
  qf_readings_get_stats(w.st, &st);
  size_t kept = 0;
  list l = {0};
  for (size_t i = 0; i < NPOINTS; i++) {
    model_range(&w.m, the_points[i], INT64_MIN, INT64_MAX, &l);
    kept += l.n;
  }
  assert_int_equal(st.readings, kept); /* all sealed: no duplicate is left */
  assert_int_equal(st.files, st.sealed_files);
  assert_int_equal(qf_readings_durable_seq(w.st), w.m.seq);
  must(qf_readings_verify(w.st, &err), &err);
  qf_readings_close(w.st);
  free(l.r);
  free(w.m.a);
  remove_folder(w.dir);
}

static void store_equals_the_model(void **state)
{
  (void)state;
  const char *only = getenv("QF_SEED");
  if (only) {
    play(strtoull(only, NULL, 10), 400);
    return;
  }
  for (uint64_t seed = 1; seed <= 24; seed++) {
    print_message("seed %" PRIu64 "\n", seed);
    play(seed, 150);
  }
}

/* ---- damage */

static void small_store(const char *dir)
{
  qf_err err = {0};
  qf_readings *s;
  qf_batch b;
  must(qf_readings_open(dir, &(qf_readings_opts){.memtable_rows = 400}, &s, &err), &err);
  qf_batch_init(&b);
  assert_int_equal(qf_batch_reserve(&b, 200), QF_OK);
  for (int i = 0; i < 200; i++) /* two points, two days, one irregular with flags, one of two exponents */
    qf_batch_add(&b, 1 + (uint32_t)i % 2, base_time() + i * 10 * QF_US_MINUTE + (i % 7 == 0),
                 (qf_num){i * 13, (int8_t)(-(i % 2))}, i % 50 == 0 ? QF_RD_MANUAL : 0);
  must(qf_readings_add(s, &b, 1, &err), &err);
  must(qf_readings_seal(s, 20404, NULL, NULL, &err), &err); /* the first day sealed, the second a part */
  qf_readings_close(s);
  qf_batch_fini(&b);
}

static bool ignore_reading(void *ud, const qf_reading *r)
{
  (void)ud;
  (void)r;
  return true;
}
static void ignore_roll(void *ud, const qf_rollup *r)
{
  (void)ud;
  (void)r;
}

/* Open and use everything; gives the first complaint. Using may succeed where verify must not. */
static qf_rc use(const char *dir, qf_err *err)
{
  qf_readings *s;
  qf_rc rc = qf_readings_open(dir, &(qf_readings_opts){.memtable_rows = 400}, &s, err);
  if (rc)
    return rc;
  qf_err other;
  qf_reading r;
  for (uint32_t p = 1; p <= 2; p++) {
    rc = qf_readings_range(s, p, INT64_MIN, INT64_MAX, ignore_reading, NULL, &other);
    assert_true(rc == QF_OK || rc == QF_CORRUPT);
    rc = qf_readings_before(s, p, base_time() + QF_US_HOUR, &r, &other);
    assert_true(rc == QF_OK || rc == QF_CORRUPT || rc == QF_NOTFOUND);
  }
  rc = qf_readings_rollup(s, &(qf_rollup_query){.from = INT64_MIN, .to = INT64_MAX, .step_us = QF_US_HOUR}, ignore_roll,
                          NULL, &other);
  assert_true(rc == QF_OK || rc == QF_CORRUPT);
  rc = qf_readings_verify(s, err);
  qf_readings_close(s);
  return rc;
}

static void every_flipped_bit_is_found_and_named(void **state)
{
  (void)state;
  char *dir = new_folder();
  files fs = {.n = 0};
  qf_err err = {0};
  small_store(dir);
  copy_files(dir, &fs);
  assert_int_equal(fs.n, 3); /* manifest, a sealed day, a part */
  for (size_t i = 0; i < fs.n; i++) {
    file *f = &fs.f[i];
    for (size_t at = 0; at < f->n; at++) {
      f->bytes[at] = (char)(f->bytes[at] ^ 1 << at % 8);
      write_file(dir, f->name, f->bytes, f->n);
      err.en[0] = 0;
      qf_rc rc = use(dir, &err);
      if (rc != QF_CORRUPT || !strstr(err.en, f->name))
        fail_msg("%s byte %zu: %s, \"%s\"", f->name, at, qf_rc_name(rc), err.en);
      f->bytes[at] = (char)(f->bytes[at] ^ 1 << at % 8);
    }
    write_file(dir, f->name, f->bytes, f->n);
  }
  must(use(dir, &err), &err);
  free_files(&fs);
  remove_folder(dir);
}

static void every_truncation_is_found_and_named(void **state)
{
  (void)state;
  char *dir = new_folder();
  files fs = {.n = 0};
  qf_err err = {0};
  small_store(dir);
  copy_files(dir, &fs);
  for (size_t i = 0; i < fs.n; i++) {
    file *f = &fs.f[i];
    for (size_t n = 0; n < f->n; n++) {
      write_file(dir, f->name, f->bytes, n);
      err.en[0] = 0;
      assert_int_equal(use(dir, &err), QF_CORRUPT);
      assert_non_null(strstr(err.en, f->name));
    }
    char path[400];
    path_of(dir, f->name, path);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(use(dir, &err), QF_CORRUPT);
    assert_non_null(strstr(err.en, f->name));
    write_file(dir, f->name, f->bytes, f->n);
  }
  must(use(dir, &err), &err);
  assert_int_equal(qf_readings_wipe(dir, &err), QF_OK);
  qf_readings *s;
  must(qf_readings_open(dir, NULL, &s, &err), &err);
  assert_int_equal(qf_readings_durable_seq(s), 0);
  qf_readings_close(s);
  free_files(&fs);
  remove_folder(dir);
}

/* What a crash can leave: the manifest before a change with the files of both before and after, and half-written ones.
 */
static void interrupted_changes_are_undone_at_open(void **state)
{
  (void)state;
  world w = {.s = 5, .dir = new_folder(), .tame = true, .rows = 300};
  qf_err err = {0};
  files before = {.n = 0}, after = {.n = 0};
  const qf_rollup_query all = {.from = INT64_MIN, .to = INT64_MAX, .step_us = QF_US_DAY};
  must(qf_readings_open(w.dir, &(qf_readings_opts){.memtable_rows = w.rows}, &w.st, &err), &err);
  for (int round = 0; round < 12; round++) {
    must(qf_readings_flush(w.st, &err), &err);
    qf_readings_close(w.st); /* no merge is under way: the copy is of one moment */
    copy_files(w.dir, &before);
    must(qf_readings_open(w.dir, &(qf_readings_opts){.memtable_rows = w.rows}, &w.st, &err), &err);
    step_add(&w);
    if (round % 3 == 0)
      must(qf_readings_seal(w.st, INT32_MAX, NULL, NULL, &err), &err);
    else
      must(qf_readings_flush(w.st, &err), &err);
    qf_readings_close(w.st);
    copy_files(w.dir, &after);
    for (size_t i = 0; i < before.n; i++)
      write_file(w.dir, before.f[i].name, before.f[i].bytes, before.f[i].n);
    for (size_t i = 0; i < after.n; i++) { /* and the rest of a file that was being written */
      char half[100];
      snprintf(half, sizeof half, "%s.tmp", after.f[i].name);
      if (strcmp(after.f[i].name, "MANIFEST") != 0)
        write_file(w.dir, half, after.f[i].bytes, after.f[i].n / 2);
    }
    write_file(w.dir, "MANIFEST.tmp", "qf-rea", 6);
    must(qf_readings_open(w.dir, &(qf_readings_opts){.memtable_rows = w.rows}, &w.st, &err), &err);
    free_files(&after);
    copy_files(w.dir, &after);
    assert_int_equal(after.n, before.n); /* exactly what the manifest names */
    step_reopen(&w);
    check_all_points(&w, &all);
    free_files(&before);
    free_files(&after);
  }
  qf_readings_close(w.st);
  free(w.m.a);
  remove_folder(w.dir);
}

static void a_full_disk_loses_nothing(void **state)
{
  (void)state;
  world w = {.s = 77, .dir = new_folder(), .tame = true, .rows = 5000};
  qf_err err = {0};
  struct rlimit old, tight;
  const qf_rollup_query all = {.from = INT64_MIN, .to = INT64_MAX, .step_us = QF_US_DAY};
  must(qf_readings_open(w.dir, &(qf_readings_opts){.memtable_rows = w.rows}, &w.st, &err), &err);
  for (int i = 0; i < 10; i++)
    step_add(&w);
  void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
  for (rlim_t limit = 0; limit < 400; limit += 61) { /* every write beyond so many bytes of a file fails */
    tight = (struct rlimit){limit, old.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    qf_rc rc = qf_readings_flush(w.st, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(rc, QF_IO);
    assert_true(err.en[0] && err.zh[0]);
    assert_int_equal(qf_readings_durable_seq(w.st), 0);
    check_all_points(&w, &all);
    step_add(&w); /* adding goes on in the second table */
  }
  must(qf_readings_flush(w.st, &err), &err);
  signal(SIGXFSZ, handler);
  assert_int_equal(qf_readings_durable_seq(w.st), w.m.seq);
  check_all_points(&w, &all);
  step_reopen(&w);
  check_all_points(&w, &all);
  qf_readings_close(w.st);
  free(w.m.a);
  remove_folder(w.dir);
}

/* The last step of a seal fails - the manifest cannot be written, as a folder has the name it is first written under. */
static void a_seal_that_cannot_be_published_is_made_later(void **state)
{
  (void)state;
  world w = {.s = 78, .dir = new_folder(), .tame = true, .rows = 5000};
  qf_err err = {0};
  char tmp[400];
  const qf_rollup_query all = {.from = INT64_MIN, .to = INT64_MAX, .step_us = QF_US_DAY};
  must(qf_readings_open(w.dir, &(qf_readings_opts){.memtable_rows = w.rows}, &w.st, &err), &err);
  for (int i = 0; i < 10; i++)
    step_add(&w);
  must(qf_readings_flush(w.st, &err), &err);
  path_of(w.dir, "MANIFEST.tmp", tmp);
  assert_int_equal(mkdir(tmp, 0700), 0);
  for (int i = 0; i < 3; i++) {
    assert_int_equal(qf_readings_seal(w.st, INT32_MAX, NULL, NULL, &err), QF_IO);
    assert_non_null(strstr(err.en, "manifest"));
    check_all_points(&w, &all);
  }
  assert_int_equal(rmdir(tmp), 0);
  must(qf_readings_seal(w.st, INT32_MAX, NULL, NULL, &err), &err);
  check_all_points(&w, &all);
  step_reopen(&w);
  check_all_points(&w, &all);
  qf_readings_close(w.st);
  free(w.m.a);
  remove_folder(w.dir);
}

/* ---- the rest */

static void bad_batches_are_refused_whole(void **state)
{
  (void)state;
  char *dir = new_folder();
  qf_err err = {0};
  qf_readings *s;
  qf_batch b;
  qf_reading r;
  must(qf_readings_open(dir, NULL, &s, &err), &err);
  const struct {
    uint32_t point;
    qf_us ts;
    int8_t exp;
  } bad[] = {{0, 0, 0}, {1, 0, 31}, {1, 0, -31}, {1, INT64_MAX, 0}, {1, INT64_MIN, 0}};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    qf_batch_init(&b);
    assert_int_equal(qf_batch_reserve(&b, 2), QF_OK);
    qf_batch_add(&b, 1, 5, (qf_num){1, 0}, 0);
    qf_batch_add(&b, bad[i].point, bad[i].ts, (qf_num){1, bad[i].exp}, 0);
    err.en[0] = 0;
    assert_int_equal(qf_readings_add(s, &b, i + 1, &err), QF_RANGE);
    assert_non_null(strstr(err.en, "reading 2"));
    qf_batch_fini(&b);
  }
  assert_int_equal(qf_readings_before(s, 1, QF_TIME_MAX, &r, &err), QF_NOTFOUND);
  assert_int_equal(
      qf_readings_rollup(s, &(qf_rollup_query){.from = 0, .to = 1, .step_us = 7 * QF_US_HOUR}, ignore_roll, NULL, &err),
      QF_RANGE);
  qf_readings_close(s);
  assert_int_equal(qf_readings_open("/nonexistent/folder", NULL, &s, &err), QF_IO);
  remove_folder(dir);
}

/* The steps of a register and its hours by hand: 96 quarter-hours of 2.5 kWh from 00:15 to 24:00 Beijing. */
static void day_of_a_register_by_hand(void **state)
{
  (void)state;
  char *dir = new_folder();
  qf_err err = {0};
  qf_readings *s;
  qf_batch b;
  rolls r = {0};
  must(qf_readings_open(dir, NULL, &s, &err), &err);
  qf_batch_init(&b);
  assert_int_equal(qf_batch_reserve(&b, 96), QF_OK);
  for (int i = 0; i < 96; i++)
    qf_batch_add(&b, 9, base_time() + i * QF_US_QUARTER, (qf_num){10000 + 25 * i, -1}, 0);
  must(qf_readings_add(s, &b, 3, &err), &err);
  for (int sealed = 0; sealed < 2; sealed++) {
    r.n = 0;
    must(qf_readings_rollup(
             s, &(qf_rollup_query){.from = base_time(), .to = base_time() + QF_US_DAY, .step_us = QF_US_HOUR},
             collect_roll, &r, &err),
         &err);
    assert_int_equal(r.n, 24);
    /* hour 5: readings 20..23 = 1050.0 1052.5 1055.0 1057.5, sum 4215.0 */
    assert_true(r.r[5].count == 4 && r.r[5].exp == -1 && r.r[5].first == 10500 && r.r[5].last == 10575 &&
                r.r[5].sum == 42150);
    r.n = 0;
    const qf_rollup_query day = {NULL, 0, base_time(), base_time() + QF_US_DAY, QF_US_DAY, QF_CN_OFFSET};
    must(qf_readings_rollup(s, &day, collect_roll, &r, &err), &err);
    assert_int_equal(r.n, 1); /* one Beijing day; sum = 96 * 1000.0 + 2.5 * (0 + ... + 95) = 107400.0 */
    assert_true(r.r[0].from_us == base_time() && r.r[0].count == 96 && r.r[0].sum == 1074000 && r.r[0].max == 12375);
    r.n = 0;
    must(qf_readings_rollup(
             s, &(qf_rollup_query){.from = base_time(), .to = base_time() + QF_US_DAY, .step_us = QF_US_DAY},
             collect_roll, &r, &err),
         &err);
    assert_int_equal(r.n, 2); /* two UTC days: 00:00-08:00 Beijing, 32 readings, and the rest */
    assert_true(r.r[0].count == 32 && r.r[1].count == 64);
    must(qf_readings_seal(s, 20404, NULL, NULL, &err), &err);
  }
  assert_int_equal(qf_readings_durable_seq(s), 3);
  qf_readings_close(s);
  qf_batch_fini(&b);
  free(r.r);
  remove_folder(dir);
}

static void no_common_exponent_is_said(void **state)
{
  (void)state;
  char *dir = new_folder();
  qf_err err = {0};
  qf_readings *s;
  qf_batch b;
  rolls r = {0};
  must(qf_readings_open(dir, NULL, &s, &err), &err);
  qf_batch_init(&b);
  assert_int_equal(qf_batch_reserve(&b, 3), QF_OK);
  qf_batch_add(&b, 1, 1, (qf_num){15, -1}, 0);                 /* 1.5 */
  qf_batch_add(&b, 1, 2, (qf_num){9000000000000000000, 0}, 0); /* fits at 10^0 but not at 10^-1 */
  qf_batch_add(&b, 1, 3, (qf_num){25, -1}, 0);                 /* 2.5 */
  must(qf_readings_add(s, &b, 1, &err), &err);
  must(qf_readings_rollup(s, &(qf_rollup_query){.from = 0, .to = 9, .step_us = QF_US_HOUR}, collect_roll, &r, &err),
       &err);
  assert_int_equal(r.n, 1);
  assert_true(r.r[0].inexact && r.r[0].exp == 0 && r.r[0].count == 3);
  assert_true(r.r[0].first == 2 && r.r[0].last == 2); /* half to even: 1.5 -> 2, 2.5 -> 2 */
  assert_true(r.r[0].max == 9000000000000000000);
  qf_readings_close(s);
  qf_batch_fini(&b);
  free(r.r);
  remove_folder(dir);
}

/* One writer, two readers: what they see of a point is always a prefix of what was sent, and never shrinks. */
typedef struct shared {
  qf_readings *s;
  atomic_bool stop;
  atomic_uint sent, rounds;
  int wrong;
} shared;

typedef struct prefix {
  int64_t n;
  bool ok;
} prefix;

static bool is_next(void *ud, const qf_reading *r)
{
  prefix *p = ud;
  p->ok &= r->v.mant == p->n && r->ts_us == base_time() + p->n * QF_US_MINUTE && r->flags == 0;
  p->n++;
  return true;
}

static void add_count(void *ud, const qf_rollup *r)
{
  *(uint64_t *)ud += r->count;
}

static void *read_on(void *ud)
{
  shared *h = ud;
  int64_t seen = 0;
  for (uint32_t i = 0; !atomic_load(&h->stop); i++) {
    prefix p = {0, true};
    qf_err err;
    uint64_t count = 0;
    const unsigned sent = atomic_load(&h->sent);
    if (qf_readings_range(h->s, 1 + i % 5, base_time(), INT64_MAX, is_next, &p, &err) || !p.ok || p.n < (int64_t)sent ||
        p.n < seen)
      h->wrong++;
    seen = p.n;
    if (qf_readings_rollup(h->s, &(qf_rollup_query){.from = 0, .to = INT64_MAX, .step_us = QF_US_HOUR}, add_count,
                           &count, &err) ||
        count < 5ull * sent || count % 5 != 0)
      h->wrong++;
    atomic_fetch_add(&h->rounds, 1);
  }
  return NULL;
}

static void readers_always_see_a_prefix(void **state)
{
  (void)state;
  char *dir = new_folder();
  qf_err err = {0};
  shared h[2];
  memset(h, 0, sizeof h);
  qf_readings *s;
  pthread_t t[2];
  must(qf_readings_open(dir, &(qf_readings_opts){.memtable_rows = 700}, &s, &err), &err);
  for (int i = 0; i < 2; i++) {
    h[i].s = s;
    assert_int_equal(pthread_create(&t[i], NULL, read_on, &h[i]), 0);
  }
  qf_batch b;
  qf_batch_init(&b);
  assert_int_equal(qf_batch_reserve(&b, 5), QF_OK);
  for (unsigned i = 0; i < 3500 || atomic_load(&h[0].rounds) < 50 || atomic_load(&h[1].rounds) < 50; i++) {
    b.n = 0;
    for (uint32_t p = 1; p <= 5; p++)
      qf_batch_add(&b, p, base_time() + i * QF_US_MINUTE, (qf_num){i, -2}, 0);
    must(qf_readings_add(s, &b, i + 1, &err), &err);
    for (int k = 0; k < 2; k++)
      atomic_store(&h[k].sent, i + 1);
    if (i % 1000 == 999)
      must(qf_readings_seal(s, 20403 + (int32_t)(i / 1440), NULL, NULL, &err), &err);
  }
  for (int i = 0; i < 2; i++) {
    atomic_store(&h[i].stop, true);
    pthread_join(t[i], NULL);
    assert_int_equal(h[i].wrong, 0);
  }
  qf_batch_fini(&b);
  qf_readings_close(s);
  remove_folder(dir);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(day_of_a_register_by_hand),
      cmocka_unit_test(no_common_exponent_is_said),
      cmocka_unit_test(bad_batches_are_refused_whole),
      cmocka_unit_test(store_equals_the_model),
      cmocka_unit_test(every_flipped_bit_is_found_and_named),
      cmocka_unit_test(every_truncation_is_found_and_named),
      cmocka_unit_test(interrupted_changes_are_undone_at_open),
      cmocka_unit_test(a_full_disk_loses_nothing),
      cmocka_unit_test(a_seal_that_cannot_be_published_is_made_later),
      cmocka_unit_test(readers_always_see_a_prefix),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
