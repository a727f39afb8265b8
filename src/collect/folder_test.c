/* A watched folder with real files: taken once, results beside them, remembered over a restart. Waits for files by inotify. */
#include "base/test_dir.h"
#include "city/scratch.h"
#include "collect/folder.h"
#include <jansson.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char root[200], in[260];
static qf_city *city;
static qf_links *links;
static qf_collectors *collectors;
static int watcher;

static qf_us now(void *ud)
{
  (void)ud;
  return INT64_C(1795000000) * QF_US_SECOND;
}

static void copy(const char *from, const char *name, const char *more)
{
  char path[600], aside[600];
  static char text[200000];
  FILE *f = fopen(from, "rb");
  assert_non_null(f);
  size_t n = fread(text, 1, sizeof text, f);
  fclose(f);
  snprintf(path, sizeof path, "%s/%s", in, name);
  snprintf(aside, sizeof aside, "%s/.%s", in, name);
  f = fopen(aside, "wb");
  assert_non_null(f);
  fwrite(text, 1, n, f);
  fputs(more, f);
  fclose(f);
  assert_int_equal(rename(aside, path), 0);
}

/* The result file of name, once it is renamed into place. */
static json_t *result(const char *name)
{
  char want[300], path[600];
  static char events[4096] __attribute__((aligned(8)));
  snprintf(want, sizeof want, "%s.result.json", name);
  for (bool found = false; !found;) {
    ssize_t n = read(watcher, events, sizeof events);
    assert_true(n > 0);
    for (ssize_t at = 0; at < n;) {
      const struct inotify_event *e = (const struct inotify_event *)(events + at);
      found |= e->len && strcmp(e->name, want) == 0;
      at += (ssize_t)sizeof *e + e->len;
    }
  }
  snprintf(path, sizeof path, "%s/%s", in, want);
  json_t *j = json_load_file(path, 0, NULL);
  assert_non_null(j);
  return j;
}

static const char *text(const json_t *j, const char *key)
{
  const char *s = json_string_value(json_object_get(j, key));
  return s ? s : "";
}

static json_int_t number(const json_t *j, const char *key)
{
  return json_integer_value(json_object_get(json_object_get(j, "report"), key));
}

static void start_collectors(void)
{
  qf_err err = {0};
  if (qf_collectors_start(city, links, &collectors, &err))
    fail_msg("%s", err.en);
}

static int start(void **state)
{
  char path[500], text_ini[PATH_MAX + 400], map[PATH_MAX];
  qf_err err = {0};
  (void)state;
  if (!qf_test_dir(root, sizeof root, "folder"))
    return -1;
  snprintf(in, sizeof in, "%s/in", root);
  mkdir(in, 0700);
  watcher = inotify_init1(IN_CLOEXEC);
  assert_true(inotify_add_watch(watcher, in, IN_MOVED_TO) >= 0);
  /* The city's pack alone: no figures of the areas to be made again after each file. */
  char packs[300], city_pack[320];
  snprintf(packs, sizeof packs, "%s/packs", root);
  snprintf(city_pack, sizeof city_pack, "%s/city", packs);
  mkdir(packs, 0700);
  assert_non_null(realpath("packs/city", map));
  assert_int_equal(symlink(map, city_pack), 0);
  snprintf(path, sizeof path, "%s/data", root);
  if (qf_city_open(path, &(qf_city_opts){.packs_dir = packs, .clock = {now, NULL}, .bulk = true}, &city, &err))
    fail_msg("%s", err.en);
  snprintf(path, sizeof path, "%s/data/collect", root);
  mkdir(path, 0700);
  assert_non_null(realpath("docs/examples/boiler-house.ini", map));
  snprintf(text_ini, sizeof text_ini, "[collector]\nprotocol = folder\npath = %s\nmap = %s\nsettle_s = 0\nscan_s = 1\n",
           in, map);
  snprintf(path, sizeof path, "%s/data/collect/drop.ini", root);
  FILE *f = fopen(path, "wb");
  assert_non_null(f);
  fputs(text_ini, f);
  fclose(f);
  links = qf_links_new((qf_clock){now, NULL});
  start_collectors();
  return 0;
}

static int end(void **state)
{
  (void)state;
  qf_collectors_stop(collectors);
  qf_city_close(city);
  qf_links_free(links);
  close(watcher);
  qf_scratch_remove(root);
  return 0;
}

/* Rows of the example below its two lines and its header. */
static json_int_t rows_of_the_example(void)
{
  FILE *f = fopen("docs/examples/boiler-house.csv", "rb");
  json_int_t n = -3;
  assert_non_null(f);
  for (int c; (c = fgetc(f)) != EOF;)
    n += c == '\n';
  fclose(f);
  return n;
}

static void a_file_is_taken_once(void **state)
{
  (void)state;
  copy("docs/examples/boiler-house.csv", "a.csv", "");
  json_t *r = result("a.csv");
  assert_string_equal(text(r, "outcome"), "taken");
  assert_int_equal(number(r, "rows"), rows_of_the_example());
  json_int_t readings = number(r, "readings");
  assert_true(readings > 60);
  json_decref(r);
  copy("docs/examples/boiler-house.csv", "b.csv", ""); /* the same bytes under another name */
  r = result("b.csv");
  assert_string_equal(text(r, "outcome"), "known");
  assert_null(json_object_get(r, "report"));
  json_decref(r);
  qf_city_stats s;
  qf_city_get_stats(city, &s);
  assert_int_equal(s.readings_applied, readings);
}

static void rows_that_cannot_be_read_are_told(void **state)
{
  (void)state;
  copy("docs/examples/boiler-house.csv", "c.csv", "31.12.2025;07:00;G-1;zwei;m3\n");
  json_t *r = result("c.csv");
  assert_string_equal(text(r, "outcome"), "taken");
  assert_int_equal(number(r, "refused"), 1);
  json_decref(r);
  copy("README.md", "d.csv", "");
  r = result("d.csv");
  assert_string_equal(text(r, "outcome"), "refused");
  assert_true(*text(json_object_get(r, "error"), "zh") != 0);
  json_decref(r);
  copy("README.md", "picture.png", ""); /* not asked for: left alone, as the next file shows */
  copy("docs/examples/boiler-house.csv", "e.csv", "\n");
  json_decref(result("e.csv"));
  char path[400];
  snprintf(path, sizeof path, "%s/picture.png.result.json", in);
  assert_int_equal(access(path, F_OK), -1);
  qf_buf b;
  qf_buf_init(&b, 1 << 20);
  qf_links_json(links, "drop", 10, true, &b);
  qf_buf_putc(&b, 0);
  assert_non_null(strstr(b.data, "\"protocol\":\"folder\""));
  assert_non_null(strstr(b.data, "\"refused\":2"));
  qf_buf_fini(&b);
}

static void a_restart_remembers(void **state)
{
  (void)state;
  qf_collectors_stop(collectors);
  start_collectors();
  copy("docs/examples/boiler-house.csv", "f.csv", "31.12.2025;08:00;W-1;1,5;MWh\n"); /* another content */
  json_t *r = result("f.csv"); /* the files are looked at in order: those before it have been looked at again */
  assert_string_equal(text(r, "outcome"), "taken");
  json_decref(r);
  char path[400];
  snprintf(path, sizeof path, "%s/a.csv.result.json", in);
  r = json_load_file(path, 0, NULL);
  assert_string_equal(text(r, "outcome"), "taken"); /* the report of the day it was taken is still there */
  assert_true(number(r, "readings") > 60);
  json_decref(r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(a_file_is_taken_once),
                                     cmocka_unit_test(rows_that_cannot_be_read_are_told),
                                     cmocka_unit_test(a_restart_remembers)};
  return cmocka_run_group_tests(tests, start, end);
}
