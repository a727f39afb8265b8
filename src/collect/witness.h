/* Sending signed heads to a witness, who cosigns what it has seen to grow: C2SP tlog-witness, "add-checkpoint". A head that a second
 * party has signed cannot be replaced by a shorter or another history without that party's help. */
#ifndef QF_COLLECT_WITNESS_H
#define QF_COLLECT_WITNESS_H
#include "collect/kinds.h"
#include "proof/head.h"

extern const qf_kind qf_kind_witness; /* witness.c */

/* What an answer of status 200 adds: head (a checkpoint) and the cosignature lines of the answer, checked with the witness's key, are
 * appended to out as one note. Pure. Errors: QF_SYNTAX no signature line, or too many; QF_NOTFOUND none by this witness; QF_CORRUPT a
 * wrong one; QF_NOMEM. */
QF_MUST qf_rc qf_witness_join(const qf_buf *head, const char *answer, size_t n, const qf_vkey *witness, qf_buf *out,
                              qf_err *err);
#endif
