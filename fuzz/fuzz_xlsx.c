/* XLSX: whatever the bytes, rows grow, stay within the limits and hold whole texts. */
#include "wire/xlsx.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool on_row(void *ud, uint32_t row, const char *const *cells, uint32_t n)
{
  uint32_t *last = ud;
  size_t total = 0;
  if (row <= *last || n == 0 || n > QF_XLSX_COLUMNS_MAX || row > QF_XLSX_ROWS_MAX)
    abort();
  for (uint32_t i = 0; i < n; i++)
    total += strlen(cells[i]);
  *last = row;
  return total < (64u << 20);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  uint32_t last = 0;
  qf_err err = {0};
  qf_rc rc = qf_xlsx_read(data, size, on_row, &last, &err);
  if (rc && (!err.en[0] || !err.zh[0]))
    abort();
  return 0;
}
