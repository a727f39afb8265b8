#include "collect/gather.h"
#include <stdlib.h>
#include <string.h>

enum { RETRY_MS = 20 };

typedef struct waiting { /* one packet */
  qf_gather_ack ack;
  uint32_t values;
} waiting;

typedef struct load { /* packets whose readings travel in one batch */
  qf_gather *g;
  waiting *w;
  size_t n, cap;
} load;

struct qf_gather {
  const qf_collect_env *env;
  qf_batch batch;
  uint32_t mark; /* rows of packets that are whole */
  load *now;     /* packets of batch; NULL: none */
  uint64_t *paused;
  size_t npaused, cap_paused;
  unsigned flying;         /* batches with the city */
  bool scheduled, stopped; /* a flush is posted or timed */
};

qf_gather *qf_gather_new(const qf_collect_env *env)
{
  qf_gather *g = calloc(1, sizeof *g);
  if (!g)
    return NULL;
  g->env = env;
  qf_batch_init(&g->batch);
  return g;
}

static void load_free(load *l)
{
  if (l)
    free(l->w);
  free(l);
}

static void free_when_done(qf_gather *g)
{
  if (!g->stopped || g->flying || g->scheduled)
    return;
  qf_batch_fini(&g->batch);
  load_free(g->now);
  free(g->paused);
  free(g);
}

static void answer(const qf_gather *g, const load *l, qf_rc rc)
{
  qf_err err = {0};
  if (rc)
    qf_fail(&err, rc, "the journal could not take it (%s): not answered", "日志未能接收（%s）：不予应答",
            qf_rc_name(rc));
  for (size_t i = 0; i < l->n; i++) {
    const waiting *w = &l->w[i];
    if (rc)
      qf_link_refused(w->ack.link, NULL, 0, &err);
    else
      qf_link_took(w->ack.link, w->values);
    qf_conn *k = !rc && w->ack.reply_len ? qf_conn_find(g->env->loop, w->ack.conn) : NULL;
    if (k)
      (void)qf_conn_send(k, w->ack.reply, w->ack.reply_len); /* ending: it will send again, and nothing is doubled */
    if (w->ack.told)
      w->ack.told(w->ack.ud, w->ack.conn, w->ack.tag, rc);
  }
}

static void durable(void *ud, qf_rc rc)
{
  load *l = ud;
  qf_gather *g = l->g;
  g->flying--;
  if (!g->stopped)
    answer(g, l, rc);
  load_free(l);
  free_when_done(g);
}

static void resume(qf_gather *g)
{
  for (size_t i = 0; i < g->npaused; i++) {
    qf_conn *k = qf_conn_find(g->env->loop, g->paused[i]);
    if (k)
      qf_conn_pause(k, false);
  }
  g->npaused = 0;
}

static void flush(void *ud);

static void again_later(qf_gather *g)
{
  g->scheduled = qf_loop_after(g->env->loop, RETRY_MS, flush, g) != 0;
}

/* What waits is out of our hands: given to the city, or answered. */
static void begin_anew(qf_gather *g)
{
  g->now = NULL;
  g->mark = 0;
  resume(g);
}

static void flush(void *ud)
{
  qf_gather *g = ud;
  qf_err err = {0};
  load *l = g->now;
  qf_rc rc = QF_OK;
  bool empty = g->batch.n == 0;
  g->scheduled = false;
  if (l && !empty) {
    g->flying++;
    rc = qf_take(g->env, &g->batch, durable, l, &err);
    if (rc)
      g->flying--;
  }
  if (rc == QF_FULL && !g->stopped) { /* nothing was taken: the senders pause, and it is tried again */
    again_later(g);
    if (g->scheduled)
      return;
  }
  if (l && (rc || empty)) { /* the city refused, or there was nothing to keep: said at once */
    if (!g->stopped)
      answer(g, l, rc);
    load_free(l);
    g->batch.n = 0;
  } else if (l) {
    qf_batch_fini(&g->batch);
    qf_batch_init(&g->batch);
  }
  begin_anew(g);
  free_when_done(g);
}

void qf_gather_stop(qf_gather *g)
{
  if (!g)
    return;
  g->stopped = true;
  if (g->now && !g->scheduled)
    flush(g);
  else
    free_when_done(g);
}

qf_rc qf_gather_add(qf_gather *g, uint32_t point, const qf_reading *r, qf_err *err)
{
  if (g->batch.n >= QF_GATHER_HARD)
    return qf_fail(err, QF_FULL, "too much waits for the journal: send it again later",
                   "等待写入日志的数据过多：请稍后重发");
  qf_rc rc = qf_batch_reserve(&g->batch, 1);
  if (rc)
    return qf_fail(err, rc, "out of memory", "内存不足");
  qf_batch_add(&g->batch, point, r->ts_us, r->v, r->flags);
  return QF_OK;
}

void qf_gather_drop(qf_gather *g)
{
  g->batch.n = g->mark;
}

static bool room(qf_gather *g)
{
  if (!g->now) {
    g->now = calloc(1, sizeof *g->now);
    if (!g->now)
      return false;
    g->now->g = g;
  }
  load *l = g->now;
  if (l->n < l->cap)
    return true;
  size_t cap = l->cap ? l->cap * 2 : 16;
  waiting *w = realloc(l->w, cap * sizeof *w);
  if (!w)
    return false;
  l->w = w;
  l->cap = cap;
  return true;
}

qf_rc qf_gather_packet(qf_gather *g, const qf_gather_ack *ack, qf_err *err)
{
  if (!g->scheduled)
    g->scheduled = qf_loop_post(g->env->loop, flush, g);
  if (!g->scheduled || !room(g)) {
    qf_gather_drop(g);
    return g->scheduled ? qf_fail(err, QF_NOMEM, "out of memory", "内存不足")
                        : qf_fail(err, QF_STATE, "the collector is ending", "采集正在停止");
  }
  waiting *w = &g->now->w[g->now->n++];
  w->ack = *ack;
  w->values = g->batch.n - g->mark;
  g->mark = g->batch.n;
  return QF_OK;
}

void qf_gather_brake(qf_gather *g, qf_conn *k)
{
  if (g->mark < QF_GATHER_SOFT)
    return;
  if (g->npaused == g->cap_paused) {
    size_t cap = g->cap_paused ? g->cap_paused * 2 : 64;
    uint64_t *p = realloc(g->paused, cap * sizeof *p);
    if (!p)
      return; /* not paused: the hard limit holds */
    g->paused = p;
    g->cap_paused = cap;
  }
  qf_conn_pause(k, true);
  g->paused[g->npaused++] = qf_conn_id(k);
}
