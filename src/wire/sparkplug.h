/* Sparkplug B payloads (Eclipse Sparkplug 3.0; org.eclipse.tahu.protobuf): bytes in, metrics out; no allocation. Topics, births,
 * aliases and sequence numbers are the collector's. The fields stand at the top of sparkplug.c. Pure, thread-safe. */
#ifndef QF_WIRE_SPARKPLUG_H
#define QF_WIRE_SPARKPLUG_H
#include "base/reading.h"
#include "wire/pb.h"

typedef enum qf_spb_type {                     /* datatype of a metric; others exist and carry no number */
                           QF_SPB_UNKNOWN = 0, /* not sent: the birth told it */
                           QF_SPB_INT8 = 1,
                           QF_SPB_INT16,
                           QF_SPB_INT32,
                           QF_SPB_INT64,
                           QF_SPB_UINT8,
                           QF_SPB_UINT16,
                           QF_SPB_UINT32,
                           QF_SPB_UINT64,
                           QF_SPB_FLOAT,
                           QF_SPB_DOUBLE,
                           QF_SPB_BOOLEAN,
                           QF_SPB_STRING,
                           QF_SPB_DATETIME,
                           QF_SPB_TEXT,
                           QF_SPB_UUID,
                           QF_SPB_DATASET,
                           QF_SPB_BYTES,
                           QF_SPB_FILE,
                           QF_SPB_TEMPLATE,
} qf_spb_type;

typedef enum qf_spb_kind { /* which value field came */
                           QF_SPB_NO_VALUE,
                           QF_SPB_INT, /* int_value or long_value */
                           QF_SPB_SINGLE,
                           QF_SPB_REAL,
                           QF_SPB_BOOL,
                           QF_SPB_STR,   /* string_value: text */
                           QF_SPB_OTHER, /* bytes, dataset, template, extension: not read */
} qf_spb_kind;

typedef struct qf_spb_metric { /* pointers are borrowed from the payload */
  const char *name;            /* UTF-8, not NUL-terminated; NULL: not sent (the alias tells) */
  uint32_t name_len;
  uint32_t datatype; /* qf_spb_type as sent; 0 not sent */
  uint64_t alias;
  qf_us ts_us;      /* the metric's own, else the payload's */
  uint64_t raw;     /* the value field's bits */
  const char *text; /* QF_SPB_STR */
  uint32_t text_len;
  uint8_t kind; /* qf_spb_kind */
  bool has_alias, has_ts, historical, transient, null;
} qf_spb_metric;

typedef struct qf_spb { /* an opened payload; read the first group */
  qf_us ts_us;
  uint64_t seq; /* 0..255 when has_seq */
  uint32_t metrics;
  bool has_ts, has_seq;
  qf_pb at; /* private */
} qf_spb;

/* Read a payload p[0..n) (borrowed) to its end: every metric's fields are checked here, so that nothing of a damaged payload is
 * taken. Errors: QF_SYNTAX damaged, a field of another wire type, a name or string that is not UTF-8; QF_RANGE seq over 255 or
 * a time outside 1970..2200; words name metric and byte. */
QF_MUST qf_rc qf_spb_open(const void *p, size_t n, qf_spb *out, qf_err *err);
/* The next metric of an opened payload, in order; false: no more. */
bool qf_spb_next(qf_spb *s, qf_spb_metric *m);
/* The number of a metric that is neither null nor text. type: m->datatype, or that of the birth when it was not sent; integers
 * are unsigned on the wire and get their sign by it; single and double floats become the shortest decimal that is the same float;
 * booleans 1 or 0 with QF_RD_BOOL in *flags; DateTime is milliseconds since 1970. *flags: QF_RD_BOOL, QF_RD_INEXACT (a 19- or 20-digit integer).
 * Errors: QF_STATE no number (null, no value, text, bytes...), QF_RANGE outside the type, infinite or not a number, QF_SYNTAX the type does not
 * go with the field, or is not known. */
QF_MUST qf_rc qf_spb_value(const qf_spb_metric *m, uint32_t type, qf_num *out, uint8_t *flags, qf_err *err);
/* Append the payload of an NCMD that asks an edge node to send its births again: "Node Control/Rebirth" = true. */
void qf_spb_rebirth(qf_buf *out, qf_us now_us);
#endif
