/* Who sends: one link for each sender (an MQTT client, a station, a polled slave, a watched folder, a token over HTTP), with
 * its health - last seen, rate, taken, refused and why, the raw bytes of the last refused message. Shown by
 * GET /api/v1/collectors and the page behind it. Nothing here is journalled: it is the state of the wires, not of the city. */
#ifndef QF_COLLECT_LINK_H
#define QF_COLLECT_LINK_H
#include "base/buf.h"
#include "base/err.h"
#include "base/tm.h"

#define QF_LINK_RAW_MAX 1024u /* bytes kept of the last refused message */
#define QF_LINKS_MAX 20000u   /* beyond it new senders of a collector share one link, QF_LINK_MORE */
#define QF_LINK_MORE "..."
#define QF_LINK_NAME_MAX 96u

typedef enum qf_link_state {
  QF_LINK_DOWN,    /* no connection */
  QF_LINK_UP,      /* connected, or answered at the last poll */
  QF_LINK_BACKOFF, /* failed; tried again at a later time */
} qf_link_state;

typedef struct qf_links qf_links;
typedef struct qf_link qf_link;

/* clock: UTC microseconds. Errors: NULL out of memory. */
qf_links *qf_links_new(qf_clock clock);
void qf_links_free(qf_links *l);

/* The link of this collector with this name, made when new. collector: the name of its file (see kinds.h); protocol: as in
 * kinds.h; name: what the sender calls itself (client id, MN, VIN, unit id), cut at QF_LINK_NAME_MAX bytes, kept as UTF-8 with
 * control bytes escaped. NULL only when there is no memory and no link yet. The pointer is good until qf_links_free. Any thread, like everything below. */
qf_link *qf_link_of(qf_links *l, const char *collector, const char *protocol, const char *name);
/* Below, k may be NULL (there was no memory for it): then nothing is noted.
 * peer: "host:port", or a path; NULL: as before. */
void qf_link_set(qf_link *k, qf_link_state s, const char *peer);
/* A message of n bytes came. */
void qf_link_seen(qf_link *k, size_t n);
/* n readings of it are durable. */
void qf_link_took(qf_link *k, uint64_t n);
/* It was refused, wholly or in part: the bytes (at most QF_LINK_RAW_MAX are kept) and the reason. */
void qf_link_refused(qf_link *k, const void *raw, size_t n, const qf_err *why);
/* Of one that is asked: its gateway's cycle has ended; a request went without an answer. For the metrics alone. */
typedef enum qf_link_poll { QF_LINK_CYCLE, QF_LINK_TIMEOUT } qf_link_poll;
void qf_link_polled(qf_link *k, qf_link_poll what);
/* Something to be shown beside the link, such as how complete it is; the newest stays, at most 160 bytes. */
void qf_link_note(qf_link *k, const char *en, const char *zh);
/* Append [{"collector","protocol","name","peer","state","since","last_seen","messages","bytes","taken","refused",
 * "per_minute" (messages, mean of the last minutes),"note":{"zh","en"}|null,"refusal":{"at","zh","en","raw_hex","raw_text"}|null}...], the newest
 * trouble first, at most `max`. raw: whether addresses and the refused bytes are shown, which may hold what is secret. */
void qf_links_json(qf_links *l, const char *collector_or_null, uint32_t max, bool raw, qf_buf *out);
/* Append as Prometheus text, summed over the links of one protocol of a collector (256 of them, what is beyond as QF_LINK_MORE): qingfeng_collector_
 * messages_total, _bytes_total, _readings_total, _refused_total (by reason, as qf_rc_name; those that occurred), _links (by state),
 * _last_seen_age_seconds (once there was a message); of those that poll _cycles_total and _timeouts_total. */
void qf_links_metrics(qf_links *l, qf_buf *out);
#endif
