/* A thread of a collector that asks an HTTP server and waits for the answer, over the sockets of the loop. One question at a time,
 * one connection for each. */
#ifndef QF_COLLECT_ASK_H
#define QF_COLLECT_ASK_H
#include "base/buf.h"
#include "collect/loop.h"

typedef struct qf_ask qf_ask;
typedef struct qf_ask_to {
  const char *host, *name; /* address in digits; what the Host header says */
  uint16_t port;
  const char *type;                          /* of the bodies, "application/json" */
  uint32_t timeout_ms;                       /* for the connection, and for the answer */
  size_t body_max;                           /* of the answer */
  const char *tls_ca;                        /* NULL: no TLS */
  const char *tls_name, *tls_cert, *tls_key; /* what the server's certificate must bear; ours, or NULL */
} qf_ask_to;

/* to's texts are borrowed until qf_ask_free. NULL: out of memory. */
qf_ask *qf_ask_new(qf_loop *l, const qf_ask_to *to);
void qf_ask_free(qf_ask *a);
/* POST a body and wait. reply (reset first) gets the body of the answer, *status its code. Not on the loop's thread; the loop
 * turns until this has returned. Errors: QF_IO no connection, closed, no answer in time; QF_SYNTAX no HTTP; QF_STATE stopped. */
QF_MUST qf_rc qf_ask_post(qf_ask *a, const char *target, const qf_buf *body, qf_buf *reply, int *status, qf_err *err);
/* Whoever waits in qf_ask_post returns soon, now and always. Any thread. */
void qf_ask_stop(qf_ask *a);
#endif
