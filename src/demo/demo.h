/* The demonstration city 演示数据: a deterministic model of Yingkou's 123 key energy-using units. Nothing in it was
 * measured; every subject it makes carries sample = true and every organisation bears an invented name.
 *
 * What it is: one integrated steel works of about 6 Mt/a in full (u001), a magnesia works, a cement works, a float-glass
 * works, a heat and power plant and a port in less detail (u002..u006), 117 units with monthly filings (u007..u123).
 *
 * Law: amounts of a quarter hour are int64 counts of 10^-6 of the carrier's unit; a total is the exact sum of its parts
 * plus a stated loss, so every balance closes to the last digit before the meters round. A register shows
 *
 *   R(t) = (offset + floor((cum(quarter) + inc(quarter) * elapsed / 15 min) / (k * 10^lsb))) mod 10^digits
 *
 * so increments telescope, history and live data join without a jump, and the same time always gives the same number.
 *
 * Time line: filed months [start, meter_us), metered from meter_us on. The start is 12 whole months before the month of
 * meter_us; the model always runs from there (about a third of a second), so stocks are warm when metering begins.
 *
 * Threads: a model belongs to one thread at a time. No I/O and no clock, except in qf_demo_build / _attach / _live_step. */
#ifndef QF_DEMO_DEMO_H
#define QF_DEMO_DEMO_H
#include "base/reading.h"
#include <jansson.h>

typedef struct qf_demo qf_demo;

typedef struct qf_demo_params {
  uint64_t seed; /* any value; the same seed gives the same city */
  uint32_t days; /* metered history, days; 0 = the 13 whole months before the month of now, and this month so far */
  qf_us now_us;  /* history ends at this moment floored to 15 minutes */
} qf_demo_params;

/* Make the model, run it up to the begin of metering. Errors: QF_NOMEM; QF_RANGE when days > 1500 or now before 2018.
 */
QF_MUST qf_rc qf_demo_new(const qf_demo_params *p, qf_demo **out, qf_err *err);
void qf_demo_free(qf_demo *m);

qf_us qf_demo_meter_us(const qf_demo *m);   /* first moment of metering: the baseline reading of every register */
qf_us qf_demo_history_us(const qf_demo *m); /* end of history: now floored to 15 minutes */
qf_us qf_demo_at(const qf_demo *m);         /* where the model stands */
uint64_t qf_demo_seed(const qf_demo *m);
uint32_t qf_demo_days(const qf_demo *m); /* as given to qf_demo_new */

/* Metering points, by index 0 .. count-1. */
typedef struct qf_demo_point { /* borrowed for the model's life */
  const char *key;             /* series key */
  const char *subject;         /* u001, u001.bf, u001.bf.1 */
  const char *name_zh, *name_en;
  const char *carrier, *flow, *unit, *kind;
  int64_t k;           /* multiplier */
  int digits, lsb_exp; /* register digits and least digit */
  double rated;        /* standard units per hour; 0 for gauges */
  double low, high;    /* gauges: alarm limits */
  int parent;          /* index of the balance parent, -1 = none */
  double loss_share;   /* share of this meter's amount that is lost between it and the points below it */
  int level;
  const char *fault; /* what is wrong with it on purpose, or NULL */
} qf_demo_point;
size_t qf_demo_points(const qf_demo *m);
const qf_demo_point *qf_demo_point_at(const qf_demo *m, size_t i);
/* Id that batches carry for point i; i + 1 until set. */
void qf_demo_set_id(qf_demo *m, size_t i, uint32_t id);

/* Every record of the city, in the order to file them: subjects, points, declared exchange, targets, monthly filings.
 * Appends objects {"type","id","status","by","data"} to array. Does not move the model. Errors: QF_NOMEM, QF_STATE
 * (moved past meter_us: call it before stepping). */
QF_MUST qf_rc qf_demo_records(qf_demo *m, json_t *array, qf_err *err);

/* Readings of all points at to_us (registers and gauges), and the interval amounts of the quarters that ended in
 * (from_us, to_us]. Advances the model to to_us; what it is asked for must not lie before its present quarter.
 * Errors: QF_STATE for the past, QF_NOMEM. */
QF_MUST qf_rc qf_demo_step(qf_demo *m, qf_us from_us, qf_us to_us, qf_batch *b, qf_err *err);
/* Readings of all points at every quarter boundary in (from_us, to_us], ordered by point, then time: history in big
 * batches. At most 400 quarters at once (QF_RANGE). */
QF_MUST qf_rc qf_demo_fill(qf_demo *m, qf_us from_us, qf_us to_us, qf_batch *b, qf_err *err);
/* What meters send live in (from_us, to_us]: momentary values at to_us every time, a register once a minute (each at
 * its own second), interval amounts when their quarter ends. */
QF_MUST qf_rc qf_demo_due(qf_demo *m, qf_us from_us, qf_us to_us, qf_batch *b, qf_err *err);

/* For tests and reports: exact amount of point i in the model's present quarter and since start_us, 10^-6 units, before
 * the meter rounds. 0 for gauges. */
int64_t qf_demo_inc(const qf_demo *m, size_t i);
int64_t qf_demo_cum(const qf_demo *m, size_t i);
/* How often a closing flow came out negative and was held at zero: 0 in a sound model. */
uint64_t qf_demo_clamped(const qf_demo *m);

/* Sample filings of form P205-1 made from what the book holds (filings.c): appends records energy_p205, lab_report,
 * supplier_delivery, carbon_report_monthly and, if asked, filing. Three laboratory reports are flawed on purpose (sample numbers
 * beginning with X): tested before received, a number used twice, values carried over. */
typedef struct qf_demo_filing_opts {
  uint64_t seed;
  int32_t from, to;  /* months, both included; of the last two some forms are not accepted or missing */
  bool all_accepted; /* every form accepted: for tests */
  bool with_filings;
  const struct qf_calendar *calendar; /* for due days; NULL: the plain week */
} qf_demo_filing_opts;
struct qf_book;
QF_MUST qf_rc qf_demo_filings(struct qf_book *book, const qf_demo_filing_opts *o, json_t *array, qf_err *err);

/* ---- in a city */
struct qf_city;
typedef struct qf_demo_opts { /* zero = default */
  uint64_t seed;
  uint32_t days;
  qf_us now_us;
  void (*progress)(void *ud, const char *what_en, const char *what_zh, double share); /* may be NULL */
  void *progress_ud;
} qf_demo_opts;
/* Journal series, records and history into an empty city, one batch per day, then an event {"kind":"demo",...} from
 * which qf_demo_attach finds the model again. *out (may be NULL) gets the model, standing at the end of history.
 * Errors: QF_STATE when the city already has a demonstration model; those of qf_city_*. */
QF_MUST qf_rc qf_demo_build(struct qf_city *c, const qf_demo_opts *o, qf_demo **out, qf_err *err);
/* Model of a city made earlier, standing at the begin of metering; it moves itself on at the first live step.
 * Errors: QF_NOTFOUND when the city is not a demonstration. */
QF_MUST qf_rc qf_demo_attach(struct qf_city *c, qf_demo **out, qf_err *err);
/* Send what is due in (last_us, now_us]. After a pause of more than two minutes the quarters missed are sent first.
 * *readings (may be NULL) gets the number of readings taken. Waits until they are durable. */
QF_MUST qf_rc qf_demo_live_step(struct qf_city *c, qf_demo *m, qf_us last_us, qf_us now_us, uint32_t *readings,
                                qf_err *err);
#endif
