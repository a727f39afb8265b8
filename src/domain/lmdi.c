#include "domain/lmdi.h"
#include <math.h>

/* logarithmic mean of two numbers > 0 */
static double mean(double a, double b)
{
  double d = (a - b) / b; /* near a = b the quotient of two tiny numbers loses digits: series of d / ln(1 + d) */
  if (fabs(d) < 1e-4)
    return b * (1 + d / 2 - d * d / 12 + d * d * d / 24);
  return (a - b) / log(a / b);
}

static qf_rc sector_ok(const qf_lmdi_sector *s, qf_err *err)
{
  const double v[] = {s->e0, s->e1, s->v0, s->v1};
  for (int i = 0; i < 4; i++)
    if (!(v[i] >= 0) || !isfinite(v[i]))
      return qf_fail(err, QF_RANGE, "the sector has %g: must be from 0", "该行业为 %g：应不小于 0", v[i]);
  if ((s->e0 > 0 && !(s->v0 > 0)) || (s->e1 > 0 && !(s->v1 > 0)))
    return qf_fail(err, QF_RANGE, "the sector uses energy without value added: its intensity does not exist",
                   "该行业有能耗而无增加值：强度不存在");
  return QF_OK;
}

/* one sector with energy in one year only */
static void appear_or_vanish(const qf_lmdi_sector *s, qf_lmdi *out)
{
  double d = s->e1 - s->e0;
  if (s->v0 > 0 && s->v1 > 0) /* it worked in both years: energy per value came from, or went to, nothing */
    out->intensity += d;
  else
    out->structure += d;
}

static void add_terms(const qf_lmdi_sector *s, double v0, double v1, qf_lmdi *out)
{
  if (!(s->e0 > 0) || !(s->e1 > 0)) {
    appear_or_vanish(s, out);
    return;
  }
  double l = mean(s->e1, s->e0);
  out->activity += l * log(v1 / v0);
  out->structure += l * (log(s->v1 / s->v0) - log(v1 / v0));
  out->intensity += l * (log(s->e1 / s->e0) - log(s->v1 / s->v0));
}

qf_rc qf_lmdi_sector_terms(const qf_lmdi_sector *s, double v0, double v1, qf_lmdi *out, qf_err *err)
{
  *out = (qf_lmdi){.change = s->e1 - s->e0};
  qf_rc rc = sector_ok(s, err);
  if (rc)
    return rc;
  if (!(v0 > 0) || !(v1 > 0) || !(s->v0 <= v0) || !(s->v1 <= v1))
    return qf_fail(err, QF_RANGE, "a sector's value added is part of the whole, which must be over 0",
                   "行业增加值是合计的一部分，合计应大于 0");
  add_terms(s, v0, v1, out);
  return QF_OK;
}
