/* What the checks of a form said of rows lately: a page that is read again, or a form that many look at, is not judged anew by
 * statements that would answer the same. A verdict holds while no table changed that its check names. Any thread. */
#ifndef QF_FILING_VERDICT_H
#define QF_FILING_VERDICT_H
#include "book/book.h"

#define QF_VERDICTS 64u             /* sets of rows remembered for a form */
#define QF_VERDICT_TEXT (64u << 10) /* longer rows are not remembered */
#define QF_VERDICT_FINDINGS 300u    /* nor are more findings */

typedef struct qf_verdicts qf_verdicts;
/* For a form with n checks. NULL: no memory. */
qf_verdicts *qf_verdicts_new(uint32_t n);
void qf_verdicts_free(qf_verdicts *v);
/* What check i said of these rows, and the generation of the book when it did: a new array of findings as the checks give them
 * ([row_no, field, value, expected, text_zh, text_en]); NULL when that is not known. */
json_t *qf_verdict_get(qf_verdicts *v, const char *rows, uint32_t i, uint64_t *gen);
/* Remember it (findings are copied). */
void qf_verdict_put(qf_verdicts *v, const char *rows, uint32_t i, uint64_t gen, const json_t *findings);
#endif
