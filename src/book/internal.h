/* What the files of the DuckDB book share. Not for others. */
#ifndef QF_BOOK_INTERNAL_H
#define QF_BOOK_INTERNAL_H
#include "book/book.h"
#include "book/packfile.h"
#include <duckdb.h>
#include <pthread.h>
#include <stdatomic.h>

#define QF_BOOK_COLUMNS_MAX 96u
#define QF_BOOK_CHECKS_MAX 64u
#define QF_BOOK_POOL 16u
#define QF_BOOK_CHANGES 1024u
#define QF_BOOK_SCHEMA_VERSION 1

enum qf_colkind { QF_COL_TEXT = 1, QF_COL_INT, QF_COL_DEC, QF_COL_DOUBLE, QF_COL_BOOL, QF_COL_DATE, QF_COL_TIME };

typedef struct qf_column {
  char name[64], type[40];
  char zh[200], en[200], unit[64];
  char dflt[200]; /* default as text, "" with has_default false */
  uint8_t kind;   /* qf_colkind */
  uint8_t width, scale;
  bool required, has_default;
} qf_column;

typedef struct qf_rectype {
  char name[64], area[64], path[512];
  char title_zh[200], title_en[200];
  char file[200], review[200], key[400], due[400], evidence[400];
  char flow[64], sheet[400], gives[64], join[4], api[16],
      owes[4000];  /* how the type is filed: docs/internals/filing.md */
  qf_column *cols; /* owned, ncols */
  uint32_t ncols;
  char **checks; /* owned texts, nchecks */
  uint32_t nchecks;
  duckdb_prepared_statement probe; /* on the scratch connection: one boolean per check */
  qf_buf pending;                  /* rows waiting for the commit: cells as u32 length (UINT32_MAX: null) + bytes */
  uint32_t npending;
} qf_rectype;

/* Rows of hours or days waiting for the commit. Key: point and t (hour number, or Beijing day number). */
typedef struct qf_bulk {
  void *rows;
  size_t n, cap;
  int64_t *max; /* per point: greatest t the table holds; INT64_MIN none */
  uint32_t nmax;
} qf_bulk;

typedef struct qf_restart_mark {
  uint32_t point;
  qf_us from_us;
  size_t hours_before, days_before; /* pending rows older than the mark */
} qf_restart_mark;

typedef struct qf_pend_series {
  uint32_t point;
  uint64_t seq;
  size_t off, len; /* key in the byte pool */
} qf_pend_series;
typedef struct qf_pend_alarm {
  qf_alarm a;
  uint64_t seq;
} qf_pend_alarm;
typedef struct qf_pend_event {
  uint64_t seq;
  qf_us at;
  size_t kind_off, body_off;
} qf_pend_event;

typedef struct qf_change { /* what one commit touched */
  uint64_t gen, types[QF_BOOK_TYPES_MAX / 64];
  bool series, all;
  int32_t first_day; /* earliest account day, INT32_MAX none */
} qf_change;

struct qf_book {
  char dir[4000];
  char packs[4000];
  uint32_t threads, memory_mb;
  duckdb_database db, scratch;
  duckdb_connection w, sc;
  pthread_mutex_t scratch_mx; /* sc and the probes */
  pthread_mutex_t pool_mx;
  duckdb_connection pool[QF_BOOK_POOL];
  uint32_t npool;
  pthread_mutex_t since_mx;
  duckdb_connection since; /* with views over account_day and interval_hour from since_day on */
  int32_t since_day;
  pthread_rwlock_t hold; /* commit writes, qf_book_hold reads */
  _Atomic uint64_t gen, applied;
  pthread_mutex_t change_mx;
  qf_change changes[QF_BOOK_CHANGES];

  qf_rectype *types;
  uint32_t ntypes, types_cap;

  qf_bulk hours, days;
  qf_restart_mark *restarts;
  size_t nrestarts, restarts_cap;
  qf_pend_series *series;
  size_t nseries, series_cap;
  qf_pend_alarm *alarms;
  size_t nalarms, alarms_cap;
  qf_pend_event *events;
  size_t nevents, events_cap;
  qf_buf bytes; /* texts of pending series and events, NUL-terminated */
};

/* duck.c: thin helpers over the C API */
qf_rc qf_dk_error(qf_err *err, duckdb_error_type type, const char *what, const char *message);
QF_MUST qf_rc qf_dk_exec(duckdb_connection c, const char *sql, qf_err *err);
/* Run a statement whose failure changes nothing for the caller (ROLLBACK, CHECKPOINT). */
void qf_dk_try(duckdb_connection c, const char *sql);
/* As qf_dk_exec; *changed gets the number of rows changed. */
QF_MUST qf_rc qf_dk_exec_count(duckdb_connection c, const char *sql, uint64_t *changed, qf_err *err);
/* Run sql on c and hand each row to fn. */
QF_MUST qf_rc qf_dk_rows(duckdb_connection c, const char *sql, qf_row_fn *fn, void *ud, qf_err *err);
QF_MUST qf_rc qf_dk_result_rows(duckdb_result *r, qf_row_fn *fn, void *ud, qf_err *err);
/* Open a database with the locked configuration; path NULL = in memory. allowed_dir (may be NULL): the one folder it may write
 * to. *message (freed by duckdb_free) carries DuckDB's words on QF_CORRUPT. */
QF_MUST qf_rc qf_dk_open(const qf_book *b, const char *path, const char *allowed_dir, duckdb_database *out,
                         char **message, qf_err *err);

/* book_duckdb.c: a prepared statement in small tasks, stopped after max_ms: QF_FULL. */
QF_MUST qf_rc qf_dk_run_tasks(duckdb_connection c, duckdb_prepared_statement s, uint32_t max_ms, duckdb_result *r,
                              qf_err *err);

/* types.c: the packs' record types */
QF_MUST qf_rc qf_book_types_load(qf_book *b, qf_err *err);
void qf_book_types_free(qf_book *b);
qf_rectype *qf_book_type(qf_book *b, const char *name);
/* Append the CREATE statements of every rec_ table. */
void qf_book_types_ddl(const qf_book *b, qf_buf *sql);

/* schema.c */
extern const char *const qf_book_core_ddl;
QF_MUST qf_rc qf_book_schema_ensure(qf_book *b, bool *outdated, qf_err *err);
QF_MUST qf_rc qf_book_factor_months(qf_book *b, qf_err *err);

/* record.c */
QF_MUST qf_rc qf_book_records_commit(qf_book *b, qf_err *err);
void qf_book_records_forget(qf_book *b);

/* bulk.c */
QF_MUST qf_rc qf_bulk_load_max(qf_book *b, qf_err *err);
QF_MUST qf_rc qf_bulk_commit(qf_book *b, int32_t *first_day, qf_err *err);
void qf_bulk_committed(qf_book *b);
void qf_bulk_forget(qf_book *b);
/* Grow *p so that it holds n+1 elements of `size`. */
bool qf_book_grow(void **p, size_t *cap, size_t n, size_t size);
/* Write the few rows of series, alarms and events. */
QF_MUST qf_rc qf_bulk_small_commit(qf_book *b, qf_err *err);
#endif
