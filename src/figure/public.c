/* What everybody may see: figures whose file says `public: yes` (or `city`: the total alone), of the city and its districts, so that no reporter's own figure
 * can be worked out (domain/disclosure.h, k = 5, dominance 85 %). A contributor is a unit; where a row is of a district itself
 * (projects, acts, months of a district) it is the record. One period of each figure only: two that overlap would tell their
 * difference. Numerator and denominator are looked at apart, and both must be safe. */
#include "domain/disclosure.h"
#include "figure/internal.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { K = 5, DISTRICTS_MAX = 64 };
static const double dominance = 0.85;

typedef struct share { /* what one contributor gives to a cell */
  uint64_t key;
  double amount;
  bool den;
} share;

typedef struct shares {
  share *s;
  size_t n, cap;
  bool failed;
} shares;

/* The unit above a rank within the district, or the record's address. */
static uint64_t contributor(const qf_scope *s, const qf_row *r)
{
  const qf_subject *sub = s->v->base->subjects;
  uint32_t at = r->rank;
  while (at != s->r0 && strcmp(sub[at].kind, "unit") != 0)
    at = sub[at].parent;
  if (at != s->r0)
    return at;
  return r->record ? (uint64_t)(uintptr_t)r->record : UINT64_C(1) << 63 | r->point;
}

static void note(shares *all, const qf_scope *s, const qf_row *r)
{
  if (all->n == all->cap) {
    size_t cap = all->cap ? all->cap * 2 : 256;
    share *p = realloc(all->s, cap * sizeof *p);
    if (!p) {
      all->failed = true;
      return;
    }
    all->s = p;
    all->cap = cap;
  }
  all->s[all->n++] =
      (share){contributor(s, r), fabs(qf_dec_double(qf_unpack(r->num, r->num_s))), (r->flags & QF_R_DEN) != 0};
}

static int by_key(const void *pa, const void *pb)
{
  const share *a = pa, *b = pb;
  if (a->den != b->den)
    return a->den ? 1 : -1;
  return a->key < b->key ? -1 : a->key > b->key;
}

/* The sums of one part (numerator or denominator) of a cell. */
static qf_cell_sum sum_part(const shares *all, bool den)
{
  qf_cell_sum c = {0};
  for (size_t i = 0; i < all->n;) {
    double one = 0;
    size_t j = i;
    for (; j < all->n && all->s[j].den == all->s[i].den && all->s[j].key == all->s[i].key; j++)
      one += all->s[j].amount;
    if (all->s[i].den == den) {
      c.n++;
      c.total += one;
      c.largest = one > c.largest ? one : c.largest;
    }
    i = j;
  }
  return c;
}

/* Contributors of a scope: num and den. Months of the year before count for a change. */
static bool sums_of(const qf_scope *s, qf_cell_sum out[2])
{
  shares all = {0};
  for (int32_t m = qf_scope_first(s, s->from); m <= s->to; m++)
    for (uint32_t i = qf_set_seek(s->set, m, s->r0);
         i < s->set->n && s->set->rows[i].month == m && s->set->rows[i].rank < s->r1; i++)
      note(&all, s, &s->set->rows[i]);
  if (all.n)
    qsort(all.s, all.n, sizeof *all.s, by_key);
  out[0] = sum_part(&all, false);
  out[1] = sum_part(&all, true);
  free(all.s);
  return !all.failed;
}

static void put_value(const qf_scope *s, bool hidden, qf_buf *out)
{
  qf_value v;
  qf_value_of(s, s->from, s->to, &v);
  qf_buf_puts(out, ",\"value\":");
  if (v.has && !hidden) {
    qf_dec d = qf_dec_round(v.value, s->ind->decimals);
    qf_put_dec(out, d);
  } else {
    qf_buf_puts(out, "null");
  }
  qf_buf_printf(out, ",\"hidden\":%s", hidden ? "true" : "false");
}

typedef struct cells {
  qf_scope at[DISTRICTS_MAX];
  qf_cell_sum num[DISTRICTS_MAX], den[DISTRICTS_MAX];
  size_t n;
  bool total;
} cells;

static qf_rc decide(const qf_scope *s, cells *c, qf_err *err)
{
  const qf_subject *sub = s->v->base->subjects;
  c->n = 0;
  for (uint32_t r = s->r0 + 1; r < s->r1 && c->n < DISTRICTS_MAX; r = sub[r].end) {
    qf_cell_sum both[2];
    if (s->ind->open < 2) /* the total alone */
      break;
    c->at[c->n] = *s;
    c->at[c->n].r0 = r;
    c->at[c->n].r1 = sub[r].end;
    if (!sums_of(&c->at[c->n], both))
      return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
    c->num[c->n] = both[0];
    c->den[c->n++] = both[1];
  }
  qf_cell_sum own[2];
  if (!sums_of(s, own))
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  bool num = qf_disclosure_protect(c->num, c->n, K, dominance), den = qf_disclosure_protect(c->den, c->n, K, dominance);
  c->total = num && den && qf_disclosure_safe(&own[0], K, dominance) && qf_disclosure_safe(&own[1], K, dominance);
  return QF_OK;
}

static void put_figure(const qf_scope *s, const cells *c, qf_buf *out)
{
  const qf_subject *sub = s->v->base->subjects;
  qf_buf_puts(out, "{\"id\":");
  qf_put_text(out, s->ind->id);
  qf_buf_puts(out, ",\"title\":");
  qf_put_pair(out, s->ind->title_zh, s->ind->title_en);
  qf_buf_puts(out, ",\"unit\":");
  qf_put_text(out, s->ind->unit);
  qf_put_display(s->ind, out);
  qf_buf_puts(out, ",\"scope\":");
  qf_put_pair(out, s->ind->scope_zh, s->ind->scope_en);
  qf_buf_printf(out, ",\"decimals\":%d,\"order\":%d,\"period\":{\"from\":\"", s->ind->decimals, s->ind->order);
  qf_month_write(out, s->from);
  qf_buf_puts(out, "\",\"to\":\"");
  qf_month_write(out, s->to);
  qf_buf_puts(out, "\"}");
  put_value(s, !c->total, out);
  qf_buf_puts(out, ",\"districts\":[");
  bool any = false;
  for (size_t i = 0; i < c->n; i++) {
    const qf_subject *d = &sub[c->at[i].r0];
    if (strcmp(d->kind, "district") != 0) /* units without a district: in the total, and protected with the others */
      continue;
    qf_buf_puts(out, any ? ",{\"id\":" : "{\"id\":");
    any = true;
    qf_put_text(out, d->id);
    qf_buf_puts(out, ",\"label\":");
    qf_put_pair(out, d->zh, d->en);
    put_value(&c->at[i], c->num[i].hidden || c->den[i].hidden, out);
    qf_buf_putc(out, '}');
  }
  qf_buf_puts(out, "]}");
}

/* The months it is published for, else the last whole calendar year that has rows. */
static void period_of(qf_scope *s)
{
  if (s->ind->pub_from <= s->ind->pub_to) {
    s->from = s->ind->pub_from;
    s->to = s->ind->pub_to;
    return;
  }
  int32_t newest = s->set->n ? s->set->rows[s->set->n - 1].month : 0;
  int32_t year = (newest + 1) / 12 - 1; /* of the last December that is reached */
  s->from = year * 12;
  s->to = year * 12 + 11;
}

qf_rc qf_figures_public_json(qf_figures *f, qf_buf *out, qf_err *err)
{
  qf_view *v;
  cells *c = calloc(1, sizeof *c);
  if (!c)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  qf_rc rc = qf_view_fresh(f, &v, err);
  if (rc) {
    free(c);
    return rc;
  }
  bool any = false;
  qf_buf_putc(out, '[');
  for (uint32_t i = 0; !rc && i < f->nind && v->base->nsubjects; i++) {
    qf_scope s = {.v = v, .ind = &f->ind[i], .set = v->sets[i], .r0 = 0, .r1 = v->base->subjects[0].end};
    if (!s.ind->open || *s.set->failed)
      continue;
    period_of(&s);
    rc = decide(&s, c, err);
    if (!rc) {
      qf_buf_puts(out, any ? ",\n" : "");
      put_figure(&s, c, out);
      any = true;
    }
  }
  qf_buf_putc(out, ']');
  qf_view_drop(v);
  free(c);
  return rc;
}
