/* Writing the tree, and checking it: every node equals what its op says of its children, exactly. */
#include "figure/why.h"
#include <string.h>

static const char *const ops[] = {"", "sum", "product", "difference", "ratio", "power_factor", "max", "change"};
static const char *const rule_names[] = {"",    "V01", "V02", "V03", "V04", "V08a", "V08b", "V08c", "V08d", "V08e",
                                         "V09", "V10", "V11", "V12", "V13", "V14",  "V15",  "V19",  "V22"};

/* Path of a node: the segments from the root, each with % and / escaped. */
static void put_path(const qf_node *n, qf_buf *out)
{
  if (!n->parent || !n->seg)
    return;
  put_path(n->parent, out);
  if (out->len && n->parent->parent)
    qf_buf_putc(out, '/');
  for (const char *p = n->seg; *p; p++)
    if (*p == '/' || *p == '%')
      qf_buf_printf(out, "%%%02X", (unsigned)(unsigned char)*p);
    else
      qf_buf_putc(out, *p);
}

static void put_ref_member(qf_buf *out, bool *any, const char *name, const char *value)
{
  if (!value)
    return;
  qf_buf_puts(out, *any ? ",\"" : "\"");
  qf_buf_puts(out, name);
  qf_buf_puts(out, "\":");
  qf_put_text(out, value);
  *any = true;
}

static void put_ref(const qf_why *w, const qf_node *n, qf_buf *out)
{
  const qf_base *b = w->s.v->base;
  bool any = false;
  if (!n->record && !n->point && !n->factor_id && n->type != QF_W_ROOT && n->type != QF_W_SUBJECT && !n->has_at)
    return;
  qf_buf_puts(out, ",\"ref\":{");
  put_ref_member(out, &any, "record", n->record);
  put_ref_member(out, &any, "factor", n->factor_id);
  if (n->factor) {
    put_ref_member(out, &any, "source", n->factor->source);
    put_ref_member(out, &any, "clause", n->factor->clause);
    put_ref_member(out, &any, "certainty", n->factor->certainty);
    put_ref_member(out, &any, "valid_from", n->factor->from);
    put_ref_member(out, &any, "valid_to", n->factor->to);
  }
  if (n->type == QF_W_SUBJECT || n->type == QF_W_ROOT)
    put_ref_member(out, &any, "subject", b->subjects[n->type == QF_W_ROOT ? w->s.r0 : n->rank].id);
  if (!n->parent) {
    put_ref_member(out, &any, "clause", w->s.ind->clause);
    qf_buf_printf(out, "%s\"seq\":%llu", any ? "," : "", (unsigned long long)w->s.v->seq);
    any = true;
  }
  if (n->point) {
    qf_buf_printf(out, "%s\"point\":%u", any ? "," : "", n->point);
    any = true;
    if (n->point < b->npoints && b->points[n->point].known)
      put_ref_member(out, &any, "series", b->points[n->point].key);
  }
  if (n->has_at) {
    qf_buf_puts(out, any ? ",\"at\":\"" : "\"at\":\"");
    qf_tm_write(out, n->at);
    qf_buf_putc(out, '"');
  }
  qf_buf_putc(out, '}');
}

static void put_rules(uint32_t rules, qf_buf *out)
{
  bool any = false;
  qf_buf_puts(out, ",\"rules\":[");
  for (uint32_t i = 1; i < sizeof rule_names / sizeof *rule_names; i++)
    if (rules & (1u << i)) {
      qf_buf_printf(out, "%s\"%s\"", any ? "," : "", rule_names[i]);
      any = true;
    }
  qf_buf_putc(out, ']');
}

void qf_why_write(const qf_why *w, const qf_node *n, qf_buf *out)
{
  qf_buf path;
  qf_buf_init(&path, 1u << 16);
  put_path(n, &path);
  qf_buf_puts(out, "{\"label\":");
  qf_put_pair(out, n->zh, n->en);
  qf_buf_printf(out, ",\"kind\":\"%s\",\"value\":", n->kind);
  if (n->null)
    qf_buf_puts(out, "null");
  else
    qf_put_dec(out, n->value);
  qf_buf_puts(out, ",\"unit\":");
  qf_put_text(out, n->unit ? n->unit : "");
  if (n->op)
    qf_buf_printf(out, ",\"op\":\"%s\"", ops[n->op]);
  if (n->rounded >= 0)
    qf_buf_printf(out, ",\"rounded\":%d", n->rounded);
  if (n->null && n->not_why) {
    qf_buf_puts(out, ",\"flag\":");
    qf_put_text(out, n->not_why);
  }
  put_ref(w, n, out);
  if (n->quality) {
    qf_buf_puts(out, ",\"quality\":");
    qf_put_text(out, n->quality);
  }
  if (n->rules)
    put_rules(n->rules, out);
  if (!n->parent)
    qf_put_restatement(&w->s, out);
  qf_buf_puts(out, ",\"path\":");
  qf_buf_json(out, path.data ? path.data : "", path.len);
  qf_buf_fini(&path);
  qf_buf_puts(out, ",\"children\":[");
  for (uint32_t i = 0; n->shown && i < n->nkids; i++) {
    qf_buf_puts(out, i ? "," : "");
    qf_why_write(w, &n->kids[i], out); /* as deep as the tree: some ten levels */
  }
  qf_buf_putc(out, ']');
  if (!n->shown && n->more)
    qf_buf_printf(out, ",\"more\":%u", n->more);
  qf_buf_putc(out, '}');
}

/* ---- checking */

static bool sum_holds(const qf_node *n)
{
  qf_acc a = {.v = 0};
  for (uint32_t i = 0; i < n->nkids; i++)
    qf_acc_add(&a, n->kids[i].value);
  return !a.overflow && qf_dec_cmp(qf_acc_dec(&a), n->value) == 0;
}

static bool product_holds(const qf_node *n)
{
  qf_dec p = qf_dec_int(1, 0);
  for (uint32_t i = 0; i < n->nkids; i++)
    if (qf_dec_mul(p, qf_dec_trim(n->kids[i].value), &p) != QF_OK)
      return false;
  if (n->rounded >= 0)
    p = qf_dec_round(p, n->rounded);
  return qf_dec_cmp(p, n->value) == 0;
}

static bool max_holds(const qf_node *n)
{
  bool met = false;
  for (uint32_t i = 0; i < n->nkids; i++) {
    int c = qf_dec_cmp(n->kids[i].value, n->value);
    if (c > 0)
      return false;
    met = met || c == 0;
  }
  return met;
}

static bool holds(const qf_node *n)
{
  qf_dec d;
  switch (n->op) {
  case QF_OP_SUM:
    return sum_holds(n);
  case QF_OP_PRODUCT:
    return product_holds(n);
  case QF_OP_MAX:
    return max_holds(n);
  case QF_OP_DIFFERENCE:
    return n->nkids == 2 && qf_dec_sub(n->kids[0].value, n->kids[1].value, &d) == QF_OK && qf_dec_cmp(d, n->value) == 0;
  case QF_OP_RATIO:
    return n->nkids == 2 && qf_dec_div(n->kids[0].value, n->kids[1].value, n->rounded, &d) == QF_OK &&
           qf_dec_cmp(d, n->value) == 0;
  case QF_OP_PF:
    return n->nkids == 2 && qf_power_factor(n->kids[0].value, n->kids[1].value, n->rounded, &d) &&
           qf_dec_cmp(d, n->value) == 0;
  case QF_OP_CHANGE: {
    bool den = n->nkids == 4;
    if (n->nkids != 2 && !den)
      return false;
    qf_change c = {.n1 = n->kids[0].value, .n0 = n->kids[1].value, .has_den = den};
    c.d1 = den ? n->kids[2].value : c.n1;
    c.d0 = den ? n->kids[3].value : c.n1;
    return qf_change_value(&c, n->rounded, &d) && qf_dec_cmp(d, n->value) == 0;
  }
  case QF_OP_NONE:
    break;
  }
  return true;
}

qf_rc qf_why_verify(const qf_node *n, qf_err *err)
{
  if (!n->expanded || !n->shown || n->null)
    return QF_OK;
  if (!holds(n))
    return qf_fail(err, QF_CORRUPT, "why: '%.120s' is not the %s of its %u parts",
                   "溯源：“%.120s”与其 %s 的 %u 个组成不符", n->en ? n->en : "", ops[n->op], n->nkids);
  for (uint32_t i = 0; i < n->nkids; i++) {
    qf_rc rc = qf_why_verify(&n->kids[i], err);
    if (rc)
      return rc;
  }
  return QF_OK;
}
