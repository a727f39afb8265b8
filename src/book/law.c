#include "book/law.h"
#include "domain/building.h"
#include "domain/equipment.h"
#include "domain/farm.h"
#include "domain/finance.h"
#include "domain/lmdi.h"
#include "domain/pv.h"
#include "domain/sun.h"
#include <math.h>

#define ARGS_MAX 16u

/* Each takes its arguments in the order of the table below and returns NAN when the law does not hold for them. */
typedef double law_fn(const double *a);

static double lmdi(const double *a, double qf_lmdi_part)
{
  qf_lmdi t;
  qf_err e;
  const qf_lmdi_sector s = {a[0], a[1], a[2], a[3]};
  if (qf_lmdi_sector_terms(&s, a[4], a[5], &t, &e))
    return (double)NAN;
  return qf_lmdi_part < 1 ? t.activity : qf_lmdi_part < 2 ? t.structure : t.intensity;
}
static double lmdi_activity(const double *a)
{
  return lmdi(a, 0);
}
static double lmdi_structure(const double *a)
{
  return lmdi(a, 1);
}
static double lmdi_intensity(const double *a)
{
  return lmdi(a, 2);
}

static double motor_limit(const double *a)
{
  double eta;
  qf_err e;
  return qf_motor_limit(&(qf_motor_curve){a[0], a[1], a[2], a[3]}, a[4], &eta, &e) ? (double)NAN : eta;
}
static double motor_saving(const double *a)
{
  qf_kwh kwh;
  qf_err e;
  return qf_motor_saving(a[0], a[1], a[2], (const double[2]){a[3], a[4]}, &kwh, &e) ? (double)NAN : kwh.kwh;
}
static double transformer_loss(const double *a)
{
  qf_kwh kwh;
  qf_err e;
  return qf_transformer_loss(&(qf_transformer){a[0], a[1]}, a[2], &kwh, &e) ? (double)NAN : kwh.kwh;
}

static double heat_index(const double *a)
{
  qf_heat_index h;
  qf_err e;
  const qf_building b = {a[0], a[1], a[3], a[4], a[5], a[6], a[7]};
  /* the caller sums e K F over its parts: one part that conducts as all of them */
  const qf_element all = {1, a[2], 1};
  return qf_building_heat_index(&b, &all, 1, &h, &e) ? (double)NAN : h.total;
}

/* GB/T 50378-2019 as published; another edition is another function */
static const qf_green_standard green_2019 = {400, {100, 100, 100, 200, 100}, 100, 0.30, {60, 70, 85}};
static double green(const double *a, double *level)
{
  double points;
  qf_green_level l;
  qf_err e;
  const qf_green_building b = {a[0] > 0.5, a[1] > 0.5, {a[2], a[3], a[4], a[5], a[6]}, a[7], (int)a[8]};
  if (a[8] < 0 || a[8] > 3 || qf_building_green(&green_2019, &b, &points, &l, &e))
    return (double)NAN;
  *level = l;
  return points;
}
static double green_points(const double *a)
{
  double level;
  return green(a, &level);
}
static double green_level(const double *a)
{
  double level = 0;
  double points = green(a, &level);
  return isnan(points) ? points : level;
}

/* GB/T 51129-2017 */
static const qf_prefab_standard prefab_2017 = {{50, 20, 30}, 20, 10, 0.50, {60, 76, 91}, 0.35};
static double prefab_rate(const double *a)
{
  qf_prefab_result r;
  qf_err e;
  const qf_prefab b = {.q = {a[0], a[1], a[2]}, .absent = a[3]};
  return qf_building_prefab(&prefab_2017, &b, &r, &e) ? (double)NAN : 100 * r.rate;
}

/* Irradiance on the plane, W/m2, by HDKR when the sun is up; 0 by night. */
static double plane(const double *a)
{
  qf_sun sun;
  qf_err e;
  double poa;
  if (qf_sun_position(a[0], a[1], a[2], &sun, &e))
    return (double)NAN;
  const qf_plane p = {a[3], a[4], a[5]};
  const qf_irradiance i = {a[6], a[7], a[8], sun.zenith_deg < 90 ? qf_sun_extraterrestrial(&sun, 1361.1) : 0};
  return qf_pv_plane_irradiance(&sun, &p, &i, &poa, &e) ? (double)NAN : poa;
}
static double pv_expected(const double *a)
{
  qf_pv_yield y;
  qf_err e;
  const qf_module m = {a[0], a[1], a[2], a[3]};
  const qf_pv_hour h = {a[4], a[5], a[6]};
  return qf_pv_expected(&m, &h, 1, a[7], &y, &e) ? (double)NAN : y.ac;
}

static double n2o(const double *a)
{
  qf_n2o g;
  qf_err e;
  const qf_n2o_factors f = {a[1], a[2], a[3], a[4], a[5]};
  return qf_farm_n2o(a[0], &f, &g, &e) ? (double)NAN : g.direct_kg + g.indirect_kg;
}

static double loan_effect(const double *a)
{
  double share;
  qf_err e;
  return qf_loan_effect(a[0], a[1], a[2], &share, &e) ? (double)NAN : share;
}

static const struct law {
  const char *name;
  unsigned n;
  law_fn *fn;
} laws[] = {
    /* energy (or CO2) then, now; value added then, now; value added of all sectors then, now */
    {"law_lmdi_activity", 6, lmdi_activity},
    {"law_lmdi_structure", 6, lmdi_structure},
    {"law_lmdi_intensity", 6, lmdi_intensity},
    /* a b c d of the curve, kW -> limit of efficiency, % */
    {"law_motor_limit", 5, motor_limit},
    /* kW, load 0..1, hours, efficiency now, efficiency of the new one, 0..1 -> kWh a year */
    {"law_motor_saving", 5, motor_saving},
    /* no-load loss kW, load loss kW, mean load -> kWh a year */
    {"law_transformer_loss", 3, transformer_loss},
    /* floor m2, volume m3, sum of e K F in W/K, indoor, outdoor, air changes per h, Wh/(kg K), internal W/m2 -> W/m2 */
    {"law_heat_index", 8, heat_index},
    /* control items met, full fit-out (0, 1), Q1..Q5, QA, star that table 3.2.8 allows -> points; level 0..4 */
    {"law_green_points", 9, green_points},
    {"law_green_level", 9, green_level},
    /* Q1 Q2 Q3 Q4 -> prefabrication rate, % */
    {"law_prefab_rate", 4, prefab_rate},
    /* Unix s, latitude, longitude, tilt, azimuth, albedo, GHI, DNI, DHI -> W/m2 on the plane */
    {"law_plane_irradiance", 9, plane},
    /* kWp, gamma per K, weak-light k, NOCT, W/m2 on the plane, air degC, hours, system efficiency -> kWh */
    {"law_pv_expected", 8, pv_expected},
    /* kg N, EF1, Frac_GAS, EF4, Frac_LEACH, EF5 -> kg N2O */
    {"law_n2o", 6, n2o},
    /* effect, outstanding, total of the project -> the lender's part */
    {"law_loan_effect", 3, loan_effect},
};

static bool whole(const double *a, unsigned n)
{
  for (unsigned i = 0; i < n; i++)
    if (!isfinite(a[i]))
      return false;
  return true;
}

static void run(duckdb_function_info info, duckdb_data_chunk in, duckdb_vector out)
{
  const struct law *l = duckdb_scalar_function_get_extra_info(info);
  idx_t rows = duckdb_data_chunk_get_size(in);
  const double *col[ARGS_MAX];
  uint64_t *ok[ARGS_MAX];
  for (unsigned i = 0; i < l->n; i++) {
    duckdb_vector v = duckdb_data_chunk_get_vector(in, i);
    col[i] = duckdb_vector_get_data(v);
    ok[i] = duckdb_vector_get_validity(v);
  }
  double *result = duckdb_vector_get_data(out), a[ARGS_MAX];
  duckdb_vector_ensure_validity_writable(out);
  uint64_t *valid = duckdb_vector_get_validity(out);
  for (idx_t r = 0; r < rows; r++) {
    bool given = true;
    for (unsigned i = 0; i < l->n; i++) {
      given = given && (!ok[i] || duckdb_validity_row_is_valid(ok[i], r));
      a[i] = col[i][r];
    }
    result[r] = given && whole(a, l->n) ? l->fn(a) : (double)NAN;
    if (!isfinite(result[r]))
      duckdb_validity_set_row_invalid(valid, r);
  }
}

static bool add(duckdb_connection c, duckdb_logical_type number, const struct law *l)
{
  duckdb_scalar_function f = duckdb_create_scalar_function();
  duckdb_scalar_function_set_name(f, l->name);
  for (unsigned i = 0; i < l->n; i++)
    duckdb_scalar_function_add_parameter(f, number);
  duckdb_scalar_function_set_return_type(f, number);
  duckdb_scalar_function_set_special_handling(f); /* a NULL argument is ours to answer */
  duckdb_scalar_function_set_extra_info(f, (void *)(uintptr_t)l, NULL);
  duckdb_scalar_function_set_function(f, run);
  bool done = duckdb_register_scalar_function(c, f) == DuckDBSuccess;
  duckdb_destroy_scalar_function(&f);
  return done;
}

qf_rc qf_law_register(duckdb_database db, qf_err *err)
{
  duckdb_connection c = NULL;
  if (duckdb_connect(db, &c) != DuckDBSuccess)
    return qf_fail(err, QF_NOMEM, "book: no connection", "账册：无法连接");
  duckdb_logical_type number = duckdb_create_logical_type(DUCKDB_TYPE_DOUBLE);
  qf_rc rc = QF_OK;
  for (size_t i = 0; !rc && i < sizeof laws / sizeof *laws; i++)
    if (!add(c, number, &laws[i]))
      rc = qf_fail(err, QF_STATE, "book: the SQL engine refuses %s", "账册：SQL 引擎拒绝 %s", laws[i].name);
  if (!rc)
    rc = qf_law_register_lists(c, err);
  duckdb_destroy_logical_type(&number);
  duckdb_disconnect(&c);
  return rc;
}
