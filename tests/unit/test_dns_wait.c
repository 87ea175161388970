/* Waiting for the DNS, with servers on the loopback that see the change late. */
#include "tests/unit/unit.h"

#include <sys/eventfd.h>

#include "harness/base/clock.h"
#include "harness/dns_wait/dns_wait.h"
#include "tests/unit/dns_server.h"
#include "tests/unit/dns_words.h"

#define ZONE(serial, ttl, text)                                                                                        \
	"$ORIGIN one.test.\n@ " ttl " SOA ns root " serial " 2 3 4 1\n@ " ttl " NS ns\n_dmarc " ttl " TXT \"" text     \
	"\"\n"
#define OLD ZONE("1", "2", "v=DMARC1; p=none")
#define NEW ZONE("2", "2", "v=DMARC1; p=reject")

enum { SERVERS_MAX = 3, ROUNDS_MAX = 40 };

/* Two authoritative servers and a resolver, and what was told of the rounds. */
struct scene {
	struct zone *old_zone, *new_zone;
	struct dns_server *servers[SERVERS_MAX];
	struct dns_wait_server wait[SERVERS_MAX];
	struct dns_wait_question question;
	struct dns_answer expected;
	struct dns_wait_params params;
	enum visibility_state states[ROUNDS_MAX][SERVERS_MAX];
	int64_t left_s[ROUNDS_MAX], at_ms[ROUNDS_MAX], rerun_ms[ROUNDS_MAX];
	size_t rounds;
};

static void note(void *user, const struct visibility *v)
{
	struct scene *s = user;
	assert_true(s->rounds < ROUNDS_MAX);
	for (size_t i = 0; i < v->count; i++)
		s->states[s->rounds][i] = v->rows[i].state;
	s->left_s[s->rounds] = v->rows[2].left_s;
	s->at_ms[s->rounds] = clock_mono_ms();
	s->rerun_ms[s->rounds++] = v->rerun_ms;
}

/* Which zone each of the servers has at first: `o` or `n`. */
static void scene_init(struct scene *s, const char *zones)
{
	static const char *const labels[] = { "ns1", "ns2", "resolver" };
	*s = (struct scene){ .old_zone = zone_of(OLD), .new_zone = zone_of(NEW) };
	for (size_t i = 0; i < SERVERS_MAX; i++) {
		s->servers[i] = dns_server_new(zones[i] == 'o' ? s->old_zone : s->new_zone);
		s->wait[i] = (struct dns_wait_server){ .label = labels[i],
						       .address = dns_server_address(s->servers[i]),
						       .zone = i < 2 ? "one.test" : NULL };
	}
	dns_server_conduct(s->servers[2], (struct dns_conduct){ .resolver = true });
	s->question = (struct dns_wait_question){ .name = "_dmarc.one.test", .type = DNS_TXT, .zone = "one.test" };
	s->params = (struct dns_wait_params){ .questions = &s->question,
					      .question_count = 1,
					      .servers = s->wait,
					      .server_count = SERVERS_MAX,
					      .timeout_ms = 15000,
					      .answer_timeout_ms = 1000,
					      .signal_fd = -1,
					      .progress = note,
					      .user = s };
}

static void scene_fini(struct scene *s)
{
	for (size_t i = 0; i < SERVERS_MAX; i++)
		dns_server_free(s->servers[i]);
	dns_answer_fini(&s->expected);
	zone_free(s->old_zone);
	zone_free(s->new_zone);
}

static void all_that_agree_are_visible_at_once(void **state)
{
	struct scene s;
	struct visibility v = { 0 };
	struct error err = ERROR_INIT;
	scene_init(&s, "nnn");
	assert_int_equal(dns_wait(&s.params, &v, &err), 1);
	assert_int_equal(s.rounds, 1);
	assert_true(v.visible && v.rerun_ms == v.at_ms && v.questions == 1 && v.count == 3);
	assert_string_equal(v.rows[0].detail, "");
	visibility_fini(&v);
	scene_fini(&s);
}

/* The one that lags has the old answer in the first round; what it gave in the last second may be cached for its TTL.
 */
static void a_server_that_lags_is_waited_for(void **state)
{
	struct scene s;
	struct visibility v = { 0 };
	struct error err = ERROR_INIT;
	scene_init(&s, "non");
	dns_server_next(s.servers[1], s.new_zone, 3000, false);
	assert_int_equal(dns_wait(&s.params, &v, &err), 1);
	assert_int_equal(s.states[0][0], VISIBILITY_NEW);
	assert_int_equal(s.states[0][1], VISIBILITY_OLD);
	assert_int_equal(s.states[0][2], VISIBILITY_NEW);
	assert_int_equal(s.rerun_ms[0], 0);
	assert_int_equal(s.states[s.rounds - 1][1], VISIBILITY_NEW);
	/* One TTL of 2 s after the last sight of the old answer. */
	size_t last_old = 0;
	for (size_t i = 0; i < s.rounds; i++)
		if (s.states[i][1] == VISIBILITY_OLD)
			last_old = i;
	assert_true(s.at_ms[s.rounds - 1] - s.at_ms[last_old] >= 2000);
	for (size_t i = 1; i < s.rounds; i++)
		assert_true(s.at_ms[i] - s.at_ms[i - 1] >= 1000);
	visibility_fini(&v);
	scene_fini(&s);
}

static void a_cache_with_the_old_answer_is_waited_for_by_its_ttl(void **state)
{
	struct scene s;
	struct visibility v = { 0 };
	struct error err = ERROR_INIT;
	scene_init(&s, "nno");
	dns_server_next(s.servers[2], s.new_zone, 5000, true);
	assert_int_equal(dns_wait(&s.params, &v, &err), 1);
	assert_int_equal(s.states[0][2], VISIBILITY_OLD);
	assert_in_range(s.left_s[0], 3, 6);
	assert_true(s.left_s[1] < s.left_s[0]);
	assert_true(s.rerun_ms[0] > 0);
	assert_int_equal(s.states[s.rounds - 1][2], VISIBILITY_NEW);
	visibility_fini(&v);
	scene_fini(&s);
}

static void what_is_expected_outranks_what_servers_agree_on(void **state)
{
	struct scene s;
	struct visibility v = { 0 };
	struct error err = ERROR_INIT;
	size_t cap = 0;
	scene_init(&s, "ooo");
	assert_int_equal(dns_answer_add(&s.expected, &cap, "\022v=DMARC1; p=reject", 19, &err), 0);
	s.question.expected = &s.expected;
	s.params.timeout_ms = 1500;
	assert_int_equal(dns_wait(&s.params, &v, &err), 0);
	assert_false(v.visible);
	for (size_t i = 0; i < v.count; i++) {
		assert_int_equal(v.rows[i].state, VISIBILITY_OLD);
		assert_string_equal(v.rows[i].detail, "_dmarc.one.test TXT: v=DMARC1; p=none");
	}
	assert_int_equal(v.rerun_ms, 0);
	visibility_fini(&v);
	scene_fini(&s);
}

/* All servers have the new answer, but a snapshot has seen another one, which caches elsewhere may keep for its TTL. */
static void the_ttl_of_an_earlier_answer_is_waited_for(void **state)
{
	struct scene s;
	struct visibility v = { 0 };
	struct error err = ERROR_INIT;
	struct dns_answer before = { .ttl = 2 };
	size_t cap = 0;
	scene_init(&s, "nnn");
	assert_int_equal(dns_answer_add(&before, &cap, "\020v=DMARC1; p=none", 17, &err), 0);
	s.question.before = &before;
	int64_t begun_ms = clock_mono_ms();
	assert_int_equal(dns_wait(&s.params, &v, &err), 1);
	assert_true(clock_mono_ms() - begun_ms >= 2000);
	assert_true(s.rerun_ms[0] > 0);
	visibility_fini(&v);
	dns_answer_fini(&before);
	scene_fini(&s);
}

static void silence_is_neither_new_nor_old_and_ends_in_time(void **state)
{
	struct scene s;
	struct visibility v = { 0 };
	struct error err = ERROR_INIT;
	scene_init(&s, "nnn");
	dns_server_conduct(s.servers[1], (struct dns_conduct){ .silent = true });
	s.params.timeout_ms = 2500;
	int64_t begun_ms = clock_mono_ms();
	assert_int_equal(dns_wait(&s.params, &v, &err), 0);
	assert_true(clock_mono_ms() - begun_ms < 6000);
	assert_int_equal(v.rows[0].state, VISIBILITY_NEW);
	assert_int_equal(v.rows[1].state, VISIBILITY_UNKNOWN);
	assert_true(v.rows[1].detail[0] != 0);
	visibility_fini(&v);
	s.wait[1].skipped = true;
	assert_int_equal(dns_wait(&s.params, &v, &err), 1);
	assert_int_equal(v.rows[1].state, VISIBILITY_SKIPPED);
	visibility_fini(&v);
	scene_fini(&s);
}

static void a_signal_ends_the_wait(void **state)
{
	struct scene s;
	struct visibility v = { 0 };
	struct error err = ERROR_INIT;
	scene_init(&s, "non");
	s.params.signal_fd = eventfd(1, EFD_CLOEXEC);
	assert_int_equal(dns_wait(&s.params, &v, &err), -1);
	assert_int_equal(err.kind, ERROR_INTERRUPTED);
	close_p(&s.params.signal_fd);
	visibility_fini(&v);
	scene_fini(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_that_agree_are_visible_at_once),
		cmocka_unit_test(a_server_that_lags_is_waited_for),
		cmocka_unit_test(a_cache_with_the_old_answer_is_waited_for_by_its_ttl),
		cmocka_unit_test(what_is_expected_outranks_what_servers_agree_on),
		cmocka_unit_test(the_ttl_of_an_earlier_answer_is_waited_for),
		cmocka_unit_test(silence_is_neither_new_nor_old_and_ends_in_time),
		cmocka_unit_test(a_signal_ends_the_wait),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
