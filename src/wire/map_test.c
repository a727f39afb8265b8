/* The readings map: the two example files, every kind of fault in map and CSV, the times of a table. The big case runs
 * over the whole year of UCI data set 851 when the environment variable QF_STEEL_CSV names Steel_industry_data.csv; its
 * sums were taken with awk -F, 'NR>1{for(i=2;i<=7;i++)s[i]+=$i} END{for(i=2;i<=7;i++)printf "%.2f ",s[i]}'
 * Steel_industry_data.csv awk -F, 'NR>1{split($1,a,/[\/ ]/);d[a[3]"-"a[2]"-"a[1]]+=$2} END{for(k in d)print k,d[k]}'
 * Steel_industry_data.csv */
#include "wire/map.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the headers above first */
#include <cmocka.h>

static char *slurp(const char *path, size_t *n)
{
  FILE *f = fopen(path, "rb");
  if (!f)
    fail_msg("cannot open %s", path);
  char *b = malloc(8 << 20);
  *n = fread(b, 1, 8 << 20, f);
  fclose(f);
  return b;
}

static qf_map *load_map(const char *path)
{
  size_t n;
  char *ini = slurp(path, &n);
  qf_map *m = NULL;
  qf_err err = {0};
  if (qf_map_parse(ini, n, &m, &err))
    fail_msg("%s: %s", path, err.en);
  free(ini);
  return m;
}

typedef struct sum {
  qf_dec value[8]; /* of each point */
  qf_dec day[366]; /* of point 0 by ledger day: an interval belongs to the day its middle lies in */
  qf_map_stats st;
  int32_t day0;
} sum;

static qf_dec dec_of(qf_num v)
{
  int64_t m;
  assert_int_equal(qf_num_scale(v, -6, &m, NULL), QF_OK);
  return qf_dec_int(m, 6);
}

static void add(qf_dec *a, qf_num v)
{
  assert_int_equal(qf_dec_add(*a, dec_of(v), a), QF_OK);
}

/* Feed a CSV in pieces of `piece` bytes and add everything up. */
static void run(const qf_map *m, const char *csv, size_t n, size_t piece, sum *s)
{
  qf_map_run *r;
  qf_map_row row;
  qf_err err = {0};
  size_t at = 0;
  qf_rc rc;
  uint64_t line = 0;
  memset(s->value, 0, sizeof s->value);
  memset(s->day, 0, sizeof s->day);
  assert_int_equal(qf_map_start(m, &r, &err), QF_OK);
  while ((rc = qf_map_next(r, &row, &err)) != QF_NOTFOUND) {
    if (rc == QF_PARTIAL) {
      size_t k = n - at < piece ? n - at : piece;
      qf_map_put(r, csv + at, k, at + k == n);
      at += k;
      continue;
    }
    if (rc)
      fail_msg("%s", err.en);
    if (row.refused)
      fail_msg("%s", row.why.en);
    assert_true(row.line > line);
    line = row.line_last;
    for (size_t i = 0; i < row.n; i++) {
      const qf_map_reading *x = &row.readings[i];
      add(&s->value[x->point], x->v);
      int32_t day = qf_day_cn(x->ts_us - 450 * QF_US_SECOND) - s->day0;
      if (x->point == 0 && day >= 0 && day < 366)
        add(&s->day[day], x->v);
    }
  }
  qf_map_get_stats(r, &s->st);
  qf_map_stop(r);
}

static void dec_is(qf_dec v, const char *want)
{
  qf_dec w;
  assert_int_equal(qf_dec_parse(want, strlen(want), &w), QF_OK);
  if (qf_dec_cmp(v, w) != 0)
    fail_msg("found %.6f, expected %s", qf_dec_double(v), want);
}

/* A whole real year: every row accounted for, every sum as awk gives it, every day of 96 intervals in its own day. */
static void steel_year(void **st)
{
  (void)st;
  const char *path = getenv("QF_STEEL_CSV");
  if (!path) {
    print_message("QF_STEEL_CSV is not set: the year of UCI 851 is left out\n");
    skip();
  }
  size_t n;
  char *csv = slurp(path, &n);
  qf_map *m = load_map("docs/examples/steel-uci.ini");
  sum *s = calloc(1, sizeof *s);
  s->day0 = qf_days_from_civil(2018, 1, 1);
  run(m, csv, n, 65536, s);
  assert_int_equal(s->st.rows, 35040);
  assert_int_equal(s->st.taken, 35040);
  assert_int_equal(s->st.readings, 35040 * 7);
  assert_int_equal(s->st.empty + s->st.refused + s->st.passed + s->st.blank, 0);
  assert_int_equal(s->st.heading, 1);
  dec_is(s->value[0], "959636.71");
  dec_is(s->value[1], "456759.84");
  dec_is(s->value[2], "135638.04");
  dec_is(s->value[3], "403.81");
  dec_is(s->value[4], "2823455.09");
  dec_is(s->value[5], "2956250.16");
  dec_is(s->value[6], "24240"); /* 9696 Medium_Load x 1 + 7272 Maximum_Load x 2 */
  dec_is(s->day[0], "351.86");
  dec_is(s->day[364], "339.08"); /* 31 December */
  dec_is(s->day[365], "0");
  assert_int_equal(s->st.from_us, 1514736900000000); /* 2018-01-01T00:15+08:00: date -d 2018-01-01T00:15+08 +%s */
  assert_int_equal(s->st.to_us, 1546272000000000);   /* 2019-01-01T00:00+08:00 */
  sum *t = calloc(1, sizeof *t);                     /* in pieces of another size the same */
  run(m, csv, n, 61, t);
  assert_int_equal(qf_dec_cmp(s->value[0], t->value[0]), 0);
  assert_int_equal(t->st.taken, 35040);
  free(t);
  free(s);
  free(csv);
  qf_map_free(m);
}

/* The first day's ends and the two spellings, from the same file (UCI 851, CC BY 4.0). */
static void steel_midnight(void **st)
{
  (void)st;
  static const char head[] =
      "\xEF\xBB\xBF"
      "date,Usage_kWh,Lagging_Current_Reactive.Power_kVarh,Leading_Current_Reactive_Power_kVarh,CO2(tCO2),"
      "Lagging_Current_Power_Factor,Leading_Current_Power_Factor,NSM,WeekStatus,Day_of_week,Load_Type\r\n";
  static const char rows[] = "1/1/2018 23:45,3.67,3.96,0,0,67.97,100,85500,Weekday,Monday,Light_Load\r\n"
                             "1/1/2018 0:00,3.42,3.46,0,0,70.3,100,0,Weekday,Monday,Light_Load\r\n"
                             "02/01/2018 00:15,3.2,3.1,0,0,71.82,100,900,Weekday,Tuesday,Medium_Load\r\n";
  static const qf_us want[] = {1514821500000000, 1514822400000000,
                               1514823300000000}; /* 15 minutes apart, over midnight */
  char csv[1000];
  int n = snprintf(csv, sizeof csv, "%s%s", head, rows);
  qf_map *m = load_map("docs/examples/steel-uci.ini");
  for (int k = 1; k <= n; k += 13) {
    qf_map_run *r;
    qf_map_row row;
    qf_rc rc;
    int at = 0, i = 0;
    assert_int_equal(qf_map_start(m, &r, NULL), QF_OK);
    while ((rc = qf_map_next(r, &row, NULL)) != QF_NOTFOUND) {
      if (rc == QF_PARTIAL) {
        qf_map_put(r, csv + at, (size_t)(n - at < k ? n - at : k), at + k >= n);
        at += n - at < k ? n - at : k;
        continue;
      }
      assert_int_equal(rc, QF_OK);
      assert_false(row.refused);
      assert_int_equal(row.n, 7);
      assert_int_equal(row.readings[0].ts_us, want[i]);
      assert_int_equal(row.line, i + 2);
      assert_int_equal(row.readings[6].v.mant, i == 2);
      i++;
    }
    assert_int_equal(i, 3);
    qf_map_stop(r);
  }
  qf_map_free(m);
}

/* The long example: decimal comma, grouping, units per row, registers, k. */
static void boiler_house(void **st)
{
  (void)st;
  size_t n;
  char *csv = slurp("docs/examples/boiler-house.csv", &n);
  qf_map *m = load_map("docs/examples/boiler-house.ini");
  sum s = {0};
  run(m, csv, n, 7, &s);
  assert_int_equal(s.st.rows, 73);
  assert_int_equal(s.st.taken, 73);
  assert_int_equal(s.st.empty, 1); /* the "-" of 05:00 */
  assert_int_equal(s.st.heading, 3);
  assert_int_equal(s.st.from_us, 1735660800000000); /* 2025-01-01T00:00+08:00 */
  /* E-1: 25 readings of 1204 + (3120 + 37 h + h^2 mod 7) / 10^4: 25 x 1204 = 30100; sum h = 300; sum of h^2 mod 7 over
   * 0..24: (0+1+4+2+2+4+1) x 3 + 0+1+4+2 = 49; (25 x 3120 + 37 x 300 + 49) / 10^4 = 8.9149 */
  dec_is(s.value[0], "30108.9149");
  /* W-1: 24 readings of 88017.120 + 0.011 h MWh, every second one written in kWh: 24 x 88017.12 + 0.011 x 276 */
  dec_is(s.value[1], "2112413.916");
  /* G-1: 23 readings of 1.210 + 0.001 h thousand m3, some written in m3: 23 x 1.21 + 0.001 x (276 - 5) */
  dec_is(s.value[2], "28.101");
  size_t np;
  const qf_map_point *p = qf_map_points(m, &np);
  assert_int_equal(np, 3);
  assert_string_equal(p[0].series, "meter,point=E-1,unit=sample-boiler energy");
  assert_int_equal(p[0].k.mant, 160000); /* CT x PT 160, MWh to kWh 1000 */
  assert_int_equal(p[0].k.exp, 0);
  assert_int_equal(p[0].digits, 6);
  assert_int_equal(p[0].lsb_exp, -4);
  assert_int_equal(p[1].k.mant, 36); /* 1 MWh = 3.6 GJ */
  assert_int_equal(p[1].k.exp, -1);
  assert_int_equal(p[2].kind, QF_MAP_INTERVAL);
  assert_true(p[2].stamp_begin);
  assert_int_equal(p[2].period_s, 3600);
  qf_buf b;
  qf_buf_init(&b, 1 << 16);
  qf_map_records(m, "tester", &b);
  assert_false(b.failed);
  assert_non_null(strstr(
      b.data, "{\"type\":\"subject\",\"id\":\"sample-boiler\",\"status\":\"accepted\",\"by\":\"tester\",\"data\":{"));
  assert_non_null(strstr(b.data, "\"sample\":true"));
  assert_non_null(
      strstr(b.data, "\"k\":\"160000\",\"digits\":6,\"lsb_exp\":-4,\"period_s\":3600,\"stamp\":\"begin\",\"level\":1"));
  qf_buf_fini(&b);
  qf_map_free(m);
  free(csv);
}

#define MINI_TIME "[time]\ncolumn=t\nformat=YYYY-MM-DD HH:mm:ss\nzone=UTC\n"
#define MINI_POINT "[point v]\nseries=m v\nsubject=s\nname_zh=x\nkind=gauge\n"

static qf_map *parse(const char *ini)
{
  qf_map *m = NULL;
  qf_err err = {0};
  if (qf_map_parse(ini, strlen(ini), &m, &err))
    fail_msg("%s\n%s", ini, err.en);
  return m;
}

/* The stamp that a cell means; -1 refused. */
static qf_us stamp_of(const char *time_section, const char *cells)
{
  char ini[600], csv[200];
  qf_map_run *r;
  qf_map_row row;
  snprintf(ini, sizeof ini, "[time]\n%s" MINI_POINT, time_section);
  snprintf(csv, sizeof csv, "t,u,v\n%s,1\n", cells);
  qf_map *m = parse(ini);
  assert_int_equal(qf_map_start(m, &r, NULL), QF_OK);
  qf_map_put(r, csv, strlen(csv), true);
  assert_int_equal(qf_map_next(r, &row, NULL), QF_OK);
  qf_us ts = row.refused ? -1 : row.readings[0].ts_us / QF_US_SECOND;
  qf_map_stop(r);
  qf_map_free(m);
  return ts;
}

static void times(void **st)
{
  (void)st;
  /* seconds from `date -u -d "..." +%s` */
  static const struct {
    const char *time, *cells;
    qf_us s;
  } t[] = {
      {"column=t\nformat=YYYY-MM-DD HH:mm:ss\nzone=UTC\n", "2024-02-29 12:34:56,", 1709210096},
      {"column=t\nformat=YYYY-MM-DD HH:mm:ss\nzone=UTC\n", "2023-02-29 12:34:56,", -1},
      {"column=t\nformat=YYYY-MM-DD HH:mm:ss\nzone=UTC\n", "2024-2-29 12:34:56,", -1}, /* MM wants two digits */
      {"column=t\nformat=YYYY-MM-DD HH:mm:ss\nzone=UTC\n", "2024-02-29 12:34:56 ,", 1709210096},
      {"column=t\nformat=YYYY-MM-DD HH:mm:ss\nzone=UTC\n", "2024-02-29 12:34:56x,", -1},
      {"column=t\nformat=YYYY-MM-DD HH:mm:ss\nzone=UTC\n", ",", -1},
      {"column=t\nformat=YYYY/M/D H:mm\nzone=Asia/Shanghai\n", "2024/2/29 9:05,", 1709168700},
      {"column=t\nformat=YYYY/M/D H:mm\nzone=+08:00\n", "2024/12/01 09:05,", 1733015100},
      {"column=t\nformat=YYYY/M/D H:mm\nzone=+09:00\n", "2024/12/01 09:05,", 1733011500},
      {"column=t\nformat=YYYY/M/D H:mm\nzone=-05:30\n", "2024/12/01 09:05,", 1733063700},
      {"column=t\nformat=YYYY/M/D H:mm\nzone=Asia/Shanghai\n", "1990/7/1 9:05,", -1}, /* summer time: refused */
      {"column=t\nformat=YYYY/M/D H:mm\nzone=UTC\n", "1969/12/31 23:59,", -1},
      {"column=t\nformat=YYYY/M/D H:mm\nzone=UTC\n", "2200/1/1 0:00,", -1},
      {"column=t\nformat=D/M/YYYY H:mm\nzone=UTC\n", "3/4/2024 0:15,", 1712103300},
      {"column=t\nformat=M/D/YYYY H:mm\nzone=UTC\n", "3/4/2024 0:15,", 1709511300},
      {"column=t\nformat=D/M/YYYY H:mm | YYYY-MM-DDTHH:mm:ssZ\nzone=UTC\n", "2024-04-03T08:15:00+08:00,", 1712103300},
      {"column=t\nformat=YYYY-MM-DDTHH:mm:ssZ\nzone=UTC\n", "2024-04-03T00:15:00Z,", 1712103300},
      {"column=t\nformat=YYYY-MM-DDTHH:mm:ssZ\nzone=UTC\n", "2024-04-02T19:45:00-0430,", 1712103300},
      {"column=t\nformat=YYYY年M月D日H时mm分\nzone=UTC\n", "2024年4月3日0时15分,", 1712103300},
      {"column=t\nformat=YYYYMMDDHHmm\nzone=UTC\n", "202404030015,", 1712103300},
      {"date=t\ntime=u\nformat=DD.MM.YYYY HH:mm\nzone=UTC\n", "03.04.2024,00:15", 1712103300},
      {"date=t\ntime=u\nformat=DD.MM.YYYY HH:mm\nzone=UTC\n", "03.04.2024,", -1},
      {"column=t\nformat=D/M/YYYY H:mm\nzone=UTC\n", "3/4/2024 0:00,", 1712102400},
      {"column=t\nformat=D/M/YYYY H:mm\nzone=UTC\nmidnight=end-of-own-day\n", "3/4/2024 0:00,", 1712188800},
      {"column=t\nformat=D/M/YYYY H:mm\nzone=UTC\nmidnight=end-of-own-day\n", "3/4/2024 0:01,", 1712102460},
      {"column=t\nformat=D/M/YYYY H:mm\nzone=UTC\nmidnight=end-of-own-day\n", "31/12/2023 0:00,", 1704067200},
      {"column=t\nformat=D/M/YYYY H:mm\nzone=UTC\n", "3/4/2024 24:00,", 1712188800},
      {"column=t\nformat=D/M/YYYY H:mm\nzone=UTC\nmidnight=end-of-own-day\n", "3/4/2024 24:00,", 1712188800},
      {"column=t\nformat=D/M/YYYY H:mm\nzone=UTC\n", "3/4/2024 24:15,", -1},
      {"column=t\nformat=D/M/YYYY H:mm\nzone=UTC\n", "3/4/2024 12:60,", -1},
      {"column=t\nformat=D/M/YYYY H:mm\nzone=UTC\nshift=15m\n", "3/4/2024 0:00,", 1712103300},
      {"column=t\nformat=D/M/YYYY H:mm\nzone=UTC\nshift=-1h\n", "3/4/2024 1:15,", 1712103300},
      {"column=t\nformat=D/M/YYYY H:mm\nzone=UTC\nseconds_of_day=u\n", "3/4/2024 0:15,900", 1712103300},
      {"column=t\nformat=D/M/YYYY H:mm\nzone=UTC\nseconds_of_day=u\n", "3/4/2024 0:15,901", -1},
      {"column=t\nformat=D/M/YYYY H:mm\nzone=UTC\nseconds_of_day=u\n", "3/4/2024 24:00,86400", 1712188800},
      {"column=t\nformat=D/M/YYYY H:mm\nzone=UTC\nseconds_of_day=u\n", "3/4/2024 0:15,", -1},
      {"column=t\nformat=D/M/YYYY H:mm\nzone=UTC\nweekday=u\n", "3/4/2024 0:15,Wednesday", 1712103300},
      {"column=t\nformat=D/M/YYYY H:mm\nzone=UTC\nweekday=u\n", "3/4/2024 0:15,wed", 1712103300},
      {"column=t\nformat=D/M/YYYY H:mm\nzone=UTC\nweekday=u\n", "3/4/2024 0:15,星期三", 1712103300},
      {"column=t\nformat=D/M/YYYY H:mm\nzone=UTC\nweekday=u\n", "3/4/2024 0:15,周三", 1712103300},
      {"column=t\nformat=D/M/YYYY H:mm\nzone=UTC\nweekday=u\n", "3/4/2024 0:15,3", 1712103300},
      {"column=t\nformat=D/M/YYYY H:mm\nzone=UTC\nweekday=u\n", "3/4/2024 0:15,Monday",
       -1}, /* 4 March was one: M/D read as D/M */
  };
  for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
    qf_us s = stamp_of(t[i].time, t[i].cells);
    if (s != t[i].s)
      fail_msg("%s%s: found %lld, expected %lld", t[i].time, t[i].cells, (long long)s, (long long)t[i].s);
  }
}

/* value cell under [file] settings -> mantissa and exponent, or words of the refusal */
static void numbers(void **st)
{
  (void)st;
  static const struct {
    const char *file, *cell;
    int64_t mant;
    int exp;
    const char *why; /* NULL: taken; "": no value */
  } t[] = {
      {"", "12.50", 1250, -2, NULL},
      {"", " 12.5 ", 125, -1, NULL},
      {"", "-3", -3, 0, NULL},
      {"", "1.2E+05", 12, 4, NULL},
      {"", "", 0, 0, ""},
      {"empty=refuse\n", "", 0, 0, "expected a value"},
      {"missing=- | NULL\n", "NULL", 0, 0, ""},
      {"missing=- | NULL\n", "-", 0, 0, ""},
      {"", "NULL", 0, 0, "found \"NULL\", expected a number with decimal point"},
      {"", "12,5", 0, 0, "expected a number"},
      {"", "NaN", 0, 0, "expected a number"},
      {"", "12.5 kWh", 0, 0, "expected a number"},
      {"decimal=comma\n", "12,5", 125, -1, NULL},
      {"decimal=comma\n", "12.5", 0, 0, "decimal comma"},
      {"decimal=comma\ngrouping=point\n", "1.234.567,8", 12345678, -1, NULL},
      {"decimal=comma\ngrouping=point\n", "1.23,8", 0, 0, "expected a number"},
      {"decimal=comma\ngrouping=point\n", "12.34", 0, 0, "expected a number"},
      {"decimal=comma\ngrouping=point\n", "1234.567", 0, 0, "expected a number"},
      {"grouping=comma\n", "1,234.5", 12345, -1, NULL},
      {"grouping=comma\n", "-1,234", -1234, 0, NULL},
      {"grouping=comma\n", "1234.5", 12345, -1, NULL},
      {"grouping=comma\n", ",234", 0, 0, "expected a number"},
      {"grouping=comma\n", "1,234,", 0, 0, "expected a number"},
      {"grouping=comma\n", "1.234,5", 0, 0, "expected a number"},
  };
  for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
    char ini[600], csv[200];
    qf_map_run *r;
    qf_map_row row;
    snprintf(ini, sizeof ini, "[file]\ndelimiter=semicolon\n%s" MINI_TIME MINI_POINT, t[i].file);
    snprintf(csv, sizeof csv, "t;v\n2024-01-01 00:00:00;%s\n", t[i].cell);
    qf_map *m = parse(ini);
    assert_int_equal(qf_map_start(m, &r, NULL), QF_OK);
    qf_map_put(r, csv, strlen(csv), true);
    assert_int_equal(qf_map_next(r, &row, NULL), QF_OK);
    bool taken = !row.refused && row.n == 1, empty = !row.refused && row.n == 0;
    if (t[i].why ? (*t[i].why ? !row.refused || !strstr(row.why.en, t[i].why) : !empty)
                 : !taken || row.readings[0].v.mant != t[i].mant || row.readings[0].v.exp != t[i].exp)
      fail_msg("%s\"%s\": refused %d n %zu: %s", t[i].file, t[i].cell, row.refused, row.n, row.why.en);
    qf_map_stop(r);
    qf_map_free(m);
  }
}

/* Each refused row names line, column, found and expected, in two languages, and leaves its neighbours alone. */
static void refused_rows(void **st)
{
  (void)st;
  static const char ini[] =
      MINI_TIME "[point v]\nseries=m v\nsubject=s\nname_zh=x\nkind=gauge\ndecimals=1\n"
                "[point w]\nseries=m w\nsubject=s\nname_zh=x\nkind=state\nstate on=1\nstate off=0\n"
                "[point x]\nseries=m x\nsubject=s\nname_zh=x\nkind=text\n";
  static const char csv[] = "t,v,w,x\n"
                            "2024-01-01 00:00:00,1.5,on,hello\n"
                            "yesterday,1.5,on,a\n"
                            "2024-01-01 00:00:00,abc,on,a\n"
                            "2024-01-01 00:00:00,1.25,on,a\n"
                            "2024-01-01 00:00:00,1.5,ON,a\n"
                            "2024-01-01 00:00:00,1.5,on\n"
                            "2024-01-01 00:00:00,1.5,on,a,b\n"
                            "2024-01-01 00:00:00,1.5,on,\xff\n"
                            "2024-01-01 00:00:00,1.5,o\"n,a\n"
                            "\n"
                            "2024-01-01 00:00:01,2.50,off,bye,\n";
  static const struct {
    uint64_t line;
    const char *column, *en, *zh;
  } want[] = {
      {3, "t", "line 3, column \"t\": found \"yesterday\", expected a time written YYYY-MM-DD HH:mm:ss",
       "第 3 行“t”列：实为“yesterday”"},
      {4, "v", "found \"abc\", expected a number with decimal point", "第 4 行“v”列：实为“abc”，应为以小数点书写的数"},
      {5, "v", "found \"1.25\", expected at most 1 decimals", "至多 1 位小数"},
      {6, "w", "found \"ON\", expected on | off", "应为on | off"},
      {7, "", "line 7: found 3, expected 4 fields", "第 7 行：实为 3，应为4 个字段"},
      {8, "", "found 5, expected 4 fields", "4 个字段"},
      {9, "x", "expected UTF-8 text", "UTF-8 文本"},
      {10, "", "line 10, column 26: a quote inside an unquoted field", "第 10 行第 26 列"},
  };
  qf_map *m = parse(ini);
  qf_map_run *r;
  qf_map_row row;
  qf_map_stats s;
  assert_int_equal(qf_map_start(m, &r, NULL), QF_OK);
  qf_map_put(r, csv, sizeof csv - 1, true);
  assert_int_equal(qf_map_next(r, &row, NULL), QF_OK);
  assert_int_equal(row.n, 3);
  assert_int_equal(row.readings[1].v.mant, 1);
  assert_int_equal(row.readings[2].text_len, 5);
  assert_memory_equal(row.readings[2].text, "hello", 5);
  for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
    assert_int_equal(qf_map_next(r, &row, NULL), QF_OK);
    if (!row.refused || row.n || row.line != want[i].line || strcmp(row.column, want[i].column) != 0 ||
        !strstr(row.why.en, want[i].en) || !strstr(row.why.zh, want[i].zh))
      fail_msg("%s | %s, expected %s", row.why.en, row.why.zh, want[i].en);
  }
  assert_int_equal(qf_map_next(r, &row, NULL), QF_OK);
  assert_false(row.refused);
  assert_int_equal(row.n, 3); /* 2.50 has one decimal's worth; the empty field behind the last delimiter is let pass */
  assert_int_equal(qf_map_next(r, &row, NULL), QF_NOTFOUND);
  qf_map_get_stats(r, &s);
  assert_int_equal(s.rows, 10);
  assert_int_equal(s.taken, 2);
  assert_int_equal(s.refused, 8);
  assert_int_equal(s.blank, 1);
  assert_int_equal(s.readings, 6);
  qf_map_stop(r);
  qf_map_free(m);
}

static void long_faults(void **st)
{
  (void)st;
  static const char form[] = "[file]\nformat=long\n" MINI_TIME "[long]\nname=n\nvalue=v\nunit=u\nunknown=%s\n"
                             "[point a]\nseries=m a\nsubject=s\nname_zh=x\nkind=interval\nunit=kWh\n"
                             "[point b]\nmatch=B 1\nseries=m b\nsubject=s\nname_zh=x\nkind=interval\nunit=m3\n";
  static const char csv[] = "t,n,v,u\n2024-01-01 00:00:00,a,1.5,MWh\n2024-01-01 00:00:00,B 1,2,万m3\n"
                            "2024-01-01 00:00:00,c,1,kWh\n2024-01-01 00:00:00,a,1,t\n2024-01-01 00:00:00,a,1500,Wh\n"
                            "2024-01-01 00:00:00,B 1,,\n";
  for (int skip_unknown = 0; skip_unknown < 2; skip_unknown++) {
    char ini[700];
    qf_map_run *r;
    qf_map_row row;
    qf_map_stats s;
    snprintf(ini, sizeof ini, form, skip_unknown ? "skip" : "refuse");
    qf_map *m = parse(ini);
    assert_int_equal(qf_map_start(m, &r, NULL), QF_OK);
    qf_map_put(r, csv, sizeof csv - 1, true);
    assert_int_equal(qf_map_next(r, &row, NULL), QF_OK);
    assert_int_equal(row.readings[0].v.mant, 1500); /* 1.5 MWh = 1500 kWh */
    assert_int_equal(row.readings[0].v.exp, 0);
    assert_int_equal(qf_map_next(r, &row, NULL), QF_OK);
    assert_int_equal(row.readings[0].v.mant, 20000); /* 2 万m3 */
    assert_int_equal(row.readings[0].point, 1);
    assert_int_equal(qf_map_next(r, &row, NULL), QF_OK);
    assert_int_equal(row.passed, skip_unknown);
    assert_int_equal(row.refused, !skip_unknown);
    assert_int_equal(qf_map_next(r, &row, NULL), QF_OK);
    assert_true(row.refused);
    assert_string_equal(row.column, "u");
    assert_int_equal(qf_map_next(r, &row, NULL), QF_OK);
    assert_int_equal(row.readings[0].v.mant, 1500); /* 1500 Wh = 1.5 kWh, digits as written */
    assert_int_equal(row.readings[0].v.exp, -3);
    assert_int_equal(qf_map_next(r, &row, NULL), QF_OK);
    assert_false(row.refused);
    assert_int_equal(row.n, 0);
    assert_int_equal(qf_map_next(r, &row, NULL), QF_NOTFOUND);
    qf_map_get_stats(r, &s);
    assert_int_equal(s.rows, s.taken + s.refused + s.passed);
    assert_int_equal(s.rows, 6);
    assert_int_equal(s.empty, 1);
    qf_map_stop(r);
    qf_map_free(m);
  }
}

/* Files that do not fit the map end the run with words. */
static void unfitting_files(void **st)
{
  (void)st;
  static const struct {
    const char *file, *csv, *en;
  } t[] = {{"", "", "no header"},
           {"", "time,v\n1,2\n", "no column \"t\"; its columns are: time, v"},
           {"", "t,v,v\n1,2\n", "twice"},
           {"", "t,\xff,v\n", "not UTF-8"},
           {"", "t,v\"\n1,2\n", "line 1, column 4"},
           {"header=0\n", "1,2\n", "must be a column number"}};
  for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
    char ini[400];
    qf_map_run *r;
    qf_map_row row;
    qf_err err = {0};
    snprintf(ini, sizeof ini, "[file]\n%s" MINI_TIME MINI_POINT, *t[i].file ? t[i].file : "header=1\n");
    qf_map *m = parse(ini);
    assert_int_equal(qf_map_start(m, &r, NULL), QF_OK);
    qf_map_put(r, t[i].csv, strlen(t[i].csv), true);
    qf_rc rc = qf_map_next(r, &row, &err);
    if (rc == QF_OK || rc == QF_NOTFOUND || rc == QF_PARTIAL || !strstr(err.en, t[i].en) || !err.zh[0])
      fail_msg("\"%s\": %d %s", t[i].csv, rc, err.en);
    qf_map_stop(r);
    qf_map_free(m);
  }
}

static void without_header(void **st)
{
  (void)st;
  qf_map *m = parse("[file]\nheader=0\nskip=1\n[time]\ncolumn=2\nformat=YYYY-MM-DD HH:mm\nzone=UTC\n"
                    "[point 1]\nseries=m v\nsubject=s\nname_zh=x\nkind=gauge\n");
  qf_map_run *r;
  qf_map_row row;
  static const char csv[] = "\"export, with a quote never closed\n5,1970-01-01 00:01\n6\n";
  assert_int_equal(qf_map_start(m, &r, NULL), QF_OK);
  qf_map_put(r, csv, sizeof csv - 1, true);
  assert_int_equal(qf_map_next(r, &row, NULL), QF_OK);
  assert_int_equal(row.n, 1);
  assert_int_equal(row.line, 2);
  assert_int_equal(row.readings[0].ts_us, 60000000);
  assert_int_equal(qf_map_next(r, &row, NULL), QF_OK);
  assert_true(row.refused);
  assert_non_null(strstr(row.why.en, "line 3"));
  qf_map_stop(r);
  qf_map_free(m);
}

/* map text -> words of the refusal */
static void faulty_maps(void **st)
{
  (void)st;
  static const struct {
    const char *ini, *en;
  } t[] = {
      {"", "[time]"},
      {"nonsense\n", "line 1 is neither"},
      {"[file\n", "line 1 is neither"},
      {"a=1\n", "section [] is none of"},
      {"[files]\na=1\n", "line 2: section [files]"},
      {"[file]\nhead=1\n", "line 2: \"head\" is not a key of [file]"},
      {"[file]\nheader=1\nheader=1\n", "line 3: \"header\" is given twice"},
      {"[file]\ndelimiter = ;\n", "has no value"},
      {"[file]\ndelimiter=;\n" MINI_TIME MINI_POINT, "one of comma semicolon tab pipe space"},
      {"[file]\nheader=x\n" MINI_TIME MINI_POINT, "whole number from 0 to 1"},
      {"[file]\nencoding=latin1\n" MINI_TIME MINI_POINT, "utf-8 gb18030"},
      {"[file]\ngrouping=comma\ndecimal=comma\n" MINI_TIME MINI_POINT, "same character"},
      {MINI_POINT, "[time] wants column"},
      {"[time]\ncolumn=t\nformat=YYYY-MM-DD HH\n" MINI_POINT, "zone is missing"},
      {"[time]\ncolumn=t\nzone=UTC\n" MINI_POINT, "format is missing"},
      {"[time]\ncolumn=t\ndate=t\nformat=YYYY-MM-DD HH\nzone=UTC\n" MINI_POINT, "[time] wants column"},
      {"[time]\ncolumn=t\nformat=YYYY-MM HH\nzone=UTC\n" MINI_POINT, "lacks one of"},
      {"[time]\ncolumn=t\nformat=YYYY-MM-DD HH HH\nzone=UTC\n" MINI_POINT, "twice"},
      {"[time]\ncolumn=t\nformat=YYYY-MM-DD HH |\nzone=Europe/Paris\n" MINI_POINT,
       "UTC, Asia/Shanghai or a fixed offset"},
      {"[time]\ncolumn=t\nformat=YYYY-MM-DD HH\nzone=UTC\nshift=15\n" MINI_POINT, "15m"},
      {MINI_TIME, "describes no [point"},
      {MINI_TIME "[point v]\nsubject=s\nname_zh=x\nkind=gauge\n", "[point v] (line 6): series is missing"},
      {MINI_TIME "[point v]\nseries=m\nsubject=s\nname_zh=x\nkind=gauge\n", "is not measurement[,tag=value] field"},
      {MINI_TIME "[point v]\nseries=m,a v\nsubject=s\nname_zh=x\nkind=gauge\n", "is not measurement[,tag=value] field"},
      {MINI_TIME "[point v]\nseries=m v\nsubject=s\nname_zh=x\nkind=counter\n",
       "one of register interval gauge state text"},
      {MINI_TIME MINI_POINT "flow=in\n", "one of none purchase"},
      {MINI_TIME MINI_POINT "state on=1\n", "state words are for kind = state"},
      {MINI_TIME MINI_POINT "multiplier=0\n", "a number > 0"},
      {MINI_TIME MINI_POINT "multiplier=2\nk=2\n", "give one of them"},
      {MINI_TIME MINI_POINT "unit=GJ\ncarrier=electricity\nstandard=kWh\n", "no exact step"},
      {MINI_TIME MINI_POINT "unit=m3\ncarrier=fresh_water\n", "no exact step from unit m3 to t"},
      {MINI_TIME MINI_POINT "match=x\n", "column is for wide files"},
      {MINI_TIME MINI_POINT "rated=many\n", "a number is expected"},
      {MINI_TIME MINI_POINT "[point w]\nseries=m v\nsubject=s\nname_zh=x\nkind=gauge\n", "have the same series"},
      {MINI_TIME MINI_POINT "[subject s]\nkind=unit\n", "name_zh is missing"},
      {MINI_TIME MINI_POINT "[subject s]\nkind=shop\nname_zh=x\n", "one of unit city"},
      {MINI_TIME MINI_POINT "[subject s]\nkind=unit\nname_zh=x\nparent=a\ndistrict=b\n", "parent and district differ"},
      {MINI_TIME "[long]\nname=n\n" MINI_POINT, "[long] is for format = long"},
      {"[file]\nformat=long\n" MINI_TIME MINI_POINT, "[long] name is missing"},
      {"[point abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz]\n", "longer than 49 bytes"},
      {"[time]\n" /* 10 x 20 = 200 bytes */
       "format="
       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
       "aaaaaaa"
       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n",
       "line 2 is longer than 197 bytes"},
      {"[file]\nmissing=\xff\n", "not UTF-8"},
  };
  for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
    qf_map *m = NULL;
    qf_err err = {0};
    qf_rc rc = qf_map_parse(t[i].ini, strlen(t[i].ini), &m, &err);
    if (!rc || m || !strstr(err.en, t[i].en) || !err.zh[0])
      fail_msg("%s\n-> %d %s, expected %s", t[i].ini, rc, err.en, t[i].en);
  }
}

/* An example map, cut at every byte and changed at every byte: read or refused with words, never anything else. */
static void damaged_maps(void **st)
{
  (void)st;
  size_t n;
  char *ini = slurp("docs/examples/boiler-house.ini", &n);
  for (size_t i = 0; i < n; i++) {
    qf_map *m = NULL;
    qf_err err = {0};
    char *cut = malloc(i + 1);
    memcpy(cut, ini, i);
    qf_rc rc = qf_map_parse(cut, i, &m, &err);
    assert_true(rc == QF_OK ? m != NULL : err.en[0] && err.zh[0] && !m);
    qf_map_free(m);
    free(cut);
    char was = ini[i];
    ini[i] = (char)(was ^ (i % 3 == 0 ? 0x20 : i % 3 == 1 ? 0x01 : 0x40));
    m = NULL;
    rc = qf_map_parse(ini, n, &m, &err);
    assert_true(rc == QF_OK ? m != NULL : err.en[0] && !m);
    qf_map_free(m);
    ini[i] = was;
  }
  free(ini);
}

/* GB18030 as a metering system in China writes it; the bytes from the standard's tables: 时 CAB1 间 BCE4 电 B5E7 量 C1BF 年 C4EA 月 D4C2
 * 日 C8D5. 2025-11-25 00:00 in Beijing is 20417 days after 1970-01-01, less eight hours. The second row has a byte that is no
 * character; it alone is refused. */
static void gb18030(void **st)
{
  (void)st;
  static const char ini[] =
      "[file]\nencoding=gb18030\n[time]\ncolumn=时间\nformat=YYYY年M月D日 H:mm\nzone=Asia/Shanghai\n"
      "[point 电量]\nseries=m v\nsubject=s\nname_zh=x\nkind=gauge\n";
  static const char csv[] = "\xCA\xB1\xBC\xE4,\xB5\xE7\xC1\xBF\r\n"
                            "2025\xC4\xEA"
                            "11\xD4\xC2"
                            "25\xC8\xD5 0:00,12.50\r\n"
                            "2025\xC4\xEA"
                            "11\xFF\xC2"
                            "25\xC8\xD5 0:15,13.00\r\n"
                            "2025\xC4\xEA"
                            "11\xD4\xC2"
                            "25\xC8\xD5 0:30,13.50\r\n";
  static const char utf8[] = "\xEF\xBB\xBF时间,电量\n2025年11月25日 0:00,12.50\n";
  const qf_us t0 = (INT64_C(20417) * 86400 - 8 * 3600) * 1000000;
  qf_map *m = parse(ini);
  for (size_t step = 1; step <= sizeof csv; step++) {
    qf_map_run *r;
    qf_map_row row;
    unsigned rows = 0;
    assert_int_equal(qf_map_start(m, &r, NULL), QF_OK);
    for (size_t at = 0; at < sizeof csv - 1; at += step) {
      size_t n = sizeof csv - 1 - at < step ? sizeof csv - 1 - at : step;
      qf_map_put(r, csv + at, n, at + n == sizeof csv - 1);
      while (qf_map_next(r, &row, NULL) == QF_OK) {
        assert_int_equal(row.refused, rows == 1);
        assert_int_equal(row.line, rows + 2);
        if (!row.refused)
          assert_true(row.n == 1 && row.readings[0].ts_us == t0 + rows * INT64_C(900000000) &&
                      row.readings[0].v.exp == -2 && row.readings[0].v.mant == 1250 + 50 * (int64_t)rows);
        rows++;
      }
    }
    assert_int_equal(rows, 3);
    qf_map_stop(r);
  }
  qf_map_run *r;
  qf_map_row row;
  assert_int_equal(qf_map_start(m, &r, NULL), QF_OK);
  qf_map_put(r, utf8, sizeof utf8 - 1, true); /* UTF-8 after all, by its mark */
  assert_int_equal(qf_map_next(r, &row, NULL), QF_OK);
  assert_true(row.n == 1 && row.readings[0].ts_us == t0);
  qf_map_stop(r);
  qf_map_free(m);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gb18030),        cmocka_unit_test(steel_year),  cmocka_unit_test(steel_midnight),
      cmocka_unit_test(boiler_house),   cmocka_unit_test(times),       cmocka_unit_test(numbers),
      cmocka_unit_test(refused_rows),   cmocka_unit_test(long_faults), cmocka_unit_test(unfitting_files),
      cmocka_unit_test(without_header), cmocka_unit_test(faulty_maps), cmocka_unit_test(damaged_maps),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
