/* Statistical disclosure control: which cells of a published sum may be shown so that nobody's own figure can be worked out.
 * Law: threshold and dominance rules of primary suppression, complementary suppression (Hundepool et al., Statistical Disclosure
 * Control, 2012, ch. 4; the EU's guidelines for magnitude tables). A cell is a sum over contributors:
 *   unsafe            fewer than k contributors, or the largest gives at least `dominance` of it
 *   complementary     the cells that are hidden together must be safe as one cell, since published total less shown cells is just
 *                     their sum; until they are, the smallest shown cell is hidden as well
 *   total             when it is unsafe itself, or no shown cell is left and the hidden ones are unsafe, the total is hidden too
 * Pure functions, thread-safe. */
#ifndef QF_DOMAIN_DISCLOSURE_H
#define QF_DOMAIN_DISCLOSURE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct qf_cell_sum {
  uint32_t n;            /* contributors; 0: nobody, an empty cell that hides nothing */
  double total, largest; /* sum of their absolute amounts, and the largest one; >= 0 */
  bool hidden;           /* the answer */
} qf_cell_sum;

/* May this sum be shown by itself? An empty one may. */
bool qf_disclosure_safe(const qf_cell_sum *c, uint32_t k, double dominance);
/* Decide n cells (hidden set) whose contributors are apart from each other. Returns whether their total may be shown. */
bool qf_disclosure_protect(qf_cell_sum *c, size_t n, uint32_t k, double dominance);
#endif
