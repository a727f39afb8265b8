/* Column of n integers = frames of QF_FRAME (the last may be shorter), one after the other:
 *   u8      bits 0-6 class of the payload, bit 7: an extension byte follows
 *   u8      (ext) bit 0: the other way than the column's usual one (values <-> differences to the integer before)
 *                 bit 1: mirrored, r = base - u;  bit 2: exceptions follow the payload;  bits 3-7: k, r counts 10^k
 *   zigzag  base
 *   payload the u of every integer, r = (base +- u) * 10^k
 *   (exceptions) u8 m, then m times: u8 index, varint u (its place in the payload holds 0)
 * Class 0..64: u in so many bits, least significant first, packed without gaps, padded to a byte.
 * Class 65.. : u < R. As log2(R) is no whole number, d numbers share one 64-bit word w with R^d <= 2^64:
 *   w = ceil(N * 2^64 / R^d), N = u1*R^(d-1) + ... + ud. The decoder multiplies by R and takes the carry out of the
 * word, once per number: floor(w * R^d / 2^64) = N because w is less than one unit too large. Words are little-endian;
 * the last, with fewer numbers, keeps only its upper bytes. All arithmetic is modulo 2^64, so differences of any two
 * int64 are exact. */
#include "readings/codec.h"
#include "base/dec.h"
#include <string.h>

enum { OTHER = 1, MIRROR = 2, EXCEPT = 4, K_SHIFT = 3, RADIX0 = 65 };

typedef struct radix {
  uint16_t r;
  uint8_t per_word;
} radix;
static const radix radixes[] = {{3, 40},  {5, 27},  {6, 24},  {7, 22},  {9, 20},   {10, 19},
                                {11, 18}, {13, 17}, {19, 15}, {23, 14}, {30, 13},  {40, 12},
                                {56, 11}, {84, 10}, {138, 9}, {565, 7}, {1625, 6}, {7131, 5}};
enum { NRADIX = sizeof radixes / sizeof radixes[0] };

static const uint64_t pow10u[19] = {1u,
                                    10u,
                                    100u,
                                    1000u,
                                    10000u,
                                    100000u,
                                    1000000u,
                                    10000000u,
                                    100000000u,
                                    1000000000u,
                                    10000000000u,
                                    100000000000u,
                                    1000000000000u,
                                    10000000000000u,
                                    100000000000000u,
                                    1000000000000000u,
                                    10000000000000000u,
                                    100000000000000000u,
                                    1000000000000000000u};

static unsigned bit_length(uint64_t v)
{
  return v ? 64u - (unsigned)__builtin_clzll(v) : 0u;
}

static uint64_t load64(const uint8_t *p)
{
  uint64_t v;
  memcpy(&v, p, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  v = __builtin_bswap64(v);
#endif
  return v;
}

static void store_bytes(uint8_t *p, uint64_t v, size_t n)
{
  for (size_t i = 0; i < n; i++)
    p[i] = (uint8_t)(v >> (8 * i));
}

static size_t put_varint(uint8_t *p, uint64_t v)
{
  size_t n = 0;
  for (; v >= 128; v >>= 7)
    p[n++] = (uint8_t)(v | 128);
  p[n++] = (uint8_t)v;
  return n;
}

static size_t varint_len(uint64_t v)
{
  return v ? (bit_length(v) + 6) / 7 : 1;
}

static uint64_t zigzag(uint64_t v)
{
  return (v << 1) ^ (0u - (v >> 63));
}

/* R^d and the bytes of a word that carries d numbers. */
static size_t word_bytes(unsigned r, unsigned d, uint64_t *power)
{
  uint64_t p = 1;
  while (d--)
    p *= r;
  *power = p;
  return (bit_length(p - 1) + 7) / 8;
}

static size_t payload_bytes(unsigned cls, unsigned n)
{
  if (cls < RADIX0)
    return ((size_t)n * cls + 7) / 8;
  const radix *x = &radixes[cls - RADIX0];
  unsigned rest = n % x->per_word;
  uint64_t power;
  return (size_t)(n / x->per_word) * 8 + (rest ? word_bytes(x->r, rest, &power) : 0);
}

/* Cheapest class for n numbers up to max. */
static unsigned best_class(uint64_t max, unsigned n, size_t *bytes)
{
  unsigned cls = bit_length(max);
  *bytes = payload_bytes(cls, n);
  for (unsigned i = 0; i < NRADIX && max < 7131; i++) {
    if (radixes[i].r <= max)
      continue;
    size_t b = payload_bytes(RADIX0 + i, n);
    if (b < *bytes) {
      *bytes = b;
      cls = RADIX0 + i;
    }
    break;
  }
  return cls;
}

static void pack_bits(const uint64_t *u, unsigned n, unsigned w, uint8_t *out)
{
  qf_u128 acc = 0;
  unsigned have = 0;
  for (unsigned i = 0; i < n; i++) {
    acc |= (qf_u128)u[i] << have;
    have += w;
    if (have >= 64) {
      store_bytes(out, (uint64_t)acc, 8);
      out += 8;
      acc >>= 64;
      have -= 64;
    }
  }
  store_bytes(out, (uint64_t)acc, (have + 7) / 8);
}

static void pack_radix(const uint64_t *u, unsigned n, const radix *x, uint8_t *out)
{
  uint64_t full;
  (void)word_bytes(x->r, x->per_word, &full);
  while (n) {
    unsigned d = n < x->per_word ? n : x->per_word;
    uint64_t power = full, big = 0;
    size_t bytes = d == x->per_word ? 8 : word_bytes(x->r, d, &power);
    for (unsigned i = 0; i < d; i++)
      big = big * x->r + u[i];
    qf_u128 scaled = (qf_u128)big << (8 * bytes);
    store_bytes(out, (uint64_t)((scaled + power - 1) / power), bytes);
    out += bytes;
    u += d;
    n -= d;
  }
}

static void unpack_bits(const uint8_t *p, unsigned n, unsigned w, uint64_t *u)
{
  if (w == 0) {
    memset(u, 0, n * sizeof *u);
    return;
  }
  uint64_t mask = ~UINT64_C(0) >> (64 - w);
  size_t bit = 0;
  if (w <= 57) {
    for (unsigned i = 0; i < n; i++, bit += w)
      u[i] = load64(p + (bit >> 3)) >> (bit & 7) & mask;
    return;
  }
  for (unsigned i = 0; i < n; i++, bit += w) {
    uint64_t v = load64(p + (bit >> 3)) >> (bit & 7);
    if (bit & 7)
      v |= (uint64_t)p[(bit >> 3) + 8] << (64 - (bit & 7));
    u[i] = v & mask;
  }
}

static void unpack_radix(const uint8_t *p, unsigned n, const radix *x, uint64_t *u)
{
  const uint64_t r = x->r;
  const unsigned per = x->per_word;
  for (; n >= per; n -= per, p += 8, u += per) {
    uint64_t w = load64(p);
    for (unsigned i = 0; i < per; i++) {
      qf_u128 m = (qf_u128)w * r;
      u[i] = (uint64_t)(m >> 64);
      w = (uint64_t)m;
    }
  }
  if (n == 0)
    return;
  uint64_t power;
  size_t bytes = word_bytes(x->r, n, &power);
  uint64_t w = load64(p) << (64 - 8 * bytes);
  for (unsigned i = 0; i < n; i++) {
    qf_u128 m = (qf_u128)w * r;
    u[i] = (uint64_t)(m >> 64);
    w = (uint64_t)m;
  }
}

/* How a frame's numbers will be written. */
typedef struct plan {
  uint64_t limit; /* numbers above it are exceptions */
  size_t bytes;   /* payload and exceptions */
  uint8_t cls;
  bool exceptions;
} plan;

/* Can keeping large numbers apart pay at all? One costs 16 bits or more; leaving out all above max >> b saves at most b
 * bits of each number, so there must be fewer than n * b / 16 of them. Looked at for b = 1 (stands for 1..2), 3
 * (for 3..7) and 8. */
static bool exceptions_may_pay(const uint64_t *u, unsigned n, uint64_t max)
{
  unsigned c1 = 0, c3 = 0, c8 = 0;
  const uint64_t m1 = max >> 1, m3 = max >> 3, m8 = max >> 8;
  for (unsigned i = 0; i < n; i++) {
    c1 += u[i] > m1;
    c3 += u[i] > m3;
    c8 += u[i] > m8;
  }
  return c1 * 16 < n * 2 || c3 * 16 < n * 7 || c8 * 2 < n;
}

/* Is it cheaper to keep a few large numbers apart? len[b] = how many have b bits. */
static void try_exceptions(const uint64_t *u, unsigned n, plan *p)
{
  unsigned len[65] = {0};
  uint64_t largest[65] = {0};
  for (unsigned i = 0; i < n; i++) {
    unsigned b = bit_length(u[i]);
    len[b]++;
    if (u[i] > largest[b])
      largest[b] = u[i];
  }
  unsigned top = 64;
  while (top && !len[top])
    top--;
  size_t apart = 1;
  for (unsigned count = 0; top > 0; top--) {
    count += len[top];
    apart += (size_t)len[top] * (1 + (top + 6) / 7);
    if (count * 4 > n || apart >= p->bytes)
      return;
    unsigned below = top - 1;
    while (below && !len[below])
      below--;
    size_t payload;
    unsigned cls = best_class(largest[below], n, &payload);
    if (payload + apart < p->bytes)
      *p = (plan){.limit = largest[below], .bytes = payload + apart, .cls = (uint8_t)cls, .exceptions = true};
  }
}

static plan plan_frame(const uint64_t *u, unsigned n, uint64_t max)
{
  plan p = {.limit = max};
  p.cls = (uint8_t)best_class(max, n, &p.bytes);
  if (max > 3 && n > 4 && exceptions_may_pay(u, n, max))
    try_exceptions(u, n, &p);
  return p;
}

/* Largest k with 10^k dividing all; max |r| bounds the work: the first number that is not a multiple of ten ends it. */
static unsigned common_pow10(const int64_t *r, unsigned n)
{
  unsigned k = 18;
  bool any = false;
  for (unsigned i = 0; i < n && k; i++) {
    if (r[i] == 0)
      continue;
    any = true;
    while (k && r[i] % (int64_t)pow10u[k] != 0)
      k--;
  }
  return any ? k : 0;
}

static size_t put_exceptions(const uint64_t *u, unsigned n, uint64_t limit, uint8_t *out)
{
  size_t at = 1;
  unsigned m = 0;
  for (unsigned i = 0; i < n; i++) {
    if (u[i] <= limit)
      continue;
    out[at++] = (uint8_t)i;
    at += put_varint(out + at, u[i]);
    m++;
  }
  out[0] = (uint8_t)m;
  return at;
}

/* Divide all by the power of ten that they share; gives its exponent. */
static unsigned divide_common(int64_t *r, unsigned n, int64_t range[2])
{
  unsigned k = common_pow10(r, n);
  if (!k)
    return 0;
  for (unsigned i = 0; i < n; i++)
    r[i] /= (int64_t)pow10u[k];
  range[0] /= (int64_t)pow10u[k];
  range[1] /= (int64_t)pow10u[k];
  return k;
}

static size_t put_payload(uint64_t *u, unsigned n, const plan *p, uint8_t *out)
{
  size_t payload = payload_bytes(p->cls, n), exceptions = 0;
  if (p->exceptions) {
    exceptions = put_exceptions(u, n, p->limit, out + payload);
    for (unsigned i = 0; i < n; i++)
      u[i] = u[i] > p->limit ? 0 : u[i];
  }
  if (p->cls < RADIX0)
    pack_bits(u, n, p->cls, out);
  else
    pack_radix(u, n, &radixes[p->cls - RADIX0], out);
  return payload + exceptions;
}

/* r[0..n) are what is stored (values or differences), range their least and greatest. */
static size_t put_frame(int64_t *r, unsigned n, int64_t range[2], unsigned ext, uint8_t *out)
{
  unsigned k = divide_common(r, n, range);
  uint64_t lo = (uint64_t)range[0], hi = (uint64_t)range[1], up[QF_FRAME], down[QF_FRAME], *u = up;
  for (unsigned i = 0; i < n; i++)
    up[i] = (uint64_t)r[i] - lo;
  plan p = plan_frame(up, n, hi - lo);
  if (hi - lo > 3 && n > 4) {
    for (unsigned i = 0; i < n; i++)
      down[i] = hi - (uint64_t)r[i];
    plan q = plan_frame(down, n, hi - lo);
    if (q.bytes < p.bytes) {
      p = q;
      u = down;
      ext |= MIRROR;
    }
  }
  ext |= (p.exceptions ? EXCEPT : 0u) | k << K_SHIFT;
  size_t at = 0;
  out[at++] = (uint8_t)(p.cls | (ext ? 128 : 0));
  if (ext)
    out[at++] = (uint8_t)ext;
  at += put_varint(out + at, zigzag(u == down ? hi : lo));
  return at + put_payload(u, n, &p, out + at);
}

static uint64_t find_range(const int64_t *r, unsigned n, int64_t range[2])
{
  int64_t lo = r[0], hi = r[0];
  for (unsigned i = 1; i < n; i++) {
    lo = r[i] < lo ? r[i] : lo;
    hi = r[i] > hi ? r[i] : hi;
  }
  range[0] = lo;
  range[1] = hi;
  return (uint64_t)hi - (uint64_t)lo;
}

static void differences(const int64_t *x, unsigned n, int64_t prev, int64_t *d)
{
  d[0] = (int64_t)((uint64_t)x[0] - (uint64_t)prev);
  for (unsigned i = 1; i < n; i++)
    d[i] = (int64_t)((uint64_t)x[i] - (uint64_t)x[i - 1]);
}

size_t qf_col_bound(uint32_t n)
{
  return (size_t)n * 8 + ((size_t)n / QF_FRAME + 1) * 16 + 16;
}

bool qf_col_prefers_delta(const int64_t *x, uint32_t n, int64_t prev)
{
  int64_t d[QF_FRAME] QF_UNSET, range[2];
  if (n == 0)
    return false;
  unsigned m = n < QF_FRAME ? n : QF_FRAME;
  differences(x, m, prev, d);
  return find_range(d, m, range) < find_range(x, m, range);
}

size_t qf_col_encode(const int64_t *x, uint32_t n, int64_t prev, bool delta, uint8_t *out)
{
  size_t at = 0;
  while (n) {
    unsigned m = n < QF_FRAME ? n : QF_FRAME;
    int64_t d[QF_FRAME] QF_UNSET, v[QF_FRAME] QF_UNSET, rd[2], rv[2];
    differences(x, m, prev, d);
    memcpy(v, x, m * sizeof *v);
    uint64_t wd = find_range(d, m, rd), wv = find_range(v, m, rv);
    bool diff = wd < wv || (wd == wv && zigzag((uint64_t)rd[0]) < zigzag((uint64_t)rv[0]));
    if (wd == wv && varint_len(zigzag((uint64_t)rd[0])) == varint_len(zigzag((uint64_t)rv[0])))
      diff = delta; /* no gain: stay with the usual way, which needs no extension byte */
    at += put_frame(diff ? d : v, m, diff ? rd : rv, diff != delta ? OTHER : 0u, out + at);
    prev = x[m - 1];
    x += m;
    n -= m;
  }
  return at;
}

static bool get_exceptions(qf_rd *r, uint64_t *u, unsigned n)
{
  unsigned m = qf_rd_u8(r);
  for (unsigned i = 0; i < m; i++) {
    unsigned at = qf_rd_u8(r);
    uint64_t v = qf_rd_varint(r);
    if (r->bad || at >= n)
      return false;
    u[at] = v;
  }
  return !r->bad;
}

static bool get_payload(qf_rd *r, uint64_t *u, unsigned n, unsigned cls)
{
  if (cls >= RADIX0 + NRADIX)
    return false;
  const uint8_t *p = qf_rd_bytes(r, payload_bytes(cls, n));
  if (!p)
    return false;
  if (cls < RADIX0)
    unpack_bits(p, n, cls, u);
  else
    unpack_radix(p, n, &radixes[cls - RADIX0], u);
  return true;
}

static bool get_frame(qf_rd *r, uint64_t *u, unsigned n, uint64_t prev, bool delta)
{
  unsigned h = qf_rd_u8(r), ext = h & 128 ? qf_rd_u8(r) : 0u, k = ext >> K_SHIFT;
  uint64_t base = (uint64_t)qf_rd_zigzag(r);
  if (r->bad || k > 18 || !get_payload(r, u, n, h & 127))
    return false;
  if ((ext & EXCEPT) && !get_exceptions(r, u, n))
    return false;
  const uint64_t sign = ext & MIRROR ? ~UINT64_C(0) : 0; /* base - u = base + ~u + 1 */
  for (unsigned i = 0; i < n; i++)
    u[i] = base + ((u[i] ^ sign) - sign);
  for (unsigned i = 0; i < n && k; i++)
    u[i] *= pow10u[k];
  if (((ext & OTHER) != 0) == delta)
    return true;
  for (unsigned i = 0; i < n; i++)
    prev = u[i] += prev;
  return true;
}

bool qf_col_decode(qf_rd *r, int64_t *x, uint32_t n, int64_t prev, bool delta)
{
  while (n) {
    unsigned m = n < QF_FRAME ? n : QF_FRAME;
    if (!get_frame(r, (uint64_t *)x, m, (uint64_t)prev, delta))
      return false;
    prev = x[m - 1];
    x += m;
    n -= m;
  }
  return true;
}
