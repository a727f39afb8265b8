#include "work/due.h"

int32_t qf_due_left(const qf_calendar *c, int32_t due, int32_t today)
{
  return qf_calendar_working_days_between(c, today, due);
}

qf_card qf_due_card(const qf_calendar *c, int32_t due, int32_t today)
{
  if (today > due)
    return QF_CARD_RED;
  return qf_due_left(c, due, today) <= QF_YELLOW_WORKDAYS ? QF_CARD_YELLOW : QF_CARD_NONE;
}

const char *qf_card_name(qf_card card)
{
  static const char *const names[] = {"none", "yellow", "red"};
  return names[card];
}
