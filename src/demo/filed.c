/* The 117 units without meters (u007..u123): invented names, monthly filings of energy, output and value added.
 *
 *   quantity = size of the unit * share of the carrier / coefficient * season(month) * growth * (1 + noise)
 *
 * The coefficients here only choose how big a sample number is; no figure of the city is computed from them.
 * Growth from year to year: energy 1.0412, value added 1.103, so energy per value added 1.0412 / 1.103 - 1 = -5.6 %.
 *
 * Codes: a unified social credit code (GB 32100) is 91 + district + organisation code (GB 11714) + check. All organisation
 * parts here read DEM0nnnn - "demo" and the number of the unit - with valid check digits; no register gives these out. */
#include "demo/plant.h"
#include <stdio.h>
#include <string.h>

typedef struct kind {
  uint8_t count;
  const char *sector, *zh, *en;
  double tce;                                      /* of a middling unit, a year */
  double el, coal, anth, gas, diesel, heat, steam; /* shares of tce bought */
  const char *product;
  double per_tce; /* product per tce */
  double va;      /* CNY per tce */
  uint8_t season; /* 0 flat, 1 building season, 2 heating */
  double ore;     /* t magnesite per t product */
} kind;

/* clang-format off */
static const kind kinds[] = {
  {22, "3089", "镁砂", "magnesia", 12000, .22, 0, .46, .30, .02, 0, 0, "magnesia_dead_burned", 3.2, 2600, 0, 2.15},
  {10, "3089", "电熔镁", "fused magnesia", 9000, .94, 0, 0, .03, .03, 0, 0, "magnesia_fused", 3.4, 3000, 0, 2.2},
  {8, "3089", "耐火砖", "refractory bricks", 8000, .34, 0, 0, .63, .03, 0, 0, NULL, 0, 5200, 1, 0},
  {6, "3130", "轧钢", "steel rolling", 30000, .32, 0, 0, .66, .02, 0, 0, "rolled_steel", 17, 4200, 0, 0},
  {4, "3140", "铁合金", "ferro-alloys", 25000, .82, 0, .17, 0, .01, 0, 0, NULL, 0, 2500, 0, 0},
  {3, "3011", "水泥粉磨", "cement grinding", 7000, .93, 0, 0, .04, .03, 0, 0, "cement", 230, 6000, 1, 0},
  {4, "3252", "铝材", "aluminium products", 16000, .52, 0, 0, .46, .02, 0, 0, NULL, 0, 7800, 0, 0},
  {2, "3217", "镁冶炼", "magnesium metal", 22000, .2, .55, 0, .24, .01, 0, 0, NULL, 0, 3200, 0, 0},
  {8, "2614", "有机化工", "organic chemicals", 20000, .36, .22, 0, .10, .01, .31, 0, NULL, 0, 6500, 0, 0},
  {2, "2511", "石油加工", "oil processing", 42000, .2, 0, 0, .58, .01, 0, .21, NULL, 0, 5200, 0, 0},
  {10, "4430", "供热", "district heating", 24000, .06, .93, 0, 0, .01, 0, 0, NULL, 0, 1500, 2, 0},
  {8, "3489", "装备", "machinery", 5600, .62, 0, 0, .3, .05, .03, 0, NULL, 0, 26000, 0, 0},
  {4, "3670", "汽车保温件", "vehicle parts", 6200, .66, 0, 0, .28, .03, .03, 0, NULL, 0, 24000, 0, 0},
  {6, "1391", "食品", "food", 5400, .48, .1, 0, .22, .04, .16, 0, NULL, 0, 15000, 0, 0},
  {4, "1711", "纺织", "textiles", 6400, .58, 0, 0, .14, .02, .26, 0, NULL, 0, 13000, 0, 0},
  {3, "2221", "造纸", "paper", 14000, .4, .12, 0, 0, .02, 0, .46, NULL, 0, 5200, 0, 0},
  {5, "2921", "塑料", "plastics", 5800, .84, 0, 0, .1, .03, .03, 0, NULL, 0, 18000, 0, 0},
  {4, "3825", "光伏装备", "photovoltaic equipment", 6000, .86, 0, 0, .1, .02, .02, 0, NULL, 0, 34000, 0, 0},
  {1, "4610", "供水", "water supply", 5200, .98, 0, 0, 0, .02, 0, 0, NULL, 0, 9000, 0, 0},
  {3, "5990", "仓储物流", "warehousing", 5200, .55, 0, 0, .08, .37, 0, 0, "throughput", 900, 20000, 0, 0},
};
/* clang-format on */
enum { KINDS = sizeof kinds / sizeof *kinds, FIRST = 7, UNITS = 117 };
static const char *const districts[6] = {"210802", "210803", "210804", "210811", "210881", "210882"};

int demo_filed_count(void)
{
  return UNITS;
}

int demo_district_index(const char *code)
{
  for (int i = 0; i < 6; i++)
    if (strcmp(districts[i], code) == 0)
      return i;
  return -1;
}

static const kind *kind_of(int unit, int *in_kind)
{
  int n = unit - FIRST;
  for (size_t k = 0; k < KINDS; k++) {
    if (n < kinds[k].count) {
      *in_kind = n;
      return &kinds[k];
    }
    n -= kinds[k].count;
  }
  return NULL;
}

/* Magnesia and refractories lie in Dashiqiao, steel rolling in Laobian, district heating everywhere, the rest by turns.
 */
static const char *district_of(int unit)
{
  int n;
  const kind *k = kind_of(unit, &n);
  if (!k)
    return unit == 1 || unit == 6 ? districts[2] : unit == 4 ? districts[3] : unit == 5 ? districts[0] : districts[5];
  if (strcmp(k->sector, "3089") == 0)
    return n % 7 == 6 ? districts[4] : districts[5];
  if (strcmp(k->sector, "3130") == 0)
    return n % 3 == 2 ? districts[2] : districts[3];
  return districts[(unit * 5 + n) % 6];
}

static int code_value(char c)
{
  return c <= '9' ? c - '0' : c - 'A' + 10;
}

void demo_uscc(int unit, char out[19])
{
  static const char set[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
  static const int w11714[8] = {3, 7, 9, 10, 5, 8, 4, 2};
  static const int w32100[17] = {1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28};
  char text[40];
  snprintf(text, sizeof text, "91%.6sDEM0%04d", district_of(unit), unit);
  int sum = 0;
  for (int i = 0; i < 8; i++)
    sum += w11714[i] * code_value(text[8 + i]);
  int c9 = 11 - sum % 11;
  text[16] = c9 == 10 ? 'X' : c9 == 11 ? '0' : (char)('0' + c9);
  sum = 0;
  for (int i = 0; i < 17; i++)
    sum += w32100[i] * (int)(strchr(set, text[i]) - set);
  text[17] = set[(31 - sum % 31) % 31];
  memcpy(out, text, 18);
  out[18] = 0;
}

/* ---- monthly numbers */

typedef struct carrier_size {
  const char *carrier;
  double tce, co2; /* of one standard unit */
} carrier_size;
enum { C_EL, C_COAL, C_ANTH, C_GAS, C_DIESEL, C_HEAT, C_STEAM, C_COUNT };
static const carrier_size sizes[C_COUNT] = {
    {"electricity", 0.0001229, 0.0004878},
    {"raw_coal", 0.7143, 1.747},
    {"anthracite", 0.9428, 1.9238},
    {"natural_gas", 0.00133, 0.0021622},
    {"diesel", 1.4571, 3.0959},
    {"heat", 0.03412, 0.11},
    {"heat", 0.03412, 0.11}, /* steam bought is heat on the form of the statistics office */
};

static double share(const kind *k, int c)
{
  const double s[C_COUNT] = {k->el, k->coal, k->anth, k->gas, k->diesel, k->heat, k->steam};
  return s[c];
}

static double season(const kind *k, int month)
{
  static const double flat[12] = {1.0, 0.86, 1.04, 1.03, 1.03, 0.99, 0.98, 1.0, 1.01, 1.03, 1.01, 1.02};
  static const double build[12] = {0.7, 0.55, 0.95, 1.12, 1.15, 1.12, 1.08, 1.1, 1.15, 1.18, 1.05, 0.85};
  static const double heat[12] = {3.0, 2.45, 1.6, 0.03, 0.02, 0.02, 0.02, 0.02, 0.03, 0.1, 1.85, 2.86};
  return (k->season == 1 ? build : k->season == 2 ? heat : flat)[month];
}

static double growth(int32_t month, double yearly)
{
  double g = 1.0;
  int n = month / 12 - 2026;
  for (; n > 0; n--)
    g *= yearly;
  for (; n < 0; n++)
    g /= yearly;
  return g;
}

static double unit_tce(uint64_t seed, int unit, const kind *k)
{
  return k->tce * (1.0 + 0.45 * demo_white(seed, 0x500, unit));
}

static double month_tce(uint64_t seed, int unit, const kind *k, int32_t month)
{
  double noise = 1.0 + 0.035 * demo_white(seed, 0x600 + (uint32_t)unit, month);
  return unit_tce(seed, unit, k) / 12.0 * season(k, month % 12) * growth(month, 1.0412) * noise;
}

json_t *demo_record(const char *type, const char *id, json_t *data)
{
  return data ? json_pack("{s:s, s:s, s:s, s:s, s:o}", "type", type, "id", id, "status", "accepted", "by", "demo",
                          "data", data)
              : NULL;
}

static bool push(json_t *array, json_t *rec)
{
  return rec && json_array_append_new(array, rec) == 0;
}

static int64_t whole(double x)
{
  return x > 0 ? (int64_t)(x + 0.5) : 0;
}

static bool file_energy(json_t *array, const char *unit, int32_t month, const char *carrier, const char *flow,
                        double quantity)
{
  char id[80];
  snprintf(id, sizeof id, "%s:%d:%s:%s", unit, (int)month, carrier, flow);
  return push(array, demo_record("energy_monthly", id,
                                 json_pack("{s:s, s:i, s:s, s:s, s:I, s:s}", "subject", unit, "month", (int)month,
                                           "carrier", carrier, "flow", flow, "quantity", (json_int_t)whole(quantity),
                                           "source", "sample data 演示数据")));
}

static bool file_month(uint64_t seed, int unit, const kind *k, int32_t month, json_t *array)
{
  char id[16], rec[64];
  snprintf(id, sizeof id, "u%03d", unit);
  double tce = month_tce(seed, unit, k, month);
  bool ok = true;
  for (int c = 0; c < C_COUNT && ok; c++)
    if (share(k, c) > 0)
      ok = file_energy(array, id, month, sizes[c].carrier, "purchase", tce * share(k, c) / sizes[c].tce);
  if (ok && k->season == 2) /* a heating company hands on 78 % of its coal as heat */
    ok = file_energy(array, id, month, "heat", "export", tce * k->coal * 0.78 / 0.03412);
  double made = tce * k->per_tce * (1.0 + 0.02 * demo_white(seed, 0x700 + (uint32_t)unit, month));
  if (ok && k->ore > 0)
    ok = file_energy(array, id, month, "magnesite", "purchase", made * k->ore);
  if (ok && k->product) {
    snprintf(rec, sizeof rec, "%s-%d-%s", id, (int)month, k->product);
    ok = push(array, demo_record("output_monthly", rec,
                                 json_pack("{s:s, s:i, s:s, s:I}", "subject", id, "month", (int)month, "product",
                                           k->product, "quantity", (json_int_t)whole(made))));
  }
  double va = unit_tce(seed, unit, k) / 12.0 * k->va * season(k, month % 12) * growth(month, 1.103) *
              (1.0 + 0.02 * demo_white(seed, 0x800 + (uint32_t)unit, month));
  snprintf(rec, sizeof rec, "%s-%d", id, (int)month);
  return ok && push(array, demo_record("va_monthly", rec,
                                       json_pack("{s:s, s:i, s:I, s:s}", "subject", id, "month", (int)month,
                                                 "value_added_cny", (json_int_t)whole(va), "price_base", "2020")));
}

static bool file_subject(int unit, const kind *k, json_t *array)
{
  char id[16], zh[80], en[80], uscc[19];
  snprintf(id, sizeof id, "u%03d", unit);
  snprintf(zh, sizeof zh, "样本企业 %03d（%s）", unit, k->zh);
  snprintf(en, sizeof en, "Sample Enterprise %03d (%s)", unit, k->en);
  demo_uscc(unit, uscc);
  return push(array,
              demo_record("subject", id,
                          json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:b}", "parent", district_of(unit), "kind", "unit",
                                    "name_zh", zh, "name_en", en, "sector", k->sector, "uscc", uscc, "sample", 1)));
}

qf_rc demo_filed_records(uint64_t seed, int32_t month_from, int32_t month_to, json_t *array)
{
  int n;
  for (int unit = FIRST; unit < FIRST + UNITS; unit++)
    if (!file_subject(unit, kind_of(unit, &n), array))
      return QF_NOMEM;
  for (int32_t month = month_from; month <= month_to; month++)
    for (int unit = FIRST; unit < FIRST + UNITS; unit++)
      if (!file_month(seed, unit, kind_of(unit, &n), month, array))
        return QF_NOMEM;
  return QF_OK;
}

void demo_filed_totals(uint64_t seed, demo_totals *t)
{
  int n;
  for (int unit = FIRST; unit < FIRST + UNITS; unit++) {
    const kind *k = kind_of(unit, &n);
    int d = demo_district_index(district_of(unit));
    double tce = unit_tce(seed, unit, k), co2 = tce * k->per_tce * k->ore * 0.522, kwh = tce * k->el / sizes[C_EL].tce;
    for (int c = 0; c < C_COUNT; c++)
      co2 += tce * share(k, c) / sizes[c].tce * sizes[c].co2;
    if (k->season == 2) {
      co2 -= tce * k->coal * 0.78 / 0.03412 * 0.11;
      tce -= tce * k->coal * 0.78;
    }
    for (int i = 0; i < 2; i++) {
      int at = i ? 6 : d;
      t->tce[at] += tce;
      t->kwh[at] += kwh;
      t->co2[at] += co2;
    }
  }
}
