/* The table of docs/internals/filing.md, written down a second time as text and walked whole: every role x every action x
 * own organisation, same district, other district, other area, total. */
#include "rights/rights.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { WHERE = 6 };
/* whose: own = industry, district D1, unit U1 */
static const qf_object objects[WHERE] = {
    {"industry", "D1", "U1"}, /* 0 own */
    {"industry", "D1", "U2"}, /* 1 neighbour in the district */
    {"industry", "D2", "U3"}, /* 2 other district */
    {"building", "D1", "U1"}, /* 3 other area, own unit */
    {NULL, "D1", "U1"},       /* 4 a point of the own unit */
    {"industry", NULL, NULL}, /* 5 total of the city */
};

typedef struct row {
  const char *action;
  const char *may; /* one of y n per object */
} row;
typedef struct person {
  const char *name;
  qf_grant grant;
  bool strong;
  row rows[12]; /* what is not named is n everywhere */
} person;

static const person people[] = {
    {"leader", {QF_ROLE_LEADER, "", "", ""}, false, {{"view", "yyyyyy"}, {"delegate", "yyyyyy"}}},
    {"leader of D1", {QF_ROLE_LEADER, "", "D1", ""}, false, {{"view", "yynyyy"}, {"delegate", "yyyyyy"}}},
    {"officer",
     {QF_ROLE_OFFICER, "industry", "", ""},
     false,
     {{"view", "yyynyy"},
      {"file", "yyynyy"},
      {"comment", "yyynyy"},
      {"propose", "yyynyy"},
      {"alarm_ack", "yyynyy"},
      {"register", "yyynyy"},
      {"delegate", "yyyyyy"}}},
    {"officer of D1",
     {QF_ROLE_OFFICER, "industry", "D1", ""},
     false,
     {{"view", "yynnyy"},
      {"file", "yynnyn"},
      {"comment", "yynnyn"},
      {"propose", "yynnyn"},
      {"alarm_ack", "yynnyn"},
      {"register", "yynnyn"},
      {"delegate", "yyyyyy"}}},
    {"reviewer",
     {QF_ROLE_REVIEWER, "industry", "", ""},
     false,
     {{"view", "yyynyy"}, {"review", "yyynyy"}, {"comment", "yyynyy"}, {"decide", "yyynyy"}, {"delegate", "yyyyyy"}}},
    {"filer",
     {QF_ROLE_FILER, "", "", "U1"},
     false,
     {{"view", "ynnyyy"}, {"file", "ynnyyn"}, {"comment", "ynnyyn"}, {"alarm_ack", "ynnyyn"}, {"delegate", "yyyyyy"}}},
    {"filer of no unit", {QF_ROLE_FILER, "", "", ""}, false, {{"view", "nnnnny"}, {"delegate", "yyyyyy"}}},
    {"approver",
     {QF_ROLE_APPROVER, "industry", "", "U1"},
     false,
     {{"view", "ynnnyy"},
      {"org_approve", "ynnnyn"},
      {"comment", "ynnnyn"},
      {"alarm_ack", "ynnnyn"},
      {"delegate", "yyyyyy"}}},
    {"inspector",
     {QF_ROLE_INSPECTOR, "industry", "", ""},
     false,
     {{"view", "yyynyy"}, {"inspect", "yyynyy"}, {"comment", "yyynyy"}, {"delegate", "yyyyyy"}}},
    {"auditor", {QF_ROLE_AUDITOR, "industry", "", ""}, false, {{"view", "yyynyy"}, {"comment", "yyynyy"}}},
    {"citizen", {QF_ROLE_CITIZEN, "", "", ""}, false, {{"view", "nnnnny"}}},
    {"system",
     {QF_ROLE_SYSTEM_ADMIN, "", "", ""},
     true,
     {{"view", "nnnnyy"}, {"alarm_ack", "nnnnyn"}, {"register", "yyyyyy"}, {"users", "yyyyyy"}, {"tokens", "yyyyyy"}}},
    {"system without second factor",
     {QF_ROLE_SYSTEM_ADMIN, "", "", ""},
     false,
     {{"view", "nnnnyy"}, {"alarm_ack", "nnnnyn"}, {"register", "yyyyyy"}}},
    {"security", {QF_ROLE_SECURITY_ADMIN, "", "", ""}, true, {{"view", "nnnnny"}, {"grant", "yyyyyy"}}},
    {"audit", {QF_ROLE_AUDIT_ADMIN, "", "", ""}, true, {{"view", "nnnnny"}, {"audit", "yyyyyy"}}},
    {"audit without second factor", {QF_ROLE_AUDIT_ADMIN, "", "", ""}, false, {{"view", "nnnnny"}}},
    {"service", {QF_ROLE_SERVICE, "", "", ""}, true, {{"view", "nnnnny"}}},
};

static void whole_table(void **state)
{
  (void)state;
  unsigned asked = 0;
  for (size_t i = 0; i < sizeof people / sizeof *people; i++) {
    qf_actor a = {.id = "x", .ngrants = 1, .strong = people[i].strong};
    a.grant[0] = people[i].grant;
    for (int act = 0; act < QF_ACT_COUNT; act++) {
      const char *may = act == QF_ACT_PUBLIC ? "yyyyyy" : "nnnnnn";
      for (size_t k = 0; k < 12 && people[i].rows[k].action; k++)
        if (strcmp(people[i].rows[k].action, qf_action_name((qf_action)act)) == 0)
          may = people[i].rows[k].may;
      for (int o = 0; o < WHERE; o++, asked++) {
        qf_err why = {0};
        bool got = qf_rights_may(&a, (qf_action)act, &objects[o], &why);
        if (got != (may[o] == 'y'))
          fail_msg("%s, %s, object %d: %s", people[i].name, qf_action_name((qf_action)act), o, got ? "may" : "may not");
        assert_true(got || why.en[0]); /* a refusal says why */
      }
    }
  }
  print_message("%u cells\n", asked);
}

static void nobody_tokens_and_the_machine(void **state)
{
  (void)state;
  qf_err why;
  qf_actor none = {0}, token = {.id = "token:1", .token_actions = 1u << QF_ACT_INGEST},
           local = {.id = "local", .local = true};
  for (int act = 0; act < QF_ACT_COUNT; act++) {
    assert_int_equal(qf_rights_may(&none, (qf_action)act, NULL, &why), act == QF_ACT_PUBLIC);
    assert_int_equal(qf_rights_may(NULL, (qf_action)act, &objects[0], &why), act == QF_ACT_PUBLIC);
    assert_int_equal(qf_rights_may(&token, (qf_action)act, &objects[0], &why),
                     act == QF_ACT_PUBLIC || act == QF_ACT_INGEST);
    assert_int_equal(qf_rights_may(&local, (qf_action)act, &objects[0], &why), act != QF_ACT_GRANT);
  }
  assert_false(qf_rights_may(&local, QF_ACT_COUNT, NULL, NULL));
}

static void scopes_say_the_same(void **state)
{
  (void)state;
  qf_scope_list l;
  qf_actor a = {.id = "x", .ngrants = 3};
  a.grant[0] = (qf_grant){QF_ROLE_FILER, "", "", "U1"};
  a.grant[1] = (qf_grant){QF_ROLE_APPROVER, "building", "", "U2"};
  a.grant[2] = (qf_grant){QF_ROLE_FILER, "", "", ""};
  qf_rights_scope(&a, QF_ACT_VIEW, "industry", &l);
  assert_false(l.all);
  assert_int_equal(l.norgs, 1);
  assert_string_equal(l.org[0], "U1");
  qf_rights_scope(&a, QF_ACT_VIEW, NULL, &l); /* no area: points of both */
  assert_int_equal(l.norgs, 2);
  qf_rights_scope(&a, QF_ACT_REVIEW, "industry", &l);
  assert_true(!l.all && !l.norgs && !l.ndistricts);
  a.grant[2] = (qf_grant){QF_ROLE_OFFICER, "industry", "D1", ""};
  qf_rights_scope(&a, QF_ACT_FILE, "industry", &l);
  assert_int_equal(l.ndistricts, 1);
  assert_int_equal(l.norgs, 1);
  a.grant[2] = (qf_grant){QF_ROLE_LEADER, "", "", ""};
  qf_rights_scope(&a, QF_ACT_VIEW, "industry", &l);
  assert_true(l.all);
  a.grant[2] = (qf_grant){QF_ROLE_SYSTEM_ADMIN, "", "", ""};
  qf_rights_scope(&a, QF_ACT_VIEW, "industry", &l);
  assert_false(l.all); /* points only */
  qf_rights_scope(&a, QF_ACT_VIEW, NULL, &l);
  assert_true(l.all);
  qf_rights_scope(NULL, QF_ACT_VIEW, NULL, &l);
  assert_false(l.all);
}

static void separated_powers(void **state)
{
  (void)state;
  /* side of each role: A administrator, E enterprise, D department, W watches, - goes with all */
  static const char side[] = {'-', '-', 'D', 'D', 'D', 'E', 'E', 'D', 'W', 'A', 'A', 'A', '-'};
  assert_int_equal(sizeof side, QF_ROLE_COUNT);
  for (int a = 0; a < QF_ROLE_COUNT; a++)
    for (int b = 0; b < QF_ROLE_COUNT; b++) {
      bool excl = a != b && side[a] != '-' && side[b] != '-' && (side[a] != side[b] || side[a] == 'A');
      assert_int_equal(qf_rights_conflict((qf_role)a, (qf_role)b), excl);
    }
}

static void names_go_round(void **state)
{
  (void)state;
  for (int r = 1; r < QF_ROLE_COUNT; r++)
    assert_int_equal(qf_role_find(qf_role_name((qf_role)r)), r);
  assert_int_equal(qf_role_find("root"), QF_ROLE_NONE);
  assert_int_equal(qf_role_find(NULL), QF_ROLE_NONE);
  for (int a = 0; a < QF_ACT_COUNT; a++)
    for (int b = 0; b < a; b++)
      assert_string_not_equal(qf_action_name((qf_action)a), qf_action_name((qf_action)b));
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(whole_table), cmocka_unit_test(nobody_tokens_and_the_machine),
                                     cmocka_unit_test(scopes_say_the_same), cmocka_unit_test(separated_powers),
                                     cmocka_unit_test(names_go_round)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
