/* Import: headers in any order and language, GB18030, refusals with their place, the difference, the same file again, a hundred
 * thousand rows. The files are written here; what must come out is what was written in. */
#include "filing/evidence.h"
#include "filing/import.h"
#include "filing/testkit.h"
#include <iconv.h>
#include <time.h>

static const qf_actor office = {.id = "o", .ngrants = 1, .grant = {{QF_ROLE_OFFICER, "", "", ""}}};
static const qf_actor filer = {.id = "f", .ngrants = 1, .grant = {{QF_ROLE_FILER, "mill", "", "u1"}}};

static qf_rc import_of(kit *k, const qf_actor *who, const char *type, const char *text, size_t n, bool commit,
                       qf_import *im, qf_buf *refused)
{
  qf_table t;
  qf_err err = {0};
  qf_rc rc = qf_table_read(text, n ? n : strlen(text), false, &t, &err);
  if (rc) {
    print_message("    %s\n", err.en);
    return rc;
  }
  rc = qf_import_run(k->filings, who, qf_forms_find(qf_filings_forms(k->filings), type), &t, commit, NULL, im, &err);
  if (rc)
    print_message("    %s\n", err.en);
  if (refused)
    qf_import_refused_csv(im, &t, refused);
  qf_table_fini(&t);
  return rc;
}

static const char *said(const qf_import *im, size_t i, const char *name)
{
  const char *s = json_string_value(json_object_get(json_array_get(im->refused, i), name));
  return s ? s : "";
}

static long long at(const qf_import *im, size_t i, const char *name)
{
  return json_integer_value(json_object_get(json_array_get(im->refused, i), name));
}

static void rows_and_refusals(void **state)
{
  kit *k = *state;
  qf_import im;
  qf_buf csv;
  static const char file[] =
      "spent,code,month,subject\r\n\"1,234.5\",coal,2026-02,u1\r\nabc,coke,2026年3月,u1\r\n7,coal,202602,u1\r\n"
      "8,wood,2026/4,u9\r\n9,peat,24312,u1\r\n";
  qf_buf_init(&csv, 1u << 20);
  assert_int_equal(import_of(k, &office, "used", file, 0, false, &im, &csv), QF_OK);
  assert_int_equal(im.rows, 5);
  assert_int_equal(json_array_size(im.refused), 2); /* an officer of every area may write u9 too, which nobody knows */
  assert_int_equal(at(&im, 0, "row"), 3);
  assert_int_equal(at(&im, 0, "column"), 1);
  assert_string_equal(said(&im, 0, "header"), "spent");
  assert_string_equal(said(&im, 0, "value"), "abc");
  assert_int_equal(at(&im, 1, "row"), 4); /* the same key as row 2 */
  assert_int_equal(im.fresh, 3);
  assert_false(im.committed);
  assert_non_null(strstr(csv.data, "abc,coke,2026年3月,u1,"));
  assert_null(strstr(csv.data, "peat"));
  qf_import_fini(&im);
  qf_buf_fini(&csv);
  assert_int_equal(import_of(k, &office, "used", file, 0, true, &im, NULL), QF_OK);
  assert_true(im.committed && im.seq > 0);
  qf_import_fini(&im);
  assert_int_equal(import_of(k, &office, "used", file, 0, true, &im, NULL), QF_OK);
  assert_int_equal(im.fresh + im.changed, 0);
  assert_int_equal(im.same, 3);
  assert_int_equal(im.seq, 0); /* nothing was journalled */
  qf_import_fini(&im);
  assert_int_equal(import_of(k, &office, "used",
                             "subject,month,code,spent\nu1,24313,coal,1234.6\nu1,24312,peat,9.000\n", 0, false, &im,
                             NULL),
                   QF_OK);
  assert_int_equal(im.changed, 1);
  assert_int_equal(im.same, 1);
  const json_t *d = json_array_get(im.diff, 0);
  assert_string_equal(json_string_value(json_object_get(d, "before")), "1234.500");
  assert_string_equal(json_string_value(json_object_get(d, "after")), "1234.600");
  qf_import_fini(&im);
  /* somebody else's organisation */
  assert_int_equal(
      import_of(k, &filer, "used", "subject,month,code,spent\nu2,24313,coal,1\nu1,24313,coke,1\n", 0, false, &im, NULL),
      QF_OK);
  assert_int_equal(json_array_size(im.refused), 1);
  assert_string_equal(said(&im, 0, "value"), "u2");
  qf_import_fini(&im);
}

static void headers(void **state)
{
  kit *k = *state;
  qf_import im;
  assert_int_equal(import_of(k, &office, "stock", "品种,Opening [t],subject,month,colour\ncoal,1,u1,24313,red\n", 0,
                             true, &im, NULL),
                   QF_OK);
  assert_false(im.committed);
  assert_int_equal(json_array_size(im.refused), 1);
  assert_int_equal(at(&im, 0, "row"), 1);
  assert_int_equal(at(&im, 0, "column"), 5);
  assert_string_equal(said(&im, 0, "value"), "colour");
  qf_import_fini(&im);
  assert_int_equal(import_of(k, &office, "stock", "品种,subject,month\ncoal,u1,24313\n", 0, true, &im, NULL), QF_OK);
  assert_int_equal(json_array_size(im.refused), 1);
  assert_string_equal(said(&im, 0, "header"), "期初");
  qf_import_fini(&im);
}

static void chinese_bytes(void **state)
{
  kit *k = *state;
  qf_import im;
  char utf8[] = "品种,期初,subject,month\ncoal,5,u1,2026年2月\n", gbk[200], *in = utf8, *out = gbk;
  size_t left = strlen(utf8), room = sizeof gbk;
  iconv_t cd = iconv_open("GBK", "UTF-8");
  assert_true(cd != (iconv_t)-1);
  assert_true(iconv(cd, &in, &left, &out, &room) != (size_t)-1);
  iconv_close(cd);
  assert_int_equal(import_of(k, &filer, "stock", gbk, sizeof gbk - room, true, &im, NULL), QF_OK);
  assert_int_equal(json_array_size(im.refused), 0);
  assert_int_equal(json_array_size(im.filings), 1);
  assert_string_equal(json_string_value(json_array_get(im.filings, 0)), "stock:u1:24313");
  qf_import_fini(&im);
  /* again: the draft holds it already */
  assert_int_equal(import_of(k, &filer, "stock", gbk, sizeof gbk - room, true, &im, NULL), QF_OK);
  assert_int_equal(json_array_size(im.filings), 0);
  qf_import_fini(&im);
  assert_int_equal(import_of(k, &filer, "stock", "\xff\xff\xff,\x80\n", 5, true, &im, NULL), QF_SYNTAX);
}

static bool moment_row(void *ud, const qf_cell *c, size_t n)
{
  *(int64_t *)ud = n == 1 ? c[0].i : -1;
  return false;
}

/* A moment with a zone and the same without (Beijing time) are 2026-01-05 04:30:15.25 UTC: 20458 days x 86400 s + 16215.25 s. */
static void a_moment_keeps_its_zone(void **state)
{
  static const char *const files[] = {"plate,weighed\nA,2026-01-05T04:30:15.25Z\n",
                                      "plate,weighed\nB,2026-01-05T12:30:15.25+08:00\n",
                                      "plate,weighed\nC,2026-01-05 12:30:15.25\n"};
  kit *k = *state;
  for (size_t i = 0; i < 3; i++) {
    qf_import im;
    qf_err err = {0};
    char plate[2] = {(char)('A' + i), 0};
    int64_t us = 0;
    for (int again = 0; again < 2; again++) {
      assert_int_equal(import_of(k, &office, "weighing", files[i], 0, true, &im, NULL), QF_OK);
      assert_int_equal(again ? im.same : im.fresh, 1);
      qf_import_fini(&im);
    }
    qf_param p = {.kind = 4, .s = plate};
    assert_int_equal(qf_book_query(qf_city_book(k->city), "SELECT weighed FROM rec_weighing WHERE plate = ?1", &p, 1,
                                   moment_row, &us, &err),
                     QF_OK);
    assert_int_equal(us, INT64_C(20458) * 86400000000 + INT64_C(16215250000));
  }
}

static double now_s(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void a_hundred_thousand(void **state)
{
  kit *k = *state;
  qf_import im;
  qf_buf b;
  qf_buf_init(&b, 64u << 20);
  qf_buf_puts(&b, "subject,month,code,spent\n");
  for (int i = 0; i < 100000; i++)
    qf_buf_printf(&b, "u1,%d,c%d,%d.%03d\n", 24000 + i % 100, i / 100, i, i % 1000);
  double t0 = now_s();
  assert_int_equal(import_of(k, &office, "used", b.data, b.len, false, &im, NULL), QF_OK);
  double t1 = now_s();
  assert_int_equal(im.fresh, 100000);
  qf_import_fini(&im);
  assert_int_equal(import_of(k, &office, "used", b.data, b.len, true, &im, NULL), QF_OK);
  double t2 = now_s();
  assert_int_equal(im.fresh, 100000);
  qf_import_fini(&im);
  assert_int_equal(import_of(k, &office, "used", b.data, b.len, true, &im, NULL), QF_OK);
  double t3 = now_s();
  assert_int_equal(im.same, 100000);
  assert_int_equal(im.seq, 0);
  qf_import_fini(&im);
  print_message("    100,000 rows: dry run %.1f s, commit %.1f s, the same again %.1f s\n", t1 - t0, t2 - t1, t3 - t2);
  qf_buf_puts(&b, "u1,24000,one,1\n");
  assert_int_equal(import_of(k, &office, "used", b.data, b.len, false, &im, NULL), QF_RANGE);
  qf_buf_fini(&b);
}

static void kinds_of_files(void **state)
{
  (void)state;
  static const struct {
    const char *bytes, *name, *type;
  } c[] = {{"%PDF-1.7\n", "a.txt", "pdf"},
           {"\x89PNG\r\n\x1a\n1", "a.png", "png"},
           {"\xff\xd8\xff\xe0", "a", "jpg"},
           {"a,b\n1,2\n", "A.CSV", "csv"},
           {"hello", "a.html", "txt"},
           {"<html><script>", "a.txt", NULL},
           {"  \n<svg/>", "a.csv", NULL},
           {"MZ\x01\x02", "a.pdf", NULL},
           {"\xEF\xBB\xBF<!DOCTYPE", "a.txt", NULL},
           {"PK\x03\x04zip", "a.xlsx", NULL},
           {"GIF89a\x01", "a.gif", NULL}};
  for (size_t i = 0; i < sizeof c / sizeof *c; i++) {
    const char *t = qf_evidence_type(c[i].bytes, strlen(c[i].bytes), c[i].name);
    if (c[i].type)
      assert_string_equal(t, c[i].type);
    else
      assert_null(t);
  }
}

static void evidence_is_kept_and_checked(void **state)
{
  kit *k = *state;
  qf_err err = {0};
  qf_outcome o = {0};
  qf_filing x;
  qf_evidence e = {0}, found;
  qf_buf out;
  char path[500];
  const qf_actor other = {.id = "s", .ngrants = 1, .grant = {{QF_ROLE_FILER, "mill", "", "u2"}}};
  json_t *sheet = json_pack("{s:s, s:i}", "subject", "u1", "month", 24313);
  assert_int_equal(qf_filing_new(k->filings, &filer, k->stock, sheet, NULL, &o, &err), QF_OK);
  assert_int_equal(qf_filing_get(k->filings, o.id, &x, &err), QF_OK);
  assert_int_equal(
      qf_evidence_put(k->filings, &filer, &x, &(qf_evidence_file){"report", "coal", "a/b.pdf", "%PDF-", 5}, &e, &err),
      QF_RANGE);
  assert_int_equal(
      qf_evidence_put(k->filings, &filer, &x, &(qf_evidence_file){"nothing", "coal", "b.pdf", "%PDF-", 5}, &e, &err),
      QF_RANGE);
  assert_int_equal(
      qf_evidence_put(k->filings, &filer, &x, &(qf_evidence_file){"report", "coal", "b.html", "<html>", 6}, &e, &err),
      QF_SYNTAX);
  assert_int_equal(qf_evidence_put(k->filings, &filer, &x,
                                   &(qf_evidence_file){"report", "coal", "化验单.pdf", "%PDF-", 5}, &e, &err),
                   QF_OK);
  /* sha256 of "%PDF-" by sha256sum */
  assert_string_equal(e.sha256, "38523c087796e5d5dd1cf9bad1fb026781a838dd9dd2cf8af58b9f6502a46778");
  assert_int_equal(qf_evidence_find(k->filings, &other, e.sha256, &found, &err), QF_NOTFOUND);
  assert_int_equal(qf_evidence_find(k->filings, &filer, e.sha256, &found, &err), QF_OK);
  assert_string_equal(found.name, "化验单.pdf");
  qf_buf_init(&out, 1000);
  assert_int_equal(qf_evidence_read(k->dir, &found, &out, &err), QF_OK);
  assert_int_equal(out.len, 5);
  snprintf(path, sizeof path, "%s/evidence/%.2s/%s", k->dir, e.sha256, e.sha256);
  chmod(path, 0600);
  FILE *f = fopen(path, "r+b");
  assert_non_null(f);
  fputc('X', f);
  fclose(f);
  qf_buf_reset(&out);
  assert_int_equal(qf_evidence_read(k->dir, &found, &out, &err), QF_CORRUPT);
  qf_buf_fini(&out);
  json_decref(sheet);
  qf_filing_fini(&x);
  qf_outcome_fini(&o);
}

static void cells_of_spreadsheets(void **state)
{
  (void)state;
  static const char *const c[][2] = {{"=1+1", "'=1+1"}, {"-5.25", "-5.25"},    {"-5+2", "'-5+2"},
                                     {"@x", "'@x"},     {"+86 24", "'+86 24"}, {"a\"b", "\"a\"\"b\""},
                                     {"\tx", "'\tx"},   {"甲,乙", "\"甲,乙\""}};
  for (size_t i = 0; i < sizeof c / sizeof *c; i++) {
    qf_buf b;
    qf_buf_init(&b, 100);
    qf_csv_cell(&b, c[i][0]);
    assert_string_equal(b.data, c[i][1]);
    qf_buf_fini(&b);
  }
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, kit_up, kit_down)
  const struct CMUnitTest tests[] = {cmocka_unit_test(kinds_of_files),
                                     cmocka_unit_test(cells_of_spreadsheets),
                                     T(rows_and_refusals),
                                     T(headers),
                                     T(chinese_bytes),
                                     T(a_moment_keeps_its_zone),
                                     T(evidence_is_kept_and_checked),
                                     T(a_hundred_thousand)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
