/* Inside the demonstration model: how a plant is written down as tables, and the state of the engine that runs them.
 * A plant has ROWS (metered amounts), BUSES (networks of one carrier that must balance), GAUGES, and a step function
 * that computes the ACTIVITIES of a quarter hour (tonnes, gigajoules, run factors) which drive the rows. */
#ifndef QF_DEMO_PLANT_H
#define QF_DEMO_PLANT_H
#include "demo/demo.h"

enum { DEMO_ACTS = 96, DEMO_STATES = 24, DEMO_BUSES = 14, DEMO_PLANTS = 6 };

typedef enum demo_flow { /* order of demo_flow_names in model.c */
                         F_NONE,
                         F_PURCHASE,
                         F_EXPORT,
                         F_CONSUME,
                         F_RECOVER,
                         F_OUTPUT,
                         F_SEQUESTER,
                         F_REACTIVE,
                         F_DEMAND,
} demo_flow;

/* Where the amount of a row comes from. */
enum {
  S_ACT,   /* (fix + per * act[driver]) * (1 + noise) */
  S_CLOSE, /* what closes the row's bus, exactly */
  S_FLARE, /* per * supply (with noise), and whatever is left of the bus above `fix` */
};
enum {
  R_PARTS_ONLY = 1, /* only the parts are metered; they carry flow, level and process of the row */
  R_PURE = 2,       /* parts are exactly proportional to weight * act: no idle load, no noise */
  R_INTERVAL = 4,   /* sends the amount of each quarter instead of a register */
};

typedef struct demo_part {
  const char *zh, *en;
  float w;     /* weight */
  uint8_t act; /* activity that scales the weight (about 0..1), 0 = none */
  uint8_t eq;  /* equipment number of the process, 0 = the process itself */
} demo_part;

typedef struct demo_row {
  const char *proc; /* process code, "" = the unit */
  const char *carrier;
  uint8_t flow, level, src, driver, out; /* out: activity that receives the amount, 0 = none */
  int8_t bus;                            /* +b consumer of bus b, -b supply, 0 none */
  uint8_t flags;
  double per, fix;
  double noise, loss;  /* loss: share of this meter lost before its parts */
  const char *zh, *en; /* NULL: put together from process, carrier and flow */
  const demo_part *parts;
  uint8_t nparts;
} demo_row;

typedef struct demo_bus { /* index 0 unused */
  const char *carrier, *zh, *en;
  double loss;     /* of the bus total; 0 for supply-led buses */
  bool supply_led; /* total = sum of supplies, closed by a consumer; else total = consumers/(1-loss), closed by a supply
                    */
  bool metered;    /* has a point of its own (flow none, level 1) that is the balance parent of the consumers */
  bool closer_is_parent; /* the closing supply is the only supply: it is the balance parent itself */
} demo_bus;

typedef struct demo_gauge {
  const char *proc, *zh, *en, *carrier, *unit;
  double base, amp, gain; /* value = base + amp * noise(t) + gain * act (straight line over the quarter) */
  uint8_t act;
  int8_t lsb;
  double low, high;
  const char *power_of; /* not NULL: momentary power of the row or part of this English name, flow demand */
} demo_gauge;

typedef struct demo_proc {
  const char *code, *zh, *en, *product; /* product NULL: none */
} demo_proc;
typedef struct demo_equip {
  const char *proc;
  uint8_t no;
  const char *zh, *en;
} demo_equip;

typedef struct demo_ctx { /* one quarter hour of one plant */
  int64_t q;              /* quarters since 1970-01-01T00:00Z */
  int32_t day;            /* Beijing day number of its begin */
  int weekday, slot;      /* 0 Monday; 0..95 quarter of the Beijing day */
  double growth;          /* activity level by the calendar, 1 at the begin of 2026 */
  double temp;            /* outdoor, degree C */
  double heat;            /* heating demand 0 .. about 1.2; 0 outside November to March */
  uint64_t seed;          /* of the plant */
  double *act, *st;
} demo_ctx;

typedef struct demo_plant {
  const char *unit, *zh, *en, *sector, *district;
  double va_cny; /* value added per year at the begin of 2026, CNY */
  const demo_proc *procs;
  const demo_equip *equips;
  const demo_bus *buses;
  const demo_row *rows;
  const demo_gauge *gauges;
  uint8_t nprocs, nequips, nbuses, ngauges;
  uint16_t nrows;
  void (*init)(double *st);
  void (*step)(demo_ctx *c);
} demo_plant;

extern const demo_plant demo_steel, demo_magnesia, demo_cement, demo_glass, demo_chp, demo_port;

/* Noise: all of it hashes of (seed, stream, index), so that any quarter can be computed alone. */
uint64_t demo_mix(uint64_t x);
double demo_white(uint64_t seed, uint32_t stream, int64_t i);                /* -1 .. 1 */
double demo_slow(uint64_t seed, uint32_t stream, int64_t i, int64_t period); /* -1 .. 1, straight lines between nodes */
double demo_noise(uint64_t seed, uint32_t stream, int64_t q);                /* mixture: days, hours, quarters */
double demo_temperature(int32_t day, int slot, uint64_t seed);
double demo_growth(int32_t day, double per_year); /* 1 at 2026-01-01, straight line */
static inline double demo_clamp(double x, double lo, double hi)
{
  return x < lo ? lo : x > hi ? hi : x;
}

/* Filings of the 117 units without meters, and codes. */
void demo_uscc(int unit, char out[19]); /* invented code with valid check digits */
qf_rc demo_filed_records(uint64_t seed, int32_t month_from, int32_t month_to, json_t *array);
json_t *demo_record(const char *type, const char *id, json_t *data); /* takes data; NULL on failure */
/* Invented users with their grants. */
bool demo_people(json_t *array);
int demo_filed_count(void);
/* Annual energy of all filed units in tce and kWh per district (index 0..5) and in all: for targets. */
typedef struct demo_totals {
  double tce[7], kwh[7], co2[7];
} demo_totals;
int demo_district_index(const char *code);
void demo_filed_totals(uint64_t seed, demo_totals *t);

typedef struct demo_node { /* an amount that accumulates */
  uint8_t plant, flow, level;
  const char *carrier;
  char subject[24];
  int64_t max; /* largest quarter while warming up */
} demo_node;

typedef enum demo_pkind { PK_REGISTER, PK_INTERVAL, PK_GAUGE, PK_POWER } demo_pkind;
enum { FAULT_NONE, FAULT_ROLLOVER, FAULT_GAP, FAULT_FROZEN, FAULT_STUCK, FAULT_SPIKE, FAULT_EXCHANGE, FAULT_SILENT };

typedef struct demo_point {
  qf_demo_point pub;
  char key[112], subject[24], name_zh[112], name_en[112];
  uint32_t id, node;
  const demo_gauge *gauge;
  uint8_t plant, kind, fault;
  int64_t lsb_u;   /* 10^-6 units per least digit */
  int64_t offset;  /* least digits shown at cum = base */
  int64_t base;    /* cum at the begin of metering */
  int64_t modulus; /* least digits */
  int64_t rebase;  /* least digits subtracted after a declared exchange */
  uint64_t stream;
} demo_point;

struct qf_demo {
  uint64_t seed, clamped;
  uint32_t days;
  qf_us now_us, meter_us, start_us;
  int32_t month_start; /* month index of start_us */
  int64_t q;           /* the quarter whose amounts are in inc */
  demo_ctx ctx[DEMO_PLANTS];
  double act[DEMO_PLANTS][DEMO_ACTS], prev[DEMO_PLANTS][DEMO_ACTS], st[DEMO_PLANTS][DEMO_STATES];
  uint32_t first_node[DEMO_PLANTS];
  demo_node *nodes;
  int64_t *inc, *cum;
  int64_t (*month)[12]; /* per node: amount of each filed month */
  uint32_t nnodes;
  demo_point *points;
  uint32_t npoints, cap_points;
};
extern const demo_plant *const demo_plants[DEMO_PLANTS];
extern const char *const demo_flow_names[];
/* engine.c: one quarter of one plant, into m->inc. */
void demo_run_plant(qf_demo *m, int plant, int64_t q);
uint32_t demo_plant_nodes(const demo_plant *p);
/* build.c: nodes before warming up, points after it. */
qf_rc demo_build_nodes(qf_demo *m);
qf_rc demo_build_points(qf_demo *m);
/* Reading of point p at t within the present quarter; false when it sends nothing (fault). */
bool demo_read(const qf_demo *m, const demo_point *p, qf_us t, qf_num *out);
/* faults.c */
void demo_faults_assign(qf_demo *m);
bool demo_fault_skips(const qf_demo *m, const demo_point *p, qf_us t);
qf_us demo_fault_time(const qf_demo *m, const demo_point *p, qf_us t); /* the time a frozen transmitter still shows */
qf_us demo_exchange_us(const qf_demo *m);
#endif
