/* The threads that answer people. A handler asks the book, judges a form, waits for the disk: some ten milliseconds in which the
 * two threads that read and write the connections must not stand still, for each of them serves half of all connections. */
#ifndef QF_SERVE_WORKERS_H
#define QF_SERVE_WORKERS_H
#include "serve/http.h"

#define QF_WORKERS 8u /* some wait for the disk or a lock; the short requests of others go on between the long ones */
#define QF_MINE 4u    /* of them at most for one person, token or, of nobody, address */
#define QF_PUSHES 4u  /* of them at most at readings that are pushed (serve/push.c) */

typedef struct qf_workers qf_workers;
/* Errors: QF_NOMEM no memory or no thread. */
QF_MUST qf_rc qf_workers_start(qf_workers **out, qf_err *err);
/* Hand over a whole request: its connection is suspended, its route's handler runs on a worker, then the connection is resumed.
 * To be called on the connection's own thread. False: the handler must run here - it is one that suspends or streams by itself, or
 * the workers were stopped. Afterwards the request is the worker's. */
bool qf_workers_take(qf_workers *w, qf_req *r);
/* Finish what waits; later requests are answered by their own threads. Before the daemon stops, since connections wait. */
void qf_workers_stop(qf_workers *w);
/* After the daemon has stopped. NULL is fine. */
void qf_workers_free(qf_workers *w);
#endif
