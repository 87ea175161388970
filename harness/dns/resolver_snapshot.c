/* Recording and replay. Questions stand in a balanced tree, not in a hash table: senders choose the names that are
 * asked for, and could choose ones that collide. */
#include "harness/dns/resolver_snapshot.h"

#include <pthread.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/compiler.h"
#include "harness/dns/name.h"

/* A question, and what is known of it. */
struct held {
	struct dns_fact fact;
	unsigned answers; /* that have come so far, by which a waiting thread sees that its one has */
	bool asking;      /* a thread asks below for it now */
};

struct snapshot {
	struct resolver base;
	struct resolver *below; /* NULL: replay */
	resolver_sink *sink;
	void *user;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	void *tree; /* of struct held */
};

/* A question of one asking. */
struct item {
	struct held *held;
	unsigned answers; /* when another thread was found to ask for it */
	bool done;
	bool claimed; /* by this thread, which asks below */
};

static int resolver_snapshot_compare(const void *a, const void *b)
{
	const struct dns_fact *left = &((const struct held *)a)->fact, *right = &((const struct held *)b)->fact;
	if (left->type != right->type)
		return left->type < right->type ? -1 : 1;
	return strcmp(left->name, right->name);
}

static void held_free(void *node)
{
	struct held *held = node;
	dns_fact_fini(&held->fact);
	free(held);
}

/* What is held of a question, made where it is missing. */
static int held_get(struct snapshot *self, const char *name, enum dns_type type, struct held **ret, struct error *err)
{
	struct held *fresh = calloc(1, sizeof(*fresh));
	if (!fresh)
		return error_memory(err);
	fresh->fact = (struct dns_fact){ .name = strdup(name), .type = type };
	void *node = fresh->fact.name ? tsearch(fresh, &self->tree, resolver_snapshot_compare) : NULL;
	if (node)
		memcpy(ret, node, sizeof(*ret));
	if (!node || *ret != fresh)
		held_free(fresh);
	return node ? 0 : error_memory(err);
}

static bool is_answered(const struct held *held)
{
	return held->answers > 0 && held->fact.answer.state == DNS_ANSWERED;
}

/* Puts an answer there, which owns it from then on. */
static void held_set(struct held *held, struct dns_answer *answer)
{
	dns_answer_fini(&held->fact.answer);
	held->fact.answer = *answer;
	*answer = (struct dns_answer){ 0 };
	held->answers++;
}

static int resolver_snapshot_load(struct snapshot *self, const struct dns_fact *facts, size_t count, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		struct dns_answer copy;
		struct held *held = NULL;
		if (facts[i].answer.state == DNS_MISSED)
			continue;
		if (held_get(self, facts[i].name, facts[i].type, &held, err) < 0)
			return -1;
		if (is_answered(held))
			continue;
		if (dns_answer_copy(&facts[i].answer, &copy, err) < 0)
			return -1;
		held_set(held, &copy);
	}
	return 0;
}

static int missed(const char *name, enum dns_type type, struct dns_answer *ret, struct error *err)
{
	char word[DNS_TYPE_TEXT_MAX];
	*ret = (struct dns_answer){ .state = DNS_MISSED };
	if (asprintf(&ret->detail, "the snapshot does not hold %s %s", name, dns_type_name(type, word)) >= 0)
		return 0;
	ret->detail = NULL;
	return error_memory(err);
}

/* Answers from memory; nothing is changed by it, so no lock is needed. */
static int replay(const struct snapshot *self, const struct dns_question *question, struct dns_answer *ret,
		  struct error *err)
{
	char name[DNS_NAME_TEXT_MAX];
	struct held key = { .fact = { .name = name, .type = question->type } }, *held;
	if (!dns_name_normal(question->name, name)) {
		*ret = (struct dns_answer){ .rcode = DNS_NXDOMAIN };
		return 0;
	}
	const void *node = tfind(&key, &self->tree, resolver_snapshot_compare);
	if (!node)
		return missed(name, question->type, ret, err);
	memcpy(&held, node, sizeof(held));
	return dns_answer_copy(&held->fact.answer, ret, err);
}

/* Finds what is held of each; a name that cannot be asked is answered at once. */
static int resolver_snapshot_start(struct snapshot *self, const struct dns_question *questions, size_t count,
				   struct item *items, struct dns_answer *answers, struct error *err)
{
	char name[DNS_NAME_TEXT_MAX];
	for (size_t i = 0; i < count; i++) {
		items[i].done = !dns_name_normal(questions[i].name, name);
		if (items[i].done)
			answers[i].rcode = DNS_NXDOMAIN;
		else if (held_get(self, name, questions[i].type, &items[i].held, err) < 0)
			return -1;
	}
	return 0;
}

static int resolver_snapshot_hand_out(struct item *item, struct dns_answer *answer, struct error *err)
{
	item->done = true;
	return dns_answer_copy(&item->held->fact.answer, answer, err);
}

/* Takes what is held, and claims what no other thread asks for; *ret_claimed says how many. */
static int claim(struct item *items, size_t count, struct dns_answer *answers, size_t *ret_claimed, struct error *err)
{
	*ret_claimed = 0;
	for (size_t i = 0; i < count; i++) {
		struct item *item = &items[i];
		if (item->done)
			continue;
		if (is_answered(item->held)) {
			if (resolver_snapshot_hand_out(item, &answers[i], err) < 0)
				return -1;
			continue;
		}
		item->claimed = !item->held->asking;
		item->held->asking = true;
		item->answers = item->held->answers;
		*ret_claimed += item->claimed;
	}
	return 0;
}

/* Stores an answer before anybody sees it. */
static int record(struct snapshot *self, struct item *item, struct dns_answer *got, struct dns_answer *answer,
		  struct error *err)
{
	if (dns_answer_copy(got, answer, err) < 0)
		return -1;
	item->done = true;
	if (got->state == DNS_MISSED)
		return 0;
	const struct dns_fact fact = { item->held->fact.name, item->held->fact.type, *got };
	if (self->sink(self->user, &fact, err) < 0)
		return -1;
	held_set(item->held, got);
	return 0;
}

/* Asks below for what is claimed. The lock is held on entry and at the end, not while asking. */
static int ask_claimed(struct snapshot *self, size_t claimed, struct item *items, size_t count,
		       struct dns_answer *answers, struct error *err)
{
	_cleanup_(free_p) struct dns_question *questions = calloc(claimed, sizeof(*questions));
	_cleanup_(free_p) struct dns_answer *got = calloc(claimed, sizeof(*got));
	size_t n = 0;
	if (!questions || !got)
		return error_memory(err);
	for (size_t i = 0; i < count; i++)
		if (items[i].claimed)
			questions[n++] = (struct dns_question){ items[i].held->fact.name, items[i].held->fact.type };
	pthread_mutex_unlock(&self->lock);
	int result = resolver_ask_many(self->below, questions, n, got, err);
	pthread_mutex_lock(&self->lock);
	n = 0;
	for (size_t i = 0; i < count && result == 0; i++)
		if (items[i].claimed)
			result = record(self, &items[i], &got[n++], &answers[i], err);
	for (size_t i = 0; i < claimed; i++)
		dns_answer_fini(&got[i]);
	return result;
}

static void unclaim(struct snapshot *self, struct item *items, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (items[i].claimed)
			items[i].claimed = items[i].held->asking = false;
	pthread_cond_broadcast(&self->changed);
}

/* Waits for what other threads ask for. Nothing is claimed here, so that they do not wait for this one. What has no
 * answer then (the other one's asking was an error) is not done. */
static int await(struct snapshot *self, struct item *items, size_t count, struct dns_answer *answers, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		if (items[i].done)
			continue;
		while (items[i].held->asking && items[i].held->answers == items[i].answers)
			pthread_cond_wait(&self->changed, &self->lock);
		if (items[i].held->answers != items[i].answers &&
		    resolver_snapshot_hand_out(&items[i], &answers[i], err) < 0)
			return -1;
	}
	return 0;
}

static bool all_done(const struct item *items, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!items[i].done)
			return false;
	return true;
}

static int resolver_snapshot_resolve(struct snapshot *self, const struct dns_question *questions, size_t count,
				     struct item *items, struct dns_answer *answers, struct error *err)
{
	if (resolver_snapshot_start(self, questions, count, items, answers, err) < 0)
		return -1;
	while (!all_done(items, count)) {
		size_t claimed = 0;
		int result = claim(items, count, answers, &claimed, err);
		if (result == 0 && claimed > 0)
			result = ask_claimed(self, claimed, items, count, answers, err);
		unclaim(self, items, count);
		if (result < 0 || await(self, items, count, answers, err) < 0)
			return -1;
	}
	return 0;
}

static int resolver_snapshot_settle(struct snapshot *self, const struct dns_question *questions, size_t count,
				    struct dns_answer *answers, struct error *err)
{
	if (!self->below) {
		for (size_t i = 0; i < count; i++)
			if (replay(self, &questions[i], &answers[i], err) < 0)
				return -1;
		return 0;
	}
	_cleanup_(free_p) struct item *items = calloc(count + 1, sizeof(*items));
	if (!items)
		return error_memory(err);
	pthread_mutex_lock(&self->lock);
	int result = resolver_snapshot_resolve(self, questions, count, items, answers, err);
	pthread_mutex_unlock(&self->lock);
	return result;
}

static int resolver_snapshot_ask(struct resolver *resolver, const struct dns_question *questions, size_t count,
				 struct dns_answer *ret_answers, struct error *err)
{
	_cleanup_(free_p) struct dns_answer *answers = calloc(count + 1, sizeof(*answers));
	if (!answers)
		return error_memory(err);
	int result = resolver_snapshot_settle((struct snapshot *)resolver, questions, count, answers, err);
	for (size_t i = 0; i < count; i++) {
		if (result == 0)
			ret_answers[i] = answers[i];
		else
			dns_answer_fini(&answers[i]);
	}
	return result;
}

static void snapshot_free(struct resolver *resolver)
{
	struct snapshot *self = (struct snapshot *)resolver;
	tdestroy(self->tree, held_free);
	pthread_cond_destroy(&self->changed);
	pthread_mutex_destroy(&self->lock);
	free(self);
}

int resolver_recording_new(struct resolver *below, const struct dns_fact *facts, size_t count, resolver_sink *sink,
			   void *user, struct resolver **ret, struct error *err)
{
	static const struct resolver_ops ops = { resolver_snapshot_ask, snapshot_free };
	struct snapshot *self = calloc(1, sizeof(*self));
	if (!self)
		return error_memory(err);
	*self = (struct snapshot){ .base = { &ops }, .below = below, .sink = sink, .user = user };
	pthread_mutex_init(&self->lock, NULL);
	pthread_cond_init(&self->changed, NULL);
	if (resolver_snapshot_load(self, facts, count, err) < 0) {
		snapshot_free(&self->base);
		return -1;
	}
	*ret = &self->base;
	return 0;
}

int resolver_replay_new(const struct dns_fact *facts, size_t count, struct resolver **ret, struct error *err)
{
	return resolver_recording_new(NULL, facts, count, NULL, NULL, ret, err);
}
