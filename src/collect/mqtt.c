/* Sessions. What is kept for a client, also when it is away: the identifiers of QoS 2 messages that it has not released yet, so that
 * one that is sent again is answered and not taken twice. Order: acknowledgements go out in the order of the messages (gather.h).
 *
 * A message that cannot be read will never be: 5.0 gets the reason in its acknowledgement, 3.1.1 has no words for it and is
 * acknowledged; both are told on the link with the bytes. A message that could not be kept is not acknowledged and the connection
 * is ended, so that the client sends it again. */
#include "collect/mqtt.h"
#include "collect/door.h"
#include "collect/lines.h"
#include "collect/mqtt_map.h"
#include "collect/mqtt_spb.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INFLIGHT = 100, ALIASES = 20, USERS_MAX = 1000 };

typedef struct user {
  const char *name, *password, *publish; /* filters apart by blanks; NULL: all topics */
} user;

typedef struct server {
  qf_door door; /* first */
  user *users;
  uint32_t nusers, nmaps;
  qf_mqtt_map *maps;
  qf_spb_nodes *spb;         /* NULL: no map is for Sparkplug */
  const char *token_publish; /* what those who come with a token may publish to */
  bool tokens, anonymous;
  int64_t packet_max;
} server;

typedef struct pending { /* a QoS 2 message that was not released yet */
  uint16_t id;
  bool durable;
} pending;

typedef struct client {
  qf_guest guest; /* first; name is the client identifier */
  qf_door *door;
  bool kept; /* it asked for its session to be kept */
  uint32_t n;
  pending two[INFLIGHT];
} client;

typedef struct visit {
  qf_visit v; /* first */
  client *me; /* NULL: before CONNECT was accepted */
  char user[QF_GUEST_NAME_MAX + 1], will[80];
  const char *publish;
  uint8_t version;
  bool bye;      /* it goes in order, or we end it */
  bool commands; /* it listens for Sparkplug's */
  uint32_t keep_s;
  qf_us heard;
  char *alias[ALIASES + 1];
} visit;

static const server *server_of(const visit *v)
{
  return (const server *)v->v.door;
}

/* ---- sending */

static void say(const visit *v, const qf_mqtt_packet *p)
{
  qf_buf b;
  qf_buf_init(&b, 1 << 16);
  if (qf_mqtt_write(&b, v->version ? v->version : QF_MQTT_V4, p))
    (void)qf_conn_send(v->v.conn, b.data, b.len);
  qf_buf_fini(&b);
}

/* 5.0 is told why a connection ends; 3.1.1 has no words for it. */
static void part(visit *v, uint8_t reason)
{
  if (v->version == QF_MQTT_V5 && v->me)
    say(v, &(qf_mqtt_packet){.type = QF_MQTT_DISCONNECT, .reason = reason});
  v->bye = true; /* our doing: no will */
  qf_conn_close(v->v.conn, true);
}

/* ---- CONNECT */

typedef struct token {
  bool good;
  qf_us now;
} token;

static bool on_token(void *ud, const qf_cell *c, size_t n)
{
  token *t = ud;
  qf_us until = 0;
  bool writes = n == 2 && c[0].kind == 4 && strstr(c[0].s, "write"),
       ends =
           n == 2 && c[1].kind == 4 && c[1].len && (qf_tm_parse(c[1].s, c[1].len, &until) != QF_OK || until <= t->now);
  t->good = t->good || (writes && !ends);
  return !t->good;
}

/* A token of the city that may write, as the password; the user name says nothing then. */
static bool is_token(const server *s, qf_mqtt_str secret)
{
  uint8_t hash[32];
  char hex[65];
  qf_err ignored;
  token t = {false, qf_city_now(s->door.env->city)};
  if (!s->tokens || !secret.n || secret.n > 200)
    return false;
  qf_sha256(secret.s, secret.n, hash);
  qf_hex(hash, 32, hex);
  qf_param p = {.kind = 4, .s = hex};
  return qf_book_query(qf_city_book(s->door.env->city),
                       "SELECT scopes, expires FROM rec_token WHERE hash = ?1 AND NOT revoked", &p, 1, on_token, &t,
                       &ignored) == QF_OK &&
         t.good;
}

static bool admitted(visit *v, const qf_mqtt_packet *p)
{
  const server *s = server_of(v);
  char name[QF_GUEST_NAME_MAX + 1], password[201];
  snprintf(name, sizeof name, "%.*s", (int)(p->user.n < sizeof name ? p->user.n : 0), p->user.s ? p->user.s : "");
  snprintf(password, sizeof password, "%.*s", (int)(p->password.n < sizeof password ? p->password.n : 0),
           p->password.s ? p->password.s : "");
  snprintf(v->user, sizeof v->user, "%s", name);
  for (uint32_t i = 0; i < s->nusers; i++)
    if (strcmp(s->users[i].name, name) == 0) {
      v->publish = s->users[i].publish;
      return p->has_password && strlen(password) == p->password.n && qf_door_same(s->users[i].password, password);
    }
  v->publish = s->token_publish;
  return is_token(s, p->password) || (s->anonymous && !p->has_user && !p->has_password);
}

static void connack(const visit *v, uint8_t reason, bool present, const char *assigned)
{
  qf_mqtt_packet p = {.type = QF_MQTT_CONNACK, .reason = reason, .session_present = present};
  if (v->version == QF_MQTT_V5 && !reason) {
    p.props.has = UINT64_C(1) << QF_MQTT_P_RECEIVE_MAX | UINT64_C(1) << QF_MQTT_P_ALIAS_MAX |
                  UINT64_C(1) << QF_MQTT_P_MAX_PACKET | UINT64_C(1) << QF_MQTT_P_WILDCARD |
                  UINT64_C(1) << QF_MQTT_P_SUB_ID_AVAILABLE | UINT64_C(1) << QF_MQTT_P_SHARED;
    p.props.num[QF_MQTT_P_RECEIVE_MAX] = INFLIGHT;
    p.props.num[QF_MQTT_P_ALIAS_MAX] = ALIASES;
    p.props.num[QF_MQTT_P_MAX_PACKET] = (uint32_t)server_of(v)->packet_max;
    if (assigned) {
      p.props.has |= UINT64_C(1) << QF_MQTT_P_ASSIGNED_ID;
      p.props.str[QF_MQTT_P_ASSIGNED_ID] = (qf_mqtt_str){assigned, strlen(assigned)};
    }
  }
  say(v, &p);
}

/* The connection is refused: the answer in the words of its version. four: return code of 3.1.1. */
static bool turn_away(visit *v, uint8_t reason, uint8_t four, const qf_err *why)
{
  connack(v, v->version == QF_MQTT_V5 ? reason : four, false, NULL);
  (void)qf_door_refuse(&v->v, NULL, NULL, 0, why); /* no bytes: they hold a password */
  qf_conn_close(v->v.conn, true);
  return true;
}

static bool enter(visit *v, const qf_mqtt_packet *p)
{
  server *s = (server *)v->v.door;
  char id[QF_GUEST_NAME_MAX + 1];
  qf_err err;
  bool assigned = p->client.n == 0;
  v->version = p->version;
  if (!admitted(v, p)) {
    qf_fail(&err, QF_DENIED, "user %.60s: no such user, or another password", "用户 %.60s：无此用户或密码不符",
            v->user);
    return turn_away(v, QF_MQTT_BAD_LOGIN, 4, &err);
  }
  if (p->client.n > QF_GUEST_NAME_MAX) {
    qf_fail(&err, QF_RANGE, "a client identifier of %zu bytes; at most %d", "客户端标识符 %zu 字节，上限 %d",
            p->client.n, QF_GUEST_NAME_MAX);
    return turn_away(v, QF_MQTT_BAD_CLIENT_ID, 2, &err);
  }
  if (assigned)
    snprintf(id, sizeof id, "auto-%llu", (unsigned long long)qf_conn_id(v->v.conn));
  else
    snprintf(id, sizeof id, "%.*s", (int)p->client.n, p->client.s);
  qf_guest *g = qf_door_find(&s->door, id);
  if (!g)
    g = qf_door_add(&s->door, id);
  if (!g) {
    qf_fail(&err, QF_FULL, "more clients than clients_max", "客户端数超过 clients_max");
    return turn_away(v, QF_MQTT_QUOTA, 3, &err);
  }
  client *me = (client *)g;
  me->door = &s->door;
  bool present = me->kept && !p->clean;
  if (!present)
    me->n = 0;
  me->kept = !p->clean && !assigned;
  v->me = me;
  v->keep_s = p->keep_alive + p->keep_alive / 2u;
  if (p->will.there)
    snprintf(v->will, sizeof v->will, "%.*s", (int)(p->will.topic.n < 79 ? p->will.topic.n : 79), p->will.topic.s);
  qf_door_speaks(&v->v, g);
  connack(v, QF_MQTT_SUCCESS, present, assigned ? id : NULL);
  return true;
}

/* ---- PUBLISH */

static pending *waiting(client *c, uint16_t id)
{
  for (uint32_t i = 0; i < c->n; i++)
    if (c->two[i].id == id)
      return &c->two[i];
  return NULL;
}

static void forget(client *c, pending *p)
{
  *p = c->two[--c->n];
}

/* Tag: identifier and QoS. */
static void told(void *ud, uint64_t conn, uint32_t tag, qf_rc rc)
{
  client *c = ud;
  pending *p = tag >> 16 == 2 ? waiting(c, (uint16_t)tag) : NULL;
  if (p && rc)
    forget(c, p);
  else if (p)
    p->durable = true;
  qf_conn *k = rc ? qf_conn_find(c->door->env->loop, conn) : NULL;
  if (k)
    part(qf_conn_ud(k), QF_MQTT_QUOTA); /* not kept: it is to come again */
}

static bool may_publish(const char *filters, qf_mqtt_str topic)
{
  if (!filters)
    return true;
  for (const char *s = filters; *s;) {
    s += strspn(s, " ,");
    size_t n = strcspn(s, " ,");
    if (n && qf_mqtt_match((qf_mqtt_str){s, n}, topic, NULL, 0, NULL))
      return true;
    s += n;
  }
  return false;
}

static const qf_mqtt_map *map_of(const server *s, qf_mqtt_str topic)
{
  for (uint32_t i = 0; i < s->nmaps; i++)
    if (qf_mqtt_match((qf_mqtt_str){s->maps[i].topic, strlen(s->maps[i].topic)}, topic, NULL, 0, NULL))
      return &s->maps[i];
  return NULL;
}

/* Aliases live as long as the connection. false: one that is not known, or beyond those offered. */
static bool resolve(visit *v, const qf_mqtt_packet *p, qf_mqtt_str *topic)
{
  uint32_t a = p->props.has >> QF_MQTT_P_ALIAS & 1 ? p->props.num[QF_MQTT_P_ALIAS] : 0;
  *topic = p->topic;
  if (!a)
    return true;
  if (a > ALIASES)
    return false;
  if (p->topic.n) {
    free(v->alias[a]);
    v->alias[a] = strndup(p->topic.s, p->topic.n);
  } else if (v->alias[a]) {
    *topic = (qf_mqtt_str){v->alias[a], strlen(v->alias[a])};
  }
  return v->alias[a] != NULL;
}

static qf_rc on_value(void *ud, const char *key, size_t len, const qf_reading *r, qf_err *err)
{
  visit *v = ud;
  uint32_t point = 0;
  qf_rc rc = qf_door_series(v->v.door, &v->me->guest, key, len, &point, err);
  return rc ? rc : qf_gather_add(v->v.door->gather, point, r, err);
}

static qf_rc take_lines(const visit *v, const qf_mqtt_map *m, qf_mqtt_str payload, qf_err *err)
{
  qf_batch b;
  qf_lines_report rep = {0};
  qf_batch_init(&b);
  qf_rc rc = qf_lines_decode(v->v.door->env->city, payload.s ? payload.s : "", payload.n,
                             m->nanos             ? QF_LP_NS
                             : m->tick_us == 1    ? QF_LP_US
                             : m->tick_us == 1000 ? QF_LP_MS
                                                  : QF_LP_S,
                             &b, &rep, err);
  if (!rc && rep.bad)
    rc = qf_lp_error_text(&rep.errors[0], err);
  else if (!rc && rep.series_bad) {
    rc = rep.series_err.rc ? rep.series_err.rc : QF_SYNTAX;
    *err = rep.series_err;
  }
  for (uint32_t i = 0; !rc && i < b.n; i++)
    rc =
        qf_gather_add(v->v.door->gather, b.point[i], &(qf_reading){b.ts_us[i], {b.mant[i], b.exp[i]}, b.flags[i]}, err);
  qf_batch_fini(&b);
  return rc;
}

/* A node that must send its births again is told so, if it listens. */
static qf_rc take_sparkplug(visit *v, const qf_mqtt_message *msg, qf_err *err)
{
  qf_buf topic, command;
  qf_err deaf;
  qf_buf_init(&topic, 4096);
  qf_buf_init(&command, 4096);
  qf_rc rc = qf_spb_take(server_of(v)->spb, msg, qf_conn_id(v->v.conn), on_value, v, &topic, &command, err);
  if (command.len && v->commands) {
    say(v, &(qf_mqtt_packet){.type = QF_MQTT_PUBLISH,
                             .topic = {(const char *)topic.data, topic.len},
                             .payload = {(const char *)command.data, command.len}});
  } else if (command.len) {
    qf_fail(&deaf, QF_STATE, "%.*s: its births are needed again, but it does not listen for commands",
            "%.*s：须重发出生报文，但其未订阅命令主题", (int)topic.len, (const char *)topic.data);
    qf_door_warn(&v->v, &v->me->guest, &deaf);
  }
  qf_buf_fini(&topic);
  qf_buf_fini(&command);
  return rc;
}

/* The message's values into the batch. *reason of 5.0 when it is refused. */
static qf_rc take_message(visit *v, qf_mqtt_str topic, qf_mqtt_str payload, uint8_t *reason, qf_err *err)
{
  const server *s = server_of(v);
  const qf_mqtt_map *m = map_of(s, topic);
  *reason = QF_MQTT_NOT_AUTHORIZED;
  if (!may_publish(v->publish, topic))
    return qf_fail(err, QF_DENIED, "user %.60s may not publish to %.*s", "用户 %.60s 不得向 %.*s 发布", v->user,
                   topic.n < 100 ? (int)topic.n : 100, topic.s);
  *reason = QF_MQTT_BAD_TOPIC;
  if (!m)
    return qf_fail(err, QF_NOTFOUND, "no [map] is for the topic %.*s", "没有 [map] 对应主题 %.*s",
                   topic.n < 100 ? (int)topic.n : 100, topic.s);
  *reason = QF_MQTT_BAD_PAYLOAD;
  if (m->payload == QF_MQTT_LINES)
    return take_lines(v, m, payload, err);
  const qf_mqtt_message msg = {topic, payload, v->me->guest.name, v->user, qf_city_now(s->door.env->city)};
  return m->payload == QF_MQTT_SPARKPLUG ? take_sparkplug(v, &msg, err) : qf_mqtt_map_run(m, &msg, on_value, v, err);
}

/* Answer in order, when what was taken is durable. */
static qf_rc answer(visit *v, const qf_mqtt_packet *p, uint8_t reason, qf_err *err)
{
  qf_gather_ack ack = {.link = v->me->guest.link,
                       .conn = qf_conn_id(v->v.conn),
                       .told = told,
                       .ud = v->me,
                       .tag = (uint32_t)p->qos << 16 | p->id};
  qf_buf b;
  qf_buf_init(&b, QF_GATHER_REPLY_MAX);
  const qf_mqtt_packet out = {.type = p->qos == 1 ? QF_MQTT_PUBACK : QF_MQTT_PUBREC,
                              .id = p->id,
                              .reason = v->version == QF_MQTT_V5 ? reason : 0};
  if (p->qos && qf_mqtt_write(&b, v->version, &out)) {
    memcpy(ack.reply, b.data, b.len);
    ack.reply_len = (uint16_t)b.len;
  }
  qf_buf_fini(&b);
  return qf_gather_packet(v->v.door->gather, &ack, err);
}

static bool ours(qf_rc rc)
{
  return rc == QF_FULL || rc == QF_NOMEM || rc == QF_IO || rc == QF_STATE;
}

/* A QoS 2 message that came before: answered again when it is durable, taken never. true: it is one. */
static bool came_before(visit *v, const qf_mqtt_packet *p)
{
  const pending *old = p->qos == 2 ? waiting(v->me, p->id) : NULL;
  if (old && old->durable)
    say(v, &(qf_mqtt_packet){.type = QF_MQTT_PUBREC, .id = p->id});
  return old != NULL;
}

static bool publish(visit *v, const qf_mqtt_packet *p, const uint8_t *raw, size_t len)
{
  qf_mqtt_str topic;
  qf_err err = {0};
  uint8_t reason = QF_MQTT_SUCCESS;
  if (came_before(v, p))
    return true;
  if (!resolve(v, p, &topic)) {
    part(v, QF_MQTT_BAD_ALIAS);
    return true;
  }
  if (p->qos == 2 && v->me->n == INFLIGHT) {
    part(v, QF_MQTT_RECEIVE_MAX);
    return true;
  }
  qf_rc rc = take_message(v, topic, p->payload, &reason, &err);
  bool stay = true;
  if (rc) {
    qf_gather_drop(v->v.door->gather);
    stay = qf_door_refuse(&v->v, &v->me->guest, raw, len, &err);
    if (ours(rc)) { /* not kept: it is to come again */
      part(v, QF_MQTT_QUOTA);
      return true;
    }
    if (rc == QF_DENIED && v->version == QF_MQTT_V4) {
      part(v, QF_MQTT_NOT_AUTHORIZED);
      return true;
    }
  } else {
    reason = QF_MQTT_SUCCESS;
    v->v.bad = 0;
  }
  if (p->qos == 2 && reason < 0x80)
    v->me->two[v->me->n++] = (pending){p->id, false};
  if (answer(v, p, reason, &err)) {
    pending *mine = p->qos == 2 ? waiting(v->me, p->id) : NULL;
    if (mine)
      forget(v->me, mine);
    part(v, QF_MQTT_QUOTA);
    return true;
  }
  return stay;
}

/* ---- the other packets */

/* Bytes of a packet that may be shown: none of one that holds a password, whatever state it came in. */
static size_t shown(const visit *v, const uint8_t *p, size_t n)
{
  unsigned type = n ? p[0] >> 4 : 0;
  return !v->me || type == QF_MQTT_CONNECT || type == QF_MQTT_AUTH ? 0 : n;
}

static void released(visit *v, const qf_mqtt_packet *p)
{
  pending *was = waiting(v->me, p->id);
  if (was)
    forget(v->me, was);
  say(v, &(qf_mqtt_packet){.type = QF_MQTT_PUBCOMP,
                           .id = p->id,
                           .reason = was || v->version == QF_MQTT_V4 ? 0 : QF_MQTT_ID_NOT_FOUND});
}

/* Nobody may subscribe but to Sparkplug's commands, which are sent with QoS 0: each other filter is answered with a refusal. */
static void subscribe(visit *v, const qf_mqtt_packet *p)
{
  uint8_t codes[QF_MQTT_FILTERS_MAX];
  qf_mqtt_filter f;
  size_t at = 0;
  bool un = p->type == QF_MQTT_UNSUBSCRIBE;
  memset(codes, un ? QF_MQTT_NO_SUBSCRIPTION : v->version == QF_MQTT_V5 ? QF_MQTT_NOT_AUTHORIZED : 0x80, p->list_n);
  for (uint32_t i = 0; !un && server_of(v)->spb && i < p->list_n && qf_mqtt_filter_next(p, &at, &f); i++)
    if (qf_spb_command_filter(f.name)) {
      codes[i] = 0;
      v->commands = true;
    }
  say(v, &(qf_mqtt_packet){.type = un ? QF_MQTT_UNSUBACK : QF_MQTT_SUBACK,
                           .id = p->id,
                           .list = {(const char *)codes, p->list_n},
                           .list_n = p->list_n});
}

static bool handle(visit *v, const qf_mqtt_packet *p, const uint8_t *raw, size_t len)
{
  qf_err err;
  if (p->type == QF_MQTT_CONNECT)
    return enter(v, p);
  if (!v->me) { /* the reader gives nothing but CONNECT before it */
    part(v, QF_MQTT_PROTOCOL_ERROR);
    return true;
  }
  switch (p->type) {
  case QF_MQTT_PUBLISH:
    return publish(v, p, raw, len);
  case QF_MQTT_PUBREL:
    released(v, p);
    return true;
  case QF_MQTT_SUBSCRIBE:
  case QF_MQTT_UNSUBSCRIBE:
    subscribe(v, p);
    return true;
  case QF_MQTT_PINGREQ:
    say(v, &(qf_mqtt_packet){.type = QF_MQTT_PINGRESP});
    return true;
  case QF_MQTT_DISCONNECT:
    v->bye = p->reason != QF_MQTT_WITH_WILL;
    qf_conn_close(v->v.conn, true);
    return true;
  case QF_MQTT_AUTH:
    qf_fail(&err, QF_SYNTAX, "AUTH without a method", "未约定认证方法而发送 AUTH");
    break;
  default:
    qf_fail(&err, QF_SYNTAX, "a packet that only a server sends", "仅服务端可发送的报文");
  }
  (void)qf_door_refuse(&v->v, v->me ? &v->me->guest : NULL, raw, shown(v, raw, len), &err);
  part(v, QF_MQTT_PROTOCOL_ERROR);
  return true;
}

/* ---- connections */

static void on_open(qf_conn *k)
{
  server *s = qf_conn_ud(k);
  visit *v = calloc(1, sizeof *v);
  qf_conn_set_ud(k, v);
  if (!v) {
    qf_conn_close(k, false);
    return;
  }
  v->heard = qf_city_now(s->door.env->city);
  qf_door_enter(&s->door, &v->v, k);
}

/* A packet that cannot be read ends the connection: what follows it has no beginning. */
static void broken(visit *v, const uint8_t *p, size_t n, uint8_t reason, const qf_err *err)
{
  if (!v->me && reason == QF_MQTT_BAD_VERSION)
    connack(v, 1, false, NULL);
  (void)qf_door_refuse(&v->v, v->me ? &v->me->guest : NULL, p, shown(v, p, n), err);
  part(v, reason);
}

static size_t on_bytes(qf_conn *k, const uint8_t *p, size_t n)
{
  visit *v = qf_conn_ud(k);
  size_t used = 0;
  if (!v || v->v.door->stopping)
    return QF_CONN_CLOSE;
  v->heard = qf_city_now(v->v.door->env->city);
  while (used < n) {
    qf_mqtt_packet m;
    qf_err err = {0};
    uint8_t reason = 0;
    size_t len = 0;
    qf_rc rc = qf_mqtt_frame(p + used, n - used, (size_t)server_of(v)->packet_max, &len, &reason, &err);
    if (rc == QF_PARTIAL)
      break;
    if (!rc)
      rc = qf_mqtt_read(p + used, len, v->me ? v->version : 0, &m, &reason, &err);
    if (rc) {
      broken(v, p + used, n - used, reason, &err);
      return n;
    }
    if (!handle(v, &m, p + used, len))
      return QF_CONN_CLOSE;
    used += len;
    if (v->bye || (!v->me && m.type == QF_MQTT_CONNECT))
      return n; /* it is ending: nothing after it counts */
  }
  qf_gather_brake(v->v.door->gather, k);
  return used;
}

static void on_tick(qf_conn *k, qf_us now)
{
  visit *v = qf_conn_ud(k);
  (void)now;
  if (!v || v->v.door->stopping)
    return;
  qf_us silent = qf_city_now(v->v.door->env->city) - v->heard;
  if (v->me ? v->keep_s && silent > (qf_us)v->keep_s * QF_US_SECOND : silent > 30 * QF_US_SECOND) {
    v->bye = !v->me;
    if (v->me && v->version == QF_MQTT_V5)
      say(v, &(qf_mqtt_packet){.type = QF_MQTT_DISCONNECT, .reason = QF_MQTT_KEEP_ALIVE});
    qf_conn_close(k, true);
  }
}

static void on_closed(qf_conn *k, const qf_err *why)
{
  visit *v = qf_conn_ud(k);
  (void)why;
  if (!v)
    return;
  if (v->me && !v->bye && !v->v.door->stopping && v->me->guest.conn == qf_conn_id(k)) {
    qf_err err;
    qf_fail(&err, QF_STATE, "gone without DISCONNECT%s%s", "未发送 DISCONNECT 即断开%s%s",
            *v->will ? "; its will: " : "", v->will);
    qf_door_warn(&v->v, &v->me->guest, &err);
  }
  for (int i = 0; i <= ALIASES; i++)
    free(v->alias[i]);
  qf_spb_gone(server_of(v)->spb, qf_conn_id(k));
  qf_door_leave(&v->v);
  free(v);
}

/* ---- the file */

static qf_rc yes_no(qf_conf *c, const char *key, bool otherwise, bool *out, qf_err *err)
{
  const char *s = qf_conf_get(c, "collector", key);
  *out = s ? strcmp(s, "yes") == 0 : otherwise;
  return !s || *out || strcmp(s, "no") == 0
             ? QF_OK
             : qf_fail(err, QF_SYNTAX, "%s = %.40s: not yes or no", "%s = %.40s：应为 yes 或 no", key, s);
}

static qf_rc filters_ok(const char *section, const char *list, qf_err *err)
{
  for (const char *s = list; s && *s;) {
    s += strspn(s, " ,");
    size_t n = strcspn(s, " ,");
    if (n && !qf_mqtt_filter_ok(s, n))
      return qf_fail(err, QF_SYNTAX, "[%s] publish: %.*s is no topic filter", "[%s] publish：%.*s 不是主题过滤器",
                     section, n < 60 ? (int)n : 60, s);
    s += n;
  }
  return QF_OK;
}

static qf_rc add_user(server *s, qf_conf *c, const char *section, qf_err *err)
{
  user *more = s->nusers < USERS_MAX ? realloc(s->users, (s->nusers + 1) * sizeof *more) : NULL;
  if (!more)
    return qf_fail(err, QF_FULL, "more than %d users", "用户超过 %d 个", USERS_MAX);
  s->users = more;
  user *u = &more[s->nusers++];
  *u = (user){section + 5, qf_conf_get(c, section, "password"), qf_conf_get(c, section, "publish")};
  if (!u->password || !*u->password || strlen(u->name) > QF_GUEST_NAME_MAX)
    return qf_fail(err, QF_SYNTAX, "[%s]: a password is needed, and a name of at most %d bytes",
                   "[%s]：须设置 password，名称不超过 %d 字节", section, QF_GUEST_NAME_MAX);
  return filters_ok(section, u->publish, err);
}

static qf_rc add_map(server *s, qf_conf *c, const char *section, qf_err *err)
{
  qf_mqtt_map *more = s->nmaps < USERS_MAX ? realloc(s->maps, (s->nmaps + 1) * sizeof *more) : NULL;
  if (!more)
    return qf_fail(err, QF_FULL, "more than %d maps", "映射超过 %d 个", USERS_MAX);
  s->maps = more;
  qf_rc rc = qf_mqtt_map_read(c, section, &more[s->nmaps++], err);
  if (!rc && more[s->nmaps - 1].payload == QF_MQTT_SPARKPLUG && !s->spb && !(s->spb = qf_spb_nodes_new()))
    rc = qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  return rc;
}

static qf_rc read_conf(server *s, qf_conf *c, qf_err *err)
{
  const char *section;
  int64_t clients = 0, series = 0;
  s->token_publish = qf_conf_get(c, "collector", "token_publish");
  qf_rc rc = yes_no(c, "tokens", true, &s->tokens, err);
  if (!rc)
    rc = yes_no(c, "anonymous", false, &s->anonymous, err);
  if (!rc)
    rc = qf_conf_int(c, "collector", "packet_max", 1024, 4 << 20, 256 << 10, &s->packet_max, err);
  if (!rc)
    rc = qf_conf_int(c, "collector", "clients_max", 1, 100000, 5000, &clients, err);
  if (!rc)
    rc = qf_conf_int(c, "collector", "series_max", 1, 100000, 1000, &series, err);
  if (!rc)
    rc = filters_ok("collector", s->token_publish, err);
  s->door.guests_max = (uint32_t)clients;
  s->door.series_max = (uint32_t)series;
  for (uint32_t i = 0; !rc && (section = qf_conf_section(c, i)); i++)
    if (strncmp(section, "user ", 5) == 0)
      rc = add_user(s, c, section, err);
    else if (strncmp(section, "map ", 4) == 0)
      rc = add_map(s, c, section, err);
  if (!rc && !s->nmaps)
    rc = qf_fail(err, QF_SYNTAX, "no [map NAME] says what messages mean", "没有 [map 名称] 说明报文含义");
  return rc;
}

static void drop(server *s)
{
  qf_door_fini(&s->door);
  qf_spb_nodes_free(s->spb);
  free(s->users);
  free(s->maps);
  free(s);
}

static qf_rc start_server(const qf_collect_env *env, qf_conf *conf, void **self, qf_err *err)
{
  static const qf_conn_ops ops = {on_open, on_bytes, on_closed, on_tick};
  char host[256];
  uint16_t port = 0;
  server *s = calloc(1, sizeof *s);
  if (!s || qf_door_init(&s->door, env, "mqtt", qf_conf_name(conf))) {
    free(s);
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  }
  s->door.guest_size = sizeof(client);
  qf_conn_opts o = {.ops = &ops, .ud = s, .out_max = 262144};
  qf_rc rc = read_conf(s, conf, err);
  if (!rc)
    rc = qf_door_conf(conf, &o, host, &port, err);
  o.in_max = (size_t)s->packet_max + 16;
  if (!rc)
    rc = qf_loop_listen(env->loop, host, port, &o, &port, err);
  if (rc) {
    drop(s);
    return rc;
  }
  *self = s;
  return QF_OK;
}

static void stop_server(void *self)
{
  server *s = self;
  qf_door_stop(&s->door);
  drop(s);
}

const qf_kind qf_kind_mqtt = {"mqtt", start_server, stop_server};
