/* Users and grants: records of the types `user` and `grant`, kept in memory as they stand in the book, so that a right is
 * looked up afresh at every request. Only this file writes these records. Threads: any.
 *
 * A grant counts while it is approved, today lies in its days, and its holder is active. proposed -> approved | refused by a
 * security administrator who neither proposed nor holds it; approved -> revoked by a security administrator. */
#ifndef QF_RIGHTS_PEOPLE_H
#define QF_RIGHTS_PEOPLE_H
#include "city/city.h"
#include "rights/rights.h"
#include "rights/secret.h"

#define QF_USERS_MAX 10000u
#define QF_USER_GRANTS_MAX 40000u

typedef enum qf_user_state { QF_USER_INVITED, QF_USER_ACTIVE, QF_USER_DISABLED } qf_user_state;
typedef struct qf_user {
  char id[64], name[96], org[64];
  qf_user_state state;
  bool sample;
  char hash[QF_HASH_MAX], totp[QF_BOXED_MAX], recovery[QF_RECOVERY_CODES * 65];
  char link[65]; /* SHA-256 of the one-time link, hex; "" none */
  qf_us link_until;
} qf_user;

typedef enum qf_grant_state { QF_GRANT_PROPOSED, QF_GRANT_APPROVED, QF_GRANT_REFUSED, QF_GRANT_REVOKED } qf_grant_state;
typedef struct qf_granted { /* a grant record */
  char id[32], holder[64];
  qf_grant grant;
  char valid_from[16], valid_to[16]; /* 2026-11-22; "" open */
  char reason[300], proposer[64], decider[64], decided[40];
  qf_grant_state state;
} qf_granted;

typedef struct qf_people qf_people;
QF_MUST qf_rc qf_people_new(qf_city *c, qf_people **out, qf_err *err);
void qf_people_free(qf_people *p);

/* Record types whose rows never leave by /records, exports or receipts: token, user, grant. */
bool qf_people_secret_type(const char *type);

bool qf_people_user(qf_people *p, const char *id, qf_user *out);
/* Who holds this unexpired link (64 hex digits of its SHA-256)? */
bool qf_people_by_link(qf_people *p, const char *hex, qf_user *out);
/* The active user as an actor with the grants that count today; false: no such user, or not active. */
bool qf_people_actor(qf_people *p, const char *id, qf_actor *out);
bool qf_people_admin(qf_people *p, const char *id); /* holds or is proposed for an administrator's role */
/* Was a grant of this role ever approved, to anybody? Once it was, the machine's owner makes no more by himself. */
bool qf_people_ever(qf_people *p, qf_role role);
bool qf_people_grant(qf_people *p, const char *id, qf_granted *out);

/* Write a user's record. by: who does it. make: the user must be new (QF_EXISTS), else must exist (QF_NOTFOUND). Errors also:
 * QF_RANGE bad id or name (2 to 40 of a-z 0-9 . _ -), unknown organisation; QF_NOMEM too many. */
QF_MUST qf_rc qf_people_put(qf_people *p, const qf_user *u, bool make, const char *by, qf_err *err);
/* Propose a grant (g->holder, g->grant, days, reason); id is given here. first: of the machine's owner while nobody is a
 * security administrator yet: the first holder of an administrator's role, approved at once. Errors: QF_NOTFOUND no such
 * user, area, district or organisation; QF_DENIED the holder has a role that excludes this one; QF_EXISTS he has it. */
QF_MUST qf_rc qf_people_propose(qf_people *p, qf_granted *g, bool first, const char *by, qf_err *err);
/* Decide: state approved, refused or revoked. Errors: QF_NOTFOUND, QF_STATE, QF_DENIED the same person; conflict; the last
 * security administrator. */
QF_MUST qf_rc qf_people_decide(qf_people *p, const char *id, qf_grant_state state, const char *by, qf_err *err);
#endif
