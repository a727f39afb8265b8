/* Receipts, heads and keys from strangers: refused or sound, never outside their memory. First byte chooses: 0 a head,
 * 1 a key, 2 a receipt under the key and with the head that it brings itself, 3 a receipt's page. */
#include "proof/receipt.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
  static const char text[] = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";
  qf_vkey k, own;
  qf_head h;
  qf_err err;
  qf_buf out;
  if (n < 1 || qf_vkey_parse(text, sizeof text - 1, &k, &err))
    return 0;
  char *s = malloc(n); /* exact: a read past the end is seen */
  if (!s)
    return 0;
  memcpy(s, data + 1, n - 1);
  qf_buf_init(&out, 4u << 20);
  if ((data[0] & 3) == 0) {
    if (qf_head_parse(s, n - 1, &h, &err) == QF_OK && qf_note_length(s, n - 1) != n - 1)
      abort();
    if (qf_head_check(s, n - 1, &k, &h, NULL, &err) == QF_OK)
      abort(); /* nobody here has that key */
  } else if ((data[0] & 3) == 1) {
    if (qf_vkey_parse(s, n - 1, &own, &err) == QF_OK)
      qf_vkey_write(&own, &out);
  } else if ((data[0] & 3) == 2) {
    qf_receipt_check with = {.key = &k};
    if (qf_receipt_verify(s, n - 1, &with, &out, &err) == QF_OK)
      abort();
  } else {
    (void)!qf_receipt_html(s, n - 1, &out, &err);
  }
  qf_buf_fini(&out);
  free(s);
  return 0;
}
