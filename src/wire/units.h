/* Units that meters and files write, and the exact power-of-ten or x 3600 steps between those of one kind.
 * Pure, thread-safe. */
#ifndef QF_WIRE_UNITS_H
#define QF_WIRE_UNITS_H
#include "base/dec.h"
#include <stdbool.h>
#include <stddef.h>

/* Power of ten from one unit to another of the same kind: 1 from = 10^*shift to ("MWh" to "kWh": 3; "万m3" to "m3": 4).
 * ASCII case does not matter; equal texts are 0 even when unknown. False when there is no such step. */
bool qf_unit_shift(const char *from, size_t from_len, const char *to, int *shift);
/* The unit an account of this carrier is kept in, for amounts written in `unit` (docs/internals/data-model.md); `unit`
 * itself when it is of no known kind. carrier may be NULL. */
const char *qf_unit_standard(const char *carrier, const char *unit);
/* m * (1 from in to) as an exact decimal; Wh to J is x 3600 (definition of the watt-hour). Errors: QF_RANGE when the
 * two are not of one kind, or the factor is not a finite decimal (J to Wh), or it does not fit. */
QF_MUST qf_rc qf_unit_factor(qf_num m, const char *from, const char *to, qf_num *out);
#endif
