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
