/* Law: mant_a * mant_b * 10^(exp_a + exp_b), in 128 bits, then trailing zeros dropped or the last digits rounded until the
 * mantissa has 18 digits. */
#include "wire/scale.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MANT_END INT64_C(1000000000000000000) /* 10^18: mantissas stay below it */

qf_rc qf_num_times(qf_num a, qf_num b, qf_num *out, bool *exact)
{
  qf_i128 m = (qf_i128)a.mant * b.mant; /* |m| < 2^126 */
  int e = a.exp + b.exp;
  bool neg = m < 0, lost = false;
  qf_u128 u = neg ? -(qf_u128)m : (qf_u128)m;
  unsigned last = 0;
  while (u >= (qf_u128)MANT_END) {
    last = (unsigned)(u % 10);
    lost = lost || last != 0;
    u /= 10;
    e++;
  }
  u += lost && last >= 5;
  if (e < -30 || e > 30)
    return QF_RANGE;
  if (lost && exact)
    *exact = false;
  out->mant = neg ? -(int64_t)u : (int64_t)u;
  out->exp = (int8_t)e;
  return QF_OK;
}

static qf_rc as_num(qf_dec d, qf_num *out)
{
  d = qf_dec_trim(d);
  if (d.mant <= 0 || d.mant >= (qf_i128)MANT_END)
    return QF_RANGE;
  out->mant = (int64_t)d.mant;
  out->exp = (int8_t)-d.scale;
  return QF_OK;
}

qf_rc qf_factor_parse(const char *s, qf_num *out)
{
  const char *slash = strchr(s, '/');
  qf_dec a, b, q, back;
  qf_rc rc;
  if (!slash) {
    if ((rc = qf_dec_parse(s, strlen(s), &a)))
      return rc;
    return as_num(a, out);
  }
  if ((rc = qf_dec_parse(s, (size_t)(slash - s), &a)) || (rc = qf_dec_parse(slash + 1, strlen(slash + 1), &b)))
    return rc;
  if (a.mant <= 0 || b.mant <= 0)
    return QF_RANGE;
  if ((rc = qf_dec_div(a, b, 18, &q)))
    return rc;
  q = qf_dec_trim(q);
  if (qf_dec_mul(q, b, &back) || qf_dec_cmp(back, a))
    return QF_RANGE; /* 100/3 is no decimal */
  return as_num(q, out);
}

qf_num qf_num_u64(uint64_t v, bool *exact)
{
  int e = 0;
  unsigned last = 0;
  bool lost = false;
  while (v >= (uint64_t)MANT_END) {
    last = (unsigned)(v % 10);
    lost = lost || last != 0;
    v /= 10;
    e++;
  }
  if (lost && exact)
    *exact = false;
  v += lost && last >= 5;
  return (qf_num){(int64_t)v, (int8_t)e};
}

qf_rc qf_num_float(double v, bool single, qf_num *out)
{
  char s[40];
  if (!isfinite(v))
    return QF_RANGE;
  for (int digits = single ? 6 : 15; digits <= (single ? 9 : 17); digits++) {
    snprintf(s, sizeof s, "%.*g", digits, v);
    if (single ? strtof(s, NULL) == (float)v : strtod(s, NULL) == v) /* NOLINT: the bits are what is compared */
      break;
  }
  return qf_num_parse(s, strlen(s), out, NULL);
}
