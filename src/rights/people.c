#include "rights/people.h"
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct qf_people {
  qf_city *city;
  pthread_mutex_t mx;      /* what is in memory */
  pthread_mutex_t writing; /* one change at a time: read, judge, write */
  uint64_t generation;     /* of the book, up to which memory is right */
  qf_user *users;          /* ordered by id */
  size_t nusers, cap_users;
  qf_granted *grants; /* ordered by holder */
  size_t ngrants, cap_grants;
  bool failed; /* the records could not be read: nobody has rights */
};

static const char *const user_states[] = {"invited", "active", "disabled"};
static const char *const grant_states[] = {"proposed", "approved", "refused", "revoked"};

bool qf_people_secret_type(const char *type)
{
  return strcmp(type, "token") == 0 || strcmp(type, "user") == 0 || strcmp(type, "grant") == 0;
}

/* ---- reading */

static void copy(char *out, size_t size, const qf_cell *c)
{
  snprintf(out, size, "%s", c->kind == 4 ? c->s : "");
}

static unsigned find_name(const char *const *names, unsigned n, const qf_cell *c, unsigned otherwise)
{
  for (unsigned i = 0; i < n; i++)
    if (c->kind == 4 && strcmp(names[i], c->s) == 0)
      return i;
  return otherwise;
}

/* Room for one more; false when out of memory or over the limit. */
static bool grow(void **list, size_t *cap, size_t n, size_t size, size_t max)
{
  if (n < *cap)
    return true;
  size_t more = *cap ? *cap * 2 : 64;
  void *p = n < max ? realloc(*list, more * size) : NULL;
  if (!p)
    return false;
  *list = p;
  *cap = more;
  return true;
}

static bool user_row(void *ud, const qf_cell *c, size_t n)
{
  qf_people *p = ud;
  void *list = p->users;
  if (n != 10 || !grow(&list, &p->cap_users, p->nusers, sizeof *p->users, QF_USERS_MAX)) {
    p->failed = true;
    return false;
  }
  p->users = list;
  qf_user *u = &p->users[p->nusers++];
  *u = (qf_user){.sample = c[4].kind == 5 && c[4].i};
  copy(u->id, sizeof u->id, &c[0]);
  copy(u->name, sizeof u->name, &c[1]);
  copy(u->org, sizeof u->org, &c[2]);
  u->state = (qf_user_state)find_name(user_states, 3, &c[3], QF_USER_DISABLED);
  copy(u->hash, sizeof u->hash, &c[5]);
  copy(u->totp, sizeof u->totp, &c[6]);
  copy(u->recovery, sizeof u->recovery, &c[7]);
  copy(u->link, sizeof u->link, &c[8]);
  if (c[9].kind != 4 || qf_tm_parse(c[9].s, c[9].len, &u->link_until))
    u->link_until = 0;
  return true;
}

static bool grant_row(void *ud, const qf_cell *c, size_t n)
{
  qf_people *p = ud;
  void *list = p->grants;
  if (n != 13 || !grow(&list, &p->cap_grants, p->ngrants, sizeof *p->grants, QF_USER_GRANTS_MAX)) {
    p->failed = true;
    return false;
  }
  p->grants = list;
  qf_granted *g = &p->grants[p->ngrants++];
  *g = (qf_granted){0};
  copy(g->id, sizeof g->id, &c[0]);
  copy(g->holder, sizeof g->holder, &c[1]);
  g->grant.role = c[2].kind == 4 ? qf_role_find(c[2].s) : QF_ROLE_NONE;
  copy(g->grant.area, sizeof g->grant.area, &c[3]);
  copy(g->grant.district, sizeof g->grant.district, &c[4]);
  copy(g->grant.org, sizeof g->grant.org, &c[5]);
  copy(g->valid_from, sizeof g->valid_from, &c[6]);
  copy(g->valid_to, sizeof g->valid_to, &c[7]);
  copy(g->reason, sizeof g->reason, &c[8]);
  g->state = (qf_grant_state)find_name(grant_states, 4, &c[9], QF_GRANT_REFUSED);
  copy(g->proposer, sizeof g->proposer, &c[10]);
  copy(g->decider, sizeof g->decider, &c[11]);
  copy(g->decided, sizeof g->decided, &c[12]);
  return true;
}

static void load(qf_people *p)
{
  qf_err err = {0};
  p->nusers = p->ngrants = 0;
  p->failed = false;
  qf_rc rc = qf_book_query(qf_city_book(p->city),
                           "SELECT id, name, org, state, sample, hash, totp, recovery, link, link_until FROM rec_user "
                           "ORDER BY id",
                           NULL, 0, user_row, p, &err);
  if (!rc)
    rc = qf_book_query(qf_city_book(p->city),
                       "SELECT id, holder, role, area, district, org, CAST(valid_from AS VARCHAR), CAST(valid_to AS "
                       "VARCHAR), reason, state, proposer, decider, decided FROM rec_grant ORDER BY holder, id",
                       NULL, 0, grant_row, p, &err);
  if (rc || p->failed) { /* fail closed */
    p->nusers = p->ngrants = 0;
    p->failed = true;
    fprintf(stderr, "qingfeng: users cannot be read, nobody has rights: %s\n", err.en);
  }
}

/* With p->mx held: read again when a user or grant record changed since. */
static void refresh(qf_people *p)
{
  qf_book *b = qf_city_book(p->city);
  if (!p->failed && p->generation == qf_book_generation(b))
    return;
  qf_book_change ch;
  qf_book_changed_since(b, p->generation, &ch);
  bool stale = ch.unknown || p->failed || p->generation == 0;
  for (uint32_t i = 0; !stale && i < QF_BOOK_TYPES_MAX; i++)
    if (ch.types[i / 64] >> (i % 64) & 1u) {
      const char *name = qf_book_type_name(b, i);
      stale = name && (strcmp(name, "user") == 0 || strcmp(name, "grant") == 0);
    }
  p->generation = ch.generation;
  if (stale)
    load(p);
}

static qf_user *find_user(qf_people *p, const char *id)
{
  size_t lo = 0, hi = p->nusers;
  while (lo < hi) {
    size_t mid = (lo + hi) / 2;
    int c = strcmp(p->users[mid].id, id);
    if (c == 0)
      return &p->users[mid];
    if (c < 0)
      lo = mid + 1;
    else
      hi = mid;
  }
  return NULL;
}

static size_t first_grant(const qf_people *p, const char *holder)
{
  size_t lo = 0, hi = p->ngrants;
  while (lo < hi) {
    size_t mid = (lo + hi) / 2;
    if (strcmp(p->grants[mid].holder, holder) < 0)
      lo = mid + 1;
    else
      hi = mid;
  }
  return lo;
}

bool qf_people_user(qf_people *p, const char *id, qf_user *out)
{
  pthread_mutex_lock(&p->mx);
  refresh(p);
  const qf_user *u = find_user(p, id);
  if (u)
    *out = *u;
  pthread_mutex_unlock(&p->mx);
  return u != NULL;
}

bool qf_people_by_link(qf_people *p, const char *hex, qf_user *out)
{
  bool got = false;
  pthread_mutex_lock(&p->mx);
  refresh(p);
  qf_us now = qf_city_now(p->city);
  for (size_t i = 0; i < p->nusers && strlen(hex) == 64; i++)
    if (p->users[i].link[0] && p->users[i].link_until > now && p->users[i].state != QF_USER_DISABLED &&
        sodium_memcmp(p->users[i].link, hex, 64) == 0) {
      *out = p->users[i];
      got = true;
    }
  pthread_mutex_unlock(&p->mx);
  return got;
}

static void today(qf_people *p, char out[16])
{
  qf_buf b;
  qf_buf_init(&b, 64);
  qf_day_write(&b, qf_day_cn(qf_city_now(p->city)));
  snprintf(out, 16, "%.*s", (int)b.len, b.data ? b.data : "");
  qf_buf_fini(&b);
}

static bool counts(const qf_granted *g, const char *day)
{
  return g->state == QF_GRANT_APPROVED && (!g->valid_from[0] || strcmp(day, g->valid_from) >= 0) &&
         (!g->valid_to[0] || strcmp(day, g->valid_to) <= 0);
}

bool qf_people_actor(qf_people *p, const char *id, qf_actor *out)
{
  char day[16];
  today(p, day);
  *out = (qf_actor){0};
  pthread_mutex_lock(&p->mx);
  refresh(p);
  const qf_user *u = find_user(p, id);
  bool ok = u && u->state == QF_USER_ACTIVE;
  if (ok) {
    snprintf(out->id, sizeof out->id, "%s", u->id);
    snprintf(out->name, sizeof out->name, "%s", u->name);
  }
  for (size_t i = first_grant(p, id); ok && i < p->ngrants && strcmp(p->grants[i].holder, id) == 0; i++)
    if (counts(&p->grants[i], day) && out->ngrants < QF_GRANTS_MAX)
      out->grant[out->ngrants++] = p->grants[i].grant;
  pthread_mutex_unlock(&p->mx);
  return ok;
}

static bool admin_role(qf_role r)
{
  return r == QF_ROLE_SYSTEM_ADMIN || r == QF_ROLE_SECURITY_ADMIN || r == QF_ROLE_AUDIT_ADMIN;
}

bool qf_people_admin(qf_people *p, const char *id)
{
  bool yes = false;
  pthread_mutex_lock(&p->mx);
  refresh(p);
  for (size_t i = first_grant(p, id); i < p->ngrants && strcmp(p->grants[i].holder, id) == 0; i++)
    yes |= p->grants[i].state <= QF_GRANT_APPROVED && admin_role(p->grants[i].grant.role);
  pthread_mutex_unlock(&p->mx);
  return yes;
}

bool qf_people_ever(qf_people *p, qf_role role)
{
  bool yes = false;
  pthread_mutex_lock(&p->mx);
  refresh(p);
  yes = p->failed; /* unknown is not "never" */
  for (size_t i = 0; i < p->ngrants; i++)
    yes |= p->grants[i].grant.role == role &&
           (p->grants[i].state == QF_GRANT_APPROVED || p->grants[i].state == QF_GRANT_REVOKED);
  pthread_mutex_unlock(&p->mx);
  return yes;
}

bool qf_people_grant(qf_people *p, const char *id, qf_granted *out)
{
  bool got = false;
  pthread_mutex_lock(&p->mx);
  refresh(p);
  for (size_t i = 0; i < p->ngrants && !got; i++)
    if (strcmp(p->grants[i].id, id) == 0) {
      *out = p->grants[i];
      got = true;
    }
  pthread_mutex_unlock(&p->mx);
  return got;
}

/* ---- writing */

static void set(json_t *data, const char *name, const char *value)
{
  if (value[0])
    json_object_set_new(data, name, json_string(value));
}

static void set_time(json_t *data, const char *name, qf_us t)
{
  qf_buf b;
  qf_buf_init(&b, 64);
  qf_tm_write(&b, t);
  json_object_set_new(data, name, json_stringn(b.data ? b.data : "", b.len));
  qf_buf_fini(&b);
}

static qf_rc put(qf_people *p, const char *type, const char *id, const char *by, json_t *data, qf_err *err)
{
  json_t *list = json_array(), *rec = json_object();
  json_object_set_new(rec, "type", json_string(type));
  json_object_set_new(rec, "id", json_string(id));
  json_object_set_new(rec, "status", json_string("accepted"));
  json_object_set_new(rec, "by", json_string(by));
  json_object_set_new(rec, "data", data);
  json_array_append_new(list, rec);
  qf_rc rc = qf_city_records(p->city, list, NULL, err);
  json_decref(list);
  return rc;
}

static bool exists_row(void *ud, const qf_cell *c, size_t n)
{
  *(bool *)ud = n == 1 && c[0].i > 0;
  return false;
}

/* Is there such a row? sql counts with ?1. */
static qf_rc must_exist(qf_people *p, const char *sql, const char *value, qf_err *err)
{
  bool have = false;
  qf_param a = {.kind = 4, .s = value};
  if (!value[0])
    return QF_OK;
  qf_rc rc = qf_book_query(qf_city_book(p->city), sql, &a, 1, exists_row, &have, err);
  return rc || have ? rc : qf_fail(err, QF_NOTFOUND, "no unit or district %.60s", "无此单位或区县 %.60s", value);
}

static qf_rc org_exists(qf_people *p, const char *org, qf_err *err)
{
  return must_exist(p, "SELECT count(*) FROM rec_subject WHERE kind = 'unit' AND id = ?1", org, err);
}

static qf_rc good_user(qf_people *p, const qf_user *u, qf_err *err)
{
  static const char *const taken[] = {"local", "setup", "demo", "nobody", "system", "admin", "root"};
  size_t n = strlen(u->id), m = strlen(u->name);
  bool ok = n >= 2 && n <= 40 && strspn(u->id, "abcdefghijklmnopqrstuvwxyz0123456789._-") == n;
  for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
    ok = ok && strcmp(u->id, taken[i]) != 0;
  if (!ok)
    return qf_fail(err, QF_RANGE, "a user id has 2 to 40 of a-z 0-9 . _ - and is no reserved word",
                   "用户名为 2 至 40 个 a-z 0-9 . _ -，且不得为保留字");
  if (m == 0 || m > 90 || strpbrk(u->name, "\r\n\t<>\""))
    return qf_fail(err, QF_RANGE, "a name has 1 to 90 bytes and no quotes, brackets or line ends",
                   "姓名须为 1 至 90 字节，不含引号、尖括号与换行");
  return org_exists(p, u->org, err);
}

qf_rc qf_people_put(qf_people *p, const qf_user *u, bool make, const char *by, qf_err *err)
{
  qf_user have;
  pthread_mutex_lock(&p->writing);
  bool there = qf_people_user(p, u->id, &have);
  qf_rc rc = make ? good_user(p, u, err) : QF_OK;
  if (!rc && make && there)
    rc = qf_fail(err, QF_EXISTS, "there is a user %.40s already", "已有用户 %.40s", u->id);
  if (!rc && !make && !there)
    rc = qf_fail(err, QF_NOTFOUND, "no user %.40s", "无此用户 %.40s", u->id);
  if (!rc && make && p->nusers >= QF_USERS_MAX)
    rc = qf_fail(err, QF_NOMEM, "at most %u users", "用户上限 %u", QF_USERS_MAX);
  if (!rc) {
    json_t *d = json_object();
    set(d, "name", u->name);
    set(d, "org", u->org);
    set(d, "state", user_states[u->state]);
    if (u->sample)
      json_object_set_new(d, "sample", json_true());
    set(d, "hash", u->hash);
    set(d, "totp", u->totp);
    set(d, "recovery", u->recovery);
    set(d, "link", u->link);
    if (u->link[0])
      set_time(d, "link_until", u->link_until);
    rc = put(p, "user", u->id, by, d, err);
  }
  pthread_mutex_unlock(&p->writing);
  return rc;
}

static qf_rc put_grant(qf_people *p, const qf_granted *g, const char *by, qf_err *err)
{
  json_t *d = json_object();
  set(d, "holder", g->holder);
  set(d, "role", qf_role_name(g->grant.role));
  set(d, "area", g->grant.area);
  set(d, "district", g->grant.district);
  set(d, "org", g->grant.org);
  set(d, "valid_from", g->valid_from);
  set(d, "valid_to", g->valid_to);
  set(d, "reason", g->reason);
  set(d, "state", grant_states[g->state]);
  set(d, "proposer", g->proposer);
  set(d, "decider", g->decider);
  if (g->decider[0])
    set_time(d, "decided", qf_city_now(p->city));
  return put(p, "grant", g->id, by, d, err);
}

/* Does this grant go with what the holder has or is proposed for? With p->mx held. */
static qf_rc judge(qf_people *p, const qf_granted *g, qf_err *err)
{
  size_t n = 0;
  for (size_t i = first_grant(p, g->holder); i < p->ngrants && strcmp(p->grants[i].holder, g->holder) == 0; i++) {
    const qf_granted *h = &p->grants[i];
    if (h->state > QF_GRANT_APPROVED || strcmp(h->id, g->id) == 0)
      continue;
    n++;
    if (qf_rights_conflict(h->grant.role, g->grant.role))
      return qf_fail(err, QF_DENIED, "%.40s holds the role %s, which excludes %s", "%.40s 已有角色 %s，不得兼任 %s",
                     g->holder, qf_role_name(h->grant.role), qf_role_name(g->grant.role));
    if (h->grant.role == g->grant.role && strcmp(h->grant.area, g->grant.area) == 0 &&
        strcmp(h->grant.district, g->grant.district) == 0 && strcmp(h->grant.org, g->grant.org) == 0 &&
        strcmp(h->valid_from, g->valid_from) == 0 && strcmp(h->valid_to, g->valid_to) == 0)
      return qf_fail(err, QF_EXISTS, "%.40s has or is proposed for this already", "%.40s 已有或已申请该授权",
                     g->holder);
  }
  return n < QF_GRANTS_MAX
             ? QF_OK
             : qf_fail(err, QF_NOMEM, "at most %u grants for a person", "每人至多 %u 项授权", QF_GRANTS_MAX);
}

static qf_rc good_scope(qf_people *p, const qf_granted *g, qf_err *err)
{
  qf_role r = g->grant.role;
  if (r == QF_ROLE_NONE || r == QF_ROLE_SERVICE)
    return qf_fail(err, QF_RANGE, "no such role", "无此角色");
  if ((r == QF_ROLE_FILER || r == QF_ROLE_APPROVER) && !g->grant.org[0])
    return qf_fail(err, QF_RANGE, "role %s needs an organisation", "角色 %s 须限定单位", qf_role_name(r));
  if (admin_role(r) && (g->grant.area[0] || g->grant.district[0] || g->grant.org[0]))
    return qf_fail(err, QF_RANGE, "an administrator's role has no limits of area, district or organisation",
                   "管理员角色不设领域、区县或单位范围");
  if (strspn(g->grant.area, "abcdefghijklmnopqrstuvwxyz0123456789_") != strlen(g->grant.area))
    return qf_fail(err, QF_RANGE, "no area %.30s", "无此领域 %.30s", g->grant.area);
  qf_rc rc = org_exists(p, g->grant.org, err);
  if (!rc)
    rc = must_exist(p, "SELECT count(*) FROM rec_subject WHERE kind = 'district' AND id = ?1", g->grant.district, err);
  return rc;
}

qf_rc qf_people_propose(qf_people *p, qf_granted *g, bool first, const char *by, qf_err *err)
{
  qf_user u;
  uint8_t rnd[8];
  randombytes_buf(rnd, sizeof rnd);
  qf_hex(rnd, sizeof rnd, g->id);
  snprintf(g->proposer, sizeof g->proposer, "%s", by);
  g->state = QF_GRANT_PROPOSED;
  g->decider[0] = 0;
  pthread_mutex_lock(&p->writing);
  qf_rc rc = qf_people_user(p, g->holder, &u) && u.state != QF_USER_DISABLED
                 ? good_scope(p, g, err)
                 : qf_fail(err, QF_NOTFOUND, "no user %.40s, or disabled", "无此用户 %.40s，或已停用", g->holder);
  bool bootstrap = first && admin_role(g->grant.role) && !qf_people_ever(p, QF_ROLE_SECURITY_ADMIN) &&
                   !qf_people_ever(p, g->grant.role);
  pthread_mutex_lock(&p->mx);
  if (!rc)
    rc = judge(p, g, err);
  pthread_mutex_unlock(&p->mx);
  if (!rc && bootstrap) {
    g->state = QF_GRANT_APPROVED;
    snprintf(g->decider, sizeof g->decider, "%s", by);
  }
  if (!rc)
    rc = put_grant(p, g, by, err);
  pthread_mutex_unlock(&p->writing);
  return rc;
}

static size_t security_admins(qf_people *p, const char *but)
{
  size_t n = 0;
  for (size_t i = 0; i < p->ngrants; i++)
    n += p->grants[i].state == QF_GRANT_APPROVED && p->grants[i].grant.role == QF_ROLE_SECURITY_ADMIN &&
         strcmp(p->grants[i].id, but) != 0;
  return n;
}

static qf_rc may_decide(qf_people *p, const qf_granted *g, qf_grant_state to, const char *by, qf_err *err)
{
  if (to == QF_GRANT_REVOKED ? g->state != QF_GRANT_APPROVED : g->state != QF_GRANT_PROPOSED)
    return qf_fail(err, QF_STATE, "this grant is %s already", "该授权已是 %s", grant_states[g->state]);
  if (to == QF_GRANT_APPROVED && strcmp(by, g->proposer) == 0)
    return qf_fail(err, QF_DENIED, "who proposed a grant cannot approve it", "提出人不得审批");
  if (to != QF_GRANT_REFUSED && strcmp(by, g->holder) == 0)
    return qf_fail(err, QF_DENIED, "nobody decides on a grant of his own", "不得审批本人的授权");
  pthread_mutex_lock(&p->mx);
  qf_rc rc = to == QF_GRANT_APPROVED ? judge(p, g, err) : QF_OK;
  if (to == QF_GRANT_REVOKED && g->grant.role == QF_ROLE_SECURITY_ADMIN && security_admins(p, g->id) == 0)
    rc = qf_fail(err, QF_DENIED, "the last security administrator stays", "最后一名安全管理员不得撤销");
  pthread_mutex_unlock(&p->mx);
  return rc;
}

qf_rc qf_people_decide(qf_people *p, const char *id, qf_grant_state state, const char *by, qf_err *err)
{
  qf_granted g;
  pthread_mutex_lock(&p->writing);
  qf_rc rc = qf_people_grant(p, id, &g) ? may_decide(p, &g, state, by, err)
                                        : qf_fail(err, QF_NOTFOUND, "no grant %.40s", "无此授权 %.40s", id);
  if (!rc) {
    g.state = state;
    snprintf(g.decider, sizeof g.decider, "%s", by);
    rc = put_grant(p, &g, by, err);
  }
  pthread_mutex_unlock(&p->writing);
  return rc;
}

qf_rc qf_people_new(qf_city *c, qf_people **out, qf_err *err)
{
  qf_people *p = calloc(1, sizeof *p);
  if (!p)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  p->city = c;
  pthread_mutex_init(&p->mx, NULL);
  pthread_mutex_init(&p->writing, NULL);
  *out = p;
  return QF_OK;
}

void qf_people_free(qf_people *p)
{
  if (!p)
    return;
  if (p->users)
    sodium_memzero(p->users, p->cap_users * sizeof *p->users);
  free(p->users);
  free(p->grants);
  pthread_mutex_destroy(&p->mx);
  pthread_mutex_destroy(&p->writing);
  free(p);
}
