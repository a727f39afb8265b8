/* Inside of the readings map, shared by map.c (reading the INI), map_run.c (rows) and map_time.c (stamps). */
#ifndef QF_WIRE_MAP_INT_H
#define QF_WIRE_MAP_INT_H
#include "wire/csv.h"
#include "wire/map.h"

enum { MAP_FORMATS = 8, MAP_TOKENS = 24, MAP_MISSING = 16, MAP_STATES = 1024 };

typedef enum tk {
  TK_LITERAL,
  TK_YEAR4,
  TK_MONTH2,
  TK_MONTH,
  TK_DAY2,
  TK_DAY,
  TK_HOUR2,
  TK_HOUR,
  TK_MINUTE,
  TK_SECOND,
  TK_ZONE
} tk;

typedef struct map_format { /* one way to write a stamp */
  uint8_t n;
  struct {
    uint8_t kind; /* tk */
    char c;       /* TK_LITERAL */
  } tok[MAP_TOKENS];
} map_format;

typedef struct map_state { /* state WORD = NUMBER, of one point */
  uint32_t point;
  const char *word;
  qf_num v;
} map_state;

typedef struct map_stamp { /* a stamp as read from the cells */
  qf_civil c;              /* hour may be 24 with minute and second 0 */
  qf_us offset;            /* of the cell's own zone token, else the map's */
  bool has_offset;
} map_stamp;

typedef struct arena_block {
  struct arena_block *next;
  char bytes[];
} arena_block;

struct qf_map {
  arena_block *blocks; /* every string */
  /* [file] */
  bool is_long, no_quotes, spaces_join, refuse_empty, decimal_comma, gb18030;
  char delim, grouping; /* grouping 0 = none */
  uint32_t header, skip;
  const char *missing[MAP_MISSING];
  size_t nmissing;
  /* [time] */
  const char *date_column, *time_column, *seconds_column, *weekday_column;
  map_format format[MAP_FORMATS];
  size_t nformats;
  const char *format_text;
  qf_us offset, shift;
  bool shanghai, midnight_end;
  /* [long] */
  const char *name_column, *value_column, *unit_column;
  bool pass_unknown;
  /* points, subjects, states */
  qf_map_subject *subjects;
  size_t nsubjects;
  qf_map_point *points;
  size_t npoints;
  map_state *states;
  size_t nstates;
};

/* Compile "D/M/YYYY H:mm | YYYY-MM-DD HH:mm". Errors: QF_SYNTAX with words. */
QF_MUST qf_rc map_formats_compile(qf_map *m, const char *text, qf_err *err);
/* Read a cell in one format, whole. */
bool map_stamp_read(const map_format *f, const char *s, size_t n, map_stamp *out);
/* Zone "UTC" "Asia/Shanghai" "+09:00". */
QF_MUST qf_rc map_zone_parse(qf_map *m, const char *s, qf_err *err);
/* "15m" "1h" "30s" "1d" "-15m" -> microseconds. */
bool map_span_parse(const char *s, qf_us *out);
/* Weekday by name or number, 0 Monday .. 6 Sunday; -1 unknown. */
int map_weekday(const char *s, size_t n);
/* The moment a stamp means under the map's zone, midnight rule and shift. Errors: QF_RANGE no such date, outside
 * 1970..2200, or (Asia/Shanghai) before 1991-09-15. */
QF_MUST qf_rc map_moment(const qf_map *m, const map_stamp *st, qf_us *out);
#endif
