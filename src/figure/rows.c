/* The rows of an indicator, read once and held: sorted by month and rank for sums, and by part, subject, carrier for why. */
#include "figure/internal.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  C_SUBJECT,
  C_MONTH,
  C_NUM,
  C_PART,
  C_EST,
  C_SOURCE,
  C_CARRIER,
  C_SCOPE,
  C_POINT,
  C_RECORD,
  C_QUANTITY,
  C_QUANTITY_UNIT,
  C_FACTOR,
  C_FACTOR_VALUE,
  C_OUTSIDE,
  C_SCALE,
  C_SIGN,
  C_AT,
  C_SAMPLE,
  C_COUNT
};

typedef struct reader {
  qf_figures *f;
  const qf_base *base;
  qf_set *set;
  size_t cap;
  const char *last_subject; /* rows come in runs of one subject */
  uint32_t last_rank;
  qf_rc rc;
  qf_err *err;
  const char *path;
} reader;

static qf_packed pack(qf_dec d)
{
  return (qf_packed){(uint64_t)(qf_u128)d.mant, (int64_t)(d.mant >> 64)};
}

static bool is_number(const qf_cell *c)
{
  return c->kind == 1 || c->kind == 2;
}

/* A number without the zeros at its end: products of long decimals then still fit. */
static qf_dec number(const qf_cell *c)
{
  return qf_dec_trim(c->dec);
}

static const char *text(reader *r, const qf_cell *c)
{
  if (c->kind != 4)
    return NULL;
  const char *s = qf_intern_put(r->f->intern, c->s, c->len);
  if (!s)
    r->rc = QF_NOMEM;
  return s;
}

static uint32_t rank_of(reader *r, const qf_cell *c)
{
  const char *id = text(r, c);
  if (id && id == r->last_subject)
    return r->last_rank;
  uint32_t rank = id ? qf_subject_find(r->base, id) : UINT32_MAX;
  r->last_subject = id;
  r->last_rank = rank == UINT32_MAX ? r->base->nsubjects - 1 : rank;
  return r->last_rank;
}

static qf_row *new_row(reader *r)
{
  if (r->set->n == r->cap) {
    size_t cap = r->cap ? r->cap * 2 : 1024;
    qf_row *p = cap < UINT32_MAX / 2 ? realloc(r->set->rows, cap * sizeof *p) : NULL;
    if (!p) {
      r->rc = QF_NOMEM;
      return NULL;
    }
    r->set->rows = p;
    r->cap = cap;
  }
  return &r->set->rows[r->set->n++];
}

static void read_terms(reader *r, const qf_cell *c, qf_row *row)
{
  if (is_number(&c[C_QUANTITY])) {
    qf_dec d = number(&c[C_QUANTITY]);
    row->quantity = pack(d);
    row->quantity_s = d.scale;
    row->flags |= QF_R_QUANTITY;
  }
  if (is_number(&c[C_FACTOR_VALUE])) {
    qf_dec d = number(&c[C_FACTOR_VALUE]);
    row->factor_value = pack(d);
    row->factor_s = d.scale;
    row->flags |= QF_R_FACTOR;
  }
  row->scale = 1;
  if (is_number(&c[C_SCALE])) {
    qf_dec d = number(&c[C_SCALE]);
    row->scale = (int64_t)d.mant;
    row->scale_s = d.scale;
  }
  row->sign = 1;
  if (is_number(&c[C_SIGN]))
    row->sign = c[C_SIGN].dec.mant < 0 ? -1 : 1;
  row->carrier = text(r, &c[C_CARRIER]);
  row->scope = text(r, &c[C_SCOPE]);
  row->record = text(r, &c[C_RECORD]);
  row->quantity_unit = text(r, &c[C_QUANTITY_UNIT]);
  row->factor = text(r, &c[C_FACTOR]);
}

static bool on_row(void *ud, const qf_cell *c, size_t n)
{
  reader *r = ud;
  if (n != C_COUNT || c[C_MONTH].kind != 1) {
    r->rc = QF_SYNTAX;
    return false;
  }
  if (!is_number(&c[C_NUM])) {
    r->set->nulls += c[C_NUM].kind == 0;
    r->rc = c[C_NUM].kind == 0 ? QF_OK : QF_SYNTAX;
    return r->rc == QF_OK;
  }
  qf_row *row = new_row(r);
  if (!row)
    return false;
  qf_dec num = number(&c[C_NUM]), est = is_number(&c[C_EST]) ? number(&c[C_EST]) : qf_dec_int(0, 0);
  *row = (qf_row){.num = pack(num),
                  .num_s = num.scale,
                  .est = pack(est),
                  .est_s = est.scale,
                  .month = (int32_t)c[C_MONTH].i,
                  .rank = rank_of(r, &c[C_SUBJECT]),
                  .point = c[C_POINT].kind == 1 ? (uint32_t)c[C_POINT].i : 0};
  if (c[C_PART].kind == 4 && strcmp(c[C_PART].s, "den") == 0)
    row->flags |= QF_R_DEN;
  if (c[C_SOURCE].kind == 4 && strcmp(c[C_SOURCE].s, "filed") == 0)
    row->flags |= QF_R_FILED;
  if ((c[C_OUTSIDE].kind == 5 || c[C_OUTSIDE].kind == 1) && c[C_OUTSIDE].i)
    row->flags |= QF_R_OUTSIDE;
  if (c[C_SAMPLE].kind == 5 && c[C_SAMPLE].i)
    row->flags |= QF_R_SAMPLE;
  if (c[C_AT].kind == 4) {
    row->at = c[C_AT].i;
    row->flags |= QF_R_AT;
  }
  read_terms(r, c, row);
  return r->rc == QF_OK;
}

/* ---- orders */

static int cmp_u32(uint32_t a, uint32_t b)
{
  return (a > b) - (a < b);
}
static int cmp_text(const char *a, const char *b)
{
  return a == b ? 0 : !a ? -1 : !b ? 1 : strcmp(a, b);
}

/* After month and rank the rest only makes the order the same on every run. */
static int cmp_rest(const qf_row *a, const qf_row *b)
{
  int c = cmp_text(a->carrier, b->carrier);
  if (!c)
    c = cmp_text(a->scope, b->scope);
  if (!c)
    c = cmp_u32(a->point, b->point);
  return c ? c : cmp_text(a->record, b->record);
}

static int by_month(const void *pa, const void *pb)
{
  const qf_row *a = pa, *b = pb;
  if (a->month != b->month)
    return a->month < b->month ? -1 : 1;
  int c = cmp_u32(a->rank, b->rank);
  if (!c)
    c = (a->flags & QF_R_DEN) - (b->flags & QF_R_DEN);
  if (!c)
    c = cmp_rest(a, b);
  if (!c)
    c = (a->num.hi > b->num.hi) - (a->num.hi < b->num.hi);
  return c ? c : (a->num.lo > b->num.lo) - (a->num.lo < b->num.lo);
}

typedef struct ranked { /* so that qsort needs no global */
  const qf_row *row;
  uint32_t i;
} ranked;

static int by_rank(const void *pa, const void *pb)
{
  const qf_row *a = ((const ranked *)pa)->row, *b = ((const ranked *)pb)->row;
  int c = (a->flags & QF_R_DEN) - (b->flags & QF_R_DEN);
  if (!c)
    c = cmp_u32(a->rank, b->rank);
  if (!c)
    c = cmp_rest(a, b);
  if (!c)
    c = (a->month > b->month) - (a->month < b->month);
  return c ? c : cmp_u32(((const ranked *)pa)->i, ((const ranked *)pb)->i);
}

static qf_rc order(qf_set *s)
{
  if (s->n == 0)
    return QF_OK;
  qsort(s->rows, s->n, sizeof *s->rows, by_month);
  ranked *r = malloc(s->n * sizeof *r);
  s->by_rank = malloc(s->n * sizeof *s->by_rank);
  if (!r || !s->by_rank) {
    free(r);
    return QF_NOMEM;
  }
  for (uint32_t i = 0; i < s->n; i++)
    r[i] = (ranked){&s->rows[i], i};
  qsort(r, s->n, sizeof *r, by_rank);
  for (uint32_t i = 0; i < s->n; i++)
    s->by_rank[i] = r[i].i;
  free(r);
  return QF_OK;
}

uint32_t qf_set_seek(const qf_set *s, int32_t month, uint32_t rank)
{
  uint32_t lo = 0, hi = s->n;
  while (lo < hi) {
    uint32_t mid = (lo + hi) / 2;
    const qf_row *r = &s->rows[mid];
    if (r->month < month || (r->month == month && r->rank < rank))
      lo = mid + 1;
    else
      hi = mid;
  }
  return lo;
}

static qf_rc keep_old(reader *r, const qf_set *old, int32_t from_month)
{
  uint32_t n = old && from_month > INT32_MIN ? qf_set_seek(old, from_month, 0) : 0;
  if (n == 0)
    return QF_OK;
  r->set->rows = malloc(n * sizeof *r->set->rows);
  if (!r->set->rows)
    return QF_NOMEM;
  memcpy(r->set->rows, old->rows, n * sizeof *old->rows);
  r->set->n = n;
  r->cap = n;
  return QF_OK;
}

qf_rc qf_set_load(qf_figures *f, const qf_indicator *ind, const qf_base *base, const qf_set *old, int32_t from_month,
                  qf_set **out, qf_err *err)
{
  qf_set *s = calloc(1, sizeof *s);
  qf_err words = {0};
  if (!s)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  atomic_store(&s->refs, 1);
  reader r = {.f = f, .base = base, .set = s, .err = &words, .path = ind->path};
  if (old && *old->failed)
    from_month = INT32_MIN; /* what it held is not complete */
  qf_rc rc = keep_old(&r, old, from_month);
  if (rc) {
    qf_set_drop(s);
    return qf_fail(err, rc, "out of memory", "内存不足");
  }
  if (old && from_month > INT32_MIN)
    s->nulls = old->nulls;
  qf_param p = {.kind = 1, .i = from_month};
  rc = ind->alone && from_month > INT32_MIN
           ? qf_book_query_since(f->book, qf_month_first_day(from_month), ind->sql, &p, 1, on_row, &r, &words)
           : qf_book_query(f->book, ind->sql, &p, 1, on_row, &r, &words);
  bool ours = rc == QF_OK; /* what fails from here on is not the statement's doing */
  if (!rc)
    rc = r.rc;
  if (!rc)
    rc = order(s);
  if ((ours && rc == QF_NOMEM) || rc == QF_IO || rc == QF_CORRUPT) {
    qf_set_drop(s);
    return qf_fail(err, rc, "%.90s: %.140s", "%.90s：%.140s", ind->path, *words.en ? words.en : "out of memory");
  }
  if (rc) { /* this figure cannot be given (a statement may also want more memory than the book allows); the others can */
    free(s->rows);
    free(s->by_rank);
    s->rows = NULL;
    s->by_rank = NULL;
    s->n = 0;
    snprintf(s->failed, sizeof s->failed, "%s", *words.en ? words.en : "num or month is not a number");
  }
  *out = s;
  return QF_OK;
}

void qf_set_drop(qf_set *s)
{
  if (!s || atomic_fetch_sub(&s->refs, 1) != 1)
    return;
  free(s->rows);
  free(s->by_rank);
  free(s);
}
