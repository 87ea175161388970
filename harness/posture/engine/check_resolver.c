/* A memory over check_ask: the recording resolver for what was answered, and a list of what was not. */
#include "harness/posture/engine/check_resolver.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/vec.h"
#include "harness/dns/resolver_snapshot.h"
#include "harness/posture/engine/ask.h"

/* --- failures: all has been tried already, and at a resolver that never answers each costs its time ----------------
 */

/* 1 where the question has failed before: *ret is a copy of the answer then. 0, -1. */
static int recall(const struct check_resolver *dns, const struct dns_question *question, struct dns_answer *ret,
		  struct error *err)
{
	for (size_t i = 0; i < dns->failure_count; i++) {
		const struct dns_fact *fact = &dns->failures[i];
		if (fact->type == question->type && strcmp(fact->name, question->name) == 0)
			return dns_answer_copy(&fact->answer, ret, err) < 0 ? -1 : 1;
	}
	return 0;
}

static int check_resolver_note(struct check_resolver *dns, const struct dns_question *question,
			       const struct dns_answer *answer, struct error *err)
{
	if (answer->state == DNS_ANSWERED)
		return 0;
	if (vec_grow(&dns->failures, dns->failure_count, &dns->failure_cap, sizeof(*dns->failures), err) < 0)
		return -1;
	struct dns_fact *fact = &dns->failures[dns->failure_count++];
	fact->type = question->type;
	fact->name = strdup(question->name);
	return fact->name ? dns_answer_copy(answer, &fact->answer, err) : error_memory(err);
}

/* The questions that are left to ask, with the places of their answers. */
struct rest {
	struct dns_question *questions;
	struct dns_answer *answers;
	size_t *places;
	size_t count;
};

static void rest_fini(struct rest *rest)
{
	free(rest->questions);
	free(rest->answers);
	free(rest->places);
}

static int split(struct check_resolver *dns, const struct dns_question *questions, size_t count,
		 struct dns_answer *answers, struct rest *rest, struct error *err)
{
	int known = 0;
	pthread_mutex_lock(&dns->lock);
	for (size_t i = 0; i < count && known >= 0; i++) {
		known = recall(dns, &questions[i], &answers[i], err);
		if (known != 0)
			continue;
		rest->questions[rest->count] = questions[i];
		rest->places[rest->count++] = i;
	}
	pthread_mutex_unlock(&dns->lock);
	return known < 0 ? -1 : 0;
}

static int ask_rest(struct check_resolver *dns, struct rest *rest, struct dns_answer *answers, struct error *err)
{
	int rc = 0;
	if (rest->count == 0)
		return 0;
	if (check_ask(dns->check, rest->questions, rest->count, rest->answers) < 0)
		return error_memory(err);
	pthread_mutex_lock(&dns->lock);
	for (size_t i = 0; i < rest->count; i++) {
		answers[rest->places[i]] = rest->answers[i];
		rc = rc < 0 ? rc : check_resolver_note(dns, &rest->questions[i], &rest->answers[i], err);
	}
	pthread_mutex_unlock(&dns->lock);
	return rc;
}

static int check_resolver_ask_below(struct resolver *self, const struct dns_question *questions, size_t count,
				    struct dns_answer *ret_answers, struct error *err)
{
	struct check_resolver *dns = (struct check_resolver *)self;
	_cleanup_(rest_fini) struct rest rest = { .questions = calloc(count + 1, sizeof(*rest.questions)),
						  .answers = calloc(count + 1, sizeof(*rest.answers)),
						  .places = calloc(count + 1, sizeof(*rest.places)) };
	if (!rest.questions || !rest.answers || !rest.places)
		return error_memory(err);
	memset(ret_answers, 0, count * sizeof(*ret_answers));
	if (split(dns, questions, count, ret_answers, &rest, err) == 0 && ask_rest(dns, &rest, ret_answers, err) == 0)
		return 0;
	for (size_t i = 0; i < count; i++)
		dns_answer_fini(&ret_answers[i]);
	return -1;
}

/* --- answers ---------------------------------------------------------------------------------------------------- */

/* The memory is all that is wanted. */
static int keep_nothing(void *user, const struct dns_fact *fact, struct error *err)
{
	return 0;
}

int check_resolver_init(struct check_resolver *dns, struct check *check)
{
	static const struct resolver_ops ops = { check_resolver_ask_below, NULL };
	struct error err = ERROR_INIT;
	*dns = (struct check_resolver){ .base = { &ops }, .check = check };
	pthread_mutex_init(&dns->lock, NULL);
	if (resolver_recording_new(&dns->base, NULL, 0, keep_nothing, NULL, &dns->memory, &err) == 0)
		return 0;
	pthread_mutex_destroy(&dns->lock);
	check_memory(check);
	return -1;
}

void check_resolver_fini(struct check_resolver *dns)
{
	resolver_free(dns->memory);
	for (size_t i = 0; i < dns->failure_count; i++)
		dns_fact_fini(&dns->failures[i]);
	free(dns->failures);
	pthread_mutex_destroy(&dns->lock);
	*dns = (struct check_resolver){ 0 };
}

int check_resolver_ask(struct check_resolver *dns, const struct dns_question *questions, size_t count,
		       struct dns_answer *ret_answers)
{
	struct error err = ERROR_INIT;
	if (resolver_ask_many(dns->memory, questions, count, ret_answers, &err) == 0)
		return 0;
	check_memory(dns->check);
	return -1;
}
