/* A message is fields one after the other:
 *
 *   tag varint = number << 3 | wire   0 varint | 1 eight bytes | 2 length varint, bytes | 5 four bytes
 *
 * varint: seven bits a byte, least first, top bit "more follows", at most ten bytes and 64 bits; longer forms of the same number are
 * allowed, as every reader takes them. Fixed numbers are little-endian. Wire 3 and 4 (groups, given up in 2008) are refused: to
 * pass over them one must nest. */
#include "wire/pb.h"
#include <stdio.h>
#include <string.h>

void qf_pb_init(qf_pb *r, const void *p, size_t n)
{
  static const uint8_t nothing[1];
  r->start = r->p = n ? p : nothing;
  r->end = r->p + n;
}

typedef struct reason { /* what is wrong */
  const char *en, *zh;
} reason;

static const reason cut = {"cut short", "被截断"};
static const reason overlong = {"a varint over 64 bits", "变长整数超过 64 位"};

static bool varint(const uint8_t **p, const uint8_t *end, uint64_t *out, reason *why)
{
  uint64_t v = 0;
  for (unsigned shift = 0; shift < 70; shift += 7) {
    if (*p == end) {
      *why = cut;
      return false;
    }
    uint8_t b = *(*p)++;
    if (shift == 63 && b > 1)
      break;
    v |= (uint64_t)(b & 0x7F) << shift;
    if (!(b & 0x80)) {
      *out = v;
      return true;
    }
  }
  *why = overlong;
  return false;
}

static uint64_t little(const uint8_t *p, unsigned n)
{
  uint64_t v = 0;
  for (unsigned i = 0; i < n; i++)
    v |= (uint64_t)p[i] << (8 * i);
  return v;
}

static bool value(const uint8_t **p, const uint8_t *end, qf_pb_field *f, reason *why)
{
  size_t left = (size_t)(end - *p), fixed = f->wire == QF_PB_FIXED64 ? 8 : 4;
  uint64_t n;
  *why = cut;
  switch (f->wire) {
  case QF_PB_VARINT:
    return varint(p, end, &f->v, why);
  case QF_PB_FIXED64:
  case QF_PB_FIXED32:
    if (left < fixed)
      return false;
    f->v = little(*p, (unsigned)fixed);
    *p += fixed;
    return true;
  case QF_PB_BYTES:
    if (!varint(p, end, &n, why))
      return false;
    if (n > (uint64_t)(end - *p))
      return false;
    f->bytes = *p;
    f->len = (size_t)n;
    *p += n;
    return true;
  default:
    *why = (reason){"a group or an unknown wire type", "分组或未知的线格式"};
    return false;
  }
}

static qf_rc refuse(qf_err *err, size_t at, const reason *why)
{
  if (err) {
    err->rc = QF_SYNTAX;
    snprintf(err->en, sizeof err->en, "protobuf, byte %zu: %s", at, why->en);
    snprintf(err->zh, sizeof err->zh, "protobuf 第 %zu 字节：%s", at, why->zh);
  }
  return QF_SYNTAX;
}

qf_rc qf_pb_next(qf_pb *r, qf_pb_field *f, qf_err *err)
{
  const uint8_t *p = r->p;
  uint64_t tag;
  reason why;
  *f = (qf_pb_field){0};
  if (p == r->end)
    return QF_NOTFOUND;
  bool ok = varint(&p, r->end, &tag, &why);
  if (ok && (tag >> 3 == 0 || tag >> 32 != 0)) {
    why = (reason){"no such field number", "无此字段号"};
    ok = false;
  }
  if (ok) {
    f->number = (uint32_t)(tag >> 3);
    f->wire = (uint8_t)(tag & 7);
    ok = value(&p, r->end, f, &why);
  }
  if (!ok)
    return refuse(err, (size_t)(r->p - r->start), &why);
  r->p = p;
  return QF_OK;
}

double qf_pb_double(const qf_pb_field *f)
{
  double d;
  memcpy(&d, &f->v, sizeof d);
  return d;
}

float qf_pb_float(const qf_pb_field *f)
{
  uint32_t u = (uint32_t)f->v;
  float d;
  memcpy(&d, &u, sizeof d);
  return d;
}

static void put_tag(qf_buf *out, uint32_t number, qf_pb_wire wire)
{
  qf_buf_varint(out, (uint64_t)number << 3 | wire);
}

void qf_pb_put_varint(qf_buf *out, uint32_t number, uint64_t v)
{
  put_tag(out, number, QF_PB_VARINT);
  qf_buf_varint(out, v);
}

void qf_pb_put_bytes(qf_buf *out, uint32_t number, const void *bytes, size_t n)
{
  put_tag(out, number, QF_PB_BYTES);
  qf_buf_varint(out, n);
  qf_buf_put(out, bytes, n);
}

void qf_pb_put_double(qf_buf *out, uint32_t number, double v)
{
  uint64_t u;
  memcpy(&u, &v, sizeof u);
  put_tag(out, number, QF_PB_FIXED64);
  qf_buf_u64(out, u);
}
