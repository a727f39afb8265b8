/* Opening and closing a collector's file; what a kind asks of it is in kinds.h. One thread. */
#ifndef QF_COLLECT_CONF_H
#define QF_COLLECT_CONF_H
#include "collect/kinds.h"

/* Read path. Errors: QF_IO; QF_SYNTAX naming the line; QF_RANGE too many keys; QF_NOMEM. */
QF_MUST qf_rc qf_conf_open(const char *path, qf_conf **out, qf_err *err);
void qf_conf_close(qf_conf *c);
/* Is there a key nobody asked for? QF_SYNTAX names the first with its line. */
QF_MUST qf_rc qf_conf_unknown(const qf_conf *c, qf_err *err);
#endif
