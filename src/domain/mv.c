#include "domain/mv.h"
#include <math.h>

qf_rc qf_mv_metrics(const double *m, const double *p, size_t n, size_t parameters, qf_fit *out, qf_err *err)
{
  double sum = 0, off = 0, square = 0;
  if (n <= parameters)
    return qf_fail(err, QF_RANGE, "%zu values for %zu parameters", "%zu 个值、%zu 个参数", n, parameters);
  for (size_t i = 0; i < n; i++) {
    double d = m[i] - p[i];
    sum += m[i], off += d, square += d * d;
  }
  double mean = sum / (double)n, freedom = (double)(n - parameters);
  if (!(mean > 0) || !isfinite(mean) || !isfinite(square))
    return qf_fail(err, QF_RANGE, "mean of the metered values is %g", "实测均值为 %g", mean);
  out->nmbe = off / (freedom * mean);
  out->cv_rmse = sqrt(square / freedom) / mean;
  return QF_OK;
}

typedef struct series {
  const double *t, *y;
  size_t n;
  double mean, total; /* of y, and sum of squares about it */
} series;

static double below(double at, double t)
{
  return t < at ? at - t : 0;
}

/* regressors of a kind at balance points; returns how many */
static size_t terms(const qf_cp *m, double t, double x[2])
{
  switch (m->kind) {
  case QF_CP_MEAN:
    return 0;
  case QF_CP_2P:
    x[0] = t;
    return 1;
  case QF_CP_3PH:
    x[0] = below(m->heat_at, t);
    return 1;
  case QF_CP_3PC:
    x[0] = below(-m->cool_at, -t);
    return 1;
  case QF_CP_4P:
  case QF_CP_5P:
    x[0] = below(m->heat_at, t), x[1] = below(-m->cool_at, -t);
    return 2;
  }
  return 0;
}

static void put_slopes(qf_cp *m, const double b[2])
{
  m->heat = m->cool = 0;
  if (m->kind == QF_CP_3PH)
    m->heat = b[0];
  else if (m->kind == QF_CP_2P || m->kind == QF_CP_3PC)
    m->cool = b[0];
  else if (m->kind != QF_CP_MEAN)
    m->heat = b[0], m->cool = b[1];
}

/* does every degree-day term have days and degree days enough? */
static bool supported(const series *s, const qf_cp *m, const qf_cp_grid *g)
{
  double days[2] = {0, 0}, sum[2] = {0, 0}, x[2] = {0, 0};
  size_t k = 0;
  if (m->kind == QF_CP_MEAN || m->kind == QF_CP_2P)
    return true;
  for (size_t i = 0; i < s->n; i++) {
    k = terms(m, s->t[i], x);
    for (size_t j = 0; j < k; j++)
      days[j] += x[j] > 0, sum[j] += x[j];
  }
  for (size_t j = 0; j < k; j++)
    if (days[j] < g->least_days || sum[j] < g->least_sum)
      return false;
  return true;
}

/* least squares about the means at fixed balance points; false when the terms do not vary or are one */
static bool solve(const series *s, qf_cp *m, double *rss)
{
  double mx[2] = {0, 0}, a[3] = {0, 0, 0}, c[2] = {0, 0}, b[2] = {0, 0}, x[2] = {0, 0};
  size_t k = 0;
  for (size_t i = 0; i < s->n; i++) {
    k = terms(m, s->t[i], x);
    mx[0] += x[0] / (double)s->n, mx[1] += x[1] / (double)s->n;
  }
  for (size_t i = 0; i < s->n; i++) {
    terms(m, s->t[i], x);
    double u = x[0] - mx[0], v = x[1] - mx[1], y = s->y[i] - s->mean;
    a[0] += u * u, a[1] += u * v, a[2] += v * v;
    c[0] += u * y, c[1] += v * y;
  }
  double det = a[0] * a[2] - a[1] * a[1];
  if ((k >= 1 && !(a[0] > 1e-9)) || (k == 2 && !(det > 1e-9 * a[0] * a[2])))
    return false;
  if (k == 1)
    b[0] = c[0] / a[0];
  else if (k == 2)
    b[0] = (c[0] * a[2] - c[1] * a[1]) / det, b[1] = (c[1] * a[0] - c[0] * a[1]) / det;
  put_slopes(m, b);
  m->base = s->mean - b[0] * mx[0] - b[1] * mx[1];
  *rss = 0;
  for (size_t i = 0; i < s->n; i++) {
    double d = s->y[i] - qf_cp_predict(m, s->t[i]);
    *rss += d * d;
  }
  return true;
}

double qf_cp_predict(const qf_cp *m, double t)
{
  if (m->kind == QF_CP_2P)
    return m->base + m->cool * t;
  return m->base + m->heat * below(m->heat_at, t) + m->cool * below(-m->cool_at, -t);
}

static size_t slopes_of(qf_cp_kind k)
{
  return k == QF_CP_MEAN ? 0 : k >= QF_CP_4P ? 2 : 1;
}

static void judge(const series *s, qf_cp *m, double rss)
{
  double n = (double)s->n, c = (double)slopes_of(m->kind);
  m->r2 = s->total > 0 ? 1 - rss / s->total : 0;
  m->adjusted_r2 = 1 - (1 - m->r2) * (n - 1) / (n - c - 1);
  m->cv_rmse = s->mean > 0 ? sqrt(rss / (n - c - 1)) / s->mean : (double)NAN;
}

static qf_rc series_of(const double *t, const double *y, size_t n, const qf_cp_grid *g, series *s, qf_err *err)
{
  *s = (series){t, y, n, 0, 0};
  if (!(g->step > 0) || !(g->high >= g->low) || !((g->high - g->low) / g->step <= 200))
    return qf_fail(err, QF_RANGE, "balance points %g to %g by %g", "平衡点 %g 至 %g，步长 %g", g->low, g->high,
                   g->step);
  for (size_t i = 0; i < n; i++) {
    if (!isfinite(t[i]) || !isfinite(y[i]))
      return qf_fail(err, QF_RANGE, "value %zu is missing: %g at %g degC", "第 %zu 个值缺失：%g，%g 摄氏度", i + 1,
                     y[i], t[i]);
    s->mean += y[i];
  }
  s->mean /= n ? (double)n : 1;
  for (size_t i = 0; i < n; i++)
    s->total += (y[i] - s->mean) * (y[i] - s->mean);
  return QF_OK;
}

/* keep the better of best and one try */
static void try_at(const series *s, const qf_cp_grid *g, qf_cp *m, qf_cp *best, double *best_rss)
{
  double rss;
  if (!supported(s, m, g) || !solve(s, m, &rss) || !(rss < *best_rss))
    return;
  *best = *m, *best_rss = rss;
}

qf_rc qf_cp_fit(qf_cp_kind kind, const double *t, const double *y, size_t n, const qf_cp_grid *g, qf_cp *out,
                qf_err *err)
{
  series s;
  double best = (double)INFINITY;
  *out = (qf_cp){.kind = kind};
  static const size_t parameters[] = {1, 2, 3, 3, 4, 5};
  if (n <= parameters[kind])
    return qf_fail(err, QF_RANGE, "%zu values for %zu parameters", "%zu 个值、%zu 个参数", n, parameters[kind]);
  qf_rc rc = series_of(t, y, n, g, &s, err);
  if (rc)
    return rc;
  size_t steps = kind == QF_CP_MEAN || kind == QF_CP_2P ? 0 : (size_t)floor((g->high - g->low) / g->step + 1e-9);
  for (size_t h = 0; h <= steps; h++) {
    qf_cp m = {.kind = kind, .heat_at = g->low + (double)h * g->step};
    m.cool_at = m.heat_at;
    if (kind != QF_CP_5P) {
      try_at(&s, g, &m, out, &best);
      continue;
    }
    for (size_t c = h; c <= steps; c++) {
      m.cool_at = g->low + (double)c * g->step;
      try_at(&s, g, &m, out, &best);
    }
  }
  if (!isfinite(best))
    return qf_fail(err, QF_STATE, "temperature does not vary enough for this model", "气温变化不足以拟合该模型");
  if (kind <= QF_CP_2P || kind == QF_CP_3PC)
    out->heat_at = 0;
  if (kind <= QF_CP_3PH)
    out->cool_at = 0;
  judge(&s, out, best);
  return QF_OK;
}

static bool slopes_positive(const qf_cp *m)
{
  switch (m->kind) {
  case QF_CP_3PH:
    return m->heat > 0;
  case QF_CP_3PC:
    return m->cool > 0;
  case QF_CP_5P:
    return m->heat > 0 && m->cool > 0;
  default:
    return true;
  }
}

qf_rc qf_cp_choose(const double *t, const double *y, size_t n, const qf_cp_grid *g, qf_cp *out, qf_err *err)
{
  static const qf_cp_kind more[] = {QF_CP_3PH, QF_CP_3PC, QF_CP_5P};
  qf_rc rc = qf_cp_fit(QF_CP_MEAN, t, y, n, g, out, err);
  for (size_t i = 0; !rc && i < 3; i++) {
    qf_cp m;
    if (qf_cp_fit(more[i], t, y, n, g, &m, NULL) == QF_OK && slopes_positive(&m) && m.adjusted_r2 > out->adjusted_r2)
      *out = m; /* a kind that cannot be fitted is no candidate */
  }
  return rc;
}

double qf_cp_avoided(const qf_cp *m, const double *t, const double *metered, size_t n)
{
  double sum = 0;
  for (size_t i = 0; i < n; i++)
    sum += qf_cp_predict(m, t[i]) - metered[i];
  return sum;
}

qf_rc qf_mv_uncertainty(const qf_uncertainty *u, double *fraction, qf_err *err)
{
  if (!(u->baseline > 0) || !(u->effective > 0) || !(u->reporting > 0) || !(u->saving > 0) || !(u->cv_rmse >= 0))
    return qf_fail(err, QF_RANGE, "periods %g, %g, %g and saving %g must be over 0",
                   "期数 %g、%g、%g 与节能率 %g 应大于 0", u->baseline, u->effective, u->reporting, u->saving);
  double shape = u->a * u->months * u->months + u->b * u->months + u->d;
  double spread = sqrt(u->baseline / u->effective * (1 + 2 / u->effective) / u->reporting);
  *fraction = u->t * shape * u->cv_rmse * spread / u->saving;
  return QF_OK;
}

double qf_mv_effective(const double *residual, size_t n)
{
  double both = 0, square = 0;
  for (size_t i = 0; i < n; i++) {
    square += residual[i] * residual[i];
    both += i ? residual[i] * residual[i - 1] : 0;
  }
  double rho = square > 0 ? fmin(fmax(both / square, 0), 1) : 0;
  return fmax((double)n * (1 - rho) / (1 + rho), 1);
}
