/* WriteRequest 1 timeseries, repeated | 3 metadata, repeated: passed over
 * TimeSeries   1 labels, repeated | 2 samples, repeated | 3 exemplars: passed over | 4 histograms: counted, not taken
 * Label        1 name | 2 value (an empty value is no label)
 * Sample       1 value (double) | 2 timestamp (int64, ms since 1970); an absent one is 0
 * A value is a 64-bit float there; it becomes the shortest decimal that is the same float. The NaN with the bits
 * 7ff0000000000002 says that a series has ended ("stale marker"). */
#include "wire/remotewrite.h"
#include "wire/scale.h"
#include "wire/utf8.h"
#include <stdio.h>
#include <string.h>

#define MS_END INT64_C(7258118400000) /* 2200-01-01 */
#define STALE UINT64_C(0x7ff0000000000002)

typedef struct label {
  const char *name, *value;
  size_t name_len, value_len;
} label;

static qf_rc wrong_wire(const qf_pb_field *f, qf_err *err)
{
  return qf_fail(err, QF_SYNTAX, "field %u has wire type %u", "字段 %u 的线格式为 %u", f->number, f->wire);
}

static qf_rc read_label(const qf_pb_field *in, label *l, qf_err *err)
{
  qf_pb r;
  qf_pb_field f;
  qf_rc rc;
  *l = (label){.name = "", .value = ""};
  qf_pb_init(&r, in->bytes, in->len);
  while ((rc = qf_pb_next(&r, &f, err)) == QF_OK) {
    if (f.number != 1 && f.number != 2)
      continue;
    if (f.wire != QF_PB_BYTES)
      return wrong_wire(&f, err);
    if (!qf_utf8_valid((const char *)f.bytes, f.len))
      return qf_fail(err, QF_SYNTAX, "a label is not UTF-8", "标签不是 UTF-8");
    *(f.number == 1 ? &l->name : &l->value) = (const char *)f.bytes;
    *(f.number == 1 ? &l->name_len : &l->value_len) = f.len;
  }
  return rc == QF_NOTFOUND ? QF_OK : rc;
}

typedef struct sample {
  qf_pb_field value;
  int64_t ms;
} sample;

static qf_rc read_sample(const qf_pb_field *in, sample *s, qf_err *err)
{
  qf_pb r;
  qf_pb_field f;
  qf_rc rc;
  *s = (sample){0};
  qf_pb_init(&r, in->bytes, in->len);
  while ((rc = qf_pb_next(&r, &f, err)) == QF_OK) {
    if ((f.number == 1 && f.wire != QF_PB_FIXED64) || (f.number == 2 && f.wire != QF_PB_VARINT))
      return wrong_wire(&f, err);
    if (f.number == 1)
      s->value = f;
    else if (f.number == 2)
      s->ms = (int64_t)f.v;
  }
  return rc == QF_NOTFOUND ? QF_OK : rc;
}

/* ---- the whole, before anything is taken */

static qf_rc check_series(const qf_pb_field *in, qf_rw *w, qf_err *err)
{
  qf_pb r;
  qf_pb_field f;
  label l;
  sample s;
  qf_rc rc;
  w->series++;
  qf_pb_init(&r, in->bytes, in->len);
  while ((rc = qf_pb_next(&r, &f, err)) == QF_OK) {
    if (f.number < 1 || f.number > 4)
      continue;
    if (f.wire != QF_PB_BYTES)
      return wrong_wire(&f, err);
    w->samples += f.number == 2;
    w->histograms += f.number == 4;
    rc = f.number == 1 ? read_label(&f, &l, err) : f.number == 2 ? read_sample(&f, &s, err) : QF_OK;
    if (rc)
      return rc;
  }
  return rc == QF_NOTFOUND ? QF_OK : rc;
}

qf_rc qf_rw_open(const void *p, size_t n, qf_rw *w, qf_err *err)
{
  qf_pb r;
  qf_pb_field f;
  qf_err why = {0};
  qf_rc rc;
  *w = (qf_rw){0};
  qf_pb_init(&r, p, n);
  w->at = r;
  while ((rc = qf_pb_next(&r, &f, err)) == QF_OK) {
    if (f.number != 1)
      continue;
    rc = f.wire == QF_PB_BYTES ? check_series(&f, w, &why) : wrong_wire(&f, &why);
    if (rc && err) {
      err->rc = rc;
      snprintf(err->en, sizeof err->en, "series %llu: %.200s", (unsigned long long)w->series, why.en);
      snprintf(err->zh, sizeof err->zh, "第 %llu 个序列：%.200s", (unsigned long long)w->series, why.zh);
    }
    if (rc)
      return rc;
  }
  return rc == QF_NOTFOUND ? QF_OK : rc;
}

/* ---- a series */

/* A name as the line protocol writes it. in_measurement: an equals sign needs no backslash there. False: it ends in a backslash,
 * which that writing does not have. */
static bool escaped(qf_buf *b, const char *s, size_t n, bool in_measurement)
{
  for (size_t i = 0; i < n; i++) {
    if (s[i] == ',' || s[i] == ' ' || (s[i] == '=' && !in_measurement))
      qf_buf_putc(b, '\\');
    qf_buf_putc(b, s[i]);
  }
  return n == 0 || s[n - 1] != '\\';
}

/* Measurement first, then the other labels in the order sent: qf_lp_canonical sorts them and refuses one that is there twice. */
static qf_rc write_labels(const qf_pb_field *in, bool names, qf_buf *b, qf_err *err)
{
  qf_pb r;
  qf_pb_field f;
  label l;
  bool whole = true;
  unsigned found = 0;
  qf_pb_init(&r, in->bytes, in->len);
  while (qf_pb_next(&r, &f, NULL) == QF_OK) {
    if (f.number != 1 || read_label(&f, &l, NULL) || l.value_len == 0)
      continue;
    bool name = l.name_len == 8 && memcmp(l.name, "__name__", 8) == 0;
    if (name != names)
      continue;
    found++;
    if (name) {
      whole = escaped(b, l.value, l.value_len, true) && whole;
      continue;
    }
    qf_buf_putc(b, ',');
    whole = escaped(b, l.name, l.name_len, false) && whole;
    qf_buf_putc(b, '=');
    whole = escaped(b, l.value, l.value_len, false) && whole;
  }
  if (names && found > 1)
    return qf_fail(err, QF_SYNTAX, "__name__ twice", "__name__ 出现两次");
  if (names && found == 0)
    return qf_fail(err, QF_SYNTAX, "no __name__: a series needs one", "缺少 __name__：序列须有名称");
  return whole ? QF_OK : qf_fail(err, QF_SYNTAX, "a label that ends in a backslash", "标签以反斜杠结尾");
}

static qf_rc key_of(const qf_pb_field *in, qf_rw_series *s, qf_err *err)
{
  qf_buf b;
  qf_buf_init(&b, 4096);
  qf_rc rc = write_labels(in, true, &b, err);
  size_t measurement = b.len;
  if (!rc)
    rc = write_labels(in, false, &b, err);
  snprintf(s->named, sizeof s->named, "%.*s", (int)(b.len < 100 ? b.len : 100), b.data ? b.data : "");
  if (!rc && measurement == 0)
    rc = qf_fail(err, QF_SYNTAX, "the name is empty", "名称为空");
  if (!rc && (b.failed || b.len + 6 > QF_LP_KEY_MAX))
    rc =
        qf_fail(err, QF_RANGE, "name and labels are longer than %d bytes", "名称与标签超过 %d 字节", QF_LP_KEY_MAX - 6);
  if (!rc) {
    qf_lp_name name = {.series = b.data, .field = "value", .series_len = b.len, .field_len = 5};
    rc = qf_lp_canonical(&name, s->key, sizeof s->key, &s->key_len, err);
  }
  qf_buf_fini(&b);
  return rc;
}

qf_rc qf_rw_next(qf_rw *w, qf_rw_series *s, qf_err *err)
{
  qf_pb_field f, inner;
  *s = (qf_rw_series){.key_len = 0};
  do {
    if (qf_pb_next(&w->at, &f, NULL))
      return QF_NOTFOUND; /* a damaged one was refused by qf_rw_open */
  } while (f.number != 1 || f.wire != QF_PB_BYTES);
  qf_pb_init(&s->at, f.bytes, f.len);
  for (qf_pb r = s->at; qf_pb_next(&r, &inner, NULL) == QF_OK;) {
    s->samples += inner.number == 2;
    s->histograms += inner.number == 4;
  }
  return key_of(&f, s, err);
}

qf_rc qf_rw_sample(qf_rw_series *s, qf_reading *out, qf_err *err)
{
  qf_pb_field f;
  sample got;
  do {
    if (qf_pb_next(&s->at, &f, NULL))
      return QF_NOTFOUND;
  } while (f.number != 2 || f.wire != QF_PB_BYTES);
  if (read_sample(&f, &got, err))
    return QF_RANGE;
  *out = (qf_reading){.ts_us = 0};
  if (got.value.v == STALE)
    return QF_STATE;
  if (got.ms < 0 || got.ms >= MS_END)
    return qf_fail(err, QF_RANGE, "time %lld ms is outside 1970 to 2199", "时间 %lld 毫秒不在 1970–2199 年内",
                   (long long)got.ms);
  out->ts_us = got.ms * 1000;
  return qf_num_float(qf_pb_double(&got.value), false, &out->v)
             ? qf_fail(err, QF_RANGE, "%g is no value that can be kept", "%g 不是可保存的数值",
                       qf_pb_double(&got.value))
             : QF_OK;
}
