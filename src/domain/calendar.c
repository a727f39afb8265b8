#include "domain/calendar.h"
#include "base/buf.h"
#include "base/tm.h"
#include <stdlib.h>
#include <string.h>

#define STEPS_MAX 100000
#define ROWS_MAX 100000

typedef enum kind { HOLIDAY = 0, WORKDAY, SPRING } kind;
typedef struct row {
  int32_t day;
  uint32_t kind;
} row;

struct qf_calendar {
  size_t n;
  uint32_t stamp;
  row row[]; /* by day */
};

static int by_day(const void *a, const void *b)
{
  int32_t x = ((const row *)a)->day, y = ((const row *)b)->day;
  return x < y ? -1 : x > y;
}

/* Two to four digits; -1 for anything else. */
static int digits(const char *s, size_t n)
{
  int v = 0;
  for (size_t i = 0; i < n; i++) {
    if (s[i] < '0' || s[i] > '9')
      return -1;
    v = v * 10 + (s[i] - '0');
  }
  return v;
}

static bool parse_date(const char *s, size_t n, int32_t *day)
{
  int y, m, d, y2, m2, d2;
  if (n != 10 || s[4] != '-' || s[7] != '-')
    return false;
  y = digits(s, 4);
  m = digits(s + 5, 2);
  d = digits(s + 8, 2);
  if (y < 1 || m < 1 || m > 12 || d < 1 || d > 31)
    return false;
  *day = qf_days_from_civil(y, m, d);
  qf_civil_from_days(*day, &y2, &m2, &d2);
  return y2 == y && m2 == m && d2 == d;
}

static bool is_word(const char *s, size_t n, const char *word)
{
  return n == strlen(word) && memcmp(s, word, n) == 0;
}

/* One line without its end: date, kind and whatever follows. */
static qf_rc parse_line(const char *s, size_t n, unsigned line, row *out, qf_err *err)
{
  static const char *const kinds[] = {"holiday", "workday", "spring_festival"};
  const char *comma = memchr(s, ',', n);
  size_t date = comma ? (size_t)(comma - s) : n;
  if (!parse_date(s, date, &out->day))
    return qf_fail(err, QF_SYNTAX, "calendar line %u: \"%.*s\" is not a date as 2026-02-17",
                   "日历第 %u 行：“%.*s” 不是 2026-02-17 形式的日期", line, (int)(date < 40 ? date : 40), s);
  const char *k = comma ? comma + 1 : s + n;
  size_t left = (size_t)(s + n - k);
  const char *end = memchr(k, ',', left);
  size_t len = end ? (size_t)(end - k) : left;
  for (uint32_t i = 0; i < 3; i++) {
    out->kind = i;
    if (is_word(k, len, kinds[i]))
      return QF_OK;
  }
  return qf_fail(err, QF_SYNTAX, "calendar line %u: \"%.*s\" is not holiday, workday or spring_festival",
                 "日历第 %u 行：“%.*s” 不是 holiday、workday 或 spring_festival", line, (int)(len < 40 ? len : 40), k);
}

static qf_rc parse_all(const char *csv, size_t n, qf_calendar *c, qf_err *err)
{
  const char *end = csv + n;
  unsigned line = 0;
  for (const char *s = csv; s < end;) {
    const char *eol = memchr(s, '\n', (size_t)(end - s));
    const char *next = eol ? eol + 1 : end;
    size_t len = (size_t)((eol ? eol : end) - s);
    len -= len && s[len - 1] == '\r';
    line++;
    if (line == 1 && !(len >= 9 && memcmp(s, "date,kind", 9) == 0 && (len == 9 || s[9] == ',')))
      return qf_fail(err, QF_SYNTAX, "calendar line 1: the columns must begin with date,kind",
                     "日历第 1 行：列名须以 date,kind 开头");
    if (line > 1 && len) {
      qf_rc rc = parse_line(s, len, line, &c->row[c->n], err);
      if (rc)
        return rc;
      c->n++;
    }
    s = next;
  }
  return line ? QF_OK
              : qf_fail(err, QF_SYNTAX, "calendar: empty, without even its columns", "日历：内容为空，连列名也没有");
}

static qf_rc sort_rows(qf_calendar *c, qf_err *err)
{
  qsort(c->row, c->n, sizeof *c->row, by_day);
  for (size_t i = 1; i < c->n; i++) {
    int y, m, d;
    qf_civil_from_days(c->row[i].day, &y, &m, &d);
    if (c->row[i].day == c->row[i - 1].day)
      return qf_fail(err, QF_EXISTS, "calendar: %04d-%02d-%02d is there twice", "日历：%04d-%02d-%02d 出现两次", y, m,
                     d);
  }
  c->stamp = qf_crc32c(0, c->row, c->n * sizeof *c->row);
  return QF_OK;
}

qf_rc qf_calendar_parse(const char *csv, size_t n, qf_calendar **out, qf_err *err)
{
  size_t lines = 1;
  *out = NULL;
  for (size_t i = 0; i < n; i++)
    lines += csv[i] == '\n';
  qf_calendar *c = lines > ROWS_MAX ? NULL : calloc(1, sizeof *c + lines * sizeof *c->row);
  if (!c)
    return qf_fail(err, QF_NOMEM, "calendar of %zu lines: too large", "日历 %zu 行：过大", lines);
  qf_rc rc = parse_all(csv, n, c, err);
  if (!rc)
    rc = sort_rows(c, err);
  if (rc) {
    free(c);
    return rc;
  }
  *out = c;
  return QF_OK;
}

void qf_calendar_free(qf_calendar *c)
{
  free(c);
}

/* First row not before day. */
static size_t row_at(const qf_calendar *c, int32_t day)
{
  size_t lo = 0, hi = c->n;
  while (lo < hi) {
    size_t mid = (lo + hi) / 2;
    if (c->row[mid].day < day)
      lo = mid + 1;
    else
      hi = mid;
  }
  return lo;
}

qf_day_class qf_calendar_class(const qf_calendar *c, int32_t day)
{
  int wd = qf_weekday(day);
  qf_day_class plain = wd < 5 ? QF_DAY_WEEKDAY : wd == 5 ? QF_DAY_SATURDAY : QF_DAY_SUNDAY;
  size_t i = c ? row_at(c, day) : 0;
  if (!c || i == c->n || c->row[i].day != day)
    return plain;
  return c->row[i].kind == WORKDAY ? QF_DAY_WEEKDAY : c->row[i].kind == SPRING ? QF_DAY_SPRING_FESTIVAL : QF_DAY_SUNDAY;
}

bool qf_calendar_is_working(const qf_calendar *c, int32_t day)
{
  return qf_calendar_class(c, day) == QF_DAY_WEEKDAY;
}

bool qf_calendar_covers(const qf_calendar *c, int32_t day)
{
  int y, m, d;
  qf_civil_from_days(day, &y, &m, &d);
  if (!c)
    return false;
  size_t i = row_at(c, qf_days_from_civil(y, 1, 1));
  return i < c->n && c->row[i].day < qf_days_from_civil(y + 1, 1, 1);
}

int32_t qf_calendar_roll_forward(const qf_calendar *c, int32_t day)
{
  while (!qf_calendar_is_working(c, day))
    day++;
  return day;
}

int32_t qf_calendar_add_working_days(const qf_calendar *c, int32_t day, int32_t n)
{
  int step = n < 0 ? -1 : 1;
  int32_t left = n < -STEPS_MAX || n > STEPS_MAX ? STEPS_MAX : n < 0 ? -n : n;
  if (n == 0)
    return qf_calendar_roll_forward(c, day);
  while (left) {
    day += step;
    left -= qf_calendar_is_working(c, day);
  }
  return day;
}

int32_t qf_calendar_working_days_between(const qf_calendar *c, int32_t from, int32_t to)
{
  int32_t lo = from < to ? from : to, hi = from < to ? to : from, n = (hi - lo) / 7 * 5;
  for (int32_t d = lo + (hi - lo) / 7 * 7 + 1; d <= hi; d++) /* the week not whole; then what the calendar moves */
    n += qf_weekday(d) < 5;
  for (size_t i = c ? row_at(c, lo + 1) : 0; c && i < c->n && c->row[i].day <= hi; i++)
    n += (c->row[i].kind == WORKDAY) - (qf_weekday(c->row[i].day) < 5);
  return from <= to ? n : -n;
}

uint32_t qf_calendar_stamp(const qf_calendar *c)
{
  return c ? c->stamp : 0;
}
