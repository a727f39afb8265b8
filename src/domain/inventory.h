/* Inventory of a city's greenhouse gases: gases as masses, notation keys, totals by structure.
 * Law: GPC 1.1 (Global Protocol for Community-Scale inventories) [V]; provincial guideline of China: five sectors, with
 * electricity bought in as a memo item [H].
 *   CO2e = CO2 + CH4 GWP + N2O GWP + others already in CO2e;  biogenic CO2 is beside the total
 *   GPC BASIC  = scope 1 of I, II, III.x.1, scope 2, III.x.2;  BASIC+ adds x.3 of I and II, IV, V
 *   territorial = every scope 1 row, with power to the grid (I.4.4) and imported waste (III.x.3)
 * A row has an amount or a key: NO does not occur (0), IE included elsewhere (says where), NE not estimated, C
 * confidential. NE and C make a total incomplete and are counted beside it. GWP sets are arguments: a total is of one
 * set. Carbon-inclusion points and avoided emissions are never taken off. Pure functions, thread-safe. */
#ifndef QF_DOMAIN_INVENTORY_H
#define QF_DOMAIN_INVENTORY_H
#include "domain/units.h"
#include <stdbool.h>

typedef enum qf_inv_key {
  QF_INV_VALUE = 0,
  QF_INV_NO, /* does not occur */
  QF_INV_NE, /* not estimated */
  QF_INV_IE, /* included elsewhere */
  QF_INV_C,  /* confidential */
} qf_inv_key;
typedef struct qf_gases { /* t of gas; removals negative only for CO2 */
  double co2, ch4, n2o, other_co2e, biogenic_co2;
} qf_gases;
typedef struct qf_gwp { /* one named set, 100 years */
  double ch4, n2o;
} qf_gwp;
typedef struct qf_inv_row {
  const char *ref; /* "I.1.1" of GPC, or a code of the province's table; each once */
  size_t group;    /* what it is summed into; caller's: qf_gpc_level, or sector 0..4 and memo 5 */
  qf_inv_key key;
  const char *included; /* IE: ref of the row that has it; NULL otherwise */
  qf_gases gases;       /* all 0 unless key is QF_INV_VALUE */
} qf_inv_row;
typedef struct qf_inv_total {
  qf_gases gases;
  double co2e_t;
  size_t rows, not_estimated, confidential; /* complete when the last two are 0 */
} qf_inv_total;
/* Sum rows into `groups` totals. Errors, naming the row: QF_EXISTS a ref twice; QF_STATE a key with amounts, IE without
 * a place, or whose place is missing or is itself IE; QF_RANGE group not under `groups`, amount not finite or (but CO2)
 * negative, GWP not > 0. */
QF_MUST qf_rc qf_inv_sum(const qf_inv_row *r, size_t n, const qf_gwp *gwp, qf_inv_total *totals, size_t groups,
                         qf_err *err);

typedef enum qf_gpc {
  QF_GPC_BASIC = 0,
  QF_GPC_BASIC_PLUS,  /* what BASIC+ adds */
  QF_GPC_TERRITORIAL, /* only in the territorial total */
  QF_GPC_OTHER,       /* VI: other scope 3, in no total */
  QF_GPC_LEVELS
} qf_gpc;
/* Reporting level and scope 1..3 of a GPC ref. Errors: QF_SYNTAX not a ref of the schema (as the "I.63" seen in use). */
QF_MUST qf_rc qf_gpc_level(const char *ref, qf_gpc *level, int *scope, qf_err *err);
/* Bottom-up against top-down (energy balance): (bottom - top) / top. Errors: QF_RANGE top not > 0. */
QF_MUST qf_rc qf_inv_difference(double bottom_up, double top_down, double *difference, qf_err *err);
#endif
