/* 重点用能单位能耗在线监测系统, both sides: kind `necc` is a platform that units' terminals upload to, kind `necc_unit` is such a
 * terminal. The messages are in wire/necc.h, the contract in docs/formats/necc.md. */
#ifndef QF_COLLECT_NECC_H
#define QF_COLLECT_NECC_H
#include "collect/kinds.h"

extern const qf_kind qf_kind_necc;      /* necc.c */
extern const qf_kind qf_kind_necc_unit; /* necc_unit.c */

/* How complete a unit's data of a month are: append {"collector","month","aim","units":[{"unit","name","expected","received","share",
 * "items":[{"code","name","stat","minutes","expected","received","share"}]}]}. self: of a started necc; month: year x 12 + month - 1;
 * unit: one unit only, NULL all, then without items. Any thread. Errors: QF_NOMEM, those of the readings store. */
QF_MUST qf_rc qf_necc_completeness(void *self, int32_t month, const char *unit, qf_buf *out, qf_err *err);
#endif
