/* HJ 212 server: emission monitoring stations send, we answer when it is durable. Keys and rules: docs/collectors.md. */
#ifndef QF_COLLECT_HJ212_H
#define QF_COLLECT_HJ212_H
#include "collect/kinds.h"

extern const qf_kind qf_kind_hj212;
#endif
