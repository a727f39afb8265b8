#include "rights/session.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static int64_t now_s;

static int64_t clock_s(void *ud)
{
  (void)ud;
  return now_s;
}

static qf_sessions *fresh(void)
{
  qf_sessions *s;
  qf_err err;
  now_s = 1000;
  assert_int_equal(qf_sessions_new(clock_s, NULL, &s, &err), QF_OK);
  return s;
}

static void begin(qf_sessions *s, const char *user, char id[65])
{
  qf_session as = {0}, made;
  snprintf(as.user, sizeof as.user, "%s", user);
  qf_session_begin(s, &as, id, &made);
  assert_int_equal(strlen(id), 64);
  assert_int_equal(strlen(made.csrf), 32);
}

static void idle_and_absolute(void **state)
{
  (void)state;
  qf_sessions *s = fresh();
  qf_session got;
  char a[65], b[65];
  begin(s, "x", a);
  now_s += QF_SESSION_IDLE_S;
  assert_true(qf_session_find(s, a, true, &got)); /* used: the half hour begins again */
  now_s += QF_SESSION_IDLE_S;
  assert_true(qf_session_find(s, a, false, &got)); /* only looked at */
  now_s += 1;
  assert_false(qf_session_find(s, a, true, &got));
  assert_false(qf_session_find(s, a, true, &got));
  begin(s, "x", b);
  int64_t born = now_s;
  for (; now_s - born <= QF_SESSION_ABSOLUTE_S; now_s += 1000)
    assert_true(qf_session_find(s, b, true, &got));
  now_s = born + QF_SESSION_ABSOLUTE_S + 1;
  assert_false(qf_session_find(s, b, true, &got)); /* however busy */
  qf_sessions_free(s);
}

static void a_new_id_with_new_rights(void **state)
{
  (void)state;
  qf_sessions *s = fresh();
  qf_session got, as;
  char a[65], b[65], c[65];
  begin(s, "x", a);
  assert_true(qf_session_find(s, a, true, &as));
  int64_t born = as.born_s;
  now_s += 100;
  as.strong = true;
  assert_true(qf_session_change(s, a, &as, b, &got));
  assert_string_not_equal(a, b);
  assert_false(qf_session_find(s, a, true, &got)); /* the old id is dead */
  assert_true(qf_session_find(s, b, true, &got));
  assert_true(got.strong);
  assert_int_equal(got.born_s, born); /* a change does not make it younger */
  assert_false(qf_session_change(s, a, &as, c, &got));
  begin(s, "x", c);
  assert_true(qf_session_find(s, c, false, &as));
  assert_string_not_equal(as.csrf, got.csrf);
  assert_false(qf_session_find(s, "", true, &got));
  assert_false(qf_session_find(s, "zz", true, &got));
  qf_session_end(s, b);
  assert_false(qf_session_find(s, b, true, &got));
  qf_sessions_free(s);
}

static void all_of_a_user_end(void **state)
{
  (void)state;
  qf_sessions *s = fresh();
  qf_session got;
  char a[65], b[65], c[65];
  begin(s, "x", a);
  begin(s, "x", b);
  begin(s, "y", c);
  assert_int_equal(qf_sessions_end_user(s, "x", b), 1);
  assert_false(qf_session_find(s, a, true, &got));
  assert_true(qf_session_find(s, b, true, &got));
  assert_true(qf_session_find(s, c, true, &got));
  assert_int_equal(qf_sessions_end_user(s, "x", NULL), 1);
  assert_false(qf_session_find(s, b, true, &got));
  qf_sessions_free(s);
}

static void the_table_is_bounded(void **state)
{
  (void)state;
  qf_sessions *s = fresh();
  qf_session got;
  char first[65], used[65], id[65];
  begin(s, "first", first);
  begin(s, "used", used);
  for (unsigned i = 0; i < QF_SESSIONS_MAX; i++) {
    now_s += 1;
    assert_true(qf_session_find(s, used, true, &got));
    begin(s, "many", id);
  }
  assert_false(qf_session_find(s, first, true, &got)); /* unused for longest: gone */
  assert_true(qf_session_find(s, used, true, &got));
  qf_sessions_free(s);
}

static qf_brake *brake(void)
{
  qf_brake *b;
  qf_err err;
  now_s = 5000;
  assert_int_equal(qf_brake_new(clock_s, NULL, &b, &err), QF_OK);
  return b;
}

static void five_then_wait(void **state)
{
  (void)state;
  qf_brake *b = brake();
  for (int i = 0; i < QF_TRIES; i++)
    assert_int_equal(qf_brake_take(b, "mayor", "10.0.0.9"), 0);
  unsigned w = qf_brake_take(b, "mayor", "10.0.0.9");
  assert_in_range(w, 170, 181);                            /* one of five comes back in 180 s */
  assert_true(qf_brake_take(b, "mayor", "10.0.0.10") > 0); /* from anywhere strange */
  assert_int_equal(qf_brake_take(b, "other", "10.0.0.9"), 0);
  now_s += w;
  assert_int_equal(qf_brake_take(b, "mayor", "10.0.0.9"), 0); /* a delay, not a lock */
  assert_true(qf_brake_take(b, "mayor", "10.0.0.9") > 0);
  now_s += 24 * 3600;
  for (int i = 0; i < QF_TRIES; i++)
    assert_int_equal(qf_brake_take(b, "mayor", "10.0.0.9"), 0);
  qf_brake_free(b);
}

static void strangers_cannot_lock_the_owner_out(void **state)
{
  (void)state;
  qf_brake *b = brake();
  assert_int_equal(qf_brake_take(b, "mayor", "192.168.1.5"), 0);
  qf_brake_good(b, "mayor", "192.168.1.5"); /* his own desk */
  for (int i = 0; i < 1000; i++, now_s++)
    (void)qf_brake_take(b, "mayor", "10.0.0.9");
  assert_true(qf_brake_take(b, "mayor", "10.0.0.9") > 0);
  assert_int_equal(qf_brake_take(b, "mayor", "192.168.1.5"), 0);
  qf_brake_good(b, "mayor", "192.168.1.5");
  for (int i = 0; i < 100; i++) { /* being right costs nothing */
    assert_int_equal(qf_brake_take(b, "mayor", "192.168.1.5"), 0);
    qf_brake_good(b, "mayor", "192.168.1.5");
  }
  for (int i = 0; i < QF_TRIES; i++) /* but his desk is braked too when it guesses */
    assert_int_equal(qf_brake_take(b, "mayor", "192.168.1.5"), 0);
  assert_true(qf_brake_take(b, "mayor", "192.168.1.5") > 0);
  qf_brake_free(b);
}

static void an_address_that_tries_many(void **state)
{
  (void)state;
  qf_brake *b = brake();
  char who[20];
  int got = 0;
  for (int i = 0; i < 500; i++) {
    snprintf(who, sizeof who, "user%d", i);
    got += qf_brake_take(b, who, "10.0.0.9") == 0;
  }
  assert_int_equal(got, QF_TRIES_ADDRESS);
  qf_brake_free(b);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(idle_and_absolute),
                                     cmocka_unit_test(a_new_id_with_new_rights),
                                     cmocka_unit_test(all_of_a_user_end),
                                     cmocka_unit_test(the_table_is_bounded),
                                     cmocka_unit_test(five_then_wait),
                                     cmocka_unit_test(strangers_cannot_lock_the_owner_out),
                                     cmocka_unit_test(an_address_that_tries_many)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
