#include "serve/http.h"
#include <string.h>

static void finish(qf_req *r, qf_rc rc, const qf_err *err)
{
  if (rc)
    qf_req_fail(r, 0, rc, err);
}

void qf_h_figures(qf_req *r)
{
  qf_figure_ask ask;
  qf_err err = {0};
  const char *area = qf_req_query(r, "area");
  if (qf_req_ask(r, NULL, &ask))
    finish(r, qf_figures_json(qf_city_figures(r->city), area && *area ? area : NULL, &ask, &r->out, &err), &err);
}

void qf_h_figure(qf_req *r)
{
  qf_figure_ask ask;
  qf_err err = {0};
  if (qf_req_ask(r, r->arg[0], &ask))
    finish(r, qf_figure_json(qf_city_figures(r->city), &ask, &r->out, &err), &err);
}

void qf_h_trend(qf_req *r)
{
  qf_figure_ask ask;
  qf_err err = {0};
  const char *by = qf_req_query(r, "by");
  if (qf_req_ask(r, r->arg[0], &ask))
    finish(
        r,
        qf_figure_trend_json(qf_city_figures(r->city), &ask, by && strcmp(by, "month") != 0 ? by : "", &r->out, &err),
        &err);
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
  if (qf_req_ask(r, r->arg[0], &ask))
    finish(r,
           qf_why_json(qf_city_figures(r->city), &ask, (int)qf_req_int(r, "depth", 2, 0, 20),
                       path && *path ? path : NULL, &r->out, &err),
           &err);
}
