/* The built pages: files of web/dist by an allow-list of endings, precompressed when the browser takes gzip; every
 * other address without a dot is the application's (its router reads the path). */
#include "serve/http.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *type_of(const char *path)
{
  static const struct {
    const char *end, *type;
  } known[] = {{".html", "text/html; charset=utf-8"},        {".js", "text/javascript; charset=utf-8"},
               {".css", "text/css; charset=utf-8"},          {".svg", "image/svg+xml"},
               {".json", "application/json; charset=utf-8"}, {".ico", "image/x-icon"},
               {".txt", "text/plain; charset=utf-8"},        {".png", "image/png"}};
  size_t n = strlen(path);
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    size_t k = strlen(known[i].end);
    if (n > k && strcmp(path + n - k, known[i].end) == 0)
      return known[i].type;
  }
  return NULL;
}

static bool load(qf_req *r, const char *path, const char *suffix)
{
  char full[5200];
  struct stat st;
  if (snprintf(full, sizeof full, "%s%s%s", r->s->web, path, suffix) >= (int)sizeof full)
    return false;
  int fd = open(full, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0)
    return false;
  bool ok = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && qf_buf_reserve(&r->out, (size_t)st.st_size);
  for (ssize_t n = 1; ok && n > 0 && r->out.len < (size_t)st.st_size;) {
    n = read(fd, r->out.data + r->out.len, (size_t)st.st_size - r->out.len);
    r->out.len += n > 0 ? (size_t)n : 0;
  }
  ok = ok && r->out.len == (size_t)st.st_size;
  close(fd);
  return ok;
}

void qf_static(qf_req *r)
{
  const char *path = r->path;
  const char *slash = strrchr(path, '/');
  if (strstr(path, "..") || strstr(path, "/.") || !slash)
    path = "/-";
  else if (!strchr(slash, '.') || strncmp(path, "/e/", 3) == 0 || strncmp(path, "/m/", 3) == 0 ||
           strncmp(path, "/f/", 3) == 0)
    path = "/index.html"; /* ids of subjects, figures and filings have dots */
  const char *type = type_of(path), *takes = qf_req_header(r, "Accept-Encoding");
  r->packed = type && takes && strstr(takes, "gzip") && load(r, path, ".gz");
  if (r->packed || (type && load(r, path, ""))) {
    r->type = type;
    return;
  }
  qf_err err;
  bool shell = strcmp(path, "/index.html") == 0;
  (void)qf_fail(&err, QF_NOTFOUND, shell ? "the pages are not built: run `make`" : "no such file",
                shell ? "页面尚未构建：请运行 make" : "无此文件");
  qf_req_fail(r, 404, QF_NOTFOUND, &err);
}
