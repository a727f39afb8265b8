#include "wire/lineproto.h"
#include "wire/map_int.h"
#include "wire/units.h"
#include "wire/utf8.h"
#include <ini.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* From the text of a map file to a checked qf_map. The format: docs/formats/readings-map.md.
 *
 * libinih cuts the lines and gives section, name and value; it would silently cut names past 49 bytes, break lines past
 * 197 bytes and join indented lines to the one before, so the reader handed to it refuses or mends those first. Every
 * value is kept as text in a `raw` by tables of (section, key, place), then checked and turned into the map. */

/* ---- strings that live as long as the map */

static char *keep(qf_map *m, const char *s, size_t n)
{
  arena_block *b = malloc(sizeof *b + n + 1);
  if (!b)
    return NULL;
  b->next = m->blocks;
  m->blocks = b;
  memcpy(b->bytes, s, n);
  b->bytes[n] = 0;
  return b->bytes;
}

void qf_map_free(qf_map *m)
{
  if (!m)
    return;
  for (arena_block *b = m->blocks, *next; b; b = next) {
    next = b->next;
    free(b);
  }
  free(m->subjects);
  free(m->points);
  free(m->states);
  free(m);
}

/* ---- the keys */

typedef struct raw_file {
  const char *format, *delimiter, *quotes, *decimal, *grouping, *encoding, *header, *skip, *empty, *missing;
} raw_file;
typedef struct raw_time {
  const char *column, *date, *time, *format, *zone, *stamp, *interval, *midnight, *shift, *seconds, *weekday;
} raw_time;
typedef struct raw_long {
  const char *name, *value, *unit, *unknown;
} raw_long;
typedef struct raw_subject {
  const char *id, *parent, *kind, *name_zh, *name_en, *sector, *uscc, *product, *district, *sample;
  int line;
} raw_subject;
typedef struct raw_point {
  const char *section, *column, *match, *series, *subject, *name_zh, *name_en, *carrier, *flow, *unit, *standard, *kind;
  const char *multiplier, *k, *digits, *decimals, *interval, *stamp, *rated, *low, *high, *rate_limit, *parent,
      *loss_share, *level;
  int line;
} raw_point;

typedef struct key {
  char section; /* f t l s p */
  const char *name;
  size_t at;
} key;
#define F(n)                                                                                                           \
  {                                                                                                                    \
    'f', #n, offsetof(raw_file, n)                                                                                     \
  }
#define T(n)                                                                                                           \
  {                                                                                                                    \
    't', #n, offsetof(raw_time, n)                                                                                     \
  }
#define L(n)                                                                                                           \
  {                                                                                                                    \
    'l', #n, offsetof(raw_long, n)                                                                                     \
  }
#define S(n)                                                                                                           \
  {                                                                                                                    \
    's', #n, offsetof(raw_subject, n)                                                                                  \
  }
#define P(n)                                                                                                           \
  {                                                                                                                    \
    'p', #n, offsetof(raw_point, n)                                                                                    \
  }
static const key keys[] = {
    F(format),     F(delimiter),  F(quotes),   F(decimal),  F(grouping),
    F(encoding),   F(header),     F(skip),     F(empty),    F(missing),
    T(column),     T(date),       T(time),     T(format),   T(zone),
    T(stamp),      T(interval),   T(midnight), T(shift),    {'t', "seconds_of_day", offsetof(raw_time, seconds)},
    T(weekday),    L(name),       L(value),    L(unit),     L(unknown),
    S(parent),     S(kind),       S(name_zh),  S(name_en),  S(sector),
    S(uscc),       S(product),    S(district), S(sample),   P(column),
    P(match),      P(series),     P(subject),  P(name_zh),  P(name_en),
    P(carrier),    P(flow),       P(unit),     P(standard), P(kind),
    P(multiplier), P(k),          P(digits),   P(decimals), P(interval),
    P(stamp),      P(rated),      P(low),      P(high),     P(rate_limit),
    P(parent),     P(loss_share), P(level),
};

typedef struct load {
  qf_map *m;
  const char *p, *end;
  int line; /* being read by libinih */
  raw_file file;
  raw_time time;
  raw_long lng;
  raw_subject *subjects;
  raw_point *points;
  qf_err *err;
  qf_rc rc; /* the first fault; later ones are not told */
} load;

#define BAD(l, code, en, zh, ...) ((l)->rc ? (l)->rc : ((l)->rc = qf_fail((l)->err, (code), (en), (zh), __VA_ARGS__)))

/* Room for one more item in an array of n whose room is the next power of two. NULL: out of memory, items still stand.
 */
static void *grow(void *items, size_t n, size_t size)
{
  if (n & (n - 1)) /* not at a power of two: there is room */
    return items;
  return realloc(items, (n ? 2 * n : 1) * size);
}

/* The subject or point whose section header is id: the newest one, else a new one. */
static void *subject_of(load *l, const char *id)
{
  qf_map *m = l->m;
  for (size_t i = m->nsubjects; i-- > 0;)
    if (strcmp(l->subjects[i].id, id) == 0)
      return &l->subjects[i];
  raw_subject *s = m->nsubjects < QF_MAP_POINTS_MAX ? grow(l->subjects, m->nsubjects, sizeof *s) : NULL;
  if (!s)
    return NULL;
  l->subjects = s;
  s = &s[m->nsubjects];
  *s = (raw_subject){.id = keep(m, id, strlen(id)), .line = l->line};
  m->nsubjects += s->id != NULL;
  return s->id ? s : NULL;
}

static void *point_of(load *l, const char *id)
{
  qf_map *m = l->m;
  for (size_t i = m->npoints; i-- > 0;)
    if (strcmp(l->points[i].section, id) == 0)
      return &l->points[i];
  raw_point *p = m->npoints < QF_MAP_POINTS_MAX ? grow(l->points, m->npoints, sizeof *p) : NULL;
  if (!p)
    return NULL;
  l->points = p;
  p = &p[m->npoints];
  *p = (raw_point){.section = keep(m, id, strlen(id)), .line = l->line};
  m->npoints += p->section != NULL;
  return p->section ? p : NULL;
}

/* "state WORD = NUMBER" of a point. */
static qf_rc add_state(load *l, const raw_point *p, const char *word, const char *value)
{
  qf_map *m = l->m;
  map_state *s = m->nstates < MAP_STATES ? grow(m->states, m->nstates, sizeof *s) : NULL;
  if (!s)
    return BAD(l, QF_RANGE, "line %d: more than %d states", "第 %d 行：状态超过 %d 个", l->line, MAP_STATES);
  m->states = s;
  s = &s[m->nstates];
  *s = (map_state){.point = (uint32_t)(p - l->points), .word = keep(m, word, strlen(word))};
  if (!s->word)
    return BAD(l, QF_NOMEM, "out of memory%s", "内存不足%s", "");
  if (!*word || qf_num_parse(value, strlen(value), &s->v, NULL))
    return BAD(l, QF_SYNTAX, "line %d: state WORD = NUMBER is expected; found \"%.60s\" = \"%.40s\"",
               "第 %d 行：应为 state 文字 = 数；实为“%.60s”=“%.40s”", l->line, word, value);
  for (size_t i = 0; i < m->nstates; i++)
    if (m->states[i].point == s->point && strcmp(m->states[i].word, word) == 0)
      return BAD(l, QF_SYNTAX, "line %d: state \"%.60s\" is given twice", "第 %d 行：状态“%.60s”重复", l->line, word);
  m->nstates++;
  return QF_OK;
}

static char section_kind(load *l, const char *section, void **base)
{
  *base = NULL;
  if (strcmp(section, "file") == 0)
    return *base = &l->file, 'f';
  if (strcmp(section, "time") == 0)
    return *base = &l->time, 't';
  if (strcmp(section, "long") == 0)
    return *base = &l->lng, 'l';
  if (strncmp(section, "subject ", 8) == 0 && section[8])
    return *base = subject_of(l, section + 8), 's';
  if (strncmp(section, "point ", 6) == 0 && section[6])
    return *base = point_of(l, section + 6), 'p';
  return 0;
}

static int on_key(void *ud, const char *section, const char *name, const char *value)
{
  load *l = ud;
  void *base;
  if (l->rc)
    return 1;
  char kind = section_kind(l, section, &base);
  if (!kind) {
    BAD(l, QF_SYNTAX, "line %d: section [%.60s] is none of [file] [time] [long] [subject ID] [point COLUMN]",
        "第 %d 行：节 [%.60s] 不是 [file] [time] [long] [subject 标识] [point 列名] 之一", l->line, section);
    return 1;
  }
  if (!base) {
    BAD(l, QF_RANGE, "line %d: more than %d subjects or points, or out of memory",
        "第 %d 行：主体或计量点超过 %d 个，或内存不足", l->line, QF_MAP_POINTS_MAX);
    return 1;
  }
  if (kind == 'p' && strncmp(name, "state ", 6) == 0) {
    add_state(l, base, name + 6, value);
    return 1;
  }
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    if (keys[i].section != kind || strcmp(keys[i].name, name) != 0)
      continue;
    const char **place = (const char **)(void *)((char *)base + keys[i].at);
    if (*place)
      BAD(l, QF_SYNTAX, "line %d: \"%.60s\" is given twice in [%.60s]", "第 %d 行：“%.60s”在 [%.60s] 中重复", l->line,
          name, section);
    else if (!*value)
      BAD(l, QF_SYNTAX, "line %d: \"%.60s\" has no value (\" ;\" begins a comment; a delimiter is given by name)",
          "第 %d 行：“%.60s”没有值（空格加分号是注释；分隔符请写名称）", l->line, name);
    else if (!(*place = keep(l->m, value, strlen(value))))
      BAD(l, QF_NOMEM, "out of memory%s", "内存不足%s", "");
    return 1;
  }
  BAD(l, QF_SYNTAX, "line %d: \"%.60s\" is not a key of [%.60s]", "第 %d 行：“%.60s”不是 [%.60s] 的键", l->line, name,
      section);
  return 1;
}

/* ---- lines for libinih */

/* Longer than libinih keeps: a section between the brackets, or a name before the first = or : */
static bool name_too_long(const char *s, size_t n)
{
  size_t i = 0, from = n && *s == '[';
  if (n && (*s == ';' || *s == '#'))
    return false;
  for (i = from; i < n && (from ? s[i] != ']' : s[i] != '=' && s[i] != ':'); i++)
    ;
  while (i > from && s[i - 1] == ' ')
    i--;
  return i - from > 49;
}

/* fgets for libinih: one line without its leading blanks (it would take an indented line for more of the one before).
 */
static char *read_line(char *str, int num, void *stream)
{
  load *l = stream;
  if (l->p == l->end || l->rc)
    return NULL;
  l->line++;
  const char *lf = memchr(l->p, '\n', (size_t)(l->end - l->p)), *stop = lf ? lf : l->end;
  const char *s = l->p;
  l->p = lf ? lf + 1 : l->end;
  while (s < stop && (*s == ' ' || *s == '\t'))
    s++;
  while (stop > s && (stop[-1] == '\r' || stop[-1] == ' ' || stop[-1] == '\t'))
    stop--;
  size_t n = (size_t)(stop - s);
  bool comment = n && (*s == ';' || *s == '#');
  if (comment)
    n = 0;
  if (n + 3 > (size_t)num) {
    BAD(l, QF_RANGE, "line %d is longer than %d bytes", "第 %d 行超过 %d 字节", l->line, num - 3);
    return NULL;
  }
  if (name_too_long(s, n)) {
    BAD(l, QF_RANGE,
        "line %d: a section or key name is longer than 49 bytes; use a short section name and \"column = ...\"",
        "第 %d 行：节名或键名超过 49 字节；请用短节名并写 column = ...", l->line);
    return NULL;
  }
  memcpy(str, s, n);
  str[n] = '\n';
  str[n + 1] = 0;
  return str;
}

/* ---- checks of single values */

typedef struct choice {
  const char *name;
  int value;
} choice;

/* Value of one of the names; the first name is the default when text is NULL. */
static int choose(load *l, const char *where, const char *text, const choice *c)
{
  char list[160] = "";
  size_t n = 0;
  if (!text)
    return c->value;
  for (; c->name; c++) {
    if (strcmp(c->name, text) == 0)
      return c->value;
    int k = snprintf(list + n, sizeof list - n, " %s", c->name);
    n += k > 0 && (size_t)k < sizeof list - n ? (size_t)k : 0;
  }
  BAD(l, QF_SYNTAX, "%s = \"%.60s\": one of%s is expected", "%s =“%.60s”：应为以下之一：%s", where, text, list);
  return 0;
}

static int whole(load *l, const char *where, const char *text, int max, int otherwise)
{
  int64_t v = 0;
  qf_num x;
  bool exact = true;
  if (!text)
    return otherwise;
  if (qf_num_parse(text, strlen(text), &x, NULL) || qf_num_scale(x, 0, &v, &exact) || !exact || v < 0 || v > max) {
    BAD(l, QF_RANGE, "%s = \"%.60s\": a whole number from 0 to %d is expected", "%s =“%.60s”：应为 0 至 %d 的整数",
        where, text, max);
    return otherwise;
  }
  return (int)v;
}

static qf_num decimal(load *l, const char *where, const char *text, bool positive)
{
  qf_num v = {1, 0};
  if (text && (qf_num_parse(text, strlen(text), &v, NULL) || (positive && v.mant <= 0)))
    BAD(l, QF_RANGE, "%s = \"%.60s\": a number%s is expected", "%s =“%.60s”：应为数（%s）", where, text,
        positive ? " > 0" : "");
  return v;
}

/* ---- sections */

static void finish_file(load *l)
{
  static const choice formats[] = {{"wide", 0}, {"long", 1}, {NULL, 0}};
  static const choice delims[] = {{"comma", ','}, {"semicolon", ';'}, {"tab", '\t'},
                                  {"pipe", '|'},  {"space", ' '},     {NULL, 0}};
  static const choice quotes[] = {{"double", 0}, {"none", 1}, {NULL, 0}};
  static const choice marks[] = {{"point", 0}, {"comma", 1}, {NULL, 0}};
  static const choice groups[] = {{"none", 0},    {"comma", ','},       {"point", '.'},
                                  {"space", ' '}, {"apostrophe", '\''}, {NULL, 0}};
  static const choice encodings[] = {{"utf-8", 0}, {"gb18030", 1}, {NULL, 0}};
  static const choice empties[] = {{"missing", 0}, {"refuse", 1}, {NULL, 0}};
  qf_map *m = l->m;
  m->is_long = choose(l, "[file] format", l->file.format, formats);
  m->delim = (char)choose(l, "[file] delimiter", l->file.delimiter, delims);
  m->spaces_join = m->delim == ' ';
  m->no_quotes = choose(l, "[file] quotes", l->file.quotes, quotes);
  m->decimal_comma = choose(l, "[file] decimal", l->file.decimal, marks);
  m->grouping = (char)choose(l, "[file] grouping", l->file.grouping, groups);
  m->gb18030 = choose(l, "[file] encoding", l->file.encoding, encodings);
  m->refuse_empty = choose(l, "[file] empty", l->file.empty, empties);
  m->header = (uint32_t)whole(l, "[file] header", l->file.header, 1, 1);
  m->skip = (uint32_t)whole(l, "[file] skip", l->file.skip, 1000000, 0);
  if (m->grouping && m->grouping == (m->decimal_comma ? ',' : '.'))
    BAD(l, QF_SYNTAX, "[file] grouping and decimal are the same character%s", "[file] grouping 与 decimal 是同一字符%s",
        "");
  for (const char *s = l->file.missing; s && *s;) {
    size_t n = strcspn(s, "|");
    const char *rest = s[n] ? s + n + 1 : s + n;
    for (; n && *s == ' '; n--)
      s++;
    while (n && s[n - 1] == ' ')
      n--;
    if (m->nmissing == MAP_MISSING || !(m->missing[m->nmissing] = keep(m, s, n)))
      BAD(l, QF_RANGE, "[file] missing: more than %d texts", "[file] missing：超过 %d 个", MAP_MISSING);
    else
      m->nmissing++;
    s = rest;
  }
}

static void finish_time(load *l)
{
  static const choice midnights[] = {{"start-of-day", 0}, {"end-of-own-day", 1}, {NULL, 0}};
  qf_map *m = l->m;
  const raw_time *t = &l->time;
  if (!t->column == !t->date || (t->time && !t->date))
    BAD(l, QF_SYNTAX, "[time] wants column = ..., or date = ... and time = ...%s",
        "[time] 须写 column = ...，或 date = ... 与 time = ...%s", "");
  if (!t->format || !t->zone)
    BAD(l, QF_SYNTAX, "[time] %s is missing", "[time] 缺少 %s", t->format ? "zone" : "format");
  if (l->rc)
    return;
  m->date_column = t->column ? t->column : t->date;
  m->time_column = t->time;
  m->seconds_column = t->seconds;
  m->weekday_column = t->weekday;
  qf_rc rc = map_formats_compile(m, t->format, l->err);
  if (!rc)
    rc = map_zone_parse(m, t->zone, l->err);
  if (rc)
    l->rc = rc;
  m->midnight_end = choose(l, "[time] midnight", t->midnight, midnights);
  if (t->shift && !map_span_parse(t->shift, &m->shift))
    BAD(l, QF_SYNTAX, "[time] shift = \"%.40s\": a span such as 15m or -1h is expected",
        "[time] shift =“%.40s”：应为时长（如 15m、-1h）", t->shift);
}

static void finish_long(load *l)
{
  static const choice unknowns[] = {{"refuse", 0}, {"skip", 1}, {NULL, 0}};
  qf_map *m = l->m;
  bool any = l->lng.name || l->lng.value || l->lng.unit || l->lng.unknown;
  if (m->is_long && (!l->lng.name || !l->lng.value))
    BAD(l, QF_SYNTAX, "[long] %s is missing", "[long] 缺少 %s", l->lng.name ? "value" : "name");
  if (!m->is_long && any)
    BAD(l, QF_SYNTAX, "[long] is for format = long%s", "[long] 仅用于 format = long%s", "");
  m->name_column = l->lng.name;
  m->value_column = l->lng.value;
  m->unit_column = l->lng.unit;
  m->pass_unknown = choose(l, "[long] unknown", l->lng.unknown, unknowns);
}

static void finish_subjects(load *l)
{
  static const choice kinds[] = {{"unit", 1},    {"city", 1},      {"district", 1},
                                 {"process", 1}, {"equipment", 1}, {NULL, 0}};
  static const choice flags[] = {{"no", 0}, {"yes", 1}, {NULL, 0}};
  qf_map *m = l->m;
  m->subjects = calloc(m->nsubjects + 1, sizeof *m->subjects);
  if (!m->subjects) {
    BAD(l, QF_NOMEM, "out of memory%s", "内存不足%s", "");
    return;
  }
  for (size_t i = 0; i < m->nsubjects && !l->rc; i++) {
    const raw_subject *s = &l->subjects[i];
    char where[80];
    snprintf(where, sizeof where, "[subject %.50s]", s->id);
    if (!s->name_zh || !s->kind)
      BAD(l, QF_SYNTAX, "%s (line %d): %s is missing", "%s（第 %d 行）：缺少 %s", where, s->line,
          s->kind ? "name_zh" : "kind");
    if (s->parent && s->district && strcmp(s->parent, s->district) != 0)
      BAD(l, QF_SYNTAX, "%s (line %d): parent and district differ; the tree has one parent",
          "%s（第 %d 行）：parent 与 district 不同；主体只有一个上级", where, s->line);
    (void)choose(l, where, s->kind, kinds);
    m->subjects[i] = (qf_map_subject){.id = s->id,
                                      .parent = s->parent ? s->parent : s->district,
                                      .kind = s->kind,
                                      .name_zh = s->name_zh,
                                      .name_en = s->name_en,
                                      .sector = s->sector,
                                      .uscc = s->uscc,
                                      .product = s->product,
                                      .sample = choose(l, where, s->sample, flags)};
  }
}

/* "measurement,tag=value field" as the map author wrote it -> canonical key. */
static const char *canonical(load *l, const raw_point *r, const char *where, const char *text)
{
  char buf[QF_LP_KEY_MAX + 1];
  size_t n = strlen(text), cut = 0, len = 0;
  qf_err why = {0};
  for (size_t i = 1; i < n; i++)
    if (text[i] == ' ' && text[i - 1] != '\\')
      cut = i;
  qf_lp_name name = {text, text + cut + 1, cut, n - cut - 1};
  if (cut == 0 || qf_lp_canonical(&name, buf, sizeof buf, &len, &why)) {
    BAD(l, QF_SYNTAX, "%.60s (line %d): \"%.80s\" is not measurement[,tag=value] field",
        "%.60s（第 %d 行）：“%.80s”不是 测量名[,标签=值] 字段", where, r->line, text);
    return NULL;
  }
  const char *k = keep(l->m, buf, len);
  if (!k)
    BAD(l, QF_NOMEM, "out of memory%s", "内存不足%s", "");
  return k;
}

/* k = multiplier x (1 unit in the carrier's standard unit), or as stated. */
static qf_num point_k(load *l, const raw_point *r, const char *where)
{
  qf_num k = decimal(l, where, r->k ? r->k : r->multiplier, true);
  if (r->k && (r->multiplier || r->standard))
    BAD(l, QF_SYNTAX, "%.60s: k already holds multiplier and standard; give one of them",
        "%.60s：k 已含 multiplier 与 standard，请只写一种", where);
  if (r->k || !r->unit)
    return k;
  const char *to = r->standard ? r->standard : qf_unit_standard(r->carrier, r->unit);
  if (qf_unit_factor(k, r->unit, to, &k))
    BAD(l, QF_RANGE, "%.60s: there is no exact step from unit %.20s to %.20s; state it as k = ...",
        "%.60s：单位 %.20s 到 %.20s 没有精确换算；请写明 k = ...", where, r->unit, to);
  return k;
}

static uint32_t period(load *l, const char *where, const char *text)
{
  qf_us span = 0;
  if (text && (!map_span_parse(text, &span) || span <= 0))
    BAD(l, QF_SYNTAX, "%.60s interval = \"%.40s\": a span such as 15m or 1h is expected",
        "%.60s interval =“%.40s”：应为时长（如 15m、1h）", where, text);
  return (uint32_t)(span / QF_US_SECOND);
}

static void finish_point(load *l, const raw_point *r, qf_map_point *p)
{
  static const choice kinds[] = {{"register", QF_MAP_REGISTER}, {"interval", QF_MAP_INTERVAL}, {"gauge", QF_MAP_GAUGE},
                                 {"state", QF_MAP_STATE},       {"text", QF_MAP_TEXT},         {NULL, 0}};
  static const choice flows[] = {{"none", 0},         {"purchase", 0},      {"export", 0},    {"consume", 0},
                                 {"recover", 0},      {"output", 0},        {"sequester", 0}, {"emission", 0},
                                 {"reactive_lag", 0}, {"reactive_lead", 0}, {"demand", 0},    {NULL, 0}};
  static const choice stamps[] = {{"end", 0}, {"begin", 1}, {NULL, 0}};
  const char *const numbers[] = {r->rated, r->low, r->high, r->rate_limit, r->loss_share, r->level};
  char where[80];
  snprintf(where, sizeof where, "[point %.50s]", r->section);
  const char *lack = !r->series    ? "series"
                     : !r->kind    ? "kind"
                     : !r->subject ? "subject"
                     : !r->name_zh ? "name_zh"
                                   : NULL;
  if (lack)
    BAD(l, QF_SYNTAX, "%s (line %d): %s is missing", "%s（第 %d 行）：缺少 %s", where, r->line, lack);
  if (l->rc)
    return;
  if (l->m->is_long ? r->column != NULL : r->match != NULL)
    BAD(l, QF_SYNTAX, "%s (line %d): column is for wide files, match for long ones",
        "%s（第 %d 行）：column 用于宽表，match 用于长表", where, r->line);
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
    (void)decimal(l, where, numbers[i], false);
  (void)choose(l, where, r->flow, flows);
  const char *interval = r->interval ? r->interval : l->time.interval, *stamp = r->stamp ? r->stamp : l->time.stamp;
  *p = (qf_map_point){.series = canonical(l, r, where, r->series),
                      .column = r->column  ? r->column
                                : r->match ? r->match
                                           : r->section,
                      .subject = r->subject,
                      .name_zh = r->name_zh,
                      .name_en = r->name_en,
                      .carrier = r->carrier,
                      .flow = r->flow ? r->flow : "none",
                      .unit = r->unit,
                      .parent = r->parent,
                      .rated = r->rated,
                      .low = r->low,
                      .high = r->high,
                      .rate_limit = r->rate_limit,
                      .loss_share = r->loss_share,
                      .level = r->level,
                      .kind = (uint8_t)choose(l, where, r->kind, kinds),
                      .stamp_begin = choose(l, where, stamp, stamps),
                      .k = point_k(l, r, where),
                      .digits = whole(l, where, r->digits, 18, 0),
                      .lsb_exp = r->decimals ? -whole(l, where, r->decimals, 18, 0) : 1,
                      .period_s = period(l, where, interval)};
  if (r->parent && !l->rc)
    p->parent = canonical(l, r, where, r->parent);
}

static void finish_points(load *l)
{
  qf_map *m = l->m;
  m->points = calloc(m->npoints + 1, sizeof *m->points);
  if (!m->points)
    BAD(l, QF_NOMEM, "out of memory%s", "内存不足%s", "");
  if (m->npoints == 0)
    BAD(l, QF_SYNTAX, "the map describes no [point ...]%s", "映射文件中没有 [point ...]%s", "");
  for (size_t i = 0; i < m->npoints && !l->rc; i++) {
    finish_point(l, &l->points[i], &m->points[i]);
    for (size_t j = 0; j < i && !l->rc; j++) {
      if (strcmp(m->points[i].series, m->points[j].series) == 0)
        BAD(l, QF_SYNTAX, "[point %.60s] and [point %.60s] have the same series",
            "[point %.60s] 与 [point %.60s] 的 series 相同", l->points[i].section, l->points[j].section);
      else if (m->is_long && strcmp(m->points[i].column, m->points[j].column) == 0)
        BAD(l, QF_SYNTAX, "[point %.60s] and [point %.60s] match the same name",
            "[point %.60s] 与 [point %.60s] 匹配同一名称", l->points[i].section, l->points[j].section);
    }
  }
  for (size_t i = 0; i < m->nstates && !l->rc; i++) {
    uint8_t k = m->points[m->states[i].point].kind;
    if (k != QF_MAP_STATE)
      BAD(l, QF_SYNTAX, "[point %.60s]: state words are for kind = state",
          "[point %.60s]：state 文字仅用于 kind = state", l->points[m->states[i].point].section);
  }
}

static qf_rc load_all(load *l, const char *ini, size_t len)
{
  if (len > QF_MAP_MAX)
    return BAD(l, QF_RANGE, "the map is longer than %d bytes", "映射文件超过 %d 字节", QF_MAP_MAX);
  if (memchr(ini, 0, len) || !qf_utf8_valid(ini, len))
    return BAD(l, QF_SYNTAX, "the map is not UTF-8 text%s", "映射文件不是 UTF-8 文本%s", "");
  int rc = ini_parse_stream(read_line, l, on_key, l);
  if (rc)
    return BAD(l, QF_SYNTAX, "line %d is neither a [section] nor key = value", "第 %d 行既不是 [节] 也不是 键 = 值",
               rc);
  finish_file(l);
  finish_time(l);
  finish_long(l);
  finish_subjects(l);
  finish_points(l);
  return l->rc;
}

qf_rc qf_map_parse(const char *ini, size_t len, qf_map **out, qf_err *err)
{
  load l = {.m = calloc(1, sizeof *l.m), .p = ini, .end = ini + len, .err = err};
  if (!l.m)
    return qf_fail(err, QF_NOMEM, "out of memory%s", "内存不足%s", "");
  qf_rc rc = load_all(&l, ini, len);
  free(l.subjects);
  free(l.points);
  if (rc)
    qf_map_free(l.m);
  else
    *out = l.m;
  return rc;
}

const qf_map_point *qf_map_points(const qf_map *m, size_t *n)
{
  *n = m->npoints;
  return m->points;
}

/* ---- records */

static void put_text(qf_buf *b, const char *name, const char *text)
{
  if (!text)
    return;
  if (b->len && b->data[b->len - 1] != '{')
    qf_buf_putc(b, ',');
  qf_buf_printf(b, "\"%s\":", name);
  qf_buf_json(b, text, strlen(text));
}

static void put_number(qf_buf *b, const char *name, int64_t v)
{
  if (b->len && b->data[b->len - 1] != '{')
    qf_buf_putc(b, ',');
  qf_buf_printf(b, "\"%s\":%lld", name, (long long)v);
}

/* A decimal as the map has it ("+5", ".5" and "5." too) as a JSON number. */
static void put_decimal(qf_buf *b, const char *name, const char *text)
{
  qf_num v;
  if (!text || qf_num_parse(text, strlen(text), &v, NULL))
    return;
  qf_buf_printf(b, ",\"%s\":", name);
  qf_num_write(b, v);
}

static void put_head(qf_buf *b, bool first, const char *type, const char *id, const char *by)
{
  qf_buf_puts(b, first ? "{" : ",{");
  put_text(b, "type", type);
  put_text(b, "id", id);
  put_text(b, "status", "accepted");
  put_text(b, "by", by);
  qf_buf_puts(b, ",\"data\":{");
}

static void put_point(qf_buf *b, const qf_map_point *p)
{
  static const char *const kinds[] = {NULL, "register", "interval", "gauge", "state", NULL};
  char k[48];
  qf_buf t;
  qf_buf_init(&t, sizeof k);
  qf_num_write(&t, p->k);
  snprintf(k, sizeof k, "%s", t.data ? t.data : "1");
  qf_buf_fini(&t);
  put_text(b, "subject", p->subject);
  put_text(b, "name_zh", p->name_zh);
  put_text(b, "name_en", p->name_en);
  put_text(b, "carrier", p->carrier);
  put_text(b, "flow", p->flow);
  put_text(b, "unit", p->unit);
  put_text(b, "kind", kinds[p->kind]);
  put_text(b, "k", k);
  if (p->digits)
    put_number(b, "digits", p->digits);
  if (p->lsb_exp <= 0)
    put_number(b, "lsb_exp", p->lsb_exp);
  if (p->period_s)
    put_number(b, "period_s", p->period_s);
  put_text(b, "stamp", p->stamp_begin ? "begin" : "end");
  put_decimal(b, "rated", p->rated);
  put_decimal(b, "low", p->low);
  put_decimal(b, "high", p->high);
  put_decimal(b, "rate_limit", p->rate_limit);
  put_text(b, "parent", p->parent);
  put_decimal(b, "loss_share", p->loss_share);
  put_decimal(b, "level", p->level);
}

void qf_map_records(const qf_map *m, const char *by, qf_buf *out)
{
  bool first = true;
  qf_buf_putc(out, '[');
  for (size_t i = 0; i < m->nsubjects; i++, first = false) {
    const qf_map_subject *s = &m->subjects[i];
    put_head(out, first, "subject", s->id, by);
    put_text(out, "parent", s->parent);
    put_text(out, "kind", s->kind);
    put_text(out, "name_zh", s->name_zh);
    put_text(out, "name_en", s->name_en);
    put_text(out, "sector", s->sector);
    put_text(out, "uscc", s->uscc);
    put_text(out, "product", s->product);
    qf_buf_printf(out, ",\"sample\":%s}}", s->sample ? "true" : "false");
  }
  for (size_t i = 0; i < m->npoints; i++) {
    if (m->points[i].kind == QF_MAP_TEXT)
      continue;
    put_head(out, first, "point", m->points[i].series, by);
    put_point(out, &m->points[i]);
    qf_buf_puts(out, "}}");
    first = false;
  }
  qf_buf_putc(out, ']');
}
