/* The lowest levels: a month's days from the book, a day's readings from the store.
 * A register's day telescopes: account = round6(k R_end) - round6(k R_start), with R the reading at the day's edge. Where no
 * reading stands exactly there, where the register was exchanged, or where the meter estimated, the rest is its own child, so that
 * the sum still holds to the last digit and nothing is hidden. */
#include "figure/why.h"
#include <stdio.h>
#include <string.h>

typedef struct day_row {
  int32_t day;
  qf_dec value, estimated;
  uint32_t quarters, quarters_estimated, rules;
} day_row;

typedef struct days {
  day_row d[32];
  uint32_t n;
} days;

static bool on_day(void *ud, const qf_cell *c, size_t n)
{
  days *x = ud;
  (void)n;
  if (c[1].kind == 0)
    return true; /* a day without a value adds nothing: missing, not zero */
  if (x->n == 32)
    return false;
  x->d[x->n++] =
      (day_row){(int32_t)c[0].i,  qf_dec_trim(c[1].dec), c[2].kind ? qf_dec_trim(c[2].dec) : qf_dec_int(0, 0),
                (uint32_t)c[3].i, (uint32_t)c[4].i,      (uint32_t)c[5].i};
  return true;
}

qf_rc qf_why_days(qf_why *w, qf_node *n, qf_err *err)
{
  days x = {.n = 0};
  char sql[300];
  int32_t m = n->row->month, next = m + 1;
  snprintf(sql, sizeof sql,
           "SELECT day - DATE '1970-01-01', value, estimated, quarters, quarters_estimated, rules FROM account_day "
           "WHERE point = ?1 "
           "AND day >= DATE '%04d-%02d-01' AND day < DATE '%04d-%02d-01' ORDER BY day",
           m / 12, m % 12 + 1, next / 12, next % 12 + 1);
  qf_param p = {.kind = 1, .i = n->point};
  qf_rc rc = qf_book_query(w->f->book, sql, &p, 1, on_day, &x, err);
  qf_node *k = rc ? NULL : qf_why_kids(w, n, x.n);
  if (rc || !k)
    return rc;
  for (uint32_t i = 0; i < x.n; i++) {
    const day_row *d = &x.d[i];
    int y, mo, da;
    qf_civil_from_days(d->day, &y, &mo, &da);
    k[i] = (qf_node){.type = QF_W_DAY,
                     .op = QF_OP_NONE,
                     .kind = "account",
                     .value = d->value,
                     .unit = n->row->quantity_unit,
                     .rounded = -1,
                     .point = n->point,
                     .day = d->day,
                     .rules = d->rules,
                     .parent = n};
    k[i].zh = k[i].en = qf_why_text(w, "%04d-%02d-%02d", y, mo, da);
    k[i].seg = qf_why_text(w, "d=%s", k[i].en);
    k[i].quality = d->quarters_estimated == 0             ? "measured"
                   : d->quarters_estimated >= d->quarters ? "estimated"
                                                          : "partly estimated";
  }
  return QF_OK;
}

/* ---- readings */

/* A reading as an exact decimal; false if it has more digits than 38 with 18 after the point. */
static bool reading_dec(qf_num v, qf_dec *out)
{
  qf_i128 m = v.mant;
  int e = v.exp;
  for (; e > 0; e--)
    if (__builtin_mul_overflow(m, (qf_i128)10, &m))
      return false;
  for (; e < -18; e++) {
    if (m % 10 != 0)
      return false;
    m /= 10;
  }
  *out = qf_dec_trim((qf_dec){m, (int8_t)-e});
  return true;
}

static void reading_node(qf_why *w, qf_node *n, const qf_point_info *p, uint32_t point, const qf_reading *r,
                         const char *seg)
{
  qf_buf when;
  qf_dec v = qf_dec_int(0, 0);
  (void)reading_dec(r->v, &v); /* tried before */
  qf_buf_init(&when, 64);
  qf_tm_write(&when, r->ts_us);
  *n = (qf_node){.kind = "reading",
                 .value = v,
                 .unit = p->unit,
                 .seg = seg,
                 .rounded = -1,
                 .expanded = true,
                 .point = point,
                 .at = r->ts_us,
                 .has_at = true,
                 .quality = r->flags & QF_RD_MANUAL ? "entered by hand" : "measured"};
  n->zh = qf_why_text(w, "读数 %s", when.data ? when.data : "");
  n->en = qf_why_text(w, "reading %s", when.data ? when.data : "");
  qf_buf_fini(&when);
}

/* k R rounded to 10^-6, as the meter books it. */
static bool booked(const qf_point_info *p, const qf_reading *r, qf_dec *out)
{
  qf_dec v;
  if (!reading_dec(r->v, &v) || qf_dec_mul(v, p->k, &v) != QF_OK)
    return false;
  *out = qf_dec_trim(qf_dec_round(v, 6));
  return true;
}

/* The reading itself, or the product of reading and multiplier when that is not 1. */
static bool booked_node(qf_why *w, qf_node *n, const qf_point_info *p, uint32_t point, const qf_reading *r,
                        const char *seg)
{
  qf_dec raw, value;
  if (!reading_dec(r->v, &raw) || !booked(p, r, &value))
    return false;
  if (qf_dec_cmp(raw, value) == 0 && qf_dec_cmp(p->k, qf_dec_int(1, 0)) == 0) {
    reading_node(w, n, p, point, r, seg);
    return true;
  }
  *n = (qf_node){.op = QF_OP_PRODUCT, .kind = "product", .value = value, .seg = seg, .expanded = true, .rounded = -1};
  n->zh = "读数 × 倍率";
  n->en = "reading x multiplier";
  n->unit = n->parent ? n->parent->unit : NULL;
  qf_node *k = qf_why_kids(w, n, 2);
  if (!k)
    return false;
  reading_node(w, &k[0], p, point, r, "r");
  k[1] = (qf_node){.kind = "input",
                   .value = p->k,
                   .seg = "k",
                   .rounded = -1,
                   .expanded = true,
                   .zh = "倍率",
                   .en = "multiplier",
                   .parent = n};
  k[0].parent = n;
  qf_dec exact;
  if (qf_dec_mul(raw, p->k, &exact) == QF_OK && qf_dec_cmp(exact, value) != 0)
    n->rounded = 6;
  return true;
}

static void rest_node(qf_node *n, const qf_node *day, qf_dec rest, bool at_edges)
{
  const uint32_t odd = 1u << QF_V08A | 1u << QF_V08B | 1u << QF_V08C | 1u << QF_V08D | 1u << QF_V08E;
  *n = (qf_node){.kind = "input",
                 .value = rest,
                 .unit = day->unit,
                 .seg = "rest",
                 .rounded = -1,
                 .expanded = true,
                 .rules = day->rules};
  if (strcmp(day->quality, "measured") != 0) {
    n->zh = "估算（按校验估算规则）";
    n->en = "estimated by the meter's rules";
    n->quality = "estimated";
  } else if (day->rules & odd) {
    n->zh = "换表、翻转或未采信的读数";
    n->en = "register exchanged or rolled over, or readings refused";
    n->quality = "measured";
  } else if (!at_edges) {
    n->zh = "日界内插";
    n->en = "interpolated at the day's edge";
    n->quality = "measured";
  } else {
    n->zh = "与日界读数之差不符的部分";
    n->en = "not in the difference of the readings at the day's edges";
    n->quality = "measured";
  }
}

typedef struct first_reading {
  qf_reading r;
  bool any;
} first_reading;

static bool on_first(void *ud, const qf_reading *r)
{
  first_reading *x = ud;
  x->r = *r;
  x->any = true;
  return false;
}

/* The register at a moment: the last reading at or before it; for the first day of a point, its first reading. */
static qf_rc register_at(qf_why *w, uint32_t point, qf_us t, qf_us until, first_reading *out, qf_err *err)
{
  qf_err ignored = {0};
  qf_rc rc = qf_readings_before(w->f->readings, point, t + 1, &out->r, &ignored);
  out->any = rc == QF_OK;
  if (rc != QF_NOTFOUND || until <= t)
    return rc == QF_NOTFOUND ? QF_OK : rc ? qf_fail(err, rc, "%s", "%s", ignored.en) : QF_OK;
  return qf_readings_range(w->f->readings, point, t, until, on_first, out, err);
}

static qf_rc register_day(qf_why *w, qf_node *n, const qf_point_info *p, qf_err *err)
{
  first_reading a = {.any = false}, b = {.any = false};
  qf_us t0 = qf_day_cn_start(n->day), t1 = qf_day_cn_start(n->day + 1);
  qf_rc rc = register_at(w, n->point, t0, t1, &a, err);
  if (!rc)
    rc = register_at(w, n->point, t1, t1, &b, err);
  qf_dec va, vb, diff, rest;
  if (rc || !a.any || !b.any || !booked(p, &a.r, &va) || !booked(p, &b.r, &vb) || qf_dec_sub(vb, va, &diff) != QF_OK ||
      qf_dec_sub(n->value, diff, &rest) != QF_OK)
    return rc;
  qf_node *k = qf_why_kids(w, n, rest.mant ? 2 : 1);
  if (!k)
    return QF_NOMEM;
  n->op = QF_OP_SUM;
  k[0] = (qf_node){.op = QF_OP_DIFFERENCE,
                   .kind = "difference",
                   .value = qf_dec_trim(diff),
                   .unit = n->unit,
                   .seg = "x",
                   .rounded = -1,
                   .expanded = true,
                   .zh = "止码 － 起码",
                   .en = "register at end - at start",
                   .quality = "measured",
                   .parent = n};
  qf_node *e = qf_why_kids(w, &k[0], 2);
  if (!e || !booked_node(w, &e[0], p, n->point, &b.r, "e") || !booked_node(w, &e[1], p, n->point, &a.r, "s"))
    return QF_NOMEM;
  e[0].parent = e[1].parent = &k[0];
  e[0].unit = e[0].op == QF_OP_PRODUCT ? n->unit : p->unit;
  e[1].unit = e[1].op == QF_OP_PRODUCT ? n->unit : p->unit;
  if (rest.mant) {
    rest_node(&k[1], n, qf_dec_trim(rest), a.r.ts_us == t0 && b.r.ts_us == t1);
    k[1].parent = n;
  }
  return QF_OK;
}

#define DAY_READINGS 1500u

typedef struct many {
  qf_reading r[DAY_READINGS];
  uint32_t n;
  bool over;
} many;

static bool on_many(void *ud, const qf_reading *r)
{
  many *m = ud;
  if (m->n && m->r[m->n - 1].ts_us == r->ts_us) /* of conflicting readings the first arrived counts */
    return true;
  if (r->flags & QF_RD_SENTINEL)
    return true;
  if (m->n == DAY_READINGS) {
    m->over = true;
    return false;
  }
  m->r[m->n++] = *r;
  return true;
}

static qf_rc interval_day(qf_why *w, qf_node *n, const qf_point_info *p, qf_err *err)
{
  qf_us shift = p->stamp && strcmp(p->stamp, "begin") == 0 ? 0 : 1; /* stamped at the end: (start, end] */
  many *m = qf_why_alloc(w, sizeof *m);
  if (!m)
    return QF_NOMEM;
  qf_rc rc = qf_readings_range(w->f->readings, n->point, qf_day_cn_start(n->day) + shift,
                               qf_day_cn_start(n->day + 1) + shift, on_many, m, err);
  if (rc || m->n == 0 || m->over)
    return rc;
  qf_acc sum = {.v = 0};
  for (uint32_t i = 0; i < m->n; i++) {
    qf_dec v;
    if (!booked(p, &m->r[i], &v))
      return QF_OK;
    qf_acc_add(&sum, v);
  }
  qf_dec rest;
  if (qf_dec_sub(n->value, qf_acc_dec(&sum), &rest) != QF_OK)
    return QF_OK;
  qf_node *k = qf_why_kids(w, n, m->n + (rest.mant ? 1 : 0));
  if (!k)
    return QF_NOMEM;
  n->op = QF_OP_SUM;
  for (uint32_t i = 0; i < m->n; i++) {
    if (!booked_node(w, &k[i], p, n->point, &m->r[i], qf_why_text(w, "t=%lld", (long long)m->r[i].ts_us)))
      return QF_NOMEM;
    k[i].parent = n;
    k[i].unit = k[i].op == QF_OP_PRODUCT ? n->unit : p->unit;
  }
  if (rest.mant) {
    rest_node(&k[m->n], n, qf_dec_trim(rest), true);
    k[m->n].parent = n;
  }
  return QF_OK;
}

qf_rc qf_why_readings(qf_why *w, qf_node *n, qf_err *err)
{
  const qf_base *b = w->s.v->base;
  if (!w->f->readings || n->point >= b->npoints || !b->points[n->point].known || !b->points[n->point].kind)
    return QF_OK;
  const qf_point_info *p = &b->points[n->point];
  if (strcmp(p->kind, "register") == 0)
    return register_day(w, n, p, err);
  if (strcmp(p->kind, "interval") == 0)
    return interval_day(w, n, p, err);
  return QF_OK;
}
