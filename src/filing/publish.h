/* Rows of the record type `publication`: filled by the kernel. Any thread. */
#ifndef QF_FILING_PUBLISH_H
#define QF_FILING_PUBLISH_H
#include "city/city.h"
#include "filing/form.h"

#define QF_PUBLICATION "publication"
/* Put the present value, numerator and denominator, unit, factors and sequence of the book into each row; rows of other types are left
 * alone. Errors: QF_NOTFOUND figure or subject; QF_STATE the period is not over, or there is no value; QF_RANGE. */
QF_MUST qf_rc qf_publication_fill(qf_city *c, const char *type, json_t *rows, qf_err *err);
/* A publication belongs to the area of its figure; other types keep theirs. */
void qf_publication_area(const char *type, const json_t *sheet, char *area, size_t size);
#endif
