/* HJ 212: what emission monitoring stations speak (editions 2005, 2017 and 2025 differ in the version bits of Flag). Bytes
 * in, slices out: no allocation, no copy of the content. Layout and laws stand at the top of hj212.c. Pure, thread-safe. */
#ifndef QF_WIRE_HJ212_H
#define QF_WIRE_HJ212_H
#include "base/reading.h"

enum {
  QF_HJ_DATA_MAX = 9999, /* bytes of a data segment: what four digits can say (the standard's own limit is 1024) */
  QF_HJ_OVERHEAD = 12,   /* ## + length + CRC + CR LF */
  QF_HJ_NAME_MAX = 32,   /* characters of MN and PW that are taken */
  QF_HJ_PNUM_MAX = 64,   /* parts of a split message */
};

/* Commands that are known here. */
enum {
  QF_HJ_SET_TIME = 1012,
  QF_HJ_ASK_TIME = 1013, /* the station asks to have its clock set */
  QF_HJ_SET_RTD_INTERVAL = 1062,
  QF_HJ_SET_MIN_INTERVAL = 1064,
  QF_HJ_REALTIME = 2011,
  QF_HJ_STATE = 2021,
  QF_HJ_DAY = 2031,
  QF_HJ_RUN_DAY = 2041,
  QF_HJ_MINUTE = 2051,
  QF_HJ_HOUR = 2061,
  QF_HJ_ANSWER = 9011,   /* to a request: QnRtn */
  QF_HJ_RESULT = 9012,   /* of a request: ExeRtn */
  QF_HJ_NOTED = 9013,    /* to a notice */
  QF_HJ_DATA_ACK = 9014, /* to data */
  QF_HJ_HEARTBEAT = 9015,
};

typedef enum qf_hj_crc { QF_HJ_CRC_AUTO, QF_HJ_CRC_STANDARD, QF_HJ_CRC_MODBUS } qf_hj_crc;

typedef struct qf_hj_str { /* bytes of somebody else's buffer */
  const char *s;
  size_t n;
} qf_hj_str;

/* The CRC of HJ 212 annex A, and the CRC-16/MODBUS that some devices send in its place. */
uint16_t qf_hj_crc_standard(const void *p, size_t n);
uint16_t qf_hj_crc_modbus(const void *p, size_t n);

typedef struct qf_hj_frame {
  const uint8_t *raw; /* the whole frame, or the bytes refused; borrowed */
  size_t raw_len;
  qf_hj_str data; /* data segment, borrowed */
  qf_hj_crc crc;  /* which one it carried */
} qf_hj_frame;

/* Look for the next frame in p[0..n). mode: the CRC that is expected; AUTO takes either.
 *   *used   bytes to drop before the next call, 0 when nothing can be done yet
 * QF_OK: *out is a frame. QF_PARTIAL: more bytes are needed (*used may be blanks to drop). QF_SYNTAX: out->raw were bytes
 * that are no frame, err says why in words; the reader is in step again after *used. */
QF_MUST qf_rc qf_hj_next(const uint8_t *p, size_t n, qf_hj_crc mode, qf_hj_frame *out, size_t *used, qf_err *err);

typedef struct qf_hj_packet {
  char qn[18];                 /* 17 digits, or "" when none came */
  char pw[QF_HJ_NAME_MAX + 1]; /* "" when none came */
  char mn[QF_HJ_NAME_MAX + 1]; /* letters, digits, - and _ */
  uint16_t st, cn;             /* 0: not given (cn is always given) */
  uint8_t flag;                /* as sent; 0 when none came */
  bool ack, split;             /* bits A and D of flag */
  uint8_t version;             /* of flag: 0 = 2005, 1 = 2017, 2 = 2025 */
  uint16_t pnum, pno;          /* of a split message: 1 <= pno <= pnum <= QF_HJ_PNUM_MAX; else 1 and 1 */
  qf_hj_str cp;                /* between the && */
} qf_hj_packet;

/* Read a data segment. Slips that stations in the field make are overlooked: blanks round names and values, a comma for a
 * semicolon between fields, none before CP. Errors: QF_SYNTAX, QF_RANGE naming the field and what was found. */
QF_MUST qf_rc qf_hj_parse(const char *data, size_t n, qf_hj_packet *out, qf_err *err);

typedef struct
    qf_hj_item { /* one name=value of CP; "w01018-Rtd=2.2" is code w01018, name Rtd; "DataTime=.." has no code */
  qf_hj_str code, name, value;
} qf_hj_item;
/* Items one after the other; *at begins at 0. false at the end. What has no '=' comes with an empty name. */
bool qf_hj_item_next(qf_hj_str cp, size_t *at, qf_hj_item *out);
/* Value of code-name (code NULL: of name alone), the first at or after `from`, else the first of all. false: none. */
bool qf_hj_find(qf_hj_str cp, size_t from, const qf_hj_str *code, const char *name, qf_hj_str *out);
/* Our name of a value's name: Rtd -> "rtd", ZsAvg -> "zsavg", RS -> "rs"; NULL: not a value (Flag, SampleTime, unknown). */
const char *qf_hj_field(qf_hj_str name);
/* YYYYMMDDhhmmss[zzz] in Beijing time. Errors: QF_SYNTAX, QF_RANGE (no such moment). */
QF_MUST qf_rc qf_hj_time(qf_hj_str s, qf_us *out);
/* QF_RD_* flags that a data flag means: N none, S set by hand, all others invalid. Empty: none was sent, taken as N. */
uint8_t qf_hj_reading_flags(qf_hj_str flag);
/* Words for QnRtn and ExeRtn codes, zh and en borrowed. */
void qf_hj_rtn_words(uint16_t cn, unsigned code, const char **en, const char **zh);

typedef struct qf_hj_head { /* of a message to send; NULL or 0: the field is left out */
  const char *qn, *pw, *mn;
  uint16_t st, cn;
  uint8_t flag;
  uint16_t pnum, pno;
} qf_hj_head;
/* Append one frame with these fields and cp (without &&). crc: MODBUS or the standard's. out->failed when too long. */
void qf_hj_build(qf_buf *out, const qf_hj_head *h, const char *cp, qf_hj_crc crc);
/* QN of a moment: 17 digits, Beijing time. */
void qf_hj_qn(qf_us t, char out[18]);
#endif
