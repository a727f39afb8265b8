/* The invented people of the sample city: names that no person bears, no passwords, so that nobody can log in as one of
 * them; who came by the one-time link may take a seat (POST /api/v1/users/{id}/act). */
#include "demo/plant.h"
#include <stdio.h>

typedef struct seat {
  const char *id, *name, *role, *area, *district;
} seat;

static const seat seats[] = {
    {"leader", "示例领导", "leader", NULL, NULL},
    {"officer-industry", "示例工业经办员", "officer", "industry", NULL},
    {"reviewer-industry", "示例工业审核员甲", "reviewer", "industry", NULL},
    {"reviewer2-industry", "示例工业审核员乙", "reviewer", "industry", NULL},
    {"reviewer-210804", "示例鲅鱼圈审核员", "reviewer", "industry", "210804"},
    {"officer-city", "示例综合经办员", "officer", "city", NULL},
    {"reviewer-city", "示例综合审核员", "reviewer", "city", NULL},
    {"officer-buildings", "示例建筑经办员", "officer", "buildings", NULL},
    {"reviewer-buildings", "示例建筑审核员", "reviewer", "buildings", NULL},
    {"officer-transport", "示例交通经办员", "officer", "transport", NULL},
    {"reviewer-transport", "示例交通审核员", "reviewer", "transport", NULL},
    {"officer-people", "示例居民生活经办员", "officer", "people", NULL},
    {"reviewer-people", "示例居民生活审核员", "reviewer", "people", NULL},
    {"officer-innovation", "示例科技创新经办员", "officer", "innovation", NULL},
    {"reviewer-innovation", "示例科技创新审核员", "reviewer", "innovation", NULL},
    {"inspector-industry", "示例节能监察员", "inspector", "industry", NULL},
    {"auditor-industry", "示例核查员", "auditor", "industry", NULL},
    {"citizen", "示例市民", "citizen", NULL, NULL},
    {"system-admin", "示例系统管理员", "system_admin", NULL, NULL},
    {"security-admin", "示例安全管理员", "security_admin", NULL, NULL},
    {"audit-admin", "示例审计管理员", "audit_admin", NULL, NULL},
};

static bool push(json_t *array, json_t *rec)
{
  return rec && json_array_append_new(array, rec) == 0;
}

static bool person(json_t *array, const seat *s, const char *org)
{
  char id[80];
  json_t *g = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "holder", s->id, "role", s->role, "state", "approved",
                        "proposer", "demo", "decider", "demo", "reason", "演示数据 sample data");
  int bad = g ? 0 : 1;
  if (g && s->area)
    bad |= json_object_set_new(g, "area", json_string(s->area));
  if (g && s->district)
    bad |= json_object_set_new(g, "district", json_string(s->district));
  if (g && org)
    bad |= json_object_set_new(g, "org", json_string(org));
  snprintf(id, sizeof id, "demo-%s", s->id);
  json_t *u = json_pack("{s:s, s:s, s:b}", "name", s->name, "state", "active", "sample", 1);
  if (u && org)
    bad |= json_object_set_new(u, "org", json_string(org));
  bool ok = push(array, demo_record("user", s->id, u));
  return push(array, demo_record("grant", id, g)) && ok && !bad;
}

bool demo_people(json_t *array)
{
  bool ok = true;
  for (size_t i = 0; ok && i < sizeof seats / sizeof *seats; i++)
    ok = person(array, &seats[i], NULL);
  for (unsigned n = 1; ok && n <= 123; n++) {
    static const char *const roles[2][2] = {{"filer", "填报员"}, {"approver", "审批员"}};
    char unit[8], id[32], name[64];
    snprintf(unit, sizeof unit, "u%03u", n);
    for (unsigned k = 0; ok && k < 2; k++) {
      snprintf(id, sizeof id, "%s-%s", roles[k][0], unit);
      snprintf(name, sizeof name, "示例%s%03u", roles[k][1], n);
      ok = person(array, &(seat){id, name, roles[k][0], NULL, NULL}, unit);
    }
  }
  return ok;
}
