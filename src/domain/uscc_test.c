/* GB 32100-2015 on two codes in public use, and every single-character error in them. */
#include "domain/uscc.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const char *const PUBLIC_CODES[] = {"9144030071526726XG", "91110108551385082Q"};

static void public_codes_pass(void **state)
{
  (void)state;
  for (size_t i = 0; i < 2; i++)
    assert_int_equal(qf_uscc_check(PUBLIC_CODES[i], 18, NULL), QF_OK);
  assert_int_equal(qf_uscc_digit(PUBLIC_CODES[0]), 'G');
}

/* The weights are powers of 3 modulo the prime 31, so any one changed character must be found. */
static void every_single_error_is_found(void **state)
{
  (void)state;
  const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
  for (size_t c = 0; c < 2; c++) {
    for (size_t i = 0; i < 18; i++) {
      for (const char *a = alphabet; *a; a++) {
        char s[19];
        memcpy(s, PUBLIC_CODES[c], 19);
        if (s[i] == *a)
          continue;
        s[i] = *a;
        assert_int_equal(qf_uscc_check(s, 18, NULL), QF_RANGE);
      }
    }
  }
}

static void mistakes_are_named(void **state)
{
  (void)state;
  qf_err err = {0};
  assert_int_equal(qf_uscc_check("9144030071526726X", 17, &err), QF_SYNTAX);
  assert_non_null(strstr(err.en, "17"));
  assert_int_equal(qf_uscc_check("91440300715267260O", 18, &err), QF_SYNTAX); /* letter O */
  assert_non_null(strstr(err.en, "character 18"));
  assert_int_equal(qf_uscc_check("9144o30071526726XG", 18, &err), QF_SYNTAX);
  assert_int_equal(qf_uscc_check("9144030071526726XH", 18, &err), QF_RANGE);
  assert_non_null(strstr(err.en, "G was expected"));
  assert_non_null(strstr(err.zh, "应为 G"));
  assert_int_equal(qf_uscc_digit("9144O300715267260"), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(public_codes_pass),
      cmocka_unit_test(every_single_error_is_found),
      cmocka_unit_test(mistakes_are_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
