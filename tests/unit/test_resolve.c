/* Look-ups under deadlines: shared, bounded in number, and none in the way of another. The system's resolver is
 * replaced by one that holds names of the form hold*.test until it is told to go on. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "harness/base/clock.h"
#include "harness/net/resolve.h"

enum { LONG_MS = 60000, SHORT_MS = 200, WAITERS = 64 };

static struct {
	pthread_mutex_t lock;
	pthread_cond_t change;
	size_t asked, inside, most;
	bool open;
} held = { .lock = PTHREAD_MUTEX_INITIALIZER, .change = PTHREAD_COND_INITIALIZER };

static atomic_size_t asked_quick;

static void hold(void)
{
	pthread_mutex_lock(&held.lock);
	held.asked++;
	held.inside++;
	if (held.inside > held.most)
		held.most = held.inside;
	pthread_cond_broadcast(&held.change);
	while (!held.open)
		pthread_cond_wait(&held.change, &held.lock);
	held.inside--;
	pthread_cond_broadcast(&held.change);
	pthread_mutex_unlock(&held.lock);
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **ret)
{
	typeof(&getaddrinfo) real;
	*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	if (!node || (hints->ai_flags & AI_NUMERICHOST))
		return real(node, service, hints, ret);
	if (strncmp(node, "hold", 4) == 0)
		hold();
	else
		atomic_fetch_add(&asked_quick, 1);
	if (strcmp(node, "none.test") == 0)
		return EAI_NONAME;
	if (strcmp(node, "later.test") == 0)
		return EAI_AGAIN;
	if (strcmp(node, "broken.test") == 0) {
		errno = EMFILE;
		return EAI_SYSTEM;
	}
	struct addrinfo *second = NULL;
	int result = real("2001:db8::7", service, hints, ret);
	if (result == 0)
		result = real("192.0.2.7", service, hints, &second);
	if (result == 0)
		(*ret)->ai_next = second;
	return result;
}

static void held_from_now_on(void)
{
	pthread_mutex_lock(&held.lock);
	held.asked = held.most = 0;
	held.open = false;
	pthread_mutex_unlock(&held.lock);
}

static void wait_inside(size_t count)
{
	pthread_mutex_lock(&held.lock);
	while (held.inside < count)
		pthread_cond_wait(&held.change, &held.lock);
	pthread_mutex_unlock(&held.lock);
}

static void let_go(size_t in_all)
{
	pthread_mutex_lock(&held.lock);
	held.open = true;
	pthread_cond_broadcast(&held.change);
	while (held.inside > 0 || held.asked < in_all)
		pthread_cond_wait(&held.change, &held.lock);
	pthread_mutex_unlock(&held.lock);
}

struct waiter {
	char host[32];
	int64_t timeout_ms;
	uint16_t port;
	pthread_t thread;
	int result;
	struct resolved resolved;
	struct error error;
};

static void *ask(void *argument)
{
	struct waiter *w = argument;
	w->error = (struct error)ERROR_INIT;
	w->result = resolve_host(w->host, w->port, deadline_in(w->timeout_ms), -1, &w->resolved, &w->error);
	return NULL;
}

static void ask_side_by_side(struct waiter waiters[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_int_equal(pthread_create(&waiters[i].thread, NULL, ask, &waiters[i]), 0);
}

static void join_all(struct waiter waiters[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		pthread_join(waiters[i].thread, NULL);
}

static struct waiter ask_now(const char *host, int64_t timeout_ms)
{
	struct waiter w = { .timeout_ms = timeout_ms, .port = 993 };
	snprintf(w.host, sizeof(w.host), "%s", host);
	ask(&w);
	return w;
}

static void both_families_come_in_order_and_with_the_port(void **state)
{
	struct waiter w = ask_now("quick.test", LONG_MS);
	char text[INET6_ADDRSTRLEN];
	assert_int_equal(w.result, 0);
	assert_int_equal(w.resolved.count, 2);
	assert_int_equal(w.resolved.addresses[0].any.sa_family, AF_INET6);
	assert_string_equal(inet_ntop(AF_INET6, &w.resolved.addresses[0].in6.sin6_addr, text, sizeof(text)),
			    "2001:db8::7");
	assert_int_equal(ntohs(w.resolved.addresses[0].in6.sin6_port), 993);
	assert_string_equal(inet_ntop(AF_INET, &w.resolved.addresses[1].in.sin_addr, text, sizeof(text)), "192.0.2.7");
	assert_int_equal(ntohs(w.resolved.addresses[1].in.sin_port), 993);
}

static void waiters_share_one_lookup(void **state)
{
	struct waiter waiters[WAITERS] = { 0 };
	held_from_now_on();
	for (size_t i = 0; i < WAITERS; i++) {
		snprintf(waiters[i].host, sizeof(waiters[i].host), "hold-%s.TEST", i % 2 ? "shared" : "SHARED");
		/* Every other one has given up before the answer is there. */
		waiters[i].timeout_ms = i % 4 ? LONG_MS : SHORT_MS;
		waiters[i].port = (uint16_t)(1000 + i);
	}
	ask_side_by_side(waiters, WAITERS);
	for (size_t i = 0; i < WAITERS; i += 4)
		pthread_join(waiters[i].thread, NULL);
	wait_inside(1);
	assert_int_equal(held.asked, 1);
	let_go(1);
	for (size_t i = 0; i < WAITERS; i++) {
		if (i % 4 == 0) {
			assert_int_equal(waiters[i].result, -1);
			assert_int_equal(waiters[i].error.kind, ERROR_TIMEOUT);
			assert_int_equal(waiters[i].error.retry, RETRY_LATER);
			continue;
		}
		pthread_join(waiters[i].thread, NULL);
		assert_int_equal(waiters[i].result, 0);
		assert_int_equal(ntohs(waiters[i].resolved.addresses[1].in.sin_port), 1000 + i);
	}
	assert_int_equal(held.asked, 1);
}

static void thousand_seeds_ask_a_few_times(void **state)
{
	int64_t before = clock_mono_ms();
	size_t asked = atomic_load(&asked_quick);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(ask_now("thousand.test", LONG_MS).result, 0);
	asked = atomic_load(&asked_quick) - asked;
	assert_in_range(asked, 1, 1 + (size_t)(clock_mono_ms() - before) / RESOLVE_FRESH_MS);
}

static void answer_is_asked_for_anew_when_it_is_no_longer_fresh(void **state)
{
	const char *const hosts[] = { "anew.test", "none.test" };
	for (size_t i = 0; i < ARRAY_LEN(hosts); i++) {
		size_t asked = atomic_load(&asked_quick);
		ask_now(hosts[i], LONG_MS);
		usleep((RESOLVE_FRESH_MS + 50) * 1000);
		ask_now(hosts[i], LONG_MS);
		if (atomic_load(&asked_quick) - asked != 2)
			fail_msg("%s: asked %zu times", hosts[i], atomic_load(&asked_quick) - asked);
	}
}

static void hanging_names_do_not_hold_up_another(void **state)
{
	struct waiter waiters[RESOLVE_THREADS_MAX - 1] = { 0 };
	held_from_now_on();
	for (size_t i = 0; i < ARRAY_LEN(waiters); i++) {
		snprintf(waiters[i].host, sizeof(waiters[i].host), "hold-%zu.test", i);
		waiters[i].timeout_ms = LONG_MS;
	}
	ask_side_by_side(waiters, ARRAY_LEN(waiters));
	wait_inside(ARRAY_LEN(waiters));
	assert_int_equal(ask_now("beside.test", LONG_MS).result, 0);
	pthread_mutex_lock(&held.lock);
	assert_int_equal(held.inside, ARRAY_LEN(waiters));
	pthread_mutex_unlock(&held.lock);
	let_go(ARRAY_LEN(waiters));
	join_all(waiters, ARRAY_LEN(waiters));
	for (size_t i = 0; i < ARRAY_LEN(waiters); i++)
		assert_int_equal(waiters[i].result, 0);
}

static void more_names_than_threads_wait_for_their_turn_until_their_deadline(void **state)
{
	enum { NAMES = RESOLVE_THREADS_MAX + 8 };
	struct waiter waiters[NAMES] = { 0 };
	held_from_now_on();
	for (size_t i = 0; i < NAMES; i++) {
		snprintf(waiters[i].host, sizeof(waiters[i].host), "hold-many-%zu.test", i);
		waiters[i].timeout_ms = SHORT_MS;
	}
	ask_side_by_side(waiters, NAMES);
	join_all(waiters, NAMES);
	for (size_t i = 0; i < NAMES; i++)
		assert_int_equal(waiters[i].error.kind, ERROR_TIMEOUT);
	wait_inside(RESOLVE_THREADS_MAX);
	/* One more, which is still waiting when the others are let go. */
	struct waiter last = { .host = "beside-many.test", .timeout_ms = LONG_MS };
	ask_side_by_side(&last, 1);
	let_go(NAMES);
	join_all(&last, 1);
	assert_int_equal(last.result, 0);
	assert_int_equal(held.most, RESOLVE_THREADS_MAX);
	assert_int_equal(held.asked, NAMES);
}

static void failures_say_whether_trying_again_can_help(void **state)
{
	const struct {
		const char *host;
		int code;
		enum error_retry retry;
		const char *text;
	} rows[] = {
		{ "none.test", EAI_NONAME, RETRY_NEVER, "Name or service not known" },
		{ "later.test", EAI_AGAIN, RETRY_LATER, "Temporary failure in name resolution" },
		{ "broken.test", EAI_SYSTEM, RETRY_LATER, "Too many open files" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct waiter w = ask_now(rows[i].host, LONG_MS);
		if (w.result != -1 || w.error.kind != ERROR_NETWORK || w.error.code != rows[i].code ||
		    w.error.retry != rows[i].retry || !strstr(w.error.text, rows[i].host) ||
		    !strstr(w.error.text, rows[i].text))
			fail_msg("%s: kind %d, code %d, retry %d, %s", rows[i].host, w.error.kind, w.error.code,
				 w.error.retry, w.error.text);
	}
}

static void cancel_ends_the_wait(void **state)
{
	struct error err = ERROR_INIT;
	struct resolved resolved;
	int cancel = eventfd(1, EFD_CLOEXEC);
	held_from_now_on();
	assert_int_equal(resolve_host("hold-cancel.test", 1, deadline_in(LONG_MS), cancel, &resolved, &err), -1);
	assert_int_equal(err.kind, ERROR_INTERRUPTED);
	let_go(1);
	close(cancel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_families_come_in_order_and_with_the_port),
		cmocka_unit_test(waiters_share_one_lookup),
		cmocka_unit_test(thousand_seeds_ask_a_few_times),
		cmocka_unit_test(answer_is_asked_for_anew_when_it_is_no_longer_fresh),
		cmocka_unit_test(hanging_names_do_not_hold_up_another),
		cmocka_unit_test(more_names_than_threads_wait_for_their_turn_until_their_deadline),
		cmocka_unit_test(failures_say_whether_trying_again_can_help),
		cmocka_unit_test(cancel_ends_the_wait),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
