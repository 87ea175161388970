/* The servers of a wait: zones, their NS records, all addresses of those; and resolvers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/compiler.h"
#include "harness/base/vec.h"
#include "harness/dns/name.h"
#include "harness/dns/name_server.h"
#include "harness/dns/rdata.h"
#include "harness/dns_wait/dns_wait_plan.h"

enum { LABEL_MAX = 400, LIST_MAX = 8000 };

/* Questions of one kind, asked at once. Names are borrowed. */
struct dns_wait_servers_list {
	struct dns_question *questions;
	struct dns_answer *answers; /* NULL until asked */
	size_t count, cap;
};

static void list_fini(struct dns_wait_servers_list *list)
{
	for (size_t i = 0; list->answers && i < list->count; i++)
		dns_answer_fini(&list->answers[i]);
	free(list->answers);
	free(list->questions);
}

static int list_add(struct dns_wait_servers_list *list, const char *name, enum dns_type type, struct error *err)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->questions[i].type == type && strcmp(list->questions[i].name, name) == 0)
			return 0;
	if (list->count == LIST_MAX)
		return 0;
	if (vec_grow(&list->questions, list->count, &list->cap, sizeof(*list->questions), err) < 0)
		return -1;
	list->questions[list->count++] = (struct dns_question){ name, type };
	return 0;
}

static int list_ask(struct dns_wait_servers_list *list, struct resolver *resolver, struct error *err)
{
	struct dns_answer *answers = calloc(list->count + 1, sizeof(*answers));
	if (!answers)
		return error_memory(err);
	if (resolver_ask_many(resolver, list->questions, list->count, answers, err) < 0) {
		free(answers);
		return -1;
	}
	list->answers = answers;
	return 0;
}

static const struct dns_answer *list_find(const struct dns_wait_servers_list *list, const char *name,
					  enum dns_type type)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->questions[i].type == type && strcmp(list->questions[i].name, name) == 0)
			return &list->answers[i];
	return NULL;
}

/* --- servers ---------------------------------------------------------------------------------------------------- */

static int add_server(struct dns_wait_plan *plan, const struct dns_wait_server *server, struct error *err)
{
	if (plan->server_count == DNS_WAIT_SERVERS_MAX)
		return error_set(err, ERROR_LIMIT, RETRY_NEVER, 0, "more than %d DNS servers are to be asked",
				 DNS_WAIT_SERVERS_MAX);
	if (vec_grow(&plan->servers, plan->server_count, &plan->server_cap, sizeof(*plan->servers), err) < 0)
		return -1;
	plan->servers[plan->server_count++] = *server;
	return 0;
}

int dns_wait_plan_resolver(struct dns_wait_plan *plan, const char *address, struct error *err)
{
	struct dns_wait_server server = { .label = "the resolvers of this machine" };
	struct name_server parsed;
	if (!address)
		return add_server(plan, &server, err);
	if (name_server_parse(span_of(address), &parsed, err) < 0 ||
	    dns_wait_plan_keep(plan, address, &server.label, err) < 0)
		return -1;
	server.address = server.label;
	server.skipped = !name_server_has_route(&parsed);
	return add_server(plan, &server, err);
}

static int add_authority(struct dns_wait_plan *plan, const char *zone, const char *host, const struct ip *ip,
			 struct error *err)
{
	const struct name_server parsed = { *ip, 53 };
	char address[IP_TEXT_MAX], label[LABEL_MAX];
	struct dns_wait_server server = { .zone = zone, .skipped = !name_server_has_route(&parsed) };
	snprintf(label, sizeof(label), "%.300s %s", host, ip_format(ip, address));
	if (dns_wait_plan_keep(plan, label, &server.label, err) < 0 ||
	    dns_wait_plan_keep(plan, address, &server.address, err) < 0)
		return -1;
	return add_server(plan, &server, err);
}

static int dns_wait_servers_add_host(struct dns_wait_plan *plan, const char *zone, const char *host,
				     struct dns_wait_servers_list *addresses, struct error *err)
{
	static const enum dns_type types[] = { DNS_A, DNS_AAAA };
	struct ip ip;
	for (size_t t = 0; t < ARRAY_LEN(types); t++) {
		const struct dns_answer *answer = list_find(addresses, host, types[t]);
		for (size_t i = 0; answer && i < answer->count; i++)
			if (rdata_address(&answer->records[i], &ip) && add_authority(plan, zone, host, &ip, err) < 0)
				return -1;
	}
	return 0;
}

/* --- zones ------------------------------------------------------------------------------------------------------ */

/* Every name at or above a question's may be the apex of its zone. */
static int list_apexes(const struct dns_wait_plan *plan, struct dns_wait_servers_list *list, struct error *err)
{
	for (size_t i = 0; i < plan->question_count; i++)
		for (const char *name = plan->questions[i].name; dns_name_labels(name) > 0;
		     name = dns_name_parent(name))
			if (list_add(list, name, DNS_NS, err) < 0)
				return -1;
	return 0;
}

static void set_zones(struct dns_wait_plan *plan, const struct dns_wait_servers_list *apexes)
{
	for (size_t i = 0; i < plan->question_count; i++) {
		struct dns_wait_question *q = &plan->questions[i];
		for (const char *name = q->name; !q->zone && dns_name_labels(name) > 0; name = dns_name_parent(name)) {
			const struct dns_answer *answer = list_find(apexes, name, DNS_NS);
			/* The name of an alias has the NS records of another. */
			if (answer && answer->count > 0 && !answer->canonical)
				q->zone = name;
		}
	}
}

static bool is_zone_of(const struct dns_wait_plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->question_count; i++)
		if (plan->questions[i].zone && strcmp(plan->questions[i].zone, name) == 0)
			return true;
	return false;
}

/* Hands out every server's name of the zones that are wanted. */
typedef int host_fn(struct dns_wait_plan *plan, const char *zone, const char *host,
		    struct dns_wait_servers_list *addresses, struct error *err);

static int each_host(struct dns_wait_plan *plan, const struct dns_wait_servers_list *apexes,
		     struct dns_wait_servers_list *addresses, host_fn *fn, struct error *err)
{
	char host[DNS_NAME_TEXT_MAX];
	for (size_t i = 0; i < apexes->count; i++) {
		const char *zone = apexes->questions[i].name;
		const struct dns_answer *answer = &apexes->answers[i];
		if (!is_zone_of(plan, zone))
			continue;
		for (size_t k = 0; k < answer->count; k++)
			if (rdata_name(&answer->records[k], host) && fn(plan, zone, host, addresses, err) < 0)
				return -1;
	}
	return 0;
}

static int list_host(struct dns_wait_plan *plan, const char *zone, const char *host,
		     struct dns_wait_servers_list *addresses, struct error *err)
{
	const char *kept;
	if (dns_wait_plan_keep(plan, host, &kept, err) < 0 || list_add(addresses, kept, DNS_A, err) < 0)
		return -1;
	return list_add(addresses, kept, DNS_AAAA, err);
}

int dns_wait_plan_authorities(struct dns_wait_plan *plan, struct resolver *resolver, struct error *err)
{
	_cleanup_(list_fini) struct dns_wait_servers_list apexes = { 0 }, addresses = { 0 };
	if (list_apexes(plan, &apexes, err) < 0 || list_ask(&apexes, resolver, err) < 0)
		return -1;
	set_zones(plan, &apexes);
	if (each_host(plan, &apexes, &addresses, list_host, err) < 0 || list_ask(&addresses, resolver, err) < 0)
		return -1;
	return each_host(plan, &apexes, &addresses, dns_wait_servers_add_host, err);
}
