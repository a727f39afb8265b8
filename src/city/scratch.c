#include "city/scratch.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

qf_rc qf_scratch_make(const char *tmp, char *out, size_t size, qf_err *err)
{
  const char *env = getenv("TMPDIR");
  snprintf(out, size, "%s/qingfeng-verify-XXXXXX", tmp ? tmp : env && *env ? env : "/tmp");
  return mkdtemp(out) ? QF_OK : qf_fail(err, QF_IO, "%.150s: %s", "%.150s：%s", out, strerror(errno));
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *f)
{
  (void)st, (void)flag, (void)f;
  return remove(path);
}

void qf_scratch_remove(const char *path)
{
  (void)nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static qf_rc copy_file(const char *from, const char *to, qf_err *err)
{
  int in = open(from, O_RDONLY | O_CLOEXEC), out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  bool ok = in >= 0 && out >= 0;
  for (ssize_t n = 1; ok && n > 0;) {
    n = sendfile(out, in, NULL, (size_t)1 << 30);
    ok = n >= 0;
  }
  int e = errno;
  if (in >= 0)
    close(in);
  if (out >= 0)
    ok = close(out) == 0 && ok;
  return ok ? QF_OK : qf_fail(err, e == ENOSPC ? QF_FULL : QF_IO, "%.150s: %s", "%.150s：%s", to, strerror(e));
}

qf_rc qf_scratch_copy(const char *from, const char *to, const qf_copy_opts *o, qf_err *err)
{
  DIR *d = opendir(from);
  qf_rc rc = QF_OK;
  if ((mkdir(to, 0700) != 0 && errno != EEXIST) || (!d && errno != ENOENT))
    rc = qf_fail(err, QF_IO, "%.150s: %s", "%.150s：%s", d ? to : from, strerror(errno));
  for (struct dirent *e; d && !rc && (e = readdir(d));) {
    char src[4600], dst[4600];
    struct stat st;
    snprintf(src, sizeof src, "%.4300s/%s", from, e->d_name);
    snprintf(dst, sizeof dst, "%.4300s/%s", to, e->d_name);
    if (strncmp(e->d_name, o->prefix, strlen(o->prefix)) != 0 || (o->without && strstr(e->d_name, o->without)) ||
        stat(src, &st) != 0 || !S_ISREG(st.st_mode))
      continue;
    char *full = o->link && st.st_size > 1 << 20 ? realpath(src, NULL) : NULL;
    if (!full || symlink(full, dst) != 0)
      rc = copy_file(src, dst, err);
    free(full);
  }
  if (d)
    closedir(d);
  return rc;
}

static bool same_file(const char *a, const char *b)
{
  char x[65536], y[65536];
  FILE *f = fopen(a, "rb"), *g = fopen(b, "rb");
  bool same = f && g;
  for (size_t n = 1; same && n;) {
    n = fread(x, 1, sizeof x, f);
    same = fread(y, 1, sizeof y, g) == n && memcmp(x, y, n) == 0;
  }
  if (f)
    fclose(f);
  if (g)
    fclose(g);
  return same;
}

/* Every file of a is in b and the same. */
static qf_rc covered(const char *a, const char *b, char *out, size_t size)
{
  DIR *d = opendir(a);
  qf_rc rc = d ? QF_OK : QF_IO;
  for (struct dirent *e; d && !rc && (e = readdir(d));) {
    char x[4600], y[4600];
    snprintf(x, sizeof x, "%.4300s/%s", a, e->d_name);
    snprintf(y, sizeof y, "%.4300s/%s", b, e->d_name);
    if (e->d_name[0] != '.' && !same_file(x, y)) {
      snprintf(out, size, "%s", e->d_name);
      rc = QF_CORRUPT;
    }
  }
  if (d)
    closedir(d);
  return rc;
}

qf_rc qf_scratch_compare(const char *a, const char *b, char *out, size_t size)
{
  qf_rc rc = covered(a, b, out, size);
  return rc ? rc : covered(b, a, out, size);
}
