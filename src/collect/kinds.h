/* The collectors of a city: each is one file DATA/collect/NAME.ini, read when the server starts,
 *
 *     [collector]
 *     protocol = mqtt            ; a name of the table in kinds.c
 *     listen   = 127.0.0.1:1883  ; or connect = host:port, or path = folder: what the protocol asks for
 *     ...                        ; the protocol's own keys, documented in docs/collectors.md
 *
 * A kind reads its keys, opens its sockets on the loop it is given, makes series with qf_city_series, gives batches to
 * qf_take, and tells a link of everything it sees. A wrong file stops that collector alone; its error is shown. */
#ifndef QF_COLLECT_KINDS_H
#define QF_COLLECT_KINDS_H
#include "city/city.h"
#include "collect/link.h"
#include "collect/loop.h"

/* Keys of a collector's file; borrowed by the kind for its life. */
typedef struct qf_conf qf_conf;
/* Value of key in section ("collector" for its own), or NULL. Every key that was never asked for is an error at the end of
 * start ("line 7: no such key ..."), so a slip of the pen is not silence. */
const char *qf_conf_get(const qf_conf *c, const char *section, const char *key);
/* As a number within min..max, else fallback. Errors: QF_SYNTAX, QF_RANGE naming file, line and key. */
QF_MUST qf_rc qf_conf_int(const qf_conf *c, const char *section, const char *key, int64_t min, int64_t max,
                          int64_t fallback, int64_t *out, qf_err *err);
/* "host:port" of key; host is copied to host[size]. Errors: QF_SYNTAX; QF_RANGE. */
QF_MUST qf_rc qf_conf_addr(const qf_conf *c, const char *section, const char *key, char *host, size_t size,
                           uint16_t *port, qf_err *err);
/* Path of key, made absolute from the folder of the file. NULL: not given. Borrowed. */
const char *qf_conf_path(qf_conf *c, const char *section, const char *key);
/* i-th section's name in order of the file, NULL past the end: for lists (slaves, registers, topics). */
const char *qf_conf_section(const qf_conf *c, uint32_t i);
const char *qf_conf_name(const qf_conf *c); /* NAME of the file: names the collector and its links */

typedef struct qf_collect_env { /* what a kind is given; borrowed for its life */
  qf_city *city;
  qf_links *links;
  qf_loop *loop;            /* one for all collectors; a kind that must wait makes threads of its own */
  struct qf_flight *flight; /* batches on their way: the end waits for them. NULL: nobody waits */
} qf_collect_env;

typedef struct qf_kind {
  const char *protocol;
  /* Start; *self is the kind's. Errors: any, in words. */
  qf_rc (*start)(const qf_collect_env *env, qf_conf *conf, void **self, qf_err *err);
  /* Stop and free; runs on the caller's thread while the loop still turns, its listeners closed. No callback after it
   * returned. A kind that listens does so as the last step of its start, with ud its own
   * self in the options. */
  void (*stop)(void *self);
} qf_kind;

typedef struct qf_collectors qf_collectors;
/* Start every collector of DATA/collect; none of the folder is not an error. Errors: QF_NOMEM, QF_IO (the loop). */
QF_MUST qf_rc qf_collectors_start(qf_city *c, qf_links *links, qf_collectors **out, qf_err *err);
void qf_collectors_stop(qf_collectors *k);
/* Append [{"name","protocol","listen","port","error":{"zh","en"}|null}...]. */
void qf_collectors_json(qf_collectors *k, qf_buf *out);

/* Call fn with each started collector of a protocol. Any thread but while stopping. */
void qf_collectors_each(qf_collectors *k, const char *protocol, void (*fn)(void *ud, void *self), void *ud);

/* Give a batch to the city and hear of it on the loop's thread: done(ud, rc) is called there when the batch is durable (QF_OK)
 * or was refused. On QF_OK the batch is taken over; on an error nothing was taken and done is not called: QF_FULL means
 * pause the sender. This is the one way from a collector to the journal: acknowledge a sender only in done. */
typedef void qf_taken(void *ud, qf_rc rc);
QF_MUST qf_rc qf_take(const qf_collect_env *env, qf_batch *b, qf_taken *done, void *ud, qf_err *err);
#endif
