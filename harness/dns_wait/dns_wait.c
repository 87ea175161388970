/* The rounds: one thread and one fresh resolver for each server, so that none holds up another and nothing is answered
 * from a cache of ours. */
#include "harness/dns_wait/dns_wait.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include "harness/base/clock.h"
#include "harness/base/compiler.h"
#include "harness/base/thread.h"
#include "harness/dns/resolver_live.h"
#include "harness/dns_wait/dns_wait_judge.h"

enum { PAUSE_MIN_MS = 1000, PAUSE_MAX_MS = 15000, ATTEMPTS = 2 };

/* One server in one round. */
struct asking {
	const struct dns_wait_params *params;
	const struct dns_wait_server *server;
	int64_t timeout_ms;
	struct dns_wait_reply *reply;
	struct error err; /* kind NONE where all went well */
	struct thread thread;
};

static int ask_all(struct asking *a, struct resolver *resolver, const struct dns_question *questions,
		   const size_t *numbers, size_t count, struct error *err)
{
	_cleanup_(free_p) struct dns_answer *answers = calloc(count, sizeof(*answers));
	if (!answers)
		return error_memory(err);
	if (resolver_ask_many(resolver, questions, count, answers, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		*(numbers[i] == SIZE_MAX ? &a->reply->soa : &a->reply->answers[numbers[i]]) = answers[i];
	return 0;
}

static int ask_server(struct asking *a, struct error *err)
{
	const struct dns_wait_params *p = a->params;
	_cleanup_(resolver_free_p) struct resolver *resolver = NULL;
	_cleanup_(free_p) struct dns_question *questions = calloc(p->question_count + 1, sizeof(*questions));
	_cleanup_(free_p) size_t *numbers = calloc(p->question_count + 1, sizeof(*numbers));
	const struct resolver_live_options options = { .servers = &a->server->address,
						       .server_count = a->server->address != NULL,
						       .timeout_ms = a->timeout_ms,
						       .attempts = ATTEMPTS };
	size_t count = 0;
	if (!questions || !numbers)
		return error_memory(err);
	for (size_t q = 0; q < p->question_count; q++) {
		if (!dns_wait_asks(a->server, &p->questions[q]))
			continue;
		numbers[count] = q;
		questions[count++] = (struct dns_question){ p->questions[q].name, p->questions[q].type };
	}
	if (a->server->zone) {
		numbers[count] = SIZE_MAX;
		questions[count++] = (struct dns_question){ a->server->zone, DNS_SOA };
	}
	if (count == 0)
		return 0;
	return resolver_live_new(&options, &resolver, err) < 0 ? -1
							       : ask_all(a, resolver, questions, numbers, count, err);
}

static void *ask_thread(void *user)
{
	struct asking *a = user;
	struct error err = ERROR_INIT;
	if (ask_server(a, &err) < 0)
		a->err = err;
	return NULL;
}

static int start_all(struct asking *askings, size_t count, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		if (askings[i].server->skipped)
			continue;
		if (thread_start(&askings[i].thread, ask_thread, &askings[i], 0, err) < 0)
			return -1;
	}
	return 0;
}

/* Asks every server and waits for all of them. */
static int ask_round(const struct dns_wait_params *p, int64_t timeout_ms, struct dns_wait_reply *replies,
		     struct error *err)
{
	struct asking askings[DNS_WAIT_SERVERS_MAX] = { 0 };
	for (size_t i = 0; i < p->server_count; i++)
		askings[i] = (struct asking){ p, &p->servers[i], timeout_ms, &replies[i], ERROR_INIT, { 0 } };
	int result = start_all(askings, p->server_count, err);
	for (size_t i = 0; i < p->server_count; i++) {
		thread_join(&askings[i].thread);
		if (result == 0 && askings[i].err.kind != ERROR_NONE) {
			*err = askings[i].err;
			result = -1;
		}
	}
	return result;
}

/* --- replies ---------------------------------------------------------------------------------------------------- */

static void replies_free(struct dns_wait_reply *replies, const struct dns_wait_params *p)
{
	for (size_t s = 0; replies && s < p->server_count; s++) {
		for (size_t q = 0; replies[s].answers && q < p->question_count; q++)
			dns_answer_fini(&replies[s].answers[q]);
		free(replies[s].answers);
		dns_answer_fini(&replies[s].soa);
	}
	free(replies);
}

static struct dns_wait_reply *replies_new(const struct dns_wait_params *p)
{
	struct dns_wait_reply *replies = calloc(p->server_count + 1, sizeof(*replies));
	for (size_t s = 0; replies && s < p->server_count; s++) {
		replies[s].soa.state = DNS_MISSED;
		replies[s].answers = calloc(p->question_count + 1, sizeof(*replies[s].answers));
		if (!replies[s].answers) {
			replies_free(replies, p);
			return NULL;
		}
		for (size_t q = 0; q < p->question_count; q++)
			replies[s].answers[q].state = DNS_MISSED;
	}
	return replies;
}

static int take_round(const struct dns_wait_params *p, int64_t timeout_ms, struct dns_wait_memory *memory,
		      struct visibility *ret, struct error *err)
{
	struct dns_wait_reply *replies = replies_new(p);
	if (!replies)
		return error_memory(err);
	int result = ask_round(p, timeout_ms, replies, err);
	if (result == 0)
		result = dns_wait_judge(p, replies, clock_wall_ms(), memory, ret, err);
	replies_free(replies, p);
	return result;
}

/* --- waiting ---------------------------------------------------------------------------------------------------- */

/* Not before anything can have changed by time alone, but more and more seldom where nobody knows when it will. */
static int64_t pause_of(const struct visibility *v, int64_t usual_ms)
{
	int64_t pause = usual_ms;
	for (size_t i = 0; i < v->count; i++)
		if (v->rows[i].left_s > 0 && v->rows[i].left_s * 1000 < pause)
			pause = v->rows[i].left_s * 1000;
	if (v->visible && v->rerun_ms - v->at_ms < pause)
		pause = v->rerun_ms - v->at_ms;
	return pause < PAUSE_MIN_MS ? PAUSE_MIN_MS : pause;
}

static int rest(const struct dns_wait_params *p, int64_t ms, struct error *err)
{
	struct pollfd wait = { .fd = p->signal_fd, .events = POLLIN };
	const struct deadline deadline = deadline_in(ms);
	int ready;
	do
		ready = poll(&wait, 1, deadline_poll_ms(deadline));
	while (ready == 0 ? !deadline_passed(deadline) : ready < 0 && errno == EINTR);
	return ready > 0 ? error_set(err, ERROR_INTERRUPTED, RETRY_LATER, 0, "interrupted while waiting for the DNS")
			 : 0;
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int dns_wait(const struct dns_wait_params *params, struct visibility *ret, struct error *err)
{
	const struct deadline deadline = deadline_in(params->timeout_ms);
	_cleanup_(free_p) bool *known = calloc(params->question_count + 1, sizeof(*known));
	struct dns_wait_memory memory = { .known = known };
	int64_t usual_ms = PAUSE_MIN_MS;
	if (!known)
		return error_memory(err);
	if (params->server_count > DNS_WAIT_SERVERS_MAX)
		return error_set(err, ERROR_USAGE, RETRY_NEVER, 0, "%zu DNS servers are too many: at most %d",
				 params->server_count, DNS_WAIT_SERVERS_MAX);
	for (;;) {
		struct visibility round = { 0 };
		int64_t left = deadline_left_ms(deadline);
		int result = take_round(params, least(params->answer_timeout_ms, left > 0 ? left : 1), &memory, &round,
					err);
		visibility_fini(ret);
		*ret = round;
		if (result < 0)
			return -1;
		if (params->progress)
			params->progress(params->user, ret);
		if (ret->visible && ret->rerun_ms <= ret->at_ms)
			return 1;
		left = deadline_left_ms(deadline);
		if (left < PAUSE_MIN_MS || memory.until_ms - ret->at_ms > left)
			return 0;
		if (rest(params, least(pause_of(ret, usual_ms), left), err) < 0)
			return -1;
		usual_ms = least(2 * usual_ms, PAUSE_MAX_MS);
	}
}
