/* Capacity replacement 产能置换 and the review of two-high projects 两高.
 * Law: MIIT [2021] 46 (steel 1.5 : 1 in key regions, 1.25 : 1 elsewhere, 1 : 1 in named cases; suspended from 2024-08-23),
 * cement clinker and flat glass rules of 2021/2024 [V]; magnesia of the province [L]. Ratios are rows with their days of
 * validity, never constants here:
 *   sum(retired, verified, eligible, used for the project) >= ratio x new capacity
 * and each retired tonne is used once, over all projects.
 * Review of fixed-asset projects (NDRC order 2 of 2023; from 2025-09-01 with carbon evaluation) [V]: under both
 * 1 000 tce and 5 million kWh a commitment; from 10 000 tce the province; NDRC from 500 000 tce [M]. Electricity at
 * 当量. All of these are arguments. Pure functions, thread-safe. */
#ifndef QF_DOMAIN_REPLACE_H
#define QF_DOMAIN_REPLACE_H
#include "domain/units.h"
#include <stdbool.h>

typedef struct qf_swap_rule { /* one row of the table of ratios */
  const char *sector;         /* "steel", "clinker", ... */
  const char *which;          /* case: "key_region", "other", "equal", "exempt", ... */
  int32_t from, to;           /* Beijing day numbers, inclusive */
  bool suspended;             /* the rule exists and may not be applied in these days */
  double ratio;               /* retired per new, >= 0; 0 exempt */
} qf_swap_rule;
/* Ratio in force. Errors: QF_NOTFOUND no row for sector, case and day; QF_STATE the rule is suspended then; QF_CORRUPT
 * two rows at once or a ratio < 0. */
QF_MUST qf_rc qf_swap_ratio(const qf_swap_rule *r, size_t n, const char *sector, const char *which, int32_t day,
                            double *ratio, qf_err *err);

typedef struct qf_retired { /* capacity that was, or will be, taken away */
  const char *id;
  double t;      /* t/a, > 0 */
  bool eligible; /* on the list, not 去产能, 落后, 已拆除, 僵尸 ... */
  bool verified; /* its end was seen on the spot */
} qf_retired;
typedef struct qf_swap_use { /* part of a retired capacity that a project claims */
  const char *retired, *project;
  double t; /* > 0 */
} qf_swap_use;
typedef struct qf_swap_sources {
  const qf_retired *retired;
  size_t n_retired;
  const qf_swap_use *use;
  size_t n_use; /* the uses of all projects, not only of the one asked for */
} qf_swap_sources;
/* Is every retired tonne used once? Errors, naming the retired capacity: QF_EXISTS used for more than it was, or an id
 * twice in the list; QF_NOTFOUND a use of a capacity that is not listed; QF_DENIED of one that is not eligible;
 * QF_RANGE an amount not > 0. */
QF_MUST qf_rc qf_swap_check(const qf_swap_sources *s, qf_err *err);

typedef struct qf_swap_result {
  double required_t, claimed_t, verified_t; /* t/a */
  bool pass;                                /* verified >= required */
} qf_swap_result;
/* Verdict for a project of new_t (> 0) at `ratio`. First qf_swap_check, whose errors it returns. */
QF_MUST qf_rc qf_swap_project(const qf_swap_sources *s, const char *project, double new_t, double ratio,
                              qf_swap_result *out, qf_err *err);

typedef enum qf_review_level {
  QF_REVIEW_COMMITMENT = 1, /* no separate review */
  QF_REVIEW_LOCAL,
  QF_REVIEW_PROVINCE,
  QF_REVIEW_NATION,
} qf_review_level;
typedef struct qf_review_limits { /* each over 0 and the tce ones growing */
  double commitment_tce, commitment_kwh, province_tce, nation_tce;
} qf_review_limits;
/* Who reviews a project using so much energy a year; of a conversion on its site, the increment. Errors: QF_RANGE. */
QF_MUST qf_rc qf_twohigh_level(double tce, qf_kwh electricity, const qf_review_limits *l, qf_review_level *out,
                               qf_err *err);

typedef enum qf_opinion { QF_OPINION_NONE = 0, QF_OPINION_AGREE, QF_OPINION_CHANGE, QF_OPINION_REFUSE } qf_opinion;
typedef enum qf_joint {
  QF_JOINT_OPEN = 0, /* an opinion is due */
  QF_JOINT_AGREED,   /* all agree */
  QF_JOINT_CHANGE,   /* nobody refuses, somebody asks for a change */
  QF_JOINT_CONFLICT, /* some agree (with or without change), some refuse: escalate */
  QF_JOINT_REFUSED,  /* all refuse */
} qf_joint;
/* Result of the required departments' opinions. None given yet, or n = 0: open. */
qf_joint qf_twohigh_joint(const qf_opinion *o, size_t n);
/* Was it begun before its opinion? begun, opinion: Beijing days, 0 not yet. The list must show this (2021: 37 projects). */
bool qf_twohigh_begun_before_opinion(int32_t begun, int32_t opinion);
#endif
