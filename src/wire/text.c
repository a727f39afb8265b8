/* A character is 1 byte (00-7F), 2 (81-FE, 40-FE but 7F) or 4 (81-FE, 30-39, 81-FE, 30-39): at most 3 bytes wait for the next piece. */
#include "wire/text.h"
#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

struct qf_text {
  iconv_t cd;
  char held[8]; /* the beginning of a character, or of the mark */
  size_t nheld;
  bool begun, plain; /* plain: it is UTF-8 */
};

qf_rc qf_text_new(qf_text **out, qf_err *err)
{
  qf_text *t = calloc(1, sizeof *t);
  *out = NULL;
  if (!t)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  t->cd = iconv_open("UTF-8", "GB18030");
  if (t->cd == (iconv_t)-1) {
    free(t);
    return qf_fail(err, QF_SYNTAX, "GB18030 is not known here", "本机不识别 GB18030");
  }
  *out = t;
  return QF_OK;
}

void qf_text_free(qf_text *t)
{
  if (t)
    iconv_close(t->cd);
  free(t);
}

/* As much of s[0..n) as are whole characters; the bytes used. stop: at the first byte that cannot be read, else it becomes FF. */
static size_t convert(qf_text *t, const char *s, size_t n, bool stop, qf_buf *out)
{
  char *in = (char *)(uintptr_t)s; /* iconv does not write there */
  size_t left = n;
  while (left && qf_buf_reserve(out, left * 2 + 8)) { /* most grow by half: two bytes to three; one of four to four */
    char *to = out->data + out->len;
    size_t room = out->cap - out->len - 1, had = room;
    size_t r = iconv(t->cd, &in, &left, &to, &room);
    out->len += had - room;
    if (r != (size_t)-1 || errno == EINVAL)
      break;
    if (errno == E2BIG)
      continue;
    if (stop)
      break;
    qf_buf_putc(out, (char)0xFF);
    in++;
    left--;
  }
  return n - left;
}

qf_rc qf_text_utf8(const char *s, size_t n, qf_buf *out, qf_err *err)
{
  qf_text *t;
  size_t was = out->len;
  qf_rc rc = qf_text_new(&t, err);
  if (rc)
    return rc;
  size_t used = convert(t, s, n, true, out);
  qf_text_free(t);
  if (used == n && !out->failed)
    return QF_OK;
  out->len = was;
  return out->failed ? qf_fail(err, QF_NOMEM, "out of memory", "内存不足")
                     : qf_fail(err, QF_SYNTAX, "the text is neither UTF-8 nor GB18030 (byte %zu)",
                               "文本既非 UTF-8 也非 GB18030（第 %zu 字节）", used + 1);
}

/* The characters that begin in held, one byte more of s at a time. The bytes of s used. */
static size_t finish_held(qf_text *t, const char *s, size_t n, qf_buf *out)
{
  size_t used = 0;
  while (t->nheld && used < n && t->nheld < sizeof t->held) {
    t->held[t->nheld++] = s[used++];
    size_t k = convert(t, t->held, t->nheld, false, out);
    t->nheld -= k;
    memmove(t->held, t->held + k, t->nheld);
  }
  return used;
}

static const char mark[3] = {'\xEF', '\xBB', '\xBF'};

/* Is it UTF-8? True when that is known, or nothing more comes. */
static bool begin(qf_text *t, const char **s, size_t *n, bool last)
{
  while (*n && t->nheld < 3) {
    t->held[t->nheld++] = *(*s)++;
    --*n;
  }
  if (t->nheld < 3 && !last)
    return false;
  t->plain = t->nheld == 3 && memcmp(t->held, mark, 3) == 0;
  return true;
}

void qf_text_put(qf_text *t, const char *s, size_t n, bool last, qf_buf *out)
{
  if (!t->begun) {
    if (!begin(t, &s, &n, last))
      return;
    t->begun = true;
    size_t k = t->plain ? t->nheld : convert(t, t->held, t->nheld, false, out);
    if (t->plain)
      qf_buf_put(out, t->held, t->nheld);
    t->nheld -= k;
    memmove(t->held, t->held + k, t->nheld);
  }
  if (t->plain) {
    qf_buf_put(out, s, n);
    return;
  }
  size_t used = finish_held(t, s, n, out);
  used += convert(t, s + used, n - used, false, out);
  for (; used < n && t->nheld < sizeof t->held; used++)
    t->held[t->nheld++] = s[used];
  for (; last && t->nheld; t->nheld--)
    qf_buf_putc(out, (char)0xFF); /* cut inside a character */
}
