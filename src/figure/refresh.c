/* Opening, and keeping the view up to the book. A commit that only brought accounts makes only the months from the earliest it
 * touched be asked again; a changed record makes those indicators be asked again that read its type; a changed subject all.
 * The header line `months: alone` promises that rows of a month need no accounts of other months: asking then reads that much less. */
#include "figure/internal.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SHARE 10 /* a stale view is made anew once it is this many times older than the last refresh took */

static int64_t mono_us(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

void qf_view_drop(qf_view *v)
{
  if (!v || atomic_fetch_sub(&v->refs, 1) != 1)
    return;
  for (uint32_t i = 0; i < v->nsets; i++)
    qf_set_drop(v->sets[i]);
  free(v->sets);
  for (uint32_t i = 0; i < v->nnotes; i++)
    qf_notes_drop(v->notes[i]);
  free(v->notes);
  qf_base_drop(v->base);
  qf_cover_drop(v->cover);
  qf_pubs_drop(v->pubs);
  free(v);
}

qf_view *qf_view_take(qf_figures *f)
{
  pthread_mutex_lock(&f->view_mx);
  qf_view *v = f->view;
  if (v)
    atomic_fetch_add(&v->refs, 1);
  pthread_mutex_unlock(&f->view_mx);
  return v;
}

static void publish(qf_figures *f, qf_view *v)
{
  pthread_mutex_lock(&f->view_mx);
  qf_view *old = f->view;
  f->view = v;
  pthread_mutex_unlock(&f->view_mx);
  qf_view_drop(old);
}

/* What of a view must be made anew. */
typedef struct plan {
  bool all, base, accounts;
  int32_t month; /* accounts changed from this month on */
  const qf_book_change *c;
} plan;

static bool changed(const qf_figures *f, const qf_book_change *c, const char *type)
{
  const char *name;
  for (uint32_t i = 0; (name = qf_book_type_name(f->book, i)); i++)
    if (strcmp(name, type) == 0)
      return c->types[i / 64] >> (i % 64) & 1;
  return false;
}

static plan make_plan(const qf_figures *f, const qf_view *old, const qf_book_change *c)
{
  static const char *const in_base[] = {"point", "factor", "carrier", "target", "limit_value"};
  plan p = {.c = c, .base = c->series, .month = INT32_MIN};
  p.all = !old || c->unknown || changed(f, c, "subject"); /* rows hold ranks in the tree of subjects */
  p.accounts = c->first_day != INT32_MAX;
  if (p.accounts)
    p.month = qf_month_of_day(c->first_day);
  for (size_t i = 0; i < sizeof in_base / sizeof *in_base; i++)
    p.base = p.base || changed(f, c, in_base[i]);
  return p;
}

static bool reads_changed(const qf_indicator *ind, const qf_book_change *c)
{
  bool any = ind->by_series && c->series;
  for (size_t i = 0; i < QF_BOOK_TYPES_MAX / 64; i++)
    any = any || (ind->reads[i] & c->types[i]);
  return any;
}

static qf_rc load_set(qf_figures *f, qf_view *v, const qf_view *old, const plan *p, uint32_t i, qf_err *err)
{
  const qf_indicator *ind = &f->ind[i];
  if (p->all || reads_changed(ind, p->c))
    return qf_set_load(f, ind, v->base, NULL, INT32_MIN, &v->sets[i], err);
  if (p->accounts && ind->by_accounts)
    return qf_set_load(f, ind, v->base, old->sets[i], p->month, &v->sets[i], err);
  v->sets[i] = old->sets[i];
  atomic_fetch_add(&v->sets[i]->refs, 1);
  return QF_OK;
}

static qf_rc load_notes(qf_figures *f, qf_view *v, const qf_view *old, const plan *p, uint32_t i, qf_err *err)
{
  bool anew = p->all;
  for (size_t k = 0; k < QF_BOOK_TYPES_MAX / 64; k++)
    anew = anew || (f->rules[i].reads[k] & p->c->types[k]);
  if (anew)
    return qf_notes_load(f, &f->rules[i], v->base, &v->notes[i], err);
  v->notes[i] = old->notes[i];
  atomic_fetch_add(&v->notes[i]->refs, 1);
  return QF_OK;
}

static qf_rc load_parts(qf_figures *f, qf_view *v, const qf_view *old, const plan *p, qf_err *err)
{
  qf_rc rc = QF_OK;
  if (p->all || p->base) {
    rc = qf_base_load(f, &v->base, err);
  } else {
    v->base = old->base;
    atomic_fetch_add(&v->base->refs, 1);
  }
  if (!rc && (p->all || p->accounts)) {
    rc = qf_cover_load(f, p->all ? NULL : old->cover, p->all ? INT32_MIN : p->month, &v->cover, err);
  } else if (!rc) {
    v->cover = old->cover;
    atomic_fetch_add(&v->cover->refs, 1);
  }
  if (!rc && (p->all || changed(f, p->c, "publication") || changed(f, p->c, "restatement"))) {
    rc = qf_pubs_load(f, v->base, &v->pubs, err);
  } else if (!rc) {
    v->pubs = qf_pubs_take(old->pubs);
  }
  for (uint32_t i = 0; !rc && i < f->nind; i++) {
    rc = load_set(f, v, old, p, i, err);
    if (!rc)
      v->nsets = i + 1;
  }
  for (uint32_t i = 0; !rc && i < f->nrules; i++) {
    rc = load_notes(f, v, old, p, i, err);
    if (!rc)
      v->nnotes = i + 1;
  }
  return rc;
}

/* Under refresh_mx. The queries of one refresh may straddle a commit; then the generation read first is the one claimed, and
 * the next refresh sees the rest. */
static qf_rc refresh_locked(qf_figures *f, qf_err *err)
{
  qf_view *old = qf_view_take(f);
  uint64_t gen = qf_book_generation(f->book);
  if (old && old->gen == gen) {
    qf_view_drop(old);
    return QF_OK;
  }
  int64_t t0 = mono_us();
  qf_view *v = calloc(1, sizeof *v);
  if (v)
    v->sets = calloc(f->nind + 1, sizeof *v->sets);
  if (v)
    v->notes = calloc(f->nrules + 1, sizeof *v->notes);
  if (!v || !v->sets || !v->notes) {
    if (v)
      free(v->sets);
    free(v);
    qf_view_drop(old);
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  }
  atomic_store(&v->refs, 1);
  v->seq = qf_book_applied_seq(f->book);
  qf_book_change c = {.unknown = true, .first_day = INT32_MIN};
  if (old)
    qf_book_changed_since(f->book, old->gen, &c);
  v->gen = old ? c.generation : gen;
  plan p = make_plan(f, old, &c);
  qf_rc rc = load_parts(f, v, old, &p, err);
  qf_view_drop(old);
  if (rc)
    qf_view_drop(v);
  else
    publish(f, v);
  int64_t t1 = mono_us();
  atomic_store(&f->last_cost_us, t1 - t0);
  atomic_store(&f->last_end_us, t1);
  return rc;
}

qf_rc qf_figures_refresh(qf_figures *f, qf_err *err)
{
  pthread_mutex_lock(&f->refresh_mx);
  qf_rc rc = refresh_locked(f, err);
  pthread_mutex_unlock(&f->refresh_mx);
  return rc;
}

static bool rested(const qf_figures *f)
{
  return mono_us() - atomic_load(&f->last_end_us) >= SHARE * atomic_load(&f->last_cost_us);
}

qf_rc qf_figures_refresh_due(qf_figures *f, qf_err *err)
{
  if (!rested(f) || pthread_mutex_trylock(&f->refresh_mx) != 0)
    return QF_OK;
  qf_rc rc = refresh_locked(f, err);
  pthread_mutex_unlock(&f->refresh_mx);
  return rc;
}

void qf_figures_kept(qf_figures *f, bool kept)
{
  atomic_store(&f->kept, kept);
}

/* While somebody keeps the view fresh nobody who asks waits for it: who files is answered when the figures know it (city.h), so what
 * a query finds is never older than what its asker did. A view that everybody who asks would make anew is a queue of all who ask. */
qf_rc qf_view_fresh(qf_figures *f, qf_view **out, qf_err *err)
{
  qf_view *v = qf_view_take(f);
  if (v && !atomic_load(&f->kept) && v->gen != qf_book_generation(f->book)) {
    qf_view_drop(v);
    v = NULL;
  }
  if (!v) {
    qf_rc rc = qf_figures_refresh(f, err);
    if (rc)
      return rc;
    v = qf_view_take(f);
  }
  *out = v;
  return QF_OK;
}

qf_rc qf_figures_open(qf_book *book, qf_readings *readings, const char *packs_dir, qf_figures **out, qf_err *err)
{
  qf_figures *f = calloc(1, sizeof *f);
  *out = NULL;
  if (!f || strlen(packs_dir) >= sizeof f->packs) {
    free(f);
    return qf_fail(err, QF_NOMEM, "figures: out of memory", "指标：内存不足");
  }
  f->book = book;
  f->readings = readings;
  snprintf(f->packs, sizeof f->packs, "%s", packs_dir);
  pthread_mutex_init(&f->refresh_mx, NULL);
  pthread_mutex_init(&f->view_mx, NULL);
  f->intern = qf_intern_new();
  qf_rc rc = f->intern ? qf_packs_load(f, err) : qf_fail(err, QF_NOMEM, "figures: out of memory", "指标：内存不足");
  if (rc)
    qf_figures_close(f);
  else
    *out = f;
  return rc;
}

void qf_figures_close(qf_figures *f)
{
  if (!f)
    return;
  qf_view_drop(f->view);
  for (uint32_t i = 0; i < f->nind; i++)
    free(f->ind[i].sql);
  free(f->ind);
  qf_trap_rules_free(f);
  free(f->areas);
  qf_intern_free(f->intern);
  pthread_mutex_destroy(&f->refresh_mx);
  pthread_mutex_destroy(&f->view_mx);
  free(f);
}
