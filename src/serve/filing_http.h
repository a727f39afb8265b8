/* Handlers of forms, records and filings, and what their files share. */
#ifndef QF_SERVE_FILING_HTTP_H
#define QF_SERVE_FILING_HTTP_H
#include "filing/filing.h"
#include "serve/http.h"

/* The body as an object of known fields (" a b c ", blanks around each); NULL: answered with 400. */
json_t *qf_req_fields(qf_req *r, const char *allowed);
/* Answer with JSON; takes j. */
void qf_req_answer(qf_req *r, json_t *j);
/* Answer a refusal of the filing room; o (may be NULL) says version and findings. */
void qf_req_refused(qf_req *r, qf_rc rc, const qf_err *err, const qf_outcome *o);
/* The version the asker had before them (If-Match: "7"); false: answered with 428 or 400. */
bool qf_req_if_match(qf_req *r, int64_t *version);
/* The form of the address's first part, if it is open to the API; NULL: answered with 404. */
const qf_form *qf_req_form(qf_req *r);

void qf_h_types(qf_req *r); /* api_types.c */
void qf_h_type(qf_req *r);
void qf_h_template(qf_req *r);
void qf_h_records(qf_req *r); /* api_records.c */
void qf_h_record(qf_req *r);
void qf_h_record_history(qf_req *r);
void qf_h_record_put(qf_req *r);
void qf_h_record_change(qf_req *r);
void qf_h_record_import(qf_req *r);
void qf_h_filings(qf_req *r); /* api_filings.c */
void qf_h_filing_new(qf_req *r);
void qf_h_filing_check(qf_req *r);
void qf_h_filing(qf_req *r);
void qf_h_filing_save(qf_req *r);
void qf_h_filing_step(qf_req *r);
void qf_h_filing_history(qf_req *r);
void qf_h_filing_diff(qf_req *r);
void qf_h_comment_add(qf_req *r);
void qf_h_comment_resolve(qf_req *r);
void qf_h_evidence_put(qf_req *r);
void qf_h_evidence(qf_req *r);
void qf_h_publications(qf_req *r); /* api_publications.c */
void qf_h_publication_add(qf_req *r);
void qf_h_restatements(qf_req *r);
#endif
