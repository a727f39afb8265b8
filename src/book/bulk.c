/* Hours and days, the two big tables. Rows are gathered in memory; at commit they are put in order, of two for the same
 * (point, time) the later wins, and then
 *   beyond the newest time the table holds for the point   -> appended as they are (the common case while catching up)
 *   exactly that newest time                               -> UPDATE in place (the open hour and day, reported every second:
 *                                                             delete and append would grow the file for ever)
 *   older                                                  -> deleted by a join with a temporary table, then appended.
 * interval_hour and account_day have no primary key: the map of newest times in memory is all that is needed. */
#include "book/internal.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MICRO_LIMIT INT64_C(1000000000000000000) /* DECIMAL(18,6) keeps |value| < 10^12 units = 10^18 counts */

bool qf_book_grow(void **p, size_t *cap, size_t n, size_t size)
{
  if (n < *cap)
    return true;
  size_t more = *cap ? *cap * 2 : 256;
  void *q = realloc(*p, more * size);
  if (!q)
    return false;
  *p = q;
  *cap = more;
  return true;
}

/* ---- the two tables told apart in one place */

typedef struct kind {
  const char *table, *pend, *time, *set; /* time: key column */
  size_t row_size;
  uint32_t ncols;
  uint32_t (*point)(const void *row);
  int64_t (*t)(const void *row);
  void (*fill)(duckdb_vector *v, idx_t i, const void *row);
  void (*literal)(int64_t t, char out[40]);
} kind;

static uint32_t hour_point(const void *row)
{
  return ((const qf_hour *)row)->point;
}
static int64_t hour_t(const void *row)
{
  return ((const qf_hour *)row)->hour_us / QF_US_HOUR;
}
static uint32_t day_point(const void *row)
{
  return ((const qf_day *)row)->point;
}
static int64_t day_t(const void *row)
{
  return ((const qf_day *)row)->day;
}

static void put_null(duckdb_vector v, idx_t i)
{
  duckdb_vector_ensure_validity_writable(v);
  duckdb_validity_set_row_invalid(duckdb_vector_get_validity(v), i);
}

static void put_micro(duckdb_vector v, idx_t i, int64_t m, bool present)
{
  if (present && m < MICRO_LIMIT && m > -MICRO_LIMIT)
    ((int64_t *)duckdb_vector_get_data(v))[i] = m;
  else
    put_null(v, i);
}

static void fill_hour(duckdb_vector *v, idx_t i, const void *row)
{
  const qf_hour *h = row;
  ((int32_t *)duckdb_vector_get_data(v[0]))[i] = (int32_t)h->point;
  ((int64_t *)duckdb_vector_get_data(v[1]))[i] = h->hour_us;
  bool any = false;
  for (int k = 0; k < 4; k++) { /* a value past what can be kept is missing, never wrapped */
    bool present = h->status[k] != QF_ST_MISSING && h->q[k] < MICRO_LIMIT && h->q[k] > -MICRO_LIMIT;
    put_micro(v[2 + k], i, h->q[k], present);
    ((uint8_t *)duckdb_vector_get_data(v[6 + k]))[i] = present ? h->status[k] : QF_ST_MISSING;
    any = any || present;
  }
  ((uint32_t *)duckdb_vector_get_data(v[10]))[i] = h->rules;
  ((uint16_t *)duckdb_vector_get_data(v[11]))[i] = h->readings;
  put_micro(v[12], i, h->min, any);
  put_micro(v[13], i, h->max, any);
}

static void fill_day(duckdb_vector *v, idx_t i, const void *row)
{
  const qf_day *d = row;
  bool present = d->quarters > 0;
  ((int32_t *)duckdb_vector_get_data(v[0]))[i] = (int32_t)d->point;
  ((int32_t *)duckdb_vector_get_data(v[1]))[i] = d->day;
  put_micro(v[2], i, d->value, present);
  put_micro(v[3], i, d->estimated, present);
  ((uint8_t *)duckdb_vector_get_data(v[4]))[i] = d->quarters;
  ((uint8_t *)duckdb_vector_get_data(v[5]))[i] = d->quarters_estimated;
  put_micro(v[6], i, d->peak, present);
  ((int64_t *)duckdb_vector_get_data(v[7]))[i] = d->peak_us;
  if (!present)
    put_null(v[7], i);
  ((uint32_t *)duckdb_vector_get_data(v[8]))[i] = d->rules;
}

static void hour_literal(int64_t t, char out[40])
{
  qf_civil c = qf_civil_at(t * QF_US_HOUR, 0);
  snprintf(out, 40, "TIMESTAMP '%04d-%02d-%02d %02d:00:00'", c.year, c.month, c.day, c.hour);
}

static void day_literal(int64_t t, char out[40])
{
  int y, m, d;
  qf_civil_from_days((int32_t)t, &y, &m, &d);
  snprintf(out, 40, "DATE '%04d-%02d-%02d'", y, m, d);
}

static const kind hour_kind = {"interval_hour",
                               "pend_hour",
                               "hour",
                               "q1 = p.q1, q2 = p.q2, q3 = p.q3, q4 = p.q4, s1 = p.s1, s2 = p.s2, s3 = p.s3, s4 = "
                               "p.s4, rules = p.rules, readings = p.readings, "
                               "lo = p.lo, hi = p.hi",
                               sizeof(qf_hour),
                               14,
                               hour_point,
                               hour_t,
                               fill_hour,
                               hour_literal};
static const kind day_kind = {
    "account_day",
    "pend_day",
    "day",
    "value = p.value, estimated = p.estimated, quarters = p.quarters, quarters_estimated = p.quarters_estimated, "
    "peak = p.peak, peak_at = p.peak_at, rules = p.rules",
    sizeof(qf_day),
    9,
    day_point,
    day_t,
    fill_day,
    day_literal};

/* ---- gathering */

static qf_rc gather(qf_bulk *b, const void *rows, size_t n, size_t size, qf_err *err)
{
  if (n == 0)
    return QF_OK;
  if (b->n + n > b->cap) {
    size_t cap = b->cap ? b->cap : 4096;
    while (cap < b->n + n)
      cap *= 2;
    void *p = realloc(b->rows, cap * size);
    if (!p)
      return qf_fail(err, QF_NOMEM, "book: out of memory for %zu rows", "账册：%zu 行内存不足", b->n + n);
    b->rows = p;
    b->cap = cap;
  }
  memcpy((char *)b->rows + b->n * size, rows, n * size);
  b->n += n;
  return QF_OK;
}

qf_rc qf_book_hours(qf_book *b, const qf_hour *h, size_t n, qf_err *err)
{
  return gather(&b->hours, h, n, sizeof *h, err);
}
qf_rc qf_book_days(qf_book *b, const qf_day *d, size_t n, qf_err *err)
{
  return gather(&b->days, d, n, sizeof *d, err);
}

qf_rc qf_book_restart(qf_book *b, uint32_t point, qf_us from_us, qf_err *err)
{
  if (!qf_book_grow((void **)&b->restarts, &b->restarts_cap, b->nrestarts, sizeof *b->restarts))
    return qf_fail(err, QF_NOMEM, "book: out of memory", "账册：内存不足");
  b->restarts[b->nrestarts++] = (qf_restart_mark){point, from_us, b->hours.n, b->days.n};
  return QF_OK;
}

/* ---- ordering */

typedef struct key {
  int64_t t;
  uint32_t point, i; /* i: place of arrival */
} key;

static int by_key(const void *pa, const void *pb)
{
  const key *a = pa, *b = pb;
  if (a->t != b->t)
    return a->t < b->t ? -1 : 1;
  if (a->point != b->point)
    return a->point < b->point ? -1 : 1;
  return (a->i > b->i) - (a->i < b->i);
}

static int by_point(const void *pa, const void *pb)
{
  const qf_restart_mark *a = pa, *b = pb;
  if (a->point != b->point)
    return a->point < b->point ? -1 : 1;
  return (a->hours_before > b->hours_before) - (a->hours_before < b->hours_before);
}

/* First t of this table that begins at or after from_us. */
static int64_t first_t(const kind *k, qf_us from_us)
{
  if (k == &hour_kind)
    return qf_floor(from_us + QF_US_HOUR - 1, QF_US_HOUR) / QF_US_HOUR;
  int32_t day = qf_day_cn(from_us);
  return qf_day_cn_start(day) < from_us ? day + 1 : day;
}

/* Was the pending row taken back by a restart that came after it? marks are sorted by point. */
static bool taken_back(const qf_book *b, const kind *k, const key *x)
{
  size_t lo = 0, hi = b->nrestarts;
  while (lo < hi) {
    size_t mid = (lo + hi) / 2;
    if (b->restarts[mid].point < x->point)
      lo = mid + 1;
    else
      hi = mid;
  }
  for (; lo < b->nrestarts && b->restarts[lo].point == x->point; lo++) {
    size_t before = k == &hour_kind ? b->restarts[lo].hours_before : b->restarts[lo].days_before;
    if (x->i < before && x->t >= first_t(k, b->restarts[lo].from_us))
      return true;
  }
  return false;
}

/* Keys of the rows that count, in order of time and point; *n how many. NULL: out of memory. */
static key *order_rows(const qf_book *b, const qf_bulk *bulk, const kind *k, size_t *n)
{
  key *keys = malloc((bulk->n + 1) * sizeof *keys);
  if (!keys)
    return NULL;
  bool sorted = true;
  size_t m = 0;
  for (size_t i = 0; i < bulk->n; i++) {
    const void *row = (const char *)bulk->rows + i * k->row_size;
    key x = {k->t(row), k->point(row), (uint32_t)i};
    if (b->nrestarts && taken_back(b, k, &x))
      continue;
    keys[m] = x;
    sorted = sorted && (m == 0 || by_key(&keys[m - 1], &keys[m]) < 0);
    m++;
  }
  if (!sorted)
    qsort(keys, m, sizeof *keys, by_key);
  size_t out = 0;
  for (size_t i = 0; i < m; i++) /* of equals the last arrival is the last in order */
    if (i + 1 == m || keys[i].t != keys[i + 1].t || keys[i].point != keys[i + 1].point)
      keys[out++] = keys[i];
  *n = out;
  return keys;
}

/* ---- writing */

static qf_rc append_failed(duckdb_appender a, const char *table, qf_err *err)
{
  return qf_dk_error(err, DUCKDB_ERROR_FATAL, table, a ? duckdb_appender_error(a) : NULL);
}

static duckdb_data_chunk chunk_for(duckdb_appender a)
{
  duckdb_logical_type types[16];
  idx_t n = duckdb_appender_column_count(a);
  for (idx_t i = 0; i < n && i < 16; i++)
    types[i] = duckdb_appender_column_type(a, i);
  duckdb_data_chunk c = duckdb_create_data_chunk(types, n);
  for (idx_t i = 0; i < n && i < 16; i++)
    duckdb_destroy_logical_type(&types[i]);
  return c;
}

/* Append the rows named by keys[0..n) to a table, in chunks of columns. */
static qf_rc append_rows(qf_book *b, const char *table, const qf_bulk *bulk, const kind *k, const key *keys, size_t n,
                         qf_err *err)
{
  if (n == 0)
    return QF_OK;
  duckdb_appender a = NULL;
  if (duckdb_appender_create(b->w, NULL, table, &a) != DuckDBSuccess) {
    qf_rc rc = append_failed(a, table, err);
    duckdb_appender_destroy(&a);
    return rc;
  }
  duckdb_data_chunk chunk = chunk_for(a);
  idx_t most = duckdb_vector_size();
  qf_rc rc = chunk ? QF_OK : append_failed(a, table, err);
  for (size_t at = 0; !rc && at < n;) {
    duckdb_vector v[16];
    duckdb_data_chunk_reset(chunk);
    for (idx_t j = 0; j < k->ncols; j++)
      v[j] = duckdb_data_chunk_get_vector(chunk, j);
    idx_t m = n - at < most ? n - at : most;
    for (idx_t i = 0; i < m; i++)
      k->fill(v, i, (const char *)bulk->rows + keys[at + i].i * k->row_size);
    duckdb_data_chunk_set_size(chunk, m);
    if (duckdb_append_data_chunk(a, chunk) != DuckDBSuccess)
      rc = append_failed(a, table, err);
    at += m;
  }
  if (!rc && duckdb_appender_flush(a) != DuckDBSuccess)
    rc = append_failed(a, table, err);
  if (chunk)
    duckdb_destroy_data_chunk(&chunk);
  duckdb_appender_destroy(&a);
  return rc;
}

static int64_t newest(const qf_bulk *b, uint32_t point)
{
  return point < b->nmax ? b->max[point] : INT64_MIN;
}

static bool set_newest(qf_bulk *b, uint32_t point, int64_t t)
{
  if (point >= b->nmax) {
    uint32_t n = b->nmax ? b->nmax : 1024;
    while (n <= point)
      n *= 2;
    int64_t *p = realloc(b->max, n * sizeof *p);
    if (!p)
      return false;
    for (uint32_t i = b->nmax; i < n; i++)
      p[i] = INT64_MIN;
    b->max = p;
    b->nmax = n;
  }
  if (b->max[point] < t)
    b->max[point] = t;
  return true;
}

/* "t.point = p.point AND t.hour = p.hour AND t.hour BETWEEN lo AND hi": the bounds let the scan skip all older row groups. */
static void join_on(const kind *k, const key *keys, size_t n, char *out, size_t cap)
{
  char lo[40], hi[40];
  k->literal(keys[0].t, lo);
  k->literal(keys[n - 1].t, hi);
  snprintf(out, cap, "t.point = p.point AND t.%s = p.%s AND t.%s BETWEEN %s AND %s", k->time, k->time, k->time, lo, hi);
}

static qf_rc empty_pend(qf_book *b, const kind *k, qf_err *err)
{
  char sql[80];
  snprintf(sql, sizeof sql, "DELETE FROM %s", k->pend);
  return qf_dk_exec(b->w, sql, err);
}

/* Rows whose time the table should hold already. *all: every one was found and updated. */
static qf_rc update_rows(qf_book *b, const qf_bulk *bulk, const kind *k, const key *keys, size_t n, bool *all,
                         qf_err *err)
{
  char on[300], sql[800];
  uint64_t changed = 0;
  *all = true;
  if (n == 0)
    return QF_OK;
  qf_rc rc = append_rows(b, k->pend, bulk, k, keys, n, err);
  join_on(k, keys, n, on, sizeof on);
  snprintf(sql, sizeof sql, "UPDATE %s AS t SET %s FROM %s AS p WHERE %s", k->table, k->set, k->pend, on);
  if (!rc)
    rc = qf_dk_exec_count(b->w, sql, &changed, err);
  *all = changed == n;
  return rc ? rc : empty_pend(b, k, err);
}

static qf_rc replace_rows(qf_book *b, const qf_bulk *bulk, const kind *k, const key *keys, size_t n, qf_err *err)
{
  char on[300], sql[500];
  if (n == 0)
    return QF_OK;
  qf_rc rc = append_rows(b, k->pend, bulk, k, keys, n, err);
  join_on(k, keys, n, on, sizeof on);
  snprintf(sql, sizeof sql, "DELETE FROM %s AS t USING %s AS p WHERE %s", k->table, k->pend, on);
  if (!rc)
    rc = qf_dk_exec(b->w, sql, err);
  if (!rc)
    rc = append_rows(b, k->table, bulk, k, keys, n, err);
  return rc ? rc : empty_pend(b, k, err);
}

static qf_rc write_classes(qf_book *b, qf_bulk *bulk, const kind *k, key *keys, size_t n, qf_err *err)
{
  key *fresh = malloc((n + 1) * sizeof *fresh), *hot = malloc((n + 1) * sizeof *hot),
      *late = malloc((n + 1) * sizeof *late);
  size_t nf = 0, nh = 0, nl = 0;
  qf_rc rc = fresh && hot && late ? QF_OK : qf_fail(err, QF_NOMEM, "book: out of memory", "账册：内存不足");
  for (size_t i = 0; !rc && i < n; i++) {
    int64_t held = newest(bulk, keys[i].point);
    if (keys[i].t > held)
      fresh[nf++] = keys[i];
    else if (keys[i].t == held)
      hot[nh++] = keys[i];
    else
      late[nl++] = keys[i];
  }
  bool all = true;
  if (!rc)
    rc = update_rows(b, bulk, k, hot, nh, &all, err);
  if (!rc && !all) /* a restart took the newest row away: nothing to update for some */
    rc = replace_rows(b, bulk, k, hot, nh, err);
  if (!rc)
    rc = replace_rows(b, bulk, k, late, nl, err);
  if (!rc)
    rc = append_rows(b, k->table, bulk, k, fresh, nf, err);
  free(fresh);
  free(hot);
  free(late);
  return rc;
}

/* Newest times are noted before the transaction is through: if it then fails they are too high, which only makes the next
 * write take the slower way of replacing. */
static qf_rc commit_one(qf_book *b, qf_bulk *bulk, const kind *k, int64_t *first, qf_err *err)
{
  size_t n = 0;
  *first = INT64_MAX;
  if (bulk->n == 0)
    return QF_OK;
  key *keys = order_rows(b, bulk, k, &n);
  if (!keys)
    return qf_fail(err, QF_NOMEM, "book: out of memory", "账册：内存不足");
  qf_rc rc = n ? write_classes(b, bulk, k, keys, n, err) : QF_OK;
  for (size_t i = 0; !rc && i < n; i++)
    if (!set_newest(bulk, keys[i].point, keys[i].t))
      rc = qf_fail(err, QF_NOMEM, "book: out of memory", "账册：内存不足");
  if (n)
    *first = keys[0].t;
  free(keys);
  return rc;
}

static qf_rc commit_restarts(qf_book *b, int64_t *first_day, qf_err *err)
{
  *first_day = INT64_MAX;
  if (!b->nrestarts)
    return QF_OK;
  qsort(b->restarts, b->nrestarts, sizeof *b->restarts, by_point);
  qf_buf q;
  qf_buf_init(&q, (size_t)1 << 30);
  qf_buf_puts(&q, "INSERT INTO pend_restart VALUES ");
  for (size_t i = 0; i < b->nrestarts; i++) {
    const qf_restart_mark *m = &b->restarts[i];
    char h[40], d[40];
    int64_t day = first_t(&day_kind, m->from_us);
    hour_literal(first_t(&hour_kind, m->from_us), h);
    day_literal(day, d);
    qf_buf_printf(&q, "%s(%u, %s, %s)", i ? ", " : "", m->point, h, d);
    if (day < *first_day)
      *first_day = day;
  }
  qf_rc rc = q.failed ? qf_fail(err, QF_NOMEM, "book: out of memory", "账册：内存不足") : qf_dk_exec(b->w, q.data, err);
  qf_buf_fini(&q);
  static const char *const steps[] = {"DELETE FROM interval_hour AS t USING (SELECT point, min(h) AS h FROM "
                                      "pend_restart GROUP BY point) AS p WHERE t.point = p.point AND t.hour >= p.h",
                                      "DELETE FROM account_day AS t USING (SELECT point, min(d) AS d FROM pend_restart "
                                      "GROUP BY point) AS p WHERE t.point = p.point AND t.day >= p.d",
                                      "DELETE FROM pend_restart"};
  for (size_t i = 0; !rc && i < sizeof steps / sizeof *steps; i++)
    rc = qf_dk_exec(b->w, steps[i], err);
  return rc;
}

qf_rc qf_bulk_commit(qf_book *b, int32_t *first_day, qf_err *err)
{
  int64_t restart_day, hour, day;
  qf_rc rc = commit_restarts(b, &restart_day, err);
  if (!rc)
    rc = commit_one(b, &b->hours, &hour_kind, &hour, err);
  if (!rc)
    rc = commit_one(b, &b->days, &day_kind, &day, err);
  if (rc)
    return rc;
  if (hour != INT64_MAX && qf_day_cn(hour * QF_US_HOUR) < day)
    day = qf_day_cn(hour * QF_US_HOUR);
  if (restart_day < day)
    day = restart_day;
  *first_day = day > INT32_MAX ? INT32_MAX : (int32_t)day;
  return QF_OK;
}

void qf_bulk_committed(qf_book *b)
{
  b->hours.n = b->days.n = b->nrestarts = 0;
  b->nseries = b->nalarms = b->nevents = 0;
  qf_buf_reset(&b->bytes);
}

void qf_bulk_forget(qf_book *b)
{
  qf_bulk_committed(b);
  for (uint32_t i = 0; i < b->hours.nmax; i++)
    b->hours.max[i] = INT64_MIN;
  for (uint32_t i = 0; i < b->days.nmax; i++)
    b->days.max[i] = INT64_MIN;
}

static bool on_max(void *ud, const qf_cell *cells, size_t n)
{
  (void)n;
  return set_newest(ud, (uint32_t)cells[0].i, cells[1].i);
}

qf_rc qf_bulk_load_max(qf_book *b, qf_err *err)
{
  qf_rc rc = qf_dk_rows(
      b->w, "SELECT point, CAST(epoch_us(max(hour)) // 3600000000 AS BIGINT) FROM interval_hour GROUP BY point", on_max,
      &b->hours, err);
  if (!rc)
    rc = qf_dk_rows(b->w, "SELECT point, CAST(max(day) - DATE '1970-01-01' AS BIGINT) FROM account_day GROUP BY point",
                    on_max, &b->days, err);
  return rc;
}

/* ---- series, alarms, events: few rows */

qf_rc qf_book_series(qf_book *b, uint32_t point, const char *key_text, size_t key_len, uint64_t seq, qf_err *err)
{
  if (!qf_book_grow((void **)&b->series, &b->series_cap, b->nseries, sizeof *b->series))
    return qf_fail(err, QF_NOMEM, "book: out of memory", "账册：内存不足");
  b->series[b->nseries] = (qf_pend_series){point, seq, b->bytes.len, key_len};
  qf_buf_put(&b->bytes, key_text, key_len);
  if (b->bytes.failed)
    return qf_fail(err, QF_NOMEM, "book: out of memory", "账册：内存不足");
  b->nseries++;
  return QF_OK;
}

qf_rc qf_book_alarm(qf_book *b, const qf_alarm *a, uint64_t seq, qf_err *err)
{
  if (!qf_book_grow((void **)&b->alarms, &b->alarms_cap, b->nalarms, sizeof *b->alarms))
    return qf_fail(err, QF_NOMEM, "book: out of memory", "账册：内存不足");
  b->alarms[b->nalarms++] = (qf_pend_alarm){*a, seq};
  return QF_OK;
}

qf_rc qf_book_event(qf_book *b, const json_t *event, uint64_t seq, qf_us at, qf_err *err)
{
  const char *kind_text = json_string_value(json_object_get(event, "kind"));
  char *body = json_dumps(event, JSON_COMPACT | JSON_SORT_KEYS);
  qf_rc rc = QF_OK;
  if (!body || !qf_book_grow((void **)&b->events, &b->events_cap, b->nevents, sizeof *b->events))
    rc = qf_fail(err, QF_NOMEM, "book: out of memory", "账册：内存不足");
  if (!rc) {
    size_t kind_off = b->bytes.len;
    qf_buf_puts(&b->bytes, kind_text ? kind_text : "");
    qf_buf_putc(&b->bytes, 0);
    size_t body_off = b->bytes.len;
    qf_buf_puts(&b->bytes, body);
    qf_buf_putc(&b->bytes, 0);
    b->events[b->nevents++] = (qf_pend_event){seq, at, kind_off, body_off};
    if (b->bytes.failed)
      rc = qf_fail(err, QF_NOMEM, "book: out of memory", "账册：内存不足");
  }
  free(body);
  return rc;
}

static bool append_series(const qf_book *b, duckdb_appender a, size_t i)
{
  const qf_pend_series *s = &b->series[i];
  return duckdb_append_int32(a, (int32_t)s->point) == DuckDBSuccess &&
         duckdb_append_varchar_length(a, b->bytes.data + s->off, s->len) == DuckDBSuccess &&
         duckdb_append_int64(a, (int64_t)s->seq) == DuckDBSuccess && duckdb_appender_end_row(a) == DuckDBSuccess;
}

static bool append_alarm(const qf_book *b, duckdb_appender a, size_t i)
{
  const qf_pend_alarm *x = &b->alarms[i];
  return duckdb_append_int32(a, (int32_t)x->a.point) == DuckDBSuccess &&
         duckdb_append_uint8(a, x->a.kind) == DuckDBSuccess && duckdb_append_bool(a, x->a.active) == DuckDBSuccess &&
         duckdb_append_timestamp(a, (duckdb_timestamp){x->a.ts_us}) == DuckDBSuccess &&
         duckdb_append_double(a, x->a.value) == DuckDBSuccess && duckdb_append_double(a, x->a.limit) == DuckDBSuccess &&
         duckdb_append_int64(a, (int64_t)x->seq) == DuckDBSuccess && duckdb_appender_end_row(a) == DuckDBSuccess;
}

static bool append_event(const qf_book *b, duckdb_appender a, size_t i)
{
  const qf_pend_event *e = &b->events[i];
  return duckdb_append_int64(a, (int64_t)e->seq) == DuckDBSuccess &&
         duckdb_append_timestamp(a, (duckdb_timestamp){e->at}) == DuckDBSuccess &&
         duckdb_append_varchar(a, b->bytes.data + e->kind_off) == DuckDBSuccess &&
         duckdb_append_varchar(a, b->bytes.data + e->body_off) == DuckDBSuccess &&
         duckdb_appender_end_row(a) == DuckDBSuccess;
}

static qf_rc append_small(qf_book *b, const char *table, size_t n,
                          bool (*one)(const qf_book *, duckdb_appender, size_t), qf_err *err)
{
  if (n == 0)
    return QF_OK;
  duckdb_appender a = NULL;
  bool ok = duckdb_appender_create(b->w, NULL, table, &a) == DuckDBSuccess;
  for (size_t i = 0; ok && i < n; i++)
    ok = one(b, a, i);
  ok = ok && duckdb_appender_flush(a) == DuckDBSuccess;
  qf_rc rc = ok ? QF_OK : append_failed(a, table, err);
  duckdb_appender_destroy(&a);
  return rc;
}

qf_rc qf_bulk_small_commit(qf_book *b, qf_err *err)
{
  qf_rc rc = append_small(b, "series", b->nseries, append_series, err);
  if (!rc)
    rc = append_small(b, "alarm", b->nalarms, append_alarm, err);
  return rc ? rc : append_small(b, "event", b->nevents, append_event, err);
}
