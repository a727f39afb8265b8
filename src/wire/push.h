/* Readings that a program sends by itself, as JSON or as CSV with our own columns, both to the same items:
 *
 *   [{"series": "meter,unit=u001 kwh", "time": "2026-11-22T08:00:00+08:00", "value": "12.30", "unit": "kWh", "quality": "good"}, ...]
 *   or {"readings": [...]};   CSV: a header time,series|point,value[,unit][,quality] in any order, delimiter , ; or TAB
 *
 * series: a series key, made when new; point: something known to the city. Numbers stay decimals. Pure; one thread per reader. */
#ifndef QF_WIRE_PUSH_H
#define QF_WIRE_PUSH_H
#include "base/reading.h"
#include "wire/csv.h"
#include "wire/json.h"
#include "wire/lineproto.h"

enum { QF_PUSH_UNIT_MAX = 32, QF_PUSH_COLUMNS = 6 };

typedef struct qf_push_item {
  uint64_t nth;                 /* JSON: number of the item, from 1; CSV: line */
  char name[QF_LP_KEY_MAX + 1]; /* by_point: as sent; else the canonical series key */
  size_t name_len;
  char unit[QF_PUSH_UNIT_MAX + 1]; /* "" not sent */
  qf_us ts_us;
  qf_num v;
  uint8_t flags; /* QF_RD_* */
  bool by_point;
} qf_push_item;

typedef struct qf_push { /* private, but for items */
  uint64_t items;        /* so far */
  qf_js js;
  qf_csv *csv;
  uint32_t cells;                   /* of the header */
  uint32_t column[QF_PUSH_COLUMNS]; /* place of each column, from 1; 0 not there */
} qf_push;

/* Begin reading a body, borrowed. The whole of a JSON body is checked first, so that nothing of a damaged one is taken. Errors:
 * QF_SYNTAX, QF_RANGE in words; QF_NOMEM. End with qf_push_fini also after an error. */
QF_MUST qf_rc qf_push_json(qf_push *p, const char *s, size_t n, qf_err *err);
QF_MUST qf_rc qf_push_csv(qf_push *p, const char *s, size_t n, qf_err *err);
void qf_push_fini(qf_push *p);
/* The next item. QF_OK; QF_NOTFOUND the end; QF_PARTIAL: this item (it->nth) is refused, words in err: call again. QF_NOMEM. */
QF_MUST qf_rc qf_push_next(qf_push *p, qf_push_item *it, qf_err *err);
#endif
