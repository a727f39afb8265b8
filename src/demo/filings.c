/* Sample filings of the monthly energy form P205-1 (演示数据), made from what the book already holds, so that form, meters and
 * accounts agree: for every unit, month and code with a supplied quantity Q (metered, else filed) and a given quantity X
 *
 *   metered:  purchase P = Q (1 + at most 1 %)          filed:  P = Q - opening + closing + other than industrial
 *   dispatched = X, output of transformation = X, consumption = P + opening + output - closing - dispatched
 *
 * so that the stock identity closes to the last digit and an accepted form of a unit without meters gives back exactly Q.
 * Amounts are counts of 10^-4 of the form's unit. */
#include "book/book.h"
#include "demo/plant.h"
#include "domain/calendar.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define E4 10000

typedef struct supply { /* one unit, code and month */
  char unit[16], district[16], code[4], carrier[32];
  int32_t month;
  double per_unit, ref, q, x;
  bool metered;
} supply;

typedef struct form_row {
  int64_t opening, purchase, outside, industrial, other, transport, input, output, dispatched, closing;
  int64_t coefficient, reference; /* 10^-4 tce */
  int64_t value;                  /* 10^3 CNY */
  char report[65];
} form_row;

typedef struct maker {
  const qf_demo_filing_opts *o;
  supply *s;
  size_t n, cap;
  json_t *out;
  bool failed;
} maker;

static bool on_supply(void *ud, const qf_cell *c, size_t n)
{
  maker *m = ud;
  if (m->n == m->cap) {
    size_t cap = m->cap ? 2 * m->cap : 1024;
    supply *s = realloc(m->s, cap * sizeof *s);
    if (!s) {
      m->failed = true;
      return false;
    }
    m->s = s;
    m->cap = cap;
  }
  supply *s = &m->s[m->n];
  if (n != 10 || c[0].kind != 4 || c[2].kind != 4)
    return true;
  *s = (supply){
      .month = (int32_t)c[4].i, .per_unit = c[5].d, .ref = c[6].d, .q = c[7].d, .x = c[8].d, .metered = c[9].i != 0};
  snprintf(s->unit, sizeof s->unit, "%s", c[0].s);
  snprintf(s->district, sizeof s->district, "%s", c[1].kind == 4 ? c[1].s : "");
  snprintf(s->code, sizeof s->code, "%s", c[2].s);
  snprintf(s->carrier, sizeof s->carrier, "%s", c[3].kind == 4 ? c[3].s : "");
  m->n++;
  return true;
}

static const char supplies_sql[] =
    "WITH metered AS (SELECT split_part(p.subject, '.', 1) AS unit, p.carrier, "
    "CAST(EXTRACT(YEAR FROM a.day) * 12 + EXTRACT(MONTH FROM a.day) - 1 AS INTEGER) AS month, "
    "SUM(CASE WHEN p.flow = 'purchase' THEN a.value ELSE 0 END) AS q, "
    "SUM(CASE WHEN p.flow = 'export' THEN a.value ELSE 0 END) AS x "
    "FROM pt p JOIN account_day a ON a.point = p.point WHERE p.flow IN ('purchase', 'export') "
    "AND COALESCE(p.level, 1) = 1 AND p.kind IN ('register', 'interval') GROUP BY 1, 2, 3), "
    "filed AS (SELECT subject AS unit, carrier, month, SUM(CASE WHEN flow = 'purchase' THEN quantity ELSE 0 END) AS q, "
    "SUM(CASE WHEN flow = 'export' THEN quantity ELSE 0 END) AS x FROM rec_energy_monthly "
    "WHERE flow IN ('purchase', 'export') GROUP BY 1, 2, 3), "
    "both_kinds AS (SELECT unit, carrier, month, q, x, 1 AS metered FROM metered UNION ALL "
    "SELECT f.unit, f.carrier, f.month, f.q, f.x, 0 FROM filed f WHERE NOT EXISTS (SELECT 1 FROM metered m "
    "WHERE m.unit = f.unit AND m.carrier = f.carrier AND m.month = f.month)) "
    "SELECT b.unit, s.parent, n.id, n.carrier, b.month, CAST(MAX(n.per_unit) AS DOUBLE), CAST(MAX(CASE n.id WHEN '15' "
    "THEN n.ref_hi ELSE n.ref_lo END) AS DOUBLE), CAST(SUM(b.q) AS DOUBLE), CAST(SUM(b.x) AS DOUBLE), MAX(b.metered) "
    "FROM both_kinds b JOIN rec_subject s ON s.id = b.unit JOIN rec_carrier c ON c.id = b.carrier "
    "JOIN rec_nbs_code n ON n.id = c.nbs_code WHERE b.month BETWEEN ?1 AND ?2 AND s.kind = 'unit' "
    "GROUP BY b.unit, s.parent, n.id, n.carrier, b.month HAVING SUM(b.q) + SUM(b.x) > 0 ORDER BY b.unit, b.month, n.id";

static uint32_t unit_no(const supply *s)
{
  return (uint32_t)strtoul(s->unit + 1, NULL, 10);
}

static bool keeps_stock(const char *code)
{
  int c = atoi(code);
  return c < 11 || (c >= 16 && c < 32 && c != 17);
}

static double white(const maker *m, const supply *s, uint32_t what, int32_t month)
{
  return demo_white(m->o->seed, 0xB000u + 0x400u * what + (uint32_t)atoi(s->code),
                    (int64_t)unit_no(s) * 100000 + month);
}

static const supply *neighbour(const maker *m, const supply *s, int months)
{
  const supply *end = m->s + m->n;
  for (const supply *p = s; p >= m->s && p < end && strcmp(p->unit, s->unit) == 0; p += months)
    if (p->month == s->month + months && strcmp(p->code, s->code) == 0)
      return p;
  return NULL;
}

/* What lies in stock when a month ends: a sixth or so of what the leaner of that month and the next gets, so that no month
 * lives on its stock alone. s may be NULL: nothing. */
static int64_t closing_of(const maker *m, const supply *s)
{
  if (!s || !keeps_stock(s->code) || s->q <= 0)
    return 0;
  const supply *next = neighbour(m, s, 1);
  double q = next && next->month <= m->o->to && next->q < s->q ? next->q : s->q;
  return llround(q / s->per_unit * 0.15 * (1 + 0.3 * white(m, s, 1, s->month)) * 100) * (E4 / 100);
}

/* Units that have their coal assayed every month. */
static bool assayed(const supply *s)
{
  int c = atoi(s->code);
  return c <= 5 && unit_no(s) % 4 == 1;
}

static double lhv_of(const maker *m, const supply *s)
{
  return floor(s->ref * 29307.6 * (0.985 + 0.012 * white(m, s, 2, s->month)));
}

static form_row row_of(const maker *m, const supply *s)
{
  static const double price[41] = {
      [1] = 0.75, [2] = 1.1, [6] = 1.6, [9] = 2.1, [15] = 34, [21] = 7.4, [16] = 5.2, [32] = 0.06, [33] = 5.9};
  int code = atoi(s->code);
  form_row r = {.opening = closing_of(m, neighbour(m, s, -1)), .closing = closing_of(m, s)};
  int64_t q = llround(s->q / s->per_unit * E4);
  r.output = r.dispatched = llround(s->x / s->per_unit * E4);
  if (s->metered) {
    r.purchase = llround((double)q * (1 + 0.01 * white(m, s, 3, s->month)) / 100) * 100;
  } else {
    r.other = code == 33 ? llround((double)q * 0.006 / 100) * 100 : 0;
    r.purchase = q - r.opening + r.closing + r.other;
  }
  int64_t used = r.purchase + r.opening - r.closing;
  r.industrial = used - r.other;
  r.outside = code < 10 ? r.purchase / 5 * 2 : 0;
  r.transport = code == 21 || code == 19 ? r.industrial / 5 * 3 : 0;
  r.reference = llround(s->ref * E4);
  r.coefficient = assayed(s) ? llround(lhv_of(m, s) / 29307.6 * E4) : r.reference;
  r.value = llround((double)r.purchase / E4 * (code < 41 ? price[code] : 0));
  if (assayed(s))
    for (unsigned i = 0; i < 64; i++)
      r.report[i] =
          "0123456789abcdef"[demo_mix(m->o->seed ^ (unit_no(s) * 1000003u + (uint32_t)s->month * 67u + i)) & 15];
  return r;
}

static json_t *e4(int64_t v)
{
  char t[40];
  snprintf(t, sizeof t, "%s%lld.%04lld", v < 0 ? "-" : "", llabs(v) / E4, llabs(v) % E4);
  return json_string(t);
}

static json_t *row_json(const supply *s, const form_row *r)
{
  json_t *d =
      json_pack("{s:s, s:i, s:s, s:o, s:o, s:o, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:i, s:o, s:o, s:o}", "subject",
                s->unit, "month", (int)s->month, "code", s->code, "opening_stock", e4(r->opening), "purchase",
                e4(r->purchase), "purchase_outside", e4(r->outside), "purchase_value", (json_int_t)r->value,
                "consumption", e4(r->industrial + r->other), "industrial", e4(r->industrial), "non_industrial",
                e4(r->other), "transport", e4(r->transport), "transform_input", e4(r->input), "transform_output",
                e4(r->output), "dispatched", e4(r->dispatched), "gain_loss", 0, "closing_stock", e4(r->closing),
                "coefficient", e4(r->coefficient), "reference_coefficient", e4(r->reference));
  if (d && *r->report)
    json_object_set_new(d, "test_report", json_string(r->report));
  return d;
}

static void put(maker *m, const char *type, const char *id, json_t *data)
{
  json_t *rec = demo_record(type, id, data);
  if (!rec || json_array_append_new(m->out, rec))
    m->failed = true;
}

static void day_text(int32_t day, char out[16])
{
  int y, mo, d;
  qf_civil_from_days(day, &y, &mo, &d);
  snprintf(out, 16, "%04d-%02d-%02d", y, mo, d);
}

/* What is wrong on purpose with a unit's report: 1 dates, 2 number, 3 values; 0 nothing. */
static int flaw_of(const supply *s)
{
  uint32_t n = unit_no(s);
  return n == 9 ? 1 : n == 13 ? 2 : n == 17 ? 3 : 0;
}

static void put_report(maker *m, const supply *s, const form_row *r)
{
  static const int after[6] = {0, 0, 1, 3, 5, 8};
  static const char *const what[6] = {"sampled", "sealed", "received", "tested", "reported", "uploaded"};
  char id[96], no[48], sample[48], text[32];
  double lhv = lhv_of(m, s), carbon = lhv * (26.2 + 0.6 * white(m, s, 4, s->month)) / 10000;
  double moisture = 8.5 + 1.5 * white(m, s, 5, s->month);
  int32_t first = qf_month_first_day(s->month) + 10 + (int32_t)(demo_mix(unit_no(s) * 7919u + (uint32_t)s->month) % 8);
  int flaw = s->month == m->o->to - 1 && !m->o->all_accepted ? flaw_of(s) : 0;
  snprintf(sample, sizeof sample, "%c%s-%d-%s", flaw ? 'X' : 'S', s->unit, (int)s->month, s->code);
  snprintf(no, sizeof no, "R%d-%s%s", (int)(flaw == 2 ? s->month - 1 : s->month), s->unit, s->code);
  snprintf(id, sizeof id, "%s:%d:%s:%s", s->unit, (int)s->month, s->carrier, sample);
  if (flaw == 3) {
    supply before = *s;
    before.month--;
    lhv = lhv_of(m, &before);
    carbon = lhv * (26.2 + 0.6 * white(m, s, 4, before.month)) / 10000;
    moisture = 8.5 + 1.5 * white(m, s, 5, before.month);
  }
  json_t *d = json_pack("{s:s, s:i, s:s, s:s, s:s, s:s, s:s, s:I}", "subject", s->unit, "month", (int)s->month,
                        "carrier", s->carrier, "sample_no", sample, "lab", "样本检测中心 Sample Laboratory",
                        "report_no", no, "sha256", r->report, "lhv", (json_int_t)lhv);
  for (int i = 0; d && i < 6; i++) {
    char day[16];
    day_text(first + (flaw == 1 && i == 3 ? -1 : after[i]), day);
    json_object_set_new(d, what[i], json_string(day));
  }
  snprintf(text, sizeof text, "%.2f", carbon);
  if (d)
    json_object_set_new(d, "carbon", json_string(text));
  snprintf(text, sizeof text, "%.2f", moisture);
  if (d)
    json_object_set_new(d, "moisture", json_string(text));
  put(m, "lab_report", id, d);
}

/* What grid and gas companies report of the last months, and the carbon reports of some. */
static void put_others(maker *m, const supply *s, const form_row *r)
{
  char id[96], q[40];
  bool grid = strcmp(s->code, "33") == 0, gas = strcmp(s->code, "15") == 0;
  if (s->month <= m->o->to - 6 || !r->purchase)
    return;
  if (grid || gas) {
    const char *who = grid ? "样本电网公司 Sample Grid" : "样本燃气公司 Sample Gas";
    snprintf(q, sizeof q, "%.0f", (double)r->purchase / E4 * s->per_unit * (1 + 0.004 * white(m, s, 6, s->month)));
    snprintf(id, sizeof id, "%s:%s:%d:%s", grid ? "grid" : "gas", s->unit, (int)s->month, s->carrier);
    put(m, "supplier_delivery", id,
        json_pack("{s:s, s:s, s:i, s:s, s:s}", "supplier", who, "subject", s->unit, "month", (int)s->month, "carrier",
                  s->carrier, "quantity", q));
  }
  if (unit_no(s) % 3 == 0) {
    snprintf(q, sizeof q, "%.2f", (double)(r->industrial + r->other) / E4 * s->per_unit);
    snprintf(id, sizeof id, "%s:%d:%s", s->unit, (int)s->month, s->carrier);
    put(m, "carbon_report_monthly", id,
        json_pack("{s:s, s:i, s:s, s:s}", "subject", s->unit, "month", (int)s->month, "carrier", s->carrier, "quantity",
                  q));
  }
}

/* Where a form stands: old months are accepted, of the last one some are on their way and some never came. */
static const char *state_of(const maker *m, const supply *s)
{
  uint32_t h = (uint32_t)(demo_mix(m->o->seed ^ (unit_no(s) * 65537u + (uint32_t)s->month)) % 100u);
  if (m->o->all_accepted || s->month < m->o->to - 1 || unit_no(s) == 1)
    return "accepted";
  if (s->month == m->o->to - 1)
    return h < 95 ? "accepted" : h < 97 ? "returned" : "";
  return h < 70 ? "accepted" : h < 79 ? "approved" : h < 87 ? "submitted" : h < 92 ? "returned" : h < 95 ? "draft" : "";
}

static json_t *steps_of(const char *unit, const char *state, int32_t day, qf_us *last)
{
  static const char *const names[4] = {"submit", "approve", "accept", "return"};
  static const char *const who[4] = {"filer-", "approver-", "reviewer-industry", "reviewer-industry"};
  json_t *steps = json_array();
  int n = strcmp(state, "accepted") == 0    ? 3
          : strcmp(state, "approved") == 0  ? 2
          : strcmp(state, "submitted") == 0 ? 1
                                            : 0;
  bool back = strcmp(state, "returned") == 0;
  *last = qf_day_cn_start(day) + 9 * QF_US_HOUR;
  for (int i = 0; i < (back ? 2 : n); i++) {
    int k = back && i == 1 ? 3 : i;
    char by[48];
    qf_buf at;
    qf_buf_init(&at, 64);
    *last = qf_day_cn_start(day + i) + (9 + i) * QF_US_HOUR;
    qf_tm_write(&at, *last);
    snprintf(by, sizeof by, "%s%s", who[k], k < 2 ? unit : "");
    json_array_append_new(steps,
                          json_pack("{s:s, s:s, s:s}", "step", names[k], "by", by, "at", at.data ? at.data : ""));
    qf_buf_fini(&at);
  }
  return steps;
}

static void put_filing(maker *m, const supply *s, const char *state, json_t *rows)
{
  char id[64], due[16];
  qf_us last;
  int32_t due_day = qf_calendar_roll_forward(m->o->calendar, qf_month_first_day(s->month + 1) + 9);
  int32_t day = due_day - 6 + (int32_t)(demo_mix(unit_no(s) * 31u + (uint32_t)s->month) % 5u);
  bool late = demo_mix(unit_no(s) * 17u + (uint32_t)s->month) % 23u == 0;
  json_t *steps = steps_of(s->unit, state, late ? due_day + 2 : day, &last);
  char *rows_text = json_dumps(rows, JSON_COMPACT), *steps_text = json_dumps(steps, JSON_COMPACT);
  day_text(due_day, due);
  snprintf(id, sizeof id, "energy_p205:%s:%d", s->unit, (int)s->month);
  bool back = strcmp(state, "returned") == 0;
  size_t nsteps = json_array_size(steps);
  const char *step = nsteps ? json_string_value(json_object_get(json_array_get(steps, nsteps - 1), "step")) : "";
  char sheet[80];
  snprintf(sheet, sizeof sheet, "{\"subject\":\"%s\",\"month\":%d}", s->unit, (int)s->month);
  if (rows_text && steps_text) {
    json_t *d = json_pack("{s:s, s:s, s:s, s:i, s:s, s:s, s:s, s:s, s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:b}",
                          "form", "energy_p205", "sheet", sheet, "subject", s->unit, "month", (int)s->month, "area",
                          "industry", "district", s->district, "org", s->unit, "state", state, "revision", 1, "rows",
                          rows_text, "explain", "{}", "step", *step ? step : "edit", "steps", steps_text, "given", "[]",
                          "findings", "{\"block\":0,\"explain\":0,\"warn\":0}", "due", due, "late", late);
    if (d && back)
      json_object_set_new(
          d, "reason", json_string("请核对购进量与发票（演示）Please check purchases against the invoices (sample)"));
    put(m, "filing", id, d);
    if (!m->failed && nsteps)
      json_object_set(json_array_get(m->out, json_array_size(m->out) - 1), "by",
                      json_object_get(json_array_get(steps, nsteps - 1), "by"));
  } else {
    m->failed = true;
  }
  free(rows_text);
  free(steps_text);
  json_decref(steps);
}

/* The rows of one unit and month, [from, to). Coal and the like that others' heat or power is made of is input to transformation. */
static void put_form(maker *m, size_t from, size_t to)
{
  const supply *first = &m->s[from];
  const char *state = state_of(m, first);
  bool accepted = strcmp(state, "accepted") == 0, gives_out = false;
  json_t *rows = json_array();
  for (size_t i = from; i < to; i++)
    gives_out = gives_out || m->s[i].x > 0;
  for (size_t i = from; *state && i < to; i++) {
    const supply *s = &m->s[i];
    char id[48];
    form_row r = row_of(m, s);
    if (!accepted &&
        *r.report) { /* its file is not here, and who files or accepts would be stopped: as without an assay */
      r.coefficient = r.reference;
      *r.report = 0;
    }
    if (gives_out && atoi(s->code) < 10)
      r.input = r.industrial / 20 * 19;
    json_t *d = row_json(s, &r);
    json_array_append(rows, d);
    snprintf(id, sizeof id, "%s:%d:%s", s->unit, (int)s->month, s->code);
    if (accepted)
      put(m, "energy_p205", id, d);
    else
      json_decref(d);
    if (*r.report)
      put_report(m, s, &r);
    put_others(m, s, &r);
  }
  if (*state && m->o->with_filings)
    put_filing(m, first, state, rows);
  json_decref(rows);
}

qf_rc qf_demo_filings(struct qf_book *book, const qf_demo_filing_opts *o, json_t *array, qf_err *err)
{
  maker m = {.o = o, .out = array};
  qf_param p[2] = {{.kind = 1, .i = o->from - 1}, {.kind = 1, .i = o->to}}; /* the month before, for its stock */
  qf_rc rc = qf_book_query(book, supplies_sql, p, 2, on_supply, &m, err);
  for (size_t i = 0, k; !rc && !m.failed && i < m.n; i = k) {
    for (k = i + 1; k < m.n && strcmp(m.s[k].unit, m.s[i].unit) == 0 && m.s[k].month == m.s[i].month;)
      k++;
    if (m.s[i].month >= o->from)
      put_form(&m, i, k);
  }
  free(m.s);
  return !rc && m.failed ? qf_fail(err, QF_NOMEM, "out of memory", "内存不足") : rc;
}
