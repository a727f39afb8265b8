/* figure, report, why: asked of the running server when there is one, else of the folder itself. */
#include "cli/cli.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char figure_usage[] =
    "usage: qingfeng figure ID [--period 2025-01..2025-11] [--subject S] [--json] [--data DIR]\n"
    "  value, unit, period, scope, completeness, target, year on year / 单个指标的值\n";
static const char report_usage[] =
    "usage: qingfeng report [--period P] [--subject S] [--area A] [--format text|md|html|csv|json] [--data DIR]\n"
    "  all figures / 全部指标\n";
static const char why_usage[] =
    "usage: qingfeng why ID [--period P] [--subject S] [--depth N] [--path PATH] [--json] [--data DIR]\n"
    "  from the figure down to the readings / 为何是这个数\n";

static const qf_option options[] = {{"--data", true},  {"--period", true}, {"--subject", true},
                                    {"--json", false}, {"--depth", true},  {"--format", true},
                                    {"--area", true},  {"--path", true},   {"--help", false}};

typedef struct question {
  const char *base; /* "/api/v1/figures" */
  const char *id, *area;
  int depth;
  bool why;
} question;

static qf_rc ask_folder(const qf_args *a, const question *q, qf_buf *out, qf_err *err)
{
  qf_city *c;
  time_t last = 0;
  struct stat st;
  const char *dir = qf_data_dir(a), *period = qf_args_get(a, "--period");
  qf_figure_ask ask = {.id = q->id, .subject = qf_args_get(a, "--subject"), .from = 1, .to = 0};
  qf_rc rc = period ? qf_period_parse(period, &ask.from, &ask.to, err) : QF_OK;
  if (!rc && stat(dir, &st) != 0)
    rc = qf_fail(err, QF_IO, "%.150s: no such data folder", "%.150s：无此数据目录", dir);
  if (rc)
    return rc;
  qf_city_opts o = {.progress = qf_show_progress, .progress_ud = &last};
  rc = qf_city_open(dir, &o, &c, err);
  if (rc)
    return rc;
  rc = qf_city_settle(c, err);
  qf_figures *f = qf_city_figures(c);
  if (!rc && q->why)
    rc = qf_why_json(f, &ask, q->depth, qf_args_get(a, "--path"), out, err);
  else if (!rc && q->id)
    rc = qf_figure_json(f, &ask, out, err);
  else if (!rc)
    rc = qf_figures_json(f, q->area, &ask, out, err);
  qf_city_close(c);
  return rc;
}

static void add_query(qf_buf *b, char *sep, const char *name, const char *value)
{
  if (!value)
    return;
  qf_buf_printf(b, "%c%s=", *sep, name);
  qf_url_put(b, value);
  *sep = '&';
}

/* The error of an answer, as words. */
static qf_rc refused(const qf_buf *out, int status, qf_err *err)
{
  json_t *j = json_loadb(out->data ? out->data : "", out->len, 0, NULL), *e = json_object_get(j, "error");
  const char *en = json_string_value(json_object_get(e, "message")),
             *zh = json_string_value(json_object_get(e, "message_zh"));
  qf_rc rc = qf_fail(err, status == 404 ? QF_NOTFOUND : QF_IO, "%.220s", "%.220s", en ? en : "refused");
  if (zh)
    snprintf(err->zh, sizeof err->zh, "%.230s", zh);
  json_decref(j);
  return rc;
}

static qf_rc ask_any(const qf_args *a, const question *q, qf_buf *out, qf_err *err)
{
  qf_buf path;
  int status = 0;
  char sep = '?', depth[16];
  qf_err gone = {0};
  qf_buf_init(&path, 8000);
  qf_buf_puts(&path, q->base);
  if (q->id) {
    qf_buf_putc(&path, '/');
    qf_url_put(&path, q->id);
  }
  snprintf(depth, sizeof depth, "%d", q->depth);
  add_query(&path, &sep, "period", qf_args_get(a, "--period"));
  add_query(&path, &sep, "subject", qf_args_get(a, "--subject"));
  add_query(&path, &sep, "area", q->area);
  add_query(&path, &sep, "path", qf_args_get(a, "--path"));
  add_query(&path, &sep, "depth", q->why ? depth : NULL);
  qf_rc rc = qf_remote(qf_data_dir(a), "GET", path.data ? path.data : "/", NULL, out, &status, &gone);
  qf_buf_fini(&path);
  if (rc == QF_NOTFOUND) {
    qf_buf_reset(out);
    return ask_folder(a, q, out, err);
  }
  if (rc) {
    *err = gone;
    return rc;
  }
  return status == 200 ? QF_OK : refused(out, status, err);
}

/* ---- showing */

static const char *str(const json_t *j, const char *name)
{
  const char *s = json_string_value(json_object_get(j, name));
  return s ? s : "";
}

/* A number as the ledger wrote it: parsing keeps text, so that no digit is lost on the way to the screen. */
static void number(const json_t *v, char *out, size_t size)
{
  if (json_is_integer(v))
    snprintf(out, size, "%lld", (long long)json_integer_value(v));
  else if (json_is_real(v))
    snprintf(out, size, "%.10g", json_real_value(v));
  else
    snprintf(out, size, "—");
}

static void show_flags(const json_t *f, FILE *to)
{
  size_t i;
  json_t *v;
  json_array_foreach(json_object_get(f, "flags"), i, v) fprintf(to, "%s%s", i ? ", " : "  ! ", json_string_value(v));
  if (json_array_size(json_object_get(f, "flags")))
    fputc('\n', to);
}

/* The value in the unit that people say it in (万吨, 亿元), when the figure has one. */
static void show_display(const json_t *f, const char *value)
{
  const json_t *d = json_object_get(json_object_get(f, "display"), "zh");
  qf_dec v, k;
  qf_buf b;
  json_t *factor = json_object_get(d, "factor");
  char text[64];
  snprintf(text, sizeof text, "%.12f", json_number_value(factor));
  if (!d || qf_dec_parse(text, strlen(text), &k) != QF_OK || qf_dec_parse(value, strlen(value), &v) != QF_OK ||
      qf_dec_mul(v, qf_dec_trim(k), &v) != QF_OK || json_number_value(factor) == 1)
    return;
  qf_buf_init(&b, 100);
  qf_dec_write(&b, qf_dec_trim(qf_dec_round(v, 4)));
  if (b.data)
    printf("  (= %s %s)", b.data, str(d, "unit"));
  qf_buf_fini(&b);
}

static void show_notes(const json_t *f)
{
  size_t i;
  json_t *n;
  json_array_foreach(json_object_get(f, "notes"), i, n)
      printf("  * %s / %s [%s]\n", str(json_object_get(n, "text"), "zh"), str(json_object_get(n, "text"), "en"),
             str(n, "rule"));
}

/* The value with all the digits it is rounded to: 83.30, not 83.3. */
static void put_value(const json_t *f, char *out, size_t size)
{
  const char *kind = str(f, "kind");
  const json_t *v = json_object_get(f, "value");
  if (json_is_number(v) && (strcmp(kind, "ratio") == 0 || strcmp(kind, "change") == 0))
    snprintf(out, size, "%.*f", (int)json_integer_value(json_object_get(f, "decimals")), json_number_value(v));
  else
    number(v, out, size);
}

/* What was given out, when it is no longer what the ledger says; the reasons as they were told. */
static void show_published(const json_t *f)
{
  char x[64];
  size_t i;
  json_t *r;
  const json_t *p = json_object_get(f, "published"), *list = json_object_get(f, "restated");
  if (!p)
    return;
  number(json_object_get(p, "value"), x, sizeof x);
  printf("  published 已发布 %s (%.10s)\n", x, str(p, "at"));
  json_array_foreach(list, i, r)
  {
    char old[64];
    number(json_object_get(r, "old"), old, sizeof old);
    number(json_object_get(r, "new"), x, sizeof x);
    printf("  restated 重述 %s -> %s (%.10s): %s\n", old, x, str(r, "at"), str(r, "reason"));
  }
}

static void show_figure(const json_t *f)
{
  char value[64], x[64];
  const json_t *t = json_object_get(f, "title"), *p = json_object_get(f, "period"), *s = json_object_get(f, "scope");
  put_value(f, value, sizeof value);
  printf("%s  %s / %s\n  %s %s", str(f, "id"), str(t, "zh"), str(t, "en"), value, str(f, "unit"));
  show_display(f, value);
  printf("   %s..%s  %s %s\n", str(p, "from"), str(p, "to"), str(f, "subject"),
         str(json_object_get(f, "subject_name"), "zh"));
  if (*str(f, "article"))
    printf("  「%s」\n", str(f, "article"));
  if (*str(s, "zh"))
    printf("  scope 口径 %s\n", str(s, "zh"));
  number(json_object_get(f, "completeness"), x, sizeof x);
  printf("  completeness 完整率 %s", x);
  if (json_is_number(json_object_get(f, "target"))) {
    number(json_object_get(f, "target"), x, sizeof x);
    printf("   target 目标 %s", x);
  }
  const json_t *yoy = json_object_get(f, "yoy");
  bool points = strcmp(str(f, "unit"), "%") == 0; /* a share changes by points */
  if (json_is_number(json_object_get(yoy, "value"))) {
    number(json_object_get(yoy, points ? "change" : "value"), x, sizeof x);
    printf("   year on year 同比 %s %s", x, points ? "points 个百分点" : "%");
  }
  putchar('\n');
  show_flags(f, stdout);
  show_notes(f);
  show_published(f);
}

static void show_node(const json_t *n, int indent)
{
  char v[64];
  const json_t *label = json_object_get(n, "label"), *more = json_object_get(n, "more");
  number(json_object_get(n, "value"), v, sizeof v);
  printf("%*s%s%s / %s = %s %s", indent * 2, "", indent ? "- " : "", str(label, "zh"), str(label, "en"), v,
         str(n, "unit"));
  printf("  [%s%s%s]\n", str(n, "kind"), *str(n, "quality") ? ", " : "", str(n, "quality"));
  size_t i;
  json_t *c;
  json_array_foreach(json_object_get(n, "children"), i, c) show_node(c, indent + 1);
  if (json_integer_value(more) > 0)
    printf("%*s… %lld more / 另有 %lld 项\n", indent * 2 + 2, "", (long long)json_integer_value(more),
           (long long)json_integer_value(more));
}

static void csv_cell(const char *s, bool last)
{
  putchar('"');
  for (; *s; s++) {
    if (*s == '"')
      putchar('"');
    putchar(*s);
  }
  fputs(last ? "\"\r\n" : "\",", stdout);
}

static void html_text(const char *s)
{
  for (; *s; s++)
    switch (*s) {
    case '<':
      fputs("&lt;", stdout);
      break;
    case '>':
      fputs("&gt;", stdout);
      break;
    case '&':
      fputs("&amp;", stdout);
      break;
    default:
      putchar(*s);
    }
}

static void cells_of(const json_t *f, const char *out[9], char text[4][64], char period[40], char flags[400])
{
  const json_t *t = json_object_get(f, "title"), *p = json_object_get(f, "period");
  size_t i, used = 0;
  json_t *v;
  number(json_object_get(f, "value"), text[0], 64);
  number(json_object_get(f, "completeness"), text[1], 64);
  number(json_object_get(f, "target"), text[2], 64);
  number(json_object_get(json_object_get(f, "yoy"), "value"), text[3], 64);
  snprintf(period, 40, "%s..%s", str(p, "from"), str(p, "to"));
  flags[0] = 0;
  json_array_foreach(json_object_get(f, "flags"), i, v)
  {
    int n = snprintf(flags + used, 400 - used, "%s%s", i ? " " : "", json_string_value(v));
    used = n > 0 && used + (size_t)n < 400 ? used + (size_t)n : 399;
  }
  const char *all[9] = {str(f, "id"), str(t, "zh"), str(t, "en"), text[0], str(f, "unit"),
                        period,       text[1],      text[2],      text[3]};
  memcpy(out, all, sizeof all);
}

static void show_table(const json_t *list, const char *format)
{
  static const char *const head[] = {
      "id",          "指标",     "figure", "value 值", "unit 单位", "period 期间", "completeness 完整率",
      "target 目标", "yoy 同比", "flags"};
  bool md = strcmp(format, "md") == 0, html = strcmp(format, "html") == 0;
  if (html)
    puts("<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\"><title>Qingfeng 清风</title><table "
         "border=\"1\"><tr>");
  for (size_t i = 0; i < 10; i++) {
    if (md)
      printf("| %s %s", head[i], i == 9 ? "|\n" : "");
    else if (html)
      printf("<th>%s</th>", head[i]);
    else
      csv_cell(head[i], i == 9);
  }
  if (md)
    puts("|---|---|---|---:|---|---|---:|---:|---:|---|");
  size_t k;
  json_t *f;
  json_array_foreach(list, k, f)
  {
    const char *c[10];
    char text[4][64], period[40], flags[400];
    cells_of(f, c, text, period, flags);
    c[9] = flags;
    if (html)
      fputs("</tr>\n<tr>", stdout);
    for (size_t i = 0; i < 10; i++) {
      if (md) {
        printf("| %s %s", c[i], i == 9 ? "|\n" : "");
      } else if (html) {
        fputs("<td>", stdout);
        html_text(c[i]);
        fputs("</td>", stdout);
      } else {
        csv_cell(c[i], i == 9);
      }
    }
  }
  if (html)
    puts("</tr></table></html>");
}

/* Figures that answer a sentence of the article come first, in its order; the others follow as they were. */
static json_t *in_order(json_t *list)
{
  json_t *out = json_array();
  json_int_t last = 0;
  for (;;) { /* some dozens: one pass per place */
    json_int_t next = 0;
    size_t i;
    json_t *f;
    json_array_foreach(list, i, f)
    {
      json_int_t o = json_integer_value(json_object_get(f, "order"));
      if (o > last && (next == 0 || o < next))
        next = o;
    }
    json_array_foreach(list, i, f) if (json_integer_value(json_object_get(f, "order")) == next)
        json_array_append(out, f);
    if (next == 0)
      break;
    last = next;
  }
  json_decref(list);
  return out;
}

static int finish(qf_rc rc, const qf_err *err, qf_buf *out)
{
  int code = rc ? qf_trouble(rc, err) : QF_EXIT_OK;
  qf_buf_fini(out);
  return code;
}

int qf_cmd_figure(int argc, char **argv)
{
  qf_args a;
  qf_buf out;
  qf_err err = {0};
  if (!qf_args_parse(argc, argv, options, sizeof options / sizeof *options, &a) || qf_args_get(&a, "--help") ||
      a.nrest != 1)
    return qf_usage(figure_usage);
  qf_buf_init(&out, (size_t)64 << 20);
  question q = {.base = "/api/v1/figures", .id = a.rest[0]};
  qf_rc rc = ask_any(&a, &q, &out, &err);
  if (!rc && qf_args_get(&a, "--json")) {
    puts(out.data);
  } else if (!rc) {
    json_t *j = json_loadb(out.data, out.len, 0, NULL);
    show_figure(j);
    json_decref(j);
  }
  return finish(rc, &err, &out);
}

int qf_cmd_report(int argc, char **argv)
{
  qf_args a;
  qf_buf out;
  qf_err err = {0};
  if (!qf_args_parse(argc, argv, options, sizeof options / sizeof *options, &a) || qf_args_get(&a, "--help") ||
      a.nrest != 0)
    return qf_usage(report_usage);
  const char *format = qf_args_get(&a, "--json") ? "json" : qf_args_get(&a, "--format");
  format = format ? format : "text";
  if (strcmp(format, "text") != 0 && strcmp(format, "md") != 0 && strcmp(format, "html") != 0 &&
      strcmp(format, "csv") != 0 && strcmp(format, "json") != 0)
    return qf_usage(report_usage);
  qf_buf_init(&out, (size_t)64 << 20);
  question q = {.base = "/api/v1/figures", .area = qf_args_get(&a, "--area")};
  qf_rc rc = ask_any(&a, &q, &out, &err);
  if (!rc && strcmp(format, "json") == 0) {
    puts(out.data);
  } else if (!rc) {
    json_t *j = in_order(json_loadb(out.data, out.len, 0, NULL));
    size_t i;
    json_t *f;
    if (strcmp(format, "text") == 0)
      json_array_foreach(j, i, f) show_figure(f);
    else
      show_table(j, format);
    json_decref(j);
  }
  return finish(rc, &err, &out);
}

int qf_cmd_why(int argc, char **argv)
{
  qf_args a;
  qf_buf out;
  qf_err err = {0};
  if (!qf_args_parse(argc, argv, options, sizeof options / sizeof *options, &a) || qf_args_get(&a, "--help") ||
      a.nrest != 1)
    return qf_usage(why_usage);
  char *end = NULL;
  const char *d = qf_args_get(&a, "--depth");
  long depth = d ? strtol(d, &end, 10) : 3;
  if ((d && (*end || end == d)) || depth < 0 || depth > 20)
    return qf_usage(why_usage);
  qf_buf_init(&out, (size_t)64 << 20);
  question q = {.base = "/api/v1/why", .id = a.rest[0], .depth = (int)depth, .why = true};
  qf_rc rc = ask_any(&a, &q, &out, &err);
  if (!rc && qf_args_get(&a, "--json")) {
    puts(out.data);
  } else if (!rc) {
    json_t *j = json_loadb(out.data, out.len, 0, NULL);
    show_node(j, 0);
    json_decref(j);
  }
  return finish(rc, &err, &out);
}
