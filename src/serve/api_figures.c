#include "serve/http.h"
#include <stdio.h>
#include <string.h>

static void finish(qf_req *r, qf_rc rc, const qf_err *err)
{
  if (rc)
    qf_req_fail(r, 0, rc, err);
}

/* Area of a figure: what stands before the first dot of its id. */
static const char *area_of(const char *id, char out[32])
{
  snprintf(out, 32, "%.*s", (int)strcspn(id, "."), id);
  return out;
}

/* May who asks see this figure of this subject; below: and of everything under it? */
static bool may_see(qf_req *r, const char *id, const qf_figure_ask *ask, bool below)
{
  char area[32];
  return qf_req_may(r, QF_ACT_VIEW, area_of(id, area), ask->subject, below);
}

void qf_h_figures(qf_req *r)
{
  qf_figure_ask ask;
  qf_err err = {0};
  const char *area = qf_req_query(r, "area");
  /* Without an area all are asked for: only who is not held to one may see a unit's. */
  if (qf_req_ask(r, NULL, &ask) && may_see(r, area && *area ? area : "*", &ask, false))
    finish(r, qf_figures_json(qf_city_figures(r->city), area && *area ? area : NULL, &ask, &r->out, &err), &err);
}

void qf_h_barometer(qf_req *r)
{
  qf_figure_ask ask;
  qf_err err = {0};
  if (!qf_req_ask(r, NULL, &ask))
    return;
  int32_t month = ask.from <= ask.to ? ask.to : qf_month_of_day(qf_day_cn(qf_city_now(r->city)));
  finish(r, qf_barometer_json(qf_city_figures(r->city), month, &r->out, &err), &err);
}

void qf_h_figure(qf_req *r)
{
  qf_figure_ask ask;
  qf_err err = {0};
  if (qf_req_ask(r, r->arg[0], &ask) && may_see(r, r->arg[0], &ask, false))
    finish(r, qf_figure_json(qf_city_figures(r->city), &ask, &r->out, &err), &err);
}

void qf_h_trend(qf_req *r)
{
  qf_figure_ask ask;
  qf_err err = {0};
  const char *by = qf_req_query(r, "by");
  bool parts = by && *by && strcmp(by, "month") != 0;
  if (qf_req_ask(r, r->arg[0], &ask) && may_see(r, r->arg[0], &ask, parts && !qf_req_is_city(r, ask.subject)))
    finish(r, qf_figure_trend_json(qf_city_figures(r->city), &ask, parts ? by : "", &r->out, &err), &err);
}

void qf_h_catalogue(qf_req *r)
{
  qf_err err = {0};
  finish(r, qf_figures_catalogue_json(qf_city_figures(r->city), &r->out, &err), &err);
}

void qf_h_why(qf_req *r)
{
  qf_figure_ask ask;
  qf_err err = {0};
  const char *path = qf_req_query(r, "path");
  if (qf_req_ask(r, r->arg[0], &ask) && may_see(r, r->arg[0], &ask, true))
    finish(r,
           qf_why_json(qf_city_figures(r->city), &ask, (int)qf_req_int(r, "depth", 2, 0, 20),
                       path && *path ? path : NULL, &r->out, &err),
           &err);
}
