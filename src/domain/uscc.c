#include "domain/uscc.h"
#include <string.h>

static const char ALPHABET[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";

static int index_of(char c)
{
  const char *p = c ? strchr(ALPHABET, c) : NULL;
  return p ? (int)(p - ALPHABET) : -1;
}

char qf_uscc_digit(const char first17[17])
{
  int sum = 0, w = 1;
  for (int i = 0; i < 17; i++, w = w * 3 % 31) {
    int v = index_of(first17[i]);
    if (v < 0)
      return 0;
    sum += v * w;
  }
  return ALPHABET[(31 - sum % 31) % 31];
}

qf_rc qf_uscc_check(const char *s, size_t n, qf_err *err)
{
  if (n != 18)
    return qf_fail(err, QF_SYNTAX, "credit code has %zu characters, not 18", "统一社会信用代码有 %zu 位，应为 18 位",
                   n);
  for (size_t i = 0; i < n; i++) {
    if (index_of(s[i]) < 0)
      return qf_fail(err, QF_SYNTAX, "credit code: character %zu is not one of 0-9 A-Z without I O S V Z",
                     "统一社会信用代码：第 %zu 位不是 0-9 或除 I O S V Z 外的大写字母", i + 1);
  }
  char want = qf_uscc_digit(s);
  if (s[17] != want)
    return qf_fail(err, QF_RANGE, "credit code: check character is %c, %c was expected",
                   "统一社会信用代码：校验位为 %c，应为 %c", s[17], want);
  return QF_OK;
}
