/* A memory over check_ask: the recording resolver for what was answered, and a list of what was not. */
#include "harness/posture/engine/asker.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/vec.h"
#include "harness/dns/resolver_snapshot.h"
#include "harness/posture/engine/ask.h"

/* --- failures: all has been tried already, and at a resolver that never answers each costs its time ----------------
 */

/* 1 where the question has failed before: *ret is a copy of the answer then. 0, -1. */
static int recall(const struct asker *asker, const struct dns_question *question, struct dns_answer *ret,
		  struct error *err)
{
	for (size_t i = 0; i < asker->failure_count; i++) {
		const struct dns_fact *fact = &asker->failures[i];
		if (fact->type == question->type && strcmp(fact->name, question->name) == 0)
			return dns_answer_copy(&fact->answer, ret, err) < 0 ? -1 : 1;
	}
	return 0;
}

static int asker_note(struct asker *asker, const struct dns_question *question, const struct dns_answer *answer,
		      struct error *err)
{
	if (answer->state == DNS_ANSWERED)
		return 0;
	if (vec_grow(&asker->failures, asker->failure_count, &asker->failure_cap, sizeof(*asker->failures), err) < 0)
		return -1;
	struct dns_fact *fact = &asker->failures[asker->failure_count++];
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

static int split(struct asker *asker, const struct dns_question *questions, size_t count, struct dns_answer *answers,
		 struct rest *rest, struct error *err)
{
	int known = 0;
	pthread_mutex_lock(&asker->lock);
	for (size_t i = 0; i < count && known >= 0; i++) {
		known = recall(asker, &questions[i], &answers[i], err);
		if (known != 0)
			continue;
		rest->questions[rest->count] = questions[i];
		rest->places[rest->count++] = i;
	}
	pthread_mutex_unlock(&asker->lock);
	return known < 0 ? -1 : 0;
}

static int ask_rest(struct asker *asker, struct rest *rest, struct dns_answer *answers, struct error *err)
{
	int rc = 0;
	if (rest->count == 0)
		return 0;
	if (check_ask(asker->check, rest->questions, rest->count, rest->answers) < 0)
		return error_memory(err);
	pthread_mutex_lock(&asker->lock);
	for (size_t i = 0; i < rest->count; i++) {
		answers[rest->places[i]] = rest->answers[i];
		rc = rc < 0 ? rc : asker_note(asker, &rest->questions[i], &rest->answers[i], err);
	}
	pthread_mutex_unlock(&asker->lock);
	return rc;
}

static int asker_ask_below(struct resolver *self, const struct dns_question *questions, size_t count,
			   struct dns_answer *ret_answers, struct error *err)
{
	struct asker *asker = (struct asker *)self;
	_cleanup_(rest_fini) struct rest rest = { .questions = calloc(count + 1, sizeof(*rest.questions)),
						  .answers = calloc(count + 1, sizeof(*rest.answers)),
						  .places = calloc(count + 1, sizeof(*rest.places)) };
	if (!rest.questions || !rest.answers || !rest.places)
		return error_memory(err);
	memset(ret_answers, 0, count * sizeof(*ret_answers));
	if (split(asker, questions, count, ret_answers, &rest, err) == 0 &&
	    ask_rest(asker, &rest, ret_answers, err) == 0)
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

int asker_init(struct asker *asker, struct check *check)
{
	static const struct resolver_ops ops = { asker_ask_below, NULL };
	struct error err = ERROR_INIT;
	*asker = (struct asker){ .base = { &ops }, .check = check };
	pthread_mutex_init(&asker->lock, NULL);
	if (resolver_recording_new(&asker->base, NULL, 0, keep_nothing, NULL, &asker->memory, &err) == 0)
		return 0;
	pthread_mutex_destroy(&asker->lock);
	check_memory(check);
	return -1;
}

void asker_fini(struct asker *asker)
{
	resolver_free(asker->memory);
	for (size_t i = 0; i < asker->failure_count; i++)
		dns_fact_fini(&asker->failures[i]);
	free(asker->failures);
	pthread_mutex_destroy(&asker->lock);
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
