/* The Merkle tree of RFC 9162 (Certificate Transparency 2), section 2.1, with SHA-256. Pure functions; thread-safe.
 *   leaf(d)    = SHA-256(0x00 || d)
 *   node(l, r) = SHA-256(0x01 || l || r)
 *   root of 0 leaves = SHA-256(""), of 1 = the leaf, of n > 1 = node(root of the first k, root of the rest) where k is
 *   the largest power of two below n.
 * Hashes of a large tree stay where they are: functions that make proofs ask a source for runs of them. */
#ifndef QF_PROOF_TREE_H
#define QF_PROOF_TREE_H
#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef QF_SMALL
#define QF_TILE_HEIGHT 2u /* every edge of the stored levels is met by small trees */
#else
#define QF_TILE_HEIGHT 8u /* a stored level holds the roots of every 2^8 hashes of the level below (C2SP tlog-tiles) */
#endif
#define QF_TILE_WIDTH (1u << QF_TILE_HEIGHT)
#define QF_PATH_MAX 65u                 /* hashes of the longest proof over a tree of 2^63 leaves */
#define QF_TREE_MAX (UINT64_C(1) << 62) /* leaves */

typedef struct qf_hash {
  uint8_t b[32];
} qf_hash;

typedef struct qf_path { /* a proof: hashes from the leaf upwards, as RFC 9162 orders them */
  unsigned n;
  qf_hash h[QF_PATH_MAX];
} qf_path;

/* Where hashes come from. get copies n hashes of stored level L (roots of complete subtrees of 2^(L * QF_TILE_HEIGHT)
 * leaves), the first being number `first`; it is asked only for subtrees that are complete in the tree at hand. */
typedef struct qf_tree_source {
  qf_rc (*get)(void *ud, unsigned level, uint64_t first, size_t n, qf_hash *out, qf_err *err);
  void *ud;
} qf_tree_source;

void qf_tree_leaf(const void *data, size_t n, qf_hash *out); /* n <= 256 bytes */
void qf_tree_node(const qf_hash *l, const qf_hash *r, qf_hash *out);
void qf_tree_empty(qf_hash *out); /* root of no leaves */
bool qf_hash_equal(const qf_hash *a, const qf_hash *b);

/* Root of the first `size` leaves (0 .. QF_TREE_MAX). Errors: those of the source. */
QF_MUST qf_rc qf_tree_root(const qf_tree_source *s, uint64_t size, qf_hash *out, qf_err *err);
/* Inclusion proof of leaf `index` (from 0) in the tree of `size` leaves. Errors: QF_RANGE unless index < size. */
QF_MUST qf_rc qf_tree_inclusion(const qf_tree_source *s, uint64_t index, uint64_t size, qf_path *out, qf_err *err);
/* Consistency proof: the tree of `from` leaves is a prefix of the tree of `to`. Errors: QF_RANGE unless 0 < from <= to. */
QF_MUST qf_rc qf_tree_consistency(const qf_tree_source *s, uint64_t from, uint64_t to, qf_path *out, qf_err *err);

/* Verifiers. false for everything that is not a proof of exactly this: wrong index or size, a hash too many or too few. */
bool qf_tree_included(const qf_hash *leaf, uint64_t index, uint64_t size, const qf_path *p, const qf_hash *root);
bool qf_tree_consistent(uint64_t from, uint64_t to, const qf_hash *root_from, const qf_hash *root_to, const qf_path *p);

/* A tree that only grows and only gives its root: the roots of its complete subtrees, largest first. */
typedef struct qf_frontier {
  uint64_t size;
  qf_hash h[63];
} qf_frontier;
void qf_frontier_add(qf_frontier *f, const qf_hash *leaf);
/* The frontier of the first `size` leaves of a source. Errors: those of the source. */
QF_MUST qf_rc qf_frontier_load(const qf_tree_source *s, uint64_t size, qf_frontier *out, qf_err *err);
void qf_frontier_root(const qf_frontier *f, qf_hash *out);
#endif
