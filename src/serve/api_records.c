#include "serve/http.h"
#include <stdio.h>
#include <string.h>

static bool plain(const char *s)
{
  size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_");
  return n > 0 && n < 60 && s[n] == 0;
}

static bool secret_type(const char *s)
{
  return qf_people_secret_type(s);
}

static bool known_type(qf_req *r, const char *type)
{
  qf_err err;
  if (plain(type) && !secret_type(type))
    return true;
  (void)qf_fail(&err, QF_NOTFOUND, "no record type %.60s", "无此记录类型 %.60s", type);
  qf_req_fail(r, 404, QF_NOTFOUND, &err);
  return false;
}

void qf_h_records(qf_req *r)
{
  qf_err err = {0};
  char sql[300];
  if (!known_type(r, r->arg[0]))
    return;
  long size = qf_req_int(r, "size", 100, 1, 1000), page = qf_req_int(r, "page", 1, 1, 100000);
  snprintf(sql, sizeof sql, "SELECT * FROM rec_%s ORDER BY id LIMIT ?1 OFFSET ?2", r->arg[0]);
  qf_param p[] = {{.kind = 1, .i = size}, {.kind = 1, .i = (page - 1) * size}};
  qf_rc rc = qf_book_query_json(qf_city_book(r->city), sql, p, 2, &r->out, &err);
  if (rc)
    qf_req_fail(r, strstr(err.en, "does not exist") ? 404 : 0, rc, &err);
}

void qf_h_record_put(qf_req *r)
{
  qf_err err = {0};
  if (!known_type(r, r->arg[0]))
    return;
  json_error_t je;
  json_t *j = json_loadb(r->body.data ? r->body.data : "", r->body.len, JSON_REJECT_DUPLICATES, &je);
  if (!j) {
    (void)qf_fail(&err, QF_SYNTAX, "not JSON: line %d, column %d", "不是 JSON：第 %d 行第 %d 列", je.line, je.column);
    qf_req_fail(r, 400, QF_SYNTAX, &err);
    return;
  }
  json_t *list = json_is_array(j) ? json_incref(j) : json_array();
  if (!json_is_array(j))
    json_array_append(list, j);
  for (size_t i = 0; i < json_array_size(list); i++) {
    json_t *rec = json_array_get(list, i);
    json_object_set_new(rec, "type", json_string(r->arg[0]));
    json_object_set_new(rec, "by", json_string(r->who.name)); /* never the sender's word */
    json_object_del(rec, "version");
    json_object_del(rec, "at");
  }
  uint64_t seq = 0;
  size_t n = json_array_size(list);
  qf_rc rc = qf_city_records(r->city, list, &seq, &err);
  if (rc)
    qf_req_fail(r, 0, rc, &err);
  else
    qf_buf_printf(&r->out, "{\"accepted\":%zu,\"seq\":%llu}", n, (unsigned long long)seq);
  json_decref(list);
  json_decref(j);
}
