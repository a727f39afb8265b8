/* Faults of the disk, through the journal's port. Every change to the disk is one call of the port; the k-th call
 * fails, for every k of a run, in every way; then a power cut takes away what was not synced, at every call. After
 * each, the journal is opened with a healthy disk: everything acknowledged is there once and in order, and it opens.
 *
 * Each run is a child process that tells acknowledgements on a pipe and ends by itself. */
#include "journal/journal_io.h"
#include "journal/test_help.h"
#include <errno.h>
#include <sys/wait.h>

#define SEGMENT 3000u
#define ROUNDS 12
#define PER_ROUND 3

typedef enum way { /* what happens at the k-th call */
                   FAIL_EIO,
                   FAIL_ENOSPC,
                   FAIL_SHORT,    /* a write does half of it and says so */
                   FAIL_HALF_EIO, /* a write does half of it and fails */
                   EXIT_BEFORE,
                   EXIT_HALF, /* a write does half of it, then the process is gone */
                   EXIT_AFTER,
                   EIO_FOR_EVER,
                   ENOSPC_FOR_EVER, /* of writes, new space and names */
                   POWER_DROP,      /* before the call: nothing that was not synced is on the disk */
                   POWER_PREFIX,    /* only the beginning of it, rest zero */
                   POWER_SECTORS,   /* any sectors of it */
                   POWER_TAKEN,     /* nothing, and the file is as short as before */
                   WAYS
} way;

/* One write that no sync has covered: what was there before. */
typedef struct loose {
  int fd;
  off_t at;
  size_t n;
  off_t size; /* of the file before */
  uint8_t *was;
} loose;

typedef struct disk {
  way how;
  long k, calls;
  uint64_t seed;
  bool failed_sync, sync_after_failure;
  int dirfd; /* of the journal, to find the mark */
  char dir[80], renamed[32];
  loose log[64];
  int n;
} disk;

static bool hit(disk *d)
{
  long c = ++d->calls;
  return c == d->k || (c > d->k && (d->how == EIO_FOR_EVER || d->how == ENOSPC_FOR_EVER));
}

static void undo(const loose *l, size_t from, size_t to)
{
  if (to > l->n)
    to = l->n;
  if (from < to && pwrite(l->fd, l->was + from, to - from, l->at + (off_t)from) != (ssize_t)(to - from))
    _exit(90);
}

/* Take from the disk what a power cut may take, then be gone. The mark may be lost, or be there: it is never synced. */
static _Noreturn void power_cut(disk *d)
{
  for (int i = d->n; i-- > 0;) {
    const loose *l = &d->log[i];
    size_t keep = d->how == POWER_PREFIX ? splitmix(&d->seed) % (l->n + 1) : 0;
    if (d->how == POWER_SECTORS) { /* sectors of the file, not of the write */
      for (size_t from = 0; from < l->n;) {
        size_t to = from + 512 - ((size_t)l->at + from) % 512;
        if (splitmix(&d->seed) & 1)
          undo(l, from, to);
        from = to;
      }
    } else {
      undo(l, keep, l->n);
    }
    if (d->how == POWER_TAKEN && ftruncate(l->fd, l->size) != 0)
      _exit(91);
  }
  if (d->renamed[0] && splitmix(&d->seed) & 1) /* the folder was not synced yet */
    unlinkat(d->dirfd, d->renamed, 0);
  if (splitmix(&d->seed) & 1)
    unlinkat(d->dirfd, "head", 0);
  _exit(0);
}

/* Common to all calls. 0: go on; -1: fail with errno. */
static int before(disk *d, bool makes_room)
{
  if (!hit(d))
    return 0;
  switch (d->how) {
  case FAIL_EIO:
  case EIO_FOR_EVER:
    errno = EIO;
    return -1;
  case FAIL_ENOSPC:
  case ENOSPC_FOR_EVER:
    if (!makes_room)
      return 0; /* syncing and cutting need no space */
    errno = ENOSPC;
    return -1;
  case EXIT_BEFORE:
    _exit(0);
  case POWER_DROP:
  case POWER_PREFIX:
  case POWER_SECTORS:
  case POWER_TAKEN:
    power_cut(d);
  default:
    return 0;
  }
}

static void after(const disk *d)
{
  if (d->how == EXIT_AFTER && d->calls == d->k)
    _exit(0);
}

static ssize_t do_pwrite(void *ud, int fd, const void *p, size_t n, off_t at)
{
  disk *d = ud;
  if (before(d, true))
    return -1;
  bool now = d->calls == d->k;
  if (now && (d->how == FAIL_SHORT || d->how == FAIL_HALF_EIO || d->how == EXIT_HALF))
    n = n / 2 ? n / 2 : 1;
  struct stat st;
  if (d->how >= POWER_DROP) {
    if (d->n == 64 || fstat(fd, &st) != 0)
      _exit(92);
    loose *l = &d->log[d->n++];
    *l = (loose){dup(fd), at, n, st.st_size, calloc(1, n)};
    if (l->fd < 0 || !l->was || pread(fd, l->was, n, at) < 0)
      _exit(93);
  }
  ssize_t w = pwrite(fd, p, n, at);
  if (now && d->how == EXIT_HALF)
    _exit(0);
  if (now && d->how == FAIL_HALF_EIO) {
    errno = EIO;
    return -1;
  }
  after(d);
  return w;
}

/* A sync covers all writes here: there is at most one file at work at a time. */
static int synced(disk *d, bool folder)
{
  if (d->failed_sync)
    d->sync_after_failure = true;
  if (before(d, false)) {
    d->failed_sync = true;
    return -1;
  }
  for (int i = 0; !folder && i < d->n; i++) {
    close(d->log[i].fd);
    free(d->log[i].was);
  }
  if (!folder)
    d->n = 0;
  else
    d->renamed[0] = 0;
  after(d);
  return 0;
}

static int do_fdatasync(void *ud, int fd)
{
  (void)fd;
  return synced(ud, false);
}

static int do_fsync(void *ud, int fd)
{
  struct stat st;
  return fstat(fd, &st) == 0 ? synced(ud, S_ISDIR(st.st_mode)) : -1;
}

static int do_ftruncate(void *ud, int fd, off_t len)
{
  if (before(ud, false))
    return -1;
  int rc = ftruncate(fd, len);
  after(ud);
  return rc;
}

static int do_fallocate(void *ud, int fd, off_t at, off_t len)
{
  if (before(ud, true))
    return -1;
  int rc = ftruncate(fd, at + len); /* zeros, as fallocate gives */
  after(ud);
  return rc;
}

static int do_rename(void *ud, int dirfd, const char *from, const char *to)
{
  disk *d = ud;
  if (before(d, true))
    return -1;
  int rc = renameat(dirfd, from, dirfd, to);
  snprintf(d->renamed, sizeof d->renamed, "%s", to);
  d->dirfd = dirfd;
  after(d);
  return rc;
}

/* ---- the run */

typedef struct ack {
  uint64_t id, seq;
} ack;

typedef struct run {
  int fd;
  bool refused; /* something failed */
} run;

typedef struct item {
  run *r;
  uint64_t id;
  uint8_t body[600];
  size_t len;
} item;

static void fill(item *it, uint64_t id)
{
  it->id = id;
  it->len = 8 + (size_t)(id * 197 % 590);
  memset(it->body, (int)(id % 250 + 1), it->len);
  memcpy(it->body, &id, 8);
}

static void told(void *ud, qf_rc rc, const qf_entry *e)
{
  item *it = ud;
  ack a = {it->id, e->seq};
  if (rc)
    it->r->refused = true;
  else if (write(it->r->fd, &a, sizeof a) != (ssize_t)sizeof a)
    _exit(94);
}

/* Three entries submitted together, twelve times. Exit 0: done or the journal was refused at open; 1: the fault was
 * never met; above: a promise was broken. */
static _Noreturn void work(const char *dir, way how, long k, int fd)
{
  static item items[ROUNDS * PER_ROUND];
  disk d = {.how = how, .k = k, .seed = (uint64_t)k * 1000 + (uint64_t)how};
  char journal[100];
  snprintf(journal, sizeof journal, "%s/journal", dir);
  mkdir(journal, 0700);
  d.dirfd = open(journal, O_RDONLY | O_DIRECTORY);
  qf_journal_io io = {&d, do_pwrite, do_fdatasync, do_fsync, do_ftruncate, do_fallocate, do_rename};
  run r = {.fd = fd};
  qf_journal *j;
  qf_rc rc = qf_journal_open_io(dir, &(qf_journal_opts){.segment_bytes = SEGMENT}, &io, &j, NULL);
  if (rc)
    _exit(rc == QF_IO || rc == QF_FULL ? 0 : 100);
  for (uint64_t i = 0; i < ROUNDS * PER_ROUND; i++) {
    items[i].r = &r;
    fill(&items[i], i + 1);
    rc = qf_journal_submit(j, QF_ENTRY_EVENT, items[i].body, items[i].len, told, &items[i], NULL);
    if (rc && !(rc == QF_IO && d.failed_sync) && !(rc == QF_IO && how == EIO_FOR_EVER) &&
        !(rc == QF_IO && how == FAIL_EIO))
      _exit(101);
    if (i % PER_ROUND == PER_ROUND - 1)
      (void)!qf_journal_flush(j, NULL);
  }
  bool dead = true; /* the fault may meet this very entry: then the next must do */
  for (int tries = 0; dead && tries < 2; tries++)
    dead = qf_journal_commit(j, QF_ENTRY_EVENT, "after", 5, NULL, NULL) != QF_OK;
  if (d.failed_sync && (!dead || d.sync_after_failure))
    _exit(102); /* a failed sync must end the journal, and must not be tried again */
  if (!d.failed_sync && dead && how != EIO_FOR_EVER && how != ENOSPC_FOR_EVER && how != FAIL_EIO)
    _exit(103); /* anything else must not */
  qf_journal_close(j);
  if (d.sync_after_failure)
    _exit(104);
  _exit(d.calls >= k ? 0 : 1);
}

/* Everything told is there, once, in order. */
static void check(const char *dir, const uint64_t *id_of, uint64_t told_to, way how, long k)
{
  qf_journal *j;
  qf_cursor *c;
  qf_entry e;
  qf_err err = {0};
  if (qf_journal_open(dir, &(qf_journal_opts){.segment_bytes = SEGMENT}, &j, &err))
    fail_msg("way %d, call %ld: does not open: %s", (int)how, k, err.en);
  qf_journal_recovery r;
  qf_journal_recovered(j, &r);
  if (r.lost_from)
    fail_msg("way %d, call %ld: entries %d.. lost", (int)how, k, (int)r.lost_from);
  if (qf_journal_last_seq(j) < told_to)
    fail_msg("way %d, call %ld: %d told, %d kept", (int)how, k, (int)told_to, (int)qf_journal_last_seq(j));
  must(qf_journal_commit(j, QF_ENTRY_EVENT, "on", 2, NULL, &err), &err); /* and it goes on */
  must(qf_cursor_open(dir, 1, &c, &err), &err);
  uint64_t seq = 0, last_id = 0;
  item want;
  while (!qf_cursor_next(c, &e, &err)) {
    assert_int_equal(e.seq, ++seq);
    if (e.len < 8)
      continue; /* "after", "on" */
    uint64_t id;
    memcpy(&id, e.body, 8);
    assert_true(id > last_id && id <= ROUNDS * PER_ROUND);
    last_id = id;
    fill(&want, id);
    assert_int_equal(e.len, want.len);
    assert_memory_equal(e.body, want.body, want.len);
    if (seq <= told_to && id_of[seq])
      assert_int_equal(id_of[seq], id);
  }
  assert_int_equal(seq, qf_journal_last_seq(j));
  qf_cursor_close(c);
  qf_journal_close(j);
  qf_journal_check v;
  must(qf_journal_verify(dir, &v, &err), &err);
}

/* One run; false when the fault was not met: the run has fewer calls. */
static bool one(way how, long k)
{
  scratch s = scratch_make();
  int p[2], status;
  uint64_t id_of[ROUNDS * PER_ROUND + 2] = {0}, told_to = 0;
  assert_int_equal(pipe2(p, O_CLOEXEC), 0);
  pid_t pid = fork();
  if (pid == 0)
    work(s.dir, how, k, p[1]);
  close(p[1]);
  ack a;
  while (read(p[0], &a, sizeof a) == (ssize_t)sizeof a) {
    assert_true(a.seq > told_to && a.seq <= ROUNDS * PER_ROUND);
    told_to = a.seq;
    id_of[a.seq] = a.id;
  }
  close(p[0]);
  waitpid(pid, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) > 1)
    fail_msg("way %d, call %ld: the run ended with status %d (exit %d)", (int)how, k, status, WEXITSTATUS(status));
  check(s.dir, id_of, told_to, how, k);
  scratch_end(&s);
  return WEXITSTATUS(status) == 0;
}

static void every_call(way from, way to)
{
  long runs = 0;
  for (way how = from; how <= to; how++) {
    long k = 1;
    while (one(how, k))
      k++;
    assert_true(k > 40); /* the run has at least so many calls */
    runs += k;
  }
  printf("%ld runs\n", runs);
}

static void failing_calls(void **state)
{
  (void)state;
  every_call(FAIL_EIO, FAIL_HALF_EIO);
}

static void dying_at_calls(void **state)
{
  (void)state;
  every_call(EXIT_BEFORE, EXIT_AFTER);
}

static void failing_from_a_call_on(void **state)
{
  (void)state;
  every_call(EIO_FOR_EVER, ENOSPC_FOR_EVER);
}

static void power_cuts(void **state)
{
  (void)state;
  every_call(POWER_DROP, POWER_TAKEN);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(failing_calls), cmocka_unit_test(dying_at_calls),
                                     cmocka_unit_test(failing_from_a_call_on), cmocka_unit_test(power_cuts)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
