/* Disclosure control, attacked by subtraction: what is shown never gives a sum of fewer than k or a dominated one. */
#include "domain/disclosure.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { K = 5 };
static const double DOM = 0.85;

static void primary(void **state)
{
  (void)state;
  assert_true(qf_disclosure_safe(&(qf_cell_sum){5, 100, 84, false}, K, DOM));
  assert_false(qf_disclosure_safe(&(qf_cell_sum){4, 100, 30, false}, K, DOM));
  assert_false(qf_disclosure_safe(&(qf_cell_sum){9, 100, 85, false}, K, DOM));
  assert_true(qf_disclosure_safe(&(qf_cell_sum){0, 0, 0, false}, K, DOM));
  assert_false(qf_disclosure_safe(&(qf_cell_sum){6, 0, 0, false}, K, DOM)); /* all zero: everybody's is known */
}

/* One unsafe cell alone would be the total less the rest: a second, the smallest, goes with it. */
static void complementary(void **state)
{
  (void)state;
  qf_cell_sum c[] = {{9, 900, 200, false}, {1, 50, 50, false}, {7, 300, 90, false}, {0, 0, 0, false}};
  assert_true(qf_disclosure_protect(c, 4, K, DOM));
  assert_false(c[0].hidden);
  assert_true(c[1].hidden);
  assert_true(c[2].hidden); /* 8 contributors, largest 90 of 350 */
  assert_false(c[3].hidden);
}

/* Two unsafe cells that make a safe one together need no third. */
static void enough(void **state)
{
  (void)state;
  qf_cell_sum c[] = {{9, 900, 200, false}, {3, 50, 20, false}, {3, 60, 30, false}};
  assert_true(qf_disclosure_protect(c, 3, K, DOM));
  assert_false(c[0].hidden);
}

static void hopeless(void **state)
{
  (void)state;
  qf_cell_sum c[] = {{1, 900, 900, false}, {2, 50, 40, false}};
  assert_false(qf_disclosure_protect(c, 2, K, DOM));
  assert_true(c[0].hidden && c[1].hidden);
  qf_cell_sum giant[] = {{6, 100, 20, false}, {7, 9000, 8900, false}};
  assert_false(qf_disclosure_protect(giant, 2, K, DOM)); /* the giant shows through the total as well */
}

static uint32_t rnd(uint32_t *s)
{
  *s = *s * 1664525u + 1013904223u;
  return *s >> 8;
}

/* Random tables: no shown cell is unsafe, and what is left after subtracting all shown cells from a shown total is safe. */
static void attacked(void **state)
{
  (void)state;
  uint32_t seed = 7;
  unsigned shown_totals = 0, shown_cells = 0;
  for (int t = 0; t < 20000; t++) {
    qf_cell_sum c[6];
    for (size_t i = 0; i < 6; i++) {
      c[i] = (qf_cell_sum){.n = rnd(&seed) % 12};
      for (uint32_t k = 0; k < c[i].n; k++) {
        double x = 1 + rnd(&seed) % 1000 * (rnd(&seed) % 20 == 0 ? 50.0 : 1.0);
        c[i].total += x;
        c[i].largest = x > c[i].largest ? x : c[i].largest;
      }
    }
    bool total = qf_disclosure_protect(c, 6, K, DOM);
    qf_cell_sum rest = {0}, all = {0};
    for (size_t i = 0; i < 6; i++) {
      all = (qf_cell_sum){all.n + c[i].n, all.total + c[i].total,
                          c[i].largest > all.largest ? c[i].largest : all.largest, false};
      if (c[i].hidden)
        rest = (qf_cell_sum){rest.n + c[i].n, rest.total + c[i].total,
                             c[i].largest > rest.largest ? c[i].largest : rest.largest, false};
      else
        assert_true(c[i].n == 0 || (c[i].n >= K && c[i].largest < DOM * c[i].total));
      shown_cells += !c[i].hidden;
    }
    if (total) {
      assert_true(rest.n == 0 || (rest.n >= K && rest.largest < DOM * rest.total));
      assert_true(all.n == 0 || (all.n >= K && all.largest < DOM * all.total));
      shown_totals++;
    }
  }
  assert_true(shown_totals > 15000 && shown_cells > 40000); /* it does not hide all to be safe */
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(primary), cmocka_unit_test(complementary),
                                     cmocka_unit_test(enough), cmocka_unit_test(hopeless), cmocka_unit_test(attacked)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
