/* From the rows held in memory: subject, carrier, point, row. Rows are in an order in which every group is one slice. */
#include "figure/why.h"
#include <stdio.h>
#include <string.h>

/* Rows of a change in four slices: now, then, divisor of now, divisor of then. */
static void select_change(qf_why *w)
{
  const qf_set *set = w->s.set;
  for (int den = 0; den < 2; den++)
    for (int then = 0; then < 2; then++)
      for (uint32_t i = 0; i < set->n; i++) {
        const qf_row *r = &set->rows[set->by_rank[i]];
        if (r->rank >= w->s.r0 && r->rank < w->s.r1 && ((r->flags & QF_R_DEN) != 0) == (den != 0) &&
            qf_change_counts(&w->s, r, then != 0))
          w->sel[w->nsel++] = r;
        w->cut[den * 2 + then + 1] = w->nsel;
      }
}

qf_rc qf_why_select(qf_why *w, qf_err *err)
{
  const qf_set *set = w->s.set;
  w->sel = qf_why_alloc(w, (2 * (size_t)set->n + 1) * sizeof *w->sel); /* a change may use a row twice */
  if (!w->sel)
    return qf_fail(err, QF_NOMEM, "why: out of memory", "溯源：内存不足");
  if (w->s.ind->kind == QF_I_CHANGE) {
    select_change(w);
    return QF_OK;
  }
  for (uint32_t i = 0; i < set->n; i++) {
    const qf_row *r = &set->rows[set->by_rank[i]];
    if (r->rank < w->s.r0 || r->rank >= w->s.r1 || r->month > w->s.to)
      continue;
    if (r->month < w->s.from && w->s.ind->kind != QF_I_STOCK)
      continue;
    if (w->s.ind->kind == QF_I_LAST && !qf_row_is_last(&w->s, r))
      continue;
    w->sel[w->nsel++] = r;
  }
  return QF_OK;
}

static qf_wop sum_op(const qf_why *w)
{
  return w->s.ind->kind == QF_I_MAX ? QF_OP_MAX : QF_OP_SUM;
}

/* Value of a slice: its sum, or its maximum. false: it does not fit 38 digits. */
static bool slice_value(const qf_why *w, uint32_t lo, uint32_t hi, qf_dec *out)
{
  if (w->s.ind->kind == QF_I_MAX) {
    *out = qf_unpack(w->sel[lo]->num, w->sel[lo]->num_s);
    for (uint32_t i = lo + 1; i < hi; i++) {
      qf_dec d = qf_unpack(w->sel[i]->num, w->sel[i]->num_s);
      if (qf_dec_cmp(d, *out) > 0)
        *out = d;
    }
    return true;
  }
  qf_acc a = {.v = 0};
  for (uint32_t i = lo; i < hi; i++)
    qf_acc_add(&a, qf_unpack(w->sel[i]->num, w->sel[i]->num_s));
  *out = qf_acc_dec(&a);
  return !a.overflow;
}

static const char *slice_quality(const qf_why *w, uint32_t lo, uint32_t hi)
{
  bool measured = false, filed = false, estimated = false;
  for (uint32_t i = lo; i < hi; i++) {
    const qf_row *r = w->sel[i];
    filed = filed || (r->flags & QF_R_FILED);
    measured = measured || !(r->flags & QF_R_FILED);
    estimated = estimated || r->est.lo || r->est.hi;
  }
  if (filed && (measured || estimated))
    return "mixed";
  return filed ? "filed" : estimated ? "partly estimated" : "measured";
}

static qf_rc slice_node(qf_why *w, qf_node *n, qf_wtype type, uint32_t lo, uint32_t hi, qf_err *err)
{
  n->type = type;
  n->op = sum_op(w);
  n->kind = n->op == QF_OP_MAX ? "max" : "sum";
  n->lo = lo;
  n->hi = hi;
  n->rounded = -1;
  n->quality = slice_quality(w, lo, hi);
  if (!slice_value(w, lo, hi, &n->value))
    return qf_fail(err, QF_RANGE, "why: a sum does not fit 38 digits", "溯源：合计超过 38 位");
  return QF_OK;
}

static const char *part_unit(const qf_why *w, uint32_t lo)
{
  const qf_row *r = w->sel[lo];
  bool shares = w->s.ind->kind == QF_I_RATIO || w->s.ind->kind == QF_I_PF || w->s.ind->kind == QF_I_CHANGE;
  if (!shares)
    return w->s.ind->unit;
  bool plain = !(r->flags & QF_R_FACTOR) && r->scale == 1 && r->scale_s == 0;
  return plain && r->quantity_unit ? r->quantity_unit : ""; /* after a factor the unit of a part is not recorded */
}

static qf_rc subject_node(qf_why *w, qf_node *n, uint32_t rank, uint32_t lo, uint32_t hi, qf_err *err)
{
  const qf_subject *s = &w->s.v->base->subjects[rank];
  qf_rc rc = slice_node(w, n, QF_W_SUBJECT, lo, hi, err);
  n->rank = rank;
  n->zh = s->zh;
  n->en = s->en;
  n->unit = part_unit(w, lo);
  n->seg = qf_why_text(w, "s=%s", s->id);
  return rc;
}

/* ---- root */

static qf_rc divided_root(qf_why *w, qf_node *root, uint32_t split, qf_err *err)
{
  qf_node *k = qf_why_kids(w, root, 2);
  if (!k)
    return QF_NOMEM;
  root->op = w->s.ind->kind == QF_I_PF ? QF_OP_PF : QF_OP_RATIO;
  root->kind = "ratio";
  root->rounded = w->s.ind->decimals;
  qf_rc rc = subject_node(w, &k[0], w->s.r0, 0, split, err);
  if (!rc)
    rc = subject_node(w, &k[1], w->s.r0, split, w->nsel, err);
  bool pf = root->op == QF_OP_PF;
  k[0].zh = pf ? "有功电量" : "分子";
  k[0].en = pf ? "active energy" : "numerator";
  k[0].seg = "num";
  k[1].zh = pf ? "无功电量" : "分母";
  k[1].en = pf ? "reactive energy" : "denominator";
  k[1].seg = "den";
  return rc;
}

/* now, then[, divisor of now, divisor of then] */
static qf_rc change_root(qf_why *w, qf_node *root, qf_err *err)
{
  static const char *const zh[] = {"本期", "上年同期", "本期除数", "上年同期除数"};
  static const char *const en[] = {"now", "a year before", "divisor now", "divisor a year before"};
  static const char *const seg[] = {"now", "then", "now-den", "then-den"};
  const uint32_t *cut = w->cut;
  uint32_t n = cut[4] > cut[2] ? 4 : 2;
  qf_node *k = qf_why_kids(w, root, n);
  if (!k)
    return QF_NOMEM;
  root->op = QF_OP_CHANGE;
  root->kind = "change";
  root->rounded = w->s.ind->decimals;
  qf_rc rc = QF_OK;
  for (uint32_t i = 0; !rc && i < n; i++) {
    rc = subject_node(w, &k[i], w->s.r0, cut[i], cut[i + 1], err);
    k[i].zh = zh[i];
    k[i].en = en[i];
    k[i].seg = seg[i];
  }
  root->expanded = true;
  return rc;
}

qf_rc qf_why_root(qf_why *w, qf_node *root, qf_err *err)
{
  qf_value v;
  uint32_t split = 0;
  qf_value_of(&w->s, w->s.from, w->s.to, &v);
  while (split < w->nsel && !(w->sel[split]->flags & QF_R_DEN))
    split++;
  *root = (qf_node){
      .type = QF_W_ROOT, .rounded = -1, .null = !v.has, .not_why = v.why_not, .value = v.value, .kind = "sum"};
  qf_rc rc = QF_OK;
  bool divided =
      w->s.ind->kind == QF_I_RATIO || w->s.ind->kind == QF_I_PF || (w->s.ind->kind == QF_I_LAST && split < w->nsel);
  if (v.has && w->s.ind->kind == QF_I_CHANGE)
    rc = change_root(w, root, err);
  else if (v.has && divided)
    rc = divided_root(w, root, split, err);
  else if (v.has)
    rc = subject_node(w, root, w->s.r0, 0, split, err);
  const qf_subject *s = &w->s.v->base->subjects[w->s.r0];
  root->zh = qf_why_text(w, "%s · %s", s->zh, w->s.ind->title_zh);
  root->en = qf_why_text(w, "%s, %s", s->en, w->s.ind->title_en);
  root->unit = w->s.ind->unit;
  root->seg = NULL;
  root->value = v.value;
  return w->nomem ? qf_fail(err, QF_NOMEM, "why: out of memory", "溯源：内存不足") : rc;
}

/* ---- subject: its own carriers, then its child subjects */

static uint32_t child_of(const qf_base *b, uint32_t rank, uint32_t parent)
{
  while (b->subjects[rank].parent != parent)
    rank = b->subjects[rank].parent;
  return rank;
}

typedef struct group {
  uint32_t lo, hi, child; /* child: rank, or UINT32_MAX for a carrier */
} group;

static uint32_t group_subject(const qf_why *w, const qf_node *n, group *g)
{
  const qf_base *b = w->s.v->base;
  uint32_t count = 0;
  for (uint32_t i = n->lo; i < n->hi;) {
    const qf_row *r = w->sel[i];
    uint32_t j = i, child = UINT32_MAX;
    if (r->rank == n->rank) {
      while (j < n->hi && w->sel[j]->rank == r->rank && w->sel[j]->carrier == r->carrier)
        j++;
    } else {
      child = child_of(b, r->rank, n->rank);
      while (j < n->hi && w->sel[j]->rank < b->subjects[child].end)
        j++;
    }
    if (g)
      g[count] = (group){i, j, child};
    count++;
    i = j;
  }
  return count;
}

static qf_rc carrier_node(qf_why *w, qf_node *n, const group *g, qf_err *err)
{
  const char *carrier = w->sel[g->lo]->carrier;
  const qf_name *name = qf_carrier_find(w->s.v->base, carrier);
  qf_rc rc = slice_node(w, n, QF_W_CARRIER, g->lo, g->hi, err);
  n->zh = name ? name->zh : carrier ? carrier : "合计";
  n->en = name ? name->en : carrier ? carrier : "total";
  n->unit = part_unit(w, g->lo);
  n->seg = qf_why_text(w, "c=%s", carrier ? carrier : "");
  return rc;
}

static qf_rc expand_subject(qf_why *w, qf_node *n, qf_err *err)
{
  uint32_t count = group_subject(w, n, NULL);
  group *g = qf_why_alloc(w, (count + 1) * sizeof *g);
  qf_node *k = qf_why_kids(w, n, count);
  if (!g || !k)
    return QF_NOMEM;
  (void)group_subject(w, n, g);
  qf_rc rc = QF_OK;
  for (uint32_t i = 0; !rc && i < count; i++)
    rc = g[i].child == UINT32_MAX ? carrier_node(w, &k[i], &g[i], err)
                                  : subject_node(w, &k[i], g[i].child, g[i].lo, g[i].hi, err);
  return rc;
}

/* ---- carrier and point */

static bool same_stream(const qf_row *a, const qf_row *b)
{
  return a->point && a->point == b->point && a->scope == b->scope;
}

static qf_rc point_node(qf_why *w, qf_node *n, uint32_t lo, uint32_t hi, qf_err *err)
{
  const qf_row *r = w->sel[lo];
  const qf_base *b = w->s.v->base;
  const qf_point_info *p = r->point < b->npoints && b->points[r->point].known ? &b->points[r->point] : NULL;
  qf_rc rc = slice_node(w, n, QF_W_POINT, lo, hi, err);
  n->point = r->point;
  n->zh = p && p->zh ? p->zh : qf_why_text(w, "计量点 %u", r->point);
  n->en = p && p->en ? p->en : qf_why_text(w, "point %u", r->point);
  n->unit = part_unit(w, lo);
  n->seg = r->scope ? qf_why_text(w, "p=%u@%s", r->point, r->scope) : qf_why_text(w, "p=%u", r->point);
  return rc;
}

/* A point's quantity is the sum of its days - except a maximum, which is one quarter of one of them. */
static bool has_days(const qf_why *w, const qf_row *r)
{
  return r->point && w->s.ind->kind != QF_I_MAX;
}

static const char *month_text(qf_why *w, int32_t m)
{
  return qf_why_text(w, "%04d-%02d", m / 12, m % 12 + 1);
}

static bool is_plain(const qf_row *r)
{
  return !(r->flags & QF_R_FACTOR) && r->scale == 1 && r->scale_s == 0 && r->sign == 1;
}

/* A row: the product of what it is made of, or that quantity itself when nothing else is in it. `nth` tells rows of the same
 * month apart. */
static void row_node(qf_why *w, qf_node *n, const qf_row *r, uint32_t nth)
{
  const char *month = month_text(w, r->month);
  n->type = QF_W_ROW;
  n->row = r;
  n->rounded = -1;
  n->value = qf_unpack(r->num, r->num_s);
  n->unit = w->s.ind->kind == QF_I_RATIO || w->s.ind->kind == QF_I_PF || w->s.ind->kind == QF_I_CHANGE
                ? (is_plain(r) && r->quantity_unit ? r->quantity_unit : "")
                : w->s.ind->unit;
  n->quality = r->flags & QF_R_FILED ? "filed" : r->est.lo || r->est.hi ? "partly estimated" : "measured";
  n->zh = r->record ? qf_why_text(w, "%s 填报", month) : month;
  n->en = r->record ? qf_why_text(w, "%s filing", month) : month;
  n->seg = r->record ? qf_why_text(w, "r=%s~%s", r->record, month) : qf_why_text(w, "m=%s", month);
  if (nth > 1 || (!r->record && !r->point && r->scope))
    n->seg = qf_why_text(w, "%s@%s#%u", n->seg, r->scope ? r->scope : "", nth);
  if (r->flags & QF_R_AT) {
    n->at = r->at;
    n->has_at = true;
  }
  if (!(r->flags & QF_R_QUANTITY)) {
    n->kind = "input";
    n->record = r->record;
  } else if (is_plain(r) &&
             qf_dec_cmp(n->value, qf_unpack(r->quantity, r->quantity_s)) == 0) { /* the row is its quantity */
    n->type = QF_W_QUANTITY;
    n->kind = r->point ? "account" : r->record ? "record" : "input";
    n->op = has_days(w, r) ? QF_OP_SUM : QF_OP_NONE;
    n->expanded = !has_days(w, r);
    n->record = r->record;
    n->point = r->point;
  } else {
    n->kind = "product";
    n->op = QF_OP_PRODUCT;
  }
}

static bool like_row(const qf_row *a, const qf_row *b)
{
  return a->month == b->month && a->point == b->point && a->record == b->record;
}

static qf_rc expand_slice(qf_why *w, qf_node *n, qf_err *err)
{
  uint32_t count = 0;
  bool points = n->type == QF_W_CARRIER; /* a point's own slice is made of rows only */
  for (uint32_t i = n->lo, j; i < n->hi; i = j, count++)
    for (j = i + 1; points && j < n->hi && same_stream(w->sel[i], w->sel[j]); j++)
      ;
  qf_node *k = qf_why_kids(w, n, count);
  if (!k)
    return QF_NOMEM;
  qf_rc rc = QF_OK;
  uint32_t at = 0, nth = 1;
  for (uint32_t i = n->lo, j; !rc && i < n->hi; i = j, at++) {
    for (j = i + 1; points && j < n->hi && same_stream(w->sel[i], w->sel[j]); j++)
      ;
    nth = i > n->lo && like_row(w->sel[i - 1], w->sel[i]) ? nth + 1 : 1;
    if (points && w->sel[i]->point)
      rc = point_node(w, &k[at], i, j, err);
    else
      row_node(w, &k[at], w->sel[i], nth);
  }
  return rc;
}

/* ---- row: quantity x factor x scale x sign */

static void leaf(qf_node *n, const char *kind, qf_dec value, const char *unit, const char *seg)
{
  n->type = QF_W_FIXED;
  n->kind = kind;
  n->value = value;
  n->unit = unit;
  n->seg = seg;
  n->rounded = -1;
  n->expanded = true;
}

static void quantity_node(const qf_why *w, qf_node *n, const qf_row *r)
{
  leaf(n,
       r->point    ? "account"
       : r->record ? "record"
                   : "input",
       qf_unpack(r->quantity, r->quantity_s), r->quantity_unit, "q");
  n->type = QF_W_QUANTITY;
  n->op = has_days(w, r) ? QF_OP_SUM : QF_OP_NONE;
  n->expanded = !has_days(w, r);
  n->row = r;
  n->point = r->point;
  n->record = r->record;
  n->zh = "数量";
  n->en = "quantity";
  n->quality = r->flags & QF_R_FILED ? "filed" : r->est.lo || r->est.hi ? "partly estimated" : "measured";
}

static void factor_node(qf_why *w, qf_node *n, const qf_row *r)
{
  const qf_factor_info *f = r->factor ? qf_factor_find(w->s.v->base, r->factor) : NULL;
  leaf(n, r->factor ? "factor" : "input", qf_unpack(r->factor_value, r->factor_s), f ? f->unit : NULL, "f");
  n->factor = f;
  n->factor_id = r->factor;
  n->record = r->factor ? NULL : r->record;
  n->zh = f && f->zh ? f->zh : r->factor ? r->factor : "填报的实测系数";
  n->en = f && f->en ? f->en : r->factor ? r->factor : "own measured coefficient, as filed";
  n->quality = r->flags & QF_R_OUTSIDE ? "outside its validity" : NULL;
}

static qf_rc expand_row(qf_why *w, qf_node *n)
{
  const qf_row *r = n->row;
  bool scaled = r->scale != 1 || r->scale_s != 0;
  uint32_t count = 1u + ((r->flags & QF_R_FACTOR) ? 1 : 0) + (scaled ? 1 : 0) + (r->sign < 0 ? 1 : 0), at = 0;
  qf_node *k = qf_why_kids(w, n, count);
  if (!k)
    return QF_NOMEM;
  quantity_node(w, &k[at++], r);
  if (r->flags & QF_R_FACTOR)
    factor_node(w, &k[at++], r);
  if (scaled) {
    leaf(&k[at], "input", qf_dec_int(r->scale, r->scale_s), NULL, "k");
    k[at].zh = "换算常数";
    k[at++].en = "scale";
  }
  if (r->sign < 0) {
    leaf(&k[at], "input", qf_dec_int(-1, 0), NULL, "g");
    k[at].zh = "扣减";
    k[at].en = "taken off";
  }
  return QF_OK;
}

qf_rc qf_why_expand(qf_why *w, qf_node *n, qf_err *err)
{
  qf_rc rc = QF_OK;
  if (n->expanded || n->null)
    return QF_OK;
  n->expanded = true;
  switch (n->type) {
  case QF_W_SUBJECT:
    rc = expand_subject(w, n, err);
    break;
  case QF_W_CARRIER:
  case QF_W_POINT:
    rc = expand_slice(w, n, err);
    break;
  case QF_W_ROW:
    rc = n->op == QF_OP_PRODUCT ? expand_row(w, n) : QF_OK;
    break;
  case QF_W_QUANTITY:
    rc = n->op == QF_OP_SUM ? qf_why_days(w, n, err) : QF_OK;
    break;
  case QF_W_DAY:
    rc = qf_why_readings(w, n, err);
    break;
  case QF_W_ROOT:
  case QF_W_FIXED:
    break;
  }
  return w->nomem ? qf_fail(err, QF_NOMEM, "why: out of memory", "溯源：内存不足") : rc;
}
