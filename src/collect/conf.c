/* A collector's file: read whole, each key remembered with its line and whether anybody asked for it. */
#include "collect/conf.h"
#include <arpa/inet.h>
#include <ini.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { KEYS_MAX = 200000, LINE = 1024 };

typedef struct key {
  char *section, *name, *value, *path; /* path: value as an absolute path, once asked for */
  uint32_t line;
  bool asked;
} key;

struct qf_conf {
  char name[64], folder[4096], file[160];
  key *keys;
  uint32_t n, cap, line;
  char **sections;
  uint32_t nsections;
  qf_err why;
  qf_rc rc;
  FILE *f;
};

static qf_rc no_memory(qf_err *err)
{
  return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
}

static bool new_section(qf_conf *c, const char *name)
{
  for (uint32_t i = c->nsections; i-- > 0;) /* the newest first: sections follow each other */
    if (strcmp(c->sections[i], name) == 0)
      return true;
  char **s = realloc(c->sections, (c->nsections + 1) * sizeof *s);
  char *copy = s ? strdup(name) : NULL;
  if (s)
    c->sections = s;
  if (copy)
    c->sections[c->nsections++] = copy;
  return copy != NULL;
}

static int on_key(void *ud, const char *section, const char *name, const char *value)
{
  qf_conf *c = ud;
  if (c->n == KEYS_MAX) {
    c->rc = qf_fail(&c->why, QF_RANGE, "%.100s: more than %d keys", "%.100s：超过 %d 个键", c->file, KEYS_MAX);
    return 0;
  }
  if (c->n == c->cap) {
    uint32_t cap = c->cap ? c->cap * 2 : 64;
    key *k = realloc(c->keys, cap * sizeof *k);
    if (!k) {
      c->rc = no_memory(&c->why);
      return 0;
    }
    c->keys = k;
    c->cap = cap;
  }
  key *k = &c->keys[c->n];
  *k = (key){strdup(section), strdup(name), strdup(value), NULL, c->line, false};
  c->n++;
  if (!k->section || !k->name || !k->value || !new_section(c, section))
    c->rc = no_memory(&c->why);
  return c->rc == QF_OK;
}

static char *read_line(char *s, int n, void *ud)
{
  qf_conf *c = ud;
  c->line++;
  return fgets(s, n, c->f);
}

qf_rc qf_conf_open(const char *path, qf_conf **out, qf_err *err)
{
  qf_conf *c = calloc(1, sizeof *c);
  *out = NULL;
  if (!c)
    return no_memory(err);
  const char *slash = strrchr(path, '/');
  const char *base = slash ? slash + 1 : path;
  snprintf(c->file, sizeof c->file, "%s", base);
  snprintf(c->name, sizeof c->name, "%.*s", (int)strcspn(base, "."), base);
  snprintf(c->folder, sizeof c->folder, "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
  c->f = fopen(path, "rbe");
  qf_rc rc = c->f ? QF_OK : qf_fail(err, QF_IO, "%.150s: cannot be read", "%.150s：无法读取", path);
  if (!rc) {
    int bad = ini_parse_stream(read_line, c, on_key, c);
    if (c->rc) {
      *err = c->why;
      rc = c->rc;
    } else if (bad) {
      rc = qf_fail(err, QF_SYNTAX, "%.100s line %d: neither [section] nor key = value",
                   "%.100s 第 %d 行：既非 [节] 也非 键 = 值", c->file, bad);
    }
    fclose(c->f);
    c->f = NULL;
  }
  if (rc) {
    qf_conf_close(c);
    return rc;
  }
  *out = c;
  return QF_OK;
}

void qf_conf_close(qf_conf *c)
{
  if (!c)
    return;
  for (uint32_t i = 0; i < c->n; i++) {
    free(c->keys[i].section);
    free(c->keys[i].name);
    free(c->keys[i].value);
    free(c->keys[i].path);
  }
  for (uint32_t i = 0; i < c->nsections; i++)
    free(c->sections[i]);
  free((void *)c->sections);
  free(c->keys);
  free(c);
}

static key *find(const qf_conf *c, const char *section, const char *name)
{
  for (uint32_t i = 0; i < c->n; i++)
    if (strcmp(c->keys[i].section, section) == 0 && strcmp(c->keys[i].name, name) == 0) {
      c->keys[i].asked = true;
      return &c->keys[i];
    }
  return NULL;
}

const char *qf_conf_get(const qf_conf *c, const char *section, const char *name)
{
  const key *k = find(c, section, name);
  return k ? k->value : NULL;
}

qf_rc qf_conf_unknown(const qf_conf *c, qf_err *err)
{
  for (uint32_t i = 0; i < c->n; i++)
    if (!c->keys[i].asked)
      return qf_fail(err, QF_SYNTAX, "%.60s line %u: [%.60s] has no key %.60s", "%.60s 第 %u 行：[%.60s] 没有键 %.60s",
                     c->file, c->keys[i].line, c->keys[i].section, c->keys[i].name);
  return QF_OK;
}

qf_rc qf_conf_int(const qf_conf *c, const char *section, const char *name, int64_t min, int64_t max, int64_t fallback,
                  int64_t *out, qf_err *err)
{
  const key *k = find(c, section, name);
  char *end;
  *out = fallback;
  if (!k)
    return QF_OK;
  long long v = strtoll(k->value, &end, 10);
  if (end == k->value || *end)
    return qf_fail(err, QF_SYNTAX, "%.60s line %u: %.40s = %.40s: not a whole number",
                   "%.60s 第 %u 行：%.40s = %.40s：不是整数", c->file, k->line, name, k->value);
  if (v < min || v > max)
    return qf_fail(err, QF_RANGE, "%.60s line %u: %.40s = %lld: from %lld to %lld",
                   "%.60s 第 %u 行：%.40s = %lld：应在 %lld 至 %lld 之间", c->file, k->line, name, v, (long long)min,
                   (long long)max);
  *out = v;
  return QF_OK;
}

/* An address in digits for a name: asked for once, at the start, because the loop must not wait. */
static bool in_digits(const char *name, char *host, size_t size)
{
  struct addrinfo want = {.ai_socktype = SOCK_STREAM}, *a;
  if (getaddrinfo(name, NULL, &want, &a))
    return false;
  bool ok = getnameinfo(a->ai_addr, a->ai_addrlen, host, (socklen_t)size, NULL, 0, NI_NUMERICHOST) == 0;
  freeaddrinfo(a);
  return ok;
}

qf_rc qf_conf_addr(const qf_conf *c, const char *section, const char *name, char *host, size_t size, uint16_t *port,
                   qf_err *err)
{
  const key *k = find(c, section, name);
  if (!k)
    return qf_fail(err, QF_SYNTAX, "%.60s: [%.40s] needs %.40s = host:port", "%.60s：[%.40s] 须有 %.40s = 主机:端口",
                   c->file, section, name);
  const char *colon = strrchr(k->value, ':');
  char text[256], *end;
  unsigned long p = colon ? strtoul(colon + 1, &end, 10) : 0;
  size_t n = colon ? (size_t)(colon - k->value) : 0;
  const char *from = k->value;
  if (n >= 2 && from[0] == '[' && from[n - 1] == ']') { /* [::1]:8080 */
    from++;
    n -= 2;
  }
  if (!colon || end == colon + 1 || *end || p > 65535 || !n || n >= sizeof text)
    return qf_fail(err, QF_SYNTAX, "%.60s line %u: %.40s = %.60s: expected host:port",
                   "%.60s 第 %u 行：%.40s = %.60s：应为 主机:端口", c->file, k->line, name, k->value);
  snprintf(text, sizeof text, "%.*s", (int)n, from);
  if (!in_digits(text, host, size))
    return qf_fail(err, QF_IO, "%.60s line %u: %.100s: no such host", "%.60s 第 %u 行：%.100s：找不到该主机", c->file,
                   k->line, text);
  *port = (uint16_t)p;
  return QF_OK;
}

const char *qf_conf_path(qf_conf *c, const char *section, const char *name)
{
  key *k = find(c, section, name);
  if (!k)
    return NULL;
  if (!k->path) {
    size_t n = strlen(c->folder) + strlen(k->value) + 2;
    k->path = malloc(n);
    if (k->path)
      snprintf(k->path, n, "%s%s%s", *k->value == '/' ? "" : c->folder, *k->value == '/' ? "" : "/", k->value);
  }
  return k->path;
}

const char *qf_conf_section(const qf_conf *c, uint32_t i)
{
  return i < c->nsections ? c->sections[i] : NULL;
}

const char *qf_conf_name(const qf_conf *c)
{
  return c->name;
}
