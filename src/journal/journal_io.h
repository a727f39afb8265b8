/* Private to the journal and its tests: the port to the operating system through which the writer makes every change to
 * the disk, so that a test can fail, shorten or end the process at the k-th call. NULL members do not exist: take
 * qf_journal_io_system() and replace what you need. Functions answer as their system call does, -1 with errno. */
#ifndef QF_JOURNAL_JOURNAL_IO_H
#define QF_JOURNAL_JOURNAL_IO_H
#include "journal/journal.h"
#include <sys/types.h>

typedef struct qf_journal_io {
  void *ud;
  ssize_t (*pwrite)(void *ud, int fd, const void *bytes, size_t n, off_t at);
  int (*fdatasync)(void *ud, int fd);
  int (*fsync)(void *ud, int fd); /* also of the folder */
  int (*ftruncate)(void *ud, int fd, off_t len);
  int (*fallocate)(void *ud, int fd, off_t at, off_t len); /* extends the file with zeros; may fail: only slower */
  int (*rename)(void *ud, int dirfd, const char *from, const char *to);
} qf_journal_io;

qf_journal_io qf_journal_io_system(void);
/* As qf_journal_open, with every change to the disk made through *io (copied). */
QF_MUST qf_rc qf_journal_open_io(const char *dir, const qf_journal_opts *opts, const qf_journal_io *io,
                                 qf_journal **out, qf_err *err);
#endif
