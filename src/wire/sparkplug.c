/* Payload  1 timestamp (ms) | 2 metrics, repeated | 3 seq | 4 uuid | 5 body
 * Metric   1 name | 2 alias | 3 timestamp | 4 datatype | 5 is_historical | 6 is_transient | 7 is_null | 8 metadata | 9 properties
 *          value, one of: 10 int_value (uint32) | 11 long_value (uint64) | 12 float | 13 double | 14 boolean | 15 string | 16 bytes |
 *          17 dataset | 18 template | 19 extension
 * Signed integers stand on the wire as two's complement: an Int8 of -5 is FB, or 4294967291 when its maker widened it first. UInt32 goes
 * into long_value by the letter, into int_value by habit: both are read. */
#include "wire/sparkplug.h"
#include "wire/scale.h"
#include "wire/utf8.h"
#include <stdio.h>
#include <string.h>

#define MS_END UINT64_C(7258118400000) /* 2200-01-01 */
#define REBIRTH "Node Control/Rebirth"

static const uint8_t metric_wire[20] =
    {/* wire + 1 of each field, 0: not one of ours */
     [1] = QF_PB_BYTES + 1,    [2] = QF_PB_VARINT + 1,  [3] = QF_PB_VARINT + 1,  [4] = QF_PB_VARINT + 1,
     [5] = QF_PB_VARINT + 1,   [6] = QF_PB_VARINT + 1,  [7] = QF_PB_VARINT + 1,  [8] = QF_PB_BYTES + 1,
     [9] = QF_PB_BYTES + 1,    [10] = QF_PB_VARINT + 1, [11] = QF_PB_VARINT + 1, [12] = QF_PB_FIXED32 + 1,
     [13] = QF_PB_FIXED64 + 1, [14] = QF_PB_VARINT + 1, [15] = QF_PB_BYTES + 1,  [16] = QF_PB_BYTES + 1,
     [17] = QF_PB_BYTES + 1,   [18] = QF_PB_BYTES + 1,  [19] = QF_PB_BYTES + 1};

static const uint8_t value_kind[20] = {
    [10] = QF_SPB_INT, [11] = QF_SPB_INT,   [12] = QF_SPB_SINGLE, [13] = QF_SPB_REAL,  [14] = QF_SPB_BOOL,
    [15] = QF_SPB_STR, [16] = QF_SPB_OTHER, [17] = QF_SPB_OTHER,  [18] = QF_SPB_OTHER, [19] = QF_SPB_OTHER};

static qf_rc time_of(uint64_t ms, qf_us *out, qf_err *err)
{
  if (ms >= MS_END)
    return qf_fail(err, QF_RANGE, "timestamp %llu ms is after 2199", "时间戳 %llu 毫秒晚于 2199 年",
                   (unsigned long long)ms);
  *out = (qf_us)ms * 1000;
  return QF_OK;
}

static qf_rc utf8(const qf_pb_field *f, const char **s, uint32_t *len, qf_err *err)
{
  if (f->len > UINT32_MAX || !qf_utf8_valid((const char *)f->bytes, f->len) || memchr(f->bytes, 0, f->len))
    return qf_fail(err, QF_SYNTAX, "field %u is not UTF-8 text", "字段 %u 不是 UTF-8 文本", f->number);
  *s = (const char *)f->bytes;
  *len = (uint32_t)f->len;
  return QF_OK;
}

/* A later value field takes the place of an earlier one, as with every "oneof". */
static qf_rc value_field(const qf_pb_field *f, qf_spb_metric *m, qf_err *err)
{
  m->kind = value_kind[f->number];
  m->raw = f->v;
  if (f->number == 10 && f->v >> 32 && f->v >> 31 != UINT64_C(0x1FFFFFFFF)) /* 64-bit writers widen negative numbers */
    return qf_fail(err, QF_RANGE, "int_value is over 32 bits", "int_value 超过 32 位");
  return m->kind == QF_SPB_STR ? utf8(f, &m->text, &m->text_len, err) : QF_OK;
}

static qf_rc metric_field(const qf_pb_field *f, qf_spb_metric *m, qf_err *err)
{
  if (f->number >= 20 || metric_wire[f->number] == 0)
    return QF_OK;
  if (f->wire + 1 != metric_wire[f->number])
    return qf_fail(err, QF_SYNTAX, "field %u has wire type %u", "字段 %u 的线格式为 %u", f->number, f->wire);
  if (value_kind[f->number])
    return value_field(f, m, err);
  switch (f->number) {
  case 1:
    return utf8(f, &m->name, &m->name_len, err);
  case 2:
    m->alias = f->v;
    m->has_alias = true;
    return QF_OK;
  case 3:
    m->has_ts = true;
    return time_of(f->v, &m->ts_us, err);
  case 4:
    m->datatype = f->v > UINT32_MAX ? UINT32_MAX : (uint32_t)f->v;
    return QF_OK;
  case 5:
    m->historical = f->v != 0;
    return QF_OK;
  case 6:
    m->transient = f->v != 0;
    return QF_OK;
  case 7:
    m->null = f->v != 0;
    return QF_OK;
  default:
    return QF_OK;
  }
}

static qf_rc read_metric(const qf_pb_field *in, qf_spb_metric *m, qf_err *err)
{
  qf_pb r;
  qf_pb_field f;
  qf_rc rc;
  *m = (qf_spb_metric){0};
  qf_pb_init(&r, in->bytes, in->len);
  while ((rc = qf_pb_next(&r, &f, err)) == QF_OK)
    if ((rc = metric_field(&f, m, err)))
      return rc;
  return rc == QF_NOTFOUND ? QF_OK : rc;
}

static qf_rc in_metric(qf_err *err, qf_rc rc, uint32_t nth, const qf_err *why)
{
  if (rc && err) {
    err->rc = rc;
    snprintf(err->en, sizeof err->en, "metric %u: %.200s", nth, why->en);
    snprintf(err->zh, sizeof err->zh, "第 %u 个指标：%.200s", nth, why->zh);
  }
  return rc;
}

static qf_rc payload_field(const qf_pb_field *f, qf_spb *s, qf_err *err)
{
  qf_spb_metric m;
  qf_err why = {0};
  if (f->number < 1 || f->number > 5)
    return QF_OK;
  bool text = f->number == 2 || f->number > 3;
  if (f->wire != (text ? QF_PB_BYTES : QF_PB_VARINT))
    return qf_fail(err, QF_SYNTAX, "payload field %u has wire type %u", "载荷字段 %u 的线格式为 %u", f->number,
                   f->wire);
  switch (f->number) {
  case 1:
    s->has_ts = true;
    return time_of(f->v, &s->ts_us, err);
  case 2: {
    qf_rc rc = read_metric(f, &m, &why);
    s->metrics++;
    return in_metric(err, rc, s->metrics, &why);
  }
  case 3:
    s->has_seq = true;
    s->seq = f->v;
    return f->v > 255
               ? qf_fail(err, QF_RANGE, "seq %llu: 0 to 255", "seq %llu：应为 0 至 255", (unsigned long long)f->v)
               : QF_OK;
  default:
    return QF_OK;
  }
}

qf_rc qf_spb_open(const void *p, size_t n, qf_spb *s, qf_err *err)
{
  qf_pb r;
  qf_pb_field f;
  qf_rc rc;
  *s = (qf_spb){0};
  qf_pb_init(&r, p, n);
  qf_pb_init(&s->at, p, n);
  while ((rc = qf_pb_next(&r, &f, err)) == QF_OK)
    if ((rc = payload_field(&f, s, err)))
      return rc;
  return rc == QF_NOTFOUND ? QF_OK : rc;
}

bool qf_spb_next(qf_spb *s, qf_spb_metric *m)
{
  qf_pb_field f;
  while (qf_pb_next(&s->at, &f, NULL) == QF_OK) {
    if (f.number != 2)
      continue;
    if (f.wire != QF_PB_BYTES || read_metric(&f, m, NULL))
      return false; /* not after a good open */
    if (!m->has_ts) {
      m->has_ts = s->has_ts;
      m->ts_us = s->ts_us;
    }
    return true;
  }
  return false;
}

/* Two's complement of `bits` bits, sent as such or widened to 32 or 64. */
static bool signed_of(uint64_t raw, unsigned bits, int64_t *out)
{
  uint64_t top = bits == 64 ? 0 : UINT64_MAX << bits;
  int64_t v = (int64_t)raw;
  if (bits < 64) {
    uint64_t sign = UINT64_C(1) << (bits - 1);
    bool narrow = (raw & top) == 0, wide64 = (raw | top) == raw && (raw & sign),
         wide32 = raw >> 32 == 0 && (uint32_t)(raw | top) == raw && (raw & sign);
    if (!narrow && !wide64 && !wide32)
      return false;
    raw &= ~top;
    v = raw & sign ? (int64_t)(raw | top) : (int64_t)raw;
  }
  *out = v;
  return true;
}

static qf_rc integer(uint64_t raw, uint32_t type, qf_num *out, uint8_t *flags, qf_err *err)
{
  static const uint8_t bits[QF_SPB_UINT64 + 1] = {0, 8, 16, 32, 64, 8, 16, 32, 64};
  bool exact = true, plain = type == QF_SPB_DATETIME || type == QF_SPB_UINT64;
  int64_t v = 0;
  if (type >= QF_SPB_INT8 && type <= QF_SPB_INT64) {
    if (!signed_of(raw, bits[type], &v))
      return qf_fail(err, QF_RANGE, "%llu does not fit Int%u", "%llu 超出 Int%u", (unsigned long long)raw, bits[type]);
  } else if (!plain && raw >> bits[type]) {
    return qf_fail(err, QF_RANGE, "%llu does not fit UInt%u", "%llu 超出 UInt%u", (unsigned long long)raw, bits[type]);
  }
  *out = qf_num_u64(v < 0 ? -(uint64_t)v : v ? (uint64_t)v : type > QF_SPB_INT64 ? raw : 0, &exact);
  if (v < 0)
    out->mant = -out->mant;
  if (!exact)
    *flags |= QF_RD_INEXACT;
  return QF_OK;
}

qf_rc qf_spb_value(const qf_spb_metric *m, uint32_t type, qf_num *out, uint8_t *flags, qf_err *err)
{
  const qf_pb_field f = {.v = m->raw};
  *flags = 0;
  if (m->null || m->kind == QF_SPB_NO_VALUE || m->kind == QF_SPB_STR || m->kind == QF_SPB_OTHER)
    return qf_fail(err, QF_STATE, "no number in this metric", "此指标没有数值");
  bool whole = (type >= QF_SPB_INT8 && type <= QF_SPB_UINT64) || type == QF_SPB_DATETIME;
  if (m->kind == QF_SPB_INT && whole)
    return integer(m->raw, type, out, flags, err);
  if (m->kind == QF_SPB_BOOL && type == QF_SPB_BOOLEAN) {
    *out = (qf_num){m->raw != 0, 0};
    *flags = QF_RD_BOOL;
    return QF_OK;
  }
  bool single = m->kind == QF_SPB_SINGLE, real = type == QF_SPB_FLOAT || type == QF_SPB_DOUBLE;
  if (!real || (!single && m->kind != QF_SPB_REAL))
    return qf_fail(err, QF_SYNTAX, "datatype %u does not go with the value sent", "数据类型 %u 与所发的值不符", type);
  return qf_num_float(single ? (double)qf_pb_float(&f) : qf_pb_double(&f), single, out)
             ? qf_fail(err, QF_RANGE, "not a number, or infinite", "不是数，或为无穷大")
             : QF_OK;
}

void qf_spb_rebirth(qf_buf *out, qf_us now_us)
{
  qf_buf m;
  qf_buf_init(&m, 64);
  qf_pb_put_bytes(&m, 1, REBIRTH, sizeof REBIRTH - 1);
  qf_pb_put_varint(&m, 4, QF_SPB_BOOLEAN);
  qf_pb_put_varint(&m, 14, 1);
  qf_pb_put_varint(out, 1, (uint64_t)(now_us / 1000));
  qf_pb_put_bytes(out, 2, m.data, m.len);
  out->failed = out->failed || m.failed;
  qf_buf_fini(&m);
}
