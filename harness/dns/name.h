/* Domain names: from octets of a message or record to the presentation form of harness/model/dns.h, and back. */
#ifndef DNS_NAME_H
#define DNS_NAME_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/buf.h"
#include "harness/base/span.h"

/* 255 octets of wire form, each as \DDD, and a NUL. */
enum { DNS_NAME_TEXT_MAX = 1024 };

/* Makes a name of raw octets in which dots part labels (a domain as it stands in a header, in SMTP or in a record; no
 * escapes are read): one final dot is dropped, letters are put in lower case, labels with UTF-8 become A-labels
 * (RFC 5891, by libidn2), other octets are escaped, the space among them. False where the DNS cannot have such a name:
 * it is empty, has an empty label, a label of more than 63 octets or more than 253 octets in all, or a label that IDNA
 * refuses. Returns with out[0] = 0 then. */
bool dns_name_make(struct span octets, char out[DNS_NAME_TEXT_MAX]);

/* Reads the uncompressed name of wire form at the start of rdata; *ret_used, if not NULL, is its length in octets.
 * False where it is none. */
bool dns_name_from_wire(struct span rdata, char out[DNS_NAME_TEXT_MAX], size_t *ret_used);

/* Adds the wire form of a name in presentation form (with or without final dot), letters in lower case. False where the
 * name is bad, octets beyond ASCII that are not escaped included, or where `out` cannot hold it. */
bool dns_name_to_wire(const char *name, struct buf *out);

/* Brings a name in presentation form (any case, with or without final dot, any escapes) into the form of this page.
 * False where the name is bad; out[0] = 0 then. */
bool dns_name_normal(const char *name, char out[DNS_NAME_TEXT_MAX]);

/* The name above: "gov.uk" of "service.gov.uk", "." of "uk"; NULL of ".". Points into name. */
const char *dns_name_parent(const char *name);

/* Number of labels; 0 of ".". */
unsigned dns_name_labels(const char *name);

/* Whether the name is `zone` or lies under it. Both in the form of this page. */
bool dns_name_under(const char *name, const char *zone);

#endif
