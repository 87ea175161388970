/* The character-strings of an SPF record (RFC 7208 section 3.3), and where they were split wrongly. */
#ifndef SPF_SPF_STRINGS_H
#define SPF_SPF_STRINGS_H

#include "harness/base/buf.h"
#include "harness/model/dns.h"

/* Adds the strings, joined as they are, but with a space where one string ends in a term and the next one begins with
 * another: what was meant. Returns how many such spaces are missing, -1 where it is no TXT record or `out` cannot hold
 * it. */
int spf_strings_join(const struct dns_record *record, struct buf *out);

#endif
