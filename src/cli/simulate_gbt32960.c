/* simulate gbt32960: electric buses. Invented values: nothing of it was measured. */
#include "cli/cli.h"
#include "cli/simulate.h"
#include "cli/simulate_net.h"
#include "wire/gbt32960.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: qingfeng simulate gbt32960 --to HOST:PORT [--senders N] [--messages N] [--window N] [--period MS]\n"
    "         [--vin PREFIX] [--idle]\n"
    "  N buses PREFIX00001 .. log in, then report (command 02); invented values / 模拟车辆，数据为虚构\n";

typedef struct buses {
  const char *prefix; /* 12 characters */
  qf_us start;        /* of the stamps; 0: they are the time of sending */
} buses;

static void put16(uint8_t *p, unsigned v)
{
  p[0] = (uint8_t)(v >> 8);
  p[1] = (uint8_t)v;
}

/* A bus that goes 30 to 50 km/h: 0.1 km in 9 s or so; a report each 10 s. */
static size_t report(uint8_t d[64], qf_us at, uint32_t i, uint64_t k)
{
  uint32_t km = (uint32_t)(500000 + i * 1000 + k); /* 0.1 km */
  unsigned wave = (unsigned)((k * 13 + i * 7) % 200);
  qf_gbt_put_time(at, d);
  const uint8_t vehicle[21] = {1, 1, 3, 1};
  memcpy(d + 6, vehicle, sizeof vehicle);
  put16(d + 10, 300 + wave);
  d[12] = (uint8_t)(km >> 24);
  d[13] = (uint8_t)(km >> 16);
  put16(d + 14, km & 0xFFFF);
  put16(d + 16, 5400 + wave / 10);                 /* 540 V */
  put16(d + 18, k % 7 == 6 ? 9700 : 10800 + wave); /* recovers now and then */
  d[20] = (uint8_t)(90 - k / 50 % 70);
  d[21] = 1;
  d[22] = 0x0E;
  put16(d + 23, 2000);
  return 27;
}

static void make(void *ud, uint32_t i, uint64_t k, qf_buf *out)
{
  const buses *b = ud;
  uint8_t d[64] = {0};
  qf_gbt_frame f = {.cmd = QF_GBT_REALTIME, .answer = QF_GBT_COMMAND, .crypt = 1, .data = d};
  snprintf(f.vin, sizeof f.vin, "%.12s%05u", b->prefix, (unsigned)((i + 1) % 100000));
  if (k == 0) {
    f.cmd = QF_GBT_LOGIN;
    qf_gbt_put_time(qf_sim_now(), d);
    d[7] = 1;
    memset(d + 8, '0', 20);
    d[28] = 1;
    f.len = 30;
  } else {
    f.len = report(d, b->start ? b->start + (qf_us)k * 10 * QF_US_SECOND : qf_sim_now(), i, k);
  }
  qf_gbt_build(out, &f);
}

static size_t read_answers(void *ud, uint32_t i, const uint8_t *p, size_t n, uint64_t *answered, qf_buf *out)
{
  size_t used = 0;
  (void)ud;
  (void)i;
  (void)out;
  for (;;) {
    qf_gbt_frame f;
    size_t step = 0;
    qf_rc rc = qf_gbt_next(p + used, n - used, 4096, &f, &step, NULL);
    used += step;
    if (rc == QF_PARTIAL)
      return used;
    *answered += !rc && f.answer == QF_GBT_OK;
  }
}

int qf_simulate_gbt32960(int argc, char **argv)
{
  static const qf_option options[] = {{"--to", true},     {"--senders", true}, {"--messages", true}, {"--window", true},
                                      {"--period", true}, {"--idle", false},   {"--vin", true},      {"--help", false}};
  qf_args a;
  if (!qf_args_parse(argc, argv, options, sizeof options / sizeof *options, &a) || qf_args_get(&a, "--help") || a.nrest)
    return qf_usage(usage);
  const char *prefix = qf_args_get(&a, "--vin") ? qf_args_get(&a, "--vin") : "LQFSIM00BUS0";
  if (strlen(prefix) != 12) {
    fputs("qingfeng: --vin: 12 characters, five digits follow / 前缀应为 12 位\n", stderr);
    return QF_EXIT_USAGE;
  }
  buses b = {.prefix = prefix};
  qf_sim sim = {.senders = 1, .window = 1, .period_ms = 10000, .make = make, .read = read_answers, .ud = &b};
  if (!qf_sim_options(&a, &sim))
    return QF_EXIT_USAGE;
  if (!sim.period_ms)
    b.start = (qf_sim_now() / QF_US_SECOND - 10 * (qf_us)(sim.messages < 8640 ? sim.messages : 8640)) * QF_US_SECOND;
  return qf_sim_run(&sim);
}
