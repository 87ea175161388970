/* Recording and replay. */
#include "tests/unit/unit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "harness/base/clock.h"
#include "harness/dns/resolver_snapshot.h"
#include "tests/unit/dns_words.h"

/* The layer below: every name has an address, `broken` fails, `cured` fails the first time, `flat` is an error. */
struct dns {
	struct resolver base;
	atomic_uint questions, cured;
	unsigned pause_us;
};

static int dns_ask(struct resolver *resolver, const struct dns_question *questions, size_t count,
		   struct dns_answer *ret, struct error *err)
{
	struct dns *dns = (struct dns *)resolver;
	unsigned number = atomic_fetch_add(&dns->questions, (unsigned)count);
	usleep(dns->pause_us);
	for (size_t i = 0; i < count; i++)
		if (strcmp(questions[i].name, "flat") == 0)
			return error_set(err, ERROR_BUG, RETRY_NEVER, 0, "flat");
	for (size_t i = 0; i < count; i++) {
		bool fails = strcmp(questions[i].name, "broken") == 0 ||
			     (strcmp(questions[i].name, "cured") == 0 && atomic_fetch_add(&dns->cured, 1) == 0);
		size_t cap = 0;
		ret[i] = (struct dns_answer){ .ttl = number, .at_ms = 5 };
		ret[i].state = fails ? DNS_FAILED : DNS_ANSWERED;
		ret[i].detail = fails ? strdup("no") : NULL;
		if (!fails)
			dns_answer_add(&ret[i], &cap, "\xc0\0\2\1", 4, err);
	}
	return 0;
}

static const struct resolver_ops dns_ops = { .ask = dns_ask };

/* The store: facts in words. */
struct store {
	struct buf words;
	struct dns_fact facts[64];
	size_t count;
	size_t fails_at; /* of this fact on; SIZE_MAX: never */
	atomic_uint inside;
};

static int keep(void *user, const struct dns_fact *fact, struct error *err)
{
	struct store *store = user;
	struct dns_fact *copy = &store->facts[store->count];
	if (store->count >= store->fails_at)
		return error_set(err, ERROR_STORE, RETRY_NEVER, 0, "disk full");
	if (atomic_fetch_add(&store->inside, 1) > 0 || store->count == ARRAY_LEN(store->facts))
		return error_set(err, ERROR_BUG, RETRY_NEVER, 0, "two at once, or too many");
	buf_addf(&store->words, "%s%s ", store->count ? "\n" : "", fact->name);
	answer_words(&fact->answer, fact->type, &store->words);
	*copy = (struct dns_fact){ .name = strdup(fact->name), .type = fact->type };
	store->count++;
	atomic_fetch_sub(&store->inside, 1);
	return dns_answer_copy(&fact->answer, &copy->answer, err);
}

static void store_fini(struct store *store)
{
	for (size_t i = 0; i < store->count; i++)
		dns_fact_fini(&store->facts[i]);
	buf_fini(&store->words);
}

#define STORE_INIT                                                                                                     \
	{                                                                                                              \
		.words = BUF_INIT(10000), .fails_at = SIZE_MAX                                                         \
	}

static void the_first_answer_is_kept_and_told_once(void **state)
{
	struct error err = ERROR_INIT;
	struct dns dns = { .base = { &dns_ops } };
	_cleanup_(store_fini) struct store store = STORE_INIT;
	_cleanup_(resolver_free_p) struct resolver *resolver = NULL;
	_cleanup_(buf_fini) struct buf words = BUF_INIT(1000);
	static const struct {
		const char *question, *answer;
		unsigned below; /* questions, so far */
	} rows[] = {
		{ "a A", "NOERROR 0 192.0.2.1", 1 },       { "a A", "NOERROR 0 192.0.2.1", 1 },
		{ "A. A", "NOERROR 0 192.0.2.1", 1 },      { "a AAAA", "NOERROR 1 \\# 4 c0000201", 2 },
		{ "cured A", "NOERROR failed 2: no", 3 },  { "cured A", "NOERROR 3 192.0.2.1", 4 },
		{ "cured A", "NOERROR 3 192.0.2.1", 4 },   { "broken A", "NOERROR failed 4: no", 5 },
		{ "broken A", "NOERROR failed 5: no", 6 }, { "a..b A", "NXDOMAIN 0", 6 },
	};
	assert_int_equal(resolver_recording_new(&dns.base, NULL, 0, keep, &store, &resolver, &err), 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ROW_ASSERT_STRING(rows[i].question, ask_words(resolver, rows[i].question, &words), rows[i].answer);
		ROW_ASSERT(rows[i].question, atomic_load(&dns.questions) == rows[i].below);
	}
	assert_string_equal(buf_str(&store.words), "a NOERROR 0 192.0.2.1\n"
						   "a NOERROR 1 \\# 4 c0000201\n"
						   "cured NOERROR failed 2: no\n"
						   "cured NOERROR 3 192.0.2.1\n"
						   "broken NOERROR failed 4: no\n"
						   "broken NOERROR failed 5: no");
}

static void a_replay_gives_what_was_recorded_and_misses_the_rest(void **state)
{
	struct error err = ERROR_INIT;
	struct dns dns = { .base = { &dns_ops } };
	struct dns_answer answer;
	_cleanup_(store_fini) struct store store = STORE_INIT;
	_cleanup_(resolver_free_p) struct resolver *recording = NULL;
	_cleanup_(resolver_free_p) struct resolver *replay = NULL;
	_cleanup_(buf_fini) struct buf words = BUF_INIT(1000);
	assert_int_equal(resolver_recording_new(&dns.base, NULL, 0, keep, &store, &recording, &err), 0);
	ask_words(recording, "a A", &words);
	ask_words(recording, "cured A", &words);
	ask_words(recording, "cured A", &words);
	ask_words(recording, "broken A", &words);
	assert_int_equal(store.count, 4);
	assert_int_equal(resolver_replay_new(store.facts, store.count, &replay, &err), 0);
	assert_string_equal(ask_words(replay, "A. A", &words), "NOERROR 0 192.0.2.1");
	assert_string_equal(ask_words(replay, "cured A", &words), "NOERROR 2 192.0.2.1");
	assert_string_equal(ask_words(replay, "broken A", &words), "NOERROR failed 3: no");
	assert_string_equal(ask_words(replay, "a MX", &words), "NOERROR missed 0: the snapshot does not hold a MX");
	assert_string_equal(ask_words(replay, "a TYPE65280", &words),
			    "NOERROR missed 0: the snapshot does not hold a TYPE65280");
	assert_string_equal(ask_words(replay, "a..b A", &words), "NXDOMAIN 0");
	assert_int_equal(resolver_ask(replay, "a", DNS_A, &answer, &err), 0);
	assert_int_equal(answer.at_ms, 5);
	dns_answer_fini(&answer);
	assert_int_equal(atomic_load(&dns.questions), 4);
}

/* In whatever order facts were stored. */
static void an_answer_beats_failures_and_later_answers(void **state)
{
	struct error err = ERROR_INIT;
	char a[] = "a", b[] = "b", c[] = "c", d[] = "d";
	struct dns_fact facts[] = {
		{ a, DNS_A, { .state = DNS_ANSWERED, .rcode = DNS_NXDOMAIN, .ttl = 1 } },
		{ a, DNS_A, { .state = DNS_FAILED, .ttl = 2 } },
		{ a, DNS_A, { .state = DNS_ANSWERED, .ttl = 3 } },
		{ b, DNS_A, { .state = DNS_FAILED, .ttl = 4 } },
		{ b, DNS_A, { .state = DNS_MISSED, .ttl = 5 } },
		{ b, DNS_A, { .state = DNS_ANSWERED, .ttl = 6 } },
		{ c, DNS_A, { .state = DNS_FAILED, .ttl = 7 } },
		{ c, DNS_A, { .state = DNS_FAILED, .ttl = 8 } },
		{ d, DNS_A, { .state = DNS_MISSED, .ttl = 9 } },
	};
	struct dns dns = { .base = { &dns_ops } };
	_cleanup_(store_fini) struct store store = STORE_INIT;
	_cleanup_(resolver_free_p) struct resolver *replay = NULL;
	_cleanup_(resolver_free_p) struct resolver *recording = NULL;
	_cleanup_(buf_fini) struct buf words = BUF_INIT(1000);
	assert_int_equal(resolver_replay_new(facts, ARRAY_LEN(facts), &replay, &err), 0);
	assert_string_equal(ask_words(replay, "a A", &words), "NXDOMAIN 1");
	assert_string_equal(ask_words(replay, "b A", &words), "NOERROR 6");
	assert_string_equal(ask_words(replay, "c A", &words), "NOERROR failed 8");
	assert_string_equal(ask_words(replay, "d A", &words), "NOERROR missed 0: the snapshot does not hold d A");
	assert_int_equal(resolver_recording_new(&dns.base, facts, ARRAY_LEN(facts), keep, &store, &recording, &err), 0);
	assert_string_equal(ask_words(recording, "a A", &words), "NXDOMAIN 1");
	assert_int_equal(store.count, 0);
	assert_string_equal(ask_words(recording, "c A", &words), "NOERROR 0 192.0.2.1");
	assert_int_equal(store.count, 1);
}

static void errors_are_those_of_the_asking_and_leave_nothing_behind(void **state)
{
	const struct dns_question questions[] = { { "a", DNS_A }, { "b", DNS_A }, { "c", DNS_A } };
	const struct dns_question flat[] = { { "d", DNS_A }, { "flat", DNS_A } };
	struct error err = ERROR_INIT;
	struct dns dns = { .base = { &dns_ops } };
	struct dns_answer answers[3];
	_cleanup_(store_fini) struct store store = STORE_INIT;
	_cleanup_(resolver_free_p) struct resolver *resolver = NULL;
	_cleanup_(buf_fini) struct buf words = BUF_INIT(1000);
	store.fails_at = 1;
	assert_int_equal(resolver_recording_new(&dns.base, NULL, 0, keep, &store, &resolver, &err), 0);
	assert_int_equal(resolver_ask_many(resolver, questions, 3, answers, &err), -1);
	assert_string_equal(err.text, "disk full");
	assert_int_equal(resolver_ask_many(resolver, flat, 2, answers, &err), -1);
	assert_string_equal(err.text, "flat");
	store.fails_at = SIZE_MAX;
	assert_int_equal(resolver_ask_many(resolver, questions, 3, answers, &err), 0);
	for (size_t i = 0; i < 3; i++)
		dns_answer_fini(&answers[i]);
	assert_string_equal(ask_words(resolver, "d A", &words), "NOERROR 7 192.0.2.1");
	assert_string_equal(buf_str(&store.words), "a NOERROR 0 192.0.2.1\n"
						   "b NOERROR 5 192.0.2.1\n"
						   "c NOERROR 5 192.0.2.1\n"
						   "d NOERROR 7 192.0.2.1");
}

static void a_question_that_stands_twice_is_asked_once(void **state)
{
	const struct dns_question questions[] = {
		{ "a", DNS_A }, { "b", DNS_A }, { "a.", DNS_A }, { "broken", DNS_A }, { "broken", DNS_A }
	};
	static const char *const expected[] = { "NOERROR 0 192.0.2.1", "NOERROR 0 192.0.2.1", "NOERROR 0 192.0.2.1",
						"NOERROR failed 0: no", "NOERROR failed 0: no" };
	struct error err = ERROR_INIT;
	struct dns dns = { .base = { &dns_ops } };
	struct dns_answer answers[ARRAY_LEN(questions)];
	_cleanup_(store_fini) struct store store = STORE_INIT;
	_cleanup_(resolver_free_p) struct resolver *resolver = NULL;
	assert_int_equal(resolver_recording_new(&dns.base, NULL, 0, keep, &store, &resolver, &err), 0);
	assert_int_equal(resolver_ask_many(resolver, questions, ARRAY_LEN(questions), answers, &err), 0);
	for (size_t i = 0; i < ARRAY_LEN(questions); i++) {
		_cleanup_(buf_fini) struct buf words = BUF_INIT(1000);
		answer_words(&answers[i], questions[i].type, &words);
		ROW_ASSERT_STRING(questions[i].name, buf_str(&words), expected[i]);
		dns_answer_fini(&answers[i]);
	}
	assert_int_equal(atomic_load(&dns.questions), 3);
	assert_int_equal(store.count, 3);
	assert_int_equal(resolver_ask_many(resolver, NULL, 0, NULL, &err), 0);
}

enum { THREADS = 8, NAMES = 16 };

static void *ask_all(void *resolver)
{
	struct error err = ERROR_INIT;
	struct dns_question questions[NAMES];
	struct dns_answer answers[NAMES];
	char names[NAMES][8];
	for (unsigned i = 0; i < NAMES; i++) {
		snprintf(names[i], sizeof(names[i]), "n%u", i);
		questions[i] = (struct dns_question){ names[i], DNS_A };
	}
	/* One by one, then side by side: other threads are at other places. */
	for (unsigned i = 0; i < NAMES / 2; i++) {
		if (resolver_ask(resolver, names[i], DNS_A, &answers[0], &err) < 0)
			return NULL;
		dns_answer_fini(&answers[0]);
	}
	if (resolver_ask_many(resolver, questions, NAMES, answers, &err) < 0)
		return NULL;
	for (unsigned i = 0; i < NAMES; i++)
		dns_answer_fini(&answers[i]);
	return resolver;
}

static void threads_that_ask_the_same_wait_for_one_answer(void **state)
{
	struct error err = ERROR_INIT;
	struct dns dns = { .base = { &dns_ops }, .pause_us = 2000 };
	pthread_t threads[THREADS];
	_cleanup_(store_fini) struct store store = STORE_INIT;
	_cleanup_(resolver_free_p) struct resolver *resolver = NULL;
	assert_int_equal(resolver_recording_new(&dns.base, NULL, 0, keep, &store, &resolver, &err), 0);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, ask_all, resolver), 0);
	for (size_t i = 0; i < THREADS; i++) {
		void *result = NULL;
		pthread_join(threads[i], &result);
		assert_ptr_equal(result, resolver);
	}
	assert_int_equal(atomic_load(&dns.questions), NAMES);
	assert_int_equal(store.count, NAMES);
}

/* 200,000 facts: an hour if the cost grew with the square, an instant as it is. */
static void many_facts_cost_little(void **state)
{
	enum { MANY = 200000 };
	struct error err = ERROR_INIT;
	struct dns_fact *facts = calloc(MANY, sizeof(*facts));
	char(*names)[16] = calloc(MANY, sizeof(*names));
	_cleanup_(resolver_free_p) struct resolver *replay = NULL;
	_cleanup_(buf_fini) struct buf words = BUF_INIT(1000);
	assert_true(facts && names);
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(names[i], sizeof(names[i]), "n%u.test", i);
		facts[i] = (struct dns_fact){ names[i], DNS_A, { .ttl = i } };
	}
	int64_t start = clock_mono_ms();
	assert_int_equal(resolver_replay_new(facts, MANY, &replay, &err), 0);
	assert_string_equal(ask_words(replay, "n199999.test A", &words), "NOERROR 199999");
	assert_true(clock_mono_ms() - start < 20000);
	free(facts);
	free(names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_answer_is_kept_and_told_once),
		cmocka_unit_test(a_replay_gives_what_was_recorded_and_misses_the_rest),
		cmocka_unit_test(an_answer_beats_failures_and_later_answers),
		cmocka_unit_test(errors_are_those_of_the_asking_and_leave_nothing_behind),
		cmocka_unit_test(a_question_that_stands_twice_is_asked_once),
		cmocka_unit_test(threads_that_ask_the_same_wait_for_one_answer),
		cmocka_unit_test(many_facts_cost_little),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
