/* Registry of series: key text <-> dense id from 1. Finding never locks: tables are published whole and old ones are
 * kept until the end, so a collector thread looks a key up in some tens of nanoseconds while another adds. */
#ifndef QF_CITY_REGISTRY_H
#define QF_CITY_REGISTRY_H
#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QF_SERIES_MAX 4000000u /* most series of one city */
#define QF_SERIES_KEY_MAX 512u /* bytes of a key */

typedef struct qf_registry qf_registry;
QF_MUST qf_rc qf_registry_new(qf_registry **out);
void qf_registry_free(qf_registry *r);
/* Id of a key, 0 if unknown. Any thread. */
uint32_t qf_registry_find(const qf_registry *r, const char *key, size_t len);
/* Add a key under the next id (the caller serialises adding and has found it missing). Errors: QF_FULL, QF_NOMEM. */
QF_MUST qf_rc qf_registry_add(qf_registry *r, const char *key, size_t len, uint32_t *id);
/* Key of an id as NUL-terminated text, borrowed until free; NULL if none. Any thread. */
const char *qf_registry_key(const qf_registry *r, uint32_t id);
/* Whether a key is the one of an id. Any thread. */
bool qf_registry_is(const qf_registry *r, uint32_t id, const char *key, size_t len);
uint32_t qf_registry_count(const qf_registry *r);
#endif
