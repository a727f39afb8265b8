/* Readings to Parquet through a DuckDB of its own, in memory, that may write into the one folder the file goes to and nowhere
 * else. Rows stream through a table function: memory does not grow with their number. Columns: point INTEGER, ts TIMESTAMP
 * (UTC), mant BIGINT, exp TINYINT (value = mant * 10^exp, exact), value DOUBLE (the same, for convenience), flags UTINYINT. */
#include "book/internal.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct source {
  qf_parquet_next *next;
  void *ud;
  bool end;
} source;

static void on_bind(duckdb_bind_info info)
{
  static const struct {
    const char *name;
    duckdb_type type;
  } cols[] = {{"point", DUCKDB_TYPE_INTEGER}, {"ts", DUCKDB_TYPE_TIMESTAMP}, {"mant", DUCKDB_TYPE_BIGINT},
              {"exp", DUCKDB_TYPE_TINYINT},   {"value", DUCKDB_TYPE_DOUBLE}, {"flags", DUCKDB_TYPE_UTINYINT}};
  for (size_t i = 0; i < sizeof cols / sizeof *cols; i++) {
    duckdb_logical_type t = duckdb_create_logical_type(cols[i].type);
    duckdb_bind_add_result_column(info, cols[i].name, t);
    duckdb_destroy_logical_type(&t);
  }
}

static void on_init(duckdb_init_info info)
{
  duckdb_init_set_max_threads(info, 1);
} /* rows keep their order */

static void on_fill(duckdb_function_info info, duckdb_data_chunk out)
{
  source *s = duckdb_function_get_extra_info(info);
  void *col[6];
  for (idx_t j = 0; j < 6; j++)
    col[j] = duckdb_vector_get_data(duckdb_data_chunk_get_vector(out, j));
  idx_t most = duckdb_vector_size(), n = 0;
  uint32_t point;
  qf_reading r;
  while (n < most && !s->end) {
    if (!s->next(s->ud, &point, &r)) {
      s->end = true;
      break;
    }
    ((int32_t *)col[0])[n] = (int32_t)point;
    ((int64_t *)col[1])[n] = r.ts_us;
    ((int64_t *)col[2])[n] = r.v.mant;
    ((int8_t *)col[3])[n] = r.v.exp;
    ((double *)col[4])[n] = qf_num_double(r.v);
    ((uint8_t *)col[5])[n] = r.flags;
    n++;
  }
  duckdb_data_chunk_set_size(out, n);
}

static qf_rc register_source(duckdb_connection c, source *s, qf_err *err)
{
  duckdb_table_function f = duckdb_create_table_function();
  duckdb_table_function_set_name(f, "qf_readings");
  duckdb_table_function_set_extra_info(f, s, NULL);
  duckdb_table_function_set_bind(f, on_bind);
  duckdb_table_function_set_init(f, on_init);
  duckdb_table_function_set_function(f, on_fill);
  duckdb_state ok = duckdb_register_table_function(c, f);
  duckdb_destroy_table_function(&f);
  return ok == DuckDBSuccess
             ? QF_OK
             : qf_fail(err, QF_STATE, "parquet: the SQL engine took no source", "parquet：SQL 引擎未接受数据源");
}

static qf_rc copy_out(qf_book *b, const char *dir, const char *tmp, source *s, qf_err *err)
{
  duckdb_database db = NULL;
  duckdb_connection c = NULL;
  char *message, sql[4500];
  qf_rc rc = qf_dk_open(b, NULL, dir, &db, &message, err);
  duckdb_free(message);
  if (!rc && duckdb_connect(db, &c) != DuckDBSuccess)
    rc = qf_fail(err, QF_NOMEM, "parquet: no connection", "parquet：无法连接");
  if (!rc)
    rc = register_source(c, s, err);
  snprintf(sql, sizeof sql, "COPY (SELECT * FROM qf_readings()) TO '%s' (FORMAT parquet, COMPRESSION zstd)", tmp);
  if (!rc)
    rc = qf_dk_exec(c, sql, err);
  if (c)
    duckdb_disconnect(&c);
  if (db)
    duckdb_close(&db);
  return rc;
}

static qf_rc move_into_place(const char *dir, const char *tmp, const char *path, qf_err *err)
{
  int fd = open(tmp, O_RDONLY | O_CLOEXEC);
  bool ok = fd >= 0 && fsync(fd) == 0;
  if (fd >= 0)
    close(fd);
  ok = ok && rename(tmp, path) == 0;
  if (!ok)
    return qf_fail(err, QF_IO, "%s: %s", "%s：%s", path, strerror(errno));
  fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd >= 0) {
    (void)fsync(fd);
    close(fd);
  }
  return QF_OK;
}

qf_rc qf_book_parquet(qf_book *b, const char *path, qf_parquet_next *next, void *ud, qf_err *err)
{
  char dir[4096], tmp[4300];
  const char *slash = strrchr(path, '/');
  if (strlen(path) > 4000 || !*path || strchr(path, '\'') || strchr(path, '\\'))
    return qf_fail(err, QF_RANGE, "%.100s: not usable as a file name here", "%.100s：此处不能用作文件名", path);
  char given[4096];
  snprintf(given, sizeof given, "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
  if (!*given)
    snprintf(given, sizeof given, "/");
  if (!realpath(given, dir))
    return qf_fail(err, QF_IO, "%.200s: %s", "%.200s：%s", given, strerror(errno));
  snprintf(tmp, sizeof tmp, "%.4095s/.%.100s.new", dir, slash ? slash + 1 : path);
  source s = {next, ud, false};
  qf_rc rc = copy_out(b, dir, tmp, &s, err);
  if (!rc)
    rc = move_into_place(dir, tmp, path, err);
  if (rc)
    (void)unlink(tmp);
  return rc;
}
