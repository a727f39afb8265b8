#include "domain/inventory.h"
#include <math.h>
#include <string.h>

static double co2e(const qf_gases *g, const qf_gwp *gwp)
{
  return g->co2 + g->ch4 * gwp->ch4 + g->n2o * gwp->n2o + g->other_co2e;
}

static const qf_inv_row *row_of(const qf_inv_row *r, size_t n, const char *ref)
{
  for (size_t i = 0; i < n; i++)
    if (strcmp(r[i].ref, ref) == 0)
      return &r[i];
  return NULL;
}

static qf_rc key_ok(const qf_inv_row *r, size_t n, const qf_inv_row *x, qf_err *err)
{
  if (x->key == QF_INV_VALUE)
    return QF_OK;
  const qf_gases *g = &x->gases;
  if (fabs(g->co2) + fabs(g->ch4) + fabs(g->n2o) + fabs(g->other_co2e) + fabs(g->biogenic_co2) > 0)
    return qf_fail(err, QF_STATE, "%s has a notation key and an amount", "%s 同时有注释代码和数值", x->ref);
  if (x->key != QF_INV_IE)
    return QF_OK;
  const qf_inv_row *there = x->included ? row_of(r, n, x->included) : NULL;
  if (!there || there == x || there->key == QF_INV_IE)
    return qf_fail(err, QF_STATE, "%s is included elsewhere, but no row says where",
                   "%s 标为“已列入他处”，但未指明有效去处", x->ref);
  return QF_OK;
}

static qf_rc row_ok(const qf_inv_row *r, size_t n, const qf_inv_row *x, size_t groups, qf_err *err)
{
  const qf_gases *g = &x->gases;
  if (row_of(r, n, x->ref) != x)
    return qf_fail(err, QF_EXISTS, "%s stands twice", "%s 重复", x->ref);
  if (x->group >= groups)
    return qf_fail(err, QF_RANGE, "%s is in group %zu of %zu", "%s 属于第 %zu 组（共 %zu 组）", x->ref, x->group,
                   groups);
  if (!isfinite(g->co2) || !(g->ch4 >= 0) || !(g->n2o >= 0) || !(g->other_co2e >= 0) || !(g->biogenic_co2 >= 0) ||
      !isfinite(g->ch4 + g->n2o + g->other_co2e + g->biogenic_co2))
    return qf_fail(err, QF_RANGE, "%s: an amount is negative or not a number", "%s：数值为负或不是数", x->ref);
  return key_ok(r, n, x, err);
}

static void add(qf_inv_total *t, const qf_inv_row *x)
{
  t->rows++;
  t->not_estimated += x->key == QF_INV_NE;
  t->confidential += x->key == QF_INV_C;
  t->gases.co2 += x->gases.co2;
  t->gases.ch4 += x->gases.ch4;
  t->gases.n2o += x->gases.n2o;
  t->gases.other_co2e += x->gases.other_co2e;
  t->gases.biogenic_co2 += x->gases.biogenic_co2;
}

qf_rc qf_inv_sum(const qf_inv_row *r, size_t n, const qf_gwp *gwp, qf_inv_total *totals, size_t groups, qf_err *err)
{
  if (!(gwp->ch4 > 0) || !(gwp->n2o > 0))
    return qf_fail(err, QF_RANGE, "GWP of CH4 %g, N2O %g", "GWP：甲烷 %g，氧化亚氮 %g", gwp->ch4, gwp->n2o);
  for (size_t g = 0; g < groups; g++)
    totals[g] = (qf_inv_total){0};
  for (size_t i = 0; i < n; i++) {
    qf_rc rc = row_ok(r, n, &r[i], groups, err);
    if (rc)
      return rc;
    add(&totals[r[i].group], &r[i]);
  }
  for (size_t g = 0; g < groups; g++)
    totals[g].co2e_t = co2e(&totals[g].gases, gwp);
  return QF_OK;
}

typedef struct gpc_row {
  const char *ref;
  char scope;
  char level;
} gpc_row;

static const gpc_row schema[] = {
    {"I.1.1", 1, 0},   {"I.1.2", 2, 0},   {"I.1.3", 3, 1},   {"I.2.1", 1, 0},   {"I.2.2", 2, 0},   {"I.2.3", 3, 1},
    {"I.3.1", 1, 0},   {"I.3.2", 2, 0},   {"I.3.3", 3, 1},   {"I.4.1", 1, 0},   {"I.4.2", 2, 0},   {"I.4.3", 3, 1},
    {"I.4.4", 1, 2},   {"I.5.1", 1, 0},   {"I.5.2", 2, 0},   {"I.5.3", 3, 1},   {"I.6.1", 1, 0},   {"I.6.2", 2, 0},
    {"I.6.3", 3, 1},   {"I.7.1", 1, 0},   {"I.8.1", 1, 0},   {"II.1.1", 1, 0},  {"II.1.2", 2, 0},  {"II.1.3", 3, 1},
    {"II.2.1", 1, 0},  {"II.2.2", 2, 0},  {"II.2.3", 3, 1},  {"II.3.1", 1, 0},  {"II.3.2", 2, 0},  {"II.3.3", 3, 1},
    {"II.4.1", 1, 0},  {"II.4.2", 2, 0},  {"II.4.3", 3, 1},  {"II.5.1", 1, 0},  {"II.5.2", 2, 0},  {"III.1.1", 1, 0},
    {"III.1.2", 3, 0}, {"III.1.3", 1, 2}, {"III.2.1", 1, 0}, {"III.2.2", 3, 0}, {"III.2.3", 1, 2}, {"III.3.1", 1, 0},
    {"III.3.2", 3, 0}, {"III.3.3", 1, 2}, {"III.4.1", 1, 0}, {"III.4.2", 3, 0}, {"III.4.3", 1, 2}, {"IV.1", 1, 1},
    {"IV.2", 1, 1},    {"V.1", 1, 1},     {"V.2", 1, 1},     {"V.3", 1, 1},     {"VI.1", 3, 3},
};

qf_rc qf_gpc_level(const char *ref, qf_gpc *level, int *scope, qf_err *err)
{
  for (size_t i = 0; i < sizeof schema / sizeof *schema; i++)
    if (strcmp(schema[i].ref, ref) == 0) {
      *level = (qf_gpc)schema[i].level, *scope = schema[i].scope;
      return QF_OK;
    }
  return qf_fail(err, QF_SYNTAX, "%s is no sub-sector of GPC 1.1", "%s 不是 GPC 1.1 的子部门编号", ref);
}

qf_rc qf_inv_difference(double bottom, double top, double *difference, qf_err *err)
{
  if (!(top > 0) || !isfinite(top) || !isfinite(bottom))
    return qf_fail(err, QF_RANGE, "bottom-up %g against top-down %g", "自下而上 %g 与自上而下 %g 无法比较", bottom,
                   top);
  *difference = (bottom - top) / top;
  return QF_OK;
}
