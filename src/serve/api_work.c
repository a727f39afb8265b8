/* The desk: tasks, campaigns, reminders, delegations, findings, the calendar. What is owed and by whom is said in src/work. */
#include "serve/auth.h"
#include "work/work.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fail(qf_req *r, qf_rc rc, const qf_err *err)
{
  qf_buf_reset(&r->out);
  if (rc == QF_DENIED)
    qf_req_deny(r, err);
  else if (rc == QF_NOTFOUND || rc == QF_RANGE || rc == QF_SYNTAX)
    qf_req_fail(r, 0, rc, err);
  else if (rc == QF_STATE)
    qf_req_fail(r, 409, rc, err);
  else
    qf_req_broken(r, rc, err);
}

static void put_json(qf_buf *out, json_t *j)
{
  char *s = j ? json_dumps(j, JSON_COMPACT | JSON_REAL_PRECISION(15)) : NULL;
  qf_buf_puts(out, s ? s : "null");
  free(s);
}

static bool signed_in(qf_req *r)
{
  qf_err why = {0};
  if (qf_req_actor(r)->id[0])
    return true;
  (void)qf_fail(&why, QF_DENIED, "sign in first", "请先登录");
  qf_req_deny(r, &why);
  return false;
}

/* A page of a list: {"items","total","page","size"} and, if given, one more member. */
static void give_list(qf_req *r, json_t *items, const char *more, json_t *value)
{
  long page = qf_req_int(r, "page", 1, 1, 1000000), size = qf_req_int(r, "size", 100, 1, 1000);
  size_t total = json_array_size(items), from = (size_t)(page - 1) * (size_t)size;
  json_t *part = json_array();
  for (size_t i = from; i < total && i < from + (size_t)size; i++)
    json_array_append(part, json_array_get(items, i));
  qf_buf_puts(&r->out, "{\"items\":");
  put_json(&r->out, part);
  qf_buf_printf(&r->out, ",\"total\":%zu,\"page\":%ld,\"size\":%ld", total, page, size);
  if (more) {
    qf_buf_printf(&r->out, ",\"%s\":", more);
    put_json(&r->out, value);
  }
  qf_buf_putc(&r->out, '}');
  json_decref(part);
}

/* ---- tasks */

void qf_h_tasks(qf_req *r)
{
  const char *v = qf_req_query(r, "view");
  qf_task_view view = v && strcmp(v, "done") == 0   ? QF_TASKS_DONE
                      : v && strcmp(v, "mine") == 0 ? QF_TASKS_MINE
                                                    : QF_TASKS_TODO;
  qf_err err = {0};
  json_t *out = NULL;
  if (!signed_in(r))
    return;
  if (v && view == QF_TASKS_TODO && strcmp(v, "todo") != 0) {
    (void)qf_fail(&err, QF_RANGE, "view: todo, done or mine", "view：应为 todo、done 或 mine");
    fail(r, QF_RANGE, &err);
    return;
  }
  qf_rc rc = qf_tasks(r->s->work, qf_req_actor(r), view, &out, &err);
  if (rc)
    fail(r, rc, &err);
  else
    give_list(r, json_object_get(out, "items"), "counts", json_object_get(out, "counts"));
  json_decref(out);
}

/* ---- campaigns */

/* "2026-10" or the month's index; false: answered with 400. */
static bool month_of(qf_req *r, const char *s, int32_t *month)
{
  int32_t to;
  qf_err err = {0};
  char *end = NULL;
  long n = s ? strtol(s, &end, 10) : 0;
  if (s && end && *end == 0 && n >= 24000 && n <= 26400) {
    *month = (int32_t)n;
    return true;
  }
  if (s && strlen(s) == 7 && qf_period_parse(s, month, &to, &err) == QF_OK && *month == to)
    return true;
  (void)qf_fail(&err, QF_RANGE, "month: as 2026-10", "month：形如 2026-10");
  fail(r, QF_RANGE, &err);
  return false;
}

static void put_share(qf_buf *out, const char *name, unsigned num, unsigned den)
{
  if (den)
    qf_buf_printf(out, ",\"%s\":{\"value\":%.4f,\"num\":%u,\"den\":%u}", name, (double)num / den, num, den);
  else
    qf_buf_printf(out, ",\"%s\":{\"value\":null,\"num\":%u,\"den\":0}", name, num);
}

static void put_sum(qf_buf *out, const qf_form *f, int32_t month, const qf_campaign_sum *s)
{
  qf_buf_printf(out, "\"form\":\"%s\",\"title\":{\"zh\":", f->type);
  qf_buf_json(out, f->zh, strlen(f->zh));
  qf_buf_puts(out, ",\"en\":");
  qf_buf_json(out, f->en, strlen(f->en));
  qf_buf_printf(out, "},\"month\":%d,\"period\":\"", (int)month);
  qf_month_write(out, month);
  qf_buf_puts(out, s->due ? "\",\"due\":\"" : "\",\"due\":null");
  if (s->due) {
    qf_day_write(out, s->due);
    qf_buf_putc(out, '"');
  }
  qf_buf_printf(out, ",\"owed\":%u,\"filed\":%u,\"on_time\":%u,\"accepted\":%u,\"returned\":%u,\"overdue\":%u", s->owed,
                s->filed, s->on_time, s->accepted, s->returned, s->overdue);
  put_share(out, "coverage", s->filed, s->owed);
  put_share(out, "pass_rate", s->accepted, s->filed);
}

void qf_h_campaigns(qf_req *r)
{
  const char *want = qf_req_query(r, "form"), *m = qf_req_query(r, "month");
  const qf_seeing see = {qf_req_actor(r), QF_ACT_VIEW};
  int32_t last = qf_month_of_day(qf_work_today(r->s->work)) - 1, from = last - 5;
  const qf_form *f;
  qf_err err = {0};
  qf_rc rc = QF_OK;
  unsigned n = 0;
  if (m) {
    if (!month_of(r, m, &from))
      return;
    last = from;
  }
  qf_buf_puts(&r->out, "{\"items\":[");
  for (size_t i = 0; !rc && (f = qf_campaign_form(r->s->work, i)); i++)
    for (int32_t month = last; !rc && month >= from && (!want || strcmp(want, f->type) == 0); month--) {
      qf_campaign_sum sum;
      rc = qf_campaign(r->s->work, f->type, month, &see, NULL, NULL, &sum, &err);
      if (rc || !sum.owed)
        continue; /* nothing of it is the asker's */
      qf_buf_puts(&r->out, n++ ? ",{" : "{");
      put_sum(&r->out, f, month, &sum);
      qf_buf_putc(&r->out, '}');
    }
  qf_buf_printf(&r->out, "],\"total\":%u,\"page\":1,\"size\":%u}", n, n ? n : 1);
  if (rc)
    fail(r, rc, &err);
}

static bool put_unit(void *ud, const qf_owed *u)
{
  qf_buf *b = ud;
  qf_buf_puts(b, b->len ? ",{\"subject\":" : "{\"subject\":");
  qf_buf_json(b, u->subject, strlen(u->subject));
  qf_buf_puts(b, ",\"name\":{\"zh\":");
  qf_buf_json(b, u->name_zh, strlen(u->name_zh));
  qf_buf_puts(b, ",\"en\":");
  qf_buf_json(b, u->name_en, strlen(u->name_en));
  qf_buf_puts(b, "},\"district\":");
  qf_buf_json(b, u->district, strlen(u->district));
  qf_buf_printf(b, ",\"state\":\"%s\",\"card\":\"%s\",\"late\":%s,\"reminders\":%d,\"filing\":", u->state,
                qf_card_name(u->card), u->late ? "true" : "false", u->reminders);
  if (*u->filing)
    qf_buf_json(b, u->filing, strlen(u->filing));
  else
    qf_buf_puts(b, "null");
  qf_buf_putc(b, '}');
  return true;
}

void qf_h_campaign(qf_req *r)
{
  const qf_seeing see = {qf_req_actor(r), QF_ACT_VIEW};
  qf_campaign_sum sum;
  qf_err err = {0};
  qf_buf units;
  int32_t month;
  if (!month_of(r, r->arg[1], &month))
    return;
  qf_buf_init(&units, (size_t)16 << 20);
  qf_rc rc = qf_campaign(r->s->work, r->arg[0], month, &see, put_unit, &units, &sum, &err);
  if (!rc) {
    qf_buf_putc(&r->out, '{');
    put_sum(&r->out, qf_forms_find(qf_filings_forms(r->s->filings), r->arg[0]), month, &sum);
    qf_buf_puts(&r->out, ",\"units\":[");
    qf_buf_put(&r->out, units.data ? units.data : "", units.len);
    qf_buf_puts(&r->out, "]}");
  } else {
    fail(r, rc, &err);
  }
  qf_buf_fini(&units);
}

void qf_h_campaign_remind(qf_req *r)
{
  int32_t month;
  size_t n = 0;
  qf_err err = {0};
  if (!month_of(r, r->arg[1], &month))
    return;
  json_t *body = qf_req_json(r, "subjects");
  if (!body)
    return;
  json_t *subjects = json_object_get(body, "subjects");
  qf_rc rc = subjects && !json_is_array(subjects)
                 ? qf_fail(&err, QF_RANGE, "subjects: an array of ids", "subjects：应为编号数组")
                 : qf_campaign_remind(r->s->work, qf_req_actor(r), r->arg[0], month, subjects, &n, &err);
  if (rc)
    fail(r, rc, &err);
  else
    qf_buf_printf(&r->out, "{\"reminded\":%zu}", n);
  json_decref(body);
}

/* ---- delegations */

void qf_h_delegations(qf_req *r)
{
  json_t *list = NULL;
  qf_err err = {0};
  if (!signed_in(r))
    return;
  qf_rc rc = qf_delegations(r->s->work, qf_req_actor(r), &list, &err);
  if (rc)
    fail(r, rc, &err);
  else
    give_list(r, list, NULL, NULL);
  json_decref(list);
}

void qf_h_delegation_add(qf_req *r)
{
  char id[64];
  qf_err err = {0};
  json_t *body = signed_in(r) ? qf_req_json(r, "to from_day to_day reason task") : NULL;
  if (!body)
    return;
  qf_rc rc = qf_delegate(r->s->work, qf_req_actor(r), body, id, &err);
  json_decref(body);
  if (rc) {
    fail(r, rc, &err);
    return;
  }
  qf_req_audit(r, "delegation.add", id, "ok");
  qf_buf_puts(&r->out, "{\"id\":");
  qf_buf_json(&r->out, id, strlen(id));
  qf_buf_putc(&r->out, '}');
}

void qf_h_delegation_end(qf_req *r)
{
  qf_err err = {0};
  if (!signed_in(r))
    return;
  qf_rc rc = qf_delegation_end(r->s->work, qf_req_actor(r), r->arg[0], &err);
  if (rc) {
    fail(r, rc, &err);
    return;
  }
  qf_req_audit(r, "delegation.end", r->arg[0], "ok");
  qf_buf_puts(&r->out, "{\"ended\":true}");
}

/* ---- findings and the calendar */

void qf_h_findings(qf_req *r)
{
  const char *subject = qf_req_query(r, "subject"), *severity = qf_req_query(r, "severity");
  json_t *list = NULL;
  qf_err err = {0};
  qf_rc rc = qf_findings(r->s->work, qf_req_actor(r), subject ? subject : "", severity ? severity : "", &list, &err);
  if (rc)
    fail(r, rc, &err);
  else
    give_list(r, list, NULL, NULL);
  json_decref(list);
}

void qf_h_calendar(qf_req *r)
{
  int y, m, d;
  qf_civil_from_days(qf_work_today(r->s->work), &y, &m, &d);
  qf_work_calendar(r->s->work, (int)qf_req_int(r, "year", y, 2000, 2100), &r->out);
}
