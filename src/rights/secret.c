#include "rights/secret.h"
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- passwords */

/* Roots of the commonest passwords, keyboard runs and words of this place; a password is judged by what is left of it
 * when these are taken out. Longest first within a beginning. */
static const char *const common[] = {
    "administrator", "qwertyuiop", "1234567890", "0987654321", "0123456789", "9876543210", "zhongguo", "qingfeng",
    "tanpaifang",    "passw0rd",   "p@ssw0rd",   "p@ssword",   "password",   "iloveyou",   "princess", "sunshine",
    "football",      "baseball",   "superman",   "trustno1",   "woaini",     "yingkou",    "liaoning", "shenyang",
    "beijing",       "nenghao",    "nengyuan",   "charlie",    "michael",    "welcome",    "letmein",  "changeme",
    "default",       "asdfghjkl",  "asdfgh",     "zxcvbnm",    "zxcvbn",     "qazwsx",     "1qaz2wsx", "qwerty",
    "azerty",        "monkey",     "dragon",     "master",     "shadow",     "batman",     "freedom",  "whatever",
    "computer",      "internet",   "service",    "secret",     "energy",     "carbon",     "huawei",   "system",
    "server",        "school",     "summer",     "winter",     "spring",     "autumn",     "login",    "admin",
    "hello",         "guest",      "super",      "xiaomi",     "nihao",      "wangyi",     "tengxun",  "mima",
    "love",          "test",       "user",       "root",       "demo",       "pass",       "city",     "temp",
    "abcdefghij",    "abcdefgh",   "abcdef",     "abc123",     "abcd",       "abc",        "xyz",      "aaa",
    "qqq",           "zzz",        "987654321",  "123456789",  "87654321",   "12345678",   "7654321",  "1234567",
    "654321",        "123456",     "54321",      "12345",      "4321",       "1234",       "321",      "123",
    "111",           "222",        "333",        "444",        "555",        "666",        "777",      "888",
    "999",           "000",        "520",        "1314",       "5201314",    "2023",       "2024",     "2025",
    "2026",          "2027",       "1990",       "1980",       "清风",       "营口",       "密码",     "碳",
    "能源"};

static void erase_all(char *text, const char *word)
{
  size_t k = strlen(word);
  for (char *p; k >= 2 && (p = strstr(text, word)) != NULL;) {
    memset(p, ' ', k);
  }
}

static size_t characters(const char *s)
{
  size_t n = 0;
  for (; *s; s++)
    n += ((unsigned char)*s & 0xC0) != 0x80;
  return n;
}

static unsigned distinct(const char *s)
{
  bool seen[256] = {0};
  unsigned n = 0;
  for (; *s; s++)
    if (*s != ' ' && !seen[(unsigned char)*s]) {
      seen[(unsigned char)*s] = true;
      n++;
    }
  return n;
}

static void lower(char *out, size_t size, const char *s)
{
  size_t n = 0;
  for (; *s && n + 1 < size; s++)
    out[n++] = *s > 0 ? (char)tolower((unsigned char)*s) : *s;
  out[n] = 0;
}

qf_rc qf_password_allowed(const char *pw, const char *const *context, qf_err *err)
{
  size_t n = characters(pw);
  if (n < QF_PASSWORD_MIN || n > QF_PASSWORD_MAX || strlen(pw) > QF_PASSWORD_BYTES)
    return qf_fail(err, QF_RANGE, "a password has %u to %u characters, any characters",
                   "口令须为 %u 至 %u 个字符，字符不限", QF_PASSWORD_MIN, QF_PASSWORD_MAX);
  char left[QF_PASSWORD_BYTES + 1], word[200];
  lower(left, sizeof left, pw);
  for (size_t i = 0; context && context[i]; i++) {
    lower(word, sizeof word, context[i]);
    if (strlen(word) >= 3)
      erase_all(left, word);
  }
  for (size_t i = 0; i < sizeof common / sizeof *common; i++)
    erase_all(left, common[i]);
  bool easy = distinct(left) < 5;
  sodium_memzero(left, sizeof left);
  return easy ? qf_fail(err, QF_RANGE,
                        "this password is easy to guess: it is made of common words, runs or your own name",
                        "该口令易被猜中：由常见词、连续字符或本人名称组成")
              : QF_OK;
}

qf_rc qf_password_hash(const char *pw, bool strong, char out[QF_HASH_MAX], qf_err *err)
{
  if (crypto_pwhash_str(out, pw, strlen(pw),
                        strong ? crypto_pwhash_OPSLIMIT_MODERATE : crypto_pwhash_OPSLIMIT_INTERACTIVE,
                        strong ? crypto_pwhash_MEMLIMIT_MODERATE : crypto_pwhash_MEMLIMIT_INTERACTIVE) == 0)
    return QF_OK;
  return qf_fail(err, QF_NOMEM, "no memory to hash a password", "内存不足，无法处理口令");
}

bool qf_password_check(const char *hash, const char *pw, bool strong, bool *rehash)
{
  char padded[crypto_pwhash_STRBYTES] = {0};
  if (rehash)
    *rehash = false;
  if (!hash || !hash[0]) { /* nobody, or no password set: work as long as for anybody */
    (void)!qf_password_hash(pw, false, padded, NULL);
    return false;
  }
  snprintf(padded, sizeof padded, "%s", hash);
  if (crypto_pwhash_str_verify(padded, pw, strlen(pw)) != 0)
    return false;
  if (rehash)
    *rehash = crypto_pwhash_str_needs_rehash(
                  padded, strong ? crypto_pwhash_OPSLIMIT_MODERATE : crypto_pwhash_OPSLIMIT_INTERACTIVE,
                  strong ? crypto_pwhash_MEMLIMIT_MODERATE : crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0;
  return true;
}

/* ---- workers */

#define WORKERS 2

struct qf_hasher {
  pthread_mutex_t mx;
  pthread_cond_t wake;
  pthread_t thread[WORKERS];
  unsigned nthreads, first, count;
  bool closing;
  struct {
    void (*fn)(void *);
    void *ud;
  } job[QF_HASH_QUEUE];
};

static void *work(void *ud)
{
  qf_hasher *h = ud;
  pthread_mutex_lock(&h->mx);
  for (;;) {
    while (!h->count && !h->closing)
      pthread_cond_wait(&h->wake, &h->mx);
    if (!h->count)
      break;
    void (*fn)(void *) = h->job[h->first].fn;
    void *arg = h->job[h->first].ud;
    h->first = (h->first + 1) % QF_HASH_QUEUE;
    h->count--;
    pthread_mutex_unlock(&h->mx);
    fn(arg);
    pthread_mutex_lock(&h->mx);
  }
  pthread_mutex_unlock(&h->mx);
  return NULL;
}

qf_rc qf_hasher_new(qf_hasher **out, qf_err *err)
{
  qf_hasher *h = sodium_init() < 0 ? NULL : calloc(1, sizeof *h);
  if (!h)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  pthread_mutex_init(&h->mx, NULL);
  pthread_cond_init(&h->wake, NULL);
  while (h->nthreads < WORKERS && pthread_create(&h->thread[h->nthreads], NULL, work, h) == 0)
    h->nthreads++;
  if (h->nthreads < WORKERS) {
    qf_hasher_free(h);
    return qf_fail(err, QF_NOMEM, "no more threads", "无法创建线程");
  }
  *out = h;
  return QF_OK;
}

void qf_hasher_stop(qf_hasher *h)
{
  pthread_mutex_lock(&h->mx);
  h->closing = true;
  pthread_cond_broadcast(&h->wake);
  pthread_mutex_unlock(&h->mx);
  while (h->nthreads)
    pthread_join(h->thread[--h->nthreads], NULL);
}

void qf_hasher_free(qf_hasher *h)
{
  if (!h)
    return;
  qf_hasher_stop(h);
  pthread_mutex_destroy(&h->mx);
  pthread_cond_destroy(&h->wake);
  free(h);
}

qf_rc qf_hasher_submit(qf_hasher *h, void (*fn)(void *), void *ud, qf_err *err)
{
  pthread_mutex_lock(&h->mx);
  bool room = h->count < QF_HASH_QUEUE && !h->closing;
  if (room) {
    unsigned at = (h->first + h->count++) % QF_HASH_QUEUE;
    h->job[at].fn = fn;
    h->job[at].ud = ud;
    pthread_cond_signal(&h->wake);
  }
  pthread_mutex_unlock(&h->mx);
  return room ? QF_OK
              : qf_fail(err, QF_FULL, "too many people log in at this moment: try again in a few seconds",
                        "此刻登录人数过多，请数秒后再试");
}

/* ---- one-time codes: HOTP (RFC 4226 5.3) of the time step */

uint32_t qf_totp(const uint8_t *key, size_t n, uint64_t step, unsigned digits)
{
  static const uint32_t tens[] = {1000000, 10000000, 100000000};
  uint8_t msg[8], mac[EVP_MAX_MD_SIZE];
  unsigned len = 0;
  for (int i = 7; i >= 0; i--, step >>= 8)
    msg[i] = (uint8_t)step;
  if (!HMAC(EVP_sha1(), key, (int)n, msg, sizeof msg, mac, &len) || len != 20)
    abort();
  unsigned o = mac[19] & 15u;
  uint32_t v = (uint32_t)(mac[o] & 0x7F) << 24 | (uint32_t)mac[o + 1] << 16 | (uint32_t)mac[o + 2] << 8 | mac[o + 3];
  return v % tens[digits < 6 ? 0 : digits > 8 ? 2 : digits - 6];
}

bool qf_totp_check(const uint8_t key[QF_TOTP_KEY], const char *code, qf_us now, uint64_t *last)
{
  uint64_t step = (uint64_t)(now / (30 * QF_US_SECOND)), found = 0;
  if (strlen(code) != 6 || strspn(code, "0123456789") != 6)
    return false;
  for (uint64_t s = step - 1; s <= step + 1; s++) {
    char want[16];
    snprintf(want, sizeof want, "%06u", qf_totp(key, QF_TOTP_KEY, s, 6));
    bool same = sodium_memcmp(want, code, 6) == 0;
    found = same && s > *last && !found ? s : found;
  }
  if (found)
    *last = found;
  return found != 0;
}

void qf_base32(const uint8_t *bytes, size_t n, qf_buf *out)
{
  uint32_t acc = 0;
  unsigned bits = 0;
  for (size_t i = 0; i < n || bits; i++) {
    acc = i < n ? acc << 8 | bytes[i] : acc << (5 - bits);
    bits = i < n ? bits + 8 : 5;
    for (; bits >= 5; bits -= 5)
      qf_buf_putc(out, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[acc >> (bits - 5) & 31u]);
    if (i >= n)
      break;
  }
}

static void code_hash(const char *code, char hex[65])
{
  uint8_t h[32];
  qf_sha256(code, strlen(code), h);
  qf_hex(h, 32, hex);
}

void qf_recovery_make(char codes[QF_RECOVERY_CODES][18], char hashes[QF_RECOVERY_CODES * 65])
{
  for (size_t i = 0; i < QF_RECOVERY_CODES; i++) {
    for (size_t k = 0; k < 17; k++) /* 32 letters that are not mistaken for another */
      codes[i][k] = k % 6 == 5 ? '-' : "abcdefghijkmnpqrstuvwxyz23456789"[randombytes_uniform(32)];
    codes[i][17] = 0;
    code_hash(codes[i], hashes + i * 65);
    hashes[i * 65 + 64] = ' ';
  }
  hashes[QF_RECOVERY_CODES * 65 - 1] = 0;
}

bool qf_recovery_take(char *hashes, const char *code)
{
  char hex[65], *at = NULL;
  if (strlen(code) != 17)
    return false;
  code_hash(code, hex);
  for (char *p = hashes; strlen(p) >= 64; p += p[64] ? 65 : 64)
    if (sodium_memcmp(p, hex, 64) == 0)
      at = p;
  if (!at)
    return false;
  if (at[64])
    memmove(at, at + 65, strlen(at + 65) + 1);
  else
    at[at > hashes ? -1 : 0] = 0;
  return true;
}

/* ---- the box */

struct qf_box {
  uint8_t key[crypto_secretbox_KEYBYTES];
};

static qf_rc box_fail(qf_err *err, const char *path)
{
  return qf_fail(err, QF_IO, "%.150s: %s", "%.150s：%s", path, strerror(errno));
}

static qf_rc make_key(const char *path, qf_err *err)
{
  uint8_t key[crypto_secretbox_KEYBYTES];
  randombytes_buf(key, sizeof key);
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  bool ok = fd >= 0 && write(fd, key, sizeof key) == (ssize_t)sizeof key && fsync(fd) == 0;
  qf_rc rc = ok ? QF_OK : box_fail(err, path);
  if (fd >= 0)
    close(fd);
  sodium_memzero(key, sizeof key);
  return rc;
}

qf_rc qf_box_open(const char *dir, qf_box **out, qf_err *err)
{
  char path[4200];
  struct stat st;
  snprintf(path, sizeof path, "%s/keys", dir);
  if (mkdir(path, 0700) != 0 && errno != EEXIST)
    return box_fail(err, path);
  snprintf(path, sizeof path, "%s/keys/secrets.key", dir);
  qf_rc rc = lstat(path, &st) != 0 && errno == ENOENT ? make_key(path, err) : QF_OK;
  if (rc)
    return rc;
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0 || fstat(fd, &st) != 0)
    rc = box_fail(err, path);
  else if (st.st_mode & 077)
    rc = qf_fail(err, QF_DENIED, "%.150s: others may read it: chmod 600", "%.150s：他人可读，请 chmod 600", path);
  qf_box *b = rc ? NULL : sodium_malloc(sizeof *b);
  if (!rc && !b)
    rc = qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  if (!rc && (st.st_size != (off_t)sizeof b->key || read(fd, b->key, sizeof b->key) != (ssize_t)sizeof b->key))
    rc = qf_fail(err, QF_CORRUPT, "%.150s: not a key of %zu bytes", "%.150s：不是 %zu 字节的密钥", path, sizeof b->key);
  if (fd >= 0)
    close(fd);
  if (rc)
    qf_box_close(b);
  else
    *out = b;
  return rc;
}

void qf_box_close(qf_box *b)
{
  sodium_free(b); /* wipes */
}

void qf_box_put(const qf_box *b, const uint8_t *plain, size_t n, char out[QF_BOXED_MAX])
{
  uint8_t box[crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + 64];
  n = n < 48 ? n : 48;
  randombytes_buf(box, crypto_secretbox_NONCEBYTES);
  crypto_secretbox_easy(box + crypto_secretbox_NONCEBYTES, plain, n, box, b->key);
  memcpy(out, "x1:", 3);
  qf_hex(box, crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + n, out + 3);
}

qf_rc qf_box_get(const qf_box *b, const char *text, uint8_t *plain, size_t n, qf_err *err)
{
  uint8_t box[QF_BOXED_MAX / 2];
  size_t len = 0, want = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + n;
  bool ok = strncmp(text, "x1:", 3) == 0 && strlen(text) == 3 + 2 * want && want <= sizeof box &&
            sodium_hex2bin(box, sizeof box, text + 3, 2 * want, NULL, &len, NULL) == 0 && len == want &&
            crypto_secretbox_open_easy(plain, box + crypto_secretbox_NONCEBYTES, n + crypto_secretbox_MACBYTES, box,
                                       b->key) == 0;
  return ok ? QF_OK
            : qf_fail(err, QF_CORRUPT,
                      "a boxed secret cannot be opened: dir/keys/secrets.key is not the one it was made with",
                      "加密的密钥无法打开：dir/keys/secrets.key 不是当时的密钥");
}
