#include "wire/units.h"
#include <string.h>

/* Kinds: e electrical energy (base Wh), j heat (J), g mass (g), v volume (m3; gas volumes are standard cubic metres), p
 * power (W), q reactive energy (varh), r reactive power (var), a apparent power (VA). exp: 1 unit = 10^exp base. */
typedef struct unit {
  const char *name;
  char kind;
  int8_t exp;
} unit;

static const unit units[] = {
    {"Wh", 'e', 0},        {"kWh", 'e', 3},    {"MWh", 'e', 6},    {"GWh", 'e', 9},   {"TWh", 'e', 12},
    {"千瓦时", 'e', 3},    {"度", 'e', 3},     {"兆瓦时", 'e', 6}, {"万kWh", 'e', 7}, {"万千瓦时", 'e', 7},
    {"亿千瓦时", 'e', 11}, {"J", 'j', 0},      {"kJ", 'j', 3},     {"MJ", 'j', 6},    {"GJ", 'j', 9},
    {"TJ", 'j', 12},       {"吉焦", 'j', 9},   {"兆焦", 'j', 6},   {"g", 'g', 0},     {"kg", 'g', 3},
    {"t", 'g', 6},         {"kt", 'g', 9},     {"千克", 'g', 3},   {"公斤", 'g', 3},  {"吨", 'g', 6},
    {"万t", 'g', 10},      {"万吨", 'g', 10},  {"L", 'v', -3},     {"升", 'v', -3},   {"m3", 'v', 0},
    {"m³", 'v', 0},        {"立方米", 'v', 0}, {"Nm3", 'v', 0},    {"Nm³", 'v', 0},   {"标立方米", 'v', 0},
    {"千m3", 'v', 3},      {"万m3", 'v', 4},   {"万m³", 'v', 4},   {"万Nm3", 'v', 4}, {"万立方米", 'v', 4},
    {"W", 'p', 0},         {"kW", 'p', 3},     {"MW", 'p', 6},     {"GW", 'p', 9},    {"千瓦", 'p', 3},
    {"万千瓦", 'p', 7},    {"varh", 'q', 0},   {"kvarh", 'q', 3},  {"Mvarh", 'q', 6}, {"千乏时", 'q', 3},
    {"var", 'r', 0},       {"kvar", 'r', 3},   {"Mvar", 'r', 6},   {"VA", 'a', 0},    {"kVA", 'a', 3},
    {"MVA", 'a', 6},
};

static char lower(char c)
{
  return (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

static bool same(const char *a, size_t n, const char *b)
{
  size_t i = 0;
  while (i < n && b[i] && lower(a[i]) == lower(b[i]))
    i++;
  return i == n && b[i] == 0;
}

static const unit *find(const char *s, size_t n)
{
  for (size_t i = 0; i < sizeof units / sizeof *units; i++)
    if (same(s, n, units[i].name))
      return &units[i];
  return NULL;
}

bool qf_unit_shift(const char *from, size_t from_len, const char *to, int *shift)
{
  const unit *a = find(from, from_len), *b = find(to, strlen(to));
  *shift = a && b ? a->exp - b->exp : 0;
  return a && b ? a->kind == b->kind : same(from, from_len, to);
}

const char *qf_unit_standard(const char *carrier, const char *written)
{
  static const char *const by_carrier[][2] = {
      {"steam", "GJ"}, {"heat", "GJ"}, {"fresh_water", "t"}, {"soft_water", "t"}};
  static const char *const by_kind[][2] = {{"e", "kWh"}, {"j", "GJ"},    {"g", "t"},    {"v", "m3"},
                                           {"p", "kW"},  {"q", "kvarh"}, {"r", "kvar"}, {"a", "kVA"}};
  const unit *u = find(written, strlen(written));
  for (size_t i = 0; u && carrier && i < sizeof by_carrier / sizeof *by_carrier; i++)
    if (strcmp(carrier, by_carrier[i][0]) == 0 && strchr("ejgv", u->kind))
      return by_carrier[i][1];
  for (size_t i = 0; u && i < sizeof by_kind / sizeof *by_kind; i++)
    if (u->kind == by_kind[i][0][0])
      return by_kind[i][1];
  return written;
}

qf_rc qf_unit_factor(qf_num m, const char *from, const char *to, qf_num *out)
{
  int shift;
  if (!qf_unit_shift(from, strlen(from), to, &shift)) {
    const unit *a = find(from, strlen(from)), *b = find(to, strlen(to));
    if (!a || !b || a->kind != 'e' || b->kind != 'j')
      return QF_RANGE;
    if (__builtin_mul_overflow(m.mant, INT64_C(36), &m.mant)) /* 1 Wh = 3600 J */
      return QF_RANGE;
    shift = a->exp + 2 - b->exp;
  }
  int exp = m.exp + shift;
  for (; exp > 0 && m.mant <= INT64_MAX / 10 && m.mant >= INT64_MIN / 10; exp--)
    m.mant *= 10; /* 10^3 reads better as 1000 */
  if (exp < -30 || exp > 30)
    return QF_RANGE;
  *out = (qf_num){m.mant, (int8_t)exp};
  return QF_OK;
}
