/* Forms: record types as something to fill in - columns with titles, units and choices, the flow, what makes a form and a row one,
 * when it is due, which checks judge it. Read once from the packs; never changes; any number of threads may use it. */
#ifndef QF_FILING_FORM_H
#define QF_FILING_FORM_H
#include "book/book.h"
#include "domain/calendar.h"
#include "filing/flow.h"
#include "filing/verdict.h"

#define QF_FORM_COLS_MAX 96u
#define QF_FORM_KEY_MAX 12u

typedef enum qf_severity { QF_BLOCK, QF_EXPLAIN, QF_WARN, QF_INFO } qf_severity;

typedef struct qf_form_check { /* packs/<area>/checks/<form>/<name>.sql */
  char id[120], zh[200], en[200], clause[200];
  qf_severity severity;
  char *sql;              /* owned: the whole statement with its table `sheet`, one parameter (the rows as JSON) */
  char *over;             /* owned: the same over a table `sheet` that is there */
  qf_verdict_reads reads; /* columns of the sheet that it looks at */
} qf_form_check;

typedef struct qf_form {
  const char *type, *area, *zh, *en, *due, *owes, *join, *api; /* borrowed from desc */
  const qf_flow *flow;                                         /* NULL: direct */
  const char *sheet[QF_FORM_KEY_MAX], *key[QF_FORM_KEY_MAX];   /* column names */
  uint32_t nsheet, nkey;
  const char *col[QF_FORM_COLS_MAX], *col_type[QF_FORM_COLS_MAX];
  bool col_evidence[QF_FORM_COLS_MAX];
  uint32_t ncols;
  char names[2][400];    /* the words of sheet and key */
  json_t *desc;          /* as the book says it, with choices */
  qf_form_check *checks; /* owned */
  uint32_t nchecks;
  qf_book_sheet *desk;         /* owned: where the checks run; NULL: there are none */
  struct qf_verdicts *kept;    /* owned: what the checks said of rows lately (check.c) */
  const struct qf_form *gives; /* NULL: nothing */
  char *gives_sql;             /* owned; as a check's sql */
} qf_form;

typedef struct qf_forms qf_forms;
/* Read the packs. Every check and every gives-statement is tried on an empty form. Errors: QF_SYNTAX with the file, QF_IO, QF_NOMEM. */
QF_MUST qf_rc qf_forms_open(qf_book *b, const char *packs_dir, qf_forms **out, qf_err *err);
void qf_forms_close(qf_forms *f);
size_t qf_forms_count(const qf_forms *f);
const qf_form *qf_forms_at(const qf_forms *f, size_t i);
const qf_form *qf_forms_find(const qf_forms *f, const char *type); /* NULL none */
const qf_calendar *qf_forms_calendar(const qf_forms *f);           /* NULL: the plain week */

/* A column's index; -1 none. */
int qf_form_col(const qf_form *f, const char *name);
bool qf_form_in_sheet(const qf_form *f, const char *column);
/* The area as rights take it: NULL for what crosses the areas (pack city). */
const char *qf_form_area(const qf_form *f);
/* Is the record id given by the sender (key: id) rather than made from columns? */
bool qf_form_free_id(const qf_form *f);
/* Due day of a month's form; false: none. Rules: "day N of the next month", "day N of month M next year" (the last month of a year),
 * "N workdays" after the month's end. A day off moves to the next working day. Pure. */
bool qf_due_day(const char *rule, int32_t month, const qf_calendar *c, int32_t *day);
/* Record id of a row: the key's values joined by the type's joiner. row: object column -> text or number. Errors: QF_RANGE a key value
 * is missing, or longer than 440 bytes in all. */
QF_MUST qf_rc qf_form_row_id(const qf_form *f, const json_t *row, char *out, size_t size, qf_err *err);
/* What tells a row from the others of its form: the key values that are not the sheet's, joined by ':'. "" when the sheet is the key. */
void qf_form_row_key(const qf_form *f, const json_t *row, char *out, size_t size);
/* Text of a JSON value as it would be typed: strings as they are, numbers in plain form; "" for null. */
void qf_value_text(const json_t *v, char *out, size_t size);
/* Description for the API (GET /api/v1/types/<type>). actor decides `may`. */
void qf_form_json(const qf_form *f, const qf_actor *actor, qf_buf *out);
/* Choices of a column out of its CHECK texts, e.g. "(flow IN ('a', 'b'))": a new array of texts, or NULL. Pure. */
json_t *qf_choices(const char *check, const char *column);
#endif
