/* Proofs, signed heads, receipts. Heads and proofs are for everybody: they say nothing but hashes. */
#include "proof/receipt.h"
#include "serve/http.h"
#include <stdlib.h>
#include <string.h>

/* A whole number of the path or query; false: answered with 400. */
static bool number(qf_req *r, const char *name, const char *s, uint64_t *out)
{
  qf_err err;
  char *end = NULL;
  *out = s && *s >= '0' && *s <= '9' && strlen(s) < 19 ? strtoull(s, &end, 10) : 0;
  if (end && *end == 0)
    return true;
  (void)qf_fail(&err, QF_RANGE, "%s must be a whole number", "%s 应为整数", name);
  qf_req_fail(r, 400, QF_RANGE, &err);
  return false;
}

static bool maybe(qf_req *r, const char *name, uint64_t *out)
{
  const char *s = qf_req_query(r, name);
  *out = 0;
  return !s || number(r, name, s, out);
}

static void answer(qf_req *r, qf_rc rc, const qf_err *err)
{
  if (!rc)
    return;
  qf_buf_reset(&r->out);
  if (rc == QF_RANGE || rc == QF_NOTFOUND)
    qf_req_fail(r, 0, rc, err);
  else
    qf_req_broken(r, rc, err);
}

static void give(qf_req *r, bool brief)
{
  qf_err err = {0};
  uint64_t seq, size;
  if (!number(r, "seq", r->arg[0], &seq) || !maybe(r, "size", &size))
    return;
  answer(r, qf_receipt_make(qf_city_proof(r->city), qf_city_dir(r->city), seq, size, brief, &r->out, &err), &err);
}

void qf_h_proof(qf_req *r)
{
  give(r, true);
}

/* A receipt shows what was filed: only to who may see those it is about. Records of no subject (factors, targets) are
 * everybody's who may read. */
static bool may_see(qf_req *r)
{
  json_t *receipt = json_loadb(r->out.data ? r->out.data : "", r->out.len, 0, NULL), *rec;
  const char *text = json_string_value(json_object_get(receipt, "body")), *last = NULL;
  json_t *body = text ? json_loads(text, 0, NULL) : NULL, *list = json_object_get(body, "records"), *one = NULL;
  if (body && !list)
    list = one = json_pack("[O]", body);
  bool may = true;
  size_t i;
  json_array_foreach(list, i, rec)
  {
    const json_t *data = json_object_get(rec, "data");
    const char *type = json_string_value(json_object_get(rec, "type")),
               *id = json_string_value(json_object_get(rec, "id")),
               *subject = json_string_value(json_object_get(data, "subject"));
    if (!subject && type && strcmp(type, "subject") == 0)
      subject = id;
    if (!subject && json_object_get(data, "point"))
      subject = "?"; /* of a point: whose is not said here */
    if (!may || (last && subject && strcmp(last, subject) == 0))
      continue;
    may = qf_req_may(r, QF_ACT_VIEW, json_string_value(json_object_get(data, "area")), subject, subject != NULL);
    last = subject;
  }
  json_decref(one);
  json_decref(body);
  json_decref(receipt);
  return may;
}

void qf_h_receipt(qf_req *r)
{
  const char *format = qf_req_query(r, "format");
  give(r, false);
  if (r->status < 400 && !may_see(r))
    return;
  if (r->status >= 400 || !format || strcmp(format, "html") != 0)
    return;
  qf_err err = {0};
  qf_buf page;
  qf_buf_init(&page, r->out.max);
  qf_rc rc = qf_receipt_html(r->out.data, r->out.len, &page, &err);
  if (!rc) {
    qf_buf_reset(&r->out);
    qf_buf_put(&r->out, page.data, page.len);
    r->type = "text/html; charset=utf-8";
  }
  qf_buf_fini(&page);
  answer(r, rc, &err);
}

void qf_h_heads(qf_req *r)
{
  qf_err err = {0};
  qf_buf text;
  uint64_t from;
  qf_proof *p = qf_city_proof(r->city);
  long limit = qf_req_int(r, "limit", 100, 1, 1000);
  if (!maybe(r, "from", &from))
    return;
  qf_rc rc = QF_OK;
  qf_buf_init(&text, QF_NOTE_MAX + 1);
  qf_buf_puts(&r->out, "{\"key\":\"");
  qf_vkey_write(qf_proof_key(p), &r->out);
  qf_buf_puts(&r->out, "\",\"heads\":[");
  size_t n = qf_proof_head_count(p), first = qf_req_query(r, "from") ? qf_proof_head_covering(p, from)
                                             : n > (size_t)limit     ? n - (size_t)limit
                                                                     : 0;
  for (size_t i = first; !rc && i < n && i < first + (size_t)limit; i++) {
    qf_head h;
    qf_buf_reset(&text);
    rc = qf_proof_head_text(p, i, &text, &err);
    if (!rc)
      rc = qf_head_parse(text.data, text.len, &h, &err);
    if (rc)
      break;
    qf_buf_printf(&r->out, "%s{\"size\":%llu,\"time\":\"", i > first ? "," : "", (unsigned long long)h.size);
    qf_tm_write(&r->out, h.at_us);
    qf_buf_puts(&r->out, "\",\"checkpoint\":");
    qf_buf_json(&r->out, text.data, text.len);
    qf_buf_putc(&r->out, '}');
  }
  qf_buf_printf(&r->out, "],\"count\":%zu}", n);
  qf_buf_fini(&text);
  answer(r, rc, &err);
}

void qf_h_head_latest(qf_req *r)
{
  qf_err err = {0};
  size_t n = qf_proof_head_count(qf_city_proof(r->city));
  qf_rc rc = qf_proof_head_text(qf_city_proof(r->city), n ? n - 1 : 0, &r->out, &err);
  r->type = rc ? r->type : "text/plain; charset=utf-8";
  answer(r, rc, &err);
}

void qf_h_log_key(qf_req *r)
{
  qf_vkey_write(qf_proof_key(qf_city_proof(r->city)), &r->out);
  qf_buf_putc(&r->out, '\n');
  r->type = "text/plain; charset=utf-8";
}

void qf_h_consistency(qf_req *r)
{
  qf_err err = {0};
  uint64_t from, to;
  if (!number(r, "from", qf_req_query(r, "from"), &from) || !number(r, "to", qf_req_query(r, "to"), &to))
    return;
  answer(r, qf_consistency_json(qf_city_proof(r->city), from, to, &r->out, &err), &err);
}
