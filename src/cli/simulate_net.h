/* Many senders in one thread, for demonstrations and load: connections to one server, each sending its messages in order with
 * a window of unanswered ones. What the messages are, a protocol says. */
#ifndef QF_CLI_SIMULATE_NET_H
#define QF_CLI_SIMULATE_NET_H
#include "base/tm.h"
#include "cli/cli.h"

typedef struct qf_sim {
  char host[64]; /* numbers only: 127.0.0.1 or ::1 */
  uint16_t port;
  uint32_t senders, window; /* window: unanswered messages of a sender at a time, >= 1 */
  uint64_t messages;        /* of each sender; 0: no end */
  uint32_t period_ms;       /* between messages of a sender; 0: as fast as they are answered */
  bool idle;                /* say who you are, then keep quiet until a signal */
  /* Append the k-th message of sender i (k 0: the first on this connection; the log-in, where there is one). */
  void (*make)(void *ud, uint32_t i, uint64_t k, qf_buf *out);
  /* Read answers of sender i: returns the bytes used, adds to *answered; what must be said in return goes to out. */
  size_t (*read)(void *ud, uint32_t i, const uint8_t *p, size_t n, uint64_t *answered, qf_buf *out);
  void *ud;
} qf_sim;

/* Options that every sender knows into *s: --to HOST:PORT (needed) --senders --messages --window --period --idle. Returns
 * false with a message on stderr. */
bool qf_sim_options(const qf_args *a, qf_sim *s);
/* Run until all is answered, or a signal. Prints {"senders","sent","answered","lost","seconds","per_second"} on stdout.
 * Returns an exit code. */
int qf_sim_run(const qf_sim *s);
/* UTC now. */
qf_us qf_sim_now(void);
#endif
