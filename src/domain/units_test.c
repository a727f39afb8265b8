/* Unit constants: expected values are the definitions (1 kgce = 29 307.6 kJ = 7 000 kcal, 1 kWh = 3.6 MJ, ...). */
#include "domain/units.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* cmocka compares floats; these are doubles */
#define assert_about(a, b, eps) assert_true(fabs((a) - (b)) <= (eps))

static void typed_quantities(void **state)
{
  (void)state;
  assert_about(qf_kgce_of_gj((qf_gj){29.3076}).kgce, 1000.0, 1e-9);
  assert_about(qf_tce((qf_kgce){1500}), 1.5, 1e-12);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(typed_quantities)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
