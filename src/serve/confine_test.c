/* Each case is a child of its own: what it gives up it cannot take back. The child says what it could do by its exit status. */
#include "base/test_dir.h"
#include "serve/confine.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char top[300], city[400], other[400];

/* TOP/city and TOP/other, and a file in the latter. */
static int setup(void **state)
{
  (void)state;
  char path[500];
  if (!qf_test_dir(top, sizeof top, "confine"))
    return -1;
  snprintf(city, sizeof city, "%s/city", top);
  snprintf(other, sizeof other, "%s/other", top);
  snprintf(path, sizeof path, "%s/file", other);
  if (mkdir(city, 0700) || mkdir(other, 0700))
    return -1;
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
  return fd < 0 || write(fd, "text", 4) != 4 || close(fd) ? -1 : 0;
}

static const char *at(const char *folder, const char *name)
{
  static char path[4][600];
  static unsigned n;
  char *p = path[n++ % 4];
  snprintf(p, sizeof path[0], "%s/%s", folder, name);
  return p;
}

/* 0 when it can be opened so, else why not. */
static int opens(const char *path, int flags)
{
  int fd = open(path, flags | O_CLOEXEC, 0600);
  if (fd < 0)
    return errno;
  close(fd);
  return 0;
}

enum { DONE = 0, NO_LANDLOCK = 77 };
/* What fn gives in a child that is confined to TOP/city, or without any confinement; the number of the check that failed. */
static int in_child(int (*fn)(void), bool confine)
{
  pid_t pid = fork();
  assert_true(pid >= 0);
  if (pid == 0) {
    qf_err err;
    bool confined = true;
    if (confine && (qf_confine(city, &confined, &err) || prctl(PR_GET_NO_NEW_PRIVS, 0UL, 0UL, 0UL, 0UL) != 1))
      _exit(99);
    _exit(confined ? fn() : NO_LANDLOCK);
  }
  int status;
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_true(WIFEXITED(status));
  return WEXITSTATUS(status);
}

static void holds(int (*fn)(void))
{
  int got = in_child(fn, true);
  if (got == NO_LANDLOCK)
    skip();
  assert_int_equal(got, DONE);
}

static int works_inside(void)
{
  if (opens(at(city, "a"), O_WRONLY | O_CREAT | O_EXCL) || truncate(at(city, "a"), 10))
    return 1;
  if (mkdir(at(city, "sub"), 0700) || rename(at(city, "a"), at(city, "sub/b"))) /* from folder to folder */
    return 2;
  if (link(at(city, "sub/b"), at(city, "c")) || unlink(at(city, "c")) || unlink(at(city, "sub/b")))
    return 3;
  if (rmdir(at(city, "sub")) || opens("/dev/null", O_WRONLY))
    return 4;
  return opens(at(other, "file"), O_RDONLY) ? 5 : DONE; /* reading is as the system allows */
}

static void the_own_folder_is_open(void **state)
{
  (void)state;
  holds(works_inside);
}

static int stays_inside(void)
{
  if (opens(at(other, "new"), O_WRONLY | O_CREAT) != EACCES)
    return 1;
  if (opens(at(other, "file"), O_WRONLY) != EACCES || opens(at(other, "file"), O_RDWR) != EACCES)
    return 2;
  if (unlink(at(other, "file")) != -1 || errno != EACCES)
    return 3;
  if (mkdir(at(other, "folder"), 0700) != -1 || errno != EACCES)
    return 4;
  if (rename(at(other, "file"), at(city, "file")) != -1)
    return 5;
  if (link(at(other, "file"), at(city, "file")) != -1)
    return 6;
  if (symlink(at(other, "file"), at(city, "way")) != -1 || errno != EACCES)
    return 7;
  if (mkfifo(at(city, "pipe"), 0600) != -1 || errno != EACCES)
    return 8;
  return opens(at(top, "city/../other/new"), O_WRONLY | O_CREAT) == EACCES ? DONE : 9;
}

static void nothing_is_written_elsewhere(void **state)
{
  (void)state;
  assert_int_equal(in_child(stays_inside, false), 1); /* without it the first of them can be done: the test can fail */
  assert_int_equal(unlink(at(other, "new")), 0);
  holds(stays_inside);
}

static int follows_no_link(void)
{
  return opens(at(city, "out"), O_WRONLY | O_CREAT) == EACCES ? DONE : 1;
}

static void a_link_leads_nowhere(void **state)
{
  (void)state;
  assert_int_equal(symlink(at(other, "through"), at(city, "out")), 0);
  holds(follows_no_link);
  assert_int_equal(access(at(other, "through"), F_OK), -1);
}

static int starts_nothing(void)
{
  char *argv[] = {(char[]){"true"}, NULL};
  execv("/bin/true", argv);
  return errno == EACCES ? DONE : 1;
}

static void no_program_is_started(void **state)
{
  (void)state;
  assert_int_equal(access("/bin/true", X_OK), 0);
  holds(starts_nothing);
}

static void *in_thread(void *ud)
{
  int *e = ud;
  *e = opens(at(other, "thread"), O_WRONLY | O_CREAT);
  return NULL;
}

static int holds_in_threads(void)
{
  pthread_t t;
  int e = 0;
  return pthread_create(&t, NULL, in_thread, &e) == 0 && pthread_join(t, NULL) == 0 && e == EACCES ? DONE : 1;
}

static void threads_made_later_are_confined_too(void **state)
{
  (void)state;
  holds(holds_in_threads);
}

static int writes_beside_taken_files(void)
{
  return opens(at(other, "day.csv.result.json"), O_WRONLY | O_CREAT) ? 1
         : opens(at(top, "third"), O_WRONLY | O_CREAT) == EACCES     ? DONE
                                                                     : 2;
}

static void a_watched_folder_is_open(void **state)
{
  (void)state;
  assert_int_equal(mkdir(at(city, "collect"), 0700), 0);
  FILE *f = fopen(at(city, "collect/meters.ini"), "w");
  assert_non_null(f);
  fputs("[collector]\nprotocol = folder\npath = ../../other\nmap = m.ini\n", f);
  assert_int_equal(fclose(f), 0);
  holds(writes_beside_taken_files);
}

static int fresh(void)
{
  qf_err err;
  bool confined;
  if (qf_confine(at(top, "fresh"), &confined, &err))
    return 1;
  return !confined ? NO_LANDLOCK : opens(at(top, "fresh/a"), O_WRONLY | O_CREAT) ? 2 : DONE;
}

static void a_folder_that_is_not_there_is_made(void **state)
{
  (void)state;
  int got = in_child(fresh, false);
  if (got == NO_LANDLOCK)
    skip();
  assert_int_equal(got, DONE);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_own_folder_is_open),
      cmocka_unit_test(nothing_is_written_elsewhere),
      cmocka_unit_test(a_link_leads_nowhere),
      cmocka_unit_test(no_program_is_started),
      cmocka_unit_test(threads_made_later_are_confined_too),
      cmocka_unit_test(a_watched_folder_is_open),
      cmocka_unit_test(a_folder_that_is_not_there_is_made),
  };
  return cmocka_run_group_tests(tests, setup, NULL);
}
