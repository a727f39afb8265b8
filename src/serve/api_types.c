/* Forms over HTTP: what there is to fill in, and an empty table of it. */
#include "filing/import.h"
#include "serve/filing_http.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <xlsxwriter.h>

void qf_h_types(qf_req *r)
{
  const qf_forms *all = qf_filings_forms(r->s->filings);
  bool first = true;
  qf_buf_puts(&r->out, "{\"items\":[");
  for (size_t i = 0; i < qf_forms_count(all); i++) {
    const qf_form *f = qf_forms_at(all, i);
    if (strcmp(f->api, "none") == 0 || qf_people_secret_type(f->type))
      continue;
    qf_buf_puts(&r->out, first ? "" : ",");
    qf_form_json(f, qf_req_actor(r), &r->out);
    first = false;
  }
  qf_buf_puts(&r->out, "]}");
}

const qf_form *qf_req_form(qf_req *r)
{
  qf_err err;
  const qf_form *f = qf_forms_find(qf_filings_forms(r->s->filings), r->arg[0]);
  if (f && strcmp(f->api, "none") != 0 && !qf_people_secret_type(f->type))
    return f;
  (void)qf_fail(&err, QF_NOTFOUND, "no record type %.60s", "无此记录类型 %.60s", r->arg[0]);
  qf_req_fail(r, 404, QF_NOTFOUND, &err);
  return NULL;
}

void qf_h_type(qf_req *r)
{
  const qf_form *f = qf_req_form(r);
  if (f)
    qf_form_json(f, qf_req_actor(r), &r->out);
}

/* An empty workbook with one row of headers; the words of the columns in a second sheet. */
static bool template_xlsx(qf_req *r, const qf_form *f, bool zh)
{
  char path[4200], dir[4100], block[16384];
  /* The library's own files on the way lie there as well: the server may not write elsewhere. */
  snprintf(dir, sizeof dir, "%s", qf_city_dir(r->city));
  snprintf(path, sizeof path, "%s/export-%s.xlsx", dir, r->id);
  lxw_workbook *book = workbook_new_opt(path, &(lxw_workbook_options){.tmpdir = dir});
  if (!book)
    return false;
  lxw_worksheet *data = workbook_add_worksheet(book, "data"), *about = workbook_add_worksheet(book, "说明");
  lxw_format *bold = workbook_add_format(book);
  format_set_bold(bold);
  lxw_col_t c = 0;
  if (qf_form_free_id(f))
    worksheet_write_string(data, 0, c++, "id", bold);
  for (uint32_t i = 0; i < f->ncols; i++, c++) {
    const json_t *col = json_array_get(json_object_get(f->desc, "columns"), i);
    const char *unit = json_string_value(json_object_get(col, "unit"));
    worksheet_write_string(data, 0, c, qf_form_title(f, i, zh), bold);
    worksheet_write_string(about, i, 0, f->col[i], NULL);
    worksheet_write_string(about, i, 1, qf_form_title(f, i, true), NULL);
    worksheet_write_string(about, i, 2, qf_form_title(f, i, false), NULL);
    worksheet_write_string(about, i, 3, f->col_type[i], NULL);
    worksheet_write_string(about, i, 4, unit ? unit : "", NULL);
    worksheet_write_string(about, i, 5, json_is_true(json_object_get(col, "required")) ? "必填 / required" : "", NULL);
  }
  bool ok = workbook_close(book) == LXW_NO_ERROR;
  FILE *in = ok ? fopen(path, "rb") : NULL;
  for (size_t n; in && (n = fread(block, 1, sizeof block, in)) > 0;)
    qf_buf_put(&r->out, block, n);
  if (in)
    fclose(in);
  unlink(path);
  r->type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
  return ok && in;
}

void qf_h_template(qf_req *r)
{
  const qf_form *f = qf_req_form(r);
  const char *format = qf_req_query(r, "format"), *lang = qf_req_query(r, "lang");
  bool zh = !lang || strcmp(lang, "en") != 0, xlsx = format && strcmp(format, "xlsx") == 0;
  if (!f)
    return;
  if (xlsx) {
    if (!template_xlsx(r, f, zh)) {
      qf_req_fail(r, 500, QF_IO, NULL);
      return;
    }
  } else {
    qf_buf_puts(&r->out, "\xEF\xBB\xBF");
    if (qf_form_free_id(f))
      qf_buf_puts(&r->out, "id,");
    for (uint32_t i = 0; i < f->ncols; i++) {
      qf_buf_puts(&r->out, i ? "," : "");
      qf_csv_cell(&r->out, qf_form_title(f, i, zh));
    }
    qf_buf_puts(&r->out, "\r\n");
    r->type = "text/csv; charset=utf-8";
  }
  snprintf(r->disposition, sizeof r->disposition, "attachment; filename=\"%.60s.%s\"", f->type, xlsx ? "xlsx" : "csv");
}
