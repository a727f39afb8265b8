/* HTTP messages: whole, byte by byte, chunked, cut; two ways to say where a message ends are refused. */
#include "wire/http1.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the headers above first */
#include <cmocka.h>

typedef struct got {
  qf_rc rc;
  size_t used;
  qf_http1 m;
  char body[200];
} got;

/* From a copy that ends where it ends, so that a reader who looks further is seen. */
static got take(const char *s, size_t n, bool response, bool eof)
{
  got g = {.m = {.response = response, .eof = eof, .body_max = 100}};
  qf_buf body;
  qf_err err = {0};
  char *copy = malloc(n ? n : 1);
  memcpy(copy, s, n);
  qf_buf_init(&body, 1000);
  g.rc = qf_http1_read(copy, n, &g.m, &body, &g.used, &err);
  if (g.rc && g.rc != QF_PARTIAL)
    assert_true(err.en[0] && err.zh[0]);
  memcpy(g.body, body.data ? body.data : "", body.len);
  qf_buf_fini(&body);
  free(copy);
  return g;
}

static void whole_and_cut(void **state)
{
  static const struct {
    const char *text, *body;
    bool response;
  } all[] = {
      {"POST /a?b HTTP/1.1\r\nHost: x:1\r\ncontent-length:  2 \r\n\r\nhi", "hi", false},
      {"GET / HTTP/1.0\r\n\r\n", "", false},
      {"POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nT: v\r\n\r\n",
       "abc0123456789", false},
      {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes", "yes", true},
      {"HTTP/1.1 503\r\nContent-Length: 0\r\n\r\n", "", true},
      {"HTTP/1.1 100 Continue\r\n\r\n", "", true},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n0\r\n\r\n", "", true},
  };
  (void)state;
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    size_t n = strlen(all[i].text);
    for (size_t k = 0; k < n; k++)
      assert_int_equal(take(all[i].text, k, all[i].response, false).rc, QF_PARTIAL);
    got g = take(all[i].text, n, all[i].response, false);
    assert_int_equal(g.rc, QF_OK);
    assert_int_equal(g.used, n);
    assert_string_equal(g.body, all[i].body);
  }
  got g = take(all[0].text, strlen(all[0].text), false, false);
  assert_string_equal(g.m.method, "POST");
  assert_string_equal(g.m.target, "/a?b");
  assert_string_equal(g.m.host, "x:1");
  assert_true(g.m.keep);
  assert_false(take(all[1].text, strlen(all[1].text), false, false).m.keep);
  assert_int_equal(take(all[4].text, strlen(all[4].text), true, false).m.status, 503);
}

static void refused(void **state)
{
  static const char *const all[] = {
      "POST a HTTP/1.1\r\n\r\n",
      "POST /a HTTP/2.0\r\n\r\n",
      "POST /a\r\n\r\n",
      "P\x01ST /a HTTP/1.1\r\n\r\n",
      "\r\nPOST /a HTTP/1.1\r\n\r\n",
      "POST /a HTTP/1.1\n\n",
      "POST /a HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
      "POST /a HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\nx",
      "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\nx",
      "POST /a HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
      "POST /a HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
      "POST /a HTTP/1.1\r\nContent-Length: 1 1\r\n\r\n",
      "POST /a HTTP/1.1\r\nContent-Length : 1\r\n\r\nx",
      "POST /a HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n",
      "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
      "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
      "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfffffffff\r\n",
  };
  (void)state;
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    assert_int_equal(take(all[i], strlen(all[i]), false, false).rc, QF_SYNTAX);
}

static void limits(void **state)
{
  static const char *const all[] = {"POST /a HTTP/1.1\r\nContent-Length: 101\r\n\r\n",
                                    "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n"};
  char head[QF_HTTP1_HEAD_MAX + 100];
  (void)state;
  for (size_t i = 0; i < 2; i++)
    assert_int_equal(take(all[i], strlen(all[i]), false, false).rc, QF_RANGE);
  memset(head, 'A', sizeof head);
  memcpy(head, "POST /a HTTP/1.1\r\nX: ", 21);
  assert_int_equal(take(head, QF_HTTP1_HEAD_MAX, false, false).rc, QF_PARTIAL);
  assert_int_equal(take(head, sizeof head, false, false).rc, QF_RANGE);
}

/* An answer without a length ends with the connection, and only then. */
static void until_the_end(void **state)
{
  static const char text[] = "HTTP/1.1 200 OK\r\n\r\nall of it";
  (void)state;
  assert_int_equal(take(text, strlen(text), true, false).rc, QF_PARTIAL);
  got g = take(text, strlen(text), true, true);
  assert_int_equal(g.rc, QF_OK);
  assert_string_equal(g.body, "all of it");
  assert_false(g.m.keep);
}

static void what_we_write(void **state)
{
  qf_buf b;
  (void)state;
  qf_buf_init(&b, 1000);
  qf_http1_post(&b, "h:1", "/p", "application/json", "{}", 2);
  got g = take(b.data, b.len, false, false);
  assert_true(g.rc == QF_OK && g.used == b.len && g.m.keep);
  assert_string_equal(g.m.target, "/p");
  assert_string_equal(g.body, "{}");
  qf_buf_reset(&b);
  qf_http1_answer(&b, 404, false, "{}", 2);
  g = take(b.data, b.len, true, false);
  assert_true(g.rc == QF_OK && g.used == b.len && g.m.status == 404 && !g.m.keep);
  qf_buf_fini(&b);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(whole_and_cut), cmocka_unit_test(refused),
                                     cmocka_unit_test(limits), cmocka_unit_test(until_the_end),
                                     cmocka_unit_test(what_we_write)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
