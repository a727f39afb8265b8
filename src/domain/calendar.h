/* Calendar of working days: the week, and what the State Council moves in it each year (holidays, and the Saturdays and
 * Sundays worked for them, 调休). Which days those are is data (packs/city/data/calendar.csv), not code.
 *
 * Days are Beijing day numbers (base/tm.h). A calendar of NULL, and every year without rows, is the plain week: Monday
 * to Friday are worked. An unpublished year therefore answers as the plain week; qf_calendar_covers tells.
 * A parsed calendar never changes: any number of threads may read it. */
#ifndef QF_DOMAIN_CALENDAR_H
#define QF_DOMAIN_CALENDAR_H
#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>

#define QF_DAY_CLASSES 4
typedef enum qf_day_class {
  QF_DAY_WEEKDAY = 0,    /* worked: Monday to Friday, and weekends worked for a holiday */
  QF_DAY_SATURDAY,       /* a free Saturday that is no holiday */
  QF_DAY_SUNDAY,         /* a free Sunday, and every holiday but the Spring Festival */
  QF_DAY_SPRING_FESTIVAL /* the days off of the Spring Festival */
} qf_day_class;

typedef struct qf_calendar qf_calendar;

/* Parse CSV text: a first line "date,kind,name" (more columns may follow and are not read), then a day per line: date
 * 2026-02-17, kind holiday | workday | spring_festival. Lines may come in any order; CR LF and empty lines are well.
 * *out is the caller's (qf_calendar_free), NULL on error.
 * Errors, with the line: QF_SYNTAX (header, date, kind), QF_EXISTS (a date twice), QF_NOMEM. */
QF_MUST qf_rc qf_calendar_parse(const char *csv, size_t n, qf_calendar **out, qf_err *err);
void qf_calendar_free(qf_calendar *c); /* NULL is well */

qf_day_class qf_calendar_class(const qf_calendar *c, int32_t day);
bool qf_calendar_is_working(const qf_calendar *c, int32_t day);
/* Does the calendar know the year of this day? false: what is said about it is the plain week. */
bool qf_calendar_covers(const qf_calendar *c, int32_t day);

/* The n-th working day after `day`; `day` itself is not counted (Civil Code art. 201: the day a period begins is not
 * counted). n < 0: the |n|-th before it. n = 0: `day` itself when it is worked, otherwise the next working day.
 * |n| at most 100 000 (larger counts are cut to it). */
int32_t qf_calendar_add_working_days(const qf_calendar *c, int32_t day, int32_t n);
/* `day` when it is worked, otherwise the next working day: where a period of natural days ends whose last day is a day
 * off (Civil Code art. 203). */
int32_t qf_calendar_roll_forward(const qf_calendar *c, int32_t day);
/* Working days in (from, to], negative when to < from: how many working days are left until a due date. At most 400
 * years apart. For a working day d, working_days_between(from, d) undoes add_working_days. */
int32_t qf_calendar_working_days_between(const qf_calendar *c, int32_t from, int32_t to);
/* A number that changes when the calendar's days do (0 for NULL): what was computed with another calendar is known by
 * it. */
uint32_t qf_calendar_stamp(const qf_calendar *c);
#endif
