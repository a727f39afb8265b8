/* Latency of GET requests over one kept-alive loopback connection, one at a time.
 *   ask --port P [--token T] --n N [--every MS] [--low A --high B] PATH
 * A %d in PATH is replaced by a number from [A, B), spread evenly but not in order. Prints one JSON line: p50, p99,
 * maximum in ms, bytes of a body on average, answers that were not 200. Ends by itself. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static double now_ms(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int dial(int port)
{
  struct sockaddr_in a = {
      .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
  int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
  if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof a) != 0)
    return -1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  return fd;
}

static char buf[64 << 20];

/* Read one answer (Content-Length or chunked); *body gets the bytes after the head. Status or -1. */
static int answer(int fd, size_t *body)
{
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
    size_t head = (size_t)(end + 4 - buf);
    const char *cl = strcasestr(buf, "\r\nContent-Length:");
    bool whole =
        cl && cl < end ? n >= head + (size_t)atol(cl + 17) : n >= 5 && memcmp(buf + n - 5, "0\r\n\r\n", 5) == 0;
    *body = n - head;
    if (whole)
      return atoi(buf + 9);
  }
}

static int by_value(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
  int port = 0;
  long n = 1000, low = 0, high = 1, failed = 0;
  double every = 0;
  const char *token = NULL, *path = argc > 1 ? argv[argc - 1] : "/";
  for (int i = 1; i + 2 < argc; i += 2) {
    const char *k = argv[i], *v = argv[i + 1];
    if (!strcmp(k, "--port"))
      port = atoi(v);
    else if (!strcmp(k, "--token"))
      token = v;
    else if (!strcmp(k, "--n"))
      n = atol(v);
    else if (!strcmp(k, "--every"))
      every = atof(v);
    else if (!strcmp(k, "--low"))
      low = atol(v);
    else if (!strcmp(k, "--high"))
      high = atol(v);
    else
      return 2;
  }
  if (n < 1 || high <= low)
    return 2;
  double *ms = calloc((size_t)n, sizeof *ms), bytes = 0;
  int fd = dial(port);
  const char *hole = strstr(path, "%d");
  for (long i = 0; i < n && ms; i++) {
    char req[4096];
    long number = low + (long)((uint64_t)i * 2654435761u % (uint64_t)(high - low));
    int m = hole ? snprintf(req, sizeof req, "GET %.*s%ld%s", (int)(hole - path), path, number, hole + 2)
                 : snprintf(req, sizeof req, "GET %s", path);
    m += snprintf(req + m, sizeof req - (size_t)m, " HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%s%s%s\r\n", port,
                  token ? "Authorization: Token " : "", token ? token : "", token ? "\r\n" : "");
    double t = now_ms();
    size_t body = 0;
    int status = fd >= 0 && send(fd, req, (size_t)m, MSG_NOSIGNAL) == m ? answer(fd, &body) : -1;
    ms[i] = now_ms() - t;
    bytes += (double)body;
    if (status != 200) {
      failed++;
      if (fd >= 0)
        close(fd);
      fd = dial(port);
    }
    if (every > ms[i])
      nanosleep(&(struct timespec){0, (long)((every - ms[i]) * 1e6)}, NULL);
  }
  qsort(ms, (size_t)n, sizeof *ms, by_value);
  printf("{\"n\":%ld,\"failed\":%ld,\"p50\":%.3f,\"p99\":%.3f,\"max\":%.3f,\"bytes\":%.0f}\n", n, failed, ms[n / 2],
         ms[n * 99 / 100], ms[n - 1], bytes / (double)n);
  free(ms);
  return failed != 0;
}
