/* CJ/T 188 (2004, 2018): water, heat and gas meters. Frames and the values of identifier 901F, what the meter shows now. Bytes
 * in, values out; no sockets. Pure, thread-safe. */
#ifndef QF_WIRE_CJT188_H
#define QF_WIRE_CJT188_H
#include "base/dec.h"

enum {
  QF_C188_FRAME_MAX = 13 + 255 + 4, /* with four FE before it */
  QF_C188_READ = 0x01,              /* C of a reading request */
  QF_C188_ANY = 0xAA,               /* meter type: whatever it is */
  QF_C188_NOW = 0x901F              /* identifier of the present values */
};

typedef struct qf_c188_frame {
  uint8_t type;       /* 10-19 water, 20-29 heat, 30-39 gas, 40-49 others (hexadecimal) */
  uint8_t address[7]; /* as sent: the lowest pair of digits first; the last two are the maker's */
  uint8_t control;
  uint8_t n;
  uint8_t data[255];
} qf_c188_frame;

/* "00112233445566", at most 14 digits, filled with zeros on the left; "AAAAAAAAAAAAAA": anybody. Errors: QF_SYNTAX. */
QF_MUST qf_rc qf_c188_address_parse(const char *s, uint8_t out[7]);
/* Write FE FE FE FE and the frame to out[QF_C188_FRAME_MAX]; returns the length. */
size_t qf_c188_write(const qf_c188_frame *f, uint8_t *out);
/* As qf_d645_find. */
size_t qf_c188_find(const uint8_t *p, size_t n, qf_c188_frame *out, bool *found, uint32_t *bad);
/* The request for an identifier; swapped: high byte first, as some makers want it. ser: echoed by the meter. */
void qf_c188_ask(uint8_t type, const uint8_t address[7], uint16_t di, bool swapped, uint8_t ser, qf_c188_frame *out);

typedef enum qf_c188_what {
  QF_C188_VOLUME, /* of water or gas; of a heat meter: of its water */
  QF_C188_VOLUME_SETTLED,
  QF_C188_HEAT,
  QF_C188_HEAT_SETTLED,
  QF_C188_POWER,
  QF_C188_FLOW,
  QF_C188_SUPPLY, /* temperatures [Cel] */
  QF_C188_RETURN,
  QF_C188_HOURS,  /* of work [h] */
  QF_C188_STATUS, /* ST1 in the low byte, ST2 in the high byte */
  QF_C188_WHATS
} qf_c188_what;

typedef struct qf_c188_item {
  uint8_t what; /* qf_c188_what */
  qf_num v;     /* in `unit` */
  const char *unit;
} qf_c188_item;

typedef struct qf_c188_reply {
  uint16_t di;
  uint8_t ser, n;
  uint32_t empty; /* items that were left out: all FF */
  qf_c188_item items[QF_C188_WHATS];
} qf_c188_reply;

/* Name of a field: "volume", "heat", ... */
const char *qf_c188_name(qf_c188_what w);
/* Read the answer to a request for 901F. Errors: QF_DENIED the meter refuses; QF_SYNTAX not such an answer, a unit that is
 * not in the table; QF_RANGE a digit above 9. */
QF_MUST qf_rc qf_c188_read_reply(const qf_c188_frame *f, qf_c188_reply *out, qf_err *err);
/* A unit's code: its name in our spelling, and the power of ten to it (13H, GJ x 100: "GJ", 2). NULL: not in the table. */
const char *qf_c188_unit(uint8_t code, int *shift);
#endif
