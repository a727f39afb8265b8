/* CSV (RFC 4180) as a stream: bytes are put in pieces of any size, rows come out whole. Any delimiter, quotes doubled
 * inside quotes, line feeds inside quotes, LF or CR LF, a UTF-8 byte-order mark at the start. Every row or refused row
 * carries the lines it stood on, so a caller can account for each byte of the file. Memory: one row, at most max_row.
 * Knows nothing of headers or types. One thread per reader. */
#ifndef QF_WIRE_CSV_H
#define QF_WIRE_CSV_H
#include "base/buf.h"

typedef struct qf_csv_opts { /* zero = default */
  char delim;                /* ',' ; not a quote, CR or LF */
  bool no_quotes;            /* a double quote is a character like any other */
  bool spaces_join;          /* runs of the delimiter count as one (columns set with blanks) */
  uint32_t max_row;          /* bytes of a row without delimiters and quotes; 65536 */
  uint32_t max_fields;       /* 1024 */
  uint64_t first_line;       /* number of the first line, when lines before it were read by somebody else; 1 */
} qf_csv_opts;

typedef struct qf_csv_field {
  const char *s; /* without quotes; NUL after it */
  uint32_t len;
  uint32_t column; /* byte column of its start in its line, from 1 */
  bool quoted;
} qf_csv_field;

typedef struct qf_csv_row { /* borrowed until the next call with the same reader */
  const qf_csv_field *f;
  uint32_t n;
  uint64_t line, line_last; /* physical lines, from 1 */
  bool open_end;            /* the file ends without a line end after this row: it may have been cut */
} qf_csv_row;

typedef struct qf_csv qf_csv;

/* Errors: QF_NOMEM; QF_RANGE for a delimiter that cannot be one. */
QF_MUST qf_rc qf_csv_new(const qf_csv_opts *opts, qf_csv **out, qf_err *err);
void qf_csv_free(qf_csv *c);
/* Lend the next n bytes (kept borrowed until qf_csv_next answers QF_PARTIAL); last = nothing follows them. */
void qf_csv_put(qf_csv *c, const char *bytes, size_t n, bool last);
/* The next row. QF_OK; QF_PARTIAL: put more bytes; QF_NOTFOUND: the end. Blank lines are passed over (qf_csv_blank
 * counts them). QF_SYNTAX, QF_RANGE: this row is refused, row->line and line_last (n = 0) tell its lines, err names
 * line, column and reason; call again for the next row. A row with a lost quote is refused when it reaches max_row or
 * the end, and reading goes on at the next line end. QF_NOMEM: out of memory, row lost likewise. */
QF_MUST qf_rc qf_csv_next(qf_csv *c, qf_csv_row *row, qf_err *err);
uint64_t qf_csv_blank(const qf_csv *c); /* blank lines so far */
#endif
