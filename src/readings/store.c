/* Life of the store: open, add, the background thread, flush, statistics. Readings go into `active`; when it is full it
 * becomes `frozen`, the thread writes it out, and adding goes on in a second table. */
#include "readings/store_int.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#ifdef QF_SMALL
enum { DEFAULT_ROWS = 64 };
#else
enum { DEFAULT_ROWS = 1000000 };
#endif

/* ---- the background thread */

/* Drop the thread's claims on a written memtable; keep it for the next round when nobody else reads it. */
static void retire(qf_readings *s, qf_mem *m)
{
  if (atomic_load(&m->refs) == 1)
    qf_mem_clear(m);
  pthread_mutex_lock(&s->mu);
  bool keep = !s->spare && m->n == 0;
  if (keep)
    s->spare = m;
  pthread_cond_broadcast(&s->cond);
  pthread_mutex_unlock(&s->mu);
  if (!keep)
    qf_mem_unref(m);
}

static void write_frozen(qf_readings *s, qf_mem *m)
{
  qf_err err = {0}, merge_err = {0};
  bool written = false;
  qf_rc rc = QF_OK, merged = QF_OK;
  pthread_mutex_lock(&s->work);
  pthread_mutex_lock(&s->mu);
  bool still = s->frozen == m; /* a clear may have come between */
  pthread_mutex_unlock(&s->mu);
  if (still) {
    rc = qf_store_write_mem(s, m, &err);
    written = !rc;
  }
  if (written)
    merged = qf_store_merge_parts(s, &merge_err);
  pthread_mutex_unlock(&s->work);
  pthread_mutex_lock(&s->mu);
  if (rc) {
    s->failed = true;
    s->fail_err = err;
  }
  if (merged)
    s->merge_err = merge_err;
  pthread_cond_broadcast(&s->cond);
  pthread_mutex_unlock(&s->mu);
  qf_mem_unref(m); /* the claim of the thread, taken when it picked m up */
  if (written)
    retire(s, m); /* the store's claim, left over by publish */
}

/* Wait for news; a spare table that nobody wanted for a second is given back. mu is held. */
static void rest(qf_readings *s)
{
  struct timespec until;
  if (!s->spare) {
    pthread_cond_wait(&s->cond, &s->mu);
    return;
  }
  clock_gettime(CLOCK_MONOTONIC, &until);
  until.tv_sec += 1;
  if (pthread_cond_timedwait(&s->cond, &s->mu, &until) == ETIMEDOUT) {
    qf_mem_unref(s->spare);
    s->spare = NULL;
  }
}

static void *run(void *ud)
{
  qf_readings *s = ud;
  pthread_setname_np(pthread_self(), "readings"); /* what top and the benchmarks show */
  pthread_mutex_lock(&s->mu);
  for (;;) {
    while (!s->stop && (!s->frozen || s->failed))
      rest(s);
    if (s->stop)
      break;
    qf_mem *m = s->frozen;
    atomic_fetch_add(&m->refs, 1);
    pthread_mutex_unlock(&s->mu);
    write_frozen(s, m);
    pthread_mutex_lock(&s->mu);
  }
  pthread_mutex_unlock(&s->mu);
  return NULL;
}

/* ---- open and close */

static qf_rc open_folder(const char *dir, int *out, qf_err *err)
{
  int parent = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd = -1;
  if (parent >= 0 && mkdirat(parent, "readings", 0750) == 0)
    (void)fsync(parent);
  if (parent >= 0)
    fd = openat(parent, "readings", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  qf_rc rc = QF_OK;
  if (fd < 0)
    rc = qf_fail(err, QF_IO, "cannot open the folder %s/readings: %s", "无法打开目录 %s/readings:%s", dir,
                 strerror(errno));
  if (parent >= 0)
    close(parent);
  *out = fd;
  return rc;
}

static qf_rc load_files(qf_readings *s, const qf_manifest *m, qf_err *err)
{
  qf_view *v = calloc(1, sizeof *v + m->n * sizeof(qf_seg *));
  if (!v)
    return qf_fail(err, QF_NOMEM, "out of memory opening readings", "内存不足,无法打开读数库");
  atomic_init(&v->refs, 1);
  s->view = v;
  for (size_t i = 0; i < m->n; i++) {
    qf_rc rc = qf_seg_open(s->dirfd, m->names[i], &v->segs[i], err);
    if (rc)
      return rc;
    v->n++;
    if (qf_seg_bytes(v->segs[i]) != m->sizes[i])
      return qf_fail(err, QF_CORRUPT, "readings file %s has %zu bytes, the manifest says %" PRIu64,
                     "读数文件 %s 有 %zu 字节,清单记为 %" PRIu64, m->names[i], qf_seg_bytes(v->segs[i]), m->sizes[i]);
    const qf_seg_meta *now = qf_seg_get_meta(v->segs[i]), *before = i ? qf_seg_get_meta(v->segs[i - 1]) : NULL;
    if (before && (now->day < before->day || (now->day == before->day && now->order_lo <= before->order_hi)))
      return qf_fail(err, QF_CORRUPT, "readings file %s is out of order in the manifest",
                     "读数文件 %s 在清单中顺序有误", m->names[i]);
  }
  return QF_OK;
}

static qf_rc load(qf_readings *s, qf_err *err)
{
  qf_manifest m = {0};
  qf_rc rc = qf_manifest_read(s->dirfd, &m, err);
  bool fresh = rc == QF_NOTFOUND;
  if (fresh)
    rc = qf_manifest_missing(s->dirfd, err);
  if (fresh && rc == QF_NOTFOUND) {
    m.next = 1;
    rc = QF_OK;
  }
  if (!rc)
    rc = qf_manifest_sweep(s->dirfd, &m, err);
  if (!rc)
    rc = load_files(s, &m, err);
  bool replaced;
  if (!rc && fresh)
    rc = qf_manifest_write(s->dirfd, s->view, (uint64_t[2]){0, m.next}, &replaced, err);
  s->durable_seq = m.seq;
  s->next = m.next;
  qf_manifest_fini(&m);
  return rc;
}

static void release(qf_readings *s)
{
  qf_view_unref(s->view);
  qf_mem_unref(s->active);
  qf_mem_unref(s->frozen);
  qf_mem_unref(s->spare);
  pthread_mutex_destroy(&s->mu);
  pthread_mutex_destroy(&s->work);
  pthread_cond_destroy(&s->cond);
  if (s->dirfd >= 0)
    close(s->dirfd);
  free(s);
}

qf_rc qf_readings_open(const char *dir, const qf_readings_opts *opts, qf_readings **out, qf_err *err)
{
  qf_readings *s = calloc(1, sizeof *s);
  if (!s)
    return qf_fail(err, QF_NOMEM, "out of memory opening readings", "内存不足,无法打开读数库");
  s->dirfd = -1;
  s->rows = opts && opts->memtable_rows ? opts->memtable_rows : DEFAULT_ROWS;
  if (s->rows > UINT32_C(1) << 30)
    s->rows = UINT32_C(1) << 30;
  pthread_mutex_init(&s->mu, NULL);
  pthread_mutex_init(&s->work, NULL);
  pthread_condattr_t monotonic;
  pthread_condattr_init(&monotonic);
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  pthread_cond_init(&s->cond, &monotonic);
  pthread_condattr_destroy(&monotonic);
  qf_rc rc = open_folder(dir, &s->dirfd, err);
  if (!rc)
    rc = load(s, err);
  if (!rc && qf_mem_new(s->rows, &s->active))
    rc = qf_fail(err, QF_NOMEM, "out of memory for %u readings", "内存不足,无法容纳 %u 条读数", s->rows);
  if (!rc && pthread_create(&s->thread, NULL, run, s) != 0)
    rc = qf_fail(err, QF_NOMEM, "cannot start the thread that writes readings", "无法启动读数写盘线程");
  if (rc)
    release(s);
  else
    *out = s;
  return rc;
}

void qf_readings_close(qf_readings *s)
{
  if (!s)
    return;
  pthread_mutex_lock(&s->mu);
  s->stop = true;
  pthread_cond_broadcast(&s->cond);
  pthread_mutex_unlock(&s->mu);
  pthread_join(s->thread, NULL);
  release(s);
}

/* ---- adding */

static qf_rc check_batch(const qf_batch *b, qf_err *err)
{
  for (uint32_t i = 0; i < b->n; i++) {
    if (b->point[i] == 0)
      return qf_fail(err, QF_RANGE, "reading %u of the batch: point 0", "批次第 %u 条读数:测点号为 0", i + 1);
    if (b->exp[i] < -30 || b->exp[i] > 30)
      return qf_fail(err, QF_RANGE, "reading %u of the batch: exponent %d outside -30..30",
                     "批次第 %u 条读数:指数 %d 超出 -30..30", i + 1, b->exp[i]);
    if (b->ts_us[i] < QF_TIME_MIN || b->ts_us[i] >= QF_TIME_MAX)
      return qf_fail(err, QF_RANGE, "reading %u of the batch: time %" PRId64 " us outside years 1..9999",
                     "批次第 %u 条读数:时间 %" PRId64 " 微秒超出公元 1..9999 年", i + 1, b->ts_us[i]);
  }
  return QF_OK;
}

/* Wait until no table is being written; tries a failed one again once. mu is held. */
static qf_rc wait_written(qf_readings *s, qf_err *err)
{
  if (s->frozen && s->failed) {
    s->failed = false;
    pthread_cond_broadcast(&s->cond);
  }
  while (s->frozen && !s->failed)
    pthread_cond_wait(&s->cond, &s->mu);
  if (!s->frozen)
    return QF_OK;
  if (err)
    *err = s->fail_err;
  return s->fail_err.rc;
}

/* Hand the active table to the thread. next_seq: of the batch that comes next, or UINT64_MAX when the last one is
 * whole. */
static qf_rc freeze(qf_readings *s, uint64_t next_seq, qf_err *err)
{
  qf_mem *fresh = NULL;
  pthread_mutex_lock(&s->mu);
  qf_rc rc = wait_written(s, err);
  if (!rc && s->spare) {
    fresh = s->spare;
    s->spare = NULL;
  } else if (!rc && qf_mem_new(s->rows, &fresh)) {
    rc = qf_fail(err, QF_NOMEM, "out of memory for %u readings", "内存不足,无法容纳 %u 条读数", s->rows);
  }
  if (!rc) {
    if (s->active->seq >= next_seq) /* more of that sequence is to come: it is not yet whole */
      s->active->seq = next_seq ? next_seq - 1 : 0;
    fresh->seq = s->active->seq;
    s->frozen = s->active;
    s->active = fresh;
    pthread_cond_broadcast(&s->cond);
  }
  pthread_mutex_unlock(&s->mu);
  return rc;
}

qf_rc qf_readings_add(qf_readings *s, const qf_batch *b, uint64_t seq, qf_err *err)
{
  qf_rc rc = check_batch(b, err);
  uint32_t done = 0;
  if (!rc && s->active->n && b->n > s->rows - s->active->n) /* a batch is kept whole if it can be */
    rc = freeze(s, seq, err);
  while (!rc) {
    qf_mem *m = s->active;
    uint32_t room = s->rows - m->n, left = b->n - done, k = left < room ? left : room;
    qf_mem_append(m, m->n, b, done, k);
    done += k;
    pthread_mutex_lock(&s->mu);
    m->n += k;
    if (done == b->n && seq > m->seq)
      m->seq = seq;
    pthread_mutex_unlock(&s->mu);
    if (done == b->n)
      return QF_OK;
    rc = freeze(s, seq, err);
  }
  return rc;
}

qf_rc qf_readings_flush(qf_readings *s, qf_err *err)
{
  qf_rc rc = QF_OK;
  pthread_mutex_lock(&s->mu);
  bool any = s->active->n > 0 || s->active->seq > s->durable_seq;
  pthread_mutex_unlock(&s->mu);
  if (any)
    rc = freeze(s, UINT64_MAX, err);
  pthread_mutex_lock(&s->mu);
  if (!rc)
    rc = wait_written(s, err);
  if (!rc && s->merge_err.rc) {
    rc = s->merge_err.rc;
    if (err)
      *err = s->merge_err;
    s->merge_err = (qf_err){0};
  }
  pthread_mutex_unlock(&s->mu);
  return rc;
}

uint64_t qf_readings_durable_seq(const qf_readings *s)
{
  union { /* the lock is no part of what the caller sees as constant */
    const qf_readings *c;
    qf_readings *v;
  } p = {.c = s};
  pthread_mutex_lock(&p.v->mu);
  uint64_t seq = s->durable_seq;
  pthread_mutex_unlock(&p.v->mu);
  return seq;
}

/* ---- the rest */

void qf_readings_get_stats(qf_readings *s, qf_readings_stats *out)
{
  qf_readings_stats t = {0};
  pthread_mutex_lock(&s->mu);
  qf_mem *const mems[3] = {s->active, s->frozen, s->spare};
  for (int i = 0; i < 3; i++) {
    if (!mems[i])
      continue;
    t.bytes_mem += qf_mem_bytes(mems[i]);
    t.readings_mem += i < 2 ? mems[i]->n : 0;
  }
  t.duplicates = s->duplicates;
  t.files = s->view->n;
  for (size_t i = 0; i < s->view->n; i++) {
    const qf_seg_meta *m = qf_seg_get_meta(s->view->segs[i]);
    t.readings += m->readings;
    t.bytes_disk += qf_seg_bytes(s->view->segs[i]);
    t.sealed_files += m->level == QF_SEG_SEALED;
  }
  pthread_mutex_unlock(&s->mu);
  t.readings += t.readings_mem;
  *out = t;
}

qf_rc qf_readings_verify(qf_readings *s, qf_err *err)
{
  qf_view *v = qf_store_view(s);
  qf_rc rc = QF_OK;
  for (size_t i = 0; i < v->n && !rc; i++)
    rc = qf_seg_verify(v->segs[i], err);
  qf_view_unref(v);
  return rc;
}

qf_rc qf_readings_wipe(const char *dir, qf_err *err)
{
  const qf_manifest none = {.next = 1};
  const qf_view empty = {.n = 0};
  bool replaced;
  int fd;
  qf_rc rc = open_folder(dir, &fd, err);
  if (rc)
    return rc;
  rc = qf_manifest_write(fd, &empty, (uint64_t[2]){0, 1}, &replaced,
                         err); /* first: from here on the files are leftovers */
  if (!rc)
    rc = qf_manifest_sweep(fd, &none, err);
  close(fd);
  return rc;
}
