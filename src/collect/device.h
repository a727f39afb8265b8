/* What the files of polled devices have in common: factors, ratios of transformers, names of series. */
#ifndef QF_COLLECT_DEVICE_H
#define QF_COLLECT_DEVICE_H
#include "collect/kinds.h"
#include "wire/lineproto.h"

typedef enum qf_ratio { QF_RATIO_NONE, QF_RATIO_CT, QF_RATIO_PT, QF_RATIO_CTPT, QF_RATIOS } qf_ratio;

/* "[section] key: expected ..."; zh continues 应为. Returns QF_SYNTAX. */
qf_rc qf_conf_wrong(const char *section, const char *key, const char *en, const char *zh, qf_err *err);
/* A positive decimal or a quotient such as 200/5; 1 when it is not given. Errors: QF_SYNTAX. */
QF_MUST qf_rc qf_conf_factor(const qf_conf *c, const char *section, const char *key, qf_num *out, qf_err *err);
/* Which of a device's ratios applies to a value: key `ratio` = none | ct | pt | ctpt. Errors: QF_SYNTAX. */
QF_MUST qf_rc qf_conf_ratio(const qf_conf *c, const char *section, qf_ratio *out, qf_err *err);
/* The ratios of a device from its keys ct and pt, and their product. Errors: QF_SYNTAX. */
QF_MUST qf_rc qf_conf_ratios(const qf_conf *c, const char *section, qf_num by[QF_RATIOS], qf_err *err);

typedef struct qf_device_name {
  const char *protocol, *tag, *name; /* measurement, and the tag that bears the device's name */
  const char *given;                 /* the file's own series, or NULL; a {unit} in it becomes `unit` */
  unsigned unit;
} qf_device_name;
/* "measurement,tags" of a device: given, or protocol,collector=FILE,tag=NAME. Errors: QF_RANGE too long, QF_SYNTAX. */
QF_MUST qf_rc qf_device_series(const qf_conf *c, const qf_device_name *d, char out[QF_LP_KEY_MAX], qf_err *err);
/* The point of a field of a series, made when new. *point 0: not known yet. Errors: those of qf_city_series. */
QF_MUST qf_rc qf_device_point(qf_city *city, const char *series, const char *field, uint32_t *point, qf_err *err);
#endif
