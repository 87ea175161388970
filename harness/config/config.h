/* The configuration as data: what a file (config_load.h) or a stored plan (config_stored.h) was read into. */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/error.h"
#include "harness/base/secret.h"
#include "harness/model/words.h"
#include "harness/send/smtp_starttls.h"
#include "providers/imap_security.h"
#include "seeds/seed.h"

struct profile;      /* providers/profile.h */
struct expectations; /* harness/judge/expect.h */

struct config_service {
	char *from;            /* as written: `Shop <no-reply@shop.example>` */
	char *from_name;       /* display name without quotes, "" where there is none */
	char *from_address;    /* `no-reply@shop.example` */
	char *envelope_sender; /* RFC 5321 reverse-path; may hold `{tag}` (VERP). Default: from_address */
	char *domain;          /* default: the domain of from_address */
};

struct config_smtp {
	char *url; /* `smtp://HOST[:PORT]` or `smtps://HOST[:PORT]` */
	enum smtp_starttls starttls;
	char *user; /* NULL: no authentication; else password is there as well */
	struct secret_ref *password;
	char *ca_file;        /* absolute or relative to the working directory; NULL: the system's */
	char *helo;           /* name said in EHLO; NULL: this machine's */
	uint64_t connections; /* at once */
	int64_t pace_ms;      /* between two messages to one provider */
	int64_t timeout_ms;   /* of each step: connect, reply, data */
	unsigned line;        /* of its section */
	int64_t retry_ms;     /* first wait after a temporary failure; each further one is longer */
};

struct config_var {
	char *name; /* without `var.` */
	char *value;
};

struct config_message {
	char *name;
	char *template_path;
	enum stream stream;
	bool subject_tag; /* the tag stands in the subject as well */
	struct config_var *vars;
	size_t var_count;
	unsigned line; /* of its section; 0 where it was rebuilt from settings */
};

struct config_provider {
	char *name;
	struct profile *profile; /* shipped profile with the overrides of the configuration, or a new one */
	char *ca_file;           /* further trusted certificates (PEM); NULL: the system's alone */
	unsigned line;           /* of its section; 0 for a shipped profile without one */
};

/* The mailbox where bounces arrive; host NULL: there is none. */
struct config_bounces {
	char *host;
	uint64_t port; /* never 0 */
	enum imap_security security;
	char *user;
	struct secret_ref *password;
	char *ca_file; /* NULL: the system's */
	char *folder;
	unsigned line; /* of its section */
};

/* Where our own evaluation asks the DNS. */
struct config_dns {
	char *servers;      /* `ADDR[:PORT]`, separated by commas; NULL: those of this machine */
	char *trust_anchor; /* file; NULL: DNSSEC is not validated here */
	int64_t timeout_ms; /* of each question */
};

/* The look at the sending domain. */
struct config_check {
	char *rules;     /* names of rule packs and paths, separated by commas */
	char *waive;     /* waivers, one a line; NULL: none */
	char *selectors; /* of DKIM keys, separated by commas, beside those that stored runs show; NULL: none */
	char *address_blocklists; /* zones, separated by commas; NULL: none */
	char *domain_blocklists;
	char *spamassassin;     /* `HOST:PORT` of a spamd; NULL: none */
	char *rspamd;           /* `http://HOST:PORT`; NULL: none */
	char *ca_file;          /* NULL: the system's */
	char *helo;             /* NULL: this machine's name */
	char *resolvers;        /* that `dns wait` asks beside the authoritative servers; as config_dns.servers */
	int64_t timeout_ms;     /* of the whole look */
	int64_t reply_valid_ms; /* so long the word of a reader counts */
	unsigned line;          /* of its section */
};

/* A host that sends for the service. */
struct config_outbound {
	char *host;
	bool own;             /* the user's: only then it is tried out */
	uint64_t port;        /* never 0 */
	char *probe_to;       /* NULL: a RCPT that is accepted is not confirmed by DATA */
	uint64_t connections; /* at once */
	unsigned line;        /* of its section */
};

/* A mailbox at the service's own servers, for the tests of the receiving side; address NULL: there is none. */
struct config_inbound {
	char *address;
	char *host;
	uint64_t port; /* of IMAP; never 0 */
	enum imap_security security;
	char *user;
	struct secret_ref *password;
	char *ca_file;        /* NULL: the system's */
	char *probe_to;       /* as in config_outbound */
	uint64_t connections; /* to each MX at once */
	int64_t wait_ms;      /* for the messages to arrive */
	unsigned line;        /* of its section */
};

/* What becomes of the findings of a run: only shown (failures as warnings), counted for its exit status, or not asked
 * for. */
enum config_run_check { RUN_CHECK_WARN, RUN_CHECK_ENFORCE, RUN_CHECK_OFF };

struct config_run {
	enum config_run_check check;
	int64_t wait_ms;            /* from the last hand-over until what was not found is swept for */
	int64_t settle_ms;          /* a found message is watched so long for being moved */
	bool sweep;                 /* read all folders once for what is still missing */
	uint64_t max_messages;      /* a plan with more is refused */
	int64_t login_timeout_ms;   /* connect, TLS and login of an IMAP session together */
	int64_t command_timeout_ms; /* of each IMAP command */
	uint64_t workers;           /* threads, 1 to POOL_THREADS_MAX */
};

struct config_store {
	char *path; /* NULL: config_default_store() */
};

struct config {
	char *path; /* of the file; "" where it was rebuilt from settings */
	struct config_service service;
	struct config_smtp smtp;
	struct config_message *messages; /* in the order of the file */
	size_t message_count;
	struct seed_list seeds;
	struct config_provider *providers; /* those of the file and those that a seed names */
	size_t provider_count;
	struct expectations *expect;
	struct config_bounces bounces;
	struct config_dns dns;
	struct config_check check;
	struct config_outbound *outbounds; /* in the order of the file */
	size_t outbound_count;
	struct config_inbound inbound;
	struct config_run run;
	struct config_store store;
};

/* A configuration of defaults, with the path of its file, or "". Errors: memory. */
int config_new(const char *path, struct config **ret, struct error *err);
void config_free(struct config *config); /* NULL is allowed */
void config_free_p(struct config **config);

/* The provider of that name, or NULL. Borrowed. */
const struct config_provider *config_provider(const struct config *config, const char *name);
const struct config_message *config_message(const struct config *config, const char *name);

#endif
