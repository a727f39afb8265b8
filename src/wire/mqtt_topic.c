/* Topics, chapter 4.7: levels apart by "/"; in a filter "+" stands for one level, "#" at the end for what is left, also nothing. */
#include "wire/mqtt.h"
#include "wire/utf8.h"
#include <string.h>

typedef struct levels { /* what is left of a topic or filter */
  const char *p, *end;
  bool done;
} levels;

static levels begin(qf_mqtt_str s)
{
  return (levels){s.s, s.s + s.n, false};
}

static qf_mqtt_str next(levels *l)
{
  size_t left = (size_t)(l->end - l->p);
  const char *slash = left ? memchr(l->p, '/', left) : NULL;
  qf_mqtt_str s = {l->p, slash ? (size_t)(slash - l->p) : left};
  l->done = !slash;
  l->p = slash ? slash + 1 : l->end;
  return s;
}

static bool is(qf_mqtt_str s, char c)
{
  return s.n == 1 && s.s[0] == c;
}

static bool text_ok(const char *s, size_t n)
{
  if (!n || n > UINT16_MAX || memchr(s, 0, n) || !qf_utf8_valid(s, n))
    return false;
  size_t slashes = 0;
  for (size_t i = 0; i < n; i++)
    slashes += s[i] == '/';
  return slashes < QF_MQTT_LEVELS_MAX;
}

bool qf_mqtt_topic_ok(const char *s, size_t n)
{
  return text_ok(s, n) && !memchr(s, '+', n) && !memchr(s, '#', n);
}

bool qf_mqtt_filter_ok(const char *s, size_t n)
{
  if (!text_ok(s, n))
    return false;
  levels l = begin((qf_mqtt_str){s, n});
  while (!l.done) {
    qf_mqtt_str x = next(&l);
    bool plus = x.n && memchr(x.s, '+', x.n), hash = x.n && memchr(x.s, '#', x.n);
    if ((plus && x.n > 1) || (hash && (x.n > 1 || !l.done)))
      return false;
  }
  return true;
}

bool qf_mqtt_match(qf_mqtt_str filter, qf_mqtt_str topic, qf_mqtt_str *part, size_t cap, size_t *parts)
{
  levels f = begin(filter), t = begin(topic);
  size_t n = 0;
  if (parts)
    *parts = 0;
  if (topic.n && topic.s[0] == '$' && filter.n && (filter.s[0] == '+' || filter.s[0] == '#'))
    return false;
  while (!f.done) {
    qf_mqtt_str x = next(&f);
    if (is(x, '#')) {
      if (part && n < cap)
        part[n] = (qf_mqtt_str){t.p, (size_t)(t.end - t.p)};
      n++;
      t.done = true;
      break;
    }
    if (t.done)
      return false;
    qf_mqtt_str y = next(&t);
    if (is(x, '+')) {
      if (part && n < cap)
        part[n] = y;
      n++;
    } else if (x.n != y.n || memcmp(x.s, y.s, x.n) != 0) {
      return false;
    }
  }
  if (parts)
    *parts = n < cap ? n : cap;
  return t.done;
}

bool qf_mqtt_covers(qf_mqtt_str wide, qf_mqtt_str narrow)
{
  levels w = begin(wide), n = begin(narrow);
  if (narrow.n && narrow.s[0] == '$' && wide.n && (wide.s[0] == '+' || wide.s[0] == '#'))
    return false;
  while (!w.done) {
    qf_mqtt_str x = next(&w);
    if (is(x, '#'))
      return true;
    if (n.done)
      return false;
    qf_mqtt_str y = next(&n);
    if (is(y, '#') || (!is(x, '+') && (x.n != y.n || memcmp(x.s, y.s, x.n) != 0)))
      return false;
  }
  return n.done;
}

const char *qf_mqtt_reason_name(uint8_t reason)
{
  static const struct {
    uint8_t reason;
    const char *name;
  } names[] = {
      {QF_MQTT_SUCCESS, "Success"},
      {QF_MQTT_WITH_WILL, "Disconnect with Will Message"},
      {QF_MQTT_NO_SUBSCRIBERS, "No matching subscribers"},
      {QF_MQTT_NO_SUBSCRIPTION, "No subscription existed"},
      {QF_MQTT_UNSPECIFIED, "Unspecified error"},
      {QF_MQTT_MALFORMED, "Malformed Packet"},
      {QF_MQTT_PROTOCOL_ERROR, "Protocol Error"},
      {QF_MQTT_BAD_VERSION, "Unsupported Protocol Version"},
      {QF_MQTT_BAD_CLIENT_ID, "Client Identifier not valid"},
      {QF_MQTT_BAD_LOGIN, "Bad User Name or Password"},
      {QF_MQTT_NOT_AUTHORIZED, "Not authorized"},
      {QF_MQTT_UNAVAILABLE, "Server unavailable"},
      {QF_MQTT_BUSY, "Server busy"},
      {QF_MQTT_SHUTTING_DOWN, "Server shutting down"},
      {QF_MQTT_BAD_AUTH_METHOD, "Bad authentication method"},
      {QF_MQTT_KEEP_ALIVE, "Keep Alive timeout"},
      {QF_MQTT_TAKEN_OVER, "Session taken over"},
      {QF_MQTT_BAD_FILTER, "Topic Filter invalid"},
      {QF_MQTT_BAD_TOPIC, "Topic Name invalid"},
      {QF_MQTT_ID_IN_USE, "Packet Identifier in use"},
      {QF_MQTT_ID_NOT_FOUND, "Packet Identifier not found"},
      {QF_MQTT_RECEIVE_MAX, "Receive Maximum exceeded"},
      {QF_MQTT_BAD_ALIAS, "Topic Alias invalid"},
      {QF_MQTT_TOO_LARGE, "Packet too large"},
      {QF_MQTT_QUOTA, "Quota exceeded"},
      {QF_MQTT_BAD_PAYLOAD, "Payload format invalid"},
      {QF_MQTT_NO_SHARED, "Shared Subscriptions not supported"},
      {QF_MQTT_NO_SUB_ID, "Subscription Identifiers not supported"},
  };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (names[i].reason == reason)
      return names[i].name;
  return "another reason";
}
