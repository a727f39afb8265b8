/* Bytes of the journal: segment and entry headers, chain, the judgement of a tail, the mark. See journal.c. */
#include "journal/segment.h"
#include "base/buf.h"
#include "journal/mark.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char seg_magic[8] = {'Q', 'F', 'J', 'S', 'E', 'G', '1', '\n'};
static const char ent_magic[4] = {'Q', 'F', 'J', 'E'};

static void put32(uint8_t *p, uint32_t v)
{
  for (int i = 0; i < 4; i++)
    p[i] = (uint8_t)(v >> (8 * i));
}

static void put64(uint8_t *p, uint64_t v)
{
  for (int i = 0; i < 8; i++)
    p[i] = (uint8_t)(v >> (8 * i));
}

static uint32_t get32(const uint8_t *p)
{
  return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint64_t get64(const uint8_t *p)
{
  return get32(p) | (uint64_t)get32(p + 4) << 32;
}

void qf_seg_head_write(const qf_seg_head *h, uint8_t out[QF_SEG_HEAD])
{
  memset(out, 0, QF_SEG_HEAD);
  memcpy(out, seg_magic, 8);
  put32(out + 8, 1);
  put32(out + 12, QF_SEG_HEAD);
  put64(out + 16, h->first_seq);
  put64(out + 24, (uint64_t)h->made_us);
  memcpy(out + 32, h->chain, 32);
  put32(out + 64, h->salt);
  put32(out + 124, qf_crc32c(0, out, 124));
}

bool qf_seg_head_read(const uint8_t in[QF_SEG_HEAD], qf_seg_head *h)
{
  if (memcmp(in, seg_magic, 8) != 0 || get32(in + 8) != 1 || get32(in + 12) != QF_SEG_HEAD ||
      get32(in + 124) != qf_crc32c(0, in, 124))
    return false;
  *h = (qf_seg_head){.first_seq = get64(in + 16), .made_us = (qf_us)get64(in + 24), .salt = get32(in + 64)};
  memcpy(h->chain, in + 32, 32);
  return true;
}

uint32_t qf_seg_head_version(const uint8_t in[QF_SEG_HEAD])
{
  return memcmp(in, seg_magic, 8) == 0 && get32(in + 124) == qf_crc32c(0, in, 124) ? get32(in + 8) : 0;
}

void qf_ent_head_write(const qf_ent_head *h, uint32_t salt, uint8_t out[QF_ENT_HEAD])
{
  memcpy(out, ent_magic, 4);
  put32(out + 4, salt);
  put64(out + 8, h->group);
  put64(out + 16, h->seq);
  put64(out + 24, (uint64_t)h->at_us);
  put32(out + 32, h->len);
  put32(out + 36, h->type); /* type and three zero bytes */
  put32(out + 40, h->body_crc);
  put32(out + 44, qf_crc32c(0, out, 44));
}

bool qf_ent_head_read(const uint8_t in[QF_ENT_HEAD], uint32_t salt, qf_ent_head *h)
{
  if (memcmp(in, ent_magic, 4) != 0 || get32(in + 4) != salt || get32(in + 44) != qf_crc32c(0, in, 44))
    return false;
  *h = (qf_ent_head){.group = get64(in + 8),
                     .seq = get64(in + 16),
                     .at_us = (qf_us)get64(in + 24),
                     .len = get32(in + 32),
                     .body_crc = get32(in + 40),
                     .type = in[36]};
  return h->len >= 1 && h->len <= QF_ENT_MAX && h->group >= 1 && h->group <= h->seq && get32(in + 36) == h->type;
}

/* ---- chain */

qf_rc qf_chain_init(qf_chain *c)
{
  *c = (qf_chain){EVP_MD_CTX_new(), EVP_MD_fetch(NULL, "SHA256", NULL)};
  if (c->ctx && c->md && EVP_DigestInit_ex(c->ctx, c->md, NULL))
    return QF_OK;
  qf_chain_fini(c);
  return QF_NOMEM;
}

void qf_chain_fini(qf_chain *c)
{
  EVP_MD_CTX_free(c->ctx);
  EVP_MD_free(c->md);
  *c = (qf_chain){0};
}

void qf_chain_next(const qf_chain *c, uint8_t chain[32], const uint8_t head[QF_ENT_HEAD], const void *body, size_t len)
{
  uint8_t first[56];
  memcpy(first, chain, 32);
  memcpy(first + 32, head + 16, 24);
  if (!EVP_DigestInit_ex(c->ctx, NULL, NULL) || !EVP_DigestUpdate(c->ctx, first, sizeof first) ||
      !EVP_DigestUpdate(c->ctx, body, len) || !EVP_DigestFinal_ex(c->ctx, chain, NULL))
    abort(); /* a broken library: no hash, no ledger */
}

/* ---- folder */

void qf_segment_file_name(uint64_t first_seq, char out[QF_SEG_NAME])
{
  snprintf(out, QF_SEG_NAME, "%020llu.qfj", (unsigned long long)first_seq);
}

/* The first sequence a file name stands for; 0: not a segment. */
static uint64_t seq_of_name(const char *s)
{
  uint64_t v = 0;
  for (int i = 0; i < 20; i++) {
    if (s[i] < '0' || s[i] > '9' || v > (UINT64_MAX - 9) / 10)
      return 0;
    v = v * 10 + (uint64_t)(s[i] - '0');
  }
  return strcmp(s + 20, ".qfj") == 0 ? v : 0;
}

static int by_value(const void *a, const void *b)
{
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

static qf_rc collect(DIR *d, uint64_t **out, size_t *n)
{
  size_t cap = 0;
  for (struct dirent *e; (e = readdir(d));) {
    uint64_t seq = seq_of_name(e->d_name);
    if (!seq)
      continue;
    if (*n == cap) {
      cap = cap ? cap * 2 : 64;
      uint64_t *p = realloc(*out, cap * sizeof *p);
      if (!p)
        return QF_NOMEM;
      *out = p;
    }
    (*out)[(*n)++] = seq;
  }
  return QF_OK;
}

qf_rc qf_seg_list(int dirfd, uint64_t **out, size_t *n, qf_err *err)
{
  *out = NULL;
  *n = 0;
  int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC); /* own position, own descriptor for closedir */
  DIR *d = fd < 0 ? NULL : fdopendir(fd);
  if (!d) {
    int e = errno;
    if (fd >= 0)
      close(fd);
    return qf_fail(err, QF_IO, "journal folder cannot be listed: %s", "日志目录无法列出：%s", strerror(e));
  }
  qf_rc rc = collect(d, out, n);
  closedir(d);
  if (rc) {
    free(*out);
    *out = NULL;
    *n = 0;
    return qf_fail(err, rc, "out of memory listing the journal", "内存不足，无法列出日志");
  }
  if (*n)
    qsort(*out, *n, sizeof **out, by_value);
  return QF_OK;
}

/* ---- tail */

static bool all_zero(const uint8_t *p, size_t n)
{
  return n == 0 || (p[0] == 0 && memcmp(p, p + 1, n - 1) == 0);
}

/* Can an interrupted write have left the entry at bytes[0] as it is? Either the file ends inside it, or everything from
 * some place inside it on was never written, or a whole sector of it was not. Anything else is damage. */
static bool looks_torn(const uint8_t *bytes, size_t n, uint64_t at, uint32_t salt)
{
  qf_ent_head h;
  size_t extent = QF_ENT_HEAD;
  if (n >= QF_ENT_HEAD && qf_ent_head_read(bytes, salt, &h))
    extent = QF_ENT_EXTRA + (size_t)h.len;
  if (n < extent)
    return true;
  size_t last = n; /* one past the last byte that is not zero */
  while (last && bytes[last - 1] == 0)
    last--;
  if (last < extent)
    return true;
  for (size_t from = 0; from < extent;) {
    size_t to = from + (size_t)(QF_SECTOR - (at + from) % QF_SECTOR);
    if (all_zero(bytes + from, (to < n ? to : n) - from))
      return true;
    from = to;
  }
  return false;
}

/* Is there a whole entry after bytes[0]? *best gets the highest group. Damage to the length field must not hide what
 * follows, so every byte is a possible beginning. */
static bool later_entry(const uint8_t *bytes, size_t n, uint32_t salt, uint64_t seq, uint64_t *best)
{
  uint8_t mark[8];
  memcpy(mark, ent_magic, 4);
  put32(mark + 4, salt);
  bool found = false;
  *best = 0;
  for (size_t i = 1; n >= QF_ENT_EXTRA && i <= n - QF_ENT_EXTRA;) {
    const uint8_t *p = memmem(bytes + i, n - i, mark, 8);
    if (!p)
      break;
    i = (size_t)(p - bytes);
    qf_ent_head h;
    if (n - i >= QF_ENT_EXTRA && qf_ent_head_read(p, salt, &h) && h.seq > seq && h.len <= n - i - QF_ENT_EXTRA &&
        qf_crc32c(0, p + QF_ENT_HEAD, h.len) == h.body_crc) {
      found = true;
      if (h.group > *best)
        *best = h.group;
      i += QF_ENT_EXTRA + (size_t)h.len;
    } else {
      i++;
    }
  }
  return found;
}

qf_tail qf_tail_judge(const uint8_t *bytes, size_t n, uint64_t at, uint32_t salt, uint64_t seq, uint64_t durable)
{
  if (all_zero(bytes, n))
    return QF_TAIL_CLEAN;
  uint64_t group;
  bool later = later_entry(bytes, n, salt, seq, &group);
  if (later && (group > seq || seq <= durable))
    return QF_TAIL_BAD; /* a later group is only written after this entry was synced */
  if ((later || seq <= durable) && !looks_torn(bytes, n, at, salt))
    return QF_TAIL_BAD;
  return QF_TAIL_TORN; /* within one group a power cut may keep the later sectors and not the earlier */
}

/* ---- mark */

qf_mark qf_mark_look(int dirfd)
{
  qf_mark m = {0};
  int fd = openat(dirfd, QF_MARK_NAME, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return m;
  struct flock l = {.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1};
  m.live = fcntl(fd, F_OFD_GETLK, &l) == 0 && l.l_type != F_UNLCK;
  for (int tries = 0; tries < 1000;
       tries++) { /* a value is good when its complement agrees; else the writer was just there */
    qf_mark_bytes b;
    if (pread(fd, &b, sizeof b, 0) != (ssize_t)sizeof b || b.magic != QF_MARK_MAGIC)
      break;
    bool known = b.durable == ~b.not_durable && b.segment == ~b.not_segment;
    m.opened = b.opened == ~b.not_opened ? b.opened : 0;
    m.durable = known ? b.durable : 0;
    m.segment = known ? b.segment : 0;
    m.visible = b.visible == ~b.not_visible ? b.visible : 0;
    if (known && m.opened && b.visible == ~b.not_visible)
      break;
  }
  close(fd);
  return m;
}
