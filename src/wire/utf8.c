#include "wire/utf8.h"
#include <stdint.h>

/* RFC 3629 section 4:
 *   UTF8-2 = C2..DF tail
 *   UTF8-3 = E0 A0..BF tail | E1..EC tail tail | ED 80..9F tail | EE..EF tail tail
 *   UTF8-4 = F0 90..BF tail tail | F1..F3 tail tail tail | F4 80..8F tail tail      tail = 80..BF */
static size_t char_len(const uint8_t *s, size_t n)
{
  uint8_t c = s[0], lo = 0x80, hi = 0xBF;
  if (c < 0x80)
    return 1;
  size_t len = c >= 0xC2 && c <= 0xDF ? 2 : (c & 0xF0) == 0xE0 ? 3 : c >= 0xF0 && c <= 0xF4 ? 4 : 0;
  if (len == 0 || len > n)
    return 0;
  if (c == 0xE0)
    lo = 0xA0;
  else if (c == 0xED)
    hi = 0x9F;
  else if (c == 0xF0)
    lo = 0x90;
  else if (c == 0xF4)
    hi = 0x8F;
  if (s[1] < lo || s[1] > hi)
    return 0;
  for (size_t i = 2; i < len; i++)
    if ((s[i] & 0xC0) != 0x80)
      return 0;
  return len;
}

bool qf_utf8_valid(const char *s, size_t n)
{
  const uint8_t *p = (const uint8_t *)s;
  for (size_t i = 0, k; i < n; i += k)
    if ((k = char_len(p + i, n - i)) == 0)
      return false;
  return true;
}
