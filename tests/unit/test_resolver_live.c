/* The DNS through libunbound, against a server on the loopback. */
#include "tests/unit/unit.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <unistd.h>

#include "harness/base/clock.h"
#include "harness/dns/packet.h"
#include "harness/dns/rdata.h"
#include "harness/dns/resolver_live.h"
#include "tests/unit/dns_server.h"
#include "tests/unit/dns_words.h"

static const char records[] = "$ORIGIN one.test.\n"
			      "$TTL 300\n"
			      "@ SOA ns root 1 2 3 4 50\n"
			      "@ MX 20 b\n"
			      "@ MX 10 a\n"
			      "a A 192.0.2.1\n"
			      "a AAAA 2001:db8::1\n"
			      "alias 20 CNAME a\n"
			      "dead CNAME nothing\n"
			      "odd\\032name\\.\\255 TXT odd\n"
			      "1.2.0.192.in-addr.arpa. PTR a\n"
			      "1.0.0.10.in-addr.arpa. PTR a\n"
			      "x.home.arpa. A 192.0.2.2\n";

struct fixture {
	struct zone *zone;
	struct dns_server *server;
	struct resolver *resolver;
	struct buf words;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct error err = ERROR_INIT;
	_cleanup_(buf_fini) struct buf big = BUF_INIT(65535);
	f->zone = zone_of(records);
	for (int i = 0; i < 16; i++) {
		buf_add_char(&big, (char)255);
		for (int k = 0; k < 255; k++)
			buf_add_char(&big, (char)('a' + i));
	}
	assert_int_equal(zone_add(f->zone, "big.one.test", DNS_TXT, 300, big.p, big.len, &err), 0);
	f->server = dns_server_new(f->zone);
	buf_init(&f->words, 10000);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	resolver_free(f->resolver);
	dns_server_free(f->server);
	zone_free(f->zone);
	buf_fini(&f->words);
	free(f);
	return 0;
}

static void make(struct fixture *f, int64_t timeout_ms)
{
	struct error err = ERROR_INIT;
	const char *server = dns_server_address(f->server);
	const struct resolver_live_options options = { .servers = &server,
						       .server_count = 1,
						       .timeout_ms = timeout_ms };
	assert_int_equal(resolver_live_new(&options, &f->resolver, &err), 0);
}

/* "... at ADDRESS" with the address of the server, which another test run has not. */
static const char *at_server(const struct fixture *f, const char *fmt, struct buf *out)
{
	struct span address = span_of(dns_server_address(f->server));
	ptrdiff_t colon = span_find_char(address, ':', 0);
	buf_clear(out);
	buf_addf(out, "%s %.*s@%s", fmt, (int)colon, address.p, address.p + colon + 1);
	return buf_str(out);
}

static void answers_are_those_of_the_server(void **state)
{
	static const struct {
		const char *question, *answer;
	} rows[] = {
		{ "a.one.test A", "NOERROR 300 192.0.2.1" },
		{ "a.one.test AAAA", "NOERROR 300 2001:db8::1" },
		{ "A.One.Test. A", "NOERROR 300 192.0.2.1" },
		{ "alias.one.test A", "NOERROR 20 -> a.one.test 192.0.2.1" },
		{ "alias.one.test MX", "NOERROR 20 -> a.one.test" },
		{ "dead.one.test A", "NXDOMAIN 50 -> nothing.one.test" },
		{ "a.one.test TXT", "NOERROR 50" },
		{ "nothing.one.test A", "NXDOMAIN 50" },
		{ "odd\\032name\\046\\255.one.test TXT", "NOERROR 300 \"odd\"" },
		{ "1.2.0.192.in-addr.arpa PTR", "NOERROR 300 a.one.test." },
		{ "1.0.0.10.in-addr.arpa PTR", "NOERROR 300 a.one.test." },
		{ "x.home.arpa A", "NOERROR 300 192.0.2.2" },
		{ "a..b A", "NXDOMAIN 0" },
	};
	struct fixture *f = *state;
	struct dns_answer answer;
	struct error err = ERROR_INIT;
	make(f, 5000);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		ROW_ASSERT_STRING(rows[i].question, ask_words(f->resolver, rows[i].question, &f->words),
				  rows[i].answer);
	int64_t now = clock_wall_ms();
	assert_int_equal(resolver_ask(f->resolver, "one.test", DNS_MX, &answer, &err), 0);
	assert_int_equal(answer.count, 2);
	assert_true(answer.at_ms >= now && answer.at_ms <= clock_wall_ms());
	dns_answer_fini(&answer);
	/* libunbound's own, never asked of anybody. */
	unsigned before = dns_server_udp(f->server);
	ask_words(f->resolver, "x.invalid A", &f->words);
	ask_words(f->resolver, "x.onion A", &f->words);
	assert_string_equal(ask_words(f->resolver, "localhost A", &f->words), "NOERROR 10800 127.0.0.1");
	assert_int_equal(dns_server_udp(f->server), before);
}

static void an_answer_comes_with_its_packet(void **state)
{
	static const struct {
		const char *label, *name;
		enum dns_type type;
		bool packet;
	} rows[] = {
		{ "records", "a.one.test", DNS_A, true },
		{ "an alias", "alias.one.test", DNS_A, true },
		{ "none of that type", "a.one.test", DNS_TXT, true },
		{ "no such name", "nothing.one.test", DNS_A, true },
		{ "more than fits into UDP", "big.one.test", DNS_TXT, true },
		{ "a name that cannot be asked", "a..b", DNS_A, false },
	};
	struct fixture *f = *state;
	make(f, 5000);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct dns_answer answer;
		struct error err = ERROR_INIT;
		struct packet_reader reader;
		struct packet_record record;
		assert_int_equal(resolver_ask(f->resolver, rows[i].name, rows[i].type, &answer, &err), 0);
		struct span packet = span_make((const char *)answer.packet, answer.packet_len);
		ROW_ASSERT(rows[i].label, packet_open(&reader, packet) == rows[i].packet);
		bool found = !rows[i].packet ||
			     (packet_next(&reader, &record) &&
			      dns_name_under(rows[i].name,
					     record.section == PACKET_ANSWER ? rows[i].name : record.owner));
		ROW_ASSERT(rows[i].label, found);
		dns_answer_fini(&answer);
	}
}

static void a_resolver_gives_what_is_left_of_a_ttl(void **state)
{
	struct fixture *f = *state;
	make(f, 5000);
	dns_server_conduct(f->server, (struct dns_conduct){ .resolver = true });
	assert_string_equal(ask_words(f->resolver, "a.one.test A", &f->words), "NOERROR 300 remaining 192.0.2.1");
	unsigned before = dns_server_udp(f->server);
	usleep(1100000);
	assert_string_equal(ask_words(f->resolver, "a.one.test A", &f->words), "NOERROR 300 remaining 192.0.2.1");
	assert_int_equal(dns_server_udp(f->server), before);
}

static void what_is_cut_is_asked_by_tcp(void **state)
{
	struct fixture *f = *state;
	struct dns_answer answer;
	struct error err = ERROR_INIT;
	_cleanup_(buf_fini) struct buf text = BUF_INIT(65535);
	size_t strings = 0;
	make(f, 5000);
	assert_int_equal(resolver_ask(f->resolver, "big.one.test", DNS_TXT, &answer, &err), 0);
	assert_int_equal(answer.count, 1);
	assert_true(rdata_txt(&answer.records[0], &text, &strings));
	assert_int_equal(strings, 16);
	assert_int_equal(text.len, 16 * 255);
	dns_answer_fini(&answer);
	unsigned before = dns_server_tcp(f->server);
	assert_true(before > 0);
	dns_server_conduct(f->server, (struct dns_conduct){ .truncates = true });
	assert_string_equal(ask_words(f->resolver, "a.one.test A", &f->words), "NOERROR 300 192.0.2.1");
	assert_true(dns_server_tcp(f->server) > before);
}

static void a_failure_that_ends_is_got_over(void **state)
{
	struct fixture *f = *state;
	make(f, 20000);
	dns_server_conduct(f->server, (struct dns_conduct){ .fails = 7 });
	assert_string_equal(ask_words(f->resolver, "a.one.test A", &f->words), "NOERROR 300 192.0.2.1");
	assert_true(dns_server_udp(f->server) > 7);
}

static void a_failure_that_stays_is_an_answer(void **state)
{
	struct fixture *f = *state;
	_cleanup_(buf_fini) struct buf expected = BUF_INIT(1000);
	make(f, 20000);
	dns_server_conduct(f->server, (struct dns_conduct){ .fails = 1000000, .only = "a.one.test" });
	int64_t start = clock_mono_ms();
	assert_string_equal(ask_words(f->resolver, "a.one.test A", &f->words),
			    at_server(f, "SERVFAIL failed 0: SERVFAIL, or no answer, at", &expected));
	assert_true(clock_mono_ms() - start < 10000);
	assert_string_equal(ask_words(f->resolver, "alias.one.test CNAME", &f->words), "NOERROR 20 a.one.test.");
	dns_server_conduct(f->server, (struct dns_conduct){ 0 });
	assert_string_equal(ask_words(f->resolver, "a.one.test A", &f->words), "NOERROR 300 192.0.2.1");
}

/* The others of the same asking have their answers. */
static void a_silent_server_costs_the_deadline_and_no_more(void **state)
{
	const struct dns_question questions[] = { { "a.one.test", DNS_A },
						  { "a.one.test", DNS_AAAA },
						  { "one.test", DNS_MX } };
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	struct dns_answer answers[3];
	_cleanup_(buf_fini) struct buf expected = BUF_INIT(1000);
	make(f, 700);
	dns_server_conduct(f->server, (struct dns_conduct){ .silent = true, .only = "one.test" });
	int64_t start = clock_mono_ms();
	assert_int_equal(resolver_ask_many(f->resolver, questions, 3, answers, &err), 0);
	int64_t took = clock_mono_ms() - start;
	assert_true(took >= 690);
	assert_true(took < 5000);
	assert_int_equal(answers[0].state, DNS_ANSWERED);
	assert_int_equal(answers[1].state, DNS_ANSWERED);
	buf_clear(&f->words);
	answer_words(&answers[2], DNS_MX, &f->words);
	assert_string_equal(buf_str(&f->words), at_server(f, "NOERROR failed 0: timed out after 700 ms at", &expected));
	for (size_t i = 0; i < 3; i++)
		dns_answer_fini(&answers[i]);
	/* Nor does it cost more at the end. */
	start = clock_mono_ms();
	resolver_free(f->resolver);
	f->resolver = NULL;
	assert_true(clock_mono_ms() - start < 2000);
}

static void a_wrong_signature_is_a_failure_that_says_so(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	const char *server = dns_server_address(f->server);
	char path[] = "/tmp/postproof-anchor-XXXXXX";
	static const char anchor[] =
	    "one.test. DS 1 8 2 0000000000000000000000000000000000000000000000000000000000000000\n";
	_cleanup_(close_p) int fd = mkstemp(path);
	assert_int_equal(write(fd, anchor, sizeof(anchor) - 1), sizeof(anchor) - 1);
	const struct resolver_live_options options = {
		.servers = &server, .server_count = 1, .anchor_file = path, .timeout_ms = 20000
	};
	assert_int_equal(resolver_live_new(&options, &f->resolver, &err), 0);
	unlink(path);
	ask_words(f->resolver, "a.one.test A", &f->words);
	assert_true(span_starts(buf_span(&f->words), SPAN_LIT("SERVFAIL failed 0 bogus: validation failure")));
	assert_string_equal(ask_words(f->resolver, "x.home.arpa A", &f->words), "NOERROR 300 192.0.2.2");
}

static void what_is_wrong_with_the_options_is_said_at_once(void **state)
{
	static const struct {
		const char *server, *anchor_file, *error;
	} rows[] = {
		{ "127.0.0.1:x", NULL,
		  "`127.0.0.1:x` is no address of a DNS server: write `192.0.2.1`, `192.0.2.1:53` or "
		  "`[2001:db8::1]:53`" },
		{ "127.0.0.1", "/nowhere/anchor",
		  "the trust anchor: cannot open /nowhere/anchor: No such file or directory" },
		{ "127.0.0.1", "/dev/zero",
		  "the trust anchor: cannot open /dev/zero: it is not a regular file: write what it gives into a file "
		  "first" },
		{ "127.0.0.1", "/etc/passwd",
		  "the trust anchor /etc/passwd cannot be read: it must hold DS or DNSKEY records" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		struct resolver *resolver = NULL;
		const struct resolver_live_options options = { .servers = &rows[i].server,
							       .server_count = 1,
							       .anchor_file = rows[i].anchor_file };
		ROW_ASSERT(rows[i].server, resolver_live_new(&options, &resolver, &err) == -1);
		ROW_ASSERT(rows[i].server, err.kind == ERROR_CONFIG && !resolver);
		ROW_ASSERT_STRING(rows[i].server, err.text, rows[i].error);
	}
}

static void recursion_from_the_root_takes_no_servers(void **state)
{
	struct error err = ERROR_INIT;
	struct resolver *resolver = NULL;
	const char *server = "127.0.0.1";
	struct resolver_live_options options = { .servers = &server, .server_count = 1, .from_root = true };
	assert_int_equal(resolver_live_new(&options, &resolver, &err), -1);
	assert_int_equal(err.kind, ERROR_BUG);
	options.server_count = 0;
	assert_int_equal(resolver_live_new(&options, &resolver, &err), 0);
	resolver_free(resolver);
}

enum { MANY = 1000, THREADS = 6, LACKING = 7 }; /* libevent ends a process with 1 */

/* `n0.one.test` and so on, which do not exist, but the tenth of them does. */
static bool ask_a_thousand(struct resolver *resolver)
{
	struct error err = ERROR_INIT;
	struct dns_question *questions = calloc(MANY, sizeof(*questions));
	struct dns_answer *answers = calloc(MANY, sizeof(*answers));
	char(*names)[32] = calloc(MANY, sizeof(*names));
	bool well = questions && answers && names;
	for (unsigned i = 0; well && i < MANY; i++) {
		snprintf(names[i], sizeof(names[i]), i % 10 ? "n%u.one.test" : "a.one.test", i);
		questions[i] = (struct dns_question){ names[i], DNS_A };
	}
	well = well && resolver_ask_many(resolver, questions, MANY, answers, &err) == 0;
	for (unsigned i = 0; well && i < MANY; i++) {
		well = answers[i].state == DNS_ANSWERED && answers[i].rcode == (i % 10 ? DNS_NXDOMAIN : DNS_NOERROR) &&
		       answers[i].count == (i % 10 == 0);
	}
	for (unsigned i = 0; answers && i < MANY; i++)
		dns_answer_fini(&answers[i]);
	free(questions);
	free(answers);
	free(names);
	return well;
}

static void a_thousand_questions_fit_in_few_descriptors(void **state)
{
	struct fixture *f = *state;
	struct rlimit old, few;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	few = old;
	few.rlim_cur = 128;
	make(f, 30000);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	bool well = ask_a_thousand(f->resolver);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_true(well);
}

/* With each number of descriptors that may be left there is a resolver, or an error that says what is lacking. */
static void too_few_descriptors_are_an_error(void **state)
{
	const char *server = "127.0.0.1";
	const struct resolver_live_options options = { .servers = &server, .server_count = 1, .timeout_ms = 200 };
	for (int left = 0; left < 48; left += 3) {
		char label[32];
		int status = -1;
		snprintf(label, sizeof(label), "%d left", left);
		pid_t child = fork();
		if (child == 0) {
			struct error err = ERROR_INIT;
			struct resolver *resolver = NULL;
			struct dns_answer answer = { 0 };
			const struct dns_question question = { "a.one.test", DNS_A };
			closefrom(STDERR_FILENO + 1);
			const struct rlimit limit = { (rlim_t)(STDERR_FILENO + 1 + left),
						      (rlim_t)(STDERR_FILENO + 1 + left) };
			if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
				_exit(3);
			if (resolver_live_new(&options, &resolver, &err) < 0)
				_exit(err.kind == ERROR_ENVIRONMENT && strstr(err.text, "descriptors") ? LACKING : 2);
			_exit(resolver_ask_many(resolver, &question, 1, &answer, &err) == 0 ? 0 : 4);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		ROW_ASSERT(label, WIFEXITED(status) && WEXITSTATUS(status) == (left < 32 ? LACKING : 0));
	}
}

static void *ask_in_thread(void *resolver)
{
	return ask_a_thousand(resolver) ? resolver : NULL;
}

/* What a thread of few_for_threads came to: 0 an answer, LACKING an error that says so, more another. */
static void *ask_with_few(void *resolver)
{
	static int results[] = { 0, LACKING, LACKING + 1 };
	struct error err = ERROR_INIT;
	struct dns_answer answer = { 0 };
	const struct dns_question question = { "a.one.test", DNS_A };
	if (resolver_ask_many(resolver, &question, 1, &answer, &err) == 0)
		return &results[0];
	return &results[err.kind == ERROR_ENVIRONMENT && strstr(err.text, "descriptors") ? 1 : 2];
}

/* In a process of its own: each thread gets a context, while so many descriptors are left. */
static int few_for_threads(int left)
{
	const char *server = "127.0.0.1:9";
	const struct resolver_live_options options = { .servers = &server, .server_count = 1, .timeout_ms = 300 };
	const struct rlimit limit = { (rlim_t)(STDERR_FILENO + 1 + left), (rlim_t)(STDERR_FILENO + 1 + left) };
	struct error err = ERROR_INIT;
	struct resolver *resolver = NULL;
	pthread_t threads[THREADS];
	int worst = 0;
	closefrom(STDERR_FILENO + 1);
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		return 3;
	if (resolver_live_new(&options, &resolver, &err) < 0)
		return err.kind == ERROR_ENVIRONMENT ? LACKING : 4;
	for (size_t i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, ask_with_few, resolver) != 0)
			return 5;
	for (size_t i = 0; i < THREADS; i++) {
		void *result = NULL;
		pthread_join(threads[i], &result);
		worst = *(int *)result > worst ? *(int *)result : worst;
	}
	return worst;
}

static void threads_that_lack_descriptors_are_told(void **state)
{
	for (int left = 30; left < 240; left += 14) {
		char label[32];
		int status = -1;
		snprintf(label, sizeof(label), "%d left", left);
		pid_t child = fork();
		if (child == 0)
			_exit(few_for_threads(left));
		assert_int_equal(waitpid(child, &status, 0), child);
		ROW_ASSERT(label, WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == LACKING));
	}
}

static void threads_ask_at_the_same_time(void **state)
{
	struct fixture *f = *state;
	pthread_t threads[THREADS];
	make(f, 30000);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, ask_in_thread, f->resolver), 0);
	for (size_t i = 0; i < THREADS; i++) {
		void *result = NULL;
		pthread_join(threads[i], &result);
		assert_ptr_equal(result, f->resolver);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(answers_are_those_of_the_server, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_answer_comes_with_its_packet, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_resolver_gives_what_is_left_of_a_ttl, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_cut_is_asked_by_tcp, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_failure_that_ends_is_got_over, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_failure_that_stays_is_an_answer, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_silent_server_costs_the_deadline_and_no_more, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_wrong_signature_is_a_failure_that_says_so, set_up, tear_down),
		cmocka_unit_test(what_is_wrong_with_the_options_is_said_at_once),
		cmocka_unit_test(recursion_from_the_root_takes_no_servers),
		cmocka_unit_test_setup_teardown(a_thousand_questions_fit_in_few_descriptors, set_up, tear_down),
		cmocka_unit_test_setup_teardown(threads_ask_at_the_same_time, set_up, tear_down),
		cmocka_unit_test(too_few_descriptors_are_an_error),
		cmocka_unit_test(threads_that_lack_descriptors_are_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
