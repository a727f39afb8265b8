/* APDU:  68 | length | control 4 | ASDU
 *
 *   I   N(S) << 1, bit 0 = 0 | N(R) << 1          two bytes each, low byte first
 *   S   01 00 | N(R) << 1
 *   U   07 STARTDT act, 0B con | 13 STOPDT act, 23 con | 43 TESTFR act, 83 con; then 00 00 00
 *
 * ASDU:  type | SQ + count 7 bits | cause 6 bits, P/N 40, test 80 | origin | common address 2 | objects
 *   object   address 3 | element | time 7            SQ = 1: one address, then elements of consecutive addresses
 *   element  SP SIQ 1; DP DIQ 1; NA NVA 2 + QDS; NB SVA 2 + QDS; NC R32 4 + QDS; ND NVA 2; IT 4 + sequence 1
 *   time     ms 2 | minute, IV 80 | hour, SU 80 | day, weekday << 5 | month | year          CP56Time2a
 */
#include "wire/iec104.h"
#include "wire/scale.h"
#include <string.h>

static uint32_t le(const uint8_t *p, unsigned n)
{
  uint32_t v = 0;
  for (unsigned i = n; i-- > 0;)
    v = v << 8 | p[i];
  return v;
}

static const uint8_t u_codes[] = {
    [QF_I104_STARTDT_ACT] = 0x07, [QF_I104_STARTDT_CON] = 0x0B, [QF_I104_STOPDT_ACT] = 0x13,
    [QF_I104_STOPDT_CON] = 0x23,  [QF_I104_TESTFR_ACT] = 0x43,  [QF_I104_TESTFR_CON] = 0x83};

qf_rc qf_i104_read(const uint8_t *p, size_t n, qf_i104_apdu *out, size_t *len, qf_err *err)
{
  *len = 0;
  if (n > 0 && p[0] != 0x68)
    return qf_fail(err, QF_SYNTAX, "not IEC 104: begins with %02X, expected 68", "不是 IEC 104：首字节 %02X，应为 68",
                   p[0]);
  if (n < 2)
    return QF_OK;
  if (p[1] < 4 || p[1] > 253)
    return qf_fail(err, QF_SYNTAX, "not IEC 104: length %u, expected 4 to 253", "不是 IEC 104：长度 %u，应为 4 至 253",
                   p[1]);
  if (n < 2u + p[1])
    return QF_OK;
  *out = (qf_i104_apdu){0};
  if ((p[2] & 1) == 0) {
    out->kind = QF_I104_I;
    out->ns = (uint16_t)(le(p + 2, 2) >> 1);
    out->nr = (uint16_t)(le(p + 4, 2) >> 1);
    out->asdu = p + 6;
    out->n = (uint8_t)(p[1] - 4);
    *len = 2u + p[1];
    return QF_OK;
  }
  if (p[1] != 4)
    return qf_fail(err, QF_SYNTAX, "a frame of control with length %u, expected 4", "控制帧长度为 %u，应为 4", p[1]);
  if ((p[2] & 3) == 1) {
    out->kind = QF_I104_S;
    out->nr = (uint16_t)(le(p + 4, 2) >> 1);
    *len = 6;
    return QF_OK;
  }
  for (unsigned i = QF_I104_STARTDT_ACT; i < sizeof u_codes; i++)
    if (u_codes[i] == p[2]) {
      out->kind = (qf_i104_kind)i;
      *len = 6;
      return QF_OK;
    }
  return qf_fail(err, QF_SYNTAX, "unknown control %02X", "未知控制域 %02X", p[2]);
}

size_t qf_i104_write(const qf_i104_apdu *a, uint8_t out[QF_I104_APDU_MAX])
{
  uint8_t n = a->kind == QF_I104_I ? a->n > QF_I104_ASDU_MAX ? QF_I104_ASDU_MAX : a->n : 0;
  out[0] = 0x68;
  out[1] = (uint8_t)(4 + n);
  memset(out + 2, 0, 4);
  if (a->kind == QF_I104_I) {
    out[2] = (uint8_t)(a->ns << 1);
    out[3] = (uint8_t)(a->ns >> 7);
    memcpy(out + 6, a->asdu, n);
  } else
    out[2] = a->kind == QF_I104_S ? 1 : u_codes[a->kind];
  if (a->kind <= QF_I104_S) {
    out[4] = (uint8_t)(a->nr << 1);
    out[5] = (uint8_t)(a->nr >> 7);
  }
  return 6u + n;
}

uint16_t qf_i104_diff(uint16_t a, uint16_t b)
{
  return (uint16_t)((a - b) & 0x7FFF);
}

qf_rc qf_i104_came(qf_i104_seq *s, const qf_i104_apdu *a, qf_err *err)
{
  if (a->kind > QF_I104_S)
    return QF_OK;
  if (a->kind == QF_I104_I && a->ns != s->vr)
    return qf_fail(err, QF_SYNTAX, "frame %u came, expected %u: one is lost or doubled",
                   "收到序号 %u，应为 %u：有帧丢失或重复", a->ns, s->vr);
  if (qf_i104_diff(a->nr, s->acked) > qf_i104_diff(s->vs, s->acked))
    return qf_fail(err, QF_SYNTAX, "it confirms frame %u, sent were %u", "对方确认了序号 %u，而只发出 %u", a->nr,
                   s->vs);
  s->acked = a->nr;
  if (a->kind == QF_I104_I)
    s->vr = (s->vr + 1) & 0x7FFF;
  return QF_OK;
}

qf_rc qf_i104_time(const uint8_t p[7], qf_us offset, qf_us *out)
{
  unsigned ms = le(p, 2);
  if (p[2] & 0x80)
    return QF_DENIED;
  /* The year has two digits: 00 to 69 are of this century, as meters of the last are no more. */
  const qf_civil c = {.year = (p[6] & 0x7F) + ((p[6] & 0x7F) < 70 ? 2000 : 1900),
                      .month = p[5] & 15,
                      .day = p[4] & 31,
                      .hour = p[3] & 31,
                      .minute = p[2] & 63,
                      .second = (int)(ms / 1000),
                      .us = (int)(ms % 1000) * 1000};
  if (ms > 59999 || (p[6] & 0x7F) > 99)
    return QF_RANGE;
  return qf_civil_to_us(&c, offset, out);
}

/* Bytes of the element of a type, its time included; 0: not decoded. */
static unsigned width(uint8_t type, bool *timed)
{
  static const struct {
    uint8_t type, bytes;
    bool timed;
  } types[] = {{QF_I104_M_SP_NA, 1, false}, {QF_I104_M_DP_NA, 1, false}, {QF_I104_M_ME_NA, 3, false},
               {QF_I104_M_ME_NB, 3, false}, {QF_I104_M_ME_NC, 5, false}, {QF_I104_M_IT_NA, 5, false},
               {QF_I104_M_ME_ND, 2, false}, {QF_I104_M_SP_TB, 8, true},  {QF_I104_M_DP_TB, 8, true},
               {QF_I104_M_ME_TD, 10, true}, {QF_I104_M_ME_TE, 10, true}, {QF_I104_M_ME_TF, 12, true},
               {QF_I104_M_IT_TB, 12, true}, {QF_I104_M_EI_NA, 1, false}, {QF_I104_C_IC_NA, 1, false},
               {QF_I104_C_CI_NA, 1, false}};
  for (size_t i = 0; i < sizeof types / sizeof *types; i++)
    if (types[i].type == type) {
      *timed = types[i].timed;
      return types[i].bytes;
    }
  return 0;
}

static void counter(const uint8_t *p, qf_i104_object *o)
{
  o->v = (qf_num){(int32_t)le(p, 4), 0};
  o->quality = (uint8_t)((p[4] & 0x80 ? QF_I104_IV : 0) | (p[4] & 0x20 ? QF_I104_CY : 0));
}

static void element(uint8_t type, const uint8_t *p, qf_i104_object *o)
{
  uint32_t bits = le(p, type == QF_I104_M_ME_NC || type == QF_I104_M_ME_TF ? 4 : 0);
  float f;
  switch (type) {
  case QF_I104_M_SP_NA:
  case QF_I104_M_SP_TB:
    o->v = (qf_num){p[0] & 1, 0};
    o->quality = p[0] & 0xF0;
    break;
  case QF_I104_M_DP_NA:
  case QF_I104_M_DP_TB: /* 1 off, 2 on; 0 and 3 are no state */
    o->v = (qf_num){(p[0] & 3) == 2, 0};
    o->quality = (uint8_t)((p[0] & 0xF0) | ((p[0] & 3) == 1 || (p[0] & 3) == 2 ? 0 : QF_I104_IV));
    break;
  case QF_I104_M_ME_NA:
  case QF_I104_M_ME_TD:
  case QF_I104_M_ME_ND:
    o->v = (qf_num){(int16_t)le(p, 2) * INT64_C(30517578125), -15}; /* n / 2^15 = n x 0.000030517578125 */
    o->quality = type == QF_I104_M_ME_ND ? 0 : p[2];
    break;
  case QF_I104_M_ME_NB:
  case QF_I104_M_ME_TE:
    o->v = (qf_num){(int16_t)le(p, 2), 0};
    o->quality = p[2];
    break;
  case QF_I104_M_ME_NC:
  case QF_I104_M_ME_TF:
    memcpy(&f, &bits, sizeof f);
    o->quality = p[4];
    if (qf_num_float((double)f, true, &o->v))
      o->quality |= QF_I104_IV;
    break;
  case QF_I104_M_IT_NA:
  case QF_I104_M_IT_TB:
    counter(p, o);
    break;
  default:
    break;
  }
}

qf_rc qf_i104_read_asdu(const uint8_t *p, size_t n, qf_us offset, qf_i104_asdu *out, qf_err *err)
{
  if (n < 6)
    return qf_fail(err, QF_SYNTAX, "an ASDU of %zu bytes, expected at least 6", "ASDU 仅 %zu 字节，至少应为 6", n);
  bool sq = (p[1] & 0x80) != 0, timed = false;
  out->type = p[0];
  out->n = p[1] & 0x7F;
  out->cause = p[2] & 0x3F;
  out->negative = (p[2] & 0x40) != 0;
  out->test = (p[2] & 0x80) != 0;
  out->origin = p[3];
  out->common = (uint16_t)le(p + 4, 2);
  out->qualifier = 0;
  unsigned w = width(out->type, &timed);
  out->known = w > 0;
  if (!out->known)
    return QF_OK;
  size_t want = 6 + (sq ? (out->n ? 3u : 0u) + (size_t)out->n * w : (size_t)out->n * (3 + w));
  if (n != want)
    return qf_fail(err, QF_SYNTAX, "type %u with %u objects has %zu bytes, expected %zu",
                   "类型 %u、%u 个对象共 %zu 字节，应为 %zu", out->type, out->n, n, want);
  const uint8_t *at = p + 6;
  uint32_t address = 0;
  for (unsigned i = 0; i < out->n; i++) {
    qf_i104_object *o = &out->objects[i];
    *o = (qf_i104_object){0};
    if (i == 0 || !sq) {
      address = le(at, 3);
      at += 3;
    }
    o->address = (address + (sq ? i : 0)) & 0xFFFFFF;
    element(out->type, at, o);
    if (timed) /* a moment that is no moment: the reading stands, its time does not */
      o->has_time = qf_i104_time(at + w - 7, offset, &o->ts) == QF_OK;
    if (out->type >= QF_I104_M_EI_NA)
      out->qualifier = at[0];
    at += w;
  }
  return QF_OK;
}

size_t qf_i104_command(uint8_t type, uint8_t cause, uint16_t common, uint8_t qualifier, uint8_t *out)
{
  const uint8_t a[] = {type, 1, cause, 0, (uint8_t)common, (uint8_t)(common >> 8), 0, 0, 0, qualifier};
  memcpy(out, a, sizeof a);
  return sizeof a;
}
