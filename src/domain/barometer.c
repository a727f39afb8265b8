/* See barometer.h. */
#include "domain/barometer.h"

qf_rc qf_barometer_due(qf_dec target, uint32_t gone, uint32_t months, qf_dec *out)
{
  qf_dec part;
  if (gone == 0 || gone > months)
    return QF_RANGE;
  qf_rc rc = qf_dec_mul(target, qf_dec_int(gone, 0), &part);
  if (!rc)
    rc = qf_dec_div(part, qf_dec_int(months, 0), 6, out);
  if (!rc)
    *out = qf_dec_trim(*out);
  return rc;
}

qf_rc qf_barometer_level(qf_dec value, qf_dec due, bool up, qf_dec band, int *level, qf_dec *shortfall)
{
  const qf_dec nothing = qf_dec_int(0, 0);
  qf_dec away, wide, scaled, size = due;
  if (qf_dec_cmp(due, nothing) < 0)
    size.mant = -size.mant;
  qf_rc rc = up ? qf_dec_sub(due, value, &away) : qf_dec_sub(value, due, &away);
  if (rc)
    return rc;
  if (size.mant == 0) {
    *shortfall = nothing;
    *level = 3;
    return qf_dec_cmp(away, nothing) > 0 ? QF_RANGE : QF_OK;
  }
  rc = qf_dec_mul(away, qf_dec_int(100, 0), &scaled);
  if (!rc)
    rc = qf_dec_mul(band, size, &wide);
  if (!rc)
    rc = qf_dec_div(scaled, size, 2, shortfall);
  if (rc)
    return rc;
  *shortfall = qf_dec_trim(*shortfall);
  *level = qf_dec_cmp(away, nothing) <= 0 ? 3 : qf_dec_cmp(scaled, wide) <= 0 ? 2 : 1;
  return QF_OK;
}
