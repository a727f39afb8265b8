#include "collect/mqtt_map.h"
#include "wire/json.h"
#include "wire/lineproto.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH = 120, TEXT = 200 };

/* ---- the file */

static qf_rc time_unit(const char *s, qf_mqtt_map *m, qf_err *err)
{
  static const struct {
    const char *name;
    int64_t us;
  } units[] = {{"s", 1000000}, {"ms", 1000}, {"us", 1}, {"ns", 0}};
  for (size_t i = 0; s && i < sizeof units / sizeof *units; i++)
    if (strcmp(s, units[i].name) == 0) {
      m->tick_us = units[i].us;
      m->nanos = units[i].us == 0;
      return QF_OK;
    }
  return qf_fail(err, QF_SYNTAX, "[%s] time_unit = %.40s: not s, ms, us or ns",
                 "[%s] time_unit = %.40s：应为 s、ms、us 或 ns", m->name, s ? s : "");
}

qf_rc qf_mqtt_map_read(qf_conf *c, const char *section, qf_mqtt_map *out, qf_err *err)
{
  static const char *const kinds[] = {"number", "json", "lineproto", "sparkplug"};
  const char *payload = qf_conf_get(c, section, "payload"), *unit = qf_conf_get(c, section, "time_unit");
  *out = (qf_mqtt_map){.name = section,
                       .topic = qf_conf_get(c, section, "topic"),
                       .series = qf_conf_get(c, section, "series"),
                       .time = qf_conf_get(c, section, "time"),
                       .fields = qf_conf_get(c, section, "fields"),
                       .tags = qf_conf_get(c, section, "tags")};
  if (!out->topic || !qf_mqtt_filter_ok(out->topic, strlen(out->topic)))
    return qf_fail(err, QF_SYNTAX, "[%s] topic: a topic filter is needed", "[%s] topic：须为主题过滤器", section);
  size_t k = 0;
  while (k < 4 && !(payload && strcmp(payload, kinds[k]) == 0))
    k++;
  if (k == 4)
    return qf_fail(err, QF_SYNTAX, "[%s] payload = %.40s: not number, json, lineproto or sparkplug",
                   "[%s] payload = %.40s：应为 number、json、lineproto 或 sparkplug", section, payload ? payload : "");
  out->payload = (qf_mqtt_payload)k;
  if (!out->series)
    out->series = out->payload == QF_MQTT_JSON ? "mqtt,topic={topic} {name}" : "mqtt,topic={topic} value";
  if ((out->payload == QF_MQTT_LINES || out->payload == QF_MQTT_SPARKPLUG) &&
      (out->time || out->fields || out->tags || qf_conf_get(c, section, "series")))
    return qf_fail(err, QF_SYNTAX, "[%s]: payload %s says series and time itself", "[%s]：%s 自带序列与时间", section,
                   payload);
  return time_unit(unit ? unit : out->payload == QF_MQTT_LINES ? "ns" : "ms", out, err);
}

/* ---- series */

/* A piece of text as line protocol writes it inside a name: blank, comma and = behind a backslash. */
static void put_escaped(qf_buf *b, const char *s, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    if (s[i] == ' ' || s[i] == ',' || s[i] == '=')
      qf_buf_putc(b, '\\');
    qf_buf_putc(b, s[i]);
  }
}

typedef struct reading_of { /* one message, being read */
  const qf_mqtt_map *m;
  const qf_mqtt_message *msg;
  qf_mqtt_str part[QF_MQTT_PARTS];
  size_t parts;
  qf_mqtt_value *fn;
  void *ud;
} reading_of;

/* {topic} {client} {user} {name} {1}.. ; false: no such word. */
static bool put_word(const reading_of *r, const char *word, size_t n, const char *name, qf_buf *b)
{
  if (n == 5 && memcmp(word, "topic", 5) == 0)
    put_escaped(b, r->msg->topic.s, r->msg->topic.n);
  else if (n == 6 && memcmp(word, "client", 6) == 0)
    put_escaped(b, r->msg->client, strlen(r->msg->client));
  else if (n == 4 && memcmp(word, "user", 4) == 0)
    put_escaped(b, r->msg->user, strlen(r->msg->user));
  else if (n == 4 && memcmp(word, "name", 4) == 0)
    put_escaped(b, name, strlen(name));
  else if (n == 1 && word[0] >= '1' && (size_t)(word[0] - '0') <= r->parts)
    put_escaped(b, r->part[word[0] - '1'].s, r->part[word[0] - '1'].n);
  else
    return false;
  return true;
}

/* The last blank that no backslash guards parts the series from the field. */
static const char *field_of(const char *s, size_t n)
{
  for (size_t i = n; i-- > 1;)
    if (s[i] == ' ' && s[i - 1] != '\\')
      return s + i + 1;
  return NULL;
}

/* tags: ",name=value" in line protocol's spelling, "" none. name: of the JSON member. */
static qf_rc give(const reading_of *r, const char *name, const char *tags, const qf_reading *v, qf_err *err)
{
  char key[QF_LP_KEY_MAX + 1];
  size_t len = 0;
  qf_buf b;
  qf_rc rc = QF_OK;
  qf_buf_init(&b, 8192);
  for (const char *s = r->m->series; !rc && *s; s++) {
    const char *end = *s == '{' ? strchr(s, '}') : NULL;
    if (!end)
      qf_buf_putc(&b, *s);
    else if (!put_word(r, s + 1, (size_t)(end - s - 1), name, &b))
      rc = qf_fail(err, QF_SYNTAX, "[%s] series: %.*s stands for nothing here", "[%s] series：%.*s 无对应内容",
                   r->m->name, (int)(end - s + 1), s);
    s = end ? end : s;
  }
  const char *field = rc || b.failed ? NULL : field_of((const char *)b.data, b.len);
  if (!rc && !field)
    rc = qf_fail(err, QF_SYNTAX, "[%s] series: measurement,tag=value and a field are needed",
                 "[%s] series：须含测量名、标签与字段", r->m->name);
  if (!rc) {
    size_t flen = b.len - (size_t)(field - (const char *)b.data), slen = b.len - flen - 1;
    qf_buf whole;
    qf_buf_init(&whole, 8192);
    qf_buf_put(&whole, b.data, slen);
    qf_buf_puts(&whole, tags);
    size_t series_len = whole.len;
    qf_buf_put(&whole, field, flen);
    if (whole.failed) {
      rc = qf_fail(err, QF_RANGE, "a series name that is too long", "序列名过长");
    } else {
      const qf_lp_name n = {(const char *)whole.data, (const char *)whole.data + series_len, series_len, flen};
      rc = qf_lp_canonical(&n, key, sizeof key, &len, err);
    }
    qf_buf_fini(&whole);
  }
  qf_buf_fini(&b);
  return rc ? rc : r->fn(r->ud, key, len, v, err);
}

static qf_rc number(const char *s, size_t n, qf_reading *v, qf_err *err)
{
  bool exact = true;
  qf_rc rc = qf_num_parse(s, n, &v->v, &exact);
  if (rc)
    return qf_fail(err, rc, "%.*s is not a number", "%.*s 不是数", n < 60 ? (int)n : 60, s);
  v->flags = exact ? 0 : QF_RD_INEXACT;
  return QF_OK;
}

/* ---- JSON: the members of one object, nested ones by their path a.b, looked at twice */

typedef struct member {
  char path[PATH];
  qf_js_tok v;
} member;

typedef struct object {
  member m[QF_MQTT_VALUES];
  size_t n;
} object;

static qf_rc collect(qf_js *js, const char *above, object *o, qf_err *err)
{
  qf_js_tok k, v;
  qf_rc rc;
  while ((rc = qf_js_next(js, &k, err)) == QF_OK && k.kind == QF_JS_KEY) {
    char path[PATH], name[PATH];
    size_t len;
    rc = qf_js_text(&k, name, sizeof name, &len, err);
    if (!rc && snprintf(path, sizeof path, "%s%s%s", above, *above ? "." : "", name) >= PATH)
      rc = qf_fail(err, QF_RANGE, "a member's path is longer than %d bytes", "成员路径超过 %d 字节", PATH - 1);
    if (!rc)
      rc = qf_js_next(js, &v, err);
    if (!rc && v.kind == QF_JS_OBJECT) {
      rc = collect(js, path, o, err);
    } else if (!rc && v.kind == QF_JS_ARRAY) {
      rc = qf_js_skip(js, &v, err);
    } else if (!rc && o->n < QF_MQTT_VALUES) {
      memcpy(o->m[o->n].path, path, sizeof path);
      o->m[o->n++].v = v;
    } else if (!rc) {
      rc = qf_fail(err, QF_RANGE, "more than %d members", "成员超过 %d 个", QF_MQTT_VALUES);
    }
    if (rc)
      return rc;
  }
  return rc;
}

/* Is name one of the words of a list? */
static bool listed(const char *list, const char *name)
{
  size_t n = strlen(name);
  for (const char *s = list; s && *s;) {
    s += strspn(s, " ,");
    size_t k = strcspn(s, " ,");
    if (k == n && memcmp(s, name, n) == 0)
      return true;
    s += k;
  }
  return false;
}

static const member *find(const object *o, const char *path)
{
  for (size_t i = 0; path && i < o->n; i++)
    if (strcmp(o->m[i].path, path) == 0)
      return &o->m[i];
  return NULL;
}

static qf_rc time_of(const reading_of *r, const object *o, qf_us *out, qf_err *err)
{
  const member *t = find(o, r->m->time);
  qf_num v;
  int64_t n = 0;
  char text[TEXT];
  size_t len;
  *out = r->msg->now;
  if (!r->m->time)
    return QF_OK;
  if (!t)
    return qf_fail(err, QF_SYNTAX, "no member %.60s, which is to be the time", "缺少时间成员 %.60s", r->m->time);
  if (t->v.kind == QF_JS_STRING) {
    qf_rc rc = qf_js_text(&t->v, text, sizeof text, &len, err);
    if (!rc && qf_tm_parse(text, len, out))
      rc = qf_fail(err, QF_SYNTAX, "%.60s is no time", "%.60s 不是时间", text);
    return rc;
  }
  if (t->v.kind != QF_JS_NUMBER || qf_num_parse(t->v.s, t->v.len, &v, NULL) ||
      qf_num_scale(v,
                   r->m->nanos             ? 3
                   : r->m->tick_us == 1    ? 0
                   : r->m->tick_us == 1000 ? -3
                                           : -6,
                   &n, NULL) ||
      n < 0 || n > INT64_C(7258118400000000)) /* 2200-01-01 */
    return qf_fail(err, QF_RANGE, "%.*s is no time between 1970 and 2200", "%.*s 不是 1970 至 2200 年间的时间",
                   t->v.len < 60 ? (int)t->v.len : 60, t->v.s);
  *out = n; /* seconds with six, milliseconds with three digits behind the point: microseconds */
  return QF_OK;
}

static qf_rc put_tag(const member *m, qf_buf *b, qf_err *err)
{
  char text[TEXT];
  size_t len = m->v.len;
  const char *s = m->v.s;
  if (m->v.kind == QF_JS_STRING) {
    qf_rc rc = qf_js_text(&m->v, text, sizeof text, &len, err);
    if (rc)
      return rc;
    s = text;
  } else if (m->v.kind != QF_JS_NUMBER) {
    return qf_fail(err, QF_SYNTAX, "%s is no text, which a tag must be", "%s 不是文本，不能作标签", m->path);
  }
  qf_buf_putc(b, ',');
  put_escaped(b, m->path, strlen(m->path));
  qf_buf_putc(b, '=');
  put_escaped(b, s, len);
  return QF_OK;
}

static qf_rc tags_of(const reading_of *r, const object *o, qf_buf *b, qf_err *err)
{
  qf_rc rc = QF_OK;
  for (size_t i = 0; !rc && i < o->n; i++)
    if (listed(r->m->tags, o->m[i].path))
      rc = put_tag(&o->m[i], b, err);
  qf_buf_putc(b, 0);
  return rc ? rc : b->failed ? qf_fail(err, QF_RANGE, "tags that are too long", "标签过长") : QF_OK;
}

static qf_rc take_object(const reading_of *r, const object *o, qf_err *err)
{
  qf_reading v = {0};
  qf_buf tags;
  size_t given = 0;
  qf_buf_init(&tags, 4096);
  qf_rc rc = time_of(r, o, &v.ts_us, err);
  if (!rc)
    rc = tags_of(r, o, &tags, err);
  for (size_t i = 0; !rc && i < o->n; i++) {
    const member *m = &o->m[i];
    bool truth = m->v.kind == QF_JS_TRUE || m->v.kind == QF_JS_FALSE, wanted = listed(r->m->fields, m->path);
    if ((r->m->time && strcmp(m->path, r->m->time) == 0) || listed(r->m->tags, m->path) ||
        (r->m->fields ? !wanted : m->v.kind != QF_JS_NUMBER && !truth) || m->v.kind == QF_JS_NULL)
      continue;
    if (truth) {
      v.v = (qf_num){m->v.kind == QF_JS_TRUE, 0};
      v.flags = QF_RD_BOOL;
    } else {
      rc = number(m->v.s, m->v.len, &v, err); /* a number in quotes is one */
    }
    if (!rc)
      rc = give(r, m->path, (const char *)tags.data, &v, err);
    given++;
  }
  qf_buf_fini(&tags);
  return !rc && !given ? qf_fail(err, QF_SYNTAX, "no member with a number", "没有数值成员") : rc;
}

static qf_rc read_json(const reading_of *r, qf_err *err)
{
  qf_js js;
  qf_js_tok t;
  object *o = malloc(sizeof *o);
  if (!o)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  qf_js_init(&js, r->msg->payload.s, r->msg->payload.n, 8);
  qf_rc rc = qf_js_next(&js, &t, err);
  bool list = !rc && t.kind == QF_JS_ARRAY;
  if (list)
    rc = qf_js_next(&js, &t, err);
  while (!rc && t.kind == QF_JS_OBJECT) {
    o->n = 0;
    rc = collect(&js, "", o, err);
    if (!rc)
      rc = take_object(r, o, err);
    if (!list || rc)
      break;
    rc = qf_js_next(&js, &t, err);
  }
  if (!rc && t.kind != (list ? QF_JS_ARRAY_END : QF_JS_OBJECT))
    rc = qf_fail(err, QF_SYNTAX, "neither an object nor a list of objects", "既非对象也非对象列表");
  if (!rc && qf_js_next(&js, &t, err) != QF_NOTFOUND)
    rc = err->en[0] ? QF_SYNTAX : qf_fail(err, QF_SYNTAX, "something follows", "末尾有多余内容");
  free(o);
  return rc;
}

qf_rc qf_mqtt_map_run(const qf_mqtt_map *m, const qf_mqtt_message *msg, qf_mqtt_value *fn, void *ud, qf_err *err)
{
  reading_of r = {.m = m, .msg = msg, .fn = fn, .ud = ud};
  qf_reading v = {.ts_us = msg->now};
  if (!qf_mqtt_match((qf_mqtt_str){m->topic, strlen(m->topic)}, msg->topic, r.part, QF_MQTT_PARTS, &r.parts))
    return qf_fail(err, QF_NOTFOUND, "the topic is another's", "主题不符");
  if (m->payload == QF_MQTT_JSON)
    return read_json(&r, err);
  qf_mqtt_str s = msg->payload;
  while (s.n && (s.s[0] == ' ' || s.s[0] == '\n' || s.s[0] == '\r' || s.s[0] == '\t'))
    s = (qf_mqtt_str){s.s + 1, s.n - 1};
  while (s.n && (s.s[s.n - 1] == ' ' || s.s[s.n - 1] == '\n' || s.s[s.n - 1] == '\r' || s.s[s.n - 1] == '\t'))
    s.n--;
  qf_rc rc = number(s.s ? s.s : "", s.n, &v, err);
  return rc ? rc : give(&r, "", "", &v, err);
}
