/* Sparkplug B 3.0 above MQTT: spBv1.0/GROUP/TYPE/NODE[/DEVICE]. A birth says what the numbers of a node or device are called; data name
 * them by alias. What is kept of each edge node is what its last births said. Loop thread only. Payloads: wire/sparkplug.h. */
#ifndef QF_COLLECT_MQTT_SPB_H
#define QF_COLLECT_MQTT_SPB_H
#include "collect/mqtt_map.h"

enum {
  QF_SPB_NODES = 2000,   /* edge nodes of a collector */
  QF_SPB_METRICS = 5000, /* metrics of one node and its devices */
  QF_SPB_REBIRTH_S = 10, /* between two requests for new births */
};

typedef struct qf_spb_nodes qf_spb_nodes;

qf_spb_nodes *qf_spb_nodes_new(void); /* NULL: out of memory */
void qf_spb_nodes_free(qf_spb_nodes *s);

/* Take a message of connection conn: its values go to fn under "sparkplug,group=G,node=N[,device=D] METRIC". *rebirth: the node must send
 * its births again (a gap in its sequence, an alias or a node that is not known); at most every QF_SPB_REBIRTH_S, then the topic
 * and payload of the command are appended to command_topic and command. Errors: QF_SYNTAX not such a topic or payload; QF_STATE data before a
 * birth; QF_FULL; those of fn. On an error what was given before is to be dropped. */
QF_MUST qf_rc qf_spb_take(qf_spb_nodes *s, const qf_mqtt_message *msg, uint64_t conn, qf_mqtt_value *fn, void *ud,
                          qf_buf *command_topic, qf_buf *command, qf_err *err);
/* The connection has ended: its nodes are not born any more. */
void qf_spb_gone(qf_spb_nodes *s, uint64_t conn);
/* May a filter be subscribed to? Commands to nodes and devices: spBv1.0/../NCMD/.., spBv1.0/../DCMD/... */
bool qf_spb_command_filter(qf_mqtt_str filter);
#endif
