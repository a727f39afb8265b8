/* The proof of a city's journal: every entry is a leaf of one RFC 9162 tree, whose head is signed again and again. What is
 * stored here is a projection of the journal (tree) and evidence about it (heads). Formats: docs/formats/proof.md.
 *
 * The tree follows the journal by a reader of its own: taking in never waits for it, and what is signed is what was read
 * back. Threads: any; one lock inside. */
#ifndef QF_PROOF_PROOF_H
#define QF_PROOF_PROOF_H
#include "journal/journal.h"
#include "proof/head.h"

#define QF_LEAF_BYTES 56u

typedef struct qf_leaf { /* what of an entry goes into the tree */
  uint64_t seq;
  qf_us at_us;
  uint32_t len;
  uint8_t type;
  uint8_t body_sha256[32];
} qf_leaf;

void qf_leaf_of(const qf_entry *e, qf_leaf *out);                 /* hashes the body */
void qf_leaf_write(const qf_leaf *l, uint8_t out[QF_LEAF_BYTES]); /* the 56 bytes under the leaf hash */
bool qf_leaf_read(const uint8_t in[QF_LEAF_BYTES], qf_leaf *out); /* false: padding is not zero */
void qf_leaf_hash(const qf_leaf *l, qf_hash *out);
/* Name of the log: "qingfeng/" and 16 hex digits of the leaf hash of entry 1. */
void qf_proof_origin(const qf_leaf *first, char out[QF_NAME_MAX]);

typedef struct qf_proof qf_proof;
typedef struct qf_proof_opts {
  bool read_only; /* look at a folder (also of a running server) and change nothing: neither key nor following */
} qf_proof_opts;

/* Open dir/proof of a city whose journal has at least one entry. A writer makes key and folder when missing, checks the
 * stored tree against the last head and makes it again from the journal when it does not fit. Errors: QF_CORRUPT the
 * journal is not the one that was signed (words say how), QF_NOTFOUND read_only and nothing there, QF_IO, QF_NOMEM. */
QF_MUST qf_rc qf_proof_open(const char *dir, const qf_proof_opts *opts, qf_proof **out, qf_err *err);
void qf_proof_close(qf_proof *p);
/* Take in all entries that are durable now. */
QF_MUST qf_rc qf_proof_follow(qf_proof *p, qf_err *err);
/* Follow, and sign a head unless the last one covers everything; durable on return. */
QF_MUST qf_rc qf_proof_sign(qf_proof *p, qf_us now, qf_err *err);

const qf_vkey *qf_proof_key(const qf_proof *p);
uint64_t qf_proof_size(qf_proof *p);
/* Heads from the oldest, 0-based. */
size_t qf_proof_head_count(qf_proof *p);
size_t qf_proof_head_covering(qf_proof *p, uint64_t size); /* first head of at least this size; the count if none */
QF_MUST qf_rc qf_proof_head_text(qf_proof *p, size_t i, qf_buf *out, qf_err *err);
/* Proofs over the stored tree; see tree.h. QF_RANGE also for a size that is not reached yet. */
QF_MUST qf_rc qf_proof_inclusion(qf_proof *p, uint64_t index, uint64_t size, qf_hash *leaf, qf_path *out, qf_err *err);
QF_MUST qf_rc qf_proof_consistency(qf_proof *p, uint64_t from, uint64_t to, qf_path *out, qf_err *err);
QF_MUST qf_rc qf_proof_root(qf_proof *p, uint64_t size, qf_hash *out, qf_err *err);

/* ---- audit: journal against heads */
typedef struct qf_audit_opts {
  const qf_vkey *key; /* pinned by who asks; NULL: the keys of dir/proof/log.pub, which proves less */
  const char *head;   /* a head kept elsewhere (text), or NULL */
  size_t head_len;
} qf_audit_opts;
typedef struct qf_audit {
  uint64_t leaves, heads, signed_size; /* entries read; heads that fit; entries under the largest of them */
  uint64_t findings;
} qf_audit;
/* Read the whole journal and compare it with every head and with the stored tree. Findings go to `found` as JSON objects
 * separated by commas: {"kind","from","to","message","message_zh"}, kind one of edited, dropped, inserted, reordered,
 * back-dated, altered, truncated, head, key, tree. Changes nothing. QF_OK also when there are findings. */
QF_MUST qf_rc qf_proof_audit(const char *dir, const qf_audit_opts *opts, qf_audit *out, qf_buf *found, qf_err *err);
#endif
