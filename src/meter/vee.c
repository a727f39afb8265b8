#include "meter/vee.h"
#include <math.h>
#include <string.h>

static const int64_t pow10_64[19] = {1,
                                     10,
                                     100,
                                     1000,
                                     10000,
                                     100000,
                                     1000000,
                                     10000000,
                                     100000000,
                                     1000000000,
                                     10000000000,
                                     100000000000,
                                     1000000000000,
                                     10000000000000,
                                     100000000000000,
                                     1000000000000000,
                                     10000000000000000,
                                     100000000000000000,
                                     1000000000000000000};

static bool scale_down(qf_i128 m, int e, int64_t *out)
{
  if (e > 38) { /* |m| < 2^126 < 10^38: below one half */
    *out = 0;
    return true;
  }
  bool neg = m < 0;
  qf_u128 u = neg ? -(qf_u128)m : (qf_u128)m, d = 1;
  for (int i = 0; i < e; i++)
    d *= 10;
  qf_u128 q = u / d, r = u % d;
  q += r > d - r || (r == d - r && (q & 1));
  if (q > INT64_MAX)
    return false;
  *out = neg ? -(int64_t)q : (int64_t)q;
  return true;
}

bool qf_vee_scale(qf_num k, int64_t mant, int8_t exp, int64_t *out)
{
  int e = exp + k.exp + 6;
  int64_t m;
  if (mant == 0) {
    *out = 0;
    return true;
  }
  bool small = !__builtin_mul_overflow(mant, k.mant, &m);
  if (e >= 0)
    return small && e <= 18 && !__builtin_mul_overflow(m, pow10_64[e], out);
  if (small && e >= -18) { /* 64-bit division: the common case of a finely resolved register */
    int64_t d = pow10_64[-e], q = m / d, r = m % d;
    int64_t ar = r < 0 ? -r : r;
    if (ar > d - ar || (ar == d - ar && (q & 1)))
      q += m < 0 ? -1 : 1;
    *out = q;
    return true;
  }
  return scale_down((qf_i128)mant * k.mant, -e, out);
}

bool qf_vee_no_value(int64_t mant, int8_t exp, uint8_t flags)
{
  return (flags & QF_RD_SENTINEL) || (exp >= 2 && fabs(qf_num_double((qf_num){mant, exp})) >= 1e20);
}

bool qf_vee_sentinel(int64_t mant, int8_t exp, uint8_t flags)
{
  if (qf_vee_no_value(mant, exp, flags))
    return true;
  if (exp < -6 || exp > 0)
    return false;
  int64_t d = pow10_64[-exp];
  return mant == 65535 * d || mant == 32767 * d || mant == -32768 * d || mant == 4294967295 * d || mant == -9999 * d;
}

double qf_vee_limit(double rated, qf_us dt)
{
  return 1.2 * rated * (double)dt / (double)QF_US_HOUR;
}

double qf_vee_ulp32(double r)
{
  int e;
  if (!(fabs(r) > 0))
    return 0;
  (void)frexp(r, &e); /* |r| = f 2^e, 0.5 <= f < 1: the float's unit is 2^(e-1-23) */
  return ldexp(1.0, e - 24);
}

double qf_vee_jitter(double q, double r)
{
  return 2 * fmax(q, qf_vee_ulp32(r));
}

bool qf_vee_rollover(double prev, double r, int digits)
{
  if (digits <= 0)
    return false;
  double m = pow(10.0, digits);
  return prev >= 0.9 * m && prev < m && r >= 0 && r <= 0.1 * m;
}

bool qf_vee_spike(double h1, double h3, double floor)
{
  return h3 > 0 && h3 >= floor && (h1 - h3) / h3 > QF_SPIKE;
}

static void sort(double *v, size_t n)
{
  for (size_t i = 1; i < n; i++) {
    double x = v[i];
    size_t j = i;
    for (; j > 0 && v[j - 1] > x; j--)
      v[j] = v[j - 1];
    v[j] = x;
  }
}

/* Quantile p of sorted values, linear between neighbours. */
static double quantile(const double *v, size_t n, double p)
{
  double at = p * (double)(n - 1);
  size_t i = (size_t)at;
  return i + 1 < n ? v[i] + (at - (double)i) * (v[i + 1] - v[i]) : v[i];
}

bool qf_vee_outlier(double x, const double *v, size_t n, double floor)
{
  double s[64];
  if (n < 4 || n > 64)
    return false;
  memcpy(s, v, n * sizeof *s);
  sort(s, n);
  double med = quantile(s, n, 0.5);
  for (size_t i = 0; i < n; i++)
    s[i] = fabs(v[i] - med);
  sort(s, n);
  double mad = fmax(quantile(s, n, 0.5), fmax(0.05 * fabs(med), floor));
  return fabs(x - med) > 6 * 1.4826 * mad;
}

bool qf_vee_day_high(double sum, const double *v, size_t n)
{
  double s[64];
  if (n < 4 || n > 64)
    return false;
  memcpy(s, v, n * sizeof *s);
  sort(s, n);
  return sum > quantile(s, n, 0.5) + 3 * (quantile(s, n, 0.75) - quantile(s, n, 0.25));
}

bool qf_vee_stuck(qf_us still_us, uint32_t zero_quarters, uint32_t quarters)
{
  return still_us >= QF_STUCK_US && quarters >= 7 * QF_DAY_QUARTERS && (double)zero_quarters < 0.05 * (double)quarters;
}

bool qf_vee_incomplete(uint32_t received, uint32_t expected)
{
  return (uint64_t)received * 10 < (uint64_t)expected * 9;
}

bool qf_vee_unbalanced(double parent, double children, double loss, qf_us span, double *b)
{
  *b = 0;
  if (parent <= 0 || parent < 10.0 * (double)span / (double)QF_US_DAY)
    return false;
  *b = (parent - children - loss) / parent;
  return fabs(*b) > QF_BALANCE;
}

bool qf_vee_cap(int64_t value, int64_t estimated, uint32_t intervals, uint32_t intervals_estimated)
{
  return fabs((double)estimated) > 0.1 * fabs((double)value) || (uint64_t)intervals_estimated * 20 > intervals;
}

bool qf_likeday_mean(const qf_likeday *l, int cls, int slot, int64_t *out)
{
  int n = l->n[cls][slot];
  if (n < QF_LIKE_MIN)
    return false;
  qf_i128 sum = 0;
  for (int i = 0; i < n; i++)
    sum += l->v[cls][slot][i];
  *out = (int64_t)(sum / n);
  return true;
}

/* Mean of a slot as a double; negative when it has no values. Amounts below zero count as zero: a weight. */
static double slot_mean(const qf_likeday *l, int cls, int slot)
{
  double sum = 0;
  for (int i = 0; i < l->n[cls][slot]; i++)
    sum += (double)l->v[cls][slot][i];
  return l->n[cls][slot] ? fmax(0, sum / l->n[cls][slot]) : -1;
}

/* Fill the holes of one class: by its own mean, or - when it has no value at all - by the other classes' slots. */
static bool fill_class(const qf_likeday *l, int cls, double *p)
{
  double sum = 0;
  int n = 0;
  for (int s = 0; s < QF_DAY_QUARTERS; s++) {
    p[s] = slot_mean(l, cls, s);
    if (p[s] >= 0) {
      sum += p[s];
      n++;
    }
  }
  for (int s = 0; n && s < QF_DAY_QUARTERS; s++)
    if (p[s] < 0)
      p[s] = sum / n;
  return n > 0;
}

bool qf_likeday_shape(const qf_likeday *l, qf_shape *out)
{
  double p[QF_DAY_CLASSES][QF_DAY_QUARTERS], top = 0;
  bool have[QF_DAY_CLASSES];
  int known = -1;
  for (int c = 0; c < QF_DAY_CLASSES; c++) {
    have[c] = fill_class(l, c, p[c]);
    if (have[c] && known < 0)
      known = c;
  }
  if (known < 0)
    return false;
  for (int c = 0; c < QF_DAY_CLASSES; c++) {
    if (!have[c])
      memcpy(p[c], p[known], sizeof p[c]);
    for (int s = 0; s < QF_DAY_QUARTERS; s++)
      top = fmax(top, p[c][s]);
  }
  if (!(top > 0))
    return false;
  for (int c = 0; c < QF_DAY_CLASSES; c++)
    for (int s = 0; s < QF_DAY_QUARTERS; s++)
      out->w[c][s] = (uint32_t)(p[c][s] / top * 16777216.0);
  return true;
}
