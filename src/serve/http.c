/* The listener: limits, dispatch, answers. Bodies are read here with our own limits; a handler sees a whole request. */
#include "city/beside.h"
#include "collect/kinds.h"
#include "serve/auth.h"
#include "serve/filing_http.h"
#include "serve/once.h"
#include "serve/workers.h"
#include "work/work.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static uint64_t mono_us(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

const char *qf_req_query(qf_req *r, const char *name)
{
  for (const char *p = r->view_args; p && *p; p += strlen(p) + 1) {
    const char *value = p + strlen(p) + 1;
    if (strcmp(p, name) == 0)
      return value;
    p = value;
  }
  return r->view_args ? NULL : MHD_lookup_connection_value(r->conn, MHD_GET_ARGUMENT_KIND, name);
}

typedef struct keys { /* of a query, looked through one by one */
  const char *known, *seen[16], *bad;
  enum { KEY_UNKNOWN, KEY_TWICE, KEY_NUMBER } why;
  size_t n;
} keys;

static bool in_words(const char *words, const char *word)
{
  size_t len = strlen(word);
  for (const char *p = words; p && *p; p += strcspn(p, " "), p += *p == ' ')
    if (strcspn(p, " ") == len && memcmp(p, word, len) == 0)
      return true;
  return false;
}

static enum MHD_Result look_at_key(void *ud, enum MHD_ValueKind kind, const char *key, const char *value)
{
  keys *k = ud;
  (void)kind;
  k->bad = key;
  k->why = KEY_UNKNOWN;
  if (!in_words(k->known, key) || k->n == sizeof k->seen / sizeof *k->seen)
    return MHD_NO;
  k->why = KEY_TWICE;
  for (size_t i = 0; i < k->n; i++)
    if (strcmp(k->seen[i], key) == 0)
      return MHD_NO;
  k->why = KEY_NUMBER;
  if (in_words("page size limit points depth", key) && value && value[strspn(value, "0123456789")])
    return MHD_NO;
  k->seen[k->n++] = key;
  k->bad = NULL;
  return MHD_YES;
}

bool qf_req_keys(qf_req *r, const qf_route *route)
{
  static const char *const en[] = {"unknown parameter", "parameter given twice:", "not a whole number:"};
  static const char *const zh[] = {"未知参数 ", "参数重复：", "须为非负整数："};
  keys k = {.known = route->query ? route->query : ""};
  qf_err err = {0};
  if (strncmp(route->pattern, "/api/v1/", 8) != 0 || route->fn == qf_h_remote_write)
    return true;
  if (!r->view_args)
    MHD_get_connection_values(r->conn, MHD_GET_ARGUMENT_KIND, look_at_key, &k);
  for (const char *p = r->view_args; p && *p && !k.bad;) {
    const char *value = p + strlen(p) + 1;
    (void)look_at_key(&k, MHD_GET_ARGUMENT_KIND, p, value);
    p = value + strlen(value) + 1;
  }
  if (!k.bad)
    return true;
  err.rc = QF_SYNTAX;
  snprintf(err.en, sizeof err.en, "%s %.60s; this address takes: %s", en[k.why], k.bad, *k.known ? k.known : "none");
  snprintf(err.zh, sizeof err.zh, "%s%.60s；此地址的参数：%s", zh[k.why], k.bad, *k.known ? k.known : "无");
  qf_req_fail(r, 400, QF_SYNTAX, &err);
  return false;
}

const char *qf_req_header(qf_req *r, const char *name)
{
  return MHD_lookup_connection_value(r->conn, MHD_HEADER_KIND, name);
}

static unsigned status_of(qf_rc rc)
{
  switch (rc) {
  case QF_OK:
    return 200;
  case QF_RANGE:
  case QF_SYNTAX:
  case QF_PARTIAL:
    return 400;
  case QF_DENIED:
    return 403;
  case QF_NOTFOUND:
    return 404;
  case QF_EXISTS:
  case QF_STATE:
  case QF_BUSY:
    return 409;
  case QF_FULL:
    return 503;
  default:
    return 500;
  }
}

void qf_req_fail(qf_req *r, unsigned status, qf_rc rc, const qf_err *err)
{
  static const qf_err none = {QF_IO, "internal error", "内部错误"};
  r->status = status ? status : status_of(rc);
  if (!err)
    err = &none;
  if (r->status == 503 || r->status == 429)
    r->retry_after = r->retry_after ? r->retry_after : 1;
  qf_buf_reset(&r->out);
  qf_buf_printf(&r->out, "{\"error\":{\"code\":\"%s\",\"message\":", qf_rc_name(rc));
  qf_buf_json(&r->out, err->en, strlen(err->en));
  qf_buf_puts(&r->out, ",\"message_zh\":");
  qf_buf_json(&r->out, err->zh, strlen(err->zh));
  qf_buf_puts(&r->out, ",\"where\":{\"path\":");
  qf_buf_json(&r->out, r->path, strlen(r->path));
  if (r->need)
    qf_buf_printf(&r->out, ",\"need\":\"%s\"", r->need);
  qf_buf_printf(&r->out, "},\"request_id\":\"%s\"}}", r->id);
  r->type = "application/json; charset=utf-8";
}

void qf_req_broken(qf_req *r, qf_rc rc, const qf_err *err)
{
  fprintf(stderr, "qingfeng: request %s %s: %s\n", r->id, r->path, err->en);
  qf_req_fail(r, rc == QF_FULL ? 503 : 500, rc == QF_FULL ? rc : QF_IO, NULL);
}

bool qf_req_ask(qf_req *r, const char *id, qf_figure_ask *ask)
{
  const char *period = qf_req_query(r, "period");
  qf_err err = {0};
  *ask = (qf_figure_ask){.id = id, .subject = qf_req_query(r, "subject"), .from = 1, .to = 0};
  if (period && *period && qf_period_parse(period, &ask->from, &ask->to, &err)) {
    qf_req_fail(r, 400, QF_SYNTAX, &err);
    return false;
  }
  return true;
}

bool qf_req_time(qf_req *r, const char *name, qf_us otherwise, qf_us *out)
{
  const char *s = qf_req_query(r, name);
  *out = otherwise;
  if (!s || !*s)
    return true;
  char *end;
  errno = 0;
  long long ms = strtoll(s, &end, 10);
  if (*end == 0 && errno == 0 && ms > -INT64_C(62135596800000) && ms < INT64_C(253402300800000)) {
    *out = ms * 1000;
    return true;
  }
  if (qf_tm_parse(s, strlen(s), out) == QF_OK)
    return true;
  qf_err err;
  (void)qf_fail(&err, QF_SYNTAX, "%s=%.40s: expected a time like 2026-11-22T08:00:00+08:00 or milliseconds since 1970",
                "%s=%.40s：应为 2026-11-22T08:00:00+08:00 或 1970 年以来的毫秒数", name, s);
  qf_req_fail(r, 400, QF_SYNTAX, &err);
  return false;
}

long qf_req_int(qf_req *r, const char *name, long otherwise, long min, long max)
{
  const char *s = qf_req_query(r, name);
  if (!s || !*s)
    return otherwise;
  char *end;
  long v = strtol(s, &end, 10);
  return *end ? otherwise : v < min ? min : v > max ? max : v;
}

void qf_headers(qf_req *r, struct MHD_Response *m)
{
  MHD_add_response_header(
      m, "Content-Security-Policy",
      r->sandbox
          ? "default-src 'none'; sandbox"
          : "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
            "worker-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'");
  MHD_add_response_header(m, "X-Content-Type-Options", "nosniff");
  MHD_add_response_header(m, "Referrer-Policy", "no-referrer");
  MHD_add_response_header(m, "Cross-Origin-Opener-Policy", "same-origin");
  MHD_add_response_header(m, "X-Request-Id", r->id);
  if (r->s->tls)
    MHD_add_response_header(m, "Strict-Transport-Security", "max-age=31536000");
}

static enum MHD_Result send_answer(qf_req *r)
{
  struct MHD_Response *m;
  atomic_fetch_add(&r->s->requests, 1);
  if (r->status >= 500)
    atomic_fetch_add(&r->s->errors, 1);
  if (r->streaming) {
    m = qf_stream_response(r);
  } else {
    size_t n = r->out.failed ? 0 : r->out.len;
    if (r->out.failed)
      r->status = 500;
    m = MHD_create_response_from_buffer(n, n ? r->out.data : (char[1]){0},
                                        n ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_MUST_COPY);
    if (m && n)
      r->out = (qf_buf){.max = r->out.max};
  }
  if (!m)
    return MHD_NO;
  if (r->type)
    MHD_add_response_header(m, "Content-Type", r->type);
  bool page = r->type && (strncmp(r->type, "text/javascript", 15) == 0 || strncmp(r->type, "text/css", 8) == 0);
  MHD_add_response_header(m, "Cache-Control", page ? "no-cache" : "no-store");
  if (r->packed)
    MHD_add_response_header(m, "Content-Encoding", "gzip");
  if (r->location[0])
    MHD_add_response_header(m, "Location", r->location);
  if (r->etag[0])
    MHD_add_response_header(m, "ETag", r->etag);
  if (r->disposition[0])
    MHD_add_response_header(m, "Content-Disposition", r->disposition);
  if (r->influx)
    MHD_add_response_header(m, "X-Influxdb-Version", "1.8.10-qingfeng");
  if (r->cookie[0])
    MHD_add_response_header(m, "Set-Cookie", r->cookie);
  if (r->goodbye) /* unsent drafts are removed by the page, which leaves language and colours */
    MHD_add_response_header(m, "Clear-Site-Data", "\"cache\"");
  if (r->status == 401)
    MHD_add_response_header(m, "WWW-Authenticate", "Bearer");
  char text[16];
  if (r->retry_after) {
    snprintf(text, sizeof text, "%u", r->retry_after);
    MHD_add_response_header(m, "Retry-After", text);
  }
  qf_headers(r, m);
  enum MHD_Result ok = MHD_queue_response(r->conn, r->status, m);
  MHD_destroy_response(m);
  return ok;
}

void qf_req_resume(qf_req *r)
{
  r->ready = true;
  MHD_resume_connection(r->conn);
}

/* Does path fit pattern? Fills r->arg with the {} parts (pointing into a copy kept in r). */
static bool matches(qf_req *r, const char *pattern, char *copy, size_t size)
{
  size_t nargs = 0, used = 0;
  const char *p = pattern, *s = r->path;
  while (*p) {
    if (*p != '{') {
      if (*p++ != *s++)
        return false;
      continue;
    }
    const char *close = strchr(p, '}');
    bool key = !close[1] && strncmp(p, "{point}", 7) == 0; /* a series key may hold slashes */
    size_t n = key ? strlen(s) : strcspn(s, "/");
    if (n == 0 || nargs == 4 || used + n + 1 > size)
      return false;
    r->arg[nargs++] = memcpy(copy + used, s, n);
    copy[used + n] = 0;
    used += n + 1;
    s += n;
    p = close + 1;
  }
  return *s == 0;
}

typedef struct req_box { /* a request and the storage of its arguments */
  qf_req r;
  char args[1100];
  size_t dropped; /* bytes of a body that was refused while it came */
} req_box;

static bool find_route(req_box *b, bool *other_method)
{
  *other_method = false;
  for (size_t i = 0; i < qf_route_count; i++) {
    if (!matches(&b->r, qf_routes[i].pattern, b->args, sizeof b->args))
      continue;
    if (strcmp(qf_routes[i].method, b->r.method) == 0 ||
        (strcmp(b->r.method, "HEAD") == 0 && strcmp(qf_routes[i].method, "GET") == 0)) {
      b->r.route = &qf_routes[i];
      return true;
    }
    *other_method = true;
  }
  return false;
}

static void refuse(qf_req *r, unsigned status, qf_rc rc, const char *en, const char *zh)
{
  qf_err err = {.rc = rc};
  snprintf(err.en, sizeof err.en, "%s", en);
  snprintf(err.zh, sizeof err.zh, "%s", zh);
  qf_req_fail(r, status, rc, &err);
  r->refused = true;
}

typedef struct heads { /* of a request */
  unsigned hosts, lengths, n;
  size_t bytes;
} heads;

static enum MHD_Result count_head(void *ud, enum MHD_ValueKind kind, const char *key, const char *value)
{
  heads *h = ud;
  (void)kind;
  h->n++;
  h->bytes += strlen(key) + (value ? strlen(value) : 0) + 4;
  h->hosts += strcasecmp(key, "Host") == 0;
  h->lengths += strcasecmp(key, "Content-Length") == 0 || strcasecmp(key, "Transfer-Encoding") == 0;
  return MHD_YES;
}

/* Headers that say how a message is to be read are there once, or two readers read two messages (RFC 9112 3.2, 6.3). Headers and
 * address are of a size that a person or a program could mean. Refuses and gives false otherwise. */
static bool well_framed(qf_req *r)
{
  heads h = {0}, query = {0};
  MHD_get_connection_values(r->conn, MHD_HEADER_KIND, count_head, &h);
  MHD_get_connection_values(r->conn, MHD_GET_ARGUMENT_KIND, count_head, &query);
  if (h.hosts > 1 || h.lengths > 1)
    refuse(r, 400, QF_SYNTAX, "two Host headers, or two of Content-Length and Transfer-Encoding",
           "Host 头重复，或 Content-Length 与 Transfer-Encoding 重复");
  else if (h.n > 100 || h.bytes > 16384)
    refuse(r, 431, QF_FULL, "more than 100 headers, or more than 16 KiB of them", "请求头超过 100 个或 16 KiB");
  else if (strlen(r->path) + query.bytes > 8192)
    refuse(r, 414, QF_FULL, "the address is longer than 8 KiB", "地址超过 8 KiB");
  else
    return true;
  return false;
}

/* A page of a stranger whose name was made to point here (DNS rebinding) sends his name in Host: not one of ours. */
static bool our_host(qf_req *r)
{
  const char *host = qf_req_header(r, "Host");
  char name[300];
  if (!host || r->s->hosts[0] == '*')
    return host != NULL;
  size_t n = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
  if (n == 0 || n > 255 || n > strlen(host) || memchr(host, '|', n))
    return false;
  snprintf(name, sizeof name, "|%.*s|", (int)n, host);
  return strcasestr(r->s->hosts, name) != NULL;
}

/* Everything that can be said of a request before its body. */
static void begin(req_box *b)
{
  qf_req *r = &b->r;
  bool other;
  if (!well_framed(r))
    return;
  if (!our_host(r)) {
    refuse(r, 421, QF_DENIED, "this server does not answer to that name: start it with --host NAME",
           "本服务不以该名称应答：请以 --host 名称 启动");
    return;
  }
  bool found = find_route(b, &other);
  if (!found && (other || (strcmp(r->method, "GET") != 0 && strcmp(r->method, "HEAD") != 0))) {
    refuse(r, other ? 405 : 404, QF_NOTFOUND,
           other ? "this address knows other methods only, see /openapi.json" : "no such address",
           other ? "此地址不支持该方法，见 /openapi.json" : "无此地址");
    return;
  }
  if (!found && strncmp(r->path, "/api/", 5) == 0) {
    refuse(r, 404, QF_NOTFOUND, "no such address, see /openapi.json", "无此地址，见 /openapi.json");
    return;
  }
  qf_auth_who(r->s->auth, r);
  if (found && (!qf_auth_allow(r->s->auth, r) || !qf_req_keys(r, r->route))) {
    r->refused = true;
    return;
  }
  bool large = found && (r->route->act == QF_ACT_INGEST || r->route->fn == qf_h_record_import ||
                         r->route->fn == qf_h_evidence_put || r->route->fn == qf_h_filing_save);
  size_t max = large ? QF_BODY_MAX : QF_BODY_SMALL;
  qf_buf_init(&r->body, max);
  const char *len = qf_req_header(r, "Content-Length");
  unsigned long long n = len ? strtoull(len, NULL, 10) : 0;
  if (n > max)
    refuse(r, 413, QF_RANGE, "the body is over the limit (32 MiB for a write, 1 MiB otherwise)",
           "请求体超限（写入 32 MiB，其余 1 MiB）");
  else if (n)
    (void)qf_buf_reserve(&r->body, (size_t)n);
}

static req_box *req_new(qf_server *s, struct MHD_Connection *conn, const char *url, const char *method)
{
  req_box *b = calloc(1, sizeof *b);
  if (!b)
    return NULL;
  qf_req *r = &b->r;
  r->s = s;
  r->city = s->city;
  r->conn = conn;
  r->status = 200;
  r->type = "application/json; charset=utf-8";
  r->from_us = mono_us();
  snprintf(r->method, sizeof r->method, "%s", method);
  qf_buf_init(&r->out, (size_t)256 << 20);
  uint8_t rnd[8];
  randombytes_buf(rnd, sizeof rnd);
  qf_hex(rnd, sizeof rnd, r->id);
  if (strlen(url) >= sizeof r->path)
    refuse(r, 414, QF_RANGE, "the address is too long", "地址过长");
  else
    snprintf(r->path, sizeof r->path, "%s", url);
  return b;
}

static enum MHD_Result on_request(void *ud, struct MHD_Connection *conn, const char *url, const char *method,
                                  const char *version, const char *data, size_t *size, void **state)
{
  qf_server *s = ud;
  (void)version;
  req_box *b = *state;
  if (!b) {
    b = req_new(s, conn, url, method);
    if (!b)
      return MHD_NO;
    *state = b;
    if (!b->r.refused)
      begin(b);
    /* A refusal before the body is sent at once: MHD closes the connection, the body is not read. */
    return b->r.refused && qf_req_header(&b->r, "Content-Length") ? send_answer(&b->r) : MHD_YES;
  }
  qf_req *r = &b->r;
  if (*size) {
    if (!r->refused) {
      qf_buf_put(&r->body, data, *size);
      if (r->body.failed)
        refuse(r, 413, QF_RANGE, "the body is over the limit (32 MiB for a write, 1 MiB otherwise)",
               "请求体超限（写入 32 MiB，其余 1 MiB）");
    } else {
      b->dropped += *size;
    }
    *size = 0;
    return b->dropped > QF_BODY_MAX ? MHD_NO : MHD_YES; /* a chunked body may have no end: closed */
  }
  if (!r->refused && !r->ready) {
    if (r->route && qf_workers_take(s->workers, r))
      return MHD_YES; /* not ours until we are called again */
    if (r->route)
      r->route->fn(r);
    else
      qf_static(r);
    if (r->async)
      return MHD_YES; /* suspended; we are called again after qf_req_resume */
  }
  return send_answer(r);
}

static void on_completed(void *ud, struct MHD_Connection *conn, void **state, enum MHD_RequestTerminationCode code)
{
  (void)ud;
  (void)conn;
  (void)code;
  req_box *b = *state;
  if (!b)
    return;
  qf_buf_fini(&b->r.body);
  qf_buf_fini(&b->r.out);
  free(b);
  *state = NULL;
}

static void on_connection(void *ud, struct MHD_Connection *conn, void **socket_ud,
                          enum MHD_ConnectionNotificationCode code)
{
  (void)conn;
  (void)socket_ud;
  qf_server *s = ud;
  if (code == MHD_CONNECTION_NOTIFY_STARTED)
    atomic_fetch_add(&s->connections, 1);
  else
    atomic_fetch_sub(&s->connections, 1);
}

/* ---- start */

static qf_rc parse_listen(const char *text, struct sockaddr_in *a, bool *loopback, qf_err *err)
{
  char host[64];
  const char *colon = strrchr(text, ':');
  long port = colon ? strtol(colon + 1, NULL, 10) : -1;
  size_t n = colon ? (size_t)(colon - text) : 0;
  if (!colon || n == 0 || n >= sizeof host || port < 0 || port > 65535)
    return qf_fail(err, QF_RANGE, "--listen %.80s: expected ADDRESS:PORT, e.g. 127.0.0.1:8420",
                   "--listen %.80s：应为 地址:端口，如 127.0.0.1:8420", text);
  memcpy(host, text, n);
  host[n] = 0;
  *a = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  if (inet_pton(AF_INET, strcmp(host, "localhost") == 0 ? "127.0.0.1" : host, &a->sin_addr) != 1)
    return qf_fail(err, QF_RANGE, "--listen %.80s: not an IPv4 address", "--listen %.80s：不是 IPv4 地址", text);
  *loopback = (ntohl(a->sin_addr.s_addr) >> 24) == 127;
  return QF_OK;
}

static char *slurp(const char *path, qf_err *err)
{
  qf_buf b;
  qf_buf_init(&b, 1u << 20);
  char block[4096];
  FILE *f = fopen(path, "rb");
  for (size_t n; f && (n = fread(block, 1, sizeof block, f)) > 0;)
    qf_buf_put(&b, block, n);
  bool ok = f && !ferror(f) && !b.failed && b.len;
  if (f)
    fclose(f);
  if (ok)
    return b.data;
  (void)qf_fail(err, QF_IO, "%.150s: cannot be read", "%.150s：无法读取", path);
  qf_buf_fini(&b);
  return NULL;
}

static qf_rc write_server_file(qf_server *s, qf_err *err)
{
  char path[4200];
  snprintf(path, sizeof path, "%s/server.json", qf_city_dir(s->city));
  unlink(path);
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;
  if (!f)
    return qf_fail(err, QF_IO, "%.150s: %s", "%.150s：%s", path, strerror(errno));
  fprintf(f, "{\"url\":\"%s\",\"port\":%u,\"pid\":%ld,\"secret\":\"%s\"}\n", s->base_url, s->port, (long)getpid(),
          qf_auth_local_secret(s->auth));
  return fclose(f) == 0 ? QF_OK : qf_fail(err, QF_IO, "%.150s: %s", "%.150s：%s", path, strerror(errno));
}

static qf_rc start_daemon(qf_server *s, const struct sockaddr_in *a, const qf_server_opts *o, qf_err *err)
{
  char *cert = NULL, *key = NULL;
  if (o->tls_cert || o->tls_key) {
    cert = o->tls_cert ? slurp(o->tls_cert, err) : NULL;
    key = cert && o->tls_key ? slurp(o->tls_key, err) : NULL;
    if (!cert || !key) {
      free(cert);
      return o->tls_cert && o->tls_key
                 ? QF_IO
                 : qf_fail(err, QF_RANGE, "--tls-cert and --tls-key go together", "--tls-cert 与 --tls-key 须同时给出");
    }
    s->tls = true;
  }
  /* Behind a proxy on this machine everybody has the same address. */
  unsigned per_address = (ntohl(a->sin_addr.s_addr) >> 24) == 127 ? QF_CONNECTIONS_MAX : QF_CONNECTIONS_ADDRESS;
  unsigned flags =
      MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG | (s->tls ? MHD_USE_TLS : 0);
  struct MHD_OptionItem tls[] = {
      {MHD_OPTION_HTTPS_MEM_CERT, 0, cert}, {MHD_OPTION_HTTPS_MEM_KEY, 0, key}, {MHD_OPTION_END, 0, NULL}};
  if (!s->tls)
    tls[0].option = MHD_OPTION_END;
  s->daemon =
      MHD_start_daemon(flags, 0, NULL, NULL, on_request, s, MHD_OPTION_SOCK_ADDR, a, MHD_OPTION_THREAD_POOL_SIZE, 2u,
                       MHD_OPTION_CONNECTION_LIMIT, QF_CONNECTIONS_MAX, MHD_OPTION_PER_IP_CONNECTION_LIMIT, per_address,
                       MHD_OPTION_CONNECTION_TIMEOUT, 60u, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)65536,
                       MHD_OPTION_CONNECTION_MEMORY_INCREMENT, (size_t)16384, MHD_OPTION_STRICT_FOR_CLIENT, 1,
                       MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL, MHD_OPTION_NOTIFY_CONNECTION, on_connection, s,
                       MHD_OPTION_ARRAY, tls, MHD_OPTION_END);
  free(cert);
  free(key);
  if (!s->daemon)
    return qf_fail(err, QF_IO, "cannot listen on port %u: %s", "无法监听端口 %u：%s", ntohs(a->sin_port),
                   strerror(errno));
  const union MHD_DaemonInfo *info = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_BIND_PORT);
  s->port = info && info->port ? info->port : ntohs(a->sin_port);
  return QF_OK;
}

static void add_host(qf_server *s, const char *name, size_t n)
{
  size_t have = strlen(s->hosts);
  snprintf(s->hosts + have, sizeof s->hosts - have, "%s%.*s|", have ? "" : "|", (int)n, name);
}

/* The names this server answers to: its address (every address of the machine when it listens on all), localhost when it is
 * on loopback, and those of --host. */
static void name_hosts(qf_server *s, const struct sockaddr_in *a, const char *given)
{
  char text[64];
  inet_ntop(AF_INET, &a->sin_addr, text, sizeof text);
  add_host(s, text, strlen(text));
  add_host(s, "localhost", 9);
  add_host(s, "127.0.0.1", 9);
  struct ifaddrs *all = NULL;
  if (a->sin_addr.s_addr == 0 && getifaddrs(&all) == 0)
    for (const struct ifaddrs *i = all; i; i = i->ifa_next)
      if (i->ifa_addr && i->ifa_addr->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, i->ifa_addr, sizeof in);
        inet_ntop(AF_INET, &in.sin_addr, text, sizeof text);
        add_host(s, text, strlen(text));
      }
  freeifaddrs(all);
  for (const char *p = given; p && *p; p += strcspn(p, ",")) {
    p += *p == ',';
    add_host(s, p, strcspn(p, ","));
  }
}

static qf_us clock_of(void *city)
{
  return qf_city_now(city);
}

qf_rc qf_server_start(qf_city *c, const qf_server_opts *opts, qf_server **out, qf_err *err)
{
  struct sockaddr_in a;
  bool loopback = false;
  const char *listen = opts->listen ? opts->listen : "127.0.0.1:8420";
  qf_rc rc = parse_listen(listen, &a, &loopback, err);
  if (rc)
    return rc;
  if (!loopback && !opts->tls_cert && !opts->insecure)
    return qf_fail(
        err, QF_DENIED,
        "a plain listener on %.60s would send passwords readable: give --tls-cert and --tls-key, or --insecure",
        "在 %.60s 上明文监听会泄露口令：请给出 --tls-cert 与 --tls-key，或 --insecure", listen);
  qf_server *s = calloc(1, sizeof *s);
  if (!s || sodium_init() < 0) {
    free(s);
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  }
  s->city = c;
  s->sample = opts->sample;
  pthread_mutex_init(&s->open_mx, NULL);
  qf_buf_init(&s->open_figures, (size_t)4 << 20);
  qf_beside_program(opts->web_dir, "../web/dist", "../share/qingfeng/web", s->web, sizeof s->web);
  name_hosts(s, &a, opts->hosts);
  rc = qf_auth_new(c, loopback && opts->sample, opts->sample, &s->auth, err);
  if (!rc)
    rc = qf_filings_open(c, &s->filings, err);
  if (!rc)
    rc = qf_work_open(s->filings, s->auth->people, &s->work, err);
  if (!rc)
    rc = qf_stream_start(s);
  if (!rc) {
    s->links = qf_links_new((qf_clock){clock_of, c});
    rc = s->links ? qf_collectors_start(c, s->links, &s->collectors, err)
                  : qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  }
  if (!rc) {
    char answers[4300];
    snprintf(answers, sizeof answers, "%s/answers", qf_city_dir(c));
    rc = qf_once_open(answers, (qf_clock){clock_of, c}, &s->once, err);
  }
  if (!rc)
    rc = qf_workers_start(&s->workers, err);
  if (!rc)
    rc = start_daemon(s, &a, opts, err);
  if (!rc) {
    char host[64];
    inet_ntop(AF_INET, &a.sin_addr, host, sizeof host);
    const char *first = opts->hosts && *opts->hosts ? opts->hosts : host; /* where links point to */
    snprintf(s->base_url, sizeof s->base_url, "%s://%.*s:%u", s->tls ? "https" : "http", (int)strcspn(first, ","),
             first, s->port);
    rc = write_server_file(s, err);
  }
  if (rc) {
    qf_server_stop(s);
    return rc;
  }
  *out = s;
  return QF_OK;
}

void qf_server_stop(qf_server *s)
{
  if (!s)
    return;
  char path[4200];
  snprintf(path, sizeof path, "%s/server.json", qf_city_dir(s->city));
  qf_err ignored;
  (void)!qf_journal_flush(qf_city_journal(s->city), &ignored); /* writes that wait for the disk are answered first */
  qf_collectors_stop(s->collectors);
  qf_stream_stop(s);
  qf_auth_stop(s->auth);
  qf_workers_stop(s->workers);
  if (s->daemon) {
    MHD_stop_daemon(s->daemon);
    unlink(path);
  }
  free(s->sse);
  qf_workers_free(s->workers);
  qf_once_close(s->once);
  qf_work_close(s->work);
  qf_filings_close(s->filings);
  qf_auth_free(s->auth);
  qf_links_free(s->links);
  qf_buf_fini(&s->open_figures);
  pthread_mutex_destroy(&s->open_mx);
  free(s);
}

uint16_t qf_server_port(const qf_server *s)
{
  return s->port;
}

void qf_server_login_link(qf_server *s, char *out, size_t size)
{
  char token[65];
  if (qf_auth_link(s->auth, token))
    snprintf(out, size, "%s/login?token=%s", s->base_url, token);
  else
    snprintf(out, size, "%s", "");
}
