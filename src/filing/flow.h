/* Flows: state machines of filings as data (packs/<area>/flows/<name>.ini, see docs/internals/filing.md). A flow that was
 * read never changes: any number of threads may use it. qf_flow_step is pure: no clock, no file, no storage. */
#ifndef QF_FILING_FLOW_H
#define QF_FILING_FLOW_H
#include "rights/rights.h"

#define QF_FLOW_STATES_MAX 16u
#define QF_FLOW_STEPS_MAX 16u
#define QF_FLOW_EDIT "edit" /* the name by which not_same speaks of whoever changed the rows */

typedef struct qf_step {
  char name[32], zh[64], en[64];
  uint32_t from;     /* bit per state */
  uint8_t to;        /* index of a state */
  qf_action act;     /* what one must be allowed to do on the form's organisation */
  uint32_t not_same; /* bit per step that another person must have done in this revision */
  bool not_edit;     /* nor may it be one who changed the rows in this revision */
  bool check, reason, receipt, accepts, revises;
} qf_step;

typedef struct qf_flow {
  char name[64], zh[100], en[100];
  char state[QF_FLOW_STATES_MAX][32];
  uint8_t nstates, initial;
  uint32_t edit; /* states in which rows may be changed: bit per state */
  qf_action act; /* what one must be allowed to do to change rows */
  qf_step step[QF_FLOW_STEPS_MAX];
  uint8_t nsteps;
} qf_flow;

/* Read a flow from the text of its file. name: what it is called. Errors, with the line or the key: QF_SYNTAX (unknown
 * key, section, action, step in not_same; no initial state; nothing accepts; a state that cannot be reached), QF_RANGE
 * (too many states or steps). */
QF_MUST qf_rc qf_flow_parse(const char *name, const char *text, size_t n, qf_flow *out, qf_err *err);

/* Index of a state or step by name; -1 none. */
int qf_flow_state(const qf_flow *f, const char *name);
int qf_flow_find(const qf_flow *f, const char *step);

typedef struct qf_done { /* one step of this revision; step "edit": changed the rows */
  const char *step, *by;
} qf_done;

typedef struct qf_try { /* somebody would take a step */
  int state;            /* out of this one */
  const char *step;
  const qf_actor *actor;
  const qf_object *object;
  const qf_done *done; /* what was done in this revision, in order */
  size_t ndone;
  const char *reason; /* or NULL */
} qf_try;

/* May it be taken? Looks at the state, the right on the object, four eyes, and whether a reason is there when one is due.
 * *to gets the new state (index).
 * Errors: QF_NOTFOUND no such step; QF_STATE not out of this state; QF_DENIED by right or by four eyes; QF_SYNTAX no
 * reason. */
QF_MUST qf_rc qf_flow_step(const qf_flow *f, const qf_try *t, int *to, qf_err *err);
/* May `actor` change rows in this state? Errors as above. */
QF_MUST qf_rc qf_flow_edit(const qf_flow *f, int state, const qf_actor *actor, const qf_object *object, qf_err *err);
#endif
