/* One report address of a DMARC record (RFC 7489 section 6.2, RFC 9989 sections 4.6 and 4.8). */
#ifndef AUTH_DMARC_URI_H
#define AUTH_DMARC_URI_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/base/span.h"

/* One address of rua= or ruf=. */
struct dmarc_uri {
	bool failure;       /* of ruf= */
	struct span uri;    /* as written, without its size limit */
	struct span domain; /* of a mailto: address; .p NULL of any other scheme */
	int64_t max_octets; /* `!10m`, obsolete in RFC 9989; -1 where absent */
};

/* Reads `mailto:reports@example.net!10m`, without white space around it; `failure` of *ret is left alone. False where
 * it is no URI (RFC 3986 section 3), its size limit cannot be read, or it is a mailto: without an address. */
bool dmarc_uri_parse(struct span text, struct dmarc_uri *ret);

#endif
