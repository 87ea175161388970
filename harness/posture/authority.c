/* The way to a zone's own servers: its NS records, their addresses, the question. */
#include "harness/posture/authority.h"

#include <stdlib.h>
#include <string.h>

#include "harness/dns/rdata.h"
#include "harness/dns/resolver_live.h"

enum { SERVERS_MAX = 8, AUTHORITY_MS = 3000 };

struct servers {
	char text[SERVERS_MAX][IP_TEXT_MAX];
	const char *list[SERVERS_MAX];
	size_t count;
};

static int ask(struct check *check, const char *name, enum dns_type type, struct dns_answer *ret)
{
	struct error err = ERROR_INIT;
	return resolver_ask(check_params(check)->resolver, name, type, ret, &err);
}

static void add_addresses(struct check *check, const char *host, enum dns_type type, struct servers *servers)
{
	_cleanup_(dns_answer_fini) struct dns_answer answer = { 0 };
	struct ip ip;
	if (ask(check, host, type, &answer) < 0)
		return;
	for (size_t i = 0; i < answer.count && servers->count < SERVERS_MAX; i++) {
		if (!rdata_address(&answer.records[i], &ip))
			continue;
		char *text = servers->text[servers->count];
		servers->list[servers->count++] = ip_format(&ip, text);
	}
}

/* The servers of the nearest zone at or above the name. */
static void find_servers(struct check *check, const char *name, struct servers *servers)
{
	for (; name && strcmp(name, ".") != 0 && !deadline_passed(check_deadline(check));
	     name = dns_name_parent(name)) {
		_cleanup_(dns_answer_fini) struct dns_answer answer = { 0 };
		char host[DNS_NAME_TEXT_MAX];
		if (ask(check, name, DNS_NS, &answer) < 0 || answer.state == DNS_FAILED)
			return;
		for (size_t i = 0; i < answer.count; i++) {
			if (!rdata_name(&answer.records[i], host))
				continue;
			add_addresses(check, host, DNS_A, servers);
			add_addresses(check, host, DNS_AAAA, servers);
		}
		if (answer.count > 0)
			return;
	}
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
