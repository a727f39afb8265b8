/* Files of DIR/proof that hold hashes and heads:
 *   tree.0, tree.1, ...  32-byte hashes, one after the other: tree.0 the leaves, tree.L the roots of complete subtrees of
 *                        2^(8 L) leaves. A proof reads one run of at most 128 hashes per height it needs.
 *   at                   8 bytes per leaf, little-endian: its time of journalling. Not proved by itself; with the leaf
 *                        hash it shows that an entry was back-dated.
 *   heads                signed heads, each followed by an empty line
 *   log.pub              verifier keys, one a line
 * Nothing here is synced but heads: the tree is made again from the journal. */
#include "proof/internal.h"
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void qf_store_init(qf_store *s)
{
  for (unsigned i = 0; i < QF_LEVELS; i++)
    s->level[i] = -1;
  s->at = -1;
}

void qf_store_close(qf_store *s)
{
  for (unsigned i = 0; i < QF_LEVELS; i++)
    if (s->level[i] >= 0)
      close(s->level[i]);
  if (s->at >= 0)
    close(s->at);
  qf_store_init(s);
}

qf_rc qf_store_open(qf_store *s, int proofdir, bool write, qf_err *err)
{
  int flags = O_CLOEXEC | (write ? O_RDWR | O_CREAT : O_RDONLY);
  for (unsigned i = 0; i <= QF_LEVELS; i++) {
    char name[24] = "at";
    if (i < QF_LEVELS)
      snprintf(name, sizeof name, "tree.%u", i);
    int fd = openat(proofdir, name, flags, 0600);
    if (fd < 0 && (write || errno != ENOENT))
      return qf_fail(err, QF_IO, "proof/%s: %s", "proof/%s：%s", name, strerror(errno));
    *(i < QF_LEVELS ? &s->level[i] : &s->at) = fd;
  }
  return QF_OK;
}

uint64_t qf_store_leaves(const qf_store *s)
{
  struct stat st;
  return s->level[0] >= 0 && fstat(s->level[0], &st) == 0 ? (uint64_t)st.st_size / 32 : 0;
}

static bool read_at(int fd, void *out, size_t n, uint64_t at)
{
  uint8_t *p = out;
  while (n) {
    ssize_t k = pread(fd, p, n, (off_t)at);
    if (k < 0 && errno == EINTR)
      continue;
    if (k <= 0)
      return false;
    p += k;
    n -= (size_t)k;
    at += (uint64_t)k;
  }
  return true;
}

static qf_rc get(void *ud, unsigned level, uint64_t first, size_t n, qf_hash *out, qf_err *err)
{
  const qf_store *s = ud;
  if (level < QF_LEVELS && s->level[level] >= 0 && read_at(s->level[level], out, n * 32, first * 32))
    return QF_OK;
  return qf_fail(err, QF_CORRUPT, "proof/tree.%u lacks hash %llu: it is made again at the next start",
                 "proof/tree.%u 缺少第 %llu 个哈希：下次启动时重建", level, (unsigned long long)first);
}

qf_tree_source qf_store_source(qf_store *s)
{
  return (qf_tree_source){get, s};
}

bool qf_store_at(const qf_store *s, uint64_t index, qf_us *out)
{
  uint8_t b[8];
  if (s->at < 0 || !read_at(s->at, b, 8, index * 8))
    return false;
  uint64_t v = 0;
  for (int i = 7; i >= 0; i--)
    v = v << 8 | b[i];
  *out = (qf_us)v;
  return true;
}

/* ---- heads */

qf_rc qf_heads_add(qf_heads *h, uint64_t size, uint64_t off, uint32_t len)
{
  if (h->n == h->cap) {
    size_t cap = h->cap ? h->cap * 2 : 256;
    struct qf_head_at *v = realloc(h->v, cap * sizeof *v);
    if (!v)
      return QF_NOMEM;
    h->v = v;
    h->cap = cap;
  }
  h->v[h->n++] = (struct qf_head_at){size, off, len};
  h->end = off + len + 1;
  return QF_OK;
}

/* Heads of one block that begins at `off` in the file; *used bytes of whole ones. */
static qf_rc index_block(qf_heads *h, const char *p, size_t n, uint64_t off, size_t *used)
{
  size_t k;
  *used = 0;
  while ((k = qf_note_length(p + *used, n - *used)) != 0 && *used + k < n && p[*used + k] == '\n') {
    qf_head head;
    qf_rc rc = qf_head_parse(p + *used, k, &head, NULL);
    if (!rc)
      rc = qf_heads_add(h, head.size, off + *used, (uint32_t)k);
    if (rc)
      return rc;
    *used += k + 1;
  }
  return QF_OK;
}

qf_rc qf_heads_load(qf_heads *h, int fd, qf_err *err)
{
  size_t size = (size_t)1 << 20, used = 0;
  char *block = malloc(size);
  qf_rc rc = block ? QF_OK : QF_NOMEM;
  *h = (qf_heads){0};
  for (uint64_t off = 0; !rc; off += used) {
    ssize_t n = pread(fd, block, size, (off_t)off);
    if (n < 0)
      rc = QF_IO;
    if (n <= 0)
      break;
    rc = index_block(h, block, (size_t)n, off, &used);
    if (rc == QF_SYNTAX || used == 0) { /* a half-written or foreign head: what follows is not counted */
      rc = QF_OK;
      break;
    }
  }
  free(block);
  return rc ? qf_fail(err, rc, "proof/heads cannot be read", "proof/heads 无法读取") : QF_OK;
}

qf_rc qf_heads_text(const qf_heads *h, int fd, size_t i, qf_buf *out, qf_err *err)
{
  if (i >= h->n)
    return qf_fail(err, QF_NOTFOUND, "no head has been signed yet", "尚无签名树头");
  if (!qf_buf_reserve(out, h->v[i].len + 1) || !read_at(fd, out->data + out->len, h->v[i].len, h->v[i].off))
    return qf_fail(err, QF_IO, "proof/heads cannot be read", "proof/heads 无法读取");
  out->len += h->v[i].len;
  out->data[out->len] = 0;
  return QF_OK;
}

/* ---- who signs */

size_t qf_keys_load(int proofdir, qf_vkey out[QF_KEYS_MAX])
{
  char text[8192];
  size_t n = 0;
  int fd = openat(proofdir, "log.pub", O_RDONLY | O_CLOEXEC);
  ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof text);
  if (fd >= 0)
    close(fd);
  for (char *p = text; len > 0 && p < text + len && n < QF_KEYS_MAX;) {
    char *nl = memchr(p, '\n', (size_t)(text + len - p)), *end = nl ? nl : text + len;
    n += qf_vkey_parse(p, (size_t)(end - p), &out[n], NULL) == QF_OK;
    p = end + 1;
  }
  return n;
}

qf_rc qf_first_entry(const char *dir, char origin[QF_NAME_MAX], uint8_t pub[32], bool *has_key, qf_err *err)
{
  qf_cursor *c;
  qf_entry e;
  qf_leaf l;
  qf_rc rc = qf_cursor_open(dir, 1, &c, err);
  *has_key = false;
  if (rc)
    return rc;
  rc = qf_cursor_next(c, &e, err);
  if (rc == QF_NOTFOUND)
    (void)qf_fail(err, rc, "the journal is empty", "日志为空");
  if (!rc) {
    qf_leaf_of(&e, &l);
    qf_proof_origin(&l, origin);
    json_t *j = json_loadb((const char *)e.body, e.len, JSON_REJECT_DUPLICATES, NULL);
    const json_t *k = json_object_get(j, "log_key");
    *has_key = json_is_string(k) && qf_unbase64(json_string_value(k), json_string_length(k), pub, 32);
    json_decref(j);
  }
  qf_cursor_close(c);
  return rc;
}
