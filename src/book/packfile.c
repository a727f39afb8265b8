#include "book/packfile.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool blank(char c)
{
  return c == ' ' || c == '\t' || c == '\r';
}

/* First line that is neither blank nor a comment. */
static const char *find_sql(const char *p)
{
  while (*p) {
    const char *q = p;
    while (blank(*q))
      q++;
    if (*q && *q != '\n' && !(q[0] == '-' && q[1] == '-'))
      return q;
    const char *end = strchr(q, '\n');
    if (!end)
      return NULL;
    p = end + 1;
  }
  return NULL;
}

static qf_rc read_text(int fd, qf_packfile *f, qf_err *err)
{
  struct stat st;
  if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
    return qf_fail(err, QF_IO, "%s: not a file", "%s：不是文件", f->path);
  if ((uint64_t)st.st_size > QF_PACKFILE_MAX)
    return qf_fail(err, QF_SYNTAX, "%s: over %u bytes", "%s：超过 %u 字节", f->path, QF_PACKFILE_MAX);
  f->text = malloc((size_t)st.st_size + 1);
  if (!f->text)
    return qf_fail(err, QF_NOMEM, "%s: out of memory", "%s：内存不足", f->path);
  while (f->len < (size_t)st.st_size) {
    ssize_t n = read(fd, f->text + f->len, (size_t)st.st_size - f->len);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return qf_fail(err, QF_IO, "%s: %s", "%s：%s", f->path, strerror(errno));
    if (n == 0)
      break;
    f->len += (size_t)n;
  }
  f->text[f->len] = 0;
  return QF_OK;
}

qf_rc qf_packfile_read(const char *path, qf_packfile *out, qf_err *err)
{
  *out = (qf_packfile){0};
  snprintf(out->path, sizeof out->path, "%s", path);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return qf_fail(err, QF_IO, "%s: %s", "%s：%s", path, strerror(errno));
  qf_rc rc = read_text(fd, out, err);
  close(fd);
  if (!rc && memchr(out->text, 0, out->len))
    rc = qf_fail(err, QF_SYNTAX, "%s: holds a NUL byte", "%s：含有 NUL 字节", path);
  if (!rc && !(out->sql = find_sql(out->text)))
    rc = qf_fail(err, QF_SYNTAX, "%s: has no statement", "%s：没有语句", path);
  if (rc)
    qf_packfile_fini(out);
  return rc;
}

void qf_packfile_fini(qf_packfile *f)
{
  free(f->text);
  f->text = NULL;
  f->sql = NULL;
}

static void copy_trimmed(const char *s, size_t n, char *out, size_t cap)
{
  while (n && blank(*s))
    s++, n--;
  while (n && (blank(s[n - 1]) || s[n - 1] == '\n'))
    n--;
  if (n >= cap) {
    n = cap - 1;
    while (n && ((unsigned char)s[n] & 0xC0) == 0x80) /* never cut inside a character */
      n--;
  }
  memcpy(out, s, n);
  out[n] = 0;
}

bool qf_packfile_get(const qf_packfile *f, const char *key, char *out, size_t cap)
{
  size_t klen = strlen(key);
  out[0] = 0;
  for (const char *p = f->text; p && p < f->sql;) {
    const char *end = strchr(p, '\n');
    const char *q = p;
    while (blank(*q))
      q++;
    if (q[0] == '-' && q[1] == '-') {
      for (q += 2; blank(*q); q++)
        ;
      if (strncmp(q, key, klen) == 0 && q[klen] == ':') {
        q += klen + 1;
        copy_trimmed(q, end ? (size_t)(end - q) : strlen(q), out, cap);
        return true;
      }
    }
    p = end ? end + 1 : NULL;
  }
  return false;
}

void qf_packfile_split(const char *both, char *zh, char *en, size_t cap)
{
  const char *bar = strchr(both, '|');
  copy_trimmed(both, bar ? (size_t)(bar - both) : strlen(both), zh, cap);
  const char *second = bar ? bar + 1 : both;
  copy_trimmed(second, strlen(second), en, cap);
}

static int by_name(const void *a, const void *b)
{
  return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool wanted(const char *dir, const struct dirent *e, const char *ext)
{
  if (e->d_name[0] == '.')
    return false;
  if (*ext) {
    size_t n = strlen(e->d_name), x = strlen(ext);
    return n > x && strcmp(e->d_name + n - x, ext) == 0;
  }
  char path[4400];
  struct stat st;
  snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
  return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

qf_rc qf_packdir_each(const char *dir, const char *ext, qf_packdir_fn *fn, void *ud, qf_err *err)
{
  DIR *d = opendir(dir);
  if (!d)
    return errno == ENOENT ? QF_OK : qf_fail(err, QF_IO, "%s: %s", "%s：%s", dir, strerror(errno));
  char **names = NULL;
  size_t n = 0, cap = 0;
  qf_rc rc = QF_OK;
  for (struct dirent *e; !rc && (e = readdir(d));) {
    if (!wanted(dir, e, ext))
      continue;
    if (n == cap) {
      size_t more = cap ? cap * 2 : 32;
      char **p = realloc(names, more * sizeof *p);
      if (!p) {
        rc = QF_NOMEM;
        break;
      }
      names = p;
      cap = more;
    }
    names[n] = strdup(e->d_name);
    if (names[n])
      n++;
    else
      rc = QF_NOMEM;
  }
  closedir(d);
  if (rc)
    (void)qf_fail(err, rc, "%s: out of memory", "%s：内存不足", dir);
  if (n)
    qsort(names, n, sizeof *names, by_name);
  for (size_t i = 0; i < n; i++) {
    if (!rc)
      rc = fn(ud, dir, names[i], err);
    free(names[i]);
  }
  free(names);
  return rc;
}
