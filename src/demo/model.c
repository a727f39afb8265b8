/* The model as its users see it: made, moved, read. */
#include "demo/plant.h"
#include <stdlib.h>
#include <string.h>

const demo_plant *const demo_plants[DEMO_PLANTS] = {&demo_steel, &demo_magnesia, &demo_cement,
                                                    &demo_glass, &demo_chp,      &demo_port};

static void run_quarter(qf_demo *m, int64_t q)
{
  m->q = q;
  for (int i = 0; i < DEMO_PLANTS; i++) {
    memcpy(m->prev[i], m->act[i], sizeof m->prev[i]);
    demo_run_plant(m, i, q);
  }
}

static void add_quarter(qf_demo *m)
{
  for (uint32_t i = 0; i < m->nnodes; i++)
    m->cum[i] += m->inc[i];
}

static void warm_up(qf_demo *m)
{
  int64_t q0 = m->start_us / QF_US_QUARTER, q1 = m->meter_us / QF_US_QUARTER;
  for (int64_t q = q0; q < q1; q++) {
    run_quarter(m, q);
    add_quarter(m);
    int32_t month = qf_month_of_day((int32_t)((q + 32) / 96)) - m->month_start;
    for (uint32_t i = 0; i < m->nnodes; i++) {
      if (m->inc[i] > m->nodes[i].max)
        m->nodes[i].max = m->inc[i];
      if (month < 12)
        m->month[i][month] += m->inc[i];
    }
  }
  run_quarter(m, q1); /* stands in the first metered quarter, nothing of it counted yet */
}

qf_rc qf_demo_new(const qf_demo_params *p, qf_demo **out, qf_err *err)
{
  if (p->days > 1500 || p->now_us < INT64_C(1514764800) * QF_US_SECOND)
    return qf_fail(err, QF_RANGE, "demonstration: at most 1500 days, not before 2018",
                   "演示数据：最多 1500 天，且不早于 2018 年");
  qf_demo *m = calloc(1, sizeof *m);
  if (!m)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  m->seed = p->seed;
  m->days = p->days;
  m->now_us = qf_floor(p->now_us, QF_US_QUARTER);
  int32_t today = qf_day_cn(m->now_us), month = qf_month_of_day(today);
  int32_t first = p->days ? today - (int32_t)p->days : qf_month_first_day(month - 13);
  m->meter_us = qf_day_cn_start(first);
  m->month_start = qf_month_of_day(first) - 12;
  m->start_us = qf_day_cn_start(qf_month_first_day(m->month_start));
  for (int i = 0; i < DEMO_PLANTS; i++) {
    m->ctx[i] = (demo_ctx){.seed = demo_mix(m->seed + (uint64_t)i), .act = m->act[i], .st = m->st[i]};
    demo_plants[i]->init(m->st[i]);
  }
  qf_rc rc = demo_build_nodes(m);
  if (!rc) {
    warm_up(m);
    rc = demo_build_points(m);
  }
  if (rc) {
    qf_demo_free(m);
    return qf_fail(err, rc, "demonstration model could not be built", "无法建立演示模型");
  }
  *out = m;
  return QF_OK;
}

void qf_demo_free(qf_demo *m)
{
  if (!m)
    return;
  free(m->nodes);
  free(m->inc);
  free(m->cum);
  free(m->month);
  free(m->points);
  free(m);
}

qf_us qf_demo_meter_us(const qf_demo *m)
{
  return m->meter_us;
}
qf_us qf_demo_history_us(const qf_demo *m)
{
  return m->now_us;
}
qf_us qf_demo_at(const qf_demo *m)
{
  return m->q * QF_US_QUARTER;
}
uint64_t qf_demo_seed(const qf_demo *m)
{
  return m->seed;
}
uint32_t qf_demo_days(const qf_demo *m)
{
  return m->days;
}
size_t qf_demo_points(const qf_demo *m)
{
  return m->npoints;
}
const qf_demo_point *qf_demo_point_at(const qf_demo *m, size_t i)
{
  return &m->points[i].pub;
}
void qf_demo_set_id(qf_demo *m, size_t i, uint32_t id)
{
  m->points[i].id = id;
}
uint64_t qf_demo_clamped(const qf_demo *m)
{
  return m->clamped;
}

static bool counted(const demo_point *p)
{
  return p->kind == PK_REGISTER || p->kind == PK_INTERVAL;
}
int64_t qf_demo_inc(const qf_demo *m, size_t i)
{
  return counted(&m->points[i]) ? m->inc[m->points[i].node] : 0;
}
int64_t qf_demo_cum(const qf_demo *m, size_t i)
{
  return counted(&m->points[i]) ? m->cum[m->points[i].node] : 0;
}

/* ---- values at a moment of the present quarter [q, q+1) */

static int64_t register_at(const qf_demo *m, const demo_point *p, qf_us t)
{
  qf_us into = t - m->q * QF_US_QUARTER;
  int64_t u = m->cum[p->node] - p->base;
  if (into > 0)
    u += (int64_t)((qf_i128)m->inc[p->node] * (qf_i128)into / QF_US_QUARTER);
  int64_t r = (p->offset + u / p->lsb_u) % p->modulus;
  if (p->fault == FAULT_EXCHANGE && t >= demo_exchange_us(m)) /* the new meter began at 0 */
    r = (r - p->rebase + p->modulus) % p->modulus;
  return r;
}

static int64_t rounded(double v, int lsb)
{
  for (; lsb < 0; lsb++)
    v *= 10;
  for (; lsb > 0; lsb--)
    v /= 10;
  return v < 0 ? -(int64_t)(0.5 - v) : (int64_t)(v + 0.5);
}

/* Noise of the moment: straight lines between minutes, riding on hours. */
static double moment(const demo_point *p, qf_us t)
{
  int64_t s = t / QF_US_SECOND;
  return 0.6 * demo_slow(p->stream, 1, s, 7200) + 0.3 * demo_slow(p->stream, 2, s, 900) +
         0.1 * demo_slow(p->stream, 3, s, 60);
}

static int64_t gauge_at(const qf_demo *m, const demo_point *p, qf_us t)
{
  const demo_gauge *g = p->gauge;
  if (p->kind == PK_POWER)
    return rounded((double)m->inc[p->node] * 4e-6 * (1.0 + 0.012 * moment(p, t)), g->lsb);
  double f = (double)(t - m->q * QF_US_QUARTER) / (double)QF_US_QUARTER;
  double a = m->prev[p->plant][g->act], b = m->act[p->plant][g->act];
  double v = g->base + g->amp * moment(p, t) + (g->act ? g->gain * (a + (b - a) * f) : 0);
  return rounded(v, g->lsb);
}

bool demo_read(const qf_demo *m, const demo_point *p, qf_us t, qf_num *out)
{
  if (p->fault && demo_fault_skips(m, p, t))
    return false;
  out->exp = (int8_t)p->pub.lsb_exp;
  if (p->kind == PK_REGISTER) {
    out->mant = register_at(m, p, t);
    if (p->fault == FAULT_SPIKE && t == m->meter_us + 3 * QF_US_DAY + 12 * QF_US_HOUR)
      out->mant += p->modulus / 50;
  } else {
    out->mant = gauge_at(m, p, t);
  }
  return true;
}

/* ---- batches */

/* What a frozen transmitter keeps showing: caught when the model passes the moment it froze. */
static void catch_frozen(qf_demo *m)
{
  for (uint32_t i = 0; i < m->npoints; i++) {
    demo_point *p = &m->points[i];
    if (p->fault == FAULT_EXCHANGE && m->q * QF_US_QUARTER == demo_exchange_us(m) && !p->rebase)
      p->rebase = (p->offset + (m->cum[p->node] - p->base) / p->lsb_u) % p->modulus;
    if (p->fault != FAULT_FROZEN && p->fault != FAULT_STUCK)
      continue;
    qf_us t = m->q * QF_US_QUARTER, shows = demo_fault_time(m, p, t);
    qf_us ahead = demo_fault_time(m, p, t + QF_US_QUARTER);
    if (shows == t && ahead == t) { /* freezes now */
      qf_num v = {0};
      (void)demo_read(m, p, t, &v);
      p->rebase = v.mant;
    }
  }
}

static void advance(qf_demo *m)
{
  add_quarter(m);
  run_quarter(m, m->q + 1);
  catch_frozen(m);
}

static void emit(qf_demo *m, const demo_point *p, qf_us t, qf_batch *b)
{
  qf_num v;
  if (p->kind == PK_INTERVAL || !demo_read(m, p, t, &v))
    return;
  if ((p->fault == FAULT_FROZEN || p->fault == FAULT_STUCK) && demo_fault_time(m, p, t) != t)
    v.mant = p->rebase;
  qf_batch_add(b, p->id, t, v, 0);
}

/* Amounts of the present quarter, stamped at its end. */
static void emit_intervals(qf_demo *m, qf_batch *b)
{
  for (uint32_t i = 0; i < m->npoints; i++) {
    const demo_point *p = &m->points[i];
    if (p->kind != PK_INTERVAL)
      continue;
    /* the difference of the rounded sum, so that the amounts add up */
    int64_t a = (m->cum[p->node] - p->base) / p->lsb_u, z = (m->cum[p->node] + m->inc[p->node] - p->base) / p->lsb_u;
    qf_batch_add(b, p->id, (m->q + 1) * QF_US_QUARTER, (qf_num){z - a, (int8_t)p->pub.lsb_exp}, 0);
  }
}

static qf_rc past(qf_err *err)
{
  return qf_fail(err, QF_STATE, "the demonstration model cannot go back in time", "演示模型不能回到过去的时刻");
}

static qf_rc no_memory(qf_err *err)
{
  return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
}

/* Move to the quarter of t; amounts of quarters that end in (from, t] go into b. */
static qf_rc move_to(qf_demo *m, qf_us from, qf_us t, qf_batch *b, qf_err *err)
{
  int64_t q = t / QF_US_QUARTER;
  if (q < m->q)
    return past(err);
  while (m->q < q) {
    if ((m->q + 1) * QF_US_QUARTER > from) {
      if (qf_batch_reserve(b, m->npoints))
        return no_memory(err);
      emit_intervals(m, b);
    }
    advance(m);
  }
  return QF_OK;
}

qf_rc qf_demo_step(qf_demo *m, qf_us from_us, qf_us to_us, qf_batch *b, qf_err *err)
{
  qf_rc rc = move_to(m, from_us, to_us, b, err);
  if (rc)
    return rc;
  if (qf_batch_reserve(b, m->npoints))
    return no_memory(err);
  for (uint32_t i = 0; i < m->npoints; i++)
    emit(m, &m->points[i], to_us, b);
  return QF_OK;
}

qf_rc qf_demo_due(qf_demo *m, qf_us from_us, qf_us to_us, qf_batch *b, qf_err *err)
{
  qf_rc rc = move_to(m, from_us, to_us, b, err);
  if (rc)
    return rc;
  if (qf_batch_reserve(b, m->npoints))
    return no_memory(err);
  for (uint32_t i = 0; i < m->npoints; i++) {
    const demo_point *p = &m->points[i];
    qf_us shift = (qf_us)(p->stream % 60) * QF_US_SECOND;
    if (p->kind != PK_REGISTER || (from_us + shift) / QF_US_MINUTE != (to_us + shift) / QF_US_MINUTE)
      emit(m, p, to_us, b);
  }
  return QF_OK;
}

/* History is made quarter by quarter and sorted by point: a counting sort over known row counts. */
static qf_rc by_point(const qf_demo *m, const qf_batch *in, qf_batch *out)
{
  uint32_t *at = calloc((size_t)m->npoints + 1, sizeof *at);
  uint32_t *index = malloc(((size_t)in->n + 1) * sizeof *index);
  if (!at || !index || qf_batch_reserve(out, in->n)) {
    free(at);
    free(index);
    return QF_NOMEM;
  }
  /* ids need not be dense: the rows carry the point index until they are placed */
  for (uint32_t i = 0; i < in->n; i++)
    at[in->point[i] + 1]++;
  for (uint32_t i = 0; i < m->npoints; i++)
    at[i + 1] += at[i];
  for (uint32_t i = 0; i < in->n; i++)
    index[at[in->point[i]]++] = i;
  for (uint32_t k = 0; k < in->n; k++) {
    // NOLINTNEXTLINE(clang-analyzer-core.uninitialized.Assign): every index is placed once, the counts add up to n
    uint32_t i = index[k];
    qf_batch_add(out, m->points[in->point[i]].id, in->ts_us[i], (qf_num){in->mant[i], in->exp[i]}, in->flags[i]);
  }
  free(at);
  free(index);
  return QF_OK;
}

qf_rc qf_demo_fill(qf_demo *m, qf_us from_us, qf_us to_us, qf_batch *b, qf_err *err)
{
  int64_t first = from_us / QF_US_QUARTER + 1, last = to_us / QF_US_QUARTER;
  if (last - first >= 400)
    return qf_fail(err, QF_RANGE, "demonstration: at most 400 quarters at once", "演示数据：一次最多 400 个时段");
  qf_batch raw;
  qf_batch_init(&raw);
  qf_rc rc = QF_OK;
  uint32_t *ids = malloc(m->npoints * sizeof *ids);
  if (!ids)
    return no_memory(err);
  for (uint32_t i = 0; i < m->npoints; i++) {
    ids[i] = m->points[i].id;
    m->points[i].id = i;
  }
  for (int64_t q = first; q <= last && !rc; q++)
    rc = qf_demo_step(m, from_us, q * QF_US_QUARTER, &raw, err);
  for (uint32_t i = 0; i < m->npoints; i++)
    m->points[i].id = ids[i];
  free(ids);
  if (!rc && by_point(m, &raw, b))
    rc = no_memory(err);
  qf_batch_fini(&raw);
  return rc;
}
