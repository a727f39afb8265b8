/* Who asks and what they may do. One function decides: qf_auth_allow. Tokens are records of type token (only the
 * SHA-256 of the secret is kept); sessions live in memory and end with the process; a login link works once, for an
 * hour. */
#include "serve/http.h"
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TOKENS_MAX 4096u
#define SESSIONS_MAX 1024u
#define IDLE_S 1800
#define ABSOLUTE_S 43200
#define LINK_S 3600
#define RATE_PER_S 5000.0  /* requests a second per token or address ... */
#define RATE_BURST 10000.0 /* ... after this many at once */
#define BUCKETS 1024u

typedef struct token {
  char id[17];
  uint8_t hash[32];
  uint32_t actions;
  int64_t expires_us; /* 0 = never */
} token;

typedef struct session {
  uint8_t hash[32];
  char csrf[33];
  char name[64];
  int64_t born, seen; /* monotonic seconds */
  bool used;
} session;

struct qf_auth {
  qf_city *city;
  bool open_reading;
  char secret[65];
  pthread_mutex_t mx;
  token *tokens;
  size_t ntokens;
  uint64_t generation; /* of the book when tokens were read */
  session sessions[SESSIONS_MAX];
  uint8_t link[32];
  int64_t link_until;
  struct {
    double level;
    int64_t at_ms;
  } bucket[BUCKETS];
};

static int64_t mono_ms(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void random_hex(char *out, size_t bytes)
{
  uint8_t r[32];
  randombytes_buf(r, bytes);
  qf_hex(r, bytes, out);
}

/* What the scopes of a token let it do; 0: none of them is known. */
static uint32_t actions_of(const char *s, size_t n)
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
  if (n != 4 || a->ntokens == TOKENS_MAX || c[0].kind != 4 || c[1].kind != 4 || c[1].len != 64 || c[0].len > 16)
    return a->ntokens < TOKENS_MAX;
  token *t = &a->tokens[a->ntokens];
  *t = (token){0};
  memcpy(t->id, c[0].s, c[0].len);
  size_t got = 0;
  if (sodium_hex2bin(t->hash, 32, c[1].s, 64, NULL, &got, NULL) != 0 || got != 32)
    return true;
  t->actions = c[2].kind == 4 ? actions_of(c[2].s, c[2].len) : 0;
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
  a->ntokens = 0;
  qf_err err = {0};
  if (qf_book_query(qf_city_book(a->city),
                    "SELECT id, hash, scopes, CAST(expires AS VARCHAR) FROM rec_token WHERE NOT revoked ORDER BY id",
                    NULL, 0, take_token, a, &err) == QF_OK)
    a->generation = g;
  else
    a->ntokens = 0; /* fail closed */
}

qf_rc qf_auth_new(qf_city *c, bool open_reading, qf_auth **out, qf_err *err)
{
  qf_auth *a = calloc(1, sizeof *a);
  if (a)
    a->tokens = calloc(TOKENS_MAX, sizeof *a->tokens);
  if (!a || !a->tokens) {
    free(a);
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  }
  a->city = c;
  a->open_reading = open_reading;
  a->generation = UINT64_MAX;
  pthread_mutex_init(&a->mx, NULL);
  random_hex(a->secret, 32);
  *out = a;
  return QF_OK;
}

void qf_auth_free(qf_auth *a)
{
  if (!a)
    return;
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

void qf_auth_link(qf_auth *a, char text[65])
{
  random_hex(text, 32);
  pthread_mutex_lock(&a->mx);
  qf_sha256(text, 64, a->link);
  a->link_until = mono_ms() / 1000 + LINK_S;
  pthread_mutex_unlock(&a->mx);
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

static void by_session(qf_auth *a, qf_req *r, const char *id)
{
  uint8_t h[32];
  int64_t now = mono_ms() / 1000;
  qf_sha256(id, strlen(id), h);
  for (size_t i = 0; i < SESSIONS_MAX; i++) {
    session *s = &a->sessions[i];
    if (!s->used || sodium_memcmp(h, s->hash, 32) != 0)
      continue;
    if (now - s->seen > IDLE_S || now - s->born > ABSOLUTE_S) {
      *s = (session){0};
      return;
    }
    s->seen = now;
    snprintf(r->who.actor.id, sizeof r->who.actor.id, "%s", s->name);
    snprintf(r->who.csrf, sizeof r->who.csrf, "%s", s->csrf);
    r->who.actor.grant[r->who.actor.ngrants++] = (qf_grant){.role = QF_ROLE_SYSTEM_ADMIN};
    r->who.session = true;
  }
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
  const char *p = qf_req_query(r, "p"); /* the v1 write API puts it there; only for writes */
  return p && strcmp(r->path, "/write") == 0 ? p : NULL;
}

void qf_auth_who(qf_auth *a, qf_req *r)
{
  char store[256];
  r->who = (qf_who){0};
  const char *secret = secret_of(r, store, sizeof store);
  const char *sid = MHD_lookup_connection_value(r->conn, MHD_COOKIE_KIND, "qf_sid");
  pthread_mutex_lock(&a->mx);
  if (secret) {
    reload(a);
    by_token(a, r, secret);
  } else if (sid && strlen(sid) == 64) {
    by_session(a, r, sid);
  }
  pthread_mutex_unlock(&a->mx);
  snprintf(r->who.name, sizeof r->who.name, "%s", r->who.actor.id);
  if (a->open_reading)
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
  double *level = &a->bucket[h % BUCKETS].level;
  int64_t *at = &a->bucket[h % BUCKETS].at_ms;
  double spent = *level - (double)(now - *at) * RATE_PER_S / 1000.0;
  bool ok = spent < RATE_BURST;
  *level = (spent > 0 ? spent : 0) + (ok ? 1 : 0);
  *at = now;
  pthread_mutex_unlock(&a->mx);
  return ok;
}

static bool deny(qf_req *r, unsigned status, const char *en, const char *zh)
{
  qf_err err = {.rc = status == 429 ? QF_FULL : QF_DENIED};
  snprintf(err.en, sizeof err.en, "%s", en);
  snprintf(err.zh, sizeof err.zh, "%s", zh);
  qf_req_fail(r, status, err.rc, &err);
  return false;
}

bool qf_auth_allow(qf_auth *a, qf_req *r)
{
  if (!within_rate(a, r))
    return deny(r, 429, "too many requests: wait a second", "请求过于频繁，请稍候");
  qf_err why;
  if (!qf_rights_may(&r->who.actor, r->route->act, NULL, &why)) {
    qf_req_fail(r, r->who.actor.id[0] ? 403 : 401, QF_DENIED, &why);
    return false;
  }
  bool changes = strcmp(r->method, "GET") != 0 && strcmp(r->method, "HEAD") != 0;
  if (changes &&
      r->who.session) { /* a cookie comes along with forged requests too: ask for what a stranger cannot know */
    const char *csrf = qf_req_header(r, "X-QF-CSRF"), *site = qf_req_header(r, "Sec-Fetch-Site");
    if (!csrf || strlen(csrf) != 32 || sodium_memcmp(csrf, r->who.csrf, 32) != 0 ||
        (site && strcmp(site, "same-origin") != 0))
      return deny(r, 403, "the request did not come from this site's pages", "请求并非来自本站页面");
  }
  return true;
}

/* ---- login, logout */

static session *free_session(qf_auth *a)
{
  session *old = &a->sessions[0];
  for (size_t i = 0; i < SESSIONS_MAX; i++) {
    if (!a->sessions[i].used)
      return &a->sessions[i];
    if (a->sessions[i].seen < old->seen)
      old = &a->sessions[i];
  }
  return old;
}

void qf_h_login(qf_req *r)
{
  qf_auth *a = r->s->auth;
  json_t *j = json_loadb(r->body.data ? r->body.data : "", r->body.len, JSON_REJECT_DUPLICATES, NULL);
  const char *text = json_string_value(json_object_get(j, "token"));
  uint8_t h[32];
  char sid[65];
  qf_sha256(text ? text : "", text ? strlen(text) : 0, h);
  int64_t now = mono_ms() / 1000;
  pthread_mutex_lock(&a->mx);
  bool ok = text && a->link_until > now && sodium_memcmp(h, a->link, 32) == 0;
  if (ok) {
    a->link_until = 0; /* once */
    session *s = free_session(a);
    *s = (session){.born = now, .seen = now, .used = true};
    random_hex(sid, 32);
    random_hex(s->csrf, 16);
    snprintf(s->name, sizeof s->name, "admin");
    qf_sha256(sid, 64, s->hash);
    snprintf(r->cookie, sizeof r->cookie, "qf_sid=%s; Path=/; HttpOnly; SameSite=Strict%s", sid,
             r->s->tls ? "; Secure" : "");
    qf_buf_printf(&r->out, "{\"user\":{\"name\":\"admin\",\"role\":\"admin\"},\"csrf\":\"%s\"}", s->csrf);
  }
  pthread_mutex_unlock(&a->mx);
  json_decref(j);
  if (!ok)
    (void)deny(r, 401, "this login link is used, expired or wrong: make a new one with `qingfeng user link`",
               "登录链接已用、过期或有误，请用 qingfeng user link 新建");
}

void qf_h_login_link(qf_req *r)
{
  char link[300];
  if (strcmp(r->who.name, "local") != 0) {
    (void)deny(r, 403, "only the command line on this machine makes login links", "仅本机命令行可新建登录链接");
    return;
  }
  qf_server_login_link(r->s, link, sizeof link);
  qf_buf_printf(&r->out, "{\"link\":\"%s\"}", link);
}

void qf_h_logout(qf_req *r)
{
  qf_auth *a = r->s->auth;
  const char *sid = MHD_lookup_connection_value(r->conn, MHD_COOKIE_KIND, "qf_sid");
  uint8_t h[32];
  qf_sha256(sid ? sid : "", sid ? strlen(sid) : 0, h);
  pthread_mutex_lock(&a->mx);
  for (size_t i = 0; sid && i < SESSIONS_MAX; i++)
    if (a->sessions[i].used && sodium_memcmp(h, a->sessions[i].hash, 32) == 0)
      a->sessions[i] = (session){0};
  pthread_mutex_unlock(&a->mx);
  snprintf(r->cookie, sizeof r->cookie, "qf_sid=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
  qf_buf_puts(&r->out, "{\"user\":null}");
}

/* ---- tokens */

static void put_token(qf_req *r, const char *id, json_t *data, const char *secret)
{
  json_t *list = json_array(), *rec = json_object();
  json_object_set_new(rec, "type", json_string("token"));
  json_object_set_new(rec, "id", json_string(id));
  json_object_set_new(rec, "by", json_string(r->who.name));
  json_object_set(rec, "data", data);
  json_array_append_new(list, rec);
  qf_err err = {0};
  qf_rc rc = qf_city_records(r->city, list, NULL, &err);
  json_decref(list);
  qf_auth_changed(r->s->auth);
  if (rc) {
    qf_req_fail(r, 0, rc, &err);
    return;
  }
  qf_buf_printf(&r->out, "{\"id\":\"%s\"", id);
  if (secret)
    qf_buf_printf(&r->out, ",\"token\":\"%s\"", secret);
  qf_buf_puts(&r->out, "}");
}

void qf_h_token_add(qf_req *r)
{
  json_t *j = json_loadb(r->body.data ? r->body.data : "", r->body.len, JSON_REJECT_DUPLICATES, NULL);
  const char *scopes = json_string_value(json_object_get(j, "scopes")),
             *note = json_string_value(json_object_get(j, "note")),
             *expires = json_string_value(json_object_get(j, "expires"));
  qf_us t;
  if (!scopes || !actions_of(scopes, strlen(scopes)) ||
      (expires && qf_tm_parse(expires, strlen(expires), &t))) {
    (void)deny(r, 400, "a token needs \"scopes\": read, write or manage; \"expires\" is a time",
               "令牌须有 scopes（read、write 或 manage）；expires 为时间");
    json_decref(j);
    return;
  }
  char id[17], rest[49], secret[80], hex[65];
  uint8_t h[32];
  random_hex(id, 4);
  random_hex(rest, 20);
  snprintf(secret, sizeof secret, "qf_%s_%s", id, rest);
  qf_sha256(secret, strlen(secret), h);
  qf_hex(h, 32, hex);
  json_t *data = json_object();
  json_object_set_new(data, "hash", json_string(hex));
  json_object_set_new(data, "scopes", json_string(scopes));
  json_object_set_new(data, "note", json_string(note ? note : ""));
  if (expires)
    json_object_set_new(data, "expires", json_string(expires));
  json_object_set_new(data, "revoked", json_false());
  put_token(r, id, data, secret);
  json_decref(data);
  json_decref(j);
  sodium_memzero(secret, sizeof secret);
}

void qf_h_token_list(qf_req *r)
{
  qf_err err = {0};
  qf_rc rc = qf_rows(r, "id scopes note expires revoked at",
                     "SELECT id, scopes, note, expires, revoked, \"at\" FROM rec_token ORDER BY \"at\", id", NULL, 0,
                     &r->out, &err);
  if (rc)
    qf_req_broken(r, rc, &err);
}

static bool copy_row(void *ud, const qf_cell *c, size_t n)
{
  json_t *data = ud;
  if (n == 3 && c[0].kind == 4) {
    json_object_set_new(data, "hash", json_stringn(c[0].s, c[0].len));
    json_object_set_new(data, "scopes", json_stringn(c[1].s, c[1].len));
    json_object_set_new(data, "note", c[2].kind == 4 ? json_stringn(c[2].s, c[2].len) : json_string(""));
  }
  return false;
}

void qf_h_token_revoke(qf_req *r)
{
  json_t *data = json_object();
  qf_param p = {.kind = 4, .s = r->arg[0]};
  qf_err err = {0};
  qf_rc rc = qf_book_query(qf_city_book(r->city), "SELECT hash, scopes, note FROM rec_token WHERE id = ?1", &p, 1,
                           copy_row, data, &err);
  if (!rc && json_object_size(data) == 0)
    rc = qf_fail(&err, QF_NOTFOUND, "no token %.40s", "无此令牌 %.40s", r->arg[0]);
  if (rc) {
    qf_req_fail(r, 0, rc, &err);
  } else {
    json_object_set_new(data, "revoked", json_true());
    put_token(r, r->arg[0], data, NULL);
  }
  json_decref(data);
}
