/* Taking in, from the outside of a city: every batch is acknowledged once and in order however long the queue, a restart
 * knows what is applied, and an alarm is in the book once however often it is judged. */
#include "base/test_dir.h"
#include "city/city.h"
#include "journal/batch.h"
#include <ftw.h>
#include <glob.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <stdatomic.h>

enum { BATCHES = 80, ROWS = 20000, POINTS = 300 };

static qf_us fixed_now(void *ud)
{
  return *(qf_us *)ud;
}

static int drop(const char *path, const struct stat *st, int kind, struct FTW *w)
{
  (void)st;
  (void)kind;
  (void)w;
  return remove(path);
}

typedef struct env {
  char dir[64];
  qf_us now;
} env;

static int setup(void **state)
{
  env *e = calloc(1, sizeof *e);
  e->now = qf_day_cn_start(20000) + 12 * QF_US_HOUR;
  *state = e;
  return qf_test_dir(e->dir, sizeof e->dir, "ingest") ? 0 : -1;
}

static int teardown(void **state)
{
  env *e = *state;
  nftw(e->dir, drop, 16, FTW_DEPTH | FTW_PHYS);
  free(e);
  return 0;
}

static qf_city *open_city(env *e)
{
  qf_city *c = NULL;
  qf_err err = {0};
  const qf_city_opts o = {.clock = {fixed_now, &e->now}, .packs_dir = "test/packs"};
  if (qf_city_open(e->dir, &o, &c, &err))
    fail_msg("%s", err.en);
  return c;
}

typedef struct acks {
  atomic_uint n, bad;
  _Atomic uint64_t last;
} acks;

static void on_done(void *ud, qf_rc rc, uint64_t seq)
{
  acks *a = ud;
  if (rc || seq <= atomic_load(&a->last))
    atomic_fetch_add(&a->bad, 1);
  atomic_store(&a->last, seq);
  atomic_fetch_add(&a->n, 1);
}

/* 1.6 million rows go in as fast as they are taken: three times what is let through without waiting. */
static void every_batch_is_acknowledged_once_in_order(void **state)
{
  env *e = *state;
  qf_city *c = open_city(e);
  qf_err err = {0};
  uint32_t point = 0;
  acks a = {0};
  assert_int_equal(qf_city_series(c, "m v", 3, &point, &err), QF_OK);
  for (unsigned k = 0; k < BATCHES; k++) {
    qf_batch b;
    qf_batch_init(&b);
    assert_int_equal(qf_batch_reserve(&b, ROWS), QF_OK);
    for (uint32_t i = 0; i < ROWS; i++)
      qf_batch_add(&b, point, e->now - QF_US_HOUR + (qf_us)(k * ROWS + i) * 1000, (qf_num){i, 0}, 0);
    qf_rc rc;
    while ((rc = qf_city_ingest(c, &b, on_done, &a, &err)) == QF_FULL)
      assert_int_equal(qf_city_settle(c, &err), QF_OK); /* refused whole: the batch is still ours */
    assert_int_equal(rc, QF_OK);
    qf_batch_fini(&b);
    qf_city_stats s;
    qf_city_get_stats(c, &s);
    assert_true(s.queued_bytes <= 2000000u * 22u);
  }
  assert_int_equal(qf_city_settle(c, &err), QF_OK);
  assert_int_equal(atomic_load(&a.n), BATCHES);
  assert_int_equal(atomic_load(&a.bad), 0);
  qf_city_stats s;
  qf_city_get_stats(c, &s);
  assert_int_equal(s.readings_applied, (uint64_t)BATCHES * ROWS);
  assert_int_equal(s.queued_bytes, 0);
  qf_city_close(c);
}

static uint64_t replayed(env *e)
{
  qf_city *c = open_city(e);
  qf_err err = {0};
  qf_city_stats s;
  qf_city_get_stats(c, &s);
  assert_int_equal(s.applied_seq, qf_journal_last_seq(qf_city_journal(c)));
  assert_int_equal(qf_city_settle(c, &err), QF_OK);
  qf_city_close(c);
  return s.readings_applied;
}

/* A start that finds everything applied, seals and saves - and the next start must not read it all again. */
static void the_second_start_replays_nothing(void **state)
{
  env *e = *state;
  qf_city *c = open_city(e);
  qf_err err = {0};
  uint32_t point = 0;
  qf_batch b;
  qf_batch_init(&b);
  assert_int_equal(qf_city_series(c, "m v", 3, &point, &err), QF_OK);
  assert_int_equal(qf_batch_reserve(&b, 100), QF_OK);
  for (uint32_t i = 0; i < 100; i++)
    qf_batch_add(&b, point, e->now - QF_US_HOUR + i * QF_US_SECOND, (qf_num){i, 0}, 0);
  assert_int_equal(qf_city_ingest_wait(c, &b, NULL, &err), QF_OK);
  assert_int_equal(qf_city_settle(c, &err), QF_OK);
  qf_city_close(c);
  e->now += 3 * QF_US_DAY; /* the day is over: the next start seals it */
  for (int i = 0; i < 3; i++)
    assert_int_equal(replayed(e), 0);
}

static bool count(void *ud, const qf_cell *v, size_t n)
{
  if (n == 1)
    *(int64_t *)ud = v[0].i;
  return false;
}

static int64_t alarms(qf_city *c)
{
  int64_t n = -1;
  qf_err err = {0};
  for (int i = 0; i < 2; i++) /* judged at the first, back from the journal at the second */
    assert_int_equal(qf_city_settle(c, &err), QF_OK);
  assert_int_equal(
      qf_book_query(qf_city_book(c), "SELECT count(*) FROM alarm WHERE kind = 1 AND active", NULL, 0, count, &n, &err),
      QF_OK);
  return n;
}

/* 300 gauges above their limit at one moment: 300 alarms, and not one more when their history is judged again. */
static void a_storm_of_alarms_is_booked_once(void **state)
{
  env *e = *state;
  qf_city *c = open_city(e);
  qf_err err = {0};
  json_t *list = json_array();
  char key[32];
  for (int i = 0; i < POINTS; i++) {
    snprintf(key, sizeof key, "m,p=%d v", i);
    json_array_append_new(list, json_pack("{s:s,s:s,s:{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:i,s:i,s:i}}", "type", "point",
                                          "id", key, "data", "subject", "210800", "name_zh", "表", "name_en", "meter",
                                          "carrier", "electricity", "flow", "none", "unit", "kWh", "kind", "gauge",
                                          "period_s", 60, "low", 0, "high", 500));
  }
  if (qf_city_records(c, list, NULL, &err))
    fail_msg("%s", err.en);
  json_decref(list);
  for (int round = 0; round < 3; round++) { /* the third is late: histories run again */
    qf_batch b;
    qf_batch_init(&b);
    assert_int_equal(qf_batch_reserve(&b, POINTS), QF_OK);
    static const int minute[] = {0, 10, 5}, value[] = {100, 900, 900};
    for (uint32_t i = 0; i < POINTS; i++) {
      snprintf(key, sizeof key, "m,p=%u v", i);
      qf_batch_add(&b, qf_city_series_find(c, key, strlen(key)), e->now - QF_US_HOUR + minute[round] * QF_US_MINUTE,
                   (qf_num){value[round], 0}, 0);
    }
    assert_int_equal(qf_city_ingest_wait(c, &b, NULL, &err), QF_OK);
    if (round == 1)
      assert_int_equal(alarms(c), POINTS);
  }
  int64_t n = alarms(c);
  qf_city_close(c);
  c = open_city(e);
  assert_int_equal(alarms(c), n); /* a restart finds no new ones */
  qf_city_close(c);
}

enum { ADDERS = 4, SERIES = 6000, FULL = (1 << 15) - 1 };

typedef struct adder {
  qf_city *c;
  unsigned no, bad;
  uint32_t id[SERIES];
} adder;

static void adder_key(unsigned no, unsigned i, char *key, size_t size)
{
  if (i % 2)
    snprintf(key, size, "of-%u,p=%u v", no, i); /* its own */
  else
    snprintf(key, size, "shared,p=%u v", i); /* of all: they race for it */
}

static void *add_series(void *ud)
{
  adder *a = ud;
  qf_err err = {0};
  char key[64];
  for (unsigned i = 0; i < SERIES; i++) {
    adder_key(a->no, i, key, sizeof key);
    a->bad += qf_city_series(a->c, key, strlen(key), &a->id[i], &err) != QF_OK;
  }
  return NULL;
}

/* Many add series at once while what they add is applied: an id is given once, to one key, for good. */
static void series_added_by_many_keep_their_ids(void **state)
{
  env *e = *state;
  qf_city *c = open_city(e);
  qf_err err = {0};
  static adder a[ADDERS];
  pthread_t t[ADDERS];
  char key[64];
  for (unsigned k = 0; k < ADDERS; k++) {
    a[k] = (adder){.c = c, .no = k};
    assert_int_equal(pthread_create(&t[k], NULL, add_series, &a[k]), 0);
  }
  for (unsigned k = 0; k < ADDERS; k++)
    pthread_join(t[k], NULL);
  if (qf_city_settle(c, &err))
    fail_msg("%s", err.en);
  const uint32_t all = SERIES / 2 + ADDERS * SERIES / 2; /* the shared ones, and each one's own */
  assert_int_equal(qf_city_series_count(c), all);
  qf_city_close(c);
  c = open_city(e); /* and from the journal they are the same */
  assert_int_equal(qf_city_series_count(c), all);
  for (unsigned k = 0; k < ADDERS; k++) {
    assert_int_equal(a[k].bad, 0);
    for (unsigned i = 0; i < SERIES; i++) {
      adder_key(k, i, key, sizeof key);
      assert_string_equal(qf_city_series_key(c, a[k].id[i]), key);
    }
  }
  qf_city_close(c);
}

/* The table of names grows with the 2^15th: the adder is busy for milliseconds after its entry is journalled, and the apply
 * thread, with nothing else to do, is there first. Two tables and
 * two copies of the name may then be made, a leak; the ids differ only when the adder is held up for longer. */
static void a_series_is_published_before_it_is_applied(void **state)
{
  env *e = *state;
  qf_city *c = open_city(e);
  qf_err err = {0};
  char key[32];
  uint32_t id = 0;
  for (uint32_t i = 1; i <= FULL + 1; i++) {
    if (i == FULL + 1)
      assert_int_equal(qf_city_settle(c, &err), QF_OK);
    snprintf(key, sizeof key, "n,p=%u v", i);
    assert_int_equal(qf_city_series(c, key, strlen(key), &id, &err), QF_OK);
    assert_int_equal(id, i);
  }
  if (qf_city_settle(c, &err))
    fail_msg("%s", err.en);
  assert_int_equal(qf_city_series_count(c), FULL + 1);
  qf_city_close(c);
}

static int64_t versions_of(qf_city *c, const char *sql)
{
  int64_t n = -1;
  qf_err err = {0};
  assert_int_equal(qf_book_query(qf_city_book(c), sql, NULL, 0, count, &n, &err), QF_OK);
  return n;
}

/* Versions go on from those the book has, also for names that look like SQL, and twice in one call. */
static void versions_go_on_by_name(void **state)
{
  env *e = *state;
  qf_city *c = open_city(e);
  qf_err err = {0};
  static const char *const ids[] = {"a 'quoted' v", "x') OR 1=1 -- v", "plain v", "plain v"};
  for (int round = 0; round < 2; round++) {
    json_t *list = json_array();
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
      json_array_append_new(list,
                            json_pack("{s:s,s:s,s:{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:i}}", "type", "point", "id", ids[i],
                                      "data", "subject", "210800", "name_zh", "表", "name_en", "meter", "carrier",
                                      "electricity", "flow", "none", "unit", "kWh", "kind", "gauge", "period_s", 60));
    if (qf_city_records(c, list, NULL, &err))
      fail_msg("%s", err.en);
    json_decref(list);
  }
  assert_int_equal(versions_of(c, "SELECT max(version) FROM rec_point_history WHERE id = 'a ''quoted'' v'"), 2);
  assert_int_equal(versions_of(c, "SELECT max(version) FROM rec_point_history WHERE id LIKE 'x%'"), 2);
  assert_int_equal(versions_of(c, "SELECT max(version) FROM rec_point_history WHERE id = 'plain v'"), 4);
  assert_int_equal(versions_of(c, "SELECT count(*) FROM rec_point_history"), 8);
  qf_city_close(c);
}

static void gauge(qf_city *c)
{
  qf_err err = {0};
  json_t *list = json_pack("[{s:s,s:s,s:{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:i,s:i,s:i}}]", "type", "point", "id", "m v",
                           "data", "subject", "210800", "name_zh", "表", "name_en", "meter", "carrier", "electricity",
                           "flow", "none", "unit", "kWh", "kind", "gauge", "period_s", 60, "low", 0, "high", 500);
  if (qf_city_records(c, list, NULL, &err))
    fail_msg("%s", err.en);
  json_decref(list);
}

/* As if the process had ended between making a reading durable and judging it: the journal has it, nothing else does. */
static void journal_only(env *e, uint32_t point, qf_us ts, double v)
{
  qf_journal *j;
  qf_err err = {0};
  qf_batch b;
  qf_buf body;
  qf_batch_init(&b);
  qf_buf_init(&body, 4096);
  assert_int_equal(qf_batch_reserve(&b, 1), QF_OK);
  qf_batch_add(&b, point, ts, (qf_num){(int64_t)v, 0}, 0);
  assert_int_equal(qf_batch_encode(&b, &body), QF_OK);
  if (qf_journal_open(e->dir, NULL, &j, &err) ||
      qf_journal_commit(j, QF_ENTRY_READINGS, body.data, body.len, NULL, &err))
    fail_msg("%s", err.en);
  qf_journal_close(j);
  qf_batch_fini(&b);
  qf_buf_fini(&body);
}

static bool note_state(void *ud, const qf_cell *v, size_t n)
{
  int64_t *s = ud;
  for (size_t i = 0; i < n && i < 3; i++)
    s[i] = v[i].i;
  return false;
}

/* Alarms of kind limit in the book: s[0] how many, s[1] whether the newest is active, s[2] when it was. */
static void limit_alarms(qf_city *c, int64_t s[3])
{
  (void)alarms(c);
  qf_err err = {0};
  assert_int_equal(
      qf_book_query(qf_city_book(c),
                    "SELECT count(*), CAST(arg_max(active, seq) AS INTEGER), epoch_us(arg_max(\"at\", seq)) "
                    "FROM alarm WHERE kind = 1",
                    NULL, 0, note_state, s, &err),
      QF_OK);
}

/* The end and the begin of an alarm that only a replay sees reach the book, at their own time, once. */
static void what_a_replay_sees_is_booked(void **state)
{
  env *e = *state;
  qf_err err = {0};
  qf_us t = e->now - QF_US_HOUR;
  int64_t s[3];
  qf_city *c = open_city(e);
  gauge(c);
  uint32_t point = qf_city_series_find(c, "m v", 3);
  qf_batch b;
  qf_batch_init(&b);
  assert_int_equal(qf_batch_reserve(&b, 1), QF_OK);
  qf_batch_add(&b, point, t, (qf_num){900, 0}, 0);
  assert_int_equal(qf_city_ingest_wait(c, &b, NULL, &err), QF_OK);
  limit_alarms(c, s);
  assert_int_equal(s[0], 1);
  assert_int_equal(s[1], 1);
  qf_city_close(c);
  for (int k = 1; k <= 2; k++) { /* 100: it ends; 900: it begins again */
    journal_only(e, point, t + k * QF_US_MINUTE, k == 1 ? 100 : 900);
    for (int again = 0; again < 2; again++) { /* and a second start adds nothing */
      c = open_city(e);
      limit_alarms(c, s);
      assert_int_equal(s[0], 1 + k);
      assert_int_equal(s[1], k - 1);
      assert_int_equal(s[2], t + k * QF_US_MINUTE);
      qf_city_close(c);
    }
  }
}

static int64_t number_of(qf_city *c, const char *sql)
{
  int64_t n = -1;
  qf_err err = {0};
  if (qf_book_query(qf_city_book(c), sql, NULL, 0, count, &n, &err))
    fail_msg("%s", err.en);
  return n;
}

/* Three hours of readings of a point that nobody has described; once it is, what they came to is booked, though nothing more comes. */
static void a_description_after_the_readings_books_them(void **state)
{
  env *e = *state;
  qf_city *c = open_city(e);
  qf_err err = {0};
  uint32_t point = 0;
  qf_batch b;
  qf_batch_init(&b);
  assert_int_equal(qf_city_series(c, "m v", 3, &point, &err), QF_OK);
  assert_int_equal(qf_batch_reserve(&b, 181), QF_OK);
  for (uint32_t i = 0; i <= 180; i++)
    qf_batch_add(&b, point, e->now - 4 * QF_US_HOUR + i * QF_US_MINUTE, (qf_num){7, 0}, 0);
  assert_int_equal(qf_city_ingest_wait(c, &b, NULL, &err), QF_OK);
  assert_int_equal(qf_city_settle(c, &err), QF_OK);
  gauge(c);
  assert_true(number_of(c, "SELECT count(*) FROM interval_hour WHERE hi = 7") >= 3);
  qf_city_close(c);
}

/* An entry that was durable loses its last byte: the next start books the loss as event and alarm, naming the entry, and
 * the start after that does not book it again. */
static void lost_entries_are_booked_once(void **state)
{
  env *e = *state;
  qf_err err = {0};
  qf_city *c = open_city(e);
  gauge(c);
  uint32_t point = qf_city_series_find(c, "m v", 3);
  assert_int_equal(qf_city_settle(c, &err), QF_OK);
  qf_city_close(c);
  journal_only(e, point, e->now - QF_US_HOUR, 100); /* after the last signed head, or the start would be refused */
  char cmd[300];
  glob_t g;
  struct stat st;
  snprintf(cmd, sizeof cmd, "%s/journal/*.qfj", e->dir);
  assert_int_equal(glob(cmd, 0, NULL, &g), 0);
  const char *last = g.gl_pathv[g.gl_pathc - 1];
  assert_int_equal(stat(last, &st), 0);
  assert_int_equal(truncate(last, st.st_size - 1), 0);
  globfree(&g);
  uint64_t gone = 0;
  for (int again = 0; again < 2; again++) {
    qf_city_stats s;
    c = open_city(e);
    qf_city_get_stats(c, &s);
    if (again == 0) {
      gone = s.lost_from;
      assert_int_not_equal(gone, 0);
      assert_int_equal(s.lost_to, gone);
    }
    for (int i = 0; i < 2; i++)
      assert_int_equal(qf_city_settle(c, &err), QF_OK);
    assert_int_equal(number_of(c, "SELECT count(*) FROM event WHERE kind = 'journal_loss'"), 1);
    assert_int_equal(number_of(c, "SELECT count(*) FROM alarm WHERE kind = 7 AND point = 0 AND active"), 1);
    assert_int_equal(number_of(c, "SELECT CAST(value AS BIGINT) FROM alarm WHERE kind = 7"), gone);
    qf_city_close(c);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(every_batch_is_acknowledged_once_in_order, setup, teardown),
      cmocka_unit_test_setup_teardown(the_second_start_replays_nothing, setup, teardown),
      cmocka_unit_test_setup_teardown(a_storm_of_alarms_is_booked_once, setup, teardown),
      cmocka_unit_test_setup_teardown(what_a_replay_sees_is_booked, setup, teardown),
      cmocka_unit_test_setup_teardown(lost_entries_are_booked_once, setup, teardown),
      cmocka_unit_test_setup_teardown(a_description_after_the_readings_books_them, setup, teardown),
      cmocka_unit_test_setup_teardown(series_added_by_many_keep_their_ids, setup, teardown),
      cmocka_unit_test_setup_teardown(a_series_is_published_before_it_is_applied, setup, teardown),
      cmocka_unit_test_setup_teardown(versions_go_on_by_name, setup, teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
