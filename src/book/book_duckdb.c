/* The book on DuckDB: opening (with setting aside of what is damaged), committing, reading. */
#include "book/internal.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* ---- the file and its marks
 * book.duckdb, book.duckdb.wal   the database
 * book.opening                   one byte per attempt to open that has not come back: two of them, and a file that makes the
 *                                process die while it is opened is set aside too
 * book.damaged                   a read or write at run time met damage: set aside at the next start */

static void file_path(const qf_book *b, const char *name, char out[4200])
{
  snprintf(out, 4200, "%s/%s", b->dir, name);
}

static bool exists(const char *path)
{
  struct stat st;
  return stat(path, &st) == 0;
}

static void sync_dir(const char *dir)
{
  int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd >= 0) {
    (void)fsync(fd);
    close(fd);
  }
}

static qf_rc touch_mark(const qf_book *b, const char *name, qf_err *err)
{
  char path[4200];
  file_path(b, name, path);
  int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  bool ok = fd >= 0 && write(fd, "x", 1) == 1;
  if (fd >= 0)
    close(fd);
  return ok ? QF_OK : qf_fail(err, QF_IO, "%s: %s", "%s：%s", path, strerror(errno));
}

static off_t mark_size(const qf_book *b, const char *name)
{
  char path[4200];
  struct stat st;
  file_path(b, name, path);
  return stat(path, &st) == 0 ? st.st_size : 0;
}

static void drop_file(const qf_book *b, const char *name)
{
  char path[4200];
  file_path(b, name, path);
  (void)unlink(path);
}

/* Move the database and its log away under the next free number. */
static qf_rc set_aside(const qf_book *b, qf_err *err)
{
  char from[4200], to[4300], wal[4300];
  for (unsigned n = 1; n < 10000; n++) {
    snprintf(to, sizeof to, "%s/book.duckdb.damaged-%u", b->dir, n);
    snprintf(wal, sizeof wal, "%s/book.duckdb.damaged-%u.wal", b->dir, n);
    if (exists(to) || exists(wal))
      continue;
    file_path(b, "book.duckdb", from);
    bool ok = rename(from, to) == 0 || errno == ENOENT;
    file_path(b, "book.duckdb.wal", from);
    ok = ok && (rename(from, wal) == 0 || errno == ENOENT);
    if (!ok)
      return qf_fail(err, QF_IO, "%s: %s", "%s：%s", to, strerror(errno));
    drop_file(b, "book.opening");
    drop_file(b, "book.damaged");
    sync_dir(b->dir);
    return QF_OK;
  }
  return qf_fail(err, QF_IO, "%s: too many damaged books, remove some", "%s：损坏账册过多，请清理", b->dir);
}

/* Words that say the machine, not the file, is at fault. */
static qf_rc not_damage(const char *message)
{
  if (!message)
    return QF_OK;
  if (strstr(message, "Could not set lock") || strstr(message, "onflicting lock"))
    return QF_BUSY;
  if (strstr(message, "ermission denied") || strstr(message, "ead-only file system") ||
      strstr(message, "No space left") || strstr(message, "Too many open files") ||
      strstr(message, "No such file or directory"))
    return QF_IO;
  if (strstr(message, "Out of Memory") || strstr(message, "could not allocate"))
    return QF_NOMEM;
  return QF_OK;
}

static void close_database(qf_book *b)
{
  for (uint32_t i = 0; i < b->npool; i++)
    duckdb_disconnect(&b->pool[i]);
  b->npool = 0;
  if (b->since)
    duckdb_disconnect(&b->since);
  if (b->w)
    duckdb_disconnect(&b->w);
  if (b->db)
    duckdb_close(&b->db);
}

/* One attempt. *aside: the file is damaged or outdated and must go. */
static qf_rc try_open(qf_book *b, bool *damaged, bool *outdated, qf_err *err)
{
  char path[4200], *message;
  file_path(b, "book.duckdb", path);
  *damaged = *outdated = false;
  qf_rc rc = qf_dk_open(b, path, NULL, &b->db, &message, err);
  if (rc == QF_CORRUPT) {
    qf_rc other = not_damage(message);
    if (other)
      rc = qf_fail(err, other, "%.80s: %.150s", "%.80s：%.150s", path, message);
    *damaged = !other;
  }
  duckdb_free(message);
  if (!rc && duckdb_connect(b->db, &b->w) != DuckDBSuccess)
    rc = qf_fail(err, QF_NOMEM, "book: no connection", "账册：无法连接");
  if (!rc)
    rc = qf_book_schema_ensure(b, outdated, err);
  if (!rc && !*outdated)
    rc = qf_bulk_load_max(b, err);
  if (rc == QF_CORRUPT)
    *damaged = true;
  if (rc || *outdated)
    close_database(b);
  return rc;
}

static qf_rc open_database(qf_book *b, bool *was_set_aside, qf_err *err)
{
  *was_set_aside = false;
  qf_rc rc = QF_OK;
  if (mark_size(b, "book.damaged") > 0 || mark_size(b, "book.opening") >= 2) {
    *was_set_aside = true;
    rc = set_aside(b, err);
  }
  for (int attempt = 0; !rc; attempt++) {
    bool damaged, outdated;
    rc = touch_mark(b, "book.opening", err);
    if (rc)
      break;
    rc = try_open(b, &damaged, &outdated, err);
    drop_file(b, "book.opening");
    if (!rc && !outdated)
      break;
    if (attempt > 0 || (!damaged && !outdated))
      return rc ? rc
                : qf_fail(err, QF_STATE, "book: a new file does not take the schema", "账册：新文件无法建立表结构");
    *was_set_aside = true;
    rc = QF_OK;
    if (outdated) { /* sound, but made for other table definitions */
      drop_file(b, "book.duckdb");
      drop_file(b, "book.duckdb.wal");
    } else {
      rc = set_aside(b, err);
    }
  }
  return rc;
}

static qf_rc open_scratch(qf_book *b, qf_err *err)
{
  char *message;
  qf_book small = {.threads = 1, .memory_mb = 128};
  qf_rc rc = qf_dk_open(&small, NULL, NULL, &b->scratch, &message, err);
  duckdb_free(message);
  if (!rc && duckdb_connect(b->scratch, &b->sc) != DuckDBSuccess)
    rc = qf_fail(err, QF_NOMEM, "book: no connection", "账册：无法连接");
  return rc ? rc : qf_book_types_load(b, err);
}

qf_rc qf_book_open(const char *dir, const qf_book_opts *opts, qf_book **out, bool *was_set_aside, qf_err *err)
{
  bool ignored;
  *out = NULL;
  if (!opts || !opts->packs_dir)
    return qf_fail(err, QF_STATE, "book: packs_dir is required", "账册：须给出 packs_dir");
  if (strlen(dir) >= sizeof((qf_book *)0)->dir || strlen(opts->packs_dir) >= sizeof((qf_book *)0)->packs)
    return qf_fail(err, QF_RANGE, "book: folder name too long", "账册：目录名过长");
  qf_book *b = calloc(1, sizeof *b);
  if (!b)
    return qf_fail(err, QF_NOMEM, "book: out of memory", "账册：内存不足");
  snprintf(b->dir, sizeof b->dir, "%s", dir);
  snprintf(b->packs, sizeof b->packs, "%s", opts->packs_dir);
  b->threads = opts->threads ? opts->threads : 1;
  b->memory_mb = opts->memory_mb ? opts->memory_mb : 1024;
  qf_buf_init(&b->bytes, (size_t)1 << 30);
  pthread_mutex_init(&b->scratch_mx, NULL);
  pthread_mutex_init(&b->pool_mx, NULL);
  pthread_mutex_init(&b->change_mx, NULL);
  pthread_mutex_init(&b->since_mx, NULL);
  pthread_rwlock_init(&b->hold, NULL);
  qf_rc rc = open_scratch(b, err);
  if (!rc)
    rc = open_database(b, was_set_aside ? was_set_aside : &ignored, err);
  if (rc) {
    qf_book_close(b);
    return rc;
  }
  atomic_store(&b->gen, 1);
  *out = b;
  return QF_OK;
}

void qf_book_close(qf_book *b)
{
  if (!b)
    return;
  qf_book_types_free(b);
  close_database(b);
  if (b->sc)
    duckdb_disconnect(&b->sc);
  if (b->scratch)
    duckdb_close(&b->scratch);
  free(b->hours.rows);
  free(b->hours.max);
  free(b->days.rows);
  free(b->days.max);
  free(b->restarts);
  free(b->series);
  free(b->alarms);
  free(b->events);
  qf_buf_fini(&b->bytes);
  pthread_mutex_destroy(&b->scratch_mx);
  pthread_mutex_destroy(&b->pool_mx);
  pthread_mutex_destroy(&b->change_mx);
  pthread_mutex_destroy(&b->since_mx);
  pthread_rwlock_destroy(&b->hold);
  free(b);
}

uint64_t qf_book_applied_seq(const qf_book *b)
{
  return atomic_load(&b->applied);
}
uint64_t qf_book_generation(const qf_book *b)
{
  return atomic_load(&b->gen);
}

/* ---- commit */

static void note_damage(const qf_book *b, const char *words)
{
  qf_err ignored;
  if (strstr(words, "orrupt") || strstr(words, "checksum") || strstr(words, "invalidated"))
    (void)touch_mark(b, "book.damaged", &ignored);
}

/* Put a change under the next generation. */
static void note_change(qf_book *b, qf_change *c)
{
  pthread_mutex_lock(&b->change_mx);
  c->gen = atomic_load(&b->gen) + 1;
  b->changes[c->gen % QF_BOOK_CHANGES] = *c;
  atomic_store(&b->gen, c->gen);
  pthread_mutex_unlock(&b->change_mx);
}

void qf_book_changed_since(qf_book *b, uint64_t gen, qf_book_change *out)
{
  pthread_mutex_lock(&b->change_mx);
  uint64_t now = atomic_load(&b->gen);
  *out =
      (qf_book_change){.unknown = gen > now || now - gen >= QF_BOOK_CHANGES, .first_day = INT32_MAX, .generation = now};
  for (uint64_t g = gen + 1; !out->unknown && g <= now; g++) {
    const qf_change *c = &b->changes[g % QF_BOOK_CHANGES];
    out->unknown = c->gen != g || c->all;
    out->series = out->series || c->series;
    for (size_t i = 0; i < QF_BOOK_TYPES_MAX / 64; i++)
      out->types[i] |= c->types[i];
    if (c->first_day < out->first_day)
      out->first_day = c->first_day;
  }
  pthread_mutex_unlock(&b->change_mx);
}

/* Everything but COMMIT: nobody sees it, readers go on. */
static qf_rc commit_steps(qf_book *b, uint64_t seq, int32_t *first_day, qf_err *err)
{
  char sql[120];
  qf_rc rc = qf_dk_exec(b->w, "BEGIN", err);
  if (!rc)
    rc = qf_book_records_commit(b, err);
  if (!rc)
    rc = qf_bulk_commit(b, first_day, err);
  if (!rc)
    rc = qf_bulk_small_commit(b, err);
  snprintf(sql, sizeof sql, "UPDATE book_meta SET value = '%" PRIu64 "' WHERE name = 'applied_seq'", seq);
  if (!rc)
    rc = qf_dk_exec(b->w, sql, err);
  return rc;
}

qf_rc qf_book_commit(qf_book *b, uint64_t seq, qf_err *err)
{
  qf_change c = {.series = b->nseries > 0, .first_day = INT32_MAX};
  qf_err local = {0};
  bool anything = b->hours.n || b->days.n || b->nrestarts || b->nseries || b->nalarms || b->nevents;
  for (uint32_t i = 0; i < b->ntypes; i++)
    if (b->types[i].npending) {
      anything = true;
      c.types[i / 64] |= UINT64_C(1) << (i % 64);
    }
  if (!anything && seq == atomic_load(&b->applied))
    return QF_OK;
  qf_rc rc = commit_steps(b, seq, &c.first_day, &local);
  pthread_rwlock_wrlock(&b->hold);
  if (!rc)
    rc = qf_dk_exec(b->w, "COMMIT", &local);
  if (!rc) {
    atomic_store(&b->applied, seq);
    note_change(b, &c);
    qf_bulk_committed(b);
    qf_book_records_forget(b);
  } else {
    qf_dk_try(b->w, "ROLLBACK");
    note_damage(b, local.en);
    if (err)
      *err = local;
  }
  pthread_rwlock_unlock(&b->hold);
  return rc;
}

void qf_book_hold(qf_book *b)
{
  pthread_rwlock_rdlock(&b->hold);
}
void qf_book_release(qf_book *b)
{
  pthread_rwlock_unlock(&b->hold);
}

qf_rc qf_book_clear(qf_book *b, qf_err *err)
{
  static const char *const core[] = {"series", "interval_hour", "account_day", "alarm", "event", "factor_month"};
  char sql[120];
  pthread_rwlock_wrlock(&b->hold);
  qf_rc rc = qf_dk_exec(b->w, "BEGIN", err);
  for (size_t i = 0; !rc && i < sizeof core / sizeof *core; i++) {
    snprintf(sql, sizeof sql, "DELETE FROM %s", core[i]);
    rc = qf_dk_exec(b->w, sql, err);
  }
  for (uint32_t i = 0; !rc && i < 2 * b->ntypes; i++) {
    snprintf(sql, sizeof sql, "DELETE FROM rec_%s%s", b->types[i / 2].name, i % 2 ? "_history" : "");
    rc = qf_dk_exec(b->w, sql, err);
  }
  if (!rc)
    rc = qf_dk_exec(b->w, "UPDATE book_meta SET value = '0' WHERE name = 'applied_seq'", err);
  if (!rc)
    rc = qf_dk_exec(b->w, "COMMIT", err);
  if (!rc) {
    qf_dk_try(b->w, "CHECKPOINT"); /* gives the space back; readers may be in the way */
    atomic_store(&b->applied, 0);
    note_change(b, &(qf_change){.all = true});
    qf_bulk_forget(b);
    qf_book_records_forget(b);
  } else {
    qf_dk_try(b->w, "ROLLBACK");
  }
  pthread_rwlock_unlock(&b->hold);
  return rc;
}

/* ---- queries: a connection from the pool, a read-only transaction, one statement */

static duckdb_connection take(qf_book *b)
{
  duckdb_connection c = NULL;
  pthread_mutex_lock(&b->pool_mx);
  if (b->npool)
    c = b->pool[--b->npool];
  else if (duckdb_connect(b->db, &c) != DuckDBSuccess)
    c = NULL;
  pthread_mutex_unlock(&b->pool_mx);
  return c;
}

static void give_back(qf_book *b, duckdb_connection c)
{
  pthread_mutex_lock(&b->pool_mx);
  if (b->npool < QF_BOOK_POOL) {
    b->pool[b->npool++] = c;
    c = NULL;
  }
  pthread_mutex_unlock(&b->pool_mx);
  if (c)
    duckdb_disconnect(&c);
}

static qf_rc bind(duckdb_prepared_statement s, const qf_param *params, size_t n, qf_err *err)
{
  if (duckdb_nparams(s) != n)
    return qf_fail(err, QF_SYNTAX, "book: the statement takes %zu parameters, %zu given",
                   "账册：语句需要 %zu 个参数，给出 %zu 个", (size_t)duckdb_nparams(s), n);
  for (size_t i = 0; i < n; i++) {
    duckdb_state ok = DuckDBError;
    switch (params[i].kind) {
    case 0:
      ok = duckdb_bind_null(s, i + 1);
      break;
    case 1:
      ok = duckdb_bind_int64(s, i + 1, params[i].i);
      break;
    case 3:
      ok = duckdb_bind_double(s, i + 1, params[i].d);
      break;
    case 4:
      ok = duckdb_bind_varchar(s, i + 1, params[i].s);
      break;
    default:
      break;
    }
    if (ok != DuckDBSuccess)
      return qf_fail(err, QF_RANGE, "book: parameter %zu cannot be bound", "账册：第 %zu 个参数无法绑定", i + 1);
  }
  return QF_OK;
}

typedef qf_rc use_fn(void *ud, duckdb_result *r, qf_err *err);

static qf_rc run(duckdb_connection c, const char *sql, const qf_param *params, size_t n, use_fn *use, void *ud,
                 qf_err *err)
{
  duckdb_prepared_statement s = NULL;
  duckdb_result r;
  if (duckdb_prepare(c, sql, &s) != DuckDBSuccess) {
    qf_rc rc = qf_fail(err, QF_SYNTAX, "book: %.200s", "账册：%.200s", s ? duckdb_prepare_error(s) : sql);
    duckdb_destroy_prepare(&s);
    return rc;
  }
  /* A transaction of one's own that only reads would cost as much again as a small statement does. */
  qf_rc rc = duckdb_prepared_statement_type(s) == DUCKDB_STATEMENT_TYPE_SELECT
                 ? bind(s, params, n, err)
                 : qf_fail(err, QF_DENIED, "book: only statements that read are asked here", "账册：此处只可查询");
  if (!rc) {
    if (duckdb_execute_prepared(s, &r) != DuckDBSuccess)
      rc = qf_dk_error(err, duckdb_result_error_type(&r), sql, duckdb_result_error(&r));
    else
      rc = use(ud, &r, err);
    duckdb_destroy_result(&r);
  }
  duckdb_destroy_prepare(&s);
  return rc;
}

static qf_rc read_only(qf_book *b, duckdb_connection c, const char *sql, const qf_param *params, size_t n, use_fn *use,
                       void *ud, qf_err *err)
{
  qf_err local = {0};
  qf_rc rc = run(c, sql, params, n, use, ud, &local);
  if (rc == QF_CORRUPT)
    note_damage(b, local.en);
  if (rc && err)
    *err = local;
  return rc;
}

static qf_rc query(qf_book *b, const char *sql, const qf_param *params, size_t n, use_fn *use, void *ud, qf_err *err)
{
  duckdb_connection c = take(b);
  if (!c)
    return qf_fail(err, QF_NOMEM, "book: no connection", "账册：无法连接");
  qf_rc rc = read_only(b, c, sql, params, n, use, ud, err);
  give_back(b, c);
  return rc;
}

typedef struct rows_ud {
  qf_row_fn *fn;
  void *ud;
} rows_ud;

static qf_rc use_rows(void *ud, duckdb_result *r, qf_err *err)
{
  rows_ud *u = ud;
  return qf_dk_result_rows(r, u->fn, u->ud, err);
}

qf_rc qf_book_query(qf_book *b, const char *sql, const qf_param *params, size_t nparams, qf_row_fn *fn, void *ud,
                    qf_err *err)
{
  rows_ud u = {fn, ud};
  return query(b, sql, params, nparams, use_rows, &u, err);
}

/* A statement in small tasks, so that the clock can be looked at between them. */
qf_rc qf_dk_run_tasks(duckdb_connection c, duckdb_prepared_statement s, uint32_t max_ms, duckdb_result *r, qf_err *err)
{
  duckdb_pending_result p = NULL;
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  int64_t until = (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000 + max_ms;
  qf_rc rc = QF_OK;
  if (duckdb_pending_prepared(s, &p) != DuckDBSuccess)
    rc = qf_dk_error(err, DUCKDB_ERROR_INVALID, "statement", duckdb_pending_error(p));
  for (bool ready = false; !rc && !ready;) {
    duckdb_pending_state state = duckdb_pending_execute_task(p);
    ready = duckdb_pending_execution_is_finished(state);
    if (state == DUCKDB_PENDING_ERROR)
      break; /* told by the execution below */
    if (state == DUCKDB_PENDING_NO_TASKS_AVAILABLE)
      sched_yield();
    clock_gettime(CLOCK_MONOTONIC, &t);
    if (!ready && (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000 > until) {
      duckdb_interrupt(c);
      rc = qf_fail(err, QF_FULL, "the statement takes longer than %u ms and was stopped",
                   "语句执行超过 %u 毫秒，已中止", max_ms);
    }
  }
  if (!rc && duckdb_execute_pending(p, r) != DuckDBSuccess)
    rc = qf_dk_error(err, duckdb_result_error_type(r), "statement", duckdb_result_error(r));
  duckdb_destroy_pending(&p);
  return rc;
}

static qf_rc run_limited(duckdb_connection c, uint32_t max_ms, const char *sql, const qf_param *params, size_t n,
                         rows_ud *u, qf_err *err)
{
  duckdb_prepared_statement s = NULL;
  duckdb_result r = {0};
  qf_rc rc = QF_OK;
  if (duckdb_prepare(c, sql, &s) != DuckDBSuccess)
    rc = qf_fail(err, QF_SYNTAX, "book: %.200s", "账册：%.200s", s ? duckdb_prepare_error(s) : "statement");
  if (!rc)
    rc = bind(s, params, n, err);
  if (!rc)
    rc = qf_dk_run_tasks(c, s, max_ms, &r, err);
  if (!rc)
    rc = qf_dk_result_rows(&r, u->fn, u->ud, err);
  duckdb_destroy_result(&r);
  duckdb_destroy_prepare(&s);
  return rc;
}

qf_rc qf_book_query_limited(qf_book *b, uint32_t max_ms, const char *sql, const qf_param *params, size_t nparams,
                            qf_row_fn *fn, void *ud, qf_err *err)
{
  rows_ud u = {fn, ud};
  duckdb_connection c = take(b);
  if (!c)
    return qf_fail(err, QF_NOMEM, "book: no connection", "账册：无法连接");
  qf_rc rc = qf_dk_exec(c, "BEGIN TRANSACTION READ ONLY", err);
  if (!rc) {
    rc = run_limited(c, max_ms, sql, params, nparams, &u, err);
    qf_dk_try(c, "ROLLBACK");
  }
  give_back(b, c);
  return rc;
}

/* Temporary views of the same names stand before the tables: the connection sees only what is at or after the day. */
static qf_rc look_since(qf_book *b, int32_t day, qf_err *err)
{
  char sql[240];
  int y, m, d;
  if (!b->since && duckdb_connect(b->db, &b->since) != DuckDBSuccess)
    return qf_fail(err, QF_NOMEM, "book: no connection", "账册：无法连接");
  if (b->since_day == day)
    return QF_OK;
  b->since_day = 0;
  qf_civil_from_days(day, &y, &m, &d);
  snprintf(sql, sizeof sql,
           "CREATE OR REPLACE TEMP VIEW account_day AS SELECT * FROM book.main.account_day WHERE day >= DATE "
           "'%04d-%02d-%02d'",
           y, m, d);
  qf_rc rc = qf_dk_exec(b->since, sql, err);
  qf_civil c = qf_civil_at(qf_day_cn_start(day), 0);
  snprintf(sql, sizeof sql,
           "CREATE OR REPLACE TEMP VIEW interval_hour AS SELECT * FROM book.main.interval_hour WHERE hour >= TIMESTAMP "
           "'%04d-%02d-%02d %02d:00:00'",
           c.year, c.month, c.day, c.hour);
  if (!rc)
    rc = qf_dk_exec(b->since, sql, err);
  if (!rc)
    b->since_day = day;
  return rc;
}

qf_rc qf_book_query_since(qf_book *b, int32_t first_day, const char *sql, const qf_param *params, size_t nparams,
                          qf_row_fn *fn, void *ud, qf_err *err)
{
  rows_ud u = {fn, ud};
  pthread_mutex_lock(&b->since_mx);
  qf_rc rc = look_since(b, first_day, err);
  if (!rc)
    rc = read_only(b, b->since, sql, params, nparams, use_rows, &u, err);
  pthread_mutex_unlock(&b->since_mx);
  return rc;
}

static qf_rc use_columns(void *ud, duckdb_result *r, qf_err *err)
{
  qf_buf *out = ud;
  for (idx_t i = 0; i < duckdb_column_count(r); i++) {
    duckdb_type t = duckdb_column_type(r, i);
    bool exact = t != DUCKDB_TYPE_DOUBLE && t != DUCKDB_TYPE_FLOAT;
    qf_buf_printf(out, "%s%c\n", duckdb_column_name(r, i), exact ? ' ' : '~');
  }
  return out->failed ? qf_fail(err, QF_NOMEM, "answer too long", "结果过长") : QF_OK;
}

qf_rc qf_book_columns(qf_book *b, const char *sql, qf_buf *out, qf_err *err)
{
  return query(b, sql, NULL, 0, use_columns, out, err);
}
