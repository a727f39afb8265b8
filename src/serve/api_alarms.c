#include "serve/http.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The newest alarm of each (point, kind), with who acknowledged it. An acknowledgement is an event; both tables are fed
 * by the journal alone. id = journal sequence of the alarm. */
#define FROM                                                                                                           \
  "FROM alarm a LEFT JOIN pt p ON p.point = a.point LEFT JOIN (SELECT \"at\" AS ack_at, body, "                        \
  "json_extract_string(body, '$.alarm_seq') AS alarm_seq FROM event WHERE kind = 'ack') e ON e.alarm_seq = "           \
  "CAST(a.seq AS VARCHAR) "                                                                                            \
  "WHERE (?1 = '' OR p.subject = ?1 OR starts_with(p.subject, concat(?1, '.'))) AND " QF_IN_SCOPE("p.subject",         \
                                                                                                  "?2") " "
#define STILL_ACTIVE                                                                                                   \
  "AND a.active AND a.seq = (SELECT max(b.seq) FROM alarm b WHERE b.point = a.point AND b.kind = a.kind) "

static const char *kind_name(int64_t kind)
{
  static const char *const names[] = {"", "limit", "rate", "stuck", "silent", "balance", "invalid", "journal_loss"};
  return kind > 0 && kind < 8 ? names[kind] : "unknown";
}

/* The unit of value and limit (meter.h, qf_alarm): a meter's limit is a use per hour, a gauge's its own value. */
static void unit(qf_buf *b, int64_t kind, const qf_cell *point_unit, const qf_cell *point_kind)
{
  static const char *const fixed[] = {NULL, NULL, NULL, "h", "s", "1", NULL};
  char s[80];
  bool gauge = point_kind->kind == 4 && strcmp(point_kind->s, "gauge") == 0;
  const char *f = kind > 0 && kind < 7 ? fixed[kind] : NULL;
  if (!f && (point_unit->kind != 4 || !*point_unit->s)) {
    qf_buf_puts(b, ",\"unit\":null");
    return;
  }
  bool hourly = kind == QF_ALARM_RATE || (kind == QF_ALARM_LIMIT && !gauge);
  snprintf(s, sizeof s, "%.70s%s", f ? f : point_unit->s, hourly ? "/h" : "");
  qf_buf_puts(b, ",\"unit\":");
  qf_buf_json(b, s, strlen(s));
}

static void text(qf_buf *b, const char *name, const qf_cell *c)
{
  qf_buf_printf(b, ",\"%s\":", name);
  if (c->kind == 4)
    qf_buf_json(b, c->s, c->len);
  else
    qf_buf_puts(b, "null");
}

static void ack(qf_buf *b, const qf_cell *body, const qf_cell *at_ms)
{
  json_t *j = body->kind == 4 ? json_loadb(body->s, body->len, 0, NULL) : NULL;
  const char *by = json_string_value(json_object_get(j, "by")), *note = json_string_value(json_object_get(j, "note"));
  if (j) {
    qf_buf_puts(b, ",\"ack\":{\"by\":");
    qf_buf_json(b, by ? by : "", by ? strlen(by) : 0);
    qf_buf_puts(b, ",\"note\":");
    qf_buf_json(b, note ? note : "", note ? strlen(note) : 0);
    qf_buf_puts(b, ",\"at\":\"");
    qf_tm_write(b, at_ms->i * 1000);
    qf_buf_puts(b, "\"}");
  } else {
    qf_buf_puts(b, ",\"ack\":null");
  }
  json_decref(j);
}

/* Missing is not zero. */
static void number(qf_buf *b, const char *name, const qf_cell *c)
{
  if (c->kind == 3 && c->d - c->d == 0.0)
    qf_buf_printf(b, ",\"%s\":%.10g", name, c->d);
  else
    qf_buf_printf(b, ",\"%s\":null", name);
}

static bool alarm_row(void *ud, const qf_cell *c, size_t n)
{
  qf_buf *b = ud;
  if (n != 15)
    return false;
  qf_buf_printf(b, "%s{\"id\":%lld,\"point\":%lld,\"kind\":\"%s\",\"active\":%s", b->data[b->len - 1] == '[' ? "" : ",",
                (long long)c[0].i, (long long)c[1].i, kind_name(c[6].i), c[7].i ? "true" : "false");
  text(b, "key", &c[2]);
  text(b, "name_zh", &c[3]);
  text(b, "name_en", &c[4]);
  text(b, "subject", &c[5]);
  qf_buf_puts(b, ",\"at\":\"");
  qf_tm_write(b, c[8].i * 1000);
  qf_buf_putc(b, '"');
  number(b, "value", &c[9]);
  number(b, "limit", &c[10]);
  unit(b, c[6].i, &c[13], &c[14]);
  ack(b, &c[11], &c[12]);
  qf_buf_putc(b, '}');
  return true;
}

static bool count_row(void *ud, const qf_cell *c, size_t n)
{
  *(int64_t *)ud = n ? c[0].i : 0;
  return false;
}

/* An acknowledgement is an event; both tables are fed by the journal alone. id = journal sequence of the alarm. */
void qf_h_alarms(qf_req *r)
{
  qf_err err = {0};
  const char *subject = qf_req_query(r, "subject"), *active = qf_req_query(r, "active");
  bool only = active && *active == '1';
  long size = qf_req_int(r, "size", 50, 1, 500), page = qf_req_int(r, "page", 1, 1, 100000);
  char scope[QF_SCOPE_TEXT];
  qf_req_scope(r, QF_ACT_VIEW, NULL, scope);
  qf_param p[] = {{.kind = 4, .s = subject ? subject : ""},
                  {.kind = 4, .s = scope},
                  {.kind = 1, .i = size},
                  {.kind = 1, .i = (page - 1) * size}};
  int64_t total = 0;
  qf_book *book = qf_city_book(r->city);
  qf_rc rc = qf_book_query(book, only ? "SELECT count(*) " FROM STILL_ACTIVE : "SELECT count(*) " FROM, p, 2, count_row,
                           &total, &err);
  qf_buf_printf(&r->out, "{\"total\":%lld,\"rows\":[", (long long)total);
#define COLUMNS                                                                                                        \
  "SELECT a.seq, a.point, p.id, p.name_zh, p.name_en, p.subject, a.kind, CAST(a.active AS INTEGER), "                  \
  "epoch_ms(a.\"at\"), a.value, a.lim, e.body, epoch_ms(e.ack_at), p.unit, p.kind "
  static const char all_sql[] = COLUMNS FROM "ORDER BY a.seq DESC LIMIT ?3 OFFSET ?4";
  static const char active_sql[] = COLUMNS FROM STILL_ACTIVE "ORDER BY a.seq DESC LIMIT ?3 OFFSET ?4";
  if (!rc)
    rc = qf_book_query(book, only ? active_sql : all_sql, p, 4, alarm_row, &r->out, &err);
  if (rc)
    qf_req_broken(r, rc, &err);
  else
    qf_buf_puts(&r->out, "]}");
}

static bool subject_row(void *ud, const qf_cell *c, size_t n)
{
  snprintf(ud, 80, "%s", n == 1 && c[0].kind == 4 ? c[0].s : "?");
  return false;
}

/* Is this alarm at one of the asker's points? An alarm that is not there is at nobody's. */
static bool may_ack(qf_req *r, long long id)
{
  char subject[80] = "?";
  qf_err err = {0};
  qf_param p = {.kind = 1, .i = id};
  qf_rc rc = qf_book_query(qf_city_book(r->city),
                           "SELECT p.subject FROM alarm a LEFT JOIN pt p ON p.point = a.point WHERE a.seq = ?1", &p, 1,
                           subject_row, subject, &err);
  if (rc)
    qf_req_broken(r, rc, &err);
  return !rc && qf_req_may(r, QF_ACT_ALARM_ACK, NULL, subject, true);
}

void qf_h_alarm_ack(qf_req *r)
{
  char *end;
  long long id = strtoll(r->arg[0], &end, 10);
  qf_err err = {0};
  if (!may_ack(r, id))
    return;
  json_t *j =
      json_loadb(r->body.data ? r->body.data : "{}", r->body.data ? r->body.len : 2, JSON_REJECT_DUPLICATES, NULL);
  const char *note = json_string_value(json_object_get(j, "note"));
  if (*end || id <= 0 || !j || (note && strlen(note) > 500)) {
    (void)qf_fail(&err, QF_SYNTAX, "an alarm number and {\"note\": at most 500 bytes} are needed",
                  "须给出告警编号与 {\"note\"}（至多 500 字节）");
    qf_req_fail(r, 400, QF_SYNTAX, &err);
  } else {
    char alarm[24];
    snprintf(alarm, sizeof alarm, "%lld", id);
    json_t *e = json_object();
    json_object_set_new(e, "kind", json_string("ack"));
    json_object_set_new(e, "alarm_seq", json_string(alarm));
    json_object_set_new(e, "by", json_string(r->who.name));
    json_object_set_new(e, "note", json_string(note ? note : ""));
    uint64_t seq = 0;
    qf_rc rc = qf_city_event(r->city, e, &seq, &err);
    json_decref(e);
    if (!rc)
      rc = qf_city_settle(r->city, &err);
    if (rc)
      qf_req_fail(r, 0, rc, &err);
    else
      qf_buf_printf(&r->out, "{\"id\":%lld,\"ack\":{\"by\":\"%s\",\"seq\":%llu}}", id, r->who.name,
                    (unsigned long long)seq);
  }
  json_decref(j);
}
