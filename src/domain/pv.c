#include "domain/pv.h"
#include <math.h>
#include <stdbool.h>

static const double deg = 3.14159265358979323846 / 180;

static bool between(double v, double low, double high)
{
  return v >= low && v <= high;
}

/* negative when the sun is behind the plane */
static double cos_incidence(const qf_sun *s, const qf_plane *p)
{
  double z = s->zenith_deg * deg, b = p->tilt_deg * deg;
  return cos(z) * cos(b) + sin(z) * sin(b) * cos((s->azimuth_deg - p->azimuth_deg) * deg);
}

/* the sky's part of HDKR */
static double hdkr_sky(const qf_irradiance *i, double tilt, double cos_z, double cos_q)
{
  double a = fmin(i->dni / i->i0n, 1), s = sin(tilt / 2);
  double f = i->ghi > 0 ? sqrt(fmin(i->dni * cos_z / i->ghi, 1)) : 0;
  return i->dhi * ((1 - a) * (1 + cos(tilt)) / 2 * (1 + f * s * s * s) + a * cos_q / cos_z);
}

qf_rc qf_pv_plane_irradiance(const qf_sun *s, const qf_plane *p, const qf_irradiance *i, double *poa, qf_err *err)
{
  if (!between(p->tilt_deg, 0, 90) || !between(p->azimuth_deg, 0, 360) || !between(p->albedo, 0, 1))
    return qf_fail(err, QF_RANGE, "plane tilted %g, facing %g, albedo %g", "倾角 %g、方位 %g、反照率 %g 不合理",
                   p->tilt_deg, p->azimuth_deg, p->albedo);
  if (!between(i->ghi, 0, 1600) || !between(i->dni, 0, 1600) || !between(i->dhi, 0, 1600) || !between(i->i0n, 0, 1600))
    return qf_fail(err, QF_RANGE, "irradiance GHI %g, DNI %g, DHI %g, I0n %g W/m2",
                   "辐照度 GHI %g、DNI %g、DHI %g、I0n %g 瓦/平方米", i->ghi, i->dni, i->dhi, i->i0n);
  const double lowest = 0.0523; /* sin 3 deg */
  double b = p->tilt_deg * deg, cos_z = cos(s->zenith_deg * deg), cos_q = fmax(cos_incidence(s, p), 0);
  double beam = cos_z > 0 ? i->dni * cos_q : 0;
  double sky = i->i0n > 0 && cos_z > lowest ? hdkr_sky(i, b, cos_z, cos_q) : i->dhi * (1 + cos(b)) / 2;
  *poa = beam + sky + i->ghi * p->albedo * (1 - cos(b)) / 2;
  return QF_OK;
}

static double cell_temperature(double air_c, double poa, double noct_c)
{
  return air_c + poa * (noct_c - 20) / 800;
}

static qf_rc dc(const qf_module *m, double g, double cell_c, double *p_dc, qf_err *err)
{
  if (!(m->p0 > 0) || !isfinite(m->p0) || !between(m->gamma_per_k, -0.02, 0) || !between(m->weak_light_k, 0, 0.1))
    return qf_fail(err, QF_RANGE, "module of %g, %g /K, k %g: another unit?",
                   "组件功率 %g、温度系数 %g、k %g：单位有误？", m->p0, m->gamma_per_k, m->weak_light_k);
  if (!between(g, 0, 1600) || !between(cell_c, -60, 120))
    return qf_fail(err, QF_RANGE, "%g W/m2 at %g degC", "%g 瓦/平方米，%g 摄氏度", g, cell_c);
  double p = m->p0 * g / 1000 * (1 + m->gamma_per_k * (cell_c - 25));
  double e = g <= 200 ? 1 - pow(1 - g / 200, 4) : fmax((1000 - g) / 800, 0);
  *p_dc = fmax(p - m->p0 * m->weak_light_k * e, 0);
  return QF_OK;
}

qf_rc qf_pv_inverter(double p_dc, double p_dc0, double eta, double *p_ac, qf_err *err)
{
  if (!(p_dc0 > 0) || !isfinite(p_dc0) || !(p_dc >= 0) || !isfinite(p_dc) || !(eta > 0 && eta <= 1))
    return qf_fail(err, QF_RANGE, "inverter of %g with %g, efficiency %g", "逆变器 %g，输入 %g，效率 %g", p_dc0, p_dc,
                   eta);
  *p_ac = 0;
  if (!(p_dc > 0))
    return QF_OK;
  double x = p_dc / p_dc0; /* the curve's numbers are PVWatts version 5's reference inverter */
  double at = eta / 0.9637 * (-0.0162 * x - 0.0059 / x + 0.9858);
  *p_ac = fmax(fmin(at * p_dc, eta * p_dc0), 0);
  return QF_OK;
}

qf_rc qf_pv_expected(const qf_module *m, const qf_pv_hour *h, size_t n, double eta, qf_pv_yield *out, qf_err *err)
{
  *out = (qf_pv_yield){0};
  if (!(eta > 0 && eta <= 1) || !between(m->noct_c, 35, 60))
    return qf_fail(err, QF_RANGE, "system efficiency %g, NOCT %g", "系统效率 %g，NOCT %g", eta, m->noct_c);
  for (size_t i = 0; i < n; i++) {
    double p = 0;
    if (!(h[i].hours > 0) || !isfinite(h[i].hours))
      return qf_fail(err, QF_RANGE, "interval %zu lasts %g h", "第 %zu 个时段为 %g 小时", i + 1, h[i].hours);
    qf_rc rc = dc(m, h[i].poa, cell_temperature(h[i].air_c, h[i].poa, m->noct_c), &p, err);
    if (rc)
      return rc;
    out->ac += p * eta * h[i].hours;
    out->insolation += h[i].poa * h[i].hours / 1000;
  }
  return QF_OK;
}

qf_rc qf_pv_performance_ratio(double ac_kwh, double p0_kw, double insolation, double *pr, qf_err *err)
{
  if (!(ac_kwh >= 0) || !(p0_kw > 0) || !(insolation > 0) || !isfinite(ac_kwh + p0_kw + insolation))
    return qf_fail(err, QF_RANGE, "%g kWh of %g kW under %g kWh/m2", "%g 千瓦时，%g 千瓦，%g 千瓦时/平方米", ac_kwh,
                   p0_kw, insolation);
  *pr = ac_kwh / (p0_kw * insolation);
  return QF_OK;
}

qf_pv_state qf_pv_judge(double metered, double expected, double least, double offset)
{
  if (!(expected > 0))
    return fabs(metered) > offset ? QF_PV_NIGHT : QF_PV_UNKNOWN;
  if (!(metered > 0))
    return QF_PV_DEAD;
  return metered < least * expected ? QF_PV_LOW : QF_PV_OK;
}
