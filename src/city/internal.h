/* What the files of this room share. Not for others. */
#ifndef QF_CITY_INTERNAL_H
#define QF_CITY_INTERNAL_H
#include "city/city.h"
#include "city/registry.h"
#include <pthread.h>
#include <stdatomic.h>

#define QF_ROW_BYTES 22u                                /* of a reading that waits to be applied */
#define QF_APPLY_HOLD ((uint64_t)500000 * QF_ROW_BYTES) /* 11 MB: beyond it acknowledgements wait for applying */
#define QF_APPLY_MAX ((uint64_t)2000000 * QF_ROW_BYTES) /* 44 MB: beyond it ingest answers QF_FULL */
#define QF_LIVE_POINTS_MAX 500u

typedef struct qf_item { /* one durable entry on its way to the projections */
  struct qf_item *next;
  uint64_t seq;
  qf_us at_us;
  uint8_t type;
  bool has_batch;
  qf_batch batch; /* READINGS that came in live: already decoded */
  uint8_t *body;  /* every other entry */
  size_t len;
} qf_item;

typedef struct qf_held { /* an acknowledgement that waits until applying has caught up */
  struct qf_held *next;
  qf_city_done *done;
  void *ud;
  uint64_t seq;
} qf_held;

struct qf_city {
  char dir[4000];
  char packs[4000];
  qf_clock clock;
  qf_journal *journal;
  qf_readings *readings;
  qf_meter *meter;
  qf_book *book;
  qf_figures *figures;
  qf_registry *registry;
  qf_proof *proof;
  qf_us last_head;           /* apply thread: when a head was last asked for */
  bool bulk;                 /* one head at the end, not one a minute */
  _Atomic bool proof_ok;     /* false: following or signing failed; said on stderr, tried again */
  pthread_mutex_t series_mx; /* adding series: lookup, journal, publish as one */
  pthread_mutex_t record_mx; /* records: check, version, journal as one */

  pthread_t thread, figures_thread;
  bool thread_up, figures_up;
  pthread_mutex_t mx; /* queue and settling */
  pthread_cond_t wake, settled, figures_wake;
  qf_item *head, **tail;
  qf_held *held, **held_tail;
  uint64_t queued_bytes, queued_entries;
  uint64_t unsynced_bytes;             /* of readings given to the journal and not yet durable */
  uint64_t settle_want, settle_done;   /* requests counted */
  uint64_t tick_want;                  /* the last of them that wants what is done once a second as well */
  uint64_t figures_want, figures_done; /* the same for figures, made anew after a commit */
  bool stop, figures_stop;
  qf_rc dead; /* a projection failed in a way that cannot be passed over */
  qf_err dead_err;

  /* apply thread only */
  uint64_t applied;   /* last sequence given to the projections */
  uint64_t meter_seq; /* the meter's snapshot holds everything up to here */
  bool replaying;
  uint64_t book_rows; /* rows handed to the book since its last commit */
  uint64_t rows_since_save;
  int32_t sealed_before; /* days before this are sealed */
  qf_us last_tick, last_save;
  qf_us no_room_at; /* saving last met a full disk then; 0: it did not */
  bool dirty;
  qf_batch scratch;
  qf_err sink_err;
  qf_rc sink_rc;
  uint32_t *touched; /* points of this second, for the live stream */
  uint32_t ntouched;
  qf_buf alarms_json;
  qf_alarm *alarms; /* judged since the last look into the book */
  size_t nalarms, alarms_cap;
  size_t nreplayed; /* the first of them come from a replay: only those the book lacks are journalled */

  /* figures thread; the first two are set by the apply thread as well */
  _Atomic bool restating;       /* a restatement was journalled and has not come back */
  _Atomic uint64_t restate_seq; /* of the last one applied */
  uint64_t restate_gen;         /* generation last looked at */
  qf_us last_restate;

  pthread_mutex_t live_mx;
  qf_city_live *live;
  void *live_ud;
  _Atomic uint64_t stat_applied, stat_rows, stat_texts;
  _Atomic int64_t stat_applied_at;
  atomic_bool stat_no_room;
  _Atomic uint32_t adopted;
  void (*progress)(void *ud, const char *en, const char *zh, double share);
  void *progress_ud;
};

/* apply.c */
QF_MUST qf_rc qf_city_apply(qf_city *c, const qf_entry *e, const qf_batch *decoded, qf_err *err);
/* What was applied into the book, if there is anything. Apply thread. */
QF_MUST qf_rc qf_city_commit(qf_city *c, qf_err *err);
QF_MUST qf_rc qf_city_tick(qf_city *c, bool all, qf_err *err);  /* meter tick, book commit; all: regardless of time */
QF_MUST qf_rc qf_city_save(qf_city *c, qf_err *err);            /* flush readings, snapshot the meter */
QF_MUST qf_rc qf_city_alarm_add(qf_city *c, const qf_alarm *a); /* gather an alarm; QF_NOMEM */
/* reconcile.c: at the end of a replay leave in c->alarms what the book lacks, the ends of what only the book has active
 * among it; the first tick journals them. Errors: QF_NOMEM, QF_IO. */
QF_MUST qf_rc qf_city_reconcile(qf_city *c, qf_err *err);
/* Journal, once, as event and alarm, what the journal lost from its end (the open says it on stderr). Errors: QF_IO. */
QF_MUST qf_rc qf_city_tell_loss(qf_city *c, qf_err *err);
/* Keep the last of each point and kind, sorted by them; *n becomes how many. QF_NOMEM: unchanged. */
QF_MUST qf_rc qf_city_alarms_newest(qf_alarm *a, size_t *n);
void qf_city_sinks(qf_city *c, qf_meter_sink *sink, qf_meter_source *source);
/* city.c: where packs/ lies: as given, beside the binary's folder, or the source tree */
void qf_city_find_packs(const char *given, char *out, size_t size);
/* seed.c: the packs' data files as records of an empty city */
QF_MUST qf_rc qf_city_seed(qf_city *c, qf_err *err);
/* restate.c, figures thread: journal what became of published figures; now: without waiting some seconds. Errors: QF_IO. */
QF_MUST qf_rc qf_city_restate(qf_city *c, bool now, qf_err *err);
void qf_city_restated(qf_city *c, const json_t *record, uint64_t seq); /* a record was applied */
/* city.c: hand an entry to the journal without waiting. */
QF_MUST qf_rc qf_city_put_entry(qf_city *c, uint8_t type, const json_t *entry, qf_err *err);
/* proof.c: open tree and heads (after the journal, before the projections), follow and sign */
QF_MUST qf_rc qf_city_proof_open(qf_city *c, qf_err *err);
void qf_city_proof_tick(qf_city *c, qf_us now); /* apply thread: follow; sign once a minute */
void qf_city_proof_sign(qf_city *c);            /* now: at an acceptance, at the end */
/* describe.c */
QF_MUST qf_rc qf_city_describe(qf_city *c, const json_t *record, qf_err *err);
#endif
