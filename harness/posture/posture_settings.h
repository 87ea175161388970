/* The settings of the look at the sending domain, and at the service's own servers. */
#ifndef POSTURE_POSTURE_SETTINGS_H
#define POSTURE_POSTURE_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/base/secret.h"
#include "harness/base/setting.h"
#include "harness/model/imap_security.h"
#include "harness/model/sasl_mechanism.h"

/* [check], without what is of rules (harness/judge/rule_settings.h): the look at the sending domain. */
struct check_settings {
	char *selectors; /* of DKIM keys, separated by commas, beside those that stored runs show; NULL: none */
	char *address_blocklists; /* zones, separated by commas; NULL: none */
	char *domain_blocklists;
	char *spamassassin;     /* `HOST:PORT` of a spamd; NULL: none */
	char *rspamd;           /* `http://HOST:PORT`; NULL: none */
	char *ca_file;          /* NULL: the system's */
	char *helo;             /* NULL: this machine's name */
	char *resolvers;        /* that `dns wait` asks beside the authoritative servers; as dns_settings.servers */
	int64_t timeout_ms;     /* of the whole look */
	int64_t reply_valid_ms; /* so long the word of a reader counts */
};

/* [outbound HOST]: a host that sends for the service. */
struct outbound_settings {
	char *host;
	bool own;             /* the user's: only then it is tried out */
	uint64_t port;        /* never 0 */
	char *probe_to;       /* NULL: a RCPT that is accepted is not confirmed by DATA */
	uint64_t connections; /* at once */
	unsigned line;        /* of its section */
};

/* [inbound]: a mailbox at the service's own servers, for the tests of the receiving side; address NULL: there is none.
 */
struct inbound_settings {
	char *address;
	char *host;
	uint64_t port; /* of IMAP; never 0 */
	enum imap_security security;
	char *user;
	struct secret_ref *password;
	enum sasl_mechanism mechanism;
	char *ca_file;        /* NULL: the system's */
	char *probe_to;       /* as in outbound_settings */
	uint64_t connections; /* to each MX at once */
	int64_t wait_ms;      /* for the messages to arrive */
};

extern const struct setting_table check_settings_table;
extern const struct setting_table outbound_settings_table;
extern const struct setting_table inbound_settings_table;

#endif
