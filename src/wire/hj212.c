/* HJ 212-2017 (and 2005, 2025), the bytes:
 *
 *   ## LLLL data CCCC CR LF        LLLL decimal bytes of data, CCCC its CRC as four hexadecimal digits
 *   data = QN=..;ST=..;CN=..;PW=..;MN=..;Flag=..;[PNUM=..;PNO=..;]CP=&&content&&
 *   content = DataTime=YYYYMMDDhhmmss;code-Rtd=1.5,code-Flag=N;code-Avg=..,code-Min=..
 *
 * Flag = version << 2 | D << 1 | A: A asks for an answer, D says the message is split into PNUM parts.
 *
 * The CRC (annex A) is CRC-16/MODBUS but for one step: the register loses its low byte before each byte is mixed in, so that
 * only eight bits of what went before count. One random error in 256 goes through: length, && pairs and fields are checked
 * as well. crc("123456789") = 2F80; of MODBUS 4B37.
 *
 * Getting in step again: a frame holds no CR LF before its end. A length that would reach over a CR LF is wrong, and so what
 * came is refused up to there; else the two # are dropped and the next ## is looked for. */
#include "wire/hj212.h"
#include <string.h>

uint16_t qf_hj_crc_standard(const void *p, size_t n)
{
  const uint8_t *b = p;
  unsigned r = 0xFFFF;
  for (size_t i = 0; i < n; i++) {
    r = (r >> 8) ^ b[i];
    for (int k = 0; k < 8; k++)
      r = r & 1 ? (r >> 1) ^ 0xA001 : r >> 1;
  }
  return (uint16_t)r;
}

uint16_t qf_hj_crc_modbus(const void *p, size_t n)
{
  const uint8_t *b = p;
  unsigned r = 0xFFFF;
  for (size_t i = 0; i < n; i++) {
    r ^= b[i];
    for (int k = 0; k < 8; k++)
      r = r & 1 ? (r >> 1) ^ 0xA001 : r >> 1;
  }
  return (uint16_t)r;
}

static bool blank(char c)
{
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == 0;
}

static bool digit(char c)
{
  return c >= '0' && c <= '9';
}

static int hex(uint8_t c)
{
  if (c >= '0' && c <= '9')
    return c - '0';
  c |= 0x20;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Bytes before the next ##, or all but a last # that may be the first of two. */
static size_t before_start(const uint8_t *p, size_t n)
{
  for (size_t i = 0; i + 1 < n; i++)
    if (p[i] == '#' && p[i + 1] == '#')
      return i;
  return n && p[n - 1] == '#' ? n - 1 : n;
}

static qf_rc refuse(qf_hj_frame *out, const uint8_t *p, size_t n, size_t *used)
{
  out->raw = p;
  out->raw_len = n;
  *used = n;
  return QF_SYNTAX;
}

/* A frame that is none: drop it up to the ## or the CR LF that follows within it. */
static size_t drop_to(const uint8_t *p, size_t n)
{
  for (size_t i = 1; i < n; i++) {
    if (p[i] == '\n')
      return i + 1;
    if (p[i] == '#' && (i + 1 == n || p[i + 1] == '#'))
      return i;
  }
  return n;
}

static qf_rc check_crc(const uint8_t *p, size_t len, qf_hj_crc mode, qf_hj_frame *out, qf_err *err)
{
  unsigned sent = 0;
  for (int i = 0; i < 4; i++) {
    int h = hex(p[6 + len + (size_t)i]);
    if (h < 0)
      return qf_fail(err, QF_SYNTAX, "after %zu bytes of data there is no CRC of four hexadecimal digits",
                     "%zu 字节数据之后没有四位十六进制 CRC", len);
    sent = sent << 4 | (unsigned)h;
  }
  unsigned standard = qf_hj_crc_standard(p + 6, len), modbus = qf_hj_crc_modbus(p + 6, len);
  if (sent == standard && mode != QF_HJ_CRC_MODBUS)
    out->crc = QF_HJ_CRC_STANDARD;
  else if (sent == modbus && mode != QF_HJ_CRC_STANDARD)
    out->crc = QF_HJ_CRC_MODBUS;
  else
    return qf_fail(err, QF_SYNTAX, "CRC %04X does not fit the data: HJ 212's is %04X, Modbus's %04X",
                   "CRC %04X 与数据不符：按 HJ 212 应为 %04X，按 Modbus 应为 %04X", sent, standard, modbus);
  return QF_OK;
}

/* p begins with ##. The length of the data, or -1 with words. */
static int read_length(const uint8_t *p, qf_err *err)
{
  int len = 0;
  for (int i = 2; i < 6; i++) {
    if (!digit((char)p[i])) {
      (void)qf_fail(err, QF_SYNTAX, "## is not followed by a length of four digits", "## 之后不是四位长度");
      return -1;
    }
    len = len * 10 + (p[i] - '0');
  }
  return len;
}

static const uint8_t *find_crlf(const uint8_t *p, size_t n)
{
  for (size_t i = 0; i + 1 < n; i++)
    if (p[i] == '\r' && p[i + 1] == '\n')
      return p + i;
  return NULL;
}

/* p[0..n) begins with ##. */
static qf_rc next_at(const uint8_t *p, size_t n, qf_hj_crc mode, qf_hj_frame *out, size_t *used, qf_err *err)
{
  if (n < 6)
    return QF_PARTIAL;
  int l = read_length(p, err);
  if (l < 0)
    return refuse(out, p, drop_to(p, n < 16 ? n : 16), used);
  size_t len = (size_t)l, whole = len + QF_HJ_OVERHEAD, seen = n < whole ? n : whole;
  const uint8_t *end = find_crlf(p, seen);
  if (end && (size_t)(end - p) + 2 != whole) {
    qf_fail(err, QF_SYNTAX, "the length says %zu bytes of data, the line ends after %zu bytes in all",
            "长度声明数据 %zu 字节，而整行在 %zu 字节处结束", len, (size_t)(end - p) + 2);
    return refuse(out, p, drop_to(p, (size_t)(end - p) + 2), used);
  }
  if (n < whole)
    return QF_PARTIAL;
  if (!end) {
    qf_fail(err, QF_SYNTAX, "no CR LF after %zu bytes of data and the CRC", "%zu 字节数据和 CRC 之后没有回车换行", len);
    return refuse(out, p, drop_to(p, whole), used);
  }
  qf_rc rc = check_crc(p, len, mode, out, err);
  if (rc)
    return refuse(out, p, drop_to(p, whole), used);
  out->raw = p;
  out->raw_len = *used = whole;
  out->data = (qf_hj_str){(const char *)p + 6, len};
  return QF_OK;
}

qf_rc qf_hj_next(const uint8_t *p, size_t n, qf_hj_crc mode, qf_hj_frame *out, size_t *used, qf_err *err)
{
  size_t skip = 0;
  *out = (qf_hj_frame){0};
  while (skip < n && blank((char)p[skip]))
    skip++;
  p += skip;
  n -= skip;
  *used = 0;
  size_t garbage = before_start(p, n);
  if (garbage) {
    qf_fail(err, QF_SYNTAX, "%zu bytes before a ##", "## 之前有 %zu 字节", garbage);
    (void)refuse(out, p, garbage, used);
    *used += skip;
    return QF_SYNTAX;
  }
  qf_rc rc = n ? next_at(p, n, mode, out, used, err) : QF_PARTIAL;
  *used += skip;
  return rc;
}

/* ---- data segment */

static qf_hj_str trim(const char *s, const char *end)
{
  while (s < end && blank(*s))
    s++;
  while (end > s && blank(end[-1]))
    end--;
  return (qf_hj_str){s, (size_t)(end - s)};
}

static bool same(qf_hj_str a, const char *b)
{
  return a.n == strlen(b) && memcmp(a.s, b, a.n) == 0;
}

static qf_rc bad_field(qf_err *err, const char *name, qf_hj_str v)
{
  return qf_fail(err, QF_SYNTAX, "%s=%.*s: not of the form", "%s=%.*s：格式不对", name, (int)(v.n < 40 ? v.n : 40),
                 v.s);
}

static qf_rc number(qf_hj_str v, const char *name, unsigned max, uint16_t *out, qf_err *err)
{
  unsigned x = 0;
  if (v.n == 0 || v.n > 5)
    return bad_field(err, name, v);
  for (size_t i = 0; i < v.n; i++) {
    if (!digit(v.s[i]))
      return bad_field(err, name, v);
    x = x * 10 + (unsigned)(v.s[i] - '0');
  }
  if (x > max)
    return bad_field(err, name, v);
  *out = (uint16_t)x;
  return QF_OK;
}

static bool plain(char c)
{
  return digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
}

static qf_rc text(qf_hj_str v, const char *name, char out[QF_HJ_NAME_MAX + 1], qf_err *err)
{
  if (v.n > QF_HJ_NAME_MAX)
    return bad_field(err, name, v);
  for (size_t i = 0; i < v.n; i++)
    if (name[0] == 'M' ? !plain(v.s[i]) : v.s[i] < 0x21 || v.s[i] > 0x7E)
      return bad_field(err, name, v);
  memcpy(out, v.s, v.n);
  out[v.n] = 0;
  return QF_OK;
}

static qf_rc take_qn(qf_hj_str v, qf_hj_packet *out, qf_err *err)
{
  qf_us t;
  if (v.n != 17 || qf_hj_time(v, &t))
    return bad_field(err, "QN", v);
  memcpy(out->qn, v.s, 17);
  out->qn[17] = 0;
  return QF_OK;
}

static qf_rc take_flag(qf_hj_str v, qf_hj_packet *out, qf_err *err)
{
  uint16_t f = 0;
  qf_rc rc = number(v, "Flag", 255, &f, err);
  out->flag = (uint8_t)f;
  out->ack = f & 1;
  out->split = f & 2;
  out->version = (uint8_t)(f >> 2);
  return rc;
}

enum { F_QN, F_ST, F_CN, F_PW, F_MN, F_FLAG, F_PNUM, F_PNO, F_COUNT };

static qf_rc take_field(int f, qf_hj_str v, qf_hj_packet *out, qf_err *err)
{
  switch (f) {
  case F_QN:
    return take_qn(v, out, err);
  case F_ST:
    return number(v, "ST", 999, &out->st, err);
  case F_CN:
    return number(v, "CN", 9999, &out->cn, err);
  case F_PW:
    return text(v, "PW", out->pw, err);
  case F_MN:
    return text(v, "MN", out->mn, err);
  case F_FLAG:
    return take_flag(v, out, err);
  case F_PNUM:
    return number(v, "PNUM", 9999, &out->pnum, err);
  default:
    return number(v, "PNO", 9999, &out->pno, err);
  }
}

static qf_rc header(const char *s, const char *end, qf_hj_packet *out, unsigned *seen, qf_err *err)
{
  static const char *const names[F_COUNT] = {"QN", "ST", "CN", "PW", "MN", "Flag", "PNUM", "PNO"};
  while (s < end) {
    const char *stop = s;
    while (stop < end && *stop != ';' && *stop != ',')
      stop++;
    const char *eq = memchr(s, '=', (size_t)(stop - s));
    qf_hj_str key = trim(s, eq ? eq : stop);
    if (!eq && key.n)
      return qf_fail(err, QF_SYNTAX, "%.*s: a field without =", "%.*s：字段缺少等号", (int)(key.n < 40 ? key.n : 40),
                     key.s);
    for (int f = 0; eq && f < F_COUNT; f++) { /* a field that is not known is passed over: later editions have more */
      if (!same(key, names[f]))
        continue;
      if (*seen & 1u << f)
        return qf_fail(err, QF_SYNTAX, "%s stands there twice", "%s 出现两次", names[f]);
      *seen |= 1u << f;
      qf_rc rc = take_field(f, trim(eq + 1, stop), out, err);
      if (rc)
        return rc;
    }
    s = stop < end ? stop + 1 : end;
  }
  return QF_OK;
}

/* "CP=&&content&&" at the end; where its C stands goes to *at. */
static qf_rc content(const char *data, size_t n, qf_hj_str *cp, size_t *at, qf_err *err)
{
  while (n && blank(data[n - 1]))
    n--;
  for (size_t i = 0; i + 2 <= n; i++) {
    if (data[i] != 'C' || data[i + 1] != 'P')
      continue;
    size_t k = i + 2;
    while (k < n && data[k] == ' ')
      k++;
    if (k >= n || data[k] != '=')
      continue;
    k++;
    while (k < n && data[k] == ' ')
      k++;
    if (n - k < 4 || memcmp(data + k, "&&", 2) != 0 || memcmp(data + n - 2, "&&", 2) != 0)
      break;
    *cp = (qf_hj_str){data + k + 2, n - k - 4};
    *at = i;
    return QF_OK;
  }
  return qf_fail(err, QF_SYNTAX, "no CP=&&...&& at the end of the data", "数据段末尾没有 CP=&&...&&");
}

qf_rc qf_hj_parse(const char *data, size_t n, qf_hj_packet *out, qf_err *err)
{
  size_t at = 0;
  unsigned seen = 0;
  *out = (qf_hj_packet){0};
  for (size_t i = 0; i < n; i++)
    if ((uint8_t)data[i] < 0x20 || data[i] == 0x7F)
      return qf_fail(err, QF_SYNTAX, "byte %zu of the data is a control character", "数据段第 %zu 字节是控制字符",
                     i + 1);
  qf_rc rc = content(data, n, &out->cp, &at, err);
  if (!rc)
    rc = header(data, data + at, out, &seen, err);
  if (rc)
    return rc;
  if (!(seen & 1u << F_CN) || !out->mn[0])
    return qf_fail(err, QF_SYNTAX, "%s is missing", "缺少 %s", out->mn[0] ? "CN" : "MN");
  bool parts = out->pnum || out->pno;
  if (!parts)
    out->pnum = out->pno = 1; /* bit D without numbers: taken as whole, the reader of it needs no other part */
  if (out->pno < 1 || out->pno > out->pnum || out->pnum > QF_HJ_PNUM_MAX)
    return qf_fail(err, QF_RANGE, "part %u of %u: parts go from 1 to at most %d", "第 %u 包共 %u 包：应为 1 至最多 %d",
                   (unsigned)out->pno, (unsigned)out->pnum, QF_HJ_PNUM_MAX);
  return QF_OK;
}

bool qf_hj_item_next(qf_hj_str cp, size_t *at, qf_hj_item *out)
{
  while (*at < cp.n) {
    const char *s = cp.s + *at, *end = cp.s + cp.n, *stop = s;
    while (stop < end && *stop != ';' && *stop != ',')
      stop++;
    *at = (size_t)(stop - cp.s) + (stop < end);
    qf_hj_str all = trim(s, stop);
    if (!all.n)
      continue;
    const char *eq = memchr(all.s, '=', all.n);
    *out = (qf_hj_item){.value = all};
    if (!eq)
      return true;
    qf_hj_str key = trim(all.s, eq);
    const char *dash = NULL;
    for (size_t i = 0; i < key.n; i++)
      if (key.s[i] == '-')
        dash = key.s + i;
    out->name = dash ? trim(dash + 1, key.s + key.n) : key;
    if (dash)
      out->code = trim(key.s, dash);
    out->value = trim(eq + 1, all.s + all.n);
    return true;
  }
  return false;
}

static bool equal(qf_hj_str a, qf_hj_str b)
{
  return a.n == b.n && (a.n == 0 || memcmp(a.s, b.s, a.n) == 0);
}

bool qf_hj_find(qf_hj_str cp, size_t from, const qf_hj_str *code, const char *name, qf_hj_str *out)
{
  const qf_hj_str none = {0};
  for (int turn = 0; turn < 2; turn++) {
    qf_hj_item it;
    for (size_t at = turn ? 0 : from; qf_hj_item_next(cp, &at, &it);) {
      if (it.name.n && same(it.name, name) && equal(it.code, code ? *code : none)) {
        *out = it.value;
        return true;
      }
    }
    if (!from)
      break;
  }
  return false;
}

const char *qf_hj_field(qf_hj_str name)
{
  static const char *const fields[][2] = {
      {"Rtd", "rtd"},     {"Avg", "avg"},     {"Min", "min"},     {"Max", "max"}, {"Cou", "cou"}, {"ZsRtd", "zsrtd"},
      {"ZsAvg", "zsavg"}, {"ZsMin", "zsmin"}, {"ZsMax", "zsmax"}, {"RS", "rs"},   {"RT", "rt"}};
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
    if (same(name, fields[i][0]))
      return fields[i][1];
  return NULL;
}

static int two(const char *s)
{
  return (s[0] - '0') * 10 + (s[1] - '0');
}

qf_rc qf_hj_time(qf_hj_str s, qf_us *out)
{
  if (s.n != 14 && s.n != 17)
    return QF_SYNTAX;
  for (size_t i = 0; i < s.n; i++)
    if (!digit(s.s[i]))
      return QF_SYNTAX;
  const char *p = s.s;
  qf_civil c = {.year = two(p) * 100 + two(p + 2),
                .month = two(p + 4),
                .day = two(p + 6),
                .hour = two(p + 8),
                .minute = two(p + 10),
                .second = two(p + 12)};
  if (s.n == 17)
    c.us = ((p[14] - '0') * 100 + two(p + 15)) * 1000;
  if (c.year < 1990)
    return QF_RANGE;
  return qf_civil_to_us(&c, QF_CN_OFFSET, out);
}

uint8_t qf_hj_reading_flags(qf_hj_str flag)
{
  if (flag.n == 0 || same(flag, "N"))
    return 0;
  return same(flag, "S") ? QF_RD_MANUAL : QF_RD_SENTINEL;
}

void qf_hj_rtn_words(uint16_t cn, unsigned code, const char **en, const char **zh)
{
  static const struct {
    uint16_t cn;
    unsigned code;
    const char *en, *zh;
  } words[] = {{9011, 1, "ready to carry it out", "准备执行请求"},
               {9011, 2, "request refused", "请求被拒绝"},
               {9011, 3, "wrong PW", "PW 错误"},
               {9011, 4, "wrong MN", "MN 错误"},
               {9011, 5, "wrong ST", "ST 错误"},
               {9011, 6, "wrong Flag", "Flag 错误"},
               {9011, 7, "wrong QN", "QN 错误"},
               {9011, 8, "wrong CN", "CN 错误"},
               {9011, 9, "wrong CRC", "CRC 校验错误"},
               {9012, 1, "done", "执行成功"},
               {9012, 2, "failed, cause unknown", "执行失败，原因未知"},
               {9012, 3, "the condition for it is not met", "执行条件错误"},
               {9012, 4, "timed out", "通讯超时"},
               {9012, 5, "the system is busy", "系统繁忙"},
               {9012, 6, "the system is at fault", "系统故障"},
               {9012, 100, "no data", "没有数据"}};
  *en = "unknown";
  *zh = "未知";
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (words[i].cn == cn && words[i].code == code) {
      *en = words[i].en;
      *zh = words[i].zh;
    }
}

void qf_hj_build(qf_buf *out, const qf_hj_head *h, const char *cp, qf_hj_crc crc)
{
  size_t from = out->len;
  qf_buf_puts(out, "##0000");
  if (h->qn && h->qn[0])
    qf_buf_printf(out, "QN=%s;", h->qn);
  if (h->st)
    qf_buf_printf(out, "ST=%02u;", (unsigned)h->st);
  qf_buf_printf(out, "CN=%u;", (unsigned)h->cn);
  if (h->pw && h->pw[0])
    qf_buf_printf(out, "PW=%s;", h->pw);
  if (h->mn && h->mn[0])
    qf_buf_printf(out, "MN=%s;", h->mn);
  qf_buf_printf(out, "Flag=%u;", (unsigned)h->flag);
  if (h->pnum)
    qf_buf_printf(out, "PNUM=%u;PNO=%u;", (unsigned)h->pnum, (unsigned)h->pno);
  qf_buf_printf(out, "CP=&&%s&&", cp);
  size_t len = out->len - from - 6;
  if (out->failed || len > QF_HJ_DATA_MAX) {
    out->failed = true;
    return;
  }
  for (size_t k = 0, v = len; k < 4; k++, v /= 10)
    out->data[from + 5 - k] = (char)('0' + v % 10);
  const char *data = out->data + from + 6;
  unsigned c = crc == QF_HJ_CRC_MODBUS ? qf_hj_crc_modbus(data, len) : qf_hj_crc_standard(data, len);
  qf_buf_printf(out, "%04X\r\n", c);
}

void qf_hj_qn(qf_us t, char out[18])
{
  qf_civil c = qf_civil_at(t, QF_CN_OFFSET);
  const int v[7] = {c.year / 100, c.year % 100, c.month, c.day, c.hour, c.minute, c.second};
  for (int i = 0; i < 7; i++) {
    out[2 * i] = (char)('0' + v[i] / 10 % 10);
    out[2 * i + 1] = (char)('0' + v[i] % 10);
  }
  int ms = c.us / 1000;
  out[14] = (char)('0' + ms / 100);
  out[15] = (char)('0' + ms / 10 % 10);
  out[16] = (char)('0' + ms % 10);
  out[17] = 0;
}
