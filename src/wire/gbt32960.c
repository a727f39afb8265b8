/* GB/T 32960.3-2016, the bytes (all integers big-endian):
 *
 *   23 23 | command | answer flag | VIN 17 | encryption | length 2 | data unit | BCC
 *   BCC = xor of all bytes from the command to the end of the data unit.     The 2025 edition begins 24 24.
 *
 * Data unit of 02 and 03: time 6, then information types one after the other, each with its own length:
 *   01 vehicle    20  state, charging, mode, speed 2 (0.1 km/h), mileage 4 (0.1 km), voltage 2 (0.1 V), current 2 (0.1 A,
 *                     offset 1000 A), SOC 1 (%), DC-DC 1, gear 1, insulation 2, accelerator 1, brake 1
 *   02 motors     1 + 12 n
 *   03 fuel cell  18 + n: voltage 2, current 2, hydrogen rate 2 (0.01 kg/100 km), n 2, n temperatures, 10 more
 *   04 engine     5   state, speed 2, fuel rate 2 (0.01 L/100 km)
 *   05 position   9   state (bit 0: not valid, 1: south, 2: west), longitude 4, latitude 4 (10^-6 degrees)
 *   06 extremes   14
 *   07 alarms     1 level, 4 bits, then four lists: count 1, 4 bytes each
 *   08 voltages   count 1, each: no. 1, voltage 2, current 2, cells 2, first 2, m 1, 2 m
 *   09 temperatures  count 1, each: no. 1, n 2, n
 *   0A-2F, 80-FE  of others' making: length 2, so many bytes
 * FF.. is "invalid", FF..FE "abnormal": the value did not come. Only these scales and offsets; no double anywhere. */
#include "wire/gbt32960.h"
#include <string.h>

static unsigned be16(const uint8_t *p)
{
  return (unsigned)p[0] << 8 | p[1];
}

static uint32_t be32(const uint8_t *p)
{
  return (uint32_t)be16(p) << 16 | be16(p + 2);
}

static bool starts(const uint8_t *p)
{
  return (p[0] == 0x23 || p[0] == 0x24) && p[1] == p[0];
}

/* Bytes before the next start, or all but a last byte that may be the first of two. */
static size_t before_start(const uint8_t *p, size_t n)
{
  for (size_t i = 0; i + 1 < n; i++)
    if (starts(p + i))
      return i;
  return n && (p[n - 1] == 0x23 || p[n - 1] == 0x24) ? n - 1 : n;
}

static qf_rc refuse(qf_gbt_frame *out, const uint8_t *p, size_t n, size_t *used)
{
  out->raw = p;
  out->raw_len = n;
  *used = n;
  return QF_SYNTAX;
}

/* No frame here: one byte off, then up to the next start. */
static qf_rc out_of_step(qf_gbt_frame *out, const uint8_t *p, size_t n, size_t *used)
{
  return refuse(out, p, 1 + before_start(p + 1, n - 1), used);
}

static bool known_command(uint8_t c)
{
  return (c >= 1 && c <= 0x0C) || (c >= 0x80 && c <= 0x82) || c >= 0xC0; /* 09-0C: 2025 and reserved ones in use */
}

static bool known_crypt(uint8_t c)
{
  return (c >= 1 && c <= 5) || c >= 0xFE; /* 4 and 5: the 2025 edition */
}

static void take_vin(const uint8_t *p, char vin[QF_GBT_VIN + 1])
{
  size_t n = QF_GBT_VIN;
  while (n && (p[n - 1] == 0 || p[n - 1] == ' '))
    n--;
  for (size_t i = 0; i < n; i++)
    vin[i] = (char)(p[i] > 0x20 && p[i] < 0x7F ? p[i] : '?');
  vin[n] = 0;
}

qf_rc qf_gbt_next(const uint8_t *p, size_t n, size_t data_max, qf_gbt_frame *out, size_t *used, qf_err *err)
{
  *out = (qf_gbt_frame){0};
  *used = 0;
  if (n == 0)
    return QF_PARTIAL;
  size_t garbage = before_start(p, n);
  if (garbage) {
    qf_fail(err, QF_SYNTAX, "%zu bytes before a start 23 23 or 24 24", "起始符 23 23 或 24 24 之前有 %zu 字节",
            garbage);
    return refuse(out, p, garbage, used);
  }
  if (n >= 3 && !known_command(p[2])) { /* said at once: a stray 23 23 must not make us wait */
    qf_fail(err, QF_SYNTAX, "no command %02X", "无命令 %02X", (unsigned)p[2]);
    return out_of_step(out, p, n, used);
  }
  if (n < QF_GBT_HEAD)
    return QF_PARTIAL;
  if (!known_crypt(p[21])) {
    qf_fail(err, QF_SYNTAX, "no encryption %02X", "无加密方式 %02X", (unsigned)p[21]);
    return out_of_step(out, p, n, used);
  }
  size_t len = be16(p + 22);
  if (len > data_max || len > QF_GBT_DATA_MAX) {
    qf_fail(err, QF_SYNTAX, "a data unit of %zu bytes is longer than the limit of %zu",
            "数据单元 %zu 字节，超过上限 %zu", len, data_max);
    return out_of_step(out, p, n, used);
  }
  if (n < len + QF_GBT_OVERHEAD)
    return QF_PARTIAL;
  uint8_t bcc = 0;
  for (size_t i = 2; i < QF_GBT_HEAD + len; i++)
    bcc ^= p[i];
  if (bcc != p[QF_GBT_HEAD + len]) {
    qf_fail(err, QF_SYNTAX, "check byte %02X, computed %02X", "校验码 %02X，计算得 %02X",
            (unsigned)p[QF_GBT_HEAD + len], (unsigned)bcc);
    return out_of_step(out, p, n, used);
  }
  *out = (qf_gbt_frame){.raw = p,
                        .raw_len = len + QF_GBT_OVERHEAD,
                        .cmd = p[2],
                        .answer = p[3],
                        .crypt = p[21],
                        .edition2025 = p[0] == 0x24,
                        .data = p + QF_GBT_HEAD,
                        .len = len};
  take_vin(p + 4, out->vin);
  *used = out->raw_len;
  return QF_OK;
}

void qf_gbt_build(qf_buf *out, const qf_gbt_frame *f)
{
  uint8_t head[QF_GBT_HEAD] = {0}, bcc = 0;
  if (f->len > QF_GBT_DATA_MAX) {
    out->failed = true;
    return;
  }
  head[0] = head[1] = f->edition2025 ? 0x24 : 0x23;
  head[2] = f->cmd;
  head[3] = f->answer;
  memcpy(head + 4, f->vin, strnlen(f->vin, QF_GBT_VIN));
  head[21] = f->crypt;
  head[22] = (uint8_t)(f->len >> 8);
  head[23] = (uint8_t)f->len;
  for (size_t i = 2; i < QF_GBT_HEAD; i++)
    bcc ^= head[i];
  for (size_t i = 0; i < f->len; i++)
    bcc ^= f->data[i];
  qf_buf_put(out, head, sizeof head);
  if (f->len)
    qf_buf_put(out, f->data, f->len);
  qf_buf_put(out, &bcc, 1);
}

bool qf_gbt_vin_ok(const char *vin)
{
  size_t n = 0;
  for (; vin[n]; n++) {
    char c = vin[n];
    if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')))
      return false;
  }
  return n == QF_GBT_VIN;
}

qf_rc qf_gbt_time(const uint8_t p[6], qf_us *out)
{
  const qf_civil c = {.year = 2000 + p[0], .month = p[1], .day = p[2], .hour = p[3], .minute = p[4], .second = p[5]};
  return p[0] > 99 ? QF_RANGE : qf_civil_to_us(&c, QF_CN_OFFSET, out);
}

void qf_gbt_put_time(qf_us t, uint8_t p[6])
{
  qf_civil c = qf_civil_at(t, QF_CN_OFFSET);
  const int v[6] = {c.year - 2000, c.month, c.day, c.hour, c.minute, c.second};
  for (int i = 0; i < 6; i++)
    p[i] = (uint8_t)v[i];
}

/* ---- report */

/* Value of one field: in range, or told as invalid. */
static void take(qf_gbt_report *r, uint32_t bit, uint32_t raw, uint32_t max, qf_num v, qf_num *out)
{
  r->has &= ~bit; /* a type that comes twice: the later counts */
  r->invalid &= ~bit;
  if (raw <= max) {
    r->has |= bit;
    *out = v;
  } else {
    r->invalid |= bit;
  }
}

static void vehicle(const uint8_t *p, qf_gbt_report *r)
{
  qf_num code;
  r->state = p[0];
  r->charging = p[1];
  take(r, QF_GBT_CHARGING, p[1] ? p[1] : 255, 4, (qf_num){p[1], 0}, &code);
  r->mode = p[2];
  uint32_t km = be32(p + 5), speed = be16(p + 3), volt = be16(p + 9), amp = be16(p + 11);
  take(r, QF_GBT_SPEED, speed, 2200, (qf_num){speed, -1}, &r->speed);
  take(r, QF_GBT_MILEAGE, km, 9999999, (qf_num){km, -1}, &r->mileage);
  take(r, QF_GBT_VOLTAGE, volt, 10000, (qf_num){volt, -1}, &r->voltage);
  take(r, QF_GBT_CURRENT, amp, 20000, (qf_num){(int64_t)amp - 10000, -1}, &r->current);
  take(r, QF_GBT_SOC, p[13], 100, (qf_num){p[13], 0}, &r->soc);
}

static void position(const uint8_t *p, qf_gbt_report *r)
{
  uint32_t lon = be32(p + 1), lat = be32(p + 5);
  bool bad = (p[0] & 1) || lon > 180000000 || lat > 90000000;
  take(r, QF_GBT_POSITION, bad, 0, (qf_num){p[0] & 4 ? -(int64_t)lon : (int64_t)lon, -6}, &r->longitude);
  r->latitude = (qf_num){p[0] & 2 ? -(int64_t)lat : (int64_t)lat, -6};
}

/* Bytes of lists: count 1, then `each` bytes a piece. 0: they do not fit. */
static size_t list(const uint8_t *p, size_t n, size_t each)
{
  size_t want = n ? 1 + p[0] * each : 0;
  return want && want <= n && p[0] < 0xFE ? want : n && p[0] >= 0xFE ? 1 : 0;
}

static size_t alarms_len(const uint8_t *p, size_t n)
{
  size_t at = 5;
  for (int k = 0; k < 4; k++) {
    size_t l = at < n ? list(p + at, n - at, 4) : 0;
    if (!l)
      return 0;
    at += l;
  }
  return at;
}

/* 08 and 09: sub-systems, each with a head and a count at its end. wide: the count has two bytes. */
static size_t packs_len(const uint8_t *p, size_t n, size_t head, bool wide, size_t each)
{
  size_t at = 1;
  if (n < 1)
    return 0;
  for (unsigned k = p[0] >= 0xFE ? 0 : p[0]; k; k--) {
    size_t count_len = wide ? 2 : 1;
    if (n - at < head + count_len)
      return 0;
    unsigned count = wide ? be16(p + at + head) : p[at + head];
    if (count >= (wide ? 0xFFFEu : 0xFEu))
      count = 0;
    size_t want = head + count_len + count * each;
    if (n - at < want)
      return 0;
    at += want;
  }
  return at;
}

static size_t fuel_cell_len(const uint8_t *p, size_t n)
{
  unsigned probes = n >= 8 ? be16(p + 6) : 0;
  return 18 + (probes >= 0xFFFE ? 0 : probes);
}

/* Bytes of the type at p (n are left); 0: it ends too early; SIZE_MAX: no such type. */
static size_t type_len(uint8_t type, const uint8_t *p, size_t n)
{
  switch (type) {
  case 1:
    return 20;
  case 2:
    return list(p, n, 12);
  case 3:
    return fuel_cell_len(p, n);
  case 4:
    return 5;
  case 5:
    return 9;
  case 6:
    return 14;
  case 7:
    return alarms_len(p, n);
  case 8:
    return packs_len(p, n, 9, false, 2);
  case 9:
    return packs_len(p, n, 1, true, 1);
  default:
    break;
  }
  if ((type >= 0x0A && type <= 0x2F) || (type >= 0x80 && type <= 0xFE))
    return n >= 2 ? 2 + be16(p) : 0;
  return SIZE_MAX;
}

static void read_type(uint8_t type, const uint8_t *p, qf_gbt_report *r)
{
  qf_num level;
  if (type == 1)
    vehicle(p, r);
  else if (type == 3)
    take(r, QF_GBT_FUEL_CELL, be16(p + 4), 60000, (qf_num){be16(p + 4), -2}, &r->hydrogen);
  else if (type == 4)
    take(r, QF_GBT_ENGINE, be16(p + 3), 60000, (qf_num){be16(p + 3), -2}, &r->fuel);
  else if (type == 5)
    position(p, r);
  else if (type == 7) {
    r->alarm = p[0];
    take(r, QF_GBT_ALARM, p[0], 3, (qf_num){p[0], 0}, &level);
  }
  if (type < 32)
    r->types |= 1u << type;
}

qf_rc qf_gbt_report_read(const uint8_t *data, size_t len, qf_gbt_report *out, qf_err *err)
{
  *out = (qf_gbt_report){0};
  if (len < 6)
    return qf_fail(err, QF_SYNTAX, "a report of %zu bytes has no time", "上报仅 %zu 字节，没有时间", len);
  if (qf_gbt_time(data, &out->ts_us))
    return qf_fail(err, QF_RANGE, "no such moment: 20%02u-%02u-%02u %02u:%02u:%02u",
                   "无此时刻：20%02u-%02u-%02u %02u:%02u:%02u", (unsigned)data[0], (unsigned)data[1], (unsigned)data[2],
                   (unsigned)data[3], (unsigned)data[4], (unsigned)data[5]);
  for (size_t at = 6; at < len;) {
    uint8_t type = data[at++];
    size_t n = type_len(type, data + at, len - at);
    if (n == SIZE_MAX)
      return qf_fail(err, QF_SYNTAX, "information type %02X at byte %zu is not known, nor its length",
                     "信息类型 %02X（第 %zu 字节）未知，长度亦未知", (unsigned)type, at);
    if (n == 0 || n > len - at)
      return qf_fail(err, QF_SYNTAX, "information type %02X at byte %zu: the unit ends too early",
                     "信息类型 %02X（第 %zu 字节）：数据单元过早结束", (unsigned)type, at);
    read_type(type, data + at, out);
    at += n;
  }
  return QF_OK;
}

/* ---- energy: 0.1 V x 0.1 A = 10^-2 W; half the sum of two of them times microseconds is 5 x 10^-9 J; 3.6 x 10^6 J = 1 kWh,
 * so that the count of 10^-9 kWh (= 3.6 x 10^-3 J) is sum x us x 5 / 3 600 000. */
static int64_t nano_kwh(qf_i128 sum_us)
{
  qf_i128 x = sum_us * 5, d = 3600000, q = x / d, r = x % d;
  if (r * 2 > d || (r * 2 == d && (q & 1)))
    q++;
  return (int64_t)q;
}

bool qf_gbt_energy(const qf_gbt_report *from, const qf_gbt_report *to, qf_us gap_us, qf_gbt_step *out)
{
  const uint32_t need = QF_GBT_VOLTAGE | QF_GBT_CURRENT;
  qf_us dt = to->ts_us - from->ts_us;
  *out = (qf_gbt_step){0};
  if ((from->has & need) != need || (to->has & need) != need || dt <= 0 || dt > gap_us)
    return false;
  int64_t sum = from->voltage.mant * from->current.mant + to->voltage.mant * to->current.mant; /* each within 10^9 */
  int64_t e = nano_kwh((qf_i128)(sum < 0 ? -sum : sum) * dt);
  out->charge = out->out = out->back = (qf_num){0, -9};
  out->charged = from->charging == 1 || to->charging == 1;
  if (out->charged)
    out->charge.mant = sum < 0 ? e : 0;
  else if (sum < 0)
    out->back.mant = e;
  else
    out->out.mant = e;
  return true;
}
