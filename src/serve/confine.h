/* What the running server gives up before it talks to anybody: rights it never needs, so that whoever takes it over has them neither. */
#ifndef QF_SERVE_CONFINE_H
#define QF_SERVE_CONFINE_H
#include "base/err.h"
#include <stdbool.h>

/* From here on the calling thread and all that it makes can write, make, rename and remove only under the city's folder `dir` (made if
 * it is not there), the folders its collectors watch, and /dev/null; can start no program; and gain no right by one (no_new_privs).
 * Reading is as the system allows. For good: there is no way back. To be called before any other thread is made. A folder of a collector
 * that is not there yet is not among them: mount first, then start.
 * *confined: false when the kernel has no Landlock of ABI 2 (Linux 5.19) or it is switched off; then only no_new_privs holds.
 * Errors: QF_IO the kernel refuses, or dir cannot be opened. */
QF_MUST qf_rc qf_confine(const char *dir, bool *confined, qf_err *err);
#endif
