/* From a point record to the numbers a meter works with. */
#include "city/internal.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static uint8_t kind_of(const char *s)
{
  static const char *const names[] = {"", "register", "interval", "gauge", "state"};
  for (uint8_t i = 1; s && i < sizeof names / sizeof *names; i++)
    if (strcmp(s, names[i]) == 0)
      return i;
  return QF_KIND_UNKNOWN;
}

static double number(const json_t *data, const char *name, double otherwise)
{
  const json_t *v = json_object_get(data, name);
  if (json_is_number(v))
    return json_number_value(v);
  if (json_is_string(v) && *json_string_value(v)) {
    char *end;
    double d = strtod(json_string_value(v), &end);
    return *end == 0 && isfinite(d) ? d : otherwise;
  }
  return otherwise;
}

/* Exact decimal of a JSON value: text as written, or a number by its shortest text. */
static qf_num decimal(const json_t *data, const char *name, qf_num otherwise)
{
  const json_t *v = json_object_get(data, name);
  qf_num n = otherwise;
  char text[64];
  const char *s = json_string_value(v);
  if (json_is_integer(v))
    snprintf(text, sizeof text, "%lld", (long long)json_integer_value(v));
  else if (json_is_real(v))
    snprintf(text, sizeof text, "%.15g", json_real_value(v));
  else if (!s || !*s)
    return otherwise;
  if (!s)
    s = text;
  return qf_num_parse(s, strlen(s), &n, NULL) == QF_OK ? n : otherwise;
}

static qf_point_desc desc_of(qf_city *c, const json_t *data)
{
  const char *parent = json_string_value(json_object_get(data, "parent"));
  const char *stamp = json_string_value(json_object_get(data, "stamp"));
  qf_point_desc d = {.kind = kind_of(json_string_value(json_object_get(data, "kind"))),
                     .stamp_begin = stamp && strcmp(stamp, "begin") == 0,
                     .register_digits = (uint8_t)number(data, "digits", 0),
                     .lsb_exp = (int8_t)number(data, "lsb_exp", -6),
                     .k = decimal(data, "k", (qf_num){1, 0}),
                     .period_s = (uint32_t)number(data, "period_s", 0),
                     .rated = number(data, "rated", 0),
                     .low = number(data, "low", 0),
                     .high = number(data, "high", 0),
                     .rate_limit = number(data, "rate_limit", 0),
                     .loss_share = (float)number(data, "loss_share", 0),
                     .rests = json_is_true(json_object_get(data, "rests"))};
  if (parent && *parent)
    d.parent = qf_registry_find(c->registry, parent, strlen(parent));
  return d;
}

static qf_rc exchange(qf_city *c, const json_t *data, qf_err *err)
{
  const char *key = json_string_value(json_object_get(data, "point"));
  const char *at = json_string_value(json_object_get(data, "exchanged_at"));
  uint32_t point = key ? qf_registry_find(c->registry, key, strlen(key)) : 0;
  qf_us ts;
  if (!point || !at || qf_tm_parse(at, strlen(at), &ts))
    return qf_fail(err, QF_RANGE, "meter exchange: unknown point or time", "换表记录：未知计量点或时间");
  return qf_meter_exchange(c->meter, point, ts, decimal(data, "final_reading", (qf_num){0, 0}),
                           decimal(data, "initial_reading", (qf_num){0, 0}));
}

qf_rc qf_city_describe(qf_city *c, const json_t *rec, qf_err *err)
{
  const char *type = json_string_value(json_object_get(rec, "type"));
  const json_t *data = json_object_get(rec, "data");
  if (!type)
    return QF_OK;
  if (strcmp(type, "exchange") == 0)
    return exchange(c, data, err);
  if (strcmp(type, "point") != 0)
    return QF_OK;
  const char *id = json_string_value(json_object_get(rec, "id"));
  uint32_t point = id ? qf_registry_find(c->registry, id, strlen(id)) : 0;
  if (!point)
    return qf_fail(err, QF_CORRUPT, "point record %.200s: no such series", "计量点记录 %.200s：无此序列", id ? id : "");
  qf_point_desc d = desc_of(c, data);
  qf_rc rc = qf_meter_describe(c->meter, point, &d);
  if (rc)
    return qf_fail(err, rc, "point %.200s could not be described to the meter", "计量点 %.200s 无法用于计量", id);
  atomic_fetch_add(&c->adopted, 1);
  return QF_OK;
}
