/* Where a test keeps its files: a new folder under $TMPDIR, else /tmp. ctest sets TMPDIR to memory where there is some:
 * the tests sync some ten thousand times, and what they prove does not hang on the disk being slow. */
#ifndef QF_BASE_TEST_DIR_H
#define QF_BASE_TEST_DIR_H

#include <stdio.h>
#include <stdlib.h>

/* Make a folder named after `name`; its path goes to path[size]. Returns path, or NULL when it could not be made. */
static inline char *qf_test_dir(char *path, size_t size, const char *name)
{
  const char *tmp = getenv("TMPDIR");
  int n = snprintf(path, size, "%s/qf-%s-XXXXXX", tmp && *tmp ? tmp : "/tmp", name);
  return n > 0 && (size_t)n < size ? mkdtemp(path) : NULL;
}

#endif
