/* The coefficient tables of the packs against their own grounds: a coefficient printed with its heating value must be
 * Q / 29 307.6, an emission factor with NCV, CC and OF must be NCV x CC x OF x 44/12, a carbonate must match its molar
 * masses, editions of a factor must not overlap, and every carrier that needs a factor must have one. */
#include "domain/carbon.h"
#include "domain/energy.h"
#include "domain/inventory.h"
#include <ctype.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { COLS = 16, ROWS = 512 };
typedef struct table {
  char *text;
  char *cell[ROWS][COLS];
  size_t rows, cols;
} table;

/* RFC 4180, in place: cells are NUL-terminated pieces of text. */
static char *take_cell(char **p, char *end_char)
{
  char *s = *p, *out = s, *start = s;
  if (*s == '"') {
    for (s++; *s && !(s[0] == '"' && s[1] != '"'); s++) {
      if (*s == '"')
        s++;
      *out++ = *s;
    }
    assert_true(*s == '"');
    s++;
  } else {
    while (*s && *s != ',' && *s != '\n')
      *out++ = *s++;
  }
  *end_char = *s;
  *p = *s ? s + 1 : s;
  *out = 0;
  return start;
}

static void load(const char *path, table *t)
{
  memset(t, 0, sizeof *t);
  FILE *f = fopen(path, "rb");
  assert_non_null(f);
  t->text = calloc(1, 1u << 18);
  assert_non_null(t->text);
  size_t n = fread(t->text, 1, (1u << 18) - 1, f);
  assert_true(n > 0 && n < (1u << 18) - 1 && t->text[n - 1] == '\n');
  fclose(f);
  for (char *p = t->text; *p; t->rows++) {
    size_t col = 0;
    char end = ',';
    assert_true(t->rows < ROWS);
    while (end == ',') {
      assert_true(col < COLS);
      t->cell[t->rows][col++] = take_cell(&p, &end);
    }
    if (!t->rows)
      t->cols = col;
    assert_int_equal(col, t->cols);
  }
}

static size_t column(const table *t, const char *name)
{
  for (size_t i = 0; i < t->cols; i++) {
    if (strcmp(t->cell[0][i], name) == 0)
      return i;
  }
  fail_msg("no column %s", name);
  return 0;
}

static const char *lookup(const table *t, const char *key_col, const char *key, const char *col)
{
  size_t k = column(t, key_col), c = column(t, col);
  for (size_t i = 1; i < t->rows; i++) {
    if (strcmp(t->cell[i][k], key) == 0)
      return t->cell[i][c];
  }
  return NULL;
}

static double value_of(const table *t, const char *id)
{
  const char *s = lookup(t, "id", id, "value");
  if (!s)
    fail_msg("no factor %s", id);
  return s ? strtod(s, NULL) : 0;
}

static void ids_and_columns(void **state)
{
  const table *t = *state;
  size_t id = column(t, "id"), factor = column(t, "factor"), edition = column(t, "edition"),
         cert = column(t, "certainty");
  for (size_t i = 1; i < t->rows; i++) {
    char want[200];
    snprintf(want, sizeof want, "%s@%s", t->cell[i][factor], t->cell[i][edition]);
    assert_string_equal(t->cell[i][id], want);
    assert_true(strlen(t->cell[i][cert]) == 1 && strchr("VCHML", t->cell[i][cert][0]));
    for (size_t j = i + 1; j < t->rows; j++)
      assert_string_not_equal(t->cell[i][id], t->cell[j][id]);
    const char *dot = strchr(t->cell[i][column(t, "value")], '.');
    assert_true(!dot || strlen(dot + 1) <= 9); /* DECIMAL(18,9) */
  }
}

/* Two editions of one factor: the later begins where or after the earlier ends (dates compare as text). */
static void editions_do_not_overlap(void **state)
{
  const table *t = *state;
  size_t factor = column(t, "factor"), from = column(t, "valid_from"), to = column(t, "valid_to");
  for (size_t i = 1; i < t->rows; i++) {
    const char *end = t->cell[i][to];
    assert_true(!*end || strcmp(t->cell[i][from], end) < 0);
    for (size_t j = i + 1; j < t->rows; j++) {
      if (strcmp(t->cell[i][factor], t->cell[j][factor]) == 0)
        assert_true(*end && strcmp(end, t->cell[j][from]) <= 0);
    }
  }
}

static void coefficients_match_their_heating_value(void **state)
{
  const table *t = *state;
  int seen = 0;
  for (size_t i = 1; i < t->rows; i++) {
    const char *note = t->cell[i][column(t, "note")], *unit = t->cell[i][column(t, "unit")],
               *lhv = strstr(note, "LHV ");
    if (strncmp(t->cell[i][0], "k.", 2) != 0 || !lhv || !isdigit((unsigned char)lhv[4]))
      continue;
    double low = strtod(lhv + 4, NULL), k, value = strtod(t->cell[i][column(t, "value")], NULL);
    if (strcmp(unit, "kgce/t") == 0)
      value /= 1000;
    const char *dash = strpbrk(lhv + 4, "- ");
    double high = dash && *dash == '-' ? strtod(dash + 1, NULL) : low;
    assert_int_equal(qf_energy_k_of_lhv(low, &k, NULL), QF_OK);
    if (value < k - 1.01e-4)
      fail_msg("%s is %g, under %g", t->cell[i][0], value, k);
    assert_int_equal(qf_energy_k_of_lhv(high, &k, NULL), QF_OK);
    if (value > k + 1.01e-4)
      fail_msg("%s is %g, over %g", t->cell[i][0], value, k);
    seen++;
  }
  assert_int_equal(seen, 29); /* rows whose note gives a heating value */
}

static void emission_factors_match_their_parts(void **state)
{
  const table *t = *state;
  int seen = 0;
  for (size_t i = 1; i < t->rows; i++) {
    double ncv, cc, of, ef;
    char per[24];
    if (sscanf(t->cell[i][column(t, "note")], "NCV %lf GJ/%23s", &ncv, per) != 2)
      continue;
    const char *c = strstr(t->cell[i][column(t, "note")], "CC "), *o = strstr(t->cell[i][column(t, "note")], "OF ");
    assert_true(c && o);
    cc = strtod(c + 3, NULL);
    of = strtod(o + 3, NULL);
    const qf_fuel f = {ncv, cc / 1000, of};
    assert_int_equal(qf_carbon_ef(&f, &ef, NULL), QF_OK);
    if (strcmp(t->cell[i][column(t, "unit")], "tCO2/m3") == 0) {
      assert_string_equal(per, "10^4"); /* the table is per 10^4 m3, the account per m3 */
      ef /= 10000;
    }
    assert_true(fabs(ef - strtod(t->cell[i][column(t, "value")], NULL)) <= 0.5001e-9);
    seen++;
  }
  assert_int_equal(seen, 26); /* 22 rows of the table and 4 that borrow one */
}

static void carbonates_match_molar_masses(void **state)
{
  const table *t = *state;
  static const char *const pair[][2] = {{"CaCO3", "CaCO3"},   {"MgCO3", "MgCO3"},   {"CaMg(CO3)2", "CaMg_CO3_2"},
                                        {"Na2CO3", "Na2CO3"}, {"NaHCO3", "NaHCO3"}, {"FeCO3", "FeCO3"},
                                        {"MnCO3", "MnCO3"},   {"BaCO3", "BaCO3"},   {"Li2CO3", "Li2CO3"},
                                        {"K2CO3", "K2CO3"},   {"SrCO3", "SrCO3"}};
  for (size_t i = 0; i < sizeof pair / sizeof *pair; i++) {
    char id[64];
    snprintf(id, sizeof id, "ef.carbonate.%s@1", pair[i][1]);
    assert_true(fabs(value_of(t, id) - qf_carbon_stoichiometry(pair[i][0])) <= 1.01e-4);
  }
}

/* Values as announced, kgCO2/kWh. */
static void grid_factors(void **state)
{
  const table *t = *state;
  const struct {
    const char *id, *from, *to;
    double kg;
  } g[] = {{"ef.grid.CN-LN@1", "2021-01-01", "2022-01-01", 0.5876},
           {"ef.grid.CN-LN@2", "2022-01-01", "2023-01-01", 0.5626},
           {"ef.grid.CN-LN@3", "2023-01-01", "2024-01-01", 0.4878},
           {"ef.grid.CN@3", "2023-01-01", "2024-01-01", 0.5306},
           {"ef.grid.CN-NE@2", "2022-01-01", "2023-01-01", 0.5564}};
  for (size_t i = 0; i < sizeof g / sizeof *g; i++) {
    assert_true(fabs(value_of(t, g[i].id) * 1000 - g[i].kg) < 1e-9);
    assert_string_equal(lookup(t, "id", g[i].id, "valid_from"), g[i].from);
    assert_string_equal(lookup(t, "id", g[i].id, "valid_to"), g[i].to);
  }
  assert_true(fabs(value_of(t, "ef.heat@1") - 0.11) < 1e-12);
  assert_true(fabs(value_of(t, "ef.crude_steel@1") - 0.0154) < 1e-12);
  assert_true(fabs(value_of(t, "k.electricity@1") - 0.1229) < 1e-12);
  assert_true(fabs(value_of(t, "k.heat@1") - 34.12) < 1e-12);
}

/* Every carrier has a factor where the accounts need one, in the carrier's own unit; the exceptions are named. */
static void carriers_have_their_factors(void **state)
{
  const table *t = *state;
  static const char *const no_k[] = {"other_washed_coal", "other_gas"};
  static const char *const no_ef[] = {"electricity", "gangue", "producer_gas"}; /* electricity has grid factors */
  table c;
  load("packs/city/data/carriers.csv", &c);
  for (size_t i = 1; i < c.rows; i++) {
    const char *code = c.cell[i][0], *unit = c.cell[i][column(&c, "unit")], *nature = c.cell[i][column(&c, "nature")],
               *got;
    char factor[80], want[80];
    bool skip = false;
    snprintf(factor, sizeof factor, "k.%s", code);
    snprintf(want, sizeof want, "kgce/%s", unit);
    for (size_t j = 0; j < 2; j++)
      skip = skip || strcmp(code, no_k[j]) == 0;
    got = lookup(t, "factor", factor, "unit");
    if (!skip && (strcmp(nature, "energy") == 0 || strcmp(nature, "medium") == 0))
      assert_string_equal(got ? got : factor, want);
    skip = false;
    for (size_t j = 0; j < 3; j++)
      skip = skip || strcmp(code, no_ef[j]) == 0;
    snprintf(factor, sizeof factor, "ef.%s", code);
    snprintf(want, sizeof want, "tCO2/%s", unit);
    got = lookup(t, "factor", factor, "unit");
    if (!skip && *c.cell[i][column(&c, "co2_scope")])
      assert_string_equal(got ? got : factor, want);
  }
  free(c.text);
}

static void limits_rise_by_level(void **state)
{
  (void)state;
  table l;
  load("packs/industry/data/limits.csv", &l);
  assert_string_equal(lookup(&l, "id", "bf.all@GB 21256-2025", "level1"), "361");
  assert_string_equal(lookup(&l, "id", "bof.all@GB 21256-2025", "level3"), "-12");
  assert_string_equal(lookup(&l, "id", "coking.top_charged@GB 21342-2025", "level3"), "135");
  for (size_t i = 1; i < l.rows; i++) {
    double last = -1e9;
    for (size_t k = column(&l, "level1"); k < column(&l, "level1") + 3; k++) {
      const char *s = l.cell[i][k];
      if (*s) {
        assert_true(strtod(s, NULL) >= last);
        last = strtod(s, NULL);
      }
    }
  }
  free(l.text);
}

/* The schema the city's inventory is filed by says of every row what qf_gpc_level says. */
static void inventory_rows_are_of_the_schema(void **state)
{
  (void)state;
  static const char *const levels[] = {"basic", "basic_plus", "territorial", "other"};
  table t;
  load("packs/city/data/gpc_refs.csv", &t);
  assert_true(t.rows > 50);
  for (size_t i = 1; i < t.rows; i++) {
    qf_gpc level;
    int scope;
    assert_int_equal(qf_gpc_level(t.cell[i][column(&t, "ref")], &level, &scope, NULL), QF_OK);
    assert_string_equal(t.cell[i][column(&t, "level")], levels[level]);
    assert_int_equal(scope, atoi(t.cell[i][column(&t, "scope")]));
  }
  free(t.text);
}

static int open_factors(void **state)
{
  table *t = malloc(sizeof *t);
  if (!t)
    return -1;
  load("packs/city/data/factors.csv", t);
  *state = t;
  return 0;
}

static int close_factors(void **state)
{
  table *t = *state;
  free(t->text);
  free(t);
  return 0;
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ids_and_columns),
      cmocka_unit_test(editions_do_not_overlap),
      cmocka_unit_test(coefficients_match_their_heating_value),
      cmocka_unit_test(emission_factors_match_their_parts),
      cmocka_unit_test(carbonates_match_molar_masses),
      cmocka_unit_test(grid_factors),
      cmocka_unit_test(carriers_have_their_factors),
      cmocka_unit_test(limits_rise_by_level),
      cmocka_unit_test(inventory_rows_are_of_the_schema),
  };
  return cmocka_run_group_tests(tests, open_factors, close_factors);
}
