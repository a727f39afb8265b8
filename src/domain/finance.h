/* Green loans: balance, whose effect is whose, and where a series breaks.
 * Law: statistics of green loans: bank's share of an effect = effect x loan balance / total investment of the project
 * [H]; PCAF part A: attribution = outstanding / (equity + debt) of the borrower or project, or / value at origination
 * (property, vehicle) [V/H].
 *   balance(t) = sum(drawn) - sum(repaid) - written off;  0 <= balance <= limit
 * A directory is a version of what counts as green; the one of 2025 is in force from 2025-10-01 and breaks the series:
 * balances under two directories are not compared unless one is restated. Financed and avoided emissions stand in two
 * tables and are never netted. Money in CNY. Pure functions, thread-safe. */
#ifndef QF_DOMAIN_FINANCE_H
#define QF_DOMAIN_FINANCE_H
#include "domain/units.h"

typedef enum qf_loan_step { QF_LOAN_DRAW = 1, QF_LOAN_REPAY, QF_LOAN_WRITE_OFF } qf_loan_step;
typedef struct qf_loan_move {
  int32_t day; /* Beijing day number (base/tm.h) */
  qf_loan_step step;
  double cny; /* > 0 */
} qf_loan_move;
/* Balance at the end of `day` from moves in order of their day. Errors: QF_RANGE an amount not > 0 or days out of order
 * (names the move); QF_STATE on a day up to `day` the balance fell under 0 or rose over `limit_cny` (0: no limit). One
 * fen of rounding is let pass. */
QF_MUST qf_rc qf_loan_balance(const qf_loan_move *m, size_t n, int32_t day, double limit_cny, double *balance_cny,
                              qf_err *err);

/* What falls to the lender of an effect (t CO2, tce, t water ...) of a project, same unit: effect x outstanding / total.
 * total is the project's investment, the borrower's equity and debt, or the value at origination - the caller says
 * which. Errors: QF_RANGE effect not finite, total not > 0, outstanding < 0 or over total. */
QF_MUST qf_rc qf_loan_effect(double effect, double outstanding_cny, double total_cny, double *share_of_effect,
                             qf_err *err);

typedef struct qf_stock { /* a balance at a day, by one directory */
  double cny;             /* >= 0 */
  const char *directory;  /* version, compared as text; not empty */
} qf_stock;
/* Growth of a stock. Errors: QF_STATE the directories differ: a series break; restate one. QF_RANGE before not > 0. */
QF_MUST qf_rc qf_loan_growth(const qf_stock *now, const qf_stock *before, double *growth, qf_err *err);
#endif
