/* OpenAPI 3.0 made from the route table. */
#include "serve/http.h"
#include <ctype.h>
#include <string.h>

static void parameter(qf_buf *b, const char *name, size_t n, bool in_path, bool *first)
{
  qf_buf_printf(b, "%s{\"name\":\"%.*s\",\"in\":\"%s\",\"required\":%s,\"schema\":{\"type\":\"string\"}}",
                *first ? "" : ",", (int)n, name, in_path ? "path" : "query", in_path ? "true" : "false");
  *first = false;
}

static void parameters(qf_buf *b, const qf_route *r)
{
  bool first = true;
  qf_buf_puts(b, "\"parameters\":[");
  for (const char *p = strchr(r->pattern, '{'); p; p = strchr(p + 1, '{'))
    parameter(b, p + 1, strcspn(p + 1, "}"), true, &first);
  for (const char *q = r->query; q && *q;) {
    size_t n = strcspn(q, " ");
    parameter(b, q, n, false, &first);
    q += n + (q[n] == ' ');
  }
  qf_buf_puts(b, "]");
}

static const char *body_type(const qf_route *r)
{
  if (r->fn == qf_h_push)
    return "application/json\":{},\"text/csv";
  return r->fn == qf_h_remote_write ? "application/x-protobuf"
         : r->fn == qf_h_write      ? "text/plain"
                                    : "application/json";
}

static void operation(qf_buf *b, const qf_route *r)
{
  qf_buf_putc(b, '"');
  for (const char *m = r->method; *m; m++)
    qf_buf_putc(b, (char)tolower((unsigned char)*m));
  qf_buf_puts(b, "\":{\"summary\":");
  qf_buf_json(b, r->en, strlen(r->en));
  qf_buf_puts(b, ",\"x-summary-zh\":");
  qf_buf_json(b, r->zh, strlen(r->zh));
  qf_buf_printf(b, ",\"x-action\":\"%s\",", qf_action_name(r->act));
  parameters(b, r);
  if (strcmp(r->method, "POST") == 0)
    qf_buf_printf(b, ",\"requestBody\":{\"content\":{\"%s\":{}}}", body_type(r));
  qf_buf_puts(b, ",\"responses\":{\"200\":{\"description\":\"OK\"},\"default\":{\"description\":\"error\",\"content\":{"
                 "\"application/json\":"
                 "{\"schema\":{\"$ref\":\"#/components/schemas/Error\"}}}}}");
  qf_buf_printf(b, "%s}", r->act == QF_ACT_PUBLIC ? "" : ",\"security\":[{\"token\":[]}]");
}

void qf_h_openapi(qf_req *r)
{
  qf_buf *b = &r->out;
  qf_buf_puts(b, "{\"openapi\":\"3.0.3\",\"info\":{\"title\":\"Qingfeng\",\"version\":\"" QF_VERSION "\"},\"paths\":{");
  for (size_t i = 0; i < qf_route_count; i++) {
    bool again = i > 0 && strcmp(qf_routes[i].pattern, qf_routes[i - 1].pattern) == 0;
    if (again) {
      qf_buf_putc(b, ',');
    } else {
      qf_buf_printf(b, "%s\"%s\":{", i ? "}," : "", qf_routes[i].pattern);
    }
    operation(b, &qf_routes[i]);
  }
  qf_buf_puts(b,
              "}},\"components\":{\"securitySchemes\":{\"token\":{\"type\":\"http\",\"scheme\":\"bearer\"}},"
              "\"schemas\":{\"Error\":{"
              "\"type\":\"object\",\"properties\":{\"error\":{\"type\":\"object\",\"properties\":{\"code\":{\"type\":"
              "\"string\"},"
              "\"message\":{\"type\":\"string\"},\"message_zh\":{\"type\":\"string\"},\"where\":{\"type\":\"object\"},"
              "\"request_id\":{\"type\":\"string\"}}}}}}}}");
}
