#include "filing/evidence.h"
#include "wire/utf8.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool begins(const char *bytes, size_t n, const char *magic, size_t m)
{
  return n >= m && memcmp(bytes, magic, m) == 0;
}

/* Plain text: whole UTF-8, or (Chinese CSV) bytes without controls; nothing that a browser would take for markup at its start. */
static bool plain_text(const char *s, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    unsigned char c = (unsigned char)s[i];
    if (c < 32 && c != '\n' && c != '\r' && c != '\t')
      return false;
  }
  size_t i = begins(s, n, "\xEF\xBB\xBF", 3) ? 3 : 0;
  while (i < n && strchr(" \t\r\n", s[i]))
    i++;
  return i == n || s[i] != '<';
}

const char *qf_evidence_type(const char *bytes, size_t n, const char *name)
{
  const char *dot = strrchr(name, '.');
  if (n == 0)
    return NULL;
  if (begins(bytes, n, "%PDF-", 5))
    return "pdf";
  if (begins(bytes, n, "\x89PNG\r\n\x1a\n", 8))
    return "png";
  if (begins(bytes, n, "\xff\xd8\xff", 3))
    return "jpg";
  if (begins(bytes, n, "PK\x03\x04", 4)) /* an archive is a workbook when it holds one */
    return memmem(bytes, n, "xl/workbook.xml", 15) ? "xlsx" : NULL;
  if (!plain_text(bytes, n))
    return NULL;
  return dot && strcasecmp(dot, ".csv") == 0 ? "csv" : "txt";
}

static qf_rc check_name(const char *name, qf_err *err)
{
  size_t n = strlen(name);
  bool ok = n > 0 && n <= 200 && qf_utf8_valid(name, n) && !strpbrk(name, "/\\\"<>|:*?");
  for (const char *s = name; ok && *s; s++)
    ok = (unsigned char)*s >= 32 && *s != 127;
  return ok ? QF_OK
            : qf_fail(err, QF_RANGE, "name=: a file name of 1 to 200 bytes without / \\ \" < > | : * ?",
                      "name=：文件名 1 至 200 字节，不含 / \\ \" < > | : * ?");
}

static void path_of(const char *dir, const char *sha256, char out[4300], bool folder)
{
  snprintf(out, 4300, folder ? "%s/evidence/%.2s" : "%s/evidence/%.2s/%s", dir, sha256, sha256);
}

static bool sync_path(const char *path)
{
  int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  bool ok = fd >= 0 && fsync(fd) == 0;
  if (fd >= 0)
    close(fd);
  return ok;
}

static bool write_all(int fd, const char *s, size_t n)
{
  while (n) {
    ssize_t k = write(fd, s, n);
    if (k < 0 && errno == EINTR)
      continue;
    if (k <= 0)
      return false;
    s += k;
    n -= (size_t)k;
  }
  return true;
}

/* Under a name of its own first, then renamed: what stands under a hash is whole. */
static qf_rc store(const char *dir, const char *sha256, const char *bytes, size_t n, qf_err *err)
{
  char root[4300], folder[4300], path[4300], part[4400];
  struct stat st;
  snprintf(root, sizeof root, "%s/evidence", dir);
  path_of(dir, sha256, folder, true);
  path_of(dir, sha256, path, false);
  if (stat(path, &st) == 0 && st.st_size == (off_t)n)
    return QF_OK;
  snprintf(part, sizeof part, "%s.%lx.part", path, (unsigned long)getpid() ^ (unsigned long)(uintptr_t)&st);
  bool ok = (mkdir(root, 0700) == 0 || errno == EEXIST) && (mkdir(folder, 0700) == 0 || errno == EEXIST);
  int fd = ok ? open(part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0400) : -1;
  ok = fd >= 0 && write_all(fd, bytes, n) && fsync(fd) == 0;
  if (fd >= 0)
    ok = close(fd) == 0 && ok;
  ok = ok && rename(part, path) == 0 && sync_path(folder) && sync_path(root) && sync_path(dir);
  if (ok)
    return QF_OK;
  int e = errno;
  if (fd >= 0)
    unlink(part);
  return qf_fail(err, e == ENOSPC ? QF_FULL : QF_IO, "evidence cannot be kept: %s", "佐证材料无法保存：%s",
                 strerror(e));
}

static bool on_sum(void *ud, const qf_cell *c, size_t n)
{
  if (n && c[0].kind == 2)
    *(int64_t *)ud = (int64_t)qf_dec_double(c[0].dec);
  else if (n && c[0].kind == 1)
    *(int64_t *)ud = c[0].i;
  return false;
}

static qf_rc within_quota(qf_filings *f, const qf_filing *x, size_t n, qf_err *err)
{
  int64_t used = 0;
  qf_param p = {.kind = 4, .s = x->org};
  qf_rc rc = qf_book_query(
      qf_city_book(qf_filings_city(f)),
      "SELECT CAST(coalesce(sum(size), 0) AS BIGINT) FROM (SELECT DISTINCT sha256, size FROM rec_evidence WHERE "
      "coalesce(org, '') = ?1) AS d",
      &p, 1, on_sum, &used, err);
  if (!rc && used + (int64_t)n > QF_EVIDENCE_QUOTA)
    rc = qf_fail(err, QF_RANGE, "the organisation's 2 GiB of evidence are used up", "本单位 2 GiB 佐证材料额度已用完");
  return rc;
}

static json_t *text_or_null(const char *s)
{
  return s && *s ? json_string(s) : json_null();
}

qf_rc qf_evidence_put(qf_filings *f, const qf_actor *actor, const qf_filing *x, const qf_evidence_file *file,
                      qf_evidence *out, qf_err *err)
{
  uint8_t hash[32];
  char id[600];
  if (file->n == 0 || file->n > QF_EVIDENCE_MAX)
    return qf_fail(err, QF_RANGE, "a file of 1 byte to 20 MiB is expected", "文件应为 1 字节至 20 MiB");
  qf_rc rc = check_name(file->name, err);
  if (!rc && *file->field && qf_form_col(x->form, file->field) < 0)
    rc = qf_fail(err, QF_RANGE, "field=%.60s: no such column", "field=%.60s：无此列", file->field);
  if (!rc && strlen(file->row_key) > 440)
    rc = qf_fail(err, QF_RANGE, "row_key is too long", "row_key 过长");
  const char *type = qf_evidence_type(file->bytes, file->n, file->name);
  if (!rc && !type)
    rc = qf_fail(err, QF_SYNTAX, "only PDF, PNG, JPEG, XLSX, CSV and plain text are taken",
                 "仅接受 PDF、PNG、JPEG、XLSX、CSV 与纯文本");
  if (!rc)
    rc = within_quota(f, x, file->n, err);
  if (rc)
    return rc;
  qf_sha256(file->bytes, file->n, hash);
  *out = (qf_evidence){.size = (int64_t)file->n};
  qf_hex(hash, 32, out->sha256);
  snprintf(out->type, sizeof out->type, "%s", type);
  snprintf(out->name, sizeof out->name, "%s", file->name);
  rc = store(qf_city_dir(qf_filings_city(f)), out->sha256, file->bytes, file->n, err);
  if (rc)
    return rc;
  snprintf(id, sizeof id, "%.16s:%.400s:%.40s", out->sha256, x->id, file->field);
  json_t *d = json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:I, s:s, s:s}", "sha256", out->sha256, "filing", x->id,
                        "area", x->area, "district", text_or_null(x->district), "org", text_or_null(x->org), "field",
                        text_or_null(file->field), "row_key", text_or_null(file->row_key), "size", (json_int_t)file->n,
                        "type", out->type, "name", out->name);
  json_t *list = json_array();
  json_array_append_new(list,
                        json_pack("{s:s, s:s, s:s, s:o}", "type", "evidence", "id", id, "by", actor->id, "data", d));
  rc = qf_city_records(qf_filings_city(f), list, NULL, err);
  json_decref(list);
  return rc;
}

typedef struct finding {
  const qf_actor *actor;
  qf_evidence *e;
  bool may;
} finding;

static bool on_evidence(void *ud, const qf_cell *c, size_t n)
{
  finding *w = ud;
  if (n != 6)
    return false;
  const char *area = c[0].kind == 4 && strcmp(c[0].s, "city") != 0 ? c[0].s : NULL;
  qf_object o = {area, c[1].kind == 4 ? c[1].s : NULL, c[2].kind == 4 ? c[2].s : NULL};
  if (!qf_rights_may(w->actor, QF_ACT_VIEW, &o, NULL))
    return true;
  w->may = true;
  w->e->size = c[3].i;
  snprintf(w->e->type, sizeof w->e->type, "%s", c[4].kind == 4 ? c[4].s : "");
  snprintf(w->e->name, sizeof w->e->name, "%s", c[5].kind == 4 ? c[5].s : "");
  return false;
}

qf_rc qf_evidence_find(qf_filings *f, const qf_actor *actor, const char *sha256, qf_evidence *out, qf_err *err)
{
  *out = (qf_evidence){0};
  finding w = {actor, out, false};
  qf_rc rc = QF_OK;
  if (strlen(sha256) == 64 && strspn(sha256, "0123456789abcdef") == 64) {
    qf_param p = {.kind = 4, .s = sha256};
    snprintf(out->sha256, sizeof out->sha256, "%s", sha256);
    rc = qf_book_query(qf_city_book(qf_filings_city(f)),
                       "SELECT area, district, org, size, type, name FROM rec_evidence WHERE sha256 = ?1 ORDER BY id",
                       &p, 1, on_evidence, &w, err);
  }
  return rc || w.may ? rc : qf_fail(err, QF_NOTFOUND, "no such file", "无此文件");
}

qf_rc qf_evidence_read(const char *dir, const qf_evidence *e, qf_buf *out, qf_err *err)
{
  char path[4300], hex[65];
  uint8_t hash[32];
  path_of(dir, e->sha256, path, false);
  int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0)
    return qf_fail(err, QF_IO, "evidence %.16s cannot be read: %s", "佐证材料 %.16s 无法读取：%s", e->sha256,
                   strerror(errno));
  char block[65536];
  ssize_t n;
  while ((n = read(fd, block, sizeof block)) > 0)
    qf_buf_put(out, block, (size_t)n);
  close(fd);
  qf_sha256(out->data ? out->data : "", out->len, hash);
  qf_hex(hash, 32, hex);
  if (n < 0 || out->failed || strcmp(hex, e->sha256) != 0)
    return qf_fail(err, QF_CORRUPT, "evidence %.16s was changed on disk", "佐证材料 %.16s 在磁盘上被改动", e->sha256);
  return QF_OK;
}
