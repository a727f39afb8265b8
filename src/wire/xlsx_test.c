/* XLSX: small workbooks written here part by part, and the bombs and tricks of docs/security.md S7. Expected texts are what was put in. */
#include "wire/xlsx.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zip.h>

#include <cmocka.h>

#define BOOK                                                                                                           \
  "<workbook xmlns=\"m\" xmlns:r=\"r\"><sheets><sheet name=\"a\" sheetId=\"1\" r:id=\"rId7\"/></sheets></workbook>"
#define RELS                                                                                                           \
  "<Relationships><Relationship Id=\"rId1\" Target=\"other.xml\"/><Relationship Id=\"rId7\" "                          \
  "Target=\"worksheets/one.xml\"/></Relationships>"

typedef struct parts {
  const char *name[8], *text[8];
  size_t len[8];
  size_t n;
} parts;

static void add(parts *p, const char *name, const char *text, size_t len)
{
  p->name[p->n] = name;
  p->text[p->n] = text;
  p->len[p->n++] = len ? len : strlen(text);
}

/* The workbook's bytes; freed by the caller. extra: further empty entries. */
static char *pack(const parts *p, int extra, size_t *len)
{
  char path[] = "/tmp/qf-xlsx-XXXXXX", name[32];
  int fd = mkstemp(path), e;
  assert_true(fd >= 0);
  close(fd);
  zip_t *z = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &e);
  assert_non_null(z);
  for (size_t i = 0; i < p->n; i++)
    assert_true(zip_file_add(z, p->name[i], zip_source_buffer(z, p->text[i], p->len[i], 0), 0) >= 0);
  for (int i = 0; i < extra; i++) {
    snprintf(name, sizeof name, "x%d", i);
    assert_true(zip_file_add(z, name, zip_source_buffer(z, "", 0, 0), 0) >= 0);
  }
  assert_int_equal(zip_close(z), 0);
  FILE *f = fopen(path, "rb");
  assert_non_null(f);
  fseek(f, 0, SEEK_END);
  *len = (size_t)ftell(f);
  rewind(f);
  char *bytes = malloc(*len);
  assert_non_null(bytes);
  assert_int_equal(fread(bytes, 1, *len, f), *len);
  fclose(f);
  unlink(path);
  return bytes;
}

static bool on_row(void *ud, uint32_t row, const char *const *cells, uint32_t n)
{
  qf_buf *b = ud;
  qf_buf_printf(b, "%u:", row);
  for (uint32_t i = 0; i < n; i++)
    qf_buf_printf(b, "%s|", cells[i]);
  return true;
}

static qf_rc read_it(const parts *p, int extra, qf_buf *out, qf_err *err)
{
  size_t n;
  char *bytes = pack(p, extra, &n);
  qf_buf_init(out, 1u << 20);
  qf_rc rc = qf_xlsx_read(bytes, n, on_row, out, err);
  free(bytes);
  return rc;
}

static parts start(void)
{
  parts p = {.n = 0};
  add(&p, "xl/workbook.xml", BOOK, 0);
  add(&p, "xl/_rels/workbook.xml.rels", RELS, 0);
  return p;
}

static void kinds_of_cells(void **state)
{
  (void)state;
  parts p = start();
  qf_buf out;
  qf_err err = {0};
  add(&p, "xl/sharedStrings.xml",
      "<sst><si><t>名称</t></si><si><r><t>a</t></r><r><t>b</t></r><rPh><t>ph</t></rPh></si></sst>", 0);
  add(&p, "xl/styles.xml",
      "<styleSheet><numFmts><numFmt numFmtId=\"170\" formatCode=\"yyyy&quot;年&quot;m\"/><numFmt numFmtId=\"171\" "
      "formatCode=\"#,##0&quot;d&quot;\"/></numFmts><cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs><cellXfs><xf "
      "numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"170\"/><xf numFmtId=\"171\"/></cellXfs></styleSheet>",
      0);
  /* 46082 is 2026-03-01 (45658 is 2025-01-01); 60 is Excel's 29 February that never was; .75 of a day is 18:00 */
  add(&p, "xl/worksheets/one.xml",
      "<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"C1\" t=\"s\"><v>1</v></c></row>"
      "<row r=\"3\"><c t=\"inlineStr\"><is><t>x &amp; y</t></is></c><c><v>0.1</v></c><c><v>12000000</v></c><c "
      "s=\"1\"><v>46082</v></c>"
      "<c s=\"2\"><v>46082.75</v></c><c s=\"3\"><v>5</v></c><c t=\"b\"><v>1</v></c><c t=\"e\"><v>#DIV/0!</v></c>"
      "<c><f>1+1</f><v>2</v></c><c s=\"1\"><v>1</v></c><c t=\"s\"><v>9</v></c></row><row r=\"4\"><c "
      "r=\"B4\"/></row></sheetData></worksheet>",
      0);
  assert_int_equal(read_it(&p, 0, &out, &err), QF_OK);
  assert_string_equal(out.data,
                      "1:名称||ab|3:x & y|0.1|12000000|2026-03-01|2026-03-01 18:00:00|5|true|#DIV/0!|2|1900-01-01|");
  qf_buf_fini(&out);
}

static void bad_files(void **state)
{
  (void)state;
  qf_buf out;
  qf_err err = {0};
  qf_buf_init(&out, 1000);
  assert_int_equal(qf_xlsx_read("hello", 5, on_row, &out, &err), QF_SYNTAX);
  qf_buf_fini(&out);
  parts none = {.n = 0};
  add(&none, "a.txt", "x", 0);
  assert_int_equal(read_it(&none, 0, &out, &err), QF_SYNTAX);
  qf_buf_fini(&out);
  static const struct {
    const char *sheet;
    qf_rc rc;
  } bad[] = {
      {"<worksheet><sheetData><row r=\"1\">", QF_SYNTAX},
      {"<!DOCTYPE w [<!ENTITY a \"1234567890\"><!ENTITY b "
       "\"&a;&a;&a;&a;&a;&a;\">]><worksheet><c><v>&b;</v></c></worksheet>",
       QF_SYNTAX},
      {"<!DOCTYPE w SYSTEM \"http://127.0.0.1/x\"><worksheet/>", QF_SYNTAX},
      {"<worksheet><row r=\"5\"/><row r=\"5\"/></worksheet>", QF_RANGE},
      {"<worksheet><row r=\"9999999\"/></worksheet>", QF_RANGE},
      {"<worksheet><row r=\"1\"><c r=\"ZZ1\"><v>1</v></c></row></worksheet>", QF_RANGE},
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    parts p = start();
    add(&p, "xl/worksheets/one.xml", bad[i].sheet, 0);
    assert_int_equal(read_it(&p, 0, &out, &err), bad[i].rc);
    assert_int_equal(out.len, 0);
    qf_buf_fini(&out);
  }
}

static void bombs(void **state)
{
  (void)state;
  qf_buf out;
  qf_err err = {0};
  size_t n = 8u << 20; /* eight million blanks shrink a thousandfold */
  char *blanks = malloc(n);
  assert_non_null(blanks);
  memset(blanks, ' ', n);
  memcpy(blanks, "<worksheet>", 11);
  memcpy(blanks + n - 12, "</worksheet>", 12);
  parts p = start();
  add(&p, "xl/worksheets/one.xml", blanks, n);
  assert_int_equal(read_it(&p, 0, &out, &err), QF_RANGE);
  qf_buf_fini(&out);
  free(blanks);
  parts q = start();
  add(&q, "xl/worksheets/one.xml", "<worksheet/>", 0);
  assert_int_equal(read_it(&q, 990, &out, &err), QF_OK);
  qf_buf_fini(&out);
  assert_int_equal(read_it(&q, 1000, &out, &err), QF_RANGE);
  qf_buf_fini(&out);
}

/* Names that lead outside and entries that are links are never opened as files: they are just not the parts looked for. */
static void names_are_ignored(void **state)
{
  (void)state;
  qf_buf out;
  qf_err err = {0};
  parts p = {.n = 0};
  add(&p, "../../etc/passwd", "x", 0);
  add(&p, "xl/workbook.xml", BOOK, 0);
  add(&p, "xl/_rels/workbook.xml.rels",
      "<Relationships><Relationship Id=\"rId7\" Target=\"../../etc/passwd\"/></Relationships>", 0);
  assert_int_equal(read_it(&p, 0, &out, &err), QF_SYNTAX);
  qf_buf_fini(&out);
  parts q = {.n = 0};
  add(&q, "xl/workbook.xml", BOOK, 0);
  add(&q, "xl/_rels/workbook.xml.rels",
      "<Relationships><Relationship Id=\"rId7\" Target=\"file:///etc/passwd\" "
      "TargetMode=\"External\"/></Relationships>",
      0);
  assert_int_equal(read_it(&q, 0, &out, &err), QF_SYNTAX);
  qf_buf_fini(&out);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(kinds_of_cells), cmocka_unit_test(bad_files),
                                     cmocka_unit_test(bombs), cmocka_unit_test(names_are_ignored)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
