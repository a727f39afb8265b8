#include "collect/door.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

qf_rc qf_door_init(qf_door *d, const qf_collect_env *env, const char *protocol, const char *collector)
{
  d->env = env;
  d->protocol = protocol;
  snprintf(d->name, sizeof d->name, "%s", collector);
  d->gather = qf_gather_new(env);
  if (!d->gather)
    return QF_NOMEM;
  d->nobody = qf_link_of(env->links, collector, protocol, "?");
  if (!d->nobody) {
    qf_gather_stop(d->gather);
    return QF_NOMEM;
  }
  pthread_mutex_init(&d->mx, NULL);
  pthread_cond_init(&d->cv, NULL);
  return QF_OK;
}

static void end_if_empty(qf_door *d)
{
  if (!d->stopping || d->first || !d->gather)
    return;
  qf_gather_stop(d->gather);
  d->gather = NULL;
  pthread_mutex_lock(&d->mx);
  d->stopped = true;
  pthread_cond_signal(&d->cv);
  pthread_mutex_unlock(&d->mx);
}

static void shut(void *ud)
{
  qf_door *d = ud;
  d->stopping = true;
  for (qf_visit *v = d->first, *next; v; v = next) {
    next = v->next;
    qf_conn_close(v->conn, false);
  }
  end_if_empty(d);
}

void qf_door_stop(qf_door *d)
{
  if (!qf_loop_post(d->env->loop, shut, d))
    return;
  pthread_mutex_lock(&d->mx);
  while (!d->stopped)
    pthread_cond_wait(&d->cv, &d->mx);
  pthread_mutex_unlock(&d->mx);
}

void qf_door_fini(qf_door *d)
{
  for (uint32_t i = 0; i < d->slots; i++) {
    if (d->slot[i] && d->guest_fini)
      d->guest_fini(d->slot[i]);
    free(d->slot[i]);
  }
  free(d->slot);
  if (d->gather)
    qf_gather_stop(d->gather);
  pthread_cond_destroy(&d->cv);
  pthread_mutex_destroy(&d->mx);
}

void qf_door_enter(qf_door *d, qf_visit *v, qf_conn *k)
{
  v->door = d;
  v->conn = k;
  v->next = d->first;
  if (d->first)
    d->first->prev = v;
  d->first = v;
  if (d->stopping)
    qf_conn_close(k, false);
}

static void goes(qf_guest *g, uint64_t conn)
{
  if (g->conn != conn)
    return;
  g->conn = 0;
  qf_link_set(g->link, QF_LINK_DOWN, NULL);
}

void qf_door_leave(qf_visit *v)
{
  qf_door *d = v->door;
  uint64_t id = qf_conn_id(v->conn);
  if (v->one)
    goes(v->one, id);
  for (uint32_t i = 0; v->several && i < d->slots; i++)
    if (d->slot[i])
      goes(d->slot[i], id);
  if (v->prev)
    v->prev->next = v->next;
  else
    d->first = v->next;
  if (v->next)
    v->next->prev = v->prev;
  end_if_empty(d);
}

/* ---- guests */

static uint32_t hash(const char *s)
{
  uint32_t h = 2166136261u; /* FNV-1a */
  for (; *s; s++)
    h = (h ^ (uint8_t)*s) * 16777619u;
  return h;
}

static uint32_t place(qf_guest *const *slot, uint32_t slots, const char *name)
{
  uint32_t i = hash(name) & (slots - 1);
  while (slot[i] && strcmp(slot[i]->name, name) != 0)
    i = (i + 1) & (slots - 1);
  return i;
}

qf_guest *qf_door_find(const qf_door *d, const char *name)
{
  return d->slots ? d->slot[place(d->slot, d->slots, name)] : NULL;
}

static bool widen(qf_door *d)
{
  uint32_t n = d->slots ? d->slots * 2 : 64;
  qf_guest **slot = calloc(n, sizeof *slot);
  if (!slot)
    return false;
  for (uint32_t i = 0; i < d->slots; i++)
    if (d->slot[i])
      slot[place(slot, n, d->slot[i]->name)] = d->slot[i];
  free(d->slot);
  d->slot = slot;
  d->slots = n;
  return true;
}

qf_guest *qf_door_add(qf_door *d, const char *name)
{
  if (d->guests >= d->guests_max || (d->guests * 2 >= d->slots && !widen(d)))
    return NULL;
  qf_guest *g = calloc(1, d->guest_size);
  if (!g)
    return NULL;
  snprintf(g->name, sizeof g->name, "%s", name);
  d->slot[place(d->slot, d->slots, g->name)] = g;
  d->guests++;
  return g;
}

void qf_door_speaks(qf_visit *v, qf_guest *g)
{
  qf_door *d = v->door;
  uint64_t id = qf_conn_id(v->conn);
  if (g->conn == id)
    return;
  if (!g->link)
    g->link = qf_link_of(d->env->links, d->name, d->protocol, g->name);
  if (!g->link)
    g->link = d->nobody;
  qf_conn *old = g->conn ? qf_conn_find(d->env->loop, g->conn) : NULL;
  g->conn = id;
  g->told = false;
  v->several = v->several || (v->one && v->one != g);
  v->one = v->one ? v->one : g;
  qf_link_set(g->link, QF_LINK_UP, qf_conn_peer(v->conn));
  const qf_visit *was = old ? qf_conn_ud(old) : NULL;
  if (!was || was->many)
    return;
  qf_err err;
  qf_fail(&err, QF_EXISTS, "also came from %s: that connection was ended; two devices under one name?",
          "另有来自 %s 的连接：已断开；是否有两台设备使用同一编号？", qf_conn_peer(old));
  qf_link_refused(g->link, NULL, 0, &err);
  qf_conn_close(old, false);
}

/* Passwords in a message are not shown to those who look at what was refused. */
static size_t hide(const void *raw, size_t n, char out[QF_LINK_RAW_MAX])
{
  if (n > QF_LINK_RAW_MAX)
    n = QF_LINK_RAW_MAX;
  if (n)
    memcpy(out, raw, n);
  for (size_t i = 0; i + 3 <= n; i++) {
    if (memcmp(out + i, "PW", 2) != 0)
      continue;
    size_t k = i + 2;
    while (k < n && out[k] == ' ')
      k++;
    if (k == n || out[k] != '=')
      continue;
    for (k++; k < n && out[k] != ';' && out[k] != ','; k++)
      out[k] = '*';
  }
  return n;
}

bool qf_door_refuse(qf_visit *v, qf_guest *g, const void *raw, size_t n, const qf_err *why)
{
  char shown[QF_LINK_RAW_MAX];
  qf_link_refused(g && g->link ? g->link : v->door->nobody, shown, hide(raw, n, shown), why);
  return ++v->bad < QF_DOOR_BAD_MAX;
}

void qf_door_warn(qf_visit *v, qf_guest *g, const qf_err *why)
{
  qf_link_refused(g && g->link ? g->link : v->door->nobody, NULL, 0, why);
}

qf_rc qf_door_series(qf_door *d, qf_guest *g, const char *key, size_t len, uint32_t *point, qf_err *err)
{
  *point = qf_city_series_find(d->env->city, key, len);
  if (*point)
    return QF_OK;
  if (g->series >= d->series_max)
    return qf_fail(err, QF_FULL, "%s: more than %u new series; series_max says so",
                   "%s：新序列超过 %u 个（series_max）", g->name, d->series_max);
  qf_rc rc = qf_city_series(d->env->city, key, len, point, err);
  g->series += rc == QF_OK;
  return rc;
}

bool qf_door_from(const char *list, const char *peer)
{
  static const char apart[] = " ,;\t";
  const char *host = peer[0] == '[' ? peer + 1 : peer, *end = strrchr(host, peer[0] == '[' ? ']' : ':');
  size_t len = end ? (size_t)(end - host) : strlen(host);
  if (!list)
    return true;
  for (;;) {
    list += strspn(list, apart);
    size_t n = strcspn(list, apart);
    if (!n)
      return false;
    bool begins = list[n - 1] == '.' || list[n - 1] == ':';
    if ((begins ? n <= len : n == len) && strncmp(list, host, n) == 0)
      return true;
    list += n;
  }
}

bool qf_door_same(const char *a, const char *b)
{
  size_t n = strlen(a), m = strlen(b);
  unsigned diff = n != m;
  for (size_t i = 0; i < n; i++)
    diff |= (unsigned)(uint8_t)a[i] ^ (unsigned)(uint8_t)(i < m ? b[i] : 0);
  return diff == 0;
}

bool qf_door_plain(const char *host, const char *plain)
{
  return strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0 || (plain && strcmp(plain, "yes") == 0);
}

qf_rc qf_door_conf(qf_conf *c, qf_conn_opts *o, char host[256], uint16_t *port, qf_err *err)
{
  int64_t idle = 0, max = 0;
  qf_rc rc = qf_conf_addr(c, "collector", "listen", host, 256, port, err);
  if (!rc)
    rc = qf_conf_int(c, "collector", "idle_s", 0, 7 * 86400, 3600, &idle, err);
  if (!rc)
    rc = qf_conf_int(c, "collector", "connections_max", 1, 100000, 6000, &max, err);
  if (rc)
    return rc;
  o->idle_s = (uint32_t)idle;
  o->conn_max = (uint32_t)max;
  o->tls_cert = qf_conf_path(c, "collector", "tls_cert");
  o->tls_key = qf_conf_path(c, "collector", "tls_key");
  o->tls_ca = qf_conf_path(c, "collector", "tls_ca");
  const char *plain = qf_conf_get(c, "collector", "plain");
  if (!o->tls_cert && !qf_door_plain(host, plain))
    return qf_fail(
        err, QF_DENIED,
        "listen on %.60s without TLS: anybody on the way can read and change what is sent; give tls_cert and "
        "tls_key, or plain = yes when the devices know no TLS and their network is their own",
        "在 %.60s 上明文侦听：途中任何人可读可改；请设 tls_cert 与 tls_key，设备不支持 TLS 且网络专用时可设 plain = "
        "yes",
        host);
  return QF_OK;
}
