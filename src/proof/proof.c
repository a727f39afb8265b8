/* The log: opening, following the journal, signing, proving. See proof.h.
 *
 * LEAF   SHA-256(0x00 || seq u64 || at u64 || length u32 || type u8 || 3 zero bytes || SHA-256(body)), little-endian: the
 *        bytes that the journal's chain covers, with the body as its hash, so that a receipt need not show the body. */
#include "proof/internal.h"
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WRITE_LEAVES 65536u /* leaves gathered before they are written */

struct qf_proof {
  char dir[4000];
  int proofdir, heads_fd;
  bool read_only;
  pthread_mutex_t mx;
  qf_store store;
  qf_cursor *cursor;
  qf_frontier top;
  uint64_t stored;                        /* leaves that are in the files */
  qf_hash open[QF_LEVELS][QF_TILE_WIDTH]; /* hashes since the last complete subtree, per level */
  unsigned nopen[QF_LEVELS];
  qf_buf out[QF_LEVELS], out_at; /* not yet written */
  qf_heads heads;
  qf_vkey key;
  qf_skey secret;
};

/* ---- leaves */

static void put_le(uint8_t *p, uint64_t v, unsigned n)
{
  for (unsigned i = 0; i < n; i++)
    p[i] = (uint8_t)(v >> (8 * i));
}

static uint64_t get_le(const uint8_t *p, unsigned n)
{
  uint64_t v = 0;
  while (n--)
    v = v << 8 | p[n];
  return v;
}

void qf_leaf_of(const qf_entry *e, qf_leaf *out)
{
  *out = (qf_leaf){.seq = e->seq, .at_us = e->at_us, .len = (uint32_t)e->len, .type = e->type};
  qf_sha256(e->body, e->len, out->body_sha256);
}

void qf_leaf_write(const qf_leaf *l, uint8_t out[QF_LEAF_BYTES])
{
  put_le(out, l->seq, 8);
  put_le(out + 8, (uint64_t)l->at_us, 8);
  put_le(out + 16, l->len, 4);
  put_le(out + 20, l->type, 4);
  memcpy(out + 24, l->body_sha256, 32);
}

bool qf_leaf_read(const uint8_t in[QF_LEAF_BYTES], qf_leaf *out)
{
  *out = (qf_leaf){
      .seq = get_le(in, 8), .at_us = (qf_us)get_le(in + 8, 8), .len = (uint32_t)get_le(in + 16, 4), .type = in[20]};
  memcpy(out->body_sha256, in + 24, 32);
  return get_le(in + 21, 3) == 0;
}

void qf_leaf_hash(const qf_leaf *l, qf_hash *out)
{
  uint8_t b[QF_LEAF_BYTES];
  qf_leaf_write(l, b);
  qf_tree_leaf(b, sizeof b, out);
}

void qf_proof_origin(const qf_leaf *first, char out[QF_NAME_MAX])
{
  qf_hash h;
  char hex[17];
  qf_leaf_hash(first, &h);
  qf_hex(h.b, 8, hex);
  snprintf(out, QF_NAME_MAX, "qingfeng/%s", hex);
}

/* ---- growing */

static void add(qf_proof *p, const qf_leaf *l)
{
  qf_hash h;
  uint8_t at[8];
  qf_leaf_hash(l, &h);
  put_le(at, (uint64_t)l->at_us, 8);
  qf_buf_put(&p->out_at, at, 8);
  qf_frontier_add(&p->top, &h);
  for (unsigned level = 0; level < QF_LEVELS; level++) {
    qf_buf_put(&p->out[level], h.b, 32);
    p->open[level][p->nopen[level]++] = h;
    if (p->nopen[level] < QF_TILE_WIDTH)
      break;
    for (unsigned n = QF_TILE_WIDTH; n > 1; n /= 2)
      for (unsigned i = 0; i < n / 2; i++)
        qf_tree_node(&p->open[level][(size_t)2 * i], &p->open[level][(size_t)2 * i + 1], &p->open[level][i]);
    h = p->open[level][0];
    p->nopen[level] = 0;
  }
}

static bool write_at(int fd, const void *bytes, size_t n, uint64_t at)
{
  const uint8_t *s = bytes;
  while (n) {
    ssize_t k = pwrite(fd, s, n, (off_t)at);
    if (k < 0 && errno == EINTR)
      continue;
    if (k <= 0)
      return false;
    s += k;
    n -= (size_t)k;
    at += (uint64_t)k;
  }
  return true;
}

/* Upper levels first, level 0 last: a reader in another process counts leaves there. */
static qf_rc write_out(qf_proof *p, qf_err *err)
{
  bool ok = !p->out_at.failed && write_at(p->store.at, p->out_at.data, p->out_at.len, p->stored * 8);
  qf_buf_reset(&p->out_at);
  for (unsigned i = QF_LEVELS; i-- > 0;) {
    uint64_t had = p->stored >> (i * QF_TILE_HEIGHT);
    ok = ok && !p->out[i].failed && write_at(p->store.level[i], p->out[i].data, p->out[i].len, had * 32);
    qf_buf_reset(&p->out[i]);
  }
  if (ok)
    p->stored = p->top.size;
  return ok ? QF_OK : qf_fail(err, QF_IO, "%.150s/proof: %s", "%.150s/proof：%s", p->dir, strerror(errno));
}

static qf_rc forget(qf_proof *p, uint64_t size, qf_err *err);

static qf_rc follow(qf_proof *p, qf_err *err)
{
  qf_entry e;
  qf_leaf l;
  qf_rc rc = p->cursor ? QF_OK : qf_cursor_open(p->dir, p->top.size + 1, &p->cursor, err);
  if (rc == QF_NOTFOUND)
    return QF_CORRUPT; /* the journal ends before the tree does: the words say where */
  while (!rc && (rc = qf_cursor_next(p->cursor, &e, err)) == QF_OK) {
    qf_leaf_of(&e, &l);
    add(p, &l);
    if (p->top.size - p->stored >= WRITE_LEAVES)
      rc = write_out(p, err);
  }
  if (rc == QF_NOTFOUND)
    rc = write_out(p, err);
  if (rc) { /* what is in memory and what is in the files may differ: begin again from the files next time */
    qf_cursor_close(p->cursor);
    p->cursor = NULL;
    (void)!forget(p, p->stored, NULL);
  }
  return rc;
}

/* Cut tree and files back to the first `size` leaves. */
static qf_rc forget(qf_proof *p, uint64_t size, qf_err *err)
{
  qf_tree_source s = qf_store_source(&p->store);
  qf_buf_reset(&p->out_at);
  bool ok = ftruncate(p->store.at, (off_t)size * 8) == 0;
  for (unsigned i = 0; i < QF_LEVELS; i++) {
    uint64_t n = size >> (i * QF_TILE_HEIGHT);
    qf_buf_reset(&p->out[i]);
    ok = ok && ftruncate(p->store.level[i], (off_t)n * 32) == 0;
    p->nopen[i] = (unsigned)(n % QF_TILE_WIDTH);
    if (ok && p->nopen[i] && s.get(s.ud, i, n - p->nopen[i], p->nopen[i], p->open[i], err))
      return QF_IO;
  }
  p->stored = size;
  if (!ok)
    return qf_fail(err, QF_IO, "%.150s/proof: %s", "%.150s/proof：%s", p->dir, strerror(errno));
  return qf_frontier_load(&s, size, &p->top, err);
}

/* ---- opening */

static qf_rc last_head(qf_proof *p, qf_head *out, qf_err *err)
{
  qf_buf text;
  qf_buf_init(&text, QF_NOTE_MAX + 1);
  qf_rc rc = qf_heads_text(&p->heads, p->heads_fd, p->heads.n - 1, &text, err);
  if (!rc)
    rc = qf_head_parse(text.data, text.len, out, err);
  qf_buf_fini(&text);
  if (!rc && strcmp(out->origin, p->key.name) != 0)
    rc = qf_fail(err, QF_CORRUPT, "the signed heads are of the log %.60s, the journal is %.60s",
                 "签名树头属于 %.60s，而日志为 %.60s", out->origin, p->key.name);
  return rc;
}

static qf_rc not_signed_so(qf_err *err, uint64_t signed_size, uint64_t size)
{
  if (size < signed_size)
    return qf_fail(err, QF_CORRUPT,
                   "entries %llu to %llu were signed and are missing from the journal's end; see verify",
                   "第 %llu 至 %llu 条已签名，却不在日志末尾；请运行 verify", (unsigned long long)size + 1,
                   (unsigned long long)signed_size);
  return qf_fail(err, QF_CORRUPT,
                 "the journal's first %llu entries are not those that were signed: run verify to see which differ",
                 "日志前 %llu 条与签名时不同：请运行 verify 查明", (unsigned long long)signed_size);
}

/* The journal's last signed entry is the tree's: a journal of another branch, or an edited one, is told at the start where it is
 * cheapest. The entries before are compared by verify, and by whoever makes the tree again. */
static qf_rc last_signed_stands(qf_proof *p, const qf_tree_source *s, uint64_t size, qf_err *err)
{
  qf_cursor *c;
  qf_entry e;
  qf_leaf l;
  qf_hash here, there;
  qf_rc rc = qf_cursor_open(p->dir, size, &c, NULL);
  if (!rc)
    rc = qf_cursor_next(c, &e, NULL);
  if (!rc) {
    qf_leaf_of(&e, &l);
    qf_leaf_hash(&l, &here);
  }
  qf_cursor_close(c);
  if (rc)
    return QF_OK; /* missing or damaged there: following the journal says where */
  rc = s->get(s->ud, 0, size - 1, 1, &there, err);
  return rc || qf_hash_equal(&here, &there) ? rc : not_signed_so(err, size, size);
}

/* Bring the stored tree to the last head, by the files when they fit it, else from the journal. */
static qf_rc settle(qf_proof *p, qf_err *err)
{
  qf_head h = {.size = 0};
  qf_hash root;
  qf_tree_source s = qf_store_source(&p->store);
  qf_rc rc = p->heads.n ? last_head(p, &h, err) : QF_OK;
  if (rc)
    return rc;
  bool fits = h.size && qf_tree_root(&s, h.size, &root, NULL) == QF_OK && qf_hash_equal(&root, &h.root) &&
              forget(p, h.size, err) == QF_OK;
  rc = fits ? last_signed_stands(p, &s, h.size, err) : forget(p, 0, err);
  if (!rc) {
    rc = follow(p, err);
    if (fits && rc == QF_CORRUPT && !p->cursor && p->top.size == h.size && err) { /* the tree stays: it is evidence */
      qf_err why = *err;
      (void)qf_fail(err, rc, "%llu entries were signed, but %.150s; run verify",
                    "已签名 %llu 条，但 %.150s；请运行 verify", (unsigned long long)h.size, why.en);
      snprintf(err->zh, sizeof err->zh, "已签名 %llu 条，但%.150s；请运行 verify", (unsigned long long)h.size, why.zh);
    }
  }
  if (!rc && p->top.size < h.size)
    return not_signed_so(err, h.size, p->top.size);
  if (!rc && h.size)
    rc = qf_tree_root(&s, h.size, &root, err);
  if (!rc && h.size && !qf_hash_equal(&root, &h.root))
    rc = not_signed_so(err, h.size, p->top.size);
  return rc;
}

/* The public key beside the heads, for people and for verify; keys that were used before stay. */
static qf_rc publish_key(qf_proof *p, qf_err *err)
{
  qf_vkey known[QF_KEYS_MAX];
  size_t n = qf_keys_load(p->proofdir, known);
  for (size_t i = 0; i < n; i++)
    if (memcmp(known[i].pub, p->key.pub, 32) == 0 && strcmp(known[i].name, p->key.name) == 0)
      return QF_OK;
  qf_buf b;
  qf_buf_init(&b, 1024);
  qf_vkey_write(&p->key, &b);
  qf_buf_putc(&b, '\n');
  int fd = openat(p->proofdir, "log.pub", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  bool ok = fd >= 0 && !b.failed && write(fd, b.data, b.len) == (ssize_t)b.len && fsync(fd) == 0;
  if (fd >= 0)
    close(fd);
  qf_buf_fini(&b);
  return ok ? QF_OK
            : qf_fail(err, QF_IO, "%.150s/proof/log.pub: %s", "%.150s/proof/log.pub：%s", p->dir, strerror(errno));
}

static qf_rc open_files(qf_proof *p, qf_err *err)
{
  char path[4100];
  snprintf(path, sizeof path, "%s/proof", p->dir);
  if (!p->read_only && mkdir(path, 0700) != 0 && errno != EEXIST)
    return qf_fail(err, QF_IO, "%.150s: %s", "%.150s：%s", path, strerror(errno));
  p->proofdir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  p->heads_fd = p->proofdir < 0
                    ? -1
                    : openat(p->proofdir, "heads", O_CLOEXEC | (p->read_only ? O_RDONLY : O_RDWR | O_CREAT), 0644);
  if (p->heads_fd < 0)
    return qf_fail(err, errno == ENOENT ? QF_NOTFOUND : QF_IO, "%.150s: %s", "%.150s：%s", path, strerror(errno));
  qf_rc rc = qf_store_open(&p->store, p->proofdir, !p->read_only, err);
  return rc ? rc : qf_heads_load(&p->heads, p->heads_fd, err);
}

static qf_rc open_key(qf_proof *p, qf_err *err)
{
  char origin[QF_NAME_MAX];
  uint8_t pub[32];
  bool named;
  qf_vkey known[QF_KEYS_MAX];
  qf_rc rc = qf_first_entry(p->dir, origin, pub, &named, err);
  if (rc)
    return rc;
  if (p->read_only) {
    size_t n = qf_keys_load(p->proofdir, known);
    if (n)
      p->key = known[n - 1];
    return n ? QF_OK
             : qf_fail(err, QF_NOTFOUND, "%.150s/proof/log.pub holds no key", "%.150s/proof/log.pub 无密钥", p->dir);
  }
  rc = qf_key_load(p->dir, true, &p->secret, err);
  if (!rc) /* libsodium keeps the public half behind the seed */
    rc = qf_vkey_make(origin, p->secret.secret + 32, QF_KEY_LOG, &p->key, err);
  return rc ? rc : publish_key(p, err);
}

static qf_rc go_live(qf_proof *p, qf_err *err)
{
  if (ftruncate(p->heads_fd, (off_t)p->heads.end) != 0) /* an interrupted signing left half a head */
    return qf_fail(err, QF_IO, "%.150s/proof/heads: %s", "%.150s/proof/heads：%s", p->dir, strerror(errno));
  return settle(p, err);
}

qf_rc qf_proof_open(const char *dir, const qf_proof_opts *opts, qf_proof **out, qf_err *err)
{
  qf_proof *p = calloc(1, sizeof *p);
  *out = NULL;
  if (!p || strlen(dir) >= sizeof p->dir) {
    free(p);
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  }
  snprintf(p->dir, sizeof p->dir, "%s", dir);
  p->read_only = opts && opts->read_only;
  p->proofdir = p->heads_fd = -1;
  qf_store_init(&p->store);
  pthread_mutex_init(&p->mx, NULL);
  for (unsigned i = 0; i < QF_LEVELS; i++)
    qf_buf_init(&p->out[i], (size_t)WRITE_LEAVES * 32 + 64);
  qf_buf_init(&p->out_at, (size_t)WRITE_LEAVES * 8 + 64);
  qf_rc rc = sodium_init() < 0 ? qf_fail(err, QF_IO, "libsodium does not start", "libsodium 无法初始化") : QF_OK;
  if (!rc)
    rc = open_files(p, err);
  if (!rc)
    rc = open_key(p, err);
  if (!rc && !p->read_only)
    rc = go_live(p, err);
  if (!rc && p->read_only)
    p->stored = p->top.size = qf_store_leaves(&p->store);
  if (rc) {
    qf_proof_close(p);
    return rc;
  }
  *out = p;
  return QF_OK;
}

void qf_proof_close(qf_proof *p)
{
  if (!p)
    return;
  qf_cursor_close(p->cursor);
  qf_store_close(&p->store);
  if (p->heads_fd >= 0)
    close(p->heads_fd);
  if (p->proofdir >= 0)
    close(p->proofdir);
  for (unsigned i = 0; i < QF_LEVELS; i++)
    qf_buf_fini(&p->out[i]);
  qf_buf_fini(&p->out_at);
  free(p->heads.v);
  sodium_memzero(&p->secret, sizeof p->secret);
  pthread_mutex_destroy(&p->mx);
  free(p);
}

/* ---- signing */

qf_rc qf_proof_follow(qf_proof *p, qf_err *err)
{
  if (p->read_only)
    return qf_fail(err, QF_STATE, "opened for reading only", "以只读方式打开");
  pthread_mutex_lock(&p->mx);
  qf_rc rc = follow(p, err);
  pthread_mutex_unlock(&p->mx);
  return rc;
}

static qf_rc sign(qf_proof *p, qf_us now, qf_err *err)
{
  qf_head h = {.size = p->top.size, .at_us = now};
  qf_buf b;
  snprintf(h.origin, sizeof h.origin, "%s", p->key.name);
  qf_frontier_root(&p->top, &h.root);
  qf_buf_init(&b, QF_NOTE_MAX);
  qf_rc rc = qf_head_sign(&h, &p->secret, &p->key, &b, err);
  size_t len = b.len;
  qf_buf_putc(&b, '\n');
  uint64_t at = p->heads.end;
  if (!rc && (b.failed || !write_at(p->heads_fd, b.data, b.len, at) || fdatasync(p->heads_fd) != 0))
    rc = qf_fail(err, QF_IO, "%.150s/proof/heads: %s", "%.150s/proof/heads：%s", p->dir, strerror(errno));
  if (!rc && (rc = qf_heads_add(&p->heads, h.size, at, (uint32_t)len)))
    (void)qf_fail(err, rc, "out of memory", "内存不足");
  qf_buf_fini(&b);
  return rc;
}

qf_rc qf_proof_sign(qf_proof *p, qf_us now, qf_err *err)
{
  qf_rc rc = p->read_only ? qf_fail(err, QF_STATE, "opened for reading only", "以只读方式打开") : QF_OK;
  if (rc)
    return rc;
  pthread_mutex_lock(&p->mx);
  rc = follow(p, err);
  if (!rc && p->top.size && (p->heads.n == 0 || p->heads.v[p->heads.n - 1].size < p->top.size))
    rc = sign(p, now, err);
  pthread_mutex_unlock(&p->mx);
  return rc;
}

/* ---- asking */

const qf_vkey *qf_proof_key(const qf_proof *p)
{
  return &p->key;
}

uint64_t qf_proof_size(qf_proof *p)
{
  pthread_mutex_lock(&p->mx);
  uint64_t n = p->stored;
  pthread_mutex_unlock(&p->mx);
  return n;
}

size_t qf_proof_head_count(qf_proof *p)
{
  pthread_mutex_lock(&p->mx);
  size_t n = p->heads.n;
  pthread_mutex_unlock(&p->mx);
  return n;
}

size_t qf_proof_head_covering(qf_proof *p, uint64_t size)
{
  pthread_mutex_lock(&p->mx);
  size_t lo = 0, hi = p->heads.n;
  while (lo < hi) {
    size_t mid = lo + (hi - lo) / 2;
    if (p->heads.v[mid].size < size)
      lo = mid + 1;
    else
      hi = mid;
  }
  pthread_mutex_unlock(&p->mx);
  return lo;
}

qf_rc qf_proof_head_text(qf_proof *p, size_t i, qf_buf *out, qf_err *err)
{
  pthread_mutex_lock(&p->mx);
  qf_rc rc = qf_heads_text(&p->heads, p->heads_fd, i, out, err);
  pthread_mutex_unlock(&p->mx);
  return rc;
}

static qf_rc within(qf_proof *p, uint64_t size, qf_err *err)
{
  uint64_t have = qf_proof_size(p);
  return size <= have ? QF_OK
                      : qf_fail(err, QF_RANGE, "the tree has %llu entries, not %llu", "树有 %llu 条，而非 %llu 条",
                                (unsigned long long)have, (unsigned long long)size);
}

qf_rc qf_proof_inclusion(qf_proof *p, uint64_t index, uint64_t size, qf_hash *leaf, qf_path *out, qf_err *err)
{
  qf_tree_source s = qf_store_source(&p->store);
  qf_rc rc = within(p, size, err);
  if (!rc)
    rc = qf_tree_inclusion(&s, index, size, out, err);
  return rc ? rc : s.get(s.ud, 0, index, 1, leaf, err);
}

qf_rc qf_proof_consistency(qf_proof *p, uint64_t from, uint64_t to, qf_path *out, qf_err *err)
{
  qf_tree_source s = qf_store_source(&p->store);
  qf_rc rc = within(p, to, err);
  return rc ? rc : qf_tree_consistency(&s, from, to, out, err);
}

qf_rc qf_proof_root(qf_proof *p, uint64_t size, qf_hash *out, qf_err *err)
{
  qf_tree_source s = qf_store_source(&p->store);
  qf_rc rc = within(p, size, err);
  return rc ? rc : qf_tree_root(&s, size, out, err);
}
