/* A unit's terminal: registers with a platform, asks for its dictionary and what it is to send, and uploads what the accounts say
 * and the platform has not acknowledged. What is stored is the city's own accounts; NAME.sent says what of it has arrived. */
#include "collect/necc_unit.h"
#include "collect/ask.h"
#include "collect/door.h"
#include "collect/necc.h"
#include "domain/uscc.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { REPLY_MAX = 1 << 20, PATH = 200, RECENT_DAYS = 3, FULL_LOOK_H = 24, CHECK_H = 24 };

typedef struct device { /* what the platform gave at registration; on disk in NAME.device */
  char id[QF_NECC_DEVICE_MAX + 1], key[2 * QF_NECC_KEY + 1];
  char version[PATH], data[PATH], config[PATH], base[PATH]; /* paths */
  char dictionary[65];                                      /* version that is here */
  uint32_t slot_s;
} device;

typedef struct terminal {
  const qf_collect_env *env;
  char name[64], host[256], called[256]; /* called: the platform's name as the file has it */
  const char *enterprise, *region, *where, *path;
  uint16_t port;
  bool wait_slot;
  int64_t delay_min, pace_ms, timeout_ms, backoff_ms, backoff_max_ms, history_days, batch;
  qf_us since;
  qf_link *link;
  qf_ask *ask;
  qf_necc_feed *feed;
  uint32_t feeds;
  qf_necc_sent sent;
  device dev;
  bool registered;
  qf_necc_cipher *cipher;
  uint64_t generation;             /* of the book, looked at up to here */
  qf_us full_look, checked, daily; /* when last: everything, versions, days and months */
  uint32_t failures;
  pthread_t thread;
  pthread_mutex_t mx;
  pthread_cond_t cv;
  bool stopping;
} terminal;

/* ---- small things */

static bool stopping(terminal *t)
{
  pthread_mutex_lock(&t->mx);
  bool s = t->stopping;
  pthread_mutex_unlock(&t->mx);
  return s;
}

static void rest(terminal *t, int64_t ms)
{
  struct timespec until;
  clock_gettime(CLOCK_MONOTONIC, &until);
  until.tv_sec += ms / 1000;
  until.tv_nsec += ms % 1000 * 1000000;
  if (until.tv_nsec >= 1000000000) {
    until.tv_sec++;
    until.tv_nsec -= 1000000000;
  }
  pthread_mutex_lock(&t->mx);
  while (!t->stopping && pthread_cond_timedwait(&t->cv, &t->mx, &until) == 0) {
  }
  pthread_mutex_unlock(&t->mx);
}

static void file_of(const terminal *t, const char *what, char out[4500])
{
  snprintf(out, 4500, "%.4200s/collect/%s.%s", qf_city_dir(t->env->city), t->name, what);
}

/* A small file, whole or not at all, for the owner's eyes. */
static qf_rc keep(const terminal *t, const char *what, const char *text, qf_err *err)
{
  char path[4500], aside[4600];
  file_of(t, what, path);
  snprintf(aside, sizeof aside, "%s.part", path);
  int fd = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  size_t n = strlen(text);
  bool ok = fd >= 0 && write(fd, text, n) == (ssize_t)n && fsync(fd) == 0 && rename(aside, path) == 0;
  qf_rc rc = ok ? QF_OK : qf_fail(err, QF_IO, "%.200s: %s", "%.200s：%s", path, strerror(errno));
  if (fd >= 0)
    close(fd);
  return rc;
}

/* ---- what the platform said */

/* Path of an address: the host is the one we connect to, whatever is said. */
static bool path_of(const json_t *from, const char *name, char out[PATH])
{
  const char *s = json_string_value(json_object_get(from, name)), *at = s ? strstr(s, "://") : NULL;
  if (at)
    s = strchr(at + 3, '/');
  if (!s || *s != '/' || strlen(s) >= PATH)
    return false;
  for (const char *p = s; *p; p++)
    if (*p <= ' ' || *p > '~')
      return false;
  snprintf(out, PATH, "%s", s);
  return true;
}

static bool text_of(const json_t *from, const char *name, char *out, size_t size)
{
  const char *s = json_string_value(json_object_get(from, name));
  if (!s || !*s || strlen(s) >= size)
    return false;
  snprintf(out, size, "%s", s);
  return true;
}

/* A registration's answer, or the same kept in a file. */
static bool read_device(const json_t *j, device *d)
{
  char slot[16];
  uint8_t key[QF_NECC_KEY];
  *d = (device){0};
  if (!text_of(j, "deviceId", d->id, sizeof d->id) || !text_of(j, "secretKey", d->key, sizeof d->key) ||
      !qf_necc_key(d->key, key) || !path_of(j, "centerDataURL", d->data))
    return false;
  if (text_of(j, "uploadTime", slot, sizeof slot) && qf_necc_slot(slot, &d->slot_s))
    return false;
  (void)path_of(j, "loadDicVersionURL", d->version); /* a platform may not have these */
  (void)path_of(j, "centerInfoDownloadURL", d->config);
  (void)path_of(j, "downloadBaseDataURL", d->base);
  (void)text_of(j, "dictionary", d->dictionary, sizeof d->dictionary);
  return true;
}

static qf_rc use_device(terminal *t, const device *d, qf_err *err)
{
  uint8_t key[QF_NECC_KEY];
  qf_necc_cipher *c = NULL;
  if (!qf_necc_key(d->key, key))
    return qf_fail(err, QF_SYNTAX, "secretKey: 32 hexadecimal digits", "secretKey 应为 32 位十六进制数");
  qf_rc rc = qf_necc_cipher_new(key, &c, err);
  if (rc)
    return rc;
  qf_necc_cipher_free(t->cipher);
  t->cipher = c;
  t->dev = *d;
  t->registered = true;
  return QF_OK;
}

static qf_rc keep_device(const terminal *t, const device *d, qf_err *err)
{
  char slot[16];
  snprintf(slot, sizeof slot, "%02u:%02u:%02u", d->slot_s / 3600, d->slot_s / 60 % 60, d->slot_s % 60);
  json_t *j = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s}", "deviceId", d->id, "secretKey", d->key, "uploadTime", slot,
                        "centerDataURL", d->data, "loadDicVersionURL", d->version, "centerInfoDownloadURL", d->config,
                        "downloadBaseDataURL", d->base, "dictionary", d->dictionary);
  char *text = json_dumps(j, JSON_INDENT(1));
  qf_rc rc = text ? keep(t, "device", text, err) : qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  free(text);
  json_decref(j);
  return rc;
}

static void load_device(terminal *t)
{
  char path[4500];
  device d;
  qf_err err;
  file_of(t, "device", path);
  json_t *j = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
  if (j && read_device(j, &d))
    (void)!use_device(t, &d, &err); /* unreadable: it registers anew */
  json_decref(j);
}

/* ---- questions */

static void told(terminal *t, const void *raw, size_t n, const qf_err *why)
{
  qf_link_refused(t->link, raw, n, why);
}

/* POST and take the answer apart: QF_OK when it says 0. *out is then the caller's. Errors: QF_IO; QF_DENIED the platform refuses. */
static qf_rc question(terminal *t, const char *path, const qf_buf *body, json_t **out, qf_err *err)
{
  qf_buf reply;
  int status = 0;
  *out = NULL;
  qf_buf_init(&reply, REPLY_MAX + 1);
  qf_rc rc = qf_ask_post(t->ask, path, body, &reply, &status, err);
  if (!rc) {
    qf_link_seen(t->link, reply.len);
    json_t *j = json_loadb(reply.data ? reply.data : "", reply.len, JSON_REJECT_DUPLICATES, NULL);
    const char *code = json_string_value(json_object_get(j, "responseCode")),
               *words = json_string_value(json_object_get(j, "responseMessage"));
    if (status != 200 || !code) {
      rc = qf_fail(err, status == 503 || status == 429 ? QF_FULL : QF_IO, "%.60s: HTTP %d %.120s",
                   "%.60s：HTTP %d %.120s", path, status, words ? words : "");
    } else if (strcmp(code, "0") != 0) {
      rc = qf_fail(err, QF_DENIED, "%.60s: the platform refuses (%.10s): %.120s", "%.60s：平台拒绝（%.10s）：%.120s",
                   path, code, words ? words : "");
    }
    if (rc)
      json_decref(j);
    else
      *out = j;
  }
  qf_buf_fini(&reply);
  return rc;
}

static void who_am_i(const terminal *t, qf_buf *b)
{
  qf_buf_init(b, 4096);
  qf_buf_puts(b, "{\"deviceId\":");
  qf_buf_json(b, t->dev.id, strlen(t->dev.id));
  qf_buf_printf(b, ",\"enterpriseCode\":\"%s\"", t->enterprise);
}

static qf_rc registers(terminal *t, qf_err *err)
{
  qf_buf b;
  json_t *j = NULL;
  device d;
  qf_buf_init(&b, 1024);
  qf_buf_printf(&b, "{\"region\":\"%s\",\"enterpriseCode\":\"%s\"}", t->region, t->enterprise);
  qf_rc rc = question(t, t->path, &b, &j, err);
  if (!rc && !read_device(j, &d))
    rc = qf_fail(err, QF_SYNTAX,
                 "the registration's answer lacks deviceId, secretKey, centerDataURL or has a wrong uploadTime",
                 "注册应答缺少 deviceId、secretKey 或 centerDataURL，或 uploadTime 有误");
  if (!rc)
    rc = keep_device(t, &d, err); /* before its first use: the platform may give it out once only */
  if (!rc)
    rc = use_device(t, &d, err);
  json_decref(j);
  qf_buf_fini(&b);
  return rc;
}

static qf_rc fetch_dictionary(terminal *t, const char *version, qf_err *err)
{
  qf_buf b;
  json_t *j = NULL;
  who_am_i(t, &b);
  qf_buf_putc(&b, '}');
  qf_rc rc = question(t, t->dev.base, &b, &j, err);
  char *text = rc ? NULL : json_dumps(j, JSON_COMPACT);
  if (!rc)
    rc = text ? keep(t, "dictionary", text, err) : qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  if (!rc) {
    device d = t->dev;
    snprintf(d.dictionary, sizeof d.dictionary, "%s", version);
    rc = keep_device(t, &d, err);
    t->dev = rc ? t->dev : d;
  }
  free(text);
  json_decref(j);
  qf_buf_fini(&b);
  return rc;
}

static qf_rc check_dictionary(terminal *t, qf_err *err)
{
  qf_buf b;
  json_t *j = NULL;
  char version[sizeof t->dev.dictionary];
  if (!*t->dev.version)
    return QF_OK;
  who_am_i(t, &b);
  qf_buf_puts(&b, ",\"dicVersion\":");
  qf_buf_json(&b, t->dev.dictionary, strlen(t->dev.dictionary));
  qf_buf_putc(&b, '}');
  qf_rc rc = question(t, t->dev.version, &b, &j, err);
  if (!rc && *t->dev.base && text_of(j, "dicVersion", version, sizeof version) &&
      strcmp(version, t->dev.dictionary) != 0)
    rc = fetch_dictionary(t, version, err);
  json_decref(j);
  qf_buf_fini(&b);
  return rc;
}

static bool have_item(const terminal *t, const char *code, const char *stat)
{
  for (uint32_t i = 0; i < t->feeds; i++)
    if (strcmp(t->feed[i].code, code) == 0 && stat[0] == (char)('0' + t->feed[i].stat))
      return true;
  return false;
}

/* What the platform expects: the slot may have moved; an item that no section gives is told. */
static qf_rc check_config(terminal *t, qf_err *err)
{
  qf_buf b;
  json_t *j = NULL, *item;
  size_t i;
  char slot[16], code[QF_NECC_CODE + 1];
  if (!*t->dev.config)
    return QF_OK;
  who_am_i(t, &b);
  qf_buf_putc(&b, '}');
  qf_rc rc = question(t, t->dev.config, &b, &j, err);
  device d = t->dev;
  if (!rc && text_of(j, "uploadTime", slot, sizeof slot) && !qf_necc_slot(slot, &d.slot_s) &&
      d.slot_s != t->dev.slot_s) {
    rc = keep_device(t, &d, err);
    t->dev = rc ? t->dev : d;
  }
  json_array_foreach(json_object_get(j, "data"), i, item)
  {
    const char *want = json_string_value(json_object_get(item, "dataCode")),
               *stat = json_string_value(json_object_get(item, "statType"));
    qf_err why;
    if (!want || !stat || qf_necc_code(want, strlen(want), code, NULL) || have_item(t, code, stat))
      continue;
    qf_fail(&why, QF_NOTFOUND, "the platform expects %s (statType %.4s); no [item] gives it",
            "平台要求上传 %s（statType %.4s），但没有对应的 [item]", code, stat);
    told(t, NULL, 0, &why);
  }
  json_decref(j);
  qf_buf_fini(&b);
  return rc;
}

/* ---- sending */

static qf_rc send_some(terminal *t, qf_necc_window *w, uint32_t n, qf_err *err)
{
  qf_buf b;
  json_t *j = NULL;
  const qf_necc_sender who = {t->dev.id, t->enterprise, t->cipher};
  qf_us now = qf_city_now(t->env->city);
  qf_necc_record *r = malloc(n * sizeof *r);
  if (!r)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  for (uint32_t i = 0; i < n; i++) {
    r[i] = w[i].r;
    r[i].uploaded = now;
  }
  qf_buf_init(&b, QF_NECC_BODY_MAX);
  qf_rc rc = qf_necc_put_upload(&b, &who, r, n, err);
  if (!rc)
    rc = question(t, t->dev.data, &b, &j, err);
  if (!rc)
    rc = qf_necc_sent_add(&t->sent, t->feed, w, n, err);
  if (!rc)
    qf_link_took(t->link, n);
  json_decref(j);
  qf_buf_fini(&b);
  free(r);
  return rc;
}

/* A refused window: told, and not sent again before the next start or before it changes. */
static void skip(terminal *t, const qf_necc_window *w, const qf_err *why)
{
  qf_err err = {.rc = why->rc};
  char time[20];
  qf_necc_put_time(w->r.at, time);
  snprintf(err.en, sizeof err.en, "%.20s %.20s left out: %.180s", w->r.code, time, why->en);
  snprintf(err.zh, sizeof err.zh, "%.20s %.20s 未上传：%.180s", w->r.code, time, why->zh);
  told(t, NULL, 0, &err);
  qf_necc_left_out(&t->feed[w->feed], w);
}

enum { HELD = 16 }; /* refused one by one with none taken: it is we who are refused */

typedef struct halves {
  struct {
    uint32_t from, n;
  } todo[40]; /* one more for each halving */
  uint32_t depth, held[HELD], nheld;
  bool taken; /* some of them: the others are at fault themselves */
} halves;

static void add_half(halves *h, uint32_t from, uint32_t n)
{
  h->todo[h->depth].from = from;
  h->todo[h->depth++].n = n;
}

/* One of the parts was taken, or refused alone. QF_DENIED: too many were refused and none taken. */
static qf_rc part_done(terminal *t, halves *h, const qf_necc_window *w, uint32_t from, qf_rc rc, const qf_err *err)
{
  if (!rc) {
    h->taken = true;
    for (uint32_t i = 0; i < h->nheld; i++)
      skip(t, w + h->held[i], err);
    h->nheld = 0;
  } else if (h->taken) {
    skip(t, w + from, err);
  } else if (h->nheld == HELD) {
    return QF_DENIED;
  } else {
    h->held[h->nheld++] = from;
  }
  return QF_OK;
}

/* Send an upload. When the platform refuses it, by halves, until what it refuses stands alone and the rest has been taken: one
 * wrong window is not to hold up the others. When it takes none of them it refuses us. */
static qf_rc send_or_split(terminal *t, qf_necc_window *w, uint32_t n, qf_err *err)
{
  halves h = {0};
  qf_err why = {0};
  qf_rc rc = send_some(t, w, n, err);
  if (rc != QF_DENIED || n == 1)
    return rc;
  why = *err;
  add_half(&h, n / 2, n - n / 2);
  add_half(&h, 0, n / 2);
  for (rc = QF_OK; h.depth && !rc && !stopping(t);) {
    uint32_t from = h.todo[--h.depth].from, m = h.todo[h.depth].n;
    rc = send_some(t, w + from, m, err);
    if (rc == QF_DENIED)
      why = *err;
    if (rc == QF_DENIED && m > 1) {
      add_half(&h, from + m / 2, m - m / 2);
      add_half(&h, from, m / 2);
      rc = QF_OK;
    } else if (!rc || rc == QF_DENIED) {
      rc = part_done(t, &h, w, from, rc, &why);
    }
  }
  if (!rc && h.nheld) /* the end, and none taken */
    rc = QF_DENIED;
  if (rc == QF_DENIED)
    *err = why;
  return rc;
}

/* How complete this month is, for the page. */
static void show(terminal *t)
{
  uint64_t expected = 0, has = 0;
  qf_us now = qf_city_now(t->env->city) - t->delay_min * QF_US_MINUTE, from = qf_necc_begin(now, QF_NECC_MONTH, 0);
  if (from < t->since)
    from = t->since;
  for (uint32_t i = 0; i < t->feeds; i++)
    qf_necc_feed_count(&t->feed[i], from, now, &expected, &has);
  char month[24], en[160], zh[160];
  qf_necc_put_time(now, month);
  month[7] = 0;
  unsigned tenth = expected ? (unsigned)(has * 1000 / expected) : 0;
  const char *low = expected && has * 10 < expected * 9 ? " < 90 %" : "";
  snprintf(en, sizeof en, "%s: %llu of %llu sent, %u.%u %%%s", month, (unsigned long long)has,
           (unsigned long long)expected, tenth / 10, tenth % 10, low);
  snprintf(zh, sizeof zh, "%s：已上传 %llu／应传 %llu，%u.%u %%%s", month, (unsigned long long)has,
           (unsigned long long)expected, tenth / 10, tenth % 10, low);
  qf_link_note(t->link, en, zh);
}

typedef struct round {
  qf_necc_window *w;
  bool daily; /* days and months too */
  bool more;  /* the list was full: look again */
  uint64_t generation;
} round_;

/* Windows to send, the oldest accounts that changed first. */
static qf_rc look(terminal *t, round_ *r, qf_necc_look *l, qf_err *err)
{
  qf_us now = qf_city_now(t->env->city);
  qf_book_change change;
  bool full = !t->full_look || now - t->full_look >= FULL_LOOK_H * QF_US_HOUR;
  qf_us oldest = now - t->history_days * QF_US_DAY, recent = now - RECENT_DAYS * QF_US_DAY;
  qf_book_changed_since(qf_city_book(t->env->city), t->generation, &change);
  r->generation = change.generation;
  *l = (qf_necc_look){
      .from = recent, .to = now, .now = now - t->delay_min * QF_US_MINUTE, .out = r->w, .max = QF_NECC_TAKE};
  if (change.first_day != INT32_MAX && qf_day_cn_start(change.first_day) < l->from)
    l->from = qf_day_cn_start(change.first_day);
  if (full || change.unknown || l->from < oldest)
    l->from = oldest;
  if (l->from < t->since)
    l->from = t->since;
  qf_rc rc = QF_OK;
  for (uint32_t i = 0; !rc && i < t->feeds && l->n < l->max; i++)
    if (r->daily || t->feed[i].stat == QF_NECC_REALTIME)
      rc = qf_necc_feed_look(t->env->city, &t->feed[i], i, l, err);
  r->more = l->n == l->max;
  if (!rc && full && !r->more && r->daily)
    t->full_look = now;
  return rc;
}

/* Oldest first, and the items side by side: no item waits for all of another. */
static int by_time(const void *a, const void *b)
{
  const qf_necc_window *x = a, *y = b;
  if (x->r.at != y->r.at)
    return x->r.at < y->r.at ? -1 : 1;
  return x->feed < y->feed ? -1 : x->feed > y->feed;
}

static qf_rc send_all(terminal *t, bool daily, qf_err *err)
{
  qf_necc_look l = {0};
  round_ r = {.w = malloc(QF_NECC_TAKE * sizeof *r.w), .daily = daily};
  qf_rc rc = r.w ? QF_OK : qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  do {
    if (!rc)
      rc = look(t, &r, &l, err);
    if (!rc && l.n)
      qsort(l.out, l.n, sizeof *l.out, by_time);
    for (uint32_t i = 0; !rc && i < l.n && !stopping(t); i += (uint32_t)t->batch) {
      uint32_t left = l.n - i;
      rc = send_or_split(t, l.out + i, left < t->batch ? left : (uint32_t)t->batch, err);
      if (!rc) {
        show(t);
        if (left > t->batch)
          rest(t, t->pace_ms);
      }
    }
  } while (!rc && r.more && !stopping(t));
  if (!rc && daily && !stopping(t)) {
    t->generation = r.generation;
    t->daily = qf_city_now(t->env->city);
  }
  if (!rc)
    rc = qf_necc_sent_tidy(&t->sent, t->feed, t->feeds, err);
  free(r.w);
  return rc;
}

/* ---- the thread */

static qf_rc one_turn(terminal *t, bool daily, qf_err *err)
{
  qf_us now = qf_city_now(t->env->city);
  qf_rc rc = t->registered ? QF_OK : registers(t, err);
  if (!rc && (!t->checked || now - t->checked >= CHECK_H * QF_US_HOUR)) {
    rc = check_dictionary(t, err);
    if (!rc)
      rc = check_config(t, err);
    t->checked = rc ? t->checked : now;
  }
  if (!rc)
    rc = send_all(t, daily, err);
  if (rc == QF_DENIED &&
      t->registered) { /* the key may have been changed: ask, and keep the old one if there is no other */
    qf_err why;
    qf_rc again = registers(t, &why);
    if (again && again != QF_DENIED)
      *err = why;
  }
  return rc;
}

static int64_t pause_after_failure(terminal *t)
{
  int64_t ms = t->backoff_ms;
  for (uint32_t i = 0; i < t->failures && ms < t->backoff_max_ms; i++)
    ms *= 2;
  t->failures++;
  return ms < t->backoff_max_ms ? ms : t->backoff_max_ms;
}

/* Shortest realtime window there is, in seconds; a day without any. */
static uint32_t step_s(const terminal *t)
{
  uint32_t s = 86400;
  for (uint32_t i = 0; i < t->feeds; i++)
    if (t->feed[i].stat == QF_NECC_REALTIME && t->feed[i].minutes * 60 < s)
      s = t->feed[i].minutes * 60;
  return s;
}

/* Wait for our turn; says whether the day's slot has come since the last time. */
static bool wait_turn(terminal *t)
{
  if (!t->wait_slot) {
    uint64_t before = t->generation;
    for (int s = 0; s < 60 && !stopping(t) && qf_book_generation(qf_city_book(t->env->city)) == before; s++)
      rest(t, 1000);
    return true;
  }
  qf_us now = qf_city_now(t->env->city), turn = qf_necc_turn(now, t->dev.slot_s, step_s(t));
  while (!stopping(t) && (now = qf_city_now(t->env->city)) < turn) {
    int64_t ms = (turn - now) / 1000 + 1;
    rest(t, ms < 2000 ? ms : 2000); /* and look at the clock again: it may be set */
  }
  return t->daily < qf_necc_turn(now - QF_US_DAY, t->dev.slot_s, 86400);
}

static void *work(void *ud)
{
  terminal *t = ud;
  bool daily = true; /* after a start: whatever is owed */
  while (!stopping(t)) {
    qf_err err = {0};
    qf_rc rc = one_turn(t, daily, &err);
    if (stopping(t))
      break;
    show(t);
    qf_link_set(t->link, rc ? QF_LINK_BACKOFF : QF_LINK_UP, NULL);
    if (rc) {
      told(t, NULL, 0, &err);
      rest(t, pause_after_failure(t));
      continue;
    }
    t->failures = 0;
    daily = wait_turn(t);
  }
  return NULL;
}

/* ---- the file */

static qf_rc item_scale(qf_conf *c, const char *section, qf_dec *out, qf_err *err)
{
  const char *s = qf_conf_get(c, section, "scale");
  *out = qf_dec_int(1, 0);
  if (s && (qf_dec_parse(s, strlen(s), out) || out->mant == 0))
    return qf_fail(err, QF_SYNTAX, "[%.60s] scale = %.40s: not a decimal", "[%.60s] scale = %.40s：不是小数", section,
                   s);
  return QF_OK;
}

static qf_rc add_feed(terminal *t, const qf_necc_feed *like, const char *word, size_t n, qf_err *err)
{
  static const struct {
    const char *word;
    uint8_t stat;
    uint32_t minutes;
  } all[] = {{"15", QF_NECC_REALTIME, 15},
             {"30", QF_NECC_REALTIME, 30},
             {"60", QF_NECC_REALTIME, 60},
             {"day", QF_NECC_DAY, 0},
             {"month", QF_NECC_MONTH, 0}};
  size_t k = 0;
  while (k < sizeof all / sizeof *all && (strlen(all[k].word) != n || strncmp(all[k].word, word, n) != 0))
    k++;
  if (k == sizeof all / sizeof *all)
    return qf_fail(err, QF_SYNTAX, "%.40s: windows are 15, 30, 60, day, month",
                   "%.40s：windows 应为 15、30、60、day、month", word);
  qf_necc_feed *more = realloc(t->feed, (t->feeds + 1) * sizeof *more);
  if (!more)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  t->feed = more;
  if (t->feeds == QF_NECC_FEEDS_MAX)
    return qf_fail(err, QF_RANGE, "more than %d items", "采集项超过 %d 个", (int)QF_NECC_FEEDS_MAX);
  qf_necc_feed *f = &t->feed[t->feeds];
  *f = *like;
  f->stat = all[k].stat;
  f->minutes = all[k].minutes;
  int64_t days = t->history_days + 2;
  f->cells = (uint32_t)(f->minutes ? days * 1440 / f->minutes : f->stat == QF_NECC_DAY ? days : days / 28 + 2);
  f->cell = calloc(f->cells, sizeof *f->cell);
  if (!f->cell)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  t->feeds++;
  qf_buf id;
  uint8_t sum[32];
  qf_buf_init(&id, 4096);
  qf_buf_printf(&id, "%s|%s|%s|%u|%u|%s|", t->where, t->enterprise, f->code, f->stat, f->minutes, f->series);
  qf_dec_write(&id, f->scale);
  qf_sha256(id.data ? id.data : "", id.len, sum);
  memcpy(&f->id, sum, sizeof f->id);
  qf_buf_fini(&id);
  return QF_OK;
}

static qf_rc add_item(terminal *t, qf_conf *c, const char *section, qf_err *err)
{
  const char *code = qf_conf_get(c, section, "code"), *windows = qf_conf_get(c, section, "windows");
  int64_t input = 4;
  qf_necc_feed f = {.series = qf_conf_get(c, section, "point")};
  if (!code || !f.series)
    return qf_fail(err, QF_SYNTAX, "[%.60s] needs code and point", "[%.60s] 须有 code 与 point", section);
  qf_rc rc = qf_necc_code(code, strlen(code), f.code, err);
  if (!rc)
    rc = qf_conf_int(c, section, "input", 1, 5, 4, &input, err);
  if (!rc)
    rc = item_scale(c, section, &f.scale, err);
  f.input = (uint8_t)input;
  snprintf(f.name, sizeof f.name, "%s", section + 5);
  if (!windows)
    windows = "15 day month";
  for (const char *s = windows; !rc && *s;) {
    size_t n = strcspn(s, " ,");
    rc = n ? add_feed(t, &f, s, n, err) : QF_OK;
    s += n;
    s += strspn(s, " ,");
  }
  return rc;
}

static qf_rc read_numbers(terminal *t, qf_conf *c, qf_err *err)
{
  const struct {
    const char *key;
    int64_t min, max, otherwise, *to;
  } all[] = {{"delay_min", 0, 1440, 10, &t->delay_min},
             {"pace_ms", 0, 60000, 200, &t->pace_ms},
             {"timeout_ms", 100, 600000, 30000, &t->timeout_ms},
             {"backoff_ms", 10, 3600000, 1000, &t->backoff_ms},
             {"backoff_max_ms", 10, 86400000, 300000, &t->backoff_max_ms},
             {"history_days", 1, 400, 184, &t->history_days},
             {"batch", 1, QF_NECC_DATA_MAX, 500, &t->batch}};
  qf_rc rc = QF_OK;
  for (size_t i = 0; !rc && i < sizeof all / sizeof *all; i++)
    rc = qf_conf_int(c, "collector", all[i].key, all[i].min, all[i].max, all[i].otherwise, all[i].to, err);
  return rc;
}

/* "host:port" -> host. */
static void name_of(const char *where, char *out, size_t size)
{
  const char *colon = where ? strrchr(where, ':') : NULL;
  bool brackets = colon && *where == '[' && colon[-1] == ']';
  snprintf(out, size, "%.*s", colon ? (int)(colon - where) - 2 * brackets : 0, colon ? where + brackets : "");
}

static qf_rc read_conf(terminal *t, qf_conf *c, qf_ask_to *to, qf_err *err)
{
  const char *slot = qf_conf_get(c, "collector", "wait_slot"), *plain = qf_conf_get(c, "collector", "plain"), *section,
             *since = qf_conf_get(c, "collector", "since");
  t->enterprise = qf_conf_get(c, "collector", "enterprise");
  t->region = qf_conf_get(c, "collector", "region");
  t->where = qf_conf_get(c, "collector", "connect");
  t->path = qf_conf_get(c, "collector", "path");
  if (!t->path)
    t->path = "/enterprise/register";
  to->tls_ca = qf_conf_path(c, "collector", "tls_ca");
  to->tls_cert = qf_conf_path(c, "collector", "tls_cert");
  to->tls_key = qf_conf_path(c, "collector", "tls_key");
  name_of(t->where, t->called, sizeof t->called);
  t->wait_slot = !slot || strcmp(slot, "no") != 0;
  qf_rc rc = qf_conf_addr(c, "collector", "connect", t->host, sizeof t->host, &t->port, err);
  if (!rc)
    rc = read_numbers(t, c, err);
  if (!rc && since && qf_tm_parse(since, strlen(since), &t->since))
    rc = qf_fail(err, QF_SYNTAX, "since = %.40s: not a date", "since = %.40s：不是日期", since);
  if (!rc && (!t->enterprise || !t->region || strspn(t->region, "0123456789") != 6 || strlen(t->region) != 6))
    rc = qf_fail(err, QF_SYNTAX, "enterprise (the unit's USCC) and region (six digits) are needed",
                 "须设置 enterprise（统一社会信用代码）与 region（6 位行政区划代码）");
  if (!rc)
    rc = qf_uscc_check(t->enterprise, strlen(t->enterprise), err);
  if (!rc && !to->tls_ca && !qf_door_plain(t->host, plain))
    rc = qf_fail(err, QF_DENIED,
                 "tls_ca is needed: the key would go over the net for all to read (plain = yes allows it)",
                 "须设置 tls_ca：否则密钥将明文传输（plain = yes 可强制允许）");
  for (uint32_t i = 0; !rc && (section = qf_conf_section(c, i)); i++)
    if (strncmp(section, "item ", 5) == 0)
      rc = add_item(t, c, section, err);
  if (!rc && !t->feeds)
    rc = qf_fail(err, QF_SYNTAX, "no [item NAME] is given", "没有 [item 名称]");
  return rc;
}

static void drop(terminal *t)
{
  qf_ask_free(t->ask);
  qf_necc_cipher_free(t->cipher);
  qf_necc_sent_close(&t->sent);
  for (uint32_t i = 0; i < t->feeds; i++)
    free(t->feed[i].cell);
  free(t->feed);
  pthread_mutex_destroy(&t->mx);
  pthread_cond_destroy(&t->cv);
  free(t);
}

static terminal *make(const qf_collect_env *env, const char *name)
{
  pthread_condattr_t monotonic;
  terminal *t = calloc(1, sizeof *t);
  if (!t)
    return NULL;
  t->env = env;
  t->sent.fd = -1;
  snprintf(t->name, sizeof t->name, "%s", name);
  pthread_mutex_init(&t->mx, NULL);
  pthread_condattr_init(&monotonic);
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  pthread_cond_init(&t->cv, &monotonic);
  pthread_condattr_destroy(&monotonic);
  return t;
}

static qf_rc start(const qf_collect_env *env, qf_conf *conf, void **self, qf_err *err)
{
  terminal *t = make(env, qf_conf_name(conf));
  qf_ask_to to = {.body_max = REPLY_MAX};
  if (!t)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  qf_rc rc = read_conf(t, conf, &to, err);
  if (!rc) {
    file_of(t, "sent", t->sent.path);
    rc = qf_necc_sent_open(&t->sent, t->feed, t->feeds, err);
  }
  if (!rc) {
    to.type = "application/json";
    to.host = t->host;
    to.name = t->where;
    to.tls_name = t->called;
    to.port = t->port;
    to.timeout_ms = (uint32_t)t->timeout_ms;
    t->ask = qf_ask_new(env->loop, &to);
    t->link = qf_link_of(env->links, t->name, "necc_unit", t->enterprise);
    if (!t->ask || !t->link)
      rc = qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  }
  if (!rc) {
    load_device(t);
    qf_link_set(t->link, QF_LINK_DOWN, t->where);
    if (pthread_create(&t->thread, NULL, work, t))
      rc = qf_fail(err, QF_NOMEM, "no thread", "无法建立线程");
  }
  if (rc) {
    drop(t);
    return rc;
  }
  *self = t;
  return QF_OK;
}

static void stop(void *self)
{
  terminal *t = self;
  pthread_mutex_lock(&t->mx);
  t->stopping = true;
  pthread_cond_signal(&t->cv);
  pthread_mutex_unlock(&t->mx);
  qf_ask_stop(t->ask);
  pthread_join(t->thread, NULL);
  drop(t);
}

const qf_kind qf_kind_necc_unit = {"necc_unit", start, stop};
