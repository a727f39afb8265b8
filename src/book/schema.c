/* The book's tables (docs/internals/data-model.md) and what is derived from records: view pt, table factor_month.
 * A table whose definition has changed since the file was written makes the whole file outdated: it is a projection. */
#include "book/internal.h"
#include <stdio.h>
#include <string.h>

const char *const qf_book_core_ddl =
    "CREATE TABLE IF NOT EXISTS book_meta (name VARCHAR NOT NULL, value VARCHAR NOT NULL);\n"
    "CREATE TABLE IF NOT EXISTS series (point INTEGER NOT NULL, key VARCHAR NOT NULL, seq BIGINT NOT NULL);\n"
    "CREATE TABLE IF NOT EXISTS interval_hour (point INTEGER NOT NULL, hour TIMESTAMP NOT NULL, q1 DECIMAL(18,6), q2 "
    "DECIMAL(18,6), "
    "q3 DECIMAL(18,6), q4 DECIMAL(18,6), s1 UTINYINT NOT NULL, s2 UTINYINT NOT NULL, s3 UTINYINT NOT NULL, s4 UTINYINT "
    "NOT NULL, "
    "rules UINTEGER NOT NULL, readings USMALLINT NOT NULL, lo DECIMAL(18,6), hi DECIMAL(18,6));\n"
    "CREATE TABLE IF NOT EXISTS account_day (point INTEGER NOT NULL, day DATE NOT NULL, value DECIMAL(18,6), estimated "
    "DECIMAL(18,6), "
    "quarters UTINYINT NOT NULL, quarters_estimated UTINYINT NOT NULL, peak DECIMAL(18,6), peak_at TIMESTAMP, rules "
    "UINTEGER NOT NULL);\n"
    "CREATE TABLE IF NOT EXISTS alarm (point INTEGER NOT NULL, kind UTINYINT NOT NULL, active BOOLEAN NOT NULL, \"at\" "
    "TIMESTAMP NOT NULL, "
    "value DOUBLE, lim DOUBLE, seq BIGINT NOT NULL);\n"
    "CREATE TABLE IF NOT EXISTS event (seq BIGINT NOT NULL, \"at\" TIMESTAMP NOT NULL, kind VARCHAR NOT NULL, body "
    "VARCHAR NOT NULL);\n"
    "CREATE TABLE IF NOT EXISTS factor_month (factor VARCHAR NOT NULL, month INTEGER NOT NULL, id VARCHAR NOT NULL, "
    "version INTEGER, "
    "value DECIMAL(18,9) NOT NULL, outside BOOLEAN NOT NULL);\n";

static void digest(const char *text, size_t n, char hex[65])
{
  uint8_t sha[32];
  qf_sha256(text, n, sha);
  qf_hex(sha, 32, hex);
}

typedef struct known {
  char want[65];
  bool found, same;
} known;

static bool on_meta(void *ud, const qf_cell *cells, size_t n)
{
  known *k = ud;
  (void)n;
  k->found = true;
  k->same = cells[0].kind == 4 && strcmp(cells[0].s, k->want) == 0;
  return false;
}

/* One definition against what the file was made with; makes it when it is new. */
static qf_rc ensure(qf_book *b, const char *name, const char *ddl, bool *outdated, qf_err *err)
{
  known k = {.found = false};
  char sql[300];
  digest(ddl, strlen(ddl), k.want);
  snprintf(sql, sizeof sql, "SELECT value FROM book_meta WHERE name = 'ddl:%s'", name);
  qf_rc rc = qf_dk_rows(b->w, sql, on_meta, &k, err);
  if (rc || k.found) {
    if (!rc && !k.same)
      *outdated = true;
    return rc;
  }
  rc = qf_dk_exec(b->w, ddl, err);
  if (!rc && strcmp(name, "core") == 0)
    rc = qf_dk_exec(b->w, "INSERT INTO book_meta VALUES ('applied_seq', '0')", err);
  snprintf(sql, sizeof sql, "INSERT INTO book_meta VALUES ('ddl:%s', '%s')", name, k.want);
  return rc ? rc : qf_dk_exec(b->w, sql, err);
}

static qf_rc ensure_types(qf_book *b, bool *outdated, qf_err *err)
{
  qf_buf all;
  qf_buf_init(&all, 8u << 20);
  qf_book_types_ddl(b, &all);
  qf_rc rc = all.failed ? qf_fail(err, QF_NOMEM, "out of memory", "内存不足") : QF_OK;
  char *p = all.data;
  for (uint32_t i = 0; !rc && i < b->ntypes; i++) { /* two lines a type: newest and history */
    char *end = strchr(strchr(p, '\n') + 1, '\n');
    *end = 0;
    rc = ensure(b, b->types[i].name, p, outdated, err);
    p = end + 1;
  }
  qf_buf_fini(&all);
  return rc;
}

static qf_rc make_views(qf_book *b, qf_err *err)
{
  qf_rc rc = qf_dk_exec(b->w, "CREATE OR REPLACE VIEW point_id AS SELECT key, point FROM series", err);
  if (!rc && qf_book_type(b, "point"))
    rc = qf_dk_exec(
        b->w, "CREATE OR REPLACE VIEW pt AS SELECT p.*, s.point FROM rec_point p JOIN series s ON s.key = p.id", err);
  /* Where rows wait for a commit; they live in memory only. */
  static const char *const temp[] = {"CREATE TEMP TABLE pend_hour AS SELECT * FROM interval_hour LIMIT 0",
                                     "CREATE TEMP TABLE pend_day AS SELECT * FROM account_day LIMIT 0",
                                     "CREATE TEMP TABLE pend_restart (point INTEGER, h TIMESTAMP, d DATE)",
                                     "CREATE TEMP TABLE pend_id (id VARCHAR)"};
  for (size_t i = 0; !rc && i < sizeof temp / sizeof *temp; i++)
    rc = qf_dk_exec(b->w, temp[i], err);
  return rc;
}

static bool on_applied(void *ud, const qf_cell *cells, size_t n)
{
  (void)n;
  if (cells[0].kind == 1)
    *(uint64_t *)ud = (uint64_t)cells[0].i;
  return false;
}

qf_rc qf_book_schema_ensure(qf_book *b, bool *outdated, qf_err *err)
{
  *outdated = false;
  const char *first = strchr(qf_book_core_ddl, '\n') + 1;
  char meta[200];
  snprintf(meta, sizeof meta, "%.*s", (int)(first - qf_book_core_ddl), qf_book_core_ddl);
  qf_rc rc = qf_dk_exec(b->w, "BEGIN", err);
  if (!rc)
    rc = qf_dk_exec(b->w, meta, err);
  if (!rc)
    rc = ensure(b, "core", qf_book_core_ddl, outdated, err);
  if (!rc && !*outdated)
    rc = ensure_types(b, outdated, err);
  if (rc || *outdated) {
    qf_dk_try(b->w, "ROLLBACK");
    return rc;
  }
  rc = make_views(b, err);
  if (!rc)
    rc = qf_dk_exec(b->w, "COMMIT", err);
  uint64_t applied = 0;
  if (!rc)
    rc = qf_dk_rows(b->w, "SELECT CAST(value AS BIGINT) FROM book_meta WHERE name = 'applied_seq'", on_applied,
                    &applied, err);
  atomic_store(&b->applied, applied);
  return rc;
}

/* factor_month: for each month the edition valid on its first day (the highest edition if several are); if none is, the nearest
 * in days, with `outside` set. Kept as a table and made again whenever a factor changes, because every indicator reads it. */
qf_rc qf_book_factor_months(qf_book *b, qf_err *err)
{
  if (!qf_book_type(b, "factor"))
    return QF_OK;
  qf_rc rc = qf_dk_exec(b->w, "DELETE FROM factor_month", err);
  if (rc)
    return rc;
  return qf_dk_exec(
      b->w,
      "INSERT INTO factor_month SELECT factor, month, id, version, value, dist > 0 FROM ("
      "SELECT factor, month, id, version, value, dist, row_number() OVER (PARTITION BY factor, month ORDER BY dist, "
      "version DESC, id) AS rn "
      "FROM (SELECT f.factor, m.month, f.id, TRY_CAST(split_part(f.id, '@', -1) AS INTEGER) AS version, f.value, "
      "CASE WHEN m.day < f.valid_from THEN f.valid_from - m.day "
      "WHEN f.valid_to IS NOT NULL AND m.day >= f.valid_to THEN m.day - f.valid_to + 1 ELSE 0 END AS dist "
      "FROM rec_factor f CROSS JOIN (SELECT CAST(x AS INTEGER) AS month, make_date(CAST(x // 12 AS INTEGER), CAST(x % "
      "12 AS INTEGER) + 1, 1) "
      "AS day FROM range(2015 * 12, 2036 * 12) AS r(x)) AS m) AS d) AS e WHERE rn = 1 ORDER BY factor, month",
      err);
}
