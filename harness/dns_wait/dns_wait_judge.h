/* What is made of the answers of a round. Pure. */
#ifndef DNS_WAIT_DNS_WAIT_JUDGE_H
#define DNS_WAIT_DNS_WAIT_JUDGE_H

#include "harness/base/error.h"
#include "harness/dns_wait/dns_wait_params.h"

/* What one server has said in one round. */
struct dns_wait_reply {
	struct dns_answer *answers; /* by number of question; DNS_MISSED where it is not asked */
	struct dns_answer soa;      /* of its zone */
};

/* What is remembered from round to round. */
struct dns_wait_memory {
	bool *known;      /* by number of question: the new answer was seen */
	int64_t until_ms; /* wall clock: until then a cache somewhere may have an old answer */
	bool policy_changed;
};

/* Judges a round. Pure. Errors: memory; *ret is to be freed in any case. */
int dns_wait_judge(const struct dns_wait_params *params, const struct dns_wait_reply *replies, int64_t now_ms,
		   struct dns_wait_memory *memory, struct visibility *ret, struct error *err);

/* Whether the server is asked the question. */
bool dns_wait_asks(const struct dns_wait_server *server, const struct dns_wait_question *question);

#endif
