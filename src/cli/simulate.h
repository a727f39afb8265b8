/* Senders of simulate: one for each protocol, in its own file. Each reads its own options and gives an exit code. */
#ifndef QF_CLI_SIMULATE_H
#define QF_CLI_SIMULATE_H

int qf_simulate_lineproto(int argc, char **argv); /* simulate_lineproto.c: gateways over HTTP */
int qf_simulate_remote_write(int argc, char **argv);
int qf_simulate_json(int argc, char **argv);
int qf_simulate_modbus(int argc, char **argv); /* simulate_modbus.c: slaves that are asked */
int qf_simulate_dlt645(int argc, char **argv); /* simulate_meters.c: meters that are asked */
int qf_simulate_cjt188(int argc, char **argv);
int qf_simulate_hj212(int argc, char **argv);    /* simulate_hj212.c */
int qf_simulate_gbt32960(int argc, char **argv); /* simulate_gbt32960.c */
int qf_simulate_mqtt(int argc, char **argv);     /* simulate_mqtt.c */
int qf_simulate_necc(int argc, char **argv);     /* simulate_necc.c: units' terminals */
int qf_simulate_iec104(int argc, char **argv);   /* simulate_iec104.c: a substation that is asked */
#endif
