/* Protocol Buffers wire format, bytes in, fields out: no schema, no allocation, no copy. A reader walks over one message that
 * the caller keeps; a nested message is a field of bytes, over which a second reader is set. The bytes stand at the top of
 * pb.c. Pure, thread-safe; one thread per reader. */
#ifndef QF_WIRE_PB_H
#define QF_WIRE_PB_H
#include "base/buf.h"

typedef enum qf_pb_wire { QF_PB_VARINT = 0, QF_PB_FIXED64 = 1, QF_PB_BYTES = 2, QF_PB_FIXED32 = 5 } qf_pb_wire;

typedef struct qf_pb {
  const uint8_t *start, *p, *end; /* p: where the next field begins */
} qf_pb;

typedef struct qf_pb_field {
  uint32_t number; /* 1 .. 2^29-1 */
  uint8_t wire;    /* qf_pb_wire */
  uint64_t v;      /* VARINT, FIXED64, FIXED32 */
  const uint8_t *bytes;
  size_t len; /* BYTES: borrowed from the message */
} qf_pb_field;

/* Begin reading p[0..n), borrowed while the reader is used. n may be 0: an empty message. */
void qf_pb_init(qf_pb *r, const void *p, size_t n);
/* The next field; fields one does not know are passed over by asking for the next one. QF_OK; QF_NOTFOUND the end. Errors:
 * QF_SYNTAX cut short, a varint over 64 bits, a group, or no such field, with the byte offset in this message in err (may be
 * NULL); the reader stays where it was. */
QF_MUST qf_rc qf_pb_next(qf_pb *r, qf_pb_field *f, qf_err *err);
double qf_pb_double(const qf_pb_field *f); /* of FIXED64 */
float qf_pb_float(const qf_pb_field *f);   /* of FIXED32 */

/* Append a field. out->failed tells about room. */
void qf_pb_put_varint(qf_buf *out, uint32_t number, uint64_t v);
void qf_pb_put_bytes(qf_buf *out, uint32_t number, const void *bytes, size_t n);
void qf_pb_put_double(qf_buf *out, uint32_t number, double v);
#endif
