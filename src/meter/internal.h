/* Meter: what meter.c (feeding, re-runs, alarms) and meter_save.c (state as bytes) share. */
#ifndef QF_METER_INTERNAL_H
#define QF_METER_INTERNAL_H
#include "meter/series.h"
#include <pthread.h>

#ifdef QF_SMALL
#define QF_CHUNK 4u
#else
#define QF_CHUNK 64u
#endif
#define QF_POINT_MAX (1u << 24)
#define QF_RING 2 /* newest readings kept, to know a repetition when it comes */
#define QF_OUT_HOURS 256
#define QF_OUT_DAYS 64

typedef struct qf_exchanges {
  uint32_t n, cap;
  qf_exchange *x; /* by time */
} qf_exchanges;

/* What accounting needs of a point. Only described points have one; once given it stays. */
typedef struct qf_account {
  qf_series_cfg c;
  qf_series s;
  qf_series *snap;         /* two snapshots, newest last, of a point that got late readings; else NULL */
  qf_series *mark;         /* V12: state at the last movement, of a register that stands; else NULL */
  uint32_t child, sibling; /* balance tree; 0 = none */
} qf_account;

typedef struct qf_meter_point {
  qf_account *a;   /* NULL: not described, kept and counted only */
  qf_exchanges *x; /* NULL = none declared */
  qf_us received_us;
  qf_us dirty;            /* run again from here; INT64_MAX = clean */
  qf_us ring_ts[QF_RING]; /* newest first */
  int64_t ring_mant[QF_RING];
  uint64_t readings;
  uint32_t duplicates, conflicts, late, refused;
  int8_t ring_exp[QF_RING];
  uint8_t ring_flags[QF_RING];
  uint8_t ring_n, alarms; /* alarms: silent, balance */
  bool changed, held;     /* open hour to be reported; stamps ahead of time wait */
} qf_meter_point;

/* Blocks of QF_CHUNK things each, which stay where they are. */
typedef struct qf_blocks {
  void **at;
  uint32_t n, cap;
} qf_blocks;

struct qf_meter {
  qf_meter_sink sink;
  qf_meter_source source;
  pthread_mutex_t lock;
  qf_blocks chunk, slab;     /* of points; of accounts, in the order of their points' first descriptions */
  uint32_t points, accounts; /* points: highest id seen */
  qf_us horizon;             /* newest receive time; INT64_MIN = none yet */
  qf_us held;                /* earliest stamp that waits for its time; INT64_MAX = none */
  qf_series_env env;
  qf_calendar *calendar; /* the one in env */
  bool tree_stale, dirty, hours_closed;
  bool quiet;             /* a re-run is on: alarms are compared at its end instead of reported */
  qf_alarm last_alarm[8]; /* by kind, while quiet */
  qf_hour hours[QF_OUT_HOURS];
  qf_day days[QF_OUT_DAYS];
  size_t nhours, ndays;
  size_t side_bytes; /* snapshots and exchanges */
  qf_reading *run;   /* scratch of a re-run */
  size_t run_cap;
  qf_likeday like; /* scratch of an estimate */
};

/* The point's place, or NULL when it was never seen. */
qf_meter_point *qf_meter_at(const qf_meter *m, uint32_t point);
QF_MUST qf_rc qf_meter_grow(qf_meter *m, uint32_t point);
/* Give the point an account, empty and of unknown kind, when it has none. Errors: QF_NOMEM. */
QF_MUST qf_rc qf_meter_account(qf_meter *m, qf_meter_point *p);
/* Is it accounted: described as something? */
static inline bool qf_meter_known(const qf_meter_point *p)
{
  return p->a && p->a->c.kind != QF_KIND_UNKNOWN;
}
QF_MUST qf_rc qf_meter_run_dirty(qf_meter *m);
void qf_meter_flush(qf_meter *m);
/* Add or replace the exchange at ts. */
QF_MUST qf_rc qf_meter_put_exchange(qf_meter *m, qf_meter_point *p, const qf_exchange *x);
void qf_meter_rescale(qf_meter_point *p);
/* Like days out of the readings store. */
const qf_likeday *qf_meter_likeday(void *ud, qf_us before, qf_us t0, qf_us t1);
/* The place of a point's mark: made, or given back (see qf_series_env). */
qf_series *qf_meter_mark(void *ud, bool keep);
uint32_t qf_meter_suspect(void *ud, const qf_day *d);
/* V02: one reading per stamp. */
typedef struct qf_group {
  qf_reading r;
  int64_t lo, hi;
  bool have, differ;
} qf_group;
/* Take r in; when it begins a new stamp, *out is the finished one and true is returned. */
bool qf_group_add(qf_group *g, const qf_series *s, const qf_series_cfg *c, const qf_reading *r, qf_group *out);
#endif
