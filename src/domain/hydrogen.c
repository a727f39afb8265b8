#include "domain/hydrogen.h"
#include <math.h>

static bool amount(double v)
{
  return v >= 0 && isfinite(v);
}

qf_rc qf_h2_metallisation(double metallic, double total, double *share, qf_err *err)
{
  if (!(total > 0 && total <= 1 && metallic >= 0 && metallic <= total))
    return qf_fail(err, QF_RANGE, "metallic iron %g of total iron %g", "金属铁 %g、全铁 %g 不合理", metallic, total);
  *share = metallic / total;
  return QF_OK;
}

qf_rc qf_h2_stoichiometric(double tfe, double metallisation, double *kg_per_t, qf_err *err)
{
  const double h2 = 2.016, fe = 55.845; /* IUPAC molar masses, g/mol */
  if (!(tfe > 0 && tfe <= 1 && metallisation >= 0 && metallisation <= 1))
    return qf_fail(err, QF_RANGE, "total iron %g, metallisation %g: both 0 to 1",
                   "全铁 %g、金属化率 %g：均应在 0 到 1 之间", tfe, metallisation);
  /* per mol Fe in the ore 1.5 O: what is not metal stays as FeO, 1 O per Fe */
  double oxygen = metallisation * 1.5 + (1 - metallisation) * 0.5;
  *kg_per_t = 1000 * tfe * oxygen * h2 / fe;
  return QF_OK;
}

qf_rc qf_h2_indicators(const qf_h2_run *r, double grid, qf_h2_kpi *out, qf_err *err)
{
  const double hhv_kwh_per_kg = 39.4; /* physics: no electrolyser needs less */
  if (!(r->h2_kg > 0) || !(r->dri.t > 0) || !isfinite(r->h2_kg + r->dri.t))
    return qf_fail(err, QF_RANGE, "%g kg hydrogen, %g t DRI: both must be over 0",
                   "氢 %g 千克、还原铁 %g 吨：均应大于 0", r->h2_kg, r->dri.t);
  if (!amount(r->electrolysis.kwh) || !amount(r->electricity.kwh) || !amount(r->from_grid.kwh) ||
      !amount(r->fossil.t) || r->electrolysis.kwh > r->electricity.kwh || r->from_grid.kwh > r->electricity.kwh)
    return qf_fail(err, QF_RANGE, "electricity %g kWh: of it electrolysis %g, grid %g",
                   "用电 %g 千瓦时，其中电解 %g、电网 %g", r->electricity.kwh, r->electrolysis.kwh, r->from_grid.kwh);
  if (!(grid >= 0 && grid <= 2))
    return qf_fail(err, QF_RANGE, "grid factor %g kg/kWh", "电网因子 %g 千克/千瓦时", grid);
  out->kwh_per_kg_h2 = r->electrolysis.kwh / r->h2_kg;
  out->kg_h2_per_t = r->h2_kg / r->dri.t;
  out->kwh_per_t = r->electricity.kwh / r->dri.t;
  out->tco2_per_t = (r->from_grid.kwh * grid / 1000 + r->fossil.t) / r->dri.t;
  if (out->kwh_per_kg_h2 < hhv_kwh_per_kg)
    return qf_fail(err, QF_STATE, "%g kWh per kg hydrogen is less than its heating value",
                   "每千克氢 %g 千瓦时，低于其热值", out->kwh_per_kg_h2);
  return QF_OK;
}

qf_rc qf_h2_green_power(const double *used, const double *green, size_t n, qf_green_power *out, qf_err *err)
{
  double u = 0, g = 0, both = 0;
  for (size_t h = 0; h < n; h++) {
    if (!amount(used[h]) || !amount(green[h]))
      return qf_fail(err, QF_RANGE, "hour %zu: used %g, green %g kWh", "第 %zu 小时：用电 %g，绿电 %g 千瓦时", h + 1,
                     used[h], green[h]);
    u += used[h], g += green[h], both += fmin(used[h], green[h]);
  }
  if (!(u > 0))
    return qf_fail(err, QF_RANGE, "no electricity was used", "没有用电");
  out->hourly = both / u;
  out->annual = fmin(g, u) / u;
  return QF_OK;
}

qf_rc qf_h2_near_zero(double tco2_per_t, double scrap, double none, double all, bool *yes, qf_err *err)
{
  if (!(scrap >= 0 && scrap <= 1) || !(none > 0) || !(all > 0) || !isfinite(tco2_per_t))
    return qf_fail(err, QF_RANGE, "scrap share %g, thresholds %g and %g t/t", "废钢比 %g，阈值 %g 与 %g 吨/吨", scrap,
                   none, all);
  *yes = tco2_per_t <= none + (all - none) * scrap;
  return QF_OK;
}
