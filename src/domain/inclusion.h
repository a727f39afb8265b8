/* Carbon inclusion 碳普惠: from an act of a citizen to grams, and from grams to points.
 * Law: T/ACEF 031-2022 (applicable, accurate, transparent, conservative) [V]:
 *   reduction = (baseline - project) x units, per methodology and version;
 *   baseline  = sum(E_mode) / sum(pkm_mode) of the city, the rewarded mode left out [V]
 * Grams are the ledger, whole and rounded down; points are derived from a person's sum of grams and never the other way
 * round, so many small acts lose nothing. A correction is a claw-back that names its credit; nothing is deleted. Points
 * are no carbon units: the city's inventory never subtracts them. Checks (numbers are the methodology's, [M/L]): one act
 * one credit, caps per day, speed, distance against steps, consent for the scene. Pure functions, thread-safe. */
#ifndef QF_DOMAIN_INCLUSION_H
#define QF_DOMAIN_INCLUSION_H
#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>

typedef struct qf_method {      /* one version of a methodology */
  double baseline_g, project_g; /* gCO2e per unit (km, order, kWh ...), >= 0 */
  double most_per_act;          /* units, > 0 */
  double most_per_day;          /* units a person, > 0 */
  double least_kmh, most_kmh;   /* plausible speed; 0 and 0 when a unit is no km */
  double step_m;                /* metres a step, 0: steps are not compared */
  double step_tolerance;        /* 0.30 */
  int32_t from, to;             /* Beijing day numbers in force, inclusive */
} qf_method;
typedef struct qf_act {
  const char *device;     /* identity of the device or account, not of the person */
  const char *method;     /* id of the methodology, without version */
  int64_t start_s, end_s; /* Unix seconds */
  int32_t day;            /* Beijing day of the start */
  double units;
  int64_t steps; /* -1: not sent */
  bool consent;  /* for this scene, at that time */
} qf_act;

typedef enum qf_act_verdict {
  QF_ACT_OK = 0,
  QF_ACT_CAPPED, /* credited in part, the day's cap is reached */
  QF_ACT_NO_CONSENT,
  QF_ACT_NOT_IN_FORCE, /* the methodology's version does not cover the day */
  QF_ACT_MALFORMED,    /* units not > 0 or not finite, end before start */
  QF_ACT_TOO_MUCH,     /* over the units of one act */
  QF_ACT_SPEED,        /* slower or faster than the mode */
  QF_ACT_STEPS,        /* distance and steps disagree */
} qf_act_verdict;
typedef struct qf_credit {
  qf_act_verdict verdict;
  double units;  /* credited */
  int64_t grams; /* >= 0, rounded down */
} qf_credit;
/* Credit of one act, given what the person was credited under this methodology on that day already. Every verdict but OK
 * and CAPPED credits nothing. A methodology whose project emits more than its baseline credits 0 grams. */
qf_credit qf_incl_credit(const qf_method *m, const qf_act *a, double units_credited_today);
/* Is the methodology sound? Errors: QF_RANGE (says what). */
QF_MUST qf_rc qf_incl_method(const qf_method *m, qf_err *err);
/* One act, one credit: same device and methodology and start (a repeat), or two spans of one device that overlap (nobody
 * walks and rides at once). Acts without a span (end = start) overlap only as a repeat. */
bool qf_incl_duplicate(const qf_act *a, const qf_act *b);
/* Baseline of the city, g per passenger-km, over n modes without the rewarded one. Errors: QF_RANGE negative, no pkm. */
QF_MUST qf_rc qf_incl_average_baseline(const double *grams, const double *pkm, size_t n, double *g_per_pkm,
                                       qf_err *err);
/* Points of a sum of grams: floor(grams x points / grams_per). A negative sum (after claw-backs) has 0 points. Errors:
 * QF_RANGE points < 0, grams_per < 1, overflow. */
QF_MUST qf_rc qf_incl_points(int64_t grams, int64_t points, int64_t grams_per, int64_t *out, qf_err *err);
/* Claw `grams` (> 0) back from a credit of which `already` is clawed back: *entry is the negative ledger entry. Errors:
 * QF_RANGE more than is left, or not > 0. */
QF_MUST qf_rc qf_incl_claw_back(int64_t credited, int64_t already, int64_t grams, int64_t *entry, qf_err *err);
#endif
