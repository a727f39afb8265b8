#include "readings/cols.h"
#include <stdlib.h>
#include <string.h>

enum { ROW_BYTES = 18, SMALL_GROUP = 16 };

void qf_cols_fini(qf_cols *c)
{
  free(c->ts); /* one block holds all columns, the widest first */
  *c = (qf_cols){0};
}

static bool carve(qf_cols *c, size_t cap)
{
  if (cap > SIZE_MAX / ROW_BYTES)
    return false;
  char *p = malloc(cap * ROW_BYTES);
  if (!p)
    return false;
  c->cap = cap;
  c->ts = (qf_us *)(void *)p;
  c->mant = (int64_t *)(void *)(p + cap * 8);
  c->exp = (int8_t *)(p + cap * 16);
  c->flags = (uint8_t *)(p + cap * 17);
  return true;
}

qf_rc qf_cols_reserve(qf_cols *c, size_t more)
{
  if (c->cap - c->n >= more)
    return QF_OK;
  size_t cap = c->cap ? c->cap * 2 : 1024;
  if (cap < c->n + more)
    cap = c->n + more;
  qf_cols g = {.n = c->n};
  if (!carve(&g, cap))
    return QF_NOMEM;
  if (c->n) {
    memcpy(g.ts, c->ts, c->n * 8);
    memcpy(g.mant, c->mant, c->n * 8);
    memcpy(g.exp, c->exp, c->n);
    memcpy(g.flags, c->flags, c->n);
  }
  free(c->ts);
  *c = g;
  return QF_OK;
}

size_t qf_cols_lower(const qf_us *ts, size_t n, qf_us t)
{
  size_t lo = 0, hi = n;
  while (lo < hi) {
    size_t mid = lo + (hi - lo) / 2;
    if (ts[mid] < t)
      lo = mid + 1;
    else
      hi = mid;
  }
  return lo;
}

static int by_time(const qf_cols *c, uint32_t a, uint32_t b)
{
  return c->ts[a] < c->ts[b] ? -1 : c->ts[a] > c->ts[b];
}

static int by_value(const qf_cols *c, uint32_t a, uint32_t b)
{
  int s = (c->flags[a] & QF_RD_SENTINEL) - (c->flags[b] & QF_RD_SENTINEL);
  return s ? s : qf_num_cmp((qf_num){c->mant[a], c->exp[a]}, (qf_num){c->mant[b], c->exp[b]});
}

/* Stable bottom-up merge sort of row numbers; tmp has room for n. Gives where the result is: idx or tmp. */
static uint32_t *sort_rows(const qf_cols *c, uint32_t *idx, uint32_t *tmp, size_t n,
                           int (*cmp)(const qf_cols *, uint32_t, uint32_t))
{
  for (size_t width = 1; width < n; width *= 2) {
    for (size_t at = 0; at < n; at += 2 * width) {
      size_t a = at, a_end = at + width < n ? at + width : n, b = a_end, b_end = b + width < n ? b + width : n, o = at;
      if (b >= b_end || cmp(c, idx[b - 1], idx[b]) <= 0) { /* already in order: what a merge of parts mostly is */
        memcpy(tmp + at, idx + at, (b_end - at) * sizeof *idx);
        continue;
      }
      while (a < a_end && b < b_end)
        tmp[o++] = cmp(c, idx[b], idx[a]) < 0 ? idx[b++] : idx[a++];
      while (a < a_end)
        tmp[o++] = idx[a++];
      while (b < b_end)
        tmp[o++] = idx[b++];
    }
    uint32_t *t = idx;
    idx = tmp;
    tmp = t;
  }
  return idx;
}

static qf_rc sort_by_time(qf_cols *c)
{
  if (c->n > UINT32_MAX)
    return QF_NOMEM;
  uint32_t *idx = malloc(c->n * 2 * sizeof *idx);
  qf_cols g = {.n = c->n};
  if (!idx || !carve(&g, c->cap)) {
    free(idx);
    return QF_NOMEM;
  }
  for (size_t i = 0; i < c->n; i++)
    idx[i] = (uint32_t)i;
  const uint32_t *order = sort_rows(c, idx, idx + c->n, c->n, by_time);
  for (size_t i = 0; i < c->n; i++) {
    g.ts[i] = c->ts[order[i]];
    g.mant[i] = c->mant[order[i]];
    g.exp[i] = c->exp[order[i]];
    g.flags[i] = c->flags[order[i]];
  }
  free(idx);
  int64_t *old = c->ts;
  *c = g;
  free(old);
  return QF_OK;
}

/* Mark in drop[] (relative to `from`) the rows of one moment that repeat an earlier one. */
static qf_rc mark_group(const qf_cols *c, size_t from, size_t to, uint8_t *drop)
{
  size_t n = to - from;
  if (n <= SMALL_GROUP) {
    for (size_t i = from + 1; i < to; i++)
      for (size_t j = from; j < i && !drop[i]; j++)
        drop[i] = !drop[j] && by_value(c, (uint32_t)i, (uint32_t)j) == 0;
    return QF_OK;
  }
  uint32_t *idx = malloc(n * 2 * sizeof *idx);
  if (!idx)
    return QF_NOMEM;
  for (size_t i = 0; i < n; i++)
    idx[i] = (uint32_t)(from + i);
  const uint32_t *order = sort_rows(c, idx, idx + n, n, by_value);
  for (size_t i = 1; i < n; i++)
    drop[order[i]] = by_value(c, order[i - 1], order[i]) == 0;
  free(idx);
  return QF_OK;
}

/* NOLINTBEGIN(clang-analyzer-unix.Malloc): the analyzer loses that sort_by_time puts new columns in place of the old */
static qf_rc drop_duplicates(qf_cols *c, uint64_t *dropped)
{
  uint8_t *drop = calloc(c->n, 1);
  if (!drop)
    return QF_NOMEM;
  qf_rc rc = QF_OK;
  for (size_t i = 0, j; i < c->n && !rc; i = j) {
    for (j = i + 1; j < c->n && c->ts[j] == c->ts[i]; j++)
      ;
    if (j - i > 1)
      rc = mark_group(c, i, j, drop);
  }
  size_t o = 0;
  for (size_t i = 0; i < c->n && !rc; i++) {
    if (drop[i])
      continue;
    c->ts[o] = c->ts[i];
    c->mant[o] = c->mant[i];
    c->exp[o] = c->exp[i];
    c->flags[o++] = c->flags[i];
  }
  if (!rc) {
    if (dropped)
      *dropped += c->n - o;
    c->n = o;
  }
  free(drop);
  return rc;
}

qf_rc qf_cols_settle(qf_cols *c, uint64_t *dropped)
{
  bool sorted = true, equal = false;
  for (size_t i = 1; i < c->n; i++) {
    sorted &= c->ts[i - 1] <= c->ts[i];
    equal |= c->ts[i - 1] == c->ts[i];
  }
  if (!sorted) {
    qf_rc rc = sort_by_time(c);
    if (rc)
      return rc;
    for (size_t i = 1; i < c->n; i++)
      equal |= c->ts[i - 1] == c->ts[i];
  }
  return equal ? drop_duplicates(c, dropped) : QF_OK;
}
/* NOLINTEND(clang-analyzer-unix.Malloc) */
