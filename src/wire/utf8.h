/* UTF-8 check (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF). Pure, thread-safe. */
#ifndef QF_WIRE_UTF8_H
#define QF_WIRE_UTF8_H
#include <stdbool.h>
#include <stddef.h>

/* Whether all n bytes are whole well-formed characters. */
bool qf_utf8_valid(const char *s, size_t n);
#endif
