/* See tree.h for the law. Verifying follows RFC 9162 sections 2.1.3.2 and 2.1.4.2 step by step. */
#include "proof/tree.h"
#include "base/buf.h"
#include <string.h>

void qf_tree_leaf(const void *data, size_t n, qf_hash *out)
{
  uint8_t b[257] = {0x00};
  if (n > sizeof b - 1)
    n = sizeof b - 1;
  memcpy(b + 1, data, n);
  qf_sha256(b, n + 1, out->b);
}

void qf_tree_node(const qf_hash *l, const qf_hash *r, qf_hash *out)
{
  uint8_t b[65] = {0x01};
  memcpy(b + 1, l->b, 32);
  memcpy(b + 33, r->b, 32);
  qf_sha256(b, sizeof b, out->b);
}

void qf_tree_empty(qf_hash *out)
{
  qf_sha256("", 0, out->b);
}

bool qf_hash_equal(const qf_hash *a, const qf_hash *b)
{
  return memcmp(a->b, b->b, 32) == 0;
}

/* ---- making */

/* Root of the complete subtree of 2^height leaves, number `index` of its height. */
static qf_rc complete(const qf_tree_source *s, unsigned height, uint64_t index, qf_hash *out, qf_err *err)
{
  qf_hash h[QF_TILE_WIDTH];
  unsigned level = height / QF_TILE_HEIGHT, rest = height % QF_TILE_HEIGHT;
  qf_rc rc = s->get(s->ud, level, index << rest, (size_t)1 << rest, h, err);
  if (rc)
    return rc;
  for (size_t n = (size_t)1 << rest; n > 1; n /= 2)
    for (size_t i = 0; i < n / 2; i++)
      qf_tree_node(&h[2 * i], &h[2 * i + 1], &h[i]);
  *out = h[0];
  return QF_OK;
}

/* Root of the leaves [lo, hi); lo is a multiple of the largest power of two that is not above hi - lo. */
static qf_rc range(const qf_tree_source *s, uint64_t lo, uint64_t hi, qf_hash *out, qf_err *err)
{
  bool first = true;
  if (lo == hi)
    qf_tree_empty(out);
  while (hi > lo) { /* complete subtrees, the smallest (rightmost) first */
    unsigned height = (unsigned)__builtin_ctzll(hi - lo);
    qf_hash left;
    qf_rc rc = complete(s, height, (hi >> height) - 1, &left, err);
    if (rc)
      return rc;
    if (first)
      *out = left;
    else
      qf_tree_node(&left, out, out);
    first = false;
    hi -= UINT64_C(1) << height;
  }
  return QF_OK;
}

/* Largest power of two below n; n >= 2. */
static uint64_t split(uint64_t n)
{
  return UINT64_C(1) << (63 - (unsigned)__builtin_clzll(n - 1));
}

static void reverse(qf_path *p)
{
  for (unsigned i = 0; i < p->n / 2; i++) {
    qf_hash t = p->h[i];
    p->h[i] = p->h[p->n - 1 - i];
    p->h[p->n - 1 - i] = t;
  }
}

qf_rc qf_tree_root(const qf_tree_source *s, uint64_t size, qf_hash *out, qf_err *err)
{
  return range(s, 0, size, out, err);
}

qf_rc qf_tree_inclusion(const qf_tree_source *s, uint64_t index, uint64_t size, qf_path *out, qf_err *err)
{
  out->n = 0;
  if (index >= size || size > QF_TREE_MAX)
    return qf_fail(err, QF_RANGE, "there is no leaf %llu in a tree of %llu", "叶 %llu 不在大小为 %llu 的树中",
                   (unsigned long long)index, (unsigned long long)size);
  qf_rc rc = QF_OK;
  for (uint64_t lo = 0, hi = size; !rc && hi - lo > 1;) {
    uint64_t k = lo + split(hi - lo);
    bool left = index < k;
    rc = range(s, left ? k : lo, left ? hi : k, &out->h[out->n++], err);
    if (left)
      hi = k;
    else
      lo = k;
  }
  reverse(out);
  return rc;
}

qf_rc qf_tree_consistency(const qf_tree_source *s, uint64_t from, uint64_t to, qf_path *out, qf_err *err)
{
  out->n = 0;
  if (from == 0 || from > to || to > QF_TREE_MAX)
    return qf_fail(err, QF_RANGE, "no consistency proof from size %llu to %llu", "无从 %llu 到 %llu 的一致性证明",
                   (unsigned long long)from, (unsigned long long)to);
  qf_rc rc = QF_OK;
  uint64_t lo = 0, hi = to;
  while (!rc && from != hi) { /* SUBPROOF of the RFC, from the top */
    uint64_t k = lo + split(hi - lo);
    bool left = from <= k;
    rc = range(s, left ? k : lo, left ? hi : k, &out->h[out->n++], err);
    if (left)
      hi = k;
    else
      lo = k;
  }
  if (!rc && lo > 0) /* the old tree's own root is known to who asks; a part of it is not */
    rc = range(s, lo, hi, &out->h[out->n++], err);
  reverse(out);
  return rc;
}

/* ---- verifying */

bool qf_tree_included(const qf_hash *leaf, uint64_t index, uint64_t size, const qf_path *p, const qf_hash *root)
{
  if (index >= size || size > QF_TREE_MAX || p->n > QF_PATH_MAX)
    return false;
  uint64_t fn = index, sn = size - 1;
  qf_hash r = *leaf;
  for (unsigned i = 0; i < p->n; i++) {
    if (sn == 0)
      return false;
    if ((fn & 1) || fn == sn) {
      qf_tree_node(&p->h[i], &r, &r);
      for (; !(fn & 1) && fn; fn >>= 1)
        sn >>= 1;
    } else {
      qf_tree_node(&r, &p->h[i], &r);
    }
    fn >>= 1;
    sn >>= 1;
  }
  return sn == 0 && qf_hash_equal(&r, root);
}

bool qf_tree_consistent(uint64_t from, uint64_t to, const qf_hash *root_from, const qf_hash *root_to, const qf_path *p)
{
  if (from == 0 || from > to || to > QF_TREE_MAX || p->n > QF_PATH_MAX)
    return false;
  if (from == to)
    return p->n == 0 && qf_hash_equal(root_from, root_to);
  unsigned i = 0;
  bool whole = (from & (from - 1)) == 0; /* the old tree is one complete subtree: its root begins the path */
  if (p->n == 0)
    return false;
  qf_hash fr = whole ? *root_from : p->h[i++], sr = fr;
  uint64_t fn = from - 1, sn = to - 1;
  for (; fn & 1; fn >>= 1)
    sn >>= 1;
  for (; i < p->n; i++) {
    if (sn == 0)
      return false;
    if ((fn & 1) || fn == sn) {
      qf_tree_node(&p->h[i], &fr, &fr);
      qf_tree_node(&p->h[i], &sr, &sr);
      for (; !(fn & 1) && fn; fn >>= 1)
        sn >>= 1;
    } else {
      qf_tree_node(&sr, &p->h[i], &sr);
    }
    fn >>= 1;
    sn >>= 1;
  }
  return sn == 0 && qf_hash_equal(&fr, root_from) && qf_hash_equal(&sr, root_to);
}

/* ---- growing: one hash per bit that is set in the size, the largest subtree first */

void qf_frontier_add(qf_frontier *f, const qf_hash *leaf)
{
  unsigned n = (unsigned)__builtin_popcountll(f->size);
  qf_hash r = *leaf;
  for (uint64_t s = f->size; s & 1; s >>= 1)
    qf_tree_node(&f->h[--n], &r, &r);
  f->h[n] = r;
  f->size++;
}

qf_rc qf_frontier_load(const qf_tree_source *s, uint64_t size, qf_frontier *out, qf_err *err)
{
  uint64_t lo = 0;
  unsigned n = 0;
  *out = (qf_frontier){.size = size};
  for (uint64_t rest = size; rest; n++) {
    unsigned height = 63 - (unsigned)__builtin_clzll(rest);
    qf_rc rc = complete(s, height, lo >> height, &out->h[n], err);
    if (rc)
      return rc;
    lo += UINT64_C(1) << height;
    rest -= UINT64_C(1) << height;
  }
  return QF_OK;
}

void qf_frontier_root(const qf_frontier *f, qf_hash *out)
{
  unsigned n = (unsigned)__builtin_popcountll(f->size);
  if (n == 0) {
    qf_tree_empty(out);
    return;
  }
  *out = f->h[n - 1];
  for (unsigned i = n - 1; i-- > 0;)
    qf_tree_node(&f->h[i], out, out);
}
