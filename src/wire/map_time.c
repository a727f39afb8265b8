#include "wire/map_int.h"
#include <stdlib.h>
#include <string.h>

/* Tokens of a format: YYYY MM M DD D HH H mm ss Z. The doubled ones want exactly two digits, the single ones take one
 * or two. Z is an offset: Z, +08:00, +0800 or +08. Anything else stands for itself. MM and M are months, mm minutes. */
static const struct token {
  const char *text;
  uint8_t kind;
} tokens[] = {{"YYYY", TK_YEAR4}, {"MM", TK_MONTH2}, {"DD", TK_DAY2}, {"HH", TK_HOUR2}, {"mm", TK_MINUTE},
              {"ss", TK_SECOND},  {"M", TK_MONTH},   {"D", TK_DAY},   {"H", TK_HOUR},   {"Z", TK_ZONE}};

static qf_rc compile_one(map_format *f, const char *s, size_t n, qf_err *err)
{
  unsigned seen = 0;
  f->n = 0;
  for (size_t i = 0; i < n;) {
    const struct token *t = NULL;
    for (size_t k = 0; !t && k < sizeof tokens / sizeof *tokens; k++)
      if (n - i >= strlen(tokens[k].text) && memcmp(s + i, tokens[k].text, strlen(tokens[k].text)) == 0)
        t = &tokens[k];
    if (f->n == MAP_TOKENS)
      return qf_fail(err, QF_RANGE, "the time format \"%.*s\" is too long", "时间格式“%.*s”过长", (int)n, s);
    f->tok[f->n].kind = t ? t->kind : TK_LITERAL;
    f->tok[f->n++].c = s[i];
    if (t && (seen & 1u << t->kind))
      return qf_fail(err, QF_SYNTAX, "the time format \"%.*s\" has %s twice", "时间格式“%.*s”中 %s 出现两次", (int)n, s,
                     t->text);
    seen |= t ? 1u << t->kind : 0;
    i += t ? strlen(t->text) : 1;
  }
  bool month = seen & (1u << TK_MONTH2 | 1u << TK_MONTH), day = seen & (1u << TK_DAY2 | 1u << TK_DAY);
  bool hour = seen & (1u << TK_HOUR2 | 1u << TK_HOUR);
  if (!(seen & 1u << TK_YEAR4) || !month || !day || !hour)
    return qf_fail(err, QF_SYNTAX, "the time format \"%.*s\" lacks one of YYYY, MM or M, DD or D, HH or H",
                   "时间格式“%.*s”缺少 YYYY、MM 或 M、DD 或 D、HH 或 H 之一", (int)n, s);
  return QF_OK;
}

qf_rc map_formats_compile(qf_map *m, const char *text, qf_err *err)
{
  for (const char *s = text; *s;) {
    size_t n = strcspn(s, "|");
    const char *rest = s[n] ? s + n + 1 : s + n;
    for (; n && *s == ' '; n--)
      s++;
    while (n && s[n - 1] == ' ')
      n--;
    if (n == 0 || m->nformats == MAP_FORMATS)
      return qf_fail(err, QF_SYNTAX, "format: 1 to %d formats divided by | are expected",
                     "format：应为以 | 分隔的 1 至 %d 个格式", MAP_FORMATS);
    qf_rc rc = compile_one(&m->format[m->nformats++], s, n, err);
    if (rc)
      return rc;
    s = rest;
  }
  m->format_text = text;
  return QF_OK;
}

/* min..max digits at *s. */
static bool number(const char **s, const char *end, int min, int max, int *out)
{
  int v = 0, n = 0;
  for (; n < max && *s < end && **s >= '0' && **s <= '9'; n++)
    v = v * 10 + (*(*s)++ - '0');
  *out = v;
  return n >= min;
}

static bool zone(const char **s, const char *end, qf_us *out)
{
  int h = 0, m = 0;
  *out = 0;
  if (*s < end && (**s == 'Z' || **s == 'z')) {
    ++*s;
    return true;
  }
  if (*s == end || (**s != '+' && **s != '-'))
    return false;
  int sign = *(*s)++ == '-' ? -1 : 1;
  if (!number(s, end, 2, 2, &h))
    return false;
  bool colon = *s < end && **s == ':';
  *s += colon;
  if ((colon || (*s < end && **s >= '0' && **s <= '9')) && !number(s, end, 2, 2, &m))
    return false;
  *out = sign * (h * QF_US_HOUR + m * QF_US_MINUTE);
  return h <= 14 && m <= 59;
}

bool map_stamp_read(const map_format *f, const char *s, size_t n, map_stamp *out)
{
  const char *end = s + n;
  *out = (map_stamp){0};
  for (int i = 0; i < f->n; i++) {
    uint8_t k = f->tok[i].kind;
    int *field = k == TK_YEAR4                     ? &out->c.year
                 : k == TK_MONTH2 || k == TK_MONTH ? &out->c.month
                 : k == TK_DAY2 || k == TK_DAY     ? &out->c.day
                 : k == TK_HOUR2 || k == TK_HOUR   ? &out->c.hour
                 : k == TK_MINUTE                  ? &out->c.minute
                                                   : &out->c.second;
    bool one = k == TK_MONTH || k == TK_DAY || k == TK_HOUR;
    bool ok;
    if (k == TK_LITERAL)
      ok = s < end && *s++ == f->tok[i].c;
    else if (k == TK_ZONE)
      ok = out->has_offset = zone(&s, end, &out->offset);
    else
      ok = number(&s, end, k == TK_YEAR4 ? 4 : one ? 1 : 2, k == TK_YEAR4 ? 4 : 2, field);
    if (!ok)
      return false;
  }
  return s == end;
}

qf_rc map_zone_parse(qf_map *m, const char *s, qf_err *err)
{
  const char *p = s, *end = s + strlen(s);
  m->shanghai = strcmp(s, "Asia/Shanghai") == 0;
  if (m->shanghai || strcmp(s, "UTC") == 0) {
    m->offset = m->shanghai ? QF_CN_OFFSET : 0;
    return QF_OK;
  }
  if (*s && zone(&p, end, &m->offset) && p == end)
    return QF_OK;
  return qf_fail(err, QF_SYNTAX, "zone \"%s\": UTC, Asia/Shanghai or a fixed offset such as +08:00 is expected",
                 "zone “%s”：应为 UTC、Asia/Shanghai 或固定时差（如 +08:00）", s);
}

bool map_span_parse(const char *s, qf_us *out)
{
  int v;
  bool neg = *s == '-';
  s += neg;
  if (!number(&s, s + strlen(s), 1, 6, &v) || !*s || s[1])
    return false;
  qf_us unit = *s == 's' ? QF_US_SECOND : *s == 'm' ? QF_US_MINUTE : *s == 'h' ? QF_US_HOUR : *s == 'd' ? QF_US_DAY : 0;
  *out = (neg ? -v : v) * unit;
  return unit != 0;
}

int map_weekday(const char *s, size_t n)
{
  static const char *const en[] = {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};
  static const char *const zh[] = {"一", "二", "三", "四", "五", "六", "日"};
  static const char *const lead[] = {"星期", "周"};
  if (n == 1 && *s >= '1' && *s <= '7')
    return *s - '1';
  for (int d = 0; d < 7; d++) {
    size_t i = 0;
    while (i < n && en[d][i] && (s[i] | 0x20) == en[d][i])
      i++;
    if (i == n && (n == 3 || en[d][n] == 0))
      return n >= 3 ? d : -1;
    for (int k = 0; k < 2; k++) {
      size_t l = strlen(lead[k]);
      if (n == l + 3 && memcmp(s, lead[k], l) == 0 && memcmp(s + l, zh[d], 3) == 0)
        return d;
    }
  }
  return n == 6 && memcmp(s, "周天", 6) == 0 ? 6 : n == 9 && memcmp(s, "星期天", 9) == 0 ? 6 : -1;
}

qf_rc map_moment(const qf_map *m, const map_stamp *st, qf_us *out)
{
  qf_civil c = st->c;
  bool end24 = c.hour == 24 && c.minute == 0 && c.second == 0;
  bool zero = c.hour == 0 && c.minute == 0 && c.second == 0;
  qf_us t;
  if (end24)
    c.hour = 0;
  qf_rc rc = qf_civil_to_us(&c, st->has_offset ? st->offset : m->offset, &t);
  if (rc)
    return rc;
  if (end24 || (zero && m->midnight_end))
    t += QF_US_DAY;
  t += m->shift;
  if (t < 0 || t >= INT64_C(7258118400000000)) /* 2200-01-01 */
    return QF_RANGE;
  if (m->shanghai && !st->has_offset && t < INT64_C(684867600000000)) /* 1991-09-15 02:00 summer time: the last */
    return QF_RANGE;
  *out = t;
  return QF_OK;
}
