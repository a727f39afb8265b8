/* What reading (mqtt.c) and writing (mqtt_write.c) share: the law of each property, table 2-4 of MQTT 5. */
#ifndef QF_WIRE_MQTT_INT_H
#define QF_WIRE_MQTT_INT_H
#include "wire/mqtt.h"

#define QF_MQTT_WILL_PROPS 1u /* in place of the bit of a packet type: properties of a will */

typedef enum qf_mqtt_kind {
  QF_MQTT_BYTE,
  QF_MQTT_TWO,
  QF_MQTT_FOUR,
  QF_MQTT_VARINT,
  QF_MQTT_TEXT,
  QF_MQTT_BYTES,
  QF_MQTT_PAIR,
} qf_mqtt_kind;

typedef struct qf_mqtt_prop_law {
  qf_mqtt_kind kind;
  uint32_t min, max; /* of numbers */
  uint32_t packets;  /* bit 1 << qf_mqtt_type of those it belongs to; 0: there is no such property */
} qf_mqtt_prop_law;

extern const qf_mqtt_prop_law qf_mqtt_prop_laws[QF_MQTT_P_END];
#endif
