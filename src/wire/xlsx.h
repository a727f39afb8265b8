/* XLSX (ECMA-376 SpreadsheetML in a ZIP) as rows of texts: the first sheet of the workbook. Hardened for files of strangers: at most
 * 1,000 entries, 100 MB unpacked, no entry that unpacks to more than 100 times its size (beyond 1 MB), no document type and hence no
 * entities, no links followed; names of entries are only compared, never used. Formulas are not computed: the value that was saved
 * with them counts. Pure (bytes in, rows out); any thread.
 *
 * What is read:
 *   [Content_Types].xml   not needed
 *   xl/workbook.xml       order of the sheets (r:id of the first), date1904
 *   xl/_rels/workbook.xml.rels  r:id -> part
 *   xl/sharedStrings.xml  <si><t>, rich runs joined, phonetic runs left out
 *   xl/styles.xml         which cell formats are dates (built-in 14-22, 27-36, 45-47, 50-58, or a code with y m d h s)
 *   xl/worksheets/...xml <row r><c r t s><v>, <is><t> */
#ifndef QF_WIRE_XLSX_H
#define QF_WIRE_XLSX_H
#include "base/buf.h"

#define QF_XLSX_COLUMNS_MAX 256u
#define QF_XLSX_ROWS_MAX 1048576u

/* One row: its number from 1, its cells up to the last that is not empty ("" for none). Numbers come as the shortest plain decimal
 * that means the same double ("0.1", "12000000"), dates as 2026-03-01 or 2026-03-01 08:30:00, booleans as true / false, errors
 * (#DIV/0!) as they are. Borrowed during the call. false stops. */
typedef bool qf_xlsx_row(void *ud, uint32_t row, const char *const *cells, uint32_t n);

/* Errors: QF_SYNTAX no ZIP, no workbook, XML that is not well formed, a document type; QF_RANGE over a limit; QF_NOMEM. Rows handed
 * over before an error have been seen by fn. */
QF_MUST qf_rc qf_xlsx_read(const void *bytes, size_t n, qf_xlsx_row *fn, void *ud, qf_err *err);
#endif
