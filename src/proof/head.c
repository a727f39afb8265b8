/* A head as text:
 *     qingfeng/0123456789abcdef                        origin, which is the key's name
 *     4711                                             entries of the journal = leaves of the tree
 *     base64 of 32 bytes                               root
 *     time 2026-11-22T20:00:00+08:00                   extension line
 *                                                      (empty)
 *     - qingfeng/0123456789abcdef base64(id[4] || sig) em dash, not hyphen; one line per signature
 * The signature of the log is Ed25519 over the text up to and with the newline before the empty line. A witness signs
 * "cosignature/v1\ntime N\n" followed by the same text, and its line holds id[4] || N as 8 bytes, most significant first
 * || sig. */
#include "proof/head.h"
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DASH "\xe2\x80\x94 "
#define DASH_LEN 4u
#define KEY_FILE_HEAD "qingfeng-log-key-1 "

/* ---- base64 */

void qf_base64(const void *bytes, size_t n, qf_buf *out)
{
  char b[QF_NOTE_MAX];
  if (sodium_base64_encoded_len(n, sodium_base64_VARIANT_ORIGINAL) > sizeof b) {
    out->failed = true;
    return;
  }
  sodium_bin2base64(b, sizeof b, bytes, n, sodium_base64_VARIANT_ORIGINAL);
  qf_buf_puts(out, b);
}

bool qf_unbase64(const char *s, size_t n, uint8_t *out, size_t want)
{
  size_t got = 0;
  const char *end = NULL;
  return n == (want + 2) / 3 * 4 &&
         sodium_base642bin(out, want, s, n, NULL, &got, &end, sodium_base64_VARIANT_ORIGINAL) == 0 && got == want &&
         end == s + n;
}

/* ---- keys */

static bool good_name(const char *s, size_t n)
{
  if (n == 0 || n >= QF_NAME_MAX)
    return false;
  for (size_t i = 0; i < n; i++)
    if ((uint8_t)s[i] <= ' ' || s[i] == '+' || s[i] == 0x7f || (uint8_t)s[i] >= 0x80)
      return false;
  return true;
}

qf_rc qf_vkey_make(const char *name, const uint8_t pub[32], uint8_t alg, qf_vkey *out, qf_err *err)
{
  uint8_t h[32], b[QF_NAME_MAX + 34];
  size_t n = strlen(name);
  *out = (qf_vkey){.alg = alg};
  if (!good_name(name, n))
    return qf_fail(err, QF_RANGE, "\"%.60s\" cannot be a key's name", "“%.60s”不能作密钥名称", name);
  memcpy(out->name, name, n);
  memcpy(out->pub, pub, 32);
  memcpy(b, name, n);
  b[n] = '\n';
  b[n + 1] = alg;
  memcpy(b + n + 2, pub, 32);
  qf_sha256(b, n + 34, h);
  memcpy(out->id, h, 4);
  return QF_OK;
}

static qf_rc not_a_key(qf_err *err)
{
  return qf_fail(err, QF_SYNTAX, "not a verifier key (name+8 hex digits+base64)",
                 "不是验证密钥（名称+8 位十六进制+base64）");
}

qf_rc qf_vkey_parse(const char *s, size_t n, qf_vkey *out, qf_err *err)
{
  char name[QF_NAME_MAX] = {0}, hex[9];
  uint8_t raw[33];
  while (n && (s[n - 1] == '\n' || s[n - 1] == '\r' || s[n - 1] == ' '))
    n--;
  const char *plus = memchr(s, '+', n);
  size_t len = plus ? (size_t)(plus - s) : 0;
  if (!plus || !good_name(s, len) || n - len < 11 || plus[9] != '+')
    return not_a_key(err);
  memcpy(name, s, len);
  if (!qf_unbase64(plus + 10, n - len - 10, raw, 33) || (raw[0] != QF_KEY_LOG && raw[0] != QF_KEY_WITNESS))
    return not_a_key(err);
  qf_rc rc = qf_vkey_make(name, raw + 1, raw[0], out, err);
  if (rc)
    return rc;
  qf_hex(out->id, 4, hex);
  return memcmp(hex, plus + 1, 8) == 0 ? QF_OK : not_a_key(err);
}

void qf_vkey_write(const qf_vkey *k, qf_buf *out)
{
  char hex[9];
  uint8_t raw[33];
  raw[0] = k->alg;
  memcpy(raw + 1, k->pub, 32);
  qf_hex(k->id, 4, hex);
  qf_buf_printf(out, "%s+%s+", k->name, hex);
  qf_base64(raw, sizeof raw, out);
}

static qf_rc key_fail(qf_err *err, qf_rc rc, const char *path, const char *why)
{
  return qf_fail(err, rc, "%.150s: %s", "%.150s：%s", path, why);
}

/* Written aside, synced, linked to its name: a key is never half there and never written over. */
static qf_rc key_make(const char *dir, const char *path, qf_err *err)
{
  char folder[4200], tmp[4300], line[128], b64[64];
  uint8_t seed[32];
  snprintf(folder, sizeof folder, "%s/keys", dir);
  snprintf(tmp, sizeof tmp, "%s/log.key.new", folder);
  if (mkdir(folder, 0700) != 0 && errno != EEXIST)
    return key_fail(err, QF_IO, folder, strerror(errno));
  randombytes_buf(seed, sizeof seed);
  sodium_bin2base64(b64, sizeof b64, seed, sizeof seed, sodium_base64_VARIANT_ORIGINAL);
  int n = snprintf(line, sizeof line, KEY_FILE_HEAD "%s\n", b64);
  unlink(tmp);
  int fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  bool ok = fd >= 0 && write(fd, line, (size_t)n) == n && fsync(fd) == 0;
  if (fd >= 0)
    ok = close(fd) == 0 && ok;
  ok = ok && link(tmp, path) == 0;
  int e = errno;
  unlink(tmp);
  int d = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  ok = ok && d >= 0 && fsync(d) == 0;
  if (d >= 0)
    close(d);
  sodium_memzero(seed, sizeof seed);
  sodium_memzero(line, sizeof line);
  sodium_memzero(b64, sizeof b64);
  return ok ? QF_OK : key_fail(err, QF_IO, path, strerror(e));
}

qf_rc qf_key_load(const char *dir, bool make, qf_skey *out, qf_err *err)
{
  char path[4200], line[128] = {0};
  uint8_t seed[32], pub[32];
  if (sodium_init() < 0)
    return qf_fail(err, QF_IO, "libsodium does not start", "libsodium 无法初始化");
  snprintf(path, sizeof path, "%s/keys/log.key", dir);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT && make) {
    qf_rc rc = key_make(dir, path, err);
    if (rc)
      return rc;
    fd = open(path, O_RDONLY | O_CLOEXEC);
  }
  if (fd < 0)
    return key_fail(err, errno == ENOENT ? QF_NOTFOUND : QF_IO, path, strerror(errno));
  ssize_t n = read(fd, line, sizeof line - 1);
  close(fd);
  size_t head = sizeof KEY_FILE_HEAD - 1;
  bool ok = n == (ssize_t)(head + 45) && memcmp(line, KEY_FILE_HEAD, head) == 0 && line[n - 1] == '\n' &&
            qf_unbase64(line + head, 44, seed, 32);
  if (ok)
    crypto_sign_seed_keypair(pub, out->secret, seed);
  sodium_memzero(line, sizeof line);
  sodium_memzero(seed, sizeof seed);
  return ok ? QF_OK : key_fail(err, QF_CORRUPT, path, "not a key file / 不是密钥文件");
}

/* ---- heads */

qf_rc qf_head_sign(const qf_head *h, const qf_skey *k, const qf_vkey *v, qf_buf *out, qf_err *err)
{
  uint8_t raw[4 + crypto_sign_BYTES];
  size_t from = out->len;
  qf_buf_printf(out, "%s\n%llu\n", h->origin, (unsigned long long)h->size);
  qf_base64(h->root.b, 32, out);
  qf_buf_puts(out, "\ntime ");
  qf_tm_write(out, h->at_us);
  qf_buf_putc(out, '\n');
  if (out->failed)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  memcpy(raw, v->id, 4);
  crypto_sign_detached(raw + 4, NULL, (const uint8_t *)out->data + from, out->len - from, k->secret);
  qf_buf_printf(out, "\n" DASH "%s ", v->name);
  qf_base64(raw, sizeof raw, out);
  qf_buf_putc(out, '\n');
  return out->failed ? qf_fail(err, QF_NOMEM, "out of memory", "内存不足") : QF_OK;
}

/* Length of the line at p without its newline; SIZE_MAX if no newline follows. */
static size_t line_length(const char *p, const char *end)
{
  const char *nl = p < end ? memchr(p, '\n', (size_t)(end - p)) : NULL;
  return nl ? (size_t)(nl - p) : SIZE_MAX;
}

size_t qf_note_length(const char *text, size_t n)
{
  const char *p = text, *end = text + n;
  size_t k;
  while ((k = line_length(p, end)) != SIZE_MAX && k > 0)
    p += k + 1;
  if (k == SIZE_MAX)
    return 0;
  p++;
  const char *sigs = p;
  while ((k = line_length(p, end)) != SIZE_MAX && k >= DASH_LEN && memcmp(p, DASH, DASH_LEN) == 0)
    p += k + 1;
  return p == sigs ? 0 : (size_t)(p - text);
}

#define not_a_head(err, en, zh) qf_fail(err, QF_SYNTAX, "not a signed tree head: " en, "不是签名树头：" zh)

static bool parse_size(const char *s, size_t n, uint64_t *out)
{
  uint64_t v = 0;
  if (n == 0 || n > 19 || (n > 1 && s[0] == '0'))
    return false;
  for (size_t i = 0; i < n; i++) {
    if (s[i] < '0' || s[i] > '9')
      return false;
    v = v * 10 + (uint64_t)(s[i] - '0');
  }
  *out = v;
  return v <= QF_TREE_MAX;
}

/* The text before the empty line; *body its length with the last newline. */
static qf_rc parse_body(const char *text, size_t n, qf_head *h, size_t *body, qf_err *err)
{
  const char *p = text, *end = text + n;
  size_t k = line_length(p, end);
  *h = (qf_head){0};
  if (k == SIZE_MAX || !good_name(p, k))
    return not_a_head(err, "line 1 must name the origin", "第 1 行应为来源");
  memcpy(h->origin, p, k);
  p += k + 1;
  k = line_length(p, end);
  if (k == SIZE_MAX || !parse_size(p, k, &h->size))
    return not_a_head(err, "line 2 must be the size", "第 2 行应为大小");
  p += k + 1;
  k = line_length(p, end);
  if (k == SIZE_MAX || !qf_unbase64(p, k, h->root.b, 32))
    return not_a_head(err, "line 3 must be the root, 32 bytes in base64", "第 3 行应为根（32 字节 base64）");
  p += k + 1;
  while ((k = line_length(p, end)) != SIZE_MAX && k > 0) {
    if (k > 5 && memcmp(p, "time ", 5) == 0 && (h->at_us || qf_tm_parse(p + 5, k - 5, &h->at_us)))
      return not_a_head(err, "the time line is not one moment", "时间行有误");
    p += k + 1;
  }
  if (k == SIZE_MAX)
    return not_a_head(err, "no empty line before the signatures", "签名前缺少空行");
  *body = (size_t)(p - text);
  return QF_OK;
}

qf_rc qf_head_parse(const char *text, size_t n, qf_head *out, qf_err *err)
{
  size_t body;
  if (n > QF_NOTE_MAX || qf_note_length(text, n) != n)
    return not_a_head(err, "text, an empty line and signature lines are expected", "应为正文、空行与签名行");
  for (size_t i = 0; i < n; i++)
    if ((uint8_t)text[i] < 0x20 && text[i] != '\n')
      return not_a_head(err, "control bytes", "含控制字符");
  return parse_body(text, n, out, &body, err);
}

static bool signature_holds(const uint8_t *raw, size_t n, const char *text, size_t body, const qf_vkey *v, qf_us *when)
{
  uint8_t msg[QF_NOTE_MAX + 64];
  if (v->alg == QF_KEY_LOG)
    return n == 68 && crypto_sign_verify_detached(raw + 4, (const uint8_t *)text, body, v->pub) == 0;
  uint64_t t = 0;
  for (size_t i = 4; i < 12 && i < n; i++)
    t = t << 8 | raw[i];
  if (n != 76 || t > (UINT64_C(1) << 40) || body > QF_NOTE_MAX)
    return false;
  int k = snprintf((char *)msg, 64, "cosignature/v1\ntime %llu\n", (unsigned long long)t);
  memcpy(msg + k, text, body);
  if (when)
    *when = (qf_us)t * QF_US_SECOND;
  return crypto_sign_verify_detached(raw + 12, msg, (size_t)k + body, v->pub) == 0;
}

/* Look at one signature line: QF_NOTFOUND not by v, QF_OK good, QF_CORRUPT wrong, QF_SYNTAX. */
static qf_rc look_at(const char *p, size_t k, const char *text, size_t body, const qf_vkey *v, qf_us *when)
{
  uint8_t raw[76];
  const char *blank = memchr(p + DASH_LEN, ' ', k - DASH_LEN);
  if (!blank)
    return QF_SYNTAX;
  size_t name = (size_t)(blank - p) - DASH_LEN, b64 = k - DASH_LEN - name - 1;
  size_t want = v->alg == QF_KEY_LOG ? 68 : 76;
  if (!good_name(p + DASH_LEN, name))
    return QF_SYNTAX;
  if (strlen(v->name) != name || memcmp(v->name, p + DASH_LEN, name) != 0 || !qf_unbase64(blank + 1, b64, raw, want) ||
      memcmp(raw, v->id, 4) != 0)
    return QF_NOTFOUND;
  return signature_holds(raw, want, text, body, v, when) ? QF_OK : QF_CORRUPT;
}

qf_rc qf_head_check(const char *text, size_t n, const qf_vkey *v, qf_head *out, qf_us *when, qf_err *err)
{
  size_t body = 0, k, lines = 0;
  qf_rc rc = qf_head_parse(text, n, out, err), found = QF_NOTFOUND;
  if (!rc)
    rc = parse_body(text, n, out, &body, err);
  if (rc)
    return rc;
  if (v->alg == QF_KEY_LOG && strcmp(v->name, out->origin) != 0)
    return qf_fail(err, QF_NOTFOUND, "the head is of %.80s, the key of %.80s", "树头属于 %.80s，密钥属于 %.80s",
                   out->origin, v->name);
  for (const char *p = text + body + 1, *end = text + n; p < end; p += k + 1) {
    k = line_length(p, end);
    rc = ++lines > QF_NOTE_SIGS ? QF_SYNTAX : look_at(p, k, text, body, v, when);
    if (rc == QF_SYNTAX)
      return not_a_head(err, "a signature line is malformed", "签名行格式有误");
    if (rc == QF_CORRUPT)
      return qf_fail(err, rc, "head of size %llu: the signature by %.80s is wrong",
                     "大小 %llu 的树头：%.80s 的签名不符", (unsigned long long)out->size, v->name);
    found = rc == QF_OK ? QF_OK : found;
  }
  return found ? qf_fail(err, found, "head of size %llu carries no signature by %.80s",
                         "大小 %llu 的树头没有 %.80s 的签名", (unsigned long long)out->size, v->name)
               : QF_OK;
}
