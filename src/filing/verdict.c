#include "filing/verdict.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* ---- what a check reads */

static bool name_char(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static bool is_word(const char *w, size_t n, const char *word)
{
  return strlen(word) == n && strncasecmp(w, word, n) == 0;
}

static bool among(const char *w, size_t n, const char *const *words)
{
  for (; *words; words++)
    if (is_word(w, n, *words))
      return true;
  return false;
}

typedef struct scan {           /* the words of a statement, one after the other */
  const char *at, *word, *last; /* last: the word before, when nothing but spaces is between */
  size_t len, last_len;
  char before, after; /* the characters beside the word that are no spaces; 'w' a word */
  bool star;          /* a `*` that is no product and no count was passed */
} scan;

static bool next_word(scan *k)
{
  static const char *const lists[] = {"select", "distinct", "all", NULL};
  char before = k->word ? 'w' : '(';
  while (*k->at && !name_char(*k->at)) {
    if (*k->at == '*')
      k->star = k->star || before == ',' || before == '.' || (before == 'w' && among(k->word, k->len, lists));
    if (!strchr(" \t\r\n", *k->at))
      before = *k->at;
    k->at++;
  }
  k->before = before;
  k->last = before == 'w' ? k->word : "";
  k->last_len = before == 'w' ? k->len : 0;
  k->word = k->at;
  while (name_char(*k->at))
    k->at++;
  k->len = (size_t)(k->at - k->word);
  const char *p = k->at + strspn(k->at, " \t\r\n");
  k->after = name_char(*p) ? 'w' : *p;
  return k->len > 0;
}

/* Is a name of the table `sheet` used otherwise than before a point or as a table: a row as a value? */
static bool row_as_value(const char *sql, const char *name, size_t n, bool alias)
{
  scan k = {.at = sql};
  while (next_word(&k)) {
    if (k.len == n && strncasecmp(k.word, name, n) == 0 && k.after != '.') {
      bool table = is_word(k.last, k.last_len, "from") || is_word(k.last, k.last_len, "join") || k.before == ',';
      bool named = is_word(k.last, k.last_len, "sheet") || is_word(k.last, k.last_len, "as");
      if (!(alias ? named : table && k.before != '.'))
        return true;
    }
  }
  return false;
}

/* Does a statement read columns without naming them? */
static bool reads_unnamed(const char *sql)
{
  static const char *const unnamed[] = {"natural", "columns", "pivot", "unpivot", "table", "summarize", NULL};
  static const char *const no_alias[] = {"where",   "join",   "left",   "inner", "cross", "group",
                                         "order",   "on",     "limit",  "full",  "right", "union",
                                         "qualify", "window", "having", "using", NULL};
  scan k = {.at = sql};
  bool all = row_as_value(sql, "sheet", 5, false), after_sheet = false;
  while (!all && next_word(&k)) {
    bool as = after_sheet && is_word(k.word, k.len, "as");
    if (after_sheet && !as && k.before == 'w' && !among(k.word, k.len, no_alias))
      all = row_as_value(sql, k.word, k.len, true);
    after_sheet = as || is_word(k.word, k.len, "sheet");
    all = all || among(k.word, k.len, unnamed) || (k.before == '(' && is_word(k.word, k.len, "from"));
  }
  return all || k.star; /* (FROM sheet) is (SELECT * FROM sheet) */
}

qf_verdict_reads qf_verdict_reads_of(const char *sql, const char *const *col, uint32_t n)
{
  qf_verdict_reads r = {{0}};
  scan k = {.at = sql};
  if (reads_unnamed(sql)) {
    memset(&r, 0xFF, sizeof r);
    return r;
  }
  while (next_word(&k))
    for (uint32_t i = 0; i < n && i < QF_VERDICT_COLS; i++)
      if (is_word(k.word, k.len, col[i]))
        r.col[i / 64] |= UINT64_C(1) << (i % 64);
  return r;
}

/* ---- what the rows say */

qf_rc qf_verdict_digest(const json_t *rows, const char *const *col, uint32_t n, qf_verdict_cells *out)
{
  qf_buf b;
  size_t i;
  json_t *row;
  out->n = n < QF_VERDICT_COLS ? n : QF_VERDICT_COLS;
  qf_buf_init(&b, (size_t)64 << 20);
  json_array_foreach(rows, i, row) if (json_is_object(row)) qf_buf_u32(&b, (uint32_t)i);
  qf_sha256(b.data ? b.data : "", b.len, out->rows.sha256);
  for (uint32_t k = 0; k < out->n && !b.failed; k++) {
    qf_buf_reset(&b);
    json_array_foreach(rows, i, row)
    {
      const json_t *v = json_object_get(row, col[k]);
      if (!json_is_object(row))
        continue;
      qf_buf_u32(&b, json_is_string(v) ? (uint32_t)json_string_length(v) : UINT32_MAX);
      if (json_is_string(v))
        qf_buf_put(&b, json_string_value(v), json_string_length(v));
    }
    qf_sha256(b.data ? b.data : "", b.len, out->col[k].sha256);
  }
  bool failed = b.failed;
  qf_buf_fini(&b);
  return failed ? QF_NOMEM : QF_OK;
}

qf_verdict_key qf_verdict_key_of(const qf_verdict_cells *c, const qf_verdict_reads *r)
{
  uint8_t all[32 * (QF_VERDICT_COLS + 1)];
  qf_verdict_key key = {{0}};
  size_t len = 32;
  memcpy(all, c->rows.sha256, 32);
  for (uint32_t k = 0; k < c->n; k++)
    if (r->col[k / 64] >> (k % 64) & 1u) {
      memcpy(all + len, c->col[k].sha256, 32);
      len += 32;
    }
  qf_sha256(all, len, key.sha256);
  return key;
}

/* ---- memory */

typedef struct kept {
  qf_verdict_key key;
  uint64_t used, gen;
  json_t *found; /* owned; NULL: free */
} kept;

struct qf_verdicts {
  pthread_mutex_t mx;
  uint32_t n;
  uint64_t clock;
  size_t findings;
  kept *slot; /* QF_VERDICTS of each check */
};

qf_verdicts *qf_verdicts_new(uint32_t n)
{
  qf_verdicts *v = calloc(1, sizeof *v);
  kept *slot = calloc((size_t)n * QF_VERDICTS + 1, sizeof *slot);
  if (!v || !slot) {
    free(v);
    free(slot);
    return NULL;
  }
  v->n = n;
  v->slot = slot;
  pthread_mutex_init(&v->mx, NULL);
  return v;
}

static void forget(qf_verdicts *v, kept *k)
{
  v->findings -= json_array_size(k->found);
  json_decref(k->found);
  *k = (kept){0};
}

void qf_verdicts_free(qf_verdicts *v)
{
  if (!v)
    return;
  for (size_t i = 0; i < (size_t)v->n * QF_VERDICTS; i++)
    forget(v, &v->slot[i]);
  pthread_mutex_destroy(&v->mx);
  free(v->slot);
  free(v);
}

/* The verdict of this key, or NULL; *place: where it may be put, the free or longest unused one. */
static kept *find(qf_verdicts *v, const qf_verdict_key *key, uint32_t i, kept **place)
{
  kept *first = &v->slot[(size_t)i * QF_VERDICTS];
  *place = first;
  for (kept *k = first; k < first + QF_VERDICTS; k++) {
    if (k->found && memcmp(&k->key, key, sizeof *key) == 0)
      return *place = k;
    if (k->used < (*place)->used)
      *place = k;
  }
  return NULL;
}

json_t *qf_verdict_get(qf_verdicts *v, const qf_verdict_key *key, uint32_t i, uint64_t *gen)
{
  kept *place;
  json_t *out = NULL;
  if (i >= v->n)
    return NULL;
  pthread_mutex_lock(&v->mx);
  kept *k = find(v, key, i, &place);
  if (k) {
    k->used = ++v->clock;
    *gen = k->gen;
    out = json_deep_copy(k->found);
  }
  pthread_mutex_unlock(&v->mx);
  return out;
}

void qf_verdict_put(qf_verdicts *v, const qf_verdict_key *key, uint32_t i, uint64_t gen, const json_t *findings)
{
  size_t n = json_array_size(findings);
  kept *place;
  if (i >= v->n || n > QF_VERDICT_FINDINGS)
    return;
  pthread_mutex_lock(&v->mx);
  for (size_t k = 0; v->findings + n > QF_VERDICT_FINDINGS_ALL && k < (size_t)v->n * QF_VERDICTS; k++)
    forget(v, &v->slot[k]);
  (void)find(v, key, i, &place);
  forget(v, place);
  *place = (kept){*key, ++v->clock, gen, json_deep_copy(findings)};
  v->findings += json_array_size(place->found);
  pthread_mutex_unlock(&v->mx);
}
