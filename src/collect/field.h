/* The kinds that ask devices in the field: one line each in the table of kinds.c. */
#ifndef QF_COLLECT_FIELD_H
#define QF_COLLECT_FIELD_H
#include "collect/kinds.h"
#include "collect/poll.h"

extern const qf_kind qf_kind_modbus; /* modbus.c */
extern const qf_kind qf_kind_dlt645; /* dlt645.c */
extern const qf_kind qf_kind_cjt188; /* cjt188.c */
extern const qf_kind qf_kind_iec104; /* iec104.c */

/* How the polling of a started modbus kind goes. Any thread. */
void qf_modbus_stats(void *self, qf_poll_stats *out);
#endif
