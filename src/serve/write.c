/* POST /write and /api/v2/write: answered only after the journal's fdatasync. 204 all taken; 400 some lines refused,
 * the rest taken and durable (as InfluxDB does: "partial write"), with the refused lines named; 413, 429, 503 at the
 * limits. */
#include "collect/lines.h"
#include "collect/link.h"
#include "serve/http.h"
#include "wire/gz.h"
#include <stdlib.h>
#include <string.h>

#define VALUES_MAX 1000000u /* readings of one request: the journal's largest batch */
#define GZ_RATIO_MAX 200u

static void report(qf_req *r, const qf_lines_report *rep)
{
  qf_buf *b = &r->out;
  qf_err e = {0};
  if (rep->errors_n)
    (void)qf_lp_error_text(&rep->errors[0], &e);
  else
    e = rep->series_err;
  r->status = 400;
  qf_buf_puts(b, "{\"error\":{\"code\":\"partial\",\"message\":");
  qf_buf m;
  qf_buf_init(&m, 2000);
  qf_buf_printf(&m, "partial write: %llu of %llu lines refused; first: %s",
                (unsigned long long)(rep->bad + rep->series_bad), (unsigned long long)rep->lines, e.en);
  qf_buf_json(b, m.data ? m.data : "", m.len);
  qf_buf_reset(&m);
  qf_buf_printf(&m, "部分写入：%llu 行中 %llu 行被拒；首个：%s", (unsigned long long)rep->lines,
                (unsigned long long)(rep->bad + rep->series_bad), e.zh);
  qf_buf_puts(b, ",\"message_zh\":");
  qf_buf_json(b, m.data ? m.data : "", m.len);
  qf_buf_fini(&m);
  qf_buf_printf(b, ",\"where\":{\"accepted\":%llu,\"refused\":%llu,\"lines\":[",
                (unsigned long long)(rep->values + rep->texts), (unsigned long long)(rep->bad + rep->series_bad));
  for (uint32_t i = 0; i < rep->errors_n; i++) {
    (void)qf_lp_error_text(&rep->errors[i], &e);
    qf_buf_printf(b, "%s{\"line\":%u,\"column\":%u,\"message\":", i ? "," : "", rep->errors[i].line,
                  rep->errors[i].column);
    qf_buf_json(b, e.en, strlen(e.en));
    qf_buf_puts(b, ",\"message_zh\":");
    qf_buf_json(b, e.zh, strlen(e.zh));
    qf_buf_puts(b, "}");
  }
  qf_buf_printf(b, "]},\"request_id\":\"%s\"},\"code\":\"invalid\",\"message\":\"partial write\"}", r->id);
}

typedef struct write_state {
  qf_req *r;
  qf_lines_report rep;
  bool packed; /* the body came compressed */
} write_state;

/* The first refused line, to be seen beside the reason. */
static void refused(qf_link *k, const write_state *w)
{
  const qf_req *r = w->r;
  qf_err e = w->rep.series_err;
  if (w->rep.errors_n)
    (void)qf_lp_error_text(&w->rep.errors[0], &e);
  qf_link_refused(k, r->body.data, w->packed ? 0 : r->body.len, &e);
}

static void answer(write_state *w, qf_rc rc)
{
  qf_req *r = w->r;
  if (rc) {
    qf_err err;
    (void)qf_fail(&err, rc, "the journal could not make it durable: nothing was accepted",
                  "日志未能落盘：未接受任何数据");
    qf_req_fail(r, rc == QF_FULL ? 507 : 500, rc, &err);
  } else if (w->rep.bad || w->rep.series_bad) {
    report(r, &w->rep);
  } else {
    r->status = 204;
    r->type = NULL;
  }
  atomic_fetch_add(&r->s->lines_ok, rc ? 0 : w->rep.values);
  atomic_fetch_add(&r->s->lines_bad, w->rep.bad + w->rep.series_bad);
  qf_link *k = qf_link_of(r->s->links, "http", "lineproto", *r->who.name ? r->who.name : "-");
  qf_link_set(k, QF_LINK_UP, NULL);
  qf_link_seen(k, r->body.len);
  qf_link_took(k, rc ? 0 : w->rep.values);
  if (w->rep.bad + w->rep.series_bad)
    refused(k, w);
  free(w);
}

static void on_durable(void *ud, qf_rc rc, uint64_t seq)
{
  write_state *w = ud;
  qf_req *r = w->r;
  (void)seq;
  answer(w, rc);
  qf_req_resume(r);
}

static bool unpack(qf_req *r, qf_buf *plain)
{
  const char *enc = qf_req_header(r, "Content-Encoding");
  qf_err err = {0};
  if (!enc || strcmp(enc, "identity") == 0)
    return true;
  qf_rc rc = strcmp(enc, "gzip") == 0 ? qf_gz_inflate(r->body.data, r->body.len, GZ_RATIO_MAX, plain, &err)
                                      : qf_fail(&err, QF_SYNTAX, "Content-Encoding %.40s: only gzip",
                                                "Content-Encoding %.40s：仅支持 gzip", enc);
  if (!rc)
    return true;
  qf_req_fail(r,
              rc == QF_RANGE || rc == QF_NOMEM              ? 413
              : rc == QF_SYNTAX && strcmp(enc, "gzip") != 0 ? 415
                                                            : 400,
              rc, &err);
  return false;
}

static void take(qf_req *r, const char *text, size_t len, qf_lp_precision precision)
{
  qf_err err = {0};
  write_state *w = calloc(1, sizeof *w);
  qf_batch batch;
  qf_batch_init(&batch);
  qf_rc rc = QF_NOMEM;
  if (w) {
    w->r = r;
    w->packed = qf_req_header(r, "Content-Encoding") != NULL;
    rc = qf_lines_decode(r->city, text, len, precision, &batch, &w->rep, &err);
    if (!rc && batch.n > VALUES_MAX)
      rc = qf_fail(&err, QF_RANGE, "%u values in one request: at most %u", "单次请求 %u 个值：上限 %u", batch.n,
                   VALUES_MAX);
  }
  if (!rc && batch.n == 0) {
    answer(w, QF_OK);
  } else if (!rc) {
    MHD_suspend_connection(r->conn);
    r->async = true;
    rc = qf_city_ingest(r->city, &batch, on_durable, w, &err);
    if (!rc)
      return;
    qf_req_fail(r, 0, rc, &err);
    qf_req_resume(r);
    free(w);
  } else {
    qf_req_fail(r, rc == QF_RANGE ? 413 : 0, rc, &err);
    free(w);
  }
  qf_batch_fini(&batch);
}

void qf_h_write(qf_req *r)
{
  qf_err err = {0};
  qf_lp_precision precision;
  qf_rc rc = qf_lp_precision_parse(qf_req_query(r, "precision"), &precision, &err);
  if (rc) {
    qf_req_fail(r, 400, rc, &err);
    return;
  }
  qf_buf plain;
  qf_buf_init(&plain, QF_BODY_MAX * 4);
  bool packed = qf_req_header(r, "Content-Encoding") != NULL;
  if (unpack(r, &plain)) {
    bool use = packed && plain.len;
    take(r, use ? plain.data : r->body.data ? r->body.data : "", use ? plain.len : r->body.len, precision);
  }
  qf_buf_fini(&plain);
}
