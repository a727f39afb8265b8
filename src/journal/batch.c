/* Body of a READINGS entry.
 *
 *   body     u8 form: 1 plain, 2 zstd;  varint n rows;  form 2: varint length of the plain columns;  columns
 *   columns  point, ts_us, mant, exp, flags, one after the other, each of n signed 64-bit values
 *   column   u8 kind
 *              0 line    zigzag first, zigzag step: v[i] = first + i * step
 *              1 blocks  of 128 rows, the last one shorter
 *              2 cycle   varint p (1 .. n-1), then a column of p rows of kind 0 or 1: v[i] = v[i - p]
 *   block    u8 width w (0..64) + 128 if there are exceptions
 *            u8 predictor: 0 nothing, 1 the row before, 2 the row before of the same point (not in the point column);
 *              where there is no such row the prediction is 0
 *            zigzag base
 *            exceptions: u8 count, then count times u8 row in block, varint high
 *            rows * w bits, low bit first, filled up to whole bytes
 *            v = prediction + base + (bits | high << w)
 *   varint   LEB128; zigzag: varint of (x << 1) ^ (x >> 63). All arithmetic modulo 2^64.
 *
 * "The row before of the same point" is found by qf's own table of places (previous_rows): part of the format, since a
 * row whose place is more than 32 steps from home counts as having none. */
#include "journal/batch.h"
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#define BLOCK 128u
#define PROBES 32u
/* No encoder writes more than this: a block of 64-bit values with its head, five columns. */
#define PLAIN_MAX(n) ((size_t)(n)*48 + 512)
#define ZSTD_WORTH 2048u
enum { FORM_PLAIN = 1, FORM_ZSTD = 2 };
enum { KIND_LINE, KIND_BLOCKS, KIND_CYCLE };
enum { COL_POINT, COL_TS, COL_MANT, COL_EXP, COL_FLAGS, COLS };

static uint64_t zig(int64_t v)
{
  return ((uint64_t)v << 1) ^ (uint64_t)(v >> 63);
}
static unsigned bits_of(uint64_t v)
{
  return v ? 64u - (unsigned)__builtin_clzll(v) : 0;
}

static uint64_t load64(const uint8_t *p)
{
  uint64_t v;
  memcpy(&v, p, 8);
  return v;
}
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "bits are packed through little-endian words");

/* ---- the row before of the same point */

static uint32_t home(uint32_t point)
{
  point ^= point >> 16;
  point *= 0x7feb352du;
  point ^= point >> 15;
  point *= 0x846ca68bu;
  return point ^ point >> 16;
}

/* Smallest p with v[i] == v[i - p] for all i >= p, judged by the first return of v[0]; 0: none. */
static uint32_t cycle_of(const int64_t *v, uint32_t n)
{
  uint32_t p = 1;
  while (p < n && v[p] != v[0])
    p++;
  return p < n && memcmp(v, v + p, (size_t)(n - p) * sizeof *v) == 0 ? p : 0;
}

/* prev[i] = 1 + the latest earlier row of the same point, 0 if none. Errors: QF_NOMEM. */
static qf_rc previous_rows(const int64_t *point, uint32_t n, uint32_t *prev)
{
  uint32_t size = 16;
  while (size < 2 * n)
    size *= 2;
  uint32_t *last = calloc(size, sizeof *last); /* 1 + row */
  if (!last)
    return QF_NOMEM;
  for (uint32_t i = 0; i < n; i++) {
    uint32_t at = home((uint32_t)point[i]);
    prev[i] = 0;
    for (uint32_t k = 0; k < PROBES; k++, at++) {
      uint32_t *row = last + (at & (size - 1));
      if (*row && point[*row - 1] != point[i])
        continue;
      prev[i] = *row;
      *row = i + 1;
      break;
    }
  }
  free(last);
  return QF_OK;
}

/* ---- encoding */

typedef struct plan { /* how a block is to be written */
  uint64_t u[BLOCK];
  int64_t base;
  unsigned width, exceptions;
  uint64_t cost; /* bits, about */
} plan;

/* Width that costs least when the few values that need more become exceptions. */
static void choose_width(plan *p, const uint8_t count[65], unsigned n)
{
  unsigned w = 64, over = 0;
  while (w && !count[w])
    w--;
  uint64_t over_bits = 0, base_bits = UINT64_C(8) * 4;
  p->width = w;
  p->exceptions = 0;
  p->cost = base_bits + (uint64_t)n * w;
  while (w && over <= n / 4) {
    over += count[w];
    over_bits += (uint64_t)count[w] * w;
    w--;
    uint64_t cost = base_bits + (uint64_t)n * w + 8 + 14u * (uint64_t)over + over_bits - (uint64_t)over * w;
    if (cost < p->cost) {
      p->cost = cost;
      p->width = w;
      p->exceptions = over;
    }
  }
}

/* Plan for values d[0..n): subtract the least, count bit lengths. */
static void make_plan(plan *p, const int64_t *d, unsigned n)
{
  uint8_t count[65] = {0};
  int64_t low = d[0];
  for (unsigned i = 1; i < n; i++)
    low = d[i] < low ? d[i] : low;
  p->base = low;
  for (unsigned i = 0; i < n; i++) {
    p->u[i] = (uint64_t)d[i] - (uint64_t)low;
    count[bits_of(p->u[i])]++;
  }
  choose_width(p, count, n);
}

static uint8_t *put_varint(uint8_t *o, uint64_t v)
{
  while (v >= 0x80) {
    *o++ = (uint8_t)(v | 0x80);
    v >>= 7;
  }
  *o++ = (uint8_t)v;
  return o;
}

static uint8_t *pack(uint8_t *o, const uint64_t *u, unsigned n, unsigned w)
{
  if (w == 0)
    return o;
  uint64_t acc = 0, mask = w == 64 ? UINT64_MAX : (UINT64_C(1) << w) - 1;
  unsigned have = 0;
  for (unsigned i = 0; i < n; i++) {
    uint64_t v = u[i] & mask;
    acc |= v << have;
    have += w;
    if (have >= 64) {
      memcpy(o, &acc, 8);
      o += 8;
      have -= 64;
      acc = have ? v >> (w - have) : 0;
    }
  }
  memcpy(o, &acc, 8);
  return o + (have + 7) / 8;
}

#define BLOCK_BYTES (2 + 10 + 1 + BLOCK * 11 + BLOCK * 8 + 8) /* of one block at most */

static void put_block(qf_buf *out, const plan *p, unsigned predictor, unsigned n)
{
  if (!qf_buf_reserve(out, BLOCK_BYTES))
    return;
  uint8_t *start = (uint8_t *)out->data + out->len, *o = start;
  *o++ = (uint8_t)(p->width | (p->exceptions ? 0x80u : 0u));
  *o++ = (uint8_t)predictor;
  o = put_varint(o, zig(p->base));
  if (p->exceptions) {
    *o++ = (uint8_t)p->exceptions;
    for (unsigned i = 0; i < n; i++)
      if (p->width < 64 && p->u[i] >> p->width) {
        *o++ = (uint8_t)i;
        o = put_varint(o, p->u[i] >> p->width);
      }
  }
  o = pack(o, p->u, n, p->width);
  out->len += (size_t)(o - start);
}

/* Try each predictor for rows [at, at + n) and keep the cheapest. */
static void encode_block(qf_buf *out, const int64_t *v, const uint32_t *prev, uint32_t at, unsigned n)
{
  plan plans[2] QF_UNSET;
  int64_t d[BLOCK] QF_UNSET;
  unsigned best = 0, which = 0;
  make_plan(&plans[0], v + at, n);
  for (unsigned pr = 1; pr <= 2; pr++) {
    if (plans[best].width == 0 && !plans[best].exceptions)
      break; /* cannot be beaten */
    if (pr == 2 && !prev)
      break;
    for (unsigned i = 0; i < n; i++) {
      uint32_t row = pr == 1 ? at + i : prev[at + i]; /* 1 + the row predicted from */
      d[i] = (int64_t)((uint64_t)v[at + i] - (row ? (uint64_t)v[row - 1] : 0));
    }
    plan *p = &plans[1 - best];
    make_plan(p, d, n);
    if (p->cost < plans[best].cost) {
      best = 1 - best;
      which = pr;
    }
  }
  put_block(out, &plans[best], which, n);
}

static bool is_line(const int64_t *v, uint32_t n)
{
  uint64_t step = n > 1 ? (uint64_t)v[1] - (uint64_t)v[0] : 0;
  for (uint32_t i = 2; i < n; i++)
    if ((uint64_t)v[i] - (uint64_t)v[i - 1] != step)
      return false;
  return true;
}

typedef struct encoder {
  qf_buf *out;
  uint32_t n;
  int64_t *work;        /* n values */
  const uint32_t *prev; /* NULL: no point comes twice */
  uint32_t cycle;       /* of the points; 0: none */
} encoder;

static void encode_column(const encoder *e, const int64_t *v, const uint32_t *prev, uint32_t cycle)
{
  uint32_t n = e->n;
  bool line = is_line(v, n);
  if (cycle && !line) {
    qf_buf_u8(e->out, KIND_CYCLE);
    qf_buf_varint(e->out, cycle);
    n = cycle;
    line = is_line(v, n);
  }
  if (line) {
    qf_buf_u8(e->out, KIND_LINE);
    qf_buf_zigzag(e->out, v[0]);
    qf_buf_zigzag(e->out, n > 1 ? (int64_t)((uint64_t)v[1] - (uint64_t)v[0]) : 0);
    return;
  }
  qf_buf_u8(e->out, KIND_BLOCKS);
  for (uint32_t at = 0; at < n; at += BLOCK)
    encode_block(e->out, v, prev, at, n - at < BLOCK ? n - at : BLOCK);
}

static bool bytes_cycle(const void *b, uint32_t n, uint32_t p)
{
  return p && p < n && memcmp(b, (const uint8_t *)b + p, n - p) == 0;
}

/* A column of bytes, most often all the same. */
static void encode_bytes(const encoder *e, const void *b, bool is_signed)
{
  const int8_t *s = b;
  const uint8_t *u = b;
  if (bytes_cycle(b, e->n, 1) || e->n == 1) {
    qf_buf_u8(e->out, KIND_LINE);
    qf_buf_zigzag(e->out, is_signed ? s[0] : u[0]);
    qf_buf_zigzag(e->out, 0);
    return;
  }
  for (uint32_t i = 0; i < e->n; i++)
    e->work[i] = is_signed ? s[i] : u[i];
  encode_column(e, e->work, e->prev, bytes_cycle(b, e->n, e->cycle) ? e->cycle : 0);
}

/* All five columns; work and prev have room for a row each. */
static qf_rc encode_columns(qf_buf *out, const qf_batch *b, int64_t *work, uint32_t *prev)
{
  encoder e = {.out = out, .n = b->n, .work = work};
  for (uint32_t i = 0; i < b->n; i++)
    work[i] = b->point[i];
  bool once = is_line(work, b->n) && b->n > 1 && work[0] != work[1]; /* then there is nothing to look back to */
  if (!once) {
    if (previous_rows(work, b->n, prev))
      return QF_NOMEM;
    e.prev = prev;
    e.cycle = cycle_of(work, b->n);
  }
  encode_column(&e, work, NULL, e.cycle);
  encode_column(&e, b->ts_us, e.prev, cycle_of(b->ts_us, b->n));
  encode_column(&e, b->mant, e.prev, 0);
  encode_bytes(&e, b->exp, true);
  encode_bytes(&e, b->flags, false);
  return out->failed ? QF_NOMEM : QF_OK;
}

static void put_plain(qf_buf *out, uint32_t n, const qf_buf *plain)
{
  qf_buf_u8(out, FORM_PLAIN);
  qf_buf_varint(out, n);
  qf_buf_put(out, plain->data, plain->len);
}

/* zstd finds 2 to 11 % in packed bits (docs/formats/journal.md): take it when it saves a 32nd, do not ask for small
 * batches, where making its context costs more than all the rest. */
static void put_smaller(qf_buf *out, uint32_t n, const qf_buf *plain)
{
  size_t cap = plain->len - plain->len / 32;
  void *z = plain->len >= ZSTD_WORTH ? malloc(cap) : NULL;
  size_t len = z ? ZSTD_compress(z, cap, plain->data, plain->len, 1) : 0;
  if (z && !ZSTD_isError(len)) {
    qf_buf_u8(out, FORM_ZSTD);
    qf_buf_varint(out, n);
    qf_buf_varint(out, plain->len);
    qf_buf_put(out, z, len);
  } else {
    put_plain(out, n, plain);
  }
  free(z);
}

qf_rc qf_batch_encode(const qf_batch *b, qf_buf *out)
{
  if (b->n == 0 || b->n > QF_BATCH_MAX)
    return QF_RANGE;
  qf_buf plain;
  qf_buf_init(&plain, PLAIN_MAX(b->n) + BLOCK_BYTES);
  int64_t *work = malloc((size_t)b->n * sizeof *work);
  uint32_t *prev = malloc((size_t)b->n * sizeof *prev);
  qf_rc rc = work && prev ? encode_columns(&plain, b, work, prev) : QF_NOMEM;
  if (!rc)
    put_smaller(out, b->n, &plain);
  free(work);
  free(prev);
  qf_buf_fini(&plain);
  return rc ? rc : out->failed ? QF_NOMEM : QF_OK;
}

/* ---- decoding */

typedef struct decoder {
  qf_rd r;
  uint32_t n;
  const int64_t *point; /* decoded, once the first column is */
  uint32_t *prev;       /* made when first needed */
} decoder;

static qf_rc need_previous(decoder *d)
{
  if (d->prev)
    return QF_OK;
  d->prev = malloc((size_t)d->n * sizeof *d->prev);
  return d->prev ? previous_rows(d->point, d->n, d->prev) : QF_NOMEM;
}

/* n values of w bits from p, which is followed by 16 readable bytes. */
static void unpack(const uint8_t *p, unsigned n, unsigned w, uint64_t *u)
{
  uint64_t mask = w == 64 ? UINT64_MAX : (UINT64_C(1) << w) - 1;
  size_t bit = 0;
  for (unsigned i = 0; i < n; i++, bit += w) {
    const uint8_t *q = p + bit / 8;
    unsigned shift = bit % 8;
    uint64_t v = load64(q) >> shift;
    if (shift + w > 64)
      v |= (uint64_t)q[8] << (64 - shift);
    u[i] = v & mask;
  }
}

static qf_rc read_exceptions(qf_rd *r, uint64_t *high, unsigned n, unsigned w)
{
  unsigned count = qf_rd_u8(r);
  if (r->bad || w >= 64 || count > n)
    return QF_CORRUPT;
  for (unsigned k = 0; k < count; k++) {
    unsigned row = qf_rd_u8(r);
    uint64_t h = qf_rd_varint(r);
    if (r->bad || row >= n || (w && h >> (64 - w)))
      return QF_CORRUPT;
    high[row] = h << w;
  }
  return QF_OK;
}

/* Rows at.. of v = prediction + d[0..n). */
static qf_rc predict(decoder *dec, unsigned predictor, int64_t *v, uint32_t at, unsigned n, const uint64_t *d)
{
  if (predictor == 0) {
    for (unsigned i = 0; i < n; i++)
      v[at + i] = (int64_t)d[i];
    return QF_OK;
  }
  if (predictor == 1) {
    uint64_t last = at ? (uint64_t)v[at - 1] : 0;
    for (unsigned i = 0; i < n; i++)
      v[at + i] = (int64_t)(last += d[i]);
    return QF_OK;
  }
  if (predictor != 2 || !dec->point)
    return QF_CORRUPT;
  qf_rc rc = need_previous(dec);
  for (unsigned i = 0; !rc && i < n; i++) {
    uint32_t row = dec->prev[at + i];
    v[at + i] = (int64_t)((row ? (uint64_t)v[row - 1] : 0) + d[i]);
  }
  return rc;
}

static qf_rc decode_block(decoder *d, int64_t *v, uint32_t at, unsigned n)
{
  uint64_t u[BLOCK] QF_UNSET, high[BLOCK] QF_UNSET;
  uint8_t bytes[BLOCK * 8 + 16] QF_UNSET;
  unsigned head = qf_rd_u8(&d->r), w = head & 0x7F, predictor = qf_rd_u8(&d->r);
  int64_t base = qf_rd_zigzag(&d->r);
  if (d->r.bad || w > 64)
    return QF_CORRUPT;
  if (head & 0x80) {
    memset(high, 0, sizeof high);
    if (read_exceptions(&d->r, high, n, w))
      return QF_CORRUPT;
  }
  size_t len = ((size_t)n * w + 7) / 8;
  const uint8_t *p = qf_rd_bytes(&d->r, len);
  if (!p)
    return QF_CORRUPT;
  memcpy(bytes, p, len);
  memset(bytes + len, 0, 16);
  unpack(bytes, n, w, u);
  for (unsigned i = 0; (head & 0x80) && i < n; i++)
    u[i] |= high[i];
  for (unsigned i = 0; i < n; i++)
    u[i] += (uint64_t)base;
  return predict(d, predictor, v, at, n, u);
}

static qf_rc decode_column(decoder *d, int64_t *v, uint32_t n, bool inner)
{
  unsigned kind = qf_rd_u8(&d->r);
  if (kind == KIND_LINE) {
    uint64_t first = (uint64_t)qf_rd_zigzag(&d->r), step = (uint64_t)qf_rd_zigzag(&d->r);
    for (uint32_t i = 0; i < n; i++)
      v[i] = (int64_t)(first + i * step);
    return d->r.bad ? QF_CORRUPT : QF_OK;
  }
  if (kind == KIND_CYCLE && !inner) {
    uint64_t p = qf_rd_varint(&d->r);
    if (d->r.bad || p == 0 || p >= n)
      return QF_CORRUPT;
    qf_rc rc = decode_column(d, v, (uint32_t)p, true);
    for (uint32_t i = (uint32_t)p; !rc && i < n; i++)
      v[i] = v[i - p];
    return rc;
  }
  if (kind != KIND_BLOCKS)
    return QF_CORRUPT;
  qf_rc rc = QF_OK;
  for (uint32_t at = 0; !rc && at < n; at += BLOCK)
    rc = decode_block(d, v, at, n - at < BLOCK ? n - at : BLOCK);
  return rc;
}

/* Narrow a column into its place; false if a value does not fit. */
static bool store(qf_batch *out, int col, const int64_t *v, uint32_t n)
{
  static const int64_t low[COLS] = {0, INT64_MIN, INT64_MIN, INT8_MIN, 0};
  static const int64_t high[COLS] = {UINT32_MAX, INT64_MAX, INT64_MAX, INT8_MAX, UINT8_MAX};
  bool fits = true;
  for (uint32_t i = 0; i < n; i++)
    fits &= v[i] >= low[col] && v[i] <= high[col];
  for (uint32_t i = 0; fits && i < n; i++) {
    if (col == COL_POINT)
      out->point[i] = (uint32_t)v[i];
    else if (col == COL_EXP)
      out->exp[i] = (int8_t)v[i];
    else if (col == COL_FLAGS)
      out->flags[i] = (uint8_t)v[i];
  }
  return fits;
}

static qf_rc decode_columns(decoder *d, qf_batch *out)
{
  int64_t *point = calloc(d->n, sizeof *point), *work = calloc(d->n, sizeof *work);
  qf_rc rc = point && work ? QF_OK : QF_NOMEM;
  for (int col = 0; !rc && col < COLS; col++) {
    int64_t *v = col == COL_POINT ? point : col == COL_TS ? out->ts_us : col == COL_MANT ? out->mant : work;
    rc = decode_column(d, v, d->n, false);
    if (!rc && col != COL_TS && col != COL_MANT && !store(out, col, v, d->n))
      rc = QF_CORRUPT;
    d->point = point;
  }
  if (!rc && d->r.p != d->r.end)
    rc = QF_CORRUPT;
  free(point);
  free(work);
  free(d->prev);
  d->prev = NULL;
  return rc;
}

/* Undo zstd: *plain is the caller's to free. */
static qf_rc inflate_columns(decoder *d, uint8_t **plain)
{
  uint64_t len = qf_rd_varint(&d->r);
  size_t left = (size_t)(d->r.end - d->r.p);
  if (d->r.bad || len == 0 || len > PLAIN_MAX(d->n) || ZSTD_getFrameContentSize(d->r.p, left) != len)
    return QF_CORRUPT;
  *plain = malloc((size_t)len);
  if (!*plain)
    return QF_NOMEM;
  if (ZSTD_decompress(*plain, (size_t)len, d->r.p, left) != len)
    return QF_CORRUPT;
  d->r = (qf_rd){.p = *plain, .end = *plain + len};
  return QF_OK;
}

qf_rc qf_batch_decode(const uint8_t *body, size_t len, qf_batch *out, qf_err *err)
{
  decoder d = {.r = {.p = body, .end = body + len}};
  uint8_t *plain = NULL;
  out->n = 0;
  unsigned form = qf_rd_u8(&d.r);
  uint64_t n = qf_rd_varint(&d.r);
  qf_rc rc = d.r.bad || n == 0 || n > QF_BATCH_MAX || (form != FORM_PLAIN && form != FORM_ZSTD) ? QF_CORRUPT : QF_OK;
  d.n = (uint32_t)n;
  if (!rc && form == FORM_ZSTD)
    rc = inflate_columns(&d, &plain);
  if (!rc)
    rc = qf_batch_reserve(out, d.n);
  if (!rc)
    rc = decode_columns(&d, out);
  free(plain);
  if (!rc) {
    out->n = d.n;
    return QF_OK;
  }
  if (rc == QF_NOMEM)
    return qf_fail(err, rc, "out of memory decoding %u readings", "内存不足，无法解码 %u 条读数", d.n);
  return qf_fail(err, rc, "a batch of readings of %zu bytes is malformed", "读数批（%zu 字节）格式错误", len);
}
