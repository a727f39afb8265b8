/* Receipts: what a filer takes home. A receipt holds an entry's leaf, the path to a signed head and, where it is no secret,
 * the entry's body; who pins the log's key or holds a head checks it without any server. Format: docs/formats/proof.md. */
#ifndef QF_PROOF_RECEIPT_H
#define QF_PROOF_RECEIPT_H
#include "proof/proof.h"

#define QF_RECEIPT_MAX ((size_t)1 << 20)
#define QF_RECEIPT_BODY_MAX ((size_t)256 << 10) /* a longer body is named by its hash only */

/* Receipt of entry seq as JSON, under the head of exactly `size` (0: the first head that covers it). brief: the inclusion
 * proof alone, without the entry's content. Errors: QF_NOTFOUND not covered by a head yet, or no head of that size;
 * QF_RANGE; QF_IO; QF_CORRUPT the journal's entry is not the one in the tree. */
QF_MUST qf_rc qf_receipt_make(qf_proof *p, const char *dir, uint64_t seq, uint64_t size, bool brief, qf_buf *out,
                              qf_err *err);
/* The same as a page to print: both languages, a QR code, no style sheet, no script. receipt: JSON of qf_receipt_make. */
QF_MUST qf_rc qf_receipt_html(const char *receipt, size_t n, qf_buf *out, qf_err *err);

typedef struct qf_receipt_check {
  const qf_vkey *key;     /* pinned; NULL: trust rests on `head` alone */
  const qf_vkey *witness; /* its cosignature must be on the head; or NULL */
  const char *head;       /* a head from elsewhere; NULL: the receipt's own */
  size_t head_len;
  const char *consistency; /* JSON of /api/v1/consistency from the receipt's head to `head`, or NULL */
  size_t consistency_len;
} qf_receipt_check;
/* Check a receipt against nothing but its arguments; needs key or head. What was proved goes to out as JSON. Errors:
 * QF_SYNTAX not a receipt; QF_CORRUPT it proves nothing (words say what does not fit); QF_NOTFOUND no signature by the key;
 * QF_STATE neither key nor head, or a head of another size and no consistency proof. */
QF_MUST qf_rc qf_receipt_verify(const char *receipt, size_t n, const qf_receipt_check *with, qf_buf *out, qf_err *err);

/* {"from","to","proof":[...]} of two sizes. */
QF_MUST qf_rc qf_consistency_json(qf_proof *p, uint64_t from, uint64_t to, qf_buf *out, qf_err *err);
#endif
