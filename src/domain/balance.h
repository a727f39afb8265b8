/* Energy balance: what flows in must flow out, be kept or be lost.
 * Law: GB/T 3484-2009 企业能量平衡通则, GB/T 2587-2009. A residual (loss or metering fault) of 0 to 5 % of the input is
 * ordinary; a negative one means that the parts show more than the whole: a fault or a wrong multiplier. Also the check
 * of a Sankey: at each inner node the sum in equals the sum out. Pure functions, thread-safe. */
#ifndef QF_DOMAIN_BALANCE_H
#define QF_DOMAIN_BALANCE_H
#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>

typedef enum qf_balance_state {
  QF_BALANCE_OK = 0,
  QF_BALANCE_LOSS,    /* more is lost than allowed */
  QF_BALANCE_OVER,    /* the parts exceed the whole */
  QF_BALANCE_UNKNOWN, /* nothing flowed in */
} qf_balance_state;

/* Share of the input that no part accounts for: (whole - sum(parts)) / whole; state against `allowed` (0.05) with a
 * negative slack of `tolerance` (meter error, 0.02). *residual is 0 when the state is UNKNOWN. */
qf_balance_state qf_balance_residual(double whole, const double *parts, size_t n, double allowed, double tolerance,
                                     double *residual);

typedef struct qf_link { /* one band of a Sankey */
  size_t from, to;       /* node numbers */
  double value;          /* >= 0 */
} qf_link;
/* Residual of every node: in[i] - out[i] summed over links, for nodes that have both sides; 0 for sources and sinks.
 * residual has `nodes` places. *worst = greatest |residual| / inflow. Errors: QF_RANGE a link's node is not under
 * `nodes`, its value negative or not a number, or it runs from a node to itself. */
QF_MUST qf_rc qf_sankey_residuals(const qf_link *links, size_t n, double *residual, size_t nodes, double *worst,
                                  qf_err *err);
#endif
