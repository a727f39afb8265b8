/* State of all points as bytes, little-endian, so that a start need not replay everything.
 *
 *   "QFMETER4"  u32 crc32c of everything after it
 *   u32 calendar stamp, u64 horizon, u64 held, u32 points, then for every point 1 .. points:
 *     u8 present: 0 never seen; 1 described: description, series and counters field by field in the order of visit_*,
 *     the series of the mark if series.still, u32 exchanges, the exchanges; 2 not described: counters and exchanges
 *
 * "QFMETER3", written until November 2026, is read too: there all that were seen are 1, those not described by kind 0.
 *
 * Integers are zigzag varints, doubles their IEEE bits. Dirty points are run again before saving, so none is dirty in
 * the bytes. Snapshots of late points are not kept: the first late reading after a start runs the whole history. */
#include "meter/internal.h"
#include <stdlib.h>
#include <string.h>

enum { DESCRIBED = 1, SEEN };
static const char magic[8] = {'Q', 'F', 'M', 'E', 'T', 'E', 'R', '4'};

typedef struct io { /* one of them: writing or reading */
  qf_buf *w;
  qf_rd *r;
} io;

static void io_i64(io *f, int64_t *v)
{
  if (f->w)
    qf_buf_zigzag(f->w, *v);
  else
    *v = qf_rd_zigzag(f->r);
}

static void io_u64(io *f, uint64_t *v)
{
  if (f->w)
    qf_buf_varint(f->w, *v);
  else
    *v = qf_rd_varint(f->r);
}

static void io_u32(io *f, uint32_t *v)
{
  uint64_t x = *v;
  io_u64(f, &x);
  *v = (uint32_t)x;
}

static void io_u16(io *f, uint16_t *v)
{
  uint64_t x = *v;
  io_u64(f, &x);
  *v = (uint16_t)x;
}

static void io_u8(io *f, uint8_t *v)
{
  if (f->w)
    qf_buf_u8(f->w, *v);
  else
    *v = qf_rd_u8(f->r);
}

static void io_i8(io *f, int8_t *v)
{
  uint8_t x = (uint8_t)*v;
  io_u8(f, &x);
  *v = (int8_t)x;
}

static void io_bool(io *f, bool *v)
{
  uint8_t x = *v;
  io_u8(f, &x);
  *v = x != 0;
}

static void io_f64(io *f, double *v)
{
  uint64_t x;
  memcpy(&x, v, sizeof x);
  if (f->w)
    qf_buf_u64(f->w, x);
  else
    x = qf_rd_u64(f->r);
  memcpy(v, &x, sizeof x);
}

static void io_f32(io *f, float *v)
{
  uint32_t x;
  memcpy(&x, v, sizeof x);
  if (f->w)
    qf_buf_u32(f->w, x);
  else
    x = qf_rd_u32(f->r);
  memcpy(v, &x, sizeof x);
}

static void visit_cfg(io *f, qf_series_cfg *c)
{
  double *doubles[] = {&c->rated, &c->low, &c->high, &c->rate_limit, &c->lim_us, &c->slack};
  for (size_t i = 0; i < sizeof doubles / sizeof *doubles; i++)
    io_f64(f, doubles[i]);
  io_i64(f, &c->k_mant);
  io_i64(f, &c->period_us);
  io_i64(f, &c->gap_us);
  io_u32(f, &c->parent);
  io_f32(f, &c->loss_share);
  io_i8(f, &c->k_exp);
  io_i8(f, &c->lsb_exp);
  io_u8(f, &c->kind);
  io_u8(f, &c->stamp_begin);
  io_u8(f, &c->digits);
  io_bool(f, &c->period_known);
  io_bool(f, &c->rests);
}

static void visit_series(io *f, qf_series *s)
{
  int64_t *words[] = {&s->last_ts,   &s->t0,      &s->r0,     &s->q_end,  &s->hour_us, &s->moved,  &s->x_from,
                      &s->still_ts,  &s->lo,      &s->hi,     &s->c_ts,   &s->c1_ts,   &s->c_r,    &s->c1_r,
                      &s->day_value, &s->day_est, &s->peak,   &s->top[0], &s->top[1],  &s->top[2], &s->sum,
                      &s->bal_hour,  &s->bal[0],  &s->bal[1], &s->q[0],   &s->q[1],    &s->q[2],   &s->q[3]};
  uint32_t *counts[] = {&s->rules,  &s->pend,   &s->hour_readings, &s->day_readings, &s->day_rules,
                        &s->zero_q, &s->all_q,  &s->cov[0],        &s->cov[1],       &s->cov[2],
                        &s->cov[3], &s->est[0], &s->est[1],        &s->est[2],       &s->est[3]};
  uint8_t *bytes[] = {&s->warn,  &s->fail,   &s->begun,     &s->busy,      &s->alarms, &s->c_rule, &s->c_grow,
                      &s->day_q, &s->day_qe, &s->peak_slot, &s->days_seen, &s->bal_ok, &s->still};
  uint16_t *shorts[] = {&s->c_n, &s->same_n, &s->x_next};
  int64_t day = s->day;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    io_i64(f, words[i]);
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
    io_u32(f, counts[i]);
  for (size_t i = 0; i < sizeof bytes / sizeof *bytes; i++)
    io_u8(f, bytes[i]);
  for (size_t i = 0; i < sizeof shorts / sizeof *shorts; i++)
    io_u16(f, shorts[i]);
  io_i64(f, &day);
  s->day = (int32_t)day;
  io_f32(f, &s->day_mean);
}

static void visit_rest(io *f, qf_meter_point *p)
{
  uint32_t *counts[] = {&p->duplicates, &p->conflicts, &p->late, &p->refused};
  io_i64(f, &p->received_us);
  io_u64(f, &p->readings);
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
    io_u32(f, counts[i]);
  for (int i = 0; i < QF_RING; i++) {
    io_i64(f, &p->ring_ts[i]);
    io_i64(f, &p->ring_mant[i]);
    io_i8(f, &p->ring_exp[i]);
    io_u8(f, &p->ring_flags[i]);
  }
  io_u8(f, &p->ring_n);
  io_u8(f, &p->alarms);
  io_bool(f, &p->changed);
  io_bool(f, &p->held);
}

static void visit_exchange(io *f, qf_exchange *x)
{
  io_i64(f, &x->ts_us);
  io_i64(f, &x->final_reading.mant);
  io_i8(f, &x->final_reading.exp);
  io_i64(f, &x->initial_reading.mant);
  io_i8(f, &x->initial_reading.exp);
}

static void write_point(io *f, qf_meter_point *p)
{
  uint8_t present = qf_meter_known(p) ? DESCRIBED : p->readings || p->x ? SEEN : 0;
  io_u8(f, &present);
  if (!present)
    return;
  if (present == DESCRIBED) {
    visit_cfg(f, &p->a->c);
    visit_series(f, &p->a->s);
  }
  visit_rest(f, p);
  if (present == DESCRIBED && p->a->s.still)
    visit_series(f, p->a->mark);
  uint32_t n = p->x ? p->x->n : 0;
  io_u32(f, &n);
  for (uint32_t i = 0; p->x && i < n; i++)
    visit_exchange(f, &p->x->x[i]);
}

qf_rc qf_meter_save(qf_meter *m, qf_buf *out)
{
  pthread_mutex_lock(&m->lock);
  qf_rc rc = qf_meter_run_dirty(m);
  size_t start = out->len;
  qf_buf_put(out, magic, sizeof magic);
  qf_buf_u32(out, 0);
  size_t body = out->len;
  io f = {.w = out};
  uint32_t stamp = qf_calendar_stamp(m->env.calendar);
  io_u32(&f, &stamp);
  io_i64(&f, &m->horizon);
  io_i64(&f, &m->held);
  io_u32(&f, &m->points);
  for (uint32_t i = 1; i <= m->points && !out->failed; i++)
    write_point(&f, qf_meter_at(m, i));
  pthread_mutex_unlock(&m->lock);
  if (rc || out->failed)
    return rc ? rc : QF_NOMEM;
  uint32_t crc = qf_crc32c(0, out->data + body, out->len - body);
  for (int i = 0; i < 4; i++)
    out->data[start + sizeof magic + (size_t)i] = (char)(crc >> (8 * i) & 0xff);
  return QF_OK;
}

static qf_rc read_mark(io *f, qf_meter *m, qf_meter_point *p, uint32_t id)
{
  m->env.point = id;
  if (f->r->bad || p->a->s.still > QF_STALLED)
    return QF_CORRUPT;
  if (!qf_meter_mark(m, true))
    return QF_NOMEM;
  *p->a->mark = p->a->s;
  visit_series(f, p->a->mark);
  return QF_OK;
}

static qf_rc read_exchanges(io *f, qf_meter *m, qf_meter_point *p)
{
  uint32_t n = 0;
  qf_rc rc = QF_OK;
  io_u32(f, &n);
  for (uint32_t i = 0; i < n && !f->r->bad && !rc; i++) {
    qf_exchange x = {0};
    visit_exchange(f, &x);
    rc = qf_meter_put_exchange(m, p, &x);
  }
  return rc;
}

static bool makes_sense(const qf_meter_point *p)
{
  const qf_account *a = p->a;
  return p->ring_n <= QF_RING && (!a || (a->c.kind <= QF_KIND_STATE && a->c.k_mant >= 0 && a->c.period_us > 0 &&
                                         a->s.peak_slot < QF_DAY_QUARTERS));
}

/* One that was seen but is of no kind (QFMETER3) goes without an account: it would be empty. */
static qf_rc read_point(io *f, qf_meter *m, uint32_t id)
{
  uint8_t present = 0;
  qf_account read = {0};
  qf_meter_point *p = qf_meter_at(m, id);
  io_u8(f, &present);
  if (!present || f->r->bad || present > SEEN)
    return f->r->bad || present > SEEN ? QF_CORRUPT : QF_OK;
  if (present == DESCRIBED) {
    visit_cfg(f, &read.c);
    visit_series(f, &read.s);
  }
  visit_rest(f, p);
  qf_rc rc = QF_OK;
  if (read.c.kind != QF_KIND_UNKNOWN) {
    rc = qf_meter_account(m, p);
    if (!rc)
      *p->a = read;
    if (!rc && read.s.still)
      rc = read_mark(f, m, p, id);
  }
  if (!rc)
    rc = read_exchanges(f, m, p);
  if (!rc && (f->r->bad || !makes_sense(p)))
    rc = QF_CORRUPT;
  if (!rc)
    qf_meter_rescale(p);
  return rc;
}

static qf_rc read_all(qf_rd *r, qf_meter *m, uint32_t *stamp)
{
  io f = {.r = r};
  *stamp = 0;
  io_u32(&f, stamp);
  uint32_t points = 0;
  io_i64(&f, &m->horizon);
  io_i64(&f, &m->held);
  io_u32(&f, &points);
  if (r->bad || points > (size_t)(r->end - r->p)) /* a point takes at least a byte */
    return QF_CORRUPT;
  qf_rc rc = points ? qf_meter_grow(m, points) : QF_OK;
  for (uint32_t i = 1; !rc && i <= points; i++)
    rc = read_point(&f, m, i);
  return rc ? rc : r->p == r->end ? QF_OK : QF_CORRUPT;
}

/* Put what was read in place of what m held; its old state leaves with `fresh`. */
static void swap_state(qf_meter *m, qf_meter *fresh)
{
  const qf_blocks chunk = m->chunk, slab = m->slab;
  const uint32_t points = m->points;
  m->chunk = fresh->chunk;
  m->slab = fresh->slab;
  m->points = fresh->points;
  m->accounts = fresh->accounts;
  m->side_bytes = fresh->side_bytes;
  m->horizon = fresh->horizon;
  m->held = fresh->held;
  m->tree_stale = true;
  m->dirty = m->hours_closed = false;
  m->nhours = m->ndays = 0;
  fresh->chunk = chunk;
  fresh->slab = slab;
  fresh->points = points;
}

qf_rc qf_meter_load(qf_meter *m, const uint8_t *bytes, size_t n, qf_err *err)
{
  qf_rd r = {bytes, bytes + n, false};
  const uint8_t *head = qf_rd_bytes(&r, sizeof magic);
  uint32_t crc = qf_rd_u32(&r);
  if (!head || r.bad || memcmp(head, magic, sizeof magic - 1) != 0 || (head[7] != magic[7] && head[7] != '3'))
    return qf_fail(err, QF_CORRUPT, "meter state of %zu bytes: not a meter state", "计量状态（%zu 字节）：格式不符", n);
  if (qf_crc32c(0, r.p, (size_t)(r.end - r.p)) != crc)
    return qf_fail(err, QF_CORRUPT, "meter state of %zu bytes: checksum does not match",
                   "计量状态（%zu 字节）：校验和不符", n);
  qf_meter *fresh;
  qf_rc rc = qf_meter_new(NULL, &m->source, &fresh);
  if (rc)
    return qf_fail(err, rc, "meter state: out of memory (%zu bytes)", "计量状态：内存不足（%zu 字节）", n);
  uint32_t stamp;
  rc = read_all(&r, fresh, &stamp);
  if (!rc) {
    pthread_mutex_lock(&m->lock);
    swap_state(m, fresh);
    bool stale = stamp != qf_calendar_stamp(m->env.calendar);
    for (uint32_t i = 1; stale && i <= m->points; i++) /* estimated by another calendar */
      qf_meter_at(m, i)->dirty = qf_meter_known(qf_meter_at(m, i)) ? INT64_MIN : INT64_MAX;
    m->dirty = stale;
    pthread_mutex_unlock(&m->lock);
  }
  qf_meter_free(fresh);
  return rc ? qf_fail(err, rc, "meter state of %zu bytes: not readable", "计量状态（%zu 字节）：无法读取", n) : QF_OK;
}
