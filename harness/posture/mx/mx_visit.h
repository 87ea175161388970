/* One connection to one address of an MX host, which answers all questions at once: whether it is there, its STARTTLS,
 * its certificate, and which addresses it takes mail for. Nothing is ever sent but MAIL and RCPT. Private to
 * harness/posture. */
#ifndef MX_MX_VISIT_H
#define MX_MX_VISIT_H

#include "harness/net/tls_stream.h"
#include "harness/posture/engine/mx_route.h"

enum { MX_ASKED_MAX = 4, MX_ADDRESS_MAX = 512, MX_REPLY_MAX = 240 };

/* An address that the host is asked about. */
struct mx_asked {
	const char *id;   /* of the finding */
	const char *mend; /* where it is refused */
	char address[MX_ADDRESS_MAX];
};

struct mx_asking {
	struct mx_asked v[MX_ASKED_MAX];
	size_t count;
};

/* Code 0: none was had. */
struct mx_reply {
	int code;
	bool policy;             /* its enhanced status is of subject 7, security or policy (RFC 3463 section 3.8) */
	char text[MX_REPLY_MAX]; /* `550 5.1.1 no such user`, escaped, cut */
};

struct mx_visit {
	const struct mx_route *route;
	const struct mx_host *host;
	const struct ip *ip;
	const struct mx_asking *asking;

	/* What was seen. */
	struct mx_reply greeting;
	bool hello; /* EHLO or HELO was taken */
	bool offers_starttls;
	struct mx_reply starttls;
	bool handshake; /* then `tls` holds what was shown */
	struct tls_inspection tls;
	struct mx_reply mail[MX_ASKED_MAX]; /* where MAIL was refused */
	struct mx_reply rcpt[MX_ASKED_MAX];
	struct error error;     /* what ended the dialogue, ERROR_NONE where nothing did */
	struct error tls_error; /* why there was no handshake after STARTTLS; the rest was then asked without TLS */
};

/* A job of check_each; the argument is a struct mx_visit with its first four members set. Free with mx_visit_fini. */
check_fn mx_visit;
void mx_visit_fini(struct mx_visit *visit);

#endif
