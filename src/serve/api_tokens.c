/* Tokens of machines: made, listed, revoked. The secret is shown once; only its SHA-256 is kept. */
#include "serve/auth.h"
#include <sodium.h>
#include <stdio.h>
#include <string.h>

static void put_token(qf_req *r, const char *id, json_t *data, const char *secret)
{
  json_t *list = json_array(), *rec = json_object();
  json_object_set_new(rec, "type", json_string("token"));
  json_object_set_new(rec, "id", json_string(id));
  json_object_set_new(rec, "by", json_string(r->who.name));
  json_object_set(rec, "data", data);
  json_array_append_new(list, rec);
  qf_err err = {0};
  qf_rc rc = qf_city_records(r->city, list, NULL, &err);
  json_decref(list);
  qf_auth_changed(r->s->auth);
  qf_req_audit(r, secret ? "token.add" : "token.revoke", id, rc ? "refused" : "ok");
  if (rc) {
    qf_req_fail(r, 0, rc, &err);
    return;
  }
  qf_buf_printf(&r->out, "{\"id\":\"%s\"", id);
  if (secret)
    qf_buf_printf(&r->out, ",\"token\":\"%s\"", secret);
  qf_buf_puts(&r->out, "}");
}

static bool count_row(void *ud, const qf_cell *c, size_t n)
{
  *(int64_t *)ud = n ? c[0].i : INT64_MAX;
  return false;
}

/* One more token than can be known would be a token that does not work: say so now. */
static bool room(qf_req *r)
{
  int64_t n = INT64_MAX;
  qf_err err = {0};
  qf_rc rc = qf_book_query(qf_city_book(r->city), "SELECT count(*) FROM rec_token WHERE NOT revoked", NULL, 0,
                           count_row, &n, &err);
  if (rc)
    qf_req_broken(r, rc, &err);
  else if (n >= (int64_t)QF_TOKENS_MAX)
    qf_req_refuse(r, 409, QF_NOMEM, "there are 4096 tokens: revoke those no longer used",
                  "令牌已达 4096 个：请吊销不再使用的令牌");
  return !rc && n < (int64_t)QF_TOKENS_MAX;
}

void qf_h_token_add(qf_req *r)
{
  json_t *j = json_loadb(r->body.data ? r->body.data : "", r->body.len, JSON_REJECT_DUPLICATES, NULL);
  const char *scopes = json_string_value(json_object_get(j, "scopes")),
             *note = json_string_value(json_object_get(j, "note")),
             *expires = json_string_value(json_object_get(j, "expires"));
  qf_us t;
  if (!scopes || !qf_auth_actions_of(scopes, strlen(scopes)) ||
      (expires && qf_tm_parse(expires, strlen(expires), &t))) {
    qf_req_refuse(r, 400, QF_SYNTAX, "a token needs \"scopes\": read, write or manage; \"expires\" is a time",
                  "令牌须有 scopes（read、write 或 manage）；expires 为时间");
    json_decref(j);
    return;
  }
  if (!room(r)) {
    json_decref(j);
    return;
  }
  char id[17], rest[49], secret[80], hex[65];
  uint8_t h[32];
  qf_random_hex(id, 4);
  qf_random_hex(rest, 20);
  snprintf(secret, sizeof secret, "qf_%s_%s", id, rest);
  qf_sha256(secret, strlen(secret), h);
  qf_hex(h, 32, hex);
  json_t *data = json_object();
  json_object_set_new(data, "hash", json_string(hex));
  json_object_set_new(data, "scopes", json_string(scopes));
  json_object_set_new(data, "note", json_string(note ? note : ""));
  if (expires)
    json_object_set_new(data, "expires", json_string(expires));
  json_object_set_new(data, "revoked", json_false());
  put_token(r, id, data, secret);
  json_decref(data);
  json_decref(j);
  sodium_memzero(secret, sizeof secret);
}

void qf_h_token_list(qf_req *r)
{
  qf_err err = {0};
  qf_rc rc = qf_rows(r, "id scopes note expires revoked at",
                     "SELECT id, scopes, note, expires, revoked, \"at\" FROM rec_token ORDER BY \"at\", id", NULL, 0,
                     &r->out, &err);
  if (rc)
    qf_req_broken(r, rc, &err);
}

static bool copy_row(void *ud, const qf_cell *c, size_t n)
{
  json_t *data = ud;
  if (n == 3 && c[0].kind == 4) {
    json_object_set_new(data, "hash", json_stringn(c[0].s, c[0].len));
    json_object_set_new(data, "scopes", json_stringn(c[1].s, c[1].len));
    json_object_set_new(data, "note", c[2].kind == 4 ? json_stringn(c[2].s, c[2].len) : json_string(""));
  }
  return false;
}

void qf_h_token_revoke(qf_req *r)
{
  json_t *data = json_object();
  qf_param p = {.kind = 4, .s = r->arg[0]};
  qf_err err = {0};
  qf_rc rc = qf_book_query(qf_city_book(r->city), "SELECT hash, scopes, note FROM rec_token WHERE id = ?1", &p, 1,
                           copy_row, data, &err);
  if (!rc && json_object_size(data) == 0)
    rc = qf_fail(&err, QF_NOTFOUND, "no token %.40s", "无此令牌 %.40s", r->arg[0]);
  if (rc) {
    qf_req_fail(r, 0, rc, &err);
  } else {
    json_object_set_new(data, "revoked", json_true());
    put_token(r, r->arg[0], data, NULL);
  }
  json_decref(data);
}
