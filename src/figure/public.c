/* What everybody may see: figures whose file says `public: yes` (or `city`: the total alone), of the city and its districts, so that no
 * reporter's own figure can be worked out (domain/disclosure.h, k = 5, dominance 85 %). A contributor is a unit; where a row is of
 * a district itself (projects, acts, months of a district) it is the record. One period of each figure only: two that overlap would
 * tell their difference. Numerator and denominator are looked at apart, and both must be safe.
 *
 * A figure may be a part of another that reads the same record types (all starts, those with stars): then what the one has and the other
 * has not is a cell as well, known to whoever subtracts, and must be as safe as any. Hiding a cell that is safe never makes
 * the hidden ones together less safe, since two safe cells are safe as one; so what one comparison hides spoils no other.
 */
#include "domain/disclosure.h"
#include "figure/internal.h"
#include <math.h>
#include <stdio.h>
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

/* One amount for each contributor of one part (numerator or denominator), by contributor. */
typedef struct part {
  share *s;
  size_t n;
} part;

static bool part_of(const shares *all, bool den, part *out)
{
  *out = (part){calloc(all->n + 1, sizeof *out->s), 0};
  if (!out->s)
    return false;
  for (size_t i = 0; i < all->n; i++) {
    if (all->s[i].den != den)
      continue;
    share *last = out->n ? &out->s[out->n - 1] : NULL;
    if (last && last->key == all->s[i].key)
      last->amount += all->s[i].amount;
    else
      out->s[out->n++] = all->s[i];
  }
  return true;
}

static void add(qf_cell_sum *c, double amount)
{
  c->n++;
  c->total += amount;
  c->largest = amount > c->largest ? amount : c->largest;
}

static qf_cell_sum sum_of(const part *p)
{
  qf_cell_sum c = {0};
  for (size_t i = 0; i < p->n; i++)
    add(&c, p->s[i].amount);
  return c;
}

/* What `all` has beyond `some`; false: some is not a part of all, and the difference means nothing. */
static bool beyond(const part *all, const part *some, qf_cell_sum *out)
{
  size_t k = 0;
  *out = (qf_cell_sum){0};
  for (size_t i = 0; i < all->n; i++) {
    double rest = all->s[i].amount;
    if (k < some->n && some->s[k].key < all->s[i].key)
      return false;
    if (k < some->n && some->s[k].key == all->s[i].key)
      rest -= some->s[k++].amount;
    if (rest < -1e-9 * all->s[i].amount)
      return false;
    if (rest > 1e-9 * all->s[i].amount)
      add(out, rest);
  }
  return k == some->n;
}

/* Contributors of a scope: num and den. Months of the year before count for a change. */
static bool parts_of(const qf_scope *s, part out[2])
{
  shares all = {0};
  for (int32_t m = qf_scope_first(s, s->from); m <= s->to; m++)
    for (uint32_t i = qf_set_seek(s->set, m, s->r0);
         i < s->set->n && s->set->rows[i].month == m && s->set->rows[i].rank < s->r1; i++)
      note(&all, s, &s->set->rows[i]);
  if (all.n)
    qsort(all.s, all.n, sizeof *all.s, by_key);
  bool ok = part_of(&all, false, &out[0]);
  ok = part_of(&all, true, &out[1]) && ok && !all.failed;
  free(all.s);
  return ok;
}

/* ---- one figure: its districts, then the city */

typedef struct open_figure {
  qf_scope own, at[DISTRICTS_MAX];
  part parts[DISTRICTS_MAX + 1][2]; /* the last used is the city's */
  bool hidden[DISTRICTS_MAX], total;
  size_t n;
} open_figure;

static void hide(open_figure *o, const qf_cell_sum *c)
{
  for (size_t i = 0; i < o->n; i++)
    o->hidden[i] = o->hidden[i] || c[i].hidden;
}

static bool gather(const qf_scope *s, open_figure *o)
{
  const qf_subject *sub = s->v->base->subjects;
  o->own = *s;
  for (uint32_t r = s->r0 + 1; s->ind->open >= 2 && r < s->r1 && o->n < DISTRICTS_MAX; r = sub[r].end) {
    o->at[o->n] = *s;
    o->at[o->n].r0 = r;
    o->at[o->n].r1 = sub[r].end;
    if (!parts_of(&o->at[o->n], o->parts[o->n]))
      return false;
    o->n++;
  }
  return parts_of(s, o->parts[o->n]);
}

static void protect_alone(open_figure *o)
{
  qf_cell_sum c[DISTRICTS_MAX];
  o->total = true;
  for (int k = 0; k < 2; k++) {
    for (size_t i = 0; i < o->n; i++)
      c[i] = sum_of(&o->parts[i][k]);
    qf_cell_sum own = sum_of(&o->parts[o->n][k]);
    bool may = qf_disclosure_protect(c, o->n, K, dominance);
    o->total = o->total && may && qf_disclosure_safe(&own, K, dominance);
    hide(o, c);
  }
}

/* Contributors are told apart by district, and by the city as a whole in a figure of totals: only figures of the same cells compare. */
static void protect_between(open_figure *a, int ka, open_figure *b, int kb)
{
  qf_cell_sum c[DISTRICTS_MAX], own;
  if (a->n != b->n || a->parts[a->n][ka].n == 0 || b->parts[b->n][kb].n == 0 || a->own.from != b->own.from ||
      a->own.to != b->own.to)
    return;
  for (size_t i = 0; i < a->n; i++)
    if (!beyond(&a->parts[i][ka], &b->parts[i][kb], &c[i]))
      return;
  if (!beyond(&a->parts[a->n][ka], &b->parts[b->n][kb], &own))
    return;
  bool may = qf_disclosure_protect(c, a->n, K, dominance) && qf_disclosure_safe(&own, K, dominance);
  b->total = b->total && may;
  hide(a, c);
  hide(b, c);
}

/* Do both read a record type in common, but for those that describe? */
static bool akin(const qf_figures *f, const qf_indicator *a, const qf_indicator *b)
{
  static const char describe[] = " subject point factor carrier target limit_value ";
  const char *name;
  char word[80];
  for (uint32_t i = 0; (name = qf_book_type_name(f->book, i)); i++) {
    snprintf(word, sizeof word, " %.70s ", name);
    if ((a->reads[i / 64] & b->reads[i / 64]) >> (i % 64) & 1 && !strstr(describe, word))
      return true;
  }
  return false;
}

static void protect(const qf_figures *f, open_figure *o, size_t n)
{
  for (size_t i = 0; i < n; i++)
    protect_alone(&o[i]);
  for (size_t i = 0; i < n; i++)
    for (size_t k = 0; k < n; k++)
      for (int parts = 0; parts < 4; parts++)
        if ((i != k || parts >> 1 != (parts & 1)) && akin(f, o[i].own.ind, o[k].own.ind))
          protect_between(&o[i], parts >> 1, &o[k], parts & 1);
}

/* ---- telling */

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

static void put_figure(const open_figure *o, qf_buf *out)
{
  const qf_scope *s = &o->own;
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
  put_value(s, !o->total, out);
  qf_buf_puts(out, ",\"districts\":[");
  bool any = false;
  for (size_t i = 0; i < o->n; i++) {
    const qf_subject *d = &sub[o->at[i].r0];
    if (strcmp(d->kind, "district") != 0) /* units without a district: in the total, and protected with the others */
      continue;
    qf_buf_puts(out, any ? ",{\"id\":" : "{\"id\":");
    any = true;
    qf_put_text(out, d->id);
    qf_buf_puts(out, ",\"label\":");
    qf_put_pair(out, d->zh, d->en);
    put_value(&o->at[i], o->hidden[i], out);
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

static bool gather_all(const qf_figures *f, const qf_view *v, open_figure *o, size_t *n)
{
  bool ok = true;
  for (uint32_t i = 0; ok && i < f->nind && v->base->nsubjects; i++) {
    qf_scope s = {.v = v, .ind = &f->ind[i], .set = v->sets[i], .r0 = 0, .r1 = v->base->subjects[0].end};
    if (!s.ind->open || *s.set->failed)
      continue;
    period_of(&s);
    ok = gather(&s, &o[(*n)++]);
  }
  return ok;
}

qf_rc qf_figures_public_json(qf_figures *f, qf_buf *out, qf_err *err)
{
  qf_view *v;
  size_t n = 0;
  qf_rc rc = qf_view_fresh(f, &v, err);
  if (rc)
    return rc;
  open_figure *o = calloc(f->nind + 1, sizeof *o);
  if (!o || !gather_all(f, v, o, &n))
    rc = qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  else
    protect(f, o, n);
  qf_buf_putc(out, '[');
  for (size_t i = 0; !rc && i < n; i++) {
    qf_buf_puts(out, i ? ",\n" : "");
    put_figure(&o[i], out);
  }
  qf_buf_putc(out, ']');
  for (size_t i = 0; o && i < n; i++)
    for (size_t d = 0; d <= o[i].n; d++)
      for (int k = 0; k < 2; k++)
        free(o[i].parts[d][k].s);
  free(o);
  qf_view_drop(v);
  return rc;
}
