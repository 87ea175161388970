/* Questions to the DNS about the way of mail: first the MX records, then all else at once. */
#include "harness/posture/engine/mx_route.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/dns/rdata.h"
#include "harness/posture/engine/ask.h"
#include "harness/posture/engine/publish.h"

enum { OF_HOST = 3, TLSA_NAME_MAX = DNS_NAME_TEXT_MAX + 16 };

void mx_route_fini(struct mx_route *route)
{
	for (size_t i = 0; i < route->host_count; i++) {
		dns_answer_fini(&route->hosts[i].a);
		dns_answer_fini(&route->hosts[i].aaaa);
		dns_answer_fini(&route->hosts[i].tlsa);
	}
	dns_answer_fini(&route->mx);
	route->host_count = 0;
}

static void mx_route_add_host(struct mx_route *route, const char *name, uint16_t preference)
{
	struct mx_host *hosts = route->hosts;
	size_t at = route->host_count;
	for (size_t i = 0; i < route->host_count; i++)
		if (strcmp(hosts[i].name, name) == 0)
			return;
	while (at > 0 && hosts[at - 1].preference > preference)
		at--;
	if (at == MX_HOSTS_MAX)
		return;
	/* The least preferred one makes room. */
	size_t kept = route->host_count < MX_HOSTS_MAX ? route->host_count : MX_HOSTS_MAX - 1;
	memmove(&hosts[at + 1], &hosts[at], (kept - at) * sizeof(*hosts));
	hosts[at] = (struct mx_host){ .preference = preference };
	span_copy(span_of(name), hosts[at].name, sizeof(hosts[at].name));
	route->host_count = kept + 1;
}

static void read_mx(struct mx_route *route)
{
	char name[DNS_NAME_TEXT_MAX];
	uint16_t preference = 0;
	for (size_t i = 0; i < route->mx.count; i++) {
		if (!rdata_mx(&route->mx.records[i], &preference, name))
			continue;
		if (strcmp(name, ".") == 0)
			route->null_mx = true;
		else
			mx_route_add_host(route, name, preference);
	}
	if (route->mx.count == 0)
		mx_route_add_host(route, route->domain, 0);
}

static void read_addresses(struct mx_host *host, const struct dns_answer *answer)
{
	size_t found = 0;
	for (size_t i = 0; i < answer->count && found < MX_FAMILY_MAX; i++)
		if (rdata_address(&answer->records[i], &host->addresses[host->address_count])) {
			host->address_count++;
			found++;
		}
}

/* The root is signed, so whoever validates finds it secure. */
static bool asks_for_root(const struct mx_route *route)
{
	return route->mx.security != DNS_SECURE && route->mx.at_ms != 0;
}

static int ask_hosts(struct check *check, struct mx_route *route, char (*tlsa)[TLSA_NAME_MAX])
{
	struct dns_question questions[OF_HOST * MX_HOSTS_MAX + 1];
	struct dns_answer answers[OF_HOST * MX_HOSTS_MAX + 1] = { 0 };
	size_t count = 0;
	for (size_t i = 0; i < route->host_count; i++) {
		const char *name = route->hosts[i].name;
		snprintf(tlsa[i], TLSA_NAME_MAX, "_25._tcp.%s", name);
		questions[count++] = (struct dns_question){ name, DNS_A };
		questions[count++] = (struct dns_question){ name, DNS_AAAA };
		questions[count++] = (struct dns_question){ tlsa[i], DNS_TLSA };
	}
	size_t hosts = count;
	if (asks_for_root(route))
		questions[count++] = (struct dns_question){ ".", DNS_DNSKEY };
	if (check_ask(check, questions, count, answers) < 0)
		return -1;
	for (size_t i = 0; i < route->host_count; i++) {
		struct mx_host *host = &route->hosts[i];
		host->a = answers[OF_HOST * i];
		host->aaaa = answers[OF_HOST * i + 1];
		host->tlsa = answers[OF_HOST * i + 2];
		read_addresses(host, &host->a);
		read_addresses(host, &host->aaaa);
	}
	route->validated = route->mx.security == DNS_SECURE || (count > hosts && answers[hosts].security == DNS_SECURE);
	if (count > hosts)
		dns_answer_fini(&answers[hosts]);
	return 0;
}

int mx_route_find(struct check *check, const char *domain, struct mx_route *ret)
{
	const struct dns_question question = { domain, DNS_MX };
	char(*tlsa)[TLSA_NAME_MAX] = calloc(MX_HOSTS_MAX, sizeof(*tlsa));
	*ret = (struct mx_route){ .domain = domain };
	if (!tlsa)
		check_memory(check);
	int result = tlsa ? check_ask(check, &question, 1, &ret->mx) : -1;
	if (result == 0 && ret->mx.state == DNS_ANSWERED) {
		read_mx(ret);
		result = ask_hosts(check, ret, tlsa);
	}
	free(tlsa);
	if (result < 0)
		mx_route_fini(ret);
	return result;
}

bool mx_host_is_absent(const struct mx_host *host)
{
	return host->a.state == DNS_ANSWERED && host->aaaa.state == DNS_ANSWERED && host->address_count == 0;
}

enum finding_state mx_route_signed(const struct mx_route *route, const struct dns_answer *answer,
				   const char **ret_words)
{
	*ret_words = "signed, but the signature does not hold";
	if (answer->security == DNS_BOGUS)
		return FINDING_BAD;
	*ret_words = "not to be had";
	if (answer->state != DNS_ANSWERED)
		return FINDING_OPEN;
	*ret_words = "signed, and the signature holds";
	if (answer->security == DNS_SECURE)
		return FINDING_GOOD;
	*ret_words = "in a zone file, which has no signatures";
	if (answer->at_ms == 0)
		return FINDING_OPEN;
	*ret_words = route->validated ? "not signed" : "from a resolver that has no trust anchor (DNSSEC)";
	return route->validated ? FINDING_BAD : FINDING_OPEN;
}

void mx_mend(const char *domain, struct buf *out)
{
	buf_add_str(out, "publish the servers that take mail for the domain, as in ");
	publish(out, domain, "MX", "10 mail.");
	buf_addf(out, "%s.", domain);
}

const char *mx_route_signed_mend(const struct mx_route *route, const struct dns_answer *answer)
{
	if (route->validated || answer->state != DNS_ANSWERED || answer->at_ms == 0)
		return NULL;
	return "name a file with the DNSKEY or DS records of the root (Debian: /usr/share/dns/root.key of the package "
	       "dns-root-data) in a configuration: [dns] trust_anchor = FILE";
}

enum finding_state mx_host_signed(const struct mx_route *route, const struct mx_host *host, const char **ret_words)
{
	enum finding_state state = FINDING_GOOD;
	const struct dns_answer *answers[] = { &host->a, &host->aaaa };
	*ret_words = "";
	for (size_t i = 0; i < ARRAY_LEN(answers) && state == FINDING_GOOD; i++)
		if (answers[i]->count > 0 || answers[i]->state != DNS_ANSWERED)
			state = mx_route_signed(route, answers[i], ret_words);
	return state;
}
