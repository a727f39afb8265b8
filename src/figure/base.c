/* What records and accounts say besides the indicators' rows: the tree of subjects, points, factors, names, targets, limits;
 * and how much of each month every point has. A pack that lacks one of these types simply has none. */
#include "figure/internal.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct raw { /* a subject as recorded */
  const char *id, *parent, *zh, *en, *kind;
  bool sample;
  uint32_t first, next, rank; /* children as a list of indexes + 1 */
} raw;

typedef struct loader {
  qf_figures *f;
  qf_base *b;
  void *items;
  size_t n, cap;
  bool nomem;
} loader;

static const char *text(loader *l, const qf_cell *c)
{
  if (c->kind != 4)
    return NULL;
  const char *s = qf_intern_put(l->f->intern, c->s, c->len);
  if (!s)
    l->nomem = true;
  return s;
}

static void *next_item(loader *l, size_t size)
{
  if (l->n == l->cap) {
    size_t cap = l->cap ? l->cap * 2 : 256;
    void *p = realloc(l->items, cap * size);
    if (!p) {
      l->nomem = true;
      return NULL;
    }
    l->items = p;
    l->cap = cap;
  }
  void *p = (char *)l->items + l->n++ * size;
  memset(p, 0, size);
  return p;
}

/* Does the book have this table or view? */
static bool has_table(qf_figures *f, const char *table)
{
  char sql[120];
  qf_buf names;
  qf_err ignored;
  qf_buf_init(&names, 1u << 16);
  snprintf(sql, sizeof sql, "SELECT * FROM %s LIMIT 0", table);
  bool yes = qf_book_columns(f->book, sql, &names, &ignored) == QF_OK;
  qf_buf_fini(&names);
  return yes;
}

static qf_rc gather(qf_figures *f, loader *l, const char *table, const char *sql, qf_row_fn *fn, qf_err *err)
{
  if (!has_table(f, table))
    return QF_OK;
  qf_rc rc = qf_book_query(f->book, sql, NULL, 0, fn, l, err);
  return !rc && l->nomem ? qf_fail(err, QF_NOMEM, "out of memory", "内存不足") : rc;
}

/* ---- subjects */

static bool on_subject(void *ud, const qf_cell *c, size_t n)
{
  loader *l = ud;
  raw *r = next_item(l, sizeof *r);
  (void)n;
  if (!r)
    return false;
  r->id = text(l, &c[0]);
  r->parent = text(l, &c[1]);
  r->zh = text(l, &c[2]);
  r->en = text(l, &c[3]);
  r->kind = text(l, &c[4]);
  r->sample = c[5].kind == 5 && c[5].i;
  return !l->nomem;
}

static uint32_t find_raw(const raw *r, size_t n, const char *id)
{
  size_t lo = 0, hi = n; /* the query orders them by id */
  while (lo < hi) {
    size_t mid = (lo + hi) / 2;
    if (strcmp(r[mid].id, id) < 0)
      lo = mid + 1;
    else
      hi = mid;
  }
  return lo < n && strcmp(r[lo].id, id) == 0 ? (uint32_t)lo : UINT32_MAX;
}

static void place_subject(qf_base *b, raw *r, uint32_t i, uint32_t parent, bool unplaced)
{
  uint32_t rank = b->nsubjects++;
  r[i].rank = rank + 1;
  b->subjects[rank] = (qf_subject){.id = r[i].id,
                                   .zh = r[i].zh ? r[i].zh : r[i].id,
                                   .en = r[i].en ? r[i].en : r[i].id,
                                   .kind = r[i].kind ? r[i].kind : "",
                                   .parent = parent,
                                   .end = rank + 1,
                                   .unplaced = unplaced,
                                   .sample = r[i].sample || (parent != rank && b->subjects[parent].sample)};
}

/* Number the subtree of i in preorder; stack: room for every subject, so that depth costs no recursion. */
static void number_subtree(qf_base *b, raw *r, uint32_t i, uint32_t parent, bool unplaced, uint32_t *stack)
{
  uint32_t depth = 0;
  place_subject(b, r, i, parent, unplaced);
  stack[depth++] = i;
  while (depth) {
    raw *cur = &r[stack[depth - 1]];
    uint32_t child = cur->first;
    if (!child) {
      b->subjects[cur->rank - 1].end = b->nsubjects;
      depth--;
      continue;
    }
    cur->first = r[child - 1].next; /* taken off the list, so every child is met once */
    if (!r[child - 1].rank) {
      place_subject(b, r, child - 1, cur->rank - 1, false);
      stack[depth++] = child - 1;
    }
  }
}

/* The root is the one city without a parent; without such a record there is a nameless root over everything. What hangs
 * nowhere (parent unknown, or a ring) is placed under the root and marked. The last rank is for rows of unknown subjects. */
static qf_rc build_tree(loader *l, qf_err *err)
{
  qf_base *b = l->b;
  raw *r = l->items;
  uint32_t n = (uint32_t)l->n, root = UINT32_MAX, roots = 0;
  b->subjects = calloc(n + 2, sizeof *b->subjects);
  b->by_id = calloc(n + 2, sizeof *b->by_id);
  uint32_t *stack = calloc(n + 1, sizeof *stack);
  if (!b->subjects || !b->by_id || !stack) {
    free(stack);
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  }
  for (uint32_t i = n; i-- > 0;) {
    uint32_t p = r[i].parent ? find_raw(r, n, r[i].parent) : UINT32_MAX;
    if (p != UINT32_MAX) {
      r[i].next = r[p].first;
      r[p].first = i + 1;
    } else if (!r[i].parent && r[i].kind && strcmp(r[i].kind, "city") == 0) {
      root = i;
      roots++;
    }
  }
  if (roots == 1)
    number_subtree(b, r, root, 0, false, stack);
  else
    b->subjects[b->nsubjects++] = (qf_subject){.id = "", .zh = "全部", .en = "All", .kind = "city"};
  for (uint32_t i = 0; i < n; i++)
    if (!r[i].rank && !(r[i].parent && find_raw(r, n, r[i].parent) != UINT32_MAX))
      number_subtree(b, r, i, 0, r[i].parent != NULL || roots == 1, stack);
  for (uint32_t i = 0; i < n; i++)
    if (!r[i].rank)
      number_subtree(b, r, i, 0, true, stack);
  b->subjects[b->nsubjects++] =
      (qf_subject){.id = "?", .zh = "未登记主体", .en = "Unregistered subjects", .kind = "", .unplaced = true};
  b->subjects[b->nsubjects - 1].end = b->subjects[0].end = b->nsubjects;
  for (uint32_t i = 0; i < n; i++) /* records come in order of id */
    b->by_id[i] = r[i].rank - 1;
  free(stack);
  return QF_OK;
}

uint32_t qf_subject_find(const qf_base *b, const char *id)
{
  size_t lo = 0, hi = b->nrecorded;
  while (lo < hi) {
    size_t mid = (lo + hi) / 2;
    if (strcmp(b->subjects[b->by_id[mid]].id, id) < 0)
      lo = mid + 1;
    else
      hi = mid;
  }
  if (lo < b->nrecorded && strcmp(b->subjects[b->by_id[lo]].id, id) == 0)
    return b->by_id[lo];
  return strcmp(id, "?") == 0 ? b->nsubjects - 1 : UINT32_MAX;
}

static qf_rc load_subjects(qf_figures *f, qf_base *b, qf_err *err)
{
  loader l = {.f = f, .b = b};
  qf_rc rc = gather(f, &l, "rec_subject",
                    "SELECT id, parent, name_zh, name_en, kind, sample FROM rec_subject ORDER BY id", on_subject, err);
  b->nrecorded = (uint32_t)l.n;
  if (!rc)
    rc = build_tree(&l, err);
  free(l.items);
  return rc;
}

/* ---- points */

static bool on_point(void *ud, const qf_cell *c, size_t n)
{
  loader *l = ud;
  (void)n;
  if (c[0].kind != 1 || c[0].i < 1 || c[0].i > INT32_MAX)
    return true;
  while (l->n <= (size_t)c[0].i) /* rows come in order of point */
    if (!next_item(l, sizeof(qf_point_info)))
      return false;
  qf_point_info *p = (qf_point_info *)l->items + c[0].i;
  *p = (qf_point_info){text(l, &c[1]), text(l, &c[2]), text(l, &c[3]),   text(l, &c[4]),
                       text(l, &c[5]), text(l, &c[6]), qf_dec_int(1, 0), true};
  if (c[7].kind == 1 || c[7].kind == 2)
    p->k = qf_dec_trim(c[7].dec);
  return !l->nomem;
}

static bool on_factor(void *ud, const qf_cell *c, size_t n)
{
  loader *l = ud;
  qf_factor_info *p = next_item(l, sizeof *p);
  (void)n;
  if (p)
    *p = (qf_factor_info){text(l, &c[0]), text(l, &c[1]), text(l, &c[2]), text(l, &c[3]), text(l, &c[4]),
                          text(l, &c[5]), text(l, &c[6]), text(l, &c[7]), text(l, &c[8])};
  return !l->nomem;
}

static bool on_carrier(void *ud, const qf_cell *c, size_t n)
{
  loader *l = ud;
  qf_name *p = next_item(l, sizeof *p);
  (void)n;
  if (p)
    *p = (qf_name){text(l, &c[0]), text(l, &c[1]), text(l, &c[2])};
  return !l->nomem;
}

static bool on_target(void *ud, const qf_cell *c, size_t n)
{
  loader *l = ud;
  qf_target *p = next_item(l, sizeof *p);
  (void)n;
  if (p)
    *p = (qf_target){
        text(l, &c[0]),  text(l, &c[1]),  text(l, &c[2]),        text(l, &c[3]),
        (int32_t)c[4].i, (int32_t)c[5].i, qf_dec_trim(c[6].dec), c[7].kind ? qf_dec_trim(c[7].dec) : qf_dec_int(0, 0)};
  return !l->nomem;
}

static bool on_limit(void *ud, const qf_cell *c, size_t n)
{
  loader *l = ud;
  qf_limit *p = next_item(l, sizeof *p);
  (void)n;
  if (!p)
    return false;
  *p = (qf_limit){.process = text(l, &c[0]),
                  .variant = text(l, &c[1]),
                  .standard = text(l, &c[2]),
                  .clause = text(l, &c[3]),
                  .from_day = (int32_t)c[4].i};
  for (int i = 0; i < 3; i++) {
    p->has[i] = c[5 + i].kind == 2 || c[5 + i].kind == 1;
    p->level[i] = c[5 + i].dec;
  }
  return !l->nomem;
}

static qf_rc load_list(qf_figures *f, const char *table, const char *sql, qf_row_fn *fn, void **items, uint32_t *n,
                       qf_err *err)
{
  loader l = {.f = f};
  qf_rc rc = gather(f, &l, table, sql, fn, err);
  *items = l.items;
  *n = (uint32_t)l.n;
  return rc;
}

static qf_rc load_lists(qf_figures *f, qf_base *b, qf_err *err)
{
  qf_rc rc = load_list(f, "pt", "SELECT point, id, name_zh, name_en, unit, kind, stamp, k FROM pt ORDER BY point",
                       on_point, (void **)&b->points, &b->npoints, err);
  if (!rc)
    rc = load_list(f, "rec_factor",
                   "SELECT id, name_zh, name_en, unit, source, clause, certainty, CAST(valid_from AS VARCHAR), "
                   "CAST(valid_to AS VARCHAR) "
                   "FROM rec_factor ORDER BY id",
                   on_factor, (void **)&b->factors, &b->nfactors, err);
  if (!rc)
    rc = load_list(f, "rec_carrier", "SELECT id, name_zh, name_en FROM rec_carrier ORDER BY id", on_carrier,
                   (void **)&b->carriers, &b->ncarriers, err);
  if (!rc)
    rc = load_list(
        f, "rec_target",
        "SELECT indicator, subject, kind, source, month_from, month_to, value, band FROM rec_target ORDER BY id",
        on_target, (void **)&b->targets, &b->ntargets, err);
  if (!rc)
    rc = load_list(f, "rec_limit_value",
                   "SELECT process, variant, standard, clause, valid_from, level1, level2, level3 FROM rec_limit_value "
                   "ORDER BY process, valid_from, id",
                   on_limit, (void **)&b->limits, &b->nlimits, err);
  return rc;
}

/* Both lists start with the id. */
static const void *find_by_id(const void *items, uint32_t n, size_t size, const char *id)
{
  uint32_t lo = 0, hi = n;
  while (id && lo < hi) {
    uint32_t mid = (lo + hi) / 2;
    const char *const *at = (const void *)((const char *)items + mid * size);
    int c = strcmp(*at, id);
    if (c == 0)
      return at;
    if (c < 0)
      lo = mid + 1;
    else
      hi = mid;
  }
  return NULL;
}

const qf_factor_info *qf_factor_find(const qf_base *b, const char *id)
{
  return find_by_id(b->factors, b->nfactors, sizeof *b->factors, id);
}
const qf_name *qf_carrier_find(const qf_base *b, const char *id)
{
  return find_by_id(b->carriers, b->ncarriers, sizeof *b->carriers, id);
}

qf_rc qf_base_load(qf_figures *f, qf_base **out, qf_err *err)
{
  qf_base *b = calloc(1, sizeof *b);
  if (!b)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  atomic_store(&b->refs, 1);
  qf_rc rc = load_subjects(f, b, err);
  if (!rc)
    rc = load_lists(f, b, err);
  if (rc)
    qf_base_drop(b);
  else
    *out = b;
  return rc;
}

void qf_base_drop(qf_base *b)
{
  if (!b || atomic_fetch_sub(&b->refs, 1) != 1)
    return;
  free(b->subjects);
  free(b->by_id);
  free(b->points);
  free(b->factors);
  free(b->carriers);
  free(b->targets);
  free(b->limits);
  free(b);
}

/* ---- coverage */

static bool on_cover(void *ud, const qf_cell *c, size_t n)
{
  loader *l = ud;
  qf_cover_month *m = next_item(l, sizeof *m);
  (void)n;
  if (m)
    *m = (qf_cover_month){(uint32_t)c[0].i, (int32_t)c[1].i, (uint32_t)c[2].i, (uint32_t)c[3].i, (uint32_t)c[4].i};
  return m != NULL;
}

static bool on_newest(void *ud, const qf_cell *c, size_t n)
{
  qf_cover *v = ud;
  (void)n;
  if (c[0].kind == 1) {
    v->newest_day = (int32_t)c[0].i;
    v->newest_quarters = (uint32_t)c[1].i;
  }
  return false;
}

static bool index_cover(qf_cover *c)
{
  c->nstart = c->n ? c->m[c->n - 1].point + 1 : 0;
  c->start = calloc(c->nstart + 1, sizeof *c->start);
  if (!c->start)
    return false;
  uint32_t i = 0;
  for (uint32_t p = 0; p < c->nstart; p++) {
    c->start[p] = i;
    while (i < c->n && c->m[i].point == p)
      i++;
  }
  c->start[c->nstart] = c->n;
  return true;
}

/* Months of old before from_month are kept: only what changed is asked. */
static bool keep_months(loader *l, const qf_cover *old, int32_t from_month)
{
  for (uint32_t i = 0; old && i < old->n; i++)
    if (old->m[i].month < from_month) {
      qf_cover_month *m = next_item(l, sizeof *m);
      if (!m)
        return false;
      *m = old->m[i];
    }
  return true;
}

static int by_point_month(const void *pa, const void *pb)
{
  const qf_cover_month *a = pa, *b = pb;
  if (a->point != b->point)
    return a->point < b->point ? -1 : 1;
  return (a->month > b->month) - (a->month < b->month);
}

qf_rc qf_cover_load(qf_figures *f, const qf_cover *old, int32_t from_month, qf_cover **out, qf_err *err)
{
  loader l = {.f = f};
  char sql[600], where[80] = "";
  qf_cover *c = calloc(1, sizeof *c);
  if (!c)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  atomic_store(&c->refs, 1);
  c->newest_day = INT32_MIN;
  if (from_month > INT32_MIN) {
    snprintf(where, sizeof where, " WHERE day >= DATE '%04d-%02d-01'", from_month / 12, from_month % 12 + 1);
    l.nomem = !keep_months(&l, old, from_month);
  }
  snprintf(sql, sizeof sql,
           "SELECT point, CAST(EXTRACT(YEAR FROM day) * 12 + EXTRACT(MONTH FROM day) - 1 AS INTEGER) AS month, "
           "SUM(quarters), "
           "SUM(quarters_estimated), COUNT(*) FROM account_day%s GROUP BY point, month",
           where);
  qf_rc rc = qf_book_query(f->book, sql, NULL, 0, on_cover, &l, err);
  if (!rc)
    rc = qf_book_query(f->book,
                       "SELECT day - DATE '1970-01-01', MAX(quarters) FROM account_day WHERE day = (SELECT MAX(day) "
                       "FROM account_day) GROUP BY day",
                       NULL, 0, on_newest, c, err);
  c->m = l.items;
  c->n = (uint32_t)l.n;
  if (!rc && c->n)
    qsort(c->m, c->n, sizeof *c->m, by_point_month);
  if (!rc && (l.nomem || !index_cover(c)))
    rc = qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  if (rc)
    qf_cover_drop(c);
  else
    *out = c;
  return rc;
}

void qf_cover_drop(qf_cover *c)
{
  if (!c || atomic_fetch_sub(&c->refs, 1) != 1)
    return;
  free(c->m);
  free(c->start);
  free(c);
}
