/* IEC 60870-5-104: frames of control and of information, their sequence, and the values of monitored points. Bytes in, values
 * out; no sockets. Pure, thread-safe; one thread per qf_i104_seq. Sizes are the ones the standard fixes for 104: cause 2,
 * common address 2, object address 3 bytes. */
#ifndef QF_WIRE_IEC104_H
#define QF_WIRE_IEC104_H
#include "base/dec.h"
#include "base/tm.h"

enum {
  QF_I104_APDU_MAX = 255, /* 68, length, 253 */
  QF_I104_ASDU_MAX = 249,
  QF_I104_OBJECTS_MAX = 127
};

typedef enum qf_i104_kind {
  QF_I104_I,
  QF_I104_S,
  QF_I104_STARTDT_ACT,
  QF_I104_STARTDT_CON,
  QF_I104_STOPDT_ACT,
  QF_I104_STOPDT_CON,
  QF_I104_TESTFR_ACT,
  QF_I104_TESTFR_CON
} qf_i104_kind;

typedef struct qf_i104_apdu {
  qf_i104_kind kind;
  uint16_t ns, nr;     /* 0..32767; I: both, S: nr */
  const uint8_t *asdu; /* I: borrowed */
  uint8_t n;
} qf_i104_apdu;

/* Read the frame that begins at p. *len 0: more bytes are needed. Errors: QF_SYNTAX the stream cannot be followed any more. */
QF_MUST qf_rc qf_i104_read(const uint8_t *p, size_t n, qf_i104_apdu *out, size_t *len, qf_err *err);
/* Write a frame; returns its length. a->n at most QF_I104_ASDU_MAX. */
size_t qf_i104_write(const qf_i104_apdu *a, uint8_t out[QF_I104_APDU_MAX]);

/* Both numbers of a connection (5.1 of the standard). All counts modulo 32768. */
typedef struct qf_i104_seq {
  uint16_t vs;    /* next number to send */
  uint16_t vr;    /* next number expected */
  uint16_t acked; /* the other side has confirmed what is below */
  uint16_t told;  /* we have confirmed what is below */
} qf_i104_seq;
uint16_t qf_i104_diff(uint16_t a, uint16_t b); /* a - b modulo 32768 */
/* A frame came: check its numbers and count it. Errors: QF_SYNTAX out of order, or it confirms what was not sent: close. */
QF_MUST qf_rc qf_i104_came(qf_i104_seq *s, const qf_i104_apdu *a, qf_err *err);

enum { /* type identifications */
       QF_I104_M_SP_NA = 1,
       QF_I104_M_DP_NA = 3,
       QF_I104_M_ME_NA = 9,
       QF_I104_M_ME_NB = 11,
       QF_I104_M_ME_NC = 13,
       QF_I104_M_IT_NA = 15,
       QF_I104_M_ME_ND = 21,
       QF_I104_M_SP_TB = 30,
       QF_I104_M_DP_TB = 31,
       QF_I104_M_ME_TD = 34,
       QF_I104_M_ME_TE = 35,
       QF_I104_M_ME_TF = 36,
       QF_I104_M_IT_TB = 37,
       QF_I104_M_EI_NA = 70,
       QF_I104_C_IC_NA = 100,
       QF_I104_C_CI_NA = 101
};
enum { /* causes of transmission */
       QF_I104_CYCLIC = 1,
       QF_I104_SPONT = 3,
       QF_I104_ACT = 6,
       QF_I104_ACT_CON = 7,
       QF_I104_ACT_TERM = 10,
       QF_I104_INTROGEN = 20,
       QF_I104_REQCOGEN = 37
};
enum {                    /* quality, as in QDS; counters: IV only, and CY below */
       QF_I104_OV = 0x01, /* overflow */
       QF_I104_BL = 0x10, /* blocked */
       QF_I104_SB = 0x20, /* substituted */
       QF_I104_NT = 0x40, /* not topical */
       QF_I104_IV = 0x80, /* invalid */
       QF_I104_CY = 0x02  /* ours: the counter rolled over (bit 20H of its own byte) */
};

typedef struct qf_i104_object {
  uint32_t address; /* 0..2^24-1 */
  qf_num v;         /* exact: a normalised value is n / 2^15 */
  uint8_t quality;
  bool has_time;
  qf_us ts; /* UTC, when has_time */
} qf_i104_object;

typedef struct qf_i104_asdu {
  uint8_t type, cause; /* cause without the two bits */
  bool negative, test;
  uint8_t origin;
  uint16_t common;
  uint8_t qualifier; /* of commands: QOI, QCC */
  uint8_t n;
  bool known; /* false: a type that is not decoded; the head alone is filled */
  qf_i104_object objects[QF_I104_OBJECTS_MAX];
} qf_i104_asdu;

/* Read an ASDU. offset: of the substation's clock from UTC. Errors: QF_SYNTAX shorter or longer than its type and count say. */
QF_MUST qf_rc qf_i104_read_asdu(const uint8_t *p, size_t n, qf_us offset, qf_i104_asdu *out, qf_err *err);
/* A command with object address 0: C_IC_NA with its qualifier (20: everything), C_CI_NA (5: all counters, read). Returns length. */
size_t qf_i104_command(uint8_t type, uint8_t cause, uint16_t common, uint8_t qualifier, uint8_t *out);
/* CP56Time2a, 7 bytes. Errors: QF_RANGE no such moment; QF_DENIED marked invalid. */
QF_MUST qf_rc qf_i104_time(const uint8_t p[7], qf_us offset, qf_us *out);
#endif
