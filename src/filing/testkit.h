/* A city for the tests of this room: the real city pack and a small pack of its own, so that the tests stand apart from real forms. */
#ifndef QF_FILING_TESTKIT_H
#define QF_FILING_TESTKIT_H
#include "base/test_dir.h"
#include "filing/filing.h"
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

typedef struct kit {
  char root[64], packs[128], dir[128];
  qf_city *city;
  qf_filings *filings;
  const qf_form *stock;
} kit;

static inline void kit_file(const kit *k, const char *name, const char *text)
{
  char path[400];
  snprintf(path, sizeof path, "%s/%s", k->packs, name);
  FILE *f = fopen(path, "wb");
  assert_non_null(f);
  assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
  fclose(f);
}

static inline void kit_folder(const kit *k, const char *name)
{
  char path[400];
  snprintf(path, sizeof path, "%s/%s", k->packs, name);
  assert_int_equal(mkdir(path, 0700), 0);
}

static inline void kit_remove(const char *path)
{
  struct stat st;
  if (lstat(path, &st) != 0)
    return;
  DIR *d = S_ISDIR(st.st_mode) ? opendir(path) : NULL;
  if (d) {
    for (struct dirent *e; (e = readdir(d));)
      if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0) {
        char sub[700];
        snprintf(sub, sizeof sub, "%s/%s", path, e->d_name);
        kit_remove(sub);
      }
    closedir(d);
    rmdir(path);
  } else {
    unlink(path);
  }
}

static inline qf_us kit_now(void *ud)
{
  (void)ud; /* 2026-03-16 12:00 in Beijing: after 10 March, a Monday */
  return qf_day_cn_start(qf_days_from_civil(2026, 3, 16)) + 12 * QF_US_HOUR;
}

static inline void kit_packs(kit *k)
{
  char to[200];
  assert_non_null(qf_test_dir(k->root, sizeof k->root, "filing"));
  snprintf(k->packs, sizeof k->packs, "%s/packs", k->root);
  snprintf(k->dir, sizeof k->dir, "%s/data", k->root);
  mkdir(k->packs, 0700);
  snprintf(to, sizeof to, "%s/city", k->packs);
  assert_int_equal(symlink(QF_SOURCE_DIR "/packs/city", to), 0);
  kit_folder(k, "mill");
  kit_folder(k, "mill/records");
  kit_folder(k, "mill/checks");
  kit_folder(k, "mill/checks/stock");
  kit_file(k, "mill/pack.ini", "[pack]\narea = mill\ntitle_zh = 厂\ntitle_en = Mill\n");
  kit_file(k, "mill/records/stock.sql",
           "-- title: 库存表|Stock form\n-- flow: monthly\n-- sheet: subject month\n-- key: subject month code\n"
           "-- due: day 10 of the next month\n-- evidence: report\n-- gives: used\n"
           "CREATE TABLE stock (subject VARCHAR NOT NULL, month INTEGER NOT NULL CHECK (month BETWEEN 24000 AND 26400),"
           " code VARCHAR NOT NULL CHECK (code IN ('coal', 'coke', 'it''s')), opening DECIMAL(18,3) NOT NULL CHECK "
           "(opening >= 0),"
           " bought DECIMAL(18,3), spent DECIMAL(18,3), closing DECIMAL(18,3), at_day DATE, report VARCHAR);\n"
           "COMMENT ON COLUMN stock.opening IS '期初|Opening [t]';\nCOMMENT ON COLUMN stock.code IS '品种|Variety';\n"
           "COMMENT ON COLUMN stock.spent IS '消费|Spent [t]';\n");
  kit_file(k, "mill/records/used.sql",
           "-- title: 消费|Used\n-- key: subject month code\n"
           "CREATE TABLE used (subject VARCHAR NOT NULL, month INTEGER NOT NULL, code VARCHAR NOT NULL, spent "
           "DECIMAL(18,3));\n");
  kit_file(k, "mill/records/weighing.sql",
           "-- title: 过磅|Weighing\n-- key: plate\n"
           "CREATE TABLE weighing (plate VARCHAR NOT NULL, weighed TIMESTAMP NOT NULL);\n");
  kit_file(k, "mill/records/stock.gives.sql",
           "-- what was spent\nSELECT subject, month, code, spent FROM sheet WHERE spent > 0;\n");
  kit_file(
      k, "mill/checks/stock/identity.sql",
      "-- id: stock.identity\n-- title: 平衡|Identity\n-- severity: block\n"
      "SELECT row_no, 'closing' AS field, closing AS value, opening + bought - spent AS expected, '不平' AS text_zh,"
      " 'opening + bought - spent' AS text_en FROM sheet WHERE opening + bought - spent <> closing\n");
  kit_file(
      k, "mill/checks/stock/leap.sql",
      "-- id: stock.leap\n-- title: 突变|Leap\n-- severity: explain\n"
      "WITH last AS (SELECT code, spent FROM rec_stock WHERE month = (SELECT max(month) - 1 FROM sheet) AND subject ="
      " (SELECT max(subject) FROM sheet)) SELECT s.row_no, 'spent' AS field, s.spent AS value, l.spent AS expected,"
      " '比上月翻倍' AS text_zh, 'more than twice last month' AS text_en FROM sheet s JOIN last l ON l.code = s.code"
      " WHERE s.spent > 2 * l.spent\n");
}

static inline void kit_open(kit *k)
{
  qf_err err = {0};
  qf_city_opts o = {.packs_dir = k->packs, .clock = {kit_now, NULL}};
  if (qf_city_open(k->dir, &o, &k->city, &err))
    fail_msg("%s", err.en);
  if (qf_filings_open(k->city, &k->filings, &err))
    fail_msg("%s", err.en);
  k->stock = qf_forms_find(qf_filings_forms(k->filings), "stock");
  assert_non_null(k->stock);
}

static inline void kit_records(kit *k, const char *json)
{
  qf_err err = {0};
  json_t *j = json_loads(json, 0, NULL);
  assert_non_null(j);
  if (qf_city_records(k->city, j, NULL, &err))
    fail_msg("%s", err.en);
  json_decref(j);
}

static inline int kit_up(void **state)
{
  kit *k = calloc(1, sizeof *k);
  assert_non_null(k);
  kit_packs(k);
  kit_open(k);
  kit_records(k, "[{\"type\":\"subject\",\"id\":\"d1\",\"data\":{\"kind\":\"district\",\"parent\":\"c\",\"name_zh\":"
                 "\"区\",\"name_en\":\"D\"}},"
                 "{\"type\":\"subject\",\"id\":\"u1\",\"data\":{\"kind\":\"unit\",\"parent\":\"d1\",\"name_zh\":\"甲\","
                 "\"name_en\":\"A\"}},"
                 "{\"type\":\"subject\",\"id\":\"u2\",\"data\":{\"kind\":\"unit\",\"parent\":\"d1\",\"name_zh\":\"乙\","
                 "\"name_en\":\"B\"}}]");
  *state = k;
  return 0;
}

static inline void kit_shut(kit *k)
{
  qf_filings_close(k->filings);
  qf_city_close(k->city);
  k->filings = NULL;
  k->city = NULL;
}

static inline int kit_down(void **state)
{
  kit *k = *state;
  kit_shut(k);
  kit_remove(k->root);
  free(k);
  return 0;
}
#endif
