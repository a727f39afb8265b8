/* An upload to the platform, from the HTTP bytes to the data. Invariants: a message cut anywhere waits for more and never passes;
 * what passes gives the same whichever way it is cut; a body that was read is refused in words or gives data whose fields are in
 * their ranges, and data written again and read again are the same. The first byte says what the rest is: 0 a request, 1 an
 * answer, 2 a body, 3 the plain text of one datum's fields, a line each. */
#include "wire/http1.h"
#include "wire/necc.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
  if (!ok)
    abort();
}

static qf_necc_cipher *cipher(void)
{
  uint8_t key[QF_NECC_KEY];
  qf_necc_cipher *c = NULL;
  qf_err err;
  must(qf_necc_key("0123456789ABCDEFFEDCBA9876543210", key)); /* of GB/T 32907 */
  must(qf_necc_cipher_new(key, &c, &err) == QF_OK);
  return c;
}

static void http(const char *p, size_t n, bool response)
{
  qf_buf body, again;
  qf_err err = {0};
  size_t used = 0;
  qf_http1 m = {.response = response, .body_max = 4096};
  qf_buf_init(&body, 8192);
  qf_buf_init(&again, 8192);
  qf_rc rc = qf_http1_read(p, n, &m, &body, &used, &err);
  must(used <= n && body.len <= 4096);
  if (rc && rc != QF_PARTIAL)
    must(err.en[0] && err.zh[0]);
  if (rc == QF_OK) {
    must(used >= m.head_len && m.head);
    for (size_t k = used > 64 ? used - 64 : 0; k < used; k++) { /* whole only when it is */
      char *cut = malloc(k ? k : 1);
      qf_http1 c = {.response = response, .body_max = 4096};
      size_t u = 0;
      memcpy(cut, p, k);
      must(qf_http1_read(cut, k, &c, &again, &u, &err) == QF_PARTIAL && u == 0);
      free(cut);
    }
  }
  qf_buf_fini(&body);
  qf_buf_fini(&again);
}

static void in_range(const qf_necc_record *r)
{
  char code[QF_NECC_CODE + 1];
  must(qf_necc_code(r->code, strlen(r->code), code, NULL) == QF_OK && strcmp(code, r->code) == 0);
  must(r->input >= 1 && r->input <= 5 && r->stat <= QF_NECC_YEAR && r->scope >= 1 && r->scope <= 4);
  for (uint8_t stat = 0; stat <= QF_NECC_YEAR; stat++) {
    qf_us begin = qf_necc_begin(r->at, stat, 15);
    must(begin <= r->at && r->at < qf_necc_next(begin, stat, 15));
  }
}

static void again(qf_necc_cipher *c, const qf_necc_record *r)
{
  qf_buf b;
  qf_err err;
  qf_necc_upload u;
  qf_necc_record got;
  const qf_necc_sender who = {"d", "91210800QF00000011", c};
  qf_buf_init(&b, 65536);
  must(qf_necc_put_upload(&b, &who, r, 1, &err) == QF_OK);
  must(qf_necc_read(b.data, b.len, &u, &err) == QF_OK && u.n == 1);
  must(qf_necc_datum(&u, 0, c, &got, &err) == QF_OK);
  must(strcmp(got.code, r->code) == 0 && qf_num_cmp(got.value, r->value) == 0 && got.at == r->at &&
       got.uploaded == r->uploaded && got.valid == r->valid && got.stat == r->stat && got.input == r->input &&
       got.scope == r->scope);
  qf_necc_upload_fini(&u);
  qf_buf_fini(&b);
}

static void body(const char *p, size_t n)
{
  qf_necc_upload u;
  qf_err err = {0};
  if (qf_necc_read(p, n, &u, &err)) {
    must(err.en[0] && err.zh[0]);
    return;
  }
  qf_necc_cipher *c = cipher();
  for (size_t i = 0; i < u.n; i++) {
    qf_necc_record r;
    err = (qf_err){0};
    if (qf_necc_datum(&u, i, c, &r, &err)) {
      must(err.en[0] && err.zh[0]);
      continue;
    }
    in_range(&r);
    again(c, &r);
  }
  qf_necc_cipher_free(c);
  qf_necc_upload_fini(&u);
}

/* The fuzzer cannot guess the cipher: it gives the plain fields, and we encrypt them. */
static void plain(const char *p, size_t n)
{
  static const char *const field[] = {"dataCode", "dataValue",  "inputType", "statType",
                                      "statDate", "uploadDate", "scope",     "valid"};
  qf_necc_cipher *c = cipher();
  qf_buf b;
  qf_buf_init(&b, 65536);
  qf_buf_puts(&b, "{\"enterpriseCode\":\"A\",\"data\":[{");
  for (size_t i = 0; i < 8; i++) {
    const char *end = n ? memchr(p, '\n', n) : NULL;
    size_t k = end ? (size_t)(end - p) : n;
    qf_buf_printf(&b, "%s\"%s\":\"", i ? "," : "", field[i]);
    must(qf_necc_seal(c, p, k < 200 ? k : 200, &b));
    qf_buf_putc(&b, '"');
    p += k + (end ? 1 : 0);
    n -= k + (end ? 1 : 0);
  }
  qf_buf_puts(&b, "}]}");
  must(!b.failed);
  body(b.data, b.len);
  qf_buf_fini(&b);
  qf_necc_cipher_free(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size < 1)
    return 0;
  const char *p = (const char *)data + 1;
  switch (data[0] & 3) {
  case 0:
  case 1:
    http(p, size - 1, data[0] & 1);
    break;
  case 2:
    body(p, size - 1);
    break;
  default:
    plain(p, size - 1);
  }
  return 0;
}
