/* After a replay: the alarms it came to, against those of the book.
 *
 * A replay journals nothing, yet it may be the only one to see an alarm begin or end: the entry that caused it was durable,
 * the process ended before the alarm was. So the newest alarm of each (point, kind) is kept while replaying; those whose
 * state differs from the book's are journalled with the first tick. And what the book calls active although the meter,
 * whose snapshot already knew the end, does not, is ended now. */
#include "city/internal.h"
#include <stdlib.h>

typedef struct placed {
  qf_alarm a;
  size_t order;
} placed;

static int by_key(const void *x, const void *y)
{
  const qf_alarm *a = x, *b = y;
  if (a->point != b->point)
    return a->point < b->point ? -1 : 1;
  return (a->kind > b->kind) - (a->kind < b->kind);
}

static int by_key_and_order(const void *x, const void *y)
{
  const placed *a = x, *b = y;
  int d = by_key(&a->a, &b->a);
  return d ? d : (a->order > b->order) - (a->order < b->order);
}

qf_rc qf_city_alarms_newest(qf_alarm *a, size_t *n)
{
  placed *p = *n ? malloc(*n * sizeof *p) : NULL;
  size_t left = 0;
  if (*n && !p)
    return QF_NOMEM;
  for (size_t i = 0; i < *n; i++)
    p[i] = (placed){a[i], i};
  if (*n)
    qsort(p, *n, sizeof *p, by_key_and_order);
  for (size_t i = 0; i < *n; i++)
    if (i + 1 == *n || by_key(&p[i].a, &p[i + 1].a) != 0)
      a[left++] = p[i].a;
  *n = left;
  free(p);
  return QF_OK;
}

typedef struct held { /* the replay's alarms by key, and what the book says of them */
  qf_city *c;
  bool *same;
  qf_alarm *more; /* to be ended: the meter no longer has them, and the replay did not see it */
  size_t nmore, cap;
  qf_rc rc;
} held;

static void end_it(held *h, const qf_alarm *book)
{
  if (h->nmore == h->cap) {
    size_t cap = h->cap ? h->cap * 2 : 64;
    qf_alarm *p = realloc(h->more, cap * sizeof *p);
    if (!p) {
      h->rc = QF_NOMEM;
      return;
    }
    h->more = p;
    h->cap = cap;
  }
  h->more[h->nmore] = *book;
  h->more[h->nmore].active = false;
  h->more[h->nmore++].ts_us = qf_city_now(h->c);
}

static bool note_book(void *ud, const qf_cell *v, size_t n)
{
  held *h = ud;
  if (n != 5)
    return false;
  qf_alarm book = {.point = (uint32_t)v[0].i,
                   .kind = (uint8_t)v[1].i,
                   .active = v[2].i != 0,
                   .value = v[3].kind == 3 ? v[3].d : 0,
                   .limit = v[4].kind == 3 ? v[4].d : 0};
  const qf_alarm *hit = h->c->nreplayed ? bsearch(&book, h->c->alarms, h->c->nreplayed, sizeof book, by_key) : NULL;
  qf_point_live p;
  if (hit)
    h->same[hit - h->c->alarms] = hit->active == book.active;
  else if (book.active && qf_meter_get(h->c->meter, book.point, &p) && !(p.alarms >> book.kind & 1))
    end_it(h, &book);
  return h->rc == QF_OK;
}

/* The begin of what the book never had as active is news; the end of it is not. */
static void drop_known(held *h)
{
  qf_city *c = h->c;
  size_t left = 0;
  for (size_t i = 0; i < c->nalarms; i++)
    if (i >= c->nreplayed || !h->same[i])
      c->alarms[left++] = c->alarms[i];
  c->nalarms = left;
}

qf_rc qf_city_reconcile(qf_city *c, qf_err *err)
{
  qf_rc rc = qf_city_alarms_newest(c->alarms, &c->nalarms);
  c->nreplayed = c->nalarms;
  held h = {.c = c, .same = calloc(c->nalarms + 1, sizeof(bool))};
  if (rc || !h.same) {
    free(h.same);
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  }
  for (size_t i = 0; i < c->nreplayed; i++) /* an end without a begin in the book says nothing */
    h.same[i] = !c->alarms[i].active;
  rc =
      qf_book_query(c->book,
                    "SELECT point, kind, CAST(arg_max(active, seq) AS INTEGER), arg_max(value, seq), arg_max(lim, seq) "
                    "FROM alarm GROUP BY point, kind",
                    NULL, 0, note_book, &h, err);
  if (!rc && h.rc)
    rc = qf_fail(err, h.rc, "out of memory", "内存不足");
  if (!rc)
    drop_known(&h);
  for (size_t i = 0; !rc && i < h.nmore; i++)
    rc = qf_city_alarm_add(c, &h.more[i]) ? qf_fail(err, QF_NOMEM, "out of memory", "内存不足") : QF_OK;
  free(h.more);
  free(h.same);
  return rc;
}

static bool note_told(void *ud, const qf_cell *v, size_t n)
{
  *(int64_t *)ud = n == 1 ? v[0].i : 0;
  return false;
}

static qf_rc journal_event(qf_city *c, json_t *event, qf_err *err)
{
  qf_rc rc = event ? qf_city_event(c, event, NULL, err) : qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  json_decref(event);
  return rc;
}

/* Alarm 7 belongs to no point: value and limit are the first and the last entry that are gone. It has no end. */
qf_rc qf_city_tell_loss(qf_city *c, qf_err *err)
{
  qf_journal_recovery r;
  qf_journal_recovered(c->journal, &r);
  if (!r.lost_from)
    return QF_OK;
  int64_t told = 0, from = (int64_t)r.lost_from, to = (int64_t)r.lost_to;
  qf_param p[] = {{.kind = 1, .i = from}, {.kind = 1, .i = to}};
  qf_rc rc = qf_book_query(c->book,
                           "SELECT count(*) FROM event WHERE kind = 'journal_loss' AND "
                           "CAST(json_extract_string(body, '$.from') AS BIGINT) = ?1 AND "
                           "CAST(json_extract_string(body, '$.to') AS BIGINT) = ?2",
                           p, 2, note_told, &told, err);
  if (rc || told)
    return rc;
  rc = journal_event(
      c, json_pack("{s:s,s:I,s:I}", "kind", "journal_loss", "from", (json_int_t)from, "to", (json_int_t)to), err);
  if (!rc)
    rc = journal_event(c,
                       json_pack("{s:s,s:i,s:i,s:b,s:I,s:f,s:f}", "kind", "alarm", "point", 0, "alarm", 7, "active", 1,
                                 "ts_us", (json_int_t)qf_city_now(c), "value", (double)from, "limit", (double)to),
                       err);
  return rc;
}
