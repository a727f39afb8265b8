#include "city/calendar.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define CALENDAR_MAX ((size_t)4 << 20)

qf_rc qf_city_calendar(const char *packs_dir, qf_meter *m, qf_err *err)
{
  char path[4400], block[8192];
  qf_calendar *cal = NULL;
  qf_buf text;
  qf_err why = {0};
  snprintf(path, sizeof path, "%s/city/data/calendar.csv", packs_dir);
  FILE *f = fopen(path, "rb");
  if (!f && errno == ENOENT)
    return QF_OK;
  if (!f)
    return qf_fail(err, QF_IO, "%.180s: %s", "%.180s：%s", path, strerror(errno));
  qf_buf_init(&text, CALENDAR_MAX);
  for (size_t n; (n = fread(block, 1, sizeof block, f)) > 0;)
    qf_buf_put(&text, block, n);
  qf_rc rc = ferror(f) || text.failed ? QF_IO : QF_OK;
  fclose(f);
  if (rc)
    rc = qf_fail(err, rc, "%.180s: cannot be read", "%.180s：无法读取", path);
  else if ((rc = qf_calendar_parse(text.data ? text.data : "", text.len, &cal, &why)))
    rc = qf_fail(err, rc, "%.100s: %.130s%.0s", "%.100s：%.0s%.130s", path, why.en, why.zh);
  else
    qf_meter_calendar(m, cal);
  qf_buf_fini(&text);
  return rc;
}
