/* What clients of InfluxDB 1 ask before and beside writing: GET /ping, and /query for two statements. SHOW DATABASES answers with the one
 * there is, CREATE DATABASE with "done" (a database's name is not used by /write); everything else is refused in words, for figures
 * are read by the API of our own. */
#include "serve/http.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define STATEMENT_MAX 1000u

void qf_h_ping(qf_req *r)
{
  r->status = 204;
  r->type = NULL;
  r->influx = true;
}

static int hex(char c)
{
  return c >= '0' && c <= '9'   ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                : -1;
}

/* The value of q in a form body (application/x-www-form-urlencoded). */
static void form_q(const char *s, size_t n, char out[STATEMENT_MAX])
{
  size_t at = 0, o = 0;
  while (at < n && (n - at < 2 || memcmp(s + at, "q=", 2) != 0)) {
    const char *amp = memchr(s + at, '&', n - at);
    at = amp ? (size_t)(amp - s) + 1 : n;
  }
  for (at += 2; at < n && s[at] != '&' && o + 1 < STATEMENT_MAX; at++) {
    int h = s[at] == '%' && n - at > 2 ? hex(s[at + 1]) : -1, l = h >= 0 ? hex(s[at + 2]) : -1;
    out[o++] = l >= 0 ? (char)(h * 16 + l) : s[at] == '+' ? ' ' : s[at];
    at += l >= 0 ? 2 : 0;
  }
  out[o] = 0;
}

void qf_h_query(qf_req *r)
{
  const char *q = qf_req_query(r, "q");
  char text[STATEMENT_MAX];
  snprintf(text, sizeof text, "%s", q ? q : "");
  if (!q && r->body.len)
    form_q(r->body.data, r->body.len, text);
  const char *p = text + strspn(text, " \t\r\n");
  size_t n = strlen(p);
  while (n && strchr(" \t\r\n;", p[n - 1]))
    n--;
  r->influx = true;
  if (n == 14 && strncasecmp(p, "SHOW DATABASES", 14) == 0) {
    qf_buf_puts(&r->out, "{\"results\":[{\"statement_id\":0,\"series\":[{\"name\":\"databases\",\"columns\":[\"name\"],"
                         "\"values\":[[\"qingfeng\"]]}]}]}");
  } else if (n > 16 && strncasecmp(p, "CREATE DATABASE ", 16) == 0 && !memchr(p, ';', n)) {
    qf_buf_puts(&r->out, "{\"results\":[{\"statement_id\":0}]}");
  } else {
    r->status = 400;
    qf_buf_puts(&r->out,
                "{\"error\":\"only SHOW DATABASES and CREATE DATABASE are answered here; figures and readings are read "
                "by /api/v1, see /openapi.json\",\"message_zh\":\"此处仅应答 SHOW DATABASES 与 CREATE DATABASE；"
                "指标与读数请经 /api/v1 读取，见 /openapi.json\"}");
  }
}
