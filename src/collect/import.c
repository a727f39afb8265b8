#include "collect/import.h"
#include "wire/map.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define BLOCK ((size_t)256 << 10)
#define BATCH_ROWS 200000u
#define ERRORS_MAX 200u

typedef struct job {
  qf_city *c;
  qf_map *map;
  qf_map_run *run;
  uint32_t *ids; /* our ids of the map's points */
  qf_batch batch;
  qf_buf errors; /* JSON objects, comma separated */
  uint32_t nerrors;
  uint64_t before; /* flagged by the meter before */
  qf_map_stats stats;
  qf_import_progress *progress;
  void *ud;
} job;

static qf_rc slurp(const char *path, qf_buf *out, qf_err *err)
{
  char block[16384];
  FILE *f = fopen(path, "rb");
  if (!f)
    return qf_fail(err, QF_IO, "%.180s: %s", "%.180s：%s", path, strerror(errno));
  for (size_t n; (n = fread(block, 1, sizeof block, f)) > 0;)
    qf_buf_put(out, block, n);
  bool ok = !ferror(f) && !out->failed;
  fclose(f);
  return ok ? QF_OK
            : qf_fail(err, QF_IO, "%.180s: cannot be read, or larger than 1 MiB", "%.180s：无法读取，或大于 1 MiB",
                      path);
}

static bool found(void *ud, const qf_cell *c, size_t n)
{
  (void)c;
  *(bool *)ud = n == 1;
  return false;
}

static qf_rc describe(job *j, qf_err *err)
{
  qf_buf text;
  size_t n;
  qf_buf_init(&text, (size_t)8 << 20);
  qf_map_records(j->map, "import", &text);
  json_t *all = text.failed
                    ? NULL
                    : json_loadb(text.data ? text.data : "[]", text.data ? text.len : 2, JSON_REJECT_DUPLICATES, NULL);
  qf_buf_fini(&text);
  if (!all)
    return qf_fail(err, QF_NOMEM, "the map's records could not be made", "映射中的记录无法生成");
  json_t *fresh = json_array();
  size_t i;
  json_t *rec;
  json_array_foreach(all, i, rec)
  {
    /* A subject or point that is known stays as it is: people may have corrected it since. */
    const char *type = json_string_value(json_object_get(rec, "type")),
               *id = json_string_value(json_object_get(rec, "id"));
    qf_param p = {.kind = 4, .s = id};
    bool known = false;
    bool point = type && strcmp(type, "point") == 0;
    qf_rc rc = qf_book_query(
        qf_city_book(j->c), point ? "SELECT 1 FROM rec_point WHERE id = ?1" : "SELECT 1 FROM rec_subject WHERE id = ?1",
        &p, 1, found, &known, err);
    if (rc) {
      json_decref(fresh);
      json_decref(all);
      return rc;
    }
    if (!known)
      json_array_append(fresh, rec);
  }
  qf_rc rc = json_array_size(fresh) ? qf_city_records(j->c, fresh, NULL, err) : QF_OK;
  json_decref(fresh);
  json_decref(all);
  const qf_map_point *pts = qf_map_points(j->map, &n);
  j->ids = calloc(n ? n : 1, sizeof *j->ids);
  for (size_t k = 0; !rc && k < n; k++)
    rc = j->ids ? qf_city_series(j->c, pts[k].series, strlen(pts[k].series), &j->ids[k], err) : QF_NOMEM;
  return rc;
}

static void note_refusal(job *j, const qf_map_row *row)
{
  if (j->nerrors++ >= ERRORS_MAX)
    return;
  qf_buf *b = &j->errors;
  qf_buf_printf(b, "%s{\"line\":%llu,\"column\":", b->len ? "," : "", (unsigned long long)row->line);
  qf_buf_json(b, row->column ? row->column : "", row->column ? strlen(row->column) : 0);
  qf_buf_puts(b, ",\"found\":");
  qf_buf_json(b, row->found ? row->found : "", row->found ? strlen(row->found) : 0);
  qf_buf_puts(b, ",\"message\":");
  qf_buf_json(b, row->why.en, strlen(row->why.en));
  qf_buf_puts(b, ",\"message_zh\":");
  qf_buf_json(b, row->why.zh, strlen(row->why.zh));
  qf_buf_putc(b, '}');
}

static qf_rc send(job *j, qf_err *err)
{
  return j->batch.n ? qf_city_ingest_wait(j->c, &j->batch, NULL, err) : QF_OK;
}

static qf_rc take_row(job *j, const qf_map_row *row, qf_err *err)
{
  if (row->refused)
    note_refusal(j, row);
  qf_rc rc = qf_batch_reserve(&j->batch, (uint32_t)row->n);
  for (size_t i = 0; !rc && i < row->n; i++) {
    const qf_map_reading *m = &row->readings[i];
    if (m->text)
      rc = qf_city_text(j->c, j->ids[m->point], m->ts_us, m->text, m->text_len, err);
    else
      qf_batch_add(&j->batch, j->ids[m->point], m->ts_us, m->v, m->flags);
  }
  return rc || j->batch.n < BATCH_ROWS ? rc : send(j, err);
}

static qf_rc feed(job *j, const char *bytes, size_t n, bool last, qf_err *err)
{
  qf_map_row row;
  qf_rc rc;
  qf_map_put(j->run, bytes, n, last);
  while ((rc = qf_map_next(j->run, &row, err)) == QF_OK && (rc = take_row(j, &row, err)) == QF_OK) {
  }
  return rc == QF_PARTIAL || (rc == QF_NOTFOUND && last) ? QF_OK : rc;
}

static qf_rc read_file(job *j, const char *path, qf_import_progress *progress, void *ud, qf_err *err)
{
  struct stat st;
  FILE *f = fopen(path, "rb");
  char *block = malloc(BLOCK);
  if (!f || !block || fstat(fileno(f), &st) != 0) {
    qf_rc rc = qf_fail(err, QF_IO, "%.180s: %s", "%.180s：%s", path, strerror(errno));
    if (f)
      fclose(f);
    free(block);
    return rc;
  }
  qf_rc rc = QF_OK;
  uint64_t done = 0;
  for (bool last = false; !rc && !last;) {
    size_t n = fread(block, 1, BLOCK, f);
    last = n < BLOCK;
    done += n;
    rc = feed(j, block, n, last, err);
    qf_map_stats s;
    qf_map_get_stats(j->run, &s);
    if (progress)
      progress(ud, s.rows, st.st_size ? (double)done / (double)st.st_size : 1);
  }
  if (!rc && ferror(f))
    rc = qf_fail(err, QF_IO, "%.180s: cannot be read", "%.180s：无法读取", path);
  fclose(f);
  free(block);
  return rc ? rc : send(j, err);
}

/* What the meter has flagged of the imported points: readings it refused or warned of. */
static uint64_t flagged(job *j)
{
  size_t n;
  uint64_t sum = 0;
  (void)qf_map_points(j->map, &n);
  for (size_t i = 0; i < n; i++) {
    qf_point_live p;
    if (qf_meter_get(qf_city_meter(j->c), j->ids[i], &p))
      sum += p.refused + p.conflicts + p.duplicates;
  }
  return sum;
}

static void report(job *j, const char *path, uint64_t before, qf_buf *b)
{
  qf_map_stats s;
  qf_map_get_stats(j->run, &s);
  j->stats = s;
  qf_buf_puts(b, "{\"file\":");
  qf_buf_json(b, path, strlen(path));
  qf_buf_printf(b,
                ",\"rows\":%llu,\"taken\":%llu,\"refused\":%llu,\"passed_over\":%llu,\"readings\":%llu,\"empty_cells\":"
                "%llu,\"flagged\":%llu",
                (unsigned long long)s.rows, (unsigned long long)s.taken, (unsigned long long)s.refused,
                (unsigned long long)s.passed, (unsigned long long)s.readings, (unsigned long long)s.empty,
                (unsigned long long)(flagged(j) - before));
  if (s.taken) {
    qf_buf_puts(b, ",\"from\":\"");
    qf_tm_write(b, s.from_us);
    qf_buf_puts(b, "\",\"to\":\"");
    qf_tm_write(b, s.to_us);
    qf_buf_putc(b, '"');
  }
  qf_buf_printf(b, ",\"cut_end\":%s,\"errors\":[%s]}", s.open_end ? "true" : "false",
                j->errors.len ? j->errors.data : "");
}

/* t->bytes NULL: read the file called t->name. */
static qf_rc run(job *j, const char *map_path, const qf_import_text *t, qf_err *err)
{
  qf_buf ini;
  qf_buf_init(&ini, QF_MAP_MAX);
  qf_rc rc = slurp(map_path, &ini, err);
  if (!rc)
    rc = qf_map_parse(ini.data ? ini.data : "", ini.len, &j->map, err);
  qf_buf_fini(&ini);
  if (!rc)
    rc = describe(j, err);
  if (!rc)
    rc = qf_map_start(j->map, &j->run, err);
  if (rc)
    return rc;
  j->before = flagged(j);
  if (t->bytes) {
    rc = feed(j, t->bytes, t->len, true, err);
    return rc ? rc : send(j, err);
  }
  return read_file(j, t->name, j->progress, j->ud, err);
}

static qf_rc import(job *j, const char *map_path, const qf_import_text *t, qf_buf *out, qf_err *err)
{
  qf_buf_init(&j->errors, (size_t)4 << 20);
  qf_batch_init(&j->batch);
  qf_rc rc = run(j, map_path, t, err);
  if (!rc)
    rc = qf_city_settle(j->c, err);
  if (!rc) {
    size_t from = out->len;
    report(j, t->name, j->before, out);
    json_t *e = json_object();
    json_object_set_new(e, "kind", json_string("import"));
    json_object_set_new(e, "report", json_loadb(out->data + from, out->len - from, 0, NULL));
    rc = qf_city_event(j->c, e, NULL, err);
    json_decref(e);
  }
  qf_map_stop(j->run);
  qf_map_free(j->map);
  qf_batch_fini(&j->batch);
  qf_buf_fini(&j->errors);
  free(j->ids);
  return rc;
}

qf_rc qf_import_readings(qf_city *c, const char *map_path, const char *file_path, qf_import_progress *progress,
                         void *ud, qf_buf *out, qf_err *err)
{
  job j = {.c = c, .progress = progress, .ud = ud};
  return import(&j, map_path, &(qf_import_text){.name = file_path}, out, err);
}

qf_rc qf_import_bytes(qf_city *c, const char *map_path, const qf_import_text *t, qf_map_stats *stats, qf_buf *out,
                      qf_err *err)
{
  job j = {.c = c};
  qf_rc rc = import(&j, map_path, t, out, err);
  *stats = j.stats;
  return rc;
}
