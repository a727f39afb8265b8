#include "domain/carbon.h"
#include <math.h>
#include <stdbool.h>
#include <string.h>

#define CO2_PER_C (44.0 / 12.0)
#define M_CO2 44.009 /* g/mol, IUPAC */
#define M_MGCO3 84.313
#define M_CACO3 100.086
#define M_MGO 40.304
#define M_CAO 56.077

static bool share(double x)
{
  return x >= 0 && x <= 1;
}
static bool amount_ok(double x)
{
  return x >= 0 && isfinite(x);
}

qf_rc qf_carbon_ef(const qf_fuel *f, double *ef, qf_err *err)
{
  if (!(f->ncv_gj > 0) || !isfinite(f->ncv_gj))
    return qf_fail(err, QF_RANGE, "heating value NCV %g: must be over 0", "低位发热量 %g：应大于 0", f->ncv_gj);
  if (!(f->cc_tc_per_gj >= 0 && f->cc_tc_per_gj <= 0.2)) /* a value in tC/TJ is a thousand times larger */
    return qf_fail(err, QF_RANGE, "carbon content CC %g tC/GJ: must be 0 to 0.2",
                   "单位热值含碳量 %g tC/GJ：应在 0 至 0.2", f->cc_tc_per_gj);
  if (!share(f->oxidation))
    return qf_fail(err, QF_RANGE, "oxidation OF %g: must be 0 to 1", "碳氧化率 %g：应在 0 至 1", f->oxidation);
  *ef = f->ncv_gj * f->cc_tc_per_gj * f->oxidation * CO2_PER_C;
  return QF_OK;
}

qf_rc qf_carbon_combustion(double amount, const qf_fuel *fuel, qf_tco2 *out, qf_err *err)
{
  double ef;
  qf_rc rc = qf_carbon_ef(fuel, &ef, err);
  if (rc)
    return rc;
  if (!isfinite(amount))
    return qf_fail(err, QF_RANGE, "amount of fuel %g: must be a number", "燃料消耗量 %g：应为数值", amount);
  out->t = amount * ef;
  return QF_OK;
}

qf_rc qf_carbon_of(double amount, double factor, qf_tco2 *out, qf_err *err)
{
  if (!isfinite(amount) || !amount_ok(factor))
    return qf_fail(err, QF_RANGE, "amount %g, factor %g: the factor must be from 0",
                   "活动数据 %g、因子 %g：因子应不小于 0", amount, factor);
  out->t = amount * factor;
  return QF_OK;
}

qf_rc qf_carbon_electricity(qf_kwh e, double kg_per_kwh, qf_tco2 *out, qf_err *err)
{
  if (!isfinite(e.kwh) || !(kg_per_kwh >= 0 && kg_per_kwh <= 2))
    return qf_fail(err, QF_RANGE, "grid factor %g kgCO2/kWh: must be 0 to 2 (another unit?)",
                   "电网因子 %g kgCO2/kWh：应在 0 至 2（单位是否有误）", kg_per_kwh);
  out->t = e.kwh * kg_per_kwh / 1000.0;
  return QF_OK;
}

qf_tco2 qf_carbon_total(const qf_carbon_parts *p)
{
  return (qf_tco2){p->combustion + p->flux + p->electrode + p->raw + p->net_electricity + p->net_heat - p->sequestered};
}

qf_rc qf_carbon_clinker(const qf_clinker *c, double *t_per_t, qf_err *err)
{
  if (!share(c->cao) || !share(c->mgo) || !(c->cao + c->mgo <= 1))
    return qf_fail(err, QF_RANGE, "clinker CaO %g, MgO %g: mass fractions of one whole",
                   "熟料 CaO %g、MgO %g：应为质量分数且合计不超过 1", c->cao, c->mgo);
  if (!(c->cao_other >= 0 && c->cao_other <= c->cao) || !(c->mgo_other >= 0 && c->mgo_other <= c->mgo))
    return qf_fail(err, QF_RANGE, "oxides not from carbonate (CaO %g, MgO %g) exceed the whole",
                   "非碳酸盐来源（CaO %g、MgO %g）超过总量", c->cao_other, c->mgo_other);
  *t_per_t = (c->cao - c->cao_other) * 44.0 / 56.0 + (c->mgo - c->mgo_other) * 44.0 / 40.0;
  return QF_OK;
}

qf_rc qf_carbon_rawmeal(qf_tonne rawmeal, double carbon_fraction, qf_tco2 *out, qf_err *err)
{
  if (!amount_ok(rawmeal.t) || !(carbon_fraction >= 0 && carbon_fraction <= 0.05))
    return qf_fail(err, QF_RANGE, "raw meal %g t with carbon fraction %g: mass from 0, fraction 0 to 0.05",
                   "生料 %g 吨、非燃料碳含量 %g：质量不小于 0，含量应在 0 至 0.05", rawmeal.t, carbon_fraction);
  out->t = rawmeal.t * carbon_fraction * CO2_PER_C;
  return QF_OK;
}

qf_rc qf_carbon_glass(const qf_carbonate_use *u, size_t n, qf_tonne carbon_powder, double carbon_content, qf_tco2 *out,
                      qf_err *err)
{
  if (!amount_ok(carbon_powder.t) || !share(carbon_content))
    return qf_fail(err, QF_RANGE, "carbon powder %g t with content %g: mass from 0, content 0 to 1",
                   "碳粉 %g 吨、含碳量 %g：质量不小于 0，含碳量应在 0 至 1", carbon_powder.t, carbon_content);
  double sum = carbon_powder.t * carbon_content * CO2_PER_C;
  for (size_t i = 0; i < n; i++) {
    if (!amount_ok(u[i].t) || !amount_ok(u[i].ef) || !share(u[i].purity) || !share(u[i].calcined))
      return qf_fail(err, QF_RANGE, "carbonate %zu: mass and factor from 0, purity and calcined share 0 to 1",
                     "第 %zu 种碳酸盐：质量与因子不小于 0，纯度与煅烧比例应在 0 至 1", i + 1);
    sum += u[i].t * u[i].ef * u[i].purity * u[i].calcined;
  }
  out->t = sum;
  return QF_OK;
}

qf_rc qf_carbon_pidgeon(const qf_pidgeon *p, qf_tco2 *out, qf_err *err)
{
  if (!amount_ok(p->ferrosilicon.t) || !amount_ok(p->dolomite.t))
    return qf_fail(err, QF_RANGE, "ferrosilicon %g t, dolomite %g t: must be from 0",
                   "硅铁 %g 吨、白云石 %g 吨：应不小于 0", p->ferrosilicon.t, p->dolomite.t);
  if (!amount_ok(p->ferrosilicon_ef) || !amount_ok(p->dolomite_ef) || !share(p->dolomite_purity))
    return qf_fail(err, QF_RANGE, "factors must be from 0 and the purity %g from 0 to 1",
                   "因子应不小于 0，纯度 %g 应在 0 至 1", p->dolomite_purity);
  out->t = p->ferrosilicon.t * p->ferrosilicon_ef + p->dolomite.t * p->dolomite_purity * p->dolomite_ef;
  return QF_OK;
}

qf_rc qf_carbon_magnesite(const qf_magnesite *m, qf_tco2 *out, qf_err *err)
{
  if (!amount_ok(m->ore.t) || !share(m->calcined))
    return qf_fail(err, QF_RANGE, "ore %g t, decomposed share %g: mass from 0, share 0 to 1",
                   "矿石 %g 吨、分解率 %g：质量不小于 0，分解率应在 0 至 1", m->ore.t, m->calcined);
  if (!share(m->mgco3) || !share(m->caco3) || !(m->mgco3 + m->caco3 <= 1))
    return qf_fail(err, QF_RANGE, "MgCO3 %g, CaCO3 %g: mass fractions of one whole",
                   "MgCO3 %g、CaCO3 %g：应为质量分数且合计不超过 1", m->mgco3, m->caco3);
  out->t = m->ore.t * (m->mgco3 * M_CO2 / M_MGCO3 + m->caco3 * M_CO2 / M_CACO3) * m->calcined;
  return QF_OK;
}

qf_rc qf_carbon_magnesia(qf_tonne product, double mgo, double cao, qf_tco2 *out, qf_err *err)
{
  if (!amount_ok(product.t) || !share(mgo) || !share(cao) || !(mgo + cao <= 1))
    return qf_fail(err, QF_RANGE, "product %g t with MgO %g, CaO %g: mass from 0, fractions of one whole",
                   "产品 %g 吨、MgO %g、CaO %g：质量不小于 0，质量分数合计不超过 1", product.t, mgo, cao);
  out->t = product.t * (mgo * M_CO2 / M_MGO + cao * M_CO2 / M_CAO);
  return QF_OK;
}

qf_rc qf_carbon_both_sides(qf_tco2 ore_side, qf_tco2 product_side, double tolerance, double *gap, qf_err *err)
{
  double larger = fmax(ore_side.t, product_side.t);
  if (!(ore_side.t > 0) || !(product_side.t > 0) || !isfinite(larger))
    return qf_fail(err, QF_RANGE, "ore side %g t, product side %g t: both must be over 0",
                   "原料侧 %g 吨、产品侧 %g 吨：均应大于 0", ore_side.t, product_side.t);
  *gap = fabs(ore_side.t - product_side.t) / larger;
  if (*gap > tolerance)
    return qf_fail(err, QF_PARTIAL, "CO2 by ore %.2f t and by product %.2f t differ by %.1f %% (at most %.1f %%)",
                   "按原料 %.2f 吨与按产品 %.2f 吨的二氧化碳相差 %.1f %%（应不超过 %.1f %%）", ore_side.t,
                   product_side.t, *gap * 100, tolerance * 100);
  return QF_OK;
}

double qf_carbon_stoichiometry(const char *formula)
{
  static const struct {
    const char *formula;
    int co2;
    double molar;
  } t[] = {{"CaCO3", 1, M_CACO3},  {"MgCO3", 1, M_MGCO3}, {"CaMg(CO3)2", 2, M_CACO3 + M_MGCO3},
           {"Na2CO3", 1, 105.988}, {"NaHCO3", 1, 84.006}, {"FeCO3", 1, 115.853},
           {"MnCO3", 1, 114.946},  {"BaCO3", 1, 197.335}, {"Li2CO3", 1, 73.889},
           {"K2CO3", 1, 138.204},  {"SrCO3", 1, 147.628}};
  for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
    if (strcmp(t[i].formula, formula) == 0)
      return t[i].co2 * M_CO2 / t[i].molar;
  }
  return 0;
}
