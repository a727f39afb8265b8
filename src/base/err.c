#include "base/err.h"
#include <stdarg.h>
#include <stdio.h>

static void fill(char *out, size_t size, const char *fmt, va_list ap)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  int n = vsnprintf(out, size, fmt, ap); /* en is checked at the call by the attribute; zh takes the same arguments */
#pragma GCC diagnostic pop
  if (n >= (int)size) /* cut: not in the middle of a character (RFC 3629: continuation bytes are 10xxxxxx) */
    for (size_t i = size - 1; i > 0 && size - i < 5; i--)
      if (((unsigned char)out[i - 1] & 0xC0) != 0x80) {
        unsigned char lead = (unsigned char)out[i - 1];
        size_t len = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        if (i - 1 + len > size - 1)
          out[i - 1] = 0;
        break;
      }
}

qf_rc(qf_fail)(qf_err *err, qf_rc rc, const char *en, const char *zh, ...)
{
  if (err) {
    va_list ap;
    err->rc = rc;
    va_start(ap, zh);
    fill(err->en, sizeof err->en, en, ap);
    va_end(ap);
    va_start(ap, zh);
    fill(err->zh, sizeof err->zh, zh, ap);
    va_end(ap);
  }
  return rc;
}

const char *qf_rc_name(qf_rc rc)
{
  static const char *const names[QF_RC_COUNT] = {"ok",      "no_memory", "range",     "syntax", "io",
                                                 "corrupt", "full",      "not_found", "exists", "denied",
                                                 "busy",    "state",     "partial"};
  return (unsigned)rc < QF_RC_COUNT ? names[rc] : "unknown";
}
