/* simulate: plays the sender of a protocol, for demonstration and load. One line for each protocol; each file simulate_*.c holds
 * what its messages are. */
#include "cli/cli.h"
#include "cli/simulate.h"
#include <stdio.h>
#include <string.h>

static const struct {
  const char *protocol;
  int (*run)(int argc, char **argv);
  const char *help;
} senders[] = {
    {"lineproto", qf_simulate_lineproto, "gateways that post line protocol over HTTP                 HTTP 行协议网关"},
    {"remote_write", qf_simulate_remote_write,
     "the same by Prometheus remote write                        Prometheus 远程写入"},
    {"json", qf_simulate_json, "the same as JSON                                           HTTP JSON"},
    {"modbus", qf_simulate_modbus, "slaves behind gateways, some dead, that our poller asks    被轮询的从站"},
    {"dlt645", qf_simulate_dlt645, "electricity meters that our poller asks                    被抄读的电能表"},
    {"cjt188", qf_simulate_cjt188, "water meters that our poller asks                          被抄读的水表"},
    {"hj212", qf_simulate_hj212, "emission monitoring stations                               排放监测站点"},
    {"mqtt", qf_simulate_mqtt, "gateways that publish with QoS 1                           发布 QoS 1 报文的网关"},
    {"gbt32960", qf_simulate_gbt32960, "electric buses                                             电动公交车"},
    {"necc", qf_simulate_necc, "terminals of key energy-using units                        重点用能单位接入端"},
    {"iec104", qf_simulate_iec104, "a substation that our client asks                          被召唤的子站"},
    {NULL, NULL, NULL}, /* the end */
};

int qf_cmd_simulate(int argc, char **argv)
{
  for (size_t i = 0; argc > 1 && senders[i].protocol; i++)
    if (strcmp(argv[1], senders[i].protocol) == 0)
      return senders[i].run(argc - 1, argv + 1);
  if (argc > 1 && strcmp(argv[1], "--help") != 0)
    fprintf(stderr, "qingfeng simulate: no protocol \"%s\" / 无此协议\n", argv[1]);
  fputs("usage: qingfeng simulate PROTOCOL [options]    (qingfeng simulate PROTOCOL --help)\n\n", stderr);
  for (size_t i = 0; senders[i].protocol; i++)
    fprintf(stderr, "  %-12s %s\n", senders[i].protocol, senders[i].help);
  return QF_EXIT_USAGE;
}
