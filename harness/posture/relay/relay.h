/* Whether a server relays mail of strangers for strangers: it is asked for a mailbox of a foreign domain in every form
 * of relay_forms.h, and what it accepts is sent there with a token, since some servers accept and discard. Private to
 * harness/posture. */
#ifndef RELAY_RELAY_H
#define RELAY_RELAY_H

#include "harness/posture/engine/check.h"

/* One server. All borrowed for the call. */
struct relay_host {
	const char *host; /* its name: subject of the findings is `mx.example.org [192.0.2.1]` */
	uint16_t port;
	const char *probe_to;   /* foreign mailbox of the user's own; NULL: nothing is ever sent, recipients are at
				   example.com (RFC 2606) */
	unsigned connections;   /* never more at once */
	const char *relay_id;   /* of the finding whether it relays */
	const char *refuse_id;  /* whether it refuses all of them in the dialogue; NULL: not reported */
	const char *inbound_id; /* whether it refuses mail for the service's From address; NULL: not asked */
};

/* Finds the host's addresses, asks at each, waits for what was accepted to come to probe_to, and reports. Returns by
 * the deadline of the check. Any thread. */
void relay_check(struct check *check, const struct relay_host *host);

#endif
