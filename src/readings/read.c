/* Reading: ranges, last values, roll-ups.
 * For one point the blocks of the files and the rows of the memtables are `pieces`. Pieces whose times meet form a
 * cluster; a cluster of one is read as it is (or only its summary), one of several is brought together in arrival order
 * and settled. Days divide all files, and rows in memory are cut by day, so a cluster never reaches beyond one day of
 * one point. */
#include "readings/store_int.h"
#include <stdlib.h>
#include <string.h>

typedef struct piece {
  qf_seg *seg; /* NULL: rows [from, to) of the memory rows */
  qf_block b;
  size_t from, to;
  qf_us lo, hi;
  uint32_t rank; /* arrival */
} piece;

typedef struct scan {
  qf_view *view;
  qf_mem *mem[2]; /* older first; may be NULL */
  uint32_t n[2];
  size_t seg_from, seg_to; /* of the view: days that meet the range */
  qf_us range[2];
  qf_cols rows; /* of one point, from the memtables, settled */
  piece *pieces;
  size_t np, cap;
  qf_cols merged;
  qf_unpacked *u;
} scan;

static qf_rc no_memory(qf_err *err)
{
  return qf_fail(err, QF_NOMEM, "out of memory reading", "内存不足,无法读取");
}

static void scan_fini(scan *q)
{
  qf_view_unref(q->view);
  qf_mem_unref(q->mem[0]);
  qf_mem_unref(q->mem[1]);
  qf_cols_fini(&q->rows);
  qf_cols_fini(&q->merged);
  free(q->pieces);
  free(q->u);
}

/* Files of days that meet [from, to). */
static void choose_files(scan *q)
{
  const qf_view *v = q->view;
  size_t lo = 0, hi = v->n;
  while (lo < hi) {
    size_t mid = lo + (hi - lo) / 2;
    if (qf_day_cn_start(qf_seg_get_meta(v->segs[mid])->day + 1) <= q->range[0])
      lo = mid + 1;
    else
      hi = mid;
  }
  q->seg_from = q->seg_to = lo;
  while (q->seg_to < v->n && qf_day_cn_start(qf_seg_get_meta(v->segs[q->seg_to])->day) < q->range[1])
    q->seg_to++;
}

/* A consistent moment of the store. */
static qf_rc scan_init(scan *q, qf_readings *s, qf_us from, qf_us to, qf_err *err)
{
  *q = (scan){.range = {from, to}};
  q->u = malloc(sizeof *q->u);
  if (!q->u)
    return no_memory(err);
  pthread_mutex_lock(&s->mu);
  q->view = s->view;
  atomic_fetch_add(&q->view->refs, 1);
  qf_mem *const m[2] = {s->frozen, s->active};
  for (int i = 0; i < 2; i++) {
    if (!m[i] || !m[i]->n)
      continue;
    q->mem[i] = m[i];
    q->n[i] = m[i]->n;
    atomic_fetch_add(&m[i]->refs, 1);
  }
  pthread_mutex_unlock(&s->mu);
  choose_files(q);
  return QF_OK;
}

/* ---- pieces of one point */

static piece *add_piece(scan *q)
{
  if (q->np == q->cap) {
    size_t cap = q->cap ? q->cap * 2 : 32;
    piece *g = realloc(q->pieces, cap * sizeof *g);
    if (!g)
      return NULL;
    q->pieces = g;
    q->cap = cap;
  }
  return &q->pieces[q->np++];
}

/* Blocks of directory place i of a file that meet the range. */
static qf_rc add_blocks(scan *q, qf_seg *seg, uint32_t i, qf_err *err)
{
  qf_rd r = qf_seg_records(seg, i);
  qf_block b;
  qf_rc rc;
  while ((rc = qf_seg_next_block(seg, &r, &b, err)) == QF_OK) {
    if (b.hi < q->range[0] || b.lo >= q->range[1])
      continue;
    piece *p = add_piece(q);
    if (!p)
      return no_memory(err);
    *p = (piece){.seg = seg, .b = b, .lo = b.lo, .hi = b.hi, .rank = (uint32_t)q->np};
  }
  return rc == QF_NOTFOUND ? QF_OK : rc;
}

static qf_rc add_rows(scan *q, qf_err *err)
{
  if (qf_cols_settle(&q->rows, NULL))
    return no_memory(err);
  const qf_cols *c = &q->rows;
  for (size_t i = 0, j; i < c->n; i = j) {
    j = i + qf_cols_lower(c->ts + i, c->n - i, qf_day_cn_start(qf_day_cn(c->ts[i]) + 1));
    piece *p = add_piece(q);
    if (!p)
      return no_memory(err);
    *p = (piece){.from = i, .to = j, .lo = c->ts[i], .hi = c->ts[j - 1], .rank = UINT32_MAX};
  }
  return QF_OK;
}

/* By first time; nearly in order already (files are by day). */
static void sort_pieces(scan *q)
{
  for (size_t i = 1; i < q->np; i++) {
    if (q->pieces[i - 1].lo <= q->pieces[i].lo)
      continue;
    piece p = q->pieces[i];
    size_t j = i;
    for (; j > 0 && q->pieces[j - 1].lo > p.lo; j--)
      q->pieces[j] = q->pieces[j - 1];
    q->pieces[j] = p;
  }
}

/* All pieces of one point, files by looking it up. */
static qf_rc find_pieces(scan *q, uint32_t point, qf_err *err)
{
  q->np = 0;
  q->rows.n = 0;
  for (int i = 0; i < 2; i++)
    if (q->mem[i] && qf_mem_collect(q->mem[i], q->n[i], point, q->range, &q->rows))
      return no_memory(err);
  for (size_t i = q->seg_from; i < q->seg_to; i++) {
    bool found;
    qf_rc rc = qf_seg_check_index(q->view->segs[i], err);
    if (rc)
      return rc;
    uint32_t at = qf_seg_find(q->view->segs[i], point, &found);
    if (found && (rc = add_blocks(q, q->view->segs[i], at, err)))
      return rc;
  }
  qf_rc rc = add_rows(q, err);
  sort_pieces(q);
  return rc;
}

/* End of the cluster that begins at piece i. */
static size_t cluster_end(const scan *q, size_t i)
{
  qf_us hi = q->pieces[i].hi;
  for (i++; i < q->np && q->pieces[i].lo <= hi; i++)
    hi = q->pieces[i].hi > hi ? q->pieces[i].hi : hi;
  return i;
}

static qf_span rows_span(const qf_cols *c, size_t from, size_t to)
{
  return (qf_span){.n = to - from,
                   .ts = c->ts + from,
                   .lo = c->ts[from],
                   .mant = c->mant + from,
                   .exps = c->exp + from,
                   .flags = c->flags + from};
}

static qf_rc piece_span(scan *q, const piece *p, qf_span *out, qf_err *err)
{
  if (p->seg)
    return qf_seg_unpack(p->seg, &p->b, q->u, out, err);
  *out = rows_span(&q->rows, p->from, p->to);
  return QF_OK;
}

static int by_rank(const void *a, const void *b)
{
  const piece *x = a, *y = b;
  if (x->rank != y->rank)
    return x->rank < y->rank ? -1 : 1;
  return x->lo < y->lo ? -1 : x->lo > y->lo;
}

/* Readings of the cluster [i, j) in order, valid until the next call. */
static qf_rc cluster_span(scan *q, size_t i, size_t j, qf_span *out, qf_err *err)
{
  if (j - i == 1)
    return piece_span(q, &q->pieces[i], out, err);
  qsort(q->pieces + i, j - i, sizeof *q->pieces, by_rank);
  q->merged.n = 0;
  for (; i < j; i++) {
    qf_span s;
    qf_rc rc = piece_span(q, &q->pieces[i], &s, err);
    if (rc)
      return rc;
    if (qf_span_append(&s, &q->merged))
      return no_memory(err);
  }
  if (qf_cols_settle(&q->merged, NULL))
    return no_memory(err);
  *out = rows_span(&q->merged, 0, q->merged.n);
  return QF_OK;
}

/* First index of a span with time >= t. */
static size_t span_lower(const qf_span *s, qf_us t)
{
  if (s->ts)
    return qf_cols_lower(s->ts, s->n, t);
  if (t <= s->lo)
    return 0;
  if (s->step == 0)
    return s->n;
  uint64_t i = ((uint64_t)t - (uint64_t)s->lo + (uint64_t)s->step - 1) / (uint64_t)s->step;
  return i < s->n ? (size_t)i : s->n;
}

static qf_us span_ts(const qf_span *s, size_t i)
{
  return s->ts ? s->ts[i] : s->lo + (qf_us)i * s->step;
}

/* ---- ranges */

static bool deliver(const scan *q, const qf_span *s, qf_reading_fn *fn, void *ud)
{
  const size_t end = span_lower(s, q->range[1]);
  for (size_t i = span_lower(s, q->range[0]); i < end; i++) {
    qf_reading r = {.ts_us = span_ts(s, i), .v = {s->mant[i], s->exps ? s->exps[i] : s->exp}};
    r.flags = s->flags ? s->flags[i] : 0;
    if (i && span_ts(s, i - 1) == r.ts_us)
      r.flags |= QF_RD_CONFLICT;
    if (!fn(ud, &r))
      return false;
  }
  return true;
}

static qf_rc scan_range(scan *q, uint32_t point, qf_reading_fn *fn, void *ud, qf_err *err)
{
  qf_rc rc = find_pieces(q, point, err);
  bool more = true;
  for (size_t i = 0, j; i < q->np && !rc && more; i = j) {
    qf_span s;
    j = cluster_end(q, i);
    rc = cluster_span(q, i, j, &s, err);
    if (!rc)
      more = deliver(q, &s, fn, ud);
  }
  return rc;
}

qf_rc qf_readings_range(qf_readings *s, uint32_t point, qf_us from, qf_us to, qf_reading_fn *fn, void *ud, qf_err *err)
{
  scan q;
  if (from >= to)
    return QF_OK;
  qf_rc rc = scan_init(&q, s, from, to, err);
  if (!rc)
    rc = scan_range(&q, point, fn, ud, err);
  scan_fini(&q);
  return rc;
}

/* ---- last before */

/* Greatest time < t among the blocks of one file; *found only ever becomes true. */
static qf_rc last_in_file(scan *q, qf_seg *seg, uint32_t point, qf_us *best, bool *found, qf_err *err)
{
  bool there;
  qf_rc rc = qf_seg_check_index(seg, err);
  if (rc)
    return rc;
  uint32_t at = qf_seg_find(seg, point, &there);
  if (!there)
    return QF_OK;
  qf_rd r = qf_seg_records(seg, at);
  qf_block b, last = {.count = 0};
  while ((rc = qf_seg_next_block(seg, &r, &b, err)) == QF_OK)
    if (b.lo < q->range[1])
      last = b;
  if (rc != QF_NOTFOUND)
    return rc;
  if (!last.count)
    return QF_OK;
  qf_us t = last.hi;
  if (t >= q->range[1]) {
    qf_span s;
    rc = qf_seg_unpack(seg, &last, q->u, &s, err);
    if (rc)
      return rc;
    t = span_ts(&s, span_lower(&s, q->range[1]) - 1);
  }
  if (!*found || t > *best)
    *best = t;
  *found = true;
  return QF_OK;
}

/* Files from the newest day back to the first day that has the point. */
static qf_rc last_in_files(scan *q, uint32_t point, qf_us *best, bool *found, qf_err *err)
{
  bool here = false;
  qf_us t = 0;
  qf_rc rc = QF_OK;
  for (size_t i = q->seg_to; i > 0 && !rc; i--) {
    qf_seg *seg = q->view->segs[i - 1];
    if (here && qf_seg_get_meta(seg)->day < qf_day_cn(t))
      break;
    rc = last_in_file(q, seg, point, &t, &here, err);
  }
  if (!rc && here && (!*found || t > *best)) {
    *best = t;
    *found = true;
  }
  return rc;
}

static bool keep_last(void *ud, const qf_reading *r)
{
  *(qf_reading *)ud = *r;
  return true;
}

qf_rc qf_readings_before(qf_readings *s, uint32_t point, qf_us t, qf_reading *out, qf_err *err)
{
  scan q;
  qf_us best = 0, x;
  bool found = false;
  qf_reading last = {0};
  qf_rc rc = scan_init(&q, s, INT64_MIN, t, err);
  for (int i = 0; i < 2 && !rc; i++) {
    if (!q.mem[i] || !qf_mem_last_before(q.mem[i], q.n[i], point, t, &x) || (found && x <= best))
      continue;
    best = x;
    found = true;
  }
  if (!rc)
    rc = last_in_files(&q, point, &best, &found, err);
  if (!rc && !found)
    rc = qf_fail(err, QF_NOTFOUND, "no earlier reading of point %u", "测点 %u 没有更早的读数", point);
  if (!rc) {
    q.range[0] = best;
    q.range[1] = best + 1;
    choose_files(&q);
    rc = scan_range(&q, point, keep_last, &last, err);
  }
  if (!rc)
    *out = last;
  scan_fini(&q);
  return rc;
}

/* ---- roll-ups */

typedef struct roll {
  qf_us step, grid;
  qf_rollup_fn *fn;
  void *ud;
  bool open;
  qf_rollup cur;
} roll;

static void roll_emit(roll *r)
{
  if (r->open)
    r->fn(r->ud, &r->cur);
  r->open = false;
}

/* v * 10^k when it fits. */
static bool scale_up(qf_i128 v, int k, qf_i128 *out)
{
  while (k-- > 0)
    if (__builtin_mul_overflow(v, (qf_i128)10, &v))
      return false;
  *out = v;
  return true;
}

/* v / 10^k, half to even. */
static qf_i128 scale_down(qf_i128 v, int k, bool *inexact)
{
  bool rest = false; /* anything but zeros behind the last digit cut */
  int digit = 0;
  for (; k > 0 && v != 0; k--) {
    rest |= digit != 0;
    digit = (int)(v % 10);
    v /= 10;
  }
  if (k > 0) {
    rest |= digit != 0;
    digit = 0;
  }
  *inexact |= rest || digit != 0;
  int size = digit < 0 ? -digit : digit;
  if (size > 5 || (size == 5 && (rest || v % 2 != 0)))
    v += digit < 0 ? -1 : 1;
  return v;
}

/* All numbers of x at exponent e >= x->exp or, if they fit there, e < x->exp; false when they do not. */
static bool roll_scale(qf_rollup *x, int e)
{
  if (e >= x->exp) {
    const int k = e - x->exp;
    int64_t *const v[4] = {&x->min, &x->max, &x->first, &x->last};
    for (int i = 0; i < 4 && k; i++)
      *v[i] = (int64_t)scale_down(*v[i], k, &x->inexact);
    x->sum = k ? scale_down(x->sum, k, &x->inexact) : x->sum;
    x->exp = (int8_t)e;
    return true;
  }
  qf_i128 lo, hi, sum;
  if (!scale_up(x->min, x->exp - e, &lo) || !scale_up(x->max, x->exp - e, &hi) || !scale_up(x->sum, x->exp - e, &sum) ||
      lo < INT64_MIN || hi > INT64_MAX)
    return false;
  qf_i128 first = x->first, last = x->last; /* between min and max: they fit too */
  (void)scale_up(first, x->exp - e, &first);
  (void)scale_up(last, x->exp - e, &last);
  x->min = (int64_t)lo;
  x->max = (int64_t)hi;
  x->first = (int64_t)first;
  x->last = (int64_t)last;
  x->sum = sum;
  x->exp = (int8_t)e;
  return true;
}

/* Bring both to the finest exponent at which both fit. Zeros have no exponent of their own. */
static void roll_align(qf_rollup *a, qf_rollup *b)
{
  qf_rollup *fine = a->exp < b->exp ? a : b, *coarse = fine == a ? b : a;
  int e = fine->exp;
  while (!roll_scale(coarse, e)) /* ends at the latest at its own exponent */
    e++;
  (void)roll_scale(fine, e);
}

static void roll_join(roll *r, const qf_rollup *part)
{
  if (r->open && (r->cur.point != part->point || r->cur.from_us != part->from_us))
    roll_emit(r);
  if (!r->open) {
    r->cur = *part;
    r->open = true;
    return;
  }
  qf_rollup b = *part, *a = &r->cur;
  if (a->exp != b.exp)
    roll_align(a, &b);
  a->count += b.count;
  a->inexact |= b.inexact;
  a->min = b.min < a->min ? b.min : a->min;
  a->max = b.max > a->max ? b.max : a->max;
  a->last = b.last;
  if (!__builtin_add_overflow(a->sum, b.sum, &a->sum))
    return;
  a->sum = b.sum < 0 ? -(qf_i128)(~(qf_u128)0 >> 1) : (qf_i128)(~(qf_u128)0 >> 1); /* needs 2^64 readings of 2^63 */
  a->inexact = true;
}

static qf_us bucket_of(const roll *r, qf_us t)
{
  return qf_floor(t + r->grid, r->step) - r->grid;
}

/* Readings [a, b) of a span, all of one exponent and none marked invalid: whole buckets at a time. */
static void roll_even(roll *r, uint32_t point, const qf_span *s, size_t a, size_t b)
{
  while (a < b) {
    const qf_us bucket = bucket_of(r, span_ts(s, a));
    size_t z = span_lower(s, bucket + r->step);
    z = z < b ? z : b;
    const int64_t *v = s->mant;
    int64_t lo = v[a], hi = v[a];
    qf_i128 sum = 0;
    for (size_t i = a; i < z; i++) {
      lo = v[i] < lo ? v[i] : lo;
      hi = v[i] > hi ? v[i] : hi;
      sum += v[i];
    }
    qf_rollup part = {
        .point = point, .from_us = bucket, .count = (uint32_t)(z - a), .exp = s->exp, .min = lo, .max = hi};
    part.first = v[a];
    part.last = v[z - 1];
    part.sum = sum;
    roll_join(r, &part);
    a = z;
  }
}

static void roll_one_by_one(roll *r, uint32_t point, const qf_span *s, size_t a, size_t b)
{
  for (; a < b; a++) {
    if (s->flags && (s->flags[a] & QF_RD_SENTINEL))
      continue;
    const int64_t v = s->mant[a];
    const int8_t e = s->exps ? s->exps[a] : s->exp;
    roll_join(r, &(qf_rollup){.point = point,
                              .from_us = bucket_of(r, span_ts(s, a)),
                              .count = 1,
                              .exp = e,
                              .min = v,
                              .max = v,
                              .first = v,
                              .last = v,
                              .sum = v});
  }
}

/* True for a span of one exponent without invalid readings; makes s->exp that exponent. */
static bool is_even(qf_span *s)
{
  int8_t differ = 0;
  uint8_t any = 0;
  for (size_t i = 0; i < s->n && s->exps; i++)
    differ |= s->exps[i] ^ s->exps[0];
  for (size_t i = 0; i < s->n && s->flags; i++)
    any |= s->flags[i];
  if (s->exps)
    s->exp = s->exps[0];
  return !differ && !(any & QF_RD_SENTINEL);
}

/* A block that lies in one bucket and within the range, and whose summary tells all. */
static bool summary_is_enough(const scan *q, const roll *r, const piece *p)
{
  return p->seg && !(p->b.kinds & (QF_BK_MIXED | QF_BK_SENTINEL)) && p->lo >= q->range[0] && p->hi < q->range[1] &&
         bucket_of(r, p->lo) == bucket_of(r, p->hi);
}

static qf_rc roll_cluster(scan *q, roll *r, uint32_t point, const size_t ends[2], qf_err *err)
{
  const piece *p = &q->pieces[ends[0]];
  if (ends[1] - ends[0] == 1 && summary_is_enough(q, r, p)) {
    const qf_block *b = &p->b;
    roll_join(r, &(qf_rollup){.point = point,
                              .from_us = bucket_of(r, b->lo),
                              .count = b->count,
                              .exp = b->exp,
                              .min = b->min,
                              .max = b->max,
                              .first = b->first,
                              .last = b->last,
                              .sum = b->sum});
    return QF_OK;
  }
  qf_span s;
  qf_rc rc = cluster_span(q, ends[0], ends[1], &s, err);
  if (rc)
    return rc;
  const size_t a = span_lower(&s, q->range[0]), b = span_lower(&s, q->range[1]);
  if (is_even(&s))
    roll_even(r, point, &s, a, b);
  else
    roll_one_by_one(r, point, &s, a, b);
  return QF_OK;
}

static qf_rc roll_pieces(scan *q, roll *r, uint32_t point, qf_err *err)
{
  qf_rc rc = QF_OK;
  size_t ends[2];
  for (ends[0] = 0; ends[0] < q->np && !rc; ends[0] = ends[1]) {
    ends[1] = cluster_end(q, ends[0]);
    rc = roll_cluster(q, r, point, ends, err);
  }
  return rc;
}

static int by_number(const void *a, const void *b)
{
  const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return x < y ? -1 : x > y;
}

static qf_rc roll_points(scan *q, roll *r, const qf_rollup_query *u, qf_err *err)
{
  uint32_t *points = malloc((u->npoints + 1) * sizeof *points);
  if (!points)
    return no_memory(err);
  if (u->npoints)
    memcpy(points, u->points, u->npoints * sizeof *points);
  qsort(points, u->npoints, sizeof *points, by_number);
  qf_rc rc = QF_OK;
  for (size_t i = 0; i < u->npoints && !rc; i++) {
    if (i && points[i] == points[i - 1])
      continue;
    rc = find_pieces(q, points[i], err);
    if (!rc)
      rc = roll_pieces(q, r, points[i], err);
  }
  free(points);
  return rc;
}

/* Walking all points at once: every file and memtable has a place that moves on. */
typedef struct walk {
  scan *q;
  uint32_t *at; /* per file of [seg_from, seg_to) */
  uint64_t *sorted[2];
  uint32_t mem_at[2];
} walk;

static bool walk_next(const walk *w, uint32_t *point)
{
  const scan *q = w->q;
  bool any = false;
  uint32_t least = 0;
  for (size_t i = q->seg_from; i < q->seg_to; i++) {
    uint32_t at = w->at[i - q->seg_from];
    if (at >= qf_seg_get_meta(q->view->segs[i])->points)
      continue;
    uint32_t p = qf_seg_point_at(q->view->segs[i], at);
    least = any && least < p ? least : p;
    any = true;
  }
  for (int i = 0; i < 2; i++) {
    if (w->mem_at[i] >= q->n[i])
      continue;
    uint32_t p = (uint32_t)(w->sorted[i][w->mem_at[i]] >> 32);
    least = any && least < p ? least : p;
    any = true;
  }
  *point = least;
  return any;
}

static qf_rc walk_rows(walk *w, int i, uint32_t point, qf_err *err)
{
  scan *q = w->q;
  const qf_mem *m = q->mem[i];
  uint32_t at = w->mem_at[i], end = at;
  while (end < q->n[i] && w->sorted[i][end] >> 32 == point)
    end++;
  w->mem_at[i] = end;
  if (qf_cols_reserve(&q->rows, end - at))
    return no_memory(err);
  for (; at < end; at++) {
    const uint32_t row = (uint32_t)w->sorted[i][at];
    if (m->ts[row] >= q->range[0] && m->ts[row] < q->range[1])
      qf_cols_add(&q->rows, m->ts[row], (qf_num){m->mant[row], m->exp[row]}, m->flags[row]);
  }
  return QF_OK;
}

static qf_rc walk_pieces(walk *w, uint32_t point, qf_err *err)
{
  scan *q = w->q;
  q->np = 0;
  q->rows.n = 0;
  qf_rc rc = QF_OK;
  for (int i = 0; i < 2 && !rc; i++)
    if (q->mem[i])
      rc = walk_rows(w, i, point, err);
  for (size_t i = q->seg_from; i < q->seg_to && !rc; i++) {
    uint32_t *at = &w->at[i - q->seg_from];
    qf_seg *seg = q->view->segs[i];
    if (*at < qf_seg_get_meta(seg)->points && qf_seg_point_at(seg, *at) == point)
      rc = add_blocks(q, seg, (*at)++, err);
  }
  if (!rc)
    rc = add_rows(q, err);
  sort_pieces(q);
  return rc;
}

static qf_rc roll_all(scan *q, roll *r, qf_err *err)
{
  walk w = {.q = q};
  qf_rc rc = QF_OK;
  w.at = calloc(q->seg_to - q->seg_from + 1, sizeof *w.at);
  if (!w.at)
    rc = no_memory(err);
  for (int i = 0; i < 2 && !rc; i++)
    if (q->mem[i] && qf_mem_by_point(q->mem[i], q->n[i], &w.sorted[i]))
      rc = no_memory(err);
  for (size_t i = q->seg_from; i < q->seg_to && !rc; i++)
    rc = qf_seg_check_index(q->view->segs[i], err);
  for (uint32_t point; !rc && walk_next(&w, &point);) {
    rc = walk_pieces(&w, point, err);
    if (!rc)
      rc = roll_pieces(q, r, point, err);
  }
  free(w.at);
  for (int i = 0; i < 2; i++)
    qf_big_free(w.sorted[i], (size_t)q->n[i] * sizeof(uint64_t));
  return rc;
}

qf_rc qf_readings_rollup(qf_readings *s, const qf_rollup_query *u, qf_rollup_fn *fn, void *ud, qf_err *err)
{
  if (u->step_us <= 0 || QF_US_DAY % u->step_us != 0 || u->grid_us < 0 || u->grid_us >= u->step_us)
    return qf_fail(err, QF_RANGE, "a roll-up step must divide 24 hours and its grid lie within the step",
                   "汇总步长须整除 24 小时,网格偏移须小于步长");
  qf_us from = u->from < QF_TIME_MIN ? QF_TIME_MIN : u->from, to = u->to > QF_TIME_MAX ? QF_TIME_MAX : u->to;
  if (from >= to)
    return QF_OK;
  scan q;
  roll r = {.step = u->step_us, .grid = u->grid_us, .fn = fn, .ud = ud};
  qf_rc rc = scan_init(&q, s, from, to, err);
  if (!rc)
    rc = u->points ? roll_points(&q, &r, u, err) : roll_all(&q, &r, err);
  if (!rc)
    roll_emit(&r);
  scan_fini(&q);
  return rc;
}
