/* Like days: what a point used in the quarters of earlier days, read from the readings store when an estimate needs it.
 * A day is run through a series of its own, without estimates, so that only measured quarters count. Days are taken
 * newest first, over at most QF_LIKE_DAYS days, until every slot of the classes asked for has QF_LIKE_KEEP values. All
 * readings used are older than the gap, so an estimate is a function of the set of readings. */
#include "meter/internal.h"
#include <string.h>

typedef struct one_day {
  qf_series s;
  qf_series_env e;
  qf_group g;
  qf_us start;
  int64_t q[QF_DAY_QUARTERS];
  bool ok[QF_DAY_QUARTERS];
} one_day;

static void take_hour(void *ud, const qf_hour *h)
{
  one_day *d = ud;
  for (int i = 0; i < 4; i++) {
    qf_us t = h->hour_us + i * QF_US_QUARTER;
    bool good = h->status[i] == QF_ST_VALID || h->status[i] == QF_ST_WARN;
    if (!good || t < d->start || t >= d->start + QF_US_DAY)
      continue;
    d->q[(t - d->start) / QF_US_QUARTER] = h->q[i];
    d->ok[(t - d->start) / QF_US_QUARTER] = true;
  }
}

static void step_group(one_day *d, const qf_group *g)
{
  if (g->differ)
    qf_series_conflict(&d->s);
  (void)qf_series_step(&d->s, &d->e, &g->r);
}

static bool take_reading(void *ud, const qf_reading *r)
{
  one_day *d = ud;
  qf_group done;
  if (qf_group_add(&d->g, &d->s, d->e.cfg, r, &done))
    step_group(d, &done);
  return true;
}

/* Measured quarters of `day` from readings up to and including `before`. false when there are none. */
static bool read_day(qf_meter *m, int32_t day, qf_us before, one_day *d)
{
  const qf_series_cfg *c = m->env.cfg;
  qf_us start = qf_day_cn_start(day), from = start - c->gap_us, to = start + QF_US_DAY + c->gap_us + 1;
  qf_hour h;
  memset(d, 0, sizeof *d);
  d->start = start;
  d->e = (qf_series_env){.cfg = c,
                         .point = m->env.point,
                         .exchange = m->env.exchange,
                         .exchanges = m->env.exchanges,
                         .hour = take_hour,
                         .ud = d};
  qf_series_init(&d->s, &d->e);
  if (m->source.range(m->source.ud, m->env.point, from, to < before + 1 ? to : before + 1, take_reading, d))
    return false;
  if (d->g.have)
    step_group(d, &d->g);
  if (qf_series_open_hour(&d->s, &d->e, &h))
    take_hour(d, &h);
  return d->s.begun;
}

/* A day on which a register that hardly ever rests did not count for half of the time: it was stuck, not idle, and must
 * not be taken for what is used on such a day. */
static bool stood(const qf_meter *m, const one_day *d)
{
  const qf_series *s = &qf_meter_at(m, m->env.point)->a->s;
  int zero = 0, all = 0;
  for (int i = 0; i < QF_DAY_QUARTERS; i++) {
    all += d->ok[i];
    zero += d->ok[i] && d->q[i] == 0;
  }
  return m->env.cfg->kind == QF_KIND_REGISTER && !m->env.cfg->rests && zero * 2 > all &&
         qf_vee_stuck(QF_STUCK_US, s->zero_q, s->all_q);
}

/* Add the day's slots; true when every slot of its class has enough. */
static bool add_day(qf_likeday *l, const one_day *d, int cls)
{
  bool full = true;
  for (int i = 0; i < QF_DAY_QUARTERS; i++) {
    uint8_t *n = &l->n[cls][i];
    if (d->ok[i] && *n < QF_LIKE_KEEP)
      l->v[cls][i][(*n)++] = d->q[i];
    full &= *n == QF_LIKE_KEEP;
  }
  return full;
}

static void read_classes(qf_meter *m, qf_us before, unsigned want)
{
  int32_t today = qf_day_cn(before);
  for (int32_t day = today - 1; want && day >= today - QF_LIKE_DAYS; day--) {
    int cls = (int)qf_calendar_class(m->env.calendar, day);
    one_day d;
    if ((want >> cls & 1) && read_day(m, day, before, &d) && !stood(m, &d) && add_day(&m->like, &d, cls))
      want &= ~(1u << cls);
  }
}

static bool empty_class(const qf_likeday *l, int cls)
{
  for (int i = 0; i < QF_DAY_QUARTERS; i++)
    if (l->n[cls][i])
      return false;
  return true;
}

const qf_likeday *qf_meter_likeday(void *ud, qf_us before, qf_us t0, qf_us t1)
{
  qf_meter *m = ud;
  unsigned want = 0;
  bool lacking = false;
  memset(&m->like, 0, sizeof m->like);
  for (int32_t d = qf_day_cn(t0), n = 0; d <= qf_day_cn(t1 - 1) && n < 7; d++, n++)
    want |= 1u << qf_calendar_class(m->env.calendar, d);
  if (want >> QF_DAY_SPRING_FESTIVAL & 1) /* a year away: what stands in for it */
    want |= 1u << QF_DAY_SUNDAY;
  read_classes(m, before, want);
  for (int c = 0; c < QF_DAY_CLASSES; c++)
    lacking |= (want >> c & 1) && empty_class(&m->like, c);
  if (lacking) /* another class's day is a better guide than none */
    read_classes(m, before, ((1u << QF_DAY_CLASSES) - 1) & ~want);
  return &m->like;
}

uint32_t qf_meter_suspect(void *ud, const qf_day *day)
{
  qf_meter *m = ud;
  double slot[QF_LIKE_DAYS], sum[QF_LIKE_DAYS];
  size_t nslot = 0, nsum = 0;
  qf_us start = qf_day_cn_start(day->day);
  int at = qf_day_slot(day->peak_us);
  for (int32_t k = 1; k <= QF_LIKE_DAYS; k++) {
    one_day d;
    if (qf_calendar_class(m->env.calendar, day->day - k) != qf_calendar_class(m->env.calendar, day->day) ||
        !read_day(m, day->day - k, start, &d))
      continue;
    int64_t all = 0;
    int n = 0;
    for (int i = 0; i < QF_DAY_QUARTERS; i++) {
      all += d.q[i];
      n += d.ok[i];
    }
    if (d.ok[at])
      slot[nslot++] = (double)d.q[at];
    if (n * 10 >= QF_DAY_QUARTERS * 9)
      sum[nsum++] = (double)all;
  }
  bool odd = qf_vee_outlier((double)day->peak, slot, nslot, 2 * m->env.cfg->slack) ||
             qf_vee_day_high((double)day->value, sum, nsum);
  return odd ? QF_RULE(QF_V11) : 0;
}
