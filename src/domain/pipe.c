#include "domain/pipe.h"
#include <math.h>

static const double pi = 3.14159265358979323846;

qf_rc qf_pipe_twin_loss(const qf_pipe *p, double supply_c, double return_c, double soil_c, qf_pipe_loss *out,
                        qf_err *err)
{
  if (!(p->steel_m > 0 && p->insulation_m > p->steel_m && p->casing_m >= p->insulation_m && p->axes_m >= p->casing_m) ||
      !(p->depth_m > p->casing_m / 2) || !isfinite(p->depth_m + p->axes_m))
    return qf_fail(err, QF_RANGE, "sizes steel %g, insulation %g, casing %g, axes %g, depth %g m are out of order",
                   "尺寸不合理：钢管 %g、保温 %g、外护 %g、轴距 %g、埋深 %g 米", p->steel_m, p->insulation_m,
                   p->casing_m, p->axes_m, p->depth_m);
  if (!(p->l_insulation > 0 && p->l_casing > 0 && p->l_soil > 0) || !isfinite(supply_c + return_c + soil_c))
    return qf_fail(err, QF_RANGE, "conductivities %g, %g, %g W/(m K) must be over 0", "导热系数 %g、%g、%g 应大于 0",
                   p->l_insulation, p->l_casing, p->l_soil);
  double ri = log(p->insulation_m / p->steel_m) / (2 * pi * p->l_insulation) +
              log(p->casing_m / p->insulation_m) / (2 * pi * p->l_casing);
  double r = ri + log(4 * p->depth_m / p->casing_m) / (2 * pi * p->l_soil);
  double x = 2 * p->depth_m / p->axes_m;
  double rh = log(sqrt(1 + x * x)) / (2 * pi * p->l_soil);
  double det = r * r - rh * rh, ts = supply_c - soil_c, tr = return_c - soil_c;
  out->supply_w_per_m = (ts * r - tr * rh) / det;
  out->return_w_per_m = (tr * r - ts * rh) / det;
  if (p->depth_m < 2 * p->casing_m)
    return qf_fail(err, QF_PARTIAL, "depth %g m is under two casings: the soil's resistance is approximate",
                   "埋深 %g 米不足两倍外护管径：土壤热阻为近似值", p->depth_m);
  return QF_OK;
}

qf_gj qf_pipe_heat(double w_per_m, double metres, double days)
{
  return (qf_gj){w_per_m * metres * days * 86400 / 1e9};
}

qf_rc qf_pipe_renewal(const qf_renewal *r, size_t n, double days, qf_gj *saved, qf_err *err)
{
  double gj = 0;
  if (!(days >= 0 && days <= 366))
    return qf_fail(err, QF_RANGE, "season of %g days", "供暖期 %g 天不合理", days);
  for (size_t i = 0; i < n; i++) {
    if (!(r[i].metres >= 0 && r[i].old_w_per_m >= 0 && r[i].new_w_per_m >= 0) || !isfinite(r[i].metres) ||
        !isfinite(r[i].old_w_per_m + r[i].new_w_per_m) || !(r[i].age_factor >= 1 && r[i].age_factor <= 2))
      return qf_fail(err, QF_RANGE, "segment %zu: %g m, %g W/m x %g, %g W/m",
                     "第 %zu 段：%g 米，%g 瓦/米 × %g，%g 瓦/米", i + 1, r[i].metres, r[i].old_w_per_m, r[i].age_factor,
                     r[i].new_w_per_m);
    gj += qf_pipe_heat(r[i].old_w_per_m * r[i].age_factor - r[i].new_w_per_m, r[i].metres, days).gj;
  }
  saved->gj = gj;
  return QF_OK;
}

qf_rc qf_pipe_leak_saving(qf_tonne less, double loss_c, double makeup_c, qf_gj *saved, qf_err *err)
{
  const double c_water = 4.1868; /* kJ/(kg K), by definition of the calorie used for standard coal */
  if (!(loss_c >= makeup_c) || !isfinite(less.t) || !isfinite(loss_c - makeup_c))
    return qf_fail(err, QF_RANGE, "%g t lost at %g, made up at %g degC", "失水 %g 吨，失水温度 %g，补水温度 %g 摄氏度",
                   less.t, loss_c, makeup_c);
  saved->gj = less.t * c_water * (loss_c - makeup_c) / 1000;
  return QF_OK;
}

qf_rc qf_pipe_loss_rate(qf_gj source, qf_gj substations, double *rate, qf_err *err)
{
  if (!(source.gj > 0) || !(substations.gj >= 0) || !isfinite(source.gj) || !isfinite(substations.gj))
    return qf_fail(err, QF_RANGE, "source %g GJ, substations %g GJ", "热源 %g 吉焦，热力站 %g 吉焦", source.gj,
                   substations.gj);
  if (substations.gj > source.gj)
    return qf_fail(err, QF_STATE, "substations measure %g GJ, more than the source's %g",
                   "热力站合计 %g 吉焦，大于热源 %g 吉焦", substations.gj, source.gj);
  *rate = (source.gj - substations.gj) / source.gj;
  return QF_OK;
}

qf_rc qf_pipe_evenness(const double *room_c, size_t n, double outdoor_c, double low_c, double high_c, qf_evenness *out,
                       qf_err *err)
{
  double sum = 0, square = 0;
  size_t under = 0, over = 0;
  if (n == 0 || !(low_c <= high_c))
    return qf_fail(err, QF_RANGE, "%zu rooms, limits %g to %g degC", "%zu 个房间，限值 %g 到 %g 摄氏度", n, low_c,
                   high_c);
  for (size_t i = 0; i < n; i++) {
    if (!(room_c[i] >= -30 && room_c[i] <= 50))
      return qf_fail(err, QF_RANGE, "room %zu: %g degC", "第 %zu 个房间：%g 摄氏度", i + 1, room_c[i]);
    sum += room_c[i];
    under += room_c[i]<low_c, over += room_c[i]> high_c;
  }
  double count = (double)n, mean = sum / count;
  for (size_t i = 0; i < n; i++)
    square += (room_c[i] - mean) * (room_c[i] - mean);
  if (!(mean > outdoor_c))
    return qf_fail(err, QF_RANGE, "rooms at %g degC are not warmer than outdoors at %g", "室温 %g 不高于室外 %g 摄氏度",
                   mean, outdoor_c);
  *out = (qf_evenness){mean, sqrt(square / count), (double)under / count, (double)over / count, 0};
  out->index = out->spread_c / (mean - outdoor_c);
  return QF_OK;
}
