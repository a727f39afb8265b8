#include "domain/freight.h"
#include <math.h>

double qf_freight_teu(int feet)
{
  static const struct {
    int feet;
    double teu;
  } t[] = {{10, 0.5}, {20, 1}, {30, 1.5}, {35, 1.75}, {40, 2}, {45, 2.25}};
  for (size_t i = 0; i < sizeof t / sizeof *t; i++)
    if (t[i].feet == feet)
      return t[i].teu;
  return 0;
}

qf_move_class qf_freight_classify(const qf_move *m)
{
  if (m->inside)
    return QF_MOVE_NOT_COUNTED;
  if (!m->evidence)
    return QF_MOVE_ROAD_OTHER;
  switch (m->mode) {
  case QF_MODE_RAIL:
  case QF_MODE_WATER:
  case QF_MODE_PIPE:
  case QF_MODE_TUBE_BELT:
  case QF_MODE_BELT_GALLERY:
    return QF_MOVE_CLEAN;
  case QF_MODE_ROAD:
    break;
  case QF_MODE_UNKNOWN:
    return QF_MOVE_ROAD_OTHER;
  }
  if (m->drive == QF_DRIVE_BATTERY || m->drive == QF_DRIVE_FUEL_CELL)
    return m->nev_confirmed ? QF_MOVE_NEV : QF_MOVE_ROAD_OTHER;
  return m->stage == 6 ? QF_MOVE_CHINA6 : QF_MOVE_ROAD_OTHER;
}

static void add(qf_green_share *g, qf_move_class c, double t)
{
  if (c == QF_MOVE_NOT_COUNTED)
    return;
  g->all += t;
  if (c == QF_MOVE_CLEAN)
    g->clean += t;
  else if (c == QF_MOVE_NEV)
    g->nev += t;
  else if (c == QF_MOVE_CHINA6)
    g->china6 += t;
  else
    g->other += t;
}

qf_rc qf_freight_green(const qf_move *m, size_t n, double limit, qf_green_share *out, qf_err *err)
{
  *out = (qf_green_share){0};
  if (!(limit >= 0 && limit <= 1))
    return qf_fail(err, QF_RANGE, "limit %g: must be 0 to 1", "限值 %g：应在 0 到 1 之间", limit);
  for (size_t i = 0; i < n; i++) {
    if (!(m[i].t >= 0) || !isfinite(m[i].t))
      return qf_fail(err, QF_RANGE, "movement %zu weighs %g t: must be from 0", "第 %zu 笔运输为 %g 吨：应不小于 0",
                     i + 1, m[i].t);
    add(out, qf_freight_classify(&m[i]), m[i].t);
  }
  if (!(out->all > 0))
    return qf_fail(err, QF_RANGE, "nothing crossed the gate: no share", "没有货物进出厂：无法计算占比");
  out->clean_share = out->clean / out->all;
  out->green_share = (out->clean + out->nev) / out->all;
  out->compliant = out->clean_share >= limit || !(out->other > 0);
  return QF_OK;
}

qf_rc qf_freight_closes(qf_tonne gate, qf_tonne balance, double tolerance, double *gap, qf_err *err)
{
  if (!(balance.t > 0) || !(gate.t >= 0) || !isfinite(gate.t) || !isfinite(balance.t))
    return qf_fail(err, QF_RANGE, "gate %g t against balance %g t", "进厂 %g 吨与物料平衡 %g 吨无法比较", gate.t,
                   balance.t);
  *gap = fabs(gate.t - balance.t) / balance.t;
  if (*gap > tolerance)
    return qf_fail(err, QF_PARTIAL, "gate %g t and balance %g t differ by %.2f %%",
                   "进厂 %g 吨与物料平衡 %g 吨相差 %.2f %%", gate.t, balance.t, *gap * 100);
  return QF_OK;
}

bool qf_freight_tare_drifted(double tare_kg, double median_kg, double allowed)
{
  return median_kg > 0 && !(fabs(tare_kg - median_kg) <= allowed * median_kg);
}

static qf_rc emission(qf_tonne t, const qf_leg *legs, size_t n, qf_tco2 *out, qf_err *err)
{
  double kg = 0;
  if (!(t.t >= 0) || !isfinite(t.t))
    return qf_fail(err, QF_RANGE, "%g t: must be from 0", "%g 吨：应不小于 0", t.t);
  for (size_t i = 0; i < n; i++) {
    if (!(legs[i].km >= 0) || !(legs[i].kg_per_tkm >= 0) || !isfinite(legs[i].km * legs[i].kg_per_tkm))
      return qf_fail(err, QF_RANGE, "leg %zu: %g km at %g kg/t km", "第 %zu 段：%g 公里，%g 千克/吨公里", i + 1,
                     legs[i].km, legs[i].kg_per_tkm);
    kg += t.t * legs[i].km * legs[i].kg_per_tkm;
  }
  out->t = kg / 1000;
  return QF_OK;
}

qf_rc qf_freight_shift(qf_tonne t, const qf_leg *old_legs, size_t n_old, const qf_leg *new_legs, size_t n_new,
                       qf_tco2 *saved)
{
  qf_tco2 a = {0}, b = {0};
  qf_rc rc = emission(t, old_legs, n_old, &a, NULL);
  if (!rc)
    rc = emission(t, new_legs, n_new, &b, NULL);
  if (!rc)
    saved->t = a.t - b.t;
  return rc;
}
