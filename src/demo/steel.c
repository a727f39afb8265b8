/* u001, the integrated steel works: about 6 Mt of crude steel a year. Material, per tonne of product:
 *   coke      1.447 t washed coal (as received) -> 0.95 t coke + 0.05 t coke powder, 420 m3 gas, 46 kg tar, 13.5 kg benzol
 *   hot metal 1.24 t sinter + 0.21 t pellets + 0.3555 t coke + 0.15 t anthracite
 *   steel     0.91 t hot metal + 0.155 t scrap;  cast 0.979 of steel;  rolled 0.965 of cast
 *
 * Stocks (hot metal, ladles, slabs, ores, coke, coals, converter gas) join what runs continuously to what runs in heats
 * and shifts; each is steered back to its target by the process that follows it, so nothing is made or lost.
 *
 * By-product gas: production = processes + boilers + lime kilns + flare + power plant, which takes what is left.
 * Electricity: purchase = processes + 0.8 % loss - own generation (gas, dry quenching, top-gas turbines). */
#include "demo/plant.h"

/* clang-format off */
enum { /* activities */
  A_NONE, A_HEAT, A_SHIFT, A_WARM, A_TEMP, A_COKE, A_SINTER, A_PELLET, A_HM, A_STEEL, A_CAST, A_ROLL,
  A_B1, A_B2, A_B3, A_B4, A_S1, A_S2, A_S3, A_F1, A_F2, A_F3, A_C1, A_C2, A_C3, A_CC1, A_CC2, A_CC3, A_L1, A_L2, A_L3,
  A_COAL_USE, A_COAL_IN, A_ANTH_IN, A_COKE_IN, A_COKE_USE, A_PCI, A_SFUEL, A_PFUEL, A_LDG, A_CDQ, A_STEAMGEN, A_O2, A_AIR,
  A_PBFG, A_PCOG, A_PLDG, A_GENB, A_PURCH, A_HMUSE, A_ROLL_IN,
  A_ST_HM, A_ST_SLAB, A_ST_SINTER, A_ST_PELLET, A_ST_COKE, A_ST_COAL, A_ST_ANTH, A_ST_LDG,
};
enum { B_EL = 1, B_BFG, B_COG, B_LDG, B_STEAM, B_O2, B_N2, B_AR, B_AIR, B_WATER, B_NG, B_COUNT };
enum { T_HM, T_LADLE, T_SLAB, T_SINTER, T_PELLET, T_COKE, T_COAL, T_ANTH, T_LDG, T_CAST_EMA, T_HM_EMA, T_COAL_EMA, T_ANTH_EMA, T_COKE_EMA };
/* clang-format on */

/* ---- a quarter hour */

/* Share of the quarter that is worked when a stop of `hours` begins at `from` o'clock every `every` days. */
static double running(const demo_ctx *c, int every, int offset, int from, int hours)
{
  if ((c->day + offset) % every != 0)
    return 1.0;
  int h = c->slot / 4;
  return h >= from && h < from + hours ? 0.0 : 1.0;
}

static double annual_stop(const demo_ctx *c, int offset, int days)
{
  return (c->day + offset) % 365 < days ? 0.0 : 1.0;
}

static void coking(demo_ctx *c, double g)
{
  double sum = 0;
  for (int b = 0; b < 4; b++) {
    double r = 1.0 + 0.012 * demo_noise(c->seed, 10 + (uint32_t)b, c->q);
    c->act[A_B1 + b] = r;
    sum += r;
  }
  c->act[A_COKE] = sum * 14.0 * g;
  c->act[A_COAL_USE] = c->act[A_COKE] * 1.447 * (1.0 + 0.008 * demo_noise(c->seed, 15, c->q));
  c->act[A_CDQ] = c->act[A_COKE] * 1.35 * (1.0 + 0.02 * demo_noise(c->seed, 16, c->q));
}

static void furnaces(demo_ctx *c, double g)
{
  double sum = 0, stop[3], all = 1;
  for (int f = 0; f < 3; f++)
    all *= stop[f] = annual_stop(c, 210 + 97 * f, 4);
  for (int f = 0; f < 3; f++) {
    double r = all > 0 ? running(c, 71, 23 * f, 6, 16) : stop[f]; /* never two furnaces off wind */
    r *= 1.0 + 0.025 * demo_noise(c->seed, 20 + (uint32_t)f, c->q);
    c->act[A_F1 + f] = r;
    sum += r;
  }
  double hm = sum * 54.8 * g;
  c->act[A_HM] = hm;
  c->act[A_COKE_USE] = hm * 0.3555 * (1.0 + 0.01 * demo_noise(c->seed, 25, c->q));
  c->act[A_PCI] = hm * 0.150 * (1.0 + 0.02 * demo_noise(c->seed, 26, c->q));
}

/* Seconds of blowing in the quarter: 16 minutes of every 54, the converters 18 minutes apart. */
static double blowing(int64_t q, int converter)
{
  int64_t a = q * 900 + (int64_t)converter * 1080, b = a + 900;
  int64_t ta = a / 3240 * 960 + (a % 3240 < 960 ? a % 3240 : 960),
          tb = b / 3240 * 960 + (b % 3240 < 960 ? b % 3240 : 960);
  return (double)(tb - ta);
}

static void steelmaking(demo_ctx *c)
{
  double *st = c->st, hm = c->act[A_HM], up = 0, use = 0;
  double runs[3];
  for (int k = 0; k < 3; k++)
    up += runs[k] = running(c, 29, 9 * k, 0, 24); /* relining and lance work: one converter at a time */
  st[T_HM_EMA] += (hm - st[T_HM_EMA]) / 32;
  double rate = demo_clamp(st[T_HM_EMA] + (st[T_HM] - 4500) / 40, 0, 260);
  for (int k = 0; k < 3; k++) {
    double share = runs[k] / up * blowing(c->q, k) / 266.6666666666667;
    c->act[A_C1 + k] = share;
    use += rate * share;
  }
  use = demo_clamp(use, 0, st[T_HM] + hm);
  st[T_HM] += hm - use;
  c->act[A_HMUSE] = use;
  c->act[A_STEEL] = use / 0.91;
  st[T_LADLE] += c->act[A_STEEL];
  double in = st[T_LADLE] * 0.4;
  st[T_LADLE] -= in;
  c->act[A_CAST] = in * 0.979;
  for (int k = 0; k < 3; k++)
    c->act[A_CC1 + k] = running(c, 24, 8 * k, 8, 12) * (1.0 + 0.05 * demo_noise(c->seed, 30 + (uint32_t)k, c->q));
  st[T_LDG] += c->act[A_STEEL] * 108.0;
  c->act[A_LDG] = st[T_LDG] / 5.0;
  st[T_LDG] -= c->act[A_LDG];
}

static void rolling(demo_ctx *c)
{
  static const double nominal[3] = {84, 50, 33}; /* t of slab per quarter: hot strip, plate, bar and wire */
  double *st = c->st, in = 0;
  st[T_CAST_EMA] += (c->act[A_CAST] - st[T_CAST_EMA]) / 192;
  double want = (st[T_CAST_EMA] + (st[T_SLAB] - 60000) / 600) / 160.0; /* 160: the lines at nominal less their stops */
  static const double shift[3] = {0.985, 1.01, 1.005};
  double stop[3], all = 1;
  for (int l = 0; l < 3; l++)
    all *= stop[l] = annual_stop(c, 40 + 60 * l, 3);
  for (int l = 0; l < 3; l++) {
    double r =
        c->weekday == 1 + l && c->slot >= 32 && c->slot < 64 ? 0.0 : 1.0; /* Tuesday, Wednesday, Thursday 8-16 h */
    r = (all > 0 ? r : stop[l]) * shift[c->slot / 32];                    /* not while another line is overhauled */
    r *= demo_clamp(want, 0, 1.3) * (1.0 + 0.06 * demo_noise(c->seed, 40 + (uint32_t)l, c->q));
    c->act[A_L1 + l] = r;
    in += r * nominal[l];
  }
  in = demo_clamp(in, 0, st[T_SLAB]);
  st[T_SLAB] += c->act[A_CAST] - in;
  c->act[A_ROLL_IN] = in;
  c->act[A_ROLL] = in * 0.965;
}

static void ores(demo_ctx *c, double g)
{
  double *st = c->st, sum = 0;
  double need = 1.24 * c->act[A_HM];
  double want = demo_clamp((st[T_HM_EMA] * 1.24 + (120000 - st[T_SINTER]) / 400) / (195.0 * g), 0, 1.15);
  for (int s = 0; s < 3; s++) {
    double r = running(c, 21, 7 * s, 7, 9) * want * (1.0 + 0.03 * demo_noise(c->seed, 50 + (uint32_t)s, c->q));
    c->act[A_S1 + s] = r;
    sum += r;
  }
  c->act[A_SINTER] = sum * 68.0 * g;
  st[T_SINTER] += c->act[A_SINTER] - demo_clamp(need, 0, st[T_SINTER]);
  double pellet = running(c, 45, 3, 0, 20) * (st[T_HM_EMA] * 0.21 + (50000 - st[T_PELLET]) / 600);
  pellet = demo_clamp(pellet, 0, 48) * (1.0 + 0.03 * demo_noise(c->seed, 55, c->q));
  c->act[A_PELLET] = pellet;
  st[T_PELLET] += pellet - demo_clamp(0.21 * c->act[A_HM], 0, st[T_PELLET]);
  double fuel = c->act[A_SINTER] * 0.0442 * (1.0 + 0.02 * demo_noise(c->seed, 56, c->q)) - c->act[A_COKE] * 0.05;
  c->act[A_SFUEL] = fuel > 0 ? fuel : 0;
  c->act[A_PFUEL] = pellet * 0.003;
}

/* What the yards send in by shifts: consumption, steered back to the target stock. */
static double yard(demo_ctx *c, int stock, int ema, double use, double target)
{
  static const double pattern[3] = {0.4, 1.5, 1.1};
  double *st = c->st;
  st[ema] += (use - st[ema]) / 192;
  double in = st[ema] + (target - st[stock]) / 384;
  in = in > 0 ? in * pattern[c->slot / 32] : 0;
  st[stock] += in - use;
  return in;
}

static void yards(demo_ctx *c)
{
  double *a = c->act, *st = c->st;
  a[A_COAL_IN] = yard(c, T_COAL, T_COAL_EMA, a[A_COAL_USE], 18000);
  a[A_ANTH_IN] = yard(c, T_ANTH, T_ANTH_EMA, a[A_PCI] + a[A_SFUEL] + a[A_PFUEL], 9000);
  a[A_COKE_IN] =
      yard(c, T_COKE, T_COKE_EMA, a[A_COKE_USE] - a[A_COKE] * 0.95, 30000); /* own coke fills the same bunkers */
  static const int from[] = {T_HM, T_SLAB, T_SINTER, T_PELLET, T_COKE, T_COAL, T_ANTH, T_LDG};
  for (int i = 0; i < 8; i++)
    a[A_ST_HM + i] = st[from[i]];
}

static void step(demo_ctx *c)
{
  double g = demo_growth(c->day, 0.041);
  c->act[A_HEAT] = c->heat;
  c->act[A_SHIFT] = c->slot >= 32 && c->slot < 68 && c->weekday < 5 ? 1.0 : 0.35;
  c->act[A_TEMP] = c->temp;
  c->act[A_WARM] = demo_clamp((c->temp - 5) / 20, 0, 1.2);
  coking(c, g);
  furnaces(c, g);
  steelmaking(c);
  rolling(c);
  ores(c, g);
  yards(c);
}

static void init(double *st)
{
  st[T_HM] = 4500;
  st[T_LADLE] = 430;
  st[T_SLAB] = 60000;
  st[T_SINTER] = 120000;
  st[T_PELLET] = 50000;
  st[T_COKE] = 30000;
  st[T_COAL] = 18000;
  st[T_ANTH] = 9000;
  st[T_LDG] = 90000;
  st[T_CAST_EMA] = 170;
  st[T_HM_EMA] = 158;
  st[T_COAL_EMA] = 80;
  st[T_ANTH_EMA] = 30;
  st[T_COKE_EMA] = 3;
}

/* ---- what is metered */

/* clang-format off: tables */
static const demo_proc procs[] = {
    {"coking", "炼焦工序", "Coking", "coke"},
    {"sinter", "烧结工序", "Sintering", "sinter_ore"},
    {"pellet", "球团工序", "Pelletising", "pellet_ore"},
    {"bf", "高炉工序", "Blast furnaces", "hot_metal"},
    {"bof", "转炉工序", "Converters", "crude_steel"},
    {"casting", "连铸工序", "Casting", "cast_steel"},
    {"rolling", "轧钢工序", "Rolling", "rolled_steel"},
    {"power", "自备电厂", "Power plant", NULL},
    {"steam", "蒸汽锅炉", "Steam boilers", NULL},
    {"oxygen", "制氧工序", "Oxygen plant", NULL},
    {"gas", "煤气管网", "Gas network", NULL},
    {"aux", "公辅系统", "Auxiliaries", NULL},
};
static const demo_equip equips[] = {
    {"coking", 1, "1号焦炉", "Battery 1"},
    {"coking", 2, "2号焦炉", "Battery 2"},
    {"coking", 3, "3号焦炉", "Battery 3"},
    {"coking", 4, "4号焦炉", "Battery 4"},
    {"sinter", 1, "1号烧结机", "Sinter strand 1"},
    {"sinter", 2, "2号烧结机", "Sinter strand 2"},
    {"sinter", 3, "3号烧结机", "Sinter strand 3"},
    {"bf", 1, "1号高炉", "No.1 blast furnace"},
    {"bf", 2, "2号高炉", "No.2 blast furnace"},
    {"bf", 3, "3号高炉", "No.3 blast furnace"},
    {"bof", 1, "1号转炉", "Converter 1"},
    {"bof", 2, "2号转炉", "Converter 2"},
    {"bof", 3, "3号转炉", "Converter 3"},
    {"casting", 1, "1号连铸机", "Caster 1"},
    {"casting", 2, "2号连铸机", "Caster 2"},
    {"casting", 3, "3号连铸机", "Caster 3"},
    {"rolling", 1, "热连轧线", "Hot-strip mill"},
    {"rolling", 2, "中厚板线", "Plate mill"},
    {"rolling", 3, "棒线材线", "Bar and wire mill"},
    {"oxygen", 1, "1号空分", "Air separation 1"},
    {"oxygen", 2, "2号空分", "Air separation 2"},
    {"oxygen", 3, "3号空分", "Air separation 3"},
    {"power", 1, "1号机组", "Unit 1"},
    {"power", 2, "2号机组", "Unit 2"},
    {"power", 3, "3号机组", "Unit 3"},
    {"power", 4, "干熄焦发电机组", "Dry-quench turbine"},
};
static const demo_bus buses[B_COUNT] = {
    [B_EL] = {"electricity", "总降母线供电量", "Main busbars: electricity supplied", 0.008, false, true, false},
    [B_BFG] = {"blast_furnace_gas", "高炉煤气总管", "Blast-furnace gas main", 0, true, true, false},
    [B_COG] = {"coke_oven_gas", "焦炉煤气总管", "Coke-oven gas main", 0, true, true, false},
    [B_LDG] = {"converter_gas", "转炉煤气总管", "Converter gas main", 0, true, true, false},
    [B_STEAM] = {"steam", "蒸汽总管", "Steam main", 0.04, false, true, false},
    [B_O2] = {"oxygen", "氧气总管", "Oxygen main", 0.01, false, true, false},
    [B_N2] = {"nitrogen", "氮气总管", "Nitrogen main", 0.02, false, true, false},
    [B_AR] = {"argon", "氩气总管", "Argon main", 0.01, false, true, false},
    [B_AIR] = {"compressed_air", "压缩空气总管", "Compressed-air main", 0.05, false, true, false},
    [B_WATER] = {"fresh_water", "新水总管", "Fresh-water main", 0.03, false, true, false},
    [B_NG] = {"natural_gas", "天然气", "Natural gas", 0.005, false, false, true},
};

#define N(x) ((uint8_t)(sizeof(x) / sizeof *(x)))
#define SPLIT(x) .parts = (x), .nparts = N(x)
#define BATTERIES(x)                                                                                                   \
  {"1号焦炉" x, "Battery 1", 1, A_B1, 1}, {"2号焦炉" x, "Battery 2", 1, A_B2, 2},                                      \
      {"3号焦炉" x, "Battery 3", 1, A_B3, 3},                                                                          \
  {                                                                                                                    \
    "4号焦炉" x, "Battery 4", 1, A_B4, 4                                                                               \
  }
#define STRANDS(z, e, w)                                                                                               \
  {"1号烧结机" z, "Sinter strand 1" e, w, A_S1, 1}, {"2号烧结机" z, "Sinter strand 2" e, w, A_S2, 2},                  \
  {                                                                                                                    \
    "3号烧结机" z, "Sinter strand 3" e, w, A_S3, 3                                                                     \
  }
#define FURNACES(z, e, w)                                                                                              \
  {"1号高炉" z, "No.1 blast-furnace" e, w, A_F1, 1}, {"2号高炉" z, "No.2 blast-furnace" e, w, A_F2, 2},                \
  {                                                                                                                    \
    "3号高炉" z, "No.3 blast-furnace" e, w, A_F3, 3                                                                    \
  }
#define CONVERTERS(z, e, w)                                                                                            \
  {"1号转炉" z, "Converter 1" e, w, A_C1, 1}, {"2号转炉" z, "Converter 2" e, w, A_C2, 2},                              \
  {                                                                                                                    \
    "3号转炉" z, "Converter 3" e, w, A_C3, 3                                                                           \
  }
#define CASTERS(z, e, w)                                                                                               \
  {"1号连铸机" z, "Caster 1" e, w, A_CC1, 1}, {"2号连铸机" z, "Caster 2" e, w, A_CC2, 2},                              \
  {                                                                                                                    \
    "3号连铸机" z, "Caster 3" e, w, A_CC3, 3                                                                           \
  }
#define MILLS(z, e, w)                                                                                                 \
  {"热连轧" z, "Hot-strip mill" e, (w)*84, A_L1, 1}, {"中厚板" z, "Plate mill" e, (w)*50, A_L2, 2},                    \
  {                                                                                                                    \
    "棒线材" z, "Bar and wire mill" e, (w)*33, A_L3, 3                                                                 \
  }

static const demo_part p_battery[] = {BATTERIES("")};
static const demo_part p_cog_recover[] = {{"1-2号焦炉", "Batteries 1-2", 1, A_B1, 0},
                                          {"3-4号焦炉", "Batteries 3-4", 1, A_B3, 0}};
static const demo_part p_cdq[] = {{"1号干熄焦锅炉", "Dry-quench boiler 1", 1, A_B1, 0},
                                  {"2号干熄焦锅炉", "Dry-quench boiler 2", 1, A_B3, 0}};
static const demo_part e_coking[] = {
    {"1号干熄焦循环风机", "Dry-quench fan 1", 12, A_B1, 0},
    {"2号干熄焦循环风机", "Dry-quench fan 2", 12, A_B3, 0},
    {"1号煤气鼓风机", "Gas exhauster 1", 11, A_B1, 0},
    {"2号煤气鼓风机", "Gas exhauster 2", 11, A_B3, 0},
    {"煤粉碎机", "Coal crusher", 8, 0, 0},
    {"装煤除尘", "Charging dedusting", 6, 0, 0},
    {"推焦除尘", "Pushing dedusting", 7, 0, 0},
    {"化产循环水泵", "By-product plant pumps", 14, 0, 0},
    {"焦炉机车", "Oven machines", 6, 0, 0},
    {"运焦皮带", "Coke conveyors", 5, 0, 0},
    {"酚氰废水处理", "Coking waste-water plant", 5, 0, 0},
    {"炼焦照明及其他", "Coking: lighting and other", 3, 0, 0},
};
static const demo_part p_strand[] = {STRANDS("", "", 1)};
static const demo_part e_sinter[] = {
    STRANDS("主抽风机", ": main exhaust fan", 20),
    {"环冷风机1", "Sinter cooler fan 1", 5, A_S1, 0},
    {"环冷风机2", "Sinter cooler fan 2", 5, A_S2, 0},
    {"环冷风机3", "Sinter cooler fan 3", 5, A_S3, 0},
    {"机尾除尘", "Sinter discharge dedusting", 6, 0, 0},
    {"烧结脱硫脱硝", "Sinter flue-gas cleaning", 12, 0, 0},
    {"配混料系统", "Sinter mixing", 5, 0, 0},
    {"烧结成品皮带", "Sinter conveyors", 3, 0, 0},
};
static const demo_part e_pellet[] = {
    {"球团主引风机", "Pellet main fan", 9, 0, 0}, {"球团鼓风机", "Pellet cooling fan", 6, 0, 0},
    {"回转窑", "Pellet kiln drive", 3, 0, 0},     {"造球机组", "Balling discs", 3, 0, 0},
    {"高压辊磨", "High-pressure roll", 5, 0, 0},  {"球团除尘", "Pellet dedusting", 3, 0, 0},
};
static const demo_part p_furnace[] = {FURNACES("", "", 1)};
static const demo_part p_stove[] = {FURNACES("热风炉", " stoves", 1)};
static const demo_part p_trt[] = {FURNACES("TRT发电", " top-gas turbine", 1)};
static const demo_part e_bf[] = {
    FURNACES("电动鼓风机", " blower", 22),
    FURNACES("出铁场除尘", " casthouse dedusting", 2.4F),
    FURNACES("槽下除尘", " stockhouse dedusting", 2),
    FURNACES("软水泵", " soft-water pumps", 2),
    {"1号喷煤制粉", "Coal mill 1", 1.6F, A_F1, 0},
    {"2号喷煤制粉", "Coal mill 2", 1.6F, A_F2, 0},
    {"3号喷煤制粉", "Coal mill 3", 1.6F, A_F3, 0},
    {"冲渣泵1", "Slag granulation pumps 1", 1.2F, 0, 0},
    {"冲渣泵2", "Slag granulation pumps 2", 1.2F, 0, 0},
    {"高炉照明及其他", "Blast furnaces: lighting and other", 1.5F, 0, 0},
};
static const demo_part p_converter[] = {CONVERTERS("", "", 1)};
static const demo_part p_ldg_in[] = {CONVERTERS("煤气柜前", ": to gasholder", 1)};
static const demo_part p_bof_steam[] = {CONVERTERS("汽化冷却", ": evaporative cooling", 1)};
static const demo_part e_bof[] = {
    CONVERTERS("一次除尘风机", ": primary fan", 5),
    {"二次除尘风机1", "Secondary dedusting fan 1", 4, 0, 0},
    {"二次除尘风机2", "Secondary dedusting fan 2", 4, 0, 0},
    {"1号LF精炼炉", "Ladle furnace 1", 9, A_C1, 0},
    {"2号LF精炼炉", "Ladle furnace 2", 9, A_C2, 0},
    {"RH真空精炼", "RH degasser", 5, A_C3, 0},
    {"转炉循环水泵", "Converter cooling pumps", 5, 0, 0},
    {"炼钢行车", "Steel-shop cranes", 3, 0, 0},
    {"转炉照明及其他", "Converters: lighting and other", 1.5F, 0, 0},
};
static const demo_part p_caster[] = {CASTERS("", "", 1)};
static const demo_part e_cast[] = {CASTERS("传动", ": drives", 3),
                                   CASTERS("结晶器水泵", ": mould pumps", 4),
                                   {"火焰切割及除尘", "Cutting and dedusting", 2, 0, 0}};
static const demo_part p_mill[] = {MILLS("", "", 1)};
static const demo_part p_reheat[] = {MILLS("加热炉", " reheating furnace", 1)};
static const demo_part e_roll[] = {
    MILLS("粗轧机", ": roughing", 18),           MILLS("精轧机", ": finishing", 40),
    MILLS("水处理", ": water system", 14),       MILLS("加热炉风机", ": furnace fans", 6),
    {"卷取机", "Coilers", 300, A_L1, 1},         {"热处理线", "Heat-treatment line", 350, A_L2, 2},
    {"除鳞泵", "Descaling pumps", 900, A_L1, 1}, {"轧钢照明及其他", "Rolling: lighting and other", 200, 0, 0},
};
static const demo_part p_boiler3[] = {{"1号煤气锅炉", "Gas boiler 1", 1, 0, 1},
                                      {"2号煤气锅炉", "Gas boiler 2", 1, 0, 2},
                                      {"3号煤气锅炉", "Gas boiler 3", 0.8F, 0, 3}};
static const demo_part p_cogboiler[] = {{"1号煤气锅炉焦炉气", "Gas boiler 1, coke-oven gas", 1, 0, 1},
                                        {"2号煤气锅炉焦炉气", "Gas boiler 2, coke-oven gas", 1, 0, 2}};
static const demo_part e_power[] = {
    {"锅炉给水泵", "Feed-water pumps", 8, 0, 0},
    {"锅炉引送风机", "Boiler fans", 7, 0, 0},
    {"循环水泵", "Circulating-water pumps", 7, 0, 0},
    {"煤气加压机", "Gas boosters", 4, 0, 0},
    {"电厂照明及其他", "Power plant: lighting and other", 1, 0, 0},
};
static const demo_part p_steamboiler[] = {{"1号启动锅炉", "Package boiler 1", 1, 0, 0},
                                          {"2号启动锅炉", "Package boiler 2", 1, 0, 0}};
static const demo_part p_asu[] = {{"1号空分", "Air separation 1", 1, 0, 1},
                                  {"2号空分", "Air separation 2", 1, 0, 2},
                                  {"3号空分", "Air separation 3", 0.7F, 0, 3}};
static const demo_part e_oxygen[] = {
    {"1号空压机", "Main air compressor 1", 24, 0, 1}, {"2号空压机", "Main air compressor 2", 24, 0, 2},
    {"3号空压机", "Main air compressor 3", 17, 0, 3}, {"1号氧压机", "Oxygen compressor 1", 8, 0, 1},
    {"2号氧压机", "Oxygen compressor 2", 8, 0, 2},    {"1号氮压机", "Nitrogen compressor 1", 6, 0, 1},
    {"2号氮压机", "Nitrogen compressor 2", 6, 0, 2},  {"空分循环水", "Air separation: cooling water", 4, 0, 0},
};
static const demo_part p_lime[] = {{"1号石灰窑", "Lime kiln 1", 1, 0, 0}, {"2号石灰窑", "Lime kiln 2", 1, 0, 0}};
static const demo_part p_air[] = {{"1号空压站", "Air station 1", 1, 0, 0},
                                  {"2号空压站", "Air station 2", 1, 0, 0},
                                  {"3号空压站", "Air station 3", 1, 0, 0}};
static const demo_part e_air[] = {{"1号空压站", "Air station 1", 1, 0, 0},
                                  {"2号空压站", "Air station 2", 1, 0, 0},
                                  {"3号空压站", "Air station 3", 1, 0, 0}};
static const demo_part e_aux[] = {
    {"原料场堆取料机", "Yard stackers and reclaimers", 7, 0, 0},
    {"原料皮带1", "Raw-material conveyors 1", 5, 0, 0},
    {"原料皮带2", "Raw-material conveyors 2", 5, 0, 0},
    {"1号给水泵站", "Water station 1", 7, 0, 0},
    {"2号给水泵站", "Water station 2", 7, 0, 0},
    {"3号给水泵站", "Water station 3", 5, 0, 0},
    {"中水处理", "Water reclamation", 4, 0, 0},
    {"1号石灰窑", "Lime kiln 1", 3, 0, 0},
    {"2号石灰窑", "Lime kiln 2", 3, 0, 0},
    {"检修车间", "Maintenance shops", 3, A_SHIFT, 0},
    {"办公及食堂", "Offices and canteen", 2, A_SHIFT, 0},
    {"厂区照明", "Works lighting", 1.5F, 0, 0},
    {"环保设施", "Environmental facilities", 6, 0, 0},
    {"钢渣处理", "Slag processing", 3, A_SHIFT, 0},
    {"铁路与重卡充换电", "Rail and truck charging", 5, 0, 0},
};
static const demo_part p_grid[] = {{"220kV鲅样甲线", "220 kV line A", 1, 0, 0},
                                   {"220kV鲅样乙线", "220 kV line B", 1, 0, 0}};
static const demo_part p_water[] = {{"1号取水口", "Intake 1", 1, 0, 0}, {"2号取水口", "Intake 2", 0.8F, 0, 0}};
static const demo_part p_belt[] = {{"1号受煤皮带", "Coal belt 1", 1, 0, 0}, {"2号受煤皮带", "Coal belt 2", 1, 0, 0}};

#define CONS(p, c, d, x, n, b)                                                                                         \
  .proc = p, .carrier = c, .flow = F_CONSUME, .level = 2, .driver = d, .per = x, .noise = n, .bus = b
#define RECO(p, c, d, x, n, b)                                                                                         \
  .proc = p, .carrier = c, .flow = F_RECOVER, .level = 2, .driver = d, .per = x, .noise = n, .bus = -(b)
#define OUTP(p, c, d, x) .proc = p, .carrier = c, .flow = F_OUTPUT, .level = 2, .driver = d, .per = x
#define UNIT(c, f, d, x) .proc = "", .carrier = c, .flow = f, .level = 1, .driver = d, .per = x
#define WEIGHED .flags = R_PARTS_ONLY | R_PURE

static const demo_row rows[] = {
    /* coking */
    {CONS("coking", "washed_coal", A_COAL_USE, 1, 0, 0), SPLIT(p_battery)},
    {RECO("coking", "coke", A_COKE, 0.95, 0, 0), .zh = "炼焦工序焦炭外送", .en = "Coking: coke delivered"},
    {RECO("coking", "coke_powder", A_COKE, 0.05, 0, 0)},
    {RECO("coking", "tar", A_COKE, 0.046, 0, 0)},
    {RECO("coking", "crude_benzol", A_COKE, 0.0135, 0, 0)},
    {RECO("coking", "coke_oven_gas", A_COKE, 420, 0.015, B_COG), .flags = R_PARTS_ONLY, SPLIT(p_cog_recover)},
    {RECO("coking", "steam", A_CDQ, 1, 0, B_STEAM), SPLIT(p_cdq)},
    {CONS("coking", "blast_furnace_gas", A_COKE, 810, 0.015, B_BFG), SPLIT(p_battery)},
    {CONS("coking", "coke_oven_gas", A_COKE, 34, 0.03, B_COG)},
    {CONS("coking", "electricity", A_COKE, 52, 0.02, B_EL), SPLIT(e_coking), .loss = 0.006},
    {CONS("coking", "steam", A_COKE, 0.40, 0.04, B_STEAM)},
    {CONS("coking", "nitrogen", A_COKE, 6, 0.05, B_N2)},
    {CONS("coking", "compressed_air", A_COKE, 8, 0.05, B_AIR)},
    {CONS("coking", "fresh_water", A_COKE, 0.9, 0.05, B_WATER)},
    {OUTP("coking", "coke", A_COKE, 1), WEIGHED, SPLIT(p_battery)},
    /* sintering */
    {CONS("sinter", "coke_powder", A_COKE, 0.05, 0, 0)},
    {CONS("sinter", "anthracite", A_SFUEL, 1, 0, 0)},
    {CONS("sinter", "coke_oven_gas", A_SINTER, 3.2, 0.04, B_COG), SPLIT(p_strand)},
    {CONS("sinter", "electricity", A_SINTER, 44, 0.02, B_EL), .fix = 250, SPLIT(e_sinter), .loss = 0.006},
    {CONS("sinter", "compressed_air", A_SINTER, 7, 0.05, B_AIR)},
    {CONS("sinter", "fresh_water", A_SINTER, 0.16, 0.06, B_WATER)},
    {RECO("sinter", "steam", A_SINTER, 0.09, 0.05, B_STEAM)},
    {OUTP("sinter", "sinter_ore", A_SINTER, 1), WEIGHED, SPLIT(p_strand)},
    /* pelletising */
    {CONS("pellet", "anthracite", A_PFUEL, 1, 0, 0)},
    {CONS("pellet", "coke_oven_gas", A_PELLET, 26, 0.03, B_COG)},
    {CONS("pellet", "electricity", A_PELLET, 33, 0.03, B_EL), .fix = 30, SPLIT(e_pellet), .loss = 0.006},
    {CONS("pellet", "compressed_air", A_PELLET, 6, 0.05, B_AIR)},
    {CONS("pellet", "fresh_water", A_PELLET, 0.12, 0.06, B_WATER)},
    {OUTP("pellet", "pellet_ore", A_PELLET, 1)},
    /* blast furnaces */
    {CONS("bf", "coke", A_COKE_USE, 1, 0, 0), SPLIT(p_furnace)},
    {CONS("bf", "anthracite", A_PCI, 1, 0, 0), SPLIT(p_furnace)},
    {CONS("bf", "blast_furnace_gas", A_HM, 480, 0.02, B_BFG), SPLIT(p_stove)},
    {CONS("bf", "coke_oven_gas", A_HM, 4, 0.05, B_COG)},
    {CONS("bf", "oxygen", A_HM, 45, 0.03, B_O2), SPLIT(p_furnace)},
    {CONS("bf", "nitrogen", A_HM, 25, 0.04, B_N2)},
    {CONS("bf", "electricity", A_HM, 108, 0.015, B_EL), .fix = 700, SPLIT(e_bf), .loss = 0.006},
    {CONS("bf", "steam", A_HM, 0.10, 0.05, B_STEAM)},
    {CONS("bf", "compressed_air", A_HM, 30, 0.04, B_AIR)},
    {CONS("bf", "fresh_water", A_HM, 0.9, 0.05, B_WATER), SPLIT(p_furnace), .loss = 0.02},
    {RECO("bf", "blast_furnace_gas", A_HM, 1520, 0.012, B_BFG), WEIGHED, SPLIT(p_furnace)},
    {RECO("bf", "electricity", A_HM, 38, 0.03, B_EL), WEIGHED, SPLIT(p_trt)},
    {OUTP("bf", "hot_metal", A_HM, 1), WEIGHED, SPLIT(p_furnace)},
    /* converters */
    {CONS("bof", "oxygen", A_STEEL, 53, 0.02, B_O2), SPLIT(p_converter)},
    {CONS("bof", "nitrogen", A_STEEL, 18, 0.04, B_N2)},
    {CONS("bof", "argon", A_STEEL, 0.9, 0.05, B_AR)},
    {CONS("bof", "electricity", A_STEEL, 29, 0.02, B_EL), .fix = 700, SPLIT(e_bof), .loss = 0.006},
    {CONS("bof", "coke_oven_gas", A_STEEL, 4, 0.04, B_COG)},
    {CONS("bof", "natural_gas", A_STEEL, 0.5, 0.06, B_NG)},
    {CONS("bof", "steam", A_STEEL, 0.05, 0.06, B_STEAM)},
    {CONS("bof", "compressed_air", A_STEEL, 15, 0.04, B_AIR)},
    {CONS("bof", "fresh_water", A_STEEL, 0.35, 0.05, B_WATER)},
    {RECO("bof", "converter_gas", A_LDG, 1, 0, B_LDG), .zh = "转炉煤气柜出口", .en = "Converters: gas from the holder"},
    {.proc = "bof",
     .carrier = "converter_gas",
     .flow = F_NONE,
     .level = 3,
     .driver = A_STEEL,
     .per = 108,
     WEIGHED,
     SPLIT(p_ldg_in)},
    {RECO("bof", "steam", A_STEEL, 0.25, 0.03, B_STEAM), SPLIT(p_bof_steam)},
    {OUTP("bof", "crude_steel", A_STEEL, 1), WEIGHED, SPLIT(p_converter)},
    /* casting */
    {CONS("casting", "electricity", A_CAST, 10, 0.02, B_EL), .fix = 500, SPLIT(e_cast), .loss = 0.006},
    {CONS("casting", "coke_oven_gas", A_CAST, 1.6, 0.05, B_COG)},
    {CONS("casting", "oxygen", A_CAST, 2.2, 0.04, B_O2)},
    {CONS("casting", "argon", A_CAST, 0.2, 0.05, B_AR)},
    {CONS("casting", "compressed_air", A_CAST, 6, 0.05, B_AIR)},
    {CONS("casting", "fresh_water", A_CAST, 0.4, 0.05, B_WATER)},
    {OUTP("casting", "cast_steel", A_CAST, 1), WEIGHED, SPLIT(p_caster)},
    /* rolling */
    {CONS("rolling", "blast_furnace_gas", A_ROLL, 102, 0.02, B_BFG), .fix = 300, SPLIT(p_reheat)},
    {CONS("rolling", "coke_oven_gas", A_ROLL, 25, 0.02, B_COG), .fix = 60, SPLIT(p_reheat)},
    {CONS("rolling", "converter_gas", A_ROLL, 16, 0.03, B_LDG), SPLIT(p_reheat)},
    {CONS("rolling", "natural_gas", A_ROLL, 1.1, 0.05, B_NG)},
    {CONS("rolling", "electricity", A_ROLL, 82, 0.02, B_EL), .fix = 1300, SPLIT(e_roll), .loss = 0.006},
    {CONS("rolling", "steam", A_ROLL, 0.10, 0.05, B_STEAM)},
    {CONS("rolling", "oxygen", A_ROLL, 1, 0.05, B_O2)},
    {CONS("rolling", "compressed_air", A_ROLL, 12, 0.04, B_AIR)},
    {CONS("rolling", "fresh_water", A_ROLL, 0.6, 0.04, B_WATER), SPLIT(p_mill), .loss = 0.02},
    {RECO("rolling", "steam", A_ROLL, 0.035, 0.05, B_STEAM)},
    {OUTP("rolling", "rolled_steel", A_ROLL, 1), WEIGHED, SPLIT(p_mill)},
    /* auxiliaries, heat for the town */
    {CONS("aux", "converter_gas", A_NONE, 0, 0.03, B_LDG), .fix = 2600, SPLIT(p_lime)},
    {CONS("aux", "natural_gas", A_SHIFT, 60, 0.1, B_NG), .fix = 30},
    {CONS("aux", "steam", A_HEAT, 22, 0.04, B_STEAM), .fix = 38},
    {CONS("aux", "compressed_air", A_NONE, 0, 0.05, B_AIR), .fix = 1500},
    {CONS("aux", "nitrogen", A_NONE, 0, 0.05, B_N2), .fix = 900},
    {CONS("aux", "fresh_water", A_SHIFT, 30, 0.05, B_WATER), .fix = 60},
    {UNIT("steam", F_EXPORT, A_HEAT, 55), .noise = 0.02, .bus = B_STEAM, .zh = "市政供热外供",
     .en = "Works: steam to district heating"},
    {CONS("power", "steam", A_CDQ, 1, 0, B_STEAM), .zh = "干熄焦发电进汽", .en = "Power plant: dry-quench steam"},
    /* steam, oxygen, nitrogen, argon, air: made as needed */
    {RECO("steam", "steam", 0, 0, 0, B_STEAM), .src = S_CLOSE, .out = A_STEAMGEN, SPLIT(p_steamboiler)},
    {CONS("steam", "blast_furnace_gas", A_STEAMGEN, 312, 0.01, B_BFG), SPLIT(p_steamboiler)},
    {CONS("steam", "electricity", A_STEAMGEN, 3.5, 0.03, B_EL), .fix = 40},
    {CONS("steam", "fresh_water", A_STEAMGEN, 0.4, 0.03, B_WATER)},
    {CONS("oxygen", "oxygen", A_STEEL, 2.2, 0.5, B_O2), .zh = "氧气放散", .en = "Oxygen plant: vented oxygen"},
    {RECO("oxygen", "oxygen", 0, 0, 0, B_O2), .src = S_CLOSE, .out = A_O2, .flags = R_PARTS_ONLY, SPLIT(p_asu)},
    {RECO("oxygen", "nitrogen", 0, 0, 0, B_N2), .src = S_CLOSE},
    {RECO("oxygen", "argon", 0, 0, 0, B_AR), .src = S_CLOSE},
    {CONS("oxygen", "electricity", A_O2, 0.72, 0.01, B_EL), .fix = 1200, SPLIT(e_oxygen), .loss = 0.006},
    {CONS("oxygen", "fresh_water", A_O2, 0.002, 0.03, B_WATER)},
    {RECO("aux", "compressed_air", 0, 0, 0, B_AIR), .src = S_CLOSE, .out = A_AIR, SPLIT(p_air)},
    {CONS("aux", "electricity", A_AIR, 0.112, 0.01, B_EL), .zh = "空压站用电",
     .en = "Auxiliaries: air stations, electricity", SPLIT(e_air), .loss = 0.004},
    {CONS("aux", "electricity", A_NONE, 0, 0.02, B_EL), .fix = 15000, .zh = "公辅系统用电",
     .en = "Auxiliaries: electricity", SPLIT(e_aux), .loss = 0.006},
    /* gas that is left: flare, then the power plant */
    {UNIT("coke_oven_gas", F_EXPORT, A_NONE, 0), .fix = 5500, .noise = 0.03, .bus = B_COG, .zh = "焦炉煤气外供化工",
     .en = "Works: coke-oven gas sold"},
    {CONS("gas", "blast_furnace_gas", 0, 0.008, 0.5, B_BFG), .src = S_FLARE, .fix = 98000, .zh = "高炉煤气放散",
     .en = "Gas network: blast-furnace gas flared"},
    {CONS("power", "blast_furnace_gas", 0, 0, 0, B_BFG), .src = S_CLOSE, .out = A_PBFG, SPLIT(p_boiler3)},
    {CONS("gas", "coke_oven_gas", 0, 0.004, 0.5, B_COG), .src = S_FLARE, .fix = 16000, .zh = "焦炉煤气放散",
     .en = "Gas network: coke-oven gas flared"},
    {CONS("power", "coke_oven_gas", 0, 0, 0, B_COG), .src = S_CLOSE, .out = A_PCOG, SPLIT(p_cogboiler)},
    {CONS("gas", "converter_gas", 0, 0.012, 0.5, B_LDG), .src = S_FLARE, .fix = 21000, .zh = "转炉煤气放散",
     .en = "Gas network: converter gas flared"},
    {CONS("power", "converter_gas", 0, 0, 0, B_LDG), .src = S_CLOSE, .out = A_PLDG},
    {RECO("power", "electricity", A_PBFG, 0.29, 0.008, B_EL), .out = A_GENB, .zh = "1号机组发电",
     .en = "Power plant: generator 1"},
    {RECO("power", "electricity", A_PCOG, 1.55, 0.008, B_EL), .zh = "2号机组发电", .en = "Power plant: generator 2"},
    {RECO("power", "electricity", A_PLDG, 0.62, 0.008, B_EL), .zh = "3号机组发电", .en = "Power plant: generator 3"},
    {RECO("power", "electricity", A_CDQ, 72, 0.01, B_EL), .zh = "干熄焦机组发电",
     .en = "Power plant: dry-quench generator"},
    {CONS("power", "electricity", A_GENB, 0.11, 0.02, B_EL), .fix = 500, SPLIT(e_power), .loss = 0.006},
    {CONS("power", "fresh_water", A_GENB, 0.0021, 0.04, B_WATER)},
    {CONS("gas", "electricity", A_NONE, 0, 0.03, B_EL), .fix = 520},
    /* unit: what is bought in, sold, and leaves as carbon */
    {UNIT("natural_gas", F_PURCHASE, 0, 0), .src = S_CLOSE, .bus = -B_NG},
    {UNIT("fresh_water", F_PURCHASE, 0, 0), .src = S_CLOSE, .bus = -B_WATER, .flags = R_PARTS_ONLY, SPLIT(p_water)},
    {UNIT("electricity", F_PURCHASE, 0, 0), .src = S_CLOSE, .bus = -B_EL, .out = A_PURCH, .flags = R_PARTS_ONLY,
     SPLIT(p_grid)},
    {UNIT("electricity", F_REACTIVE, A_PURCH, 0.31), .fix = 900, .noise = 0.05, .flags = R_PARTS_ONLY, SPLIT(p_grid)},
    {UNIT("washed_coal", F_PURCHASE, A_COAL_IN, 1), .flags = R_PARTS_ONLY, SPLIT(p_belt)},
    {UNIT("anthracite", F_PURCHASE, A_ANTH_IN, 1)},
    {UNIT("coke", F_PURCHASE, A_COKE_IN, 1)},
    {UNIT("limestone", F_PURCHASE, A_SINTER, 0.095), .noise = 0.1},
    {UNIT("dolomite", F_PURCHASE, A_SINTER, 0.034), .noise = 0.1},
    {UNIT("scrap", F_PURCHASE, A_HMUSE, 0.155 / 0.91)},
    {UNIT("electrode", F_PURCHASE, A_STEEL, 0.0003), .noise = 0.05, .flags = R_INTERVAL},
    {UNIT("diesel", F_PURCHASE, A_SHIFT, 0.42), .fix = 0.05, .flags = R_INTERVAL},
    {CONS("aux", "diesel", A_SHIFT, 0.42, 0, 0), .fix = 0.05}, /* burnt as it is dispensed */
    {UNIT("tar", F_EXPORT, A_COKE, 0.046)},
    {UNIT("crude_benzol", F_EXPORT, A_COKE, 0.0135)},
    {UNIT("crude_steel", F_SEQUESTER, A_STEEL, 1)},
};

static const demo_gauge gauges[] = {
    {"", "220kV甲线有功", "220 kV line A: power", "electricity", "kW", .lsb = 0, .high = 220000,
     .power_of = "220 kV line A: electricity"},
    {"", "220kV乙线有功", "220 kV line B: power", "electricity", "kW", .lsb = 0, .high = 220000,
     .power_of = "220 kV line B: electricity"},
    {"power", "1号机组出力", "Generator 1: power", "electricity", "kW", .lsb = 0, .high = 180000,
     .power_of = "Power plant: generator 1"},
    {"power", "2号机组出力", "Generator 2: power", "electricity", "kW", .lsb = 0, .high = 120000,
     .power_of = "Power plant: generator 2"},
    {"power", "3号机组出力", "Generator 3: power", "electricity", "kW", .lsb = 0, .high = 80000,
     .power_of = "Power plant: generator 3"},
    {"power", "干熄焦机组出力", "Dry-quench generator: power", "electricity", "kW", .lsb = 0, .high = 40000,
     .power_of = "Power plant: dry-quench generator"},
    {"", "220kV甲线电压", "220 kV line A: voltage", "electricity", "kV", 225.5, 2.6, 0, 0, -2, 209, 242, NULL},
    {"", "220kV乙线电压", "220 kV line B: voltage", "electricity", "kV", 225.1, 2.5, 0, 0, -2, 209, 242, NULL},
    {"", "系统频率", "Frequency", "electricity", "Hz", 50, 0.025, 0, 0, -3, 49.8, 50.2, NULL},
    {"coking", "1号焦炉直行温度", "Battery 1 flue temperature", "blast_furnace_gas", "Cel", 1285, 9, 0, 0, -1, 1200,
     1350, NULL},
    {"coking", "2号焦炉直行温度", "Battery 2 flue temperature", "blast_furnace_gas", "Cel", 1290, 9, 0, 0, -1, 1200,
     1350, NULL},
    {"coking", "3号焦炉直行温度", "Battery 3 flue temperature", "blast_furnace_gas", "Cel", 1288, 9, 0, 0, -1, 1200,
     1350, NULL},
    {"coking", "4号焦炉直行温度", "Battery 4 flue temperature", "blast_furnace_gas", "Cel", 1283, 9, 0, 0, -1, 1200,
     1350, NULL},
    {"coking", "干熄焦主蒸汽压力", "Dry-quench steam pressure", "steam", "MPa", 9.5, 0.12, 0, 0, -3, 8.8, 10, NULL},
    {"coking", "集气管压力", "Collecting main pressure", "coke_oven_gas", "Pa", 110, 12, 0, 0, 0, 60, 160, NULL},
    {"sinter", "1号烧结终点温度", "Strand 1 burn-through temperature", "anthracite", "Cel", 365, 14, 10, A_S1, -1, 0,
     450, NULL},
    {"sinter", "2号烧结终点温度", "Strand 2 burn-through temperature", "anthracite", "Cel", 362, 14, 10, A_S2, -1, 0,
     450, NULL},
    {"sinter", "3号烧结终点温度", "Strand 3 burn-through temperature", "anthracite", "Cel", 368, 14, 10, A_S3, -1, 0,
     450, NULL},
    {"sinter", "1号主抽负压", "Strand 1 suction", "electricity", "kPa", 1, 0.4, 14.2, A_S1, -2, 0, 20, NULL},
    {"sinter", "2号主抽负压", "Strand 2 suction", "electricity", "kPa", 1, 0.4, 14.0, A_S2, -2, 0, 20, NULL},
    {"sinter", "3号主抽负压", "Strand 3 suction", "electricity", "kPa", 1, 0.4, 14.4, A_S3, -2, 0, 20, NULL},
    {"pellet", "球团焙烧温度", "Pellet firing temperature", "coke_oven_gas", "Cel", 1235, 12, 0, 0, -1, 1100, 1320,
     NULL},
    {"bf", "1号高炉热风温度", "No.1 blast temperature", "blast_furnace_gas", "Cel", 120, 8, 1085, A_F1, -1, 0, 1280,
     NULL},
    {"bf", "2号高炉热风温度", "No.2 blast temperature", "blast_furnace_gas", "Cel", 120, 8, 1080, A_F2, -1, 0, 1280,
     NULL},
    {"bf", "3号高炉热风温度", "No.3 blast temperature", "blast_furnace_gas", "Cel", 120, 8, 1090, A_F3, -1, 0, 1280,
     NULL},
    {"bf", "1号高炉炉顶压力", "No.1 top pressure", "blast_furnace_gas", "kPa", 5, 3, 212, A_F1, -1, 0, 250, NULL},
    {"bf", "2号高炉炉顶压力", "No.2 top pressure", "blast_furnace_gas", "kPa", 5, 3, 210, A_F2, -1, 0, 250, NULL},
    {"bf", "3号高炉炉顶压力", "No.3 top pressure", "blast_furnace_gas", "kPa", 5, 3, 214, A_F3, -1, 0, 250, NULL},
    {"bf", "1号高炉富氧率", "No.1 oxygen enrichment", "oxygen", "%", 0.2, 0.15, 3.6, A_F1, -2, 0, 6, NULL},
    {"bf", "2号高炉富氧率", "No.2 oxygen enrichment", "oxygen", "%", 0.2, 0.15, 3.5, A_F2, -2, 0, 6, NULL},
    {"bf", "3号高炉富氧率", "No.3 oxygen enrichment", "oxygen", "%", 0.2, 0.15, 3.7, A_F3, -2, 0, 6, NULL},
    {"bf", "铁水罐存量", "Hot metal in torpedoes", "hot_metal", "t", 0, 0, 1, A_ST_HM, -1, 0, 12000, NULL},
    {"bf", "焦炭料仓存量", "Coke in bunkers", "coke", "t", 0, 0, 1, A_ST_COKE, -1, 0, 0, NULL},
    {"bf", "无烟煤存量", "Anthracite in stock", "anthracite", "t", 0, 0, 1, A_ST_ANTH, -1, 0, 0, NULL},
    {"coking", "煤塔存量", "Coal in towers", "washed_coal", "t", 0, 0, 1, A_ST_COAL, -1, 0, 0, NULL},
    {"sinter", "烧结矿存量", "Sinter in stock", "sinter_ore", "t", 0, 0, 1, A_ST_SINTER, -1, 0, 0, NULL},
    {"pellet", "球团矿存量", "Pellets in stock", "pellet_ore", "t", 0, 0, 1, A_ST_PELLET, -1, 0, 0, NULL},
    {"rolling", "板坯库存", "Slabs in stock", "cast_steel", "t", 0, 0, 1, A_ST_SLAB, -1, 0, 0, NULL},
    {"bof", "转炉煤气柜容", "Converter gas in holder", "converter_gas", "m3", 0, 0, 1, A_ST_LDG, 1, 0, 160000, NULL},
    {"bof", "氧枪压力", "Lance pressure", "oxygen", "MPa", 1.62, 0.03, 0, 0, -3, 1.3, 1.9, NULL},
    {"casting", "中间包温度", "Tundish temperature", "crude_steel", "Cel", 1542, 7, 0, 0, -1, 1500, 1600, NULL},
    {"rolling", "热连轧终轧温度", "Hot-strip finishing temperature", "rolled_steel", "Cel", 872, 8, 0, 0, -1, 780, 960,
     NULL},
    {"rolling", "加热炉炉温", "Reheating furnace temperature", "blast_furnace_gas", "Cel", 1238, 10, 0, 0, -1, 1100,
     1320, NULL},
    {"power", "主蒸汽温度", "Main steam temperature", "steam", "Cel", 538, 2.5, 0, 0, -1, 525, 548, NULL},
    {"power", "凝汽器真空", "Condenser pressure", "steam", "kPa", 4.6, 0.3, 2.2, A_WARM, -2, 0, 9, NULL},
    {"steam", "中压蒸汽压力", "Steam main pressure", "steam", "MPa", 1.25, 0.04, 0, 0, -3, 1, 1.5, NULL},
    {"oxygen", "氧气纯度", "Oxygen purity", "oxygen", "%", 99.72, 0.05, 0, 0, -2, 99.5, 100, NULL},
    {"oxygen", "氧气总管压力", "Oxygen main pressure", "oxygen", "MPa", 2.45, 0.08, 0, 0, -3, 1.8, 3, NULL},
    {"gas", "高炉煤气管网压力", "Blast-furnace gas pressure", "blast_furnace_gas", "kPa", 11.5, 0.6, 0, 0, -2, 8, 15,
     NULL},
    {"gas", "焦炉煤气管网压力", "Coke-oven gas pressure", "coke_oven_gas", "kPa", 8.2, 0.4, 0, 0, -2, 5, 12, NULL},
    {"aux", "压缩空气压力", "Compressed-air pressure", "compressed_air", "MPa", 0.68, 0.015, 0, 0, -3, 0.6, 0.75, NULL},
    {"aux", "室外温度", "Outdoor temperature", "electricity", "Cel", 0, 0.3, 1, A_TEMP, -1, 0, 0, NULL},
};
/* clang-format on */

const demo_plant demo_steel = {
    .unit = "u001",
    .zh = "示范钢铁（营口样本）有限公司",
    .en = "Sample Steel Works No.1 (Yingkou sample)",
    .sector = "3120",
    .district = "210804",
    .va_cny = 5.2e9,
    .procs = procs,
    .equips = equips,
    .buses = buses,
    .rows = rows,
    .gauges = gauges,
    .nprocs = N(procs),
    .nequips = N(equips),
    .nbuses = B_COUNT,
    .nrows = sizeof rows / sizeof *rows,
    .ngauges = N(gauges),
    .init = init,
    .step = step,
};
