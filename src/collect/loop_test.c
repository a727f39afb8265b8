/* The loop with real sockets on loopback, driven from the test's thread with blocking peers. Nothing waits for a clock but the
 * idle and time-out tests, which wait for their event. */
#include "base/test_dir.h"
#include "collect/loop.h"
#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

typedef struct log { /* what the callbacks saw */
  pthread_mutex_t mx;
  pthread_cond_t cv;
  int opened, closed, posts[100], nposts, timers;
  size_t bytes;
  char why[256], cert[64];
  qf_conn *conn;
  const void *ud; /* of the one that closed last */
  uint64_t id;
  size_t eat; /* bytes taken a call; 0: all */
  bool flood, echo, hold;
} log_;

static qf_loop *loop;
static log_ seen;

static void tell(int *what)
{
  pthread_mutex_lock(&seen.mx);
  (*what)++;
  pthread_cond_broadcast(&seen.cv);
  pthread_mutex_unlock(&seen.mx);
}

static void await(const int *what, int n)
{
  pthread_mutex_lock(&seen.mx);
  while (*what < n)
    pthread_cond_wait(&seen.cv, &seen.mx);
  pthread_mutex_unlock(&seen.mx);
}

static void on_open(qf_conn *k)
{
  seen.conn = k;
  seen.id = qf_conn_id(k);
  snprintf(seen.cert, sizeof seen.cert, "%s", qf_conn_cert_name(k) ? qf_conn_cert_name(k) : "");
  if (seen.flood) {
    static char block[4096];
    while (qf_conn_send(k, block, sizeof block))
      ;
  }
  tell(&seen.opened);
}

static size_t on_bytes(qf_conn *k, const uint8_t *p, size_t n)
{
  if (seen.hold)
    return 0;
  size_t m = seen.eat && seen.eat < n ? seen.eat : n;
  seen.bytes += m;
  if (memchr(p, '!', m))
    return QF_CONN_CLOSE;
  if (seen.echo)
    (void)qf_conn_send(k, p, m);
  return m;
}

static void on_closed(qf_conn *k, const qf_err *why)
{
  assert_null(qf_conn_find(loop, qf_conn_id(k)));
  snprintf(seen.why, sizeof seen.why, "%s", why->en);
  seen.ud = qf_conn_ud(k);
  tell(&seen.closed);
}

static const qf_conn_ops ops = {.open = on_open, .bytes = on_bytes, .closed = on_closed};

static int start(void **state)
{
  qf_err err;
  (void)state;
  memset(&seen, 0, sizeof seen);
  pthread_mutex_init(&seen.mx, NULL);
  pthread_cond_init(&seen.cv, NULL);
  return qf_loop_new(&loop, &err) ? -1 : 0;
}

static int end(void **state)
{
  (void)state;
  qf_loop_free(loop);
  return 0;
}

static uint16_t listen_on(qf_conn_opts o)
{
  uint16_t port;
  qf_err err;
  o.ops = &ops;
  o.ud = &seen;
  if (qf_loop_listen(loop, "127.0.0.1", 0, &o, &port, &err))
    fail_msg("%s", err.en);
  assert_int_equal(qf_loop_port(loop, &seen), port);
  return port;
}

static int dial(uint16_t port)
{
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
  return fd;
}

static void put(int fd, const void *p, size_t n)
{
  assert_int_equal(send(fd, p, n, MSG_NOSIGNAL), n);
}

static void get(int fd, char *p, size_t n)
{
  for (size_t at = 0; at < n;) {
    ssize_t m = recv(fd, p + at, n - at, 0);
    if (m <= 0)
      fail_msg("the connection ended after %zu of %zu bytes", at, n);
    at += (size_t)m;
  }
}

static void echoes_whole_and_byte_by_byte(void **state)
{
  (void)state;
  char text[9000], back[9000];
  memset(text, 'a', sizeof text);
  seen.echo = true;
  seen.eat = 7;
  int fd = dial(listen_on((qf_conn_opts){0}));
  put(fd, text, sizeof text);
  get(fd, back, sizeof back);
  assert_memory_equal(text, back, sizeof text);
  for (int i = 0; i < 50; i++) {
    put(fd, "x", 1);
    get(fd, back, 1);
    assert_int_equal(back[0], 'x');
  }
  close(fd);
  await(&seen.closed, 1);
  assert_string_equal(seen.why, "closed by the other side");
  assert_int_equal(seen.bytes, sizeof text + 50);
}

static void a_message_without_end_is_cut_off(void **state)
{
  (void)state;
  char text[5000] = {0};
  seen.hold = true;
  int fd = dial(listen_on((qf_conn_opts){.in_max = 4096}));
  put(fd, text, sizeof text);
  await(&seen.closed, 1);
  assert_non_null(strstr(seen.why, "without a whole message"));
  close(fd);
}

static void a_peer_that_does_not_read_is_cut_off(void **state)
{
  (void)state;
  seen.flood = true;
  int fd = dial(listen_on((qf_conn_opts){.out_max = 100000}));
  await(&seen.closed, 1);
  assert_non_null(strstr(seen.why, "does not read"));
  close(fd);
}

static void what_waits_is_sent_before_the_end(void **state)
{
  (void)state;
  char back[5];
  seen.echo = true;
  int fd = dial(listen_on((qf_conn_opts){0}));
  await(&seen.opened, 1);
  put(fd, "hello", 5);
  get(fd, back, 5);
  put(fd, "!", 1);
  assert_int_equal(recv(fd, back, 1, 0), 0);
  await(&seen.closed, 1);
  close(fd);
}

static void silence_ends_it(void **state)
{
  (void)state;
  int fd = dial(listen_on((qf_conn_opts){.idle_s = 1}));
  await(&seen.closed, 1);
  assert_string_equal(seen.why, "silent for 1 s");
  close(fd);
}

static void too_many_are_turned_away(void **state)
{
  (void)state;
  char c;
  uint16_t port = listen_on((qf_conn_opts){.conn_max = 2});
  int a = dial(port), b = dial(port);
  await(&seen.opened, 2);
  int d = dial(port);
  assert_true(recv(d, &c, 1, 0) <= 0);
  close(d);
  close(a);
  await(&seen.closed, 1);
  d = dial(port); /* there is room again */
  await(&seen.opened, 3);
  close(b);
  close(d);
}

typedef struct dialled {
  uint16_t port;
  qf_rc rc;
  qf_conn_opts o;
  const char *host;
} dialled;

static void connect_it(void *ud)
{
  dialled *d = ud;
  qf_err err;
  qf_conn *k;
  d->o.ops = &ops;
  d->rc = qf_loop_connect(loop, d->host, d->port, 2000, &d->o, &k, &err);
  tell(&seen.nposts);
}

static void connects_and_says_when_it_cannot(void **state)
{
  (void)state;
  seen.echo = true;
  uint16_t port = listen_on((qf_conn_opts){0});
  dialled d = {.port = port, .host = "127.0.0.1"};
  assert_true(qf_loop_post(loop, connect_it, &d));
  await(&seen.opened, 2); /* both ends */
  qf_loop_deafen(loop, &seen);
  assert_int_equal(qf_loop_port(loop, &seen), 0);
  assert_true(qf_loop_post(loop, connect_it, &d)); /* nobody listens there any more */
  await(&seen.closed, 1);
  assert_non_null(strstr(seen.why, "cannot connect"));
  d.host = "not an address";
  assert_true(qf_loop_post(loop, connect_it, &d));
  await(&seen.nposts, 3);
  assert_int_equal(d.rc, QF_IO);
}

static void note(void *ud)
{
  pthread_mutex_lock(&seen.mx);
  seen.posts[seen.nposts] = (int)(intptr_t)ud;
  pthread_mutex_unlock(&seen.mx);
  tell(&seen.nposts);
}

static void ring(void *ud)
{
  pthread_mutex_lock(&seen.mx);
  seen.posts[seen.timers] = (int)(intptr_t)ud;
  pthread_mutex_unlock(&seen.mx);
  tell(&seen.timers);
}

static void set_timers(void *ud)
{
  (void)ud;
  static const uint32_t ms[] = {400, 100, 300, 200, 500, 50};
  uint64_t id[6];
  for (int i = 0; i < 6; i++)
    id[i] = qf_loop_after(loop, ms[i], ring, (void *)(intptr_t)ms[i]);
  qf_loop_cancel(loop, id[2]);
  qf_loop_cancel(loop, id[2]); /* twice does nothing */
  uint64_t again = qf_loop_after(loop, 150, ring, (void *)(intptr_t)150);
  assert_true(again && again != id[2]);
  qf_loop_cancel(loop, id[2]); /* nor does the id of a slot that has a new timer */
}

static void posts_and_timers_keep_their_order(void **state)
{
  (void)state;
  for (int i = 0; i < 90; i++)
    assert_true(qf_loop_post(loop, note, (void *)(intptr_t)i));
  await(&seen.nposts, 90);
  for (int i = 0; i < 90; i++)
    assert_int_equal(seen.posts[i], i);
  assert_true(qf_loop_post(loop, set_timers, NULL));
  await(&seen.timers, 6);
  static const int want[] = {50, 100, 150, 200, 400, 500};
  for (int i = 0; i < 6; i++)
    assert_int_equal(seen.posts[i], want[i]);
}

static void pause_it(void *ud)
{
  qf_conn_pause(seen.conn, ud != NULL);
  tell(&seen.nposts);
}

static void a_pause_holds_what_comes(void **state)
{
  (void)state;
  char back[3];
  seen.echo = true;
  int fd = dial(listen_on((qf_conn_opts){0}));
  await(&seen.opened, 1);
  assert_true(qf_loop_post(loop, pause_it, &seen));
  await(&seen.nposts, 1);
  put(fd, "abc", 3);
  assert_true(qf_loop_post(loop, note, NULL)); /* a turn later it has still not been read */
  await(&seen.nposts, 2);
  assert_int_equal(seen.bytes, 0);
  assert_true(qf_loop_post(loop, pause_it, NULL));
  get(fd, back, 3);
  assert_memory_equal(back, "abc", 3);
  close(fd);
}

static void the_end_closes_all(void **state)
{
  (void)state;
  uint16_t port = listen_on((qf_conn_opts){0});
  int a = dial(port), b = dial(port);
  await(&seen.opened, 2);
  qf_loop_free(loop);
  assert_int_equal(seen.closed, 2);
  assert_string_equal(seen.why, "the server ends");
  close(a);
  close(b);
  qf_err err;
  assert_int_equal(qf_loop_new(&loop, &err), QF_OK); /* for the teardown */
}

/* A certificate that signs itself, for 127.0.0.1. */
static void certificate(const char *cert, const char *key)
{
  EVP_PKEY *k = EVP_RSA_gen(2048);
  X509 *x = X509_new();
  X509V3_CTX ctx;
  X509_set_version(x, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(x), 7);
  X509_gmtime_adj(X509_getm_notBefore(x), -3600);
  X509_gmtime_adj(X509_getm_notAfter(x), 86400);
  X509_set_pubkey(x, k);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC, (const unsigned char *)"meter-7", -1, -1, 0);
  X509_set_issuer_name(x, X509_get_subject_name(x));
  X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
  X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &ctx, NID_subject_alt_name, "IP:127.0.0.1");
  X509_add_ext(x, e, -1);
  X509_EXTENSION_free(e);
  assert_true(X509_sign(x, k, EVP_sha256()) > 0);
  FILE *f = fopen(cert, "wb");
  assert_non_null(f);
  PEM_write_X509(f, x);
  fclose(f);
  f = fopen(key, "wb");
  assert_non_null(f);
  PEM_write_PrivateKey(f, k, NULL, NULL, 0, NULL, NULL);
  fclose(f);
  X509_free(x);
  EVP_PKEY_free(k);
}

static void speaks_tls_both_ways(void **state)
{
  (void)state;
  char dir[200], cert[240], key[240], back[4];
  assert_non_null(qf_test_dir(dir, sizeof dir, "tls"));
  snprintf(cert, sizeof cert, "%s/cert.pem", dir);
  snprintf(key, sizeof key, "%s/key.pem", dir);
  certificate(cert, key);
  seen.echo = true;
  qf_conn_opts o = {.tls_cert = cert, .tls_key = key, .tls_ca = cert};
  uint16_t port = listen_on(o);
  dialled d = {.port = port, .host = "127.0.0.1", .o = o};
  assert_true(qf_loop_post(loop, connect_it, &d)); /* our own client, with its certificate: both ends are verified */
  await(&seen.opened, 2);
  assert_string_equal(seen.cert, "meter-7");
  int fd = dial(port); /* no TLS at all */
  put(fd, "abcd\n", 5);
  assert_true(recv(fd, back, 1, 0) <= 7);
  await(&seen.closed, 1);
  assert_non_null(strstr(seen.why, "TLS"));
  assert_null(seen.ud); /* not the listener's: a server would take it for what it keeps of a connection */
  close(fd);
  d.o = (qf_conn_opts){.tls_ca = cert}; /* no certificate of its own: turned away */
  assert_true(qf_loop_post(loop, connect_it, &d));
  await(&seen.closed, 2);
  qf_err err;
  o.tls_cert = "/nowhere.pem";
  assert_int_equal(qf_loop_listen(loop, "127.0.0.1", 0, &o, &port, &err), QF_IO);
  assert_non_null(strstr(err.en, "/nowhere.pem"));
  unlink(cert);
  unlink(key);
  rmdir(dir);
}

static void a_wrong_address_is_said(void **state)
{
  (void)state;
  qf_err err;
  qf_conn_opts o = {.ops = &ops};
  assert_int_equal(qf_loop_listen(loop, "300.1.1.1", 0, &o, NULL, &err), QF_IO);
  uint16_t port = listen_on((qf_conn_opts){0});
  assert_int_equal(qf_loop_listen(loop, "127.0.0.1", port, &o, NULL, &err), QF_IO);
  assert_non_null(strstr(err.en, "cannot listen on 127.0.0.1"));
}

#define T(f) cmocka_unit_test_setup_teardown(f, start, end)
int main(void)
{
  const struct CMUnitTest tests[] = {
      T(echoes_whole_and_byte_by_byte),
      T(a_message_without_end_is_cut_off),
      T(a_peer_that_does_not_read_is_cut_off),
      T(what_waits_is_sent_before_the_end),
      T(silence_ends_it),
      T(too_many_are_turned_away),
      T(connects_and_says_when_it_cannot),
      T(posts_and_timers_keep_their_order),
      T(a_pause_holds_what_comes),
      T(the_end_closes_all),
      T(speaks_tls_both_ways),
      T(a_wrong_address_is_said),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
