#include "domain/replace.h"
#include <math.h>
#include <string.h>

qf_rc qf_swap_ratio(const qf_swap_rule *r, size_t n, const char *sector, const char *which, int32_t day, double *ratio,
                    qf_err *err)
{
  const qf_swap_rule *hit = NULL;
  for (size_t i = 0; i < n; i++) {
    if (strcmp(r[i].sector, sector) != 0 || strcmp(r[i].which, which) != 0 || day < r[i].from || day > r[i].to)
      continue;
    if (hit || !(r[i].ratio >= 0))
      return qf_fail(err, QF_CORRUPT, "replacement ratios of %s, %s: two rows, or one below 0",
                     "%s（%s）置换比例有两行同时有效，或小于 0", sector, which);
    hit = &r[i];
  }
  if (!hit)
    return qf_fail(err, QF_NOTFOUND, "no replacement ratio of %s, %s on that day", "该日没有 %s（%s）的置换比例",
                   sector, which);
  if (hit->suspended)
    return qf_fail(err, QF_STATE, "the replacement rule of %s, %s is suspended", "%s（%s）的置换办法已暂停", sector,
                   which);
  *ratio = hit->ratio;
  return QF_OK;
}

static const qf_retired *retired_of(const qf_swap_sources *s, const char *id)
{
  for (size_t i = 0; i < s->n_retired; i++)
    if (strcmp(s->retired[i].id, id) == 0)
      return &s->retired[i];
  return NULL;
}

static qf_rc uses_ok(const qf_swap_sources *s, qf_err *err)
{
  for (size_t i = 0; i < s->n_use; i++) {
    const qf_swap_use *u = &s->use[i];
    const qf_retired *r = retired_of(s, u->retired);
    if (!r)
      return qf_fail(err, QF_NOTFOUND, "project %s uses %s, which is not listed",
                     "项目 %s 使用的 %s 不在退出产能清单内", u->project, u->retired);
    if (!r->eligible)
      return qf_fail(err, QF_DENIED, "project %s uses %s, which may not be used", "项目 %s 使用的 %s 不得用于置换",
                     u->project, u->retired);
    if (!(u->t > 0) || !isfinite(u->t))
      return qf_fail(err, QF_RANGE, "project %s uses %g t of %s", "项目 %s 使用 %g 吨 %s", u->project, u->t,
                     u->retired);
  }
  return QF_OK;
}

qf_rc qf_swap_check(const qf_swap_sources *s, qf_err *err)
{
  qf_rc rc = uses_ok(s, err);
  for (size_t i = 0; !rc && i < s->n_retired; i++) {
    const qf_retired *r = &s->retired[i];
    double used = 0;
    if (!(r->t > 0) || !isfinite(r->t))
      return qf_fail(err, QF_RANGE, "retired %s: %g t", "退出产能 %s：%g 吨", r->id, r->t);
    if (retired_of(s, r->id) != r)
      return qf_fail(err, QF_EXISTS, "retired %s is listed twice", "退出产能 %s 重复列入", r->id);
    for (size_t k = 0; k < s->n_use; k++)
      if (strcmp(s->use[k].retired, r->id) == 0)
        used += s->use[k].t;
    if (used > r->t * (1 + 1e-12)) /* sums of parts written as decimals */
      return qf_fail(err, QF_EXISTS, "retired %s has %g t and is used for %g t", "退出产能 %s 共 %g 吨，已使用 %g 吨",
                     r->id, r->t, used);
  }
  return rc;
}

qf_rc qf_swap_project(const qf_swap_sources *s, const char *project, double new_t, double ratio, qf_swap_result *out,
                      qf_err *err)
{
  *out = (qf_swap_result){0};
  if (!(new_t > 0) || !(ratio >= 0) || !isfinite(new_t * ratio))
    return qf_fail(err, QF_RANGE, "new capacity %g t at ratio %g", "新建产能 %g 吨，比例 %g", new_t, ratio);
  qf_rc rc = qf_swap_check(s, err);
  if (rc)
    return rc;
  out->required_t = new_t * ratio;
  for (size_t i = 0; i < s->n_use; i++) {
    if (strcmp(s->use[i].project, project) != 0)
      continue;
    out->claimed_t += s->use[i].t;
    if (retired_of(s, s->use[i].retired)->verified)
      out->verified_t += s->use[i].t;
  }
  out->pass = out->verified_t >= out->required_t * (1 - 1e-12);
  return QF_OK;
}

qf_rc qf_twohigh_level(double tce, qf_kwh e, const qf_review_limits *l, qf_review_level *out, qf_err *err)
{
  if (!(tce >= 0) || !(e.kwh >= 0) || !isfinite(tce) || !isfinite(e.kwh))
    return qf_fail(err, QF_RANGE, "%g tce and %g kWh a year", "年用能 %g 吨标准煤、%g 千瓦时", tce, e.kwh);
  if (!(l->commitment_tce > 0 && l->commitment_kwh > 0 && l->province_tce >= l->commitment_tce &&
        l->nation_tce >= l->province_tce))
    return qf_fail(err, QF_RANGE, "limits of review are out of order", "节能审查限额次序有误");
  if (tce >= l->nation_tce)
    *out = QF_REVIEW_NATION;
  else if (tce >= l->province_tce)
    *out = QF_REVIEW_PROVINCE;
  else
    *out = tce < l->commitment_tce && e.kwh < l->commitment_kwh ? QF_REVIEW_COMMITMENT : QF_REVIEW_LOCAL;
  return QF_OK;
}

qf_joint qf_twohigh_joint(const qf_opinion *o, size_t n)
{
  size_t agree = 0, change = 0, refuse = 0;
  for (size_t i = 0; i < n; i++) {
    agree += o[i] == QF_OPINION_AGREE;
    change += o[i] == QF_OPINION_CHANGE;
    refuse += o[i] == QF_OPINION_REFUSE;
  }
  if (n == 0 || agree + change + refuse < n)
    return QF_JOINT_OPEN;
  if (refuse)
    return refuse == n ? QF_JOINT_REFUSED : QF_JOINT_CONFLICT;
  return change ? QF_JOINT_CHANGE : QF_JOINT_AGREED;
}

bool qf_twohigh_begun_before_opinion(int32_t begun, int32_t opinion)
{
  return begun != 0 && (opinion == 0 || begun < opinion);
}
