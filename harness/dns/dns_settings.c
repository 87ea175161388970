/* The settings of [dns]. Data, and what its texts must look like. */
#include "harness/dns/dns_settings.h"

#include "harness/dns/name.h"
#include "harness/dns/name_server.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND };

/* ADDRESS or ADDRESS:PORT, several separated by commas. */
static int dns_check_servers(struct span text, struct error *err)
{
	struct span rest = text, word;
	struct name_server server;
	while (span_next(&rest, ',', &word))
		if (name_server_parse(span_trim(word), &server, err) < 0)
			return -1;
	return 0;
}

static int dns_check_names(struct span text, struct error *err)
{
	struct span rest = text, word;
	char name[DNS_NAME_TEXT_MAX];
	while (span_next(&rest, ',', &word))
		if (!dns_name_make(span_trim(word), name))
			return setting_refuse(err, text, "write names of the DNS, separated by commas");
	return 0;
}

const struct setting_form dns_form_servers = { "IP addresses, separated by commas", dns_check_servers };
const struct setting_form dns_form_names = { "names of the DNS, separated by commas", dns_check_names };

static const struct setting_key dns_keys[] = {
	{ "servers", SETTING_TEXT(dns_settings, servers), .form = &dns_form_servers,
	  .fallback_is = "those of this machine (/etc/resolv.conf)",
	  .help = "Resolvers that our own evaluation asks: ADDRESS or ADDRESS:PORT, separated by commas. An IPv6 "
		  "address with a port stands in brackets." },
	{ "trust_anchor", SETTING_PATH(dns_settings, trust_anchor), .fallback_is = "DNSSEC is not validated",
	  .help = "A file with the DS or DNSKEY records of the root, by which answers are validated (DNSSEC)." },
	{ "timeout", SETTING_DURATION(dns_settings, timeout_ms), .fallback = "5s", .min = 100, .max = MINUTE,
	  .help = "Most time for the answer to one question, tries included." },
};

const struct setting_table dns_settings_table = SETTING_TABLE(dns_keys);
