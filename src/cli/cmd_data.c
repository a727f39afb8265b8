/* import, rebuild, export, backup, restore. */
#include "cli/cli.h"
#include "collect/import.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char import_usage[] = "usage: qingfeng import readings [--data DIR] --map MAP.ini FILE... [--json]\n"
                                   "  the map's format: docs/formats/readings-map.md / 映射文件格式\n";
static const char rebuild_usage[] = "usage: qingfeng rebuild --data DIR\n";
static const char export_usage[] = "usage: qingfeng export readings --data DIR --out FILE.parquet [--from T] [--to T]\n"
                                   "       qingfeng export book --data DIR --out FOLDER\n";
static const char backup_usage[] =
    "usage: qingfeng backup --data DIR --out FOLDER\n       qingfeng restore --from FOLDER --data DIR\n";

static const qf_option options[] = {{"--data", true}, {"--map", true}, {"--json", false}, {"--out", true},
                                    {"--from", true}, {"--to", true},  {"--help", false}};

static bool parse(int argc, char **argv, qf_args *a)
{
  return qf_args_parse(argc, argv, options, sizeof options / sizeof *options, a) && !qf_args_get(a, "--help");
}

static qf_rc open_folder(const char *dir, qf_city **c, qf_err *err)
{
  static time_t last;
  struct stat st;
  if (stat(dir, &st) != 0)
    return qf_fail(err, QF_IO, "%.150s: no such data folder", "%.150s：无此数据目录", dir);
  qf_city_opts o = {.progress = qf_show_progress, .progress_ud = &last};
  return qf_city_open(dir, &o, c, err);
}

/* ---- import */

static void progress(void *ud, uint64_t rows, double share)
{
  (void)rows;
  qf_show_progress(ud, "importing", "导入", share);
}

static int show_import(const qf_buf *out, bool json)
{
  json_t *j = json_loadb(out->data ? out->data : "", out->len, 0, NULL), *e;
  size_t i;
  if (json) {
    puts(out->data);
  } else {
    printf("%s: rows 行 %lld = taken 接收 %lld + refused 拒绝 %lld + passed over 略过 %lld; readings 读数 %lld, "
           "flagged 标记 %lld\n",
           json_string_value(json_object_get(j, "file")), (long long)json_integer_value(json_object_get(j, "rows")),
           (long long)json_integer_value(json_object_get(j, "taken")),
           (long long)json_integer_value(json_object_get(j, "refused")),
           (long long)json_integer_value(json_object_get(j, "passed_over")),
           (long long)json_integer_value(json_object_get(j, "readings")),
           (long long)json_integer_value(json_object_get(j, "flagged")));
    json_array_foreach(json_object_get(j, "errors"), i, e)
        fprintf(stderr, "  %s\n  %s\n", json_string_value(json_object_get(e, "message")),
                json_string_value(json_object_get(e, "message_zh")));
  }
  int code = json_integer_value(json_object_get(j, "refused")) ? QF_EXIT_NO : QF_EXIT_OK;
  json_decref(j);
  return code;
}

static qf_rc import_remote(const char *dir, const char *map, const char *file, qf_buf *out, qf_err *err)
{
  char *m = realpath(map, NULL), *f = realpath(file, NULL);
  int status = 0;
  qf_rc rc = !m || !f ? qf_fail(err, QF_IO, "%.180s: %s", "%.180s：%s", m ? file : map, strerror(errno)) : QF_OK;
  json_t *j = json_pack("{s:s, s:s}", "map", m ? m : "", "file", f ? f : "");
  char *body = json_dumps(j, JSON_COMPACT);
  if (!rc)
    rc = qf_remote(dir, "POST", "/api/v1/import/readings", body, out, &status, err);
  if (!rc && status != 200)
    rc = qf_fail(err, QF_IO, "the server refused: %.200s", "服务器拒绝：%.200s", out->data ? out->data : "");
  free(body);
  json_decref(j);
  free(m);
  free(f);
  return rc;
}

int qf_cmd_import(int argc, char **argv)
{
  qf_args a;
  qf_err err = {0};
  qf_city *c = NULL;
  time_t last = 0;
  if (!parse(argc, argv, &a) || a.nrest < 2 || strcmp(a.rest[0], "readings") != 0 || !qf_args_get(&a, "--map"))
    return qf_usage(import_usage);
  int code = QF_EXIT_OK;
  qf_rc rc = QF_OK;
  for (size_t i = 1; !rc && i < a.nrest; i++) {
    qf_buf out;
    qf_buf_init(&out, (size_t)16 << 20);
    rc = c ? QF_NOTFOUND : import_remote(qf_data_dir(&a), qf_args_get(&a, "--map"), a.rest[i], &out, &err);
    if (rc == QF_NOTFOUND) {
      qf_buf_reset(&out);
      qf_city_opts o = {.progress = qf_show_progress, .progress_ud = &last};
      rc = c ? QF_OK : qf_city_open(qf_data_dir(&a), &o, &c, &err);
      if (!rc)
        rc = qf_import_readings(c, qf_args_get(&a, "--map"), a.rest[i], progress, &last, &out, &err);
    }
    if (!rc) {
      int one = show_import(&out, qf_args_get(&a, "--json") != NULL);
      code = one > code ? one : code;
    }
    qf_buf_fini(&out);
  }
  qf_city_close(c);
  return rc ? qf_trouble(rc, &err) : code;
}

/* ---- rebuild */

int qf_cmd_rebuild(int argc, char **argv)
{
  qf_args a;
  qf_err err = {0};
  time_t last = 0;
  struct stat st;
  if (!parse(argc, argv, &a) || a.nrest)
    return qf_usage(rebuild_usage);
  if (stat(qf_data_dir(&a), &st) != 0) {
    fprintf(stderr, "qingfeng: %s: no such data folder / 无此数据目录\n", qf_data_dir(&a));
    return QF_EXIT_TROUBLE;
  }
  qf_city_opts o = {.progress = qf_show_progress, .progress_ud = &last};
  qf_rc rc = qf_city_rebuild(qf_data_dir(&a), &o, &err);
  if (rc)
    return qf_trouble(rc, &err);
  puts("rebuilt / 已重建");
  return QF_EXIT_OK;
}

/* ---- export */

typedef struct rows { /* readings of all points one after the other; one point is held in memory */
  qf_city *c;
  qf_us from, to;
  uint32_t point;
  qf_reading *r;
  size_t n, cap, at;
  qf_rc rc;
} rows;

static bool gather(void *ud, const qf_reading *r)
{
  rows *x = ud;
  if (x->n == x->cap) {
    size_t cap = x->cap ? x->cap * 2 : 4096;
    qf_reading *p = realloc(x->r, cap * sizeof *p);
    if (!p) {
      x->rc = QF_NOMEM;
      return false;
    }
    x->r = p;
    x->cap = cap;
  }
  x->r[x->n++] = *r;
  return true;
}

static bool next_row(void *ud, uint32_t *point, qf_reading *r)
{
  rows *x = ud;
  qf_err err;
  while (!x->rc && x->at == x->n) {
    if (x->point == qf_city_series_count(x->c))
      return false;
    x->n = x->at = 0;
    qf_rc rc = qf_readings_range(qf_city_readings(x->c), ++x->point, x->from, x->to, gather, x, &err);
    x->rc = x->rc ? x->rc : rc;
  }
  if (x->rc)
    return false;
  *point = x->point;
  *r = x->r[x->at++];
  return true;
}

static qf_rc moment(const qf_args *a, const char *name, qf_us otherwise, qf_us *out, qf_err *err)
{
  const char *s = qf_args_get(a, name);
  *out = otherwise;
  return !s || qf_tm_parse(s, strlen(s), out) == QF_OK
             ? QF_OK
             : qf_fail(err, QF_RANGE, "%s %.40s: not a time", "%s %.40s：不是时间", name, s);
}

/* What guards accounts does not leave: not even as hashes. */
static qf_rc drop_secrets(const char *out, qf_err *err)
{
  static const char *const types[] = {"token", "user", "grant"};
  for (size_t i = 0; i < 6; i++) {
    char path[4300];
    snprintf(path, sizeof path, "%.4000s/rec_%s%s.csv", out, types[i / 2], i % 2 ? "_history" : "");
    if (unlink(path) != 0 && errno != ENOENT)
      return qf_fail(err, QF_IO, "%.150s: %s", "%.150s：%s", path, strerror(errno));
  }
  return QF_OK;
}

int qf_cmd_export(int argc, char **argv)
{
  qf_args a;
  qf_err err = {0};
  qf_city *c = NULL;
  if (!parse(argc, argv, &a) || a.nrest != 1 || !qf_args_get(&a, "--out"))
    return qf_usage(export_usage);
  bool book = strcmp(a.rest[0], "book") == 0;
  if (!book && strcmp(a.rest[0], "readings") != 0)
    return qf_usage(export_usage);
  rows x = {0};
  qf_rc rc = moment(&a, "--from", INT64_MIN / 2, &x.from, &err);
  if (!rc)
    rc = moment(&a, "--to", INT64_MAX / 2, &x.to, &err);
  if (!rc)
    rc = open_folder(qf_data_dir(&a), &c, &err);
  if (!rc)
    rc = qf_city_settle(c, &err);
  x.c = c;
  const char *out = qf_args_get(&a, "--out");
  if (!rc && book) {
    rc = qf_book_export(qf_city_book(c), out, &err);
    if (!rc)
      rc = drop_secrets(out, &err);
  } else if (!rc)
    rc = qf_book_parquet(qf_city_book(c), out, next_row, &x, &err);
  if (!rc && x.rc)
    rc = qf_fail(&err, x.rc, "readings could not be read", "读数无法读取");
  free(x.r);
  qf_city_close(c);
  if (rc)
    return qf_trouble(rc, &err);
  printf("%s\n", out);
  return QF_EXIT_OK;
}

/* ---- backup: the journal is the truth, so a copy of the journal is a backup. Entries only grow at the end and a torn
 * tail is cut at open, so that copying works while a server runs. */

static qf_rc copy_file(const char *from, const char *to, qf_err *err)
{
  struct stat st;
  int in = open(from, O_RDONLY | O_CLOEXEC), out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  bool ok = in >= 0 && out >= 0 && fstat(in, &st) == 0;
  for (off_t left = ok ? st.st_size : 0; ok && left > 0;) {
    ssize_t n = sendfile(out, in, NULL, (size_t)left);
    ok = n > 0;
    left -= ok ? n : 0;
  }
  ok = ok && fsync(out) == 0;
  int e = errno;
  if (in >= 0)
    close(in);
  if (out >= 0)
    close(out);
  return ok ? QF_OK : qf_fail(err, QF_IO, "%.150s: %s", "%.150s：%s", to, strerror(e));
}

/* The signed heads and the public key; not the secret key, which is kept apart (docs/operate.md). */
static qf_rc copy_proof(const char *from, const char *to, qf_err *err)
{
  static const char *const names[] = {"heads", "log.pub"};
  char src[4200], dst[4200];
  struct stat st;
  snprintf(dst, sizeof dst, "%s/proof", to);
  qf_rc rc = mkdir(dst, 0700) == 0 ? QF_OK : qf_fail(err, QF_IO, "%.150s: %s", "%.150s：%s", dst, strerror(errno));
  for (size_t i = 0; !rc && i < 2; i++) {
    snprintf(src, sizeof src, "%s/proof/%s", from, names[i]);
    snprintf(dst, sizeof dst, "%s/proof/%s", to, names[i]);
    if (stat(src, &st) == 0)
      rc = copy_file(src, dst, err);
  }
  return rc;
}

static qf_rc copy_journal(const char *from, const char *to, qf_err *err)
{
  char src[4200], dst[4200], a[4500], b[4500];
  snprintf(src, sizeof src, "%s/journal", from);
  snprintf(dst, sizeof dst, "%s/journal", to);
  if (mkdir(dst, 0700) != 0)
    return qf_fail(err, QF_IO, "%.150s: %s", "%.150s：%s", dst, strerror(errno));
  struct dirent **list = NULL;
  int n = scandir(src, &list, NULL, alphasort); /* oldest segment first: what is copied is always a prefix */
  qf_rc rc = n < 0 ? qf_fail(err, QF_IO, "%.150s: %s", "%.150s：%s", src, strerror(errno)) : QF_OK;
  for (int i = 0; i < n; i++) {
    if (!rc && list[i]->d_name[0] != '.' && strcmp(list[i]->d_name, "lock") != 0 &&
        strcmp(list[i]->d_name, "head") != 0) { /* head marks the live end: a copy has an earlier one */
      snprintf(a, sizeof a, "%s/%s", src, list[i]->d_name);
      snprintf(b, sizeof b, "%s/%s", dst, list[i]->d_name);
      rc = copy_file(a, b, err);
    }
    free(list[i]);
  }
  free(list);
  return rc;
}

int qf_cmd_backup(int argc, char **argv)
{
  qf_args a;
  qf_err err = {0};
  qf_journal_check check;
  bool restore = strcmp(argv[0], "restore") == 0;
  if (!parse(argc, argv, &a) || a.nrest || !qf_args_get(&a, restore ? "--from" : "--out"))
    return qf_usage(backup_usage);
  const char *from = restore ? qf_args_get(&a, "--from") : qf_data_dir(&a),
             *to = restore ? qf_data_dir(&a) : qf_args_get(&a, "--out");
  qf_rc rc = mkdir(to, 0700) != 0
                 ? qf_fail(&err, QF_IO, "%.150s: %s (give a folder that does not exist)",
                           "%.150s：%s（须为不存在的目录）", to, strerror(errno))
                 : copy_proof(from, to, &err); /* before the journal, which then holds what was signed */
  if (!rc)
    rc = copy_journal(from, to, &err);
  if (!rc)
    rc = qf_journal_verify(to, &check, &err);
  if (!rc && restore) {
    qf_city *c;
    rc = open_folder(to, &c, &err); /* makes readings and book again */
    if (!rc)
      qf_city_close(c);
  }
  if (rc)
    return qf_trouble(rc, &err);
  char hex[65];
  qf_hex(check.chain, 32, hex);
  printf("{\"entries\":%llu,\"last_seq\":%llu,\"chain\":\"%s\"}\n", (unsigned long long)check.entries,
         (unsigned long long)check.last_seq, hex);
  return QF_EXIT_OK;
}
