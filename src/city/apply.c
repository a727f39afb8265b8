/* Applying: one durable entry after the other to readings, meter and book, on one thread. The order is the journal's,
 * so a rebuild goes through the very same states. Alarms are the one thing the wall clock decides (a silent point):
 * they are journalled as events when they happen and come into the book from there, never from a replay's meter. */
#include "city/internal.h"
#include "journal/batch.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COMMIT_ROWS 400000u /* book rows gathered before a commit while catching up */
#define SAVE_ROWS 20000000u /* readings between two snapshots, so that a start replays at most these */
#define SAVE_EVERY (120 * QF_US_SECOND)
#define ROOM_EVERY (5 * QF_US_SECOND) /* how often saving to a full disk is tried again */
#define SEAL_GRACE (2 * QF_US_HOUR)   /* a Beijing day is sealed this long after its end */

static void keep(qf_city *c, qf_rc rc, const qf_err *err)
{
  if (rc && !c->sink_rc) {
    c->sink_rc = rc;
    c->sink_err = *err;
  }
}

/* What the meter tells makes the book dirty by itself: a description lets it tell what it had, and no entry may follow. */
static void on_hours(void *ud, const qf_hour *h, size_t n)
{
  qf_city *c = ud;
  qf_err err = {0};
  c->dirty = true;
  c->book_rows += n;
  keep(c, qf_book_hours(c->book, h, n, &err), &err);
}

static void on_days(void *ud, const qf_day *d, size_t n)
{
  qf_city *c = ud;
  qf_err err = {0};
  c->dirty = true;
  c->book_rows += n;
  keep(c, qf_book_days(c->book, d, n, &err), &err);
}

static void on_restart(void *ud, uint32_t point, qf_us from)
{
  qf_city *c = ud;
  qf_err err = {0};
  c->dirty = true;
  keep(c, qf_book_restart(c->book, point, from, &err), &err);
}

/* Room for one more; while replaying only the newest of each point and kind is of interest, so it stays small. */
qf_rc qf_city_alarm_add(qf_city *c, const qf_alarm *a)
{
  bool full = c->nalarms == c->alarms_cap;
  if (full && c->replaying && qf_city_alarms_newest(c->alarms, &c->nalarms))
    return QF_NOMEM;
  if (full && c->nalarms >= c->alarms_cap - c->alarms_cap / 4) {
    size_t cap = c->alarms_cap ? c->alarms_cap * 2 : 64;
    qf_alarm *p = realloc(c->alarms, cap * sizeof *p);
    if (!p)
      return QF_NOMEM;
    c->alarms = p;
    c->alarms_cap = cap;
  }
  c->alarms[c->nalarms++] = *a;
  return QF_OK;
}

/* An alarm is only gathered here: a storm of thousands must not cost a look into the book for each. */
static void on_alarm(void *ud, const qf_alarm *a)
{
  qf_city *c = ud;
  qf_err err = {0};
  if (c->bulk && c->replaying) /* a replay for comparison, or of data being built */
    return;
  if (qf_city_alarm_add(c, a))
    keep(c, qf_fail(&err, QF_NOMEM, "out of memory", "内存不足"), &err);
}

static int by_alarm(const void *x, const void *y)
{
  const qf_alarm *a = x, *b = y;
  if (a->ts_us != b->ts_us)
    return a->ts_us < b->ts_us ? -1 : 1;
  if (a->point != b->point)
    return a->point < b->point ? -1 : 1;
  if (a->kind != b->kind)
    return a->kind < b->kind ? -1 : 1;
  return (a->active > b->active) - (a->active < b->active);
}

typedef struct asked { /* sorted alarms and which of them the book has */
  const qf_alarm *a;
  bool *known;
  size_t n;
} asked;

static bool note_known(void *ud, const qf_cell *v, size_t n)
{
  asked *q = ud;
  if (n != 4)
    return false;
  qf_alarm a = {.point = (uint32_t)v[0].i, .kind = (uint8_t)v[1].i, .active = v[2].i != 0, .ts_us = v[3].i};
  const qf_alarm *hit = bsearch(&a, q->a, q->n, sizeof a, by_alarm);
  if (hit)
    q->known[hit - q->a] = true;
  return true;
}

static void journal_alarm(qf_city *c, const qf_alarm *a)
{
  char body[400];
  int n = snprintf(
      body, sizeof body,
      "{\"kind\":\"alarm\",\"point\":%u,\"alarm\":%u,\"active\":%s,\"ts_us\":%lld,\"value\":%.12g,\"limit\":%.12g}",
      a->point, a->kind, a->active ? "true" : "false", (long long)a->ts_us, a->value, a->limit);
  json_t *event = n > 0 && (size_t)n < sizeof body ? json_loads(body, 0, NULL) : NULL;
  if (!event)
    return; /* an infinite value: nothing that can be shown */
  if (c->alarms_json.len && !c->alarms_json.failed)
    qf_buf_putc(&c->alarms_json, ',');
  qf_buf_puts(&c->alarms_json, body);
  /* The apply thread must not wait for the journal: the entry comes back through the queue like any other. */
  qf_err err = {0};
  keep(c, qf_city_event(c, event, NULL, &err), &err);
  json_decref(event);
}

/* Journal the alarms gathered since the last time, but those that the book has: after a restart the meter may come to
 * the same judgement of the same hour again. One query for all of them. */
static qf_rc send_alarms(qf_city *c, qf_err *err)
{
  if (c->nalarms == 0 || c->replaying)
    return QF_OK;
  qf_alarm *sorted = malloc(c->nalarms * sizeof *sorted);
  asked q = {sorted, calloc(c->nalarms, sizeof(bool)), c->nalarms};
  if (!sorted || !q.known) {
    free(sorted);
    free(q.known);
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  }
  memcpy(sorted, c->alarms, c->nalarms * sizeof *sorted);
  qsort(sorted, c->nalarms, sizeof *sorted, by_alarm);
  qf_param p[] = {{.kind = 1, .i = q.a[0].ts_us}, {.kind = 1, .i = q.a[q.n - 1].ts_us}};
  qf_err ignored = {0}; /* a repeated alarm is better than none */
  (void)!qf_book_query(c->book,
                       "SELECT point, kind, CAST(active AS INTEGER), epoch_us(\"at\") FROM alarm "
                       "WHERE epoch_us(\"at\") BETWEEN ?1 AND ?2",
                       p, 2, note_known, &q, &ignored);
  for (size_t i = 0; i < q.n; i++) { /* in the order of their judgement */
    const qf_alarm *hit = bsearch(&c->alarms[i], q.a, q.n, sizeof *q.a, by_alarm);
    if (!hit || !q.known[hit - q.a])
      journal_alarm(c, &c->alarms[i]);
  }
  free(sorted);
  free(q.known);
  c->nalarms = 0;
  return QF_OK;
}

static qf_rc source_range(void *ud, uint32_t point, qf_us from, qf_us to, bool (*fn)(void *, const qf_reading *),
                          void *fn_ud)
{
  qf_city *c = ud;
  qf_err err = {0};
  qf_rc rc = qf_readings_range(c->readings, point, from, to, fn, fn_ud, &err);
  keep(c, rc, &err);
  return rc;
}

void qf_city_sinks(qf_city *c, qf_meter_sink *sink, qf_meter_source *source)
{
  *sink = (qf_meter_sink){on_hours, on_days, on_alarm, on_restart, c};
  *source = (qf_meter_source){source_range, c};
}

static qf_rc apply_readings(qf_city *c, const qf_entry *e, const qf_batch *decoded, qf_err *err)
{
  if (!decoded) {
    qf_rc rc = qf_batch_decode(e->body, e->len, &c->scratch, err);
    if (rc)
      return rc;
    decoded = &c->scratch;
  }
  uint32_t known = qf_registry_count(c->registry);
  for (uint32_t i = 0; i < decoded->n; i++)
    if (decoded->point[i] == 0 || decoded->point[i] > known)
      return qf_fail(err, QF_CORRUPT, "journal entry %llu names series %u, which was never defined",
                     "日志第 %llu 条引用了未定义的序列 %u", (unsigned long long)e->seq, decoded->point[i]);
  if (e->seq > qf_readings_durable_seq(c->readings)) {
    qf_rc rc = qf_readings_add(c->readings, decoded, e->seq, err);
    if (rc)
      return rc;
  }
  if (e->seq > c->meter_seq) {
    qf_rc rc = qf_meter_feed(c->meter, decoded, e->at_us);
    if (rc)
      return qf_fail(err, rc, "meter: entry %llu could not be fed", "计量：第 %llu 条未能处理",
                     (unsigned long long)e->seq);
  }
  c->rows_since_save += decoded->n;
  atomic_fetch_add(&c->stat_rows, decoded->n);
  for (uint32_t i = 0; !c->replaying && i < decoded->n && c->ntouched < QF_LIVE_POINTS_MAX; i++)
    if (c->ntouched == 0 || c->touched[c->ntouched - 1] != decoded->point[i])
      c->touched[c->ntouched++] = decoded->point[i];
  return QF_OK;
}

static qf_rc apply_series(qf_city *c, const qf_entry *e, qf_err *err)
{
  qf_rd r = {e->body, e->body + e->len, false};
  uint64_t id = qf_rd_varint(&r);
  size_t len = (size_t)(r.end - r.p);
  if (r.bad || id == 0 || id > QF_SERIES_MAX || len == 0 || len > QF_SERIES_KEY_MAX)
    return qf_fail(err, QF_CORRUPT, "journal entry %llu: malformed series", "日志第 %llu 条：序列格式错误",
                   (unsigned long long)e->seq);
  pthread_mutex_lock(&c->series_mx); /* whoever adds a series journals it first and publishes it under this lock */
  pthread_mutex_unlock(&c->series_mx);
  if (id > qf_registry_count(c->registry)) { /* replay */
    uint32_t got = 0;
    qf_rc rc = qf_registry_add(c->registry, (const char *)r.p, len, &got);
    if (rc || got != id)
      return qf_fail(err, rc ? rc : QF_CORRUPT, "journal entry %llu: series %llu out of order",
                     "日志第 %llu 条：序列 %llu 次序错误", (unsigned long long)e->seq, (unsigned long long)id);
  }
  if (e->seq <= qf_book_applied_seq(c->book))
    return QF_OK;
  return qf_book_series(c->book, (uint32_t)id, (const char *)r.p, len, e->seq, err);
}

static qf_rc apply_one_record(qf_city *c, const json_t *rec, const qf_entry *e, qf_err *err)
{
  if (e->seq > qf_book_applied_seq(c->book)) {
    qf_rc rc = qf_book_record(c->book, rec, e->seq, err);
    if (rc)
      return rc;
    c->book_rows++;
  }
  qf_city_restated(c, rec, e->seq);
  return e->seq > c->meter_seq ? qf_city_describe(c, rec, err) : QF_OK; /* the snapshot knows the earlier ones */
}

static qf_rc apply_records(qf_city *c, const qf_entry *e, qf_err *err)
{
  json_t *j = json_loadb((const char *)e->body, e->len, JSON_REJECT_DUPLICATES, NULL);
  const json_t *list = json_object_get(j, "records");
  qf_rc rc = j ? QF_OK
               : qf_fail(err, QF_CORRUPT, "journal entry %llu is not JSON", "日志第 %llu 条不是 JSON",
                         (unsigned long long)e->seq);
  if (j && !list)
    rc = apply_one_record(c, j, e, err);
  for (size_t i = 0; !rc && i < json_array_size(list); i++)
    rc = apply_one_record(c, json_array_get(list, i), e, err);
  json_decref(j);
  return rc;
}

static qf_rc apply_event(qf_city *c, const qf_entry *e, qf_err *err)
{
  if (e->seq <= qf_book_applied_seq(c->book))
    return QF_OK;
  json_t *j = json_loadb((const char *)e->body, e->len, JSON_REJECT_DUPLICATES, NULL);
  if (!j)
    return qf_fail(err, QF_CORRUPT, "journal entry %llu is not JSON", "日志第 %llu 条不是 JSON",
                   (unsigned long long)e->seq);
  const char *kind = json_string_value(json_object_get(j, "kind"));
  qf_rc rc;
  c->book_rows++;
  if (kind && strcmp(kind, "alarm") == 0) {
    qf_alarm a = {.point = (uint32_t)json_integer_value(json_object_get(j, "point")),
                  .kind = (uint8_t)json_integer_value(json_object_get(j, "alarm")),
                  .active = json_is_true(json_object_get(j, "active")),
                  .ts_us = json_integer_value(json_object_get(j, "ts_us")),
                  .value = json_number_value(json_object_get(j, "value")),
                  .limit = json_number_value(json_object_get(j, "limit"))};
    rc = qf_book_alarm(c->book, &a, e->seq, err);
  } else {
    rc = qf_book_event(c->book, j, e->seq, e->at_us, err);
  }
  json_decref(j);
  return rc;
}

qf_rc qf_city_apply(qf_city *c, const qf_entry *e, const qf_batch *decoded, qf_err *err)
{
  qf_rc rc = QF_OK;
  switch ((qf_entry_type)e->type) {
  case QF_ENTRY_SERIES:
    rc = apply_series(c, e, err);
    break;
  case QF_ENTRY_READINGS:
    rc = apply_readings(c, e, decoded, err);
    break;
  case QF_ENTRY_RECORD:
    rc = apply_records(c, e, err);
    break;
  case QF_ENTRY_EVENT:
    rc = apply_event(c, e, err);
    break;
  case QF_ENTRY_CITY: /* identity: read at open */
  case QF_ENTRY_SEAL: /* evidence for verify */
  case QF_ENTRY_TEXT: /* kept in the journal; the newest is shown from memory */
    break;
  default: /* written by a newer version: refusing is better than passing over what it meant */
    rc = qf_fail(err, QF_CORRUPT, "journal entry %llu has type %u, which this version does not know",
                 "日志第 %llu 条类型 %u 为本版本所不识", (unsigned long long)e->seq, e->type);
  }
  if (!rc && c->sink_rc) {
    rc = c->sink_rc;
    if (err)
      *err = c->sink_err;
  }
  if (e->seq > c->applied) /* a replay may begin before the snapshot that the meter was loaded from */
    c->applied = e->seq;
  c->dirty = true;
  return rc;
}

/* ---- once a second */

static void publish_live(qf_city *c)
{
  pthread_mutex_lock(&c->live_mx);
  if (c->live && (c->ntouched || c->alarms_json.len)) {
    qf_buf b;
    qf_buf_init(&b, 1u << 20);
    qf_buf_printf(&b, "{\"seq\":%llu,\"generation\":%llu,\"points\":[", (unsigned long long)c->applied,
                  (unsigned long long)qf_book_generation(c->book));
    for (uint32_t i = 0; i < c->ntouched; i++) {
      qf_point_live p;
      if (!qf_meter_get(c->meter, c->touched[i], &p))
        continue;
      qf_buf_printf(&b, "%s{\"id\":%u,\"value\":", b.data[b.len - 1] == '[' ? "" : ",", c->touched[i]);
      qf_num_write(&b, p.last.v);
      qf_buf_printf(&b, ",\"ts\":%lld}", (long long)(p.last.ts_us / 1000));
    }
    qf_buf_puts(&b, "],\"alarms\":[");
    if (c->alarms_json.len)
      qf_buf_put(&b, c->alarms_json.data, c->alarms_json.len);
    qf_buf_puts(&b, "]}");
    if (!b.failed)
      c->live(c->live_ud, b.data, b.len);
    qf_buf_fini(&b);
  }
  pthread_mutex_unlock(&c->live_mx);
  c->ntouched = 0;
  qf_buf_reset(&c->alarms_json);
}

static void on_seal(void *ud, const qf_seal *s)
{
  qf_city *c = ud;
  if (c->replaying)
    return;
  char hex[65], body[400], day[16];
  qf_buf b;
  qf_buf_init(&b, sizeof day);
  qf_day_write(&b, s->day);
  qf_hex(s->sha256, 32, hex);
  int n = snprintf(body, sizeof body,
                   "{\"day\":\"%.*s\",\"file\":\"%.100s\",\"readings\":%llu,\"bytes\":%llu,\"sha256\":\"%s\"}",
                   (int)b.len, b.data ? b.data : "", s->file ? s->file : "", (unsigned long long)s->readings,
                   (unsigned long long)s->bytes, hex);
  qf_buf_fini(&b);
  qf_err err = {0};
  if (n > 0 && (size_t)n < sizeof body)
    keep(c, qf_journal_commit(c->journal, QF_ENTRY_SEAL, body, (size_t)n, NULL, &err), &err);
}

/* Snapshot file meter.state: magic "QFMS", u32 crc32c of the rest, u64 seq, meter bytes; written aside, synced,
 * renamed. */
static qf_rc write_snapshot(qf_city *c, const qf_buf *b, qf_err *err)
{
  char tmp[4100], path[4100];
  snprintf(path, sizeof path, "%s/meter.state", c->dir);
  snprintf(tmp, sizeof tmp, "%s/meter.state.new", c->dir);
  int fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  bool ok = fd >= 0;
  for (size_t off = 0; ok && off < b->len;) {
    ssize_t n = write(fd, b->data + off, b->len - off);
    if (n < 0 && errno == EINTR)
      continue;
    ok = n > 0;
    off += ok ? (size_t)n : 0;
  }
  ok = ok && fdatasync(fd) == 0;
  if (fd >= 0)
    ok = close(fd) == 0 && ok;
  ok = ok && rename(tmp, path) == 0;
  int e = errno;
  return ok ? QF_OK : qf_fail(err, e == ENOSPC || e == EDQUOT ? QF_FULL : QF_IO, "%s: %s", "%s：%s", path, strerror(e));
}

/* A replay may begin before what the book already has: its sequence must never go back. */
static qf_rc commit(qf_city *c, qf_err *err)
{
  uint64_t has = qf_book_applied_seq(c->book);
  c->book_rows = 0;
  c->dirty = false;
  return qf_book_commit(c->book, c->applied > has ? c->applied : has, err);
}

qf_rc qf_city_commit(qf_city *c, qf_err *err)
{
  return c->dirty ? commit(c, err) : QF_OK;
}

qf_rc qf_city_save(qf_city *c, qf_err *err)
{
  qf_rc rc = qf_readings_flush(c->readings, err);
  if (!rc)
    rc = commit(c, err);
  if (rc)
    return rc;
  qf_buf b;
  qf_buf_init(&b, (size_t)8 << 30);
  qf_buf_puts(&b, "QFMS");
  qf_buf_u32(&b, 0);
  qf_buf_u64(&b, c->applied);
  rc = qf_meter_save(c->meter, &b);
  if (!rc && !b.failed) {
    const uint32_t crc = qf_crc32c(0, b.data + 8, b.len - 8);
    for (int i = 0; i < 4; i++)
      b.data[4 + i] = (char)(crc >> (8 * i) & 0xff);
    rc = write_snapshot(c, &b, err);
  }
  qf_buf_fini(&b);
  if (!rc) {
    c->rows_since_save = 0;
    c->last_save = qf_city_now(c);
    c->book_rows = 0;
  }
  return rc;
}

static qf_rc seal_old_days(qf_city *c, qf_us now, qf_err *err)
{
  int32_t before = qf_day_cn(now - SEAL_GRACE);
  if (before <= c->sealed_before)
    return QF_OK;
  qf_rc rc = qf_city_save(c, err);
  if (!rc)
    rc = qf_readings_seal(c->readings, before, on_seal, c, err);
  if (!rc)
    c->sealed_before = before;
  return rc;
}

/* What the seconds bring, in the order in which one feeds the next: the meter's time goes on, alarms and what it found reach the
 * book, and who follows is told. */
static qf_rc once_a_second(qf_city *c, qf_us now, qf_err *err)
{
  qf_rc rc = qf_meter_tick(c->meter, now);
  return rc ? rc : send_alarms(c, err);
}

static bool wants_saving(const qf_city *c, qf_us now)
{
  return c->rows_since_save >= SAVE_ROWS || (c->rows_since_save && now - c->last_save > SAVE_EVERY);
}

/* Memory to files, and old days sealed. The journal has all of it: with a full disk it waits, and is tried again. */
static qf_rc keep_house(qf_city *c, qf_us now, bool due, qf_err *err)
{
  if (c->no_room_at && now - c->no_room_at < ROOM_EVERY && now >= c->no_room_at)
    return QF_OK;
  qf_rc rc = wants_saving(c, now) ? qf_city_save(c, err) : QF_OK;
  if (!rc && due && !c->replaying)
    rc = seal_old_days(c, now, err);
  if (rc == QF_FULL && !c->replaying) {
    if (!c->no_room_at)
      fprintf(stderr, "qingfeng: saving waits for room on the disk: %s / %s\n", err->en, err->zh);
    c->no_room_at = now;
    atomic_store(&c->stat_no_room, true);
    return QF_OK;
  }
  c->no_room_at = 0;
  atomic_store(&c->stat_no_room, false);
  return rc;
}

qf_rc qf_city_tick(qf_city *c, bool all, qf_err *err)
{
  qf_us now = qf_city_now(c);
  bool due = all || now - c->last_tick >= QF_US_SECOND || now < c->last_tick;
  if (!due && c->book_rows < COMMIT_ROWS && c->rows_since_save < SAVE_ROWS)
    return QF_OK;
  qf_rc rc = due ? once_a_second(c, now, err) : QF_OK;
  if (!rc && c->sink_rc) {
    rc = c->sink_rc;
    *err = c->sink_err;
  }
  if (!rc && c->dirty)
    rc = commit(c, err);
  if (!rc && due) {
    c->last_tick = now;
    if (!c->replaying && c->figures)
      publish_live(c);
  }
  if (!rc)
    rc = keep_house(c, now, due, err);
  if (!rc && due && !c->replaying)
    qf_city_proof_tick(c, now);
  return rc;
}
