/* The bytes are those of mqtt.c. A packet is built in place behind five bytes of room for its head, which is then moved up. */
#include "wire/mqtt.h"
#include "wire/mqtt_int.h"
#include <string.h>

enum { HEAD_MAX = 5 };

static void put16(qf_buf *b, size_t v)
{
  qf_buf_putc(b, (char)(v >> 8));
  qf_buf_putc(b, (char)v);
  b->failed = b->failed || v > UINT16_MAX;
}

static void put32(qf_buf *b, uint32_t v)
{
  put16(b, v >> 16);
  put16(b, v & 0xFFFF);
}

static size_t varint(size_t v, uint8_t out[4])
{
  size_t n = 0;
  do {
    out[n] = (uint8_t)(v & 0x7F);
    v >>= 7;
    out[n++] |= v ? 0x80 : 0;
  } while (v && n < 4);
  return n;
}

static void put_varint(qf_buf *b, size_t v)
{
  uint8_t s[4];
  b->failed = b->failed || v > QF_MQTT_LEN_MAX;
  qf_buf_put(b, s, varint(v, s));
}

static void put_str(qf_buf *b, qf_mqtt_str s)
{
  put16(b, s.n);
  qf_buf_put(b, s.s ? s.s : "", s.n);
}

static size_t varint_len(uint32_t v)
{
  uint8_t s[4];
  return varint(v, s);
}

static size_t prop_len(const qf_mqtt_props *p, uint32_t id)
{
  switch (qf_mqtt_prop_laws[id].kind) {
  case QF_MQTT_BYTE:
    return 2;
  case QF_MQTT_TWO:
    return 3;
  case QF_MQTT_FOUR:
    return 5;
  case QF_MQTT_VARINT:
    return 1 + varint_len(p->num[id]);
  case QF_MQTT_PAIR:
    return 5 + p->user_name.n + p->user_value.n;
  default:
    return 3 + p->str[id].n;
  }
}

static void put_prop(qf_buf *b, const qf_mqtt_props *p, uint32_t id)
{
  qf_buf_putc(b, (char)id);
  switch (qf_mqtt_prop_laws[id].kind) {
  case QF_MQTT_BYTE:
    qf_buf_putc(b, (char)p->num[id]);
    break;
  case QF_MQTT_TWO:
    put16(b, p->num[id]);
    break;
  case QF_MQTT_FOUR:
    put32(b, p->num[id]);
    break;
  case QF_MQTT_VARINT:
    put_varint(b, p->num[id]);
    break;
  case QF_MQTT_PAIR:
    put_str(b, p->user_name);
    put_str(b, p->user_value);
    break;
  default:
    put_str(b, p->str[id]);
  }
}

/* Only those that the packet may have; one user property. */
static void put_props(qf_buf *b, const qf_mqtt_props *p, uint32_t packet)
{
  size_t n = 0;
  for (uint32_t id = 1; id < QF_MQTT_P_END; id++)
    if ((p->has >> id & 1) && (qf_mqtt_prop_laws[id].packets & packet))
      n += prop_len(p, id);
  put_varint(b, n);
  for (uint32_t id = 1; n && id < QF_MQTT_P_END; id++)
    if ((p->has >> id & 1) && (qf_mqtt_prop_laws[id].packets & packet))
      put_prop(b, p, id);
}

static void put_connect(qf_buf *b, const qf_mqtt_packet *p, uint8_t version)
{
  const qf_mqtt_will *w = &p->will;
  put_str(b, (qf_mqtt_str){"MQTT", 4});
  qf_buf_putc(b, (char)version);
  unsigned flags = (p->clean ? 0x02u : 0) | (p->has_user ? 0x80u : 0) | (p->has_password ? 0x40u : 0);
  if (w->there)
    flags |= 0x04u | (unsigned)(w->qos & 3) << 3 | (w->retain ? 0x20u : 0);
  qf_buf_putc(b, (char)flags);
  put16(b, p->keep_alive);
  if (version == QF_MQTT_V5)
    put_props(b, &p->props, 1u << QF_MQTT_CONNECT);
  put_str(b, p->client);
  if (w->there) {
    if (version == QF_MQTT_V5)
      put_props(b, &w->props, QF_MQTT_WILL_PROPS);
    put_str(b, w->topic);
    put_str(b, w->payload);
  }
  if (p->has_user)
    put_str(b, p->user);
  if (p->has_password)
    put_str(b, p->password);
}

static void put_ack(qf_buf *b, const qf_mqtt_packet *p, uint8_t version)
{
  if (p->type <= QF_MQTT_PUBCOMP)
    put16(b, p->id);
  if (version != QF_MQTT_V5 || (!p->reason && !p->props.has))
    return;
  qf_buf_putc(b, (char)p->reason);
  if (p->props.has || p->type == QF_MQTT_AUTH)
    put_props(b, &p->props, 1u << p->type);
}

static void put_body(qf_buf *b, const qf_mqtt_packet *p, uint8_t version)
{
  switch (p->type) {
  case QF_MQTT_CONNECT:
    put_connect(b, p, version);
    break;
  case QF_MQTT_CONNACK:
    qf_buf_putc(b, p->session_present ? 1 : 0);
    qf_buf_putc(b, (char)p->reason);
    if (version == QF_MQTT_V5)
      put_props(b, &p->props, 1u << p->type);
    break;
  case QF_MQTT_PUBLISH:
    put_str(b, p->topic);
    if (p->qos)
      put16(b, p->id);
    if (version == QF_MQTT_V5)
      put_props(b, &p->props, 1u << p->type);
    qf_buf_put(b, p->payload.s ? p->payload.s : "", p->payload.n);
    break;
  case QF_MQTT_SUBSCRIBE:
  case QF_MQTT_SUBACK:
  case QF_MQTT_UNSUBSCRIBE:
  case QF_MQTT_UNSUBACK:
    put16(b, p->id);
    if (version == QF_MQTT_V5)
      put_props(b, &p->props, 1u << p->type);
    if (version == QF_MQTT_V5 || p->type != QF_MQTT_UNSUBACK)
      qf_buf_put(b, p->list.s ? p->list.s : "", p->list.n);
    break;
  case QF_MQTT_PINGREQ:
  case QF_MQTT_PINGRESP:
    break;
  default:
    put_ack(b, p, version);
  }
}

static unsigned flags_of(const qf_mqtt_packet *p)
{
  switch (p->type) {
  case QF_MQTT_PUBLISH:
    return (p->dup ? 8u : 0) | (unsigned)(p->qos & 3) << 1 | (p->retain ? 1u : 0);
  case QF_MQTT_PUBREL:
  case QF_MQTT_SUBSCRIBE:
  case QF_MQTT_UNSUBSCRIBE:
    return 2;
  default:
    return 0;
  }
}

bool qf_mqtt_write(qf_buf *out, uint8_t version, const qf_mqtt_packet *p)
{
  static const char room[HEAD_MAX] = {0};
  size_t from = out->len;
  if (out->failed)
    return false;
  qf_buf_put(out, room, HEAD_MAX);
  put_body(out, p, version);
  size_t body = out->failed ? 0 : out->len - from - HEAD_MAX;
  if (out->failed || body > QF_MQTT_LEN_MAX) {
    out->len = from;
    out->failed = false;
    return false;
  }
  uint8_t head[HEAD_MAX];
  head[0] = (uint8_t)((unsigned)p->type << 4 | flags_of(p));
  size_t n = 1 + varint(body, head + 1);
  memcpy(out->data + from, head, n);
  memmove(out->data + from + n, out->data + from + HEAD_MAX, body);
  out->len = from + n + body;
  return true;
}

/* ---- filters of SUBSCRIBE and UNSUBSCRIBE */

bool qf_mqtt_filter_next(const qf_mqtt_packet *p, size_t *at, qf_mqtt_filter *out)
{
  const uint8_t *s = (const uint8_t *)p->list.s;
  size_t tail = p->type == QF_MQTT_SUBSCRIBE ? 1 : 0;
  if (p->list.n < 2 || *at > p->list.n - 2)
    return false;
  size_t n = (size_t)s[*at] << 8 | s[*at + 1];
  if (p->list.n - *at - 2 < n + tail)
    return false;
  uint8_t o = tail ? s[*at + 2 + n] : 0;
  *out = (qf_mqtt_filter){.name = {(const char *)s + *at + 2, n},
                          .qos = o & 3,
                          .no_local = (o & 4) != 0,
                          .retain_as_published = (o & 8) != 0,
                          .retain_handling = o >> 4 & 3};
  *at += 2 + n + tail;
  return true;
}
