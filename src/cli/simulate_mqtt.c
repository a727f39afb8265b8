/* simulate mqtt: gateways that publish. Invented values: nothing of it was measured. */
#include "cli/cli.h"
#include "cli/simulate.h"
#include "cli/simulate_net.h"
#include "wire/mqtt.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: qingfeng simulate mqtt --to HOST:PORT [--senders N] [--messages N] [--window N] [--period MS] [--user U]\n"
    "         [--password P] [--topic PREFIX] [--idle]\n"
    "  N clients publish {\"ts\":MS,\"p\":KW} to PREFIX/CLIENT with QoS 1 (MQTT 3.1.1) and wait for PUBACK; invented "
    "values / "
    "模拟 MQTT 网关，数据为虚构\n";

typedef struct gateways {
  const char *user, *password, *topic;
  qf_us start; /* of the times; 0: that of sending */
} gateways;

static qf_mqtt_str str(const char *s)
{
  return (qf_mqtt_str){s, s ? strlen(s) : 0};
}

/* The first message is the log-in; times go up by a second a message when it goes as fast as it can. */
static void make(void *ud, uint32_t i, uint64_t k, qf_buf *out)
{
  const gateways *g = ud;
  char client[32], topic[160], payload[80];
  snprintf(client, sizeof client, "qfsim%05u", i);
  if (k == 0) {
    (void)qf_mqtt_write(out, QF_MQTT_V4,
                        &(qf_mqtt_packet){.type = QF_MQTT_CONNECT,
                                          .clean = true,
                                          .keep_alive = 0,
                                          .client = str(client),
                                          .has_user = g->user != NULL,
                                          .user = str(g->user),
                                          .has_password = g->password != NULL,
                                          .password = str(g->password)});
    return;
  }
  qf_us at = g->start ? g->start + (qf_us)k * QF_US_SECOND : qf_sim_now();
  snprintf(topic, sizeof topic, "%.100s/%s", g->topic, client);
  snprintf(payload, sizeof payload, "{\"ts\":%lld,\"p\":%u.%u}", (long long)(at / 1000),
           400 + (unsigned)((k * 37 + i * 11) % 100), (unsigned)(k % 10));
  (void)qf_mqtt_write(out, QF_MQTT_V4,
                      &(qf_mqtt_packet){.type = QF_MQTT_PUBLISH,
                                        .qos = 1,
                                        .id = (uint16_t)(k % 65535 + 1),
                                        .topic = str(topic),
                                        .payload = str(payload)});
}

static size_t read_answers(void *ud, uint32_t i, const uint8_t *p, size_t n, uint64_t *answered, qf_buf *out)
{
  size_t used = 0;
  (void)ud;
  (void)i;
  (void)out;
  for (;;) {
    qf_mqtt_packet m;
    uint8_t reason;
    size_t len = 0;
    if (qf_mqtt_frame(p + used, n - used, 1024, &len, &reason, NULL) != QF_OK)
      return used;
    if (qf_mqtt_read(p + used, len, QF_MQTT_V4, &m, &reason, NULL) == QF_OK)
      *answered += (m.type == QF_MQTT_CONNACK && m.reason == 0) || m.type == QF_MQTT_PUBACK;
    used += len;
  }
}

int qf_simulate_mqtt(int argc, char **argv)
{
  static const qf_option options[] = {
      {"--to", true},    {"--senders", true}, {"--messages", true}, {"--window", true}, {"--period", true},
      {"--idle", false}, {"--user", true},    {"--password", true}, {"--topic", true},  {"--help", false}};
  qf_args a;
  if (!qf_args_parse(argc, argv, options, sizeof options / sizeof *options, &a) || qf_args_get(&a, "--help") || a.nrest)
    return qf_usage(usage);
  gateways g = {.user = qf_args_get(&a, "--user"),
                .password = qf_args_get(&a, "--password"),
                .topic = qf_args_get(&a, "--topic") ? qf_args_get(&a, "--topic") : "sim"};
  qf_sim sim = {.senders = 1, .window = 1, .period_ms = 1000, .make = make, .read = read_answers, .ud = &g};
  if (!qf_sim_options(&a, &sim))
    return QF_EXIT_USAGE;
  if (!sim.period_ms)
    g.start = (qf_sim_now() / QF_US_SECOND - (qf_us)(sim.messages < 86400 ? sim.messages : 86400)) * QF_US_SECOND;
  return qf_sim_run(&sim);
}
