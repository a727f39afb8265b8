#include "wire/http1.h"
#include <string.h>
#include <strings.h>

#define BAD(...) return qf_fail(err, QF_SYNTAX, __VA_ARGS__)

static bool token_char(char c)
{
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         (c && strchr("!#$%&'*+-.^_`|~", c));
}

/* HTTP/1.0 or HTTP/1.1; *one: 1.1, whose connections go on by themselves. */
static bool version(const char *p, bool *one)
{
  *one = p[7] == '1';
  return memcmp(p, "HTTP/1.", 7) == 0 && (p[7] == '0' || p[7] == '1');
}

static qf_rc request_line(const char *p, size_t n, qf_http1 *m, qf_err *err)
{
  size_t a = 0, b;
  while (a < n && token_char(p[a]))
    a++;
  if (!a || a >= sizeof m->method || a + 1 >= n || p[a] != ' ')
    BAD("not an HTTP request", "不是 HTTP 请求");
  for (b = a + 1; b < n && p[b] > ' ' && p[b] < 127; b++) {
  }
  if (b == a + 1 || b - a - 1 >= sizeof m->target || p[a + 1] != '/' || n - b != 9 || p[b] != ' ' ||
      !version(p + b + 1, &m->keep))
    BAD("wrong HTTP request line", "HTTP 请求行有误");
  memcpy(m->method, p, a);
  m->method[a] = 0;
  memcpy(m->target, p + a + 1, b - a - 1);
  m->target[b - a - 1] = 0;
  return QF_OK;
}

static qf_rc status_line(const char *p, size_t n, qf_http1 *m, qf_err *err)
{
  if (n < 12 || !version(p, &m->keep) || p[8] != ' ' || (n > 12 && p[12] != ' '))
    BAD("not an HTTP answer", "不是 HTTP 应答");
  m->status = 0;
  for (int i = 9; i < 12; i++) {
    if (p[i] < '0' || p[i] > '9')
      BAD("not an HTTP answer", "不是 HTTP 应答");
    m->status = m->status * 10 + (p[i] - '0');
  }
  return QF_OK;
}

static bool is(const char *p, size_t n, const char *word)
{
  return strlen(word) == n && strncasecmp(p, word, n) == 0;
}

static qf_rc length(const char *v, size_t n, qf_http1 *m, qf_err *err)
{
  size_t len = 0;
  if (!n || n > 15 || m->has_len || m->chunked)
    BAD("Content-Length: %.20s", "Content-Length：%.20s", n ? "twice, or too long" : "empty");
  for (size_t i = 0; i < n; i++) {
    if (v[i] < '0' || v[i] > '9')
      BAD("Content-Length is no number", "Content-Length 不是数字");
    len = len * 10 + (size_t)(v[i] - '0');
  }
  m->has_len = true;
  m->len = len;
  return QF_OK;
}

static qf_rc header(const char *p, size_t n, qf_http1 *m, qf_err *err)
{
  size_t k = 0;
  while (k < n && token_char(p[k]))
    k++;
  if (!k || k == n || p[k] != ':')
    BAD("wrong HTTP header line", "HTTP 头字段有误");
  const char *v = p + k + 1;
  size_t vn = n - k - 1;
  while (vn && (*v == ' ' || *v == '\t'))
    v++, vn--;
  while (vn && (v[vn - 1] == ' ' || v[vn - 1] == '\t'))
    vn--;
  for (size_t i = 0; i < vn; i++)
    if ((uint8_t)v[i] < 32 && v[i] != '\t')
      BAD("control byte in an HTTP header", "HTTP 头字段含控制字符");
  if (is(p, k, "content-length"))
    return length(v, vn, m, err);
  if (is(p, k, "transfer-encoding")) {
    if (!is(v, vn, "chunked") || m->chunked || m->has_len)
      BAD("Transfer-Encoding %.20s", "Transfer-Encoding %.20s", "other than chunked, or beside a length");
    m->chunked = true;
  } else if (is(p, k, "connection")) {
    m->keep = is(v, vn, "close") ? false : is(v, vn, "keep-alive") ? true : m->keep;
  } else if (is(p, k, "expect")) {
    m->continue_wanted = is(v, vn, "100-continue");
  } else if (is(p, k, "host") && vn < sizeof m->host) {
    memcpy(m->host, v, vn);
    m->host[vn] = 0;
  }
  return QF_OK;
}

/* Bytes of the line that begins at p, without its CRLF; SIZE_MAX: not whole yet. */
static size_t line_end(const char *p, size_t n)
{
  const char *lf = n ? memchr(p, '\n', n) : NULL;
  return lf ? (size_t)(lf - p) : SIZE_MAX;
}

static qf_rc read_head(const char *p, size_t n, qf_http1 *m, qf_err *err)
{
  size_t at = 0;
  for (bool first = true;; first = false) {
    size_t k = line_end(p + at, n - at);
    if ((k == SIZE_MAX ? n : at + k) > QF_HTTP1_HEAD_MAX)
      return qf_fail(err, QF_RANGE, "HTTP head longer than %u bytes", "HTTP 头超过 %u 字节", QF_HTTP1_HEAD_MAX);
    if (k == SIZE_MAX)
      return QF_PARTIAL;
    if (!k || p[at + k - 1] != '\r')
      BAD("HTTP line without CR LF", "HTTP 行未以 CR LF 结尾");
    size_t len = k - 1;
    if (!len && !first) {
      m->head_len = at + k + 1;
      m->head = true;
      return QF_OK;
    }
    qf_rc rc = !first        ? header(p + at, len, m, err)
               : m->response ? status_line(p + at, len, m, err)
                             : request_line(p + at, len, m, err);
    if (rc)
      return rc;
    at += k + 1;
  }
}

static qf_rc chunk_size(const char *p, size_t n, size_t *out, qf_err *err)
{
  size_t size = 0, i = 0;
  for (; i < n; i++) {
    char c = p[i];
    int d = c >= '0' && c <= '9'   ? c - '0'
            : c >= 'a' && c <= 'f' ? c - 'a' + 10
            : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                   : -1;
    if (d < 0)
      break;
    if (i == 7)
      BAD("chunk longer than 256 MB", "分块过长");
    size = size * 16 + (size_t)d;
  }
  if (!i || (i < n && p[i] != ';'))
    BAD("wrong chunk size", "分块长度有误");
  *out = size;
  return QF_OK;
}

static qf_rc chunks(const char *p, size_t n, const qf_http1 *m, qf_buf *body, size_t *used, qf_err *err)
{
  size_t at = m->head_len, size = 0;
  for (bool data = true;;) {
    size_t k = line_end(p + at, n - at);
    if (k == SIZE_MAX || k > 1024) {
      if (n - at > 1024)
        BAD("endless chunk head", "分块头过长");
      return QF_PARTIAL;
    }
    if (!k || p[at + k - 1] != '\r')
      BAD("HTTP line without CR LF", "HTTP 行未以 CR LF 结尾");
    if (!data && k == 1) { /* the empty line after the last chunk and its trailers */
      *used = at + k + 1;
      return QF_OK;
    }
    if (data) {
      qf_rc rc = chunk_size(p + at, k - 1, &size, err);
      if (rc)
        return rc;
      if (body->len + size > m->body_max)
        return qf_fail(err, QF_RANGE, "body longer than %zu bytes", "报文体超过 %zu 字节", m->body_max);
    }
    at += k + 1;
    if (!data || !size) {
      data = false;
      continue;
    }
    if (n - at < size + 2)
      return QF_PARTIAL;
    if (p[at + size] != '\r' || p[at + size + 1] != '\n')
      BAD("chunk does not end where it says", "分块长度与内容不符");
    qf_buf_put(body, p + at, size);
    at += size + 2;
  }
}

qf_rc qf_http1_read(const char *p, size_t n, qf_http1 *m, qf_buf *body, size_t *used, qf_err *err)
{
  *m = (qf_http1){.response = m->response, .eof = m->eof, .body_max = m->body_max};
  *used = 0;
  qf_buf_reset(body);
  qf_rc rc = read_head(p, n, m, err);
  if (rc)
    return rc;
  if (m->chunked) {
    rc = chunks(p, n, m, body, used, err);
  } else if (m->has_len || !m->response || m->status / 100 == 1 || m->status == 204) {
    if (m->len > m->body_max)
      return qf_fail(err, QF_RANGE, "body of %zu bytes, longer than %zu", "报文体 %zu 字节，超过 %zu", m->len,
                     m->body_max);
    if (n - m->head_len < m->len)
      return QF_PARTIAL;
    qf_buf_put(body, p + m->head_len, m->len);
    *used = m->head_len + m->len;
  } else { /* a response that ends with the connection */
    m->keep = false;
    if (n - m->head_len > m->body_max)
      return qf_fail(err, QF_RANGE, "body longer than %zu bytes", "报文体超过 %zu 字节", m->body_max);
    if (!m->eof)
      return QF_PARTIAL;
    qf_buf_put(body, p + m->head_len, n - m->head_len);
    *used = n;
  }
  return !rc && body->failed ? qf_fail(err, QF_NOMEM, "out of memory", "内存不足") : rc;
}

void qf_http1_post(qf_buf *out, const char *host, const char *target, const char *type, const char *body, size_t len)
{
  qf_buf_printf(out,
                "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: %s; charset=utf-8\r\nContent-Length: "
                "%zu\r\n\r\n",
                target, host, type, len);
  qf_buf_put(out, body, len);
}

void qf_http1_answer(qf_buf *out, int status, bool keep, const char *body, size_t len)
{
  const char *words = status == 200   ? "OK"
                      : status == 400 ? "Bad Request"
                      : status == 403 ? "Forbidden"
                      : status == 404 ? "Not Found"
                      : status == 405 ? "Method Not Allowed"
                      : status == 413 ? "Content Too Large"
                                      : "Service Unavailable";
  qf_buf_printf(out,
                "HTTP/1.1 %d %s\r\nContent-Type: application/json; charset=utf-8\r\nCache-Control: no-store\r\n%s"
                "Content-Length: %zu\r\n\r\n",
                status, words, keep ? "" : "Connection: close\r\n", len);
  qf_buf_put(out, body, len);
}
