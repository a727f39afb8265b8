#include "domain/inclusion.h"
#include <math.h>
#include <string.h>

qf_rc qf_incl_method(const qf_method *m, qf_err *err)
{
  if (!(m->baseline_g >= 0) || !(m->project_g >= 0) || !isfinite(m->baseline_g + m->project_g))
    return qf_fail(err, QF_RANGE, "baseline %g, project %g g: must be from 0", "基准 %g 克、项目 %g 克：应不小于 0",
                   m->baseline_g, m->project_g);
  if (!(m->most_per_act > 0) || !(m->most_per_day > 0))
    return qf_fail(err, QF_RANGE, "caps %g an act, %g a day: must be over 0", "单次上限 %g、每日上限 %g：应大于 0",
                   m->most_per_act, m->most_per_day);
  if (!(m->least_kmh >= 0) || !(m->most_kmh >= m->least_kmh) || !(m->step_m >= 0) || !(m->step_tolerance >= 0) ||
      m->to < m->from)
    return qf_fail(err, QF_RANGE, "speed %g to %g km/h, step %g m, or days out of order",
                   "速度 %g 至 %g 千米/时、步长 %g 米或有效期次序有误", m->least_kmh, m->most_kmh, m->step_m);
  return QF_OK;
}

static qf_act_verdict plausible(const qf_method *m, const qf_act *a)
{
  if (!a->consent)
    return QF_ACT_NO_CONSENT;
  if (a->day < m->from || a->day > m->to)
    return QF_ACT_NOT_IN_FORCE;
  if (!(a->units > 0) || !isfinite(a->units) || a->end_s < a->start_s)
    return QF_ACT_MALFORMED;
  if (a->units > m->most_per_act)
    return QF_ACT_TOO_MUCH;
  if (m->most_kmh > 0) {
    double hours = ((double)a->end_s - (double)a->start_s) / 3600,
           kmh = hours > 0 ? a->units / hours : (double)INFINITY;
    if (kmh < m->least_kmh || kmh > m->most_kmh)
      return QF_ACT_SPEED;
  }
  if (m->step_m > 0 && a->steps >= 0) {
    double walked_km = (double)a->steps * m->step_m / 1000;
    if (!(fabs(walked_km - a->units) <= m->step_tolerance * a->units))
      return QF_ACT_STEPS;
  }
  return QF_ACT_OK;
}

qf_credit qf_incl_credit(const qf_method *m, const qf_act *a, double today)
{
  qf_credit c = {plausible(m, a), 0, 0};
  if (c.verdict != QF_ACT_OK)
    return c;
  double left = fmax(m->most_per_day - fmax(today, 0), 0);
  c.units = fmin(a->units, left);
  if (c.units < a->units)
    c.verdict = QF_ACT_CAPPED;
  double grams = floor((m->baseline_g - m->project_g) * c.units + 1e-6); /* 0.1 g x 10 is 1 g */
  c.grams = grams > 0 && grams < 9e15 ? (int64_t)grams : 0;
  return c;
}

bool qf_incl_duplicate(const qf_act *a, const qf_act *b)
{
  if (strcmp(a->device, b->device) != 0)
    return false;
  if (a->start_s == b->start_s && strcmp(a->method, b->method) == 0)
    return true;
  return a->start_s < b->end_s && b->start_s < a->end_s && a->end_s > a->start_s && b->end_s > b->start_s;
}

qf_rc qf_incl_average_baseline(const double *grams, const double *pkm, size_t n, double *out, qf_err *err)
{
  double g = 0, km = 0;
  for (size_t i = 0; i < n; i++) {
    if (!(grams[i] >= 0) || !(pkm[i] >= 0))
      return qf_fail(err, QF_RANGE, "mode %zu: %g g over %g pkm", "第 %zu 种方式：%g 克，%g 人公里", i + 1, grams[i],
                     pkm[i]);
    g += grams[i], km += pkm[i];
  }
  if (!(km > 0) || !isfinite(g) || !isfinite(km))
    return qf_fail(err, QF_RANGE, "no passenger-kilometres", "没有人公里");
  *out = g / km;
  return QF_OK;
}

qf_rc qf_incl_points(int64_t grams, int64_t points, int64_t grams_per, int64_t *out, qf_err *err)
{
  if (points < 0 || grams_per < 1 || (grams > 0 && points > INT64_MAX / grams))
    return qf_fail(err, QF_RANGE, "%lld points for %lld g", "%lld 分对应 %lld 克：不合理", (long long)points,
                   (long long)grams_per);
  *out = grams > 0 ? grams * points / grams_per : 0;
  return QF_OK;
}

qf_rc qf_incl_claw_back(int64_t credited, int64_t already, int64_t grams, int64_t *entry, qf_err *err)
{
  if (credited < 0 || already < 0 || already > credited || grams <= 0 || grams > credited - already)
    return qf_fail(err, QF_RANGE, "claw back %lld g of %lld, %lld already", "追回 %lld 克（原记 %lld，已追回 %lld）",
                   (long long)grams, (long long)credited, (long long)already);
  *entry = -grams;
  return QF_OK;
}
