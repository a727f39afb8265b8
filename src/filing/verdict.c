#include "filing/verdict.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

typedef struct kept { /* one set of rows */
  char *rows;         /* owned; NULL: free */
  uint64_t hash, used;
  json_t **found; /* per check; NULL unknown */
  uint64_t *gen;
} kept;

struct qf_verdicts {
  pthread_mutex_t mx;
  uint32_t n;
  uint64_t clock;
  kept slot[QF_VERDICTS];
};

qf_verdicts *qf_verdicts_new(uint32_t n)
{
  qf_verdicts *v = calloc(1, sizeof *v);
  if (v) {
    v->n = n;
    pthread_mutex_init(&v->mx, NULL);
  }
  return v;
}

static void forget(qf_verdicts *v, kept *k)
{
  for (uint32_t i = 0; k->found && i < v->n; i++)
    json_decref(k->found[i]);
  free(k->found);
  free(k->gen);
  free(k->rows);
  *k = (kept){0};
}

void qf_verdicts_free(qf_verdicts *v)
{
  if (!v)
    return;
  for (size_t i = 0; i < QF_VERDICTS; i++)
    forget(v, &v->slot[i]);
  pthread_mutex_destroy(&v->mx);
  free(v);
}

static uint64_t hash_of(const char *s) /* FNV-1a */
{
  uint64_t h = UINT64_C(14695981039346656037);
  for (; *s; s++)
    h = (h ^ (uint8_t)*s) * UINT64_C(1099511628211);
  return h;
}

static kept *find(qf_verdicts *v, const char *rows, uint64_t hash)
{
  for (size_t i = 0; i < QF_VERDICTS; i++) {
    kept *k = &v->slot[i];
    if (k->rows && k->hash == hash && strcmp(k->rows, rows) == 0) {
      k->used = ++v->clock;
      return k;
    }
  }
  return NULL;
}

/* The set longest unused gives its place. */
static kept *take_place(qf_verdicts *v, const char *rows, uint64_t hash)
{
  kept *k = &v->slot[0];
  for (size_t i = 1; i < QF_VERDICTS; i++)
    if (v->slot[i].used < k->used)
      k = &v->slot[i];
  forget(v, k);
  k->rows = strdup(rows);
  k->found = calloc(v->n + 1, sizeof *k->found);
  k->gen = calloc(v->n + 1, sizeof *k->gen);
  if (!k->rows || !k->found || !k->gen) {
    forget(v, k);
    return NULL;
  }
  k->hash = hash;
  k->used = ++v->clock;
  return k;
}

json_t *qf_verdict_get(qf_verdicts *v, const char *rows, uint32_t i, uint64_t *gen)
{
  uint64_t hash = hash_of(rows);
  json_t *out = NULL;
  pthread_mutex_lock(&v->mx);
  const kept *k = find(v, rows, hash);
  if (k && i < v->n && k->found[i]) {
    out = json_deep_copy(k->found[i]);
    *gen = k->gen[i];
  }
  pthread_mutex_unlock(&v->mx);
  return out;
}

void qf_verdict_put(qf_verdicts *v, const char *rows, uint32_t i, uint64_t gen, const json_t *findings)
{
  if (i >= v->n || strlen(rows) > QF_VERDICT_TEXT || json_array_size(findings) > QF_VERDICT_FINDINGS)
    return;
  uint64_t hash = hash_of(rows);
  pthread_mutex_lock(&v->mx);
  kept *k = find(v, rows, hash);
  if (!k)
    k = take_place(v, rows, hash);
  if (k) {
    json_decref(k->found[i]);
    k->found[i] = json_deep_copy(findings);
    k->gen[i] = gen;
  }
  pthread_mutex_unlock(&v->mx);
}
