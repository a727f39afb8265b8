/* What the platform has acknowledged, window by window, in a file that is only appended to:
 *
 *   record, 20 bytes, little-endian:  u64 feed  u32 ordinal of the window  u32 sum of what was sent  u32 CRC-32C of the 16 before
 *
 * A record counts only whole, so that a torn end is nothing lost but a window sent twice, which the platform counts once. When most
 * records are outdated the file is written anew beside itself and renamed. */
#include "collect/necc_unit.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
  RECORD = 20,
#ifdef QF_SMALL
  SLACK = 20,
#else
  SLACK = 200000, /* records beyond the rings' size before the file is written anew */
#endif
};

uint32_t qf_necc_ordinal(const qf_necc_feed *f, qf_us t)
{
  if (f->stat == QF_NECC_REALTIME)
    return (uint32_t)(t / ((qf_us)f->minutes * QF_US_MINUTE));
  int32_t day = qf_day_cn(t);
  return (uint32_t)(f->stat == QF_NECC_DAY ? day : qf_month_of_day(day));
}

uint32_t qf_necc_has(const qf_necc_feed *f, uint32_t ordinal)
{
  const qf_necc_cell *c = &f->cell[ordinal % f->cells];
  return (c->ordinal & ~QF_NECC_REFUSED) == ordinal ? c->sum : 0;
}

static void put(qf_necc_feed *f, uint32_t ordinal, uint32_t sum)
{
  qf_necc_cell *c = &f->cell[ordinal % f->cells];
  if (!c->sum || (c->ordinal & ~QF_NECC_REFUSED) <= ordinal) /* an old window does not push out a younger one */
    *c = (qf_necc_cell){ordinal, sum};
}

void qf_necc_left_out(qf_necc_feed *f, const qf_necc_window *w)
{
  uint32_t ordinal = qf_necc_ordinal(f, w->r.at);
  put(f, ordinal, w->sum);
  if (qf_necc_has(f, ordinal) == w->sum)
    f->cell[ordinal % f->cells].ordinal |= QF_NECC_REFUSED;
}

static qf_rc io(const qf_necc_sent *s, qf_err *err)
{
  return qf_fail(err, QF_IO, "%.200s: %s", "%.200s：%s", s->path, strerror(errno));
}

static void record(qf_buf *b, uint64_t id, uint32_t ordinal, uint32_t sum)
{
  size_t from = b->len;
  qf_buf_u64(b, id);
  qf_buf_u32(b, ordinal);
  qf_buf_u32(b, sum);
  if (!b->failed)
    qf_buf_u32(b, qf_crc32c(0, b->data + from, 16));
}

static bool write_all(int fd, const char *p, size_t n)
{
  while (n) {
    ssize_t k = write(fd, p, n);
    if (k < 0 && errno == EINTR)
      continue;
    if (k <= 0)
      return false;
    p += k;
    n -= (size_t)k;
  }
  return true;
}

static qf_necc_feed *feed_of(qf_necc_feed *f, uint32_t n, uint64_t id)
{
  for (uint32_t i = 0; i < n; i++)
    if (f[i].id == id)
      return &f[i];
  return NULL;
}

/* Into the rings; *whole: bytes of whole records. */
static qf_rc load(qf_necc_sent *s, qf_necc_feed *f, uint32_t n, off_t *whole, qf_err *err)
{
  uint8_t buf[RECORD * 512];
  size_t have = 0;
  for (*whole = 0;;) {
    ssize_t k = read(s->fd, buf + have, sizeof buf - have);
    if (k < 0)
      return io(s, err);
    have += (size_t)k;
    size_t at = 0;
    for (; at + RECORD <= have; at += RECORD) {
      qf_rd r = {buf + at, buf + at + RECORD, false};
      uint64_t id = qf_rd_u64(&r);
      uint32_t ordinal = qf_rd_u32(&r), sum = qf_rd_u32(&r);
      if (qf_rd_u32(&r) != qf_crc32c(0, buf + at, 16))
        return QF_OK; /* torn: what follows was never relied on */
      qf_necc_feed *to = feed_of(f, n, id);
      if (to)
        put(to, ordinal, sum);
      s->records++;
      *whole += RECORD;
    }
    have -= at;
    memmove(buf, buf + at, have);
    if (!k)
      return QF_OK;
  }
}

static qf_rc rewrite(qf_necc_sent *s, const qf_necc_feed *f, uint32_t n, qf_err *err)
{
  char aside[4600];
  qf_buf b;
  uint64_t records = 0;
  snprintf(aside, sizeof aside, "%s.part", s->path);
  int fd = open(aside, O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
  bool ok = fd >= 0;
  qf_buf_init(&b, (size_t)256 << 20);
  for (uint32_t i = 0; ok && i < n; i++) {
    for (uint32_t k = 0; k < f[i].cells; k++)
      if (f[i].cell[k].sum && !(f[i].cell[k].ordinal & QF_NECC_REFUSED)) {
        record(&b, f[i].id, f[i].cell[k].ordinal, f[i].cell[k].sum);
        records++;
      }
    ok = !b.failed && write_all(fd, b.data, b.len);
    qf_buf_reset(&b);
  }
  ok = ok && fsync(fd) == 0 && rename(aside, s->path) == 0;
  qf_rc rc = ok ? QF_OK : io(s, err);
  qf_buf_fini(&b);
  if (ok) {
    close(s->fd);
    s->fd = fd;
    s->records = records;
  } else if (fd >= 0) {
    close(fd);
  }
  return rc;
}

static bool outdated(const qf_necc_sent *s, const qf_necc_feed *f, uint32_t n)
{
  uint64_t cells = SLACK;
  for (uint32_t i = 0; i < n; i++)
    cells += f[i].cells;
  return s->records > cells;
}

qf_rc qf_necc_sent_open(qf_necc_sent *s, qf_necc_feed *f, uint32_t n, qf_err *err)
{
  off_t whole = 0;
  s->records = 0;
  s->fd = open(s->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (s->fd < 0)
    return io(s, err);
  qf_rc rc = load(s, f, n, &whole, err);
  if (!rc && ftruncate(s->fd, whole))
    rc = io(s, err);
  if (!rc)
    rc = qf_necc_sent_tidy(s, f, n, err);
  if (rc)
    qf_necc_sent_close(s);
  return rc;
}

void qf_necc_sent_close(qf_necc_sent *s)
{
  if (s->fd >= 0)
    close(s->fd);
  s->fd = -1;
}

qf_rc qf_necc_sent_tidy(qf_necc_sent *s, const qf_necc_feed *f, uint32_t n, qf_err *err)
{
  return outdated(s, f, n) ? rewrite(s, f, n, err) : QF_OK;
}

qf_rc qf_necc_sent_add(qf_necc_sent *s, qf_necc_feed *f, const qf_necc_window *w, uint32_t n, qf_err *err)
{
  qf_buf b;
  qf_buf_init(&b, (size_t)RECORD * (n + 1));
  for (uint32_t i = 0; i < n; i++)
    record(&b, f[w[i].feed].id, qf_necc_ordinal(&f[w[i].feed], w[i].r.at), w[i].sum);
  off_t before = lseek(s->fd, 0, SEEK_END);
  bool ok = !b.failed && before >= 0 && write_all(s->fd, b.data, b.len) && fdatasync(s->fd) == 0;
  qf_rc rc = ok ? QF_OK : io(s, err);
  qf_buf_fini(&b);
  if (!ok && before >= 0 && ftruncate(s->fd, before)) /* half a record would hide those after it */
    return io(s, err);
  for (uint32_t i = 0; ok && i < n; i++)
    put(&f[w[i].feed], qf_necc_ordinal(&f[w[i].feed], w[i].r.at), w[i].sum);
  s->records += ok ? n : 0;
  return rc;
}
