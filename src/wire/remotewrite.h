/* Prometheus remote write 1.0: an unpacked WriteRequest in, series keys and readings out. The messages stand at the
 * top of remotewrite.c. Pure, thread-safe; one thread per reader. */
#ifndef QF_WIRE_REMOTEWRITE_H
#define QF_WIRE_REMOTEWRITE_H
#include "base/reading.h"
#include "wire/lineproto.h"
#include "wire/pb.h"

typedef struct qf_rw { /* an opened request */
  uint64_t series, samples, histograms;
  qf_pb at; /* private */
} qf_rw;

typedef struct qf_rw_series {
  char key[QF_LP_KEY_MAX + 1]; /* canonical: __name__ the measurement, the other labels tags, field "value" */
  size_t key_len;
  char named[120];     /* __name__ and as much of the labels as fits: for words about it */
  uint32_t samples;    /* of this series */
  uint32_t histograms; /* native ones: not taken */
  qf_pb at;            /* private */
} qf_rw_series;

/* Read a request p[0..n), borrowed, to its end, so that nothing of a damaged one is taken. Errors: QF_SYNTAX with the byte. */
QF_MUST qf_rc qf_rw_open(const void *p, size_t n, qf_rw *out, qf_err *err);
/* The next series. QF_OK; QF_NOTFOUND no more. QF_SYNTAX, QF_RANGE: its labels cannot be a series (no __name__, a label twice, too
 * long, ...), words in err, samples and histograms filled; call again for the next one. */
QF_MUST qf_rc qf_rw_next(qf_rw *w, qf_rw_series *s, qf_err *err);
/* The next sample of a series. QF_OK; QF_NOTFOUND no more; QF_STATE the marker that the series has ended: no reading; QF_RANGE not a
 * number, infinite, too large or small, or a time outside 1970..2200: words in err. Call again after each. */
QF_MUST qf_rc qf_rw_sample(qf_rw_series *s, qf_reading *out, qf_err *err);
#endif
