/* From line protocol text to a batch of readings with our point ids. New series are made and journalled on the way. */
#ifndef QF_COLLECT_LINES_H
#define QF_COLLECT_LINES_H
#include "city/city.h"
#include "wire/lineproto.h"

#define QF_LINES_ERRORS 50u /* refused lines named in a report; beyond it they are counted */

typedef struct qf_lines_report {
  uint64_t lines, bad, values, texts; /* data lines; refused lines; numbers taken; strings taken */
  uint32_t errors_n;
  qf_lp_error errors[QF_LINES_ERRORS];
  qf_err series_err; /* why series could not be made, when series_bad > 0 */
  uint64_t series_bad;
} qf_lines_report;

/* Decode buf into batch (appended to). Numbers go to the batch, strings straight to the city's text store.
 * Errors: QF_NOMEM, QF_IO, QF_FULL; refused lines are no error of the call, they are in the report. Any thread. */
QF_MUST qf_rc qf_lines_decode(qf_city *c, const char *buf, size_t len, qf_lp_precision precision, qf_batch *batch,
                              qf_lines_report *report, qf_err *err);
#endif
