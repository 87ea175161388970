/* TXT records that begin with their version, and the form that those of MTA-STS (RFC 8461 section 3.1) and TLS
 * reporting (RFC 8460 section 3) share: `v=STSv1; name=value; name=value`. Pure. */
#ifndef ENGINE_RECORD_FIELDS_H
#define ENGINE_RECORD_FIELDS_H

#include <stdbool.h>

#include "harness/base/buf.h"
#include "harness/base/span.h"
#include "harness/model/dns.h"

/* Whether the record is of that version (`v=STSv1`, case matters) and so to be read at all. A false one is not bad:
 * other records may share the name. */
bool record_has_version(struct span text, const char *version);

/* How many TXT records of the answer are of that version; *ret_text, empty at first, receives the first of them, its
 * strings joined. It fails where memory ran out for any record: then the number is wrong. */
size_t record_find(const struct dns_answer *answer, const char *version, struct buf *ret_text);

/* Cuts the next field behind the version off *rest, which is the whole record at first. 1; 0 at the end; -1 where it is
 * none: no equals sign, empty, a name of other octets or of more than 32. White space around it is not in the value,
 * which may hold anything else. */
int record_next_field(struct span *rest, struct span *ret_name, struct span *ret_value);

/* The octets that the value of an extension may have: 1 or more, visible, no equals sign. */
bool record_is_extension_value(struct span value);

/* A name of an extension, here and in policies (RFC 8461 section 3.2). */
bool record_is_extension_name(struct span name);

#endif
