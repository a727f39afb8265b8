#include "cli/simulate_asked.h"
#include <signal.h>
#include <stdlib.h>
#include <time.h>

uint32_t qf_asked_number(const qf_args *a, const char *name, uint32_t fallback, uint32_t max)
{
  const char *v = qf_args_get(a, name);
  char *end = NULL;
  unsigned long n = v ? strtoul(v, &end, 10) : fallback;
  return v && (*v < '0' || *v > '9' || *end || n > max) ? UINT32_MAX : (uint32_t)n;
}

int qf_asked_run(const qf_asked *s, uint16_t port, uint32_t seconds)
{
  qf_loop *loop = NULL;
  qf_err err = {0};
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &set, NULL); /* before the loop's thread: it inherits this */
  qf_rc rc = qf_loop_new(&loop, &err);
  if (!rc)
    rc = s->open(s->ud, loop, port, &err);
  if (!rc) {
    const struct timespec t = {.tv_sec = seconds};
    int got;
    if (seconds)
      sigtimedwait(&set, NULL, &t);
    else
      sigwait(&set, &got);
  }
  if (loop)
    qf_loop_free(loop);
  if (rc)
    return qf_trouble(rc, &err);
  s->report(s->ud);
  return QF_EXIT_OK;
}
