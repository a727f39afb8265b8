/* Heat networks: loss of buried twin pipes, saving of a renewal, and how evenly a district is heated.
 * Law: EN 13941-1, CJJ/T 81 (buried pre-insulated pipes) [H]. Per metre, d steel, D_ins insulation, D_c casing (outer
 * diameters), H depth of the axis, E distance of the axes, conductivities in W/(m K):
 *   R_i = ln(D_ins/d) / (2 pi l_i) + ln(D_c/D_ins) / (2 pi l_c)        insulation and casing, m K/W
 *   R_g = ln(4 H / D_c) / (2 pi l_s)                                   soil
 *   R_h = ln(sqrt(1 + (2H/E)^2)) / (2 pi l_s)                          the pipes warm each other
 *   q_s (R_i + R_g) + q_r R_h = t_s - t_g;  q_r (R_i + R_g) + q_s R_h = t_r - t_g
 *   renewal: dQ = sum L (q_old k_age - q_new) tau;  leakage: dm 4.1868 (t_loss - t_makeup) / 1000 GJ
 * R_g in this short form wants H over 2 D_c. Losses metered at source and substations come first. Pure, thread-safe. */
#ifndef QF_DOMAIN_PIPE_H
#define QF_DOMAIN_PIPE_H
#include "domain/units.h"

typedef struct qf_pipe {
  double steel_m, insulation_m, casing_m; /* outer diameters, 0 < steel < insulation <= casing, m */
  double depth_m;                         /* ground to axis */
  double axes_m;                          /* between the axes of supply and return, from casing_m */
  double l_insulation, l_casing, l_soil;  /* W/(m K), over 0 */
} qf_pipe;
typedef struct qf_pipe_loss {
  double supply_w_per_m, return_w_per_m; /* the return is negative when the supply warms it */
} qf_pipe_loss;
/* Loss of a twin at supply, return and soil temperature, degC. Errors: QF_RANGE a size out of order, conductivity not
 * over 0, depth under 2 casings is QF_PARTIAL (given, but the short form of R_g is off). */
QF_MUST qf_rc qf_pipe_twin_loss(const qf_pipe *p, double supply_c, double return_c, double soil_c, qf_pipe_loss *out,
                                qf_err *err);
/* Heat of a loss in W/m over length (m) and days, GJ. */
qf_gj qf_pipe_heat(double w_per_m, double metres, double days);

typedef struct qf_renewal {       /* one renewed segment */
  double metres;                  /* of what the losses per metre are given for: trench or single pipe, >= 0 */
  double old_w_per_m, age_factor; /* measured factor, 1 .. 2; a higher one is QF_RANGE */
  double new_w_per_m;
} qf_renewal;
/* Saving over a season of `days`, GJ; negative when the new pipe loses more. Errors with the segment: QF_RANGE. */
QF_MUST qf_rc qf_pipe_renewal(const qf_renewal *r, size_t n, double days, qf_gj *saved, qf_err *err);
/* Heat kept by make-up water no longer lost: t at (loss - makeup) degC. Negative when more is lost. Errors: QF_RANGE loss
 * colder than make-up, or not finite. */
QF_MUST qf_rc qf_pipe_leak_saving(qf_tonne makeup_less, double loss_c, double makeup_c, qf_gj *saved, qf_err *err);
/* Loss rate of a network from meters: (source - sum of substations) / source. Errors: QF_RANGE source not > 0;
 * QF_STATE substations measure more than the source gave. */
QF_MUST qf_rc qf_pipe_loss_rate(qf_gj source, qf_gj substations, double *rate, qf_err *err);

typedef struct qf_evenness {
  double mean_c, spread_c;        /* mean and population standard deviation of room temperature */
  double under_share, over_share; /* of rooms under the lower, over the upper limit */
  double index;                   /* spread / (mean - outdoor): 0 is even. Own definition of Qingfeng [L] */
} qf_evenness;
/* Uneven heating of a district: room temperatures (degC) read at about one time with the outdoor temperature; limits
 * e.g. 18 and 24. Errors: QF_RANGE no room, a temperature outside -30..50, low > high, mean not over outdoor. */
QF_MUST qf_rc qf_pipe_evenness(const double *room_c, size_t n, double outdoor_c, double low_c, double high_c,
                               qf_evenness *out, qf_err *err);
#endif
