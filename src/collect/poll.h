/* Polling devices that speak only when asked: Modbus slaves, DL/T 645 and CJ/T 188 meters behind TCP gateways.
 *
 * A gateway is one TCP connection; devices behind it are asked one after the other, one request at a time. Each interval is a
 * cycle: first all devices that answered last time, then, as far as time is left, those that did not, each no sooner than its
 * back-off says (doubling, a quarter more or less by chance). So a dead device costs the others one time-out, once. Gateways do
 * not wait for each other. Everything runs on the loop's thread; nothing here knows a protocol. */
#ifndef QF_COLLECT_POLL_H
#define QF_COLLECT_POLL_H
#include "collect/kinds.h"

enum {
  QF_POLL_ASK_MAX = 300,       /* bytes of a request */
  QF_POLL_DEVICES_MAX = 20000, /* of one collector */
  QF_POLL_SILENCE = 3,         /* time-outs in a row after which a connection is made anew: it may be half open */
};

typedef enum qf_heard {
  QF_HEARD_NOTHING, /* noise, or an answer that nobody waits for any more: go on waiting */
  QF_HEARD_BROKEN,  /* an answer spoilt on its way: why; go on waiting, a further try may follow */
  QF_HEARD_ANSWER,  /* the step is done */
  QF_HEARD_MORE,    /* the same step has a further part: ask again */
  QF_HEARD_REFUSED, /* the device lives and refuses this step: why */
  QF_HEARD_ABSENT,  /* the gateway says that the device does not answer: why */
} qf_heard;

typedef struct qf_poll_talk { /* one exchange, as the protocol sees it */
  void *device;               /* of qf_poll_add; NULL when nothing is awaited */
  uint32_t step;              /* from 0: the device's requests in their order */
  uint32_t part;              /* from 0: counts QF_HEARD_MORE */
  uint16_t serial;            /* of the request, changes with each one; never 0 */
  qf_us now;                  /* UTC, when the bytes came: the time of the readings */
  qf_batch *batch;            /* readings go here */
  qf_err why;
} qf_poll_talk;

typedef struct qf_poll_ops {
  /* Write the request of t->step to out[QF_POLL_ASK_MAX]; 0: the device has no further step. */
  size_t (*ask)(const qf_poll_talk *t, uint8_t *out);
  /* Look at n > 0 bytes; returns how many are used (0: more are needed), QF_CONN_CLOSE: the stream cannot be followed, why. */
  size_t (*hear)(qf_poll_talk *t, const uint8_t *p, size_t n, qf_heard *what);
} qf_poll_ops;

typedef struct qf_poll_opts {
  const char *collector, *protocol; /* names of the links; borrowed */
  uint32_t interval_ms, timeout_ms, connect_ms;
  uint32_t backoff_ms, backoff_max_ms;
  uint32_t gap_ms;  /* rest of the line between an answer and the next request */
  uint32_t retries; /* of a device that answered last time */
} qf_poll_opts;

typedef struct qf_poll_stats {
  uint64_t cycles, late;      /* cycles of gateways that ended; that took longer than the interval */
  uint64_t asked, answered;   /* requests; answers, refusals among them */
  uint64_t timeouts, dropped; /* requests without answer; frames that nobody waited for */
  uint64_t held;              /* times a full journal made a gateway wait with its readings */
  uint64_t slowest_ms;        /* longest time from a cycle's due moment until all living devices had been asked */
} qf_poll_stats;

typedef struct qf_poll qf_poll;

/* Read interval_ms, timeout_ms, connect_ms, backoff_ms, backoff_max_ms, gap_ms, retries from [collector]; o holds the
 * defaults. Errors: those of qf_conf_int. */
QF_MUST qf_rc qf_poll_conf(qf_conf *conf, qf_poll_opts *o, qf_err *err);
/* env, ops borrowed for the poller's life. Errors: QF_NOMEM. */
QF_MUST qf_rc qf_poll_new(const qf_collect_env *env, const qf_poll_opts *o, const qf_poll_ops *ops, qf_poll **out,
                          qf_err *err);
/* A device behind host:port. name: of its link, copied by it; self: the protocol's, borrowed. Before qf_poll_start.
 * Errors: QF_NOMEM; QF_FULL (QF_POLL_DEVICES_MAX). */
QF_MUST qf_rc qf_poll_add(qf_poll *p, const char *host, uint16_t port, const char *name, void *self, qf_err *err);
/* Begin. Any thread. Errors: QF_STATE the loop is ending. */
QF_MUST qf_rc qf_poll_start(qf_poll *p, qf_err *err);
/* End: connections closed, batches that are on their way waited for, memory freed. Not on the loop's thread. p may be NULL. */
void qf_poll_free(qf_poll *p);
/* Any thread. */
void qf_poll_get_stats(qf_poll *p, qf_poll_stats *out);
#endif
