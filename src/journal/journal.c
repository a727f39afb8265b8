/* The journal: its bytes, its writer and its recovery.
 *
 * FOLDER    DIR/journal holds segments, named by the sequence of their first entry in 20 digits, and the mark:
 *             00000000000000000001.qfj  00000000000000004711.qfj ...  head
 *           The first segment begins with entry 1. `segment.tmp` is a segment being born; it is removed at open.
 *           All numbers are little-endian; CRC is CRC-32C (RFC 3720); times are microseconds since 1970 UTC.
 *
 * SEGMENT   128 bytes header, entries without gap, perhaps zeros (space taken in advance, only in the last segment)
 *             0   8  "QFJSEG1\n"          32  32  chain value before the first entry (zeros for entry 1)
 *             8   4  format version 1     64   4  salt: random, repeated in every entry of the segment
 *            12   4  128                  68  56  zero
 *            16   8  first sequence      124   4  CRC of bytes 0..123
 *            24   8  time of making
 *
 * ENTRY     48 bytes header, body, chain value
 *             0   4  "QFJE"               32   4  body length L, 1 .. 16 MiB
 *             4   4  salt of the segment  36   1  type (qf_entry_type)
 *             8   8  group: sequence of   37   3  zero
 *                    the first entry      40   4  CRC of the body
 *                    written with it      44   4  CRC of bytes 0..43
 *            16   8  sequence             48   L  body
 *            24   8  time              48+L  32  chain value
 *           chain(n) = SHA-256( chain(n-1) || bytes 16..39 of the header of n || body of n ),  chain(0) = 32 zeros.
 *           It covers sequence, time, length, type and body - what was said, in order; not salt, group and CRC, which
 *           belong to this file. The lengths of the parts are fixed or inside, so no two histories hash the same bytes.
 *
 * MARK      "head", 4096 bytes, mapped by the writer, never synced: hints, not truth. Each value with its complement.
 *             0  "QFJHEAD1"   8  times opened, ~   24  readers may see entries to here, ~
 *                            40  entries to here were synced, ~   56  first sequence of the segment of those, ~
 *           The writer holds an OFD write lock on byte 0 while it is at work (and flock on the folder): so a reader
 * knows.
 *
 * WRITING   One thread takes all that is queued (to 8 MiB), writes it with one pwrite and one fdatasync, moves the
 * mark, then calls back. A group never crosses segments. Before a new segment the old one is cut to its length and
 *           synced; the new one is written as segment.tmp, synced, renamed, and the folder synced.
 *
 * RECOVERY  Everything but closed segments noted in "checked" (checked.c) is read and checked. Where no whole entry
 *           stands in the last segment:
 *             - zeros to the end: the end
 *             - a whole entry with a higher sequence and a later group follows: damage. A later group is only ever
 * written after this entry was synced; so stop (QF_CORRUPT)
 *             - the mark says this entry was synced: damage as well, unless file end or zeros show it was cut off (then
 * cut there and tell: qf_journal_recovered)
 *             - whole entries of the same group follow: a power cut may leave some sectors of a group and not others,
 * but then a whole sector of this entry is zero or the file ends inside it; else damage
 *             - otherwise torn: cut there. Nothing of it was ever acknowledged.
 *           In any segment but the last, anything that is not a whole entry is damage. The last group is written again
 * and synced: if the process died of a failed fdatasync, the kernel may believe pages clean that are not on disk. */
#include "journal/journal.h"
#include "base/buf.h"
#include "journal/checked.h"
#include "journal/cursor.h"
#include "journal/journal_io.h"
#include "journal/mark.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#ifdef QF_SMALL
#define SEGMENT_BYTES ((size_t)64 << 10)
#define GROUP_BYTES ((size_t)16 << 10)
#define AHEAD_BYTES ((size_t)8 << 10)
#else
#define SEGMENT_BYTES ((size_t)64 << 20)
#define GROUP_BYTES ((size_t)8 << 20)
#define AHEAD_BYTES                                                                                                    \
  ((size_t)8 << 20) /* space taken in advance: a sync that need not change the file's size is cheaper */
#endif
#define QUEUE_BYTES ((size_t)64 << 20)
#define QUEUE_COST 128u /* of one waiting entry beside its body */

typedef unsigned long long ull;

typedef struct waiting { /* one submitted entry */
  const uint8_t *body;
  size_t len;
  uint32_t crc;
  uint8_t type;
  qf_journal_done *done;
  void *ud;
} waiting;

typedef struct lot { /* what is written together */
  const waiting *w;
  size_t k, bytes;
  uint64_t first; /* sequence of w[0] */
  qf_us at;
  uint8_t chain[32]; /* before, then after it */
} lot;

struct qf_journal {
  /* set at open */
  int dirfd, markfd;
  qf_mark_bytes *mark;
  qf_journal_io io;
  qf_journal_opts opts;
  qf_journal_recovery recovery;
  pthread_t thread;
  bool running;
  pthread_mutex_t *mx; /* = &mx_own; a pointer, so that a const journal can be asked */
  pthread_mutex_t mx_own;
  pthread_cond_t work, moved;
  /* under mx */
  waiting *queue;
  size_t n, cap;
  uint64_t submitted, completed; /* counts of entries */
  bool sleeping, stopping, dead, want_sync, unsynced;
  qf_rc silent; /* failure of an entry without done, to be told by the next flush */
  uint64_t seq; /* last durable */
  uint8_t chain[32];
  qf_journal_stats stats;
  double sync_ms_sum;
  /* the writer thread's own */
  int fd;
  qf_seg_head seg;
  qf_checked checked;  /* closed segments that the next open need not read */
  uint64_t end, ahead; /* good end of the segment; its size with the space taken in advance */
  qf_chain sha;
  uint8_t *group; /* bytes of the lot being written */
  size_t group_cap;
  waiting *spare;
  size_t spare_cap;
  size_t doomed; /* so many at the head of the queue fail with doom, because what was before them did */
  qf_rc doom;
};

/* ---- the system behind the port */

static ssize_t sys_pwrite(void *ud, int fd, const void *bytes, size_t n, off_t at)
{
  (void)ud;
  return pwrite(fd, bytes, n, at);
}

static int sys_fdatasync(void *ud, int fd)
{
  (void)ud;
  return fdatasync(fd);
}

static int sys_fsync(void *ud, int fd)
{
  (void)ud;
  return fsync(fd);
}

static int sys_ftruncate(void *ud, int fd, off_t len)
{
  (void)ud;
  return ftruncate(fd, len);
}

static int sys_fallocate(void *ud, int fd, off_t at, off_t len)
{
  (void)ud;
  return fallocate(fd, 0, at, len);
}

static int sys_rename(void *ud, int dirfd, const char *from, const char *to)
{
  (void)ud;
  return renameat(dirfd, from, dirfd, to);
}

qf_journal_io qf_journal_io_system(void)
{
  return (qf_journal_io){NULL, sys_pwrite, sys_fdatasync, sys_fsync, sys_ftruncate, sys_fallocate, sys_rename};
}

static qf_us now_us(const qf_journal *j)
{
  if (j->opts.clock.now)
    return j->opts.clock.now(j->opts.clock.ud);
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return (qf_us)t.tv_sec * QF_US_SECOND + t.tv_nsec / 1000;
}

static double mono_ms(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* The code for an errno of a write: no space is not the same trouble as a broken disk. */
static qf_rc rc_of(int e)
{
  return e == ENOSPC || e == EDQUOT || e == EFBIG ? QF_FULL : QF_IO;
}

static int write_all(const qf_journal *j, int fd, const uint8_t *bytes, size_t n, uint64_t at)
{
  while (n) {
    ssize_t w = j->io.pwrite(j->io.ud, fd, bytes, n, (off_t)at);
    if (w < 0 && errno == EINTR)
      continue;
    if (w == 0)
      errno = EIO;
    if (w <= 0)
      return -1;
    bytes += w;
    n -= (size_t)w;
    at += (uint64_t)w;
  }
  return 0;
}

/* ---- mark */

static void mark_set(uint64_t *v, uint64_t *not_v, uint64_t value)
{
  __atomic_store_n(v, value, __ATOMIC_RELEASE);
  __atomic_store_n(not_v, ~value, __ATOMIC_RELEASE);
}

static void mark_synced(qf_journal *j, uint64_t seq)
{
  mark_set(&j->mark->segment, &j->mark->not_segment, j->seg.first_seq);
  mark_set(&j->mark->durable, &j->mark->not_durable, seq);
}

static qf_rc mark_fail(qf_err *err, int e)
{
  return qf_fail(err, rc_of(e), "journal mark \"head\" cannot be made: %s", "日志标记文件 head 无法建立：%s",
                 strerror(e));
}

/* Map the mark, making it when it is not there, and count this opening. */
static qf_rc mark_open(qf_journal *j, qf_err *err)
{
  qf_mark was = qf_mark_look(j->dirfd);
  struct stat st;
  j->markfd = openat(j->dirfd, QF_MARK_NAME, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (j->markfd < 0 || fstat(j->markfd, &st) != 0)
    return mark_fail(err, errno);
  if (st.st_size < (off_t)QF_MARK_BYTES) { /* written, not only sized: a hole could fault later when the disk is full */
    uint8_t zero[QF_MARK_BYTES] = {0};
    ssize_t w = pwrite(j->markfd, zero, sizeof zero, 0);
    if (w != (ssize_t)sizeof zero)
      return mark_fail(err, w < 0 ? errno : ENOSPC);
  }
  void *p = mmap(NULL, QF_MARK_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, j->markfd, 0);
  if (p == MAP_FAILED)
    return mark_fail(err, errno);
  j->mark = p;
  mark_set(&j->mark->opened, &j->mark->not_opened, was.opened + 1);
  mark_set(&j->mark->visible, &j->mark->not_visible, was.visible);
  mark_set(&j->mark->segment, &j->mark->not_segment, was.segment);
  mark_set(&j->mark->durable, &j->mark->not_durable, was.durable);
  __atomic_store_n(&j->mark->magic, QF_MARK_MAGIC, __ATOMIC_RELEASE);
  return QF_OK;
}

/* ---- segments */

/* A failure that the journal does not survive: what is on disk is no longer known. */
static qf_rc die(qf_journal *j)
{
  pthread_mutex_lock(j->mx);
  j->dead = true;
  pthread_mutex_unlock(j->mx);
  return QF_IO;
}

static qf_rc sync_segment(qf_journal *j)
{
  double from = mono_ms();
  if (j->io.fdatasync(j->io.ud, j->fd) != 0)
    return die(j); /* never tried again: the second answer would be a lie */
  double ms = mono_ms() - from;
  pthread_mutex_lock(j->mx);
  j->stats.syncs++;
  j->sync_ms_sum += ms;
  if (ms > j->stats.sync_ms_max)
    j->stats.sync_ms_max = ms;
  j->unsynced = false;
  pthread_mutex_unlock(j->mx);
  return QF_OK;
}

/* Cut the segment back to its good end and make that durable. */
static qf_rc cut(qf_journal *j)
{
  if (j->io.ftruncate(j->io.ud, j->fd, (off_t)j->end) != 0)
    return die(j);
  j->ahead = j->end;
  return sync_segment(j);
}

/* Write a header into segment.tmp, sync, give it its name, sync the folder. *fd gets the file. Failures of a sync kill.
 */
static qf_rc make_segment(qf_journal *j, const qf_seg_head *h, int *fd)
{
  uint8_t head[QF_SEG_HEAD];
  char name[QF_SEG_NAME];
  qf_seg_head_write(h, head);
  qf_segment_file_name(h->first_seq, name);
  *fd = openat(j->dirfd, "segment.tmp", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (*fd < 0)
    return rc_of(errno);
  qf_rc rc = QF_OK;
  if (write_all(j, *fd, head, sizeof head, 0) != 0)
    rc = rc_of(errno);
  else if (j->io.fsync(j->io.ud, *fd) != 0)
    rc = die(j);
  else if (j->io.rename(j->io.ud, j->dirfd, "segment.tmp", name) != 0)
    rc = rc_of(errno);
  else if (j->io.fsync(j->io.ud, j->dirfd) != 0)
    rc = die(j);
  if (rc) {
    close(*fd);
    *fd = -1;
    unlinkat(j->dirfd, "segment.tmp", 0);
  }
  return rc;
}

/* The segment is closed, whole and synced: the next open need not read it. */
static void retire(qf_journal *j, uint64_t last, const uint8_t chain[32])
{
  struct stat st;
  if (fstat(j->fd, &st) == 0) {
    qf_checked_add(&j->checked, j->seg.first_seq, last, chain, &st);
    qf_checked_save(j->dirfd, &j->checked);
  }
  close(j->fd);
}

/* Go on in a new segment that begins with sequence `first`. */
static qf_rc roll(qf_journal *j, uint64_t first, const uint8_t chain[32])
{
  qf_rc rc = j->fd < 0 ? QF_OK : cut(j);
  if (rc)
    return rc;
  qf_seg_head h = {.first_seq = first, .made_us = now_us(j)};
  memcpy(h.chain, chain, 32);
  if (getrandom(&h.salt, sizeof h.salt, 0) != (ssize_t)sizeof h.salt)
    h.salt = (uint32_t)h.made_us; /* only has to differ from other segments */
  int fd;
  rc = make_segment(j, &h, &fd);
  if (rc)
    return rc;
  if (j->fd >= 0)
    retire(j, first - 1, chain);
  j->fd = fd;
  j->seg = h;
  j->end = j->ahead = QF_SEG_HEAD;
  return QF_OK;
}

/* ---- the writer */

/* How many of w[0..n) make the next group, and its bytes. */
static lot choose(qf_journal *j, const waiting *w, size_t n)
{
  size_t max = GROUP_BYTES;
  uint64_t limit = j->opts.segment_bytes;
  uint64_t room = limit > j->end ? limit - j->end : 0;
  if (QF_ENT_EXTRA + w[0].len > room) /* it begins a new segment */
    room = limit > QF_SEG_HEAD ? limit - QF_SEG_HEAD : 0;
  if (max > room)
    max = (size_t)room;
  lot l = {.w = w, .first = j->seq + 1, .at = now_us(j)}; /* only this thread changes seq and chain */
  memcpy(l.chain, j->chain, 32);
  while (l.k < n && (l.k == 0 || l.bytes + QF_ENT_EXTRA + w[l.k].len <= max))
    l.bytes += QF_ENT_EXTRA + w[l.k++].len;
  return l;
}

static void lay_out(const qf_journal *j, lot *l)
{
  uint8_t *p = j->group;
  for (size_t i = 0; i < l->k; i++) {
    const waiting *w = &l->w[i];
    qf_ent_head h = {l->first, l->first + i, l->at, (uint32_t)w->len, w->crc, w->type};
    qf_ent_head_write(&h, j->seg.salt, p);
    memcpy(p + QF_ENT_HEAD, w->body, w->len);
    qf_chain_next(&j->sha, l->chain, p, p + QF_ENT_HEAD, w->len);
    memcpy(p + QF_ENT_HEAD + w->len, l->chain, 32);
    p += QF_ENT_EXTRA + w->len;
  }
}

static qf_rc group_room(qf_journal *j, size_t bytes)
{
  if (bytes <= j->group_cap)
    return QF_OK;
  size_t cap = j->group_cap ? j->group_cap : (size_t)64 << 10;
  while (cap < bytes)
    cap *= 2;
  uint8_t *p = realloc(j->group, cap);
  if (!p)
    return QF_NOMEM;
  j->group = p;
  j->group_cap = cap;
  return QF_OK;
}

static void take_ahead(qf_journal *j, size_t bytes)
{
  uint64_t need = j->end + bytes;
  if (need <= j->ahead)
    return;
  uint64_t to = need + AHEAD_BYTES;
  if (to > j->opts.segment_bytes)
    to = j->opts.segment_bytes;
  if (to > need && j->io.fallocate(j->io.ud, j->fd, (off_t)j->ahead, (off_t)(to - j->ahead)) == 0)
    j->ahead = to;
}

/* Write the lot; its chain goes on. On failure nothing of it stays and the journal is as before, or it is dead. */
static qf_rc write_group(qf_journal *j, lot *l)
{
  qf_rc rc = group_room(j, l->bytes);
  if (!rc && j->end > QF_SEG_HEAD && j->end + l->bytes > j->opts.segment_bytes)
    rc = roll(j, l->first, l->chain);
  if (rc)
    return rc;
  lay_out(j, l);
  take_ahead(j, l->bytes);
  if (write_all(j, j->fd, j->group, l->bytes, j->end) != 0) {
    rc = rc_of(errno);
    qf_rc dead = cut(j);
    return dead ? dead : rc;
  }
  if (!j->opts.no_sync && (rc = sync_segment(j)) != QF_OK)
    return rc;
  j->end += l->bytes;
  if (j->end > j->ahead)
    j->ahead = j->end;
  if (!j->opts.no_sync)
    mark_synced(j, l->first + l->k - 1);
  mark_set(&j->mark->visible, &j->mark->not_visible, l->first + l->k - 1);
  return QF_OK;
}

static void publish(qf_journal *j, const lot *l)
{
  pthread_mutex_lock(j->mx);
  j->seq = l->first + l->k - 1;
  memcpy(j->chain, l->chain, 32);
  j->stats.entries += l->k;
  j->stats.bytes += l->bytes;
  j->stats.groups++;
  j->unsynced = j->opts.no_sync;
  pthread_mutex_unlock(j->mx);
}

/* Tell the submitters of w[0..k), then count them as done. first 0: failed with rc. Their place in the queue is given
 * back before, so that who is told finds it free. */
static void tell(qf_journal *j, const waiting *w, size_t k, qf_rc rc, uint64_t first, qf_us at)
{
  size_t cost = 0;
  qf_rc silent = QF_OK;
  const uint8_t *p = j->group;
  for (size_t i = 0; i < k; i++)
    cost += w[i].len + QUEUE_COST;
  pthread_mutex_lock(j->mx);
  j->stats.queued_bytes -= cost;
  pthread_mutex_unlock(j->mx);
  for (size_t i = 0; i < k; i++) {
    qf_entry e = {.seq = first ? first + i : 0, .at_us = at, .type = w[i].type, .body = w[i].body, .len = w[i].len};
    if (first) {
      p += QF_ENT_HEAD + w[i].len;
      memcpy(e.chain, p, 32);
      p += 32;
    }
    if (w[i].done)
      w[i].done(w[i].ud, rc, &e);
    else if (rc)
      silent = rc;
  }
  pthread_mutex_lock(j->mx);
  j->completed += k;
  if (silent)
    j->silent = silent;
  pthread_cond_broadcast(&j->moved);
  pthread_mutex_unlock(j->mx);
}

/* Take everything queued. *w stays valid until the next take. */
static size_t take_queue(qf_journal *j, waiting **w)
{
  waiting *q = j->queue;
  size_t n = j->n, cap = j->cap;
  j->queue = j->spare;
  j->cap = j->spare_cap;
  j->n = 0;
  j->spare = q;
  j->spare_cap = cap;
  *w = q;
  return n;
}

/* Everything that waits fails: w, and of the queue what is there before anybody hears of it. */
static void fail_all(qf_journal *j, const waiting *w, size_t n, qf_rc rc)
{
  pthread_mutex_lock(j->mx);
  j->doomed = j->n;
  pthread_mutex_unlock(j->mx);
  j->doom = rc;
  tell(j, w, n, rc, 0, now_us(j));
}

static void write_out(qf_journal *j, const waiting *w, size_t n)
{
  while (n) {
    lot l = choose(j, w, n);
    qf_rc rc = j->dead ? QF_IO : write_group(j, &l);
    if (rc) {
      fail_all(j, w, n, rc);
      return;
    }
    publish(j, &l);
    tell(j, w, l.k, QF_OK, l.first, l.at);
    w += l.k;
    n -= l.k;
  }
}

static void late_sync(qf_journal *j)
{
  if (sync_segment(j) == QF_OK)
    mark_synced(j, j->seq);
  pthread_mutex_lock(j->mx);
  j->want_sync = false;
  pthread_cond_broadcast(&j->moved);
  pthread_mutex_unlock(j->mx);
}

static void *writer(void *arg)
{
  qf_journal *j = arg;
  pthread_setname_np(pthread_self(), "journal");
  for (;;) {
    pthread_mutex_lock(j->mx);
    while (j->n == 0 && !j->want_sync && !j->stopping) {
      j->sleeping = true;
      pthread_cond_wait(&j->work, j->mx);
      j->sleeping = false;
    }
    waiting *w;
    size_t n = take_queue(j, &w);
    bool sync = j->want_sync, over = n == 0 && j->stopping;
    pthread_mutex_unlock(j->mx);
    size_t doomed = j->doomed;
    j->doomed = 0;
    if (doomed)
      tell(j, w, doomed, j->doom, 0, now_us(j));
    if (n > doomed)
      write_out(j, w + doomed, n - doomed);
    if (sync)
      late_sync(j);
    if (over)
      return NULL;
  }
}

/* ---- opening */

static qf_rc open_fail(qf_err *err, const char *dir, int e)
{
  return qf_fail(err, rc_of(e), "the journal in %s cannot be opened: %s", "%s 中的日志无法打开：%s", dir, strerror(e));
}

static qf_rc open_folder(qf_journal *j, const char *dir, qf_err *err)
{
  if (mkdir(dir, 0700) != 0 && errno != EEXIST)
    return open_fail(err, dir, errno);
  int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return open_fail(err, dir, errno);
  bool made = mkdirat(fd, "journal", 0700) == 0;
  if (made || errno == EEXIST)
    j->dirfd = openat(fd, "journal", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int e = errno;
  if (j->dirfd >= 0 && made && j->io.fsync(j->io.ud, fd) != 0) {
    e = errno;
    close(j->dirfd);
    j->dirfd = -1;
  }
  close(fd);
  if (j->dirfd < 0)
    return open_fail(err, dir, e);
  if (flock(j->dirfd, LOCK_EX | LOCK_NB) == 0)
    return QF_OK;
  if (errno == EWOULDBLOCK)
    return qf_fail(err, QF_BUSY, "another process has the journal in %s open", "另一进程已打开 %s 中的日志", dir);
  return open_fail(err, dir, errno);
}

/* Write the last group again where it stands, see RECOVERY. from..end of the last segment. */
static qf_rc renew(qf_journal *j, uint64_t from, const char *dir, qf_err *err)
{
  size_t n = (size_t)(j->end - from), got = 0;
  if (group_room(j, n + 1))
    return qf_fail(err, QF_NOMEM, "out of memory opening the journal", "内存不足，无法打开日志");
  while (got < n) {
    ssize_t r = pread(j->fd, j->group + got, n - got, (off_t)(from + got));
    if (r < 0 && errno == EINTR)
      continue;
    if (r <= 0)
      return open_fail(err, dir, r ? errno : EIO);
    got += (size_t)r;
  }
  if (j->io.ftruncate(j->io.ud, j->fd, (off_t)j->end) != 0 || write_all(j, j->fd, j->group, n, from) != 0 ||
      j->io.fdatasync(j->io.ud, j->fd) != 0 || j->io.fsync(j->io.ud, j->dirfd) != 0)
    return open_fail(err, dir, errno);
  return QF_OK;
}

/* Stand at the end that the cursor has found. */
static qf_rc settle(qf_journal *j, const qf_cursor *c, const char *dir, qf_err *err)
{
  char name[QF_SEG_NAME];
  qf_segment_file_name(c->seg.first_seq, name);
  j->fd = openat(j->dirfd, name, O_RDWR | O_CLOEXEC);
  if (j->fd < 0)
    return open_fail(err, dir, errno);
  j->seg = c->seg;
  j->end = j->ahead = c->pos;
  if (c->tail == QF_TAIL_TORN)
    j->recovery.torn_bytes = c->tail_bytes;
  return renew(j, c->group ? c->group_pos : c->pos, dir, err);
}

static qf_rc check_mark(qf_journal *j, const qf_cursor *c, qf_err *err)
{
  qf_mark m = qf_mark_look(j->dirfd);
  if (m.durable <= j->seq)
    return QF_OK;
  if (m.segment > c->seg.first_seq) /* no interrupted write takes away a whole segment */
    return qf_fail(err, QF_CORRUPT, "journal segment %020llu.qfj is missing: entries %llu to %llu were durable",
                   "日志分段 %020llu.qfj 缺失：第 %llu 至 %llu 条曾已落盘", (ull)m.segment, (ull)j->seq + 1,
                   (ull)m.durable);
  j->recovery.lost_from = j->seq + 1;
  j->recovery.lost_to = m.durable;
  return QF_OK;
}

/* Read to the end. A segment that was read whole is noted with its file as it was before the reading. */
static qf_rc read_to_end(qf_journal *j, qf_cursor *c, qf_err *err)
{
  qf_entry e;
  qf_rc rc;
  struct stat st = {0};
  uint64_t in = c->seg.first_seq;
  bool known = c->fd >= 0 && fstat(c->fd, &st) == 0;
  while (!(rc = qf_cursor_next(c, &e, err)))
    if (c->seg.first_seq != in) {
      if (known)
        qf_checked_add(&j->checked, in, c->seg.first_seq - 1, c->seg.chain, &st);
      in = c->seg.first_seq;
      known = fstat(c->fd, &st) == 0;
    }
  return rc;
}

/* A cursor before the first segment that has to be read: see checked.c. */
static qf_rc unread(qf_journal *j, qf_cursor **c, qf_err *err)
{
  uint64_t *list;
  size_t n;
  qf_rc rc = qf_cursor_segments(j->dirfd, &list, &n, err);
  if (rc)
    return rc;
  qf_checked_load(j->dirfd, list, n, &j->checked);
  rc = qf_cursor_open_at(j->dirfd, j->checked.n ? list[j->checked.n] : 1, c, err);
  free(list);
  return rc;
}

static qf_rc recover(qf_journal *j, const char *dir, qf_err *err)
{
  qf_cursor *c;
  qf_rc rc = unread(j, &c, err);
  if (rc)
    return rc;
  size_t before = j->checked.n;
  rc = read_to_end(j, c, err);
  if (j->checked.n > before)
    qf_checked_save(j->dirfd, &j->checked);
  if (rc == QF_NOTFOUND) {
    j->seq = c->expect - 1;
    memcpy(j->chain, c->chain, 32);
    rc = check_mark(j, c, err);
    if (!rc && c->fd >= 0)
      rc = settle(j, c, dir, err);
    else if (!rc && (rc = roll(j, 1, j->chain)) != QF_OK)
      qf_fail(err, rc, "no journal segment can be made in %s", "%s 中无法建立日志分段", dir);
  }
  qf_cursor_close(c);
  return rc;
}

/* From now on readers go by the mark. */
static qf_rc go_live(qf_journal *j, const char *dir, qf_err *err)
{
  mark_synced(j, j->seq);
  mark_set(&j->mark->visible, &j->mark->not_visible, j->seq);
  struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1};
  if (fcntl(j->markfd, F_OFD_SETLK, &l) != 0)
    return open_fail(err, dir, errno);
  int e = pthread_create(&j->thread, NULL, writer, j);
  if (e)
    return open_fail(err, dir, e);
  j->running = true;
  return QF_OK;
}

static qf_journal *allocate(const qf_journal_opts *opts, const qf_journal_io *io)
{
  qf_journal *j = calloc(1, sizeof *j);
  if (!j)
    return NULL;
  j->dirfd = j->markfd = j->fd = -1;
  j->io = *io;
  if (opts)
    j->opts = *opts;
  if (!j->opts.segment_bytes)
    j->opts.segment_bytes = SEGMENT_BYTES;
  if (!j->opts.queue_bytes)
    j->opts.queue_bytes = QUEUE_BYTES;
  pthread_mutex_init(&j->mx_own, NULL);
  j->mx = &j->mx_own;
  pthread_cond_init(&j->work, NULL);
  pthread_cond_init(&j->moved, NULL);
  if (qf_chain_init(&j->sha)) {
    qf_journal_close(j);
    return NULL;
  }
  return j;
}

qf_rc qf_journal_open_io(const char *dir, const qf_journal_opts *opts, const qf_journal_io *io, qf_journal **out,
                         qf_err *err)
{
  *out = NULL;
  qf_journal *j = allocate(opts, io);
  if (!j)
    return qf_fail(err, QF_NOMEM, "out of memory opening the journal", "内存不足，无法打开日志");
  qf_rc rc = open_folder(j, dir, err);
  if (!rc) {
    unlinkat(j->dirfd, "segment.tmp", 0);
    rc = mark_open(j, err);
  }
  rc = rc ? rc : recover(j, dir, err);
  rc = rc ? rc : go_live(j, dir, err);
  if (rc) {
    qf_journal_close(j);
    return rc;
  }
  *out = j;
  return QF_OK;
}

qf_rc qf_journal_open(const char *dir, const qf_journal_opts *opts, qf_journal **out, qf_err *err)
{
  qf_journal_io io = qf_journal_io_system();
  return qf_journal_open_io(dir, opts, &io, out, err);
}

static void stop(qf_journal *j)
{
  pthread_mutex_lock(j->mx);
  j->stopping = true;
  pthread_cond_signal(&j->work);
  pthread_mutex_unlock(j->mx);
  pthread_join(j->thread, NULL);
  if (!j->dead && cut(j) == QF_OK) /* give back the space taken in advance */
    mark_synced(j, j->seq);
}

void qf_journal_close(qf_journal *j)
{
  if (!j)
    return;
  if (j->running)
    stop(j);
  if (j->mark)
    munmap(j->mark, QF_MARK_BYTES);
  int fds[3] = {j->fd, j->markfd, j->dirfd};
  for (int i = 0; i < 3; i++)
    if (fds[i] >= 0)
      close(fds[i]);
  qf_chain_fini(&j->sha);
  pthread_cond_destroy(&j->work);
  pthread_cond_destroy(&j->moved);
  pthread_mutex_destroy(&j->mx_own);
  qf_checked_free(&j->checked);
  free(j->group);
  free(j->queue);
  free(j->spare);
  free(j);
}

/* ---- submitting */

static qf_rc dead_words(qf_err *err)
{
  return qf_fail(err, QF_IO, "the journal stopped after a disk error: restart and check the disk",
                 "日志因磁盘错误已停止：请检查磁盘后重启");
}

static qf_rc enqueue(qf_journal *j, const waiting *w, qf_err *err)
{
  if (j->dead)
    return dead_words(err);
  size_t cost = w->len + QUEUE_COST, used = j->stats.queued_bytes;
  if (used && (cost > j->opts.queue_bytes || used > j->opts.queue_bytes - cost))
    return qf_fail(err, QF_FULL, "%zu bytes wait to be journalled: send again later",
                   "待写入日志的数据已达 %zu 字节，请稍后重发", used);
  if (j->n == j->cap) {
    size_t cap = j->cap ? j->cap * 2 : 64;
    waiting *p = realloc(j->queue, cap * sizeof *p);
    if (!p)
      return qf_fail(err, QF_NOMEM, "out of memory queueing for the journal", "内存不足，无法排入日志");
    j->queue = p;
    j->cap = cap;
  }
  j->queue[j->n++] = *w;
  j->submitted++;
  j->stats.queued_bytes += cost;
  if (j->sleeping)
    pthread_cond_signal(&j->work);
  return QF_OK;
}

qf_rc qf_journal_submit(qf_journal *j, uint8_t type, const void *body, size_t len, qf_journal_done *done, void *ud,
                        qf_err *err)
{
  if (len == 0 || len > QF_ENT_MAX || !body)
    return qf_fail(err, QF_RANGE, "a journal entry has 1 to %u bytes, not %zu", "日志条目应为 1 至 %u 字节，而非 %zu",
                   QF_ENT_MAX, len);
  waiting w = {body, len, qf_crc32c(0, body, len), type, done, ud}; /* summed here: on the submitter's processor */
  pthread_mutex_lock(j->mx);
  qf_rc rc = enqueue(j, &w, err);
  pthread_mutex_unlock(j->mx);
  return rc;
}

typedef struct committer {
  pthread_mutex_t mx;
  pthread_cond_t cv;
  bool over;
  qf_rc rc;
  uint64_t seq;
} committer;

static void committed(void *ud, qf_rc rc, const qf_entry *e)
{
  committer *c = ud;
  pthread_mutex_lock(&c->mx);
  c->rc = rc;
  c->seq = e->seq;
  c->over = true;
  pthread_cond_signal(&c->cv);
  pthread_mutex_unlock(&c->mx);
}

qf_rc qf_journal_commit(qf_journal *j, uint8_t type, const void *body, size_t len, uint64_t *seq, qf_err *err)
{
  committer c = {.mx = PTHREAD_MUTEX_INITIALIZER, .cv = PTHREAD_COND_INITIALIZER};
  qf_rc rc = qf_journal_submit(j, type, body, len, committed, &c, err);
  if (rc)
    return rc;
  pthread_mutex_lock(&c.mx);
  while (!c.over)
    pthread_cond_wait(&c.cv, &c.mx);
  pthread_mutex_unlock(&c.mx);
  if (seq)
    *seq = c.seq;
  if (c.rc == QF_FULL)
    return qf_fail(err, QF_FULL, "no space left for the journal: nothing was kept", "日志磁盘空间不足：未保存任何内容");
  if (c.rc)
    return qf_fail(err, c.rc, "the journal could not be written: nothing was kept", "日志写入失败：未保存任何内容");
  return QF_OK;
}

qf_rc qf_journal_flush(qf_journal *j, qf_err *err)
{
  pthread_mutex_lock(j->mx);
  uint64_t upto = j->submitted;
  while (j->completed < upto)
    pthread_cond_wait(&j->moved, j->mx);
  while (j->unsynced && !j->dead) {
    j->want_sync = true;
    pthread_cond_signal(&j->work);
    pthread_cond_wait(&j->moved, j->mx);
    if (!j->want_sync)
      break; /* ours, or one that began later: both cover what was submitted before */
  }
  qf_rc rc = j->silent;
  bool dead = j->dead;
  j->silent = QF_OK;
  pthread_mutex_unlock(j->mx);
  if (dead)
    return dead_words(err);
  return rc ? qf_fail(err, rc, "entries could not be journalled and were not kept", "有条目未能写入日志，未予保存")
            : QF_OK;
}

/* ---- asking */

uint64_t qf_journal_last_seq(const qf_journal *j)
{
  pthread_mutex_lock(j->mx);
  uint64_t seq = j->seq;
  pthread_mutex_unlock(j->mx);
  return seq;
}

void qf_journal_head(const qf_journal *j, uint64_t *seq, uint8_t chain[32])
{
  pthread_mutex_lock(j->mx);
  *seq = j->seq;
  memcpy(chain, j->chain, 32);
  pthread_mutex_unlock(j->mx);
}

void qf_journal_recovered(const qf_journal *j, qf_journal_recovery *out)
{
  *out = j->recovery;
}

void qf_journal_get_stats(const qf_journal *j, qf_journal_stats *out)
{
  pthread_mutex_lock(j->mx);
  *out = j->stats;
  out->dead = j->dead;
  out->sync_ms_mean = j->stats.syncs ? j->sync_ms_sum / (double)j->stats.syncs : 0;
  pthread_mutex_unlock(j->mx);
}
