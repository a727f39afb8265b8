/* Load generator: line protocol over HTTP on loopback, the same bytes to any server.
 *   load --port P --path PATH --points N --steps S --batch B --conns C [--token T] [--kind kwh|power] [--rate R]
 * [--start MS] [--runs N] [--ready 1] Each connection sends its share of the points, in order of time, one request at a time, and waits for
 * the answer: a reading counts when its request was answered 2xx. Bodies are made before the clock starts, on all
 * connections' threads, so that the generator's own work does not hide the server's. --runs N: N runs of S steps, one
 * after the other in time, the counters going on; the clock stands still while the bodies of a run are made. Prints one
 * JSON line per run. Loopback only; ends by itself. */
#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

typedef struct opts {
  int port;
  const char *path, *token, *kind;
  long points, steps, batch, conns, runs, ready;
  double rate; /* readings per second over all connections; 0 = as fast as it goes */
  long long start_ms;
} opts;

typedef struct conn {
  const opts *o;
  long first, count; /* points of this connection */
  double *total;     /* counters, kept from run to run */
  long run;
  char **body;
  size_t *len;
  long bodies;
  long *rows;
  double *latency_ms;
  long sent, failed, readings;
  int last_status;
} conn;

static double now_s(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint64_t mix(uint64_t x)
{
  x += 0x9E3779B97F4A7C15u;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}
static double unit(uint64_t x)
{
  return (double)(mix(x) >> 11) / 9007199254740992.0;
}

/* kwh: cumulative counter with 2 decimals, mean power 0.2..49 kW (log-uniform), +-30 % noise, day shape. power: noisy
 * kW, 3 significant digits. */
static size_t line(char *out, const opts *o, long point, long step, double *total)
{
  double mean = 0.2 * pow(245.0, unit((uint64_t)point));
  double hour = fmod((double)step / 60.0, 24.0), shape = 1 + 0.5 * sin((hour - 8) / 24 * 6.283185307);
  double kw = mean * shape * (0.7 + 0.6 * unit((uint64_t)point * 1000003u + (uint64_t)step * 7919u));
  long long ts = (o->start_ms + (long long)step * 60000) * 1000000;
  *total += kw / 60;
  if (o->kind[0] == 'p')
    return (size_t)sprintf(out, "m,p=%ld v=%.3g %lld\n", point, kw, ts);
  return (size_t)sprintf(out, "m,p=%ld v=%.2f %lld\n", point, *total, ts);
}

static void free_bodies(conn *c)
{
  for (long b = 0; b < c->bodies; b++)
    free(c->body[b]);
  free(c->body);
  free(c->len);
  free(c->rows);
  free(c->latency_ms);
  c->sent = c->failed = c->readings = 0;
}

static void *make_bodies(void *ud)
{
  conn *c = ud;
  const opts *o = c->o;
  long rows = c->count * o->steps;
  if (!c->total) {
    c->total = calloc((size_t)c->count, sizeof *c->total);
    for (long i = 0; i < c->count; i++)
      c->total[i] = floor(1e5 * unit((uint64_t)(c->first + i) + 77));
  }
  c->bodies = (rows + o->batch - 1) / o->batch;
  c->body = calloc((size_t)c->bodies, sizeof *c->body);
  c->len = calloc((size_t)c->bodies, sizeof *c->len);
  c->rows = calloc((size_t)c->bodies, sizeof *c->rows);
  c->latency_ms = calloc((size_t)c->bodies, sizeof *c->latency_ms);
  long r = 0;
  char *work = malloc((size_t)o->batch * 64);
  for (long b = 0; b < c->bodies; b++) {
    size_t n = 0;
    for (long k = 0; k < o->batch && r < rows; k++, r++, c->rows[b]++)
      n += line(work + n, o, c->first + r % c->count, c->run * o->steps + r / c->count, &c->total[r % c->count]);
    char head[600];
    int h = snprintf(head, sizeof head, "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Length: %zu\r\n%s%s%s\r\n",
                     o->path, o->port, n, o->token ? "Authorization: Token " : "", o->token ? o->token : "",
                     o->token ? "\r\n" : "");
    c->body[b] = malloc((size_t)h + n);
    memcpy(c->body[b], head, (size_t)h);
    memcpy(c->body[b] + h, work, n);
    c->len[b] = (size_t)h + n;
  }
  free(work);
  return NULL;
}

static int dial(int port)
{
  struct sockaddr_in a = {
      .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
  int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
  if (connect(fd, (struct sockaddr *)&a, sizeof a) != 0) {
    close(fd);
    return -1;
  }
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  return fd;
}

/* Read one answer with Content-Length or none (204); status or -1. */
static int answer(int fd)
{
  char buf[65536];
  size_t n = 0;
  for (;;) {
    ssize_t k = recv(fd, buf + n, sizeof buf - 1 - n, 0);
    if (k <= 0)
      return -1;
    n += (size_t)k;
    buf[n] = 0;
    char *end = strstr(buf, "\r\n\r\n");
    if (!end)
      continue;
    char *cl = strcasestr(buf, "\r\nContent-Length:");
    size_t want = (size_t)(end + 4 - buf) + (cl && cl < end ? (size_t)atol(cl + 17) : 0);
    while (n < want) {
      k = recv(fd, buf, sizeof buf < want - n ? sizeof buf : want - n, 0);
      if (k <= 0)
        return -1;
      n += (size_t)k;
    }
    return atoi(buf + 9);
  }
}

static bool send_all(int fd, const char *p, size_t n)
{
  while (n) {
    ssize_t k = send(fd, p, n, MSG_NOSIGNAL);
    if (k <= 0)
      return false;
    p += k;
    n -= (size_t)k;
  }
  return true;
}

static void *run(void *ud)
{
  conn *c = ud;
  int fd = dial(c->o->port);
  double from = now_s();
  for (long b = 0; b < c->bodies; b++) {
    if (c->o->rate > 0) {
      double due = from + (double)c->readings / (c->o->rate / (double)c->o->conns), wait = due - now_s();
      if (wait > 0)
        nanosleep(&(struct timespec){(time_t)wait, (long)((wait - floor(wait)) * 1e9)}, NULL);
    }
    double t = now_s();
    int status = fd >= 0 && send_all(fd, c->body[b], c->len[b]) ? answer(fd) : -1;
    c->latency_ms[c->sent++] = (now_s() - t) * 1000;
    c->last_status = status;
    if (status / 100 == 2) {
      c->readings += c->rows[b];
    } else if (status == 503 || status == 429) { /* told to wait: that is what a good sender does */
      nanosleep(&(struct timespec){0, 50000000}, NULL);
      b--;
      c->sent--;
    } else {
      c->failed++;
      if (fd >= 0)
        close(fd);
      fd = dial(c->o->port);
    }
  }
  if (fd >= 0)
    close(fd);
  return NULL;
}

static int by_value(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static void on_all(conn *c, long n, void *(*fn)(void *))
{
  pthread_t *th = calloc((size_t)n, sizeof *th);
  for (long i = 0; i < n; i++)
    pthread_create(&th[i], NULL, fn, &c[i]);
  for (long i = 0; i < n; i++)
    pthread_join(th[i], NULL);
  free(th);
}

/* Make, send, print; true when something was refused. */
static bool one_run(const opts *o, conn *c, long number)
{
  for (long i = 0; i < o->conns; i++)
    c[i].run = number;
  on_all(c, o->conns, make_bodies);
  if (o->ready) { /* whoever measures beside us waits for this line */
    printf("ready\n");
    fflush(stdout);
  }
  double t0 = now_s();
  on_all(c, o->conns, run);
  double dt = now_s() - t0;
  long readings = 0, failed = 0, sent = 0, bytes = 0, n = 0;
  int status = 0;
  for (long i = 0; i < o->conns; i++) {
    readings += c[i].readings;
    failed += c[i].failed;
    sent += c[i].sent;
    status = c[i].failed ? c[i].last_status : status;
    for (long b = 0; b < c[i].bodies; b++)
      bytes += (long)c[i].len[b];
  }
  double *all = malloc((size_t)(sent ? sent : 1) * sizeof *all);
  for (long i = 0; i < o->conns; i++)
    for (long b = 0; b < c[i].sent; b++)
      all[n++] = c[i].latency_ms[b];
  qsort(all, (size_t)n, sizeof *all, by_value);
  printf("{\"readings\":%ld,\"seconds\":%.3f,\"per_second\":%.0f,\"requests\":%ld,\"failed\":%ld,\"last_status\":%d,"
         "\"mbytes\":%.1f,\"ack_ms_p50\":%.2f,\"ack_ms_p99\":%.2f}\n",
         readings, dt, (double)readings / dt, sent, failed, status, (double)bytes / 1e6, n ? all[n / 2] : 0,
         n ? all[n * 99 / 100] : 0);
  fflush(stdout);
  free(all);
  for (long i = 0; i < o->conns; i++)
    free_bodies(&c[i]);
  return failed != 0;
}

int main(int argc, char **argv)
{
  opts o = {.port = 8420,
            .path = "/write",
            .kind = "kwh",
            .points = 10000,
            .steps = 1000,
            .batch = 10000,
            .conns = 4,
            .runs = 1,
            .start_ms = 1700000000000LL};
  o.start_ms -= o.start_ms % 60000;
  for (int i = 1; i + 1 < argc; i += 2) {
    const char *k = argv[i], *v = argv[i + 1];
    if (!strcmp(k, "--port"))
      o.port = atoi(v);
    else if (!strcmp(k, "--path"))
      o.path = v;
    else if (!strcmp(k, "--token"))
      o.token = v;
    else if (!strcmp(k, "--kind"))
      o.kind = v;
    else if (!strcmp(k, "--points"))
      o.points = atol(v);
    else if (!strcmp(k, "--steps"))
      o.steps = atol(v);
    else if (!strcmp(k, "--batch"))
      o.batch = atol(v);
    else if (!strcmp(k, "--conns"))
      o.conns = atol(v);
    else if (!strcmp(k, "--runs"))
      o.runs = atol(v);
    else if (!strcmp(k, "--ready"))
      o.ready = atol(v);
    else if (!strcmp(k, "--rate"))
      o.rate = atof(v);
    else if (!strcmp(k, "--start"))
      o.start_ms = atoll(v);
    else {
      fprintf(stderr, "load: unknown option %s\n", k);
      return 2;
    }
  }
  if (o.conns < 1 || o.points < o.conns || o.batch < 1 || o.steps < 1)
    return 2;
  conn *c = calloc((size_t)o.conns, sizeof *c);
  for (long i = 0; i < o.conns; i++)
    c[i] = (conn){
        .o = &o, .first = o.points * i / o.conns, .count = o.points * (i + 1) / o.conns - o.points * i / o.conns};
  bool failed = false;
  for (long r = 0; r < o.runs; r++)
    failed |= one_run(&o, c, r);
  return failed;
}
