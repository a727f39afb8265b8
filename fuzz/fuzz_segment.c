/* Readings files: whatever the bytes, a reader refuses them or reads readings that keep their promises, and never
 * leaves its memory. First byte of the input chooses: 0  the rest is a file, as it is 1  the rest is a file whose
 * checksums are made right first, so that the structures behind them are reached 2  the rest is the record of a block
 * and its bytes, without a file around 3  the rest is readings: packed and unpacked they must be the same */
#include "readings/seg.h"
#include <stdlib.h>
#include <string.h>

enum { FOOTER = 96 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check(bool ok)
{
  if (!ok)
    abort();
}

static void check_span(const qf_block *b, const qf_span *s)
{
  check(s->n == b->count && s->n > 0 && s->n <= QF_BLOCK_MAX);
  for (size_t i = 1; i < s->n && s->ts; i++)
    check(s->ts[i - 1] <= s->ts[i]);
  check(!s->ts || (s->ts[0] == b->lo && s->ts[s->n - 1] == b->hi));
  check(b->lo <= b->hi);
  for (size_t i = 0; i < s->n && s->exps; i++)
    check(s->exps[i] >= -30 && s->exps[i] <= 30);
}

static void read_all(qf_seg *s)
{
  static qf_unpacked u;
  const qf_seg_meta *m = qf_seg_get_meta(s);
  qf_err err;
  bool found;
  if (qf_seg_check_index(s, &err))
    return;
  for (uint32_t i = 0; i < m->points; i++) {
    qf_rd r = qf_seg_records(s, i);
    qf_block b;
    qf_span span;
    check(qf_seg_find(s, qf_seg_point_at(s, i), &found) <= m->points);
    while (qf_seg_next_block(s, &r, &b, &err) == QF_OK) {
      check(qf_day_cn(b.lo) == m->day && qf_day_cn(b.hi) == m->day);
      if (qf_seg_unpack(s, &b, &u, &span, &err) == QF_OK)
        check_span(&b, &span);
    }
  }
  qf_rc rc = qf_seg_verify(s, &err);
  check(rc == QF_OK || rc == QF_CORRUPT);
}

static void put32(uint8_t *p, uint32_t v)
{
  for (int i = 0; i < 4; i++)
    p[i] = (uint8_t)(v >> (8 * i));
}

static uint64_t get64(const uint8_t *p)
{
  uint64_t v = 0;
  for (int i = 7; i >= 0; i--)
    v = v << 8 | p[i];
  return v;
}

static void try_file(const uint8_t *data, size_t n, bool mend)
{
  uint8_t *p = malloc(n + 1); /* exact size but for the byte that malloc(0) wants */
  qf_seg *s = NULL;
  qf_err err;
  check(p != NULL);
  memcpy(p, data, n);
  if (mend && n >= FOOTER) {
    uint8_t *f = p + n - FOOTER;
    uint64_t rec = get64(f);
    if (rec <= n - FOOTER)
      put32(f + 80, qf_crc32c(0, p + rec, n - FOOTER - (size_t)rec));
    memcpy(f + 88, "QFREADSE", 8);
    put32(f + 84, qf_crc32c(0, f, 84));
  }
  if (qf_seg_open_mem(p, n, "fuzz", &s, &err) == QF_OK)
    read_all(s);
  qf_seg_unref(s);
  free(p);
}

static void try_block(const uint8_t *data, size_t n)
{
  static qf_unpacked u;
  qf_rd r = {.p = data, .end = data + n};
  qf_block b;
  qf_span s;
  if (!qf_block_get(&r, 0, &b))
    return;
  b.len = (uint32_t)(r.end - r.p);
  uint8_t *p = malloc(b.len + QF_COL_SLACK);
  check(p != NULL);
  memcpy(p, r.p, b.len);
  memset(p + b.len, 0x5A, QF_COL_SLACK);
  if (qf_block_unpack(&b, p, &u, &s) == QF_OK) {
    check_span(&b, &s);
    (void)qf_block_agrees(&b, &s);
  }
  free(p);
}

static void check_same(const qf_cols *c, const qf_span *s)
{
  check(s->n == c->n);
  for (size_t i = 0; i < s->n; i++) {
    const qf_num v = {s->mant[i], s->exps ? s->exps[i] : s->exp}, w = {c->mant[i], c->exp[i]};
    check((s->ts ? s->ts[i] : s->lo + (qf_us)i * s->step) == c->ts[i]);
    check(qf_num_cmp(v, w) == 0);
    check((s->flags ? s->flags[i] : 0) == c->flags[i]);
  }
}

/* 12 bytes a reading: u32 time step, i64 mantissa by bytes, low bits of the step choose exponent and flags */
static void try_readings(const uint8_t *data, size_t n)
{
  static qf_unpacked u;
  qf_cols c = {0};
  qf_buf out;
  qf_block b, back;
  qf_span s;
  qf_us t = 0;
  check(qf_cols_reserve(&c, QF_BLOCK_MAX) == QF_OK);
  while (n >= 12 && c.n < QF_BLOCK_MAX) {
    uint64_t step = get64(data) & 0xFFFFFF;
    t += (qf_us)(data[3] & 1 ? step : (step & 3) * QF_US_MINUTE);
    if (t >= QF_US_DAY)
      break;
    qf_cols_add(&c, t, (qf_num){(int64_t)get64(data + 4), data[3] & 2 ? (int8_t)(data[2] % 61 - 30) : 0}, data[3] >> 4);
    data += 12;
    n -= 12;
  }
  qf_buf_init(&out, 1 << 20);
  if (c.n) {
    check(qf_block_pack(&c, 0, (uint32_t)c.n, &b, &out) == QF_OK);
    size_t len = out.len;
    b.off = 16;
    qf_block_put(&b, 0, &out);
    check(qf_buf_reserve(&out, QF_COL_SLACK) && !out.failed);
    check(qf_block_unpack(&b, (const uint8_t *)out.data, &u, &s) == QF_OK);
    check_same(&c, &s);
    check(qf_block_agrees(&b, &s));
    qf_rd r = {.p = (const uint8_t *)out.data + len, .end = (const uint8_t *)out.data + out.len};
    check(qf_block_get(&r, 0, &back) && r.p == r.end);
    check(back.count == b.count && back.lo == b.lo && back.hi == b.hi && back.first == b.first && back.len == b.len);
    check((b.kinds & QF_BK_MIXED) ||
          (back.min == b.min && back.max == b.max && back.sum == b.sum && back.last == b.last));
  }
  qf_buf_fini(&out);
  qf_cols_fini(&c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
  if (n == 0)
    return 0;
  switch (data[0] & 3) {
  case 0:
  case 1:
    try_file(data + 1, n - 1, data[0] & 1);
    break;
  case 2:
    try_block(data + 1, n - 1);
    break;
  default:
    try_readings(data + 1, n - 1);
    break;
  }
  return 0;
}
