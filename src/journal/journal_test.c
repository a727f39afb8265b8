/* The journal: bytes as documented, recovery of every kind of tail, detection of every damage, grouping, limits. */
#include "base/buf.h"
#include "journal/journal.h"
#include "journal/journal_io.h"
#include "journal/segment.h"
#include "journal/test_help.h"
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <sys/mount.h>
#include <sys/wait.h>

/* ---- helpers */

static qf_us fixed_now(void *ud)
{
  return *(qf_us *)ud;
}

static qf_journal *opened(const scratch *s, const qf_journal_opts *o)
{
  qf_journal *j;
  qf_err err;
  qf_journal_opts small = {.segment_bytes = 65536}; /* little space taken in advance: quick */
  must(qf_journal_open(s->dir, o ? o : &small, &j, &err), &err);
  return j;
}

/* Body of entry i: length and bytes follow from i. */
static size_t body_of(uint64_t i, uint8_t *out)
{
  size_t n = 1 + (size_t)(i * 37 % 150);
  for (size_t k = 0; k < n; k++)
    out[k] = (uint8_t)(i * 31 + k * 7 + 1);
  return n;
}

static void commit_some(qf_journal *j, uint64_t from, uint64_t to)
{
  uint8_t body[200];
  qf_err err;
  for (uint64_t i = from; i <= to; i++) {
    uint64_t seq;
    size_t n = body_of(i, body);
    must(qf_journal_commit(j, QF_ENTRY_EVENT, body, n, &seq, &err), &err);
    assert_int_equal(seq, i);
  }
}

/* Entries 1..n, each its own group, closed. */
static scratch journal_of(uint64_t n, size_t segment_bytes)
{
  scratch s = scratch_make();
  qf_journal *j = opened(&s, &(qf_journal_opts){.segment_bytes = segment_bytes});
  commit_some(j, 1, n);
  qf_journal_close(j);
  return s;
}

/* Read all from `from` on; each must be as body_of says. Gives the last sequence, and the code the cursor ended with.
 */
static uint64_t read_all(const scratch *s, uint64_t from, qf_rc *end, qf_err *err)
{
  qf_cursor *c;
  qf_entry e;
  uint8_t body[200];
  *end = qf_cursor_open(s->dir, from, &c, err);
  if (*end)
    return 0;
  uint64_t seq = from - 1;
  while (!(*end = qf_cursor_next(c, &e, err))) {
    assert_int_equal(e.seq, ++seq);
    assert_int_equal(e.len, body_of(seq, body));
    assert_memory_equal(e.body, body, e.len);
  }
  qf_cursor_close(c);
  return seq;
}

static void forget_mark(const scratch *s)
{
  unlink(in_journal(s, "head"));
}

static uint32_t u32(const uint8_t *p)
{
  return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}
static uint64_t u64(const uint8_t *p)
{
  return u32(p) | (uint64_t)u32(p + 4) << 32;
}

/* ---- the bytes */

static void bytes_as_documented(void **state)
{
  (void)state;
  static const char *const said[3] = {"{\"city\":\"x\"}", "a", "清风"};
  static const uint8_t type[3] = {1, 5, 4};
  qf_us now = 1763800000123456;
  scratch s = scratch_make();
  qf_err err;
  qf_journal *j = opened(&s, &(qf_journal_opts){.clock = {fixed_now, &now}});
  for (int i = 0; i < 3; i++)
    must(qf_journal_commit(j, type[i], said[i], strlen(said[i]), NULL, &err), &err);
  uint64_t seq;
  uint8_t head[32];
  qf_journal_head(j, &seq, head);
  qf_journal_close(j);

  size_t n;
  uint8_t *f = file_read(in_journal(&s, FIRST_SEGMENT), &n);
  assert_memory_equal(f, "QFJSEG1\n", 8);
  assert_int_equal(u32(f + 8), 1);
  assert_int_equal(u32(f + 12), 128);
  assert_int_equal(u64(f + 16), 1);
  assert_int_equal(u64(f + 24), now);
  assert_int_equal(u32(f + 124), plain_crc(f, 124));
  uint8_t chain[32] = {0};
  assert_memory_equal(f + 32, chain, 32);
  const uint8_t *p = f + 128;
  for (uint64_t i = 0; i < 3; i++) {
    size_t len = strlen(said[i]);
    assert_memory_equal(p, "QFJE", 4);
    assert_int_equal(u32(p + 4), u32(f + 64));
    assert_int_equal(u64(p + 8), i + 1);
    assert_int_equal(u64(p + 16), i + 1);
    assert_int_equal(u64(p + 24), now);
    assert_int_equal(u32(p + 32), len);
    assert_int_equal(u32(p + 36), type[i]);
    assert_int_equal(u32(p + 40), plain_crc(p + 48, len));
    assert_int_equal(u32(p + 44), plain_crc(p, 44));
    assert_memory_equal(p + 48, said[i], len);
    uint8_t input[32 + 24 + 64]; /* chain before || header 16..39 || body */
    memcpy(input, chain, 32);
    memcpy(input + 32, p + 16, 24);
    memcpy(input + 56, said[i], len);
    qf_sha256(input, 56 + len, chain);
    assert_memory_equal(p + 48 + len, chain, 32);
    p += 80 + len;
  }
  assert_int_equal(p - f, n); /* the space taken in advance was given back */
  assert_int_equal(seq, 3);
  assert_memory_equal(head, chain, 32);
  assert_int_equal(plain_crc((const uint8_t *)"123456789", 9), 0xE3069283); /* RFC 3720 check value */
  free(f);
  scratch_end(&s);
}

static void round_trip(void **state)
{
  (void)state;
  scratch s = journal_of(300, 4096);
  qf_rc end;
  qf_err err;
  for (uint64_t from = 1; from <= 301; from++) {
    assert_int_equal(read_all(&s, from, &end, &err), 300);
    assert_int_equal(end, QF_NOTFOUND);
  }
  read_all(&s, 302, &end, &err);
  assert_int_equal(end, QF_NOTFOUND);
  qf_journal_check check;
  must(qf_journal_verify(s.dir, &check, &err), &err);
  assert_int_equal(check.entries, 300);
  assert_int_equal(check.first_seq, 1);
  assert_int_equal(check.last_seq, 300);
  assert_true(check.segments > 5);
  assert_false(check.torn_tail);
  qf_journal *j = opened(&s, &(qf_journal_opts){.segment_bytes = 4096});
  uint8_t chain[32];
  uint64_t seq;
  qf_journal_head(j, &seq, chain);
  assert_int_equal(seq, 300);
  assert_memory_equal(chain, check.chain, 32);
  commit_some(j, 301, 310);
  qf_journal_close(j);
  assert_int_equal(read_all(&s, 1, &end, &err), 310);
  scratch_end(&s);
}

static void empty_journal(void **state)
{
  (void)state;
  scratch s = scratch_make();
  qf_journal_check check;
  qf_cursor *c;
  qf_entry e;
  qf_err err;
  assert_int_equal(qf_cursor_open(s.dir, 1, &c, &err), QF_IO);
  qf_journal_close(opened(&s, NULL));
  must(qf_journal_verify(s.dir, &check, &err), &err);
  assert_int_equal(check.entries, 0);
  assert_int_equal(check.last_seq, 0);
  must(qf_cursor_open(s.dir, 1, &c, &err), &err);
  assert_int_equal(qf_cursor_next(c, &e, &err), QF_NOTFOUND);
  qf_journal *j = opened(&s, NULL);
  assert_int_equal(qf_journal_last_seq(j), 0);
  assert_int_equal(qf_cursor_next(c, &e, &err), QF_NOTFOUND);
  commit_some(j, 1, 1);
  must(qf_cursor_next(c, &e, &err), &err); /* the same cursor goes on */
  assert_int_equal(e.seq, 1);
  qf_cursor_close(c);
  qf_journal_close(j);
  qf_journal_close(NULL);
  scratch_end(&s);
}

/* ---- tails */

/* Where entry i (from 1) begins in a first segment, by the documented lengths. */
static size_t place_of(uint64_t i)
{
  uint8_t body[200];
  size_t at = 128;
  for (uint64_t k = 1; k < i; k++)
    at += 80 + body_of(k, body);
  return at;
}

static void cut_at_every_byte(void **state)
{
  (void)state;
  scratch s = journal_of(8, 65536);
  size_t n, marked;
  uint8_t *f = file_read(in_journal(&s, FIRST_SEGMENT), &n), *mark = file_read(in_journal(&s, "head"), &marked);
  assert_int_equal(n, place_of(9));
  for (size_t cut = place_of(6); cut <= n; cut++)
    for (int with_mark = 0; with_mark < 2; with_mark++) {
      uint64_t whole = 5;
      while (whole < 8 && place_of(whole + 2) <= cut)
        whole++;
      file_write(in_journal(&s, FIRST_SEGMENT), f, cut);
      forget_mark(&s);
      if (with_mark)
        file_write(in_journal(&s, "head"), mark, marked);
      qf_journal_check check;
      qf_err err;
      qf_rc rc = qf_journal_verify(s.dir, &check, &err); /* says that acknowledged entries are gone */
      assert_int_equal(rc, with_mark && whole < 8 ? QF_CORRUPT : QF_OK);
      assert_int_equal(check.last_seq, whole);
      assert_int_equal(check.torn_tail, cut != place_of(whole + 1));
      qf_journal *j = opened(&s, NULL);
      qf_journal_recovery r;
      qf_journal_recovered(j, &r);
      assert_int_equal(qf_journal_last_seq(j), whole);
      assert_int_equal(r.torn_bytes, cut - place_of(whole + 1));
      assert_int_equal(r.lost_from, with_mark && whole < 8 ? whole + 1 : 0);
      assert_int_equal(r.lost_to, with_mark && whole < 8 ? 8 : 0);
      commit_some(j, whole + 1, whole + 1); /* and goes on */
      qf_journal_close(j);
      qf_rc end;
      assert_int_equal(read_all(&s, 1, &end, &err), whole + 1);
      assert_int_equal(end, QF_NOTFOUND);
    }
  free(f);
  free(mark);
  scratch_end(&s);
}

/* An interrupted write into space taken in advance: a prefix, then zeros. */
static void zeros_after_every_byte(void **state)
{
  (void)state;
  scratch s = journal_of(6, 65536);
  size_t n;
  uint8_t *f = file_read(in_journal(&s, FIRST_SEGMENT), &n), *g = calloc(1, n + 3000);
  assert_non_null(g);
  for (size_t cut = place_of(5); cut <= n; cut++) {
    memset(g, 0, n + 3000);
    memcpy(g, f, cut);
    file_write(in_journal(&s, FIRST_SEGMENT), g, n + 3000);
    forget_mark(&s);
    uint64_t whole = memcmp(f, g, place_of(6)) != 0 ? 4
                     : memcmp(f, g, n) != 0         ? 5
                                                    : 6; /* a last byte may be zero anyway */
    qf_journal *j = opened(&s, NULL);
    assert_int_equal(qf_journal_last_seq(j), whole);
    qf_journal_close(j);
  }
  free(f);
  free(g);
  scratch_end(&s);
}

static void garbage_after_the_end(void **state)
{
  (void)state;
  scratch s = journal_of(5, 65536);
  size_t n;
  uint8_t *f = file_read(in_journal(&s, FIRST_SEGMENT), &n);
  f = realloc(f, n + 100);
  assert_non_null(f);
  for (size_t i = 0; i < 100; i++)
    f[n + i] = (uint8_t)(i + 1);
  file_write(in_journal(&s, FIRST_SEGMENT), f, n + 100);
  qf_journal *j = opened(&s, NULL);
  qf_journal_recovery r;
  qf_journal_recovered(j, &r);
  assert_int_equal(qf_journal_last_seq(j), 5);
  assert_int_equal(r.torn_bytes, 100);
  assert_int_equal(r.lost_from, 0);
  qf_journal_close(j);
  free(f);
  scratch_end(&s);
}

/* ---- damage */

/* One byte changed anywhere: with the mark it is always detected. Without it (a power cut may take it) the last entry
 * may look like an interrupted write, but never anything else. */
static void flip_every_byte(void **state)
{
  (void)state;
  scratch s = journal_of(6, 65536);
  size_t n, marked;
  uint8_t *f = file_read(in_journal(&s, FIRST_SEGMENT), &n), *mark = file_read(in_journal(&s, "head"), &marked);
  static const uint8_t change[3] = {0x01, 0x80, 0xFF};
  for (size_t at = 0; at < n; at++)
    for (int k = 0; k < 3; k++)
      for (int with_mark = 0; with_mark < 2; with_mark++) {
        f[at] ^= change[k];
        file_write(in_journal(&s, FIRST_SEGMENT), f, n);
        forget_mark(&s);
        if (with_mark)
          file_write(in_journal(&s, "head"), mark, marked);
        qf_journal *j;
        qf_err err = {0};
        qf_journal_check check;
        bool in_last = at >= place_of(6);
        qf_rc verified = qf_journal_verify(s.dir, &check, NULL);
        qf_rc rc = qf_journal_open(s.dir, NULL, &j, &err);
        if (with_mark && f[n - 1]) /* a last byte changed to zero looks cut off: then the loss is told */
          assert_int_equal(rc, QF_CORRUPT);
        if (!in_last || with_mark)
          assert_int_equal(verified, QF_CORRUPT);
        if (rc == QF_OK) {
          assert_true(in_last);
          assert_int_equal(qf_journal_last_seq(j), 5);
          qf_journal_close(j);
        } else {
          assert_int_equal(rc, QF_CORRUPT);
          assert_non_null(strstr(err.en, FIRST_SEGMENT));
          uint64_t seq = 1;
          while (place_of(seq + 1) <= at)
            seq++;
          char place[64];
          snprintf(place, sizeof place, "byte %zu, entry %d:", at < 128 ? 0 : place_of(seq), (int)seq);
          if (!strstr(err.en, place))
            fail_msg("expected \"%s\" in \"%s\"", place, err.en);
          snprintf(place, sizeof place, "%zu 字节", at < 128 ? 0 : place_of(seq));
          assert_non_null(strstr(err.zh, place));
        }
        f[at] ^= change[k];
      }
  free(f);
  free(mark);
  scratch_end(&s);
}

/* The same for damage in a segment that is not the last. */
static void flips_before_the_last_segment(void **state)
{
  (void)state;
  scratch s = journal_of(30, 1024);
  size_t n;
  uint8_t *f = file_read(in_journal(&s, FIRST_SEGMENT), &n);
  for (size_t at = 0; at < n; at += 3) {
    f[at] ^= 0x10;
    file_write(in_journal(&s, FIRST_SEGMENT), f, n);
    forget_mark(&s);
    qf_journal *j;
    qf_err err;
    assert_int_equal(qf_journal_open(s.dir, NULL, &j, &err), QF_CORRUPT);
    f[at] ^= 0x10;
  }
  for (size_t cut = 0; cut < n; cut += 5) { /* nor may it be shorter, or longer */
    file_write(in_journal(&s, FIRST_SEGMENT), f, cut);
    qf_journal *j;
    qf_err err;
    assert_int_equal(qf_journal_open(s.dir, NULL, &j, &err), QF_CORRUPT);
  }
  f = realloc(f, n + 8);
  assert_non_null(f);
  memset(f + n, 0, 8);
  file_write(in_journal(&s, FIRST_SEGMENT), f, n + 8);
  qf_journal *j;
  assert_int_equal(qf_journal_open(s.dir, NULL, &j, NULL), QF_CORRUPT);
  free(f);
  scratch_end(&s);
}

static void refused(const scratch *s, const char *words)
{
  qf_journal *j;
  qf_err err;
  qf_journal_check check;
  assert_int_equal(qf_journal_open(s->dir, NULL, &j, &err), QF_CORRUPT);
  if (!strstr(err.en, words))
    fail_msg("expected \"%s\" in \"%s\"", words, err.en);
  assert_int_equal(qf_journal_verify(s->dir, &check, &err), QF_CORRUPT);
}

static void segments_missing_or_swapped(void **state)
{
  (void)state;
  scratch s = journal_of(30, 1024);
  uint64_t *list;
  size_t n;
  qf_err err;
  int dirfd = open(s.journal, O_RDONLY | O_DIRECTORY);
  must(qf_seg_list(dirfd, &list, &n, &err), &err);
  assert_true(n >= 4);
  for (size_t i = 0; i < n; i++) {
    char name[QF_SEG_NAME];
    qf_segment_file_name(list[i], name);
    assert_int_equal(renameat(dirfd, name, dirfd, "away"), 0);
    refused(&s, "missing");
    assert_int_equal(renameat(dirfd, "away", dirfd, name), 0);
  }
  for (size_t i = 0; i + 1 < n; i++) {
    char a[QF_SEG_NAME], b[QF_SEG_NAME];
    qf_segment_file_name(list[i], a);
    qf_segment_file_name(list[i + 1], b);
    assert_int_equal(renameat2(dirfd, a, dirfd, b, RENAME_EXCHANGE), 0);
    refused(&s, "file name");
    assert_int_equal(renameat2(dirfd, a, dirfd, b, RENAME_EXCHANGE), 0);
  }
  scratch other = scratch_make(); /* a segment of another journal with the same sequences */
  qf_us now = 1;
  qf_journal *j = opened(&other, &(qf_journal_opts){.segment_bytes = 1024, .clock = {fixed_now, &now}});
  commit_some(j, 1, 30);
  qf_journal_close(j);
  char name[QF_SEG_NAME], from[200];
  qf_segment_file_name(list[1], name);
  snprintf(from, sizeof from, "%s", in_journal(&other, name));
  assert_int_equal(rename(from, in_journal(&s, name)), 0);
  refused(&s, "chain value");
  close(dirfd);
  free(list);
  scratch_end(&s);
  scratch_end(&other);
}

/* ---- a port that can be held */

typedef struct held {
  sem_t go;    /* one post lets one fdatasync pass */
  sem_t there; /* posted by each fdatasync that comes */
  bool open;   /* let all pass */
  int fail;    /* errno of the next pwrite, after it has written half */
  bool whole;  /* ... after it has written all */
  bool stay;   /* ... not before a post of go, after one of there */
} held;

static int held_sync(void *ud, int fd)
{
  held *h = ud;
  if (!__atomic_load_n(&h->open, __ATOMIC_ACQUIRE)) {
    sem_post(&h->there);
    sem_wait(&h->go);
  }
  return fdatasync(fd);
}

static ssize_t held_pwrite(void *ud, int fd, const void *p, size_t n, off_t at)
{
  held *h = ud;
  int e = __atomic_exchange_n(&h->fail, 0, __ATOMIC_ACQ_REL);
  if (e) {
    if (h->stay) {
      sem_post(&h->there);
      sem_wait(&h->go);
    }
    ssize_t w = pwrite(fd, p, h->whole ? n : n / 2, at);
    (void)w;
    errno = e;
    return -1;
  }
  return pwrite(fd, p, n, at);
}

static qf_journal *opened_held(const scratch *s, const qf_journal_opts *o, held *h)
{
  *h = (held){.open = true};
  sem_init(&h->go, 0, 0);
  sem_init(&h->there, 0, 0);
  qf_journal_io io = qf_journal_io_system();
  io.ud = h;
  io.fdatasync = held_sync;
  io.pwrite = held_pwrite;
  qf_journal *j;
  qf_err err;
  must(qf_journal_open_io(s->dir, o, &io, &j, &err), &err);
  __atomic_store_n(&h->open, false, __ATOMIC_RELEASE);
  return j;
}

static void let_go(held *h)
{
  __atomic_store_n(&h->open, true, __ATOMIC_RELEASE);
  sem_post(&h->go);
}

typedef struct told {
  uint64_t seq[100];
  qf_rc rc[100];
  int n;
} told;

static void keep(void *ud, qf_rc rc, const qf_entry *e)
{
  told *t = ud;
  t->seq[t->n] = e->seq;
  t->rc[t->n++] = rc;
}

/* While entry 1 is being synced, 2..6 are queued: they must become one group with one write and one sync. */
static scratch one_group_of_five(qf_journal_stats *stats, told *t)
{
  static uint8_t body[6][700];
  held h;
  qf_err err;
  scratch s = scratch_make();
  qf_journal *j = opened_held(&s, NULL, &h);
  *t = (told){0};
  for (int i = 0; i < 6; i++) {
    memset(body[i], 'a' + i, sizeof body[i]);
    must(qf_journal_submit(j, QF_ENTRY_EVENT, body[i], sizeof body[i], keep, t, &err), &err);
    if (i == 0)
      sem_wait(&h.there);
  }
  assert_int_equal(qf_journal_last_seq(j), 0); /* nothing is durable yet, nobody was told */
  assert_int_equal(t->n, 0);
  let_go(&h);
  must(qf_journal_flush(j, &err), &err);
  qf_journal_get_stats(j, stats);
  qf_journal_close(j);
  return s;
}

static void groups(void **state)
{
  (void)state;
  qf_journal_stats stats;
  told t;
  scratch s = one_group_of_five(&stats, &t);
  assert_int_equal(stats.entries, 6);
  assert_int_equal(stats.groups, 2);
  assert_int_equal(stats.syncs, 2);
  assert_int_equal(stats.queued_bytes, 0);
  assert_int_equal(stats.bytes, 6 * 780);
  assert_int_equal(t.n, 6);
  for (int i = 0; i < 6; i++) {
    assert_int_equal(t.seq[i], i + 1);
    assert_int_equal(t.rc[i], QF_OK);
  }
  scratch_end(&s);
}

/* The last group, damaged in its first entry while its others are whole. What a power cut leaves is cut off; what it
 * cannot leave, or what the mark says was synced, is damage. Entry 2 begins at 128 + 780 = 908, sector 1024..1535 lies
 * inside. */
static void torn_inside_the_last_group(void **state)
{
  (void)state;
  qf_journal_stats stats;
  told t;
  scratch s = one_group_of_five(&stats, &t);
  size_t n, marked;
  uint8_t *f = file_read(in_journal(&s, FIRST_SEGMENT), &n), *mark = file_read(in_journal(&s, "head"), &marked);
  uint8_t *g = malloc(n);
  assert_non_null(g);
  for (int what = 0; what < 2; what++)
    for (int with_mark = 0; with_mark < 2; with_mark++) {
      memcpy(g, f, n);
      if (what == 0)
        memset(g + 1024, 0, 512);
      else
        g[1100] ^= 4;
      file_write(in_journal(&s, FIRST_SEGMENT), g, n);
      forget_mark(&s);
      if (with_mark)
        file_write(in_journal(&s, "head"), mark, marked);
      qf_journal *j;
      qf_err err;
      qf_rc rc = qf_journal_open(s.dir, NULL, &j, &err);
      assert_int_equal(rc, what == 0 && !with_mark ? QF_OK : QF_CORRUPT);
      if (!rc)
        assert_int_equal(qf_journal_last_seq(j), 1);
      qf_journal_close(j);
    }
  free(f);
  free(g);
  free(mark);
  scratch_end(&s);
}

static void queue_has_a_limit(void **state)
{
  (void)state;
  static uint8_t body[1000];
  held h;
  qf_err err;
  told t = {0};
  scratch s = scratch_make();
  qf_journal *j = opened_held(&s, &(qf_journal_opts){.queue_bytes = 3500}, &h);
  int n = 0;
  qf_rc rc;
  while (!(rc = qf_journal_submit(j, QF_ENTRY_EVENT, body, sizeof body, keep, &t, &err)))
    n++;
  assert_int_equal(rc, QF_FULL);
  assert_int_equal(n, 3); /* 3 * (1000 + 128) <= 3500 < 4 * 1128 */
  let_go(&h);
  must(qf_journal_flush(j, &err), &err);
  assert_int_equal(t.n, 3);
  must(qf_journal_commit(j, QF_ENTRY_EVENT, body, sizeof body, NULL, &err), &err);
  static uint8_t big[5000]; /* larger than the queue: alone it passes */
  must(qf_journal_commit(j, QF_ENTRY_EVENT, big, sizeof big, NULL, &err), &err);
  assert_int_equal(qf_journal_last_seq(j), 5);
  qf_journal_close(j);
  scratch_end(&s);
}

/* No space: the group and all that waits behind it fail, the file is as before, and it goes on. */
static void no_space(void **state)
{
  (void)state;
  held h;
  qf_err err;
  told t = {0};
  scratch s = scratch_make();
  qf_journal *j = opened_held(&s, NULL, &h);
  uint8_t body[200];
  size_t n = body_of(1, body);
  must(qf_journal_submit(j, QF_ENTRY_EVENT, body, n, keep, &t, &err), &err);
  sem_wait(&h.there);
  __atomic_store_n(&h.fail, ENOSPC, __ATOMIC_RELEASE);
  must(qf_journal_submit(j, QF_ENTRY_EVENT, "second", 6, keep, &t, &err), &err);
  must(qf_journal_submit(j, QF_ENTRY_EVENT, "third", 5, NULL, NULL, &err), &err);
  let_go(&h);
  assert_int_equal(qf_journal_flush(j, &err), QF_FULL); /* tells of the third */
  must(qf_journal_flush(j, &err), &err);                /* once */
  assert_int_equal(t.n, 2);
  assert_int_equal(t.rc[0], QF_OK);
  assert_int_equal(t.rc[1], QF_FULL);
  assert_int_equal(t.seq[1], 0);
  commit_some(j, 2, 9);
  __atomic_store_n(&h.fail, EIO, __ATOMIC_RELEASE);
  assert_int_equal(qf_journal_commit(j, QF_ENTRY_EVENT, body, n, NULL, &err), QF_IO);
  commit_some(j, 10, 12);
  qf_journal_close(j);
  qf_rc end;
  assert_int_equal(read_all(&s, 1, &end, &err), 12);
  assert_int_equal(end, QF_NOTFOUND);
  scratch_end(&s);
}

/* What was submitted while a write was failing fails with it, although it was not part of it; what is submitted by one
 * who could know does not. */
static void failure_takes_the_queue_along(void **state)
{
  (void)state;
  held h;
  qf_err err;
  told t = {0};
  scratch s = scratch_make();
  qf_journal *j = opened_held(&s, NULL, &h);
  let_go(&h);
  sem_wait(&h.go); /* take the post back: none waits */
  h.stay = true;
  __atomic_store_n(&h.fail, ENOSPC, __ATOMIC_RELEASE);
  must(qf_journal_submit(j, QF_ENTRY_EVENT, "a", 1, keep, &t, &err), &err);
  sem_wait(&h.there); /* the write is under way */
  must(qf_journal_submit(j, QF_ENTRY_EVENT, "b", 1, keep, &t, &err), &err);
  must(qf_journal_submit(j, QF_ENTRY_EVENT, "c", 1, keep, &t, &err), &err);
  sem_post(&h.go);
  must(qf_journal_flush(j, &err), &err);
  assert_int_equal(t.n, 3);
  for (int i = 0; i < 3; i++)
    assert_int_equal(t.rc[i], QF_FULL);
  uint64_t seq;
  must(qf_journal_commit(j, QF_ENTRY_EVENT, "d", 1, &seq, &err), &err);
  assert_int_equal(seq, 1);
  qf_journal_close(j);
  scratch_end(&s);
}

/* Run what in a process that is gone without closing the journal. */
static void in_a_lost_process(const scratch *s, void (*what)(const scratch *))
{
  int status;
  pid_t pid = fork();
  if (pid == 0) {
    what(s);
    _exit(0);
  }
  waitpid(pid, &status, 0);
  assert_int_equal(status, 0);
}

static void fail_large_then_write_small(const scratch *s)
{
  static uint8_t body[3][700];
  held h;
  told t = {0};
  qf_journal *j = opened_held(s, NULL, &h);
  if (qf_journal_submit(j, QF_ENTRY_EVENT, "one", 3, keep, &t, NULL))
    _exit(1);
  sem_wait(&h.there);
  h.whole = true;
  __atomic_store_n(&h.fail, EIO, __ATOMIC_RELEASE);
  memset(body, 'x', sizeof body);
  for (int i = 0; i < 3; i++)
    if (qf_journal_submit(j, QF_ENTRY_EVENT, body[i], sizeof body[i], keep, &t, NULL))
      _exit(2);
  let_go(&h);
  if (qf_journal_flush(j, NULL) || t.n != 4 || t.rc[1] != QF_IO)
    _exit(3);
  if (qf_journal_commit(j, QF_ENTRY_EVENT, "two", 3, NULL, NULL))
    _exit(4);
}

static void write_small(const scratch *s)
{
  qf_journal *j;
  if (qf_journal_open(s->dir, NULL, &j, NULL) || qf_journal_commit(j, QF_ENTRY_EVENT, "two", 3, NULL, NULL))
    _exit(1);
}

/* Bytes of a group that failed, or was cut off at open, must not stand behind what is written over it. */
static void leftovers_are_gone(void **state)
{
  (void)state;
  qf_journal_check check;
  qf_err err;
  scratch s = scratch_make();
  in_a_lost_process(&s, fail_large_then_write_small);
  must(qf_journal_verify(s.dir, &check, &err), &err);
  assert_int_equal(check.last_seq, 2);
  forget_mark(&s);
  qf_journal *j = opened(&s, NULL);
  assert_int_equal(qf_journal_last_seq(j), 2);
  qf_journal_close(j);
  scratch_end(&s);

  qf_journal_stats stats;
  told t;
  s = one_group_of_five(&stats, &t);
  size_t n;
  uint8_t *f = file_read(in_journal(&s, FIRST_SEGMENT), &n);
  memset(f + 1536, 0, 512); /* tears entries 2 and 3, the first of the last group */
  file_write(in_journal(&s, FIRST_SEGMENT), f, n);
  forget_mark(&s);
  in_a_lost_process(&s, write_small);
  must(qf_journal_verify(s.dir, &check, &err), &err);
  assert_int_equal(check.last_seq, 2);
  free(f);
  scratch_end(&s);
}

static void limits(void **state)
{
  (void)state;
  scratch s = scratch_make();
  qf_err err;
  qf_journal *j = opened(&s, &(qf_journal_opts){.segment_bytes = 1 << 20});
  uint8_t *big = malloc(QF_ENT_MAX + 1);
  assert_non_null(big);
  memset(big, 7, QF_ENT_MAX + 1);
  assert_int_equal(qf_journal_commit(j, QF_ENTRY_EVENT, big, 0, NULL, &err), QF_RANGE);
  assert_int_equal(qf_journal_commit(j, QF_ENTRY_EVENT, big, QF_ENT_MAX + 1, NULL, &err), QF_RANGE);
  must(qf_journal_commit(j, QF_ENTRY_EVENT, "x", 1, NULL, &err), &err);
  must(qf_journal_commit(j, QF_ENTRY_EVENT, big, QF_ENT_MAX, NULL, &err), &err);
  must(qf_journal_commit(j, QF_ENTRY_EVENT, "y", 1, NULL, &err), &err);
  qf_journal_close(j);
  qf_journal_check check;
  must(qf_journal_verify(s.dir, &check, &err), &err);
  assert_int_equal(check.entries, 3);
  assert_int_equal(check.segments, 3);
  qf_cursor *c;
  qf_entry e;
  must(qf_cursor_open(s.dir, 2, &c, &err), &err);
  must(qf_cursor_next(c, &e, &err), &err);
  assert_int_equal(e.len, QF_ENT_MAX);
  assert_memory_equal(e.body, big, QF_ENT_MAX);
  qf_cursor_close(c);
  free(big);
  scratch_end(&s);
}

static void one_writer_only(void **state)
{
  (void)state;
  scratch s = scratch_make();
  qf_err err;
  qf_journal *j = opened(&s, NULL), *k;
  assert_int_equal(qf_journal_open(s.dir, NULL, &k, &err), QF_BUSY);
  assert_null(k);
  pid_t pid = fork();
  if (pid == 0) {
    qf_journal *mine;
    _exit(qf_journal_open(s.dir, NULL, &mine, NULL) == QF_BUSY ? 0 : 1);
  }
  int status;
  waitpid(pid, &status, 0);
  assert_int_equal(status, 0);
  qf_journal_close(j);
  qf_journal_close(opened(&s, NULL));
  scratch_end(&s);
}

static void without_sync(void **state)
{
  (void)state;
  scratch s = scratch_make();
  qf_err err;
  qf_journal *j = opened(&s, &(qf_journal_opts){.no_sync = true, .segment_bytes = 4096});
  qf_journal_stats before, after;
  qf_journal_get_stats(j, &before);
  uint8_t body[200];
  for (uint64_t i = 1; i <= 10; i++)
    must(qf_journal_commit(j, QF_ENTRY_EVENT, body, body_of(i, body), NULL, &err), &err);
  qf_journal_get_stats(j, &after);
  assert_int_equal(after.syncs, before.syncs);
  must(qf_journal_flush(j, &err), &err);
  qf_journal_get_stats(j, &after);
  assert_int_equal(after.syncs, before.syncs + 1);
  must(qf_journal_flush(j, &err), &err); /* nothing new: no sync */
  qf_journal_get_stats(j, &after);
  assert_int_equal(after.syncs, before.syncs + 1);
  commit_some(j, 11, 60);
  qf_journal_close(j);
  qf_rc end;
  assert_int_equal(read_all(&s, 1, &end, &err), 60);
  scratch_end(&s);
}

/* ---- many threads, live readers */

#define THREADS 8
#define EACH 60u
typedef struct crowd {
  qf_journal *j;
  uint32_t id;
} crowd;

static void *crowd_member(void *arg)
{
  const crowd *c = arg;
  for (uint32_t i = 0; i < EACH; i++) {
    uint32_t body[2] = {c->id, i};
    if (qf_journal_commit(c->j, QF_ENTRY_EVENT, body, sizeof body, NULL, NULL))
      return NULL;
  }
  return arg;
}

static void eight_threads(void **state)
{
  (void)state;
  scratch s = scratch_make();
  qf_err err;
  crowd c[THREADS];
  pthread_t t[THREADS];
  qf_journal *j = opened(&s, &(qf_journal_opts){.segment_bytes = 8192});
  for (uint32_t i = 0; i < THREADS; i++) {
    c[i] = (crowd){j, i};
    assert_int_equal(pthread_create(&t[i], NULL, crowd_member, &c[i]), 0);
  }
  for (int i = 0; i < THREADS; i++) {
    void *ok;
    pthread_join(t[i], &ok);
    assert_non_null(ok);
  }
  qf_journal_stats stats;
  qf_journal_get_stats(j, &stats);
  assert_int_equal(stats.entries, THREADS * EACH);
  assert_true(stats.syncs < stats.entries); /* group commit does group */
  qf_journal_close(j);
  uint32_t next[THREADS] = {0};
  qf_cursor *cur;
  qf_entry e;
  must(qf_cursor_open(s.dir, 1, &cur, &err), &err);
  while (!qf_cursor_next(cur, &e, &err)) { /* each thread's entries once, in its order */
    uint32_t body[2];
    assert_int_equal(e.len, sizeof body);
    memcpy(body, e.body, sizeof body);
    assert_true(body[0] < THREADS);
    assert_int_equal(body[1], next[body[0]]++);
  }
  qf_cursor_close(cur);
  for (int i = 0; i < THREADS; i++)
    assert_int_equal(next[i], EACH);
  scratch_end(&s);
}

/* Follow the journal in another process until `last`; exit code 0 when all was as it must be. */
static pid_t follower(const scratch *s, uint64_t last)
{
  pid_t pid = fork();
  if (pid)
    return pid;
  qf_cursor *c;
  qf_entry e;
  uint8_t body[200];
  uint64_t seq = 0;
  if (qf_cursor_open(s->dir, 1, &c, NULL))
    _exit(2);
  while (seq < last) {
    qf_rc rc = qf_cursor_next(c, &e, NULL);
    if (rc == QF_NOTFOUND) {
      sched_yield();
      continue;
    }
    if (rc || e.seq != ++seq)
      _exit(rc ? (int)rc + 10 : 3);
    if (e.len != body_of(seq, body) || memcmp(e.body, body, e.len) != 0)
      _exit(4);
  }
  qf_cursor_close(c);
  _exit(0);
}

/* Half of the writes fail half-way and are taken back; another process follows all the time, through closings as well.
 * It must see exactly what became durable, and no damage. */
static void followed_from_another_process(void **state)
{
  (void)state;
  scratch s = scratch_make();
  qf_journal_close(opened(&s, NULL));
  pid_t pid = follower(&s, 400);
  uint8_t body[200], junk[300] = {9};
  for (uint64_t at = 1; at <= 400; at += 100) {
    held h;
    qf_journal *j = opened_held(&s, &(qf_journal_opts){.segment_bytes = 2048}, &h);
    let_go(&h);
    for (uint64_t i = at; i < at + 100; i++) {
      if (i % 2) {
        __atomic_store_n(&h.fail, ENOSPC, __ATOMIC_RELEASE);
        assert_int_equal(qf_journal_commit(j, QF_ENTRY_EVENT, junk, sizeof junk, NULL, NULL), QF_FULL);
      }
      qf_err err;
      must(qf_journal_commit(j, QF_ENTRY_EVENT, body, body_of(i, body), NULL, &err), &err);
    }
    qf_journal_close(j);
  }
  int status;
  waitpid(pid, &status, 0);
  assert_true(WIFEXITED(status));
  assert_int_equal(WEXITSTATUS(status), 0);
  scratch_end(&s);
}

/* What was written and not yet synced is not shown; damage to what was synced is, on a live journal too. */
static void reader_waits_for_the_sync(void **state)
{
  (void)state;
  held h;
  qf_err err;
  told t = {0};
  qf_entry e;
  qf_cursor *c;
  qf_journal_check check;
  scratch s = scratch_make();
  qf_journal *j = opened_held(&s, NULL, &h);
  must(qf_cursor_open(s.dir, 1, &c, &err), &err);
  must(qf_journal_submit(j, QF_ENTRY_EVENT, "one", 3, keep, &t, &err), &err);
  sem_wait(&h.there); /* written, not synced */
  assert_int_equal(qf_cursor_next(c, &e, &err), QF_NOTFOUND);
  must(qf_journal_verify(s.dir, &check, &err), &err);
  assert_int_equal(check.entries, 0);
  sem_post(&h.go);
  must(qf_journal_flush(j, &err), &err);
  must(qf_journal_submit(j, QF_ENTRY_EVENT, "two", 3, keep, &t, &err), &err);
  sem_wait(&h.there); /* the bytes of entry 2 follow in the file, and come into the cursor's buffer with 1 */
  must(qf_cursor_next(c, &e, &err), &err);
  assert_int_equal(e.seq, 1);
  assert_int_equal(qf_cursor_next(c, &e, &err), QF_NOTFOUND);
  let_go(&h);
  must(qf_journal_flush(j, &err), &err);
  must(qf_cursor_next(c, &e, &err), &err);
  assert_int_equal(e.seq, 2);
  qf_cursor_close(c);
  int fd = open(in_journal(&s, FIRST_SEGMENT), O_WRONLY);
  assert_int_equal(pwrite(fd, "X", 1, 128 + 48), 1);
  close(fd);
  assert_int_equal(qf_journal_verify(s.dir, &check, &err), QF_CORRUPT);
  qf_journal_close(j);
  scratch_end(&s);
}

/* ---- opening makes the last group durable anew */

typedef struct seen {
  off_t at;
  size_t n, n_at_sync;
} seen;

static ssize_t seen_pwrite(void *ud, int fd, const void *p, size_t n, off_t at)
{
  seen *x = ud;
  x->at = at;
  x->n = n;
  return pwrite(fd, p, n, at);
}

static int seen_sync(void *ud, int fd)
{
  seen *x = ud;
  x->n_at_sync = x->n;
  return fdatasync(fd);
}

/* After a failed sync the kernel may hold pages for clean that never reached the disk: reading them back proves
 * nothing. So the bytes of the last group (2..6: from 908, 5 * 780 bytes) are written again before anything is said to
 * be durable. */
static void last_group_is_written_again(void **state)
{
  (void)state;
  qf_journal_stats stats;
  told t;
  qf_err err;
  seen x = {0};
  scratch s = one_group_of_five(&stats, &t);
  qf_journal_io io = qf_journal_io_system();
  io.ud = &x;
  io.pwrite = seen_pwrite;
  io.fdatasync = seen_sync;
  qf_journal *j;
  must(qf_journal_open_io(s.dir, NULL, &io, &j, &err), &err);
  assert_int_equal(x.at, 908);
  assert_int_equal(x.n_at_sync, 5 * 780);
  qf_journal_close(j);
  scratch_end(&s);
}

/* ---- a disk that is really full */

static void full_disk(void **state)
{
  (void)state;
  scratch s = scratch_make();
  if (geteuid() != 0 || mount("tmpfs", s.dir, "tmpfs", 0, "size=1m") != 0) {
    puts("SKIP full_disk: needs the right to mount a tmpfs");
    rmdir(s.dir);
    skip();
  }
  char filler[100];
  snprintf(filler, sizeof filler, "%s/filler", s.dir);
  static uint8_t body[20000];
  file_write(filler, body, sizeof body);
  for (int i = 0; i < 20; i++) { /* take 400 KB */
    FILE *f = fopen(filler, "ab");
    assert_non_null(f);
    assert_int_equal(fwrite(body, 1, sizeof body, f), sizeof body);
    fclose(f);
  }
  qf_journal *j = opened(&s, &(qf_journal_opts){.segment_bytes = 100000});
  uint64_t kept = 0, seq;
  qf_err err;
  qf_rc rc;
  while (!(rc = qf_journal_commit(j, QF_ENTRY_EVENT, body, sizeof body, &seq, &err)))
    assert_int_equal(seq, ++kept);
  assert_int_equal(rc, QF_FULL);
  assert_true(kept > 5);
  assert_int_equal(qf_journal_commit(j, QF_ENTRY_EVENT, body, sizeof body, &seq, &err), QF_FULL);
  assert_int_equal(qf_journal_last_seq(j), kept);
  unlink(filler);
  for (int i = 0; i < 5; i++) { /* space is back: it goes on by itself */
    must(qf_journal_commit(j, QF_ENTRY_EVENT, body, sizeof body, &seq, &err), &err);
    assert_int_equal(seq, ++kept);
  }
  qf_journal_close(j);
  qf_journal_check check;
  must(qf_journal_verify(s.dir, &check, &err), &err);
  assert_int_equal(check.last_seq, kept);
  umount(s.dir);
  scratch_end(&s);
}

/* ---- closed segments that are not read again */

/* A journal of 30 entries in segments of 1 KiB, opened once more, so that "checked" is there; *list its segments. */
static scratch checked_journal(uint64_t **list, size_t *n)
{
  scratch s = journal_of(30, 1024);
  qf_err err;
  int dirfd = open(s.journal, O_RDONLY | O_DIRECTORY);
  must(qf_seg_list(dirfd, list, n, &err), &err);
  assert_true(*n >= 4);
  close(dirfd);
  return s;
}

/* Change one byte of a body and give the file its size and mtime back; ctime cannot be given back, so the sidecar is told:
 * as a disk does that rots without the file system knowing. */
static void rot(const scratch *s, uint64_t first, bool in_sidecar_too)
{
  char name[QF_SEG_NAME];
  struct stat st, now;
  size_t n;
  qf_segment_file_name(first, name);
  const char *path = in_journal(s, name);
  assert_int_equal(stat(path, &st), 0);
  int fd = open(path, O_RDWR);
  uint8_t b;
  assert_int_equal(pread(fd, &b, 1, 128 + 48), 1);
  b ^= 1;
  assert_int_equal(pwrite(fd, &b, 1, 128 + 48), 1);
  const struct timespec t[2] = {st.st_atim, st.st_mtim};
  assert_int_equal(futimens(fd, t), 0);
  assert_int_equal(fstat(fd, &now), 0);
  close(fd);
  if (!in_sidecar_too)
    return;
  uint8_t *f = file_read(in_journal(s, "checked"), &n);
  int64_t changed = (int64_t)now.st_ctim.tv_sec * 1000000000 + now.st_ctim.tv_nsec;
  for (size_t at = 16; at + 80 < n; at += 80) { /* the layout of docs/formats/journal.md */
    uint64_t seq;
    memcpy(&seq, f + at, 8);
    if (seq == first)
      memcpy(f + at + 40, &changed, 8);
  }
  uint32_t crc = plain_crc(f, n - 4);
  memcpy(f + n - 4, &crc, 4);
  file_write(in_journal(s, "checked"), f, n);
  free(f);
}

static void checked_as_documented(void **state)
{
  (void)state;
  uint64_t *list;
  size_t count, n;
  scratch s = checked_journal(&list, &count);
  uint8_t *f = file_read(in_journal(&s, "checked"), &n);
  assert_int_equal(n, 16 + 80 * (count - 1) + 4); /* all but the last */
  assert_memory_equal(f, "QFJCHK1\n", 8);
  uint32_t crc, k;
  memcpy(&crc, f + n - 4, 4);
  memcpy(&k, f + 8, 4);
  assert_int_equal(crc, plain_crc(f, n - 4));
  assert_int_equal(k, count - 1);
  for (size_t i = 0; i + 1 < count; i++) {
    char name[QF_SEG_NAME];
    struct stat st;
    uint64_t v[6];
    size_t len;
    qf_segment_file_name(list[i], name);
    assert_int_equal(stat(in_journal(&s, name), &st), 0);
    memcpy(v, f + 16 + 80 * i, sizeof v);
    assert_int_equal(v[0], list[i]);
    assert_int_equal(v[1], list[i + 1] - 1);
    assert_int_equal(v[2], st.st_size);
    assert_int_equal(v[3], st.st_ino);
    assert_int_equal(v[4], st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec);
    assert_int_equal(v[5], st.st_ctim.tv_sec * 1000000000 + st.st_ctim.tv_nsec);
    uint8_t *seg = file_read(in_journal(&s, name), &len); /* the chain value is the last thing in it */
    assert_memory_equal(f + 16 + 80 * i + 48, seg + len - 32, 32);
    free(seg);
  }
  free(f);
  free(list);
  scratch_end(&s);
}

/* Damage that the file system does not know of: the open is not stopped, whoever reads there is, and so is verify. */
static void rot_in_a_checked_segment_is_found_by_readers(void **state)
{
  (void)state;
  uint64_t *list;
  size_t n;
  qf_err err;
  qf_journal_check check;
  qf_rc end;
  scratch s = checked_journal(&list, &n);
  rot(&s, list[1], true);
  qf_journal *j = opened(&s, NULL);
  assert_int_equal(qf_journal_last_seq(j), 30);
  qf_journal_close(j);
  assert_int_equal(read_all(&s, 1, &end, &err), list[1] - 1);
  assert_int_equal(end, QF_CORRUPT);
  char name[QF_SEG_NAME];
  qf_segment_file_name(list[1], name);
  assert_non_null(strstr(err.en, name));
  assert_int_equal(qf_journal_verify(s.dir, &check, &err), QF_CORRUPT);
  assert_non_null(strstr(err.en, name));
  free(list);
  scratch_end(&s);
}

/* Any change that the file system knows of is a reason to read, even with size and mtime put back. */
static void a_changed_segment_is_read(void **state)
{
  (void)state;
  uint64_t *list;
  size_t n;
  qf_err err;
  qf_journal *j;
  scratch s = checked_journal(&list, &n);
  rot(&s, list[1], false);
  char name[QF_SEG_NAME];
  qf_segment_file_name(list[1], name);
  assert_int_equal(qf_journal_open(s.dir, NULL, &j, &err), QF_CORRUPT);
  assert_non_null(strstr(err.en, name));
  rot(&s, list[1], false); /* the bit is back: whole again, though with another ctime */
  j = opened(&s, NULL);
  assert_int_equal(qf_journal_last_seq(j), 30);
  qf_journal_close(j);
  free(list);
  scratch_end(&s);
}

static void changed_to(const scratch *s, const uint8_t *f, size_t n)
{
  file_write(in_journal(s, "checked"), f, n);
  qf_journal *j;
  qf_err err;
  assert_int_equal(qf_journal_open(s->dir, NULL, &j, &err), QF_CORRUPT); /* it was not believed: all was read */
}

/* A rotten segment that the sidecar vouches for tells whether the sidecar is believed. */
static void a_bad_sidecar_is_not_believed(void **state)
{
  (void)state;
  uint64_t *list;
  size_t count, n, other_n;
  qf_err err;
  scratch s = checked_journal(&list, &count);
  rot(&s, list[0], true);
  uint8_t *f = file_read(in_journal(&s, "checked"), &n);
  qf_journal *j = opened(&s, NULL); /* believed */
  qf_journal_close(j);
  for (size_t at = 0; at < n; at++) { /* every byte of it changed, every length cut */
    f[at] ^= 0x10;
    changed_to(&s, f, n);
    f[at] ^= 0x10;
    if (at % 7 == 0)
      changed_to(&s, f, at);
  }
  uint64_t *other_list;
  scratch other = checked_journal(&other_list, &other_n);
  size_t foreign_n;
  uint8_t *foreign = file_read(in_journal(&other, "checked"), &foreign_n);
  changed_to(&s, foreign, foreign_n);
  unlink(in_journal(&s, "checked"));
  assert_int_equal(qf_journal_open(s.dir, NULL, &j, &err), QF_CORRUPT);
  memset(f + 16 + 48, 0x55, 32); /* vouches with a chain value that the next segment does not carry on */
  uint32_t crc = plain_crc(f, n - 4);
  memcpy(f + n - 4, &crc, 4);
  changed_to(&s, f, n);
  free(foreign);
  free(other_list);
  free(f);
  free(list);
  scratch_end(&other);
  scratch_end(&s);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bytes_as_documented),
      cmocka_unit_test(round_trip),
      cmocka_unit_test(empty_journal),
      cmocka_unit_test(checked_as_documented),
      cmocka_unit_test(rot_in_a_checked_segment_is_found_by_readers),
      cmocka_unit_test(a_changed_segment_is_read),
      cmocka_unit_test(a_bad_sidecar_is_not_believed),
      cmocka_unit_test(cut_at_every_byte),
      cmocka_unit_test(zeros_after_every_byte),
      cmocka_unit_test(garbage_after_the_end),
      cmocka_unit_test(flip_every_byte),
      cmocka_unit_test(flips_before_the_last_segment),
      cmocka_unit_test(segments_missing_or_swapped),
      cmocka_unit_test(groups),
      cmocka_unit_test(torn_inside_the_last_group),
      cmocka_unit_test(queue_has_a_limit),
      cmocka_unit_test(no_space),
      cmocka_unit_test(failure_takes_the_queue_along),
      cmocka_unit_test(leftovers_are_gone),
      cmocka_unit_test(limits),
      cmocka_unit_test(one_writer_only),
      cmocka_unit_test(without_sync),
      cmocka_unit_test(eight_threads),
      cmocka_unit_test(followed_from_another_process),
      cmocka_unit_test(reader_waits_for_the_sync),
      cmocka_unit_test(last_group_is_written_again),
      cmocka_unit_test(full_disk),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
