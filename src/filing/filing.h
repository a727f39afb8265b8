/* Filings: forms on their way. Every save and every step is one version of the record `filing` in one journal entry; a step that
 * accepts brings the rows as accepted records in that same entry, so nothing half-accepted exists. Changing is compare-and-swap on
 * the version under a lock of that form. Any thread. */
#ifndef QF_FILING_FILING_H
#define QF_FILING_FILING_H
#include "city/city.h"
#include "filing/check.h"

typedef struct qf_filings qf_filings;
/* Read the packs' forms of an open city. The city must stay open. Errors: those of qf_forms_open. */
QF_MUST qf_rc qf_filings_open(qf_city *c, qf_filings **out, qf_err *err);
void qf_filings_close(qf_filings *f);
const qf_forms *qf_filings_forms(const qf_filings *f);
qf_city *qf_filings_city(const qf_filings *f);

typedef struct qf_filing { /* one version; the JSON values are owned */
  char id[520];
  const qf_form *form;
  json_t *sheet, *rows, *explain, *steps, *given, *findings;
  char subject[128], area[64], district[64], org[64], state[32], step[32], by[64];
  char reason[2100], due[12], at[40];
  int32_t month; /* INT32_MIN none */
  int revision;
  int64_t version, seq;
  bool late;
} qf_filing;

/* Errors: QF_NOTFOUND. On QF_OK the caller frees by qf_filing_fini. */
QF_MUST qf_rc qf_filing_get(qf_filings *f, const char *id, qf_filing *out, qf_err *err);
void qf_filing_fini(qf_filing *x);
/* Whose it is, for qf_rights_may; borrows from x. */
qf_object qf_filing_object(const qf_filing *x);
/* Id of the filing of a sheet: <type>:<values joined by ':'>, '/' as ~1 and '~' as ~0 so that it can stand in an address. */
QF_MUST qf_rc qf_filing_id(const qf_form *f, const json_t *sheet, char *out, size_t size, qf_err *err);
/* District and organisation (unit) of a subject, "" where there is none. Errors: QF_NOTFOUND no such subject. */
QF_MUST qf_rc qf_subject_owner(qf_book *b, const char *subject, char district[64], char org[64], qf_err *err);

typedef struct qf_outcome { /* of a change */
  char id[520], state[32];
  int64_t version; /* present one, also when the change was refused for its version */
  uint64_t seq;    /* of the journal entry */
  bool receipt;
  json_t *findings; /* owned, may be NULL: what stopped it */
} qf_outcome;
void qf_outcome_fini(qf_outcome *o);

/* Errors of all four: QF_DENIED; QF_STATE not in this state; QF_BUSY the version is not the present one (412); QF_PARTIAL findings
 * stop it (422, out->findings); QF_RANGE, QF_SYNTAX; QF_NOTFOUND; QF_EXISTS (new: there is one). version 0: whichever is present. */

/* A new draft. rows NULL: last month's keys. */
QF_MUST qf_rc qf_filing_new(qf_filings *f, const qf_actor *actor, const qf_form *form, const json_t *sheet,
                            const json_t *rows, qf_outcome *out, qf_err *err);
/* Save rows and explanations (NULL: as they are). */
QF_MUST qf_rc qf_filing_save(qf_filings *f, const qf_actor *actor, const char *id, int64_t version, const json_t *rows,
                             const json_t *explain, qf_outcome *out, qf_err *err);
QF_MUST qf_rc qf_filing_step(qf_filings *f, const qf_actor *actor, const char *id, int64_t version, const char *step,
                             const char *reason, qf_outcome *out, qf_err *err);
typedef struct qf_put { /* a whole form */
  const qf_form *form;
  const json_t *sheet, *rows;
  const char *step, *reason; /* or NULL */
} qf_put;
/* A new or corrected form with these rows, in one entry, and if step is given that step at once: how POST of a record whose type has
 * a flow, and an import, arrive. A form that is under way is replaced only while it may be edited. */
QF_MUST qf_rc qf_filing_put(qf_filings *f, const qf_actor *actor, const qf_put *whole, qf_outcome *out, qf_err *err);
/* Which steps the actor could take now (checks apart): array of names; "edit" when rows may be changed. */
json_t *qf_filing_can(const qf_filing *x, const qf_actor *actor);
/* Accepted rows of a form's type with this sheet: array of objects column -> value as text. A new array; NULL with err. */
json_t *qf_accepted_rows(qf_book *b, const qf_form *f, const json_t *sheet, qf_err *err);
/* Cells in which two arrays of rows differ: [{"key","field","before","after","kind"}]. Pure; a new array. */
json_t *qf_rows_diff(const qf_form *f, const json_t *before, const json_t *after);
#endif
