#include "collect/import.h"
#include "serve/http.h"
#include <string.h>

#define FRESH (15 * QF_US_MINUTE) /* a point that was heard of within this time counts as online */

static void online(qf_req *r)
{
  uint32_t n = qf_city_series_count(r->city), points = 0, fresh = 0;
  qf_us now = qf_city_now(r->city);
  for (uint32_t i = 1; i <= n; i++) {
    qf_point_live p;
    if (!qf_meter_get(qf_city_meter(r->city), i, &p) || p.readings == 0)
      continue;
    points++;
    fresh += now - p.last.ts_us < FRESH + QF_US_QUARTER;
  }
  qf_buf_printf(&r->out, ",\"online\":{\"points\":%u,\"fresh\":%u}", points, fresh);
}

static bool latest_month(void *ud, const qf_cell *c, size_t n)
{
  if (n == 1 && c[0].kind == 1)
    *(int32_t *)ud = (int32_t)c[0].i;
  return false;
}

static bool city_name(void *ud, const qf_cell *c, size_t n)
{
  qf_buf *b = ud;
  qf_buf_puts(b, "{\"zh\":");
  qf_buf_json(b, n == 2 && c[0].kind == 4 ? c[0].s : "", n == 2 && c[0].kind == 4 ? c[0].len : 0);
  qf_buf_puts(b, ",\"en\":");
  qf_buf_json(b, n == 2 && c[1].kind == 4 ? c[1].s : "", n == 2 && c[1].kind == 4 ? c[1].len : 0);
  qf_buf_putc(b, '}');
  return false;
}

void qf_h_city(qf_req *r)
{
  qf_err err = {0};
  qf_buf *b = &r->out;
  qf_book *book = qf_city_book(r->city);
  int32_t month = 0;
  qf_buf_puts(b, "{\"name\":");
  size_t before = b->len;
  qf_rc rc = qf_book_query(book, "SELECT name_zh, name_en FROM rec_subject WHERE kind = 'city' ORDER BY id LIMIT 1",
                           NULL, 0, city_name, b, &err);
  if (b->len == before)
    qf_buf_puts(b, "null"); /* no subject is the city */
  qf_buf_printf(b, ",\"sample\":%s,\"version\":\"" QF_VERSION "\",\"now\":\"", r->s->sample ? "true" : "false");
  qf_tm_write(b, qf_city_now(r->city));
  qf_buf_printf(b, "\",\"seq\":%llu", (unsigned long long)qf_journal_last_seq(qf_city_journal(r->city)));
  if (!rc)
    rc = qf_book_query(book, "SELECT CAST(max(year(day) * 12 + month(day) - 1) AS INTEGER) FROM account_day", NULL, 0,
                       latest_month, &month, &err);
  qf_buf_puts(b, ",\"latest_month\":");
  if (month) {
    qf_buf_putc(b, '"');
    qf_month_write(b, month);
    qf_buf_putc(b, '"');
  } else {
    qf_buf_puts(b, "null");
  }
  qf_buf_puts(b, ",\"districts\":");
  if (!rc)
    rc = qf_rows(r, "id name_zh name_en",
                 "SELECT id, name_zh, name_en FROM rec_subject WHERE kind = 'district' ORDER BY id", NULL, 0, b, &err);
  online(r);
  if (r->who.name[0])
    qf_buf_printf(b, ",\"user\":{\"name\":\"%s\",\"role\":\"%s\"},\"csrf\":\"%s\"}", r->who.name,
                  qf_rights_may(qf_req_actor(r), QF_ACT_REGISTER, NULL, NULL) ? "admin" : "reader", r->who.csrf);
  else
    qf_buf_puts(b, ",\"user\":null}");
  if (rc)
    qf_req_broken(r, rc, &err);
}

/* Only the command line on this machine may name files: {"map","files":[...]} with the secret of server.json. */
void qf_h_import(qf_req *r)
{
  qf_err err = {0};
  json_t *j = json_loadb(r->body.data ? r->body.data : "", r->body.len, JSON_REJECT_DUPLICATES, NULL);
  const char *map = json_string_value(json_object_get(j, "map")), *file = json_string_value(json_object_get(j, "file"));
  qf_rc rc = strcmp(r->who.name, "local") != 0
                 ? qf_fail(&err, QF_DENIED, "files of this machine are read for the local command line only",
                           "仅本机命令行可读取本机文件")
             : !map || !file ? qf_fail(&err, QF_SYNTAX, "\"map\" and \"file\" are needed", "须给出 map 与 file")
                             : qf_import_readings(r->city, map, file, NULL, NULL, &r->out, &err);
  if (rc)
    qf_req_fail(r, 0, rc, &err);
  json_decref(j);
}
