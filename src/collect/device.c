#include "collect/device.h"
#include "wire/scale.h"
#include <stdio.h>
#include <string.h>

qf_rc qf_conf_wrong(const char *section, const char *key, const char *en, const char *zh, qf_err *err)
{
  if (err) {
    err->rc = QF_SYNTAX;
    snprintf(err->en, sizeof err->en, "[%.60s] %s: expected %s", section, key, en);
    snprintf(err->zh, sizeof err->zh, "[%.60s] %s：应为%s", section, key, zh);
  }
  return QF_SYNTAX;
}

qf_rc qf_conf_factor(const qf_conf *c, const char *section, const char *key, qf_num *out, qf_err *err)
{
  const char *v = qf_conf_get(c, section, key);
  *out = (qf_num){1, 0};
  if (v && qf_factor_parse(v, out))
    return qf_conf_wrong(section, key, "a positive decimal or a ratio such as 200/5", "正的小数，或 200/5 这样的比值",
                         err);
  return QF_OK;
}

qf_rc qf_conf_ratio(const qf_conf *c, const char *section, qf_ratio *out, qf_err *err)
{
  static const char *const names[QF_RATIOS] = {"none", "ct", "pt", "ctpt"};
  const char *v = qf_conf_get(c, section, "ratio");
  *out = QF_RATIO_NONE;
  for (unsigned i = 0; v && i < QF_RATIOS; i++)
    if (strcmp(v, names[i]) == 0) {
      *out = (qf_ratio)i;
      return QF_OK;
    }
  return v ? qf_conf_wrong(section, "ratio", "none, ct, pt or ctpt", " none、ct、pt 或 ctpt", err) : QF_OK;
}

qf_rc qf_conf_ratios(const qf_conf *c, const char *section, qf_num by[QF_RATIOS], qf_err *err)
{
  by[QF_RATIO_NONE] = (qf_num){1, 0};
  qf_rc rc = qf_conf_factor(c, section, "ct", &by[QF_RATIO_CT], err);
  if (!rc)
    rc = qf_conf_factor(c, section, "pt", &by[QF_RATIO_PT], err);
  if (!rc && qf_num_times(by[QF_RATIO_CT], by[QF_RATIO_PT], &by[QF_RATIO_CTPT], NULL))
    rc = qf_conf_wrong(section, "ct", "a ratio whose product with pt can be kept", "与 pt 之积可保存的变比", err);
  return rc;
}

/* A tag's value in line protocol: comma, equals and space are escaped. */
static void put_tag(qf_buf *b, const char *s)
{
  for (; *s; s++) {
    if (*s == ',' || *s == '=' || *s == ' ')
      qf_buf_putc(b, '\\');
    qf_buf_putc(b, *s);
  }
}

qf_rc qf_device_series(const qf_conf *c, const qf_device_name *d, char out[QF_LP_KEY_MAX], qf_err *err)
{
  qf_buf b;
  char key[QF_LP_KEY_MAX + 1];
  size_t len;
  qf_buf_init(&b, QF_LP_KEY_MAX - 1);
  const char *hole = d->given ? strstr(d->given, "{unit}") : NULL;
  if (hole)
    qf_buf_printf(&b, "%.*s%u%s", (int)(hole - d->given), d->given, d->unit, hole + strlen("{unit}"));
  else if (d->given)
    qf_buf_puts(&b, d->given);
  else {
    qf_buf_printf(&b, "%s,collector=", d->protocol);
    put_tag(&b, qf_conf_name(c));
    qf_buf_printf(&b, ",%s=", d->tag);
    put_tag(&b, d->name);
  }
  snprintf(out, QF_LP_KEY_MAX, "%.*s", (int)b.len, b.len ? b.data : "");
  bool fits = !b.failed;
  qf_buf_fini(&b);
  if (!fits)
    return qf_fail(err, QF_RANGE, "the series of %s is too long", "%s 的序列名过长", d->name);
  const qf_lp_name n = {out, "v", strlen(out), 1};
  return qf_lp_canonical(&n, key, sizeof key, &len, err); /* now, not when the first value comes */
}

qf_rc qf_device_point(qf_city *city, const char *series, const char *field, uint32_t *point, qf_err *err)
{
  char key[QF_LP_KEY_MAX + 1];
  size_t len;
  if (*point)
    return QF_OK;
  const qf_lp_name n = {series, field, strlen(series), strlen(field)};
  qf_rc rc = qf_lp_canonical(&n, key, sizeof key, &len, err);
  return rc ? rc : qf_city_series(city, key, len, point, err);
}
