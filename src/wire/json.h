/* JSON (RFC 8259) as a pull reader: one token after the other over a text that the caller keeps. Numbers stay the text they are, so that
 * no decimal passes through a double. No allocation, no recursion; depth is bounded. Pure, thread-safe; one thread per reader. */
#ifndef QF_WIRE_JSON_H
#define QF_WIRE_JSON_H
#include "base/buf.h"

enum { QF_JS_DEPTH = 32 }; /* of arrays and objects, the most that may be asked for */

typedef enum qf_js_kind {
  QF_JS_OBJECT, /* { */
  QF_JS_OBJECT_END,
  QF_JS_ARRAY, /* [ */
  QF_JS_ARRAY_END,
  QF_JS_KEY, /* name of a member; its value is the next token */
  QF_JS_STRING,
  QF_JS_NUMBER,
  QF_JS_TRUE,
  QF_JS_FALSE,
  QF_JS_NULL,
} qf_js_kind;

typedef struct qf_js { /* private */
  const char *start, *p, *end;
  uint32_t objects; /* bit d: level d is an object */
  uint8_t depth, max_depth, state;
} qf_js;

typedef struct qf_js_tok {
  uint8_t kind;  /* qf_js_kind */
  bool escaped;  /* KEY, STRING: s holds escapes, see qf_js_text */
  const char *s; /* KEY, STRING: between the quotes; NUMBER: its text; borrowed */
  size_t len;
  size_t at; /* byte of the token, from 0 */
} qf_js_tok;

/* Begin reading s[0..n). A byte-order mark at the start is passed over. max_depth: 1..QF_JS_DEPTH. */
void qf_js_init(qf_js *j, const char *s, size_t n, unsigned max_depth);
/* The next token. QF_OK; QF_NOTFOUND: one whole value was read and nothing follows it. Errors: QF_SYNTAX not JSON, not UTF-8, cut short;
 * QF_RANGE too deep; the byte is in err. After an error every call gives one. */
QF_MUST qf_rc qf_js_next(qf_js *j, qf_js_tok *t, qf_err *err);
/* Pass over the rest of the value that began with t (nothing when t is not { or [; the value when t is a KEY). Errors as above. */
QF_MUST qf_rc qf_js_skip(qf_js *j, const qf_js_tok *t, qf_err *err);
/* The text of a KEY or STRING without its escapes to out[0..cap), with a NUL; *len without it. Errors: QF_RANGE no room;
 * QF_SYNTAX half a surrogate pair, or U+0000. */
QF_MUST qf_rc qf_js_text(const qf_js_tok *t, char *out, size_t cap, size_t *len, qf_err *err);
/* Whether a KEY or STRING is this text (which has no escapes). */
bool qf_js_is(const qf_js_tok *t, const char *text);
#endif
