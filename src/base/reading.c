#include "base/reading.h"
#include <stdlib.h>

void qf_batch_init(qf_batch *b)
{
  *b = (qf_batch){0};
}

void qf_batch_fini(qf_batch *b)
{
  free(b->ts_us); /* one block holds all columns, the widest first */
  *b = (qf_batch){0};
}

qf_rc qf_batch_reserve(qf_batch *b, uint32_t more)
{
  if (more > UINT32_MAX - b->n)
    return QF_NOMEM;
  uint32_t need = b->n + more;
  if (need <= b->cap)
    return QF_OK;
  uint64_t cap = b->cap ? b->cap : 256;
  while (cap < need)
    cap *= 2;
  if (cap > UINT32_MAX)
    cap = need;
  char *block = malloc((size_t)cap * 22);
  if (!block)
    return QF_NOMEM;
  qf_batch g = {.n = b->n, .cap = (uint32_t)cap};
  g.ts_us = (qf_us *)(void *)block;
  g.mant = (int64_t *)(void *)(block + cap * 8);
  g.point = (uint32_t *)(void *)(block + cap * 16);
  g.exp = (int8_t *)(block + cap * 20);
  g.flags = (uint8_t *)(block + cap * 21);
  for (uint32_t i = 0; i < b->n; i++) {
    g.ts_us[i] = b->ts_us[i];
    g.mant[i] = b->mant[i];
    g.point[i] = b->point[i];
    g.exp[i] = b->exp[i];
    g.flags[i] = b->flags[i];
  }
  free(b->ts_us);
  *b = g;
  return QF_OK;
}
