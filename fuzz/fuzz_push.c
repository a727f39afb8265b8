/* Pushed readings: the first byte says JSON or CSV. Invariants: what jansson takes for JSON (to the depth we read) is JSON here; a good
 * item has a canonical key, a time in 1970..2200 and a value that can be kept; a refusal has words; items come in order and end. */
#include "wire/push.h"
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
  if (!ok)
    abort();
}

static void like_jansson(const char *s, size_t n)
{
  /* to jansson a bare NUL is the end */
  json_t *j = n == 0 || memchr(s, 0, n) ? NULL : json_loadb(s, n, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
  qf_js r;
  qf_js_tok t;
  qf_err err;
  qf_rc rc;
  char text[64];
  size_t len;
  qf_js_init(&r, s, n, QF_JS_DEPTH);
  while ((rc = qf_js_next(&r, &t, &err)) == QF_OK) {
    must(t.s >= s || t.len == 0);
    if ((t.kind == QF_JS_STRING || t.kind == QF_JS_KEY) && qf_js_text(&t, text, sizeof text, &len, &err) == QF_OK)
      must(len == strlen(text) && (t.escaped || len == t.len));
  }
  must(!j || rc == QF_NOTFOUND || rc == QF_RANGE);
  json_decref(j);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size == 0)
    return 0;
  bool csv = data[0] & 1;
  size_t n = size - 1;
  char *copy = malloc(n ? n : 1);
  memcpy(copy, data + 1, n);
  if (!csv)
    like_jansson(copy, n);
  qf_push p;
  qf_push_item it;
  qf_err err = {0};
  uint64_t last = 0;
  qf_rc rc = csv ? qf_push_csv(&p, copy, n, &err) : qf_push_json(&p, copy, n, &err), got;
  must(!rc || (err.en[0] && err.zh[0]));
  while (!rc && (got = qf_push_next(&p, &it, &err)) != QF_NOTFOUND) {
    must(it.nth > last || csv);
    last = it.nth;
    must(got == QF_OK || (got == QF_PARTIAL && err.en[0] && err.zh[0]));
    if (got)
      continue;
    must(it.ts_us >= 0 && it.ts_us < INT64_C(7258118400000000) && it.v.exp >= -30 && it.v.exp <= 30);
    must(it.name_len && it.name_len <= QF_LP_KEY_MAX && strlen(it.unit) <= QF_PUSH_UNIT_MAX);
    must(it.by_point || memchr(it.name, ' ', it.name_len));
  }
  qf_push_fini(&p);
  free(copy);
  return 0;
}
