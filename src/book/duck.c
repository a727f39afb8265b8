/* Thin helpers over DuckDB's C API: opening with a locked configuration, running statements, reading result cells. */
#include "book/internal.h"
#include "book/law.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static qf_rc rc_of(duckdb_error_type t)
{
  switch (t) {
  case DUCKDB_ERROR_OUT_OF_MEMORY:
    return QF_NOMEM;
  case DUCKDB_ERROR_IO:
  case DUCKDB_ERROR_PERMISSION:
    return QF_IO;
  case DUCKDB_ERROR_FATAL:
  case DUCKDB_ERROR_INTERNAL:
  case DUCKDB_ERROR_SERIALIZATION:
    return QF_CORRUPT;
  case DUCKDB_ERROR_PARSER:
  case DUCKDB_ERROR_BINDER:
  case DUCKDB_ERROR_CATALOG:
  case DUCKDB_ERROR_SYNTAX:
  case DUCKDB_ERROR_PARAMETER_NOT_RESOLVED:
  case DUCKDB_ERROR_PARAMETER_NOT_ALLOWED:
    return QF_SYNTAX;
  case DUCKDB_ERROR_CONVERSION:
  case DUCKDB_ERROR_OUT_OF_RANGE:
  case DUCKDB_ERROR_CONSTRAINT:
  case DUCKDB_ERROR_DECIMAL:
  case DUCKDB_ERROR_DIVIDE_BY_ZERO:
    return QF_RANGE;
  default:
    return QF_STATE;
  }
}

qf_rc qf_dk_error(qf_err *err, duckdb_error_type type, const char *what, const char *message)
{
  qf_rc rc = rc_of(type);
  if (message && (strstr(message, "orrupt") || strstr(message, "checksum")))
    rc = QF_CORRUPT;
  return qf_fail(err, rc, "book: %.60s: %.160s", "账册：%.60s：%.160s", what, message ? message : "unknown");
}

qf_rc qf_dk_exec_count(duckdb_connection c, const char *sql, uint64_t *changed, qf_err *err)
{
  duckdb_result r;
  qf_rc rc = QF_OK;
  if (duckdb_query(c, sql, &r) != DuckDBSuccess)
    rc = qf_dk_error(err, duckdb_result_error_type(&r), sql, duckdb_result_error(&r));
  else if (changed)
    *changed = duckdb_rows_changed(&r);
  duckdb_destroy_result(&r);
  return rc;
}

qf_rc qf_dk_exec(duckdb_connection c, const char *sql, qf_err *err)
{
  return qf_dk_exec_count(c, sql, NULL, err);
}

void qf_dk_try(duckdb_connection c, const char *sql)
{
  duckdb_result r;
  (void)duckdb_query(c, sql, &r);
  duckdb_destroy_result(&r);
}

qf_rc qf_dk_rows(duckdb_connection c, const char *sql, qf_row_fn *fn, void *ud, qf_err *err)
{
  duckdb_result r;
  qf_rc rc;
  if (duckdb_query(c, sql, &r) != DuckDBSuccess)
    rc = qf_dk_error(err, duckdb_result_error_type(&r), sql, duckdb_result_error(&r));
  else
    rc = qf_dk_result_rows(&r, fn, ud, err);
  duckdb_destroy_result(&r);
  return rc;
}

/* ---- cells */

typedef struct col {       /* one column of one chunk */
  duckdb_type type, inner; /* inner: how a decimal is kept */
  uint8_t scale;
  const void *data;
  uint64_t *valid;
} col;

static void set_int(qf_cell *c, int64_t v)
{
  c->kind = 1;
  c->i = v;
  c->dec = qf_dec_int(v, 0);
  c->d = (double)v;
}

static qf_i128 huge(const void *data, idx_t i)
{
  duckdb_hugeint h = ((const duckdb_hugeint *)data)[i];
  return (qf_i128)(((qf_u128)(uint64_t)h.upper << 64) | h.lower);
}

/* false: more than 18 digits after the point that are not zeros. */
static bool set_dec(qf_cell *c, qf_i128 m, int scale)
{
  while (scale > 18) {
    if (m % 10 != 0)
      return false;
    m /= 10;
    scale--;
  }
  c->kind = 2;
  c->dec.mant = m;
  c->dec.scale = (int8_t)scale;
  c->d = qf_dec_double(c->dec);
  return true;
}

static bool decimal_cell(const col *k, idx_t i, qf_cell *c)
{
  qf_i128 m = k->inner == DUCKDB_TYPE_SMALLINT  ? ((const int16_t *)k->data)[i]
              : k->inner == DUCKDB_TYPE_INTEGER ? ((const int32_t *)k->data)[i]
              : k->inner == DUCKDB_TYPE_BIGINT  ? ((const int64_t *)k->data)[i]
                                                : huge(k->data, i);
  return set_dec(c, m, k->scale);
}

static void text_cell(qf_cell *c, qf_buf *texts, size_t start)
{
  c->kind = 4;
  c->len = texts->len - start;
  qf_buf_putc(texts, 0);
  c->s = (const char *)(uintptr_t)start; /* made a pointer once the row's texts no longer move */
}

static bool number_cell(const col *k, idx_t i, qf_cell *c)
{
  switch (k->type) {
  case DUCKDB_TYPE_TINYINT:
    set_int(c, ((const int8_t *)k->data)[i]);
    return true;
  case DUCKDB_TYPE_SMALLINT:
    set_int(c, ((const int16_t *)k->data)[i]);
    return true;
  case DUCKDB_TYPE_INTEGER:
    set_int(c, ((const int32_t *)k->data)[i]);
    return true;
  case DUCKDB_TYPE_BIGINT:
    set_int(c, ((const int64_t *)k->data)[i]);
    return true;
  case DUCKDB_TYPE_UTINYINT:
    set_int(c, ((const uint8_t *)k->data)[i]);
    return true;
  case DUCKDB_TYPE_USMALLINT:
    set_int(c, ((const uint16_t *)k->data)[i]);
    return true;
  case DUCKDB_TYPE_UINTEGER:
    set_int(c, ((const uint32_t *)k->data)[i]);
    return true;
  case DUCKDB_TYPE_UBIGINT: {
    uint64_t u = ((const uint64_t *)k->data)[i];
    if (u > INT64_MAX)
      return set_dec(c, (qf_i128)u, 0);
    set_int(c, (int64_t)u);
    return true;
  }
  case DUCKDB_TYPE_HUGEINT: {
    qf_i128 h = huge(k->data, i);
    if (h < INT64_MIN || h > INT64_MAX)
      return set_dec(c, h, 0);
    set_int(c, (int64_t)h);
    return true;
  }
  case DUCKDB_TYPE_DECIMAL:
    return decimal_cell(k, i, c);
  default:
    return false;
  }
}

/* One value; texts are gathered in `texts` and their place noted. false: a type that has no cell. */
static bool read_cell(const col *k, idx_t i, qf_cell *c, qf_buf *texts)
{
  size_t start = texts->len;
  *c = (qf_cell){0};
  if (k->valid && !duckdb_validity_row_is_valid(k->valid, i))
    return true;
  switch (k->type) {
  case DUCKDB_TYPE_BOOLEAN:
    set_int(c, ((const bool *)k->data)[i] ? 1 : 0);
    c->kind = 5;
    return true;
  case DUCKDB_TYPE_FLOAT:
  case DUCKDB_TYPE_DOUBLE:
    c->kind = 3;
    c->d = k->type == DUCKDB_TYPE_FLOAT ? (double)((const float *)k->data)[i] : ((const double *)k->data)[i];
    return true;
  case DUCKDB_TYPE_VARCHAR: {
    duckdb_string_t s = ((const duckdb_string_t *)k->data)[i];
    qf_buf_put(texts, duckdb_string_t_data(&s), duckdb_string_t_length(s));
    text_cell(c, texts, start);
    return true;
  }
  case DUCKDB_TYPE_DATE:
    c->i = ((const duckdb_date *)k->data)[i].days;
    qf_day_write(texts, (int32_t)c->i);
    text_cell(c, texts, start);
    return true;
  case DUCKDB_TYPE_TIMESTAMP:
    c->i = ((const duckdb_timestamp *)k->data)[i].micros;
    qf_tm_write(texts, c->i);
    text_cell(c, texts, start);
    return true;
  default:
    return number_cell(k, i, c);
  }
}

static void open_col(duckdb_result *r, duckdb_data_chunk chunk, idx_t j, col *k)
{
  duckdb_vector v = duckdb_data_chunk_get_vector(chunk, j);
  k->type = duckdb_column_type(r, j);
  k->data = duckdb_vector_get_data(v);
  k->valid = duckdb_vector_get_validity(v);
  k->inner = k->type;
  k->scale = 0;
  if (k->type == DUCKDB_TYPE_DECIMAL) {
    duckdb_logical_type t = duckdb_column_logical_type(r, j);
    k->inner = duckdb_decimal_internal_type(t);
    k->scale = duckdb_decimal_scale(t);
    duckdb_destroy_logical_type(&t);
  }
}

typedef struct reader {
  col *cols;
  qf_cell *cells;
  idx_t n;
  qf_buf texts;
} reader;

/* false: stopped by fn, or *rc set. */
static bool read_chunk(duckdb_result *r, reader *d, duckdb_data_chunk chunk, qf_row_fn *fn, void *ud, qf_rc *rc,
                       qf_err *err)
{
  idx_t rows = duckdb_data_chunk_get_size(chunk);
  for (idx_t j = 0; j < d->n; j++)
    open_col(r, chunk, j, &d->cols[j]);
  for (idx_t i = 0; i < rows; i++) {
    qf_buf_reset(&d->texts);
    for (idx_t j = 0; j < d->n; j++)
      if (!read_cell(&d->cols[j], i, &d->cells[j], &d->texts)) {
        *rc = qf_fail(err, QF_RANGE, "book: column %s has a value or type that cannot be read: CAST it",
                      "账册：列 %s 的值或类型无法读取，请用 CAST 转换", duckdb_column_name(r, j));
        return false;
      }
    if (d->texts.failed) {
      *rc = qf_fail(err, QF_NOMEM, "book: a row is over 64 MiB", "账册：一行超过 64 MiB");
      return false;
    }
    for (idx_t j = 0; j < d->n; j++)
      if (d->cells[j].kind == 4)
        d->cells[j].s = d->texts.data + (uintptr_t)d->cells[j].s;
    if (!fn(ud, d->cells, d->n))
      return false;
  }
  return true;
}

qf_rc qf_dk_result_rows(duckdb_result *r, qf_row_fn *fn, void *ud, qf_err *err)
{
  reader d = {.n = duckdb_column_count(r)};
  qf_rc rc = QF_OK;
  d.cols = calloc(d.n + 1, sizeof *d.cols);
  d.cells = calloc(d.n + 1, sizeof *d.cells);
  qf_buf_init(&d.texts, 64u << 20);
  if (!d.cols || !d.cells)
    rc = qf_fail(err, QF_NOMEM, "book: out of memory", "账册：内存不足");
  for (bool more = !rc; more;) {
    duckdb_data_chunk chunk = duckdb_fetch_chunk(*r);
    if (!chunk)
      break;
    more = read_chunk(r, &d, chunk, fn, ud, &rc, err);
    duckdb_destroy_data_chunk(&chunk);
  }
  qf_buf_fini(&d.texts);
  free(d.cols);
  free(d.cells);
  return rc;
}

/* ---- opening */

static bool set(duckdb_config g, const char *name, const char *value)
{
  return duckdb_set_config(g, name, value) == DuckDBSuccess;
}

/* Everything that could reach outside the data folder is off, and the configuration is locked. A database that may write to one
 * folder can only be told so by SQL (lock_down): until then it is merely not open to extensions. */
static bool configure(const qf_book *b, duckdb_config g, bool open_folder)
{
  char threads[16], memory[24];
  snprintf(threads, sizeof threads, "%u", b->threads);
  snprintf(memory, sizeof memory, "%uMB", b->memory_mb);
  bool ok = set(g, "threads", threads) && set(g, "memory_limit", memory) &&
            set(g, "autoinstall_known_extensions", "false") && set(g, "autoload_known_extensions", "false") &&
            set(g, "allow_unsigned_extensions", "false") && set(g, "allow_community_extensions", "false");
  return ok && (open_folder || (set(g, "enable_external_access", "false") && set(g, "lock_configuration", "true")));
}

static qf_rc lock_down(duckdb_database db, const char *allowed_dir, qf_err *err)
{
  duckdb_connection c = NULL;
  char sql[4300];
  if (strchr(allowed_dir, '\'') || strlen(allowed_dir) > 4200)
    return qf_fail(err, QF_RANGE, "%.100s: not usable as a folder here", "%.100s：此处不能用作目录", allowed_dir);
  if (duckdb_connect(db, &c) != DuckDBSuccess)
    return qf_fail(err, QF_NOMEM, "book: no connection", "账册：无法连接");
  snprintf(sql, sizeof sql, "SET allowed_directories = ['%s']", allowed_dir);
  qf_rc rc = qf_dk_exec(c, sql, err);
  if (!rc)
    rc = qf_dk_exec(c, "SET enable_external_access = false", err);
  if (!rc)
    rc = qf_dk_exec(c, "SET lock_configuration = true", err);
  duckdb_disconnect(&c);
  return rc;
}

qf_rc qf_dk_open(const qf_book *b, const char *path, const char *allowed_dir, duckdb_database *out, char **message,
                 qf_err *err)
{
  duckdb_config g = NULL;
  *message = NULL;
  if (duckdb_create_config(&g) != DuckDBSuccess)
    return qf_fail(err, QF_NOMEM, "book: out of memory", "账册：内存不足");
  qf_rc rc = QF_OK;
  if (!configure(b, g, allowed_dir != NULL))
    rc = qf_fail(err, QF_STATE, "book: the SQL engine refused its configuration", "账册：SQL 引擎拒绝其配置");
  else if (duckdb_open_ext(path, out, g, message) != DuckDBSuccess)
    rc = qf_fail(err, QF_CORRUPT, "%.80s: %.150s", "%.80s：%.150s", path ? path : "memory",
                 *message ? *message : "cannot be opened");
  duckdb_destroy_config(&g);
  if (!rc)
    rc = qf_law_register(*out, err);
  return rc || !allowed_dir ? rc : lock_down(*out, allowed_dir, err);
}
