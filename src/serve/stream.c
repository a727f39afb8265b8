/* Server-sent events: one text for all listeners, once a second; a listener that does not read is cut off, never waited
 * for. */
#include "serve/auth.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BACKLOG ((size_t)4 << 20)
#define KEEPALIVE_S 15

typedef struct listener {
  struct listener *next;
  struct MHD_Connection *conn;
  qf_buf pending;
  size_t sent;
  bool suspended, gone;
  bool thin;    /* may not see every point: is told only that something is new */
  char sid[65]; /* session it came by, "" none: ends with it */
  char who[64]; /* its person or token, "" nobody */
} listener;

typedef struct qf_sse {
  pthread_mutex_t mx;
  listener *all;
  unsigned count;
  uint64_t events;
  bool closing;
} qf_sse;

static void wake(listener *l)
{
  if (l->suspended) {
    l->suspended = false;
    MHD_resume_connection(l->conn);
  }
}

/* The same event without values and alarms. NULL without memory. */
static char *thinned(const char *json, size_t len)
{
  json_t *j = json_loadb(json, len, 0, NULL);
  json_object_set_new(j, "points", json_array());
  json_object_set_new(j, "alarms", json_array());
  char *text = json_is_object(j) ? json_dumps(j, JSON_COMPACT) : NULL;
  json_decref(j);
  return text;
}

static void send_to(listener *l, uint64_t event, const char *json, size_t len)
{
  if (l->pending.len - l->sent + len > BACKLOG)
    l->gone = true;
  qf_buf_printf(&l->pending, "id: %llu\nevent: live\ndata: ", (unsigned long long)event);
  qf_buf_put(&l->pending, json, len);
  qf_buf_puts(&l->pending, "\n\n");
  wake(l);
}

static void broadcast(void *ud, const char *json, size_t len)
{
  qf_server *s = ud;
  qf_sse *e = s->sse;
  pthread_mutex_lock(&e->mx);
  e->events++;
  char *thin = NULL; /* made for the first who needs it */
  for (listener *l = e->all; l; l = l->next) {
    bool all = !l->thin;
    if (l->sid[0] && !qf_auth_session(s->auth, l->sid, &all))
      l->gone = true; /* logged out, disabled or too old */
    bool whole = all && !l->thin;
    if (!whole && !thin)
      thin = thinned(json, len);
    if (whole)
      send_to(l, e->events, json, len);
    else if (thin)
      send_to(l, e->events, thin, strlen(thin));
  }
  pthread_mutex_unlock(&e->mx);
  free(thin);
}

qf_rc qf_stream_start(qf_server *s)
{
  s->sse = calloc(1, sizeof *s->sse);
  if (!s->sse)
    return QF_NOMEM;
  pthread_mutex_init(&s->sse->mx, NULL);
  qf_city_on_live(s->city, broadcast, s);
  return QF_OK;
}

void qf_stream_stop(qf_server *s)
{
  qf_city_on_live(s->city, NULL, NULL);
  if (!s->sse)
    return;
  pthread_mutex_lock(&s->sse->mx);
  s->sse->closing = true;
  for (listener *l = s->sse->all; l; l = l->next)
    wake(l);
  pthread_mutex_unlock(&s->sse->mx);
}

static ssize_t read_some(void *ud, uint64_t pos, char *out, size_t max)
{
  listener *l = ((void **)ud)[0];
  qf_sse *e = ((void **)ud)[1];
  (void)pos;
  pthread_mutex_lock(&e->mx);
  ssize_t n;
  if (l->gone || e->closing || l->pending.failed) {
    n = MHD_CONTENT_READER_END_OF_STREAM;
  } else if (l->pending.len > l->sent) {
    size_t k = l->pending.len - l->sent;
    k = k < max ? k : max;
    memcpy(out, l->pending.data + l->sent, k);
    l->sent += k;
    if (l->sent == l->pending.len) {
      qf_buf_reset(&l->pending);
      l->sent = 0;
    }
    n = (ssize_t)k;
  } else {
    l->suspended = true;
    MHD_suspend_connection(l->conn);
    n = 0;
  }
  pthread_mutex_unlock(&e->mx);
  return n;
}

static void forget(void *ud)
{
  listener *l = ((void **)ud)[0];
  qf_sse *e = ((void **)ud)[1];
  pthread_mutex_lock(&e->mx);
  for (listener **p = &e->all; *p; p = &(*p)->next)
    if (*p == l) {
      *p = l->next;
      e->count--;
      break;
    }
  pthread_mutex_unlock(&e->mx);
  qf_buf_fini(&l->pending);
  free(l);
  free(ud);
}

struct MHD_Response *qf_stream_response(qf_req *r)
{
  qf_sse *e = r->s->sse;
  listener *l = calloc(1, sizeof *l);
  void **pair = calloc(2, sizeof *pair);
  if (!l || !pair) {
    free(l);
    free(pair);
    return NULL;
  }
  char scope[QF_SCOPE_TEXT];
  qf_req_scope(r, QF_ACT_VIEW, NULL, scope);
  l->thin = strcmp(scope, "*") != 0;
  snprintf(l->sid, sizeof l->sid, "%s", r->who.sid);
  snprintf(l->who, sizeof l->who, "%s", r->who.name);
  l->conn = r->conn;
  qf_buf_init(&l->pending, BACKLOG * 2);
  qf_buf_puts(&l->pending, "retry: 2000\n: qingfeng\n\n");
  pair[0] = l;
  pair[1] = e;
  pthread_mutex_lock(&e->mx);
  l->next = e->all;
  e->all = l;
  e->count++;
  pthread_mutex_unlock(&e->mx);
  struct MHD_Response *m = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 8192, read_some, pair, forget);
  if (!m)
    forget(pair);
  return m;
}

/* A page of another site cannot read the answer, but the cookie may come along: it is not to hold a line open either. */
static bool from_elsewhere(qf_req *r)
{
  const char *origin = qf_req_header(r, "Origin"), *host = qf_req_header(r, "Host");
  const char *from = origin ? strstr(origin, "://") : NULL;
  return origin && (!from || !host || strcasecmp(from + 3, host) != 0);
}

void qf_h_stream(qf_req *r)
{
  qf_sse *e = r->s->sse;
  qf_err err;
  unsigned mine = 0;
  if (from_elsewhere(r)) {
    qf_req_refuse(r, 403, QF_DENIED, "the request did not come from this site's pages", "请求并非来自本站页面");
    return;
  }
  pthread_mutex_lock(&e->mx);
  bool full = e->count >= QF_SSE_MAX;
  for (const listener *l = e->all; l && r->who.name[0]; l = l->next)
    mine += strcmp(l->who, r->who.name) == 0;
  pthread_mutex_unlock(&e->mx);
  if (full || mine >= QF_SSE_MINE) {
    r->retry_after = 30;
    (void)(full ? qf_fail(&err, QF_FULL, "too many live listeners (limit %u)", "实时监听者过多（上限 %u）", QF_SSE_MAX)
                : qf_fail(&err, QF_FULL, "you listen %u times already: close a page",
                          "您已打开 %u 个实时连接，请先关闭一个页面", QF_SSE_MINE));
    qf_req_fail(r, full ? 503 : 429, QF_FULL, &err);
    return;
  }
  MHD_set_connection_option(r->conn, MHD_CONNECTION_OPTION_TIMEOUT, 0u);
  r->type = "text/event-stream; charset=utf-8";
  r->streaming = true;
}
