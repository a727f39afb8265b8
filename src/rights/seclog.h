/* The security log: who did, tried, saw or took out what. Entries are gathered and journalled as one EVENT of kind
 * "security" at most every second; there is no way to switch it off. Equal entries of one second are one with a count, so
 * that an attacker's noise stays small. */
#ifndef QF_RIGHTS_SECLOG_H
#define QF_RIGHTS_SECLOG_H
#include "city/city.h"

#define QF_SECLOG_MAX 4096u /* entries waiting */

typedef struct qf_seclog qf_seclog;
typedef struct qf_sec { /* NULL = "" */
  const char *who;      /* user id, "token:..", "local", "" for nobody */
  const char *from;     /* address */
  const char *what;     /* "login", "denied", "export", "grant.approve", ... */
  const char *object;   /* user id, path, evidence hash, ... */
  const char *result;   /* "ok", "refused", "wrong", ... */
} qf_sec;

QF_MUST qf_rc qf_seclog_new(qf_city *c, qf_seclog **out, qf_err *err);
void qf_seclog_free(qf_seclog *l); /* writes what waits */
/* Note it. Control characters become '?', invalid UTF-8 too; texts are cut at 200 bytes. False: the queue is full - it is
 * counted, and the number lost is the next entry; who asked for a change must be refused. Any thread. */
bool qf_seclog_put(qf_seclog *l, const qf_sec *e);
/* Is there room? Asked before a request that changes something. */
bool qf_seclog_room(qf_seclog *l);
/* Journal what waits now, on the caller's thread (tests, reading the log). */
QF_MUST qf_rc qf_seclog_flush(qf_seclog *l, qf_err *err);
#endif
