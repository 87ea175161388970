/* How many questions deep the look is: rounds of questions of which each needs the answers of the one before. Counted,
 * not timed: every thread carries the number of rounds that had to pass before what it does. A thread begins with that
 * of the one that started it, and whoever waits for it goes on with the greater of both. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/buf.h"
#include "harness/dns/resolver_zone.h"
#include "harness/posture/checks.h"
#include "harness/posture/engine/ask.h"
#include "tests/unit/dns_words.h"

enum { THREADS_MAX = 64, ZONE_MAX = 1 << 16 };

/* --- threads that carry rounds ------------------------------------------------------------------------------------ */

static _Thread_local unsigned rounds;
static atomic_int threads, most_threads;
static atomic_bool none_to_be_had;

struct carried {
	void *(*fn)(void *);
	void *argument, *result;
	unsigned rounds;
};

/* The linker puts these in the place of the two (--wrap). */
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*fn)(void *), void *argument);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*fn)(void *), void *argument);
int __real_pthread_join(pthread_t thread, void **ret);
int __wrap_pthread_join(pthread_t thread, void **ret);

static void *carry(void *argument)
{
	struct carried *carried = argument;
	rounds = carried->rounds;
	carried->result = carried->fn(carried->argument);
	carried->rounds = rounds;
	return carried;
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*fn)(void *), void *argument)
{
	if (atomic_load(&none_to_be_had))
		return EAGAIN;
	struct carried *carried = calloc(1, sizeof(*carried));
	assert_non_null(carried);
	*carried = (struct carried){ fn, argument, NULL, rounds };
	int now = atomic_fetch_add(&threads, 1) + 1, most = atomic_load(&most_threads);
	while (now > most && !atomic_compare_exchange_weak(&most_threads, &most, now))
		;
	return __real_pthread_create(thread, attr, carry, carried);
}

int __wrap_pthread_join(pthread_t thread, void **ret)
{
	void *ended;
	int result = __real_pthread_join(thread, &ended);
	struct carried *carried = ended;
	atomic_fetch_sub(&threads, 1);
	rounds = carried->rounds > rounds ? carried->rounds : rounds;
	if (ret)
		*ret = carried->result;
	free(carried);
	return result;
}

/* --- a resolver that takes a round -------------------------------------------------------------------------------- */

struct slow {
	struct resolver base;
	struct resolver *zone;
};

static int ask(struct resolver *self, const struct dns_question *questions, size_t count,
	       struct dns_answer *ret_answers, struct error *err)
{
	rounds++;
	return resolver_ask_many(((struct slow *)self)->zone, questions, count, ret_answers, err);
}

/* The rounds of a look. */
static unsigned look(const struct check_entry *entries, size_t count, const char *text,
		     const struct posture_params *params, struct findings *ret)
{
	static const struct resolver_ops ops = { ask, NULL };
	struct error err = ERROR_INIT;
	struct posture_params own = *params;
	struct posture_cost cost;
	struct slow slow = { .base = { &ops } };
	struct zone *zone = zone_of(text);
	assert_int_equal(resolver_zone_new(zone, NULL, &slow.zone, &err), 0);
	own.resolver = &slow.base;
	own.timeout_ms = 20000;
	rounds = 0;
	if (check_run(entries, count, &own, ret, &cost, &err) < 0)
		fail_msg("%s", err.text);
	resolver_free(slow.zone);
	zone_free(zone);
	assert_int_equal(atomic_load(&threads), 0);
	return rounds;
}

/* --- the counting itself ------------------------------------------------------------------------------------------ */

static const char small_zone[] = "example.org. SOA ns. root. 1 2 3 4 50\n";

static void ask_one(struct check *check, void *argument)
{
	const struct dns_question question = { "example.org", DNS_TXT };
	struct dns_answer answer = { 0 };
	assert_int_equal(check_ask(check, &question, 1, &answer), 0);
	dns_answer_fini(&answer);
}

static void ask_two_in_turn(struct check *check, void *argument)
{
	ask_one(check, NULL);
	ask_one(check, NULL);
}

static void ask_side_by_side(struct check *check, void *argument)
{
	void *arguments[10] = { NULL };
	check_each(check, ask_one, arguments, ARRAY_LEN(arguments));
}

static void ask_two_beside_others_then_one(struct check *check, void *argument)
{
	void *arguments[10] = { NULL };
	check_each(check, ask_two_in_turn, arguments, ARRAY_LEN(arguments));
	ask_one(check, NULL);
}

static void what_waits_for_nothing_is_one_round(void **state)
{
	static const struct {
		const char *label;
		check_fn *fn;
		unsigned rounds;
	} rows[] = {
		{ "one", ask_one, 1 },
		{ "two in turn", ask_two_in_turn, 2 },
		{ "side by side", ask_side_by_side, 1 },
		{ "jobs of two, then one", ask_two_beside_others_then_one, 3 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct check_entry entries[] = { { "a", ask_one }, { "b", rows[i].fn }, { "c", ask_one } };
		_cleanup_(findings_fini) struct findings findings = { 0 };
		unsigned seen = look(entries, ARRAY_LEN(entries), small_zone, &(struct posture_params){ 0 }, &findings);
		if (seen != rows[i].rounds)
			fail_msg("%s: %u rounds instead of %u", rows[i].label, seen, rows[i].rounds);
	}
}

/* --- threads ------------------------------------------------------------------------------------------------------ */

enum { NESTED = 12 };

static atomic_int jobs_done;

static void third_level(struct check *check, void *argument)
{
	ask_one(check, NULL);
	atomic_fetch_add(&jobs_done, 1);
}

static void second_level(struct check *check, void *argument)
{
	void *arguments[NESTED] = { NULL };
	check_each(check, third_level, arguments, ARRAY_LEN(arguments));
}

static void first_level(struct check *check, void *argument)
{
	void *arguments[NESTED] = { NULL };
	check_each(check, second_level, arguments, ARRAY_LEN(arguments));
}

/* Runs all levels. */
static void nest(void)
{
	struct check_entry entries[NESTED];
	_cleanup_(findings_fini) struct findings findings = { 0 };
	for (size_t i = 0; i < ARRAY_LEN(entries); i++)
		entries[i] = (struct check_entry){ "a", first_level };
	atomic_store(&jobs_done, 0);
	atomic_store(&most_threads, 0);
	look(entries, ARRAY_LEN(entries), small_zone, &(struct posture_params){ 0 }, &findings);
	assert_int_equal(atomic_load(&jobs_done), NESTED * NESTED * NESTED);
}

static void nested_jobs_end_with_no_more_threads_than_there_may_be(void **state)
{
	nest();
	assert_in_range(atomic_load(&most_threads), NESTED, THREADS_MAX);
}

static void where_no_thread_can_be_had_one_does_it_all(void **state)
{
	atomic_store(&none_to_be_had, true);
	nest();
	atomic_store(&none_to_be_had, false);
	assert_int_equal(atomic_load(&most_threads), 0);
}

/* --- the whole look ----------------------------------------------------------------------------------------------- */

/* Servers on the loopback, at a port where nobody listens: only the DNS answers. */
static const char zone[] =
    "example.org. SOA ns. root. 1 2 3 4 50\n"
    "example.org. MX 10 mx.example.org.\n"
    "mx.example.org. A 127.0.0.1\n"
    "mx.example.org. AAAA ::1\n"
    "1.0.0.127.in-addr.arpa. PTR mx.example.org.\n"
    "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa. PTR mx.example.org.\n"
    "bounce.example.org. TXT \"v=spf1 mx:example.org -all\"\n"
    "_mta-sts.example.org. TXT \"v=STSv1; id=1\"\n"
    "mta-sts.example.org. A 127.0.0.1\n"
    "www.example.org. A 127.0.0.1\n"
    "_smtp._tls.example.org. TXT \"v=TLSRPTv1; rua=mailto:t@example.org\"\n"
    "_dmarc.example.org. TXT \"v=DMARC1; p=reject; rua=mailto:r@in.reports.example\"\n"
    "example.org._report._dmarc.in.reports.example. TXT \"v=DMARC1\"\n"
    "s1._domainkey.example.org. TXT \"v=DKIM1; p=\"\n"
    "s2._domainkey.example.org. TXT \"v=DKIM1; p=\"\n"
    "2.0.0.127.a.dnsbl.example. A 127.0.0.2\n"
    "2.0.0.127.b.dnsbl.example. A 127.0.0.2\n"
    "test.domains.dnsbl.example. A 127.0.0.2\n";

static const char *const selectors[] = { "s1", "s2" };
static const char *const address_lists[] = { "a.dnsbl.example", "b.dnsbl.example" };
static const char *const domain_lists[] = { "domains.dnsbl.example" };
static const struct posture_sender senders[] = {
	{ .ip = { .octets = { 127, 0, 0, 1 } }, .helo = "mx.example.org" },
	{ .ip = { .v6 = true, .octets = { [15] = 1 } }, .helo = "mx.example.org" },
};

/* A port that stays closed while the socket is open. */
static uint16_t closed_port(int fd)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(address);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	return ntohs(address.sin_port);
}

static unsigned examine_all(const char *text, struct findings *ret)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	uint16_t port = closed_port(fd);
	_cleanup_(buf_fini) struct buf octets = BUF_INIT(ZONE_MAX);
	buf_addf(&octets, "From: hello@example.org\r\n\r\nhttps://www.example.org:%u/\r\n", (unsigned)port);
	const struct posture_message message = { .name = "one",
						 .octets = buf_span(&octets),
						 .template = buf_span(&octets) };
	const struct posture_params params = { .domain = "example.org",
					       .from_address = "hello@example.org",
					       .from_name = "",
					       .reply_to = "hello@bounce.example.org",
					       .envelope_domain = "bounce.example.org",
					       .selectors = selectors,
					       .selector_count = ARRAY_LEN(selectors),
					       .senders = senders,
					       .sender_count = ARRAY_LEN(senders),
					       .messages = &message,
					       .message_count = 1,
					       .address_blocklists = address_lists,
					       .address_blocklist_count = ARRAY_LEN(address_lists),
					       .domain_blocklists = domain_lists,
					       .domain_blocklist_count = ARRAY_LEN(domain_lists),
					       .mx_port = port,
					       .policy_port = port };
	unsigned seen = look(posture_checks, posture_check_count, text, &params, ret);
	close(fd);
	return seen;
}

static bool has_group(const struct findings *findings, const char *group)
{
	for (size_t i = 0; i < findings->count; i++)
		if (span_starts(span_of(findings->v[i].id), span_of(group)) && findings->v[i].id[strlen(group)] == '.')
			return true;
	return false;
}

static void the_look_is_no_deeper_than_what_depends_on_what(void **state)
{
	static const struct {
		const char *label, *lines;
		unsigned rounds;
	} rows[] = {
		/* The servers, their addresses, the names of these, and what those lead to. */
		{ "reverse names are the longest chain", "example.org. TXT \"v=spf1 mx -all\"\n", 4 },
		{ "includes side by side are one level",
		  "example.org. TXT \"v=spf1 include:a.example include:b.example include:c.example ip6:::1 "
		  "ip4:127.0.0.1 "
		  "-all\"\n"
		  "a.example. TXT \"v=spf1 mx:example.org -all\"\n"
		  "b.example. TXT \"v=spf1 a:mx.example.org -all\"\n"
		  "c.example. TXT \"v=spf1 a:www.example.org -all\"\n",
		  4 },
		/* Six records, then the hosts of the last. */
		{ "a level of includes is a round",
		  "example.org. TXT \"v=spf1 include:a.example -all\"\n"
		  "a.example. TXT \"v=spf1 include:b.example -all\"\n"
		  "b.example. TXT \"v=spf1 include:c.example -all\"\n"
		  "c.example. TXT \"v=spf1 include:d.example -all\"\n"
		  "d.example. TXT \"v=spf1 include:e.example -all\"\n"
		  "e.example. TXT \"v=spf1 a:mx.example.org -all\"\n",
		  7 },
		/* The servers, their addresses, the lists' test entries, the domain's, and the reason of its listing.
		 */
		{ "a listing is one round more",
		  "example.org. TXT \"v=spf1 mx -all\"\n"
		  "example.org.domains.dnsbl.example. A 127.0.0.2\n",
		  5 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_(findings_fini) struct findings findings = { 0 };
		_cleanup_(buf_fini) struct buf text = BUF_INIT(ZONE_MAX);
		buf_addf(&text, "%s%s", zone, rows[i].lines);
		unsigned seen = examine_all(buf_str(&text), &findings);
		if (seen != rows[i].rounds)
			fail_msg("%s: %u rounds instead of %u", rows[i].label, seen, rows[i].rounds);
		for (size_t k = 0; k < posture_check_count; k++)
			if (strcmp(posture_checks[k].group, "outbound") != 0)
				ROW_ASSERT(posture_checks[k].group, has_group(&findings, posture_checks[k].group));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_waits_for_nothing_is_one_round),
		cmocka_unit_test(nested_jobs_end_with_no_more_threads_than_there_may_be),
		cmocka_unit_test(where_no_thread_can_be_had_one_does_it_all),
		cmocka_unit_test(the_look_is_no_deeper_than_what_depends_on_what),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
