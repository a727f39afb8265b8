#include "domain/units.h"
#include <string.h>

static const char SI[] = "GB 3100-1993";
static const char TCE[] = "GB/T 2589-2020";
static const char CAL[] = "GB/T 2589-2020 (1 cal = 4.1868 J)";
static const char CN[] = "decimal counting units";

static const qf_unit TABLE[] = {
    {"J", "焦", "joule", QF_DIM_ENERGY, 1, 1, SI},
    {"kJ", "千焦", "kilojoule", QF_DIM_ENERGY, 1000, 1, SI},
    {"MJ", "兆焦", "megajoule", QF_DIM_ENERGY, 1000000, 1, SI},
    {"GJ", "吉焦", "gigajoule", QF_DIM_ENERGY, 1000000000, 1, SI},
    {"10^6 kJ", "百万千焦", "million kilojoule", QF_DIM_ENERGY, 1000000000, 1, SI},
    {"TJ", "太焦", "terajoule", QF_DIM_ENERGY, 1000000000000, 1, SI},
    {"Wh", "瓦时", "watt-hour", QF_DIM_ENERGY, 3600, 1, SI},
    {"kWh", "千瓦时", "kilowatt-hour", QF_DIM_ENERGY, 3600000, 1, SI},
    {"MWh", "兆瓦时", "megawatt-hour", QF_DIM_ENERGY, 3600000000, 1, SI},
    {"10^4 kWh", "万千瓦时", "ten thousand kilowatt-hours", QF_DIM_ENERGY, 36000000000, 1, CN},
    {"GWh", "吉瓦时", "gigawatt-hour", QF_DIM_ENERGY, 3600000000000, 1, SI},
    {"kcal", "千卡", "kilocalorie", QF_DIM_ENERGY, 41868, 10, CAL},
    {"kgce", "千克标准煤", "kilogram of coal equivalent", QF_DIM_ENERGY, 29307600, 1, TCE},
    {"tce", "吨标准煤", "tonne of coal equivalent", QF_DIM_ENERGY, 29307600000, 1, TCE},
    {"10^4 tce", "万吨标准煤", "ten thousand tce", QF_DIM_ENERGY, 293076000000000, 1, TCE},
    {"kgoe", "千克标准油", "kilogram of oil equivalent", QF_DIM_ENERGY, 41868000, 1, "GB 30251-2024 (10 000 kcal)"},
    {"toe", "吨标准油", "tonne of oil equivalent", QF_DIM_ENERGY, 41868000000, 1, "GB 30251-2024 (10 000 kcal)"},
    {"W", "瓦", "watt", QF_DIM_POWER, 1, 1, SI},
    {"kW", "千瓦", "kilowatt", QF_DIM_POWER, 1000, 1, SI},
    {"MW", "兆瓦", "megawatt", QF_DIM_POWER, 1000000, 1, SI},
    {"10^4 kW", "万千瓦", "ten thousand kilowatts", QF_DIM_POWER, 10000000, 1, CN},
    {"GW", "吉瓦", "gigawatt", QF_DIM_POWER, 1000000000, 1, SI},
    {"varh", "乏时", "var-hour", QF_DIM_REACTIVE, 1, 1, "GB 3102.5-1993"},
    {"kvarh", "千乏时", "kilovar-hour", QF_DIM_REACTIVE, 1000, 1, "GB 3102.5-1993"},
    {"Mvarh", "兆乏时", "megavar-hour", QF_DIM_REACTIVE, 1000000, 1, "GB 3102.5-1993"},
    {"g", "克", "gram", QF_DIM_MASS, 1, 1, SI},
    {"kg", "千克", "kilogram", QF_DIM_MASS, 1000, 1, SI},
    {"t", "吨", "tonne", QF_DIM_MASS, 1000000, 1, SI},
    {"10^4 t", "万吨", "ten thousand tonnes", QF_DIM_MASS, 10000000000, 1, CN},
    {"box", "重量箱", "weight box of glass", QF_DIM_MASS, 50000, 1, "GB 11614 (50 kg)"},
    {"L", "升", "litre", QF_DIM_VOLUME, 1, 1, SI},
    {"m3", "立方米", "cubic metre", QF_DIM_VOLUME, 1000, 1, SI},
    {"10^3 m3", "千立方米", "thousand cubic metres", QF_DIM_VOLUME, 1000000, 1, SI},
    {"10^4 m3", "万立方米", "ten thousand cubic metres", QF_DIM_VOLUME, 10000000, 1, CN},
    {"m2", "平方米", "square metre", QF_DIM_AREA, 1, 1, SI},
    {"10^4 m2", "万平方米", "ten thousand square metres", QF_DIM_AREA, 10000, 1, CN},
    {"ha", "公顷", "hectare", QF_DIM_AREA, 10000, 1, SI},
    {"mu", "亩", "mu", QF_DIM_AREA, 2000, 3, "15 mu = 1 ha"},
    {"km2", "平方千米", "square kilometre", QF_DIM_AREA, 1000000, 1, SI},
    {"m", "米", "metre", QF_DIM_LENGTH, 1, 1, SI},
    {"km", "千米", "kilometre", QF_DIM_LENGTH, 1000, 1, SI},
    {"n mile", "海里", "nautical mile", QF_DIM_LENGTH, 1852, 1, "GB 3100-1993 table 5"},
    {"s", "秒", "second", QF_DIM_TIME, 1, 1, SI},
    {"min", "分", "minute", QF_DIM_TIME, 60, 1, SI},
    {"h", "时", "hour", QF_DIM_TIME, 3600, 1, SI},
    {"d", "日", "day", QF_DIM_TIME, 86400, 1, SI},
};

const qf_unit *qf_unit_at(size_t i)
{
  return i < sizeof TABLE / sizeof *TABLE ? &TABLE[i] : NULL;
}

const qf_unit *qf_unit_find(const char *code)
{
  for (size_t i = 0; code && i < sizeof TABLE / sizeof *TABLE; i++) {
    if (strcmp(TABLE[i].code, code) == 0)
      return &TABLE[i];
  }
  return NULL;
}

static int64_t gcd(int64_t a, int64_t b)
{
  while (b) {
    int64_t r = a % b;
    a = b;
    b = r;
  }
  return a;
}

/* a/b and c/d in lowest terms across, so that the products stay small. */
static void ratio(const qf_unit *from, const qf_unit *to, qf_dec *num, qf_dec *den)
{
  int64_t g = gcd(from->num, to->num), h = gcd(to->den, from->den);
  num->mant = (qf_i128)(from->num / g) * (to->den / h);
  den->mant = (qf_i128)(from->den / h) * (to->num / g);
  num->scale = den->scale = 0;
}

qf_rc qf_unit_convert(qf_dec v, const char *from, const char *to, int scale, qf_dec *out, qf_err *err)
{
  const qf_unit *a = qf_unit_find(from), *b = qf_unit_find(to);
  if (!a || !b) {
    const char *code = a ? to : from;
    return qf_fail(err, QF_NOTFOUND, "unknown unit \"%s\"", "未知单位“%s”", code ? code : "");
  }
  if (a->dim != b->dim)
    return qf_fail(err, QF_STATE, "%s cannot be expressed in %s", "%s 不能换算为 %s", from, to);
  qf_dec num, den;
  ratio(a, b, &num, &den);
  if (scale < 0 || scale > 18 || qf_dec_mul(v, num, out) || qf_dec_div(*out, den, scale, out))
    return qf_fail(err, QF_RANGE, "%s to %s: the value does not fit", "%s 换算为 %s：数值超出范围", from, to);
  return QF_OK;
}

qf_gj qf_gj_of_kwh(qf_kwh e)
{
  return (qf_gj){e.kwh * 3.6 / 1000.0};
}
qf_kgce qf_kgce_of_gj(qf_gj h)
{
  return (qf_kgce){h.gj * 1e6 / 29307.6};
}
double qf_tce(qf_kgce e)
{
  return e.kgce / 1000.0;
}
