/* Cards of due days on the working-day calendar. Pure; any thread. The due day itself: qf_due_day (filing/form.h). */
#ifndef QF_WORK_DUE_H
#define QF_WORK_DUE_H
#include "domain/calendar.h"

#define QF_YELLOW_WORKDAYS 2

typedef enum qf_card {
  QF_CARD_NONE,
  QF_CARD_YELLOW, /* QF_YELLOW_WORKDAYS working days are left, or fewer, the due day counted */
  QF_CARD_RED     /* the due day is over */
} qf_card;

/* Working days in (today, due]: 0 on the due day, negative after it. c NULL: the plain week. */
int32_t qf_due_left(const qf_calendar *c, int32_t due, int32_t today);
qf_card qf_due_card(const qf_calendar *c, int32_t due, int32_t today);
const char *qf_card_name(qf_card card); /* "none" "yellow" "red" */
#endif
