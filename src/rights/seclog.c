#include "rights/seclog.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PER_EVENT 500u
#define TEXT 201u

typedef struct item {
  qf_us at;
  uint64_t n;
  char text[5][TEXT];
} item;

struct qf_seclog {
  qf_city *city;
  pthread_mutex_t mx;      /* the queue */
  pthread_mutex_t writing; /* one flush at a time, in order */
  pthread_cond_t wake;
  pthread_t thread;
  bool up, closing;
  item *queue;
  size_t count, busy; /* the first busy entries are being journalled */
  uint64_t lost;
};

static const char *const names[5] = {"who", "from", "what", "object", "result"};

/* Length of the valid UTF-8 character at p that is no control; 0 if there is none. */
static size_t sound(const unsigned char *p)
{
  size_t n = p[0] >= 0x20 && p[0] < 0x7F    ? 1
             : p[0] >= 0xC2 && p[0] <= 0xDF ? 2
             : (p[0] & 0xF0) == 0xE0        ? 3
             : p[0] >= 0xF0 && p[0] <= 0xF4 ? 4
                                            : 0;
  for (size_t i = 1; i < n; i++)
    if ((p[i] & 0xC0) != 0x80)
      return 0;
  bool odd = (n == 2 && p[0] == 0xC2 && p[1] < 0xA0) || (n == 3 && p[0] == 0xE0 && p[1] < 0xA0) ||
             (n == 3 && p[0] == 0xED && p[1] > 0x9F) ||
             (n == 3 && p[0] == 0xE2 && p[1] == 0x80 && p[2] >= 0xA8 && p[2] <= 0xAE) ||
             (n == 4 && p[0] == 0xF0 && p[1] < 0x90) || (n == 4 && p[0] == 0xF4 && p[1] > 0x8F);
  return odd ? 0 : n;
}

static void clean(char out[TEXT], const char *s)
{
  size_t n = 0;
  while (s && *s && n + 4 < TEXT) {
    size_t k = sound((const unsigned char *)s);
    if (k) {
      memcpy(out + n, s, k);
      n += k;
      s += k;
    } else {
      out[n++] = '?';
      s++;
    }
  }
  memset(out + n, 0, TEXT - n);
}

bool qf_seclog_put(qf_seclog *l, const qf_sec *e)
{
  item it = {.at = qf_city_now(l->city), .n = 1};
  const char *const given[5] = {e->who, e->from, e->what, e->object, e->result};
  for (size_t i = 0; i < 5; i++)
    clean(it.text[i], given[i]);
  pthread_mutex_lock(&l->mx);
  bool same = false;
  for (size_t i = l->count; i-- > l->busy && i + 64 > l->count && !same;)
    if (memcmp(l->queue[i].text, it.text, sizeof it.text) == 0) {
      l->queue[i].n++;
      same = true;
    }
  bool room = same || l->count < QF_SECLOG_MAX;
  if (!same && room)
    l->queue[l->count++] = it;
  l->lost += !room;
  pthread_mutex_unlock(&l->mx);
  return room;
}

bool qf_seclog_room(qf_seclog *l)
{
  pthread_mutex_lock(&l->mx);
  bool room = l->count + 16 < QF_SECLOG_MAX;
  pthread_mutex_unlock(&l->mx);
  return room;
}

static json_t *event_of(const item *it, size_t n, uint64_t lost)
{
  json_t *e = json_object(), *list = json_array();
  json_object_set_new(e, "kind", json_string("security"));
  for (size_t i = 0; i < n; i++) {
    json_t *o = json_object();
    qf_buf at;
    qf_buf_init(&at, 64);
    qf_tm_write(&at, it[i].at);
    json_object_set_new(o, "at", json_stringn(at.data ? at.data : "", at.len));
    qf_buf_fini(&at);
    for (size_t k = 0; k < 5; k++)
      json_object_set_new(o, names[k], json_string(it[i].text[k]));
    json_object_set_new(o, "n", json_integer((json_int_t)it[i].n));
    json_array_append_new(list, o);
  }
  if (lost) {
    json_t *o = json_object();
    json_object_set_new(o, "what", json_string("lost"));
    json_object_set_new(o, "n", json_integer((json_int_t)lost));
    json_array_append_new(list, o);
  }
  json_object_set_new(e, "items", list);
  return e;
}

qf_rc qf_seclog_flush(qf_seclog *l, qf_err *err)
{
  qf_rc rc = QF_OK;
  pthread_mutex_lock(&l->writing);
  for (size_t n = 1; !rc && n;) {
    pthread_mutex_lock(&l->mx);
    n = l->count < PER_EVENT ? l->count : PER_EVENT;
    uint64_t lost = l->lost;
    json_t *e = n || lost ? event_of(l->queue, n, lost) : NULL;
    l->busy = n;
    pthread_mutex_unlock(&l->mx);
    if (!e)
      break;
    rc = qf_city_event(l->city, e, NULL, err);
    json_decref(e);
    pthread_mutex_lock(&l->mx);
    l->busy = 0;
    if (!rc) { /* only what is journalled leaves the queue */
      memmove(l->queue, l->queue + n, (l->count - n) * sizeof *l->queue);
      l->count -= n;
      l->lost -= lost;
    }
    pthread_mutex_unlock(&l->mx);
  }
  pthread_mutex_unlock(&l->writing);
  return rc;
}

static void *run(void *ud)
{
  qf_seclog *l = ud;
  pthread_mutex_lock(&l->mx);
  while (!l->closing) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    t.tv_sec++;
    pthread_cond_timedwait(&l->wake, &l->mx, &t);
    bool some = l->count || l->lost;
    pthread_mutex_unlock(&l->mx);
    qf_err err = {0};
    if (some && qf_seclog_flush(l, &err))
      fprintf(stderr, "qingfeng: the security log cannot be journalled, changes will be refused: %s\n", err.en);
    pthread_mutex_lock(&l->mx);
  }
  pthread_mutex_unlock(&l->mx);
  return NULL;
}

qf_rc qf_seclog_new(qf_city *c, qf_seclog **out, qf_err *err)
{
  qf_seclog *l = calloc(1, sizeof *l);
  if (l)
    l->queue = calloc(QF_SECLOG_MAX, sizeof *l->queue);
  if (!l || !l->queue) {
    free(l);
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  }
  l->city = c;
  pthread_mutex_init(&l->mx, NULL);
  pthread_mutex_init(&l->writing, NULL);
  pthread_cond_init(&l->wake, NULL);
  l->up = pthread_create(&l->thread, NULL, run, l) == 0;
  if (!l->up) {
    qf_seclog_free(l);
    return qf_fail(err, QF_NOMEM, "no more threads", "无法创建线程");
  }
  *out = l;
  return QF_OK;
}

void qf_seclog_free(qf_seclog *l)
{
  if (!l)
    return;
  pthread_mutex_lock(&l->mx);
  l->closing = true;
  pthread_cond_signal(&l->wake);
  pthread_mutex_unlock(&l->mx);
  if (l->up)
    pthread_join(l->thread, NULL);
  qf_err err = {0};
  if (qf_seclog_flush(l, &err))
    fprintf(stderr, "qingfeng: the security log cannot be journalled: %s\n", err.en);
  pthread_mutex_destroy(&l->mx);
  pthread_mutex_destroy(&l->writing);
  pthread_cond_destroy(&l->wake);
  free(l->queue);
  free(l);
}
