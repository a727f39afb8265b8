/* What is connected and what was refused. */
#include "collect/kinds.h"
#include "collect/necc.h"
#include "serve/http.h"

void qf_h_collectors(qf_req *r)
{
  if (!qf_req_everywhere(r, QF_ACT_VIEW, NULL)) { /* senders belong to many organisations */
    qf_err err;
    (void)qf_fail(&err, QF_DENIED, "your rights do not cover this", "权限不足");
    qf_req_deny(r, &err);
    return;
  }
  long max = qf_req_int(r, "size", 500, 1, 5000);
  bool raw =
      qf_rights_may(qf_req_actor(r), QF_ACT_TOKENS, NULL, NULL); /* who may let senders in may see what they sent */
  qf_buf_puts(&r->out, "{\"collectors\":");
  qf_collectors_json(r->s->collectors, &r->out);
  qf_buf_puts(&r->out, ",\"links\":");
  qf_links_json(r->s->links, qf_req_query(r, "collector"), (uint32_t)max, raw, &r->out);
  qf_buf_putc(&r->out, '}');
}

typedef struct necc_ctx {
  qf_req *r;
  const char *unit;
  int32_t month;
  bool some;
  qf_rc rc;
  qf_err err;
} necc_ctx;

static void one_necc(void *ud, void *self)
{
  necc_ctx *x = ud;
  if (x->rc)
    return;
  if (x->some)
    qf_buf_putc(&x->r->out, ',');
  x->some = true;
  x->rc = qf_necc_completeness(self, x->month, x->unit, &x->r->out, &x->err);
}

void qf_h_necc(qf_req *r)
{
  const char *month = qf_req_query(r, "month");
  necc_ctx x = {.r = r, .unit = qf_req_query(r, "unit")};
  int32_t last;
  if (!qf_req_everywhere(r, QF_ACT_VIEW, NULL)) { /* units of many organisations */
    (void)qf_fail(&x.err, QF_DENIED, "your rights do not cover this", "权限不足");
    qf_req_deny(r, &x.err);
    return;
  }
  x.month = last = qf_month_of_day(qf_day_cn(qf_city_now(r->city)));
  if (month && (x.rc = qf_period_parse(month, &x.month, &last, &x.err)) == QF_OK && last != x.month)
    x.rc = qf_fail(&x.err, QF_RANGE, "month: one month, such as 2026-11", "month 应为一个月份，如 2026-11");
  if (x.rc) {
    qf_req_fail(r, 400, x.rc, &x.err);
    return;
  }
  qf_buf_puts(&r->out, "{\"platforms\":[");
  qf_collectors_each(r->s->collectors, "necc", one_necc, &x);
  if (x.rc)
    qf_req_broken(r, x.rc, &x.err);
  else
    qf_buf_puts(&r->out, "]}");
}
