/* Secrets of people: passwords (Argon2id, RFC 9106, by libsodium), one-time codes (TOTP, RFC 6238), recovery codes, and the
 * box in which the keys of one-time codes are kept. Nothing here logs, and every buffer with a secret is wiped. */
#ifndef QF_RIGHTS_SECRET_H
#define QF_RIGHTS_SECRET_H
#include "base/buf.h"
#include "base/err.h"
#include "base/tm.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QF_PASSWORD_MIN 12u /* characters */
#define QF_PASSWORD_MAX 128u
#define QF_PASSWORD_BYTES 512u
#define QF_HASH_MAX 128u /* text of a hash with its NUL */
#define QF_TOTP_KEY 20u
#define QF_RECOVERY_CODES 10u
#define QF_BOXED_MAX 200u

/* Long enough, not too long, and not made of the commonest words, sequences or what everybody knows of this user
 * (context: NULL-terminated list, e.g. id, name, organisation). Errors: QF_RANGE with what is wrong. Any thread. */
QF_MUST qf_rc qf_password_allowed(const char *pw, const char *const *context, qf_err *err);

/* Argon2id of pw; strong: the cost of administrators (256 MiB), else 64 MiB. Takes 0.1 to 1 s: call it on a worker of
 * qf_hasher. Errors: QF_NOMEM. */
QF_MUST qf_rc qf_password_hash(const char *pw, bool strong, char out[QF_HASH_MAX], qf_err *err);
/* Does pw give this hash? hash NULL or "": the same work is done and the answer is no. *rehash (may be NULL): it does,
 * and the hash is of another cost than now wanted. */
bool qf_password_check(const char *hash, const char *pw, bool strong, bool *rehash);

/* The hash workers: at most two hashes at once, at most QF_HASH_QUEUE waiting. */
#define QF_HASH_QUEUE 20u
typedef struct qf_hasher qf_hasher;
QF_MUST qf_rc qf_hasher_new(qf_hasher **out, qf_err *err);
void qf_hasher_stop(qf_hasher *h); /* waits until what was taken is done; takes no more */
void qf_hasher_free(qf_hasher *h);
/* fn(ud) on a worker, once. Errors: QF_FULL. Any thread. */
QF_MUST qf_rc qf_hasher_submit(qf_hasher *h, void (*fn)(void *), void *ud, qf_err *err);

/* RFC 6238 with SHA-1: the code of a time step (30 s since 1970), digits 6 to 8. */
uint32_t qf_totp(const uint8_t *key, size_t n, uint64_t step, unsigned digits);
/* Is this the six-digit code of now, the step before or the step after, and not of *last or before? Then *last becomes
 * its step: a code works once. */
bool qf_totp_check(const uint8_t key[QF_TOTP_KEY], const char *code, qf_us now, uint64_t *last);
/* RFC 4648 base32 without padding. */
void qf_base32(const uint8_t *bytes, size_t n, qf_buf *out);

/* Recovery codes "xxxxx-xxxxx-xxxxx" (75 random bits each): texts for the person, SHA-256 in hex joined by spaces for the
 * record. Taking one removes it from the list: false when it is none of them. */
void qf_recovery_make(char codes[QF_RECOVERY_CODES][18], char hashes[QF_RECOVERY_CODES * 65]);
bool qf_recovery_take(char *hashes, const char *code);

/* The key of dir/keys/secrets.key (mode 0600, made at first use): what is boxed with it cannot be read from the journal. */
typedef struct qf_box qf_box;
/* Errors: QF_IO; QF_DENIED others may read the file; QF_CORRUPT wrong size. */
QF_MUST qf_rc qf_box_open(const char *dir, qf_box **out, qf_err *err);
void qf_box_close(qf_box *b);
/* "x1:" + hex of nonce and XSalsa20-Poly1305 box; n <= 64. */
void qf_box_put(const qf_box *b, const uint8_t *plain, size_t n, char out[QF_BOXED_MAX]);
/* Errors: QF_CORRUPT not ours or changed. */
QF_MUST qf_rc qf_box_get(const qf_box *b, const char *text, uint8_t *plain, size_t n, qf_err *err);
#endif
