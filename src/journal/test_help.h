/* For the journal's tests only: a scratch folder, files as bytes, a seeded generator, a CRC of its own. */
#ifndef QF_JOURNAL_TEST_HELP_H
#define QF_JOURNAL_TEST_HELP_H
#include "base/test_dir.h"
#include "journal/journal.h"
#include <setjmp.h>
#include <stdarg.h>
/* cmocka needs the two above */
#include <cmocka.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static inline uint64_t splitmix(uint64_t *s)
{
  uint64_t z = (*s += UINT64_C(0x9e3779b97f4a7c15));
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

/* CRC-32C bit by bit, from the polynomial: independent of the code under test. */
static inline uint32_t plain_crc(const uint8_t *p, size_t n)
{
  uint32_t c = UINT32_MAX;
  for (; n; n--, p++)
    for (unsigned bit = 0; bit < 8; bit++)
      c = (c >> 1) ^ ((((c ^ (uint32_t)(*p >> bit)) & 1u) != 0) ? 0x82F63B78u : 0u);
  return ~c;
}

static inline int scratch_rm(const char *path, const struct stat *st, int flag, struct FTW *f)
{
  (void)st, (void)flag, (void)f;
  return remove(path);
}

typedef struct scratch {
  char dir[64];     /* of the city */
  char journal[80]; /* of its journal */
} scratch;

static inline scratch scratch_make(void)
{
  scratch s;
  assert_non_null(qf_test_dir(s.dir, sizeof s.dir, "journal"));
  snprintf(s.journal, sizeof s.journal, "%s/journal", s.dir);
  return s;
}

static inline void scratch_end(const scratch *s)
{
  nftw(s->dir, scratch_rm, 16, FTW_DEPTH | FTW_PHYS);
}

/* Path of a file of the journal; static, overwritten by the next call. */
static inline const char *in_journal(const scratch *s, const char *name)
{
  static char path[200];
  snprintf(path, sizeof path, "%s/%s", s->journal, name);
  return path;
}

static inline uint8_t *file_read(const char *path, size_t *n)
{
  FILE *f = fopen(path, "rb");
  assert_non_null(f);
  fseek(f, 0, SEEK_END);
  *n = (size_t)ftell(f);
  rewind(f);
  uint8_t *p = malloc(*n + 1);
  assert_non_null(p);
  assert_int_equal(fread(p, 1, *n, f), *n);
  fclose(f);
  return p;
}

static inline void file_write(const char *path, const uint8_t *p, size_t n)
{
  FILE *f = fopen(path, "wb");
  assert_non_null(f);
  assert_int_equal(fwrite(p, 1, n, f), n);
  fclose(f);
}

static inline void must(qf_rc rc, const qf_err *err)
{
  if (rc)
    fail_msg("%s: %s", qf_rc_name(rc), err->en);
}
#define FIRST_SEGMENT "00000000000000000001.qfj"
#endif
