/* POST /write and /api/v2/write (InfluxDB line protocol), POST /api/v1/write (Prometheus remote write): answered only after the
 * journal's fdatasync; serve/intake.h says how. */
#include "collect/lines.h"
#include "serve/intake.h"
#include "wire/remotewrite.h"
#include "wire/snap.h"
#include <stdio.h>
#include <string.h>

/* ---- line protocol */

static void line_refusals(qf_intake *in, const qf_lines_report *rep)
{
  char where[60];
  qf_err e;
  for (uint32_t i = 0; i < rep->errors_n; i++) {
    (void)qf_lp_error_text(&rep->errors[i], &e);
    snprintf(where, sizeof where, "\"line\":%u,\"column\":%u", rep->errors[i].line, rep->errors[i].column);
    qf_intake_refuse(in, 1, where, &e);
  }
  in->refused += rep->bad - rep->errors_n; /* counted, not named */
  if (rep->series_bad)
    qf_intake_refuse(in, rep->series_bad, "\"line\":null,\"column\":null", &rep->series_err);
  in->all = rep->lines;
  in->taken = rep->values + rep->texts;
}

static const qf_intake_kind lineproto = {"lineproto", "lines", "lines", "行", false};

static void take_lines(qf_req *r, const char *text, size_t len, qf_lp_precision precision)
{
  qf_err err = {0};
  qf_lines_report rep = {0};
  qf_intake *in = qf_intake_new(r, &lineproto, text, len);
  qf_batch batch;
  qf_batch_init(&batch);
  qf_rc rc = in ? qf_lines_decode(r->city, text, len, precision, &batch, &rep, &err)
                : qf_fail(&err, QF_NOMEM, "out of memory", "内存不足");
  if (!rc) {
    line_refusals(in, &rep);
    qf_intake_take(in, &batch);
    return;
  }
  qf_req_fail(r, 0, rc, &err);
  qf_intake_free(in);
  qf_batch_fini(&batch);
}

void qf_h_write(qf_req *r)
{
  qf_err err = {0};
  qf_lp_precision precision;
  qf_rc rc = qf_lp_precision_parse(qf_req_query(r, "precision"), &precision, &err);
  if (rc) {
    qf_intake_reject(r, &lineproto, 400, rc, &err);
    return;
  }
  qf_buf plain;
  const char *text;
  size_t len;
  qf_buf_init(&plain, QF_BODY_MAX * 4);
  if (qf_req_unpack(r, &lineproto, &plain, &text, &len))
    take_lines(r, text, len, precision);
  qf_buf_fini(&plain);
}

/* ---- Prometheus remote write */

static const qf_intake_kind remote_write = {"remote_write", "series", "samples", "个样本", false};

/* Senders of 2.0 try it first and take 415 as the word to go on with 1.0. */
static bool version_1(qf_req *r)
{
  const char *type = qf_req_header(r, "Content-Type"), *enc = qf_req_header(r, "Content-Encoding"),
             *version = qf_req_header(r, "X-Prometheus-Remote-Write-Version");
  qf_err err;
  if (!type || strncmp(type, "application/x-protobuf", 22) != 0)
    (void)qf_fail(&err, QF_SYNTAX, "Content-Type must be application/x-protobuf",
                  "Content-Type 须为 application/x-protobuf");
  else if (strstr(type, "write.v2") || (version && version[0] == '2'))
    (void)qf_fail(&err, QF_SYNTAX, "remote write 2.0 is not spoken here: send 1.0 (prometheus.WriteRequest)",
                  "不支持 remote write 2.0：请发送 1.0（prometheus.WriteRequest）");
  else if (!enc || strcmp(enc, "snappy") != 0)
    (void)qf_fail(&err, QF_SYNTAX, "Content-Encoding must be snappy", "Content-Encoding 须为 snappy");
  else
    return true;
  qf_intake_reject(r, &remote_write, 415, QF_SYNTAX, &err);
  return false;
}

static void refuse_samples(qf_intake *in, const qf_rw_series *s, uint64_t n, const qf_err *why)
{
  qf_buf b;
  qf_buf_init(&b, 1200);
  qf_buf_puts(&b, "\"series\":");
  qf_buf_json(&b, s->named, strlen(s->named));
  qf_intake_refuse(in, n, b.data ? b.data : "\"series\":\"\"", why);
  qf_buf_fini(&b);
}

static void take_samples(qf_intake *in, qf_rw_series *s, uint32_t id, qf_batch *batch)
{
  qf_reading v;
  qf_err why;
  uint64_t bad = 0;
  qf_err first = {0};
  for (qf_rc rc; (rc = qf_rw_sample(s, &v, &why)) != QF_NOTFOUND;) {
    if (rc == QF_OK)
      qf_batch_add(batch, id, v.ts_us, v.v, v.flags);
    else if (rc == QF_STATE)
      atomic_fetch_add(&in->r->s->stale_markers, 1);
    else if (bad++ == 0)
      first = why;
  }
  if (bad)
    refuse_samples(in, s, bad, &first);
}

static bool fatal(qf_rc rc)
{
  return rc == QF_NOMEM || rc == QF_IO || rc == QF_FULL;
}

static qf_rc take_series(qf_intake *in, qf_rw_series *s, qf_batch *batch, qf_err *err)
{
  uint32_t id = qf_city_series_find(in->r->city, s->key, s->key_len);
  qf_rc rc = s->samples == 0 || id ? QF_OK : qf_city_series(in->r->city, s->key, s->key_len, &id, err);
  if (rc) {
    if (!fatal(rc))
      refuse_samples(in, s, s->samples, err);
    return fatal(rc) ? rc : QF_OK;
  }
  if (qf_batch_reserve(batch, s->samples))
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  take_samples(in, s, id, batch);
  if (s->histograms) {
    qf_err why;
    (void)qf_fail(&why, QF_RANGE, "native histograms are not readings of a meter", "原生直方图不是计量读数");
    refuse_samples(in, s, s->histograms, &why);
  }
  return QF_OK;
}

static qf_rc decode(qf_intake *in, const char *p, size_t n, qf_batch *batch, qf_err *err)
{
  qf_rw w;
  qf_rw_series s;
  qf_rc rc = qf_rw_open(p, n, &w, err);
  if (rc)
    return rc;
  in->all = w.samples + w.histograms;
  if (w.samples > QF_INTAKE_VALUES)
    return qf_fail(err, QF_RANGE, "%llu samples in one request: at most %u", "单次请求 %llu 个样本：上限 %u",
                   (unsigned long long)w.samples, QF_INTAKE_VALUES);
  while (!rc) {
    qf_rc got = qf_rw_next(&w, &s, err);
    if (got == QF_NOTFOUND)
      break;
    if (got)
      refuse_samples(in, &s, (uint64_t)s.samples + s.histograms, err);
    else
      rc = take_series(in, &s, batch, err);
  }
  in->taken = batch->n;
  return rc;
}

void qf_h_remote_write(qf_req *r)
{
  qf_err err = {0};
  qf_buf plain;
  qf_batch batch;
  qf_intake *in = NULL;
  if (!version_1(r))
    return;
  qf_batch_init(&batch);
  qf_buf_init(&plain, QF_BODY_MAX * 4);
  qf_rc rc = qf_snap_unpack(r->body.len ? r->body.data : "", r->body.len, &plain, &err);
  if (!rc && !(in = qf_intake_new(r, &remote_write, plain.data, plain.len)))
    rc = qf_fail(&err, QF_NOMEM, "out of memory", "内存不足");
  if (!rc)
    rc = decode(in, plain.data, plain.len, &batch, &err);
  if (!rc) {
    qf_intake_take(in, &batch);
  } else {
    qf_intake_reject(r, &remote_write, rc == QF_RANGE ? 413 : 0, rc, &err);
    qf_intake_free(in);
    qf_batch_fini(&batch);
  }
  qf_buf_fini(&plain);
}
