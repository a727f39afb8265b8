#include "base/tm.h"
#include <string.h>

/* Days from civil and back: proleptic Gregorian, eras of 400 years beginning on 1 March (so that the leap day is last).
 */
int32_t qf_days_from_civil(int y, int m, int d)
{
  y -= m <= 2;
  int era = (y >= 0 ? y : y - 399) / 400;
  int yoe = y - era * 400;
  int doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
  int doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
  return era * 146097 + doe - 719468;
}

void qf_civil_from_days(int32_t days, int *y, int *m, int *d)
{
  int z = days + 719468;
  int era = (z >= 0 ? z : z - 146096) / 146097;
  int doe = z - era * 146097;
  int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  int doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  int mp = (5 * doy + 2) / 153;
  *d = doy - (153 * mp + 2) / 5 + 1;
  *m = mp + (mp < 10 ? 3 : -9);
  *y = yoe + era * 400 + (*m <= 2);
}

qf_us qf_floor(qf_us t, qf_us step)
{
  qf_us r = t % step;
  return t - (r < 0 ? r + step : r);
}

qf_civil qf_civil_at(qf_us t, qf_us offset)
{
  qf_us local = t + offset, day = qf_floor(local, QF_US_DAY), rest = local - day;
  qf_civil c = {0};
  qf_civil_from_days((int32_t)(day / QF_US_DAY), &c.year, &c.month, &c.day);
  c.hour = (int)(rest / QF_US_HOUR);
  c.minute = (int)(rest / QF_US_MINUTE % 60);
  c.second = (int)(rest / QF_US_SECOND % 60);
  c.us = (int)(rest % QF_US_SECOND);
  return c;
}

static int days_in_month(int y, int m)
{
  static const int n[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return m == 2 && ((y % 4 == 0 && y % 100 != 0) || y % 400 == 0) ? 29 : n[m - 1];
}

qf_rc qf_civil_to_us(const qf_civil *c, qf_us offset, qf_us *out)
{
  if (c->year < 1 || c->year > 9999 || c->month < 1 || c->month > 12 || c->day < 1 ||
      c->day > days_in_month(c->year, c->month) || c->hour < 0 || c->hour > 23 || c->minute < 0 || c->minute > 59 ||
      c->second < 0 || c->second > 59 || c->us < 0 || c->us > 999999)
    return QF_RANGE;
  *out = qf_days_from_civil(c->year, c->month, c->day) * QF_US_DAY + c->hour * QF_US_HOUR + c->minute * QF_US_MINUTE +
         c->second * QF_US_SECOND + c->us - offset;
  return QF_OK;
}

int32_t qf_day_cn(qf_us t)
{
  return (int32_t)(qf_floor(t + QF_CN_OFFSET, QF_US_DAY) / QF_US_DAY);
}
qf_us qf_day_cn_start(int32_t day)
{
  return day * QF_US_DAY - QF_CN_OFFSET;
}

int qf_weekday(int32_t day)
{
  int r = (day + 3) % 7; /* 1970-01-01 was a Thursday */
  return r < 0 ? r + 7 : r;
}

int32_t qf_month_of_day(int32_t day)
{
  int y, m, d;
  qf_civil_from_days(day, &y, &m, &d);
  return y * 12 + m - 1;
}

int32_t qf_month_first_day(int32_t month)
{
  return qf_days_from_civil(month / 12, month % 12 + 1, 1);
}

/* Exactly n digits at *s; false when there are not. */
static bool digits(const char **s, const char *end, int n, int *out)
{
  int v = 0;
  for (int i = 0; i < n; i++) {
    if (*s >= end || **s < '0' || **s > '9')
      return false;
    v = v * 10 + (*(*s)++ - '0');
  }
  *out = v;
  return true;
}

static bool lit(const char **s, const char *end, char c)
{
  if (*s >= end || **s != c)
    return false;
  (*s)++;
  return true;
}

static bool parse_offset(const char **s, const char *end, qf_us *offset)
{
  if (*s == end) {
    *offset = QF_CN_OFFSET;
    return true;
  }
  if (lit(s, end, 'Z') || lit(s, end, 'z')) {
    *offset = 0;
    return *s == end;
  }
  int h, m, sign = **s == '-' ? -1 : 1;
  if (!lit(s, end, '+') && !lit(s, end, '-'))
    return false;
  if (!digits(s, end, 2, &h) || !lit(s, end, ':') || !digits(s, end, 2, &m) || h > 14 || m > 59)
    return false;
  *offset = sign * (h * QF_US_HOUR + m * QF_US_MINUTE);
  return *s == end;
}

static bool parse_fraction(const char **s, const char *end, int *us)
{
  int n = 0, v = 0;
  for (; *s < end && **s >= '0' && **s <= '9'; (*s)++, n++)
    if (n < 6)
      v = v * 10 + (**s - '0');
  for (int i = n; i < 6; i++)
    v *= 10;
  *us = v;
  return n > 0;
}

qf_rc qf_tm_parse(const char *s, size_t n, qf_us *out)
{
  const char *end = s + n;
  qf_civil c = {0};
  qf_us offset = QF_CN_OFFSET;
  if (!digits(&s, end, 4, &c.year) || !lit(&s, end, '-') || !digits(&s, end, 2, &c.month) || !lit(&s, end, '-') ||
      !digits(&s, end, 2, &c.day))
    return QF_SYNTAX;
  if (s < end) {
    if (!lit(&s, end, 'T') && !lit(&s, end, 't') && !lit(&s, end, ' '))
      return QF_SYNTAX;
    if (!digits(&s, end, 2, &c.hour) || !lit(&s, end, ':') || !digits(&s, end, 2, &c.minute))
      return QF_SYNTAX;
    if (lit(&s, end, ':')) {
      if (!digits(&s, end, 2, &c.second) || (lit(&s, end, '.') && !parse_fraction(&s, end, &c.us)))
        return QF_SYNTAX;
    }
    if (!parse_offset(&s, end, &offset))
      return QF_SYNTAX;
  }
  return qf_civil_to_us(&c, offset, out);
}

void qf_tm_write(qf_buf *b, qf_us t)
{
  qf_civil c = qf_civil_at(t, QF_CN_OFFSET);
  qf_buf_printf(b, "%04d-%02d-%02dT%02d:%02d:%02d", c.year, c.month, c.day, c.hour, c.minute, c.second);
  if (c.us)
    qf_buf_printf(b, ".%06d", c.us);
  qf_buf_puts(b, "+08:00");
}

void qf_day_write(qf_buf *b, int32_t day)
{
  int y, m, d;
  qf_civil_from_days(day, &y, &m, &d);
  qf_buf_printf(b, "%04d-%02d-%02d", y, m, d);
}

void qf_month_write(qf_buf *b, int32_t month)
{
  qf_buf_printf(b, "%04d-%02d", month / 12, month % 12 + 1);
}

static bool parse_month(const char **s, const char *end, int32_t *from, int32_t *to)
{
  int y, m;
  if (!digits(s, end, 4, &y) || y < 1900 || y > 2999)
    return false;
  if (!lit(s, end, '-')) {
    *from = y * 12;
    *to = y * 12 + 11;
    return true;
  }
  if (!digits(s, end, 2, &m) || m < 1 || m > 12)
    return false;
  *from = *to = y * 12 + m - 1;
  return true;
}

qf_rc qf_period_parse(const char *s, int32_t *from, int32_t *to, qf_err *err)
{
  const char *p = s, *end = s + strlen(s);
  int32_t a, b, c, d;
  if (parse_month(&p, end, &a, &b)) {
    if (p == end) {
      *from = a;
      *to = b;
      return QF_OK;
    }
    if (lit(&p, end, '.') && lit(&p, end, '.') && parse_month(&p, end, &c, &d) && p == end) {
      if (a > d)
        return qf_fail(err, QF_RANGE, "period %.40s: the beginning is after the end", "期间 %.40s：起始晚于结束", s);
      *from = a;
      *to = d;
      return QF_OK;
    }
  }
  return qf_fail(err, QF_SYNTAX, "period %.40s: expected YYYY, YYYY-MM or YYYY-MM..YYYY-MM",
                 "期间 %.40s：应为 YYYY、YYYY-MM 或 YYYY-MM..YYYY-MM", s);
}
