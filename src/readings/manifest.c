/* The manifest: readings/MANIFEST, text, replaced as a whole (written beside, synced, renamed, folder synced).
 *   qf-readings 1
 *   seq <journal sequence up to which all readings are in the files>
 *   next <number of the next file>
 *   file <name> <bytes>            one line per file, by day and arrival
 *   end <CRC-32C of all lines above, 8 hex digits>
 * It is there from the first open on: files without a manifest are damage, not leftovers.
 * A file of ours that it does not name is the rest of an interrupted write and is removed at open; a named one that is
 * missing or of another size is damage. */
#include "readings/store_int.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char manifest[] = "MANIFEST", manifest_tmp[] = "MANIFEST.tmp";
#define HEAD "qf-readings 1\n"
enum { END_LINE = 13 };

static qf_rc io_fail(const char *en, const char *zh, qf_err *err)
{
  qf_rc rc = errno == ENOSPC || errno == EDQUOT ? QF_FULL : QF_IO;
  return qf_fail(err, rc, "cannot %s%.0s the manifest of readings: %s", "无法%.0s%s读数清单:%s", en, zh,
                 strerror(errno));
}

static qf_rc write_file(int dirfd, const qf_buf *b, bool *replaced, qf_err *err)
{
  int fd = openat(dirfd, manifest_tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
  if (fd < 0)
    return io_fail("create", "创建", err);
  qf_rc rc = QF_OK;
  for (size_t at = 0; at < b->len && !rc;) {
    ssize_t k = write(fd, b->data + at, b->len - at);
    if (k > 0)
      at += (size_t)k;
    else if (k == 0 || errno != EINTR)
      rc = io_fail("write", "写入", err);
  }
  if (!rc && fdatasync(fd) != 0)
    rc = io_fail("sync", "同步", err);
  close(fd);
  if (!rc && renameat(dirfd, manifest_tmp, dirfd, manifest) != 0)
    rc = io_fail("name", "命名", err);
  if (rc)
    return rc;
  *replaced = true;
  return fsync(dirfd) == 0 ? QF_OK : io_fail("sync", "同步", err);
}

qf_rc qf_manifest_write(int dirfd, const qf_view *v, const uint64_t seq_next[2], bool *replaced, qf_err *err)
{
  qf_buf b;
  *replaced = false;
  qf_buf_init(&b, (size_t)1 << 30);
  qf_buf_printf(&b, HEAD "seq %" PRIu64 "\nnext %" PRIu64 "\n", seq_next[0], seq_next[1]);
  for (size_t i = 0; i < v->n; i++)
    qf_buf_printf(&b, "file %s %zu\n", qf_seg_name(v->segs[i]), qf_seg_bytes(v->segs[i]));
  if (!b.failed)
    qf_buf_printf(&b, "end %08" PRIx32 "\n", qf_crc32c(0, b.data, b.len));
  qf_rc rc = b.failed
                 ? qf_fail(err, QF_NOMEM, "out of memory writing the manifest of readings", "内存不足,无法写入读数清单")
                 : write_file(dirfd, &b, replaced, err);
  qf_buf_fini(&b);
  return rc;
}

static qf_rc slurp(int dirfd, char **out, size_t *n, qf_err *err)
{
  struct stat st;
  int fd = openat(dirfd, manifest, O_RDONLY | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT)
    return QF_NOTFOUND;
  if (fd < 0 || fstat(fd, &st) != 0) {
    qf_rc rc = io_fail("open", "打开", err);
    if (fd >= 0)
      close(fd);
    return rc;
  }
  size_t size = (size_t)st.st_size, at = 0;
  char *p = malloc(size + 1);
  qf_rc rc =
      p ? QF_OK : qf_fail(err, QF_NOMEM, "out of memory reading the manifest of readings", "内存不足,无法读取读数清单");
  while (!rc && at < size) {
    ssize_t k = read(fd, p + at, size - at);
    if (k == 0)
      break;
    if (k > 0)
      at += (size_t)k;
    else if (errno != EINTR)
      rc = io_fail("read", "读取", err);
  }
  close(fd);
  if (rc) {
    free(p);
    return rc;
  }
  p[at] = 0;
  *out = p;
  *n = at;
  return QF_OK;
}

/* <word> <number>\n at *p. */
static bool take_number(const char **p, const char *word, uint64_t *out)
{
  size_t w = strlen(word);
  if (strncmp(*p, word, w) != 0 || (*p)[w] < '0' || (*p)[w] > '9')
    return false;
  char *end;
  errno = 0;
  unsigned long long v = strtoull(*p + w, &end, 10);
  if (errno || *end != '\n')
    return false;
  *out = v;
  *p = end + 1;
  return true;
}

static bool ends_with(const char *s, size_t n, const char *suffix)
{
  size_t k = strlen(suffix);
  return n > k && memcmp(s + n - k, suffix, k) == 0;
}

/* A name that we give: begins with a digit, no slash, one of our endings. */
static bool our_name(const char *s, size_t n, bool finished)
{
  if (n >= QF_SEG_NAME || s[0] < '0' || s[0] > '9' || memchr(s, '/', n))
    return false;
  return ends_with(s, n, ".part") || ends_with(s, n, ".sealed") ||
         (!finished && (ends_with(s, n, ".part.tmp") || ends_with(s, n, ".sealed.tmp")));
}

static bool take_file(const char **p, qf_manifest *m)
{
  const char *s = *p + 5, *space = strchr(s, ' ');
  if (!space || !our_name(s, (size_t)(space - s), true))
    return false;
  memcpy(m->names[m->n], s, (size_t)(space - s));
  *p = space;
  return take_number(p, " ", &m->sizes[m->n++]);
}

static bool parse(const char *p, size_t n, qf_manifest *m)
{
  const size_t body = n >= END_LINE ? n - END_LINE : 0;
  char end[END_LINE + 1];
  snprintf(end, sizeof end, "end %08" PRIx32 "\n", qf_crc32c(0, p, body));
  if (n < END_LINE || memcmp(p + body, end, END_LINE) != 0)
    return false;
  if (strncmp(p, HEAD, sizeof HEAD - 1) != 0)
    return false;
  p += sizeof HEAD - 1;
  if (!take_number(&p, "seq ", &m->seq) || !take_number(&p, "next ", &m->next))
    return false;
  while (strncmp(p, "file ", 5) == 0)
    if (!take_file(&p, m))
      return false;
  return strncmp(p, "end ", 4) == 0;
}

qf_rc qf_manifest_read(int dirfd, qf_manifest *out, qf_err *err)
{
  char *text = NULL;
  size_t n = 0, lines = 1;
  qf_rc rc = slurp(dirfd, &text, &n, err);
  if (rc)
    return rc;
  for (size_t i = 0; i < n; i++)
    lines += text[i] == '\n';
  qf_manifest m = {.names = calloc(lines, sizeof *m.names), .sizes = calloc(lines, sizeof *m.sizes)};
  if (!m.names || !m.sizes)
    rc = qf_fail(err, QF_NOMEM, "out of memory reading the manifest of readings", "内存不足,无法读取读数清单");
  else if (!parse(text, n, &m))
    rc = qf_fail(err, QF_CORRUPT, "readings/MANIFEST is damaged", "readings/MANIFEST 已损坏");
  free(text);
  if (rc)
    qf_manifest_fini(&m);
  else
    *out = m;
  return rc;
}

void qf_manifest_fini(qf_manifest *m)
{
  free(m->names);
  free(m->sizes);
  *m = (qf_manifest){0};
}

static int by_name(const void *a, const void *b)
{
  return strcmp(a, b);
}

static bool is_leftover(const char *name, char (*listed)[QF_SEG_NAME], size_t n)
{
  if (strcmp(name, manifest_tmp) == 0)
    return true;
  if (!our_name(name, strlen(name), false))
    return false;
  return !n || !bsearch(name, listed, n, sizeof *listed, by_name);
}

static DIR *list(int dirfd, qf_err *err)
{
  int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
  if (!d) {
    qf_fail(err, QF_IO, "cannot list the readings folder: %s", "无法列出读数目录:%s", strerror(errno));
    if (fd >= 0)
      close(fd);
  }
  return d;
}

qf_rc qf_manifest_sweep(int dirfd, const qf_manifest *m, qf_err *err)
{
  char(*listed)[QF_SEG_NAME] = calloc(m->n + 1, sizeof *listed);
  if (!listed)
    return qf_fail(err, QF_NOMEM, "out of memory opening readings", "内存不足,无法打开读数库");
  if (m->n)
    memcpy(listed, m->names, m->n * sizeof *listed);
  qsort(listed, m->n, sizeof *listed, by_name);
  DIR *d = list(dirfd, err);
  qf_rc rc = d ? QF_OK : QF_IO;
  for (struct dirent *e; !rc && (e = readdir(d)) != NULL;)
    if (is_leftover(e->d_name, listed, m->n) && unlinkat(dirfd, e->d_name, 0) != 0 && errno != ENOENT)
      rc = qf_fail(err, QF_IO, "cannot remove readings/%s: %s", "无法删除 readings/%s:%s", e->d_name, strerror(errno));
  if (d)
    closedir(d);
  free(listed);
  return rc;
}

qf_rc qf_manifest_missing(int dirfd, qf_err *err)
{
  DIR *d = list(dirfd, err);
  qf_rc rc = d ? QF_NOTFOUND : QF_IO;
  for (struct dirent *e; rc == QF_NOTFOUND && (e = readdir(d)) != NULL;)
    if (our_name(e->d_name, strlen(e->d_name), true))
      rc = qf_fail(err, QF_CORRUPT, "readings/MANIFEST is missing though there are files such as %s",
                   "缺少 readings/MANIFEST,却有 %s 等文件", e->d_name);
  if (d)
    closedir(d);
  return rc;
}
