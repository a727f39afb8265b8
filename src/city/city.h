/* A city: one data folder opened, and its data moved one way: journal -> readings + meter -> book -> figures.
 * Owns the only writer. Threads: ingest and queries from any thread; applying happens on one thread inside. */
#ifndef QF_CITY_CITY_H
#define QF_CITY_CITY_H
#include "book/book.h"
#include "figure/figure.h"
#include "journal/journal.h"
#include "meter/meter.h"
#include "proof/proof.h"
#include "readings/readings.h"

typedef struct qf_city qf_city;
typedef struct qf_city_opts { /* zero = default */
  const char *packs_dir;      /* NULL: found beside the binary or in the source tree */
  qf_clock clock;
  bool bulk; /* building demonstration data: journal without fdatasync until close */
  void (*progress)(void *ud, const char *what_en, const char *what_zh, double share); /* long work; may be NULL */
  void *progress_ud;
} qf_city_opts;

/* Open dir, making an empty folder into an empty city (CITY entry, the packs' factor and subject seeds journalled).
 * Replays what the projections lack. Errors: QF_BUSY another server has it, QF_CORRUPT, QF_IO. */
QF_MUST qf_rc qf_city_open(const char *dir, const qf_city_opts *opts, qf_city **out, qf_err *err);
void qf_city_close(qf_city *c);

/* Point id of a series key, making and journalling it when new. key = measurement[,tag=value,...sorted by tag] SP
 * field, at most 512 bytes. Errors: QF_RANGE, QF_FULL (limit of series), QF_IO. */
QF_MUST qf_rc qf_city_series(qf_city *c, const char *key, size_t len, uint32_t *point, qf_err *err);
/* Key of a point, borrowed for the city's life; NULL if none. */
const char *qf_city_series_key(qf_city *c, uint32_t point);
uint32_t qf_city_series_count(qf_city *c);
/* Whether point's key is this one: what a collector asks first when senders repeat their order. */
bool qf_city_series_is(qf_city *c, uint32_t point, const char *key, size_t len);
uint32_t qf_city_series_find(qf_city *c, const char *key, size_t len); /* 0 = none */

/* Take a batch (ownership moves; freed inside). done is called when durable (QF_OK) or failed; on an error return
 * nothing was taken, the batch is still the caller's, and done is not called. QF_FULL: queue limits, answer 503. */
typedef void qf_city_done(void *ud, qf_rc rc, uint64_t seq);
QF_MUST qf_rc qf_city_ingest(qf_city *c, qf_batch *b, qf_city_done *done, void *ud, qf_err *err);
QF_MUST qf_rc qf_city_ingest_wait(qf_city *c, qf_batch *b, uint64_t *seq, qf_err *err);
/* Text readings (line protocol strings): kept in the journal; nothing is computed from them. */
QF_MUST qf_rc qf_city_text(qf_city *c, uint32_t point, qf_us ts, const char *s, size_t len, qf_err *err);
/* Check, journal and apply records: array of {"type","id","status","by","data"}; version is given here. A record with "base" is
 * taken only while that is its present version (QF_BUSY otherwise, and its "version" is then the present one). Nothing is
 * journalled unless every record passes; more than 2,000 go as several entries. On return the book has them; figures and a
 * signed head too, unless all are of the desk's types (filing, comment, evidence, delegation, reminder, token, user, grant). */
QF_MUST qf_rc qf_city_records(qf_city *c, json_t *records, uint64_t *seq, qf_err *err);
/* Sign a tree head over all that is journalled: where a receipt is given at once. Failing is said, and tried again later. */
void qf_city_sign(qf_city *c);
QF_MUST qf_rc qf_city_event(qf_city *c, json_t *event, uint64_t *seq, qf_err *err);
/* Wait until everything journalled so far is in readings, meter, book and figures (used by import, tests, CLI). */
QF_MUST qf_rc qf_city_settle(qf_city *c, qf_err *err);

qf_book *qf_city_book(qf_city *c);
qf_readings *qf_city_readings(qf_city *c);
qf_figures *qf_city_figures(qf_city *c);
qf_meter *qf_city_meter(qf_city *c);
qf_journal *qf_city_journal(qf_city *c);
qf_proof *qf_city_proof(qf_city *c); /* tree and signed heads over the journal */
const char *qf_city_dir(qf_city *c);
const char *qf_city_packs(qf_city *c); /* folder the packs were read from */
qf_us qf_city_now(qf_city *c);

typedef struct qf_city_stats {
  uint64_t applied_seq, queued_entries, queued_bytes, readings_applied, texts;
  uint32_t series, adopted;
  double apply_lag_s;
  bool proof_ok;               /* the tree follows the journal and heads are signed */
  bool journal_dead;           /* a sync failed: nothing is taken in any more; the process is to end (README C5) */
  uint64_t lost_from, lost_to; /* acknowledged entries that the open found gone from the journal's end; 0: none */
  bool no_room;                /* the disk is full: saving waits for room and is tried again, nothing is lost */
  bool dead;                   /* applying stopped: the folder is damaged or the disk refuses; restart to recover */
} qf_city_stats;
void qf_city_get_stats(qf_city *c, qf_city_stats *out);

/* Append the packs' sample records (packs/<area>/sample/<type>.csv, rows in order of area, type, line), each filed by `sample`:
 * for a demonstration city only. Not yet stored: qf_city_records takes them. Errors: QF_IO, QF_SYNTAX naming file and line. */
QF_MUST qf_rc qf_city_sample(qf_city *c, json_t *out, qf_err *err);

/* Subscribe to what happens (live stream): fn is called on the apply thread about once a second with a JSON object
 * {"seq","points":[{"id","value","ts"}...up to 500 changed], "alarms":[...], "generation"}; must be short. */
typedef void qf_city_live(void *ud, const char *json, size_t len);
void qf_city_on_live(qf_city *c, qf_city_live *fn, void *ud);

typedef struct qf_verify_opts { /* zero = default */
  const char *packs_dir;
  bool deep;       /* also make the book again from the journal, elsewhere, and compare: takes as long as a rebuild */
  const char *tmp; /* where copies are made; NULL: $TMPDIR, else /tmp */
  const qf_vkey *key; /* of the log, pinned; NULL: as the folder says */
  const char *head;   /* a signed head kept elsewhere, or NULL */
  size_t head_len;
} qf_verify_opts;
/* Is what is on disk what was accepted? Changes nothing in dir: projections are looked at in a copy. Also beside a running
 * server; then journal, heads and sealed files only. Errors: QF_CORRUPT the answer is no (words name the first place, the
 * report all), QF_IO. */
QF_MUST qf_rc qf_city_verify(const char *dir, const qf_verify_opts *opts, qf_buf *report_json, qf_err *err);
/* Offline work on a folder nobody has open. */
QF_MUST qf_rc qf_city_rebuild(const char *dir, const qf_city_opts *opts,
                              qf_err *err); /* book and readings from the journal */
#endif
