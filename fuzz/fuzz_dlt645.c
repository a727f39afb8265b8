/* DL/T 645. Invariants: never more used than given; a frame that was found is found again when written; a value has at most 16
 * digits; looking on always comes to an end; what is found does not depend on how the bytes were cut. */
#include "wire/dlt645.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
  if (!ok)
    abort();
}

static void value(const qf_d645_reply *r, int edition)
{
  qf_d645_format f;
  qf_num v;
  bool block;
  if (qf_d645_format_of(r->di, edition, &f, &block) == QF_OK)
    for (unsigned at = 0; at + f.bytes <= r->n; at += f.bytes + f.skip)
      if (qf_d645_value(&f, r->data + at, &v) == QF_OK)
        must(v.mant < INT64_C(10000000000000000) && v.mant > -INT64_C(10000000000000000) && v.exp <= 0);
}

static void check(const qf_d645_frame *f)
{
  uint8_t out[QF_D645_FRAME_MAX];
  qf_d645_frame again;
  bool found;
  size_t n = qf_d645_write(f, out);
  must(n <= sizeof out && qf_d645_find(out, n, &again, &found, NULL) == n && found);
  must(again.n == f->n && again.control == f->control && memcmp(again.data, f->data, f->n) == 0);
  for (int edition = 1997; edition <= 2007; edition += 10) {
    qf_d645_reply r;
    qf_err err;
    if (qf_d645_read_reply(f, edition, &r, &err) == QF_OK) {
      must(r.data >= f->data && r.data + r.n <= f->data + f->n);
      value(&r, edition);
    }
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  uint32_t whole = 0, cut = 0;
  size_t at = 0, keep = 0;
  qf_d645_frame f;
  bool found = true;
  while (at < size && found) {
    size_t used = qf_d645_find(data + at, size - at, &f, &found, NULL);
    must(used <= size - at && (!found || used >= 12));
    if (found) {
      check(&f);
      whole++;
    }
    at += used;
  }
  for (size_t have = 1; have <= size && size <= 600; have++) { /* as if the bytes came one by one */
    char *own = malloc(have - keep + 1);
    size_t n = have - keep, gone = 0;
    memcpy(own, data + keep, n);
    for (found = true; found && gone < n;) {
      gone += qf_d645_find((uint8_t *)own + gone, n - gone, &f, &found, NULL);
      cut += found;
    }
    keep += gone;
    free(own);
  }
  must(size > 600 || cut == whole);
  return 0;
}
