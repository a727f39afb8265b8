#include "domain/units.h"

qf_kgce qf_kgce_of_gj(qf_gj h)
{
  return (qf_kgce){h.gj * 1e6 / 29307.6};
}
double qf_tce(qf_kgce e)
{
  return e.kgce / 1000.0;
}
