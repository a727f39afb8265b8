/* A seeded simulation of a whole city: meters whose truth is known, a wire that doubles, delays and reorders, a process that ends at any moment, a disk that
 * keeps of what was not synced as much as it likes, a clock that jumps, projections that are lost. Senders send again what was not acknowledged
 * and never what was. In the end the accounts must be the truth, to the last digit: every quarter, every day, no reading lost, none
 * doubled, the chain whole. One seed, one course of events up to the kernel's scheduling; QF_SIM_SEEDS (3) courses from QF_SIM_FIRST (1).
 * That it finds faults is shown by planting them: test/fault/mutants.py. */
#include "base/test_dir.h"
#include "city/city.h"
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum {
  METERS = 4,
  DAYS = 2,
  QUARTERS = DAYS * 96,
  READINGS = METERS * (QUARTERS + 1),
  SENT_MAX = READINGS * 2,
  BATCHES_MAX = SENT_MAX,
  PENDING = 512
};
#define FIRST_DAY 20454 /* 2026-01-01 */

/* ---- the disk: what was written to the journal and not yet synced, seen by the parent after the child is gone */

typedef struct written {
  char name[40];
  off_t at;
  size_t n;
} written;
static struct disk {
  _Atomic uint32_t n;
  written w[PENDING];
} * disk;
static pthread_mutex_t disk_mx = PTHREAD_MUTEX_INITIALIZER;

/* The file's name when it is one of the journal's segments. */
static bool segment_of(int fd, char name[40])
{
  char link[40], path[400];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, sizeof path - 1);
  if (n <= 0)
    return false;
  path[n] = 0;
  const char *p = strstr(path, "/journal/");
  if (!p || !strstr(p, ".qfj"))
    return false;
  snprintf(name, 40, "%s", p + 9);
  return true;
}

/* These stand before libc's: the journal is linked into this program. */
ssize_t pwrite(int fd, const void *p, size_t n, off_t at)
{
  char name[40];
  ssize_t done = syscall(SYS_pwrite64, fd, p, n, at);
  if (done > 0 && disk && segment_of(fd, name)) {
    pthread_mutex_lock(&disk_mx);
    uint32_t k = atomic_load(&disk->n);
    if (k < PENDING) {
      disk->w[k] = (written){.at = at, .n = (size_t)done};
      snprintf(disk->w[k].name, sizeof disk->w[k].name, "%s", name);
      atomic_store(&disk->n, k + 1);
    }
    pthread_mutex_unlock(&disk_mx);
  }
  return done;
}

static int synced(int fd, long call)
{
  char name[40];
  int rc = (int)syscall(call, fd);
  if (rc == 0 && disk && segment_of(fd, name)) {
    pthread_mutex_lock(&disk_mx);
    uint32_t keep = 0, n = atomic_load(&disk->n);
    for (uint32_t i = 0; i < n; i++)
      if (strcmp(disk->w[i].name, name) != 0)
        disk->w[keep++] = disk->w[i];
    atomic_store(&disk->n, keep);
    pthread_mutex_unlock(&disk_mx);
  }
  return rc;
}
int fdatasync(int fd)
{
  return synced(fd, SYS_fdatasync);
}
int fsync(int fd)
{
  return synced(fd, SYS_fsync);
}

/* ---- chance */

static uint64_t next(uint64_t *s)
{
  uint64_t z = (*s += UINT64_C(0x9e3779b97f4a7c15));
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}
static uint32_t upto(uint64_t *s, uint32_t n) /* 0..n-1 */
{
  return (uint32_t)(next(s) % n);
}

/* ---- the world */

typedef struct sent {
  uint16_t meter, step; /* reading `step` of a meter */
} sent;

typedef struct world {
  char dir[64];
  uint64_t rnd;
  qf_us now;
  uint32_t use[METERS][QUARTERS]; /* hundredths of a kWh in each quarter */
  sent list[SENT_MAX];            /* in the order of sending */
  uint32_t n;
  uint32_t begin[BATCHES_MAX + 1], batches; /* batch k is list[begin[k] .. begin[k+1]) */
  bool acked[BATCHES_MAX];
} world;

static qf_us moment(unsigned step)
{
  return qf_day_cn_start(FIRST_DAY) + (qf_us)step * QF_US_QUARTER;
}

/* What the register of five whole digits shows: it starts near its end and rolls over. */
static int64_t shows(const world *w, unsigned meter, unsigned step)
{
  int64_t v = 9990000 + (int64_t)meter * 1000;
  for (unsigned i = 0; i < step; i++)
    v += w->use[meter][i];
  return v % 10000000;
}

static void key_of(unsigned meter, char key[32])
{
  snprintf(key, 32, "sim,m=%u kwh", meter);
}

static void make_world(world *w, uint64_t seed)
{
  w->rnd = seed * UINT64_C(0x2545F4914F6CDD1D) + 1;
  for (unsigned m = 0; m < METERS; m++)
    for (unsigned q = 0; q < QUARTERS; q++)
      w->use[m][q] = 50 + upto(&w->rnd, 300) + (q / 4 % 24 >= 8 && q / 4 % 24 < 18 ? 200 : 0);
  for (uint16_t s = 0; s <= QUARTERS; s++)
    for (uint16_t m = 0; m < METERS; m++)
      w->list[w->n++] = (sent){m, s};
  for (uint32_t i = 0; i < w->n; i++) { /* near ones change places; a tenth comes much later */
    uint32_t reach = upto(&w->rnd, 10) ? 12 : w->n - i, j = i + upto(&w->rnd, reach < w->n - i ? reach : w->n - i);
    sent t = w->list[i];
    w->list[i] = w->list[j], w->list[j] = t;
  }
  for (uint32_t i = 0, n = w->n; i < n; i++) /* some come twice */
    if (upto(&w->rnd, 15) == 0)
      w->list[w->n++] = w->list[upto(&w->rnd, n)];
  for (uint32_t at = 0; at < w->n; at = w->begin[w->batches])
    w->begin[++w->batches] = at + 1 + upto(&w->rnd, w->n - at < 90 ? w->n - at : 90);
  w->now = moment(QUARTERS) + QF_US_HOUR;
}

static qf_us clock_of(void *ud)
{
  return ((world *)ud)->now;
}

/* ---- a life: one process of the server, from its start to its sudden end */

typedef struct ack { /* through a pipe to the senders */
  uint32_t batch;
  uint64_t seq;
} ack;
typedef struct waiting {
  int fd;
  uint32_t batch;
} waiting;

static void acknowledged(void *ud, qf_rc rc, uint64_t seq)
{
  waiting *x = ud;
  const ack a = {x->batch, seq};
  if (!rc && write(x->fd, &a, sizeof a) != (ssize_t)sizeof a)
    _exit(7);
  free(x);
}

static _Noreturn void give_up(const char *what, const qf_err *err)
{
  fprintf(stderr, "simulation: %s: %s\n", what, err ? err->en : "");
  _exit(8);
}

static qf_city *open_city(world *w)
{
  qf_city *c;
  qf_err err = {0};
  const qf_city_opts o = {.clock = {clock_of, w}, .packs_dir = "test/packs"};
  if (qf_city_open(w->dir, &o, &c, &err))
    give_up("open", &err);
  return c;
}

static void describe(qf_city *c)
{
  qf_err err = {0};
  json_t *list = json_array();
  for (unsigned m = 0; m < METERS; m++) {
    char key[32];
    uint32_t point;
    key_of(m, key);
    if (qf_city_series(c, key, strlen(key), &point, &err))
      give_up("series", &err);
    json_array_append_new(list, json_pack("{s:s,s:s,s:{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:i,s:i,s:i}}", "type", "point",
                                          "id", key, "data", "subject", "210800", "name_zh", "表", "name_en", "meter",
                                          "carrier", "electricity", "flow", "none", "unit", "kWh", "kind", "register",
                                          "k", "1", "digits", 5, "lsb_exp", -2, "period_s", 900));
  }
  if (qf_city_records(c, list, NULL, &err))
    give_up("points", &err);
  json_decref(list);
}

static void send_batch(world *w, qf_city *c, uint32_t k, int fd)
{
  qf_err err = {0};
  qf_batch b;
  char key[32];
  waiting *x = malloc(sizeof *x);
  qf_batch_init(&b);
  if (!x || qf_batch_reserve(&b, w->begin[k + 1] - w->begin[k]))
    give_up("memory", NULL);
  *x = (waiting){fd, k};
  for (uint32_t i = w->begin[k]; i < w->begin[k + 1]; i++) {
    const sent *s = &w->list[i];
    key_of(s->meter, key);
    qf_batch_add(&b, qf_city_series_find(c, key, strlen(key)), moment(s->step),
                 (qf_num){shows(w, s->meter, s->step), -2}, 0);
  }
  qf_rc rc;
  while ((rc = qf_city_ingest(c, &b, acknowledged, x, &err)) == QF_FULL)
    if (qf_city_settle(c, &err))
      give_up("settle", &err);
  if (rc)
    give_up("ingest", &err);
  qf_batch_fini(&b);
}

static _Noreturn void live(world *w, int fd, uint32_t count)
{
  qf_city *c = open_city(w);
  qf_err err = {0};
  if (!qf_city_series_count(c))
    describe(c);
  for (uint32_t k = 0; k < w->batches && count > 0; k++) {
    if (w->acked[k])
      continue;
    send_batch(w, c, k, fd);
    count--;
    if (upto(&w->rnd, 6) == 0 && qf_city_settle(c, &err))
      give_up("settle", &err);
  }
  if (upto(&w->rnd, 4) == 0) /* an orderly end, sometimes */
    qf_city_close(c);
  _exit(0);
}

/* ---- after the power is back */

static int drop(const char *path, const struct stat *st, int kind, struct FTW *f)
{
  (void)st;
  (void)kind;
  (void)f;
  return remove(path);
}

/* Of what was not synced each write is there, or not, or only its first sectors; what is not there is zero, as in a file made longer beforehand. */
static void lose_unsynced(world *w)
{
  static const uint8_t zeros[4096];
  for (uint32_t i = 0, n = atomic_load(&disk->n); i < n; i++) {
    const written *x = &disk->w[i];
    char path[200];
    uint32_t fate = upto(&w->rnd, 3);
    if (fate == 0)
      continue;
    size_t keep = fate == 1 ? 0 : upto(&w->rnd, (uint32_t)(x->n / 512 + 1)) * 512u;
    snprintf(path, sizeof path, "%s/journal/%s", w->dir, x->name);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    for (size_t at = keep; fd >= 0 && at < x->n; at += sizeof zeros)
      if (syscall(SYS_pwrite64, fd, zeros, x->n - at < sizeof zeros ? x->n - at : sizeof zeros, x->at + (off_t)at) < 0)
        fail_msg("%s cannot be written", path);
    if (fd >= 0)
      close(fd);
  }
  atomic_store(&disk->n, 0);
}

static void lose_projections(world *w)
{
  static const char *const what[] = {"book.duckdb", "book.duckdb.wal", "readings", "meter.state"};
  char path[120];
  uint32_t which = upto(&w->rnd, 8);
  for (unsigned i = 0; i < 4; i++) {
    if (!(which == 0 || (which == 1 && i < 2) || (which == 2 && i == 2) || (which == 3 && i == 3)))
      continue;
    snprintf(path, sizeof path, "%s/%s", w->dir, what[i]);
    nftw(path, drop, 8, FTW_DEPTH | FTW_PHYS);
  }
}

static uint32_t owed(const world *w)
{
  uint32_t n = 0;
  for (uint32_t k = 0; k < w->batches; k++)
    n += !w->acked[k];
  return n;
}

static void one_life(world *w)
{
  int fd[2], status;
  ack a;
  assert_int_equal(pipe2(fd, O_CLOEXEC), 0);
  uint32_t count = 1 + upto(&w->rnd, w->batches / 2 + 1);
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0)
    live(w, fd[1], count);
  (void)next(&w->rnd); /* the child's draws are its own */
  close(fd[1]);
  while (read(fd[0], &a, sizeof a) == (ssize_t)sizeof a) {
    assert_true(a.batch < w->batches);
    w->acked[a.batch] = true;
  }
  close(fd[0]);
  assert_int_equal(waitpid(child, &status, 0), child);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    fail_msg("a life ended with %d", status);
  lose_unsynced(w);
  lose_projections(w);
  w->now += upto(&w->rnd, 4) ? (qf_us)upto(&w->rnd, 300) * QF_US_MINUTE : -(qf_us)upto(&w->rnd, 10) * QF_US_MINUTE;
}

/* ---- the judge: is it the truth? */

typedef struct judged {
  const world *w;
  uint32_t rows, wrong;
  unsigned meter;
} judged;

static bool one_day(void *ud, const qf_cell *c, size_t n)
{
  judged *j = ud;
  unsigned m = (unsigned)c[0].i, day = (unsigned)(c[1].i - FIRST_DAY);
  int64_t want = 0;
  (void)n;
  j->rows++;
  if (m >= METERS || day >= DAYS)
    return true;
  for (unsigned q = day * 96; q < day * 96 + 96; q++)
    want += j->w->use[m][q];
  if (c[2].i != want * 10000 || c[3].i != 0 || c[4].i != 96) {
    fprintf(stderr, "simulation: meter %u day %u: %lld of %lld, estimated %lld, quarters %lld\n", m, day,
            (long long)c[2].i, (long long)want * 10000, (long long)c[3].i, (long long)c[4].i);
    j->wrong++;
  }
  return true;
}

static bool one_hour(void *ud, const qf_cell *c, size_t n)
{
  judged *j = ud;
  unsigned m = (unsigned)c[0].i;
  int64_t hour = (c[1].i - moment(0)) / QF_US_HOUR;
  (void)n;
  j->rows++;
  for (int q = 0; q < 4; q++)
    if (m >= METERS || hour < 0 || hour >= DAYS * 24 || c[2 + q].i != (int64_t)j->w->use[m][hour * 4 + q] * 10000) {
      fprintf(stderr, "simulation: meter %u hour %lld quarter %d: %lld\n", m, (long long)hour, q,
              (long long)c[2 + q].i);
      j->wrong++;
    }
  return true;
}

static bool one_reading(void *ud, const qf_reading *r)
{
  judged *j = ud;
  unsigned step = (unsigned)((r->ts_us - moment(0)) / QF_US_QUARTER);
  qf_num want = {shows(j->w, j->meter, step), -2};
  if (r->ts_us != moment(step) || step != j->rows || qf_num_cmp(r->v, want) != 0)
    j->wrong++;
  j->rows++;
  return true;
}

static void query(qf_city *c, const char *sql, bool (*row)(void *, const qf_cell *, size_t), judged *j)
{
  qf_err err = {0};
  j->rows = 0;
  if (qf_book_query(qf_city_book(c), sql, NULL, 0, row, j, &err))
    give_up(sql, &err);
}

static _Noreturn void judge(world *w)
{
  qf_city *c = open_city(w);
  qf_err err = {0};
  qf_buf report;
  judged j = {.w = w};
  for (int i = 0; i < 2; i++)
    if (qf_city_settle(c, &err))
      give_up("settle", &err);
  query(c,
        "SELECT CAST(substr(key, 7, 1) AS BIGINT), date_diff('day', DATE '1970-01-01', day), CAST(value * 1000000 AS "
        "BIGINT), CAST(estimated * 1000000 AS BIGINT), CAST(quarters AS BIGINT) "
        "FROM account_day JOIN series USING (point) WHERE day <= DATE '2026-01-02'",
        one_day, &j);
  uint32_t wrong = j.wrong + (j.rows != METERS * DAYS);
  j.wrong = 0;
  query(c,
        "SELECT CAST(substr(key, 7, 1) AS BIGINT), epoch_us(hour), CAST(q1 * 1000000 AS BIGINT), CAST(q2 * 1000000 AS "
        "BIGINT), CAST(q3 * 1000000 AS BIGINT), CAST(q4 * 1000000 AS BIGINT) "
        "FROM interval_hour JOIN series USING (point) WHERE hour < TIMESTAMP '2026-01-02 16:00:00'",
        one_hour, &j);
  wrong += j.wrong + (j.rows != METERS * DAYS * 24);
  for (j.meter = 0; j.meter < METERS; j.meter++) {
    char key[32];
    key_of(j.meter, key);
    j.rows = j.wrong = 0;
    if (qf_readings_range(qf_city_readings(c), qf_city_series_find(c, key, strlen(key)), moment(0) - QF_US_DAY,
                          moment(QUARTERS) + QF_US_DAY, one_reading, &j, &err))
      give_up("readings", &err);
    if (j.wrong || j.rows != QUARTERS + 1)
      fprintf(stderr, "simulation: meter %u: %u readings, %u wrong\n", j.meter, j.rows, j.wrong);
    wrong += j.wrong + (j.rows != QUARTERS + 1);
  }
  qf_city_close(c);
  qf_buf_init(&report, 1 << 20);
  if (qf_city_verify(w->dir, &(qf_verify_opts){.packs_dir = "test/packs"}, &report, &err))
    give_up("verify", &err);
  qf_buf_fini(&report);
  _exit(wrong ? 9 : 0);
}

static void one_course(uint64_t seed)
{
  static world w;
  int status;
  w = (world){0};
  assert_non_null(qf_test_dir(w.dir, sizeof w.dir, "sim"));
  make_world(&w, seed);
  unsigned lives = 0;
  for (; owed(&w) > 0; lives++) {
    assert_true(lives < 60);
    one_life(&w);
  }
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0)
    judge(&w);
  assert_int_equal(waitpid(child, &status, 0), child);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    fail_msg("seed %llu: not the truth after %u lives (%d); the folder is kept: %s", (unsigned long long)seed, lives,
             status, w.dir);
  nftw(w.dir, drop, 16, FTW_DEPTH | FTW_PHYS);
}

static void accounts_are_the_truth(void **state)
{
  (void)state;
  const char *n = getenv("QF_SIM_SEEDS"), *first = getenv("QF_SIM_FIRST");
  disk = mmap(NULL, sizeof *disk, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  assert_true(disk != MAP_FAILED);
  uint64_t from = first ? strtoull(first, NULL, 10) : 1;
  for (uint64_t s = from; s < from + (n ? strtoull(n, NULL, 10) : 3); s++)
    one_course(s);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(accounts_are_the_truth)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
