/* Private to the journal: the cursor's inside, which recovery uses too. */
#ifndef QF_JOURNAL_CURSOR_H
#define QF_JOURNAL_CURSOR_H
#include "journal/segment.h"

struct qf_cursor {
  int dirfd, fd; /* fd -1: not in a segment yet */
  qf_seg_head seg;
  uint64_t expect;   /* sequence of the next entry */
  uint64_t pos;      /* where it begins in the segment */
  uint8_t chain[32]; /* after the entry before */
  qf_chain sha;
  /* bytes [buf_at, buf_at + buf_len) of the segment, and what was known when they were read: */
  uint8_t *buf;
  size_t buf_cap, buf_len;
  uint64_t buf_at;
  qf_mark mark; /* just before */
  bool at_rest; /* no writer was at work, before and after: every whole entry among them is final */
  /* of the entry last returned */
  uint64_t group, group_pos; /* its group, and where that begins in this segment */
  /* of the last QF_NOTFOUND */
  qf_tail tail;
  uint64_t tail_bytes; /* after pos, zeros included */
  uint64_t segments;   /* entered so far */
};

/* A cursor over the journal folder dirfd (duplicated) that stands before sequence `from`, which must begin a segment,
 * or be the first when there is none yet. */
QF_MUST qf_rc qf_cursor_open_at(int dirfd, uint64_t from, qf_cursor **out, qf_err *err);
/* Segments of the folder without gap at the front; *n may be 0. As qf_seg_list, and QF_CORRUPT if the first is missing.
 */
QF_MUST qf_rc qf_cursor_segments(int dirfd, uint64_t **out, size_t *n, qf_err *err);
#endif
