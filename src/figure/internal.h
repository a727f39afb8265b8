/* What the files of the figure room share. Not for others.
 * A `view` is everything an answer needs, held in memory and never changed once published: readers take a reference, a refresh
 * builds the next one. Its parts are shared between views as long as they did not change. */
#ifndef QF_FIGURE_INTERNAL_H
#define QF_FIGURE_INTERNAL_H
#include "figure/figure.h"
#include <pthread.h>
#include <stdatomic.h>

#define QF_WHY_NODES 2000u   /* most nodes of one why answer */
#define QF_WHY_PAGE 500u     /* most children of one node; the rest hangs under a node of its own */
#define QF_FIGURE_MONTHS 600 /* longest period asked for */

typedef enum qf_ikind {
  QF_I_SUM = 0,
  QF_I_RATIO,
  QF_I_MAX,
  QF_I_PF,
  QF_I_LAST,
  QF_I_STOCK, /* sum of all movements up to the end of the period */
  QF_I_CHANGE /* percent against the same months of the year before */
} qf_ikind;

/* In which months a row is owed; tells what is missing. */
typedef enum qf_expect { QF_X_MONTH = 0, QF_X_STATISTICS, QF_X_QUARTER, QF_X_NONE } qf_expect;

typedef struct qf_indicator { /* one file of packs/<area>/indicators */
  char id[96], area[64], path[512];
  char title_zh[200], title_en[200], unit[64], scope_zh[400], scope_en[400], clause[300], better[8];
  char display_zh[48], display_en[48], factor_zh[24], factor_en[24]; /* unit and factor for display; "" none */
  qf_ikind kind;
  int decimals;
  bool alone;       /* header `months: alone`: rows of a month need the accounts of that month only */
  bool by_series;   /* reads pt or series */
  bool by_accounts; /* reads what meters fill: other indicators need no asking after new readings */
  bool series;      /* header `series: scope`: rows of one answer must be of one scope, a comparison too */
  qf_expect expect; /* header `expect:` */
  uint8_t
      open; /* header `public:` city or yes: everybody may see the total, or its districts too, cells protected; 0 no */
  bool each_unit;                         /* header `each: unit`: a list shows it for every unit too */
  int order;                              /* header `order:`, place in a report; 0 none */
  char article[800];                      /* header `article:`: the sentence this figure answers; "" none */
  int32_t pub_from, pub_to;               /* header `period:`: the months it is published for; from > to: none */
  uint64_t reads[QF_BOOK_TYPES_MAX / 64]; /* record types it reads */
  char *sql; /* owned: the canonical SELECT, all columns in the order of enum, one parameter: least month */
} qf_indicator;

/* ---- rows */
enum {
  QF_R_DEN = 1,
  QF_R_FILED = 2,
  QF_R_QUANTITY = 4,
  QF_R_FACTOR = 8,
  QF_R_OUTSIDE = 16,
  QF_R_AT = 32,
  QF_R_SAMPLE = 64
};

typedef struct qf_packed { /* a qf_dec without its padding */
  uint64_t lo;
  int64_t hi;
} qf_packed;

typedef struct qf_row {
  qf_packed num, est, quantity, factor_value;
  const char *carrier, *scope, *record, *quantity_unit,
      *factor; /* interned: equal texts are equal pointers; NULL none */
  qf_us at;
  int64_t scale; /* mantissa */
  int32_t month;
  uint32_t rank, point;
  int8_t num_s, est_s, quantity_s, factor_s, scale_s, sign;
  uint8_t flags;
} qf_row;

static inline qf_dec qf_unpack(qf_packed p, int8_t scale)
{
  return (qf_dec){(qf_i128)(((qf_u128)(uint64_t)p.hi << 64) | p.lo), scale};
}

typedef struct qf_set { /* the rows of one indicator */
  atomic_uint refs;
  qf_row *rows;      /* by month, rank */
  uint32_t *by_rank; /* by part, rank, carrier, scope, point, record, month */
  uint32_t n, nulls; /* nulls: rows whose num was NULL, left out */
  char failed[240];  /* why the last query failed; "" it did not */
} qf_set;

/* ---- what records say */
typedef struct qf_subject {
  const char *id, *zh, *en, *kind;
  uint32_t parent, end; /* ranks: preorder; the subtree is [rank, end) */
  bool sample, unplaced;
} qf_subject;

typedef struct qf_point_info {
  const char *key, *zh, *en, *unit, *kind, *stamp;
  qf_dec k;
  bool known;
} qf_point_info;

typedef struct qf_factor_info {
  const char *id, *zh, *en, *unit, *source, *clause, *certainty, *from, *to;
} qf_factor_info;

typedef struct qf_name {
  const char *id, *zh, *en;
} qf_name;

typedef struct qf_target {
  const char *indicator, *subject, *kind, *source;
  int32_t from, to;
  qf_dec value, band; /* band: 0 no barometer */
} qf_target;

typedef struct qf_limit {
  const char *process, *variant, *standard, *clause;
  qf_dec level[3];
  bool has[3];
  int32_t from_day;
} qf_limit;

typedef struct qf_base { /* subjects[0] is the root */
  atomic_uint refs;
  qf_subject *subjects;
  uint32_t nsubjects;
  uint32_t *by_id; /* ranks of the recorded subjects, by id */
  uint32_t nrecorded;
  qf_point_info *points;
  uint32_t npoints; /* indexed by point id */
  qf_factor_info *factors;
  uint32_t nfactors; /* by id */
  qf_name *carriers;
  uint32_t ncarriers; /* by id */
  qf_target *targets;
  uint32_t ntargets;
  qf_limit *limits;
  uint32_t nlimits;
} qf_base;

typedef struct qf_cover_month {
  uint32_t point;
  int32_t month;
  uint32_t quarters, estimated, days;
} qf_cover_month;

typedef struct qf_cover { /* how much of each month every point has */
  atomic_uint refs;
  qf_cover_month *m; /* by point, month */
  uint32_t n;
  uint32_t *start; /* per point: first index; nstart points */
  uint32_t nstart;
  int32_t newest_day; /* INT32_MIN: no account at all */
  uint32_t newest_quarters;
} qf_cover;

/* A rule of a pack that speaks of figures (header `about:`): what it finds stands beside them. */
typedef struct qf_rule {
  char name[96], path[512], about[600]; /* about: indicator ids, a blank before and after each */
  uint64_t reads[QF_BOOK_TYPES_MAX / 64];
  char *sql; /* owned */
} qf_rule;

typedef struct qf_note {
  uint32_t rank;
  int32_t month; /* INT32_MIN: of every month */
  const char *severity, *zh, *en;
} qf_note;

typedef struct qf_notes { /* what one rule found */
  atomic_uint refs;
  qf_note *note;
  uint32_t n, cap;
} qf_notes;

typedef struct qf_view {
  atomic_uint refs;
  uint64_t gen, seq;
  qf_base *base;
  qf_cover *cover;
  qf_set **sets; /* one per indicator */
  uint32_t nsets;
  qf_notes **notes; /* one per rule */
  uint32_t nnotes;
  struct qf_pubs *pubs; /* what is published and restated */
} qf_view;

typedef struct qf_intern qf_intern;

struct qf_figures {
  qf_book *book;
  qf_readings *readings;
  qf_indicator *ind;
  uint32_t nind, ind_cap;
  qf_rule *rules;
  uint32_t nrules;
  char packs[4000];
  char (*areas)[3][200]; /* id, zh, en */
  uint32_t nareas;
  qf_intern *intern;
  pthread_mutex_t refresh_mx; /* one refresh at a time; also guards intern */
  pthread_mutex_t view_mx;
  qf_view *view;
  _Atomic bool kept;                         /* somebody refreshes when it is due: queries take the view as it is */
  _Atomic int64_t last_end_us, last_cost_us; /* monotonic: to keep refreshing a small share of the time */
};

/* intern.c */
qf_intern *qf_intern_new(void);
void qf_intern_free(qf_intern *t);
/* The one copy of a text; NULL when out of memory. */
const char *qf_intern_put(qf_intern *t, const char *s, size_t n);

/* pack.c */
QF_MUST qf_rc qf_packs_load(qf_figures *f, qf_err *err);
/* Index of an indicator, or UINT32_MAX. */
uint32_t qf_indicator_find(const qf_figures *f, const char *id);

/* base.c */
QF_MUST qf_rc qf_base_load(qf_figures *f, qf_base **out, qf_err *err);
void qf_base_drop(qf_base *b);
/* Months of old before from_month are kept (INT32_MIN: none). */
QF_MUST qf_rc qf_cover_load(qf_figures *f, const qf_cover *old, int32_t from_month, qf_cover **out, qf_err *err);
void qf_cover_drop(qf_cover *c);
/* Rank of a subject id, UINT32_MAX if none. */
uint32_t qf_subject_find(const qf_base *b, const char *id);
const qf_factor_info *qf_factor_find(const qf_base *b, const char *id);
const qf_name *qf_carrier_find(const qf_base *b, const char *id);

/* rows.c */
/* Rows of an indicator: those of `old` before from_month kept, the rest asked anew (from_month INT32_MIN: all). A failing query
 * is not an error here: the set says so. */
QF_MUST qf_rc qf_set_load(qf_figures *f, const qf_indicator *ind, const qf_base *base, const qf_set *old,
                          int32_t from_month, qf_set **out, qf_err *err);
void qf_set_drop(qf_set *s);
/* First row at or after (month, rank). */
uint32_t qf_set_seek(const qf_set *s, int32_t month, uint32_t rank);

/* refresh.c */
qf_view *qf_view_take(qf_figures *f);
void qf_view_drop(qf_view *v);
/* A view fit for an answer: refreshed when it is stale and it is time. */
QF_MUST qf_rc qf_view_fresh(qf_figures *f, qf_view **out, qf_err *err);

/* answer.c: exact sums at 18 digits after the point */
typedef struct qf_acc {
  qf_i128 v;
  uint32_t n;
  bool overflow;
} qf_acc;
void qf_acc_add(qf_acc *a, qf_dec d);
qf_dec qf_acc_dec(const qf_acc *a);

typedef struct qf_scope { /* one question, resolved */
  const qf_view *v;
  const qf_indicator *ind;
  const qf_set *set;
  uint32_t r0, r1; /* ranks */
  int32_t from, to;
} qf_scope;

typedef struct qf_value {
  qf_acc num, den, est;
  qf_acc num0, den0;   /* change: the same of the year before */
  uint32_t pairs, all; /* change: subject-months in both years, and in this one */
  const char *series;  /* the scope of the rows, when the indicator keeps to one */
  qf_dec value;
  bool has, mixed;     /* mixed: rows of more than one scope */
  const qf_row *top;   /* max: the row that gives it */
  const char *why_not; /* flag when !has */
} qf_value;

QF_MUST qf_rc qf_scope_resolve(qf_figures *f, const qf_view *v, const qf_figure_ask *ask, qf_scope *out, qf_err *err);
/* Value of the scope in months [from, to] of it. */
void qf_value_of(const qf_scope *s, int32_t from, int32_t to, qf_value *out);
/* Turn the sums of `out` into its value by the indicator's law. */
void qf_value_finish(const qf_indicator *ind, qf_value *out);
/* barometer.c: where a value stands against a target. */
typedef struct qf_stands {
  bool has; /* due, shortfall and level are known */
  qf_dec due, shortfall;
  int level;
} qf_stands;
/* v is the value of the scope; t the target met by target_of, NULL none. */
void qf_stands_of(const qf_scope *s, const qf_value *v, const qf_target *t, qf_stands *out);
/* Is the month still running? Its value is compared with nothing. */
bool qf_running_month(const qf_view *v, int32_t month);
/* change.c: for kind change. A subject's month counts when both years have it (like for like). */
void qf_change_of(const qf_scope *s, int32_t from, int32_t to, qf_value *out);
/* Does this row count in [s->from, s->to], or (then) in the same months of the year before? */
bool qf_change_counts(const qf_scope *s, const qf_row *r, bool then);
/* 100 * ((n1/d1)/(n0/d0) - 1) rounded half even to `digits`; without denominators (has_den false) 100 * (n1/n0 - 1). false:
 * n0, d0 or d1 is 0, or it does not fit 38 digits. */
typedef struct qf_change {
  qf_dec n1, d1, n0, d0;
  bool has_den;
} qf_change;
bool qf_change_value(const qf_change *c, int digits, qf_dec *out);
/* First month that the answer of this scope looks at: stock counts from the beginning. */
int32_t qf_scope_first(const qf_scope *s, int32_t from);

/* notes.c */
QF_MUST qf_rc qf_trap_rules_load(qf_figures *f, const char *area_dir, qf_err *err);
void qf_trap_rules_free(qf_figures *f);
QF_MUST qf_rc qf_notes_load(qf_figures *f, const qf_rule *rule, const qf_base *base, qf_notes **out, qf_err *err);
void qf_notes_drop(qf_notes *n);
/* Append ,"notes":[{"rule","severity","text":{"zh","en"}}]: what rules found for this scope, three of each at most. */
void qf_put_notes(const qf_figures *f, const qf_scope *s, qf_buf *out);
/* pack.c: the record types a statement names, and whether it names what meters fill. */
void qf_sql_reads(qf_figures *f, const char *sql, uint64_t reads[QF_BOOK_TYPES_MAX / 64]);

/* For kind last: is this row in the last month that its subject has in [from, to]? */
bool qf_row_is_last(const qf_scope *s, const qf_row *r);
/* Append one figure. */
void qf_answer_json(const qf_figures *f, const qf_scope *s, qf_buf *out);

/* Append a JSON array of "<factor>@<edition>": the factors of an answer. */
void qf_answer_factors(const qf_scope *s, qf_buf *out);

/* publish.c */
typedef struct qf_pubs qf_pubs;
/* Under refresh_mx. Errors: QF_NOMEM, those of the book. */
QF_MUST qf_rc qf_pubs_load(qf_figures *f, const qf_base *base, qf_pubs **out, qf_err *err);
qf_pubs *qf_pubs_take(qf_pubs *p); /* a further reference */
void qf_pubs_drop(qf_pubs *p);
/* Append ,"published":{...},"restated":[...] when exactly this figure, subject and period was published; else nothing. */
void qf_put_published(const qf_scope *s, qf_buf *out);
/* Append ,"restatement":{...} to the top of a why-tree: published, now, difference, reasons; no part of any sum. */
void qf_put_restatement(const qf_scope *s, qf_buf *out);

/* json.c */
void qf_put_dec(qf_buf *out, qf_dec d);
void qf_put_text(qf_buf *out, const char *s);
void qf_put_pair(qf_buf *out, const char *zh, const char *en);
/* ,"display":{...} when the indicator has units for display, else nothing. */
void qf_put_display(const qf_indicator *ind, qf_buf *out);
/* P / sqrt(P^2 + Q^2) rounded half even to `digits`; false when both are 0. */
bool qf_power_factor(qf_dec p, qf_dec q, int digits, qf_dec *out);
#endif
