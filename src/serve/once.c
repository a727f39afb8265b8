/* The file is text, one line for each answer:
 *
 *   seconds since 1970 SP key (64 hex) SP body (64 hex) SP status SP answer LF
 *
 * In memory a line is its hashes and its place. When a bound is reached, and at the start, the lines still young are written to a new
 * file, which takes the old one's place. */
#include "serve/once.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DAY_S 86400
#define HEAD 256u /* more than the line before the answer takes */
#define SLOTS (QF_ONCE_KEYS_MAX * 2 + 1)
#define FLIGHT_MAX 64u /* more than there are threads that carry out */

typedef struct kept {
  qf_once_id id;
  int64_t at_s;
  uint64_t off; /* of the answer in the file */
  uint32_t len;
  uint16_t status; /* 0: empty slot */
} kept;

struct qf_once {
  pthread_mutex_t mx;
  char path[4300];
  qf_clock clock;
  int fd;
  uint64_t size;
  uint32_t n, flying;
  bool broken; /* a sync failed: what is on disk is not known until the next start */
  kept *slot;  /* by key, open addressing */
  uint8_t flight[FLIGHT_MAX][32];
};

static int64_t now_s(const qf_once *o)
{
  return o->clock.now(o->clock.ud) / QF_US_SECOND;
}

static kept *find(qf_once *o, const uint8_t key[32])
{
  uint64_t h;
  memcpy(&h, key, sizeof h);
  kept *k = &o->slot[h % SLOTS];
  while (k->status && memcmp(k->id.key, key, 32) != 0)
    k = k + 1 == o->slot + SLOTS ? o->slot : k + 1;
  return k;
}

static bool unhex(const char *s, uint8_t out[32])
{
  for (int i = 0; i < 64; i++) {
    char c = s[i];
    int d = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    if (d < 0)
      return false;
    out[i / 2] = (uint8_t)(out[i / 2] << 4 | d);
  }
  return true;
}

/* A line without its LF. False: not one of ours. */
static bool parse(char *s, size_t n, kept *k, size_t *head)
{
  char *p;
  *k = (kept){.at_s = strtoll(s, &p, 10)};
  if (p == s || *p != ' ' || (size_t)(p - s) + 1 + 65 + 65 + 4 > n)
    return false;
  if (!unhex(p + 1, k->id.key) || p[65] != ' ' || !unhex(p + 66, k->id.body) || p[130] != ' ')
    return false;
  long status = strtol(p + 131, &p, 10);
  if (status < 200 || status > 599 || *p != ' ')
    return false;
  k->status = (uint16_t)status;
  *head = (size_t)(p + 1 - s);
  k->len = (uint32_t)(n - *head);
  return true;
}

static bool young(const qf_once *o, const kept *k)
{
  return now_s(o) - k->at_s < (int64_t)QF_ONCE_DAYS * DAY_S;
}

static qf_rc io(const qf_once *o, qf_err *err)
{
  return qf_fail(err, QF_IO, "%.150s: %s", "%.150s：%s", o->path, strerror(errno));
}

/* Read the lines of fd's file into an empty table; *whole: end of the last whole line. */
static qf_rc load(qf_once *o, uint64_t *whole, bool *old, qf_err *err)
{
  char *line = NULL;
  size_t cap = 0;
  FILE *f = fopen(o->path, "re");
  *whole = 0;
  *old = false;
  if (!f)
    return errno == ENOENT ? QF_OK : io(o, err);
  for (ssize_t n; (n = getline(&line, &cap, f)) > 0 && line[n - 1] == '\n'; *whole += (uint64_t)n) {
    kept k;
    size_t head;
    line[n - 1] = 0;
    bool good = parse(line, (size_t)n - 1, &k, &head) && young(o, &k) && o->n < QF_ONCE_KEYS_MAX;
    *old |= !good;
    if (!good)
      continue;
    k.off = *whole + head;
    kept *at = find(o, k.id.key);
    o->n += at->status == 0;
    *at = k;
  }
  bool bad = ferror(f) != 0;
  free(line);
  fclose(f);
  return bad ? io(o, err) : QF_OK;
}

static bool copy_line(qf_once *o, FILE *to, kept *k, uint64_t *at)
{
  char key[65], body[65], *text = malloc((size_t)k->len + 1);
  if (!text)
    return false;
  qf_hex(k->id.key, 32, key);
  qf_hex(k->id.body, 32, body);
  int head = 0;
  bool ok = pread(o->fd, text, k->len, (off_t)k->off) == (ssize_t)k->len &&
            (head = fprintf(to, "%lld %s %s %u ", (long long)k->at_s, key, body, k->status)) > 0 &&
            fwrite(text, 1, k->len, to) == k->len && fputc('\n', to) != EOF;
  k->off = *at + (uint64_t)head;
  *at += (uint64_t)head + k->len + 1;
  free(text);
  return ok;
}

static void sync_folder(const char *path)
{
  char dir[4300];
  snprintf(dir, sizeof dir, "%s", path);
  char *slash = strrchr(dir, '/');
  if (slash)
    *slash = 0;
  int fd = open(slash ? dir : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd >= 0) {
    (void)!fsync(fd);
    close(fd);
  }
}

/* Only what is young, in a new file. On an error the old file and table stay. */
static qf_rc compact(qf_once *o, qf_err *err)
{
  char tmp[4310];
  uint64_t at = 0;
  uint32_t n = 0;
  snprintf(tmp, sizeof tmp, "%s.new", o->path);
  FILE *to = fopen(tmp, "we");
  kept *fresh = calloc(SLOTS, sizeof *fresh), *old = o->slot;
  bool ok = to && fresh;
  for (size_t i = 0; ok && i < SLOTS; i++) {
    kept k = old[i];
    if (!k.status || !young(o, &k))
      continue;
    ok = copy_line(o, to, &k, &at);
    o->slot = fresh;
    *find(o, k.id.key) = k;
    o->slot = old;
    n++;
  }
  ok = ok && fflush(to) == 0 && fdatasync(fileno(to)) == 0;
  if (to)
    ok = fclose(to) == 0 && ok;
  int fd = ok && rename(tmp, o->path) == 0 ? open(o->path, O_RDWR | O_CLOEXEC) : -1;
  if (fd < 0) {
    qf_rc rc = io(o, err);
    unlink(tmp);
    free(fresh);
    return rc;
  }
  sync_folder(o->path);
  close(o->fd);
  free(old);
  o->slot = fresh;
  o->fd = fd;
  o->size = at;
  o->n = n;
  return QF_OK;
}

qf_rc qf_once_open(const char *path, qf_clock clock, qf_once **out, qf_err *err)
{
  qf_once *o = calloc(1, sizeof *o);
  uint64_t whole = 0;
  bool old = false;
  *out = NULL;
  if (o)
    o->slot = calloc(SLOTS, sizeof *o->slot);
  if (!o || !o->slot) {
    free(o);
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  }
  pthread_mutex_init(&o->mx, NULL);
  o->clock = clock;
  snprintf(o->path, sizeof o->path, "%s", path);
  o->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  qf_rc rc = o->fd < 0 ? io(o, err) : load(o, &whole, &old, err);
  if (!rc && ftruncate(o->fd, (off_t)whole) != 0)
    rc = io(o, err);
  if (!rc) {
    o->size = whole;
    sync_folder(path);
    if (old)
      rc = compact(o, err);
  }
  if (rc) {
    qf_once_close(o);
    return rc;
  }
  *out = o;
  return QF_OK;
}

void qf_once_close(qf_once *o)
{
  if (!o)
    return;
  if (o->fd >= 0)
    close(o->fd);
  pthread_mutex_destroy(&o->mx);
  free(o->slot);
  free(o);
}

static bool full(const qf_once *o)
{
  return o->n + o->flying >= QF_ONCE_KEYS_MAX || o->size >= QF_ONCE_BYTES_MAX;
}

static int flying(const qf_once *o, const uint8_t key[32])
{
  for (uint32_t i = 0; i < o->flying; i++)
    if (memcmp(o->flight[i], key, 32) == 0)
      return (int)i;
  return -1;
}

static qf_rc again(qf_once *o, const kept *k, const qf_once_id *id, unsigned *status, qf_buf *answer, qf_err *err)
{
  if (memcmp(k->id.body, id->body, 32) != 0)
    return qf_fail(err, QF_STATE, "this Idempotency-Key was used for another request within the last %d days",
                   "此 Idempotency-Key 在最近 %d 天内已用于另一请求", QF_ONCE_DAYS);
  if (!qf_buf_reserve(answer, (size_t)k->len + 1))
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  if (pread(o->fd, answer->data + answer->len, k->len, (off_t)k->off) != (ssize_t)k->len)
    return io(o, err);
  answer->len += k->len;
  answer->data[answer->len] = 0;
  *status = k->status;
  return QF_EXISTS;
}

static qf_rc begin(qf_once *o, const qf_once_id *id, unsigned *status, qf_buf *answer, qf_err *err)
{
  if (o->broken)
    return qf_fail(err, QF_IO, "the file of answers could not be synced: restart the server",
                   "应答文件未能落盘：请重启服务");
  if (flying(o, id->key) >= 0)
    return qf_fail(err, QF_BUSY, "a request with this Idempotency-Key is being carried out",
                   "具有此 Idempotency-Key 的请求正在处理");
  const kept *k = find(o, id->key);
  if (k->status && young(o, k))
    return again(o, k, id, status, answer, err);
  qf_rc rc = full(o) || k->status ? compact(o, err) : QF_OK;
  if (rc)
    return rc;
  if (full(o) || o->flying == FLIGHT_MAX)
    return qf_fail(
        err, QF_FULL, "more than %d Idempotency-Keys in %d days: send without, equal readings are kept once anyway",
        "%d 个以上 Idempotency-Key（%d 天内）：请不带该头发送，相同读数本就只存一次", QF_ONCE_KEYS_MAX, QF_ONCE_DAYS);
  memcpy(o->flight[o->flying++], id->key, 32);
  return QF_OK;
}

qf_rc qf_once_begin(qf_once *o, const qf_once_id *id, unsigned *status, qf_buf *answer, qf_err *err)
{
  pthread_mutex_lock(&o->mx);
  qf_rc rc = begin(o, id, status, answer, err);
  pthread_mutex_unlock(&o->mx);
  return rc;
}

static qf_rc keep(qf_once *o, const qf_once_id *id, unsigned status, const char *answer, size_t n, qf_err *err)
{
  char head[HEAD], key[65], body[65];
  kept k = {.id = *id, .at_s = now_s(o), .len = (uint32_t)n, .status = (uint16_t)status};
  qf_hex(id->key, 32, key);
  qf_hex(id->body, 32, body);
  int h = snprintf(head, sizeof head, "%lld %s %s %u ", (long long)k.at_s, key, body, status);
  qf_buf b;
  qf_buf_init(&b, n + HEAD);
  qf_buf_put(&b, head, (size_t)h);
  qf_buf_put(&b, answer, n);
  qf_buf_putc(&b, '\n');
  bool ok = !b.failed && pwrite(o->fd, b.data, b.len, (off_t)o->size) == (ssize_t)b.len;
  if (ok && fdatasync(o->fd) != 0)
    ok = !(o->broken = true);
  qf_rc rc = ok ? QF_OK : io(o, err);
  if (ok) {
    kept *at = find(o, id->key);
    k.off = o->size + (uint64_t)h;
    o->n += at->status == 0;
    *at = k;
    o->size += b.len;
  } else {
    (void)!ftruncate(o->fd, (off_t)o->size);
  }
  qf_buf_fini(&b);
  return rc;
}

qf_rc qf_once_end(qf_once *o, const qf_once_id *id, unsigned status, const char *answer, size_t n, qf_err *err)
{
  pthread_mutex_lock(&o->mx);
  qf_rc rc = status ? keep(o, id, status, answer, n, err) : QF_OK;
  int i = flying(o, id->key);
  if (i >= 0)
    memmove(o->flight[i], o->flight[--o->flying], 32);
  pthread_mutex_unlock(&o->mx);
  return rc;
}
