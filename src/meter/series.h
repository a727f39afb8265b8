/* Series: the automaton of one point. Readings go in in time order, one per stamp; closed hours and days come out. What
 * it holds is a function of the readings so far and the description, and of nothing else: no clock, no I/O, no order of
 * arrival.
 *
 * Register: a good reading (t0, r0) is the baseline; the next good reading (t, r) gives x = r - r0 over [t0, t), both
 * rounded to 10^-6 after k, so that sums telescope. A reading that cannot follow the baseline is set aside (F) and
 * nothing is booked; it becomes the candidate of a new baseline, which is taken when it has been seen to count on.
 * While nothing is booked, time waits: the next good reading covers it. One thread per series. */
#ifndef QF_METER_SERIES_H
#define QF_METER_SERIES_H
#include "meter/vee.h"

enum { QF_MOVES = 0, QF_MARKED, QF_STALLED }; /* qf_series.still */

typedef struct qf_exchange { /* a declared meter exchange */
  qf_us ts_us;
  qf_num final_reading, initial_reading; /* as declared */
  int64_t final, initial;                /* after k, 10^-6 units */
} qf_exchange;

/* A description, packed and with what follows from it. */
typedef struct qf_series_cfg {
  double rated, low, high, rate_limit;
  double lim_us, slack; /* V09: 10^-6 units per us, plus one least digit; lim_us 0 = no limit */
  int64_t k_mant;
  qf_us period_us; /* nominal; never 0 */
  qf_us gap_us;    /* a longer step between readings is a gap */
  uint32_t parent;
  float loss_share;
  int8_t k_exp, lsb_exp;
  uint8_t kind, stamp_begin, digits;
  bool period_known, rests;
} qf_series_cfg;

typedef struct qf_series {
  qf_us last_ts;           /* newest stamp judged, whatever the verdict */
  qf_us t0;                /* baseline: end of what is booked */
  int64_t r0;              /* its register (REGISTER), last value (others) */
  qf_us q_end;             /* end of the quarter that holds t0 */
  qf_us hour_us;           /* the open hour */
  qf_us moved;             /* last time the value changed */
  qf_us still_ts;          /* QF_STALLED: newest reading that showed the old value */
  qf_us x_from;            /* the next declared exchange may matter from here on */
  int64_t q[4];            /* booked so far; GAUGE: sum of samples */
  uint32_t cov[4], est[4]; /* us covered, of them estimated; GAUGE and STATE: samples */
  int64_t lo, hi;          /* extremes of the open hour */
  uint32_t rules, pend;    /* fired in the open hour; waiting for the next span */
  uint32_t hour_readings, day_readings;
  uint8_t warn, fail;      /* bit per quarter of the open hour */
  uint8_t begun, busy;     /* a baseline exists; take the slow way */
  uint8_t alarms;          /* mask of 1 << qf_alarm_kind */
  uint8_t c_rule, c_grow;  /* candidate: why it is one, how often it rose */
  uint16_t c_n;            /* its readings; 0 = none */
  uint16_t same_n, x_next; /* identical gauge readings; first exchange not used up */
  qf_us c_ts, c1_ts;       /* candidate's first and newest reading */
  int64_t c_r, c1_r;
  int64_t day_value, day_est, peak, top[3];
  int32_t day; /* the open Beijing day */
  uint32_t day_rules;
  uint8_t day_q, day_qe, peak_slot, days_seen;
  uint32_t zero_q, all_q; /* V12: zero quarters of all, over about 90 days */
  float day_mean;         /* running mean of day sums, whole units: decides whether V11 looks closer */
  int64_t sum;            /* V14: closed quarters less what came without the register; sum + open quarters = r0 */
  qf_us bal_hour;         /* last closed hour and the one before it: for the balance */
  int64_t bal[2];
  uint8_t bal_ok; /* bit 0: last is complete, bit 1: the one before */
  uint8_t still;  /* V12: QF_MOVES; QF_MARKED: the state of the last movement is kept; QF_STALLED: guessed since then */
} qf_series;

/* What a series needs from outside; any function may be NULL. */
typedef struct qf_series_env {
  const qf_series_cfg *cfg;
  uint32_t point;
  const qf_exchange *exchange; /* by time */
  uint32_t exchanges;
  void (*hour)(void *ud, const qf_hour *h);
  void (*day)(void *ud, const qf_day *d);
  void (*alarm)(void *ud, const qf_alarm *a);
  const qf_calendar *calendar;
  /* like days from readings up to `before`, for the classes of the days in [t0, t1) */
  const qf_likeday *(*likeday)(void *ud, qf_us before, qf_us t0, qf_us t1);
  /* V12: keep = the place where the state of the last movement is kept, made when there is none (NULL: no memory, the
   * standstill is then not estimated); !keep = it is not needed any more. NULL function: never. */
  qf_series *(*mark)(void *ud, bool keep);
  /* Everything from the hour on is about to be reported again. */
  void (*rewind)(void *ud, qf_us hour);
  uint32_t (*suspect)(void *ud, const qf_day *d); /* V11 rule bit of a day under suspicion */
  void *ud;
} qf_series_env;

/* Errors: QF_RANGE for a description that makes no sense. */
QF_MUST qf_rc qf_series_config(const qf_point_desc *d, qf_series_cfg *out);
void qf_series_init(qf_series *s, const qf_series_env *e);
/* Judge and book one reading with ts > s->last_ts. false: refused, set aside. */
bool qf_series_step(qf_series *s, const qf_series_env *e, const qf_reading *r);
/* A stamp with several values (V02): is b to be preferred to a? The answer depends on the series and the values alone.
 */
bool qf_series_prefer(const qf_series *s, const qf_series_cfg *c, const qf_reading *a, const qf_reading *b);
/* Note V02 for the reading that is fed next. */
void qf_series_conflict(qf_series *s);
/* The open hour and day as they stand; false when there is nothing to show. */
bool qf_series_open_hour(const qf_series *s, const qf_series_env *e, qf_hour *out);
bool qf_series_open_day(const qf_series *s, const qf_series_env *e, qf_day *out);
#endif
