/* POST /api/v1/readings: readings as JSON, as CSV with our columns, or as any CSV by a map of the city's (?map=NAME). Answered when all is
 * durable, with the counts; what is refused is named as with /write. An Idempotency-Key makes it one request however often it comes
 * (serve/once.h). Runs on a worker, which waits for the disk. */
#include "wire/push.h"
#include "collect/import.h"
#include "serve/intake.h"
#include "serve/once.h"
#include "wire/units.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY_MAX 200u

static const qf_intake_kind kinds[2] = {{"json", "items", "readings", "个读数", true},
                                        {"csv", "lines", "lines", "行", true}};

typedef struct unit_of {
  uint32_t point;
  char unit[QF_PUSH_UNIT_MAX + 1];
} unit_of;

typedef struct push {
  qf_req *r;
  bool csv;
  const char *map; /* name of a map, or NULL */
  const char *text;
  size_t len;
  qf_intake *in;
  qf_batch batch;
  unit_of *units; /* of the described points, by number; read when the first unit is met */
  size_t nunits, units_cap;
  bool units_read, units_failed;
  bool carried_out; /* the answer may be kept */
} push;

/* ---- units */

static bool on_unit(void *ud, const qf_cell *c, size_t n)
{
  push *p = ud;
  uint32_t id = n == 2 ? qf_city_series_find(p->r->city, c[0].s, c[0].len) : 0;
  if (id == 0 || c[1].len > QF_PUSH_UNIT_MAX)
    return true;
  if (p->nunits == p->units_cap) {
    size_t cap = p->units_cap ? p->units_cap * 2 : 256;
    void *more = realloc(p->units, cap * sizeof *p->units);
    if (!more) {
      p->units_failed = true;
      return false;
    }
    p->units = more;
    p->units_cap = cap;
  }
  unit_of *u = &p->units[p->nunits++];
  u->point = id;
  memcpy(u->unit, c[1].s, c[1].len + 1);
  return true;
}

static int by_point(const void *a, const void *b)
{
  uint32_t x = ((const unit_of *)a)->point, y = ((const unit_of *)b)->point;
  return x < y ? -1 : x > y;
}

static qf_rc read_units(push *p, qf_err *err)
{
  p->units_read = true;
  qf_rc rc = qf_book_query(qf_city_book(p->r->city), "SELECT id, unit FROM rec_point", NULL, 0, on_unit, p, err);
  if (!rc && p->units_failed)
    rc = qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  if (!rc && p->nunits)
    qsort(p->units, p->nunits, sizeof *p->units, by_point);
  return rc;
}

/* The value in the unit its point is described in: an exact power of ten, or refused. *fatal: our trouble, not the item's. */
static qf_rc to_unit(push *p, qf_push_item *it, uint32_t point, bool *fatal, qf_err *err)
{
  unit_of want = {.point = point};
  int shift;
  if (!p->units_read && read_units(p, err)) {
    *fatal = true;
    return QF_IO;
  }
  const unit_of *u = p->nunits ? bsearch(&want, p->units, p->nunits, sizeof *p->units, by_point) : NULL;
  if (!u)
    return qf_fail(err, QF_STATE, "the unit %s cannot be checked: the point is not described yet; send without a unit",
                   "单位 %s 无法核对：计量点尚未登记；请不带单位发送", it->unit);
  if (!qf_unit_shift(it->unit, strlen(it->unit), u->unit, &shift))
    return qf_fail(err, QF_RANGE, "unit %s: the point is read in %s", "单位 %s：该计量点以 %s 计", it->unit, u->unit);
  if (it->v.exp + shift < -30 || it->v.exp + shift > 30)
    return qf_fail(err, QF_RANGE, "the value is outside what can be kept", "数值超出可保存范围");
  it->v.exp = (int8_t)(it->v.exp + shift);
  return QF_OK;
}

/* ---- items */

static uint32_t known_point(qf_city *c, const qf_push_item *it)
{
  char *end;
  unsigned long n = strtoul(it->name, &end, 10);
  if (it->name[0] >= '0' && it->name[0] <= '9' && *end == 0)
    return n <= qf_city_series_count(c) ? (uint32_t)n : 0;
  return qf_city_series_find(c, it->name, it->name_len);
}

static qf_rc take_item(push *p, qf_push_item *it, bool *fatal, qf_err *err)
{
  qf_city *c = p->r->city;
  uint32_t id = it->by_point ? known_point(c, it) : qf_city_series_find(c, it->name, it->name_len);
  qf_rc rc = QF_OK;
  if (id == 0 && it->by_point)
    return qf_fail(err, QF_NOTFOUND, "point %.100s: not known; new series are sent as \"series\"",
                   "计量点 %.100s：未知；新序列请以 series 发送", it->name);
  if (it->unit[0] && id == 0)
    id = UINT32_MAX; /* not described: no series is made for a refused item */
  if (it->unit[0])
    rc = to_unit(p, it, id, fatal, err);
  if (!rc && id == 0) {
    rc = qf_city_series(c, it->name, it->name_len, &id, err);
    *fatal = rc == QF_NOMEM || rc == QF_IO || rc == QF_FULL;
  }
  if (!rc && qf_batch_reserve(&p->batch, 1)) {
    *fatal = true;
    rc = qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  }
  if (!rc)
    qf_batch_add(&p->batch, id, it->ts_us, it->v, it->flags);
  return rc;
}

static qf_rc decode(push *p, qf_err *err)
{
  qf_push read;
  qf_push_item it;
  qf_err why;
  char where[40];
  bool fatal = false;
  qf_rc rc = p->csv ? qf_push_csv(&read, p->text, p->len, err) : qf_push_json(&read, p->text, p->len, err);
  for (qf_rc got; !rc && (got = qf_push_next(&read, &it, &why)) != QF_NOTFOUND;) {
    if (got == QF_OK)
      got = take_item(p, &it, &fatal, &why);
    p->in->all++;
    snprintf(where, sizeof where, "\"%s\":%llu", p->csv ? "line" : "item", (unsigned long long)it.nth);
    if (got && (fatal || got == QF_NOMEM)) {
      *err = why;
      rc = got;
    } else if (got) {
      qf_intake_refuse(p->in, 1, where, &why);
    }
    if (!rc && p->batch.n > QF_INTAKE_VALUES)
      rc = qf_fail(err, QF_NOMEM, "more than %u values in one request", "单次请求超过 %u 个值", QF_INTAKE_VALUES);
  }
  qf_push_fini(&read);
  return rc;
}

static void carry_out(push *p)
{
  qf_req *r = p->r;
  qf_err err = {0};
  p->in = qf_intake_new(r, &kinds[p->csv], p->text, p->len);
  qf_batch_init(&p->batch);
  qf_rc rc = p->in ? decode(p, &err) : qf_fail(&err, QF_NOMEM, "out of memory", "内存不足");
  if (!rc) {
    p->in->numbers = p->in->taken = p->batch.n;
    rc = p->batch.n ? qf_city_ingest_wait(r->city, &p->batch, NULL, &err) : QF_OK;
  }
  if (rc) {
    qf_intake_reject(r, &kinds[p->csv], p->batch.n > QF_INTAKE_VALUES ? 413 : 0, rc, &err);
  } else {
    qf_intake_answer(p->in, QF_OK);
    p->carried_out = true;
  }
  qf_batch_fini(&p->batch);
  qf_intake_free(p->in);
  free(p->units);
}

/* ---- a table of somebody else's columns */

static bool map_path(push *p, char out[4400])
{
  const char *s = p->map;
  size_t n = strlen(s);
  bool good = n > 0 && n <= 64 && s[0] != '.' &&
              strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == n;
  snprintf(out, 4400, "%s/collect/maps/%s.ini", qf_city_dir(p->r->city), good ? s : "");
  FILE *f = good ? fopen(out, "re") : NULL;
  if (f)
    fclose(f);
  return f != NULL;
}

/* The report of the import takes the place of the counts. */
static void by_map(push *p)
{
  char path[4400];
  qf_req *r = p->r;
  qf_err err = {0};
  qf_map_stats stats = {0};
  qf_buf report;
  qf_buf_init(&report, (size_t)8 << 20);
  qf_intake *in = qf_intake_new(r, &kinds[1], p->text, p->len);
  qf_rc rc = !in                 ? qf_fail(&err, QF_NOMEM, "out of memory", "内存不足")
             : map_path(p, path) ? QF_OK
                                 : qf_fail(&err, QF_NOTFOUND, "no map %.60s in the city's collect/maps",
                                           "城市目录 collect/maps 中无映射 %.60s", p->map);
  if (!rc)
    rc = qf_import_bytes(r->city, path, &(qf_import_text){p->map, p->text, p->len}, &stats, &report, &err);
  if (rc) {
    qf_intake_reject(r, &kinds[1], rc == QF_NOTFOUND ? 404 : 0, rc, &err);
  } else {
    in->all = stats.rows;
    in->taken = in->numbers = stats.readings;
    in->report = &report;
    if (stats.refused) {
      (void)qf_fail(&err, QF_PARTIAL, "see the report, by line", "见按行的报告");
      qf_intake_refuse(in, stats.refused, "\"line\":null", &err);
    }
    qf_intake_answer(in, QF_OK);
  }
  p->carried_out = rc == QF_OK;
  qf_intake_free(in);
  qf_buf_fini(&report);
}

/* ---- once */

static bool key_of(push *p, const char *key, qf_once_id *id)
{
  qf_buf b;
  qf_err err;
  size_t n = strlen(key);
  bool plain = n > 0 && n <= KEY_MAX;
  for (size_t i = 0; plain && i < n; i++)
    plain = key[i] >= 0x20 && key[i] < 0x7F;
  if (!plain) {
    (void)qf_fail(&err, QF_SYNTAX, "Idempotency-Key: 1 to %u printable ASCII characters",
                  "Idempotency-Key：1 至 %u 个可打印 ASCII 字符", KEY_MAX);
    qf_intake_reject(p->r, &kinds[p->csv], 400, QF_SYNTAX, &err);
    return false;
  }
  qf_buf_init(&b, p->len + 1000);
  qf_buf_printf(&b, "%s\n%s", p->r->who.name, key);
  qf_sha256(b.data, b.len, id->key);
  qf_buf_reset(&b);
  qf_buf_printf(&b, "%s\n%s\n", p->csv ? "csv" : "json", p->map ? p->map : "");
  qf_buf_put(&b, p->text, p->len);
  bool ok = !b.failed;
  if (ok)
    qf_sha256(b.data, b.len, id->body);
  else
    qf_req_fail(p->r, 500, QF_NOMEM, NULL);
  qf_buf_fini(&b);
  return ok;
}

static void run(push *p)
{
  if (p->map)
    by_map(p);
  else
    carry_out(p);
}

static void run_once(push *p, const char *key)
{
  qf_once_id id;
  qf_err err;
  qf_req *r = p->r;
  if (!key_of(p, key, &id))
    return;
  qf_rc rc = qf_once_begin(r->s->once, &id, &r->status, &r->out, &err);
  if (rc == QF_EXISTS)
    return;
  if (rc) {
    r->retry_after = rc == QF_BUSY ? 1 : rc == QF_FULL ? 3600 : 0;
    qf_req_fail(r, rc == QF_STATE ? 422 : rc == QF_FULL ? 429 : 0, rc, &err);
    return;
  }
  run(p);
  rc = qf_once_end(r->s->once, &id, p->carried_out ? r->status : 0, r->out.data, r->out.len, &err);
  if (rc)
    qf_req_fail(r, 507, rc, &err); /* the readings are on disk, the answer is not: to be sent again */
}

static bool begin(push *p, qf_buf *plain)
{
  qf_req *r = p->r;
  qf_err err;
  const char *type = qf_req_header(r, "Content-Type");
  bool json = type && strncmp(type, "application/json", 16) == 0;
  p->csv = type && strncmp(type, "text/csv", 8) == 0;
  p->map = p->csv ? qf_req_query(r, "map") : NULL;
  if (!json && !p->csv) {
    (void)qf_fail(&err, QF_SYNTAX, "Content-Type must be application/json or text/csv",
                  "Content-Type 须为 application/json 或 text/csv");
    qf_intake_reject(r, &kinds[0], 415, QF_SYNTAX, &err);
    return false;
  }
  return qf_req_unpack(r, &kinds[p->csv], plain, &p->text, &p->len);
}

void qf_h_push(qf_req *r)
{
  push p = {.r = r};
  qf_buf plain;
  qf_buf_init(&plain, QF_BODY_MAX * 4);
  if (begin(&p, &plain)) {
    const char *key = qf_req_header(r, "Idempotency-Key");
    if (key)
      run_once(&p, key);
    else
      run(&p);
  }
  qf_buf_fini(&plain);
}
