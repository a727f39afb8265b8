/* The packs' record types: packs/<area>/records/<type>.sql. The statement is given to a scratch database in memory, and what
 * its catalogue then says - columns, kinds, CHECKs, comments - is the type. The book's tables are made from that, so that no
 * pack text is ever run against the book itself. */
#include "book/internal.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const kernel_columns[] = {"id", "version", "status", "by", "at", "seq"};

qf_rectype *qf_book_type(qf_book *b, const char *name)
{
  for (uint32_t i = 0; name && i < b->ntypes; i++)
    if (strcmp(b->types[i].name, name) == 0)
      return &b->types[i];
  return NULL;
}

static void put_text(char *out, size_t cap, const qf_cell *c)
{
  snprintf(out, cap, "%s", c->kind == 4 ? c->s : "");
}

/* "DECIMAL(18,6)" and its like. */
static bool column_kind(qf_column *c)
{
  static const struct {
    const char *name;
    uint8_t kind, width;
  } known[] = {{"VARCHAR", QF_COL_TEXT, 0}, {"TINYINT", QF_COL_INT, 1}, {"SMALLINT", QF_COL_INT, 2},
               {"INTEGER", QF_COL_INT, 4},  {"BIGINT", QF_COL_INT, 8},  {"DOUBLE", QF_COL_DOUBLE, 0},
               {"BOOLEAN", QF_COL_BOOL, 0}, {"DATE", QF_COL_DATE, 0},   {"TIMESTAMP", QF_COL_TIME, 0}};
  unsigned w, s;
  if (sscanf(c->type, "DECIMAL(%u,%u)", &w, &s) == 2 && w <= 38 && s <= 18) {
    c->kind = QF_COL_DEC;
    c->width = (uint8_t)w;
    c->scale = (uint8_t)s;
    return true;
  }
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (strcmp(c->type, known[i].name) == 0) {
      c->kind = known[i].kind;
      c->width = known[i].width;
      return true;
    }
  return false;
}

/* "zh|en [unit]" -> zh, en, unit; a unit may stand in either half. */
static void read_comment(qf_column *c, const char *text)
{
  qf_packfile_split(text, c->zh, c->en, sizeof c->zh);
  char *halves[2] = {c->zh, c->en};
  for (int i = 0; i < 2; i++) {
    char *open = strrchr(halves[i], '['), *shut = strrchr(halves[i], ']');
    if (!open || !shut || shut < open || shut[1] != 0)
      continue;
    snprintf(c->unit, sizeof c->unit, "%.*s", (int)(shut - open - 1), open + 1);
    while (open > halves[i] && open[-1] == ' ')
      open--;
    *open = 0;
  }
}

typedef struct loading {
  qf_book *b;
  qf_rectype *t; /* of the row that is read */
  qf_rc rc;
  qf_err *err;
} loading;

/* The first cell of a row of the catalogue names its table; a table that is no record type is passed over. */
static bool of_type(loading *l, const qf_cell *table)
{
  if (table->kind != 4)
    return false;
  if (!l->t || strcmp(l->t->name, table->s) != 0)
    l->t = qf_book_type(l->b, table->s);
  return l->t != NULL;
}

static bool on_column(void *ud, const qf_cell *cells, size_t n)
{
  loading *l = ud;
  if (n != 6 || !of_type(l, cells++))
    return n == 6;
  qf_rectype *t = l->t;
  if (t->ncols == QF_BOOK_COLUMNS_MAX) {
    l->rc =
        qf_fail(l->err, QF_SYNTAX, "%.150s: more than %u columns", "%.150s：超过 %u 列", t->path, QF_BOOK_COLUMNS_MAX);
    return false;
  }
  qf_column *c = &t->cols[t->ncols++];
  put_text(c->name, sizeof c->name, &cells[0]);
  put_text(c->type, sizeof c->type, &cells[1]);
  c->required = cells[2].kind == 5 && !cells[2].i;
  c->has_default = cells[3].kind == 4;
  put_text(c->dflt, sizeof c->dflt, &cells[3]);
  if (cells[4].kind == 4)
    read_comment(c, cells[4].s);
  for (size_t i = 0; i < sizeof kernel_columns / sizeof *kernel_columns; i++)
    if (strcmp(c->name, kernel_columns[i]) == 0)
      l->rc = qf_fail(l->err, QF_SYNTAX, "%.150s: column %s is the kernel's own, give yours another name",
                      "%.150s：列名 %s 为内核所用，请改名", t->path, c->name);
  if (!l->rc && (cells[0].kind != 4 || cells[0].len >= sizeof c->name || strchr(c->name, '"')))
    l->rc = qf_fail(l->err, QF_SYNTAX, "%.150s: column name %.40s cannot be used", "%.150s：列名 %.40s 不可用", t->path,
                    c->name);
  if (!l->rc && !column_kind(c))
    l->rc = qf_fail(
        l->err, QF_SYNTAX,
        "%.120s: column %s has type %s; allowed: VARCHAR, integers, DECIMAL(w,s), DOUBLE, BOOLEAN, DATE, TIMESTAMP",
        "%.120s：列 %s 的类型 %s 不允许；可用 VARCHAR、整数、DECIMAL(w,s)、DOUBLE、BOOLEAN、DATE、TIMESTAMP", t->path,
        c->name, c->type);
  return l->rc == QF_OK;
}

static bool on_check(void *ud, const qf_cell *cells, size_t n)
{
  loading *l = ud;
  if (n != 2 || !of_type(l, cells++))
    return n == 2;
  if (cells[0].kind != 4)
    return true;
  if (l->t->nchecks == QF_BOOK_CHECKS_MAX) {
    l->rc = qf_fail(l->err, QF_SYNTAX, "%.150s: more than %u CHECKs", "%.150s：CHECK 超过 %u 个", l->t->path,
                    QF_BOOK_CHECKS_MAX);
    return false;
  }
  l->t->checks[l->t->nchecks] = strdup(cells[0].s);
  if (l->t->checks[l->t->nchecks])
    l->t->nchecks++;
  else
    l->rc = qf_fail(l->err, QF_NOMEM, "out of memory", "内存不足");
  return l->rc == QF_OK;
}

static bool on_default(void *ud, const qf_cell *cells, size_t n)
{
  qf_column *c = ud;
  (void)n;
  c->has_default = cells[0].kind == 4;
  put_text(c->dflt, sizeof c->dflt, &cells[0]);
  return false;
}

/* A default is evaluated once, here: a record means the same on every replay. */
static qf_rc fix_defaults(loading *l)
{
  qf_rc rc = QF_OK;
  for (uint32_t i = 0; !rc && i < l->t->ncols; i++) {
    qf_column *c = &l->t->cols[i];
    if (!c->has_default)
      continue;
    char sql[400];
    snprintf(sql, sizeof sql, "SELECT CAST(CAST((%s) AS %s) AS VARCHAR)", c->dflt, c->type);
    rc = qf_dk_rows(l->b->sc, sql, on_default, c, l->err);
  }
  return rc;
}

/* SELECT (check1), (check2).. FROM (SELECT CAST(?1 AS type) AS "col", ...): which CHECK refuses a row, without storing it. */
static qf_rc make_probe(loading *l)
{
  qf_rectype *t = l->t;
  qf_buf q;
  qf_buf_init(&q, 1u << 20);
  qf_buf_puts(&q, "SELECT TRUE");
  for (uint32_t i = 0; i < t->nchecks; i++)
    qf_buf_printf(&q, ", CAST((%s) AS BOOLEAN)", t->checks[i]);
  qf_buf_puts(&q, " FROM (SELECT ");
  for (uint32_t i = 0; i < t->ncols; i++)
    qf_buf_printf(&q, "%sCAST(?%u AS %s) AS \"%s\"", i ? ", " : "", i + 1, t->cols[i].type, t->cols[i].name);
  qf_buf_puts(&q, ")");
  qf_rc rc = QF_OK;
  if (q.failed || duckdb_prepare(l->b->sc, q.data, &t->probe) != DuckDBSuccess)
    rc = qf_fail(l->err, QF_SYNTAX, "%.120s: its CHECKs cannot be tried: %.100s", "%.120s：CHECK 无法试算：%.100s",
                 t->path, t->probe ? duckdb_prepare_error(t->probe) : "too long");
  qf_buf_fini(&q);
  return rc;
}

/* All types at once: to ask the catalogue for one costs as much as for all. */
static qf_rc read_catalogue(qf_book *b, qf_err *err)
{
  loading l = {b, NULL, QF_OK, err};
  qf_rc rc = qf_dk_rows(b->sc,
                        "SELECT table_name, column_name, data_type, is_nullable, column_default, comment "
                        "FROM duckdb_columns() WHERE NOT internal ORDER BY table_name, column_index",
                        on_column, &l, err);
  if (!rc && !l.rc)
    rc = qf_dk_rows(b->sc,
                    "SELECT table_name, expression FROM duckdb_constraints() WHERE constraint_type = 'CHECK' "
                    "ORDER BY table_name, constraint_index",
                    on_check, &l, err);
  rc = rc ? rc : l.rc;
  for (uint32_t i = 0; !rc && i < b->ntypes; i++) {
    l.t = &b->types[i];
    if (l.t->ncols == 0)
      rc = qf_fail(err, QF_SYNTAX, "%.150s: makes no table named %s", "%.150s：没有建立名为 %s 的表", l.t->path,
                   l.t->name);
    if (!rc)
      rc = fix_defaults(&l);
    if (!rc)
      rc = make_probe(&l);
  }
  return rc;
}

static void read_header(qf_rectype *t, const qf_packfile *f)
{
  char both[400];
  qf_packfile_get(f, "title", both, sizeof both);
  qf_packfile_split(*both ? both : t->name, t->title_zh, t->title_en, sizeof t->title_zh);
  qf_packfile_get(f, "file", t->file, sizeof t->file);
  qf_packfile_get(f, "review", t->review, sizeof t->review);
  qf_packfile_get(f, "key", t->key, sizeof t->key);
  qf_packfile_get(f, "due", t->due, sizeof t->due);
  qf_packfile_get(f, "evidence", t->evidence, sizeof t->evidence);
  qf_packfile_get(f, "flow", t->flow, sizeof t->flow);
  qf_packfile_get(f, "sheet", t->sheet, sizeof t->sheet);
  qf_packfile_get(f, "gives", t->gives, sizeof t->gives);
  qf_packfile_get(f, "join", t->join, sizeof t->join);
  qf_packfile_get(f, "api", t->api, sizeof t->api);
  qf_packfile_get(f, "owes", t->owes, sizeof t->owes);
}

static void free_type(qf_rectype *t)
{
  for (uint32_t i = 0; i < t->nchecks; i++)
    free(t->checks[i]);
  free(t->checks);
  free(t->cols);
  qf_buf_fini(&t->pending);
  if (t->probe)
    duckdb_destroy_prepare(&t->probe);
}

const char *qf_book_type_name(const qf_book *b, uint32_t index)
{
  return index < b->ntypes ? b->types[index].name : NULL;
}

static qf_rectype *new_type(qf_book *b)
{
  if (b->ntypes == QF_BOOK_TYPES_MAX)
    return NULL;
  if (b->ntypes == b->types_cap) {
    uint32_t cap = b->types_cap ? b->types_cap * 2 : 32;
    qf_rectype *p = realloc(b->types, cap * sizeof *p);
    if (!p)
      return NULL;
    b->types = p;
    b->types_cap = cap;
  }
  qf_rectype *t = &b->types[b->ntypes];
  *t = (qf_rectype){0};
  t->cols = calloc(QF_BOOK_COLUMNS_MAX, sizeof *t->cols);
  t->checks = calloc(QF_BOOK_CHECKS_MAX, sizeof *t->checks);
  qf_buf_init(&t->pending, (size_t)1 << 30);
  if (!t->cols || !t->checks) {
    free_type(t);
    return NULL;
  }
  b->ntypes++;
  return t;
}

typedef struct where {
  qf_book *b;
  const char *area;
} where;

static qf_rc load_type(void *ud, const char *dir, const char *name, qf_err *err)
{
  where *w = ud;
  char path[4400], type[64];
  static const char gives[] = ".gives.sql"; /* what accepted rows give: read where filings are, not a type */
  if (strlen(name) > sizeof gives && strcmp(name + strlen(name) - sizeof gives + 1, gives) == 0)
    return QF_OK;
  snprintf(path, sizeof path, "%s/%s", dir, name);
  snprintf(type, sizeof type, "%.*s", (int)(strlen(name) - 4), name);
  if (strlen(name) - 4 >= sizeof type || strspn(type, "abcdefghijklmnopqrstuvwxyz0123456789_") != strlen(type))
    return qf_fail(err, QF_SYNTAX, "%.200s: a record type's name is a-z 0-9 _", "%.200s：记录类型名只可用 a-z 0-9 _",
                   path);
  if (qf_book_type(w->b, type))
    return qf_fail(err, QF_SYNTAX, "%.200s: type %.60s is in another pack too", "%.200s：类型 %.60s 在另一包中已有",
                   path, type);
  qf_packfile f;
  qf_rc rc = qf_packfile_read(path, &f, err);
  if (rc)
    return rc;
  qf_rectype *t = new_type(w->b);
  if (!t) {
    qf_packfile_fini(&f);
    return qf_fail(err, QF_NOMEM, "%.150s: out of memory, or more than %u record types",
                   "%.150s：内存不足，或记录类型超过 %u 个", path, QF_BOOK_TYPES_MAX);
  }
  snprintf(t->name, sizeof t->name, "%.63s", type);
  snprintf(t->area, sizeof t->area, "%.63s", w->area);
  snprintf(t->path, sizeof t->path, "%.511s", path);
  read_header(t, &f);
  duckdb_result r;
  if (duckdb_query(w->b->sc, f.sql, &r) != DuckDBSuccess)
    rc = qf_fail(err, QF_SYNTAX, "%.110s: %.120s", "%.110s：%.120s", path, duckdb_result_error(&r));
  duckdb_destroy_result(&r);
  qf_packfile_fini(&f);
  return rc;
}

static qf_rc load_area(void *ud, const char *dir, const char *name, qf_err *err)
{
  where w = {ud, name};
  char path[4400];
  snprintf(path, sizeof path, "%s/%s/records", dir, name);
  return qf_packdir_each(path, ".sql", load_type, &w, err);
}

qf_rc qf_book_types_load(qf_book *b, qf_err *err)
{
  qf_rc rc = qf_dk_exec(b->sc, "BEGIN", err);
  if (!rc)
    rc = qf_packdir_each(b->packs, "", load_area, b, err);
  if (!rc)
    rc = qf_dk_exec(b->sc, "COMMIT", err);
  return rc ? rc : read_catalogue(b, err);
}

void qf_book_types_free(qf_book *b)
{
  for (uint32_t i = 0; i < b->ntypes; i++)
    free_type(&b->types[i]);
  free(b->types);
  b->types = NULL;
  b->ntypes = b->types_cap = 0;
}

static void put_table(const qf_rectype *t, const char *suffix, bool checks, qf_buf *q)
{
  qf_buf_printf(q, "CREATE TABLE IF NOT EXISTS rec_%s%s (id VARCHAR NOT NULL", t->name, suffix);
  for (uint32_t i = 0; i < t->ncols; i++)
    qf_buf_printf(q, ", \"%s\" %s%s", t->cols[i].name, t->cols[i].type, t->cols[i].required ? " NOT NULL" : "");
  qf_buf_puts(q, ", version INTEGER NOT NULL, status VARCHAR NOT NULL, \"by\" VARCHAR NOT NULL, \"at\" TIMESTAMP, seq "
                 "BIGINT NOT NULL");
  for (uint32_t i = 0; checks && i < t->nchecks; i++)
    qf_buf_printf(q, ", CHECK (%s)", t->checks[i]);
  qf_buf_puts(q, ");\n");
}

void qf_book_types_ddl(const qf_book *b, qf_buf *sql)
{
  for (uint32_t i = 0; i < b->ntypes; i++) {
    put_table(&b->types[i], "", true, sql);
    put_table(&b->types[i], "_history", true, sql);
  }
}

static void put_pair(qf_buf *out, const char *name, const char *zh, const char *en)
{
  qf_buf_printf(out, ",\"%s\":{\"zh\":", name);
  qf_buf_json(out, zh, strlen(zh));
  qf_buf_puts(out, ",\"en\":");
  qf_buf_json(out, en, strlen(en));
  qf_buf_putc(out, '}');
}

static void put_member(qf_buf *out, const char *name, const char *value)
{
  qf_buf_printf(out, ",\"%s\":", name);
  qf_buf_json(out, value, strlen(value));
}

qf_rc qf_book_types_json(qf_book *b, qf_buf *out, qf_err *err)
{
  qf_buf_putc(out, '[');
  for (uint32_t i = 0; i < b->ntypes; i++) {
    const qf_rectype *t = &b->types[i];
    qf_buf_printf(out, "%s{\"type\":\"%s\",\"area\":\"%s\"", i ? "," : "", t->name, t->area);
    put_pair(out, "title", t->title_zh, t->title_en);
    put_member(out, "file", t->file);
    put_member(out, "review", t->review);
    put_member(out, "key", t->key);
    put_member(out, "due", t->due);
    put_member(out, "evidence", t->evidence);
    put_member(out, "flow", t->flow);
    put_member(out, "sheet", t->sheet);
    put_member(out, "gives", t->gives);
    put_member(out, "join", t->join);
    put_member(out, "api", t->api);
    put_member(out, "owes", t->owes);
    qf_buf_puts(out, ",\"columns\":[");
    for (uint32_t j = 0; j < t->ncols; j++) {
      const qf_column *c = &t->cols[j];
      qf_buf_printf(out, "%s{\"name\":\"%s\",\"type\":\"%s\",\"required\":%s", j ? "," : "", c->name, c->type,
                    c->required && !c->has_default ? "true" : "false");
      put_pair(out, "title", c->zh, c->en);
      put_member(out, "unit", c->unit);
      if (c->has_default)
        put_member(out, "default", c->dflt);
      qf_buf_putc(out, '}');
    }
    qf_buf_puts(out, "],\"checks\":[");
    for (uint32_t j = 0; j < t->nchecks; j++) {
      qf_buf_puts(out, j ? "," : "");
      qf_buf_json(out, t->checks[j], strlen(t->checks[j]));
    }
    qf_buf_puts(out, "]}");
  }
  qf_buf_putc(out, ']');
  return out->failed ? qf_fail(err, QF_NOMEM, "answer too long", "结果过长") : QF_OK;
}
