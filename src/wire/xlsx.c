#include "wire/xlsx.h"
#include "base/dec.h"
#include "base/tm.h"
#include <expat.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

#define ENTRIES_MAX 1000
#define UNPACKED_MAX ((uint64_t)100 << 20)
#define RATIO_MAX 100u
#define RATIO_FROM ((uint64_t)1 << 20) /* small parts may shrink well: an empty sheet is not a bomb */
#define STRINGS_MAX 1048576u
#define CELL_MAX 32768u /* a cell's characters, as in Excel (32,767) */
#define FORMATS_MAX 65536u

typedef struct book {
  zip_t *zip;
  uint64_t unpacked;
  qf_err *err;
  qf_rc rc;
  XML_Parser parser; /* of the part that is read */
  bool date1904;
  char sheet_id[64], sheet[256];
  qf_buf strings; /* shared strings, NUL after each */
  size_t *string_at;
  uint32_t nstrings, strings_cap;
  bool *is_date; /* per cell format */
  uint32_t nformats;
  struct {
    uint32_t id;
    bool date;
  } custom[512];
  uint32_t ncustom;

  /* state of the part being read */
  qf_buf text;  /* characters of the element of interest */
  bool keep;    /* are characters kept? */
  int phonetic; /* depth inside <rPh> */
  bool in_xfs, in_item;
  /* sheet */
  qf_xlsx_row *fn;
  void *ud;
  bool stopped;
  uint32_t row, column, width;
  char type[16];
  uint32_t style;
  qf_buf cells; /* this row's texts, NUL after each */
  size_t cell_at[QF_XLSX_COLUMNS_MAX];
  uint32_t used; /* cells of this row */
} book;

static void stop(book *b, qf_rc rc, const char *en, const char *zh)
{
  if (!b->rc) {
    b->rc = qf_fail(b->err, rc, "XLSX: %s", "XLSX：%s", en);
    if (b->err)
      snprintf(b->err->zh, sizeof b->err->zh, "XLSX：%s", zh);
  }
  if (b->parser)
    XML_StopParser(b->parser, XML_FALSE);
}

/* ---- XML */

static const char *local(const char *name)
{
  const char *colon = strrchr(name, ':');
  return colon ? colon + 1 : name;
}

static const char *attr(const char **a, const char *name)
{
  for (; a && a[0]; a += 2)
    if (strcmp(local(a[0]), name) == 0)
      return a[1];
  return NULL;
}

/* r:id, not id: both may stand on one element. */
static const char *relation(const char **a)
{
  for (; a && a[0]; a += 2)
    if (strchr(a[0], ':') && strcmp(local(a[0]), "id") == 0)
      return a[1];
  return NULL;
}

static void on_doctype(void *ud, const char *name, const char *sys, const char *pub, int internal)
{
  (void)name;
  (void)sys;
  (void)pub;
  (void)internal;
  stop(ud, QF_SYNTAX, "a document type is not allowed", "不允许文档类型声明");
}

static void on_text(void *ud, const char *s, int n)
{
  book *b = ud;
  if (!b->keep || b->phonetic || n <= 0)
    return;
  if (b->text.len + (size_t)n > (size_t)CELL_MAX * 4)
    stop(b, QF_RANGE, "a cell is too long", "单元格过长");
  else
    qf_buf_put(&b->text, s, (size_t)n);
}

static zip_int64_t find_part(book *b, const char *name)
{
  return zip_name_locate(b->zip, name, ZIP_FL_NOCASE);
}

/* Feed one part to the parser in pieces, counting what comes out of the packing, whatever its header claims. */
static void read_part(book *b, zip_int64_t index, XML_StartElementHandler start, XML_EndElementHandler end)
{
  zip_stat_t st;
  zip_file_t *f = zip_fopen_index(b->zip, (zip_uint64_t)index, 0);
  XML_Parser p = XML_ParserCreate(NULL);
  if (!f || !p || zip_stat_index(b->zip, (zip_uint64_t)index, 0, &st) != 0) {
    stop(b, QF_SYNTAX, "a part cannot be unpacked", "有部件无法解压");
  } else {
    uint64_t out = 0, packed = st.valid & ZIP_STAT_COMP_SIZE ? st.comp_size : 0;
    XML_SetUserData(p, b);
    XML_SetElementHandler(p, start, end);
    XML_SetCharacterDataHandler(p, on_text);
    XML_SetStartDoctypeDeclHandler(p, on_doctype);
    b->parser = p;
    b->keep = false;
    b->phonetic = 0;
    for (bool last = false; !last && !b->rc && !b->stopped;) {
      char block[16384];
      zip_int64_t n = zip_fread(f, block, sizeof block);
      last = n <= 0;
      out += n > 0 ? (uint64_t)n : 0;
      b->unpacked += n > 0 ? (uint64_t)n : 0;
      if (n < 0)
        stop(b, QF_SYNTAX, "a part cannot be unpacked", "有部件无法解压");
      else if (b->unpacked > UNPACKED_MAX || (out > RATIO_FROM && out / RATIO_MAX > packed))
        stop(b, QF_RANGE, "unpacks to more than is allowed", "解压后超过允许的大小");
      else if (XML_Parse(p, block, (int)n, last) != XML_STATUS_OK && !b->rc && !b->stopped)
        stop(b, QF_SYNTAX, "the XML is not well formed", "XML 格式不正确");
    }
    b->parser = NULL;
  }
  if (p)
    XML_ParserFree(p);
  if (f)
    zip_fclose(f);
}

/* ---- workbook and its relations */

static void book_start(void *ud, const char *name, const char **a)
{
  book *b = ud;
  const char *id = relation(a), *d = attr(a, "date1904");
  if (strcmp(local(name), "sheet") == 0 && id && !b->sheet_id[0])
    snprintf(b->sheet_id, sizeof b->sheet_id, "%s", id);
  if (strcmp(local(name), "workbookPr") == 0 && d)
    b->date1904 = strcmp(d, "1") == 0 || strcmp(d, "true") == 0;
}

static void no_end(void *ud, const char *name)
{
  (void)ud;
  (void)name;
}

static void rels_start(void *ud, const char *name, const char **a)
{
  book *b = ud;
  const char *id = attr(a, "Id"), *target = attr(a, "Target"), *mode = attr(a, "TargetMode");
  if (strcmp(local(name), "Relationship") != 0 || !id || !target || strcmp(id, b->sheet_id) != 0 || mode)
    return;
  if (target[0] == '/')
    snprintf(b->sheet, sizeof b->sheet, "%s", target + 1);
  else
    snprintf(b->sheet, sizeof b->sheet, "xl/%s", target);
}

/* ---- shared strings */

static void strings_start(void *ud, const char *name, const char **a)
{
  book *b = ud;
  (void)a;
  if (strcmp(local(name), "si") == 0) {
    qf_buf_reset(&b->text);
    b->in_item = true;
  } else if (strcmp(local(name), "rPh") == 0) {
    b->phonetic++;
  } else if (strcmp(local(name), "t") == 0) {
    b->keep = b->in_item;
  }
}

static void strings_end(void *ud, const char *name)
{
  book *b = ud;
  if (strcmp(local(name), "t") == 0)
    b->keep = false;
  else if (strcmp(local(name), "rPh") == 0)
    b->phonetic -= b->phonetic > 0;
  if (strcmp(local(name), "si") != 0)
    return;
  b->in_item = false;
  if (b->nstrings == b->strings_cap) {
    uint32_t cap = b->strings_cap ? b->strings_cap * 2 : 1024;
    size_t *p = cap <= STRINGS_MAX * 2 ? realloc(b->string_at, cap * sizeof *p) : NULL;
    if (!p) {
      stop(b, QF_NOMEM, "too many texts", "文本过多");
      return;
    }
    b->string_at = p;
    b->strings_cap = cap;
  }
  b->string_at[b->nstrings++] = b->strings.len;
  qf_buf_put(&b->strings, b->text.data, b->text.len);
  qf_buf_putc(&b->strings, 0);
}

/* ---- styles */

static bool builtin_date(uint32_t id)
{
  return (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58);
}

/* A format code with y, m, d, h or s outside quotes, brackets and escapes. "General" has none of y d h s ... but an `l`, and `e`. */
static bool date_code(const char *s)
{
  if (strcmp(s, "General") == 0)
    return false;
  for (; *s; s++) {
    if (*s == '"' || *s == '[') {
      char shut = *s == '"' ? '"' : ']';
      s++;
      while (*s && *s != shut)
        s++;
      if (!*s)
        return false;
    } else if ((*s == '\\' || *s == '_' || *s == '*') && s[1]) {
      s++;
    } else if (strchr("yYmMdDhHsS", *s)) {
      return true;
    }
  }
  return false;
}

static void styles_start(void *ud, const char *name, const char **a)
{
  book *b = ud;
  const char *id = attr(a, "numFmtId"), *code = attr(a, "formatCode");
  uint32_t n = id ? (uint32_t)strtoul(id, NULL, 10) : 0;
  if (strcmp(local(name), "cellXfs") == 0)
    b->in_xfs = true;
  if (strcmp(local(name), "numFmt") == 0 && id && code && b->ncustom < 512) {
    b->custom[b->ncustom].id = n;
    b->custom[b->ncustom++].date = date_code(code);
  }
  if (strcmp(local(name), "xf") != 0 || !b->in_xfs || b->nformats == FORMATS_MAX)
    return;
  bool date = builtin_date(n);
  for (uint32_t i = 0; i < b->ncustom; i++)
    if (b->custom[i].id == n)
      date = b->custom[i].date;
  if ((b->nformats & 255) == 0) {
    bool *p = realloc(b->is_date, b->nformats + 256);
    if (!p) {
      stop(b, QF_NOMEM, "out of memory", "内存不足");
      return;
    }
    b->is_date = p;
  }
  b->is_date[b->nformats++] = date;
}

static void styles_end(void *ud, const char *name)
{
  book *b = ud;
  if (strcmp(local(name), "cellXfs") == 0)
    b->in_xfs = false;
}

/* ---- the sheet */

/* "AB12" -> column 27 (from 0); UINT32_MAX when it is no reference. */
static uint32_t column_of(const char *ref)
{
  uint32_t c = 0;
  const char *s = ref;
  for (; *s >= 'A' && *s <= 'Z' && c < 100000; s++)
    c = c * 26 + (uint32_t)(*s - 'A' + 1);
  return s > ref && c > 0 && c < 100000 ? c - 1 : UINT32_MAX;
}

/* Serial day of Excel: day 1 is 1900-01-01 and 1900-02-29, which never was, is day 60; days from 61 are counted from 1899-12-30. */
static void put_date(book *b, double serial)
{
  double whole = floor(serial + 1e-9);
  int32_t base = b->date1904 ? qf_days_from_civil(1904, 1, 1) : qf_days_from_civil(1899, 12, 30);
  int32_t day = base + (int32_t)whole + (!b->date1904 && whole < 60);
  int seconds = (int)floor((serial - whole) * 86400 + 0.5);
  if (seconds < 0)
    seconds = 0;
  day += seconds >= 86400;
  seconds %= 86400;
  qf_day_write(&b->cells, day);
  if (seconds)
    qf_buf_printf(&b->cells, " %02d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

static void put_number(book *b, const char *s)
{
  char *end, text[40];
  double d = strtod(s, &end);
  while (*end == ' ')
    end++;
  if (!*s || *end || !isfinite(d)) {
    qf_buf_puts(&b->cells, s);
    return;
  }
  if (b->style < b->nformats && b->is_date[b->style] && d >= 0 && d < 2958466) { /* up to 9999-12-31 */
    put_date(b, d);
    return;
  }
  int digits = 1; /* the fewest digits that mean the same double: what the user typed */
  do
    snprintf(text, sizeof text, "%.*g", digits, d);
  while (digits++ < 17 && strtod(text, NULL) != d);
  qf_num v;
  if (qf_num_parse(text, strlen(text), &v, NULL) == QF_OK)
    qf_num_write(&b->cells, v);
  else
    qf_buf_puts(&b->cells, text);
}

static void put_value(book *b)
{
  qf_buf_putc(&b->text, 0);
  const char *s = b->text.failed ? "" : b->text.data;
  if (strcmp(b->type, "s") == 0) {
    char *end;
    unsigned long i = strtoul(s, &end, 10);
    if (*s && !*end && i < b->nstrings)
      qf_buf_puts(&b->cells, b->strings.data + b->string_at[i]);
  } else if (strcmp(b->type, "b") == 0) {
    qf_buf_puts(&b->cells, strcmp(s, "1") == 0 ? "true" : "false");
  } else if (b->type[0] == 0 || strcmp(b->type, "n") == 0) {
    put_number(b, s);
  } else { /* str, inlineStr, e, d */
    qf_buf_puts(&b->cells, s);
  }
}

static void row_out(book *b)
{
  const char *cells[QF_XLSX_COLUMNS_MAX];
  uint32_t n = b->used;
  if (b->cells.failed) {
    stop(b, QF_RANGE, "a row is too long", "行过长");
    return;
  }
  for (uint32_t i = 0; i < n; i++)
    cells[i] = b->cell_at[i] == SIZE_MAX ? "" : b->cells.data + b->cell_at[i];
  while (n && !*cells[n - 1])
    n--;
  if (n && !b->fn(b->ud, b->row, cells, n)) {
    b->stopped = true;
    XML_StopParser(b->parser, XML_FALSE);
  }
}

static void sheet_start(void *ud, const char *name, const char **a)
{
  book *b = ud;
  const char *l = local(name), *r = attr(a, "r");
  if (strcmp(l, "row") == 0) {
    unsigned long n = r ? strtoul(r, NULL, 10) : b->row + 1;
    if (n <= b->row || n > QF_XLSX_ROWS_MAX) {
      stop(b, QF_RANGE, "row numbers do not grow, or there are too many rows", "行号未递增或行数过多");
      return;
    }
    b->row = (uint32_t)n;
    b->used = 0;
    b->column = 0;
    qf_buf_reset(&b->cells);
  } else if (strcmp(l, "c") == 0 && b->row) {
    const char *t = attr(a, "t"), *s = attr(a, "s");
    uint32_t c = r ? column_of(r) : b->column;
    b->column = c == UINT32_MAX ? b->column : c;
    snprintf(b->type, sizeof b->type, "%s", t ? t : "");
    b->style = s ? (uint32_t)strtoul(s, NULL, 10) : 0;
    qf_buf_reset(&b->text);
    b->in_item = true;
  } else if (strcmp(l, "rPh") == 0) {
    b->phonetic++;
  } else if (b->in_item && (strcmp(l, "v") == 0 || strcmp(l, "t") == 0)) {
    b->keep = true;
  }
}

static void sheet_end(void *ud, const char *name)
{
  book *b = ud;
  const char *l = local(name);
  if (strcmp(l, "v") == 0 || strcmp(l, "t") == 0)
    b->keep = false;
  else if (strcmp(l, "rPh") == 0)
    b->phonetic -= b->phonetic > 0;
  else if (strcmp(l, "row") == 0)
    row_out(b);
  if (strcmp(l, "c") != 0 || !b->in_item)
    return;
  b->in_item = false;
  if (b->text.len && b->column >= QF_XLSX_COLUMNS_MAX) {
    stop(b, QF_RANGE, "more than 256 columns", "超过 256 列");
  } else if (b->text.len) {
    for (; b->used <= b->column; b->used++)
      b->cell_at[b->used] = SIZE_MAX;
    b->cell_at[b->column] = b->cells.len;
    put_value(b);
    qf_buf_putc(&b->cells, 0);
  }
  b->column++;
}

/* ---- all of it */

static void read_book(book *b)
{
  static const char no_book[] = "there is no workbook in it", no_book_zh[] = "其中没有工作簿";
  zip_int64_t n = zip_get_num_entries(b->zip, 0), i = find_part(b, "xl/workbook.xml");
  if (n > ENTRIES_MAX)
    stop(b, QF_RANGE, "more than 1000 entries", "条目超过 1000 个");
  else if (i < 0)
    stop(b, QF_SYNTAX, no_book, no_book_zh);
  if (!b->rc)
    read_part(b, i, book_start, no_end);
  i = find_part(b, "xl/_rels/workbook.xml.rels");
  if (!b->rc && i >= 0)
    read_part(b, i, rels_start, no_end);
  i = find_part(b, "xl/sharedStrings.xml");
  if (!b->rc && i >= 0)
    read_part(b, i, strings_start, strings_end);
  i = find_part(b, "xl/styles.xml");
  if (!b->rc && i >= 0)
    read_part(b, i, styles_start, styles_end);
  i = b->sheet[0] ? find_part(b, b->sheet) : -1;
  if (!b->rc && i < 0)
    stop(b, QF_SYNTAX, no_book, no_book_zh);
  b->in_item = false;
  if (!b->rc)
    read_part(b, i, sheet_start, sheet_end);
}

qf_rc qf_xlsx_read(const void *bytes, size_t n, qf_xlsx_row *fn, void *ud, qf_err *err)
{
  zip_error_t ze;
  book *b = calloc(1, sizeof *b);
  if (!b)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  b->err = err;
  b->fn = fn;
  b->ud = ud;
  qf_buf_init(&b->strings, UNPACKED_MAX);
  qf_buf_init(&b->text, CELL_MAX * 4 + 8);
  qf_buf_init(&b->cells, (size_t)CELL_MAX * 4 * 16);
  zip_error_init(&ze);
  zip_source_t *src = zip_source_buffer_create(bytes, n, 0, &ze);
  b->zip = src ? zip_open_from_source(src, ZIP_RDONLY, &ze) : NULL;
  if (!b->zip) {
    if (src)
      zip_source_free(src);
    stop(b, QF_SYNTAX, "this is no XLSX file", "这不是 XLSX 文件");
  } else {
    read_book(b);
    zip_discard(b->zip);
  }
  zip_error_fini(&ze);
  if (!b->rc && (b->strings.failed || b->cells.failed))
    stop(b, QF_RANGE, "too long", "内容过长");
  qf_rc rc = b->rc;
  qf_buf_fini(&b->strings);
  qf_buf_fini(&b->text);
  qf_buf_fini(&b->cells);
  free(b->string_at);
  free(b->is_date);
  free(b);
  return rc;
}
