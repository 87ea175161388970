/* Failures of the resolver are asked of the zone, side by side. */
#include "harness/posture/engine/ask.h"

#include <stdlib.h>

#include "harness/posture/engine/authority.h"

/* A question that has failed, and the place of its answer. */
struct again {
	const struct dns_question *question;
	struct dns_answer *answer;
};

static void ask_authority(struct check *check, void *argument)
{
	struct again *again = argument;
	authority_ask(check, again->question, again->answer);
}

int check_ask(struct check *check, const struct dns_question *questions, size_t count, struct dns_answer *ret_answers)
{
	if (check_ask_once(check, questions, count, ret_answers) < 0)
		return -1;
	_cleanup_(free_p) struct again *list = calloc(count + 1, sizeof(*list));
	_cleanup_(free_p) void **arguments = calloc(count + 1, sizeof(*arguments));
	size_t failed = 0;
	for (size_t i = 0; list && arguments && i < count; i++) {
		/* A bogus answer is one: whoever validates gets no other. */
		if (ret_answers[i].state != DNS_FAILED || ret_answers[i].security == DNS_BOGUS)
			continue;
		list[failed] = (struct again){ &questions[i], &ret_answers[i] };
		arguments[failed] = &list[failed];
		failed++;
	}
	check_each(check, ask_authority, arguments, failed);
	return 0;
}
