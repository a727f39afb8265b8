/* 晴雨表: targets that have a band, each with its figure up to the last whole month, the worst first. The law is
 * domain/barometer.h. */
#include "domain/barometer.h"
#include "figure/internal.h"
#include <stdlib.h>
#include <string.h>

/* What is due is known for the months of the target itself, for its first months when months add up, and at any time when they
 * do not (a share, a stock). */
static bool due_of(const qf_scope *s, const qf_target *t, qf_dec *due)
{
  *due = t->value;
  if (s->ind->kind != QF_I_SUM || (s->from == t->from && s->to == t->to))
    return true;
  return s->from == t->from && s->to < t->to &&
         qf_barometer_due(t->value, (uint32_t)(s->to - t->from + 1), (uint32_t)(t->to - t->from + 1), due) == QF_OK;
}

void qf_stands_of(const qf_scope *s, const qf_value *v, const qf_target *t, qf_stands *out)
{
  bool up = strcmp(s->ind->better, "up") == 0, down = strcmp(s->ind->better, "down") == 0;
  *out = (qf_stands){0};
  if (!t || !v->has || t->band.mant <= 0 || (!up && !down) || !due_of(s, t, &out->due))
    return;
  out->has = qf_barometer_level(v->value, out->due, up, t->band, &out->level, &out->shortfall) == QF_OK;
}

typedef struct line {
  qf_scope s;
  int level; /* 4: not known */
} line;

/* The last month of the target with rows that is over. */
static bool last_month(const qf_scope *s, int32_t *out)
{
  for (int32_t m = s->to; m >= s->from; m--) {
    uint32_t i = qf_set_seek(s->set, m, s->r0);
    if (i < s->set->n && s->set->rows[i].month == m && s->set->rows[i].rank < s->r1 && !qf_running_month(s->v, m)) {
      *out = m;
      return true;
    }
  }
  return false;
}

static bool resolve(qf_figures *f, const qf_view *v, const qf_target *t, line *l)
{
  qf_err ignored;
  qf_value value;
  qf_stands b;
  qf_figure_ask ask = {t->indicator, t->subject, t->from, t->to};
  if (t->band.mant <= 0 || !t->indicator || !t->subject || qf_scope_resolve(f, v, &ask, &l->s, &ignored) != QF_OK)
    return false;
  const char *kind =
      v->base->subjects[l->s.r0].kind; /* an enterprise's target is on its own page, for those who may see it */
  if (!kind || (strcmp(kind, "city") != 0 && strcmp(kind, "district") != 0))
    return false;
  l->level = 4;
  if (!last_month(&l->s, &l->s.to))
    return true;
  qf_value_of(&l->s, l->s.from, l->s.to, &value);
  qf_stands_of(&l->s, &value, t, &b);
  if (b.has)
    l->level = b.level;
  return true;
}

/* The month asked for, or the last one before it that a target holds. */
static int32_t held(const qf_base *b, int32_t month)
{
  int32_t last = INT32_MIN;
  for (uint32_t i = 0; i < b->ntargets; i++) {
    const qf_target *t = &b->targets[i];
    int32_t to = t->to < month ? t->to : month;
    if (t->band.mant > 0 && t->from <= to && to > last)
      last = to;
  }
  return last;
}

qf_rc qf_barometer_json(qf_figures *f, int32_t month, qf_buf *out, qf_err *err)
{
  qf_view *v;
  qf_rc rc = qf_view_fresh(f, &v, err);
  if (rc)
    return rc;
  const qf_base *b = v->base;
  line *lines = calloc(b->ntargets + 1, sizeof *lines);
  uint32_t n = 0;
  month = held(b, month);
  for (uint32_t i = 0; lines && i < b->ntargets; i++)
    if (b->targets[i].from <= month && month <= b->targets[i].to)
      n += resolve(f, v, &b->targets[i], &lines[n]);
  qf_buf_putc(out, '[');
  bool any = false;
  for (int level = 1; level <= 4; level++)
    for (uint32_t i = 0; i < n; i++)
      if (lines[i].level == level) {
        qf_buf_puts(out, any ? ",\n" : "");
        qf_answer_json(f, &lines[i].s, out);
        any = true;
      }
  qf_buf_putc(out, ']');
  rc = !lines || out->failed ? qf_fail(err, QF_NOMEM, "out of memory", "内存不足") : QF_OK;
  free(lines);
  qf_view_drop(v);
  return rc;
}
