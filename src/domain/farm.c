#include "domain/farm.h"
#include <math.h>
#include <stdbool.h>

static bool between(double v, double low, double high)
{
  return v >= low && v <= high;
}

static bool amount(double v)
{
  return v >= 0 && isfinite(v);
}

qf_rc qf_farm_nutrients(const qf_fertiliser *f, size_t n, qf_nutrients *out, qf_err *err)
{
  *out = (qf_nutrients){0};
  for (size_t i = 0; i < n; i++) {
    if (!amount(f[i].kg) || !(f[i].n >= 0 && f[i].p2o5 >= 0 && f[i].k2o >= 0) || !(f[i].n + f[i].p2o5 + f[i].k2o <= 1))
      return qf_fail(err, QF_RANGE, "fertiliser %zu: %g kg with fractions %g, %g, %g",
                     "第 %zu 种肥料：%g 千克，含量 %g、%g、%g", i + 1, f[i].kg, f[i].n, f[i].p2o5, f[i].k2o);
    out->n += f[i].kg * f[i].n;
    out->p2o5 += f[i].kg * f[i].p2o5;
    out->k2o += f[i].kg * f[i].k2o;
  }
  return QF_OK;
}

qf_rc qf_farm_intensity(const qf_nutrients *n, double ha, double *kg_per_ha, qf_err *err)
{
  if (!(ha > 0) || !isfinite(ha))
    return qf_fail(err, QF_RANGE, "%g ha sown: must be over 0", "播种面积 %g 公顷：应大于 0", ha);
  *kg_per_ha = (n->n + n->p2o5 + n->k2o) / ha;
  return QF_OK;
}

qf_rc qf_farm_n2o(double n_kg, const qf_n2o_factors *f, qf_n2o *out, qf_err *err)
{
  if (!amount(n_kg))
    return qf_fail(err, QF_RANGE, "%g kg N: must be from 0", "氮 %g 千克：应不小于 0", n_kg);
  if (!between(f->ef1, 0, 0.1) || !between(f->ef4, 0, 0.1) || !between(f->ef5, 0, 0.1) || !between(f->frac_gas, 0, 1) ||
      !between(f->frac_leach, 0, 1))
    return qf_fail(err, QF_RANGE, "factors EF1 %g, EF4 %g, EF5 %g, fractions %g, %g",
                   "因子 EF1 %g、EF4 %g、EF5 %g，比例 %g、%g", f->ef1, f->ef4, f->ef5, f->frac_gas, f->frac_leach);
  const double n2o_per_n = 44.0 / 28;
  out->direct_kg = n_kg * f->ef1 * n2o_per_n;
  out->indirect_kg = n_kg * (f->frac_gas * f->ef4 + f->frac_leach * f->ef5) * n2o_per_n;
  return QF_OK;
}

qf_rc qf_farm_soil_co2(qf_tonne m, double carbon, qf_tco2 *out, qf_err *err)
{
  if (!amount(m.t) || !between(carbon, 0, 0.3))
    return qf_fail(err, QF_RANGE, "%g t with %g t carbon per t", "%g 吨，含碳 %g 吨/吨", m.t, carbon);
  out->t = m.t * carbon * 44 / 12;
  return QF_OK;
}

qf_rc qf_farm_burning(const qf_burning *b, qf_burnt *out, qf_err *err)
{
  if (!amount(b->dry_kg) || !between(b->burnt, 0, 1) || !between(b->ch4_g_per_kg, 0, 50) ||
      !between(b->n2o_g_per_kg, 0, 5))
    return qf_fail(err, QF_RANGE, "%g kg dry, %g burnt, %g g CH4, %g g N2O per kg",
                   "干物质 %g 千克，燃烧比例 %g，甲烷 %g 克/千克，氧化亚氮 %g 克/千克", b->dry_kg, b->burnt,
                   b->ch4_g_per_kg, b->n2o_g_per_kg);
  out->ch4_kg = b->dry_kg * b->burnt * b->ch4_g_per_kg / 1000;
  out->n2o_kg = b->dry_kg * b->burnt * b->n2o_g_per_kg / 1000;
  return QF_OK;
}

qf_rc qf_farm_mechanisation(const double share[3], const double weight[3], double *rate, qf_err *err)
{
  double sum = 0, weights = 0;
  for (size_t i = 0; i < 3; i++) {
    if (!between(share[i], 0, 1) || !between(weight[i], 0, 1))
      return qf_fail(err, QF_RANGE, "share %g with weight %g: both 0 to 1", "比例 %g、权重 %g：均应在 0 到 1 之间",
                     share[i], weight[i]);
    sum += share[i] * weight[i], weights += weight[i];
  }
  if (fabs(weights - 1) > 1e-9)
    return qf_fail(err, QF_RANGE, "weights add up to %g, not 1", "权重合计 %g，应为 1", weights);
  *rate = sum;
  return QF_OK;
}
