/* Meter: what happens to a stream of readings. Register -> increment, validation, estimation, windows of 15 minutes,
 * hour and day (UTC+8), alarms, energy balance. Rules and their numbers: docs/internals/meter.md.
 *
 * The law everything rests on: the accounts of a point are a function of the SET of its readings and its description.
 * In order, duplicated, late or shuffled, the same readings give the same accounts: in-order readings take the fast way
 * (state advances), any other makes the point dirty and its history is run again from the readings store.
 *
 * Values: int64 counts of 10^-6 of the point's unit, after the multiplier (CT x PT). Differences are taken between
 * round(k R) so that sums telescope: the intervals of a day add up to k (R_end - R_start) exactly.
 * Threads: one thread feeds and ticks; readers use the *_get functions (internally locked). No file or socket here. */
#ifndef QF_METER_METER_H
#define QF_METER_METER_H
#include "base/reading.h"
#include "domain/calendar.h"

typedef enum qf_point_kind {
  QF_KIND_UNKNOWN = 0, /* not adopted: kept, listed, not accounted */
  QF_KIND_REGISTER,    /* cumulative register: accounts are increments */
  QF_KIND_INTERVAL,    /* amount of the interval that ends (or begins, see stamp) at the stamp */
  QF_KIND_GAUGE,       /* momentary value: windows hold the mean, minimum and maximum */
  QF_KIND_STATE,       /* 0/1 or a small code */
} qf_point_kind;

typedef struct qf_point_desc { /* numbers a meter needs; names and places live in the book */
  uint8_t kind;                /* qf_point_kind */
  uint8_t stamp_begin;         /* INTERVAL: 1 = stamp is the interval's begin; 0 = its end */
  uint8_t register_digits;     /* D: integer digits, modulus 10^D; 0 = unknown, no rollover can be recognised */
  int8_t lsb_exp;              /* least digit q = 10^lsb_exp, register units (e.g. -2) */
  qf_num k;                    /* multiplier CT x PT x unit conversion, > 0 */
  uint8_t rests;               /* REGISTER: 1 = standing still for days is normal, never stuck (V12) */
  uint32_t period_s;           /* nominal reading interval, s; 0 = unknown (gap rules use 900) */
  double rated;                /* P_rated: unit per hour at full load, after k; 0 = unknown (no V08/V09 limit) */
  double low, high;            /* gauge sensor range / alarm limits; low >= high = none */
  double rate_limit;           /* alarm: |change| per hour; 0 = none */
  uint32_t parent;             /* balance parent's point id; 0 = none */
  float loss_share;            /* modelled loss of the parent, 0 .. 1 */
} qf_point_desc;

/* Validation rules by number (docs/internals/meter.md); a reading's or interval's mask has bit (1 << rule). */
enum {
  QF_V01 = 1,
  QF_V02,
  QF_V03,
  QF_V04,
  QF_V08A,
  QF_V08B,
  QF_V08C,
  QF_V08D,
  QF_V08E,
  QF_V09,
  QF_V10,
  QF_V11,
  QF_V12,
  QF_V13,
  QF_V14,
  QF_V15,
  QF_V19,
  QF_V22
};

typedef enum qf_status {                    /* of a quarter; the worst wins in hour, day, month */
                         QF_ST_MISSING = 0, /* no data: not zero */
                         QF_ST_VALID = 1,
                         QF_ST_WARN = 2,
                         QF_ST_ESTIMATED = 3,
                         QF_ST_PROVISIONAL = 4,
} qf_status;

typedef struct qf_hour { /* one point, one hour, its four quarters */
  uint32_t point;
  qf_us hour_us;
  int64_t q[4];      /* 10^-6 units; meaningless where status is MISSING. GAUGE: mean */
  uint8_t status[4]; /* qf_status */
  uint32_t rules;    /* mask of the rules that fired */
  uint16_t readings; /* readings in the hour, at most 65535 counted */
  int64_t min, max;  /* GAUGE: extremes in the hour, 10^-6 units */
} qf_hour;

typedef struct qf_day {
  uint32_t point;
  int32_t day;                          /* Beijing day number */
  int64_t value, estimated;             /* 10^-6 units; GAUGE: mean, 0. estimated is part of value */
  uint8_t quarters, quarters_estimated; /* of 96 */
  int64_t peak;                         /* largest quarter (REGISTER, INTERVAL) or maximum (GAUGE) */
  qf_us peak_us;                        /* its begin */
  uint32_t rules;
} qf_day;

typedef enum qf_alarm_kind {
  QF_ALARM_LIMIT = 1,
  QF_ALARM_RATE,
  QF_ALARM_STUCK,
  QF_ALARM_SILENT,
  QF_ALARM_BALANCE,
  QF_ALARM_INVALID
} qf_alarm_kind;
/* What value and limit are, at the begin and at the end alike:
 *   LIMIT    register, interval: use per hour, and 1.2 x rated; gauge: its value, and the end of its range passed
 *   RATE     change per hour, and the most allowed          STUCK    hours it has stood, and how many make it stuck
 *   SILENT   seconds without a reading, and the most allowed BALANCE  share of the parent, 1 = all of it, and the most
 *   INVALID  the value read; limit: the value before it where that is why, else 0 */
typedef struct qf_alarm {
  uint32_t point;
  uint8_t kind; /* qf_alarm_kind */
  bool active;  /* false: it ended at ts_us */
  qf_us ts_us;
  double value, limit;
} qf_alarm;

/* Where results go. Called on the feeding thread with the meter's lock held: a sink must not call the meter. Any
 * function may be NULL. hours/days REPLACE what was there for (point, hour) / (point, day). Hours without any data are
 * not reported: missing is not zero. An hour is reported when it closes in the point's own time, and while it is open
 * at every tick after readings came. */
typedef struct qf_meter_sink {
  void (*hours)(void *ud, const qf_hour *h, size_t n);
  void (*days)(void *ud, const qf_day *d, size_t n);
  void (*alarm)(void *ud, const qf_alarm *a);
  /* Everything of `point` from `from_us` on is about to be reported again: drop what was there from then on - hours
   * from from_us (the begin of an hour; 0 = all), days from the Beijing day that holds from_us. */
  void (*restart)(void *ud, uint32_t point, qf_us from_us);
  void *ud;
} qf_meter_sink;

/* Where re-runs and estimates read history from (the readings store): readings of [from, to) by time, any order within
 * a stamp; fn returns false to stop. Called from feed, tick and save; from and to may be INT64_MIN and INT64_MAX.
 * QF_NOTFOUND = none. */
typedef struct qf_meter_source {
  qf_rc (*range)(void *ud, uint32_t point, qf_us from, qf_us to, bool (*fn)(void *, const qf_reading *), void *fn_ud);
  void *ud;
} qf_meter_source;

typedef struct qf_meter qf_meter;
/* sink may be NULL. Errors: QF_STATE without a source, QF_NOMEM. */
QF_MUST qf_rc qf_meter_new(const qf_meter_sink *sink, const qf_meter_source *source, qf_meter **out);
void qf_meter_free(qf_meter *m);

/* The calendar by which days are alike (NULL: the plain week); it becomes the meter's, which frees it. Give it before
 * loading a state: with another one than the estimates were made with, every point is run again at the next tick. */
void qf_meter_calendar(qf_meter *m, qf_calendar *calendar);

/* Describe (adopt) a point or change its description: its history is run again at the next tick. The same description
 * again costs nothing. Errors: QF_RANGE for a description that makes no sense (k <= 0, digits > 15, negative limits,
 * its own parent), QF_NOMEM. */
QF_MUST qf_rc qf_meter_describe(qf_meter *m, uint32_t point, const qf_point_desc *d);
/* Declared meter exchange at ts: final reading of the old, initial reading of the new register (rule V08b). */
QF_MUST qf_rc qf_meter_exchange(qf_meter *m, uint32_t point, qf_us ts, qf_num final_reading, qf_num initial_reading);
/* Feed a batch, after it is durable and after the readings store has it. receive_us: when it was journalled (0 =
 * unknown). V03: stamps more than 5 minutes after the newest receive_us so far wait until their time has come; before
 * 1990-01-01 they are never used. Errors: QF_RANGE for a point id of 0 or above 2^24, QF_NOMEM; nothing of the batch
 * was fed then. */
QF_MUST qf_rc qf_meter_feed(qf_meter *m, const qf_batch *b, qf_us receive_us);
/* Re-run dirty points, report open hours and days that changed, find silent points, judge balances.
 * now_us drives alarms only, never accounts. */
QF_MUST qf_rc qf_meter_tick(qf_meter *m, qf_us now_us);

typedef struct qf_point_live {
  qf_reading last; /* newest by time */
  qf_us received_us;
  uint64_t readings, duplicates, conflicts, late, refused;
  uint32_t rules;    /* rules fired in the running day */
  uint8_t alarms;    /* mask of 1 << qf_alarm_kind, active now */
  int64_t day_value; /* running Beijing day, 10^-6 units */
} qf_point_live;
bool qf_meter_get(qf_meter *m, uint32_t point, qf_point_live *out);
/* Bytes of memory in use, and per point, described and only seen: stated bounds that a test checks. On top of it come
 * 640 bytes for a point that got late readings (two snapshots, so that the next late one is cheap), 320 for a register
 * that stands although it hardly ever rests, 56 per declared exchange, and fixed scratch. */
size_t qf_meter_memory(qf_meter *m);
#define QF_METER_POINT_BYTES 544
#define QF_METER_SEEN_BYTES 112

/* State of all points as bytes, and back, so that a start need not replay everything. Saving runs dirty points first
 * (the sink is called). After loading, feed what was journalled since. Errors: QF_CORRUPT - the meter is as before -
 * QF_NOMEM, those of the source. */
QF_MUST qf_rc qf_meter_save(qf_meter *m, qf_buf *out);
QF_MUST qf_rc qf_meter_load(qf_meter *m, const uint8_t *bytes, size_t n, qf_err *err);
#endif
