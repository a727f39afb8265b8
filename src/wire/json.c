/* value = object | array | string | number | true | false | null, blanks (SP TAB LF CR) between tokens.
 * number = [-] (0 | 1-9 digits) [. digits] [e|E [+|-] digits]; string: no bare control characters, escapes \" \\ \/ \b \f \n \r \t \uXXXX */
#include "wire/json.h"
#include "wire/utf8.h"
#include <stdio.h>
#include <string.h>

enum { VALUE, VALUE_OR_END, KEY, KEY_OR_END, NEXT, DONE, BROKEN }; /* what may come */

void qf_js_init(qf_js *j, const char *s, size_t n, unsigned max_depth)
{
  *j = (qf_js){.max_depth = (uint8_t)(max_depth > QF_JS_DEPTH ? QF_JS_DEPTH : max_depth)};
  j->start = j->p = n ? s : "";
  j->end = j->p + n;
  if (n >= 3 && memcmp(s, "\xEF\xBB\xBF", 3) == 0)
    j->p += 3;
}

typedef struct reason {
  const char *en, *zh;
} reason;

static qf_rc refuse(qf_js *j, qf_rc rc, reason why, qf_err *err)
{
  j->state = BROKEN;
  if (err) {
    err->rc = rc;
    snprintf(err->en, sizeof err->en, "JSON, byte %zu: %s", (size_t)(j->p - j->start), why.en);
    snprintf(err->zh, sizeof err->zh, "JSON 第 %zu 字节：%s", (size_t)(j->p - j->start), why.zh);
  }
  return rc;
}

static qf_rc syntax(qf_js *j, qf_err *err)
{
  return refuse(j, QF_SYNTAX,
                j->p == j->end ? (reason){"cut short", "被截断"} : (reason){"not expected here", "此处不应出现"}, err);
}

static void blanks(qf_js *j)
{
  while (j->p < j->end && (*j->p == ' ' || *j->p == '\t' || *j->p == '\n' || *j->p == '\r'))
    j->p++;
}

static int hex4(const char *s)
{
  int v = 0;
  for (int i = 0; i < 4; i++) {
    char c = s[i];
    int d = c >= '0' && c <= '9'   ? c - '0'
            : c >= 'a' && c <= 'f' ? c - 'a' + 10
            : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                   : -1;
    if (d < 0)
      return -1;
    v = v * 16 + d;
  }
  return v;
}

/* p behind the opening quote. */
static qf_rc string(qf_js *j, qf_js_tok *t, qf_err *err)
{
  const char *from = j->p;
  for (; j->p < j->end && *j->p != '"'; j->p++) {
    if ((unsigned char)*j->p < 0x20)
      return refuse(j, QF_SYNTAX, (reason){"a control character in a string", "字符串中有控制字符"}, err);
    if (*j->p != '\\')
      continue;
    t->escaped = true;
    if (j->end - j->p < 2 || !strchr("\"\\/bfnrtu", j->p[1]) || j->p[1] == 0)
      return refuse(j, QF_SYNTAX, (reason){"no such escape", "无此转义"}, err);
    if (j->p[1] == 'u' && (j->end - j->p < 6 || hex4(j->p + 2) < 0))
      return refuse(j, QF_SYNTAX, (reason){"\\u needs four hexadecimal digits", "\\u 后须有四位十六进制数字"}, err);
    j->p += j->p[1] == 'u' ? 5 : 1;
  }
  if (j->p == j->end)
    return refuse(j, QF_SYNTAX, (reason){"a string without its end", "字符串没有结束"}, err);
  t->s = from;
  t->len = (size_t)(j->p - from);
  if (!qf_utf8_valid(t->s, t->len))
    return refuse(j, QF_SYNTAX, (reason){"the string before it is not UTF-8", "前面的字符串不是 UTF-8"}, err);
  j->p++;
  return QF_OK;
}

static bool digits(qf_js *j)
{
  const char *from = j->p;
  while (j->p < j->end && *j->p >= '0' && *j->p <= '9')
    j->p++;
  return j->p > from;
}

static qf_rc number(qf_js *j, qf_js_tok *t, qf_err *err)
{
  t->kind = QF_JS_NUMBER;
  t->s = j->p;
  j->p += *j->p == '-';
  bool zero = j->p < j->end && *j->p == '0';
  if (zero)
    j->p++;
  else if (!digits(j))
    return syntax(j, err);
  if (j->p < j->end && *j->p == '.') {
    j->p++;
    if (!digits(j))
      return syntax(j, err);
  }
  if (j->p < j->end && (*j->p == 'e' || *j->p == 'E')) {
    j->p++;
    if (j->p < j->end && (*j->p == '+' || *j->p == '-'))
      j->p++;
    if (!digits(j))
      return syntax(j, err);
  }
  t->len = (size_t)(j->p - t->s);
  return QF_OK;
}

static qf_rc word(qf_js *j, qf_js_tok *t, qf_err *err)
{
  static const struct {
    const char *s;
    uint8_t n, kind;
  } words[] = {{"true", 4, QF_JS_TRUE}, {"false", 5, QF_JS_FALSE}, {"null", 4, QF_JS_NULL}};
  for (size_t i = 0; i < 3; i++)
    if ((size_t)(j->end - j->p) >= words[i].n && memcmp(j->p, words[i].s, words[i].n) == 0) {
      t->kind = words[i].kind;
      j->p += words[i].n;
      return QF_OK;
    }
  return syntax(j, err);
}

static void value_done(qf_js *j)
{
  j->state = j->depth ? NEXT : DONE;
}

static qf_rc enter_level(qf_js *j, qf_js_tok *t, bool object, qf_err *err)
{
  if (j->depth == j->max_depth)
    return refuse(j, QF_RANGE, (reason){"nested too deep", "嵌套过深"}, err);
  uint32_t bit = UINT32_C(1) << j->depth++;
  j->objects = object ? j->objects | bit : j->objects & ~bit;
  j->state = object ? KEY_OR_END : VALUE_OR_END;
  j->p++;
  t->kind = object ? QF_JS_OBJECT : QF_JS_ARRAY;
  return QF_OK;
}

static bool in_object(const qf_js *j)
{
  return j->depth && (j->objects >> (j->depth - 1) & 1);
}

static qf_rc close_level(qf_js *j, qf_js_tok *t)
{
  t->kind = in_object(j) ? QF_JS_OBJECT_END : QF_JS_ARRAY_END;
  j->p++;
  j->depth--;
  value_done(j);
  return QF_OK;
}

static qf_rc value(qf_js *j, qf_js_tok *t, qf_err *err)
{
  char c = *j->p;
  if (c == '{' || c == '[')
    return enter_level(j, t, c == '{', err);
  qf_rc rc;
  if (c == '"') {
    j->p++;
    t->kind = QF_JS_STRING;
    rc = string(j, t, err);
  } else {
    rc = c == '-' || (c >= '0' && c <= '9') ? number(j, t, err) : word(j, t, err);
  }
  if (!rc)
    value_done(j);
  return rc;
}

static qf_rc key(qf_js *j, qf_js_tok *t, qf_err *err)
{
  if (*j->p != '"')
    return syntax(j, err);
  j->p++;
  t->kind = QF_JS_KEY;
  qf_rc rc = string(j, t, err);
  if (rc)
    return rc;
  blanks(j);
  if (j->p == j->end || *j->p != ':')
    return syntax(j, err);
  j->p++;
  j->state = VALUE;
  return QF_OK;
}

qf_rc qf_js_next(qf_js *j, qf_js_tok *t, qf_err *err)
{
  *t = (qf_js_tok){.s = ""};
  if (j->state == BROKEN)
    return refuse(j, QF_SYNTAX, (reason){"not JSON", "不是 JSON"}, err);
  blanks(j);
  if (j->state == DONE)
    return j->p == j->end ? QF_NOTFOUND : syntax(j, err);
  char close = in_object(j) ? '}' : ']';
  bool may_close = j->depth && (j->state == NEXT || j->state == KEY_OR_END || j->state == VALUE_OR_END);
  if (j->p < j->end && j->state == NEXT && *j->p == ',') {
    j->state = in_object(j) ? KEY : VALUE;
    j->p++;
    may_close = false;
    blanks(j);
  }
  t->at = (size_t)(j->p - j->start);
  if (j->p == j->end)
    return syntax(j, err);
  if (may_close && *j->p == close)
    return close_level(j, t);
  if (j->state == KEY || j->state == KEY_OR_END)
    return key(j, t, err);
  return j->state == NEXT ? syntax(j, err) : value(j, t, err);
}

qf_rc qf_js_skip(qf_js *j, const qf_js_tok *t, qf_err *err)
{
  qf_js_tok u = *t;
  qf_rc rc = QF_OK;
  if (t->kind == QF_JS_KEY)
    rc = qf_js_next(j, &u, err);
  if (rc || (u.kind != QF_JS_OBJECT && u.kind != QF_JS_ARRAY))
    return rc;
  for (unsigned below = j->depth; !rc && j->depth >= below;)
    rc = qf_js_next(j, &u, err);
  return rc;
}

static size_t put_utf8(unsigned c, char out[4])
{
  if (c < 0x80) {
    out[0] = (char)c;
    return 1;
  }
  size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
  for (size_t i = n; i-- > 1; c >>= 6)
    out[i] = (char)(0x80 | (c & 0x3F));
  out[0] = (char)((0xF00 >> n & 0xFF) | c);
  return n;
}

/* The character of the escape at s (behind the backslash), *used bytes of it; 0: none. */
static unsigned escape(const char *s, const char *end, size_t *used)
{
  static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
  *used = 1;
  if (*s != 'u')
    return (unsigned char)to[strchr(from, *s) - from];
  unsigned c = (unsigned)hex4(s + 1), d;
  *used = 5;
  if (c >= 0xDC00 && c < 0xE000)
    return 0;
  if (c < 0xD800 || c >= 0xDC00)
    return c;
  if (end - s < 11 || s[5] != '\\' || s[6] != 'u' || (d = (unsigned)hex4(s + 7)) < 0xDC00 || d > 0xDFFF)
    return 0;
  *used = 11;
  return 0x10000 + ((c - 0xD800) << 10) + (d - 0xDC00);
}

qf_rc qf_js_text(const qf_js_tok *t, char *out, size_t cap, size_t *len, qf_err *err)
{
  size_t n = 0;
  for (const char *s = t->s, *end = t->s + t->len; s < end;) {
    char one[4];
    size_t k = 1, used = 1;
    one[0] = *s;
    if (*s == '\\') {
      unsigned c = escape(s + 1, end, &used);
      used++;
      if (c == 0)
        return qf_fail(err, QF_SYNTAX, "JSON, byte %zu: half a surrogate pair, or \\u0000",
                       "JSON 第 %zu 字节：代理对不完整，或为 \\u0000", t->at);
      k = put_utf8(c, one);
    }
    if (n + k >= cap)
      return qf_fail(err, QF_RANGE, "JSON, byte %zu: the text is over %zu bytes", "JSON 第 %zu 字节：文本超过 %zu 字节",
                     t->at, cap - 1);
    memcpy(out + n, one, k);
    n += k;
    s += used;
  }
  out[n] = 0;
  *len = n;
  return QF_OK;
}

bool qf_js_is(const qf_js_tok *t, const char *text)
{
  return !t->escaped && t->len == strlen(text) && memcmp(t->s, text, t->len) == 0;
}
