/* Private to the journal: which closed segments need not be read again at open. The format is at the top of checked.c. */
#ifndef QF_JOURNAL_CHECKED_H
#define QF_JOURNAL_CHECKED_H
#include "journal/segment.h"
#include <sys/stat.h>

#define QF_CHECKED_NAME "checked"

typedef struct qf_checked_seg {    /* one closed segment, read or written whole */
  uint64_t first, last;            /* sequences of its entries */
  uint64_t size, inode;            /* the file as it was then */
  int64_t modified_ns, changed_ns; /* mtime and ctime, nanoseconds since 1970 */
  uint8_t chain[32];               /* after its last entry */
} qf_checked_seg;

typedef struct qf_checked { /* ascending, without gap from entry 1 on; all zero is empty */
  qf_checked_seg *seg;
  size_t n, cap;
} qf_checked;

/* The segments of dirfd (list[0..n), ascending from 1) that the sidecar knows and that are as they were: *out gets the
 * longest run of them from the first segment on, never the last segment, and only when the header that follows it
 * carries on its chain. A sidecar that is missing, torn or foreign gives an empty run; nothing here is an error. */
void qf_checked_load(int dirfd, const uint64_t *list, size_t n, qf_checked *out);
/* Add a segment after those that are there; st is the file before it was read or after its last write. One that does not
 * follow, or for which there is no memory, is left out: it will be read again. */
void qf_checked_add(qf_checked *c, uint64_t first, uint64_t last, const uint8_t chain[32], const struct stat *st);
/* Write the sidecar anew. Not synced: it is a hint, and one that fails is removed. */
void qf_checked_save(int dirfd, const qf_checked *c);
void qf_checked_free(qf_checked *c);
#endif
