#include "serve/http.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUBJECT_NAMES "id parent kind name_zh name_en sector sample product points"
#define SUBJECT_COLUMNS                                                                                                \
  "s.id, s.parent, s.kind, s.name_zh, s.name_en, s.sector, s.sample, s.product, "                                      \
  "(SELECT count(*) FROM rec_point p WHERE p.subject = s.id OR starts_with(p.subject, concat(s.id, '.'))) AS points "

static void answer(qf_req *r, qf_rc rc, const qf_err *err)
{
  if (rc == QF_NOTFOUND)
    qf_req_fail(r, 404, rc, err);
  else if (rc)
    qf_req_broken(r, rc, err);
}

void qf_h_subjects(qf_req *r)
{
  qf_err err = {0};
  const char *parent = qf_req_query(r, "parent"), *kind = qf_req_query(r, "kind"), *q = qf_req_query(r, "q");
  char scope[QF_SCOPE_TEXT]; /* names of units are public; what stands inside them is their own */
  qf_req_scope(r, QF_ACT_VIEW, NULL, scope);
  qf_param p[] = {{.kind = 4, .s = parent ? parent : ""},
                  {.kind = 4, .s = kind ? kind : ""},
                  {.kind = 4, .s = q ? q : ""},
                  {.kind = 4, .s = scope}};
  answer(r,
         qf_rows(r, SUBJECT_NAMES,
                 "SELECT " SUBJECT_COLUMNS
                 "FROM rec_subject s WHERE (?1 = '' OR s.parent = ?1) AND (?2 = '' OR s.kind = ?2) "
                 "AND (?3 = '' OR contains(lower(concat(s.id, ' ', s.name_zh, ' ', s.name_en)), lower(?3))) "
                 "AND (s.kind IN ('city', 'district', 'unit') OR " QF_IN_SCOPE("s.id", "?4") ") ORDER BY "
                                                                                             "s.id LIMIT 2000",
                 p, 4, &r->out, &err),
         &err);
}

static bool exists_row(void *ud, const qf_cell *c, size_t n)
{
  *(bool *)ud = n == 1 && c[0].i > 0;
  return false;
}

/* May who asks see this subject, and is there one? Otherwise answered. The right comes first: who may see some only
 * learns nothing of the rest. */
static bool have_subject(qf_req *r, const char *id, bool below)
{
  qf_err err = {0};
  if (!qf_req_may(r, QF_ACT_VIEW, NULL, id, below))
    return false;
  bool have = false;
  qf_param p = {.kind = 4, .s = id};
  qf_rc rc = qf_book_query(qf_city_book(r->city), "SELECT count(*) FROM rec_subject WHERE id = ?1", &p, 1, exists_row,
                           &have, &err);
  if (!rc && !have)
    rc = qf_fail(&err, QF_NOTFOUND, "no subject %.60s", "无此主体 %.60s", id);
  answer(r, rc, &err);
  return !rc;
}

void qf_h_subject(qf_req *r)
{
  static const char *const parts[][3] = {
      {"", SUBJECT_NAMES, "SELECT " SUBJECT_COLUMNS "FROM rec_subject s WHERE s.id = ?1"},
      {",\"path\":", "id name_zh name_en kind",
       "WITH RECURSIVE up AS (SELECT id, parent, name_zh, name_en, kind, 0 AS d FROM rec_subject WHERE id = ?1 UNION "
       "ALL "
       "SELECT s.id, s.parent, s.name_zh, s.name_en, s.kind, up.d + 1 FROM rec_subject s JOIN up ON s.id = up.parent "
       "WHERE up.d < 12) "
       "SELECT id, name_zh, name_en, kind FROM up WHERE d > 0 ORDER BY d DESC"},
      {",\"children\":", SUBJECT_NAMES,
       "SELECT " SUBJECT_COLUMNS "FROM rec_subject s WHERE s.parent = ?1 ORDER BY s.id"},
      {",\"limits\":", "process level1 level2 level3 unit standard clause",
       "SELECT l.process, l.level1, l.level2, l.level3, l.unit, l.standard, l.clause FROM rec_limit_value l "
       "WHERE EXISTS (SELECT 1 FROM rec_subject s WHERE (s.id = ?1 OR s.parent = ?1) AND ends_with(s.id, concat('.', "
       "l.process))) "
       "ORDER BY l.process, l.standard"}};
  qf_err err = {0};
  if (!have_subject(r, r->arg[0], false))
    return;
  qf_param p = {.kind = 4, .s = r->arg[0]};
  qf_rc rc = QF_OK;
  for (size_t i = 0; !rc && i < 4; i++) {
    qf_buf_puts(&r->out, parts[i][0]);
    if (i > 0) {
      rc = qf_rows(r, parts[i][1], parts[i][2], &p, 1, &r->out, &err);
      continue;
    }
    qf_buf one;
    qf_buf_init(&one, 1u << 16);
    rc = qf_rows(r, parts[i][1], parts[i][2], &p, 1, &one, &err);
    if (!rc && one.len > 4)
      qf_buf_put(&r->out, one.data + 1, one.len - 3); /* the only object, left open */
    qf_buf_fini(&one);
  }
  qf_buf_putc(&r->out, '}');
  answer(r, rc, &err);
}

/* ---- Sankey. A layered graph without cycles: what comes in (carriers) | who uses it | what goes out again. A gas that
 * a process recovers and another burns stands at both sides. The residual is what the process itself used (its net
 * energy); where more goes out than is metered in, the surplus comes from unmetered feed ("internal"), shown as such.
 */

typedef struct flow {
  char carrier[40], zh[60], en[60], group[16], subject[80], subject_zh[80], subject_en[80];
  bool in;
  double tce;
} flow;

typedef struct flows {
  flow *f;
  size_t n, cap;
} flows;

static void copy(char *out, size_t size, const qf_cell *c)
{
  snprintf(out, size, "%.*s", c->kind == 4 ? (int)c->len : 0, c->kind == 4 ? c->s : "");
}

static bool flow_row(void *ud, const qf_cell *c, size_t n)
{
  flows *x = ud;
  if (n != 9)
    return false;
  if (x->n == x->cap) {
    size_t cap = x->cap ? x->cap * 2 : 64;
    flow *f = cap <= 4096 ? realloc(x->f, cap * sizeof *f) : NULL;
    if (!f)
      return false;
    x->f = f;
    x->cap = cap;
  }
  flow *f = &x->f[x->n++];
  copy(f->carrier, sizeof f->carrier, &c[0]);
  copy(f->zh, sizeof f->zh, &c[1]);
  copy(f->en, sizeof f->en, &c[2]);
  copy(f->group, sizeof f->group, &c[3]);
  copy(f->subject, sizeof f->subject, &c[4]);
  copy(f->subject_zh, sizeof f->subject_zh, &c[5]);
  copy(f->subject_en, sizeof f->subject_en, &c[6]);
  f->in = c[7].i != 0;
  f->tce = c[8].kind == 3 ? c[8].d : qf_dec_double(c[8].dec);
  return true;
}

/* Energy in (consume) and out (recover) of the processes of a unit, tce. */
static const char unit_sql[] =
    "SELECT p.carrier, any_value(c.name_zh), any_value(c.name_en), any_value(c.grp), s.id, any_value(s.name_zh), "
    "any_value(s.name_en), "
    "CASE WHEN p.flow = 'consume' THEN 1 ELSE 0 END AS inward, CAST(sum(CAST(d.value AS DOUBLE) * CAST(f.value AS "
    "DOUBLE)) / 1000 AS DOUBLE) "
    "FROM account_day d JOIN pt p ON p.point = d.point JOIN rec_subject s ON s.id = p.subject JOIN rec_carrier c ON "
    "c.id = p.carrier "
    "JOIN factor_month f ON f.factor = concat('k.', p.carrier) AND f.month = year(d.day) * 12 + month(d.day) - 1 "
    "WHERE p.flow IN ('consume', 'recover') AND starts_with(p.subject, concat(?1, '.')) AND year(d.day) * 12 + "
    "month(d.day) - 1 BETWEEN ?2 AND ?3 "
    "GROUP BY p.carrier, s.id, inward HAVING abs(sum(CAST(d.value AS DOUBLE) * CAST(f.value AS DOUBLE))) > 0 ORDER BY "
    "s.id, p.carrier";

/* Energy bought, by carrier and child of a city or district, tce: metered where a unit has meters, filed otherwise. */
static const char area_sql[] =
    "WITH RECURSIVE under AS (SELECT id, id AS child FROM rec_subject WHERE parent = ?1 UNION ALL "
    "SELECT s.id, u.child FROM rec_subject s JOIN under u ON s.parent = u.id), "
    "q AS (SELECT p.subject, p.carrier, year(d.day) * 12 + month(d.day) - 1 AS month, sum(d.value) AS amount FROM "
    "account_day d "
    "JOIN pt p ON p.point = d.point WHERE p.flow = 'purchase' AND year(d.day) * 12 + month(d.day) - 1 BETWEEN ?2 AND "
    "?3 GROUP BY 1, 2, 3 "
    "UNION ALL SELECT e.subject, e.carrier, e.month, e.quantity FROM rec_energy_monthly e WHERE e.flow = 'purchase' "
    "AND e.month BETWEEN ?2 AND ?3 "
    "AND NOT EXISTS (SELECT 1 FROM account_day d JOIN pt p ON p.point = d.point WHERE p.subject = e.subject AND p.flow "
    "= 'purchase' "
    "AND p.carrier = e.carrier AND year(d.day) * 12 + month(d.day) - 1 = e.month)) "
    "SELECT q.carrier, any_value(c.name_zh), any_value(c.name_en), any_value(c.grp), u.child, any_value(s.name_zh), "
    "any_value(s.name_en), 1, "
    "CAST(sum(CAST(q.amount AS DOUBLE) * CAST(f.value AS DOUBLE)) / 1000 AS DOUBLE) FROM q JOIN under u ON u.id = "
    "q.subject JOIN rec_subject s ON s.id = u.child "
    "JOIN rec_carrier c ON c.id = q.carrier JOIN factor_month f ON f.factor = concat('k.', q.carrier) AND f.month = "
    "q.month "
    "GROUP BY q.carrier, u.child HAVING sum(CAST(q.amount AS DOUBLE) * CAST(f.value AS DOUBLE)) > 0 ORDER BY u.child, "
    "q.carrier";

static void node(qf_buf *b, const char *prefix, const char *id, const char *names[2], const char *group, int layer)
{
  qf_buf_printf(b, "%s{\"id\":\"%s%s\",\"layer\":%d,\"group\":\"%s\",\"name\":{\"zh\":",
                b->data[b->len - 1] == '[' ? "" : ",", prefix, id, layer, group);
  qf_buf_json(b, names[0], strlen(names[0]));
  qf_buf_puts(b, ",\"en\":");
  qf_buf_json(b, names[1], strlen(names[1]));
  qf_buf_puts(b, "}}");
}

static bool seen_before(const flows *x, size_t i, bool by_carrier)
{
  for (size_t k = 0; k < i; k++)
    if (by_carrier ? x->f[k].in == x->f[i].in && strcmp(x->f[k].carrier, x->f[i].carrier) == 0
                   : strcmp(x->f[k].subject, x->f[i].subject) == 0)
      return true;
  return false;
}

static void write_nodes(qf_buf *b, const flows *x)
{
  qf_buf_puts(b, "{\"nodes\":[");
  for (size_t i = 0; i < x->n; i++) {
    const flow *f = &x->f[i];
    if (!seen_before(x, i, true))
      node(b, f->in ? "in:" : "out:", f->carrier, (const char *[]){f->zh, f->en}, f->group, f->in ? 0 : 2);
    if (!seen_before(x, i, false))
      node(b, "", f->subject, (const char *[]){f->subject_zh, f->subject_en}, "process", 1);
  }
  if (x->n) {
    node(b, "", "used", (const char *[]){"净消耗", "Net use"}, "other", 2);
    node(b, "", "feed", (const char *[]){"物料化学能（未计量）", "Chemical energy of feed (not metered)"}, "other", 0);
  }
}

static void edge(qf_buf *b, const char *from, const char *to, double tce, const char *carrier)
{
  qf_buf_printf(b, "%s{\"source\":\"%s\",\"target\":\"%s\",\"value\":%.6f,\"unit\":\"tce\",\"carrier\":\"%s\"}",
                b->data[b->len - 1] == '[' ? "" : ",", from, to, tce, carrier);
}

static void write_links(qf_buf *b, const flows *x)
{
  char end[60];
  double in_all = 0, out_all = 0;
  qf_buf_puts(b, "],\"links\":[");
  for (size_t i = 0; i < x->n; i++) {
    const flow *f = &x->f[i];
    snprintf(end, sizeof end, "%s%s", f->in ? "in:" : "out:", f->carrier);
    edge(b, f->in ? end : f->subject, f->in ? f->subject : end, f->tce, f->carrier);
  }
  for (size_t i = 0; i < x->n; i++) {
    if (seen_before(x, i, false))
      continue;
    double net = 0;
    for (size_t k = i; k < x->n; k++)
      if (strcmp(x->f[k].subject, x->f[i].subject) == 0)
        net += x->f[k].in ? x->f[k].tce : -x->f[k].tce;
    if (net > 0)
      edge(b, x->f[i].subject, "used", net, "used");
    else if (net < 0)
      edge(b, "feed", x->f[i].subject, -net, "feed");
  }
  for (size_t i = 0; i < x->n; i++)
    *(x->f[i].in ? &in_all : &out_all) += x->f[i].tce;
  qf_buf_printf(b, "],\"in\":%.6f,\"out\":%.6f,\"residual\":%.6f}", in_all, out_all, in_all - out_all);
}

static bool kind_row(void *ud, const qf_cell *c, size_t n)
{
  *(bool *)ud = n == 1 && c[0].kind == 4 &&
                (c[0].len == 4 ? memcmp(c[0].s, "city", 4) == 0 : c[0].len == 8 && memcmp(c[0].s, "district", 8) == 0);
  return false;
}

static bool months(qf_req *r, int32_t *from, int32_t *to)
{
  qf_figure_ask ask;
  if (!qf_req_ask(r, NULL, &ask))
    return false;
  *from = ask.from <= ask.to ? ask.from : qf_month_of_day(qf_day_cn(qf_city_now(r->city)));
  *to = ask.from <= ask.to ? ask.to : *from;
  return true;
}

void qf_h_sankey(qf_req *r)
{
  qf_err err = {0};
  int32_t from, to;
  bool area = false;
  flows x = {0};
  if (!have_subject(r, r->arg[0], !qf_req_is_city(r, r->arg[0])) || !months(r, &from, &to))
    return;
  qf_param p[] = {{.kind = 4, .s = r->arg[0]}, {.kind = 1, .i = from}, {.kind = 1, .i = to}};
  qf_rc rc =
      qf_book_query(qf_city_book(r->city), "SELECT kind FROM rec_subject WHERE id = ?1", p, 1, kind_row, &area, &err);
  if (!rc)
    rc = qf_book_query(qf_city_book(r->city), area ? area_sql : unit_sql, p, 3, flow_row, &x, &err);
  if (rc) {
    qf_req_broken(r, rc, &err);
  } else {
    write_nodes(&r->out, &x);
    write_links(&r->out, &x);
  }
  free(x.f);
}

/* ---- load: mean power of each quarter hour = 4 x its energy, over a subject's level-1 electricity meters */

typedef struct load_ctx {
  double *v;
  uint8_t *status;
  int64_t n;
  qf_us t0;
} load_ctx;

static bool load_row(void *ud, const qf_cell *c, size_t n)
{
  load_ctx *x = ud;
  if (n != 9)
    return false;
  int64_t i = (c[0].i * 1000 - x->t0) / QF_US_QUARTER;
  for (int64_t q = 0; q < 4; q++)
    if (i + q >= 0 && i + q < x->n && c[1 + q].kind) {
      x->v[i + q] = 4 * qf_dec_double(c[1 + q].dec);
      x->status[i + q] = (uint8_t)c[5 + q].i;
    }
  return true;
}

static void write_load(qf_buf *b, const load_ctx *x)
{
  int64_t peak = -1;
  qf_buf_printf(b, "{\"unit\":\"kW\",\"step_s\":900,\"t0\":%lld,\"v\":[", (long long)(x->t0 / 1000));
  for (int64_t i = 0; i < x->n; i++) {
    if (isnan(x->v[i]))
      qf_buf_puts(b, i ? ",null" : "null");
    else
      qf_buf_printf(b, "%s%.10g", i ? "," : "", x->v[i]);
    if (!isnan(x->v[i]) && (peak < 0 || x->v[i] > x->v[peak]))
      peak = i;
  }
  qf_buf_puts(b, "],\"estimated\":[");
  for (int64_t i = 0; i < x->n; i++)
    if (x->status[i] >= QF_ST_ESTIMATED)
      qf_buf_printf(b, "%s%lld", b->data[b->len - 1] == '[' ? "" : ",", (long long)i);
  if (peak < 0) {
    qf_buf_puts(b, "],\"peak\":null}");
    return;
  }
  qf_buf_printf(b, "],\"peak\":{\"value\":%.10g,\"at\":\"", x->v[peak]);
  qf_tm_write(b, x->t0 + peak * QF_US_QUARTER);
  qf_buf_puts(b, "\"}}");
}

void qf_h_load(qf_req *r)
{
  qf_err err = {0};
  qf_us from, to, now = qf_city_now(r->city);
  if (!have_subject(r, r->arg[0], false) || !qf_req_time(r, "to", now, &to) ||
      !qf_req_time(r, "from", to - QF_US_DAY, &from))
    return;
  from = qf_floor(from, QF_US_QUARTER);
  load_ctx x = {.n = (to - from + QF_US_QUARTER - 1) / QF_US_QUARTER, .t0 = from};
  qf_rc rc = x.n < 1 || x.n > 40000 ? qf_fail(&err, QF_RANGE, "the load curve covers 15 minutes to 416 days",
                                              "负荷曲线区间须为 15 分钟至 416 天")
                                    : QF_OK;
  if (!rc) {
    x.v = malloc((size_t)x.n * sizeof *x.v);
    x.status = calloc((size_t)x.n, 1);
    rc = x.v && x.status ? QF_OK : QF_NOMEM;
  }
  for (int64_t i = 0; !rc && i < x.n; i++)
    x.v[i] = (double)NAN;
  qf_param p[] = {
      {.kind = 4, .s = r->arg[0]}, {.kind = 1, .i = qf_floor(from, QF_US_HOUR) / 1000}, {.kind = 1, .i = to / 1000}};
  if (!rc)
    rc = qf_book_query(qf_city_book(r->city),
                       "SELECT epoch_ms(i.hour), sum(i.q1), sum(i.q2), sum(i.q3), sum(i.q4), max(i.s1), max(i.s2), "
                       "max(i.s3), max(i.s4) FROM interval_hour i "
                       "JOIN pt p ON p.point = i.point WHERE p.carrier = 'electricity' AND p.flow = 'purchase' "
                       "AND (p.subject = ?1 OR starts_with(p.subject, concat(?1, '.'))) AND i.hour >= "
                       "make_timestamp(?2 * 1000) AND i.hour < make_timestamp(?3 * 1000) "
                       "GROUP BY i.hour ORDER BY i.hour",
                       p, 3, load_row, &x, &err);
  if (rc == QF_RANGE)
    qf_req_fail(r, 400, rc, &err);
  else if (rc)
    qf_req_broken(r, rc, &err);
  else
    write_load(&r->out, &x);
  free(x.v);
  free(x.status);
}

void qf_h_balance(qf_req *r)
{
  qf_err err = {0};
  int32_t from, to;
  if (!have_subject(r, r->arg[0], true) || !months(r, &from, &to))
    return;
  qf_param p[] = {{.kind = 4, .s = r->arg[0]}, {.kind = 1, .i = from}, {.kind = 1, .i = to}};
  answer(r,
         qf_rows(
             r, "point key name_zh name_en carrier unit parent_value children_value children loss residual share state",
             "WITH v AS (SELECT point, sum(value) AS value FROM account_day WHERE year(day) * 12 + month(day) - 1 "
             "BETWEEN ?2 AND ?3 GROUP BY point), "
             "c AS (SELECT p.parent, sum(v.value) AS value, count(*) AS n, max(p.loss_share) AS loss_share FROM pt p "
             "JOIN v ON v.point = p.point "
             "WHERE p.parent IS NOT NULL AND p.flow IN ('consume', 'purchase', 'none') GROUP BY p.parent), "
             "b AS (SELECT p.point, p.id AS key, p.name_zh, p.name_en, p.carrier, p.unit, v.value AS parent_value, "
             "c.value AS children_value, c.n AS children, "
             "CAST(v.value * coalesce(c.loss_share, 0) AS DECIMAL(38,6)) AS loss FROM pt p JOIN v ON v.point = p.point "
             "JOIN c ON c.parent = p.id "
             "WHERE p.subject = ?1 OR starts_with(p.subject, concat(?1, '.'))) "
             "SELECT *, parent_value - children_value - loss AS residual, CASE WHEN parent_value = 0 THEN NULL ELSE "
             "CAST((parent_value - children_value - loss) / parent_value AS DOUBLE) END AS share, CASE WHEN "
             "parent_value = 0 THEN 'none' "
             "WHEN abs(parent_value - children_value - loss) > 0.05 * parent_value THEN 'bad' "
             "WHEN abs(parent_value - children_value - loss) > 0.02 * parent_value THEN 'warn' ELSE 'ok' END AS state "
             "FROM b ORDER BY carrier, key",
             p, 3, &r->out, &err),
         &err);
}
