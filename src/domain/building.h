/* Buildings: heat-consumption index, envelope limits, green rating, prefabrication.
 * Law: JGJ 26 steady method [H], W per m2 of floor:
 *   q_H = q_HT + q_INF - q_IH;  q_HT = sum(e_i K_i F_i) (t_n - t_e) / A0
 *   q_INF = (t_n - t_e) C_p rho N V / A0,  rho = 353 / (t_e + 273);  season GJ/m2 = q_H Z 86400 / 1e9
 * GB 55015-2021: residential 75 %, public 72 % less than the reference building [H]; limits of K by climate zone [M].
 * GB/T 50378-2019: Q = (Q0 + Q1 + .. + Q5 + QA) / 10, Q0 only when every control item is met [V].
 * GB/T 51129-2017: P = (Q1 + Q2 + Q3) / (100 - Q4) [H].
 * Numbers of the standards that versions change come in as arguments. Pure functions, thread-safe. */
#ifndef QF_DOMAIN_BUILDING_H
#define QF_DOMAIN_BUILDING_H
#include "domain/units.h"
#include <stdbool.h>

typedef struct qf_element { /* one part of the envelope */
  double k_w_m2k;           /* > 0 */
  double area_m2;           /* >= 0 */
  double correction;        /* e_i, 0..2: sun and sky; 1 for none */
} qf_element;
typedef struct qf_building {
  double floor_m2, volume_m3; /* heated, > 0 */
  double indoor_c, outdoor_c; /* 18 and the season's mean */
  double air_changes_per_h;   /* 0.5 */
  double c_p_wh_kgk;          /* 0.28 */
  double internal_w_m2;       /* q_IH 3.8 */
} qf_building;
typedef struct qf_heat_index { /* W/m2 of floor */
  double transmission, infiltration, total;
} qf_heat_index;
/* Errors: QF_RANGE a size or the element's number; indoor not over outdoor. total may be below 0 for a very good house. */
QF_MUST qf_rc qf_building_heat_index(const qf_building *b, const qf_element *e, size_t n, qf_heat_index *out,
                                     qf_err *err);
/* GJ/m2 of a season of days at q W/m2. */
double qf_building_season_gj_m2(double q_w_m2, double days);
/* Metered heat at the reference weather: heat x reference degree days / actual, per m2, GJ/m2. Errors: QF_RANGE. */
QF_MUST qf_rc qf_building_normalised(qf_gj heat, double area_m2, double hdd_reference, double hdd_actual, double *out,
                                     qf_err *err);
/* Saving against the reference building, a fraction, and whether it reaches `required` (0.75, 0.72). Errors: QF_RANGE
 * reference not > 0, design < 0. */
QF_MUST qf_rc qf_building_saving(double design, double reference, double required, double *saving, bool *reached,
                                 qf_err *err);

typedef enum qf_envelope { QF_ENVELOPE_OK = 0, QF_ENVELOPE_TRADE_OFF, QF_ENVELOPE_OVER } qf_envelope;
typedef struct qf_k_limit {
  double k;      /* designed, W/(m2 K), > 0 */
  double limit;  /* > 0 */
  double second; /* limit inside which a trade-off is allowed, >= limit; NAN none allowed */
} qf_k_limit;
/* Worst verdict over the parts; *worst = number of the part it comes from (0 when all are in). Errors: QF_RANGE. */
QF_MUST qf_rc qf_building_envelope(const qf_k_limit *k, size_t n, qf_envelope *out, size_t *worst, qf_err *err);

typedef struct qf_green_standard { /* GB/T 50378-2019: 400; 100 100 100 200 100; 100; 0.30; 60 70 85 */
  double base;
  double max[5]; /* Q3 is 70 at pre-evaluation */
  double innovation_max, least_share;
  double star[3];
} qf_green_standard;
typedef struct qf_green_building {
  bool control_items; /* all of them met */
  bool full_fitout;
  double q[5], innovation;
  int table_star; /* highest star whose row of table 3.2.8 is met, 0..3 */
} qf_green_building;
typedef enum qf_green_level {
  QF_GREEN_NONE = 0,
  QF_GREEN_BASIC,
  QF_GREEN_ONE,
  QF_GREEN_TWO,
  QF_GREEN_THREE
} qf_green_level;
/* Points and level. Without its control items a building has no level and no base points. Errors: QF_RANGE a score over
 * its maximum or below 0 (names the category 1..5, 6 innovation), table_star outside 0..3. */
QF_MUST qf_rc qf_building_green(const qf_green_standard *s, const qf_green_building *b, double *points,
                                qf_green_level *level, qf_err *err);

typedef struct qf_prefab_standard { /* GB/T 51129-2017: 50 20 30; 20 10; 0.50; 60 76 91; 0.35 */
  double max[3], least_structure, least_walls, least_rate;
  double grade[3];       /* A, AA, AAA in percent */
  double least_vertical; /* share of prefabricated vertical members a grade wants [M] */
} qf_prefab_standard;
typedef struct qf_prefab {
  double q[3];           /* structure, walls, fit-out and pipes */
  double absent;         /* Q4: points of items the building does not have, 0..99 */
  double vertical_share; /* of prefabricated vertical members 0..1 */
  bool full_fitout;
} qf_prefab;
typedef struct qf_prefab_result {
  double rate; /* fraction */
  bool prefabricated;
  int grade; /* 0 none, 1 A, 2 AA, 3 AAA */
} qf_prefab_result;
/* Errors: QF_RANGE a score outside 0..max, or scores over what the building can reach (rate > 1). */
QF_MUST qf_rc qf_building_prefab(const qf_prefab_standard *s, const qf_prefab *b, qf_prefab_result *out, qf_err *err);
/* Points of a share between two shares, linear; below `from` 0, above `to` the highest. (0.35..0.80 -> 20..30). */
double qf_building_points(double share, double from, double to, double least, double most);
#endif
