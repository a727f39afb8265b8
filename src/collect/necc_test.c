/* The platform with a real peer: a terminal registers, uploads, is answered when it is stored; what is sent again counts once; cut,
 * flipped, flooding and silent peers; limits; how complete a unit is. */
#include "collect/necc.h"
#include "collect/necc_int.h"
#include "collect/station_testkit.h"
#include "domain/uscc.h"

#define LISTEN "[collector]\nprotocol = necc\nlisten = 127.0.0.1:0\nregion = 210800\n"
#define LISTED LISTEN "[unit @]\nregion = 210800\n"
#define E "00-00-0000-023300-11"
#define GAS "00-00-0000-011500-11"

static int group_setup(void **state)
{
  char folder[128];
  int rc = kit_setup(state, "necc");
  kit *k = *state;
  k->start = qf_kind_necc.start;
  k->stop = qf_kind_necc.stop;
  snprintf(folder, sizeof folder, "%s/collect", k->dir);
  return rc ? rc : mkdir(folder, 0700);
}

/* An invented code of each test's own. */
static int setup(void **state)
{
  kit *k = *state;
  snprintf(k->name, sizeof k->name, "91210800QF%07u", ++k->tests);
  k->name[17] = qf_uscc_digit(k->name);
  k->name[18] = 0;
  return 0;
}

static int teardown(void **state)
{
  kit_stop_kind(*state);
  return 0;
}

/* ---- a terminal */

typedef struct terminal {
  const kit *k;
  int fd;
  char device[80];
  qf_necc_cipher *cipher;
} terminal;

static void post(int fd, const char *path, const char *body, size_t n)
{
  qf_buf b;
  qf_buf_init(&b, (size_t)8 << 20);
  qf_http1_post(&b, "platform:1", path, "application/json", body, n);
  assert_false(b.failed);
  kit_send(fd, b.data, b.len);
  qf_buf_fini(&b);
}

/* The next answer: its status, and its body as JSON. */
static json_t *answer(int fd, int *status)
{
  char raw[65536];
  size_t n = 0, used = 0;
  qf_buf body;
  qf_err err;
  qf_http1 m = {.response = true, .body_max = sizeof raw};
  qf_buf_init(&body, sizeof raw);
  do {
    assert_true(n < sizeof raw);
    kit_recv(fd, raw + n++, 1); /* not a byte of the next one */
  } while (qf_http1_read(raw, n, &m, &body, &used, &err) == QF_PARTIAL);
  assert_int_equal(used, n);
  *status = m.status;
  json_t *j = json_loadb(body.data, body.len, 0, NULL);
  assert_non_null(j);
  qf_buf_fini(&body);
  return j;
}

static void answered(int fd, int status, const char *code)
{
  int got = 0;
  json_t *j = answer(fd, &got);
  const char *c = json_string_value(json_object_get(j, "responseCode"));
  if (got != status || strcmp(c, code) != 0)
    fail_msg("%d %s (%s), expected %d %s", got, c, json_string_value(json_object_get(j, "responseMessage")), status,
             code);
  json_decref(j);
}

static json_t *registration(const terminal *t, const char *region)
{
  char body[200];
  int status = 0;
  snprintf(body, sizeof body, "{\"region\":\"%s\",\"enterpriseCode\":\"%s\"}", region, t->k->name);
  post(t->fd, "/enterprise/register", body, strlen(body));
  json_t *j = answer(t->fd, &status);
  assert_int_equal(status, 200);
  return j;
}

static terminal log_in(const kit *k)
{
  terminal t = {.k = k, .fd = kit_connect(k)};
  uint8_t key[QF_NECC_KEY];
  qf_err err;
  json_t *j = registration(&t, "210800");
  assert_string_equal(json_string_value(json_object_get(j, "responseCode")), "0");
  assert_string_equal(json_string_value(json_object_get(j, "centerDataURL")),
                      "http://platform:1/enterprise/uploadEnergyData");
  snprintf(t.device, sizeof t.device, "%s", json_string_value(json_object_get(j, "deviceId")));
  assert_true(qf_necc_key(json_string_value(json_object_get(j, "secretKey")), key));
  assert_int_equal(qf_necc_cipher_new(key, &t.cipher, &err), QF_OK);
  json_decref(j);
  return t;
}

static void log_out(terminal *t)
{
  close(t->fd);
  qf_necc_cipher_free(t->cipher);
}

static qf_necc_record datum(const kit *k, const char *code, unsigned i)
{
  qf_necc_record r = {.value = {1000 + i, -2}, .input = 4, .scope = 1, .valid = true};
  snprintf(r.code, sizeof r.code, "%s", code);
  r.at = qf_floor(k->now, QF_US_DAY) - QF_US_DAY + i * QF_US_QUARTER;
  r.uploaded = k->now;
  return r;
}

static void body_of(const terminal *t, const qf_necc_record *r, size_t n, qf_buf *b)
{
  qf_err err;
  const qf_necc_sender who = {t->device, t->k->name, t->cipher};
  qf_buf_init(b, (size_t)4 << 20);
  assert_int_equal(qf_necc_put_upload(b, &who, r, n, &err), QF_OK);
}

static void upload(const terminal *t, const qf_necc_record *r, size_t n)
{
  qf_buf b;
  body_of(t, r, n, &b);
  post(t->fd, "/enterprise/uploadEnergyData", b.data, b.len);
  qf_buf_fini(&b);
}

#define SERIES(code, stat) "necc,code=" code ",stat=" stat ",unit=@ value"

/* ---- tests */

static void uploads_are_kept_once(void **state)
{
  kit *k = *state;
  qf_necc_record r[10];
  kit_must_start(k, LISTED);
  terminal t = log_in(k);
  for (unsigned i = 0; i < 10; i++)
    r[i] = datum(k, E, i);
  r[9].valid = false;
  for (int again = 0; again < 3; again++) {
    upload(&t, r, 10);
    answered(t.fd, 200, "0");
  }
  json_t *j = registration(&t, "210800"); /* its key is in use: not given out again */
  assert_string_equal(json_string_value(json_object_get(j, "responseCode")), "1");
  assert_null(json_object_get(j, "secretKey"));
  json_decref(j);
  log_out(&t);
  kit_told(k, "not given out again");
  kit_reopen(k);
  kit_rows x = kit_kept(k, SERIES(E, "rt"));
  assert_int_equal(x.n, 10);
  const qf_num first = {100, -1}; /* 10.00 */
  assert_int_equal(qf_num_cmp(x.first.v, first), 0);
  assert_true(x.first.ts_us == r[0].at);
  assert_int_equal(x.last.flags & QF_RD_SENTINEL, QF_RD_SENTINEL);
}

/* The key is made of the secret: it is the same after a restart, another for another generation, and what the file says if it does. */
static void keys(void **state)
{
  kit *k = *state;
  char device[80];
  kit_must_start(k, LISTED);
  terminal t = log_in(k);
  snprintf(device, sizeof device, "%s", t.device);
  log_out(&t);
  kit_stop_kind(k);
  kit_must_start(k, LISTED);
  t = log_in(k);
  assert_string_equal(t.device, device);
  qf_necc_record r = datum(k, E, 0);
  upload(&t, &r, 1);
  answered(t.fd, 200, "0");
  kit_stop_kind(k);
  kit_must_start(k, LISTED "generation = 2\nkey = 0123456789ABCDEFFEDCBA9876543210\n");
  close(t.fd);
  t.fd = kit_connect(k);
  upload(&t, &r, 1); /* the old device */
  answered(t.fd, 200, "1");
  log_out(&t);
  kit_told(k, "the device's number is not that");
}

static void byte_by_byte_cut_and_flipped(void **state)
{
  kit *k = *state;
  qf_buf b, msg;
  kit_must_start(k, LISTED);
  terminal t = log_in(k);
  qf_necc_record r = datum(k, E, 0);
  body_of(&t, &r, 1, &b);
  qf_buf_init(&msg, 1 << 20);
  qf_http1_post(&msg, "p", "/enterprise/uploadEnergyData", "application/json", b.data, b.len);
  for (size_t i = 0; i < msg.len; i++)
    kit_send(t.fd, msg.data + i, 1);
  answered(t.fd, 200, "0");
  r.at += QF_US_DAY / 2; /* what follows would be another reading */
  qf_buf_fini(&b);
  body_of(&t, &r, 1, &b);
  qf_buf_reset(&msg);
  qf_http1_post(&msg, "p", "/enterprise/uploadEnergyData", "application/json", b.data, b.len);
  char drop[4096];
  for (size_t i = 0; i < msg.len; i += 13) { /* cut */
    int fd = kit_connect(k);
    kit_send(fd, msg.data, i);
    shutdown(fd, SHUT_WR);
    assert_int_equal(recv(fd, drop, sizeof drop, 0), 0);
    close(fd);
  }
  kit_told(k, "ended within a message");
  assert_int_equal(kit_kept(k, SERIES(E, "rt")).n, 1);
  for (size_t i = 0; i < msg.len; i += 7) { /* one bit flipped: refused, or it says the same */
    int fd = kit_connect(k);
    msg.data[i] = (char)(msg.data[i] ^ 4);
    kit_send(fd, msg.data, msg.len);
    msg.data[i] = (char)(msg.data[i] ^ 4);
    shutdown(fd, SHUT_WR);
    while (recv(fd, drop, sizeof drop, 0) > 0) {
    }
    close(fd);
  }
  kit_rows x = kit_kept(k, SERIES(E, "rt"));
  assert_true(x.n <= 2 && qf_num_cmp(x.last.v, r.value) == 0); /* in the head of HTTP a flip may mean nothing */
  qf_buf_fini(&b);
  qf_buf_fini(&msg);
  log_out(&t);
}

static void fast_slow_and_silent(void **state)
{
  kit *k = *state;
  enum { N = 60 };
  kit_must_start(k, LISTEN "connections_max = 2\n[unit @]\nname = a\n");
  terminal t = log_in(k);
  for (unsigned i = 0; i < N; i++) { /* all at once; answered in order, each when it is kept */
    qf_necc_record r = datum(k, i % 10 == 9 ? "00-00-0000-023300-12" : E, i);
    if (i % 10 == 5)
      r.scope = 9; /* refused, in its turn */
    upload(&t, &r, 1);
  }
  for (unsigned i = 0; i < N; i++)
    answered(t.fd, 200, i % 10 == 5 ? "1" : "0");
  assert_int_equal(kit_kept(k, SERIES(E, "rt")).n, N - N / 5);
  int silent = kit_connect(k);
  kit_ended(kit_connect(k)); /* the third */
  close(silent);
  log_out(&t);
  kit_stop_kind(k);
  kit_must_start(k, LISTEN "idle_s = 1\n[unit @]\nname = a\n");
  silent = kit_connect(k);
  kit_send(silent, "POST /enter", 11);
  kit_ended(silent);
}

static void limits(void **state)
{
  kit *k = *state;
  char head[] = "POST /enterprise/uploadEnergyData HTTP/1.1\r\nContent-Length: 1048577\r\n\r\n";
  kit_must_start(k, LISTEN "series_max = 2\n[unit @]\nname = a\n");
  terminal t = log_in(k);
  static const char *const codes[] = {E, GAS, "00-00-0000-010100-11"};
  for (unsigned i = 0; i < 3; i++) {
    qf_necc_record r = datum(k, codes[i], 0);
    upload(&t, &r, 1);
    answered(t.fd, i < 2 ? 200 : 503, i < 2 ? "0" : "2");
  }
  kit_told(k, "series_max says so");
  kit_send(t.fd, head, strlen(head));
  answered(t.fd, 413, "1");
  log_out(&t);
  qf_buf b;
  qf_buf_init(&b, 1 << 20);
  qf_buf_printf(&b, "{\"enterpriseCode\":\"%s\",\"data\":[0", k->name);
  for (unsigned i = 0; i < QF_NECC_DATA_MAX; i++)
    qf_buf_puts(&b, ",0");
  qf_buf_puts(&b, "]}");
  int fd = kit_connect(k);
  post(fd, "/enterprise/uploadEnergyData", b.data, b.len);
  answered(fd, 400, "1");
  post(fd, "/enterprise/none", "{}", 2);
  answered(fd, 404, "1");
  kit_send(fd, "GET /enterprise/register HTTP/1.1\r\n\r\n", 37);
  answered(fd, 405, "1");
  for (unsigned i = 0; i < QF_DOOR_BAD_MAX - 3; i++)
    post(fd, "/enterprise/register", "no JSON", 7);
  for (unsigned i = 0; i < QF_DOOR_BAD_MAX - 3; i++)
    answered(fd, 400, "1");
  kit_ended(fd);
  qf_buf_fini(&b);
}

static void who_may_speak(void **state)
{
  kit *k = *state;
  kit_must_start(k, LISTED "from = 10.1.\n");
  terminal t = {.k = k, .fd = kit_connect(k)};
  json_t *j = registration(&t, "210800");
  assert_string_equal(json_string_value(json_object_get(j, "responseCode")), "1");
  json_decref(j);
  close(t.fd);
  kit_told(k, "may not come from 127.0.0.1");
  kit_stop_kind(k);
  kit_must_start(k, LISTED);
  t.fd = kit_connect(k);
  j = registration(&t, "210900");
  assert_string_equal(json_string_value(json_object_get(j, "responseCode")), "1");
  json_decref(j);
  kit_told(k, "region 210900 is not that");
  static const char stranger[] = "{\"region\":\"210800\",\"enterpriseCode\":\"91210800QF9999999X\"}";
  post(t.fd, "/enterprise/register", stranger, strlen(stranger));
  answered(t.fd, 200, "1");
  close(t.fd);
}

/* 2026-11-22 in Beijing: 96 quarters and a day are owed since then, at 08:30:15 of the 23rd 34 quarters more. */
static void how_complete_it_is(void **state)
{
  kit *k = *state;
  qf_buf out;
  qf_err err = {0};
  qf_necc_record r[90];
  kit_must_start(k,
                 LISTED "name = Works\nsince = 2026-11-22\nrealtime = " E "\ndaily = " E " " GAS "\nmonthly = " E "\n");
  terminal t = log_in(k);
  for (unsigned i = 0; i < 90; i++) {
    r[i] = datum(k, E, i);
    r[i].at = qf_day_cn_start(qf_day_cn(k->now) - 1) + i * QF_US_QUARTER;
    r[i].valid = i % 9 != 0; /* ten of them do not count */
  }
  upload(&t, r, 90);
  answered(t.fd, 200, "0");
  for (int i = 0; i < 2; i++) { /* the day, and again with another value: one window */
    r[0] = datum(k, E, (unsigned)i);
    r[0].at = qf_day_cn_start(qf_day_cn(k->now) - 1);
    r[0].stat = QF_NECC_DAY;
    upload(&t, r, 1);
    answered(t.fd, 200, "0");
  }
  log_out(&t);
  assert_int_equal(qf_city_settle(k->city, &err), QF_OK);
  qf_buf_init(&out, 65536);
  assert_int_equal(qf_necc_completeness(k->self, 2026 * 12 + 10, k->name, &out, &err), QF_OK);
  json_t *j = json_loadb(out.data, out.len, 0, NULL), *u = json_array_get(json_object_get(j, "units"), 0);
  assert_string_equal(json_string_value(json_object_get(u, "name")), "Works");
  assert_int_equal(json_integer_value(json_object_get(u, "expected")), 96 + 34 + 2);
  assert_int_equal(json_integer_value(json_object_get(u, "received")), 80 + 1);
  assert_int_equal(json_array_size(json_object_get(u, "items")), 4);
  json_decref(j);
  qf_buf_fini(&out);
}

static void wrong_files_are_refused_in_words(void **state)
{
  kit *k = *state;
  static const char *const bad[][2] = {{LISTEN, "no [unit USCC] is listed"},
                                       {LISTEN "[unit 91210800QF00000010]\nname = a\n", "check"},
                                       {LISTEN "[unit @]\nregion = 21\n", "six digits"},
                                       {LISTED "realtime = 1234\n", "16 digits"},
                                       {LISTED "key = 12\n", "32 hexadecimal"},
                                       {LISTED "since = soon\n", "not a date"},
                                       {LISTED "realtime_min = 20\n", "15, 30 or 60"},
                                       {LISTEN "register = never\n[unit @]\nname = a\n", "not once or always"},
                                       {LISTEN "slot_from = 06:00:00\n[unit @]\nname = a\n", "slot_from"}};
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
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
      T(uploads_are_kept_once),
      T(keys),
      T(byte_by_byte_cut_and_flipped),
      T(fast_slow_and_silent),
      T(limits),
      T(who_may_speak),
      T(how_complete_it_is),
      T(wrong_files_are_refused_in_words),
  };
  return cmocka_run_group_tests(tests, group_setup, kit_teardown);
}
