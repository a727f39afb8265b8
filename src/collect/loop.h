/* One thread that owns sockets: TCP servers and clients (with TLS on demand), timers, and messages from other threads.
 * All callbacks run on the loop's thread and must not wait. Bounded: connections, bytes waiting each way, silence. */
#ifndef QF_COLLECT_LOOP_H
#define QF_COLLECT_LOOP_H
#include "base/err.h"
#include "base/tm.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct qf_loop qf_loop;
typedef struct qf_conn qf_conn;

#define QF_CONN_CLOSE SIZE_MAX

typedef struct qf_conn_ops {
  void (*open)(qf_conn *k); /* connected (after the TLS handshake); set ud here. May be NULL */
  /* n bytes have come that were not yet consumed. Returns how many were used (0: more is needed); QF_CONN_CLOSE: end it.
   * Called again at once while it consumes and bytes are left. A connection that fills in_max without being consumed is
   * closed. */
  size_t (*bytes)(qf_conn *k, const uint8_t *p, size_t n);
  /* The last call; why: what ended it, in words. One that came to us and never opened - its TLS handshake failed - has ud NULL. */
  void (*closed)(qf_conn *k, const qf_err *why);
  void (*tick)(qf_conn *k, qf_us now); /* about once a second; may be NULL */
} qf_conn_ops;

typedef struct qf_conn_opts {
  const qf_conn_ops *ops;
  void *ud;               /* first value of qf_conn_ud */
  size_t in_max, out_max; /* bytes; 0: 64 KiB and 1 MiB. A peer that does not read more than out_max is closed */
  uint32_t conn_max;      /* of this listener; 0: 5,000. What is beyond is closed at once */
  uint32_t idle_s;        /* silence after which it is closed; 0: never */
  const char *tls_cert, *tls_key; /* PEM files; server side TLS when both are set */
  const char *tls_ca;   /* client: PEM of the authorities, TLS when set; server: clients must show a certificate */
  const char *tls_name; /* client: name that the server's certificate must bear; NULL: the address connected to */
} qf_conn_opts;

/* Make a loop and start its thread. Errors: QF_NOMEM, QF_IO. */
QF_MUST qf_rc qf_loop_new(qf_loop **out, qf_err *err);
/* Close every connection (closed() is called), end the thread, free. */
void qf_loop_free(qf_loop *l);

/* Listen on host:port (port 0: a free one; *port_out tells). Any thread. Errors: QF_IO naming the address and the cause. */
QF_MUST qf_rc qf_loop_listen(qf_loop *l, const char *host, uint16_t port, const qf_conn_opts *o, uint16_t *port_out,
                             qf_err *err);
/* Close the listeners that were opened with this ud (NULL: all): nobody new comes after this returned. Not on the loop's
 * thread. */
void qf_loop_deafen(qf_loop *l, const void *ud);
/* Port of a listener opened with this ud, 0: none. Any thread. */
uint16_t qf_loop_port(qf_loop *l, const void *ud);
/* Connect without waiting, host an address in digits (qf_conf_addr finds it for a name), giving up after timeout_ms; open() or closed() follows. Loop thread. Errors: QF_IO. */
QF_MUST qf_rc qf_loop_connect(qf_loop *l, const char *host, uint16_t port, uint32_t timeout_ms, const qf_conn_opts *o,
                              qf_conn **out, qf_err *err);

/* Run fn(ud) on the loop's thread soon. Any thread; false: the loop is ending, fn is not called. Order is kept. */
bool qf_loop_post(qf_loop *l, void (*fn)(void *ud), void *ud);
/* Run fn(ud) once, after ms. Loop thread. Returns an id for qf_loop_cancel, 0: out of memory. */
uint64_t qf_loop_after(qf_loop *l, uint32_t ms, void (*fn)(void *ud), void *ud);
void qf_loop_cancel(qf_loop *l, uint64_t id);

/* Loop thread only, like all below. Send bytes (copied). false: the connection is ending. */
bool qf_conn_send(qf_conn *k, const void *p, size_t n);
/* End it; flush: after what waits has been sent (at most 5 s). */
void qf_conn_close(qf_conn *k, bool flush);
/* Stop or go on reading: backpressure while the journal works. */
void qf_conn_pause(qf_conn *k, bool pause);
void *qf_conn_ud(const qf_conn *k);
void qf_conn_set_ud(qf_conn *k, void *ud);
const char *qf_conn_peer(const qf_conn *k);      /* "1.2.3.4:567"; borrowed */
const char *qf_conn_cert_name(const qf_conn *k); /* common name of the peer's verified certificate, or NULL */
uint64_t qf_conn_id(const qf_conn *k);           /* never used twice */
/* The connection of that id, or NULL when it has ended: what a late acknowledgement asks first. */
qf_conn *qf_conn_find(qf_loop *l, uint64_t id);
#endif
