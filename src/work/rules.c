/* The rules of the packs (rules/<name>.sql): each is run with a limit of time, all of them again when the book has changed and a minute has
 * gone, on a thread of their own: together they take tenths of a second, which nobody who opens the desk should wait. */
#include "book/packfile.h"
#include "work/internal.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct loading {
  qf_work *w;
  const char *area;
} loading;

static qf_rc load_rule(void *ud, const char *dir, const char *name, qf_err *err)
{
  loading *l = ud;
  char path[4400], both[400];
  qf_packfile f;
  snprintf(path, sizeof path, "%s/%s", dir, name);
  qf_rc rc = qf_packfile_read(path, &f, err);
  if (rc)
    return rc;
  qf_rule *more = realloc(l->w->rules, (l->w->nrules + 1) * sizeof *more);
  if (more) {
    l->w->rules = more;
    qf_rule *r = &more[l->w->nrules];
    *r = (qf_rule){.sql = strdup(f.sql)};
    if (!qf_packfile_get(&f, "id", r->id, sizeof r->id))
      snprintf(r->id, sizeof r->id, "%.60s.%.50s", l->area, name);
    snprintf(r->area, sizeof r->area, "%.63s", l->area);
    qf_packfile_get(&f, "title", both, sizeof both);
    qf_packfile_split(*both ? both : r->id, r->zh, r->en, sizeof r->zh);
    l->w->nrules += r->sql != NULL;
    rc = r->sql ? QF_OK : QF_NOMEM;
  } else {
    rc = QF_NOMEM;
  }
  qf_packfile_fini(&f);
  return rc ? qf_fail(err, rc, "out of memory", "内存不足") : QF_OK;
}

static qf_rc load_pack(void *ud, const char *dir, const char *name, qf_err *err)
{
  loading l = {ud, name};
  char path[4400];
  if (*name == '.')
    return QF_OK;
  snprintf(path, sizeof path, "%s/%s/rules", dir, name);
  return qf_packdir_each(path, ".sql", load_rule, &l, err);
}

qf_rc qf_rules_load(qf_work *w, qf_err *err)
{
  return qf_packdir_each(qf_city_packs(w->city), "", load_pack, w, err);
}

void qf_rules_free(qf_work *w)
{
  for (size_t i = 0; i < w->nrules; i++)
    free(w->rules[i].sql);
  free(w->rules);
}

typedef struct running {
  const qf_rule *rule;
  json_t *out;
} running;

static json_t *finding(const qf_rule *r, const char *severity, const char *zh, const char *en)
{
  return json_pack("{s:s, s:o, s:s, s:s, s:o}", "rule", r->id, "title", qf_both(r->zh, r->en), "area", r->area,
                   "severity", severity, "text", qf_both(zh, en));
}

/* subject, month, severity, text_zh, text_en, evidence, district, org */
static bool on_row(void *ud, const qf_cell *c, size_t n)
{
  running *k = ud;
  if (n != 8 || json_array_size(k->out) >= QF_FINDINGS_MAX)
    return false;
  json_t *f = finding(k->rule, *qf_cell_text(&c[2]) ? c[2].s : "warn", qf_cell_text(&c[3]), qf_cell_text(&c[4]));
  json_object_set_new(f, "subject", c[0].kind == 4 ? json_string(c[0].s) : json_null());
  json_object_set_new(f, "month", c[1].kind ? json_integer(c[1].i) : json_null());
  json_object_set_new(f, "evidence", c[5].kind == 4 ? json_string(c[5].s) : json_null());
  json_object_set_new(f, "district", json_string(qf_cell_text(&c[6])));
  json_object_set_new(f, "org", json_string(qf_cell_text(&c[7])));
  json_array_append_new(k->out, f);
  return true;
}

static void run_rule(qf_work *w, const qf_rule *r, json_t *out)
{
  running k = {r, out};
  qf_err why = {0};
  qf_buf sql;
  qf_buf_init(&sql, (size_t)1 << 20);
  qf_buf_puts(&sql,
              "SELECT q.subject, q.month, q.severity, q.text_zh, q.text_en, q.evidence, CASE WHEN s.kind = 'unit' THEN "
              "s.parent WHEN s.kind = 'district' THEN s.id END, CASE WHEN s.kind = 'unit' THEN s.id END FROM (");
  qf_buf_puts(&sql, r->sql);
  qf_buf_puts(&sql, ") q LEFT JOIN rec_subject s ON s.id = split_part(q.subject, '.', 1)");
  qf_rc rc = sql.failed ? QF_NOMEM : qf_book_query_limited(w->book, QF_RULE_MS, sql.data, NULL, 0, on_row, &k, &why);
  if (rc) {
    char zh[300], en[300];
    snprintf(zh, sizeof zh, "规则 %.100s 未能执行完：%.150s", r->id, why.zh);
    snprintf(en, sizeof en, "Rule %.100s did not finish: %.150s", r->id, why.en);
    json_array_append_new(out, finding(r, "error", zh, en));
  }
  qf_buf_fini(&sql);
}

/* All rules run; NULL when the work closes meanwhile. Without lock: rules do not change. */
static json_t *run_all(qf_work *w)
{
  json_t *all = json_array();
  for (size_t i = 0; i < w->nrules; i++) {
    if (atomic_load(&w->stop)) {
      json_decref(all);
      return NULL;
    }
    run_rule(w, &w->rules[i], all);
  }
  return all;
}

static bool due(const qf_work *w)
{
  qf_us now = qf_city_now(w->city);
  return !w->findings ||
         (qf_book_generation(w->book) != w->generation && (now - w->at >= QF_FINDINGS_AGE || now < w->at));
}

static void *rules_main(void *ud)
{
  qf_work *w = ud;
  pthread_setname_np(pthread_self(), "rules");
  pthread_mutex_lock(&w->mx);
  while (!atomic_load(&w->stop)) {
    if (due(w)) {
      uint64_t generation = qf_book_generation(w->book);
      pthread_mutex_unlock(&w->mx);
      json_t *all = run_all(w);
      pthread_mutex_lock(&w->mx);
      if (all) {
        json_decref(w->findings);
        w->findings = all;
        w->generation = generation;
        w->at = qf_city_now(w->city);
        pthread_cond_broadcast(&w->cv);
      }
      continue;
    }
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 1;
    pthread_cond_timedwait(&w->cv, &w->mx, &until);
  }
  pthread_mutex_unlock(&w->mx);
  return NULL;
}

qf_rc qf_rules_start(qf_work *w, qf_err *err)
{
  if (pthread_create(&w->thread, NULL, rules_main, w) != 0)
    return qf_fail(err, QF_NOMEM, "no thread can be started", "无法启动线程");
  w->running = true;
  return QF_OK;
}

void qf_rules_stop(qf_work *w)
{
  if (!w->running)
    return;
  pthread_mutex_lock(&w->mx);
  atomic_store(&w->stop, true);
  pthread_cond_broadcast(&w->cv);
  pthread_mutex_unlock(&w->mx);
  pthread_join(w->thread, NULL);
  w->running = false;
}

static const char *text(const json_t *o, const char *name)
{
  const char *s = json_string_value(json_object_get(o, name));
  return s ? s : "";
}

static bool under(const char *subject, const char *want)
{
  size_t n = strlen(want);
  return strncmp(subject, want, n) == 0 && (subject[n] == 0 || subject[n] == '.');
}

/* What is about no organisation names records of a district, or a factor, or a rule. It is not a total, which everybody sees, but for
 * those who see the area there. */
static bool shown(const json_t *f, const qf_actor *actor, const char *subject, const char *severity)
{
  const char *org = text(f, "org"), *district = text(f, "district"), *area = text(f, "area");
  qf_object o = {strcmp(area, "city") == 0 ? NULL : area, *district ? district : NULL, *org ? org : NULL};
  if ((*severity && strcmp(severity, text(f, "severity")) != 0) ||
      (*subject && !under(text(f, "subject"), subject) && strcmp(district, subject) != 0))
    return false;
  if (!actor)
    return true;
  if (*org)
    return qf_rights_may(actor, QF_ACT_VIEW, &o, NULL);
  qf_scope_list scope;
  qf_rights_scope(actor, QF_ACT_VIEW, o.area ? o.area : "", &scope);
  bool in = scope.all;
  for (unsigned i = 0; !in && *district && i < scope.ndistricts; i++)
    in = strcmp(scope.district[i], district) == 0;
  return in;
}

qf_rc qf_findings(qf_work *w, const qf_actor *actor, const char *subject, const char *severity, json_t **out,
                  qf_err *err)
{
  size_t i;
  json_t *f, *list = json_array();
  if (!list)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  pthread_mutex_lock(&w->mx);
  while (!w->findings) /* the first run, soon after the start */
    pthread_cond_wait(&w->cv, &w->mx);
  for (int k = 0; k < 4; k++)
    json_array_foreach(w->findings, i, f)
    {
      const char *s = text(f, "severity");
      int rank = strcmp(s, "error") == 0 ? 0 : strcmp(s, "warn") == 0 ? 1 : strcmp(s, "info") == 0 ? 2 : 3;
      if (rank == k && shown(f, actor, subject, severity))
        json_array_append_new(list, json_deep_copy(f)); /* the cache's own counters belong to the lock */
    }
  pthread_mutex_unlock(&w->mx);
  *out = list;
  return QF_OK;
}
