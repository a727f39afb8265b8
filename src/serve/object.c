/* Whose is it? Every handler with a subject or point asks here before it answers. */
#include "serve/http.h"
#include <stdio.h>
#include <string.h>

static bool owner_row(void *ud, const qf_cell *c, size_t n)
{
  qf_owner *o = ud;
  if (n != 3 || c[0].kind != 4 || c[1].kind != 4)
    return false;
  const char *parent = c[2].kind == 4 ? c[2].s : "";
  o->found = true;
  if (strcmp(c[1].s, "unit") == 0) {
    o->unit = true;
    snprintf(o->org, sizeof o->org, "%s", c[0].s);
    snprintf(o->district, sizeof o->district, "%s", parent);
  } else if (strcmp(c[1].s, "district") == 0 && !o->unit) {
    snprintf(o->district, sizeof o->district, "%s", c[0].s);
  } else if (strcmp(c[1].s, "city") != 0 && !o->unit) {
    o->unit = true; /* a process or device: its unit comes further up; none: of nobody known */
  }
  return true;
}

qf_rc qf_req_owner(qf_req *r, const char *subject, const char *area, qf_owner *out, qf_err *err)
{
  *out = (qf_owner){0};
  qf_param p = {.kind = 4, .s = subject};
  qf_rc rc = qf_book_query(
      qf_city_book(r->city),
      "WITH RECURSIVE up AS (SELECT id, kind, parent, 0 AS d FROM rec_subject WHERE id = ?1 UNION ALL SELECT s.id, "
      "s.kind, s.parent, up.d + 1 FROM rec_subject s JOIN up ON s.id = up.parent WHERE up.d < 12 AND up.kind NOT IN "
      "('unit', 'district', 'city')) SELECT id, kind, parent FROM up ORDER BY d",
      &p, 1, owner_row, out, err);
  out->o.area = area;
  out->o.org = !out->found || out->unit ? out->org : NULL;
  out->o.district = out->district[0] ? out->district : NULL;
  return rc;
}

void qf_req_scope(qf_req *r, qf_action act, const char *area, char out[QF_SCOPE_TEXT])
{
  qf_scope_list l;
  qf_rights_scope(qf_req_actor(r), act, area, &l);
  if (l.all) {
    snprintf(out, QF_SCOPE_TEXT, "*");
    return;
  }
  size_t n = (size_t)snprintf(out, QF_SCOPE_TEXT, "|");
  for (unsigned i = 0; i < l.norgs && n < QF_SCOPE_TEXT; i++)
    n += (size_t)snprintf(out + n, QF_SCOPE_TEXT - n, "%s|", l.org[i]);
  for (unsigned i = 0; i < l.ndistricts && n < QF_SCOPE_TEXT; i++)
    n += (size_t)snprintf(out + n, QF_SCOPE_TEXT - n, "%s|", l.district[i]);
}

/* A right to the whole of a total: no limit, or this very district. */
static bool whole(qf_req *r, qf_action act, const qf_owner *w)
{
  qf_scope_list l;
  qf_rights_scope(qf_req_actor(r), act, w->o.area, &l);
  for (unsigned i = 0; i < l.ndistricts && !l.all; i++)
    if (w->o.district && strcmp(l.district[i], w->o.district) == 0)
      return true;
  return l.all;
}

/* An organisation that no grant names is covered only by a right without limits. */
bool qf_req_everywhere(qf_req *r, qf_action act, const char *area)
{
  return qf_rights_may(qf_req_actor(r), act, &(qf_object){.area = area, .district = "", .org = ""}, NULL);
}

bool qf_req_may(qf_req *r, qf_action act, const char *area, const char *subject, bool below)
{
  qf_owner w = {.found = true, .o = {.area = area}};
  qf_err err = {0};
  if (qf_req_everywhere(r, act, area))
    return true;
  if (subject && *subject) {
    qf_rc rc = qf_req_owner(r, subject, area, &w, &err);
    if (rc) {
      qf_req_broken(r, rc, &err);
      return false;
    }
  }
  if (qf_rights_may(qf_req_actor(r), act, &w.o, &err)) {
    if (w.o.org || !below || whole(r, act, &w))
      return true;
    (void)qf_fail(&err, QF_DENIED, "your rights do not cover this", "权限不足");
  }
  qf_req_deny(r, &err);
  return false;
}

static bool count_row(void *ud, const qf_cell *c, size_t n)
{
  *(bool *)ud = n == 1 && c[0].i > 0;
  return false;
}

bool qf_req_is_city(qf_req *r, const char *subject)
{
  qf_err err = {0};
  bool city = false;
  qf_param p = {.kind = 4, .s = subject ? subject : ""};
  if (!subject || !*subject)
    return true;
  return qf_book_query(qf_city_book(r->city), "SELECT count(*) FROM rec_subject WHERE id = ?1 AND kind = 'city'", &p, 1,
                       count_row, &city, &err) == QF_OK &&
         city;
}
