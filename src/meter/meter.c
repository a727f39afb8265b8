/* Meter: the states of all points, fed in order; see meter.h for the law.
 *
 * A reading newer than everything its point has seen advances the point's series. Any other - late, or another value
 * for a known stamp - marks the point dirty; at the next tick its history is read again from the store in time order,
 * one value per stamp, and reported again. A point that was dirty once keeps snapshots of its last two day beginnings,
 * so that a reading late by hours costs hours. Stamps more than 5 minutes ahead of the newest receive time wait until
 * their time has come (V03).
 *
 * Locks: one mutex, held while a batch is fed or a tick runs; sinks are called with it held and must not call back. */
#include "meter/internal.h"
#include <stdlib.h>
#include <string.h>

#ifdef QF_SMALL
#define RUN_CHUNK 4u
#else
#define RUN_CHUNK 8192u
#endif
#define RUN_MAX (1u << 20)
#define NEVER INT64_MAX
#define SILENT_HISTORY_US (30 * QF_US_DAY)

/* ---- points ---- */

qf_meter_point *qf_meter_at(const qf_meter *m, uint32_t point)
{
  return point == 0 || point > m->points
             ? NULL
             : (qf_meter_point *)m->chunk.at[(point - 1) / QF_CHUNK] + (point - 1) % QF_CHUNK;
}

/* One more block, of things of `size` bytes. NULL without memory. */
static void *add_block(qf_blocks *b, size_t size)
{
  if (b->n == b->cap) {
    uint32_t cap = b->cap ? b->cap * 2 : 16;
    void **at = realloc(b->at, cap * sizeof *at);
    if (!at)
      return NULL;
    b->at = at;
    b->cap = cap;
  }
  void *block = calloc(QF_CHUNK, size);
  if (block)
    b->at[b->n++] = block;
  return block;
}

static void free_blocks(qf_blocks *b)
{
  for (uint32_t i = 0; i < b->n; i++)
    free(b->at[i]);
  free(b->at);
}

static qf_rc add_chunk(qf_meter *m)
{
  qf_meter_point *p = add_block(&m->chunk, sizeof *p);
  for (uint32_t i = 0; p && i < QF_CHUNK; i++)
    p[i].dirty = NEVER;
  return p ? QF_OK : QF_NOMEM;
}

qf_rc qf_meter_account(qf_meter *m, qf_meter_point *p)
{
  if (p->a)
    return QF_OK;
  if (m->accounts == m->slab.n * QF_CHUNK && !add_block(&m->slab, sizeof(qf_account)))
    return QF_NOMEM;
  p->a = (qf_account *)m->slab.at[m->accounts / QF_CHUNK] + m->accounts % QF_CHUNK;
  m->accounts++;
  p->a->c.period_us = QF_US_QUARTER;
  qf_series_init(&p->a->s, &(qf_series_env){.cfg = &p->a->c});
  return QF_OK;
}

qf_rc qf_meter_grow(qf_meter *m, uint32_t point)
{
  if (point == 0 || point > QF_POINT_MAX)
    return QF_RANGE;
  while (point > m->chunk.n * QF_CHUNK) {
    qf_rc rc = add_chunk(m);
    if (rc)
      return rc;
  }
  if (point > m->points)
    m->points = point;
  return QF_OK;
}

static void use(qf_meter *m, qf_meter_point *p, uint32_t point)
{
  m->env.cfg = p->a ? &p->a->c : NULL;
  m->env.point = point;
  m->env.exchange = p->x ? p->x->x : NULL;
  m->env.exchanges = p->x ? p->x->n : 0;
}

/* ---- out ---- */

void qf_meter_flush(qf_meter *m)
{
  if (m->nhours && m->sink.hours)
    m->sink.hours(m->sink.ud, m->hours, m->nhours);
  if (m->ndays && m->sink.days)
    m->sink.days(m->sink.ud, m->days, m->ndays);
  m->nhours = m->ndays = 0;
}

static void out_hour(void *ud, const qf_hour *h)
{
  qf_meter *m = ud;
  m->hours[m->nhours++] = *h;
  m->hours_closed = true;
  if (m->nhours == QF_OUT_HOURS)
    qf_meter_flush(m);
}

static void out_day(void *ud, const qf_day *d)
{
  qf_meter *m = ud;
  m->days[m->ndays++] = *d;
  if (m->ndays == QF_OUT_DAYS)
    qf_meter_flush(m);
}

static void out_alarm(void *ud, const qf_alarm *a)
{
  qf_meter *m = ud;
  m->last_alarm[a->kind & 7] = *a;
  if (!m->quiet && m->sink.alarm)
    m->sink.alarm(m->sink.ud, a);
}

qf_series *qf_meter_mark(void *ud, bool keep)
{
  qf_meter *m = ud;
  qf_meter_point *p = qf_meter_at(m, m->env.point);
  if (keep && !p->a->mark) {
    p->a->mark = malloc(sizeof *p->a->mark);
    m->side_bytes += p->a->mark ? sizeof *p->a->mark : 0;
  } else if (!keep && p->a->mark) {
    free(p->a->mark);
    p->a->mark = NULL;
    m->side_bytes -= sizeof *p->a->mark;
  }
  return p->a->mark;
}

static void out_rewind(void *ud, qf_us hour)
{
  qf_meter *m = ud;
  qf_meter_flush(m);
  if (m->sink.restart)
    m->sink.restart(m->sink.ud, m->env.point, hour);
}

qf_rc qf_meter_new(const qf_meter_sink *sink, const qf_meter_source *source, qf_meter **out)
{
  *out = NULL;
  if (!source || !source->range)
    return QF_STATE;
  qf_meter *m = calloc(1, sizeof *m);
  if (!m)
    return QF_NOMEM;
  if (pthread_mutex_init(&m->lock, NULL)) {
    free(m);
    return QF_NOMEM;
  }
  if (sink)
    m->sink = *sink;
  m->source = *source;
  m->horizon = INT64_MIN;
  m->held = NEVER;
  m->env = (qf_series_env){.hour = out_hour,
                           .day = out_day,
                           .alarm = out_alarm,
                           .likeday = qf_meter_likeday,
                           .suspect = qf_meter_suspect,
                           .mark = qf_meter_mark,
                           .rewind = out_rewind,
                           .ud = m};
  *out = m;
  return QF_OK;
}

void qf_meter_free(qf_meter *m)
{
  if (!m)
    return;
  for (uint32_t i = 1; i <= m->points; i++) {
    qf_meter_point *p = qf_meter_at(m, i);
    if (p->a) {
      free(p->a->snap);
      free(p->a->mark);
    }
    if (p->x)
      free(p->x->x);
    free(p->x);
  }
  free_blocks(&m->chunk);
  free_blocks(&m->slab);
  free(m->run);
  qf_calendar_free(m->calendar);
  pthread_mutex_destroy(&m->lock);
  free(m);
}

/* ---- description ---- */

static bool same_cfg(const qf_series_cfg *a, const qf_series_cfg *b)
{
  return a->kind == b->kind && a->stamp_begin == b->stamp_begin && a->digits == b->digits && a->lsb_exp == b->lsb_exp &&
         a->k_mant == b->k_mant && a->k_exp == b->k_exp && a->period_us == b->period_us &&
         a->period_known == b->period_known && a->rests == b->rests && a->rated >= b->rated && a->rated <= b->rated &&
         a->low >= b->low && a->low <= b->low && a->high >= b->high && a->high <= b->high &&
         a->rate_limit >= b->rate_limit && a->rate_limit <= b->rate_limit;
}

void qf_meter_rescale(qf_meter_point *p)
{
  if (!p->a)
    return; /* when it is described */
  qf_num k = {p->a->c.k_mant, p->a->c.k_exp};
  for (uint32_t i = 0; p->x && i < p->x->n; i++) {
    qf_exchange *x = &p->x->x[i];
    if (!qf_vee_scale(k, x->final_reading.mant, x->final_reading.exp, &x->final) ||
        !qf_vee_scale(k, x->initial_reading.mant, x->initial_reading.exp, &x->initial))
      x->final = INT64_MIN / 4; /* fits no register: never applied */
  }
}

static void mark_dirty(qf_meter *m, qf_meter_point *p, qf_us from)
{
  if (from < p->dirty)
    p->dirty = from;
  m->dirty = true;
}

void qf_meter_calendar(qf_meter *m, qf_calendar *calendar)
{
  pthread_mutex_lock(&m->lock);
  bool same = qf_calendar_stamp(calendar) == qf_calendar_stamp(m->env.calendar);
  if (calendar != m->calendar)
    qf_calendar_free(m->calendar);
  m->env.calendar = m->calendar = calendar;
  for (uint32_t i = 1; !same && i <= m->points; i++)
    if (qf_meter_known(qf_meter_at(m, i)))
      mark_dirty(m, qf_meter_at(m, i), INT64_MIN);
  pthread_mutex_unlock(&m->lock);
}

qf_rc qf_meter_describe(qf_meter *m, uint32_t point, const qf_point_desc *d)
{
  qf_series_cfg c;
  qf_rc rc = qf_series_config(d, &c);
  if (rc || d->parent == point)
    return QF_RANGE;
  pthread_mutex_lock(&m->lock);
  rc = qf_meter_grow(m, point);
  if (!rc)
    rc = qf_meter_account(m, qf_meter_at(m, point));
  if (!rc) {
    qf_meter_point *p = qf_meter_at(m, point);
    bool same = same_cfg(&p->a->c, &c);
    m->tree_stale = true;
    p->a->c = c;
    if (!same) {
      qf_meter_rescale(p);
      mark_dirty(m, p, INT64_MIN);
    }
  }
  pthread_mutex_unlock(&m->lock);
  return rc;
}

qf_rc qf_meter_put_exchange(qf_meter *m, qf_meter_point *p, const qf_exchange *x)
{
  if (!p->x) {
    p->x = calloc(1, sizeof *p->x);
    if (!p->x)
      return QF_NOMEM;
    m->side_bytes += sizeof *p->x;
  }
  qf_exchanges *l = p->x;
  if (l->n == UINT16_MAX)
    return QF_NOMEM;
  if (l->n == l->cap) {
    uint32_t cap = l->cap ? l->cap * 2 : 2;
    qf_exchange *n = realloc(l->x, cap * sizeof *n);
    if (!n)
      return QF_NOMEM;
    m->side_bytes += (cap - l->cap) * sizeof *n;
    l->x = n;
    l->cap = cap;
  }
  uint32_t at = 0;
  while (at < l->n && l->x[at].ts_us < x->ts_us)
    at++;
  if (at == l->n || l->x[at].ts_us != x->ts_us) {
    memmove(l->x + at + 1, l->x + at, (l->n - at) * sizeof *l->x);
    l->n++;
  }
  l->x[at] = *x;
  return QF_OK;
}

qf_rc qf_meter_exchange(qf_meter *m, uint32_t point, qf_us ts, qf_num final_reading, qf_num initial_reading)
{
  qf_exchange x = {.ts_us = ts, .final_reading = final_reading, .initial_reading = initial_reading};
  if (ts < QF_OLDEST_US)
    return QF_RANGE;
  pthread_mutex_lock(&m->lock);
  qf_rc rc = qf_meter_grow(m, point);
  if (!rc) {
    qf_meter_point *p = qf_meter_at(m, point);
    rc = qf_meter_put_exchange(m, p, &x);
    qf_meter_rescale(p);
    mark_dirty(m, p, INT64_MIN);
  }
  pthread_mutex_unlock(&m->lock);
  return rc;
}

/* ---- feeding ---- */

static void remember(qf_meter_point *p, const qf_reading *r)
{
  p->ring_ts[1] = p->ring_ts[0];
  p->ring_mant[1] = p->ring_mant[0];
  p->ring_exp[1] = p->ring_exp[0];
  p->ring_flags[1] = p->ring_flags[0];
  p->ring_ts[0] = r->ts_us;
  p->ring_mant[0] = r->v.mant;
  p->ring_exp[0] = r->v.exp;
  p->ring_flags[0] = r->flags;
  if (p->ring_n < QF_RING)
    p->ring_n++;
}

/* Before a reading of another Beijing day: keep the state of a point that is often late. */
static void keep_snapshot(qf_meter_point *p, qf_us ts)
{
  if (p->a->snap && p->a->s.begun && !p->a->s.still && qf_day_cn(ts) > qf_day_cn(p->a->s.last_ts)) {
    p->a->snap[0] = p->a->snap[1];
    p->a->snap[1] = p->a->s;
  }
}

static bool is_repetition(const qf_meter_point *p, int i, const qf_reading *r)
{
  qf_num v = {p->ring_mant[i], p->ring_exp[i]};
  return qf_num_cmp(v, r->v) == 0 && !((p->ring_flags[i] ^ r->flags) & (QF_RD_SENTINEL | QF_RD_MANUAL));
}

/* Not newer than the newest: a repetition costs nothing, anything else a re-run. */
static void feed_old(qf_meter *m, qf_meter_point *p, const qf_reading *r)
{
  int i = 0;
  while (i < p->ring_n && p->ring_ts[i] != r->ts_us)
    i++;
  if (i == p->ring_n) {
    p->late++;
  } else if (is_repetition(p, i, r)) {
    p->duplicates++;
    return;
  } else {
    p->conflicts++;
  }
  if (qf_meter_known(p) && r->ts_us >= QF_OLDEST_US)
    mark_dirty(m, p, r->ts_us);
}

static void feed_new(qf_meter *m, qf_meter_point *p, const qf_reading *r)
{
  bool waits = m->horizon != INT64_MIN && r->ts_us > m->horizon + QF_AHEAD_US;
  if (waits) {
    p->held = true;
    p->refused += r->ts_us > m->horizon + QF_US_DAY;
    if (r->ts_us < m->held)
      m->held = r->ts_us;
    return;
  }
  remember(p, r);
  if (!p->a || p->dirty != NEVER) /* not accounted; or the re-run will meet it in its place */
    return;
  keep_snapshot(p, r->ts_us);
  p->refused += !qf_series_step(&p->a->s, &m->env, r);
}

/* Stamps whose time has come: their points are run again from there. */
static void release_held(qf_meter *m)
{
  if (m->held == NEVER || m->horizon + QF_AHEAD_US < m->held)
    return;
  for (uint32_t i = 1; i <= m->points; i++) {
    qf_meter_point *p = qf_meter_at(m, i);
    if (p->held && qf_meter_known(p))
      mark_dirty(m, p, m->held);
  }
  m->held = NEVER;
}

qf_rc qf_meter_feed(qf_meter *m, const qf_batch *b, qf_us receive_us)
{
  qf_rc rc = QF_OK;
  uint32_t top = 0;
  pthread_mutex_lock(&m->lock);
  for (uint32_t i = 0; i < b->n; i++) {
    if (b->point[i] == 0)
      rc = QF_RANGE;
    top = b->point[i] > top ? b->point[i] : top;
  }
  if (!rc && top > m->points)
    rc = qf_meter_grow(m, top);
  if (receive_us > 0 && receive_us > m->horizon)
    m->horizon = receive_us;
  for (uint32_t i = 0; !rc && i < b->n; i++) {
    qf_meter_point *p = qf_meter_at(m, b->point[i]);
    qf_reading r = {b->ts_us[i], {b->mant[i], b->exp[i]}, b->flags[i]};
    if (i + 4 < b->n) {
      const char *next = (const char *)qf_meter_at(m, b->point[i + 4]),
                 *a = (const char *)qf_meter_at(m, b->point[i + 2])->a;
      __builtin_prefetch(next, 1);
      __builtin_prefetch(next + 64, 1);
      __builtin_prefetch(a, 1); /* of nothing, where there is no account: no harm */
      __builtin_prefetch(a + 64, 1);
      __builtin_prefetch(a + 128, 1);
      __builtin_prefetch(a + 192, 1);
    }
    use(m, p, b->point[i]);
    p->readings++;
    p->received_us = receive_us;
    p->changed = true;
    if (p->ring_n && r.ts_us <= p->ring_ts[0])
      feed_old(m, p, &r);
    else
      feed_new(m, p, &r);
  }
  release_held(m);
  qf_meter_flush(m);
  pthread_mutex_unlock(&m->lock);
  return rc;
}

/* ---- running history again ---- */

bool qf_group_add(qf_group *g, const qf_series *s, const qf_series_cfg *c, const qf_reading *r, qf_group *out)
{
  int64_t v;
  bool sized = qf_vee_scale((qf_num){c->k_mant, c->k_exp}, r->v.mant, r->v.exp, &v) && !(r->flags & QF_RD_SENTINEL);
  bool same = g->have && g->r.ts_us == r->ts_us, done = g->have && !same;
  if (done)
    *out = *g;
  if (!same) {
    *g = (qf_group){.r = *r, .lo = sized ? v : INT64_MAX, .hi = sized ? v : INT64_MIN, .have = true};
    return done;
  }
  if (sized) {
    g->lo = v < g->lo ? v : g->lo;
    g->hi = v > g->hi ? v : g->hi;
    g->differ = (double)g->hi - (double)g->lo > c->slack;
  }
  if (qf_series_prefer(s, c, &g->r, r))
    g->r = *r;
  return false;
}

typedef struct fill { /* readings copied out of the store, so that no call into it is open while they are judged */
  qf_meter *m;
  size_t n;
  bool full;
} fill;

static bool fill_one(void *ud, const qf_reading *r)
{
  fill *f = ud;
  if (f->n == f->m->run_cap) {
    f->full = true;
    return false;
  }
  f->m->run[f->n++] = *r;
  return true;
}

static qf_rc grow_run(qf_meter *m)
{
  size_t cap = m->run_cap ? m->run_cap * 2 : RUN_CHUNK;
  qf_reading *r = cap > RUN_MAX ? NULL : realloc(m->run, cap * sizeof *r);
  if (!r)
    return QF_NOMEM;
  m->run = r;
  m->run_cap = cap;
  return QF_OK;
}

/* The readings from `from` on, whole stamps only; *more tells whether there are others behind them. */
static qf_rc read_some(qf_meter *m, uint32_t point, qf_us from, size_t *n, bool *more)
{
  qf_us to = m->horizon == INT64_MIN ? INT64_MAX : m->horizon + QF_AHEAD_US + 1;
  for (;;) {
    fill f = {.m = m};
    if (m->run_cap || from >= to) {
      qf_rc rc = from >= to ? QF_OK : m->source.range(m->source.ud, point, from, to, fill_one, &f);
      if (rc && rc != QF_NOTFOUND)
        return rc;
      *more = f.full;
      *n = f.n;
      if (!f.full)
        return QF_OK;
      while (*n && m->run[*n - 1].ts_us == m->run[f.n - 1].ts_us)
        --*n; /* the last stamp may have more values */
      if (*n)
        return QF_OK;
    }
    qf_rc rc = grow_run(m);
    if (rc)
      return rc;
  }
}

static void run_step(qf_meter *m, qf_meter_point *p, const qf_group *g)
{
  if (!p->ring_n || g->r.ts_us > p->ring_ts[0])
    remember(p, &g->r);
  keep_snapshot(p, g->r.ts_us);
  if (g->differ)
    qf_series_conflict(&p->a->s);
  (void)qf_series_step(&p->a->s, &m->env, &g->r);
}

static qf_rc run_from(qf_meter *m, qf_meter_point *p, uint32_t point, qf_us from)
{
  size_t n = 0;
  bool more = true;
  while (more) {
    qf_rc rc = read_some(m, point, from, &n, &more);
    if (rc)
      return rc;
    qf_group g = {0}, done;
    for (size_t i = 0; i < n; i++) /* a stamp is judged when the next begins, before that one's values are compared */
      if (qf_group_add(&g, &p->a->s, &p->a->c, &m->run[i], &done))
        run_step(m, p, &done);
    if (g.have)
      run_step(m, p, &g);
    if (n)
      from = m->run[n - 1].ts_us + 1;
  }
  return QF_OK;
}

/* A state from which everything at or after `dirty` can be run: the newest snapshot before it, or none. */
static bool restore(qf_meter *m, qf_meter_point *p)
{
  (void)qf_meter_mark(m, false); /* no snapshot is taken while there is a mark */
  for (int i = 1; p->a->snap && i >= 0; i--) {
    if (p->a->snap[i].begun && p->a->snap[i].last_ts < p->dirty) {
      p->a->s = p->a->snap[i];
      if (i == 0)
        p->a->snap[1] = p->a->snap[0];
      return true;
    }
  }
  if (!p->a->snap && p->dirty != INT64_MIN) { /* late readings: the next one shall be cheaper */
    p->a->snap = calloc(2, sizeof *p->a->snap);
    m->side_bytes += p->a->snap ? 2 * sizeof *p->a->snap : 0;
  } else if (p->a->snap) {
    memset(p->a->snap, 0, 2 * sizeof *p->a->snap);
  }
  qf_series_init(&p->a->s, &m->env);
  return false;
}

/* Alarms that the re-run changed, told once. */
static void tell_alarms(qf_meter *m, qf_meter_point *p, uint32_t point, uint8_t before)
{
  for (int k = 1; k < 8; k++) {
    bool on = p->a->s.alarms >> k & 1;
    if ((before >> k & 1) == on || !m->sink.alarm)
      continue;
    qf_alarm a = m->last_alarm[k];
    if (a.point != point || a.active != on)
      a = (qf_alarm){.point = point, .kind = (uint8_t)k, .active = on, .ts_us = p->a->s.last_ts};
    m->sink.alarm(m->sink.ud, &a);
  }
}

static qf_rc rerun(qf_meter *m, qf_meter_point *p, uint32_t point)
{
  if (!p->a) { /* an exchange was declared of a point that is not described: nothing was reported */
    p->dirty = NEVER;
    return QF_OK;
  }
  qf_series was = p->a->s;
  qf_meter_flush(m);
  use(m, p, point);
  bool middle = restore(m, p);
  memset(m->last_alarm, 0, sizeof m->last_alarm);
  m->quiet = true;
  if (m->sink.restart)
    m->sink.restart(m->sink.ud, point, middle ? p->a->s.hour_us : 0);
  qf_rc rc = !qf_meter_known(p) ? QF_OK : run_from(m, p, point, middle ? p->a->s.last_ts + 1 : INT64_MIN);
  m->quiet = false;
  if (rc) { /* what was reported is partial: begin from the beginning next time */
    p->dirty = INT64_MIN;
    m->dirty = true;
    return rc;
  }
  p->dirty = NEVER;
  p->held = false;
  p->changed = true;
  tell_alarms(m, p, point, was.alarms);
  return QF_OK;
}

qf_rc qf_meter_run_dirty(qf_meter *m)
{
  qf_rc worst = QF_OK;
  if (!m->dirty)
    return QF_OK;
  m->dirty = false;
  for (uint32_t i = 1; i <= m->points; i++) {
    qf_meter_point *p = qf_meter_at(m, i);
    if (p->dirty == NEVER)
      continue;
    qf_rc rc = rerun(m, p, i);
    worst = rc ? rc : worst;
  }
  qf_meter_flush(m);
  return worst;
}

/* ---- tick ---- */

static void report_open(qf_meter *m)
{
  for (uint32_t i = 1; i <= m->points; i++) {
    qf_meter_point *p = qf_meter_at(m, i);
    qf_hour h;
    qf_day d;
    if (!p->changed || p->dirty != NEVER)
      continue;
    p->changed = false;
    if (!p->a)
      continue;
    use(m, p, i);
    bool closed = m->hours_closed;
    if (qf_series_open_hour(&p->a->s, &m->env, &h))
      out_hour(m, &h);
    m->hours_closed = closed;
    if (qf_series_open_day(&p->a->s, &m->env, &d))
      out_day(m, &d);
  }
  qf_meter_flush(m);
}

/* Begin or end an alarm that needs more than the point's own readings. */
static void switch_alarm(qf_meter *m, qf_meter_point *p, const qf_alarm *a)
{
  uint8_t bit = (uint8_t)(1u << a->kind);
  if (((p->alarms & bit) != 0) == a->active)
    return;
  p->alarms ^= bit;
  if (m->sink.alarm)
    m->sink.alarm(m->sink.ud, a);
}

static void find_silent(qf_meter *m, qf_us now)
{
  qf_us newest = INT64_MIN;
  for (uint32_t i = 1; i <= m->points; i++) {
    const qf_meter_point *p = qf_meter_at(m, i);
    if (qf_meter_known(p) && p->ring_n && p->ring_ts[0] > newest)
      newest = p->ring_ts[0];
  }
  for (uint32_t i = 1; i <= m->points; i++) {
    qf_meter_point *p = qf_meter_at(m, i);
    if (!qf_meter_known(p) || !p->ring_n)
      continue;
    /* Received a moment ago, and yet a day behind what the other points tell: it has been silent as long. Old history
     * belongs to nobody who could fall silent. */
    qf_us heard = p->received_us > 0 ? p->received_us : p->ring_ts[0], lag = newest - p->ring_ts[0];
    if (lag > QF_US_DAY && lag < SILENT_HISTORY_US && p->ring_ts[0] < heard)
      heard = p->ring_ts[0];
    qf_us limit = 3 * p->a->c.period_us > QF_US_QUARTER ? 3 * p->a->c.period_us : QF_US_QUARTER;
    bool silent = now - heard > limit;
    qf_alarm a = {.point = i,
                  .kind = QF_ALARM_SILENT,
                  .active = silent,
                  .ts_us = silent ? heard + limit : heard,
                  .value = (double)(now - heard) * 1e-6,
                  .limit = (double)limit * 1e-6};
    switch_alarm(m, p, &a);
  }
}

static void build_tree(qf_meter *m)
{
  for (uint32_t i = 1; i <= m->points; i++) {
    qf_meter_point *p = qf_meter_at(m, i);
    if (p->a)
      p->a->child = p->a->sibling = 0;
  }
  for (uint32_t i = m->points; i >= 1; i--) {
    qf_meter_point *p = qf_meter_at(m, i), *up = qf_meter_known(p) ? qf_meter_at(m, p->a->c.parent) : NULL;
    if (!up || !up->a)
      continue;
    p->a->sibling = up->a->child;
    up->a->child = i;
  }
  m->tree_stale = false;
}

/* A complete closed hour's sum, if it is one of the last two. */
static bool hour_sum(const qf_meter_point *p, qf_us hour, int64_t *sum)
{
  for (int j = 0; j < 2; j++) {
    if (p->a->s.bal_hour - j * QF_US_HOUR == hour && (p->a->s.bal_ok >> j & 1)) {
      *sum = p->a->s.bal[j];
      return true;
    }
  }
  return false;
}

/* V15 for one hour; false when it cannot be judged because the parent or any child is not complete. */
static bool judge_hour(qf_meter *m, qf_meter_point *p, uint32_t point, qf_us hour)
{
  int64_t whole, part;
  double children = 0, b;
  if (!hour_sum(p, hour, &whole))
    return false;
  for (uint32_t c = p->a->child; c;) {
    const qf_meter_point *q = qf_meter_at(m, c);
    if (!hour_sum(q, hour, &part))
      return false;
    children += (double)part * 1e-6;
    c = q->a->sibling;
  }
  double parent = (double)whole * 1e-6;
  bool bad = qf_vee_unbalanced(parent, children, (double)p->a->c.loss_share * parent, QF_US_HOUR, &b);
  qf_alarm a = {.point = point,
                .kind = QF_ALARM_BALANCE,
                .active = bad,
                .ts_us = hour + QF_US_HOUR,
                .value = b,
                .limit = QF_BALANCE};
  switch_alarm(m, p, &a);
  return true;
}

static void judge_balances(qf_meter *m)
{
  if (m->tree_stale)
    build_tree(m);
  else if (!m->hours_closed)
    return;
  m->hours_closed = false;
  for (uint32_t i = 1; i <= m->points; i++) {
    qf_meter_point *p = qf_meter_at(m, i);
    if (!p->a)
      continue;
    if (p->a->child && !judge_hour(m, p, i, p->a->s.bal_hour))
      (void)judge_hour(m, p, i, p->a->s.bal_hour - QF_US_HOUR);
    if (!p->a->child) /* nothing below it any more: what was out of balance is no balance now */
      switch_alarm(m, p,
                   &(qf_alarm){.point = i, .kind = QF_ALARM_BALANCE, .ts_us = p->a->s.last_ts, .limit = QF_BALANCE});
  }
}

qf_rc qf_meter_tick(qf_meter *m, qf_us now_us)
{
  pthread_mutex_lock(&m->lock);
  qf_rc rc = qf_meter_run_dirty(m);
  report_open(m);
  judge_balances(m);
  if (now_us > 0)
    find_silent(m, now_us);
  pthread_mutex_unlock(&m->lock);
  return rc;
}

/* ---- reading out ---- */

bool qf_meter_get(qf_meter *m, uint32_t point, qf_point_live *out)
{
  pthread_mutex_lock(&m->lock);
  qf_meter_point *p = qf_meter_at(m, point);
  bool known = p && (p->readings || qf_meter_known(p));
  if (known) {
    qf_day d;
    qf_series_env e = {.cfg = p->a ? &p->a->c : NULL, .point = point};
    *out = (qf_point_live){.received_us = p->received_us,
                           .readings = p->readings,
                           .duplicates = p->duplicates,
                           .conflicts = p->conflicts,
                           .late = p->late,
                           .refused = p->refused,
                           .alarms = p->alarms};
    if (p->a) {
      out->alarms |= p->a->s.alarms;
      out->rules = p->a->s.rules | p->a->s.pend | p->a->s.day_rules;
    }
    if (p->ring_n)
      out->last = (qf_reading){p->ring_ts[0], {p->ring_mant[0], p->ring_exp[0]}, p->ring_flags[0]};
    if (qf_meter_known(p) && qf_series_open_day(&p->a->s, &e, &d)) {
      out->day_value = d.value;
      out->rules |= d.rules;
    }
  }
  pthread_mutex_unlock(&m->lock);
  return known;
}

size_t qf_meter_memory(qf_meter *m)
{
  pthread_mutex_lock(&m->lock);
  size_t n = sizeof *m + (m->chunk.n * sizeof(qf_meter_point) + m->slab.n * sizeof(qf_account)) * QF_CHUNK +
             (m->chunk.cap + m->slab.cap) * sizeof(void *) + m->run_cap * sizeof *m->run + m->side_bytes;
  pthread_mutex_unlock(&m->lock);
  return n;
}
