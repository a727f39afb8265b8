/* From the tables of a plant to nodes (amounts) and metering points: subjects, names, series keys, multipliers and
 * digits that a meter of that size would have. Sizes come from the warm-up year. */
#include "demo/plant.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const demo_flow_names[] = {"none",   "purchase",  "export",       "consume", "recover",
                                       "output", "sequester", "reactive_lag", "demand"};

static void subject_of(const demo_plant *p, const char *proc, uint8_t eq, char out[24])
{
  if (!*proc)
    snprintf(out, 24, "%s", p->unit);
  else if (eq)
    snprintf(out, 24, "%s.%s.%u", p->unit, proc, eq);
  else
    snprintf(out, 24, "%s.%s", p->unit, proc);
}

qf_rc demo_build_nodes(qf_demo *m)
{
  uint32_t n = 0;
  for (int i = 0; i < DEMO_PLANTS; i++) {
    m->first_node[i] = n;
    n += demo_plant_nodes(demo_plants[i]);
  }
  m->nnodes = n;
  m->nodes = calloc(n, sizeof *m->nodes);
  m->inc = calloc(n, sizeof *m->inc);
  m->cum = calloc(n, sizeof *m->cum);
  m->month = calloc(n, sizeof *m->month);
  if (!m->nodes || !m->inc || !m->cum || !m->month)
    return QF_NOMEM;
  for (int i = 0; i < DEMO_PLANTS; i++) {
    const demo_plant *p = demo_plants[i];
    demo_node *nd = m->nodes + m->first_node[i] + p->nbuses;
    for (uint16_t r = 0; r < p->nrows; r++) {
      const demo_row *row = &p->rows[r];
      /* A row's accounts are kept once: at the row. Parts only show where it goes (or where it was weighed). */
      *nd = (demo_node){.plant = (uint8_t)i, .flow = row->flow, .level = row->level, .carrier = row->carrier};
      subject_of(p, row->proc, 0, nd->subject);
      nd += 1u + row->nparts;
    }
  }
  return QF_OK;
}

static demo_point *add_point(qf_demo *m)
{
  if (m->npoints == m->cap_points)
    return NULL;
  demo_point *pt = &m->points[m->npoints];
  *pt = (demo_point){
      .id = m->npoints + 1, .stream = demo_mix(m->seed ^ (0xABCDu + m->npoints)), .pub = {.parent = -1, .k = 1}};
  m->npoints++;
  return pt;
}

static int64_t pow10i(int e)
{
  int64_t x = 1;
  while (e-- > 0)
    x *= 10;
  return x;
}

/* A meter for the node: the multiplier so that a mean quarter moves the least digit some hundred times. */
static void size_meter(qf_demo *m, demo_point *pt)
{
  static const int64_t ctpt[] = {1,    20,   60,    120,   400,    800,
                                 2000, 6000, 12000, 24000, 132000, 1320000};                    /* CT x PT in use */
  double mean = (double)m->cum[pt->node] * 1e-6 / (double)(m->q - m->start_us / QF_US_QUARTER); /* per quarter */
  if (mean < 1e-4)
    mean = 1e-4;
  bool electric = strcmp(pt->pub.carrier, "electricity") == 0;
  int64_t k = 1;
  int lsb = -2;
  if (electric) {
    for (size_t i = 0; i < sizeof ctpt / sizeof *ctpt; i++)
      if (mean / ((double)ctpt[i] * 0.01) >= 50)
        k = ctpt[i];
    lsb = k >= 132000 ? -4 : -2;
  } else {
    lsb = -6;
    double units = mean * 1e6;
    while (lsb < 1 && units / 10 >= 200) {
      units /= 10;
      lsb++;
    }
  }
  int digits = 6;
  while ((double)pow10i(digits) * (double)k < mean * 35040 * 30)
    digits++;
  pt->pub.k = k;
  pt->pub.lsb_exp = lsb;
  pt->pub.digits = digits;
  pt->lsb_u = lsb + 6 >= 0 ? k * pow10i(lsb + 6) : k;
  pt->modulus = pow10i(digits - lsb);
  double most = (double)m->nodes[pt->node].max * 1e-6 * 4 * 1.2, step = 1;
  while (step * 100 < most)
    step *= 10;
  while (step * 10 > most && step > 1e-3)
    step /= 10;
  pt->pub.rated = (double)((int64_t)(most / step) + 1) * step;
  pt->base = m->cum[pt->node];
  pt->offset = (int64_t)(demo_mix(pt->stream) % (uint64_t)(pt->modulus / 20));
}

static const char *unit_of(const char *carrier)
{
  static const char *const m3[] = {"coke_oven_gas", "blast_furnace_gas", "converter_gas", "natural_gas",
                                   "oxygen",        "nitrogen",          "argon",         "compressed_air",
                                   "hydrogen"};
  if (strcmp(carrier, "electricity") == 0)
    return "kWh";
  if (strcmp(carrier, "steam") == 0 || strcmp(carrier, "heat") == 0)
    return "GJ";
  if (strcmp(carrier, "flat_glass") == 0)
    return "case";
  for (size_t i = 0; i < sizeof m3 / sizeof *m3; i++)
    if (strcmp(carrier, m3[i]) == 0)
      return "m3";
  return "t";
}

static void carrier_name(const char *carrier, const char **zh, const char **en)
{
  static const char *const t[][3] = {
      {"electricity", "电力", "electricity"},
      {"coke_oven_gas", "焦炉煤气", "coke-oven gas"},
      {"blast_furnace_gas", "高炉煤气", "blast-furnace gas"},
      {"converter_gas", "转炉煤气", "converter gas"},
      {"natural_gas", "天然气", "natural gas"},
      {"oxygen", "氧气", "oxygen"},
      {"nitrogen", "氮气", "nitrogen"},
      {"argon", "氩气", "argon"},
      {"compressed_air", "压缩空气", "compressed air"},
      {"raw_coal", "原煤", "raw coal"},
      {"washed_coal", "洗精煤", "washed coal"},
      {"anthracite", "无烟煤", "anthracite"},
      {"coke", "焦炭", "coke"},
      {"coke_powder", "焦粉", "coke powder"},
      {"diesel", "柴油", "diesel"},
      {"tar", "焦油", "tar"},
      {"crude_benzol", "粗苯", "crude benzol"},
      {"limestone", "石灰石", "limestone"},
      {"dolomite", "白云石", "dolomite"},
      {"magnesite", "菱镁矿", "magnesite"},
      {"electrode", "电极", "electrodes"},
      {"scrap", "废钢", "scrap"},
      {"soda_ash", "纯碱", "soda ash"},
      {"steam", "蒸汽", "steam"},
      {"heat", "热力", "heat"},
      {"fresh_water", "新水", "fresh water"},
      {"soft_water", "软化水", "soft water"},
      {"sinter_ore", "烧结矿", "sinter"},
      {"pellet_ore", "球团矿", "pellets"},
      {"hot_metal", "铁水", "hot metal"},
      {"crude_steel", "粗钢", "crude steel"},
      {"cast_steel", "连铸坯", "cast steel"},
      {"rolled_steel", "钢材", "rolled steel"},
      {"clinker", "熟料", "clinker"},
      {"cement", "水泥", "cement"},
      {"flat_glass", "平板玻璃", "flat glass"},
      {"magnesia_caustic", "轻烧镁", "caustic magnesia"},
      {"magnesia_dead_burned", "重烧镁砂", "dead-burned magnesia"},
      {"magnesia_fused", "电熔镁砂", "fused magnesia"},
      {"throughput", "吞吐量", "throughput"},
      {"lng", "液化天然气", "LNG"},
  };
  *zh = *en = carrier;
  for (size_t i = 0; i < sizeof t / sizeof *t; i++)
    if (strcmp(carrier, t[i][0]) == 0) {
      *zh = t[i][1];
      *en = t[i][2];
    }
}

static void finish(qf_demo *m, demo_point *pt, int plant, const char *field)
{
  const demo_plant *p = demo_plants[plant];
  pt->plant = (uint8_t)plant;
  unsigned no = 0;
  for (uint32_t i = 0; i < m->npoints; i++)
    no += m->points[i].plant == plant;
  const char *what = strcmp(pt->pub.flow, "reactive_lag") == 0 ? "reactive" : pt->pub.carrier;
  snprintf(pt->key, sizeof pt->key, "energy,carrier=%s,meter=%s-%03u,unit=%s %s", what, p->unit, no, p->unit, field);
}

/* A point of a node. */
static demo_point *node_point(qf_demo *m, int plant, uint32_t node, const demo_row *row, uint8_t eq)
{
  demo_point *pt = add_point(m);
  if (!pt)
    return NULL;
  pt->node = node;
  pt->kind = row->flags & R_INTERVAL ? PK_INTERVAL : PK_REGISTER;
  subject_of(demo_plants[plant], row->proc, eq, pt->subject);
  pt->pub.carrier = row->carrier;
  pt->pub.flow = demo_flow_names[row->flow];
  pt->pub.kind = pt->kind == PK_INTERVAL ? "interval" : "register";
  pt->pub.unit = row->flow == F_REACTIVE ? "kvarh" : unit_of(row->carrier);
  pt->pub.level = row->level;
  finish(m, pt, plant, pt->kind == PK_INTERVAL ? "amount" : "total");
  size_meter(m, pt);
  return pt;
}

static void name_row(demo_point *pt, const demo_plant *p, const demo_row *row)
{
  static const char *const zh[] = {"", "购入", "外供", "消耗", "回收外送", "产量", "固碳", "无功", "需量"};
  static const char *const en[] = {"",       "purchase",          "export",   "consumption", "recovery",
                                   "output", "carbon in product", "reactive", "demand"};
  const char *pzh = p->zh, *pen = p->en, *czh, *cen;
  for (uint8_t i = 0; i < p->nprocs; i++)
    if (strcmp(p->procs[i].code, row->proc) == 0) {
      pzh = p->procs[i].zh;
      pen = p->procs[i].en;
    }
  carrier_name(row->carrier, &czh, &cen);
  if (row->zh) {
    snprintf(pt->name_zh, sizeof pt->name_zh, "%s", row->zh);
    snprintf(pt->name_en, sizeof pt->name_en, "%s", row->en);
  } else if (!*row->proc) {
    snprintf(pt->name_zh, sizeof pt->name_zh, "全厂%s%s", czh, zh[row->flow]);
    snprintf(pt->name_en, sizeof pt->name_en, "Works: %s, %s", cen, en[row->flow]);
  } else {
    snprintf(pt->name_zh, sizeof pt->name_zh, "%s%s%s", pzh, czh, zh[row->flow]);
    snprintf(pt->name_en, sizeof pt->name_en, "%s: %s, %s", pen, cen, en[row->flow]);
  }
}

static void name_part(demo_point *pt, const demo_row *row, const demo_part *part)
{
  const char *czh, *cen;
  carrier_name(row->carrier, &czh, &cen);
  snprintf(pt->name_zh, sizeof pt->name_zh, "%s%s", part->zh, row->flow == F_REACTIVE ? "无功" : czh);
  snprintf(pt->name_en, sizeof pt->name_en, "%s: %s", part->en, row->flow == F_REACTIVE ? "reactive energy" : cen);
}

static bool build_parts(qf_demo *m, int plant, const demo_row *row, uint32_t node, int parent)
{
  for (uint8_t i = 0; i < row->nparts; i++) {
    demo_row as = *row;
    if (!(row->flags & R_PARTS_ONLY)) {
      as.flow = F_NONE;
      as.level = 3;
    }
    uint8_t eq = row->flags & R_PARTS_ONLY ? 0 : row->parts[i].eq;
    demo_point *pt = node_point(m, plant, node + 1 + i, &as, eq);
    if (!pt)
      return false;
    name_part(pt, row, &row->parts[i]);
    pt->pub.parent = parent;
  }
  return true;
}

static bool build_row(qf_demo *m, int plant, uint16_t r, uint32_t node, const int *bus_point)
{
  const demo_plant *p = demo_plants[plant];
  const demo_row *row = &p->rows[r];
  int up = row->bus > 0 ? bus_point[row->bus] : -1;
  if (row->flags & R_PARTS_ONLY)
    return build_parts(m, plant, row, node, up);
  int self = (int)m->npoints;
  demo_point *pt = node_point(m, plant, node, row, 0);
  if (!pt)
    return false;
  name_row(pt, p, row);
  pt->pub.parent = up;
  pt->pub.loss_share = row->bus < 0 && p->buses[-row->bus].closer_is_parent ? p->buses[-row->bus].loss : row->loss;
  return build_parts(m, plant, row, node, row->flow == F_OUTPUT ? -1 : self);
}

static const demo_point *find_en(const qf_demo *m, int plant, const char *en)
{
  for (uint32_t i = 0; i < m->npoints; i++)
    if (m->points[i].plant == plant && strcmp(m->points[i].name_en, en) == 0)
      return &m->points[i];
  return NULL;
}

static bool build_gauge(qf_demo *m, int plant, const demo_gauge *g)
{
  const demo_point *of = g->power_of ? find_en(m, plant, g->power_of) : NULL;
  demo_point *pt = add_point(m);
  if (!pt || (g->power_of && !of))
    return false;
  pt->gauge = g;
  pt->kind = g->power_of ? PK_POWER : PK_GAUGE;
  pt->node = of ? of->node : 0;
  subject_of(demo_plants[plant], g->proc, 0, pt->subject);
  snprintf(pt->name_zh, sizeof pt->name_zh, "%s", g->zh);
  snprintf(pt->name_en, sizeof pt->name_en, "%s", g->en);
  pt->pub.carrier = g->carrier;
  pt->pub.flow = g->power_of ? "demand" : "none";
  pt->pub.kind = "gauge";
  pt->pub.unit = g->unit;
  pt->pub.level = g->power_of && !*g->proc ? 1 : 3;
  pt->pub.lsb_exp = g->lsb;
  pt->pub.low = g->low;
  pt->pub.high = g->high;
  finish(m, pt, plant, g->power_of ? "power" : "value");
  return true;
}

static bool build_plant(qf_demo *m, int plant)
{
  const demo_plant *p = demo_plants[plant];
  int bus_point[DEMO_BUSES];
  uint32_t first = m->first_node[plant];
  for (uint8_t b = 0; b < p->nbuses; b++) {
    bus_point[b] = -1;
    if (b == 0 || !p->buses[b].metered)
      continue;
    demo_row as = {.proc = "", .carrier = p->buses[b].carrier, .flow = F_NONE, .level = 1};
    bus_point[b] = (int)m->npoints;
    demo_point *pt = node_point(m, plant, first + b, &as, 0);
    if (!pt)
      return false;
    pt->pub.loss_share = p->buses[b].loss;
    snprintf(pt->name_zh, sizeof pt->name_zh, "%s", p->buses[b].zh);
    snprintf(pt->name_en, sizeof pt->name_en, "%s", p->buses[b].en);
  }
  /* A bus whose only supply is one purchase meter has that meter as its parent: those rows come first. */
  for (int pass = 0; pass < 2; pass++) {
    uint32_t node = first + p->nbuses;
    for (uint16_t r = 0; r < p->nrows; r++) {
      const demo_row *row = &p->rows[r];
      bool parent_row = row->bus < 0 && p->buses[-row->bus].closer_is_parent;
      if (parent_row == (pass == 0)) {
        if (parent_row)
          bus_point[-row->bus] = (int)m->npoints;
        if (!build_row(m, plant, r, node, bus_point))
          return false;
      }
      node += 1u + row->nparts;
    }
  }
  for (uint8_t g = 0; g < p->ngauges; g++)
    if (!build_gauge(m, plant, &p->gauges[g]))
      return false;
  return true;
}

qf_rc demo_build_points(qf_demo *m)
{
  m->cap_points = m->nnodes;
  for (int i = 0; i < DEMO_PLANTS; i++)
    m->cap_points += demo_plants[i]->ngauges;
  m->points = calloc(m->cap_points, sizeof *m->points);
  if (!m->points)
    return QF_NOMEM;
  for (int i = 0; i < DEMO_PLANTS; i++)
    if (!build_plant(m, i))
      return QF_STATE;
  for (uint32_t i = 0; i < m->npoints; i++) { /* after the array stands still */
    demo_point *pt = &m->points[i];
    pt->pub.key = pt->key;
    pt->pub.subject = pt->subject;
    pt->pub.name_zh = pt->name_zh;
    pt->pub.name_en = pt->name_en;
  }
  demo_faults_assign(m);
  return QF_OK;
}
