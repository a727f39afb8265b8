/* What strangers send to the filing routes, up to the book: JSON bodies as rows and sheets, tables, flows, choices, file kinds. The
 * first byte picks. Laws: a difference of a thing with itself is empty; a refused file's CSV has no cell that is a formula. */
#include "filing/evidence.h"
#include "filing/import.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
  if (!ok)
    abort();
}

static const qf_form form = {.type = "t",
                             .area = "a",
                             .zh = "",
                             .en = "",
                             .due = "",
                             .owes = "",
                             .join = ".@",
                             .api = "",
                             .sheet = {"subject", "month"},
                             .key = {"subject", "month", "code"},
                             .nsheet = 2,
                             .nkey = 3,
                             .col = {"subject", "month", "code", "value"},
                             .col_type = {"VARCHAR", "INTEGER", "VARCHAR", "DECIMAL(18,3)"},
                             .ncols = 4};

static void rows(const char *s, size_t n)
{
  char id[520], key[440];
  qf_err err = {0};
  json_t *j = json_loadb(s, n, JSON_REJECT_DUPLICATES, NULL), *row;
  size_t i;
  if (!j)
    return;
  json_t *same = qf_rows_diff(&form, j, j), *all = qf_rows_diff(&form, NULL, j);
  must(json_array_size(same) == 0);
  json_decref(same);
  json_decref(all);
  json_array_foreach(j, i, row)
  {
    qf_form_row_key(&form, row, key, sizeof key);
    must(strlen(key) < sizeof key);
    if (qf_form_row_id(&form, row, id, sizeof id, &err) == QF_OK)
      must(strlen(id) <= 440);
    json_t *sheet = qf_sheet_of(&form, row, &err);
    if (sheet && qf_filing_id(&form, sheet, id, sizeof id, &err) == QF_OK)
      must(strlen(id) <= 512 && !strchr(id, '/'));
    json_decref(sheet);
  }
  json_decref(j);
}

static void table(const char *s, size_t n, bool xlsx)
{
  qf_table t;
  qf_err err = {0};
  if (qf_table_read(s, n, xlsx, &t, &err)) {
    must(err.en[0] && err.zh[0]);
    return;
  }
  for (uint32_t r = 0; r < t.nrows; r++)
    for (uint32_t c = 0; c < t.ncols; c++) {
      qf_buf b;
      char *end;
      qf_buf_init(&b, 1u << 22);
      qf_csv_cell(&b, qf_table_cell(&t, r, c));
      const char *cell = b.len ? b.data + (b.data[0] == '"') : "";
      if (*cell && strchr("=@\t\r", *cell))
        abort();
      if (*cell == '+' || *cell == '-') { /* only a number may begin so */
        (void)strtod(qf_table_cell(&t, r, c), &end);
        must(*end == 0);
      }
      qf_buf_fini(&b);
    }
  qf_table_fini(&t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size == 0)
    return 0;
  const char *s = (const char *)data + 1;
  size_t n = size - 1;
  qf_flow flow;
  qf_err err = {0};
  int32_t day;
  char *text = strndup(s, n);
  must(text != NULL);
  switch (data[0] % 6) {
  case 0:
    if (qf_flow_parse("f", s, n, &flow, &err) == QF_OK)
      must(flow.initial < flow.nstates && flow.nsteps <= QF_FLOW_STEPS_MAX);
    else
      must(err.en[0] && err.zh[0]);
    break;
  case 1:
    rows(s, n);
    break;
  case 2:
    json_decref(qf_choices(text, "code"));
    break;
  case 3:
    table(s, n, false);
    break;
  case 4:
    (void)qf_evidence_type(s, n, "a.csv");
    break;
  default:
    if (qf_due_day(text, 24312, NULL, &day))
      must(day > 0);
  }
  free(text);
  return 0;
}
