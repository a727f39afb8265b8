#include "domain/equipment.h"
#include <math.h>
#include <regex.h>

static bool between(double v, double low, double high)
{
  return v >= low && v <= high;
}

qf_rc qf_motor_limit(const qf_motor_curve *c, double kw, double *eta, qf_err *err)
{
  if (!between(kw, 0.75, 1000))
    return qf_fail(err, QF_RANGE, "motor of %g kW: the table covers 0.75 to 1000",
                   "电动机 %g 千瓦：表格范围为 0.75 至 1000", kw);
  double x = log10(fmin(kw, 200));
  double v = ((c->a * x + c->b) * x + c->c) * x + c->d;
  if (!between(v, 50, 100))
    return qf_fail(err, QF_RANGE, "the curve gives %g %% at %g kW", "曲线给出 %g %%（%g 千瓦处）", v, kw);
  *eta = round(v * 10) / 10;
  return QF_OK;
}

qf_rc qf_motor_class(double eta, const double *limits, size_t n, int *out, qf_err *err)
{
  if (!between(eta, 1, 100))
    return qf_fail(err, QF_RANGE, "efficiency %g %%", "效率 %g %%", eta);
  *out = 0;
  for (size_t i = 0; i < n; i++) {
    if (!(limits[i] > 0) || (i && !(limits[i] >= limits[i - 1])))
      return qf_fail(err, QF_RANGE, "limit %zu is out of order: %g", "第 %zu 级限值次序有误：%g", i + 1, limits[i]);
    if (eta >= limits[i] - 1e-9)
      *out = (int)i + 1;
  }
  return QF_OK;
}

qf_rc qf_motor_saving(double kw, double load, double hours, const double eta[2], qf_kwh *out, qf_err *err)
{
  if (!(kw > 0) || !isfinite(kw) || !between(load, 0, 1) || !between(hours, 0, 8784))
    return qf_fail(err, QF_RANGE, "%g kW at load %g for %g h", "%g 千瓦，负荷率 %g，%g 小时", kw, load, hours);
  if (!(eta[0] > 0 && eta[0] <= 1 && eta[1] > 0 && eta[1] <= 1))
    return qf_fail(err, QF_RANGE, "efficiencies %g and %g: fractions up to 1", "效率 %g 与 %g：应为不大于 1 的小数",
                   eta[0], eta[1]);
  out->kwh = kw * load * hours * (1 / eta[0] - 1 / eta[1]);
  return QF_OK;
}

qf_rc qf_transformer_loss(const qf_transformer *t, double load, qf_kwh *out, qf_err *err)
{
  if (!between(t->p0_kw, 0, 1e4) || !between(t->pk_kw, 0, 1e5) || !between(load, 0, 1.5))
    return qf_fail(err, QF_RANGE, "transformer P0 %g, Pk %g kW at load %g", "变压器空载 %g、负载 %g 千瓦，负荷率 %g",
                   t->p0_kw, t->pk_kw, load);
  out->kwh = 8760 * (t->p0_kw + load * load * t->pk_kw);
  return QF_OK;
}

int qf_transformer_grade(const qf_transformer *t, const qf_transformer limits[3])
{
  for (int g = 0; g < 3; g++)
    if (t->p0_kw <= limits[g].p0_kw && t->pk_kw <= limits[g].pk_kw)
      return g + 1;
  return 4;
}

qf_rc qf_equipment_listed(const char *const *patterns, size_t n, const char *model, size_t *which, qf_err *err)
{
  *which = 0;
  for (size_t i = 0; i < n; i++) {
    regex_t re;
    if (regcomp(&re, patterns[i], REG_EXTENDED | REG_NOSUB) != 0)
      return qf_fail(err, QF_SYNTAX, "pattern %zu does not compile: %s", "第 %zu 个型号规则无法解析：%s", i + 1,
                     patterns[i]);
    bool fits = regexec(&re, model, 0, NULL, 0) == 0;
    regfree(&re);
    if (fits) {
      *which = i + 1;
      return QF_OK;
    }
  }
  return QF_OK;
}

bool qf_equipment_low_load(const double *load, size_t n, double low, double most, double *share)
{
  size_t ran = 0, under = 0;
  for (size_t i = 0; i < n; i++) {
    ran += load[i] > 0;
    under += load[i] > 0 && load[i] < low;
  }
  *share = ran ? (double)under / (double)ran : (double)NAN;
  return *share > most;
}

qf_rc qf_equipment_drift(const qf_drift *d, const double *x, size_t n, size_t *at, qf_err *err)
{
  double s = 0;
  *at = 0;
  if (!(d->deviation > 0) || !(d->k > 0) || !(d->h > 0) || !isfinite(d->mean))
    return qf_fail(err, QF_RANGE, "baseline %g +- %g, k %g, h %g", "基线 %g ± %g，k %g，h %g", d->mean, d->deviation,
                   d->k, d->h);
  for (size_t i = 0; i < n; i++) {
    if (!isfinite(x[i]))
      continue;
    s = fmax(0, s + (x[i] - d->mean) / d->deviation - d->k);
    if (s > d->h) {
      *at = i + 1;
      return QF_OK;
    }
  }
  return QF_OK;
}

qf_rc qf_equipment_leak(const double *night, size_t n, double mean, double most, bool *leaks, qf_err *err)
{
  double least = (double)INFINITY;
  for (size_t i = 0; i < n; i++)
    if (isfinite(night[i]))
      least = fmin(least, night[i]);
  if (!(mean > 0) || !isfinite(least))
    return qf_fail(err, QF_RANGE, "day's mean %g, %zu night values", "日均 %g，夜间值 %zu 个", mean, n);
  *leaks = least / mean > most;
  return QF_OK;
}
