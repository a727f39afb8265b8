/* Answers kept under their keys: given again, over a restart, for seven days; torn and foreign lines; the bounds. */
#include "base/test_dir.h"
#include "serve/once.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
/* cmocka wants the headers above first */
#include <cmocka.h>

static qf_us clock_us;
static char dir[200], path[260];

static qf_us now(void *ud)
{
  (void)ud;
  return clock_us;
}

static qf_once *open_it(void)
{
  qf_once *o;
  qf_err err = {0};
  if (qf_once_open(path, (qf_clock){now, NULL}, &o, &err))
    fail_msg("%s", err.en);
  return o;
}

static qf_once_id id_of(const char *key, const char *body)
{
  qf_once_id id;
  qf_sha256(key, strlen(key), id.key);
  qf_sha256(body, strlen(body), id.body);
  return id;
}

static void begins(qf_once *o, const char *key, const char *body, qf_rc want, unsigned status, const char *answer)
{
  qf_once_id id = id_of(key, body);
  qf_err err = {0};
  unsigned got = 0;
  qf_buf b;
  qf_buf_init(&b, 1000);
  qf_rc rc = qf_once_begin(o, &id, &got, &b, &err);
  if (rc != want)
    fail_msg("%s: %d, %s", key, rc, err.en);
  if (rc == QF_EXISTS) {
    assert_int_equal(got, status);
    assert_int_equal(b.len, strlen(answer));
    assert_string_equal(b.data, answer);
  } else if (rc) {
    assert_true(err.en[0] && err.zh[0]);
  }
  qf_buf_fini(&b);
}

static void ends(qf_once *o, const char *key, const char *body, unsigned status, const char *answer)
{
  qf_once_id id = id_of(key, body);
  qf_err err = {0};
  if (qf_once_end(o, &id, status, answer, strlen(answer), &err))
    fail_msg("%s", err.en);
}

static int fresh(void **st)
{
  (void)st;
  clock_us = INT64_C(1795000000) * QF_US_SECOND;
  unlink(path);
  return 0;
}

static void the_same_answer_again(void **st)
{
  (void)st;
  qf_once *o = open_it();
  begins(o, "k1", "a", QF_OK, 0, NULL);
  begins(o, "k1", "a", QF_BUSY, 0, NULL); /* while it is carried out */
  begins(o, "k2", "a", QF_OK, 0, NULL);
  ends(o, "k2", "a", 0, ""); /* failed: may be tried again */
  ends(o, "k1", "a", 200, "{\"accepted\":2}");
  begins(o, "k1", "a", QF_EXISTS, 200, "{\"accepted\":2}");
  begins(o, "k1", "b", QF_STATE, 0, NULL);
  begins(o, "k2", "b", QF_OK, 0, NULL);
  ends(o, "k2", "b", 400, "");
  for (int i = 0; i < 2; i++) { /* over a restart, twice */
    qf_once_close(o);
    o = open_it();
    begins(o, "k1", "a", QF_EXISTS, 200, "{\"accepted\":2}");
    begins(o, "k1", "b", QF_STATE, 0, NULL);
    begins(o, "k2", "b", QF_EXISTS, 400, "");
  }
  qf_once_close(o);
}

static void seven_days(void **st)
{
  (void)st;
  qf_once *o = open_it();
  struct stat a, b;
  begins(o, "k1", "a", QF_OK, 0, NULL);
  ends(o, "k1", "a", 200, "first");
  clock_us += INT64_C(3) * QF_US_DAY;
  begins(o, "k2", "a", QF_OK, 0, NULL);
  ends(o, "k2", "a", 200, "second");
  clock_us += INT64_C(4) * QF_US_DAY - QF_US_SECOND;
  begins(o, "k1", "b", QF_STATE, 0, NULL);
  clock_us += QF_US_SECOND;
  begins(o, "k1", "b", QF_OK, 0, NULL); /* seven days: a new one */
  ends(o, "k1", "b", 200, "third");
  begins(o, "k1", "b", QF_EXISTS, 200, "third");
  begins(o, "k2", "a", QF_EXISTS, 200, "second");
  qf_once_close(o);
  assert_int_equal(stat(path, &a), 0);
  clock_us += INT64_C(4) * QF_US_DAY;
  o = open_it(); /* the old line leaves the file */
  begins(o, "k1", "b", QF_EXISTS, 200, "third");
  begins(o, "k2", "a", QF_OK, 0, NULL);
  ends(o, "k2", "a", 0, "");
  qf_once_close(o);
  assert_int_equal(stat(path, &b), 0);
  assert_true(b.st_size > 0 && b.st_size < a.st_size);
}

/* Cut at every byte of the last line: the line before it stays, and what is written next is whole. */
static void torn_and_foreign_lines(void **st)
{
  (void)st;
  struct stat one, two;
  qf_once *o = open_it();
  begins(o, "k1", "a", QF_OK, 0, NULL);
  ends(o, "k1", "a", 200, "first");
  assert_int_equal(stat(path, &one), 0);
  begins(o, "k2", "a", QF_OK, 0, NULL);
  ends(o, "k2", "a", 200, "second");
  qf_once_close(o);
  assert_int_equal(stat(path, &two), 0);
  for (off_t cut = two.st_size - 1; cut >= one.st_size; cut--) {
    assert_int_equal(truncate(path, cut), 0);
    o = open_it();
    begins(o, "k1", "a", QF_EXISTS, 200, "first");
    begins(o, "k2", "a", QF_OK, 0, NULL);
    ends(o, "k2", "a", 200, "second");
    qf_once_close(o);
    o = open_it();
    begins(o, "k2", "a", QF_EXISTS, 200, "second");
    qf_once_close(o);
  }
  FILE *f = fopen(path, "ab");
  fputs("rubbish\n1795000000 x y 200 z\n\n", f);
  fclose(f);
  o = open_it();
  begins(o, "k1", "a", QF_EXISTS, 200, "first");
  begins(o, "k2", "a", QF_EXISTS, 200, "second");
  qf_once_close(o);
}

static void bounds(void **st)
{
  (void)st;
#ifdef QF_SMALL
  qf_once *o = open_it();
  char key[20];
  for (int i = 0; i < QF_ONCE_KEYS_MAX; i++) {
    snprintf(key, sizeof key, "k%d", i);
    begins(o, key, "a", QF_OK, 0, NULL);
    ends(o, key, "a", 200, "x");
  }
  begins(o, "one more", "a", QF_FULL, 0, NULL);
  begins(o, "k0", "a", QF_EXISTS, 200, "x"); /* what is known stays known */
  clock_us += INT64_C(7) * QF_US_DAY;
  begins(o, "one more", "a", QF_OK, 0, NULL); /* the old ones made room */
  ends(o, "one more", "a", 200, "y");
  begins(o, "one more", "a", QF_EXISTS, 200, "y");
  qf_once_close(o);
#else
  skip();
#endif
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(the_same_answer_again, fresh),
      cmocka_unit_test_setup(seven_days, fresh),
      cmocka_unit_test_setup(torn_and_foreign_lines, fresh),
      cmocka_unit_test_setup(bounds, fresh),
  };
  if (!qf_test_dir(dir, sizeof dir, "once"))
    return 1;
  snprintf(path, sizeof path, "%s/answers", dir);
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  unlink(path);
  rmdir(dir);
  return failed;
}
