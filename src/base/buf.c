#include "base/buf.h"
#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void qf_buf_init(qf_buf *b, size_t max_bytes)
{
  *b = (qf_buf){.max = max_bytes};
}

void qf_buf_fini(qf_buf *b)
{
  free(b->data);
  *b = (qf_buf){.max = b->max};
}

void qf_buf_reset(qf_buf *b)
{
  b->len = 0;
  b->failed = false;
  if (b->data)
    b->data[0] = 0;
}

bool qf_buf_reserve(qf_buf *b, size_t more)
{
  if (b->failed || more > b->max || b->len > b->max - more) {
    b->failed = true;
    return false;
  }
  size_t need = b->len + more + 1; /* + the NUL */
  if (need <= b->cap)
    return true;
  size_t cap = b->cap ? b->cap : 64;
  while (cap < need)
    cap = cap < (SIZE_MAX >> 1) ? cap * 2 : need;
  char *p = realloc(b->data, cap);
  if (!p) {
    b->failed = true;
    return false;
  }
  b->data = p;
  b->cap = cap;
  return true;
}

void qf_buf_put(qf_buf *b, const void *bytes, size_t n)
{
  if (!qf_buf_reserve(b, n))
    return;
  if (n)
    memcpy(b->data + b->len, bytes, n);
  b->len += n;
  b->data[b->len] = 0;
}

void qf_buf_puts(qf_buf *b, const char *s)
{
  qf_buf_put(b, s, strlen(s));
}
void qf_buf_putc(qf_buf *b, char c)
{
  qf_buf_put(b, &c, 1);
}

void qf_buf_printf(qf_buf *b, const char *fmt, ...)
{
  va_list ap;
  va_start(ap, fmt);
  int n = vsnprintf(NULL, 0, fmt, ap);
  va_end(ap);
  if (n < 0 || !qf_buf_reserve(b, (size_t)n)) {
    b->failed = true;
    return;
  }
  va_start(ap, fmt);
  vsnprintf(b->data + b->len, (size_t)n + 1, fmt, ap);
  va_end(ap);
  b->len += (size_t)n;
}

/* Length of the well-formed UTF-8 sequence at s (RFC 3629), 0 if malformed. */
static size_t utf8_len(const uint8_t *s, size_t n)
{
  uint8_t c = s[0];
  size_t len = c < 0x80 ? 1 : c >= 0xC2 && c < 0xE0 ? 2 : c >= 0xE0 && c < 0xF0 ? 3 : c >= 0xF0 && c < 0xF5 ? 4 : 0;
  if (len == 0 || len > n)
    return 0;
  for (size_t i = 1; i < len; i++)
    if ((s[i] & 0xC0) != 0x80)
      return 0;
  if ((c == 0xE0 && s[1] < 0xA0) || (c == 0xED && s[1] > 0x9F) || (c == 0xF0 && s[1] < 0x90) ||
      (c == 0xF4 && s[1] > 0x8F))
    return 0;
  return len;
}

void qf_buf_json(qf_buf *b, const char *s, size_t n)
{
  const uint8_t *p = (const uint8_t *)s;
  qf_buf_putc(b, '"');
  for (size_t i = 0; i < n;) {
    uint8_t c = p[i];
    if (c == '"' || c == '\\') {
      char e[2] = {'\\', (char)c};
      qf_buf_put(b, e, 2);
      i++;
    } else if (c < 0x20 || c == 0x7F) {
      qf_buf_printf(b, "\\u%04x", c);
      i++;
    } else {
      size_t len = utf8_len(p + i, n - i);
      qf_buf_put(b, len ? s + i : "\xEF\xBF\xBD", len ? len : 3);
      i += len ? len : 1;
    }
  }
  qf_buf_putc(b, '"');
}

void qf_buf_u8(qf_buf *b, uint8_t v)
{
  qf_buf_put(b, &v, 1);
}

void qf_buf_u32(qf_buf *b, uint32_t v)
{
  uint8_t x[4];
  for (int i = 0; i < 4; i++)
    x[i] = (uint8_t)(v >> (8 * i));
  qf_buf_put(b, x, 4);
}

void qf_buf_u64(qf_buf *b, uint64_t v)
{
  uint8_t x[8];
  for (int i = 0; i < 8; i++)
    x[i] = (uint8_t)(v >> (8 * i));
  qf_buf_put(b, x, 8);
}

void qf_buf_varint(qf_buf *b, uint64_t v)
{
  uint8_t x[10];
  size_t n = 0;
  while (v >= 0x80) {
    x[n++] = (uint8_t)(v | 0x80);
    v >>= 7;
  }
  x[n++] = (uint8_t)v;
  qf_buf_put(b, x, n);
}

void qf_buf_zigzag(qf_buf *b, int64_t v)
{
  qf_buf_varint(b, ((uint64_t)v << 1) ^ (uint64_t)(v >> 63));
}

const uint8_t *qf_rd_bytes(qf_rd *r, size_t n)
{
  if (r->bad || (size_t)(r->end - r->p) < n) {
    r->bad = true;
    return NULL;
  }
  const uint8_t *p = r->p;
  r->p += n;
  return p;
}

uint8_t qf_rd_u8(qf_rd *r)
{
  const uint8_t *p = qf_rd_bytes(r, 1);
  return p ? *p : 0;
}

uint32_t qf_rd_u32(qf_rd *r)
{
  const uint8_t *p = qf_rd_bytes(r, 4);
  return p ? (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24 : 0;
}

uint64_t qf_rd_u64(qf_rd *r)
{
  uint64_t lo = qf_rd_u32(r);
  return lo | (uint64_t)qf_rd_u32(r) << 32;
}

uint64_t qf_rd_varint(qf_rd *r)
{
  uint64_t v = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    uint8_t c = qf_rd_u8(r);
    if (r->bad)
      return 0;
    if (shift == 63 && c > 1)
      break; /* would not fit 64 bits */
    v |= (uint64_t)(c & 0x7F) << shift;
    if (c < 0x80)
      return v;
  }
  r->bad = true;
  return 0;
}

int64_t qf_rd_zigzag(qf_rd *r)
{
  uint64_t v = qf_rd_varint(r);
  return (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t crc32c_hw(uint32_t crc, const uint8_t *p, size_t n)
{
  uint64_t c = crc;
  for (; n >= 8; p += 8, n -= 8) {
    uint64_t v;
    memcpy(&v, p, 8);
    c = __builtin_ia32_crc32di(c, v);
  }
  for (; n; p++, n--)
    c = __builtin_ia32_crc32qi((uint32_t)c, *p);
  return (uint32_t)c;
}
#endif

static uint32_t crc32c_sw(uint32_t crc, const uint8_t *p, size_t n)
{
  while (n--) {
    crc ^= *p++;
    for (int k = 0; k < 8; k++)
      crc = (crc >> 1) ^ (0x82F63B78u & (0u - (crc & 1u)));
  }
  return crc;
}

uint32_t qf_crc32c(uint32_t crc, const void *bytes, size_t n)
{
  const uint8_t *p = bytes;
  crc = ~crc;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.2"))
    return ~crc32c_hw(crc, p, n);
#endif
  return ~crc32c_sw(crc, p, n);
}

void qf_sha256(const void *bytes, size_t n, uint8_t out[32])
{
  unsigned len = 32;
  if (!EVP_Digest(bytes, n, out, &len, EVP_sha256(), NULL))
    abort(); /* only without memory or a broken library: no hash, no ledger */
}

void qf_hex(const uint8_t *bytes, size_t n, char *out)
{
  static const char digits[] = "0123456789abcdef";
  for (size_t i = 0; i < n; i++) {
    out[2 * i] = digits[bytes[i] >> 4];
    out[2 * i + 1] = digits[bytes[i] & 15];
  }
  out[2 * n] = 0;
}
