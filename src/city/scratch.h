/* A scratch folder and copies into it, for looking at projections without touching the city's folder. Not for others. */
#ifndef QF_CITY_SCRATCH_H
#define QF_CITY_SCRATCH_H
#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>

/* Make an empty folder under tmp (NULL: $TMPDIR, else /tmp); its path goes to out. Errors: QF_IO. */
QF_MUST qf_rc qf_scratch_make(const char *tmp, char *out, size_t size, qf_err *err);
void qf_scratch_remove(const char *path); /* and everything in it; links are removed, not followed */
/* Copy the files of folder `from` whose names begin with prefix ("" all) and do not contain `without` (NULL: none) into a new
 * folder `to`. link: files of more than 1 MiB become symbolic links; for readers that never write into a file. A folder
 * that is not there counts as empty. Errors: QF_IO, QF_FULL. */
typedef struct qf_copy_opts {
  const char *prefix, *without;
  bool link;
} qf_copy_opts;
QF_MUST qf_rc qf_scratch_copy(const char *from, const char *to, const qf_copy_opts *o, qf_err *err);
/* First file that differs between two folders: its name to out. QF_OK alike, QF_CORRUPT one differs, QF_IO. */
QF_MUST qf_rc qf_scratch_compare(const char *a, const char *b, char *out, size_t size);
#endif
