/* What a wait for the DNS asks, and whom: from the records of a zone file or of a snapshot. */
#ifndef DNS_WAIT_DNS_WAIT_PLAN_H
#define DNS_WAIT_DNS_WAIT_PLAN_H

#include "harness/dns/resolver.h"
#include "harness/dns/zone.h"
#include "harness/dns_wait/dns_wait_params.h"

/* Owns all that the parameters point to. Zeroed before the first use. */
struct dns_wait_plan {
	struct dns_wait_question *questions;
	size_t question_count, question_cap;
	struct dns_wait_server *servers;
	size_t server_count, server_cap;
	char **strings; /* that the two lists point to */
	size_t string_count, string_cap;
	struct dns_answer *answers; /* of the zone file, by number of question; or NULL */
};

/* Adds every record set of the file, and of the earlier snapshot what the file takes away. Left out: SOA, whose number
 * servers change by themselves, signatures, and what lies in zones that the file hands over. Seals the zone. `before`
 * must outlive the plan. Errors: memory, as zone_seal, ERROR_CONFIG for a file without any such record. */
int dns_wait_plan_zone(struct dns_wait_plan *plan, struct zone *zone, const struct dns_fact *before, size_t count,
		       struct error *err);

/* Adds the questions of a snapshot of now, where no answer is expected but that all servers agree. Those of the
 * domain; of an alias its own record. Both lists must outlive the plan. Errors: memory. */
int dns_wait_plan_domain(struct dns_wait_plan *plan, const char *domain, const struct dns_fact *now, size_t now_count,
			 const struct dns_fact *before, size_t before_count, struct error *err);

/* Finds the zones that the questions lie in, and adds every address of their NS records. Errors: ERROR_LIMIT for too
 * many servers, memory. */
int dns_wait_plan_authorities(struct dns_wait_plan *plan, struct resolver *resolver, struct error *err);

/* Adds a resolver; NULL: those of /etc/resolv.conf. Errors: as name_server_parse, ERROR_LIMIT, memory. */
int dns_wait_plan_resolver(struct dns_wait_plan *plan, const char *address, struct error *err);

/* A copy of the string that lives as long as the plan. Errors: memory. */
int dns_wait_plan_keep(struct dns_wait_plan *plan, const char *string, const char **ret, struct error *err);

void dns_wait_plan_fini(struct dns_wait_plan *plan);

#endif
