#include "rights/session.h"
#include "base/buf.h"
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct slot {
  uint8_t hash[32];
  bool used;
  qf_session s;
} slot;

struct qf_sessions {
  pthread_mutex_t mx;
  qf_mono_fn *clock;
  void *ud;
  slot slots[QF_SESSIONS_MAX];
};

qf_rc qf_sessions_new(qf_mono_fn *clock, void *ud, qf_sessions **out, qf_err *err)
{
  qf_sessions *s = sodium_init() < 0 ? NULL : calloc(1, sizeof *s);
  if (!s)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  pthread_mutex_init(&s->mx, NULL);
  s->clock = clock;
  s->ud = ud;
  *out = s;
  return QF_OK;
}

void qf_sessions_free(qf_sessions *s)
{
  if (!s)
    return;
  sodium_memzero(s->slots, sizeof s->slots);
  pthread_mutex_destroy(&s->mx);
  free(s);
}

static void random_hex(char *out, size_t bytes)
{
  uint8_t r[32];
  randombytes_buf(r, bytes);
  qf_hex(r, bytes, out);
  sodium_memzero(r, sizeof r);
}

static void end(slot *t)
{
  sodium_memzero(t, sizeof *t);
}

static bool over(const qf_session *s, int64_t now)
{
  return now - s->seen_s > QF_SESSION_IDLE_S || now - s->born_s > QF_SESSION_ABSOLUTE_S;
}

/* The slot of an id, or NULL; a session past its time ends here. */
static slot *find(qf_sessions *s, const char *id, int64_t now)
{
  uint8_t h[32];
  if (!id || strlen(id) != 64)
    return NULL;
  qf_sha256(id, 64, h);
  for (size_t i = 0; i < QF_SESSIONS_MAX; i++) {
    slot *t = &s->slots[i];
    if (!t->used || sodium_memcmp(h, t->hash, 32) != 0)
      continue;
    if (!over(&t->s, now))
      return t;
    end(t);
  }
  return NULL;
}

static slot *free_slot(qf_sessions *s, int64_t now)
{
  slot *old = &s->slots[0];
  for (size_t i = 0; i < QF_SESSIONS_MAX; i++) {
    if (s->slots[i].used && over(&s->slots[i].s, now))
      end(&s->slots[i]);
    if (!s->slots[i].used)
      return &s->slots[i];
    if (s->slots[i].s.seen_s < old->s.seen_s)
      old = &s->slots[i];
  }
  return old;
}

static void fill(slot *t, const qf_session *as, int64_t born, int64_t now, char id[65])
{
  qf_session copy = *as;
  end(t);
  t->s = copy;
  t->used = true;
  t->s.born_s = born;
  t->s.seen_s = now;
  random_hex(id, 32);
  if (!t->s.csrf[0])
    random_hex(t->s.csrf, 16);
  qf_sha256(id, 64, t->hash);
}

void qf_session_begin(qf_sessions *s, const qf_session *as, char id[65], qf_session *made)
{
  pthread_mutex_lock(&s->mx);
  int64_t now = s->clock(s->ud);
  slot *t = free_slot(s, now);
  qf_session fresh = *as;
  fresh.csrf[0] = 0;
  fill(t, &fresh, now, now, id);
  if (made)
    *made = t->s;
  pthread_mutex_unlock(&s->mx);
}

bool qf_session_find(qf_sessions *s, const char *id, bool touch, qf_session *out)
{
  pthread_mutex_lock(&s->mx);
  int64_t now = s->clock(s->ud);
  slot *t = find(s, id, now);
  if (t) {
    if (touch)
      t->s.seen_s = now;
    *out = t->s;
  }
  pthread_mutex_unlock(&s->mx);
  return t != NULL;
}

bool qf_session_change(qf_sessions *s, const char *id, const qf_session *as, char new_id[65], qf_session *made)
{
  pthread_mutex_lock(&s->mx);
  int64_t now = s->clock(s->ud);
  slot *t = find(s, id, now);
  if (t) {
    fill(t, as, t->s.born_s, now, new_id);
    if (made)
      *made = t->s;
  }
  pthread_mutex_unlock(&s->mx);
  return t != NULL;
}

bool qf_session_keep(qf_sessions *s, const char *id, const qf_session *as)
{
  pthread_mutex_lock(&s->mx);
  int64_t now = s->clock(s->ud);
  slot *t = find(s, id, now);
  if (t) {
    int64_t born = t->s.born_s;
    t->s = *as;
    t->s.born_s = born;
    t->s.seen_s = now;
  }
  pthread_mutex_unlock(&s->mx);
  return t != NULL;
}

void qf_session_end(qf_sessions *s, const char *id)
{
  pthread_mutex_lock(&s->mx);
  slot *t = find(s, id, s->clock(s->ud));
  if (t)
    end(t);
  pthread_mutex_unlock(&s->mx);
}

unsigned qf_sessions_end_user(qf_sessions *s, const char *user, const char *keep)
{
  unsigned n = 0;
  pthread_mutex_lock(&s->mx);
  slot *kept = find(s, keep, s->clock(s->ud));
  for (size_t i = 0; i < QF_SESSIONS_MAX; i++) {
    slot *t = &s->slots[i];
    if (!t->used || t == kept || t->s.acting || strcmp(t->s.user, user) != 0)
      continue;
    end(t);
    n++;
  }
  pthread_mutex_unlock(&s->mx);
  return n;
}

/* ---- the brake */

#define WAYS 4u
#define SETS 2048u

typedef struct bucket {
  uint64_t key; /* 0 = free */
  double level; /* failures not yet forgotten */
  int64_t at_s;
} bucket;

struct qf_brake {
  pthread_mutex_t mx;
  qf_mono_fn *clock;
  void *ud;
  uint8_t seed[crypto_shorthash_KEYBYTES];
  bucket buckets[2 * SETS]
                [WAYS]; /* accounts in the first half, addresses in the second: neither pushes the other out */
  uint64_t own[SETS];   /* (account, address) pairs that were right once; a newer pair takes an older one's place */
};

qf_rc qf_brake_new(qf_mono_fn *clock, void *ud, qf_brake **out, qf_err *err)
{
  qf_brake *b = sodium_init() < 0 ? NULL : calloc(1, sizeof *b);
  if (!b)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  pthread_mutex_init(&b->mx, NULL);
  b->clock = clock;
  b->ud = ud;
  randombytes_buf(b->seed, sizeof b->seed);
  *out = b;
  return QF_OK;
}

void qf_brake_free(qf_brake *b)
{
  if (b)
    pthread_mutex_destroy(&b->mx);
  free(b);
}

static uint64_t key_of(const qf_brake *b, char kind, const char *account, const char *address)
{
  char text[300];
  uint64_t h;
  int n = snprintf(text, sizeof text, "%c%.140s\n%.140s", kind, account, address);
  crypto_shorthash((uint8_t *)&h, (const uint8_t *)text, (unsigned long long)n, b->seed);
  return h ? h : 1;
}

/* The bucket of a key, leaked to now; the fullest of its set is never the one given up. */
static bucket *bucket_of(qf_brake *b, bool address, uint64_t key, double leak_s, int64_t now)
{
  bucket *set = b->buckets[key % SETS + (address ? SETS : 0)], *take = &set[0];
  for (unsigned i = 0; i < WAYS; i++) {
    bucket *k = &set[i];
    if (k->key == key) {
      double left = k->level - (double)(now - k->at_s) / leak_s;
      k->level = left > 0 ? left : 0;
      k->at_s = now;
      return k;
    }
    if (!k->key ||
        (take->key && k->level - (double)(now - k->at_s) / leak_s < take->level - (double)(now - take->at_s) / leak_s))
      take = k;
  }
  *take = (bucket){.key = key, .at_s = now};
  return take;
}

typedef struct pair {
  bucket *account, *address;
} pair;

static pair both(qf_brake *b, const char *account, const char *address, int64_t now)
{
  uint64_t mine = key_of(b, 'p', account, address);
  bool own = b->own[mine % SETS] == mine;
  pair p;
  p.account = bucket_of(b, false, own ? mine : key_of(b, 'a', account, ""), (double)QF_TRIES_S / QF_TRIES, now);
  p.address = bucket_of(b, true, key_of(b, 'd', "", address), (double)QF_TRIES_S / QF_TRIES_ADDRESS, now);
  return p;
}

static unsigned wait_of(double level, double limit, double leak_s)
{
  return level + 1 > limit ? (unsigned)((level + 1 - limit) * leak_s) + 1 : 0;
}

unsigned qf_brake_take(qf_brake *b, const char *account, const char *address)
{
  pthread_mutex_lock(&b->mx);
  pair p = both(b, account, address, b->clock(b->ud));
  unsigned w = wait_of(p.account->level, QF_TRIES, (double)QF_TRIES_S / QF_TRIES),
           v = wait_of(p.address->level, QF_TRIES_ADDRESS, (double)QF_TRIES_S / QF_TRIES_ADDRESS);
  w = w > v ? w : v;
  if (!w) {
    p.account->level += 1;
    p.address->level += 1;
  }
  pthread_mutex_unlock(&b->mx);
  return w;
}

static void give_back(bucket *k)
{
  k->level = k->level > 1 ? k->level - 1 : 0;
}

void qf_brake_back(qf_brake *b, const char *account, const char *address)
{
  pthread_mutex_lock(&b->mx);
  pair p = both(b, account, address, b->clock(b->ud));
  give_back(p.account);
  give_back(p.address);
  pthread_mutex_unlock(&b->mx);
}

void qf_brake_good(qf_brake *b, const char *account, const char *address)
{
  pthread_mutex_lock(&b->mx);
  pair p = both(b, account, address, b->clock(b->ud));
  give_back(p.account);
  give_back(p.address);
  uint64_t mine = key_of(b, 'p', account, address);
  b->own[mine % SETS] = mine;
  pthread_mutex_unlock(&b->mx);
}
