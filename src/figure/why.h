/* The why-tree of one answer: nodes are made level by level, only as deep as asked. Not for other rooms.
 *   subject    sum over child subjects and, for its own rows, carriers      kind sum (max kinds: max)
 *   carrier    sum over points, records, other rows
 *   point      sum over its months
 *   row        product of quantity, factor, scale, sign (those that are not 1)
 *   quantity   of a point: sum of its days (kind account); filed: the record
 *   day        sum of the register's difference and, where it is not all of it, what the meter put in
 *   fixed      made together with its parent (readings, factors, products ...) */
#ifndef QF_FIGURE_WHY_H
#define QF_FIGURE_WHY_H
#include "figure/internal.h"

typedef enum qf_wtype {
  QF_W_FIXED = 0,
  QF_W_ROOT,
  QF_W_SUBJECT,
  QF_W_CARRIER,
  QF_W_POINT,
  QF_W_ROW,
  QF_W_QUANTITY,
  QF_W_DAY
} qf_wtype;
typedef enum qf_wop {
  QF_OP_NONE = 0,
  QF_OP_SUM,
  QF_OP_PRODUCT,
  QF_OP_DIFFERENCE,
  QF_OP_RATIO,
  QF_OP_PF,
  QF_OP_MAX,
  QF_OP_CHANGE
} qf_wop;

typedef struct qf_node {
  qf_wtype type;
  qf_wop op;
  const char *kind, *zh, *en, *unit, *seg, *quality;
  qf_dec value;
  bool null;   /* value is null: not_why says why */
  int rounded; /* digits the op's result was rounded to; -1 exact */
  const char *not_why;
  /* what it stands for */
  uint32_t lo, hi; /* rows: sel[lo..hi) */
  uint32_t rank, point, rules;
  int32_t day;
  const qf_row *row;
  const char *record;
  const qf_factor_info *factor;
  const char *factor_id;
  qf_us at;
  bool has_at;
  /* children */
  struct qf_node *kids;
  uint32_t nkids, more;
  bool expanded, shown;
  struct qf_node *parent;
} qf_node;

typedef struct qf_why { /* one answer in the making */
  qf_figures *f;
  qf_scope s;
  const qf_row **sel; /* rows of the scope and period, by part, rank, carrier, ... */
  uint32_t nsel;
  uint32_t cut[5]; /* change: where now, then, divisor of now, divisor of then begin in sel; the end */
  struct qf_why_block *blocks;
  bool nomem;
} qf_why;

/* why.c */
void *qf_why_alloc(qf_why *w, size_t n); /* zeroed; NULL sets nomem */
const char *qf_why_text(qf_why *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Make n children; NULL sets nomem. */
qf_node *qf_why_kids(qf_why *w, qf_node *n, uint32_t count);
/* why_rows.c */
QF_MUST qf_rc qf_why_select(qf_why *w, qf_err *err);
QF_MUST qf_rc qf_why_root(qf_why *w, qf_node *root, qf_err *err);
QF_MUST qf_rc qf_why_expand(qf_why *w, qf_node *n, qf_err *err);
/* why_day.c */
QF_MUST qf_rc qf_why_days(qf_why *w, qf_node *n, qf_err *err);
QF_MUST qf_rc qf_why_readings(qf_why *w, qf_node *n, qf_err *err);
/* why_json.c */
void qf_why_write(const qf_why *w, const qf_node *n, qf_buf *out);
/* Check a node and everything shown below it. Errors: QF_CORRUPT. */
QF_MUST qf_rc qf_why_verify(const qf_node *n, qf_err *err);
#endif
