/* The book: records, factors, intervals and accounts as SQL tables, behind a port of a few functions. Embedded adapter:
 * DuckDB (book_duckdb.c). The book is a projection: a damaged file is set aside (book.duckdb.damaged-N) and made again from
 * the journal, never fatal. Every batch is applied together with its journal sequence in one transaction.
 * Schema: docs/internals/data-model.md. Threads: one writer; qf_book_query from any thread (own connection each). */
#ifndef QF_BOOK_BOOK_H
#define QF_BOOK_BOOK_H
#include "base/reading.h"
#include "meter/meter.h"
#include <jansson.h>

typedef struct qf_book qf_book;
typedef struct qf_book_opts { /* zero = default */
  const char *packs_dir;      /* where packs/<area>/ lie; required */
  uint32_t threads;           /* 1: requests run side by side; a second thread for each only waits in turns */
  uint32_t memory_mb;         /* 1024 */
  bool read_only_query;       /* reserved */
} qf_book_opts;

/* Open or create dir/book.duckdb: core tables and one table rec_<type> per packs/<area>/records/<type>.sql. Configuration is
 * locked (no file access, no extensions). *was_set_aside tells that a damaged file was moved away and the book starts empty:
 * replay from sequence 1. Errors: QF_IO, QF_SYNTAX (a pack file: names it), QF_NOMEM. */
QF_MUST qf_rc qf_book_open(const char *dir, const qf_book_opts *opts, qf_book **out, bool *was_set_aside, qf_err *err);
void qf_book_close(qf_book *b);
uint64_t qf_book_applied_seq(const qf_book *b); /* last journal sequence that is wholly in the book */

/* Writer: rows are gathered in memory and become visible, durable and tied to seq at commit. */
QF_MUST qf_rc qf_book_series(qf_book *b, uint32_t point, const char *key, size_t key_len, uint64_t seq, qf_err *err);
/* One record version: rec = {"type","id","version","status","by","at","data":{column:value,...}}. Unknown type or column:
 * QF_SYNTAX with words; value of the wrong kind or failing a CHECK: QF_RANGE with column and value. A new version of the same
 * (type,id) supersedes: rec_<type> holds the newest accepted, rec_<type>_history all. */
QF_MUST qf_rc qf_book_record(qf_book *b, const json_t *rec, uint64_t seq, qf_err *err);
/* Columns, values and CHECKs of one record, without storing anything: used before a record is journalled. qf_book_record itself
 * does not try the CHECKs again: what is in the journal was accepted. */
QF_MUST qf_rc qf_book_record_check(qf_book *b, const json_t *rec, qf_err *err);
/* The same for a JSON array of records, quickly; *bad is the index of the one that err speaks of. */
QF_MUST qf_rc qf_book_records_check(qf_book *b, const json_t *records, size_t *bad, qf_err *err);
QF_MUST qf_rc qf_book_hours(qf_book *b, const qf_hour *h, size_t n, qf_err *err); /* replace (point,hour) */
QF_MUST qf_rc qf_book_days(qf_book *b, const qf_day *d, size_t n, qf_err *err);   /* replace (point,day) */
QF_MUST qf_rc qf_book_alarm(qf_book *b, const qf_alarm *a, uint64_t seq, qf_err *err);
QF_MUST qf_rc qf_book_restart(qf_book *b, uint32_t point, qf_us from_us,
                              qf_err *err); /* drop intervals/days from then on */
QF_MUST qf_rc qf_book_event(qf_book *b, const json_t *event, uint64_t seq, qf_us at, qf_err *err);
QF_MUST qf_rc qf_book_commit(qf_book *b, uint64_t seq, qf_err *err);
/* Counts commits: a cheap way to know that figures may be stale. */
uint64_t qf_book_generation(const qf_book *b);

/* ---- queries (any thread): positional parameters ?1.. */
typedef struct
    qf_cell {   /* borrowed during the callback; DATE and TIMESTAMP are text (2025-03-01, RFC 3339 +08:00) with i = days
                          * since 1970-01-01 or UTC microseconds; s is NUL-terminated */
  uint8_t kind; /* 0 null, 1 integer, 2 decimal, 3 double, 4 text, 5 bool */
  int64_t i;
  qf_dec dec; /* integers too */
  double d;
  const char *s;
  size_t len;
} qf_cell;
typedef struct qf_param {
  uint8_t kind;
  int64_t i;
  double d;
  const char *s;
} qf_param;                                                            /* kinds as qf_cell: 1, 3, 4 */
typedef bool qf_row_fn(void *ud, const qf_cell *cells, size_t ncells); /* false stops */
QF_MUST qf_rc qf_book_query(qf_book *b, const char *sql, const qf_param *params, size_t nparams, qf_row_fn *fn,
                            void *ud, qf_err *err);
/* Column names of a statement, one per line, each followed by ' ' or, for a column of floating point, '~'. */
QF_MUST qf_rc qf_book_columns(qf_book *b, const char *sql, qf_buf *out, qf_err *err);
/* The record types as JSON: [{"type","area","title","file","review","key","due","evidence","flow","sheet","gives","join","api",
 * "owes","columns":[{"name","type","required",
 * "title","unit","default"?}],"checks":["sql"]}]. Any thread. */
QF_MUST qf_rc qf_book_types_json(qf_book *b, qf_buf *out, qf_err *err);

/* What is wrong with one row of a type. row: its index in the array; column: the one meant, "" when none is. Texts are borrowed
 * during the call: the value as given, what was expected, the same in Chinese. */
typedef struct qf_row_problem {
  size_t row;
  const char *column, *value, *expected_zh, *expected_en;
} qf_row_problem;
typedef void qf_row_problem_fn(void *ud, const qf_row_problem *p);
/* Judge rows (array of objects column -> value) as data of a type: every wrong value, unknown column and failing CHECK of every row
 * is told to fn. canonical (may be NULL) gets, per row in order, an object of column -> text as it will be kept (null: none), or null
 * for a row with a problem. Any thread. Errors: QF_NOTFOUND no such type, QF_NOMEM, QF_IO. */
QF_MUST qf_rc qf_book_rows_judge(qf_book *b, const char *type, const json_t *rows, qf_row_problem_fn *fn, void *ud,
                                 json_t *canonical, qf_err *err);
/* As qf_book_query; a statement that is not done after max_ms is stopped: QF_FULL. For statements that are not our own. */
QF_MUST qf_rc qf_book_query_limited(qf_book *b, uint32_t max_ms, const char *sql, const qf_param *params,
                                    size_t nparams, qf_row_fn *fn, void *ud, qf_err *err);

/* A form's rows as a table `sheet` and statements over it, planned once. make: CREATE TEMP TABLE sheet (...); fill: INSERT INTO sheet
 * ... with one parameter, the rows as JSON; sql: n statements. Texts are copied. Any number of threads may run it; a few at once do.
 * To be freed before the book is closed. Errors: QF_NOMEM. */
typedef struct qf_book_sheet qf_book_sheet;
QF_MUST qf_rc qf_book_sheet_new(qf_book *b, const char *make, const char *fill, const char *const *sql, uint32_t n,
                                qf_book_sheet **out, qf_err *err);
void qf_book_sheet_free(qf_book_sheet *s);
typedef struct qf_sheet_asked {
  uint32_t max_ms;                          /* longest run of one statement */
  bool (*wanted)(void *ud, uint32_t index); /* asked before each statement, in order: shall it run? */
  qf_row_fn *fn;                            /* its rows */
  void *ud;
} qf_sheet_asked;
/* Run the wanted statements over rows (JSON array of objects of texts) in one state of the book, whose generation goes to *gen.
 * Errors: QF_FULL one took too long, QF_SYNTAX, QF_RANGE, QF_NOMEM. */
QF_MUST qf_rc qf_book_sheet_run(qf_book_sheet *s, const char *rows, const qf_sheet_asked *a, uint64_t *gen,
                                qf_err *err);
/* May statement i answer otherwise now than at generation gen, over the same rows? Any thread. */
bool qf_book_sheet_stale(const qf_book_sheet *s, uint32_t i, uint64_t gen);

/* What commits after generation gen touched, so that a reader may refresh only what it must. Any thread. */
#define QF_BOOK_TYPES_MAX 256u
typedef struct qf_book_change {
  bool unknown;                           /* it is no longer known what changed: take it that everything did */
  bool series;                            /* a series came */
  uint64_t types[QF_BOOK_TYPES_MAX / 64]; /* record types of which a record changed: bit = index of the type */
  int32_t first_day;                      /* earliest Beijing day whose account or hours changed; INT32_MAX none */
  uint64_t generation;                    /* the generation this answer reaches up to */
} qf_book_change;
void qf_book_changed_since(qf_book *b, uint64_t gen, qf_book_change *out);
/* Name of the record type with this index; NULL past the last. The order is fixed while the book is open. */
const char *qf_book_type_name(const qf_book *b, uint32_t index);
/* As qf_book_query, but account_day and interval_hour show only what is at or after a Beijing day: a statement that groups by
 * month then reads the months asked for instead of all of them. One caller at a time; others wait. */
QF_MUST qf_rc qf_book_query_since(qf_book *b, int32_t first_day, const char *sql, const qf_param *params,
                                  size_t nparams, qf_row_fn *fn, void *ud, qf_err *err);
/* Between hold and release no commit happens: several queries see one state. Short work only; not nested. Any thread but the
 * writer's. */
void qf_book_hold(qf_book *b);
void qf_book_release(qf_book *b);

/* Every table as CSV, rows sorted by all columns, into out_dir: identical bytes for identical content (README C6). */
QF_MUST qf_rc qf_book_export(qf_book *b, const char *out_dir, qf_err *err);
/* Readings to Parquet: rows come from next() (false = end); file is written under the book's folder lock then moved to path. */
typedef bool qf_parquet_next(void *ud, uint32_t *point, qf_reading *r);
QF_MUST qf_rc qf_book_parquet(qf_book *b, const char *path, qf_parquet_next *next, void *ud, qf_err *err);
/* Drop everything (before a rebuild). */
QF_MUST qf_rc qf_book_clear(qf_book *b, qf_err *err);
#endif
