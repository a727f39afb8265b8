/* Private to the journal: layout of the mark file "head", which the writer maps into memory. Each value stands beside
 * its complement, so that a half-made change and a damaged file are seen for what they are. */
#ifndef QF_JOURNAL_MARK_H
#define QF_JOURNAL_MARK_H
#include <stdint.h>
#define QF_MARK_NAME "head"
#define QF_MARK_MAGIC UINT64_C(0x31444145484a4651) /* "QFJHEAD1", little-endian */
#define QF_MARK_BYTES 4096u
typedef struct qf_mark_bytes {
  uint64_t magic;
  uint64_t opened, not_opened;
  uint64_t visible, not_visible;
  uint64_t durable, not_durable;
  uint64_t segment, not_segment;
} qf_mark_bytes;
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the mark file is little-endian");
#endif
