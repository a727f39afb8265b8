/* The sidecar "checked": closed segments that were read (or written and synced) whole, so that an open need not read them.
 *
 *   0   8  "QFJCHK1\n"         per segment, 80 bytes:
 *   8   4  number of segments    0   8  first sequence       32   8  mtime, nanoseconds since 1970
 *  12   4  zero                  8   8  last sequence        40   8  ctime
 *  16      the segments         16   8  size of the file     48  32  chain value after the last entry
 *   n   4  CRC-32C of all       24   8  inode
 *          before it
 * Little-endian. A projection: it may be removed at any time, and anything in it that does not fit means reading. It is no
 * proof: who can write a segment can write it too. qf_journal_verify and cursors never look at it. */
#include "journal/checked.h"
#include "base/buf.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEAD 16u
#define REC 80u
#define MAX_SEGMENTS 1000000u /* 64 TB of journal; a number beyond is damage */
#define TMP "checked.tmp"

static const char magic[8] = {'Q', 'F', 'J', 'C', 'H', 'K', '1', '\n'};

static void put(uint8_t *p, uint64_t v, int bytes)
{
  for (int i = 0; i < bytes; i++)
    p[i] = (uint8_t)(v >> (8 * i));
}

static uint64_t get(const uint8_t *p, int bytes)
{
  uint64_t v = 0;
  for (int i = bytes; i-- > 0;)
    v = v << 8 | p[i];
  return v;
}

static int64_t ns_of(struct timespec t)
{
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void rec_write(const qf_checked_seg *s, uint8_t *p)
{
  uint64_t v[6] = {s->first, s->last, s->size, s->inode, (uint64_t)s->modified_ns, (uint64_t)s->changed_ns};
  for (int i = 0; i < 6; i++)
    put(p + i * 8, v[i], 8);
  memcpy(p + 48, s->chain, 32);
}

static void rec_read(const uint8_t *p, qf_checked_seg *s)
{
  *s = (qf_checked_seg){.first = get(p, 8),
                        .last = get(p + 8, 8),
                        .size = get(p + 16, 8),
                        .inode = get(p + 24, 8),
                        .modified_ns = (int64_t)get(p + 32, 8),
                        .changed_ns = (int64_t)get(p + 40, 8)};
  memcpy(s->chain, p + 48, 32);
}

static bool read_exact(int fd, uint8_t *p, size_t n)
{
  while (n) {
    ssize_t r = read(fd, p, n);
    if (r < 0 && errno == EINTR)
      continue;
    if (r <= 0)
      return false;
    p += r;
    n -= (size_t)r;
  }
  return true;
}

/* The whole sidecar when it is one, else NULL; *count its segments. The caller frees. */
static uint8_t *slurp(int dirfd, size_t *count)
{
  int fd = openat(dirfd, QF_CHECKED_NAME, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  struct stat st;
  uint8_t *p = NULL;
  *count = 0;
  if (fd >= 0 && fstat(fd, &st) == 0 && st.st_size >= (off_t)(HEAD + 4) &&
      st.st_size <= (off_t)(HEAD + 4 + (size_t)REC * MAX_SEGMENTS) && (p = malloc((size_t)st.st_size)) != NULL) {
    size_t n = (size_t)st.st_size;
    if (read_exact(fd, p, n) && memcmp(p, magic, 8) == 0 && get(p + n - 4, 4) == qf_crc32c(0, p, n - 4) &&
        n == HEAD + 4 + get(p + 8, 4) * (size_t)REC && get(p + 12, 4) == 0) {
      *count = (size_t)get(p + 8, 4);
    } else {
      free(p);
      p = NULL;
    }
  }
  if (fd >= 0)
    close(fd);
  return p;
}

/* Does the segment that begins with `first` carry on this chain? */
static bool follows(int dirfd, uint64_t first, const uint8_t chain[32])
{
  char name[QF_SEG_NAME];
  uint8_t head[QF_SEG_HEAD];
  qf_seg_head h;
  qf_segment_file_name(first, name);
  int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC);
  bool ok = fd >= 0 && read_exact(fd, head, sizeof head) && qf_seg_head_read(head, &h) && h.first_seq == first &&
            memcmp(h.chain, chain, 32) == 0;
  if (fd >= 0)
    close(fd);
  return ok;
}

static bool unchanged(int dirfd, const qf_checked_seg *s)
{
  char name[QF_SEG_NAME];
  struct stat st;
  qf_segment_file_name(s->first, name);
  return fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
         (uint64_t)st.st_size == s->size && (uint64_t)st.st_ino == s->inode && ns_of(st.st_mtim) == s->modified_ns &&
         ns_of(st.st_ctim) == s->changed_ns;
}

static bool push(qf_checked *c, const qf_checked_seg *s)
{
  if (c->n == c->cap) {
    size_t cap = c->cap ? c->cap * 2 : 16;
    qf_checked_seg *p = realloc(c->seg, cap * sizeof *p);
    if (!p)
      return false;
    c->seg = p;
    c->cap = cap;
  }
  c->seg[c->n++] = *s;
  return true;
}

void qf_checked_load(int dirfd, const uint64_t *list, size_t n, qf_checked *out)
{
  static const uint8_t none[32] = {0};
  size_t count;
  *out = (qf_checked){0};
  uint8_t *p = slurp(dirfd, &count);
  if (p && n && !follows(dirfd, list[0], none))
    count = 0;
  for (size_t i = 0; p && i < count && i + 1 < n; i++) {
    qf_checked_seg s;
    rec_read(p + HEAD + i * REC, &s);
    if (s.first != list[i] || s.last + 1 != list[i + 1] || !unchanged(dirfd, &s) ||
        !follows(dirfd, list[i + 1], s.chain) || !push(out, &s))
      break;
  }
  free(p);
}

void qf_checked_add(qf_checked *c, uint64_t first, uint64_t last, const uint8_t chain[32], const struct stat *st)
{
  if (first != (c->n ? c->seg[c->n - 1].last + 1 : 1) || last < first || c->n == MAX_SEGMENTS)
    return;
  qf_checked_seg s = {.first = first,
                      .last = last,
                      .size = (uint64_t)st->st_size,
                      .inode = (uint64_t)st->st_ino,
                      .modified_ns = ns_of(st->st_mtim),
                      .changed_ns = ns_of(st->st_ctim)};
  memcpy(s.chain, chain, 32);
  (void)push(c, &s);
}

static bool write_exact(int fd, const uint8_t *p, size_t n)
{
  while (n) {
    ssize_t w = write(fd, p, n);
    if (w < 0 && errno == EINTR)
      continue;
    if (w <= 0)
      return false;
    p += w;
    n -= (size_t)w;
  }
  return true;
}

void qf_checked_save(int dirfd, const qf_checked *c)
{
  size_t n = HEAD + c->n * REC + 4;
  uint8_t *p = calloc(1, n);
  int fd = p ? openat(dirfd, TMP, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600) : -1;
  bool ok = fd >= 0;
  if (ok) {
    memcpy(p, magic, 8);
    put(p + 8, c->n, 4);
    for (size_t i = 0; i < c->n; i++)
      rec_write(&c->seg[i], p + HEAD + i * REC);
    put(p + n - 4, qf_crc32c(0, p, n - 4), 4);
    ok = write_exact(fd, p, n);
    ok = close(fd) == 0 && ok;
    ok = ok && renameat(dirfd, TMP, dirfd, QF_CHECKED_NAME) == 0;
    if (!ok)
      unlinkat(dirfd, TMP, 0);
  }
  free(p);
}

void qf_checked_free(qf_checked *c)
{
  free(c->seg);
  *c = (qf_checked){0};
}
