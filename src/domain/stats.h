/* Arithmetic of statistics offices: growth, intensity, completion, shares, rounding.
 * Law: GB/T 8170-2008 (rounding half even); statistical press figures round half up. Rates are fractions (0.103 is 10.3
 * %). g_E = (1 + g_VA) (1 + g_I) - 1     energy growth from growth of value added and change of intensity x_0 = x / (1
 * + g)                  last year's amount from this year's and its growth A share exists only when numerator and
 * denominator have one scope and one period. Pure functions, thread-safe. */
#ifndef QF_DOMAIN_STATS_H
#define QF_DOMAIN_STATS_H
#include "base/dec.h"

/* x / base - 1. Errors: QF_RANGE base not > 0 (growth from nothing or from below has no meaning). */
QF_MUST qf_rc qf_stat_growth(double x, double base, double *g);
/* Growth of a product of two factors: (1+a)(1+b)-1; of a quotient: (1+a)/(1+b)-1 (QF_RANGE when b <= -1). */
double qf_stat_growth_product(double a, double b);
QF_MUST qf_rc qf_stat_growth_quotient(double a, double b, double *g);
/* Last year's amount. A printed x and g are rounded: with half_x, half_g (half of the last printed digit) low..high
 * encloses the true value. Errors: QF_RANGE when 1 + g - half_g is not > 0. */
QF_MUST qf_rc qf_stat_previous(double x, double half_x, double g, double half_g, double out_low_mid_high[3]);

typedef struct qf_share_side {
  double value;
  const char *scope;   /* what was counted; compared as text */
  int32_t from, to;    /* month indexes, inclusive */
  double completeness; /* 0 .. 1 of the records due */
} qf_share_side;
/* num / den. Errors, with words: QF_STATE scopes or periods differ; QF_RANGE den not > 0, or either side negative;
 * QF_PARTIAL a side is less complete than `least` (the share is still given). */
QF_MUST qf_rc qf_stat_share(const qf_share_side *num, const qf_share_side *den, double least, double *share,
                            qf_err *err);

/* Round half away from zero, the way of press figures (qf_dec_round is half even, GB/T 8170). scale >= v.scale returns
 * v. */
qf_dec qf_stat_round_half_up(qf_dec v, int scale);
#endif
