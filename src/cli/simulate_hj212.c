/* simulate hj212: stations of emission monitoring. Invented values: nothing of it was measured. */
#include "cli/cli.h"
#include "cli/simulate.h"
#include "cli/simulate_net.h"
#include "wire/hj212.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: qingfeng simulate hj212 --to HOST:PORT [--senders N] [--messages N] [--window N] [--period MS]\n"
    "         [--mn PREFIX] [--pw PW] [--idle]\n"
    "  N stations PREFIX00000 .. send realtime data (CN 2011) and wait for 9014; invented values / "
    "模拟站点，数据为虚构\n";

typedef struct stations {
  const char *prefix, *pw;
  qf_us start; /* of the stamps; 0: they are the time of sending */
} stations;

static void mn_of(const stations *s, uint32_t i, char out[QF_HJ_NAME_MAX + 1])
{
  snprintf(out, QF_HJ_NAME_MAX + 1, "%.20s%05u", s->prefix, i);
}

/* In time, or as fast as it goes: then stamps go up by a second a message, so that every one is a reading of its own. */
static void make(void *ud, uint32_t i, uint64_t k, qf_buf *out)
{
  const stations *s = ud;
  char mn[QF_HJ_NAME_MAX + 1], qn[18], now[18], cp[200];
  mn_of(s, i, mn);
  qf_hj_qn(s->start ? s->start + (qf_us)k * QF_US_SECOND : qf_sim_now(), qn);
  qf_hj_qn(qf_sim_now(), now);
  unsigned wave = (unsigned)((k * 37 + i * 11) % 1000);
  snprintf(cp, sizeof cp,
           "DataTime=%.14s;a05001-Rtd=%u.%u,a05001-Flag=N;a00000-Rtd=%u.%u,a00000-Flag=N;a01012-Rtd=%u,a01012-Flag=N",
           qn, 182000 + wave, wave % 10, 400 + wave % 30, wave % 7, 90 + wave % 40);
  const qf_hj_head h = {.qn = now, .st = 31, .cn = QF_HJ_REALTIME, .pw = s->pw, .mn = mn, .flag = 5};
  qf_hj_build(out, &h, cp, QF_HJ_CRC_STANDARD);
}

static size_t read_answers(void *ud, uint32_t i, const uint8_t *p, size_t n, uint64_t *answered, qf_buf *out)
{
  const stations *s = ud;
  size_t used = 0;
  for (;;) {
    qf_hj_frame f;
    qf_hj_packet a;
    size_t step = 0;
    qf_rc rc = qf_hj_next(p + used, n - used, QF_HJ_CRC_AUTO, &f, &step, NULL);
    used += step;
    if (rc == QF_PARTIAL)
      return used;
    if (rc || qf_hj_parse(f.data.s, f.data.n, &a, NULL))
      continue;
    if (a.cn == QF_HJ_DATA_ACK)
      ++*answered;
    if (a.cn != QF_HJ_SET_TIME && a.cn != QF_HJ_SET_RTD_INTERVAL && a.cn != QF_HJ_SET_MIN_INTERVAL)
      continue;
    char mn[QF_HJ_NAME_MAX + 1];
    mn_of(s, i, mn);
    qf_hj_head h = {.qn = a.qn, .st = 91, .cn = QF_HJ_ANSWER, .pw = s->pw, .mn = mn, .flag = 4};
    qf_hj_build(out, &h, "QnRtn=1", f.crc);
    h.cn = QF_HJ_RESULT;
    qf_hj_build(out, &h, "ExeRtn=1", f.crc);
  }
}

int qf_simulate_hj212(int argc, char **argv)
{
  static const qf_option options[] = {{"--to", true},     {"--senders", true}, {"--messages", true},
                                      {"--window", true}, {"--period", true},  {"--idle", false},
                                      {"--mn", true},     {"--pw", true},      {"--help", false}};
  qf_args a;
  if (!qf_args_parse(argc, argv, options, sizeof options / sizeof *options, &a) || qf_args_get(&a, "--help") || a.nrest)
    return qf_usage(usage);
  stations s = {.prefix = qf_args_get(&a, "--mn") ? qf_args_get(&a, "--mn") : "QFSIM",
                .pw = qf_args_get(&a, "--pw") ? qf_args_get(&a, "--pw") : "QF4927"};
  qf_sim sim = {.senders = 1, .window = 1, .period_ms = 1000, .make = make, .read = read_answers, .ud = &s};
  if (!qf_sim_options(&a, &sim))
    return QF_EXIT_USAGE;
  if (!sim.period_ms)
    s.start = (qf_sim_now() / QF_US_SECOND - (qf_us)(sim.messages < 86400 ? sim.messages : 86400)) * QF_US_SECOND;
  return qf_sim_run(&sim);
}
