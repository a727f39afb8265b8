/* Folders that belong to the program - packs, pages - found from where the program itself is, so that the same bytes work
 * wherever they are put. No state; thread-safe. */
#ifndef QF_CITY_BESIDE_H
#define QF_CITY_BESIDE_H
#include <stddef.h>

/* The path of a folder of the program: `given` when it is not NULL; else the first that exists of `in_tree` (as from a build
 * folder in the sources, "../packs") and `installed` (as from bin/, "../share/qingfeng/packs"), both as seen from the program's
 * folder; else, in builds with tests, which may be anywhere, the one in the sources they were made from; else `in_tree`, so that
 * whoever opens it names a path that a person can look for. Written to out[size], cut if it is longer. */
void qf_beside_program(const char *given, const char *in_tree, const char *installed, char *out, size_t size);
#endif
