/* The records of the city: subjects, points, the declared exchange, targets, filings. Numbers that have a fraction
 * travel as decimal text, all others as integers, so that nothing passes through binary fractions. */
#include "demo/plant.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool push(json_t *array, json_t *rec)
{
  return rec && json_array_append_new(array, rec) == 0;
}

static bool subject(json_t *array, const char *id, const char *parent, const char *kind, const char *zh, const char *en)
{
  return push(array, demo_record("subject", id,
                                 json_pack("{s:s, s:s, s:s, s:s, s:b}", "parent", parent, "kind", kind, "name_zh", zh,
                                           "name_en", en, "sample", 1)));
}

static json_t *last_data(json_t *array)
{
  return json_object_get(json_array_get(array, json_array_size(array) - 1), "data");
}

static bool plant_subjects(json_t *array, const demo_plant *p)
{
  char id[48], parent[32], uscc[19];
  bool ok = subject(array, p->unit, p->district, "unit", p->zh, p->en);
  demo_uscc(atoi(p->unit + 1), uscc);
  ok = ok && !json_object_set_new(last_data(array), "sector", json_string(p->sector)) &&
       !json_object_set_new(last_data(array), "uscc", json_string(uscc));
  for (uint8_t i = 0; ok && i < p->nprocs; i++) {
    snprintf(id, sizeof id, "%s.%s", p->unit, p->procs[i].code);
    ok = subject(array, id, p->unit, "process", p->procs[i].zh, p->procs[i].en);
    if (ok && p->procs[i].product)
      ok = !json_object_set_new(last_data(array), "product", json_string(p->procs[i].product));
  }
  for (uint8_t i = 0; ok && i < p->nequips; i++) {
    snprintf(parent, sizeof parent, "%s.%s", p->unit, p->equips[i].proc);
    snprintf(id, sizeof id, "%s.%u", parent, p->equips[i].no);
    ok = subject(array, id, parent, "equipment", p->equips[i].zh, p->equips[i].en);
  }
  return ok;
}

static json_t *decimal(double v, int digits)
{
  char text[48];
  snprintf(text, sizeof text, "%.*f", digits, v);
  return json_string(text);
}

/* Meters that truly stand for days: furnaces and mills in their yearly overhaul, a kiln in winter, deliveries. Electricity,
 * gas and water never stop wholly: a meter of these that stands is stuck. */
static bool may_rest(const qf_demo_point *p)
{
  static const char *const never[] = {"electricity", "fresh_water", "natural_gas", "compressed_air", "oxygen"};
  bool rests = strcmp(p->flow, "recover") == 0 || strstr(p->name_en, "turbine");
  for (size_t i = 0; i < sizeof never / sizeof *never && !rests; i++)
    if (strcmp(p->carrier, never[i]) == 0)
      return false;
  return true;
}

static json_t *point_data(const qf_demo *m, const demo_point *pt)
{
  const qf_demo_point *p = &pt->pub;
  json_t *d =
      json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:i, s:i, s:i}", "subject", p->subject, "name_zh", p->name_zh,
                "name_en", p->name_en, "carrier", p->carrier, "flow", p->flow, "unit", p->unit, "kind", p->kind, "k",
                (json_int_t)p->k, "lsb_exp", p->lsb_exp, "period_s", 900, "level", p->level);
  if (!d)
    return NULL;
  int bad = 0;
  if (pt->kind == PK_REGISTER)
    bad |= json_object_set_new(d, "digits", json_integer(p->digits));
  if (pt->kind == PK_INTERVAL)
    bad |= json_object_set_new(d, "stamp", json_string("end"));
  if (p->rated > 0)
    bad |= json_object_set_new(d, "rated", decimal(p->rated, 6));
  if (p->low < p->high) {
    bad |= json_object_set_new(d, "low", decimal(p->low, 3));
    bad |= json_object_set_new(d, "high", decimal(p->high, 3));
  }
  if (p->parent >= 0)
    bad |= json_object_set_new(d, "parent", json_string(m->points[p->parent].pub.key));
  if (p->loss_share > 0)
    bad |= json_object_set_new(d, "loss_share", decimal(p->loss_share, 6));
  if (pt->kind == PK_REGISTER && may_rest(p))
    bad |= json_object_set_new(d, "rests", json_true());
  if (bad) {
    json_decref(d);
    return NULL;
  }
  return d;
}

/* The final reading of the exchanged meter lies in the future of the model: a copy runs ahead to see it. */
static qf_rc final_reading(const qf_demo *m, uint32_t point, qf_num *out, qf_err *err)
{
  qf_demo *ahead;
  qf_demo_params p = {.seed = m->seed, .days = m->days, .now_us = m->now_us};
  qf_rc rc = qf_demo_new(&p, &ahead, err);
  if (rc)
    return rc;
  qf_batch b;
  qf_batch_init(&b);
  qf_us t = demo_exchange_us(m);
  rc = qf_demo_step(ahead, t - 1, t, &b, err);
  if (!rc) {
    demo_point *pt = &ahead->points[point];
    *out = (qf_num){pt->rebase, (int8_t)pt->pub.lsb_exp};
  }
  qf_batch_fini(&b);
  qf_demo_free(ahead);
  return rc;
}

static qf_rc exchanges(const qf_demo *m, json_t *array, qf_err *err)
{
  if (demo_exchange_us(m) >= m->now_us)
    return QF_OK;
  for (uint32_t i = 0; i < m->npoints; i++) {
    if (m->points[i].fault != FAULT_EXCHANGE)
      continue;
    qf_num last;
    qf_rc rc = final_reading(m, i, &last, err);
    if (rc)
      return rc;
    qf_buf at, fin;
    qf_buf_init(&at, 64);
    qf_buf_init(&fin, 64);
    qf_tm_write(&at, demo_exchange_us(m));
    qf_num_write(&fin, last);
    bool ok = at.data && fin.data &&
              push(array, demo_record("exchange", "demo-exchange-1",
                                      json_pack("{s:s, s:s, s:s, s:i, s:s}", "point", m->points[i].key, "exchanged_at",
                                                at.data, "final_reading", fin.data, "initial_reading", 0, "reason",
                                                "周期检定换表 exchange for verification (sample)")));
    qf_buf_fini(&at);
    qf_buf_fini(&fin);
    if (!ok)
      return QF_NOMEM;
  }
  return QF_OK;
}

/* ---- filings of the metered units for the 12 months before metering: what their own model gave */

static bool file_amount(json_t *array, const demo_node *n, int32_t month, int64_t micro)
{
  char id[112];
  bool out = n->flow == F_OUTPUT;
  const char *flow = demo_flow_names[n->flow];
  snprintf(id, sizeof id, out ? "%s-%d-%s-%s" : "%s:%d:%s:%s", n->subject, (int)month, n->carrier, flow);
  char q[40];
  snprintf(q, sizeof q, "%lld.%03lld", (long long)(micro / 1000000), (long long)(micro % 1000000 / 1000));
  json_t *d = out ? json_pack("{s:s, s:i, s:s, s:s}", "subject", n->subject, "month", (int)month, "product", n->carrier,
                              "quantity", q)
                  : json_pack("{s:s, s:i, s:s, s:s, s:s, s:s}", "subject", n->subject, "month", (int)month, "carrier",
                              n->carrier, "flow", flow, "quantity", q, "source", "sample data 演示数据");
  return push(array, demo_record(out ? "output_monthly" : "energy_monthly", id, d));
}

static bool filed_node(const demo_node *n)
{
  if (n->flow == F_OUTPUT)
    return true;
  if (n->level == 1)
    return n->flow == F_PURCHASE || n->flow == F_EXPORT || n->flow == F_SEQUESTER;
  return n->level == 2 && (n->flow == F_CONSUME || n->flow == F_RECOVER);
}

static bool same_filing(const demo_node *a, const demo_node *b)
{
  return a->flow == b->flow && strcmp(a->carrier, b->carrier) == 0 && strcmp(a->subject, b->subject) == 0;
}

static bool metered_filings(const qf_demo *m, json_t *array)
{
  for (uint32_t i = 0; i < m->nnodes; i++) {
    const demo_node *n = &m->nodes[i];
    if (!n->carrier || !filed_node(n))
      continue;
    bool seen = false; /* several rows of one subject, carrier and flow make one filing */
    for (uint32_t k = 0; k < i && !seen; k++)
      seen = m->nodes[k].carrier && filed_node(&m->nodes[k]) && same_filing(&m->nodes[k], n);
    for (int month = 0; month < 12 && !seen; month++) {
      int64_t sum = 0;
      for (uint32_t k = i; k < m->nnodes; k++)
        if (m->nodes[k].carrier && same_filing(&m->nodes[k], n) && filed_node(&m->nodes[k]))
          sum += m->month[k][month];
      if (!file_amount(array, n, m->month_start + month, sum))
        return false;
    }
  }
  return true;
}

static bool metered_va(const qf_demo *m, json_t *array, int32_t to)
{
  for (int p = 0; p < DEMO_PLANTS; p++)
    for (int32_t month = m->month_start; month <= to; month++) {
      char id[40];
      double g = demo_growth(qf_month_first_day(month), 0.103);
      double va = demo_plants[p]->va_cny / 12 * g * (1.0 + 0.02 * demo_white(m->seed, 0x900 + (uint32_t)p, month));
      snprintf(id, sizeof id, "%s-%d", demo_plants[p]->unit, (int)month);
      if (!push(array, demo_record("va_monthly", id,
                                   json_pack("{s:s, s:i, s:I, s:s}", "subject", demo_plants[p]->unit, "month",
                                             (int)month, "value_added_cny", (json_int_t)va, "price_base", "2020"))))
        return false;
    }
  return true;
}

/* ---- targets: what the sample city set itself, a little below where it stands */

static const struct {
  const char *carrier;
  double tce, co2;
} sizes[] = {
    /* choose the size of a sample target; figures use the factor records */
    {"electricity", 0.0001229, 0.0004878},
    {"washed_coal", 0.9, 2.2082},
    {"anthracite", 0.9428, 1.9238},
    {"coke", 0.9714, 2.8616},
    {"raw_coal", 0.7143, 1.7471},
    {"natural_gas", 0.00133, 0.0021622},
    {"diesel", 1.4571, 3.0959},
    {"lng", 1.7572, 2.5877},
    {"tar", 1.1429, 2.6446},
    {"crude_benzol", 1.4286, 3.4109},
    {"coke_oven_gas", 0.0005714, 0.00076224},
    {"steam", 0.03412, 0.11},
    {"heat", 0.03412, 0.11},
    {"limestone", 0, 0.44},
    {"dolomite", 0, 0.471},
    {"magnesite", 0, 0.522},
    {"soda_ash", 0, 0.4152},
    {"electrode", 0, 3.663},
    {"scrap", 0, 0.0154},
    {"crude_steel", 0, 0.0154},
    {"fresh_water", 0.0002571, 0},
};

static void plant_totals(const qf_demo *m, int plant, double out[3])
{
  out[0] = out[1] = out[2] = 0;
  for (uint32_t i = 0; i < m->nnodes; i++) {
    const demo_node *n = &m->nodes[i];
    if (n->plant != plant || !n->carrier || n->level != 1 || !filed_node(n) || n->flow == F_OUTPUT)
      continue;
    double sum = 0, sign = n->flow == F_PURCHASE ? 1 : -1;
    for (int k = 0; k < 12; k++)
      sum += (double)m->month[i][k] * 1e-6;
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++)
      if (strcmp(sizes[k].carrier, n->carrier) == 0) {
        out[0] += sign * sum * sizes[k].tce;
        out[1] += sign * sum * sizes[k].co2;
      }
    if (strcmp(n->carrier, "electricity") == 0 && n->flow == F_PURCHASE)
      out[2] += sum;
  }
}

static bool targets_of(json_t *array, const char *subject_id, int year, const double v[3])
{
  static const char *const ind[3] = {"industry.energy_total", "industry.co2_total", "industry.electricity"};
  static const char *const unit[3] = {"tce", "tCO2", "kWh"};
  static const double want[3] = {1.03, 0.99, 1.05}; /* of the year before metering */
  for (int i = 0; i < 3; i++) {
    char id[96];
    double value = v[i] * want[i];
    if (value <= 0)
      continue; /* a supplier whose exports exceed its purchases gets no such target */
    snprintf(id, sizeof id, "%s-%s-%d", ind[i], subject_id, year);
    if (!push(array, demo_record("target", id,
                                 json_pack("{s:s, s:s, s:i, s:i, s:I, s:s, s:s, s:s}", "indicator", ind[i], "subject",
                                           subject_id, "month_from", year * 12, "month_to", year * 12 + 11, "value",
                                           (json_int_t)value, "unit", unit[i], "kind", "plan", "source",
                                           "sample plan 演示计划"))))
      return false;
  }
  return true;
}

static bool targets(const qf_demo *m, json_t *array)
{
  static const char *const places[7] = {"210802", "210803", "210804", "210811", "210881", "210882", "210800"};
  int year = qf_month_of_day(qf_day_cn(m->now_us)) / 12;
  demo_totals t = {0};
  demo_filed_totals(m->seed, &t);
  for (int p = 0; p < DEMO_PLANTS; p++) {
    double v[3];
    plant_totals(m, p, v);
    if (!targets_of(array, demo_plants[p]->unit, year, v))
      return false;
    int at[2] = {demo_district_index(demo_plants[p]->district), 6};
    for (int i = 0; i < 2; i++) {
      t.tce[at[i]] += v[0];
      t.co2[at[i]] += v[1];
      t.kwh[at[i]] += v[2];
    }
  }
  for (int i = 0; i < 7; i++) {
    double v[3] = {t.tce[i], t.co2[i], t.kwh[i]};
    if (!targets_of(array, places[i], year, v))
      return false;
  }
  return true;
}

qf_rc qf_demo_records(qf_demo *m, json_t *array, qf_err *err)
{
  if (m->q != m->meter_us / QF_US_QUARTER)
    return qf_fail(err, QF_STATE, "the records are made before the model moves", "须在模型推进之前生成记录");
  int32_t last = qf_month_of_day(qf_day_cn(m->now_us)) - 1; /* the last whole month */
  bool ok = true;
  for (int p = 0; ok && p < DEMO_PLANTS; p++)
    ok = plant_subjects(array, demo_plants[p]);
  for (uint32_t i = 0; ok && i < m->npoints; i++)
    ok = push(array, demo_record("point", m->points[i].key, point_data(m, &m->points[i])));
  qf_rc rc = ok ? exchanges(m, array, err) : QF_NOMEM;
  if (!rc) /* from the month in which the metered units begin: an earlier one would hold part of the city */
    rc = demo_filed_records(m->seed, m->month_start, last, array);
  if (!rc && !(metered_filings(m, array) && metered_va(m, array, last) && targets(m, array) && demo_people(array)))
    rc = QF_NOMEM;
  return rc == QF_NOMEM ? qf_fail(err, QF_NOMEM, "out of memory", "内存不足") : rc;
}
