#include "serve/intake.h"
#include "wire/gz.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GZ_RATIO_MAX 200u
#define NAMED_BYTES ((size_t)64 << 10)

qf_intake *qf_intake_new(qf_req *r, const qf_intake_kind *kind, const char *body, size_t len)
{
  qf_intake *in = calloc(1, sizeof *in);
  if (!in)
    return NULL;
  in->r = r;
  in->kind = kind;
  in->raw_len = len < QF_LINK_RAW_MAX ? (uint32_t)len : QF_LINK_RAW_MAX;
  if (in->raw_len)
    memcpy(in->raw, body, in->raw_len);
  qf_buf_init(&in->named, NAMED_BYTES);
  return in;
}

void qf_intake_free(qf_intake *in)
{
  if (in)
    qf_buf_fini(&in->named);
  free(in);
}

void qf_intake_refuse(qf_intake *in, uint64_t n, const char *where, const qf_err *why)
{
  qf_buf *b = &in->named;
  if (in->refused == 0)
    in->first = *why;
  in->refused += n;
  if (in->named_n == QF_INTAKE_NAMED || b->len + 2048 > NAMED_BYTES)
    return;
  qf_buf_printf(b, "%s{%s,\"message\":", in->named_n++ ? "," : "", where);
  qf_buf_json(b, why->en, strlen(why->en));
  qf_buf_puts(b, ",\"message_zh\":");
  qf_buf_json(b, why->zh, strlen(why->zh));
  qf_buf_putc(b, '}');
}

/* One for each token, and for each way it uses besides line protocol. */
static qf_link *link_of(qf_req *r, const qf_intake_kind *kind)
{
  char name[QF_LINK_NAME_MAX];
  const char *who = *r->who.name ? r->who.name : "-";
  bool lines = strcmp(kind->protocol, "lineproto") == 0;
  snprintf(name, sizeof name, "%s%s%s", who, lines ? "" : " ", lines ? "" : kind->protocol);
  qf_link *k = qf_link_of(r->s->links, "http", kind->protocol, name);
  qf_link_set(k, QF_LINK_UP, NULL);
  qf_link_seen(k, r->body.len);
  return k;
}

void qf_intake_reject(qf_req *r, const qf_intake_kind *kind, unsigned status, qf_rc rc, const qf_err *err)
{
  qf_req_fail(r, status, rc, err);
  if (r->status < 500 && r->status != 429)
    qf_link_refused(link_of(r, kind), r->body.data, r->body.len, err);
}

static void report(const qf_intake *in)
{
  const qf_intake_kind *k = in->kind;
  qf_req *r = in->r;
  qf_buf *b = &r->out, m;
  r->status = 400;
  qf_buf_puts(b, "{\"error\":{\"code\":\"partial\",\"message\":");
  qf_buf_init(&m, 2000);
  qf_buf_printf(&m, "partial write: %llu of %llu %s refused; first: %s", (unsigned long long)in->refused,
                (unsigned long long)in->all, k->en, in->first.en);
  qf_buf_json(b, m.data ? m.data : "", m.len);
  qf_buf_reset(&m);
  qf_buf_printf(&m, "部分写入：%llu %s中 %llu %s被拒；首个：%s", (unsigned long long)in->all, k->zh,
                (unsigned long long)in->refused, k->zh, in->first.zh);
  qf_buf_puts(b, ",\"message_zh\":");
  qf_buf_json(b, m.data ? m.data : "", m.len);
  qf_buf_fini(&m);
  if (in->report) {
    qf_buf_puts(b, ",\"where\":");
    qf_buf_put(b, in->report->data, in->report->len);
    qf_buf_printf(b, ",\"request_id\":\"%s\"}}", r->id);
    return;
  }
  qf_buf_printf(b, ",\"where\":{\"accepted\":%llu,\"refused\":%llu,\"%s\":[%s]},\"request_id\":\"%s\"}",
                (unsigned long long)in->taken, (unsigned long long)in->refused, k->list,
                in->named_n ? in->named.data : "", r->id);
  qf_buf_puts(b, ",\"code\":\"invalid\",\"message\":\"partial write\"}"); /* as InfluxDB's clients expect it */
}

void qf_intake_answer(qf_intake *in, qf_rc rc)
{
  qf_req *r = in->r;
  if (rc) {
    qf_err err;
    (void)qf_fail(&err, rc, "the journal could not make it durable: nothing was accepted",
                  "日志未能落盘：未接受任何数据");
    qf_req_fail(r, rc == QF_FULL ? 507 : 500, rc, &err);
  } else if (in->refused) {
    report(in);
  } else if (in->report) {
    qf_buf_put(&r->out, in->report->data, in->report->len);
  } else if (in->kind->counts) {
    qf_buf_printf(&r->out, "{\"accepted\":%llu,\"refused\":0}", (unsigned long long)in->taken);
  } else {
    r->status = 204;
    r->type = NULL;
  }
  atomic_fetch_add(&r->s->lines_ok, rc ? 0 : in->numbers);
  atomic_fetch_add(&r->s->lines_bad, in->refused);
  qf_link *k = link_of(r, in->kind);
  qf_link_took(k, rc ? 0 : in->numbers);
  if (in->refused)
    qf_link_refused(k, in->raw, in->raw_len, &in->first);
}

static void on_durable(void *ud, qf_rc rc, uint64_t seq)
{
  qf_intake *in = ud;
  qf_req *r = in->r;
  (void)seq;
  qf_intake_answer(in, rc);
  qf_intake_free(in);
  qf_req_resume(r);
}

void qf_intake_take(qf_intake *in, qf_batch *b)
{
  qf_req *r = in->r;
  qf_err err = {0};
  qf_rc rc = QF_OK;
  in->numbers = b->n;
  if (b->n > QF_INTAKE_VALUES) {
    rc = qf_fail(&err, QF_RANGE, "%u values in one request: at most %u", "单次请求 %u 个值：上限 %u", b->n,
                 QF_INTAKE_VALUES);
    qf_intake_reject(r, in->kind, 413, rc, &err);
  } else if (b->n == 0) {
    qf_intake_answer(in, QF_OK);
  } else {
    MHD_suspend_connection(r->conn);
    r->async = true;
    rc = qf_city_ingest(r->city, b, on_durable, in, &err);
    if (!rc)
      return;
    qf_req_fail(r, 0, rc, &err);
    qf_req_resume(r);
  }
  qf_batch_fini(b);
  qf_intake_free(in);
}

bool qf_req_unpack(qf_req *r, const qf_intake_kind *kind, qf_buf *plain, const char **text, size_t *len)
{
  const char *enc = qf_req_header(r, "Content-Encoding");
  qf_err err = {0};
  bool gzip = enc && strcmp(enc, "gzip") == 0;
  *text = r->body.len ? r->body.data : "";
  *len = r->body.len;
  if (!enc || strcmp(enc, "identity") == 0)
    return true;
  qf_rc rc =
      gzip ? qf_gz_inflate(r->body.data, r->body.len, GZ_RATIO_MAX, plain, &err)
           : qf_fail(&err, QF_SYNTAX, "Content-Encoding %.40s: only gzip", "Content-Encoding %.40s：仅支持 gzip", enc);
  if (rc) {
    qf_intake_reject(r, kind, rc == QF_RANGE || rc == QF_NOMEM ? 413 : gzip ? 400 : 415, rc, &err);
    return false;
  }
  *text = plain->len ? plain->data : "";
  *len = plain->len;
  return true;
}
