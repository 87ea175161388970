/* One Received field (RFC 5321 section 4.4), in the many dialects that servers write. */
#ifndef MAIL_RECEIVED_H
#define MAIL_RECEIVED_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/base/span.h"
#include "harness/model/words.h"

/* Spans point into the value that was parsed; empty where not said. */
struct received {
	bool has_from;         /* there is a `from` clause, whatever it says */
	bool name_forged;      /* the server says that from_name does not lead back to the address (`may be forged`) */
	bool from_unclear;     /* what is said of the client is in a form that is not known: from_ip and from_name are
				  empty, and from_helo is all the client's own */
	struct span from_helo; /* what the client called itself, literals with brackets */
	struct span from_name; /* the name that the server found for its address (reverse DNS) */
	struct span from_ip;   /* address in text, without brackets, `IPv6:`, `::ffff:`, port */
	struct span by;        /* host that wrote the field */
	struct span with;      /* protocol: `ESMTPS`, `Microsoft SMTP Server`, `HTTP` */
	struct span id;
	struct span for_;          /* recipient, without angle brackets */
	struct span envelope_from; /* `(envelope-from <...>)`, without angle brackets */
	struct span tls_version;   /* as written: `TLSv1.3`, `TLS1_2`, `Tls12` */
	struct span tls_cipher;    /* as written */
	enum hop_tls tls;          /* NONE only where the protocol word says so (RFC 3848: SMTP, ESMTP, ESMTPA...) and
				      nothing else speaks of TLS; without a version that of the cipher suite, where
				      it belongs to one version alone */
	bool has_time;
	int64_t time_ms; /* wall clock; 0 without has_time */
};

/* Reads the value of the field (folds may be in it). Any input gives a result; what is not understood stays empty.
 * Linear, no allocation. */
void received_parse(struct received *r, struct span value);

#endif
