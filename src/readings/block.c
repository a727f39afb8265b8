/* Packed bytes of a block, columns one after the other:
 *   times    (QF_BK_IRREGULAR) codec column of (ts - lo) / unit of readings 1 .. count-1, usual way: differences
 *   values   codec column of readings 1 .. count-1; reading 0 stands in the summary
 *   exps     (QF_BK_MIXED) runs: u8 exponent, varint length, until count readings are covered
 *   flags    (QF_BK_FLAGS) runs: u8 flags, varint length, likewise
 * Values are the mantissas at the block's one exponent, the finest of its readings, whenever they all fit int64 there
 * (12.5 beside 3.25 becomes 12.50: the value is kept, not the count of trailing zeros); otherwise (QF_BK_MIXED) as they
 * came.
 *
 * Index record of a block:
 *   u8 kinds, varint count, varint (lo - day start) / unit, varint step / unit (or (hi - lo) / unit when irregular),
 *   varint offset, varint length, u32 CRC-32C of the packed bytes, zigzag first, and unless QF_BK_MIXED:
 *   u8 exponent, zigzag last - first, (unless QF_BK_RISING: varint first - min, varint max - first),
 *   varint sum - count * min (up to 128 bits)
 * unit = 1 us, 1 ms, 1 s, 1 min by bits 6-7 of kinds, the coarsest that divides all times of the block. */
#include "readings/block.h"
#include <string.h>

enum { UNIT_SHIFT = 6 };
static const qf_us units[4] = {1, 1000, QF_US_SECOND, QF_US_MINUTE};

/* ---- packing */

static unsigned find_unit(const qf_us *ts, uint32_t n)
{
  unsigned u = 3;
  for (uint32_t i = 0; i < n && u; i++)
    while (u && ts[i] % units[u] != 0)
      u--;
  return u;
}

static void pack_times(const qf_us *ts, qf_block *b, unsigned *unit)
{
  b->lo = ts[0];
  b->hi = ts[b->count - 1];
  b->step = b->count > 1 ? ts[1] - ts[0] : 0;
  qf_us wrong = 0;
  for (uint32_t i = 1; i < b->count; i++)
    wrong |= (ts[i] - ts[i - 1]) ^ b->step;
  if (wrong) {
    b->kinds |= QF_BK_IRREGULAR;
    *unit = find_unit(ts, b->count);
  } else {
    qf_us two[2] = {b->lo, b->step};
    *unit = find_unit(two, 2);
  }
  b->kinds |= (uint8_t)(*unit << UNIT_SHIFT);
}

/* All values at the finest exponent among them; false when one does not fit there. x may be c->mant itself. */
static const int64_t *common_exponent(const qf_cols *c, size_t from, qf_block *b, int64_t *x)
{
  const int8_t *e = c->exp + from;
  int8_t least = 127, diff = 0;
  for (uint32_t i = 0; i < b->count; i++) {
    diff |= e[i] ^ e[0];
    if (e[i] < least)
      least = e[i];
  }
  b->exp = e[0];
  if (!diff)
    return c->mant + from;
  b->exp = least;
  for (uint32_t i = 0; i < b->count; i++)
    if (qf_num_scale((qf_num){c->mant[from + i], e[i]}, least, &x[i], NULL))
      return NULL;
  return x;
}

static void summarise(const int64_t *x, qf_block *b)
{
  int64_t lo = x[0], hi = x[0];
  qf_i128 sum = 0;
  for (uint32_t i = 0; i < b->count; i++) {
    lo = x[i] < lo ? x[i] : lo;
    hi = x[i] > hi ? x[i] : hi;
    sum += x[i];
  }
  b->last = x[b->count - 1];
  b->min = lo;
  b->max = hi;
  b->sum = sum;
  if (b->min == b->first && b->max == b->last)
    b->kinds |= QF_BK_RISING;
}

static void pack_runs(const uint8_t *v, uint32_t n, qf_buf *out)
{
  for (uint32_t i = 0, j; i < n; i = j) {
    for (j = i + 1; j < n && v[j] == v[i]; j++)
      ;
    qf_buf_u8(out, v[i]);
    qf_buf_varint(out, j - i);
  }
}

static void pack_column(const int64_t *x, qf_block *b, int64_t prev, bool delta, qf_buf *out)
{
  if (b->count > 1)
    out->len += qf_col_encode(x + 1, b->count - 1, prev, delta, (uint8_t *)out->data + out->len);
}

qf_rc qf_block_pack(const qf_cols *c, size_t from, uint32_t count, qf_block *b, qf_buf *out)
{
  int64_t x[QF_BLOCK_MAX] QF_UNSET;
  if (!qf_buf_reserve(out, 2 * qf_col_bound(count) + (size_t)count * 6))
    return QF_NOMEM;
  size_t start = out->len;
  unsigned unit;
  *b = (qf_block){.count = count};
  pack_times(c->ts + from, b, &unit);
  if (b->kinds & QF_BK_IRREGULAR) {
    for (uint32_t i = 0; i < count; i++)
      x[i] = (c->ts[from + i] - b->lo) / units[unit];
    pack_column(x, b, 0, true, out);
  }
  const int64_t *v = common_exponent(c, from, b, x);
  const bool mixed = v == NULL;
  if (mixed) {
    b->kinds |= QF_BK_MIXED;
    v = c->mant + from;
  }
  b->first = v[0]; // NOLINT(clang-analyzer-core.NullDereference): a block has rows
  if (!mixed)
    summarise(v, b);
  if (count > 1 && qf_col_prefers_delta(v + 1, count - 1, v[0]))
    b->kinds |= QF_BK_DELTA;
  pack_column(v, b, v[0], b->kinds & QF_BK_DELTA, out);
  if (b->kinds & QF_BK_MIXED)
    pack_runs((const uint8_t *)c->exp + from, count, out);
  uint8_t any = 0;
  for (uint32_t i = 0; i < count; i++)
    any |= c->flags[from + i];
  if (any) {
    b->kinds |= QF_BK_FLAGS | (any & QF_RD_SENTINEL ? QF_BK_SENTINEL : 0);
    pack_runs(c->flags + from, count, out);
  }
  b->len = (uint32_t)(out->len - start);
  b->crc = qf_crc32c(0, out->data + start, b->len);
  return out->failed ? QF_NOMEM : QF_OK;
}

/* ---- unpacking */

static bool unpack_runs(qf_rd *r, uint8_t *v, uint32_t n)
{
  for (uint32_t at = 0; at < n;) {
    uint8_t x = qf_rd_u8(r);
    uint64_t run = qf_rd_varint(r);
    if (r->bad || run == 0 || run > n - at)
      return false;
    memset(v + at, x, (size_t)run);
    at += (uint32_t)run;
  }
  return true;
}

static bool unpack_times(const qf_block *b, qf_rd *r, qf_us *ts)
{
  ts[0] = b->lo;
  if (b->count > 1 && !qf_col_decode(r, ts + 1, b->count - 1, 0, true))
    return false;
  const qf_us unit = units[b->kinds >> UNIT_SHIFT], most = (b->hi - b->lo) / unit;
  qf_us before = 0, wrong = 0;
  for (uint32_t i = 1; i < b->count; i++) {
    qf_us t = ts[i];
    wrong |= (t < before) | (t > most);
    before = t;
    ts[i] = (qf_us)((uint64_t)b->lo + (uint64_t)t * (uint64_t)unit);
    wrong |= ts[i] < b->lo;
  }
  return !wrong && ts[b->count - 1] == b->hi;
}

static bool exps_ok(const int8_t *e, uint32_t n)
{
  bool ok = true;
  for (uint32_t i = 0; i < n; i++)
    ok &= e[i] >= -30 && e[i] <= 30;
  return ok;
}

qf_rc qf_block_unpack(const qf_block *b, const uint8_t *bytes, qf_unpacked *u, qf_span *out)
{
  qf_rd r = {.p = bytes, .end = bytes + b->len};
  qf_span s = {.n = b->count, .lo = b->lo, .step = b->step, .mant = u->mant, .exp = b->exp};
  if (b->kinds & QF_BK_IRREGULAR) {
    if (!unpack_times(b, &r, u->ts))
      return QF_CORRUPT;
    s.ts = u->ts;
  }
  u->mant[0] = b->first;
  if (b->count > 1 && !qf_col_decode(&r, u->mant + 1, b->count - 1, b->first, b->kinds & QF_BK_DELTA))
    return QF_CORRUPT;
  if (b->kinds & QF_BK_MIXED) {
    if (!unpack_runs(&r, (uint8_t *)u->exps, b->count) || !exps_ok(u->exps, b->count))
      return QF_CORRUPT;
    s.exps = u->exps;
  }
  if (b->kinds & QF_BK_FLAGS) {
    if (!unpack_runs(&r, u->flags, b->count))
      return QF_CORRUPT;
    s.flags = u->flags;
  }
  if (r.bad || r.p != r.end)
    return QF_CORRUPT;
  *out = s;
  return QF_OK;
}

/* ---- the index record */

static void put_varint128(qf_buf *b, qf_u128 v)
{
  while (v >= 128) {
    qf_buf_u8(b, (uint8_t)(v | 128));
    v >>= 7;
  }
  qf_buf_u8(b, (uint8_t)v);
}

static qf_u128 get_varint128(qf_rd *r)
{
  qf_u128 v = 0;
  for (unsigned shift = 0; shift < 126; shift += 7) {
    uint8_t c = qf_rd_u8(r);
    v |= (qf_u128)(c & 127) << shift;
    if (!(c & 128))
      return v;
  }
  r->bad = true;
  return 0;
}

static uint64_t minus(int64_t a, int64_t b)
{
  return (uint64_t)a - (uint64_t)b;
}

void qf_block_put(const qf_block *b, qf_us day_start, qf_buf *out)
{
  const qf_us unit = units[b->kinds >> UNIT_SHIFT];
  qf_buf_u8(out, b->kinds);
  qf_buf_varint(out, b->count);
  qf_buf_varint(out, (uint64_t)((b->lo - day_start) / unit));
  qf_buf_varint(out, (uint64_t)((b->kinds & QF_BK_IRREGULAR ? b->hi - b->lo : b->step) / unit));
  qf_buf_varint(out, b->off);
  qf_buf_varint(out, b->len);
  qf_buf_u32(out, b->crc);
  qf_buf_zigzag(out, b->first);
  if (b->kinds & QF_BK_MIXED)
    return;
  qf_buf_u8(out, (uint8_t)b->exp);
  qf_buf_zigzag(out, (int64_t)minus(b->last, b->first));
  if (!(b->kinds & QF_BK_RISING)) {
    qf_buf_varint(out, minus(b->first, b->min));
    qf_buf_varint(out, minus(b->max, b->first));
  }
  put_varint128(out, (qf_u128)(b->sum - (qf_i128)b->min * b->count));
}

/* Times of the record, checked: lo and hi inside the day. */
static bool get_times(qf_rd *r, qf_us day_start, qf_block *b)
{
  const uint64_t unit = (uint64_t)units[b->kinds >> UNIT_SHIFT];
  uint64_t lo = qf_rd_varint(r), second = qf_rd_varint(r), span;
  if (r->bad || lo >= QF_US_DAY || second >= QF_US_DAY || lo * unit >= QF_US_DAY || second * unit >= QF_US_DAY)
    return false;
  bool irregular = b->kinds & QF_BK_IRREGULAR;
  span = irregular ? second * unit : second * unit * (b->count - 1);
  if (lo * unit + span >= QF_US_DAY)
    return false;
  b->lo = day_start + (qf_us)(lo * unit);
  b->hi = b->lo + (qf_us)span;
  b->step = irregular ? 0 : (qf_us)(second * unit);
  return true;
}

static bool get_summary(qf_rd *r, qf_block *b)
{
  b->exp = (int8_t)qf_rd_u8(r);
  b->last = (int64_t)((uint64_t)b->first + (uint64_t)qf_rd_zigzag(r));
  b->min = b->first;
  b->max = b->last;
  if (!(b->kinds & QF_BK_RISING)) {
    b->min = (int64_t)((uint64_t)b->first - qf_rd_varint(r));
    b->max = (int64_t)((uint64_t)b->first + qf_rd_varint(r));
  }
  qf_u128 above = get_varint128(r);
  if (r->bad || b->exp < -30 || b->exp > 30 || b->min > b->first || b->max < b->first || b->min > b->last ||
      b->max < b->last || above > (qf_u128)minus(b->max, b->min) * b->count)
    return false;
  b->sum = (qf_i128)b->min * b->count + (qf_i128)above;
  return true;
}

bool qf_block_get(qf_rd *r, qf_us day_start, qf_block *out)
{
  qf_block b = {.kinds = qf_rd_u8(r)};
  uint64_t count = qf_rd_varint(r);
  if (r->bad || count == 0 || count > QF_BLOCK_MAX)
    return false;
  b.count = (uint32_t)count;
  if (!get_times(r, day_start, &b))
    return false;
  b.off = qf_rd_varint(r);
  uint64_t len = qf_rd_varint(r);
  b.crc = qf_rd_u32(r);
  b.first = qf_rd_zigzag(r);
  if (r->bad || len > UINT32_MAX)
    return false;
  b.len = (uint32_t)len;
  if (!(b.kinds & QF_BK_MIXED) && !get_summary(r, &b))
    return false;
  *out = b;
  return true;
}

bool qf_block_agrees(const qf_block *b, const qf_span *s)
{
  bool sentinel = false;
  for (size_t i = 0; i < s->n && s->flags; i++)
    sentinel |= (s->flags[i] & QF_RD_SENTINEL) != 0;
  if (sentinel != ((b->kinds & QF_BK_SENTINEL) != 0))
    return false;
  if (b->kinds & QF_BK_MIXED)
    return true;
  qf_block t = {.count = b->count, .first = s->mant[0]};
  summarise(s->mant, &t);
  return t.last == b->last && t.min == b->min && t.max == b->max && t.sum == b->sum;
}
