/* Cards on a known calendar, and the counting of a campaign: expected values are worked out by hand beside each case. */
#include "base/tm.h"
#include "work/campaign.h"
#include "work/due.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* 2026-10-01..07 National Day; Saturday 10-10 and Sunday 09-27 are worked (an invented notice). */
static const char notice[] = "date,kind,name\n2026-10-01,holiday,x\n2026-10-02,holiday,x\n2026-10-05,holiday,x\n"
                             "2026-10-06,holiday,x\n2026-10-07,holiday,x\n2026-10-10,workday,x\n2026-09-27,workday,x\n";

static int32_t day(int m, int d)
{
  return qf_days_from_civil(2026, m, d);
}

static void cards(void **state)
{
  qf_calendar *c = NULL;
  (void)state;
  assert_int_equal(qf_calendar_parse(notice, sizeof notice - 1, &c, NULL), QF_OK);
  const struct {
    int m, d, left;
    qf_card card;
  } t[] = {/* due Saturday 2026-10-10, worked: 8 Thursday, 9 Friday, 10 Saturday are working days */
           {9, 30, 3, QF_CARD_NONE},   /* 8, 9, 10 are left */
           {10, 7, 3, QF_CARD_NONE},   /* a holiday: the same three */
           {10, 8, 2, QF_CARD_YELLOW}, /* 9 and 10 */
           {10, 9, 1, QF_CARD_YELLOW}, {10, 10, 0, QF_CARD_YELLOW},
           {10, 11, 0, QF_CARD_RED},   /* Sunday after: no working day has gone, yet it is over */
           {10, 13, -2, QF_CARD_RED}}; /* Monday 12 and Tuesday 13 */
  for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
    assert_int_equal(qf_due_left(c, day(10, 10), day(t[i].m, t[i].d)), t[i].left);
    assert_int_equal(qf_due_card(c, day(10, 10), day(t[i].m, t[i].d)), t[i].card);
  }
  /* the plain week: Saturday 10 and Sunday 11 are free; from Thursday 8 only Friday 9 is left before the 10th */
  assert_int_equal(qf_due_left(NULL, day(10, 10), day(10, 8)), 1);
  assert_string_equal(qf_card_name(QF_CARD_RED), "red");
  qf_calendar_free(c);
}

static void counting(void **state)
{
  (void)state;
  const qf_owed units[] = {
      {.state = "", .revision = 0},                     /* never begun */
      {.state = "draft", .revision = 1},                /* begun, not filed */
      {.state = "withdrawn", .revision = 1},            /* taken back: not filed */
      {.state = "submitted", .revision = 1},            /* filed, on time */
      {.state = "submitted", .revision = 1, .late = 1}, /* filed late */
      {.state = "returned", .revision = 1},             /* filed, sent back */
      {.state = "accepted", .revision = 1},             /* */
      {.state = "draft", .revision = 2},                /* a correction under way: the accepted one counts until then */
      {.state = "returned", .revision = 2},             /* a correction sent back: likewise */
  };
  qf_campaign_sum after = {.due = 100}, before = {.due = 100}, never = {.due = 0};
  for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
    qf_campaign_count(&after, &units[i], 101);
    qf_campaign_count(&before, &units[i], 100); /* the due day itself is not over */
    qf_campaign_count(&never, &units[i], 101);
  }
  assert_int_equal(after.owed, 9);
  assert_int_equal(after.filed, 6);    /* two submitted, returned, accepted, two of revision 2 */
  assert_int_equal(after.on_time, 5);  /* but the late one */
  assert_int_equal(after.accepted, 3); /* accepted, and the two whose revision 1 was */
  assert_int_equal(after.returned, 2);
  assert_int_equal(after.overdue, 4); /* the three not filed, and the first return */
  assert_int_equal(before.overdue, 0);
  assert_int_equal(never.overdue, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(cards), cmocka_unit_test(counting)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
