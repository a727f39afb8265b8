#include "domain/building.h"
#include <math.h>

static bool between(double v, double low, double high)
{
  return v >= low && v <= high;
}

qf_rc qf_building_heat_index(const qf_building *b, const qf_element *e, size_t n, qf_heat_index *out, qf_err *err)
{
  double dt = b->indoor_c - b->outdoor_c, ukf = 0;
  if (!(b->floor_m2 > 0) || !(b->volume_m3 > 0) || !isfinite(b->floor_m2 + b->volume_m3))
    return qf_fail(err, QF_RANGE, "%g m2 of floor, %g m3", "建筑面积 %g 平方米，体积 %g 立方米", b->floor_m2,
                   b->volume_m3);
  if (!(dt > 0) || !between(b->outdoor_c, -50, 40) || !(b->indoor_c <= 40))
    return qf_fail(err, QF_RANGE, "indoors %g, outdoors %g degC", "室内 %g，室外 %g 摄氏度", b->indoor_c, b->outdoor_c);
  if (!between(b->air_changes_per_h, 0, 10) || !between(b->c_p_wh_kgk, 0.2, 0.4) || !between(b->internal_w_m2, 0, 50))
    return qf_fail(err, QF_RANGE, "%g air changes, c_p %g, internal gain %g", "换气 %g 次/时，比热 %g，内部得热 %g",
                   b->air_changes_per_h, b->c_p_wh_kgk, b->internal_w_m2);
  for (size_t i = 0; i < n; i++) {
    if (!between(e[i].k_w_m2k, 1e-6, 20) || !(e[i].area_m2 >= 0) || !isfinite(e[i].area_m2) ||
        !between(e[i].correction, 0, 2))
      return qf_fail(err, QF_RANGE, "part %zu: K %g, %g m2, correction %g", "第 %zu 个部位：K %g，%g 平方米，修正 %g",
                     i + 1, e[i].k_w_m2k, e[i].area_m2, e[i].correction);
    ukf += e[i].correction * e[i].k_w_m2k * e[i].area_m2;
  }
  double density = 353 / (b->outdoor_c + 273);
  out->transmission = ukf * dt / b->floor_m2;
  out->infiltration = dt * b->c_p_wh_kgk * density * b->air_changes_per_h * b->volume_m3 / b->floor_m2;
  out->total = out->transmission + out->infiltration - b->internal_w_m2;
  return QF_OK;
}

double qf_building_season_gj_m2(double q, double days)
{
  return q * days * 86400 / 1e9;
}

qf_rc qf_building_normalised(qf_gj heat, double area, double reference, double actual, double *out, qf_err *err)
{
  if (!(heat.gj >= 0) || !(area > 0) || !(reference > 0) || !(actual > 0) ||
      !isfinite(heat.gj + area + reference + actual))
    return qf_fail(err, QF_RANGE, "%g GJ over %g m2, degree days %g and %g", "%g 吉焦，%g 平方米，度日 %g 与 %g",
                   heat.gj, area, reference, actual);
  *out = heat.gj * reference / actual / area;
  return QF_OK;
}

qf_rc qf_building_saving(double design, double reference, double required, double *saving, bool *reached, qf_err *err)
{
  if (!(reference > 0) || !(design >= 0) || !isfinite(design + reference) || !between(required, 0, 1))
    return qf_fail(err, QF_RANGE, "design %g, reference %g, required %g", "设计 %g，基准 %g，要求 %g", design,
                   reference, required);
  *saving = 1 - design / reference;
  *reached = *saving >= required - 1e-9; /* 100 -> 25 is 75 % exactly */
  return QF_OK;
}

qf_rc qf_building_envelope(const qf_k_limit *k, size_t n, qf_envelope *out, size_t *worst, qf_err *err)
{
  *out = QF_ENVELOPE_OK, *worst = 0;
  for (size_t i = 0; i < n; i++) {
    if (!(k[i].k > 0) || !(k[i].limit > 0) || k[i].second < k[i].limit)
      return qf_fail(err, QF_RANGE, "part %zu: K %g, limits %g and %g", "第 %zu 个部位：K %g，限值 %g 与 %g", i + 1,
                     k[i].k, k[i].limit, k[i].second);
    qf_envelope v = QF_ENVELOPE_OK;
    if (!(k[i].k <= k[i].limit))
      v = k[i].k <= k[i].second ? QF_ENVELOPE_TRADE_OFF : QF_ENVELOPE_OVER; /* NAN: no trade-off */
    if (v > *out)
      *out = v, *worst = i + 1;
  }
  return QF_OK;
}

static qf_rc scores_ok(const qf_green_standard *s, const qf_green_building *b, qf_err *err)
{
  for (int i = 0; i < 6; i++) {
    double q = i < 5 ? b->q[i] : b->innovation, max = i < 5 ? s->max[i] : s->innovation_max;
    if (!between(q, 0, max))
      return qf_fail(err, QF_RANGE, "category %d has %g points of %g", "第 %d 类得 %g 分，满分 %g", i + 1, q, max);
  }
  if (b->table_star < 0 || b->table_star > 3)
    return qf_fail(err, QF_RANGE, "table 3.2.8 met for star %d", "表 3.2.8 满足 %d 星", b->table_star);
  return QF_OK;
}

qf_rc qf_building_green(const qf_green_standard *s, const qf_green_building *b, double *points, qf_green_level *level,
                        qf_err *err)
{
  qf_rc rc = scores_ok(s, b, err);
  if (rc)
    return rc;
  bool balanced = true;
  double sum = b->control_items ? s->base + b->innovation : b->innovation;
  for (int i = 0; i < 5; i++) {
    sum += b->q[i];
    balanced = balanced && b->q[i] >= s->least_share * s->max[i];
  }
  *points = sum / 10;
  *level = b->control_items ? QF_GREEN_BASIC : QF_GREEN_NONE;
  if (!b->control_items || !balanced || !b->full_fitout)
    return QF_OK;
  for (int star = 1; star <= b->table_star; star++)
    if (*points >= s->star[star - 1] - 1e-9)
      *level = (qf_green_level)(QF_GREEN_BASIC + star);
  return QF_OK;
}

qf_rc qf_building_prefab(const qf_prefab_standard *s, const qf_prefab *b, qf_prefab_result *out, qf_err *err)
{
  double sum = 0;
  for (int i = 0; i < 3; i++) {
    if (!between(b->q[i], 0, s->max[i]))
      return qf_fail(err, QF_RANGE, "part %d has %g points of %g", "第 %d 部分得 %g 分，满分 %g", i + 1, b->q[i],
                     s->max[i]);
    sum += b->q[i];
  }
  if (!between(b->absent, 0, 99) || sum > 100 - b->absent || !between(b->vertical_share, 0, 1))
    return qf_fail(err, QF_RANGE, "%g points with %g absent, vertical share %g", "得分 %g，缺项 %g 分，竖向构件比例 %g",
                   sum, b->absent, b->vertical_share);
  *out = (qf_prefab_result){sum / (100 - b->absent), false, 0};
  out->prefabricated = b->q[0] >= s->least_structure && b->q[1] >= s->least_walls && b->full_fitout &&
                       out->rate >= s->least_rate - 1e-12;
  if (out->prefabricated && b->vertical_share >= s->least_vertical)
    for (int g = 0; g < 3; g++)
      if (out->rate * 100 >= s->grade[g] - 1e-9)
        out->grade = g + 1;
  return QF_OK;
}

double qf_building_points(double share, double from, double to, double least, double most)
{
  if (!(share >= from))
    return 0;
  return share >= to ? most : least + (most - least) * (share - from) / (to - from);
}
