#include "domain/disclosure.h"

bool qf_disclosure_safe(const qf_cell_sum *c, uint32_t k, double dominance)
{
  if (c->n == 0)
    return true;
  return c->n >= k && c->largest < dominance * c->total;
}

/* What is hidden, as the one cell that an attacker gets by subtraction. */
static qf_cell_sum hidden_of(const qf_cell_sum *c, size_t n)
{
  qf_cell_sum h = {0};
  for (size_t i = 0; i < n; i++)
    if (c[i].hidden) {
      h.n += c[i].n;
      h.total += c[i].total;
      if (c[i].largest > h.largest)
        h.largest = c[i].largest;
    }
  return h;
}

bool qf_disclosure_protect(qf_cell_sum *c, size_t n, uint32_t k, double dominance)
{
  qf_cell_sum all = {0};
  for (size_t i = 0; i < n; i++) {
    c[i].hidden = !qf_disclosure_safe(&c[i], k, dominance);
    all.n += c[i].n;
    all.total += c[i].total;
    if (c[i].largest > all.largest)
      all.largest = c[i].largest;
  }
  for (;;) {
    qf_cell_sum h = hidden_of(c, n);
    if (qf_disclosure_safe(&h, k, dominance))
      return qf_disclosure_safe(&all, k, dominance);
    size_t least = n;
    for (size_t i = 0; i < n; i++)
      if (!c[i].hidden && c[i].n && (least == n || c[i].total < c[least].total))
        least = i;
    if (least == n)
      return false; /* all are hidden, and their total would tell */
    c[least].hidden = true;
  }
}
