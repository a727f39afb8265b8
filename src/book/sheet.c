/* A form's rows as a table `sheet`, and statements over it that are planned once and kept.
 *
 * The engine plans a prepared statement with the smallest and greatest values its tables have at that time and keeps the
 * plan when they are no longer true: a filter nothing met stays cut out although a row that meets it came. Hence
 *  - a plan is thrown away when a table that its text names has changed since (qf_book_changed_since), and
 *  - `sheet` is filled inside the transaction, which is rolled back: of rows that are not committed nothing is assumed. */
#include "book/internal.h"
#include <stdlib.h>
#include <string.h>

#define DESKS 2u /* so many forms of one type are judged at once; more wait */

typedef struct reads { /* what a statement's text names */
  bool always;         /* a table or clock whose changes are not told */
  bool series, days;
  uint64_t types[QF_BOOK_TYPES_MAX / 64];
} reads;

typedef struct plan {
  duckdb_prepared_statement s; /* NULL: to be made */
  uint64_t gen;
} plan;

typedef struct desk {
  pthread_mutex_t mx;
  duckdb_connection c;
  duckdb_prepared_statement fill;
  plan *plans;
} desk;

struct qf_book_sheet {
  qf_book *b;
  char *make, *fill, **sql;
  reads *reads;
  uint32_t n;
  desk desk[DESKS];
};

static void read_type(qf_book *b, reads *r, const char *name)
{
  const qf_rectype *t = qf_book_type(b, name);
  if (t)
    r->types[(t - b->types) / 64] |= UINT64_C(1) << ((t - b->types) % 64);
  else
    r->always = true;
}

static void read_word(qf_book *b, reads *r, char *w)
{
  static const char untold[] = " alarm event book_meta now today current_date current_timestamp get_current_timestamp "
                               "current_time localtime localtimestamp random uuid ";
  char spaced[80];
  size_t n = strlen(w);
  snprintf(spaced, sizeof spaced, " %.60s ", w);
  if (strncmp(w, "rec_", 4) == 0) {
    if (n > 12 && strcmp(w + n - 8, "_history") == 0)
      w[n - 8] = 0;
    read_type(b, r, w + 4);
  } else if (strcmp(w, "pt") == 0 || strcmp(w, "point_id") == 0 || strcmp(w, "series") == 0) {
    r->series = true;
    read_type(b, r, "point");
  } else if (strcmp(w, "factor_month") == 0) {
    read_type(b, r, "factor");
  } else if (strcmp(w, "account_day") == 0 || strcmp(w, "interval_hour") == 0) {
    r->days = true;
  } else if (strstr(untold, spaced)) {
    r->always = true;
  }
}

static void read_text(qf_book *b, reads *r, const char *s)
{
  char w[80];
  size_t n = 0;
  for (;; s++) {
    char c = *s >= 'A' && *s <= 'Z' ? (char)(*s + 32) : *s;
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_') {
      if (n + 1 < sizeof w)
        w[n++] = c;
      continue;
    }
    w[n] = 0;
    if (n)
      read_word(b, r, w);
    n = 0;
    if (!*s)
      break;
  }
}

qf_rc qf_book_sheet_new(qf_book *b, const char *make, const char *fill, const char *const *sql, uint32_t n,
                        qf_book_sheet **out, qf_err *err)
{
  qf_book_sheet *s = calloc(1, sizeof *s);
  bool ok = s != NULL;
  for (uint32_t i = 0; ok && i < DESKS; i++) {
    pthread_mutex_init(&s->desk[i].mx, NULL);
    s->desk[i].plans = calloc(n + 1, sizeof(plan));
    ok = s->desk[i].plans != NULL;
  }
  if (ok) {
    s->b = b;
    s->make = strdup(make);
    s->fill = strdup(fill);
    s->sql = calloc(n + 1, sizeof *s->sql);
    s->reads = calloc(n + 1, sizeof *s->reads);
    ok = s->make && s->fill && s->sql && s->reads;
  }
  for (uint32_t i = 0; ok && i < n; i++) {
    s->n = i + 1;
    s->sql[i] = strdup(sql[i]);
    ok = s->sql[i] != NULL;
    if (ok)
      read_text(b, &s->reads[i], sql[i]);
  }
  *out = s;
  if (ok)
    return QF_OK;
  qf_book_sheet_free(s);
  *out = NULL;
  return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
}

void qf_book_sheet_free(qf_book_sheet *s)
{
  if (!s)
    return;
  for (uint32_t k = 0; k < DESKS; k++) {
    desk *d = &s->desk[k];
    for (uint32_t i = 0; d->plans && i < s->n; i++)
      if (d->plans[i].s)
        duckdb_destroy_prepare(&d->plans[i].s);
    if (d->fill)
      duckdb_destroy_prepare(&d->fill);
    if (d->c)
      duckdb_disconnect(&d->c);
    free(d->plans);
    pthread_mutex_destroy(&d->mx);
  }
  for (uint32_t i = 0; s->sql && i < s->n; i++)
    free(s->sql[i]);
  free(s->sql);
  free(s->reads);
  free(s->make);
  free(s->fill);
  free(s);
}

bool qf_book_sheet_stale(const qf_book_sheet *s, uint32_t i, uint64_t gen)
{
  const reads *r = &s->reads[i];
  qf_book_change c;
  if (r->always)
    return true;
  qf_book_changed_since(s->b, gen, &c);
  bool hit = c.unknown || (r->series && c.series) || (r->days && c.first_day != INT32_MAX);
  for (size_t k = 0; k < QF_BOOK_TYPES_MAX / 64; k++)
    hit = hit || (r->types[k] & c.types[k]);
  return hit;
}

static qf_rc prepare(duckdb_connection c, const char *sql, duckdb_prepared_statement *out, qf_err *err)
{
  if (duckdb_prepare(c, sql, out) == DuckDBSuccess)
    return QF_OK;
  qf_rc rc = qf_fail(err, QF_SYNTAX, "book: %.200s", "账册：%.200s", *out ? duckdb_prepare_error(*out) : sql);
  duckdb_destroy_prepare(out);
  *out = NULL;
  return rc;
}

static qf_rc sit_down(qf_book_sheet *s, desk *d, qf_err *err)
{
  if (d->fill)
    return QF_OK;
  if (!d->c && duckdb_connect(s->b->db, &d->c) != DuckDBSuccess)
    return qf_fail(err, QF_NOMEM, "book: no connection", "账册：无法连接");
  qf_dk_try(d->c, "DROP TABLE IF EXISTS temp.sheet");
  qf_rc rc = qf_dk_exec(d->c, s->make, err);
  return rc ? rc : prepare(d->c, s->fill, &d->fill, err);
}

/* One state of the book: the engine takes its snapshot when a table is first looked at. */
static qf_rc begin(qf_book_sheet *s, desk *d, uint64_t *gen, qf_err *err)
{
  qf_book_hold(s->b);
  qf_rc rc = qf_dk_exec(d->c, "BEGIN TRANSACTION READ ONLY", err);
  if (!rc)
    rc = qf_dk_exec(d->c, "SELECT value FROM book_meta LIMIT 1", err);
  *gen = qf_book_generation(s->b);
  qf_book_release(s->b);
  return rc;
}

static qf_rc fill(desk *d, const char *rows, qf_err *err)
{
  duckdb_result r = {0};
  qf_rc rc = QF_OK;
  if (duckdb_bind_varchar(d->fill, 1, rows) != DuckDBSuccess)
    return qf_fail(err, QF_RANGE, "book: the rows cannot be bound", "账册：行无法绑定");
  if (duckdb_execute_prepared(d->fill, &r) != DuckDBSuccess)
    rc = qf_dk_error(err, duckdb_result_error_type(&r), "sheet", duckdb_result_error(&r));
  duckdb_destroy_result(&r);
  return rc;
}

static qf_rc ask(qf_book_sheet *s, desk *d, uint32_t i, uint64_t gen, const qf_sheet_asked *a, qf_err *err)
{
  plan *p = &d->plans[i];
  duckdb_result r = {0};
  qf_rc rc = QF_OK;
  if (p->s && qf_book_sheet_stale(s, i, p->gen))
    duckdb_destroy_prepare(&p->s);
  if (!p->s) {
    rc = prepare(d->c, s->sql[i], &p->s, err);
    p->gen = gen;
  }
  if (!rc)
    rc = qf_dk_run_tasks(d->c, p->s, a->max_ms, &r, err);
  if (!rc)
    rc = qf_dk_result_rows(&r, a->fn, a->ud, err);
  duckdb_destroy_result(&r);
  return rc;
}

qf_rc qf_book_sheet_run(qf_book_sheet *s, const char *rows, const qf_sheet_asked *a, uint64_t *gen, qf_err *err)
{
  desk *d = &s->desk[0];
  for (uint32_t k = 0; k < DESKS; k++) {
    d = &s->desk[k];
    if (k + 1 == DESKS)
      pthread_mutex_lock(&d->mx);
    else if (pthread_mutex_trylock(&d->mx) == 0)
      break;
  }
  qf_rc rc = sit_down(s, d, err);
  if (!rc) {
    rc = begin(s, d, gen, err);
    if (!rc)
      rc = fill(d, rows, err);
    for (uint32_t i = 0; i < s->n && !rc; i++)
      if (a->wanted(a->ud, i))
        rc = ask(s, d, i, *gen, a, err);
    qf_dk_try(d->c, "ROLLBACK");
  }
  pthread_mutex_unlock(&d->mx);
  return rc;
}
