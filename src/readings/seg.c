/* Bytes of a segment file, little-endian:
 *   header, 16    "QFREADS1", u16 readings per frame, u16 readings per block at most, i32 Beijing day
 *   blocks        packed bytes (block.c), one after the other, in the order of the records
 *   records       one per block (block.c), by point, then time
 *   directory     per point, ascending: u32 point, u32 offset of its first record in the records
 *   footer, 96    u64 start of records, u64 start of directory, u64 order_lo, u64 order_hi, u64 seq, u64 readings, u32
 * points, u32 blocks, i32 day, u32 level (255 sealed), i64 first and i64 last time, u32 CRC-32C of records and
 *                 directory, u32 CRC-32C of the footer's 84 bytes before, "QFREADSE"
 * Every byte of the file is under a checksum or compared with what it must be.
 * Crash story: written as <name>.tmp, synced, renamed, the folder synced, and only then listed in the manifest; what is
 * not listed is removed at the next open. A listed file never changes. */
#include "readings/seg.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEADER = 16, FOOTER = 96, FOOTER_CRC = 84, DIR_ENTRY = 8, SPILL = 4 << 20 };
enum index_state { INDEX_UNKNOWN, INDEX_GOOD };
static const char magic_head[8] = {'Q', 'F', 'R', 'E', 'A', 'D', 'S', '1'};
static const char magic_foot[8] = {'Q', 'F', 'R', 'E', 'A', 'D', 'S', 'E'};

struct qf_seg {
  atomic_int refs, index;
  const uint8_t *p;
  size_t size;
  bool mapped;
  uint64_t rec_off, dir_off;
  uint32_t index_crc;
  qf_seg_meta meta;
  char name[QF_SEG_NAME];
};

static uint32_t get32(const uint8_t *p)
{
  return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static qf_rc corrupt(const qf_seg *s, const char *en, const char *zh, qf_err *err)
{
  return qf_fail(err, QF_CORRUPT, "readings file %s is damaged: %s%.0s", "读数文件 %s 已损坏:%.0s%s", s->name, en, zh);
}

/* ---- opening */

static void header_bytes(int32_t day, uint8_t h[HEADER])
{
  memcpy(h, magic_head, 8);
  h[8] = (uint8_t)QF_FRAME;
  h[9] = (uint8_t)(QF_FRAME >> 8);
  h[10] = (uint8_t)(QF_BLOCK_MAX & 255);
  h[11] = (uint8_t)(QF_BLOCK_MAX >> 8);
  for (int i = 0; i < 4; i++)
    h[12 + i] = (uint8_t)((uint32_t)day >> (8 * i));
}

static bool footer_consistent(const qf_seg *s)
{
  const qf_seg_meta *m = &s->meta;
  uint64_t body = s->size - FOOTER;
  return s->rec_off >= HEADER && s->rec_off <= s->dir_off && s->dir_off <= body &&
         body - s->dir_off == (uint64_t)m->points * DIR_ENTRY && m->points > 0 && m->blocks >= m->points &&
         m->readings >= m->blocks && m->order_lo <= m->order_hi && m->lo <= m->hi && qf_day_cn(m->lo) == m->day &&
         qf_day_cn(m->hi) == m->day && s->dir_off - s->rec_off <= UINT32_MAX;
}

static qf_rc read_footer(qf_seg *s, qf_err *err)
{
  uint8_t head[HEADER];
  if (s->size < HEADER + FOOTER)
    return corrupt(s, "too short, its end is missing", "太短,文件尾缺失", err);
  const uint8_t *f = s->p + s->size - FOOTER;
  if (memcmp(f + FOOTER - 8, magic_foot, 8) != 0)
    return corrupt(s, "its end is missing", "文件尾缺失", err);
  if (qf_crc32c(0, f, FOOTER_CRC) != get32(f + FOOTER_CRC))
    return corrupt(s, "checksum of the footer", "尾部校验和不符", err);
  qf_rd r = {.p = f, .end = f + FOOTER};
  qf_seg_meta *m = &s->meta;
  s->rec_off = qf_rd_u64(&r);
  s->dir_off = qf_rd_u64(&r);
  m->order_lo = qf_rd_u64(&r);
  m->order_hi = qf_rd_u64(&r);
  m->seq = qf_rd_u64(&r);
  m->readings = qf_rd_u64(&r);
  m->points = qf_rd_u32(&r);
  m->blocks = qf_rd_u32(&r);
  m->day = (int32_t)qf_rd_u32(&r);
  m->level = qf_rd_u32(&r);
  m->lo = (qf_us)qf_rd_u64(&r);
  m->hi = (qf_us)qf_rd_u64(&r);
  s->index_crc = qf_rd_u32(&r);
  header_bytes(m->day, head);
  if (memcmp(head, s->p, HEADER) != 0)
    return corrupt(s, "its header, or another version of the format", "文件头不符,或格式版本不同", err);
  if (m->lo < QF_TIME_MIN || m->hi >= QF_TIME_MAX || !footer_consistent(s))
    return corrupt(s, "contradictions in the footer", "尾部内容自相矛盾", err);
  return QF_OK;
}

static qf_rc new_seg(const char *name, qf_seg **out)
{
  qf_seg *s = calloc(1, sizeof *s);
  if (!s)
    return QF_NOMEM;
  atomic_init(&s->refs, 1);
  atomic_init(&s->index, INDEX_UNKNOWN);
  snprintf(s->name, sizeof s->name, "%s", name);
  *out = s;
  return QF_OK;
}

qf_rc qf_seg_open_mem(const uint8_t *bytes, size_t n, const char *name, qf_seg **out, qf_err *err)
{
  qf_seg *s = NULL;
  if (new_seg(name, &s))
    return qf_fail(err, QF_NOMEM, "out of memory opening %s", "内存不足,无法打开 %s", name);
  s->p = bytes;
  s->size = n;
  qf_rc rc = read_footer(s, err);
  if (rc)
    qf_seg_unref(s);
  else
    *out = s;
  return rc;
}

qf_rc qf_seg_open(int dirfd, const char *name, qf_seg **out, qf_err *err)
{
  struct stat st;
  qf_seg *s = NULL;
  int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC);
  if (fd < 0 || fstat(fd, &st) != 0) {
    qf_rc why = errno == ENOENT ? QF_CORRUPT : QF_IO;
    qf_fail(err, why, "cannot open readings file %s: %s", "无法打开读数文件 %s:%s", name, strerror(errno));
    if (fd >= 0)
      close(fd);
    return why;
  }
  qf_rc rc = new_seg(name, &s);
  if (rc) {
    close(fd);
    return qf_fail(err, rc, "out of memory opening %s", "内存不足,无法打开 %s", name);
  }
  s->size = (size_t)st.st_size;
  void *map = s->size ? mmap(NULL, s->size, PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;
  close(fd);
  if (map != MAP_FAILED) {
    s->p = map;
    s->mapped = true;
    rc = read_footer(s, err);
  } else if (s->size) {
    rc = qf_fail(err, QF_IO, "cannot map %s: %s", "无法映射 %s:%s", name, strerror(errno));
  } else {
    rc = corrupt(s, "empty", "空文件", err);
  }
  if (rc)
    qf_seg_unref(s);
  else
    *out = s;
  return rc;
}

qf_seg *qf_seg_ref(qf_seg *s)
{
  atomic_fetch_add(&s->refs, 1);
  return s;
}

void qf_seg_unref(qf_seg *s)
{
  if (!s || atomic_fetch_sub(&s->refs, 1) != 1)
    return;
  if (s->mapped) {
    union { /* munmap wants a pointer to what may be written */
      const uint8_t *c;
      void *v;
    } p = {.c = s->p};
    munmap(p.v, s->size);
  }
  free(s);
}

const qf_seg_meta *qf_seg_get_meta(const qf_seg *s)
{
  return &s->meta;
}
const char *qf_seg_name(const qf_seg *s)
{
  return s->name;
}
size_t qf_seg_bytes(const qf_seg *s)
{
  return s->size;
}
void qf_seg_sha256(const qf_seg *s, uint8_t out[32])
{
  qf_sha256(s->p, s->size, out);
}

/* ---- reading */

qf_rc qf_seg_check_index(qf_seg *s, qf_err *err)
{
  if (atomic_load_explicit(&s->index, memory_order_relaxed) == INDEX_GOOD)
    return QF_OK;
  if (qf_crc32c(0, s->p + s->rec_off, s->size - FOOTER - s->rec_off) != s->index_crc)
    return corrupt(s, "checksum of the index", "索引校验和不符", err);
  atomic_store_explicit(&s->index, INDEX_GOOD, memory_order_relaxed);
  return QF_OK;
}

uint32_t qf_seg_point_at(const qf_seg *s, uint32_t i)
{
  return get32(s->p + s->dir_off + (size_t)i * DIR_ENTRY);
}

uint32_t qf_seg_find(const qf_seg *s, uint32_t point, bool *found)
{
  uint32_t lo = 0, hi = s->meta.points;
  while (lo < hi) {
    uint32_t mid = lo + (hi - lo) / 2;
    if (qf_seg_point_at(s, mid) < point)
      lo = mid + 1;
    else
      hi = mid;
  }
  *found = lo < s->meta.points && qf_seg_point_at(s, lo) == point;
  return lo;
}

qf_rd qf_seg_records(const qf_seg *s, uint32_t i)
{
  const uint64_t all = s->dir_off - s->rec_off;
  uint64_t from = get32(s->p + s->dir_off + (size_t)i * DIR_ENTRY + 4), to = all;
  if (i + 1 < s->meta.points)
    to = get32(s->p + s->dir_off + ((size_t)i + 1) * DIR_ENTRY + 4);
  if (from >= to || to > all)
    return (qf_rd){.p = s->p, .end = s->p, .bad = true};
  return (qf_rd){.p = s->p + s->rec_off + from, .end = s->p + s->rec_off + to};
}

qf_rc qf_seg_next_block(const qf_seg *s, qf_rd *r, qf_block *out, qf_err *err)
{
  if (!r->bad && r->p == r->end)
    return QF_NOTFOUND;
  if (r->bad || !qf_block_get(r, qf_day_cn_start(s->meta.day), out) || out->off < HEADER || out->off > s->rec_off ||
      out->len > s->rec_off - out->off)
    return corrupt(s, "a record of its index", "索引记录有误", err);
  return QF_OK;
}

qf_rc qf_seg_unpack(const qf_seg *s, const qf_block *b, qf_unpacked *u, qf_span *out, qf_err *err)
{
  const uint8_t *p = s->p + b->off;
  if (qf_crc32c(0, p, b->len) != b->crc)
    return qf_fail(err, QF_CORRUPT, "readings file %s is damaged: checksum of the block at byte %" PRIu64,
                   "读数文件 %s 已损坏:字节 %" PRIu64 " 处数据块校验和不符", s->name, b->off);
  if (qf_block_unpack(b, p, u, out))
    return qf_fail(err, QF_CORRUPT, "readings file %s is damaged: the block at byte %" PRIu64 " does not unpack",
                   "读数文件 %s 已损坏:字节 %" PRIu64 " 处数据块无法解开", s->name, b->off);
  return QF_OK;
}

typedef struct totals {
  uint64_t readings, blocks, at;
  qf_us lo, hi;
} totals;

static qf_rc verify_point(const qf_seg *s, uint32_t i, qf_unpacked *u, totals *t, qf_err *err)
{
  qf_rd r = qf_seg_records(s, i);
  qf_block b;
  qf_span span;
  qf_us before = INT64_MIN;
  qf_rc rc;
  while ((rc = qf_seg_next_block(s, &r, &b, err)) == QF_OK) {
    if (b.off != t->at || b.lo < before)
      return corrupt(s, "blocks out of order", "数据块顺序有误", err);
    rc = qf_seg_unpack(s, &b, u, &span, err);
    if (rc)
      return rc;
    if (!qf_block_agrees(&b, &span))
      return qf_fail(err, QF_CORRUPT, "readings file %s is damaged: summary of the block at byte %" PRIu64,
                     "读数文件 %s 已损坏:字节 %" PRIu64 " 处数据块汇总不符", s->name, b.off);
    before = b.hi;
    t->at += b.len;
    t->readings += b.count;
    t->blocks++;
    t->lo = b.lo < t->lo ? b.lo : t->lo;
    t->hi = b.hi > t->hi ? b.hi : t->hi;
  }
  return rc == QF_NOTFOUND ? QF_OK : rc;
}

qf_rc qf_seg_verify(const qf_seg *shared, qf_err *err)
{
  qf_seg look = {.p = shared->p, .size = shared->size}, *s = &look; /* looks again, whatever was seen before */
  memcpy(look.name, shared->name, sizeof look.name);
  qf_rc rc = read_footer(s, err);
  if (!rc)
    rc = qf_seg_check_index(s, err);
  if (rc)
    return rc;
  qf_unpacked *u = malloc(sizeof *u);
  if (!u)
    return qf_fail(err, QF_NOMEM, "out of memory checking %s", "内存不足,无法检查 %s", s->name);
  totals t = {.at = HEADER, .lo = INT64_MAX, .hi = INT64_MIN};
  for (uint32_t i = 0; i < s->meta.points && !rc; i++) {
    if (i && qf_seg_point_at(s, i) <= qf_seg_point_at(s, i - 1))
      rc = corrupt(s, "directory out of order", "目录顺序有误", err);
    else
      rc = verify_point(s, i, u, &t, err);
  }
  free(u);
  if (!rc && (t.at != s->rec_off || t.readings != s->meta.readings || t.blocks != s->meta.blocks ||
              t.lo != s->meta.lo || t.hi != s->meta.hi))
    rc = corrupt(s, "totals of the footer", "尾部合计不符", err);
  return rc;
}

/* ---- writing */

static void tmp_name(const qf_segw *w, char out[QF_SEG_NAME + 8])
{
  snprintf(out, QF_SEG_NAME + 8, "%s.tmp", w->name);
}

static qf_rc io_error(const qf_segw *w, const char *what_en, const char *what_zh, qf_err *err)
{
  qf_rc rc = errno == ENOSPC || errno == EDQUOT ? QF_FULL : QF_IO;
  return qf_fail(err, rc, "cannot %s%.0s readings file %s: %s", "无法%.0s%s读数文件 %s:%s", what_en, what_zh, w->name,
                 strerror(errno));
}

void qf_segw_init(qf_segw *w, int dirfd, const char *name, const qf_seg_meta *meta)
{
  *w = (qf_segw){.dirfd = dirfd, .fd = -1, .meta = *meta};
  snprintf(w->name, sizeof w->name, "%s", name);
  w->meta.readings = 0;
  w->meta.points = w->meta.blocks = 0;
  w->meta.lo = INT64_MAX;
  w->meta.hi = INT64_MIN;
  qf_buf_init(&w->data, (size_t)1 << 30);
  qf_buf_init(&w->recs, UINT32_MAX);
  qf_buf_init(&w->dir, (size_t)UINT32_MAX * DIR_ENTRY);
  uint8_t head[HEADER];
  header_bytes(meta->day, head);
  qf_buf_put(&w->data, head, HEADER);
}

static qf_rc write_all(qf_segw *w, const char *p, size_t n, qf_err *err)
{
  if (w->fd < 0) {
    char tmp[QF_SEG_NAME + 8];
    tmp_name(w, tmp);
    w->fd = openat(w->dirfd, tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    if (w->fd < 0)
      return io_error(w, "create", "创建", err);
  }
  while (n) {
    ssize_t k = write(w->fd, p, n);
    if (k < 0 && errno == EINTR)
      continue;
    if (k <= 0)
      return io_error(w, "write", "写入", err);
    p += k;
    n -= (size_t)k;
  }
  return QF_OK;
}

static qf_rc spill(qf_segw *w, qf_err *err)
{
  qf_rc rc = write_all(w, w->data.data, w->data.len, err);
  w->written += w->data.len;
  qf_buf_reset(&w->data);
  return rc;
}

static qf_rc no_memory(const qf_segw *w, qf_err *err)
{
  return qf_fail(err, QF_NOMEM, "out of memory writing readings file %s", "内存不足,无法写入读数文件 %s", w->name);
}

qf_rc qf_segw_put(qf_segw *w, uint32_t point, const qf_cols *c, size_t from, size_t to, qf_err *err)
{
  if (from == to)
    return QF_OK;
  const size_t n = to - from, blocks = (n + QF_BLOCK_MAX - 1) / QF_BLOCK_MAX;
  const qf_us day_start = qf_day_cn_start(w->meta.day);
  qf_buf_u32(&w->dir, point);
  qf_buf_u32(&w->dir, (uint32_t)w->recs.len);
  for (size_t i = 0; i < blocks; i++) {
    size_t a = from + n * i / blocks, z = from + n * (i + 1) / blocks;
    qf_block b;
    uint64_t off = w->written + w->data.len;
    if (qf_block_pack(c, a, (uint32_t)(z - a), &b, &w->data))
      return no_memory(w, err);
    b.off = off;
    qf_block_put(&b, day_start, &w->recs);
  }
  w->meta.points++;
  w->meta.blocks += (uint32_t)blocks;
  w->meta.readings += n;
  w->meta.lo = c->ts[from] < w->meta.lo ? c->ts[from] : w->meta.lo;
  w->meta.hi = c->ts[to - 1] > w->meta.hi ? c->ts[to - 1] : w->meta.hi;
  if (w->data.failed || w->recs.failed || w->dir.failed)
    return no_memory(w, err);
  return w->data.len >= SPILL ? spill(w, err) : QF_OK;
}

static void put_footer(qf_segw *w, uint64_t rec_off, uint64_t dir_off, uint32_t index_crc)
{
  const qf_seg_meta *m = &w->meta;
  size_t start = w->dir.len;
  qf_buf *b = &w->dir;
  qf_buf_u64(b, rec_off);
  qf_buf_u64(b, dir_off);
  qf_buf_u64(b, m->order_lo);
  qf_buf_u64(b, m->order_hi);
  qf_buf_u64(b, m->seq);
  qf_buf_u64(b, m->readings);
  qf_buf_u32(b, m->points);
  qf_buf_u32(b, m->blocks);
  qf_buf_u32(b, (uint32_t)m->day);
  qf_buf_u32(b, m->level);
  qf_buf_u64(b, (uint64_t)m->lo);
  qf_buf_u64(b, (uint64_t)m->hi);
  qf_buf_u32(b, index_crc);
  if (!b->failed)
    qf_buf_u32(b, qf_crc32c(0, b->data + start, FOOTER_CRC));
  qf_buf_put(b, magic_foot, sizeof magic_foot);
}

qf_rc qf_segw_finish(qf_segw *w, qf_err *err)
{
  char tmp[QF_SEG_NAME + 8];
  uint64_t rec_off = w->written + w->data.len, dir_off = rec_off + w->recs.len;
  if (w->recs.failed || w->dir.failed || w->data.failed)
    return no_memory(w, err);
  uint32_t crc = qf_crc32c(qf_crc32c(0, w->recs.data, w->recs.len), w->dir.data, w->dir.len);
  put_footer(w, rec_off, dir_off, crc);
  if (w->dir.failed)
    return no_memory(w, err);
  qf_rc rc = spill(w, err);
  if (!rc)
    rc = write_all(w, w->recs.data, w->recs.len, err);
  if (!rc)
    rc = write_all(w, w->dir.data, w->dir.len, err);
  if (rc)
    return rc;
  if (fdatasync(w->fd) != 0)
    return io_error(w, "sync", "同步", err);
  tmp_name(w, tmp);
  if (renameat(w->dirfd, tmp, w->dirfd, w->name) != 0)
    return io_error(w, "name", "命名", err);
  close(w->fd);
  w->fd = -1;
  return QF_OK;
}

void qf_segw_fini(qf_segw *w)
{
  if (w->fd >= 0) {
    char tmp[QF_SEG_NAME + 8];
    tmp_name(w, tmp);
    close(w->fd);
    unlinkat(w->dirfd, tmp, 0);
    w->fd = -1;
  }
  qf_buf_fini(&w->data);
  qf_buf_fini(&w->recs);
  qf_buf_fini(&w->dir);
}
