/* The HTTP face of a city: API, live stream, pages. One listener; TLS when a certificate is given. */
#ifndef QF_SERVE_SERVER_H
#define QF_SERVE_SERVER_H
#include "city/city.h"

typedef struct qf_server qf_server;
typedef struct qf_server_opts {   /* zero = default */
  const char *listen;             /* "127.0.0.1:8420"; port 0 = any free port */
  const char *tls_cert, *tls_key; /* PEM files; both or none */
  const char *web_dir;            /* built pages; NULL: beside the binary or in the source tree */
  bool insecure;                  /* allow a plain listener on an address that is not loopback */
  bool sample;                    /* the city holds demonstration data: say so on every page */
  const char *hosts;              /* further names in the Host header, comma separated; links point to the first */
} qf_server_opts;

/* Start listening. Reading is open to everybody in a sample city on a loopback address (the public demonstration), else it
 * needs a login or a token of scope read. Refuses a plain listener on any other address unless insecure. Writes dir/server.json (mode
 * 0600: address and a secret of this run) so that the command line can talk to a running server. Errors: QF_IO,
 * QF_DENIED, QF_RANGE. */
QF_MUST qf_rc qf_server_start(qf_city *c, const qf_server_opts *opts, qf_server **out, qf_err *err);
void qf_server_stop(qf_server *s);
uint16_t qf_server_port(const qf_server *s);
/* One-time link of the machine's owner, valid for an hour, to out; "" when administrators exist who log in themselves. */
void qf_server_login_link(qf_server *s, char *out, size_t size);
#endif
