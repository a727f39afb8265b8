#include "filing/flow.h"
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Step names may be used (not_same) before their section: what refers to names is kept as text until all are known. */
typedef struct reading {
  qf_flow *f;
  char from[QF_FLOW_STEPS_MAX][200], to[QF_FLOW_STEPS_MAX][32], not_same[QF_FLOW_STEPS_MAX][200];
  char initial[32], edit[200];
  qf_rc rc;
  qf_err *err;
} reading;

int qf_flow_state(const qf_flow *f, const char *name)
{
  for (int i = 0; name && i < f->nstates; i++)
    if (strcmp(f->state[i], name) == 0)
      return i;
  return -1;
}

int qf_flow_find(const qf_flow *f, const char *step)
{
  for (int i = 0; step && i < f->nsteps; i++)
    if (strcmp(f->step[i].name, step) == 0)
      return i;
  return -1;
}

static bool plain(const char *s)
{
  size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_");
  return n > 0 && n < 32 && s[n] == 0;
}

/* Index of a state, made when new; -1: no room or no name. */
static int state_of(qf_flow *f, const char *name)
{
  int i = qf_flow_state(f, name);
  if (i >= 0 || !plain(name) || f->nstates == QF_FLOW_STATES_MAX)
    return i;
  snprintf(f->state[f->nstates], sizeof f->state[0], "%s", name);
  return f->nstates++;
}

static void split(const char *both, char *zh, char *en, size_t size)
{
  const char *bar = strchr(both, '|');
  snprintf(zh, size, "%.*s", (int)(bar ? bar - both : (long)strlen(both)), both);
  snprintf(en, size, "%s", bar ? bar + 1 : both);
}

static bool action_of(const char *name, qf_action *out)
{
  for (int a = 0; a < QF_ACT_COUNT; a++)
    if (strcmp(qf_action_name((qf_action)a), name) == 0) {
      *out = (qf_action)a;
      return true;
    }
  return false;
}

static bool yes_no(const char *v, bool *out)
{
  *out = strcmp(v, "yes") == 0;
  return *out || strcmp(v, "no") == 0;
}

static bool flow_key(reading *r, const char *key, const char *v)
{
  if (strcmp(key, "title") == 0)
    split(v, r->f->zh, r->f->en, sizeof r->f->zh);
  else if (strcmp(key, "initial") == 0)
    snprintf(r->initial, sizeof r->initial, "%s", v);
  else if (strcmp(key, "edit") == 0)
    snprintf(r->edit, sizeof r->edit, "%s", v);
  else if (strcmp(key, "act") == 0)
    return action_of(v, &r->f->act);
  else
    return false;
  return true;
}

static bool step_key(reading *r, size_t i, const char *key, const char *v)
{
  qf_step *s = &r->f->step[i];
  if (strcmp(key, "title") == 0)
    split(v, s->zh, s->en, sizeof s->zh);
  else if (strcmp(key, "from") == 0)
    snprintf(r->from[i], sizeof r->from[i], "%s", v);
  else if (strcmp(key, "to") == 0)
    snprintf(r->to[i], sizeof r->to[i], "%s", v);
  else if (strcmp(key, "not_same") == 0)
    snprintf(r->not_same[i], sizeof r->not_same[i], "%s", v);
  else if (strcmp(key, "act") == 0)
    return action_of(v, &s->act);
  else if (strcmp(key, "check") == 0)
    return yes_no(v, &s->check);
  else if (strcmp(key, "reason") == 0)
    return yes_no(v, &s->reason);
  else if (strcmp(key, "receipt") == 0)
    return yes_no(v, &s->receipt);
  else if (strcmp(key, "accepts") == 0)
    return yes_no(v, &s->accepts);
  else if (strcmp(key, "revises") == 0)
    return yes_no(v, &s->revises);
  else
    return false;
  return true;
}

/* 0 stops with the line number. */
static int on_key(void *ud, const char *section, const char *key, const char *v)
{
  reading *r = ud;
  if (strcmp(section, "flow") == 0)
    return flow_key(r, key, v);
  if (strncmp(section, "step ", 5) != 0 || !plain(section + 5) || strcmp(section + 5, QF_FLOW_EDIT) == 0)
    return 0;
  int i = qf_flow_find(r->f, section + 5);
  if (i < 0) {
    if (r->f->nsteps == QF_FLOW_STEPS_MAX)
      return 0;
    i = r->f->nsteps++;
    snprintf(r->f->step[i].name, sizeof r->f->step[i].name, "%s", section + 5);
    r->f->step[i].act = QF_ACT_COUNT;
  }
  return step_key(r, (size_t)i, key, v);
}

/* Each word of a list to fn; false stops. */
static bool words(const char *list, bool (*fn)(void *ud, const char *word), void *ud)
{
  char word[32];
  for (const char *p = list; *p;) {
    size_t n = strcspn(p, " ,");
    if (n >= sizeof word)
      return false;
    snprintf(word, sizeof word, "%.*s", (int)n, p);
    if (n && !fn(ud, word))
      return false;
    p += n + (p[n] != 0);
  }
  return true;
}

typedef struct bits {
  qf_flow *f;
  uint32_t set;
  bool *edit;
} bits;

static bool add_state(void *ud, const char *word)
{
  bits *b = ud;
  int i = state_of(b->f, word);
  b->set |= i < 0 ? 0 : 1u << i;
  return i >= 0;
}

static bool add_step(void *ud, const char *word)
{
  bits *b = ud;
  if (strcmp(word, QF_FLOW_EDIT) == 0) {
    *b->edit = true;
    return true;
  }
  int i = qf_flow_find(b->f, word);
  b->set |= i < 0 ? 0 : 1u << i;
  return i >= 0;
}

static qf_rc broken(reading *r, const char *where, const char *en, const char *zh)
{
  qf_rc rc =
      qf_fail(r->err, QF_SYNTAX, "flow %.60s, %.40s: %.100s", "流程 %.60s，%.40s：%.100s", r->f->name, where, en);
  if (r->err)
    snprintf(r->err->zh, sizeof r->err->zh, "流程 %.60s，%.40s：%.100s", r->f->name, where, zh);
  return rc;
}

static qf_rc resolve(reading *r)
{
  qf_flow *f = r->f;
  int first = state_of(f, r->initial);
  if (first < 0)
    return broken(r, "[flow]", "`initial` names no state", "initial 没有状态名");
  f->initial = (uint8_t)first;
  for (size_t i = 0; i < f->nsteps; i++) {
    qf_step *s = &f->step[i];
    bits from = {f, 0, NULL}, other = {f, 0, &s->not_edit};
    if (!words(r->from[i], add_state, &from) || !from.set)
      return broken(r, s->name, "`from` names no state, or too many", "from 没有状态或过多");
    int to = state_of(f, r->to[i]);
    if (to < 0)
      return broken(r, s->name, "`to` names no state", "to 没有状态名");
    if (s->act == QF_ACT_COUNT || s->act == QF_ACT_PUBLIC || s->act == QF_ACT_LOCAL)
      return broken(r, s->name, "`act` is missing or not one for filings", "act 缺失或不适用");
    if (!words(r->not_same[i], add_step, &other))
      return broken(r, s->name, "`not_same` names an unknown step", "not_same 含未知步骤");
    s->from = from.set;
    s->to = (uint8_t)to;
    s->not_same = other.set;
  }
  bits edit = {f, 0, NULL};
  uint8_t known = f->nstates;
  if (!words(*r->edit ? r->edit : r->initial, add_state, &edit) || f->nstates != known)
    return broken(r, "[flow]", "`edit` names an unknown state", "edit 含未知状态");
  f->edit = edit.set;
  return QF_OK;
}

/* Every state must be reachable, something must accept, and what is accepted must not come back without a new revision. */
static qf_rc sound(reading *r)
{
  qf_flow *f = r->f;
  uint32_t seen = 1u << f->initial, before = 0;
  bool accepts = false;
  while (seen != before) {
    before = seen;
    for (size_t i = 0; i < f->nsteps; i++)
      if (f->step[i].from & seen)
        seen |= 1u << f->step[i].to;
  }
  for (int i = 0; i < f->nstates; i++)
    if (!(seen >> i & 1u))
      return broken(r, f->state[i], "this state is never reached", "该状态不可达");
  for (size_t i = 0; i < f->nsteps; i++) {
    accepts = accepts || f->step[i].accepts;
    if (f->step[i].revises && f->step[i].to != f->initial)
      return broken(r, f->step[i].name, "a step that revises goes to the initial state",
                    "revises 的步骤须回到初始状态");
    for (size_t k = 0; f->step[i].accepts && k < f->nsteps; k++)
      if (!f->step[k].revises && (f->step[k].from >> f->step[i].to & 1u))
        return broken(r, f->step[k].name, "what is accepted is left by a step that revises only",
                      "已通过者只能由 revises 的步骤离开");
  }
  return accepts || f->nsteps == 0 ? QF_OK : broken(r, "[flow]", "no step accepts", "没有 accepts 的步骤");
}

qf_rc qf_flow_parse(const char *name, const char *text, size_t n, qf_flow *out, qf_err *err)
{
  *out = (qf_flow){.act = QF_ACT_FILE};
  snprintf(out->name, sizeof out->name, "%s", name);
  reading *r = calloc(1, sizeof *r);
  char *copy = n <= 65536 ? malloc(n + 1) : NULL;
  if (!r || !copy) {
    free(r);
    free(copy);
    return qf_fail(err, QF_NOMEM, "flow %.60s: out of memory, or over 64 KiB", "流程 %.60s：内存不足或超过 64 KiB",
                   name);
  }
  memcpy(copy, text, n);
  copy[n] = 0;
  r->f = out;
  r->err = err;
  int line = ini_parse_string(copy, on_key, r);
  qf_rc rc = line == 0 ? resolve(r)
                       : qf_fail(err, QF_SYNTAX, "flow %.60s, line %d: not understood, or too many steps",
                                 "流程 %.60s，第 %d 行：无法识别或步骤过多", name, line);
  if (!rc)
    rc = sound(r);
  free(copy);
  free(r);
  return rc;
}

/* ---- walking */

/* Has this person done one of those steps in this revision? */
static bool did(const qf_flow *f, const qf_step *s, const char *who, const qf_done *done, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    int k = qf_flow_find(f, done[i].step);
    bool meant = strcmp(done[i].step, QF_FLOW_EDIT) == 0 ? s->not_edit : k >= 0 && (s->not_same >> k & 1u);
    if (meant && strcmp(done[i].by, who) == 0)
      return true;
  }
  return false;
}

qf_rc qf_flow_step(const qf_flow *f, const qf_try *t, int *to, qf_err *err)
{
  int i = qf_flow_find(f, t->step);
  if (i < 0)
    return qf_fail(err, QF_NOTFOUND, "this form has no step %.40s", "此表单没有步骤 %.40s", t->step ? t->step : "");
  const qf_step *s = &f->step[i];
  if (!qf_rights_may(t->actor, s->act, t->object, err))
    return QF_DENIED;
  if (t->state < 0 || t->state >= f->nstates || !(s->from >> t->state & 1u))
    return qf_fail(err, QF_STATE, "%.40s is not possible: the form is %.40s", "不能执行 %.40s：表单状态为 %.40s",
                   s->name, t->state >= 0 && t->state < f->nstates ? f->state[t->state] : "?");
  if (did(f, s, t->actor->id, t->done, t->ndone))
    return qf_fail(err, QF_DENIED, "another person must do this: you took part in an earlier step of this revision",
                   "须由他人办理：您已参与本版的前一步骤");
  if (s->reason && (!t->reason || !*t->reason))
    return qf_fail(err, QF_SYNTAX, "a reason is needed", "须填写理由");
  *to = s->to;
  return QF_OK;
}

qf_rc qf_flow_edit(const qf_flow *f, int state, const qf_actor *actor, const qf_object *object, qf_err *err)
{
  if (!qf_rights_may(actor, f->act, object, err))
    return QF_DENIED;
  if (state < 0 || state >= f->nstates || !(f->edit >> state & 1u))
    return qf_fail(err, QF_STATE, "the form is %.40s and cannot be changed now", "表单状态为 %.40s，现不可修改",
                   state >= 0 && state < f->nstates ? f->state[state] : "?");
  return QF_OK;
}
