/* Records from the packs' CSV files, each row one record, the column `id` its id: what an empty city begins with (the files that
 * packs name in [data] of their pack.ini), and the sample records of a demonstration city (sample/<type>.csv, filed by `sample`). */
#include "city/internal.h"
#include "wire/csv.h"
#include <dirent.h>
#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct seed {
  qf_city *c;
  const char *by; /* who files them */
  char area_dir[4200];
  json_t *records;
  qf_err *err;
  qf_rc rc;
} seed;

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
  return ok ? QF_OK : qf_fail(err, QF_IO, "%.180s: cannot be read", "%.180s：无法读取", path);
}

static json_t *record_of(const char *by, const char *type, char (*names)[64], size_t n, const qf_csv_row *row)
{
  json_t *rec = json_object(), *data = json_object();
  json_object_set_new(rec, "type", json_string(type));
  json_object_set_new(rec, "by", json_string(by));
  for (size_t i = 0; i < n && i < row->n; i++) {
    if (row->f[i].len == 0)
      continue; /* an empty cell is an unknown value */
    if (strcmp(names[i], "id") == 0)
      json_object_set_new(rec, "id", json_stringn(row->f[i].s, row->f[i].len));
    else
      json_object_set_new(data, names[i], json_stringn(row->f[i].s, row->f[i].len));
  }
  json_object_set_new(rec, "data", data);
  return rec;
}

static qf_rc read_rows(seed *s, const char *path, const char *type, qf_buf *text)
{
  char names[64][64];
  size_t n = 0;
  qf_csv *csv;
  qf_csv_row row;
  const char *p = text->data ? text->data : "";
  size_t len = text->len;
  if (len >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0) {
    p += 3;
    len -= 3;
  }
  qf_rc rc = qf_csv_new(NULL, &csv, s->err);
  if (rc)
    return rc;
  qf_csv_put(csv, p, len, true);
  while ((rc = qf_csv_next(csv, &row, s->err)) == QF_OK) {
    if (n == 0) {
      for (; n < row.n && n < 64; n++)
        snprintf(names[n], sizeof names[n], "%.*s", (int)row.f[n].len, row.f[n].s);
      continue;
    }
    if (row.n != n) {
      rc = qf_fail(s->err, QF_SYNTAX, "%.150s line %llu: %u columns, %zu expected",
                   "%.150s 第 %llu 行：%u 列，应为 %zu 列", path, (unsigned long long)row.line, row.n, n);
      break;
    }
    json_array_append_new(s->records, record_of(s->by, type, names, n, &row));
  }
  qf_csv_free(csv);
  return rc == QF_NOTFOUND ? QF_OK : rc;
}

static int on_ini(void *ud, const char *section, const char *name, const char *value)
{
  seed *s = ud;
  char path[4500];
  if (s->rc || strcmp(section, "data") != 0)
    return 1;
  if (strchr(name, '/') || snprintf(path, sizeof path, "%s/data/%s", s->area_dir, name) >= (int)sizeof path) {
    s->rc = qf_fail(s->err, QF_SYNTAX, "%.150s/pack.ini: not a file name: %.60s", "%.150s/pack.ini：不是文件名：%.60s",
                    s->area_dir, name);
    return 1;
  }
  qf_buf text;
  qf_buf_init(&text, (size_t)16 << 20);
  s->rc = slurp(path, &text, s->err);
  if (!s->rc)
    s->rc = read_rows(s, path, value, &text);
  qf_buf_fini(&text);
  return 1;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
  return strcmp((*a)->d_name, (*b)->d_name);
}

qf_rc qf_city_seed(qf_city *c, qf_err *err)
{
  struct dirent **list = NULL;
  seed s = {.c = c, .by = "pack", .records = json_array(), .err = err};
  int n = scandir(c->packs, &list, NULL, by_name);
  if (n < 0)
    s.rc = qf_fail(err, QF_IO, "%.180s: %s", "%.180s：%s", c->packs, strerror(errno));
  for (int i = 0; i < n; i++) {
    char ini[4400];
    snprintf(s.area_dir, sizeof s.area_dir, "%s/%s", c->packs, list[i]->d_name);
    snprintf(ini, sizeof ini, "%s/pack.ini", s.area_dir);
    FILE *f = !s.rc && list[i]->d_name[0] != '.' ? fopen(ini, "r") : NULL;
    if (f) {
      int line = ini_parse_file(f, on_ini, &s);
      fclose(f);
      if (line > 0 && !s.rc)
        s.rc = qf_fail(err, QF_SYNTAX, "%.180s line %d: not INI", "%.180s 第 %d 行：不是 INI 格式", ini, line);
    }
    free(list[i]);
  }
  free(list);
  if (!s.rc && json_array_size(s.records))
    s.rc = qf_city_records(c, s.records, NULL, err);
  json_decref(s.records);
  return s.rc;
}

/* ---- sample records */

static int csv_only(const struct dirent *e)
{
  size_t n = strlen(e->d_name);
  return e->d_name[0] != '.' && n > 4 && strcmp(e->d_name + n - 4, ".csv") == 0;
}

static bool has_type(qf_book *b, const char *type)
{
  const char *name;
  for (uint32_t i = 0; (name = qf_book_type_name(b, i)); i++)
    if (strcmp(name, type) == 0)
      return true;
  return false;
}

static void read_sample(seed *s, const char *name)
{
  char path[4500], type[64];
  qf_buf text;
  snprintf(path, sizeof path, "%s/%s", s->area_dir, name);
  snprintf(type, sizeof type, "%.*s", (int)(strlen(name) - 4), name);
  if (!has_type(qf_city_book(s->c), type)) {
    s->rc = qf_fail(s->err, QF_SYNTAX, "%.180s: no record type %.60s", "%.180s：没有记录类型 %.60s", path, type);
    return;
  }
  qf_buf_init(&text, (size_t)16 << 20);
  s->rc = slurp(path, &text, s->err);
  if (!s->rc)
    s->rc = read_rows(s, path, type, &text);
  qf_buf_fini(&text);
}

static void read_samples(seed *s)
{
  struct dirent **list = NULL;
  int n = scandir(s->area_dir, &list, csv_only, by_name);
  for (int i = 0; i < n; i++) {
    if (!s->rc)
      read_sample(s, list[i]->d_name);
    free(list[i]);
  }
  if (n >= 0)
    free(list);
}

qf_rc qf_city_sample(qf_city *c, json_t *out, qf_err *err)
{
  struct dirent **list = NULL;
  seed s = {.c = c, .by = "sample", .records = out, .err = err};
  int n = scandir(c->packs, &list, NULL, by_name);
  if (n < 0)
    return qf_fail(err, QF_IO, "%.180s: %s", "%.180s：%s", c->packs, strerror(errno));
  for (int i = 0; i < n; i++) {
    snprintf(s.area_dir, sizeof s.area_dir, "%s/%s/sample", c->packs, list[i]->d_name);
    if (!s.rc && list[i]->d_name[0] != '.')
      read_samples(&s);
    free(list[i]);
  }
  free(list);
  return s.rc;
}
