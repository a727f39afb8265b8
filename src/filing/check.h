/* Judging a form: its rows' types and constraints, its keys, its evidence, and the checks of its pack. Stores nothing. */
#ifndef QF_FILING_CHECK_H
#define QF_FILING_CHECK_H
#include "filing/form.h"

#define QF_FORM_ROWS_MAX 1500u /* rows of one form: with what they give and replace, one journal entry holds them */
#define QF_CHECK_MS 3000u      /* longest run of one check */

typedef struct qf_judged {
  json_t *findings; /* owned: array, sorted by row, column, severity; as GET /api/v1/filings says them */
  json_t *rows; /* owned: the rows with the sheet's values, as they will be kept; null for a row that cannot be kept */
  unsigned count[4];    /* by qf_severity */
  unsigned unexplained; /* findings of severity explain without an explanation */
} qf_judged;

/* sheet: object of the sheet's columns; rows: array of objects; explain: object finding id -> text, may be NULL.
 * Errors: QF_RANGE not such arrays, or over the limit of rows; QF_FULL a check took too long; QF_SYNTAX a check failed; QF_NOMEM. */
QF_MUST qf_rc qf_judge(qf_book *b, const qf_form *f, const json_t *sheet, const json_t *rows, const json_t *explain,
                       qf_judged *out, qf_err *err);
void qf_judged_fini(qf_judged *j);
const char *qf_severity_name(qf_severity s);
/* The sheet's values as they are kept: every column there, whole numbers plain, no others. A new object; NULL with err. */
json_t *qf_sheet_of(const qf_form *f, const json_t *given, qf_err *err);
#endif
