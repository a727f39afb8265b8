/* Sparkplug B. The payloads were made with the encoder of npm sparkplug-payload 1.0.3:
 *   const sp = require('sparkplug-payload').get('spBv1.0');
 *   Buffer.from(sp.encodePayload({timestamp: 1764000000123, seq: 0, metrics: [...]})).toString('hex')
 * with the metrics named beside them; so the expected values are what was given to that encoder, not what we read. */
#include "wire/sparkplug.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the headers above first */
#include <cmocka.h>

/* timestamp 1764000000123, seq 0; bdSeq UInt64 7; Node Control/Rebirth Boolean false; a/int8 -5; a/int16 -300; a/int32 -70000;
 * a/int64 -9000000000000000001; a/uint8 250; a/uint32 4000000000; a/uint64 18446744073709551615; a/float 0.1; a/double 88017.12;
 * a/on true; a/text "蒸汽"; a/date 1764000000000; a/null Double null (alias 1 to 13 from a/int8 on); a/set DataSet of 2 x 2;
 * a/prop Int32 42 with properties and metadata */
static const char birth[] =
    "08fbd0dfb4ab33120b0a05626453657120085807121a0a144e6f646520436f6e74726f6c2f52656269727468200b700012120a06612f69"
    "6e74381001200150fbffffff0f12130a07612f696e7431361002200250d4fdffff0f12130a07612f696e743332100320035090ddfbff0f"
    "12180a07612f696e7436341004200458ffffefebf1f5e48c830112100a07612f75696e74381005200550fa0112140a08612f75696e7433"
    "32100620075880d0acf30e12190a08612f75696e7436341007200858ffffffffffffffffff0112120a07612f666c6f61741008200965cd"
    "cccc3d12170a08612f646f75626c651009200a69b81e85eb117df540120c0a04612f6f6e100a200b700112140a06612f74657874100b20"
    "0c7a06e892b8e6b1bd12130a06612f64617465100c200d5880d0dfb4ab33120e0a06612f6e756c6c100d200a3801122e0a05612f736574"
    "20108a012208021201781201791803180c22090a0208010a0332017022090a0208020a0332017112270a06612f70726f70200342050800"
    "4201644a120a07656e67556e69741207080c42036b5768502a1800";
/* timestamp 1764000001000, seq 255; alias 9 Double 88017.5 at 1764000000500; a/int8 -128 at 1763999000000, historical, transient */
static const char data[] =
    "08e8d7dfb4ab331214100918f4d3dfb4ab33200a6900000000187df540121b0a06612f696e743818c0cba2b4ab332001280130015080ff"
    "ffff0f18ff01";
/* timestamp 1764000002000, bdSeq 7, no seq */
static const char death[] = "08d0dfdfb4ab33120b0a05626453657120085807";
/* timestamp 1764000003000, "Node Control/Rebirth" Boolean true */
static const char rebirth[] = "08b8e7dfb4ab33121a0a144e6f646520436f6e74726f6c2f52656269727468200b7001";

static uint8_t *bytes_of(const char *hex, size_t *n)
{
  *n = strlen(hex) / 2;
  uint8_t *p = malloc(*n);
  for (size_t i = 0; i < *n; i++) {
    char two[3] = {hex[2 * i], hex[2 * i + 1], 0};
    p[i] = (uint8_t)strtoul(two, NULL, 16);
  }
  return p;
}

typedef struct want {
  const char *name;
  uint64_t alias;
  uint32_t type;
  qf_rc rc;
  int64_t mant;
  int exp;
  uint8_t flags;
} want;

static void metric_is(const qf_spb_metric *m, const want *w)
{
  qf_num v = {0};
  uint8_t flags = 0;
  qf_err err = {0};
  assert_int_equal(m->name_len, strlen(w->name));
  assert_memory_equal(m->name, w->name, m->name_len);
  assert_int_equal(m->has_alias, w->alias != 0);
  assert_int_equal(m->alias, w->alias);
  assert_int_equal(m->datatype, w->type);
  qf_rc rc = qf_spb_value(m, m->datatype, &v, &flags, &err);
  if (rc != w->rc)
    fail_msg("%s: %s", w->name, err.en);
  if (rc)
    return;
  if (v.mant != w->mant || v.exp != w->exp || flags != w->flags)
    fail_msg("%s: %lld e%d flags %u", w->name, (long long)v.mant, v.exp, flags);
}

static void every_datatype(void **st)
{
  (void)st;
  static const want wants[] = {
      {"bdSeq", 0, QF_SPB_UINT64, QF_OK, 7, 0, 0},
      {"Node Control/Rebirth", 0, QF_SPB_BOOLEAN, QF_OK, 0, 0, QF_RD_BOOL},
      {"a/int8", 1, QF_SPB_INT8, QF_OK, -5, 0, 0},
      {"a/int16", 2, QF_SPB_INT16, QF_OK, -300, 0, 0},
      {"a/int32", 3, QF_SPB_INT32, QF_OK, -70000, 0, 0},
      {"a/int64", 4, QF_SPB_INT64, QF_OK, INT64_C(-900000000000000000), 1,
       QF_RD_INEXACT}, /* 19 digits: the nearest 18 */
      {"a/uint8", 5, QF_SPB_UINT8, QF_OK, 250, 0, 0},
      {"a/uint32", 6, QF_SPB_UINT32, QF_OK, INT64_C(4000000000), 0, 0},
      {"a/uint64", 7, QF_SPB_UINT64, QF_OK, INT64_C(184467440737095516), 2, QF_RD_INEXACT},
      {"a/float", 8, QF_SPB_FLOAT, QF_OK, 1, -1, 0},
      {"a/double", 9, QF_SPB_DOUBLE, QF_OK, 8801712, -2, 0},
      {"a/on", 10, QF_SPB_BOOLEAN, QF_OK, 1, 0, QF_RD_BOOL},
      {"a/text", 11, QF_SPB_STRING, QF_STATE, 0, 0, 0},
      {"a/date", 12, QF_SPB_DATETIME, QF_OK, INT64_C(1764000000000), 0, 0},
      {"a/null", 13, QF_SPB_DOUBLE, QF_STATE, 0, 0, 0},
      {"a/set", 0, QF_SPB_DATASET, QF_STATE, 0, 0, 0},
      {"a/prop", 0, QF_SPB_INT32, QF_OK, 42, 0, 0},
  };
  size_t n, k = 0;
  uint8_t *p = bytes_of(birth, &n);
  qf_spb s;
  qf_spb_metric m;
  qf_err err = {0};
  if (qf_spb_open(p, n, &s, &err))
    fail_msg("%s", err.en);
  assert_true(s.has_ts && s.ts_us == INT64_C(1764000000123000));
  assert_true(s.has_seq && s.seq == 0);
  assert_int_equal(s.metrics, sizeof wants / sizeof *wants);
  for (; qf_spb_next(&s, &m); k++) {
    metric_is(&m, &wants[k]);
    assert_true(m.has_ts && m.ts_us == s.ts_us && !m.historical && !m.transient);
    assert_int_equal(m.null, strcmp(wants[k].name, "a/null") == 0);
    if (m.kind == QF_SPB_STR) {
      assert_int_equal(m.text_len, 6);
      assert_memory_equal(m.text, "蒸汽", 6);
    }
  }
  assert_int_equal(k, s.metrics);
  free(p);
}

static void times_and_marks_of_a_metric(void **st)
{
  (void)st;
  size_t n;
  uint8_t *p = bytes_of(data, &n);
  qf_spb s;
  qf_spb_metric m;
  assert_int_equal(qf_spb_open(p, n, &s, NULL), QF_OK);
  assert_true(s.seq == 255 && s.metrics == 2);
  assert_true(qf_spb_next(&s, &m));
  assert_true(m.name == NULL && m.has_alias && m.alias == 9 && m.ts_us == INT64_C(1764000000500000));
  assert_true(!m.historical && !m.transient);
  assert_true(qf_spb_next(&s, &m));
  assert_true(m.historical && m.transient && m.ts_us == INT64_C(1763999000000000));
  metric_is(&m, &(want){"a/int8", 0, QF_SPB_INT8, QF_OK, -128, 0, 0});
  assert_false(qf_spb_next(&s, &m));
  free(p);
  p = bytes_of(death, &n);
  assert_int_equal(qf_spb_open(p, n, &s, NULL), QF_OK);
  assert_true(!s.has_seq && s.metrics == 1);
  free(p);
}

static void the_request_for_births(void **st)
{
  (void)st;
  size_t n;
  uint8_t *p = bytes_of(rebirth, &n);
  qf_buf b;
  qf_buf_init(&b, 200);
  qf_spb_rebirth(&b, INT64_C(1764000003000999));
  assert_int_equal(b.len, n);
  assert_memory_equal(b.data, p, n);
  qf_buf_fini(&b);
  free(p);
}

/* One metric with one varint value, without a datatype. */
static qf_rc number(uint32_t field, uint64_t raw, uint32_t type, qf_num *v, qf_err *err)
{
  qf_buf m, b;
  qf_spb s;
  qf_spb_metric got;
  uint8_t flags;
  qf_buf_init(&m, 100);
  qf_buf_init(&b, 100);
  qf_pb_put_varint(&m, 2, 1);
  if (field == 13) {
    double d;
    memcpy(&d, &raw, sizeof d);
    qf_pb_put_double(&m, field, d);
  } else {
    qf_pb_put_varint(&m, field, raw);
  }
  qf_pb_put_bytes(&b, 2, m.data, m.len);
  qf_rc rc = qf_spb_open(b.data, b.len, &s, err);
  if (!rc) {
    assert_true(qf_spb_next(&s, &got));
    assert_true(got.datatype == 0 && !got.has_ts);
    rc = qf_spb_value(&got, type, v, &flags, err);
  }
  qf_buf_fini(&m);
  qf_buf_fini(&b);
  return rc;
}

static void signs_and_widths(void **st)
{
  (void)st;
  static const struct {
    uint32_t field;
    uint64_t raw;
    uint32_t type;
    qf_rc rc;
    int64_t v;
  } t[] = {
      {10, 0xFB, QF_SPB_INT8, QF_OK, -5},
      {10, 0xFFFFFFFB, QF_SPB_INT8, QF_OK, -5},
      {10, UINT64_MAX - 4, QF_SPB_INT8, QF_OK, -5},
      {10, 0x7F, QF_SPB_INT8, QF_OK, 127},
      {10, 0x100, QF_SPB_INT8, QF_RANGE, 0},
      {10, 0xFFFFFF7F, QF_SPB_INT8, QF_RANGE, 0},
      {10, 0x8000, QF_SPB_INT16, QF_OK, -32768},
      {10, 0x18000, QF_SPB_INT16, QF_RANGE, 0},
      {10, 0x80000000, QF_SPB_INT32, QF_OK, INT32_MIN},
      {11, UINT64_MAX, QF_SPB_INT32, QF_OK, -1},
      {11, UINT64_C(0xFFFFFFFF00000000), QF_SPB_INT32, QF_RANGE, 0},
      {11, UINT64_MAX, QF_SPB_INT64, QF_OK, -1},
      {10, 255, QF_SPB_UINT8, QF_OK, 255},
      {10, 256, QF_SPB_UINT8, QF_RANGE, 0},
      {10, 4000000000, QF_SPB_UINT32, QF_OK, INT64_C(4000000000)},
      {11, UINT64_C(1) << 32, QF_SPB_UINT32, QF_RANGE, 0},
      {10, UINT64_C(1) << 32, QF_SPB_INT64, QF_RANGE, 0},
      {11, 7, QF_SPB_BOOLEAN, QF_SYNTAX, 0},
      {11, 7, QF_SPB_FLOAT, QF_SYNTAX, 0},
      {14, 1, QF_SPB_INT8, QF_SYNTAX, 0},
      {11, 7, QF_SPB_UNKNOWN, QF_SYNTAX, 0},
      {11, 7, 4711, QF_SYNTAX, 0},
      {13, UINT64_C(0x7FF0000000000000), QF_SPB_DOUBLE, QF_RANGE, 0}, /* infinite */
      {13, UINT64_C(0x7FF8000000000000), QF_SPB_DOUBLE, QF_RANGE, 0}, /* not a number */
      {13, UINT64_C(0x3FF8000000000000), QF_SPB_INT8, QF_SYNTAX, 0},
  };
  for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
    qf_num v = {0};
    qf_err err = {0};
    qf_rc rc = number(t[i].field, t[i].raw, t[i].type, &v, &err);
    if (rc != t[i].rc || (!rc && (v.mant != t[i].v || v.exp != 0)))
      fail_msg("case %zu: rc %d, %lld e%d, %s", i, rc, (long long)v.mant, v.exp, err.en);
    assert_true(!rc || (err.en[0] && err.zh[0]));
  }
}

static qf_rc open_copy(const uint8_t *p, size_t n, uint32_t *metrics)
{
  uint8_t *copy = malloc(n ? n : 1);
  memcpy(copy, p, n);
  qf_spb s;
  qf_spb_metric m;
  qf_err err = {0};
  uint32_t k = 0;
  qf_rc rc = qf_spb_open(copy, n, &s, &err);
  for (; !rc && qf_spb_next(&s, &m); k++) {
    qf_num v;
    uint8_t flags;
    (void)!qf_spb_value(&m, m.datatype, &v, &flags, &err);
  }
  assert_true(!rc || (err.en[0] && err.zh[0]));
  assert_true(rc || k == s.metrics);
  *metrics = k;
  free(copy);
  return rc;
}

/* A payload cut inside a metric is refused whole; cut between two fields it is a shorter payload, which only the transport's
 * length can tell. Changed bytes are read or refused, never beyond the payload. */
static void cut_and_changed(void **st)
{
  (void)st;
  size_t n;
  uint32_t metrics, whole;
  uint8_t *p = bytes_of(birth, &n);
  assert_int_equal(open_copy(p, n, &whole), QF_OK);
  unsigned taken = 0;
  for (size_t cut = 0; cut < n; cut++)
    taken += open_copy(p, cut, &metrics) == QF_OK;
  assert_int_equal(taken, 1 + 1 + 17); /* empty, after the time, after each metric (seq follows) */
  for (size_t i = 0; i < n; i++)
    for (unsigned x = 1; x < 256; x++) {
      p[i] = (uint8_t)(p[i] ^ x);
      (void)open_copy(p, n, &metrics);
      p[i] = (uint8_t)(p[i] ^ x);
    }
  free(p);
}

static void what_is_refused(void **st)
{
  (void)st;
  static const struct {
    const char *hex;
    qf_rc rc;
  } t[] = {
      {"188002", QF_RANGE},              /* seq 256 */
      {"0880ffffffffff07", QF_RANGE},    /* year 2527 */
      {"0a0100", QF_SYNTAX},             /* timestamp as bytes */
      {"1001", QF_SYNTAX},               /* metrics as a number */
      {"12050a03616200", QF_SYNTAX},     /* NUL in a name */
      {"12040a02c328", QF_SYNTAX},       /* not UTF-8 */
      {"12037a01ff", QF_SYNTAX},         /* not UTF-8, value */
      {"120208", QF_SYNTAX},             /* metric says two bytes, one there */
      {"12015300", QF_SYNTAX},           /* group inside */
      {"120610808080801050", QF_SYNTAX}, /* tag without value */
  };
  for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
    size_t n;
    uint32_t metrics;
    uint8_t *p = bytes_of(t[i].hex, &n);
    if (open_copy(p, n, &metrics) != t[i].rc)
      fail_msg("%s", t[i].hex);
    free(p);
  }
  size_t n;
  uint32_t metrics;
  uint8_t *p = bytes_of("a206021234"
                        "f20601ff"
                        "1203a00601",
                        &n); /* fields nobody knows, outside and inside */
  assert_int_equal(open_copy(p, n, &metrics), QF_OK);
  assert_int_equal(metrics, 1);
  free(p);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_datatype),         cmocka_unit_test(times_and_marks_of_a_metric),
      cmocka_unit_test(the_request_for_births), cmocka_unit_test(signs_and_widths),
      cmocka_unit_test(cut_and_changed),        cmocka_unit_test(what_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
