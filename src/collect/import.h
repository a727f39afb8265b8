/* Import of reading files by a map (docs/formats/readings-map.md). Every row is accounted for: taken, flagged, or
 * refused with line and reason. The same file again changes nothing: readings already known are recognised by the meter
 * and the store. */
#ifndef QF_COLLECT_IMPORT_H
#define QF_COLLECT_IMPORT_H
#include "city/city.h"
#include "wire/map.h"

typedef void qf_import_progress(void *ud, uint64_t rows, double share);
/* Read file by map into the city, wait until it is durable and accounted. Appends a JSON report to out:
 * {"file","rows","taken","readings","flagged","refused","errors":[{"line","column","found","expected_zh","expected"}...up
 * to 200]}. Errors: those of the map (QF_SYNTAX, line named), of the file (QF_IO), of the city; refused rows are in the
 * report. */
QF_MUST qf_rc qf_import_readings(qf_city *c, const char *map_path, const char *file_path, qf_import_progress *progress,
                                 void *ud, qf_buf *out, qf_err *err);

typedef struct qf_import_text {
  const char *name; /* stands in the report as "file" */
  const char *bytes;
  size_t len;
} qf_import_text;
/* The same of a table in memory. *stats: rows and readings. */
QF_MUST qf_rc qf_import_bytes(qf_city *c, const char *map_path, const qf_import_text *t, qf_map_stats *stats,
                              qf_buf *out, qf_err *err);
#endif
