#include "meter/series.h"
#include <math.h>
#include <string.h>

#define QUARTER_US ((uint32_t)QF_US_QUARTER)
#define GAP_MAX_US (QF_SPAN_DAYS_MAX * QF_US_DAY)
#define CANDIDATE_RISES 2  /* a new baseline is believed when it has risen so often ... */
#define CANDIDATE_STILL 96 /* ... or stood so many readings over a day */

typedef struct span { /* how a stretch of time is booked */
  qf_series *s;
  const qf_series_env *e;
  uint32_t rules;
  bool est, warn, fail;
} span;

static bool is_energy(const qf_series_cfg *c)
{
  return c->kind == QF_KIND_REGISTER || c->kind == QF_KIND_INTERVAL;
}

/* ---- description ---- */

static double k_double(const qf_series_cfg *c)
{
  return qf_num_double((qf_num){c->k_mant, c->k_exp});
}

qf_rc qf_series_config(const qf_point_desc *d, qf_series_cfg *out)
{
  if (d->kind > QF_KIND_STATE || d->k.mant <= 0 || d->k.exp < -30 || d->k.exp > 30 || d->register_digits > 15 ||
      d->lsb_exp < -18 || d->lsb_exp > 18 || !(d->rated >= 0) || !isfinite(d->rated) || !isfinite(d->low) ||
      !isfinite(d->high) || !(d->rate_limit >= 0) || !isfinite(d->rate_limit) || !(d->loss_share >= 0) ||
      !(d->loss_share <= 1))
    return QF_RANGE;
  qf_us period = d->period_s ? (qf_us)d->period_s * QF_US_SECOND : QF_US_QUARTER;
  *out = (qf_series_cfg){.rated = d->rated,
                         .low = d->low,
                         .high = d->high,
                         .rate_limit = d->rate_limit,
                         .k_mant = d->k.mant,
                         .k_exp = d->k.exp,
                         .lsb_exp = d->lsb_exp,
                         .kind = d->kind,
                         .stamp_begin = d->stamp_begin != 0,
                         .digits = d->register_digits,
                         .parent = d->parent,
                         .loss_share = d->loss_share,
                         .period_us = period,
                         .period_known = d->period_s != 0,
                         .rests = d->rests != 0};
  out->gap_us = period + period / 2 > QF_US_QUARTER ? period + period / 2 : QF_US_QUARTER;
  out->lim_us = qf_vee_limit(d->rated, 1) * 1e6;
  out->slack = pow(10.0, d->lsb_exp) * k_double(out) * 1e6;
  return QF_OK;
}

void qf_series_init(qf_series *s, const qf_series_env *e)
{
  *s = (qf_series){.last_ts = INT64_MIN, .busy = 1, .x_from = INT64_MAX};
  if (e->exchanges)
    s->x_from = e->exchange[0].ts_us - QF_US_DAY;
}

/* ---- hours and days ---- */

static int64_t mean_of(int64_t sum, uint32_t n)
{
  int64_t q = sum / n, r = sum % n;
  int64_t twice = (r < 0 ? -r : r) * 2;
  return twice >= n ? q + (r < 0 ? -1 : 1) : q;
}

/* running: quarters that end after it are still filling; INT64_MAX for a closed hour. */
static uint8_t quarter_status(const qf_series *s, const qf_series_cfg *c, int i, qf_us running)
{
  uint8_t bit = (uint8_t)(1 << i);
  if (s->cov[i] == 0)
    return QF_ST_MISSING;
  if (s->fail & bit)
    return QF_ST_PROVISIONAL;
  if (is_energy(c)) {
    if (s->cov[i] < QUARTER_US / 10 * 9 || (running < s->hour_us + (i + 1) * QF_US_QUARTER))
      return QF_ST_PROVISIONAL;
    if (s->est[i] > QUARTER_US / 10)
      return QF_ST_ESTIMATED;
  }
  return s->warn & bit ? QF_ST_WARN : QF_ST_VALID;
}

static bool make_hour(const qf_series *s, const qf_series_env *e, qf_us running, qf_hour *h)
{
  bool any = false, mean = e->cfg->kind == QF_KIND_GAUGE;
  *h = (qf_hour){.point = e->point, .hour_us = s->hour_us, .rules = s->rules, .min = s->lo, .max = s->hi};
  h->readings = s->hour_readings > 65535 ? 65535 : (uint16_t)s->hour_readings;
  for (int i = 0; i < 4; i++) {
    h->status[i] = quarter_status(s, e->cfg, i, running);
    h->q[i] = !s->cov[i] ? 0 : mean ? mean_of(s->q[i], s->cov[i]) : s->q[i];
    any |= h->status[i] != QF_ST_MISSING;
  }
  return any;
}

static void note_top(qf_series *s, int64_t x)
{
  for (int i = 0; i < 3; i++) {
    if (x > s->top[i]) {
      int64_t out = s->top[i];
      s->top[i] = x;
      x = out;
    }
  }
}

/* Take an hour into the open day. */
static void fold_hour(qf_series *s, const qf_series_cfg *c, const qf_hour *h)
{
  int64_t sum = 0;
  bool energy = is_energy(c);
  for (int i = 0; i < 4; i++) {
    if (h->status[i] == QF_ST_MISSING)
      continue;
    int64_t x = energy || c->kind == QF_KIND_GAUGE ? h->q[i] : 0, high = energy ? h->q[i] : h->max;
    if (s->day_q == 0 || high > s->peak) {
      s->peak = high;
      s->peak_slot = (uint8_t)qf_day_slot(h->hour_us + i * QF_US_QUARTER);
    }
    s->day_q++;
    s->day_value = c->kind == QF_KIND_STATE ? h->q[i] : s->day_value + x;
    sum += x;
    if (h->status[i] == QF_ST_ESTIMATED) {
      s->day_qe++;
      s->day_est += x;
    } else if (energy && c->period_us <= QF_US_QUARTER) {
      note_top(s, x);
    }
    s->all_q++;
    s->zero_q += h->q[i] == 0;
  }
  if (energy && c->period_us > QF_US_QUARTER)
    note_top(s, sum);
  if (s->all_q >= 90 * QF_DAY_QUARTERS) { /* forget slowly: about the last 90 days count */
    s->all_q /= 2;
    s->zero_q /= 2;
  }
  s->day_rules |= h->rules;
}

static bool is_spiky(const qf_series *s, const qf_series_cfg *c)
{
  if (!is_energy(c))
    return false;
  qf_us interval = c->period_us > QF_US_QUARTER ? QF_US_HOUR : QF_US_QUARTER;
  double floor = fmax(5 * c->slack, 0.05 * c->lim_us * (double)interval);
  return qf_vee_spike((double)s->top[0], (double)s->top[2], floor);
}

static bool make_day(const qf_series *s, const qf_series_env *e, qf_day *d)
{
  *d = (qf_day){.point = e->point,
                .day = s->day,
                .value = s->day_value,
                .estimated = s->day_est,
                .quarters = s->day_q,
                .quarters_estimated = s->day_qe,
                .peak = s->peak,
                .rules = s->day_rules};
  d->peak_us = qf_day_cn_start(s->day) + s->peak_slot * QF_US_QUARTER;
  if (!s->day_q)
    return false;
  if (e->cfg->kind == QF_KIND_GAUGE)
    d->value = mean_of(s->day_value, s->day_q);
  if (is_spiky(s, e->cfg))
    d->rules |= QF_RULE(QF_V10);
  if (is_energy(e->cfg) && qf_vee_cap(d->value, d->estimated, d->quarters, d->quarters_estimated))
    d->rules |= QF_RULE(QF_V22);
  return true;
}

/* Judge and report the day that ends. */
static void close_day(qf_series *s, const qf_series_env *e)
{
  qf_day d;
  if (make_day(s, e, &d)) {
    double sum = (double)d.value * 1e-6;
    if (qf_vee_incomplete(s->day_readings, (uint32_t)(QF_US_DAY / e->cfg->period_us)))
      d.rules |= QF_RULE(QF_V13);
    bool odd = (d.rules & QF_RULE(QF_V10)) || sum > 1.5 * (double)s->day_mean;
    if (is_energy(e->cfg) && e->suspect && s->days_seen >= 7 && odd)
      d.rules |= e->suspect(e->ud, &d);
    s->day_mean = s->days_seen ? 0.9f * s->day_mean + 0.1f * (float)sum : (float)sum;
    if (s->days_seen < 255)
      s->days_seen++;
    if (e->day)
      e->day(e->ud, &d);
  }
  s->day_value = s->day_est = s->peak = 0;
  s->top[0] = s->top[1] = s->top[2] = 0;
  s->day_rules = s->day_readings = 0;
  s->day_q = s->day_qe = s->peak_slot = 0;
}

static void note_balance(qf_series *s, const qf_hour *h)
{
  bool ok = true;
  int64_t sum = 0;
  for (int i = 0; i < 4; i++) {
    ok &= h->status[i] == QF_ST_VALID || h->status[i] == QF_ST_WARN;
    sum += h->q[i];
  }
  bool next = s->bal_hour + QF_US_HOUR == h->hour_us;
  s->bal[1] = s->bal[0];
  s->bal[0] = sum;
  s->bal_ok = (uint8_t)((next ? (s->bal_ok & 1) << 1 : 0) | ok);
  s->bal_hour = h->hour_us;
}

static void close_hour(qf_series *s, const qf_series_env *e)
{
  qf_hour h;
  if (make_hour(s, e, INT64_MAX, &h)) {
    fold_hour(s, e->cfg, &h);
    note_balance(s, &h);
    if (e->hour)
      e->hour(e->ud, &h);
  } else {
    s->day_rules |= h.rules;
  }
  if (e->cfg->kind == QF_KIND_REGISTER)
    s->sum += s->q[0] + s->q[1] + s->q[2] + s->q[3];
  memset(s->q, 0, sizeof s->q);
  memset(s->cov, 0, sizeof s->cov);
  memset(s->est, 0, sizeof s->est);
  s->lo = s->hi = 0;
  s->rules = s->hour_readings = 0;
  s->warn = s->fail = 0;
}

/* Make `hour` the open hour. */
static void open_hour(qf_series *s, const qf_series_env *e, qf_us hour)
{
  if (hour == s->hour_us)
    return;
  close_hour(s, e);
  s->hour_us = hour;
  int32_t day = qf_day_cn(hour);
  if (day != s->day) {
    close_day(s, e);
    s->day = day;
  }
}

/* Time has come to t: everything that ends at or before t is closed. */
static void advance(qf_series *s, const qf_series_env *e, qf_us t)
{
  open_hour(s, e, qf_floor(t, QF_US_HOUR));
  s->t0 = t;
  s->q_end = qf_floor(t, QF_US_QUARTER) + QF_US_QUARTER;
}

static void begin(qf_series *s, qf_us t, int64_t v)
{
  s->hour_us = qf_floor(t, QF_US_HOUR);
  s->day = qf_day_cn(t);
  s->t0 = t;
  s->q_end = qf_floor(t, QF_US_QUARTER) + QF_US_QUARTER;
  s->moved = t;
  s->r0 = s->sum = v;
  s->begun = 1;
  s->rules |= s->pend;
}

bool qf_series_open_hour(const qf_series *s, const qf_series_env *e, qf_hour *out)
{
  if (!s->begun)
    return false;
  bool any = make_hour(s, e, s->t0, out);
  out->rules |= s->pend;
  return any;
}

bool qf_series_open_day(const qf_series *s, const qf_series_env *e, qf_day *out)
{
  qf_series copy = *s;
  qf_hour h;
  if (qf_series_open_hour(s, e, &h))
    fold_hour(&copy, e->cfg, &h);
  return s->begun && make_day(&copy, e, out);
}

/* ---- booking ---- */

static void put_part(void *ud, qf_us quarter, qf_us overlap, int64_t x)
{
  span *sp = ud;
  qf_series *s = sp->s;
  open_hour(s, sp->e, qf_floor(quarter, QF_US_HOUR));
  int i = (int)((quarter - s->hour_us) / QF_US_QUARTER);
  s->q[i] += x;
  s->cov[i] += (uint32_t)overlap;
  if (sp->est)
    s->est[i] += (uint32_t)overlap;
  s->rules |= sp->rules;
  s->warn |= (uint8_t)(sp->warn << i);
  s->fail |= (uint8_t)(sp->fail << i);
}

static void check_sum(qf_series *s, const qf_series_env *e)
{
  int64_t open = s->q[0] + s->q[1] + s->q[2] + s->q[3];
  if (e->cfg->kind == QF_KIND_REGISTER && s->sum + open != s->r0)
    s->day_rules |= QF_RULE(QF_V14);
}

/* Book x over [t0, t1): measured when the step is a normal one, by straight line (E1) or like days (E2) when it is a
 * gap. */
static void book(span *sp, qf_us t1, int64_t x)
{
  qf_series *s = sp->s;
  qf_us dt = t1 - s->t0;
  const qf_likeday *like = NULL;
  qf_shape shape QF_UNSET;
  if (dt > sp->e->cfg->gap_us) {
    sp->est = true;
    sp->rules |= QF_RULE(QF_V13);
    if (dt > QF_LINE_US && x && sp->e->likeday)
      like = sp->e->likeday(sp->e->ud, s->t0, s->t0, t1);
  }
  bool shaped = like && qf_likeday_shape(like, &shape);
  shape.calendar = sp->e->calendar;
  qf_spread(s->t0, t1, x, shaped ? &shape : NULL, put_part, sp);
  advance(s, sp->e, t1);
}

/* E3 for one quarter: the like days' mean, by the time it covers. */
static bool guess_quarter(const qf_likeday *l, const qf_calendar *cal, qf_us quarter, qf_us overlap, int64_t *x)
{
  int64_t mean;
  int cls = (int)qf_calendar_class(cal, qf_day_cn(quarter)), slot = qf_day_slot(quarter);
  bool known = l && qf_likeday_mean(l, cls, slot, &mean);
  if (l && !known && cls == QF_DAY_SPRING_FESTIVAL) /* the last one is a year away */
    known = qf_likeday_mean(l, QF_DAY_SUNDAY, slot, &mean);
  if (!known)
    return false;
  *x = (int64_t)((qf_i128)mean * (qf_i128)overlap / QF_US_QUARTER);
  return true;
}

/* Sum of the guesses over [t0, t1); with `put` they are booked too. */
static int64_t guess_all(const qf_likeday *l, qf_us t0, qf_us t1, span *sp, bool put)
{
  int64_t sum = 0, x;
  for (qf_us q = qf_floor(t0, QF_US_QUARTER); q < t1; q += QF_US_QUARTER) {
    qf_us a = q > t0 ? q : t0, b = q + QF_US_QUARTER < t1 ? q + QF_US_QUARTER : t1;
    if (!guess_quarter(l, sp->e->calendar, q, b - a, &x))
      continue;
    sum += x;
    if (put)
      put_part(sp, q, b - a, x);
  }
  return sum;
}

/* [t0, t1) has no boundary register: E3, never less than `lower`, which is known to have been used; else it stays
 * missing. Returns what was booked. */
static int64_t guess_before(span *sp, qf_us before, qf_us t1, int64_t lower)
{
  qf_series *s = sp->s;
  qf_us t0 = s->t0;
  int64_t sum = 0;
  sp->est = true;
  sp->rules |= QF_RULE(QF_V13);
  if (t1 - t0 <= GAP_MAX_US) {
    const qf_likeday *l = sp->e->likeday ? sp->e->likeday(sp->e->ud, before, t0, t1) : NULL;
    qf_shape shape QF_UNSET;
    sum = l ? guess_all(l, t0, t1, sp, false) : 0;
    shape.calendar = sp->e->calendar;
    if (lower > sum) {
      qf_spread(t0, t1, lower, l && qf_likeday_shape(l, &shape) ? &shape : NULL, put_part, sp);
      sum = lower;
    } else if (l) {
      guess_all(l, t0, t1, sp, true);
    }
  }
  advance(s, sp->e, t1);
  s->rules |= sp->rules;
  return sum;
}

static int64_t guess(span *sp, qf_us t1, int64_t lower)
{
  return guess_before(sp, sp->s->t0, t1, lower);
}

/* ---- verdicts ---- */

static void set_alarm(qf_series *s, const qf_series_env *e, qf_alarm_kind kind, bool on, double value, double limit)
{
  uint8_t bit = (uint8_t)(1u << kind);
  if (((s->alarms & bit) != 0) == on)
    return;
  s->alarms ^= bit;
  if (e->alarm) {
    qf_alarm a = {
        .point = e->point, .kind = (uint8_t)kind, .active = on, .ts_us = s->last_ts, .value = value, .limit = limit};
    e->alarm(e->ud, &a);
  }
}

/* Set a reading aside. */
static bool refuse(qf_series *s, const qf_series_env *e, int rule, double value, double limit)
{
  s->pend |= QF_RULE(rule);
  s->busy = 1;
  set_alarm(s, e, rule == QF_V09 ? QF_ALARM_LIMIT : QF_ALARM_INVALID, true, value, limit);
  return false;
}

/* V19. 65535 and its like may also be what is measured: a value that was reached by a step of at most 5 % of itself is
 * left alone, a jump to it is not. A real value that was jumped to is lost once; its next reading stands beside it. */
static bool is_sentinel(const qf_series *s, const qf_reading *r, int64_t v)
{
  if (!qf_vee_sentinel(r->v.mant, r->v.exp, r->flags))
    return false;
  bool jump = !s->begun || fabs((double)v - (double)s->r0) > 0.05 * fabs((double)v);
  return jump || qf_vee_no_value(r->v.mant, r->v.exp, r->flags);
}

static void count_reading(qf_series *s)
{
  s->hour_readings++;
  s->day_readings++;
}

/* A good reading: value as an INVALID alarm shows it, rate as a LIMIT alarm does. */
static void settle(qf_series *s, const qf_series_env *e, double value, double rate)
{
  s->c_n = 0;
  s->pend = 0;
  set_alarm(s, e, QF_ALARM_INVALID, false, value, 0);
  if (is_energy(e->cfg))
    set_alarm(s, e, QF_ALARM_LIMIT, false, rate, 1.2 * e->cfg->rated);
  s->busy = s->alarms != 0 || s->still;
}

/* ---- registers ---- */

static bool within(const qf_series_cfg *c, int64_t x, qf_us dt, int64_t v)
{
  if (c->lim_us <= 0)
    return true;
  double lim = c->lim_us * (double)(dt > c->period_us ? dt : c->period_us) + c->slack;
  if ((double)x <= lim)
    return true;
  double k = k_double(c) * 1e6; /* a float32 register moves in steps of its ulp, however small the meter */
  return (double)x <= lim + qf_vee_ulp32((double)v / k) * k;
}

/* V12 for registers: how long it has stood, and whether that is unlike it. */
static bool is_stuck(const qf_series *s, const qf_series_cfg *c, qf_us t)
{
  if (c->rests)
    return false;
  qf_us still = t - s->moved;
  uint32_t run = still / QF_US_QUARTER > INT32_MAX ? INT32_MAX : (uint32_t)(still / QF_US_QUARTER);
  uint32_t zero = s->zero_q > run ? s->zero_q - run : 0, all = s->all_q > run ? s->all_q - run : 0;
  return (s->alarms & (1u << QF_ALARM_STUCK)) || qf_vee_stuck(still, zero, all);
}

/* ---- a register that stands still (V12)
 *
 * A zero is booked as it is read: most meters rest. A register that hardly ever rests is another matter. When it stands
 * over the end of an hour, its state at the last movement is kept (the mark). When it has stood for a day, it goes back
 * to the mark and the time since then is estimated from like days before it (E3), hour by hour as time goes on. When it
 * moves again, either it simply counts on - what it missed is lost, and the estimates stand - or it has caught up: then
 * the register difference is what was used, and from the mark on it is laid out by like days (E2), exact to the last
 * count. All of it is decided by readings in time order alone. */

/* The state at the last movement: without the zeros booked since, which all lie in the open hour. */
static bool take_mark(qf_series *s, const qf_series_env *e, qf_us ts)
{
  if (e->cfg->rests || ts < s->hour_us + QF_US_HOUR || qf_floor(s->moved, QF_US_HOUR) != s->hour_us ||
      !qf_vee_stuck(QF_STUCK_US, s->zero_q, s->all_q))
    return false;
  qf_series *m = e->mark(e->ud, true);
  if (!m)
    return false;
  *m = *s;
  for (int i = 0; i < 4; i++) {
    qf_us a = s->hour_us + i * QF_US_QUARTER, b = a + QF_US_QUARTER;
    a = a > s->moved ? a : s->moved;
    b = b < s->t0 ? b : s->t0;
    uint32_t zero = b > a ? (uint32_t)(b - a) : 0;
    m->cov[i] -= zero < m->cov[i] ? zero : m->cov[i];
    m->est[i] = m->est[i] < m->cov[i] ? m->est[i] : m->cov[i];
  }
  m->t0 = s->moved;
  m->q_end = qf_floor(s->moved, QF_US_QUARTER) + QF_US_QUARTER;
  s->still = QF_MARKED;
  return true;
}

static void drop_mark(qf_series *s, const qf_series_env *e)
{
  if (s->still)
    (void)e->mark(e->ud, false);
  s->still = QF_MOVES;
}

/* Back to the mark; what was learnt since then about readings that were not used stays. */
static void go_back(qf_series *s, const qf_series_env *e, uint8_t still)
{
  const qf_series *m = e->mark(e->ud, true);
  qf_us now = s->last_ts, shown = s->still_ts;
  uint32_t pend = s->pend;
  uint8_t alarms = s->alarms;
  if (!m)
    return;
  if (e->rewind)
    e->rewind(e->ud, m->hour_us);
  *s = *m;
  s->last_ts = now;
  s->still_ts = shown;
  s->pend = pend;
  s->alarms = alarms;
  s->c_n = 0;
  s->still = still;
}

/* E3 up to t1 for a register that stands. */
static void guess_still(qf_series *s, const qf_series_env *e, qf_us t1)
{
  span sp = {.s = s, .e = e, .rules = s->pend | QF_RULE(QF_V12)};
  if (t1 > s->t0)
    s->sum -= guess_before(&sp, s->moved, t1, 0);
}

/* The register shows at ts what it showed before. false: book the zero. */
static bool stand(qf_series *s, const qf_series_env *e, qf_us ts)
{
  if (!e->mark || (!s->still && !take_mark(s, e, ts)))
    return false;
  if (s->still == QF_MARKED) {
    if (!is_stuck(s, e->cfg, ts))
      return false;
    go_back(s, e, QF_STALLED);
    set_alarm(s, e, QF_ALARM_STUCK, true, (double)(ts - s->moved) / 3.6e9, (double)QF_STUCK_US / 3.6e9);
  }
  s->still_ts = ts;
  guess_still(s, e, qf_floor(ts, QF_US_HOUR)); /* like days are read once an hour, not once a reading */
  count_reading(s);
  settle(s, e, (double)s->r0 * 1e-6, 0);
  return true;
}

/* It moves by x > 0 after it stood: has it caught up? It has when x is more than can be used since it last showed the
 * old value, or is nearer to what like days used in the whole time than in that last step. */
static bool caught_up(const qf_series *s, const qf_series_env *e, qf_us ts, int64_t v, int64_t x)
{
  span sp = {.s = NULL, .e = e};
  if (!within(e->cfg, x, ts - s->still_ts, v))
    return true;
  const qf_likeday *l = e->likeday ? e->likeday(e->ud, s->moved, s->moved, ts) : NULL;
  if (!l || ts - s->moved > GAP_MAX_US)
    return false;
  double all = (double)guess_all(l, s->moved, ts, &sp, false), last = (double)guess_all(l, s->still_ts, ts, &sp, false);
  return all > last && 2 * (double)x > all + last;
}

/* The first movement of a stalled register, before it is judged like any other. */
static void waken(qf_series *s, const qf_series_env *e, qf_us ts, int64_t v)
{
  int64_t x = v - s->r0;
  if (x <= 0 || !within(e->cfg, x, ts - s->moved, v))
    return; /* a reading to be set aside, a new meter: it still stands */
  if (caught_up(s, e, ts, v, x)) {
    go_back(s, e, QF_MARKED);
    s->pend |= QF_RULE(QF_V12);
  } else {
    guess_still(s, e, s->still_ts);
  }
}

/* Take register v at ts as good: x since the baseline; rule: why it needed a second look (0 = it did not). */
static bool accept(qf_series *s, const qf_series_env *e, const span *how, qf_us ts, int64_t v, int64_t x)
{
  if (x == 0 && v == s->r0 && stand(s, e, ts))
    return true;
  if (x != 0 || v != s->r0)
    drop_mark(s, e);
  span sp = {.s = s, .e = e, .rules = s->pend | how->rules};
  sp.warn = sp.rules & ~(QF_RULE(QF_V08B) | QF_RULE(QF_V13));
  qf_us dt = ts - s->t0, last = s->hour_us, stood = s->moved;
  double rate = dt > 0 ? (double)x * 1e-6 * (double)QF_US_HOUR / (double)dt : 0;
  if (x == 0 && is_stuck(s, e->cfg, ts)) {
    sp.fail = true;
    sp.rules |= QF_RULE(QF_V12);
    set_alarm(s, e, QF_ALARM_STUCK, true, (double)(ts - s->moved) / 3.6e9, (double)QF_STUCK_US / 3.6e9);
  }
  if (dt > GAP_MAX_US) { /* too long ago to be laid onto quarters: begin anew */
    s->sum += v - s->r0;
    advance(s, e, ts);
    s->rules |= sp.rules | QF_RULE(QF_V13);
  } else {
    book(&sp, ts, x);
    s->sum += v - s->r0 - x; /* what the register did beyond x: rollover, exchange */
  }
  s->r0 = v;
  if (x) {
    s->moved = ts;
    set_alarm(s, e, QF_ALARM_STUCK, false, (double)(ts - stood) / 3.6e9, (double)QF_STUCK_US / 3.6e9);
  }
  count_reading(s);
  settle(s, e, (double)v * 1e-6, rate);
  if (s->hour_us != last)
    check_sum(s, e);
  return true;
}

static bool accept_x(qf_series *s, const qf_series_env *e, qf_us ts, int64_t v, int64_t x, uint32_t rules)
{
  span how = {.rules = rules};
  return accept(s, e, &how, ts, v, x);
}

/* V08b: both legs of a declared exchange, booked before and after its moment: the declared readings are boundary
 * registers. */
static bool try_exchange(qf_series *s, const qf_series_env *e, qf_us ts, int64_t v)
{
  while (s->x_next < e->exchanges && e->exchange[s->x_next].ts_us + QF_US_DAY < s->t0)
    s->x_next++;
  s->x_from = s->x_next < e->exchanges ? e->exchange[s->x_next].ts_us - QF_US_DAY : INT64_MAX;
  if (ts < s->x_from)
    return false;
  const qf_exchange *x = &e->exchange[s->x_next];
  int64_t before = x->final - s->r0, after = v - x->initial;
  qf_us dt = ts - s->t0;
  bool plain = v >= s->r0 && within(e->cfg, v - s->r0, dt, v), due = x->ts_us > s->t0 && x->ts_us <= ts;
  bool fits = before >= 0 && after >= 0 && within(e->cfg, before + after, dt, v);
  if (!fits || (plain && !due))
    return false;
  s->x_next++;
  s->x_from = s->x_next < e->exchanges ? e->exchange[s->x_next].ts_us - QF_US_DAY : INT64_MAX;
  if (due && x->ts_us < ts && dt <= GAP_MAX_US) { /* the old meter's share first */
    span sp = {.s = s, .e = e, .rules = s->pend | QF_RULE(QF_V08B)};
    book(&sp, x->ts_us, before);
    s->sum += x->initial - s->r0 - before;
    s->r0 = x->initial;
    s->moved = before ? x->ts_us : s->moved;
    return accept_x(s, e, ts, v, after, QF_RULE(QF_V08B));
  }
  return accept_x(s, e, ts, v, before + after, QF_RULE(QF_V08B));
}

/* The candidate counts on: it is the new baseline. What was used until it came is not known from the register. */
static bool adopt_candidate(qf_series *s, const qf_series_env *e, qf_us ts, int64_t v)
{
  drop_mark(s, e);
  span sp = {.s = s, .e = e, .rules = s->pend};
  int64_t sum = guess(&sp, s->c_ts, s->c_rule == QF_V08C ? s->c_r : 0);
  s->sum += s->c_r - s->r0 - sum;
  s->r0 = s->c_r;
  s->moved = s->c_ts;
  return accept_x(s, e, ts, v, v - s->c_r, 0);
}

static bool set_aside(qf_series *s, const qf_series_env *e, qf_us ts, int64_t v)
{
  const qf_series_cfg *c = e->cfg;
  qf_us dt = ts - s->t0;
  double span_h = (double)(dt > c->period_us ? dt : c->period_us) / (double)QF_US_HOUR;
  double lim = c->lim_us * span_h * (double)QF_US_HOUR + c->slack;
  bool small = c->lim_us > 0 ? (double)v <= lim : (double)v <= 0.1 * (double)s->r0;
  int rule = v >= s->r0 ? QF_V09 : v >= 0 && small ? QF_V08C : QF_V08E;
  if (s->c_n && v >= s->c1_r && within(c, v - s->c1_r, ts - s->c1_ts, v)) {
    if (s->c_n < UINT16_MAX)
      s->c_n++;
    if (v > s->c1_r)
      s->c_grow++;
  } else {
    s->c_ts = ts;
    s->c_r = v;
    s->c_n = 1;
    s->c_grow = 0;
    s->c_rule = (uint8_t)rule;
  }
  s->c1_ts = ts;
  s->c1_r = v;
  s->pend |= QF_RULE(s->c_rule);
  if (s->c_grow >= CANDIDATE_RISES || (s->c_n >= CANDIDATE_STILL && ts - s->c_ts >= QF_US_DAY))
    return adopt_candidate(s, e, ts, v);
  if (s->c_rule == QF_V09)
    return refuse(s, e, QF_V09, (double)(v - s->r0) * 1e-6 / span_h, 1.2 * c->rated);
  return refuse(s, e, s->c_rule, (double)v * 1e-6, (double)s->r0 * 1e-6);
}

/* V08a, V08d: a smaller reading that has a harmless reason. */
static bool explain_fall(qf_series *s, const qf_series_env *e, qf_us ts, int64_t v)
{
  const qf_series_cfg *c = e->cfg;
  double k = k_double(c) * 1e6, prev = (double)s->r0 / k, now = (double)v / k;
  int64_t m;
  if (prev - now <=
      qf_vee_jitter(pow(10.0, c->lsb_exp), prev)) /* nothing used; the fall is carried to the next reading */
    return accept_x(s, e, ts, s->r0, 0, QF_RULE(QF_V08D));
  if (v == 0 || !qf_vee_rollover(prev, now, c->digits) ||
      !qf_vee_scale((qf_num){c->k_mant, c->k_exp}, 1, (int8_t)c->digits, &m))
    return false;
  int64_t x = v + (m - s->r0);
  return within(c, x, ts - s->t0, v) && accept_x(s, e, ts, v, x, QF_RULE(QF_V08A));
}

static bool step_register(qf_series *s, const qf_series_env *e, const qf_reading *r, int64_t v)
{
  bool odd = is_sentinel(s, r, v);
  if (!s->begun) {
    if (odd)
      return refuse(s, e, QF_V19, (double)v * 1e-6, 0);
    begin(s, r->ts_us, v);
    count_reading(s);
    settle(s, e, (double)v * 1e-6, 0);
    return true;
  }
  if (s->still == QF_STALLED && !odd)
    waken(s, e, r->ts_us, v);
  int64_t x = v - s->r0;
  bool plain = x >= 0 && within(e->cfg, x, r->ts_us - s->t0, v);
  if (odd && ((r->flags & QF_RD_SENTINEL) || !plain || e->cfg->lim_us <= 0)) /* 65535 may also simply be the count */
    return refuse(s, e, QF_V19, (double)v * 1e-6, 0);
  if (r->ts_us >= s->x_from && try_exchange(s, e, r->ts_us, v))
    return true;
  if (plain)
    return accept_x(s, e, r->ts_us, v, x, 0);
  if (x < 0 && explain_fall(s, e, r->ts_us, v))
    return true;
  if (v == 0) /* a register that is read as nothing: a lost connection, not a reset, until it counts */
    return refuse(s, e, QF_V19, 0, (double)s->r0 * 1e-6);
  return set_aside(s, e, r->ts_us, v);
}

/* ---- intervals ---- */

static bool step_interval(qf_series *s, const qf_series_env *e, const qf_reading *r, int64_t x)
{
  const qf_series_cfg *c = e->cfg;
  qf_us end = c->stamp_begin ? r->ts_us + c->period_us : r->ts_us, from = end - c->period_us;
  double lim = c->lim_us * (double)c->period_us + c->slack;
  if (is_sentinel(s, r, x))
    return refuse(s, e, QF_V19, (double)x * 1e-6, 0);
  if (x < 0 && !(c->low < c->high && c->low < 0))
    return refuse(s, e, QF_V08E, (double)x * 1e-6, 0);
  if (c->lim_us > 0 && fabs((double)x) > lim)
    return refuse(s, e, QF_V09, (double)x * 1e-6 * (double)QF_US_HOUR / (double)c->period_us, 1.2 * c->rated);
  if (!s->begun)
    begin(s, from, 0);
  span sp = {.s = s, .e = e, .rules = s->pend};
  if (from - s->t0 > c->period_us / 2)
    guess(&sp, from, 0);
  sp = (span){.s = s, .e = e, .rules = s->pend, .warn = s->pend != 0};
  qf_spread(s->t0, end, x, NULL, put_part, &sp);
  count_reading(s);
  advance(s, e, end);
  s->r0 = x;
  settle(s, e, (double)x * 1e-6, (double)x * 1e-6 * (double)QF_US_HOUR / (double)c->period_us);
  return true;
}

/* ---- momentary values ---- */

/* Range, rate and sameness of a gauge; what they leave on its quarter. */
static void judge_gauge(span *sp, qf_us ts, int64_t v, double x)
{
  qf_series *s = sp->s;
  const qf_series_cfg *c = sp->e->cfg;
  bool out = c->low < c->high && (x < c->low || x > c->high);
  if (out) {
    sp->rules |= QF_RULE(QF_V09);
    sp->warn = true;
  }
  set_alarm(s, sp->e, QF_ALARM_LIMIT, out, x, x < c->low ? c->low : c->high);
  if (!s->begun)
    return;
  if (c->rate_limit > 0) {
    double rate = fabs((double)(v - s->r0)) * 1e-6 * (double)QF_US_HOUR / (double)(ts - s->t0);
    set_alarm(s, sp->e, QF_ALARM_RATE, rate > c->rate_limit, rate, c->rate_limit);
  }
  qf_us stood = s->moved;
  if (v == s->r0 && v != 0) {
    if (s->same_n < UINT16_MAX)
      s->same_n++;
  } else {
    s->same_n = 0;
    s->moved = ts;
  }
  bool stuck = s->same_n + 1 >= QF_STUCK_SAME && ts - s->moved >= QF_STUCK_SAME_US;
  if (stuck) {
    sp->rules |= QF_RULE(QF_V12);
    sp->fail = true;
  }
  set_alarm(s, sp->e, QF_ALARM_STUCK, stuck, (double)(ts - stood) / 3.6e9, (double)QF_STUCK_SAME_US / 3.6e9);
}

static bool step_gauge(qf_series *s, const qf_series_env *e, const qf_reading *r, int64_t v)
{
  const qf_series_cfg *c = e->cfg;
  double x = (double)v * 1e-6, width = c->high - c->low;
  int64_t sum;
  if (is_sentinel(s, r, v))
    return refuse(s, e, QF_V19, x, 0);
  if (width > 0 && (x < c->low - width || x > c->high + width)) /* far beyond the sensor: not a value at all */
    return refuse(s, e, QF_V09, x, x < c->low ? c->low : c->high);
  span sp = {.s = s, .e = e, .rules = s->pend};
  judge_gauge(&sp, r->ts_us, v, x);
  if (!s->begun)
    begin(s, r->ts_us, v);
  advance(s, e, r->ts_us);
  int i = (int)((r->ts_us - s->hour_us) / QF_US_QUARTER);
  if (__builtin_add_overflow(s->q[i], v, &sum))
    return refuse(s, e, QF_V19, x, 0);
  bool first = !(s->cov[0] | s->cov[1] | s->cov[2] | s->cov[3]);
  s->lo = first || v < s->lo ? v : s->lo;
  s->hi = first || v > s->hi ? v : s->hi;
  s->q[i] = sum;
  s->cov[i]++;
  s->rules |= sp.rules;
  s->warn |= (uint8_t)(sp.warn << i);
  s->fail |= (uint8_t)(sp.fail << i);
  s->r0 = v;
  count_reading(s);
  settle(s, e, x, 0);
  return true;
}

static bool step_state(qf_series *s, const qf_series_env *e, const qf_reading *r, int64_t v)
{
  if (r->flags & QF_RD_SENTINEL)
    return refuse(s, e, QF_V19, (double)v * 1e-6, 0);
  if (!s->begun)
    begin(s, r->ts_us, v);
  advance(s, e, r->ts_us);
  int i = (int)((r->ts_us - s->hour_us) / QF_US_QUARTER);
  bool first = !(s->cov[0] | s->cov[1] | s->cov[2] | s->cov[3]);
  s->lo = first || v < s->lo ? v : s->lo;
  s->hi = first || v > s->hi ? v : s->hi;
  s->q[i] = v;
  s->cov[i]++;
  s->rules |= s->pend;
  s->r0 = v;
  count_reading(s);
  settle(s, e, (double)v * 1e-6, 0);
  return true;
}

/* ---- entry ---- */

/* A register that simply counts on within its quarter: nearly every reading. */
static inline bool step_fast(qf_series *s, const qf_series_cfg *c, const qf_reading *r, int64_t v)
{
  int64_t x = v - s->r0;
  qf_us dt = r->ts_us - s->t0;
  if (s->busy || c->kind != QF_KIND_REGISTER || x < 0 || r->ts_us >= s->q_end || dt > c->gap_us ||
      r->ts_us >= s->x_from)
    return false;
  if (c->lim_us > 0 && (double)x > c->lim_us * (double)(dt > c->period_us ? dt : c->period_us) + c->slack)
    return false;
  if (x == 0 && r->ts_us - s->moved >= QF_STUCK_US)
    return false;
  if (qf_vee_sentinel(r->v.mant, r->v.exp, r->flags))
    return false;
  int i = (int)((s->q_end - QF_US_QUARTER - s->hour_us) / QF_US_QUARTER);
  s->q[i] += x;
  s->cov[i] += (uint32_t)dt;
  s->t0 = r->ts_us;
  s->r0 = v;
  s->moved = x ? r->ts_us : s->moved;
  count_reading(s);
  return true;
}

bool qf_series_step(qf_series *s, const qf_series_env *e, const qf_reading *r)
{
  const qf_series_cfg *c = e->cfg;
  int64_t v;
  s->last_ts = r->ts_us;
  if (c->kind == QF_KIND_UNKNOWN)
    return true;
  if (r->ts_us < QF_OLDEST_US) /* a clock that was never set: no trace in the accounts */
    return false;
  if (!qf_vee_scale((qf_num){c->k_mant, c->k_exp}, r->v.mant, r->v.exp, &v) || v > INT64_MAX / 4 ||
      v < -(INT64_MAX / 4))
    return refuse(s, e, QF_V19, qf_num_double(r->v), 0);
  if (step_fast(s, c, r, v))
    return true;
  switch (c->kind) {
  case QF_KIND_REGISTER:
    return step_register(s, e, r, v);
  case QF_KIND_INTERVAL:
    return step_interval(s, e, r, v);
  case QF_KIND_GAUGE:
    return step_gauge(s, e, r, v);
  default:
    return step_state(s, e, r, v);
  }
}

/* Sources by rank: a marked or unreadable value last, then what looks like a sentinel, then a hand-entered one. */
static int rank_of(const qf_series_cfg *c, const qf_reading *r, int64_t *v)
{
  *v = 0;
  if ((r->flags & QF_RD_SENTINEL) || !qf_vee_scale((qf_num){c->k_mant, c->k_exp}, r->v.mant, r->v.exp, v))
    return 0;
  if (qf_vee_sentinel(r->v.mant, r->v.exp, r->flags))
    return 1;
  return r->flags & QF_RD_MANUAL ? 2 : 3;
}

bool qf_series_prefer(const qf_series *s, const qf_series_cfg *c, const qf_reading *a, const qf_reading *b)
{
  int64_t va, vb;
  int ra = rank_of(c, a, &va), rb = rank_of(c, b, &vb);
  if (ra != rb)
    return rb > ra;
  if (c->kind != QF_KIND_REGISTER)
    return vb > va;
  int64_t r0 = s->begun ? s->r0 : INT64_MIN; /* a register: the least that is not a fall - it invents no energy */
  if ((va >= r0) != (vb >= r0))
    return vb >= r0;
  return va >= r0 ? vb < va : vb > va;
}

void qf_series_conflict(qf_series *s)
{
  s->pend |= QF_RULE(QF_V02);
  s->busy = 1;
}
