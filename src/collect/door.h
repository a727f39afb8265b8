/* What servers for stations share: who is connected, who is known by name, what is refused, and an orderly end. A protocol
 * embeds qf_visit as the first member of what it keeps for a connection, and qf_guest as the first of what it keeps for a
 * sender. Loop thread only, but for qf_door_stop. */
#ifndef QF_COLLECT_DOOR_H
#define QF_COLLECT_DOOR_H
#include "collect/gather.h"
#include <pthread.h>

enum {
  QF_GUEST_NAME_MAX = 64,
  QF_DOOR_BAD_MAX = 50, /* refused messages in a row after which a connection is ended */
};

typedef struct qf_guest { /* a sender: a station, a vehicle */
  char name[QF_GUEST_NAME_MAX + 1];
  bool listed, told; /* named in the file; its warnings were shown on this connection */
  uint64_t conn;     /* where it speaks now; 0: nowhere */
  qf_link *link;     /* NULL: never spoke */
  uint32_t series;   /* made for it since the start */
} qf_guest;

typedef struct qf_visit {
  struct qf_visit *prev, *next;
  struct qf_door *door;
  qf_conn *conn;
  uint32_t bad;  /* refused in a row */
  bool many;     /* it speaks for many: not ended when one of them comes elsewhere */
  bool several;  /* more than one guest spoke here */
  qf_guest *one; /* the first that did */
} qf_visit;

typedef struct qf_door {
  const qf_collect_env *env;
  const char *protocol;
  char name[96]; /* of the collector */
  qf_gather *gather;
  qf_link *nobody; /* refused before anybody is known */
  qf_guest **slot; /* hash by name; size is a power of two */
  uint32_t slots, guests, guests_max, series_max;
  size_t guest_size;
  void (*guest_fini)(qf_guest *g); /* what it owns; may be NULL */
  qf_visit *first;
  bool stopping, stopped;
  pthread_mutex_t mx;
  pthread_cond_t cv;
} qf_door;

/* env and protocol are borrowed. Errors: QF_NOMEM. */
QF_MUST qf_rc qf_door_init(qf_door *d, const qf_collect_env *env, const char *protocol, const char *collector);
/* Any thread but the loop's: close every connection and wait until the last is gone. The listener must be closed before. */
void qf_door_stop(qf_door *d);
void qf_door_fini(qf_door *d);

void qf_door_enter(qf_door *d, qf_visit *v, qf_conn *k);
/* The last of it; guests that spoke there are down. */
void qf_door_leave(qf_visit *v);
qf_guest *qf_door_find(const qf_door *d, const char *name);
/* Make a guest of guest_size zero bytes under this name, at most QF_GUEST_NAME_MAX bytes. NULL: guests_max is reached, or out of memory. */
qf_guest *qf_door_add(qf_door *d, const char *name);
/* It speaks on this connection now; an older one of its own is ended (half open, or a second device under its name: told). */
void qf_door_speaks(qf_visit *v, qf_guest *g);
/* Told on the guest's link, or on that of nobody (g NULL, or it never spoke). Words that follow "PW=" are hidden in raw.
 * Returns false when the connection has had enough: end it. */
bool qf_door_refuse(qf_visit *v, qf_guest *g, const void *raw, size_t n, const qf_err *why);
/* A warning without message. */
void qf_door_warn(qf_visit *v, qf_guest *g, const qf_err *why);
/* Point of a series of this guest. Errors: QF_FULL: series_max of the guest, or the city's; in words. */
QF_MUST qf_rc qf_door_series(qf_door *d, qf_guest *g, const char *key, size_t len, uint32_t *point, qf_err *err);
/* Whether a peer ("1.2.3.4:567") is of a list of addresses, apart by blanks or commas; what ends in . or : is the beginning of
 * many. NULL: everybody is. */
bool qf_door_from(const char *list, const char *peer);
/* Whether two texts are the same, in a time that does not tell where they differ. */
bool qf_door_same(const char *a, const char *b);
/* May this address (digits) be spoken with in the open: it is this machine's own, or the file says plain = yes (NULL: not said). */
bool qf_door_plain(const char *host, const char *plain);
/* Common keys of a file into options: listen, tls_cert, tls_key, tls_ca, idle_s, connections_max, plain; host[256], port. Errors also:
 * QF_DENIED: an address that is not this machine's own, without TLS and without plain = yes. */
QF_MUST qf_rc qf_door_conf(qf_conf *c, qf_conn_opts *o, char host[256], uint16_t *port, qf_err *err);
#endif
