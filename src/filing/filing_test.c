/* A form's life in a real folder: draft, findings, steps by different people, acceptance with what it gives, correction, fifty
 * acceptances at once, a restart in between. */
#include "filing/testkit.h"
#include <pthread.h>

#define MARCH (2026 * 12 + 1) /* the form of February, due on 10 March */
#define JAN (2026 * 12)

static const qf_actor filer = {.id = "f", .ngrants = 1, .grant = {{QF_ROLE_FILER, "mill", "", "u1"}}};
static const qf_actor approver = {.id = "a", .ngrants = 1, .grant = {{QF_ROLE_APPROVER, "mill", "", "u1"}}};
static const qf_actor reviewer = {.id = "r", .ngrants = 1, .grant = {{QF_ROLE_REVIEWER, "mill", "", ""}}};
static const qf_actor stranger = {.id = "s", .ngrants = 1, .grant = {{QF_ROLE_FILER, "mill", "", "u2"}}};

static json_t *sheet(const char *subject, int month)
{
  return json_pack("{s:s, s:i}", "subject", subject, "month", month);
}

static json_t *rows(const char *text)
{
  json_t *j = json_loads(text, 0, NULL);
  assert_non_null(j);
  return j;
}

#define GOOD                                                                                                           \
  "[{\"code\":\"coal\",\"opening\":\"10.5\",\"bought\":\"5\",\"spent\":\"3\",\"closing\":\"12.5\"},"                   \
  "{\"code\":\"coke\",\"opening\":0,\"bought\":7,\"spent\":7,\"closing\":0}]"

static qf_rc new_form(kit *k, const qf_actor *who, int month, const char *text, qf_outcome *o)
{
  qf_err err = {0};
  json_t *s = sheet("u1", month), *r = text ? rows(text) : NULL;
  qf_rc rc = qf_filing_new(k->filings, who, k->stock, s, r, o, &err);
  json_decref(s);
  json_decref(r);
  return rc;
}

static qf_rc step(kit *k, const qf_actor *who, qf_outcome *o, const char *name, const char *reason)
{
  qf_err err = {0};
  int64_t version = o->version;
  char id[520];
  snprintf(id, sizeof id, "%s", o->id);
  qf_outcome_fini(o);
  qf_rc rc = qf_filing_step(k->filings, who, id, version, name, reason, o, &err);
  if (rc)
    print_message("    %s: %s\n", name, err.en);
  return rc;
}

static bool number_row(void *ud, const qf_cell *c, size_t n)
{
  (void)n;
  *(int64_t *)ud = c[0].i;
  return false;
}

static int64_t ask(kit *k, const char *sql)
{
  int64_t v = -1;
  qf_err err = {0};
  if (qf_book_query(qf_city_book(k->city), sql, NULL, 0, number_row, &v, &err))
    fail_msg("%s", err.en);
  return v;
}

static void whole_way(kit *k, int month, const char *text, qf_outcome *o)
{
  assert_int_equal(new_form(k, &filer, month, text, o), QF_OK);
  assert_int_equal(step(k, &filer, o, "submit", NULL), QF_OK);
  assert_true(o->receipt && o->seq > 0);
  assert_int_equal(step(k, &approver, o, "approve", NULL), QF_OK);
}

static void a_forms_life(void **state)
{
  kit *k = *state;
  qf_outcome o = {0};
  qf_filing x;
  qf_err err;
  assert_int_equal(new_form(k, &stranger, MARCH, GOOD, &o), QF_DENIED);
  whole_way(k, MARCH, GOOD, &o);
  assert_string_equal(o.id, "stock:u1:24313");
  assert_int_equal(ask(k, "SELECT count(*) FROM rec_stock"), 0); /* nothing counts before it is accepted */
  assert_int_equal(step(k, &filer, &o, "accept", NULL), QF_DENIED);
  assert_int_equal(step(k, &reviewer, &o, "accept", NULL), QF_OK);
  assert_int_equal(ask(k, "SELECT count(*) FROM rec_stock WHERE seq = (SELECT seq FROM rec_filing)"), 2);
  assert_int_equal(ask(k, "SELECT CAST(sum(spent) AS BIGINT) FROM rec_used"), 10); /* 3 + 7 */
  assert_int_equal(qf_filing_get(k->filings, o.id, &x, &err), QF_OK);
  assert_string_equal(x.state, "accepted");
  assert_string_equal(x.district, "d1");
  assert_string_equal(x.org, "u1");
  assert_string_equal(x.due, "2026-03-10");
  assert_true(x.late); /* the kit's clock stands on 16 March */
  assert_int_equal(json_array_size(x.given), 2);
  qf_filing_fini(&x);
  /* a correction: one row changed, one gone; until it is accepted the old one counts */
  assert_int_equal(step(k, &filer, &o, "correct", ""), QF_SYNTAX);
  assert_int_equal(step(k, &filer, &o, "correct", "weighbridge misread"), QF_OK);
  json_t *r = rows("[{\"code\":\"coal\",\"opening\":\"10.5\",\"bought\":\"5\",\"spent\":\"4\",\"closing\":\"11.5\"}]");
  qf_rc rc = qf_filing_save(k->filings, &filer, o.id, o.version, r, NULL, &o, &err);
  assert_int_equal(rc, QF_OK);
  json_decref(r);
  assert_int_equal(ask(k, "SELECT CAST(sum(spent) AS BIGINT) FROM rec_used"), 10);
  assert_int_equal(step(k, &filer, &o, "submit", NULL), QF_OK);
  assert_int_equal(step(k, &approver, &o, "approve", NULL), QF_OK);
  assert_int_equal(step(k, &reviewer, &o, "accept", NULL), QF_OK);
  assert_int_equal(ask(k, "SELECT CAST(sum(spent) AS BIGINT) FROM rec_used"), 4);
  assert_int_equal(ask(k, "SELECT count(*) FROM rec_stock"), 1);
  assert_int_equal(ask(k, "SELECT count(*) FROM rec_stock_history WHERE status = 'withdrawn'"), 1);
  assert_int_equal(ask(k, "SELECT revision FROM rec_filing"), 2);
  qf_outcome_fini(&o);
}

static void findings_stop(void **state)
{
  kit *k = *state;
  qf_outcome o = {0};
  qf_err err;
  whole_way(k, JAN, GOOD, &o);
  assert_int_equal(step(k, &reviewer, &o, "accept", NULL), QF_OK);
  qf_outcome_fini(&o);
  /* spent 3 -> 10 is more than twice; closing does not fit; a text is no number; a choice that is none */
  assert_int_equal(
      new_form(k, &filer, MARCH,
               "[{\"code\":\"coal\",\"opening\":\"12.5\",\"bought\":\"5\",\"spent\":\"10\",\"closing\":\"8\"},"
               "{\"code\":\"coke\",\"opening\":\"1O\"},{\"code\":\"wood\",\"opening\":\"1\"},{\"code\":\"coal\","
               "\"opening\":2}]",
               &o),
      QF_OK);
  assert_int_equal(step(k, &filer, &o, "submit", NULL), QF_PARTIAL);
  char seen[600] = "";
  size_t i;
  json_t *f;
  json_array_foreach(o.findings, i, f)
  {
    size_t n = strlen(seen);
    snprintf(seen + n, sizeof seen - n, "%s/%lld/%s ", json_string_value(json_object_get(f, "id")),
             (long long)json_integer_value(json_object_get(f, "row_no")),
             json_string_value(json_object_get(f, "severity")));
  }
  assert_string_equal(
      seen, "stock.leap:coal#spent/1/explain stock.identity:coal#closing/1/block value.opening:coke#opening/2/block "
            "value.code:wood#code/3/block double:coal/4/block ");
  json_t *r = rows("[{\"code\":\"coal\",\"opening\":\"12.5\",\"bought\":\"5\",\"spent\":\"10\",\"closing\":\"7.5\"}]"),
         *why = json_pack("{s:s}", "stock.leap:coal#spent", "second kiln lit"),
         *none = json_pack("{s:s}", "stock.leap:coal#spent", " ");
  int64_t version = o.version;
  qf_outcome_fini(&o);
  assert_int_equal(qf_filing_save(k->filings, &filer, "stock:u1:24313", version, r, none, &o, &err), QF_OK);
  assert_int_equal(step(k, &filer, &o, "submit", NULL), QF_PARTIAL);
  version = o.version;
  qf_outcome_fini(&o);
  assert_int_equal(qf_filing_save(k->filings, &filer, "stock:u1:24313", version - 1, r, why, &o, &err), QF_BUSY);
  assert_int_equal(o.version, version);
  assert_int_equal(qf_filing_save(k->filings, &filer, "stock:u1:24313", version, r, why, &o, &err), QF_OK);
  assert_int_equal(step(k, &filer, &o, "submit", NULL), QF_OK);
  json_decref(r);
  json_decref(why);
  json_decref(none);
  qf_outcome_fini(&o);
}

typedef struct racer {
  kit *k;
  qf_actor who;
  const char *id;
  int64_t version;
  qf_rc rc;
} racer;

static void *race(void *ud)
{
  racer *r = ud;
  qf_outcome o;
  qf_err err;
  r->rc = qf_filing_step(r->k->filings, &r->who, r->id, r->version, "accept", NULL, &o, &err);
  qf_outcome_fini(&o);
  return NULL;
}

static void fifty_accept_at_once(void **state)
{
  kit *k = *state;
  qf_outcome o = {0};
  pthread_t thread[50];
  racer r[50];
  whole_way(k, MARCH, GOOD, &o);
  for (int i = 0; i < 50; i++) {
    r[i] = (racer){k, reviewer, o.id, o.version, QF_OK};
    snprintf(r[i].who.id, sizeof r[i].who.id, "r%d", i);
    assert_int_equal(pthread_create(&thread[i], NULL, race, &r[i]), 0);
  }
  int won = 0, late = 0;
  for (int i = 0; i < 50; i++) {
    pthread_join(thread[i], NULL);
    won += r[i].rc == QF_OK;
    late += r[i].rc == QF_BUSY;
  }
  assert_int_equal(won, 1);
  assert_int_equal(late, 49);
  assert_int_equal(ask(k, "SELECT count(*) FROM rec_stock_history"), 2);
  qf_outcome_fini(&o);
}

static void *change(void *ud)
{
  racer *r = ud;
  qf_err err;
  json_t *list =
      json_pack("[{s:s, s:s, s:I, s:{s:s, s:s, s:s, s:s}}]", "type", "subject", "id", r->id, "base",
                (json_int_t)r->version, "data", "kind", "unit", "parent", "d1", "name_zh", r->who.id, "name_en", "N");
  r->rc = qf_city_records(r->k->city, list, NULL, &err);
  r->version = json_integer_value(json_object_get(json_array_get(list, 0), "version"));
  json_decref(list);
  return NULL;
}

/* Twenty who read version 1 of a record change it: one does, the others learn the version that is there now. */
static void twenty_change_one_record(void **state)
{
  kit *k = *state;
  pthread_t thread[20];
  racer r[20];
  int won = 0;
  for (int i = 0; i < 20; i++) {
    r[i] = (racer){k, filer, "u2", 1, QF_OK};
    snprintf(r[i].who.id, sizeof r[i].who.id, "n%d", i);
    assert_int_equal(pthread_create(&thread[i], NULL, change, &r[i]), 0);
  }
  for (int i = 0; i < 20; i++) {
    pthread_join(thread[i], NULL);
    won += r[i].rc == QF_OK;
    assert_true(r[i].rc == QF_OK || r[i].rc == QF_BUSY);
    assert_int_equal(r[i].version, 2);
  }
  assert_int_equal(won, 1);
  assert_int_equal(ask(k, "SELECT count(*) FROM rec_subject_history WHERE id = 'u2'"), 2);
}

static void prefilled_and_again(void **state)
{
  kit *k = *state;
  qf_outcome o = {0}, again = {0};
  qf_filing x;
  qf_err err;
  whole_way(k, JAN, GOOD, &o);
  assert_int_equal(step(k, &reviewer, &o, "accept", NULL), QF_OK);
  qf_outcome_fini(&o);
  assert_int_equal(new_form(k, &filer, MARCH, NULL, &o), QF_OK);
  assert_int_equal(qf_filing_get(k->filings, o.id, &x, &err), QF_OK);
  assert_int_equal(json_array_size(x.rows), 2);
  assert_string_equal(json_string_value(json_object_get(json_array_get(x.rows, 1), "code")), "coke");
  assert_null(json_object_get(json_array_get(x.rows, 1), "opening"));
  qf_filing_fini(&x);
  assert_int_equal(new_form(k, &filer, MARCH, NULL, &again), QF_EXISTS);
  assert_int_equal(again.version, o.version);
  /* a restart: everything is there again from the journal */
  kit_shut(k);
  kit_open(k);
  assert_int_equal(qf_filing_get(k->filings, o.id, &x, &err), QF_OK);
  assert_int_equal(x.version, o.version);
  qf_filing_fini(&x);
  qf_outcome_fini(&o);
  qf_outcome_fini(&again);
}

static void two_persons_change_a_factor(void **state)
{
  kit *k = *state;
  qf_err err = {0};
  qf_outcome o = {0};
  const qf_form *factor = qf_forms_find(qf_filings_forms(k->filings), "factor");
  assert_non_null(factor->flow);
  qf_actor officer = {.id = "o", .ngrants = 1, .grant = {{QF_ROLE_OFFICER, "", "", ""}}},
           decider = {.id = "d", .ngrants = 1, .grant = {{QF_ROLE_REVIEWER, "", "", ""}}},
           both = {.id = "o", .ngrants = 2, .grant = {{QF_ROLE_OFFICER, "", "", ""}, {QF_ROLE_REVIEWER, "", "", ""}}};
  json_t *s = json_pack("{s:s, s:i}", "factor", "k.raw_coal", "edition", 2),
         *r = rows("[{\"value\":\"720\",\"unit\":\"kgce/"
                   "t\",\"valid_from\":\"2026-01-01\",\"source\":\"test\",\"certainty\":\"V\","
                   "\"name_zh\":\"煤\",\"name_en\":\"Coal\"}]");
  assert_int_equal(qf_filing_put(k->filings, &officer, &(qf_put){factor, s, r, "propose", NULL}, &o, &err),
                   QF_SYNTAX); /* no reason */
  assert_int_equal(qf_filing_put(k->filings, &officer, &(qf_put){factor, s, r, "propose", "new standard"}, &o, &err),
                   QF_OK);
  assert_int_equal(ask(k, "SELECT count(*) FROM rec_factor WHERE id = 'k.raw_coal@2'"), 0);
  assert_int_equal(step(k, &both, &o, "accept", NULL), QF_DENIED);
  assert_int_equal(step(k, &decider, &o, "accept", NULL), QF_OK);
  assert_int_equal(ask(k, "SELECT count(*) FROM rec_factor WHERE id = 'k.raw_coal@2' AND value = 720"), 1);
  json_decref(s);
  json_decref(r);
  qf_outcome_fini(&o);
}

static void differences(void **state)
{
  kit *k = *state;
  json_t *a = rows("[{\"code\":\"coal\",\"opening\":\"1.50\"},{\"code\":\"coke\",\"opening\":2}]"),
         *b = rows("[{\"code\":\"coal\",\"opening\":\"1.5\",\"spent\":3},{\"code\":\"it's\",\"opening\":\"4\"}]"),
         *d = qf_rows_diff(k->stock, a, b);
  char *text = json_dumps(d, JSON_COMPACT | JSON_SORT_KEYS);
  assert_string_equal(text,
                      "[{\"after\":\"3\",\"before\":null,\"field\":\"spent\",\"key\":\"coal\",\"kind\":\"changed\"},"
                      "{\"after\":\"it's\",\"before\":null,\"field\":\"code\",\"key\":\"it's\",\"kind\":\"added\"},"
                      "{\"after\":\"4\",\"before\":null,\"field\":\"opening\",\"key\":\"it's\",\"kind\":\"added\"},"
                      "{\"after\":null,\"before\":\"coke\",\"field\":\"code\",\"key\":\"coke\",\"kind\":\"removed\"},"
                      "{\"after\":null,\"before\":\"2\",\"field\":\"opening\",\"key\":\"coke\",\"kind\":\"removed\"}]");
  free(text);
  json_decref(a);
  json_decref(b);
  json_decref(d);
}

static void forms_are_read(void **state)
{
  kit *k = *state;
  json_t *c = json_object_get(json_array_get(json_object_get(k->stock->desc, "columns"), 2), "choices");
  assert_int_equal(json_array_size(c), 3);
  assert_string_equal(json_string_value(json_array_get(c, 2)), "it's");
  assert_string_equal(k->stock->flow->name, "monthly");
  assert_int_equal(k->stock->nchecks, 2);
  const qf_calendar *cal = qf_forms_calendar(qf_filings_forms(k->filings));
  int32_t day;
  /* January 2026: day 10 of February 2026 is a Tuesday. March 2026: 10 April is a Friday. April: 10 May 2026 is a Sunday. */
  assert_true(qf_due_day("day 10 of the next month", 2026 * 12 + 2, cal, &day));
  assert_int_equal(day, qf_days_from_civil(2026, 4, 10));
  assert_true(qf_due_day("day 10 of the next month", 2026 * 12 + 3, NULL, &day));
  assert_int_equal(day, qf_days_from_civil(2026, 5, 11));
  assert_true(qf_due_day("day 31 of month 3 next year", 2025 * 12 + 11, NULL, &day) == false);
  assert_true(qf_due_day("day 28 of month 2 next year", 2025 * 12 + 11, NULL, &day));
  assert_int_equal(day, qf_days_from_civil(2026, 3, 2)); /* 28 February 2026 is a Saturday */
  assert_true(qf_due_day("5 workdays", 2026 * 12 + 3, NULL, &day));
  assert_int_equal(day,
                   qf_days_from_civil(2026, 5, 7)); /* after Thursday 30 April: 1, 4, 5, 6, 7 May in the plain week */
  assert_false(qf_due_day("none", 2026 * 12, NULL, &day));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, kit_up, kit_down)
  const struct CMUnitTest tests[] = {T(forms_are_read),       T(differences),
                                     T(a_forms_life),         T(findings_stop),
                                     T(fifty_accept_at_once), T(twenty_change_one_record),
                                     T(prefilled_and_again),  T(two_persons_change_a_factor)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
