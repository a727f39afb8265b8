/* The watched folder as a kind of collector. */
#ifndef QF_COLLECT_FOLDER_H
#define QF_COLLECT_FOLDER_H
#include "collect/kinds.h"

extern const qf_kind qf_kind_folder; /* folder.c; keys: path, map, pattern, settle_s, scan_s (docs/collectors.md) */
#endif
