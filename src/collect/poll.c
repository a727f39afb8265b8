/* One gateway is a small machine on the loop's thread:
 *
 *   go --nothing due--> timer --> go
 *    \--device due--> connect --> ask --> heard --> ask ... --> device done --> batch given --> go
 *                                   \--> timer: time-out --> device backs off --> go
 *
 * It has one timer, whose meaning is its state. Only the loop's thread touches a gateway; `mx` guards what a stopping thread
 * waits for. */
#include "collect/poll.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef enum state {
  IDLE,       /* go() decides */
  CONNECTING, /* for the device that is due */
  RESTING,    /* the gap before the next request */
  WAITING,    /* for an answer */
  HOLDING,    /* the journal is full: the batch is offered again */
} state;

typedef struct device {
  void *self;
  qf_link *link;
  bool failing;
  uint32_t backoff_ms;
  int64_t retry_at;
} device;

typedef struct gateway {
  qf_poll *poll;
  char host[256], peer[272];
  uint16_t port;
  device *devices;
  uint32_t n, cap;
  state state;
  uint64_t timer; /* 0: none */
  qf_conn *conn;  /* NULL: none, or being ended */
  bool down;      /* could not be reached */
  bool spoke;     /* something was heard on this connection */
  uint32_t silence, backoff_ms;
  int64_t retry_at;
  /* the cycle */
  bool begun, pass_done, any;
  int64_t cycle_at;
  uint32_t next, probes;
  /* the exchange */
  device *cur;
  uint32_t step, part, tries;
  uint16_t serial;
  qf_batch batch;
} gateway;

struct qf_poll {
  const qf_collect_env *env;
  qf_poll_opts o;
  const qf_poll_ops *ops;
  qf_conn_opts conn_opts;
  gateway **gateways;
  uint32_t n, cap, devices;
  uint64_t chance; /* of the jitter */
  bool stopping;   /* loop thread */
  pthread_mutex_t mx;
  pthread_cond_t cond;
  uint32_t busy; /* connections, batches on their way, posts: a stop waits for 0 */
  _Atomic uint64_t cycles, late, asked, answered, timeouts, dropped, held, slowest_ms;
};

static void go(gateway *g);
static void ask(gateway *g);

static int64_t now_ms(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void hold(qf_poll *p)
{
  pthread_mutex_lock(&p->mx);
  p->busy++;
  pthread_mutex_unlock(&p->mx);
}
static void let_go(qf_poll *p)
{
  pthread_mutex_lock(&p->mx);
  p->busy--;
  pthread_cond_signal(&p->cond);
  pthread_mutex_unlock(&p->mx);
}

/* ---- timers and back-off ---- */

static void disarm(gateway *g)
{
  if (g->timer)
    qf_loop_cancel(g->poll->env->loop, g->timer);
  g->timer = 0;
}

static void on_timer(void *ud);

static void arm(gateway *g, state s, int64_t ms)
{
  disarm(g);
  g->state = s;
  g->timer = qf_loop_after(g->poll->env->loop, ms < 1 ? 1 : ms > 3600000 ? 3600000 : (uint32_t)ms, on_timer, g);
}

/* The next pause: doubled up to the limit; what is waited is a quarter more or less, so that what failed together does not come
 * back together. */
static int64_t back_off(qf_poll *p, uint32_t *backoff_ms)
{
  uint32_t b = *backoff_ms == 0 ? p->o.backoff_ms : *backoff_ms * 2;
  if (b > p->o.backoff_max_ms)
    b = p->o.backoff_max_ms;
  *backoff_ms = b;
  p->chance = p->chance * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407); /* Knuth's MMIX */
  return now_ms() + b * 3 / 4 + (int64_t)((p->chance >> 33) % (b / 2 + 1));
}

static void fail_device(gateway *g, device *d, const qf_err *why)
{
  d->failing = true;
  d->retry_at = back_off(g->poll, &d->backoff_ms);
  qf_link_set(d->link, QF_LINK_BACKOFF, g->peer);
  qf_link_refused(d->link, NULL, 0, why);
}

static void fail_gateway(gateway *g, const qf_err *why)
{
  g->retry_at = back_off(g->poll, &g->backoff_ms);
  for (uint32_t i = 0; !g->down && i < g->n; i++) {
    qf_link_set(g->devices[i].link, QF_LINK_BACKOFF, g->peer);
    qf_link_refused(g->devices[i].link, NULL, 0, why);
  }
  g->down = true;
}

/* ---- batches ---- */

typedef struct parcel { /* a batch on its way to the journal */
  qf_poll *poll;
  qf_link *link;
  uint32_t n;
} parcel;

static void on_taken(void *ud, qf_rc rc)
{
  parcel *c = ud;
  qf_err err;
  if (rc == QF_OK)
    qf_link_took(c->link, c->n);
  else {
    qf_fail(&err, rc, "the journal did not take %u readings", "日志未接收 %u 条读数", c->n);
    qf_link_refused(c->link, NULL, 0, &err);
  }
  let_go(c->poll);
  free(c);
}

/* false: it must be offered again. */
static bool give(gateway *g)
{
  qf_poll *p = g->poll;
  qf_err err = {0};
  if (g->batch.n == 0)
    return true;
  parcel *c = malloc(sizeof *c);
  qf_rc rc = QF_NOMEM;
  if (c) {
    *c = (parcel){p, g->cur->link, g->batch.n};
    hold(p);
    rc = qf_take(p->env, &g->batch, on_taken, c, &err);
    if (rc) {
      let_go(p);
      free(c);
    }
  }
  if (rc == QF_FULL || rc == QF_NOMEM)
    return false;
  if (rc)
    qf_link_refused(g->cur->link, NULL, 0, &err);
  qf_batch_fini(&g->batch); /* taken over and empty, or of no more use */
  qf_batch_init(&g->batch);
  return true;
}

/* ---- the exchange ---- */

/* The device is through, well or badly. */
static void leave(gateway *g)
{
  if (!give(g)) {
    atomic_fetch_add(&g->poll->held, 1);
    arm(g, HOLDING, 500);
    return;
  }
  g->cur = NULL;
  g->state = IDLE;
  go(g);
}

static void device_done(gateway *g)
{
  device *d = g->cur;
  d->failing = false;
  d->backoff_ms = 0;
  qf_link_set(d->link, QF_LINK_UP, g->peer);
  leave(g);
}

static void fill_talk(gateway *g, qf_poll_talk *t)
{
  *t = (qf_poll_talk){.device = g->state == WAITING ? g->cur->self : NULL,
                      .step = g->step,
                      .part = g->part,
                      .serial = g->serial,
                      .now = qf_city_now(g->poll->env->city),
                      .batch = &g->batch};
}

static void ask(gateway *g)
{
  qf_poll_talk t;
  uint8_t out[QF_POLL_ASK_MAX];
  if (!g->conn) { /* ended while the line rested */
    g->state = IDLE;
    g->cur = NULL;
    go(g);
    return;
  }
  if (++g->serial == 0)
    g->serial = 1;
  g->state = WAITING;
  fill_talk(g, &t);
  size_t n = g->poll->ops->ask(&t, out);
  if (n == 0) {
    device_done(g);
    return;
  }
  atomic_fetch_add(&g->poll->asked, 1);
  arm(g, WAITING, g->poll->o.timeout_ms);
  qf_conn_send(g->conn, out, n); /* a refusal is followed by closed() */
}

static void ask_after_gap(gateway *g)
{
  if (g->poll->o.gap_ms)
    arm(g, RESTING, g->poll->o.gap_ms);
  else
    ask(g);
}

static void drop_connection(gateway *g)
{
  qf_conn *k = g->conn;
  g->conn = NULL;
  if (k)
    qf_conn_close(k, false);
}

static bool nobody_lives(const gateway *g)
{
  for (uint32_t i = 0; i < g->n; i++)
    if (!g->devices[i].failing)
      return false;
  return true;
}

static void timed_out(gateway *g)
{
  qf_poll *p = g->poll;
  qf_err err;
  atomic_fetch_add(&p->timeouts, 1);
  qf_link_polled(g->cur->link, QF_LINK_TIMEOUT);
  if (!g->cur->failing || nobody_lives(g)) /* a dead device says nothing about the line */
    g->silence++;
  bool give_up = g->silence >= QF_POLL_SILENCE;
  if (!g->cur->failing && g->tries++ < p->o.retries && !give_up) {
    ask(g);
    return;
  }
  qf_fail(&err, QF_IO, "%s: no answer within %u ms", "%s：%u 毫秒内无应答", g->peer, p->o.timeout_ms);
  fail_device(g, g->cur, &err);
  g->state = IDLE; /* what comes now comes too late */
  if (give_up) {
    g->silence = 0;
    drop_connection(g);
  }
  leave(g);
}

static void on_timer(void *ud)
{
  gateway *g = ud;
  g->timer = 0;
  switch (g->state) {
  case WAITING:
    timed_out(g);
    break;
  case RESTING:
    ask(g);
    break;
  case HOLDING:
    leave(g);
    break;
  case CONNECTING:
    break; /* the loop's own limit ends it */
  case IDLE:
    go(g);
    break;
  }
}

static void heard(gateway *g, qf_heard what, const qf_poll_talk *t, const uint8_t *p, size_t used)
{
  device *d = g->cur;
  if (what == QF_HEARD_NOTHING || !t->device) {
    atomic_fetch_add(&g->poll->dropped, 1);
    return;
  }
  if (what == QF_HEARD_BROKEN) {
    qf_link_refused(d->link, p, used, &t->why);
    return;
  }
  atomic_fetch_add(&g->poll->answered, 1);
  qf_link_seen(d->link, used);
  disarm(g);
  g->silence = g->tries = g->backoff_ms = 0;
  g->spoke = true;
  if (what == QF_HEARD_REFUSED)
    qf_link_refused(d->link, p, used, &t->why);
  if (what == QF_HEARD_ABSENT) {
    fail_device(g, d, &t->why);
    g->state = IDLE;
    leave(g);
    return;
  }
  if (what == QF_HEARD_MORE)
    g->part++;
  else {
    g->step++;
    g->part = 0;
  }
  ask_after_gap(g);
}

static size_t on_bytes(qf_conn *k, const uint8_t *p, size_t n)
{
  gateway *g = qf_conn_ud(k);
  if (k != g->conn)
    return n; /* given up already */
  qf_poll_talk t;
  qf_heard what = QF_HEARD_NOTHING;
  fill_talk(g, &t);
  size_t used = g->poll->ops->hear(&t, p, n, &what);
  if (used == QF_CONN_CLOSE) {
    if (t.device) {
      qf_link_refused(g->cur->link, p, n, &t.why);
      disarm(g);
      fail_device(g, g->cur, &t.why);
      g->state = IDLE;
      g->conn = NULL;
      leave(g);
    } else
      g->conn = NULL;
    return QF_CONN_CLOSE;
  }
  if (used > 0)
    heard(g, what, &t, p, used);
  return used;
}

/* ---- connections ---- */

static void begin_cycle(gateway *g, int64_t now)
{
  int64_t interval = g->poll->o.interval_ms;
  if (!g->begun)
    g->cycle_at = now;
  else {
    g->cycle_at += interval;
    if (now - g->cycle_at >= interval)
      g->cycle_at = now;
  }
  g->begun = true;
  g->pass_done = g->any = false;
  g->next = g->probes = 0;
}

static void on_open(qf_conn *k)
{
  gateway *g = qf_conn_ud(k);
  if (k != g->conn || g->poll->stopping)
    return;
  int64_t now = now_ms();
  if (now >= g->cycle_at + g->poll->o.interval_ms && g->down)
    begin_cycle(g, now);
  g->down = false;
  g->silence = 0;
  disarm(g);
  if (!g->cur) {
    g->state = IDLE;
    go(g);
    return;
  }
  ask(g);
}

static void connect_for(gateway *g);

static void lost(gateway *g, const qf_err *why)
{
  disarm(g);
  /* Some serial servers hang up after each answer: go on where we were, on a new connection. */
  if (g->state == RESTING || (g->state == WAITING && g->spoke && g->tries++ == 0)) {
    connect_for(g);
    return;
  }
  if (g->state == WAITING) /* this one made it hang up: the others go first next time */
    fail_device(g, g->cur, why);
  else if (!g->cur->failing)
    g->next--; /* nobody asked it: it is still due */
  if (!g->spoke)
    fail_gateway(g, why);
  g->state = IDLE;
  leave(g);
}

static void on_closed(qf_conn *k, const qf_err *why)
{
  gateway *g = qf_conn_ud(k);
  qf_poll *p = g->poll;
  if (k == g->conn) {
    g->conn = NULL;
    if (!p->stopping && (g->state == CONNECTING || g->state == WAITING || g->state == RESTING))
      lost(g, why);
  }
  let_go(p);
}

static const qf_conn_ops conn_ops = {.open = on_open, .bytes = on_bytes, .closed = on_closed};

static void connect_for(gateway *g)
{
  qf_poll *p = g->poll;
  qf_err err = {0};
  qf_conn_opts o = p->conn_opts;
  o.ud = g;
  hold(p);
  g->spoke = false;
  g->state = CONNECTING;
  qf_rc rc = qf_loop_connect(p->env->loop, g->host, g->port, p->o.connect_ms, &o, &g->conn, &err);
  if (rc) {
    g->conn = NULL;
    let_go(p);
    fail_gateway(g, &err);
    if (!g->cur->failing)
      g->next--;
    g->state = IDLE;
    leave(g);
  }
}

/* ---- what is due ---- */

static void pass_over(gateway *g, int64_t now)
{
  qf_poll *p = g->poll;
  g->pass_done = true;
  if (!g->any)
    return;
  uint64_t took = now > g->cycle_at ? (uint64_t)(now - g->cycle_at) : 0;
  atomic_fetch_add(&p->cycles, 1);
  qf_link_polled(g->devices[0].link, QF_LINK_CYCLE);
  if (took > atomic_load(&p->slowest_ms)) /* only the loop's thread writes it */
    atomic_store(&p->slowest_ms, took);
  if (took > p->o.interval_ms)
    atomic_fetch_add(&p->late, 1);
}

static device *longest_failed(gateway *g)
{
  device *best = NULL;
  for (uint32_t i = 0; i < g->n; i++)
    if (g->devices[i].failing && (!best || g->devices[i].retry_at < best->retry_at))
      best = &g->devices[i];
  return best;
}

/* The device to ask now, or NULL and the moment to look again. */
static device *due(gateway *g, int64_t now, int64_t *look_at)
{
  int64_t next_cycle = g->cycle_at + g->poll->o.interval_ms;
  if (!g->begun || (g->pass_done && now >= next_cycle)) {
    begin_cycle(g, now);
    next_cycle = g->cycle_at + g->poll->o.interval_ms;
  }
  while (g->next < g->n) {
    device *d = &g->devices[g->next++];
    if (!d->failing) {
      g->any = true;
      return d;
    }
  }
  if (!g->pass_done)
    pass_over(g, now);
  device *d = longest_failed(g);
  *look_at = next_cycle;
  if (!d)
    return NULL;
  /* One try a cycle always; more only where its time-out ends before the living are due again. */
  int64_t from = d->retry_at > now ? d->retry_at : now;
  if (g->probes > 0 && from + g->poll->o.timeout_ms > next_cycle)
    return NULL;
  if (d->retry_at <= now) {
    g->probes++;
    return d;
  }
  if (d->retry_at < next_cycle)
    *look_at = d->retry_at;
  return NULL;
}

static void go(gateway *g)
{
  if (g->poll->stopping || g->n == 0)
    return;
  int64_t now = now_ms(), look_at = now;
  if (g->retry_at > now && !g->conn) {
    arm(g, IDLE, g->retry_at - now);
    return;
  }
  device *d = due(g, now, &look_at);
  if (!d) {
    arm(g, IDLE, look_at - now);
    return;
  }
  disarm(g);
  g->cur = d;
  g->step = g->part = g->tries = 0;
  if (g->conn)
    ask_after_gap(g);
  else
    connect_for(g);
}

/* ---- life ---- */

qf_rc qf_poll_conf(qf_conf *conf, qf_poll_opts *o, qf_err *err)
{
  const struct {
    const char *key;
    int64_t min, max;
    uint32_t *to;
  } keys[] = {{"interval_ms", 20, 86400000, &o->interval_ms},
              {"timeout_ms", 10, 60000, &o->timeout_ms},
              {"connect_ms", 10, 60000, &o->connect_ms},
              {"backoff_ms", 10, 3600000, &o->backoff_ms},
              {"backoff_max_ms", 10, 3600000, &o->backoff_max_ms},
              {"gap_ms", 0, 10000, &o->gap_ms},
              {"retries", 0, 10, &o->retries}};
  qf_rc rc = QF_OK;
  for (size_t i = 0; !rc && i < sizeof keys / sizeof *keys; i++) {
    int64_t v = 0;
    if (!(rc = qf_conf_int(conf, "collector", keys[i].key, keys[i].min, keys[i].max, *keys[i].to, &v, err)))
      *keys[i].to = (uint32_t)v;
  }
  if (!rc && o->backoff_max_ms < o->backoff_ms)
    rc = qf_fail(err, QF_RANGE, "backoff_max_ms is less than backoff_ms", "backoff_max_ms 小于 backoff_ms");
  return rc;
}

qf_rc qf_poll_new(const qf_collect_env *env, const qf_poll_opts *o, const qf_poll_ops *ops, qf_poll **out, qf_err *err)
{
  qf_poll *p = calloc(1, sizeof *p);
  if (!p)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  p->env = env;
  p->o = *o;
  p->ops = ops;
  p->conn_opts = (qf_conn_opts){.ops = &conn_ops, .in_max = 4096, .out_max = 4096};
  p->chance = (uint64_t)now_ms() ^ (uint64_t)(uintptr_t)p;
  pthread_mutex_init(&p->mx, NULL);
  pthread_cond_init(&p->cond, NULL);
  *out = p;
  return QF_OK;
}

static gateway *gateway_of(qf_poll *p, const char *host, uint16_t port)
{
  for (uint32_t i = p->n; i-- > 0;) /* files name a gateway's devices together: the last is looked at first */
    if (p->gateways[i]->port == port && strcmp(p->gateways[i]->host, host) == 0)
      return p->gateways[i];
  if (p->n == p->cap) {
    uint32_t cap = p->cap ? p->cap * 2 : 8;
    gateway **more = realloc(p->gateways, cap * sizeof *more);
    if (!more)
      return NULL;
    p->gateways = more;
    p->cap = cap;
  }
  gateway *g = calloc(1, sizeof *g);
  if (!g)
    return NULL;
  g->poll = p;
  snprintf(g->host, sizeof g->host, "%s", host);
  snprintf(g->peer, sizeof g->peer, "%s:%u", host, port);
  g->port = port;
  qf_batch_init(&g->batch);
  return p->gateways[p->n++] = g;
}

qf_rc qf_poll_add(qf_poll *p, const char *host, uint16_t port, const char *name, void *self, qf_err *err)
{
  if (p->devices == QF_POLL_DEVICES_MAX)
    return qf_fail(err, QF_FULL, "more than %d devices in one collector", "单个采集器的设备超过 %d 台",
                   QF_POLL_DEVICES_MAX);
  gateway *g = gateway_of(p, host, port);
  if (g && g->n == g->cap) {
    uint32_t cap = g->cap ? g->cap * 2 : 4;
    device *more = realloc(g->devices, cap * sizeof *more);
    if (more) {
      g->devices = more;
      g->cap = cap;
    }
  }
  if (!g || g->n == g->cap)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  device *d = &g->devices[g->n++];
  *d = (device){.self = self, .link = qf_link_of(p->env->links, p->o.collector, p->o.protocol, name)};
  qf_link_set(d->link, QF_LINK_DOWN, g->peer);
  p->devices++;
  return QF_OK;
}

static void begin(void *ud)
{
  qf_poll *p = ud;
  uint32_t spread = p->o.interval_ms < 1000 ? p->o.interval_ms : 1000; /* not all connections in one moment */
  for (uint32_t i = 0; i < p->n; i++)
    arm(p->gateways[i], IDLE, (int64_t)spread * i / p->n);
  let_go(p);
}

qf_rc qf_poll_start(qf_poll *p, qf_err *err)
{
  hold(p);
  if (qf_loop_post(p->env->loop, begin, p))
    return QF_OK;
  let_go(p);
  return qf_fail(err, QF_STATE, "the collectors are stopping", "采集器正在停止");
}

static void end(void *ud)
{
  qf_poll *p = ud;
  p->stopping = true;
  for (uint32_t i = 0; i < p->n; i++) {
    disarm(p->gateways[i]);
    drop_connection(p->gateways[i]);
  }
  let_go(p);
}

void qf_poll_free(qf_poll *p)
{
  if (!p)
    return;
  hold(p);
  if (!qf_loop_post(p->env->loop, end, p))
    let_go(p);
  pthread_mutex_lock(&p->mx);
  while (p->busy > 0)
    pthread_cond_wait(&p->cond, &p->mx);
  pthread_mutex_unlock(&p->mx);
  for (uint32_t i = 0; i < p->n; i++) {
    qf_batch_fini(&p->gateways[i]->batch);
    free(p->gateways[i]->devices);
    free(p->gateways[i]);
  }
  free(p->gateways);
  pthread_cond_destroy(&p->cond);
  pthread_mutex_destroy(&p->mx);
  free(p);
}

void qf_poll_get_stats(qf_poll *p, qf_poll_stats *out)
{
  *out = (qf_poll_stats){.cycles = atomic_load(&p->cycles),
                         .late = atomic_load(&p->late),
                         .asked = atomic_load(&p->asked),
                         .answered = atomic_load(&p->answered),
                         .timeouts = atomic_load(&p->timeouts),
                         .dropped = atomic_load(&p->dropped),
                         .held = atomic_load(&p->held),
                         .slowest_ms = atomic_load(&p->slowest_ms)};
}
