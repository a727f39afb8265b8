/* A filing campaign: one form, one month, everybody who owes it. Counting is pure. */
#ifndef QF_WORK_CAMPAIGN_H
#define QF_WORK_CAMPAIGN_H
#include "work/due.h"

typedef struct qf_owed { /* borrowed during a callback */
  const char *subject, *name_zh, *name_en, *district, *org;
  const char *state;  /* of the flow; "" nothing was begun */
  const char *filing; /* id; "" none */
  int revision;
  bool late; /* was submitted after the due day */
  int reminders;
  qf_card card;
} qf_owed;

typedef struct qf_campaign_sum {
  int32_t due; /* day; 0 none */
  unsigned owed, filed, on_time, accepted, returned, overdue;
} qf_campaign_sum;

/* Has it been submitted at all, and does an accepted version count? A correction under way is still filed and accepted before. */
bool qf_owed_filed(const qf_owed *u);
bool qf_owed_accepted(const qf_owed *u);
/* Count one: coverage = filed / owed, pass rate = accepted / filed, overdue = owed, not filed or sent back, and the due day over. */
void qf_campaign_count(qf_campaign_sum *sum, const qf_owed *u, int32_t today);
#endif
