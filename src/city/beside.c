#include "city/beside.h"
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef QF_SOURCE_DIR
#define SOURCES QF_SOURCE_DIR "/src/"
#else
#define SOURCES NULL
#endif

void qf_beside_program(const char *given, const char *in_tree, const char *installed, char *out, size_t size)
{
  char here[3900];
  struct stat st;
  if (given) {
    snprintf(out, size, "%s", given);
    return;
  }
  ssize_t n = readlink("/proc/self/exe", here, sizeof here - 1);
  here[n > 0 ? n : 0] = 0;
  char *slash = strrchr(here, '/');
  if (slash)
    slash[1] = 0;
  const struct {
    const char *from, *path;
  } tries[] = {{here, in_tree}, {here, installed}, {SOURCES, in_tree}};
  for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
    snprintf(out, size, "%s%s", tries[i].from ? tries[i].from : "", tries[i].path);
    if (tries[i].from && stat(out, &st) == 0)
      return;
  }
  snprintf(out, size, "%s%s", here, in_tree);
}
