/* Restatements: a published figure that changes is journalled once, as a record with old and new value, cause and reason. The look
 * is on the figures thread after they were refreshed, at most every few seconds (at once when somebody waits for it). The entry
 * comes back through the queue like any other; until it is in the rows looked at, no further look is taken, so nothing is told
 * twice. Without publications a look reads one number. */
#include "city/internal.h"
#include "figure/publish.h"
#include <stdlib.h>
#include <string.h>

#define LOOK_EVERY (5 * QF_US_SECOND)
#define CAUSES_MAX 50u /* records named as cause of one restatement */

typedef struct cause {
  qf_city *c;
  const qf_moved *m;
  const char *type;
  bool has_subject, has_month;
  json_t *list; /* newest first within a type */
  uint32_t more;
} cause;

static bool on_columns(void *ud, const qf_cell *v, size_t n)
{
  cause *k = ud;
  k->has_subject = n == 2 && v[0].i > 0;
  k->has_month = n == 2 && v[1].i > 0;
  return false;
}

/* An edition of a factor that the figure used when published or uses now: its id stands in the lists. Another edition, valid in other
 * years, is no cause. */
static bool uses_factor(const qf_moved *m, const char *id)
{
  char name[300];
  snprintf(name, sizeof name, "\"%.290s\"", id);
  return strstr(m->factors, name) != NULL;
}

static bool on_change(void *ud, const qf_cell *v, size_t n)
{
  cause *k = ud;
  if (n != 6 || v[0].kind != 4)
    return false;
  const char *subject = v[5].kind == 4 ? v[5].s : "";
  if (strcmp(k->type, "factor") == 0 && !uses_factor(k->m, v[0].s))
    return true;
  if (k->has_subject && !qf_figures_under(k->c->figures, k->m->subject, subject))
    return true;
  if (json_array_size(k->list) >= CAUSES_MAX)
    k->more++;
  else
    json_array_append_new(k->list, json_pack("{s:s, s:s, s:I, s:s, s:s, s:I}", "type", k->type, "id", v[0].s, "version",
                                             (json_int_t)v[1].i, "status", v[2].kind == 4 ? v[2].s : "", "by",
                                             v[3].kind == 4 ? v[3].s : "", "seq", (json_int_t)v[4].i));
  return true;
}

/* Accepted changes of one record type since the figure was last spoken of, as far as they lie in its subject and months. */
static qf_rc changes_of(cause *k, qf_err *err)
{
  char table[100], sql[700];
  snprintf(table, sizeof table, "rec_%.60s", k->type);
  qf_param name = {.kind = 4, .s = table};
  k->has_subject = k->has_month = false;
  qf_rc rc = qf_book_query(k->c->book,
                           "SELECT count(CASE WHEN column_name = 'subject' THEN 1 END), "
                           "count(CASE WHEN column_name = 'month' THEN 1 END) "
                           "FROM information_schema.columns WHERE table_name = ?1",
                           &name, 1, on_columns, k, err);
  qf_param p[] = {{.kind = 1, .i = (int64_t)k->m->since},
                  {.kind = 1, .i = k->m->stock ? 0 : k->m->from - 12}, /* a change looks at the year before, too */
                  {.kind = 1, .i = k->m->to}};
  snprintf(sql, sizeof sql,
           "SELECT id, version, status, \"by\", seq, %s FROM %s_history WHERE seq > ?1 AND %s ORDER BY seq DESC, id",
           k->has_subject ? "subject" : "NULL", table, k->has_month ? "\"month\" BETWEEN ?2 AND ?3" : "?2 <= ?3");
  return rc ? rc : qf_book_query(k->c->book, sql, p, 3, on_change, k, err);
}

static bool on_reason(void *ud, const qf_cell *v, size_t n)
{
  if (n == 1 && v[0].kind == 4)
    snprintf(ud, 2100, "%s", v[0].s);
  return false;
}

/* Why: the newest reason given to the filing whose acceptance brought this change; "" none. */
static qf_rc reason_of(qf_city *c, const json_t *change, char out[2100], qf_err *err)
{
  qf_param p[] = {{.kind = 1, .i = json_integer_value(json_object_get(change, "seq"))},
                  {.kind = 4, .s = json_string_value(json_object_get(change, "type"))}};
  *out = 0;
  return qf_book_query(c->book,
                       "SELECT h.reason FROM rec_filing_history h WHERE h.reason <> '' AND h.seq <= ?1 AND h.id IN "
                       "(SELECT a.id FROM rec_filing_history a WHERE a.seq = ?1 AND a.form = ?2) "
                       "ORDER BY h.seq DESC, h.version DESC LIMIT 1",
                       p, 2, on_reason, out, err);
}

/* The reasons of the causes, each once, to a text. */
static qf_rc put_reasons(qf_city *c, json_t *list, bool readings, qf_buf *out, qf_err *err)
{
  size_t i;
  json_t *change;
  qf_rc rc = QF_OK;
  json_array_foreach(list, i, change)
  {
    char why[2100] = "";
    if (!rc)
      rc = reason_of(c, change, why, err);
    if (rc || !*why)
      continue;
    json_object_set_new(change, "reason", json_string(why));
    if (out->data && out->len && strstr(out->data, why))
      continue;
    qf_buf_puts(out, out->len ? "; " : "");
    qf_buf_puts(out, why);
  }
  if (readings) {
    qf_buf_puts(out, out->len ? "; " : "");
    qf_buf_puts(out, "迟到或补采读数 / late readings");
  } else if (!out->len) {
    qf_buf_puts(out, json_array_size(list) ? "变更时未述理由 / no reason was given with the change"
                                           : "数据未变：口径或程序变更 / no data changed: the rule or the program did");
  }
  return rc;
}

static json_t *decimal(bool has, qf_dec d)
{
  qf_buf b;
  if (!has)
    return json_null();
  qf_buf_init(&b, 80);
  qf_dec_write(&b, qf_dec_trim(d));
  json_t *j = json_string(b.data ? b.data : "0");
  qf_buf_fini(&b);
  return j;
}

typedef struct looking {
  qf_city *c;
  uint64_t seq;
  json_t *records;
  qf_rc rc;
  qf_err err;
} looking;

static json_t *data_of(const qf_moved *m, uint64_t seq, json_t *why, const char *reason)
{
  qf_dec difference = qf_dec_int(0, 0);
  bool both = m->had && m->has && qf_dec_sub(m->now, m->old, &difference) == QF_OK;
  char *told = json_dumps(why, JSON_COMPACT | JSON_SORT_KEYS);
  json_t *data = json_pack("{s:s, s:s, s:s, s:i, s:i, s:s, s:s, s:s, s:I}", "publication", m->publication, "figure",
                           m->figure, "subject", m->subject, "period_from", (int)m->from, "period_to", (int)m->to,
                           "unit", m->unit, "cause", told ? told : "{}", "reason", reason, "book_seq", (json_int_t)seq);
  free(told);
  json_object_set_new(data, "published", decimal(true, m->published));
  json_object_set_new(data, "old_value", decimal(m->had, m->old));
  json_object_set_new(data, "new_value", decimal(m->has, m->now));
  json_object_set_new(data, "difference", decimal(both, difference));
  return data;
}

static void on_moved(void *ud, const qf_moved *m)
{
  looking *l = ud;
  qf_city *c = l->c;
  cause k = {.c = c, .m = m, .list = json_array()};
  qf_buf reason, at;
  char id[600];
  for (uint32_t i = 0; !l->rc && (k.type = qf_book_type_name(c->book, i)); i++)
    if (m->reads[i / 64] >> (i % 64) & 1)
      l->rc = changes_of(&k, &l->err);
  /* Readings are a cause when no record is; beside records it cannot be told apart, so it is not claimed. */
  bool readings = m->accounts && json_array_size(k.list) == 0;
  qf_buf_init(&reason, 8000);
  qf_buf_init(&at, 64);
  if (!l->rc)
    l->rc = put_reasons(c, k.list, readings, &reason, &l->err);
  if (!l->rc) {
    json_t *why =
        json_pack("{s:O, s:b, s:I}", "records", k.list, "readings", (int)readings, "since", (json_int_t)m->since);
    if (k.more)
      json_object_set_new(why, "more", json_integer(k.more));
    qf_tm_write(&at, qf_city_now(c));
    snprintf(id, sizeof id, "%.480s:%llu", m->publication, (unsigned long long)l->seq);
    json_array_append_new(l->records,
                          json_pack("{s:s, s:s, s:i, s:s, s:s, s:s, s:o}", "type", "restatement", "id", id, "version",
                                    1, "status", "accepted", "by", "kernel", "at", at.data ? at.data : "", "data",
                                    data_of(m, l->seq, why, reason.data ? reason.data : "")));
    json_decref(why);
  }
  qf_buf_fini(&reason);
  qf_buf_fini(&at);
  json_decref(k.list);
}

qf_rc qf_city_restate(qf_city *c, bool now, qf_err *err)
{
  qf_us t = qf_city_now(c);
  looking l = {.c = c};
  if (c->bulk || c->replaying || c->restating || !qf_figures_published(c->figures))
    return QF_OK;
  if (!now && t - c->last_restate < LOOK_EVERY && t >= c->last_restate)
    return QF_OK;
  uint64_t gen = qf_book_generation(c->book);
  if (gen == c->restate_gen)
    return QF_OK;
  c->last_restate = t;
  l.records = json_array();
  qf_figures_moved(c->figures, c->restate_seq, &l.seq, on_moved, &l);
  size_t bad = 0;
  if (!l.rc && json_array_size(l.records))
    l.rc = qf_book_records_check(c->book, l.records, &bad, &l.err);
  if (!l.rc && json_array_size(l.records)) {
    json_t *entry = json_pack("{s:O}", "records", l.records);
    l.rc = qf_city_put_entry(c, QF_ENTRY_RECORD, entry, &l.err);
    json_decref(entry);
    c->restating = l.rc == QF_OK;
  }
  if (!l.rc && l.seq >= qf_book_applied_seq(c->book)) /* else the rows are older than the book: look again */
    c->restate_gen = gen;
  json_decref(l.records);
  if (l.rc == QF_FULL) /* the queue is full: at the next look */
    return QF_OK;
  if (l.rc && err)
    *err = l.err;
  return l.rc;
}

void qf_city_restated(qf_city *c, const json_t *record, uint64_t seq)
{
  const char *type = json_string_value(json_object_get(record, "type"));
  if (!type || strcmp(type, "restatement") != 0)
    return;
  c->restating = false;
  c->restate_seq = seq;
}
