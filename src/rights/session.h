/* Sessions of people in memory, and the brake on guessing. Ids are 256 random bits, kept as SHA-256 only; they end with
 * the process. Time is given by the caller's monotonic clock, so that tests need not wait. All functions: any thread. */
#ifndef QF_RIGHTS_SESSION_H
#define QF_RIGHTS_SESSION_H
#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QF_SESSIONS_MAX 1024u
#define QF_SESSION_IDLE_S 1800      /* without a request */
#define QF_SESSION_ABSOLUTE_S 43200 /* since login, however busy */

typedef int64_t qf_mono_fn(void *ud); /* seconds that never go back */

typedef struct qf_session {
  char user[64]; /* "" with setup: nobody yet */
  char csrf[33];
  bool setup;  /* came by the one-time link of the machine's owner */
  bool acting; /* a setup session in the seat of a sample user */
  bool strong; /* second factor given */
  bool fresh;  /* came by a user's one-time link: may set a password and nothing else */
  bool enrolling;
  uint8_t totp_new[20]; /* while enrolling */
  int64_t born_s, seen_s;
} qf_session;

typedef struct qf_sessions qf_sessions;
QF_MUST qf_rc qf_sessions_new(qf_mono_fn *clock, void *ud, qf_sessions **out, qf_err *err);
void qf_sessions_free(qf_sessions *s);
/* A new session like `as` (its csrf and times are given here): id and *made (may be NULL) are filled. When all are in
 * use the one unused for longest ends. */
void qf_session_begin(qf_sessions *s, const qf_session *as, char id[65], qf_session *made);
/* The session of this id; touch: it counts as used now. False: unknown, idle too long, or too old. */
bool qf_session_find(qf_sessions *s, const char *id, bool touch, qf_session *out);
/* The same session with other rights under a new id; the old id is dead, birth and csrf stay. False: no such session. */
bool qf_session_change(qf_sessions *s, const char *id, const qf_session *as, char new_id[65], qf_session *made);
/* The same session and id with other contents, but no other rights. */
bool qf_session_keep(qf_sessions *s, const char *id, const qf_session *as);
void qf_session_end(qf_sessions *s, const char *id);
/* End all sessions of a user, but keep this id (NULL: none). Number ended. */
unsigned qf_sessions_end_user(qf_sessions *s, const char *user, const char *keep);

/* The brake: token buckets of failures. An account seen from an address where it never logged in: QF_TRIES in
 * QF_TRIES_S over all such addresses; from an address where it did: a bucket of its own, so that strangers cannot lock
 * its owner out; an address: QF_TRIES_ADDRESS over all accounts. Nothing is ever locked for good: a try comes back every
 * QF_TRIES_S / QF_TRIES seconds. */
#define QF_TRIES 5
#define QF_TRIES_ADDRESS 30
#define QF_TRIES_S 900
typedef struct qf_brake qf_brake;
QF_MUST qf_rc qf_brake_new(qf_mono_fn *clock, void *ud, qf_brake **out, qf_err *err);
void qf_brake_free(qf_brake *b);
/* May this try go on? 0: yes, and it is charged; else the seconds to wait. */
unsigned qf_brake_take(qf_brake *b, const char *account, const char *address);
/* It was neither right nor wrong (a second factor is still asked for): give the charge back. */
void qf_brake_back(qf_brake *b, const char *account, const char *address);
/* It was right: give the charge back and remember the address as the account's own. */
void qf_brake_good(qf_brake *b, const char *account, const char *address);
#endif
