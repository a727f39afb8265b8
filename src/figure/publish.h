/* Published figures: what was given out, and how it stands now. A publication is a record (packs/city/records/publication.sql), a
 * restatement too; this room reads both and compares, the city journals. Threads: any. */
#ifndef QF_FIGURE_PUBLISH_H
#define QF_FIGURE_PUBLISH_H
#include "figure/figure.h"

#define QF_PUBLISH_SCALE 9 /* digits after the point that a publication keeps; a smaller difference is none */

typedef struct qf_stand { /* a figure as it stands: what a publication is filled with */
  bool has, shares;       /* has: value; shares: num and den */
  qf_dec value, num, den; /* rounded to QF_PUBLISH_SCALE */
  char unit[64], subject[128], area[64];
  int32_t from, to; /* months */
  uint64_t seq;     /* of the book */
} qf_stand;
/* The figure at this moment, after bringing the rows up to the book. factors (appended): JSON array of "<factor>@<edition>".
 * Errors: QF_NOTFOUND, QF_RANGE, those of a refresh. */
QF_MUST qf_rc qf_figure_stand(qf_figures *f, const qf_figure_ask *ask, qf_stand *out, qf_buf *factors, qf_err *err);

typedef struct
    qf_moved { /* a published figure that is no longer what was last said of it; texts borrowed during the call */
  const char *publication, *figure, *subject, *unit;
  const char *factors; /* JSON arrays, joined: those it was published with and those it has now */
  int32_t from, to;
  bool had, has;              /* a value before; a value now */
  bool stock;                 /* counts from the beginning: months before `from` matter too */
  bool accounts;              /* it reads accounts of meters */
  qf_dec published, old, now; /* old: what was last said: the newest restatement, else the publication */
  uint64_t since;             /* journal sequence up to which that was said */
  const uint64_t *reads;      /* record types it reads, a bit each (qf_book_type_name) */
} qf_moved;
typedef void qf_moved_fn(void *ud, const qf_moved *m);
/* Compare what is published with the rows held now; without publications this is nothing. *seq gets the book's sequence of those
 * rows; nothing is compared when it is below least_seq. Does not refresh. */
void qf_figures_moved(qf_figures *f, uint64_t least_seq, uint64_t *seq, qf_moved_fn *fn, void *ud);
/* Is anything published? */
bool qf_figures_published(qf_figures *f);
/* Does `subject` lie at or under `top`? */
bool qf_figures_under(qf_figures *f, const char *top, const char *subject);
#endif
