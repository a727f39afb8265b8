/* The calendar against what does not depend on it: the notices of the State Council, and the law that working days of a
 * year are its days less Saturdays and Sundays less the statutory holidays (11 until 2024, 13 from 2025), because every
 * further day off is paid for with a worked Saturday or Sunday. */
#include "base/tm.h"
#include "domain/calendar.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static qf_calendar *parse(const char *csv)
{
  qf_calendar *c;
  qf_err err = {0};
  if (qf_calendar_parse(csv, strlen(csv), &c, &err))
    fail_msg("%s", err.en);
  return c;
}

static int32_t d(int y, int m, int day)
{
  return qf_days_from_civil(y, m, day);
}

static int load(void **state)
{
  static char text[1 << 16];
  FILE *f = fopen("packs/city/data/calendar.csv", "rb");
  assert_non_null(f);
  size_t n = fread(text, 1, sizeof text - 1, f);
  fclose(f);
  assert_true(n > 0 && n < sizeof text - 1);
  text[n] = 0;
  *state = parse(text);
  return 0;
}

static int unload(void **state)
{
  qf_calendar_free(*state);
  return 0;
}

static void without_rows_the_plain_week(void **state)
{
  (void)state;
  qf_calendar *c = parse("date,kind,name\n");
  int32_t monday = d(2026, 3, 2);
  const qf_calendar *both[] = {NULL, c};
  for (int i = 0; i < 2; i++) {
    for (int k = 0; k < 5; k++)
      assert_int_equal(qf_calendar_class(both[i], monday + k), QF_DAY_WEEKDAY);
    assert_int_equal(qf_calendar_class(both[i], monday + 5), QF_DAY_SATURDAY);
    assert_int_equal(qf_calendar_class(both[i], monday + 6), QF_DAY_SUNDAY);
    assert_false(qf_calendar_covers(both[i], monday));
    assert_int_equal(qf_calendar_stamp(NULL), 0);
  }
  qf_calendar_free(c);
}

static void years_have_their_lawful_working_days(void **state)
{
  static const struct {
    int year, statutory;
  } years[] = {{2024, 11}, {2025, 13}, {2026, 13}};
  for (size_t i = 0; i < 3; i++) {
    int want = 0, y = years[i].year;
    for (int32_t k = d(y, 1, 1); k < d(y + 1, 1, 1); k++) {
      want += qf_weekday(k) < 5;
      assert_true(qf_calendar_covers(*state, k));
    }
    want -= years[i].statutory;
    assert_int_equal(qf_calendar_working_days_between(*state, d(y, 1, 1) - 1, d(y, 12, 31)), want);
  }
  assert_false(qf_calendar_covers(*state, d(2027, 1, 1)));
  assert_false(qf_calendar_covers(*state, d(2023, 12, 31)));
}

static void notices(void **state)
{
  /* 2026, Guoban Fa Ming Dian [2025] 7: Spring Festival 15-23 February, worked 14 and 28 February */
  assert_int_equal(qf_calendar_class(*state, d(2026, 2, 14)), QF_DAY_WEEKDAY);
  for (int k = 15; k <= 23; k++)
    assert_int_equal(qf_calendar_class(*state, d(2026, 2, k)), QF_DAY_SPRING_FESTIVAL);
  assert_int_equal(qf_calendar_class(*state, d(2026, 2, 24)), QF_DAY_WEEKDAY);
  assert_int_equal(qf_calendar_class(*state, d(2026, 2, 28)), QF_DAY_WEEKDAY);
  assert_int_equal(qf_calendar_class(*state, d(2026, 3, 1)), QF_DAY_SUNDAY);
  assert_int_equal(qf_calendar_class(*state, d(2026, 10, 1)), QF_DAY_SUNDAY); /* a Thursday */
  assert_int_equal(qf_calendar_class(*state, d(2026, 9, 20)), QF_DAY_WEEKDAY);
  assert_int_equal(qf_calendar_class(*state, d(2026, 11, 21)), QF_DAY_SATURDAY);
  /* 2025: eight days from New Year's Eve, 28 January; 2024: from 10 February */
  assert_int_equal(qf_calendar_class(*state, d(2025, 1, 27)), QF_DAY_WEEKDAY);
  assert_int_equal(qf_calendar_class(*state, d(2025, 1, 28)), QF_DAY_SPRING_FESTIVAL);
  assert_int_equal(qf_calendar_class(*state, d(2025, 2, 4)), QF_DAY_SPRING_FESTIVAL);
  assert_int_equal(qf_calendar_class(*state, d(2025, 2, 5)), QF_DAY_WEEKDAY);
  assert_int_equal(qf_calendar_class(*state, d(2024, 2, 9)), QF_DAY_WEEKDAY);
  assert_int_equal(qf_calendar_class(*state, d(2024, 2, 17)), QF_DAY_SPRING_FESTIVAL);
}

static void working_days_are_counted(void **state)
{
  const qf_calendar *c = *state;
  /* Wednesday 30 September 2026 + 1: 1-7 October are off, Thursday 8; + 3: Friday 9 and Saturday 10, which is worked */
  assert_int_equal(qf_calendar_add_working_days(c, d(2026, 9, 30), 1), d(2026, 10, 8));
  assert_int_equal(qf_calendar_add_working_days(c, d(2026, 9, 30), 3), d(2026, 10, 10));
  assert_int_equal(qf_calendar_add_working_days(c, d(2026, 9, 30), 4), d(2026, 10, 12));
  assert_int_equal(qf_calendar_add_working_days(c, d(2026, 10, 8), -1), d(2026, 9, 30));
  assert_int_equal(qf_calendar_add_working_days(c, d(2026, 10, 3), 0), d(2026, 10, 8));
  assert_int_equal(qf_calendar_add_working_days(c, d(2026, 10, 8), 0), d(2026, 10, 8));
  assert_int_equal(qf_calendar_roll_forward(c, d(2026, 2, 15)), d(2026, 2, 24));
  assert_int_equal(qf_calendar_add_working_days(NULL, d(2026, 9, 30), 1), d(2026, 10, 1));
  for (int32_t n = -300; n <= 300; n++) {                                        /* the two undo each other */
    int32_t from = d(2025, 6, 2), to = qf_calendar_add_working_days(c, from, n); /* a holiday itself */
    if (n) {
      assert_true(qf_calendar_is_working(c, to));
      assert_int_equal(qf_calendar_working_days_between(c, from, to), n > 0 ? n : n + 1);
    }
  }
}

static void bad_text_is_named(void **state)
{
  (void)state;
  static const struct {
    const char *csv;
    qf_rc rc;
    const char *says;
  } bad[] = {{"", QF_SYNTAX, "empty"},
             {"day,kind\n", QF_SYNTAX, "line 1"},
             {"date,kindness\n", QF_SYNTAX, "line 1"},
             {"date,kind,name\n2026-02-30,holiday,x\n", QF_SYNTAX, "line 2"},
             {"date,kind,name\n2026-02-03,Holiday,x\n", QF_SYNTAX, "\"Holiday\""},
             {"date,kind,name\n2026-02-03\n", QF_SYNTAX, "line 2"},
             {"date,kind,name\n2026-02-0a,holiday\n", QF_SYNTAX, "line 2"},
             {"date,kind,name\n2026-02-03,holiday,x\n\n2026-02-03,workday,y\n", QF_EXISTS, "2026-02-03"}};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    qf_calendar *c = (qf_calendar *)state;
    qf_err err = {0};
    assert_int_equal(qf_calendar_parse(bad[i].csv, strlen(bad[i].csv), &c, &err), bad[i].rc);
    assert_null(c);
    if (!strstr(err.en, bad[i].says))
      fail_msg("%s", err.en);
  }
  qf_calendar *c = parse("date,kind\r\n2026-02-03,holiday\r\n\r\n2026-01-31,workday\r\n"), *e = parse("date,kind\n");
  assert_int_equal(qf_calendar_class(c, d(2026, 2, 3)), QF_DAY_SUNDAY);
  assert_int_equal(qf_calendar_class(c, d(2026, 1, 31)), QF_DAY_WEEKDAY);
  assert_int_not_equal(qf_calendar_stamp(c), qf_calendar_stamp(e));
  qf_calendar_free(c);
  qf_calendar_free(e);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(without_rows_the_plain_week),
                                     cmocka_unit_test(years_have_their_lawful_working_days), cmocka_unit_test(notices),
                                     cmocka_unit_test(working_days_are_counted), cmocka_unit_test(bad_text_is_named)};
  return cmocka_run_group_tests(tests, load, unload);
}
