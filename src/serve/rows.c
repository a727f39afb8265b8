/* Rows of a query as a JSON array of objects: what pages and clients read most easily. */
#include "serve/http.h"
#include <string.h>

/* The book answers {"columns":[...],"rows":[[...]]}; numbers must keep every digit, so this is done on the text: the
 * row callback writes names and values itself. */
typedef struct writer {
  qf_buf *out;
  char names[40][64];
  size_t n;
} writer;

static void value(qf_buf *b, const qf_cell *c)
{
  switch (c->kind) {
  case 1:
    qf_buf_printf(b, "%lld", (long long)c->i);
    break;
  case 2:
    qf_dec_write(b, qf_dec_trim(c->dec));
    break;
  case 3:
    if (c->d - c->d == 0.0)
      qf_buf_printf(b, "%.17g", c->d);
    else
      qf_buf_puts(b, "null");
    break;
  case 4:
    qf_buf_json(b, c->s, c->len);
    break;
  case 5:
    qf_buf_puts(b, c->i ? "true" : "false");
    break;
  default:
    qf_buf_puts(b, "null");
  }
}

static bool row(void *ud, const qf_cell *c, size_t n)
{
  writer *w = ud;
  qf_buf *b = w->out;
  qf_buf_puts(b, b->data[b->len - 1] == '[' ? "{" : ",{");
  for (size_t i = 0; i < n && i < w->n; i++) {
    qf_buf_printf(b, "%s\"%s\":", i ? "," : "", w->names[i]);
    value(b, &c[i]);
  }
  qf_buf_putc(b, '}');
  return !b->failed;
}

qf_rc qf_rows(qf_req *r, const char *names, const char *sql, const qf_param *params, size_t nparams, qf_buf *out,
              qf_err *err)
{
  writer w = {.out = out};
  while (*names && w.n < 40) {
    size_t k = strcspn(names, " ");
    k = k < 63 ? k : 63;
    memcpy(w.names[w.n++], names, k);
    names += k + (names[k] == ' ');
  }
  qf_buf_putc(out, '[');
  qf_rc rc = qf_book_query(qf_city_book(r->city), sql, params, nparams, row, &w, err);
  qf_buf_putc(out, ']');
  return rc;
}
