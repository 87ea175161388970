/* A memory over check_ask. */
#include "harness/posture/asker.h"

#include <stdlib.h>
#include <string.h>

#include "harness/dns/resolver_snapshot.h"

/* What is asked when there is no time left. */
static int fail_all(size_t count, struct dns_answer *ret_answers, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		ret_answers[i] = (struct dns_answer){ .state = DNS_FAILED };
		ret_answers[i].detail = strdup("the time for the check has run out");
		if (ret_answers[i].detail)
			continue;
		while (i-- > 0)
			dns_answer_fini(&ret_answers[i]);
		return error_memory(err);
	}
	return 0;
}

static int ask(struct resolver *self, const struct dns_question *questions, size_t count,
	       struct dns_answer *ret_answers, struct error *err)
{
	struct check *check = ((struct asker *)self)->check;
	if (deadline_passed(check_deadline(check)))
		return fail_all(count, ret_answers, err);
	return check_ask(check, questions, count, ret_answers) < 0 ? error_memory(err) : 0;
}

/* The memory is all that is wanted. */
static int keep_nothing(void *user, const struct dns_fact *fact, struct error *err)
{
	return 0;
}

int asker_init(struct asker *asker, struct check *check)
{
	static const struct resolver_ops ops = { ask, NULL };
	struct error err = ERROR_INIT;
	*asker = (struct asker){ .base = { &ops }, .check = check };
	if (resolver_recording_new(&asker->base, NULL, 0, keep_nothing, NULL, &asker->memory, &err) == 0)
		return 0;
	check_memory(check);
	return -1;
}

void asker_fini(struct asker *asker)
{
	resolver_free(asker->memory);
	*asker = (struct asker){ 0 };
}

int asker_ask(struct asker *asker, const struct dns_question *questions, size_t count, struct dns_answer *ret_answers)
{
	struct error err = ERROR_INIT;
	if (resolver_ask_many(asker->memory, questions, count, ret_answers, &err) == 0)
		return 0;
	check_memory(asker->check);
	return -1;
}
