/* Evidence: files that support a field. The bytes lie under their SHA-256 in <folder>/evidence/ab/<sha256>, written and synced before
 * the record that speaks of them; a file is never changed. What a file is, is told by its first bytes alone. */
#ifndef QF_FILING_EVIDENCE_H
#define QF_FILING_EVIDENCE_H
#include "filing/filing.h"

#define QF_EVIDENCE_MAX ((size_t)20 << 20)   /* bytes of one file */
#define QF_EVIDENCE_QUOTA ((int64_t)2 << 30) /* bytes of one organisation */

typedef struct qf_evidence {
  char sha256[65], type[8], name[201];
  int64_t size;
} qf_evidence;

/* pdf, png, jpg, xlsx, csv or txt by content; NULL for anything else (also HTML, SVG, scripts and texts with control bytes). Pure. */
const char *qf_evidence_type(const char *bytes, size_t n, const char *name);
typedef struct qf_evidence_file { /* as it was sent */
  const char *field, *row_key;    /* the cell it belongs to; "" none */
  const char *name;
  const char *bytes;
  size_t n;
} qf_evidence_file;
/* Keep a file for a cell of a filing (rights are the caller's matter). Errors: QF_RANGE size, quota, name, field; QF_SYNTAX its kind;
 * QF_IO. */
QF_MUST qf_rc qf_evidence_put(qf_filings *f, const qf_actor *actor, const qf_filing *x, const qf_evidence_file *file,
                              qf_evidence *out, qf_err *err);
/* One that some filing which the actor may view speaks of. Errors: QF_NOTFOUND (also when it is another's). */
QF_MUST qf_rc qf_evidence_find(qf_filings *f, const qf_actor *actor, const char *sha256, qf_evidence *out, qf_err *err);
/* Its bytes, checked against its hash. Errors: QF_CORRUPT, QF_IO. */
QF_MUST qf_rc qf_evidence_read(const char *dir, const qf_evidence *e, qf_buf *out, qf_err *err);
#endif
