/* What the ways of sending readings over HTTP share: unpack a body, count and name what is refused, give the rest to the city, and
 * answer when it is durable. All taken: 204 (or 200 with counts); some refused: the rest is taken and durable, 400 names up to 50 of
 * the refused (as InfluxDB does: "partial write"); 413, 429, 503, 507 at the limits, and then nothing was taken. */
#ifndef QF_SERVE_INTAKE_H
#define QF_SERVE_INTAKE_H
#include "collect/link.h"
#include "serve/http.h"

#define QF_INTAKE_VALUES 1000000u /* readings of one request: the journal's largest batch */
#define QF_INTAKE_NAMED 50u       /* refused things named in an answer; beyond it they are counted */

typedef struct qf_intake_kind {
  const char *protocol; /* of the sender's link */
  const char *list;     /* name of the list of refused things in the answer */
  const char *en, *zh;  /* what is counted, in words: "lines", "行" */
  bool counts;          /* when all is taken, answer 200 with the counts */
} qf_intake_kind;

typedef struct qf_intake {
  qf_req *r;
  const qf_intake_kind *kind;
  uint64_t all, refused, taken; /* things of the request; refused ones; readings and texts taken */
  uint64_t numbers;             /* of the taken: readings */
  uint32_t named_n;
  qf_err first;         /* why the first was refused */
  qf_buf named;         /* JSON objects, comma separated */
  const qf_buf *report; /* JSON that takes the place of the counts and the list; NULL none */
  uint32_t raw_len;
  char raw[QF_LINK_RAW_MAX]; /* the unpacked body's beginning: to be seen beside a reason */
} qf_intake;

/* body: unpacked; its beginning is copied. NULL: out of memory. kind is borrowed for ever. */
qf_intake *qf_intake_new(qf_req *r, const qf_intake_kind *kind, const char *body, size_t len);
void qf_intake_free(qf_intake *in);
/* n things are refused for one reason. where: the members of a JSON object that say which ("\"line\":3"). */
void qf_intake_refuse(qf_intake *in, uint64_t n, const char *where, const qf_err *why);
/* Fill in the request's answer and tell the sender's link. rc: whether what was taken is durable. */
void qf_intake_answer(qf_intake *in, qf_rc rc);
/* Give the batch (in->numbers is set from it) to the city, suspend the connection, answer when it is durable, free in. The batch is
 * emptied or freed. For handlers that stay on the connection's thread. */
void qf_intake_take(qf_intake *in, qf_batch *b);
/* The whole request is refused (qf_req_fail), and the sender's link told of it when it is the sender's fault. */
void qf_intake_reject(qf_req *r, const qf_intake_kind *kind, unsigned status, qf_rc rc, const qf_err *err);
/* The body without its gzip: *text borrows from the request or from plain. False: answered with 400, 413 or 415. */
bool qf_req_unpack(qf_req *r, const qf_intake_kind *kind, qf_buf *plain, const char **text, size_t *len);
#endif
