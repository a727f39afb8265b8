/* Users, grants and the security log in a city on disk. */
#include "base/test_dir.h"
#include "rights/people.h"
#include "rights/seclog.h"
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char dir[64];
static qf_city *city;
static qf_people *people;
static qf_us now_us = INT64_C(1795000000) * QF_US_SECOND; /* 2026-11-18 in Beijing */

static qf_us clock_now(void *ud)
{
  (void)ud;
  return now_us;
}

static void open_city(void)
{
  qf_err err = {0};
  qf_city_opts o = {.clock = {.now = clock_now}, .packs_dir = "test/packs"};
  if (qf_city_open(dir, &o, &city, &err) || qf_people_new(city, &people, &err))
    fail_msg("%s", err.en);
}

static int start(void **state)
{
  (void)state;
  assert_non_null(qf_test_dir(dir, sizeof dir, "people"));
  open_city();
  qf_err err = {0};
  json_t *units = json_loads("[{\"type\":\"subject\",\"id\":\"u001\",\"status\":\"accepted\",\"by\":\"test\",\"data\":{"
                             "\"parent\":\"210804\",\"kind\":\"unit\",\"name_zh\":\"甲\",\"name_en\":\"A\"}}]",
                             0, NULL);
  assert_int_equal(qf_city_records(city, units, NULL, &err), QF_OK);
  json_decref(units);
  return 0;
}

static int drop(const char *path, const struct stat *st, int flag, struct FTW *at)
{
  (void)st;
  (void)flag;
  (void)at;
  return remove(path);
}

static int stop(void **state)
{
  (void)state;
  qf_people_free(people);
  qf_city_close(city);
  return nftw(dir, drop, 16, FTW_DEPTH | FTW_PHYS);
}

static qf_rc user(const char *id)
{
  qf_user u = {.state = QF_USER_ACTIVE};
  snprintf(u.id, sizeof u.id, "%s", id);
  snprintf(u.name, sizeof u.name, "某%s", id);
  return qf_people_put(people, &u, true, "test", NULL);
}

static qf_rc propose(qf_granted *g, const char *holder, qf_role role, const char *org, bool first, const char *by)
{
  *g = (qf_granted){.grant = {.role = role}};
  snprintf(g->holder, sizeof g->holder, "%s", holder);
  snprintf(g->grant.org, sizeof g->grant.org, "%s", org);
  return qf_people_propose(people, g, first, by, NULL);
}

static void two_people_for_a_grant(void **state)
{
  (void)state;
  static const char *const ids[] = {"sys", "sec", "sec2", "aud", "fil", "off"};
  qf_granted g, first;
  qf_actor a;
  for (size_t i = 0; i < 6; i++)
    assert_int_equal(user(ids[i]), QF_OK);
  assert_int_equal(user("sys"), QF_EXISTS);
  assert_int_equal(user("Sys"), QF_RANGE);
  /* the owner makes the first of each; never a second, never after there is a security administrator */
  assert_int_equal(propose(&g, "sys", QF_ROLE_SYSTEM_ADMIN, "", true, "setup"), QF_OK);
  assert_int_equal(g.state, QF_GRANT_APPROVED);
  assert_int_equal(propose(&g, "off", QF_ROLE_SYSTEM_ADMIN, "", true, "setup"), QF_OK);
  assert_int_equal(g.state, QF_GRANT_PROPOSED);
  assert_int_equal(qf_people_decide(people, g.id, QF_GRANT_REFUSED, "sec", NULL), QF_OK);
  assert_int_equal(propose(&g, "fil", QF_ROLE_FILER, "u001", true, "setup"), QF_OK);
  assert_int_equal(g.state, QF_GRANT_PROPOSED); /* only administrators */
  assert_int_equal(qf_people_decide(people, g.id, QF_GRANT_REFUSED, "sec", NULL), QF_OK);
  assert_int_equal(propose(&first, "sec", QF_ROLE_SECURITY_ADMIN, "", true, "setup"), QF_OK);
  assert_int_equal(first.state, QF_GRANT_APPROVED);
  assert_int_equal(propose(&g, "aud", QF_ROLE_AUDIT_ADMIN, "", true, "setup"), QF_OK);
  assert_int_equal(g.state, QF_GRANT_PROPOSED);
  /* who proposed does not approve, nor who holds it */
  assert_int_equal(qf_people_decide(people, g.id, QF_GRANT_APPROVED, "setup", NULL), QF_DENIED);
  assert_int_equal(qf_people_decide(people, g.id, QF_GRANT_APPROVED, "aud", NULL), QF_DENIED);
  assert_true(qf_people_actor(people, "aud", &a) && a.ngrants == 0); /* does not count yet */
  assert_int_equal(qf_people_decide(people, g.id, QF_GRANT_APPROVED, "sec", NULL), QF_OK);
  assert_true(qf_people_actor(people, "aud", &a) && a.ngrants == 1);
  assert_int_equal(qf_people_decide(people, g.id, QF_GRANT_APPROVED, "sec", NULL), QF_STATE);
  assert_int_equal(qf_people_decide(people, "none", QF_GRANT_APPROVED, "sec", NULL), QF_NOTFOUND);
  /* nobody holds two, and the last one stays */
  assert_int_equal(propose(&g, "aud", QF_ROLE_SECURITY_ADMIN, "", false, "sys"), QF_DENIED);
  assert_int_equal(propose(&g, "aud", QF_ROLE_OFFICER, "", false, "sys"), QF_DENIED);
  assert_int_equal(qf_people_decide(people, first.id, QF_GRANT_REVOKED, "sec", NULL), QF_DENIED);
  assert_int_equal(qf_people_decide(people, first.id, QF_GRANT_REVOKED, "sys", NULL), QF_DENIED); /* the last */
  assert_int_equal(propose(&g, "sec2", QF_ROLE_SECURITY_ADMIN, "", false, "sys"), QF_OK);
  assert_int_equal(qf_people_decide(people, g.id, QF_GRANT_APPROVED, "sec", NULL), QF_OK);
  assert_int_equal(qf_people_decide(people, first.id, QF_GRANT_REVOKED, "sec2", NULL), QF_OK);
  assert_true(qf_people_ever(people, QF_ROLE_SECURITY_ADMIN)); /* no new beginning by revoking */
}

static void conflicts_between_two_proposals(void **state)
{
  (void)state;
  qf_granted a, b;
  assert_int_equal(propose(&a, "off", QF_ROLE_OFFICER, "", false, "sys"), QF_OK);
  assert_int_equal(propose(&b, "off", QF_ROLE_FILER, "u001", false, "sys"), QF_DENIED); /* already while proposed */
  assert_int_equal(propose(&b, "off", QF_ROLE_OFFICER, "", false, "sys"), QF_EXISTS);
  assert_int_equal(propose(&b, "fil", QF_ROLE_FILER, "", false, "sys"), QF_RANGE);
  assert_int_equal(propose(&b, "fil", QF_ROLE_FILER, "u999", false, "sys"), QF_NOTFOUND);
  assert_int_equal(propose(&b, "nobody-here", QF_ROLE_FILER, "u001", false, "sys"), QF_NOTFOUND);
  assert_int_equal(propose(&b, "fil", QF_ROLE_SERVICE, "", false, "sys"), QF_RANGE);
}

static void days_of_a_grant(void **state)
{
  (void)state;
  qf_granted g = {.grant = {.role = QF_ROLE_FILER, .org = "u001"}, .holder = "fil"};
  qf_actor a;
  snprintf(g.valid_from, sizeof g.valid_from, "2026-11-20");
  snprintf(g.valid_to, sizeof g.valid_to, "2026-11-21");
  assert_int_equal(qf_people_propose(people, &g, false, "sys", NULL), QF_OK);
  assert_int_equal(qf_people_decide(people, g.id, QF_GRANT_APPROVED, "sec2", NULL), QF_OK);
  qf_us at = now_us;
  static const struct {
    const char *t;
    unsigned n;
  } days[] = {{"2026-11-19T23:59:59+08:00", 0},
              {"2026-11-20T00:00:00+08:00", 1},
              {"2026-11-21T23:59:59+08:00", 1},
              {"2026-11-22T00:00:00+08:00", 0}};
  for (size_t i = 0; i < 4; i++) {
    assert_int_equal(qf_tm_parse(days[i].t, strlen(days[i].t), &now_us), QF_OK);
    assert_true(qf_people_actor(people, "fil", &a));
    assert_int_equal(a.ngrants, days[i].n);
  }
  now_us = at;
}

static void all_is_there_after_a_restart(void **state)
{
  (void)state;
  qf_user u;
  qf_granted g;
  assert_true(qf_people_user(people, "fil", &u));
  u.state = QF_USER_DISABLED;
  snprintf(u.recovery, sizeof u.recovery, "%064d", 7);
  assert_int_equal(qf_people_put(people, &u, false, "sys", NULL), QF_OK);
  qf_people_free(people);
  qf_city_close(city);
  open_city();
  assert_true(qf_people_user(people, "fil", &u));
  assert_int_equal(u.state, QF_USER_DISABLED);
  assert_int_equal(strlen(u.recovery), 64);
  qf_actor a;
  assert_false(qf_people_actor(people, "fil", &a)); /* disabled: no rights at all */
  assert_true(qf_people_actor(people, "sec2", &a) && a.ngrants == 1);
  assert_true(qf_people_actor(people, "sec", &a) && a.ngrants == 0);
  assert_true(qf_people_admin(people, "sys"));
  assert_false(qf_people_admin(people, "sec"));
  assert_false(qf_people_grant(people, "x", &g));
}

static bool take(void *ud, const qf_cell *c, size_t n)
{
  int64_t *sum = ud;
  sum[0] += n == 2 ? c[0].i : 0;
  sum[1] += n == 2 && c[1].kind == 1 ? c[1].i : 0;
  return true;
}

static void a_full_log_is_told_and_counted(void **state)
{
  (void)state;
  qf_seclog *l;
  qf_err err = {0};
  char object[30];
  int64_t put = 0, sum[2] = {0};
  assert_int_equal(qf_seclog_new(city, &l, &err), QF_OK);
  assert_true(qf_seclog_room(l));
  bool ok = true;
  for (; ok && put < 1000000; put++) { /* faster than any disk */
    snprintf(object, sizeof object, "%lld", (long long)put);
    ok = qf_seclog_put(l, &(qf_sec){"x", "10.0.0.1", "test", object, "ok"});
  }
  assert_false(ok);
  for (int i = 0; i < 5; i++)
    (void)qf_seclog_put(l, &(qf_sec){"x", "10.0.0.1", "test", "0", "ok"});
  assert_int_equal(qf_seclog_flush(l, &err), QF_OK);
  assert_true(qf_seclog_room(l));
  assert_true(qf_seclog_put(l, &(qf_sec){NULL, NULL, "test", "same", NULL}));
  assert_true(qf_seclog_put(l, &(qf_sec){NULL, NULL, "test", "same", NULL})); /* one entry, counted twice */
  qf_seclog_free(l);
  assert_int_equal(qf_city_settle(city, &err), QF_OK);
  assert_int_equal(qf_book_query(qf_city_book(city),
                                 "SELECT CASE WHEN json_extract_string(x, '$.what') = 'test' THEN 1 ELSE 0 END, "
                                 "CAST(json_extract_string(x, '$.n') AS BIGINT) FROM (SELECT unnest(json_extract(body, "
                                 "'$.items[*]')) AS x FROM event WHERE kind = 'security')",
                                 NULL, 0, take, sum, &err),
                   QF_OK);
  assert_int_equal(sum[1], put + 5 + 2); /* every one is there: by itself, in a count, or among the lost */
  assert_true(sum[0] < put + 5 + 2);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(two_people_for_a_grant),
                                     cmocka_unit_test(conflicts_between_two_proposals),
                                     cmocka_unit_test(days_of_a_grant), cmocka_unit_test(all_is_there_after_a_restart),
                                     cmocka_unit_test(a_full_log_is_told_and_counted)};
  return cmocka_run_group_tests(tests, start, stop);
}
