/* People at their pages: each thinks, asks for one thing, waits for the answer, thinks again. A thread each, blocking, so that the
 * generator costs next to nothing beside the server.
 *   officers --port P --seconds S --think MEAN_S --month FIRST --seed N  < plan
 * The plan, tab separated: "seat KIND COUNT COOKIE CSRF" - so many people of a kind; "ask KIND PAGE WEIGHT METHOD PATH BODY" - what they
 * ask for; "new KIND PATH BODY" and "save KIND WEIGHT BODY" - a draft of one's own: made at the first save, then saved with its version.
 * In a body @N is a number just typed, @M a month of this person alone, from FIRST on. Prints one JSON line a page: n, failed, p50, p99, max in ms. */
#include <arpa/inet.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ASKS 400
#define SEATS 40
#define PEOPLE 1000
#define SAMPLES 400000
#define ANSWER (4u << 20)

typedef struct ask {
  char kind[32], page[40], method[8], *path, *body;
  double weight;
  enum { PLAIN, NEW, SAVE } what;
} ask;
typedef struct seat {
  char kind[32], *cookie, *csrf;
  int count;
} seat;
typedef struct sample {
  char page[40];
  double ms;
  bool failed;
} sample;

static ask asks[ASKS];
static seat seats[SEATS];
static int nasks, nseats, port, month = 12 * 2040;
static double think_s, until_ms;
static sample samples[SAMPLES];
static size_t nsamples;
static pthread_mutex_t mx = PTHREAD_MUTEX_INITIALIZER;

typedef struct person {
  const seat *seat;
  uint64_t rng;
  int number, fd;
  char draft[600];
  long version;
  char *buf, *out;
} person;

static double now_ms(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double chance(person *p) /* [0, 1) */
{
  p->rng ^= p->rng << 13;
  p->rng ^= p->rng >> 7;
  p->rng ^= p->rng << 17;
  return (double)(p->rng >> 11) / 9007199254740992.0;
}

static void dial(person *p)
{
  struct sockaddr_in a = {
      .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
  int one = 1;
  if (p->fd >= 0)
    close(p->fd);
  p->fd = socket(AF_INET, SOCK_STREAM, 0);
  if (p->fd >= 0 && connect(p->fd, (struct sockaddr *)&a, sizeof a) != 0) {
    close(p->fd);
    p->fd = -1;
  }
  setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

/* Status, or -1; the body lies in p->buf from *body on, ended by NUL. */
static int answer(person *p, size_t *body)
{
  size_t n = 0;
  for (;;) {
    ssize_t k = n < ANSWER ? recv(p->fd, p->buf + n, ANSWER - n, 0) : 0;
    if (k <= 0)
      return -1;
    n += (size_t)k;
    p->buf[n] = 0;
    char *end = strstr(p->buf, "\r\n\r\n"), *cl = strcasestr(p->buf, "\r\nContent-Length:");
    *body = end ? (size_t)(end + 4 - p->buf) : 0;
    if (end && cl && cl < end && n >= *body + (size_t)atol(cl + 17))
      return atoi(p->buf + 9);
  }
}

static size_t fill(person *p, const char *body, char *out, size_t size)
{
  size_t n = 0;
  for (const char *s = body; *s && n + 40 < size; s++) {
    if (s[0] == '@' && s[1] == 'N')
      n += (size_t)snprintf(out + n, 40, "%.2f", chance(p) * 1e4);
    else if (s[0] == '@' && s[1] == 'M')
      n += (size_t)snprintf(out + n, 40, "%d", month + p->number);
    else {
      out[n++] = *s;
      continue;
    }
    s++;
  }
  out[n] = 0;
  return n;
}

static void note(const char *page, double ms, bool failed)
{
  pthread_mutex_lock(&mx);
  if (nsamples < SAMPLES) {
    sample *s = &samples[nsamples++];
    snprintf(s->page, sizeof s->page, "%s", page);
    s->ms = ms;
    s->failed = failed;
  }
  pthread_mutex_unlock(&mx);
}

static void one(person *p, const ask *a)
{
  static const char *const pages[] = {NULL, "new draft", "save draft"};
  char path[1400], match[60] = "";
  size_t body = 0, size = 1u << 20, n = fill(p, a->body, p->out, size / 2);
  snprintf(path, sizeof path, "%s", a->path);
  if (a->what == SAVE) {
    snprintf(path, sizeof path, "/api/v1/filings/%s", p->draft);
    snprintf(match, sizeof match, "If-Match: \"%ld\"\r\n", p->version);
  }
  char *req = p->out + size / 2;
  int m = snprintf(req, size / 2,
                   "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nCookie: %s\r\nX-QF-CSRF: %s\r\n%sContent-Type: "
                   "application/json\r\nContent-Length: %zu\r\n\r\n%s",
                   a->method, path, port, p->seat->cookie, p->seat->csrf, match, n, p->out);
  double t = now_ms();
  if (p->fd < 0)
    dial(p);
  int status = p->fd >= 0 && send(p->fd, req, (size_t)m, MSG_NOSIGNAL) == m ? answer(p, &body) : -1;
  bool ok = status >= 200 && status < 300;
  note(a->what ? pages[a->what] : a->page, now_ms() - t, !ok);
  const char *v = ok && a->what ? strstr(p->buf + body, "\"version\":") : NULL;
  const char *id = ok && a->what == NEW ? strstr(p->buf + body, "\"id\":\"") : NULL;
  if (v)
    p->version = atol(v + 10);
  if (id)
    snprintf(p->draft, sizeof p->draft, "%.*s", (int)strcspn(id + 6, "\""), id + 6);
  if (status < 0)
    dial(p);
}

static void pick(person *p)
{
  double all = 0, at;
  const ask *fresh = NULL;
  for (int i = 0; i < nasks; i++)
    if (strcmp(asks[i].kind, p->seat->kind) == 0)
      all += asks[i].weight, fresh = asks[i].what == NEW ? &asks[i] : fresh;
  at = chance(p) * all;
  for (int i = 0; i < nasks; i++)
    if (strcmp(asks[i].kind, p->seat->kind) == 0 && (at -= asks[i].weight) < 0) {
      one(p, asks[i].what == SAVE && !p->draft[0] && fresh ? fresh : &asks[i]);
      return;
    }
}

static void think(person *p, double most_s)
{
  double s = chance(p) * most_s, left = (until_ms - now_ms()) / 1e3;
  s = s < left ? s : left;
  if (s > 0)
    nanosleep(&(struct timespec){(time_t)s, (long)(fmod(s, 1) * 1e9)}, NULL);
}

static void *work(void *ud)
{
  person *p = ud;
  dial(p);
  think(p, think_s);
  while (now_ms() < until_ms) {
    pick(p);
    think(p, 2 * think_s);
  }
  if (p->fd >= 0)
    close(p->fd);
  return NULL;
}

static int by_sample(const void *a, const void *b)
{
  const sample *x = a, *y = b;
  int d = strcmp(x->page, y->page);
  return d ? d : x->ms < y->ms ? -1 : x->ms > y->ms;
}

static bool read_line(char *line)
{
  char *f[8], *s = line;
  int n = 0;
  line[strcspn(line, "\r\n")] = 0;
  while (n < 8 && s)
    f[n++] = strsep(&s, "\t");
  if (n >= 5 && !strcmp(f[0], "seat") && nseats < SEATS) {
    seat *t = &seats[nseats++];
    snprintf(t->kind, sizeof t->kind, "%s", f[1]);
    *t = (seat){.count = atoi(f[2]), .cookie = strdup(f[3]), .csrf = strdup(f[4])};
    snprintf(t->kind, sizeof t->kind, "%s", f[1]);
    return true;
  }
  if (nasks == ASKS)
    return false;
  ask *a = &asks[nasks++];
  snprintf(a->kind, sizeof a->kind, "%s", n > 1 ? f[1] : "");
  a->what = !strcmp(f[0], "new") ? NEW : !strcmp(f[0], "save") ? SAVE : PLAIN;
  if (a->what == NEW && n >= 4) {
    strcpy(a->method, "POST");
    a->path = strdup(f[2]);
    a->body = strdup(f[3]);
  } else if (a->what == SAVE && n >= 4) {
    strcpy(a->method, "PUT");
    a->weight = atof(f[2]);
    a->path = "";
    a->body = strdup(f[3]);
  } else if (n >= 7 && !strcmp(f[0], "ask")) {
    snprintf(a->page, sizeof a->page, "%s", f[2]);
    a->weight = atof(f[3]);
    snprintf(a->method, sizeof a->method, "%s", f[4]);
    a->path = strdup(f[5]);
    a->body = strdup(f[6]);
  } else {
    return false;
  }
  return true;
}

int main(int argc, char **argv)
{
  double seconds = 30, seed = 1;
  static person people[PEOPLE];
  static pthread_t thread[PEOPLE];
  char *line = NULL;
  size_t cap = 0;
  int n = 0;
  think_s = 5;
  for (int i = 1; i + 1 < argc; i += 2) {
    double v = atof(argv[i + 1]);
    if (!strcmp(argv[i], "--port"))
      port = (int)v;
    else if (!strcmp(argv[i], "--seconds"))
      seconds = v;
    else if (!strcmp(argv[i], "--think"))
      think_s = v;
    else if (!strcmp(argv[i], "--month"))
      month = (int)v;
    else if (!strcmp(argv[i], "--seed"))
      seed = v;
    else
      return 2;
  }
  while (getline(&line, &cap, stdin) > 1)
    if (!read_line(line)) {
      fprintf(stderr, "plan: %s\n", line);
      return 2;
    }
  until_ms = now_ms() + seconds * 1e3;
  pthread_attr_t small;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, 256 << 10);
  for (int i = 0; i < nseats; i++)
    for (int k = 0; k < seats[i].count && n < PEOPLE; k++, n++) {
      people[n] =
          (person){.seat = &seats[i], .number = n, .fd = -1, .buf = malloc(ANSWER + 1), .out = malloc(1u << 20)};
      people[n].rng = ((uint64_t)n + 1) * UINT64_C(0x9E3779B97F4A7C15) ^ (uint64_t)seed;
      if (!people[n].buf || !people[n].out || pthread_create(&thread[n], &small, work, &people[n]) != 0)
        return 1;
    }
  for (int i = 0; i < n; i++)
    pthread_join(thread[i], NULL);
  qsort(samples, nsamples, sizeof *samples, by_sample);
  for (size_t i = 0, k; i < nsamples; i = k) {
    size_t failed = 0;
    for (k = i; k < nsamples && strcmp(samples[k].page, samples[i].page) == 0; k++)
      failed += samples[k].failed;
    size_t c = k - i;
    printf("{\"page\":\"%s\",\"n\":%zu,\"failed\":%zu,\"p50\":%.2f,\"p99\":%.2f,\"max\":%.2f}\n", samples[i].page, c,
           failed, samples[i + c / 2].ms, samples[i + (c * 99 / 100 < c ? c * 99 / 100 : c - 1)].ms, samples[k - 1].ms);
  }
  return 0;
}
