#include "domain/stats.h"
#include <math.h>
#include <string.h>

qf_rc qf_stat_growth(double x, double base, double *g)
{
  if (!(base > 0) || !isfinite(x))
    return QF_RANGE;
  *g = x / base - 1;
  return QF_OK;
}

double qf_stat_growth_product(double a, double b)
{
  return (1 + a) * (1 + b) - 1;
}

qf_rc qf_stat_growth_quotient(double a, double b, double *g)
{
  if (!(b > -1) || !isfinite(a))
    return QF_RANGE;
  *g = (1 + a) / (1 + b) - 1;
  return QF_OK;
}

qf_rc qf_stat_previous(double x, double half_x, double g, double half_g, double out[3])
{
  if (!(1 + g - half_g > 0) || !isfinite(x))
    return QF_RANGE;
  out[0] = (x - half_x) / (1 + g + half_g);
  out[1] = x / (1 + g);
  out[2] = (x + half_x) / (1 + g - half_g);
  return QF_OK;
}

qf_rc qf_stat_share(const qf_share_side *num, const qf_share_side *den, double least, double *share, qf_err *err)
{
  if (strcmp(num->scope, den->scope) != 0)
    return qf_fail(err, QF_STATE, "numerator counts \"%s\", denominator \"%s\": no share across scopes",
                   "分子口径“%s”与分母口径“%s”不同：不得相除", num->scope, den->scope);
  if (num->from != den->from || num->to != den->to)
    return qf_fail(err, QF_STATE, "numerator and denominator cover different periods", "分子与分母的时期不同");
  if (!(den->value > 0) || !(num->value >= 0))
    return qf_fail(err, QF_RANGE, "share of %g in %g: the whole must be over 0 and the part from 0",
                   "占比 %g ÷ %g：分母应大于 0，分子不小于 0", num->value, den->value);
  *share = num->value / den->value;
  double c = fmin(num->completeness, den->completeness);
  if (!(c >= least))
    return qf_fail(err, QF_PARTIAL, "only %.1f %% of the records due are in", "应报记录仅到 %.1f %%", c * 100);
  return QF_OK;
}

qf_dec qf_stat_round_half_up(qf_dec v, int scale)
{
  if (scale >= v.scale)
    return v;
  qf_i128 p = 1;
  for (int i = scale; i < v.scale; i++)
    p *= 10;
  qf_i128 q = v.mant / p, r = v.mant % p; /* both towards zero */
  if (r * 2 >= p)
    q++;
  else if (-r * 2 >= p)
    q--;
  return (qf_dec){q, (int8_t)scale};
}
