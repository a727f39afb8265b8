/* The readings map: an INI file that says how the columns of somebody's CSV become readings of described points. The
 * file format is docs/formats/readings-map.md; examples in docs/examples. A map is checked whole when it is read, so
 * that a run over a file can only meet faults of the file.
 *
 * A run takes a CSV in pieces and gives, per row, either all of its readings or one refusal that names line, column,
 * what was found and what was expected: rows = taken + refused + passed over, always. A map is immutable after
 * qf_map_parse and may be shared by threads; one thread per run. */
#ifndef QF_WIRE_MAP_H
#define QF_WIRE_MAP_H
#include "base/reading.h"

enum { QF_MAP_MAX = 1 << 20, QF_MAP_POINTS_MAX = 4096 }; /* bytes of a map file; points (and subjects) in it */

typedef struct qf_map_subject { /* columns of rec_subject; NULL = not given */
  const char *id, *parent, *kind, *name_zh, *name_en, *sector, *uscc, *product;
  bool sample;
} qf_map_subject;

typedef enum qf_map_kind { QF_MAP_REGISTER = 1, QF_MAP_INTERVAL, QF_MAP_GAUGE, QF_MAP_STATE, QF_MAP_TEXT } qf_map_kind;

typedef struct qf_map_point { /* columns of rec_point; NULL = not given */
  const char *series;         /* canonical series key, the point's id */
  const char *column;         /* column header or number, or the name that stands in the name column (long format) */
  const char *subject, *name_zh, *name_en, *carrier, *flow, *unit, *parent;
  const char *rated, *low, *high, *rate_limit, *loss_share, *level; /* numbers as written, checked */
  uint8_t kind; /* qf_map_kind; text readings have no account and no record kind */
  bool stamp_begin;
  qf_num k;            /* multiplier x unit conversion to the carrier's standard unit */
  int digits, lsb_exp; /* integer digits of a register, 0 = unknown; least digit 10^lsb_exp, 1 = unknown */
  uint32_t period_s;   /* 0 = unknown */
} qf_map_point;

typedef struct qf_map qf_map;

/* Read a map from the bytes of its file. Errors: QF_SYNTAX, QF_RANGE with the line or section in err; QF_NOMEM. */
QF_MUST qf_rc qf_map_parse(const char *ini, size_t len, qf_map **out, qf_err *err);
void qf_map_free(qf_map *m);
const qf_map_point *qf_map_points(const qf_map *m,
                                  size_t *n); /* borrowed for the map's life; index = qf_map_reading.point */
/* The subjects and points (text points left out) as the JSON array of records that describes them:
 * [{"type":"subject"|"point","id","status":"accepted","by","data":{column:value}}]. out->failed tells about room. */
void qf_map_records(const qf_map *m, const char *by, qf_buf *out);

typedef struct qf_map_reading {
  uint32_t point;   /* index into qf_map_points */
  qf_us ts_us;      /* as stamped in the file (after midnight rule, zone and shift) */
  qf_num v;         /* in the point's unit, digits as written */
  uint8_t flags;    /* QF_RD_INEXACT */
  const char *text; /* QF_MAP_TEXT: the cell, borrowed; else NULL */
  uint32_t text_len;
} qf_map_reading;

typedef struct qf_map_row { /* borrowed until the next call with the same run */
  uint64_t line, line_last;
  const qf_map_reading *readings; /* NULL and n == 0: the row had no values, or was refused */
  size_t n;
  bool refused, passed; /* passed over: a name the map says to skip */
  const char *column;   /* refused: header of the column, or "" when the whole row is meant */
  const char *found;    /* refused: the cell's bytes, cut to 48, UTF-8 */
  qf_err why;           /* refused: line, column, found, expected in both languages */
} qf_map_row;

typedef struct qf_map_stats {
  uint64_t rows, taken, refused, passed; /* rows = taken + refused + passed; header and skipped lines are not rows */
  uint64_t readings, empty;              /* empty: cells that stand for "no value" in rows taken */
  uint64_t blank, heading;               /* blank lines; rows before the data (skipped and header) */
  qf_us from_us, to_us;                  /* least and greatest stamp of rows taken; 0, 0 when there is none */
  bool open_end;                         /* the file does not end with a line end: it may have been cut */
} qf_map_stats;

typedef struct qf_map_run qf_map_run;
/* m is borrowed for the run's life. Errors: QF_NOMEM. */
QF_MUST qf_rc qf_map_start(const qf_map *m, qf_map_run **out, qf_err *err);
void qf_map_stop(qf_map_run *r);
/* Lend the next bytes of the CSV, borrowed until qf_map_next answers QF_PARTIAL; last = nothing follows. */
void qf_map_put(qf_map_run *r, const char *bytes, size_t n, bool last);
/* The next data row. QF_OK row filled; QF_PARTIAL put more; QF_NOTFOUND the end. Any other code ends the run: the file
 * does not fit the map (a column is missing or there twice, no header), words in err. */
QF_MUST qf_rc qf_map_next(qf_map_run *r, qf_map_row *row, qf_err *err);
void qf_map_get_stats(const qf_map_run *r, qf_map_stats *out);
#endif
