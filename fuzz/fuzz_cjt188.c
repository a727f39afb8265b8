/* CJ/T 188. Invariants: never more used than given; a frame that was found is found again when written; an answer has no more
 * items than there are names, each with a unit. */
#include "wire/cjt188.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
  if (!ok)
    abort();
}

static void check(const qf_c188_frame *f)
{
  uint8_t out[QF_C188_FRAME_MAX];
  qf_c188_frame again;
  qf_c188_reply r;
  qf_err err;
  bool found;
  size_t n = qf_c188_write(f, out);
  must(n <= sizeof out && qf_c188_find(out, n, &again, &found, NULL) == n && found);
  must(again.n == f->n && memcmp(again.data, f->data, f->n) == 0);
  if (qf_c188_read_reply(f, &r, &err) == QF_OK) {
    must(r.n <= QF_C188_WHATS);
    for (unsigned i = 0; i < r.n; i++)
      must(r.items[i].unit && *qf_c188_name((qf_c188_what)r.items[i].what) && r.items[i].v.mant >= 0);
  } else
    must(err.en[0] && err.zh[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  size_t at = 0;
  bool found = true;
  while (at < size && found) {
    qf_c188_frame f;
    size_t used = qf_c188_find(data + at, size - at, &f, &found, NULL);
    must(used <= size - at && (!found || used >= 13));
    if (found)
      check(&f);
    at += used;
  }
  return 0;
}
