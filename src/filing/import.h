/* Import: a table of a stranger (CSV in UTF-8 or GB18030, or XLSX) against a record type: headers in any order by Chinese title, English
 * title or column name; every refused cell told with row, header, value and what was expected; the difference to what is there; then,
 * if wanted, the commit. The same file again changes nothing. */
#ifndef QF_FILING_IMPORT_H
#define QF_FILING_IMPORT_H
#include "filing/filing.h"

#define QF_IMPORT_ROWS_MAX 100000u
#define QF_IMPORT_DIFF_MAX 500u /* cells told of the difference */

typedef struct qf_table { /* a file as texts; rows[0] is the header */
  qf_buf bytes;           /* texts, NUL after each */
  size_t *at;             /* ncols per row, offsets into bytes */
  uint32_t *line;         /* number of the row in the file, from 1 */
  uint32_t nrows, ncols, cap;
  json_t *broken; /* owned: rows the reader itself refused, as refusals */
} qf_table;
/* Read a file. xlsx: a workbook, else CSV. Errors: QF_SYNTAX, QF_RANGE (over 100,000 rows, 256 columns), QF_NOMEM. */
QF_MUST qf_rc qf_table_read(const char *bytes, size_t n, bool xlsx, qf_table *out, qf_err *err);
void qf_table_fini(qf_table *t);
const char *qf_table_cell(const qf_table *t, uint32_t row, uint32_t col);

typedef struct qf_import { /* what an import would do, or did */
  size_t rows, fresh, changed, same;
  json_t *refused; /* owned: [{"row","column","header","value","expected","message_zh","message"}] */
  json_t *diff;    /* owned: [{"id","field","before","after","kind"}] */
  json_t *filings; /* owned: ids of filings that were made or changed */
  bool committed;
  uint64_t seq;
} qf_import;
/* Judge the table and, with commit, take what is not refused. A wrong header refuses all of it. reason: for corrections of accepted
 * forms. Errors: QF_DENIED, QF_IO, QF_NOMEM, ... of the book and the city; refusals are no error. */
QF_MUST qf_rc qf_import_run(qf_filings *f, const qf_actor *actor, const qf_form *form, const qf_table *t, bool commit,
                            const char *reason, qf_import *out, qf_err *err);
void qf_import_fini(qf_import *i);
/* The refused rows as they were, with what is wrong in a last column: CSV with a byte-order mark, for a spreadsheet. */
void qf_import_refused_csv(const qf_import *i, const qf_table *t, qf_buf *out);
/* Append a text as a CSV cell: quoted where needed, and never a formula for a spreadsheet (= + - @ TAB CR NUL get an apostrophe). */
void qf_csv_cell(qf_buf *b, const char *s);
/* Title of a column as the header of a template. */
const char *qf_form_title(const qf_form *f, uint32_t col, bool zh);
/* Which action lets one write records of this type, and may the actor do it to this object? */
bool qf_form_may_write(const qf_form *f, const qf_actor *actor, const qf_object *o, qf_err *why);
#endif
