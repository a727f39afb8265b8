#include "wire/lineproto.h"
#include "wire/utf8.h"
#include <stdio.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* The format (InfluxDB line protocol, as Telegraf 1.x and the v1 and v2 write interfaces send it):
 *
 *   line        = measurement *( "," key "=" value ) 1*SP field *( "," field ) [ 1*SP timestamp ] *SP [CR] LF
 *   field       = key "=" ( float | integer "i" | unsigned "u" | boolean | string )
 *   float       = [sign] digits ["." digits] [ ("e"|"E") [sign] digits ]         NaN and Inf are refused
 *   boolean     = t T true True TRUE f F false False FALSE
 *   string      = DQUOTE *char DQUOTE      may hold line feeds; \" and \\ are escapes, any other backslash is itself
 *   timestamp   = digits, in the precision of the request; 1970 .. 2200; digits below the microsecond are dropped
 *   blank lines and lines whose first visible byte is # are skipped; the last line may lack its LF
 *
 * Escapes in names: a comma, equals sign or space directly after a backslash is part of the name (in a measurement an
 * equals sign needs none); any other backslash is itself, so a name cannot end in one. An unescaped = in a tag value is
 * refused. Control characters are refused in names.
 *
 * Where a refused line ends: at its line feed. If a string in it was never closed, or is followed by something other
 * than , SP or LF (both mean that a quote was forgotten), reading goes on after the *first* line feed of the line, so
 * that one forgotten quote cannot swallow the lines behind it. A well-escaped string that holds line feeds never meets
 * that rule, so text from a stranger inside such a string cannot become a line of its own.
 *
 * Speed: 64 bytes at a time become a bit mask of the bytes that matter ( , = SP and controls ); the grammar walks over
 * the set bits only, and numbers of up to 16 characters are converted eight digits at once. */

#define TS_MAX_US INT64_C(7258118400000000) /* 2200-01-01T00:00:00Z */
#define COLD __attribute__((noinline, cold))
#define HOT static inline __attribute__((always_inline))

typedef enum lp_code {
  LP_OK,
  LP_NO_MEASUREMENT,
  LP_NO_FIELDS,
  LP_TAG_KEY,
  LP_TAG_VALUE,
  LP_TAG_EQUALS,
  LP_FIELD_KEY,
  LP_FIELD_VALUE,
  LP_NUMBER,
  LP_NAN,
  LP_NUM_RANGE,
  LP_INT_RANGE,
  LP_UINT_RANGE,
  LP_STRING_OPEN,
  LP_STRING_AFTER,
  LP_TIME,
  LP_TIME_RANGE,
  LP_TIME_AFTER,
  LP_CONTROL,
  LP_KEY_LONG,
  LP_TAGS_MANY,
  LP_LINE_LONG,
  LP_FIELDS_MANY,
  LP_CODES
} lp_code;

typedef struct reason {
  qf_rc rc;
  const char *en, *zh;
} reason;

static const reason reasons[LP_CODES] = {
    [LP_OK] = {QF_OK, "no error", "无错误"},
    [LP_NO_MEASUREMENT] = {QF_SYNTAX, "the measurement name is missing", "缺少测量名"},
    [LP_NO_FIELDS] = {QF_SYNTAX, "the fields are missing", "缺少字段"},
    [LP_TAG_KEY] = {QF_SYNTAX, "a tag must be key=value; the key is missing or not followed by '='",
                    "标签须为 键=值；缺少键或键后没有 '='"},
    [LP_TAG_VALUE] = {QF_SYNTAX, "the tag has no value", "标签没有值"},
    [LP_TAG_EQUALS] = {QF_SYNTAX, "'=' in a tag value must be written \\=", "标签值中的 '=' 须写作 \\="},
    [LP_FIELD_KEY] = {QF_SYNTAX, "a field must be key=value; the key is missing or not followed by '='",
                      "字段须为 键=值；缺少键或键后没有 '='"},
    [LP_FIELD_VALUE] = {QF_SYNTAX, "the field has no value", "字段没有值"},
    [LP_NUMBER] = {QF_SYNTAX, "the field value is not a number, integer (i, u), boolean or quoted string",
                   "字段值不是数、整数（i、u）、布尔值或带引号的文本"},
    [LP_NAN] = {QF_RANGE, "NaN and Inf are not readings; leave the field out when there is no value",
                "NaN 和 Inf 不是读数；无值时请不要发送该字段"},
    [LP_NUM_RANGE] = {QF_RANGE, "the number is outside what can be kept (power of ten beyond -30..30)",
                      "数值超出可保存范围（10 的幂次超出 -30..30）"},
    [LP_INT_RANGE] = {QF_RANGE, "the integer does not fit 64 bits with sign", "整数超出 64 位有符号范围"},
    [LP_UINT_RANGE] = {QF_RANGE, "the unsigned integer is negative or above 9223372036854775807",
                       "无符号整数为负或大于 9223372036854775807"},
    [LP_STRING_OPEN] = {QF_SYNTAX, "the string is not closed by a quote", "文本缺少结束引号"},
    [LP_STRING_AFTER] = {QF_SYNTAX, "after a string a comma, a space or the end of the line is expected",
                         "文本之后应为逗号、空格或行尾"},
    [LP_TIME] = {QF_SYNTAX, "the timestamp is not a whole number", "时间戳不是整数"},
    [LP_TIME_RANGE] = {QF_RANGE, "the timestamp lies outside 1970..2200; does its precision match the request?",
                       "时间戳不在 1970–2200 年内；精度是否与请求一致？"},
    [LP_TIME_AFTER] = {QF_SYNTAX, "the line should end after the timestamp", "时间戳之后应为行尾"},
    [LP_CONTROL] = {QF_SYNTAX, "a control character in a name or value", "名称或值中有控制字符"},
    [LP_KEY_LONG] = {QF_RANGE, "measurement, tags and field key together are longer than 512 bytes",
                     "测量名、标签与字段名合计超过 512 字节"},
    [LP_TAGS_MANY] = {QF_RANGE, "more than 32 tags", "标签超过 32 个"},
    [LP_LINE_LONG] = {QF_RANGE, "the line is longer than allowed", "行超过允许的长度"},
    [LP_FIELDS_MANY] = {QF_RANGE, "more fields in one line than allowed", "一行中的字段过多"},
};

/* ---- the walk over bytes that matter */

typedef struct scan {
  uint64_t mask; /* bytes of blk[0..64) not walked yet */
  const char *blk, *end;
  lp_code code; /* why the line is refused */
  const char *at;
} scan;

HOT uint64_t block_mask(const char *p)
{
#if defined(__SSE2__) && !defined(QF_SMALL)
  const __m128i comma = _mm_set1_epi8(','), equal = _mm_set1_epi8('='), low = _mm_set1_epi8(0x20);
  uint64_t m = 0;
  for (int i = 0; i < 4; i++) {
    __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(p + (ptrdiff_t)16 * i));
    __m128i c = _mm_cmpeq_epi8(_mm_min_epu8(v, low), v); /* v <= 0x20: space and controls */
    c = _mm_or_si128(c, _mm_or_si128(_mm_cmpeq_epi8(v, comma), _mm_cmpeq_epi8(v, equal)));
    m |= (uint64_t)(uint32_t)_mm_movemask_epi8(c) << (16 * i);
  }
  return m;
#else
  uint64_t m = 0;
  for (int i = 0; i < 64; i++) {
    unsigned char c = (unsigned char)p[i];
    m |= (uint64_t)(c <= 0x20 || c == ',' || c == '=') << i;
  }
  return m;
#endif
}

/* The last, partial block: as if line feeds followed the end, so that the walk always stops there. */
static COLD uint64_t tail_mask(const char *p, const char *end)
{
  char pad[64];
  memset(pad, '\n', sizeof pad);
  memcpy(pad, p, (size_t)(end - p));
  return block_mask(pad);
}

HOT void seek(scan *s, const char *p)
{
  s->blk = p;
  s->mask = s->end - p >= 64 ? block_mask(p) : tail_mask(p, s->end);
}

/* Next byte that matters; sc->end when there is none. Must not be called again after that. */
HOT const char *next(scan *s)
{
  while (__builtin_expect(s->mask == 0, 0))
    seek(s, s->blk + 64);
  const char *p = s->blk + __builtin_ctzll(s->mask);
  s->mask &= s->mask - 1;
  return p;
}

HOT char at(const scan *s, const char *p)
{
  return p < s->end ? *p : '\n';
}

/* Whether p is the end of a line: LF, the end of the buffer, or CR before one of them. */
HOT bool at_eol(const scan *s, const char *p)
{
  return at(s, p) == '\n' || (*p == '\r' && at(s, p + 1) == '\n');
}

/* Refuse the line: where is the place to show, tok the byte that stopped the walk (a control byte is a reason of its
 * own). */
HOT bool fail(scan *s, lp_code code, const char *where, const char *tok)
{
  bool control = (unsigned char)at(s, tok) < 0x20 && !at_eol(s, tok);
  s->code = control ? LP_CONTROL : code;
  s->at = control ? tok : where;
  return false;
}

/* ---- numbers */

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define FAST 1
#define ONES UINT64_C(0x0101010101010101)
HOT uint64_t load8(const char *p)
{
  uint64_t w;
  memcpy(&w, p, 8);
  return w;
}

HOT bool all_digits(uint64_t w)
{
  return ((w & (0xF0 * ONES)) | (((w + 0x06 * ONES) & (0xF0 * ONES)) >> 4)) == 0x33 * ONES;
}

/* Eight ASCII digits, the first in the lowest byte: pairs, then fours, then all. */
HOT uint64_t digits8(uint64_t w)
{
  w = (w & (0x0F * ONES)) * 2561 >> 8;
  w = (w & UINT64_C(0x00FF00FF00FF00FF)) * 6553601 >> 16;
  return (w & UINT64_C(0x0000FFFF0000FFFF)) * UINT64_C(42949672960001) >> 32;
}

/* The word that ends at e with all but its last n (1..8) bytes replaced by '0'. */
HOT uint64_t last_bytes(const char *e, size_t n)
{
  unsigned cut = (unsigned)(64 - 8 * n);
  return (load8(e - 8) >> cut << cut) | ((0x30 * ONES >> 8) >> (8 * n - 8));
}

/* Take the first '.' out of 1..8 characters right-aligned in *w; returns digits after it (0 if none). */
HOT int take_point(uint64_t *w)
{
  uint64_t x = *w ^ (0x2E * ONES), z = (x - ONES) & ~x & (0x80 * ONES);
  if (z == 0)
    return 0;
  unsigned k = (unsigned)__builtin_ctzll(z) & ~7u; /* bit where the point's byte begins */
  uint64_t below = (UINT64_C(1) << k) - 1;
  *w = (*w & ~below & ~(UINT64_C(0xFF) << k)) | (*w & below) << 8 | 0x30;
  return (int)(7 - k / 8);
}

/* [-]digits[.digits] of up to 16 characters after the sign, with 16 readable bytes before e; false when it is not that
 * (the slow way then says what it is). */
HOT bool fast_number(const char *s, const char *e, qf_num *out)
{
  int64_t neg = *s == '-' ? -1 : 0;
  s -= neg;
  size_t n = (size_t)(e - s);
  if (n - 1 > 15) /* also n == 0 */
    return false;
  uint64_t v;
  int frac;
  if (n <= 8) {
    uint64_t w = last_bytes(e, n);
    frac = take_point(&w);
    if (!all_digits(w) || (n == 1 && *s == '.'))
      return false;
    v = digits8(w);
  } else {
    uint64_t lo = load8(e - 8), hi = last_bytes(e - 8, n - 8);
    frac = take_point(&lo);
    if (frac == 0 && e[-1] != '.') {
      frac = take_point(&hi);
      frac += frac != 0 || e[-9] == '.' ? 8 : 0;
    } else { /* the point was in lo: the last digit of hi moves to the front of lo */
      lo = (lo & ~UINT64_C(0xFF)) | hi >> 56;
      hi = hi << 8 | 0x30;
    }
    if (!all_digits(lo) || !all_digits(hi))
      return false;
    v = digits8(hi) * 100000000 + digits8(lo);
  }
  out->mant = ((int64_t)v ^ neg) - neg;
  out->exp = (int8_t)-frac;
  return true;
}

/* 1..19 digits with 24 readable bytes before e. */
HOT bool fast_uint(const char *s, const char *e, uint64_t *out)
{
  size_t n = (size_t)(e - s);
  if (n - 1 > 18)
    return false;
  uint64_t lo = last_bytes(e, n < 8 ? n : 8), mid = 0x30 * ONES, hi = 0x30 * ONES;
  if (n > 8)
    mid = last_bytes(e - 8, n < 16 ? n - 8 : 8);
  if (n > 16)
    hi = last_bytes(e - 16, n - 16);
  if (!all_digits(lo) || !all_digits(mid) || !all_digits(hi))
    return false;
  *out = digits8(lo) + digits8(mid) * 100000000 + digits8(hi) * UINT64_C(10000000000000000);
  return true;
}
#endif

/* Decimal digits [s, e), at least one. Errors: LP_NUMBER, LP_INT_RANGE past 64 bits. */
static COLD lp_code slow_uint(const char *s, const char *e, uint64_t *out)
{
  uint64_t v = 0;
  bool over = false;
  if (s == e)
    return LP_NUMBER;
  for (; s < e; s++) {
    if (*s < '0' || *s > '9')
      return LP_NUMBER;
    over |= __builtin_mul_overflow(v, UINT64_C(10), &v) || __builtin_add_overflow(v, (uint64_t)(*s - '0'), &v);
  }
  *out = v;
  return over ? LP_INT_RANGE : LP_OK;
}

static lp_code parse_int(const char *s, const char *e, qf_num *out)
{
  bool neg = s < e && *s == '-';
  uint64_t v = 0;
  s += neg || (s < e && *s == '+');
  lp_code c = slow_uint(s, e, &v);
  if (c)
    return c;
  if (v > (uint64_t)INT64_MAX + neg)
    return LP_INT_RANGE;
  out->mant = neg ? (int64_t)(0 - v) : (int64_t)v;
  out->exp = 0;
  return LP_OK;
}

static lp_code parse_unsigned(const char *s, const char *e, qf_num *out)
{
  uint64_t v = 0;
  if (s < e && *s == '-' && slow_uint(s + 1, e, &v) != LP_NUMBER)
    return LP_UINT_RANGE;
  lp_code c = slow_uint(s, e, &v);
  if (c)
    return c == LP_INT_RANGE ? LP_UINT_RANGE : c;
  if (v > INT64_MAX)
    return LP_UINT_RANGE;
  out->mant = (int64_t)v;
  out->exp = 0;
  return LP_OK;
}

static bool word_is(const char *s, size_t n, const char *const *words)
{
  for (; *words; words++)
    if (strlen(*words) == n && memcmp(s, *words, n) == 0)
      return true;
  return false;
}

/* NaN or Inf in any case, with any sign. */
static bool is_nan_inf(const char *s, size_t n)
{
  static const char *const words[] = {"nan", "inf", "infinity", NULL};
  char low[9];
  if (n && (*s == '-' || *s == '+'))
    s++, n--;
  if (n > 8)
    return false;
  for (size_t i = 0; i < n; i++)
    low[i] = (char)(s[i] >= 'A' && s[i] <= 'Z' ? s[i] + 32 : s[i]);
  return word_is(low, n, words);
}

/* Any value that is not a string and that the quick way did not take. */
static COLD lp_code slow_value(const char *s, const char *e, qf_lp_point *pt)
{
  static const char *const yes[] = {"t", "T", "true", "True", "TRUE", NULL};
  static const char *const no[] = {"f", "F", "false", "False", "FALSE", NULL};
  size_t n = (size_t)(e - s);
  bool exact = true, t = word_is(s, n, yes);
  if (t || word_is(s, n, no)) {
    pt->type = QF_LP_BOOL;
    pt->flags |= QF_RD_BOOL;
    pt->v = (qf_num){t, 0};
    return LP_OK;
  }
  pt->type = e[-1] == 'i' ? QF_LP_INT : e[-1] == 'u' ? QF_LP_UINT : QF_LP_FLOAT;
  if (pt->type == QF_LP_INT)
    return parse_int(s, e - 1, &pt->v);
  if (pt->type == QF_LP_UINT)
    return parse_unsigned(s, e - 1, &pt->v);
  qf_rc rc = qf_num_parse(s, n, &pt->v, &exact);
  if (rc)
    return rc == QF_RANGE ? LP_NUM_RANGE : is_nan_inf(s, n) ? LP_NAN : LP_NUMBER;
  pt->flags |= exact ? 0 : QF_RD_INEXACT;
  return LP_OK;
}

/* ---- the parts of a line; each returns false with sc->code and sc->at set */

typedef struct row { /* what all fields of a line share */
  const char *series, *fields;
  size_t series_len;
} row;

typedef struct line_end {
  const char *eol; /* its line feed, or the end of the buffer */
  uint32_t inside; /* line feeds in its strings */
} line_end;

/* Next byte that matters and is not escaped by the byte before it, looking from `begin`. */
HOT const char *next_free(scan *sc, const char *begin)
{
  const char *p = next(sc);
  while (p > begin && p[-1] == '\\' && (unsigned char)at(sc, p) >= 0x20)
    p = next(sc);
  return p;
}

/* ,tag=value ... from the comma at p; gives the end of the last value, NULL when refused. */
HOT const char *parse_tags(scan *sc, const char *p)
{
  for (int tags = 0; at(sc, p) == ','; tags++) {
    const char *k = p + 1;
    p = next_free(sc, k);
    if (p == k || at(sc, p) != '=' || tags == QF_LP_TAGS_MAX) {
      fail(sc, tags == QF_LP_TAGS_MAX ? LP_TAGS_MANY : LP_TAG_KEY, k, p);
      return NULL;
    }
    const char *v = p + 1;
    p = next_free(sc, v);
    if (p == v || at(sc, p) == '=') {
      fail(sc, p == v ? LP_TAG_VALUE : LP_TAG_EQUALS, p, p);
      return NULL;
    }
  }
  return p;
}

/* measurement[,tag=value ...] from s; leaves the walk after the last of the spaces behind it. */
HOT bool parse_series(scan *sc, const char *s, row *r)
{
  const char *p = next_free(sc, s);
  while (at(sc, p) == '=')
    p = next_free(sc, s);
  if (p == s)
    return fail(sc, LP_NO_MEASUREMENT, s, p);
  p = parse_tags(sc, p);
  if (!p)
    return false;
  if (at(sc, p) != ' ')
    return fail(sc, LP_NO_FIELDS, p, p);
  r->series = s;
  r->series_len = (size_t)(p - s);
  while (at(sc, p + 1) == ' ')
    p = next(sc);
  r->fields = p + 1;
  return true;
}

/* The closing quote of a string whose text begins at s, or NULL. *flags gets QF_LP_ESCAPED, *lines the line feeds
 * inside. */
static const char *string_end(const char *s, const char *end, uint8_t *flags, uint32_t *lines)
{
  for (const char *q = s; (q = memchr(q, '"', (size_t)(end - q))) != NULL; q++) {
    const char *b = q;
    while (b > s && b[-1] == '\\')
      b--;
    if ((q - b) % 2)
      continue;
    if (memchr(s, '\\', (size_t)(q - s)))
      *flags |= QF_LP_ESCAPED;
    for (const char *n = s; (n = memchr(n, '\n', (size_t)(q - n))) != NULL; n++)
      ++*lines;
    return q;
  }
  return NULL;
}

/* "text" with the opening quote at s; gives the byte behind it, the walk continues there. */
static COLD const char *parse_string(scan *sc, const char *s, qf_lp_point *pt, uint32_t *lines)
{
  const char *q = string_end(s + 1, sc->end, &pt->flags, lines);
  if (!q) {
    fail(sc, LP_STRING_OPEN, s, s);
    return NULL;
  }
  char c = at(sc, q + 1);
  if (c != ',' && c != ' ' && !at_eol(sc, q + 1)) {
    sc->code = LP_STRING_AFTER;
    sc->at = q + 1;
    return NULL;
  }
  pt->type = QF_LP_TEXT;
  pt->v = (qf_num){0, 0};
  pt->text = s + 1;
  pt->text_len = (uint32_t)(q - s - 1);
  return q + 1;
}

/* A number, integer or boolean of the bytes [s, e), e > s; room: 25 bytes before e may be read. */
HOT lp_code parse_value(const char *s, const char *e, bool room, qf_lp_point *pt)
{
#ifdef FAST
  if (__builtin_expect(room, 1)) {
    if (e[-1] == 'i') {
      bool neg = *s == '-';
      uint64_t v;
      if (fast_uint(s + neg, e - 1, &v) && v <= INT64_MAX) {
        pt->type = QF_LP_INT;
        pt->v = (qf_num){neg ? -(int64_t)v : (int64_t)v, 0};
        return LP_OK;
      }
    } else if (fast_number(s, e, &pt->v)) {
      pt->type = QF_LP_FLOAT;
      return LP_OK;
    }
  }
#else
  (void)room;
#endif
  return slow_value(s, e, pt);
}

/* key=value from k into pt; gives the byte behind it, NULL when refused. */
HOT const char *parse_field(scan *sc, const char *buf, const char *k, qf_lp_point *pt, uint32_t *lines)
{
  const char *p = next_free(sc, k);
  if (p == k || at(sc, p) != '=') {
    fail(sc, p == k && at_eol(sc, p) ? LP_NO_FIELDS : LP_FIELD_KEY, k, p);
    return NULL;
  }
  const char *v = p + 1;
  pt->field = k;
  pt->field_len = (uint16_t)(p - k);
  pt->flags = 0;
  pt->text = NULL;
  pt->text_len = 0;
  if ((size_t)(p - k) > QF_LP_KEY_MAX) {
    fail(sc, LP_KEY_LONG, k, k);
    return NULL;
  }
  if (__builtin_expect(at(sc, v) == '"', 0)) {
    scan copy = *sc; /* keeps the address of the walk's own state from leaking out of the registers */
    p = parse_string(&copy, v, pt, lines);
    *sc = copy;
    if (p)
      seek(sc, p);
    return p ? next(sc) : NULL;
  }
  p = next(sc);
  if (p == v || at(sc, p) == '=') {
    fail(sc, p == v ? LP_FIELD_VALUE : LP_NUMBER, v, p);
    return NULL;
  }
  lp_code c = parse_value(v, p, p - buf >= 25, pt);
  if (__builtin_expect(c != LP_OK, 0)) {
    fail(sc, c, v, p);
    return NULL;
  }
  return p;
}

/* Digits [s, e) in a precision -> microseconds. */
HOT lp_code parse_time(const char *s, const char *e, bool room, qf_lp_precision pr, qf_us *out)
{
  static const int64_t mul[] = {0, 1, 1000, QF_US_SECOND, QF_US_MINUTE, QF_US_HOUR};
  uint64_t v;
#ifdef FAST
  if (!room || !fast_uint(s, e, &v))
#endif
  {
    bool neg = *s == '-';
    lp_code c = slow_uint(s + neg, e, &v);
    if (c || neg)
      return c == LP_NUMBER ? LP_TIME : LP_TIME_RANGE;
  }
  (void)room;
  if (__builtin_expect(pr == QF_LP_NS, 1))
    v /= 1000;
  else if (__builtin_mul_overflow(v, (uint64_t)mul[pr], &v))
    return LP_TIME_RANGE;
  *out = (qf_us)v;
  return v < (uint64_t)TS_MAX_US ? LP_OK : LP_TIME_RANGE;
}

/* From the byte behind the last field to the line feed: spaces, timestamp, spaces. NULL when refused. */
HOT const char *parse_tail(scan *sc, const qf_lp *lp, const char *p, qf_us *ts, uint8_t *flags)
{
  while (at(sc, p) == ' ' && at(sc, p + 1) == ' ')
    p = next(sc);
  if (at(sc, p) == ' ' && !at_eol(sc, p + 1)) {
    const char *t = p + 1;
    p = next(sc);
    lp_code c = p == t ? LP_TIME : parse_time(t, p, p - lp->buf >= 24, lp->opts.precision, ts);
    if (__builtin_expect(c != LP_OK, 0)) {
      fail(sc, c, t, p);
      return NULL;
    }
  } else {
    *ts = lp->opts.now_us;
    *flags = QF_LP_NO_TIME;
  }
  while (at(sc, p) == ' ' && (at(sc, p + 1) == ' ' || at_eol(sc, p + 1)))
    p = next(sc);
  if (!at_eol(sc, p)) {
    fail(sc, LP_TIME_AFTER, p, p);
    return NULL;
  }
  return p < sc->end && *p == '\r' ? next(sc) : p;
}

/* One line from s into out[0..cap): how many points, 0 when refused. */
HOT size_t parse_line(scan *sc, const qf_lp *lp, const char *s, qf_lp_point *out, size_t cap, line_end *end)
{
  row r;
  size_t n = 0;
  qf_us ts;
  uint8_t flags = 0;
  if (!parse_series(sc, s, &r))
    return 0;
  const char *p = r.fields - 1;
  do {
    if (n == cap)
      return fail(sc, LP_FIELDS_MANY, p + 1, s);
    p = parse_field(sc, lp->buf, p + 1, &out[n], &end->inside);
    if (!p)
      return 0;
    if (r.series_len + 1 + out[n].field_len > QF_LP_KEY_MAX)
      return fail(sc, LP_KEY_LONG, out[n].field, s);
    n++;
  } while (at(sc, p) == ',');
  p = parse_tail(sc, lp, p, &ts, &flags);
  if (!p)
    return 0;
  if ((size_t)(p - s) > lp->opts.max_line)
    return fail(sc, LP_LINE_LONG, p, s);
  for (size_t i = 0; i < n; i++) {
    out[i].series = r.series;
    out[i].series_len = (uint16_t)r.series_len;
    out[i].ts_us = ts;
    out[i].line = lp->line;
    out[i].flags |= flags;
  }
  end->eol = p;
  return n;
}

/* ---- lines */

/* Past blanks at the start of a line, a blank line or a comment line; gives p itself when data begin there. */
static COLD const char *skip_blank(qf_lp *lp, const char *p)
{
  while (p < lp->end && (*p == ' ' || *p == '\t'))
    p++;
  if (p == lp->end || (*p != '#' && *p != '\n' && !(*p == '\r' && (p + 1 == lp->end || p[1] == '\n'))))
    return p;
  const char *lf = memchr(p, '\n', (size_t)(lp->end - p));
  lp->line += lf != NULL;
  return lf ? lf + 1 : lp->end;
}

static void keep_error(qf_lp *lp, lp_code code, const char *s, const char *where)
{
  if (lp->errors_n >= lp->opts.errors_cap)
    return;
  qf_lp_error *e = &lp->opts.errors[lp->errors_n++];
  const char *b = s;
  while (b > lp->buf && (b[-1] == ' ' || b[-1] == '\t'))
    b--;
  e->line = lp->line;
  e->column = (uint32_t)(where - b) + 1;
  e->code = (uint8_t)code;
  size_t n = 0, room = sizeof e->found - 1;
  for (; n < room && where + n < lp->end && where[n] != '\n'; n++)
    e->found[n] = (unsigned char)where[n] < 0x20 || where[n] == 0x7f ? '?' : where[n];
  while (n && !qf_utf8_valid(e->found, n)) /* a character cut in half, or bytes that are none */
    n--;
  e->found[n] = 0;
}

/* Note why the line at s is refused and give the start of the next line. */
static COLD const char *refuse(qf_lp *lp, lp_code code, const char *s, const char *where)
{
  keep_error(lp, code, s, where);
  lp->lines++;
  lp->bad_lines++;
  const char *from = code == LP_STRING_OPEN || code == LP_STRING_AFTER ? s : where;
  from = memchr(from, '\n', (size_t)(lp->end - from));
  const char *stop = from ? from + 1 : lp->end;
  for (const char *n = s; (n = memchr(n, '\n', (size_t)(stop - n))) != NULL; n++)
    lp->line++;
  return stop;
}

size_t qf_lp_next(qf_lp *lp, qf_lp_point *out, size_t cap)
{
  scan sc = {.end = lp->end, .blk = lp->p, .code = LP_OK};
  const char *p = lp->p;
  size_t n = 0, good = 0;
  if (p < sc.end)
    seek(&sc, p);
  while (p < sc.end && n < cap) {
    if (__builtin_expect((unsigned char)*p <= 0x20 || *p == '#', 0)) {
      const char *q = skip_blank(lp, p);
      bool moved = q != p;
      p = q;
      if (moved) {
        seek(&sc, p);
        continue;
      }
    }
    line_end end = {.eol = p};
    size_t k = parse_line(&sc, lp, p, out + n, cap - n, &end);
    if (__builtin_expect(k == 0, 0)) {
      if (sc.code == LP_FIELDS_MANY && n)
        break;
      p = refuse(lp, sc.code, p, sc.at);
      seek(&sc, p);
      continue;
    }
    n += k;
    good++;
    lp->line += 1 + end.inside;
    p = end.eol < sc.end ? end.eol + 1 : end.eol;
  }
  lp->p = p;
  lp->lines += good;
  lp->points += n;
  return n;
}

void qf_lp_init(qf_lp *lp, const char *buf, size_t len, const qf_lp_opts *opts)
{
  *lp = (qf_lp){.buf = buf, .p = buf, .end = buf + len, .line = 1, .opts = *opts};
  if (lp->opts.max_line == 0)
    lp->opts.max_line = QF_LP_LINE_MAX;
  if (lp->opts.max_line > 1u << 30)
    lp->opts.max_line = 1u << 30;
}

qf_rc qf_lp_precision_parse(const char *s, qf_lp_precision *out, qf_err *err)
{
  static const struct {
    char name[3];
    qf_lp_precision p;
  } known[] = {{"ns", QF_LP_NS}, {"n", QF_LP_NS}, {"us", QF_LP_US}, {"u", QF_LP_US}, {"ms", QF_LP_MS},
               {"s", QF_LP_S},   {"m", QF_LP_M},  {"h", QF_LP_H},   {"", QF_LP_NS}};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (strcmp(s ? s : "", known[i].name) == 0) {
      *out = known[i].p;
      return QF_OK;
    }
  return qf_fail(err, QF_RANGE, "precision \"%.20s\" is not one of ns us ms s (or n u m h)",
                 "精度 \"%.20s\" 不是 ns us ms s（或 n u m h）之一", s);
}

qf_rc qf_lp_error_text(const qf_lp_error *e, qf_err *err)
{
  const reason *r = &reasons[e->code < LP_CODES ? e->code : LP_NUMBER];
  if (!err)
    return r->rc;
  err->rc = r->rc;
  if (e->found[0] == 0) {
    snprintf(err->en, sizeof err->en, "line %u, column %u: %s (the line ends here)", e->line, e->column, r->en);
    snprintf(err->zh, sizeof err->zh, "第 %u 行第 %u 列：%s（此处行已结束）", e->line, e->column, r->zh);
  } else {
    snprintf(err->en, sizeof err->en, "line %u, column %u: %s; found \"%s\"", e->line, e->column, r->en, e->found);
    snprintf(err->zh, sizeof err->zh, "第 %u 行第 %u 列：%s；实为“%s”", e->line, e->column, r->zh, e->found);
  }
  return r->rc;
}

/* ---- canonical keys: not hot, once per new series */

typedef struct tag {
  const char *s; /* key=value as sent */
  size_t key, len;
} tag;

/* First unescaped byte out of `stops` in s[from..n), else n. */
static size_t find_stop(const char *s, size_t n, size_t from, const char *stops)
{
  size_t i = from;
  while (i < n && !(strchr(stops, s[i]) && !(i > from && s[i - 1] == '\\')))
    i++;
  return i;
}

/* Next byte of an escaped key; -1 at its end. */
static int key_byte(const char *s, size_t n, size_t *i)
{
  if (*i >= n)
    return -1;
  if (s[*i] == '\\' && *i + 1 < n && strchr(",= ", s[*i + 1]))
    ++*i;
  return (unsigned char)s[(*i)++];
}

static int cmp_key(const tag *a, const tag *b)
{
  size_t i = 0, j = 0;
  int x, y;
  do {
    x = key_byte(a->s, a->key, &i);
    y = key_byte(b->s, b->key, &j);
  } while (x == y && x >= 0);
  return x - y;
}

/* Split the tags behind the measurement into t[], sorted. */
static qf_rc split_tags(const char *s, size_t n, size_t pos, tag *t, size_t *count, qf_err *err)
{
  size_t c = 0;
  while (pos < n) {
    if (c == QF_LP_TAGS_MAX)
      return qf_fail(err, QF_RANGE, "more than %d tags", "标签超过 %d 个", QF_LP_TAGS_MAX);
    size_t k = pos + 1, eq = find_stop(s, n, k, ",= "), v = eq + 1;
    pos = eq < n && s[eq] == '=' ? find_stop(s, n, v, ",= ") : eq;
    if (eq == k || eq >= n || s[eq] != '=' || pos == v || (pos < n && s[pos] != ','))
      return qf_fail(err, QF_SYNTAX, "\"%.*s\" is not tag=value", "“%.*s”不是 标签=值", (int)(n - k), s + k);
    tag one = {s + k, eq - k, pos - k};
    size_t i = c++;
    for (; i > 0 && cmp_key(&one, &t[i - 1]) < 0; i--)
      t[i] = t[i - 1];
    t[i] = one;
    if (i > 0 && cmp_key(&one, &t[i - 1]) == 0)
      return qf_fail(err, QF_SYNTAX, "the tag \"%.*s\" is given twice", "标签“%.*s”重复", (int)one.key, one.s);
  }
  *count = c;
  return QF_OK;
}

static bool clean_name(const char *s, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f)
      return false;
  return qf_utf8_valid(s, n);
}

qf_rc qf_lp_canonical(const qf_lp_name *name, char *out, size_t cap, size_t *len, qf_err *err)
{
  const char *series = name->series, *field = name->field;
  size_t series_len = name->series_len, field_len = name->field_len;
  tag t[QF_LP_TAGS_MAX];
  size_t count = 0, o;
  if (series_len > QF_LP_KEY_MAX || field_len > QF_LP_KEY_MAX || series_len + 1 + field_len > QF_LP_KEY_MAX ||
      series_len + field_len + 2 > cap)
    return qf_fail(err, QF_RANGE, "measurement, tags and field key together are longer than %d bytes",
                   "测量名、标签与字段名合计超过 %d 字节", QF_LP_KEY_MAX);
  if (!clean_name(series, series_len) || !clean_name(field, field_len))
    return qf_fail(err, QF_SYNTAX, "the series name holds control characters or is not UTF-8%s",
                   "序列名含控制字符或不是 UTF-8 编码%s", "");
  size_t m = find_stop(series, series_len, 0, ", ");
  if (m == 0 || field_len == 0 || (m < series_len && series[m] != ',') || series[series_len - 1] == '\\' ||
      find_stop(field, field_len, 0, ",= ") != field_len || field[field_len - 1] == '\\')
    return qf_fail(err, QF_SYNTAX, "\"%.*s\" with field \"%.*s\" is not the name of a series",
                   "“%.*s”与字段“%.*s”不是序列名", (int)series_len, series, (int)field_len, field);
  qf_rc rc = split_tags(series, series_len, m, t, &count, err);
  if (rc)
    return rc;
  memcpy(out, series, o = m);
  for (size_t i = 0; i < count; i++) {
    out[o++] = ',';
    memcpy(out + o, t[i].s, t[i].len);
    o += t[i].len;
  }
  out[o++] = ' ';
  memcpy(out + o, field, field_len);
  out[o + field_len] = 0;
  *len = o + field_len;
  return QF_OK;
}

qf_rc qf_lp_text(const qf_lp_point *pt, qf_buf *out, qf_err *err)
{
  const char *s = pt->text;
  size_t n = s ? pt->text_len : 0;
  if (n && (memchr(s, 0, n) || !qf_utf8_valid(s, n)))
    return qf_fail(err, QF_SYNTAX, "line %u: the text is not UTF-8 or holds a NUL",
                   "第 %u 行：文本不是 UTF-8 编码或含 NUL", pt->line);
  if (!(pt->flags & QF_LP_ESCAPED)) {
    qf_buf_put(out, s, n);
    return QF_OK;
  }
  for (size_t i = 0; i < n; i++) {
    if (s[i] == '\\' && i + 1 < n && (s[i + 1] == '"' || s[i + 1] == '\\'))
      i++;
    qf_buf_putc(out, s[i]);
  }
  return QF_OK;
}
