/* Signed tree heads and keys, as texts that other people's tools read: C2SP tlog-checkpoint in a C2SP signed-note, key
 * lines as of signed-note, witness cosignatures as of tlog-cosignature (cosignature/v1). docs/formats/proof.md shows each.
 * Parsers take untrusted bytes and never read outside them. Pure but for qf_key_load; thread-safe. */
#ifndef QF_PROOF_HEAD_H
#define QF_PROOF_HEAD_H
#include "base/tm.h"
#include "proof/tree.h"

#define QF_NAME_MAX 128u  /* bytes of a key name or origin, with NUL */
#define QF_NOTE_MAX 8192u /* bytes of a head with all its signatures */
#define QF_NOTE_SIGS 32u  /* signature lines of one head */

enum {
  QF_KEY_LOG = 0x01,
  QF_KEY_WITNESS = 0x04
}; /* algorithm bytes of signed-note: Ed25519, timestamped cosignature */

typedef struct qf_vkey { /* who signed: public */
  char name[QF_NAME_MAX];
  uint8_t id[4]; /* first bytes of SHA-256(name || 0x0A || alg || pub) */
  uint8_t alg;
  uint8_t pub[32];
} qf_vkey;

typedef struct qf_skey { /* libsodium's Ed25519 secret key: seed and public half */
  uint8_t secret[64];
} qf_skey;

typedef struct qf_head {
  char origin[QF_NAME_MAX];
  uint64_t size;
  qf_hash root;
  qf_us at_us; /* of the "time" line; 0: has none */
} qf_head;

/* Key of a log from its name and public half. Errors: QF_RANGE for a name with blanks, '+' or control bytes, or too long. */
QF_MUST qf_rc qf_vkey_make(const char *name, const uint8_t pub[32], uint8_t alg, qf_vkey *out, qf_err *err);
/* "name+0123abcd+base64(alg || pub)"; trailing white space is passed over. Errors: QF_SYNTAX. */
QF_MUST qf_rc qf_vkey_parse(const char *s, size_t n, qf_vkey *out, qf_err *err);
void qf_vkey_write(const qf_vkey *k, qf_buf *out);

/* Read dir/keys/log.key, or make it (random, mode 0600 in a folder of mode 0700, synced) when it is missing and make is
 * set. Errors: QF_NOTFOUND (missing), QF_CORRUPT (not a key file), QF_IO. */
QF_MUST qf_rc qf_key_load(const char *dir, bool make, qf_skey *out, qf_err *err);

/* Append the checkpoint text of h, signed with k, whose public key is v. Errors: QF_NOMEM. */
QF_MUST qf_rc qf_head_sign(const qf_head *h, const qf_skey *k, const qf_vkey *v, qf_buf *out, qf_err *err);
/* Length of the note that text begins with (through its last signature line), 0 if none does: for files that hold several. */
size_t qf_note_length(const char *text, size_t n);
/* What the text says, signatures unchecked. Errors: QF_SYNTAX. */
QF_MUST qf_rc qf_head_parse(const char *text, size_t n, qf_head *out, qf_err *err);
/* Parse, and demand a good signature by v (QF_KEY_LOG: v's name must be the origin too). With QF_KEY_WITNESS *when
 * (may be NULL) gets the time of the cosignature. Errors: QF_SYNTAX; QF_NOTFOUND no signature by v; QF_CORRUPT one that is
 * wrong. */
QF_MUST qf_rc qf_head_check(const char *text, size_t n, const qf_vkey *v, qf_head *out, qf_us *when, qf_err *err);
/* Base64 with padding (RFC 4648). */
void qf_base64(const void *bytes, size_t n, qf_buf *out);
/* Strict: exactly `want` bytes, canonical. */
bool qf_unbase64(const char *s, size_t n, uint8_t *out, size_t want);
#endif
