/* The formulas of the domain as functions of SQL, so that a pack computes by the same code that the worked examples test, and
 * no formula stands twice. Every function takes DOUBLE, or lists of it, and gives DOUBLE; an argument outside the law's range, or NULL,
 * gives NULL - which a rule of the pack finds - never a guess. Names: law_<what>; the arguments are listed in law.c
 * and in docs/formats/packs.md. */
#ifndef QF_BOOK_LAW_H
#define QF_BOOK_LAW_H
#include "base/err.h"
#include <duckdb.h>

/* Make the functions known to every connection of db. Errors: QF_NOMEM; QF_STATE the engine refuses one (named). */
QF_MUST qf_rc qf_law_register(duckdb_database db, qf_err *err);
/* The part of it that takes lists (law_list.c). Errors: QF_STATE. */
QF_MUST qf_rc qf_law_register_lists(duckdb_connection c, qf_err *err);
#endif
