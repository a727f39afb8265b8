/* The topic, Sparkplug 3.0 chapter 4: spBv1.0/GROUP/TYPE/NODE[/DEVICE], TYPE one of NBIRTH DBIRTH NDATA DDATA NDEATH DDEATH (to us) and
 * NCMD DCMD (from a host). seq counts 0..255 over all messages of a node from its NBIRTH on; after a gap something was lost, and
 * the births are asked for again (NCMD with "Node Control/Rebirth" = true). */
#include "collect/mqtt_spb.h"
#include "wire/lineproto.h"
#include "wire/sparkplug.h"
#include <stdlib.h>
#include <string.h>

typedef struct metric {
  char *name;
  uint64_t alias;
  uint32_t type, device; /* device: number within the node, 0 the node itself */
  bool has_alias;
} metric;

typedef struct node {
  char *id; /* "GROUP/NODE" */
  char **device;
  metric *m;
  uint32_t devices, n, cap;
  uint64_t conn; /* where it was born */
  uint8_t next;  /* sequence that comes next */
  bool born;
  qf_us asked; /* for its births */
} node;

struct qf_spb_nodes {
  node *node;
  uint32_t n, cap;
};

typedef struct address { /* parts of a topic, borrowed */
  qf_mqtt_str group, type, node, device;
} address;

/* ---- nodes */

qf_spb_nodes *qf_spb_nodes_new(void)
{
  return calloc(1, sizeof(qf_spb_nodes));
}

/* Forget the metrics of a device, or all of them and the devices (0). */
static void clear(node *x, uint32_t device)
{
  uint32_t left = 0;
  for (uint32_t i = 0; i < x->n; i++)
    if (device && x->m[i].device != device)
      x->m[left++] = x->m[i];
    else
      free(x->m[i].name);
  x->n = left;
  for (uint32_t i = 0; !device && i < x->devices; i++)
    free(x->device[i]);
  x->devices = device ? x->devices : 0;
}

void qf_spb_nodes_free(qf_spb_nodes *s)
{
  for (uint32_t i = 0; s && i < s->n; i++) {
    clear(&s->node[i], 0);
    free(s->node[i].m);
    free(s->node[i].device);
    free(s->node[i].id);
  }
  if (s)
    free(s->node);
  free(s);
}

static bool is(qf_mqtt_str s, const char *text)
{
  return s.n == strlen(text) && memcmp(s.s, text, s.n) == 0;
}

static node *node_of(qf_spb_nodes *s, const address *a)
{
  char *id = malloc(a->group.n + a->node.n + 2);
  if (!id)
    return NULL;
  memcpy(id, a->group.s, a->group.n);
  id[a->group.n] = '/';
  memcpy(id + a->group.n + 1, a->node.s, a->node.n);
  id[a->group.n + a->node.n + 1] = 0;
  for (uint32_t i = 0; i < s->n; i++)
    if (strcmp(s->node[i].id, id) == 0) {
      free(id);
      return &s->node[i];
    }
  if (s->n == s->cap) {
    uint32_t cap = s->cap ? s->cap * 2 : 16;
    node *more = s->n < QF_SPB_NODES ? realloc(s->node, cap * sizeof *more) : NULL;
    if (!more) {
      free(id);
      return NULL;
    }
    s->node = more;
    s->cap = cap;
  }
  s->node[s->n] = (node){.id = id};
  return &s->node[s->n++];
}

/* Number of a device, made when new; 0: no memory. */
static uint32_t device_of(node *x, qf_mqtt_str name)
{
  for (uint32_t i = 0; i < x->devices; i++)
    if (is(name, x->device[i]))
      return i + 1;
  char **more = realloc(x->device, (x->devices + 1) * sizeof *more);
  if (!more)
    return 0;
  x->device = more;
  x->device[x->devices] = strndup(name.s, name.n);
  return x->device[x->devices] ? ++x->devices : 0;
}

void qf_spb_gone(qf_spb_nodes *s, uint64_t conn)
{
  for (uint32_t i = 0; s && i < s->n; i++)
    if (s->node[i].conn == conn)
      s->node[i].born = false;
}

/* ---- topics */

static qf_mqtt_str level(const char **s, const char *end)
{
  const char *slash = memchr(*s, '/', (size_t)(end - *s));
  qf_mqtt_str out = {*s, (size_t)((slash ? slash : end) - *s)};
  *s = slash ? slash + 1 : end;
  return out;
}

static bool read_topic(qf_mqtt_str topic, address *a)
{
  const char *s = topic.s, *end = topic.s + topic.n;
  if (!is(level(&s, end), "spBv1.0"))
    return false;
  a->group = level(&s, end);
  a->type = level(&s, end);
  a->node = level(&s, end);
  a->device = level(&s, end);
  return s == end && a->group.n && a->node.n && a->type.n;
}

bool qf_spb_command_filter(qf_mqtt_str filter)
{
  address a;
  return read_topic(filter, &a) && (is(a.type, "NCMD") || is(a.type, "DCMD"));
}

/* ---- metrics */

static const metric *find(const node *x, const qf_spb_metric *m, uint32_t device)
{
  for (uint32_t i = 0; i < x->n; i++) {
    const metric *k = &x->m[i];
    if (m->name ? k->device == device && strlen(k->name) == m->name_len && memcmp(k->name, m->name, m->name_len) == 0
                : m->has_alias && k->has_alias && k->alias == m->alias)
      return k;
  }
  return NULL;
}

static qf_rc learn(node *x, const qf_spb_metric *m, uint32_t device, qf_err *err)
{
  if (!m->name)
    return qf_fail(err, QF_SYNTAX, "a birth with a metric without name", "出生报文中有未命名的度量");
  if (x->n == QF_SPB_METRICS)
    return qf_fail(err, QF_FULL, "%.80s: more than %d metrics", "%.80s：度量超过 %d 个", x->id, QF_SPB_METRICS);
  if (x->n == x->cap) {
    uint32_t cap = x->cap ? x->cap * 2 : 32;
    metric *more = realloc(x->m, cap * sizeof *more);
    if (!more)
      return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
    x->m = more;
    x->cap = cap;
  }
  metric *k = &x->m[x->n];
  *k = (metric){strndup(m->name, m->name_len), m->alias, m->datatype, device, m->has_alias};
  if (!k->name)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  x->n++;
  return QF_OK;
}

/* Controls and the birth counter are not measured. */
static bool measured(const char *name)
{
  return strcmp(name, "bdSeq") != 0 && strncmp(name, "Node Control/", 13) != 0 &&
         strncmp(name, "Device Control/", 15) != 0;
}

static void put_escaped(qf_buf *b, const char *s, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    if (s[i] == ' ' || s[i] == ',' || s[i] == '=')
      qf_buf_putc(b, '\\');
    qf_buf_putc(b, s[i]);
  }
}

typedef struct taking {
  const address *a;
  const qf_mqtt_message *msg;
  qf_mqtt_value *fn;
  void *ud;
} taking;

static qf_rc give(const taking *t, const metric *k, const qf_spb_metric *m, qf_err *err)
{
  char key[QF_LP_KEY_MAX + 1];
  size_t len = 0;
  qf_reading r = {.ts_us = m->has_ts || m->ts_us ? m->ts_us : t->msg->now};
  qf_err why = {0};
  qf_buf b;
  qf_rc rc = qf_spb_value(m, m->datatype ? m->datatype : k->type, &r.v, &r.flags, &why);
  if (rc == QF_STATE || !measured(k->name)) /* a text, a table, no value now */
    return QF_OK;
  if (rc) {
    *err = why;
    return rc;
  }
  qf_buf_init(&b, 4096);
  qf_buf_puts(&b, "sparkplug,group=");
  put_escaped(&b, t->a->group.s, t->a->group.n);
  qf_buf_puts(&b, ",node=");
  put_escaped(&b, t->a->node.s, t->a->node.n);
  if (t->a->device.n) {
    qf_buf_puts(&b, ",device=");
    put_escaped(&b, t->a->device.s, t->a->device.n);
  }
  size_t series = b.len;
  put_escaped(&b, k->name, strlen(k->name));
  if (b.failed) {
    rc = qf_fail(err, QF_RANGE, "a series name that is too long", "序列名过长");
  } else {
    const qf_lp_name n = {(const char *)b.data, (const char *)b.data + series, series, b.len - series};
    rc = qf_lp_canonical(&n, key, sizeof key, &len, err);
  }
  qf_buf_fini(&b);
  return rc ? rc : t->fn(t->ud, key, len, &r, err);
}

/* ---- messages */

static void ask_rebirth(node *x, const taking *t, qf_buf *topic, qf_buf *command)
{
  if (t->msg->now - x->asked < QF_SPB_REBIRTH_S * QF_US_SECOND && t->msg->now >= x->asked)
    return;
  x->asked = t->msg->now;
  qf_buf_puts(topic, "spBv1.0/");
  qf_buf_put(topic, t->a->group.s, t->a->group.n);
  qf_buf_puts(topic, "/NCMD/");
  qf_buf_put(topic, t->a->node.s, t->a->node.n);
  qf_spb_rebirth(command, t->msg->now);
}

static qf_rc birth(node *x, qf_spb *p, uint32_t device, const taking *t, qf_err *err)
{
  qf_spb_metric m;
  qf_rc rc = QF_OK;
  if (t->a->device.n && !device)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  clear(x, device);
  while (!rc && qf_spb_next(p, &m)) {
    rc = learn(x, &m, device, err);
    if (!rc)
      rc = give(t, &x->m[x->n - 1], &m, err);
  }
  return rc;
}

static qf_rc data(node *x, qf_spb *p, uint32_t device, const taking *t, bool *strange, qf_err *err)
{
  qf_spb_metric m;
  qf_rc rc = QF_OK;
  while (!rc && qf_spb_next(p, &m)) {
    const metric *k = find(x, &m, device);
    if (k)
      rc = give(t, k, &m, err);
    else
      *strange = true;
  }
  return rc;
}

/* Does the number follow the last one? Either way the next is counted from it. */
static bool follows(node *x, const qf_spb *p)
{
  bool yes = p->has_seq && x->born && p->seq == x->next;
  x->next = (uint8_t)(p->seq + 1);
  return yes;
}

qf_rc qf_spb_take(qf_spb_nodes *s, const qf_mqtt_message *msg, uint64_t conn, qf_mqtt_value *fn, void *ud,
                  qf_buf *command_topic, qf_buf *command, qf_err *err)
{
  address a;
  qf_spb p;
  bool strange = false;
  if (!read_topic(msg->topic, &a) || (a.type.s[0] == 'D') != (a.device.n > 0))
    return qf_fail(err, QF_SYNTAX, "%.*s is no Sparkplug B topic", "%.*s 不是 Sparkplug B 主题",
                   msg->topic.n < 100 ? (int)msg->topic.n : 100, msg->topic.s);
  qf_rc rc = qf_spb_open(msg->payload.s ? msg->payload.s : "", msg->payload.n, &p, err);
  if (rc)
    return rc;
  node *x = node_of(s, &a);
  if (!x)
    return qf_fail(err, QF_FULL, "more than %d edge nodes, or out of memory", "边缘节点超过 %d 个或内存不足",
                   QF_SPB_NODES);
  const taking t = {&a, msg, fn, ud};
  if (is(a.type, "NDEATH")) {
    x->born = false;
    return QF_OK;
  }
  if (is(a.type, "NBIRTH")) {
    x->born = true;
    x->conn = conn;
    x->next = (uint8_t)(p.seq + 1);
    return birth(x, &p, 0, &t, err);
  }
  strange = !follows(x, &p);
  uint32_t device = a.device.n ? device_of(x, a.device) : 0;
  if (is(a.type, "DBIRTH") && x->born)
    rc = birth(x, &p, device, &t, err);
  else if (is(a.type, "DDEATH"))
    clear(x, device ? device : UINT32_MAX);
  else if (is(a.type, "NDATA") || is(a.type, "DDATA"))
    rc = data(x, &p, device, &t, &strange, err);
  else if (!is(a.type, "DBIRTH"))
    return qf_fail(err, QF_SYNTAX, "message type %.*s is not for a host", "报文类型 %.*s 不由主机接收",
                   a.type.n < 40 ? (int)a.type.n : 40, a.type.s);
  if (!rc && strange)
    ask_rebirth(x, &t, command_topic, command);
  if (!rc && !x->born && !x->n)
    rc = qf_fail(err, QF_STATE, "%.80s sends before its birth; it was asked for it",
                 "%.80s 未发送出生报文即上报，已要求重发", x->id);
  return rc;
}
