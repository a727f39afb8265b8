/* For tests of servers for stations: a fresh city, the kind on a loop of its own, a peer over loopback. */
#ifndef QF_COLLECT_STATION_TESTKIT_H
#define QF_COLLECT_STATION_TESTKIT_H
#include "base/test_dir.h"
#include "collect/conf.h"
#include "collect/kinds.h"
#include <arpa/inet.h>
#include <errno.h>
#include <ftw.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
/* cmocka wants the headers above first */
#include <cmocka.h>

typedef struct kit {
  char dir[64];
  char name[33]; /* of the sender in this test: "@" in files and keys stands for it */
  unsigned tests;
  _Atomic qf_us now; /* set by the test, read by the city's threads */
  qf_city *city;
  qf_links *links;
  qf_loop *loop;
  qf_collect_env env;
  qf_conf *conf;
  qf_rc (*start)(const qf_collect_env *env, qf_conf *conf, void **self, qf_err *err);
  void (*stop)(void *self);
  void *self;
  uint16_t port;
} kit;

static inline qf_us kit_now(void *ud)
{
  return *(const _Atomic qf_us *)ud;
}

static inline int kit_drop(const char *path, const struct stat *st, int kind, struct FTW *w)
{
  (void)st;
  (void)kind;
  (void)w;
  return remove(path);
}

static inline void kit_open(kit *k)
{
  qf_err err = {0};
  const qf_city_opts o = {.clock = {kit_now, &k->now}, .packs_dir = "test/packs"};
  if (qf_city_open(k->dir, &o, &k->city, &err))
    fail_msg("%s", err.en);
  k->links = qf_links_new((qf_clock){kit_now, &k->now});
  assert_int_equal(qf_loop_new(&k->loop, &err), QF_OK);
  k->env = (qf_collect_env){.city = k->city, .links = k->links, .loop = k->loop};
}

/* text with the sender's name for each @. */
static inline void kit_text(const kit *k, const char *text, char *out, size_t cap)
{
  size_t n = 0;
  for (; *text; text++)
    n += (size_t)snprintf(out + n, n < cap ? cap - n : 0, *text == '@' ? "%s" : "%.1s", *text == '@' ? k->name : text);
  assert_true(n < cap);
}

static inline void kit_ini(kit *k, const char *text)
{
  char ini[4096];
  char path[128];
  kit_text(k, text, ini, sizeof ini);
  snprintf(path, sizeof path, "%s/test.ini", k->dir);
  FILE *f = fopen(path, "w");
  assert_non_null(f);
  fputs(ini, f);
  fclose(f);
}

/* rc of the start; err gets words. */
static inline qf_rc kit_start(kit *k, const char *ini, qf_err *err)
{
  char path[128];
  kit_ini(k, ini);
  snprintf(path, sizeof path, "%s/test.ini", k->dir);
  assert_int_equal(qf_conf_open(path, &k->conf, err), QF_OK);
  (void)qf_conf_get(k->conf, "collector", "protocol");
  qf_rc rc = k->start(&k->env, k->conf, &k->self, err);
  if (rc) {
    qf_conf_close(k->conf);
    k->conf = NULL;
    k->self = NULL;
    return rc;
  }
  if (qf_conf_unknown(k->conf, err))
    fail_msg("%s", err->en);
  k->port = qf_loop_port(k->loop, k->self);
  assert_true(k->port > 0);
  return rc;
}

static inline void kit_must_start(kit *k, const char *ini)
{
  qf_err err = {0};
  if (kit_start(k, ini, &err))
    fail_msg("%s", err.en);
}

/* The kind only: the city stays. */
static inline void kit_stop_kind(kit *k)
{
  if (k->self) {
    qf_loop_deafen(k->loop, k->self);
    k->stop(k->self);
  }
  qf_conf_close(k->conf);
  k->self = NULL;
  k->conf = NULL;
}

static inline void kit_stop(kit *k)
{
  kit_stop_kind(k);
  qf_loop_free(k->loop);
  qf_links_free(k->links);
  qf_city_close(k->city);
  k->loop = NULL;
  k->links = NULL;
  k->city = NULL;
}

static inline int kit_setup(void **state, const char *name)
{
  kit *k = calloc(1, sizeof *k);
  k->now = (INT64_C(20780) * 86400 + 1815) * QF_US_SECOND; /* 2026-11-23 08:30:15 in Beijing */
  *state = k;
  if (!qf_test_dir(k->dir, sizeof k->dir, name))
    return -1;
  kit_open(k);
  return 0;
}

/* One city for all tests of a file; each test has a sender of its own. */
static inline int kit_teardown(void **state)
{
  kit *k = *state;
  if (k->city)
    kit_stop(k);
  nftw(k->dir, kit_drop, 16, FTW_DEPTH | FTW_PHYS);
  free(k);
  return 0;
}

static inline int kit_connect(const kit *k)
{
  const struct timeval limit = {.tv_sec = 20};
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(k->port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  assert_true(fd >= 0);
  assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), 0);
  assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
  return fd;
}

static inline void kit_send(int fd, const void *p, size_t n)
{
  for (size_t at = 0; at < n;) {
    ssize_t m = send(fd, (const char *)p + at, n - at, MSG_NOSIGNAL);
    assert_true(m > 0);
    at += (size_t)m;
  }
}

/* Exactly n bytes. */
static inline void kit_recv(int fd, void *p, size_t n)
{
  for (size_t at = 0; at < n;) {
    ssize_t m = recv(fd, (char *)p + at, n - at, 0);
    if (m <= 0)
      fail_msg("only %zu of %zu bytes came", at, n);
    at += (size_t)m;
  }
}

/* The other side has ended it; what still came before is dropped. Ended with bytes of ours unread, it is a reset. */
static inline void kit_ended(int fd)
{
  char c[256];
  ssize_t n;
  while ((n = recv(fd, c, sizeof c, 0)) > 0) {
  }
  assert_true(n == 0 || errno == ECONNRESET);
  close(fd);
}

typedef struct kit_rows {
  uint32_t n;
  qf_reading last, first;
} kit_rows;

static inline bool kit_row(void *ud, const qf_reading *r)
{
  kit_rows *x = ud;
  if (!x->n++)
    x->first = *r;
  x->last = *r;
  return true;
}

/* Readings that are kept of a series. */
static inline kit_rows kit_kept(kit *k, const char *text)
{
  char key[256];
  kit_rows x = {0};
  qf_err err = {0};
  kit_text(k, text, key, sizeof key);
  assert_int_equal(qf_city_settle(k->city, &err), QF_OK);
  uint32_t p = qf_city_series_find(k->city, key, strlen(key));
  if (p)
    assert_int_equal(qf_readings_range(qf_city_readings(k->city), p, INT64_MIN / 2, INT64_MAX / 2, kit_row, &x, &err),
                     QF_OK);
  return x;
}

static inline void kit_reopen(kit *k)
{
  kit_stop(k);
  kit_open(k);
}

/* What the links say, as JSON text; caller frees. */
static inline char *kit_links(kit *k)
{
  qf_buf b;
  qf_buf_init(&b, 1 << 20);
  qf_links_json(k->links, NULL, 1000, true, &b);
  return b.data;
}

static inline void kit_told(kit *k, const char *words)
{
  char *s = kit_links(k);
  if (!strstr(s, words))
    fail_msg("\"%s\" is not in %s", words, s);
  free(s);
}
#endif
