/* The questions: one figure, all figures, a trend, the catalogue. */
#include "figure/internal.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Are a and b alike enough to offer one for the other? One contains the other's last word. */
static bool near_name(const char *have, const char *asked)
{
  const char *dot = strrchr(asked, '.');
  const char *word = dot && dot[1] ? dot + 1 : asked;
  return strlen(word) >= 3 && (strstr(have, word) || strncmp(have, asked, strlen(asked) / 2 + 1) == 0);
}

static qf_rc no_indicator(const qf_figures *f, const char *id, qf_err *err)
{
  char names[160] = "";
  for (uint32_t i = 0; i < f->nind; i++) {
    size_t n = strlen(names);
    if (near_name(f->ind[i].id, id) && n + strlen(f->ind[i].id) + 3 < sizeof names)
      snprintf(names + n, sizeof names - n, "%s%s", n ? ", " : "", f->ind[i].id);
  }
  return qf_fail(err, QF_NOTFOUND, "no figure %.60s%s%s", "没有指标 %.60s%s%s", id, *names ? "; near: " : "", names);
}

static qf_rc no_subject(const qf_base *b, const char *id, qf_err *err)
{
  char names[160] = "";
  for (uint32_t i = 0; i < b->nsubjects; i++) {
    size_t n = strlen(names);
    if (strncmp(b->subjects[i].id, id, strlen(id) / 2 + 1) == 0 && n + strlen(b->subjects[i].id) + 3 < 120)
      snprintf(names + n, sizeof names - n, "%s%s", n ? ", " : "", b->subjects[i].id);
  }
  return qf_fail(err, QF_NOTFOUND, "no subject %.60s%s%s", "没有主体 %.60s%s%s", id, *names ? "; near: " : "", names);
}

/* The months with data in the latest calendar year that has any; nothing at all: the newest account's month, else 2025-01. */
static void default_period(qf_scope *s)
{
  const qf_set *set = s->set;
  const qf_cover *c = s->v->cover;
  s->from = s->to = c->newest_day == INT32_MIN ? 2025 * 12 : qf_month_of_day(c->newest_day);
  bool any = false;
  for (uint32_t i = set->n; i-- > 0;) {
    const qf_row *r = &set->rows[i];
    if (r->rank < s->r0 || r->rank >= s->r1)
      continue;
    if (!any)
      s->to = r->month;
    else if (r->month / 12 != s->to / 12)
      break;
    s->from = r->month;
    any = true;
  }
}

qf_rc qf_scope_resolve(qf_figures *f, const qf_view *v, const qf_figure_ask *ask, qf_scope *out, qf_err *err)
{
  uint32_t i = qf_indicator_find(f, ask->id ? ask->id : ""), rank = 0;
  if (i == UINT32_MAX)
    return no_indicator(f, ask->id ? ask->id : "", err);
  if (ask->subject && *ask->subject && (rank = qf_subject_find(v->base, ask->subject)) == UINT32_MAX)
    return no_subject(v->base, ask->subject, err);
  *out = (qf_scope){v, &f->ind[i], v->sets[i], rank, v->base->subjects[rank].end, ask->from, ask->to};
  if (ask->from > ask->to)
    default_period(out);
  else if (ask->to - ask->from >= QF_FIGURE_MONTHS || ask->from < 0)
    return qf_fail(err, QF_RANGE, "a period has at most %d months", "期间最多 %d 个月", QF_FIGURE_MONTHS);
  return QF_OK;
}

static qf_rc long_answer(const qf_buf *out, qf_err *err)
{
  return out->failed ? qf_fail(err, QF_NOMEM, "answer too long", "结果过长") : QF_OK;
}

qf_rc qf_figure_json(qf_figures *f, const qf_figure_ask *ask, qf_buf *out, qf_err *err)
{
  qf_view *v;
  qf_scope s;
  qf_rc rc = qf_view_fresh(f, &v, err);
  if (rc)
    return rc;
  rc = qf_scope_resolve(f, v, ask, &s, err);
  if (!rc) {
    qf_answer_json(f, &s, out);
    rc = long_answer(out, err);
  }
  qf_view_drop(v);
  return rc;
}

/* A list asked for one calendar year gives each figure for the months it is published for in that year: 2025-01..2025-11, 2025-09. */
static void as_published(const qf_indicator *ind, qf_figure_ask *ask)
{
  if (ind->pub_from > ind->pub_to || ask->from % 12 != 0 || ask->to != ask->from + 11 ||
      ind->pub_to / 12 != ask->from / 12)
    return;
  ask->from = ind->pub_from;
  ask->to = ind->pub_to;
}

static bool has_rows(const qf_scope *s)
{
  for (int32_t m = s->from; m <= s->to; m++) {
    uint32_t i = qf_set_seek(s->set, m, s->r0);
    if (i < s->set->n && s->set->rows[i].month == m && s->set->rows[i].rank < s->r1)
      return true;
  }
  return false;
}

/* The same figure of every unit below that has rows. */
static void each_unit(const qf_figures *f, const qf_scope *s, qf_buf *out)
{
  // NOLINTNEXTLINE(clang-analyzer-core.NullDereference): the scope is resolved, so its view is set
  const qf_subject *sub = s->v->base->subjects;
  for (uint32_t r = s->r0 + 1; r < s->r1; r++) {
    qf_scope unit = *s;
    unit.r0 = r;
    unit.r1 = sub[r].end;
    if (strcmp(sub[r].kind, "unit") != 0 || !has_rows(&unit))
      continue;
    qf_buf_puts(out, ",\n");
    qf_answer_json(f, &unit, out);
  }
}

qf_rc qf_figures_json(qf_figures *f, const char *area, const qf_figure_ask *ask, qf_buf *out, qf_err *err)
{
  qf_view *v;
  qf_rc rc = qf_view_fresh(f, &v, err);
  if (rc)
    return rc;
  bool any = false;
  qf_buf_putc(out, '[');
  for (uint32_t i = 0; !rc && i < f->nind; i++) {
    if (area && strcmp(area, f->ind[i].area) != 0)
      continue;
    qf_scope s;
    qf_figure_ask one = ask ? *ask : (qf_figure_ask){.from = 1, .to = 0};
    one.id = f->ind[i].id;
    as_published(&f->ind[i], &one);
    rc = qf_scope_resolve(f, v, &one, &s, err);
    if (rc)
      break;
    qf_buf_puts(out, any ? ",\n" : "");
    qf_answer_json(f, &s, out);
    if (f->ind[i].each_unit)
      each_unit(f, &s, out);
    any = true;
  }
  qf_buf_putc(out, ']');
  qf_view_drop(v);
  return rc ? rc : long_answer(out, err);
}

/* ---- trend */

static void put_month(const qf_scope *s, int32_t month, const qf_value *v, qf_buf *out)
{
  qf_buf_puts(out, "{\"month\":\"");
  qf_month_write(out, month);
  qf_buf_puts(out, "\",\"value\":");
  if (v->has)
    qf_put_dec(out, v->value);
  else
    qf_buf_puts(out, "null");
  qf_buf_puts(out, ",\"num\":");
  if (v->num.n && s->ind->kind != QF_I_MAX)
    qf_put_dec(out, qf_acc_dec(&v->num));
  else
    qf_buf_puts(out, "null");
  qf_buf_puts(out, ",\"den\":");
  if (v->den.n)
    qf_put_dec(out, qf_acc_dec(&v->den));
  else
    qf_buf_puts(out, "null");
  qf_buf_puts(out, ",\"estimated\":");
  qf_put_dec(out, qf_acc_dec(&v->est));
  qf_buf_putc(out, '}');
}

static void put_months(const qf_scope *s, qf_buf *out)
{
  qf_buf_putc(out, '[');
  for (int32_t m = s->from; m <= s->to; m++) {
    qf_value v;
    qf_value_of(s, m, m, &v);
    qf_buf_puts(out, m > s->from ? "," : "");
    put_month(s, m, &v, out);
  }
  qf_buf_putc(out, ']');
}

static void trend_by_child(const qf_scope *s, qf_buf *out)
{
  const qf_subject *sub = s->v->base->subjects;
  bool any = false;
  qf_buf_putc(out, '[');
  for (uint32_t c = s->r0 + 1; c < s->r1; c = sub[c].end) {
    qf_scope child = *s;
    child.r0 = c;
    child.r1 = sub[c].end;
    if (!has_rows(&child))
      continue;
    qf_buf_puts(out, any ? ",{\"key\":" : "{\"key\":");
    qf_put_text(out, sub[c].id);
    qf_buf_puts(out, ",\"label\":");
    qf_put_pair(out, sub[c].zh, sub[c].en);
    qf_buf_puts(out, ",\"months\":");
    put_months(&child, out);
    qf_buf_putc(out, '}');
    any = true;
  }
  qf_buf_putc(out, ']');
}

typedef struct carrier_sum {
  const char *carrier;
  qf_acc num, den, est;
} carrier_sum;

#define CARRIERS 128u

static carrier_sum *carrier_slot(carrier_sum *t, uint32_t *n, const char *carrier)
{
  for (uint32_t i = 0; i < *n; i++)
    if (t[i].carrier == carrier)
      return &t[i];
  if (*n == CARRIERS)
    return NULL;
  t[*n] = (carrier_sum){.carrier = carrier};
  return &t[(*n)++];
}

/* Sums of one month by carrier. false: more carriers than there is room for. */
static bool month_by_carrier(const qf_scope *s, int32_t m, carrier_sum *t, uint32_t *n)
{
  const qf_set *set = s->set;
  for (uint32_t i = qf_set_seek(set, m, s->r0); i < set->n && set->rows[i].month == m && set->rows[i].rank < s->r1;
       i++) {
    const qf_row *r = &set->rows[i];
    carrier_sum *c = carrier_slot(t, n, r->carrier);
    if (!c)
      return false;
    qf_acc_add(r->flags & QF_R_DEN ? &c->den : &c->num, qf_unpack(r->num, r->num_s));
    if (!(r->flags & QF_R_DEN))
      qf_acc_add(&c->est, qf_unpack(r->est, r->est_s));
  }
  return true;
}

static qf_rc trend_by_carrier(const qf_scope *s, qf_buf *out, qf_err *err)
{
  carrier_sum *all = calloc(CARRIERS, sizeof *all), *one = calloc(CARRIERS, sizeof *one);
  uint32_t n = 0;
  qf_rc rc = all && one ? QF_OK : qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  for (int32_t m = s->from; !rc && m <= s->to; m++)
    if (!month_by_carrier(s, m, all, &n))
      rc = qf_fail(err, QF_RANGE, "more than %u carriers", "品种超过 %u 个", CARRIERS);
  qf_buf_putc(out, '[');
  for (uint32_t i = 0; !rc && i < n; i++) {
    const qf_name *name = qf_carrier_find(s->v->base, all[i].carrier);
    qf_buf_puts(out, i ? ",{\"key\":" : "{\"key\":");
    qf_put_text(out, all[i].carrier);
    qf_buf_puts(out, ",\"label\":");
    qf_put_pair(out, name ? name->zh : all[i].carrier, name ? name->en : all[i].carrier);
    qf_buf_puts(out, ",\"months\":[");
    for (int32_t m = s->from; m <= s->to; m++) {
      uint32_t k = 0;
      qf_value v = {.has = false};
      (void)month_by_carrier(s, m, one, &k);
      for (uint32_t j = 0; j < k; j++)
        if (one[j].carrier == all[i].carrier)
          v = (qf_value){.num = one[j].num,
                         .den = one[j].den,
                         .est = one[j].est,
                         .has = one[j].num.n > 0 && s->ind->kind == QF_I_SUM,
                         .value = qf_acc_dec(&one[j].num)};
      qf_buf_puts(out, m > s->from ? "," : "");
      put_month(s, m, &v, out);
    }
    qf_buf_puts(out, "]}");
  }
  qf_buf_putc(out, ']');
  free(all);
  free(one);
  return rc;
}

qf_rc qf_figure_trend_json(qf_figures *f, const qf_figure_ask *ask, const char *by, qf_buf *out, qf_err *err)
{
  qf_view *v;
  qf_scope s = {0};
  qf_rc rc = qf_view_fresh(f, &v, err);
  if (rc)
    return rc;
  rc = qf_scope_resolve(f, v, ask, &s, err);
  if (!rc && by && strcmp(by, "child") == 0)
    trend_by_child(&s, out);
  else if (!rc && by && strcmp(by, "carrier") == 0 && s.ind && s.ind->kind != QF_I_MAX)
    rc = trend_by_carrier(&s, out, err);
  else if (!rc && by && *by)
    rc = qf_fail(err, QF_RANGE, "a trend is by child or by carrier, not by %.40s",
                 "趋势只可按 child 或 carrier 分解，而非 %.40s", by);
  else if (!rc)
    put_months(&s, out);
  qf_view_drop(v);
  return rc ? rc : long_answer(out, err);
}

/* ---- catalogue */

qf_rc qf_figures_catalogue_json(qf_figures *f, qf_buf *out, qf_err *err)
{
  static const char *const kinds[] = {"sum", "ratio", "max", "power_factor", "last", "stock", "change"};
  qf_buf_putc(out, '[');
  for (uint32_t i = 0; i < f->nind; i++) {
    const qf_indicator *d = &f->ind[i];
    uint32_t a = 0;
    while (a + 1 < f->nareas && strcmp(f->areas[a][0], d->area) != 0)
      a++;
    qf_buf_puts(out, i ? ",\n{\"id\":" : "{\"id\":");
    qf_put_text(out, d->id);
    qf_buf_puts(out, ",\"title\":");
    qf_put_pair(out, d->title_zh, d->title_en);
    qf_buf_puts(out, ",\"unit\":");
    qf_put_text(out, d->unit);
    qf_buf_printf(out, ",\"kind\":\"%s\",\"decimals\":%d,\"area\":", kinds[d->kind], d->decimals);
    qf_put_text(out, d->area);
    qf_buf_puts(out, ",\"area_title\":");
    qf_put_pair(out, f->areas[a][1], f->areas[a][2]);
    qf_buf_puts(out, ",\"clause\":");
    qf_put_text(out, d->clause);
    qf_buf_puts(out, ",\"better\":");
    qf_put_text(out, d->better);
    if (d->order)
      qf_buf_printf(out, ",\"order\":%d", d->order);
    qf_buf_puts(out, ",\"scope\":");
    qf_put_pair(out, d->scope_zh, d->scope_en);
    qf_put_display(d, out);
    qf_buf_putc(out, '}');
  }
  qf_buf_putc(out, ']');
  return long_answer(out, err);
}
