/* The settings of the look at the sending domain. Data only. */
#include "harness/posture/posture_settings.h"

#include "harness/dns/dns_settings.h"
#include "harness/mail/address_form.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

static const struct setting_key check_keys[] = {
	{ "selectors", SETTING_TEXT(check_settings, selectors), .form = &dns_form_names,
	  .fallback_is = "those that stored runs show",
	  .help =
	      "Selectors of DKIM keys, separated by commas, that are looked at beside those that stored runs show." },
	{ "address_blocklists", SETTING_TEXT(check_settings, address_blocklists), .form = &dns_form_names,
	  .fallback_is = "none is asked",
	  .help = "Zones of blocklists (RFC 5782) that are asked for the addresses that send, separated by commas." },
	{ "domain_blocklists", SETTING_TEXT(check_settings, domain_blocklists), .form = &dns_form_names,
	  .fallback_is = "none is asked",
	  .help = "Zones of blocklists that are asked for the domain, separated by commas." },
	{ "spamassassin", SETTING_TEXT(check_settings, spamassassin), .form = &address_form_peer,
	  .fallback_is = "none is asked", .help = "A spamd that scores the messages, HOST:PORT." },
	{ "rspamd", SETTING_TEXT(check_settings, rspamd), .form = &address_form_http, .fallback_is = "none is asked",
	  .help = "An Rspamd that scores the messages, http://HOST:PORT." },
	{ "ca_file", SETTING_PATH(check_settings, ca_file), .fallback_is = "the system's certificates",
	  .help = "Certificates (PEM) that are trusted instead of the system's, for mail servers, policy hosts and "
		  "links." },
	{ "helo", SETTING_TEXT(check_settings, helo), .form = &address_form_host,
	  .fallback_is = "the name of this machine",
	  .help = "The name that is said in EHLO to the servers that are looked at." },
	{ "resolvers", SETTING_TEXT(check_settings, resolvers), .form = &dns_form_servers,
	  .fallback_is = "those of [dns] servers",
	  .help = "Resolvers that dns wait asks beside the authoritative servers: ADDRESS or ADDRESS:PORT, separated "
		  "by commas." },
	{ "timeout", SETTING_DURATION(check_settings, timeout_ms), .fallback = "30s", .min = 100, .max = HOUR,
	  .help = "Most time for the whole look. What has not ended then is not tested." },
	{ "reply_valid", SETTING_DURATION(check_settings, reply_valid_ms), .fallback = "180d", .min = DAY,
	  .max = 3660 * (int64_t)DAY,
	  .help = "How long the word of a person counts that a code was read (postproof reply)." },
};

static const struct setting_key outbound_keys[] = {
	{ "own", SETTING_BOOL(outbound_settings, own), .fallback = "no",
	  .help = "Whether the host is yours. Only then it is tried out whether it relays mail, or takes it from "
		  "outside." },
	{ "port", SETTING_NUMBER(outbound_settings, port), .fallback = "25", .min = 1, .max = 65535,
	  .help = "Its port." },
	{ "probe_to", SETTING_TEXT(outbound_settings, probe_to), .form = &address_form_mailbox,
	  .fallback_is = "a recipient that it accepts is not tried with a message",
	  .help = "A mailbox of your own outside of the service's domain, one of the seeds, so that it can be looked "
		  "into. Where the host accepts it as a recipient, a message is sent there, since some servers accept "
		  "and discard." },
	{ "connections", SETTING_NUMBER(outbound_settings, connections), .fallback = "4", .min = 1, .max = 64,
	  .help = "Most connections at once." },
};

static const struct setting_key inbound_keys[] = {
	{ "address", SETTING_TEXT(inbound_settings, address), .form = &address_form_mailbox, .required = true,
	  .help = "The mailbox that the test messages are sent to, by the MX of its domain." },
	{ "host", SETTING_TEXT(inbound_settings, host), .form = &address_form_host, .required = true,
	  .help = "The IMAP server on which it is read." },
	{ "port", SETTING_NUMBER(inbound_settings, port), .fallback_is = "993 with tls, else 143", .min = 1,
	  .max = 65535, .help = "Its port." },
	{ "security", SETTING_WORD(inbound_settings, security), .fallback = "tls", .words = imap_security_words,
	  .help =
	      "tls: from the start. starttls: STARTTLS is required. none: plain text, for a server on this machine." },
	{ "user", SETTING_TEXT(inbound_settings, user), .required = true, .help = "The login name." },
	{ "password", SETTING_SECRET(inbound_settings, password), .required = true,
	  .help = "The password, as a reference (see SECRETS)." },
	{ "mechanism", SETTING_WORD(inbound_settings, mechanism), .fallback = "auto", .words = sasl_mechanism_words,
	  .help = SASL_MECHANISM_HELP },
	{ "ca_file", SETTING_PATH(inbound_settings, ca_file), .fallback_is = "the system's certificates",
	  .help = "Certificates (PEM) that are trusted instead of the system's." },
	{ "probe_to", SETTING_TEXT(inbound_settings, probe_to), .form = &address_form_mailbox,
	  .fallback_is = "what an MX accepts for another domain is not confirmed",
	  .help = "A mailbox of your own at another domain, one of the seeds: what the MX would relay is sent there." },
	{ "connections", SETTING_NUMBER(inbound_settings, connections), .fallback = "4", .min = 1, .max = 64,
	  .help = "Most connections at once to an MX that is asked whether it relays." },
	{ "wait", SETTING_DURATION(inbound_settings, wait_ms), .fallback = "1m", .min = SECOND, .max = HOUR,
	  .help = "How long the messages are waited for, and how long deferred ones are tried again." },
};

const struct setting_table check_settings_table = SETTING_TABLE(check_keys);
const struct setting_table outbound_settings_table = SETTING_TABLE(outbound_keys);
const struct setting_table inbound_settings_table = SETTING_TABLE(inbound_keys);
