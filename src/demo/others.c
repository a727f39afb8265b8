/* Five works in less detail: magnesia (u002), cement (u003), float glass (u004), heat and power (u005), port (u006).
 *   magnesia  caustic: 2.1 t ore, 150 m3 gas/t; dead-burned: 2.15 t ore, 0.24 t anthracite/t; fused: 2350 kWh/t
 *   clinker   0.134 t coal + 1.2 t limestone; waste heat gives 30 kWh/t clinker
 *   glass     per weight case (50 kg): 6.6 m3 gas, 5.2 kWh, 10.2 kg soda ash
 *   CHP       coal by heat: electricity at 34 %, heat at 85 %; heat follows the heating season, steam the day
 *   port      throughput by ship calls; electricity of cranes and belts, shore power, diesel of yard machines */
#include "demo/plant.h"

#define N(x) ((uint8_t)(sizeof(x) / sizeof *(x)))
#define SPLIT(x) .parts = (x), .nparts = N(x)
#define CONS(p, c, d, x, n, b)                                                                                         \
  .proc = p, .carrier = c, .flow = F_CONSUME, .level = 2, .driver = d, .per = x, .noise = n, .bus = b
#define RECO(p, c, d, x, n, b)                                                                                         \
  .proc = p, .carrier = c, .flow = F_RECOVER, .level = 2, .driver = d, .per = x, .noise = n, .bus = -(b)
#define OUTP(p, c, d, x) .proc = p, .carrier = c, .flow = F_OUTPUT, .level = 2, .driver = d, .per = x
#define UNIT(c, f, d, x) .proc = "", .carrier = c, .flow = f, .level = 1, .driver = d, .per = x

static void nothing(double *st)
{
  st[0] = 0;
}
static double workday(const demo_ctx *c)
{
  return c->slot >= 32 && c->slot < 68 && c->weekday < 5 ? 1.0 : 0.35;
}

/* ---- magnesia, Dashiqiao */
enum { G_NONE, G_SHIFT, G_CAUSTIC, G_DEAD, G_FUSED, G_FURNACE1, G_FURNACE2, G_FURNACE3, G_FURNACE4, G_PURCH, G_ORE };
static void step_magnesia(demo_ctx *c)
{
  double g = demo_growth(c->day, 0.045), *a = c->act;
  double winter = c->temp < -3 ? 0.82 : 1.0; /* kilns throttle in deep winter */
  a[G_SHIFT] = workday(c);
  a[G_CAUSTIC] = 6.2 * g * winter * (1 + 0.05 * demo_noise(c->seed, 1, c->q));
  a[G_DEAD] = 4.1 * g * winter * (1 + 0.05 * demo_noise(c->seed, 2, c->q));
  double sum = 0;
  for (int f = 0; f < 4;
       f++) { /* arc furnaces: a melt of 10 h, then 2 h of change; dearer hours 8-11 and 17-21 are spared */
    int64_t phase = (c->q + (int64_t)12 * f) % 48;
    double load = phase < 40 ? (phase < 4 ? 0.6 : 1.05) : 0;
    int h = c->slot / 4;
    if ((h >= 8 && h < 11) || (h >= 17 && h < 21))
      load *= 0.45;
    a[G_FURNACE1 + f] = load * (1 + 0.03 * demo_noise(c->seed, 10 + (uint32_t)f, c->q));
    sum += a[G_FURNACE1 + f];
  }
  a[G_FUSED] = sum * 0.55 * g;
  a[G_ORE] = a[G_CAUSTIC] * 2.1 + a[G_DEAD] * 2.15;
}
/* clang-format off */
static const demo_proc magnesia_procs[] = {
  {"caustic", "轻烧工序", "Caustic calcining", "magnesia_caustic"}, {"deadburn", "重烧工序", "Dead burning", "magnesia_dead_burned"},
  {"fused", "电熔工序", "Arc fusing", "magnesia_fused"}, {"aux", "公辅系统", "Auxiliaries", NULL},
};
static const demo_bus magnesia_buses[] = {
  {0}, {"electricity", "电力总表", "Electricity", 0.012, false, false, true}, {"natural_gas", "天然气总表", "Natural gas", 0.004, false, false, true},
};
static const demo_part magnesia_arc[] = {
  {"1号电熔炉", "Arc furnace 1", 1, G_FURNACE1, 0}, {"2号电熔炉", "Arc furnace 2", 1, G_FURNACE2, 0},
  {"3号电熔炉", "Arc furnace 3", 1, G_FURNACE3, 0}, {"4号电熔炉", "Arc furnace 4", 1, G_FURNACE4, 0},
};
static const demo_row magnesia_rows[] = {
  {CONS("caustic", "natural_gas", G_CAUSTIC, 150, 0.02, 2)},
  {CONS("caustic", "electricity", G_CAUSTIC, 42, 0.03, 1)},
  {OUTP("caustic", "magnesia_caustic", G_CAUSTIC, 1)},
  {CONS("deadburn", "anthracite", G_DEAD, 0.24, 0, 0)},
  {CONS("deadburn", "electricity", G_DEAD, 65, 0.03, 1)},
  {OUTP("deadburn", "magnesia_dead_burned", G_DEAD, 1)},
  {CONS("fused", "electricity", G_FUSED, 2350, 0.01, 1), .fix = 20, SPLIT(magnesia_arc), .loss = 0.01},
  {OUTP("fused", "magnesia_fused", G_FUSED, 1)},
  {CONS("aux", "electricity", G_SHIFT, 160, 0.05, 1), .fix = 90},
  {UNIT("natural_gas", F_PURCHASE, 0, 0), .src = S_CLOSE, .bus = -2},
  {UNIT("electricity", F_PURCHASE, 0, 0), .src = S_CLOSE, .bus = -1, .out = G_PURCH},
  {UNIT("electricity", F_REACTIVE, G_PURCH, 0.42), .fix = 60, .noise = 0.05},
  {UNIT("anthracite", F_PURCHASE, G_DEAD, 0.24)},
  {UNIT("magnesite", F_PURCHASE, G_ORE, 1)},
  {UNIT("electrode", F_PURCHASE, G_FUSED, 0.012), .flags = R_INTERVAL},
};
static const demo_gauge magnesia_gauges[] = {
  {"", "进线有功", "Incomer: power", "electricity", "kW", .lsb = 0, .high = 40000, .power_of = "Works: electricity, purchase"},
  {"deadburn", "竖窑烧成带温度", "Shaft-kiln burning zone", "anthracite", "Cel", 1780, 20, 0, 0, -1, 1600, 1900, NULL},
};
/* clang-format on */

/* ---- cement */
enum { K_NONE, K_SHIFT, K_CLINKER, K_CEMENT, K_RAW, K_PURCH, K_WHR };
static void step_cement(demo_ctx *c)
{
  double g = demo_growth(c->day, 0.03), *a = c->act;
  int month = qf_month_of_day(c->day) % 12;
  double run = month == 0 || month == 1 ? 0.0 : 1.0; /* staggered winter stop of clinker lines */
  if ((c->day + 11) % 60 < 2)
    run = 0; /* brick work */
  static const double season[12] = {0.25, 0.2, 0.7, 1.1, 1.2, 1.15, 1.05, 1.1, 1.2, 1.25, 1.0, 0.5};
  int h = c->slot / 4;
  double tariff = h < 7 || h >= 23 ? 1.35 : h >= 17 && h < 21 ? 0.45 : 0.95; /* grinding follows the price */
  a[K_SHIFT] = workday(c);
  a[K_CLINKER] = 52.0 * g * run * (1 + 0.03 * demo_noise(c->seed, 1, c->q));
  a[K_RAW] = a[K_CLINKER] / 52.0;
  a[K_CEMENT] = 44.0 * g * season[month] * tariff * (1 + 0.06 * demo_noise(c->seed, 2, c->q));
}
/* clang-format off */
static const demo_proc cement_procs[] = {
  {"clinker", "熟料烧成", "Clinker burning", "clinker"}, {"grinding", "水泥粉磨", "Cement grinding", "cement"},
  {"whr", "余热发电", "Waste-heat power", NULL}, {"aux", "公辅系统", "Auxiliaries", NULL},
};
static const demo_bus cement_buses[] = {{0}, {"electricity", "母线供电量", "Busbars: electricity supplied", 0.01, false, true, false}};
static const demo_part cement_kiln[] = {
  {"生料立磨", "Raw mill", 16, K_RAW, 0}, {"高温风机", "Kiln induced-draught fan", 11, K_RAW, 0}, {"煤磨", "Coal mill", 4, K_RAW, 0},
  {"篦冷机风机", "Cooler fans", 9, K_RAW, 0}, {"窑主传", "Kiln drive", 3, K_RAW, 0},
};
static const demo_part cement_mill[] = {{"1号水泥磨", "Cement mill 1", 1, 0, 0}, {"2号水泥磨", "Cement mill 2", 1, 0, 0}};
static const demo_row cement_rows[] = {
  {CONS("clinker", "raw_coal", K_CLINKER, 0.134, 0, 0)},
  {CONS("clinker", "electricity", K_CLINKER, 51, 0.02, 1), .fix = 120, SPLIT(cement_kiln), .loss = 0.008},
  {OUTP("clinker", "clinker", K_CLINKER, 1)},
  {CONS("grinding", "electricity", K_CEMENT, 31, 0.03, 1), .fix = 40, SPLIT(cement_mill), .loss = 0.008},
  {OUTP("grinding", "cement", K_CEMENT, 1)},
  {RECO("whr", "electricity", K_CLINKER, 30, 0.04, 1)},
  {CONS("aux", "electricity", K_SHIFT, 90, 0.05, 1), .fix = 70},
  {UNIT("electricity", F_PURCHASE, 0, 0), .src = S_CLOSE, .bus = -1, .out = K_PURCH},
  {UNIT("electricity", F_REACTIVE, K_PURCH, 0.36), .fix = 50, .noise = 0.05},
  {UNIT("raw_coal", F_PURCHASE, K_CLINKER, 0.134)},
  {UNIT("limestone", F_PURCHASE, K_CLINKER, 1.2)},
  {UNIT("diesel", F_PURCHASE, K_SHIFT, 0.03), .fix = 0.004, .flags = R_INTERVAL},
};
static const demo_gauge cement_gauges[] = {
  {"", "进线有功", "Incomer: power", "electricity", "kW", .lsb = 0, .high = 30000, .power_of = "Works: electricity, purchase"},
  {"clinker", "分解炉出口温度", "Calciner outlet temperature", "raw_coal", "Cel", 120, 6, 758, K_RAW, -1, 0, 920, NULL},
};
/* clang-format on */

/* ---- float glass */
enum { L_NONE, L_SHIFT, L_GLASS, L_1, L_2, L_PURCH };
static void step_glass(demo_ctx *c)
{
  double *a = c->act; /* two lines of 600 and 900 t/d never stop: 20 cases a tonne */
  a[L_SHIFT] = workday(c);
  a[L_1] = 1 + 0.012 * demo_noise(c->seed, 1, c->q);
  a[L_2] = 1 + 0.012 * demo_noise(c->seed, 2, c->q);
  a[L_GLASS] = (125.0 * a[L_1] + 187.5 * a[L_2]) * 0.9 * demo_growth(c->day, 0.02);
}
/* clang-format off */
static const demo_proc glass_procs[] = {
  {"melting", "熔化工序", "Melting", "flat_glass"}, {"forming", "成形退火", "Forming and annealing", NULL}, {"aux", "公辅系统", "Auxiliaries", NULL},
};
static const demo_bus glass_buses[] = {
  {0}, {"electricity", "母线供电量", "Busbars: electricity supplied", 0.01, false, true, false}, {"natural_gas", "天然气总表", "Natural gas", 0.003, false, false, true},
};
static const demo_part glass_lines[] = {{"一线", "Line 1", 2, L_1, 0}, {"二线", "Line 2", 3, L_2, 0}};
static const demo_row glass_rows[] = {
  {CONS("melting", "natural_gas", L_GLASS, 6.4, 0.01, 2), SPLIT(glass_lines)},
  {CONS("melting", "electricity", L_GLASS, 2.2, 0.02, 1)},
  {CONS("forming", "electricity", L_GLASS, 2.0, 0.02, 1), SPLIT(glass_lines), .loss = 0.006},
  {CONS("forming", "natural_gas", L_GLASS, 0.15, 0.03, 2)},
  {RECO("aux", "electricity", L_GLASS, 0.9, 0.03, 1), .zh = "余热发电", .en = "Auxiliaries: waste-heat power"},
  {OUTP("melting", "flat_glass", L_GLASS, 1)},
  {CONS("aux", "electricity", L_SHIFT, 120, 0.05, 1), .fix = 220},
  {UNIT("natural_gas", F_PURCHASE, 0, 0), .src = S_CLOSE, .bus = -2},
  {UNIT("electricity", F_PURCHASE, 0, 0), .src = S_CLOSE, .bus = -1, .out = L_PURCH},
  {UNIT("electricity", F_REACTIVE, L_PURCH, 0.3), .fix = 30, .noise = 0.05},
  {UNIT("soda_ash", F_PURCHASE, L_GLASS, 0.0102)},
  {UNIT("limestone", F_PURCHASE, L_GLASS, 0.0021)},
  {UNIT("dolomite", F_PURCHASE, L_GLASS, 0.0088)},
};
static const demo_gauge glass_gauges[] = {
  {"", "进线有功", "Incomer: power", "electricity", "kW", .lsb = 0, .high = 12000, .power_of = "Works: electricity, purchase"},
  {"melting", "一线熔窑热点温度", "Line 1 hot-spot temperature", "natural_gas", "Cel", 1582, 4, 0, 0, -1, 1540, 1620, NULL},
  {"melting", "二线熔窑热点温度", "Line 2 hot-spot temperature", "natural_gas", "Cel", 1586, 4, 0, 0, -1, 1540, 1620, NULL},
};
/* clang-format on */

/* ---- heat and power */
enum { H_NONE, H_HEAT, H_STEAM, H_POWER, H_COAL, H_GEN, H_SHIFT };
static void step_chp(demo_ctx *c)
{
  double *a = c->act;
  static const double shift[3] = {0.7, 1.15, 1.0};
  double morning = c->slot >= 20 && c->slot < 32 ? 1.08 : 1.0;
  a[H_SHIFT] = workday(c);
  a[H_HEAT] =
      620.0 * c->heat * morning * demo_growth(c->day, 0.03) * (1 + 0.02 * demo_noise(c->seed, 1, c->q)); /* GJ */
  a[H_STEAM] = 95.0 * shift[c->slot / 32] * (c->weekday < 6 ? 1.0 : 0.8) * (1 + 0.05 * demo_noise(c->seed, 2, c->q));
  double h = c->slot / 4.0, day = h >= 8 && h < 22 ? 1.08 : 0.85;
  a[H_GEN] =
      (26000.0 + 24000.0 * demo_clamp(c->heat, 0, 1)) * day * (1 + 0.02 * demo_noise(c->seed, 3, c->q)); /* kWh */
  double gj = (a[H_HEAT] + a[H_STEAM]) / 0.85 + a[H_GEN] * 0.0036 / 0.34;
  a[H_COAL] = gj / 20.934 * (1 + 0.01 * demo_noise(c->seed, 4, c->q)); /* raw coal of 20934 kJ/kg */
}
/* clang-format off */
static const demo_proc chp_procs[] = {{"power", "发电供热", "Heat and power", NULL}, {"aux", "厂用系统", "Own use", NULL}};
static const demo_bus chp_buses[] = {{0}, {"electricity", "发电机出口母线", "Generator busbars", 0, true, true, false}};
static const demo_part chp_gens[] = {{"1号机组", "Unit 1", 1, 0, 0}, {"2号机组", "Unit 2", 1, 0, 0}};
static const demo_part chp_use[] = {
  {"给水泵", "Feed-water pumps", 5, 0, 0}, {"引送风机", "Boiler fans", 5, 0, 0}, {"循环泵", "District-heating pumps", 4, 0, 0}, {"脱硫脱硝", "Flue-gas cleaning", 3, 0, 0},
};
static const demo_row chp_rows[] = {
  {CONS("power", "raw_coal", H_COAL, 1, 0, 0), SPLIT(chp_gens)},
  {RECO("power", "electricity", H_GEN, 1, 0, 1), .flags = R_PARTS_ONLY, SPLIT(chp_gens)},
  {RECO("power", "heat", H_HEAT, 1, 0, 0)},
  {RECO("power", "steam", H_STEAM, 1, 0, 0)},
  {CONS("aux", "electricity", H_GEN, 0.075, 0.02, 1), SPLIT(chp_use), .loss = 0.006},
  {UNIT("raw_coal", F_PURCHASE, H_COAL, 1)},
  {UNIT("diesel", F_PURCHASE, H_SHIFT, 0.012), .flags = R_INTERVAL},
  {UNIT("electricity", F_EXPORT, 0, 0), .src = S_CLOSE, .bus = 1},
  {UNIT("heat", F_EXPORT, H_HEAT, 1)},
  {UNIT("steam", F_EXPORT, H_STEAM, 1)},
  {UNIT("fresh_water", F_PURCHASE, H_COAL, 2.2), .noise = 0.05},
};
static const demo_gauge chp_gauges[] = {
  {"power", "1号机组出力", "Unit 1: power", "electricity", "kW", .lsb = 0, .high = 160000, .power_of = "Unit 1: electricity"},
  {"power", "供水温度", "District-heating supply temperature", "heat", "Cel", 42, 1.5, 0.07, H_HEAT, -1, 0, 130, NULL},
};
/* clang-format on */

/* ---- port */
enum { O_NONE, O_SHIFT, O_CARGO, O_BOX, O_BULK, O_SHORE, O_PURCH, O_COLD };
static void step_port(demo_ctx *c)
{
  double *a = c->act, g = demo_growth(c->day, 0.05);
  double calls = 0.75 + 0.5 * demo_slow(c->seed, 1, c->q, 60);       /* ships come in tides of about 15 h */
  double wind = demo_slow(c->seed, 2, c->q, 192) > 0.88 ? 0.1 : 1.0; /* gales stop the cranes */
  a[O_SHIFT] = workday(c);
  a[O_BOX] = demo_clamp(calls, 0.15, 1.4) * wind * (1 + 0.05 * demo_noise(c->seed, 3, c->q));
  a[O_BULK] = demo_clamp(0.8 + 0.5 * demo_slow(c->seed, 4, c->q, 90), 0.1, 1.4) * wind;
  a[O_CARGO] = (2400.0 * a[O_BOX] + 3600.0 * a[O_BULK]) * g; /* t */
  a[O_SHORE] = demo_clamp(0.6 + 0.6 * demo_slow(c->seed, 5, c->q, 70), 0.05, 1.3);
  a[O_COLD] = demo_clamp((8 - c->temp) / 25, 0, 1.1);
}
/* clang-format off */
static const demo_proc port_procs[] = {
  {"quay", "码头前沿", "Quay cranes", NULL}, {"yard", "堆场与皮带", "Yards and belts", NULL}, {"shore", "船舶岸电", "Shore power", NULL}, {"aux", "港区辅助", "Auxiliaries", NULL},
};
static const demo_bus port_buses[] = {{0}, {"electricity", "港区总表", "Electricity", 0.02, false, false, true}};
static const demo_part port_quay[] = {
  {"集装箱岸桥1-4", "Container cranes 1-4", 1, O_BOX, 0}, {"集装箱岸桥5-8", "Container cranes 5-8", 1, O_BOX, 0}, {"散货卸船机", "Ship unloaders", 1.4F, O_BULK, 0},
};
static const demo_part port_shore[] = {{"1号泊位岸电", "Shore power berth 1", 1, 0, 0}, {"2号泊位岸电", "Shore power berth 2", 1, 0, 0}, {"3号泊位岸电", "Shore power berth 3", 0.7F, 0, 0}};
static const demo_row port_rows[] = {
  {CONS("quay", "electricity", O_CARGO, 0.42, 0.03, 1), .fix = 120, SPLIT(port_quay), .loss = 0.01},
  {CONS("yard", "electricity", O_CARGO, 0.55, 0.04, 1), .fix = 300},
  {CONS("shore", "electricity", O_SHORE, 700, 0.05, 1), SPLIT(port_shore), .loss = 0.01},
  {CONS("aux", "electricity", O_COLD, 500, 0.04, 1), .fix = 450},
  {UNIT("throughput", F_OUTPUT, O_CARGO, 1)},
  {UNIT("electricity", F_PURCHASE, 0, 0), .src = S_CLOSE, .bus = -1, .out = O_PURCH},
  {UNIT("electricity", F_REACTIVE, O_PURCH, 0.33), .fix = 60, .noise = 0.05},
  {UNIT("diesel", F_PURCHASE, O_CARGO, 0.00009), .flags = R_INTERVAL},
  {CONS("yard", "diesel", O_CARGO, 0.00009, 0, 0), .flags = R_INTERVAL},
  {UNIT("lng", F_PURCHASE, O_CARGO, 0.00002), .noise = 0.05, .flags = R_INTERVAL},
};
static const demo_gauge port_gauges[] = {
  {"", "进线有功", "Incomer: power", "electricity", "kW", .lsb = 0, .high = 40000, .power_of = "Works: electricity, purchase"},
};
/* clang-format on */

/* clang-format off */
#define PLANT(x) .procs = x##_procs, .buses = x##_buses, .rows = x##_rows, .gauges = x##_gauges, .nprocs = N(x##_procs), \
                 .nbuses = N(x##_buses), .nrows = N(x##_rows), .ngauges = N(x##_gauges), .init = nothing, .step = step_##x
const demo_plant demo_magnesia = {PLANT(magnesia), .unit = "u002", .zh = "样本镁业二厂有限公司", .en = "Sample Magnesia Works No.2", .sector = "3089", .district = "210882", .va_cny = 3.1e8};
const demo_plant demo_cement = {PLANT(cement), .unit = "u003", .zh = "样本水泥三厂有限公司", .en = "Sample Cement Works No.3", .sector = "3011", .district = "210882", .va_cny = 2.2e8};
const demo_plant demo_glass = {PLANT(glass), .unit = "u004", .zh = "样本浮法玻璃四厂有限公司", .en = "Sample Float Glass Works No.4", .sector = "3041", .district = "210811", .va_cny = 3.4e8};
const demo_plant demo_chp = {PLANT(chp), .unit = "u005", .zh = "样本热电五厂有限公司", .en = "Sample Heat and Power Plant No.5", .sector = "4412", .district = "210802", .va_cny = 4.0e8};
const demo_plant demo_port = {PLANT(port), .unit = "u006", .zh = "样本港六号有限公司", .en = "Sample Port No.6", .sector = "5532", .district = "210804", .va_cny = 9.0e8};
/* clang-format on */
