/* Who I am; users, grants and the security log. Rules live in src/rights/people.c; here they meet HTTP. */
#include "serve/auth.h"
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define LINK_DAYS 3

/* ---- me */

static void put_text(qf_buf *b, const char *name, const char *value)
{
  qf_buf_printf(b, ",\"%s\":", name);
  qf_buf_json(b, value, strlen(value));
}

static void put_roles(qf_buf *b, const qf_actor *a)
{
  qf_buf_puts(b, ",\"roles\":[");
  for (unsigned i = 0; i < a->ngrants; i++) {
    qf_buf_printf(b, "%s{\"role\":\"%s\"", i ? "," : "", qf_role_name(a->grant[i].role));
    put_text(b, "area", a->grant[i].area);
    put_text(b, "district", a->grant[i].district);
    put_text(b, "org", a->grant[i].org);
    qf_buf_putc(b, '}');
  }
  qf_buf_putc(b, ']');
}

static void put_pages(qf_buf *b, const qf_actor *a)
{
  static const struct {
    const char *page;
    qf_action act[4]; /* any of these */
  } pages[] = {{"cockpit", {QF_ACT_VIEW}},
               {"work", {QF_ACT_FILE, QF_ACT_ORG_APPROVE, QF_ACT_REVIEW, QF_ACT_INSPECT}},
               {"filings", {QF_ACT_FILE, QF_ACT_ORG_APPROVE, QF_ACT_REVIEW, QF_ACT_COMMENT}},
               {"decisions", {QF_ACT_PROPOSE, QF_ACT_DECIDE}},
               {"users", {QF_ACT_USERS}},
               {"grants", {QF_ACT_USERS, QF_ACT_GRANT}},
               {"tokens", {QF_ACT_TOKENS}},
               {"audit", {QF_ACT_AUDIT}},
               {"admin", {QF_ACT_USERS, QF_ACT_GRANT, QF_ACT_TOKENS, QF_ACT_AUDIT}}};
  bool first = true;
  qf_buf_puts(b, ",\"pages\":[");
  for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
    bool may = false;
    for (size_t k = 0; k < 4 && pages[i].act[k] != QF_ACT_PUBLIC; k++)
      may |= qf_rights_may(a, pages[i].act[k], NULL, NULL);
    if (may)
      qf_buf_printf(b, "%s\"%s\"", first ? "" : ",", pages[i].page);
    first = first && !may;
  }
  qf_buf_putc(b, ']');
}

static void put_may(qf_buf *b, const qf_actor *a)
{
  bool first = true;
  qf_buf_puts(b, ",\"may\":[");
  for (int i = QF_ACT_VIEW; i < QF_ACT_COUNT; i++)
    if (qf_rights_may(a, (qf_action)i, NULL, NULL)) {
      qf_buf_printf(b, "%s\"%s\"", first ? "" : ",", qf_action_name((qf_action)i));
      first = false;
    }
  qf_buf_putc(b, ']');
}

/* Of which districts one may see the units behind a total, by area: pages ask for no more. "*": of all. */
static void put_whole(qf_buf *b, const qf_actor *a)
{
  static const char *const areas[] = {"industry", "buildings", "transport", "people", "innovation", "city"};
  bool first = true;
  qf_buf_puts(b, ",\"whole\":{");
  for (size_t i = 0; i < sizeof areas / sizeof *areas; i++) {
    qf_scope_list l;
    qf_rights_scope(a, QF_ACT_VIEW, areas[i], &l);
    if (!l.all && !l.ndistricts)
      continue;
    qf_buf_printf(b, "%s\"%s\":[", first ? "" : ",", areas[i]);
    first = false;
    for (unsigned k = 0; k < l.ndistricts && !l.all; k++) {
      qf_buf_puts(b, k ? "," : "");
      qf_buf_json(b, l.district[k], strlen(l.district[k]));
    }
    qf_buf_puts(b, l.all ? "\"*\"]" : "]");
  }
  qf_buf_putc(b, '}');
}

void qf_h_me(qf_req *r)
{
  const qf_actor *a = qf_req_actor(r);
  qf_buf *b = &r->out;
  qf_user u = {0};
  if (!a->id[0]) {
    qf_buf_puts(b, "{\"user\":null,\"csrf\":\"\"");
  } else {
    bool person = r->who.session && r->who.sess.user[0] && qf_people_user(r->s->auth->people, a->id, &u);
    qf_buf_puts(b, "{\"user\":{\"id\":");
    qf_buf_json(b, a->id, strlen(a->id));
    put_text(b, "name", a->name[0] ? a->name : a->id);
    put_text(b, "org", u.org);
    put_roles(b, a);
    qf_buf_printf(b, ",\"strong\":%s,\"totp\":%s,\"acting\":%s,\"setup\":%s,\"must\":%s},\"csrf\":\"%s\"",
                  a->strong ? "true" : "false", person && u.totp[0] ? "true" : "false",
                  r->who.sess.acting ? "true" : "false", r->who.sess.setup ? "true" : "false",
                  r->who.sess.fresh ? "\"password\"" : "null", r->who.csrf);
    sodium_memzero(&u, sizeof u);
  }
  put_may(b, a);
  put_pages(b, a);
  put_whole(b, a);
  qf_buf_printf(b, ",\"sample\":%s}", r->s->sample ? "true" : "false");
}

/* ---- users */

/* {"items":[...],"total":n,"page":..,"size":..} of two statements with the same parameters; the list's last two are size
 * and offset. */
static void page_of(qf_req *r, const char *names, const char *sql, const char *count_sql, qf_param *p, size_t n)
{
  qf_err err = {0};
  qf_buf total;
  long size = qf_req_int(r, "size", 100, 1, 1000), page = qf_req_int(r, "page", 1, 1, 100000);
  p[n] = (qf_param){.kind = 1, .i = size};
  p[n + 1] = (qf_param){.kind = 1, .i = (page - 1) * size};
  qf_buf_init(&total, 100);
  qf_buf_puts(&r->out, "{\"items\":");
  qf_rc rc = qf_rows(r, names, sql, p, n + 2, &r->out, &err);
  if (!rc)
    rc = qf_rows(r, "total", count_sql, p, n, &total, &err);
  if (rc)
    qf_req_broken(r, rc, &err);
  else /* [{"total":12}] */
    qf_buf_printf(&r->out, ",%.*s,\"page\":%ld,\"size\":%ld}", (int)(total.len - 4), total.data + 2, page, size);
  qf_buf_fini(&total);
}

#define USERS_FROM                                                                                                     \
  " FROM rec_user u LEFT JOIN rec_subject s ON s.id = u.org "                                                          \
  "WHERE (?1 = '' OR contains(lower(concat(u.id, ' ', u.name, ' ', coalesce(u.org, ''))), lower(?1)))"

void qf_h_users(qf_req *r)
{
  const char *q = qf_req_query(r, "q");
  qf_param p[4] = {{.kind = 4, .s = q ? q : ""}};
  page_of(r, "id name org org_name state password totp sample roles",
          "SELECT u.id, u.name, u.org, s.name_zh, u.state, u.hash IS NOT NULL, u.totp IS NOT NULL, coalesce(u.sample, "
          "false), (SELECT string_agg(g.role, ' ' ORDER BY g.role) FROM rec_grant g WHERE g.holder = u.id AND g.state "
          "= 'approved')" USERS_FROM " ORDER BY u.id LIMIT ?2 OFFSET ?3",
          "SELECT count(*)" USERS_FROM, p, 1);
}

void qf_user_link(qf_req *r, qf_user *u, char token[65])
{
  uint8_t h[32];
  qf_random_hex(token, 32);
  qf_sha256(token, 64, h);
  qf_hex(h, 32, u->link);
  u->link_until = qf_city_now(r->city) + LINK_DAYS * QF_US_DAY;
}

static void answer_link(qf_req *r, const char *id, const char *token)
{
  qf_buf_puts(&r->out, "{\"id\":");
  qf_buf_json(&r->out, id, strlen(id));
  qf_buf_printf(&r->out, ",\"link\":\"%s/login?token=%s\",\"days\":%d}", r->s->base_url, token, LINK_DAYS);
}

static void copy(char *out, size_t size, const char *s)
{
  snprintf(out, size, "%s", s ? s : "");
}

void qf_h_user_add(qf_req *r)
{
  bool bad = false;
  char token[65];
  qf_err err = {0};
  qf_user u = {.state = QF_USER_INVITED};
  json_t *j = qf_req_json(r, "id name org");
  if (!j)
    return;
  copy(u.id, sizeof u.id, qf_json_text(j, "id", 60, &bad));
  copy(u.name, sizeof u.name, qf_json_text(j, "name", 95, &bad));
  copy(u.org, sizeof u.org, qf_json_text(j, "org", 60, &bad));
  qf_rc rc = bad ? qf_fail(&err, QF_RANGE, "id, name and org are short texts", "id、name、org 须为短文本") : QF_OK;
  qf_user_link(r, &u, token);
  if (!rc)
    rc = qf_people_put(r->s->auth->people, &u, true, r->who.name, &err);
  qf_req_audit(r, "user.add", u.id, rc ? "refused" : "ok");
  if (rc)
    qf_req_fail(r, 0, rc, &err);
  else
    answer_link(r, u.id, token);
  sodium_memzero(token, sizeof token);
  json_decref(j);
}

/* A user to be changed by who asks: not himself, and an administrator only at the machine itself - else the administrator
 * of the system could sit down in the seat of the one who watches him. */
static bool changeable(qf_req *r, qf_user *u)
{
  qf_err err;
  if (!qf_people_user(r->s->auth->people, r->arg[0], u)) {
    (void)qf_fail(&err, QF_NOTFOUND, "no user %.40s", "无此用户 %.40s", r->arg[0]);
    qf_req_fail(r, 404, QF_NOTFOUND, &err);
    return false;
  }
  if (strcmp(u->id, r->who.name) == 0) {
    (void)qf_fail(&err, QF_DENIED, "not your own account", "不得操作本人账号");
  } else if (!r->who.actor.local && qf_people_admin(r->s->auth->people, u->id)) {
    (void)qf_fail(&err, QF_DENIED, "an administrator's account is changed on the machine itself: qingfeng user",
                  "管理员账号须在服务器本机用 qingfeng user 操作");
  } else {
    return true;
  }
  qf_req_deny(r, &err);
  return false;
}

void qf_h_user_disable(qf_req *r)
{
  qf_user u;
  qf_err err = {0};
  if (!changeable(r, &u))
    return;
  u.state = QF_USER_DISABLED;
  u.link[0] = 0;
  qf_rc rc = qf_people_put(r->s->auth->people, &u, false, r->who.name, &err);
  unsigned n = rc ? 0 : qf_sessions_end_user(r->s->auth->sessions, u.id, NULL);
  qf_req_audit(r, "user.disable", u.id, rc ? "refused" : "ok");
  if (rc)
    qf_req_broken(r, rc, &err);
  else
    qf_buf_printf(&r->out, "{\"ok\":true,\"sessions_ended\":%u}", n);
  sodium_memzero(&u, sizeof u);
}

void qf_h_user_reset(qf_req *r)
{
  qf_user u;
  qf_err err = {0};
  char token[65];
  json_t *j = qf_req_json(r, "totp");
  if (!j)
    return;
  bool drop = json_is_true(json_object_get(j, "totp"));
  json_decref(j);
  if (!changeable(r, &u))
    return;
  u.hash[0] = 0; /* the old password ends now */
  u.state = QF_USER_INVITED;
  if (drop)
    u.totp[0] = u.recovery[0] = 0;
  qf_user_link(r, &u, token);
  qf_rc rc = qf_people_put(r->s->auth->people, &u, false, r->who.name, &err);
  qf_req_audit(r, drop ? "user.reset.totp" : "user.reset", u.id, rc ? "refused" : "ok");
  if (rc) {
    qf_req_broken(r, rc, &err);
  } else {
    qf_sessions_end_user(r->s->auth->sessions, u.id, NULL);
    answer_link(r, u.id, token);
  }
  sodium_memzero(token, sizeof token);
  sodium_memzero(&u, sizeof u);
}

/* Sample cities only: who came by the owner's link sits down in an invented person's seat, or gets up again ("setup"). */
void qf_h_user_act(qf_req *r)
{
  qf_err err = {0};
  qf_user u = {0};
  char sid[65];
  qf_session as = r->who.sess, made;
  bool up = strcmp(r->arg[0], "setup") == 0;
  if (!r->s->sample || !r->who.session || !as.setup) {
    (void)qf_fail(&err, QF_DENIED, "only who came by the one-time link of a sample city takes another's seat",
                  "仅演示城市的一次性链接会话可代入演示用户");
    qf_req_deny(r, &err);
    return;
  }
  if (!up && (!qf_people_user(r->s->auth->people, r->arg[0], &u) || !u.sample || u.state != QF_USER_ACTIVE)) {
    (void)qf_fail(&err, QF_NOTFOUND, "no sample user %.40s", "无此演示用户 %.40s", r->arg[0]);
    qf_req_fail(r, 404, QF_NOTFOUND, &err);
    return;
  }
  snprintf(as.user, sizeof as.user, "%s", up ? "" : u.id);
  as.acting = !up;
  as.strong = true;
  if (!qf_session_change(r->s->auth->sessions, r->who.sid, &as, sid, &made)) {
    qf_req_refuse(r, 401, QF_DENIED, "the session is over", "会话已结束");
    return;
  }
  qf_req_audit(r, "user.act", r->arg[0], "ok");
  qf_auth_set_cookie(r, sid);
  qf_buf_printf(&r->out, "{\"user\":{\"id\":\"%s\",\"acting\":%s},\"csrf\":\"%s\"}", up ? "setup" : u.id,
                up ? "false" : "true", made.csrf);
}

/* ---- grants */

#define GRANTS_FROM                                                                                                    \
  " FROM rec_grant g LEFT JOIN rec_user u ON u.id = g.holder "                                                         \
  "WHERE (?1 = '' OR g.state = ?1) AND (?2 = '' OR g.holder = ?2)"

/* Administrators see all grants, everybody his own. */
void qf_h_grants(qf_req *r)
{
  const qf_actor *a = qf_req_actor(r);
  const char *state = qf_req_query(r, "state"), *user = qf_req_query(r, "user");
  bool all = qf_rights_may(a, QF_ACT_USERS, NULL, NULL) || qf_rights_may(a, QF_ACT_GRANT, NULL, NULL) ||
             qf_rights_may(a, QF_ACT_AUDIT, NULL, NULL);
  if (!all && !r->who.session) {
    qf_err err;
    (void)qf_fail(&err, QF_DENIED, "a login is needed", "需要登录");
    qf_req_deny(r, &err);
    return;
  }
  qf_param p[4] = {{.kind = 4, .s = state ? state : ""}, {.kind = 4, .s = all ? user ? user : "" : a->id}};
  page_of(r, "id user name role area district org valid_from valid_to reason state proposer decider decided",
          "SELECT g.id, g.holder, u.name, g.role, coalesce(g.area, ''), coalesce(g.district, ''), coalesce(g.org, ''), "
          "CAST(g.valid_from AS VARCHAR), CAST(g.valid_to AS VARCHAR), g.reason, g.state, g.proposer, g.decider, "
          "g.decided" GRANTS_FROM " ORDER BY g.state = 'proposed' DESC, g.holder, g.id LIMIT ?3 OFFSET ?4",
          "SELECT count(*)" GRANTS_FROM, p, 2);
}

static bool good_day(const char *s)
{
  qf_us t;
  char text[40];
  snprintf(text, sizeof text, "%.10sT00:00:00+08:00", s);
  return !s[0] || (strlen(s) == 10 && qf_tm_parse(text, strlen(text), &t) == QF_OK);
}

void qf_h_grant_add(qf_req *r)
{
  bool bad = false;
  qf_err err = {0};
  qf_granted g = {0};
  json_t *j = qf_req_json(r, "user role area district org valid_from valid_to reason");
  if (!j)
    return;
  copy(g.holder, sizeof g.holder, qf_json_text(j, "user", 60, &bad));
  copy(g.grant.area, sizeof g.grant.area, qf_json_text(j, "area", 31, &bad));
  copy(g.grant.district, sizeof g.grant.district, qf_json_text(j, "district", 63, &bad));
  copy(g.grant.org, sizeof g.grant.org, qf_json_text(j, "org", 63, &bad));
  copy(g.valid_from, sizeof g.valid_from, qf_json_text(j, "valid_from", 10, &bad));
  copy(g.valid_to, sizeof g.valid_to, qf_json_text(j, "valid_to", 10, &bad));
  copy(g.reason, sizeof g.reason, qf_json_text(j, "reason", 290, &bad));
  const char *role = qf_json_text(j, "role", 40, &bad);
  g.grant.role = role ? qf_role_find(role) : QF_ROLE_NONE;
  bool owner = r->who.actor.local || (r->who.sess.setup && !r->who.sess.acting);
  qf_rc rc = bad || !good_day(g.valid_from) || !good_day(g.valid_to)
                 ? qf_fail(&err, QF_RANGE, "texts are too long, or a day is not like 2026-11-22",
                           "文本过长，或日期不是 2026-11-22 的形式")
                 : qf_people_propose(r->s->auth->people, &g, owner, r->who.name, &err);
  qf_req_audit(r, g.state == QF_GRANT_APPROVED ? "grant.first" : "grant.propose", g.holder, rc ? "refused" : "ok");
  if (rc)
    qf_req_fail(r, 0, rc, &err);
  else
    qf_buf_printf(&r->out, "{\"id\":\"%s\",\"state\":\"%s\"}", g.id,
                  g.state == QF_GRANT_APPROVED ? "approved" : "proposed");
  json_decref(j);
}

static void decide(qf_req *r, qf_grant_state to, const char *name)
{
  qf_err err = {0};
  char what[30];
  snprintf(what, sizeof what, "grant.%s", name);
  qf_rc rc = qf_people_decide(r->s->auth->people, r->arg[0], to, r->who.name, &err);
  qf_req_audit(r, what, r->arg[0], rc ? "refused" : "ok");
  if (rc)
    qf_req_fail(r, 0, rc, &err);
  else
    qf_buf_puts(&r->out, "{\"ok\":true}");
}

void qf_h_grant_approve(qf_req *r)
{
  decide(r, QF_GRANT_APPROVED, "approve");
}

void qf_h_grant_refuse(qf_req *r)
{
  decide(r, QF_GRANT_REFUSED, "refuse");
}

void qf_h_grant_revoke(qf_req *r)
{
  decide(r, QF_GRANT_REVOKED, "revoke");
}

/* ---- the security log */

#define AUDIT_FROM                                                                                                     \
  " FROM (SELECT unnest(json_extract(body, '$.items[*]')) AS x FROM event WHERE kind = 'security' AND \"at\" >= "      \
  "make_timestamp(?1) AND \"at\" < make_timestamp(?2)) WHERE (?3 = '' OR json_extract_string(x, '$.who') = ?3) AND "   \
  "(?4 = '' OR starts_with(json_extract_string(x, '$.what'), ?4))"

void qf_h_audit(qf_req *r)
{
  qf_err err = {0};
  qf_us from, to;
  const char *who = qf_req_query(r, "who"), *what = qf_req_query(r, "what");
  if (!qf_req_time(r, "to", qf_city_now(r->city) + QF_US_MINUTE, &to) ||
      !qf_req_time(r, "from", to - 30 * QF_US_DAY, &from))
    return;
  qf_rc rc = qf_seclog_flush(r->s->auth->log, &err);
  if (!rc)
    rc = qf_city_settle(r->city, &err);
  if (rc) {
    qf_req_broken(r, rc, &err);
    return;
  }
  qf_param p[6] = {{.kind = 1, .i = from},
                   {.kind = 1, .i = to + 2 * QF_US_MINUTE}, /* entries are journalled a moment after they happen */
                   {.kind = 4, .s = who ? who : ""},
                   {.kind = 4, .s = what ? what : ""}};
  page_of(r, "at who from what object result n",
          "SELECT json_extract_string(x, '$.at') AS t, json_extract_string(x, '$.who'), json_extract_string(x, "
          "'$.from'), json_extract_string(x, '$.what'), json_extract_string(x, '$.object'), json_extract_string(x, "
          "'$.result'), CAST(json_extract_string(x, '$.n') AS BIGINT)" AUDIT_FROM " ORDER BY t DESC LIMIT ?5 OFFSET ?6",
          "SELECT count(*)" AUDIT_FROM, p, 4);
}
