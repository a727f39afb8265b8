/* Logging in and out, passwords, second factor. Whatever hashes a password runs on the hash workers while the connection
 * sleeps, so that logins never stop the rest. A failed login says the same, after the same work, whether or not there is
 * such a user. */
#include "serve/auth.h"
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void qf_auth_set_cookie(qf_req *r, const char *sid)
{
  snprintf(r->cookie, sizeof r->cookie, "%s=%s; Path=/; HttpOnly; SameSite=Strict%s%s",
           r->s->tls ? "__Host-qf_sid" : "qf_sid", sid ? sid : "", r->s->tls ? "; Secure" : "",
           sid ? "" : "; Max-Age=0");
}

json_t *qf_req_json(qf_req *r, const char *members)
{
  json_t *j =
      json_loadb(r->body.data ? r->body.data : "{}", r->body.data ? r->body.len : 2, JSON_REJECT_DUPLICATES, NULL);
  const char *k, *odd = NULL;
  json_t *v;
  if (r->body.data)
    sodium_memzero(r->body.data, r->body.len); /* it may hold a password */
  json_object_foreach(j, k, v)
  {
    const char *at = strstr(members, k);
    size_t n = strlen(k);
    bool known = at && n && (at == members || at[-1] == ' ') && (at[n] == ' ' || at[n] == 0);
    odd = known ? odd : k;
  }
  if (json_is_object(j) && !odd)
    return j;
  qf_err err;
  (void)(odd ? qf_fail(&err, QF_SYNTAX, "unknown member \"%.40s\"; known are: %.100s", "未知成员 %.40s；可用：%.100s",
                       odd, members)
             : qf_fail(&err, QF_SYNTAX, "a JSON object is needed", "须为 JSON 对象"));
  qf_req_fail(r, 400, QF_SYNTAX, &err);
  json_decref(j);
  return NULL;
}

const char *qf_json_text(const json_t *j, const char *name, size_t max, bool *bad)
{
  const json_t *v = json_object_get(j, name);
  if (!v || json_is_null(v))
    return NULL;
  const char *s = json_string_value(v);
  if (s && json_string_length(v) == strlen(s) && strlen(s) <= max)
    return s;
  *bad = true;
  return NULL;
}

static bool foreign(qf_req *r)
{
  const char *site = qf_req_header(r, "Sec-Fetch-Site");
  return site && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0;
}

static bool tell_braked(qf_req *r, const char *user, unsigned wait)
{
  qf_err err;
  if (!wait)
    return false;
  r->retry_after = wait;
  qf_req_audit(r, "login", user, "braked");
  (void)qf_fail(&err, QF_FULL, "too many failed tries: wait %u s", "失败次数过多：请等待 %u 秒", wait);
  qf_req_fail(r, 429, QF_FULL, &err);
  return true;
}

/* ---- jobs of the hash workers */

typedef struct job {
  qf_req *r;
  char user[64], code[32], from[64], pw[QF_PASSWORD_BYTES + 1], next[QF_PASSWORD_BYTES + 1];
} job;

static void job_end(job *j)
{
  qf_req *r = j->r;
  sodium_memzero(j, sizeof *j);
  free(j);
  qf_req_resume(r);
}

static void submit(job *j, void (*fn)(void *))
{
  qf_req *r = j->r;
  qf_err err = {0};
  MHD_suspend_connection(r->conn);
  r->async = true;
  if (qf_hasher_submit(r->s->auth->hasher, fn, j, &err)) {
    qf_brake_back(r->s->auth->brake, j->user, j->from);
    qf_req_fail(r, 429, QF_FULL, &err);
    r->retry_after = 3;
    job_end(j);
  }
}

static void enter(qf_req *r, const qf_session *as, const char *name)
{
  char sid[65];
  qf_session made;
  if (r->who.sid[0]) /* never a session from before the login */
    qf_session_end(r->s->auth->sessions, r->who.sid);
  qf_session_begin(r->s->auth->sessions, as, sid, &made);
  qf_auth_set_cookie(r, sid);
  qf_buf_puts(&r->out, "{\"user\":{\"id\":");
  qf_buf_json(&r->out, as->user[0] ? as->user : "setup", strlen(as->user[0] ? as->user : "setup"));
  qf_buf_puts(&r->out, ",\"name\":");
  qf_buf_json(&r->out, name, strlen(name));
  qf_buf_printf(&r->out, ",\"role\":\"%s\",\"must\":%s},\"csrf\":\"%s\"}", as->setup ? "admin" : "user",
                as->fresh ? "\"password\"" : "null", made.csrf);
  sodium_memzero(sid, sizeof sid);
}

static void wrong(qf_req *r, const char *user)
{
  qf_req_audit(r, "login", user, "wrong");
  qf_req_refuse(r, 401, QF_DENIED, "user, password or code is wrong", "用户名、口令或动态口令有误");
}

bool qf_auth_code(qf_auth *a, qf_user *u, const char *code, bool *recovery)
{
  uint8_t key[QF_TOTP_KEY];
  *recovery = false;
  if (strlen(code) == 17)
    return *recovery = qf_recovery_take(u->recovery, code);
  qf_err err = {0};
  if (qf_box_get(a->box, u->totp, key, sizeof key, &err)) {
    fprintf(stderr, "qingfeng: %s\n", err.en);
    return false;
  }
  uint64_t *last = &a->steps[qf_crc32c(0, u->id, strlen(u->id)) % QF_STEPS];
  pthread_mutex_lock(&a->mx);
  bool ok = qf_totp_check(key, code, qf_city_now(a->city), last);
  pthread_mutex_unlock(&a->mx);
  sodium_memzero(key, sizeof key);
  return ok;
}

/* The password was right. Second factor, better hash, session. */
static void second(job *j, qf_user *u, bool rehash, bool admin)
{
  qf_req *r = j->r;
  qf_auth *a = r->s->auth;
  bool recovery = false;
  if (u->totp[0] && !j->code[0]) {
    qf_brake_back(a->brake, j->user, j->from);
    r->need = "code";
    qf_req_refuse(r, 401, QF_DENIED, "the one-time code is needed too", "还需输入动态口令");
    return;
  }
  if (u->totp[0] && !qf_auth_code(a, u, j->code, &recovery)) {
    wrong(r, j->user);
    return;
  }
  qf_brake_good(a->brake, j->user, j->from);
  qf_err err = {0};
  rehash = rehash && !qf_password_hash(j->pw, admin, u->hash, &err);
  if ((rehash || recovery) && qf_people_put(a->people, u, false, u->id, &err)) {
    qf_req_broken(r, err.rc, &err); /* a recovery code must not work twice */
    return;
  }
  qf_session as = {.strong = u->totp[0] != 0};
  snprintf(as.user, sizeof as.user, "%s", u->id);
  snprintf(r->who.name, sizeof r->who.name, "%s", u->id);
  qf_req_audit(r, "login", u->id, recovery ? "recovery code" : as.strong ? "two factors" : "password");
  enter(r, &as, u->name);
}

static void login_job(void *ud)
{
  job *j = ud;
  qf_auth *a = j->r->s->auth;
  qf_user u;
  bool rehash = false;
  bool have = qf_people_user(a->people, j->user, &u) && u.state == QF_USER_ACTIVE && u.hash[0];
  bool admin = have && qf_people_admin(a->people, u.id);
  if (qf_password_check(have ? u.hash : NULL, j->pw, admin, &rehash))
    second(j, &u, rehash, admin);
  else
    wrong(j->r, j->user);
  sodium_memzero(&u, sizeof u);
  job_end(j);
}

/* ---- login */

static void login_by_link(qf_req *r, const char *text)
{
  qf_auth *a = r->s->auth;
  uint8_t h[32];
  char hex[65];
  qf_user u;
  qf_sha256(text, strlen(text), h);
  qf_hex(h, 32, hex);
  pthread_mutex_lock(&a->mx);
  bool owner = a->link_until > qf_mono_s(NULL) && sodium_memcmp(h, a->link, 32) == 0;
  if (owner)
    a->link_until = 0; /* once */
  pthread_mutex_unlock(&a->mx);
  if (owner && qf_auth_setup_open(a)) {
    snprintf(r->who.name, sizeof r->who.name, "setup");
    qf_req_audit(r, "login", "setup", "one-time link");
    enter(r, &(qf_session){.setup = true, .strong = true}, "admin");
    return;
  }
  /* No brake here: 256 random bits are not guessed, and a shared brake would let strangers stop every invitation. */
  if (!owner && qf_people_by_link(a->people, hex, &u)) {
    qf_err err = {0};
    u.link[0] = 0; /* once */
    if (qf_people_put(a->people, &u, false, u.id, &err)) {
      qf_req_broken(r, err.rc, &err);
      return;
    }
    qf_session as = {.fresh = true};
    snprintf(as.user, sizeof as.user, "%s", u.id);
    snprintf(r->who.name, sizeof r->who.name, "%s", u.id);
    qf_req_audit(r, "login", u.id, "one-time link");
    enter(r, &as, u.name);
    return;
  }
  qf_req_audit(r, "login", "", "wrong link");
  qf_req_refuse(r, 401, QF_DENIED, "this login link is used, expired or wrong: ask for a new one",
                "登录链接已用、过期或有误，请重新索取");
}

void qf_h_login(qf_req *r)
{
  bool bad = false;
  json_t *j = qf_req_json(r, "token user password code");
  if (!j)
    return;
  const char *token = qf_json_text(j, "token", 200, &bad), *user = qf_json_text(j, "user", 60, &bad),
             *pw = qf_json_text(j, "password", QF_PASSWORD_BYTES, &bad), *code = qf_json_text(j, "code", 30, &bad);
  if (foreign(r)) {
    qf_req_refuse(r, 403, QF_DENIED, "the request did not come from this site's pages", "请求并非来自本站页面");
  } else if (bad || (token ? user || pw : !user || !pw)) {
    qf_req_refuse(r, 400, QF_SYNTAX, "give {\"user\",\"password\"} and, if asked for, \"code\"; or {\"token\"}",
                  "请给出 user、password，必要时 code；或 token");
  } else if (token) {
    login_by_link(r, token);
  } else {
    char from[64];
    qf_req_from(r, from);
    job *w = tell_braked(r, user, qf_brake_take(r->s->auth->brake, user, from)) ? NULL : calloc(1, sizeof *w);
    if (w) {
      w->r = r;
      snprintf(w->user, sizeof w->user, "%s", user);
      snprintf(w->pw, sizeof w->pw, "%s", pw);
      snprintf(w->code, sizeof w->code, "%s", code ? code : "");
      snprintf(w->from, sizeof w->from, "%s", from);
      submit(w, login_job);
    } else if (r->status < 400) {
      qf_req_broken(r, QF_NOMEM, &(qf_err){.en = "out of memory"});
    }
  }
  json_decref(j);
}

void qf_h_logout(qf_req *r)
{
  if (r->who.session) {
    qf_req_audit(r, "logout", r->who.name, "ok");
    qf_session_end(r->s->auth->sessions, r->who.sid);
  }
  qf_auth_set_cookie(r, NULL);
  r->goodbye = true;
  qf_buf_puts(&r->out, "{\"user\":null}");
}

void qf_h_login_link(qf_req *r)
{
  char link[400];
  if (!r->who.actor.local) {
    qf_req_refuse(r, 403, QF_DENIED, "only the command line on this machine makes login links",
                  "仅本机命令行可新建登录链接");
    return;
  }
  qf_server_login_link(r->s, link, sizeof link);
  qf_req_audit(r, "link", "setup", link[0] ? "ok" : "refused");
  if (link[0])
    qf_buf_printf(&r->out, "{\"link\":\"%s\"}", link);
  else
    qf_req_refuse(r, 409, QF_STATE,
                  "there are administrators: log in under your own name, or make a new link with user reset ID",
                  "已有管理员：请以本人账号登录，或用 user reset ID 新建链接");
}

/* ---- password */

/* A signed-in person's own session (not a token, not a seat taken in a sample city). */
static bool own_session(qf_req *r, bool fresh_too)
{
  bool ok = r->who.session && r->who.sess.user[0] && !r->who.sess.acting && (fresh_too || !r->who.sess.fresh);
  if (!ok) {
    qf_err err;
    (void)qf_fail(&err, QF_DENIED, "log in under your own name for this", "请以本人账号登录后操作");
    qf_req_deny(r, &err);
  }
  return ok;
}

static void set_password(job *j, qf_user *u, bool admin)
{
  qf_req *r = j->r;
  qf_auth *a = r->s->auth;
  qf_err err = {0};
  bool fresh = r->who.sess.fresh, again = fresh && u->totp[0];
  const char *const context[] = {u->id, u->name, u->org, NULL};
  qf_rc rc = qf_password_allowed(j->next, context, &err);
  if (rc) {
    qf_req_fail(r, 400, rc, &err);
    return;
  }
  rc = qf_password_hash(j->next, admin, u->hash, &err);
  u->state = QF_USER_ACTIVE;
  u->link[0] = 0;
  if (!rc)
    rc = qf_people_put(a->people, u, false, u->id, &err);
  qf_req_audit(r, "password", u->id, rc ? "refused" : "ok");
  if (rc) {
    qf_req_broken(r, rc, &err);
    return;
  }
  char sid[65];
  qf_session as = r->who.sess, made;
  as.fresh = false;
  qf_sessions_end_user(a->sessions, u->id, again ? NULL : r->who.sid);
  if (!again && qf_session_change(a->sessions, r->who.sid, &as, sid, &made)) {
    qf_auth_set_cookie(r, sid);
    qf_buf_printf(&r->out, "{\"ok\":true,\"login\":false,\"csrf\":\"%s\"}", made.csrf);
  } else { /* who came by a link has not shown the second factor */
    qf_auth_set_cookie(r, NULL);
    qf_buf_puts(&r->out, "{\"ok\":true,\"login\":true}");
  }
}

static void password_job(void *ud)
{
  job *j = ud;
  qf_req *r = j->r;
  qf_auth *a = r->s->auth;
  qf_user u;
  bool have = qf_people_user(a->people, j->user, &u) && u.state != QF_USER_DISABLED;
  bool admin = have && qf_people_admin(a->people, u.id);
  bool right = have && (r->who.sess.fresh || qf_password_check(u.hash, j->pw, admin, NULL));
  if (!right) {
    qf_req_audit(r, "password", j->user, "wrong");
    qf_req_refuse(r, 403, QF_DENIED, "the old password is wrong", "原口令有误");
  } else {
    qf_brake_back(a->brake, j->user, j->from);
    set_password(j, &u, admin);
  }
  sodium_memzero(&u, sizeof u);
  job_end(j);
}

void qf_h_password(qf_req *r)
{
  bool bad = false;
  json_t *j = own_session(r, true) ? qf_req_json(r, "old new") : NULL;
  if (!j)
    return;
  const char *old = qf_json_text(j, "old", QF_PASSWORD_BYTES, &bad),
             *next = qf_json_text(j, "new", QF_PASSWORD_BYTES, &bad);
  char from[64];
  qf_req_from(r, from);
  if (bad || !next || (!old && !r->who.sess.fresh)) {
    qf_req_refuse(r, 400, QF_SYNTAX, "give {\"old\",\"new\"}", "请给出 old 与 new");
  } else if (!tell_braked(r, r->who.name, qf_brake_take(r->s->auth->brake, r->who.name, from))) {
    job *w = calloc(1, sizeof *w);
    if (w) {
      w->r = r;
      snprintf(w->user, sizeof w->user, "%s", r->who.name);
      snprintf(w->pw, sizeof w->pw, "%s", old ? old : "");
      snprintf(w->next, sizeof w->next, "%s", next);
      snprintf(w->from, sizeof w->from, "%s", from);
      submit(w, password_job);
    } else {
      qf_req_broken(r, QF_NOMEM, &(qf_err){.en = "out of memory"});
    }
  }
  json_decref(j);
}

/* ---- second factor */

static void totp_begin(qf_req *r, const qf_user *u)
{
  qf_session as = r->who.sess;
  randombytes_buf(as.totp_new, sizeof as.totp_new);
  as.enrolling = true;
  if (!qf_session_keep(r->s->auth->sessions, r->who.sid, &as)) {
    qf_req_refuse(r, 401, QF_DENIED, "the session is over", "会话已结束");
    return;
  }
  qf_buf *b = &r->out;
  qf_buf_puts(b, "{\"secret\":\"");
  qf_base32(as.totp_new, sizeof as.totp_new, b);
  qf_buf_printf(b, "\",\"uri\":\"otpauth://totp/Qingfeng:%s?secret=", u->id); /* an id needs no escaping */
  qf_base32(as.totp_new, sizeof as.totp_new, b);
  qf_buf_puts(b, "&issuer=Qingfeng&algorithm=SHA1&digits=6&period=30\"}");
  sodium_memzero(&as, sizeof as);
}

static void totp_confirm(qf_req *r, qf_user *u, const char *code)
{
  qf_auth *a = r->s->auth;
  qf_session as = r->who.sess, made;
  char sid[65], codes[QF_RECOVERY_CODES][18];
  qf_err err = {0};
  uint64_t *last = &a->steps[qf_crc32c(0, u->id, strlen(u->id)) % QF_STEPS];
  pthread_mutex_lock(&a->mx);
  bool ok = as.enrolling && code && qf_totp_check(as.totp_new, code, qf_city_now(r->city), last);
  pthread_mutex_unlock(&a->mx);
  if (!ok) {
    qf_req_audit(r, "totp", u->id, "wrong");
    qf_req_refuse(r, 400, QF_RANGE, "the code does not fit: check the clock of the device and try the next one",
                  "动态口令不符：请核对设备时间后用下一个口令再试");
    return;
  }
  qf_box_put(a->box, as.totp_new, sizeof as.totp_new, u->totp);
  qf_recovery_make(codes, u->recovery);
  qf_rc rc = qf_people_put(a->people, u, false, u->id, &err);
  qf_req_audit(r, "totp", u->id, rc ? "refused" : "ok");
  if (rc) {
    qf_req_broken(r, rc, &err);
    return;
  }
  as.strong = true;
  as.enrolling = false;
  sodium_memzero(as.totp_new, sizeof as.totp_new);
  qf_sessions_end_user(a->sessions, u->id, r->who.sid);
  qf_buf_puts(&r->out, "{\"recovery\":[");
  for (unsigned i = 0; i < QF_RECOVERY_CODES; i++)
    qf_buf_printf(&r->out, "%s\"%s\"", i ? "," : "", codes[i]);
  sodium_memzero(codes, sizeof codes);
  if (qf_session_change(a->sessions, r->who.sid, &as, sid, &made)) { /* more rights: a new id */
    qf_auth_set_cookie(r, sid);
    qf_buf_printf(&r->out, "],\"csrf\":\"%s\"}", made.csrf);
  } else {
    qf_buf_puts(&r->out, "]}");
  }
}

void qf_h_totp(qf_req *r)
{
  bool bad = false, recovery = false;
  qf_user u;
  qf_auth *a = r->s->auth;
  json_t *j = own_session(r, false) ? qf_req_json(r, "step code") : NULL;
  if (!j)
    return;
  const char *step = qf_json_text(j, "step", 20, &bad), *code = qf_json_text(j, "code", 30, &bad);
  char from[64];
  qf_req_from(r, from);
  bool begin = step && strcmp(step, "begin") == 0, confirm = step && strcmp(step, "confirm") == 0;
  if (bad || (!begin && !confirm) || (confirm && !code) || !qf_people_user(a->people, r->who.name, &u)) {
    qf_req_refuse(r, 400, QF_SYNTAX, "give {\"step\":\"begin\"} or {\"step\":\"confirm\",\"code\"}",
                  "请给出 step 为 begin，或 confirm 与 code");
  } else if (!tell_braked(r, r->who.name, qf_brake_take(a->brake, r->who.name, from))) {
    /* a stolen session must not change the second factor that is there */
    bool may = !begin || !u.totp[0] || (code && qf_auth_code(a, &u, code, &recovery));
    if (!may) {
      r->need = "code";
      qf_req_audit(r, "totp", u.id, "wrong");
      qf_req_refuse(r, 403, QF_DENIED, "a code of the present second factor is needed", "须给出现用动态口令");
    } else if (begin) {
      totp_begin(r, &u);
    } else {
      totp_confirm(r, &u, code);
    }
    if (r->status < 400)
      qf_brake_back(a->brake, r->who.name, from);
  }
  json_decref(j);
}
