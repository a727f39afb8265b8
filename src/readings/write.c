/* From memory to part files, from part files to merged and sealed ones. The set of files changes in one place,
 * qf_store_publish: new files are on disk under their names before the manifest names them, and the manifest is on disk
 * before readers see the new set; files that left are removed last. Stopping between any two steps loses nothing.
 * Arrival order: every flush gets the next number; a file holds a run of flushes, [order_lo, order_hi], and files of
 * one day never overlap in it, as only neighbours are merged. */
#include "readings/store_int.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static qf_rc no_memory(qf_err *err)
{
  return qf_fail(err, QF_NOMEM, "out of memory writing readings", "内存不足,无法写入读数");
}

static void file_name(int32_t day, uint64_t number, bool sealed, char out[QF_SEG_NAME])
{
  int y, m, d;
  qf_civil_from_days(day, &y, &m, &d);
  snprintf(out, QF_SEG_NAME, "%04d-%02d-%02d.%" PRIu64 ".%s", y, m, d, number, sealed ? "sealed" : "part");
}

/* ---- the set of files */

static int by_day_and_arrival(const void *a, const void *b)
{
  const qf_seg_meta *x = qf_seg_get_meta(*(qf_seg *const *)a), *y = qf_seg_get_meta(*(qf_seg *const *)b);
  if (x->day != y->day)
    return x->day < y->day ? -1 : 1;
  return x->order_lo < y->order_lo ? -1 : x->order_lo > y->order_lo;
}

static bool is_in(qf_seg *const *list, size_t n, const qf_seg *s)
{
  for (size_t i = 0; i < n; i++)
    if (list[i] == s)
      return true;
  return false;
}

/* The next view; it takes references of its own to the files that stay, none yet to the added ones. */
static qf_view *next_view(const qf_view *old, const qf_change *c)
{
  qf_view *v = malloc(sizeof *v + (old->n + c->nadd) * sizeof(qf_seg *));
  if (!v)
    return NULL;
  atomic_init(&v->refs, 1);
  v->n = 0;
  for (size_t i = 0; i < old->n; i++)
    if (!is_in(c->remove, c->nremove, old->segs[i]))
      v->segs[v->n++] = old->segs[i];
  for (size_t i = 0; i < c->nadd; i++)
    v->segs[v->n++] = c->add[i];
  qsort(v->segs, v->n, sizeof *v->segs, by_day_and_arrival);
  return v;
}

void qf_view_unref(qf_view *v)
{
  if (!v || atomic_fetch_sub(&v->refs, 1) != 1)
    return;
  for (size_t i = 0; i < v->n; i++)
    qf_seg_unref(v->segs[i]);
  free(v);
}

qf_view *qf_store_view(qf_readings *s)
{
  pthread_mutex_lock(&s->mu);
  qf_view *v = s->view;
  atomic_fetch_add(&v->refs, 1);
  pthread_mutex_unlock(&s->mu);
  return v;
}

/* Let go of new files; `remove` unless the manifest may name them. */
static void drop_files(qf_readings *s, qf_seg **segs, size_t n, bool remove)
{
  for (size_t i = 0; i < n; i++) {
    if (remove)
      unlinkat(s->dirfd, qf_seg_name(segs[i]), 0);
    qf_seg_unref(segs[i]);
  }
}

qf_rc qf_store_publish(qf_readings *s, const qf_change *c, qf_err *err)
{
  qf_view *old = qf_store_view(s), *v = next_view(old, c);
  uint64_t seq = qf_readings_durable_seq(s);
  seq = c->seq > seq ? c->seq : seq;
  bool replaced = false;
  qf_rc rc = v ? qf_manifest_write(s->dirfd, v, (uint64_t[2]){seq, s->next}, &replaced, err) : no_memory(err);
  if (rc) {
    drop_files(s, c->add, c->nadd, !replaced); /* what a manifest might name is left to the sweep of the next open */
    free(v);
    qf_view_unref(old);
    return rc;
  }
  for (size_t i = 0; i < v->n; i++)
    if (!is_in(c->add, c->nadd, v->segs[i]))
      qf_seg_ref(v->segs[i]);
  pthread_mutex_lock(&s->mu);
  qf_view_unref(s->view); /* not the last reference: `old` is one */
  s->view = v;
  s->durable_seq = seq;
  s->duplicates += c->duplicates;
  if (c->written && s->frozen == c->written)
    s->frozen = NULL; /* the store's reference is now the caller's */
  pthread_cond_broadcast(&s->cond);
  pthread_mutex_unlock(&s->mu);
  for (size_t i = 0; i < c->nremove; i++) /* if this fails the next open sweeps them */
    unlinkat(s->dirfd, qf_seg_name(c->remove[i]), 0);
  qf_view_unref(old);
  return QF_OK;
}

/* ---- a memtable becomes part files */

typedef struct outputs { /* one writer per day touched, by day */
  qf_readings *s;
  qf_segw **w;
  size_t n, cap, hit;
  uint64_t seq;
} outputs;

static void outputs_fini(outputs *o)
{
  for (size_t i = 0; i < o->n; i++) {
    qf_segw_fini(o->w[i]);
    free(o->w[i]);
  }
  free(o->w);
}

static size_t find_day(const outputs *o, int32_t day)
{
  size_t lo = 0, hi = o->n;
  while (lo < hi) {
    size_t mid = lo + (hi - lo) / 2;
    if (o->w[mid]->meta.day < day)
      lo = mid + 1;
    else
      hi = mid;
  }
  return lo;
}

static qf_segw *output_for(outputs *o, int32_t day)
{
  if (o->hit < o->n && o->w[o->hit]->meta.day == day)
    return o->w[o->hit];
  size_t at = find_day(o, day);
  o->hit = at;
  if (at < o->n && o->w[at]->meta.day == day)
    return o->w[at];
  if (o->n == o->cap) {
    size_t cap = o->cap ? o->cap * 2 : 16;
    qf_segw **g = realloc(o->w, cap * sizeof(qf_segw *));
    if (!g)
      return NULL;
    o->w = g;
    o->cap = cap;
  }
  qf_segw *w = malloc(sizeof *w);
  if (!w)
    return NULL;
  char name[QF_SEG_NAME];
  const uint64_t number = o->s->next++;
  file_name(day, number, false, name);
  qf_segw_init(w, o->s->dirfd, name, &(qf_seg_meta){.day = day, .order_lo = number, .order_hi = number, .seq = o->seq});
  memmove(o->w + at + 1, o->w + at, (o->n - at) * sizeof(qf_segw *));
  o->w[at] = w;
  o->n++;
  return w;
}

/* Settled rows of one point to the files of their days. */
static qf_rc put_by_day(outputs *o, uint32_t point, const qf_cols *c, qf_err *err)
{
  for (size_t i = 0, j; i < c->n; i = j) {
    const int32_t day = qf_day_cn(c->ts[i]);
    const qf_us end = qf_day_cn_start(day + 1);
    j = c->ts[c->n - 1] < end ? c->n : i + qf_cols_lower(c->ts + i, c->n - i, end);
    qf_segw *w = output_for(o, day);
    if (!w)
      return no_memory(err);
    qf_rc rc = qf_segw_put(w, point, c, i, j, err);
    if (rc)
      return rc;
  }
  return QF_OK;
}

static qf_rc put_points(outputs *o, const qf_mem *m, const uint64_t *rows, uint64_t *duplicates, qf_err *err)
{
  qf_cols c = {0};
  qf_rc rc = QF_OK;
  for (uint32_t i = 0, j; i < m->n && !rc; i = j) {
    const uint32_t point = (uint32_t)(rows[i] >> 32);
    for (j = i + 1; j < m->n && rows[j] >> 32 == point; j++)
      ;
    c.n = 0;
    rc = qf_cols_reserve(&c, j - i);
    for (uint32_t k = i; k < j && !rc; k++) {
      const uint32_t r = (uint32_t)rows[k];
      qf_cols_add(&c, m->ts[r], (qf_num){m->mant[r], m->exp[r]}, m->flags[r]);
    }
    if (!rc)
      rc = qf_cols_settle(&c, duplicates);
    rc = rc ? no_memory(err) : put_by_day(o, point, &c, err);
  }
  qf_cols_fini(&c);
  return rc;
}

static qf_rc sync_folder(qf_readings *s, qf_err *err)
{
  if (fsync(s->dirfd) == 0)
    return QF_OK;
  return qf_fail(err, QF_IO, "cannot sync the readings folder: %s", "无法同步读数目录:%s", strerror(errno));
}

qf_rc qf_store_write_mem(qf_readings *s, qf_mem *m, qf_err *err)
{
  uint64_t *rows = NULL, duplicates = 0;
  outputs o = {.s = s, .seq = m->seq};
  qf_seg **segs = NULL;
  size_t n = 0;
  qf_rc rc = qf_mem_by_point(m, m->n, &rows);
  rc = rc ? no_memory(err) : put_points(&o, m, rows, &duplicates, err);
  qf_big_free(rows, (size_t)m->n * sizeof *rows);
  if (!rc && !(segs = calloc(o.n + 1, sizeof(qf_seg *))))
    rc = no_memory(err);
  for (size_t i = 0; i < o.n && !rc; i++) {
    rc = qf_segw_finish(o.w[i], err);
    if (!rc)
      rc = qf_seg_open(s->dirfd, o.w[i]->name, &segs[n], err);
    n += !rc;
  }
  if (!rc)
    rc = sync_folder(s, err);
  if (rc)
    drop_files(s, segs, n, true);
  else
    rc = qf_store_publish(
        s, &(qf_change){.add = segs, .nadd = n, .seq = m->seq, .written = m, .duplicates = duplicates}, err);
  free(segs);
  outputs_fini(&o);
  return rc;
}

/* ---- files of one day become one */

qf_rc qf_span_append(const qf_span *s, qf_cols *c)
{
  if (qf_cols_reserve(c, s->n))
    return QF_NOMEM;
  const size_t at = c->n;
  if (s->ts)
    memcpy(c->ts + at, s->ts, s->n * sizeof *s->ts);
  for (size_t i = 0; i < s->n && !s->ts; i++)
    c->ts[at + i] = s->lo + (qf_us)i * s->step;
  memcpy(c->mant + at, s->mant, s->n * sizeof *s->mant);
  if (s->exps)
    memcpy(c->exp + at, s->exps, s->n);
  else
    memset(c->exp + at, s->exp, s->n);
  if (s->flags)
    memcpy(c->flags + at, s->flags, s->n);
  else
    memset(c->flags + at, 0, s->n);
  c->n += s->n;
  return QF_OK;
}

typedef struct merge {
  qf_seg *const *in;
  size_t n;
  uint32_t *at; /* place in each directory */
  qf_cols rows;
  qf_unpacked u;
  uint64_t duplicates;
} merge;

static qf_rc take_blocks(merge *m, size_t i, qf_err *err)
{
  qf_rd r = qf_seg_records(m->in[i], m->at[i]);
  qf_block b;
  qf_span span;
  qf_rc rc;
  while ((rc = qf_seg_next_block(m->in[i], &r, &b, err)) == QF_OK) {
    rc = qf_seg_unpack(m->in[i], &b, &m->u, &span, err);
    if (rc)
      return rc;
    if (qf_span_append(&span, &m->rows))
      return no_memory(err);
  }
  return rc == QF_NOTFOUND ? QF_OK : rc;
}

/* Next point among the files; false at the end. */
static bool next_point(const merge *m, uint32_t *point)
{
  bool any = false;
  for (size_t i = 0; i < m->n; i++) {
    if (m->at[i] >= qf_seg_get_meta(m->in[i])->points)
      continue;
    uint32_t p = qf_seg_point_at(m->in[i], m->at[i]);
    *point = any && *point < p ? *point : p;
    any = true;
  }
  return any;
}

static qf_rc merge_points(merge *m, qf_segw *w, qf_err *err)
{
  qf_rc rc = QF_OK;
  for (size_t i = 0; i < m->n && !rc; i++)
    rc = qf_seg_check_index(m->in[i], err);
  for (uint32_t point; !rc && next_point(m, &point);) {
    m->rows.n = 0;
    for (size_t i = 0; i < m->n && !rc; i++) { /* in arrival order, which settling keeps among equal times */
      if (m->at[i] >= qf_seg_get_meta(m->in[i])->points || qf_seg_point_at(m->in[i], m->at[i]) != point)
        continue;
      rc = take_blocks(m, i, err);
      m->at[i]++;
    }
    if (!rc && qf_cols_settle(&m->rows, &m->duplicates))
      rc = no_memory(err);
    if (!rc)
      rc = qf_segw_put(w, point, &m->rows, 0, m->rows.n, err);
  }
  return rc;
}

/* Merge n neighbouring files of one day into one of the given level; *out borrowed from the new view,
 * NULL on failure. */
static qf_rc merge_files(qf_readings *s, qf_seg *const *in, size_t n, uint32_t level, qf_seg **out, qf_err *err)
{
  const qf_seg_meta *first = qf_seg_get_meta(in[0]);
  qf_seg_meta meta = {.day = first->day, .level = level, .order_lo = first->order_lo};
  char name[QF_SEG_NAME];
  qf_segw w;
  qf_seg *seg = NULL;
  for (size_t i = 0; i < n; i++) {
    const qf_seg_meta *x = qf_seg_get_meta(in[i]);
    meta.order_hi = x->order_hi;
    meta.seq = x->seq > meta.seq ? x->seq : meta.seq;
  }
  merge *m = calloc(1, sizeof *m);
  uint32_t *at = calloc(n + 1, sizeof *at);
  if (!m || !at) {
    free(m);
    free(at);
    return no_memory(err);
  }
  m->in = in;
  m->n = n;
  m->at = at;
  file_name(meta.day, s->next++, level == QF_SEG_SEALED, name);
  qf_segw_init(&w, s->dirfd, name, &meta);
  qf_rc rc = merge_points(m, &w, err);
  if (!rc)
    rc = qf_segw_finish(&w, err);
  if (!rc)
    rc = qf_seg_open(s->dirfd, name, &seg, err);
  if (!rc)
    rc = sync_folder(s, err);
  if (rc)
    drop_files(s, &seg, seg != NULL, true);
  else
    rc = qf_store_publish(
        s, &(qf_change){.add = &seg, .nadd = 1, .remove = in, .nremove = n, .duplicates = m->duplicates}, err);
  *out = rc ? NULL : seg; /* on a failure it was let go of */
  qf_segw_fini(&w);
  qf_cols_fini(&m->rows);
  free(at);
  free(m);
  return rc;
}

/* Find QF_MERGE_AT neighbours of one day and one level. */
static bool find_many(const qf_view *v, size_t *from)
{
  size_t run = 0;
  for (size_t i = 0; i < v->n; i++) {
    const qf_seg_meta *m = qf_seg_get_meta(v->segs[i]), *before = i ? qf_seg_get_meta(v->segs[i - 1]) : m;
    if (m->level == QF_SEG_SEALED || m->day != before->day || m->level != before->level)
      run = 0;
    run += m->level != QF_SEG_SEALED;
    if (run == QF_MERGE_AT) {
      *from = i + 1 - run;
      return true;
    }
  }
  return false;
}

qf_rc qf_store_merge_parts(qf_readings *s, qf_err *err)
{
  qf_rc rc = QF_OK;
  for (bool more = true; more && !rc;) {
    qf_view *v = qf_store_view(s);
    size_t from;
    qf_seg *seg;
    more = find_many(v, &from);
    if (more)
      rc = merge_files(s, v->segs + from, QF_MERGE_AT, qf_seg_get_meta(v->segs[from])->level + 1, &seg, err);
    qf_view_unref(v);
  }
  return rc;
}

/* First day before `day` that is not one sealed file; false when there is none. */
static bool find_unsealed(const qf_view *v, int32_t day, size_t *from, size_t *n)
{
  for (size_t i = 0, j; i < v->n; i = j) {
    const qf_seg_meta *m = qf_seg_get_meta(v->segs[i]);
    if (m->day >= day)
      return false;
    for (j = i + 1; j < v->n && qf_seg_get_meta(v->segs[j])->day == m->day; j++)
      ;
    if (j - i == 1 && m->level == QF_SEG_SEALED)
      continue;
    *from = i;
    *n = j - i;
    return true;
  }
  return false;
}

typedef struct sealing {
  int32_t day;
  void (*on_seal)(void *ud, const qf_seal *);
  void *ud;
} sealing;

/* Seal one day; false in *more when there is none left. The lock is given up between days so that flushes get through.
 */
static qf_rc seal_one(qf_readings *s, const sealing *q, bool *more, qf_err *err)
{
  qf_seg *seg = NULL;
  size_t from, n;
  pthread_mutex_lock(&s->work);
  qf_view *v = qf_store_view(s);
  qf_rc rc = QF_OK;
  *more = find_unsealed(v, q->day, &from, &n);
  if (*more) {
    rc = merge_files(s, v->segs + from, n, QF_SEG_SEALED, &seg, err);
    if (!rc)
      qf_seg_ref(seg);
  }
  qf_view_unref(v);
  pthread_mutex_unlock(&s->work);
  if (!rc && *more && q->on_seal) {
    const qf_seg_meta *m = qf_seg_get_meta(seg);
    qf_seal e = {.day = m->day, .readings = m->readings, .bytes = qf_seg_bytes(seg), .file = qf_seg_name(seg)};
    qf_seg_sha256(seg, e.sha256);
    q->on_seal(q->ud, &e);
  }
  qf_seg_unref(seg);
  return rc;
}

qf_rc qf_readings_seal(qf_readings *s, int32_t day, void (*on_seal)(void *ud, const qf_seal *), void *ud, qf_err *err)
{
  const sealing q = {day, on_seal, ud};
  qf_rc rc = qf_readings_flush(s, err);
  for (bool more = true; more && !rc;)
    rc = seal_one(s, &q, &more, err);
  return rc;
}
