#include "city/registry.h"
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define LEN_BYTES sizeof(uint16_t) /* before each key: its length */
#define CHUNK_BITS 12
#define CHUNK (1u << CHUNK_BITS)
#define CHUNKS (QF_SERIES_MAX / CHUNK + 1)

typedef struct table {
  struct table *older; /* kept for readers that still look in it */
  uint32_t mask;
  _Atomic uint64_t slot[]; /* high 32: hash tag, low 32: id; 0 = free */
} table;

struct qf_registry {
  _Atomic(table *) now;
  _Atomic uint32_t count;
  _Atomic(char **) chunk[CHUNKS];
};

/* A 64-bit multiply-fold hash over 8-byte words; not for hostile collisions beyond the table's doubling (keys are
 * bounded in number and length and come from authenticated senders). */
static uint64_t hash(const char *s, size_t n)
{
  uint64_t h = 0x9E3779B97F4A7C15u ^ n, w;
  for (; n >= 8; s += 8, n -= 8) {
    memcpy(&w, s, 8);
    h = (h ^ w) * 0xFF51AFD7ED558CCDu;
    h ^= h >> 32;
  }
  w = 0;
  if (n)
    memcpy(&w, s, n);
  h = (h ^ w) * 0xC4CEB9FE1A85EC53u;
  return h ^ h >> 29;
}

static table *table_new(uint32_t size)
{
  table *t = calloc(1, sizeof *t + size * sizeof t->slot[0]);
  if (t)
    t->mask = size - 1;
  return t;
}

qf_rc qf_registry_new(qf_registry **out)
{
  qf_registry *r = calloc(1, sizeof *r);
  table *t = table_new(1024);
  if (!r || !t) {
    free(r);
    free(t);
    return QF_NOMEM;
  }
  atomic_store(&r->now, t);
  *out = r;
  return QF_OK;
}

void qf_registry_free(qf_registry *r)
{
  if (!r)
    return;
  for (table *t = atomic_load(&r->now), *o; t; t = o) {
    o = t->older;
    free(t);
  }
  uint32_t n = atomic_load(&r->count);
  for (uint32_t id = 1; id <= n; id++)
    free(atomic_load(&r->chunk[id >> CHUNK_BITS])[id & (CHUNK - 1)] - LEN_BYTES);
  for (size_t i = 0; i < CHUNKS; i++)
    free(atomic_load(&r->chunk[i]));
  free(r);
}

const char *qf_registry_key(const qf_registry *r, uint32_t id)
{
  if (id == 0 || id > atomic_load_explicit(&r->count, memory_order_acquire))
    return NULL;
  return atomic_load_explicit(&r->chunk[id >> CHUNK_BITS], memory_order_acquire)[id & (CHUNK - 1)];
}

uint32_t qf_registry_count(const qf_registry *r)
{
  return atomic_load_explicit(&r->count, memory_order_acquire);
}

/* The length stands before the text: comparing is one memcmp, and it fails at once on another length. */
static bool same(const char *k, const char *key, size_t len)
{
  uint16_t n;
  memcpy(&n, k - LEN_BYTES, LEN_BYTES);
  return n == len && memcmp(k, key, len) == 0;
}

bool qf_registry_is(const qf_registry *r, uint32_t id, const char *key, size_t len)
{
  const char *k = qf_registry_key(r, id);
  return k && same(k, key, len);
}

uint32_t qf_registry_find(const qf_registry *r, const char *key, size_t len)
{
  uint64_t h = hash(key, len);
  const table *t = atomic_load_explicit(&r->now, memory_order_acquire);
  for (uint32_t i = (uint32_t)h & t->mask;; i = (i + 1) & t->mask) {
    uint64_t s = atomic_load_explicit(&t->slot[i], memory_order_acquire);
    if (s == 0)
      return 0;
    if (s >> 32 != h >> 32)
      continue;
    const char *k =
        atomic_load_explicit(&r->chunk[(uint32_t)s >> CHUNK_BITS], memory_order_acquire)[(uint32_t)s & (CHUNK - 1)];
    if (same(k, key, len))
      return (uint32_t)s;
  }
}

static void insert(table *t, uint64_t h, uint32_t id)
{
  uint32_t i = (uint32_t)h & t->mask;
  while (atomic_load_explicit(&t->slot[i], memory_order_relaxed))
    i = (i + 1) & t->mask;
  atomic_store_explicit(&t->slot[i], (h >> 32) << 32 | id, memory_order_release);
}

static qf_rc grow(qf_registry *r)
{
  table *old = atomic_load(&r->now);
  if ((uint64_t)(atomic_load(&r->count) + 1) * 2 <= old->mask)
    return QF_OK;
  table *t = table_new((old->mask + 1) * 2);
  if (!t)
    return QF_NOMEM;
  uint32_t n = atomic_load(&r->count);
  for (uint32_t id = 1; id <= n; id++) {
    const char *k = qf_registry_key(r, id);
    insert(t, hash(k, strlen(k)), id);
  }
  t->older = old;
  atomic_store_explicit(&r->now, t, memory_order_release);
  return QF_OK;
}

qf_rc qf_registry_add(qf_registry *r, const char *key, size_t len, uint32_t *out)
{
  uint32_t id = atomic_load(&r->count) + 1;
  if (id > QF_SERIES_MAX)
    return QF_FULL;
  qf_rc rc = grow(r);
  if (rc)
    return rc;
  char **chunk = atomic_load(&r->chunk[id >> CHUNK_BITS]);
  if (!chunk) {
    chunk = calloc(CHUNK, sizeof *chunk);
    if (!chunk)
      return QF_NOMEM;
    atomic_store_explicit(&r->chunk[id >> CHUNK_BITS], chunk, memory_order_release);
  }
  char *copy = len <= QF_SERIES_KEY_MAX ? malloc(LEN_BYTES + len + 1) : NULL;
  if (!copy)
    return QF_NOMEM;
  memcpy(copy, &(uint16_t){(uint16_t)len}, LEN_BYTES);
  copy += LEN_BYTES;
  memcpy(copy, key, len);
  copy[len] = 0;
  chunk[id & (CHUNK - 1)] = copy;
  atomic_store_explicit(&r->count, id, memory_order_release);
  insert(atomic_load(&r->now), hash(key, len), id);
  *out = id;
  return QF_OK;
}
