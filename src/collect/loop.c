/* Connections are freed at the end of a turn only, so that an event of the same turn cannot find freed memory; what is sent is
 * gathered and written once a turn. A connection that is quiet holds no buffer. */
#include "collect/loop.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
  EVENTS = 256,
  SCRATCH = 64 * 1024, /* read at once */
  ROUNDS = 8,          /* reads of one connection before others have their turn */
  ACCEPTS = 64,
  FLUSH_MS = 5000,
  IN_MAX = 64 * 1024,
  OUT_MAX = 1024 * 1024,
  CONN_MAX = 5000,
  BUCKETS = 4096, /* of the table of ids */
};

typedef enum what { A_WAKE, A_LISTENER, A_CONN } what; /* what an epoll event points to: its first member */

typedef struct bytes {
  uint8_t *p;
  size_t n, cap;
} bytes;

typedef enum stage { CONNECTING, HANDSHAKE, OPEN, FLUSHING, GONE } stage;

struct qf_conn {
  what kind;
  stage stage;
  int fd;
  bool paused, dirty, want_write, in_table, was_open;
  bool look;      /* what was left waits to be looked at: an event is wanted although none may come */
  uint32_t armed; /* events epoll waits for */
  uint64_t id;
  qf_loop *loop;
  qf_conn_opts o;
  void *ud;
  SSL *ssl;
  struct listener *from; /* NULL: we connected */
  bytes in, out;
  int64_t heard_ms, deadline_ms; /* of connecting, handshake, flushing; 0 none */
  char peer[INET6_ADDRSTRLEN + 10], *cert_name;
  qf_err why;
  qf_conn *next_id, *next_dirty, *next_gone, *next, *prev;
};

typedef struct listener {
  what kind;
  int fd;
  uint16_t port;
  qf_loop *loop;
  qf_conn_opts o;
  SSL_CTX *tls;
  uint32_t n; /* its connections */
  struct listener *next;
} listener;

typedef struct post {
  void (*fn)(void *ud);
  void *ud;
  struct post *next;
} post;

typedef struct timer { /* a slot; the heap holds numbers of slots */
  int64_t at_ms;
  void (*fn)(void *ud);
  void *ud;
  uint32_t turn, heap; /* turn: tells ids of one slot apart; heap: place + 1, 0 free */
} timer;

struct qf_loop {
  what kind; /* A_WAKE: of the eventfd */
  int epoll, wake;
  pthread_t thread;
  pthread_mutex_t mx; /* posts, listeners, ending */
  bool ending;
  post *first, **last;
  listener *listeners;
  qf_conn *id[BUCKETS], *all, *dirty, *gone;
  uint64_t last_id;
  timer *timers;
  uint32_t *heap, ntimers, timers_cap, nheap;
  int64_t ticked_ms;
  uint8_t scratch[SCRATCH];
};

static int64_t mono_ms(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

static qf_us wall_us(void)
{
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return t.tv_sec * QF_US_SECOND + t.tv_nsec / 1000;
}

/* ---- bytes */

static bool push(bytes *b, const void *p, size_t n)
{
  if (b->n + n > b->cap) {
    size_t cap = b->cap ? b->cap : 512;
    while (cap < b->n + n)
      cap *= 2;
    uint8_t *q = realloc(b->p, cap);
    if (!q)
      return false;
    b->p = q;
    b->cap = cap;
  }
  memcpy(b->p + b->n, p, n);
  b->n += n;
  return true;
}

static void drop(bytes *b, size_t n)
{
  b->n -= n;
  if (b->n) {
    memmove(b->p, b->p + n, b->n);
  } else {
    free(b->p);
    *b = (bytes){0};
  }
}

/* ---- connections */

static void arm(qf_conn *k)
{
  uint32_t want = 0;
  if (k->stage == CONNECTING || k->want_write || k->look || (k->out.n && k->stage != HANDSHAKE))
    want |= EPOLLOUT;
  if (k->stage == HANDSHAKE || (k->stage == OPEN && !k->paused))
    want |= EPOLLIN | EPOLLRDHUP;
  if (want == k->armed)
    return;
  struct epoll_event e = {.events = want, .data.ptr = k};
  k->armed = want;
  (void)epoll_ctl(k->loop->epoll, EPOLL_CTL_MOD, k->fd, &e);
}

/* The connection ends; closed() is called at the end of this turn. */
static void gone(qf_conn *k)
{
  if (k->stage == GONE)
    return;
  k->stage = GONE;
  k->next_gone = k->loop->gone;
  k->loop->gone = k;
}

#define END(k, ...) ((void)!qf_fail(&(k)->why, QF_IO, __VA_ARGS__), gone(k))

static void end_by_tls(qf_conn *k)
{
  char text[120] = "closed";
  unsigned long e = ERR_get_error();
  if (e)
    ERR_error_string_n(e, text, sizeof text);
  ERR_clear_error();
  END(k, "TLS: %s", "TLS：%s", text);
}

/* Write what waits. */
static void flush(qf_conn *k)
{
  size_t done = 0;
  k->want_write = false;
  while (done < k->out.n) {
    ssize_t n;
    if (k->ssl) {
      int m = SSL_write(k->ssl, k->out.p + done, (int)(k->out.n - done < INT32_MAX ? k->out.n - done : INT32_MAX));
      int e = m > 0 ? 0 : SSL_get_error(k->ssl, m);
      if (e && e != SSL_ERROR_WANT_READ && e != SSL_ERROR_WANT_WRITE) {
        end_by_tls(k);
        return;
      }
      k->want_write = e == SSL_ERROR_WANT_WRITE;
      n = m > 0 ? m : -1;
    } else {
      n = send(k->fd, k->out.p + done, k->out.n - done, MSG_NOSIGNAL);
      if (n < 0 && errno != EAGAIN && errno != EINTR) {
        END(k, "not to be sent: %s", "无法发送：%s", strerror(errno));
        return;
      }
    }
    if (n < 0)
      break;
    done += (size_t)n;
  }
  drop(&k->out, done);
  if (k->stage == FLUSHING && !k->out.n)
    gone(k);
  else
    arm(k);
}

bool qf_conn_send(qf_conn *k, const void *p, size_t n)
{
  if (k->stage >= FLUSHING)
    return false;
  if (k->out.n + n > k->o.out_max) {
    END(k, "does not read: %zu bytes wait to be sent", "对端不读取：%zu 字节待发", k->out.n + n);
    return false;
  }
  if (!push(&k->out, p, n)) {
    END(k, "out of memory", "内存不足");
    return false;
  }
  if (!k->dirty) {
    k->dirty = true;
    k->next_dirty = k->loop->dirty;
    k->loop->dirty = k;
  }
  return true;
}

void qf_conn_close(qf_conn *k, bool flush_first)
{
  if (k->stage >= FLUSHING)
    return;
  (void)!qf_fail(&k->why, QF_STATE, "closed by this side", "本端关闭");
  if (flush_first && k->out.n && k->stage == OPEN) {
    k->stage = FLUSHING;
    k->deadline_ms = mono_ms() + FLUSH_MS;
  } else {
    gone(k);
  }
}

/* Let the owner use what has come; keep what is left. */
static void feed(qf_conn *k, const uint8_t *p, size_t n, bool kept)
{
  size_t used = 0;
  while (used < n && k->stage == OPEN && !k->paused) {
    size_t m = k->o.ops->bytes(k, p + used, n - used);
    if (m == QF_CONN_CLOSE) {
      qf_conn_close(k, true);
      break;
    }
    if (m == 0)
      break;
    used += m <= n - used ? m : n - used;
  }
  if (k->stage >= FLUSHING)
    return;
  if (kept)
    drop(&k->in, used);
  else if (used < n && !push(&k->in, p + used, n - used))
    END(k, "out of memory", "内存不足");
  if (!k->paused && k->in.n >= k->o.in_max)
    END(k, "%zu bytes without a whole message", "%zu 字节仍无完整报文", k->in.n);
}

static void opened(qf_conn *k)
{
  k->stage = OPEN;
  k->deadline_ms = 0;
  if (k->ssl) {
    X509 *cert = SSL_get1_peer_certificate(k->ssl);
    char name[128];
    if (cert && SSL_get_verify_result(k->ssl) == X509_V_OK &&
        X509_NAME_get_text_by_NID(X509_get_subject_name(cert), NID_commonName, name, sizeof name) > 0)
      k->cert_name = strdup(name);
    X509_free(cert);
  }
  k->was_open = true;
  if (k->o.ops->open)
    k->o.ops->open(k);
  arm(k);
}

static void handshake(qf_conn *k)
{
  int n = SSL_do_handshake(k->ssl);
  int e = n == 1 ? 0 : SSL_get_error(k->ssl, n);
  k->want_write = e == SSL_ERROR_WANT_WRITE;
  if (n == 1)
    opened(k);
  else if (e == SSL_ERROR_WANT_READ || e == SSL_ERROR_WANT_WRITE)
    arm(k);
  else
    end_by_tls(k);
}

static ssize_t take(qf_conn *k, uint8_t *p, size_t n)
{
  if (!k->ssl) {
    ssize_t got = recv(k->fd, p, n, 0);
    if (got == 0)
      END(k, "closed by the other side", "对端关闭");
    else if (got < 0 && errno != EAGAIN && errno != EINTR)
      END(k, "connection lost: %s", "连接中断：%s", strerror(errno));
    return got;
  }
  int got = SSL_read(k->ssl, p, (int)n);
  int e = got > 0 ? 0 : SSL_get_error(k->ssl, got);
  if (e == SSL_ERROR_ZERO_RETURN)
    END(k, "closed by the other side", "对端关闭");
  else if (e && e != SSL_ERROR_WANT_READ && e != SSL_ERROR_WANT_WRITE)
    end_by_tls(k);
  return got > 0 ? got : -1;
}

static void readable(qf_conn *k)
{
  for (int round = 0; round < ROUNDS && k->stage == OPEN && !k->paused; round++) {
    ssize_t n = take(k, k->loop->scratch, SCRATCH);
    if (n <= 0)
      return;
    k->heard_ms = mono_ms();
    if (!k->in.n) {
      feed(k, k->loop->scratch, (size_t)n, false);
    } else if (push(&k->in, k->loop->scratch, (size_t)n)) {
      feed(k, k->in.p, k->in.n, true);
    } else {
      END(k, "out of memory", "内存不足");
    }
    if (n < SCRATCH && !(k->ssl && SSL_pending(k->ssl)))
      return;
  }
}

void qf_conn_pause(qf_conn *k, bool pause)
{
  if (k->paused == pause || k->stage >= FLUSHING)
    return;
  k->paused = pause;
  k->look = k->look ||
            !pause; /* what was left, and what TLS has read already, brings no event: look at it in the next turn */
  arm(k);
}

static void connected(qf_conn *k)
{
  int e = 0;
  socklen_t n = sizeof e;
  if (getsockopt(k->fd, SOL_SOCKET, SO_ERROR, &e, &n) || e) {
    END(k, "cannot connect: %s", "无法连接：%s", strerror(e ? e : errno));
    return;
  }
  k->heard_ms = mono_ms();
  if (k->ssl) {
    k->stage = HANDSHAKE;
    handshake(k);
  } else {
    opened(k);
  }
}

static void on_conn(qf_conn *k, uint32_t events)
{
  if (k->stage == CONNECTING) {
    connected(k);
    return;
  }
  if (k->stage == HANDSHAKE) {
    handshake(k);
    return;
  }
  k->look = false;
  if (k->stage == OPEN || k->stage == FLUSHING)
    if (events & EPOLLOUT)
      flush(k);
  if (k->stage == OPEN && k->in.n && !k->paused)
    feed(k, k->in.p, k->in.n, true);
  if (k->stage == OPEN && ((events & (EPOLLIN | EPOLLRDHUP)) || (k->ssl && SSL_pending(k->ssl))))
    readable(k);
  if ((events & (EPOLLERR | EPOLLHUP)) && k->stage < GONE && (k->paused || k->stage == FLUSHING))
    END(k, "connection lost", "连接中断");
  if (k->stage == OPEN)
    arm(k);
}

static void name_peer(qf_conn *k, const struct sockaddr *a, socklen_t n)
{
  char host[INET6_ADDRSTRLEN] = "?", port[8] = "?";
  (void)getnameinfo(a, n, host, sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV);
  snprintf(k->peer, sizeof k->peer, strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, port);
}

/* A connection around fd, which it owns from now on, also when it fails. */
static qf_conn *conn_new(qf_loop *l, int fd, const qf_conn_opts *o, stage s)
{
  qf_conn *k = calloc(1, sizeof *k);
  struct epoll_event e = {.events = EPOLLOUT, .data.ptr = k};
  int on = 1;
  if (!k || epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &e)) {
    free(k);
    close(fd);
    return NULL;
  }
  (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on); /* finds a peer that lost power */
  k->kind = A_CONN;
  k->stage = s;
  k->fd = fd;
  k->armed = EPOLLOUT;
  k->loop = l;
  k->o = *o;
  k->o.in_max = o->in_max ? o->in_max : IN_MAX;
  k->o.out_max = o->out_max ? o->out_max : OUT_MAX;
  k->ud = o->ud;
  k->heard_ms = mono_ms();
  k->id = ++l->last_id;
  k->next_id = l->id[k->id % BUCKETS];
  l->id[k->id % BUCKETS] = k;
  k->next = l->all;
  if (l->all)
    l->all->prev = k;
  l->all = k;
  return k;
}

static void conn_free(qf_conn *k)
{
  qf_loop *l = k->loop;
  for (qf_conn **p = &l->id[k->id % BUCKETS]; *p; p = &(*p)->next_id)
    if (*p == k) {
      *p = k->next_id;
      break;
    }
  if (k->prev)
    k->prev->next = k->next;
  else
    l->all = k->next;
  if (k->next)
    k->next->prev = k->prev;
  if (k->from)
    k->from->n--;
  if (k->ssl) {
    (void)SSL_shutdown(k->ssl);
    SSL_free(k->ssl);
    ERR_clear_error();
  }
  close(k->fd);
  free(k->cert_name);
  free(k->in.p);
  free(k->out.p);
  free(k);
}

/* ---- TLS */

static qf_rc tls_fail(SSL_CTX *c, const char *file, qf_err *err)
{
  char text[120];
  ERR_error_string_n(ERR_get_error(), text, sizeof text);
  ERR_clear_error();
  SSL_CTX_free(c);
  return qf_fail(err, QF_IO, "%.120s: %s", "%.120s：%s", file, text);
}

static qf_rc tls_server(const qf_conn_opts *o, SSL_CTX **out, qf_err *err)
{
  *out = NULL;
  if (!o->tls_cert || !o->tls_key)
    return QF_OK;
  SSL_CTX *c = SSL_CTX_new(TLS_server_method());
  if (!c)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION);
  SSL_CTX_set_mode(c, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  if (SSL_CTX_use_certificate_chain_file(c, o->tls_cert) != 1)
    return tls_fail(c, o->tls_cert, err);
  if (SSL_CTX_use_PrivateKey_file(c, o->tls_key, SSL_FILETYPE_PEM) != 1 || SSL_CTX_check_private_key(c) != 1)
    return tls_fail(c, o->tls_key, err);
  if (o->tls_ca) {
    if (SSL_CTX_load_verify_locations(c, o->tls_ca, NULL) != 1)
      return tls_fail(c, o->tls_ca, err);
    SSL_CTX_set_verify(c, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
  }
  *out = c;
  return QF_OK;
}

static qf_rc tls_client(const qf_conn_opts *o, const char *host, SSL **out, qf_err *err)
{
  *out = NULL;
  if (!o->tls_ca)
    return QF_OK;
  SSL_CTX *c = SSL_CTX_new(TLS_client_method());
  if (!c)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION);
  SSL_CTX_set_mode(c, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  if (SSL_CTX_load_verify_locations(c, o->tls_ca, NULL) != 1)
    return tls_fail(c, o->tls_ca, err);
  if (o->tls_cert && (SSL_CTX_use_certificate_chain_file(c, o->tls_cert) != 1 || !o->tls_key ||
                      SSL_CTX_use_PrivateKey_file(c, o->tls_key, SSL_FILETYPE_PEM) != 1))
    return tls_fail(c, o->tls_cert, err);
  SSL_CTX_set_verify(c, SSL_VERIFY_PEER, NULL);
  SSL *s = SSL_new(c);
  SSL_CTX_free(c); /* the SSL holds it */
  char name[256];  /* the library's macro wants it without const */
  snprintf(name, sizeof name, "%s", o->tls_name ? o->tls_name : host);
  bool ip = s && X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(s), name) == 1;
  if (!s || (!ip && (SSL_set1_host(s, name) != 1 || SSL_set_tlsext_host_name(s, name) != 1))) {
    SSL_free(s);
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  }
  ERR_clear_error();
  SSL_set_connect_state(s);
  *out = s;
  return QF_OK;
}

/* ---- listening and connecting */

static struct addrinfo *address(const char *host, uint16_t port, int flags)
{
  struct addrinfo want = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | flags}, *a = NULL;
  char text[8];
  snprintf(text, sizeof text, "%u", port);
  return getaddrinfo(host, text, &want, &a) ? NULL : a;
}

static qf_rc bind_to(const char *host, uint16_t port, int *out, uint16_t *port_out, qf_err *err)
{
  struct addrinfo *a = address(host, port, AI_PASSIVE);
  if (!a)
    return qf_fail(err, QF_IO, "%.80s is no address of the form 127.0.0.1 or ::1",
                   "%.80s 不是 127.0.0.1 或 ::1 形式的地址", host);
  int on = 1, fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  struct sockaddr_storage mine = {0};
  socklen_t n = sizeof mine;
  bool ok = fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
            bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, 1024) == 0 &&
            getsockname(fd, (struct sockaddr *)&mine, &n) == 0;
  freeaddrinfo(a);
  if (!ok) {
    qf_rc rc =
        qf_fail(err, QF_IO, "cannot listen on %.80s:%u: %s", "无法监听 %.80s:%u：%s", host, port, strerror(errno));
    if (fd >= 0)
      close(fd);
    return rc;
  }
  uint16_t be; /* the port stands at the same place in both families */
  memcpy(&be, (const char *)&mine + offsetof(struct sockaddr_in, sin_port), sizeof be);
  *port_out = ntohs(be);
  *out = fd;
  return QF_OK;
}

qf_rc qf_loop_listen(qf_loop *l, const char *host, uint16_t port, const qf_conn_opts *o, uint16_t *port_out,
                     qf_err *err)
{
  listener *s = calloc(1, sizeof *s);
  if (!s)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  *s = (listener){.kind = A_LISTENER, .fd = -1, .loop = l, .o = *o};
  if (!s->o.conn_max)
    s->o.conn_max = CONN_MAX;
  qf_rc rc = tls_server(o, &s->tls, err);
  if (!rc)
    rc = bind_to(host, port, &s->fd, &s->port, err);
  if (rc) {
    SSL_CTX_free(s->tls);
    free(s);
    return rc;
  }
  if (port_out)
    *port_out = s->port;
  struct epoll_event e = {.events = EPOLLIN, .data.ptr = s};
  pthread_mutex_lock(&l->mx);
  s->next = l->listeners;
  l->listeners = s;
  (void)epoll_ctl(l->epoll, EPOLL_CTL_ADD, s->fd, &e);
  pthread_mutex_unlock(&l->mx);
  return QF_OK;
}

typedef struct deaf {
  qf_loop *loop;
  const void *ud;
  pthread_mutex_t mx;
  pthread_cond_t cv;
  bool done;
} deaf;

static void deafen(void *ud)
{
  deaf *d = ud;
  pthread_mutex_lock(&d->loop->mx);
  for (listener *s = d->loop->listeners; s; s = s->next)
    if (s->fd >= 0 && (!d->ud || d->ud == s->o.ud)) {
      close(s->fd);
      s->fd = -1;
    }
  pthread_mutex_unlock(&d->loop->mx);
  pthread_mutex_lock(&d->mx);
  d->done = true;
  pthread_cond_signal(&d->cv);
  pthread_mutex_unlock(&d->mx);
}

uint16_t qf_loop_port(qf_loop *l, const void *ud)
{
  uint16_t port = 0;
  pthread_mutex_lock(&l->mx);
  for (const listener *s = l->listeners; s && !port; s = s->next)
    if (s->o.ud == ud && s->fd >= 0)
      port = s->port;
  pthread_mutex_unlock(&l->mx);
  return port;
}

void qf_loop_deafen(qf_loop *l, const void *ud)
{
  deaf d = {.loop = l, .ud = ud, .mx = PTHREAD_MUTEX_INITIALIZER, .cv = PTHREAD_COND_INITIALIZER};
  if (!qf_loop_post(l, deafen, &d))
    return;
  pthread_mutex_lock(&d.mx);
  while (!d.done)
    pthread_cond_wait(&d.cv, &d.mx);
  pthread_mutex_unlock(&d.mx);
}

static void listen_again(void *ud)
{
  listener *s = ud;
  if (s->fd < 0)
    return;
  struct epoll_event e = {.events = EPOLLIN, .data.ptr = s};
  (void)epoll_ctl(s->loop->epoll, EPOLL_CTL_MOD, s->fd, &e);
}

static void on_listener(listener *s)
{
  for (int i = 0; i < ACCEPTS && s->fd >= 0; i++) {
    struct sockaddr_storage a;
    socklen_t n = sizeof a;
    int fd = accept4(s->fd, (struct sockaddr *)&a, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
      if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) { /* no use in turning round it */
        struct epoll_event e = {.events = 0, .data.ptr = s};
        (void)epoll_ctl(s->loop->epoll, EPOLL_CTL_MOD, s->fd, &e);
        (void)qf_loop_after(s->loop, 1000, listen_again, s);
      }
      return;
    }
    if (s->n >= s->o.conn_max) {
      close(fd);
      continue;
    }
    qf_conn *k = conn_new(s->loop, fd, &s->o, s->tls ? HANDSHAKE : OPEN);
    if (!k)
      continue;
    k->from = s;
    s->n++;
    name_peer(k, (struct sockaddr *)&a, n);
    if (!s->tls) {
      opened(k);
      continue;
    }
    k->deadline_ms = mono_ms() + 10000;
    k->ssl = SSL_new(s->tls);
    if (!k->ssl || SSL_set_fd(k->ssl, fd) != 1) {
      END(k, "out of memory", "内存不足");
      continue;
    }
    SSL_set_accept_state(k->ssl);
    handshake(k);
  }
}

qf_rc qf_loop_connect(qf_loop *l, const char *host, uint16_t port, uint32_t timeout_ms, const qf_conn_opts *o,
                      qf_conn **out, qf_err *err)
{
  SSL *ssl;
  qf_rc rc = tls_client(o, host, &ssl, err);
  if (rc)
    return rc;
  struct addrinfo *a = address(host, port, 0);
  int fd = a ? socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0) : -1;
  if (fd < 0 || (connect(fd, a->ai_addr, a->ai_addrlen) && errno != EINPROGRESS)) {
    rc = a ? qf_fail(err, QF_IO, "cannot connect to %.80s:%u: %s", "无法连接 %.80s:%u：%s", host, port, strerror(errno))
           : qf_fail(err, QF_IO, "%.80s is no address of the form 127.0.0.1 or ::1",
                     "%.80s 不是 127.0.0.1 或 ::1 形式的地址", host);
    if (fd >= 0)
      close(fd);
    fd = -1;
  }
  qf_conn *k = rc ? NULL : conn_new(l, fd, o, CONNECTING);
  if (!rc && !k)
    rc = qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  if (!rc) {
    name_peer(k, a->ai_addr, a->ai_addrlen);
    k->deadline_ms = mono_ms() + timeout_ms;
    k->ssl = ssl;
    if (ssl && SSL_set_fd(ssl, fd) != 1)
      END(k, "out of memory", "内存不足");
  } else {
    SSL_free(ssl);
  }
  if (a)
    freeaddrinfo(a);
  *out = k;
  return rc;
}

void *qf_conn_ud(const qf_conn *k)
{
  return k->ud;
}
void qf_conn_set_ud(qf_conn *k, void *ud)
{
  k->ud = ud;
}
const char *qf_conn_peer(const qf_conn *k)
{
  return k->peer;
}
const char *qf_conn_cert_name(const qf_conn *k)
{
  return k->cert_name;
}
uint64_t qf_conn_id(const qf_conn *k)
{
  return k->id;
}
qf_conn *qf_conn_find(qf_loop *l, uint64_t id)
{
  for (qf_conn *k = l->id[id % BUCKETS]; k; k = k->next_id)
    if (k->id == id)
      return k->stage < FLUSHING ? k : NULL;
  return NULL;
}

/* ---- timers: a binary heap of slots, each slot knows its place */

static bool sooner(const qf_loop *l, uint32_t i, uint32_t j)
{
  return l->timers[l->heap[i]].at_ms < l->timers[l->heap[j]].at_ms;
}

static void swap(qf_loop *l, uint32_t i, uint32_t j)
{
  uint32_t t = l->heap[i];
  l->heap[i] = l->heap[j];
  l->heap[j] = t;
  l->timers[l->heap[i]].heap = i + 1;
  l->timers[l->heap[j]].heap = j + 1;
}

static void settle(qf_loop *l, uint32_t i)
{
  while (i > 0 && sooner(l, i, (i - 1) / 2)) {
    swap(l, i, (i - 1) / 2);
    i = (i - 1) / 2;
  }
  for (;;) {
    uint32_t least = i, c = 2 * i + 1;
    for (uint32_t j = c; j < c + 2 && j < l->nheap; j++)
      if (sooner(l, j, least))
        least = j;
    if (least == i)
      return;
    swap(l, i, least);
    i = least;
  }
}

static void unheap(qf_loop *l, uint32_t slot)
{
  uint32_t i = l->timers[slot].heap - 1;
  l->nheap--;
  if (i != l->nheap) {
    swap(l, i, l->nheap);
    settle(l, i);
  }
  l->timers[slot].heap = 0;
  l->timers[slot].turn++;
}

static bool more_timers(qf_loop *l)
{
  uint32_t cap = l->timers_cap ? l->timers_cap * 2 : 64;
  timer *t = realloc(l->timers, cap * sizeof *t);
  if (t)
    l->timers = t;
  uint32_t *h = t ? realloc(l->heap, cap * sizeof *h) : NULL;
  if (!h)
    return false;
  l->heap = h;
  memset(l->timers + l->timers_cap, 0, (cap - l->timers_cap) * sizeof *t);
  l->timers_cap = cap;
  return true;
}

uint64_t qf_loop_after(qf_loop *l, uint32_t ms, void (*fn)(void *ud), void *ud)
{
  uint32_t slot = l->ntimers; /* a free slot: the heap's tail holds the numbers of freed ones */
  if (l->nheap < l->ntimers)
    slot = l->heap[l->nheap];
  else if (l->ntimers == l->timers_cap && !more_timers(l))
    return 0;
  else
    l->ntimers++;
  timer *t = &l->timers[slot];
  t->at_ms = mono_ms() + ms;
  t->fn = fn;
  t->ud = ud;
  l->heap[l->nheap] = slot;
  t->heap = ++l->nheap;
  settle(l, l->nheap - 1);
  return (uint64_t)(t->turn + 1) << 32 | (slot + 1);
}

void qf_loop_cancel(qf_loop *l, uint64_t id)
{
  uint32_t slot = (uint32_t)id - 1;
  if (!id || slot >= l->ntimers || !l->timers[slot].heap || l->timers[slot].turn + 1 != id >> 32)
    return;
  unheap(l, slot);
}

static void run_timers(qf_loop *l)
{
  int64_t now = mono_ms();
  for (uint32_t most = l->nheap; most && l->nheap && l->timers[l->heap[0]].at_ms <= now; most--) {
    timer t = l->timers[l->heap[0]];
    unheap(l, l->heap[0]);
    t.fn(t.ud);
  }
}

/* ---- turning */

bool qf_loop_post(qf_loop *l, void (*fn)(void *ud), void *ud)
{
  post *p = malloc(sizeof *p);
  uint64_t one = 1;
  bool ok = false;
  if (!p)
    return false;
  *p = (post){fn, ud, NULL};
  pthread_mutex_lock(&l->mx);
  if (!l->ending) {
    *l->last = p;
    l->last = &p->next;
    ok = true;
  }
  pthread_mutex_unlock(&l->mx);
  if (ok)
    (void)!write(l->wake, &one, sizeof one); /* a full counter wakes as well */
  else
    free(p);
  return ok; // cppcheck-suppress memleak ; the queue holds it
}

static void run_posts(qf_loop *l)
{
  pthread_mutex_lock(&l->mx);
  post *p = l->first;
  l->first = NULL;
  l->last = &l->first;
  pthread_mutex_unlock(&l->mx);
  while (p) {
    post *next = p->next;
    p->fn(p->ud);
    free(p);
    p = next;
  }
}

static void bury(qf_loop *l)
{
  while (l->dirty) {
    qf_conn *k = l->dirty;
    l->dirty = k->next_dirty;
    k->dirty = false;
    if (k->stage == OPEN || k->stage == FLUSHING)
      flush(k);
  }
  while (l->gone) { /* closed() may end others, or send */
    qf_conn *k = l->gone;
    l->gone = k->next_gone;
    if (k->from &&
        !k->was_open) /* its TLS handshake failed: what ud is, is still the listener's, and nobody knows it */
      k->ud = NULL;
    k->o.ops->closed(k, &k->why);
    if (k->dirty)
      for (qf_conn **p = &l->dirty; *p; p = &(*p)->next_dirty)
        if (*p == k) {
          *p = k->next_dirty;
          break;
        }
    conn_free(k);
  }
}

static void look_after(qf_conn *k, int64_t now)
{
  if (k->deadline_ms && now >= k->deadline_ms && k->stage != OPEN)
    END(k,
        k->stage == CONNECTING  ? "no connection in time"
        : k->stage == HANDSHAKE ? "no TLS handshake in time"
                                : "does not read",
        k->stage == CONNECTING  ? "连接超时"
        : k->stage == HANDSHAKE ? "TLS 握手超时"
                                : "对端不读取");
  else if (k->stage == OPEN && k->o.idle_s && !k->paused && now - k->heard_ms >= k->o.idle_s * INT64_C(1000))
    END(k, "silent for %u s", "静默 %u s", k->o.idle_s);
  else if (k->stage == OPEN && k->o.ops->tick)
    k->o.ops->tick(k, wall_us());
}

/* Deadlines are looked at ten times a second, ticks come once. */
static void pass_time(qf_loop *l)
{
  int64_t now = mono_ms();
  bool second = now - l->ticked_ms >= 1000;
  if (second)
    l->ticked_ms = now;
  for (qf_conn *k = l->all, *next; k; k = next) {
    next = k->next; /* frees wait for bury() */
    if (second || (k->deadline_ms && k->stage != OPEN))
      look_after(k, now);
  }
}

static int wait_ms(const qf_loop *l)
{
  int64_t left = 100;
  if (l->nheap) {
    int64_t t = l->timers[l->heap[0]].at_ms - mono_ms();
    left = t < left ? t : left;
  }
  return left > 0 ? (int)left : 0;
}

static void drain(const qf_loop *l)
{
  uint64_t n;
  while (read(l->wake, &n, sizeof n) > 0)
    ;
}

static void *turn(void *ud)
{
  qf_loop *l = ud;
  struct epoll_event e[EVENTS];
  int64_t looked = 0;
  for (bool ending = false; !ending;) {
    int n = epoll_wait(l->epoll, e, EVENTS, wait_ms(l));
    for (int i = 0; i < n; i++) {
      const what *k = e[i].data.ptr;
      if (*k == A_WAKE)
        drain(l);
      else if (*k == A_LISTENER)
        on_listener(e[i].data.ptr);
      else
        on_conn(e[i].data.ptr, e[i].events);
    }
    pthread_mutex_lock(&l->mx);
    ending = l->ending; /* no post comes after this was set: what is there is run */
    pthread_mutex_unlock(&l->mx);
    run_posts(l);
    run_timers(l);
    if (mono_ms() - looked >= 100) {
      looked = mono_ms();
      pass_time(l);
    }
    bury(l);
  }
  for (qf_conn *k = l->all; k; k = k->next)
    END(k, "the server ends", "服务停止");
  bury(l);
  return NULL;
}

qf_rc qf_loop_new(qf_loop **out, qf_err *err)
{
  qf_loop *l = calloc(1, sizeof *l);
  *out = NULL;
  if (!l)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  l->kind = A_WAKE;
  l->last = &l->first;
  l->epoll = epoll_create1(EPOLL_CLOEXEC);
  l->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  l->ticked_ms = mono_ms();
  pthread_mutex_init(&l->mx, NULL);
  struct epoll_event e = {.events = EPOLLIN, .data.ptr = l};
  if (l->epoll < 0 || l->wake < 0 || epoll_ctl(l->epoll, EPOLL_CTL_ADD, l->wake, &e) ||
      pthread_create(&l->thread, NULL, turn, l)) {
    qf_rc rc = qf_fail(err, QF_IO, "no event loop: %s", "无法建立事件循环：%s", strerror(errno));
    if (l->epoll >= 0)
      close(l->epoll);
    if (l->wake >= 0)
      close(l->wake);
    free(l);
    return rc;
  }
  *out = l;
  return QF_OK;
}

void qf_loop_free(qf_loop *l)
{
  uint64_t one = 1;
  if (!l)
    return;
  pthread_mutex_lock(&l->mx);
  l->ending = true;
  pthread_mutex_unlock(&l->mx);
  (void)!write(l->wake, &one, sizeof one);
  pthread_join(l->thread, NULL);
  while (l->listeners) {
    listener *s = l->listeners;
    l->listeners = s->next;
    if (s->fd >= 0)
      close(s->fd);
    SSL_CTX_free(s->tls);
    free(s);
  }
  close(l->epoll);
  close(l->wake);
  pthread_mutex_destroy(&l->mx);
  free(l->timers);
  free(l->heap);
  free(l);
}
