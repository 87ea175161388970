/* The way to a zone's own servers: its NS records, their addresses, the question. */
#include "harness/posture/engine/authority.h"

#include <stdlib.h>
#include <string.h>

#include "harness/dns/rdata.h"
#include "harness/dns/resolver_live.h"

enum { ZONES_MAX = 16, HOSTS_MAX = 4, SERVERS_MAX = 8, SERVER_TEXT_MAX = IP_TEXT_MAX + 8, AUTHORITY_MS = 3000 };

struct servers {
	char text[SERVERS_MAX][SERVER_TEXT_MAX];
	const char *list[SERVERS_MAX];
	size_t count;
};

static void add_server(const struct check *check, const struct ip *ip, struct servers *servers)
{
	uint16_t port = check_params(check)->dns_port;
	char address[IP_TEXT_MAX];
	if (servers->count == SERVERS_MAX)
		return;
	char *text = servers->text[servers->count];
	snprintf(text, SERVER_TEXT_MAX, ip->v6 ? "[%s]:%u" : "%s:%u", ip_format(ip, address), port ? port : 53u);
	servers->list[servers->count++] = text;
}

/* The addresses of all hosts at once. */
static void add_addresses(struct check *check, char (*hosts)[DNS_NAME_TEXT_MAX], size_t count, struct servers *servers)
{
	struct dns_question questions[2 * HOSTS_MAX];
	struct dns_answer answers[2 * HOSTS_MAX] = { 0 };
	struct ip ip;
	for (size_t i = 0; i < count; i++) {
		questions[2 * i] = (struct dns_question){ hosts[i], DNS_A };
		questions[2 * i + 1] = (struct dns_question){ hosts[i], DNS_AAAA };
	}
	if (count == 0 || check_ask_once(check, questions, 2 * count, answers) < 0)
		return;
	for (size_t i = 0; i < 2 * count; i++) {
		for (size_t k = 0; k < answers[i].count; k++)
			if (rdata_address(&answers[i].records[k], &ip))
				add_server(check, &ip, servers);
		dns_answer_fini(&answers[i]);
	}
}

/* The servers of the nearest zone at or above the name; all that may be one are asked about at once, since a resolver
 * that fails at a name may do so whatever is asked of it. */
static void find_servers(struct check *check, const char *name, struct servers *servers)
{
	struct dns_question questions[ZONES_MAX];
	struct dns_answer answers[ZONES_MAX] = { 0 };
	char hosts[HOSTS_MAX][DNS_NAME_TEXT_MAX];
	size_t zones = 0, count = 0;
	for (; name && strcmp(name, ".") != 0 && zones < ZONES_MAX; name = dns_name_parent(name))
		questions[zones++] = (struct dns_question){ name, DNS_NS };
	if (zones == 0 || check_ask_once(check, questions, zones, answers) < 0)
		return;
	for (size_t i = 0; i < zones && count == 0; i++)
		for (size_t k = 0; count < HOSTS_MAX && k < answers[i].count; k++)
			count += rdata_name(&answers[i].records[k], hosts[count]);
	for (size_t i = 0; i < zones; i++)
		dns_answer_fini(&answers[i]);
	add_addresses(check, hosts, count, servers);
}

void authority_ask(struct check *check, const struct dns_question *question, struct dns_answer *answer)
{
	struct servers servers = { .count = 0 };
	struct error err = ERROR_INIT;
	_cleanup_(resolver_free_p) struct resolver *resolver = NULL;
	find_servers(check, question->name, &servers);
	int64_t left = deadline_left_ms(check_deadline(check));
	if (servers.count == 0 || left == 0)
		return;
	const struct resolver_live_options options = { .servers = servers.list,
						       .server_count = servers.count,
						       .timeout_ms = left < AUTHORITY_MS ? left : AUTHORITY_MS };
	struct dns_answer better = { 0 };
	if (resolver_live_new(&options, &resolver, &err) < 0 ||
	    resolver_ask(resolver, question->name, question->type, &better, &err) < 0)
		return;
	if (better.state == DNS_ANSWERED) {
		dns_answer_fini(answer);
		*answer = better;
	} else {
		dns_answer_fini(&better);
	}
}
