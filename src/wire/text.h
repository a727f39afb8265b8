/* GB18030 (GB 18030-2005, of which GBK and GB 2312 are parts) to UTF-8, by the C library's iconv: what Chinese spreadsheets save when
 * nobody asks them otherwise. One thread per converter. */
#ifndef QF_WIRE_TEXT_H
#define QF_WIRE_TEXT_H
#include "base/buf.h"

/* Append s[0..n), a whole text, as UTF-8. out->len is as before on an error: QF_SYNTAX not GB18030, with the byte; QF_NOMEM. */
QF_MUST qf_rc qf_text_utf8(const char *s, size_t n, qf_buf *out, qf_err *err);

/* The same for a text that comes in pieces. A text that begins with the byte-order mark of UTF-8 is UTF-8 and passed on as it is. */
typedef struct qf_text qf_text;
/* Errors: QF_SYNTAX the C library does not know GB18030; QF_NOMEM. */
QF_MUST qf_rc qf_text_new(qf_text **out, qf_err *err);
void qf_text_free(qf_text *t);
/* Append the next piece. A byte that cannot be read becomes FF, which is never UTF-8, so that whoever reads on refuses what it stands
 * in, and nothing else. last: nothing follows. out->failed tells about room. */
void qf_text_put(qf_text *t, const char *s, size_t n, bool last, qf_buf *out);
#endif
