/* Reading the journal, alive or at rest: see the top of journal.c for the bytes.
 *
 * A cursor never shows what might still change. While a writer is at work its mark (qf_mark) says up to which sequence
 * entries are durable, and bytes read before that was known are read again. Bytes read while no writer was at work -
 * none before, none after, none in between - are final, and what stands after the last whole entry is judged as at
 * recovery. */
#include "journal/cursor.h"
#include "base/buf.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef QF_SMALL
#define CHUNK ((size_t)4096)
#else
#define CHUNK ((size_t)1 << 20)
#endif

typedef unsigned long long ull;

static qf_rc io_fail(qf_err *err, const char *name, int e)
{
  return qf_fail(err, QF_IO, "journal %s cannot be read: %s", "日志 %s 无法读取：%s", name, strerror(e));
}

static qf_rc damaged(const qf_cursor *c, qf_err *err, const char *en, const char *zh)
{
  char name[QF_SEG_NAME];
  qf_segment_file_name(c->seg.first_seq, name);
  if (!err)
    return QF_CORRUPT;
  qf_fail(err, QF_CORRUPT,
          "journal segment %s is damaged at byte %llu, entry %llu: ", "日志分段 %s 第 %llu 字节（第 %llu 条）损坏：",
          name, (ull)c->pos, (ull)c->expect);
  size_t a = strlen(err->en), b = strlen(err->zh);
  snprintf(err->en + a, sizeof err->en - a, "%s", en);
  snprintf(err->zh + b, sizeof err->zh - b, "%s", zh);
  return QF_CORRUPT;
}

/* ---- bytes */

static void forget(qf_cursor *c)
{
  c->buf_len = 0;
}

/* Read at most n bytes at `at`; short only at the end of the file. */
static qf_rc read_at(const qf_cursor *c, void *out, size_t n, uint64_t at, size_t *got, qf_err *err)
{
  *got = 0;
  while (*got < n) {
    ssize_t r = pread(c->fd, (uint8_t *)out + *got, n - *got, (off_t)(at + *got));
    if (r == 0)
      break;
    if (r < 0 && errno == EINTR)
      continue;
    if (r < 0) {
      char name[QF_SEG_NAME];
      qf_segment_file_name(c->seg.first_seq, name);
      return io_fail(err, name, errno);
    }
    *got += (size_t)r;
  }
  return QF_OK;
}

static bool buffered(const qf_cursor *c, size_t n)
{
  return c->pos >= c->buf_at && c->pos + n <= c->buf_at + c->buf_len;
}

/* Have at least `need` bytes from pos in the buffer, if the file has them; *have tells how many there are. */
static qf_rc want(qf_cursor *c, size_t need, size_t *have, qf_err *err)
{
  *have = 0;
  if (buffered(c, need)) {
    *have = (size_t)(c->buf_at + c->buf_len - c->pos);
    return QF_OK;
  }
  size_t n = need > CHUNK ? need : CHUNK;
  if (n > c->buf_cap) {
    uint8_t *p = realloc(c->buf, n);
    if (!p)
      return qf_fail(err, QF_NOMEM, "out of memory reading the journal", "内存不足，无法读取日志");
    c->buf = p;
    c->buf_cap = n;
  }
  c->buf_len = 0;
  c->buf_at = c->pos;
  c->mark = qf_mark_look(c->dirfd);
  qf_rc rc = read_at(c, c->buf, n, c->pos, &c->buf_len, err);
  qf_mark after = c->mark.live ? c->mark : qf_mark_look(c->dirfd);
  c->at_rest = !after.live && after.opened == c->mark.opened;
  *have = c->buf_len;
  return rc;
}

static const uint8_t *bytes_at_pos(const qf_cursor *c)
{
  return c->buf + (c->pos - c->buf_at);
}

/* Parse the entry at pos. *good false: there is none (or not yet). */
static qf_rc parse(qf_cursor *c, qf_entry *e, qf_ent_head *h, bool *good, qf_err *err)
{
  size_t have;
  *good = false;
  if (c->fd < 0)
    return QF_OK;
  qf_rc rc = want(c, QF_ENT_HEAD, &have, err);
  if (rc || have < QF_ENT_HEAD || !qf_ent_head_read(bytes_at_pos(c), c->seg.salt, h) || h->seq != c->expect)
    return rc;
  size_t whole = QF_ENT_EXTRA + (size_t)h->len;
  rc = want(c, whole, &have, err);
  if (rc || have < whole)
    return rc;
  const uint8_t *p = bytes_at_pos(c);
  if (qf_crc32c(0, p + QF_ENT_HEAD, h->len) != h->body_crc)
    return QF_OK;
  *e = (qf_entry){.seq = h->seq, .at_us = h->at_us, .type = h->type, .body = p + QF_ENT_HEAD, .len = h->len};
  memcpy(e->chain, c->chain, 32);
  qf_chain_next(&c->sha, e->chain, p, e->body, e->len);
  *good = memcmp(e->chain, p + QF_ENT_HEAD + h->len, 32) == 0;
  return QF_OK;
}

static bool is_final(const qf_cursor *c)
{
  return c->at_rest || (c->mark.live && c->expect <= c->mark.visible);
}

/* ---- segments */

static qf_rc enter(qf_cursor *c, uint64_t first, qf_err *err)
{
  char name[QF_SEG_NAME];
  uint8_t head[QF_SEG_HEAD];
  qf_segment_file_name(first, name);
  int fd = openat(c->dirfd, name, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return io_fail(err, name, errno);
  if (c->fd >= 0)
    close(c->fd);
  c->fd = fd;
  c->seg.first_seq = first;
  c->pos = 0;
  c->group = 0;
  forget(c);
  size_t got;
  qf_rc rc = read_at(c, head, sizeof head, 0, &got, err);
  if (rc)
    return rc;
  qf_seg_head h;
  uint32_t version = got < sizeof head ? 0 : qf_seg_head_version(head);
  if (version > 1)
    return qf_fail(err, QF_CORRUPT, "journal segment %s has format version %u, this program reads 1: use a newer one",
                   "日志分段 %s 格式版本为 %u，本程序仅读版本 1：请使用新版程序", name, version);
  if (got < sizeof head || !qf_seg_head_read(head, &h))
    return damaged(c, err, "the segment header does not match its checksum", "分段头与校验和不符");
  if (h.first_seq != first)
    return damaged(c, err, "the file name and the header disagree on the first entry", "文件名与分段头所载首条不一致");
  c->seg = h;
  c->pos = QF_SEG_HEAD;
  c->segments++;
  return QF_OK;
}

qf_rc qf_cursor_segments(int dirfd, uint64_t **out, size_t *n, qf_err *err)
{
  qf_rc rc = qf_seg_list(dirfd, out, n, err);
  if (!rc && *n && (*out)[0] != 1) {
    rc = qf_fail(err, QF_CORRUPT, "journal segments with entries 1 to %llu are missing",
                 "日志缺少第 1 至 %llu 条所在的分段", (ull)(*out)[0] - 1);
    free(*out);
    *out = NULL;
    *n = 0;
  }
  return rc;
}

/* First sequence of the segment after the present one; 0: none. */
static qf_rc segment_after(qf_cursor *c, uint64_t *first, qf_err *err)
{
  uint64_t *list;
  size_t n;
  qf_rc rc = qf_cursor_segments(c->dirfd, &list, &n, err);
  *first = 0;
  for (size_t i = n; !rc && i-- > 0;)
    if (c->fd < 0 || list[i] > c->seg.first_seq)
      *first = list[i];
  free(list);
  return rc;
}

/* Judge what follows pos in the last segment. */
static qf_rc judge(qf_cursor *c, qf_err *err)
{
  struct stat st;
  if (fstat(c->fd, &st) != 0)
    return io_fail(err, "", errno);
  size_t n = (uint64_t)st.st_size > c->pos ? (size_t)((uint64_t)st.st_size - c->pos) : 0, got = 0;
  c->tail_bytes = n;
  c->tail = QF_TAIL_CLEAN;
  if (n == 0)
    return QF_NOTFOUND;
  uint8_t *p = malloc(n);
  if (!p)
    return qf_fail(err, QF_NOMEM, "out of memory reading the journal", "内存不足，无法读取日志");
  qf_rc rc = read_at(c, p, n, c->pos, &got, err);
  if (!rc)
    c->tail = qf_tail_judge(p, got, c->pos, c->seg.salt, c->expect, qf_mark_look(c->dirfd).durable);
  free(p);
  if (rc)
    return rc;
  return c->tail == QF_TAIL_BAD
             ? damaged(c, err, "checksum or chain does not match, and it is not an interrupted write",
                       "校验和或链值不符，且并非中断的写入")
             : QF_NOTFOUND;
}

/* There is no entry at pos. Go on to the next segment (QF_OK), or say why there is none: QF_NOTFOUND, QF_CORRUPT. */
static qf_rc conclude(qf_cursor *c, bool live, qf_err *err)
{
  uint64_t next;
  struct stat st = {0};
  qf_rc rc = segment_after(c, &next, err);
  if (rc)
    return rc;
  if (c->fd < 0 && next == 0)
    return live ? qf_fail(err, QF_CORRUPT, "the journal's segments are missing", "日志分段缺失") : QF_NOTFOUND;
  if (c->fd >= 0 && fstat(c->fd, &st) != 0)
    return io_fail(err, "", errno);
  if (next == c->expect && (c->fd < 0 || (uint64_t)st.st_size == c->pos)) {
    rc = enter(c, next, err);
    if (!rc && memcmp(c->seg.chain, c->chain, 32) != 0)
      rc = damaged(c, err, "the chain value of the header is not that of the segment before",
                   "分段头链值与前一分段不符");
    return rc;
  }
  if (next && (uint64_t)st.st_size == c->pos)
    return damaged(c, err, "the entries that follow are missing: a segment is gone or misnamed",
                   "其后的条目缺失：分段丢失或名称有误");
  if (next)
    return damaged(c, err, "checksum or chain does not match, and later segments follow",
                   "校验和或链值不符，其后尚有分段");
  if (live)
    return damaged(c, err, "an entry that was durable cannot be read", "已落盘的条目无法读出");
  return judge(c, err);
}

/* ---- the public face */

static void take(qf_cursor *c, const qf_entry *e, const qf_ent_head *h)
{
  if (h->group != c->group) {
    c->group = h->group;
    c->group_pos = c->pos;
  }
  memcpy(c->chain, e->chain, 32);
  c->pos += QF_ENT_EXTRA + (uint64_t)h->len;
  c->expect++;
}

/* One look at pos: QF_OK an entry, QF_PARTIAL go on looking, else the answer. */
static qf_rc look(qf_cursor *c, qf_entry *out, qf_err *err)
{
  qf_ent_head h;
  bool good = false;
  for (int tries = 0; tries < 2; tries++) { /* the second time with fresh bytes and fresh knowledge */
    if (!buffered(c, 1) || c->fd < 0) {
      c->mark = qf_mark_look(c->dirfd);
      c->at_rest = !c->mark.live;
      if (c->mark.live && c->expect > c->mark.visible)
        return QF_NOTFOUND;
    }
    qf_rc rc = parse(c, out, &h, &good, err);
    if (rc)
      return rc;
    if (good && is_final(c)) {
      take(c, out, &h);
      return QF_OK;
    }
    forget(c);
  }
  if (good || !is_final(c))
    return QF_NOTFOUND;
  qf_mark m = c->mark;
  qf_rc rc = conclude(c, m.live, err);
  if (rc == QF_CORRUPT && !m.live) { /* unless a writer came meanwhile */
    m = qf_mark_look(c->dirfd);
    if (m.live || m.opened != c->mark.opened)
      return QF_NOTFOUND;
  }
  return rc ? rc : QF_PARTIAL;
}

qf_rc qf_cursor_next(qf_cursor *c, qf_entry *out, qf_err *err)
{
  c->tail = QF_TAIL_CLEAN;
  c->tail_bytes = 0;
  qf_rc rc;
  do
    rc = look(c, out, err);
  while (rc == QF_PARTIAL);
  return rc;
}

static qf_rc make(int dirfd, qf_cursor **out, qf_err *err)
{
  qf_cursor *c = calloc(1, sizeof *c);
  if (!c)
    return qf_fail(err, QF_NOMEM, "out of memory opening the journal", "内存不足，无法打开日志");
  c->fd = -1;
  c->expect = 1;
  c->dirfd = fcntl(dirfd, F_DUPFD_CLOEXEC, 0);
  qf_rc rc = c->dirfd < 0 ? io_fail(err, "", errno) : qf_chain_init(&c->sha);
  if (rc) {
    qf_cursor_close(c);
    return rc;
  }
  *out = c;
  return QF_OK;
}

qf_rc qf_cursor_open_at(int dirfd, uint64_t from, qf_cursor **out, qf_err *err)
{
  qf_cursor *c = NULL;
  uint64_t *list;
  size_t n;
  qf_rc rc = qf_cursor_segments(dirfd, &list, &n, err);
  if (rc)
    return rc;
  rc = make(dirfd, &c, err);
  uint64_t first = 0;
  for (size_t i = 0; i < n; i++)
    if (list[i] <= from)
      first = list[i];
  free(list);
  if (c && first) {
    rc = enter(c, first, err);
    c->expect = first;
    memcpy(c->chain, c->seg.chain, 32);
  }
  if (rc) {
    qf_cursor_close(c);
    return rc;
  }
  *out = c;
  return QF_OK;
}

/* Step over the entry at pos by its header alone. false: not possible, let qf_cursor_next say why. */
static bool hop(qf_cursor *c)
{
  qf_ent_head h;
  size_t have;
  if (want(c, QF_ENT_HEAD, &have, NULL) || have < QF_ENT_HEAD || !qf_ent_head_read(bytes_at_pos(c), c->seg.salt, &h) ||
      h.seq != c->expect || !is_final(c))
    return false;
  uint64_t at = c->pos + QF_ENT_HEAD + h.len;
  if (at + 32 <= c->buf_at + c->buf_len)
    memcpy(c->chain, c->buf + (at - c->buf_at), 32);
  else if (read_at(c, c->chain, 32, at, &have, NULL) || have < 32)
    return false;
  c->pos = at + 32;
  c->expect++;
  return true;
}

/* Go to `from`; the entry just before it is read in full, so that it is known to be there. */
static qf_rc seek(qf_cursor *c, uint64_t from, qf_err *err)
{
  while (c->fd >= 0 && from - c->expect > 1 && hop(c))
    ;
  while (c->expect < from) {
    qf_entry e;
    qf_rc rc = qf_cursor_next(c, &e, err);
    if (rc == QF_NOTFOUND)
      return qf_fail(err, rc, "the journal ends with entry %llu: there is no entry %llu yet",
                     "日志止于第 %llu 条，尚无第 %llu 条", (ull)c->expect - 1, (ull)from);
    if (rc)
      return rc;
  }
  return QF_OK;
}

qf_rc qf_cursor_open(const char *dir, uint64_t from_seq, qf_cursor **out, qf_err *err)
{
  *out = NULL;
  if (from_seq == 0)
    return qf_fail(err, QF_NOTFOUND, "journal entries count from 1", "日志条目自 1 起计");
  int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int jfd = fd < 0 ? -1 : openat(fd, "journal", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int e = errno;
  if (fd >= 0)
    close(fd);
  if (jfd < 0)
    return qf_fail(err, QF_IO, "there is no journal in %s: %s", "%s 中没有日志：%s", dir, strerror(e));
  qf_rc rc = qf_cursor_open_at(jfd, from_seq, out, err);
  close(jfd);
  if (*out && (rc = seek(*out, from_seq, err)) != QF_OK) {
    qf_cursor_close(*out);
    *out = NULL;
  }
  return rc;
}

void qf_cursor_close(qf_cursor *c)
{
  if (!c)
    return;
  if (c->fd >= 0)
    close(c->fd);
  if (c->dirfd >= 0)
    close(c->dirfd);
  qf_chain_fini(&c->sha);
  free(c->buf);
  free(c);
}

static qf_rc check_end(const qf_cursor *c, qf_journal_check *out, qf_err *err)
{
  uint64_t last = c->expect - 1;
  qf_mark m = qf_mark_look(c->dirfd);
  out->torn_tail = !m.live && c->tail == QF_TAIL_TORN;
  if (m.durable > last && !m.live)
    return qf_fail(err, QF_CORRUPT, "journal entries %llu to %llu were made durable and are missing at the end",
                   "日志第 %llu 至 %llu 条曾已落盘，末尾却缺失", (ull)last + 1, (ull)m.durable);
  return QF_OK;
}

qf_rc qf_journal_verify(const char *dir, qf_journal_check *out, qf_err *err)
{
  qf_cursor *c = NULL;
  qf_entry e;
  *out = (qf_journal_check){0};
  qf_rc rc = qf_cursor_open(dir, 1, &c, err);
  if (!c)
    return rc;
  while (!(rc = qf_cursor_next(c, &e, err))) {
    out->entries++;
    out->bytes += e.len + QF_ENT_EXTRA;
  }
  out->last_seq = c->expect - 1;
  out->first_seq = out->last_seq ? 1 : 0;
  out->segments = c->segments;
  out->bytes += c->segments * QF_SEG_HEAD;
  memcpy(out->chain, c->chain, 32);
  if (rc == QF_NOTFOUND)
    rc = check_end(c, out, err);
  qf_cursor_close(c);
  return rc;
}
