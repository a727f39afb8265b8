#include "figure/internal.h"
#include <math.h>
#include <string.h>

void qf_put_dec(qf_buf *out, qf_dec d)
{
  qf_dec_write(out, qf_dec_trim(d));
}

void qf_put_text(qf_buf *out, const char *s)
{
  if (s)
    qf_buf_json(out, s, strlen(s));
  else
    qf_buf_puts(out, "null");
}

void qf_put_pair(qf_buf *out, const char *zh, const char *en)
{
  qf_buf_puts(out, "{\"zh\":");
  qf_put_text(out, zh ? zh : "");
  qf_buf_puts(out, ",\"en\":");
  qf_put_text(out, en ? en : "");
  qf_buf_putc(out, '}');
}

void qf_put_display(const qf_indicator *ind, qf_buf *out)
{
  if (!*ind->factor_zh && !*ind->factor_en)
    return;
  qf_buf_puts(out, ",\"display\":{\"zh\":{\"unit\":");
  qf_put_text(out, *ind->factor_zh ? ind->display_zh : ind->unit);
  qf_buf_printf(out, ",\"factor\":%s},\"en\":{\"unit\":", *ind->factor_zh ? ind->factor_zh : "1");
  qf_put_text(out, *ind->factor_en ? ind->display_en : ind->unit);
  qf_buf_printf(out, ",\"factor\":%s}}", *ind->factor_en ? ind->factor_en : "1");
}

/* cos phi = P / sqrt(P^2 + Q^2). A root is not a decimal: 64 bits of mantissa decide the `digits` shown, which is far beyond
 * what any meter's class supports. */
bool qf_power_factor(qf_dec p, qf_dec q, int digits, qf_dec *out)
{
  long double a = (long double)p.mant / powl(10.0L, (long double)p.scale),
              b = (long double)q.mant / powl(10.0L, (long double)q.scale);
  long double s = sqrtl(a * a + b * b);
  if (!(s > 0))
    return false;
  *out = qf_dec_int((int64_t)rintl(a / s * powl(10.0L, (long double)digits)), digits);
  return true;
}
