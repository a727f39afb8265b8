/* Inside of the platform: its file and its units. */
#ifndef QF_COLLECT_NECC_INT_H
#define QF_COLLECT_NECC_INT_H
#include "collect/door.h"
#include "wire/http1.h"
#include "wire/necc.h"

enum { QF_NECC_SECRET = 32 };

typedef struct qf_necc_item { /* what a unit owes */
  char code[QF_NECC_CODE + 1];
  uint8_t stat;
} qf_necc_item;

typedef struct qf_necc_unit {
  qf_guest guest; /* first; name is the USCC */
  const char *title, *from;
  char region[7], device[33];
  uint8_t key[QF_NECC_KEY];
  qf_necc_cipher *cipher;
  qf_necc_item *item;
  uint32_t items, minutes, slot_s; /* minutes of a realtime window */
  qf_us since;                     /* nothing is expected before */
  bool known;                      /* it has uploaded with its key: the key is not given out again */
  bool clock_told;
  qf_us spoke; /* when last; 0: not since the start */
} qf_necc_unit;

typedef struct qf_necc_platform {
  qf_door door; /* first */
  const char *url;
  bool tls, always; /* always: the key is given out at every registration */
  uint8_t secret[QF_NECC_SECRET];
  qf_necc_unit **unit; /* in order of the file; owned by the door */
  uint32_t units;
  char dictionary[17]; /* its version */
  uint64_t sweep;      /* timer */
} qf_necc_platform;

/* Read the file's units, make keys, see who has uploaded before. Errors: in words. */
QF_MUST qf_rc qf_necc_conf(qf_necc_platform *p, qf_conf *conf, qf_err *err);
/* Free what a unit owns. */
void qf_necc_unit_fini(qf_guest *g);
/* "rt", "day", "month", "year" of a series. */
const char *qf_necc_stat_name(uint8_t stat);
/* Series of a unit's item. Returns its length. */
size_t qf_necc_series(const char *unit, const char *code, uint8_t stat, char out[128]);
/* Take a series' name apart: code and stat, and unit (18 characters). false: not one of these. */
bool qf_necc_series_read(const char *key, char code[QF_NECC_CODE + 1], uint8_t *stat, char unit[33]);
#endif
