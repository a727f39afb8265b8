/* DL/T 645-2007, the protocol of Chinese electricity meters: frames, data identifiers, decimal values; the 1997 edition as far
 * as it differs in them. Bytes in, values out; no sockets. Pure, thread-safe. */
#ifndef QF_WIRE_DLT645_H
#define QF_WIRE_DLT645_H
#include "base/dec.h"

enum {
  QF_D645_DATA_MAX = 255,           /* L is one byte; the standard asks for 200 at most when reading */
  QF_D645_FRAME_MAX = 12 + 255 + 4, /* with four FE before it */
  QF_D645_READ = 0x11,              /* C of a reading request */
  QF_D645_READ_NEXT = 0x12,         /* the next part of a long answer */
  QF_D645_READ_ADDRESS = 0x13,      /* to AA AA AA AA AA AA: who is there? */
  QF_D645_READ_1997 = 0x01,         /* the same in the 1997 edition, whose identifiers have two bytes */
  QF_D645_READ_NEXT_1997 = 0x02,
  QF_D645_REPLY = 0x80, /* bits of C */
  QF_D645_ERROR = 0x40,
  QF_D645_MORE = 0x20
};

typedef struct qf_d645_frame {
  uint8_t address[6]; /* as sent: the lowest pair of digits first */
  uint8_t control;
  uint8_t n;
  uint8_t data[QF_D645_DATA_MAX]; /* without the 33H */
} qf_d645_frame;

/* "000000000001", at most 12 digits, filled with zeros on the left; "AAAAAAAAAAAA": anybody. Errors: QF_SYNTAX. */
QF_MUST qf_rc qf_d645_address_parse(const char *s, uint8_t out[6]);

/* Write FE FE FE FE and the frame to out[QF_D645_FRAME_MAX]; returns the length. */
size_t qf_d645_write(const qf_d645_frame *f, uint8_t *out);
/* Look for a frame in p[0..n). Returns the bytes that are done with: through the end of the frame when *found, else what cannot
 * begin a frame (an unfinished tail stays). *bad (may be NULL) counts frames whose check sum or end was wrong. */
size_t qf_d645_find(const uint8_t *p, size_t n, qf_d645_frame *out, bool *found, uint32_t *bad);

/* A reading request for an identifier: edition 2007 (four bytes) or 1997 (two). part > 0: the part after it. */
void qf_d645_ask(const uint8_t address[6], uint32_t di, int edition, uint8_t part, qf_d645_frame *out);

typedef struct qf_d645_reply {
  uint32_t di;
  const uint8_t *data; /* after the identifier, before the part number; borrows from the frame */
  uint8_t n;
  uint8_t part; /* its number, 0: the first */
  bool more;
} qf_d645_reply;
/* Read an answer to a reading request. Errors: QF_DENIED the meter refuses, in its words; QF_SYNTAX not an answer;
 * QF_STATE it answers in the other edition. */
QF_MUST qf_rc qf_d645_read_reply(const qf_d645_frame *f, int edition, qf_d645_reply *out, qf_err *err);
/* Words for the bits of an error byte. Returns QF_DENIED. */
qf_rc qf_d645_error(uint8_t bits, qf_err *err);

typedef struct qf_d645_format { /* of one value */
  uint8_t bytes;                /* 1..8, two digits each */
  int8_t decimals;
  bool sign;     /* the highest bit of the highest byte is a minus */
  uint8_t skip;  /* bytes that follow the value (the moment of a demand) */
  uint8_t first; /* a block's first member: 0 total, 1 phase A */
  const char *unit;
} qf_d645_format;

/* The format of an identifier by the tables of the standard; *block: it names several values of this format (a byte FF).
 * Errors: QF_NOTFOUND not in the tables: the file must give bytes and decimals. */
QF_MUST qf_rc qf_d645_format_of(uint32_t di, int edition, qf_d645_format *out, bool *block);
/* The value at p[0..f->bytes). Errors: QF_NOTFOUND all FF: the meter has none; QF_RANGE a digit above 9. */
QF_MUST qf_rc qf_d645_value(const qf_d645_format *f, const uint8_t *p, qf_num *out);
/* Sum of n bytes modulo 256: the check sum of DL/T 645 and of CJ/T 188. */
uint8_t qf_sum8(const uint8_t *p, size_t n);
#endif
