#include "domain/energy.h"
#include <math.h>
#include <stdbool.h>

#define KJ_PER_KGCE 29307.6 /* definition of standard coal */
#define WATER_20C 83.74     /* kJ/kg */

qf_rc qf_energy_k_of_lhv(double lhv_kj, double *k, qf_err *err)
{
  if (!(lhv_kj > 0) || !(lhv_kj < 200000))
    return qf_fail(err, QF_RANGE, "heating value %g kJ: must be over 0 and under 200000",
                   "低位发热量 %g kJ：应大于 0 且小于 200000", lhv_kj);
  *k = lhv_kj / KJ_PER_KGCE;
  return QF_OK;
}

qf_rc qf_energy_total(const qf_energy_item *items, size_t n, qf_kgce *out, qf_err *err)
{
  double sum = 0;
  for (size_t i = 0; i < n; i++) {
    const qf_energy_item *it = &items[i];
    if (!(it->amount >= 0) || !isfinite(it->amount) || !(it->k >= 0) || !isfinite(it->k))
      return qf_fail(err, QF_RANGE, "item %zu: amount and coefficient must be numbers from 0",
                     "第 %zu 项：数量与系数应为不小于 0 的数", i + 1);
    sum += it->amount * it->k * (it->way == QF_ENERGY_OUT ? -1.0 : 1.0);
  }
  out->kgce = sum;
  return QF_OK;
}

qf_rc qf_energy_per_tonne(qf_kgce e, qf_tonne output, double *kgce_per_t, qf_err *err)
{
  if (!(output.t > 0))
    return qf_fail(err, QF_RANGE, "output %g t: no unit energy without output", "产量 %g 吨：没有产量就没有单耗",
                   output.t);
  *kgce_per_t = e.kgce / output.t;
  return QF_OK;
}

qf_rc qf_energy_per_value(qf_kgce e, double value_added_cny, double *tce_per_10k_cny, qf_err *err)
{
  if (!(value_added_cny > 0))
    return qf_fail(err, QF_RANGE, "value added %g CNY: must be over 0", "增加值 %g 元：应大于 0", value_added_cny);
  *tce_per_10k_cny = qf_tce(e) / (value_added_cny / 10000.0);
  return QF_OK;
}

qf_rc qf_energy_steam(qf_tonne steam, double enthalpy_kj_per_kg, qf_gj *out, qf_err *err)
{
  if (!(steam.t >= 0) || !(enthalpy_kj_per_kg >= WATER_20C) || !(enthalpy_kj_per_kg <= 4500))
    return qf_fail(err, QF_RANGE, "steam %g t at %g kJ/kg: mass from 0, enthalpy 83.74 to 4500",
                   "蒸汽 %g 吨、焓 %g kJ/kg：质量不小于 0，焓应在 83.74 至 4500", steam.t, enthalpy_kj_per_kg);
  out->gj = steam.t * (enthalpy_kj_per_kg - WATER_20C) / 1000.0;
  return QF_OK;
}

qf_rc qf_energy_flow_residual(const qf_plant_flow *f, const qf_process *p, size_t n, double *residual, qf_err *err)
{
  double left = f->purchased.kgce - f->exported.kgce - f->utilities.kgce;
  if (!(f->purchased.kgce > 0))
    return qf_fail(err, QF_RANGE, "purchased energy %g kgce: must be over 0", "购入能源 %g 千克标准煤：应大于 0",
                   f->purchased.kgce);
  for (size_t i = 0; i < n; i++)
    left -= p[i].unit_kgce_per_t * p[i].output.t;
  *residual = left / f->purchased.kgce;
  return QF_OK;
}

int qf_energy_level(double value, double level1, double level2, double level3)
{
  const double limits[3] = {level1, level2, level3};
  bool any = false;
  if (isnan(value))
    return 0;
  for (int i = 0; i < 3; i++) {
    if (isnan(limits[i]))
      continue;
    any = true;
    if (value <= limits[i])
      return i + 1;
  }
  return any ? 4 : 0;
}
