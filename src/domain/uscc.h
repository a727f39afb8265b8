/* Unified social credit code 统一社会信用代码.
 * Law: GB 32100-2015. 18 characters of 0-9 A-Z without I O S V Z: 1 registering department, 1 kind of body, 6 region
 * (GB/T 2260), 9 body code (GB 11714), 1 check character. With w_i = 3^(i-1) mod 31 the check value is
 * (31 - sum(index_i w_i) mod 31) mod 31. Pure, thread-safe. */
#ifndef QF_DOMAIN_USCC_H
#define QF_DOMAIN_USCC_H
#include "base/err.h"
#include <stddef.h>

/* Check n bytes. Errors: QF_SYNTAX (length, a character: which position), QF_RANGE (check character: which was
 * expected). */
QF_MUST qf_rc qf_uscc_check(const char *s, size_t n, qf_err *err);
/* Check character of the first 17 characters, 0 if one of them is not in the alphabet. */
char qf_uscc_digit(const char first17[17]);
#endif
