/* Inside of the terminal: what it has to send (necc_feed.c), what the platform has acknowledged (necc_sent.c). One thread. */
#ifndef QF_COLLECT_NECC_UNIT_H
#define QF_COLLECT_NECC_UNIT_H
#include "collect/kinds.h"
#include "wire/necc.h"

enum {
  QF_NECC_FEEDS_MAX = 500,
#ifdef QF_SMALL
  QF_NECC_TAKE = 40,
#else
  QF_NECC_TAKE = 20000, /* windows looked up at a time */
#endif
};

#define QF_NECC_REFUSED 0x80000000u

typedef struct qf_necc_cell { /* what the platform has of a window */
  uint32_t ordinal;           /* of 31 bits; QF_NECC_REFUSED: it has not, it refused it */
  uint32_t sum;               /* check sum of the value x 2 + 1 when it went as valid; 0: nothing */
} qf_necc_cell;

typedef struct qf_necc_feed { /* one item as one kind of window */
  char code[QF_NECC_CODE + 1], name[64];
  const char *series;
  qf_dec scale;
  uint8_t stat, input;
  uint32_t minutes; /* of a realtime window */
  uint64_t id;
  qf_necc_cell *cell; /* ring by ordinal */
  uint32_t cells;
  bool told;
} qf_necc_feed;

typedef struct qf_necc_window { /* something to send */
  uint32_t feed, sum;
  qf_necc_record r;
} qf_necc_window;

/* Number of the window that begins at t, counted from 1970. */
uint32_t qf_necc_ordinal(const qf_necc_feed *f, qf_us t);
/* What the platform has, or has refused, of a window: 0 nothing. */
uint32_t qf_necc_has(const qf_necc_feed *f, uint32_t ordinal);

/* Not to be sent as it is, until the next start: the platform refuses it. */
void qf_necc_left_out(qf_necc_feed *f, const qf_necc_window *w);

typedef struct qf_necc_sent { /* the file DATA/collect/NAME.sent */
  char path[4500];
  int fd;
  uint64_t records;
} qf_necc_sent;
/* Read what was acknowledged into the feeds' rings; a torn end is cut off; rewritten when mostly outdated. Errors: QF_IO, QF_NOMEM. */
QF_MUST qf_rc qf_necc_sent_open(qf_necc_sent *s, qf_necc_feed *f, uint32_t n, qf_err *err);
void qf_necc_sent_close(qf_necc_sent *s);
/* Write the file anew when most of it is outdated. */
QF_MUST qf_rc qf_necc_sent_tidy(qf_necc_sent *s, const qf_necc_feed *f, uint32_t n, qf_err *err);
/* These n windows were acknowledged: on disk when it returns, then in the rings. */
QF_MUST qf_rc qf_necc_sent_add(qf_necc_sent *s, qf_necc_feed *f, const qf_necc_window *w, uint32_t n, qf_err *err);

typedef struct qf_necc_look { /* what to look for */
  qf_us from, to, now;        /* windows that begin in [from, to) and are over by now */
  qf_necc_window *out;
  uint32_t n, max;
} qf_necc_look;
/* Append the feed's windows that the platform does not have as they are now. Errors: those of the book. */
QF_MUST qf_rc qf_necc_feed_look(qf_city *c, const qf_necc_feed *f, uint32_t index, qf_necc_look *l, qf_err *err);
/* Windows of [from, to) and how many of them the platform has as valid ones. */
void qf_necc_feed_count(const qf_necc_feed *f, qf_us from, qf_us to, uint64_t *expected, uint64_t *has);
#endif
