/* Private to the journal: bytes of segments, entries and the mark. The format is described at the top of journal.c.
 * Pure functions over memory, except those that take a folder descriptor. Thread-safe: no shared state. */
#ifndef QF_JOURNAL_SEGMENT_H
#define QF_JOURNAL_SEGMENT_H
#include "journal/journal.h"

#define QF_SEG_HEAD 128u         /* bytes of a segment header */
#define QF_ENT_HEAD 48u          /* bytes of an entry header */
#define QF_ENT_EXTRA (48u + 32u) /* header and chain value */
#define QF_ENT_MAX (16u << 20)   /* longest body */
#define QF_SEG_NAME 25u          /* "00000000000000000001.qfj" and NUL */
#define QF_SECTOR 512u           /* what a disk writes whole or not at all */

typedef struct qf_seg_head {
  uint64_t first_seq;
  qf_us made_us;
  uint32_t salt; /* random; repeated in every entry, so that bytes of another segment are not taken for entries */
  uint8_t chain[32];
} qf_seg_head;

typedef struct qf_ent_head {
  uint64_t group; /* seq of the first entry that was written together with this one */
  uint64_t seq;
  qf_us at_us;
  uint32_t len, body_crc;
  uint8_t type;
} qf_ent_head;

void qf_seg_head_write(const qf_seg_head *h, uint8_t out[QF_SEG_HEAD]);
bool qf_seg_head_read(const uint8_t in[QF_SEG_HEAD],
                      qf_seg_head *h); /* false: not a header of this version, or damaged */
/* Format version of a header whose checksum fits, whatever else it says; 0: none. */
uint32_t qf_seg_head_version(const uint8_t in[QF_SEG_HEAD]);
void qf_ent_head_write(const qf_ent_head *h, uint32_t salt, uint8_t out[QF_ENT_HEAD]);
bool qf_ent_head_read(const uint8_t in[QF_ENT_HEAD], uint32_t salt, qf_ent_head *h);

/* SHA-256 with its context kept: EVP_MD_CTX and EVP_MD. One thread per chain. */
typedef struct qf_chain {
  void *ctx, *md;
} qf_chain;
QF_MUST qf_rc qf_chain_init(qf_chain *c);
void qf_chain_fini(qf_chain *c);
/* chain = SHA-256(chain || head[16..39] || body) */
void qf_chain_next(const qf_chain *c, uint8_t chain[32], const uint8_t head[QF_ENT_HEAD], const void *body, size_t len);

void qf_segment_file_name(uint64_t first_seq, char out[QF_SEG_NAME]);
/* First sequences of all segments in the folder, ascending; *out is the caller's to free. Errors: QF_IO, QF_NOMEM. */
QF_MUST qf_rc qf_seg_list(int dirfd, uint64_t **out, size_t *n, qf_err *err);

/* What follows the last good entry of the last segment, judged when no writer is at work. */
typedef enum qf_tail {
  QF_TAIL_CLEAN, /* nothing, or zeros */
  QF_TAIL_TORN,  /* what an interrupted write leaves */
  QF_TAIL_BAD    /* damage to entries that had been made durable */
} qf_tail;
/* Judge bytes[0..n) = everything from the place where entry `seq` should begin to the end of the file.
 *   at        that place in the file;  durable   last sequence known to have been synced, 0 if not known */
qf_tail qf_tail_judge(const uint8_t *bytes, size_t n, uint64_t at, uint32_t salt, uint64_t seq, uint64_t durable);

/* The mark: file "head", shared memory between the writer and readers of the folder. */
typedef struct qf_mark {
  bool live;        /* a writer has the journal open */
  uint64_t opened;  /* how often a writer has opened the journal: tells whether one came and went */
  uint64_t visible; /* readers may go up to here while it is live */
  uint64_t durable; /* last sequence known to be synced; 0 unknown. Never more than what is on disk. */
  uint64_t segment; /* first sequence of the segment `durable` is in; 0 unknown */
} qf_mark;
qf_mark qf_mark_look(int dirfd); /* all zero when there is no mark */
#endif
