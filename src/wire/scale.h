/* Scaled integers of field devices as exact decimals: a register times its scale times the transformers' ratios.
 * Pure, thread-safe. */
#ifndef QF_WIRE_SCALE_H
#define QF_WIRE_SCALE_H
#include "base/dec.h"

/* a * b. *exact (may be NULL) is set to false when more than 18 digits were needed (nearest 18, half away from zero), else left
 * alone. Errors: QF_RANGE when the exponent leaves -30..30. */
QF_MUST qf_rc qf_num_times(qf_num a, qf_num b, qf_num *out, bool *exact);
/* A positive factor as people write it: "0.01", "40" or the ratio of a transformer "200/5", "10/0.1"; the quotient must be a
 * finite decimal of at most 18 places. Errors: QF_SYNTAX, QF_RANGE (not positive, not finite). */
QF_MUST qf_rc qf_factor_parse(const char *s, qf_num *out);
/* An unsigned integer of 64 bits: above 18 digits the nearest 18, and *exact is set to false. */
qf_num qf_num_u64(uint64_t v, bool *exact);
/* The shortest decimal that reads back as this binary float: what its maker meant. digits: 9 for 32 bits, 17 for 64.
 * Errors: QF_RANGE not a number, infinite, or its exponent does not fit. */
QF_MUST qf_rc qf_num_float(double v, bool single, qf_num *out);
#endif
