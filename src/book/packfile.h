/* A pack's SQL file: leading comment lines `-- key: value`, then the statement. Records and indicators share the form.
 * Pure apart from reading one file; thread-safe. */
#ifndef QF_BOOK_PACKFILE_H
#define QF_BOOK_PACKFILE_H
#include "base/buf.h"

#define QF_PACKFILE_MAX (256u << 10) /* bytes of one pack file */

typedef struct qf_packfile {
  char path[512]; /* as given, for error words */
  char *text;     /* owned: the whole file, NUL after it */
  size_t len;
  const char *sql; /* first line that is neither blank nor comment; points into text */
} qf_packfile;

/* Read a pack file. Errors: QF_IO (missing, unreadable), QF_SYNTAX (over QF_PACKFILE_MAX, NUL inside, not UTF-8, no statement). */
QF_MUST qf_rc qf_packfile_read(const char *path, qf_packfile *out, qf_err *err);
void qf_packfile_fini(qf_packfile *f);
/* Copy the value of header key into out (trimmed); false and "" when the header has no such key. A value is cut at cap-1. */
bool qf_packfile_get(const qf_packfile *f, const char *key, char *out, size_t cap);
/* Split "zh|en" in two (trimmed); without a bar both get the whole text. Texts are cut at cap-1. */
void qf_packfile_split(const char *both, char *zh, char *en, size_t cap);

/* Call fn for every folder entry of dir whose name ends in `ext` ("" = folders), in byte order of names. A missing dir has none.
 * fn returns an rc; the first error stops and is returned. Errors: QF_IO, QF_NOMEM. */
typedef qf_rc qf_packdir_fn(void *ud, const char *dir, const char *name, qf_err *err);
QF_MUST qf_rc qf_packdir_each(const char *dir, const char *ext, qf_packdir_fn *fn, void *ud, qf_err *err);
#endif
