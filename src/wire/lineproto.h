/* InfluxDB line protocol, bytes in, points out: no allocation, no copy, no callback.
 *
 *   measurement[,tag=value ...] field=value[,field=value ...] [timestamp]
 *
 * A reader walks over a buffer that the caller keeps; every pointer it gives out borrows from that buffer. A line is
 * taken whole or refused whole, and a refused line never disturbs the lines around it. The grammar, escapes and limits
 * stand at the top of lineproto.c. Pure, thread-safe; one thread per reader. */
#ifndef QF_WIRE_LINEPROTO_H
#define QF_WIRE_LINEPROTO_H
#include "base/reading.h"

enum {
  QF_LP_KEY_MAX = 512,      /* bytes of series + space + field as sent; also of a canonical key */
  QF_LP_TAGS_MAX = 32,      /* tags of one series */
  QF_LP_LINE_MAX = 1 << 16, /* bytes of a line, the default of opts.max_line */
};

typedef enum qf_lp_type { QF_LP_FLOAT, QF_LP_INT, QF_LP_UINT, QF_LP_BOOL, QF_LP_TEXT } qf_lp_type;

/* Flags of a point above the QF_RD_* ones. */
enum {
  QF_LP_NO_TIME = 64,  /* the line had no timestamp: ts_us is opts.now_us */
  QF_LP_ESCAPED = 128, /* text holds backslash escapes: see qf_lp_text */
};

typedef struct qf_lp_point { /* one field of one line; 64 bytes */
  const char *series;        /* measurement and tags as sent, borrowed */
  const char *field;         /* field key as sent, borrowed */
  qf_us ts_us;
  qf_num v;         /* exact decimal; 1 or 0 for a boolean; 0 for text */
  const char *text; /* QF_LP_TEXT: between the quotes, borrowed; else NULL */
  uint32_t text_len;
  uint32_t line; /* from 1, counting every physical line of the buffer */
  uint16_t series_len, field_len;
  uint8_t type;  /* qf_lp_type */
  uint8_t flags; /* QF_RD_BOOL, QF_RD_INEXACT, QF_LP_NO_TIME, QF_LP_ESCAPED */
} qf_lp_point;

typedef enum qf_lp_precision { QF_LP_NS, QF_LP_US, QF_LP_MS, QF_LP_S, QF_LP_M, QF_LP_H } qf_lp_precision;

typedef struct qf_lp_error {
  uint32_t line, column; /* from 1; column counts bytes */
  uint8_t code;          /* index of the reason, see qf_lp_error_text */
  char found[40];        /* the bytes at the place, cut, control characters as '?' ; NUL-terminated */
} qf_lp_error;

typedef struct qf_lp_opts {
  qf_us now_us; /* time of points without timestamp */
  qf_lp_precision precision;
  uint32_t max_line;   /* bytes of a line; 0 = QF_LP_LINE_MAX, at most 1 GiB */
  qf_lp_error *errors; /* caller's room for the first refused lines; may be NULL when 0 */
  uint32_t errors_cap;
} qf_lp_opts;

typedef struct qf_lp { /* read the counters; the rest is private */
  uint64_t lines, bad_lines,
      points;        /* data lines (not blank, not comment) taken and refused together; refused; points given */
  uint32_t errors_n; /* errors kept in opts.errors: min(bad_lines, errors_cap) */
  uint32_t line;     /* physical line about to be read */
  const char *buf, *p, *end;
  qf_lp_opts opts;
} qf_lp;

/* "ns" "n" "us" "u" "ms" "s" "m" "h"; NULL or "" means ns. Errors: QF_RANGE, words in err (may be NULL). */
QF_MUST qf_rc qf_lp_precision_parse(const char *s, qf_lp_precision *out, qf_err *err);
/* Begin reading buf[0..len); buf and opts->errors are borrowed for as long as the reader lives. */
void qf_lp_init(qf_lp *lp, const char *buf, size_t len, const qf_lp_opts *opts);
/* Fill out[] with points of the next whole lines. cap >= 1; a line with more than cap fields is refused (use 256 or
 * more). Returns the number of points, 0 when the buffer is used up. After that lp->bad_lines and opts.errors tell what
 * was refused. */
QF_MUST size_t qf_lp_next(qf_lp *lp, qf_lp_point *out, size_t cap);
/* Words for a refused line: err->rc, err->en, err->zh name line, column, reason and what was found. Returns err->rc. */
qf_rc qf_lp_error_text(const qf_lp_error *e, qf_err *err);

typedef struct qf_lp_name { /* a series and a field as sent, as in qf_lp_point */
  const char *series, *field;
  size_t series_len, field_len;
} qf_lp_name;

/* Write the canonical key "measurement[,tag=value sorted by unescaped tag key] field" (escapes kept as sent) to out,
 * NUL terminated. The same series always gives the same key, and the key reads back as the same series. name   as sent,
 * borrowed;  cap  at least QF_LP_KEY_MAX + 1;  *len  bytes without the NUL Errors: QF_SYNTAX not UTF-8, control
 * characters, a tag twice, not of the form; QF_RANGE too long or too many tags. */
QF_MUST qf_rc qf_lp_canonical(const qf_lp_name *name, char *out, size_t cap, size_t *len, qf_err *err);
/* Append the text of a QF_LP_TEXT point without its escapes. out->failed tells about room. Errors: QF_SYNTAX not UTF-8
 * or NUL. */
QF_MUST qf_rc qf_lp_text(const qf_lp_point *pt, qf_buf *out, qf_err *err);
#endif
