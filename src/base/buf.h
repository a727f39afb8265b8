/* Growable byte buffer with a mandatory maximum. After a failed append `failed` stays set and further appends do
 * nothing, so a writer may append many times and check once. One thread per buffer. */
#ifndef QF_BASE_BUF_H
#define QF_BASE_BUF_H
#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct qf_buf {
  char *data; /* owned; NUL after len when len > 0 was reached through qf_buf_* */
  size_t len, cap, max;
  bool failed;
} qf_buf;

/* Prepare an empty buffer that never grows past max_bytes (> 0). Allocates nothing yet. */
void qf_buf_init(qf_buf *b, size_t max_bytes);
void qf_buf_fini(qf_buf *b);
void qf_buf_reset(qf_buf *b); /* len = 0, failed = false; keeps the memory */
/* Make room for `more` bytes past len; false (and failed set) past max or out of memory. */
bool qf_buf_reserve(qf_buf *b, size_t more);
void qf_buf_put(qf_buf *b, const void *bytes, size_t n);
void qf_buf_puts(qf_buf *b, const char *s);
void qf_buf_putc(qf_buf *b, char c);
void qf_buf_printf(qf_buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* JSON string of n UTF-8 bytes, quoted and escaped; invalid UTF-8 becomes U+FFFD. */
void qf_buf_json(qf_buf *b, const char *s, size_t n);
/* Little-endian integers and LEB128 varints for disk formats. */
void qf_buf_u8(qf_buf *b, uint8_t v);
void qf_buf_u32(qf_buf *b, uint32_t v);
void qf_buf_u64(qf_buf *b, uint64_t v);
void qf_buf_varint(qf_buf *b, uint64_t v);
void qf_buf_zigzag(qf_buf *b, int64_t v);

/* Bounds-checked reader over borrowed bytes; after an overrun `bad` stays set and reads give 0. */
typedef struct qf_rd {
  const uint8_t *p, *end;
  bool bad;
} qf_rd;
uint8_t qf_rd_u8(qf_rd *r);
uint32_t qf_rd_u32(qf_rd *r);
uint64_t qf_rd_u64(qf_rd *r);
uint64_t qf_rd_varint(qf_rd *r);
int64_t qf_rd_zigzag(qf_rd *r);
/* Borrow n bytes, or NULL with bad set. */
const uint8_t *qf_rd_bytes(qf_rd *r, size_t n);

/* CRC-32C (Castagnoli, reflected 0x82F63B78, init and final xor ~0), as in RFC 3720. crc32c(0,"123456789",9)=E3069283
 */
uint32_t qf_crc32c(uint32_t crc, const void *bytes, size_t n);
/* SHA-256 (FIPS 180-4) of n bytes into out[32]. */
void qf_sha256(const void *bytes, size_t n, uint8_t out[32]);
void qf_hex(const uint8_t *bytes, size_t n, char *out /* 2n+1 */);
#endif
