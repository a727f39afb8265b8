/* MQTT 3.1.1 and 5.0 (OASIS), packets in both directions: bytes in, a packet that borrows from them out, and back. Strict: what
 * the standards call malformed or a protocol error within one packet is refused, with the reason code of MQTT 5. Never reads
 * past the bytes it is given. What a packet means for a session is not here. Pure, thread-safe. */
#ifndef QF_WIRE_MQTT_H
#define QF_WIRE_MQTT_H
#include "base/buf.h"

enum {
  QF_MQTT_V4 = 4,              /* 3.1.1 */
  QF_MQTT_V5 = 5,              /* 5.0 */
  QF_MQTT_LEN_MAX = 268435455, /* remaining length, standard */
  QF_MQTT_USER_PROPS_MAX = 64, /* user properties of one packet */
  QF_MQTT_FILTERS_MAX = 1000,  /* topic filters of one packet */
  QF_MQTT_LEVELS_MAX = 64,     /* levels of a topic or filter */
};

typedef enum qf_mqtt_type {
  QF_MQTT_CONNECT = 1,
  QF_MQTT_CONNACK,
  QF_MQTT_PUBLISH,
  QF_MQTT_PUBACK,
  QF_MQTT_PUBREC,
  QF_MQTT_PUBREL,
  QF_MQTT_PUBCOMP,
  QF_MQTT_SUBSCRIBE,
  QF_MQTT_SUBACK,
  QF_MQTT_UNSUBSCRIBE,
  QF_MQTT_UNSUBACK,
  QF_MQTT_PINGREQ,
  QF_MQTT_PINGRESP,
  QF_MQTT_DISCONNECT,
  QF_MQTT_AUTH, /* 5.0 only */
} qf_mqtt_type;

/* Reason codes of MQTT 5, table 2-6: those that are used here. */
typedef enum qf_mqtt_reason {
  QF_MQTT_SUCCESS = 0x00,
  QF_MQTT_WITH_WILL = 0x04,
  QF_MQTT_NO_SUBSCRIBERS = 0x10,
  QF_MQTT_NO_SUBSCRIPTION = 0x11,
  QF_MQTT_UNSPECIFIED = 0x80,
  QF_MQTT_MALFORMED = 0x81,
  QF_MQTT_PROTOCOL_ERROR = 0x82,
  QF_MQTT_BAD_VERSION = 0x84,
  QF_MQTT_BAD_CLIENT_ID = 0x85,
  QF_MQTT_BAD_LOGIN = 0x86,
  QF_MQTT_NOT_AUTHORIZED = 0x87,
  QF_MQTT_UNAVAILABLE = 0x88,
  QF_MQTT_BUSY = 0x89,
  QF_MQTT_SHUTTING_DOWN = 0x8B,
  QF_MQTT_BAD_AUTH_METHOD = 0x8C,
  QF_MQTT_KEEP_ALIVE = 0x8D,
  QF_MQTT_TAKEN_OVER = 0x8E,
  QF_MQTT_BAD_FILTER = 0x8F,
  QF_MQTT_BAD_TOPIC = 0x90,
  QF_MQTT_ID_IN_USE = 0x91,
  QF_MQTT_ID_NOT_FOUND = 0x92,
  QF_MQTT_RECEIVE_MAX = 0x93,
  QF_MQTT_BAD_ALIAS = 0x94,
  QF_MQTT_TOO_LARGE = 0x95,
  QF_MQTT_QUOTA = 0x97,
  QF_MQTT_BAD_PAYLOAD = 0x99,
  QF_MQTT_NO_SHARED = 0x9E,
  QF_MQTT_NO_SUB_ID = 0xA1,
} qf_mqtt_reason;

typedef struct qf_mqtt_str { /* UTF-8 string or bytes, borrowed, without NUL */
  const char *s;
  size_t n;
} qf_mqtt_str;

/* Property identifiers of MQTT 5, table 2-4; bit 1 << id of qf_mqtt_props.has. */
typedef enum qf_mqtt_prop {
  QF_MQTT_P_PAYLOAD_FORMAT = 1,
  QF_MQTT_P_MESSAGE_EXPIRY = 2,
  QF_MQTT_P_CONTENT_TYPE = 3,
  QF_MQTT_P_RESPONSE_TOPIC = 8,
  QF_MQTT_P_CORRELATION = 9,
  QF_MQTT_P_SUBSCRIPTION_ID = 11,
  QF_MQTT_P_SESSION_EXPIRY = 17,
  QF_MQTT_P_ASSIGNED_ID = 18,
  QF_MQTT_P_KEEP_ALIVE = 19,
  QF_MQTT_P_AUTH_METHOD = 21,
  QF_MQTT_P_AUTH_DATA = 22,
  QF_MQTT_P_REQUEST_PROBLEM = 23,
  QF_MQTT_P_WILL_DELAY = 24,
  QF_MQTT_P_REQUEST_RESPONSE = 25,
  QF_MQTT_P_RESPONSE_INFO = 26,
  QF_MQTT_P_SERVER_REFERENCE = 28,
  QF_MQTT_P_REASON = 31,
  QF_MQTT_P_RECEIVE_MAX = 33,
  QF_MQTT_P_ALIAS_MAX = 34,
  QF_MQTT_P_ALIAS = 35,
  QF_MQTT_P_MAX_QOS = 36,
  QF_MQTT_P_RETAIN = 37,
  QF_MQTT_P_USER = 38,
  QF_MQTT_P_MAX_PACKET = 39,
  QF_MQTT_P_WILDCARD = 40,
  QF_MQTT_P_SUB_ID_AVAILABLE = 41,
  QF_MQTT_P_SHARED = 42,
  QF_MQTT_P_END = 43,
} qf_mqtt_prop;

typedef struct qf_mqtt_props {
  uint64_t has;                   /* bit 1 << qf_mqtt_prop of those that are there */
  uint32_t num[QF_MQTT_P_END];    /* by identifier: those of one to four bytes */
  qf_mqtt_str str[QF_MQTT_P_END]; /* by identifier: strings and bytes; not user properties */
  uint32_t users;                 /* user properties, of which only the first is kept */
  qf_mqtt_str user_name, user_value;
} qf_mqtt_props;

typedef struct qf_mqtt_will {
  bool there, retain;
  uint8_t qos;
  qf_mqtt_str topic, payload;
  qf_mqtt_props props;
} qf_mqtt_will;

typedef struct qf_mqtt_packet {
  qf_mqtt_type type;
  qf_mqtt_props props; /* 5.0 only */
  uint16_t id;         /* packet identifier; 0: none */
  uint8_t reason;      /* CONNACK (3.1.1: its own return code), PUBACK ... PUBCOMP, DISCONNECT, AUTH */
  /* CONNECT */
  uint8_t version; /* QF_MQTT_V4, QF_MQTT_V5 */
  bool clean;      /* clean session, clean start */
  bool has_user, has_password;
  uint16_t keep_alive; /* s; 0: none */
  qf_mqtt_str client, user, password;
  qf_mqtt_will will;
  /* CONNACK */
  bool session_present;
  /* PUBLISH */
  bool dup, retain;
  uint8_t qos;
  qf_mqtt_str topic, payload;
  /* SUBSCRIBE, UNSUBSCRIBE: filters, read with qf_mqtt_filter_next. SUBACK, UNSUBACK: a reason code each (5.0; 3.1.1 SUBACK). */
  qf_mqtt_str list;
  uint32_t list_n;
} qf_mqtt_packet;

/* Where does the packet at p[0..n) end? QF_OK: after *len bytes, all there. QF_PARTIAL: more bytes are needed. Errors, reason
 * filled: QF_SYNTAX malformed length or a type that is none; QF_RANGE longer than max bytes in all. */
QF_MUST qf_rc qf_mqtt_frame(const uint8_t *p, size_t n, size_t max, size_t *len, uint8_t *reason, qf_err *err);
/* Read one whole packet of len bytes. version: that of the connection; 0 before CONNECT (then only a CONNECT is read, of either
 * version). Strings borrow from p. Errors: QF_SYNTAX with *reason (QF_MQTT_MALFORMED, _PROTOCOL_ERROR, _BAD_VERSION ...). */
QF_MUST qf_rc qf_mqtt_read(const uint8_t *p, size_t len, uint8_t version, qf_mqtt_packet *out, uint8_t *reason,
                           qf_err *err);
/* Append a packet for a connection of this version. list is copied as it is. Returns false when out has no room or a length does not
 * fit; out is then as before. A 5.0 acknowledgement without properties and with reason 0 takes its short form. */
bool qf_mqtt_write(qf_buf *out, uint8_t version, const qf_mqtt_packet *p);

typedef struct qf_mqtt_filter {
  qf_mqtt_str name;
  uint8_t qos; /* SUBSCRIBE: the most that is wanted */
  bool no_local, retain_as_published;
  uint8_t retain_handling;
} qf_mqtt_filter;
/* The next filter of a SUBSCRIBE or UNSUBSCRIBE that was read; *at begins as 0. false: there is none. */
bool qf_mqtt_filter_next(const qf_mqtt_packet *p, size_t *at, qf_mqtt_filter *out);

/* ---- topics */
/* A topic name: 1 to 65535 bytes of UTF-8 without NUL and wildcards, at most QF_MQTT_LEVELS_MAX levels. */
bool qf_mqtt_topic_ok(const char *s, size_t n);
/* A topic filter: likewise, + a whole level, # the last. */
bool qf_mqtt_filter_ok(const char *s, size_t n);
/* Does the filter match the topic? part[0..*parts) are then what each + and the # stood for, borrowed from topic (at most cap; part
 * may be NULL). A wildcard in the first place matches no topic that begins with $. Both must be ok. */
bool qf_mqtt_match(qf_mqtt_str filter, qf_mqtt_str topic, qf_mqtt_str *part, size_t cap, size_t *parts);
#endif
