/* Freight: containers, energy per tonne-kilometre, and two shares of green transport that must not be mixed up.
 * Law: TEU 20 ft 1, 40 ft 2, 45 ft 2.25 (port statistics, GB/T 17271) [H].
 *   emission = sum(t km EF_mode); saving of a modal shift = t km_old EF_old - sum(t km_leg EF_leg), each leg with its
 *   own distance, first and last mile included
 *   clean share = (rail + water + pipe + tube belt + belt gallery) / all    环大气 [2019] 35: at least 80 % [H]
 *   green share = (clean + trucks of new energy) / all                      the wider word of reports, no law
 *   compliant   = clean share >= limit, or every tonne left on the road is by new energy or China VI
 * A China VI diesel is not clean: it cures a shortfall only. Rules of counting (each field of qf_move answers one):
 *   a  a tonne counts once, by the mode that crosses the gate      b  transfer inside the plant does not count
 *   c  evidence of the mode's own kind is there                    d  the stage comes from the registration
 *   e  goods in close against the material balance                 f  tare drift, two weighbridges: flagged
 *   g  new energy is confirmed by the vehicle's own identity
 * Limits and factors are arguments. Pure functions, thread-safe. */
#ifndef QF_DOMAIN_FREIGHT_H
#define QF_DOMAIN_FREIGHT_H
#include "domain/units.h"
#include <stdbool.h>

/* TEU of a container of so many feet: 10, 20, 30, 35, 40, 45; 0 for any other length. */
double qf_freight_teu(int feet);

typedef enum qf_mode { /* the mode that crosses the gate */
                       QF_MODE_UNKNOWN = 0,
                       QF_MODE_RAIL,
                       QF_MODE_WATER,
                       QF_MODE_PIPE,
                       QF_MODE_TUBE_BELT,    /* 管状带式输送机 */
                       QF_MODE_BELT_GALLERY, /* 封闭皮带通廊 */
                       QF_MODE_ROAD,
} qf_mode;
typedef enum qf_drive { /* of a road vehicle, from its registration */
                        QF_DRIVE_UNKNOWN = 0,
                        QF_DRIVE_BATTERY,
                        QF_DRIVE_FUEL_CELL,
                        QF_DRIVE_PLUGIN_HYBRID,
                        QF_DRIVE_COMBUSTION, /* diesel, petrol, natural gas */
} qf_drive;
typedef struct qf_move {
  qf_mode mode;
  qf_drive drive;     /* road only */
  int stage;          /* China emission stage 0..6 of the registration, road only; 0 unknown */
  bool inside;        /* never crosses the gate (rule b) */
  bool evidence;      /* consignment note, belt totaliser, pipe meter, weighing record (rule c) */
  bool nev_confirmed; /* VIN found as new energy (rule g) */
  double t;           /* net tonnes at the gate, >= 0 */
} qf_move;

typedef enum qf_move_class {
  QF_MOVE_NOT_COUNTED = 0, /* inside the plant */
  QF_MOVE_CLEAN,           /* clean mode: both shares */
  QF_MOVE_NEV,             /* road, battery or fuel cell: the green share only */
  QF_MOVE_CHINA6,          /* road, China VI: cures a shortfall */
  QF_MOVE_ROAD_OTHER,      /* road, everything else and everything unproved */
} qf_move_class;
/* Class of a movement. What is not proved counts against: a clean mode without evidence, an unknown mode, and a battery
 * truck whose VIN is not confirmed are QF_MOVE_ROAD_OTHER. A plug-in hybrid is classed by its engine's stage: whether
 * it drove on electricity at the gate is not known [M]. */
qf_move_class qf_freight_classify(const qf_move *m);

typedef struct qf_green_share {
  double all, clean, nev, china6, other; /* tonnes */
  double clean_share, green_share;       /* fractions */
  bool compliant;
} qf_green_share;
/* Both shares over movements; `limit` is the rule's share (0.80). Errors: QF_RANGE a weight below 0 or not finite
 * (names the movement), limit outside 0..1, nothing crossed the gate. */
QF_MUST qf_rc qf_freight_green(const qf_move *m, size_t n, double limit, qf_green_share *out, qf_err *err);

/* Rule e: |gate - balance| / balance of one kind of goods. QF_PARTIAL over `tolerance` (0.03), *gap is still given.
 * Errors: QF_RANGE balance not > 0 or gate < 0. */
QF_MUST qf_rc qf_freight_closes(qf_tonne gate, qf_tonne balance, double tolerance, double *gap, qf_err *err);
/* Rule f: is the tare further than `allowed` (0.03) of the median from the plate's median tare? false without a
 * median. */
bool qf_freight_tare_drifted(double tare_kg, double median_kg, double allowed);

typedef struct qf_leg { /* a part of a way */
  double km;            /* >= 0 */
  double kg_per_tkm;    /* kgCO2 per t km, >= 0; for electric modes kWh per t km times the grid factor */
} qf_leg;
/* Saving of carrying t by the new legs instead of the old ones, tCO2; negative when it emits more. Errors: QF_RANGE
 * a negative or not finite number. */
QF_MUST qf_rc qf_freight_shift(qf_tonne t, const qf_leg *old_legs, size_t n_old, const qf_leg *new_legs, size_t n_new,
                               qf_tco2 *saved);
#endif
