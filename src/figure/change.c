/* Change against the same months of the year before, like for like:
 *   change = 100 * (N1/N0 - 1)                     N1, N0 = sum of num over the subject-months that both years have
 *   change = 100 * ((N1/D1) / (N0/D0) - 1)         when rows have a denominator (energy per value added)
 * Exact up to the one rounding at the end: 100*(N1*D0 - N0*D1) / (N0*D1). */
#include "figure/internal.h"

static bool has_rank(const qf_set *set, int32_t month, uint32_t rank)
{
  uint32_t i = qf_set_seek(set, month, rank);
  return i < set->n && set->rows[i].month == month && set->rows[i].rank == rank;
}

bool qf_change_counts(const qf_scope *s, const qf_row *r, bool then)
{
  int32_t back = then ? 12 : 0;
  return r->month >= s->from - back && r->month <= s->to - back &&
         has_rank(s->set, then ? r->month + 12 : r->month - 12, r->rank);
}

static void take(const qf_row *r, qf_acc *num, qf_acc *den)
{
  qf_acc_add(r->flags & QF_R_DEN ? den : num, qf_unpack(r->num, r->num_s));
}

static void note_series(const qf_scope *s, const qf_row *r, qf_value *v)
{
  if (!s->ind->series || v->mixed)
    return;
  v->mixed = v->series && v->series != r->scope;
  v->series = r->scope;
}

void qf_change_of(const qf_scope *s, int32_t from, int32_t to, qf_value *out)
{
  qf_scope here = *s;
  here.from = from;
  here.to = to;
  for (int32_t m = from - 12; m <= to; m++) {
    uint32_t seen = UINT32_MAX;
    for (uint32_t i = qf_set_seek(s->set, m, s->r0);
         i < s->set->n && s->set->rows[i].month == m && s->set->rows[i].rank < s->r1; i++) {
      const qf_row *r = &s->set->rows[i];
      bool now = qf_change_counts(&here, r, false), then = qf_change_counts(&here, r, true);
      if (m >= from && r->rank != seen) {
        out->all++;
        out->pairs += now;
      }
      seen = r->rank;
      if (now)
        take(r, &out->num, &out->den);
      if (then)
        take(r, &out->num0, &out->den0);
      if (now || then)
        note_series(s, r, out);
      if (now)
        qf_acc_add(&out->est, qf_unpack(r->est, r->est_s));
    }
  }
}

bool qf_change_value(const qf_change *c, int digits, qf_dec *out)
{
  qf_dec a = c->n1, b = c->n0, d;
  if (c->has_den && (qf_dec_mul(qf_dec_trim(c->n1), qf_dec_trim(c->d0), &a) != QF_OK ||
                     qf_dec_mul(qf_dec_trim(c->n0), qf_dec_trim(c->d1), &b) != QF_OK || c->d0.mant == 0))
    return false;
  return b.mant != 0 && qf_dec_sub(a, b, &d) == QF_OK && qf_dec_mul(qf_dec_trim(d), qf_dec_int(100, 0), &d) == QF_OK &&
         qf_dec_div(d, qf_dec_trim(b), digits, out) == QF_OK;
}

int32_t qf_scope_first(const qf_scope *s, int32_t from)
{
  return s->ind->kind != QF_I_STOCK ? from : s->set->n ? s->set->rows[0].month : from;
}
