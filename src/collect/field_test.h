/* What the tests of polled devices share: a city in a folder of its own with a clock that steps, a loop, links, a collector from
 * text, waiting for something to come true, and counting readings in the city opened again. */
#ifndef QF_COLLECT_FIELD_TEST_H
#define QF_COLLECT_FIELD_TEST_H
#include "base/test_dir.h"
#include "collect/conf.h"
#include "collect/field.h"
#include <arpa/inet.h>
#include <errno.h>
#include <ftw.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
/* cmocka wants the headers above first */
#include <cmocka.h>

typedef struct bench {
  char dir[64];
  struct bench_clock {
    _Atomic int64_t us;
  } now; /* steps a millisecond each time it is asked: no two readings of a point share a moment */
  qf_city *city;
  qf_links *links;
  qf_loop *loop;
  qf_collect_env env;
  qf_conf *conf;
  const qf_kind *kind;
  void *self;
} bench;

static qf_us bench_now(void *ud)
{
  return atomic_fetch_add(&((struct bench_clock *)ud)->us, 1000);
}

static void bench_open_city(bench *b)
{
  qf_err err = {0};
  const qf_city_opts o = {.clock = {bench_now, &b->now}, .packs_dir = "test/packs"};
  if (qf_city_open(b->dir, &o, &b->city, &err))
    fail_msg("%s", err.en);
}

static int bench_setup(void **state)
{
  bench *b = calloc(1, sizeof *b);
  if (!b || !qf_test_dir(b->dir, sizeof b->dir, "field"))
    return -1;
  b->now.us = qf_day_cn_start(20400) + QF_US_HOUR;
  bench_open_city(b);
  b->links = qf_links_new((qf_clock){bench_now, &b->now});
  qf_err err = {0};
  if (!b->links || qf_loop_new(&b->loop, &err))
    return -1;
  b->env = (qf_collect_env){.city = b->city, .links = b->links, .loop = b->loop};
  *state = b;
  return 0;
}

/* Start a collector from the text of its file. Returns its error; NULL: it runs. */
static const char *bench_start(bench *b, const qf_kind *kind, const char *ini)
{
  static qf_err err;
  char path[96];
  snprintf(path, sizeof path, "%s/test.ini", b->dir);
  FILE *f = fopen(path, "w");
  assert_non_null(f);
  fputs(ini, f);
  fclose(f);
  err = (qf_err){0};
  assert_int_equal(qf_conf_open(path, &b->conf, &err), QF_OK);
  qf_conf_get(b->conf, "collector", "protocol"); /* the table of kinds asks these */
  qf_conf_get(b->conf, "collector", "connect");
  b->kind = kind;
  qf_rc rc = kind->start(&b->env, b->conf, &b->self, &err);
  if (!rc && (rc = qf_conf_unknown(b->conf, &err)))
    kind->stop(b->self);
  if (rc) {
    qf_conf_close(b->conf);
    b->conf = NULL;
    b->self = NULL;
    return err.en;
  }
  return NULL;
}

static void bench_stop(bench *b)
{
  if (b->self)
    b->kind->stop(b->self);
  qf_conf_close(b->conf);
  b->self = NULL;
  b->conf = NULL;
}

static int bench_drop(const char *path, const struct stat *st, int kind, struct FTW *w)
{
  (void)st;
  (void)kind;
  (void)w;
  return remove(path);
}

static int bench_teardown(void **state)
{
  bench *b = *state;
  bench_stop(b);
  qf_loop_free(b->loop);
  qf_links_free(b->links);
  qf_city_close(b->city);
  nftw(b->dir, bench_drop, 16, FTW_DEPTH | FTW_PHYS);
  free(b);
  return 0;
}

/* Wait until what(ud) is true; fails the test after 60 s. */
static void bench_until(bool (*what)(void *ud), void *ud, const char *name)
{
  struct timespec from, now;
  clock_gettime(CLOCK_MONOTONIC, &from);
  while (!what(ud)) {
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (now.tv_sec - from.tv_sec > 60)
      fail_msg("did not come: %s", name);
    poll(NULL, 0, 2);
  }
}

/* A number of the links' JSON, summed over all links of the test's collector: "taken", "refused", "messages". */
static uint64_t bench_links(bench *b, const char *key)
{
  qf_buf j;
  char want[40];
  uint64_t sum = 0;
  qf_buf_init(&j, 8 << 20);
  qf_links_json(b->links, "test", 10000, true, &j);
  qf_buf_putc(&j, 0);
  assert_false(j.failed);
  snprintf(want, sizeof want, "\"%s\":", key);
  for (const char *p = j.data; (p = strstr(p, want)); p += strlen(want))
    sum += strtoull(p + strlen(want), NULL, 10);
  qf_buf_fini(&j);
  return sum;
}

/* Does the links' JSON hold this text? */
static bool bench_links_say(bench *b, const char *text)
{
  qf_buf j;
  qf_buf_init(&j, 8 << 20);
  qf_links_json(b->links, "test", 10000, true, &j);
  qf_buf_putc(&j, 0);
  bool found = strstr(j.data, text) != NULL;
  qf_buf_fini(&j);
  return found;
}

typedef struct bench_count {
  uint64_t n, flagged;
  qf_reading last;
} bench_count;

static bool bench_one(void *ud, const qf_reading *r)
{
  bench_count *c = ud;
  c->n++;
  c->flagged += (r->flags & QF_RD_SENTINEL) != 0;
  c->last = *r;
  return true;
}

/* Readings of a series; n 0 when there is no such series. */
static bench_count bench_readings(bench *b, const char *key)
{
  bench_count c = {0};
  qf_err err = {0};
  uint32_t point = qf_city_series_find(b->city, key, strlen(key));
  if (point)
    assert_int_equal(qf_readings_range(qf_city_readings(b->city), point, 0, INT64_MAX / 2, bench_one, &c, &err), QF_OK);
  return c;
}

/* All readings of the city. */
static uint64_t bench_total(bench *b)
{
  uint64_t n = 0;
  for (uint32_t p = 1; p <= qf_city_series_count(b->city); p++)
    n += bench_readings(b, qf_city_series_key(b->city, p)).n;
  return n;
}

/* Stop the collector, close the city, open it again: what is there now was durable. */
static void bench_reopen(bench *b)
{
  qf_err err = {0};
  bench_stop(b);
  qf_city_close(b->city);
  bench_open_city(b);
  b->env.city = b->city;
  assert_int_equal(qf_city_settle(b->city, &err), QF_OK);
}

static const char *bench_text(qf_num v)
{
  static char s[64];
  qf_buf b;
  qf_buf_init(&b, sizeof s);
  qf_num_write(&b, v);
  snprintf(s, sizeof s, "%.*s", (int)b.len, b.data);
  qf_buf_fini(&b);
  return s;
}

/* A listening socket on a free loopback port. */
static int bench_listen(uint16_t *port)
{
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t len = sizeof a;
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  assert_true(fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof a) == 0 && listen(fd, 64) == 0);
  assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
  *port = ntohs(a.sin_port);
  return fd;
}
#endif
