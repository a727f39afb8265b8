/* HJ 212, a stream. Invariants: the reader always goes on or waits for more; what it gives lies inside the input; a stream cut
 * into two pieces gives the same frames as the whole; a packet that parses can be built again and reads as the same. */
#include "wire/hj212.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
  if (!ok)
    abort();
}

static void inside(qf_hj_str s, qf_hj_str whole)
{
  must(s.n == 0 || (s.s >= whole.s && s.s + s.n <= whole.s + whole.n));
}

static void again(const qf_hj_packet *p)
{
  qf_buf b, cp;
  qf_hj_frame f;
  qf_hj_packet q;
  size_t used;
  qf_buf_init(&b, 20000);
  qf_buf_init(&cp, 20000);
  qf_buf_put(&cp, p->cp.s, p->cp.n);
  qf_buf_putc(&cp, 0);
  qf_hj_head h = {p->qn, p->pw, p->mn, p->st, p->cn, p->flag, p->pnum, p->pno};
  qf_hj_build(&b, &h, cp.data, QF_HJ_CRC_STANDARD);
  if (!b.failed) {
    must(qf_hj_next((const uint8_t *)b.data, b.len, QF_HJ_CRC_STANDARD, &f, &used, NULL) == QF_OK && used == b.len);
    must(qf_hj_parse(f.data.s, f.data.n, &q, NULL) == QF_OK && q.cn == p->cn && q.flag == p->flag && q.pno == p->pno);
    must(strcmp(q.mn, p->mn) == 0 && strcmp(q.qn, p->qn) == 0);
  }
  qf_buf_fini(&b);
  qf_buf_fini(&cp);
}

static void read_packet(const qf_hj_frame *f)
{
  qf_hj_packet p;
  qf_err err = {0};
  if (qf_hj_parse(f->data.s, f->data.n, &p, &err)) {
    must(err.en[0] && err.zh[0]);
    return;
  }
  inside(p.cp, f->data);
  must(p.mn[0] && p.pno >= 1 && p.pno <= p.pnum && p.pnum <= QF_HJ_PNUM_MAX);
  qf_hj_item it;
  size_t last = 0;
  for (size_t at = 0, k = 0; k < 40 && qf_hj_item_next(p.cp, &at, &it); k++) {
    must(at > last);
    last = at;
    inside(it.code, p.cp);
    inside(it.name, p.cp);
    inside(it.value, p.cp);
    qf_hj_str v;
    qf_us t;
    if (it.code.n && qf_hj_find(p.cp, at, &it.code, "Flag", &v))
      inside(v, p.cp);
    if (qf_hj_time(it.value, &t) == QF_OK && it.value.n == 17) {
      char qn[18];
      qf_hj_qn(t, qn);
      must(memcmp(qn, it.value.s, 17) == 0);
    }
    (void)qf_hj_field(it.name);
    (void)qf_hj_reading_flags(it.value);
  }
  again(&p);
}

/* Frames of p[0..n) coming as p[0..cut) and the rest; their bytes are summed to *sum. */
static unsigned run(const uint8_t *p, size_t n, size_t cut, qf_hj_crc mode, uint32_t *sum)
{
  unsigned frames = 0;
  size_t start = 0;
  *sum = 0;
  for (int turn = 0; turn < 2; turn++) {
    size_t have = turn ? n : cut;
    for (;;) {
      size_t used = 0, left = have - start;
      uint8_t *copy = malloc(left ? left : 1);
      if (left)
        memcpy(copy, p + start, left);
      qf_hj_frame f;
      qf_err err = {0};
      qf_rc rc = qf_hj_next(copy, left, mode, &f, &used, &err);
      must(used <= left);
      if (rc != QF_PARTIAL) {
        must(used > 0 && f.raw >= copy && f.raw + f.raw_len <= copy + left);
        must(rc == QF_OK || (rc == QF_SYNTAX && err.en[0] && err.zh[0]));
      }
      if (rc == QF_OK) {
        frames++;
        *sum = qf_crc32c(*sum, f.raw, f.raw_len);
        read_packet(&f);
      }
      free(copy);
      start += used;
      if (rc == QF_PARTIAL)
        break;
    }
  }
  return frames;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size < 2)
    return 0;
  qf_hj_crc mode = (qf_hj_crc)(data[0] % 3);
  size_t n = size - 2, cut = n ? data[1] * n / 256 : 0;
  uint32_t one, two;
  unsigned a = run(data + 2, n, n, mode, &one), b = run(data + 2, n, cut, mode, &two);
  must(a == b && one == two);
  return 0;
}
