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

static void convert(const char *v, const char *from, const char *to, int scale, const char *want)
{
  qf_dec d, out;
  qf_err err;
  assert_int_equal(qf_dec_parse(v, strlen(v), &d), QF_OK);
  assert_int_equal(qf_unit_convert(d, from, to, scale, &out, &err), QF_OK);
  qf_buf b;
  qf_buf_init(&b, 200);
  qf_dec_write(&b, qf_dec_trim(out));
  assert_string_equal(b.data, want);
  qf_buf_fini(&b);
}

static void constants_are_the_definitions(void **state)
{
  (void)state;
  convert("1", "kgce", "kJ", 6, "29307.6");
  convert("1", "kgce", "kcal", 6, "7000"); /* 7000 x 4.1868 = 29307.6 */
  convert("1", "kWh", "MJ", 6, "3.6");
  convert("1", "10^6 kJ", "GJ", 6, "1");
  convert("1", "kgoe", "kcal", 6, "10000");
  convert("1", "kgoe", "kgce", 4, "1.4286"); /* 10000 / 7000 */
  convert("0.21", "kgoe", "MJ", 3, "8.792"); /* electricity of GB 30251-2024 */
  convert("1", "kWh", "kgce", 4, "0.1228");  /* 3600/29307.6 = 0.12284; the standard prints 0.1229 */
  convert("1", "GJ", "kgce", 2, "34.12");    /* 1e6/29307.6 */
  convert("20", "box", "t", 6, "1");
  convert("1", "10^4 m3", "m3", 6, "10000");
  convert("15", "mu", "ha", 9, "1");
  convert("1", "mu", "m2", 4, "666.6667");
  convert("84", "10^4 t", "t", 0, "840000");
  convert("1", "n mile", "m", 0, "1852");
  convert("1", "GWh", "10^4 kWh", 0, "100");
  convert("-12.5", "MWh", "kWh", 3, "-12500");
}

static void conversions_there_and_back_agree(void **state)
{
  (void)state;
  for (size_t i = 0; qf_unit_at(i); i++) {
    const qf_unit *a = qf_unit_at(i);
    assert_ptr_equal(qf_unit_find(a->code), a); /* codes are unique */
    assert_true(a->num > 0 && a->den > 0);
    for (size_t j = 0; qf_unit_at(j); j++) {
      const qf_unit *b = qf_unit_at(j);
      qf_dec x, y;
      qf_err err;
      /* 1 a in b, and what that many b are in base units, against the fractions themselves */
      if (a->dim != b->dim) {
        assert_int_equal(qf_unit_convert(qf_dec_int(1, 0), a->code, b->code, 6, &x, &err), QF_STATE);
        continue;
      }
      assert_int_equal(qf_unit_convert(qf_dec_int(1000000000000, 0), a->code, b->code, 9, &x, &err), QF_OK);
      assert_int_equal(qf_unit_convert(x, b->code, a->code, 3, &y, &err), QF_OK);
      double ratio = qf_dec_double(x) / 1e12,
             want = ((double)a->num / (double)a->den) / ((double)b->num / (double)b->den);
      assert_true(ratio > want * (1 - 1e-9) - 1e-21 && ratio < want * (1 + 1e-9) + 1e-21);
      if (want > 1e-6)
        assert_true(qf_dec_double(y) > 1e12 * (1 - 1e-9) && qf_dec_double(y) < 1e12 * (1 + 1e-9));
    }
  }
}

static void mistakes_are_named(void **state)
{
  (void)state;
  qf_dec out;
  qf_err err = {0};
  assert_int_equal(qf_unit_convert(qf_dec_int(1, 0), "kwh", "MJ", 3, &out, &err), QF_NOTFOUND);
  assert_non_null(strstr(err.en, "\"kwh\""));
  assert_int_equal(qf_unit_convert(qf_dec_int(1, 0), "kWh", "furlong", 3, &out, &err), QF_NOTFOUND);
  assert_non_null(strstr(err.zh, "furlong"));
  assert_int_equal(qf_unit_convert(qf_dec_int(1, 0), "kWh", "kW", 3, &out, &err), QF_STATE);
  assert_int_equal(qf_unit_convert(qf_dec_int(INT64_MAX, 0), "10^4 tce", "J", 18, &out, &err), QF_RANGE);
  assert_int_equal(qf_unit_convert(qf_dec_int(1, 0), "J", "kJ", 19, &out, &err), QF_RANGE);
  assert_null(qf_unit_find(NULL));
}

static void typed_quantities(void **state)
{
  (void)state;
  assert_about(qf_gj_of_kwh((qf_kwh){1000}).gj, 3.6, 1e-12);
  assert_about(qf_kgce_of_gj((qf_gj){29.3076}).kgce, 1000.0, 1e-9);
  assert_about(qf_tce((qf_kgce){1500}), 1.5, 1e-12);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(constants_are_the_definitions),
      cmocka_unit_test(conversions_there_and_back_agree),
      cmocka_unit_test(mistakes_are_named),
      cmocka_unit_test(typed_quantities),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
