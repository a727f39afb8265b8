/* One figure from the rows in memory: cumulative over the months asked, summed up the tree, with completeness, quality, target,
 * level, year on year and flags. Sums are exact: 128-bit counts of 10^-18.
 *   sum           value = Σ num
 *   ratio         value = Σ num / Σ den, rounded half even to the indicator's decimals
 *   max           value = the largest num
 *   power_factor  value = P / sqrt(P^2 + Q^2), P = Σ num, Q = Σ den, rounded
 *   last          value = Σ num of the last month each subject has in the period (/ Σ den if there is one)
 *   stock         value = Σ num of every month up to the end of the period: awards less removals
 *   change        value = 100 * (now / then - 1), like for like (change.c)
 * With `series: scope` rows of different scopes are never added, divided or compared: mixed_scopes, series_break. */
#include "figure/internal.h"
#include "meter/vee.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t ten[19] = {1,
                                10,
                                100,
                                1000,
                                10000,
                                100000,
                                1000000,
                                10000000,
                                100000000,
                                1000000000,
                                10000000000,
                                100000000000,
                                1000000000000,
                                10000000000000,
                                100000000000000,
                                1000000000000000,
                                10000000000000000,
                                100000000000000000,
                                1000000000000000000};

void qf_acc_add(qf_acc *a, qf_dec d)
{
  qf_i128 m;
  if (__builtin_mul_overflow(d.mant, (qf_i128)ten[18 - d.scale], &m) || __builtin_add_overflow(a->v, m, &a->v))
    a->overflow = true;
  a->n++;
}

qf_dec qf_acc_dec(const qf_acc *a)
{
  return qf_dec_trim((qf_dec){a->v, 18});
}

static qf_dec dec_abs(qf_dec d)
{
  if (d.mant < 0)
    d.mant = -d.mant;
  return d;
}

/* ---- the value */

static bool later_row(const qf_set *set, const qf_row *r, int32_t to)
{
  for (int32_t m = r->month + 1; m <= to; m++) {
    uint32_t i = qf_set_seek(set, m, r->rank);
    if (i < set->n && set->rows[i].month == m && set->rows[i].rank == r->rank)
      return true;
  }
  return false;
}

bool qf_row_is_last(const qf_scope *s, const qf_row *r)
{
  return !later_row(s->set, r, s->to);
}

static void take_row(const qf_scope *s, const qf_row *r, qf_value *v)
{
  qf_dec num = qf_unpack(r->num, r->num_s);
  if (s->ind->series && !v->mixed) {
    v->mixed = v->series && v->series != r->scope;
    v->series = r->scope;
  }
  if (r->flags & QF_R_DEN) {
    qf_acc_add(&v->den, num);
    return;
  }
  if (s->ind->kind == QF_I_MAX) {
    v->num.n++;
    if (!v->top || qf_dec_cmp(num, qf_unpack(v->top->num, v->top->num_s)) > 0)
      v->top = r;
    return;
  }
  qf_acc_add(&v->num, num);
  qf_acc_add(&v->est, qf_unpack(r->est, r->est_s));
}

static void finish_change(const qf_indicator *ind, qf_value *v)
{
  qf_change c = {.n1 = qf_acc_dec(&v->num), .n0 = qf_acc_dec(&v->num0), .has_den = v->den.n || v->den0.n};
  c.d1 = c.has_den ? qf_acc_dec(&v->den) : c.n1;
  c.d0 = c.has_den ? qf_acc_dec(&v->den0) : c.n1;
  v->why_not = "yoy_no_base";
  if (v->num0.n == 0)
    return;
  v->why_not = "yoy_base_zero";
  v->has = qf_change_value(&c, ind->decimals, &v->value);
}

void qf_value_finish(const qf_indicator *ind, qf_value *v)
{
  v->has = false;
  v->why_not = v->all > 0 ? "yoy_no_base" : "no_data"; /* all: a change has rows of this year */
  if (v->num.overflow || v->den.overflow) {
    v->why_not = "too_large";
    return;
  }
  if (v->mixed) {
    v->why_not = ind->kind == QF_I_CHANGE ? "series_break" : "mixed_scopes";
    return;
  }
  if (v->num.n == 0 && !(ind->kind == QF_I_RATIO && v->den.n))
    return;
  if (ind->kind == QF_I_CHANGE) {
    finish_change(ind, v);
  } else if (ind->kind == QF_I_MAX) {
    v->has = true;
    v->value = qf_unpack(v->top->num, v->top->num_s);
  } else if (ind->kind == QF_I_PF) {
    v->why_not = v->den.n ? "no_energy" : "no_denominator";
    v->has = v->den.n && qf_power_factor(qf_acc_dec(&v->num), qf_acc_dec(&v->den), ind->decimals, &v->value);
  } else if (ind->kind == QF_I_RATIO || v->den.n) {
    v->why_not = v->num.n == 0 ? "no_numerator" : "no_denominator";
    v->has = v->num.n && v->den.n && v->den.v != 0 &&
             qf_dec_div(qf_acc_dec(&v->num), qf_acc_dec(&v->den), ind->decimals, &v->value) == QF_OK;
  } else {
    v->has = true;
    v->value = qf_acc_dec(&v->num);
  }
}

void qf_value_of(const qf_scope *s, int32_t from, int32_t to, qf_value *out)
{
  *out = (qf_value){.has = false};
  qf_scope here = *s;
  here.from = from;
  here.to = to;
  if (s->ind->kind == QF_I_CHANGE) {
    qf_change_of(s, from, to, out);
    qf_value_finish(s->ind, out);
    return;
  }
  for (int32_t m = qf_scope_first(s, from); m <= to; m++)
    for (uint32_t i = qf_set_seek(s->set, m, s->r0);
         i < s->set->n && s->set->rows[i].month == m && s->set->rows[i].rank < s->r1; i++)
      if (s->ind->kind != QF_I_LAST || qf_row_is_last(&here, &s->set->rows[i]))
        take_row(&here, &s->set->rows[i], out);
  qf_value_finish(s->ind, out);
}

/* ---- what a period holds: factors, sources, streams */

typedef struct factor_use {
  const char *id;
  bool outside;
} factor_use;

typedef struct stream { /* one carrier of one subject: must be there every month, metered or filed */
  const char *carrier;
  uint32_t rank, npoints;
  uint64_t full[(QF_FIGURE_MONTHS + 63) /
                64]; /* months of the period that are there as a whole: filed, or given without points */
} stream;

typedef struct contents {
  factor_use *factors;
  uint32_t nfactors, factors_cap;
  stream *streams;
  uint32_t nstreams, streams_cap;
  uint32_t *slot;  /* hash of streams: index + 1; nslots */
  uint64_t *meter; /* hash set of stream << 32 | point, plus 1; nmeterslots */
  uint32_t nslots, nmeters, nmeterslots;
  qf_acc measured, filed, estimated; /* of |num|, numerator rows */
  bool sample, unplaced, newest_measured, nomem;
} contents;

static void note_factor(contents *c, const qf_row *r)
{
  if (!r->factor)
    return;
  for (uint32_t i = c->nfactors; i-- > 0;) /* the same few come again and again */
    if (c->factors[i].id == r->factor) {
      c->factors[i].outside = c->factors[i].outside || (r->flags & QF_R_OUTSIDE);
      return;
    }
  if (c->nfactors == c->factors_cap) {
    uint32_t cap = c->factors_cap ? c->factors_cap * 2 : 64;
    factor_use *p = realloc(c->factors, cap * sizeof *p);
    if (!p) {
      c->nomem = true;
      return;
    }
    c->factors = p;
    c->factors_cap = cap;
  }
  c->factors[c->nfactors++] = (factor_use){r->factor, (r->flags & QF_R_OUTSIDE) != 0};
}

static uint32_t mix(uint64_t x)
{
  return (uint32_t)((x * UINT64_C(0x9E3779B97F4A7C15)) >> 32);
}

static uint32_t stream_place(const contents *c, const char *carrier, uint32_t rank)
{
  uint32_t i = mix((uint64_t)(uintptr_t)carrier ^ ((uint64_t)rank << 40)) & (c->nslots - 1);
  while (c->slot[i] && !(c->streams[c->slot[i] - 1].carrier == carrier && c->streams[c->slot[i] - 1].rank == rank))
    i = (i + 1) & (c->nslots - 1);
  return i;
}

/* Room for one stream more, and hash slots at most half full. */
static bool stream_room(contents *c)
{
  if (c->nstreams == c->streams_cap) {
    uint32_t cap = c->streams_cap ? c->streams_cap * 2 : 128;
    stream *p = realloc(c->streams, cap * sizeof *p);
    if (!p)
      return false;
    c->streams = p;
    c->streams_cap = cap;
  }
  if (c->nstreams * 2 < c->nslots)
    return true;
  uint32_t n = c->nslots ? c->nslots * 2 : 256;
  uint32_t *t = calloc(n, sizeof *t);
  if (!t)
    return false;
  free(c->slot);
  c->slot = t;
  c->nslots = n;
  for (uint32_t i = 0; i < c->nstreams; i++)
    c->slot[stream_place(c, c->streams[i].carrier, c->streams[i].rank)] = i + 1;
  return true;
}

static stream *note_stream(contents *c, const qf_row *r)
{
  if (!stream_room(c)) {
    c->nomem = true;
    return NULL;
  }
  uint32_t i = stream_place(c, r->carrier, r->rank);
  if (!c->slot[i]) {
    c->streams[c->nstreams] = (stream){.carrier = r->carrier, .rank = r->rank};
    c->slot[i] = ++c->nstreams;
  }
  return &c->streams[c->slot[i] - 1];
}

static uint32_t meter_place(const uint64_t *t, uint32_t n, uint64_t key)
{
  uint32_t i = mix(key) & (n - 1);
  while (t[i] && t[i] != key)
    i = (i + 1) & (n - 1);
  return i;
}

static void note_meter(contents *c, stream *s, uint32_t point)
{
  if (c->nmeters * 2 >= c->nmeterslots) {
    uint32_t n = c->nmeterslots ? c->nmeterslots * 2 : 256;
    uint64_t *t = calloc(n, sizeof *t);
    if (!t) {
      c->nomem = true;
      return;
    }
    for (uint32_t i = 0; i < c->nmeterslots; i++)
      if (c->meter[i])
        t[meter_place(t, n, c->meter[i])] = c->meter[i];
    free(c->meter);
    c->meter = t;
    c->nmeterslots = n;
  }
  uint64_t key = ((uint64_t)(s - c->streams) << 32 | point) + 1;
  uint32_t i = meter_place(c->meter, c->nmeterslots, key);
  if (!c->meter[i]) {
    c->meter[i] = key;
    c->nmeters++;
    s->npoints++;
  }
}

static void note_quality(const qf_scope *s, contents *c, const qf_row *r, const qf_value *v)
{
  if ((r->flags & QF_R_DEN) || (s->ind->kind == QF_I_MAX && r != v->top))
    return;
  qf_dec num = dec_abs(qf_unpack(r->num, r->num_s)), est = dec_abs(qf_unpack(r->est, r->est_s)), rest;
  if (qf_dec_sub(num, est, &rest) != QF_OK || rest.mant < 0)
    rest = qf_dec_int(0, 0);
  qf_acc_add(&c->estimated, est);
  qf_acc_add(r->flags & QF_R_FILED ? &c->filed : &c->measured, rest);
}

/* Walk the rows of the period, and those of the year before it only for the streams that ought to be there. */
static void look(const qf_scope *s, const qf_value *v, contents *c)
{
  const qf_set *set = s->set;
  int32_t newest = s->v->cover->newest_day == INT32_MIN ? INT32_MIN : qf_month_of_day(s->v->cover->newest_day);
  bool stock = s->ind->kind == QF_I_STOCK;
  for (int32_t m = stock ? qf_scope_first(s, s->from) : s->from - 12; m <= s->to; m++)
    for (uint32_t i = qf_set_seek(set, m, s->r0); i < set->n && set->rows[i].month == m && set->rows[i].rank < s->r1;
         i++) {
      const qf_row *r = &set->rows[i];
      stream *x = note_stream(c, r);
      if (x && r->point)
        note_meter(c, x, r->point);
      if ((m < s->from && !stock) || !x)
        continue;
      if (!r->point && m >= s->from)
        x->full[(m - s->from) / 64] |= UINT64_C(1) << ((m - s->from) % 64);
      c->sample = c->sample || (r->flags & QF_R_SAMPLE) || s->v->base->subjects[r->rank].sample;
      c->unplaced = c->unplaced || s->v->base->subjects[r->rank].unplaced;
      c->newest_measured = c->newest_measured || (m == newest && !(r->flags & QF_R_FILED));
      note_factor(c, r);
      note_quality(s, c, r, v);
    }
}

static int32_t days_of(int32_t month)
{
  return qf_month_first_day(month + 1) - qf_month_first_day(month);
}

/* Is a row owed in this month at all? Statistics have January and February in one, at February. */
static bool owed(const qf_indicator *ind, int32_t month)
{
  switch (ind->expect) {
  case QF_X_STATISTICS:
    return month % 12 != 0;
  case QF_X_QUARTER:
    return month % 3 == 2;
  case QF_X_NONE:
    return false;
  case QF_X_MONTH:
    break;
  }
  return true;
}

/* Quarters a point owes in a month: all of them, in the newest month those up to the newest account. */
static uint32_t expected_quarters(const qf_cover *c, int32_t month)
{
  if (c->newest_day != INT32_MIN && qf_month_of_day(c->newest_day) == month)
    return (uint32_t)(c->newest_day - qf_month_first_day(month)) * 96 + c->newest_quarters;
  return (uint32_t)days_of(month) * 96;
}

static bool is_full(const stream *x, int32_t i)
{
  return x->full[i / 64] >> (i % 64) & 1;
}

/* What one meter has of the months that are not there otherwise, as its part of the stream. */
static uint64_t meter_quarters(const qf_scope *s, const stream *x, uint32_t point)
{
  const qf_cover *c = s->v->cover;
  uint64_t q = 0;
  if (point >= c->nstart)
    return 0;
  for (uint32_t i = c->start[point]; i < c->start[point + 1]; i++) {
    const qf_cover_month *m = &c->m[i];
    if (m->month < s->from || m->month > s->to || is_full(x, m->month - s->from))
      continue;
    uint32_t most = expected_quarters(c, m->month);
    q += m->quarters < most ? m->quarters : most;
  }
  return q;
}

/* Present over expected, in quarters of an hour, over every carrier of every subject seen in the period or the year before it: a
 * filed month counts as all its quarters, a metered one as those its meters have (estimated ones too: the quality tells them).
 * Rounded down to 4 digits, so that 1 means that nothing is missing. false: nothing was ever expected. */
static bool completeness(const qf_scope *s, const contents *c, qf_dec *out)
{
  uint64_t period = 0;
  qf_u128 present = 0; /* in 1/1000 quarters, so that shares of a stream's meters lose nothing that shows */
  for (int32_t m = s->from; m <= s->to; m++)
    period += owed(s->ind, m) ? expected_quarters(s->v->cover, m) : 0;
  for (uint32_t i = 0; i < c->nstreams; i++)
    for (int32_t m = s->from; m <= s->to; m++)
      if (owed(s->ind, m) && is_full(&c->streams[i], m - s->from))
        present += (qf_u128)expected_quarters(s->v->cover, m) * 1000;
  uint64_t *metered = calloc(c->nstreams + 1, sizeof *metered);
  if (!metered)
    return false;
  for (uint32_t i = 0; i < c->nmeterslots; i++)
    if (c->meter[i]) {
      uint64_t key = c->meter[i] - 1;
      metered[key >> 32] += meter_quarters(s, &c->streams[key >> 32], (uint32_t)key);
    }
  for (uint32_t i = 0; i < c->nstreams; i++)
    if (c->streams[i].npoints)
      present += (qf_u128)metered[i] * 1000 / c->streams[i].npoints;
  free(metered);
  qf_u128 expected = (qf_u128)period * c->nstreams * 1000;
  if (expected == 0)
    return false;
  *out = qf_dec_trim(qf_dec_int((int64_t)(present * 10000 / expected), 4));
  return true;
}

/* ---- year on year, on what both years have */

typedef struct yoy {
  bool has;
  qf_dec value, base, now;
  uint32_t pairs, all;
  const char *why_not;
} yoy;

static void take_pair(const qf_scope *s, int32_t month, uint32_t rank, qf_value *v)
{
  const qf_set *set = s->set;
  for (uint32_t i = qf_set_seek(set, month, rank);
       i < set->n && set->rows[i].month == month && set->rows[i].rank == rank; i++)
    take_row(s, &set->rows[i], v);
}

static bool has_pair(const qf_set *set, int32_t month, uint32_t rank)
{
  uint32_t i = qf_set_seek(set, month, rank);
  return i < set->n && set->rows[i].month == month && set->rows[i].rank == rank;
}

bool qf_running_month(const qf_view *v, int32_t month)
{
  const qf_cover *c = v->cover;
  if (c->newest_day == INT32_MIN || qf_month_of_day(c->newest_day) != month)
    return false;
  return c->newest_day != qf_month_first_day(month + 1) - 1 || c->newest_quarters < 96;
}

/* The whole period and that of a year before: stocks, and registers, whose rows come when they come. */
static void compare_whole(const qf_scope *s, qf_value *now, qf_value *then, yoy *out)
{
  qf_value_of(s, s->from, s->to, now);
  qf_value_of(s, s->from - 12, s->to - 12, then);
  out->pairs = then->num.n > 0;
  out->all = 1;
}

static void pair_up(const qf_scope *s, bool skip_running, qf_value *now, qf_value *then, yoy *out)
{
  const qf_set *set = s->set;
  for (int32_t m = s->from; m <= s->to; m++) {
    if (skip_running && qf_running_month(s->v, m))
      continue;
    uint32_t seen = UINT32_MAX;
    for (uint32_t i = qf_set_seek(set, m, s->r0); i < set->n && set->rows[i].month == m && set->rows[i].rank < s->r1;
         i++) {
      uint32_t rank = set->rows[i].rank;
      if (rank == seen || (s->ind->kind == QF_I_LAST && !qf_row_is_last(s, &set->rows[i])))
        continue;
      seen = rank;
      out->all++;
      if (!has_pair(set, m - 12, rank))
        continue;
      out->pairs++;
      take_pair(s, m, rank, now);
      take_pair(s, m - 12, rank, then);
    }
  }
}

static void compare_years(const qf_scope *s, bool skip_running, yoy *out)
{
  qf_value now = {.has = false}, then = {.has = false};
  *out = (yoy){.why_not = "yoy_no_base"};
  if (s->ind->kind == QF_I_CHANGE) { /* is itself the comparison */
    qf_value_of(s, s->from, s->to, &now);
    *out = (yoy){.pairs = now.pairs, .all = now.all};
    out->why_not = now.has && now.pairs < now.all ? "yoy_like_for_like" : NULL;
    return;
  }
  bool whole = s->ind->kind == QF_I_STOCK || s->ind->expect == QF_X_NONE;
  if (whole && s->ind->kind != QF_I_STOCK && s->to - s->from >= 12)
    return; /* the year before would be part of the period itself */
  if (whole)
    compare_whole(s, &now, &then, out);
  else
    pair_up(s, skip_running, &now, &then, out);
  if (now.series && then.series && now.series != then.series) {
    out->why_not = "series_break";
    return;
  }
  qf_value_finish(s->ind, &now);
  qf_value_finish(s->ind, &then);
  if (out->pairs == 0 || !now.has || !then.has)
    return;
  out->base = then.value;
  out->now = now.value;
  out->why_not = "yoy_base_zero";
  qf_dec q;
  if (then.value.mant == 0 || qf_dec_div(now.value, then.value, 10, &q) != QF_OK ||
      qf_dec_sub(q, qf_dec_int(1, 0), &q) != QF_OK || qf_dec_mul(q, qf_dec_int(100, 0), &q) != QF_OK)
    return;
  out->value = qf_dec_trim(qf_dec_round(q, 2));
  out->has = true;
}

/* ---- target and level */

static const qf_target *target_of(const qf_scope *s, bool *longer)
{
  const qf_base *b = s->v->base;
  const qf_target *wider = NULL;
  for (uint32_t i = 0; i < b->ntargets; i++) {
    const qf_target *t = &b->targets[i];
    if (!t->indicator || strcmp(t->indicator, s->ind->id) != 0 || !t->subject ||
        strcmp(t->subject, b->subjects[s->r0].id) != 0)
      continue;
    *longer = false;
    if (t->from == s->from && t->to == s->to)
      return t;
    if (t->from <= s->from && t->to >= s->to && (!wider || t->to - t->from < wider->to - wider->from))
      wider = t;
  }
  *longer = wider != NULL;
  return wider;
}

/* Level of a unit energy against the limits of its process: 1 advanced .. 3 limit, 4 beyond. 0: no limit in force. */
static int level_of(const qf_scope *s, qf_dec value, const qf_limit **used)
{
  const qf_base *b = s->v->base;
  const char *dot = strrchr(s->ind->id, '.');
  const qf_limit *best = NULL;
  int32_t day = qf_month_first_day(s->to + 1) - 1;
  if (!strstr(s->ind->id, ".unit_energy.") || !dot)
    return 0;
  for (uint32_t i = 0; i < b->nlimits; i++) {
    const qf_limit *l = &b->limits[i];
    if (l->process && strcmp(l->process, dot + 1) == 0 && l->variant && strcmp(l->variant, "all") == 0 &&
        l->from_day <= day && (!best || l->from_day > best->from_day))
      best = l;
  }
  *used = best;
  if (!best || !(best->has[0] || best->has[1] || best->has[2]))
    return 0;
  for (int k = 0; k < 3; k++)
    if (best->has[k] && qf_dec_cmp(value, best->level[k]) <= 0)
      return k + 1;
  return 4;
}

/* ---- JSON */

typedef struct flags {
  qf_buf *out;
  bool any;
} flags;

static void flag(flags *f, const char *name, const char *detail)
{
  char text[300];
  snprintf(text, sizeof text, "%s%s%s", name, detail ? ":" : "", detail ? detail : "");
  qf_buf_puts(f->out, f->any ? "," : "");
  qf_put_text(f->out, text);
  f->any = true;
}

static int by_text(const void *pa, const void *pb)
{
  return strcmp(((const factor_use *)pa)->id, ((const factor_use *)pb)->id);
}

static void put_factors(contents *c, qf_buf *out)
{
  if (c->nfactors)
    qsort(c->factors, c->nfactors, sizeof *c->factors, by_text);
  qf_buf_puts(out, ",\"factors\":[");
  for (uint32_t i = 0; i < c->nfactors; i++) {
    const char *id = c->factors[i].id, *at = strrchr(id, '@');
    qf_buf_puts(out, i ? ",{\"id\":" : "{\"id\":");
    qf_buf_json(out, id, at ? (size_t)(at - id) : strlen(id));
    qf_buf_puts(out, ",\"version\":");
    if (at && at[1] && strspn(at + 1, "0123456789") == strlen(at + 1))
      qf_buf_puts(out, at + 1);
    else
      qf_put_text(out, at ? at + 1 : NULL);
    qf_buf_putc(out, '}');
  }
  qf_buf_putc(out, ']');
}

static void put_share(qf_buf *out, const char *name, const qf_acc *part, qf_dec whole)
{
  qf_dec share = qf_dec_int(0, 0);
  qf_buf_printf(out, "\"%s\":", name);
  if (whole.mant == 0 || qf_dec_div(qf_acc_dec(part), whole, 6, &share) != QF_OK)
    qf_buf_puts(out, "null");
  else
    qf_put_dec(out, share);
}

static void put_quality(const contents *c, qf_buf *out)
{
  qf_acc all = c->measured;
  qf_acc_add(&all, qf_acc_dec(&c->filed));
  qf_acc_add(&all, qf_acc_dec(&c->estimated));
  qf_dec whole = qf_acc_dec(&all);
  qf_buf_puts(out, ",\"quality\":{");
  put_share(out, "measured", &c->measured, whole);
  qf_buf_putc(out, ',');
  put_share(out, "filed", &c->filed, whole);
  qf_buf_putc(out, ',');
  put_share(out, "estimated", &c->estimated, whole);
  qf_buf_putc(out, '}');
}

static void put_maybe(qf_buf *out, const char *name, bool has, qf_dec d)
{
  qf_buf_printf(out, ",\"%s\":", name);
  if (has)
    qf_put_dec(out, d);
  else
    qf_buf_puts(out, "null");
}

static void put_head(const qf_scope *s, qf_buf *out)
{
  const qf_subject *sub = &s->v->base->subjects[s->r0];
  qf_buf_puts(out, "{\"id\":");
  qf_put_text(out, s->ind->id);
  qf_buf_puts(out, ",\"title\":");
  qf_put_pair(out, s->ind->title_zh, s->ind->title_en);
  qf_buf_puts(out, ",\"area\":");
  qf_put_text(out, s->ind->area);
  qf_buf_puts(out, ",\"subject\":");
  qf_put_text(out, sub->id);
  qf_buf_puts(out, ",\"subject_name\":");
  qf_put_pair(out, sub->zh, sub->en);
  qf_buf_puts(out, ",\"period\":{\"from\":\"");
  qf_month_write(out, s->from);
  qf_buf_puts(out, "\",\"to\":\"");
  qf_month_write(out, s->to);
  qf_buf_puts(out, "\"}");
}

static void put_target(const qf_scope *s, const qf_value *v, const qf_target *t, const qf_limit **limit, qf_buf *out)
{
  qf_dec gap = qf_dec_int(0, 0);
  bool has_gap = t && v->has && qf_dec_sub(v->value, t->value, &gap) == QF_OK;
  put_maybe(out, "target", t != NULL, t ? t->value : gap);
  put_maybe(out, "gap", has_gap, gap);
  int level = v->has ? level_of(s, v->value, limit) : 0;
  qf_stands b;
  qf_stands_of(s, v, t, &b);
  put_maybe(out, "due", b.has, b.due);
  put_maybe(out, "shortfall", b.has, b.shortfall);
  if (b.has && !level)
    level = b.level;
  if (level)
    qf_buf_printf(out, ",\"level\":%d", level);
  else
    qf_buf_puts(out, ",\"level\":null");
}

static void put_yoy(const qf_scope *s, const yoy *y, qf_buf *out)
{
  qf_dec change;
  qf_buf_puts(out, ",\"yoy\":{\"value\":");
  if (y->has)
    qf_put_dec(out, y->value);
  else
    qf_buf_puts(out, "null");
  put_maybe(out, "base", y->has, y->base);
  bool has_change = y->has && qf_dec_sub(y->now, y->base, &change) == QF_OK;
  put_maybe(out, "change", has_change, has_change ? change : y->base);
  qf_buf_puts(out, ",\"unit\":\"%\",\"basis\":\"");
  qf_month_write(out, s->from - 12);
  qf_buf_puts(out, "..");
  qf_month_write(out, s->to - 12);
  qf_buf_printf(out, ", %u of %u subject-months in both years\"}", y->pairs, y->all);
}

typedef struct facts {
  qf_value v;
  contents c;
  yoy y;
  qf_dec complete;
  bool has_complete, partial, longer;
  const qf_target *target;
} facts;

/* V22, the energy part: more than 10 % of what was counted is estimated. Filing such a month needs a reviewer. */
static bool over_cap(const contents *c)
{
  double est = fabs(qf_dec_double(qf_acc_dec(&c->estimated)));
  double all = est + fabs(qf_dec_double(qf_acc_dec(&c->measured))) + fabs(qf_dec_double(qf_acc_dec(&c->filed)));
  return all > 0 && qf_vee_cap(1000000000, (int64_t)(est / all * 1e9), 0, 0);
}

static void put_flags(const qf_scope *s, const facts *x, qf_buf *out)
{
  flags f = {out, false};
  qf_buf_puts(out, ",\"flags\":[");
  if (*s->set->failed)
    flag(&f, "query_failed", s->set->failed);
  if (!x->v.has)
    flag(&f, x->v.why_not, NULL);
  if (x->has_complete && qf_dec_cmp(x->complete, qf_dec_int(1, 0)) < 0)
    flag(&f, "incomplete", NULL);
  if (x->partial)
    flag(&f, "partial_period", NULL);
  if (x->c.estimated.v != 0)
    flag(&f, "estimated_share", NULL);
  if (over_cap(&x->c))
    flag(&f, "estimation_cap", NULL);
  if (x->c.filed.v != 0 && (x->c.measured.v != 0 || x->c.estimated.v != 0))
    flag(&f, "mixed_sources", NULL);
  if (x->c.sample)
    flag(&f, "sample_data", NULL);
  if (x->c.unplaced)
    flag(&f, "unknown_subject", NULL);
  if (s->set->nulls)
    flag(&f, "rows_without_value", NULL);
  for (uint32_t i = 0; i < x->c.nfactors; i++)
    if (x->c.factors[i].outside) {
      char name[200];
      snprintf(name, sizeof name, "%.*s", (int)strcspn(x->c.factors[i].id, "@"), x->c.factors[i].id);
      flag(&f, "factor_outside_validity", name);
    }
  if (x->longer)
    flag(&f, "target_of_longer_period", NULL);
  if (!x->y.has && x->y.why_not)
    flag(&f, x->y.why_not, NULL);
  else if (x->y.pairs < x->y.all)
    flag(&f, "yoy_like_for_like", NULL);
  qf_buf_putc(out, ']');
}

static void put_sums(const qf_scope *s, const qf_value *v, qf_buf *out)
{
  bool shares = s->ind->kind == QF_I_RATIO || s->ind->kind == QF_I_PF || (s->ind->kind == QF_I_LAST && v->den.n);
  bool change = s->ind->kind == QF_I_CHANGE && v->has;
  if (change && !v->den.n) {
    put_maybe(out, "now", true, qf_acc_dec(&v->num));
    put_maybe(out, "then", true, qf_acc_dec(&v->num0));
  }
  put_maybe(out, "numerator", shares && v->num.n && !v->num.overflow, qf_acc_dec(&v->num));
  put_maybe(out, "denominator", shares && v->den.n && !v->den.overflow, qf_acc_dec(&v->den));
  if (v->top && (v->top->flags & QF_R_AT)) {
    qf_buf_puts(out, ",\"at\":\"");
    qf_tm_write(out, v->top->at);
    qf_buf_putc(out, '"');
  }
}

void qf_answer_factors(const qf_scope *s, qf_buf *out)
{
  contents c = {0};
  qf_value v;
  qf_value_of(s, s->from, s->to, &v);
  look(s, &v, &c);
  if (c.nfactors)
    qsort(c.factors, c.nfactors, sizeof *c.factors, by_text);
  qf_buf_putc(out, '[');
  for (uint32_t i = 0; i < c.nfactors; i++) {
    qf_buf_puts(out, i ? "," : "");
    qf_put_text(out, c.factors[i].id);
  }
  qf_buf_putc(out, ']');
  free(c.factors);
  free(c.streams);
  free(c.slot);
  free(c.meter);
}

void qf_answer_json(const qf_figures *f, const qf_scope *s, qf_buf *out)
{
  static const char *const kinds[] = {"sum", "ratio", "max", "power_factor", "last", "stock", "change"};
  facts x = {.has_complete = false};
  const qf_limit *limit = NULL;
  qf_value_of(s, s->from, s->to, &x.v);
  look(s, &x.v, &x.c);
  x.has_complete = completeness(s, &x.c, &x.complete);
  x.partial = (x.c.newest_measured && qf_running_month(s->v, s->to));
  compare_years(s, x.c.newest_measured, &x.y);
  x.target = target_of(s, &x.longer);
  put_head(s, out);
  put_maybe(out, "value", x.v.has, x.v.value);
  qf_buf_puts(out, ",\"unit\":");
  qf_put_text(out, s->ind->unit);
  qf_buf_printf(out, ",\"kind\":\"%s\",\"decimals\":%d", kinds[s->ind->kind], s->ind->decimals);
  put_sums(s, &x.v, out);
  qf_buf_puts(out, ",\"scope\":");
  qf_put_pair(out, s->ind->scope_zh, s->ind->scope_en);
  put_maybe(out, "completeness", x.has_complete, x.complete);
  put_quality(&x.c, out);
  put_target(s, &x.v, x.target, &limit, out);
  if (limit) {
    qf_buf_puts(out, ",\"limit\":{\"standard\":");
    qf_put_text(out, limit->standard);
    for (int k = 0; k < 3; k++) {
      char name[16];
      snprintf(name, sizeof name, "level%d", k + 1);
      put_maybe(out, name, limit->has[k], limit->level[k]);
    }
    qf_buf_putc(out, '}');
  }
  put_yoy(s, &x.y, out);
  put_factors(&x.c, out);
  qf_put_display(s->ind, out);
  qf_buf_puts(out, ",\"better\":");
  qf_put_text(out, s->ind->better);
  qf_buf_puts(out, ",\"clause\":");
  qf_put_text(out, s->ind->clause);
  put_flags(s, &x, out);
  qf_put_notes(f, s, out);
  qf_put_published(s, out);
  if (s->ind->order)
    qf_buf_printf(out, ",\"order\":%d", s->ind->order);
  if (*s->ind->article) {
    qf_buf_puts(out, ",\"article\":");
    qf_put_text(out, s->ind->article);
  }
  qf_buf_printf(out, ",\"seq\":%llu}", (unsigned long long)s->v->seq);
  free(x.c.factors);
  free(x.c.streams);
  free(x.c.slot);
  free(x.c.meter);
}
