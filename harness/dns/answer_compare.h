/* Whether two answers say the same. */
#ifndef DNS_ANSWER_COMPARE_H
#define DNS_ANSWER_COMPARE_H

#include <stdbool.h>

#include "harness/base/buf.h"
#include "harness/model/dns.h"

/* How a record is compared and shown: as in a zone file, but of TXT the strings joined, since how a text is cut into
 * strings says nothing. `out` is cleared first. */
void answer_record_text(enum dns_type type, const struct dns_record *record, struct buf *out);

/* Octets that such a text may have. */
enum { ANSWER_RECORD_TEXT_MAX = 4 * 65535 };

/* Whether one of the records has this text. */
bool answer_has_record(const struct dns_answer *answer, enum dns_type type, struct span text);

/* Whether both are answered with the same records in whatever order; that there are none is the same with NXDOMAIN.
 * TTLs are not compared. More than ANSWER_RECORDS_MAX records are never the same, since comparing takes their square.
 */
enum { ANSWER_RECORDS_MAX = 200 };
bool answer_same(enum dns_type type, const struct dns_answer *a, const struct dns_answer *b);

#endif
