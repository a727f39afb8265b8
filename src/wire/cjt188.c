/* Frame:  FE x 0..4 | 68 | T | A0..A6 | C | L | DATA | CS | 16       CS = sum modulo 256 from 68 to the end of DATA
 *
 *   DATA of a request   DI0 DI1 SER
 *   of 901F, water and gas (L = 16H): DI0 DI1 SER | now 4 U | at settlement 4 U | time 7 | ST 2
 *   of 901F, heat (L = 2EH):          DI0 DI1 SER | heat at settlement 4 U | heat now 4 U | power 4 U | flow 4 U | volume 4 U |
 *                                     supply 3 | return 3 | hours 3 | time 7 | ST 2
 *   of a refusal (C = C1)             SER ST 2
 *
 * Numbers are decimal digits, the lowest pair first; U is the unit's code. Two places after the point, but flow four and hours
 * none. Makers disagree on the order of the identifier's two bytes: both are taken. */
#include "wire/cjt188.h"
#include "wire/dlt645.h"
#include <string.h>

qf_rc qf_c188_address_parse(const char *s, uint8_t out[7])
{
  size_t n = strlen(s);
  if (n == 14 && strspn(s, "Aa") == 14) {
    memset(out, 0xAA, 7);
    return QF_OK;
  }
  if (n == 0 || n > 14 || strspn(s, "0123456789") != n)
    return QF_SYNTAX;
  memset(out, 0, 7);
  for (size_t i = 0; i < n; i++) {
    unsigned d = (unsigned)(s[n - 1 - i] - '0');
    out[i / 2] |= (uint8_t)(i % 2 ? d << 4 : d);
  }
  return QF_OK;
}

size_t qf_c188_write(const qf_c188_frame *f, uint8_t *out)
{
  memset(out, 0xFE, 4);
  uint8_t *p = out + 4;
  p[0] = 0x68;
  p[1] = f->type;
  memcpy(p + 2, f->address, 7);
  p[9] = f->control;
  p[10] = f->n;
  memcpy(p + 11, f->data, f->n);
  p[11 + f->n] = qf_sum8(p, 11u + f->n);
  p[12 + f->n] = 0x16;
  return 4 + 13u + f->n;
}

static int frame_at(const uint8_t *p, size_t n, qf_c188_frame *out, uint32_t *bad)
{
  if (n < 13 || n < 13u + p[10])
    return -1;
  unsigned len = p[10];
  if (p[12 + len] != 0x16 || p[11 + len] != qf_sum8(p, 11 + len)) {
    if (bad)
      ++*bad;
    return 0;
  }
  out->type = p[1];
  memcpy(out->address, p + 2, 7);
  out->control = p[9];
  out->n = p[10];
  memcpy(out->data, p + 11, len);
  return 1;
}

size_t qf_c188_find(const uint8_t *p, size_t n, qf_c188_frame *out, bool *found, uint32_t *bad)
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
      return i + 13u + out->n;
    }
  }
  return n;
}

void qf_c188_ask(uint8_t type, const uint8_t address[7], uint16_t di, bool swapped, uint8_t ser, qf_c188_frame *out)
{
  out->type = type;
  memcpy(out->address, address, 7);
  out->control = QF_C188_READ;
  out->n = 3;
  out->data[0] = (uint8_t)(swapped ? di >> 8 : di);
  out->data[1] = (uint8_t)(swapped ? di : di >> 8);
  out->data[2] = ser;
}

const char *qf_c188_name(qf_c188_what w)
{
  static const char *const names[QF_C188_WHATS] = {"volume", "volume_settled", "heat",        "heat_settled", "power",
                                                   "flow",   "supply_temp",    "return_temp", "work_hours",   "status"};
  return w < QF_C188_WHATS ? names[w] : "";
}

const char *qf_c188_unit(uint8_t code, int *shift)
{
  static const struct {
    uint8_t code;
    int8_t shift;
    const char *unit;
  } units[] = {{0x02, 0, "Wh"}, {0x05, 0, "kWh"}, {0x08, 0, "MWh"}, {0x0A, 2, "MWh"}, {0x01, 0, "J"},  {0x0B, 0, "kJ"},
               {0x0E, 0, "MJ"}, {0x11, 0, "GJ"},  {0x13, 2, "GJ"},  {0x14, 0, "W"},   {0x17, 0, "kW"}, {0x1A, 0, "MW"},
               {0x29, 0, "L"},  {0x2C, 0, "m3"},  {0x32, 0, "L/h"}, {0x35, 0, "m3/h"}};
  for (size_t i = 0; i < sizeof units / sizeof *units; i++)
    if (units[i].code == code) {
      *shift = units[i].shift;
      return units[i].unit;
    }
  return NULL;
}

typedef struct layout {
  uint8_t what, bytes;
  int8_t decimals;
  const char *unit; /* NULL: a code follows the digits */
} layout;

static const layout of_volume[] = {
    {QF_C188_VOLUME, 4, 2, NULL}, {QF_C188_VOLUME_SETTLED, 4, 2, NULL}, {QF_C188_WHATS, 0, 0, NULL}};
static const layout of_heat[] = {
    {QF_C188_HEAT_SETTLED, 4, 2, NULL}, {QF_C188_HEAT, 4, 2, NULL},   {QF_C188_POWER, 4, 2, NULL},
    {QF_C188_FLOW, 4, 4, NULL},         {QF_C188_VOLUME, 4, 2, NULL}, {QF_C188_SUPPLY, 3, 2, "Cel"},
    {QF_C188_RETURN, 3, 2, "Cel"},      {QF_C188_HOURS, 3, 0, "h"},   {QF_C188_WHATS, 0, 0, NULL}};

/* One value at p; which bytes it takes is known to be there. */
static qf_rc item(const layout *l, const uint8_t *p, qf_c188_reply *out, qf_err *err)
{
  const qf_d645_format f = {.bytes = l->bytes, .decimals = l->decimals};
  qf_c188_item *it = &out->items[out->n];
  int shift = 0;
  qf_rc rc = qf_d645_value(&f, p, &it->v);
  if (rc == QF_NOTFOUND) {
    out->empty++;
    return QF_OK;
  }
  if (rc)
    return qf_fail(err, rc, "%s: a digit above 9", "%s：有大于 9 的数字", qf_c188_name((qf_c188_what)l->what));
  it->what = l->what;
  it->unit = l->unit ? l->unit : qf_c188_unit(p[l->bytes], &shift);
  if (!it->unit)
    return qf_fail(err, QF_SYNTAX, "%s: unit code %02X is not in the table", "%s：单位代号 %02X 不在表中",
                   qf_c188_name((qf_c188_what)l->what), p[l->bytes]);
  it->v.exp = (int8_t)(it->v.exp + shift);
  out->n++;
  return QF_OK;
}

qf_rc qf_c188_read_reply(const qf_c188_frame *f, qf_c188_reply *out, qf_err *err)
{
  *out = (qf_c188_reply){0};
  if ((f->control & 0xC0) == 0xC0)
    return qf_fail(err, QF_DENIED, "the meter refuses, status %02X%02X", "仪表拒绝，状态 %02X%02X",
                   f->n > 2 ? f->data[2] : 0, f->n > 1 ? f->data[1] : 0);
  if (f->control != (0x80 | QF_C188_READ) || f->n < 3)
    return qf_fail(err, QF_SYNTAX, "control %02X with %u bytes is no answer to a reading request",
                   "控制码 %02X、数据 %u 字节，不是读数据的应答", f->control, f->n);
  unsigned a = f->data[0], b = f->data[1];
  out->di = (uint16_t)(a == 0x90 && b != 0x90 ? a << 8 | b : b << 8 | a);
  out->ser = f->data[2];
  bool heat = f->type >> 4 == 2;
  unsigned want = heat ? 46 : 22;
  if (out->di != QF_C188_NOW || f->n < want)
    return qf_fail(err, QF_SYNTAX, "identifier %04X with %u bytes, expected 901F with %u",
                   "标识 %04X、%u 字节，应为 901F、%u 字节", out->di, f->n, want);
  unsigned at = 3;
  for (const layout *l = heat ? of_heat : of_volume; l->what != QF_C188_WHATS; l++) {
    qf_rc rc = item(l, f->data + at, out, err);
    if (rc)
      return rc;
    at += l->bytes + (l->unit ? 0u : 1u);
  }
  at += 7; /* the meter's own time: its clock is nobody's */
  out->items[out->n++] = (qf_c188_item){QF_C188_STATUS, {f->data[at] | f->data[at + 1] << 8, 0}, "1"};
  return QF_OK;
}
