/* What the files of this room share. Not for others. */
#ifndef QF_WORK_INTERNAL_H
#define QF_WORK_INTERNAL_H
#include "work/work.h"
#include <pthread.h>
#include <stdatomic.h>

typedef struct qf_rule { /* packs/<area>/rules/<name>.sql */
  char id[120], area[64], zh[200], en[200];
  char *sql; /* owned */
} qf_rule;

struct qf_work {
  qf_filings *filings;
  qf_city *city;
  qf_book *book;
  const qf_forms *forms;
  const qf_calendar *calendar;
  qf_people *people;
  qf_rule *rules;
  size_t nrules;
  pthread_t thread; /* runs the rules */
  bool running;
  _Atomic bool stop;
  pthread_mutex_t mx; /* the findings below */
  pthread_cond_t cv;
  json_t *findings; /* as the rules gave them, with district and org; NULL not yet */
  uint64_t generation;
  qf_us at;
};

QF_MUST qf_rc qf_rules_load(qf_work *w, qf_err *err);
void qf_rules_free(qf_work *w);
/* The thread that keeps the findings. Errors: QF_NOMEM. */
QF_MUST qf_rc qf_rules_start(qf_work *w, qf_err *err);
void qf_rules_stop(qf_work *w);
/* Text of a cell, "" for none. */
const char *qf_cell_text(const qf_cell *c);
/* {"zh","en"} */
json_t *qf_both(const char *zh, const char *en);
json_t *qf_day_json(int32_t day);

typedef struct qf_handed { /* delegations that count today, of one person */
  json_t *given;           /* {"taker","task"}: what the actor handed over */
  json_t *taken;           /* {"giver","task"} */
} qf_handed;
QF_MUST qf_rc qf_handed_today(qf_work *w, const char *user, qf_handed *out, qf_err *err);
void qf_handed_fini(qf_handed *h);
#endif
