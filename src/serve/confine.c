#include "serve/confine.h"
#include "collect/conf.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef LANDLOCK_ACCESS_FS_REFER /* of ABI 2: kernel headers of Debian 12 have it, older ones do not */
#define LANDLOCK_ACCESS_FS_REFER (1ULL << 13)
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE /* of ABI 3 */
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif

#define WRITE (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE)
/* What our own folder may see: files and folders made, renamed, removed. No devices, sockets, pipes or links by name. */
#define OURS                                                                                                           \
  (WRITE | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |                \
   LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REFER)
#define ALL                                                                                                            \
  (OURS | LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK |                  \
   LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_SYM)

typedef struct rules {
  int fd;
  uint64_t known; /* rights this kernel knows: others must not be named */
} rules;

static bool allow(const rules *r, const char *path, uint64_t rights)
{
  int fd = open(path, O_PATH | O_CLOEXEC);
  if (fd < 0)
    return false;
  const struct landlock_path_beneath_attr a = {.allowed_access = rights & r->known, .parent_fd = fd};
  bool ok = syscall(SYS_landlock_add_rule, r->fd, LANDLOCK_RULE_PATH_BENEATH, &a, 0) == 0;
  int e = errno;
  close(fd);
  errno = e;
  return ok;
}

static int ini_only(const struct dirent *e)
{
  size_t n = strlen(e->d_name);
  return e->d_name[0] != '.' && n > 4 && strcmp(e->d_name + n - 4, ".ini") == 0;
}

/* Collectors put a report beside each file they take: the folders they watch are theirs too. What is wrong with a collector's file is
 * told by the collector, later. */
static void allow_watched(const rules *r, const char *dir)
{
  char folder[4200], path[4500];
  struct dirent **file = NULL;
  qf_err err;
  snprintf(folder, sizeof folder, "%.4100s/collect", dir);
  int n = scandir(folder, &file, ini_only, NULL);
  for (int i = 0; i < n; i++) {
    qf_conf *c;
    snprintf(path, sizeof path, "%s/%s", folder, file[i]->d_name);
    if (qf_conf_open(path, &c, &err) == QF_OK) {
      const char *protocol = qf_conf_get(c, "collector", "protocol"), *watched = qf_conf_path(c, "collector", "path");
      if (protocol && watched && strcmp(protocol, "folder") == 0)
        (void)allow(r, watched, OURS);
      qf_conf_close(c);
    }
    free(file[i]);
  }
  free((void *)file);
}

static qf_rc refused(const char *what, qf_err *err)
{
  return qf_fail(err, QF_IO, "confining the server: %.150s: %s", "限制服务权限：%.150s：%s", what, strerror(errno));
}

qf_rc qf_confine(const char *dir, bool *confined, qf_err *err)
{
  *confined = false;
  if (prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL) != 0)
    return refused("no_new_privs", err);
  long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (abi < 2) /* the first could not rename from one folder to another */
    return QF_OK;
  if (mkdir(dir, 0700) != 0 && errno != EEXIST)
    return refused(dir, err);
  rules r = {.known = ALL & ~(abi < 3 ? LANDLOCK_ACCESS_FS_TRUNCATE : 0)};
  const struct landlock_ruleset_attr a = {.handled_access_fs = r.known};
  r.fd = (int)syscall(SYS_landlock_create_ruleset, &a, sizeof a, 0);
  if (r.fd < 0)
    return refused("Landlock", err);
  qf_rc rc = allow(&r, dir, OURS) ? QF_OK : refused(dir, err);
  (void)allow(&r, "/dev/null", WRITE);
  allow_watched(&r, dir);
  if (!rc && syscall(SYS_landlock_restrict_self, r.fd, 0) != 0)
    rc = refused("Landlock", err);
  close(r.fd);
  *confined = !rc;
  return rc;
}
