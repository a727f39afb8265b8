/* The one place that decides. A right is a cell of this table plus the limits of the grant it comes from:
 *
 *   ALL    everywhere in the grant's district            AREA   in the grant's area and district
 *   OWN    in the grant's organisation                   MET    what the meters say (no area): points, subjects, alarms
 *   FREE   not about an organisation (users, own work): no limits are compared
 *
 * Every signed-in role sees the totals of the city and its districts (an object without an organisation), whatever the
 * cell says; nobody sees an organisation's figures by that. */
#include "rights/rights.h"
#include <stdio.h>
#include <string.h>

enum { NO, ALL, AREA, OWN, MET, FREE };

static const uint8_t table[QF_ROLE_COUNT][QF_ACT_COUNT] = {
    [QF_ROLE_LEADER] = {[QF_ACT_VIEW] = ALL, [QF_ACT_DELEGATE] = FREE},
    [QF_ROLE_OFFICER] = {[QF_ACT_VIEW] = AREA,
                         [QF_ACT_FILE] = AREA,
                         [QF_ACT_COMMENT] = AREA,
                         [QF_ACT_PROPOSE] = AREA,
                         [QF_ACT_ALARM_ACK] = AREA,
                         [QF_ACT_DELEGATE] = FREE,
                         [QF_ACT_REGISTER] = AREA},
    [QF_ROLE_REVIEWER] = {[QF_ACT_VIEW] = AREA,
                          [QF_ACT_REVIEW] = AREA,
                          [QF_ACT_COMMENT] = AREA,
                          [QF_ACT_DECIDE] = AREA,
                          [QF_ACT_DELEGATE] = FREE},
    [QF_ROLE_FILER] = {[QF_ACT_VIEW] = OWN,
                       [QF_ACT_FILE] = OWN,
                       [QF_ACT_COMMENT] = OWN,
                       [QF_ACT_ALARM_ACK] = OWN,
                       [QF_ACT_DELEGATE] = FREE},
    [QF_ROLE_APPROVER] = {[QF_ACT_VIEW] = OWN,
                          [QF_ACT_ORG_APPROVE] = OWN,
                          [QF_ACT_COMMENT] = OWN,
                          [QF_ACT_ALARM_ACK] = OWN,
                          [QF_ACT_DELEGATE] = FREE},
    [QF_ROLE_INSPECTOR] =
        {[QF_ACT_VIEW] = AREA, [QF_ACT_INSPECT] = AREA, [QF_ACT_COMMENT] = AREA, [QF_ACT_DELEGATE] = FREE},
    [QF_ROLE_AUDITOR] = {[QF_ACT_VIEW] = AREA, [QF_ACT_COMMENT] = AREA},
    [QF_ROLE_SYSTEM_ADMIN] = {[QF_ACT_VIEW] = MET,
                              [QF_ACT_ALARM_ACK] = MET,
                              [QF_ACT_REGISTER] = ALL,
                              [QF_ACT_USERS] = FREE,
                              [QF_ACT_TOKENS] = FREE},
    [QF_ROLE_SECURITY_ADMIN] = {[QF_ACT_GRANT] = FREE},
    [QF_ROLE_AUDIT_ADMIN] = {[QF_ACT_AUDIT] = FREE},
};

static const char *const role_names[QF_ROLE_COUNT] = {
    "",          "citizen", "leader",       "officer",        "reviewer",    "filer",  "approver",
    "inspector", "auditor", "system_admin", "security_admin", "audit_admin", "service"};
static const char *const action_names[QF_ACT_COUNT] = {
    "public",  "view",   "ingest",   "alarm_ack", "file",  "org_approve", "review", "inspect", "comment",
    "propose", "decide", "delegate", "register",  "users", "grant",       "tokens", "audit",   "local"};

const char *qf_role_name(qf_role r)
{
  return r < QF_ROLE_COUNT ? role_names[r] : "";
}

qf_role qf_role_find(const char *name)
{
  for (int r = 1; name && r < QF_ROLE_COUNT; r++)
    if (strcmp(name, role_names[r]) == 0)
      return (qf_role)r;
  return QF_ROLE_NONE;
}

const char *qf_action_name(qf_action a)
{
  return a < QF_ACT_COUNT ? action_names[a] : "";
}

/* Does a limit allow this value? A limit asks for a known value; without a limit anything does. */
static bool inside(const char *limit, const char *value)
{
  return !limit[0] || (value && strcmp(limit, value) == 0);
}

/* An area that does not apply (a point, a subject) is inside every area; an area grant never widens by it. */
static bool inside_area(const char *limit, const char *value)
{
  return !limit[0] || !value || strcmp(limit, value) == 0;
}

static bool covers(const qf_grant *g, qf_action act, const qf_object *o)
{
  int cell = g->role < QF_ROLE_COUNT && act < QF_ACT_COUNT ? table[g->role][act] : NO;
  if (!o) /* may this person do so at all, anywhere? */
    return cell != NO || (act == QF_ACT_VIEW && g->role != QF_ROLE_NONE);
  if (act == QF_ACT_VIEW && !o->org && g->role != QF_ROLE_NONE)
    return true;
  switch (cell) {
  case FREE:
    return true;
  case OWN:
    return g->org[0] && o->org && strcmp(g->org, o->org) == 0 && inside_area(g->area, o->area);
  case AREA:
    return inside_area(g->area, o->area) && inside(g->district, o->district) && inside(g->org, o->org);
  case ALL:
    return inside(g->district, o->district) && inside(g->org, o->org);
  case MET:
    return !o->area && inside(g->district, o->district) && inside(g->org, o->org);
  default:
    return false;
  }
}

/* What administrators do needs the second factor in this very session. */
static bool needs_strong(const qf_actor *a, qf_action act)
{
  return (act == QF_ACT_USERS || act == QF_ACT_GRANT || act == QF_ACT_TOKENS || act == QF_ACT_AUDIT) && !a->strong;
}

bool qf_rights_may(const qf_actor *actor, qf_action act, const qf_object *o, qf_err *why)
{
  bool granted = false;
  if (act == QF_ACT_PUBLIC)
    return true;
  if (actor && act < QF_ACT_COUNT) {
    if (actor->local ? act != QF_ACT_GRANT : (actor->token_actions >> act & 1u) != 0)
      return true;
    for (unsigned i = 0; !granted && i < actor->ngrants; i++)
      granted = covers(&actor->grant[i], act, o);
    if (granted && !needs_strong(actor, act))
      return true;
  }
  if (granted)
    (void)qf_fail(why, QF_DENIED, "a second factor is needed for this: set it up on your own page and log in with it",
                  "此操作需双因素认证：请在个人页面启用动态口令后重新登录");
  else if (!actor || (!actor->id[0] && !actor->local))
    (void)qf_fail(why, QF_DENIED, "a token or a login is needed", "需要令牌或登录");
  else
    (void)qf_fail(why, QF_DENIED, "your rights do not cover this", "权限不足");
  return false;
}

void qf_rights_scope(const qf_actor *actor, qf_action act, const char *area, qf_scope_list *out)
{
  *out = (qf_scope_list){0};
  if (!actor)
    return;
  out->all = actor->local ? act != QF_ACT_GRANT : act < QF_ACT_COUNT && (actor->token_actions >> act & 1u) != 0;
  for (unsigned i = 0; i < actor->ngrants && !out->all; i++) {
    const qf_grant *g = &actor->grant[i];
    int cell = g->role < QF_ROLE_COUNT && act < QF_ACT_COUNT ? table[g->role][act] : NO;
    if (cell == NO || (cell == MET && area) || ((cell == AREA || cell == OWN) && !inside_area(g->area, area)))
      continue;
    if (cell == OWN ? g->org[0] != 0 : g->org[0] && cell != FREE)
      out->org[out->norgs++] = g->org;
    else if (cell == OWN)
      continue; /* an own-organisation role without an organisation covers nothing */
    else if (cell != FREE && g->district[0])
      out->district[out->ndistricts++] = g->district;
    else
      out->all = true;
  }
}

bool qf_rights_conflict(qf_role a, qf_role b)
{
  enum { ADMIN = 1, ENTERPRISE, DEPARTMENT, WATCH, OTHER };
  static const uint8_t side[QF_ROLE_COUNT] = {
      [QF_ROLE_CITIZEN] = OTHER,        [QF_ROLE_LEADER] = DEPARTMENT, [QF_ROLE_OFFICER] = DEPARTMENT,
      [QF_ROLE_REVIEWER] = DEPARTMENT,  [QF_ROLE_FILER] = ENTERPRISE,  [QF_ROLE_APPROVER] = ENTERPRISE,
      [QF_ROLE_INSPECTOR] = DEPARTMENT, [QF_ROLE_AUDITOR] = WATCH,     [QF_ROLE_SYSTEM_ADMIN] = ADMIN,
      [QF_ROLE_SECURITY_ADMIN] = ADMIN, [QF_ROLE_AUDIT_ADMIN] = ADMIN, [QF_ROLE_SERVICE] = OTHER};
  if (a == b || a >= QF_ROLE_COUNT || b >= QF_ROLE_COUNT || !side[a] || !side[b])
    return false;
  if (side[a] == ADMIN && side[b] == ADMIN)
    return true;
  return side[a] != side[b] && side[a] != OTHER && side[b] != OTHER;
}
