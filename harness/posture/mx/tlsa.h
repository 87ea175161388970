/* TLSA records (RFC 6698, RFC 7671) held against what a server of SMTP shows (RFC 7672). Pure, but for OpenSSL. */
#ifndef MX_TLSA_H
#define MX_TLSA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/buf.h"
#include "harness/model/dns.h"
#include "harness/net/tls_stream.h"

struct tlsa {
	unsigned usage, selector, matching; /* RFC 7218: 3 DANE-EE, 1 SPKI, 1 SHA2-256 */
	const unsigned char *data;          /* lies in the record */
	size_t len;
};

/* Reads a record. False where its octets are none. */
bool tlsa_parse(const struct dns_record *record, struct tlsa *ret);

/* What the record is held against. */
struct tlsa_server {
	const struct tls_certificate *chain; /* as sent, the server's own first */
	size_t chain_count;
	const char *host;   /* of the MX */
	const char *domain; /* of the mail: the other name that a certificate may be for (RFC 7672 section 3.2.2) */
	int64_t now_ms;     /* wall clock */
};

enum tlsa_result {
	TLSA_MATCHES,
	TLSA_OTHER,     /* of another certificate: of one that has been, or is to come */
	TLSA_UNTRUSTED, /* usage 2: of an authority in the chain, but the chain does not hold, or not for this name */
	TLSA_UNUSABLE,  /* not for SMTP (usages 0 and 1, RFC 7672 section 3.1.3), or of no sort that is known */
};

/* Whether the server is who the record says (RFC 7671 section 5). Any thread. */
enum tlsa_result tlsa_match(const struct tlsa *tlsa, const struct tlsa_server *server);

/* Adds the record that the server's own certificate needs, `3 1 1 ` and 64 hexadecimal digits: it goes on to hold when
 * the certificate is renewed with the same key. Returns false where the certificate cannot be read. */
bool tlsa_add_record(const struct tls_certificate *certificate, struct buf *out);

#endif
