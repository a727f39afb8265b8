#include "serve/http.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SILENT_FACTOR 4 /* nominal periods without a reading before a point counts as silent on the page */

typedef struct list_ctx {
  qf_req *r;
  const char *state;
  long skip, size;
  long total;
  bool first;
} list_ctx;

static const char *state_of(qf_req *r, bool adopted, const qf_point_live *p, int64_t period_s)
{
  if (p->alarms)
    return "alarm";
  if (!adopted)
    return "new";
  int64_t limit = (period_s > 0 ? period_s : 900) * SILENT_FACTOR;
  return p->readings == 0 || qf_city_now(r->city) - p->last.ts_us > limit * QF_US_SECOND ? "silent" : "adopted";
}

static void text(qf_buf *b, const char *name, const qf_cell *c)
{
  qf_buf_printf(b, ",\"%s\":", name);
  if (c->kind == 4)
    qf_buf_json(b, c->s, c->len);
  else
    qf_buf_puts(b, "null");
}

static void live(qf_buf *b, const qf_point_live *p)
{
  qf_buf_puts(b, ",\"last\":");
  if (p->readings) {
    qf_buf_puts(b, "{\"value\":");
    qf_num_write(b, p->last.v);
    qf_buf_puts(b, ",\"ts\":\"");
    qf_tm_write(b, p->last.ts_us);
    qf_buf_puts(b, "\"},\"received\":\"");
    qf_tm_write(b, p->received_us);
    qf_buf_putc(b, '"');
  } else {
    qf_buf_puts(b, "null,\"received\":null");
  }
  qf_buf_printf(b, ",\"rules\":%u,\"readings\":%llu,\"duplicates\":%llu,\"late\":%llu,\"refused\":%llu", p->rules,
                (unsigned long long)p->readings, (unsigned long long)(p->duplicates + p->conflicts),
                (unsigned long long)p->late, (unsigned long long)p->refused);
}

static bool point_row(void *ud, const qf_cell *c, size_t n)
{
  list_ctx *x = ud;
  qf_point_live p = {0};
  if (n != 10)
    return false;
  qf_buf *b = &x->r->out;
  bool adopted = c[4].kind == 4;
  (void)qf_meter_get(qf_city_meter(x->r->city), (uint32_t)c[0].i, &p);
  const char *state = state_of(x->r, adopted, &p, c[9].kind == 1 ? c[9].i : 0);
  if (x->state && *x->state && strcmp(x->state, state) != 0)
    return true;
  long i = x->total++;
  if (i < x->skip || i >= x->skip + x->size)
    return true;
  qf_buf_printf(b, "%s{\"point\":%lld,\"state\":\"%s\"", x->first ? "" : ",", (long long)c[0].i, state);
  x->first = false;
  static const char *const names[] = {"key", "name_zh", "name_en", "subject", "carrier", "flow", "unit", "kind"};
  for (size_t k = 0; k < 8; k++)
    text(b, names[k], &c[k + 1]);
  live(b, &p);
  qf_buf_putc(b, '}');
  return true;
}

void qf_h_points(qf_req *r)
{
  qf_err err = {0};
  const char *subject = qf_req_query(r, "subject"), *q = qf_req_query(r, "q");
  list_ctx x = {.r = r, .state = qf_req_query(r, "state"), .size = qf_req_int(r, "size", 50, 1, 1000), .first = true};
  x.skip = (qf_req_int(r, "page", 1, 1, 1000000) - 1) * x.size;
  char scope[QF_SCOPE_TEXT];
  qf_req_scope(r, QF_ACT_VIEW, NULL, scope);
  qf_param p[] = {{.kind = 4, .s = subject ? subject : ""}, {.kind = 4, .s = q ? q : ""}, {.kind = 4, .s = scope}};
  qf_buf_puts(&r->out, "{\"rows\":[");
  qf_rc rc =
      qf_book_query(qf_city_book(r->city),
                    "SELECT s.point, s.key, p.name_zh, p.name_en, p.subject, p.carrier, p.flow, p.unit, p.kind, "
                    "p.period_s FROM series s "
                    "LEFT JOIN rec_point p ON p.id = s.key "
                    "WHERE (?1 = '' OR p.subject = ?1 OR starts_with(p.subject, concat(?1, '.'))) "
                    "AND (?2 = '' OR contains(lower(concat(s.key, ' ', coalesce(p.name_zh, ''), ' ', "
                    "coalesce(p.name_en, ''))), lower(?2))) AND " QF_IN_SCOPE("p.subject", "?3") " "
                                                                                                 "ORDER BY s.point",
                    p, 3, point_row, &x, &err);
  if (rc)
    qf_req_broken(r, rc, &err);
  else
    qf_buf_printf(&r->out, "],\"total\":%ld}", x.total);
}

/* ---- one point: number or key */

static bool subject_row(void *ud, const qf_cell *c, size_t n)
{
  snprintf(ud, 80, "%s", n == 1 && c[0].kind == 4 ? c[0].s : "?");
  return false;
}

/* The right comes before the answer that there is no such point: a point nobody described belongs to nobody known. */
static bool may_see(qf_req *r, uint32_t point)
{
  char subject[80] = "?";
  const char *key = point ? qf_city_series_key(r->city, point) : NULL;
  qf_param p = {.kind = 4, .s = key ? key : ""};
  qf_err err = {0};
  if (qf_req_everywhere(r, QF_ACT_VIEW, NULL)) /* most readers: no need to ask the book whose it is */
    return true;
  qf_rc rc = qf_book_query(qf_city_book(r->city), "SELECT subject FROM rec_point WHERE id = ?1", &p, 1, subject_row,
                           subject, &err);
  if (rc)
    qf_req_broken(r, rc, &err);
  return !rc && qf_req_may(r, QF_ACT_VIEW, NULL, subject, true);
}

static bool find_point(qf_req *r, uint32_t *point)
{
  char *end;
  unsigned long n = strtoul(r->arg[0], &end, 10);
  *point = *end == 0 && n <= qf_city_series_count(r->city) ? (uint32_t)n
                                                           : qf_city_series_find(r->city, r->arg[0], strlen(r->arg[0]));
  if (!may_see(r, *point))
    return false;
  if (*point)
    return true;
  qf_err err;
  (void)qf_fail(&err, QF_NOTFOUND, "no point %.100s: give its number or its series key",
                "无此计量点 %.100s：请给出编号或序列名", r->arg[0]);
  qf_req_fail(r, 404, QF_NOTFOUND, &err);
  return false;
}

typedef struct bucket {
  double min, max, sum;
  uint32_t n;
} bucket;

typedef struct bucket_ctx {
  bucket *b;
  long n;
  qf_us from, step;
} bucket_ctx;

static bool into_bucket(void *ud, const qf_reading *rd)
{
  bucket_ctx *x = ud;
  long i = (long)((rd->ts_us - x->from) / x->step);
  double v = qf_num_double(rd->v);
  if (i < 0 || i >= x->n)
    return true;
  bucket *k = &x->b[i];
  k->min = k->n && k->min < v ? k->min : v;
  k->max = k->n && k->max > v ? k->max : v;
  k->sum += v;
  k->n++;
  return true;
}

static bool unit_kind(void *ud, const qf_cell *c, size_t n)
{
  qf_buf *b = ud;
  if (n == 2) {
    text(b, "unit", &c[0]);
    text(b, "kind", &c[1]);
  }
  return false;
}

static void write_buckets(qf_buf *b, const bucket_ctx *x)
{
  qf_buf_puts(b, ",\"buckets\":[");
  for (long i = 0; i < x->n; i++) {
    const bucket *k = &x->b[i];
    if (k->n)
      qf_buf_printf(b, "%s[%lld,%.10g,%.10g,%.10g,%u]", i ? "," : "", (long long)((x->from + i * x->step) / 1000),
                    k->min, k->max, k->sum / k->n, k->n);
    else
      qf_buf_puts(b, i ? ",null" : "null");
  }
  qf_buf_puts(b, "]}");
}

void qf_h_series(qf_req *r)
{
  uint32_t point;
  qf_us from, to, now = qf_city_now(r->city);
  qf_err err = {0};
  if (!find_point(r, &point) || !qf_req_time(r, "to", now, &to) || !qf_req_time(r, "from", to - QF_US_DAY, &from))
    return;
  long n = qf_req_int(r, "points", 500, 1, 5000);
  if (to <= from) {
    (void)qf_fail(&err, QF_RANGE, "from must be before to", "from 须早于 to");
    qf_req_fail(r, 400, QF_RANGE, &err);
    return;
  }
  qf_us step = (to - from + n - 1) / n;
  step = step < 1 ? 1 : step;
  bucket_ctx x = {calloc((size_t)n, sizeof(bucket)), n, from, step};
  const char *key = qf_city_series_key(r->city, point);
  qf_buf_printf(&r->out, "{\"point\":%u,\"key\":", point);
  qf_buf_json(&r->out, key, strlen(key));
  qf_param p = {.kind = 4, .s = key};
  qf_rc rc = x.b ? qf_book_query(qf_city_book(r->city), "SELECT unit, kind FROM rec_point WHERE id = ?1", &p, 1,
                                 unit_kind, &r->out, &err)
                 : QF_NOMEM;
  if (!rc)
    rc = qf_readings_range(qf_city_readings(r->city), point, from, to, into_bucket, &x, &err);
  qf_buf_printf(&r->out, ",\"from\":%lld,\"to\":%lld,\"t0\":%lld,\"step_s\":%.6g", (long long)(from / 1000),
                (long long)(to / 1000), (long long)(from / 1000), (double)step / 1e6);
  if (rc)
    qf_req_broken(r, rc, &err);
  else
    write_buckets(&r->out, &x);
  free(x.b);
}

typedef struct raw_ctx {
  qf_buf *b;
  long left;
  bool more;
} raw_ctx;

static bool raw_row(void *ud, const qf_reading *rd)
{
  raw_ctx *x = ud;
  if (x->left-- <= 0) {
    x->more = true;
    return false;
  }
  char t[32];
  int n = snprintf(t, sizeof t, "[%lld.%03d,", (long long)(rd->ts_us / 1000), (int)(rd->ts_us % 1000));
  if (rd->ts_us % 1000 == 0)
    n = snprintf(t, sizeof t, "[%lld,", (long long)(rd->ts_us / 1000));
  if (x->b->data[x->b->len - 1] == ']')
    qf_buf_putc(x->b, ',');
  qf_buf_put(x->b, t, (size_t)n);
  qf_num_write(x->b, rd->v);
  qf_buf_putc(x->b, ']');
  return true;
}

void qf_h_readings(qf_req *r)
{
  uint32_t point;
  qf_us from, to, now = qf_city_now(r->city);
  qf_err err = {0};
  if (!find_point(r, &point) || !qf_req_time(r, "to", now, &to) || !qf_req_time(r, "from", to - QF_US_DAY, &from))
    return;
  const char *key = qf_city_series_key(r->city, point);
  raw_ctx x = {&r->out, qf_req_int(r, "limit", 10000, 1, 1000000), false};
  qf_buf_printf(&r->out, "{\"point\":%u,\"key\":", point);
  qf_buf_json(&r->out, key, strlen(key));
  qf_buf_puts(&r->out, ",\"readings\":[");
  qf_rc rc = qf_readings_range(qf_city_readings(r->city), point, from, to, raw_row, &x, &err);
  if (rc)
    qf_req_broken(r, rc, &err);
  else
    qf_buf_printf(&r->out, "],\"more\":%s}", x.more ? "true" : "false");
}
