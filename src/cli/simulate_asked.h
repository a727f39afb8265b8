/* Simulators that are asked: they listen on loopback, answer until a signal or their time is over, and print what they were asked. */
#ifndef QF_CLI_SIMULATE_ASKED_H
#define QF_CLI_SIMULATE_ASKED_H
#include "cli/cli.h"
#include "collect/loop.h"

typedef struct qf_asked {
  /* Open the doors (port 0: free ones), write the collector's file, say so on stderr. */
  qf_rc (*open)(void *ud, qf_loop *loop, uint16_t port, qf_err *err);
  /* Print the figures on stdout; the loop has ended, so nothing changes any more. */
  void (*report)(const void *ud);
  void *ud;
} qf_asked;

/* Runs it; seconds 0: until SIGINT or SIGTERM. Returns an exit code. */
int qf_asked_run(const qf_asked *s, uint16_t port, uint32_t seconds);
/* A whole number 0..max of the command line; UINT32_MAX when it is none. */
uint32_t qf_asked_number(const qf_args *a, const char *name, uint32_t fallback, uint32_t max);
#endif
