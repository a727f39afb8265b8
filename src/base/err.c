#include "base/err.h"
#include <stdarg.h>
#include <stdio.h>

static void fill(char *out, size_t size, const char *fmt, va_list ap)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  vsnprintf(out, size, fmt, ap); /* en is checked at the call by the attribute; zh takes the same arguments */
#pragma GCC diagnostic pop
}

qf_rc qf_fail(qf_err *err, qf_rc rc, const char *en, const char *zh, ...)
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
  static const char *const names[QF_RC_COUNT] = {"ok",        "no_memory", "range",  "syntax", "io",    "corrupt", "full",
                                                 "not_found", "exists",    "denied", "busy",   "state", "partial"};
  return (unsigned)rc < QF_RC_COUNT ? names[rc] : "unknown";
}
