/* serve and demo. */
#include "cli/cli.h"
#include "demo/demo.h"
#include "serve/confine.h"
#include "serve/server.h"
#include <errno.h>
#include <ftw.h>
#include <glob.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char serve_usage[] =
    "usage: qingfeng serve --data DIR [--listen ADDR:PORT] [--tls-cert F --tls-key F] [--host NAME[,NAME]] "
    "[--insecure]\n";
static const char demo_usage[] =
    "usage: qingfeng demo [--data DIR] [--listen ADDR:PORT] [--no-serve] [--days N] [--seed N]\n"
    "  sample data, nothing in it was measured / 演示数据，非实测\n";

static volatile sig_atomic_t stopping;
static void on_signal(int sig)
{
  (void)sig;
  stopping = 1;
}

static void catch_signals(void)
{
  struct sigaction sa = {.sa_handler = on_signal};
  sigaction(SIGINT, &sa, NULL);
  sigaction(SIGTERM, &sa, NULL);
}

static void nap(long ms)
{
  nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

static void announce(qf_server *s)
{
  char link[400];
  qf_server_login_link(s, link, sizeof link);
  char *q = strstr(link, "/login?");
  if (q)
    printf("Serving / 服务地址:   %.*s/\nLog in once / 一次性登录: %s\nStop with Ctrl-C / 按 Ctrl-C 停止\n",
           (int)(q - link), link, link);
  else /* administrators exist: no door but their own */
    printf("Serving on port / 服务端口: %u\nStop with Ctrl-C / 按 Ctrl-C 停止\n", qf_server_port(s));
  fflush(stdout);
}

/* Where a demonstration goes on: at the newest reading it has, not at the end of its history. */
static qf_us newest_reading(qf_city *c, const qf_demo *model)
{
  qf_us newest = qf_demo_history_us(model), now = qf_city_now(c);
  for (uint32_t i = 1; i <= qf_city_series_count(c); i++) {
    qf_point_live p;
    if (qf_meter_get(qf_city_meter(c), i, &p) && p.readings && p.last.ts_us > newest && p.last.ts_us <= now)
      newest = p.last.ts_us;
  }
  return newest;
}

/* A sync failed: what is on disk is not known, and asking again would be answered with a lie (README C5). Those who wait
 * have been told; give their answers a moment to leave, then end: the next start reads what is there. */
static bool journal_died(qf_city *c)
{
  qf_city_stats s;
  qf_city_get_stats(c, &s);
  if (!s.journal_dead)
    return false;
  fputs("qingfeng: the journal could not be made durable (disk error): stopping; check the disk, then start again\n"
        "          日志未能落盘（磁盘错误）：服务停止，请检查磁盘后重新启动\n",
        stderr);
  nap(400);
  return true;
}

/* Serve until a signal; with a model, feed it every few seconds. */
static int run(qf_city *c, const qf_args *a, qf_demo *model)
{
  qf_err err = {0};
  qf_server *s;
  qf_server_opts o = {.listen = qf_args_get(a, "--listen"),
                      .tls_cert = qf_args_get(a, "--tls-cert"),
                      .tls_key = qf_args_get(a, "--tls-key"),
                      .insecure = qf_args_get(a, "--insecure") != NULL,
                      .hosts = qf_args_get(a, "--host"),
                      .sample = model != NULL};
  catch_signals();
  qf_rc rc = qf_server_start(c, &o, &s, &err);
  if (rc)
    return qf_trouble(rc, &err);
  announce(s);
  qf_us last = model ? newest_reading(c, model) : 0;
  bool died = false;
  while (!stopping && !rc && !(died = journal_died(c))) {
    nap(200);
    qf_us now = qf_city_now(c);
    if (model && now - last >= 3 * QF_US_SECOND) {
      rc = qf_demo_live_step(c, model, last, now, NULL, &err);
      last = now;
    }
  }
  qf_server_stop(s);
  return rc ? qf_trouble(rc, &err) : died ? QF_EXIT_TROUBLE : QF_EXIT_OK;
}

int qf_cmd_serve(int argc, char **argv)
{
  static const qf_option options[] = {{"--data", true},    {"--listen", true},    {"--tls-cert", true},
                                      {"--tls-key", true}, {"--insecure", false}, {"--help", false},
                                      {"--host", true}};
  qf_args a;
  qf_err err = {0};
  qf_city *c;
  time_t last = 0;
  if (!qf_args_parse(argc, argv, options, sizeof options / sizeof *options, &a) || qf_args_get(&a, "--help") || a.nrest)
    return qf_usage(serve_usage);
  qf_city_opts o = {.progress = qf_show_progress, .progress_ud = &last};
  bool confined = true;
  qf_rc rc = qf_confine(qf_data_dir(&a), &confined, &err);
  if (!confined && !rc)
    fputs("qingfeng: this kernel has no Landlock: writing is not confined to the data folder\n"
          "          内核不支持 Landlock：写入未限制在数据目录内\n",
          stderr);
  if (!rc)
    rc = qf_city_open(qf_data_dir(&a), &o, &c, &err);
  if (rc)
    return qf_trouble(rc, &err);
  qf_demo *model = NULL;
  rc = qf_demo_attach(c, &model, &err); /* a demonstration goes on where it stopped */
  int code = rc && rc != QF_NOTFOUND ? qf_trouble(rc, &err) : run(c, &a, model);
  qf_demo_free(model);
  qf_city_close(c);
  return code;
}

static bool whole_number(const char *s, long min, long max, long *out)
{
  char *end;
  *out = strtol(s, &end, 10);
  return *s && *end == 0 && *out >= min && *out <= max;
}

static int drop(const char *path, const struct stat *st, int kind, struct FTW *w)
{
  (void)st;
  (void)kind;
  (void)w;
  return remove(path);
}

/* Half-made cities of processes that are gone: DIR.making-PID. One whose maker still runs is left alone. */
static void drop_unfinished(const char *dir)
{
  char pattern[4100];
  glob_t g;
  snprintf(pattern, sizeof pattern, "%.4000s.making-[0-9]*", dir);
  if (glob(pattern, 0, NULL, &g) != 0)
    return;
  for (size_t i = 0; i < g.gl_pathc; i++) {
    long pid;
    const char *no = strrchr(g.gl_pathv[i], '-') + 1;
    if (whole_number(no, 1, INT_MAX, &pid) && kill((pid_t)pid, 0) != 0 && errno == ESRCH) {
      fprintf(stderr, "removing the unfinished %s / 删除未完成的目录\n", g.gl_pathv[i]);
      nftw(g.gl_pathv[i], drop, 16, FTW_DEPTH | FTW_PHYS);
    }
  }
  globfree(&g);
}

/* The city is built aside and renamed when whole, so that an interrupted first run leaves nothing half made. */
static qf_rc build(const char *dir, uint32_t days, uint64_t seed, qf_err *err)
{
  char aside[4100];
  time_t last = 0;
  qf_city *c;
  drop_unfinished(dir);
  snprintf(aside, sizeof aside, "%.4000s.making-%ld", dir, (long)getpid());
  qf_city_opts o = {.bulk = true};
  qf_rc rc = qf_city_open(aside, &o, &c, err);
  if (rc)
    return rc;
  qf_demo_opts d = {
      .seed = seed, .days = days, .now_us = qf_city_now(c), .progress = qf_show_progress, .progress_ud = &last};
  rc = qf_demo_build(c, &d, NULL, err);
  if (!rc)
    rc = qf_city_settle(c, err);
  qf_city_close(c);
  if (!rc && rename(aside, dir) != 0)
    rc = qf_fail(err, QF_IO, "%.150s cannot be renamed to %.80s", "%.150s 无法改名为 %.80s", aside, dir);
  return rc;
}

int qf_cmd_demo(int argc, char **argv)
{
  static const qf_option options[] = {{"--data", true}, {"--listen", true}, {"--no-serve", false},
                                      {"--days", true}, {"--seed", true},   {"--help", false}};
  qf_args a;
  qf_err err = {0};
  struct stat st;
  long days = 0, seed = 1;
  if (!qf_args_parse(argc, argv, options, sizeof options / sizeof *options, &a) || qf_args_get(&a, "--help") ||
      a.nrest || (qf_args_get(&a, "--days") && !whole_number(qf_args_get(&a, "--days"), 1, 1500, &days)) ||
      (qf_args_get(&a, "--seed") && !whole_number(qf_args_get(&a, "--seed"), 0, 1000000000, &seed)))
    return qf_usage(demo_usage);
  const char *dir = qf_args_get(&a, "--data") ? qf_args_get(&a, "--data") : "data/demo";
  if (stat("data", &st) != 0 && strncmp(dir, "data/", 5) == 0)
    mkdir("data", 0700);
  if (stat(dir, &st) != 0) {
    fprintf(stderr, "making the demonstration city in %s / 正在生成演示城市\n", dir);
    qf_rc rc = build(dir, (uint32_t)days, (uint64_t)seed, &err);
    if (rc)
      return qf_trouble(rc, &err);
  }
  if (qf_args_get(&a, "--no-serve")) {
    printf("%s\n", dir);
    return QF_EXIT_OK;
  }
  const char *listen = qf_args_get(&a, "--listen");
  char *again[] = {(char[]){"serve"}, (char[]){"--data"}, NULL, (char[]){"--listen"}, NULL};
  char dir_copy[4100], listen_copy[200];
  snprintf(dir_copy, sizeof dir_copy, "%s", dir);
  snprintf(listen_copy, sizeof listen_copy, "%s", listen ? listen : "127.0.0.1:8420");
  again[2] = dir_copy;
  again[4] = listen_copy;
  return qf_cmd_serve(5, again);
}
