/* The MQTT server with a raw peer: acknowledged is stored, sent again is not doubled, damaged bytes cost only their connection, and
 * everything refused is told. Packets are written out by hand. */
#include "collect/door.h"
#include "collect/mqtt.h"
#include "collect/station_testkit.h"
#include "wire/mqtt.h"

#define LISTEN "[collector]\nprotocol = mqtt\nlisten = 127.0.0.1:0\nanonymous = yes\ntokens = no\n"
#define MAPS                                                                                                           \
  "[map n]\ntopic = t/+\npayload = number\nseries = n,who={1},by={client} v\n"                                         \
  "[map j]\ntopic = j/+\npayload = json\nseries = j,who={1} {name}\ntime = ts\n"

static int group_setup(void **state)
{
  int rc = kit_setup(state, "mqtt");
  ((kit *)*state)->start = qf_kind_mqtt.start;
  ((kit *)*state)->stop = qf_kind_mqtt.stop;
  return rc;
}

/* A test begins: a sender name of its own, the kind with a fresh file. */
static void begin(kit *k, const char *ini)
{
  snprintf(k->name, sizeof k->name, "c%u", ++k->tests);
  kit_must_start(k, ini);
}

static size_t put(uint8_t *out, uint8_t head, const void *body, size_t n)
{
  assert_true(n < 16384);
  out[0] = head;
  size_t at = 1;
  if (n > 127) {
    out[at++] = (uint8_t)(n & 127) | 128;
    out[at++] = (uint8_t)(n >> 7);
  } else {
    out[at++] = (uint8_t)n;
  }
  memcpy(out + at, body, n);
  return at + n;
}

static size_t text(uint8_t *out, const char *s)
{
  size_t n = strlen(s);
  out[0] = (uint8_t)(n >> 8);
  out[1] = (uint8_t)n;
  memcpy(out + 2, s, n);
  return n + 2;
}

static size_t connect_of(uint8_t *out, const char *client, bool clean)
{
  uint8_t b[200];
  size_t n = text(b, "MQTT");
  b[n++] = 4;
  b[n++] = clean ? 2 : 0;
  b[n++] = 0;
  b[n++] = 60;
  n += text(b + n, client);
  return put(out, 0x10, b, n);
}

static size_t publish_of(uint8_t *out, uint8_t head, const char *topic, uint16_t id, const char *payload)
{
  uint8_t b[9000];
  size_t n = text(b, topic);
  if (head & 6) {
    b[n++] = (uint8_t)(id >> 8);
    b[n++] = (uint8_t)id;
  }
  memcpy(b + n, payload, strlen(payload));
  return put(out, head, b, n + strlen(payload));
}

static void expect(int fd, const void *want, size_t n)
{
  uint8_t got[64];
  assert_true(n <= sizeof got);
  kit_recv(fd, got, n);
  assert_memory_equal(got, want, n);
}

static int enter(kit *k, const char *client, bool clean, bool present)
{
  uint8_t b[300];
  int fd = kit_connect(k);
  kit_send(fd, b, connect_of(b, client, clean));
  const uint8_t want[] = {0x20, 2, present, 0};
  expect(fd, want, sizeof want);
  return fd;
}

static uint64_t taken(kit *k, const char *client)
{
  qf_buf b;
  size_t i;
  json_t *l;
  uint64_t n = 0;
  qf_buf_init(&b, 1 << 22);
  qf_buf_putc(&b, '[');
  qf_links_json(k->links, "test", 20000, true, &b);
  json_t *j = json_loadb((const char *)b.data + 1, b.len - 1, 0, NULL);
  if (!j)
    fail_msg("%.*s", (int)b.len, (const char *)b.data);
  json_array_foreach(j, i, l)
  {
    if (strcmp(json_string_value(json_object_get(l, "name")), client) == 0)
      n = (uint64_t)json_integer_value(json_object_get(l, "taken"));
  }
  json_decref(j);
  qf_buf_fini(&b);
  return n;
}

static void whole_and_byte_by_byte(void **state)
{
  kit *k = *state;
  uint8_t b[600];
  static const uint8_t ack1[] = {0x40, 2, 0, 1}, ack2[] = {0x40, 2, 0, 2};
  begin(k, LISTEN MAPS);
  int fd = enter(k, k->name, true, false);
  kit_send(fd, b, publish_of(b, 0x32, "t/a", 1, "12.50"));
  expect(fd, ack1, 4);
  size_t n = publish_of(b, 0x32, "t/a", 2, "13");
  k->now += QF_US_SECOND;
  for (size_t i = 0; i < n; i++)
    kit_send(fd, b + i, 1);
  expect(fd, ack2, 4);
  assert_int_equal(taken(k, k->name), 2);
  close(fd);
  kit_stop_kind(k);
}

/* The identifier stays taken until it is released, over a connection that is lost, when the session is kept. */
static void a_message_of_qos_2_is_taken_once(void **state)
{
  kit *k = *state;
  uint8_t b[600];
  static const uint8_t rec[] = {0x50, 2, 0, 7}, rel[] = {0x62, 2, 0, 7}, comp[] = {0x70, 2, 0, 7};
  begin(k, LISTEN MAPS);
  int fd = enter(k, k->name, false, false);
  kit_send(fd, b, publish_of(b, 0x34, "t/b", 7, "1"));
  expect(fd, rec, 4);
  close(fd);
  k->now += QF_US_SECOND; /* its time would be another */
  fd = enter(k, k->name, false, true);
  kit_send(fd, b, publish_of(b, 0x3C, "t/b", 7, "1"));
  expect(fd, rec, 4);
  assert_int_equal(taken(k, k->name), 1);
  kit_send(fd, rel, 4);
  expect(fd, comp, 4);
  kit_send(fd, b, publish_of(b, 0x34, "t/b", 7, "2")); /* released: a new message */
  expect(fd, rec, 4);
  assert_int_equal(taken(k, k->name), 2);
  close(fd);
  fd = enter(k, k->name, true, false); /* a clean session knows nothing */
  kit_send(fd, b, publish_of(b, 0x34, "t/b", 7, "3"));
  expect(fd, rec, 4);
  assert_int_equal(taken(k, k->name), 3);
  close(fd);
  kit_stop_kind(k);
}

static void flipped_or_cut_it_costs_only_its_connection(void **state)
{
  kit *k = *state;
  uint8_t b[600], bad[600];
  static const uint8_t ack[] = {0x40, 2, 0, 1};
  begin(k, LISTEN MAPS);
  size_t n = connect_of(b, "flip", true); /* one bit away from no other test's name */
  size_t all = n + publish_of(b + n, 0x32, "j/a", 1, "{\"ts\":1767571200000,\"v\":1}");
  for (size_t bit = 0; bit < 8 * all; bit++) {
    memcpy(bad, b, all);
    bad[bit / 8] ^= (uint8_t)(1u << (bit % 8));
    int fd = kit_connect(k);
    kit_send(fd, bad, all);
    close(fd);
  }
  for (size_t cut = 0; cut < all; cut += 3) {
    int fd = kit_connect(k);
    kit_send(fd, b, cut);
    close(fd);
  }
  int fd = enter(k, "after", true, false);
  kit_send(fd, b, publish_of(b, 0x32, "j/a", 1, "{\"ts\":1767571200000,\"v\":1}"));
  expect(fd, ack, 4);
  assert_int_equal(taken(k, "after"), 1);
  close(fd);
  kit_stop_kind(k);
}

static void a_flood_is_acknowledged_in_order(void **state)
{
  enum { N = 3000 };
  kit *k = *state;
  uint8_t *all = malloc((size_t)N * 100);
  char payload[60];
  size_t n = 0;
  assert_non_null(all);
  begin(k, LISTEN MAPS);
  int fd = enter(k, k->name, true, false);
  for (unsigned i = 1; i <= N; i++) {
    snprintf(payload, sizeof payload, "{\"ts\":%lld,\"v\":%u}", 1767571200000LL + 1000LL * i, i);
    n += publish_of(all + n, 0x32, "j/flood", (uint16_t)i, payload);
  }
  kit_send(fd, all, n);
  for (unsigned i = 1; i <= N; i++) {
    const uint8_t want[] = {0x40, 2, (uint8_t)(i >> 8), (uint8_t)i};
    expect(fd, want, 4);
  }
  assert_int_equal(taken(k, k->name), N);
  close(fd);
  free(all);
  kit_stop_kind(k);
}

static void what_is_refused_ends_or_is_acknowledged(void **state)
{
  kit *k = *state;
  uint8_t b[9000];
  char big[3000];
  static const uint8_t ack[] = {0x40, 2, 0, 5}, ping[] = {0xC0, 0}, pong[] = {0xD0, 0},
                       sub[] = {0x82, 8, 0, 9, 0, 3, 't', '/', '#', 1}, refused[] = {0x90, 3, 0, 9, 0x80},
                       bad_login[] = {0x20, 2, 0, 4}, old[] = {0x10, 10, 0, 4, 'M', 'Q', 'T', 'T', 3, 2, 0, 0},
                       version[] = {0x20, 2, 0, 1};
  begin(k,
        "[collector]\nprotocol = mqtt\nlisten = 127.0.0.1:0\nanonymous = yes\ntokens = no\npacket_max = 2048\n" MAPS);
  int fd = enter(k, k->name, true, false);
  kit_send(fd, ping, 2);
  expect(fd, pong, 2);
  kit_send(fd, sub, sizeof sub);
  expect(fd, refused, sizeof refused);
  kit_send(fd, b, publish_of(b, 0x32, "t/a", 5, "hot")); /* 3.1.1 has no words for it */
  expect(fd, ack, 4);
  assert_int_equal(taken(k, k->name), 0);
  memset(big, '1', sizeof big - 1);
  big[sizeof big - 1] = 0;
  kit_send(fd, b, publish_of(b, 0x32, "t/a", 6, big)); /* longer than packet_max */
  kit_ended(fd);
  fd = kit_connect(k);
  kit_send(fd, old, sizeof old);
  expect(fd, version, 4);
  kit_ended(fd);
  kit_stop_kind(k);
  kit_must_start(k, "[collector]\nprotocol = mqtt\nlisten = 127.0.0.1:0\n" MAPS);
  fd = kit_connect(k);
  kit_send(fd, b, connect_of(b, k->name, true)); /* nobody without name or token */
  expect(fd, bad_login, 4);
  kit_ended(fd);
  kit_stop_kind(k);
}

/* CONNECT with user "u" and this password. */
static size_t login_of(uint8_t *out, const char *client, const char *password)
{
  uint8_t b[200];
  size_t n = text(b, "MQTT");
  memcpy(b + n, "\x04\xC2\0\x3C", 4); /* 3.1.1, name, password, clean; keep-alive 60 s */
  n += 4 + text(b + n + 4, client);
  n += text(b + n, "u");
  n += text(b + n, password);
  return put(out, 0x10, b, n);
}

/* Packets that hold a password are refused at each place where they may be: none shows it. */
static void passwords_are_not_shown(void **state)
{
  kit *k = *state;
  uint8_t b[300];
  begin(k, LISTEN MAPS);
  int fd = enter(k, "twice", true, false);
  kit_send(fd, b, login_of(b, "twice", "hush-hush")); /* a second one on the same connection */
  kit_ended(fd);
  fd = enter(k, "bent", true, false);
  size_t n = login_of(b, "bent", "hush-hush");
  b[2] = 0xFF; /* the protocol's name is longer than the packet */
  kit_send(fd, b, n);
  kit_ended(fd);
  fd = kit_connect(k);
  kit_send(fd, b, n); /* the same as the first packet */
  kit_ended(fd);
  fd = kit_connect(k);
  kit_send(fd, b, login_of(b, "wrong", "hush-hush")); /* whole, and nobody's */
  kit_ended(fd);
  char *s = kit_links(k);
  if (strstr(s, "hush") || strstr(s, "68757368")) /* the same in hexadecimal */
    fail_msg("a password is in %s", s);
  json_t *all = json_loads(s, 0, NULL), *l;
  size_t i, refused = 0;
  json_array_foreach(all, i, l) refused += (size_t)json_integer_value(json_object_get(l, "refused"));
  if (refused < 4) /* each of them was refused and told */
    fail_msg("%s", s);
  json_decref(all);
  free(s);
  kit_stop_kind(k);
}

static void a_second_connection_of_a_client_ends_the_first(void **state)
{
  kit *k = *state;
  begin(k, LISTEN MAPS);
  int one = enter(k, k->name, true, false), two = enter(k, k->name, true, false);
  kit_ended(one);
  close(two);
  kit_stop_kind(k);
}

static void a_file_that_means_nothing_is_refused(void **state)
{
  kit *k = *state;
  static const char *const bad[] = {LISTEN,
                                    LISTEN "[map x]\npayload = number\n",
                                    LISTEN "[map x]\ntopic = a/#/b\npayload = number\n",
                                    LISTEN "[map x]\ntopic = a\npayload = xml\n",
                                    LISTEN "[user u]\npublish = a\n" MAPS,
                                    LISTEN "[map x]\ntopic = a\npayload = json\ntime_unit = h\n"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    qf_err err = {0};
    assert_int_equal(kit_start(k, bad[i], &err), QF_SYNTAX);
    assert_true(err.en[0] && err.zh[0]);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(whole_and_byte_by_byte),
      cmocka_unit_test(a_message_of_qos_2_is_taken_once),
      cmocka_unit_test(flipped_or_cut_it_costs_only_its_connection),
      cmocka_unit_test(a_flood_is_acknowledged_in_order),
      cmocka_unit_test(what_is_refused_ends_or_is_acknowledged),
      cmocka_unit_test(passwords_are_not_shown),
      cmocka_unit_test(a_second_connection_of_a_client_ends_the_first),
      cmocka_unit_test(a_file_that_means_nothing_is_refused),
  };
  return cmocka_run_group_tests(tests, group_setup, kit_teardown);
}
