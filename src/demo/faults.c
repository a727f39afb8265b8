/* What is wrong on purpose, so that validation has something to show. All deterministic, few, and at level 3 (equipment,
 * no account) wherever a fault could disturb a total:
 *
 *   rollover  a level-2 water register passes 10^digits on the 5th day of metering (rule V08a; amounts stay right)
 *   gap       two equipment meters send nothing for 3 h on day 6 and for 9 h on day 8 of metering (V13; registers bridge)
 *   frozen    a transmitter repeats one register value for 26 h from day 4 on, then catches up (V12)
 *   stuck     a temperature shows one value for a day, from day 7 on (V12)
 *   spike     one register reading far too high at noon of day 3 (V09)
 *   exchange  a level-2 register is exchanged, and the exchange is declared, at 10:00 of day 9 (V08b)
 *   silent    a meter sends nothing in the last 30 h of history and stays silent (alarm "silent")
 *
 * Days count from the begin of metering; a demonstration shorter than that does not meet them. */
#include "demo/plant.h"
#include <string.h>

static const struct {
  const char *unit, *en;
  uint8_t fault;
  const char *words;
} plan[] = {
    {"u001", "Coking: fresh water, consumption", FAULT_ROLLOVER, "rollover of the register"},
    {"u001", "Sinter cooler fan 2: electricity", FAULT_GAP, "gaps in transmission"},
    {"u001", "No.2 blast-furnace casthouse dedusting: electricity", FAULT_GAP, "gaps in transmission"},
    {"u001", "Coal crusher: electricity", FAULT_FROZEN, "transmitter frozen for 26 hours"},
    {"u001", "Battery 2 flue temperature", FAULT_STUCK, "sensor stuck for a day"},
    {"u001", "Descaling pumps: electricity", FAULT_SPIKE, "one reading far too high"},
    {"u001", "Pelletising: electricity, consumption", FAULT_EXCHANGE, "meter exchanged, declared"},
    {"u001", "Maintenance shops: electricity", FAULT_SILENT, "silent since 30 hours before the end of history"},
};

static qf_us at(const qf_demo *m, int day, int hour)
{
  return m->meter_us + day * QF_US_DAY + hour * QF_US_HOUR;
}

qf_us demo_exchange_us(const qf_demo *m)
{
  return at(m, 9, 10);
}

void demo_faults_assign(qf_demo *m)
{
  for (size_t k = 0; k < sizeof plan / sizeof *plan; k++)
    for (uint32_t i = 0; i < m->npoints; i++) {
      demo_point *p = &m->points[i];
      if (strcmp(demo_plants[p->plant]->unit, plan[k].unit) != 0 || strcmp(p->name_en, plan[k].en) != 0)
        continue;
      p->fault = plan[k].fault;
      p->pub.fault = plan[k].words;
      if (p->fault == FAULT_ROLLOVER) { /* five mean days below the modulus */
        double day = (double)p->base * 96 / (double)(m->q - m->start_us / QF_US_QUARTER);
        p->offset = p->modulus - (int64_t)(day * 5 / (double)p->lsb_u);
      }
    }
}

bool demo_fault_skips(const qf_demo *m, const demo_point *p, qf_us t)
{
  if (p->fault == FAULT_GAP)
    return (t > at(m, 6, 9) && t < at(m, 6, 12)) || (t > at(m, 8, 20) && t < at(m, 9, 5));
  if (p->fault == FAULT_SILENT)
    return t > m->now_us - 30 * QF_US_HOUR;
  return false;
}

qf_us demo_fault_time(const qf_demo *m, const demo_point *p, qf_us t)
{
  if (p->fault == FAULT_FROZEN && t > at(m, 4, 6) && t <= at(m, 5, 8))
    return at(m, 4, 6);
  if (p->fault == FAULT_STUCK && t > at(m, 7, 0) && t <= at(m, 8, 0))
    return at(m, 7, 0);
  return t;
}
