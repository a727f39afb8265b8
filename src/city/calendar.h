/* The calendar of a city: packs/city/data/calendar.csv, by which the meter tells like days. */
#ifndef QF_CITY_CALENDAR_H
#define QF_CITY_CALENDAR_H
#include "meter/meter.h"

/* Read it and give it to the meter; a folder of packs without one means the plain week.
 * Errors: QF_IO, those of qf_calendar_parse. Call before the meter's state is loaded. */
QF_MUST qf_rc qf_city_calendar(const char *packs_dir, qf_meter *m, qf_err *err);
#endif
