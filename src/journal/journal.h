/* The journal: append-only, checksummed, hash-chained, segmented log of everything accepted. The truth; all else is a
 * projection. The byte format stands at the top of journal.c and in docs/formats/journal.md.
 *
 * Promise (README C1..C5): qf_journal_commit returns only after the entries are on disk (fdatasync); a torn tail is
 * truncated at open; damage in what the open reads stops it with QF_CORRUPT and a message that names segment, offset and
 * sequence (closed segments that are as they were when they were last read whole are not read again: damage inside
 * them is found by the cursor that comes there and by verify); a failed fdatasync is never retried: the journal goes dead and every later call gives QF_IO.
 *
 * Threads: any number may call submit/wait; one writer thread inside groups them. Readers have their own handle. */
#ifndef QF_JOURNAL_JOURNAL_H
#define QF_JOURNAL_JOURNAL_H
#include "base/err.h"
#include "base/tm.h"
#include <stdbool.h>
#include <stddef.h>

typedef enum qf_entry_type {                        /* never renumber: on disk */
                             QF_ENTRY_CITY = 1,     /* JSON: the city's identity, first entry of every journal */
                             QF_ENTRY_SERIES = 2,   /* new series: varint point id, then key bytes */
                             QF_ENTRY_READINGS = 3, /* column batch, journal/batch.h */
                             QF_ENTRY_RECORD = 4, /* JSON: one version of a record {type,id,version,status,by,at,data{}}
                                                     or {records:[...]} */
                             QF_ENTRY_EVENT = 5,  /* JSON: alarm acknowledged, import report, login, ... */
                             QF_ENTRY_SEAL = 6,   /* JSON: hash of a sealed readings file {day,file,sha256,readings} */
                             QF_ENTRY_TEXT = 7, /* text readings: varint n, then per row varint point, zigzag ts, varint
                                                   len, bytes */
} qf_entry_type;

typedef struct qf_entry { /* borrowed: valid until the callback returns or the cursor moves */
  uint64_t seq;           /* 1, 2, 3 ... no gaps */
  qf_us at_us;            /* when it was journalled (wall clock; order is seq, not this) */
  uint8_t type;           /* qf_entry_type */
  const uint8_t *body;
  size_t len;
  uint8_t chain[32]; /* SHA-256 chain value after this entry */
} qf_entry;

typedef struct qf_journal qf_journal;

typedef struct qf_journal_opts { /* zero = default */
  size_t segment_bytes;          /* 64 MiB; a larger entry gets a segment of its own */
  size_t queue_bytes; /* 64 MiB of bodies (and 128 bytes for each): submit gives QF_FULL beyond, unless nothing waits */
  qf_clock clock;     /* now==NULL: system clock */
  bool no_sync;       /* for building demonstration data only; never for acknowledged input. flush and close sync */
} qf_journal_opts;

/* Called on the journal's writer thread, in sequence order, after the group is durable (rc QF_OK) or has failed (e->seq
 * is then 0). Must be short: hand over and return; it may submit, but not commit, flush or close. body is the submitted
 * buffer; it is the submitter's again, who may free it here. When a group fails (QF_FULL no space, QF_IO, QF_NOMEM), so
 * does everything that was submitted before its submitter could know: what is journalled later never stands on an entry
 * that failed. Unless the journal is dead it goes on with what is submitted afterwards. */
typedef void qf_journal_done(void *ud, qf_rc rc, const qf_entry *e);

/* Open (create when the folder is empty) dir/journal. Takes an exclusive lock on the folder (flock): a second process
 * gets QF_BUSY. Reads and checks (about 1 GB/s) the last segment and every other from the first on that is not noted in
 * "checked" or is not as it was then. Errors: QF_IO, QF_CORRUPT (words name segment, offset,
 * seq), QF_BUSY. */
QF_MUST qf_rc qf_journal_open(const char *dir, const qf_journal_opts *opts, qf_journal **out, qf_err *err);
/* Wait for everything submitted, sync, close. NULL is fine. */
void qf_journal_close(qf_journal *j);

/* Queue one entry; returns at once with its place in the order decided. body is borrowed until done is called.
 *   len  1 .. 16 MiB;  done may be NULL only together with a later qf_journal_flush.
 * Errors: QF_RANGE length, QF_FULL queue at its limit (nothing queued), QF_IO journal is dead. */
QF_MUST qf_rc qf_journal_submit(qf_journal *j, uint8_t type, const void *body, size_t len, qf_journal_done *done,
                                void *ud, qf_err *err);
/* Submit and wait until durable; *seq (may be NULL) gets the sequence. */
QF_MUST qf_rc qf_journal_commit(qf_journal *j, uint8_t type, const void *body, size_t len, uint64_t *seq, qf_err *err);
/* Wait until all submitted before are durable. Errors: QF_IO dead; QF_FULL, QF_IO, QF_NOMEM if an entry submitted
 * without done failed since the last flush (told once). */
QF_MUST qf_rc qf_journal_flush(qf_journal *j, qf_err *err);
/* What opening found at the end. Nothing here is an error: the journal is open and whole up to last_seq. */
typedef struct qf_journal_recovery {
  uint64_t torn_bytes;         /* cut off: left by a write that never finished, never acknowledged */
  uint64_t lost_from, lost_to; /* entries known to have been acknowledged once and gone from the end (0: none): the disk
                                  or somebody lost them; raise an alarm */
} qf_journal_recovery;
void qf_journal_recovered(const qf_journal *j, qf_journal_recovery *out);
uint64_t qf_journal_last_seq(const qf_journal *j);                           /* last durable sequence; 0 = empty */
void qf_journal_head(const qf_journal *j, uint64_t *seq, uint8_t chain[32]); /* both of one moment */

typedef struct qf_journal_stats {
  uint64_t entries, bytes, groups, syncs;
  double sync_ms_mean, sync_ms_max;
  size_t queued_bytes;
  bool dead; /* a disk error of which nothing is known any more: the process is to end and start again */
} qf_journal_stats;
void qf_journal_get_stats(const qf_journal *j, qf_journal_stats *out);

/* ---- reading: works on a live journal's folder from the same or another process */
typedef struct qf_cursor qf_cursor;
/* Position before `from_seq` (1 = start). Errors: QF_IO, QF_NOTFOUND (beyond the end + 1), QF_CORRUPT. */
QF_MUST qf_rc qf_cursor_open(const char *dir, uint64_t from_seq, qf_cursor **out, qf_err *err);
/* Next entry, checked (CRC and chain). QF_NOTFOUND at the present end: call again later to follow. QF_CORRUPT names
 * place. */
QF_MUST qf_rc qf_cursor_next(qf_cursor *c, qf_entry *out, qf_err *err);
void qf_cursor_close(qf_cursor *c);

typedef struct qf_journal_check {
  uint64_t entries, first_seq, last_seq, bytes, segments;
  uint8_t chain[32];
  bool torn_tail; /* bytes after the last whole entry: what an interrupted write leaves */
} qf_journal_check;
/* Read everything, check every CRC and the whole chain. QF_OK, or QF_CORRUPT with the place - also when entries known
 * to have been durable are missing at the end. Does not change anything; on a live journal goes up to its last durable
 * entry. */
QF_MUST qf_rc qf_journal_verify(const char *dir, qf_journal_check *out, qf_err *err);
#endif
