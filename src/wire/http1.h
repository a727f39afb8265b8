/* HTTP/1.1 messages (RFC 9112) as small machines exchange them: POST and GET with a JSON body. Only what a platform's interface
 * needs: Content-Length and chunked bodies, keep-alive; no trailers are kept, no upgrade, no folded headers.
 *
 *   request   METHOD SP target SP HTTP/1.x CRLF  (name ":" value CRLF)*  CRLF  body
 *   response  HTTP/1.x SP status SP words CRLF   ...
 *
 * Strict where two readers could disagree about where a message ends: both lengths, two lengths, a bare CR are refused.
 * Pure functions, thread-safe. */
#ifndef QF_WIRE_HTTP1_H
#define QF_WIRE_HTTP1_H
#include "base/buf.h"

#define QF_HTTP1_HEAD_MAX 8192u

typedef struct qf_http1 {
  bool response;         /* given: a response is expected */
  bool eof;              /* given: the peer has closed; a response without a length ends here */
  size_t body_max;       /* given: a longer body is refused */
  bool head;             /* the head is whole; what follows here is set even while the body is not */
  bool continue_wanted;  /* Expect: 100-continue */
  bool keep;             /* the connection may be used again */
  bool chunked, has_len; /* how the body ends */
  int status;            /* of a response */
  char method[8];        /* of a request */
  char target[256];      /* of a request: path and query */
  char host[128];        /* Host header, "" none */
  size_t head_len, len;  /* bytes of the head; Content-Length */
} qf_http1;

/* Read one message from the beginning of p. QF_PARTIAL: more is needed. QF_OK: *used bytes were it, body (reset first) holds its
 * body, decoded. Errors: QF_SYNTAX, QF_RANGE (a length), in words; the stream cannot go on after one. */
QF_MUST qf_rc qf_http1_read(const char *p, size_t n, qf_http1 *m, qf_buf *body, size_t *used, qf_err *err);
/* Append a POST of a UTF-8 body of this type. */
void qf_http1_post(qf_buf *out, const char *host, const char *target, const char *type, const char *body, size_t len);
/* Append an answer with a JSON body; keep: the connection goes on. */
void qf_http1_answer(qf_buf *out, int status, bool keep, const char *body, size_t len);
#endif
