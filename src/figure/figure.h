/* Figures and why: indicators are SQL files in packs (docs/internals/data-model.md says what their SELECT gives); the engine
 * alone does cumulative periods, sums up the tree of subjects, year on year, completeness, quality, factors, flags - and the
 * walk from a figure down to the register readings, in which every node equals what its op says of its children; that is
 * checked in code on every answer (a mismatch gives QF_CORRUPT, never a wrong explanation).
 * Answers come from rows held in memory, refreshed when the book has changed. Threads: any. */
#ifndef QF_FIGURE_FIGURE_H
#define QF_FIGURE_FIGURE_H
#include "book/book.h"
#include "readings/readings.h"

typedef struct qf_figures qf_figures;
/* Load packs/<area>/pack.ini and indicators/<name>.sql. An indicator's header line `months: alone` promises that its rows of a
 * month need the accounts of no other month; after new readings it is then asked for the changed months only. Errors: QF_SYNTAX naming file and line. book, readings borrowed. */
QF_MUST qf_rc qf_figures_open(qf_book *book, qf_readings *readings, const char *packs_dir, qf_figures **out,
                              qf_err *err);
void qf_figures_close(qf_figures *f);
/* Bring the held rows up to the book's generation. Called by whoever keeps them; without a keeper a query calls it when they are stale. */
QF_MUST qf_rc qf_figures_refresh(qf_figures *f, qf_err *err);
/* The same when it is time: not if another thread is at it, and not before ten times the cost of the last refresh has passed, so
 * that a live stream of readings never keeps more than a tenth of a core busy with figures. For a tick. */
QF_MUST qf_rc qf_figures_refresh_due(qf_figures *f, qf_err *err);
/* Somebody calls qf_figures_refresh_due every second from now on (or no longer): queries then never wait for a refresh. Any thread. */
void qf_figures_kept(qf_figures *f, bool kept);

typedef struct qf_figure_ask {
  const char *id;      /* "industry.electricity" */
  const char *subject; /* NULL or "" = the whole city */
  int32_t from, to; /* month indexes (year*12+month-1), inclusive; from > to: all months that have data, latest year */
} qf_figure_ask;
/* Append one figure as the JSON object of docs/api.md. Errors: QF_NOTFOUND (id or subject: says which, with near names). */
QF_MUST qf_rc qf_figure_json(qf_figures *f, const qf_figure_ask *ask, qf_buf *out, qf_err *err);
/* Append a JSON array of all figures (area NULL = all). */
QF_MUST qf_rc qf_figures_json(qf_figures *f, const char *area, const qf_figure_ask *ask, qf_buf *out, qf_err *err);
/* Append the why-tree to `depth` levels (0 = all that fits in 2,000 nodes; "more":N where cut). path (may be NULL) names a
 * node to start from, as given in a node's "path". */
QF_MUST qf_rc qf_why_json(qf_figures *f, const qf_figure_ask *ask, int depth, const char *path, qf_buf *out,
                          qf_err *err);
/* Monthly values of one figure for charts. by NULL or "": [{"month":"2025-01","value":...,"num","den","estimated"}]; by "child" (the
 * subject's children) or "carrier" (not for max kinds): [{"key":id,"label":{"zh","en"},"months":[as above]}]. */
QF_MUST qf_rc qf_figure_trend_json(qf_figures *f, const qf_figure_ask *ask, const char *by, qf_buf *out, qf_err *err);
/* Append [{"id","title","unit","period","value","hidden","districts":[{"id","label","value","hidden"}...]}...]: figures everybody may
 * see (header `public:`), of one period each, cells hidden that would tell of fewer than five reporters or of a dominant
 * one, and so many more that subtraction does not tell either. Errors: QF_NOMEM, those of a refresh. */
QF_MUST qf_rc qf_figures_public_json(qf_figures *f, qf_buf *out, qf_err *err);
/* Append the figures (as qf_figure_json) of every target of the city and its districts that has a band and whose months hold `month`
 * (year*12+month-1), or the last month before it that any holds: each from the target's first month to its last one with rows that is over; level 1 first, not known last. */
QF_MUST qf_rc qf_barometer_json(qf_figures *f, int32_t month, qf_buf *out, qf_err *err);
/* Catalogue: [{"id","title","unit","kind","area","clause","better",...}] */
QF_MUST qf_rc qf_figures_catalogue_json(qf_figures *f, qf_buf *out, qf_err *err);
#endif
