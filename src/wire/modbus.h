/* Modbus over TCP (Modbus Messaging on TCP/IP Implementation Guide V1.0b, Application Protocol V1.1b3): the frames of the
 * reading functions 1-4 and the values in their registers. Bytes in, values out; no sockets. Pure, thread-safe. */
#ifndef QF_WIRE_MODBUS_H
#define QF_WIRE_MODBUS_H
#include "base/dec.h"

enum {
  QF_MB_ADU_MAX = 260,  /* bytes of a whole frame: MBAP 7 + PDU 253 */
  QF_MB_REQUEST = 12,   /* bytes of a reading request */
  QF_MB_REGS_MAX = 125, /* registers of one request */
  QF_MB_BITS_MAX = 2000 /* coils or inputs of one request */
};

enum { QF_MB_COILS = 1, QF_MB_INPUTS = 2, QF_MB_HOLDING = 3, QF_MB_INPUT_REGS = 4 }; /* functions */

enum { /* exceptions that say more about the way to the unit than about the question */
       QF_MB_EX_FUNCTION = 1,
       QF_MB_EX_ADDRESS = 2,
       QF_MB_EX_VALUE = 3,
       QF_MB_EX_FAILURE = 4,
       QF_MB_EX_BUSY = 6,
       QF_MB_EX_NO_PATH = 10,  /* 0A gateway path unavailable */
       QF_MB_EX_NO_ANSWER = 11 /* 0B gateway target device failed to respond */
};

typedef struct qf_mb_request {
  uint16_t id; /* transaction */
  uint8_t unit, function;
  uint16_t address, count; /* first register or bit, as on the wire (from 0); how many */
} qf_mb_request;

typedef struct qf_mb_answer {
  uint16_t id;
  uint8_t unit, function; /* without 80H */
  uint8_t exception;      /* 0: none */
  uint8_t n;              /* bytes of data */
  const uint8_t *data;    /* borrowed */
} qf_mb_answer;

/* Write a request. */
void qf_mb_write_request(const qf_mb_request *r, uint8_t out[QF_MB_REQUEST]);
/* Length of the frame that begins at p. *len 0: more bytes are needed. Errors: QF_SYNTAX this is not Modbus/TCP (protocol id,
 * length); the stream cannot be followed any more. */
QF_MUST qf_rc qf_mb_frame(const uint8_t *p, size_t n, size_t *len, qf_err *err);
/* Read an answer out of a whole frame; data borrows from p. Errors: QF_SYNTAX. */
QF_MUST qf_rc qf_mb_read_answer(const uint8_t *p, size_t n, qf_mb_answer *out, qf_err *err);
/* Does this answer fit that request: unit, function, number of bytes? The transaction was compared before. Errors: QF_SYNTAX. */
QF_MUST qf_rc qf_mb_fits(const qf_mb_request *r, const qf_mb_answer *a, qf_err *err);
/* Words for an exception. Returns QF_DENIED, for 6 QF_BUSY, for 0A and 0B QF_NOTFOUND. */
qf_rc qf_mb_exception(uint8_t code, qf_err *err);

/* The other side, for the simulator: read a request out of a whole frame; what cannot be answered gives the exception to
 * send. Errors: QF_SYNTAX (no function byte at all). */
QF_MUST qf_rc qf_mb_read_request(const uint8_t *p, size_t n, qf_mb_request *out, uint8_t *exception, qf_err *err);
/* Write the answer: n bytes of data, or the exception when it is not 0. Returns its length. */
size_t qf_mb_write_answer(const qf_mb_answer *a, uint8_t out[QF_MB_ADU_MAX]);

typedef enum qf_mb_type {
  QF_MB_U16,
  QF_MB_S16,
  QF_MB_U32,
  QF_MB_S32,
  QF_MB_U64,
  QF_MB_S64,
  QF_MB_F32,
  QF_MB_F64,
  QF_MB_BCD, /* four digits a register, 1 to 4 registers */
  QF_MB_BIT  /* functions 1 and 2 */
} qf_mb_type;

/* Order of the bytes of a value, written for four: ABCD is the standard's, the highest byte first. */
typedef enum qf_mb_order { QF_MB_ABCD, QF_MB_CDAB, QF_MB_BADC, QF_MB_DCBA } qf_mb_order;

/* "u16" "s16" ... "f64" "bcd" "bcd16" "bcd32" "bcd64" "bit"; *words: registers of a value (bcd: 2). Errors: QF_SYNTAX. */
QF_MUST qf_rc qf_mb_type_parse(const char *s, qf_mb_type *type, uint8_t *words);
/* "ABCD" "CDAB" "BADC" "DCBA", case ignored. Errors: QF_SYNTAX. */
QF_MUST qf_rc qf_mb_order_parse(const char *s, qf_mb_order *out);

/* The bytes of `words` registers as one number, the highest byte first. words 1..4. */
uint64_t qf_mb_raw(const uint8_t *data, uint8_t words, qf_mb_order order);
/* A raw value as a decimal. *exact is set to false when digits were lost. Errors: QF_RANGE a float that is no number, a BCD
 * digit above 9. */
QF_MUST qf_rc qf_mb_value(uint64_t raw, qf_mb_type type, uint8_t words, qf_num *out, bool *exact);
#endif
