/* Exact decimals. A meter shows decimal digits, so decimal is what is kept: no reading ever passes through a double.
 *   qf_num  a reading as it came: mant * 10^exp, 18 significant digits always fit
 *   qf_dec  exact arithmetic on 38 digits: mant / 10^scale (the DECIMAL(38,s) of SQL)
 * Pure functions, thread-safe. */
#ifndef QF_BASE_DEC_H
#define QF_BASE_DEC_H
#include "base/buf.h"

__extension__ typedef __int128 qf_i128;
__extension__ typedef unsigned __int128 qf_u128;

typedef struct qf_num {
  int64_t mant;
  int8_t exp; /* -30 .. 30 */
} qf_num;

typedef struct qf_dec {
  qf_i128 mant;
  int8_t scale; /* 0 .. 18 */
} qf_dec;

/* Parse [+-]digits[.digits][(e|E)[+-]digits] of exactly n bytes. Trailing zeros of the fraction are kept as digits
 * (12.50 is mant 1250 exp -2) unless that would overflow. More than 18 significant digits: nearest 18 digits, half
 * even, and *exact=false (exact may be NULL). Errors: QF_SYNTAX; QF_RANGE if |exponent| > 30 after normalising. */
QF_MUST qf_rc qf_num_parse(const char *s, size_t n, qf_num *out, bool *exact);
/* mant * 10^exp as an integer count of 10^to_exp. *exact (may be NULL) tells whether digits were lost (half even).
 * Errors: QF_RANGE if it does not fit int64. */
QF_MUST qf_rc qf_num_scale(qf_num v, int to_exp, int64_t *out, bool *exact);
double qf_num_double(qf_num v);
int qf_num_cmp(qf_num a, qf_num b); /* <0, 0, >0 by value; 1.0 equals 1.00 */
/* Shortest plain decimal text that keeps every digit ("12.50", "-0.003", "183000000000000000000"). */
void qf_num_write(qf_buf *b, qf_num v);

qf_dec qf_dec_int(int64_t mant, int scale);
/* Plain decimal text; scale = digits after the point (at most 18). */
QF_MUST qf_rc qf_dec_parse(const char *s, size_t n, qf_dec *out);
/* Exact sum / difference / product. Errors: QF_RANGE past 38 digits or a scale over 18 after dropping trailing zeros.
 */
QF_MUST qf_rc qf_dec_add(qf_dec a, qf_dec b, qf_dec *out);
QF_MUST qf_rc qf_dec_sub(qf_dec a, qf_dec b, qf_dec *out);
QF_MUST qf_rc qf_dec_mul(qf_dec a, qf_dec b, qf_dec *out);
/* a / b rounded half even to `scale` digits. Errors: QF_RANGE when b is 0 or the result does not fit. */
QF_MUST qf_rc qf_dec_div(qf_dec a, qf_dec b, int scale, qf_dec *out);
qf_dec qf_dec_round(qf_dec a, int scale); /* half even (GB/T 8170); scale >= a.scale returns a */
qf_dec qf_dec_trim(qf_dec a);             /* drop trailing zeros of the fraction */
int qf_dec_cmp(qf_dec a, qf_dec b);
double qf_dec_double(qf_dec a);
void qf_dec_write(qf_buf *b, qf_dec v); /* plain decimal, no trailing zeros dropped */
#endif
