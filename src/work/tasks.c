/* Tasks, derived: what state and calendar say must be done next, for those who may do it. */
#include "work/internal.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TASKS_MAX 5000u

typedef struct gather {
  qf_work *w;
  const qf_actor *whose; /* whose desk */
  const qf_actor *me;    /* who will do it: the same person, or the one work was handed to */
  const char *only;      /* this filing alone; "" all */
  const json_t *away;    /* delegations by which the desk's owner handed work over */
  json_t *items;
  json_t *seen;
  const qf_form *form;
  int32_t month, due;
} gather;

static const char *text(const json_t *o, const char *name)
{
  const char *s = json_string_value(json_object_get(o, name));
  return s ? s : "";
}

static bool handed_away(const gather *g, const char *filing)
{
  size_t i;
  json_t *d;
  json_array_foreach(g->away, i, d) if (!*text(d, "task") || strcmp(text(d, "task"), filing) == 0) return true;
  return false;
}

static void set_due(const gather *g, json_t *t, int32_t due)
{
  int32_t today = qf_work_today(g->w);
  if (!due) {
    json_object_set_new(t, "due", json_null());
    json_object_set_new(t, "card", json_string("none"));
    return;
  }
  json_object_set_new(t, "due", qf_day_json(due));
  json_object_set_new(t, "workdays_left", json_integer(qf_due_left(g->w->calendar, due, today)));
  json_object_set_new(t, "card", json_string(qf_card_name(qf_due_card(g->w->calendar, due, today))));
}

/* Takes t. id tells a task from others; the same one by two ways is shown once. */
static void add(gather *g, const char *id, json_t *t)
{
  if (!t || json_object_get(g->seen, id) || json_array_size(g->items) >= TASKS_MAX) {
    json_decref(t);
    return;
  }
  json_object_set_new(g->seen, id, json_true());
  json_object_set_new(t, "id", json_string(id));
  json_object_set_new(t, "assignee", json_string(g->me->id));
  if (g->whose != g->me)
    json_object_set_new(t, "delegated_from", json_string(g->whose->id));
  json_array_append_new(g->items, t);
}

static json_t *form_task(const char *kind, const qf_form *f, const char *filing, const char *subject, int32_t month)
{
  json_t *t = json_pack("{s:s, s:s, s:o, s:s}", "kind", kind, "form", f->type, "title", qf_both(f->zh, f->en),
                        "subject", subject);
  json_object_set_new(t, "month", month == INT32_MIN ? json_null() : json_integer(month));
  if (*filing)
    json_object_set_new(t, "filing", json_string(filing));
  return t;
}

static bool holds(const qf_actor *a, qf_role role, const char *org)
{
  for (unsigned i = 0; i < a->ngrants; i++)
    if (a->grant[i].role == role && (!org || strcmp(a->grant[i].org, org) == 0))
      return true;
  return false;
}

/* ---- forms owed: those of the desk's own organisation */

static bool on_owed(void *ud, const qf_owed *u)
{
  gather *g = ud;
  bool back = strcmp(u->state, "returned") == 0;
  if ((qf_owed_filed(u) && !back && strcmp(u->state, "draft") != 0) || !holds(g->whose, QF_ROLE_FILER, u->org) ||
      !holds(g->me, QF_ROLE_FILER, u->org))
    return true;
  char id[400];
  snprintf(id, sizeof id, "file:%.60s:%.120s:%d", g->form->type, u->subject, (int)g->month);
  if ((*g->only && strcmp(g->only, u->filing) != 0) || handed_away(g, u->filing))
    return true;
  bool over = g->due && qf_work_today(g->w) > g->due;
  json_t *t = form_task(over ? "overdue" : "file", g->form, u->filing, u->subject, g->month);
  json_object_set_new(t, "subject_name", qf_both(u->name_zh, u->name_en));
  json_object_set_new(t, "state", json_string(u->state));
  json_object_set_new(t, "reminders", json_integer(u->reminders));
  set_due(g, t, g->due);
  add(g, id, t);
  return true;
}

static qf_rc owed(gather *g, qf_err *err)
{
  int32_t last = qf_month_of_day(qf_work_today(g->w)) - 1;
  qf_rc rc = QF_OK;
  if (!holds(g->whose, QF_ROLE_FILER, NULL))
    return QF_OK;
  const qf_seeing see = {g->whose, QF_ACT_FILE};
  for (size_t i = 0; !rc && (g->form = qf_campaign_form(g->w, i)); i++)
    for (g->month = last - QF_CAMPAIGN_MONTHS + 1; !rc && g->month <= last; g->month++) {
      qf_campaign_sum sum;
      if (!qf_due_day(g->form->due ? g->form->due : "", g->month, g->w->calendar, &g->due))
        g->due = 0;
      rc = qf_campaign(g->w, g->form->type, g->month, &see, on_owed, g, &sum, err);
    }
  return rc;
}

/* ---- forms on their way: somebody's next step */

enum { DONE_MAX = 64 };

static const char *kind_of(qf_action act)
{
  return act == QF_ACT_ORG_APPROVE ? "approve"
         : act == QF_ACT_REVIEW    ? "review"
         : act == QF_ACT_DECIDE    ? "decide"
                                   : NULL;
}

static const char *next_kind(const gather *g, const qf_form *f, int state, const qf_object *o, const json_t *steps)
{
  qf_done done[DONE_MAX];
  size_t n = 0, i;
  json_t *s;
  json_array_foreach(steps, i, s) if (n < DONE_MAX) done[n++] = (qf_done){text(s, "step"), text(s, "by")};
  for (int k = 0; k < f->flow->nsteps; k++) {
    const qf_step *step = &f->flow->step[k];
    const char *kind = kind_of(step->act);
    int to;
    if (!kind || strcmp(f->flow->state[step->to], "returned") == 0 || !qf_rights_may(g->whose, step->act, o, NULL))
      continue;
    if (qf_flow_step(f->flow, &(qf_try){state, step->name, g->me, o, done, n, "-"}, &to, NULL) == QF_OK)
      return kind;
  }
  return NULL;
}

/* id, form, subject, month, area, district, org, state, steps, due (days), name_zh, name_en */
static bool on_filing(void *ud, const qf_cell *c, size_t n)
{
  gather *g = ud;
  const qf_form *f = n == 12 && c[1].kind == 4 ? qf_forms_find(g->w->forms, c[1].s) : NULL;
  int state = f && f->flow ? qf_flow_state(f->flow, qf_cell_text(&c[7])) : -1;
  const char *id = qf_cell_text(&c[0]), *area = qf_cell_text(&c[4]), *district = qf_cell_text(&c[5]);
  const char *org = qf_cell_text(&c[6]);
  if (state < 0 || (*g->only && strcmp(g->only, id) != 0) || handed_away(g, id))
    return true;
  qf_object o = {*area && strcmp(area, "city") != 0 ? area : NULL, *district ? district : NULL, *org ? org : NULL};
  json_t *steps = json_loads(qf_cell_text(&c[8]), 0, NULL);
  const char *now = qf_cell_text(&c[7]), *kind = next_kind(g, f, state, &o, steps);
  bool begun = strcmp(now, "draft") == 0 || strcmp(now, "returned") == 0;
  json_decref(steps);
  if (begun) { /* whatever its month: it waits for the filer, not only when it is owed already */
    bool over = c[9].kind && c[9].i > 0 && qf_work_today(g->w) > (int32_t)c[9].i;
    kind = holds(g->whose, QF_ROLE_FILER, org) && holds(g->me, QF_ROLE_FILER, org) ? over ? "overdue" : "file" : NULL;
  }
  if (!kind)
    return true;
  char key[600];
  if (begun) /* the name an obligation has in on_owed, so that it stands there once */
    snprintf(key, sizeof key, "file:%.60s:%.120s:%d", f->type, qf_cell_text(&c[2]), c[3].kind ? (int)c[3].i : 0);
  else
    snprintf(key, sizeof key, "%s:%s", kind, id);
  json_t *t = form_task(kind, f, id, qf_cell_text(&c[2]), c[3].kind ? (int32_t)c[3].i : INT32_MIN);
  json_object_set_new(t, "subject_name", qf_both(qf_cell_text(&c[10]), qf_cell_text(&c[11])));
  json_object_set_new(t, "state", json_string(qf_cell_text(&c[7])));
  set_due(g, t, c[9].kind ? (int32_t)c[9].i : 0);
  add(g, key, t);
  return true;
}

static const char filings_sql[] =
    "SELECT f.id, f.form, f.subject, f.month, f.area, f.district, f.org, f.state, f.steps, f.due - DATE '1970-01-01', "
    "s.name_zh, s.name_en FROM rec_filing f LEFT JOIN rec_subject s ON s.id = f.subject "
    "WHERE f.state NOT IN ('accepted', 'withdrawn', 'refused') ORDER BY f.due, f.id LIMIT 20000";

/* ---- what is proposed to a security administrator */

static bool on_grant(void *ud, const qf_cell *c, size_t n)
{
  gather *g = ud;
  char key[200];
  if (n != 3 || strcmp(qf_cell_text(&c[1]), g->me->id) == 0)
    return true;
  snprintf(key, sizeof key, "grant:%.120s", qf_cell_text(&c[0]));
  json_t *t = json_pack("{s:s, s:o, s:s, s:n}", "kind", "decide", "title", qf_both("授权待批", "Grant to be approved"),
                        "subject", qf_cell_text(&c[1]), "month");
  json_object_set_new(t, "grant", json_string(qf_cell_text(&c[0])));
  set_due(g, t, 0);
  add(g, key, t);
  return true;
}

/* ---- findings: one task a rule, for the officer of the area */

static qf_rc found(gather *g, qf_err *err)
{
  json_t *list = NULL, *f, *by = json_object();
  const char *rule;
  size_t i;
  if (!holds(g->whose, QF_ROLE_OFFICER, NULL)) {
    json_decref(by);
    return QF_OK;
  }
  qf_rc rc = qf_findings(g->w, g->whose, "", "", &list, err);
  json_array_foreach(list, i, f)
  {
    if (strcmp(text(f, "severity"), "info") == 0)
      continue;
    json_t *t = json_object_get(by, text(f, "rule"));
    if (!t) {
      t = json_pack("{s:s, s:s, s:O, s:s, s:i, s:n}", "kind", "finding", "rule", text(f, "rule"), "title",
                    json_object_get(f, "title"), "subject", "", "count", 0, "month");
      json_object_set_new(by, text(f, "rule"), t);
    }
    json_object_set_new(t, "count", json_integer(json_integer_value(json_object_get(t, "count")) + 1));
  }
  json_object_foreach(by, rule, f)
  {
    char key[200];
    snprintf(key, sizeof key, "finding:%.120s", rule);
    set_due(g, f, 0);
    add(g, key, json_incref(f));
  }
  json_decref(by);
  json_decref(list);
  return rc;
}

static qf_rc desk(gather *g, qf_err *err)
{
  qf_rc rc = owed(g, err);
  if (!rc)
    rc = qf_book_query(g->w->book, filings_sql, NULL, 0, on_filing, g, err);
  qf_param me[1] = {{.kind = 4, .s = g->me->id}};
  if (!rc && !*g->only && qf_rights_may(g->whose, QF_ACT_GRANT, &(qf_object){0}, NULL))
    rc = qf_book_query(
        g->w->book,
        "SELECT id, holder, proposer FROM rec_grant WHERE state = 'proposed' AND proposer <> ?1 ORDER BY id", me, 1,
        on_grant, g, err);
  return !rc && !*g->only && g->whose == g->me ? found(g, err) : rc;
}

static qf_rc todo(qf_work *w, const qf_actor *actor, json_t *items, qf_err *err)
{
  qf_handed h;
  size_t i;
  json_t *d, *seen = json_object();
  qf_rc rc = qf_handed_today(w, actor->id, &h, err);
  gather own = {.w = w, .whose = actor, .me = actor, .only = "", .away = h.given, .items = items, .seen = seen};
  if (!rc)
    rc = desk(&own, err);
  json_array_foreach(h.taken, i, d)
  {
    qf_actor giver;
    if (rc || !w->people || !qf_people_actor(w->people, text(d, "from"), &giver))
      continue;
    gather g = {.w = w, .whose = &giver, .me = actor, .only = text(d, "task"), .items = items, .seen = json_object()};
    rc = desk(&g, err); /* own list of what was seen: the same task from two desks is marked where it came from */
    json_decref(g.seen);
  }
  json_decref(seen);
  qf_handed_fini(&h);
  return rc;
}

/* ---- what was done, what was begun */

typedef struct looking {
  qf_work *w;
  const char *me;
  bool mine;
  json_t *items;
} looking;

/* The last step of this revision that the person took ("" none); only: of this name. */
static const char *own_step(const json_t *steps, const char *me, const char *only)
{
  size_t i;
  json_t *s;
  const char *found = "";
  json_array_foreach(steps, i, s)
  {
    const char *step = text(s, "step");
    if (strcmp(text(s, "by"), me) == 0 && strcmp(step, QF_FLOW_EDIT) != 0 && (!only || strcmp(step, only) == 0))
      found = step;
  }
  return found;
}

/* id, form, subject, month, state, steps, at, name_zh, name_en, step of an earlier version */
static bool on_past(void *ud, const qf_cell *c, size_t n)
{
  looking *k = ud;
  const qf_form *f = n == 10 && c[1].kind == 4 ? qf_forms_find(k->w->forms, c[1].s) : NULL;
  json_t *steps = json_loads(qf_cell_text(&c[5]), 0, NULL);
  const char *step = own_step(steps, k->me, k->mine ? "submit" : NULL);
  if (!*step)
    step = qf_cell_text(&c[9]);
  if (f && *step && json_array_size(k->items) < 500) {
    json_t *t = form_task(step, f, qf_cell_text(&c[0]), qf_cell_text(&c[2]), c[3].kind ? (int32_t)c[3].i : INT32_MIN);
    json_object_set_new(t, "id", json_string(qf_cell_text(&c[0])));
    json_object_set_new(t, "subject_name", qf_both(qf_cell_text(&c[7]), qf_cell_text(&c[8])));
    json_object_set_new(t, "state", json_string(qf_cell_text(&c[4])));
    json_object_set_new(t, "at", json_string(qf_cell_text(&c[6])));
    json_array_append_new(k->items, t);
  }
  json_decref(steps);
  return true;
}

static qf_rc past(qf_work *w, const qf_actor *actor, bool mine, json_t *items, qf_err *err)
{
  static const char sql[] =
      "SELECT f.id, f.form, f.subject, f.month, f.state, f.steps, f.\"at\", s.name_zh, s.name_en, h.step FROM "
      "rec_filing f "
      "LEFT JOIN rec_subject s ON s.id = f.subject LEFT JOIN (SELECT id, MAX(step) AS step FROM rec_filing_history "
      "WHERE \"by\" = ?1 AND (step = 'submit' OR (?3 = 0 AND step <> 'edit')) GROUP BY id) h ON h.id = f.id "
      "WHERE h.id IS NOT NULL OR strpos(f.steps, ?2) > 0 ORDER BY f.seq DESC, f.id LIMIT 2000";
  char mark[100];
  looking k = {w, actor->id, mine, items};
  snprintf(mark, sizeof mark, "\"by\":\"%s\"", actor->id);
  qf_param p[3] = {{.kind = 4, .s = actor->id}, {.kind = 4, .s = mark}, {.kind = 1, .i = mine}};
  return qf_book_query(w->book, sql, p, 3, on_past, &k, err);
}

/* ---- order and counts */

static int rank(const json_t *t)
{
  const char *c = text(t, "card");
  return strcmp(c, "red") == 0 ? 0 : strcmp(c, "yellow") == 0 ? 1 : 2;
}

static int by_urgency(const void *a, const void *b)
{
  const json_t *x = *(json_t *const *)a, *y = *(json_t *const *)b;
  int d = rank(x) - rank(y);
  if (!d)
    d = strcmp(text(x, "due"), text(y, "due"));
  return d ? d : strcmp(text(x, "id"), text(y, "id"));
}

static json_t *sorted(json_t *items)
{
  size_t n = json_array_size(items), i;
  json_t **list = malloc((n ? n : 1) * sizeof *list), *t, *out = json_array();
  if (!list)
    return out;
  json_array_foreach(items, i, t) list[i] = t;
  qsort(list, n, sizeof *list, by_urgency);
  for (i = 0; i < n; i++)
    json_array_append(out, list[i]);
  free(list);
  return out;
}

static void count(json_t *counts, const char *name, int by)
{
  json_object_set_new(counts, name, json_integer(json_integer_value(json_object_get(counts, name)) + by));
}

qf_rc qf_tasks(qf_work *w, const qf_actor *actor, qf_task_view view, json_t **out, qf_err *err)
{
  json_t *items = json_array(), *counts = json_object(), *t;
  size_t i;
  qf_rc rc = view == QF_TASKS_TODO ? todo(w, actor, items, err) : past(w, actor, view == QF_TASKS_MINE, items, err);
  count(counts, "all", (int)json_array_size(items));
  count(counts, "red", 0);
  count(counts, "yellow", 0);
  json_array_foreach(items, i, t)
  {
    count(counts, text(t, "kind"), 1);
    if (rank(t) < 2)
      count(counts, text(t, "card"), 1);
  }
  json_t *list = view == QF_TASKS_TODO ? sorted(items) : json_incref(items);
  json_decref(items);
  *out = json_pack("{s:o, s:o}", "items", list, "counts", counts);
  return rc;
}
