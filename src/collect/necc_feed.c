/* From the accounts to what is sent. A realtime window is the sum of its quarters, a day its account, a month the sum of its days.
 * A window with a quarter missing is not sent: missing is not zero. It goes as valid when every quarter of it was measured; else -
 * estimated, provisional, a day or month with gaps - it is waited for a day, then goes as invalid. */
#include "collect/necc_unit.h"
#include <stdio.h>
#include <string.h>

enum { WAIT_H = 24 };

typedef struct look {
  const qf_necc_feed *f;
  uint32_t index;
  qf_necc_look *l;
} look;

/* The amount in the item's unit as it is sent. false: too many digits. */
static bool amount(const qf_necc_feed *f, qf_dec v, qf_num *out)
{
  qf_dec x;
  if (qf_dec_mul(v, f->scale, &x))
    return false;
  x = qf_dec_trim(x);
  if (x.mant > INT64_MAX || x.mant < -(qf_i128)INT64_MAX)
    return false;
  *out = (qf_num){(int64_t)x.mant, (int8_t)-x.scale};
  return true;
}

static uint32_t sum_of(qf_num v, bool valid)
{
  uint8_t b[9];
  for (unsigned i = 0; i < 8; i++)
    b[i] = (uint8_t)((uint64_t)v.mant >> (8 * i));
  b[8] = (uint8_t)v.exp;
  uint32_t s = qf_crc32c(0, b, sizeof b) << 1 | (valid ? 1u : 0u);
  return s ? s : 2; /* 0 means nothing */
}

/* A window with its amount. Returns false when the list is full. */
static bool offer(const look *x, qf_us at, qf_dec v, bool good)
{
  qf_necc_look *l = x->l;
  const qf_necc_feed *f = x->f;
  qf_us end = qf_necc_next(at, f->stat, f->minutes);
  qf_num n;
  if (end <= l->from || end > l->now || (!good && end + WAIT_H * QF_US_HOUR > l->now) || !amount(f, v, &n))
    return true;
  uint32_t sum = sum_of(n, good);
  if (qf_necc_has(f, qf_necc_ordinal(f, at)) == sum)
    return true;
  if (l->n == l->max)
    return false;
  qf_necc_window *w = &l->out[l->n++];
  *w = (qf_necc_window){.feed = x->index, .sum = sum};
  w->r = (qf_necc_record){.value = n, .input = f->input, .stat = f->stat, .valid = good, .at = at};
  memcpy(w->r.code, f->code, sizeof w->r.code);
  w->r.scope = qf_necc_scope(f->code);
  return true;
}

static bool hour_row(void *ud, const qf_cell *c, size_t n)
{
  const look *x = ud;
  uint32_t step = x->f->minutes / 15;
  if (n != 9)
    return false;
  for (uint32_t q = 0; q < 4; q += step) {
    qf_dec sum = {0};
    bool there = true, good = true;
    for (uint32_t i = q; there && i < q + step; i++) {
      there = c[1 + i].kind == 2 && c[5 + i].i != QF_ST_MISSING && !qf_dec_add(sum, c[1 + i].dec, &sum);
      good = good && (c[5 + i].i == QF_ST_VALID || c[5 + i].i == QF_ST_WARN);
    }
    if (there && !offer(x, c[0].i * 1000 + (qf_us)q * QF_US_QUARTER, sum, good))
      return false;
  }
  return true;
}

static bool day_row(void *ud, const qf_cell *c, size_t n)
{
  const look *x = ud;
  if (n != 4 || c[0].kind != 1)
    return false;
  qf_us at = qf_day_cn_start((int32_t)c[0].i);
  int64_t all = (qf_necc_next(at, x->f->stat, 0) - at) / QF_US_QUARTER;
  return c[1].kind != 2 || offer(x, at, c[1].dec, c[2].i == all && c[3].i == 0);
}

static const char hours_sql[] =
    "SELECT epoch_ms(hour), q1, q2, q3, q4, s1, s2, s3, s4 FROM interval_hour WHERE point = ?1 "
    "AND hour >= make_timestamp(?2 * 1000) AND hour < make_timestamp(?3 * 1000) ORDER BY hour";
static const char days_sql[] =
    "SELECT CAST(day - DATE '1970-01-01' AS BIGINT), value, CAST(quarters AS BIGINT), CAST(quarters_estimated AS "
    "BIGINT) FROM "
    "account_day WHERE point = ?1 AND day >= DATE '1970-01-01' + CAST(?2 AS INTEGER) AND day < DATE '1970-01-01' + "
    "CAST(?3 AS INTEGER) ORDER BY day";
static const char months_sql[] =
    "SELECT CAST(date_trunc('month', day) AS DATE) - DATE '1970-01-01', CAST(sum(value) AS DECIMAL(38,6)), "
    "CAST(sum(quarters) AS BIGINT), CAST(sum(quarters_estimated) AS BIGINT) FROM account_day WHERE point = ?1 AND day "
    ">= "
    "DATE '1970-01-01' + CAST(?2 AS INTEGER) AND day < DATE '1970-01-01' + CAST(?3 AS INTEGER) GROUP BY 1 ORDER BY 1";

qf_rc qf_necc_feed_look(qf_city *c, const qf_necc_feed *f, uint32_t index, qf_necc_look *l, qf_err *err)
{
  look x = {f, index, l};
  uint32_t point = qf_city_series_find(c, f->series, strlen(f->series));
  qf_us from = qf_necc_begin(l->from, f->stat, f->minutes), to = l->to;
  if (!point || from >= to)
    return QF_OK;
  qf_param p[] = {{.kind = 1, .i = point}, {.kind = 1}, {.kind = 1}};
  if (f->stat == QF_NECC_REALTIME) {
    p[1].i = qf_floor(from, QF_US_HOUR) / 1000;
    p[2].i = to / 1000;
    return qf_book_query(qf_city_book(c), hours_sql, p, 3, hour_row, &x, err);
  }
  p[1].i = qf_day_cn(from);
  p[2].i = qf_day_cn(to) + 1;
  return qf_book_query(qf_city_book(c), f->stat == QF_NECC_DAY ? days_sql : months_sql, p, 3, day_row, &x, err);
}

void qf_necc_feed_count(const qf_necc_feed *f, qf_us from, qf_us to, uint64_t *expected, uint64_t *has)
{
  qf_us at = qf_necc_begin(from, f->stat, f->minutes);
  if (at < from)
    at = qf_necc_next(at, f->stat, f->minutes);
  for (qf_us end; (end = qf_necc_next(at, f->stat, f->minutes)) <= to; at = end) {
    (*expected)++;
    uint32_t ordinal = qf_necc_ordinal(f, at);
    bool refused = (f->cell[ordinal % f->cells].ordinal & QF_NECC_REFUSED) != 0;
    *has += refused ? 0 : qf_necc_has(f, ordinal) & 1u;
  }
}
