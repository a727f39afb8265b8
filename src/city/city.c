/* Opening, closing, taking in. See city.h. */
#include "city/beside.h"
#include "city/calendar.h"
#include "city/internal.h"
#include "journal/batch.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { GIVE_BACK_S = 10 }; /* how often memory that is not used goes back to the system */

static qf_us system_now(void *ud)
{
  (void)ud;
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return (qf_us)t.tv_sec * QF_US_SECOND + t.tv_nsec / 1000;
}

qf_us qf_city_now(qf_city *c)
{
  return c->clock.now(c->clock.ud);
}

static void say(qf_city *c, const char *en, const char *zh, double share)
{
  if (c->progress)
    c->progress(c->progress_ud, en, zh, share);
}

/* ---- the queue between the journal's thread and ours */

static uint64_t cost(const qf_item *it)
{
  return it->has_batch ? (uint64_t)it->batch.n * QF_ROW_BYTES : it->len;
}

/* Queue an item; true when the queue is so long that its acknowledgement, h, is kept back. */
static bool push(qf_city *c, qf_item *it, qf_held *h)
{
  it->next = NULL;
  pthread_mutex_lock(&c->mx);
  *c->tail = it;
  c->tail = &it->next;
  c->queued_entries++;
  c->queued_bytes += cost(it);
  bool hold = h && c->queued_bytes > QF_APPLY_HOLD && !c->dead;
  if (hold) {
    *c->held_tail = h;
    c->held_tail = &h->next;
  }
  pthread_cond_signal(&c->wake);
  pthread_mutex_unlock(&c->mx);
  return hold;
}

/* Give the acknowledgements that were kept back, in order, once the queue is short again. They were durable all along;
 * holding them slows a sender that waits for its answer down to the speed of applying, without refusing it. */
static void release_held(qf_city *c)
{
  pthread_mutex_lock(&c->mx);
  qf_held *h = c->queued_bytes <= QF_APPLY_HOLD || c->dead ? c->held : NULL;
  if (h) {
    c->held = NULL;
    c->held_tail = &c->held;
  }
  pthread_mutex_unlock(&c->mx);
  while (h) {
    qf_held *next = h->next;
    h->done(h->ud, QF_OK, h->seq);
    free(h);
    h = next;
  }
}

static void item_free(qf_item *it)
{
  if (it->has_batch)
    qf_batch_fini(&it->batch);
  free(it->body);
  free(it);
}

static void die(qf_city *c, qf_rc rc, const qf_err *err)
{
  pthread_mutex_lock(&c->mx);
  if (!c->dead) {
    c->dead = rc;
    c->dead_err = *err;
    fprintf(stderr, "qingfeng: applying stopped: %s / %s\n", err->en, err->zh);
  }
  pthread_cond_broadcast(&c->settled);
  pthread_mutex_unlock(&c->mx);
}

static struct timespec in_a_second(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  t.tv_sec += 1;
  return t;
}

/* Take the whole queue, or NULL after a second without news. *settle_to: requests to fulfil after applying it; *tick: one of
 * them wants everything done that is done once a second. */
static qf_item *wait_items(qf_city *c, uint64_t *settle_to, bool *tick, bool *stop)
{
  struct timespec until = in_a_second();
  pthread_mutex_lock(&c->mx);
  while (!c->head && !c->stop && c->settle_want == c->settle_done)
    if (pthread_cond_timedwait(&c->wake, &c->mx, &until) == ETIMEDOUT)
      break;
  qf_item *list = c->head;
  c->head = NULL;
  c->tail = &c->head;
  *settle_to = c->settle_want;
  *tick = c->tick_want > c->settle_done;
  *stop = c->stop && !list;
  pthread_mutex_unlock(&c->mx);
  return list;
}

static void apply_list(qf_city *c, qf_item *list)
{
  while (list) {
    qf_item *it = list;
    list = it->next;
    qf_err err = {0};
    qf_rc rc = c->dead;
    if (!rc) {
      qf_entry e = {.seq = it->seq, .at_us = it->at_us, .type = it->type, .body = it->body, .len = it->len};
      rc = qf_city_apply(c, &e, it->has_batch ? &it->batch : NULL, &err);
      if (!rc)
        rc = qf_city_tick(c, false, &err);
      if (rc)
        die(c, rc, &err);
    }
    if (!rc) {
      atomic_store(&c->stat_applied, it->seq);
      atomic_store(&c->stat_applied_at, it->at_us);
    }
    pthread_mutex_lock(&c->mx);
    c->queued_entries--;
    c->queued_bytes -= cost(it);
    pthread_mutex_unlock(&c->mx);
    item_free(it);
    release_held(c);
  }
}

static void *apply_main(void *ud)
{
  qf_city *c = ud;
  pthread_setname_np(pthread_self(), "apply");
  for (bool stop = false; !stop;) {
    uint64_t settle_to;
    bool tick;
    qf_item *list = wait_items(c, &settle_to, &tick, &stop);
    apply_list(c, list);
    qf_err err = {0};
    bool settle = settle_to != c->settle_done;
    qf_rc rc = c->dead ? QF_OK : qf_city_tick(c, tick || stop, &err);
    if (!rc && !c->dead && settle)
      rc = qf_city_commit(c, &err);
    if (rc)
      die(c, rc, &err);
    if (settle) {
      pthread_mutex_lock(&c->mx);
      c->settle_done = settle_to;
      pthread_cond_broadcast(&c->settled);
      pthread_mutex_unlock(&c->mx);
    }
  }
  return NULL;
}

/* Bursts leave holes in the heap - records taken in, figures made, answers written - that the C library keeps. */
static void give_back(time_t *last)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  if (now.tv_sec - *last < GIVE_BACK_S)
    return;
  (void)malloc_trim(0);
  *last = now.tv_sec;
}

/* Figures have a thread of their own: making them takes tenths of a second, and who saves a draft must not wait for that. */
static void *figures_main(void *ud)
{
  qf_city *c = ud;
  pthread_setname_np(pthread_self(), "figures");
  time_t given_back = 0;
  for (;;) {
    struct timespec until = in_a_second();
    pthread_mutex_lock(&c->mx);
    while (!c->figures_stop && c->figures_want == c->figures_done)
      if (pthread_cond_timedwait(&c->figures_wake, &c->mx, &until) == ETIMEDOUT)
        break;
    uint64_t want = c->figures_want;
    bool wanted = want != c->figures_done, stop = c->figures_stop, dead = c->dead != QF_OK;
    pthread_mutex_unlock(&c->mx);
    if (stop)
      return NULL;
    qf_err err = {0};
    qf_rc rc = QF_OK;
    if (!dead)
      rc = wanted ? qf_figures_refresh(c->figures, &err) : qf_figures_refresh_due(c->figures, &err);
    if (!dead && !rc)
      rc = qf_city_restate(c, wanted, &err);
    give_back(&given_back);
    if (rc)
      die(c, rc, &err);
    pthread_mutex_lock(&c->mx);
    c->figures_done = want;
    pthread_cond_broadcast(&c->settled);
    pthread_mutex_unlock(&c->mx);
  }
}

static void stop_figures(qf_city *c)
{
  if (!c->figures_up)
    return;
  pthread_mutex_lock(&c->mx);
  c->figures_stop = true;
  pthread_cond_signal(&c->figures_wake);
  pthread_mutex_unlock(&c->mx);
  pthread_join(c->figures_thread, NULL);
  c->figures_up = false;
  qf_figures_kept(c->figures, false);
}

/* ---- taking in */

typedef struct pending { /* one submitted entry until it is durable */
  qf_city *c;
  qf_item *item;
  qf_buf body;
  qf_city_done *done;
  void *ud;
} pending;

/* So many bytes of readings wait for the disk no longer. */
static void synced(qf_city *c, uint64_t bytes)
{
  pthread_mutex_lock(&c->mx);
  c->unsynced_bytes -= bytes;
  pthread_mutex_unlock(&c->mx);
}

static void durable(void *ud, qf_rc rc, const qf_entry *e)
{
  pending *p = ud;
  qf_city *c = p->c;
  if (p->item->has_batch)
    synced(c, (uint64_t)p->item->batch.n * QF_ROW_BYTES);
  if (rc) {
    if (p->item->type == QF_ENTRY_SERIES) { /* its id is known already: readings that name it must not follow */
      qf_err err;
      die(c, qf_fail(&err, rc, "a new series could not be journalled: restart", "新序列未能写入日志：请重启"), &err);
    }
    item_free(p->item);
  } else {
    p->item->seq = e->seq;
    p->item->at_us = e->at_us;
    qf_held *h = p->item->has_batch && p->done ? malloc(sizeof *h) : NULL; /* none: told at once */
    if (h)
      *h = (qf_held){NULL, p->done, p->ud, e->seq};
    if (push(c, p->item, h))
      p->done = NULL;
    else
      free(h);
  }
  if (p->done)
    p->done(p->ud, rc, e ? e->seq : 0);
  qf_buf_fini(&p->body);
  free(p);
}

static qf_rc submit(qf_city *c, uint8_t type, qf_item *it, const qf_buf *body, qf_city_done *done, void *ud,
                    qf_err *err)
{
  pending *p = malloc(sizeof *p);
  if (!p)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  *p = (pending){c, it, *body, done, ud};
  it->type = type;
  qf_rc rc = qf_journal_submit(c->journal, type, p->body.data, p->body.len, durable, p, err);
  if (rc)
    free(p);
  return rc;
}

qf_rc qf_city_ingest(qf_city *c, qf_batch *b, qf_city_done *done, void *ud, qf_err *err)
{
  if (b->n == 0 || b->n > QF_BATCH_MAX)
    return qf_fail(err, QF_RANGE, "a batch holds 1 to %u readings, not %u", "一批应含 1 至 %u 条读数，而非 %u 条",
                   QF_BATCH_MAX, b->n);
  pthread_mutex_lock(&c->mx);
  /* What waits for the disk counts as well: the journal's own limit sees it compressed, memory does not. */
  const uint64_t mine = (uint64_t)b->n * QF_ROW_BYTES, used = c->queued_bytes + c->unsynced_bytes;
  bool full = used && used + mine > QF_APPLY_MAX;
  qf_rc dead = c->dead;
  if (dead && err)
    *err = c->dead_err;
  if (!dead && !full)
    c->unsynced_bytes += mine;
  pthread_mutex_unlock(&c->mx);
  if (dead)
    return dead;
  if (full)
    return qf_fail(err, QF_FULL, "more than %u MB of readings wait to be applied: send again later",
                   "待处理读数超过 %u MB，请稍后重发", (unsigned)(QF_APPLY_MAX / 1000000));
  qf_buf body;
  qf_buf_init(&body, (size_t)64 << 20);
  qf_rc rc = qf_batch_encode(b, &body);
  qf_item *it = rc ? NULL : calloc(1, sizeof *it);
  if (!it) {
    qf_buf_fini(&body);
    synced(c, mine);
    return qf_fail(err, rc ? rc : QF_NOMEM, "the batch could not be encoded", "读数批无法编码");
  }
  it->has_batch = true;
  it->batch = *b;
  rc = submit(c, QF_ENTRY_READINGS, it, &body, done, ud, err);
  if (rc) { /* the batch stays the caller's */
    synced(c, mine);
    free(it);
    qf_buf_fini(&body);
    return rc;
  }
  qf_batch_init(b);
  return QF_OK;
}

typedef struct waiter {
  pthread_mutex_t mx;
  pthread_cond_t cv;
  bool finished;
  qf_rc rc;
  uint64_t seq;
} waiter;

static void wake_waiter(void *ud, qf_rc rc, uint64_t seq)
{
  waiter *w = ud;
  pthread_mutex_lock(&w->mx);
  w->rc = rc;
  w->seq = seq;
  w->finished = true;
  pthread_cond_signal(&w->cv);
  pthread_mutex_unlock(&w->mx);
}

static qf_rc wait_for(waiter *w, uint64_t *seq, qf_err *err)
{
  pthread_mutex_lock(&w->mx);
  while (!w->finished)
    pthread_cond_wait(&w->cv, &w->mx);
  pthread_mutex_unlock(&w->mx);
  if (seq)
    *seq = w->seq;
  return w->rc ? qf_fail(err, w->rc, "the journal could not make it durable: nothing was accepted",
                         "日志未能落盘：未接受任何数据")
               : QF_OK;
}

#define WAITER                                                                                                         \
  {                                                                                                                    \
    .mx = PTHREAD_MUTEX_INITIALIZER, .cv = PTHREAD_COND_INITIALIZER                                                    \
  }

qf_rc qf_city_ingest_wait(qf_city *c, qf_batch *b, uint64_t *seq, qf_err *err)
{
  waiter w = WAITER;
  qf_rc rc = qf_city_ingest(c, b, wake_waiter, &w, err);
  return rc ? rc : wait_for(&w, seq, err);
}

/* Journal a body (copied) and send it on to the projections. done NULL: do not wait. */
static qf_rc put_body(qf_city *c, uint8_t type, const char *s, size_t len, qf_city_done *done, void *ud, qf_err *err)
{
  qf_buf body;
  qf_buf_init(&body, (size_t)16 << 20);
  qf_buf_put(&body, s, len);
  qf_item *it = calloc(1, sizeof *it);
  if (it)
    it->body = malloc(len ? len : 1);
  qf_rc rc = QF_OK;
  if (body.failed)
    rc = qf_fail(err, QF_RANGE, "an entry of %zu bytes is over the limit of 16 MiB", "条目 %zu 字节，超过 16 MiB 上限",
                 len);
  else if (!it || !it->body)
    rc = qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  if (!rc && it && it->body) {
    memcpy(it->body, s, len);
    it->len = len;
    rc = submit(c, type, it, &body, done, ud, err);
  }
  if (rc) {
    if (it)
      item_free(it);
    qf_buf_fini(&body);
  }
  return rc;
}

static qf_rc put_json(qf_city *c, uint8_t type, const json_t *j, uint64_t *seq, bool wait, qf_err *err)
{
  char *s = json_dumps(j, JSON_COMPACT | JSON_SORT_KEYS);
  if (!s)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  waiter w = WAITER;
  qf_rc rc = put_body(c, type, s, strlen(s), wait ? wake_waiter : NULL, &w, err);
  free(s);
  return rc || !wait ? rc : wait_for(&w, seq, err);
}

qf_rc qf_city_put_entry(qf_city *c, uint8_t type, const json_t *entry, qf_err *err)
{
  return put_json(c, type, entry, NULL, false, err);
}

qf_rc qf_city_event(qf_city *c, json_t *event, uint64_t *seq, qf_err *err)
{
  bool own = c->thread_up && pthread_equal(pthread_self(), c->thread); /* our own thread must not wait for itself */
  return put_json(c, QF_ENTRY_EVENT, event, seq, !own, err);
}

qf_rc qf_city_text(qf_city *c, uint32_t point, qf_us ts, const char *s, size_t len, qf_err *err)
{
  qf_buf b;
  qf_buf_init(&b, 70000);
  qf_buf_varint(&b, 1);
  qf_buf_varint(&b, point);
  qf_buf_zigzag(&b, ts);
  qf_buf_varint(&b, len);
  qf_buf_put(&b, s, len);
  qf_rc rc = QF_OK;
  waiter w = WAITER;
  if (b.failed)
    rc = qf_fail(err, QF_RANGE, "a text of %zu bytes is over the limit of 64 KiB", "文本 %zu 字节，超过 64 KiB 上限",
                 len);
  else
    rc = put_body(c, QF_ENTRY_TEXT, b.data, b.len, wake_waiter, &w, err);
  if (!rc)
    rc = wait_for(&w, NULL, err);
  if (!rc)
    atomic_fetch_add(&c->stat_texts, 1);
  qf_buf_fini(&b);
  return rc;
}

qf_rc qf_city_series(qf_city *c, const char *key, size_t len, uint32_t *point, qf_err *err)
{
  uint32_t id = qf_registry_find(c->registry, key, len);
  if (id) {
    *point = id;
    return QF_OK;
  }
  if (len == 0 || len > QF_SERIES_KEY_MAX || memchr(key, 0, len))
    return qf_fail(err, QF_RANGE, "a series name has 1 to %u bytes, not %zu", "序列名长度应为 1 至 %u 字节，而非 %zu",
                   QF_SERIES_KEY_MAX, len);
  pthread_mutex_lock(&c->series_mx);
  qf_rc rc = QF_OK;
  id = qf_registry_find(c->registry, key, len); /* somebody else may have been quicker */
  if (!id) {
    qf_buf b;
    qf_buf_init(&b, 600);
    qf_buf_varint(&b, qf_registry_count(c->registry) + 1);
    qf_buf_put(&b, key, len);
    /* Not waited for: the journal keeps order, so the readings that use the id can only become durable after it. */
    rc = put_body(c, QF_ENTRY_SERIES, b.data, b.len, NULL, NULL, err);
    qf_buf_fini(&b);
    if (!rc && (rc = qf_registry_add(c->registry, key, len, &id)))
      qf_fail(err, rc, "too many series (limit %u)", "序列过多（上限 %u）", QF_SERIES_MAX);
  }
  pthread_mutex_unlock(&c->series_mx);
  *point = id;
  return rc;
}

const char *qf_city_series_key(qf_city *c, uint32_t point)
{
  return qf_registry_key(c->registry, point);
}
bool qf_city_series_is(qf_city *c, uint32_t point, const char *key, size_t len)
{
  return qf_registry_is(c->registry, point, key, len);
}
uint32_t qf_city_series_count(qf_city *c)
{
  return qf_registry_count(c->registry);
}
uint32_t qf_city_series_find(qf_city *c, const char *key, size_t len)
{
  return qf_registry_find(c->registry, key, len);
}

/* ---- records */

typedef struct versions { /* newest version by "type/id" */
  json_t *seen;
  const char *type;
} versions;

static bool note_version(void *ud, const qf_cell *cells, size_t n)
{
  versions *v = ud;
  char key[640];
  if (n != 2 || cells[0].kind != 4)
    return false;
  snprintf(key, sizeof key, "%s/%.*s", v->type, (int)cells[0].len, cells[0].s);
  json_object_set_new(v->seen, key, json_integer(cells[1].i));
  return true;
}

static void put_literal(qf_buf *q, const char *s)
{
  qf_buf_putc(q, '\'');
  for (; *s; s++) {
    if (*s == '\'')
      qf_buf_putc(q, '\'');
    qf_buf_putc(q, *s);
  }
  qf_buf_putc(q, '\'');
}

#define NAMED_IDS 20000u /* so many ids are named in the question; for more all of the type are read */

/* The versions of a type are read once per call, not once per record, and only those asked for: else a city's points,
 * described some thousands at a time, would all be read again each time. */
static qf_rc know_type(qf_city *c, const char *type, const json_t *records, json_t *seen, qf_err *err)
{
  versions v = {seen, type};
  if (json_object_get(seen, type))
    return QF_OK;
  json_object_set_new(seen, type, json_true());
  qf_buf sql;
  qf_buf_init(&sql, 32u << 20); /* 20,000 ids of 512 bytes, each of them a quote */
  qf_buf_printf(&sql, "SELECT id, max(version) FROM rec_%s_history", type);
  const json_t *rec;
  size_t i, n = 0;
  json_array_foreach(records, i, rec)
  {
    const char *t = json_string_value(json_object_get(rec, "type")),
               *id = json_string_value(json_object_get(rec, "id"));
    if (json_array_size(records) > NAMED_IDS || !t || !id || strcmp(t, type) != 0)
      continue;
    qf_buf_puts(&sql, n++ ? ", " : " WHERE id IN (");
    put_literal(&sql, id);
  }
  qf_buf_puts(&sql, n ? ") GROUP BY id" : " GROUP BY id");
  qf_rc rc = sql.failed ? qf_fail(err, QF_NOMEM, "out of memory", "内存不足")
                        : qf_book_query(c->book, sql.data, NULL, 0, note_version, &v, err);
  qf_buf_fini(&sql);
  return rc;
}

static bool plain_name(const char *s)
{
  size_t n = s ? strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_") : 0;
  return n > 0 && n < 60 && s[n] == 0;
}

static qf_rc give_version(qf_city *c, json_t *rec, const json_t *records, json_t *seen, qf_err *err)
{
  const char *type = json_string_value(json_object_get(rec, "type"));
  const char *id = json_string_value(json_object_get(rec, "id"));
  if (!plain_name(type) || !id || !*id || strlen(id) > QF_SERIES_KEY_MAX)
    return qf_fail(err, QF_SYNTAX, "a record needs \"type\" and \"id\" (id: 1 to %u bytes)",
                   "记录须有 type 与 id（id 为 1 至 %u 字节）", QF_SERIES_KEY_MAX);
  char key[640];
  qf_rc rc = know_type(c, type, records, seen, err);
  if (rc)
    return rc;
  snprintf(key, sizeof key, "%s/%s", type, id);
  int64_t version = json_integer_value(json_object_get(seen, key));
  const json_t *base = json_object_get(rec, "base");
  if (base && json_integer_value(base) != version) {
    json_object_set_new(rec, "version", json_integer(version));
    return qf_fail(err, QF_BUSY, "somebody changed this record meanwhile: it is at version %lld",
                   "此记录已被修改：现为第 %lld 版", (long long)version);
  }
  json_object_del(rec, "base"); /* a condition, no part of the record */
  json_object_set_new(seen, key, json_integer(version + 1));
  json_object_set_new(rec, "version", json_integer(version + 1));
  if (!json_object_get(rec, "status"))
    json_object_set_new(rec, "status", json_string("accepted"));
  if (!json_object_get(rec, "by"))
    json_object_set_new(rec, "by", json_string("system"));
  if (!json_object_get(rec, "at")) {
    qf_buf b;
    qf_buf_init(&b, 64);
    qf_tm_write(&b, qf_city_now(c));
    json_object_set_new(rec, "at", json_string(b.data ? b.data : ""));
    qf_buf_fini(&b);
  }
  return QF_OK;
}

static qf_rc name_record(qf_rc rc, size_t i, const qf_err *why, qf_err *err)
{
  (void)qf_fail(err, rc, "record %zu: %.210s", "第 %zu 条记录：%.210s", i + 1, why->en);
  if (err)
    snprintf(err->zh, sizeof err->zh, "第 %zu 条记录：%.200s", i + 1, why->zh);
  return rc;
}

static qf_rc check_records(qf_city *c, json_t *records, qf_err *err)
{
  qf_err why = {0};
  size_t i, bad = 0;
  json_t *rec, *seen = json_object();
  qf_rc rc = QF_OK;
  json_array_foreach(records, i, rec)
  {
    rc = give_version(c, rec, records, seen, &why);
    if (rc) {
      bad = i;
      break;
    }
  }
  json_decref(seen);
  if (!rc)
    rc = qf_book_records_check(c->book, records, &bad, &why);
  return rc ? name_record(rc, bad, &why, err) : QF_OK;
}

/* A point record describes a series: it exists from then on, also when nothing was sent yet. */
static qf_rc make_series(qf_city *c, const json_t *records, qf_err *err)
{
  size_t i;
  json_t *rec;
  uint32_t point;
  qf_rc rc = QF_OK;
  json_array_foreach(records, i, rec)
  {
    const char *type = json_string_value(json_object_get(rec, "type")),
               *id = json_string_value(json_object_get(rec, "id"));
    if (!rc && strcmp(type, "point") == 0)
      rc = qf_city_series(c, id, strlen(id), &point, err);
  }
  return rc;
}

#define RECORDS_PER_ENTRY 2000u

static qf_rc settle(qf_city *c, bool figures, qf_err *err);

/* Do the records belong to the desk - drafts, comments, people - and so to no figure? Their writer waits for the book alone. */
static bool of_the_desk(const json_t *records)
{
  static const char desk[] = " filing comment evidence delegation reminder token user grant ";
  char word[80];
  size_t i;
  const json_t *rec;
  json_array_foreach(records, i, rec)
  {
    snprintf(word, sizeof word, " %.64s ", json_string_value(json_object_get(rec, "type")));
    if (!strstr(desk, word))
      return false;
  }
  return true;
}

static qf_rc journal_records(qf_city *c, json_t *records, uint64_t *seq, qf_err *err)
{
  size_t n = json_array_size(records);
  qf_rc rc = QF_OK;
  for (size_t i = 0; !rc && i < n; i += RECORDS_PER_ENTRY) {
    json_t *part = json_array(), *entry = json_object();
    for (size_t k = i; k < n && k < i + RECORDS_PER_ENTRY; k++)
      json_array_append(part, json_array_get(records, k));
    json_object_set_new(entry, "records", part);
    rc = put_json(c, QF_ENTRY_RECORD, entry, seq, true, err);
    json_decref(entry);
  }
  return rc;
}

/* The book has every record before the lock is given up, so the next writer finds the versions and values he must know. */
qf_rc qf_city_records(qf_city *c, json_t *records, uint64_t *seq, qf_err *err)
{
  size_t n = json_array_size(records);
  if (n == 0 || n > 100000)
    return qf_fail(err, QF_RANGE, "1 to 100000 records at a time, not %zu", "一次 1 至 100000 条记录，而非 %zu 条", n);
  pthread_mutex_lock(&c->record_mx);
  qf_rc rc = check_records(c, records, err);
  bool desk = !rc && of_the_desk(records);
  if (!rc)
    rc = make_series(c, records, err);
  if (!rc)
    rc = journal_records(c, records, seq, err);
  if (!rc)
    rc = settle(c, false, err);
  pthread_mutex_unlock(&c->record_mx);
  if (rc || desk)
    return rc;
  rc = qf_city_settle(c, err);
  if (!rc && !c->bulk)
    qf_city_proof_sign(c); /* what is accepted is under a signed head at once */
  return rc;
}

void qf_city_sign(qf_city *c)
{
  if (!c->bulk)
    qf_city_proof_sign(c);
}

static qf_rc settle(qf_city *c, bool figures, qf_err *err)
{
  if (!c->thread_up)
    return QF_OK;
  qf_rc rc = qf_journal_flush(c->journal, err);
  if (rc)
    return rc;
  pthread_mutex_lock(&c->mx);
  uint64_t mine = ++c->settle_want;
  if (figures)
    c->tick_want = mine;
  pthread_cond_signal(&c->wake);
  while (c->settle_done < mine && !c->dead)
    pthread_cond_wait(&c->settled, &c->mx);
  if (figures) {
    mine = ++c->figures_want;
    pthread_cond_signal(&c->figures_wake);
    while (c->figures_done < mine && !c->dead)
      pthread_cond_wait(&c->settled, &c->mx);
  }
  rc = c->dead;
  if (rc && err)
    *err = c->dead_err;
  pthread_mutex_unlock(&c->mx);
  return rc;
}

qf_rc qf_city_settle(qf_city *c, qf_err *err)
{
  return settle(c, true, err);
}

/* ---- opening */

static qf_rc load_snapshot(qf_city *c, qf_err *err)
{
  char path[4100];
  snprintf(path, sizeof path, "%s/meter.state", c->dir);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  struct stat st;
  if (fd < 0)
    return QF_NOTFOUND;
  uint8_t *p = fstat(fd, &st) == 0 && st.st_size > 16 ? malloc((size_t)st.st_size) : NULL;
  size_t n = p ? (size_t)st.st_size : 0, got = 0;
  for (ssize_t k; got < n && (k = read(fd, p + got, n - got)) > 0;)
    got += (size_t)k;
  close(fd);
  qf_rc rc = QF_NOTFOUND; /* a damaged snapshot is no loss: the journal has it all */
  if (p && got == n && memcmp(p, "QFMS", 4) == 0) {
    qf_rd r = {p + 4, p + n, false};
    uint32_t crc = qf_rd_u32(&r);
    if (crc == qf_crc32c(0, p + 8, n - 8)) {
      uint64_t seq = qf_rd_u64(&r);
      if (seq <= qf_book_applied_seq(c->book) && seq <= qf_journal_last_seq(c->journal) &&
          qf_meter_load(c->meter, r.p, (size_t)(r.end - r.p), err) == QF_OK) {
        c->meter_seq = c->applied = seq; /* a snapshot made before the next entry must say this, not nothing */
        rc = QF_OK;
      }
    }
  }
  free(p);
  return rc;
}

/* Series ids must be known before anything refers to them, also when the replay starts late: the book has the list. */
static bool add_series(void *ud, const qf_cell *cells, size_t n)
{
  qf_city *c = ud;
  uint32_t id;
  return n == 2 && cells[1].kind == 4 && qf_registry_add(c->registry, cells[1].s, cells[1].len, &id) == QF_OK &&
         id == (uint32_t)cells[0].i;
}

static qf_rc replay(qf_city *c, uint64_t from, qf_err *err)
{
  uint64_t last = qf_journal_last_seq(c->journal);
  if (from > last)
    return QF_OK;
  qf_cursor *cur;
  qf_rc rc = qf_cursor_open(c->dir, from, &cur, err);
  if (rc)
    return rc;
  c->replaying = true;
  qf_entry e;
  for (uint64_t k = from; !rc && k <= last; k++) {
    rc = qf_cursor_next(cur, &e, err);
    if (!rc)
      rc = qf_city_apply(c, &e, NULL, err);
    if (!rc)
      rc = qf_city_tick(c, false, err);
    if ((k & 1023) == 0)
      say(c, "replaying the journal", "重放日志", (double)(k - from) / (double)(last - from + 1));
  }
  qf_cursor_close(cur);
  if (!rc)
    rc = qf_city_tick(c, true, err);
  c->replaying = false;
  return rc;
}

static bool count_one(void *ud, const qf_cell *cells, size_t n)
{
  if (n == 1)
    *(uint32_t *)ud = (uint32_t)cells[0].i;
  return false;
}

/* Projections that know more than the journal: entries to come would pass for applied already and be left out. */
static qf_rc not_ahead(const qf_city *c, qf_err *err)
{
  uint64_t last = qf_journal_last_seq(c->journal), book = qf_book_applied_seq(c->book);
  uint64_t readings = qf_readings_durable_seq(c->readings);
  return book <= last && readings <= last
             ? QF_OK
             : qf_fail(err, QF_CORRUPT,
                       "book (entry %llu) or readings (%llu) are ahead of the journal (%llu): it was cut or is another "
                       "city's. Run verify and restore a backup, or rebuild to go on with this journal",
                       "账册（第 %llu 条）或读数（第 %llu 条）超前于日志（第 %llu 条）：日志被截断或属于另一城市。"
                       "请运行 verify 并恢复备份，或 rebuild 以此日志继续",
                       (unsigned long long)book, (unsigned long long)readings, (unsigned long long)last);
}

static qf_rc open_projections(qf_city *c, qf_err *err)
{
  qf_meter_sink sink;
  qf_meter_source source;
  bool aside = false;
  qf_readings_opts ro = {.clock = c->clock};
  qf_book_opts bo = {.packs_dir = c->packs};
  qf_rc rc = qf_readings_open(c->dir, &ro, &c->readings, err);
  if (!rc)
    rc = qf_book_open(c->dir, &bo, &c->book, &aside, err);
  if (!rc)
    rc = not_ahead(c, err);
  if (rc)
    return rc;
  if (aside)
    fprintf(stderr, "qingfeng: the book was damaged, set aside and is made again from the journal / "
                    "账册损坏，已另存，正由日志重建\n");
  qf_city_sinks(c, &sink, &source);
  rc = qf_meter_new(&sink, &source, &c->meter);
  if (rc)
    return qf_fail(err, rc, "out of memory", "内存不足");
  rc = qf_city_calendar(c->packs, c->meter, err);
  if (rc)
    return rc;
  qf_err ignored;
  if (load_snapshot(c, &ignored) == QF_OK) {
    rc = qf_book_query(c->book, "SELECT point, key FROM series ORDER BY point", NULL, 0, add_series, c, err);
    uint32_t adopted = 0;
    if (!rc)
      rc = qf_book_query(c->book, "SELECT count(*) FROM rec_point", NULL, 0, count_one, &adopted, err);
    atomic_store(&c->adopted, adopted);
  }
  uint64_t from = c->meter_seq + 1, d = qf_readings_durable_seq(c->readings) + 1;
  if (!rc)
    rc = replay(c, from < d ? from : d, err);
  if (!rc && !c->bulk)
    rc = qf_city_reconcile(c, err);
  atomic_store(&c->stat_applied, c->applied);
  if (!rc)
    rc = qf_figures_open(c->book, c->readings, c->packs, &c->figures, err);
  return rc;
}

void qf_city_find_packs(const char *given, char *out, size_t size)
{
  qf_beside_program(given, "../packs", "../share/qingfeng/packs", out, size);
}

static qf_rc first_entry(qf_city *c, qf_err *err)
{
  qf_buf b;
  qf_buf_init(&b, 300);
  qf_buf_puts(&b, "{\"format\":1,\"software\":\"qingfeng " QF_VERSION "\",\"created\":\"");
  qf_tm_write(&b, qf_city_now(c));
  qf_buf_puts(&b, "\",\"zone\":\"+08:00\",\"log_key\":\"");
  qf_skey key; /* the history begins with the key that will sign it */
  qf_rc rc = qf_key_load(c->dir, true, &key, err);
  if (!rc)
    qf_base64(key.secret + 32, 32, &b);
  sodium_memzero(&key, sizeof key);
  qf_buf_puts(&b, "\"}");
  if (!rc)
    rc = qf_journal_commit(c->journal, QF_ENTRY_CITY, b.data, b.len, NULL, err);
  qf_buf_fini(&b);
  return rc;
}

static void init_threads(qf_city *c)
{
  pthread_condattr_t attr;
  pthread_condattr_init(&attr);
  pthread_condattr_setclock(&attr, CLOCK_MONOTONIC); /* a clock that is set must not stop the tick */
  pthread_mutex_init(&c->series_mx, NULL);
  pthread_mutex_init(&c->record_mx, NULL);
  pthread_mutex_init(&c->mx, NULL);
  pthread_mutex_init(&c->live_mx, NULL);
  pthread_cond_init(&c->wake, &attr);
  pthread_cond_init(&c->settled, NULL);
  pthread_cond_init(&c->figures_wake, &attr);
  pthread_condattr_destroy(&attr);
  c->tail = &c->head;
  c->held_tail = &c->held;
}

/* Entries that were acknowledged once and are gone from the end: the disk or somebody lost them. Say so, at every start. */
static void warn_of_loss(qf_city *c)
{
  qf_journal_recovery r;
  qf_journal_recovered(c->journal, &r);
  if (r.lost_from)
    fprintf(stderr,
            "qingfeng: WARNING: entries %llu..%llu were acknowledged and are gone from the journal's end\n"
            "          警告：日志末尾已确认的第 %llu..%llu 条缺失\n",
            (unsigned long long)r.lost_from, (unsigned long long)r.lost_to, (unsigned long long)r.lost_from,
            (unsigned long long)r.lost_to);
}

static qf_rc open_all(qf_city *c, const qf_city_opts *o, qf_err *err)
{
  qf_journal_opts jo = {.clock = c->clock, .no_sync = o->bulk};
  if (mkdir(c->dir, 0700) != 0 && errno != EEXIST)
    return qf_fail(err, QF_IO, "%s: %s", "%s：%s", c->dir, strerror(errno));
  qf_rc rc = qf_registry_new(&c->registry);
  c->touched = calloc(QF_LIVE_POINTS_MAX, sizeof *c->touched);
  if (rc || !c->touched)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  rc = qf_journal_open(c->dir, &jo, &c->journal, err);
  if (!rc)
    warn_of_loss(c);
  bool empty = !rc && qf_journal_last_seq(c->journal) == 0;
  if (!rc && empty)
    rc = first_entry(c, err);
  if (!rc)
    rc = qf_city_proof_open(c, err);
  if (!rc)
    rc = open_projections(c, err);
  if (rc)
    return rc;
  if (pthread_create(&c->thread, NULL, apply_main, c) != 0)
    return qf_fail(err, QF_NOMEM, "no thread can be started", "无法启动线程");
  c->thread_up = true;
  if (pthread_create(&c->figures_thread, NULL, figures_main, c) != 0)
    return qf_fail(err, QF_NOMEM, "no thread can be started", "无法启动线程");
  c->figures_up = true;
  qf_figures_kept(c->figures, true);
  rc = o->bulk ? QF_OK : qf_city_tell_loss(c, err);
  if (rc)
    return rc;
  return empty ? qf_city_seed(c, err) : QF_OK;
}

qf_rc qf_city_open(const char *dir, const qf_city_opts *opts, qf_city **out, qf_err *err)
{
  static const qf_city_opts defaults = {0};
  const qf_city_opts *o = opts ? opts : &defaults;
  qf_city *c = calloc(1, sizeof *c);
  if (!c || strlen(dir) >= sizeof c->dir - 200) {
    free(c);
    return qf_fail(err, QF_RANGE, "the path of the data folder is too long", "数据目录路径过长");
  }
  snprintf(c->dir, sizeof c->dir, "%s", dir);
  c->clock = o->clock.now ? o->clock : (qf_clock){system_now, NULL};
  c->progress = o->progress;
  c->progress_ud = o->progress_ud;
  c->bulk = o->bulk;
  qf_batch_init(&c->scratch);
  qf_buf_init(&c->alarms_json, 1u << 20);
  qf_city_find_packs(o->packs_dir, c->packs, sizeof c->packs);
  init_threads(c);
  qf_rc rc = open_all(c, o, err);
  if (rc) {
    qf_city_close(c);
    return rc;
  }
  c->last_save = qf_city_now(c);
  *out = c;
  return QF_OK;
}

void qf_city_close(qf_city *c)
{
  if (!c)
    return;
  qf_err err = {0};
  stop_figures(c); /* it may still journal a restatement */
  if (c->thread_up) {
    (void)!qf_journal_flush(c->journal, &err); /* a dead journal: nothing more can be saved */
    pthread_mutex_lock(&c->mx);
    c->stop = true;
    pthread_cond_signal(&c->wake);
    pthread_mutex_unlock(&c->mx);
    pthread_join(c->thread, NULL);
    c->thread_up = false;
    if (!c->dead && c->rows_since_save)
      (void)!qf_city_save(c, &err); /* only makes the next start quicker */
  }
  if (c->proof && c->figures)
    qf_city_proof_sign(c); /* the last entries of a clean stop */
  qf_proof_close(c->proof);
  qf_figures_close(c->figures);
  qf_meter_free(c->meter);
  qf_book_close(c->book);
  qf_readings_close(c->readings);
  qf_journal_close(c->journal);
  while (c->head) { /* journalled after the apply thread had gone: the next start applies it */
    qf_item *it = c->head;
    c->head = it->next;
    item_free(it);
  }
  release_held(c);
  qf_registry_free(c->registry);
  qf_batch_fini(&c->scratch);
  qf_buf_fini(&c->alarms_json);
  free(c->alarms);
  free(c->touched);
  free(c);
}

qf_book *qf_city_book(qf_city *c)
{
  return c->book;
}
qf_readings *qf_city_readings(qf_city *c)
{
  return c->readings;
}
qf_figures *qf_city_figures(qf_city *c)
{
  return c->figures;
}
qf_meter *qf_city_meter(qf_city *c)
{
  return c->meter;
}
qf_journal *qf_city_journal(qf_city *c)
{
  return c->journal;
}
qf_proof *qf_city_proof(qf_city *c)
{
  return c->proof;
}
const char *qf_city_dir(qf_city *c)
{
  return c->dir;
}
const char *qf_city_packs(qf_city *c)
{
  return c->packs;
}

void qf_city_get_stats(qf_city *c, qf_city_stats *out)
{
  pthread_mutex_lock(&c->mx);
  *out =
      (qf_city_stats){.queued_entries = c->queued_entries, .queued_bytes = c->queued_bytes, .dead = c->dead != QF_OK};
  pthread_mutex_unlock(&c->mx);
  qf_journal_stats j;
  qf_journal_recovery r;
  qf_journal_get_stats(c->journal, &j);
  qf_journal_recovered(c->journal, &r);
  out->journal_dead = j.dead;
  out->proof_ok = atomic_load(&c->proof_ok);
  out->no_room = atomic_load(&c->stat_no_room);
  out->lost_from = r.lost_from;
  out->lost_to = r.lost_to;
  out->applied_seq = atomic_load(&c->stat_applied);
  out->readings_applied = atomic_load(&c->stat_rows);
  out->texts = atomic_load(&c->stat_texts);
  out->series = qf_registry_count(c->registry);
  out->adopted = atomic_load(&c->adopted);
  out->apply_lag_s = out->queued_entries ? (double)(qf_city_now(c) - atomic_load(&c->stat_applied_at)) / 1e6 : 0;
}

void qf_city_on_live(qf_city *c, qf_city_live *fn, void *ud)
{
  pthread_mutex_lock(&c->live_mx);
  c->live = fn;
  c->live_ud = ud;
  pthread_mutex_unlock(&c->live_mx);
}
