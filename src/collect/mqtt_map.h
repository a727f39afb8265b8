/* What a message means: a section [map NAME] of an MQTT collector's file says for a topic filter how the payload is read and under which
 * series its values are kept. docs/collectors.md, mqtt. */
#ifndef QF_COLLECT_MQTT_MAP_H
#define QF_COLLECT_MQTT_MAP_H
#include "collect/kinds.h"
#include "wire/mqtt.h"

enum {
  QF_MQTT_PARTS = 16,   /* wildcards of a filter whose text can be used */
  QF_MQTT_VALUES = 256, /* members of one JSON object that are looked at */
};

typedef enum qf_mqtt_payload { QF_MQTT_NUMBER, QF_MQTT_JSON, QF_MQTT_LINES, QF_MQTT_SPARKPLUG } qf_mqtt_payload;

typedef struct qf_mqtt_map { /* texts borrowed from the file */
  const char *name, *topic, *series, *time, *fields, *tags;
  qf_mqtt_payload payload;
  int64_t
      tick_us; /* of a number that is a time: microseconds it counts; 0: the time is text, or nanoseconds for payload lines */
  bool nanos; /* it counts nanoseconds */
} qf_mqtt_map;

typedef struct qf_mqtt_message {
  qf_mqtt_str topic, payload;
  const char *client, *user; /* who sent it */
  qf_us now;                 /* time of what has none */
} qf_mqtt_message;

/* Read section [map NAME] of c. Errors: QF_SYNTAX in words. */
QF_MUST qf_rc qf_mqtt_map_read(qf_conf *c, const char *section, qf_mqtt_map *out, qf_err *err);
/* A value: key is its canonical series. Errors stop the message. */
typedef qf_rc qf_mqtt_value(void *ud, const char *key, size_t len, const qf_reading *r, qf_err *err);
/* Read a message whose topic the map's filter matches; fn for each value, in order. Whole or not at all is up to the caller: on an error
 * what was given before is to be dropped. Not for QF_MQTT_LINES and QF_MQTT_SPARKPLUG. Errors: QF_SYNTAX, QF_RANGE in words; those of fn. */
QF_MUST qf_rc qf_mqtt_map_run(const qf_mqtt_map *m, const qf_mqtt_message *msg, qf_mqtt_value *fn, void *ud,
                              qf_err *err);
#endif
