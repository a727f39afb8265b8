/* What a terminal sends and remembers: windows of October 2026 with six hours missing, waited for, sent as invalid, put right when
 * the readings come late; the file of what was acknowledged, torn and flipped; a terminal against a platform over loopback. */
#include "collect/necc.h"
#include "collect/necc_unit.h"
#include "collect/station_testkit.h"
#include <fcntl.h>
#include <time.h>

#define E "00-00-0000-023300-11"
#define KEY "meter,unit=a kwh"

enum { CELLS = 20000, MAX = 5000 };

typedef struct desk {
  kit *k;
  qf_necc_feed f;
  qf_necc_look l;
} desk;

static int group_setup(void **state)
{
  char folder[128];
  int rc = kit_setup(state, "necc_unit");
  snprintf(folder, sizeof folder, "%s/collect", ((kit *)*state)->dir);
  return rc ? rc : mkdir(folder, 0700);
}

static qf_necc_feed feed(uint8_t stat, uint32_t minutes, uint64_t id)
{
  qf_necc_feed f = {.code = E,
                    .series = KEY,
                    .scale = qf_dec_int(1, 4),
                    .stat = stat,
                    .input = 4,
                    .minutes = minutes,
                    .id = id,
                    .cells = CELLS};
  f.cell = calloc(CELLS, sizeof *f.cell);
  assert_non_null(f.cell);
  return f;
}

static qf_us at(const char *s)
{
  qf_us t = 0;
  assert_int_equal(qf_necc_time(s, strlen(s), &t), QF_OK);
  return t;
}

static void look(desk *d, const char *from, const char *to, const char *now)
{
  qf_err err = {0};
  qf_necc_window *out = d->l.out ? d->l.out : malloc(MAX * sizeof *out);
  d->l = (qf_necc_look){.from = at(from), .to = at(to), .now = at(now), .out = out, .max = MAX};
  assert_int_equal(qf_necc_feed_look(d->k->city, &d->f, 0, &d->l, &err), QF_OK);
}

static unsigned good(const desk *d)
{
  unsigned n = 0;
  for (uint32_t i = 0; i < d->l.n; i++)
    n += d->l.out[i].r.valid;
  return n;
}

/* Sum of what would be sent, in 10^-8 of its unit (scale 10^-4 of 10^-6). */
static int64_t total(const desk *d)
{
  int64_t sum = 0, v = 0;
  for (uint32_t i = 0; i < d->l.n; i++) {
    assert_int_equal(qf_num_scale(d->l.out[i].r.value, -8, &v, NULL), QF_OK);
    sum += v;
  }
  return sum;
}

static void done(desk *d)
{
  free(d->l.out);
  free(d->f.cell);
}

/* A register that climbs 2.5 kWh each quarter; from, to: quarters of October. */
static void write_readings(kit *k, int from, int to)
{
  qf_batch b;
  qf_err err = {0};
  uint32_t point = 0;
  qf_us t0 = at("2026-10-01 00:00:00");
  assert_int_equal(qf_city_series(k->city, KEY, strlen(KEY), &point, &err), QF_OK);
  qf_batch_init(&b);
  assert_int_equal(qf_batch_reserve(&b, (uint32_t)(to - from)), QF_OK);
  for (int i = from; i < to; i++)
    qf_batch_add(&b, point, t0 + i * QF_US_QUARTER, (qf_num){1000 + 25 * i, -1}, 0);
  assert_int_equal(qf_city_ingest_wait(k->city, &b, NULL, &err), QF_OK);
}

static void describe(kit *k)
{
  qf_err err = {0};
  json_t *r = json_pack("[{s:s,s:s,s:s,s:s,s:{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:i}}]", "type", "point", "id", KEY, "status",
                        "accepted", "by", "test", "data", "subject", "210800", "name_zh", "a", "name_en", "a",
                        "carrier", "electricity", "flow", "none", "unit", "kWh", "kind", "register", "period_s", 900);
  assert_non_null(r);
  if (qf_city_records(k->city, r, NULL, &err))
    fail_msg("%s", err.en);
  json_decref(r);
}

/* 31 days: 2,976 quarters of 2.5 kWh; on the 20th there is nothing between 06:00 and 12:00: 24 quarters. */
static void windows_of_a_month(void **state)
{
  kit *k = *state;
  qf_err err = {0};
  static const struct {
    uint8_t stat;
    uint32_t minutes;
    unsigned all, bad;
  } kinds[] = {{QF_NECC_REALTIME, 15, 2976, 24},
               {QF_NECC_REALTIME, 30, 1488, 12},
               {QF_NECC_REALTIME, 60, 744, 6},
               {QF_NECC_DAY, 0, 31, 1},
               {QF_NECC_MONTH, 0, 1, 1}};
  const int gap = 19 * 96 + 24;
  describe(k);
  write_readings(k, 0, gap + 1);
  write_readings(k, gap + 24, 2977);
  assert_int_equal(qf_city_settle(k->city, &err), QF_OK);
  qf_necc_sent s = {.fd = -1};
  snprintf(s.path, sizeof s.path, "%s/collect/a.sent", k->dir);
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    desk d = {.k = k, .f = feed(kinds[i].stat, kinds[i].minutes, 100 + i)};
    look(&d, "2026-10-01 00:00:00", "2026-11-01 00:00:00", "2026-11-03 00:00:00");
    assert_int_equal(d.l.n, kinds[i].all);
    assert_int_equal(good(&d), kinds[i].all - kinds[i].bad);
    assert_true(total(&d) == INT64_C(2976) * 25000); /* 2.5 kWh are 0.00025 of 10^4 kWh */
    assert_int_equal(qf_necc_sent_open(&s, &d.f, 1, &err), QF_OK);
    assert_int_equal(qf_necc_sent_add(&s, &d.f, d.l.out, d.l.n, &err), QF_OK);
    look(&d, "2026-10-01 00:00:00", "2026-11-01 00:00:00", "2026-11-03 00:00:00");
    assert_int_equal(d.l.n, 0);
    uint64_t expected = 0, has = 0;
    qf_necc_feed_count(&d.f, at("2026-10-01 00:00:00"), at("2026-11-01 00:00:00"), &expected, &has);
    assert_int_equal(expected, kinds[i].all);
    assert_int_equal(has, kinds[i].all - kinds[i].bad);
    qf_necc_sent_close(&s);
    done(&d);
  }
  write_readings(k, gap + 1, gap + 24); /* the six hours come late */
  assert_int_equal(qf_city_settle(k->city, &err), QF_OK);
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    desk d = {.k = k, .f = feed(kinds[i].stat, kinds[i].minutes, 100 + i)};
    assert_int_equal(qf_necc_sent_open(&s, &d.f, 1, &err), QF_OK);
    look(&d, "2026-10-01 00:00:00", "2026-11-01 00:00:00", "2026-11-03 00:00:00");
    assert_int_equal(d.l.n, kinds[i].bad); /* only what was not right is sent again */
    assert_int_equal(good(&d), kinds[i].bad);
    qf_necc_sent_close(&s);
    done(&d);
  }
}

/* A window is sent when it is over; one that is not all measured waits a day. (The test before has put October right: what is
 * missing here is the end.) */
static void waits(void **state)
{
  desk d = {.k = *state, .f = feed(QF_NECC_DAY, 0, 1)};
  look(&d, "2026-10-30 00:00:00", "2026-11-01 00:00:00", "2026-10-31 23:59:59");
  assert_int_equal(d.l.n, 1);
  look(&d, "2026-10-30 00:00:00", "2026-11-01 00:00:00", "2026-11-01 00:00:00");
  assert_int_equal(d.l.n, 2);
  assert_int_equal(good(&d), 2);
  done(&d);
  d = (desk){.k = *state, .f = feed(QF_NECC_REALTIME, 15, 1)};
  look(&d, "2026-10-31 23:00:00", "2026-11-02 00:00:00", "2026-11-05 00:00:00");
  assert_int_equal(d.l.n, 4); /* after the last reading: missing is not zero */
  look(&d, "2026-10-31 23:00:00", "2026-11-02 00:00:00", "2026-10-31 23:29:59");
  assert_int_equal(d.l.n, 1);
  d.l.max = 0;
  done(&d);
}

static qf_necc_window window(unsigned i)
{
  qf_necc_window w = {.feed = i % 2, .sum = 1000 + i};
  w.r.at = at("2026-10-01 00:00:00") + i / 2 * QF_US_QUARTER;
  return w;
}

static void what_was_acknowledged(void **state)
{
  const kit *k = *state;
  qf_err err = {0};
  qf_necc_feed f[2] = {feed(QF_NECC_REALTIME, 15, 7), feed(QF_NECC_REALTIME, 15, 8)};
  qf_necc_window w[10];
  qf_necc_sent s = {.fd = -1};
  snprintf(s.path, sizeof s.path, "%s/collect/b.sent", k->dir);
  assert_int_equal(qf_necc_sent_open(&s, f, 2, &err), QF_OK);
  for (unsigned i = 0; i < 10; i++)
    w[i] = window(i);
  assert_int_equal(qf_necc_sent_add(&s, f, w, 4, &err), QF_OK);
  assert_int_equal(qf_necc_sent_add(&s, f, w + 4, 6, &err), QF_OK);
  qf_necc_sent_close(&s);
  /* cut at every byte, then with a byte flipped: what is whole before it counts, and what is added after it counts too */
  for (int cut = 200; cut >= 0; cut--) {
    for (int flip = 0; flip < 2; flip++) {
      int fd = open(s.path, O_RDWR | O_CLOEXEC);
      qf_buf b;
      qf_buf_init(&b, 4096);
      for (unsigned i = 0; i < 10; i++) { /* the file's law, written here again */
        size_t from = b.len;
        qf_buf_u64(&b, 7 + i % 2);
        qf_buf_u32(&b, qf_necc_ordinal(&f[0], w[i].r.at));
        qf_buf_u32(&b, 1000 + i);
        qf_buf_u32(&b, qf_crc32c(0, b.data + from, 16));
      }
      assert_int_equal(b.len, 200);
      if (flip && cut < 200)
        b.data[cut] = (char)(b.data[cut] ^ 16);
      size_t n = flip ? 200 : (size_t)cut;
      assert_int_equal(ftruncate(fd, 0), 0);
      assert_int_equal(write(fd, b.data, n), (ssize_t)n);
      close(fd);
      qf_buf_fini(&b);
      memset(f[0].cell, 0, CELLS * sizeof *f[0].cell);
      memset(f[1].cell, 0, CELLS * sizeof *f[1].cell);
      assert_int_equal(qf_necc_sent_open(&s, f, 2, &err), QF_OK);
      assert_int_equal(s.records, cut / 20);
      assert_int_equal(qf_necc_sent_add(&s, f, w + 9, 1, &err), QF_OK);
      qf_necc_sent_close(&s);
      assert_int_equal(qf_necc_sent_open(&s, f, 2, &err), QF_OK);
      for (int i = 0; i < 10; i++)
        assert_int_equal(qf_necc_has(&f[i % 2], qf_necc_ordinal(&f[0], w[i].r.at)),
                         i < cut / 20 || i == 9 ? 1000 + i : 0);
      qf_necc_sent_close(&s);
    }
  }
  free(f[0].cell);
  free(f[1].cell);
}

/* The ring holds the history's length; the file is written anew when most of it is outdated. */
static void old_windows_make_room(void **state)
{
  const kit *k = *state;
  qf_err err = {0};
  qf_necc_feed f = feed(QF_NECC_REALTIME, 15, 9);
  qf_necc_window w = window(0);
  qf_necc_sent s = {.fd = -1};
  struct stat st;
  f.cells = 10;
  snprintf(s.path, sizeof s.path, "%s/collect/c.sent", k->dir);
  assert_int_equal(qf_necc_sent_open(&s, &f, 1, &err), QF_OK);
  for (unsigned i = 0; i < 25; i++) {
    w.r.at += QF_US_QUARTER;
    w.sum = 50 + i;
    assert_int_equal(qf_necc_sent_add(&s, &f, &w, 1, &err), QF_OK);
  }
  uint32_t last = qf_necc_ordinal(&f, w.r.at);
  for (uint32_t i = 0; i < 25; i++)
    assert_int_equal(qf_necc_has(&f, last - i), i < 10 ? 50 + 24 - i : 0);
  s.records += 1000000; /* as if it had grown for years */
  assert_int_equal(qf_necc_sent_tidy(&s, &f, 1, &err), QF_OK);
  assert_int_equal(stat(s.path, &st), 0);
  assert_int_equal(st.st_size, 10 * 20);
  qf_necc_sent_close(&s);
  memset(f.cell, 0, 10 * sizeof *f.cell);
  assert_int_equal(qf_necc_sent_open(&s, &f, 1, &err), QF_OK);
  for (uint32_t i = 0; i < 10; i++)
    assert_int_equal(qf_necc_has(&f, last - i), 50 + 24 - i);
  qf_necc_sent_close(&s);
  free(f.cell);
}

/* What the platform refused is not offered again as it is, counts as not sent, and is not written down. */
static void what_was_refused(void **state)
{
  const kit *k = *state;
  qf_err err = {0};
  uint64_t expected = 0, has = 0;
  struct stat st;
  qf_necc_feed f = feed(QF_NECC_REALTIME, 15, 9);
  qf_necc_window w[2] = {window(0), window(2)};
  qf_necc_sent s = {.fd = -1};
  w[1].feed = 0;
  w[0].sum = w[1].sum = 7; /* valid */
  snprintf(s.path, sizeof s.path, "%s/collect/d.sent", k->dir);
  assert_int_equal(qf_necc_sent_open(&s, &f, 1, &err), QF_OK);
  assert_int_equal(qf_necc_sent_add(&s, &f, w, 1, &err), QF_OK);
  qf_necc_left_out(&f, &w[1]);
  for (int i = 0; i < 2; i++)
    assert_int_equal(qf_necc_has(&f, qf_necc_ordinal(&f, w[i].r.at)), 7);
  qf_necc_feed_count(&f, w[0].r.at, w[0].r.at + 2 * QF_US_QUARTER, &expected, &has);
  assert_true(expected == 2 && has == 1);
  s.records += 1000000;
  assert_int_equal(qf_necc_sent_tidy(&s, &f, 1, &err), QF_OK);
  assert_int_equal(stat(s.path, &st), 0);
  assert_int_equal(st.st_size, 20);
  qf_necc_sent_close(&s);
  free(f.cell);
}

static unsigned come(kit *k, unsigned want, int seconds)
{
  struct timespec from, now;
  unsigned n;
  clock_gettime(CLOCK_MONOTONIC, &from);
  do { /* until they are there */
    n = kit_kept(k, "necc,code=" E ",stat=rt,unit=91210800QF00000011 value").n;
    clock_gettime(CLOCK_MONOTONIC, &now);
  } while (n < want && now.tv_sec - from.tv_sec < seconds);
  return n;
}

/* The terminal has had its answer and waits for its turn, or is about to. */
static bool at_rest(kit *k)
{
  char *text = kit_links(k);
  json_t *links = json_loads(text, 0, NULL), *x;
  size_t i;
  bool up = false;
  json_array_foreach(links, i, x)
  {
    if (strcmp(json_string_value(json_object_get(x, "collector")), "terminal") == 0)
      up = strcmp(json_string_value(json_object_get(x, "state")), "up") == 0;
  }
  json_decref(links);
  free(text);
  return up;
}

/* Platform and terminal in one city: at its start the terminal sends what is owed, then it waits for its turn - here one second
 * ahead on a clock that the test moves. */
static void waits_for_its_slot(void **state)
{
  kit *k = *state;
  char path[128];
  qf_conf *conf = NULL;
  void *unit = NULL;
  qf_err err = {0};
  k->now = at("2026-10-23 08:44:59");
  k->start = qf_kind_necc.start;
  k->stop = qf_kind_necc.stop;
  kit_must_start(k, "[collector]\nprotocol = necc\nlisten = 127.0.0.1:0\nslot_from = 01:15:00\nregion = 210800\n"
                    "[unit 91210800QF00000011]\nname = a\n");
  snprintf(path, sizeof path, "%s/terminal.ini", k->dir);
  FILE *f = fopen(path, "w");
  assert_non_null(f);
  fprintf(f,
          "[collector]\nprotocol = necc_unit\nconnect = 127.0.0.1:%u\nenterprise = 91210800QF00000011\nregion = "
          "210800\nsince = 2026-10-22\npace_ms = 0\ndelay_min = 0\n[item a]\ncode = " E "\npoint = " KEY
          "\nscale = 0.0001\nwindows = 15\n",
          k->port);
  fclose(f);
  assert_int_equal(qf_conf_open(path, &conf, &err), QF_OK);
  assert_int_equal(qf_kind_necc_unit.start(&k->env, conf, &unit, &err), QF_OK);
  assert_int_equal(come(k, 96 + 34, 30), 96 + 34); /* of the 22nd, and to 08:30 on the 23rd */
  while (!at_rest(k)) {
  }
  unsigned turns = 0, n = 0;
  do { /* when it had not begun to wait yet, its turn is the next one */
    turns++;
    k->now = at("2026-10-23 08:45:00") + (turns - 1) * QF_US_QUARTER;
    n = come(k, 130 + turns, 5);
  } while (n < 130 + turns && turns < 3);
  assert_int_equal(n, 130 + turns);
  qf_kind_necc_unit.stop(unit);
  qf_conf_close(conf);
  kit_stop_kind(k);
}

static void wrong_files_are_refused_in_words(void **state)
{
#define UNIT                                                                                                           \
  "[collector]\nprotocol = necc_unit\nconnect = 127.0.0.1:9\nenterprise = 91210800QF00000011\nregion = 210800\n"
#define ITEM "[item a]\ncode = " E "\npoint = " KEY "\n"
  kit *k = *state;
  static const char *const bad[][2] = {
      {UNIT, "no [item NAME] is given"},
      {"[collector]\nconnect = 127.0.0.1:9\nregion = 210800\n" ITEM, "enterprise"},
      {"[collector]\nconnect = 127.0.0.1:9\nregion = 210800\nenterprise = 91210800QF00000012\n" ITEM, "check"},
      {"[collector]\nconnect = 192.0.2.1:9\nregion = 210800\nenterprise = 91210800QF00000011\n" ITEM, "tls_ca"},
      {UNIT "batch = 0\n" ITEM, "batch"},
      {UNIT ITEM "windows = 20\n", "15, 30, 60, day, month"},
      {UNIT ITEM "scale = 1/3\n", "not a decimal"},
      {UNIT "[item a]\ncode = 12\npoint = x y\n", "16 digits"},
      {UNIT "[item a]\ncode = " E "\n", "needs code and point"}};
  k->start = qf_kind_necc_unit.start;
  k->stop = qf_kind_necc_unit.stop;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    qf_err err = {0};
    assert_int_not_equal(kit_start(k, bad[i][0], &err), QF_OK);
    if (!strstr(err.en, bad[i][1]) || !err.zh[0])
      fail_msg("\"%s\" lacks \"%s\"", err.en, bad[i][1]);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(windows_of_a_month),
      cmocka_unit_test(waits),
      cmocka_unit_test(what_was_acknowledged),
      cmocka_unit_test(old_windows_make_room),
      cmocka_unit_test(what_was_refused),
      cmocka_unit_test(waits_for_its_slot),
      cmocka_unit_test(wrong_files_are_refused_in_words),
  };
  return cmocka_run_group_tests(tests, group_setup, kit_teardown);
}
