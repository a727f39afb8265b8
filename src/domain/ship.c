#include "domain/ship.h"
#include <math.h>

static bool between(double v, double low, double high)
{
  return v >= low && v <= high;
}

qf_rc qf_ship_berth_demand(double kw, double lf, double hours, qf_kwh *out, qf_err *err)
{
  if (!(kw > 0) || !isfinite(kw))
    return qf_fail(err, QF_RANGE, "auxiliary power %g kW: must be over 0", "辅机功率 %g 千瓦：应大于 0", kw);
  if (!between(lf, 0, 1))
    return qf_fail(err, QF_RANGE, "load factor %g: must be 0 to 1", "负荷率 %g：应在 0 到 1 之间", lf);
  if (!between(hours, 0, 8784))
    return qf_fail(err, QF_RANGE, "%g hours at berth: must be 0 to 8784", "靠泊 %g 小时：应在 0 到 8784 之间", hours);
  out->kwh = kw * lf * hours;
  return QF_OK;
}

qf_rc qf_ship_shore_saving(qf_kwh shore, const qf_shore_factors *f, qf_shore_saving *out, qf_err *err)
{
  if (!(shore.kwh >= 0) || !isfinite(shore.kwh))
    return qf_fail(err, QF_RANGE, "%g kWh from shore: must be from 0", "岸电 %g 千瓦时：应不小于 0", shore.kwh);
  if (!between(f->sfoc_g_per_kwh, 100, 400) || !between(f->fuel_t_per_t, 2, 4) || !between(f->nox_g_per_kwh, 0, 30))
    return qf_fail(err, QF_RANGE, "fuel factors %g g/kWh, %g t/t, %g g/kWh NOx: another unit?",
                   "燃油因子 %g 克/千瓦时、%g 吨/吨、氮氧化物 %g 克/千瓦时：单位有误？", f->sfoc_g_per_kwh,
                   f->fuel_t_per_t, f->nox_g_per_kwh);
  if (!between(f->grid_kg_per_kwh, 0, 2) || !(f->eta > 0 && f->eta <= 1))
    return qf_fail(err, QF_RANGE, "grid factor %g kg/kWh, efficiency %g", "电网因子 %g 千克/千瓦时，效率 %g",
                   f->grid_kg_per_kwh, f->eta);
  out->fuel.t = shore.kwh * f->sfoc_g_per_kwh / 1e6;
  out->fuel_co2.t = out->fuel.t * f->fuel_t_per_t;
  out->grid_co2.t = shore.kwh * f->grid_kg_per_kwh / f->eta / 1000;
  out->saved.t = out->fuel_co2.t - out->grid_co2.t;
  out->nox_kg = shore.kwh * f->nox_g_per_kwh / 1000;
  return QF_OK;
}

static qf_rc call_ok(const qf_call *c, size_t at, qf_err *err)
{
  if (!(c->hours >= 0) || !(c->need.kwh >= 0) || !(c->shore.kwh >= 0) ||
      !isfinite(c->hours + c->need.kwh + c->shore.kwh))
    return qf_fail(err, QF_RANGE, "call %zu: %g h, needs %g kWh, shore %g kWh",
                   "第 %zu 次靠泊：%g 小时，需 %g 千瓦时，岸电 %g 千瓦时", at + 1, c->hours, c->need.kwh, c->shore.kwh);
  if (c->connected && (!c->berth_fitted || !c->ship_fitted))
    return qf_fail(err, QF_STATE, "call %zu is connected though berth or ship is not fitted",
                   "第 %zu 次靠泊已接电，但泊位或船舶未装岸电设施", at + 1);
  if (c->shore.kwh > c->need.kwh)
    return qf_fail(err, QF_STATE, "call %zu took %g kWh of %g needed", "第 %zu 次靠泊用岸电 %g 千瓦时，超过需求 %g",
                   at + 1, c->shore.kwh, c->need.kwh);
  return QF_OK;
}

qf_rc qf_ship_shore_rates(const qf_call *c, size_t n, double least_hours, qf_shore_rates *out, qf_err *err)
{
  *out = (qf_shore_rates){0};
  for (size_t i = 0; i < n; i++) {
    qf_rc rc = call_ok(&c[i], i, err);
    if (rc)
      return rc;
    if (c[i].exempt)
      continue;
    out->need.kwh += c[i].need.kwh, out->shore.kwh += c[i].shore.kwh;
    if (c[i].berth_fitted && c[i].ship_fitted && c[i].hours > least_hours) {
      out->able++;
      out->connected += c[i].connected;
    }
  }
  out->by_calls = out->able ? (double)out->connected / (double)out->able : (double)NAN;
  out->by_energy = out->need.kwh > 0 ? out->shore.kwh / out->need.kwh : (double)NAN;
  return QF_OK;
}
