#include "collect/ask.h"
#include "wire/http1.h"
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct qf_ask {
  qf_loop *loop;
  qf_ask_to to;
  pthread_mutex_t mx;
  pthread_cond_t cv;
  bool stopping, over; /* over: the loop is done with this question */
  /* loop thread, while a question is open */
  qf_conn *conn;
  qf_buf out, in, *reply;
  bool answered;
  int status;
  qf_rc rc;
  qf_err err;
};

qf_ask *qf_ask_new(qf_loop *l, const qf_ask_to *to)
{
  qf_ask *a = calloc(1, sizeof *a);
  pthread_condattr_t monotonic;
  if (!a)
    return NULL;
  a->loop = l;
  a->to = *to;
  pthread_mutex_init(&a->mx, NULL);
  pthread_condattr_init(&monotonic);
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  pthread_cond_init(&a->cv, &monotonic);
  pthread_condattr_destroy(&monotonic);
  qf_buf_init(&a->out, (size_t)4 << 20);
  qf_buf_init(&a->in, 2 * to->body_max + QF_HTTP1_HEAD_MAX);
  return a;
}

void qf_ask_free(qf_ask *a)
{
  if (!a)
    return;
  qf_buf_fini(&a->out);
  qf_buf_fini(&a->in);
  pthread_cond_destroy(&a->cv);
  pthread_mutex_destroy(&a->mx);
  free(a);
}

static void finish(qf_ask *a)
{
  pthread_mutex_lock(&a->mx);
  a->over = true;
  pthread_cond_broadcast(&a->cv);
  pthread_mutex_unlock(&a->mx);
}

static void on_open(qf_conn *k)
{
  const qf_ask *a = qf_conn_ud(k);
  (void)qf_conn_send(k, a->out.data, a->out.len);
}

/* Is the answer whole? eof: nothing more will come. */
static bool look(qf_ask *a, bool eof)
{
  qf_http1 m = {.response = true, .eof = eof, .body_max = a->to.body_max};
  for (;;) {
    size_t used = 0;
    qf_rc rc = qf_http1_read(a->in.data, a->in.len, &m, a->reply, &used, &a->err);
    if (rc == QF_PARTIAL)
      return false;
    a->rc = rc;
    a->status = m.status;
    if (rc || m.status / 100 != 1) {
      a->answered = true;
      return true;
    }
    a->in.len -= used; /* 1xx: the answer comes after it */
    for (size_t i = 0; i < a->in.len; i++)
      a->in.data[i] = a->in.data[i + used];
    if (!a->in.len)
      return false;
  }
}

static size_t on_bytes(qf_conn *k, const uint8_t *p, size_t n)
{
  qf_ask *a = qf_conn_ud(k);
  if (a->answered)
    return QF_CONN_CLOSE;
  qf_buf_put(&a->in, p, n);
  if (a->in.failed) {
    a->answered = true;
    a->rc = qf_fail(&a->err, QF_RANGE, "the answer is too long", "应答过长");
    return QF_CONN_CLOSE;
  }
  return look(a, false) ? QF_CONN_CLOSE : n;
}

static void on_closed(qf_conn *k, const qf_err *why)
{
  qf_ask *a = qf_conn_ud(k);
  a->conn = NULL;
  if (!a->answered && !(a->in.len && look(a, true))) {
    a->rc = qf_fail(&a->err, QF_IO, "the connection ended before the answer", "应答前连接断开");
    if (why && why->rc)
      a->err = *why;
  }
  finish(a);
}

static void begin(void *ud)
{
  static const qf_conn_ops ops = {on_open, on_bytes, on_closed, NULL};
  qf_ask *a = ud;
  const qf_conn_opts o = {.ops = &ops,
                          .ud = a,
                          .in_max = a->to.body_max + QF_HTTP1_HEAD_MAX,
                          .out_max = (size_t)4 << 20,
                          .tls_ca = a->to.tls_ca,
                          .tls_name = a->to.tls_name,
                          .tls_cert = a->to.tls_cert,
                          .tls_key = a->to.tls_key};
  a->rc = qf_loop_connect(a->loop, a->to.host, a->to.port, a->to.timeout_ms, &o, &a->conn, &a->err);
  if (a->rc)
    finish(a);
}

static void cancel(void *ud)
{
  qf_ask *a = ud;
  if (a->conn)
    qf_conn_close(a->conn, false);
}

static bool wait_until(qf_ask *a, const struct timespec *t)
{
  while (!a->over && !a->stopping)
    if (pthread_cond_timedwait(&a->cv, &a->mx, t))
      break;
  return a->over;
}

qf_rc qf_ask_post(qf_ask *a, const char *target, const qf_buf *body, qf_buf *reply, int *status, qf_err *err)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  t.tv_sec += a->to.timeout_ms / 1000 + 1;
  qf_buf_reset(&a->out);
  qf_buf_reset(&a->in);
  qf_buf_reset(reply);
  qf_http1_post(&a->out, a->to.name, target, a->to.type, body->data, body->len);
  if (a->out.failed)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  a->reply = reply;
  a->answered = false;
  a->over = false;
  a->rc = QF_OK;
  a->err = (qf_err){0};
  if (!qf_loop_post(a->loop, begin, a))
    return qf_fail(err, QF_STATE, "stopped", "已停止");
  pthread_mutex_lock(&a->mx);
  bool late = !wait_until(a, &t);
  bool stopping = a->stopping;
  pthread_mutex_unlock(&a->mx);
  if (late && qf_loop_post(a->loop, cancel, a)) { /* the loop uses what is ours until it says that it is over */
    pthread_mutex_lock(&a->mx);
    while (!a->over)
      pthread_cond_wait(&a->cv, &a->mx);
    pthread_mutex_unlock(&a->mx);
  }
  *status = a->status;
  if (late && !a->answered)
    return stopping ? qf_fail(err, QF_STATE, "stopped", "已停止")
                    : qf_fail(err, QF_IO, "no answer within %u ms", "%u 毫秒内无应答", a->to.timeout_ms);
  if (a->rc)
    *err = a->err;
  return a->rc;
}

void qf_ask_stop(qf_ask *a)
{
  pthread_mutex_lock(&a->mx);
  a->stopping = true;
  pthread_cond_broadcast(&a->cv);
  pthread_mutex_unlock(&a->mx);
}
