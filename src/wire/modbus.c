/* ADU on TCP, big-endian:
 *
 *   MBAP   transaction 2 | protocol 2 = 0 | length 2 = unit + PDU | unit 1
 *   ask    function 1 | address 2 | count 2
 *   answer function 1 | bytes 1 | data            registers: two bytes each; bits: eight a byte, the first in bit 0
 *   refuse function 1 + 80H | exception 1
 */
#include "wire/modbus.h"
#include "wire/scale.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

static uint16_t be16(const uint8_t *p)
{
  return (uint16_t)(p[0] << 8 | p[1]);
}
static void put16(uint8_t *p, unsigned v)
{
  p[0] = (uint8_t)(v >> 8);
  p[1] = (uint8_t)v;
}

static void head(uint8_t *out, uint16_t id, uint8_t unit, size_t pdu)
{
  put16(out, id);
  put16(out + 2, 0);
  put16(out + 4, (unsigned)pdu + 1);
  out[6] = unit;
}

void qf_mb_write_request(const qf_mb_request *r, uint8_t out[QF_MB_REQUEST])
{
  head(out, r->id, r->unit, 5);
  out[7] = r->function;
  put16(out + 8, r->address);
  put16(out + 10, r->count);
}

qf_rc qf_mb_frame(const uint8_t *p, size_t n, size_t *len, qf_err *err)
{
  *len = 0;
  if (n >= 4 && be16(p + 2) != 0)
    return qf_fail(err, QF_SYNTAX, "not Modbus/TCP: protocol id %u, expected 0",
                   "不是 Modbus/TCP：协议标识为 %u，应为 0", be16(p + 2));
  if (n < 6)
    return QF_OK;
  unsigned rest = be16(p + 4); /* the shortest PDU is an exception: unit, function, code */
  if (rest < 3 || rest + 6 > QF_MB_ADU_MAX)
    return qf_fail(err, QF_SYNTAX, "not Modbus/TCP: length %u, expected 3 to 254",
                   "不是 Modbus/TCP：长度为 %u，应为 3 至 254", rest);
  if (n >= rest + 6)
    *len = rest + 6;
  return QF_OK;
}

qf_rc qf_mb_read_answer(const uint8_t *p, size_t n, qf_mb_answer *out, qf_err *err)
{
  size_t len;
  qf_rc rc = qf_mb_frame(p, n, &len, err);
  if (rc)
    return rc;
  if (len == 0 || len != n)
    return qf_fail(err, QF_SYNTAX, "%zu bytes are not one whole frame", "%zu 字节不是一个完整的帧", n);
  *out = (qf_mb_answer){.id = be16(p), .unit = p[6], .function = p[7] & 0x7f};
  if (p[7] & 0x80) {
    if (len != 9)
      return qf_fail(err, QF_SYNTAX, "an exception of %zu bytes, expected 9", "异常应答长 %zu 字节，应为 9", len);
    out->exception = p[8] ? p[8] : 0xff; /* code 0 does not exist; it is a refusal all the same */
    return QF_OK;
  }
  out->n = p[8];
  out->data = p + 9;
  if ((size_t)out->n + 9 != len)
    return qf_fail(err, QF_SYNTAX, "byte count %u in a frame of %zu bytes", "字节数 %u 与帧长 %zu 不符", out->n, len);
  return QF_OK;
}

qf_rc qf_mb_fits(const qf_mb_request *r, const qf_mb_answer *a, qf_err *err)
{
  if (a->unit != r->unit)
    return qf_fail(err, QF_SYNTAX, "answer of unit %u, asked was unit %u", "应答来自单元 %u，询问的是单元 %u", a->unit,
                   r->unit);
  if (a->function != r->function)
    return qf_fail(err, QF_SYNTAX, "answer to function %u, asked was function %u", "应答的功能码为 %u，询问的是 %u",
                   a->function, r->function);
  if (a->exception)
    return QF_OK;
  unsigned want = r->function <= QF_MB_INPUTS ? (r->count + 7u) / 8u : r->count * 2u;
  if (a->n != want)
    return qf_fail(err, QF_SYNTAX, "answer holds %u bytes, expected %u", "应答含 %u 字节，应为 %u", a->n, want);
  return QF_OK;
}

qf_rc qf_mb_exception(uint8_t code, qf_err *err)
{
  static const struct {
    uint8_t code;
    const char *en, *zh;
  } words[] = {{1, "illegal function", "功能码不支持"},
               {2, "illegal data address", "寄存器地址不存在"},
               {3, "illegal data value", "数据值不合法"},
               {4, "server device failure", "从站故障"},
               {5, "acknowledged, still working", "已确认，仍在处理"},
               {6, "server device busy", "从站忙"},
               {8, "memory parity error", "存储奇偶校验错"},
               {10, "gateway path unavailable", "网关路径不可用"},
               {11, "gateway target device failed to respond", "网关后的设备无应答"}};
  const char *en = "unknown exception", *zh = "未知异常";
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (words[i].code == code) {
      en = words[i].en;
      zh = words[i].zh;
    }
  qf_rc rc = code == 5 || code == QF_MB_EX_BUSY                       ? QF_BUSY
             : code == QF_MB_EX_NO_PATH || code == QF_MB_EX_NO_ANSWER ? QF_NOTFOUND
                                                                      : QF_DENIED;
  if (err) {
    err->rc = rc;
    snprintf(err->en, sizeof err->en, "Modbus exception %02X: %s", code, en);
    snprintf(err->zh, sizeof err->zh, "Modbus 异常 %02X：%s", code, zh);
  }
  return rc;
}

qf_rc qf_mb_read_request(const uint8_t *p, size_t n, qf_mb_request *out, uint8_t *exception, qf_err *err)
{
  size_t len;
  qf_rc rc = qf_mb_frame(p, n, &len, err);
  if (rc)
    return rc;
  if (len == 0 || len != n)
    return qf_fail(err, QF_SYNTAX, "%zu bytes are not one whole frame", "%zu 字节不是一个完整的帧", n);
  *out = (qf_mb_request){.id = be16(p), .unit = p[6], .function = p[7]};
  *exception = 0;
  bool bits = out->function == QF_MB_COILS || out->function == QF_MB_INPUTS;
  if (!bits && out->function != QF_MB_HOLDING && out->function != QF_MB_INPUT_REGS) {
    *exception = QF_MB_EX_FUNCTION;
    return QF_OK;
  }
  if (len != QF_MB_REQUEST) {
    *exception = QF_MB_EX_VALUE;
    return QF_OK;
  }
  out->address = be16(p + 8);
  out->count = be16(p + 10);
  if (out->count == 0 || out->count > (bits ? QF_MB_BITS_MAX : QF_MB_REGS_MAX))
    *exception = QF_MB_EX_VALUE;
  else if (out->address + out->count > 65536)
    *exception = QF_MB_EX_ADDRESS;
  return QF_OK;
}

size_t qf_mb_write_answer(const qf_mb_answer *a, uint8_t out[QF_MB_ADU_MAX])
{
  if (a->exception) {
    head(out, a->id, a->unit, 2);
    out[7] = a->function | 0x80;
    out[8] = a->exception;
    return 9;
  }
  uint8_t n = a->n > QF_MB_ADU_MAX - 9 ? QF_MB_ADU_MAX - 9 : a->n;
  head(out, a->id, a->unit, n + 2u);
  out[7] = a->function;
  out[8] = n;
  memcpy(out + 9, a->data, n);
  return n + 9u;
}

qf_rc qf_mb_type_parse(const char *s, qf_mb_type *type, uint8_t *words)
{
  static const struct {
    const char *name;
    qf_mb_type type;
    uint8_t words;
  } types[] = {{"u16", QF_MB_U16, 1},   {"s16", QF_MB_S16, 1},   {"u32", QF_MB_U32, 2},   {"s32", QF_MB_S32, 2},
               {"u64", QF_MB_U64, 4},   {"s64", QF_MB_S64, 4},   {"f32", QF_MB_F32, 2},   {"f64", QF_MB_F64, 4},
               {"bcd", QF_MB_BCD, 2},   {"bcd16", QF_MB_BCD, 1}, {"bcd32", QF_MB_BCD, 2}, {"bcd48", QF_MB_BCD, 3},
               {"bcd64", QF_MB_BCD, 4}, {"bit", QF_MB_BIT, 1}};
  for (size_t i = 0; i < sizeof types / sizeof *types; i++)
    if (strcmp(s, types[i].name) == 0) {
      *type = types[i].type;
      *words = types[i].words;
      return QF_OK;
    }
  return QF_SYNTAX;
}

qf_rc qf_mb_order_parse(const char *s, qf_mb_order *out)
{
  static const char *const names[] = {"ABCD", "CDAB", "BADC", "DCBA"};
  for (unsigned i = 0; i < 4; i++)
    if (strcasecmp(s, names[i]) == 0) {
      *out = (qf_mb_order)i;
      return QF_OK;
    }
  return QF_SYNTAX;
}

uint64_t qf_mb_raw(const uint8_t *data, uint8_t words, qf_mb_order order)
{
  bool back = order == QF_MB_CDAB || order == QF_MB_DCBA; /* the lowest register first */
  bool swap = order == QF_MB_BADC || order == QF_MB_DCBA; /* the low byte first in each register */
  uint64_t v = 0;
  for (unsigned i = 0; i < words; i++) {
    const uint8_t *w = data + 2u * (back ? words - 1u - i : i);
    v = v << 16 | (uint64_t)(swap ? w[1] << 8 | w[0] : w[0] << 8 | w[1]);
  }
  return v;
}

static qf_rc bcd(uint64_t raw, uint8_t words, qf_num *out)
{
  int64_t v = 0;
  for (int i = words * 4 - 1; i >= 0; i--) {
    unsigned d = (unsigned)(raw >> (4 * i)) & 15;
    if (d > 9)
      return QF_RANGE;
    v = v * 10 + d;
  }
  *out = (qf_num){v, 0};
  return QF_OK;
}

static qf_num whole(int64_t v, bool *exact)
{
  qf_num u = qf_num_u64(v < 0 ? -(uint64_t)v : (uint64_t)v, exact);
  if (v < 0)
    u.mant = -u.mant;
  return u;
}

qf_rc qf_mb_value(uint64_t raw, qf_mb_type type, uint8_t words, qf_num *out, bool *exact)
{
  uint32_t low = (uint32_t)raw;
  float f;
  double d;
  switch (type) {
  case QF_MB_U16:
  case QF_MB_U32:
  case QF_MB_U64:
    *out = qf_num_u64(raw, exact);
    return QF_OK;
  case QF_MB_BIT:
    *out = (qf_num){(int64_t)(raw & 1), 0};
    return QF_OK;
  case QF_MB_S16:
    *out = whole((int16_t)low, exact);
    return QF_OK;
  case QF_MB_S32:
    *out = whole((int32_t)low, exact);
    return QF_OK;
  case QF_MB_S64:
    *out = whole((int64_t)raw, exact);
    return QF_OK;
  case QF_MB_F32:
    memcpy(&f, &low, sizeof f);
    return qf_num_float((double)f, true, out);
  case QF_MB_F64:
    memcpy(&d, &raw, sizeof d);
    return qf_num_float(d, false, out);
  case QF_MB_BCD:
    return bcd(raw, words, out);
  }
  return QF_RANGE;
}
