/* A packet, chapters 2 and 3 of both standards:
 *
 *   type:4 flags:4 | remaining length, 1 to 4 bytes of 7 bits, lowest first, as few as it takes | variable header | payload
 *
 * Integers are big-endian; a string is its length in two bytes and that many bytes of UTF-8 without NUL. 5.0 puts properties behind
 * the variable header: their length as above, then identifier and value each. */
#include "wire/mqtt.h"
#include "wire/mqtt_int.h"
#include "wire/utf8.h"
#include <string.h>

typedef struct cur { /* what is left to read; once bad, everything reads as 0 */
  const uint8_t *p, *end;
  bool bad;
  uint8_t reason;
  const char *en, *zh; /* of the first fault */
} cur;

static void fault(cur *c, uint8_t reason, const char *en, const char *zh)
{
  if (c->bad)
    return;
  c->bad = true;
  c->reason = reason;
  c->en = en;
  c->zh = zh;
}

static bool need(cur *c, size_t n)
{
  if (!c->bad && (size_t)(c->end - c->p) >= n)
    return true;
  fault(c, QF_MQTT_MALFORMED, "it ends too early", "报文不完整");
  return false;
}

static uint8_t u8(cur *c)
{
  return need(c, 1) ? *c->p++ : 0;
}

static uint16_t u16(cur *c)
{
  if (!need(c, 2))
    return 0;
  uint16_t v = (uint16_t)(c->p[0] << 8 | c->p[1]);
  c->p += 2;
  return v;
}

static uint32_t u32(cur *c)
{
  uint32_t hi = u16(c);
  return hi << 16 | u16(c);
}

/* Bytes used, 0: more are needed, -1: malformed. */
static int varint(const uint8_t *p, size_t n, uint32_t *out)
{
  *out = 0;
  for (int i = 0; i < 4; i++) {
    if ((size_t)i >= n)
      return 0;
    *out |= (uint32_t)(p[i] & 0x7F) << (7 * i);
    if (!(p[i] & 0x80))
      return i && !p[i] ? -1 : i + 1; /* a last byte of 0 was one too many */
  }
  return -1;
}

static uint32_t length(cur *c)
{
  uint32_t v = 0;
  int used = c->bad ? 0 : varint(c->p, (size_t)(c->end - c->p), &v);
  if (used <= 0) {
    fault(c, QF_MQTT_MALFORMED, "a length is malformed", "长度字段格式错误");
    return 0;
  }
  c->p += used;
  return v;
}

static qf_mqtt_str bytes(cur *c)
{
  qf_mqtt_str s = {0};
  size_t n = u16(c);
  if (need(c, n)) {
    s = (qf_mqtt_str){(const char *)c->p, n};
    c->p += n;
  }
  return s;
}

static qf_mqtt_str text(cur *c)
{
  qf_mqtt_str s = bytes(c);
  if (s.n && (memchr(s.s, 0, s.n) || !qf_utf8_valid(s.s, s.n)))
    fault(c, QF_MQTT_MALFORMED, "a text is not UTF-8, or holds a NUL", "文本不是合法 UTF-8，或含有 NUL");
  return s;
}

/* ---- properties */

#define PK(type) (1u << QF_MQTT_##type)
#define ACKS (PK(PUBACK) | PK(PUBREC) | PK(PUBREL) | PK(PUBCOMP))
#define MESSAGE (PK(PUBLISH) | QF_MQTT_WILL_PROPS)

const qf_mqtt_prop_law qf_mqtt_prop_laws[QF_MQTT_P_END] = {
    [QF_MQTT_P_PAYLOAD_FORMAT] = {QF_MQTT_BYTE, 0, 1, MESSAGE},
    [QF_MQTT_P_MESSAGE_EXPIRY] = {QF_MQTT_FOUR, 0, UINT32_MAX, MESSAGE},
    [QF_MQTT_P_CONTENT_TYPE] = {QF_MQTT_TEXT, 0, 0, MESSAGE},
    [QF_MQTT_P_RESPONSE_TOPIC] = {QF_MQTT_TEXT, 0, 0, MESSAGE},
    [QF_MQTT_P_CORRELATION] = {QF_MQTT_BYTES, 0, 0, MESSAGE},
    [QF_MQTT_P_SUBSCRIPTION_ID] = {QF_MQTT_VARINT, 1, QF_MQTT_LEN_MAX, PK(PUBLISH) | PK(SUBSCRIBE)},
    [QF_MQTT_P_SESSION_EXPIRY] = {QF_MQTT_FOUR, 0, UINT32_MAX, PK(CONNECT) | PK(CONNACK) | PK(DISCONNECT)},
    [QF_MQTT_P_ASSIGNED_ID] = {QF_MQTT_TEXT, 0, 0, PK(CONNACK)},
    [QF_MQTT_P_KEEP_ALIVE] = {QF_MQTT_TWO, 0, UINT16_MAX, PK(CONNACK)},
    [QF_MQTT_P_AUTH_METHOD] = {QF_MQTT_TEXT, 0, 0, PK(CONNECT) | PK(CONNACK) | PK(AUTH)},
    [QF_MQTT_P_AUTH_DATA] = {QF_MQTT_BYTES, 0, 0, PK(CONNECT) | PK(CONNACK) | PK(AUTH)},
    [QF_MQTT_P_REQUEST_PROBLEM] = {QF_MQTT_BYTE, 0, 1, PK(CONNECT)},
    [QF_MQTT_P_WILL_DELAY] = {QF_MQTT_FOUR, 0, UINT32_MAX, QF_MQTT_WILL_PROPS},
    [QF_MQTT_P_REQUEST_RESPONSE] = {QF_MQTT_BYTE, 0, 1, PK(CONNECT)},
    [QF_MQTT_P_RESPONSE_INFO] = {QF_MQTT_TEXT, 0, 0, PK(CONNACK)},
    [QF_MQTT_P_SERVER_REFERENCE] = {QF_MQTT_TEXT, 0, 0, PK(CONNACK) | PK(DISCONNECT)},
    [QF_MQTT_P_REASON] = {QF_MQTT_TEXT, 0, 0,
                          PK(CONNACK) | ACKS | PK(SUBACK) | PK(UNSUBACK) | PK(DISCONNECT) | PK(AUTH)},
    [QF_MQTT_P_RECEIVE_MAX] = {QF_MQTT_TWO, 1, UINT16_MAX, PK(CONNECT) | PK(CONNACK)},
    [QF_MQTT_P_ALIAS_MAX] = {QF_MQTT_TWO, 0, UINT16_MAX, PK(CONNECT) | PK(CONNACK)},
    [QF_MQTT_P_ALIAS] = {QF_MQTT_TWO, 1, UINT16_MAX, PK(PUBLISH)},
    [QF_MQTT_P_MAX_QOS] = {QF_MQTT_BYTE, 0, 1, PK(CONNACK)},
    [QF_MQTT_P_RETAIN] = {QF_MQTT_BYTE, 0, 1, PK(CONNACK)},
    [QF_MQTT_P_USER] = {QF_MQTT_PAIR, 0, 0, UINT32_MAX},
    [QF_MQTT_P_MAX_PACKET] = {QF_MQTT_FOUR, 1, UINT32_MAX, PK(CONNECT) | PK(CONNACK)},
    [QF_MQTT_P_WILDCARD] = {QF_MQTT_BYTE, 0, 1, PK(CONNACK)},
    [QF_MQTT_P_SUB_ID_AVAILABLE] = {QF_MQTT_BYTE, 0, 1, PK(CONNACK)},
    [QF_MQTT_P_SHARED] = {QF_MQTT_BYTE, 0, 1, PK(CONNACK)},
};

static void user_property(cur *c, qf_mqtt_props *out)
{
  qf_mqtt_str name = text(c), value = text(c);
  if (++out->users > QF_MQTT_USER_PROPS_MAX) {
    fault(c, QF_MQTT_QUOTA, "too many user properties", "用户属性过多");
  } else if (out->users == 1) {
    out->user_name = name;
    out->user_value = value;
  }
}

static void property(cur *c, uint32_t packet, qf_mqtt_props *out)
{
  uint32_t id = length(c);
  const qf_mqtt_prop_law *law = id < QF_MQTT_P_END ? &qf_mqtt_prop_laws[id] : NULL;
  if (!law || !(law->packets & packet)) {
    fault(c, QF_MQTT_MALFORMED, "a property that does not belong there", "属性标识符不适用于该报文");
    return;
  }
  if ((out->has >> id & 1) && id != QF_MQTT_P_USER && !(id == QF_MQTT_P_SUBSCRIPTION_ID && packet == PK(PUBLISH)))
    fault(c, QF_MQTT_PROTOCOL_ERROR, "a property stands there twice", "属性重复");
  out->has |= UINT64_C(1) << id;
  switch (law->kind) {
  case QF_MQTT_BYTE:
    out->num[id] = u8(c);
    break;
  case QF_MQTT_TWO:
    out->num[id] = u16(c);
    break;
  case QF_MQTT_FOUR:
    out->num[id] = u32(c);
    break;
  case QF_MQTT_VARINT:
    out->num[id] = length(c);
    break;
  case QF_MQTT_TEXT:
    out->str[id] = text(c);
    return;
  case QF_MQTT_BYTES:
    out->str[id] = bytes(c);
    return;
  case QF_MQTT_PAIR:
    user_property(c, out);
    return;
  }
  if (!c->bad && (out->num[id] < law->min || out->num[id] > law->max))
    fault(c, QF_MQTT_PROTOCOL_ERROR, "a property's value is not allowed", "属性取值不允许");
}

/* packet: the bit of its type, or QF_MQTT_WILL_PROPS. */
static void props(cur *c, uint32_t packet, qf_mqtt_props *out)
{
  uint32_t n = length(c);
  if (!need(c, n))
    return;
  cur in = {c->p, c->p + n, false, 0, NULL, NULL};
  while (!in.bad && in.p < in.end)
    property(&in, packet, out);
  qf_mqtt_str response = out->str[QF_MQTT_P_RESPONSE_TOPIC];
  if ((out->has >> QF_MQTT_P_RESPONSE_TOPIC & 1) && !qf_mqtt_topic_ok(response.s, response.n))
    fault(&in, QF_MQTT_PROTOCOL_ERROR, "the response topic is no topic name", "响应主题不是合法主题名");
  if ((out->has >> QF_MQTT_P_AUTH_DATA & 1) && !(out->has >> QF_MQTT_P_AUTH_METHOD & 1))
    fault(&in, QF_MQTT_PROTOCOL_ERROR, "authentication data without a method", "有认证数据而无认证方法");
  if (in.bad)
    fault(c, in.reason, in.en, in.zh);
  c->p += n;
}

/* ---- packets */

static void read_will(cur *c, uint8_t flags, qf_mqtt_packet *o)
{
  o->will.there = (flags & 0x04) != 0;
  o->will.qos = flags >> 3 & 3;
  o->will.retain = (flags & 0x20) != 0;
  if (o->will.qos == 3 || (!o->will.there && (o->will.qos || o->will.retain)))
    fault(c, QF_MQTT_MALFORMED, "the will's flags contradict each other", "遗嘱标志相互矛盾");
  if (!o->will.there)
    return;
  if (o->version == QF_MQTT_V5)
    props(c, QF_MQTT_WILL_PROPS, &o->will.props);
  o->will.topic = text(c);
  o->will.payload = bytes(c);
  if (!c->bad && !qf_mqtt_topic_ok(o->will.topic.s, o->will.topic.n))
    fault(c, QF_MQTT_BAD_TOPIC, "the will's topic is no topic name", "遗嘱主题不是合法主题名");
}

static void read_connect(cur *c, qf_mqtt_packet *o)
{
  qf_mqtt_str name = text(c);
  o->version = u8(c);
  bool known = name.n == 4 && memcmp(name.s, "MQTT", 4) == 0;
  if (!c->bad && (!known || (o->version != QF_MQTT_V4 && o->version != QF_MQTT_V5))) {
    fault(c, QF_MQTT_BAD_VERSION, "neither MQTT 3.1.1 nor 5.0", "既非 MQTT 3.1.1 也非 5.0");
    return;
  }
  uint8_t flags = u8(c);
  o->keep_alive = u16(c);
  o->clean = (flags & 0x02) != 0;
  o->has_user = (flags & 0x80) != 0;
  o->has_password = (flags & 0x40) != 0;
  if (flags & 0x01)
    fault(c, QF_MQTT_MALFORMED, "the reserved flag is set", "保留标志不为 0");
  if (o->version == QF_MQTT_V4 && o->has_password && !o->has_user)
    fault(c, QF_MQTT_MALFORMED, "a password without a user name", "有密码而无用户名");
  if (o->version == QF_MQTT_V5)
    props(c, PK(CONNECT), &o->props);
  o->client = text(c);
  if (!c->bad && !o->client.n && o->version == QF_MQTT_V4 && !o->clean)
    fault(c, QF_MQTT_BAD_CLIENT_ID, "no client identifier for a session that is kept",
          "保留会话时客户端标识符不可为空");
  read_will(c, flags, o);
  if (o->has_user)
    o->user = text(c);
  if (o->has_password)
    o->password = bytes(c);
}

static void read_connack(cur *c, uint8_t version, qf_mqtt_packet *o)
{
  uint8_t flags = u8(c);
  o->session_present = flags & 1;
  o->reason = u8(c);
  if (flags & 0xFE)
    fault(c, QF_MQTT_MALFORMED, "a reserved flag is set", "保留标志不为 0");
  if (o->session_present && o->reason)
    fault(c, QF_MQTT_PROTOCOL_ERROR, "a session of a refused connection", "连接被拒绝而会话存在");
  if (version == QF_MQTT_V5)
    props(c, PK(CONNACK), &o->props);
}

static void read_id(cur *c, qf_mqtt_packet *o)
{
  o->id = u16(c);
  if (!c->bad && !o->id)
    fault(c, QF_MQTT_PROTOCOL_ERROR, "packet identifier 0", "报文标识符为 0");
}

static void read_publish(cur *c, uint8_t version, uint8_t flags, qf_mqtt_packet *o)
{
  o->dup = (flags & 8) != 0;
  o->qos = flags >> 1 & 3;
  o->retain = flags & 1;
  if (o->qos == 3)
    fault(c, QF_MQTT_MALFORMED, "QoS 3", "QoS 为 3");
  if (!o->qos && o->dup)
    fault(c, QF_MQTT_MALFORMED, "a duplicate of QoS 0", "QoS 0 报文带有重发标志");
  o->topic = text(c);
  if (o->qos)
    read_id(c, o);
  if (version == QF_MQTT_V5)
    props(c, PK(PUBLISH), &o->props);
  bool alias = (o->props.has >> QF_MQTT_P_ALIAS & 1) != 0;
  if (!c->bad && !o->topic.n && !alias)
    fault(c, version == QF_MQTT_V5 ? QF_MQTT_PROTOCOL_ERROR : QF_MQTT_BAD_TOPIC, "no topic", "没有主题");
  if (!c->bad && o->topic.n && !qf_mqtt_topic_ok(o->topic.s, o->topic.n))
    fault(c, QF_MQTT_BAD_TOPIC, "a topic name with a wildcard, or of too many levels", "主题名含通配符，或层级过多");
  if (c->bad)
    return;
  o->payload = (qf_mqtt_str){(const char *)c->p, (size_t)(c->end - c->p)};
  c->p = c->end;
}

/* PUBACK, PUBREC, PUBREL, PUBCOMP; and without an identifier DISCONNECT and AUTH. What 5.0 leaves out at the end is 0. */
static void read_ack(cur *c, uint8_t version, qf_mqtt_packet *o)
{
  if (o->type <= QF_MQTT_PUBCOMP)
    read_id(c, o);
  if (version != QF_MQTT_V5 || c->p == c->end)
    return;
  o->reason = u8(c);
  if (c->p < c->end)
    props(c, 1u << o->type, &o->props);
}

static void read_filters(cur *c, uint8_t version, qf_mqtt_packet *o)
{
  read_id(c, o);
  if (version == QF_MQTT_V5)
    props(c, 1u << o->type, &o->props);
  o->list = (qf_mqtt_str){(const char *)c->p, (size_t)(c->end - c->p)};
  while (!c->bad && c->p < c->end) {
    qf_mqtt_str f = text(c);
    uint8_t options = o->type == QF_MQTT_SUBSCRIBE ? u8(c) : 0;
    bool shared = f.n >= 7 && memcmp(f.s, "$share/", 7) == 0;
    if (!c->bad && !f.n)
      fault(c, QF_MQTT_PROTOCOL_ERROR, "an empty topic filter", "主题过滤器为空");
    if (options & (version == QF_MQTT_V5 ? 0xC0 : 0xFC))
      fault(c, QF_MQTT_MALFORMED, "reserved bits of a subscription are set", "订阅选项的保留位不为 0");
    if ((options & 3) == 3 || (options >> 4 & 3) == 3 || (shared && (options & 4)))
      fault(c, QF_MQTT_PROTOCOL_ERROR, "options of a subscription that are not allowed", "订阅选项不允许");
    if (++o->list_n > QF_MQTT_FILTERS_MAX)
      fault(c, QF_MQTT_QUOTA, "too many topic filters", "主题过滤器过多");
  }
  if (!c->bad && !o->list_n)
    fault(c, QF_MQTT_PROTOCOL_ERROR, "no topic filter", "没有主题过滤器");
}

static void read_suback(cur *c, uint8_t version, qf_mqtt_packet *o)
{
  read_id(c, o);
  if (version == QF_MQTT_V5)
    props(c, 1u << o->type, &o->props);
  if (c->bad || (version == QF_MQTT_V4 && o->type == QF_MQTT_UNSUBACK))
    return;
  o->list = (qf_mqtt_str){(const char *)c->p, (size_t)(c->end - c->p)};
  o->list_n = (uint32_t)o->list.n;
  for (; c->p < c->end; c->p++)
    if (version == QF_MQTT_V4 && *c->p > 2 && *c->p != 0x80)
      fault(c, QF_MQTT_MALFORMED, "a return code that is none", "返回码无效");
  if (!o->list_n)
    fault(c, QF_MQTT_PROTOCOL_ERROR, "no reason code", "没有原因码");
}

static void read_body(cur *c, uint8_t version, uint8_t flags, qf_mqtt_packet *o)
{
  bool two = o->type == QF_MQTT_PUBREL || o->type == QF_MQTT_SUBSCRIBE || o->type == QF_MQTT_UNSUBSCRIBE;
  if (o->type != QF_MQTT_PUBLISH && flags != (two ? 2 : 0))
    fault(c, QF_MQTT_MALFORMED, "flags of the fixed header that are not allowed", "固定报头标志不允许");
  switch (o->type) {
  case QF_MQTT_CONNECT:
    read_connect(c, o);
    break;
  case QF_MQTT_CONNACK:
    read_connack(c, version, o);
    break;
  case QF_MQTT_PUBLISH:
    read_publish(c, version, flags, o);
    break;
  case QF_MQTT_SUBSCRIBE:
  case QF_MQTT_UNSUBSCRIBE:
    read_filters(c, version, o);
    break;
  case QF_MQTT_SUBACK:
  case QF_MQTT_UNSUBACK:
    read_suback(c, version, o);
    break;
  case QF_MQTT_PINGREQ:
  case QF_MQTT_PINGRESP:
    break;
  case QF_MQTT_AUTH:
    if (version != QF_MQTT_V5)
      fault(c, QF_MQTT_PROTOCOL_ERROR, "AUTH is of MQTT 5", "AUTH 属于 MQTT 5");
    read_ack(c, version, o);
    break;
  default:
    read_ack(c, version, o);
  }
}

qf_rc qf_mqtt_frame(const uint8_t *p, size_t n, size_t max, size_t *len, uint8_t *reason, qf_err *err)
{
  uint32_t rest;
  *len = 0;
  *reason = QF_MQTT_MALFORMED;
  if (n && p[0] >> 4 == 0)
    return qf_fail(err, QF_SYNTAX, "packet type 0", "报文类型为 0");
  int used = n < 2 ? 0 : varint(p + 1, n - 1, &rest);
  if (used < 0)
    return qf_fail(err, QF_SYNTAX, "the remaining length is malformed", "剩余长度格式错误");
  if (!used)
    return QF_PARTIAL;
  size_t all = 1 + (size_t)used + rest;
  if (all > max) {
    *reason = QF_MQTT_TOO_LARGE;
    return qf_fail(err, QF_RANGE, "a packet of %zu bytes; at most %zu are taken", "报文 %zu 字节，上限 %zu 字节", all,
                   max);
  }
  if (all > n)
    return QF_PARTIAL;
  *len = all;
  return QF_OK;
}

qf_rc qf_mqtt_read(const uint8_t *p, size_t len, uint8_t version, qf_mqtt_packet *out, uint8_t *reason, qf_err *err)
{
  static const char *const names[] = {"",        "CONNECT",  "CONNACK",    "PUBLISH", "PUBACK",      "PUBREC",
                                      "PUBREL",  "PUBCOMP",  "SUBSCRIBE",  "SUBACK",  "UNSUBSCRIBE", "UNSUBACK",
                                      "PINGREQ", "PINGRESP", "DISCONNECT", "AUTH"};
  size_t all = 0;
  *out = (qf_mqtt_packet){.version = version};
  qf_rc rc = qf_mqtt_frame(p, len, len, &all, reason, err);
  if (rc || all != len)
    return rc && rc != QF_PARTIAL ? rc : qf_fail(err, QF_SYNTAX, "no whole packet", "不是完整报文");
  cur c = {p + 1, p + len, false, 0, NULL, NULL};
  out->type = (qf_mqtt_type)(p[0] >> 4);
  (void)length(&c);
  if (version == 0 && out->type != QF_MQTT_CONNECT)
    fault(&c, QF_MQTT_PROTOCOL_ERROR, "the first packet is not CONNECT", "第一个报文不是 CONNECT");
  else if (version && out->type == QF_MQTT_CONNECT)
    fault(&c, QF_MQTT_PROTOCOL_ERROR, "a second CONNECT", "重复 CONNECT");
  if (!c.bad)
    read_body(&c, version, p[0] & 15, out);
  if (!c.bad && c.p != c.end)
    fault(&c, QF_MQTT_MALFORMED, "bytes are left over", "报文末尾有多余字节");
  if (!c.bad)
    return QF_OK;
  *reason = c.reason;
  return qf_fail(err, QF_SYNTAX, "%s: %s%.0s", "%s：%.0s%s", names[out->type], c.en, c.zh);
}
