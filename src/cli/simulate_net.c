#include "cli/simulate_net.h"
#include "cli/cli.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { IN = 8192, OUT = 65536, ROUND_MS = 100 };

typedef struct sender {
  int fd;
  uint32_t i;
  uint64_t sent, answered;
  int64_t due_ms;
  qf_buf out;
  size_t out_at, in_n;
  uint8_t *in; /* NULL while nothing waits */
  bool writing;
} sender;

typedef struct run {
  const qf_sim *s;
  sender *all;
  int epoll;
  uint64_t lost;
} run;

static volatile sig_atomic_t stopping;
static void on_signal(int sig)
{
  (void)sig;
  stopping = 1;
}

static int64_t mono_ms(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

qf_us qf_sim_now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return t.tv_sec * QF_US_SECOND + t.tv_nsec / 1000;
}

static bool number(const qf_args *a, const char *name, uint64_t min, uint64_t max, uint64_t *out)
{
  const char *s = qf_args_get(a, name);
  char *end;
  if (!s)
    return true;
  *out = strtoull(s, &end, 10);
  if (*s >= '0' && *s <= '9' && !*end && *out >= min && *out <= max)
    return true;
  fprintf(stderr, "qingfeng: %s %s: %llu .. %llu\n", name, s, (unsigned long long)min, (unsigned long long)max);
  return false;
}

bool qf_sim_options(const qf_args *a, qf_sim *s)
{
  const char *to = qf_args_get(a, "--to"), *colon = to ? strrchr(to, ':') : NULL;
  uint64_t senders = s->senders, window = s->window, period = s->period_ms;
  if (!colon || colon == to || (size_t)(colon - to) >= sizeof s->host) {
    fputs("qingfeng: --to HOST:PORT / 请给出 --to 地址:端口\n", stderr);
    return false;
  }
  snprintf(s->host, sizeof s->host, "%.*s", (int)(colon - to), to);
  s->port = (uint16_t)strtoul(colon + 1, NULL, 10);
  s->idle = qf_args_get(a, "--idle") != NULL;
  if (!number(a, "--senders", 1, 100000, &senders) || !number(a, "--window", 1, 1000, &window) ||
      !number(a, "--messages", 0, UINT64_MAX / 2, &s->messages) || !number(a, "--period", 0, 86400000, &period))
    return false;
  s->senders = (uint32_t)senders;
  s->window = (uint32_t)window;
  s->period_ms = (uint32_t)period;
  return true;
}

static void end(run *r, sender *x)
{
  if (x->fd < 0)
    return;
  r->lost += x->sent - x->answered;
  close(x->fd);
  x->fd = -1;
  free(x->in);
  x->in = NULL;
  qf_buf_fini(&x->out);
}

static bool finished(const qf_sim *s, const sender *x)
{
  return !s->idle && s->messages && x->answered >= s->messages;
}

static void want(run *r, sender *x, bool writing)
{
  struct epoll_event e = {.events = EPOLLIN | (writing ? EPOLLOUT : 0u), .data.ptr = x};
  if (writing != x->writing && epoll_ctl(r->epoll, EPOLL_CTL_MOD, x->fd, &e) == 0)
    x->writing = writing;
}

/* Fill the window and send. */
static void push(run *r, sender *x, int64_t now)
{
  const qf_sim *s = r->s;
  uint64_t most = s->idle ? 1 : s->messages ? s->messages : UINT64_MAX;
  while (x->sent < most && x->sent - x->answered < s->window && x->out.len < OUT / 2 &&
         (now >= x->due_ms || x->sent == 0)) {
    s->make(s->ud, x->i, x->sent++, &x->out);
    x->due_ms = s->period_ms ? now + s->period_ms : 0;
  }
  while (x->out_at < x->out.len) {
    ssize_t n = send(x->fd, x->out.data + x->out_at, x->out.len - x->out_at, MSG_NOSIGNAL);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
      break;
    if (n < 0) {
      end(r, x);
      return;
    }
    x->out_at += (size_t)n;
  }
  bool waits = x->out_at < x->out.len;
  if (!waits && x->out.len) {
    x->out_at = 0;
    qf_buf_fini(&x->out);
    qf_buf_init(&x->out, OUT);
  }
  want(r, x, waits);
}

static void pull(run *r, sender *x)
{
  if (!x->in && !(x->in = malloc(IN)))
    return;
  ssize_t n = recv(x->fd, x->in + x->in_n, IN - x->in_n, 0);
  if (n <= 0) {
    if (n == 0 || (errno != EAGAIN && errno != EINTR))
      end(r, x);
    return;
  }
  x->in_n += (size_t)n;
  size_t used = r->s->read(r->s->ud, x->i, x->in, x->in_n, &x->answered, &x->out);
  x->in_n -= used;
  if (x->in_n) {
    memmove(x->in, x->in + used, x->in_n);
  } else {
    free(x->in);
    x->in = NULL;
  }
}

static bool open_one(run *r, sender *x, const struct addrinfo *a)
{
  int on = 1;
  x->fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (x->fd < 0 || connect(x->fd, a->ai_addr, a->ai_addrlen) != 0) {
    fprintf(stderr, "qingfeng: %s:%u: %s\n", r->s->host, r->s->port, strerror(errno));
    return false;
  }
  (void)setsockopt(x->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  qf_buf_init(&x->out, OUT);
  struct epoll_event e = {.events = EPOLLIN, .data.ptr = x};
  return epoll_ctl(r->epoll, EPOLL_CTL_ADD, x->fd, &e) == 0;
}

static bool open_all(run *r)
{
  char port[8];
  struct addrinfo hint = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV}, *a = NULL;
  snprintf(port, sizeof port, "%u", r->s->port);
  if (getaddrinfo(r->s->host, port, &hint, &a) != 0) {
    fprintf(stderr, "qingfeng: %s: an address of numbers, as 127.0.0.1 / 请给出数字地址\n", r->s->host);
    return false;
  }
  bool ok = true;
  for (uint32_t i = 0; ok && i < r->s->senders; i++) {
    r->all[i].i = i;
    ok = open_one(r, &r->all[i], a);
  }
  freeaddrinfo(a);
  return ok;
}

/* Those whose time has come; how many go on. */
static uint32_t pass(run *r, int64_t now)
{
  uint32_t live = 0;
  for (uint32_t i = 0; i < r->s->senders; i++) {
    sender *x = &r->all[i];
    if (x->fd >= 0 && finished(r->s, x))
      end(r, x);
    if (x->fd >= 0)
      push(r, x, now);
    live += x->fd >= 0;
  }
  return live;
}

static void turn(run *r)
{
  struct epoll_event e[256];
  int64_t passed = 0;
  for (bool go = true; go && !stopping;) {
    int n = epoll_wait(r->epoll, e, 256, ROUND_MS);
    int64_t now = mono_ms();
    for (int i = 0; i < n; i++) {
      sender *x = e[i].data.ptr;
      if (x->fd >= 0 && (e[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
        pull(r, x);
      if (x->fd >= 0 && finished(r->s, x))
        end(r, x);
      else if (x->fd >= 0)
        push(r, x, now);
    }
    if (now - passed >= ROUND_MS) {
      passed = now;
      go = pass(r, now) > 0;
    }
  }
}

int qf_sim_run(const qf_sim *s)
{
  run r = {.s = s, .epoll = epoll_create1(EPOLL_CLOEXEC)};
  uint64_t sent = 0, answered = 0;
  struct sigaction sa = {.sa_handler = on_signal};
  sigaction(SIGINT, &sa, NULL);
  sigaction(SIGTERM, &sa, NULL);
  r.all = calloc(s->senders, sizeof *r.all);
  for (uint32_t i = 0; r.all && i < s->senders; i++)
    r.all[i].fd = -1;
  bool ok = r.all && r.epoll >= 0 && open_all(&r);
  int64_t from = mono_ms();
  if (ok)
    turn(&r);
  double seconds = (double)(mono_ms() - from) / 1000;
  for (uint32_t i = 0; r.all && i < s->senders; i++) {
    end(&r, &r.all[i]);
    sent += r.all[i].sent;
    answered += r.all[i].answered;
  }
  free(r.all);
  if (r.epoll >= 0)
    close(r.epoll);
  if (ok)
    printf("{\"senders\":%u,\"sent\":%llu,\"answered\":%llu,\"lost\":%llu,\"seconds\":%.3f,\"per_second\":%.0f}\n",
           s->senders, (unsigned long long)sent, (unsigned long long)answered, (unsigned long long)r.lost, seconds,
           seconds > 0 ? (double)answered / seconds : 0);
  return !ok ? QF_EXIT_TROUBLE : r.lost && !stopping ? QF_EXIT_NO : QF_EXIT_OK;
}
