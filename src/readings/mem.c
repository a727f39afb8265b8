#include "readings/mem.h"
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { ROW_BYTES = 26, RADIX_BITS = 11, RADIX = 1 << RADIX_BITS, HUGE_FROM = 4 << 20 };

void *qf_big_alloc(size_t bytes)
{
  if (bytes < HUGE_FROM)
    return calloc(1, bytes ? bytes : 1);
  void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (p == MAP_FAILED)
    return NULL;
  (void)madvise(p, bytes, MADV_HUGEPAGE); /* a wish: without it the pages are small */
  return p;
}

void qf_big_free(void *p, size_t bytes)
{
  if (p && bytes >= HUGE_FROM)
    munmap(p, bytes);
  else
    free(p);
}

qf_rc qf_mem_new(uint32_t rows, qf_mem **out)
{
  qf_mem *m = calloc(1, sizeof *m);
  uint32_t chains = 1;
  while (chains < rows && chains < UINT32_C(1) << 30)
    chains *= 2;
  char *p = qf_big_alloc((size_t)rows * ROW_BYTES);
  atomic_uint *head = calloc(chains, sizeof *head); /* pages of chains that are never used are never touched */
  if (!m || !p || !head) {
    free(m);
    qf_big_free(p, (size_t)rows * ROW_BYTES);
    free(head);
    return QF_NOMEM;
  }
  size_t r = rows;
  atomic_init(&m->refs, 1);
  m->cap = rows;
  m->ts = (qf_us *)(void *)p;
  m->mant = (int64_t *)(void *)(p + r * 8);
  m->point = (uint32_t *)(void *)(p + r * 16);
  m->prev = (uint32_t *)(void *)(p + r * 20);
  m->exp = (int8_t *)(p + r * 24);
  m->flags = (uint8_t *)(p + r * 25);
  m->mask = chains - 1;
  m->head = head;
  *out = m;
  return QF_OK;
}

void qf_mem_unref(qf_mem *m)
{
  if (!m || atomic_fetch_sub(&m->refs, 1) != 1)
    return;
  qf_big_free(m->ts, (size_t)m->cap * ROW_BYTES);
  free(m->head);
  free(m);
}

void qf_mem_clear(qf_mem *m)
{
  for (uint32_t i = 0; i < m->n; i++) /* only the chains in use: others may be untouched memory */
    atomic_store_explicit(&m->head[m->point[i] & m->mask], 0, memory_order_relaxed);
  m->n = 0;
  m->seq = 0;
}

void qf_mem_append(qf_mem *m, uint32_t at, const qf_batch *b, uint32_t from, uint32_t count)
{
  memcpy(m->ts + at, b->ts_us + from, count * sizeof *m->ts);
  memcpy(m->mant + at, b->mant + from, count * sizeof *m->mant);
  memcpy(m->point + at, b->point + from, count * sizeof *m->point);
  memcpy(m->exp + at, b->exp + from, count);
  for (uint32_t i = 0; i < count; i++) {
    const uint32_t row = at + i;
    m->flags[row] = b->flags[from + i] & (QF_RD_BOOL | QF_RD_MANUAL | QF_RD_INEXACT | QF_RD_SENTINEL);
    atomic_uint *head = &m->head[m->point[row] & m->mask]; /* dense ids: neighbours in memory, no collisions */
    m->prev[row] = atomic_load_explicit(head, memory_order_relaxed);
    atomic_store_explicit(head, row + 1, memory_order_release);
  }
}

qf_rc qf_mem_collect(const qf_mem *m, uint32_t n, uint32_t point, const qf_us range[2], qf_cols *c)
{
  size_t start = c->n;
  for (uint32_t i = atomic_load_explicit(&m->head[point & m->mask], memory_order_acquire); i; i = m->prev[i - 1]) {
    const uint32_t row = i - 1;
    if (row >= n || m->point[row] != point || m->ts[row] < range[0] || m->ts[row] >= range[1])
      continue;
    if (qf_cols_reserve(c, 1)) {
      c->n = start;
      return QF_NOMEM;
    }
    qf_cols_add(c, m->ts[row], (qf_num){m->mant[row], m->exp[row]}, m->flags[row]);
  }
  for (size_t a = start, z = c->n; a + 1 < z; a++, z--) { /* the chain runs from newest to oldest */
    const qf_us ts = c->ts[a];
    const int64_t mant = c->mant[a];
    const int8_t exp = c->exp[a];
    const uint8_t flags = c->flags[a];
    c->ts[a] = c->ts[z - 1];
    c->mant[a] = c->mant[z - 1];
    c->exp[a] = c->exp[z - 1];
    c->flags[a] = c->flags[z - 1];
    c->ts[z - 1] = ts;
    c->mant[z - 1] = mant;
    c->exp[z - 1] = exp;
    c->flags[z - 1] = flags;
  }
  return QF_OK;
}

bool qf_mem_last_before(const qf_mem *m, uint32_t n, uint32_t point, qf_us t, qf_us *out)
{
  bool found = false;
  for (uint32_t i = atomic_load_explicit(&m->head[point & m->mask], memory_order_acquire); i; i = m->prev[i - 1]) {
    const uint32_t row = i - 1;
    if (row >= n || m->point[row] != point || m->ts[row] >= t || (found && m->ts[row] <= *out))
      continue;
    *out = m->ts[row];
    found = true;
  }
  return found;
}

/* Counting sort by one digit, stable. */
static void by_digit(const uint64_t *from, uint64_t *to, uint32_t n, unsigned shift)
{
  uint32_t at[RADIX] = {0}, sum = 0;
  for (uint32_t i = 0; i < n; i++)
    at[from[i] >> shift & (RADIX - 1)]++;
  for (unsigned d = 0; d < RADIX; d++) {
    uint32_t k = at[d];
    at[d] = sum;
    sum += k;
  }
  for (uint32_t i = 0; i < n; i++)
    to[at[from[i] >> shift & (RADIX - 1)]++] = from[i];
}

/* Dense ids: one counting sort by the whole id. counts has room for most + 1. */
static void by_id(const qf_mem *m, uint32_t n, uint32_t most, uint32_t *counts, uint64_t *out)
{
  uint32_t sum = 0;
  for (uint32_t i = 0; i < n; i++)
    counts[m->point[i]]++;
  for (uint32_t p = 0; p <= most; p++) {
    uint32_t k = counts[p];
    counts[p] = sum;
    sum += k;
  }
  for (uint32_t i = 0; i < n; i++)
    out[counts[m->point[i]]++] = (uint64_t)m->point[i] << 32 | i;
}

qf_rc qf_mem_by_point(const qf_mem *m, uint32_t n, uint64_t **out)
{
  const size_t bytes = (size_t)n * sizeof(uint64_t);
  uint32_t most = 0;
  for (uint32_t i = 0; i < n; i++)
    most = m->point[i] > most ? m->point[i] : most;
  const bool dense = most < n;
  const size_t second = dense ? ((size_t)most + 1) * sizeof(uint32_t) : bytes;
  uint64_t *a = qf_big_alloc(bytes), *b = qf_big_alloc(second);
  if (!a || !b) {
    qf_big_free(a, bytes);
    qf_big_free(b, second);
    return QF_NOMEM;
  }
  if (dense)
    by_id(m, n, most, (uint32_t *)b, a);
  for (uint32_t i = 0; i < n && !dense; i++)
    a[i] = (uint64_t)m->point[i] << 32 | i;
  for (unsigned shift = 0; shift < 32 && most >> shift && !dense; shift += RADIX_BITS) {
    by_digit(a, b, n, 32 + shift);
    uint64_t *t = a;
    a = b;
    b = t;
  }
  qf_big_free(b, second);
  *out = a;
  return QF_OK;
}

size_t qf_mem_bytes(const qf_mem *m)
{
  return (size_t)m->cap * ROW_BYTES + ((size_t)m->mask + 1) * sizeof *m->head;
}
