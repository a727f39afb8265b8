#include "domain/balance.h"
#include <math.h>

qf_balance_state qf_balance_residual(double whole, const double *parts, size_t n, double allowed, double tolerance,
                                     double *residual)
{
  double left = whole;
  for (size_t i = 0; i < n; i++)
    left -= parts[i];
  *residual = 0;
  if (!(whole > 0) || !isfinite(left))
    return QF_BALANCE_UNKNOWN;
  *residual = left / whole;
  if (*residual > allowed)
    return QF_BALANCE_LOSS;
  return *residual < -tolerance ? QF_BALANCE_OVER : QF_BALANCE_OK;
}

static qf_rc links_ok(const qf_link *l, size_t n, size_t nodes, qf_err *err)
{
  for (size_t i = 0; i < n; i++) {
    if (l[i].from >= nodes || l[i].to >= nodes || l[i].from == l[i].to)
      return qf_fail(err, QF_RANGE, "link %zu joins nodes %zu and %zu of %zu",
                     "第 %zu 条流连接节点 %zu 与 %zu（共 %zu 个）", i + 1, l[i].from, l[i].to, nodes);
    if (!(l[i].value >= 0) || !isfinite(l[i].value))
      return qf_fail(err, QF_RANGE, "link %zu carries %g: must be from 0", "第 %zu 条流为 %g：应不小于 0", i + 1,
                     l[i].value);
  }
  return QF_OK;
}

qf_rc qf_sankey_residuals(const qf_link *l, size_t n, double *residual, size_t nodes, double *worst, qf_err *err)
{
  qf_rc rc = links_ok(l, n, nodes, err);
  if (rc)
    return rc;
  *worst = 0;
  for (size_t node = 0; node < nodes; node++) {
    double in = 0, out = 0;
    bool has_in = false, has_out = false;
    for (size_t i = 0; i < n; i++) {
      if (l[i].to == node)
        in += l[i].value, has_in = true;
      if (l[i].from == node)
        out += l[i].value, has_out = true;
    }
    residual[node] = has_in && has_out ? in - out : 0;
    if (residual[node] != 0) /* an inner node that gives without taking is wholly unbalanced */
      *worst = fmax(*worst, in > 0 ? fabs(residual[node]) / in : (double)INFINITY);
  }
  return QF_OK;
}
