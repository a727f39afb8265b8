/* MQTT 3.1.1 and 5.0: a server that only takes in. Clients publish; who subscribes is refused politely. PUBACK and PUBREC are sent when
 * the readings are durable. docs/collectors.md, decision 021. */
#ifndef QF_COLLECT_MQTT_H
#define QF_COLLECT_MQTT_H
#include "collect/kinds.h"

extern const qf_kind qf_kind_mqtt; /* mqtt.c */
#endif
