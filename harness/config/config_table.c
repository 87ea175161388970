/* The table of the configuration. Data only. */
#include "harness/config/config_table.h"

#include <string.h>

#include "harness/base/compiler.h"
#include "harness/config/config.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

static const char *const starttls_words[] = { "required", "none", NULL };
static const char *const security_words[] = { "tls", "starttls", "none", NULL };
static const char *const run_check_words[] = { "warn", "enforce", "off", NULL };
static const char *const stream_words[] = { "transactional", "marketing", NULL };

#define FIELD(structure, field) .offset = offsetof(struct structure, field)

static const struct config_key service_keys[] = {
	{ "from", CONFIG_FROM, FIELD(config_service, from), .required = true,
	  .help =
	      "The From header of the messages, as the service writes it: an address, with a display name in front of "
	      "it or not. Templates that have a From of their own must use the same address." },
	{ "envelope_sender", CONFIG_SENDER, FIELD(config_service, envelope_sender),
	  .fallback_is = "the address of from",
	  .help = "The sender of the SMTP envelope, where bounces go. With {tag} in it every message has a sender of "
		  "its own, "
		  "by which a bounce is matched: bounces+{tag}@example.org. [bounces] needs that." },
	{ "domain", CONFIG_DOMAIN, FIELD(config_service, domain), .fallback_is = "the domain of from",
	  .help = "The domain that stands in the Message-ID." },
};

static const struct config_key smtp_keys[] = {
	{ "url", CONFIG_URL, FIELD(config_smtp, url), .required = true,
	  .help = "The service's own mail server, which the messages are handed to: smtp://HOST[:PORT] (port 25 where "
		  "none is "
		  "given), or smtps://HOST[:PORT] for TLS from the start (465). An IPv6 address stands in brackets." },
	{ "starttls", CONFIG_WORD, FIELD(config_smtp, starttls), .fallback = "required", .words = starttls_words,
	  .help = "required: nothing is sent without STARTTLS and a certificate that holds. none: plain text, for a "
		  "server on "
		  "this machine. Of no effect with smtps://." },
	{ "user", CONFIG_TEXT, FIELD(config_smtp, user), .fallback_is = "no authentication",
	  .help = "The login name. password must be given as well." },
	{ "password", CONFIG_SECRET, FIELD(config_smtp, password), .fallback_is = "no authentication",
	  .help = "The password, as a reference (see SECRETS)." },
	{ "ca_file", CONFIG_PATH, FIELD(config_smtp, ca_file), .fallback_is = "the system's certificates",
	  .help = "Certificates (PEM) that are trusted instead of the system's." },
	{ "helo", CONFIG_HOST, FIELD(config_smtp, helo), .fallback_is = "the name of this machine",
	  .help = "The name that is said in EHLO." },
	{ "connections", CONFIG_NUMBER, FIELD(config_smtp, connections), .fallback = "4", .min = 1, .max = 64,
	  .help = "Most connections at once." },
	{ "pace", CONFIG_DURATION, FIELD(config_smtp, pace_ms), .fallback = "1s", .min = 0, .max = HOUR,
	  .help = "Least time between two messages to the same provider." },
	{ "timeout", CONFIG_DURATION, FIELD(config_smtp, timeout_ms), .fallback = "30s", .min = 100, .max = HOUR,
	  .help = "Most time for connecting, and for each reply." },
	{ "retry", CONFIG_DURATION, FIELD(config_smtp, retry_ms), .fallback = "10s", .min = 100, .max = HOUR,
	  .help = "The first wait after a temporary failure. Each further one is longer." },
};

static const struct config_key message_keys[] = {
	{ "template", CONFIG_PATH, FIELD(config_message, template_path), .required = true,
	  .help = "The message, an .eml file with {{to}} in its To header. {{tag}}, {{date}}, {{from}} and own "
		  "variables may "
		  "stand in it too." },
	{ "stream", CONFIG_WORD, FIELD(config_message, stream), .fallback = "transactional", .words = stream_words,
	  .help = "transactional: the recipient asked for this one message. marketing: a list or a campaign. Rules for "
		  "senders differ." },
	{ "subject_tag", CONFIG_BOOL, FIELD(config_message, subject_tag), .fallback = "no",
	  .help =
	      "Whether the tag stands at the end of the subject as well: for relays that rewrite both Message-ID and "
	      "headers of our own." },
};

static const struct config_key seed_keys[] = {
	{ "provider", CONFIG_TEXT, FIELD(seed, provider), .required = true,
	  .help = "The profile of the provider where the mailbox is: a shipped one, or a [provider] section." },
	{ "user", CONFIG_TEXT, FIELD(seed, user),
	  .fallback_is = "what the user key of the profile makes of the address",
	  .help = "The login name of the mailbox." },
	{ "password", CONFIG_SECRET, FIELD(seed, password), .fallback_is = "an error, unless the provider needs OAuth",
	  .help = "The password, as a reference (see SECRETS). Many providers want an app password here." },
};

static const struct config_key provider_keys[] = {
	{ "ca_file", CONFIG_PATH, FIELD(config_provider, ca_file), .fallback_is = "the system's certificates",
	  .help =
	      "Certificates (PEM) that are trusted instead of the system's, for a provider with its own authority." },
};

static const struct config_key bounces_keys[] = {
	{ "host", CONFIG_HOST, FIELD(config_bounces, host), .required = true,
	  .help = "The IMAP server of the mailbox where bounces arrive." },
	{ "port", CONFIG_NUMBER, FIELD(config_bounces, port), .fallback_is = "993 with tls, else 143", .min = 1,
	  .max = 65535, .help = "Its port." },
	{ "security", CONFIG_WORD, FIELD(config_bounces, security), .fallback = "tls", .words = security_words,
	  .help =
	      "tls: from the start. starttls: STARTTLS is required. none: plain text, for a server on this machine." },
	{ "user", CONFIG_TEXT, FIELD(config_bounces, user), .required = true, .help = "The login name." },
	{ "password", CONFIG_SECRET, FIELD(config_bounces, password), .required = true,
	  .help = "The password, as a reference (see SECRETS)." },
	{ "ca_file", CONFIG_PATH, FIELD(config_bounces, ca_file), .fallback_is = "the system's certificates",
	  .help = "Certificates (PEM) that are trusted instead of the system's." },
	{ "folder", CONFIG_TEXT, FIELD(config_bounces, folder), .fallback = "INBOX",
	  .help = "The folder that is read." },
};

static const struct config_key dns_keys[] = {
	{ "servers", CONFIG_SERVERS, FIELD(config_dns, servers),
	  .fallback_is = "those of this machine (/etc/resolv.conf)",
	  .help =
	      "Resolvers that our own evaluation asks: ADDRESS or ADDRESS:PORT, separated by commas. An IPv6 address "
	      "with a port stands in brackets." },
	{ "trust_anchor", CONFIG_PATH, FIELD(config_dns, trust_anchor), .fallback_is = "DNSSEC is not validated",
	  .help = "A file with the DS or DNSKEY records of the root, by which answers are validated (DNSSEC)." },
	{ "timeout", CONFIG_DURATION, FIELD(config_dns, timeout_ms), .fallback = "5s", .min = 100, .max = MINUTE,
	  .help = "Most time for the answer to one question, tries included." },
};

static const struct config_key check_keys[] = {
	{ "rules", CONFIG_RULES, FIELD(config_check, rules), .fallback = "gmail, yahoo, microsoft, uk-gov, rfc",
	  .help =
	      "Rule packs by which findings are judged: names of those that are shipped, and paths (with a / in them) "
	      "of "
	      "your own, separated by commas." },
	{ "waive", CONFIG_WAIVERS, FIELD(config_check, waive), .fallback_is = "nothing is waived",
	  .help =
	      "A rule, or a finding, that may be broken until a day: RULE until DATE because TEXT. It is shown, and "
	      "ends by "
	      "itself. May be given several times." },
	{ "selectors", CONFIG_NAMES, FIELD(config_check, selectors), .fallback_is = "those that stored runs show",
	  .help =
	      "Selectors of DKIM keys, separated by commas, that are looked at beside those that stored runs show." },
	{ "address_blocklists", CONFIG_NAMES, FIELD(config_check, address_blocklists), .fallback_is = "none is asked",
	  .help = "Zones of blocklists (RFC 5782) that are asked for the addresses that send, separated by commas." },
	{ "domain_blocklists", CONFIG_NAMES, FIELD(config_check, domain_blocklists), .fallback_is = "none is asked",
	  .help = "Zones of blocklists that are asked for the domain, separated by commas." },
	{ "spamassassin", CONFIG_PEER, FIELD(config_check, spamassassin), .fallback_is = "none is asked",
	  .help = "A spamd that scores the messages, HOST:PORT." },
	{ "rspamd", CONFIG_HTTP, FIELD(config_check, rspamd), .fallback_is = "none is asked",
	  .help = "An Rspamd that scores the messages, http://HOST:PORT." },
	{ "ca_file", CONFIG_PATH, FIELD(config_check, ca_file), .fallback_is = "the system's certificates",
	  .help = "Certificates (PEM) that are trusted instead of the system's, for mail servers, policy hosts and "
		  "links." },
	{ "helo", CONFIG_HOST, FIELD(config_check, helo), .fallback_is = "the name of this machine",
	  .help = "The name that is said in EHLO to the servers that are looked at." },
	{ "resolvers", CONFIG_SERVERS, FIELD(config_check, resolvers), .fallback_is = "those of [dns] servers",
	  .help =
	      "Resolvers that dns wait asks beside the authoritative servers: ADDRESS or ADDRESS:PORT, separated by "
	      "commas." },
	{ "timeout", CONFIG_DURATION, FIELD(config_check, timeout_ms), .fallback = "30s", .min = 100, .max = HOUR,
	  .help = "Most time for the whole look. What has not ended then is not tested." },
	{ "reply_valid", CONFIG_DURATION, FIELD(config_check, reply_valid_ms), .fallback = "180d", .min = DAY,
	  .max = 3660 * (int64_t)DAY,
	  .help = "How long the word of a person counts that a code was read (postproof reply)." },
};

static const struct config_key outbound_keys[] = {
	{ "own", CONFIG_BOOL, FIELD(config_outbound, own), .fallback = "no",
	  .help = "Whether the host is yours. Only then it is tried out whether it relays mail, or takes it from "
		  "outside." },
	{ "port", CONFIG_NUMBER, FIELD(config_outbound, port), .fallback = "25", .min = 1, .max = 65535,
	  .help = "Its port." },
	{ "probe_to", CONFIG_ADDRESS, FIELD(config_outbound, probe_to),
	  .fallback_is = "a recipient that it accepts is not tried with a message",
	  .help = "A mailbox of your own outside of the service's domain, one of the seeds, so that it can be looked "
		  "into. Where the host accepts it as a recipient, a message is sent there, since some servers accept "
		  "and discard." },
	{ "connections", CONFIG_NUMBER, FIELD(config_outbound, connections), .fallback = "4", .min = 1, .max = 64,
	  .help = "Most connections at once." },
};

static const struct config_key inbound_keys[] = {
	{ "address", CONFIG_ADDRESS, FIELD(config_inbound, address), .required = true,
	  .help = "The mailbox that the test messages are sent to, by the MX of its domain." },
	{ "host", CONFIG_HOST, FIELD(config_inbound, host), .required = true,
	  .help = "The IMAP server on which it is read." },
	{ "port", CONFIG_NUMBER, FIELD(config_inbound, port), .fallback_is = "993 with tls, else 143", .min = 1,
	  .max = 65535, .help = "Its port." },
	{ "security", CONFIG_WORD, FIELD(config_inbound, security), .fallback = "tls", .words = security_words,
	  .help =
	      "tls: from the start. starttls: STARTTLS is required. none: plain text, for a server on this machine." },
	{ "user", CONFIG_TEXT, FIELD(config_inbound, user), .required = true, .help = "The login name." },
	{ "password", CONFIG_SECRET, FIELD(config_inbound, password), .required = true,
	  .help = "The password, as a reference (see SECRETS)." },
	{ "ca_file", CONFIG_PATH, FIELD(config_inbound, ca_file), .fallback_is = "the system's certificates",
	  .help = "Certificates (PEM) that are trusted instead of the system's." },
	{ "probe_to", CONFIG_ADDRESS, FIELD(config_inbound, probe_to),
	  .fallback_is = "what an MX accepts for another domain is not confirmed",
	  .help = "A mailbox of your own at another domain, one of the seeds: what the MX would relay is sent there." },
	{ "connections", CONFIG_NUMBER, FIELD(config_inbound, connections), .fallback = "4", .min = 1, .max = 64,
	  .help = "Most connections at once to an MX that is asked whether it relays." },
	{ "wait", CONFIG_DURATION, FIELD(config_inbound, wait_ms), .fallback = "1m", .min = SECOND, .max = HOUR,
	  .help = "How long the messages are waited for, and how long deferred ones are tried again." },
};

static const struct config_key run_keys[] = {
	{ "check", CONFIG_WORD, FIELD(config_run, check), .fallback = "warn", .words = run_check_words,
	  .help =
	      "warn: a run begins with a look at the sending domain, and shows what fails there as a warning. enforce: "
	      "what "
	      "fails there fails the run. off: it takes no such look." },
	{ "wait", CONFIG_DURATION, FIELD(config_run, wait_ms), .fallback = "10m", .min = 0, .max = 7 * (int64_t)DAY,
	  .help = "How long messages are waited for after the last one was handed over." },
	{ "settle", CONFIG_DURATION, FIELD(config_run, settle_ms), .fallback = "5s", .min = 0, .max = HOUR,
	  .help = "How long a message that was found is watched for being moved to another folder." },
	{ "sweep", CONFIG_BOOL, FIELD(config_run, sweep), .fallback = "yes",
	  .help = "Whether all folders of a mailbox are read once at the end for what is still missing: with no, only "
		  "those "
		  "that are watched (inbox and spam) are." },
	{ "max_messages", CONFIG_NUMBER, FIELD(config_run, max_messages), .fallback = "1000", .min = 1, .max = 1000000,
	  .help = "A run that would send more than this is refused." },
	{ "login_timeout", CONFIG_DURATION, FIELD(config_run, login_timeout_ms), .fallback = "30s", .min = 100,
	  .max = HOUR, .help = "Most time for connecting and logging in to a mailbox." },
	{ "command_timeout", CONFIG_DURATION, FIELD(config_run, command_timeout_ms), .fallback = "30s", .min = 100,
	  .max = HOUR, .help = "Most time for the answer to an IMAP command." },
	{ "workers", CONFIG_NUMBER, FIELD(config_run, workers), .fallback = "64", .min = 1, .max = 64,
	  .help = "Threads that talk to mailboxes, shared out among the providers." },
};

static const struct config_key store_keys[] = {
	{ "path", CONFIG_PATH, FIELD(config_store, path),
	  .fallback_is = "postproof/postproof.sqlite in $XDG_STATE_HOME",
	  .help = "The file that runs are stored in. --store FILE outranks it." },
};

#define KEYS(table) .keys = table, .key_count = ARRAY_LEN(table)

const struct config_section config_sections[SECTION_COUNT] = {
	[SECTION_SERVICE] = { "service", "service", 0, 0, offsetof(struct config, service), KEYS(service_keys),
			      "Who sends." },
	[SECTION_SMTP] = { "smtp", "smtp", 0, 0, offsetof(struct config, smtp), KEYS(smtp_keys), "How it is sent." },
	[SECTION_MESSAGE] = { "message", "message NAME", 1, 1, 0, KEYS(message_keys),
			      "A message that is sent to every seed: one of the service's real mails. NAME stands in "
			      "the "
			      "matrix. There must be at least one." },
	[SECTION_SEED] = { "seed", "seed ADDRESS", 1, 1, 0, KEYS(seed_keys),
			   "A mailbox of your own at a provider. Nothing is ever sent to an address without such a "
			   "section. There "
			   "must be at least one." },
	[SECTION_PROVIDER] = { "provider", "provider NAME", 1, 1, 0, KEYS(provider_keys),
			       "A provider that no shipped profile knows, or changes to the shipped profile of that "
			       "name. Defaults are those of a new provider; a shipped profile has its own." },
	[SECTION_EXPECT] = { "expect", "expect [PROVIDER [MESSAGE]]", 0, 2, 0, NULL, 0,
			     "What must become of a message for its cells to pass. A section with a provider outranks "
			     "the one "
			     "without, and one with provider and message outranks both, key by key." },
	[SECTION_BOUNCES] = { "bounces", "bounces", 0, 0, offsetof(struct config, bounces), KEYS(bounces_keys),
			      "The mailbox where bounces arrive. Without it a message that bounces is missing." },
	[SECTION_DNS] = { "dns", "dns", 0, 0, offsetof(struct config, dns), KEYS(dns_keys),
			  "Where our own evaluation of SPF, DKIM, DMARC and ARC asks the DNS." },
	[SECTION_CHECK] = { "check", "check", 0, 0, offsetof(struct config, check), KEYS(check_keys),
			    "How the sending domain, its servers and its messages are looked at, before anything is "
			    "sent." },
	[SECTION_OUTBOUND] = { "outbound", "outbound HOST", 1, 1, 0, KEYS(outbound_keys),
			       "A host that sends for the service." },
	[SECTION_INBOUND] = { "inbound", "inbound", 0, 0, offsetof(struct config, inbound), KEYS(inbound_keys),
			      "A mailbox at the service's own servers, for postproof inbound: what they do with mail "
			      "that they should not take." },
	[SECTION_RUN] = { "run", "run", 0, 0, offsetof(struct config, run), KEYS(run_keys), "How long and how much." },
	[SECTION_STORE] = { "store", "store", 0, 0, offsetof(struct config, store), KEYS(store_keys),
			    "Where runs are kept." },
};

const struct config_key *config_key_find(const struct config_section *section, const char *name)
{
	for (size_t i = 0; i < section->key_count; i++)
		if (strcmp(section->keys[i].name, name) == 0)
			return &section->keys[i];
	return NULL;
}
