/* Publications and restatements as this room knows them: held in the view, compared with the rows, shown beside the figure. */
#include "figure/publish.h"
#include "figure/internal.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct pub {
  const char *id, *figure, *subject, *factors, *at;
  uint32_t ind, rank; /* UINT32_MAX: unknown now */
  int32_t from, to;
  qf_dec value;
  uint64_t seq, book_seq;
} pub;

typedef struct restated {
  const char *publication, *reason, *cause, *at;
  bool had, has;
  qf_dec old, now, difference;
  uint64_t seq, book_seq;
} restated;

struct qf_pubs {
  atomic_uint refs;
  pub *pubs;
  uint32_t n, cap;
  restated *re; /* by publication, seq */
  uint32_t nre, recap;
};

qf_pubs *qf_pubs_take(qf_pubs *p)
{
  atomic_fetch_add(&p->refs, 1);
  return p;
}

void qf_pubs_drop(qf_pubs *p)
{
  if (!p || atomic_fetch_sub(&p->refs, 1) != 1)
    return;
  free(p->pubs);
  free(p->re);
  free(p);
}

typedef struct loader {
  qf_figures *f;
  const qf_base *base;
  qf_pubs *out;
  bool nomem;
} loader;

static const char *text(loader *l, const qf_cell *c)
{
  const char *s = qf_intern_put(l->f->intern, c->kind == 4 ? c->s : "", c->kind == 4 ? c->len : 0);
  l->nomem = l->nomem || !s;
  return s;
}

/* Room for one more of an array; NULL: out of memory. */
static void *grow(void *items, uint32_t n, uint32_t *cap, size_t size)
{
  if (n < *cap)
    return items;
  uint32_t more = *cap ? *cap * 2 : 64;
  void *p = realloc(items, more * size);
  if (p)
    *cap = more;
  return p;
}

static bool on_pub(void *ud, const qf_cell *c, size_t n)
{
  loader *l = ud;
  void *items = n == 10 ? grow(l->out->pubs, l->out->n, &l->out->cap, sizeof(pub)) : NULL;
  if (!items) {
    l->nomem = true;
    return false;
  }
  l->out->pubs = items;
  pub *p = &l->out->pubs[l->out->n++];
  *p = (pub){.id = text(l, &c[0]),
             .figure = text(l, &c[1]),
             .subject = text(l, &c[2]),
             .from = (int32_t)c[3].i,
             .to = (int32_t)c[4].i,
             .value = c[5].dec,
             .factors = text(l, &c[6]),
             .book_seq = (uint64_t)c[7].i,
             .at = text(l, &c[8]),
             .seq = (uint64_t)c[9].i};
  if (!l->nomem) {
    p->ind = qf_indicator_find(l->f, p->figure);
    p->rank = qf_subject_find(l->base, p->subject);
  }
  return !l->nomem;
}

static bool on_restated(void *ud, const qf_cell *c, size_t n)
{
  loader *l = ud;
  void *items = n == 9 ? grow(l->out->re, l->out->nre, &l->out->recap, sizeof(restated)) : NULL;
  if (!items) {
    l->nomem = true;
    return false;
  }
  l->out->re = items;
  l->out->re[l->out->nre++] = (restated){.publication = text(l, &c[0]),
                                         .had = c[1].kind != 0,
                                         .old = c[1].dec,
                                         .has = c[2].kind != 0,
                                         .now = c[2].dec,
                                         .difference = c[3].dec,
                                         .reason = text(l, &c[4]),
                                         .cause = text(l, &c[5]),
                                         .at = text(l, &c[6]),
                                         .seq = (uint64_t)c[7].i,
                                         .book_seq = (uint64_t)c[8].i};
  return !l->nomem;
}

/* Packs without these types have nothing published. */
static bool has_type(const qf_figures *f, const char *type)
{
  const char *name;
  for (uint32_t i = 0; (name = qf_book_type_name(f->book, i)); i++)
    if (strcmp(name, type) == 0)
      return true;
  return false;
}

qf_rc qf_pubs_load(qf_figures *f, const qf_base *base, qf_pubs **out, qf_err *err)
{
  qf_pubs *p = calloc(1, sizeof *p);
  if (!p)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  atomic_store(&p->refs, 1);
  loader l = {f, base, p, false};
  qf_rc rc = QF_OK;
  if (has_type(f, "publication") && has_type(f, "restatement")) {
    rc = qf_book_query(f->book,
                       "SELECT id, figure, subject, period_from, period_to, value, factors, book_seq, "
                       "\"at\", seq FROM rec_publication ORDER BY id",
                       NULL, 0, on_pub, &l, err);
    if (!rc && p->n)
      rc = qf_book_query(f->book,
                         "SELECT publication, old_value, new_value, difference, reason, cause, "
                         "\"at\", seq, book_seq FROM rec_restatement ORDER BY publication, seq, id",
                         NULL, 0, on_restated, &l, err);
  }
  if (!rc && l.nomem)
    rc = qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  if (rc)
    qf_pubs_drop(p);
  else
    *out = p;
  return rc;
}

/* ---- how it stands */

static qf_dec rounded(qf_dec d)
{
  return qf_dec_round(d, QF_PUBLISH_SCALE);
}

qf_rc qf_figure_stand(qf_figures *f, const qf_figure_ask *ask, qf_stand *out, qf_buf *factors, qf_err *err)
{
  qf_scope s;
  qf_value x;
  *out = (qf_stand){.has = false};
  qf_rc rc = qf_figures_refresh(f, err);
  qf_view *v = rc ? NULL : qf_view_take(f);
  if (!v)
    return rc ? rc : qf_fail(err, QF_BUSY, "no figures yet", "尚无指标");
  rc = qf_scope_resolve(f, v, ask, &s, err);
  if (!rc) {
    qf_value_of(&s, s.from, s.to, &x);
    out->has = x.has;
    out->shares = x.has && x.den.n > 0;
    out->value = rounded(x.value);
    out->num = rounded(qf_acc_dec(&x.num));
    out->den = rounded(qf_acc_dec(&x.den));
    snprintf(out->unit, sizeof out->unit, "%s", s.ind->unit);
    snprintf(out->area, sizeof out->area, "%s", s.ind->area);
    snprintf(out->subject, sizeof out->subject, "%s", v->base->subjects[s.r0].id);
    out->from = s.from;
    out->to = s.to;
    out->seq = v->seq;
    qf_answer_factors(&s, factors);
  }
  qf_view_drop(v);
  return rc;
}

/* The newest thing said of a publication since it was made; NULL: nothing. */
static const restated *newest(const qf_pubs *all, const pub *p)
{
  const restated *hit = NULL;
  for (uint32_t i = 0; i < all->nre; i++)
    if (strcmp(all->re[i].publication, p->id) == 0 && all->re[i].seq > p->seq)
      hit = &all->re[i];
  return hit;
}

static void compare(qf_figures *f, const qf_view *v, const pub *p, qf_moved_fn *fn, void *ud)
{
  qf_value x;
  const qf_indicator *ind = &f->ind[p->ind];
  qf_scope s = {v, ind, v->sets[p->ind], p->rank, v->base->subjects[p->rank].end, p->from, p->to};
  if (*s.set->failed) /* not that it changed: it could not be asked */
    return;
  qf_value_of(&s, p->from, p->to, &x);
  const restated *last = newest(v->pubs, p);
  qf_moved m = {.publication = p->id,
                .figure = p->figure,
                .subject = p->subject,
                .unit = ind->unit,
                .from = p->from,
                .to = p->to,
                .had = last ? last->has : true,
                .has = x.has,
                .stock = ind->kind == QF_I_STOCK,
                .accounts = ind->by_accounts,
                .published = p->value,
                .old = last ? last->now : p->value,
                .now = rounded(x.value),
                .since = last ? last->book_seq : p->book_seq,
                .reads = ind->reads};
  if (m.had == m.has && (!m.has || qf_dec_cmp(m.old, m.now) == 0))
    return;
  qf_buf used;
  qf_buf_init(&used, 1u << 20);
  qf_buf_puts(&used, p->factors);
  qf_answer_factors(&s, &used);
  m.factors = used.data && !used.failed ? used.data : "";
  fn(ud, &m);
  qf_buf_fini(&used);
}

void qf_figures_moved(qf_figures *f, uint64_t least_seq, uint64_t *seq, qf_moved_fn *fn, void *ud)
{
  qf_view *v = qf_view_take(f);
  *seq = v ? v->seq : 0;
  for (uint32_t i = 0; v && v->seq >= least_seq && i < v->pubs->n; i++)
    if (v->pubs->pubs[i].ind != UINT32_MAX && v->pubs->pubs[i].rank != UINT32_MAX)
      compare(f, v, &v->pubs->pubs[i], fn, ud);
  qf_view_drop(v);
}

bool qf_figures_published(qf_figures *f)
{
  qf_view *v = qf_view_take(f);
  bool any = v && v->pubs->n > 0;
  qf_view_drop(v);
  return any;
}

bool qf_figures_under(qf_figures *f, const char *top, const char *subject)
{
  qf_view *v = qf_view_take(f);
  uint32_t t = v ? qf_subject_find(v->base, top) : UINT32_MAX, s = v ? qf_subject_find(v->base, subject) : UINT32_MAX;
  bool in = t != UINT32_MAX && s != UINT32_MAX && s >= t && s < v->base->subjects[t].end;
  qf_view_drop(v);
  return in;
}

/* ---- shown */

static void put_value(qf_buf *out, const char *name, bool has, qf_dec d)
{
  qf_buf_puts(out, name);
  if (has)
    qf_put_dec(out, qf_dec_trim(d));
  else
    qf_buf_puts(out, "null");
}

static void put_restated(const restated *r, qf_buf *out)
{
  put_value(out, "{\"old\":", r->had, r->old);
  put_value(out, ",\"new\":", r->has, r->now);
  put_value(out, ",\"difference\":", r->had && r->has, r->difference);
  qf_buf_puts(out, ",\"reason\":");
  qf_put_text(out, r->reason);
  qf_buf_printf(out, ",\"cause\":%s,\"at\":", *r->cause ? r->cause : "null");
  qf_put_text(out, r->at);
  qf_buf_printf(out, ",\"seq\":%llu}", (unsigned long long)r->seq);
}

static void put_list(const qf_pubs *all, const pub *p, qf_buf *out)
{
  bool any = false;
  qf_buf_putc(out, '[');
  for (uint32_t i = 0; i < all->nre; i++)
    if (strcmp(all->re[i].publication, p->id) == 0 && all->re[i].seq > p->seq) {
      qf_buf_puts(out, any ? "," : "");
      put_restated(&all->re[i], out);
      any = true;
    }
  qf_buf_putc(out, ']');
}

static const pub *find(const qf_scope *s)
{
  const qf_pubs *all = s->v->pubs;
  for (uint32_t i = 0; i < all->n; i++) {
    const pub *p = &all->pubs[i];
    if (p->rank == s->r0 && p->from == s->from && p->to == s->to && strcmp(p->figure, s->ind->id) == 0)
      return p;
  }
  return NULL;
}

void qf_put_published(const qf_scope *s, qf_buf *out)
{
  const pub *p = find(s);
  if (!p)
    return;
  put_value(out, ",\"published\":{\"value\":", true, p->value);
  qf_buf_puts(out, ",\"at\":");
  qf_put_text(out, p->at);
  qf_buf_puts(out, ",\"period\":{\"from\":\"");
  qf_month_write(out, p->from);
  qf_buf_puts(out, "\",\"to\":\"");
  qf_month_write(out, p->to);
  qf_buf_printf(out, "\"},\"seq\":%llu},\"restated\":", (unsigned long long)p->seq);
  put_list(s->v->pubs, p, out);
}

void qf_put_restatement(const qf_scope *s, qf_buf *out)
{
  const pub *p = find(s);
  qf_value x;
  qf_dec difference = qf_dec_int(0, 0);
  if (!p)
    return;
  qf_value_of(s, s->from, s->to, &x);
  bool has = x.has && qf_dec_sub(rounded(x.value), p->value, &difference) == QF_OK;
  put_value(out, ",\"restatement\":{\"published\":", true, p->value);
  put_value(out, ",\"now\":", x.has, rounded(x.value));
  put_value(out, ",\"difference\":", has, difference);
  qf_buf_puts(out, ",\"unit\":");
  qf_put_text(out, s->ind->unit);
  qf_buf_puts(out, ",\"at\":");
  qf_put_text(out, p->at);
  qf_buf_puts(out, ",\"factors\":");
  qf_buf_puts(out, *p->factors ? p->factors : "[]");
  qf_buf_puts(out, ",\"changes\":");
  put_list(s->v->pubs, p, out);
  qf_buf_putc(out, '}');
}
