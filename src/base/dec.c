#include "base/dec.h"
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

/* m / 10^k, half to even. k >= 0. */
static qf_i128 shift_down(qf_i128 m, int k, bool *exact)
{
  bool up = false, lost = false;
  bool neg = m < 0;
  qf_u128 u = neg ? -(qf_u128)m : (qf_u128)m;
  while (k > 0 && u) {
    int s = k > 18 ? 18 : k;
    qf_u128 d = (uint64_t)pow10_64[s], r = u % d;
    u /= d;
    k -= s;
    bool more = lost; /* digits below were already cut */
    if (r)
      lost = true;
    up = k == 0 && (r * 2 > d || (r * 2 == d && (more || (u & 1))));
  }
  if (exact)
    *exact = !lost;
  u += up;
  return neg ? -(qf_i128)u : (qf_i128)u;
}

static bool mul_pow10(qf_i128 *m, int k)
{
  while (k > 0) {
    int s = k > 18 ? 18 : k;
    if (__builtin_mul_overflow(*m, (qf_i128)pow10_64[s], m))
      return false;
    k -= s;
  }
  return true;
}

typedef struct digits {
  uint64_t mant;
  int dropped;        /* digits left out after the 18th */
  bool sticky, round; /* of the dropped ones: any after the first, and the first */
  uint8_t first;
  int sig;
} digits;

static void take_digit(digits *d, unsigned c)
{
  if (d->sig < 18) {
    d->mant = d->mant * 10 + c;
    d->sig += d->mant != 0;
    return;
  }
  if (d->dropped++ == 0)
    d->first = (uint8_t)c;
  else
    d->sticky |= c != 0;
}

static qf_rc parse_exponent(const char *s, size_t n, size_t i, long *out)
{
  bool neg = false;
  if (i < n && (s[i] == '+' || s[i] == '-'))
    neg = s[i++] == '-';
  if (i >= n)
    return QF_SYNTAX;
  long e = 0;
  for (; i < n; i++) {
    if (s[i] < '0' || s[i] > '9')
      return QF_SYNTAX;
    if (e < 100000)
      e = e * 10 + (s[i] - '0');
  }
  *out = neg ? -e : e;
  return QF_OK;
}

static qf_rc finish(digits d, bool neg, long exp, qf_num *out, bool *exact)
{
  exp += d.dropped;
  bool ok = d.dropped == 0 || (d.first == 0 && !d.sticky);
  if (d.dropped && (d.first > 5 || (d.first == 5 && (d.sticky || (d.mant & 1)))))
    d.mant++;
  if (exact)
    *exact = ok;
  while (exp < -30 && d.mant % 10 == 0 && d.mant) { /* zeros at the end may be given up for range */
    d.mant /= 10;
    exp++;
  }
  while (exp > 30 && d.mant && d.mant < 100000000000000000u) {
    d.mant *= 10;
    exp--;
  }
  if (d.mant == 0)
    exp = exp < -30 ? -30 : exp > 0 ? 0 : exp;
  if (exp < -30 || exp > 30)
    return QF_RANGE;
  out->mant = neg ? -(int64_t)d.mant : (int64_t)d.mant;
  out->exp = (int8_t)exp;
  return QF_OK;
}

qf_rc qf_num_parse(const char *s, size_t n, qf_num *out, bool *exact)
{
  size_t i = 0;
  bool neg = false, any = false;
  long exp = 0;
  digits d = {0};
  if (n && (s[0] == '-' || s[0] == '+'))
    neg = s[i++] == '-';
  for (; i < n && (unsigned char)(s[i] - '0') <= 9; i++, any = true)
    take_digit(&d, (unsigned)(s[i] - '0'));
  if (i < n && s[i] == '.') {
    for (i++; i < n && (unsigned char)(s[i] - '0') <= 9; i++, any = true) {
      take_digit(&d, (unsigned)(s[i] - '0'));
      exp--;
    }
  }
  if (!any)
    return QF_SYNTAX;
  if (i < n && (s[i] == 'e' || s[i] == 'E')) {
    long e = 0;
    qf_rc rc = parse_exponent(s, n, i + 1, &e);
    if (rc)
      return rc;
    exp += e;
  } else if (i < n) {
    return QF_SYNTAX;
  }
  return finish(d, neg, exp, out, exact);
}

qf_rc qf_num_scale(qf_num v, int to_exp, int64_t *out, bool *exact)
{
  int k = v.exp - to_exp;
  if (exact)
    *exact = true;
  qf_i128 m = v.mant;
  if (k < 0) {
    m = shift_down(m, -k, exact);
  } else if (m != 0) {
    if (k > 19 || !mul_pow10(&m, k))
      return QF_RANGE;
  }
  if (m > INT64_MAX || m < INT64_MIN)
    return QF_RANGE;
  *out = (int64_t)m;
  return QF_OK;
}

double qf_num_double(qf_num v)
{
  if (v.exp >= 0)
    return v.exp <= 18 ? (double)v.mant * (double)pow10_64[v.exp] : (double)v.mant * pow(10.0, v.exp);
  return v.exp >= -18 ? (double)v.mant / (double)pow10_64[-v.exp] : (double)v.mant / pow(10.0, -v.exp);
}

int qf_num_cmp(qf_num a, qf_num b)
{
  if (a.exp == b.exp)
    return a.mant < b.mant ? -1 : a.mant > b.mant;
  int sa = (a.mant > 0) - (a.mant < 0), sb = (b.mant > 0) - (b.mant < 0);
  if (sa != sb)
    return sa < sb ? -1 : 1;
  if (sa == 0)
    return 0;
  bool swap = a.exp < b.exp; /* bring the larger exponent down; if that overflows it is the larger magnitude */
  qf_num hi = swap ? b : a, lo = swap ? a : b;
  qf_i128 m = hi.mant;
  int c = !mul_pow10(&m, hi.exp - lo.exp) ? sa : m < lo.mant ? -1 : m > lo.mant;
  return swap ? -c : c;
}

static void write_scaled(qf_buf *b, qf_i128 mant, int scale)
{
  char t[64];
  size_t n = 0;
  bool neg = mant < 0;
  qf_u128 u = neg ? -(qf_u128)mant : (qf_u128)mant;
  do {
    if (scale > 0 && (int)n == scale)
      t[n++] = '.', scale = 0;
    t[n++] = (char)('0' + (int)(u % 10));
    u /= 10;
  } while (u || scale > 0);
  if (neg)
    t[n++] = '-';
  for (size_t i = 0; i < n / 2; i++) {
    char c = t[i];
    t[i] = t[n - 1 - i];
    t[n - 1 - i] = c;
  }
  if (t[0] == '.' || (t[0] == '-' && t[1] == '.')) {
    memmove(t + neg + 1, t + neg, n - (size_t)neg);
    t[neg] = '0';
    n++;
  }
  qf_buf_put(b, t, n);
}

void qf_num_write(qf_buf *b, qf_num v)
{
  if (v.exp > 0) {
    write_scaled(b, v.mant, 0);
    for (int i = 0; i < v.exp && v.mant; i++)
      qf_buf_putc(b, '0');
  } else {
    write_scaled(b, v.mant, -v.exp);
  }
}

qf_dec qf_dec_int(int64_t mant, int scale)
{
  return (qf_dec){mant, (int8_t)scale};
}

qf_rc qf_dec_parse(const char *s, size_t n, qf_dec *out)
{
  size_t i = 0;
  bool neg = false, any = false, point = false;
  qf_i128 m = 0;
  int scale = 0;
  if (n && (s[0] == '-' || s[0] == '+'))
    neg = s[i++] == '-';
  for (; i < n; i++) {
    if (s[i] == '.' && !point) {
      point = true;
      continue;
    }
    if (s[i] < '0' || s[i] > '9')
      return QF_SYNTAX;
    any = true;
    scale += point;
    if (scale > 18 || __builtin_mul_overflow(m, (qf_i128)10, &m) ||
        __builtin_add_overflow(m, (qf_i128)(s[i] - '0'), &m))
      return QF_RANGE;
  }
  if (!any)
    return QF_SYNTAX;
  *out = (qf_dec){neg ? -m : m, (int8_t)scale};
  return QF_OK;
}

qf_dec qf_dec_trim(qf_dec a)
{
  while (a.scale > 0 && a.mant % 10 == 0) {
    a.mant /= 10;
    a.scale--;
  }
  return a;
}

static bool align(qf_dec *a, qf_dec *b)
{
  if (a->scale > b->scale) {
    if (!mul_pow10(&b->mant, a->scale - b->scale))
      return false;
    b->scale = a->scale;
  } else if (b->scale > a->scale) {
    if (!mul_pow10(&a->mant, b->scale - a->scale))
      return false;
    a->scale = b->scale;
  }
  return true;
}

qf_rc qf_dec_add(qf_dec a, qf_dec b, qf_dec *out)
{
  qf_dec r;
  if (!align(&a, &b) || __builtin_add_overflow(a.mant, b.mant, &r.mant))
    return QF_RANGE;
  r.scale = a.scale;
  *out = r;
  return QF_OK;
}

qf_rc qf_dec_sub(qf_dec a, qf_dec b, qf_dec *out)
{
  b.mant = -b.mant;
  return qf_dec_add(a, b, out);
}

qf_rc qf_dec_mul(qf_dec a, qf_dec b, qf_dec *out)
{
  a = qf_dec_trim(a);
  b = qf_dec_trim(b);
  qf_dec r;
  if (__builtin_mul_overflow(a.mant, b.mant, &r.mant))
    return QF_RANGE;
  int scale = a.scale + b.scale;
  while (scale > 18 && r.mant % 10 == 0) {
    r.mant /= 10;
    scale--;
  }
  if (scale > 18)
    return QF_RANGE;
  r.scale = (int8_t)scale;
  *out = r;
  return QF_OK;
}

qf_rc qf_dec_div(qf_dec a, qf_dec b, int scale, qf_dec *out)
{
  if (b.mant == 0)
    return QF_RANGE;
  int k = scale + b.scale - a.scale;
  if (k >= 0) {
    if (!mul_pow10(&a.mant, k))
      return QF_RANGE;
  } else if (!mul_pow10(&b.mant, -k)) {
    return QF_RANGE;
  }
  qf_i128 q = a.mant / b.mant, r = a.mant % b.mant;
  qf_i128 ar = r < 0 ? -r : r, ab = b.mant < 0 ? -b.mant : b.mant;
  if (ar > ab - ar || (ar == ab - ar && (q & 1)))
    q += (a.mant < 0) == (b.mant < 0) ? 1 : -1;
  *out = (qf_dec){q, (int8_t)scale};
  return QF_OK;
}

qf_dec qf_dec_round(qf_dec a, int scale)
{
  if (scale >= a.scale)
    return a;
  return (qf_dec){shift_down(a.mant, a.scale - scale, NULL), (int8_t)scale};
}

int qf_dec_cmp(qf_dec a, qf_dec b)
{
  int sa = (a.mant > 0) - (a.mant < 0), sb = (b.mant > 0) - (b.mant < 0);
  if (sa != sb)
    return sa < sb ? -1 : 1;
  qf_dec x = a, y = b;
  if (!align(&x, &y)) /* only the one that was scaled up can overflow, so it is the larger magnitude */
    return a.scale < b.scale ? sa : -sa;
  return x.mant < y.mant ? -1 : x.mant > y.mant;
}

double qf_dec_double(qf_dec a)
{
  return (double)a.mant / (double)pow10_64[a.scale];
}

void qf_dec_write(qf_buf *b, qf_dec v)
{
  write_scaled(b, v.mant, v.scale);
}
