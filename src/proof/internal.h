/* What the files of this room share. Not for others. */
#ifndef QF_PROOF_INTERNAL_H
#define QF_PROOF_INTERNAL_H
#include "proof/proof.h"
#include <pthread.h>

#define QF_LEVELS (62u / QF_TILE_HEIGHT + 1u)
#define QF_KEYS_MAX 16u

typedef struct qf_heads { /* the file of heads, indexed; sizes never fall */
  struct qf_head_at {
    uint64_t size, off;
    uint32_t len;
  } * v;
  size_t n, cap;
  uint64_t end; /* bytes of whole heads */
} qf_heads;

typedef struct qf_store { /* stored levels and times of entries; -1: no such file */
  int level[QF_LEVELS], at;
} qf_store;

void qf_store_init(qf_store *s);
void qf_store_close(qf_store *s);
/* Open the files of proofdir (descriptor); for writing they are made. */
QF_MUST qf_rc qf_store_open(qf_store *s, int proofdir, bool write, qf_err *err);
uint64_t qf_store_leaves(const qf_store *s); /* whole leaf hashes in the file of level 0 */
qf_tree_source qf_store_source(qf_store *s);
/* Time of journalling of leaf `index` as it was when the leaf was made; false: not known. */
bool qf_store_at(const qf_store *s, uint64_t index, qf_us *out);

/* Index the heads of fd. Bytes after the last whole head are left out. Errors: QF_IO, QF_NOMEM. */
QF_MUST qf_rc qf_heads_load(qf_heads *h, int fd, qf_err *err);
QF_MUST qf_rc qf_heads_add(qf_heads *h, uint64_t size, uint64_t off, uint32_t len);
/* Text of a head appended to out. */
QF_MUST qf_rc qf_heads_text(const qf_heads *h, int fd, size_t i, qf_buf *out, qf_err *err);
/* Keys of log.pub, oldest first; 0 when there is none. */
size_t qf_keys_load(int proofdir, qf_vkey out[QF_KEYS_MAX]);
/* First entry of the journal of dir: origin, and the key it names (has_key false: none). */
QF_MUST qf_rc qf_first_entry(const char *dir, char origin[QF_NAME_MAX], uint8_t pub[32], bool *has_key, qf_err *err);
#endif
