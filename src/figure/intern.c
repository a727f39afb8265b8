/* Interned texts: one copy each, kept until the end, equal texts have equal addresses. Callers serialise. */
#include "figure/internal.h"
#include <stdlib.h>
#include <string.h>

#define BLOCK 65536u

typedef struct block {
  struct block *next;
  size_t used, cap;
  char bytes[];
} block;

struct qf_intern {
  const char **slot;
  size_t nslots, n;
  block *blocks;
};

qf_intern *qf_intern_new(void)
{
  qf_intern *t = calloc(1, sizeof *t);
  if (t)
    t->slot = calloc(1024, sizeof *t->slot);
  if (!t || !t->slot) {
    free(t);
    return NULL;
  }
  t->nslots = 1024;
  return t;
}

void qf_intern_free(qf_intern *t)
{
  if (!t)
    return;
  for (block *b = t->blocks; b;) {
    block *next = b->next;
    free(b);
    b = next;
  }
  free(t->slot);
  free(t);
}

static size_t place(const qf_intern *t, const char *s, size_t n)
{
  size_t i = qf_crc32c(0, s, n) & (t->nslots - 1);
  while (t->slot[i] && !(strlen(t->slot[i]) == n && memcmp(t->slot[i], s, n) == 0))
    i = (i + 1) & (t->nslots - 1);
  return i;
}

static bool grow(qf_intern *t)
{
  const char **old = t->slot;
  size_t n = t->nslots;
  const char **p = calloc(n * 2, sizeof *p);
  if (!p)
    return false;
  t->slot = p;
  t->nslots = n * 2;
  for (size_t i = 0; i < n; i++)
    if (old[i])
      t->slot[place(t, old[i], strlen(old[i]))] = old[i];
  free(old);
  return true;
}

static char *room(qf_intern *t, size_t n)
{
  if (!t->blocks || t->blocks->cap - t->blocks->used < n) {
    size_t cap = n > BLOCK ? n : BLOCK;
    block *b = malloc(sizeof *b + cap);
    if (!b)
      return NULL;
    *b = (block){.next = t->blocks, .cap = cap};
    t->blocks = b;
  }
  char *p = t->blocks->bytes + t->blocks->used;
  t->blocks->used += n;
  return p;
}

const char *qf_intern_put(qf_intern *t, const char *s, size_t n)
{
  if (t->n * 2 >= t->nslots && !grow(t))
    return NULL;
  size_t i = place(t, s, n);
  if (t->slot[i])
    return t->slot[i];
  char *p = room(t, n + 1);
  if (!p)
    return NULL;
  memcpy(p, s, n);
  p[n] = 0;
  t->slot[i] = p;
  t->n++;
  return p;
}
