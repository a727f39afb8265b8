/* Inside of the HJ 212 server: hj212.c connections and rights, hj212_data.c what is kept, hj212_ask.c what we ask of stations. */
#ifndef QF_COLLECT_HJ212_INT_H
#define QF_COLLECT_HJ212_INT_H
#include "collect/door.h"
#include "wire/hj212.h"

typedef struct hj_opts {
  qf_hj_crc crc;
  bool any;             /* stations that are not listed are let in */
  const char *password; /* of those; NULL: not asked for */
  int64_t clock_limit_s, rtd_interval_s, min_interval_min, parts_s;
} hj_opts;

typedef struct hj {
  qf_door door; /* first */
  hj_opts o;
} hj;

enum { ASK_TIME = 1, ASK_RTD = 2, ASK_MIN = 4 };

typedef struct hj_parts hj_parts;
typedef struct station {
  qf_guest guest;              /* first; name is the MN */
  char pw[QF_HJ_NAME_MAX + 1]; /* expected; "": none is asked for. Of those, what it last sent is in pw_sent */
  char pw_sent[QF_HJ_NAME_MAX + 1];
  const char *from;   /* addresses it may come from; NULL: any */
  uint8_t crc_listed; /* qf_hj_crc of its section */
  uint8_t version;
  uint16_t st;
  uint8_t want, asked, tries; /* ASK_*; asked: the one that waits for its answer */
  char asked_qn[18];
  qf_us asked_at, clock_at; /* of the last try; when its clock was last looked after */
  hj_parts *parts;          /* NULL: never split a message */
} station;

typedef struct visit {
  qf_visit v;    /* first */
  qf_hj_crc crc; /* what this connection uses; AUTO: not known yet */
  station *last; /* who spoke last */
} visit;

/* Take the readings of a data message and acknowledge it when they are durable. QF_OK: it is taken (or held, a part that waits
 * for its first). *bad counts items that could not be read; err then has the last's words. Errors: refused as a whole. */
QF_MUST qf_rc hj_data(visit *v, station *s, const qf_hj_packet *p, uint32_t *bad, qf_err *err);
bool hj_is_data(uint16_t cn);
/* Tell of parts that never came. */
void hj_parts_tick(visit *v, station *s, qf_us now);
void hj_parts_free(hj_parts *p);

/* After each message of a station: its clock, what it asks, what it answers; sends what is due. */
void hj_ask_heard(visit *v, station *s, const qf_hj_packet *p);
void hj_ask_tick(visit *v, station *s, qf_us now);
/* It has come on a new connection. */
void hj_ask_begin(visit *v, station *s);
/* Send an answer that waits for nothing. */
void hj_answer(visit *v, const station *s, const qf_hj_packet *p, uint16_t cn);
/* Bytes of the answer cn to p, at most cap; 0: too long. */
uint16_t hj_answer_bytes(const visit *v, const qf_hj_packet *p, uint16_t cn, uint8_t *out, size_t cap);
#endif
