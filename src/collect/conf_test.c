/* Files of collectors, links, and collectors that cannot start. */
#include "base/test_dir.h"
#include "city/scratch.h"
#include "collect/conf.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

static char dir[200];

static int start(void **state)
{
  (void)state;
  return qf_test_dir(dir, sizeof dir, "conf") ? 0 : -1;
}

static int end(void **state)
{
  (void)state;
  qf_scratch_remove(dir);
  return 0;
}

static const char *file(const char *name, const char *text)
{
  static char path[300];
  snprintf(path, sizeof path, "%s/%s", dir, name);
  FILE *f = fopen(path, "wb");
  assert_non_null(f);
  fputs(text, f);
  fclose(f);
  return path;
}

static void keys_are_read_and_slips_are_named(void **state)
{
  (void)state;
  qf_conf *c;
  qf_err err = {0};
  char host[60];
  uint16_t port;
  int64_t v;
  assert_int_equal(
      qf_conf_open(file("works.ini", "[collector]\nprotocol = mqtt\nlisten = 127.0.0.1:1883\n\n[slave a]\nunit = 300\n"
                                     "map = maps/a.ini\n[slave b]\nunit=x\nspelt_wrong = 1\n"),
                   &c, &err),
      QF_OK);
  assert_string_equal(qf_conf_name(c), "works");
  assert_string_equal(qf_conf_get(c, "collector", "protocol"), "mqtt");
  assert_null(qf_conf_get(c, "collector", "nothing"));
  assert_int_equal(qf_conf_addr(c, "collector", "listen", host, sizeof host, &port, &err), QF_OK);
  assert_string_equal(host, "127.0.0.1");
  assert_int_equal(port, 1883);
  assert_string_equal(qf_conf_section(c, 1), "slave a");
  assert_string_equal(qf_conf_section(c, 2), "slave b");
  assert_null(qf_conf_section(c, 3));
  assert_int_equal(qf_conf_int(c, "slave a", "unit", 0, 255, 1, &v, &err), QF_RANGE);
  assert_non_null(strstr(err.en, "line 6: unit = 300"));
  assert_int_equal(qf_conf_int(c, "slave b", "unit", 0, 255, 1, &v, &err), QF_SYNTAX);
  assert_int_equal(qf_conf_int(c, "slave b", "port", 1, 65535, 502, &v, &err), QF_OK);
  assert_int_equal(v, 502);
  char want[300];
  snprintf(want, sizeof want, "%s/maps/a.ini", dir);
  assert_string_equal(qf_conf_path(c, "slave a", "map"), want);
  assert_int_equal(qf_conf_unknown(c, &err), QF_SYNTAX);
  assert_non_null(strstr(err.en, "line 10: [slave b] has no key spelt_wrong"));
  assert_non_null(strstr(err.zh, "第 10 行"));
  (void)qf_conf_get(c, "slave b", "spelt_wrong");
  assert_int_equal(qf_conf_unknown(c, &err), QF_OK);
  qf_conf_close(c);
  assert_int_equal(qf_conf_open(file("bad.ini", "[collector]\nprotocol = mqtt\nnonsense\n"), &c, &err), QF_SYNTAX);
  assert_non_null(strstr(err.en, "bad.ini line 3"));
  assert_int_equal(qf_conf_open("/nowhere/x.ini", &c, &err), QF_IO);
}

static void addresses_in_every_form(void **state)
{
  (void)state;
  static const struct {
    const char *text, *host;
    qf_rc rc;
  } row[] = {{"[::1]:502", "::1", QF_OK},
             {"0.0.0.0:0", "0.0.0.0", QF_OK},
             {"127.0.0.1", NULL, QF_SYNTAX},
             {":502", NULL, QF_SYNTAX},
             {"127.0.0.1:70000", NULL, QF_SYNTAX},
             {"127.0.0.1:12x", NULL, QF_SYNTAX},
             {"no-such-host.invalid:1", NULL, QF_IO}};
  for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
    char text[200], host[60];
    uint16_t port;
    qf_conf *c;
    qf_err err = {0};
    snprintf(text, sizeof text, "[collector]\nconnect = %s\n", row[i].text);
    assert_int_equal(qf_conf_open(file("a.ini", text), &c, &err), QF_OK);
    assert_int_equal(qf_conf_addr(c, "collector", "connect", host, sizeof host, &port, &err), row[i].rc);
    if (!row[i].rc)
      assert_string_equal(host, row[i].host);
    qf_conf_close(c);
  }
}

static qf_us at = INT64_C(1795000000) * QF_US_SECOND;
static qf_us now(void *ud)
{
  (void)ud;
  return at;
}

static void links_tell_their_health(void **state)
{
  (void)state;
  qf_links *l = qf_links_new((qf_clock){now, NULL});
  qf_buf b;
  qf_err why = {.rc = QF_CORRUPT, .en = "CRC", .zh = "校验"};
  assert_non_null(l);
  qf_link *a = qf_link_of(l, "works", "hj212", "MN\n1");
  assert_ptr_equal(a, qf_link_of(l, "works", "hj212", "MN\n1"));
  assert_ptr_not_equal(a, qf_link_of(l, "port", "hj212", "MN\n1"));
  qf_link_set(a, QF_LINK_UP, "127.0.0.1:9");
  for (int i = 0; i < 10; i++)
    qf_link_seen(a, 100);
  qf_link_took(a, 7);
  qf_link_refused(a, "##\x01\xff", 4, &why);
  qf_buf_init(&b, 1 << 20);
  qf_links_json(l, "works", 10, true, &b);
  qf_buf_putc(&b, 0);
  for (const char *const *w =
           (const char *const[]){"\"name\":\"MN\\\\x0a1\"", "\"state\":\"up\"", "\"messages\":10", "\"bytes\":1000",
                                 "\"taken\":7", "\"refused\":1", "\"per_minute\":2.0", "\"raw_hex\":\"232301ff\"",
                                 "\"raw_text\":\"##..\"", "\"en\":\"CRC\"", NULL};
       *w; w++)
    if (!strstr(b.data, *w))
      fail_msg("no %s in %s", *w, b.data);
  assert_null(strstr(b.data, "port"));
  qf_buf_reset(&b);
  at += 6 * QF_US_MINUTE; /* silence */
  qf_links_json(l, "works", 1, false, &b);
  qf_buf_putc(&b, 0);
  assert_non_null(strstr(b.data, "\"per_minute\":0.0"));
  assert_non_null(strstr(b.data, "\"peer\":\"\""));
  assert_non_null(strstr(b.data, "\"raw_hex\":\"\""));
  assert_non_null(strstr(b.data, "\"en\":\"CRC\""));
  qf_buf_reset(&b);
  qf_links_metrics(l, &b);
  qf_buf_putc(&b, 0);
  assert_non_null(strstr(b.data, "qingfeng_collector_readings_total{collector=\"works\",protocol=\"hj212\"} 7\n"));
  assert_non_null(strstr(b.data, "qingfeng_collector_links{collector=\"port\",protocol=\"hj212\",state=\"down\"} 1\n"));
  for (const char *const *w =
           (const char *const[]){
               "qingfeng_collector_messages_total{collector=\"works\",protocol=\"hj212\"} 10\n",
               "qingfeng_collector_bytes_total{collector=\"works\",protocol=\"hj212\"} 1000\n",
               "qingfeng_collector_refused_total{collector=\"works\",protocol=\"hj212\",reason=\"corrupt\"} 1\n",
               "qingfeng_collector_links{collector=\"works\",protocol=\"hj212\",state=\"up\"} 1\n",
               "qingfeng_collector_links{collector=\"works\",protocol=\"hj212\",state=\"down\"} 0\n",
               "qingfeng_collector_last_seen_age_seconds{collector=\"works\",protocol=\"hj212\"} 360\n",
               "# TYPE qingfeng_collector_refused_total counter\n", NULL};
       *w; w++)
    if (!strstr(b.data, *w))
      fail_msg("no %s in %s", *w, b.data);
  assert_null(strstr(b.data, "cycles_total{"));              /* nobody polls */
  assert_null(strstr(b.data, "seconds{collector=\"port\"")); /* never seen: no age */
  qf_link_polled(a, QF_LINK_CYCLE);
  qf_link_polled(a, QF_LINK_TIMEOUT);
  qf_link_polled(a, QF_LINK_TIMEOUT);
  qf_buf_reset(&b);
  (void)qf_link_of(l, "a\"b\\", "modbus", "s");
  qf_links_metrics(l, &b);
  qf_buf_putc(&b, 0);
  assert_non_null(strstr(b.data, "cycles_total{collector=\"works\",protocol=\"hj212\"} 1\n"));
  assert_non_null(strstr(b.data, "timeouts_total{collector=\"works\",protocol=\"hj212\"} 2\n"));
  assert_non_null(strstr(b.data, "messages_total{collector=\"a\\\"b\\\\\",protocol=\"modbus\"} 0\n"));
  qf_buf_fini(&b);
  char name[32];
  for (unsigned i = 0; i < QF_LINKS_MAX + 50; i++) { /* a flood of names costs a bounded memory */
    snprintf(name, sizeof name, "n%u", i);
    a = qf_link_of(l, "works", "hj212", name);
    assert_non_null(a);
  }
  assert_ptr_equal(a, qf_link_of(l, "works", "hj212", "still another"));
  qf_links_free(l);
}

static void a_wrong_file_stops_itself_only(void **state)
{
  (void)state;
  char data[260], folder[280];
  qf_err err = {0};
  qf_city *c;
  qf_collectors *k;
  qf_buf b;
  qf_links *l = qf_links_new((qf_clock){now, NULL});
  snprintf(data, sizeof data, "%s/data", dir);
  if (qf_city_open(data, &(qf_city_opts){.packs_dir = "packs", .bulk = true}, &c, &err))
    fail_msg("%s", err.en);
  assert_int_equal(qf_collectors_start(c, l, &k, &err), QF_OK); /* no folder: none */
  qf_collectors_stop(k);
  snprintf(folder, sizeof folder, "%s/collect", data);
  mkdir(folder, 0700);
  (void)file("data/collect/a.ini", "[collector]\nprotocol = telepathy\n");
  (void)file("data/collect/b.ini", "what\n");
  (void)file("data/collect/readme.txt", "not a collector\n");
  assert_int_equal(qf_collectors_start(c, l, &k, &err), QF_OK);
  qf_buf_init(&b, 1 << 20);
  qf_collectors_json(k, &b);
  qf_buf_putc(&b, 0);
  assert_non_null(strstr(b.data, "{\"name\":\"a\",\"protocol\":\"telepathy\""));
  assert_non_null(strstr(b.data, "telepathy: no such protocol"));
  assert_non_null(strstr(b.data, "b.ini line 1"));
  assert_null(strstr(b.data, "readme"));
  qf_buf_fini(&b);
  qf_collectors_stop(k);
  qf_city_close(c);
  qf_links_free(l);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(keys_are_read_and_slips_are_named),
      cmocka_unit_test(addresses_in_every_form),
      cmocka_unit_test(links_tell_their_health),
      cmocka_unit_test(a_wrong_file_stops_itself_only),
  };
  return cmocka_run_group_tests(tests, start, end);
}
