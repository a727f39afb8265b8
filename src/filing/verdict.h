/* What the checks of a form said of rows lately: a page that is read again, a form that many look at, and the checks that one more
 * typed cell is nothing to are not judged anew by statements that would answer the same. A verdict of a check is known by the values
 * of the columns that its text names, in all rows. It holds while no table changed that the text names: the caller asks for that
 * (qf_book_sheet_stale) with the generation given. Any thread. */
#ifndef QF_FILING_VERDICT_H
#define QF_FILING_VERDICT_H
#include "book/book.h"

#define QF_VERDICTS 64u                /* remembered for each check; the one longest unused gives its place */
#define QF_VERDICT_FINDINGS 300u       /* a verdict of more findings is not remembered */
#define QF_VERDICT_FINDINGS_ALL 20000u /* of one form; over that all are forgotten */
#define QF_VERDICT_COLS 128u           /* columns of a form at most */

typedef struct qf_verdict_key {
  uint8_t sha256[32];
} qf_verdict_key;
typedef struct qf_verdict_reads { /* bit = index of the column */
  uint64_t col[QF_VERDICT_COLS / 64];
} qf_verdict_reads;
typedef struct qf_verdict_cells { /* digests of rows: which are there, and of each column what it says in them */
  qf_verdict_key rows, col[QF_VERDICT_COLS];
  uint32_t n;
} qf_verdict_cells;

/* Columns whose names stand in the text of a check, also in its texts; all of them when it may read some without naming them:
 * `*` that is no product, a statement beginning with FROM, NATURAL, COLUMNS, PIVOT, UNPIVOT, TABLE, SUMMARIZE, or the name of the table
 * sheet used as a value. Pure. */
qf_verdict_reads qf_verdict_reads_of(const char *sql, const char *const *col, uint32_t n);
/* Digest rows as qf_book_rows_judge gives them (objects column -> text or null; null for a row that is left out). n: at most
 * QF_VERDICT_COLS. Pure. Errors: QF_NOMEM. */
QF_MUST qf_rc qf_verdict_digest(const json_t *rows, const char *const *col, uint32_t n, qf_verdict_cells *out);
/* What a check that reads these columns can know of the rows. Pure. */
qf_verdict_key qf_verdict_key_of(const qf_verdict_cells *c, const qf_verdict_reads *r);

typedef struct qf_verdicts qf_verdicts;
/* For a form with n checks. NULL: no memory. */
qf_verdicts *qf_verdicts_new(uint32_t n);
void qf_verdicts_free(qf_verdicts *v);
/* What check i said, and the generation of the book when it did: a new array of findings as the checks give them
 * ([row_no, field, value, expected, text_zh, text_en]); NULL when that is not known. */
json_t *qf_verdict_get(qf_verdicts *v, const qf_verdict_key *key, uint32_t i, uint64_t *gen);
/* Remember it (findings are copied). */
void qf_verdict_put(qf_verdicts *v, const qf_verdict_key *key, uint32_t i, uint64_t gen, const json_t *findings);
#endif
