#include "domain/finance.h"
#include <math.h>
#include <stdbool.h>
#include <string.h>

static const double fen = 0.01;

qf_rc qf_loan_balance(const qf_loan_move *m, size_t n, int32_t day, double limit, double *balance, qf_err *err)
{
  double b = 0;
  for (size_t i = 0; i < n; i++) {
    if (!(m[i].cny > 0) || !isfinite(m[i].cny) || (i && m[i].day < m[i - 1].day))
      return qf_fail(err, QF_RANGE, "move %zu of a loan: %g CNY, or out of order", "贷款第 %zu 笔：%g 元，或次序有误",
                     i + 1, m[i].cny);
    if (m[i].day > day)
      continue;
    b += m[i].step == QF_LOAN_DRAW ? m[i].cny : -m[i].cny;
    bool last_of_day = i + 1 == n || m[i + 1].day != m[i].day; /* within a day the order is not known */
    if (last_of_day && (b < -fen || (limit > 0 && b > limit + fen)))
      return qf_fail(err, QF_STATE, "after move %zu the balance is %.2f CNY, limit %.2f",
                     "第 %zu 笔后余额为 %.2f 元，额度 %.2f 元", i + 1, b, limit);
  }
  *balance = fmax(b, 0);
  return QF_OK;
}

/* 0..1 */
static qf_rc attribution(double outstanding, double total, double *share, qf_err *err)
{
  if (!(total > 0) || !isfinite(total) || !(outstanding >= 0) || !(outstanding <= total))
    return qf_fail(err, QF_RANGE, "outstanding %g of %g CNY: must be from 0 to the whole",
                   "余额 %g 元、总额 %g 元：应为其一部分", outstanding, total);
  *share = outstanding / total;
  return QF_OK;
}

qf_rc qf_loan_effect(double effect, double outstanding, double total, double *out, qf_err *err)
{
  double share = 0;
  if (!isfinite(effect))
    return qf_fail(err, QF_RANGE, "effect %g is not a number", "效果 %g 不是数", effect);
  qf_rc rc = attribution(outstanding, total, &share, err);
  if (!rc)
    *out = effect * share;
  return rc;
}

qf_rc qf_loan_growth(const qf_stock *now, const qf_stock *before, double *growth, qf_err *err)
{
  if (!*now->directory || strcmp(now->directory, before->directory) != 0)
    return qf_fail(err, QF_STATE, "series break: directory %s now, %s before; restate one of them",
                   "口径变更：现为 %s，原为 %s，须先追溯调整", now->directory, before->directory);
  if (!(before->cny > 0) || !(now->cny >= 0) || !isfinite(before->cny) || !isfinite(now->cny))
    return qf_fail(err, QF_RANGE, "%g CNY against %g before", "余额 %g 元与上期 %g 元无法比较", now->cny, before->cny);
  *growth = now->cny / before->cny - 1;
  return QF_OK;
}
