/* Who asks and what they may. Rights are decided in src/rights/matrix.c; here stands who it is: a token (a record of which
 * only the SHA-256 of the secret is kept), a person's session, the command line of this machine, or nobody. */
#include "serve/auth.h"
#include <arpa/inet.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LINK_S 3600
#define RATE_PER_S 5000.0  /* requests a second per token or address ... */
#define RATE_BURST 10000.0 /* ... after this many at once */

static int64_t mono_ms(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t qf_mono_s(void *ud)
{
  (void)ud;
  return mono_ms() / 1000;
}

void qf_random_hex(char *out, size_t bytes)
{
  uint8_t r[32];
  randombytes_buf(r, bytes);
  qf_hex(r, bytes, out);
  sodium_memzero(r, sizeof r);
}

/* What the scopes of a token let it do; 0: none of them is known. */
uint32_t qf_auth_actions_of(const char *s, size_t n)
{
  static const struct {
    const char *name;
    uint32_t bits;
  } known[] = {{"read", 1u << QF_ACT_VIEW},
               {"write", 1u << QF_ACT_INGEST},
               {"manage", 1u << QF_ACT_VIEW | 1u << QF_ACT_INGEST | 1u << QF_ACT_ALARM_ACK | 1u << QF_ACT_REGISTER |
                              1u << QF_ACT_TOKENS}};
  uint32_t bits = 0;
  while (n) {
    size_t k = 0;
    while (k < n && s[k] != ' ' && s[k] != ',')
      k++;
    for (size_t i = 0; i < 3; i++)
      if (strlen(known[i].name) == k && memcmp(known[i].name, s, k) == 0)
        bits |= known[i].bits;
    k += k < n;
    s += k;
    n -= k;
  }
  return bits;
}

static bool take_token(void *ud, const qf_cell *c, size_t n)
{
  qf_auth *a = ud;
  if (a->ntokens == QF_TOKENS_MAX) {
    a->token_overflow = true;
    return false;
  }
  if (n != 4 || c[0].kind != 4 || c[1].kind != 4 || c[1].len != 64 || c[0].len > 16)
    return true;
  qf_token *t = &a->tokens[a->ntokens];
  *t = (qf_token){0};
  memcpy(t->id, c[0].s, c[0].len);
  size_t got = 0;
  if (sodium_hex2bin(t->hash, 32, c[1].s, 64, NULL, &got, NULL) != 0 || got != 32)
    return true;
  t->actions = c[2].kind == 4 ? qf_auth_actions_of(c[2].s, c[2].len) : 0;
  qf_us until;
  if (c[3].kind == 4 && c[3].len && qf_tm_parse(c[3].s, c[3].len, &until) == QF_OK)
    t->expires_us = until;
  a->ntokens++;
  return true;
}

static void reload(qf_auth *a)
{
  uint64_t g = qf_book_generation(qf_city_book(a->city));
  if (g == a->generation)
    return;
  qf_err err = {0};
  qf_book_change ch;
  qf_book_changed_since(qf_city_book(a->city), a->generation, &ch);
  bool stale = ch.unknown || a->generation == UINT64_MAX;
  for (uint32_t i = 0; !stale && i < QF_BOOK_TYPES_MAX; i++)
    if (ch.types[i / 64] >> (i % 64) & 1u) {
      const char *name = qf_book_type_name(qf_city_book(a->city), i);
      stale = name && strcmp(name, "token") == 0;
    }
  if (!stale) {
    a->generation = ch.generation;
    return;
  }
  a->ntokens = 0;
  a->token_overflow = false;
  if (qf_book_query(qf_city_book(a->city),
                    "SELECT id, hash, scopes, CAST(expires AS VARCHAR) FROM rec_token WHERE NOT revoked ORDER BY id",
                    NULL, 0, take_token, a, &err) == QF_OK)
    a->generation = g;
  else
    a->ntokens = 0; /* fail closed */
  if (a->token_overflow)
    fprintf(stderr, "qingfeng: more than %u tokens are not revoked: the last of them by id do not work, revoke some\n",
            QF_TOKENS_MAX);
}

qf_rc qf_auth_new(qf_city *c, bool open_reading, bool sample, qf_auth **out, qf_err *err)
{
  qf_auth *a = calloc(1, sizeof *a);
  if (a)
    a->tokens = calloc(QF_TOKENS_MAX, sizeof *a->tokens);
  if (!a || !a->tokens) {
    free(a);
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  }
  a->city = c;
  a->open_reading = open_reading;
  a->sample = sample;
  a->generation = UINT64_MAX;
  pthread_mutex_init(&a->mx, NULL);
  qf_random_hex(a->secret, 32);
  qf_rc rc = qf_box_open(qf_city_dir(c), &a->box, err);
  if (!rc)
    rc = qf_people_new(c, &a->people, err);
  if (!rc)
    rc = qf_sessions_new(qf_mono_s, NULL, &a->sessions, err);
  if (!rc)
    rc = qf_brake_new(qf_mono_s, NULL, &a->brake, err);
  if (!rc)
    rc = qf_seclog_new(c, &a->log, err);
  if (!rc)
    rc = qf_hasher_new(&a->hasher, err);
  if (rc)
    qf_auth_free(a);
  else
    *out = a;
  return rc;
}

void qf_auth_stop(qf_auth *a)
{
  if (a && a->hasher)
    qf_hasher_stop(a->hasher);
}

void qf_auth_free(qf_auth *a)
{
  if (!a)
    return;
  qf_hasher_free(a->hasher);
  qf_seclog_free(a->log);
  qf_brake_free(a->brake);
  qf_sessions_free(a->sessions);
  qf_people_free(a->people);
  if (a->box)
    qf_box_close(a->box);
  pthread_mutex_destroy(&a->mx);
  free(a->tokens);
  sodium_memzero(a->secret, sizeof a->secret);
  free(a);
}

const char *qf_auth_local_secret(qf_auth *a)
{
  return a->secret;
}

void qf_auth_changed(qf_auth *a)
{
  pthread_mutex_lock(&a->mx);
  a->generation = UINT64_MAX;
  pthread_mutex_unlock(&a->mx);
}

bool qf_auth_setup_open(qf_auth *a)
{
  return a->sample || !qf_people_ever(a->people, QF_ROLE_SECURITY_ADMIN);
}

bool qf_auth_link(qf_auth *a, char text[65])
{
  text[0] = 0;
  if (!qf_auth_setup_open(a))
    return false;
  qf_random_hex(text, 32);
  pthread_mutex_lock(&a->mx);
  qf_sha256(text, 64, a->link);
  a->link_until = qf_mono_s(NULL) + LINK_S;
  pthread_mutex_unlock(&a->mx);
  return true;
}

/* ---- who */

static void by_token(qf_auth *a, qf_req *r, const char *secret)
{
  uint8_t h[32];
  size_t n = strlen(secret);
  if (n > 200)
    return;
  if (n == 64 && sodium_memcmp(secret, a->secret, 64) == 0) {
    snprintf(r->who.actor.id, sizeof r->who.actor.id, "local");
    r->who.actor.local = true;
    return;
  }
  qf_sha256(secret, n, h);
  int64_t now = qf_city_now(a->city);
  for (size_t i = 0; i < a->ntokens; i++)
    if (sodium_memcmp(h, a->tokens[i].hash, 32) == 0 &&
        (a->tokens[i].expires_us == 0 || now < a->tokens[i].expires_us)) {
      snprintf(r->who.actor.id, sizeof r->who.actor.id, "token:%s", a->tokens[i].id);
      r->who.actor.token_actions = a->tokens[i].actions;
    }
}

/* The machine's owner by the one-time link: an administrator of the system until there are administrators with names. */
static void as_setup(qf_auth *a, qf_actor *out)
{
  if (!qf_auth_setup_open(a))
    return;
  snprintf(out->id, sizeof out->id, "setup");
  snprintf(out->name, sizeof out->name, "初始设置 Setup");
  out->grant[out->ngrants++] = (qf_grant){.role = QF_ROLE_SYSTEM_ADMIN};
  out->strong = true;
  if (a->open_reading) /* nobody sees everything here: the owner does too */
    out->token_actions |= 1u << QF_ACT_VIEW;
}

/* Who this session is now; false: disabled since, or set-up is over. */
static bool session_actor(qf_auth *a, const qf_session *s, qf_actor *who)
{
  qf_user u;
  *who = (qf_actor){0};
  if (s->setup && !s->user[0]) {
    as_setup(a, who);
  } else if (s->fresh) { /* may set a password, nothing else: no grants */
    if (qf_people_user(a->people, s->user, &u) && u.state != QF_USER_DISABLED) {
      snprintf(who->id, sizeof who->id, "%s", u.id);
      snprintf(who->name, sizeof who->name, "%s", u.name);
    }
  } else if (qf_people_actor(a->people, s->user, who)) {
    who->strong = s->strong;
  }
  return who->id[0] != 0;
}

static void by_session(qf_auth *a, qf_req *r, const char *id)
{
  qf_session s;
  if (!qf_session_find(a->sessions, id, true, &s))
    return;
  if (!session_actor(a, &s, &r->who.actor)) {
    qf_session_end(a->sessions, id);
    return;
  }
  r->who.sess = s;
  snprintf(r->who.sid, sizeof r->who.sid, "%s", id);
  snprintf(r->who.csrf, sizeof r->who.csrf, "%s", s.csrf);
  r->who.session = true;
}

/* The secret in a header, or (InfluxDB v1 clients) user/password by Basic or u=&p=; NULL if none. */
static const char *secret_of(qf_req *r, char *store, size_t size)
{
  const char *h = qf_req_header(r, "Authorization");
  if (h && (strncmp(h, "Bearer ", 7) == 0 || strncmp(h, "Token ", 6) == 0)) {
    snprintf(store, size, "%s", strchr(h, ' ') + 1);
    return store;
  }
  char *pass = NULL;
  char *user = h && strncmp(h, "Basic ", 6) == 0 ? MHD_basic_auth_get_username_password(r->conn, &pass) : NULL;
  if (pass)
    snprintf(store, size, "%s", pass);
  bool got = pass != NULL;
  MHD_free(user);
  MHD_free(pass);
  if (got)
    return store;
  const char *p = qf_req_query(r, "p"); /* the v1 API puts it there; only for it */
  return p && (strcmp(r->path, "/write") == 0 || strcmp(r->path, "/query") == 0) ? p : NULL;
}

bool qf_auth_session(qf_auth *a, const char *sid, bool *all)
{
  qf_session s;
  qf_actor who;
  qf_scope_list l;
  if (!qf_session_find(a->sessions, sid, false, &s) || !session_actor(a, &s, &who))
    return false;
  qf_rights_scope(&who, QF_ACT_VIEW, NULL, &l);
  *all = l.all;
  return true;
}

void qf_auth_who(qf_auth *a, qf_req *r)
{
  char store[256];
  r->who = (qf_who){0};
  const char *secret = secret_of(r, store, sizeof store);
  const char *sid = MHD_lookup_connection_value(r->conn, MHD_COOKIE_KIND, r->s->tls ? "__Host-qf_sid" : "qf_sid");
  if (secret) {
    pthread_mutex_lock(&a->mx);
    reload(a);
    by_token(a, r, secret);
    pthread_mutex_unlock(&a->mx);
  } else if (sid && strlen(sid) == 64) {
    by_session(a, r, sid);
  }
  snprintf(r->who.name, sizeof r->who.name, "%s", r->who.actor.id);
  if (a->open_reading && !secret && !r->who.actor.id[0]) /* who shows a wrong token is told so */
    r->who.actor.token_actions |= 1u << QF_ACT_VIEW;
  sodium_memzero(store, sizeof store);
}

const qf_actor *qf_req_actor(qf_req *r)
{
  return &r->who.actor;
}

/* ---- what they may */

static bool within_rate(qf_auth *a, qf_req *r)
{
  uint32_t h = qf_crc32c(0, r->who.name, strlen(r->who.name));
  const union MHD_ConnectionInfo *ci = MHD_get_connection_info(r->conn, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  if (!r->who.name[0] && ci && ci->client_addr)
    h = qf_crc32c(h, ci->client_addr->sa_data + 2, 4); /* the address without its port */
  int64_t now = mono_ms();
  pthread_mutex_lock(&a->mx);
  double *level = &a->bucket[h % QF_BUCKETS].level;
  int64_t *at = &a->bucket[h % QF_BUCKETS].at_ms;
  double spent = *level - (double)(now - *at) * RATE_PER_S / 1000.0;
  bool ok = spent < RATE_BURST;
  *level = (spent > 0 ? spent : 0) + (ok ? 1 : 0);
  *at = now;
  pthread_mutex_unlock(&a->mx);
  return ok;
}

void qf_req_from(qf_req *r, char out[64])
{
  const union MHD_ConnectionInfo *ci = MHD_get_connection_info(r->conn, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  out[0] = 0;
  if (ci && ci->client_addr && ci->client_addr->sa_family == AF_INET) {
    struct sockaddr_in in;
    memcpy(&in, ci->client_addr, sizeof in);
    inet_ntop(AF_INET, &in.sin_addr, out, 64);
  }
}

void qf_req_audit(qf_req *r, const char *what, const char *object, const char *result)
{
  char from[64];
  qf_req_from(r, from);
  (void)qf_seclog_put(r->s->auth->log, &(qf_sec){r->who.name, from, what, object, result});
}

void qf_req_refuse(qf_req *r, unsigned status, qf_rc rc, const char *en, const char *zh)
{
  qf_err err = {.rc = rc};
  snprintf(err.en, sizeof err.en, "%s", en);
  snprintf(err.zh, sizeof err.zh, "%s", zh);
  qf_req_fail(r, status, rc, &err);
}

void qf_req_deny(qf_req *r, const qf_err *why)
{
  bool nobody = !r->who.name[0];
  /* A stranger's paths are his own invention: note the address he tried, not what he wrote there. */
  qf_req_audit(r, "denied", nobody && r->route ? r->route->pattern : r->path, r->method);
  qf_req_fail(r, nobody ? 401 : 403, QF_DENIED, why);
}

static bool same_site(qf_req *r)
{
  const char *csrf = qf_req_header(r, "X-QF-CSRF"), *site = qf_req_header(r, "Sec-Fetch-Site");
  return csrf && strlen(csrf) == 32 && sodium_memcmp(csrf, r->who.csrf, 32) == 0 &&
         (!site || strcmp(site, "same-origin") == 0);
}

bool qf_auth_allow(qf_auth *a, qf_req *r)
{
  qf_err why;
  if (!within_rate(a, r)) {
    qf_req_refuse(r, 429, QF_FULL, "too many requests: wait a second", "请求过于频繁，请稍候");
    return false;
  }
  if (!qf_rights_may(&r->who.actor, r->route->act, NULL, &why)) {
    if (r->who.session && !r->who.actor.strong && r->who.actor.ngrants)
      r->need = strstr(why.en, "second factor") ? "totp" : NULL;
    qf_req_deny(r, &why);
    return false;
  }
  bool changes = strcmp(r->method, "GET") != 0 && strcmp(r->method, "HEAD") != 0;
  if (changes && r->who.session && !same_site(r)) {
    /* a cookie comes along with forged requests too: ask for what a stranger cannot know */
    qf_req_audit(r, "csrf", r->path, r->method);
    qf_req_refuse(r, 403, QF_DENIED, "the request did not come from this site's pages", "请求并非来自本站页面");
    return false;
  }
  if (changes && r->route->act != QF_ACT_INGEST && !qf_seclog_room(a->log)) {
    qf_req_refuse(r, 503, QF_FULL, "the security log is full: nothing is changed until it is written",
                  "安全日志已满：写入之前不接受任何变更");
    return false;
  }
  return true;
}
