/* A look at everything about the sending domain that a provider looks at, before anything is sent: records, servers,
 * messages. Asks in parallel, under one deadline; says what is, not whether that is enough (judge/rule.h). */
#ifndef ENGINE_POSTURE_H
#define ENGINE_POSTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/base/ip.h"
#include "harness/base/span.h"
#include "harness/dns/resolver.h"
#include "harness/model/evaluation.h"
#include "harness/model/finding.h"
#include "harness/model/words.h"

/* A message as it would be sent. */
struct posture_message {
	const char *name;
	enum stream stream;
	struct span octets;   /* composed */
	struct span template; /* as the user wrote it */
};

/* An address that a stored run was sent from, as a provider saw it. */
struct posture_sender {
	struct ip ip;
	const char *helo; /* NULL where not known */
};

/* A host that the user has declared to be their own ([outbound HOST] own = yes). */
struct posture_outbound {
	const char *host;
	uint16_t port;
	const char *probe_to; /* a mailbox of the user's own, outside of the service's domain, to which a relayed
				 message would come; NULL: a RCPT that is accepted is not confirmed by DATA */
	unsigned connections; /* never more at once */
};

/* Where a message with a token is. */
struct posture_arrival {
	const char *token; /* what its X-Postproof-Tag says (mail/tag.h); given by who asks */
	bool arrived;
	bool inbox;   /* it is in INBOX */
	char *folder; /* name of its folder, escaped; the asker's to free, as the next */
	char *header; /* its header block, as received; NULL-terminated */
};

/* A look into mailboxes of the user's own, given by who has sessions to them. */
struct posture_mailbox {
	/* Returns when a message with each of the tokens has come to the address, at the deadline at the latest, with
	 * arrivals[] filled in. Errors: the mailbox is not known, or could not be read. Any thread. */
	int (*await)(void *user, const char *address, struct posture_arrival *arrivals, size_t count,
		     struct deadline deadline, struct error *err);
	void *user;
};

/* The receiving side: a mailbox that the user gives, at the servers of its domain. */
struct posture_inbound {
	const char *address;
	uint16_t port;        /* of the servers: 25 */
	const char *probe_to; /* as in posture_outbound */
	unsigned connections; /* to each server, never more at once */
	int64_t wait_ms;      /* how long accepted messages are waited for */
};

/* When a person last confirmed to have read a token that was sent to the From address. */
struct posture_reply {
	bool confirmed;
	int64_t at_ms, until_ms;
	const char *who; /* what the person wrote, or NULL */
};

/* Everything is borrowed for the call. NULL or 0 where there is none; a check whose input is missing says nothing, or
 * that it was not tested where a rule could want it. */
struct posture_params {
	const char *domain;           /* of the service, in the form of harness/model/dns.h */
	const char *from_address;     /* `hello@example.service.gov.uk` */
	const char *from_name;        /* display name, "" where there is none */
	const char *reply_to;         /* address; NULL: as From */
	const char *envelope_domain;  /* of the envelope sender */
	const char *const *selectors; /* of DKIM keys: configured, and seen in stored runs */
	size_t selector_count;
	const struct posture_sender *senders;
	size_t sender_count;
	const struct evaluation *const
	    *evaluations; /* of messages of the newest run: whether they would pass p=reject */
	const char *const
	    *evaluation_messages; /* name of the message (posture_message) of each of them; NULL: not known */
	size_t evaluation_count;
	const struct posture_message *messages;
	size_t message_count;
	const struct posture_outbound *outbounds;
	size_t outbound_count;
	const struct posture_inbound *inbound; /* only for inbound_run (inbound.h) */
	const struct posture_mailbox *mailbox;
	const char *const *address_blocklists; /* zones, RFC 5782 */
	size_t address_blocklist_count;
	const char *const *domain_blocklists;
	size_t domain_blocklist_count;
	const struct posture_reply *reply;
	const char *spamd;    /* `HOST:PORT` of a SpamAssassin spamd; NULL: none */
	const char *rspamd;   /* `http://HOST:PORT` of Rspamd; NULL: none */
	const char *ca_file;  /* trusted certificates (PEM) for MX, policy host and links; NULL: the system's */
	const char *helo;     /* what we call ourselves in SMTP */
	uint16_t mx_port;     /* of MX hosts; 0: 25 */
	uint16_t policy_port; /* of the host of the MTA-STS policy; 0: 443 */
	struct resolver *resolver;
	int64_t question_ms; /* most time that the resolver takes: later before the end than that nothing is asked */
	uint16_t dns_port;   /* of authoritative servers, which are asked where the resolver fails; 0: 53 */
	int64_t now_ms;      /* wall clock: expiry of certificates and confirmations */
	int64_t timeout_ms;  /* for all of it */
	const struct findings *previous; /* of an earlier run: the last good evidence of what cannot be tested now */
};

/* What it cost. */
struct posture_cost {
	size_t questions; /* to the DNS */
	size_t connections;
	int64_t took_ms;
};

#endif
