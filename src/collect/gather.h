/* Packets of many senders in one batch: what comes while the loop turns once goes to the journal together, and each packet is
 * answered when its own readings are durable. For protocols of small packets from thousands of stations. Loop thread only. */
#ifndef QF_COLLECT_GATHER_H
#define QF_COLLECT_GATHER_H
#include "collect/kinds.h"

enum {
  QF_GATHER_REPLY_MAX = 208, /* bytes of an answer */
#ifdef QF_SMALL
  QF_GATHER_SOFT = 300,
#else
  QF_GATHER_SOFT = 50000, /* waiting readings from which senders are paused */
#endif
  QF_GATHER_HARD = 400000, /* and from which packets are refused: not answered, so that they are sent again */
};

typedef struct qf_gather qf_gather;
typedef struct qf_gather_ack { /* who is answered what when it is durable */
  qf_link *link;
  uint64_t conn;      /* qf_conn_id; gone by then: nobody is answered */
  uint16_t reply_len; /* 0: durable without answer */
  uint8_t reply[QF_GATHER_REPLY_MAX];
  /* NULL, or told on the loop what became of it, after the answer: QF_OK durable. Not after qf_gather_stop. */
  void (*told)(void *ud, uint64_t conn, uint32_t tag, qf_rc rc);
  void *ud;
  uint32_t tag;
} qf_gather_ack;

/* env is borrowed until qf_gather_stop. NULL: out of memory. */
qf_gather *qf_gather_new(const qf_collect_env *env);
/* No answer after this; what waits is given to the city; frees itself when the last batch is back. */
void qf_gather_stop(qf_gather *g);
/* Add a reading to the packet that is being read. Errors: QF_NOMEM, QF_FULL (QF_GATHER_HARD), in words. */
QF_MUST qf_rc qf_gather_add(qf_gather *g, uint32_t point, const qf_reading *r, qf_err *err);
/* The packet is whole: answer it when it is durable (at once with what waits, when it had no readings: in order). Errors:
 * QF_NOMEM; then it is taken back. */
QF_MUST qf_rc qf_gather_packet(qf_gather *g, const qf_gather_ack *ack, qf_err *err);
/* The packet is not taken: its readings are dropped. */
void qf_gather_drop(qf_gather *g);
/* Pause this connection when too much waits; it goes on by itself when the city has taken it. */
void qf_gather_brake(qf_gather *g, qf_conn *k);
#endif
