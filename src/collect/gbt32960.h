/* GB/T 32960 server: electric vehicles and their platforms report, we answer when it is durable. Keys and rules:
 * docs/collectors.md. */
#ifndef QF_COLLECT_GBT32960_H
#define QF_COLLECT_GBT32960_H
#include "collect/kinds.h"

extern const qf_kind qf_kind_gbt32960;
#endif
