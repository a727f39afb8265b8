/* For everybody, without a login: protected figures, made once a day (two answers around one filing would tell what it changed),
 * and the newest readings of the points that a record opens. */
#include "serve/http.h"
#include <stdlib.h>
#include <string.h>

/* The figures of this Beijing day, made by the first who asks. */
static qf_rc todays_figures(qf_server *s, qf_buf *out, qf_err *err)
{
  int32_t day = qf_day_cn(qf_city_now(s->city));
  qf_rc rc = QF_OK;
  pthread_mutex_lock(&s->open_mx);
  if (!s->open_figures.len || s->open_day != day) {
    qf_buf_reset(&s->open_figures);
    rc = qf_figures_public_json(qf_city_figures(s->city), &s->open_figures, err);
    if (rc)
      qf_buf_reset(&s->open_figures);
    s->open_day = day;
  }
  if (!rc)
    qf_buf_put(out, s->open_figures.data, s->open_figures.len);
  pthread_mutex_unlock(&s->open_mx);
  return rc;
}

typedef struct readings {
  qf_req *r;
  bool any;
} readings;

static void put(qf_buf *b, const char *key, const qf_cell *c)
{
  qf_buf_printf(b, "\"%s\":", key);
  qf_buf_json(b, c->kind == 4 ? c->s : "", c->kind == 4 ? c->len : 0);
  qf_buf_putc(b, ',');
}

static bool open_reading(void *ud, const qf_cell *c, size_t n)
{
  readings *o = ud;
  qf_buf *b = &o->r->out;
  qf_point_live p;
  if (n != 6 || c[2].kind != 4)
    return true;
  uint32_t point = qf_city_series_find(o->r->city, c[2].s, c[2].len);
  bool known = point && qf_meter_get(qf_city_meter(o->r->city), point, &p) && p.readings > 0;
  qf_buf_puts(b, o->any ? ",{" : "{");
  o->any = true;
  put(b, "plant", &c[0]);
  put(b, "kind", &c[1]);
  qf_buf_puts(b, "\"label\":{");
  put(b, "zh", &c[3]);
  qf_buf_puts(b, "\"en\":");
  qf_buf_json(b, c[4].kind == 4 ? c[4].s : "", c[4].kind == 4 ? c[4].len : 0);
  qf_buf_puts(b, "},");
  put(b, "unit", &c[5]);
  qf_buf_puts(b, "\"value\":");
  if (known) {
    qf_num_write(b, p.last.v);
    qf_buf_puts(b, ",\"at\":\"");
    qf_tm_write(b, p.last.ts_us);
    qf_buf_puts(b, "\"}");
  } else {
    qf_buf_puts(b, "null,\"at\":null}");
  }
  return true;
}

void qf_h_open(qf_req *r)
{
  qf_err err = {0};
  qf_buf *b = &r->out;
  qf_param today[] = {{.kind = 1, .i = qf_day_cn(qf_city_now(r->city))}};
  readings o = {.r = r};
  qf_buf_puts(b, "{\"day\":\"");
  qf_day_write(b, (int32_t)today[0].i);
  qf_buf_puts(b, "\",\"figures\":");
  qf_rc rc = todays_figures(r->s, b, &err);
  qf_buf_puts(b, ",\"readings\":[");
  if (!rc)
    rc = qf_book_query(
        qf_city_book(r->city),
        "SELECT plant, kind, point, label_zh, label_en, unit FROM rec_open_reading WHERE until IS NULL OR "
        "until >= DATE '1970-01-01' + CAST(?1 AS INTEGER) ORDER BY plant, label_zh LIMIT 200",
        today, 1, open_reading, &o, &err);
  qf_buf_puts(b, "],\"days\":");
  if (!rc)
    rc = qf_rows(
        r, "plant kind held viewers",
        "SELECT plant, kind, CAST(held AS VARCHAR), viewers FROM rec_cloud_open_day ORDER BY held DESC LIMIT 12", NULL,
        0, b, &err);
  qf_buf_putc(b, '}');
  if (rc)
    qf_req_broken(r, rc, &err);
}
