/* The questions: of a file, or of a domain. */
#include "harness/dns_wait/dns_wait_plan.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/compiler.h"
#include "harness/base/vec.h"
#include "harness/dns/name.h"
#include "harness/dns/resolver_zone.h"

enum { QUESTIONS_MAX = 2000 };

/* Of DNSSEC (IANA): what a signer adds by itself. */
enum { TYPE_RRSIG = 46, TYPE_NSEC = 47, TYPE_NSEC3 = 50, TYPE_NSEC3PARAM = 51 };

int dns_wait_plan_keep(struct dns_wait_plan *plan, const char *string, const char **ret, struct error *err)
{
	if (vec_grow(&plan->strings, plan->string_count, &plan->string_cap, sizeof(*plan->strings), err) < 0)
		return -1;
	char *copy = strdup(string);
	if (!copy)
		return error_memory(err);
	plan->strings[plan->string_count++] = copy;
	*ret = copy;
	return 0;
}

void dns_wait_plan_fini(struct dns_wait_plan *plan)
{
	for (size_t i = 0; plan->answers && i < plan->question_count; i++)
		dns_answer_fini(&plan->answers[i]);
	for (size_t i = 0; i < plan->string_count; i++)
		free(plan->strings[i]);
	free(plan->answers);
	free(plan->strings);
	free(plan->questions);
	free(plan->servers);
	*plan = (struct dns_wait_plan){ 0 };
}

static const struct dns_answer *find_before(const struct dns_fact *facts, size_t count, const char *name,
					    enum dns_type type)
{
	for (size_t i = 0; i < count; i++)
		if (facts[i].type == type && facts[i].answer.state == DNS_ANSWERED && strcmp(facts[i].name, name) == 0)
			return &facts[i].answer;
	return NULL;
}

static int add_question(struct dns_wait_plan *plan, const char *name, enum dns_type type,
			const struct dns_answer *before, struct error *err)
{
	const char *kept;
	for (size_t i = 0; i < plan->question_count; i++)
		if (plan->questions[i].type == type && strcmp(plan->questions[i].name, name) == 0)
			return 0;
	if (plan->question_count == QUESTIONS_MAX)
		return error_set(err, ERROR_LIMIT, RETRY_NEVER, 0, "more than %d record sets are to be waited for",
				 QUESTIONS_MAX);
	if (dns_wait_plan_keep(plan, name, &kept, err) < 0 ||
	    vec_grow(&plan->questions, plan->question_count, &plan->question_cap, sizeof(*plan->questions), err) < 0)
		return -1;
	plan->questions[plan->question_count++] =
	    (struct dns_wait_question){ .name = kept, .type = type, .before = before };
	return 0;
}

/* --- of a file -------------------------------------------------------------------------------------------------- */

static bool is_by_itself(enum dns_type type)
{
	return type == DNS_SOA || (int)type == TYPE_RRSIG || (int)type == TYPE_NSEC || (int)type == TYPE_NSEC3 ||
	       (int)type == TYPE_NSEC3PARAM;
}

/* Whether NS records between the name and its apex hand it over. */
static bool is_handed_over(const struct zone *zone, const char *name)
{
	const char *apex = zone_apex(zone, name);
	size_t count = 0;
	for (; apex && strlen(name) > strlen(apex); name = dns_name_parent(name))
		if (zone_find(zone, name, DNS_NS, &count))
			return true;
	return false;
}

/* Whether the file speaks of the question; what it says through an alias is said at the alias. */
static bool speaks_of(const struct zone *zone, const char *name, enum dns_type type)
{
	size_t count = 0;
	return zone_apex(zone, name) && !is_by_itself(type) && !is_handed_over(zone, name) &&
	       (type == DNS_CNAME || !zone_find(zone, name, DNS_CNAME, &count));
}

/* A file without SOA record says only what it writes. */
static bool is_whole(const struct zone *zone, const char *name)
{
	const char *apex = zone_apex(zone, name);
	size_t count = 0;
	return apex && zone_find(zone, apex, DNS_SOA, &count);
}

static int expect(struct dns_wait_plan *plan, struct zone *zone, struct error *err)
{
	_cleanup_(resolver_free_p) struct resolver *resolver = NULL;
	if (resolver_zone_new(zone, NULL, &resolver, err) < 0)
		return -1;
	plan->answers = calloc(plan->question_count + 1, sizeof(*plan->answers));
	if (!plan->answers)
		return error_memory(err);
	for (size_t i = 0; i < plan->question_count; i++) {
		struct dns_wait_question *q = &plan->questions[i];
		if (resolver_ask(resolver, q->name, q->type, &plan->answers[i], err) < 0)
			return -1;
		q->expected = &plan->answers[i];
	}
	return 0;
}

int dns_wait_plan_zone(struct dns_wait_plan *plan, struct zone *zone, const struct dns_fact *before, size_t count,
		       struct error *err)
{
	size_t records = 0;
	if (zone_seal(zone, err) < 0)
		return -1;
	const struct zone_record *list = zone_records(zone, &records);
	for (size_t i = 0; i < records; i++)
		if (speaks_of(zone, list[i].name, list[i].type) &&
		    add_question(plan, list[i].name, list[i].type,
				 find_before(before, count, list[i].name, list[i].type), err) < 0)
			return -1;
	if (plan->question_count == 0)
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0,
				 "there is no record in it that could be waited for");
	for (size_t i = 0; i < count; i++)
		if (before[i].answer.state == DNS_ANSWERED && before[i].answer.count > 0 &&
		    !before[i].answer.canonical && is_whole(zone, before[i].name) &&
		    speaks_of(zone, before[i].name, before[i].type) &&
		    add_question(plan, before[i].name, before[i].type, &before[i].answer, err) < 0)
			return -1;
	return expect(plan, zone, err);
}

/* --- of a domain ------------------------------------------------------------------------------------------------ */

int dns_wait_plan_domain(struct dns_wait_plan *plan, const char *domain, const struct dns_fact *now, size_t now_count,
			 const struct dns_fact *before, size_t before_count, struct error *err)
{
	for (size_t i = 0; i < now_count; i++) {
		const struct dns_fact *fact = &now[i];
		/* DS records stand in the zone above. */
		if (!dns_name_under(fact->name, domain) || fact->type == DNS_SOA || fact->type == DNS_DS)
			continue;
		enum dns_type type = fact->answer.canonical ? DNS_CNAME : fact->type;
		const struct dns_answer *was = find_before(before, before_count, fact->name, type);
		if (add_question(plan, fact->name, type, was && !was->canonical ? was : NULL, err) < 0)
			return -1;
	}
	return 0;
}
