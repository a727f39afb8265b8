/* Delegation: records of the type `delegation`. A right is never handed over, only work: the taker must hold one of the giver's
 * roles, and every step is judged by the taker's own rights. */
#include "work/internal.h"
#include <stdio.h>
#include <string.h>

static const char *field(const json_t *d, const char *name)
{
  const char *s = json_string_value(json_object_get(d, name));
  return s ? s : "";
}

static bool day_of(const char *s, int32_t *day)
{
  qf_us t;
  if (strlen(s) != 10 || qf_tm_parse(s, 10, &t))
    return false;
  *day = qf_day_cn(t);
  return true;
}

static bool share_role(const qf_actor *a, const qf_actor *b)
{
  for (unsigned i = 0; i < a->ngrants; i++)
    for (unsigned k = 0; k < b->ngrants; k++)
      if (a->grant[i].role == b->grant[k].role)
        return true;
  return false;
}

static qf_rc put(qf_work *w, const char *id, const char *by, json_t *data, qf_err *err)
{
  json_t *list = json_pack("[{s:s, s:s, s:s, s:o}]", "type", "delegation", "id", id, "by", by, "data", data);
  qf_rc rc = list ? qf_city_records(w->city, list, NULL, err) : qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  json_decref(list);
  return rc;
}

qf_rc qf_delegate(qf_work *w, const qf_actor *actor, const json_t *d, char id[64], qf_err *err)
{
  const char *to = field(d, "to"), *reason = field(d, "reason"), *task = field(d, "task");
  int32_t from, until, today = qf_work_today(w);
  qf_actor taker;
  if (!day_of(field(d, "from_day"), &from) || !day_of(field(d, "to_day"), &until) || from > until || until < today ||
      until - from > 366)
    return qf_fail(err, QF_RANGE, "from_day and to_day: days as 2026-11-22, in order, not over, at most a year",
                   "from_day、to_day：形如 2026-11-22 的日期，先后有序、未过期、不超过一年");
  if (!*reason || strlen(reason) > 600)
    return qf_fail(err, QF_RANGE, "a reason is needed (up to 600 bytes)", "须说明理由（不超过 600 字节）");
  if (strcmp(to, actor->id) == 0 || !w->people || !qf_people_actor(w->people, to, &taker) || !share_role(actor, &taker))
    return qf_fail(err, QF_DENIED, "work can be handed to another active person who holds the same role only",
                   "只能委托给持有相同角色的其他在用人员");
  snprintf(id, 64, "d%llx-%.24s", (unsigned long long)qf_city_now(w->city), actor->id);
  json_t *data = json_pack("{s:s, s:s, s:o, s:o, s:s, s:b}", "giver", actor->id, "taker", to, "from_day",
                           qf_day_json(from), "to_day", qf_day_json(until), "reason", reason, "ended", 0);
  if (data && *task)
    json_object_set_new(data, "task", json_string(task));
  return put(w, id, actor->id, data, err);
}

static bool on_row(void *ud, const qf_cell *c, size_t n)
{
  json_t *o = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:b}", "id", qf_cell_text(&c[0]), "from", qf_cell_text(&c[1]),
                        "to", qf_cell_text(&c[2]), "from_day", qf_cell_text(&c[3]), "to_day", qf_cell_text(&c[4]),
                        "reason", qf_cell_text(&c[6]), "ended", (int)c[7].i);
  if (n == 8 && *qf_cell_text(&c[5]))
    json_object_set_new(o, "task", json_string(c[5].s));
  json_array_append_new(ud, o);
  return true;
}

#define COLUMNS                                                                                                        \
  "SELECT id, giver, taker, CAST(from_day AS VARCHAR), CAST(to_day AS VARCHAR), task, reason, "                        \
  "CASE WHEN ended THEN 1 ELSE 0 END FROM rec_delegation "

qf_rc qf_delegations(qf_work *w, const qf_actor *actor, json_t **out, qf_err *err)
{
  qf_param p[1] = {{.kind = 4, .s = actor->id}};
  *out = json_array();
  return qf_book_query(w->book, COLUMNS "WHERE giver = ?1 OR taker = ?1 ORDER BY from_day DESC, id LIMIT 500", p, 1,
                       on_row, *out, err);
}

qf_rc qf_delegation_end(qf_work *w, const qf_actor *actor, const char *id, qf_err *err)
{
  json_t *list = json_array();
  qf_param p[1] = {{.kind = 4, .s = id}};
  qf_rc rc = qf_book_query(w->book, COLUMNS "WHERE id = ?1", p, 1, on_row, list, err);
  json_t *d = json_array_get(list, 0);
  if (!rc && !d)
    rc = qf_fail(err, QF_NOTFOUND, "no such delegation", "没有该委托");
  else if (!rc && strcmp(field(d, "from"), actor->id) != 0 && strcmp(field(d, "to"), actor->id) != 0)
    rc = qf_fail(err, QF_NOTFOUND, "no such delegation", "没有该委托"); /* a stranger learns nothing */
  else if (!rc && json_is_true(json_object_get(d, "ended")))
    rc = qf_fail(err, QF_STATE, "this delegation has ended already", "该委托已终止");
  if (!rc) {
    json_t *data =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:b}", "giver", field(d, "from"), "taker", field(d, "to"), "from_day",
                  field(d, "from_day"), "to_day", field(d, "to_day"), "reason", field(d, "reason"), "ended", 1);
    if (*field(d, "task"))
      json_object_set_new(data, "task", json_string(field(d, "task")));
    rc = put(w, id, actor->id, data, err);
  }
  json_decref(list);
  return rc;
}

qf_rc qf_handed_today(qf_work *w, const char *user, qf_handed *out, qf_err *err)
{
  json_t *list = json_array(), *d;
  size_t i;
  char today[16];
  int y, m, dd;
  qf_civil_from_days(qf_work_today(w), &y, &m, &dd);
  snprintf(today, sizeof today, "%04d-%02d-%02d", y, m, dd);
  *out = (qf_handed){json_array(), json_array()};
  qf_param p[2] = {{.kind = 4, .s = user}, {.kind = 4, .s = today}};
  qf_rc rc = qf_book_query(w->book,
                           COLUMNS "WHERE (giver = ?1 OR taker = ?1) AND NOT ended AND from_day <= CAST(?2 AS DATE) "
                                   "AND to_day >= CAST(?2 AS DATE)",
                           p, 2, on_row, list, err);
  json_array_foreach(list, i, d) json_array_append(strcmp(field(d, "from"), user) == 0 ? out->given : out->taken, d);
  json_decref(list);
  return rc;
}

void qf_handed_fini(qf_handed *h)
{
  json_decref(h->given);
  json_decref(h->taken);
  *h = (qf_handed){0};
}
