/* 节能目标晴雨表, the barometer of targets: level 1 十分严峻, 2 比较严峻, 3 基本顺利; level 1 is the worst (NDRC, 2011-07-29, and the
 * yearly tables after it). The state publishes the levels and compares with the progress that is due, not the widths of the levels; so
 * the width of level 2 is part of a target's record here, and a target without one has no barometer.
 *   due        a sum against a target of more months: target x months gone / months of the target; anything else: the target itself
 *   shortfall  (due - value) / |due| where more is better, (value - due) / |due| where less is, in %
 *   level      3 shortfall <= 0;  2 shortfall <= band;  1 more
 * Pure functions, thread-safe. */
#ifndef QF_DOMAIN_BAROMETER_H
#define QF_DOMAIN_BAROMETER_H
#include "base/dec.h"

/* What is due after `gone` of `months` months, rounded to 6 digits; months >= gone >= 1. Errors: QF_RANGE. */
QF_MUST qf_rc qf_barometer_due(qf_dec target, uint32_t gone, uint32_t months, qf_dec *out);
/* Level 1..3 of a value; up: more is better. band in % of the amount due, > 0. *shortfall in %, rounded to 2 digits; the level is of the
 * unrounded one. Errors: QF_RANGE: nothing is due (0) and the value is worse, or it does not fit. */
QF_MUST qf_rc qf_barometer_level(qf_dec value, qf_dec due, bool up, qf_dec band, int *level, qf_dec *shortfall);
#endif
