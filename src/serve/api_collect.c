/* What is connected and what was refused. */
#include "collect/kinds.h"
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
