/* Time. Everywhere inside: int64 microseconds since 1970-01-01T00:00:00Z. Beijing time (UTC+8, no summer time since
 * 1991-09-15) and the statistical calendar only at the edge. Intervals are [from, to). Pure functions, thread-safe. */
#ifndef QF_BASE_TM_H
#define QF_BASE_TM_H
#include "base/buf.h"

typedef int64_t qf_us;
#define QF_US_SECOND INT64_C(1000000)
#define QF_US_MINUTE (60 * QF_US_SECOND)
#define QF_US_QUARTER (15 * QF_US_MINUTE)
#define QF_US_HOUR (60 * QF_US_MINUTE)
#define QF_US_DAY (24 * QF_US_HOUR)
#define QF_CN_OFFSET (8 * QF_US_HOUR) /* UTC+8 */

typedef struct qf_civil {
  int year, month, day, hour, minute, second, us; /* month 1..12, day 1..31 */
} qf_civil;

int32_t qf_days_from_civil(int y, int m, int d); /* days since 1970-01-01, proleptic Gregorian */
void qf_civil_from_days(int32_t days, int *y, int *m, int *d);
/* Break a moment into civil time at a fixed offset from UTC (microseconds). */
qf_civil qf_civil_at(qf_us t, qf_us offset);
/* Civil time at an offset -> moment. Errors: QF_RANGE for a date that does not exist. */
QF_MUST qf_rc qf_civil_to_us(const qf_civil *c, qf_us offset, qf_us *out);
/* Day number in Beijing time (days since 1970-01-01 local) and its first moment. */
int32_t qf_day_cn(qf_us t);
qf_us qf_day_cn_start(int32_t day);
int qf_weekday(int32_t day); /* 0 Monday .. 6 Sunday */
/* Month index year*12+month-1 of a Beijing day; first day of a month index. */
int32_t qf_month_of_day(int32_t day);
int32_t qf_month_first_day(int32_t month);
/* floor(t / step) * step on the UTC grid (15 min and hour grids agree with UTC+8). */
qf_us qf_floor(qf_us t, qf_us step);
/* RFC 3339 ("2026-11-22T23:04:05.123Z", "+08:00"), or date "2026-11-22" (Beijing midnight), or
 * "2026-11-22 23:04[:05]" (Beijing time). Errors: QF_SYNTAX, QF_RANGE. */
QF_MUST qf_rc qf_tm_parse(const char *s, size_t n, qf_us *out);
void qf_tm_write(qf_buf *b, qf_us t);          /* RFC 3339 with +08:00, seconds or microseconds as needed */
void qf_day_write(qf_buf *b, int32_t day);     /* 2026-11-22 */
void qf_month_write(qf_buf *b, int32_t month); /* 2026-11 */
/* "2025-01..2025-11" | "2025" | "2025-03" -> inclusive month indexes. Errors: QF_SYNTAX, QF_RANGE. */
QF_MUST qf_rc qf_period_parse(const char *s, int32_t *from, int32_t *to, qf_err *err);

/* The clock is a port: passed in, so that tests and replays decide the time. */
typedef struct qf_clock {
  qf_us (*now)(void *ud);
  void *ud;
} qf_clock;
#endif
