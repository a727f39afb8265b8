/* Frame:  FE x 0..4 | 68 | A0..A5 | 68 | C | L | DATA, each byte + 33H | CS | 16
 *
 *   A     twelve decimal digits, the lowest pair first
 *   CS    sum modulo 256 from the first 68 to the end of DATA
 *   DATA  of a request: DI0 DI1 DI2 DI3, then a part number when C is 12H; of an answer: the same, the value, and the part
 *         number when it is not the first part; of a refusal: one byte of bits
 *   C     the answer is the request + 80H, + 40H it is a refusal, + 20H more parts follow
 *
 * The edition of 1997 has the same frame, C = 01H to read, and identifiers of two bytes. */
#include "wire/dlt645.h"
#include <string.h>

uint8_t qf_sum8(const uint8_t *p, size_t n)
{
  unsigned s = 0;
  for (size_t i = 0; i < n; i++)
    s += p[i];
  return (uint8_t)s;
}

qf_rc qf_d645_address_parse(const char *s, uint8_t out[6])
{
  size_t n = strlen(s);
  if (n == 12 && strspn(s, "Aa") == 12) {
    memset(out, 0xAA, 6);
    return QF_OK;
  }
  if (n == 0 || n > 12 || strspn(s, "0123456789") != n)
    return QF_SYNTAX;
  memset(out, 0, 6);
  for (size_t i = 0; i < n; i++) { /* i-th digit from the right */
    unsigned d = (unsigned)(s[n - 1 - i] - '0');
    out[i / 2] |= (uint8_t)(i % 2 ? d << 4 : d);
  }
  return QF_OK;
}

size_t qf_d645_write(const qf_d645_frame *f, uint8_t *out)
{
  memset(out, 0xFE, 4);
  uint8_t *p = out + 4;
  p[0] = p[7] = 0x68;
  memcpy(p + 1, f->address, 6);
  p[8] = f->control;
  p[9] = f->n;
  for (unsigned i = 0; i < f->n; i++)
    p[10 + i] = (uint8_t)(f->data[i] + 0x33);
  p[10 + f->n] = qf_sum8(p, 10u + f->n);
  p[11 + f->n] = 0x16;
  return 4 + 12u + f->n;
}

/* A frame at p? 1 yes, 0 no, -1 more bytes are needed. */
static int frame_at(const uint8_t *p, size_t n, qf_d645_frame *out, uint32_t *bad)
{
  if (n > 7 && p[7] != 0x68)
    return 0;
  if (n < 12 || n < 12u + p[9])
    return -1;
  unsigned len = p[9];
  if (p[11 + len] != 0x16 || p[10 + len] != qf_sum8(p, 10 + len)) {
    if (bad)
      ++*bad;
    return 0;
  }
  memcpy(out->address, p + 1, 6);
  out->control = p[8];
  out->n = p[9];
  for (unsigned i = 0; i < len; i++)
    out->data[i] = (uint8_t)(p[10 + i] - 0x33);
  return 1;
}

size_t qf_d645_find(const uint8_t *p, size_t n, qf_d645_frame *out, bool *found, uint32_t *bad)
{
  *found = false;
  for (size_t i = 0; i < n; i++) {
    if (p[i] != 0x68)
      continue;
    int r = frame_at(p + i, n - i, out, bad);
    if (r < 0)
      return i;
    if (r > 0) {
      *found = true;
      return i + 12u + out->n;
    }
  }
  return n;
}

void qf_d645_ask(const uint8_t address[6], uint32_t di, int edition, uint8_t part, qf_d645_frame *out)
{
  bool old = edition == 1997;
  memcpy(out->address, address, 6);
  out->n = old ? 2 : 4;
  for (unsigned i = 0; i < out->n; i++)
    out->data[i] = (uint8_t)(di >> (8 * i));
  out->control = old ? part ? QF_D645_READ_NEXT_1997 : QF_D645_READ_1997 : part ? QF_D645_READ_NEXT : QF_D645_READ;
  if (part && !old)
    out->data[out->n++] = part;
}

qf_rc qf_d645_error(uint8_t bits, qf_err *err)
{
  static const struct {
    uint8_t bit;
    const char *en, *zh;
  } words[] = {{0x01, "another fault", "其他错误"},           {0x02, "no such data", "无请求数据"},
               {0x04, "password or right", "密码错或未授权"}, {0x08, "speed cannot be changed", "通信速率不能更改"},
               {0x10, "too many year zones", "年时区数超"},   {0x20, "too many day slots", "日时段数超"},
               {0x40, "too many tariffs", "费率数超"}};
  const char *en = "no reason given", *zh = "未说明原因";
  for (size_t i = sizeof words / sizeof *words; i-- > 0;)
    if (bits & words[i].bit) {
      en = words[i].en;
      zh = words[i].zh;
    }
  return qf_fail(err, QF_DENIED, "the meter refuses (%02X): %s%.0s", "电表拒绝（%02X）：%.0s%s", bits, en, zh);
}

qf_rc qf_d645_read_reply(const qf_d645_frame *f, int edition, qf_d645_reply *out, qf_err *err)
{
  bool old = edition == 1997, next;
  unsigned ask = f->control & 0x1Fu, width = old ? 2 : 4;
  if (!(f->control & QF_D645_REPLY))
    return qf_fail(err, QF_SYNTAX, "control %02X is no answer", "控制码 %02X 不是应答", f->control);
  bool is_old = ask == QF_D645_READ_1997 || ask == QF_D645_READ_NEXT_1997;
  next = ask == QF_D645_READ_NEXT || ask == QF_D645_READ_NEXT_1997;
  if (!is_old && ask != QF_D645_READ && ask != QF_D645_READ_NEXT)
    return qf_fail(err, QF_SYNTAX, "control %02X is no answer to a reading request", "控制码 %02X 不是读数据的应答",
                   f->control);
  if (is_old != old)
    return qf_fail(err, QF_STATE, "the meter answers in the %d edition: set edition = %d",
                   "电表按 %d 版规约应答：请设 edition = %d", is_old ? 1997 : 2007, is_old ? 1997 : 2007);
  if (f->control & QF_D645_ERROR)
    return qf_d645_error(f->n ? f->data[0] : 0, err);
  bool numbered = next && !old;
  if (f->n < width + numbered)
    return qf_fail(err, QF_SYNTAX, "an answer of %u bytes, expected at least %u", "应答数据仅 %u 字节，至少应为 %u",
                   f->n, width + numbered);
  *out = (qf_d645_reply){.data = f->data + width, .more = (f->control & QF_D645_MORE) != 0};
  for (unsigned i = 0; i < width; i++)
    out->di |= (uint32_t)f->data[i] << (8 * i);
  out->n = (uint8_t)(f->n - width - numbered);
  out->part = numbered ? f->data[f->n - 1] : 0;
  return QF_OK;
}

/* Table A of the standard: one line stands for a family; FF in mask means that the byte must be equal. */
static const struct {
  uint32_t mask, di;
  qf_d645_format f;
} table[] = {
    {0xFFFF0000, 0x00000000, {4, 2, true, 0, 0, "kWh"}},   /* combined active energy: may be negative */
    {0xFFFF0000, 0x00010000, {4, 2, false, 0, 0, "kWh"}},  /* forward active */
    {0xFFFF0000, 0x00020000, {4, 2, false, 0, 0, "kWh"}},  /* reverse active */
    {0xFFFF0000, 0x00030000, {4, 2, true, 0, 0, "kvarh"}}, /* combined reactive 1 and 2: may be negative */
    {0xFFFF0000, 0x00040000, {4, 2, true, 0, 0, "kvarh"}},
    {0xFFFF0000, 0x00050000, {4, 2, false, 0, 0, "kvarh"}}, /* quadrants 1 to 4 */
    {0xFFFE0000, 0x00060000, {4, 2, false, 0, 0, "kvarh"}},
    {0xFFFF0000, 0x00080000, {4, 2, false, 0, 0, "kvarh"}},
    {0xFFFF0000, 0x00090000, {4, 2, false, 0, 0, "kVAh"}}, /* forward and reverse apparent */
    {0xFFFF0000, 0x000A0000, {4, 2, false, 0, 0, "kVAh"}},
    {0xFFFF0000, 0x01010000, {3, 4, false, 5, 0, "kW"}}, /* largest demand, then its moment YYMMDDhhmm */
    {0xFFFF0000, 0x01020000, {3, 4, false, 5, 0, "kW"}},
    {0xFFFF0000, 0x02010000, {2, 1, false, 0, 1, "V"}},
    {0xFFFF0000, 0x02020000, {3, 3, true, 0, 1, "A"}},
    {0xFFFF0000, 0x02030000, {3, 4, true, 0, 0, "kW"}},
    {0xFFFF0000, 0x02040000, {3, 4, true, 0, 0, "kvar"}},
    {0xFFFF0000, 0x02050000, {3, 4, true, 0, 0, "kVA"}},
    {0xFFFF0000, 0x02060000, {2, 3, true, 0, 0, "1"}},
    {0xFFFF0000, 0x02070000, {2, 1, false, 0, 1, "deg"}},
    {0xFFFF0000, 0x02080000, {2, 2, false, 0, 1, "%"}},
    {0xFFFF0000, 0x02090000, {2, 2, false, 0, 1, "%"}},
    {0xFFFF0000, 0x020C0000, {2, 1, false, 0, 1, "V"}}, /* between lines */
    {0xFFFFFFFF, 0x02800001, {3, 3, true, 0, 0, "A"}},  /* neutral */
    {0xFFFFFFFF, 0x02800002, {2, 2, false, 0, 0, "Hz"}},
    {0xFFFFFFFF, 0x02800003, {3, 4, true, 0, 0, "kW"}}, /* mean of a minute */
    {0xFFFFFFFF, 0x02800004, {3, 4, true, 0, 0, "kW"}}, /* present demand */
    {0xFFFFFFFF, 0x02800005, {3, 4, true, 0, 0, "kvar"}},
    {0xFFFFFFFF, 0x02800006, {3, 4, true, 0, 0, "kVA"}},
    {0xFFFFFFFF, 0x02800007, {2, 1, true, 0, 0, "Cel"}},
    {0xFFFFFFFF, 0x02800008, {2, 2, false, 0, 0, "V"}},
    {0xFFFFFFFF, 0x02800009, {2, 2, false, 0, 0, "V"}},
    {0xFFFFFFFF, 0x0280000A, {4, 0, false, 0, 0, "min"}},
    {0xFFFFFF00, 0x05060100, {4, 2, false, 0, 0, "kWh"}}, /* frozen each day, forward: total, then tariffs */
    {0xFFFFFF00, 0x05060200, {4, 2, false, 0, 0, "kWh"}},
};
static const struct {
  uint16_t mask, di;
  qf_d645_format f;
} table_1997[] = {
    {0xFFF0, 0x9010, {4, 2, false, 0, 0, "kWh"}},   {0xFFF0, 0x9020, {4, 2, false, 0, 0, "kWh"}},
    {0xFFF0, 0x9110, {4, 2, false, 0, 0, "kvarh"}}, {0xFFF0, 0x9120, {4, 2, false, 0, 0, "kvarh"}},
    {0xFFF0, 0xB610, {2, 0, false, 0, 1, "V"}},     {0xFFF0, 0xB620, {2, 2, false, 0, 1, "A"}},
    {0xFFF0, 0xB630, {3, 4, false, 0, 0, "kW"}},    {0xFFF0, 0xB640, {2, 2, false, 0, 0, "kvar"}},
    {0xFFF0, 0xB650, {2, 3, false, 0, 0, "1"}},
};

qf_rc qf_d645_format_of(uint32_t di, int edition, qf_d645_format *out, bool *block)
{
  if (edition == 1997) {
    *block = (di & 15) == 15;
    for (size_t i = 0; i < sizeof table_1997 / sizeof *table_1997; i++)
      if ((di & table_1997[i].mask) == table_1997[i].di && di <= 0xFFFF) {
        *out = table_1997[i].f;
        return QF_OK;
      }
    return QF_NOTFOUND;
  }
  bool freeze = di >> 24 == 5; /* a frozen record is always a block */
  *block = freeze || (di >> 8 & 0xFF) == 0xFF;
  for (size_t i = 0; i < sizeof table / sizeof *table; i++)
    if ((di & table[i].mask) == table[i].di) {
      *out = table[i].f;
      return QF_OK;
    }
  return QF_NOTFOUND;
}

qf_rc qf_d645_value(const qf_d645_format *f, const uint8_t *p, qf_num *out)
{
  int64_t v = 0;
  bool none = true, minus = f->sign && (p[f->bytes - 1] & 0x80);
  for (unsigned i = 0; i < f->bytes; i++)
    none = none && p[i] == 0xFF;
  if (none)
    return QF_NOTFOUND;
  for (unsigned i = f->bytes; i-- > 0;) {
    unsigned b = p[i];
    if (i == f->bytes - 1u && f->sign)
      b &= 0x7F;
    if (b >> 4 > 9 || (b & 15) > 9)
      return QF_RANGE;
    v = v * 100 + (b >> 4) * 10 + (b & 15);
  }
  *out = (qf_num){minus ? -v : v, (int8_t)-f->decimals};
  return QF_OK;
}
