/* A watched folder: each file that has come to rest is imported once, by its content; beside it stands NAME.result.json. What was
 * taken is remembered in DATA/collect/NAME.taken, one line "sha256 time file" for each, written after the import is durable: a
 * crash in between imports the file again, which changes nothing, since equal readings are known. A thread of its own: an import
 * waits. The folder is looked at every few seconds, which works on any file system, network ones included. */
#include "collect/folder.h"
#include "collect/import.h"
#include "wire/xlsx.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { FILES_MAX = 20000, FILE_MAX_MB = 512, NAME = 256 };

typedef struct seen { /* a file of the folder, as it was at the last look */
  char name[NAME];
  int64_t size, mtime_ns, rest_s; /* rest_s: when it was first seen like this */
  bool done;                      /* taken or refused like this: nothing to do until it changes */
  bool here;
} seen;

typedef struct folder {
  const qf_collect_env *env;
  char name[64];
  const char *path, *map, *pattern;
  char ledger[4400];
  int64_t settle_s, scan_s;
  qf_link *link;
  char (*hash)[65]; /* contents taken, in order */
  size_t hashes, hashes_cap;
  seen *file;
  size_t files, files_cap;
  pthread_t thread;
  pthread_mutex_t mx;
  pthread_cond_t cv;
  bool stopping;
} folder;

static int64_t mono_s(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec;
}

/* ---- what was taken */

static bool remember(folder *f, const char hash[65])
{
  if (f->hashes == f->hashes_cap) {
    size_t cap = f->hashes_cap ? f->hashes_cap * 2 : 64;
    void *p = realloc(f->hash, cap * sizeof *f->hash);
    if (!p)
      return false;
    f->hash = p;
    f->hashes_cap = cap;
  }
  memcpy(f->hash[f->hashes++], hash, 65);
  return true;
}

static bool known(const folder *f, const char hash[65])
{
  for (size_t i = f->hashes; i-- > 0;)
    if (memcmp(f->hash[i], hash, 64) == 0)
      return true;
  return false;
}

static qf_rc read_ledger(folder *f, qf_err *err)
{
  FILE *in = fopen(f->ledger, "re");
  char line[600];
  if (!in)
    return errno == ENOENT ? QF_OK : qf_fail(err, QF_IO, "%.200s: %s", "%.200s：%s", f->ledger, strerror(errno));
  qf_rc rc = QF_OK;
  while (!rc && fgets(line, sizeof line, in)) {
    char hash[65];
    if (strspn(line, "0123456789abcdef") < 64) /* the torn last line of a crash: that file is imported again */
      continue;
    snprintf(hash, sizeof hash, "%.64s", line);
    if (!remember(f, hash))
      rc = qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  }
  fclose(in);
  return rc;
}

static qf_rc write_ledger(folder *f, const char hash[65], const char *name, qf_err *err)
{
  qf_buf line;
  int fd = open(f->ledger, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  qf_buf_init(&line, 1000);
  qf_buf_printf(&line, "%s ", hash);
  qf_tm_write(&line, qf_city_now(f->env->city));
  qf_buf_printf(&line, " %.255s\n", name);
  bool ok = fd >= 0 && write(fd, line.data, line.len) == (ssize_t)line.len && fdatasync(fd) == 0;
  qf_rc rc = ok ? QF_OK : qf_fail(err, QF_IO, "%.200s: %s", "%.200s：%s", f->ledger, strerror(errno));
  if (fd >= 0)
    close(fd);
  qf_buf_fini(&line);
  return rc;
}

/* ---- one file */

static qf_rc slurp(const char *path, qf_buf *out, qf_err *err)
{
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  ssize_t n = 0;
  qf_rc rc = QF_OK;
  while (fd >= 0 && !rc) {
    if (!qf_buf_reserve(out, 65536)) {
      rc = qf_fail(err, QF_RANGE, "%.150s: larger than %d MB", "%.150s：超过 %d MB", path, (int)FILE_MAX_MB);
      break;
    }
    n = read(fd, out->data + out->len, 65536);
    if (n <= 0)
      break;
    out->len += (size_t)n;
  }
  if (!rc && (fd < 0 || n < 0))
    rc = qf_fail(err, QF_IO, "%.150s: %s", "%.150s：%s", path, strerror(errno));
  if (fd >= 0)
    close(fd);
  return rc;
}

typedef struct sheet { /* XLSX becomes CSV: the map is one for both */
  FILE *to;
  bool failed;
} sheet;

static bool csv_row(void *ud, uint32_t row, const char *const *cells, uint32_t n)
{
  sheet *s = ud;
  (void)row;
  for (uint32_t i = 0; i < n; i++) {
    if (i)
      fputc(',', s->to);
    if (strpbrk(cells[i], ",\"\r\n")) {
      fputc('"', s->to);
      for (const char *p = cells[i]; *p; p++) {
        if (*p == '"')
          fputc('"', s->to);
        fputc(*p, s->to);
      }
      fputc('"', s->to);
    } else {
      fputs(cells[i], s->to);
    }
  }
  fputc('\n', s->to);
  s->failed = ferror(s->to) != 0;
  return !s->failed;
}

static bool is_xlsx(const char *name)
{
  size_t n = strlen(name);
  return n > 5 && strcasecmp(name + n - 5, ".xlsx") == 0;
}

/* Import the bytes of path; a workbook by way of a CSV file of its own, taken away afterwards. */
static qf_rc take(folder *f, const char *path, const qf_buf *bytes, qf_buf *report, qf_err *err)
{
  char aside[4500];
  if (!is_xlsx(path))
    return qf_import_readings(f->env->city, f->map, path, NULL, NULL, report, err);
  snprintf(aside, sizeof aside, "%.4300s.csv", f->ledger);
  sheet s = {.to = fopen(aside, "we")};
  if (!s.to)
    return qf_fail(err, QF_IO, "%.200s: %s", "%.200s：%s", aside, strerror(errno));
  fputs("\xEF\xBB\xBF", s.to); /* it is UTF-8, whatever the map says of files */
  qf_rc rc = qf_xlsx_read(bytes->data ? bytes->data : "", bytes->len, csv_row, &s, err);
  if (fclose(s.to) || s.failed)
    rc = rc ? rc : qf_fail(err, QF_IO, "%.200s: %s", "%.200s：%s", aside, strerror(errno));
  if (!rc)
    rc = qf_import_readings(f->env->city, f->map, aside, NULL, NULL, report, err);
  unlink(aside);
  return rc;
}

/* NAME.result.json beside the file, whole or not at all. */
static void put_result(const folder *f, const char *path, const char *outcome, const qf_buf *report, const qf_err *why)
{
  char to[4600], aside[4700];
  json_t *j = json_object();
  qf_buf at;
  qf_buf_init(&at, 64);
  qf_tm_write(&at, qf_city_now(f->env->city));
  qf_buf_putc(&at, 0);
  json_object_set_new(j, "outcome", json_string(outcome));
  json_object_set_new(j, "at", json_string(at.data ? at.data : ""));
  if (report->len)
    json_object_set_new(j, "report", json_loadb(report->data, report->len, 0, NULL));
  if (why)
    json_object_set_new(j, "error", json_pack("{s:s, s:s}", "zh", why->zh, "en", why->en));
  snprintf(to, sizeof to, "%.4300s.result.json", path);
  snprintf(aside, sizeof aside, "%.4300s.result.json.part", path);
  if (json_dump_file(j, aside, JSON_INDENT(1)) == 0)
    (void)rename(aside, to); /* a folder that may not be written to: the page still shows it */
  json_decref(j);
  qf_buf_fini(&at);
}

static bool has_result(const char *path)
{
  char name[4600];
  snprintf(name, sizeof name, "%.4300s.result.json", path);
  return access(name, F_OK) == 0;
}

/* What the link shows of the import. */
static void told(folder *f, const qf_buf *report, const char *name)
{
  json_t *j = json_loadb(report->data, report->len, 0, NULL);
  qf_link_took(f->link, (uint64_t)json_integer_value(json_object_get(j, "readings")));
  json_int_t refused = json_integer_value(json_object_get(j, "refused"));
  if (refused) {
    qf_err why;
    (void)!qf_fail(&why, QF_SYNTAX, "%.100s: %lld rows refused; see the result file",
                   "%.100s：拒收 %lld 行，详见结果文件", name, (long long)refused);
    qf_link_refused(f->link, NULL, 0, &why);
  }
  json_decref(j);
}

static bool unchanged(const char *path, const struct stat *before)
{
  struct stat now;
  return lstat(path, &now) == 0 && now.st_ino == before->st_ino && now.st_size == before->st_size &&
         now.st_mtim.tv_sec == before->st_mtim.tv_sec && now.st_mtim.tv_nsec == before->st_mtim.tv_nsec;
}

/* false: try again at the next look (the disk or the city is in trouble). */
static bool one_file(folder *f, const char *name)
{
  char path[4400], hash[65];
  uint8_t sum[32];
  qf_buf bytes, report;
  qf_err err = {0};
  qf_buf_init(&bytes, (size_t)FILE_MAX_MB << 20);
  qf_buf_init(&report, (size_t)8 << 20);
  snprintf(path, sizeof path, "%.4000s/%s", f->path, name);
  struct stat before = {0};
  (void)!lstat(path, &before);
  qf_rc rc = slurp(path, &bytes, &err);
  bool same = false;
  if (!rc) {
    qf_sha256(bytes.data ? bytes.data : "", bytes.len, sum);
    qf_hex(sum, 32, hash);
    same = known(f, hash);
    if (!same) {
      qf_link_seen(f->link, bytes.len);
      rc = take(f, path, &bytes, &report, &err);
    }
  }
  if (!rc && !same) {
    told(f, &report, name);
    /* Replaced while it was read: what was imported is not what was hashed, so nothing is called taken; equal readings count once. */
    if (!unchanged(path, &before))
      rc = qf_fail(&err, QF_BUSY, "the file was replaced while it was read", "读取时文件被替换");
    else
      rc = write_ledger(f, hash, name, &err);
    if (!rc && !remember(f, hash))
      rc = qf_fail(&err, QF_NOMEM, "out of memory", "内存不足");
  }
  bool later = rc == QF_IO || rc == QF_FULL || rc == QF_NOMEM || rc == QF_BUSY;
  if (rc) {
    qf_err why = {.rc = rc}; /* the link is of all files: say which */
    snprintf(why.en, sizeof why.en, "%.80s: %.150s", name, err.en);
    snprintf(why.zh, sizeof why.zh, "%.80s：%.150s", name, err.zh);
    qf_link_refused(f->link, bytes.data, bytes.len, &why);
  }
  if (rc || !same)
    put_result(f, path, rc ? "refused" : "taken", &report, rc ? &err : NULL);
  else if (!has_result(path)) /* the report of the day it was taken stays */
    put_result(f, path, "known", &report, NULL);
  qf_link_set(f->link, later ? QF_LINK_BACKOFF : QF_LINK_UP, NULL);
  qf_buf_fini(&bytes);
  qf_buf_fini(&report);
  return !later;
}

/* ---- the folder */

static bool wanted(const folder *f, const char *name)
{
  size_t n = strlen(name);
  if (name[0] == '.' || n >= NAME - 20 || (n > 5 && strcmp(name + n - 5, ".part") == 0) ||
      (n > 12 && strcmp(name + n - 12, ".result.json") == 0))
    return false;
  return fnmatch(f->pattern, name, 0) == 0 || (is_xlsx(name) && strcmp(f->pattern, "*.csv") == 0);
}

static seen *entry(folder *f, const char *name)
{
  for (size_t i = 0; i < f->files; i++)
    if (strcmp(f->file[i].name, name) == 0)
      return &f->file[i];
  if (f->files == FILES_MAX)
    return NULL;
  if (f->files == f->files_cap) {
    size_t cap = f->files_cap ? f->files_cap * 2 : 64;
    seen *p = realloc(f->file, cap * sizeof *p);
    if (!p)
      return NULL;
    f->file = p;
    f->files_cap = cap;
  }
  seen *s = &f->file[f->files++];
  *s = (seen){.rest_s = mono_s()};
  snprintf(s->name, sizeof s->name, "%s", name);
  return s;
}

static bool stopping(folder *f)
{
  pthread_mutex_lock(&f->mx);
  bool s = f->stopping;
  pthread_mutex_unlock(&f->mx);
  return s;
}

static void look_at(folder *f, const char *name)
{
  char path[4400];
  struct stat st;
  snprintf(path, sizeof path, "%.4000s/%s", f->path, name);
  if (!wanted(f, name) || lstat(path, &st) || !S_ISREG(st.st_mode))
    return;
  seen *s = entry(f, name);
  if (!s)
    return;
  int64_t mtime = st.st_mtim.tv_sec * INT64_C(1000000000) + st.st_mtim.tv_nsec;
  s->here = true;
  if (s->size != st.st_size || s->mtime_ns != mtime) { /* still being written, or written anew */
    s->size = st.st_size;
    s->mtime_ns = mtime;
    s->rest_s = mono_s();
    s->done = false;
  }
  if (!s->done && mono_s() - s->rest_s >= f->settle_s)
    s->done = one_file(f, name);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
  return strcmp((*a)->d_name, (*b)->d_name);
}

static void scan(folder *f)
{
  struct dirent **list = NULL;
  int n = scandir(f->path, &list, NULL, by_name); /* in order of names: meters number their files */
  if (n < 0) {
    qf_err why;
    (void)!qf_fail(&why, QF_IO, "%.150s: %s", "%.150s：%s", f->path, strerror(errno));
    qf_link_refused(f->link, NULL, 0, &why);
    qf_link_set(f->link, QF_LINK_BACKOFF, f->path);
    return;
  }
  qf_link_set(f->link, QF_LINK_UP, f->path);
  for (size_t i = 0; i < f->files; i++)
    f->file[i].here = false;
  for (int i = 0; i < n; i++) {
    if (!stopping(f))
      look_at(f, list[i]->d_name);
    free(list[i]);
  }
  free((void *)list);
  size_t left = 0;
  for (size_t i = 0; i < f->files; i++) /* what is gone is forgotten */
    if (f->file[i].here)
      f->file[left++] = f->file[i];
  f->files = left;
}

static void *watch(void *ud)
{
  folder *f = ud;
  pthread_mutex_lock(&f->mx);
  while (!f->stopping) {
    pthread_mutex_unlock(&f->mx);
    scan(f);
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += f->scan_s;
    pthread_mutex_lock(&f->mx);
    while (!f->stopping && pthread_cond_timedwait(&f->cv, &f->mx, &t) == 0)
      ;
  }
  pthread_mutex_unlock(&f->mx);
  return NULL;
}

static void drop(folder *f)
{
  pthread_mutex_destroy(&f->mx);
  pthread_cond_destroy(&f->cv);
  free(f->hash);
  free(f->file);
  free(f);
}

static qf_rc keys(folder *f, qf_conf *conf, qf_err *err)
{
  struct stat st;
  (void)qf_conf_get(conf, "collector", "protocol");
  f->path = qf_conf_path(conf, "collector", "path");
  f->map = qf_conf_path(conf, "collector", "map");
  f->pattern = qf_conf_get(conf, "collector", "pattern");
  if (!f->pattern)
    f->pattern = "*.csv";
  if (!f->path || !f->map)
    return qf_fail(err, QF_SYNTAX, "%.60s.ini: [collector] needs path = folder and map = file",
                   "%.60s.ini：[collector] 须有 path = 目录 与 map = 映射文件", qf_conf_name(conf));
  if (stat(f->path, &st) || !S_ISDIR(st.st_mode))
    return qf_fail(err, QF_IO, "%.200s: no folder", "%.200s：不是目录", f->path);
  if (access(f->map, R_OK))
    return qf_fail(err, QF_IO, "%.200s: %s", "%.200s：%s", f->map, strerror(errno));
  qf_rc rc = qf_conf_int(conf, "collector", "settle_s", 0, 3600, 5, &f->settle_s, err);
  return rc ? rc : qf_conf_int(conf, "collector", "scan_s", 1, 3600, 2, &f->scan_s, err);
}

static qf_rc start(const qf_collect_env *env, qf_conf *conf, void **self, qf_err *err)
{
  folder *f = calloc(1, sizeof *f);
  pthread_condattr_t monotonic;
  if (!f)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  pthread_mutex_init(&f->mx, NULL);
  pthread_condattr_init(&monotonic);
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  pthread_cond_init(&f->cv, &monotonic);
  pthread_condattr_destroy(&monotonic);
  f->env = env;
  snprintf(f->name, sizeof f->name, "%s", qf_conf_name(conf));
  qf_rc rc = keys(f, conf, err);
  snprintf(f->ledger, sizeof f->ledger, "%.4200s/collect/%s.taken", qf_city_dir(env->city), f->name);
  if (!rc)
    rc = read_ledger(f, err);
  if (!rc) {
    f->link = qf_link_of(env->links, f->name, "folder", f->pattern);
    qf_link_set(f->link, QF_LINK_UP, f->path);
    if (pthread_create(&f->thread, NULL, watch, f))
      rc = qf_fail(err, QF_NOMEM, "no thread", "无法建立线程");
  }
  if (rc) {
    drop(f);
    return rc;
  }
  *self = f;
  return QF_OK;
}

static void stop(void *self)
{
  folder *f = self;
  pthread_mutex_lock(&f->mx);
  f->stopping = true;
  pthread_cond_signal(&f->cv);
  pthread_mutex_unlock(&f->mx);
  pthread_join(f->thread, NULL);
  drop(f);
}

const qf_kind qf_kind_folder = {"folder", start, stop};
