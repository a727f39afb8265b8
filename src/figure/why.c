/* Why is the figure this? The walk, breadth first within 2,000 nodes, or from a node that a path names. */
#include "figure/why.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct qf_why_block {
  struct qf_why_block *next;
  size_t used, cap;
  _Alignas(16) char bytes[];
} block;

#define BLOCK_BYTES 65536u

void *qf_why_alloc(qf_why *w, size_t n)
{
  n = (n + 15) & ~(size_t)15;
  if (!w->blocks || w->blocks->cap - w->blocks->used < n) {
    size_t cap = n > BLOCK_BYTES ? n : BLOCK_BYTES;
    block *b = calloc(1, sizeof *b + cap);
    if (!b) {
      w->nomem = true;
      return NULL;
    }
    b->next = w->blocks;
    b->cap = cap;
    w->blocks = b;
  }
  void *p = w->blocks->bytes + w->blocks->used;
  w->blocks->used += n;
  return p;
}

const char *qf_why_text(qf_why *w, const char *fmt, ...)
{
  va_list ap;
  va_start(ap, fmt);
  int n = vsnprintf(NULL, 0, fmt, ap);
  va_end(ap);
  char *p = n < 0 ? NULL : qf_why_alloc(w, (size_t)n + 1);
  if (!p)
    return "";
  va_start(ap, fmt);
  vsnprintf(p, (size_t)n + 1, fmt, ap);
  va_end(ap);
  return p;
}

qf_node *qf_why_kids(qf_why *w, qf_node *n, uint32_t count)
{
  n->kids = qf_why_alloc(w, (count + 1) * sizeof *n->kids);
  if (!n->kids)
    return NULL;
  n->nkids = count;
  for (uint32_t i = 0; i < count; i++) {
    n->kids[i].rounded = -1;
    n->kids[i].parent = n;
  }
  return n->kids;
}

static void free_blocks(qf_why *w)
{
  for (block *b = w->blocks; b;) {
    block *next = b->next;
    free(b);
    b = next;
  }
  w->blocks = NULL;
}

/* ---- paging: a node with very many parts keeps the first ones; the others hang under one node more */

static bool part_value(const qf_node *n, uint32_t from, qf_dec *out)
{
  qf_acc a = {.v = 0};
  *out = n->kids[from].value;
  for (uint32_t i = from; i < n->nkids; i++) {
    qf_acc_add(&a, n->kids[i].value);
    if (n->op == QF_OP_MAX && qf_dec_cmp(n->kids[i].value, *out) > 0)
      *out = n->kids[i].value;
  }
  if (n->op == QF_OP_SUM)
    *out = qf_acc_dec(&a);
  return !a.overflow;
}

static qf_rc page(qf_why *w, qf_node *n, qf_err *err)
{
  while (n->nkids > QF_WHY_PAGE && (n->op == QF_OP_SUM || n->op == QF_OP_MAX)) {
    uint32_t cut = QF_WHY_PAGE - 1, rest = n->nkids - cut;
    qf_node *k = qf_why_alloc(w, QF_WHY_PAGE * sizeof *k);
    qf_dec value;
    if (!k || !part_value(n, cut, &value))
      return qf_fail(err, QF_NOMEM, "why: out of memory", "溯源：内存不足");
    memcpy(k, n->kids, cut * sizeof *k);
    for (uint32_t i = 0; i < cut; i++) /* children that came ready-made point up to where they were */
      for (uint32_t j = 0; j < k[i].nkids; j++)
        k[i].kids[j].parent = &k[i];
    qf_node *more = &k[cut];
    *more = (qf_node){.op = n->op,
                      .kind = n->kind,
                      .value = value,
                      .unit = n->unit,
                      .seg = "more",
                      .rounded = -1,
                      .expanded = true,
                      .quality = n->quality,
                      .kids = n->kids + cut,
                      .nkids = rest,
                      .parent = n};
    more->zh = qf_why_text(w, "其余 %u 项", rest);
    more->en = qf_why_text(w, "%u more", rest);
    for (uint32_t i = 0; i < rest; i++)
      more->kids[i].parent = more;
    n->kids = k;
    n->nkids = QF_WHY_PAGE;
    n = more;
  }
  return QF_OK;
}

static qf_rc expand(qf_why *w, qf_node *n, qf_err *err)
{
  if (n->expanded)
    return QF_OK;
  qf_rc rc = qf_why_expand(w, n, err);
  return rc ? rc : page(w, n, err);
}

/* ---- walking */

/* How many children a node would have: counted in memory where that is cheap, known for days, else "at least one". */
static qf_rc count_kids(qf_why *w, qf_node *n, qf_err *err)
{
  if (n->expanded || n->type == QF_W_SUBJECT || n->type == QF_W_CARRIER || n->type == QF_W_POINT ||
      n->type == QF_W_ROW) {
    qf_rc rc = expand(w, n, err);
    n->more = n->nkids;
    return rc;
  }
  if (n->type == QF_W_QUANTITY && n->op == QF_OP_SUM) {
    const qf_cover *c = w->s.v->cover;
    for (uint32_t i = n->point < c->nstart ? c->start[n->point] : 0; n->point < c->nstart && i < c->start[n->point + 1];
         i++)
      if (c->m[i].month == n->row->month)
        n->more = c->m[i].days;
  } else if (n->type == QF_W_DAY && w->f->readings) {
    n->more = 1;
  }
  return QF_OK;
}

static bool segment_is(const char *seg, const char *p, size_t n)
{
  size_t i = 0;
  for (; *seg; seg++) { /* p is escaped, seg is not */
    if (i < n && p[i] == '%' && i + 2 < n + 0 && (*seg == '/' || *seg == '%')) {
      char hex[3] = {p[i + 1], p[i + 2], 0};
      if (strtoul(hex, NULL, 16) != (unsigned char)*seg)
        return false;
      i += 3;
    } else if (i < n && p[i] == *seg) {
      i++;
    } else {
      return false;
    }
  }
  return i == n;
}

static qf_rc find_start(qf_why *w, qf_node *root, const char *path, qf_node **out, qf_err *err)
{
  qf_node *n = root;
  for (const char *p = path; p && *p;) {
    size_t len = strcspn(p, "/");
    qf_rc rc = expand(w, n, err);
    if (rc)
      return rc;
    qf_node *next = NULL;
    for (uint32_t i = 0; i < n->nkids && !next; i++)
      if (n->kids[i].seg && segment_is(n->kids[i].seg, p, len))
        next = &n->kids[i];
    if (!next)
      return qf_fail(err, QF_NOTFOUND, "why: no part '%.*s' here", "溯源：此处没有组成部分“%.*s”",
                     len > 100 ? 100 : (int)len, p);
    n = next;
    p += len + (p[len] == '/');
  }
  *out = n;
  return QF_OK;
}

typedef struct level {
  qf_node *n;
  int depth;
} level;

/* Show nodes breadth first: all children of a node or none, so that every sum on the page can be added up. */
static qf_rc walk(qf_why *w, qf_node *start, int depth, qf_err *err)
{
  level *queue = qf_why_alloc(w, (QF_WHY_NODES + 1) * sizeof *queue);
  uint32_t head = 0, tail = 0;
  qf_rc rc = queue ? QF_OK : QF_NOMEM;
  if (!rc)
    queue[tail++] = (level){start, 0};
  while (!rc && head < tail) {
    level at = queue[head++];
    bool deeper = (depth == 0 || at.depth < depth) && tail < QF_WHY_NODES;
    rc = deeper ? expand(w, at.n, err) : count_kids(w, at.n, err);
    if (rc || !deeper)
      continue;
    if (tail + at.n->nkids > QF_WHY_NODES) {
      at.n->more = at.n->nkids;
      continue;
    }
    at.n->shown = true;
    for (uint32_t i = 0; i < at.n->nkids; i++)
      queue[tail++] = (level){&at.n->kids[i], at.depth + 1};
  }
  return rc == QF_NOMEM || w->nomem ? qf_fail(err, QF_NOMEM, "why: out of memory", "溯源：内存不足") : rc;
}

static qf_rc answer(qf_figures *f, const qf_view *v, const qf_figure_ask *ask, int depth, const char *path, qf_buf *out,
                    qf_err *err)
{
  qf_why w = {.f = f};
  qf_node root, *start = NULL;
  qf_rc rc = qf_scope_resolve(f, v, ask, &w.s, err);
  if (!rc)
    rc = qf_why_select(&w, err);
  if (!rc)
    rc = qf_why_root(&w, &root, err);
  if (!rc)
    rc = find_start(&w, &root, path, &start, err);
  if (!rc)
    rc = walk(&w, start, depth, err);
  if (!rc)
    rc = qf_why_verify(start, err);
  size_t before = out->len;
  if (!rc) {
    qf_why_write(&w, start, out);
    if (out->failed) {
      out->len = before;
      rc = qf_fail(err, QF_NOMEM, "answer too long", "结果过长");
    }
  }
  free_blocks(&w);
  return rc;
}

qf_rc qf_why_json(qf_figures *f, const qf_figure_ask *ask, int depth, const char *path, qf_buf *out, qf_err *err)
{
  qf_view *v;
  qf_rc rc = qf_view_fresh(f, &v, err);
  if (rc)
    return rc;
  rc = answer(f, v, ask, depth, path, out, err);
  qf_view_drop(v);
  if (rc != QF_CORRUPT)
    return rc;
  /* The book may have moved on between the rows and the days: once more, with both of one state. */
  qf_book_hold(f->book);
  rc = qf_figures_refresh(f, err);
  v = rc ? NULL : qf_view_take(f);
  if (v) {
    rc = answer(f, v, ask, depth, path, out, err);
    qf_view_drop(v);
  }
  qf_book_release(f->book);
  return rc;
}
