/* Reading the wire form of single records (RFC 1035 section 3.3). Every function returns false for octets that are not
 * a record of that type, however hostile. */
#ifndef DNS_RDATA_H
#define DNS_RDATA_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/base/buf.h"
#include "harness/base/ip.h"
#include "harness/dns/name.h"
#include "harness/model/dns.h"

/* Adds the strings of a TXT record, joined without anything between them (RFC 7208 section 3.3, RFC 6376 section
 * 3.6.2.2). *ret_strings, if not NULL: how many there are. False also where `out` cannot hold it. */
bool rdata_txt(const struct dns_record *record, struct buf *out, size_t *ret_strings);

/* An A or AAAA record, by its length. */
bool rdata_address(const struct dns_record *record, struct ip *ret);

/* NS, CNAME, PTR. */
bool rdata_name(const struct dns_record *record, char out[DNS_NAME_TEXT_MAX]);

/* MX (RFC 1035 section 3.3.9): the preference and the exchange; "." stands for a null MX (RFC 7505). */
bool rdata_mx(const struct dns_record *record, uint16_t *ret_preference, char out[DNS_NAME_TEXT_MAX]);

/* Adds the record as it is written in a zone file, printable ASCII only: `10 mx.example.net.`, `"v=spf1 -all"`; of an
 * unknown type, or where the octets do not fit the type, in the form of RFC 3597. Returns as buf_add. */
int rdata_add_text(enum dns_type type, const struct dns_record *record, struct buf *out);

/* What the rdata of a type consists of, in order, one letter each; NULL of a type that is not known here.
 *   1 2 4  number of so many octets        n  name                       s  one or more character-strings
 *   t      seconds, of four octets         a  IPv4 address               g  tag of a CAA record, with its length
 *   x      octets, written in hexadecimal  A  IPv6 address               v  octets, written as a string
 * s, x and v go to the end. */
const char *rdata_fields(enum dns_type type);

#endif
