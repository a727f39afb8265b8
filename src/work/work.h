/* Work: what is owed by whom and when, derived from forms, filings and the calendar; nothing of it is stored but reminders and
 * delegations, which are records. Threads: any. */
#ifndef QF_WORK_WORK_H
#define QF_WORK_WORK_H
#include "filing/filing.h"
#include "rights/people.h"
#include "work/campaign.h"

typedef struct qf_work qf_work;
/* people may be NULL: then no delegation is looked at. The others must stay. Errors: QF_NOMEM, QF_IO, QF_SYNTAX (a rule's file). */
QF_MUST qf_rc qf_work_open(qf_filings *f, qf_people *people, qf_work **out, qf_err *err);
void qf_work_close(qf_work *w);
int32_t qf_work_today(const qf_work *w); /* Beijing day */

/* ---- campaigns */
#define QF_CAMPAIGN_MONTHS 3                         /* whole months back for which a missing form is somebody's task */
typedef bool qf_unit_fn(void *ud, const qf_owed *u); /* false stops */
/* Who owes `form` for `month`, in order of subject; those for whom `see` says no are left out. Errors: QF_NOTFOUND no form with
 * obligations of this name; those of the book. */
typedef struct qf_seeing { /* which organisations: NULL actor sees all */
  const qf_actor *actor;
  qf_action act;
} qf_seeing;
QF_MUST qf_rc qf_campaign(qf_work *w, const char *form, int32_t month, const qf_seeing *see, qf_unit_fn *fn, void *ud,
                          qf_campaign_sum *sum, qf_err *err);
/* Forms that are owed: name of the i-th, NULL past the last. */
const qf_form *qf_campaign_form(const qf_work *w, size_t i);
/* Journal a reminder for each of these subjects (JSON array of ids; NULL or empty: all that are overdue or still owe). Only those
 * whom the actor may review or file for in the form's area. *n: how many. Errors: QF_DENIED, QF_NOTFOUND, those of the city. */
QF_MUST qf_rc qf_campaign_remind(qf_work *w, const qf_actor *actor, const char *form, int32_t month,
                                 const json_t *subjects, size_t *n, qf_err *err);

/* ---- tasks */
typedef enum qf_task_view { QF_TASKS_TODO, QF_TASKS_DONE, QF_TASKS_MINE } qf_task_view;
/* New object {"items":[...],"counts":{"todo","overdue","yellow","file",...}}: what the actor has to do, did, or began. */
QF_MUST qf_rc qf_tasks(qf_work *w, const qf_actor *actor, qf_task_view view, json_t **out, qf_err *err);

/* ---- delegation */
/* d: {"to","from_day","to_day","reason","task"?}. Errors: QF_RANGE a field, with words; QF_DENIED the taker is no active user or holds
 * none of the giver's roles. id: of the new record. */
QF_MUST qf_rc qf_delegate(qf_work *w, const qf_actor *actor, const json_t *d, char id[64], qf_err *err);
/* End one: the giver, or the taker who hands it back. Errors: QF_NOTFOUND, QF_DENIED, QF_STATE. */
QF_MUST qf_rc qf_delegation_end(qf_work *w, const qf_actor *actor, const char *id, qf_err *err);
/* New array of those the actor gave or took. */
QF_MUST qf_rc qf_delegations(qf_work *w, const qf_actor *actor, json_t **out, qf_err *err);

/* ---- findings of the packs' rules */
#define QF_RULE_MS 3000u /* longest run of one rule */
#define QF_FINDINGS_MAX 20000u
#define QF_FINDINGS_AGE (60 * QF_US_SECOND) /* live readings change the book every second: judged again after this */
/* New array of {"rule","title":{zh,en},"area","severity","subject","month","text":{zh,en},"evidence"} the actor may see, errors first.
 * subject, severity: "" for all. A rule that failed or took too long is a finding of severity error about itself. */
QF_MUST qf_rc qf_findings(qf_work *w, const qf_actor *actor, const char *subject, const char *severity, json_t **out,
                          qf_err *err);

/* ---- calendar: {"year","published","days":[{"day","kind":"workday|weekend|holiday","name"?}]} of a year into out. */
void qf_work_calendar(const qf_work *w, int year, qf_buf *out);
#endif
