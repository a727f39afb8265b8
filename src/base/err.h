/* Result codes and the words that go with a failure.
 * Every fallible function returns qf_rc; the words for a person, in Chinese and English, go to a caller-owned
 * qf_err that may be NULL. Nothing here allocates. Thread-safe: no shared state. */
#ifndef QF_BASE_ERR_H
#define QF_BASE_ERR_H
#include <stdint.h>

typedef enum qf_rc {
  QF_OK = 0,
  QF_NOMEM,    /* out of memory, or a stated maximum was reached */
  QF_RANGE,    /* a value is outside what can be kept or is allowed */
  QF_SYNTAX,   /* text or bytes do not follow their format */
  QF_IO,       /* the operating system refused a read, write or sync */
  QF_CORRUPT,  /* stored bytes do not match their checksum or chain */
  QF_FULL,     /* no space left, or a queue is at its limit: try again later */
  QF_NOTFOUND, /* no such thing */
  QF_EXISTS,   /* already there */
  QF_DENIED,   /* not allowed */
  QF_BUSY,     /* somebody else holds it */
  QF_STATE,    /* not possible in the present state */
  QF_PARTIAL,  /* more bytes are needed, or part of a batch was refused */
  QF_RC_COUNT
} qf_rc;

#define QF_MUST __attribute__((warn_unused_result))
/* A large local that is written before it is read: the build zeroes all locals (-ftrivial-auto-var-init), which on a hot path costs
 * more than the work. */
#if defined(__has_attribute)
#if __has_attribute(uninitialized)
#define QF_UNSET __attribute__((uninitialized))
#endif
#endif
#ifndef QF_UNSET
#define QF_UNSET
#endif

typedef struct qf_err {
  qf_rc rc;
  char en[240];
  char zh[240];
} qf_err;

/* Fill err (may be NULL) and return rc, so that a leaf can `return qf_fail(...)`.
 *   en, zh   printf formats that take the same arguments in the same order. */
qf_rc qf_fail(qf_err *err, qf_rc rc, const char *en, const char *zh, ...) __attribute__((format(printf, 3, 5)));
#ifdef __clang_analyzer__ /* the analyzer sees one file at a time: tell it that what comes back is rc */
#define qf_fail(err, rc, ...) (qf_fail(err, rc, __VA_ARGS__), (rc))
#endif

/* Name of a code as used in API errors: "range", "syntax", ... Never NULL. */
const char *qf_rc_name(qf_rc rc);
#endif
