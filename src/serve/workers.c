#include "serve/workers.h"
#include <stdlib.h>
#include <string.h>

struct qf_workers {
  pthread_mutex_t mx;
  pthread_cond_t wake;
  qf_req *head, *tail; /* in the order of their coming, by qf_req.next */
  pthread_t thread[QF_WORKERS];
  uint64_t running[QF_WORKERS]; /* whose requests are answered just now (whose()), in no order; 0 none */
  uint32_t n, pushes;           /* threads; of them at a push of readings */
  bool stop;
};

/* A number for who asks - person, token, or the address of nobody -, never 0. Two may share one by chance: they then share a
 * limit too, for moments. */
static uint64_t whose(qf_req *r)
{
  char from[64] = "";
  if (!r->who.name[0])
    qf_req_from(r, from);
  const char *name = r->who.name[0] ? r->who.name : from;
  return (uint64_t)qf_crc32c(r->who.name[0] != 0, name, strlen(name)) + 1;
}

static bool has_enough(const qf_workers *w, uint64_t who)
{
  unsigned n = 0;
  for (uint32_t i = 0; i < QF_WORKERS; i++)
    n += w->running[i] == who;
  return n >= QF_MINE;
}

/* The first that may run: readings that are pushed wait for the disk, and must not have every worker waiting with them; nor is one
 * person's long list of dear questions to keep everybody else waiting. */
static qf_req *pick(qf_workers *w)
{
  for (qf_req *r = w->head, *before = NULL; r; before = r, r = r->next) {
    bool push = r->route->fn == qf_h_push;
    if ((push && w->pushes == QF_PUSHES) || has_enough(w, r->whose))
      continue;
    if (before)
      before->next = r->next;
    else
      w->head = r->next;
    if (w->tail == r)
      w->tail = before;
    w->pushes += push;
    return r;
  }
  return NULL;
}

/* Put `to` where `from` is. */
static void note_running(qf_workers *w, uint64_t from, uint64_t to)
{
  uint32_t i = 0;
  while (i + 1 < QF_WORKERS && w->running[i] != from)
    i++;
  w->running[i] = to;
}

static void *work(void *ud)
{
  qf_workers *w = ud;
  pthread_setname_np(pthread_self(), "answer");
  pthread_mutex_lock(&w->mx);
  for (;;) {
    qf_req *r;
    while (!(r = pick(w)) && (w->head || !w->stop))
      pthread_cond_wait(&w->wake, &w->mx);
    if (!r)
      break;
    bool push = r->route->fn == qf_h_push;
    const uint64_t who = r->whose;
    note_running(w, 0, who);
    pthread_mutex_unlock(&w->mx);
    r->route->fn(r);
    qf_req_resume(r); /* not ours from here on */
    pthread_mutex_lock(&w->mx);
    w->pushes -= push;
    note_running(w, who, 0);
    if (w->stop)
      pthread_cond_broadcast(&w->wake); /* who waits for a push to end may go home */
  }
  pthread_mutex_unlock(&w->mx);
  return NULL;
}

qf_rc qf_workers_start(qf_workers **out, qf_err *err)
{
  qf_workers *w = calloc(1, sizeof *w);
  *out = w;
  if (!w)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  pthread_mutex_init(&w->mx, NULL);
  pthread_cond_init(&w->wake, NULL);
  while (w->n < QF_WORKERS && pthread_create(&w->thread[w->n], NULL, work, w) == 0)
    w->n++;
  return w->n == QF_WORKERS ? QF_OK : qf_fail(err, QF_NOMEM, "no thread", "无法创建线程");
}

/* Readings are parsed where they are received and then suspend; passwords have workers of their own; a stream never ends. */
static bool stays(const qf_req *r)
{
  static qf_handler *const own[] = {qf_h_write, qf_h_remote_write, qf_h_login, qf_h_password,
                                    qf_h_totp,  qf_h_stream,       qf_h_health};
  for (size_t i = 0; i < sizeof own / sizeof *own; i++)
    if (r->route->fn == own[i])
      return true;
  return false;
}

bool qf_workers_take(qf_workers *w, qf_req *r)
{
  if (!w || stays(r))
    return false;
  pthread_mutex_lock(&w->mx);
  bool taken = !w->stop;
  if (taken) {
    r->async = true;
    r->next = NULL;
    r->whose = whose(r);
    MHD_suspend_connection(r->conn);
    if (w->head)
      w->tail->next = r;
    else
      w->head = r;
    w->tail = r;
    pthread_cond_signal(&w->wake);
  }
  pthread_mutex_unlock(&w->mx);
  return taken;
}

void qf_workers_stop(qf_workers *w)
{
  if (!w)
    return;
  pthread_mutex_lock(&w->mx);
  w->stop = true;
  pthread_cond_broadcast(&w->wake);
  pthread_mutex_unlock(&w->mx);
  for (uint32_t i = 0; i < w->n; i++)
    pthread_join(w->thread[i], NULL);
  w->n = 0;
}

void qf_workers_free(qf_workers *w)
{
  if (!w)
    return;
  qf_workers_stop(w);
  pthread_cond_destroy(&w->wake);
  pthread_mutex_destroy(&w->mx);
  free(w);
}
