/* Requests that are carried out once: the answer given under an Idempotency-Key is kept for seven days, over a restart, and given again.
 * What is durable: the line of the answer is synced before the answer goes out. A crash between the readings and that line makes the
 * request new again; its readings are then recognised as known, so nothing is doubled. Any thread. */
#ifndef QF_SERVE_ONCE_H
#define QF_SERVE_ONCE_H
#include "base/buf.h"
#include "base/tm.h"

enum {
#ifdef QF_SMALL
  QF_ONCE_KEYS_MAX = 8,
  QF_ONCE_BYTES_MAX = 4 << 10,
#else
  QF_ONCE_KEYS_MAX = 200000,
  QF_ONCE_BYTES_MAX = 128 << 20,
#endif
  QF_ONCE_DAYS = 7,
};

typedef struct qf_once qf_once;
typedef struct qf_once_id { /* SHA-256 of: who and which key; what was asked */
  uint8_t key[32], body[32];
} qf_once_id;

/* Open or make the file at path; answers older than QF_ONCE_DAYS and a torn last line are left out. Errors: QF_IO, QF_NOMEM. */
QF_MUST qf_rc qf_once_open(const char *path, qf_clock clock, qf_once **out, qf_err *err);
void qf_once_close(qf_once *o);
/* Begin a request. QF_OK: it is new: carry it out, then call qf_once_end. QF_EXISTS: it was, *status and answer (appended) say how it was
 * answered. Errors, nothing is to be carried out: QF_STATE the key was used for something else; QF_BUSY the same is being carried out at
 * this moment; QF_FULL too many keys or bytes in seven days; QF_IO, QF_NOMEM. */
QF_MUST qf_rc qf_once_begin(qf_once *o, const qf_once_id *id, unsigned *status, qf_buf *answer, qf_err *err);
/* End it: keep this answer (n bytes without a line feed), or with status 0 forget it, so that it may be tried again. Errors: QF_IO
 * the answer could not be kept: it must not be given. */
QF_MUST qf_rc qf_once_end(qf_once *o, const qf_once_id *id, unsigned status, const char *answer, size_t n, qf_err *err);
#endif
