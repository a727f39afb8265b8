/* Laws over lists: measurement and verification of a saving (domain/mv.h) as functions of SQL. A list is LIST(DOUBLE), its values in
 * the order of days; NULL where a list, or a value in it, is missing, where two lists that belong together differ in length,
 * or where the law does not hold. */
#include "book/law.h"
#include "domain/mv.h"
#include <math.h>

#define LISTS_MAX 4u
#define VALUES_MAX 4000u /* of one list; ten years of days */

typedef struct list {
  const double *v;
  size_t n;
} list;
typedef double list_fn(const list *l);

/* CalTRACK 3.4: 30 to 90 degF by 3 degF, here from -1 to 32 degC by 1.5 K; ten days and twenty degree days for a term */
static const qf_cp_grid caltrack = {-1, 32, 1.5, 10, 20};

static bool model(const list *l, qf_cp *m)
{
  qf_err e;
  return l[0].n == l[1].n && qf_cp_choose(l[0].v, l[1].v, l[0].n, &caltrack, m, &e) == QF_OK;
}
static double mv_cv(const list *l)
{
  qf_cp m;
  return model(l, &m) ? m.cv_rmse : (double)NAN;
}
static double mv_avoided(const list *l)
{
  qf_cp m;
  return l[2].n == l[3].n && model(l, &m) ? qf_cp_avoided(&m, l[2].v, l[3].v, l[2].n) : (double)NAN;
}
static double mv_uncertainty(const list *l)
{
  qf_cp m;
  qf_err e;
  double use = 0, fraction, residual[VALUES_MAX];
  if (l[2].n != l[3].n || !l[2].n || !model(l, &m))
    return (double)NAN;
  for (size_t i = 0; i < l[0].n; i++)
    residual[i] = l[1].v[i] - qf_cp_predict(&m, l[0].v[i]);
  for (size_t i = 0; i < l[2].n; i++)
    use += qf_cp_predict(&m, l[2].v[i]);
  /* 90 %, the daily shape of CalTRACK 4.3, months of 365/12 days */
  const qf_uncertainty u = {.t = 1.645,
                            .a = -0.00024,
                            .b = 0.03535,
                            .d = 1.00286,
                            .months = (double)l[2].n * 12 / 365,
                            .cv_rmse = m.cv_rmse,
                            .baseline = (double)l[0].n,
                            .effective = qf_mv_effective(residual, l[0].n),
                            .reporting = (double)l[2].n,
                            .saving = qf_cp_avoided(&m, l[2].v, l[3].v, l[2].n) / use};
  return qf_mv_uncertainty(&u, &fraction, &e) ? (double)NAN : fraction;
}

static const struct list_law {
  const char *name;
  unsigned n;
  list_fn *fn;
} laws[] = {
    /* temperature, energy of the baseline's days -> CV(RMSE), a fraction */
    {"law_mv_cv", 2, mv_cv},
    /* the same, then temperature, energy of the reporting days -> energy avoided, in the unit of the energy */
    {"law_mv_avoided", 4, mv_avoided},
    /* the same -> uncertainty of the saving (90 %), a fraction of it */
    {"law_mv_uncertainty", 4, mv_uncertainty},
};

/* One row's list; false when it or a value in it is NULL, or it is too long. */
static bool list_at(duckdb_vector v, idx_t row, list *out)
{
  uint64_t *ok = duckdb_vector_get_validity(v);
  if (ok && !duckdb_validity_row_is_valid(ok, row))
    return false;
  duckdb_list_entry e = ((const duckdb_list_entry *)duckdb_vector_get_data(v))[row];
  duckdb_vector child = duckdb_list_vector_get_child(v);
  uint64_t *there = duckdb_vector_get_validity(child);
  if (e.length > VALUES_MAX)
    return false;
  *out = (list){(const double *)duckdb_vector_get_data(child) + e.offset, e.length};
  for (idx_t i = 0; i < e.length; i++)
    if ((there && !duckdb_validity_row_is_valid(there, e.offset + i)) || !isfinite(out->v[i]))
      return false;
  return true;
}

static void run(duckdb_function_info info, duckdb_data_chunk in, duckdb_vector out)
{
  const struct list_law *l = duckdb_scalar_function_get_extra_info(info);
  double *result = duckdb_vector_get_data(out);
  duckdb_vector_ensure_validity_writable(out);
  uint64_t *valid = duckdb_vector_get_validity(out);
  for (idx_t r = 0; r < duckdb_data_chunk_get_size(in); r++) {
    list a[LISTS_MAX];
    bool given = true;
    for (unsigned i = 0; i < l->n; i++)
      given = given && list_at(duckdb_data_chunk_get_vector(in, i), r, &a[i]);
    result[r] = given ? l->fn(a) : (double)NAN;
    if (!isfinite(result[r]))
      duckdb_validity_set_row_invalid(valid, r);
  }
}

qf_rc qf_law_register_lists(duckdb_connection c, qf_err *err)
{
  duckdb_logical_type number = duckdb_create_logical_type(DUCKDB_TYPE_DOUBLE),
                      numbers = duckdb_create_list_type(number);
  qf_rc rc = QF_OK;
  for (size_t i = 0; !rc && i < sizeof laws / sizeof *laws; i++) {
    duckdb_scalar_function f = duckdb_create_scalar_function();
    duckdb_scalar_function_set_name(f, laws[i].name);
    for (unsigned k = 0; k < laws[i].n; k++)
      duckdb_scalar_function_add_parameter(f, numbers);
    duckdb_scalar_function_set_return_type(f, number);
    duckdb_scalar_function_set_special_handling(f); /* a NULL argument is ours to answer */
    duckdb_scalar_function_set_extra_info(f, (void *)(uintptr_t)&laws[i], NULL);
    duckdb_scalar_function_set_function(f, run);
    if (duckdb_register_scalar_function(c, f) != DuckDBSuccess)
      rc = qf_fail(err, QF_STATE, "book: the SQL engine refuses %s", "账册：SQL 引擎拒绝 %s", laws[i].name);
    duckdb_destroy_scalar_function(&f);
  }
  duckdb_destroy_logical_type(&numbers);
  duckdb_destroy_logical_type(&number);
  return rc;
}
